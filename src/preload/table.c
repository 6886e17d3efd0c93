/* Lookups read, and entries are only ever put in front of a chain. */
#include "preload/table.h"

#include <stdint.h>
#include <stdlib.h>

static _Atomic(entry *) *chain_of(table *t, const void *handle)
{
    uint64_t mixed = (uint64_t)(uintptr_t)handle * 0x9E3779B97F4A7C15u;

    return &t->chains[mixed >> 40 & (TABLE_CHAINS - 1)];
}

void *table_find(table *t, const void *handle)
{
    entry *at = atomic_load_explicit(chain_of(t, handle), memory_order_acquire);

    while (at != NULL && atomic_load_explicit(&at->handle, memory_order_relaxed) != handle) {
        at = at->next;
    }
    return at;
}

static entry *take_free(entry *at, const void *handle)
{
    for (; at != NULL; at = at->next) {
        const void *none = NULL;
        if (atomic_load_explicit(&at->handle, memory_order_relaxed) == NULL &&
            atomic_compare_exchange_strong(&at->handle, &none, handle)) {
            return at;
        }
    }
    return NULL;
}

void *table_add(table *t, const void *handle)
{
    _Atomic(entry *) *chain = chain_of(t, handle);
    entry *at = table_find(t, handle);

    if (at == NULL) {
        at = take_free(atomic_load_explicit(chain, memory_order_acquire), handle);
    }
    if (at == NULL && (at = calloc(1, t->entry_size)) != NULL) {
        atomic_init(&at->handle, handle);
        at->next = atomic_load(chain);
        while (!atomic_compare_exchange_weak(chain, &at->next, at)) {
        }
    }
    return at;
}

void table_remove(void *removed)
{
    entry *at = removed;

    atomic_store_explicit(&at->handle, NULL, memory_order_release);
}

void table_each(table *t, void (*function)(void *entry))
{
    for (size_t i = 0; i < TABLE_CHAINS; i++) {
        entry *at = atomic_load_explicit(&t->chains[i], memory_order_acquire);
        for (; at != NULL; at = at->next) {
            if (atomic_load_explicit(&at->handle, memory_order_relaxed) != NULL) {
                function(at);
            }
        }
    }
}
