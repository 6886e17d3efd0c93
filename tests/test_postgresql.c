/* What only PostgreSQL's driver has: pipelines, sessions that end, logins, its catalogue. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "database/execute.h"
#include "support/engine.h"
#include "support/suite.h"

static size_t engine; /* PostgreSQL's index */
static const char *url;
static rowan_db *db;
static rowan_scope *scope;

static void setup(void)
{
    rowan_error error;

    url = engine_url_new(engine);
    db = engine_open_url(url, NULL);
    engine_script(db, "CREATE TABLE word (id @int64 PRIMARY KEY, said @text(20) UNIQUE);");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
}

static void teardown(void)
{
    rowan_scope_end(scope);
    rowan_close(db);
    engine_url_drop(url);
}

static rowan_status run(const char *sql)
{
    return rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL);
}

static const rowan_error *failure(void)
{
    return rowan_scope_error(scope);
}

/* The first value of the first row; the cursor is closed. */
static int64_t number(const char *sql)
{
    rowan_cursor *cursor;
    int64_t value = -1;

    ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &value), ROWAN_OK);
    rowan_cursor_close(cursor);
    return value;
}

/* --- Pipelines --- */

enum { GROUP = 5 };

/* Inserts rows 1 to GROUP at once; the row at `clash` has the key of the first. */
static rowan_status insert_group(size_t clash)
{
    static const char sql[] = "INSERT INTO word (id) VALUES ($1)";
    rowan_value keys[GROUP];
    rowan__call calls[GROUP];
    rowan__result results[GROUP];

    memset(calls, 0, sizeof calls);
    for (size_t i = 0; i < GROUP; i++) {
        keys[i] = rowan_v_int64(i == clash ? 1 : (int64_t)i + 1);
        calls[i] = (rowan__call){
            .sql = sql, .sql_size = sizeof sql - 1, .params = &keys[i], .param_count = 1};
    }
    return rowan__execute(scope, calls, GROUP, results);
}

START_TEST(a_group_outside_a_transaction_is_kept_as_a_whole_or_not_at_all)
{
    size_t clash = (size_t)_i + 1;
    uint64_t before = rowan_scope_counts(scope).statements;

    ck_assert_int_eq(insert_group(clash), clash < GROUP ? ROWAN_UNIQUE : ROWAN_OK);
    uint64_t executed = clash < GROUP ? clash + 1 : GROUP;
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - before, executed);
    ck_assert_int_eq(number("SELECT count(*) FROM word"), clash < GROUP ? 0 : GROUP);
    if (clash < GROUP) {
        ck_assert_int_eq(failure()->fate, ROWAN_FATE_NONE);
        ck_assert_str_eq(failure()->constraint, "word_pkey");
    }
}
END_TEST

START_TEST(a_group_that_fails_in_a_transaction_leaves_it_to_be_rolled_back)
{
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(insert_group(2), ROWAN_UNIQUE);
    ck_assert_int_eq(failure()->fate, ROWAN_FATE_MUST_ROLLBACK);
    ck_assert_int_eq(run("SELECT 1"), ROWAN_ENGINE);
    ck_assert_str_eq(failure()->sqlstate, "25P02");
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM word"), 0);
}
END_TEST

