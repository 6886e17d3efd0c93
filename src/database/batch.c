/* Reading a batch of rows through its layout: for subscribers of events. */
#include "database/database_private.h"

size_t rowan_batch_row_count(const rowan_batch *batch)
{
    return batch->count;
}

size_t rowan_batch_column_count(const rowan_batch *batch)
{
    return batch->layout->count;
}

const char *rowan_batch_column_name(const rowan_batch *batch, size_t column)
{
    return column < batch->layout->count ? batch->layout->cells[column].name : NULL;
}

rowan_value rowan_batch_value(const rowan_batch *batch, size_t row, size_t column)
{
    const rowan__layout *layout = batch->layout;

    if (row >= batch->count || column >= layout->count) {
        return rowan_v_null();
    }
    const rowan__cell *cell = &layout->cells[column];
    const char *at = batch->rows + row * layout->row_size;
    if (!layout->shape) {
        return *(const rowan_value *)(const void *)(at + cell->offset);
    }
    rowan_column member = {
        .type = cell->type,
        .flags = cell->nullable ? ROWAN_NULLABLE : 0,
        .offset = cell->offset,
        .value_offset = cell->value_offset,
    };
    rowan_value value = rowan_column_value(&member, at);
    bool has_label = cell->type == ROWAN_TYPE_ENUM && !value.is_null && cell->enumeration &&
                     (uint64_t)value.as.integer < cell->enumeration->count;
    return has_label ? rowan_v_text(cell->enumeration->labels[value.as.integer]) : value;
}
