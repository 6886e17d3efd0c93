/* What every driver does with statements: the conformance suite, on each driver bare and behind
 * faults. */
#include <check.h>
#include <stdio.h>

#include "base/clock.h"
#include "support/items.h"
#include "support/suite.h"

static subject it;

static bool is_server(void)
{
    return !subject_is(&it, "sqlite");
}

START_TEST(preparing_tells_parameters_and_columns)
{
    items_open(&it, _i);

    rowan__prepared *query =
        subject_prepare(&it, "SELECT id, name AS \"label\" FROM item WHERE id = ? OR name = ?");
    if (subject_is(&it, "mariadb")) {
        it.driver->unprepare(query);
        query =
            subject_prepare(&it, "SELECT id, name AS `label` FROM item WHERE id = ? OR name = ?");
    }
    ck_assert_ptr_nonnull(query);
    ck_assert_uint_eq(query->param_count, 2);
    ck_assert_uint_eq(query->column_count, 2);
    ck_assert_str_eq(query->column_names[0], "id");
    ck_assert_str_eq(query->column_names[1], "label");
    rowan__prepared *change = subject_prepare(&it, "UPDATE item SET price = 1");
    ck_assert_uint_eq(change->param_count, 0);
    ck_assert_uint_eq(change->column_count, 0);
    it.driver->unprepare(query);
    it.driver->unprepare(change);
    it.driver->unprepare(NULL);
    subject_close(&it);
}
END_TEST

START_TEST(rows_go_into_structs_by_name)
{
    static const int64_t sizes[] = {0, 1, 7, 100, 1000};

    items_open(&it, _i);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        reading all;
        ck_assert_int_eq(subject_run(&it, "DELETE FROM item", NULL, NULL), ROWAN_OK);
        if (sizes[i] > 0) {
            items_insert(&it, sizes[i]);
        }
        reading_begin(&all, &it, "SELECT price, id, name FROM item ORDER BY id", &item_shape);
        reading_run(&all);
        ck_assert_int_eq((int64_t)all.sink.count, sizes[i]);
        ck_assert_uint_eq(all.operation.rows, all.sink.count);
        ck_assert_uint_eq(all.operation.statements, 1);
        ck_assert_uint_eq(all.operation.round_trips, is_server() ? 1 : 0);
        ck_assert_uint_eq(all.operation.bytes_received, all.sink.bytes);
        for (int64_t n = 0; n < sizes[i]; n++) {
            item_check((const item *)(void *)all.sink.rows + n, n + 1);
        }
        reading_end(&all);
    }
    subject_close(&it);
}
END_TEST

START_TEST(members_that_the_result_lacks_stay_zero)
{
    reading one;

    items_open(&it, _i);
    items_insert(&it, 2);
    reading_begin(&one, &it, "SELECT id FROM item ORDER BY id", &item_shape);
    reading_run(&one);
    const item *row = (const item *)(void *)one.sink.rows + 1;
    ck_assert_int_eq(row->id, 2);
    ck_assert_ptr_null(row->name);
    ck_assert(!row->price.has);
    reading_end(&one);
    subject_close(&it);
}
END_TEST

START_TEST(a_prepared_statement_runs_again_with_other_values)
{
    reading one;

    items_open(&it, _i);
    items_insert(&it, 5);
    reading_begin(&one, &it, "SELECT id, name, price FROM item WHERE id = ?", &item_shape);
    for (int64_t n = 1; n <= 5; n++) {
        rowan_value key = rowan_v_int64(n);
        reading_again(&one);
        one.operation.params = &key;
        reading_run(&one);
        ck_assert_uint_eq(one.sink.count, 1);
        item_check((const item *)(void *)one.sink.rows, n);
        ck_assert_uint_gt(one.operation.bytes_sent, 0);
    }
    reading_end(&one);
    subject_close(&it);
}
END_TEST

START_TEST(affected_counts_the_rows_that_matched)
{
    rowan__operation operation;

    items_open(&it, _i);
    items_insert(&it, 6);
    ck_assert_int_eq(subject_run(&it, "UPDATE item SET price = 9 WHERE id <= 4", NULL, &operation),
                     ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 4);
    ck_assert_int_eq(subject_run(&it, "UPDATE item SET price = 9 WHERE id <= 4", NULL, &operation),
                     ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 4);
    ck_assert_int_eq(subject_run(&it, "UPDATE item SET price = 9 WHERE id > 99", NULL, &operation),
                     ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 0);
    ck_assert_int_eq(subject_run(&it, "DELETE FROM item WHERE id > 4", NULL, &operation), ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 2);
    ck_assert_int_eq(subject_run(&it, "SELECT id FROM item", NULL, &operation), ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 0);
    ck_assert_int_eq(subject_run(&it, "CREATE TABLE other (id INTEGER)", NULL, &operation),
                     ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 0);
    subject_close(&it);
}
END_TEST