START_TEST(a_value_that_cannot_be_sent_stops_a_group_before_it)
{
    rowan_value keys[] = {ROWAN_V(1), ROWAN_V(2), ROWAN_V((int64_t)1 << 40), ROWAN_V(4)};
    uint64_t affected;

    ck_assert_int_eq(run("CREATE TABLE small (id int PRIMARY KEY)"), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(
        rowan_raw_run_many(scope, "INSERT INTO small (id) VALUES (?)", keys, 4, &affected),
        ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(failure()->fate,
                     ROWAN_FATE_OPEN); /* nothing reached the server that it refused */
    ck_assert_int_eq(number("SELECT count(*) FROM small"), 2);
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
}
END_TEST

START_TEST(a_check_put_off_to_the_end_of_a_pipeline_is_reported)
{
    rowan_value rows[] = {ROWAN_V(1), ROWAN_V(7), ROWAN_V(2), ROWAN_V(7)};
    uint64_t affected;

    ck_assert_int_eq(
        run("CREATE TABLE late (id int, n int, UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)"),
        ROWAN_OK);
    ck_assert_int_eq(
        rowan_raw_run_many(scope, "INSERT INTO late (id, n) VALUES (?, ?)", rows, 2, &affected),
        ROWAN_UNIQUE);
    ck_assert_str_eq(failure()->constraint, "late_n_key");
    ck_assert_int_eq(number("SELECT count(*) FROM late"), 0);
    ck_assert_int_eq(rowan_raw_run(scope, "INSERT INTO late (id, n) VALUES (1, ?), (2, ?)",
                                   ROWAN_PARAMS(ROWAN_V(7), ROWAN_V(7)), &affected),
                     ROWAN_UNIQUE); /* also of a single statement */
    ck_assert_int_eq(number("SELECT count(*) FROM late"), 0);
}
END_TEST

START_TEST(a_group_whose_statements_the_schema_outdated_is_run_again_as_a_whole)
{
    static const char insert[] = "INSERT INTO word (id) VALUES ($1)";
    static const char all[] = "SELECT * FROM word";
    rowan_value keys[] = {ROWAN_V(1), ROWAN_V(2), ROWAN_V(3)};
    rowan__result results[3];
    rowan__call calls[3] = {
        {.sql = insert, .sql_size = sizeof insert - 1, .param_count = 1},
        {.sql = insert, .sql_size = sizeof insert - 1, .param_count = 1},
        {.sql = all, .sql_size = sizeof all - 1, .wants_rows = true},
    };

    for (int round = 0; round < 3; round++) {
        char ddl[60];
        calls[0].params = &keys[0];
        calls[1].params = &keys[1];
        ck_assert_int_eq(run("DELETE FROM word"), ROWAN_OK);
        ck_assert_int_eq(rowan__execute(scope, calls, 3, results), ROWAN_OK);
        ck_assert_uint_eq(results[2].rows.count, 2);
        ck_assert_uint_eq(results[2].column_count, 2 + (size_t)round);
        snprintf(ddl, sizeof ddl, "ALTER TABLE word ADD COLUMN more%d int", round);
        engine_send(url, ddl);
    }
}
END_TEST

START_TEST(a_text_that_is_sent_as_it_is_has_one_statement_only)
{
    static const char two[] = "DELETE FROM word; DELETE FROM word";
    rowan__call call = {.sql = two, .sql_size = sizeof two - 1, .direct = true};
    rowan__result result;

    ck_assert_int_eq(run("INSERT INTO word (id) VALUES (1), (2)"), ROWAN_OK);
    ck_assert_int_eq(rowan__execute(scope, &call, 1, &result), ROWAN_SYNTAX);
    ck_assert_int_eq(number("SELECT count(*) FROM word"), 2);
    call.sql_size = strcspn(two, ";");
    ck_assert_int_eq(rowan__execute(scope, &call, 1, &result), ROWAN_OK);
    ck_assert_uint_eq(result.affected, 2);
}
END_TEST

/* --- Transactions --- */

START_TEST(a_commit_that_the_server_turns_into_a_rollback_is_a_conflict)
{
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(run("INSERT INTO word (id) VALUES (1)"), ROWAN_OK);
    ck_assert_int_eq(run("SELECT 1/0"), ROWAN_ENGINE);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_CONFLICT);
    ck_assert_int_eq(failure()->fate, ROWAN_FATE_ROLLED_BACK);
    ck_assert_int_eq(failure()->retry, ROWAN_RETRY_TRANSACTION);
    ck_assert(failure()->connection_usable);
}
END_TEST

START_TEST(a_transaction_that_the_schema_outdated_can_be_run_again)
{
    rowan_status status = ROWAN_OK;
    int attempts = 0;

    ck_assert_int_eq(run("SELECT * FROM word"), ROWAN_OK);
    engine_send(url, "ALTER TABLE word ADD COLUMN more int");
    do {
        attempts++;
        ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
        status = run("SELECT * FROM word");
        if (status != ROWAN_OK) {
            ck_assert_int_eq(status, ROWAN_CONFLICT);
            ck_assert_int_eq(failure()->fate, ROWAN_FATE_MUST_ROLLBACK);
            ck_assert_int_eq(failure()->retry, ROWAN_RETRY_TRANSACTION);
            ck_assert_str_eq(failure()->sqlstate, "0A000");
        }
        ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    } while (status != ROWAN_OK && attempts < 5);
    ck_assert_int_eq(attempts, 2);
}
END_TEST

START_TEST(statements_that_the_server_was_told_to_forget_are_prepared_anew)
{
    ck_assert_int_eq(number("SELECT 40 + 2"), 42);
    ck_assert_int_eq(run("DEALLOCATE ALL"), ROWAN_OK);
    ck_assert_int_eq(number("SELECT 40 + 2"), 42);
}
END_TEST

START_TEST(a_stream_closed_early_keeps_its_transaction)
{
    rowan_cursor *cursor;

    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(run("INSERT INTO word (id) VALUES (1)"), ROWAN_OK);
    ck_assert_int_eq(
        rowan_raw_open(scope, "SELECT generate_series(1, 100000)", ROWAN_NO_PARAMS, &cursor),
        ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(run("SELECT 1"), ROWAN_BUSY);
    rowan_cursor_close(cursor);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM word"), 1);
}
END_TEST

START_TEST(a_stream_that_writes_is_not_undone_by_closing_it_early)
{
    rowan_cursor *cursor;

    ck_assert_int_eq(
        rowan_raw_open(scope, "INSERT INTO word (id) SELECT generate_series(1, 5000) RETURNING id",
                       ROWAN_NO_PARAMS, &cursor),
        ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    rowan_cursor_close(cursor);
    ck_assert_int_eq(number("SELECT count(*) FROM word"), 5000);
}
END_TEST

/* --- Sessions that end, statements that are stopped --- */

START_TEST(the_reason_why_the_server_ended_the_session_is_kept)
{
    ck_assert_int_eq(run("SELECT pg_terminate_backend(pg_backend_pid())"), ROWAN_LOST);
    ck_assert_str_eq(failure()->sqlstate, "57P01");
    ck_assert(!failure()->connection_usable);
    ck_assert_int_eq(failure()->fate, ROWAN_FATE_NONE);
    ck_assert_int_eq(failure()->retry, ROWAN_RETRY_RECONNECT);
    ck_assert_int_eq(number("SELECT 1"), 1);
}
END_TEST

START_TEST(a_session_that_was_ended_while_idle_is_noticed_before_it_is_used)
{
    char sql[80];
    rowan_error error;

    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)",
             (int)number("SELECT pg_backend_pid()"));
    rowan_scope_end(scope);
    engine_send(url, sql);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(rowan_scope_begin(db, "again", &scope, &error), ROWAN_OK);
        ck_assert_int_eq(number("SELECT 1"), 1);
        rowan_scope_end(scope);
    }
    ck_assert_int_eq(rowan_scope_begin(db, "last", &scope, &error), ROWAN_OK);
}
END_TEST

