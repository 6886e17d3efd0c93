/*
 * What is known of the type of an operand before anything is sent. The typed handles see to it at
 * compile time; operands that are made at run time are checked here, by the same families.
 */
#include <stdio.h>

#include "sql/sql_private.h"

static const char *const type_names[] = {
    [ROWAN_TYPE_BOOL] = "bool",       [ROWAN_TYPE_INT16] = "integer",
    [ROWAN_TYPE_INT32] = "integer",   [ROWAN_TYPE_INT64] = "integer",
    [ROWAN_TYPE_FLOAT] = "real",      [ROWAN_TYPE_DOUBLE] = "real",
    [ROWAN_TYPE_DECIMAL] = "decimal", [ROWAN_TYPE_TEXT] = "text",
    [ROWAN_TYPE_BLOB] = "blob",       [ROWAN_TYPE_DATE] = "date",
    [ROWAN_TYPE_TIME] = "time",       [ROWAN_TYPE_TIMESTAMP] = "timestamp",
    [ROWAN_TYPE_UUID] = "uuid",       [ROWAN_TYPE_JSON] = "json",
    [ROWAN_TYPE_ENUM] = "enum",       [ROWAN_TYPE_LIST] = "list",
};

const char *rowan__type_name(rowan_type type)
{
    if (type < ROWAN_TYPE_BOOL || type > ROWAN_TYPE_LIST) {
        return "NULL";
    }
    return type_names[type];
}

/* The family of a type is its first member. */
static rowan_type family_of(rowan_type type)
{
    if (type == ROWAN_TYPE_INT16 || type == ROWAN_TYPE_INT32) {
        return ROWAN_TYPE_INT64;
    }
    return type == ROWAN_TYPE_FLOAT ? ROWAN_TYPE_DOUBLE : type;
}

bool rowan__same_family(rowan_type a, rowan_type b)
{
    return family_of(a) == family_of(b);
}

/* The first argument whose type is known speaks for the others. */
static rowan_type type_of_arguments(const rowan_expr *call)
{
    for (size_t i = 0; call->arguments && i < call->argument_count; i++) {
        rowan_type type = rowan__operand_type(&call->arguments[i]);
        if (type != 0) {
            return type;
        }
    }
    return 0;
}

/*
 * What the numbers of a call become together: a real makes all of them real, else a decimal makes
 * them decimals. Asks each argument once: trees may be deep.
 */
static rowan_type type_of_math(const rowan_expr *call)
{
    rowan_type type = 0;

    for (size_t i = 0; call->arguments && i < call->argument_count; i++) {
        rowan_type family = family_of(rowan__operand_type(&call->arguments[i]));
        if (family == ROWAN_TYPE_DOUBLE) {
            return ROWAN_TYPE_DOUBLE;
        }
        if (family == ROWAN_TYPE_DECIMAL || (family == ROWAN_TYPE_INT64 && type == 0)) {
            type = family;
        }
    }
    return type == ROWAN_TYPE_DECIMAL && call->function == ROWAN_FN_DIVIDE ? ROWAN_TYPE_DOUBLE
                                                                           : type;
}

static rowan_type type_of_sum(const rowan_expr *call)
{
    rowan_type family = family_of(type_of_arguments(call));

    return family == ROWAN_TYPE_DOUBLE || family == ROWAN_TYPE_DECIMAL ? family : ROWAN_TYPE_INT64;
}

/* A flat switch over the functions. */
static rowan_type type_of_call(const rowan_expr *call)
{
    switch (call->function) {
    case ROWAN_FN_COUNT:
    case ROWAN_FN_COUNT_DISTINCT:
    case ROWAN_FN_LENGTH:
    case ROWAN_FN_ROW_NUMBER:
    case ROWAN_FN_RANK:
    case ROWAN_FN_DENSE_RANK:
        return ROWAN_TYPE_INT64;
    case ROWAN_FN_SUM:
        return type_of_sum(call);
    case ROWAN_FN_AVG:
        return ROWAN_TYPE_DOUBLE;
    case ROWAN_FN_LOWER:
    case ROWAN_FN_UPPER:
    case ROWAN_FN_CONCAT:
        return ROWAN_TYPE_TEXT;
    case ROWAN_FN_MIN:
    case ROWAN_FN_MAX:
    case ROWAN_FN_COALESCE:
    case ROWAN_FN_ABS:
    case ROWAN_FN_LAG:
    case ROWAN_FN_LEAD:
        return type_of_arguments(call);
    case ROWAN_FN_ADD:
    case ROWAN_FN_SUBTRACT:
    case ROWAN_FN_MULTIPLY:
    case ROWAN_FN_DIVIDE:
    case ROWAN_FN_MODULO:
        return type_of_math(call);
    }
    return 0;
}

/* What a query of one column selects, if it says so. */
static const rowan_operand *only_selected(const rowan_query *query)
{
    if (!query || !query->select || !query->select[0].given || query->select[0].all) {
        return NULL;
    }
    return &query->select[0].what;
}

