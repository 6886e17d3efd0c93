/* Random trees. */
#include "support/trees.h"

#include <string.h>

#include <rowan/short.h>
#include <check.h>

void trees_begin(trees *t, rowan_scope *scope, uint64_t seed)
{
    t->scope = scope;
    t->state = seed;
    t->choices = 0;
}

unsigned trees_below(trees *t, unsigned n)
{
    unsigned chosen;

    t->state = t->state * 6364136223846793005u + 1442695040888963407u;
    chosen = (unsigned)(t->state >> 33) % n;
    t->choices++;
    return t->choices == t->changed ? (chosen + 1) % n : chosen;
}

/* --- Values, by which no choice is made. --- */

static rowan_operand some_text(const trees *t, bool is_pattern)
{
    static const char *const texts[TREES_VARIANTS] = {
        TREES_MARK, "", "a", "a text that is somewhat longer than the others", "ö", "0"};
    static const char *const patterns[TREES_VARIANTS] = {
        "%" TREES_MARK "_", "%", "a%", "_", "", "%0"};

    return rowan_o_text(is_pattern ? patterns[t->variant] : texts[t->variant]);
}

static int64_t some_number(const trees *t)
{
    static const int64_t numbers[TREES_VARIANTS] = {TREES_NUMBER, 1, 40000, -40000, 5000000000, 0};

    return numbers[t->variant];
}

/* --- Nodes. --- */

static rowan_expr *node(trees *t, rowan_expr_kind kind)
{
    rowan_expr *made = rowan_scope_alloc(t->scope, sizeof *made);

    ck_assert_ptr_nonnull(made);
    memset(made, 0, sizeof *made);
    made->kind = kind;
    return made;
}

static const rowan_expr *call(trees *t, rowan_function function, size_t count,
                              const rowan_operand *arguments)
{
    rowan_expr *made = node(t, ROWAN_EXPR_CALL);
    rowan_operand *kept = rowan_scope_alloc(t->scope, count * sizeof *kept);

    for (size_t i = 0; i < count; i++) {
        kept[i] = arguments[i];
    }
    made->function = function;
    made->arguments = kept;
    made->argument_count = count;
    return made;
}

static rowan_operand choose(trees *t, const rowan_expr *test, rowan_operand then,
                            rowan_operand otherwise)
{
    const rowan_expr **items = rowan_scope_alloc(t->scope, 2 * sizeof *items);
    rowan_expr *made = node(t, ROWAN_EXPR_CASE);

    items[0] = test;
    items[1] = ROWAN_END;
    made->items = items;
    made->left = then;
    made->right = otherwise;
    return rowan_o_expr(made);
}

static const rowan_expr *compare(trees *t, rowan_compare how, rowan_operand left,
                                 rowan_operand right)
{
    rowan_expr *made = node(t, ROWAN_EXPR_COMPARE);

    made->compare = how;
    made->left = left;
    made->right = right;
    return made;
}

/* --- What is refused by some engines, or by the renderer. --- */

static rowan_operand odd_number(trees *t)
{
    rowan_value narrow = rowan_v_of(ROWAN_TYPE_INT32);

    narrow.as.integer = some_number(t) % 1000;
    switch (trees_below(t, 7)) {
    case 0:
        return rowan_o_value(rowan_v_null());
    case 1:
        return rowan_o_value(narrow);
    case 2:
        return rowan_o_double((double)some_number(t) / 2);
    case 3:
        return rowan_o_column(WORK.weight.column, NULL);
    case 4:
        return rowan_o_column(WORK.score.column, NULL);
    case 5:
        return rowan_o_column(WORK.cents.column, "w");
    default:
        return rowan_o_column(LOAN.days.column, NULL);
    }
}

