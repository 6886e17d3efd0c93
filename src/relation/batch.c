/*
 * The statements that load the rows of a relation, each for a chunk of keys.
 *
 * They order by the key first, so that the rows of one parent come side by side. By way of a table
 * between, each row comes with the key that it came for, in a shape that is made for all of them. A
 * limit for each parent numbers the rows of a key in a window.
 */
#include <string.h>

#include "relation/relation_private.h"

enum {
    TUPLES_MAX =
        256,       /* of a composite key in one statement: engines limit the depth of a condition */
    ORDER_MAX = 64 /* terms of an order */
};

/* The statement's parts. It is too large to be copied and points into itself. */
typedef struct batch {
    const rowan__loading *loading;
    const rowan_column *const *targets; /* the columns that equal the keys */
    size_t first, count;                /* keys */
    rowan_expr *tuples;                 /* composite keys: nodes … */
    const rowan_expr **tuple_items;     /* … and their lists */
    size_t tuple_count;
    rowan_expr has_key, has_type;
    const rowan_expr *conditions[4];
    rowan_expr where;
    rowan_expr pair_is[ROWAN__KEY_MAX];
    const rowan_expr *pair_items[ROWAN__KEY_MAX + 1];
    rowan_expr on;
    rowan_join joins[2];
    rowan_selected select[ROWAN__KEY_MAX + 3];
    rowan_order order[ROWAN__KEY_MAX + ORDER_MAX + 1];
    size_t order_count;
    rowan_operand partition[ROWAN__KEY_MAX];
    rowan_expr number, ranked;
    const rowan_expr *number_item[2];
    rowan_query query;
} batch;

static const char ranked_name[] = "ranked";

static rowan_expr equals(rowan_operand left, rowan_operand right)
{
    rowan_expr e;

    memset(&e, 0, sizeof e);
    e.kind = ROWAN_EXPR_COMPARE;
    e.compare = ROWAN_COMPARE_EQ;
    e.left = left;
    e.right = right;
    return e;
}

static rowan_expr all_of(rowan_expr_kind kind, const rowan_expr *const *items)
{
    rowan_expr e;

    memset(&e, 0, sizeof e);
    e.kind = kind;
    e.items = items;
    return e;
}

static rowan_expr raw_text(const char *sql)
{
    rowan_expr e;

    memset(&e, 0, sizeof e);
    e.kind = ROWAN_EXPR_RAW;
    e.sql = sql;
    return e;
}

/* A composite key: (a = ? AND b = ?) OR …, filled up to a power of two for few texts. */
static rowan_status write_tuples(batch *b)
{
    const rowan__loading *l = b->loading;
    const rowan_allocator *allocator = rowan__scope_allocator(l->scope);
    size_t width = l->keys.width, padded = 1;

    while (padded < b->count) {
        padded *= 2;
    }
    b->tuple_count = padded;
    b->tuples = rowan__new(allocator, padded, (width + 1) * sizeof *b->tuples);
    b->tuple_items = rowan__new(allocator, padded + 1, (width + 2) * sizeof *b->tuple_items);
    if (b->tuples == NULL || b->tuple_items == NULL) {
        return rowan__scope_nomem(l->scope);
    }
    const rowan_expr **any = b->tuple_items + padded * (width + 1);
    for (size_t t = 0; t < padded; t++) {
        size_t key = b->first + (t < b->count ? t : b->count - 1);
        rowan_expr *nodes = b->tuples + t * (width + 1);
        const rowan_expr **items = b->tuple_items + t * (width + 1);
        for (size_t i = 0; i < width; i++) {
            nodes[i] = equals(rowan_o_column(b->targets[i], NULL),
                              rowan_o_value(rowan__keys_value(&l->keys, key, i)));
            items[i] = &nodes[i];
        }
        items[width] = ROWAN_END;
        nodes[width] = all_of(ROWAN_EXPR_AND, items);
        any[t] = &nodes[width];
    }
    any[padded] = ROWAN_END;
    b->has_key = all_of(ROWAN_EXPR_OR, any);
    return ROWAN_OK;
}

