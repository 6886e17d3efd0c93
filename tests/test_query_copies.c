/*
 * Copies of queries: whatever a node is, its copy holds all that counts for it, and nothing of the
 * memory that the original was written in.
 */
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archived.h"
#include "support/suite.h"

/* A copy, and what its original was. */
typedef struct copied {
    const rowan_query *query;
    const char *sql;
    int64_t count;
} copied;

static copied copy_of(const rowan_query *query)
{
    copied c;

    ck_assert_int_eq(rowan_query_sql(scope, query, &c.sql), ROWAN_OK);
    ck_assert_int_eq(rowan_query_count(scope, query, &c.count), ROWAN_OK);
    c.query = rowan_query_dup(scope, query);
    ck_assert_ptr_nonnull(c.query);
    return c;
}

static copied copy_where(const rowan_expr *where)
{
    return copy_of(&(rowan_query){.from = &work_table, .where = where});
}

/* --- One of each kind. Texts and values are in the frame of the function. --- */

static copied compare(void)
{
    char title[] = "%MILE";

    return copy_where(ILIKE(WORK.title, (const char *)title));
}

static copied all_of(void)
{
    return copy_where(AND(GT(WORK.id, 2), NULL, LT(WORK.id, 6)));
}

static copied any_of(void)
{
    return copy_where(OR(EQ(WORK.id, 2), NULL, EQ(WORK.id, 6)));
}

static copied negated(void)
{
    return copy_where(NOT(EQ(WORK.id, 2)));
}

static copied null(void)
{
    return copy_where(IS_NULL(WORK.subtitle));
}

static copied not_null(void)
{
    return copy_where(IS_NOT_NULL(WORK.subtitle));
}

static copied list(void)
{
    const rowan_value ids[] = {V(1), V(3), V(5)};

    return copy_where(IN_VALUES(WORK.id, ids, 3));
}

static copied in_query(void)
{
    return copy_where(IN_QUERY(WORK.id, (&(rowan_query){.select = SELECT(COL(LOAN.work_id)),
                                                        .from = &loan_table,
                                                        .where = LT(LOAN.number, 2)})));
}

static copied exists(void)
{
    return copy_where(EXISTS(
        (&(rowan_query){.from = &loan_table, .where = EQ(LOAN.work_id, WORK.id), .limit = 1})));
}

static copied call(void)
{
    return copy_where(GT(LENGTH(WORK.title), 9));
}

static copied subquery(void)
{
    return copy_where(
        EQ(WORK.id, SUBQUERY((&(rowan_query){.select = SELECT(AS(MAX(LOAN.work_id), "newest")),
                                             .from = &loan_table}))));
}

static copied choice(void)
{
    return copy_where(EQ(CASE(GT(WORK.id, 3), WORK.press_id, WORK.id), 2));
}

static copied fragment(void)
{
    char text[] = "? = ?";

    return copy_where(RAW(text, WORK.id, 4));
}

typedef struct ranked {
    int64_t number;
} ranked;

static const rowan_table ranked_shape;
static const rowan_column ranked_columns[] = {ROWAN_COLUMN(ranked_shape, ranked, number, 0)};
static const rowan_table ranked_shape = ROWAN_SHAPE(ranked, ranked_columns);

static copied window(void)
{
    return copy_of(&(rowan_query){
        .select = SELECT(
            AS(OVER(ROW_NUMBER, PARTITION(WORK.press_id), ORDER(DESC(WORK.title))), "number")),
        .from = &work_table,
        .limit = 3,
        .into = &ranked_shape});
}

static copied window_over_all(void)
{
    return copy_of(
        &(rowan_query){.select = SELECT(AS(OVER(SUM(WORK.id), NO_PARTITION, NULL), "number")),
                       .from = &work_table,
                       .limit = 3,
                       .into = &ranked_shape});
}

static const struct kind {
    const char *label;
    copied (*make)(void);
} kinds[] = {
    {"compare", compare},   {"and", all_of},          {"or", any_of},
    {"not", negated},       {"is null", null},        {"is not null", not_null},
    {"in a list", list},    {"in a query", in_query}, {"exists", exists},
    {"call", call},         {"subquery", subquery},   {"case", choice},
    {"fragment", fragment}, {"window", window},       {"window over all", window_over_all},
};

