/*
 * Copies of expressions and queries in a scope's memory, with everything in them: lists, names,
 * texts and values. Tables and columns are constant and stay where they are.
 */
#include <string.h>

#include "sql/sql_private.h"

/* A copy under way: once memory ran out or the tree is too deep, nothing further is copied. */
typedef struct copier {
    rowan_scope *scope;
    unsigned depth;
    bool failed;
} copier;

static const rowan_expr *copy_expr(copier *c, const rowan_expr *expr);
static const rowan_query *copy_query(copier *c, const rowan_query *query);

static void *copy_array(copier *c, const void *from, size_t count, size_t size)
{
    void *copy;

    if (!from || count == 0 || c->failed) {
        return NULL;
    }
    copy = rowan_scope_alloc(c->scope, count * size);
    if (!copy) {
        c->failed = true;
        return NULL;
    }
    memcpy(copy, from, count * size);
    return copy;
}

static const char *copy_text(copier *c, const char *text)
{
    return text ? copy_array(c, text, strlen(text) + 1, 1) : NULL;
}

static bool enter(copier *c)
{
    if (c->failed || c->depth == ROWAN__DEEPEST) {
        c->failed = true;
        return false;
    }
    c->depth++;
    return true;
}

static rowan_value copy_value(copier *c, rowan_value value)
{
    rowan_value *items;

    value.name = copy_text(c, value.name);
    if (value.type == ROWAN_TYPE_LIST) {
        items = copy_array(c, value.as.list.items, value.as.list.count, sizeof *items);
        value.as.list.items = items;
        for (size_t i = 0; items && i < value.as.list.count; i++) {
            items[i] = copy_value(c, items[i]);
        }
    } else if (!value.is_null &&
               (value.type == ROWAN_TYPE_TEXT || value.type == ROWAN_TYPE_BLOB ||
                value.type == ROWAN_TYPE_DECIMAL || value.type == ROWAN_TYPE_JSON) &&
               value.as.bytes.size > 0) {
        value.as.bytes.data = copy_array(c, value.as.bytes.data, value.as.bytes.size, 1);
    }
    return value;
}

static rowan_operand copy_operand(copier *c, rowan_operand operand)
{
    operand.alias = copy_text(c, operand.alias);
    operand.expr = copy_expr(c, operand.expr);
    if (rowan__is_value(&operand)) {
        operand.value = copy_value(c, operand.value);
    }
    return operand;
}

static const rowan_operand *copy_operands(copier *c, const rowan_operand *from, size_t count)
{
    rowan_operand *copy = copy_array(c, from, count, sizeof *copy);

    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = copy_operand(c, copy[i]);
    }
    return copy;
}

static const rowan_order *copy_order(copier *c, const rowan_order *from)
{
    rowan_order *copy;
    size_t count = 0;

    while (from && from[count].given) {
        count++;
    }
    copy = from ? copy_array(c, from, count + 1, sizeof *copy) : NULL;
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].by = copy_operand(c, copy[i].by);
    }
    return copy;
}

static const rowan_expr *const *copy_items(copier *c, const rowan_expr *const *from)
{
    const rowan_expr **copy;
    size_t count = 0;

    while (from && !(from[count] && from[count]->kind == ROWAN_EXPR_END)) {
        count++;
    }
    copy = from ? copy_array(c, from, count + 1, sizeof *copy) : NULL;
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = copy_expr(c, copy[i]);
    }
    if (copy) {
        copy[count] = &rowan_end;
    }
    return copy;
}

/* What the kind of a node says is in it. A flat switch. */
static void copy_members(copier *c, rowan_expr *copy)
{
    switch (copy->kind) {
    case ROWAN_EXPR_AND:
    case ROWAN_EXPR_OR:
    case ROWAN_EXPR_NOT:
        copy->items = copy_items(c, copy->items);
        break;
    case ROWAN_EXPR_CASE:
        copy->items = copy_items(c, copy->items);
        copy->left = copy_operand(c, copy->left);
        copy->right = copy_operand(c, copy->right);
        break;
    case ROWAN_EXPR_COMPARE:
    case ROWAN_EXPR_IN:
        copy->left = copy_operand(c, copy->left);
        copy->right = copy_operand(c, copy->right);
        break;
    case ROWAN_EXPR_IS_NULL:
    case ROWAN_EXPR_NOT_NULL:
    case ROWAN_EXPR_EXCLUDED:
        copy->left = copy_operand(c, copy->left);
        break;
    case ROWAN_EXPR_IN_QUERY:
        copy->left = copy_operand(c, copy->left);
        copy->query = copy_query(c, copy->query);
        break;
    case ROWAN_EXPR_EXISTS:
    case ROWAN_EXPR_SUBQUERY:
        copy->query = copy_query(c, copy->query);
        break;
    case ROWAN_EXPR_CALL:
        copy->arguments = copy_operands(c, copy->arguments, copy->argument_count);
        break;
    case ROWAN_EXPR_RAW:
        copy->arguments = copy_operands(c, copy->arguments, copy->argument_count);
        copy->sql = copy_text(c, copy->sql);
        break;
    case ROWAN_EXPR_OVER:
        copy->items = copy_items(c, copy->items);
        copy->partition = copy_operands(c, copy->partition, copy->partition_count);
        copy->order = copy_order(c, copy->order);
        break;
    case ROWAN_EXPR_END:
        break;
    }
}

