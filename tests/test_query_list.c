/* Lists of values in conditions: any length, any type, few statement texts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archived.h"
#include "support/suite.h"

enum { MANY = 100000, ROWS = 500 };

static int64_t count_where(const rowan_table *table, const rowan_expr *where)
{
    int64_t count;

    ok(rowan_query_count(scope, &(rowan_query){.from = table, .where = where}, &count));
    return count;
}

static void expect_rows(const rowan_table *table, const rowan_expr *where, int64_t rows)
{
    int64_t count = count_where(table, where);

    ck_assert_int_eq(count, rows);
}

static void expect_refused(const rowan_expr *where, rowan_status wanted)
{
    rowan_rows rows;
    rowan_status status =
        rowan_query_all(scope, &(rowan_query){.from = &work_table, .where = where}, &rows);

    ck_assert_int_eq(status, wanted);
}

static void add_genres(void)
{
    static genre rows[ROWS];
    static char names[ROWS][16];

    for (size_t i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof names[i], "\"g\\%zu'", i);
        rows[i] = (genre){(int64_t)i + 1, names[i], {.has = false}};
    }
    ok(rowan_query_insert(
        scope, &(rowan_insert){.into = &genre_table, .rows = rows, .row_count = ROWS}, NULL, NULL));
}

START_TEST(lists_of_any_length_find_what_is_in_them)
{
    static const size_t lengths[] = {0, 1, 2, 3, 1000, 1024, 1025, MANY};
    rowan_value *values = calloc(MANY, sizeof *values);

    ck_assert_ptr_nonnull(values);
    open_on(_i);
    add_genres();
    for (size_t i = 0; i < MANY; i++) {
        values[i] = rowan_v_int64((int64_t)i * 2); /* every second row, and far beyond */
    }
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t n = lengths[i];
        int64_t inside = n == 0 ? 0 : (int64_t)(n - 1 < ROWS / 2 ? n - 1 : ROWS / 2);
        uint64_t before = rowan_scope_counts(scope).statements;
        expect_rows(&genre_table, IN_VALUES(GENRE.id, values, n), inside);
        expect_rows(&genre_table, NOT(IN_VALUES(GENRE.id, values, n)), ROWS - inside);
        ck_assert_uint_eq(rowan_scope_counts(scope).statements - before, 2);
    }
    free(values);
    close_all();
}
END_TEST

START_TEST(few_texts_serve_lists_of_all_lengths)
{
    rowan_value *values = calloc(3000, sizeof *values);
    const char *texts[32];
    size_t count = 0;

    ck_assert_ptr_nonnull(values);
    open_on(_i);
    for (size_t i = 0; i < 3000; i++) {
        values[i] = rowan_v_int64((int64_t)i);
    }
    for (size_t n = 0; n < 3000; n++) {
        const char *sql;
        size_t known = 0;
        ok(rowan_query_sql(
            scope, &(rowan_query){.from = &genre_table, .where = IN_VALUES(GENRE.id, values, n)},
            &sql));
        while (known < count && strcmp(texts[known], sql) != 0) {
            known++;
        }
        if (known == count) {
            ck_assert_uint_lt(count, 32);
            texts[count++] = sql;
        }
    }
    /* none; one array, or 1, 2, 4 … 1,024 placeholders and one JSON text */
    ck_assert_uint_eq(count, engine_is((size_t)_i, "postgresql") ? 2 : 13);
    free(values);
    close_all();
}
END_TEST

/* The same value over and over makes the list long without finding more. */
static const rowan_expr *in_long_list(rowan_scope *in, rowan_operand left, rowan_value value,
                                      size_t count)
{
    rowan_value *values = rowan_scope_alloc(in, count * sizeof *values);

    for (size_t i = 0; i < count; i++) {
        values[i] = value;
    }
    return rowan_expr_dup(in, IN_VALUES(left, values, count));
}

