/*
 * Expressions: conditions with as few parentheses as they need, comparisons, and operands.
 *
 * NULL members of AND and OR are skipped, and so is an AND that nothing is left of: a condition
 * that is absent leaves no trace in the text, so that a query with and without it are two shapes
 * and no more.
 */
#include <string.h>

#include "sql/sql_private.h"

/* How tightly a condition binds; a looser one inside a tighter one gets parentheses. */
typedef enum binding { BINDS_OR = 1, BINDS_AND, BINDS_NOT, BINDS_TIGHT } binding;

static const char *const compare_words[] = {
    [ROWAN_COMPARE_EQ] = " = ",  [ROWAN_COMPARE_NE] = " <> ", [ROWAN_COMPARE_LT] = " < ",
    [ROWAN_COMPARE_LE] = " <= ", [ROWAN_COMPARE_GT] = " > ",  [ROWAN_COMPARE_GE] = " >= ",
};

static bool is_end(const rowan_expr *expr)
{
    return expr && expr->kind == ROWAN_EXPR_END;
}

bool rowan__is_vacuous(const rowan_expr *expr)
{
    if (!expr) {
        return true;
    }
    if (expr->kind == ROWAN_EXPR_NOT) {
        return !expr->items || !expr->items[0];
    }
    if (expr->kind != ROWAN_EXPR_AND) {
        return false;
    }
    for (const rowan_expr *const *item = expr->items; item && !is_end(*item); item++) {
        if (!rowan__is_vacuous(*item)) {
            return false;
        }
    }
    return true;
}

/* Whether a member of an AND or an OR counts. */
static bool is_present(const rowan_expr *list, const rowan_expr *item)
{
    return list->kind == ROWAN_EXPR_AND ? !rowan__is_vacuous(item) : item != NULL;
}

/* How many members of an AND or OR count, and one of them. */
static size_t count_present(const rowan_expr *list, const rowan_expr **one)
{
    size_t count = 0;

    for (const rowan_expr *const *item = list->items; item && !is_end(*item); item++) {
        if (is_present(list, *item)) {
            *one = *item;
            count++;
        }
    }
    return count;
}

static bool is_list(const rowan_expr *expr)
{
    return expr->kind == ROWAN_EXPR_AND || expr->kind == ROWAN_EXPR_OR;
}

/* An AND or OR of one member is that member. */
static const rowan_expr *essence(const rowan_expr *expr)
{
    const rowan_expr *only = expr;

    while (is_list(expr) && count_present(expr, &only) == 1) {
        expr = only;
    }
    return expr;
}

static binding binding_of(const rowan_expr *expr)
{
    switch (expr->kind) {
    case ROWAN_EXPR_OR:
        return BINDS_OR;
    case ROWAN_EXPR_AND:
        return BINDS_AND;
    case ROWAN_EXPR_NOT:
        return BINDS_NOT;
    case ROWAN_EXPR_END:
    case ROWAN_EXPR_COMPARE:
    case ROWAN_EXPR_IS_NULL:
    case ROWAN_EXPR_NOT_NULL:
    case ROWAN_EXPR_IN:
    case ROWAN_EXPR_IN_QUERY:
    case ROWAN_EXPR_EXISTS:
    case ROWAN_EXPR_CALL:
    case ROWAN_EXPR_OVER:
    case ROWAN_EXPR_SUBQUERY:
    case ROWAN_EXPR_CASE:
    case ROWAN_EXPR_EXCLUDED:
    case ROWAN_EXPR_RAW:
        return BINDS_TIGHT;
    }
    return BINDS_TIGHT;
}

static void write_condition(rowan__renderer *r, const rowan_expr *expr, binding around)
{
    const rowan_expr *inner = essence(expr);
    const rowan_expr *any;
    bool is_constant = is_list(inner) && count_present(inner, &any) == 0;
    bool loose = binding_of(inner) < around && !is_constant;

    rowan__write(r, loose ? "(" : "");
    rowan__write_expr(r, inner);
    rowan__write(r, loose ? ")" : "");
}

