/* Introspection by way of a scope, so that its queries are counted like all others. */
#include "database/database_private.h"

static rowan_status run_query(
    const rowan__runner *runner, const char *sql, const rowan_value *params, size_t param_count,
    rowan_status (*each)(void *context, const rowan_value *row, size_t count), void *context)
{
    rowan_scope *scope = runner->context;
    rowan__call call = {
        .purpose = ROWAN_PURPOSE_CATALOG,
        .sql = sql,
        .sql_size = strlen(sql),
        .params = params,
        .param_count = param_count,
        .wants_rows = each != NULL,
        .direct = each == NULL,
    };
    rowan__result result;
    rowan_status status = rowan__execute(scope, &call, 1, &result);
    const rowan_value *rows = result.rows.at;

    for (size_t i = 0; i < result.rows.count && status == ROWAN_OK; i++) {
        status = each(context, rows + i * result.column_count, result.column_count);
    }
    if (status != ROWAN_OK && runner->error->status == ROWAN_OK) {
        *runner->error = scope->error;
    }
    return status;
}

rowan_status rowan__scope_introspect(rowan_scope *scope, rowan__found *out)
{
    rowan_error error = {.status = ROWAN_OK};
    rowan__runner runner = {run_query, scope, &error};

    memset(out, 0, sizeof *out);
    rowan_status status = rowan__scope_ready(scope);
    if (status == ROWAN_OK) {
        status = scope->db->driver->introspect(&runner, &scope->arena, out);
    }
    if (status != ROWAN_OK) {
        memset(out, 0, sizeof *out);
        if (error.status != ROWAN_OK) {
            rowan__scope_fail_with(scope, &error);
        }
    }
    return status;
}
