/*
 * The same random queries and writes on every engine: the same rows in the same order, the same
 * count, the same rows changed, the same refusals. A condition splits the rows in three on each:
 * those where it is true, where it is false, and where it is unknown are all there are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"
#include "support/trees.h"

enum { ENGINES = 3, QUERIES = 240, WRITES = 120, SPLITS = 120, DEEPEST = 3 };

/* What queries select; everything may be NULL. */
typedef struct found {
    rowan_opt_i64 id;
    rowan_opt_text text;
    rowan_opt_i64 number;
} found;

static const rowan_table found_shape;
static const rowan_column found_columns[] = {
    ROWAN_OPT_COLUMN(found_shape, found, id, 0),
    ROWAN_OPT_COLUMN(found_shape, found, text, 0),
    ROWAN_OPT_COLUMN(found_shape, found, number, 0),
};
static const rowan_table found_shape = ROWAN_SHAPE(found, found_columns);

typedef struct side {
    rowan_db *db;
    rowan_scope *scope;
    rowan_mark mark;
} side;

static side sides[ENGINES];
static size_t side_count;

static void begin(void)
{
    side_count = engine_count();
    for (size_t e = 0; e < side_count; e++) {
        sides[e].db = archive_open(e, NULL);
        ck_assert_int_eq(rowan_scope_begin(sides[e].db, "engines", &sides[e].scope, NULL),
                         ROWAN_OK);
        archive_fill(sides[e].scope);
    }
}

static void end(void)
{
    for (size_t e = 0; e < side_count; e++) {
        rowan_scope_end(sides[e].scope);
        engine_close(sides[e].db);
    }
}

/* What came of one tree on one engine; texts are in the scope's memory. */
typedef struct outcome {
    rowan_status status;
    const char *rows;
    const char *sql; /* or why it was refused */
    uint64_t affected;
} outcome;

static const char *reason(rowan_scope *scope)
{
    const rowan_error *error = rowan_scope_error(scope);
    size_t size = strlen(error->message) + strlen(error->engine_message) + 4;
    char *text = rowan_scope_alloc(scope, size);

    ck_assert_ptr_nonnull(text);
    snprintf(text, size, "%s (%s)", error->message, error->engine_message);
    return text;
}

static uint64_t sent(rowan_scope *scope)
{
    rowan_counts counts = rowan_scope_counts(scope);

    return counts.statements - counts.setups;
}

/* --- Queries whose order is a total one, of each form. --- */

static rowan_query *new_query(trees *t)
{
    rowan_query *query = rowan_scope_alloc(t->scope, sizeof *query);

    ck_assert_ptr_nonnull(query);
    memset(query, 0, sizeof *query);
    query->from = &work_table;
    query->into = &found_shape;
    return query;
}

static rowan_selected *selection(trees *t, rowan_operand id, rowan_operand text,
                                 rowan_operand number)
{
    const rowan_selected all[] = {{.what = id, .as = "id", .given = true},
                                  {.what = text, .as = "text", .given = true},
                                  {.what = number, .as = "number", .given = true},
                                  {.given = false}};
    rowan_selected *selected = rowan_scope_alloc(t->scope, sizeof all);

    ck_assert_ptr_nonnull(selected);
    return memcpy(selected, all, sizeof all);
}

/* Up to three terms, each up or down. */
static const rowan_order *order_by(trees *t, size_t count, const rowan_operand *terms)
{
    rowan_order *order = rowan_scope_alloc(t->scope, (count + 1) * sizeof *order);

    ck_assert_ptr_nonnull(order);
    memset(order, 0, (count + 1) * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        order[i] = (rowan_order){terms[i], trees_below(t, 2) == 0, true};
    }
    return order;
}

static rowan_operand result_column(size_t column)
{
    return rowan_o_column(&found_columns[column], NULL);
}

static rowan_operand apply(trees *t, rowan_function function, rowan_operand argument)
{
    rowan_expr *call = rowan_scope_alloc(t->scope, sizeof *call);
    rowan_operand *arguments = rowan_scope_alloc(t->scope, sizeof *arguments);

    ck_assert(call && arguments);
    memset(call, 0, sizeof *call);
    arguments[0] = argument;
    call->kind = ROWAN_EXPR_CALL;
    call->function = function;
    call->arguments = arguments;
    call->argument_count = 1;
    return rowan_o_expr(call);
}

static rowan_query *plain(trees *t)
{
    rowan_query *query = new_query(t);

    query->select = selection(t, rowan_o_int_column(WORK.id), trees_text(t, trees_below(t, 3)),
                              trees_number(t, trees_below(t, 3)));
    query->where = trees_condition(t, trees_below(t, DEEPEST + 1));
    query->order_by = order_by(t, 1, (rowan_operand[]){rowan_o_int_column(WORK.id)});
    return query;
}

