/*
 * Memory of rendering: a shape that was rendered before takes none, and when any allocation fails
 * the call says so, leaves nothing behind and the scope usable.
 */
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "sql/sql.h"
#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"

/* An allocator that counts, and fails the one it is told to. */
typedef struct counting {
    size_t calls, live;
    size_t fail_at; /* 0: none */
} counting;

static counting memory;

static void *take(void *context, size_t size, size_t alignment)
{
    counting *c = context;

    c->calls++;
    if (c->fail_at != 0 && c->calls == c->fail_at) {
        return NULL;
    }
    c->live++;
    return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void give(void *context, void *block, size_t size)
{
    counting *c = context;

    (void)size;
    c->live--;
    free(block);
}

static const rowan_allocator allocator = {take, give, &memory};
static rowan_db *db;
static rowan_scope *scope;

static void open_on(int engine)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.allocator = &allocator;
    options.max_open = 1;
    memory = (counting){0, 0, 0};
    db = archive_open((size_t)engine, &options);
    ck_assert_int_eq(rowan_scope_begin(db, "memory", &scope, NULL), ROWAN_OK);
    archive_fill(scope);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_uint_eq(memory.live, 0);
}

START_TEST(a_shape_rendered_before_takes_no_memory)
{
    const rowan_query query = {
        .from = &work_table,
        .joins = JOINS(JOIN(&press_table, EQ(PRESS.id, WORK.press_id))),
        .where = AND(GT(WORK.cents, 5), IN(WORK.id, 1, 2, 3), LIKE(PRESS.name, "%")),
        .order_by = ORDER(ASC(WORK.title)),
        .limit = 9};
    rowan__rendered first, second;
    size_t calls;
    char text[2048];

    open_on(_i);
    ck_assert_int_eq(rowan__render_query(scope, &query, &first), ROWAN_OK);
    ck_assert_uint_lt(first.sql_size, sizeof text);
    memcpy(text, first.sql, first.sql_size + 1);
    calls = memory.calls;
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(rowan__render_query(scope, &query, &second), ROWAN_OK);
    }
    ck_assert_uint_eq(memory.calls, calls);
    ck_assert_str_eq(second.sql, text);
    close_all();
}
END_TEST

/* Things to do that allocate in the renderer: many parameters, joins, CTEs, lists, copies, chunks.
 */

static rowan_status load_long_list(void)
{
    static rowan_value values[2000];
    rowan_rows rows;

    for (size_t i = 0; i < 2000; i++) {
        values[i] = rowan_v_int64((int64_t)i);
    }
    return rowan_query_all(
        scope, &(rowan_query){.from = &work_table, .where = IN_VALUES(WORK.id, values, 2000)},
        &rows);
}

static rowan_status load_enums(void)
{
    rowan_rows rows;

    return rowan_query_all(
        scope, &(rowan_query){.from = &work_table, .where = IN(WORK.kind, WORK_POEM, WORK_NOVEL)},
        &rows);
}

static rowan_status load_many_joins(void)
{
    rowan_rows rows;

    return rowan_query_all(
        scope,
        &(rowan_query){
            .from = &press_table,
            .joins = JOINS(CROSS_JOIN_AS(&press_table, "a"), CROSS_JOIN_AS(&press_table, "b"),
                           CROSS_JOIN_AS(&press_table, "c"), CROSS_JOIN_AS(&press_table, "d"),
                           CROSS_JOIN_AS(&press_table, "e"), CROSS_JOIN_AS(&press_table, "f")),
            .limit = 1},
        &rows);
}

static rowan_status copy_and_load(void)
{
    const rowan_query *copy =
        rowan_query_dup(scope, &(rowan_query){.from = &work_table,
                                              .where = OR(EQ(WORK.title, "x"), IN(WORK.id, 1, 2)),
                                              .limit = 3});
    rowan_rows rows;

    return copy ? rowan_query_all(scope, copy, &rows) : ROWAN_NOMEM;
}

/* A condition that was lost would let all rows through. */
static rowan_status load_by_a_copied_condition(void)
{
    static char title[100000];
    rowan_rows rows;

    memset(title, 't', sizeof title - 1);
    const rowan_expr *copy = rowan_expr_dup(scope, EQ(WORK.title, (const char *)title));
    const rowan_query query = {.from = &work_table, .where = AND(copy, GT(WORK.id, 0))};
    rowan_status status = rowan_query_all(scope, &query, &rows);
    ck_assert_uint_eq(rows.count, 0);
    return status;
}

static rowan_status insert_rows(void)
{
    static loan rows[400];
    rowan_rows returned;
    rowan_status status;

    for (size_t i = 0; i < 400; i++) {
        rows[i] = (loan){7, (int32_t)i, 1, {true, "Eve"}};
    }
    status = rowan_begin(scope, NULL);
    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan_query_insert(
        scope,
        &(rowan_insert){.into = &loan_table, .rows = rows, .row_count = 400, .returning = true},
        &returned, NULL);
    if (rowan_rollback(scope) != ROWAN_OK) {
        return ROWAN_ENGINE;
    }
    return status;
}

static rowan_status update_decimal(void)
{
    return rowan_query_update(scope,
                              &(rowan_update){.table = &work_table,
                                              .set = SET(TO(WORK.price, ((rowan_decimal){"3"}))),
                                              .where = EQ(WORK.id, 1)},
                              NULL, NULL);
}

static rowan_status (*const actions[])(void) = {
    load_long_list, load_enums,    load_many_joins, copy_and_load, load_by_a_copied_condition,
    insert_rows,    update_decimal};

START_TEST(when_any_allocation_fails_the_call_says_so_and_the_scope_works_on)
{
    const rowan_query *all = &(rowan_query){.from = &press_table};
    rowan_rows rows;

    open_on(_i);
    for (size_t a = 0; a < sizeof actions / sizeof actions[0]; a++) {
        for (size_t nth = 1;; nth++) {
            ck_assert_uint_lt(nth, 3000);
            rowan_mark mark = rowan_scope_mark(scope);
            memory.calls = 0;
            memory.fail_at = nth;
            rowan_status status = actions[a]();
            bool fired = memory.calls >= nth;
            memory.fail_at = 0;
            ck_assert_msg(status == (fired ? ROWAN_NOMEM : ROWAN_OK) ||
                              (fired && status == ROWAN_OK),
                          "action %zu, allocation %zu: %s", a, nth, rowan_status_name(status));
            ck_assert_int_eq(rowan_query_all(scope, all, &rows), ROWAN_OK);
            ck_assert_uint_eq(rows.count, ARCHIVE_PRESSES);
            ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_OK);
            if (!fired) {
                break;
            }
        }
    }
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query memory");
    TCase *tc = tcase_create("memory");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_shape_rendered_before_takes_no_memory, 0, engines);
    tcase_add_loop_test(tc, when_any_allocation_fails_the_call_says_so_and_the_scope_works_on, 0,
                        engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
