/*
 * Connections that break, and replies that never come, on both servers: what the error says of the
 * transaction must be what the server did, and the scope goes on with another connection.
 */
#include <check.h>
#include <time.h>

#include "support/engine.h"
#include "support/relay.h"
#include "support/suite.h"

static const char *url;
static relay *between;
static rowan_db *db;
static rowan_scope *scope;

static void begin(size_t engine)
{
    char through[1024];
    rowan_error error;

    url = engine_url_new(engine);
    between = relay_start(url, through, sizeof through);
    ck_assert_ptr_nonnull(between);
    db = engine_open_url(through, NULL);
    engine_script(db, "CREATE TABLE word (id @int64 PRIMARY KEY);");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
}

static void end(void)
{
    rowan_scope_end(scope);
    rowan_close(db);
    relay_stop(between);
    engine_url_drop(url);
}

static rowan_status insert(int64_t id)
{
    return rowan_raw_run(scope, "INSERT INTO word (id) VALUES (?)", ROWAN_PARAMS(ROWAN_V(id)),
                         NULL);
}

static rowan_status count(rowan_scope *on, int64_t *out)
{
    rowan_cursor *cursor;
    rowan_status status = rowan_raw_open(on, "SELECT count(*) FROM word", ROWAN_NO_PARAMS, &cursor);

    *out = -1;
    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan_cursor_next(cursor);
    if (status == ROWAN_OK) {
        status = rowan_cursor_int64(cursor, 0, out);
    }
    rowan_cursor_close(cursor);
    return status;
}

/* What the table really holds, seen past the relay. */
static int64_t rows_there(void)
{
    rowan_db *other = engine_open_url(url, NULL);
    rowan_scope *fresh;
    rowan_error error;
    int64_t rows;

    ck_assert_int_eq(rowan_scope_begin(other, "look", &fresh, &error), ROWAN_OK);
    ck_assert_int_eq(count(fresh, &rows), ROWAN_OK);
    rowan_scope_end(fresh);
    rowan_close(other);
    return rows;
}

static void assert_lost(rowan_transaction_fate fate)
{
    const rowan_error *error = rowan_scope_error(scope);

    ck_assert_int_eq(error->status, ROWAN_LOST);
    ck_assert_int_eq(error->fate, fate);
    /* What may have been done already must not be done again blindly. */
    ck_assert_int_eq(error->retry,
                     fate == ROWAN_FATE_UNKNOWN ? ROWAN_RETRY_NEVER : ROWAN_RETRY_RECONNECT);
    ck_assert(!error->connection_usable);
    ck_assert_str_ne(error->message, "");
}

/* The scope can go on, with a connection of another kind than the broken one. */
static void assert_goes_on(int64_t rows)
{
    int64_t found;

    relay_replies_are(between, RELAY_PASS);
    ck_assert_int_eq(count(scope, &found), ROWAN_OK);
    ck_assert_int_eq(found, rows);
}

START_TEST(a_commit_whose_answer_is_lost_leaves_the_outcome_unknown)
{
    begin((size_t)_i);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(insert(1), ROWAN_OK);
    relay_replies_are(between, RELAY_CUT);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_LOST);
    assert_lost(ROWAN_FATE_UNKNOWN);
    ck_assert_int_eq(rows_there(), 1); /* it was done */
    end();
}
END_TEST

START_TEST(a_write_whose_answer_is_lost_leaves_the_outcome_unknown)
{
    begin((size_t)_i);
    ck_assert_int_eq(insert(1), ROWAN_OK); /* so that it is prepared */
    relay_replies_are(between, RELAY_CUT);
    ck_assert_int_eq(insert(2), ROWAN_LOST);
    assert_lost(ROWAN_FATE_UNKNOWN);
    assert_goes_on(2);
    end();
}
END_TEST

START_TEST(a_read_whose_answer_is_lost_changed_nothing)
{
    int64_t rows;

    begin((size_t)_i);
    ck_assert_int_eq(insert(1), ROWAN_OK);
    ck_assert_int_eq(count(scope, &rows), ROWAN_OK);
    relay_replies_are(between, RELAY_CUT);
    ck_assert_int_eq(count(scope, &rows), ROWAN_LOST);
    assert_lost(ROWAN_FATE_NONE);
    assert_goes_on(1);
    end();
}
END_TEST

START_TEST(a_transaction_that_loses_its_connection_is_rolled_back)
{
    begin((size_t)_i);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(insert(1), ROWAN_OK);
    relay_cut(between);
    ck_assert_int_eq(insert(2), ROWAN_LOST);
    assert_lost(ROWAN_FATE_ROLLED_BACK);
    ck_assert_int_eq(insert(3), ROWAN_MISUSE); /* the program has to acknowledge it */
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    assert_goes_on(0);
    end();
}
END_TEST

