/* Row layouts. */
#include "model/layout.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* With room behind the cells for the columns of a shape without a name. */
static size_t layout_size(size_t count, bool is_unnamed)
{
    return sizeof(rowan__layout) + count * sizeof(rowan__cell) +
           (is_unnamed ? count * sizeof(rowan_column) : 0);
}

static void cell_for_column(rowan__cell *cell, const rowan_column *column)
{
    cell->type = column->type;
    cell->nullable = (column->flags & ROWAN_NULLABLE) != 0;
    cell->offset = (uint32_t)column->offset;
    cell->value_offset = (uint32_t)column->value_offset;
    cell->enumeration = column->enumeration;
}

static rowan_status fill_by_name(rowan__layout *layout, const char *const *names,
                                 rowan_error *error)
{
    const rowan_table *shape = layout->shape;
    bool is_in_order = true;

    for (size_t i = 0; i < layout->count; i++) {
        const rowan_column *column = rowan_table_column(shape, names[i]);
        if (!column) {
            return rowan__fail(
                error, ROWAN_WRONG_TYPE,
                "the result has a column \"%.60s\" that the rows of %.60s lack: select what "
                "they have, or name it with AS",
                names[i], shape->name ? shape->name : "this shape");
        }
        size_t index = (size_t)(column - shape->columns);
        if (rowan__layout_has(layout, index)) {
            return rowan__fail(error, ROWAN_WRONG_TYPE,
                               "the result has two columns named \"%.60s\"", names[i]);
        }
        is_in_order = is_in_order && index == i;
        layout->columns[index / 64] |= (uint64_t)1 << (index % 64);
        cell_for_column(&layout->cells[i], column);
        layout->cells[i].name = names[i];
    }
    if (layout->is_unnamed && is_in_order) {
        layout->described = (rowan_column *)(void *)(layout->cells + layout->count);
        memcpy(layout->described, shape->columns, layout->count * sizeof *shape->columns);
    }
    return ROWAN_OK;
}

static void fill_dynamic(rowan__layout *layout, const char *const *names)
{
    for (size_t i = 0; i < layout->count; i++) {
        layout->cells[i] = (rowan__cell){
            .nullable = true,
            .offset = (uint32_t)(i * sizeof(rowan_value)),
            .value_offset = (uint32_t)(i * sizeof(rowan_value)),
            .name = names[i],
        };
    }
}

rowan_status rowan__layout_new(const rowan_allocator *allocator, const rowan_table *shape,
                               const char *const *names, size_t count, rowan__layout **out,
                               rowan_error *error)
{
    rowan__layout *layout = rowan__new(allocator, 1, layout_size(count, shape && !shape->name));
    rowan_status status = ROWAN_OK;

    *out = NULL;
    if (!layout) {
        return rowan__fail_nomem(error);
    }
    layout->shape = shape;
    layout->count = count;
    if (shape) {
        layout->is_unnamed = shape->name == NULL;
        layout->row_size = shape->row_size;
        layout->row_align = shape->row_align;
        status = fill_by_name(layout, names, error);
    } else {
        layout->row_size = count * sizeof(rowan_value);
        layout->row_align = _Alignof(rowan_value);
        fill_dynamic(layout, names);
    }
    if (status != ROWAN_OK) {
        rowan__layout_free(allocator, layout);
        return status;
    }
    *out = layout;
    return ROWAN_OK;
}

void rowan__layout_free(const rowan_allocator *allocator, rowan__layout *layout)
{
    if (layout) {
        rowan__free(allocator, layout, 1, layout_size(layout->count, layout->is_unnamed));
    }
}

bool rowan__layout_has_names(const rowan__layout *layout, const rowan_table *shape)
{
    const rowan__cell *end = layout->cells + layout->count;
    const rowan_column *column = shape->columns;

    for (const rowan__cell *cell = layout->cells; cell < end; cell++, column++) {
        if (strcmp(column->name, cell->name) != 0) {
            return false;
        }
    }
    return true;
}

bool rowan__layout_describes(const rowan__layout *layout, const rowan_table *shape)
{
    return layout->described && layout->row_size == shape->row_size &&
           layout->count <= shape->column_count &&
           memcmp(layout->described, shape->columns, layout->count * sizeof *shape->columns) == 0 &&
           rowan__layout_has_names(layout, shape);
}
