/*
 * Of a long loop the detector has most turns put aside. What it finds is what it would find if it
 * were told of each: programs run twice, with the detector alone and behind a subscriber that takes
 * the turns and asks for none. On each engine, of as many turns as are followed, put aside, and
 * more.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

enum { BOOKS = 200, PUBLISHERS = 7, FIRST = LIBRARY_FIRST };

static const int turn_counts[] = {24, 26, 57, 58, 60, 150};

static rowan_scope *scope;
static const library_book *books;

static void nothing(void *context, const rowan_event *event)
{
    (void)context;
    (void)event;
}

/* The same tables, opened for the detector alone and with the other subscriber before it. */
static const char *url;
static rowan_db *alone, *accompanied;

static void open_both(int engine)
{
    static rowan_subscriber second = {.on_event = nothing, .wants_turns = true};
    rowan_subscriber *const subscribers[] = {&second};
    rowan_options options = ROWAN_OPTIONS_INIT;

    url = engine_url_new((size_t)engine);
    alone = engine_open_url(url, NULL);
    library_create(alone, (size_t)engine);
    library_fill(alone, BOOKS, PUBLISHERS, 4);
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    accompanied = engine_open_url(url, &options);
}

static void close_both(void)
{
    rowan_close(alone);
    rowan_close(accompanied);
    engine_url_drop(url);
}

/* Reads the books in a scope of its own. */
static void begin(rowan_db *db)
{
    rowan_rows rows;

    scope = library_scope(db);
    library_ok(scope, rowan_raw_all(scope, "SELECT id, publisher_id FROM book ORDER BY id",
                                    ROWAN_NO_PARAMS, &library_book_table, &rows));
    books = rows.at;
}

/* --- What was found, without what differs from run to run. --- */

/* Appends a text; numbers of milliseconds, and shares of them, are left out. */
static void add_timeless(char *out, size_t size, const char *text)
{
    size_t at = strlen(out);

    for (; *text != '\0' && at + 1 < size; text++) {
        size_t digits = strspn(text, "0123456789.");
        if (digits > 0 &&
            (strncmp(text + digits, " ms", 3) == 0 || strncmp(text + digits, " %", 2) == 0)) {
            text += digits - 1;
        } else {
            out[at++] = *text;
        }
    }
    out[at] = '\0';
}

enum { MOST_FOUND = 64, LENGTH = 1000 };

/* What was found, a line each, in the order of its text: the worst by time is not always the same.
 */
typedef struct said {
    size_t count;
    char lines[MOST_FOUND][LENGTH];
} said;

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void read_findings(said *out)
{
    rowan_findings found;

    library_ok(scope, rowan_scope_findings(scope, &found));
    ck_assert(found.dropped.statements + found.dropped.values + found.dropped.rows == 0);
    ck_assert_uint_le(found.count, MOST_FOUND);
    out->count = found.count;
    for (size_t i = 0; i < found.count; i++) {
        const rowan_finding *f = &found.at[i];
        snprintf(out->lines[i], LENGTH,
                 "%s %s, %s: %llu of %llu in %llu from %llu, line %d; %s from %s, line %d: ",
                 rowan_finding_kind_name(f->kind),
                 f->confidence == ROWAN_CONFIRMED ? "confirmed" : "likely", f->fingerprint,
                 (unsigned long long)f->distinct, (unsigned long long)f->count,
                 (unsigned long long)f->round_trips, (unsigned long long)f->first_sequence,
                 f->site.line, f->child_column ? f->child_column : "-",
                 f->parent_column ? f->parent_column : "-", f->parent_site.line);
        add_timeless(out->lines[i], LENGTH, f->evidence);
    }
    qsort(out->lines, out->count, LENGTH, by_text);
}

static void expect_equal(const said *a, const said *b)
{
    ck_assert_uint_eq(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        ck_assert_str_eq(a->lines[i], b->lines[i]);
    }
}

typedef void (*program)(int turns);

/* Runs a program in a scope of its own. @return how many statements it sent */
static uint64_t run_in(rowan_db *db, program run, int turns, said *out)
{
    static said again;

    begin(db);
    run(turns);
    read_findings(out);
    read_findings(&again);
    expect_equal(out, &again);
    uint64_t statements = rowan_scope_counts(scope).statements;
    rowan_scope_end(scope);
    return statements;
}

/* @param least  findings that there are at least, of 60 turns */
static void expect_same(int engine, program run, size_t least)
{
    static said some, all;

    open_both(engine);
    for (size_t k = 0; k < sizeof turn_counts / sizeof turn_counts[0]; k++) {
        int turns = turn_counts[k];
        uint64_t statements = run_in(alone, run, turns, &some);
        ck_assert_uint_eq(run_in(accompanied, run, turns, &all), statements);
        expect_equal(&some, &all);
        ck_assert_msg(turns < 60 || all.count >= least, "%d turns: %zu findings", turns, all.count);
    }
    close_both();
}

