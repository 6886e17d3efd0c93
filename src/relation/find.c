/*
 * The row of a key, which is what programs ask for most, and the rows at the other end of a
 * relation for one key. Such a statement depends on the table or the relation alone as long as the
 * values are of the types of the columns: it is then known by that, and no query is made.
 */
#include <string.h>

#include "base/straight.h"
#include "relation/relation_private.h"
#include "relation/write.h"

/* Whether a value is bound as it is for a column, without a cast whatever the engine. */
static bool is_plain(const rowan_column *column, const rowan_value *value)
{
    switch (column->type) {
    case ROWAN_TYPE_INT64:
        return rowan__is_integer(value->type);
    case ROWAN_TYPE_INT32:
        return rowan__is_integer(value->type) && value->as.integer == (int32_t)value->as.integer;
    case ROWAN_TYPE_INT16:
        return rowan__is_integer(value->type) && value->as.integer == (int16_t)value->as.integer;
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_UUID:
        return value->type == column->type;
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return false;
}

static bool is_plain_key(const rowan_table *table, const rowan_value *key)
{
    bool is_number = table->primary[0]->type == ROWAN_TYPE_INT64 && key[0].type == ROWAN_TYPE_INT64;

    for (size_t i = is_number ? 1 : 0; i < table->primary_count; i++) {
        if (!is_plain(table->primary[i], &key[i])) {
            return false;
        }
    }
    return true;
}

/* Looks for the statement of a table or a relation, or renders its query and keeps the text for the
 * next one. */
static rowan_status learn(rowan_scope *scope, const void *address, rowan__key_maker maker,
                          const rowan_query *query, rowan__call *call)
{
    rowan__shape_key shape = {.maker = maker, .data = &address, .size = sizeof address};
    rowan_status status = rowan__known_find_at(scope, address, &shape, &call->known);

    if (status == ROWAN_OK && call->known == NULL) {
        rowan__rendered rendered;
        status = rowan__render_query(scope, query, &rendered);
        call->sql = rendered.sql;
        call->sql_size = rendered.sql_size;
        if (status == ROWAN_OK) {
            call->known = rowan__known_learn(scope, &shape, rendered.sql, rendered.sql_size, "", 0);
        }
    }
    return status;
}

RARE rowan_status learn_row(rowan_scope *scope, const rowan_table *table, const rowan_value *key,
                            rowan__call *call)
{
    rowan__key_nodes nodes;
    rowan_query query = {.from = table, .where = rowan__key_condition(&nodes, table, key)};

    return learn(scope, table, ROWAN__KEY_OF_ROW, &query, call);
}

/* The query that a batch of one key makes (batch.c): rows of one parent come by their key. */
RARE rowan_status learn_related(rowan_scope *scope, const rowan_relation *relation,
                                const rowan_value *key, rowan__call *call)
{
    const rowan_table *to = relation->to;
    rowan_expr is_key = {.kind = ROWAN_EXPR_COMPARE,
                         .compare = ROWAN_COMPARE_EQ,
                         .left = rowan_o_column(relation->to_columns[0], NULL),
                         .right = rowan_o_value(*key)};
    rowan_order order[ROWAN__KEY_MAX + 1] = {{.given = false}};
    rowan_query query = {.from = to, .where = &is_key};

    if (!rowan__relation_is_to_one(relation)) {
        for (size_t i = 0; i < to->primary_count; i++) {
            order[i] = (rowan_order){.by = rowan_o_column(to->primary[i], NULL), .given = true};
        }
        query.order_by = order;
    }
    return learn(scope, relation, ROWAN__KEY_OF_RELATED, &query, call);
}

static inline bool is_nameless(const rowan_value *key, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (key[i].name != NULL) {
            return false;
        }
    }
    return true;
}

/* The values without the names that the program has given them. NULL: no memory. */
static const rowan_value *without_names(rowan_scope *scope, const rowan_value *key, size_t count)
{
    rowan_value *params = rowan__scope_params(scope, count);

    for (size_t i = 0; params != NULL && i < count; i++) {
        params[i] = key[i];
        params[i].name = NULL;
    }
    return params;
}

static rowan_status find_by_query(rowan_scope *scope, rowan_pattern pattern,
                                  const rowan_table *table, const rowan_value *key,
                                  rowan__result *result)
{
    rowan__key_nodes nodes;
    rowan_query query = {.from = table, .where = rowan__key_condition(&nodes, table, key)};

    return rowan__run_query(scope, (rowan__intent){.pattern = pattern}, &query, result);
}

/* Runs a call whose statement is known, or was rendered, for rows of a table. */
static inline rowan_status run(rowan_scope *scope, rowan__call *call, const rowan_table *table,
                               const rowan_value *params, size_t count, rowan__result *result)
{
    if (call->known != NULL) {
        call->sql = call->known->sql;
        call->sql_size = call->known->sql_size;
    }
    call->params = params;
    call->param_count = count;
    call->table = call->shape = table;
    call->wants_rows = true;
    return rowan__execute(scope, call, 1, result);
}

rowan_status rowan__find_row(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                             const rowan_value *key, rowan__result *result)
{
    rowan_status status = ROWAN_OK;
    rowan__call call;

    if (!is_plain_key(table, key)) {
        return find_by_query(scope, pattern, table, key, result);
    }
    rowan__call_begin(&call, pattern);
    call.one_row = true;
    call.known = rowan__known_recall_at(scope, table, ROWAN__KEY_OF_ROW);
    if (call.known == NULL) {
        status = learn_row(scope, table, key, &call);
    }
    if (status == ROWAN_OK && !is_nameless(key, table->primary_count)) {
        key = without_names(scope, key, table->primary_count);
        status = key != NULL ? ROWAN_OK : ROWAN_NOMEM;
    }
    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return status;
    }
    return run(scope, &call, table, key, table->primary_count, result);
}

bool rowan__finds_related(const rowan_relation *relation)
{
    return relation->column_count == 1 && relation->through == NULL &&
           relation->type_column == NULL && rowan__is_integer(relation->from_columns[0]->type) &&
           rowan__is_integer(relation->to_columns[0]->type) &&
           relation->to->primary_count <= ROWAN__KEY_MAX;
}

rowan_status rowan__find_related(rowan_scope *scope, rowan__intent intent, const rowan_value *key,
                                 rowan_lazy lazy, rowan__result *result, bool *is_done)
{
    const rowan_relation *relation = intent.relation;
    rowan_status status = ROWAN_OK;
    rowan__call call;

    *is_done = is_plain(relation->to_columns[0], key);
    if (!*is_done) {
        return ROWAN_OK;
    }
    rowan__call_begin(&call, intent.pattern);
    call.relation = relation;
    call.lazy = lazy;
    call.known = rowan__known_recall_at(scope, relation, ROWAN__KEY_OF_RELATED);
    if (call.known == NULL) {
        status = learn_related(scope, relation, key, &call);
    }
    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return status;
    }
    return run(scope, &call, relation->to, key, 1, result);
}
