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
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/straight.h"
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

/*
 * The optional parts of statements, each of which begins with a word of its own; but for the table
 * that a query reads from, which comes first, and its condition, which is the one node among parts.
 */
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

/* Where the next word goes; where it tells of a value, the value is noted behind the words. */
typedef uint64_t *pen;

/*
 * Room is looked for once a node: it is there while the pen is not beyond a limit. Behind the limit
 * there are SLACK words, more than any function here puts without looking, and what the nodes
 * around it have still to put when it is done: a node takes NODE words for itself off the limit of
 * what is in it, a query SLACK.
 */
enum { NODE = 4, SLACK = 16 };
typedef const uint64_t *limit;

/* An outline without room is useless. What stands around the place without room may have some yet:
 * it is put down for nothing. */
static inline bool has_room(rowan__outline *o, pen p, limit end)
{
    if (p > end) {
        o->useless = true;
        return false;
    }
    return true;
}

static inline pen put(pen p, tag kind, uint64_t content)
{
    *p++ = content << 3 | (uint64_t)kind;
    return p;
}

static inline pen put_address(pen p, tag kind, const void *address)
{
    *p++ = (uintptr_t)address | (uint64_t)kind;
    return p;
}

static inline pen put_part(pen p, part begun, uint64_t detail)
{
    return put(p, TAG_PART, (uint64_t)begun | detail << 8);
}

/* Notes where the value is that the last word tells of. */
static inline pen put_note(pen p, const void *value)
{
    p[ROWAN__MOST_WORDS - 1] = (uintptr_t)value;
    return p;
}

/* The size of a text, then its bytes: the last word begins as late as it can. */
static pen put_text(rowan__outline *o, pen p, limit end, const char *text)
{
    size_t size = text ? strlen(text) : 0, words = (size + sizeof *p - 1) / sizeof *p;

    if (p > end || words > (size_t)(end - p)) {
        o->useless = true;
        return p;
    }
    p = put(p, TAG_TEXT, text ? size + 1 : 0);
    if (words == 1 && size < sizeof *p) {
        *p++ = rowan__bytes_short(text, size);
        return p;
    }
    for (; size > sizeof *p; size -= sizeof *p, text += sizeof *p) {
        *p++ = rowan__bytes_word(text);
    }
    if (words > 0) {
        *p++ = rowan__bytes_word(text + size - sizeof *p);
    }
    return p;
}

/* --- Tables and columns. --- */

static pen describe_column(rowan__outline *o, pen p, limit end, const rowan_column *column)
{
    p = put(p, TAG_COLUMN,
            (uint64_t)column->type | (uint64_t)(column->enumeration != NULL) << 8 |
                (uint64_t)column->flags << 16);
    p = put(p, TAG_COLUMN, column->length);
    p = put(p, TAG_COLUMN, column->scale);
    return put_text(o, p, end, column->name);
}

static pen describe_table(rowan__outline *o, pen p, limit end, const rowan_table *table)
{
    for (size_t i = 0; i < table->column_count && has_room(o, p, end); i++) {
        p = describe_column(o, p, end, &table->columns[i]);
    }
    return put(p, TAG_END, 0);
}

static inline pen put_table(rowan__outline *o, pen p, limit end, const rowan_table *table)
{
    p = put_address(p, TAG_TABLE, table);
    return table->name ? p : describe_table(o, p, end, table);
}

static pen put_other_column(rowan__outline *o, pen p, limit end, const rowan_column *column,
                            const char *alias)
{
    const rowan_table *table = column->table;

    if (!table || !has_room(o, p, end)) {
        o->useless = true;
        return p;
    }
    p = put_address(p, TAG_OTHER_COLUMN, column);
    p = put_text(o, p, end, alias);
    if (!table->name && has_room(o, p, end)) {
        p = put_address(p, TAG_TABLE, table);
        p = put(p, TAG_TABLE, table == o->into);
        p = describe_column(o, p, end, column);
    }
    return p;
}

/* Whether a column is described by its address alone, as nearly all are. */
static inline bool is_plain(const rowan_column *column, const char *alias)
{
    return !alias && column->table && column->table->name;
}

static inline pen put_column(rowan__outline *o, pen p, limit end, const rowan_column *column,
                             const char *alias)
{
    return is_plain(column, alias) ? put_address(p, TAG_COLUMN, column)
                                   : put_other_column(o, p, end, column, alias);
}