/* --- Programs. --- */

static void find_book(int64_t id)
{
    void *row;
    rowan_status status = rowan_raw_one(scope, "SELECT id, title FROM book WHERE id = ?",
                                        ROWAN_PARAMS(ROWAN_V(id)), &library_book_table, &row);

    ck_assert(status == ROWAN_OK || status == ROWAN_NOT_FOUND);
}

static void find_publisher(int64_t id)
{
    rowan_rows rows;

    library_ok(scope, rowan_raw_all(scope, "SELECT name FROM publisher WHERE id = ?",
                                    ROWAN_PARAMS(ROWAN_V(id)), &library_publisher_table, &rows));
}

static void one_statement(int turns)
{
    for (int i = 0; i < turns; i++) {
        find_book(books[i].id);
    }
}

static void values_that_come_again(int turns)
{
    for (int i = 0; i < turns; i++) {
        find_publisher(books[i / 3].publisher_id.value);
    }
}

static void in_turn(int turns)
{
    for (int i = 0; i < turns; i++) {
        find_publisher(books[i].publisher_id.value);
        find_book(books[i].id);
    }
}

static void one_within_the_other(int turns)
{
    for (int i = 0; i < turns / 10; i++) {
        find_publisher(books[i].publisher_id.value);
        for (int j = 0; j < 10; j++) {
            find_book(books[i * 10 + j].id);
        }
    }
}

/* More statements than there are places: some share one. */
static void many_statements_in_turn(int turns)
{
    rowan_rows rows;
    char sql[100];

    for (int i = 0; i < turns; i++) {
        for (int k = 0; k < 20; k++) {
            snprintf(sql, sizeof sql, "SELECT b%d.id FROM book b%d WHERE b%d.id = ?", k, k, k);
            library_ok(scope, rowan_raw_all(scope, sql, ROWAN_PARAMS(ROWAN_V(books[i].id)),
                                            &library_book_table, &rows));
        }
    }
}

/* They fold to the same, but are not: each has a number of its own. */
static void texts_that_differ_in_a_number(int turns)
{
    rowan_rows rows;
    char sql[100];

    for (int i = 0; i < turns; i++) {
        snprintf(sql, sizeof sql, "SELECT id FROM book WHERE id = ? AND %d = %d", i % 3, i % 3);
        library_ok(scope, rowan_raw_all(scope, sql, ROWAN_PARAMS(ROWAN_V(books[i / 3].id)),
                                        &library_book_table, &rows));
    }
}

static void with_writes_between(int turns)
{
    for (int i = 0; i < turns; i++) {
        find_book(books[i / 2].id);
        if (i % 9 == 8) {
            library_ok(scope, rowan_raw_run(scope, "UPDATE book SET price_cents = 1 WHERE id = ?",
                                            ROWAN_PARAMS(ROWAN_V(books[i].id)), NULL));
        }
    }
}

static void the_same_value_behind_others(int turns)
{
    for (int i = 0; i < turns; i++) {
        find_book(books[i].id);
    }
    for (int i = 0; i < 12; i++) {
        find_book(books[turns - 1].id);
    }
}

static void what_is_not_found(int turns)
{
    for (int i = 0; i < turns; i++) {
        find_book(i % 2 == 0 ? books[i].id : -i);
    }
}

static void from_two_lines(int turns)
{
    for (int i = 0; i < turns; i++) {
        rowan_rows rows;
        const rowan_params key = ROWAN_PARAMS(ROWAN_V(books[i].id));
        const char *sql = "SELECT title FROM book WHERE id = ?";
        if (i % 4 != 3) {
            library_ok(scope, rowan_raw_all(scope, sql, key, &library_book_table, &rows));
        } else {
            library_ok(scope, rowan_raw_all(scope, sql, key, &library_book_table, &rows));
        }
    }
}

static void in_transactions(int turns)
{
    one_statement(turns / 3);
    library_ok(scope, rowan_begin(scope, NULL));
    in_turn(turns);
    library_ok(scope, rowan_commit(scope));
    one_statement(turns / 3);
    library_ok(scope, rowan_begin(scope, NULL));
    one_statement(turns / 2);
    library_ok(scope, rowan_rollback(scope));
}

static void streams_among_them(int turns)
{
    rowan_stream *stream;
    void *row;

    for (int i = 0; i < turns; i++) {
        find_book(books[i].id);
        if (i % 20 == 19) {
            library_ok(scope, rowan_raw_stream(scope, "SELECT id, title FROM book WHERE id = ?",
                                               ROWAN_PARAMS(ROWAN_V(books[i].id)),
                                               &library_book_table, &stream));
            while (rowan_stream_next(stream, &row) == ROWAN_OK) {
            }
            rowan_stream_close(stream);
        }
    }
}