START_TEST(the_server_stops_at_the_deadline_and_the_connection_stays)
{
    int64_t session = number("SELECT pg_backend_pid()");

    rowan_scope_deadline(scope, 100);
    ck_assert_int_eq(run("SELECT pg_sleep(30)"), ROWAN_TIMEOUT);
    ck_assert(failure()->connection_usable);
    ck_assert_str_eq(failure()->sqlstate, "57014");
    rowan_scope_deadline(scope, 0);
    ck_assert_int_eq(number("SELECT pg_backend_pid()"), session);
    char sql[120];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(30%%'");
    ck_assert_int_eq(number(sql), 0);
}
END_TEST

/* Another connection locks the table, for which already preparing a statement waits. */
static rowan_scope *lock_table(rowan_db **other)
{
    rowan_scope *holder;
    rowan_error error;

    *other = engine_open_url(url, NULL);
    ck_assert_int_eq(rowan_scope_begin(*other, "holder", &holder, &error), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(holder, NULL), ROWAN_OK);
    ck_assert_int_eq(
        rowan_raw_run(holder, "LOCK TABLE word IN ACCESS EXCLUSIVE MODE", ROWAN_NO_PARAMS, NULL),
        ROWAN_OK);
    return holder;
}

START_TEST(a_deadline_also_ends_the_wait_of_a_statement_that_is_being_prepared)
{
    rowan_db *other;
    rowan_scope *holder = lock_table(&other);

    rowan_scope_deadline(scope, 100);
    ck_assert_int_eq(run("SELECT count(*) FROM word"), ROWAN_TIMEOUT);
    ck_assert(failure()->connection_usable);
    rowan_scope_deadline(scope, 0);
    rowan_scope_end(holder);
    ck_assert_int_eq(number("SELECT count(*) FROM word"), 0);
    rowan_close(other);
}
END_TEST

START_TEST(the_servers_own_time_out_is_one_too)
{
    ck_assert_int_eq(run("SET statement_timeout = 50"), ROWAN_OK);
    ck_assert_int_eq(run("SELECT pg_sleep(30)"), ROWAN_TIMEOUT);
    ck_assert_int_eq(run("SET statement_timeout = 0"), ROWAN_OK);
    ck_assert_int_eq(run("SELECT pg_sleep(0.1)"), ROWAN_OK);
}
END_TEST

static void *cancel_soon(void *context)
{
    struct timespec wait = {.tv_nsec = 100000000};
    rowan_error error;

    nanosleep(&wait, NULL);
    *(rowan_status *)context = rowan_scope_cancel(scope, &error);
    return NULL;
}

START_TEST(another_thread_cancels)
{
    pthread_t thread;
    rowan_status status = ROWAN_ENGINE;

    ck_assert_int_eq(number("SELECT 1"), 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, &status), 0);
    ck_assert_int_eq(run("SELECT pg_sleep(30)"), ROWAN_CANCELLED);
    pthread_join(thread, NULL);
    ck_assert_int_eq(status, ROWAN_OK);
    ck_assert_int_eq(number("SELECT 1"), 1);
}
END_TEST

