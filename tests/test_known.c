/*
 * Statements that are known by their shape: they are what a fresh rendering would be, whatever the
 * values, and what would be refused is refused.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "database/database_private.h"
#include "raw/raw_private.h"
#include "sql/sql.h"
#include "support/archive.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"
#include "support/trees.h"

enum { TREES = 300, DEEPEST = 3 };

static rowan_db *db;
static rowan_scope *scope;

static void begin(int engine, const rowan_options *options)
{
    db = archive_open((size_t)engine, options);
    ck_assert_int_eq(rowan_scope_begin(db, "known", &scope, NULL), ROWAN_OK);
}

static void end(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

/* --- The same as a fresh rendering. --- */

/* A tree of any kind, and how it came out. */
typedef struct outcome {
    rowan_status status;
    char message[256];
    char *sql;
    rowan_value *params; /* texts are those of the tree */
    size_t param_count;
    bool is_known; /* from before */
} outcome;

static bool same_value(const rowan_value *a, const rowan_value *b)
{
    if (a->type != b->type || a->is_null != b->is_null || a->name || b->name) {
        return false;
    }
    if (a->is_null) {
        return true;
    }
    switch (a->type) {
    case ROWAN_TYPE_LIST:
        for (size_t i = 0; i < a->as.list.count && i < b->as.list.count; i++) {
            if (!same_value(&a->as.list.items[i], &b->as.list.items[i])) {
                return false;
            }
        }
        return a->as.list.count == b->as.list.count;
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_BLOB:
        return a->as.bytes.size == b->as.bytes.size &&
               memcmp(a->as.bytes.data, b->as.bytes.data, a->as.bytes.size) == 0;
    case ROWAN_TYPE_BOOL:
        return a->as.boolean == b->as.boolean;
    case ROWAN_TYPE_DATE:
        return a->as.date.days == b->as.date.days;
    default:
        return a->as.integer == b->as.integer;
    }
}

static outcome outcome_of(rowan_status status, const rowan__rendered *rendered)
{
    outcome out = {.status = status};

    if (status != ROWAN_OK) {
        strcpy(out.message, rowan_scope_error(scope)->message);
        return out;
    }
    out.sql = rowan_scope_strdup(scope, rendered->sql);
    ck_assert_uint_eq(strlen(out.sql), rendered->sql_size);
    out.param_count = rendered->param_count;
    out.params = rowan_scope_alloc(scope, (out.param_count + 1) * sizeof *out.params);
    if (out.param_count > 0) {
        memcpy(out.params, rendered->params, out.param_count * sizeof *out.params);
    }
    return out;
}

static void compare(const outcome *fresh, const outcome *compiled)
{
    ck_assert_msg(fresh->status == compiled->status, "%d and %d: %s%s", fresh->status,
                  compiled->status, fresh->message, compiled->message);
    ck_assert_str_eq(fresh->message, compiled->message);
    if (fresh->status != ROWAN_OK) {
        return;
    }
    ck_assert_str_eq(fresh->sql, compiled->sql);
    ck_assert_uint_eq(fresh->param_count, compiled->param_count);
    for (size_t i = 0; i < fresh->param_count; i++) {
        ck_assert_msg(same_value(&fresh->params[i], &compiled->params[i]), "parameter %zu of %s",
                      i + 1, fresh->sql);
    }
}

