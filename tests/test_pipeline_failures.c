/*
 * Several reads of which one fails: it is named and nothing is given of the others, whatever
 * happened: a wrong text or value, no memory, a deadline, a cancel, a lost connection, a schema
 * that changed meanwhile. The scope goes on.
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rowan/short.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"

enum { BOOKS = 10, READS = 5, BAD = 2, VERY_MANY = 30000 };

static rowan_db *db;
static rowan_scope *scope;

static rowan_value keys[READS];
static rowan_raw_read reads[READS];
static rowan_expr conditions[READS];
static rowan_query queries[READS];
static rowan_rows out[READS];

static const char by_id[] = "SELECT * FROM book WHERE id = ?";

/* Reads and queries of one book each, all of them good. */
static void make_good(void)
{
    for (size_t i = 0; i < READS; i++) {
        keys[i] = V(LIBRARY_FIRST + (int64_t)i);
        reads[i] =
            (rowan_raw_read){.sql = by_id, .params = {&keys[i], 1}, .shape = &library_book_table};
        conditions[i] = *EQ(BOOK.id, LIBRARY_FIRST + (int64_t)i);
        queries[i] = (rowan_query){.from = &library_book_table, .where = &conditions[i]};
    }
}

static void begin_with(int engine, const rowan_options *options)
{
    db = library_open((size_t)engine, options);
    library_fill(db, BOOKS, 2, 2);
    scope = library_scope(db);
    make_good();
}

static void begin(int engine)
{
    begin_with(engine, NULL);
}

static void end(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

/* What the places hold before: a failure leaves nothing of it. */
static void spoil(void)
{
    for (size_t i = 0; i < READS; i++) {
        out[i] = (rowan_rows){out, 77};
    }
}

static void check_empty(void)
{
    for (size_t i = 0; i < READS; i++) {
        ck_assert_ptr_null(out[i].at);
        ck_assert_uint_eq(out[i].count, 0);
    }
}

static rowan_status run_reads(void)
{
    spoil();
    return rowan_raw_pipeline(scope, reads, READS, out);
}

static rowan_status run_queries(void)
{
    spoil();
    return rowan_query_pipeline(scope, queries, READS, out);
}

static const rowan_error *failure(void)
{
    return rowan_scope_error(scope);
}

static void check_failed(rowan_status status, rowan_status wanted, const char *words)
{
    ck_assert_msg(status == wanted, "%s: %s (%s)", rowan_status_name(status), failure()->message,
                  failure()->engine_message);
    ck_assert_int_eq(failure()->status, wanted);
    ck_assert_msg(strncmp(failure()->message, words, strlen(words)) == 0, "%s", failure()->message);
    check_empty();
}

/* Good ones go well, before and after: the scope goes on. */
static void check_good(void)
{
    make_good();
    library_ok(scope, run_reads());
    for (size_t i = 0; i < READS; i++) {
        ck_assert_uint_eq(out[i].count, 1);
        ck_assert_int_eq(((const library_book *)out[i].at)->id, keys[i].as.integer);
    }
    library_ok(scope, run_queries());
    for (size_t i = 0; i < READS; i++) {
        ck_assert_uint_eq(out[i].count, 1);
    }
}

/* --- What cannot be sent. --- */

static void refuse_reads(rowan_status wanted, const char *words)
{
    uint64_t sent = rowan_scope_counts(scope).statements;

    check_failed(run_reads(), wanted, words);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, sent);
    check_good();
}

