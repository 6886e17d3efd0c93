/*
 * Inserts of rows whose columns are known. Mostly a row is in the database as it was given, but for
 * the key that was made: then only that is asked for, and the row is put together here.
 */
#include <string.h>

#include "base/bytes.h"
#include "relation/write.h"

/* An insert of rows, which all leave the same generated columns to the database. */
static rowan_insert insert_of(const rowan__inserted *rows)
{
    return (rowan_insert){.into = rows->table,
                          .rows = rows->rows,
                          .row_count = rows->count,
                          .returning = rows->returning};
}

rowan_status rowan__write_inserts(rowan_scope *scope, rowan__intent intent,
                                  const rowan__inserted *rows, rowan__result *result)
{
    rowan_insert insert = insert_of(rows);
    rowan_status status = rowan__run_insert_rows(scope, intent, &insert, rows->at, result);

    if (status == ROWAN_OK && rows->returning && result->rows.count != rows->count) {
        status =
            rowan__scope_fail(scope, ROWAN_ENGINE, "an insert into %s gave %zu rows back, not %zu",
                              rows->table->name, result->rows.count, rows->count);
    }
    return status;
}

rowan_status rowan__write_keyed(rowan_scope *scope, rowan__intent intent,
                                const rowan__inserted *rows, int64_t **keys, bool *is_done)
{
    rowan_insert insert = insert_of(rows);

    insert.returning = false;
    return rowan__run_insert_keys(scope, intent, &insert, rows->at, keys, is_done);
}

/* Texts, which are most of what is kept, without a call for each. */
static bool keep_texts(rowan__arena *arena, const rowan_column *column, char *rows, size_t size,
                       size_t count)
{
    bool is_nullable = (column->flags & ROWAN_NULLABLE) != 0;

    for (size_t i = 0; i < count; i++, rows += size) {
        const char **text = (const char **)(void *)(rows + column->value_offset);
        if ((is_nullable && !*(const bool *)(rows + column->offset)) || *text == NULL) {
            continue;
        }
        size_t bytes = strlen(*text) + 1;
        char *copy = rowan__arena_alloc(arena, bytes, 1);
        if (copy == NULL) {
            return false;
        }
        *text = memcpy(copy, *text, bytes);
    }
    return true;
}

/* The texts of a column's members become the scope's. */
static bool keep_column(rowan__arena *arena, const rowan_column *column, char *rows, size_t size,
                        size_t count)
{
    switch (column->type) {
    case ROWAN_TYPE_TEXT:
        return keep_texts(arena, column, rows, size, count);
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
        for (size_t i = 0; i < count; i++) {
            if (!rowan__member_keep(arena, column, rows + i * size)) {
                return false;
            }
        }
        return true;
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return true;
}

rowan_status rowan__settle_inserted(rowan_scope *scope, const rowan_table *table,
                                    const int64_t *keys, void *rows, size_t count)
{
    size_t size = table->row_size;
    char *row = rows;

    for (size_t i = 0; i < table->column_count; i++) {
        if (!keep_column(rowan__scope_arena(scope), &table->columns[i], rows, size, count)) {
            return rowan__scope_nomem(scope);
        }
    }
    for (size_t i = 0; keys != NULL && i < count; i++) {
        memcpy(row + i * size + table->primary[0]->value_offset, &keys[i], sizeof keys[i]);
    }
    for (size_t i = 0; table->version != NULL && i < count; i++, row += size) {
        rowan_value version = rowan_column_value(table->version, row);
        if (!version.is_null && version.as.integer == 0) {
            rowan__member_set_integer(table->version, row, 1);
        }
    }
    return ROWAN_OK;
}

/* The rows as they are now in the database, as one block. */
static rowan_status give(rowan_scope *scope, const rowan__inserted *rows, const int64_t *keys,
                         rowan__result *result)
{
    const rowan_table *table = rows->table;
    size_t size = table->row_size;
    rowan__mask all = rowan__mask_all(table);
    char *copies =
        rowan__arena_alloc(rowan__scope_arena(scope), rows->count * size, table->row_align);

    if (copies == NULL) {
        return rowan__scope_nomem(scope);
    }
    if (rows->at == NULL) {
        rowan__bytes_copy(copies, rows->rows, rows->count * size);
    }
    for (size_t i = 0; rows->at != NULL && i < rows->count; i++) {
        memcpy(copies + i * size, rows->at[i], size);
    }
    rowan_status status = rowan__settle_inserted(scope, table, keys, copies, rows->count);
    if (status == ROWAN_OK) {
        status = rowan__block_new(scope, table, copies, rows->count, all.bits,
                                  rowan__scope_lazy(scope), &result->block);
    }
    result->rows =
        (rowan_rows){status == ROWAN_OK ? copies : NULL, status == ROWAN_OK ? rows->count : 0};
    return status;
}

rowan_status rowan__insert_records(rowan_scope *scope, rowan__intent intent,
                                   const rowan__inserted *rows, rowan__result *result)
{
    int64_t *keys;
    bool is_done = false;

    if (!rows->returning) {
        return rowan__write_inserts(scope, intent, rows, result);
    }
    rowan_status status = rowan__write_keyed(scope, intent, rows, &keys, &is_done);
    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return status;
    }
    return is_done ? give(scope, rows, keys, result)
                   : rowan__write_inserts(scope, intent, rows, result);
}
