/*
 * Queries with a fetch plan. To-one relations that the plan wants joined come with the rows of the
 * query: the statement selects all their columns, a shape made for the call takes them in, and the
 * structs are copied out of it into a block for each table. A row that many rows refer to is kept
 * once.
 *
 * What is joined makes a tree of nodes; node 0 is the rows of the query itself.
 */
#include <stdio.h>
#include <string.h>

#include "relation/relation_private.h"

enum { NODES_MAX = 16, JOINS_MAX = 64 };

typedef struct node {
    const rowan_table *table;
    const rowan_fetch *entry; /* NULL for node 0 */
    size_t parent;
    char alias[16];      /* "" if the table is in the query under its own name */
    size_t base;         /* of its struct in the shape */
    size_t first_column; /* of the shape */
    rowan_expr equal[ROWAN__KEY_MAX + 1];
    const rowan_expr *on_items[ROWAN__KEY_MAX + 3];
    rowan_expr on;
    rowan__keys keys; /* of the distinct rows */
    size_t *row_of;   /* for each row of the result the row of the node, or ROWAN__NO_KEY */
    rowan__block *block;
    rowan_fetched *fetched; /* NULL for node 0, or if nobody wants to know */
} node;

typedef struct joined {
    rowan_scope *scope;
    const rowan_allocator *allocator;
    rowan_pattern pattern;
    const rowan_query *query;
    node *nodes;
    size_t node_count;
    rowan__shape shape;
    rowan_selected *select;
    size_t select_capacity, select_count;
    rowan_join joins[JOINS_MAX + 1];
    size_t row_count; /* of the result */
} joined;

static bool has_joins(const rowan_fetch *plan)
{
    for (const rowan_fetch *entry = plan; entry != NULL && entry->relation != NULL; entry++) {
        if (entry->way == ROWAN_FETCH_JOIN) {
            return true;
        }
    }
    return false;
}

/* Whether a table is in the query already, so that a further one needs another name. */
static bool is_named(const joined *j, const rowan_table *table)
{
    if (j->query->from == table) {
        return true;
    }
    for (const rowan_join *join = j->query->joins; join != NULL && join->kind != ROWAN_JOIN_END;
         join++) {
        if (join->table == table) {
            return true;
        }
    }
    for (size_t i = 1; i < j->node_count; i++) {
        if (j->nodes[i].table == table) {
            return true;
        }
    }
    return false;
}

static rowan_status add_node(joined *j, const rowan_fetch *entry, size_t parent)
{
    const rowan_relation *r = entry->relation;
    node *n = &j->nodes[j->node_count];

    if (j->node_count == NODES_MAX) {
        return rowan__scope_fail(j->scope, ROWAN_MISUSE, "the plan joins more than %d relations",
                                 NODES_MAX - 1);
    }
    if (entry->order_by != NULL || entry->limit != 0) {
        return rowan__scope_fail(j->scope, ROWAN_MISUSE,
                                 "%s.%s is joined and takes no order or limit: load it by batch",
                                 r->from->name, r->name);
    }
    n->table = r->to;
    n->entry = entry;
    n->parent = parent;
    if (is_named(j, r->to)) {
        snprintf(n->alias, sizeof n->alias, "rowan_%zu", j->node_count);
        if (entry->where != NULL) {
            return rowan__scope_fail(j->scope, ROWAN_MISUSE,
                                     "%s.%s cannot be joined with a condition, since the query has "
                                     "table %s already: load it by batch",
                                     r->from->name, r->name, r->to->name);
        }
    }
    rowan__keys_init(&n->keys, j->allocator, r->to_columns, r->column_count);
    j->node_count++;
    return ROWAN_OK;
}

/* Breadth first: a node stands behind its parent. */
static rowan_status add_nodes(joined *j)
{
    j->nodes[0].table = j->query->from;
    j->node_count = 1;
    for (size_t at = 0; at < j->node_count; at++) {
        const rowan_fetch *entry = at == 0 ? j->query->fetch : j->nodes[at].entry->then;
        for (; entry != NULL && entry->relation != NULL; entry++) {
            rowan_status status =
                entry->way == ROWAN_FETCH_JOIN ? add_node(j, entry, at) : ROWAN_OK;
            if (status != ROWAN_OK) {
                return status;
            }
        }
    }
    return ROWAN_OK;
}

static const char *alias_of(const joined *j, size_t at)
{
    return at == 0 ? j->query->as : j->nodes[at].alias[0] != '\0' ? j->nodes[at].alias : NULL;
}

