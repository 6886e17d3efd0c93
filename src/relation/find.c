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

/* Looks for the statement of a table, or renders the query for a key and keeps its text for the
 * next one. */
static __attribute__((noinline)) rowan_status learn(rowan_scope *scope, const rowan_table *table,
                                                    const rowan_value *key, rowan__call *call)
{
    rowan__shape_key shape = {.maker = ROWAN__KEY_OF_ROW, .data = &table, .size = sizeof table};
    rowan_status status = rowan__known_find_at(scope, table, &shape, &call->known);

    if (status == ROWAN_OK && call->known == NULL) {
        rowan__key_nodes nodes;
        rowan_query query = {.from = table, .where = rowan__key_condition(&nodes, table, key)};
        rowan__rendered rendered;
        status = rowan__render_query(scope, &query, &rendered);
        call->sql = rendered.sql;
        call->sql_size = rendered.sql_size;
        if (status == ROWAN_OK) {
            call->known = rowan__known_learn(scope, &shape, rendered.sql, rendered.sql_size, "", 0);
        }
    }
    return status;
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

rowan_status rowan__find_row(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                             const rowan_value *key, rowan__result *result)
{
    rowan_status status = ROWAN_OK;
    rowan__call call;

    if (!is_plain_key(table, key)) {
        return find_by_query(scope, pattern, table, key, result);
    }
    rowan__call_begin(&call, pattern);
    call.known = rowan__known_recall_at(scope, table, ROWAN__KEY_OF_ROW);
    if (call.known == NULL) {
        status = learn(scope, table, key, &call);
    }
    if (call.known != NULL) {
        call.sql = call.known->sql;
        call.sql_size = call.known->sql_size;
    }
    call.params = key;
    call.param_count = table->primary_count;
    if (status == ROWAN_OK && !is_nameless(key, call.param_count)) {
        call.params = without_names(scope, key, call.param_count);
        status = call.params != NULL ? ROWAN_OK : ROWAN_NOMEM;
    }
    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return status;
    }
    call.table = call.shape = table;
    call.wants_rows = call.one_row = true;
    return rowan__execute(scope, &call, 1, result);
}
