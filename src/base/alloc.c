/* Memory by way of the replaceable allocator. */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void *default_allocate(void *context, size_t size, size_t alignment)
{
    void *memory = NULL;

    (void)context;
    if (alignment <= _Alignof(max_align_t)) {
        return malloc(size);
    }
    return posix_memalign(&memory, alignment, size) == 0 ? memory : NULL;
}

static void default_release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    free(memory);
}

const rowan_allocator rowan__default_allocator = {default_allocate, default_release, NULL};

void *rowan__alloc(const rowan_allocator *allocator, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes == 0) {
        return NULL;
    }
    return allocator->allocate(allocator->context, bytes, _Alignof(max_align_t));
}

void *rowan__new(const rowan_allocator *allocator, size_t count, size_t size)
{
    void *memory = rowan__alloc(allocator, count, size);

    return memory ? memset(memory, 0, count * size) : NULL;
}

void rowan__free(const rowan_allocator *allocator, void *memory, size_t count, size_t size)
{
    if (memory) {
        allocator->release(allocator->context, memory, count * size);
    }
}

bool rowan__grow(const rowan_allocator *allocator, void **array, size_t *capacity, size_t count,
                 size_t size)
{
    if (count < *capacity) {
        return true;
    }
    size_t grown = *capacity ? *capacity * 2 : 8;
    void *moved = rowan__new(allocator, grown, size);
    if (!moved) {
        return false;
    }
    if (count > 0) {
        memcpy(moved, *array, count * size);
    }
    rowan__free(allocator, *array, *capacity, size);
    *array = moved;
    *capacity = grown;
    return true;
}
