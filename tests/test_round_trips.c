/*
 * Round trips have an independent witness: a relay of bytes between the library and a server counts
 * how often the server answers, and after each piece of work both counts must agree.
 */
#include <check.h>
#include <stdio.h>

#include "database/execute.h"
#include "support/engine.h"
#include "support/relay.h"
#include "support/suite.h"

static const char *url;
static relay *witness;
static rowan_db *db;
static rowan_scope *scope;
static uint64_t counted; /* ours, when the witness was last reset */

static void begin(size_t engine)
{
    char through[1024];
    rowan_error error;

    url = engine_url_new(engine);
    witness = relay_start(url, through, sizeof through);
    ck_assert_ptr_nonnull(witness);
    db = engine_open_url(through, NULL);
    engine_script(db, "CREATE TABLE word (id @int64 PRIMARY KEY, said @text(40) NOT NULL UNIQUE);");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    uint64_t affected;
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, &affected),
                     ROWAN_OK);
    relay_reset(witness);
    counted = rowan_scope_counts(scope).round_trips;
}

static void end(void)
{
    rowan_scope_end(scope);
    rowan_close(db);
    relay_stop(witness);
    engine_url_drop(url);
}

/* Both counts since the last call agree; that many trips. */
static uint64_t trips(void)
{
    uint64_t now = rowan_scope_counts(scope).round_trips;
    uint64_t ours = now - counted;

    ck_assert_uint_eq(ours, relay_count(witness).turns);
    relay_reset(witness);
    counted = now;
    return ours;
}

static void insert(int64_t id, const char *said)
{
    uint64_t affected;

    ck_assert_int_eq(rowan_raw_run(scope, "INSERT INTO word (id, said) VALUES (?, ?)",
                                   ROWAN_PARAMS(ROWAN_V(id), ROWAN_V(said)), &affected),
                     ROWAN_OK);
    ck_assert_uint_eq(affected, 1);
}

START_TEST(a_new_statement_is_prepared_in_one_trip_and_run_in_another)
{
    begin((size_t)_i);
    insert(1, "one");
    ck_assert_uint_eq(trips(), 2);
    end();
}
END_TEST

START_TEST(a_statement_that_is_known_takes_one_trip_however_often)
{
    begin((size_t)_i);
    insert(1, "one");
    trips();
    for (int64_t id = 2; id < 12; id++) {
        char said[20];
        snprintf(said, sizeof said, "word %d", (int)id);
        insert(id, said);
        ck_assert_uint_eq(trips(), 1);
    }
    end();
}
END_TEST

START_TEST(a_transaction_takes_a_trip_for_each_of_its_ends)
{
    begin((size_t)_i);
    insert(1, "one");
    trips();
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_uint_eq(trips(), 1);
    insert(2, "two");
    ck_assert_uint_eq(trips(), 1);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
    ck_assert_uint_eq(trips(), 1);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    ck_assert_uint_eq(trips(), 2);
    end();
}
END_TEST

START_TEST(many_parameter_rows_travel_together)
{
    enum { ROWS = 200 };
    rowan_value values[ROWS * 2];
    char said[ROWS][20];
    uint64_t affected;

    begin((size_t)_i);
    for (int i = 0; i < ROWS; i++) {
        snprintf(said[i], sizeof said[i], "word %d", i);
        values[2 * i] = ROWAN_V(i);
        values[2 * i + 1] = rowan_v_text(said[i]);
    }
    ck_assert_int_eq(rowan_raw_run_many(scope, "INSERT INTO word (id, said) VALUES (?, ?)", values,
                                        ROWS, &affected),
                     ROWAN_OK);
    ck_assert_uint_eq(affected, ROWS);
    ck_assert_uint_eq(trips(), 2);
    end();
}
END_TEST