/* Renders a tree, and compiles it twice: the second time it is known, if it can be. */
static bool check_tree(trees *t, uint64_t seed)
{
    rowan__rendered rendered;
    outcome fresh, first, second;
    rowan_mark mark = rowan_scope_mark(scope);
    bool is_known;

    trees_begin(t, scope, seed);
    switch (trees_below(t, 6)) {
    case 0: {
        rowan_update update = trees_update(t, 1 + trees_below(t, DEEPEST));
        fresh = outcome_of(rowan__render_update(scope, &update, &rendered), &rendered);
        first = outcome_of(rowan__compile_update(scope, &update, &rendered), &rendered);
        second = outcome_of(rowan__compile_update(scope, &update, &rendered), &rendered);
        break;
    }
    case 1: {
        rowan_delete remove = trees_delete(t, 1 + trees_below(t, DEEPEST));
        fresh = outcome_of(rowan__render_delete(scope, &remove, &rendered), &rendered);
        first = outcome_of(rowan__compile_delete(scope, &remove, &rendered), &rendered);
        second = outcome_of(rowan__compile_delete(scope, &remove, &rendered), &rendered);
        break;
    }
    default: {
        const rowan_query *query = trees_query(t, trees_below(t, DEEPEST + 1));
        fresh = outcome_of(rowan__render_query(scope, query, &rendered), &rendered);
        first = outcome_of(rowan__compile_query(scope, query, &rendered), &rendered);
        second = outcome_of(rowan__compile_query(scope, query, &rendered), &rendered);
        break;
    }
    }
    is_known = second.status == ROWAN_OK && rendered.known != NULL;
    compare(&fresh, &first);
    compare(&fresh, &second);
    ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_OK);
    return is_known;
}

START_TEST(known_statements_are_what_a_fresh_rendering_is)
{
    unsigned known = 0, rendered = 0;

    begin(_i, NULL);
    for (uint64_t seed = 1; seed <= TREES; seed++) {
        trees t = {.wild = true};
        for (t.variant = 0; t.variant < TREES_VARIANTS; t.variant++) {
            known += check_tree(&t, seed * 7919);
            rendered++;
        }
        t.variant = 0;
        unsigned choices = t.choices;
        for (t.changed = 1; t.changed <= choices && t.changed < 40; t.changed++) {
            t.variant = t.changed % TREES_VARIANTS;
            check_tree(&t, seed * 7919);
        }
    }
    ck_assert_uint_gt(known, rendered / 4); /* many are refused */
    end();
}
END_TEST

/* Compiles a query, which makes it known, and compares what is compiled with what is rendered. */
static bool check_query(const rowan_query *query)
{
    rowan__rendered rendered;
    outcome fresh = outcome_of(rowan__render_query(scope, query, &rendered), &rendered);
    outcome compiled;

    for (int i = 0; i < 2; i++) {
        compiled = outcome_of(rowan__compile_query(scope, query, &rendered), &rendered);
        compare(&fresh, &compiled);
    }
    return rendered.known != NULL;
}

static rowan_value typed_null(rowan_type type)
{
    rowan_value null = rowan_v_null();

    null.type = type;
    return null;
}

