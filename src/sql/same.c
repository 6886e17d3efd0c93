/*
 * Whether two operands are written the same way. With numbered placeholders an expression that is
 * selected and grouped by has other numbers in either place, and the server takes it for another
 * one: such an expression is grouped and sorted by the number of the column instead.
 */
#include <math.h>
#include <string.h>

#include "sql/sql_private.h"

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool has_bytes(rowan_type type)
{
    return type == ROWAN_TYPE_TEXT || type == ROWAN_TYPE_BLOB || type == ROWAN_TYPE_DECIMAL ||
           type == ROWAN_TYPE_JSON;
}

static bool same_value(const rowan_value *a, const rowan_value *b)
{
    if (a->type != b->type || a->is_null != b->is_null || a->type == ROWAN_TYPE_LIST) {
        return false;
    }
    if (a->is_null || a->type == 0) {
        return true;
    }
    if (has_bytes(a->type)) {
        return a->as.bytes.size == b->as.bytes.size &&
               (a->as.bytes.size == 0 ||
                memcmp(a->as.bytes.data, b->as.bytes.data, a->as.bytes.size) == 0);
    }
    switch (a->type) {
    case ROWAN_TYPE_BOOL:
        return a->as.boolean == b->as.boolean;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return a->as.real == b->as.real && signbit(a->as.real) == signbit(b->as.real);
    case ROWAN_TYPE_DATE:
        return a->as.date.days == b->as.date.days;
    case ROWAN_TYPE_UUID:
        return memcmp(&a->as.uuid, &b->as.uuid, sizeof a->as.uuid) == 0;
    case ROWAN_TYPE_TIME:
        return a->as.time.us == b->as.time.us;
    case ROWAN_TYPE_TIMESTAMP:
        return a->as.timestamp.us == b->as.timestamp.us;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        return a->as.integer == b->as.integer;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_LIST:
        break;
    }
    return false;
}

static bool same_items(const rowan_expr *const *a, const rowan_expr *const *b);

static bool same_arguments(const rowan_expr *a, const rowan_expr *b)
{
    if (a->argument_count != b->argument_count) {
        return false;
    }
    if (!a->arguments || !b->arguments) {
        return a->arguments == b->arguments;
    }
    for (size_t i = 0; i < a->argument_count; i++) {
        if (!rowan__same_operand(&a->arguments[i], &b->arguments[i])) {
            return false;
        }
    }
    return true;
}

/* Sub-queries and windows are the same only if they are one and the same node. A flat switch. */
static bool same_members(const rowan_expr *a, const rowan_expr *b)
{
    switch (a->kind) {
    case ROWAN_EXPR_AND:
    case ROWAN_EXPR_OR:
    case ROWAN_EXPR_NOT:
        return same_items(a->items, b->items);
    case ROWAN_EXPR_CASE:
        return same_items(a->items, b->items) && rowan__same_operand(&a->left, &b->left) &&
               rowan__same_operand(&a->right, &b->right);
    case ROWAN_EXPR_COMPARE:
    case ROWAN_EXPR_IN:
        return a->compare == b->compare && rowan__same_operand(&a->left, &b->left) &&
               rowan__same_operand(&a->right, &b->right);
    case ROWAN_EXPR_IS_NULL:
    case ROWAN_EXPR_NOT_NULL:
    case ROWAN_EXPR_EXCLUDED:
        return rowan__same_operand(&a->left, &b->left);
    case ROWAN_EXPR_CALL:
        return a->function == b->function && same_arguments(a, b);
    case ROWAN_EXPR_RAW:
        return same_text(a->sql, b->sql) && same_arguments(a, b);
    case ROWAN_EXPR_IN_QUERY:
    case ROWAN_EXPR_EXISTS:
    case ROWAN_EXPR_SUBQUERY:
    case ROWAN_EXPR_OVER:
    case ROWAN_EXPR_END:
        break;
    }
    return false;
}

static bool same_expr(const rowan_expr *a, const rowan_expr *b)
{
    return a == b || (a && b && a->kind == b->kind && same_members(a, b));
}

static bool is_end(const rowan_expr *item)
{
    return item && item->kind == ROWAN_EXPR_END;
}

static bool same_items(const rowan_expr *const *a, const rowan_expr *const *b)
{
    if (!a || !b) {
        return a == b;
    }
    for (; !is_end(*a) && !is_end(*b); a++, b++) {
        if (!same_expr(*a, *b)) {
            return false;
        }
    }
    return is_end(*a) && is_end(*b);
}

bool rowan__same_operand(const rowan_operand *a, const rowan_operand *b)
{
    if (a->column != b->column) {
        return false;
    }
    if (a->column) {
        return same_text(a->alias, b->alias);
    }
    return a->expr || b->expr ? same_expr(a->expr, b->expr) : same_value(&a->value, &b->value);
}

/* Whether anything in an expression is written as a placeholder. Deeper than this it is taken to be
 * so. */
static bool binds_values(const rowan_expr *expr)
{
    if (expr->kind != ROWAN_EXPR_CALL) {
        return true;
    }
    for (size_t i = 0; expr->arguments && i < expr->argument_count; i++) {
        const rowan_operand *argument = &expr->arguments[i];
        if (rowan__is_value(argument) || (argument->expr && binds_values(argument->expr))) {
            return true;
        }
    }
    return false;
}

size_t rowan__selected_position(rowan__renderer *r, const rowan_query *query,
                                const rowan_operand *by)
{
    size_t position = 1;

    if (!r->dialect->numbered_placeholders || !query || !by->expr || !binds_values(by->expr)) {
        return 0;
    }
    rowan__note_nothing(r); /* values are compared */
    for (const rowan_selected *item = query->select; item && item->given; item++) {
        if (!item->all && rowan__same_operand(&item->what, by)) {
            return position;
        }
        position += item->all ? item->all->column_count : 1;
    }
    return 0;
}