/* An order by what may be NULL and by texts in several letters, then by the key. */
static rowan_query *ordered(trees *t)
{
    const rowan_operand firsts[] = {
        rowan_o_text_column(WORK.title),    rowan_o_text_column(WORK.subtitle),
        rowan_o_int_column(WORK.genre_id),  rowan_o_real_column(WORK.weight),
        rowan_o_date_column(WORK.released), rowan_o_decimal_column(WORK.price),
        rowan_o_time_column(WORK.opens),    rowan_o_bool_column(WORK.in_print)};
    rowan_query *query = plain(t);

    query->order_by =
        order_by(t, 3,
                 (rowan_operand[]){firsts[trees_below(t, 8)], firsts[trees_below(t, 8)],
                                   rowan_o_int_column(WORK.id)});
    return query;
}

static rowan_query *distinct(trees *t)
{
    rowan_query *query = new_query(t);

    query->distinct = true;
    query->select =
        selection(t, rowan_o_int_column(WORK.genre_id), trees_text(t, 2), trees_number(t, 1));
    query->where = trees_condition(t, trees_below(t, DEEPEST));
    query->order_by =
        order_by(t, 3, (rowan_operand[]){result_column(1), result_column(2), result_column(0)});
    return query;
}

static rowan_query *grouped(trees *t)
{
    static const rowan_function functions[] = {ROWAN_FN_COUNT, ROWAN_FN_COUNT_DISTINCT,
                                               ROWAN_FN_SUM, ROWAN_FN_MIN, ROWAN_FN_MAX};
    rowan_operand *by = rowan_scope_alloc(t->scope, sizeof *by);
    rowan_query *query = new_query(t);

    ck_assert_ptr_nonnull(by);
    by[0] = rowan_o_int_column(trees_below(t, 2) ? WORK.genre_id : WORK.press_id);
    query->select = selection(
        t, by[0], apply(t, trees_below(t, 2) ? ROWAN_FN_MIN : ROWAN_FN_MAX, trees_text(t, 2)),
        apply(t, functions[trees_below(t, 5)], trees_number(t, 2)));
    query->where = trees_condition(t, trees_below(t, 2));
    query->group_by = by;
    query->group_count = 1;
    query->order_by = order_by(t, 1, by);
    return query;
}

/* A test of a column of any type against a value of it, as 1 or 2. */
static rowan_operand typed_test(trees *t)
{
    const struct {
        const rowan_column *column;
        rowan_operand value;
    } tests[] = {
        {WORK.in_print.column, rowan_o_bool(true)},
        {WORK.released.column, rowan_o_date((rowan_date){10000})},
        {WORK.opens.column, rowan_o_time((rowan_time){3600000000})},
        {WORK.added.column, rowan_o_timestamp((rowan_timestamp){4000000})},
        {WORK.code.column, rowan_o_uuid((rowan_uuid){{4}})},
        {WORK.price.column, rowan_o_decimal((rowan_decimal){"9.90"})},
        {WORK.weight.column, rowan_o_double(0.5)},
        {WORK.score.column, rowan_o_double(1.5)},
        {WORK.stock.column, rowan_o_int64(3)},
        {WORK.title.column, rowan_o_text("P")},
    };
    size_t which = trees_below(t, sizeof tests / sizeof tests[0]);
    const rowan_expr *test =
        ROWAN_EXPR(.kind = ROWAN_EXPR_COMPARE, .compare = (rowan_compare)(1 + trees_below(t, 6)),
                   .left = rowan_o_column(tests[which].column, NULL), .right = tests[which].value);

    return rowan_o_expr(rowan_expr_dup(t->scope, CASE(test, 1, 2)));
}

/* Grouped by an expression with values, which is written out a second time. One with a query in it
 * would have to be the same node. */
static rowan_query *regrouped(trees *t)
{
    rowan_operand *by = rowan_scope_alloc(t->scope, 2 * sizeof *by);
    rowan_query *query = new_query(t);
    rowan_operand second = trees_text(t, 1), first = typed_test(t);

    ck_assert_ptr_nonnull(by);
    by[0] = rowan_o_expr(rowan_expr_dup(t->scope, first.expr));
    by[1] = second.expr ? rowan_o_expr(rowan_expr_dup(t->scope, second.expr)) : second;
    query->select = selection(t, first, second, rowan_o_expr(rowan_expr_dup(t->scope, COUNT_ALL)));
    query->where = trees_condition(t, trees_below(t, 2));
    query->group_by = by;
    query->group_count = 2;
    query->order_by =
        order_by(t, 3, (rowan_operand[]){result_column(0), result_column(1), result_column(2)});
    return query;
}

