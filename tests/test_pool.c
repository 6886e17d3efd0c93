/* The pool: how many connections there are, who waits, and who is told why. Run under
 * ThreadSanitizer too. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include <rowan/rowan.h>

#include "support/engine.h"
#include "support/suite.h"

static rowan_db *db;

static void open_with(int engine, unsigned max_open, unsigned wait_ms)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.max_open = max_open;
    options.wait_ms = wait_ms;
    db = engine_open((size_t)engine, &options);
}

static rowan_status touch(rowan_scope *scope)
{
    rowan_cursor *cursor;
    rowan_status status = rowan_raw_open(scope, "SELECT 1", ROWAN_NO_PARAMS, &cursor);

    if (status == ROWAN_OK) {
        status = rowan_cursor_next(cursor);
        rowan_cursor_close(cursor);
    }
    return status;
}

START_TEST(a_scope_takes_its_connection_at_the_first_statement)
{
    rowan_scope *idle[4], *busy;

    open_with(_i, 1, 50);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(rowan_scope_begin(db, "idle", &idle[i], NULL), ROWAN_OK);
    }
    ck_assert_int_eq(rowan_scope_begin(db, "busy", &busy, NULL), ROWAN_OK);
    ck_assert_int_eq(touch(busy), ROWAN_OK);
    rowan_scope_end(busy);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(touch(idle[i]), ROWAN_OK);
        rowan_scope_end(idle[i]);
    }
    engine_close(db);
}
END_TEST

START_TEST(who_waits_too_long_is_told_who_holds_the_connections)
{
    rowan_scope *holder, *late;

    open_with(_i, 1, 60);
    ck_assert_int_eq(rowan_scope_begin(db, "GET /slow", &holder, NULL), ROWAN_OK);
    ck_assert_int_eq(touch(holder), ROWAN_OK);
    ck_assert_int_eq(rowan_scope_begin(db, "GET /late", &late, NULL), ROWAN_OK);
    ck_assert_int_eq(touch(late), ROWAN_TIMEOUT);
    const char *message = rowan_scope_error(late)->message;
    ck_assert_msg(strstr(message, "GET /slow") && strstr(message, "test_pool.c:"), "%s", message);
    rowan_scope_end(holder);
    ck_assert_int_eq(touch(late), ROWAN_OK);
    rowan_scope_end(late);
    engine_close(db);
}
END_TEST

/* All of them as far as there is room, each with where it took its connection. */
START_TEST(all_holders_are_named)
{
    static const char *const names[] = {
        "GET /a", "GET /b", "a name that is longer than forty characters can say it all"};
    rowan_scope *holders[3], *late;

    open_with(_i, 3, 20);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(rowan_scope_begin(db, names[i], &holders[i], NULL), ROWAN_OK);
        if (i == 1) { /* from somewhere that nobody said */
            ck_assert_int_eq((rowan_raw_run)(holders[i], "SELECT 1", ROWAN_NO_PARAMS, NULL),
                             ROWAN_OK);
        } else {
            ck_assert_int_eq(touch(holders[i]), ROWAN_OK);
        }
    }
    ck_assert_int_eq(rowan_scope_begin(db, "late", &late, NULL), ROWAN_OK);
    ck_assert_int_eq(touch(late), ROWAN_TIMEOUT);
    const char *message = rowan_scope_error(late)->message;
    static const char *const parts[] = {"no connection became free in 20 ms; held by \"GET /a\" (",
                                        " (test_pool.c:", ", \"GET /b\" (?:0, ",
                                        ", \"a name that is longer than forty charact\" ("};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        ck_assert_msg(strstr(message, parts[i]) != NULL, "no %s in: %s", parts[i], message);
    }
    ck_assert_ptr_null(strstr(message, "(-")); /* seconds */
    rowan_scope_end(holders[1]);
    ck_assert_int_eq(touch(late), ROWAN_OK);
    for (size_t i = 0; i < 3; i += 2) {
        rowan_scope_end(holders[i]);
    }
    rowan_scope_end(late);
    engine_close(db);
}
END_TEST

/* The clock's next second begins while somebody waits. */
START_TEST(a_wait_may_cross_the_end_of_a_second)
{
    rowan_scope *holder, *late;
    struct timespec now;

    open_with(0, 1, 200);
    ck_assert_int_eq(rowan_scope_begin(db, "holder", &holder, NULL), ROWAN_OK);
    ck_assert_int_eq(touch(holder), ROWAN_OK);
    ck_assert_int_eq(rowan_scope_begin(db, "late", &late, NULL), ROWAN_OK);
    clock_gettime(CLOCK_MONOTONIC, &now);
    now.tv_sec += now.tv_nsec > 900000000;
    now.tv_nsec = 900000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &now, NULL);
    ck_assert_int_eq(touch(late), ROWAN_TIMEOUT);
    rowan_scope_end(holder);
    ck_assert_int_eq(touch(late), ROWAN_OK);
    rowan_scope_end(late);
    engine_close(db);
}
END_TEST

