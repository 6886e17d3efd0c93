/*
 * Outlines: a tree without its values, in words. Whatever the renderer decides by is among them, so
 * trees of one outline are rendered the same way. Of a value that is its type, whether it is NULL
 * and, where the engine takes a placeholder to be of the type that stands beside it, into which
 * integer types it fits; of a list, how many placeholders it takes.
 *
 * A table is known by its address, because models are constant. A shape without a name may be gone
 * after the call and another one be at its address: the columns that matter are described. Each
 * word or what comes before it says what may follow, so that no two trees give the same words by
 * chance. What has no place in an outline makes it useless: the tree is then rendered every time.
 */
#include <string.h>

#include "sql/sql_private.h"

/* What a word is, in its lowest bits. Addresses of columns and tables leave them free. */
typedef enum tag {
    TAG_END,
    TAG_TABLE,
    TAG_COLUMN,
    TAG_OTHER_COLUMN, /* with an alias, or of a shape: more follows */
    TAG_VALUE,
    TAG_NODE,
    TAG_PART, /* of a query or a write */
    TAG_TEXT
} tag;

/* The optional parts of statements, each of which begins with a word of its own. */
typedef enum part {
    PART_WITH = 1,
    PART_SELECT,
    PART_DISTINCT,
    PART_FROM,
    PART_FROM_CTE,
    PART_FROM_QUERY,
    PART_AS,
    PART_JOIN,
    PART_ON,
    PART_WHERE,
    PART_GROUP_BY,
    PART_HAVING,
    PART_SET,
    PART_ORDERED,
    PART_ORDER_BY,
    PART_AFTER,
    PART_LIMIT,
    PART_OFFSET,
    PART_INTO,
    PART_ALL,
    PART_ALL_ROWS,
    PART_RETURNING,
    PART_UPDATE,
    PART_DELETE
} part;

static void put(rowan__outline *o, tag kind, uint64_t content)
{
    if (o->count == ROWAN__MOST_WORDS) {
        o->useless = true;
        return;
    }
    o->words[o->count++] = content << 3 | (uint64_t)kind;
}

static void put_address(rowan__outline *o, tag kind, const void *address)
{
    if (((uintptr_t)address & 7) != 0) {
        o->useless = true;
    }
    put(o, kind, (uintptr_t)address >> 3);
}

static void put_part(rowan__outline *o, part begun, uint64_t detail)
{
    put(o, TAG_PART, (uint64_t)begun | detail << 8);
}

static void put_text(rowan__outline *o, const char *text)
{
    size_t size = text ? strlen(text) : 0;

    put(o, TAG_TEXT, text ? size + 1 : 0);
    for (size_t done = 0; done < size && !o->useless; done += sizeof(uint64_t)) {
        size_t left = size - done;
        if (o->count == ROWAN__MOST_WORDS) {
            o->useless = true;
            return;
        }
        o->words[o->count] = 0;
        memcpy(&o->words[o->count++], text + done, left < sizeof(uint64_t) ? left : 8);
    }
}

static void note_value(rowan__outline *o, const void *value)
{
    if (o->value_count == ROWAN__MOST_VALUES) {
        o->useless = true;
        return;
    }
    o->values[o->value_count++] = value;
}

/* --- Tables and columns. --- */

static void describe_column(rowan__outline *o, const rowan_column *column)
{
    put(o, TAG_COLUMN,
        (uint64_t)column->type | (uint64_t)(column->enumeration != NULL) << 8 |
            (uint64_t)column->flags << 16);
    put(o, TAG_COLUMN, column->length);
    put(o, TAG_COLUMN, column->scale);
    put_text(o, column->name);
}

static void put_table(rowan__outline *o, const rowan_table *table)
{
    put_address(o, TAG_TABLE, table);
    if (table->name) {
        return;
    }
    for (size_t i = 0; i < table->column_count && !o->useless; i++) {
        describe_column(o, &table->columns[i]);
    }
    put(o, TAG_END, 0);
}

static void put_column(rowan__outline *o, const rowan_column *column, const char *alias)
{
    const rowan_table *table = column->table;

    if (!table) {
        o->useless = true;
        return;
    }
    if (table->name && !alias) {
        put_address(o, TAG_COLUMN, column);
        return;
    }
    put_address(o, TAG_OTHER_COLUMN, column);
    put_text(o, alias);
    if (!table->name) {
        put_address(o, TAG_TABLE, table);
        put(o, TAG_TABLE, table == o->into);
        describe_column(o, column);
    }
}

/* --- Values. --- */

static bool is_integer(rowan_type type)
{
    return type == ROWAN_TYPE_INT16 || type == ROWAN_TYPE_INT32 || type == ROWAN_TYPE_INT64;
}

/* How wide an integer is, where that matters. */
static uint64_t width_of(const rowan__outline *o, const rowan_value *value)
{
    int64_t integer = value->as.integer;

    if (!o->dialect->infers_placeholders || !is_integer(value->type)) {
        return 0;
    }
    return integer != (int16_t)integer ? integer != (int32_t)integer ? 2 : 1 : 0;
}

