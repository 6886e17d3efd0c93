/* What every driver does with statements: the conformance suite, on each driver bare and behind
 * faults. */
#include <check.h>
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "support/items.h"
#include "support/suite.h"

enum { NS_PER_MS = 1000000 };

static subject it;

/* A statement that would run for minutes. */
static const char *endless(void)
{
    return subject_is(&it, "mariadb")
               ? "SELECT count(*) FROM seq_1_to_1000000 AS a, seq_1_to_1000000 AS b "
                 "WHERE a.seq * b.seq = 7"
           : subject_is(&it, "postgresql")
               ? "SELECT count(*) FROM generate_series(1, 1000000) AS a, "
                 "generate_series(1, 1000000) AS b WHERE a::bigint * b = 7"
               : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                 "SELECT count(*) FROM n";
}

static void *cancel_soon(void *context)
{
    struct timespec soon = {0, 200L * NS_PER_MS};
    rowan_error error = {0};

    nanosleep(&soon, NULL);
    rowan_status *status = context;
    *status = it.driver->cancel(it.connection, &error);
    return NULL;
}

START_TEST(another_thread_cancels_a_statement)
{
    rowan__operation operation;
    rowan_status cancelled = ROWAN_ENGINE;
    pthread_t thread;

    items_open(&it, _i);
    int64_t start_ns = rowan__now_ns();
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, &cancelled), 0);
    ck_assert_int_eq(subject_run(&it, endless(), NULL, &operation), ROWAN_CANCELLED);
    pthread_join(thread, NULL);
    ck_assert_int_eq(cancelled, ROWAN_OK);
    ck_assert_int_lt(rowan__now_ns() - start_ns, 5000LL * NS_PER_MS);
    ck_assert(operation.error.connection_usable);
    ck_assert_int_eq(operation.error.fate, ROWAN_FATE_NONE);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
    subject_close(&it);
}
END_TEST

START_TEST(cancelling_an_idle_connection_harms_nothing)
{
    rowan_error error;

    items_open(&it, _i);
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(it.driver->cancel(it.connection, &error), ROWAN_OK);
    }
    /* A server may see a cancel late, so the first statement afterwards has some time to pass. */
    nanosleep(&(struct timespec){0, 100L * NS_PER_MS}, NULL);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
    subject_close(&it);
}
END_TEST

START_TEST(a_deadline_stops_a_statement)
{
    rowan__operation operation = {.param_rows = 1};

    items_open(&it, _i);
    operation.prepared = subject_prepare(&it, endless());
    int64_t start_ns = rowan__now_ns();
    operation.deadline_ns = start_ns + 200LL * NS_PER_MS;
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_TIMEOUT);
    ck_assert_int_eq(operation.error.status, ROWAN_TIMEOUT);
    ck_assert_int_lt(rowan__now_ns() - start_ns, 5000LL * NS_PER_MS);
    it.driver->unprepare(operation.prepared);
    /* A server that a busy machine keeps from stopping in time is given up with its connection. */
    if (operation.error.connection_usable) {
        ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
    } else {
        ck_assert(subject_is(&it, "postgresql") || subject_is(&it, "mariadb"));
    }
    subject_close(&it);
}
END_TEST

START_TEST(a_deadline_that_has_passed_lets_nothing_run)
{
    rowan__operation operation = {.param_rows = 1};

    items_open(&it, _i);
    operation.prepared = subject_prepare(&it, "INSERT INTO item (id, name) VALUES (1, 'x')");
    operation.deadline_ns = rowan__now_ns() - 1;
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_TIMEOUT);
    it.driver->unprepare(operation.prepared);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
    subject_close(&it);
}
END_TEST

/* Adds a column by the connection itself or by another one. */
static void widen(bool by_another)
{
    subject other;

    if (!by_another) {
        subject_ddl(&it, "ALTER TABLE item ADD COLUMN shelf @int32;");
        return;
    }
    subject_join(&other, &it);
    subject_ddl(&other, "ALTER TABLE item ADD COLUMN shelf @int32;");
    subject_close(&other);
}

START_TEST(a_statement_that_no_longer_fits_the_schema_says_so)
{
    reading all;

    for (int by_another = 0; by_another < 2; by_another++) {
        items_open(&it, _i);
        items_insert(&it, 3);
        reading_begin(&all, &it, "SELECT * FROM item ORDER BY id", NULL);
        reading_run(&all);
        ck_assert_uint_eq(all.layout->count, 3);
        widen(by_another == 1);
        reading_again(&all);
        it.driver->run(it.connection, &all.operation, 1);
        ck_assert(all.operation.outdated);
        ck_assert_int_ne(all.operation.status, ROWAN_OK);
        ck_assert_uint_eq(all.sink.count, 0);
        reading_end(&all);
        reading_begin(&all, &it, "SELECT * FROM item ORDER BY id", NULL);
        ck_assert_uint_eq(all.layout->count, 4);
        reading_run(&all);
        ck_assert_uint_eq(all.sink.count, 3);
        reading_end(&all);
        subject_close(&it);
    }
}
END_TEST

/* A driver that named the columns itself may go on with those. */
START_TEST(an_outdated_statement_has_written_nothing)
{
    reading insert;

    for (int by_another = 0; by_another < 2; by_another++) {
        items_open(&it, _i);
        reading_begin(&insert, &it, "INSERT INTO item (id, name) VALUES (1, 'x') RETURNING *",
                      NULL);
        widen(by_another == 1);
        it.driver->run(it.connection, &insert.operation, 1);
        ck_assert(insert.operation.outdated || insert.operation.status == ROWAN_OK);
        ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"),
                         insert.operation.outdated ? 0 : 1);
        reading_end(&insert);
        subject_close(&it);
    }
}
END_TEST

START_TEST(columns_that_are_named_outlive_a_change_of_the_schema)
{
    reading all;

    items_open(&it, _i);
    items_insert(&it, 3);
    reading_begin(&all, &it, "SELECT id, name, price FROM item ORDER BY id", &item_shape);
    widen(false);
    reading_run(&all);
    ck_assert_uint_eq(all.sink.count, 3);
    item_check((const item *)(void *)all.sink.rows + 2, 3);
    reading_end(&all);
    subject_close(&it);
}
END_TEST

START_TEST(a_dropped_table_is_missed)
{
    reading all;

    items_open(&it, _i);
    reading_begin(&all, &it, "SELECT id FROM item", &item_shape);
    ck_assert_int_eq(subject_send(&it, "DROP TABLE item"), ROWAN_OK);
    it.driver->run(it.connection, &all.operation, 1);
    ck_assert(all.operation.outdated || all.operation.status == ROWAN_NO_SUCH);
    reading_end(&all);
    subject_close(&it);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("driver_stop");
    TCase *tc = tcase_create("driver");
    int subjects = subject_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, another_thread_cancels_a_statement, 0, subjects);
    tcase_add_loop_test(tc, cancelling_an_idle_connection_harms_nothing, 0, subjects);
    tcase_add_loop_test(tc, a_deadline_stops_a_statement, 0, subjects);
    tcase_add_loop_test(tc, a_deadline_that_has_passed_lets_nothing_run, 0, subjects);
    tcase_add_loop_test(tc, a_statement_that_no_longer_fits_the_schema_says_so, 0, subjects);
    tcase_add_loop_test(tc, an_outdated_statement_has_written_nothing, 0, subjects);
    tcase_add_loop_test(tc, columns_that_are_named_outlive_a_change_of_the_schema, 0, subjects);
    tcase_add_loop_test(tc, a_dropped_table_is_missed, 0, subjects);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