START_TEST(one_difference_makes_another_statement)
{
    const rowan_value titles[] = {V("a"), V("b"), V("c"), V("d"), V("e")};
    const rowan_value nothing = typed_null(ROWAN_TYPE_INT64), one = V(1);
    const rowan_order empty[] = {{.given = false}};
    const rowan_query inner = {.from = &press_table, .select = SELECT(COL(PRESS.id))};
    rowan_query ordered = inner;
    const rowan_query queries[] = {
        {.from = &work_table, .as = "a", .where = EQ(OF("a", WORK.id), 1)},
        {.from = &work_table, .as = "b", .where = EQ(OF("b", WORK.id), 1)},
        {.from = &work_table,
         .as = "a",
         .joins = JOINS(CROSS_JOIN_AS(&work_table, "b")),
         .where = EQ(OF("a", WORK.id), 1)},
        {.from = &work_table,
         .as = "a",
         .joins = JOINS(CROSS_JOIN_AS(&work_table, "b")),
         .where = EQ(OF("b", WORK.id), 1)},
        {.from = &work_table, .select = SELECT(AS(WORK.id, "number"))},
        {.from = &work_table, .select = SELECT(AS(WORK.id, "figure"))},
        {.from = &work_table, .select = SELECT(COL(WORK.id)), .where = RAW_0("1 = 1")},
        {.from = &work_table, .select = SELECT(COL(WORK.id)), .where = RAW_0("1 = 2")},
        {.from = &work_table, .where = IN_VALUES(WORK.title, titles, 0)},
        {.from = &work_table, .where = IN_VALUES(WORK.title, titles, 2)},
        {.from = &work_table, .where = IN_VALUES(WORK.title, titles, 3)},
        {.from = &work_table, .where = IN_VALUES(WORK.title, titles, 4)},
        {.from = &work_table, .where = IN_VALUES(WORK.title, titles, 5)},
        {.from = &work_table, .where = NOT(IN_VALUES(WORK.title, titles, 2))},
        {.from = &work_table, .where = IN(WORK.stock, 1, 2)},
        {.from = &work_table, .where = IN(WORK.stock, 1, 70000)},
        {.from = &work_table, .where = LT(WORK.stock, 7)},
        {.from = &work_table, .where = LT(WORK.stock, 70000)},
        {.from = &work_table, .where = LT(WORK.cents, 70000)},
        {.from = &work_table, .where = LT(WORK.cents, 7000000000)},
        {.from = &work_table, .where = EQ(WORK.stock, rowan_o_value(typed_null(ROWAN_TYPE_INT64)))},
        {.from = &work_table, .order_by = ORDER(ASC(WORK.id)), .after = {&one, 1}},
        {.from = &work_table, .order_by = ORDER(ASC(WORK.id)), .after = {&nothing, 1}},
        {.from = &work_table, .order_by = ORDER(DESC(WORK.id)), .after = {&nothing, 1}},
        {.from = &press_table, .select = SELECT(COL(PRESS.id)), .sets = SETS(UNION(&inner))},
        {.from = &press_table, .select = SELECT(COL(PRESS.id)), .sets = SETS(UNION(&ordered))},
        {.from = &work_table, .where = OR(EQ(WORK.id, 1), EQ(WORK.id, 2)), .limit = 1},
        {.from = &work_table, .where = OR(EQ(WORK.id, 1), EQ(WORK.id, 2)), .limit = -1},
        {.from = &work_table, .where = OR(EQ(WORK.id, 1), EQ(WORK.id, 2)), .offset = 1},
        {.from = &work_table, .where = EQ(WORK.id, 1), .limit = 1},
        {.from = &work_table, .where = EQ(WORK.id, 1), .limit = 2},
        {.from = &work_table, .where = EQ(WORK.id, 1), .offset = 1},
        {.from = &work_table, .where = EQ(WORK.id, 1), .limit = 1, .offset = 1},
        {.from = &work_table, .where = AND(EQ(WORK.id, 1), NULL, EQ(WORK.id, 2))},
        {.from = &work_table, .where = AND(NULL, NOT(NULL))},
        {.from = &work_table, .where = AND(NULL, NOT(EQ(WORK.kind, WORK_POEM)))},
        {.from = &work_table, .where = EQ(WORK.kind, (work_kind)77)},
        {.from = &work_table, .where = EQ(WORK.kind, WORK_POEM)},
        {.from = &work_table, .where = EQ(LOAN.days, 1)},
        {.from_cte = "w",
         .from = &work_table,
         .with = WITH(CTE("w", &(rowan_query){.from = &work_table}))},
        {.from_cte = "v",
         .from = &work_table,
         .with = WITH(CTE("v", &(rowan_query){.from = &work_table}))},
        {.from_cte = "v",
         .from = &work_table,
         .with = WITH(RECURSIVE("v", &(rowan_query){.from = &work_table}))},
    };
    const size_t count = sizeof queries / sizeof queries[0];

    ordered.order_by = empty;
    begin(_i, NULL);
    for (size_t i = 0; i < 2 * count; i++) {
        check_query(&queries[i % count]);
    }
    end();
}
END_TEST