START_TEST(another_thread_cancels_a_statement_that_is_being_prepared)
{
    pthread_t thread;
    rowan_status status = ROWAN_ENGINE;
    rowan_db *other;
    rowan_scope *holder = lock_table(&other);

    ck_assert_int_eq(number("SELECT 1"), 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, &status), 0);
    ck_assert_int_eq(run("SELECT count(*) FROM word"), ROWAN_CANCELLED);
    pthread_join(thread, NULL);
    ck_assert_int_eq(status, ROWAN_OK);
    rowan_scope_end(holder);
    rowan_close(other);
}
END_TEST

START_TEST(copying_through_the_client_is_refused_and_the_scope_goes_on)
{
    static const char *const copies[] = {"COPY word TO STDOUT", "COPY word FROM STDIN"};

    ck_assert_int_eq(run(copies[_i]), ROWAN_UNSUPPORTED);
    ck_assert_int_eq(failure()->fate, ROWAN_FATE_NONE);
    ck_assert_int_eq(number("SELECT 1"), 1);
}
END_TEST

/* --- Connecting --- */

/* The server's URL with another part before the path. */
static rowan_status open_at(const char *format, const char *options, rowan_error *error)
{
    const char *server = getenv("ROWAN_TEST_POSTGRESQL");
    const char *port = strchr(strstr(server, "://") + 3, ':');
    char other[200];
    rowan_db *opened = NULL;

    snprintf(other, sizeof other, format, port ? (int)strtol(port + 1, NULL, 10) : 5432, options);
    rowan_status status = rowan_open(other, NULL, &opened, error);
    rowan_close(opened);
    return status;
}

START_TEST(a_wrong_password_is_denied_and_never_repeated)
{
    rowan_error error;

    ck_assert_int_eq(
        open_at("postgresql://rowan_password:hunter2@127.0.0.1:%d/rowan%s", "", &error),
        ROWAN_DENIED);
    ck_assert_str_eq(error.sqlstate, "28P01");
    ck_assert_ptr_null(strstr(error.message, "hunter2"));
    ck_assert_ptr_null(strstr(error.engine_message, "hunter2"));
    ck_assert_int_eq(open_at("postgresql://rowan_password:secret@127.0.0.1:%d/rowan%s", "", &error),
                     ROWAN_OK);
}
END_TEST