/* A column and a value of a type that it may have, or not. */
static const rowan_expr *odd_condition(trees *t)
{
    const rowan_operand columns[] = {
        rowan_o_column(WORK.kind.column, NULL),   rowan_o_column(WORK.in_print.column, NULL),
        rowan_o_column(WORK.price.column, NULL),  rowan_o_column(WORK.released.column, NULL),
        rowan_o_column(WORK.weight.column, NULL), rowan_o_column(WORK.extra.column, NULL),
        rowan_o_column(WORK.version.column, NULL)};
    const rowan_operand values[] = {rowan_o_enum((int)t->variant),
                                    rowan_o_bool(t->variant % 2 == 0),
                                    rowan_o_decimal((rowan_decimal){"12.50"}),
                                    rowan_o_date((rowan_date){(int32_t)t->variant * 100}),
                                    rowan_o_int64(some_number(t)),
                                    some_text(t, false),
                                    rowan_o_value(rowan_v_null())};
    unsigned which = trees_below(t, 7);
    rowan_expr *made;

    if (trees_below(t, 6) == 0) {
        made = node(t, trees_below(t, 2) ? ROWAN_EXPR_IS_NULL : ROWAN_EXPR_NOT_NULL);
        made->left = columns[which];
        return made;
    }
    return compare(t, (rowan_compare)(1 + trees_below(t, 6)), columns[which],
                   values[trees_below(t, 3) == 0 ? trees_below(t, 7) : which]);
}

/* --- Expressions. --- */

rowan_operand trees_text(trees *t, unsigned depth)
{
    const rowan_operand leaves[] = {rowan_o_text_column(WORK.title),
                                    rowan_o_text_column(WORK.subtitle), some_text(t, false),
                                    some_text(t, true)};

    if (t->wild && trees_below(t, 8) == 0) {
        return trees_below(t, 2) ? rowan_o_value(rowan_v_null())
                                 : rowan_o_column(WORK.title.column, trees_below(t, 3) ? "w" : "x");
    }
    if (depth == 0) {
        return leaves[trees_below(t, 4)];
    }
    switch (trees_below(t, 6)) {
    case 0:
        return rowan_o_expr(call(t, ROWAN_FN_CONCAT, 3,
                                 (rowan_operand[]){trees_text(t, depth - 1), trees_text(t, 0),
                                                   trees_text(t, depth - 1)}));
    case 1:
        return rowan_o_expr(
            call(t, ROWAN_FN_COALESCE, 2,
                 (rowan_operand[]){trees_text(t, depth - 1), trees_text(t, depth - 1)}));
    case 2:
        return rowan_o_expr(call(t, trees_below(t, 2) ? ROWAN_FN_LOWER : ROWAN_FN_UPPER, 1,
                                 (rowan_operand[]){trees_text(t, depth - 1)}));
    case 3:
        return choose(t, trees_condition(t, depth - 1), trees_text(t, depth - 1),
                      trees_text(t, depth - 1));
    default:
        return leaves[trees_below(t, 4)];
    }
}

rowan_operand trees_number(trees *t, unsigned depth)
{
    const rowan_operand leaves[] = {rowan_o_int_column(WORK.id), rowan_o_int_column(WORK.stock),
                                    rowan_o_int_column(WORK.genre_id),
                                    rowan_o_int64(some_number(t))};
    static const rowan_function math[] = {ROWAN_FN_ADD, ROWAN_FN_SUBTRACT, ROWAN_FN_DIVIDE,
                                          ROWAN_FN_MODULO, ROWAN_FN_COALESCE};

    if (t->wild && trees_below(t, 6) == 0) {
        return odd_number(t);
    }
    if (depth == 0) {
        return leaves[trees_below(t, 4)];
    }
    switch (trees_below(t, 5)) {
    case 0:
        return rowan_o_expr(
            call(t, math[trees_below(t, 5)], 2,
                 (rowan_operand[]){trees_number(t, depth - 1), trees_number(t, depth - 1)}));
    case 1:
        return rowan_o_expr(
            call(t, ROWAN_FN_LENGTH, 1, (rowan_operand[]){trees_text(t, depth - 1)}));
    case 2:
        return choose(t, trees_condition(t, depth - 1), trees_number(t, depth - 1),
                      trees_number(t, depth - 1));
    default:
        return leaves[trees_below(t, 4)];
    }
}

