/*
 * Rows that are compared: by what is in them, whatever its type, and by nothing else.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"
#include "verify/verify_private.h"

static rowan_db *db;
static rowan_scope *scope;

static void begin_on(int engine)
{
    db = engine_open((size_t)engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "rows", &scope, NULL), ROWAN_OK);
}

static void end(void)
{
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

/* Keeps all rows of a query, with all columns, as those of a key. */
static void keep(const char *sql, uint64_t key, rowan__kept *out)
{
    rowan_cursor *cursor;
    rowan_status status;

    out->allocator = &fault_allocator;
    ck_assert_msg(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor) == ROWAN_OK, "%s: %s", sql,
                  rowan_scope_error(scope)->engine_message);
    while ((status = rowan_cursor_next(cursor)) == ROWAN_OK) {
        ck_assert_int_eq(rowan__kept_add(out, key, cursor, NULL, rowan_cursor_column_count(cursor)),
                         ROWAN_OK);
    }
    ck_assert_msg(status == ROWAN_DONE, "%s: %s", sql, rowan_status_name(status));
    rowan_cursor_close(cursor);
    rowan__kept_sort(out);
}

static bool are_equal(const char *a, const char *b)
{
    rowan__kept x = {.count = 0}, y = {.count = 0};
    bool equal;

    keep(a, 1, &x);
    keep(b, 1, &y);
    equal = rowan__kept_equal(&x, &y);
    ck_assert_uint_eq(rowan__kept_differences(&x, &y), equal ? 0 : 1);
    rowan__kept_fini(&x);
    rowan__kept_fini(&y);
    return equal;
}

/* A letter each for the engines that have it: sqlite, postgresql, mariadb. */
static const struct pair {
    const char *on, *a, *b;
    bool equal;
} pairs[] = {
    {"spm", "SELECT 1", "SELECT 1", true},
    {"spm", "SELECT 1", "SELECT 2", false},
    {"spm", "SELECT 1", "SELECT '1'", false},
    {"spm", "SELECT 0", "SELECT NULL", false},
    {"spm", "SELECT ''", "SELECT NULL", false},
    {"spm", "SELECT 'a', ''", "SELECT '', 'a'", false},
    {"spm", "SELECT 'ab', 'c'", "SELECT 'a', 'bc'", false},
    {"spm", "SELECT 1, 2", "SELECT 2, 1", false},
    {"spm", "SELECT 1, NULL", "SELECT 1", false},
    {"spm", "SELECT 'abcdefgh1'", "SELECT 'abcdefgh2'", false},
    {"spm", "SELECT 'a'", "SELECT 'A'", false},
    {"spm", "SELECT 9223372036854775807", "SELECT 9223372036854775806", false},
    {"spm", "SELECT -1", "SELECT 1", false},
    {"spm", "SELECT 1 UNION ALL SELECT 2", "SELECT 2 UNION ALL SELECT 1", true},
    {"spm", "SELECT 1 UNION ALL SELECT 1", "SELECT 1", false},
    {"spm", "SELECT 1 UNION ALL SELECT 1 UNION ALL SELECT 2",
     "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 2", false},
    {"spm", "SELECT 1 WHERE 1 = 0", "SELECT 2 WHERE 1 = 0", true},
    {"spm", "SELECT 1 WHERE 1 = 0", "SELECT NULL", false},
    {"s", "SELECT x'41'", "SELECT 'A'", false},
    {"s", "SELECT x'00'", "SELECT x''", false},
    {"s", "SELECT 1.5", "SELECT 1.25", false},
    {"s", "SELECT 1.0", "SELECT 1", false},
    {"p", "SELECT 1::smallint", "SELECT 1::bigint", true},
    {"p", "SELECT 1.5::float8", "SELECT 1.25::float8", false},
    {"p", "SELECT 1.5::float4", "SELECT 1.5::float8", true},
    {"p", "SELECT true", "SELECT false", false},
    {"p", "SELECT true", "SELECT 1", false},
    {"p", "SELECT 1.50::numeric", "SELECT 1.51::numeric", false},
    {"p", "SELECT '2024-02-29'::date", "SELECT '2024-03-01'::date", false},
    {"p", "SELECT '10:00'::time", "SELECT '10:00:00.000001'::time", false},
    {"p", "SELECT '1970-01-01 00:00:01+00'::timestamptz", "SELECT '00:00:01'::time", false},
    {"p", "SELECT '1970-01-01 00:00:00.000001+00'::timestamptz",
     "SELECT '1970-01-01 00:00:00.000002+00'::timestamptz", false},
    {"p", "SELECT '00000000-0000-0000-0000-000000000001'::uuid",
     "SELECT '00000000-0000-0000-0000-000000000002'::uuid", false},
    {"p", "SELECT '\\x41'::bytea", "SELECT 'A'::text", false},
    {"m", "SELECT CAST(1.50 AS DECIMAL(5,2))", "SELECT CAST(1.51 AS DECIMAL(5,2))", false},
    {"m", "SELECT CAST('2024-02-29' AS DATE)", "SELECT CAST('2024-03-01' AS DATE)", false},
    {"m", "SELECT CAST('10:00:00' AS TIME)", "SELECT CAST('10:00:01' AS TIME)", false},
    {"m", "SELECT 1.5e0", "SELECT 1.25e0", false},
};