START_TEST(more_than_the_sockets_hold_is_sent_while_replies_are_read)
{
    enum { ROWS = 3000, LONG = 4000 };
    static char text[LONG + 1];
    static rowan_value values[ROWS];
    uint64_t affected;

    begin((size_t)_i);
    memset(text, 'x', LONG);
    for (size_t i = 0; i < ROWS; i++) {
        values[i] = rowan_v_text(text);
    }
    /* 12 MB to the server; from PostgreSQL they also come back, which fills all buffers. */
    const char *sql = engine_is((size_t)_i, "postgresql") ? "SELECT CAST(? AS text)"
                                                          : "DELETE FROM word WHERE said = ?";
    ck_assert_int_eq(rowan_raw_run_many(scope, sql, values, ROWS, &affected), ROWAN_OK);
    ck_assert_uint_ge(relay_count(witness).bytes_up, (uint64_t)ROWS * LONG);
    end();
}
END_TEST

START_TEST(independent_statements_travel_together_where_the_engine_can)
{
    rowan__result results[3];
    rowan_value key = ROWAN_V(1);
    rowan__call calls[3];
    static const char *const texts[] = {"SELECT count(*) AS n FROM word",
                                        "SELECT id, said FROM word",
                                        "SELECT said FROM word WHERE id = $1"};

    begin((size_t)_i);
    insert(1, "one");
    bool pipelines = (rowan__scope_dialect(scope)->capabilities & ROWAN__CAN_PIPELINE) != 0;
    memset(calls, 0, sizeof calls);
    for (size_t i = 0; i < 3; i++) {
        calls[i].sql = i == 2 && !pipelines ? "SELECT said FROM word WHERE id = ?" : texts[i];
        calls[i].sql_size = strlen(calls[i].sql);
        calls[i].wants_rows = true;
    }
    calls[2].params = &key;
    calls[2].param_count = 1;
    ck_assert_int_eq(rowan__execute(scope, calls, 3, results), ROWAN_OK);
    trips();
    ck_assert_int_eq(rowan__execute(scope, calls, 3, results), ROWAN_OK);
    ck_assert_uint_eq(trips(), pipelines ? 1 : 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(results[i].rows.count, 1);
    }
    end();
}
END_TEST

static void fill(size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        char said[40];
        snprintf(said, sizeof said, "word %zu", i);
        insert((int64_t)i, said);
    }
}

START_TEST(a_stream_takes_one_trip_however_many_rows_it_has)
{
    rowan_cursor *cursor;
    size_t rows = 0;

    begin((size_t)_i);
    fill(150);
    trips();
    ck_assert_int_eq(
        rowan_raw_open(scope, "SELECT id, said FROM word ORDER BY id", ROWAN_NO_PARAMS, &cursor),
        ROWAN_OK);
    rowan_status status;
    while ((status = rowan_cursor_next(cursor)) == ROWAN_OK) {
        rows++;
    }
    ck_assert_int_eq(status, ROWAN_DONE);
    ck_assert_uint_eq(rows, 150);
    rowan_cursor_close(cursor);
    ck_assert_uint_eq(trips(), 2);
    end();
}
END_TEST