void rowan__write_condition(rowan__renderer *r, const rowan_expr *expr, bool among)
{
    write_condition(r, expr, among ? BINDS_AND : BINDS_OR);
}

static void write_list_of_conditions(rowan__renderer *r, const rowan_expr *expr)
{
    bool is_and = expr->kind == ROWAN_EXPR_AND;
    size_t count = 0;

    for (const rowan_expr *const *item = expr->items; item && !is_end(*item); item++) {
        if (!is_present(expr, *item)) {
            continue;
        }
        if (count++ > 0) {
            rowan__write(r, is_and ? " AND " : " OR ");
        }
        write_condition(r, *item, is_and ? BINDS_AND : BINDS_OR);
    }
    if (count == 0) {
        rowan__write(r, is_and ? "TRUE" : "FALSE");
    }
}

static void check_text(rowan__renderer *r, const rowan_operand *operand)
{
    rowan_type type = rowan__operand_type(operand);

    if (type != 0 && type != ROWAN_TYPE_TEXT && type != ROWAN_TYPE_ENUM) {
        rowan__render_fail(r, ROWAN_WRONG_TYPE, "LIKE compares texts, not %s",
                           rowan__type_name(type));
    }
}

/* A pattern is no label of an enum column, so it is bound without looking at the column. */
static void write_like(rowan__renderer *r, const rowan_expr *expr)
{
    check_text(r, &expr->left);
    check_text(r, &expr->right);
    if (expr->compare == ROWAN_COMPARE_ILIKE) {
        rowan__write_lower(r, &expr->left, NULL);
        rowan__write(r, " LIKE ");
        rowan__write_lower(r, &expr->right, NULL);
    } else {
        rowan__write_operand(r, &expr->left, NULL, ROWAN__PLACE_ALONE);
        rowan__write(r, " LIKE ");
        rowan__write_operand(r, &expr->right, NULL, ROWAN__PLACE_PLAIN);
    }
    rowan__write(r, r->dialect->like_escape);
}

static void write_compare(rowan__renderer *r, const rowan_expr *expr)
{
    if (expr->compare == ROWAN_COMPARE_LIKE || expr->compare == ROWAN_COMPARE_ILIKE) {
        write_like(r, expr);
        return;
    }
    if (expr->compare < ROWAN_COMPARE_EQ || expr->compare > ROWAN_COMPARE_SAME) {
        rowan__render_fail(r, ROWAN_MISUSE, "there is no comparison of number %d",
                           (int)expr->compare);
        return;
    }
    rowan__check_pair(r, &expr->left, &expr->right);
    rowan__write_ordered(r, &expr->left, &expr->right);
    rowan__write(r, expr->compare == ROWAN_COMPARE_SAME ? r->dialect->same
                                                        : compare_words[expr->compare]);
    rowan__write_ordered(r, &expr->right, &expr->left);
}

/* MariaDB takes no LIMIT directly inside IN, but does one level further down. */
static void write_in_query(rowan__renderer *r, const rowan_expr *expr, bool negated)
{
    bool wrapped = r->dialect->in_takes_no_limit && expr->query &&
                   (expr->query->limit != 0 || expr->query->offset != 0);
    const rowan__names *closed_off = r->closed_off;

    rowan__write_ordered(r, &expr->left, NULL);
    rowan__write(r, negated ? " NOT IN (" : " IN (");
    if (wrapped) {
        rowan__write(r, "SELECT * FROM (");
        rowan__names_close(r, r->names);
    }
    rowan__write_query(r, expr->query, ROWAN__ROLE_VALUES);
    r->closed_off = closed_off;
    if (wrapped) {
        rowan__write(r, ") AS ");
        rowan__write_name(r, "limited");
    }
    rowan__write(r, ")");
}

