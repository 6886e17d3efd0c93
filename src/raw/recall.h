/*
 * Raw statements that were seen before. The text is the key; what else matters are the kinds of the
 * values that are given with it, single ones and lists, and their names. With the same ones the
 * parameters are made by the steps that were noted when the text was read; with others it is read
 * again.
 */
#ifndef ROWAN_RAW_RECALL_H
#define ROWAN_RAW_RECALL_H

#include "base/straight.h"
#include "raw/raw_private.h"

/** What is kept of a text. It is followed by its steps and its signature. */
typedef struct rowan__raw_recipe {
    size_t given, step_count, value_count;
    bool is_rewritten;
    bool as_given;              /* the caller's values serve as they are: no steps */
    bool is_plain;              /* … and are single ones without names: no signature */
    const rowan_table *look_up; /* whose row it looks up by its key; NULL: none that is known of */
} rowan__raw_recipe;

/** Makes the values that are sent of those that are given. @return false if the text has to be
 * read. */
bool rowan__raw_follow(rowan_scope *scope, const rowan__raw_recipe *recipe, rowan_params params,
                       rowan__call *call);

/**
 * Looks for a text; if it is new, or its values are of other kinds, reads it, and keeps what came
 * of it unless something is kept for it.
 */
rowan_status rowan__raw_read(rowan_scope *scope, const char *sql, rowan_params params,
                             rowan__call *call);

/** Whether values are single ones without names. */
static inline bool rowan__raw_are_plain(rowan_params params)
{
    const rowan_value *end = params.items + params.count;

    for (const rowan_value *value = params.items; value < end; value++) {
        if (value->name != NULL || (!value->is_null && value->type >= ROWAN_TYPE_ENUM)) {
            return false;
        }
    }
    return true;
}

/** Sets what is sent. @return false if the text has to be read. */
STRAIGHT bool rowan__raw_recall(rowan_scope *scope, rowan__known *known, rowan_params params,
                                rowan__call *call)
{
    const rowan__raw_recipe *recipe = known->recipe;

    if (params.count != recipe->given ||
        !(recipe->is_plain ? rowan__raw_are_plain(params)
                           : rowan__raw_follow(scope, recipe, params, call))) {
        return false;
    }
    if (recipe->is_rewritten) {
        call->sql = known->sql;
    }
    call->sql_size = known->sql_size;
    call->param_count = recipe->value_count;
    call->known = known;
    call->one_row = call->shape != NULL && recipe->look_up == call->shape;
    return true;
}

/** As rowan__raw_call(), in place, of a text that is known as @p known; NULL: as none so far. */
STRAIGHT rowan_status rowan__raw_call_known(rowan_scope *scope, rowan__known *known,
                                            const char *sql, rowan_params params,
                                            const rowan_table *shape, rowan__call *out)
{
    rowan__call_begin(out, ROWAN_PATTERN_RAW);
    out->table = shape != NULL && shape->name != NULL ? shape : NULL;
    out->sql = sql;
    out->params = params.items;
    out->wants_rows = shape != NULL;
    out->shape = shape;
    return known != NULL && rowan__raw_recall(scope, known, params, out)
               ? ROWAN_OK
               : rowan__raw_read(scope, sql, params, out);
}

/** As rowan__raw_call(), in place. */
STRAIGHT rowan_status rowan__raw_call_here(rowan_scope *scope, const char *sql, rowan_params params,
                                           const rowan_table *shape, rowan__call *out)
{
    return rowan__raw_call_known(scope, rowan__known_recall_text(scope, sql, ROWAN__KEY_OF_TEXT),
                                 sql, params, shape, out);
}

#endif
