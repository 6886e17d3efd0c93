/* Several queries that are sent at once. */
#include <rowan/querybuilder.h>

#include "database/group.h"
#include "sql/sql.h"

static rowan_status make_call(rowan__group *group, size_t index)
{
    const rowan_query *query = (const rowan_query *)group->from + index;
    const rowan__intent intent = {.pattern = ROWAN_PATTERN_QUERY_BUILDER};
    rowan__call *call = &group->calls[index];

    if (query->fetch && query->fetch[0].relation) {
        return rowan__scope_fail(group->scope, ROWAN_MISUSE,
                                 "a pipeline loads no relations: call rowan_load() for its rows");
    }
    rowan_status status = rowan__query_call(group->scope, intent, query, call);
    return status == ROWAN_OK ? rowan__group_keep(group, call, NULL, NULL) : status;
}

rowan_status(rowan_query_pipeline)(rowan_scope *scope, const rowan_query *queries, size_t count,
                                   rowan_rows *out)
{
    static const rowan__group_maker maker = {.name = "queries", .make = make_call};

    return rowan__group_run(scope, &maker, queries, count, out);
}
