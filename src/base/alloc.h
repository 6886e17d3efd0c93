/* Memory by way of the replaceable allocator. Sizes are multiplied here only, with a check. */
#ifndef ROWAN_BASE_ALLOC_H
#define ROWAN_BASE_ALLOC_H

#include <rowan/database.h>

/** The C library's allocator. */
extern const rowan_allocator rowan__default_allocator;

/**
 * Zeroed memory for @p count objects of @p size bytes; NULL if it ran out, overflowed, or is 0
 * bytes.
 */
void *rowan__new(const rowan_allocator *allocator, size_t count, size_t size);

/** The same, not zeroed. */
void *rowan__alloc(const rowan_allocator *allocator, size_t count, size_t size);

/** Gives back what rowan__new returned, with the same count and size. NULL is a no-op. */
void rowan__free(const rowan_allocator *allocator, void *memory, size_t count, size_t size);

/**
 * Makes room for one more element behind @p count in a growing array; moves it when full.
 *
 * @param array     the array's variable, by address
 * @param capacity  its capacity, by address; both start at zero
 * @return false if memory ran out: the array is as before. Freed with rowan__free(…, *capacity,
 *         size).
 */
bool rowan__grow(const rowan_allocator *allocator, void **array, size_t *capacity, size_t count,
                 size_t size);

#endif