static void fill_insert(rowan__operation *operation, rowan__prepared *prepared,
                        const rowan_value *values)
{
    *operation = (rowan__operation){.prepared = prepared, .params = values, .param_rows = 1};
}

START_TEST(several_operations_run_in_order)
{
    rowan_value values[3][3];
    rowan__operation operations[3];

    items_open(&it, _i);
    rowan__prepared *insert =
        subject_prepare(&it, "INSERT INTO item (id, name, price) VALUES (?, ?, ?)");
    uint64_t trips_before = it.connection->round_trips;
    for (int i = 0; i < 3; i++) {
        values[i][0] = rowan_v_int64(i + 1);
        values[i][1] = rowan_v_text("x");
        values[i][2] = rowan_v_null();
        fill_insert(&operations[i], insert, values[i]);
    }
    it.driver->run(it.connection, operations, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(operations[i].status, ROWAN_OK);
        ck_assert_uint_eq(operations[i].affected, 1);
        ck_assert_uint_eq(operations[i].statements, 1);
    }
    uint64_t trips = it.connection->round_trips - trips_before;
    bool pipelined = (it.driver->dialect->capabilities & ROWAN__CAN_PIPELINE) != 0;
    ck_assert_uint_eq(trips, !is_server() ? 0 : pipelined ? 1 : 3);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 3);
    it.driver->unprepare(insert);
    subject_close(&it);
}
END_TEST

START_TEST(a_failure_in_the_middle_stops_what_is_behind_it)
{
    rowan_value values[4][3];
    rowan__operation operations[4];

    items_open(&it, _i);
    rowan__prepared *insert =
        subject_prepare(&it, "INSERT INTO item (id, name, price) VALUES (?, ?, ?)");
    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    for (int i = 0; i < 4; i++) {
        values[i][0] = rowan_v_int64(i == 2 ? 1 : i + 1); /* the third has the first one's key */
        values[i][1] = rowan_v_text("x");
        values[i][2] = rowan_v_null();
        fill_insert(&operations[i], insert, values[i]);
    }
    it.driver->run(it.connection, operations, 4);
    ck_assert_int_eq(operations[0].status, ROWAN_OK);
    ck_assert_int_eq(operations[1].status, ROWAN_OK);
    ck_assert_int_eq(operations[2].status, ROWAN_UNIQUE);
    ck_assert_int_eq(operations[3].status, ROWAN_CANCELLED);
    ck_assert_int_eq(operations[3].error.status, ROWAN_CANCELLED);
    ck_assert_uint_eq(operations[3].statements, 0);
    ck_assert(operations[2].error.fate == ROWAN_FATE_OPEN ||
              operations[2].error.fate == ROWAN_FATE_MUST_ROLLBACK);
    ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
    it.driver->unprepare(insert);
    subject_close(&it);
}
END_TEST

START_TEST(a_failing_row_among_many_is_reported)
{
    rowan_value values[9];
    rowan__operation operation = {.params = values, .param_rows = 3};

    items_open(&it, _i);
    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    for (int i = 0; i < 3; i++) {
        values[i * 3] = rowan_v_int64(7);
        values[i * 3 + 1] = rowan_v_text("same key");
        values[i * 3 + 2] = rowan_v_null();
    }
    operation.prepared =
        subject_prepare(&it, "INSERT INTO item (id, name, price) VALUES (?, ?, ?)");
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_UNIQUE);
    ck_assert(operation.error.connection_usable);
    it.driver->unprepare(operation.prepared);
    ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
    subject_close(&it);
}
END_TEST

START_TEST(a_stream_gives_its_rows_in_batches)
{
    static const size_t sizes[] = {4, 1, 10, 100};
    reading all;

    items_open(&it, _i);
    items_insert(&it, 10);
    reading_begin(&all, &it, "SELECT id, name, price FROM item ORDER BY id", &item_shape);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int64_t n = 0;
        reading_again(&all);
        all.operation.batch_rows = sizes[i];
        reading_run(&all);
        while (n < 10) {
            size_t left = (size_t)(10 - n);
            rowan__sink_reset(&all.sink);
            ck_assert_int_eq(it.driver->fetch(it.connection, &all.operation), ROWAN_OK);
            ck_assert_uint_eq(all.sink.count, left < sizes[i] ? left : sizes[i]);
            for (size_t j = 0; j < all.sink.count; j++) {
                item_check((const item *)(void *)all.sink.rows + j, ++n);
            }
        }
        ck_assert_int_eq(it.driver->fetch(it.connection, &all.operation), ROWAN_DONE);
        ck_assert_int_eq(it.driver->fetch(it.connection, &all.operation), ROWAN_DONE);
        ck_assert_uint_eq(all.operation.rows, 10);
        it.driver->finish(it.connection, &all.operation);
    }
    reading_end(&all);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 10);
    subject_close(&it);
}
END_TEST

