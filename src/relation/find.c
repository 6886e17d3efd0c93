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
    for (size_t i = 0; i < table->primary_count; i++) {
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

static rowan_status recall(rowan_scope *scope, const rowan_table *table, const rowan_value *key,
                           rowan__rendered *out)
{
    rowan_value *params = rowan__scope_params(scope, table->primary_count);

    if (params == NULL) {
        return ROWAN_NOMEM;
    }
    for (size_t i = 0; i < table->primary_count; i++) {
        params[i] = key[i];
        params[i].name = NULL;
    }
    out->sql = out->known->sql;
    out->sql_size = out->known->sql_size;
    out->params = params;
    out->param_count = table->primary_count;
    return ROWAN_OK;
}

rowan_status rowan__find_row(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                             const rowan_value *key, rowan__result *result)
{
    rowan__shape_key shape = {.maker = ROWAN__KEY_OF_ROW, .data = &table, .size = sizeof table};
    rowan__rendered rendered = {.sql = NULL};

    if (!is_plain_key(table, key)) {
        rowan__key_nodes nodes;
        rowan_query query = {.from = table, .where = rowan__key_condition(&nodes, table, key)};
        return rowan__run_query(scope, (rowan__intent){.pattern = pattern}, &query, result);
    }
    memset(result, 0, sizeof *result);
    rowan_status status = rowan__known_find(scope, &shape, &rendered.known);
    if (status == ROWAN_OK) {
        status = rendered.known != NULL ? recall(scope, table, key, &rendered)
                                        : learn(scope, table, key, &shape, &rendered);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__call call = {.pattern = pattern,
                        .table = table,
                        .sql = rendered.sql,
                        .sql_size = rendered.sql_size,
                        .known = rendered.known,
                        .params = rendered.params,
                        .param_count = rendered.param_count,
                        .wants_rows = true,
                        .one_row = true,
                        .shape = table};
    return rowan__execute(scope, &call, 1, result);
}
