/*
 * Lists by address, to which entries are added at the front and from which none is taken: a removed
 * one has no key and waits for the next handle of its list. There are as many as were ever open at
 * the same time.
 */
#include "preload/handles.h"

#include <stdint.h>

#include "base/alloc.h"

static _Atomic(handle *) *list_of(handles *all, const void *key)
{
    uint64_t address = (uint64_t)(uintptr_t)key;

    return &all->lists[(address >> 4) * 0x9E3779B97F4A7C15u >> 54];
}

void *handles_find(handles *all, const void *key)
{
    handle *entry = atomic_load_explicit(list_of(all, key), memory_order_acquire);

    while (entry != NULL && atomic_load_explicit(&entry->key, memory_order_relaxed) != key) {
        entry = entry->next;
    }
    return entry;
}

/* An entry of the list that was free and is this handle's from here on. */
static handle *reuse(_Atomic(handle *) *list, const void *key)
{
    handle *entry = atomic_load_explicit(list, memory_order_acquire);

    for (; entry != NULL; entry = entry->next) {
        const void *none = NULL;
        if (atomic_load_explicit(&entry->key, memory_order_relaxed) == NULL &&
            atomic_compare_exchange_strong(&entry->key, &none, key)) {
            return entry;
        }
    }
    return NULL;
}

void *handles_get(handles *all, const void *key)
{
    _Atomic(handle *) *list = list_of(all, key);
    handle *entry = handles_find(all, key);

    if (entry == NULL) {
        entry = reuse(list, key);
    }
    if (entry != NULL) {
        return entry;
    }
    entry = rowan__new(&rowan__default_allocator, 1, all->size);
    if (entry != NULL) {
        atomic_store_explicit(&entry->key, key, memory_order_relaxed);
        entry->next = atomic_load_explicit(list, memory_order_acquire);
        while (!atomic_compare_exchange_weak(list, &entry->next, entry)) {
        }
    }
    return entry;
}

void handles_remove(void *kept)
{
    if (kept != NULL) {
        atomic_store_explicit(&((handle *)kept)->key, NULL, memory_order_release);
    }
}

void handles_each(handles *all, void (*function)(void *kept))
{
    for (size_t i = 0; i < HANDLE_LISTS; i++) {
        handle *entry = atomic_load_explicit(&all->lists[i], memory_order_acquire);
        for (; entry != NULL; entry = entry->next) {
            if (atomic_load_explicit(&entry->key, memory_order_relaxed) != NULL) {
                function(entry);
            }
        }
    }
}
