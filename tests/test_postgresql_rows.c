/* Rows that PostgreSQL's driver reads into structs: in both forms of results, few and very many. */
#include <check.h>
#include <stdio.h>

#include "base/alloc.h"
#include "support/fault.h"
#include "support/items.h"
#include "support/suite.h"

typedef struct numbers {
    bool truth;
    int16_t small;
    int32_t middle;
    int64_t large;
    rowan_decimal exact;
    rowan_opt_bool opt_truth;
    rowan_opt_i16 opt_small;
    rowan_opt_i32 opt_middle;
    rowan_opt_i64 opt_large;
    rowan_opt_decimal opt_exact;
    double real; /* a result that has it comes in binary */
} numbers;

static const rowan_table numbers_shape;
static const rowan_column numbers_columns[] = {
    ROWAN_COLUMN(numbers_shape, numbers, truth, 0),
    ROWAN_COLUMN(numbers_shape, numbers, small, 0),
    ROWAN_COLUMN(numbers_shape, numbers, middle, 0),
    ROWAN_COLUMN(numbers_shape, numbers, large, 0),
    ROWAN_COLUMN(numbers_shape, numbers, exact, 0),
    ROWAN_OPT_COLUMN(numbers_shape, numbers, opt_truth, 0),
    ROWAN_OPT_COLUMN(numbers_shape, numbers, opt_small, 0),
    ROWAN_OPT_COLUMN(numbers_shape, numbers, opt_middle, 0),
    ROWAN_OPT_COLUMN(numbers_shape, numbers, opt_large, 0),
    ROWAN_OPT_COLUMN(numbers_shape, numbers, opt_exact, 0),
    ROWAN_COLUMN(numbers_shape, numbers, real, 0),
};
static const rowan_table numbers_shape = ROWAN_SHAPE(numbers, numbers_columns);

static int postgresql; /* the subject's number */
static subject it;

static void setup(void)
{
    items_open(&it, postgresql);
}

static void teardown(void)
{
    subject_close(&it);
}

/* A select that comes as text, or in binary. */
static const char *select_of(const char *columns, bool binary)
{
    static char sql[600];

    snprintf(sql, sizeof sql, "SELECT %s%s", columns, binary ? ", 0.5::float8 AS real" : "");
    return sql;
}

START_TEST(numbers_are_read_to_the_last_digit)
{
    bool binary = _i == 1;
    reading one;

    reading_begin(&one, &it,
                  select_of("true AS truth, (-32768)::int2 AS small, 2147483647 AS middle, "
                            "(-9223372036854775808)::int8 AS large, -12.50 AS exact, "
                            "false AS opt_truth, 32767::int2 AS opt_small, "
                            "-2147483648 AS opt_middle, 9223372036854775807 AS opt_large, "
                            "0.00010 AS opt_exact",
                            binary),
                  &numbers_shape);
    reading_run(&one);
    const numbers *row = (const numbers *)(void *)one.sink.rows;
    ck_assert(row->truth && row->opt_truth.has && !row->opt_truth.value);
    ck_assert_int_eq(row->small, INT16_MIN);
    ck_assert_int_eq(row->middle, INT32_MAX);
    ck_assert(row->large == INT64_MIN);
    ck_assert_str_eq(row->exact.text, "-12.50");
    ck_assert(row->opt_small.has && row->opt_small.value == INT16_MAX);
    ck_assert(row->opt_middle.has && row->opt_middle.value == INT32_MIN);
    ck_assert(row->opt_large.has && row->opt_large.value == INT64_MAX);
    ck_assert(row->opt_exact.has);
    ck_assert_str_eq(row->opt_exact.value.text, "0.00010");
    ck_assert_uint_eq(one.sink.bytes, 2 * (1 + 2 + 4 + 8) + 6 + 7 + (binary ? 8 : 0));
    reading_end(&one);
}
END_TEST

START_TEST(null_is_read_where_it_may_be)
{
    reading one;

    reading_begin(&one, &it,
                  select_of("NULL::bool AS opt_truth, NULL::int2 AS opt_small, "
                            "NULL::int4 AS opt_middle, NULL::int8 AS opt_large, "
                            "NULL::numeric AS opt_exact",
                            _i == 1),
                  &numbers_shape);
    reading_run(&one);
    const numbers *row = (const numbers *)(void *)one.sink.rows;
    ck_assert(!row->opt_truth.has && !row->opt_small.has && !row->opt_middle.has &&
              !row->opt_large.has && !row->opt_exact.has);
    ck_assert_int_eq(row->opt_large.value, 0);
    reading_end(&one);
}
END_TEST