START_TEST(a_limit_of_one_is_not_written_where_the_whole_key_is_given)
{
    const rowan_query by_key[] = {
        {.from = &work_table, .where = EQ(WORK.id, 1), .limit = 1},
        {.from = &work_table, .as = "w", .where = EQ(OF("w", WORK.id), 1), .limit = 1},
        {.from = &loan_table,
         .where = AND(EQ(LOAN.work_id, 1), LT(LOAN.days, 9), EQ(LOAN.number, 1)),
         .limit = 1}};
    const rowan_query works = {.from = &work_table};
    const rowan_query one_of_them = {.from = &work_table,
                                     .select = SELECT(COL(WORK.press_id)),
                                     .where = EQ(WORK.id, 1),
                                     .limit = 1};
    const rowan_query others[] = {
        {.from = &work_table, .where = EQ(WORK.id, 1), .limit = 2},
        {.from = &work_table, .where = GE(WORK.id, 1), .limit = 1},
        {.from = &work_table, .where = EQ(WORK.id, WORK.press_id), .limit = 1},
        {.from = &work_table, .where = OR(EQ(WORK.id, 1), EQ(WORK.id, 2)), .limit = 1},
        {.from = &work_table, .where = NOT(EQ(WORK.id, 1)), .limit = 1},
        {.from = &work_table,
         .joins = JOINS(CROSS_JOIN(&loan_table)),
         .where = EQ(WORK.id, 1),
         .limit = 1},
        {.from = &loan_table, .where = EQ(LOAN.work_id, 1), .limit = 1},
        {.from = &work_table, .where = EQ(WORK.id, 1), .limit = 1, .offset = 1},
        {.from = &work_table,
         .where = EQ(WORK.id, 1),
         .sets = SETS(UNION_ALL(&works)),
         .order_by = ORDER(ASC(WORK.id)),
         .limit = 1},
        {.with = WITH(CTE("work", &(rowan_query){.from = &press_table})),
         .from = &work_table,
         .where = EQ(WORK.id, 1),
         .limit = 1},
        {.with = WITH(CTE("work", &works)),
         .from = &press_table,
         .where = EQ(PRESS.id, SUBQUERY(&one_of_them))}};
    const char *sql;

    begin(_i, NULL);
    for (size_t i = 0; i < sizeof by_key / sizeof by_key[0]; i++) {
        ck_assert_int_eq(rowan_query_sql(scope, &by_key[i], &sql), ROWAN_OK);
        ck_assert_msg(strstr(sql, "LIMIT") == NULL, "%s", sql);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert_int_eq(rowan_query_sql(scope, &others[i], &sql), ROWAN_OK);
        ck_assert_msg(strstr(sql, "LIMIT") != NULL, "%s", sql);
    }
    end();
}
END_TEST

START_TEST(a_node_that_is_there_twice_is_two_nodes_elsewhere)
{
    begin(_i, NULL);
    const rowan_expr *shared = EQ(WORK.id, 1);
    const rowan_query twice = {.from = &work_table, .where = OR(shared, shared)};
    const rowan_query apart = {.from = &work_table, .where = OR(EQ(WORK.id, 1), EQ(WORK.id, 2))};

    check_query(&twice);
    ck_assert(check_query(&apart));
    check_query(&twice);
    end();
}
END_TEST

/* With numbered placeholders an expression is grouped by its place if it has the same values. */
START_TEST(values_that_are_compared_with_each_other_are_looked_at_every_time)
{
    begin(_i, NULL);
    for (int other = 1; other <= 2; other++) {
        const rowan_query query = {.from = &work_table,
                                   .select =
                                       SELECT(AS(ADD(WORK.id, 1), "sum"), AS(COUNT_ALL, "count")),
                                   .group_by = OPERANDS(ADD(WORK.id, other)),
                                   .group_count = 1};
        check_query(&query);
    }
    end();
}
END_TEST

typedef struct slim {
    int64_t id;
    const char *text;
} slim;