static size_t count_selected(const rowan_selected *select)
{
    size_t count = 0;

    while (select != NULL && select[count].given) {
        count++;
    }
    return count;
}

/* The columns of the query's own rows, then those of every node. */
static rowan_status write_select(joined *j)
{
    size_t columns = 0, own = count_selected(j->query->select);

    for (size_t i = 0; i < j->node_count; i++) {
        columns += j->nodes[i].table->column_count;
    }
    if (columns > 256) {
        return rowan__scope_fail(
            j->scope, ROWAN_MISUSE,
            "the joined tables have more than 256 columns: load some by batch");
    }
    j->select_capacity = columns + own + 2;
    j->select = rowan__new(j->allocator, j->select_capacity, sizeof *j->select);
    if (j->select == NULL || !rowan__shape_init(&j->shape, j->allocator, columns)) {
        return rowan__scope_nomem(j->scope);
    }
    if (own != 0) {
        memcpy(j->select, j->query->select, own * sizeof *j->select);
        j->select_count = own;
    } else {
        j->select[0] =
            (rowan_selected){.what.alias = j->query->as, .all = j->query->from, .given = true};
        j->select_count = 1;
    }
    for (size_t i = 0; i < j->node_count; i++) {
        node *n = &j->nodes[i];
        n->first_column = j->shape.table.column_count;
        n->base = rowan__shape_add_table(&j->shape, n->table, (unsigned)i, i != 0);
        for (size_t c = 0; i != 0 && c < n->table->column_count; c++) {
            j->select[j->select_count++] =
                (rowan_selected){.what = rowan_o_column(&n->table->columns[c], alias_of(j, i)),
                                 .as = j->shape.names[n->first_column + c],
                                 .given = true};
        }
    }
    rowan__shape_finish(&j->shape);
    return ROWAN_OK;
}

static void write_equal(node *n, size_t at, rowan_operand left, rowan_operand right)
{
    memset(&n->equal[at], 0, sizeof n->equal[at]);
    n->equal[at].kind = ROWAN_EXPR_COMPARE;
    n->equal[at].compare = ROWAN_COMPARE_EQ;
    n->equal[at].left = left;
    n->equal[at].right = right;
    n->on_items[at] = &n->equal[at];
}

static rowan_join write_join(joined *j, size_t at)
{
    node *n = &j->nodes[at];
    const rowan_relation *r = n->entry->relation;
    const char *own = alias_of(j, at), *other = alias_of(j, n->parent);
    size_t count = r->column_count;

    for (size_t i = 0; i < count; i++) {
        write_equal(n, i, rowan_o_column(r->to_columns[i], own),
                    rowan_o_column(r->from_columns[i], other));
    }
    if (r->type_column != NULL) {
        bool here = r->type_column->table == r->from && r->kind == ROWAN_BELONGS_TO;
        write_equal(n, count, rowan_o_column(r->type_column, here ? other : own),
                    rowan_o_value(rowan_v_text(r->type_value)));
        count++;
    }
    if (n->entry->where != NULL) {
        n->on_items[count++] = n->entry->where;
    }
    n->on_items[count] = ROWAN_END;
    memset(&n->on, 0, sizeof n->on);
    n->on.kind = ROWAN_EXPR_AND;
    n->on.items = n->on_items;
    return (rowan_join){.kind = ROWAN_JOIN_LEFT,
                        .table = n->table,
                        .as = own,
                        .on = count == 1 ? n->on_items[0] : &n->on};
}

static rowan_status write_joins(joined *j)
{
    size_t count = 0;

    for (const rowan_join *join = j->query->joins; join != NULL && join->kind != ROWAN_JOIN_END;
         join++) {
        if (count + j->node_count > JOINS_MAX) {
            return rowan__scope_fail(j->scope, ROWAN_MISUSE, "the query has more than %d joins",
                                     JOINS_MAX);
        }
        j->joins[count++] = *join;
    }
    for (size_t i = 1; i < j->node_count; i++) {
        j->joins[count++] = write_join(j, i);
    }
    return ROWAN_OK;
}