static rowan_query *combined(trees *t)
{
    rowan_set *sets = rowan_scope_alloc(t->scope, 4 * sizeof *sets);
    rowan_query *query = new_query(t);
    size_t count = 1 + trees_below(t, 3);

    ck_assert_ptr_nonnull(sets);
    memset(sets, 0, 4 * sizeof *sets);
    query->select = selection(t, rowan_o_int_column(WORK.genre_id),
                              rowan_o_text_column(WORK.subtitle), rowan_o_int_column(WORK.stock));
    query->where = trees_condition(t, trees_below(t, 2));
    for (size_t i = 0; i < count; i++) {
        rowan_query *other = new_query(t);
        other->into = NULL;
        other->select = query->select;
        other->where = trees_condition(t, trees_below(t, 2));
        sets[i] = (rowan_set){(rowan_set_kind)(1 + trees_below(t, 4)), other};
    }
    query->sets = sets;
    query->order_by =
        order_by(t, 3, (rowan_operand[]){result_column(0), result_column(1), result_column(2)});
    return query;
}

static rowan_query *joined(trees *t)
{
    rowan_join *joins = rowan_scope_alloc(t->scope, 3 * sizeof *joins);
    rowan_query *query = plain(t);

    ck_assert_ptr_nonnull(joins);
    memset(joins, 0, 3 * sizeof *joins);
    joins[0] = (rowan_join){
        .kind = ROWAN_JOIN_LEFT,
        .table = &press_table,
        .on = rowan_expr_dup(t->scope, AND(EQ(PRESS.id, WORK.press_id), trees_condition(t, 1)))};
    joins[1] = (rowan_join){.kind = trees_below(t, 2) ? ROWAN_JOIN_LEFT : ROWAN_JOIN_INNER,
                            .table = &loan_table,
                            .on = rowan_expr_dup(t->scope, EQ(LOAN.work_id, WORK.id))};
    query->select = selection(t, rowan_o_int_column(WORK.id), rowan_o_text_column(PRESS.name),
                              rowan_o_int_column(LOAN.days));
    query->joins = joins;
    query->order_by = order_by(
        t, 2, (rowan_operand[]){rowan_o_int_column(LOAN.number), rowan_o_int_column(WORK.id)});
    return query;
}

static rowan_query *ranked(trees *t)
{
    static const rowan_function functions[] = {ROWAN_FN_ROW_NUMBER, ROWAN_FN_RANK,
                                               ROWAN_FN_DENSE_RANK};
    rowan_expr *over = rowan_scope_alloc(t->scope, sizeof *over);
    rowan_expr *call = rowan_scope_alloc(t->scope, sizeof *call);
    const rowan_expr **items = rowan_scope_alloc(t->scope, 2 * sizeof *items);
    rowan_operand *partition = rowan_scope_alloc(t->scope, sizeof *partition);
    rowan_query *query = plain(t);

    ck_assert(over && call && items && partition);
    memset(over, 0, sizeof *over);
    memset(call, 0, sizeof *call);
    call->kind = ROWAN_EXPR_CALL;
    call->function = functions[trees_below(t, 3)];
    items[0] = call;
    items[1] = ROWAN_END;
    partition[0] = rowan_o_int_column(WORK.press_id);
    over->kind = ROWAN_EXPR_OVER;
    over->items = items;
    over->partition = partition;
    over->partition_count = trees_below(t, 2);
    over->order =
        order_by(t, call->function == ROWAN_FN_ROW_NUMBER ? 2 : 1,
                 (rowan_operand[]){rowan_o_int_column(WORK.cents), rowan_o_int_column(WORK.id)});
    query->select = selection(t, rowan_o_int_column(WORK.id), trees_text(t, 1), rowan_o_expr(over));
    return query;
}

/* Rows of a query, by name or in place of a table. */
static rowan_query *nested(trees *t)
{
    rowan_cte *ctes = rowan_scope_alloc(t->scope, 2 * sizeof *ctes);
    rowan_query *inner = new_query(t), *query = plain(t);

    ck_assert_ptr_nonnull(ctes);
    memset(ctes, 0, 2 * sizeof *ctes);
    inner->into = NULL;
    inner->where = trees_condition(t, trees_below(t, DEEPEST));
    ctes[0] = (rowan_cte){.name = "some_works", .query = inner};
    query->with = ctes;
    query->from_cte = "some_works";
    query->as = "work"; /* so that the columns of the trees are those of the rows */
    return query;
}

