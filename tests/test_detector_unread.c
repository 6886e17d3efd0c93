/*
 * Columns and rows that were fetched and not read: what cursors and streams know, when it is said,
 * and the same in traces.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/analysis.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/watched.h"

enum { BOOKS = 700 };

static char path[64];
static rowan_db *db;
static rowan_scope *scope;
static rowan_findings found;

static void begin(size_t engine)
{
    db = watched_open(engine, BOOKS, 3, 4);
    scope = library_scope(db);
}

static void next_scope(void)
{
    rowan_scope_end(scope);
    scope = library_scope(db);
}

static void judge(void)
{
    library_ok(scope, rowan_scope_findings(scope, &found));
}

static const rowan_finding *find(rowan_finding_kind kind)
{
    judge();
    for (size_t i = 0; i < found.count; i++) {
        if (found.at[i].kind == kind) {
            return &found.at[i];
        }
    }
    return NULL;
}

/* What the trace says of a kind: its action, or NULL if it has no such finding. Ends all. */
static const char *end_and_analyze(const char *kind, char *evidence, size_t size)
{
    const rowan__analysis *analysis = &watched.analysis;
    const char *action = NULL;

    rowan_scope_end(scope);
    watched_analyze(db);
    for (size_t i = 0; i < analysis->count; i++) {
        const rowan__trace_finding *at = &analysis->at[i];
        if (strcmp(at->kind, kind) == 0) {
            ck_assert_ptr_null(action);
            action = rowan__action_name(at->action);
            snprintf(evidence, size, "%s / %s", at->evidence, at->suggestion);
        }
    }
    watched_release();
    return action;
}

static void end(void)
{
    char evidence[1024];

    (void)end_and_analyze("none", evidence, sizeof evidence);
}

/* Reads so many rows of books, of each the title, and of one row in ten the price. */
static size_t read_books(const char *sql, size_t most, bool with_price)
{
    rowan_cursor *cursor;
    const char *title;
    int64_t price;
    size_t rows = 0;

    library_ok(scope, rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor));
    while (rows < most && rowan_cursor_next(cursor) == ROWAN_OK) {
        library_ok(scope, rowan_cursor_text(cursor, 1, &title));
        if (with_price && rows % 10 == 0) {
            library_ok(scope, rowan_cursor_int64(cursor, 2, &price));
        }
        rows++;
    }
    rowan_cursor_close(cursor);
    return rows;
}

#define ALL "SELECT id, title, price_cents FROM book ORDER BY id"

START_TEST(columns_that_nobody_read_are_found)
{
    char evidence[1024];
    const rowan_finding *columns;

    begin((size_t)_i);
    ck_assert_uint_eq(read_books(ALL, SIZE_MAX, false), BOOKS);
    columns = find(ROWAN_UNREAD_COLUMNS);
    ck_assert_ptr_nonnull(columns);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_uint_eq(columns->count, 1);
    ck_assert_ptr_nonnull(
        strstr(columns->evidence, "1 of 3 columns were read in 700 rows: never id, price_cents"));
    ck_assert_int_eq(columns->confidence, ROWAN_LIKELY); /* another row may need them */
    ck_assert_str_eq(columns->suggestion, "name in the select list what is read: title; and of id, "
                                          "price_cents what rows unlike these need");
    ck_assert_str_eq(columns->site.function, "read_books");
    ck_assert_str_eq(end_and_analyze("unread_columns", evidence, sizeof evidence), "select_column");
    ck_assert_ptr_nonnull(strstr(evidence, "1 of 3 columns were read in 700 rows: never id"));
    ck_assert_ptr_nonnull(strstr(evidence, "what is read: title"));
}
END_TEST

