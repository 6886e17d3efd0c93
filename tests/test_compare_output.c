/* What a comparison prints: ledgers as diffs, the JSON document, the page, the text. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cli/compare/guide.h"
#include "cli/compare/place.h"
#include "cli/compare/run.h"
#include "support/engine.h"
#include "support/suite.h"

/* --- Ledgers. --- */

static char *diff(const ledger *a, const ledger *b, size_t most)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(out);
    ledger_diff(a, "left", b, "right", most, out);
    fclose(out);
    return text;
}

START_TEST(ledgers_are_equal_by_what_their_values_say)
{
    ledger *a = ledger_new();
    ledger *b = ledger_new();

    LEDGER_ROW(a, rowan_v_int64(7), rowan_v_text("x"), rowan_v_null());
    LEDGER_ROW(b, ROWAN_V((int16_t)7), ROWAN_V("x"), rowan_v_null());
    ck_assert(ledger_equal(a, b));
    LEDGER_ROW(a, rowan_v_text("NULL|\n"));
    LEDGER_ROW(b, rowan_v_text("NULL"), rowan_v_text("\n"));
    ck_assert(!ledger_equal(a, b));
    ck_assert_uint_eq(ledger_count(a), 2);
    ledger_clear(a);
    ck_assert_uint_eq(ledger_count(a), 0);
    ledger_free(a);
    ledger_free(b);
}
END_TEST

START_TEST(a_diff_shows_the_rows_that_differ_and_no_more_than_asked)
{
    ledger *a = ledger_new();
    ledger *b = ledger_new();

    for (int i = 0; i < 10; i++) {
        LEDGER_ROW(a, ROWAN_V(i));
        LEDGER_ROW(b, ROWAN_V(i == 3 || i > 6 ? -i : i));
    }
    LEDGER_ROW(a, ROWAN_V("last"));
    char *whole = diff(a, b, 100);
    char *part = diff(a, b, 1);
    ck_assert_ptr_nonnull(strstr(whole, "- row 4: 3\n"));
    ck_assert_ptr_nonnull(strstr(whole, "+ row 4: -3\n"));
    ck_assert_ptr_nonnull(strstr(whole, "+ row 11 is missing"));
    ck_assert_ptr_null(strstr(whole, "row 5:"));
    ck_assert_ptr_nonnull(strstr(part, "row 4:"));
    ck_assert_ptr_null(strstr(part, "row 8"));
    free(whole);
    free(part);
    ledger_free(a);
    ledger_free(b);
}
END_TEST

/* --- A run to print, on SQLite. --- */

static results *all;
static place *at;
static size_t case_count;

static void run_all(void)
{
    rowan_error error = {0};
    bench *on;

    case_count = 0;
    while (usecases[case_count]) {
        case_count++;
    }
    ck_assert_msg(place_open("sqlite:", 0.01, NULL, &at, &error) == ROWAN_OK, "%s", error.message);
    ck_assert_int_eq(bench_open(place_url(at), &on, &error), ROWAN_OK);
    all = results_new(usecases, case_count, 1);
    ck_assert_ptr_nonnull(all);
    all->scale = 0.01;
    all->repeat = 1;
    ck_assert_int_eq(run_engine(all, 0, on, NULL, NULL, stderr), RUN_EQUAL);
    bench_close(on);
}

static void drop_all(void)
{
    rowan_error error;

    results_free(all);
    ck_assert_int_eq(place_close(at, &error), ROWAN_OK);
}

static char *printed(bool (*print)(const results *self, FILE *out))
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(out);
    ck_assert(print(all, out));
    fclose(out);
    return text;
}

static bool print_plain(const results *self, FILE *out)
{
    return results_text(self, false, 0, out);
}

static bool print_coloured(const results *self, FILE *out)
{
    return results_text(self, true, 60, out);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    ck_assert_msg(text != NULL, "%s is no text", key);
    return text;
}

static json_int_t number_of(const json_t *object, const char *key)
{
    ck_assert_msg(json_is_integer(json_object_get(object, key)), "%s is no number", key);
    return json_integer_value(json_object_get(object, key));
}