START_TEST(a_connection_is_used_again)
{
    open_with(_i, 8, 1000);
    uint64_t setups = rowan_db_counts(db).setups;
    for (int i = 0; i < 20; i++) {
        rowan_scope *scope;
        ck_assert_int_eq(rowan_scope_begin(db, "again", &scope, NULL), ROWAN_OK);
        ck_assert_int_eq(touch(scope), ROWAN_OK);
        rowan_scope_end(scope);
    }
    ck_assert_uint_eq(rowan_db_counts(db).setups, setups);
    engine_close(db);
}
END_TEST

enum { THREADS = 8, ROUNDS = 25 };

static atomic_uint in_use, most_in_use, failures;

static void *work(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        rowan_scope *scope;
        if (rowan_scope_begin(db, "worker", &scope, NULL) != ROWAN_OK) {
            atomic_fetch_add(&failures, 1);
            continue;
        }
        rowan_mark mark = rowan_scope_mark(scope);
        atomic_fetch_add(&failures, touch(scope) != ROWAN_OK);
        unsigned now = atomic_fetch_add(&in_use, 1) + 1;
        unsigned most = atomic_load(&most_in_use);
        while (now > most && !atomic_compare_exchange_weak(&most_in_use, &most, now)) {
        }
        atomic_fetch_add(&failures, touch(scope) != ROWAN_OK);
        atomic_fetch_add(&failures, rowan_scope_rewind(scope, mark) != ROWAN_OK);
        atomic_fetch_sub(&in_use, 1);
        rowan_scope_end(scope);
    }
    return NULL;
}

START_TEST(many_threads_share_few_connections)
{
    pthread_t threads[THREADS];

    open_with(_i, 3, 20000);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, NULL), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_uint_eq(atomic_load(&failures), 0);
    ck_assert_uint_le(atomic_load(&most_in_use), 3);
    rowan_counts counts = rowan_db_counts(db);
    ck_assert_uint_eq(counts.statements - counts.setups, THREADS * ROUNDS * 2);
    engine_close(db);
}
END_TEST

static rowan_scope *victim;
static atomic_bool started;

static void *cancel_it(void *unused)
{
    struct timespec pause = {0, 100000000};

    (void)unused;
    while (!atomic_load(&started)) {
    }
    nanosleep(&pause, NULL);
    rowan_status status = rowan_scope_cancel(victim, NULL);
    (void)status; /* that the statement ends is what is asserted */
    return NULL;
}

/* A statement that would run for minutes. */
static const char endless[] =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
    "SELECT count(*) FROM n AS a";

START_TEST(a_cancel_from_another_thread_ends_the_statement_and_keeps_the_connection)
{
    pthread_t thread;

    open_with(_i, 2, 5000);
    atomic_store(&started, false);
    ck_assert_int_eq(rowan_scope_begin(db, "victim", &victim, NULL), ROWAN_OK);
    ck_assert_int_eq(touch(victim), ROWAN_OK);
    if (strcmp(engine_name((size_t)_i), "mariadb") == 0) {
        ck_assert_int_eq(rowan_raw_run(victim, "SET max_recursive_iterations = 4294967295",
                                       ROWAN_NO_PARAMS, NULL),
                         ROWAN_OK);
    }
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_it, NULL), 0);
    atomic_store(&started, true);
    ck_assert_int_eq(rowan_raw_run(victim, endless, ROWAN_NO_PARAMS, NULL), ROWAN_CANCELLED);
    pthread_join(thread, NULL);
    ck_assert_int_eq(touch(victim), ROWAN_OK);
    rowan_scope_end(victim);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pool");
    TCase *tc = tcase_create("pool");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_scope_takes_its_connection_at_the_first_statement, 0, engines);
    tcase_add_loop_test(tc, who_waits_too_long_is_told_who_holds_the_connections, 0, engines);
    tcase_add_loop_test(tc, all_holders_are_named, 0, engines);
    tcase_add_test(tc, a_wait_may_cross_the_end_of_a_second);
    tcase_add_loop_test(tc, a_connection_is_used_again, 0, engines);
    tcase_add_loop_test(tc, many_threads_share_few_connections, 0, engines);
    tcase_add_loop_test(
        tc, a_cancel_from_another_thread_ends_the_statement_and_keeps_the_connection, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