/* --- Values. --- */

static bool is_integer(rowan_type type)
{
    return type == ROWAN_TYPE_INT16 || type == ROWAN_TYPE_INT32 || type == ROWAN_TYPE_INT64;
}

/* How wide an integer is, where that matters. */
static inline uint64_t width_of(const rowan__outline *o, const rowan_value *value)
{
    int64_t integer = value->as.integer;

    if (!o->has_widths || !is_integer(value->type)) {
        return 0;
    }
    return integer != (int16_t)integer ? integer != (int32_t)integer ? 2 : 1 : 0;
}

/* What is told of a value. */
static inline uint64_t about(const rowan__outline *o, const rowan_value *value)
{
    return (uint64_t)value->type | (uint64_t)value->is_null << 8 | width_of(o, value) << 16;
}

static inline pen put_value(const rowan__outline *o, pen p, const rowan_value *value)
{
    return put_note(put(p, TAG_VALUE, about(o, value)), value);
}

/* Items of one type, none of them NULL; how wide the widest is. Anything else is useless. */
static pen put_list(rowan__outline *o, pen p, const rowan_value *list)
{
    const rowan_value *items = list->as.list.items;
    size_t count = list->as.list.count;
    uint64_t width = 0;

    if (list->type != ROWAN_TYPE_LIST || (!items && count > 0)) {
        o->useless = true;
        return p;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t own = width_of(o, &items[i]);
        width = own > width ? own : width;
        if (items[i].is_null || items[i].type != items[0].type || items[i].type == 0) {
            o->useless = true;
            return p;
        }
    }
    p = put(p, TAG_VALUE,
            (uint64_t)ROWAN_TYPE_LIST | (count > 0 ? (uint64_t)items[0].type << 8 : 0) |
                width << 16);
    p = put(p, TAG_VALUE, rowan__list_placeholders(o->dialect, count));
    return put_note(p, list);
}

/* --- Expressions. --- */

static pen put_expr(rowan__outline *o, pen p, limit end, const rowan_expr *expr);
static pen put_query(rowan__outline *o, pen p, limit end, const rowan_query *query);

static inline pen put_operand(rowan__outline *o, pen p, limit end, const rowan_operand *operand)
{
    if (operand->column) {
        return put_column(o, p, end, operand->column, operand->alias);
    }
    return operand->expr ? put_expr(o, p, end, operand->expr) : put_value(o, p, &operand->value);
}

static pen put_operands(rowan__outline *o, pen p, limit end, const rowan_operand *operands,
                        size_t count)
{
    o->useless = o->useless || (!operands && count > 0);
    for (size_t i = 0; operands && i < count && has_room(o, p, end); i++) {
        p = put_operand(o, p, end, &operands[i]);
    }
    return put(p, TAG_END, 0);
}

static pen put_order(rowan__outline *o, pen p, limit end, const rowan_order *order)
{
    for (; order && order->given && has_room(o, p, end); order++) {
        p = put_part(p, PART_ORDER_BY, order->descending);
        p = put_operand(o, p, end, &order->by);
    }
    return put(p, TAG_END, 0);
}

RARE pen put_other_compare(rowan__outline *o, pen p, limit end, const rowan_expr *expr)
{
    p = put(p, TAG_NODE, ROWAN_EXPR_COMPARE | (uint64_t)expr->compare << 8);
    p = put_operand(o, p, end - NODE, &expr->left);
    return put_operand(o, p, end - NODE, &expr->right);
}

/* The same of a value beside a column, which mostly takes every integer. */
static inline uint64_t about_beside(const rowan__outline *o, const rowan_value *value,
                                    const rowan_column *column)
{
    uint64_t kind = (uint64_t)value->type | (uint64_t)value->is_null << 8;

    return is_integer(value->type) && column->type != ROWAN_TYPE_INT64
               ? kind | width_of(o, value) << 16
               : kind;
}

