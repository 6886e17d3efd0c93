/*
 * Functions and windows: fills in the dialect's templates. Which template it is depends on the
 * function and on the type of its arguments, and arguments that cannot be of that function are
 * refused here, because some engines would take them for something else.
 */
#include <stdio.h>
#include <string.h>

#include "sql/sql_private.h"

/* What the arguments of a function have to be. */
typedef enum taking {
    TAKES_NOTHING,
    TAKES_ANYTHING,
    TAKES_NUMBERS,
    TAKES_TEXTS,
    TAKES_TEXTS_OR_BLOBS
} taking;

static const struct rule {
    const char *name; /* for messages */
    taking takes;
    size_t least, most; /* arguments; most 0: any number */
    bool needs_window;
} rules[ROWAN_FN_LEAD + 1] = {
    [ROWAN_FN_COUNT] = {"COUNT", TAKES_ANYTHING, 0, 1, false},
    [ROWAN_FN_COUNT_DISTINCT] = {"COUNT_DISTINCT", TAKES_ANYTHING, 1, 1, false},
    [ROWAN_FN_SUM] = {"SUM", TAKES_NUMBERS, 1, 1, false},
    [ROWAN_FN_AVG] = {"AVG", TAKES_NUMBERS, 1, 1, false},
    [ROWAN_FN_MIN] = {"MIN", TAKES_ANYTHING, 1, 1, false},
    [ROWAN_FN_MAX] = {"MAX", TAKES_ANYTHING, 1, 1, false},
    [ROWAN_FN_COALESCE] = {"COALESCE", TAKES_ANYTHING, 2, 0, false},
    [ROWAN_FN_LOWER] = {"LOWER", TAKES_TEXTS, 1, 1, false},
    [ROWAN_FN_UPPER] = {"UPPER", TAKES_TEXTS, 1, 1, false},
    [ROWAN_FN_LENGTH] = {"LENGTH", TAKES_TEXTS_OR_BLOBS, 1, 1, false},
    [ROWAN_FN_CONCAT] = {"CONCAT", TAKES_TEXTS, 2, 0, false},
    [ROWAN_FN_ABS] = {"ABS", TAKES_NUMBERS, 1, 1, false},
    [ROWAN_FN_ADD] = {"ADD", TAKES_NUMBERS, 2, 0, false},
    [ROWAN_FN_SUBTRACT] = {"SUBTRACT", TAKES_NUMBERS, 2, 0, false},
    [ROWAN_FN_MULTIPLY] = {"MULTIPLY", TAKES_NUMBERS, 2, 0, false},
    [ROWAN_FN_DIVIDE] = {"DIVIDE", TAKES_NUMBERS, 2, 2, false},
    [ROWAN_FN_MODULO] = {"MODULO", TAKES_NUMBERS, 2, 2, false},
    [ROWAN_FN_ROW_NUMBER] = {"ROW_NUMBER", TAKES_NOTHING, 0, 0, true},
    [ROWAN_FN_RANK] = {"RANK", TAKES_NOTHING, 0, 0, true},
    [ROWAN_FN_DENSE_RANK] = {"DENSE_RANK", TAKES_NOTHING, 0, 0, true},
    [ROWAN_FN_LAG] = {"LAG", TAKES_ANYTHING, 1, 1, true},
    [ROWAN_FN_LEAD] = {"LEAD", TAKES_ANYTHING, 1, 1, true},
};

static bool takes(taking takes, rowan_type type)
{
    bool is_text = type == ROWAN_TYPE_TEXT || type == ROWAN_TYPE_ENUM;

    switch (takes) {
    case TAKES_NOTHING:
        return false;
    case TAKES_ANYTHING:
        return true;
    case TAKES_NUMBERS:
        return type == 0 || (type >= ROWAN_TYPE_INT16 && type <= ROWAN_TYPE_DECIMAL);
    case TAKES_TEXTS:
        return type == 0 || is_text;
    case TAKES_TEXTS_OR_BLOBS:
        return type == 0 || is_text || type == ROWAN_TYPE_BLOB;
    }
    return false;
}

static bool check_call(rowan__renderer *r, const rowan_expr *call, const rowan_expr *window)
{
    const struct rule *rule;
    size_t count = call->argument_count;

    if (call->function < ROWAN_FN_COUNT || call->function > ROWAN_FN_LEAD) {
        rowan__render_fail(r, ROWAN_MISUSE, "there is no function of number %d",
                           (int)call->function);
        return false;
    }
    if (!call->arguments && count > 0) {
        rowan__render_fail(r, ROWAN_MISUSE, "a call counts %zu arguments, but they are NULL",
                           count);
        return false;
    }
    rule = &rules[call->function];
    if (count < rule->least || (count > rule->most && (rule->most > 0 || rule->least == 0))) {
        rowan__render_fail(r, ROWAN_MISUSE, "%s does not take %zu arguments", rule->name, count);
    } else if (rule->needs_window && !window) {
        rowan__render_fail(r, ROWAN_MISUSE, "%s needs a window: put it into ROWAN_OVER",
                           rule->name);
    } else if (window && call->function == ROWAN_FN_COUNT_DISTINCT) {
        rowan__render_unsupported(r, "COUNT_DISTINCT over a window");
    }
    for (size_t i = 0; i < count; i++) {
        rowan_type type = rowan__operand_type(&call->arguments[i]);
        if (!takes(rule->takes, type)) {
            rowan__render_fail(r, ROWAN_WRONG_TYPE, "%s does not take a value of type %s",
                               rule->name, rowan__type_name(type));
        }
        if (i > 0 && rule->takes == TAKES_ANYTHING) {
            rowan__check_pair(r, &call->arguments[0], &call->arguments[i]);
        }
    }
    return r->status == ROWAN_OK;
}