START_TEST(what_is_missing_is_refused)
{
    begin(_i);
    reads[BAD].sql = NULL;
    refuse_reads(ROWAN_MISUSE, "reads[2]: the statement is NULL");
    reads[BAD].shape = NULL;
    refuse_reads(ROWAN_MISUSE, "reads[2]: the shape of the rows is NULL");
    reads[0].params.items = NULL;
    refuse_reads(ROWAN_MISUSE, "reads[0]: what the parameters are in is NULL");
    queries[BAD].from = NULL;
    check_failed(run_queries(), ROWAN_MISUSE, "queries[2]: a query needs `into` or `from`");
    spoil();
    check_failed(rowan_raw_pipeline(scope, NULL, READS, out), ROWAN_MISUSE, "the reads are NULL");
    spoil();
    check_failed(rowan_query_pipeline(scope, NULL, READS, out), ROWAN_MISUSE,
                 "the queries are NULL");
    ck_assert_int_eq(rowan_raw_pipeline(scope, reads, READS, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_query_pipeline(scope, queries, READS, NULL), ROWAN_MISUSE);
    spoil();
    ck_assert_int_eq(rowan_raw_pipeline(NULL, reads, READS, out), ROWAN_MISUSE);
    check_empty();
    spoil();
    ck_assert_int_eq(rowan_query_pipeline(NULL, queries, READS, out), ROWAN_MISUSE);
    check_empty();
    check_good();
    end();
}
END_TEST

START_TEST(none_is_nothing)
{
    begin(_i);
    uint64_t sent = rowan_scope_counts(scope).statements;
    library_ok(scope, rowan_raw_pipeline(scope, NULL, 0, NULL));
    library_ok(scope, rowan_query_pipeline(scope, NULL, 0, NULL));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, sent);
    end();
}
END_TEST

START_TEST(wrong_values_are_refused)
{
    const rowan_value two[] = {V(1), V(2)};
    rowan_value mixed[] = {V(1), V("two")}, list;

    begin(_i);
    reads[BAD].params = (rowan_params){two, 2};
    refuse_reads(ROWAN_MISUSE, "reads[2]: values for the parameters of the statement: 1 wanted, 2");
    reads[BAD].params = NO_PARAMS;
    refuse_reads(ROWAN_MISUSE, "reads[2]: values for the parameters of the statement: 1 wanted, 0");
    keys[4] = rowan_v_list(mixed, 2);
    refuse_reads(ROWAN_MISUSE, "reads[4]: parameter 1 is a list of values of different types");
    list = rowan_v_list(two, 2);
    reads[0].sql = "SELECT * FROM book WHERE id = :id";
    reads[0].params = (rowan_params){&list, 1};
    refuse_reads(ROWAN_MISUSE, "reads[0]: ");
    conditions[3] = *EQ(AUTHOR.id, 1);
    check_failed(run_queries(), ROWAN_MISUSE, "queries[3]: ");
    check_good();
    end();
}
END_TEST

START_TEST(a_fetch_plan_is_refused)
{
    begin(_i);
    queries[1].fetch = FETCH(RELATED(&library_book_authors));
    check_failed(run_queries(), ROWAN_MISUSE, "queries[1]: a pipeline loads no relations");
    queries[1].fetch = ROWAN_FETCH({.relation = NULL}); /* a plan of nothing is none */
    library_ok(scope, run_queries());
    end();
}
END_TEST

START_TEST(what_cannot_be_prepared_stops_all_before_any_is_run)
{
    begin(_i);
    uint64_t sent = rowan_scope_counts(scope).statements;
    reads[BAD].sql = "SELEC * FROM book WHERE id = ?";
    check_failed(run_reads(), ROWAN_SYNTAX, "reads[2]: ");
    make_good();
    reads[4].sql = "SELECT * FROM no_such_table WHERE id = ?";
    check_failed(run_reads(), ROWAN_NO_SUCH, "reads[4]: ");
    make_good();
    reads[0].sql = "DELETE FROM book_author WHERE book_id = ?";
    check_failed(run_reads(), ROWAN_MISUSE, "reads[0]: the statement gives no rows");
    make_good();
    reads[3].shape = &library_author_table;
    check_failed(run_reads(), ROWAN_WRONG_TYPE, "reads[3]: ");
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - sent, 0);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book_author WHERE book_id = 5001"),
                     2);
    check_good();
    end();
}
END_TEST