/* Where EXISTS takes no sets within sets, they are a derived table. */
static void write_exists(rowan__renderer *r, const rowan_expr *expr, bool negated)
{
    bool wrapped = r->dialect->exists_takes_no_nest && rowan__sets_nest(r, expr->query);
    const rowan__names *closed_off = r->closed_off;

    rowan__write(r, negated ? "NOT EXISTS (" : "EXISTS (");
    if (wrapped) {
        rowan__write(r, "SELECT 1 FROM (");
        rowan__names_close(r, r->names);
    }
    rowan__write_query(r, expr->query, ROWAN__ROLE_EXISTENCE);
    r->closed_off = closed_off;
    if (wrapped) {
        rowan__write(r, ") AS ");
        rowan__write_name(r, "nested");
    }
    rowan__write(r, ")");
}

static void write_null_test(rowan__renderer *r, const rowan_operand *operand, bool is_null)
{
    rowan__write_operand(r, operand, NULL, ROWAN__PLACE_ALONE);
    rowan__write(r, is_null ? " IS NULL" : " IS NOT NULL");
}

static void write_not(rowan__renderer *r, const rowan_expr *expr)
{
    const rowan_expr *inner;

    if (rowan__is_vacuous(expr)) {
        rowan__write(r, "TRUE");
        return;
    }
    inner = essence(expr->items[0]);
    if (inner->kind == ROWAN_EXPR_IN) {
        rowan__write_list(r, inner, true);
    } else if (inner->kind == ROWAN_EXPR_IN_QUERY) {
        write_in_query(r, inner, true);
    } else if (inner->kind == ROWAN_EXPR_EXISTS) {
        write_exists(r, inner, true);
    } else if (inner->kind == ROWAN_EXPR_IS_NULL || inner->kind == ROWAN_EXPR_NOT_NULL) {
        write_null_test(r, &inner->left, inner->kind == ROWAN_EXPR_NOT_NULL);
    } else {
        rowan__write(r, "NOT (");
        rowan__write_expr(r, inner);
        rowan__write(r, ")");
    }
}

static void write_case(rowan__renderer *r, const rowan_expr *expr)
{
    if (!expr->items || !expr->items[0] || is_end(expr->items[0])) {
        rowan__render_fail(r, ROWAN_MISUSE, "CASE needs a condition");
        return;
    }
    rowan__check_pair(r, &expr->left, &expr->right);
    rowan__write(r, "CASE WHEN ");
    rowan__write_expr(r, essence(expr->items[0]));
    rowan__write(r, " THEN ");
    rowan__write_operand(r, &expr->left, &expr->right, ROWAN__PLACE_ALONE);
    rowan__write(r, " ELSE ");
    rowan__write_operand(r, &expr->right, &expr->left, ROWAN__PLACE_ALONE);
    rowan__write(r, " END");
}

static void write_excluded(rowan__renderer *r, const rowan_expr *expr)
{
    const rowan_column *column = expr->left.column;
    bool is_function = r->dialect->upsert == ROWAN__UPSERT_ON_DUPLICATE_KEY;

    if (!r->inserted || !column || column->table != r->inserted) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "EXCLUDED names a column of the table, in the `set` of an upsert only");
        return;
    }
    rowan__write(r, is_function ? "VALUES(" : "excluded.");
    rowan__write_name(r, column->name);
    rowan__write(r, is_function ? ")" : "");
}

static void write_over(rowan__renderer *r, const rowan_expr *expr)
{
    if (!expr->items || !expr->items[0] || expr->items[0]->kind != ROWAN_EXPR_CALL) {
        rowan__render_fail(r, ROWAN_MISUSE, "OVER takes a call of a function");
        return;
    }
    rowan__write_call(r, expr->items[0], expr);
}

static void write_subquery(rowan__renderer *r, const rowan_expr *expr)
{
    rowan__write(r, "(");
    rowan__write_query(r, expr->query, ROWAN__ROLE_VALUES);
    rowan__write(r, ")");
}

