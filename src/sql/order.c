/*
 * Orders and pages. NULL sorts before everything on every engine; where that has to be said, it is
 * said only of what may be NULL, because an index serves an order only in the form that it was made
 * in.
 */
#include <string.h>

#include "sql/sql_private.h"

/* Whether an expression is never NULL, whatever is in the tables. */
static bool expr_is_never_null(const rowan_expr *expr)
{
    if (expr->kind == ROWAN_EXPR_EXISTS || expr->kind == ROWAN_EXPR_IS_NULL ||
        expr->kind == ROWAN_EXPR_NOT_NULL) {
        return true;
    }
    if (expr->kind == ROWAN_EXPR_OVER && expr->items && expr->items[0]) {
        return expr_is_never_null(expr->items[0]);
    }
    return expr->kind == ROWAN_EXPR_CALL &&
           (expr->function == ROWAN_FN_COUNT || expr->function == ROWAN_FN_COUNT_DISTINCT ||
            expr->function == ROWAN_FN_ROW_NUMBER || expr->function == ROWAN_FN_RANK ||
            expr->function == ROWAN_FN_DENSE_RANK);
}

static bool has_sets(const rowan_query *query)
{
    return query && query->sets && query->sets[0].kind != ROWAN_SET_END;
}

/* The name under which a column is in the result of the query, if that is what the term means. */
static const char *output_name(const rowan_query *query, const rowan_operand *by)
{
    if (!query || !by->column) {
        return NULL;
    }
    if (query->into && query->into != query->from && by->column->table == query->into) {
        return by->column->name;
    }
    if (!has_sets(query)) {
        return NULL;
    }
    for (size_t i = 0; query->select && query->select[i].given; i++) {
        const rowan_selected *item = &query->select[i];
        if (item->what.column == by->column && item->as) {
            return item->as;
        }
    }
    return rowan__has_output(query, by->column->name) ? by->column->name : NULL;
}

static void write_nulls(rowan__renderer *r, const rowan_order *term)
{
    if (r->dialect->nulls_need_words) {
        rowan__write(r, term->descending ? " NULLS LAST" : " NULLS FIRST");
    }
}

static void write_term(rowan__renderer *r, const rowan_order *term, const rowan_query *query)
{
    const char *output = output_name(query, &term->by);
    bool may_be_null = true;

    if (rowan__is_value(&term->by)) {
        rowan__render_fail(r, ROWAN_MISUSE, "a bound value is nothing to order by");
        return;
    }
    if (output) {
        rowan__write_name(r, output);
        may_be_null = has_sets(query) || (term->by.column->flags & ROWAN_NULLABLE) != 0;
    } else if (has_sets(query)) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "the rows of set operations are ordered by columns that they have");
        return;
    } else {
        size_t position = rowan__selected_position(r, query, &term->by);
        if (position > 0) {
            rowan__text_int(r->text, (int64_t)position);
        } else {
            rowan__write_ordered(r, &term->by, NULL);
        }
        may_be_null = term->by.column
                          ? rowan__column_may_be_null(r, term->by.column, term->by.alias)
                          : !expr_is_never_null(term->by.expr);
    }
    rowan__write(r, term->descending ? " DESC" : "");
    if (may_be_null) {
        write_nulls(r, term);
    }
}

void rowan__write_order_terms(rowan__renderer *r, const rowan_order *order,
                              const rowan_query *query)
{
    for (size_t i = 0; order[i].given && r->status == ROWAN_OK; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        write_term(r, &order[i], query);
    }
}

void rowan__write_order_by(rowan__renderer *r, const rowan_query *query)
{
    if (query->order_by && query->order_by[0].given) {
        rowan__write(r, " ORDER BY ");
        rowan__write_order_terms(r, query->order_by, query);
    }
}

/* Whether a condition gives a column one value. */
static bool pins(const rowan_expr *where, const rowan_column *column, const char *alias)
{
    if (where && where->kind == ROWAN_EXPR_COMPARE) {
        bool same_alias = where->left.alias == alias ||
                          (where->left.alias && alias && strcmp(where->left.alias, alias) == 0);
        return where->compare == ROWAN_COMPARE_EQ && where->left.column == column && same_alias &&
               rowan__is_value(&where->right);
    }
    if (!where || where->kind != ROWAN_EXPR_AND) {
        return false;
    }
    for (const rowan_expr *const *item = where->items; item; item++) {
        if (*item && (*item)->kind == ROWAN_EXPR_END) {
            return false;
        }
        if (pins(*item, column, alias)) {
            return true;
        }
    }
    return false;
}

/* Whether a query of a table finds its row by the primary key: then there is no second one. */
static bool finds_by_key(const rowan_query *query)
{
    const rowan_table *table = query->from;
    bool is_plain = table && table->primary_count > 0 && !query->with && !query->from_cte &&
                    !query->from_query && !query->joins && !query->sets && query->group_count == 0;

    for (size_t i = 0; is_plain && i < table->primary_count; i++) {
        is_plain = pins(query->where, table->primary[i], query->as);
    }
    return is_plain;
}

void rowan__write_page(rowan__renderer *r, const rowan_query *query)
{
    rowan_value limit = rowan_v_int64(query->limit);
    rowan_value offset = rowan_v_int64(query->offset);

    if (query->limit < 0 || query->offset < 0) {
        rowan__render_fail(r, ROWAN_MISUSE, "limit and offset are not negative");
        return;
    }
    /* A table whose name is a CTE's, too, may be that one. */
    if (query->limit == 1 && query->offset == 0 && !r->ctes && finds_by_key(query)) {
        return;
    }
    if (query->limit > 0) {
        rowan__write(r, " LIMIT ");
        rowan__note(r, &query->limit, (rowan__step){.kind = ROWAN__STEP_NUMBER, .count = 1});
        rowan__write_param(r, &limit);
    } else if (query->offset > 0 && *r->dialect->no_limit) {
        rowan__write(r, " ");
        rowan__write(r, r->dialect->no_limit);
    }
    if (query->offset > 0) {
        rowan__write(r, " OFFSET ");
        rowan__note(r, &query->offset, (rowan__step){.kind = ROWAN__STEP_NUMBER, .count = 1});
        rowan__write_param(r, &offset);
    }
}
