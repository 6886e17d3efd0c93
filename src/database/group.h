/*
 * Groups: calls that a pattern makes one after another and that are sent at once. What a call
 * borrows only until the next one is made is kept for it meanwhile.
 */
#ifndef ROWAN_DATABASE_GROUP_H
#define ROWAN_DATABASE_GROUP_H

#include "base/arena.h"
#include "database/execute.h"

typedef struct rowan__group {
    rowan_scope *scope;
    const void *from;       /* what the program gave, count of them … */
    size_t count;
    rowan__call *calls;     /* … what is made of them, in order … */
    rowan__result *results; /* … and what comes */
    rowan__arena memory;    /* of the calls, the results and what is kept for them */
} rowan__group;

/** How a pattern makes calls. */
typedef struct rowan__group_maker {
    const char *name; /* of what the program gave, as messages have it: `reads[3]: …`; NULL: they
                         do without */
    /** Makes the call of that index and keeps it. */
    rowan_status (*make)(rowan__group *group, size_t index);
    /**
     * Completes the scope's error of a call that failed, by what the program gave; NULL: it is
     * complete.
     *
     * @return @p status
     */
    rowan_status (*complete)(const rowan__group *group, rowan_status status, size_t index);
} rowan__group_maker;

/**
 * Makes calls and sends them at once.
 *
 * @param group  with its first three members set and at least one call to make; to be freed by
 *               rowan__group_fini(), also after a failure
 * @return as rowan__group_run()
 */
rowan_status rowan__group_send(rowan__group *group, const rowan__group_maker *maker);

static inline void rowan__group_fini(rowan__group *group)
{
    rowan__arena_fini(&group->memory);
}

/**
 * The same from beginning to end, for who wants no more of the results than their rows.
 *
 * @param from   @p count of what the maker takes
 * @param out    receives the rows of each; zeroed on failure
 * @return ROWAN_OK, also for none; ROWAN_MISUSE for NULL; what the maker refuses, or the failure of
 *         the first call that failed, which the message begins with
 */
rowan_status rowan__group_run(rowan_scope *scope, const rowan__group_maker *maker, const void *from,
                              size_t count, rowan_rows *out);

/** Copies what a call borrows. @return false if memory ran out */
bool rowan__group_copy(rowan__group *group, rowan__call *call, bool copies_text,
                       bool copies_values);

/**
 * Keeps a call that was made: its text, unless it is the program's or a known statement's, and its
 * values, unless they are the program's.
 *
 * @param text    the program's; NULL: none
 * @param values  the program's; NULL: none
 */
static inline rowan_status rowan__group_keep(rowan__group *group, rowan__call *call,
                                             const char *text, const rowan_value *values)
{
    bool copies_text = call->known == NULL && call->sql != text;
    bool copies_values = call->params != values && call->param_count > 0;

    return (!copies_text && !copies_values) ||
                   rowan__group_copy(group, call, copies_text, copies_values)
               ? ROWAN_OK
               : rowan__scope_nomem(group->scope);
}

#endif
