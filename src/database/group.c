/*
 * Several calls that are sent at once.
 *
 * While they are made, the connection forgets no known statement: each may be of another one, and
 * borrows its text. All of their memory goes when they are done.
 */
#include "database/group.h"

#include <stdio.h>

#include "base/error.h"
#include "database/database_private.h"

bool rowan__group_copy(rowan__group *group, rowan__call *call, bool copies_text, bool copies_values)
{
    size_t size = call->param_count * sizeof *call->params;

    if (copies_text) {
        call->sql = rowan__arena_text(&group->memory, call->sql, call->sql_size);
    }
    if (copies_values) {
        rowan_value *values = rowan__arena_alloc(&group->memory, size, _Alignof(rowan_value));
        call->params = values ? memcpy(values, call->params, size) : NULL;
    }
    return call->sql && (call->params || !copies_values);
}

/* Says in the scope's error which call it is about. @return the status */
static rowan_status blame(rowan_scope *scope, rowan_status status, const rowan__group_maker *maker,
                          size_t index)
{
    char message[sizeof scope->error.message];

    if (!maker->name) {
        return status;
    }
    int size = snprintf(message, sizeof message, "%s[%zu]: ", maker->name, index);
    rowan__error_copy(message + size, sizeof message - (size_t)size, scope->error.message,
                      strlen(scope->error.message));
    memcpy(scope->error.message, message, sizeof message);
    return status;
}

static rowan_status make_calls(rowan__group *group, const rowan__group_maker *maker)
{
    rowan_status status = ROWAN_OK;

    group->scope->link->memory.is_held = true;
    for (size_t i = 0; status == ROWAN_OK && i < group->count; i++) {
        status = maker->make(group, i);
        if (status != ROWAN_OK) {
            status = blame(group->scope, status, maker, i);
        }
    }
    return status;
}

static rowan_status send_calls(rowan__group *group, const rowan__group_maker *maker)
{
    size_t failed;
    rowan_status status =
        rowan__execute_group(group->scope, group->calls, group->count, group->results, &failed);

    if (status == ROWAN_OK || failed == group->count) {
        return status;
    }
    if (maker->complete) {
        status = maker->complete(group, status, failed);
    }
    return blame(group->scope, status, maker, failed);
}

static bool make_room(rowan__group *group)
{
    size_t calls_size, results_size;

    if (__builtin_mul_overflow(group->count, sizeof *group->calls, &calls_size) ||
        __builtin_mul_overflow(group->count, sizeof *group->results, &results_size)) {
        return false;
    }
    group->calls = rowan__arena_alloc(&group->memory, calls_size, _Alignof(rowan__call));
    group->results = rowan__arena_alloc(&group->memory, results_size, _Alignof(rowan__result));
    return group->calls && group->results;
}

rowan_status rowan__group_send(rowan__group *group, const rowan__group_maker *maker)
{
    rowan_scope *scope = group->scope;

    rowan__arena_init(&group->memory, &scope->db->allocator);
    rowan_status status = rowan__scope_ready(scope);
    if (status != ROWAN_OK) {
        return status;
    }
    if (!make_room(group)) {
        return rowan__scope_nomem(scope);
    }
    status = make_calls(group, maker);
    if (status == ROWAN_OK) {
        status = send_calls(group, maker);
    }
    scope->link->memory.is_held = false;
    return status;
}

rowan_status rowan__group_run(rowan_scope *scope, const rowan__group_maker *maker, const void *from,
                              size_t count, rowan_rows *out)
{
    rowan__group group = {.scope = scope, .from = from, .count = count};

    if (!out && count > 0) {
        return rowan__refuse_null(scope, "the place for the rows");
    }
    rowan_status status =
        scope && (from || count == 0)
            ? ROWAN_OK
            : rowan__scope_fail(scope, ROWAN_MISUSE, "the %s are NULL", maker->name);
    if (status == ROWAN_OK && count > 0) {
        status = rowan__group_send(&group, maker);
        for (size_t i = 0; status == ROWAN_OK && i < count; i++) {
            out[i] = group.results[i].rows;
        }
        rowan__group_fini(&group);
    }
    if (status != ROWAN_OK && count > 0) {
        memset(out, 0, count * sizeof *out);
    }
    return status;
}
