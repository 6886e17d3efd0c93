/*
 * Several reads that are sent at once. Most of them are of one text, which is looked up for the
 * first; their values stay where the program has them.
 */
#include "database/group.h"
#include "raw/recall.h"

RARE rowan_status refuse_read(rowan_scope *scope, const rowan_raw_read *read)
{
    return rowan__refuse_null(scope, !read->sql     ? "the statement"
                                     : !read->shape ? "the shape of the rows"
                                                    : "what the parameters are in");
}

static rowan_status make_call(rowan__group *group, size_t index)
{
    const rowan_raw_read *read = (const rowan_raw_read *)group->from + index;
    rowan__call *call = &group->calls[index];
    rowan_scope *scope = group->scope;

    if (!read->sql || !read->shape || (!read->params.items && read->params.count > 0)) {
        return refuse_read(scope, read);
    }
    bool is_same = index > 0 && read->sql == read[-1].sql && call[-1].known != NULL;
    rowan__known *known =
        is_same ? call[-1].known : rowan__known_recall_text(scope, read->sql, ROWAN__KEY_OF_TEXT);
    rowan_status status =
        rowan__raw_call_known(scope, known, read->sql, read->params, read->shape, call);
    call->one_row = false;
    return status == ROWAN_OK ? rowan__group_keep(group, call, read->sql, read->params.items)
                              : status;
}

static rowan_status locate(const rowan__group *group, rowan_status status, size_t index)
{
    const rowan_raw_read *read = (const rowan_raw_read *)group->from + index;

    return rowan__raw_locate(group->scope, status, read->sql, read->params, &group->calls[index]);
}

rowan_status(rowan_raw_pipeline)(rowan_scope *scope, const rowan_raw_read *reads, size_t count,
                                 rowan_rows *out)
{
    static const rowan__group_maker maker = {"reads", make_call, locate};

    return rowan__group_run(scope, &maker, reads, count, out);
}