static void asked_on_the_way(int turns)
{
    for (int i = 0; i < turns; i++) {
        find_book(books[i].id);
        if (i % 7 == 6) {
            rowan_findings found;
            library_ok(scope, rowan_scope_findings(scope, &found));
        }
    }
}

static void the_rows_are_parents(int turns)
{
    rowan_rows rows;

    for (int i = 0; i < turns; i++) {
        library_ok(scope,
                   rowan_raw_all(scope, "SELECT publisher_id FROM book WHERE id = ?",
                                 ROWAN_PARAMS(ROWAN_V(books[i].id)), &library_book_table, &rows));
        find_publisher(((const library_book *)rows.at)->publisher_id.value);
    }
}

static void by_the_builder(int turns)
{
    for (int i = 0; i < turns; i++) {
        const rowan_query query = {.from = &library_book_table,
                                   .where = ROWAN_EQ(BOOK.id, books[i].id)};
        void *row;
        library_ok(scope, rowan_query_one(scope, &query, &row));
    }
}

/* One call, many statements; behind it one that is alone. */
static void by_a_pipeline(int turns)
{
    rowan_value keys[BOOKS];
    rowan_raw_read reads[BOOKS];
    rowan_rows rows[BOOKS];

    for (int i = 0; i < turns; i++) {
        keys[i] = ROWAN_V(books[i].id);
        reads[i] = (rowan_raw_read){.sql = "SELECT id, title FROM book WHERE id = ?",
                                    .params = {&keys[i], 1},
                                    .shape = &library_book_table};
    }
    library_ok(scope, rowan_raw_pipeline(scope, reads, (size_t)turns, rows));
    find_publisher(books[0].publisher_id.value);
    library_ok(scope, rowan_raw_pipeline(scope, reads, (size_t)turns, rows));
}

static void by_records(int turns)
{
    for (int i = 0; i < turns; i++) {
        void *row;
        library_ok(scope,
                   rowan_record_find(scope, &library_book_table, ROWAN_KEY(books[i].id), &row));
    }
}

static void by_a_session(int turns)
{
    rowan_session *session;

    library_ok(scope, rowan_session_begin(scope, &session));
    for (int i = 0; i < turns; i++) {
        void *row;
        library_ok(scope,
                   rowan_session_find(session, &library_book_table, ROWAN_KEY(books[i].id), &row));
    }
    rowan_session_end(session);
}

static const struct {
    program run;
    size_t least;
} programs[] = {
    {one_statement, 1},
    {values_that_come_again, 1},
    {in_turn, 2},
    {one_within_the_other, 1},
    {many_statements_in_turn, 20},
    {texts_that_differ_in_a_number, 1},
    {with_writes_between, 1},
    {the_same_value_behind_others, 1},
    {what_is_not_found, 1},
    {from_two_lines, 1},
    {in_transactions, 2},
    {streams_among_them, 1},
    {asked_on_the_way, 1},
    {the_rows_are_parents, 2},
    {by_the_builder, 1},
    {by_a_pipeline, 1},
    {by_records, 1},
    {by_a_session, 1},
};

enum { PROGRAMS = sizeof programs / sizeof programs[0] };

START_TEST(turns_change_nothing_of_what_is_found)
{
    expect_same(_i / PROGRAMS, programs[_i % PROGRAMS].run, programs[_i % PROGRAMS].least);
}
END_TEST

/* --- Times. --- */

/* The only finding of a kind; fails if there is none. */
static rowan_finding only(rowan_finding_kind kind)
{
    rowan_findings found;

    library_ok(scope, rowan_scope_findings(scope, &found));
    for (size_t i = 0; i < found.count; i++) {
        if (found.at[i].kind == kind) {
            return found.at[i];
        }
    }
    ck_abort_msg("no %s", rowan_finding_kind_name(kind));
}

/* The times of turns are added up, in a transaction too. */
START_TEST(times_of_turns_are_those_of_the_loop)
{
    struct timespec nap = {0, 3000000};
    struct timespec before, after;

    open_both(_i);
    begin(alone);
    library_ok(scope, rowan_begin(scope, NULL));
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (int i = 0; i < 150; i++) {
        find_book(books[i].id);
        if (i % 10 == 9) {
            nanosleep(&nap, NULL);
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    library_ok(scope, rowan_commit(scope));
    int64_t passed_ns =
        (after.tv_sec - before.tv_sec) * 1000000000 + (after.tv_nsec - before.tv_nsec);
    rowan_finding loop = only(ROWAN_N_PLUS_ONE);
    ck_assert_int_gt(loop.total_ns, 150 * 100);
    ck_assert_int_lt(loop.total_ns, passed_ns - 15 * 3000000);
    rowan_scope_end(scope);
    close_both();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_turns");
    TCase *tests = tcase_create("engines");
    int engines = (int)engine_count();

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, turns_change_nothing_of_what_is_found, 0, engines * PROGRAMS);
    tcase_add_loop_test(tests, times_of_turns_are_those_of_the_loop, 0, engines);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
