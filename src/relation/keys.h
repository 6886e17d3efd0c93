/*
 * Sets of keys: the distinct values of the key columns of many rows, in the order in which they
 * were first seen. Loading asks for each key once; the identity map of a session finds rows by
 * them.
 */
#ifndef ROWAN_RELATION_KEYS_H
#define ROWAN_RELATION_KEYS_H

#include <rowan/model.h>

#include "base/alloc.h"

enum {
    ROWAN__KEY_MAX = 16 /* most columns of a key */
};

typedef struct rowan__keys {
    const rowan_allocator *allocator;
    size_t width;        /* columns of a key, at most ROWAN__KEY_MAX */
    rowan_value *values; /* count × width; text and bytes are borrowed from the rows */
    size_t count, capacity;
    uint32_t *slots;   /* index of a key + 1; 0: free */
    size_t slot_count; /* a power of two, or 0 */
} rowan__keys;

void rowan__keys_init(rowan__keys *keys, const rowan_allocator *allocator, size_t width);
void rowan__keys_fini(rowan__keys *keys);

/** Adds a key unless it is there. @return false if memory ran out. */
bool rowan__keys_add(rowan__keys *keys, const rowan_value *key, size_t *index);

/** Whether the key is there, and where. */
bool rowan__keys_find(const rowan__keys *keys, const rowan_value *key, size_t *index);

/** Reads the key of a row. @return false if one of its columns is NULL. */
bool rowan__key_read(const rowan_column *const *columns, size_t count, const void *row,
                     rowan_value *key);

#endif