static const rowan_expr *copy_expr(copier *c, const rowan_expr *expr)
{
    rowan_expr *copy;

    if (expr == &rowan__not_copied) {
        return expr;
    }
    if (!expr || !enter(c)) {
        return NULL;
    }
    copy = copy_array(c, expr, 1, sizeof *copy);
    if (copy) {
        copy_members(c, copy);
    }
    c->depth--;
    return copy;
}

/* --- Lists of a query, each ended by an element of zeros. --- */

static const rowan_cte *copy_with(copier *c, const rowan_cte *from)
{
    rowan_cte *copy;
    size_t count = 0;

    while (from && from[count].name) {
        count++;
    }
    copy = from ? copy_array(c, from, count + 1, sizeof *copy) : NULL;
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].name = copy_text(c, copy[i].name);
        copy[i].query = copy_query(c, copy[i].query);
    }
    return copy;
}

static const rowan_selected *copy_selected(copier *c, const rowan_selected *from)
{
    rowan_selected *copy;
    size_t count = 0;

    while (from && from[count].given) {
        count++;
    }
    copy = from ? copy_array(c, from, count + 1, sizeof *copy) : NULL;
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].what = copy_operand(c, copy[i].what);
        copy[i].as = copy_text(c, copy[i].as);
    }
    return copy;
}

static const rowan_join *copy_joins(copier *c, const rowan_join *from)
{
    rowan_join *copy;
    size_t count = 0;

    while (from && from[count].kind != ROWAN_JOIN_END) {
        count++;
    }
    copy = from ? copy_array(c, from, count + 1, sizeof *copy) : NULL;
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].cte = copy_text(c, copy[i].cte);
        copy[i].query = copy_query(c, copy[i].query);
        copy[i].as = copy_text(c, copy[i].as);
        copy[i].on = copy_expr(c, copy[i].on);
    }
    return copy;
}

static const rowan_set *copy_sets(copier *c, const rowan_set *from)
{
    rowan_set *copy;
    size_t count = 0;

    while (from && from[count].kind != ROWAN_SET_END) {
        count++;
    }
    copy = from ? copy_array(c, from, count + 1, sizeof *copy) : NULL;
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].query = copy_query(c, copy[i].query);
    }
    return copy;
}

static const rowan_fetch *copy_fetch(copier *c, const rowan_fetch *from)
{
    rowan_fetch *copy;
    size_t count = 0;

    if (!from || !enter(c)) {
        return NULL;
    }
    while (from[count].relation) {
        count++;
    }
    copy = copy_array(c, from, count + 1, sizeof *copy);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].then = copy_fetch(c, copy[i].then);
        copy[i].where = copy_expr(c, copy[i].where);
        copy[i].order_by = copy_order(c, copy[i].order_by);
    }
    c->depth--;
    return copy;
}

static rowan_params copy_params(copier *c, rowan_params from)
{
    rowan_value *copy = copy_array(c, from.items, from.count, sizeof *copy);

    for (size_t i = 0; copy && i < from.count; i++) {
        copy[i] = copy_value(c, copy[i]);
    }
    return (rowan_params){copy, from.count};
}

static const rowan_query *copy_query(copier *c, const rowan_query *query)
{
    rowan_query *copy;

    if (!query || !enter(c)) {
        return NULL;
    }
    copy = copy_array(c, query, 1, sizeof *copy);
    if (copy) {
        copy->with = copy_with(c, query->with);
        copy->select = copy_selected(c, query->select);
        copy->from_cte = copy_text(c, query->from_cte);
        copy->from_query = copy_query(c, query->from_query);
        copy->as = copy_text(c, query->as);
        copy->joins = copy_joins(c, query->joins);
        copy->where = copy_expr(c, query->where);
        copy->group_by = copy_operands(c, query->group_by, query->group_count);
        copy->having = copy_expr(c, query->having);
        copy->sets = copy_sets(c, query->sets);
        copy->order_by = copy_order(c, query->order_by);
        copy->after = copy_params(c, query->after);
        copy->fetch = copy_fetch(c, query->fetch);
    }
    c->depth--;
    return copy;
}

const rowan_expr rowan_end = {.kind = ROWAN_EXPR_END};
const rowan_expr rowan__not_copied = {.kind = ROWAN_EXPR_RAW};

const rowan_expr *rowan_expr_dup(rowan_scope *scope, const rowan_expr *expr)
{
    copier c = {.scope = scope};
    const rowan_expr *copy = scope ? copy_expr(&c, expr) : NULL;

    return c.failed ? &rowan__not_copied : copy;
}

const rowan_query *rowan_query_dup(rowan_scope *scope, const rowan_query *query)
{
    copier c = {.scope = scope};
    const rowan_query *copy = scope ? copy_query(&c, query) : NULL;

    return c.failed ? NULL : copy;
}
