/* Scopes: memory, marks, errors, deadlines, and what they refuse. */
#include <time.h>

#include <rowan/rowan.h>

#include "base/clock.h"
#include "database/block.h"
#include "support/engine.h"
#include "support/suite.h"

typedef struct item {
    int64_t id;
    rowan_opt_text name;
} item;

extern const rowan_table item_table;
static const rowan_column item_columns[] = {
    ROWAN_COLUMN(item_table, item, id, ROWAN_PRIMARY),
    ROWAN_OPT_COLUMN(item_table, item, name, 0),
};
static const rowan_column *const item_key[] = {&item_columns[0]};
const rowan_table item_table = {
    .name = "item",
    .columns = item_columns,
    .column_count = 2,
    .primary = item_key,
    .primary_count = 1,
    .row_size = sizeof(item),
    .row_align = _Alignof(item),
};

static rowan_db *db;
static rowan_scope *scope;

static void open_on(int engine)
{
    db = engine_open((size_t)engine, NULL);
    engine_script(db, "CREATE TABLE item (id @ref NOT NULL PRIMARY KEY, name @text(50))");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s", rowan_status_name(status),
                  rowan_scope_error(scope)->message);
}

static void fill(int count)
{
    for (int i = 1; i <= count; i++) {
        ok(rowan_raw_run(scope, "INSERT INTO item (id, name) VALUES (?, ?)",
                         ROWAN_PARAMS(ROWAN_V(i), i % 3 ? ROWAN_V("name") : rowan_v_null()), NULL));
    }
}

static const item *load(rowan_rows *rows)
{
    ok(rowan_raw_all(scope, "SELECT * FROM item ORDER BY id", ROWAN_NO_PARAMS, &item_table, rows));
    return rows->at;
}

START_TEST(any_number_of_rows_arrives_whole)
{
    static const int counts[] = {0, 1, 2, 7, 8, 9, 100, 1000};
    rowan_rows rows;
    int there = 0;

    open_on(_i);
    ok(rowan_begin(scope, NULL));
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        for (; there < counts[c]; there++) {
            ok(rowan_raw_run(
                scope, "INSERT INTO item (id, name) VALUES (?, ?)",
                ROWAN_PARAMS(ROWAN_V(there), there % 3 ? ROWAN_V("name") : rowan_v_null()), NULL));
        }
        const item *items = load(&rows);
        ck_assert_uint_eq(rows.count, (size_t)counts[c]);
        for (int i = 0; i < counts[c]; i++) {
            ck_assert_int_eq(items[i].id, i);
            ck_assert_int_eq(items[i].name.has, i % 3 != 0);
            if (items[i].name.has) {
                ck_assert_str_eq(items[i].name.value, "name");
            }
        }
    }
    ok(rowan_commit(scope));
    close_all();
}
END_TEST

START_TEST(every_row_is_found_again_by_its_address_and_nothing_else_is)
{
    rowan_rows rows[5];
    rowan__block *block;
    size_t index;
    item copy;

    open_on(_i);
    fill(20);
    for (size_t r = 0; r < 5; r++) {
        load(&rows[r]);
    }
    for (size_t r = 0; r < 5; r++) {
        item *items = rows[r].at;
        for (size_t i = 0; i < rows[r].count; i++) {
            ok(rowan__block_find(scope, &items[i], &block, &index));
            ck_assert_uint_eq(index, i);
            ck_assert_ptr_eq(block->rows, rows[r].at);
        }
        copy = items[0];
        ck_assert_int_eq(rowan__block_find(scope, (char *)&items[1] + 1, &block, &index),
                         ROWAN_MISUSE);
    }
    ck_assert_int_eq(rowan__block_find(scope, &copy, &block, &index), ROWAN_MISUSE);
    ck_assert_int_eq(rowan__block_find(scope, NULL, &block, &index), ROWAN_MISUSE);
    close_all();
}
END_TEST

/* Blocks of all sizes, so that their rows lie in many pieces of memory in any order, are looked for
 * forwards, backwards and across, while further ones come and some are forgotten. */