/* The cells of a case: one for each way of each pattern, with all figures. */
static void check_cells(const json_t *one, const usecase *use_case)
{
    const json_t *cells = json_object_get(one, "cells");
    size_t wanted = 0, index;
    json_t *cell;

    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        wanted += use_case->ways[pattern]->tempting ? 2 : 1;
    }
    ck_assert_uint_eq(json_array_size(cells), wanted);
    json_array_foreach(cells, index, cell)
    {
        static const char *const figures[] = {"round_trips", "rows",       "bytes_sent",
                                              "allocations", "pattern_ns", "driver_ns"};
        json_int_t sent = 0;
        size_t i;
        json_t *statement;
        ck_assert_str_eq(text_of(cell, "status"), "ROWAN_OK");
        ck_assert_int_gt(number_of(cell, "lines"), 2);
        for (i = 0; i < sizeof figures / sizeof figures[0]; i++) {
            number_of(cell, figures[i]);
        }
        json_array_foreach(json_object_get(cell, "sql"), i, statement)
        {
            sent += number_of(statement, "count");
        }
        ck_assert_int_eq(sent, number_of(cell, "statements"));
    }
}

START_TEST(the_json_has_every_case_with_every_cell)
{
    char *text = printed(results_json);
    json_error_t error;
    json_t *document = json_loads(text, 0, &error);
    json_t *cases;

    ck_assert_msg(document != NULL, "line %d: %s", error.line, error.text);
    ck_assert(json_is_true(json_object_get(document, "rows_equal")));
    ck_assert_uint_eq(json_array_size(json_object_get(document, "engines")), 1);
    cases = json_object_get(json_array_get(json_object_get(document, "engines"), 0), "cases");
    ck_assert_uint_eq(json_array_size(cases), case_count);
    for (size_t i = 0; i < case_count; i++) {
        const json_t *one = json_array_get(cases, i);
        ck_assert_str_eq(text_of(one, "case"), usecases[i]->key);
        ck_assert(json_is_true(json_object_get(one, "rows_equal")));
        ck_assert_int_gt(number_of(one, "rows_found"), 0);
        check_cells(one, usecases[i]);
    }
    ck_assert_uint_gt(json_array_size(json_object_get(document, "guide")), 3);
    json_decref(document);
    free(text);
}
END_TEST

START_TEST(the_json_tells_the_parent_of_the_catalogues_repetition)
{
    char *text = printed(results_json);
    json_t *document = json_loads(text, 0, NULL);
    json_t *cells = json_object_get(
        json_array_get(
            json_object_get(json_array_get(json_object_get(document, "engines"), 0), "cases"), 0),
        "cells");
    size_t index, seen = 0;
    json_t *cell;

    json_array_foreach(cells, index, cell)
    {
        const json_t *finding = json_array_get(json_object_get(cell, "findings"), 0);
        bool is_tempting = strcmp(text_of(cell, "way"), "tempting") == 0;
        if (is_tempting && strcmp(text_of(cell, "pattern"), "activerecord") == 0) {
            ck_assert_str_eq(text_of(finding, "kind"), "n_plus_one");
            ck_assert_str_eq(text_of(finding, "parent_column"), "publisher_id");
            ck_assert_ptr_nonnull(strstr(text_of(finding, "parent_sql"), "\"book\""));
            seen++;
        }
    }
    ck_assert_uint_eq(seen, 1);
    json_decref(document);
    free(text);
}
END_TEST

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    while ((text = strstr(text, what)) != NULL) {
        text += strlen(what);
        count++;
    }
    return count;
}