/* A flat switch over the kinds. */
void rowan__write_expr(rowan__renderer *r, const rowan_expr *expr)
{
    if (!rowan__render_enter(r)) {
        return;
    }
    switch (expr->kind) {
    case ROWAN_EXPR_COMPARE:
        write_compare(r, expr);
        break;
    case ROWAN_EXPR_AND:
    case ROWAN_EXPR_OR:
        write_list_of_conditions(r, expr);
        break;
    case ROWAN_EXPR_NOT:
        write_not(r, expr);
        break;
    case ROWAN_EXPR_IS_NULL:
        write_null_test(r, &expr->left, true);
        break;
    case ROWAN_EXPR_NOT_NULL:
        write_null_test(r, &expr->left, false);
        break;
    case ROWAN_EXPR_IN:
        rowan__write_list(r, expr, false);
        break;
    case ROWAN_EXPR_IN_QUERY:
        write_in_query(r, expr, false);
        break;
    case ROWAN_EXPR_EXISTS:
        write_exists(r, expr, false);
        break;
    case ROWAN_EXPR_CALL:
        rowan__write_call(r, expr, NULL);
        break;
    case ROWAN_EXPR_OVER:
        write_over(r, expr);
        break;
    case ROWAN_EXPR_SUBQUERY:
        write_subquery(r, expr);
        break;
    case ROWAN_EXPR_CASE:
        write_case(r, expr);
        break;
    case ROWAN_EXPR_EXCLUDED:
        write_excluded(r, expr);
        break;
    case ROWAN_EXPR_RAW:
        rowan__write_fragment(r, expr);
        break;
    case ROWAN_EXPR_END:
        rowan__render_fail(r, ROWAN_MISUSE, "ROWAN_END stands where an expression belongs");
        break;
    }
    r->depth--;
}

/* Whether an expression needs parentheses to be an operand: conditions do, calls bring theirs. */
static bool is_condition(const rowan_expr *expr)
{
    switch (expr->kind) {
    case ROWAN_EXPR_COMPARE:
    case ROWAN_EXPR_AND:
    case ROWAN_EXPR_OR:
    case ROWAN_EXPR_NOT:
    case ROWAN_EXPR_IS_NULL:
    case ROWAN_EXPR_NOT_NULL:
    case ROWAN_EXPR_IN:
    case ROWAN_EXPR_IN_QUERY:
        return true;
    case ROWAN_EXPR_END:
    case ROWAN_EXPR_EXISTS:
    case ROWAN_EXPR_CALL:
    case ROWAN_EXPR_OVER:
    case ROWAN_EXPR_SUBQUERY:
    case ROWAN_EXPR_CASE:
    case ROWAN_EXPR_EXCLUDED:
    case ROWAN_EXPR_RAW:
        return false;
    }
    return false;
}

void rowan__write_operand(rowan__renderer *r, const rowan_operand *operand,
                          const rowan_operand *beside, rowan__place place)
{
    if (operand->column) {
        rowan__write_column(r, operand->column, operand->alias);
        return;
    }
    if (!operand->expr) {
        rowan__write_value(r, &operand->value, beside, place);
        return;
    }
    rowan__write(r, is_condition(operand->expr) ? "(" : "");
    rowan__write_expr(r, operand->expr);
    rowan__write(r, is_condition(operand->expr) ? ")" : "");
}

void rowan__write_ordered(rowan__renderer *r, const rowan_operand *operand,
                          const rowan_operand *beside)
{
    rowan_type type = rowan__is_value(operand) ? 0 : rowan__operand_type(operand);
    bool as_text = type == ROWAN_TYPE_JSON && r->dialect->json_has_no_equal;

    rowan__write(r, as_text ? "CAST(" : "");
    rowan__write_operand(r, operand, beside, ROWAN__PLACE_COMPARED);
    if (as_text) {
        rowan__write(r, " AS ");
        rowan__write(r, r->dialect->cast_types[ROWAN_TYPE_TEXT]);
        rowan__write(r, ")");
    } else if (type == ROWAN_TYPE_DECIMAL && operand->expr) {
        rowan__write(r, r->dialect->decimal_order);
    }
}