static const rowan_expr *membership(trees *t, unsigned depth)
{
    rowan_expr *made = node(t, ROWAN_EXPR_IN);
    size_t count = trees_below(t, 5);
    rowan_value *values = rowan_scope_alloc(t->scope, 5 * sizeof *values);
    bool texts = trees_below(t, 2) == 0;

    for (size_t i = 0; i < count; i++) {
        values[i] = texts ? some_text(t, false).value : rowan_v_int64(some_number(t));
    }
    made->left = texts ? trees_text(t, depth) : trees_number(t, depth);
    made->right.value = rowan_v_list(values, count);
    return made;
}

static const rowan_expr *connective(trees *t, unsigned depth)
{
    rowan_expr *made = node(t, trees_below(t, 2) ? ROWAN_EXPR_AND : ROWAN_EXPR_OR);
    size_t count = trees_below(t, 4);
    const rowan_expr **items = rowan_scope_alloc(t->scope, 5 * sizeof *items);

    for (size_t i = 0; i < count; i++) {
        items[i] = trees_below(t, 5) == 0 ? NULL : trees_condition(t, depth - 1);
    }
    items[count] = ROWAN_END;
    made->items = items;
    return made;
}

static const rowan_expr *negation(trees *t, unsigned depth)
{
    rowan_expr *made = node(t, ROWAN_EXPR_NOT);
    const rowan_expr **items = rowan_scope_alloc(t->scope, 2 * sizeof *items);

    items[0] = trees_condition(t, depth - 1);
    items[1] = ROWAN_END;
    made->items = items;
    return made;
}

static const rowan_expr *existence(trees *t, unsigned depth)
{
    rowan_expr *made = node(t, trees_below(t, 2) ? ROWAN_EXPR_EXISTS : ROWAN_EXPR_IN_QUERY);
    rowan_query *query = rowan_scope_alloc(t->scope, sizeof *query);
    rowan_selected *selected = rowan_scope_alloc(t->scope, 2 * sizeof *selected);

    memset(query, 0, sizeof *query);
    memset(selected, 0, 2 * sizeof *selected);
    selected[0] = (rowan_selected){.what = rowan_o_int_column(PRESS.id), .given = true};
    query->select = selected;
    query->from = &press_table;
    query->where =
        compare(t, ROWAN_COMPARE_EQ, rowan_o_text_column(PRESS.name), trees_text(t, depth - 1));
    query->limit = trees_below(t, 2);
    made->left = rowan_o_int_column(WORK.press_id);
    made->query = query;
    return made;
}

static const rowan_expr *fragment(trees *t, unsigned depth)
{
    rowan_expr *made = node(t, ROWAN_EXPR_RAW);
    rowan_operand *arguments = rowan_scope_alloc(t->scope, 2 * sizeof *arguments);

    arguments[0] = rowan_o_text_column(WORK.title);
    arguments[1] = trees_text(t, depth - 1);
    made->sql = "? /* '?' */ = ?";
    made->arguments = arguments;
    made->argument_count = 2;
    return made;
}

const rowan_expr *trees_condition(trees *t, unsigned depth)
{
    if (t->wild && trees_below(t, 5) == 0) {
        return odd_condition(t);
    }
    if (depth == 0) {
        return compare(t, ROWAN_COMPARE_NE, rowan_o_text_column(WORK.title), some_text(t, false));
    }
    switch (trees_below(t, 9)) {
    case 0:
    case 1:
        return connective(t, depth);
    case 2:
        return negation(t, depth);
    case 3:
        return membership(t, depth - 1);
    case 4:
        return existence(t, depth);
    case 5:
        return fragment(t, depth);
    case 6:
        return compare(t, trees_below(t, 2) ? ROWAN_COMPARE_LIKE : ROWAN_COMPARE_ILIKE,
                       rowan_o_text_column(WORK.title), some_text(t, true));
    case 7:
        return compare(t, (rowan_compare)(1 + trees_below(t, 6)), trees_number(t, depth - 1),
                       trees_number(t, depth - 1));
    default:
        return compare(t, trees_below(t, 3) == 0 ? ROWAN_COMPARE_SAME : ROWAN_COMPARE_LT,
                       trees_text(t, depth - 1), trees_text(t, depth - 1));
    }
}