START_TEST(every_type_can_be_in_a_list_short_or_long)
{
    const struct {
        rowan_operand column;
        rowan_value value;
        int64_t rows;
    } cases[] = {
        {rowan_o_int_column(WORK.cents), rowan_v_int64(1250), 2},
        {rowan_o_int_column(WORK.stock), rowan_v_int64(12), 1},
        {rowan_o_int_column(WORK.stock), rowan_v_int64(5000000000), 0},
        {rowan_o_real_column(WORK.weight), rowan_v_double(0.1), 1},
        {rowan_o_real_column(WORK.score), rowan_v_float(0.1F), 1},
        {rowan_o_real_column(WORK.score), rowan_v_double(0.1), 0},
        {rowan_o_decimal_column(WORK.price), rowan_v_decimal((rowan_decimal){"12.5"}), 1},
        {rowan_o_text_column(WORK.title), rowan_v_text("\"Quoted\" `ticks`"), 1},
        {rowan_o_text_column(WORK.subtitle), rowan_v_text("a \\ b"), 1},
        {rowan_o_text_column(WORK.title), rowan_v_text("Émile"), 1},
        {rowan_o_enum_column(WORK.kind), rowan_o_enum(WORK_POEM).value, 3},
        {rowan_o_bool_column(WORK.in_print), rowan_v_bool(false), 3},
        {rowan_o_date_column(WORK.released), rowan_v_date((rowan_date){19000}), 2},
        {rowan_o_time_column(WORK.opens), rowan_v_time((rowan_time){86399999999}), 1},
        {rowan_o_timestamp_column(WORK.added), rowan_v_timestamp((rowan_timestamp){-7000000}), 1},
        {rowan_o_uuid_column(WORK.code), rowan_v_uuid((rowan_uuid){{6}}), 1},
        {rowan_o_json_column(WORK.extra), rowan_v_json((rowan_json){"{\"a\": 1}"}), 1},
    };

    open_on(_i);
    archive_fill(scope);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t n = 1; n <= 3000; n = n == 1 ? 3 : (n == 3 ? 3000 : 3001)) {
            int64_t rows =
                count_where(&work_table, in_long_list(scope, cases[i].column, cases[i].value, n));
            ck_assert_msg(rows == cases[i].rows, "%s, %zu values: %lld rows instead of %lld",
                          cases[i].column.column->name, n, (long long)rows,
                          (long long)cases[i].rows);
        }
    }
    close_all();
}
END_TEST

START_TEST(bytes_can_be_in_a_short_list)
{
    open_on(_i);
    archive_fill(scope);
    expect_rows(&work_table, IN(WORK.cover, ((rowan_blob){"\0\1", 2}), ((rowan_blob){"x", 1})), 1);
    close_all();
}
END_TEST

START_TEST(a_list_that_cannot_be_is_refused_before_anything_is_sent)
{
    const rowan_value with_null[] = {rowan_v_int64(1), rowan_v_null()};
    const rowan_value of_two_types[] = {rowan_v_int64(1), rowan_v_text("x")};
    const rowan_value none_such[] = {rowan_v_text("prose")};

    open_on(_i);
    expect_refused(IN_VALUES(WORK.id, with_null, 2), ROWAN_MISUSE);
    expect_refused(IN_VALUES(WORK.id, of_two_types, 2), ROWAN_WRONG_TYPE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "work.id"));
    expect_refused(IN_VALUES(LENGTH(WORK.title), of_two_types, 2), ROWAN_WRONG_TYPE);
    expect_refused(IN_VALUES(WORK.kind, none_such, 1), ROWAN_OUT_OF_RANGE);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query list");
    TCase *tc = tcase_create("lists");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, lists_of_any_length_find_what_is_in_them, 0, engines);
    tcase_add_loop_test(tc, few_texts_serve_lists_of_all_lengths, 0, engines);
    tcase_add_loop_test(tc, every_type_can_be_in_a_list_short_or_long, 0, engines);
    tcase_add_loop_test(tc, bytes_can_be_in_a_short_list, 0, engines);
    tcase_add_loop_test(tc, a_list_that_cannot_be_is_refused_before_anything_is_sent, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