START_TEST(a_connection_that_broke_in_the_pool_is_replaced_unseen)
{
    rowan_error error;

    begin((size_t)_i);
    ck_assert_int_eq(insert(1), ROWAN_OK);
    rowan_scope_end(scope);
    relay_cut(between);
    ck_assert_int_eq(rowan_scope_begin(db, "again", &scope, &error), ROWAN_OK);
    assert_goes_on(1);
    end();
}
END_TEST

START_TEST(a_stream_that_loses_its_connection_says_so)
{
    rowan_cursor *cursor;
    rowan_status status;
    uint64_t affected;

    begin((size_t)_i);
    for (int64_t id = 0; id < 60; id++) {
        ck_assert_int_eq(insert(id), ROWAN_OK);
    }
    ck_assert_int_eq(
        rowan_raw_run(scope, "DELETE FROM word WHERE id > 59", ROWAN_NO_PARAMS, &affected),
        ROWAN_OK);
    /* 216,000 rows: more than the sockets hold. */
    ck_assert_int_eq(
        rowan_raw_open(scope, "SELECT a.id FROM word a, word b, word c", ROWAN_NO_PARAMS, &cursor),
        ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    relay_cut(between);
    do {
        status = rowan_cursor_next(cursor);
    } while (status == ROWAN_OK);
    ck_assert_msg(status == ROWAN_LOST, "%s %s", rowan_scope_error(scope)->message,
                  rowan_scope_error(scope)->engine_message);
    assert_lost(ROWAN_FATE_NONE);
    rowan_cursor_close(cursor);
    assert_goes_on(60);
    end();
}
END_TEST

START_TEST(a_server_that_never_answers_is_left_at_the_deadline)
{
    begin((size_t)_i);
    ck_assert_int_eq(insert(1), ROWAN_OK);
    relay_replies_are(between, RELAY_LOSE);
    rowan_scope_deadline(scope, 100);
    ck_assert_int_eq(insert(2), ROWAN_TIMEOUT);
    const rowan_error *error = rowan_scope_error(scope);
    ck_assert(!error->connection_usable);
    ck_assert_int_eq(error->fate, ROWAN_FATE_UNKNOWN); /* the row may be there, and is */
    rowan_scope_deadline(scope, 0);
    assert_goes_on(2);
    end();
}
END_TEST

/*
 * libpq finds that it cannot send before it finds that the connection is gone, if there is
 * something left to read: a notification, or the last words of a server.
 */
START_TEST(a_connection_that_breaks_with_something_to_read_is_lost)
{
    enum { KNOWN, NEW };

    for (int statement = KNOWN; statement <= NEW; statement++) {
        int64_t rows;
        begin((size_t)_i);
        bool tells = engine_is((size_t)_i, "postgresql");
        ck_assert_int_eq(
            rowan_raw_run(scope, tells ? "LISTEN word" : "SELECT 1", ROWAN_NO_PARAMS, NULL),
            ROWAN_OK);
        if (statement == KNOWN) {
            ck_assert_int_eq(count(scope, &rows), ROWAN_OK);
        }
        relay_reset(between);
        if (tells) {
            engine_send(url, "NOTIFY word");
            while (relay_count(between).bytes_down == 0) {
                nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
            }
        }
        relay_cut(between);
        ck_assert_int_eq(count(scope, &rows), ROWAN_LOST);
        assert_lost(ROWAN_FATE_NONE);
        assert_goes_on(0);
        end();
    }
}
END_TEST

START_TEST(a_slow_network_is_no_failure)
{
    begin((size_t)_i);
    relay_delay(between, 20);
    ck_assert_int_eq(insert(1), ROWAN_OK);
    relay_delay(between, 0);
    assert_goes_on(1);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lost connection");
    TCase *tc = tcase_create("lost connection");
    int engines = (int)engine_count();
    int first = engine_is(0, "sqlite") ? 1 : 0; /* it has no connection to lose */

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_commit_whose_answer_is_lost_leaves_the_outcome_unknown, first,
                        engines);
    tcase_add_loop_test(tc, a_write_whose_answer_is_lost_leaves_the_outcome_unknown, first,
                        engines);
    tcase_add_loop_test(tc, a_read_whose_answer_is_lost_changed_nothing, first, engines);
    tcase_add_loop_test(tc, a_transaction_that_loses_its_connection_is_rolled_back, first, engines);
    tcase_add_loop_test(tc, a_connection_that_broke_in_the_pool_is_replaced_unseen, first, engines);
    tcase_add_loop_test(tc, a_stream_that_loses_its_connection_says_so, first, engines);
    tcase_add_loop_test(tc, a_server_that_never_answers_is_left_at_the_deadline, first, engines);
    tcase_add_loop_test(tc, a_connection_that_breaks_with_something_to_read_is_lost, first,
                        engines);
    tcase_add_loop_test(tc, a_slow_network_is_no_failure, first, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
