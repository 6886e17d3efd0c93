/* What only SQLite has: files and their settings, declared types, locks of the whole file. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "support/items.h"
#include "support/suite.h"

enum { NS_PER_MS = 1000000 };

static subject it;

/* SQLite is the first engine wherever it is built. */
static void open_sqlite(void)
{
    items_open(&it, 0);
}

static const char *word_of(const char *sql)
{
    subject_rows rows = subject_query(&it, sql, NULL);

    ck_assert_uint_eq(rows.count, 1);
    ck_assert_int_eq(rows.values[0].type, ROWAN_TYPE_TEXT);
    return rows.values[0].as.bytes.data;
}

START_TEST(files_are_opened_with_settings_that_are_safe_together)
{
    open_sqlite();
    ck_assert_uint_eq(it.setup_statements, 4);
    ck_assert_str_eq(word_of("PRAGMA journal_mode"), "wal");
    ck_assert_int_eq(subject_number(&it, "PRAGMA synchronous"), 1);
    ck_assert_int_eq(subject_number(&it, "PRAGMA foreign_keys"), 1);
    ck_assert_int_eq(subject_number(&it, "SELECT 'A' LIKE 'a'"), 0);
    ck_assert_int_eq(subject_number(&it, "SELECT 'ab' LIKE 'a%'"), 1);
    subject_close(&it);
}
END_TEST

START_TEST(a_database_in_memory_needs_two_settings)
{
    rowan_db *db = engine_open_url("sqlite::memory:", NULL);

    rowan_counts counts = rowan_db_counts(db);
    ck_assert_uint_eq(counts.statements, 2);
    ck_assert_uint_eq(counts.setups, 2);
    ck_assert_uint_eq(counts.round_trips, 0);
    rowan_close(db);
}
END_TEST

START_TEST(double_quotes_are_names_and_never_texts)
{
    open_sqlite();
    ck_assert_ptr_null(subject_prepare(&it, "SELECT \"nmae\" FROM item"));
    ck_assert_int_eq(it.error.status, ROWAN_NO_SUCH);
    ck_assert_str_eq(it.error.column, "nmae");
    subject_close(&it);
}
END_TEST

START_TEST(a_mistake_is_placed_by_characters)
{
    open_sqlite();
    ck_assert_ptr_null(subject_prepare(&it, "SELECT '\xc3\xa9\xc3\xa9' AS e, nmae FROM item"));
    ck_assert_int_eq(it.error.position, 19);
    ck_assert_ptr_null(subject_prepare(&it, "SELECT 1; SELECT 2"));
    ck_assert_int_eq(it.error.position, 11);
    ck_assert_ptr_null(subject_prepare(&it, "  -- nothing"));
    ck_assert_int_eq(it.error.status, ROWAN_SYNTAX);
    subject_close(&it);
}
END_TEST

START_TEST(a_deferred_constraint_leaves_the_transaction_open)
{
    open_sqlite();
    subject_ddl(&it,
                "CREATE TABLE part (id @int64 PRIMARY KEY, item_id @int64 REFERENCES item (id) "
                "DEFERRABLE INITIALLY DEFERRED);");
    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "INSERT INTO part VALUES (1, 99)"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "COMMIT"), ROWAN_FOREIGN_KEY);
    ck_assert_int_eq(it.error.fate, ROWAN_FATE_OPEN);
    ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    subject_close(&it);
}
END_TEST

/* Affected is of the statement itself: not of its triggers, and not what an earlier statement left
 * behind. */
START_TEST(affected_leaves_out_triggers_and_what_was_before)
{
    rowan__operation operation;

    open_sqlite();
    items_insert(&it, 3);
    ck_assert_int_eq(subject_send(&it, "CREATE TABLE log (id INTEGER)"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "CREATE TRIGGER noted AFTER UPDATE ON item BEGIN "
                                       "INSERT INTO log VALUES (1), (2), (3); END"),
                     ROWAN_OK);
    ck_assert_int_eq(subject_run(&it, "UPDATE item SET price = 1 WHERE id = 1", NULL, &operation),
                     ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 1);
    ck_assert_int_eq(subject_run(&it, "PRAGMA user_version = 3", NULL, &operation), ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 0);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM log"), 3);
    subject_close(&it);
}
END_TEST

/* Rows without a shape are typed by declaration, and by the value where that has another storage
 * class. */
START_TEST(values_that_do_not_fit_their_declaration_keep_their_own_type)
{
    static const rowan_type wanted[] = {ROWAN_TYPE_INT64, ROWAN_TYPE_TEXT,  ROWAN_TYPE_DOUBLE,
                                        ROWAN_TYPE_BLOB,  ROWAN_TYPE_INT64, ROWAN_TYPE_BOOL};

    open_sqlite();
    ck_assert_int_eq(subject_send(&it, "CREATE TABLE loose (i INT8, b BOOLEAN, n)"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "INSERT INTO loose VALUES (5, 7, 'x'), ('word', 1, 2.5), "
                                       "(1.5, 0, x'0102')"),
                     ROWAN_OK);
    subject_rows rows = subject_query(&it, "SELECT i, b, n FROM loose ORDER BY rowid", NULL);
    ck_assert_int_eq(rows.values[0].type, wanted[0]);
    ck_assert_int_eq(rows.values[3].type, wanted[1]);
    ck_assert_int_eq(rows.values[6].type, wanted[2]);
    ck_assert_int_eq(rows.values[8].type, wanted[3]);
    ck_assert_int_eq(rows.values[1].type, wanted[4]);
    ck_assert_int_eq(rows.values[4].type, wanted[5]);
    ck_assert_int_eq(rows.values[1].as.integer, 7);
    subject_close(&it);
}
END_TEST

