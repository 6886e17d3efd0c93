/* Arrays that grow in an arena while a schema is read. The room they outgrow is freed with the
 * arena. */
#ifndef ROWAN_SCHEMA_LIST_H
#define ROWAN_SCHEMA_LIST_H

#include <string.h>

#include "base/arena.h"

/**
 * An array with room for one more element behind @p count; moved when @p count has reached a power
 * of two. Calls for one array must pass every count from 0 on, so that no capacity has to be kept.
 *
 * @return the array, to be assigned; NULL if memory ran out: the old one is as before.
 */
static inline void *rowan__list_room(rowan__arena *arena, void *array, size_t count, size_t size)
{
    void *larger;

    if (count != 0 && (count < 8 || (count & (count - 1)) != 0)) {
        return array;
    }
    larger = rowan__arena_new(arena, count == 0 ? 8 : 2 * count, size, _Alignof(max_align_t));
    if (larger != NULL && count != 0) {
        memcpy(larger, array, count * size);
    }
    return larger;
}

#endif