static rowan_query *(*const forms[])(trees *t) = {plain,    ordered, distinct, grouped, regrouped,
                                                  combined, joined,  ranked,   nested};
enum { FORMS = sizeof forms / sizeof forms[0] };

static const rowan_query *some_query(trees *t, size_t number)
{
    rowan_query *query = forms[number % FORMS](t);

    query->limit = trees_below(t, 3) == 0 ? 1 + (int64_t)trees_below(t, 5) : 0;
    query->offset = trees_below(t, 4) == 0 ? (int64_t)trees_below(t, 4) : 0;
    return query;
}

/* The other ways to run a query say the same of it, by one statement each. */
static void check_other_ways(rowan_scope *scope, const rowan_query *query, rowan_rows rows)
{
    uint64_t before = sent(scope);
    size_t streamed = 0;
    rowan_stream *stream;
    int64_t count;
    bool exists;
    void *row;

    ck_assert_int_eq(rowan_query_count(scope, query, &count), ROWAN_OK);
    ck_assert_int_eq(count, (int64_t)rows.count);
    rowan_status status = rowan_query_exists(scope, query, &exists);
    ck_assert_msg(status == ROWAN_OK, "%s", reason(scope));
    ck_assert_int_eq(exists, rows.count > 0);
    ck_assert_int_eq(rowan_query_one(scope, query, &row),
                     rows.count > 0 ? ROWAN_OK : ROWAN_NOT_FOUND);
    if (rows.count > 0) {
        const found *first = rows.at, *one = row;
        ck_assert_int_eq(one->id.has, first->id.has);
        ck_assert_int_eq(one->id.value, first->id.value);
        ck_assert_int_eq(one->number.value, first->number.value);
    }
    ck_assert_uint_eq(sent(scope), before + 3);
    ck_assert_int_eq(rowan_query_stream(scope, query, &stream), ROWAN_OK);
    while (rowan_stream_next(stream, &row) == ROWAN_OK) {
        const found *expected = (const found *)rows.at + streamed++, *got = row;
        ck_assert_int_eq(got->id.value, expected->id.value);
        ck_assert_int_eq(got->text.has, expected->text.has);
        if (got->text.has) {
            ck_assert_str_eq(got->text.value, expected->text.value);
        }
    }
    rowan_stream_close(stream);
    ck_assert_uint_eq(streamed, rows.count);
    ck_assert_uint_eq(sent(scope), before + 4);
}

static outcome run_query(size_t engine, size_t number, unsigned variant)
{
    rowan_scope *scope = sides[engine].scope;
    outcome out = {.status = ROWAN_OK};
    trees t = {.variant = variant};
    rowan_rows rows;

    trees_begin(&t, scope, 20261122 + number * 7919);
    const rowan_query *query = some_query(&t, number);
    out.status = rowan_query_sql(scope, query, &out.sql);
    if (out.status != ROWAN_OK) {
        out.sql = reason(scope);
        return out;
    }
    uint64_t before = sent(scope);
    out.status = rowan_query_all(scope, query, &rows);
    ck_assert_uint_eq(sent(scope), before + 1);
    out.affected = rows.count;
    if (out.status == ROWAN_OK) {
        out.rows = archive_dump(scope, &found_shape, rows);
        check_other_ways(scope, query, rows);
    } else {
        out.rows = reason(scope);
    }
    return out;
}

/* Runs one tree on every engine and compares. @return whether all took it */
static bool compare(outcome (*run)(size_t engine, size_t number, unsigned variant), size_t number)
{
    unsigned variant = (unsigned)(number / FORMS) % TREES_VARIANTS;
    outcome outcomes[ENGINES];
    bool taken = true;

    for (size_t e = 0; e < side_count; e++) {
        sides[e].mark = rowan_scope_mark(sides[e].scope);
        outcomes[e] = run(e, number, variant);
        taken = taken && outcomes[e].status != ROWAN_UNSUPPORTED;
    }
    for (size_t e = 1; e < side_count && taken; e++) {
        const outcome *first = &outcomes[0], *other = &outcomes[e];
        bool equal = first->status == other->status && first->affected == other->affected &&
                     (first->status != ROWAN_OK || strcmp(first->rows, other->rows) == 0);
        ck_assert_msg(equal, "%zu, %u: %s %s\n%s\nbut on %s %s\n%s\n\n%s\n\n%s", number, variant,
                      rowan_status_name(first->status), engine_name(0), first->rows, engine_name(e),
                      rowan_status_name(other->status), other->rows, first->sql, other->sql);
    }
    taken = taken && outcomes[0].status == ROWAN_OK;
    for (size_t e = 0; e < side_count; e++) {
        ck_assert_int_eq(rowan_scope_rewind(sides[e].scope, sides[e].mark), ROWAN_OK);
    }
    return taken;
}