/* A shape may be gone after the call, and another one be made in its place. */
START_TEST(a_shape_is_known_by_its_columns_and_not_by_its_address)
{
    static rowan_table shape;
    static rowan_column columns[2];
    const rowan_column before[] = {ROWAN_COLUMN(shape, slim, id, 0),
                                   {&shape, "title", ROWAN_TYPE_TEXT, 0, offsetof(slim, text),
                                    offsetof(slim, text), NULL, 0, 0}};
    const rowan_query narrow = {.from = &work_table, .into = &shape};
    const rowan_query sorted = {.from = &work_table,
                                .select = SELECT(COL(WORK.id), AS(UPPER(WORK.title), "title"),
                                                 AS(LOWER(WORK.title), "price")),
                                .into = &shape,
                                .order_by = ORDER({.by = {.column = &columns[1]}, .given = true})};

    begin(_i, NULL);
    memcpy(columns, before, sizeof columns);
    shape = (rowan_table)ROWAN_SHAPE(slim, columns);
    ck_assert(check_query(&narrow));
    ck_assert(check_query(&sorted));
    columns[1].name = "price";
    ck_assert(check_query(&narrow));
    ck_assert(check_query(&sorted));
    columns[1].flags = ROWAN_NULLABLE;
    ck_assert(check_query(&sorted));
    end();
}
END_TEST

/* --- Without an allocation. --- */

/* One round of everything that looks something up or writes one row, with a mark around it. */
static void use_everything(int round)
{
    rowan_mark mark = rowan_scope_mark(scope);
    rowan_rows rows;
    genre *one, *found;
    press *record;
    rowan_query by_key = {.from = &genre_table, .where = EQ(GENRE.id, 1 + round % 3)};
    rowan_query sorted = {
        .from = &work_table,
        .select = SELECT(COL(WORK.id), AS(UPPER(WORK.title), "title")),
        .joins = JOINS(LEFT_JOIN(&press_table, EQ(PRESS.id, WORK.press_id))),
        .where = AND(GT(WORK.id, round % 2), IN(WORK.id, 1, 2, 3), NOT(IS_NULL(WORK.title))),
        .order_by = ORDER(DESC(WORK.id)),
        .limit = 5,
        .into = &work_table};
    rowan_update update = {.table = &genre_table,
                           .set = SET(TO(GENRE.name, round % 2 ? "odd" : "even")),
                           .where = EQ(GENRE.id, 1)};

    ck_assert_int_eq(rowan_query_all(scope, &by_key, &rows), ROWAN_OK);
    ck_assert_int_eq(rowan_query_one(scope, &by_key, (void **)&one), ROWAN_OK);
    ck_assert_int_eq(rowan_query_all(scope, &sorted, &rows), ROWAN_OK);
    ck_assert_int_eq(rowan_query_update(scope, &update, NULL, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_one(scope, "SELECT * FROM genre WHERE id = ?",
                                   PARAMS(V(1 + round % 3)), &genre_table, (void **)&one),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_raw_all(scope, "SELECT * FROM genre WHERE id = :id OR name = :name",
                                   PARAMS(NAMED("id", 1), NAMED("name", "x")), &genre_table, &rows),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_record_find(scope, &genre_table, PARAMS(V(2)), (void **)&found),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_record_find(scope, &press_table, PARAMS(V(1)), (void **)&record),
                     ROWAN_OK);
    record->name = round % 2 ? "an odd one" : "an even one";
    ck_assert_int_eq(rowan_record_save(scope, record), ROWAN_OK);
    ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_OK);
}

START_TEST(what_is_known_takes_no_allocation)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    unsigned before;

    options.allocator = &fault_allocator;
    options.no_detector = true;
    begin(_i, &options);
    archive_fill(scope);
    for (int round = 0; round < 4; round++) {
        use_everything(round);
    }
    before = fault_allocations();
    for (int round = 0; round < 20; round++) {
        use_everything(round);
    }
    ck_assert_uint_eq(fault_allocations(), before);
    end();
}
END_TEST