START_TEST(a_column_that_is_read_once_is_read)
{
    begin((size_t)_i);
    read_books("SELECT title AS a, title AS b, price_cents FROM book ORDER BY id", 30, false);
    ck_assert_ptr_nonnull(find(ROWAN_UNREAD_COLUMNS));
    next_scope();
    read_books("SELECT title AS a, title AS b, price_cents FROM book ORDER BY id", SIZE_MAX, true);
    ck_assert_ptr_nonnull(find(ROWAN_UNREAD_COLUMNS)); /* `a` is not */
    next_scope();
    read_books("SELECT id, title FROM book WHERE id > 0 ORDER BY id", SIZE_MAX, false);
    ck_assert_ptr_nonnull(find(ROWAN_UNREAD_COLUMNS));
    next_scope();
    for (int i = 0; i < 4; i++) { /* in the last execution the price is read, too */
        rowan_cursor *cursor;
        library_ok(scope, rowan_raw_open(scope, "SELECT id, title FROM book ORDER BY id",
                                         ROWAN_NO_PARAMS, &cursor));
        while (rowan_cursor_next(cursor) == ROWAN_OK) {
            ck_assert_ptr_nonnull(rowan_cursor_value(cursor, i < 3 ? 0 : 1));
        }
        rowan_cursor_close(cursor);
    }
    ck_assert_ptr_null(find(ROWAN_UNREAD_COLUMNS));
    end();
}
END_TEST

START_TEST(what_an_earlier_scope_read_is_read)
{
    const rowan_finding *columns;
    rowan_rows rows;

    begin((size_t)_i);
    read_books(ALL, 30, false);
    ck_assert_ptr_nonnull(strstr(find(ROWAN_UNREAD_COLUMNS)->evidence, "never id, price_cents"));
    next_scope();
    read_books(ALL, 6, true); /* the price of one of them */
    ck_assert_ptr_nonnull(strstr(find(ROWAN_UNREAD_COLUMNS)->evidence, "never id"));
    next_scope();
    read_books(ALL, BOOKS, false);
    columns = find(ROWAN_UNREAD_COLUMNS);
    ck_assert_ptr_nonnull(
        strstr(columns->evidence, "2 of 3 columns were read in 700 rows: never id"));
    ck_assert_str_eq(columns->suggestion, "name in the select list what is read: title, "
                                          "price_cents; and of id what rows unlike these need");
    next_scope();
    library_ok(scope, rowan_raw_all(scope, ALL, ROWAN_NO_PARAMS, &library_book_table, &rows));
    next_scope(); /* of whole rows it is not known what became of them */
    read_books(ALL, BOOKS, false);
    ck_assert_ptr_null(find(ROWAN_UNREAD_COLUMNS));
    end();
}
END_TEST

START_TEST(columns_that_nobody_read_are_ranked_last)
{
    begin((size_t)_i);
    read_books("SELECT id, title FROM book ORDER BY id", SIZE_MAX, false);
    for (int i = 0; i < 2; i++) {
        read_books("SELECT version, title FROM book ORDER BY id", 2, false);
    }
    judge();
    ck_assert_uint_eq(found.count, 2);
    ck_assert_int_eq(found.at[0].kind, ROWAN_UNREAD_ROWS);
    ck_assert_int_eq(found.at[0].confidence, ROWAN_CONFIRMED);
    ck_assert_int_eq(found.at[1].kind, ROWAN_UNREAD_COLUMNS);
    end();
}
END_TEST