static rowan_status write_key_condition(batch *b)
{
    const rowan__keys *keys = &b->loading->keys;
    const rowan_value *values = keys->by_number ? b->loading->listed : keys->values;

    if (keys->width > 1) {
        return write_tuples(b);
    }
    b->has_key = equals(rowan_o_column(b->targets[0], NULL),
                        rowan_o_value(rowan__keys_value(keys, b->first, 0)));
    if (b->count > 1) {
        b->has_key.kind = ROWAN_EXPR_IN;
        b->has_key.right = rowan_o_value(rowan_v_list(values + b->first, b->count));
    }
    return ROWAN_OK;
}

static rowan_status write_where(batch *b)
{
    const rowan_relation *r = b->loading->relation;
    size_t count = 0;
    rowan_status status = write_key_condition(b);

    if (status != ROWAN_OK) {
        return status;
    }
    b->conditions[count++] = &b->has_key;
    if (r->type_column != NULL &&
        (r->kind != ROWAN_BELONGS_TO || r->type_column->table != r->from)) {
        b->has_type = equals(rowan_o_column(r->type_column, NULL),
                             rowan_o_value(rowan_v_text(r->type_value)));
        b->conditions[count++] = &b->has_type;
    }
    if (b->loading->entry->where != NULL) {
        b->conditions[count++] = b->loading->entry->where;
    }
    b->conditions[count] = ROWAN_END;
    b->where = all_of(ROWAN_EXPR_AND, b->conditions);
    b->query.where = count == 1 ? &b->has_key : &b->where;
    return ROWAN_OK;
}

/* Joins the table between, and selects its side of the key behind the row. */
static void write_through(batch *b)
{
    const rowan_relation *r = b->loading->relation;
    const rowan__shape *pair = &b->loading->pair;

    for (size_t i = 0; i < r->through_to_count; i++) {
        b->pair_is[i] =
            equals(rowan_o_column(r->through_to[i], NULL), rowan_o_column(r->to_columns[i], NULL));
        b->pair_items[i] = &b->pair_is[i];
    }
    b->pair_items[r->through_to_count] = ROWAN_END;
    b->on = all_of(ROWAN_EXPR_AND, b->pair_items);
    b->joins[0] = (rowan_join){.kind = ROWAN_JOIN_INNER,
                               .table = r->through,
                               .on = r->through_to_count == 1 ? &b->pair_is[0] : &b->on};
    b->joins[1].kind = ROWAN_JOIN_END;
    b->query.joins = b->joins;

    b->select[0] = (rowan_selected){.all = r->to, .given = true};
    for (size_t i = 0; i < r->column_count; i++) {
        b->select[i + 1] = (rowan_selected){.what = rowan_o_column(b->targets[i], NULL),
                                            .as = pair->names[r->to->column_count + i],
                                            .given = true};
    }
    b->select[r->column_count + 1].given = false;
    b->query.select = b->select;
    b->query.into = &pair->table;
}

static void add_order(batch *b, rowan_operand by, bool descending)
{
    b->order[b->order_count++] = (rowan_order){.by = by, .descending = descending, .given = true};
    b->order[b->order_count].given = false;
}

/* The order among the rows of one parent: the plan's, else by primary key. */
static rowan_status write_inner_order(batch *b)
{
    const rowan_table *to = b->loading->relation->to;
    const rowan_order *given = b->loading->entry->order_by;
    size_t count = 0;

    if (given == NULL) {
        for (size_t i = 0; i < to->primary_count && i < ORDER_MAX; i++) {
            add_order(b, rowan_o_column(to->primary[i], NULL), false);
        }
        return ROWAN_OK;
    }
    for (; given[count].given; count++) {
        if (count == ORDER_MAX) {
            return rowan__scope_fail(b->loading->scope, ROWAN_MISUSE,
                                     "the order of %s has more than %d terms",
                                     b->loading->relation->name, ORDER_MAX);
        }
        add_order(b, given[count].by, given[count].descending);
    }
    return ROWAN_OK;
}