START_TEST(rows_are_found_whatever_was_looked_for_before)
{
    enum { BLOCKS = 200 };
    rowan_rows rows[BLOCKS];
    rowan__block *block;
    size_t index;
    rowan_mark mark = {0};

    open_on(_i);
    fill(300);
    for (size_t b = 0; b < BLOCKS; b++) {
        if (b == BLOCKS / 2) {
            mark = rowan_scope_mark(scope);
        }
        ok(rowan_raw_all(scope, "SELECT * FROM item WHERE id <= ? ORDER BY id",
                         ROWAN_PARAMS(ROWAN_V((int)(1 + b * 37 % 300))), &item_table, &rows[b]));
        for (size_t k = 0; b % 7 == 0 && k <= b; k++) {
            size_t at = b % 2 == 0 ? k : b - k;
            item *last = (item *)rows[at].at + rows[at].count - 1;
            ok(rowan__block_find(scope, last, &block, &index));
            ck_assert_ptr_eq(block->rows, rows[at].at);
            ck_assert_uint_eq(index, rows[at].count - 1);
        }
    }
    ok(rowan_scope_rewind(scope, mark));
    for (size_t k = 0; k < BLOCKS; k++) {
        size_t b = k * 61 % BLOCKS;
        rowan_status status = rowan__block_find(scope, rows[b].at, &block, &index);
        ck_assert_int_eq(status, b < BLOCKS / 2 ? ROWAN_OK : ROWAN_MISUSE);
        ck_assert(b >= BLOCKS / 2 || block->rows == rows[b].at);
    }
    close_all();
}
END_TEST

START_TEST(a_row_of_another_scope_is_recognised_as_such)
{
    rowan_scope *other;
    rowan_rows rows;
    rowan__block *block;

    open_on(_i);
    fill(3);
    item *items = (load(&rows), rows.at);
    ck_assert_int_eq(rowan_scope_begin(db, "other", &other, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan__block_find(other, &items[1], &block, NULL), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(other)->message, "another scope"));
    rowan_scope_end(other);
    close_all();
}
END_TEST

START_TEST(a_rewind_forgets_rows_and_a_loop_of_them_stays_flat)
{
    rowan_rows before, rows;
    rowan__block *block;

    open_on(_i);
    fill(50);
    item *kept = (load(&before), before.at);
    rowan_mark mark = rowan_scope_mark(scope);
    void *place = NULL;
    for (int round = 0; round < 100; round++) {
        load(&rows);
        if (round == 1) {
            place = rows.at;
        }
        ck_assert(round < 2 || rows.at == place); /* the same memory again and again */
        ok(rowan_scope_rewind(scope, mark));
        ck_assert_int_eq(rowan__block_find(scope, rows.at, &block, NULL), ROWAN_MISUSE);
    }
    ok(rowan__block_find(scope, &kept[49], &block, NULL));
    ck_assert_int_eq(kept[49].id, 50);
    close_all();
}
END_TEST

START_TEST(a_mark_that_was_rewound_past_is_refused)
{
    rowan_rows rows;

    open_on(_i);
    fill(5);
    rowan_mark first = rowan_scope_mark(scope);
    load(&rows);
    rowan_mark second = rowan_scope_mark(scope);
    load(&rows);
    ok(rowan_scope_rewind(scope, first));
    ck_assert_int_eq(rowan_scope_rewind(scope, second), ROWAN_MISUSE);
    load(&rows);
    rowan_scope_mark(scope);
    ck_assert_int_eq(rowan_scope_rewind(scope, second), ROWAN_MISUSE);
    ok(rowan_scope_rewind(scope, first));
    ck_assert_int_eq(rowan_scope_rewind(scope, (rowan_mark){{0}}), ROWAN_MISUSE);
    close_all();
}
END_TEST