START_TEST(what_cannot_be_known_or_is_needed_is_no_finding)
{
    static const char *const needed[] = {
        "SELECT DISTINCT price_cents, title FROM book",
        "SELECT version, title, count(*) AS n FROM book GROUP BY version, title",
        "SELECT id, title FROM book UNION SELECT id, name FROM publisher",
    };
    rowan_stream *stream;
    rowan_cursor *cursor;
    rowan_rows rows;
    void *row;

    begin((size_t)_i);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_gt(read_books(needed[i], SIZE_MAX, false), 5);
    }
    library_ok(scope, rowan_raw_all(scope, ALL, ROWAN_NO_PARAMS, &library_book_table, &rows));
    library_ok(scope, rowan_raw_stream(scope, ALL, ROWAN_NO_PARAMS, &library_book_table, &stream));
    while (rowan_stream_next(stream, &row) == ROWAN_OK) {
    }
    rowan_stream_close(stream);
    read_books("SELECT id, title FROM book WHERE id < 1004 ORDER BY id", 4, false); /* few rows */
    library_ok(scope, rowan_raw_open(scope, "SELECT price_cents FROM book", ROWAN_NO_PARAMS,
                                     &cursor)); /* rows are counted: none of them is read */
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
    }
    rowan_cursor_close(cursor);
    judge();
    ck_assert_msg(found.count == 0, "%s", found.count > 0 ? found.at[0].evidence : "");
    end();
}
END_TEST

START_TEST(a_statement_whose_rows_are_once_loaded_whole_is_not_judged)
{
    rowan_rows rows;

    begin((size_t)_i);
    read_books(ALL, SIZE_MAX, false);
    library_ok(scope, rowan_raw_all(scope, ALL, ROWAN_NO_PARAMS, &library_book_table, &rows));
    ck_assert_ptr_null(find(ROWAN_UNREAD_COLUMNS));
    end();
}
END_TEST

START_TEST(rows_that_nobody_read_are_found_where_they_were_sent)
{
    char evidence[1024];
    const rowan_finding *rows;

    begin((size_t)_i);
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(read_books(ALL, 3, true), 3);
    }
    rows = find(ROWAN_UNREAD_ROWS);
    ck_assert_ptr_nonnull(rows); /* a stream fetches 64 ahead: 244 of 256, or more */
    ck_assert_uint_eq(rows->count, 4);
    ck_assert_ptr_nonnull(
        strstr(rows->evidence, "rows were fetched and not read, in 4 executions"));
    ck_assert_ptr_nonnull(strstr(rows->suggestion, "LIMIT"));
    ck_assert_str_eq(end_and_analyze("unread_rows", evidence, sizeof evidence), "limit_rows");
    ck_assert_ptr_nonnull(strstr(evidence, "rows were fetched and not read, in 4 executions"));
}
END_TEST

START_TEST(the_rows_of_a_stream_of_structs_count_too)
{
    rowan_stream *stream;
    void *row;

    begin((size_t)_i);
    for (int i = 0; i < 3; i++) {
        library_ok(scope,
                   rowan_raw_stream(scope, ALL, ROWAN_NO_PARAMS, &library_book_table, &stream));
        library_ok(scope, rowan_stream_next(stream, &row));
        rowan_stream_close(stream);
    }
    ck_assert_ptr_nonnull(find(ROWAN_UNREAD_ROWS));
    ck_assert_ptr_null(find(ROWAN_UNREAD_COLUMNS));
    end();
}
END_TEST

START_TEST(one_that_stops_early_once_or_late_is_no_finding)
{
    begin((size_t)_i);
    read_books("SELECT id, title, price_cents FROM book ORDER BY id LIMIT 60", 2, true);
    ck_assert_ptr_null(find(ROWAN_UNREAD_ROWS));
    next_scope();
    for (int i = 0; i < 4; i++) {
        read_books(ALL, BOOKS - 5, true);
    }
    ck_assert_ptr_null(find(ROWAN_UNREAD_ROWS));
    end();
}
END_TEST

/* --- Traces of other recorders. --- */

static void complain(void *context, const char *where, size_t line, const char *why)
{
    (void)context;
    ck_assert_str_eq(where, path);
    ck_assert_uint_eq(line, 1);
    ck_assert_str_eq(why, "`read` has what is no number of a column");
}

