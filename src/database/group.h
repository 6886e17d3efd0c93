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
    rowan__arena memory; /* of all that is here */
    rowan__call *calls;  /* count of them: filled in by the pattern, in order */
    rowan__result *results;
    size_t count;
} rowan__group;

/**
 * Begins a group: until its end the scope's connection forgets no known statement.
 *
 * @param count  not 0
 * @return any failure to get a connection; ROWAN_NOMEM. It is ended all the same.
 */
rowan_status rowan__group_begin(rowan__group *group, rowan_scope *scope, size_t count);

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

/**
 * Sends the calls.
 *
 * @param out     receives the rows of each; untouched on failure
 * @param failed  gets the index of the call that failed; the count if that was none of them
 */
rowan_status rowan__group_send(rowan__group *group, rowan_rows *out, size_t *failed);

void rowan__group_end(rowan__group *group);

/** Says in the scope's error which of several it is about: `reads[3]: …`. @return the status */
rowan_status rowan__group_blame(rowan_scope *scope, rowan_status status, const char *what,
                                size_t index);

#endif
