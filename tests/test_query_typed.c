/*
 * A value beside an expression is what it would be beside the column in it: whatever the type, an
 * enumerator, a whole number beside a real, NULL.
 */
#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archived.h"
#include "support/suite.h"

/* --- What the column is wrapped in. --- */

typedef enum wrapping {
    PLAIN,
    CASE_LEFT,
    CASE_RIGHT,
    COALESCED,
    OF_A_SUBQUERY,
    LEAST_OF_A_SUBQUERY,
    WRAPPINGS
} wrapping;

static const char *const wrapping_names[] = {"plain",    "CASE, first", "CASE, second",
                                             "COALESCE", "a subquery",  "MIN in a subquery"};

/* Whether engines have a least value of a type. */
static bool has_least(rowan_type type)
{
    return type != ROWAN_TYPE_BOOL && type != ROWAN_TYPE_UUID && type != ROWAN_TYPE_JSON &&
           type != ROWAN_TYPE_BLOB;
}

/* Rows for which the wrapped column compares so with a value; or -1, which is the status then. */
static int64_t count(wrapping how, const rowan_column *column, rowan_compare compare,
                     rowan_value value, rowan_status *status)
{
    const rowan_operand own = rowan_o_column(column, NULL), twin = rowan_o_column(column, "twin");
    const rowan_selected twins[] = {
        {.what = how == LEAST_OF_A_SUBQUERY ? rowan_o_expr(MIN(twin)) : twin,
         .as = "v",
         .given = true},
        {.given = false}};
    const rowan_query inner = {.from = &work_table,
                               .as = "twin",
                               .select = twins,
                               .where = EQ(OF("twin", WORK.id), WORK.id)};
    const rowan_expr *always = GT(WORK.id, 0), *never = LT(WORK.id, 0);
    const rowan_operand wrapped[] = {
        [PLAIN] = own,
        [CASE_LEFT] = rowan_o_expr(CASE(always, own, rowan_v_null())),
        [CASE_RIGHT] = rowan_o_expr(CASE(never, rowan_v_null(), own)),
        [COALESCED] = rowan_o_expr(COALESCE(own, own)),
        [OF_A_SUBQUERY] = rowan_o_expr(SUBQUERY(&inner)),
        [LEAST_OF_A_SUBQUERY] = rowan_o_expr(SUBQUERY(&inner)),
    };
    const rowan_expr condition = {.kind = ROWAN_EXPR_COMPARE,
                                  .compare = compare,
                                  .left = wrapped[how],
                                  .right = rowan_o_value(value)};
    int64_t rows = -1;

    *status =
        rowan_query_count(scope, &(rowan_query){.from = &work_table, .where = &condition}, &rows);
    return *status == ROWAN_OK ? rows : -1;
}

static void compare_with_plain(const rowan_column *column, rowan_compare compare, rowan_value value)
{
    rowan_status plain, status;
    int64_t expected = count(PLAIN, column, compare, value, &plain);

    for (wrapping how = CASE_LEFT; how < WRAPPINGS; how++) {
        if (how == LEAST_OF_A_SUBQUERY && !has_least(column->type)) {
            continue;
        }
        int64_t found = count(how, column, compare, value, &status);
        ck_assert_msg(status == plain && found == expected,
                      "%s in %s, comparison %d: %s, %lld rows, not %s, %lld: %s (%s)", column->name,
                      wrapping_names[how], (int)compare, rowan_status_name(status),
                      (long long)found, rowan_status_name(plain), (long long)expected,
                      rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
    }
}

static void compare_column(const rowan_column *column)
{
    static const rowan_compare compares[] = {ROWAN_COMPARE_EQ, ROWAN_COMPARE_NE, ROWAN_COMPARE_SAME,
                                             ROWAN_COMPARE_LE, ROWAN_COMPARE_GT};
    bool has_order = column->type != ROWAN_TYPE_JSON && column->type != ROWAN_TYPE_BOOL;

    for (size_t i = 0; i <= ARCHIVE_WORKS; i++) {
        rowan_value value =
            i == ARCHIVE_WORKS ? rowan_v_null() : rowan_column_value(column, &archive_works[i]);
        for (size_t k = 0; k < (has_order ? 5 : 3); k++) {
            compare_with_plain(column, compares[k], value);
        }
    }
}

/* Every column with the value of every row, and with NULL. */
START_TEST(a_wrapped_column_finds_what_the_column_finds)
{
    open_filled(_i);
    for (size_t i = 0; i < work_table.column_count; i++) {
        compare_column(&work_table.columns[i]);
    }
    close_all();
}
END_TEST

/* Values of another kind than the column: taken or refused alike. */
START_TEST(other_values_are_taken_or_refused_alike)
{
    const rowan_value values[] = {
        rowan_v_int64(1),     rowan_v_int64(-2),   rowan_v_int64(INT64_MAX),
        rowan_v_int64(40000), rowan_v_double(0.5), rowan_v_double(1e300),
        rowan_v_float(4),     rowan_v_bool(true),  rowan_v_date((rowan_date){19000}),
        rowan_v_null(),       rowan_v_text("12"),  rowan_v_text("essay"),
    };
    enum { VALUES = sizeof values / sizeof values[0] };

    open_filled(_i);
    for (size_t i = 0; i < work_table.column_count; i++) {
        unsigned taken = 0;
        for (size_t k = 0; k < VALUES; k++) {
            rowan_status status;
            (void)count(PLAIN, &work_table.columns[i], ROWAN_COMPARE_EQ, values[k], &status);
            ck_assert(status == ROWAN_OK || status == ROWAN_WRONG_TYPE ||
                      status == ROWAN_OUT_OF_RANGE);
            taken += status == ROWAN_OK;
            compare_with_plain(&work_table.columns[i], ROWAN_COMPARE_EQ, values[k]);
        }
        ck_assert(taken > 0 && taken < VALUES);
    }
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("typed queries");
    TCase *tc = tcase_create("typed");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_wrapped_column_finds_what_the_column_finds, 0, engines);
    tcase_add_loop_test(tc, other_values_are_taken_or_refused_alike, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