START_TEST(the_page_is_complete_and_needs_nothing_else)
{
    static const char *const pairs[][2] = {{"<table", "</table>"},     {"<tr", "</tr>"},
                                           {"<svg", "</svg>"},         {"<section", "</section>"},
                                           {"<details", "</details>"}, {"<pre", "</pre>"},
                                           {"<figure>", "</figure>"},  {"<td", "</td>"}};
    char *page = printed(results_html);

    ck_assert_ptr_nonnull(strstr(page, "</html>"));
    ck_assert_ptr_null(strstr(page, "http"));
    ck_assert_ptr_null(strstr(page, "<script"));
    ck_assert_ptr_null(strstr(page, "nan"));
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        ck_assert_msg(count_of(page, pairs[i][0]) == count_of(page, pairs[i][1]), "%s",
                      pairs[i][0]);
    }
    for (size_t i = 0; i < case_count; i++) {
        char id[80];
        snprintf(id, sizeof id, "id=\"case-%s\"", usecases[i]->key);
        ck_assert_msg(count_of(page, id) == 1, "%s", id);
    }
    ck_assert_ptr_nonnull(strstr(page, "SELECT b.id, b.title, b.price_cents, p.name AS publisher"));
    ck_assert_ptr_nonnull(strstr(page, "publisher_id"));
    ck_assert_ptr_null(strstr(page, "#include &lt;"));
    ck_assert_ptr_null(strstr(page, "n_plus_one"));
    ck_assert_ptr_nonnull(strstr(page, "<strong>N+1</strong> on SQLite: "));
    free(page);
}
END_TEST

/* In bytes; of what stands behind an escape only that. */
static size_t widest_line(const char *text)
{
    size_t widest = 0;

    while (*text) {
        size_t size = strcspn(text, "\n\033");
        widest = size > widest ? size : widest;
        text += size + (text[size] != '\0');
    }
    return widest;
}

/* How many columns a terminal has, which is what the turn prints for. */
static unsigned columns_of_turn;

static bool print_on_terminal(const results *self, FILE *out)
{
    return results_text(self, columns_of_turn % 2 == 0, columns_of_turn, out);
}

/* Takes the colours out, in place. */
static void bleach(char *text)
{
    char *to = text;

    while (*text) {
        if (*text == '\033') {
            text += strcspn(text, "m") + 1;
        } else {
            *to++ = *text++;
        }
    }
    *to = '\0';
}

enum { WIDE = 138, TERMINALS = 8 };
static const unsigned terminals[TERMINALS] = {60, 61, 79, 80, 100, WIDE - 1, WIDE, 200};

static char *printed_on(unsigned columns)
{
    columns_of_turn = columns;
    char *text = printed(print_on_terminal);

    bleach(text);
    return text;
}

static void check_has_all(const char *text)
{
    static const char *const figures[] = {"STATEMENTS", "TRIPS",   "ROWS",    "BYTES",
                                          "ALLOCS",     "MEMORY",  "LINES",   "DRIVER",
                                          "DATABASE",   "PATTERN", "FINDINGS"};
    const measurement *cell = results_cell(all, 0, 0, 0, WAY_GOOD);
    const char *overview = strstr(text, "statements and time");
    size_t measured = 0;
    char bytes[32];

    for (size_t i = 0; i < case_count * PATTERN_COUNT * WAY_COUNT; i++) {
        measured += results_cell(all, 0, i / 8, i / 2 % 4, i % 2 ? WAY_TEMPTING : WAY_GOOD)->ran;
    }
    ck_assert_ptr_nonnull(overview);
    ck_assert_uint_ge(count_of(overview, " ms"), measured);
    for (size_t i = 0; i < case_count; i++) {
        ck_assert_msg(strstr(overview, usecases[i]->title) != NULL, "%s", usecases[i]->title);
    }
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        ck_assert_msg(strstr(text, figures[i]) != NULL, "%s", figures[i]);
    }
    snprintf(bytes, sizeof bytes, " %llu ",
             (unsigned long long)(cell->counts.bytes_sent + cell->counts.bytes_received));
    ck_assert_ptr_nonnull(strstr(text, bytes));
}

/* Whatever the width, no line is cut by the terminal, and nothing that is measured is left out. */
START_TEST(the_text_has_room_on_every_terminal)
{
    for (size_t i = 0; i < TERMINALS; i++) {
        char *text = printed_on(terminals[i]);
        ck_assert_uint_le(widest_line(text), terminals[i]);
        ck_assert_uint_gt(widest_line(text), terminals[i] < WIDE ? terminals[i] - 16 : 110);
        check_has_all(text);
        free(text);
    }
    char *text = printed(print_plain); /* in a pipe nothing is turned or cut */
    check_has_all(text);
    ck_assert_ptr_null(strstr(text, "PATTERN OF ACCESS           TEMPTING"));
    free(text);
}
END_TEST