START_TEST(a_position_is_one_in_the_text_of_the_program)
{
    static const char sql[] = "SELECT id, name FROM author WHERE id = :author AND nonesuch = 1";
    rowan_value author = ROWAN_NAMED("author", 1);

    begin(_i);
    reads[3] = (rowan_raw_read){.sql = sql, .params = {&author, 1}, .shape = &library_author_table};
    check_failed(run_reads(), ROWAN_NO_SUCH, "reads[3]: ");
    int position = failure()->position;
    if (engine_is((size_t)_i, "postgresql")) {
        ck_assert_int_eq(position, (int)(strstr(sql, "nonesuch") - sql) + 1);
    }
    rowan_rows alone;
    ck_assert_int_eq(rowan_raw_all(scope, sql, reads[3].params, reads[3].shape, &alone),
                     ROWAN_NO_SUCH);
    ck_assert_int_eq(failure()->position, position);
    end();
}
END_TEST

/* --- What fails on its way. --- */

typedef struct named {
    int64_t id;
    const char *title;
} named;

static const rowan_table named_shape;
static const rowan_column named_columns[] = {
    ROWAN_COLUMN(named_shape, named, id, 0),
    ROWAN_COLUMN(named_shape, named, title, 0),
};
static const rowan_table named_shape = ROWAN_SHAPE(named, named_columns);

START_TEST(a_row_that_does_not_fit_is_named)
{
    begin(_i);
    for (size_t i = 0; i < READS; i++) {
        reads[i].sql = "SELECT id, subtitle AS title FROM book WHERE id = ?";
        reads[i].shape = &named_shape;
        char sql[80];
        snprintf(sql, sizeof sql, "UPDATE book SET subtitle = 's' WHERE id = %d",
                 LIBRARY_FIRST + (int)i);
        library_run(db, sql);
    }
    library_run(db, "UPDATE book SET subtitle = NULL WHERE id = 5004");
    uint64_t sent = rowan_scope_counts(scope).statements;
    check_failed(run_reads(), ROWAN_NOT_NULL, "reads[3]: ");
    /* In a pipeline the server has run the last one by then. */
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - sent,
                      engine_is((size_t)_i, "postgresql") ? READS : 4);
    ck_assert_str_eq(failure()->column, "title");
    ck_assert(failure()->connection_usable);
    library_run(db, "UPDATE book SET subtitle = 's' WHERE id = 5004");
    library_ok(scope, run_reads());
    check_good();
    end();
}
END_TEST

/* A write among reads, and behind it one that fails: of one that the server refused PostgreSQL
 * keeps nothing. */
START_TEST(a_write_is_done_as_if_it_were_alone)
{
    rowan_value row[] = {V(900), V("New")}, again[] = {V(900), V("Twice")};
    static const char insert[] = "INSERT INTO author (id, name) VALUES (?, ?) RETURNING id, name";

    begin(_i);
    reads[1] = (rowan_raw_read){.sql = insert, .params = {row, 2}, .shape = &library_author_table};
    reads[3] =
        (rowan_raw_read){.sql = insert, .params = {again, 2}, .shape = &library_author_table};
    check_failed(run_reads(), ROWAN_UNIQUE, "reads[3]: ");
    bool kept = !engine_is((size_t)_i, "postgresql");
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE id = 900"), kept);
    library_run(db, "DELETE FROM author WHERE id = 900");
    again[0] = V(901);
    library_ok(scope, run_reads());
    ck_assert_int_eq(((const library_author *)out[3].at)->id, 901);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE id IN (900, 901)"), 2);
    end();
}
END_TEST

START_TEST(in_a_transaction_it_is_rolled_back_by_the_program)
{
    rowan_value row[] = {V(900), V("New")};
    static const char insert[] = "INSERT INTO author (id, name) VALUES (?, ?) RETURNING id, name";

    begin(_i);
    library_ok(scope, rowan_begin(scope, NULL));
    reads[1] = reads[3] =
        (rowan_raw_read){.sql = insert, .params = {row, 2}, .shape = &library_author_table};
    check_failed(run_reads(), ROWAN_UNIQUE, "reads[3]: ");
    ck_assert_int_eq(failure()->fate, engine_is((size_t)_i, "postgresql") ? ROWAN_FATE_MUST_ROLLBACK
                                                                          : ROWAN_FATE_OPEN);
    library_ok(scope, rowan_rollback(scope));
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE id = 900"), 0);
    check_good();
    end();
}
END_TEST

