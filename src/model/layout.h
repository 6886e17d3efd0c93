/*
 * Row layouts: which result column goes to which member of a struct, and how. A layout is
 * computed once for a prepared statement and a shape; then a driver's inner loop reads rows
 * straight into structs.
 */
#ifndef ROWAN_MODEL_LAYOUT_H
#define ROWAN_MODEL_LAYOUT_H

#include <rowan/database.h>
#include <rowan/model.h>

/**
 * One result column, in the form that subscribers are lent. Its `reader` is the driver's choice of
 * converter, set by its `bind`; its name is borrowed from the statement.
 */
typedef rowan_batch_column rowan__cell;

/**
 * A layout. A dynamic one is for rows whose columns are known at run time only: a row is then an
 * array of rowan_value, one for each column, and `type` of each cell is what the driver's `bind`
 * says.
 */
typedef struct rowan__layout {
    const rowan_table *shape; /* NULL: dynamic */
    bool is_unnamed;          /* the shape has no name: it may be gone between two uses */
    size_t row_size;
    size_t row_align;
    uint64_t columns[4];     /* bit i: the shape's column i is in the result */
    rowan_column *described; /* of a shape without a name, if its first columns are the cells' in
                                order: these columns, as they were last found to fit; else NULL */
    size_t count;            /* cells, one for each result column in order */
    rowan__cell cells[];
} rowan__layout;

/**
 * Makes a layout by the names of the result columns. A name that the shape lacks is
 * ROWAN_WRONG_TYPE, as is a name that comes twice. Freed with rowan__layout_free().
 *
 * @param shape  NULL: a dynamic layout
 */
rowan_status rowan__layout_new(const rowan_allocator *allocator, const rowan_table *shape,
                               const char *const *names, size_t count, rowan__layout **out,
                               rowan_error *error);
void rowan__layout_free(const rowan_allocator *allocator, rowan__layout *layout);

/** Whether the first columns of a shape have the names of the cells. */
bool rowan__layout_has_names(const rowan__layout *layout, const rowan_table *shape);

/** Whether a shape without a name is what was last found to fit. */
bool rowan__layout_describes(const rowan__layout *layout, const rowan_table *shape);

/** Whether the shape's column of that index was read. */
static inline bool rowan__layout_has(const rowan__layout *layout, size_t column)
{
    return (layout->columns[column / 64] >> (column % 64) & 1) != 0;
}

#endif