/* The type that decides on the template: a decimal among the arguments, else the first that is
 * known. */
static rowan_type deciding_type(const rowan_expr *call)
{
    rowan_type first = 0;

    for (size_t i = 0; i < call->argument_count; i++) {
        rowan_type type = rowan__operand_type(&call->arguments[i]);
        if (type == ROWAN_TYPE_DECIMAL) {
            return type;
        }
        if (first == 0 || type == ROWAN_TYPE_DOUBLE || type == ROWAN_TYPE_FLOAT) {
            first = type;
        }
    }
    return first;
}

static const char *find_template(const rowan__dialect *dialect, const rowan_expr *call)
{
    const rowan__typed_function *typed = dialect->typed_functions;
    rowan_type type = deciding_type(call);

    for (; typed && typed->function != 0; typed++) {
        if (typed->function == call->function && typed->type == type) {
            return typed->sql;
        }
    }
    return dialect->functions[call->function];
}

/* For a value among arguments: the first one with a column, which says what enums and NULLs are. */
static const rowan_operand *find_column_argument(const rowan_expr *call)
{
    for (size_t i = 0; i < call->argument_count; i++) {
        if (rowan__operand_column(&call->arguments[i])) {
            return &call->arguments[i];
        }
    }
    return NULL;
}

static bool is_math(rowan_function function)
{
    return function >= ROWAN_FN_ADD && function <= ROWAN_FN_MODULO;
}

/* Whether the first of two small integers has to be widened, so that the result does not overflow.
 */
static bool needs_widening(const rowan__renderer *r, const rowan_expr *call)
{
    rowan_type first, second;

    if (!r->dialect->narrow_math || !is_math(call->function)) {
        return false;
    }
    first = rowan__operand_type(&call->arguments[0]);
    second = rowan__operand_type(&call->arguments[1]);
    return (first == ROWAN_TYPE_INT16 || first == ROWAN_TYPE_INT32) &&
           (second == ROWAN_TYPE_INT16 || second == ROWAN_TYPE_INT32);
}

static void write_argument(rowan__renderer *r, const rowan_expr *call, size_t index)
{
    const rowan_operand *beside = NULL;
    bool widen = index == 0 && needs_widening(r, call);

    if (rules[call->function].takes == TAKES_ANYTHING) {
        beside = find_column_argument(call);
    }
    if (widen) {
        rowan__write(r, "CAST(");
    }
    rowan__write_operand(r, &call->arguments[index], beside, ROWAN__PLACE_ALONE);
    if (widen) {
        rowan__write(r, " AS ");
        rowan__write(r, r->dialect->cast_types[ROWAN_TYPE_INT64]);
        rowan__write(r, ")");
    }
}

static void write_window(rowan__renderer *r, const rowan_expr *window)
{
    if (!window->partition && window->partition_count > 0) {
        rowan__render_fail(r, ROWAN_MISUSE, "a window has a `partition_count`, but no partition");
        return;
    }
    rowan__write(r, " OVER (");
    for (size_t i = 0; i < window->partition_count; i++) {
        rowan__write(r, i == 0 ? "PARTITION BY " : ", ");
        rowan__write_ordered(r, &window->partition[i], NULL);
    }
    if (window->order && window->order[0].given) {
        rowan__write(r, window->partition_count > 0 ? " " : r->dialect->whole_partition);
        rowan__write(r, "ORDER BY ");
        rowan__write_order_terms(r, window->order, NULL);
    }
    rowan__write(r, ")");
}

static void write_all_arguments(rowan__renderer *r, const rowan_expr *call)
{
    if (call->argument_count == 0) {
        rowan__write(r, "*");
    }
    for (size_t i = 0; i < call->argument_count; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        write_argument(r, call, i);
    }
}

/* Applies a template to the first @p count arguments. */
static void expand(rowan__renderer *r, const char *sql, const rowan_expr *call, size_t count,
                   const rowan_expr *window)
{
    bool folds = count > 2 && strstr(sql, "%2") != NULL;

    for (const char *at = sql; *at && r->status == ROWAN_OK; at++) {
        if (at[0] != '%' || !at[1] || !strchr("12*w", at[1])) {
            rowan__text_char(r->text, *at);
            continue;
        }
        at++;
        if (*at == '*') {
            write_all_arguments(r, call);
        } else if (*at == 'w') {
            if (window) {
                write_window(r, window);
            }
        } else if (*at == '2') {
            write_argument(r, call, count - 1);
        } else if (folds) {
            expand(r, sql, call, count - 1, NULL);
        } else {
            write_argument(r, call, 0);
        }
    }
}

void rowan__write_call(rowan__renderer *r, const rowan_expr *call, const rowan_expr *window)
{
    const char *sql;
    char feature[96];

    if (r->status != ROWAN_OK || !check_call(r, call, window)) {
        return;
    }
    sql = find_template(r->dialect, call);
    if (!sql) {
        snprintf(feature, sizeof feature, "%s of type %s", rules[call->function].name,
                 rowan__type_name(deciding_type(call)));
        rowan__render_unsupported(r, feature);
        return;
    }
    expand(r, sql, call, call->argument_count, window);
    if (window && !strstr(sql, "%w")) {
        write_window(r, window);
    }
}

void rowan__write_lower(rowan__renderer *r, const rowan_operand *operand,
                        const rowan_operand *beside)
{
    const char *sql = r->dialect->functions[ROWAN_FN_LOWER];
    const char *mark = strstr(sql, "%1");

    if (r->status != ROWAN_OK) {
        return;
    }
    rowan__text_add(r->text, sql, (size_t)(mark - sql));
    rowan__write_operand(r, operand, beside, ROWAN__PLACE_ALONE);
    rowan__write(r, mark + 2);
}