enum { PAIRS = sizeof pairs / sizeof pairs[0] };

START_TEST(rows_are_equal_if_all_that_is_in_them_is)
{
    begin_on(_i);
    for (size_t i = 0; i < PAIRS; i++) {
        if (strchr(pairs[i].on, engine_name((size_t)_i)[0]) != NULL) {
            ck_assert_msg(are_equal(pairs[i].a, pairs[i].b) == pairs[i].equal, "%s: %s, %s",
                          engine_name((size_t)_i), pairs[i].a, pairs[i].b);
        }
    }
    end();
}
END_TEST

/* What an aggregate of no rows gives: NULL, and zeros of every sort of number. */
START_TEST(a_row_of_nothing_but_zeros_is_void)
{
    static const struct {
        const char *on, *sql;
        bool is_void;
    } rows[] = {
        {"spm", "SELECT NULL", true},
        {"spm", "SELECT 0", true},
        {"spm", "SELECT 0, NULL, 0", true},
        {"spm", "SELECT 0, 1", false},
        {"spm", "SELECT 1, 0", false},
        {"spm", "SELECT '0'", false},
        {"spm", "SELECT ''", false},
        {"spm", "SELECT count(*), sum(x), coalesce(sum(x), 0) FROM (SELECT 1 AS x) t WHERE x = 2",
         true},
        {"spm", "SELECT coalesce(sum(x * 2.25), 0) FROM (SELECT 1 AS x) t WHERE x = 2", true},
        {"spm", "SELECT coalesce(avg(x * 2.25), 0.00) FROM (SELECT 1 AS x) t WHERE x = 2", true},
        {"spm", "SELECT sum(x * 0.25) FROM (SELECT 1 AS x) t", false},
        {"s", "SELECT total(1) WHERE 0", true},
        {"s", "SELECT -0.0", true},
        {"s", "SELECT 0.001", false},
        {"s", "SELECT -0.001", false},
        {"s", "SELECT x''", false},
        {"p", "SELECT 0::float8, 0::smallint, 0.000::numeric", true},
        {"p", "SELECT -0.010::numeric", false},
        {"p", "SELECT 0.01::numeric", false},
        {"p", "SELECT 100::numeric", false},
        {"p", "SELECT 'NaN'::float8", false},
        {"p", "SELECT false", false},
        {"m", "SELECT 0e0, 0.00", true},
        {"m", "SELECT 0e0 + 1e-9", false},
        {"m", "SELECT 0.01", false},
        {"m", "SELECT 10", false},
    };

    begin_on(_i);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rowan__kept kept = {.count = 0};
        if (strchr(rows[i].on, engine_name((size_t)_i)[0]) != NULL) {
            keep(rows[i].sql, 1, &kept);
            ck_assert_uint_eq(kept.count, 1);
            ck_assert_msg(kept.at[0].is_void == rows[i].is_void, "%s: %s", engine_name((size_t)_i),
                          rows[i].sql);
            rowan__kept_fini(&kept);
        }
    }
    end();
}
END_TEST