static rowan_type type_of_expr(const rowan_expr *expr)
{
    rowan_type type;

    switch (expr->kind) {
    case ROWAN_EXPR_CALL:
        return type_of_call(expr);
    case ROWAN_EXPR_OVER:
        return expr->items && expr->items[0] ? type_of_expr(expr->items[0]) : 0;
    case ROWAN_EXPR_SUBQUERY:
        return only_selected(expr->query) ? rowan__operand_type(only_selected(expr->query)) : 0;
    case ROWAN_EXPR_CASE:
        type = rowan__operand_type(&expr->left);
        return type != 0 ? type : rowan__operand_type(&expr->right);
    case ROWAN_EXPR_EXCLUDED:
        return rowan__operand_type(&expr->left);
    case ROWAN_EXPR_RAW:
    case ROWAN_EXPR_END:
        return 0;
    case ROWAN_EXPR_COMPARE:
    case ROWAN_EXPR_AND:
    case ROWAN_EXPR_OR:
    case ROWAN_EXPR_NOT:
    case ROWAN_EXPR_IS_NULL:
    case ROWAN_EXPR_NOT_NULL:
    case ROWAN_EXPR_IN:
    case ROWAN_EXPR_IN_QUERY:
    case ROWAN_EXPR_EXISTS:
        return ROWAN_TYPE_BOOL;
    }
    return 0;
}

rowan_type rowan__operand_type(const rowan_operand *operand)
{
    if (operand->column) {
        return operand->column->type;
    }
    return operand->expr ? type_of_expr(operand->expr) : operand->value.type;
}

static const rowan_column *column_of_expr(const rowan_expr *expr)
{
    const rowan_column *column = NULL;

    switch (expr->kind) {
    case ROWAN_EXPR_CALL:
        if (expr->function != ROWAN_FN_MIN && expr->function != ROWAN_FN_MAX &&
            expr->function != ROWAN_FN_COALESCE && expr->function != ROWAN_FN_LAG &&
            expr->function != ROWAN_FN_LEAD) {
            return NULL;
        }
        for (size_t i = 0; expr->arguments && i < expr->argument_count && !column; i++) {
            column = rowan__operand_column(&expr->arguments[i]);
        }
        return column;
    case ROWAN_EXPR_OVER:
        return expr->items && expr->items[0] ? column_of_expr(expr->items[0]) : NULL;
    case ROWAN_EXPR_SUBQUERY:
        return only_selected(expr->query) ? rowan__operand_column(only_selected(expr->query))
                                          : NULL;
    case ROWAN_EXPR_CASE:
        column = rowan__operand_column(&expr->left);
        return column ? column : rowan__operand_column(&expr->right);
    case ROWAN_EXPR_EXCLUDED:
        return expr->left.column;
    case ROWAN_EXPR_END:
    case ROWAN_EXPR_RAW:
    case ROWAN_EXPR_COMPARE:
    case ROWAN_EXPR_AND:
    case ROWAN_EXPR_OR:
    case ROWAN_EXPR_NOT:
    case ROWAN_EXPR_IS_NULL:
    case ROWAN_EXPR_NOT_NULL:
    case ROWAN_EXPR_IN:
    case ROWAN_EXPR_IN_QUERY:
    case ROWAN_EXPR_EXISTS:
        return NULL;
    }
    return NULL;
}

const rowan_column *rowan__operand_column(const rowan_operand *operand)
{
    if (operand->column) {
        return operand->column;
    }
    return operand->expr ? column_of_expr(operand->expr) : NULL;
}

/* Integers and reals mix in expressions; an enum may be given by its label. */
static bool pair_fits(rowan_type a, rowan_type b)
{
    bool a_is_number = family_of(a) == ROWAN_TYPE_INT64 || family_of(a) == ROWAN_TYPE_DOUBLE;
    bool b_is_number = family_of(b) == ROWAN_TYPE_INT64 || family_of(b) == ROWAN_TYPE_DOUBLE;

    if (a == 0 || b == 0 || rowan__same_family(a, b)) {
        return true;
    }
    if ((a == ROWAN_TYPE_ENUM && b == ROWAN_TYPE_TEXT) ||
        (a == ROWAN_TYPE_TEXT && b == ROWAN_TYPE_ENUM)) {
        return true;
    }
    return a_is_number && b_is_number;
}

/* A value beside a column is checked when it is bound, where the message can name the column. */
static bool is_checked_when_bound(const rowan_operand *value, const rowan_operand *beside)
{
    return rowan__is_value(value) && (value->value.is_null || rowan__operand_column(beside));
}

void rowan__check_pair(rowan__renderer *r, const rowan_operand *left, const rowan_operand *right)
{
    rowan_type a = rowan__operand_type(left);
    rowan_type b = rowan__operand_type(right);
    const rowan_column *column = left->column ? left->column : right->column;
    char label[160] = "an expression";

    if (r->status != ROWAN_OK || pair_fits(a, b) || is_checked_when_bound(left, right) ||
        is_checked_when_bound(right, left)) {
        return;
    }
    if (column) {
        rowan__column_label(column, label, sizeof label);
    }
    rowan__render_fail(r, ROWAN_WRONG_TYPE, "%s is put beside another type: %s beside %s", label,
                       rowan__type_name(a), rowan__type_name(b));
}