START_TEST(a_stream_may_end_before_its_rows_do)
{
    reading all;

    items_open(&it, _i);
    items_insert(&it, 1000);
    reading_begin(&all, &it, "SELECT id, name, price FROM item ORDER BY id", &item_shape);
    for (int round = 0; round < 3; round++) {
        reading_again(&all);
        all.operation.batch_rows = 2;
        reading_run(&all);
        for (int i = 0; i < round; i++) {
            ck_assert_int_eq(it.driver->fetch(it.connection, &all.operation), ROWAN_OK);
        }
        it.driver->finish(it.connection, &all.operation);
        ck_assert_uint_eq(all.operation.rows, (uint64_t)round * 2);
        ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 1000);
    }
    reading_end(&all);
    subject_close(&it);
}
END_TEST

START_TEST(a_stream_without_rows_is_done_at_once)
{
    reading none;

    items_open(&it, _i);
    reading_begin(&none, &it, "SELECT id FROM item", &item_shape);
    none.operation.batch_rows = 100;
    reading_run(&none);
    ck_assert_int_eq(it.driver->fetch(it.connection, &none.operation), ROWAN_DONE);
    it.driver->finish(it.connection, &none.operation);
    reading_end(&none);
    subject_close(&it);
}
END_TEST

/* The second of three rows is a NULL that its member cannot hold. */
START_TEST(a_value_that_does_not_fit_ends_the_reading)
{
    reading all;

    items_open(&it, _i);
    for (int stream = 0; stream < 2; stream++) {
        ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
        reading_begin(
            &all, &it,
            "SELECT 1 AS id, 'a' AS name UNION ALL SELECT 2, NULL UNION ALL SELECT 3, 'c'",
            &item_shape);
        all.operation.batch_rows = stream == 1 ? 10 : 0;
        it.driver->run(it.connection, &all.operation, 1);
        rowan_status status = all.operation.status;
        if (stream == 1) {
            ck_assert_int_eq(status, ROWAN_OK);
            status = it.driver->fetch(it.connection, &all.operation);
            it.driver->finish(it.connection, &all.operation);
        }
        ck_assert_int_eq(status, ROWAN_NOT_NULL);
        ck_assert_int_eq(all.operation.error.status, ROWAN_NOT_NULL);
        ck_assert_str_eq(all.operation.error.column, "name");
        ck_assert(all.operation.error.connection_usable);
        ck_assert_int_eq(all.operation.error.fate, ROWAN_FATE_OPEN);
        reading_end(&all);
        ck_assert(!it.driver->alive(it.connection));
        ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 0);
        ck_assert_int_eq(subject_send(&it, "COMMIT"), ROWAN_OK);
    }
    subject_close(&it);
}
END_TEST

START_TEST(round_trips_are_counted_for_servers_only)
{
    items_open(&it, _i);
    uint64_t before = it.connection->round_trips;
    rowan__prepared *prepared = subject_prepare(&it, "SELECT id FROM item");
    uint64_t after_prepare = it.connection->round_trips;
    rowan__operation operation = {.prepared = prepared, .param_rows = 1};
    it.driver->run(it.connection, &operation, 1);
    ck_assert_uint_eq(after_prepare - before, is_server() ? 1 : 0);
    ck_assert_uint_eq(it.connection->round_trips - after_prepare, is_server() ? 1 : 0);
    ck_assert_uint_eq(operation.round_trips, is_server() ? 1 : 0);
    it.driver->unprepare(prepared);
    subject_close(&it);
}
END_TEST

START_TEST(clocks_are_read_only_for_timed_operations)
{
    rowan__operation operation = {.param_rows = 1};

    items_open(&it, _i);
    operation.prepared = subject_prepare(&it, "SELECT count(*) FROM item");
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.database_ns, 0);
    operation = (rowan__operation){.prepared = operation.prepared, .param_rows = 1, .timed = true};
    int64_t start_ns = rowan__now_ns();
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_gt(operation.database_ns, 0);
    ck_assert_int_le(operation.database_ns, rowan__now_ns() - start_ns);
    it.driver->unprepare(operation.prepared);
    subject_close(&it);
}
END_TEST