START_TEST(an_open_stream_makes_the_scope_busy_and_holds_its_memory)
{
    rowan_stream *stream;
    rowan_rows rows;
    void *row;

    open_on(_i);
    fill(200);
    rowan_mark mark = rowan_scope_mark(scope);
    ok(rowan_raw_stream(scope, "SELECT * FROM item ORDER BY id", ROWAN_NO_PARAMS, &item_table,
                        &stream));
    ok(rowan_stream_next(stream, &row));
    uint64_t sent = rowan_scope_counts(scope).statements;
    ck_assert_int_eq(
        rowan_raw_all(scope, "SELECT * FROM item", ROWAN_NO_PARAMS, &item_table, &rows),
        ROWAN_BUSY);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_BUSY);
    ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_BUSY);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, sent);
    rowan_stream_close(stream);
    load(&rows);
    ck_assert_uint_eq(rows.count, 200);
    close_all();
}
END_TEST

START_TEST(a_stream_gives_every_row_once_and_then_done)
{
    static const int counts[] = {0, 1, 63, 64, 65, 200};
    rowan_stream *stream;
    void *row;
    int there = 0;

    open_on(_i);
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        for (; there < counts[c]; there++) {
            ok(rowan_raw_run(scope, "INSERT INTO item (id) VALUES (?)",
                             ROWAN_PARAMS(ROWAN_V(there)), NULL));
        }
        ok(rowan_raw_stream(scope, "SELECT * FROM item ORDER BY id", ROWAN_NO_PARAMS, &item_table,
                            &stream));
        int seen = 0;
        rowan_status status;
        while ((status = rowan_stream_next(stream, &row)) == ROWAN_OK) {
            ck_assert_int_eq(((item *)row)->id, seen++);
        }
        ck_assert_int_eq(status, ROWAN_DONE);
        ck_assert_int_eq(rowan_stream_next(stream, &row), ROWAN_DONE);
        ck_assert_ptr_null(row);
        ck_assert_int_eq(seen, counts[c]);
        rowan_stream_close(stream);
    }
    close_all();
}
END_TEST

START_TEST(null_into_a_member_that_cannot_be_null_is_an_error_that_names_the_column)
{
    static const rowan_column strict_columns[] = {
        {&item_table, "name", ROWAN_TYPE_TEXT, 0, offsetof(item, name.value),
         offsetof(item, name.value), NULL, 0, 0},
    };
    static const rowan_table strict = ROWAN_SHAPE(item, strict_columns);
    rowan_rows rows;

    open_on(_i);
    fill(3);
    ck_assert_int_eq(
        rowan_raw_all(scope, "SELECT name FROM item ORDER BY id", ROWAN_NO_PARAMS, &strict, &rows),
        ROWAN_NOT_NULL);
    ck_assert_ptr_null(rows.at);
    ck_assert_uint_eq(rows.count, 0);
    ck_assert_str_eq(rowan_scope_error(scope)->column, "name");
    load(&rows);
    ck_assert_uint_eq(rows.count, 3);
    close_all();
}
END_TEST

START_TEST(a_deadline_that_has_passed_sends_nothing)
{
    rowan_rows rows;

    open_on(_i);
    fill(1);
    uint64_t sent = rowan_scope_counts(scope).statements;
    rowan_scope_deadline(scope, 1);
    struct timespec pause = {0, 5000000};
    nanosleep(&pause, NULL);
    ck_assert_int_eq(
        rowan_raw_all(scope, "SELECT * FROM item", ROWAN_NO_PARAMS, &item_table, &rows),
        ROWAN_TIMEOUT);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, sent);
    rowan_scope_deadline(scope, 0);
    load(&rows);
    close_all();
}
END_TEST