/* Rows side by side for each key; one key needs no sorting by it, and one row for each no sorting
 * at all. */
static rowan_status write_order(batch *b)
{
    bool to_one = rowan__relation_is_to_one(b->loading->relation);

    if (to_one && b->loading->entry->order_by == NULL) {
        return ROWAN_OK;
    }
    for (size_t i = 0; !to_one && b->count > 1 && i < b->loading->keys.width; i++) {
        add_order(b, rowan_o_column(b->targets[i], NULL), false);
    }
    b->query.order_by = b->order;
    return write_inner_order(b);
}

static rowan_status make_call(const batch *b, const rowan_query *query, rowan__call *call)
{
    rowan__intent intent = {.pattern = b->loading->pattern, .relation = b->loading->relation};

    return rowan__query_call(b->loading->scope, intent, query, call);
}

/* Adds the row's number among those of its key to what is selected. */
static rowan_status write_rank(batch *b)
{
    const rowan_table *to = b->loading->relation->to;
    size_t selected = b->query.select != NULL ? b->loading->keys.width + 1 : 1;
    rowan_status status;

    b->select[0] = (rowan_selected){.all = to, .given = true};
    for (size_t i = 0; i < b->loading->keys.width; i++) {
        b->partition[i] = rowan_o_column(b->targets[i], NULL);
    }
    status = write_inner_order(b);
    memset(&b->number, 0, sizeof b->number);
    b->number.kind = ROWAN_EXPR_CALL;
    b->number.function = ROWAN_FN_ROW_NUMBER;
    b->number_item[0] = &b->number;
    b->number_item[1] = ROWAN_END;
    b->ranked = all_of(ROWAN_EXPR_OVER, b->number_item);
    b->ranked.partition = b->partition;
    b->ranked.partition_count = b->loading->keys.width;
    b->ranked.order = b->order;
    b->select[selected] =
        (rowan_selected){.what = rowan_o_expr(&b->ranked), .as = "rowan_rank", .given = true};
    b->select[selected + 1].given = false;
    b->query.select = b->select;
    return status;
}

/* SELECT … FROM (SELECT …, ROW_NUMBER() OVER (PARTITION BY key …)) WHERE rank <= limit. */
static rowan_status make_ranked(batch *b, rowan__call *call)
{
    const rowan_relation *r = b->loading->relation;
    rowan_operand limit = rowan_o_value(rowan_v_int64(b->loading->entry->limit));
    rowan_expr within = raw_text("rowan_rank <= ?"), rank = raw_text("rowan_rank");
    rowan_expr names[ROWAN__KEY_MAX];
    rowan_selected select[ROWAN__KEY_MAX + 2];
    rowan_order order[ROWAN__KEY_MAX + 2];
    size_t width = b->loading->keys.width;
    const rowan_table *into = b->query.into;
    rowan_status status = write_rank(b);

    if (status != ROWAN_OK) {
        return status;
    }
    within.arguments = &limit;
    within.argument_count = 1;
    memset(select, 0, sizeof select);
    memset(order, 0, sizeof order);
    select[0] = (rowan_selected){.what.alias = ranked_name, .all = r->to, .given = true};
    for (size_t i = 0; i < width; i++) {
        order[i] = (rowan_order){.by = rowan_o_column(b->targets[i], ranked_name), .given = true};
        if (into != NULL) {
            names[i] = raw_text(b->loading->pair.names[r->to->column_count + i]);
            order[i].by = rowan_o_expr(&names[i]);
            select[i + 1] =
                (rowan_selected){.what = order[i].by, .as = names[i].sql, .given = true};
        }
    }
    order[width] = (rowan_order){.by = rowan_o_expr(&rank), .given = true};
    b->query.into = NULL;
    rowan_query outer = {.select = select,
                         .from = r->to,
                         .from_query = &b->query,
                         .as = ranked_name,
                         .where = &within,
                         .order_by = order,
                         .into = into,
                         .lazy = b->query.lazy};
    return make_call(b, &outer, call);
}