/* Most nodes: a column beside a value, of which the node's own word tells, or beside another. */
STRAIGHT pen put_compare(rowan__outline *o, pen p, limit end, const rowan_expr *expr)
{
    const rowan_operand *left = &expr->left, *right = &expr->right;
    uint64_t node = ROWAN_EXPR_COMPARE | (uint64_t)expr->compare << 8, of_value = 1 << 16;

    if (!left->column || !is_plain(left->column, left->alias)) {
        return put_other_compare(o, p, end, expr);
    }
    if (rowan__is_value(right)) {
        p = put(p, TAG_NODE, node | of_value | about_beside(o, &right->value, left->column) << 17);
        return put_address(put_note(p, &right->value), TAG_COLUMN, left->column);
    }
    if (!right->column || !is_plain(right->column, right->alias)) {
        return put_other_compare(o, p, end, expr);
    }
    p = put_address(put(p, TAG_NODE, node), TAG_COLUMN, left->column);
    return put_address(p, TAG_COLUMN, right->column);
}

static inline pen put_kind(pen p, const rowan_expr *expr)
{
    return put(p, TAG_NODE, (uint64_t)expr->kind | (uint64_t)expr->function << 8);
}

/* Whether a column is or is not NULL, which is as short as a comparison. */
static inline bool is_plain_null(const rowan_expr *expr)
{
    return (expr->kind == ROWAN_EXPR_IS_NULL || expr->kind == ROWAN_EXPR_NOT_NULL) &&
           expr->left.column && is_plain(expr->left.column, expr->left.alias);
}

/* NULL members are no part of a list of conditions. */
static pen put_items(rowan__outline *o, pen p, limit end, const rowan_expr *const *items)
{
    for (; items && has_room(o, p, end); items++) {
        const rowan_expr *item = *items;
        if (item && item->kind == ROWAN_EXPR_COMPARE) {
            p = put_compare(o, p, end, item);
        } else if (item && item->kind == ROWAN_EXPR_END) {
            break;
        } else if (item && is_plain_null(item)) {
            p = put_address(put_kind(p, item), TAG_COLUMN, item->left.column);
        } else if (item) {
            p = put_expr(o, p, end, item);
        }
    }
    return put(p, TAG_END, 0);
}

static pen put_only_item(rowan__outline *o, pen p, limit end, const rowan_expr *const *items)
{
    return items && items[0] ? put_expr(o, p, end, items[0]) : put(p, TAG_END, 0);
}

/* A flat switch over the kinds: what the renderer reads of each. */
static pen put_expr(rowan__outline *o, pen p, limit end, const rowan_expr *expr)
{
    const limit in = end - NODE;

    if (!has_room(o, p, end)) {
        return p;
    }
    if (expr->kind == ROWAN_EXPR_AND || expr->kind == ROWAN_EXPR_OR) {
        return put_items(o, put_kind(p, expr), in, expr->items);
    }
    if (expr->kind == ROWAN_EXPR_COMPARE) {
        return put_compare(o, p, end, expr);
    }
    p = put_kind(p, expr);
    switch (expr->kind) {
    case ROWAN_EXPR_NOT:
        return put_only_item(o, p, in, expr->items);
    case ROWAN_EXPR_IS_NULL:
    case ROWAN_EXPR_NOT_NULL:
    case ROWAN_EXPR_EXCLUDED:
        return put_operand(o, p, in, &expr->left);
    case ROWAN_EXPR_IN:
        p = put_operand(o, p, in, &expr->left);
        return put_list(o, p, &expr->right.value);
    case ROWAN_EXPR_IN_QUERY:
        p = put_operand(o, p, in, &expr->left);
        return put_query(o, p, in, expr->query);
    case ROWAN_EXPR_EXISTS:
    case ROWAN_EXPR_SUBQUERY:
        return put_query(o, p, in, expr->query);
    case ROWAN_EXPR_CALL:
        return put_operands(o, p, in, expr->arguments, expr->argument_count);
    case ROWAN_EXPR_OVER:
        p = put_only_item(o, p, in, expr->items);
        p = put_operands(o, p, in, expr->partition, expr->partition_count);
        return put_order(o, p, in, expr->order);
    case ROWAN_EXPR_CASE:
        p = put_only_item(o, p, in, expr->items);
        p = put_operand(o, p, in, &expr->left);
        return put_operand(o, p, in, &expr->right);
    case ROWAN_EXPR_RAW:
        p = put_text(o, p, in, expr->sql);
        return put_operands(o, p, in, expr->arguments, expr->argument_count);
    case ROWAN_EXPR_AND:
    case ROWAN_EXPR_OR:
    case ROWAN_EXPR_COMPARE:
    case ROWAN_EXPR_END:
        break;
    }
    o->useless = true;
    return p;
}

/* --- Queries. --- */