/* Rows that keep coming leave nothing to wait for, and the deadline is seen all the same. */
START_TEST(a_deadline_ends_a_stream_whose_rows_keep_coming)
{
    for (int transacted = 0; transacted < 2; transacted++) {
        rowan_stream *stream;
        rowan_rows rows;
        void *row;

        open_on(_i);
        fill(100);
        ok(transacted ? rowan_begin(scope, NULL) : ROWAN_OK);
        int64_t start_ns = rowan__now_ns();
        rowan_scope_deadline(scope, 1000);
        ok(rowan_raw_stream(scope, "SELECT a.* FROM item a, item b, item c, item d, item e, item f",
                            ROWAN_NO_PARAMS, &item_table, &stream));
        rowan_status status;
        while ((status = rowan_stream_next(stream, &row)) == ROWAN_OK) {
            ck_assert_int_lt(rowan__now_ns() - start_ns, 30 * INT64_C(1000000000));
        }
        ck_assert_int_eq(status, ROWAN_TIMEOUT);
        rowan_stream_close(stream);
        rowan_scope_deadline(scope, 0);
        ok(transacted ? rowan_rollback(scope) : ROWAN_OK);
        load(&rows);
        ck_assert_uint_eq(rows.count, 100);
        close_all();
    }
}
END_TEST

START_TEST(counts_of_scopes_add_up_to_the_database)
{
    open_on(_i);
    rowan_counts before = rowan_db_counts(db);
    fill(4);
    rowan_counts of_scope = rowan_scope_counts(scope);
    ck_assert_uint_eq(of_scope.statements, 4);
    ck_assert_uint_eq(of_scope.affected, 4);
    ck_assert_uint_eq(of_scope.cache_misses, 1);
    ck_assert_uint_eq(of_scope.cache_hits, 3);
    rowan_scope_end(scope);
    rowan_counts after = rowan_db_counts(db);
    ck_assert_uint_eq(after.statements - after.setups, before.statements - before.setups + 4);
    ck_assert_uint_eq(after.affected, before.affected + 4);
    ck_assert_int_eq(rowan_scope_begin(db, "again", &scope, NULL), ROWAN_OK);
    close_all();
}
END_TEST

START_TEST(a_database_closed_early_stays_until_its_last_scope_ends)
{
    rowan_db *early;
    rowan_scope *last;
    int64_t id = 0;
    rowan_cursor *cursor;

    ck_assert_int_eq(rowan_open(engine_url_new((size_t)_i), NULL, &early, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_scope_begin(early, "last", &last, NULL), ROWAN_OK);
    rowan_close(early);
    scope = last;
    ok(rowan_raw_open(last, "SELECT 7", ROWAN_NO_PARAMS, &cursor));
    ok(rowan_cursor_next(cursor));
    ok(rowan_cursor_int64(cursor, 0, &id));
    rowan_cursor_close(cursor);
    ck_assert_int_eq(id, 7);
    rowan_scope_end(last);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scope");
    TCase *tc = tcase_create("scope");
    int engines = (int)engine_count();

    tcase_add_loop_test(tc, any_number_of_rows_arrives_whole, 0, engines);
    tcase_add_loop_test(tc, every_row_is_found_again_by_its_address_and_nothing_else_is, 0,
                        engines);
    tcase_add_loop_test(tc, rows_are_found_whatever_was_looked_for_before, 0, engines);
    tcase_add_loop_test(tc, a_row_of_another_scope_is_recognised_as_such, 0, engines);
    tcase_add_loop_test(tc, a_rewind_forgets_rows_and_a_loop_of_them_stays_flat, 0, engines);
    tcase_add_loop_test(tc, a_mark_that_was_rewound_past_is_refused, 0, engines);
    tcase_add_loop_test(tc, an_open_stream_makes_the_scope_busy_and_holds_its_memory, 0, engines);
    tcase_add_loop_test(tc, a_stream_gives_every_row_once_and_then_done, 0, engines);
    tcase_add_loop_test(
        tc, null_into_a_member_that_cannot_be_null_is_an_error_that_names_the_column, 0, engines);
    tcase_add_loop_test(tc, a_deadline_that_has_passed_sends_nothing, 0, engines);
    tcase_add_loop_test(tc, a_deadline_ends_a_stream_whose_rows_keep_coming, 0, engines);
    tcase_add_loop_test(tc, counts_of_scopes_add_up_to_the_database, 0, engines);
    tcase_add_loop_test(tc, a_database_closed_early_stays_until_its_last_scope_ends, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