START_TEST(a_scope_whose_stream_is_open_is_busy)
{
    rowan_stream *stream;

    begin(_i);
    library_ok(scope, rowan_raw_stream(scope, "SELECT * FROM book", NO_PARAMS, &library_book_table,
                                       &stream));
    check_failed(run_reads(), ROWAN_BUSY, "a stream is open");
    check_failed(run_queries(), ROWAN_BUSY, "a stream is open");
    rowan_stream_close(stream);
    check_good();
    end();
}
END_TEST

/* --- Memory. --- */

/* Fails each allocation of one call in turn. @return how many there were */
static unsigned fail_each(rowan_status (*run)(void))
{
    unsigned nth = 1;

    for (;; nth++) {
        ck_assert_uint_lt(nth, 400);
        fault_close_idle(db); /* everything is prepared and learned anew */
        scope = library_scope(db);
        fault_arm(nth);
        rowan_status status = run();
        bool fired = fault_fired();
        fault_arm(0);
        if (status != ROWAN_OK) {
            ck_assert(fired);
            ck_assert_int_eq(status, ROWAN_NOMEM);
            check_empty();
        }
        library_ok(scope, run());
        ck_assert_uint_eq(out[4].count, 1);
        rowan_scope_end(scope);
        if (!fired) {
            return nth;
        }
    }
}

START_TEST(each_allocation_that_fails_is_reported)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    fault_arm(0);
    options.allocator = &fault_allocator;
    begin_with(_i, &options);
    rowan_scope_end(scope);
    reads[3].sql = "SELECT * FROM book WHERE id = :id";
    keys[3].name = "id";
    ck_assert_uint_gt(fail_each(run_reads), 10);
    ck_assert_uint_gt(fail_each(run_queries), 10);
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

/* --- Time. --- */

/* A read that would run for minutes. */
static void make_endless(int engine)
{
    if (engine_is((size_t)engine, "mariadb")) {
        library_ok(scope, rowan_raw_run(scope, "SET max_recursive_iterations = 4294967295",
                                        NO_PARAMS, NULL));
    }
    reads[BAD] = (rowan_raw_read){
        .sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
               "2000000000) SELECT count(*) AS id, 'x' AS title FROM n AS a",
        .shape = &named_shape};
}

START_TEST(the_deadline_is_that_of_all)
{
    begin(_i);
    make_endless(_i);
    rowan_scope_deadline(scope, 300);
    check_failed(run_reads(), ROWAN_TIMEOUT, "reads[2]: ");
    check_failed(run_reads(), ROWAN_TIMEOUT, ""); /* it has passed before */
    check_failed(run_queries(), ROWAN_TIMEOUT, "");
    rowan_scope_deadline(scope, 0);
    check_good();
    end();
}
END_TEST

static void *cancel_soon(void *unused)
{
    const struct timespec pause = {.tv_nsec = 60 * 1000000};

    (void)unused;
    nanosleep(&pause, NULL);
    ck_assert_int_eq(rowan_scope_cancel(scope, NULL), ROWAN_OK);
    return NULL;
}

START_TEST(another_thread_cancels)
{
    pthread_t thread;

    begin(_i);
    make_endless(_i);
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
    check_failed(run_reads(), ROWAN_CANCELLED, "reads[2]: ");
    pthread_join(thread, NULL);
    check_good();
    end();
}
END_TEST

static atomic_bool ended;

/* Cancels again and again: what is not on its way yet is not stopped. */
static void *cancel_until_ended(void *unused)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000000};

    (void)unused;
    while (!atomic_load(&ended)) {
        nanosleep(&pause, NULL);
        ck_assert_int_eq(rowan_scope_cancel(scope, NULL), ROWAN_OK);
    }
    return NULL;
}