/* All of what is not expected, on a terminal of any width. */
START_TEST(a_finding_that_is_not_expected_is_told_in_full)
{
    char story[] = "duplicate query confirmed: something that takes well over the sixty columns "
                   "of a terminal\nand goes on in a second line";
    kept_finding surprise = {.kind = ROWAN_DUPLICATE_QUERY, .text = story};
    measurement *cell = results_cell(all, 0, 0, 0, WAY_GOOD);
    kept_finding *own = cell->findings;

    ck_assert_uint_eq(cell->finding_count, 0);
    cell->findings = &surprise;
    cell->finding_count = 1;
    for (size_t i = 0; i < TERMINALS; i++) {
        char *text = printed_on(terminals[i]);
        const char *told = strstr(text, "  catalogue, raw SQL, the good way: not expected\n");
        ck_assert_ptr_nonnull(told);
        ck_assert_uint_le(widest_line(text), terminals[i]);
        ck_assert_ptr_nonnull(strstr(told, "terminal\n    and goes on in a second line\n"));
        ck_assert_ptr_nonnull(strstr(text, "! 1 in "));
        free(text);
    }
    char *text = printed(print_plain);
    ck_assert_ptr_nonnull(
        strstr(text, "the sixty columns of a terminal\n    and goes on in a sec"));
    free(text);
    cell->findings = own;
    cell->finding_count = 0;
}
END_TEST

/* A cell that failed has no figures, and says that it failed. */
START_TEST(a_cell_that_failed_has_no_figures)
{
    measurement *cell = results_cell(all, 0, 0, 1, WAY_TEMPTING);

    for (size_t i = 0; i < TERMINALS; i++) {
        cell->status = ROWAN_LOST;
        char *text = printed_on(terminals[i]);
        cell->status = ROWAN_OK;
        char *well = printed_on(terminals[i]);
        ck_assert_uint_eq(count_of(text, " failed"), 1);
        ck_assert_uint_eq(count_of(well, " failed"), 0);
        free(text);
        free(well);
    }
}
END_TEST

/* A pattern that is shorter nowhere is not said to be. */
START_TEST(the_guide_praises_no_code_that_is_longer)
{
    const usecase *const all_cases[] = {usecases[0]};
    results *one = results_new(all_cases, 1, 1);
    guide *sentences;
    unsigned shorter = 0, nowhere = 0;

    ck_assert_ptr_nonnull(one);
    sentences = guide_new(one);
    ck_assert_ptr_nonnull(sentences);
    for (size_t i = 0; i < sentences->count; i++) {
        unsigned own, others;
        const char *lines = strstr(sentences->at[i].text, "\": ");
        nowhere += strstr(sentences->at[i].text, "nowhere shorter") != NULL;
        if (lines && sscanf(lines, "\": %u lines where they take %u.", &own, &others) == 2) {
            ck_assert_uint_lt(own, others);
            shorter++;
        }
    }
    ck_assert_uint_eq(shorter + nowhere, PATTERN_COUNT);
    ck_assert_uint_gt(nowhere, 0);
    guide_free(sentences);
    results_free(one);
}
END_TEST

START_TEST(the_text_is_plain_unless_colour_is_asked_for)
{
    char *plain = printed(print_plain);
    char *coloured = printed(print_coloured);

    ck_assert_ptr_null(strchr(plain, '\033'));
    ck_assert_ptr_nonnull(strchr(coloured, '\033'));
    ck_assert_ptr_nonnull(strstr(plain, "A page of the catalogue"));
    ck_assert_ptr_nonnull(strstr(plain, "found the same rows in every use case: yes"));
    ck_assert_ptr_nonnull(strstr(plain, "N+1"));
    ck_assert_ptr_null(strstr(plain, "not expected"));
    ck_assert_ptr_nonnull(strstr(plain, "On SQLite the good ways spend"));
    ck_assert_uint_gt(widest_line(strstr(plain, "Look at the statements first")), 60);
    ck_assert_uint_le(widest_line(strstr(plain, "Look at the statements first")), 98);
    ck_assert_uint_le(widest_line(strstr(coloured, "Look at the statements first")), 60);
    free(plain);
    free(coloured);
}
END_TEST

