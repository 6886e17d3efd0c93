/* One value of the rows that are lent to subscribers of events. */
#include "database/database_private.h"

rowan_value rowan_batch_value(const rowan_batch *batch, size_t row, size_t column)
{
    if (!batch || row >= batch->row_count || column >= batch->column_count) {
        return rowan_v_null();
    }
    const rowan_batch_column *cell = &batch->columns[column];
    const char *at = batch->rows + row * batch->row_size;
    if (batch->is_dynamic) {
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