/* Reads that are quick, each by itself: a cancel between two of them ends them all, too. */
START_TEST(a_cancel_ends_very_many_quick_ones)
{
    rowan_raw_read *many = calloc(VERY_MANY, sizeof *many);
    rowan_rows *rows = calloc(VERY_MANY, sizeof *rows);
    pthread_t thread;

    begin(_i);
    ck_assert(many != NULL && rows != NULL);
    for (size_t i = 0; i < VERY_MANY; i++) {
        many[i] = reads[i % READS];
    }
    atomic_store(&ended, false);
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_until_ended, NULL), 0);
    rowan_status status = rowan_raw_pipeline(scope, many, VERY_MANY, rows);
    atomic_store(&ended, true);
    pthread_join(thread, NULL);
    ck_assert_msg(status == ROWAN_CANCELLED, "%s: %s", rowan_status_name(status),
                  failure()->message);
    ck_assert_ptr_nonnull(strstr(failure()->message, "cancelled"));
    check_good();
    free(many);
    free(rows);
    end();
}
END_TEST

/* --- Lost connections and schemas. --- */

START_TEST(a_lost_connection_is_replaced)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.no_detector = true;
    begin_with(_i, &options);
    rowan_scope_end(scope);
    fault_install(db);
    for (unsigned mode = 0; mode < 2; mode++) {
        scope = library_scope(db);
        check_good();
        fault_plan_set((fault_plan){.cut_call = mode == 0, .lose_call = mode == 1});
        rowan_status status = run_reads();
        fault_plan_set((fault_plan){0});
        ck_assert_int_eq(status, ROWAN_LOST);
        ck_assert(!failure()->connection_usable);
        check_empty();
        check_good();
        rowan_scope_end(scope);
    }
    engine_close(db);
}
END_TEST

START_TEST(a_session_that_the_server_ends_on_the_way_is_lost)
{
    begin(_i);
    reads[3] = (rowan_raw_read){
        .sql = "SELECT 1 AS id, CAST(pg_terminate_backend(pg_backend_pid()) AS text) AS title",
        .shape = &named_shape};
    check_failed(run_reads(), ROWAN_LOST, "reads[3]: ");
    ck_assert(!failure()->connection_usable);
    check_good();
    end();
}
END_TEST

typedef struct grown {
    int64_t id;
    rowan_opt_i64 more0, more1, more2, more3;
} grown;

static const rowan_table grown_shape;
static const rowan_column grown_columns[] = {
    ROWAN_COLUMN(grown_shape, grown, id, 0),        ROWAN_OPT_COLUMN(grown_shape, grown, more0, 0),
    ROWAN_OPT_COLUMN(grown_shape, grown, more1, 0), ROWAN_OPT_COLUMN(grown_shape, grown, more2, 0),
    ROWAN_OPT_COLUMN(grown_shape, grown, more3, 0),
};
static const rowan_table grown_shape = ROWAN_SHAPE(grown, grown_columns);

/* One statement in the middle no longer fits what it reads. */
START_TEST(a_statement_that_the_schema_outdated_is_prepared_anew)
{
    const char *url = engine_url_new((size_t)_i);

    db = engine_open_url(url, NULL);
    library_create(db, (size_t)_i);
    library_fill(db, BOOKS, 2, 2);
    library_run(db, "CREATE TABLE growing (id bigint PRIMARY KEY)");
    library_run(db, "INSERT INTO growing (id) VALUES (1)");
    scope = library_scope(db);
    for (int round = 0; round < 4; round++) {
        char ddl[80];
        make_good();
        reads[BAD] = (rowan_raw_read){.sql = "SELECT * FROM growing", .shape = &grown_shape};
        library_ok(scope, run_reads());
        for (size_t i = 0; i < READS; i++) {
            ck_assert_uint_eq(out[i].count, 1);
        }
        ck_assert_int_eq(((const grown *)out[BAD].at)->id, 1);
        ck_assert_int_eq(((const grown *)out[BAD].at)->more0.value, round > 0 ? 7 : 0);
        ck_assert_int_eq(((const library_book *)out[4].at)->id, LIBRARY_FIRST + 4);
        snprintf(ddl, sizeof ddl, "ALTER TABLE growing ADD COLUMN more%d int DEFAULT 7", round);
        engine_send(url, ddl);
    }
    rowan_scope_end(scope);
    rowan_close(db);
    engine_url_drop(url);
}
END_TEST