/* Writes over the memory that the frames of returned functions were in. */
static __attribute__((noinline)) void spoil(void)
{
    volatile unsigned char bytes[32 << 10];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = 0xa5;
    }
}

START_TEST(a_copy_of_any_node_outlives_its_original)
{
    open_filled(_i);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        copied c = kinds[i].make();
        const char *sql;
        int64_t count = -1;

        spoil();
        ck_assert_int_eq(rowan_query_sql(scope, c.query, &sql), ROWAN_OK);
        ck_assert_msg(strcmp(sql, c.sql) == 0, "%s: %s\n%s", kinds[i].label, c.sql, sql);
        ck_assert_int_eq(rowan_query_count(scope, c.query, &count), ROWAN_OK);
        ck_assert_msg(count == c.count, "%s: %d rows, not %d", kinds[i].label, (int)count,
                      (int)c.count);
        ck_assert_msg(count > 0 && count < ARCHIVE_WORKS, "%s: %d rows tell nothing",
                      kinds[i].label, (int)count);
    }
    close_all();
}
END_TEST

START_TEST(what_could_not_be_inserted_is_copied)
{
    const rowan_expr *copy;

    open_filled(_i);
    copy = rowan_expr_dup(scope, EXCLUDED(WORK.title));
    ck_assert_ptr_nonnull(copy);
    ck_assert_int_eq(copy->kind, ROWAN_EXPR_EXCLUDED);
    ck_assert_ptr_eq(copy->left.column, WORK.title.column);
    ck_assert_ptr_null(rowan_expr_dup(scope, NULL));
    close_all();
}
END_TEST

/* More than the library takes: who deletes what the copy says must not delete everything. */
START_TEST(what_could_not_be_copied_is_refused)
{
    enum { DEEP = 500 };
    rowan_expr nodes[DEEP];
    const rowan_expr *items[DEEP][2];
    const rowan_expr *deep = EQ(WORK.id, -1);
    const rowan_expr *copies[3];
    int64_t before, after;

    open_filled(_i);
    for (size_t i = 0; i < DEEP; i++) {
        items[i][0] = deep;
        items[i][1] = ROWAN_END;
        nodes[i] = (rowan_expr){.kind = ROWAN_EXPR_AND, .items = items[i]};
        deep = &nodes[i];
    }
    copies[0] = rowan_expr_dup(scope, deep);
    ck_assert_ptr_nonnull(copies[0]);
    copies[1] = rowan_expr_dup(scope, copies[0]);
    copies[2] = rowan_expr_dup(scope, OR(copies[0], IS_NULL(WORK.genre_id)));
    const rowan_query all = {.from = &work_table};
    ck_assert_int_eq(rowan_query_count(scope, &all, &before), ROWAN_OK);
    for (size_t i = 0; i < 3; i++) {
        const rowan_query found = {.from = &work_table, .where = copies[i]};
        const rowan_query priced = {.from = &work_table,
                                    .select = SELECT(AS(copies[i], "in_print"))};
        const rowan_delete remove = {
            .from = &work_table, .where = AND(copies[i], GT(WORK.id, 0)), .all_rows = true};
        const rowan_update update = {.table = &work_table,
                                     .set = SET(TO(WORK.in_print, copies[i])),
                                     .where = GT(WORK.id, 0)};
        rowan_rows rows;
        ck_assert_int_eq(rowan_query_all(scope, &found, &rows), ROWAN_NOMEM);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "could not be copied"));
        ck_assert_int_eq(rowan_query_all(scope, &priced, &rows), ROWAN_NOMEM);
        ck_assert_int_eq(rowan_query_delete(scope, &remove, NULL, NULL), ROWAN_NOMEM);
        ck_assert_int_eq(rowan_query_update(scope, &update, NULL, NULL), ROWAN_NOMEM);
    }
    ck_assert_int_eq(rowan_query_count(scope, &all, &after), ROWAN_OK);
    ck_assert_int_eq(after, before);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query copies");
    TCase *tc = tcase_create("copies");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_copy_of_any_node_outlives_its_original, 0, (int)engine_count());
    tcase_add_loop_test(tc, what_could_not_be_inserted_is_copied, 0, (int)engine_count());
    tcase_add_loop_test(tc, what_could_not_be_copied_is_refused, 0, (int)engine_count());
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