/* The distinct rows of a node: a row is known by the columns that the join compared. */
static rowan_status find_rows(joined *j, node *n, const rowan__result *result)
{
    const rowan_relation *r = n->entry->relation;
    const rowan_column *columns[ROWAN__KEY_MAX];

    n->row_of = rowan__new(j->allocator, j->row_count, sizeof *n->row_of);
    if (n->row_of == NULL) {
        return rowan__scope_nomem(j->scope);
    }
    for (size_t i = 0; i < r->column_count; i++) {
        columns[i] = &j->shape.columns[n->first_column + rowan__column_index(r->to_columns[i])];
    }
    for (size_t i = 0; i < j->row_count; i++) {
        const char *row = (const char *)result->rows.at + i * j->shape.table.row_size;
        if (!rowan__keys_add(&n->keys, columns, row, &n->row_of[i])) {
            return rowan__scope_nomem(j->scope);
        }
    }
    return ROWAN_OK;
}

/* Copies the structs of a node out of the shape into a block of their own. */
static rowan_status make_block(joined *j, size_t at, const rowan__result *result)
{
    node *n = &j->nodes[at];
    size_t size = n->table->row_size, count = at == 0 ? j->row_count : n->keys.count;
    rowan__mask columns = rowan__mask_all(n->table);

    if (count == 0) {
        return ROWAN_OK;
    }
    char *rows =
        rowan__arena_alloc(rowan__scope_arena(j->scope), count * size, n->table->row_align);
    if (rows == NULL) {
        return rowan__scope_nomem(j->scope);
    }
    for (size_t i = 0; i < j->row_count; i++) {
        const char *row = (const char *)result->rows.at + i * j->shape.table.row_size;
        size_t to = at == 0 ? i : n->row_of[i];
        if (to != ROWAN__NO_KEY) {
            memcpy(rows + to * size, row + n->base, size);
        }
    }
    for (size_t i = 0; at == 0 && i < 4; i++) {
        columns.bits[i] &= result->columns[i];
    }
    rowan_lazy lazy = j->query->lazy;
    rowan_status status = rowan__block_new(
        j->scope, n->table, rows, count, columns.bits,
        lazy == ROWAN_LAZY_DEFAULT ? rowan__scope_lazy(j->scope) : lazy, &n->block);
    if (status == ROWAN_OK) {
        n->block->fetched = n->fetched;
    }
    return status;
}

static rowan_status attach_node(joined *j, node *n)
{
    const node *parent = &j->nodes[n->parent];
    rowan__attached *place;

    if (parent->block == NULL) {
        return ROWAN_OK;
    }
    place = rowan__attached_make(j->scope, parent->block, n->entry->relation);
    if (place == NULL) {
        return rowan__scope_nomem(j->scope);
    }
    place->fetched = n->fetched;
    rowan__fetched_add(n->fetched, parent->block->count, n->keys.count);
    for (size_t i = 0; i < j->row_count; i++) {
        size_t from = n->parent == 0 ? i : parent->row_of[i], to = n->row_of[i];
        if (from == ROWAN__NO_KEY) {
            continue;
        }
        place->one[from] = to == ROWAN__NO_KEY ? NULL : n->block->rows + to * n->table->row_size;
        if (place->loaded != NULL) {
            place->loaded[from] = true;
        }
    }
    return ROWAN_OK;
}

/* @return how many relations a plan does not join; @p last is set to the last of them, if any */
static size_t count_rest(const rowan_fetch *plan, const rowan_fetch **last)
{
    size_t count = 0;

    for (const rowan_fetch *entry = plan; entry != NULL && entry->relation != NULL; entry++) {
        if (entry->way != ROWAN_FETCH_JOIN) {
            *last = entry;
            count++;
        }
    }
    return count;
}

/* What the plan does not join, for the rows of every node. A single relation is a plan by itself,
 * because for a single row that is cheaper. */
static rowan_status load_rest(const joined *j)
{
    rowan__segment whole[NODES_MAX];
    rowan__rest rest[NODES_MAX];
    const rowan_fetch *last = NULL;
    size_t count = 0, relations = 0;

    for (size_t at = 0; at < j->node_count; at++) {
        const node *n = &j->nodes[at];
        const rowan_fetch *plan = at == 0 ? j->query->fetch : n->entry->then;
        size_t more = n->block != NULL ? count_rest(plan, &last) : 0;
        if (more > 0) {
            whole[count] = (rowan__segment){n->block, 0, n->block->count};
            rest[count] = (rowan__rest){{NULL, &whole[count], 1, 1, n->block->count}, plan};
            count++;
            relations += more;
        }
    }
    if (relations == 1) {
        const rowan_fetch plan[] = {*last, {.relation = NULL}};
        return rowan__load_plan(j->scope, j->pattern, whole[0].block, plan);
    }
    return rowan__load_rest(j->scope, j->pattern, rest, count);
}

