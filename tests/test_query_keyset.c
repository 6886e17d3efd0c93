/*
 * Keyset paging: pages by an order of several terms, mixed directions and NULLs give every row
 * once, in order, also while rows are inserted before the place that was reached.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"

enum { ROWS = 120 };

static rowan_db *db;
static rowan_scope *scope;
static char names[2 * ROWS][12];

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_status_name(status),
                  rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
}

/* Loans with few values in each column, so that ties are many, and NULL readers among them. */
static void insert_loans(int64_t work_id, size_t first, size_t count)
{
    loan rows[ROWS];

    for (size_t i = 0; i < count; i++) {
        size_t n = first + i;
        snprintf(names[n], sizeof names[n], "r%zu", n * 7 % 5);
        rows[i] = (loan){work_id, (int32_t)n, (int32_t)(n * 13 % 4), {n % 3 != 0, names[n]}};
    }
    ok(rowan_query_insert(
        scope, &(rowan_insert){.into = &loan_table, .rows = rows, .row_count = count}, NULL, NULL));
}

static void open_on(int engine)
{
    db = archive_open((size_t)engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "keyset", &scope, NULL), ROWAN_OK);
    archive_fill(scope);
    ok(rowan_query_delete(scope, &(rowan_delete){.from = &loan_table, .all_rows = true}, NULL,
                          NULL));
    insert_loans(4, 0, ROWS);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

/* The orders that are paged by; each ends in what makes it unique. */
typedef rowan_order terms[5];

static void make_order(unsigned directions, bool reader_first, rowan_order *order)
{
    const rowan_operand by[] = {rowan_o_text_column(LOAN.reader), rowan_o_int_column(LOAN.days),
                                rowan_o_int_column(LOAN.work_id), rowan_o_int_column(LOAN.number)};

    memset(order, 0, sizeof(terms));
    for (unsigned i = 0; i < 4; i++) {
        unsigned term = reader_first ? i : (i == 0 ? 1 : (i == 1 ? 0 : i));
        order[i] =
            (rowan_order){.by = by[term], .descending = (directions >> i & 1) != 0, .given = true};
    }
}

static void take_cursor(const rowan_order *order, const loan *last, rowan_value *cursor)
{
    for (size_t i = 0; i < 4; i++) {
        cursor[i] = rowan_column_value(order[i].by.column, last);
    }
}

static bool same_loan(const loan *a, const loan *b)
{
    return a->work_id == b->work_id && a->number == b->number;
}

/* Walks all pages and holds them against all rows. @return how many pages. */
static size_t walk(const rowan_order *order, int64_t page, const rowan_rows *all)
{
    rowan_query q = {.from = &loan_table, .order_by = order, .limit = page};
    rowan_value cursor[4];
    size_t seen = 0, pages = 0;

    for (;;) {
        rowan_rows rows;
        ok(rowan_query_all(scope, &q, &rows));
        if (rows.count == 0) {
            break;
        }
        pages++;
        for (size_t i = 0; i < rows.count; i++, seen++) {
            ck_assert_uint_lt(seen, all->count);
            ck_assert_msg(same_loan(&((loan *)rows.at)[i], &((loan *)all->at)[seen]), "row %zu",
                          seen);
        }
        take_cursor(order, &((loan *)rows.at)[rows.count - 1], cursor);
        q.after = (rowan_params){cursor, 4};
    }
    ck_assert_uint_eq(seen, all->count);
    return pages;
}

START_TEST(pages_of_any_order_are_all_rows_once_and_in_order)
{
    open_on(_i);
    for (unsigned i = 0; i < 32; i++) {
        const unsigned directions = i & 15;
        terms order;
        rowan_rows all;
        make_order(directions, i >= 16, order);
        ok(rowan_query_all(scope, &(rowan_query){.from = &loan_table, .order_by = order}, &all));
        ck_assert_uint_eq(all.count, ROWS);
        ck_assert_uint_eq(walk(order, 7, &all), (ROWS + 6) / 7);
        ck_assert_uint_eq(walk(order, ROWS, &all), 1);
    }
    close_all();
}
END_TEST

START_TEST(rows_inserted_before_the_cursor_do_not_disturb_the_pages)
{
    const rowan_order order[] = {
        {.by = rowan_o_int_column(LOAN.work_id), .descending = true, .given = true},
        {.by = rowan_o_text_column(LOAN.reader), .given = true},
        {.by = rowan_o_int_column(LOAN.days), .given = true},
        {.by = rowan_o_int_column(LOAN.number), .given = true},
        {.given = false}};
    rowan_query q = {.from = &loan_table, .order_by = order, .limit = 9};
    rowan_value cursor[4];
    rowan_rows all, rows;
    size_t seen = 0;

    open_on(_i);
    ok(rowan_query_all(scope, &(rowan_query){.from = &loan_table, .order_by = order}, &all));
    for (size_t page = 0;; page++) {
        ok(rowan_query_all(scope, &q, &rows));
        if (rows.count == 0) {
            break;
        }
        for (size_t i = 0; i < rows.count; i++, seen++) {
            ck_assert(same_loan(&((loan *)rows.at)[i], &((loan *)all.at)[seen]));
        }
        take_cursor(order, &((loan *)rows.at)[rows.count - 1], cursor);
        q.after = (rowan_params){cursor, 4};
        insert_loans(8, ROWS + page * 2, 2); /* a later work sorts before all of this one */
    }
    ck_assert_uint_eq(seen, ROWS);
    close_all();
}
END_TEST

START_TEST(paging_that_cannot_be_is_misuse)
{
    const rowan_query queries[] = {
        {.from = &loan_table, .after = PARAMS(V(1))},
        {.from = &loan_table,
         .order_by = ORDER(ASC(LOAN.days), ASC(LOAN.number)),
         .after = PARAMS(V(1))},
        {.from = &loan_table, .order_by = ORDER(ASC(LOAN.days)), .after = PARAMS(V(1), V(2))},
        {.from = &loan_table,
         .order_by = ORDER(ASC(LOAN.days)),
         GROUP_BY(LOAN.days),
         .select = SELECT(COL(LOAN.days)),
         .after = PARAMS(V(1))},
        {.from = &loan_table,
         .order_by = ORDER(ASC(LOAN.days)),
         .sets = SETS(UNION(&((rowan_query){.from = &loan_table}))),
         .after = PARAMS(V(1))},
    };
    const rowan_query mistyped = {
        .from = &loan_table, .order_by = ORDER(ASC(LOAN.days)), .after = PARAMS(V("x"))};
    rowan_rows rows;
    rowan_status status;
    uint64_t before;

    open_on(_i);
    before = rowan_scope_counts(scope).statements;
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        ck_assert_msg(rowan_query_all(scope, &queries[i], &rows) == ROWAN_MISUSE, "query %zu", i);
    }
    status = rowan_query_all(scope, &mistyped, &rows);
    ck_assert_int_eq(status, ROWAN_WRONG_TYPE);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, before);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query keyset");
    TCase *tc = tcase_create("keyset");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 90);
    tcase_add_loop_test(tc, pages_of_any_order_are_all_rows_once_and_in_order, 0, engines);
    tcase_add_loop_test(tc, rows_inserted_before_the_cursor_do_not_disturb_the_pages, 0, engines);
    tcase_add_loop_test(tc, paging_that_cannot_be_is_misuse, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