START_TEST(what_cannot_be_connected_to_says_what_is_wrong)
{
    static const struct {
        const char *format, *options;
        rowan_status status;
        const char *word;
    } all[] = {
        {"postgresql://nobody@127.0.0.1:%d/rowan%s", "", ROWAN_DENIED, "login"},
        {"postgresql://rowan@127.0.0.1:%d/nowhere%s", "", ROWAN_CONNECT, "database"},
        {"postgresql://rowan@127.0.0.1:%d/rowan%s", "?sslmod=off", ROWAN_MISUSE, "sslmod"},
        {"postgresql://rowan:hunter2@127.0.0.1:%d/rowan%s", "?connect_timeout=1&pasword=hunter2",
         ROWAN_MISUSE, "pasword"},
        {"postgresql://rowan:hunter%%zz@127.0.0.1:%d/%s", "", ROWAN_MISUSE, "URL"},
        {"postgresql://rowan@no-such-host.invalid:%d/rowan%s", "", ROWAN_CONNECT, "host"},
    };
    rowan_error error;

    ck_assert_int_eq(open_at(all[_i].format, all[_i].options, &error), all[_i].status);
    ck_assert_msg(strstr(error.message, all[_i].word) != NULL, "%s", error.message);
    ck_assert_ptr_null(strstr(error.message, "hunter"));
    ck_assert_ptr_null(strstr(error.engine_message, "hunter"));
}
END_TEST

START_TEST(a_server_that_is_down_cannot_be_connected_to)
{
    rowan_error error;
    rowan_db *opened;

    ck_assert_int_eq(rowan_open("postgresql://rowan@127.0.0.1:1/rowan", NULL, &opened, &error),
                     ROWAN_CONNECT);
    ck_assert_ptr_null(opened);
    ck_assert_int_eq(error.retry, ROWAN_RETRY_RECONNECT);
    ck_assert_int_eq(
        rowan_open("postgresql://rowan@127.0.0.1:1,127.0.0.1:2/rowan", NULL, &opened, &error),
        ROWAN_CONNECT);
}
END_TEST

START_TEST(of_several_hosts_the_first_that_answers_is_taken)
{
    rowan_error error;

    ck_assert_int_eq(open_at("postgresql://rowan@127.0.0.1:1,127.0.0.1:%d/rowan%s",
                             "?connect_timeout=2", &error),
                     ROWAN_OK);
    ck_assert_int_eq(
        open_at("postgresql://rowan_password:wrong@127.0.0.1:1,127.0.0.1:%d/rowan%s", "", &error),
        ROWAN_DENIED);
}
END_TEST

/* --- The catalogue --- */

static const rowan__found_table *found_table(const rowan__found *found, const char *name)
{
    for (size_t i = 0; i < found->table_count; i++) {
        if (strcmp(found->tables[i].name, name) == 0) {
            return &found->tables[i];
        }
    }
    ck_abort_msg("no table %s", name);
}

START_TEST(the_catalogue_has_what_only_this_engine_declares)
{
    rowan__found found;

    ck_assert_int_eq(run("CREATE TYPE mood AS ENUM ('sad', 'it''s fine', 'happy')"), ROWAN_OK);
    ck_assert_int_eq(run("CREATE DOMAIN price AS numeric(10, 2) NOT NULL"), ROWAN_OK);
    ck_assert_int_eq(
        run("CREATE TABLE \"Odd one\" (id serial PRIMARY KEY, feels mood NOT NULL, cost price, "
            "\"Kind\" varchar(9) CHECK (\"Kind\" IN ('a''b', 'c\\d')), one text CHECK (one = 'x'), "
            "big int CHECK (big IN (1, 2)), short text CHECK (short <> 'x'), spans interval, "
            "twice int GENERATED ALWAYS AS (big * 2) STORED)"),
        ROWAN_OK);
    ck_assert_int_eq(run("CREATE UNIQUE INDEX partly ON \"Odd one\" (one) WHERE big > 1"),
                     ROWAN_OK);
    ck_assert_int_eq(run("COMMENT ON TABLE \"Odd one\" IS 'a comment'"), ROWAN_OK);
    ck_assert_int_eq(rowan__scope_introspect(scope, &found), ROWAN_OK);
    ck_assert_uint_eq(found.table_count, 2);
    const rowan__found_table *odd = found_table(&found, "Odd one");
    const rowan__found_column *columns = odd->columns;
    ck_assert_str_eq(odd->comment, "a comment");
    ck_assert_uint_eq(odd->column_count, 9);
    ck_assert_uint_eq(odd->key_count, 0); /* a partial index makes nothing unique */
    ck_assert(columns[0].generated && !columns[0].has_default && columns[0].key_position == 1);
    ck_assert_int_eq(columns[1].type, ROWAN_TYPE_ENUM);
    ck_assert_uint_eq(columns[1].label_count, 3);
    ck_assert_str_eq(columns[1].labels[1], "it's fine");
    ck_assert_int_eq(columns[2].type, ROWAN_TYPE_DECIMAL);
    ck_assert(columns[2].length == 10 && columns[2].scale == 2 && !columns[2].nullable);
    ck_assert_int_eq(columns[3].type, ROWAN_TYPE_ENUM);
    ck_assert_str_eq(columns[3].labels[0], "a'b");
    ck_assert_str_eq(columns[3].labels[1], "c\\d");
    ck_assert_uint_eq(columns[4].label_count, 1);
    ck_assert_int_eq(columns[5].type, ROWAN_TYPE_INT32);
    ck_assert_int_eq(columns[6].type, ROWAN_TYPE_TEXT);
    ck_assert_int_eq(columns[7].type, 0);
    ck_assert_str_eq(columns[7].declared, "interval");
    ck_assert(columns[8].generated);
}
END_TEST

