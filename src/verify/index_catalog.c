/* Tables while their catalogue is read: lists grow in the laboratory's arena. */
#include <stddef.h>
#include <string.h>

#include "verify/index_private.h"

/* Room for one more; what was there is copied. NULL: out of memory. */
static void *grown(rowan__arena *arena, void *list, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity > 0 ? 2 * *capacity : 8;
    void *moved;

    if (count < *capacity) {
        return list;
    }
    moved = rowan__arena_new(arena, wanted, size, _Alignof(max_align_t));
    if (moved != NULL && count > 0) {
        memcpy(moved, list, count * size);
    }
    *capacity = moved != NULL ? wanted : *capacity;
    return moved;
}

rowan__index_table *rowan__index_new_table(rowan__index_lab *lab, const char *schema,
                                           const char *name, double rows)
{
    rowan__index_table *table =
        rowan__arena_new(lab->arena, 1, sizeof *table, _Alignof(rowan__index_table));
    rowan__text text;

    if (table == NULL || name == NULL) {
        return NULL;
    }
    rowan__text_init(&text, lab->arena->allocator);
    if (schema != NULL) {
        rowan__index_quote(&text, lab->methods->quote, schema);
        rowan__text_char(&text, '.');
    }
    rowan__index_quote(&text, lab->methods->quote, name);
    table->target = rowan__index_keep(lab, &text);
    table->schema = schema;
    table->name = name;
    table->rows = rows;
    return table->target != NULL ? table : NULL;
}

rowan_status rowan__index_add_column(rowan__index_lab *lab, rowan__index_table *table,
                                     const rowan__index_column *column)
{
    rowan__index_column *columns = grown(lab->arena, table->columns, &table->column_capacity,
                                         table->column_count, sizeof *columns);

    if (columns == NULL || column->name == NULL) {
        return ROWAN_NOMEM;
    }
    table->columns = columns;
    columns[table->column_count] = *column;
    columns[table->column_count++].length = column->length != NULL ? column->length : "";
    return ROWAN_OK;
}

rowan_status rowan__index_add_key(rowan__index_lab *lab, rowan__index_table *table, size_t index,
                                  const char *key, bool is_partial)
{
    rowan__index_existing *indexes = grown(lab->arena, table->indexes, &table->index_capacity,
                                           table->index_count, sizeof *indexes);
    rowan__index_existing *last;

    if (indexes == NULL) {
        return ROWAN_NOMEM;
    }
    table->indexes = indexes;
    if (table->index_count == 0 || indexes[table->index_count - 1].number != index) {
        indexes[table->index_count++] =
            (rowan__index_existing){.number = index, .is_partial = is_partial};
    }
    last = &indexes[table->index_count - 1];
    if (last->key_count < sizeof last->keys / sizeof last->keys[0]) {
        last->keys[last->key_count++] = key;
    }
    return ROWAN_OK;
}
