/*
 * Renders and sends queries, updates and deletes; insert_run.c does inserts.
 */
#include <string.h>

#include "sql/sql_private.h"

static inline void fill_call(rowan__call *call, rowan__intent intent, const rowan_table *table,
                             const rowan_table *shape, const rowan__rendered *rendered)
{
    rowan__call_begin(call, intent.pattern);
    call->relation = intent.relation;
    call->table = table;
    call->sql = rendered->sql;
    call->sql_size = rendered->sql_size;
    call->known = rendered->known;
    call->params = rendered->params;
    call->param_count = rendered->param_count;
    call->wants_rows = shape != NULL;
    call->shape = shape;
}

rowan_status rowan__query_call(rowan_scope *scope, rowan__intent intent, const rowan_query *query,
                               rowan__call *out)
{
    const rowan_table *shape = query->into ? query->into : query->from;
    rowan__rendered rendered;
    rowan_status status;

    if (!shape) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "a query needs `into` or `from`: what structs its rows go to");
    }
    status = rowan__compile_query(scope, query, &rendered);
    if (status != ROWAN_OK) {
        return status;
    }
    fill_call(out, intent, query->from ? query->from : shape, shape, &rendered);
    out->one_row = query->limit == 1;
    out->lazy = query->lazy;
    return ROWAN_OK;
}

rowan_status rowan__run_query(rowan_scope *scope, rowan__intent intent, const rowan_query *query,
                              rowan__result *result)
{
    rowan__call call;
    rowan_status status = rowan__query_call(scope, intent, query, &call);

    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return status;
    }
    return rowan__execute(scope, &call, 1, result);
}

rowan_status rowan__run_write(rowan_scope *scope, rowan__intent intent, const rowan_table *table,
                              const rowan_table *shape, const rowan__rendered *rendered,
                              rowan__result *result)
{
    rowan__call call;

    fill_call(&call, intent, table, shape, rendered);
    return rowan__execute(scope, &call, 1, result);
}

rowan_status rowan__run_update(rowan_scope *scope, rowan__intent intent, const rowan_update *update,
                               rowan__result *result)
{
    rowan__rendered rendered;
    rowan_status status = rowan__compile_update(scope, update, &rendered);

    memset(result, 0, sizeof *result);
    return status != ROWAN_OK
               ? status
               : rowan__run_write(scope, intent, update->table,
                                  update->returning ? update->table : NULL, &rendered, result);
}

rowan_status rowan__run_delete(rowan_scope *scope, rowan__intent intent, const rowan_delete *remove,
                               rowan__result *result)
{
    rowan__rendered rendered;
    rowan_status status = rowan__compile_delete(scope, remove, &rendered);

    memset(result, 0, sizeof *result);
    return status != ROWAN_OK
               ? status
               : rowan__run_write(scope, intent, remove->from,
                                  remove->returning ? remove->from : NULL, &rendered, result);
}