static rowan_status take_rows(joined *j, const rowan__result *result)
{
    rowan_status status = ROWAN_OK;

    j->row_count = result->rows.count;
    for (size_t i = 0; status == ROWAN_OK && j->row_count != 0 && i < j->node_count; i++) {
        node *n = &j->nodes[i];
        status = i != 0 ? find_rows(j, n, result) : ROWAN_OK;
        if (status == ROWAN_OK) {
            status = make_block(j, i, result);
        }
        if (status == ROWAN_OK && i != 0) {
            status = attach_node(j, n);
        }
    }
    return status == ROWAN_OK ? load_rest(j) : status;
}

static void joined_fini(joined *j)
{
    for (size_t i = 1; j->nodes != NULL && i < j->node_count; i++) {
        rowan__keys_fini(&j->nodes[i].keys);
        rowan__free(j->allocator, j->nodes[i].row_of, j->row_count, sizeof *j->nodes[i].row_of);
    }
    rowan__free(j->allocator, j->nodes, NODES_MAX, sizeof *j->nodes);
    rowan__free(j->allocator, j->select, j->select_capacity, sizeof *j->select);
    if (j->shape.columns != NULL) {
        rowan__shape_fini(&j->shape);
    }
}

/* Runs the query with its joins, which load what subscribers are told of. */
static rowan_status run_query(joined *j, const rowan_query *query, rowan__result *rows)
{
    const rowan_fetched *fetched[NODES_MAX];
    size_t count = 0;

    for (size_t i = 1; i < j->node_count; i++) {
        node *n = &j->nodes[i];
        n->fetched = rowan__fetched_of(j->scope, n->entry->relation, j->nodes[n->parent].fetched);
        if (n->fetched != NULL) {
            fetched[count++] = n->fetched;
        }
    }
    rowan__fetched_by_next(j->scope, fetched, count);
    rowan_status status =
        rowan__run_query(j->scope, (rowan__intent){.pattern = j->pattern}, query, rows);
    rowan__fetched_by_next(j->scope, NULL, 0);
    return status;
}

static rowan_status run_joined(joined *j, rowan__result *result)
{
    rowan_query query = *j->query;
    rowan__result rows;
    rowan_status status;

    j->nodes = rowan__new(j->allocator, NODES_MAX, sizeof *j->nodes);
    if (j->nodes == NULL) {
        return rowan__scope_nomem(j->scope);
    }
    status = add_nodes(j);
    if (status == ROWAN_OK) {
        status = write_select(j);
    }
    if (status == ROWAN_OK) {
        status = write_joins(j);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    query.select = j->select;
    query.joins = j->joins;
    query.into = &j->shape.table;
    query.fetch = NULL;
    status = run_query(j, &query, &rows);
    if (status == ROWAN_OK) {
        status = take_rows(j, &rows);
    }
    if (status == ROWAN_OK && j->row_count != 0) {
        result->block = j->nodes[0].block;
        result->rows = (rowan_rows){result->block->rows, j->row_count};
    }
    return status;
}

/* A plan needs whole rows of a table. */
static rowan_status check_query(rowan_scope *scope, const rowan_query *query)
{
    if (scope == NULL) {
        return rowan__refuse_null(scope, "the scope");
    }
    if (query->from == NULL || (query->into != NULL && query->into != query->from)) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "a fetch plan needs rows of the table that the query reads from");
    }
    if (has_joins(query->fetch) && (query->group_count != 0 || query->sets != NULL)) {
        return rowan__scope_fail(
            scope, ROWAN_MISUSE,
            "a query with groups or set operations cannot join its fetch plan: "
            "load it by batch");
    }
    return rowan__plan_check(scope, query->from, query->fetch);
}

rowan_status rowan__load_planned(rowan_scope *scope, rowan_pattern pattern,
                                 const rowan_query *query, rowan__result *result)
{
    rowan_status status;

    memset(result, 0, sizeof *result);
    status = check_query(scope, query);
    if (status != ROWAN_OK) {
        return status;
    }
    if (has_joins(query->fetch)) {
        joined j;
        memset(&j, 0, sizeof j);
        j.scope = scope;
        j.allocator = rowan__scope_allocator(scope);
        j.pattern = pattern;
        j.query = query;
        status = run_joined(&j, result);
        joined_fini(&j);
    } else {
        status = rowan__run_query(scope, (rowan__intent){.pattern = pattern}, query, result);
        if (status == ROWAN_OK) {
            status = rowan__load_plan(scope, pattern, result->block, query->fetch);
        }
    }
    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
    }
    return status;
}