START_TEST(null_is_refused_where_it_may_not_be)
{
    static const struct {
        const char *columns, *culprit;
    } all[] = {
        {"NULL::bool AS truth", "truth"},   {"NULL::int2 AS small", "small"},
        {"NULL::int4 AS middle", "middle"}, {"1::int8 AS large, NULL::numeric AS exact", "exact"},
        {"NULL::int8 AS large", "large"},
    };
    reading one;

    reading_begin(&one, &it, select_of(all[_i / 2].columns, _i % 2 == 1), &numbers_shape);
    it.driver->run(it.connection, &one.operation, 1);
    ck_assert_int_eq(one.operation.status, ROWAN_NOT_NULL);
    ck_assert_str_eq(one.operation.error.column, all[_i / 2].culprit);
    ck_assert_uint_eq(one.sink.count, 0);
    reading_end(&one);
}
END_TEST

START_TEST(a_numeric_that_is_no_number_is_refused)
{
    static const char *const all[] = {"NaN", "Infinity", "-Infinity"};
    char columns[80];
    reading one;

    snprintf(columns, sizeof columns, "numeric '%s' AS exact", all[_i / 2]);
    reading_begin(&one, &it, select_of(columns, _i % 2 == 1), &numbers_shape);
    it.driver->run(it.connection, &one.operation, 1);
    ck_assert_int_eq(one.operation.status, ROWAN_OUT_OF_RANGE);
    ck_assert_str_eq(one.operation.error.column, "exact");
    reading_end(&one);
}
END_TEST

/* --- A row alone, few and very many are read in different ways. --- */

typedef struct entry {
    int64_t id;
    const char *name;
    rowan_opt_text note;
    rowan_opt_i64 other;
    rowan_opt_i32 middle;
} entry;

static const rowan_table entry_shape;
static const rowan_column entry_columns[] = {
    ROWAN_COLUMN(entry_shape, entry, id, 0),         ROWAN_COLUMN(entry_shape, entry, name, 0),
    ROWAN_OPT_COLUMN(entry_shape, entry, note, 0),   ROWAN_OPT_COLUMN(entry_shape, entry, other, 0),
    ROWAN_OPT_COLUMN(entry_shape, entry, middle, 0),
};
static const rowan_table entry_shape = ROWAN_SHAPE(entry, entry_columns);

/* Numbers of up to 18 digits, and every second text empty. */
static const char entries[] =
    "SELECT (('0' || repeat('9', (i %% 19)::int))::numeric / 2 * (i %% 2 * 2 - 1))::int8 AS id, "
    "repeat('n', (i %% 2 * i)::int) AS name, "
    "CASE i %% 3 WHEN 0 THEN 'a note' WHEN 1 THEN '' END AS note, "
    "CASE WHEN i %% 3 > 0 THEN -i END AS other, CASE WHEN i %% 5 > 0 THEN i::int4 END AS middle "
    "FROM generate_series(%d::int8, %d) i";

static int64_t entry_id(int64_t i)
{
    int64_t nines = 0;

    for (int64_t digit = 0; digit < i % 19; digit++) {
        nines = nines * 10 + 9;
    }
    return (nines / 2 + nines % 2) * (i % 2 * 2 - 1); /* the server rounds up */
}

/* @return bytes of its values */
static size_t check_entry(const entry *row, int64_t i)
{
    size_t name = i % 2 ? (size_t)i : 0, note = i % 3 == 0 ? strlen("a note") : 0;

    ck_assert_int_eq(row->id, entry_id(i));
    ck_assert_uint_eq(strlen(row->name), name);
    ck_assert_uint_eq(strspn(row->name, "n"), name);
    ck_assert(row->note.has == (i % 3 < 2));
    if (row->note.has) {
        ck_assert_str_eq(row->note.value, note > 0 ? "a note" : "");
    } else {
        ck_assert_ptr_null(row->note.value);
    }
    ck_assert(row->other.has == (i % 3 > 0) && row->other.value == (i % 3 > 0 ? -i : 0));
    ck_assert(row->middle.has == (i % 5 > 0) && row->middle.value == (i % 5 > 0 ? i : 0));
    return sizeof row->id + name + note + (row->other.has ? sizeof row->other.value : 0) +
           (row->middle.has ? sizeof row->middle.value : 0);
}

START_TEST(a_row_is_read_alone_as_among_others)
{
    static const int ranges[][2] = {{1, 1},  {2, 2},  {3, 3},   {30, 30},  {37, 37},      {1, 2},
                                    {1, 29}, {1, 60}, {18, 90}, {1, 2500}, {19000, 19000}};
    const int *range = ranges[_i];
    char sql[sizeof entries + 20];
    uint64_t bytes = 0;
    reading some;

    snprintf(sql, sizeof sql, entries, range[0], range[1]);
    reading_begin(&some, &it, sql, &entry_shape);
    reading_run(&some);
    ck_assert_uint_eq(some.sink.count, (size_t)(range[1] - range[0] + 1));
    ck_assert_uint_eq(some.operation.rows, some.sink.count);
    ck_assert_uint_eq(some.operation.affected, 0);
    for (size_t i = 0; i < some.sink.count; i++) {
        bytes +=
            check_entry((const entry *)(const void *)some.sink.rows + i, range[0] + (int64_t)i);
    }
    ck_assert_uint_eq(some.operation.bytes_received, bytes);
    reading_end(&some);
}
END_TEST