/* --- Places. --- */

START_TEST(a_place_is_removed_with_all_that_is_in_it)
{
    rowan_error error = {0};
    rowan_db *db;
    place *own;
    char url[300];

    ck_assert_msg(
        place_open(engine_is((size_t)_i, "sqlite") ? "sqlite:" : engine_url_new((size_t)_i), 0.01,
                   NULL, &own, &error) == ROWAN_OK,
        "%s", error.message);
    snprintf(url, sizeof url, "%s", place_url(own));
    ck_assert_int_eq(rowan_open(url, NULL, &db, &error), ROWAN_OK);
    rowan_close(db);
    ck_assert_msg(place_close(own, &error) == ROWAN_OK, "%s", error.message);
    if (!engine_is((size_t)_i, "postgresql")) {
        ck_assert_int_ne(rowan_open(url, NULL, &db, &error), ROWAN_OK);
    }
}
END_TEST

START_TEST(a_file_that_exists_is_left_alone)
{
    const char *url = engine_url_new(0);
    rowan_error error = {0};
    place *own;

    engine_send(url, "CREATE TABLE book (mine TEXT)");
    ck_assert_int_eq(place_open(url, 0.01, NULL, &own, &error), ROWAN_MISUSE);
    ck_assert_ptr_null(own);
    ck_assert_ptr_nonnull(strstr(error.message, "exists"));
    engine_send(url, "INSERT INTO book VALUES ('still mine')");
    ck_assert_int_eq(place_open("sqlite::memory:", 0.01, NULL, &own, &error), ROWAN_MISUSE);
}
END_TEST

static bool stop_at_once(void *context, const char *table, uint64_t done, uint64_t total)
{
    (void)context, (void)table, (void)done, (void)total;
    return false;
}

START_TEST(a_place_that_is_not_finished_is_removed)
{
    const rowan__seed_watch watch = {stop_at_once, NULL};
    rowan_error error = {0};
    place *own;

    ck_assert_int_eq(
        place_open(engine_is((size_t)_i, "sqlite") ? "sqlite:" : engine_url_new((size_t)_i), 0.01,
                   &watch, &own, &error),
        ROWAN_CANCELLED);
    ck_assert_ptr_null(own);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare's output");
    TCase *ledgers = tcase_create("ledgers");
    TCase *forms = tcase_create("forms");
    TCase *places = tcase_create("places");
    int engines = (int)engine_count();

    tcase_add_test(ledgers, ledgers_are_equal_by_what_their_values_say);
    tcase_add_test(ledgers, a_diff_shows_the_rows_that_differ_and_no_more_than_asked);
    tcase_add_checked_fixture(forms, run_all, drop_all);
    tcase_set_timeout(forms, 60);
    tcase_add_test(forms, the_json_has_every_case_with_every_cell);
    tcase_add_test(forms, the_json_tells_the_parent_of_the_catalogues_repetition);
    tcase_add_test(forms, the_page_is_complete_and_needs_nothing_else);
    tcase_add_test(forms, the_text_is_plain_unless_colour_is_asked_for);
    tcase_add_test(forms, the_text_has_room_on_every_terminal);
    tcase_add_test(forms, a_finding_that_is_not_expected_is_told_in_full);
    tcase_add_test(forms, a_cell_that_failed_has_no_figures);
    tcase_add_test(forms, the_guide_praises_no_code_that_is_longer);
    tcase_set_timeout(places, 60);
    tcase_add_loop_test(places, a_place_is_removed_with_all_that_is_in_it, 0, engines);
    tcase_add_test(places, a_file_that_exists_is_left_alone);
    tcase_add_loop_test(places, a_place_that_is_not_finished_is_removed, 0, engines);
    suite_add_tcase(suite, ledgers);
    suite_add_tcase(suite, forms);
    suite_add_tcase(suite, places);
    return suite_run(suite);
}