START_TEST(a_session_finds_another_row_without_an_allocation)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    unsigned before = 0;
    rowan_session *session;
    genre *found;

    options.allocator = &fault_allocator;
    options.no_detector = true;
    begin(_i, &options);
    archive_fill(scope);
    ck_assert_int_eq(rowan_session_begin(scope, &session), ROWAN_OK);
    for (int i = 0; i < ARCHIVE_GENRES; i++) {
        before = fault_allocations();
        ck_assert_int_eq(
            rowan_session_find(session, &genre_table, PARAMS(V(1 + i)), (void **)&found), ROWAN_OK);
    }
    ck_assert_uint_eq(fault_allocations(), before);
    rowan_session_end(session);
    end();
}
END_TEST

/* A chain of conditions, each in the next, and many side by side. */
static const rowan_expr *tower(unsigned height, rowan_expr_kind kind)
{
    const rowan_expr *top = EQ(WORK.id, 1);

    top = rowan_expr_dup(scope, top);
    for (unsigned i = 0; i < height; i++) {
        rowan_expr *next = rowan_scope_alloc(scope, sizeof *next);
        const rowan_expr **items = rowan_scope_alloc(scope, 3 * sizeof *items);
        memset(next, 0, sizeof *next);
        next->kind = kind == ROWAN_EXPR_COMPARE ? kind : i % 2 ? ROWAN_EXPR_AND : ROWAN_EXPR_OR;
        next->compare = ROWAN_COMPARE_EQ;
        next->left = rowan_o_expr(top);
        next->right = rowan_o_bool(i % 3 == 0);
        items[0] = top;
        items[1] = next->kind == ROWAN_EXPR_AND ? IS_NULL(WORK.subtitle) : NULL;
        items[1] = items[1] ? rowan_expr_dup(scope, items[1]) : NULL;
        items[2] = ROWAN_END;
        next->items = items;
        top = next;
    }
    return top;
}

static const rowan_expr *row_of(unsigned width)
{
    rowan_expr *all = rowan_scope_alloc(scope, sizeof *all);
    const rowan_expr **items = rowan_scope_alloc(scope, (width + 1) * sizeof *items);

    memset(all, 0, sizeof *all);
    all->kind = ROWAN_EXPR_OR;
    all->items = items;
    for (unsigned i = 0; i < width; i++) {
        items[i] = rowan_expr_dup(scope, EQ(WORK.id, (int)i));
    }
    items[width] = ROWAN_END;
    return all;
}

START_TEST(what_is_too_large_to_be_known_is_rendered_every_time)
{
    char text[4000];
    bool known = true;

    begin(_i, NULL);
    for (unsigned size = 1; size < 390; size++) {
        rowan_mark mark = rowan_scope_mark(scope);
        memset(text, 'a', sizeof text);
        text[size * 10] = '\0';
        const rowan_query queries[] = {
            {.from = &work_table, .where = tower(size, ROWAN_EXPR_AND)},
            {.from = &work_table, .where = tower(size, ROWAN_EXPR_COMPARE)},
            {.from = &work_table, .where = row_of(size)},
            {.from = &work_table, .select = SELECT(AS(WORK.id, text)), .limit = 1},
        };
        for (size_t i = 0; i < 4; i++) {
            known = check_query(&queries[i]);
            ck_assert(known || size > 10);
        }
        ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_OK);
    }
    ck_assert(!known);
    end();
}
END_TEST

/* Reads a raw statement anew and by what is known of its text. */
static void check_raw(const char *sql, rowan_params params)
{
    rowan__raw_statement statement;
    rowan__raw_notes notes;
    rowan__call call;
    outcome outcomes[3];

    for (int i = 0; i < 3; i++) {
        rowan_status status;
        rowan__rendered rendered;
        if (i == 0) {
            status = rowan__raw_rewrite(scope, sql, params, &statement, &notes);
            rendered = (rowan__rendered){statement.sql, statement.sql_size, statement.values,
                                         statement.value_count, NULL};
        } else {
            status = rowan__raw_call(scope, sql, params, NULL, &call);
            rendered = (rowan__rendered){call.sql, call.sql_size, call.params, call.param_count,
                                         call.known};
        }
        outcomes[i] = outcome_of(status, &rendered);
        for (size_t j = 0; j < outcomes[i].param_count; j++) {
            outcomes[i].params[j].name = NULL;
        }
        compare(&outcomes[0], &outcomes[i]);
    }
}

