/*
 * The row of a key, which is what programs ask for most. Its statement depends on the table alone
 * as long as the values are of the types of the key's columns: it is then known by the table, and
 * no query is made.
 */
#include <string.h>

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

/* Renders the query for a key and keeps its text for the next one. */
static rowan_status learn(rowan_scope *scope, const rowan_table *table, const rowan_value *key,
                          const rowan__shape_key *shape, rowan__rendered *out)
{
    rowan__key_nodes nodes;
    rowan_query query = {.from = table, .where = rowan__key_condition(&nodes, table, key)};
    rowan_status status = rowan__render_query(scope, &query, out);

    if (status == ROWAN_OK) {
        out->known = rowan__known_learn(scope, shape, out->sql, out->sql_size, "", 0);
    }
    return status;
}

/* The values without the names that the program may have given them. NULL: no memory. */
static const rowan_value *nameless(rowan_scope *scope, const rowan_value *key, size_t count)
{
    bool is_nameless = true;

    for (size_t i = 0; i < count; i++) {
        is_nameless = is_nameless && key[i].name == NULL;
    }
    rowan_value *params = is_nameless ? NULL : rowan__scope_params(scope, count);
    for (size_t i = 0; params != NULL && i < count; i++) {
        params[i] = key[i];
        params[i].name = NULL;
    }
    return is_nameless ? key : params;
}

static inline rowan_status recall(rowan_scope *scope, const rowan_table *table,
                                  const rowan_value *key, rowan__rendered *out)
{
    out->sql = out->known->sql;
    out->sql_size = out->known->sql_size;
    out->params = nameless(scope, key, table->primary_count);
    out->param_count = table->primary_count;
    return out->params != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

rowan_status rowan__find_row(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                             const rowan_value *key, rowan__result *result)
{
    rowan__shape_key shape = {.maker = ROWAN__KEY_OF_ROW, .data = &table, .size = sizeof table};
    rowan__rendered rendered;
    rowan__call call;

    if (!is_plain_key(table, key)) {
        rowan__key_nodes nodes;
        rowan_query query = {.from = table, .where = rowan__key_condition(&nodes, table, key)};
        return rowan__run_query(scope, (rowan__intent){.pattern = pattern}, &query, result);
    }
    memset(result, 0, sizeof *result);
    rowan_status status = rowan__known_find_at(scope, table, &shape, &rendered.known);
    if (status == ROWAN_OK) {
        status = rendered.known != NULL ? recall(scope, table, key, &rendered)
                                        : learn(scope, table, key, &shape, &rendered);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__call_begin(&call, pattern);
    call.table = call.shape = table;
    call.sql = rendered.sql;
    call.sql_size = rendered.sql_size;
    call.known = rendered.known;
    call.params = rendered.params;
    call.param_count = rendered.param_count;
    call.wants_rows = call.one_row = true;
    return rowan__execute(scope, &call, 1, result);
}