static void put_value(rowan__outline *o, const rowan_value *value)
{
    put(o, TAG_VALUE,
        (uint64_t)value->type | (uint64_t)value->is_null << 8 | width_of(o, value) << 16);
    note_value(o, value);
}

/* Items of one type, none of them NULL; how wide the widest is. Anything else is useless. */
static void put_list(rowan__outline *o, const rowan_value *list)
{
    const rowan_value *items = list->as.list.items;
    size_t count = list->as.list.count;
    uint64_t width = 0;

    if (list->type != ROWAN_TYPE_LIST) {
        o->useless = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t own = width_of(o, &items[i]);
        width = own > width ? own : width;
        if (items[i].is_null || items[i].type != items[0].type || items[i].type == 0) {
            o->useless = true;
            return;
        }
    }
    put(o, TAG_VALUE,
        (uint64_t)ROWAN_TYPE_LIST | (count > 0 ? (uint64_t)items[0].type << 8 : 0) | width << 16);
    put(o, TAG_VALUE, rowan__list_placeholders(o->dialect, count));
    note_value(o, list);
}

/* --- Expressions. --- */

static void put_expr(rowan__outline *o, const rowan_expr *expr);
static void put_query(rowan__outline *o, const rowan_query *query);

static void put_operand(rowan__outline *o, const rowan_operand *operand)
{
    if (operand->column) {
        put_column(o, operand->column, operand->alias);
    } else if (operand->expr) {
        put_expr(o, operand->expr);
    } else {
        put_value(o, &operand->value);
    }
}

static void put_operands(rowan__outline *o, const rowan_operand *operands, size_t count)
{
    for (size_t i = 0; i < count && !o->useless; i++) {
        put_operand(o, &operands[i]);
    }
    put(o, TAG_END, 0);
}

static void put_order(rowan__outline *o, const rowan_order *order)
{
    for (; order && order->given && !o->useless; order++) {
        put_part(o, PART_ORDER_BY, order->descending);
        put_operand(o, &order->by);
    }
    put(o, TAG_END, 0);
}

/* NULL members are no part of a list of conditions. */
static void put_items(rowan__outline *o, const rowan_expr *const *items)
{
    for (; items && !(*items && (*items)->kind == ROWAN_EXPR_END) && !o->useless; items++) {
        if (*items) {
            put_expr(o, *items);
        }
    }
    put(o, TAG_END, 0);
}

static void put_only_item(rowan__outline *o, const rowan_expr *const *items)
{
    if (items && items[0]) {
        put_expr(o, items[0]);
    } else {
        put(o, TAG_END, 0);
    }
}

/* A flat switch over the kinds: what the renderer reads of each. */
static void put_expr(rowan__outline *o, const rowan_expr *expr)
{
    put(o, TAG_NODE,
        (uint64_t)expr->kind | (uint64_t)expr->compare << 8 | (uint64_t)expr->function << 16);
    if (o->useless) {
        return;
    }
    switch (expr->kind) {
    case ROWAN_EXPR_COMPARE:
        put_operand(o, &expr->left);
        put_operand(o, &expr->right);
        return;
    case ROWAN_EXPR_AND:
    case ROWAN_EXPR_OR:
        put_items(o, expr->items);
        return;
    case ROWAN_EXPR_NOT:
        put_only_item(o, expr->items);
        return;
    case ROWAN_EXPR_IS_NULL:
    case ROWAN_EXPR_NOT_NULL:
        put_operand(o, &expr->left);
        return;
    case ROWAN_EXPR_IN:
        put_operand(o, &expr->left);
        put_list(o, &expr->right.value);
        return;
    case ROWAN_EXPR_IN_QUERY:
        put_operand(o, &expr->left);
        put_query(o, expr->query);
        return;
    case ROWAN_EXPR_EXISTS:
    case ROWAN_EXPR_SUBQUERY:
        put_query(o, expr->query);
        return;
    case ROWAN_EXPR_CALL:
        put_operands(o, expr->arguments, expr->argument_count);
        return;
    case ROWAN_EXPR_OVER:
        put_only_item(o, expr->items);
        put_operands(o, expr->partition, expr->partition_count);
        put_order(o, expr->order);
        return;
    case ROWAN_EXPR_CASE:
        put_only_item(o, expr->items);
        put_operand(o, &expr->left);
        put_operand(o, &expr->right);
        return;
    case ROWAN_EXPR_EXCLUDED:
        put_operand(o, &expr->left);
        return;
    case ROWAN_EXPR_RAW:
        put_text(o, expr->sql);
        put_operands(o, expr->arguments, expr->argument_count);
        return;
    case ROWAN_EXPR_END:
        break;
    }
    o->useless = true;
}

/* --- Queries. --- */

static void put_condition(rowan__outline *o, part place, const rowan_expr *condition)
{
    if (condition) {
        put_part(o, place, 0);
        put_expr(o, condition);
    }
}