START_TEST(only_the_columns_that_count_are_compared)
{
    static const size_t first[] = {0, 2}, swapped[] = {2, 0};
    rowan__kept a = {.allocator = &fault_allocator}, b = a, c = a;
    rowan_cursor *cursor;

    begin_on(_i);
    ck_assert_int_eq(
        rowan_raw_open(scope, "SELECT 1, 2, 3 UNION ALL SELECT 1, 9, 3", ROWAN_NO_PARAMS, &cursor),
        ROWAN_OK);
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
        ck_assert_int_eq(rowan__kept_add(&a, 5, cursor, first, 2), ROWAN_OK);
        ck_assert_int_eq(rowan__kept_add(&b, 5, cursor, swapped, 2), ROWAN_OK);
        ck_assert_int_eq(rowan__kept_add(&c, 5, NULL, NULL, 0), ROWAN_OK);
    }
    rowan_cursor_close(cursor);
    ck_assert(!rowan__kept_equal(&a, &b)); /* their order counts */
    rowan__kept_unite(&a);
    rowan__kept_unite(&c);
    ck_assert_uint_eq(a.count, 1); /* the second column does not */
    ck_assert_uint_eq(c.count, 1);
    ck_assert(c.at[0].is_void);
    rowan__kept_fini(&a);
    rowan__kept_fini(&b);
    rowan__kept_fini(&c);
    end();
}
END_TEST

/* --- Keys, of rows that have nothing else. --- */

static rowan__kept of_keys(const char *keys)
{
    rowan__kept kept = {.allocator = &fault_allocator};

    for (; *keys != '\0'; keys++) {
        ck_assert_int_eq(rowan__kept_add(&kept, (uint64_t)*keys, NULL, NULL, 0), ROWAN_OK);
    }
    rowan__kept_sort(&kept);
    return kept;
}

START_TEST(keys_are_found_and_counted)
{
    static const struct {
        const char *a, *b;
        size_t differences;
    } both[] = {
        {"", "", 0},       {"a", "", 1},      {"", "ab", 2},       {"abc", "cba", 0},
        {"aab", "abb", 2}, {"abc", "abd", 2}, {"abcd", "bcde", 2}, {"aaa", "aa", 1},
    };

    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        rowan__kept a = of_keys(both[i].a), b = of_keys(both[i].b);
        ck_assert_msg(rowan__kept_differences(&a, &b) == both[i].differences, "%s, %s", both[i].a,
                      both[i].b);
        ck_assert_uint_eq(rowan__kept_differences(&b, &a), both[i].differences);
        ck_assert(rowan__kept_equal(&a, &b) == (both[i].differences == 0));
        for (uint64_t key = 'Z'; key < 'h'; key++) {
            ck_assert(rowan__kept_has(&a, key) == (strchr(both[i].a, (int)key) != NULL));
        }
        rowan__kept_fini(&a);
        rowan__kept_fini(&b);
    }
}
END_TEST

START_TEST(rows_that_are_the_same_are_united_and_void_ones_dropped)
{
    rowan__kept kept = of_keys("aabbbcddd"), others = of_keys("bd");

    rowan__kept_unite(&kept);
    ck_assert_uint_eq(kept.count, 4);
    kept.at[2].is_void = false; /* of c */
    rowan__kept_drop_void(&kept, &others);
    ck_assert_uint_eq(kept.count, 3);
    ck_assert(!rowan__kept_has(&kept, 'a'));
    ck_assert(rowan__kept_has(&kept, 'b') && rowan__kept_has(&kept, 'c') &&
              rowan__kept_has(&kept, 'd'));
    rowan__kept_fini(&kept);
    rowan__kept_fini(&kept); /* of nothing */
    rowan__kept_fini(&others);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

START_TEST(running_out_of_memory_keeps_what_there_is)
{
    rowan__kept kept = {.allocator = &fault_allocator};
    rowan_status status = ROWAN_OK;

    fault_arm(3);
    for (uint64_t key = 1; key < 5000 && status == ROWAN_OK; key++) {
        size_t before = kept.count;
        status = rowan__kept_add(&kept, key, NULL, NULL, 0);
        ck_assert_uint_eq(kept.count, before + (status == ROWAN_OK));
    }
    fault_arm(0);
    ck_assert_int_eq(status, ROWAN_NOMEM);
    rowan__kept_fini(&kept);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_rows");
    TCase *tc = tcase_create("rows");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, rows_are_equal_if_all_that_is_in_them_is, 0, engines);
    tcase_add_loop_test(tc, a_row_of_nothing_but_zeros_is_void, 0, engines);
    tcase_add_loop_test(tc, only_the_columns_that_count_are_compared, 0, engines);
    tcase_add_test(tc, keys_are_found_and_counted);
    tcase_add_test(tc, rows_that_are_the_same_are_united_and_void_ones_dropped);
    tcase_add_test(tc, running_out_of_memory_keeps_what_there_is);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
