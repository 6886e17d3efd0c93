/*
 * Several reads that are sent at once. Most of them are of one text, which is looked up for the
 * first; their values stay where the program has them.
 */
#include <string.h>

#include "database/group.h"
#include "raw/recall.h"

static const char reads_name[] = "reads";

RARE rowan_status refuse_read(rowan_scope *scope, const rowan_raw_read *read, size_t index)
{
    const char *what = !read->sql     ? "the statement"
                       : !read->shape ? "the shape of the rows"
                                      : "what the parameters are in";

    return rowan__group_blame(scope, rowan__refuse_null(scope, what), reads_name, index);
}

STRAIGHT rowan_status make_call(rowan__group *group, const rowan_raw_read *read, size_t index)
{
    rowan__call *call = &group->calls[index];
    bool is_same = index > 0 && read->sql == read[-1].sql && call[-1].known != NULL;
    rowan__known *known =
        is_same ? call[-1].known
                : rowan__known_recall_text(group->scope, read->sql, ROWAN__KEY_OF_TEXT);
    rowan_status status =
        rowan__raw_call_known(group->scope, known, read->sql, read->params, read->shape, call);

    call->one_row = false;
    return status == ROWAN_OK ? rowan__group_keep(group, call, read->sql, read->params.items)
                              : status;
}

static rowan_status make_calls(rowan__group *group, const rowan_raw_read *reads)
{
    for (size_t i = 0; i < group->count; i++) {
        const rowan_raw_read *read = &reads[i];
        if (!read->sql || !read->shape || (!read->params.items && read->params.count > 0)) {
            return refuse_read(group->scope, read, i);
        }
        rowan_status status = make_call(group, read, i);
        if (status != ROWAN_OK) {
            return rowan__group_blame(group->scope, status, reads_name, i);
        }
    }
    return ROWAN_OK;
}

static rowan_status send_calls(rowan__group *group, const rowan_raw_read *reads, rowan_rows *out)
{
    size_t failed;
    rowan_status status = rowan__group_send(group, out, &failed);

    if (status != ROWAN_OK && failed < group->count) {
        const rowan_raw_read *read = &reads[failed];
        status =
            rowan__raw_locate(group->scope, status, read->sql, read->params, &group->calls[failed]);
        status = rowan__group_blame(group->scope, status, reads_name, failed);
    }
    return status;
}

static rowan_status run_reads(rowan_scope *scope, const rowan_raw_read *reads, size_t count,
                              rowan_rows *out)
{
    rowan__group group;
    rowan_status status = rowan__group_begin(&group, scope, count);

    if (status == ROWAN_OK) {
        status = make_calls(&group, reads);
    }
    if (status == ROWAN_OK) {
        status = send_calls(&group, reads, out);
    }
    rowan__group_end(&group);
    return status;
}

rowan_status(rowan_raw_pipeline)(rowan_scope *scope, const rowan_raw_read *reads, size_t count,
                                 rowan_rows *out)
{
    if (out == NULL && count > 0) {
        return rowan__refuse_null(scope, "the place for the rows");
    }
    rowan_status status = scope == NULL || (reads == NULL && count > 0)
                              ? rowan__refuse_null(scope, "the reads")
                          : count > 0 ? run_reads(scope, reads, count, out)
                                      : ROWAN_OK;
    if (status != ROWAN_OK && count > 0) {
        memset(out, 0, count * sizeof *out);
    }
    return status;
}