/* A column of exact decimals takes part in comparisons that no real could decide. */
START_TEST(texts_that_are_no_decimals_sort_behind_all_that_are)
{
    open_sqlite();
    ck_assert_int_eq(subject_send(&it, "CREATE TABLE price (d TEXT COLLATE rowan_decimal)"),
                     ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "INSERT INTO price VALUES ('word'), ('10'), ('9.0'), ('a'), "
                                       "('-1'), ('9'), ('123456789012345678901234567890.5')"),
                     ROWAN_OK);
    ck_assert_str_eq(
        word_of("SELECT group_concat(d, ' ') FROM (SELECT DISTINCT d FROM price ORDER BY d)"),
        "-1 9.0 10 123456789012345678901234567890.5 a word");
    subject_close(&it);
}
END_TEST

static void *cancel_soon(void *context)
{
    rowan_error error;

    (void)context;
    nanosleep(&(struct timespec){0, 100L * NS_PER_MS}, NULL);
    return it.driver->cancel(it.connection, &error) == ROWAN_OK ? &it : NULL;
}

START_TEST(waiting_for_a_lock_can_be_cancelled)
{
    subject other;
    pthread_t thread;

    open_sqlite();
    ck_assert_int_eq(subject_send(&it, "PRAGMA user_version = 1"), ROWAN_OK);
    subject_join(&other, &it);
    ck_assert_int_eq(subject_send(&other, "BEGIN IMMEDIATE"), ROWAN_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
    ck_assert_int_eq(subject_send(&it, "BEGIN IMMEDIATE"), ROWAN_CANCELLED);
    pthread_join(thread, NULL);
    ck_assert_int_eq(it.error.fate, ROWAN_FATE_NONE);
    ck_assert_int_eq(subject_send(&other, "ROLLBACK"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "BEGIN IMMEDIATE"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    subject_close(&other);
    subject_close(&it);
}
END_TEST

/* A deadline, a cancel or a wait that ended one statement says nothing about the next. */
START_TEST(what_stopped_one_statement_does_not_stop_the_next)
{
    rowan__operation operation = {.param_rows = 1};
    rowan_error error;
    subject other;

    open_sqlite();
    subject_join(&other, &it);
    operation.prepared = subject_prepare(&it, "INSERT INTO item (id, name) VALUES (1, 'x')");
    operation.deadline_ns = rowan__now_ns() + 20LL * NS_PER_MS;
    ck_assert_int_eq(subject_send(&other, "BEGIN IMMEDIATE"), ROWAN_OK);
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_TIMEOUT);
    ck_assert_int_eq(it.driver->cancel(it.connection, &error), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "BEGIN IMMEDIATE"), ROWAN_TIMEOUT);
    ck_assert_int_eq(it.error.retry, ROWAN_RETRY_STATEMENT);
    ck_assert_int_eq(subject_send(&other, "ROLLBACK"), ROWAN_OK);
    it.driver->unprepare(operation.prepared);
    rowan__prepared *next = subject_prepare(&it, "SELECT id FROM item");
    ck_assert_ptr_nonnull(next);
    it.driver->unprepare(next);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
    subject_close(&other);
    subject_close(&it);
}
END_TEST

START_TEST(a_stream_can_be_cancelled_between_two_batches)
{
    rowan_error error;
    reading all;

    open_sqlite();
    items_insert(&it, 100);
    reading_begin(&all, &it, "SELECT id, name, price FROM item ORDER BY id", &item_shape);
    all.operation.batch_rows = 10;
    reading_run(&all);
    ck_assert_int_eq(it.driver->fetch(it.connection, &all.operation), ROWAN_OK);
    ck_assert_int_eq(it.driver->cancel(it.connection, &error), ROWAN_OK);
    ck_assert_int_eq(it.driver->fetch(it.connection, &all.operation), ROWAN_CANCELLED);
    it.driver->finish(it.connection, &all.operation);
    reading_end(&all);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 100);
    subject_close(&it);
}
END_TEST

/* What a stream was bound with may be gone while it is read. */
START_TEST(a_stream_keeps_its_own_copy_of_texts)
{
    char name[] = "item 2";
    rowan_value value = rowan_v_text(name);
    reading some;

    open_sqlite();
    items_insert(&it, 4);
    reading_begin(&some, &it, "SELECT id, name, price FROM item WHERE name >= ? ORDER BY id",
                  &item_shape);
    some.operation.batch_rows = 10;
    some.operation.params = &value;
    reading_run(&some);
    memset(name, 'z', sizeof name - 1);
    ck_assert_int_eq(it.driver->fetch(it.connection, &some.operation), ROWAN_OK);
    ck_assert_uint_eq(some.sink.count, 3);
    it.driver->finish(it.connection, &some.operation);
    reading_end(&some);
    subject_close(&it);
}
END_TEST