START_TEST(a_query_gives_the_same_rows_on_every_engine)
{
    size_t taken = 0;

    begin();
    for (size_t i = 0; i < QUERIES; i++) {
        taken += compare(run_query, i);
    }
    ck_assert_uint_gt(taken, QUERIES * 3 / 4);
    end();
}
END_TEST

/* --- Writes, each undone. --- */

static const char *all_works(rowan_scope *scope)
{
    const rowan_query query = {.from = &work_table, .order_by = ORDER(ASC(WORK.id))};
    rowan_rows rows;

    ck_assert_int_eq(rowan_query_all(scope, &query, &rows), ROWAN_OK);
    return archive_dump(scope, &work_table, rows);
}

static outcome run_write(size_t engine, size_t number, unsigned variant)
{
    rowan_scope *scope = sides[engine].scope;
    outcome out = {.status = ROWAN_OK, .sql = ""};
    trees t = {.variant = variant};

    trees_begin(&t, scope, 4711 + number * 104729);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    uint64_t before = sent(scope);
    if (number % 4 == 0) {
        rowan_delete remove = trees_delete(&t, DEEPEST);
        remove.returning = false;
        out.status = rowan_query_delete(scope, &remove, NULL, &out.affected);
    } else {
        rowan_update update = trees_update(&t, DEEPEST - 1);
        update.returning = false;
        out.status = rowan_query_update(scope, &update, NULL, &out.affected);
    }
    ck_assert_uint_le(sent(scope), before + 1);
    if (out.status == ROWAN_MISUSE) {
        ck_assert_uint_eq(sent(scope), before);
    }
    out.rows = out.status == ROWAN_OK ? all_works(scope) : reason(scope);
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    return out;
}

START_TEST(a_write_changes_the_same_rows_on_every_engine)
{
    const char *untouched;
    size_t taken = 0;

    begin();
    untouched = all_works(sides[0].scope);
    for (size_t i = 0; i < WRITES; i++) {
        taken += compare(run_write, i);
    }
    ck_assert_uint_gt(taken, WRITES / 4);
    for (size_t e = 0; e < side_count; e++) {
        ck_assert_str_eq(all_works(sides[e].scope), untouched);
    }
    end();
}
END_TEST

/* --- Three parts. --- */

START_TEST(true_false_and_unknown_are_all_rows)
{
    size_t split = 0, unknowns = 0;

    begin();
    for (size_t i = 0; i < SPLITS; i++) {
        side *s = &sides[i % side_count];
        trees t = {.variant = (unsigned)i % TREES_VARIANTS};
        rowan_mark mark = rowan_scope_mark(s->scope);
        trees_begin(&t, s->scope, 99 + i * 15485863);
        const rowan_expr *condition = trees_condition(&t, 1 + trees_below(&t, DEEPEST));
        const rowan_expr *const parts[] = {
            condition, NOT(condition),
            ROWAN_EXPR(.kind = ROWAN_EXPR_IS_NULL, .left = rowan_o_expr(condition))};
        uint64_t before = sent(s->scope);
        int64_t sum = 0, count = 0;
        rowan_status status = ROWAN_OK;
        for (size_t part = 0; part < 3 && status == ROWAN_OK; part++) {
            status = rowan_query_count(
                s->scope, &(rowan_query){.from = &work_table, .where = parts[part]}, &count);
            sum += count;
        }
        if (status == ROWAN_OK) {
            ck_assert_msg(sum == ARCHIVE_WORKS, "%zu on %s: %d", i, engine_name(i % side_count),
                          (int)sum);
            ck_assert_uint_eq(sent(s->scope), before + 3);
            split++;
            unknowns += count > 0;
        } else {
            ck_assert_msg(status == ROWAN_UNSUPPORTED, "%zu: %s", i, reason(s->scope));
        }
        ck_assert_int_eq(rowan_scope_rewind(s->scope, mark), ROWAN_OK);
    }
    ck_assert_uint_gt(split, SPLITS * 3 / 4);
    ck_assert_uint_gt(unknowns, 5);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("queries on every engine");
    TCase *tc = tcase_create("engines");

    (void)engine_count();
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_query_gives_the_same_rows_on_every_engine);
    tcase_add_test(tc, a_write_changes_the_same_rows_on_every_engine);
    tcase_add_test(tc, true_false_and_unknown_are_all_rows);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
