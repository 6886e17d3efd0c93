/* Several calls that are sent at once: their memory, and which of them failed. */
#include "database/group.h"

#include <stdio.h>

#include "base/error.h"
#include "database/database_private.h"

rowan_status rowan__group_begin(rowan__group *group, rowan_scope *scope, size_t count)
{
    size_t calls_size, results_size;

    group->scope = scope;
    group->count = count;
    rowan__arena_init(&group->memory, &scope->db->allocator);
    rowan_status status = rowan__scope_ready(scope);
    if (status != ROWAN_OK) {
        return status;
    }
    if (__builtin_mul_overflow(count, sizeof *group->calls, &calls_size) ||
        __builtin_mul_overflow(count, sizeof *group->results, &results_size)) {
        return rowan__scope_nomem(scope);
    }
    group->calls = rowan__arena_alloc(&group->memory, calls_size, _Alignof(rowan__call));
    group->results = rowan__arena_alloc(&group->memory, results_size, _Alignof(rowan__result));
    if (!group->calls || !group->results) {
        return rowan__scope_nomem(scope);
    }
    scope->link->memory.is_held = true;
    return ROWAN_OK;
}

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

rowan_status rowan__group_send(rowan__group *group, rowan_rows *out, size_t *failed)
{
    rowan_status status =
        rowan__execute_group(group->scope, group->calls, group->count, group->results, failed);

    for (size_t i = 0; status == ROWAN_OK && i < group->count; i++) {
        out[i] = group->results[i].rows;
    }
    return status;
}

void rowan__group_end(rowan__group *group)
{
    if (group->scope->link) {
        group->scope->link->memory.is_held = false;
    }
    rowan__arena_fini(&group->memory);
}

rowan_status rowan__group_blame(rowan_scope *scope, rowan_status status, const char *what,
                                size_t index)
{
    char message[sizeof scope->error.message];
    int size = snprintf(message, sizeof message, "%s[%zu]: ", what, index);

    rowan__error_copy(message + size, sizeof message - (size_t)size, scope->error.message,
                      strlen(scope->error.message));
    memcpy(scope->error.message, message, sizeof message);
    return status;
}