/* --- Queries. --- */

static rowan_order *some_order(trees *t, unsigned depth, size_t *count)
{
    rowan_order *order = rowan_scope_alloc(t->scope, 4 * sizeof *order);

    memset(order, 0, 4 * sizeof *order);
    *count = trees_below(t, 3);
    for (size_t i = 0; i < *count; i++) {
        order[i] =
            (rowan_order){.by = trees_below(t, 3) == 0 ? trees_number(t, depth)
                                                       : rowan_o_column(WORK.id.column, NULL),
                          .descending = trees_below(t, 2) == 0,
                          .given = true};
    }
    return order;
}

static const rowan_selected *some_selection(trees *t, unsigned depth)
{
    rowan_selected *selected = rowan_scope_alloc(t->scope, 5 * sizeof *selected);
    size_t count = 1 + trees_below(t, 3), order_count;

    memset(selected, 0, 5 * sizeof *selected);
    for (size_t i = 0; i < count; i++) {
        static const char *const names[] = {"one", "two", "three"};
        selected[i] = (rowan_selected){.what = trees_below(t, 2) ? trees_number(t, depth)
                                                                 : trees_text(t, depth),
                                       .as = trees_below(t, 8) == 0 ? NULL : names[i],
                                       .given = true};
    }
    if (trees_below(t, 4) == 0) {
        rowan_expr *over = node(t, ROWAN_EXPR_OVER);
        const rowan_expr **items = rowan_scope_alloc(t->scope, 2 * sizeof *items);
        items[0] = call(t, ROWAN_FN_RANK, 0, NULL);
        items[1] = ROWAN_END;
        over->items = items;
        over->order = some_order(t, 0, &order_count);
        selected[count] = (rowan_selected){.what = rowan_o_expr(over), .as = "rank", .given = true};
    }
    if (trees_below(t, 6) == 0) {
        selected[0] = (rowan_selected){.all = &work_table, .given = true};
        selected[0].what.alias = trees_below(t, 2) ? "w" : NULL;
    }
    return selected;
}

static const rowan_join *some_joins(trees *t, unsigned depth)
{
    rowan_join *joins = rowan_scope_alloc(t->scope, 3 * sizeof *joins);
    size_t count = trees_below(t, 3);

    memset(joins, 0, 3 * sizeof *joins);
    for (size_t i = 0; i < count; i++) {
        joins[i].kind = (rowan_join_kind)(1 + trees_below(t, 3));
        joins[i].table = i == 0 ? &press_table : &loan_table;
        joins[i].as = trees_below(t, 4) == 0 ? "other" : NULL;
        joins[i].on = trees_below(t, 3) == 0 ? NULL : trees_condition(t, depth);
    }
    return joins;
}

static const rowan_set *some_sets(trees *t, unsigned depth)
{
    rowan_set *sets = rowan_scope_alloc(t->scope, 3 * sizeof *sets);
    size_t count = 1 + trees_below(t, 2);

    memset(sets, 0, 3 * sizeof *sets);
    for (size_t i = 0; i < count; i++) {
        sets[i] = (rowan_set){(rowan_set_kind)(1 + trees_below(t, 4)), trees_query(t, depth)};
    }
    return sets;
}

static const rowan_operand *some_groups(trees *t, unsigned depth, size_t *count)
{
    rowan_operand *groups = rowan_scope_alloc(t->scope, 2 * sizeof *groups);

    *count = 1 + trees_below(t, 2);
    groups[0] = trees_number(t, depth);
    groups[1] = trees_text(t, depth);
    return groups;
}

/* Paging by every term of the order, or by too few. */
static rowan_params some_place(trees *t, size_t terms)
{
    rowan_value *values = rowan_scope_alloc(t->scope, 3 * sizeof *values);

    for (size_t i = 0; i < 3; i++) {
        values[i] = trees_below(t, 4) == 0 ? rowan_v_null() : rowan_v_int64(some_number(t));
    }
    return (rowan_params){values, trees_below(t, 6) == 0 ? 1 : terms};
}

