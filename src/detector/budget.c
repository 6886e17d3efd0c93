/*
 * Bounded memory. A budget is three allocators, one for each need, which count what they give out:
 * so whatever a scope keeps is counted where it is taken, by its true size. The process's sum is
 * one atomic number, changed when memory is taken or given back and never by a statement that takes
 * none.
 */
#include "detector/budget.h"

#include <stdatomic.h>

static atomic_size_t *process_bytes(void)
{
    static atomic_size_t bytes;

    return &bytes;
}

size_t rowan__budget_process_bytes(void)
{
    return atomic_load_explicit(process_bytes(), memory_order_relaxed);
}

static void give_back(size_t size)
{
    atomic_fetch_sub_explicit(process_bytes(), size, memory_order_relaxed);
}

static void *take(void *context, size_t size, size_t alignment)
{
    const rowan__share *share = context;
    rowan__budget *budget = share->budget;
    const rowan_allocator *source = budget->source;
    void *memory = NULL;

    if (size > share->scope_bytes || budget->used > share->scope_bytes - size) {
        return NULL;
    }
    size_t before = atomic_fetch_add_explicit(process_bytes(), size, memory_order_relaxed);
    if (before + size <= share->process_bytes) {
        memory = source->allocate(source->context, size, alignment);
    }
    if (memory == NULL) {
        give_back(size);
        return NULL;
    }
    budget->used += size;
    return memory;
}

static void release(void *context, void *memory, size_t size)
{
    const rowan__share *share = context;
    const rowan_allocator *source = share->budget->source;

    source->release(source->context, memory, size);
    share->budget->used -= size;
    give_back(size);
}

void rowan__budget_init(rowan__budget *budget, const rowan_allocator *source)
{
    static const unsigned quarters[ROWAN__NEEDS] = {
        [ROWAN__NEED_ROWS] = 2, [ROWAN__NEED_VALUES] = 3, [ROWAN__NEED_STATEMENTS] = 4};

    budget->source = source;
    budget->used = 0;
    for (size_t i = 0; i < ROWAN__NEEDS; i++) {
        rowan__share *share = &budget->shares[i];
        share->budget = budget;
        share->scope_bytes = (size_t)ROWAN__SCOPE_BYTES / 4 * quarters[i];
        share->process_bytes = (size_t)ROWAN__PROCESS_BYTES / 4 * quarters[i];
        share->allocator = (rowan_allocator){take, release, share};
    }
}
