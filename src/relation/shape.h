/*
 * Shapes made at run time: for results that are a row of one table and more, such as the key by
 * which it belongs to another, or a joined row. They live for one call.
 */
#ifndef ROWAN_RELATION_SHAPE_H
#define ROWAN_RELATION_SHAPE_H

#include <rowan/model.h>

#include "base/alloc.h"

enum {
    ROWAN__SHAPE_NAME = 16 /* bytes of a name that a shape makes up, its NUL included */
};

typedef struct rowan__shape {
    rowan_table table; /* without a name */
    const rowan_allocator *allocator;
    rowan_column *columns;
    char (*names)[ROWAN__SHAPE_NAME]; /* made-up names, by column */
    size_t capacity;
} rowan__shape;

/** An empty shape with room for @p capacity columns. @return false if memory ran out. */
bool rowan__shape_init(rowan__shape *shape, const rowan_allocator *allocator, size_t capacity);
void rowan__shape_fini(rowan__shape *shape);

/**
 * Adds the struct of a table behind what is there.
 *
 * @param number    0: its columns keep their names; else they are "rowan_<number>_<index>"
 * @param optional  its columns may all be NULL, as after an outer join
 * @return where the struct begins
 */
size_t rowan__shape_add_table(rowan__shape *shape, const rowan_table *table, unsigned number,
                              bool optional);

/** Adds one column, which then is "rowan_<number>_<index>". */
void rowan__shape_add_column(rowan__shape *shape, const rowan_column *column, unsigned number,
                             unsigned index);

/** Call when all is added, before the shape is used. */
void rowan__shape_finish(rowan__shape *shape);

#endif
