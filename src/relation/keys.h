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

#define ROWAN__NO_KEY SIZE_MAX /* in place of an index: a column of the key is NULL */

/*
 * Nearly every key is one integer: those are kept as numbers. As long as they come in rising order,
 * as they do from most queries, they need no slots.
 */
typedef struct rowan__keys {
    const rowan_allocator *allocator;
    size_t width;        /* columns of a key, at most ROWAN__KEY_MAX */
    bool by_number;      /* a key is one integer */
    bool is_rising;      /* each is greater than the one before: there are no slots */
    int64_t *numbers;    /* by_number: the keys */
    rowan_value *values; /* else: count × width; text and bytes are borrowed from the rows */
    size_t count, capacity;
    uint32_t *slots;   /* index of a key + 1; 0: free */
    size_t slot_count; /* a power of two, or 0 */
} rowan__keys;

/** @param columns  the columns of a key, whose types decide how keys are kept */
void rowan__keys_init(rowan__keys *keys, const rowan_allocator *allocator,
                      const rowan_column *const *columns, size_t width);
void rowan__keys_fini(rowan__keys *keys);

/** Makes room for so many further keys. @return false if memory ran out. */
bool rowan__keys_reserve(rowan__keys *keys, size_t count);

/**
 * Adds the key that a row has unless it is there.
 *
 * @param index  where it is; ROWAN__NO_KEY if a column is NULL
 * @return false if memory ran out
 */
bool rowan__keys_add(rowan__keys *keys, const rowan_column *const *columns, const void *row,
                     size_t *index);

/**
 * Whether the key that a row has is there, and where.
 *
 * @param index  before, where the key of the row before was: that and the next are tried first
 */
bool rowan__keys_find_row(const rowan__keys *keys, const rowan_column *const *columns,
                          const void *row, size_t *index);

/**
 * How many rows from @p row on, of @p most that are @p size bytes apart, surely have its key: those
 * behind one another with the same number, and at least the one.
 */
size_t rowan__keys_run(const rowan__keys *keys, const rowan_column *const *columns, const char *row,
                       size_t size, size_t most);

/** Whether a key is there, and where. */
bool rowan__keys_find(const rowan__keys *keys, const rowan_value *key, size_t *index);

/** One column of a key. */
rowan_value rowan__keys_value(const rowan__keys *keys, size_t index, size_t column);

/** Reads the key of a row. @return false if one of its columns is NULL. */
bool rowan__key_read(const rowan_column *const *columns, size_t count, const void *row,
                     rowan_value *key);

#endif
