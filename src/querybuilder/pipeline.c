/* Several queries that are sent at once. */
#include <rowan/querybuilder.h>

#include <string.h>

#include "database/group.h"
#include "sql/sql.h"

static const char queries_name[] = "queries";

static rowan_status make_call(rowan__group *group, const rowan_query *query, rowan__call *call)
{
    static const rowan__intent intent = {.pattern = ROWAN_PATTERN_QUERY_BUILDER};

    if (query->fetch && query->fetch[0].relation) {
        return rowan__scope_fail(group->scope, ROWAN_MISUSE,
                                 "a pipeline loads no relations: call rowan_load() for its rows");
    }
    rowan_status status = rowan__query_call(group->scope, intent, query, call);
    return status == ROWAN_OK ? rowan__group_keep(group, call, NULL, NULL) : status;
}

static rowan_status make_calls(rowan__group *group, const rowan_query *queries)
{
    for (size_t i = 0; i < group->count; i++) {
        rowan_status status = make_call(group, &queries[i], &group->calls[i]);
        if (status != ROWAN_OK) {
            return rowan__group_blame(group->scope, status, queries_name, i);
        }
    }
    return ROWAN_OK;
}

static rowan_status send_calls(rowan__group *group, rowan_rows *out)
{
    size_t failed;
    rowan_status status = rowan__group_send(group, out, &failed);

    return status == ROWAN_OK || failed == group->count
               ? status
               : rowan__group_blame(group->scope, status, queries_name, failed);
}

static rowan_status run_queries(rowan_scope *scope, const rowan_query *queries, size_t count,
                                rowan_rows *out)
{
    rowan__group group;
    rowan_status status = rowan__group_begin(&group, scope, count);

    if (status == ROWAN_OK) {
        status = make_calls(&group, queries);
    }
    if (status == ROWAN_OK) {
        status = send_calls(&group, out);
    }
    rowan__group_end(&group);
    return status;
}

rowan_status(rowan_query_pipeline)(rowan_scope *scope, const rowan_query *queries, size_t count,
                                   rowan_rows *out)
{
    if (!out && count > 0) {
        return rowan__refuse_null(scope, "the place for the rows");
    }
    rowan_status status = !scope || (!queries && count > 0)
                              ? rowan__refuse_null(scope, "the queries")
                          : count > 0 ? run_queries(scope, queries, count, out)
                                      : ROWAN_OK;
    if (status != ROWAN_OK && count > 0) {
        memset(out, 0, count * sizeof *out);
    }
    return status;
}