static void put_selection(rowan__outline *o, const rowan_selected *selected)
{
    for (; selected->given && !o->useless; selected++) {
        if (selected->all) {
            put_part(o, PART_ALL, 0);
            put_table(o, selected->all);
            put_text(o, selected->what.alias);
            continue;
        }
        put_operand(o, &selected->what);
        if (selected->as) {
            put_part(o, PART_AS, 0);
            put_text(o, selected->as);
        }
    }
    put(o, TAG_END, 0);
}

/* What a query or a join reads from. */
static void put_source(rowan__outline *o, const rowan_table *table, const char *cte,
                       const rowan_query *query, const char *as)
{
    if (table) {
        put_part(o, PART_FROM, 0);
        put_table(o, table);
    }
    if (cte) {
        put_part(o, PART_FROM_CTE, 0);
        put_text(o, cte);
    }
    if (query) {
        put_part(o, PART_FROM_QUERY, 0);
        put_query(o, query);
    }
    if (as) {
        put_part(o, PART_AS, 0);
        put_text(o, as);
    }
}

static void put_sources(rowan__outline *o, const rowan_query *query)
{
    put_source(o, query->from, query->from_cte, query->from_query, query->as);
    for (const rowan_join *join = query->joins; join && join->kind != ROWAN_JOIN_END; join++) {
        put_part(o, PART_JOIN, join->kind);
        put_source(o, join->table, join->cte, join->query, join->as);
        put_condition(o, PART_ON, join->on);
        if (o->useless) {
            return;
        }
    }
}

/* The struct of the rows says what is selected only if nothing else does. */
static void put_into(rowan__outline *o, const rowan_query *query)
{
    if (!query->into) {
        return;
    }
    put_part(o, PART_INTO, query->into == query->from);
    if (query->into->name || (!query->select && query->into != query->from)) {
        put_table(o, query->into);
    }
}

/* What comes before the sources of a query. */
static void put_head(rowan__outline *o, const rowan_query *query)
{
    for (const rowan_cte *cte = query->with; cte && cte->name && !o->useless; cte++) {
        put_part(o, PART_WITH, cte->recursive);
        put_text(o, cte->name);
        put_query(o, cte->query);
    }
    if (query->distinct) {
        put_part(o, PART_DISTINCT, 0);
    }
    if (query->select) {
        put_part(o, PART_SELECT, 0);
        put_selection(o, query->select);
    }
    put_into(o, query);
}

/* A limit and an offset are bound; without them nothing is. */
static void put_bound(rowan__outline *o, part place, const int64_t *number)
{
    if (*number != 0) {
        put_part(o, place, *number > 0);
        note_value(o, number);
    }
}

static void put_tail(rowan__outline *o, const rowan_query *query)
{
    if (query->group_count > 0) {
        put_part(o, PART_GROUP_BY, 0);
        put_operands(o, query->group_by, query->group_count);
    }
    put_condition(o, PART_HAVING, query->having);
    for (const rowan_set *set = query->sets; set && set->kind != ROWAN_SET_END; set++) {
        put_part(o, PART_SET, set->kind);
        put_query(o, set->query);
        if (o->useless) {
            return;
        }
    }
    if (query->order_by) {
        put_part(o, PART_ORDERED, 0);
        put_order(o, query->order_by);
    }
    if (query->after.count > 0) {
        put_part(o, PART_AFTER, query->after.count);
        for (size_t i = 0; i < query->after.count && !o->useless; i++) {
            put_value(o, &query->after.items[i]);
        }
    }
    put_bound(o, PART_LIMIT, &query->limit);
    put_bound(o, PART_OFFSET, &query->offset);
}

static void put_query(rowan__outline *o, const rowan_query *query)
{
    const rowan_table *into = o->into;

    if (!query || o->useless) {
        o->useless = true;
        return;
    }
    o->into = query->into;
    put_head(o, query);
    put_sources(o, query);
    put_condition(o, PART_WHERE, query->where);
    put_tail(o, query);
    put(o, TAG_END, 0);
    o->into = into;
}

/* --- Whole statements. --- */

void rowan__outline_begin(rowan__outline *o, const rowan__dialect *dialect)
{
    o->dialect = dialect;
    o->into = NULL;
    o->useless = false;
    o->count = 0;
    o->value_count = 0;
}

void rowan__outline_query(rowan__outline *o, const rowan_query *query)
{
    put_query(o, query);
}

static void put_target(rowan__outline *o, part verb, const rowan_table *table, bool all_rows,
                       bool returning)
{
    put_part(o, verb, (uint64_t)all_rows | (uint64_t)returning << 1);
    if (table) {
        put_table(o, table);
    } else {
        o->useless = true;
    }
}

void rowan__outline_update(rowan__outline *o, const rowan_update *update)
{
    put_target(o, PART_UPDATE, update->table, update->all_rows, update->returning);
    for (const rowan_assignment *set = update->set; set && set->column && !o->useless; set++) {
        put_column(o, set->column, NULL);
        put_operand(o, &set->value);
    }
    put_condition(o, PART_WHERE, update->where);
}

void rowan__outline_delete(rowan__outline *o, const rowan_delete *remove)
{
    put_target(o, PART_DELETE, remove->from, remove->all_rows, remove->returning);
    put_condition(o, PART_WHERE, remove->where);
}