/* Where it reads from: the table, under an alias, a CTE, or another query. */
static void read_from(trees *t, rowan_query *query, unsigned depth)
{
    rowan_cte *ctes = rowan_scope_alloc(t->scope, 2 * sizeof *ctes);

    memset(ctes, 0, 2 * sizeof *ctes);
    query->from = &work_table;
    query->as = trees_below(t, 5) == 0 ? "w" : NULL;
    if (depth > 0 && trees_below(t, 6) == 0) {
        ctes[0] = (rowan_cte){.name = "some", .query = trees_query(t, depth - 1)};
        query->with = ctes;
        query->from_cte = trees_below(t, 8) == 0 ? "others" : "some";
    } else if (depth > 0 && trees_below(t, 6) == 0) {
        query->from = NULL;
        query->from_query = trees_query(t, depth - 1);
        query->as = trees_below(t, 8) == 0 ? NULL : "inner";
    }
}

const rowan_query *trees_query(trees *t, unsigned depth)
{
    rowan_query *query = rowan_scope_alloc(t->scope, sizeof *query);
    unsigned less = depth > 0 ? depth - 1 : 0;
    size_t terms = 0;

    memset(query, 0, sizeof *query);
    read_from(t, query, depth);
    query->distinct = trees_below(t, 6) == 0;
    query->select = trees_below(t, 2) ? some_selection(t, less) : NULL;
    query->joins = trees_below(t, 3) == 0 ? some_joins(t, less) : NULL;
    query->where = trees_below(t, 4) == 0 ? NULL : trees_condition(t, depth);
    if (trees_below(t, 6) == 0) {
        query->group_by = some_groups(t, less, &query->group_count);
        query->having = trees_below(t, 2) ? trees_condition(t, less) : NULL;
    }
    query->sets = depth > 0 && trees_below(t, 6) == 0 ? some_sets(t, less) : NULL;
    query->order_by = trees_below(t, 2) ? some_order(t, less, &terms) : NULL;
    if (trees_below(t, 4) == 0) {
        query->after = some_place(t, terms);
    }
    query->limit = trees_below(t, 3) == 0 ? 10 + (int64_t)t->variant : 0;
    query->offset = trees_below(t, 4) == 0 ? 1 + (int64_t)t->variant : 0;
    query->into = trees_below(t, 4) == 0 ? &press_table : NULL;
    return query;
}

/* --- Writes. --- */

rowan_update trees_update(trees *t, unsigned depth)
{
    rowan_assignment *set = rowan_scope_alloc(t->scope, 4 * sizeof *set);
    size_t count = 1 + trees_below(t, 3);
    const rowan_assignment all[] = {{WORK.title.column, trees_text(t, depth)},
                                    {WORK.stock.column, trees_number(t, depth)},
                                    {WORK.kind.column, rowan_o_enum((int)t->variant)},
                                    {WORK.price.column, rowan_o_decimal((rowan_decimal){"1.5"})},
                                    {WORK.score.column, odd_number(t)},
                                    {WORK.genre_id.column, trees_number(t, depth)},
                                    {WORK.version.column, trees_number(t, 0)}};

    memset(set, 0, 4 * sizeof *set);
    for (size_t i = 0; i < count; i++) {
        set[i] = all[trees_below(t, 7)];
    }
    return (rowan_update){.table = &work_table,
                          .set = set,
                          .where = trees_below(t, 6) == 0 ? NULL : trees_condition(t, depth),
                          .all_rows = trees_below(t, 2) == 0,
                          .returning = trees_below(t, 2) == 0};
}

rowan_delete trees_delete(trees *t, unsigned depth)
{
    return (rowan_delete){.from = trees_below(t, 2) ? &work_table : &loan_table,
                          .where = trees_below(t, 6) == 0 ? NULL : trees_condition(t, depth),
                          .all_rows = trees_below(t, 2) == 0,
                          .returning = trees_below(t, 2) == 0};
}
