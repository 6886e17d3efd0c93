/*
 * Many rows at once. There is no text for a program to write: how an engine takes very many rows is
 * what its dialect knows, so the statement is made from the table.
 */
#include "raw/raw_private.h"

#include <string.h>

#include "sql/sql.h"

static rowan_status check(rowan_scope *scope, const rowan_table *table, const void *rows,
                          size_t count)
{
    if (scope != NULL && table != NULL && table->name == NULL) {
        return rowan__scope_fail(
            scope, ROWAN_MISUSE,
            "rows are inserted into tables, and this is the shape of a result");
    }
    return scope != NULL && table != NULL && (rows != NULL || count == 0)
               ? ROWAN_OK
               : rowan__scope_fail(scope, ROWAN_MISUSE, "the table or its rows are NULL");
}

rowan_status(rowan_raw_insert_all)(rowan_scope *scope, const rowan_table *table, const void *rows,
                                   size_t count, uint64_t *affected)
{
    rowan__result result;
    rowan_status status = check(scope, table, rows, count);

    if (affected != NULL) {
        *affected = 0;
    }
    if (status == ROWAN_OK && count > 0) {
        status = rowan__insert_structs(scope, ROWAN_PATTERN_RAW, table, rows, count, &result);
        if (status == ROWAN_OK && affected != NULL) {
            *affected = result.affected;
        }
    }
    return status;
}

rowan_status(rowan_raw_insert_keys)(rowan_scope *scope, const rowan_table *table, const void *rows,
                                    size_t count, int64_t *keys)
{
    const rowan__intent intent = {.pattern = ROWAN_PATTERN_RAW};
    const rowan_insert insert = {.into = table, .rows = rows, .row_count = count};
    rowan_status status = check(scope, table, rows, count);

    if (keys == NULL && count > 0) {
        return rowan__refuse_null(scope, "the place for the keys");
    }
    if (status != ROWAN_OK || count == 0) {
        if (count > 0) {
            memset(keys, 0, count * sizeof *keys);
        }
        return status;
    }
    return rowan__insert_for_keys(scope, intent, &insert, keys);
}