START_TEST(a_connection_with_an_open_transaction_is_no_idle_one)
{
    items_open(&it, _i);
    ck_assert(it.driver->alive(it.connection));
    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    ck_assert(!it.driver->alive(it.connection));
    ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    ck_assert(it.driver->alive(it.connection));
    subject_close(&it);
}
END_TEST

START_TEST(two_statements_in_one_text_are_refused)
{
    items_open(&it, _i);
    ck_assert_ptr_null(subject_prepare(&it, "DELETE FROM item; DELETE FROM item"));
    ck_assert_int_eq(it.error.status, ROWAN_SYNTAX);
    rowan__prepared *one = subject_prepare(&it, "DELETE FROM item; -- no more\n");
    ck_assert_ptr_nonnull(one);
    it.driver->unprepare(one);
    subject_close(&it);
}
END_TEST

START_TEST(a_member_that_can_never_hold_its_column_is_refused)
{
    items_open(&it, _i);
    rowan__prepared *prepared = subject_prepare(&it, "SELECT name AS id FROM item");
    ck_assert_ptr_null(subject_layout(&it, prepared, &item_shape));
    ck_assert_int_eq(it.error.status, ROWAN_WRONG_TYPE);
    ck_assert_str_eq(it.error.column, "id");
    it.driver->unprepare(prepared);
    subject_close(&it);
}
END_TEST

START_TEST(rows_without_a_sink_are_dropped)
{
    rowan__operation operation;

    items_open(&it, _i);
    items_insert(&it, 4);
    ck_assert_int_eq(subject_run(&it, "SELECT id FROM item", NULL, &operation), ROWAN_OK);
    ck_assert_int_eq(subject_run(&it, "INSERT INTO item (id, name) VALUES (9, 'x') RETURNING id",
                                 NULL, &operation),
                     ROWAN_OK);
    ck_assert_uint_eq(operation.affected, 1);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM item"), 5);
    subject_close(&it);
}
END_TEST

START_TEST(rows_of_a_change_come_back)
{
    reading changed;

    items_open(&it, _i);
    items_insert(&it, 2);
    reading_begin(&changed, &it, "INSERT INTO item (id, name) VALUES (7, 'x') RETURNING id, name",
                  &item_shape);
    reading_run(&changed);
    ck_assert_uint_eq(changed.sink.count, 1);
    ck_assert_int_eq(((const item *)(void *)changed.sink.rows)->id, 7);
    ck_assert_uint_eq(changed.operation.affected, 1);
    reading_end(&changed);
    subject_close(&it);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("driver_run");
    TCase *tc = tcase_create("driver");
    int subjects = subject_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, preparing_tells_parameters_and_columns, 0, subjects);
    tcase_add_loop_test(tc, rows_go_into_structs_by_name, 0, subjects);
    tcase_add_loop_test(tc, members_that_the_result_lacks_stay_zero, 0, subjects);
    tcase_add_loop_test(tc, a_prepared_statement_runs_again_with_other_values, 0, subjects);
    tcase_add_loop_test(tc, affected_counts_the_rows_that_matched, 0, subjects);
    tcase_add_loop_test(tc, several_operations_run_in_order, 0, subjects);
    tcase_add_loop_test(tc, a_failure_in_the_middle_stops_what_is_behind_it, 0, subjects);
    tcase_add_loop_test(tc, a_failing_row_among_many_is_reported, 0, subjects);
    tcase_add_loop_test(tc, a_stream_gives_its_rows_in_batches, 0, subjects);
    tcase_add_loop_test(tc, a_stream_may_end_before_its_rows_do, 0, subjects);
    tcase_add_loop_test(tc, a_stream_without_rows_is_done_at_once, 0, subjects);
    tcase_add_loop_test(tc, a_value_that_does_not_fit_ends_the_reading, 0, subjects);
    tcase_add_loop_test(tc, round_trips_are_counted_for_servers_only, 0, subjects);
    tcase_add_loop_test(tc, clocks_are_read_only_for_timed_operations, 0, subjects);
    tcase_add_loop_test(tc, a_connection_with_an_open_transaction_is_no_idle_one, 0, subjects);
    tcase_add_loop_test(tc, two_statements_in_one_text_are_refused, 0, subjects);
    tcase_add_loop_test(tc, a_member_that_can_never_hold_its_column_is_refused, 0, subjects);
    tcase_add_loop_test(tc, rows_without_a_sink_are_dropped, 0, subjects);
    tcase_add_loop_test(tc, rows_of_a_change_come_back, 0, subjects);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