/* The parts of a union put their rows together in different places, and take turns here. */
START_TEST(values_are_found_wherever_a_part_of_a_union_has_them)
{
    static const char sql[] =
        "SELECT id, name, price FROM item UNION ALL SELECT id + 100, name || '!', NULL FROM item "
        "UNION ALL SELECT 7 + id, 'x', 3 FROM (SELECT 1000 AS id)";
    reading all;

    open_sqlite();
    items_insert(&it, 2);
    reading_begin(&all, &it, sql, &item_shape);
    for (int round = 0; round < 2; round++) {
        reading_again(&all);
        reading_run(&all);
        const item *rows = (const item *)(void *)all.sink.rows;
        ck_assert_uint_eq(all.sink.count, 5);
        item_check(&rows[0], 1);
        item_check(&rows[1], 2);
        ck_assert_int_eq(rows[3].id, 102);
        ck_assert_str_eq(rows[3].name, "item 2!");
        ck_assert(!rows[3].price.has);
        ck_assert_int_eq(rows[4].id, 1007);
        ck_assert_str_eq(rows[4].name, "x");
        ck_assert_int_eq(rows[4].price.value, 3);
    }
    reading_end(&all);
    reading_begin(&all, &it,
                  "SELECT * FROM (SELECT id, name, price FROM item ORDER BY id LIMIT 1) UNION ALL "
                  "SELECT id, name, price FROM item WHERE id = 2 ORDER BY id DESC",
                  &item_shape);
    reading_run(&all);
    item_check((const item *)(void *)all.sink.rows, 2);
    item_check((const item *)(void *)all.sink.rows + 1, 1);
    reading_end(&all);
    subject_close(&it);
}
END_TEST

/* Many connections open one new file at the same time: all switch it to the same journal, none
 * fails. */
static void *open_once(void *url)
{
    rowan_error error;
    rowan_db *db;

    if (rowan_open(url, NULL, &db, &error) != ROWAN_OK) {
        return url;
    }
    rowan_close(db);
    return NULL;
}

START_TEST(a_new_file_is_opened_by_many_at_once)
{
    pthread_t threads[8];

    for (int round = 0; round < 5; round++) {
        const char *url = engine_url_new(0);
        for (size_t i = 0; i < 8; i++) {
            ck_assert_int_eq(pthread_create(&threads[i], NULL, open_once, (void *)url), 0);
        }
        for (size_t i = 0; i < 8; i++) {
            void *failed;
            ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
            ck_assert_ptr_null(failed);
        }
        engine_url_drop(url);
    }
}
END_TEST

START_TEST(a_transaction_that_only_reads_does_not_wait_for_a_writer)
{
    subject other;

    open_sqlite();
    items_insert(&it, 2);
    subject_join(&other, &it);
    ck_assert_int_eq(subject_send(&other, "BEGIN IMMEDIATE"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&other, "DELETE FROM item"), ROWAN_OK);
    int64_t start_ns = rowan__now_ns();
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 2);
    ck_assert_int_lt(rowan__now_ns() - start_ns, 200LL * NS_PER_MS);
    ck_assert_int_eq(subject_send(&other, "COMMIT"), ROWAN_OK);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
    subject_close(&other);
    subject_close(&it);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite");
    TCase *tc = tcase_create("sqlite");

    if (engine_count() == 0 || !engine_is(0, "sqlite")) {
        return 0; /* a build without SQLite */
    }
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, files_are_opened_with_settings_that_are_safe_together);
    tcase_add_test(tc, a_database_in_memory_needs_two_settings);
    tcase_add_test(tc, double_quotes_are_names_and_never_texts);
    tcase_add_test(tc, a_mistake_is_placed_by_characters);
    tcase_add_test(tc, a_deferred_constraint_leaves_the_transaction_open);
    tcase_add_test(tc, affected_leaves_out_triggers_and_what_was_before);
    tcase_add_test(tc, values_that_do_not_fit_their_declaration_keep_their_own_type);
    tcase_add_test(tc, texts_that_are_no_decimals_sort_behind_all_that_are);
    tcase_add_test(tc, waiting_for_a_lock_can_be_cancelled);
    tcase_add_test(tc, what_stopped_one_statement_does_not_stop_the_next);
    tcase_add_test(tc, a_stream_can_be_cancelled_between_two_batches);
    tcase_add_test(tc, a_stream_keeps_its_own_copy_of_texts);
    tcase_add_test(tc, values_are_found_wherever_a_part_of_a_union_has_them);
    tcase_add_test(tc, a_new_file_is_opened_by_many_at_once);
    tcase_add_test(tc, a_transaction_that_only_reads_does_not_wait_for_a_writer);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
