/*
 * Raw SQL, executed. Each function makes the caller's parameters the engine's, and hands the
 * statement to the choke point; what comes back is the caller's own structs.
 */
#include "raw/recall.h"

#include <string.h>

RARE rowan_status refuse_null(rowan_scope *scope, const char *sql)
{
    return rowan__refuse_null(scope, sql == NULL ? "the statement" : "what the parameters are in");
}

/* @param one_row  one row is wanted: of a look-up by a key no second one need be looked for */
STRAIGHT rowan_status execute(rowan_scope *scope, const char *sql, rowan_params params,
                              const rowan_table *shape, bool one_row, rowan__result *result)
{
    rowan_status status;
    rowan__call call;

    if (scope == NULL || sql == NULL || (params.items == NULL && params.count > 0)) {
        return refuse_null(scope, sql);
    }
    status = rowan__raw_call_here(scope, sql, params, shape, &call);
    if (status != ROWAN_OK) {
        return status;
    }
    call.one_row = call.one_row && one_row;
    status = rowan__execute(scope, &call, 1, result);
    return status == ROWAN_OK ? ROWAN_OK : rowan__raw_locate(scope, status, sql, params, &call);
}

rowan_status(rowan_raw_run)(rowan_scope *scope, const char *sql, rowan_params params,
                            uint64_t *affected)
{
    rowan__result result;
    rowan_status status = execute(scope, sql, params, NULL, false, &result);

    if (affected != NULL) {
        *affected = status == ROWAN_OK ? result.affected : 0;
    }
    return status;
}

/** Refuses what one value of a row cannot be. */
static rowan_status check_row_values(rowan_scope *scope, const rowan_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].type == ROWAN_TYPE_LIST || values[i].type == ROWAN_TYPE_ENUM) {
            return rowan__scope_fail(scope, ROWAN_MISUSE,
                                     "value %zu of the rows is a list or an enum: bind single "
                                     "values, and labels as text",
                                     i + 1);
        }
    }
    return ROWAN_OK;
}

static rowan_status execute_many(rowan_scope *scope, const char *sql, rowan__call *call,
                                 const rowan_value *values, size_t row_count, rowan__result *result)
{
    rowan_status status;

    if (call->param_count == 0) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "a statement for many rows needs at least one ? in it");
    }
    status = check_row_values(scope, values, row_count * call->param_count);
    if (status != ROWAN_OK) {
        return status;
    }
    call->params = values;
    call->param_rows = row_count;
    status = rowan__execute(scope, call, 1, result);
    return status == ROWAN_OK ? ROWAN_OK
                              : rowan__raw_locate(scope, status, sql, (rowan_params){0}, call);
}

rowan_status(rowan_raw_run_many)(rowan_scope *scope, const char *sql, const rowan_value *values,
                                 size_t row_count, uint64_t *affected)
{
    rowan__call call;
    rowan__result result = {0};
    rowan_status status;

    if (affected != NULL) {
        *affected = 0;
    }
    if (scope == NULL || sql == NULL || (values == NULL && row_count > 0)) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "the statement or its values are NULL");
    }
    status = rowan__raw_call_many(scope, sql, &call);
    if (status == ROWAN_OK && row_count > 0) {
        status = execute_many(scope, sql, &call, values, row_count, &result);
    }
    if (status == ROWAN_OK && affected != NULL) {
        *affected = result.affected;
    }
    return status;
}

rowan_status(rowan_raw_all)(rowan_scope *scope, const char *sql, rowan_params params,
                            const rowan_table *shape, rowan_rows *out)
{
    rowan__result result;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the rows");
    }
    *out = (rowan_rows){0};
    if (shape == NULL) {
        return rowan__refuse_null(scope, "the shape of the rows");
    }
    status = execute(scope, sql, params, shape, false, &result);
    if (status == ROWAN_OK) {
        *out = result.rows;
    }
    return status;
}

static rowan_status not_one(rowan_scope *scope, size_t count)
{
    if (count == 0) {
        return rowan__scope_fail(scope, ROWAN_NOT_FOUND, "the statement gave no row");
    }
    return rowan__scope_fail(scope, ROWAN_MISUSE,
                             "the statement gave %zu rows where one was asked for", count);
}

rowan_status(rowan_raw_one)(rowan_scope *scope, const char *sql, rowan_params params,
                            const rowan_table *shape, void **out)
{
    rowan__result result;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the row");
    }
    *out = NULL;
    if (shape == NULL) {
        return rowan__refuse_null(scope, "the shape of the rows");
    }
    status = execute(scope, sql, params, shape, true, &result);
    if (status != ROWAN_OK) {
        return status;
    }
    if (result.rows.count != 1) {
        return not_one(scope, result.rows.count);
    }
    *out = result.rows.at;
    return ROWAN_OK;
}

rowan_status rowan__raw_stream(rowan_scope *scope, const char *sql, rowan_params params,
                               const rowan_table *shape, rowan_stream **out)
{
    rowan_status status;
    rowan__call call;

    *out = NULL;
    if (scope == NULL || sql == NULL || (params.items == NULL && params.count > 0)) {
        return refuse_null(scope, sql);
    }
    status = rowan__raw_call(scope, sql, params, shape, &call);
    if (status != ROWAN_OK) {
        return status;
    }
    call.one_row = false;
    status = rowan__stream_open(scope, &call, out);
    return status == ROWAN_OK ? ROWAN_OK : rowan__raw_locate(scope, status, sql, params, &call);
}

rowan_status(rowan_raw_stream)(rowan_scope *scope, const char *sql, rowan_params params,
                               const rowan_table *shape, rowan_stream **out)
{
    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the stream");
    }
    *out = NULL;
    if (shape == NULL) {
        return rowan__refuse_null(scope, "the shape of the rows");
    }
    return rowan__raw_stream(scope, sql, params, shape, out);
}