START_TEST(a_stream_that_is_closed_early_leaves_the_connection_in_step)
{
    rowan_cursor *cursor;

    begin((size_t)_i);
    fill(150);
    ck_assert_int_eq(
        rowan_raw_open(scope, "SELECT a.id FROM word a, word b", ROWAN_NO_PARAMS, &cursor),
        ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    rowan_cursor_close(cursor);
    relay_reset(witness);
    counted = rowan_scope_counts(scope).round_trips;
    insert(1000, "after");
    ck_assert_uint_eq(trips(), 1);
    end();
}
END_TEST

START_TEST(a_statement_that_fails_takes_its_trips_too)
{
    uint64_t affected;

    begin((size_t)_i);
    insert(1, "one");
    trips();
    ck_assert_int_eq(rowan_raw_run(scope, "INSERT INTO word (id, said) VALUES (?, ?)",
                                   ROWAN_PARAMS(ROWAN_V(1), ROWAN_V("twice")), &affected),
                     ROWAN_UNIQUE);
    ck_assert_uint_eq(trips(), 1);
    ck_assert_int_eq(rowan_raw_run(scope, "SELEC 1", ROWAN_NO_PARAMS, &affected), ROWAN_SYNTAX);
    ck_assert_uint_eq(trips(), 1);
    insert(2, "two");
    ck_assert_uint_eq(trips(), 1);
    end();
}
END_TEST

START_TEST(a_statement_that_the_schema_outdated_is_prepared_anew)
{
    rowan_cursor *cursor;
    const char *sql = "SELECT * FROM word ORDER BY id";

    begin((size_t)_i);
    insert(1, "one");
    for (size_t columns = 2; columns < 5; columns++) {
        char ddl[80];
        ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
        ck_assert_uint_eq(rowan_cursor_column_count(cursor), columns);
        ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
        rowan_cursor_close(cursor);
        trips();
        snprintf(ddl, sizeof ddl, "ALTER TABLE word ADD COLUMN more%zu int", columns);
        engine_send(url, ddl);
    }
    end();
}
END_TEST

START_TEST(a_group_that_the_schema_outdated_is_counted_whole)
{
    static const char sql[] = "SELECT * FROM word ORDER BY id";
    rowan__call calls[3];
    rowan__result results[3];

    begin((size_t)_i);
    insert(1, "one");
    for (size_t columns = 2; columns < 5; columns++) {
        char ddl[80];
        for (size_t i = 0; i < 3; i++) {
            calls[i] = (rowan__call){.sql = sql, .sql_size = sizeof sql - 1, .wants_rows = true};
        }
        ck_assert_int_eq(rowan__execute(scope, calls, 3, results), ROWAN_OK);
        for (size_t i = 0; i < 3; i++) {
            ck_assert_uint_eq(results[i].rows.count, 1);
            ck_assert_uint_eq(results[i].column_count, columns);
        }
        trips();
        snprintf(ddl, sizeof ddl, "ALTER TABLE word ADD COLUMN more%zu int", columns);
        engine_send(url, ddl);
    }
    end();
}
END_TEST

START_TEST(statements_that_no_longer_fit_in_the_cache_are_given_up_without_a_trip_of_their_own)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    char through[1024];
    rowan_error error;

    url = engine_url_new((size_t)_i);
    witness = relay_start(url, through, sizeof through);
    options.statement_cache = 4;
    db = engine_open_url(through, &options);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    relay_reset(witness);
    counted = 0;
    for (int i = 0; i < 20; i++) {
        char sql[40];
        snprintf(sql, sizeof sql, "SELECT %d AS n", i);
        ck_assert_int_eq(rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL), ROWAN_OK);
        ck_assert_uint_eq(trips(), 2);
    }
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("round trips");
    TCase *tc = tcase_create("round trips");
    int engines = (int)engine_count();
    int first = engine_is(0, "sqlite") ? 1 : 0; /* it makes no round trips */

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_new_statement_is_prepared_in_one_trip_and_run_in_another, first,
                        engines);
    tcase_add_loop_test(tc, a_statement_that_is_known_takes_one_trip_however_often, first, engines);
    tcase_add_loop_test(tc, a_transaction_takes_a_trip_for_each_of_its_ends, first, engines);
    tcase_add_loop_test(tc, many_parameter_rows_travel_together, first, engines);
    tcase_add_loop_test(tc, more_than_the_sockets_hold_is_sent_while_replies_are_read, first,
                        engines);
    tcase_add_loop_test(tc, independent_statements_travel_together_where_the_engine_can, first,
                        engines);
    tcase_add_loop_test(tc, a_stream_takes_one_trip_however_many_rows_it_has, first, engines);
    tcase_add_loop_test(tc, a_stream_that_is_closed_early_leaves_the_connection_in_step, first,
                        engines);
    tcase_add_loop_test(tc, a_statement_that_fails_takes_its_trips_too, first, engines);
    tcase_add_loop_test(tc, a_statement_that_the_schema_outdated_is_prepared_anew, first, engines);
    tcase_add_loop_test(tc, a_group_that_the_schema_outdated_is_counted_whole, first, engines);
    tcase_add_loop_test(
        tc, statements_that_no_longer_fit_in_the_cache_are_given_up_without_a_trip_of_their_own,
        first, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