/* Mostly a comparison. */
static inline pen put_node(rowan__outline *o, pen p, limit end, const rowan_expr *expr)
{
    return expr->kind == ROWAN_EXPR_COMPARE && has_room(o, p, end) ? put_compare(o, p, end, expr)
                                                                   : put_expr(o, p, end, expr);
}

static inline pen put_condition(rowan__outline *o, pen p, limit end, part place,
                                const rowan_expr *condition)
{
    return condition ? put_node(o, put_part(p, place, 0), end, condition) : p;
}

static pen put_selection(rowan__outline *o, pen p, limit end, const rowan_selected *selected)
{
    for (; selected->given && has_room(o, p, end); selected++) {
        if (selected->all) {
            p = put_part(p, PART_ALL, 0);
            p = put_table(o, p, end, selected->all);
            p = put_text(o, p, end, selected->what.alias);
            continue;
        }
        p = put_operand(o, p, end, &selected->what);
        if (selected->as) {
            p = put_text(o, put_part(p, PART_AS, 0), end, selected->as);
        }
    }
    return put(p, TAG_END, 0);
}

/* What a query or a join reads from. */
static inline pen put_source(rowan__outline *o, pen p, limit end, const rowan_table *table,
                             const char *cte, const rowan_query *query, const char *as)
{
    if (table) {
        p = put_table(o, put_part(p, PART_FROM, 0), end, table);
    }
    if (cte) {
        p = put_text(o, put_part(p, PART_FROM_CTE, 0), end, cte);
    }
    if (query) {
        p = put_query(o, put_part(p, PART_FROM_QUERY, 0), end, query);
    }
    return as ? put_text(o, put_part(p, PART_AS, 0), end, as) : p;
}

static pen put_joins(rowan__outline *o, pen p, limit end, const rowan_join *join)
{
    for (; join->kind != ROWAN_JOIN_END && has_room(o, p, end); join++) {
        p = put_part(p, PART_JOIN, join->kind);
        p = put_source(o, p, end, join->table, join->cte, join->query, join->as);
        p = put_condition(o, p, end, PART_ON, join->on);
    }
    return p;
}

/* The struct of the rows says what is selected only if nothing else does. */
static pen put_into(rowan__outline *o, pen p, limit end, const rowan_query *query)
{
    p = put_part(p, PART_INTO, query->into == query->from);
    return query->into->name || (!query->select && query->into != query->from)
               ? put_table(o, p, end, query->into)
               : p;
}

static pen put_ctes(rowan__outline *o, pen p, limit end, const rowan_cte *cte)
{
    for (; cte->name && has_room(o, p, end); cte++) {
        p = put_text(o, put_part(p, PART_WITH, cte->recursive), end, cte->name);
        p = put_query(o, p, end, cte->query);
    }
    return p;
}

static pen put_sets(rowan__outline *o, pen p, limit end, const rowan_set *set)
{
    for (; set->kind != ROWAN_SET_END && has_room(o, p, end); set++) {
        p = put_query(o, put_part(p, PART_SET, set->kind), end, set->query);
    }
    return p;
}

static pen put_after(rowan__outline *o, pen p, limit end, rowan_params after)
{
    p = put_part(p, PART_AFTER, after.count);
    o->useless = o->useless || !after.items;
    for (size_t i = 0; after.items && i < after.count && has_room(o, p, end); i++) {
        p = put_value(o, p, &after.items[i]);
    }
    return p;
}

/* A limit and an offset are bound; without them nothing is, nor is a limit of 1 always written. */
static inline pen put_bound(pen p, part place, const int64_t *number)
{
    if (*number == 0) {
        return p;
    }
    return put_note(put_part(p, place, *number == 1 ? 1 : *number > 0 ? 2 : 3), number);
}

/* What comes before the condition, the table apart. */
static pen put_head(rowan__outline *o, pen p, limit end, const rowan_query *query)
{
    p = query->with ? put_ctes(o, p, end, query->with) : p;
    p = query->distinct ? put_part(p, PART_DISTINCT, 0) : p;
    p = query->select ? put_selection(o, put_part(p, PART_SELECT, 0), end, query->select) : p;
    p = query->into ? put_into(o, p, end, query) : p;
    p = put_source(o, p, end, NULL, query->from_cte, query->from_query, query->as);
    return query->joins ? put_joins(o, p, end, query->joins) : p;
}