START_TEST(null_among_rows_is_refused_where_it_may_not_be)
{
    static const struct {
        const char *sql, *culprit;
    } all[] = {
        {"SELECT nullif(i, 3) AS id FROM generate_series(1::int8, 3) i", "id"},
        {"SELECT i AS id, nullif('x' || i, 'x900') AS name FROM generate_series(1::int8, 900) i",
         "name"},
        {"SELECT 1::int8 AS id, NULL AS name", "name"},
    };
    reading some;

    reading_begin(&some, &it, all[_i].sql, &entry_shape);
    it.driver->run(it.connection, &some.operation, 1);
    ck_assert_int_eq(some.operation.status, ROWAN_NOT_NULL);
    ck_assert_str_eq(some.operation.error.column, all[_i].culprit);
    reading_end(&some);
}
END_TEST

/* --- Results that are kept, because it costs less than to copy their texts. --- */

enum { MANY = 1000 };

static const char many[] =
    "SELECT i::int8 AS id, CASE i % 3 WHEN 0 THEN '' ELSE repeat('x', i) END AS name, "
    "CASE WHEN i % 2 = 0 THEN i END AS price FROM generate_series(1, 1000) i";

static void check_many(const reading *all)
{
    uint64_t bytes = 0;

    ck_assert_uint_eq(all->sink.count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        const item *row = (const item *)(const void *)all->sink.rows + i;
        size_t size = (i + 1) % 3 == 0 ? 0 : i + 1;
        ck_assert_int_eq(row->id, (int64_t)i + 1);
        ck_assert_uint_eq(strspn(row->name, "x"), size);
        ck_assert_uint_eq(strlen(row->name), size);
        ck_assert(row->price.has == (i % 2 == 1));
        bytes += size + sizeof row->id + (row->price.has ? sizeof row->price.value : 0);
    }
    ck_assert_uint_eq(all->sink.bytes, bytes);
}

START_TEST(texts_of_many_rows_stay_as_long_as_the_rows)
{
    reading all, other;

    reading_begin(&all, &it, many, &item_shape);
    reading_begin(&other, &it, "SELECT 1::int8 AS id, 'other' AS name", &item_shape);
    rowan__arena_mark before = rowan__arena_mark_now(&it.arena);
    for (int round = 0; round < 3; round++) {
        reading_again(&all);
        reading_run(&all);
        reading_again(&other);
        reading_run(&other);
        check_many(&all);
        rowan__arena_rewind(&it.arena, &before);
    }
    reading_again(&all);
    reading_run(&all);
    reading_end(&other);
    it.driver->unprepare(all.operation.prepared);
    all.operation.prepared = NULL;
    check_many(&all); /* freed with the arena, after the statement and the connection */
    reading_end(&all);
}
END_TEST

START_TEST(many_rows_and_no_memory)
{
    reading all;

    reading_begin(&all, &it, many, &item_shape);
    rowan__arena_fini(&it.arena);
    rowan__arena_init(&it.arena, &fault_allocator);
    for (unsigned nth = 1;; nth++) {
        reading_again(&all);
        fault_arm(nth);
        it.driver->run(it.connection, &all.operation, 1);
        if (!fault_fired()) {
            break;
        }
        ck_assert_int_eq(all.operation.status, ROWAN_NOMEM);
        ck_assert(all.operation.error.connection_usable);
        rowan__arena_fini(&it.arena);
    }
    fault_arm(0);
    check_many(&all);
    reading_end(&all);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("postgresql rows");
    TCase *tc = tcase_create("rows");
    int engines = (int)engine_count();

    while (postgresql < engines && !engine_is((size_t)postgresql, "postgresql")) {
        postgresql++;
    }
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    if (postgresql < engines) {
        tcase_add_loop_test(tc, numbers_are_read_to_the_last_digit, 0, 2);
        tcase_add_loop_test(tc, null_is_read_where_it_may_be, 0, 2);
        tcase_add_loop_test(tc, null_is_refused_where_it_may_not_be, 0, 10);
        tcase_add_loop_test(tc, a_numeric_that_is_no_number_is_refused, 0, 6);
        tcase_add_loop_test(tc, a_row_is_read_alone_as_among_others, 0, 11);
        tcase_add_loop_test(tc, null_among_rows_is_refused_where_it_may_not_be, 0, 3);
        tcase_add_test(tc, texts_of_many_rows_stay_as_long_as_the_rows);
        tcase_add_test(tc, many_rows_and_no_memory);
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