/* Inside a transaction nothing can be sent again: the whole of it has to be. */
START_TEST(in_a_transaction_the_changed_schema_is_a_conflict)
{
    const char *url = engine_url_new((size_t)_i);

    db = engine_open_url(url, NULL);
    library_create(db, (size_t)_i);
    library_fill(db, BOOKS, 2, 2);
    library_run(db, "CREATE TABLE growing (id bigint PRIMARY KEY)");
    scope = library_scope(db);
    make_good();
    reads[BAD] = (rowan_raw_read){.sql = "SELECT * FROM growing", .shape = &grown_shape};
    library_ok(scope, run_reads());
    library_ok(scope, rowan_begin(scope, NULL));
    engine_send(url, "ALTER TABLE growing ADD COLUMN more0 int");
    check_failed(run_reads(), ROWAN_CONFLICT, "reads[2]: the schema changed");
    ck_assert_int_eq(failure()->fate, ROWAN_FATE_MUST_ROLLBACK);
    ck_assert_int_eq(failure()->retry, ROWAN_RETRY_TRANSACTION);
    library_ok(scope, rowan_rollback(scope));
    library_ok(scope, rowan_begin(scope, NULL));
    library_ok(scope, run_reads());
    ck_assert_uint_eq(out[4].count, 1);
    library_ok(scope, rowan_commit(scope));
    rowan_scope_end(scope);
    rowan_close(db);
    engine_url_drop(url);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failures of pipelines");
    TCase *tc = tcase_create("failures of pipelines");
    int engines = (int)engine_count();
    int first = engine_is(0, "sqlite") ? 1 : 0; /* it has no connection to lose */

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, what_is_missing_is_refused, 0, engines);
    tcase_add_loop_test(tc, none_is_nothing, 0, engines);
    tcase_add_loop_test(tc, wrong_values_are_refused, 0, engines);
    tcase_add_loop_test(tc, a_fetch_plan_is_refused, 0, engines);
    tcase_add_loop_test(tc, what_cannot_be_prepared_stops_all_before_any_is_run, 0, engines);
    tcase_add_loop_test(tc, a_position_is_one_in_the_text_of_the_program, 0, engines);
    tcase_add_loop_test(tc, a_row_that_does_not_fit_is_named, 0, engines);
    tcase_add_loop_test(tc, a_write_is_done_as_if_it_were_alone, 0, engines);
    tcase_add_loop_test(tc, in_a_transaction_it_is_rolled_back_by_the_program, 0, engines);
    tcase_add_loop_test(tc, a_scope_whose_stream_is_open_is_busy, 0, engines);
    tcase_add_loop_test(tc, each_allocation_that_fails_is_reported, 0, engines);
    tcase_add_loop_test(tc, the_deadline_is_that_of_all, 0, engines);
    tcase_add_loop_test(tc, another_thread_cancels, 0, engines);
    tcase_add_loop_test(tc, a_cancel_ends_very_many_quick_ones, 0, engines);
    tcase_add_loop_test(tc, a_lost_connection_is_replaced, first, engines);
    for (int i = 0; i < engines; i++) {
        if (engine_is((size_t)i, "postgresql")) {
            tcase_add_loop_test(tc, a_session_that_the_server_ends_on_the_way_is_lost, i, i + 1);
            tcase_add_loop_test(tc, in_a_transaction_the_changed_schema_is_a_conflict, i, i + 1);
        }
    }
    tcase_add_loop_test(tc, a_statement_that_the_schema_outdated_is_prepared_anew, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