START_TEST(raw_statements_are_known_by_their_text_and_the_kinds_of_values)
{
    const rowan_value some[] = {V(1), V(2), V(3), V(4), V(5)};
    const rowan_value holes[] = {V(1), rowan_v_null()}, mixed[] = {V(1), V("a")};
    const rowan_value lists[] = {rowan_v_list(some, 2),       rowan_v_list(some, 0),
                                 rowan_v_list(some, 1),       rowan_v_list(some, 3),
                                 rowan_v_list(some, 4),       rowan_v_list(some, 5),
                                 rowan_v_list(holes, 2),      rowan_v_list(mixed, 2),
                                 typed_null(ROWAN_TYPE_LIST), V(7)};
    const rowan_value label = {.type = ROWAN_TYPE_ENUM, .as.integer = 1};
    static const char *const texts[] = {"SELECT :a + :b + :a",
                                        "SELECT ? + ?",
                                        "SELECT :a WHERE :a IN (:b)",
                                        "SELECT ? WHERE 1 NOT IN (?)",
                                        "SELECT 1 WHERE ? IN (?) AND ':a' <> '?'",
                                        "SELECT 1"};

    begin(_i, NULL);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            for (size_t j = 0; j < sizeof lists / sizeof lists[0]; j++) {
                check_raw(texts[i], PARAMS(NAMED("a", 1), NAMED("b", lists[j])));
                check_raw(texts[i], PARAMS(NAMED("b", lists[j]), NAMED("a", 1)));
                check_raw(texts[i], PARAMS(V(1), lists[j]));
                check_raw(texts[i], PARAMS(lists[j], V("x")));
            }
            check_raw(texts[i], PARAMS(NAMED("a", 1)));
            check_raw(texts[i], PARAMS(NAMED("a", 1), V(2)));
            check_raw(texts[i], PARAMS(NAMED("a", 1), NAMED("a", 2)));
            check_raw(texts[i], PARAMS(NAMED("a", 1), NAMED("b", 2), NAMED("c", 3)));
            check_raw(texts[i], PARAMS(V(1), label));
            check_raw(texts[i], PARAMS(V(1)));
            check_raw(texts[i], ROWAN_NO_PARAMS);
        }
    }
    end();
}
END_TEST

/* What was kept of a text for one list serves those of its length, up to the next power of two; for
 * others it is read again. Behind the list stand further values. */
START_TEST(a_list_of_any_length_may_follow_any_other)
{
    enum { LONGEST = 9 };
    static const char *const forms[] = {
        "SELECT 1 WHERE ? IN (?) AND 2 = ? -- %zu",
        "SELECT 1 WHERE :a IN (:b) AND 2 = :c -- %zu",
        "SELECT 1 WHERE 1 NOT IN (:b) AND :a IN (:b) AND 2 = :c -- %zu",
    };
    rowan_value items[LONGEST];

    begin(_i, NULL);
    for (size_t i = 0; i < LONGEST; i++) {
        items[i] = rowan_v_int64(100 + (int64_t)i);
    }
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++) {
        for (size_t first = 0; first <= LONGEST; first++) {
            char sql[100];
            snprintf(sql, sizeof sql, forms[form], first);
            for (size_t next = 0; next <= 2 * LONGEST + 1; next++) {
                size_t count = next % 2 == 0 ? first : next / 2;
                const rowan_value list = rowan_v_list(items, count);
                check_raw(sql, form == 0
                                   ? PARAMS(V(7), list, V("behind"))
                                   : PARAMS(NAMED("a", 7), NAMED("b", list), NAMED("c", "behind")));
            }
        }
    }
    end();
}
END_TEST