/* What comes behind it, the order and the limit apart. */
static pen put_tail(rowan__outline *o, pen p, limit end, const rowan_query *query)
{
    if (query->group_count > 0) {
        p = put_operands(o, put_part(p, PART_GROUP_BY, 0), end, query->group_by,
                         query->group_count);
    }
    p = put_condition(o, p, end, PART_HAVING, query->having);
    p = query->sets ? put_sets(o, p, end, query->sets) : p;
    p = query->after.count > 0 ? put_after(o, p, end, query->after) : p;
    return put_bound(p, PART_OFFSET, &query->offset);
}

/* Whether a query has anything before its condition that is no table, or anything behind it but an
 * order and a limit. */
static inline bool has_head(const rowan_query *query)
{
    uintptr_t any = (uintptr_t)query->with | (uintptr_t)query->select | query->distinct |
                    (uintptr_t)query->into | (uintptr_t)query->from_cte |
                    (uintptr_t)query->from_query | (uintptr_t)query->as | (uintptr_t)query->joins;

    return any != 0;
}

static inline bool has_tail(const rowan_query *query)
{
    uintptr_t any = query->group_count | (uintptr_t)query->having | (uintptr_t)query->sets |
                    query->after.count | (uintptr_t)query->offset;

    return any != 0;
}

STRAIGHT pen put_limited(rowan__outline *o, pen p, limit end, const rowan_query *query,
                         const int64_t *rows)
{
    const rowan_table *into = o->into;
    const limit in = end - SLACK;

    o->into = query->into;
    p = query->from ? put_table(o, p, in, query->from) : p;
    p = has_head(query) ? put_head(o, p, in, query) : p;
    p = query->where ? put_node(o, p, in, query->where) : p;
    p = has_tail(query) ? put_tail(o, p, in, query) : p;
    p = query->order_by ? put_order(o, put_part(p, PART_ORDERED, 0), in, query->order_by) : p;
    p = put_bound(p, PART_LIMIT, rows);
    o->into = into;
    return put(p, TAG_END, 0);
}

/* A query in another one. */
static pen put_query(rowan__outline *o, pen p, limit end, const rowan_query *query)
{
    if (!query || !has_room(o, p, end)) {
        o->useless = true;
        return p;
    }
    return put_limited(o, p, end, query, &query->limit);
}

/* --- Whole statements. --- */

static pen begin(rowan__outline *o, const rowan__dialect *dialect)
{
    o->dialect = dialect;
    o->has_widths = dialect->infers_placeholders;
    o->into = NULL;
    o->useless = false;
    return o->words;
}

static limit limit_of(const rowan__outline *o)
{
    return o->words + ROWAN__MOST_WORDS - SLACK;
}

static inline void finish(rowan__outline *o, pen p)
{
    assert(p <= o->words + ROWAN__MOST_WORDS);
    o->count = (size_t)(p - o->words);
}

void rowan__outline_query(rowan__outline *o, const rowan__dialect *dialect,
                          const rowan_query *query, const int64_t *rows)
{
    finish(o, put_limited(o, begin(o, dialect), limit_of(o), query, rows));
}

static pen put_target(rowan__outline *o, pen p, limit end, part verb, const rowan_table *table,
                      bool all_rows, bool returning)
{
    if (!table) {
        o->useless = true;
        return p;
    }
    return put_table(o, put_part(p, verb, (uint64_t)all_rows | (uint64_t)returning << 1), end,
                     table);
}

void rowan__outline_update(rowan__outline *o, const rowan__dialect *dialect,
                           const rowan_update *update)
{
    const limit end = limit_of(o);
    pen p = put_target(o, begin(o, dialect), end, PART_UPDATE, update->table, update->all_rows,
                       update->returning);

    for (const rowan_assignment *set = update->set; set && set->column && has_room(o, p, end);
         set++) {
        p = put_column(o, p, end, set->column, NULL);
        p = put_operand(o, p, end, &set->value);
    }
    finish(o, put_condition(o, p, end, PART_WHERE, update->where));
}

void rowan__outline_delete(rowan__outline *o, const rowan__dialect *dialect,
                           const rowan_delete *remove)
{
    const limit end = limit_of(o);
    pen p = put_target(o, begin(o, dialect), end, PART_DELETE, remove->from, remove->all_rows,
                       remove->returning);

    finish(o, put_condition(o, p, end, PART_WHERE, remove->where));
}