static rowan_status make_plain(batch *b, rowan__call *call)
{
    bool to_one = rowan__relation_is_to_one(b->loading->relation);

    b->query.limit = to_one ? 0 : b->loading->entry->limit;
    rowan_status status = write_order(b);
    return status == ROWAN_OK ? make_call(b, &b->query, call) : status;
}

size_t rowan__batch_most(const rowan__loading *loading)
{
    const rowan__dialect *dialect = rowan__scope_dialect(loading->scope);
    size_t width = loading->keys.width, most = 1;
    size_t limit =
        dialect->max_params / 2 / width; /* the other half is for the plan's own values */

    if (width == 1) {
        bool arrays = (dialect->capabilities & ROWAN__CAN_BIND_ARRAYS) != 0;
        return arrays ? loading->keys.count : limit > 0 ? limit : 1;
    }
    while (most < TUPLES_MAX && most * 2 <= limit) {
        most *= 2;
    }
    return most;
}

rowan_status rowan__batch_call(const rowan__part *part, rowan__call *call)
{
    const rowan__loading *loading = part->loading;
    const rowan_relation *r = loading->relation;
    const rowan_allocator *allocator = rowan__scope_allocator(loading->scope);
    size_t width = loading->keys.width;
    batch b;

    /* It is as large as a page: only what is read before it is written is made empty. */
    b.tuples = NULL;
    b.tuple_items = NULL;
    b.tuple_count = 0;
    b.order_count = 0;
    b.order[0].given = false;
    b.loading = loading;
    b.targets = rowan__key_targets(r);
    b.first = part->first;
    b.count = part->count;
    b.query = (rowan_query){.from = r->to, .lazy = loading->lazy};
    rowan_status status = write_where(&b);
    if (status == ROWAN_OK && r->through != NULL) {
        write_through(&b);
    }
    if (status == ROWAN_OK) {
        bool is_ranked =
            loading->entry->limit > 0 && part->count > 1 && !rowan__relation_is_to_one(r);
        status = is_ranked ? make_ranked(&b, call) : make_plain(&b, call);
    }
    rowan__free(allocator, b.tuples, b.tuple_count, (width + 1) * sizeof *b.tuples);
    rowan__free(allocator, b.tuple_items, b.tuple_count + 1, (width + 2) * sizeof *b.tuple_items);
    return status;
}

/* The keys as a list takes them. */
static bool list_keys(rowan__loading *loading)
{
    const rowan__keys *keys = &loading->keys;

    loading->listed =
        rowan__alloc(rowan__scope_allocator(loading->scope), keys->count, sizeof *loading->listed);
    if (loading->listed == NULL) {
        return false;
    }
    for (size_t i = 0; i < keys->count; i++) {
        loading->listed[i] = rowan_v_int64(keys->numbers[i]);
    }
    return true;
}

/* The shape of a row and, behind it, the key that it came for. */
static bool make_pair(rowan__loading *loading)
{
    const rowan_relation *r = loading->relation;

    if (!rowan__shape_init(&loading->pair, rowan__scope_allocator(loading->scope),
                           r->to->column_count + r->column_count)) {
        return false;
    }
    rowan__shape_add_table(&loading->pair, r->to, 0, false);
    for (size_t i = 0; i < r->column_count; i++) {
        rowan__shape_add_column(&loading->pair, rowan__key_targets(r)[i], 1, (unsigned)i);
    }
    rowan__shape_finish(&loading->pair);
    return true;
}

rowan_status rowan__batch_begin(rowan__loading *loading)
{
    bool needs_list = loading->keys.by_number && loading->keys.count > 1;

    if ((needs_list && !list_keys(loading)) ||
        (loading->relation->through != NULL && !make_pair(loading))) {
        return rowan__scope_nomem(loading->scope);
    }
    return ROWAN_OK;
}

void rowan__batch_end(rowan__loading *loading)
{
    rowan__free(rowan__scope_allocator(loading->scope), loading->listed, loading->keys.count,
                sizeof *loading->listed);
    loading->listed = NULL;
    if (loading->pair.columns != NULL) {
        rowan__shape_fini(&loading->pair);
    }
}
