/*
 * A shape's row is the structs of its tables one behind another. A column that an outer join may
 * leave NULL has its `has` behind them, away from its value, so that the structs themselves stay as
 * the program knows them and can be copied out whole.
 */
#include "relation/shape.h"

#include <stdio.h>
#include <string.h>

#include "relation/member.h"

static size_t align_up(size_t size, size_t align)
{
    return (size + align - 1) / align * align;
}

/* Room behind what is there for an object of that size. */
static size_t make_room(rowan__shape *shape, size_t size, size_t align)
{
    size_t place = align_up(shape->table.row_size, align);

    shape->table.row_size = place + size;
    if (align > shape->table.row_align) {
        shape->table.row_align = align;
    }
    return place;
}

static void name_column(rowan__shape *shape, size_t i, unsigned number, unsigned index)
{
    snprintf(shape->names[i], ROWAN__SHAPE_NAME, "rowan_%u_%u", number % 1000, index % 1000);
    shape->columns[i].name = shape->names[i];
}

bool rowan__shape_init(rowan__shape *shape, const rowan_allocator *allocator, size_t capacity)
{
    memset(shape, 0, sizeof *shape);
    shape->allocator = allocator;
    shape->capacity = capacity;
    shape->table.row_align = 1;
    shape->columns = rowan__new(allocator, capacity, sizeof *shape->columns);
    shape->names = rowan__new(allocator, capacity, sizeof *shape->names);
    if (shape->columns == NULL || shape->names == NULL) {
        rowan__shape_fini(shape);
        return false;
    }
    return true;
}

void rowan__shape_fini(rowan__shape *shape)
{
    rowan__free(shape->allocator, shape->columns, shape->capacity, sizeof *shape->columns);
    rowan__free(shape->allocator, shape->names, shape->capacity, sizeof *shape->names);
    shape->columns = NULL;
    shape->names = NULL;
}

size_t rowan__shape_add_table(rowan__shape *shape, const rowan_table *table, unsigned number,
                              bool optional)
{
    size_t base = make_room(shape, table->row_size, table->row_align);

    for (size_t i = 0; i < table->column_count; i++) {
        size_t at = shape->table.column_count++;
        rowan_column *column = &shape->columns[at];
        *column = table->columns[i];
        column->offset += base;
        column->value_offset += base;
        if (number != 0) {
            name_column(shape, at, number, (unsigned)i);
        }
        if (optional && (column->flags & ROWAN_NULLABLE) == 0) {
            column->flags |= ROWAN_NULLABLE;
            column->offset = make_room(shape, sizeof(bool), _Alignof(bool));
        }
    }
    return base;
}

void rowan__shape_add_column(rowan__shape *shape, const rowan_column *column, unsigned number,
                             unsigned index)
{
    size_t at = shape->table.column_count++;
    rowan_column *added = &shape->columns[at];

    *added = *column;
    added->flags &= ~(unsigned)ROWAN_NULLABLE; /* it is equal to a key, so it is not NULL here */
    added->value_offset =
        make_room(shape, rowan__type_size(column->type), rowan__type_align(column->type));
    added->offset = added->value_offset;
    name_column(shape, at, number, index);
}

void rowan__shape_finish(rowan__shape *shape)
{
    shape->table.columns = shape->columns;
    shape->table.row_size = align_up(shape->table.row_size, shape->table.row_align);
    for (size_t i = 0; i < shape->table.column_count; i++) {
        shape->columns[i].table = &shape->table;
    }
}