static void add_running(TCase *tc)
{
    tcase_add_loop_test(tc, a_group_outside_a_transaction_is_kept_as_a_whole_or_not_at_all, 0,
                        GROUP);
    tcase_add_test(tc, a_group_that_fails_in_a_transaction_leaves_it_to_be_rolled_back);
    tcase_add_test(tc, a_value_that_cannot_be_sent_stops_a_group_before_it);
    tcase_add_test(tc, a_check_put_off_to_the_end_of_a_pipeline_is_reported);
    tcase_add_test(tc, a_group_whose_statements_the_schema_outdated_is_run_again_as_a_whole);
    tcase_add_test(tc, a_text_that_is_sent_as_it_is_has_one_statement_only);
    tcase_add_test(tc, a_commit_that_the_server_turns_into_a_rollback_is_a_conflict);
    tcase_add_test(tc, a_transaction_that_the_schema_outdated_can_be_run_again);
    tcase_add_test(tc, statements_that_the_server_was_told_to_forget_are_prepared_anew);
    tcase_add_test(tc, a_stream_closed_early_keeps_its_transaction);
    tcase_add_test(tc, a_stream_that_writes_is_not_undone_by_closing_it_early);
    tcase_add_test(tc, the_reason_why_the_server_ended_the_session_is_kept);
    tcase_add_test(tc, a_session_that_was_ended_while_idle_is_noticed_before_it_is_used);
    tcase_add_test(tc, the_server_stops_at_the_deadline_and_the_connection_stays);
    tcase_add_test(tc, the_servers_own_time_out_is_one_too);
    tcase_add_test(tc, a_deadline_also_ends_the_wait_of_a_statement_that_is_being_prepared);
    tcase_add_test(tc, another_thread_cancels);
    tcase_add_test(tc, another_thread_cancels_a_statement_that_is_being_prepared);
    tcase_add_loop_test(tc, copying_through_the_client_is_refused_and_the_scope_goes_on, 0, 2);
}

static void add_connecting(TCase *tc)
{
    tcase_add_test(tc, a_wrong_password_is_denied_and_never_repeated);
    tcase_add_loop_test(tc, what_cannot_be_connected_to_says_what_is_wrong, 0, 6);
    tcase_add_test(tc, a_server_that_is_down_cannot_be_connected_to);
    tcase_add_test(tc, of_several_hosts_the_first_that_answers_is_taken);
    tcase_add_test(tc, the_catalogue_has_what_only_this_engine_declares);
}

int main(void)
{
    Suite *suite = suite_create("postgresql");
    TCase *tc = tcase_create("postgresql");
    size_t engines = engine_count();

    while (engine < engines && !engine_is(engine, "postgresql")) {
        engine++;
    }
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    if (engine < engines) {
        add_running(tc);
        add_connecting(tc);
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