/* What cannot be bound is refused where the same text was sent with what can be. */
START_TEST(a_known_text_refuses_what_it_would_refuse_anew)
{
    static const char *const texts[] = {"SELECT ? + ? -- plain", "SELECT :a + :b + :a",
                                        "SELECT 1 WHERE :a IN (:b)"};
    const rowan_value ones[] = {V(1), V(2)}, holes[] = {V(1), rowan_v_null()};
    const rowan_value label = {.type = ROWAN_TYPE_ENUM, .as.integer = 1};
    const rowan_value bad[] = {label,
                               rowan_v_list(holes, 2),
                               rowan_v_list(&label, 1),
                               {.type = ROWAN_TYPE_LIST, .as.list = {&bad[1], 1}}};
    char name[2000];

    begin(_i, NULL);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const rowan_value good = i == 2 ? rowan_v_list(ones, 2) : V(2);
        for (size_t k = 0; k < 2 * sizeof bad / sizeof bad[0]; k++) {
            const rowan_value second = k % 2 == 0 ? good : bad[k / 2];
            check_raw(texts[i],
                      i == 0 ? PARAMS(V(1), second) : PARAMS(NAMED("a", 1), NAMED("b", second)));
        }
        check_raw(texts[i], PARAMS(NAMED("a", 1), NAMED(name, 2)));
    }
    end();
}
END_TEST

/* A long name leaves no room for others in what is kept, however long each is. */
START_TEST(names_of_any_length_are_told_apart)
{
    enum { LONGEST = 1100 };
    char sql[3 * LONGEST], first[LONGEST + 1], second[LONGEST + 1];

    begin(_i, NULL);
    for (size_t length = 1; length <= LONGEST; length += length < 990 ? 89 : 1) {
        memset(first, 'f', length);
        memset(second, 's', length);
        first[length] = second[length] = '\0';
        snprintf(sql, sizeof sql, "SELECT :%s + :%s", first, second);
        for (int turn = 0; turn < 2; turn++) {
            check_raw(sql, PARAMS(NAMED(first, 1), NAMED(second, 2)));
            check_raw(sql, PARAMS(NAMED(second, 2), NAMED(first, 1)));
            check_raw(sql, PARAMS(NAMED(first, 1)));
        }
    }
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("known statements");
    TCase *tc = tcase_create("shapes");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, known_statements_are_what_a_fresh_rendering_is, 0, engines);
    tcase_add_loop_test(tc, one_difference_makes_another_statement, 0, engines);
    tcase_add_loop_test(tc, a_limit_of_one_is_not_written_where_the_whole_key_is_given, 0, engines);
    tcase_add_loop_test(tc, a_node_that_is_there_twice_is_two_nodes_elsewhere, 0, engines);
    tcase_add_loop_test(tc, values_that_are_compared_with_each_other_are_looked_at_every_time, 0,
                        engines);
    tcase_add_loop_test(tc, a_shape_is_known_by_its_columns_and_not_by_its_address, 0, engines);
    tcase_add_loop_test(tc, what_is_known_takes_no_allocation, 0, engines);
    tcase_add_loop_test(tc, a_session_finds_another_row_without_an_allocation, 0, engines);
    tcase_add_loop_test(tc, what_is_too_large_to_be_known_is_rendered_every_time, 0, engines);
    tcase_add_loop_test(tc, raw_statements_are_known_by_their_text_and_the_kinds_of_values, 0,
                        engines);
    tcase_add_loop_test(tc, a_list_of_any_length_may_follow_any_other, 0, engines);
    tcase_add_loop_test(tc, a_known_text_refuses_what_it_would_refuse_anew, 0, engines);
    tcase_add_loop_test(tc, names_of_any_length_are_told_apart, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