static void analyze_lines(const char *const *lines, size_t count, const char *kind,
                          size_t *found_count, size_t *refused)
{
    const rowan__rules rules = rowan__rules_of(NULL);
    rowan__analysis analysis;
    rowan__trace trace;
    const rowan__complaint complaint = {complain, NULL};

    strcpy(path, "/tmp/rowan-unread-XXXXXX");
    FILE *file = fdopen(mkstemp(path), "w");
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "%s\n", lines[i]);
    }
    fclose(file);
    ck_assert_int_eq(rowan__trace_read(&trace, &fault_allocator, path, &complaint, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_init(&analysis, &fault_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(&analysis, &trace), ROWAN_OK);
    *found_count = 0;
    *refused = trace.lines_refused;
    for (size_t i = 0; i < analysis.count; i++) {
        *found_count += strcmp(analysis.at[i].kind, kind) == 0;
    }
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    unlink(path);
}

#define LINE(rest)                                                                                 \
    "{\"sql\":\"SELECT a, b, c FROM t\",\"cols\":[\"a\",\"b\",\"c\"],\"rows\":null,"               \
    "\"dialect\":\"postgresql\"" rest "}"

START_TEST(other_recorders_may_say_one_of_both)
{
    static const struct {
        const char *line, *kind;
        size_t found, refused;
    } cases[] = {
        {LINE(",\"nrows\":50,\"read\":[0,2]"), "unread_columns", 1, 0},
        {LINE(",\"nrows\":50,\"read\":[0,1,2]"), "unread_columns", 0, 0},
        {LINE(",\"nrows\":50,\"read\":[]"), "unread_columns", 0, 0},
        {LINE(",\"nrows\":50"), "unread_columns", 0, 0},
        {LINE(",\"nrows\":50,\"rows_read\":2,\"read\":[1]"), "unread_columns", 0, 0},
        {LINE(",\"nrows\":500,\"rows_read\":20"), "unread_rows", 1, 0},
        {LINE(",\"nrows\":500,\"rows_read\":20"), "unread_columns", 0, 0},
        {LINE(",\"nrows\":500,\"rows_read\":400"), "unread_rows", 0, 0},
        {LINE(",\"nrows\":90,\"rows_read\":1"), "unread_rows", 0, 0},
        {LINE(",\"nrows\":90,\"rows_read\":700"), "unread_rows", 0, 0},
        {LINE(",\"nrows\":500"), "unread_rows", 0, 0},
        {LINE(",\"nrows\":50,\"read\":[3]"), "unread_columns", 0, 1},
        {LINE(",\"nrows\":50,\"read\":[-1]"), "unread_columns", 0, 1},
        {LINE(",\"nrows\":50,\"read\":[\"a\"]"), "unread_columns", 0, 1},
        {LINE(",\"nrows\":50,\"read\":[1e99]"), "unread_columns", 0, 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count, refused;
        analyze_lines(&cases[i].line, 1, cases[i].kind, &count, &refused);
        ck_assert_msg(count == cases[i].found, "%s: %zu", cases[i].line, count);
        ck_assert_msg(refused == cases[i].refused, "%s", cases[i].line);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_unread");
    TCase *tc = tcase_create("detector_unread");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, columns_that_nobody_read_are_found, 0, engines);
    tcase_add_loop_test(tc, a_column_that_is_read_once_is_read, 0, engines);
    tcase_add_loop_test(tc, what_an_earlier_scope_read_is_read, 0, engines);
    tcase_add_loop_test(tc, columns_that_nobody_read_are_ranked_last, 0, engines);
    tcase_add_loop_test(tc, what_cannot_be_known_or_is_needed_is_no_finding, 0, engines);
    tcase_add_loop_test(tc, a_statement_whose_rows_are_once_loaded_whole_is_not_judged, 0, engines);
    tcase_add_loop_test(tc, rows_that_nobody_read_are_found_where_they_were_sent, 0, engines);
    tcase_add_loop_test(tc, the_rows_of_a_stream_of_structs_count_too, 0, engines);
    tcase_add_loop_test(tc, one_that_stops_early_once_or_late_is_no_finding, 0, engines);
    tcase_add_test(tc, other_recorders_may_say_one_of_both);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
