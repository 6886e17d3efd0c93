/*
 * Rows from the engine into structs: the inner loop of every query.
 *
 * Each value is looked up once, as what it is stored as, so SQLite converts nothing. What a column
 * nearly always holds is stored here, in the same way as by the sink's puts; all else goes by way
 * of them.
 */
#include "driver/sqlite/sqlite_private.h"

#include <assert.h>

#include "base/clock.h"

int rowan__sqlite_step_timed(sqlite3_stmt *stmt, rowan__operation *operation)
{
    int64_t start_ns = rowan__now_ns();
    int code = sqlite3_step(stmt);

    operation->database_ns += rowan__now_ns() - start_ns;
    return code;
}

/* Where the value goes. An optional member says that there is one; in any other the value itself
 * comes over that. */
static inline void *place(const rowan__cell *cell, char *row)
{
    *(bool *)(row + cell->offset) = true;
    return row + cell->value_offset;
}

/* A text into its member. False: it has a NUL inside, or memory ran out. */
static inline bool take_text(sqlite3_value *value, rowan__sink *sink, const rowan__cell *cell,
                             char *row)
{
    const char *text = (const char *)sqlite3_value_text(value);
    size_t size = (size_t)sqlite3_value_bytes(value);

    text = text ? rowan__sink_text(sink, text, size) : NULL;
    if (!text) {
        return false;
    }
    *(const char **)place(cell, row) = text;
    sink->bytes += size;
    return true;
}

/* An integer into a member of 32 bits. False: it does not fit. */
static inline bool take_int32(sqlite3_value *value, rowan__sink *sink, const rowan__cell *cell,
                              char *row)
{
    sqlite3_int64 integer = sqlite3_value_int64(value);

    if (integer != (int32_t)integer) {
        return false;
    }
    *(int32_t *)place(cell, row) = (int32_t)integer;
    sink->bytes += sizeof integer;
    return true;
}

/* One value that its member nearly always gets. @return whether it was one */
static inline bool read_common(sqlite3_value *value, int storage, rowan__sink *sink,
                               const rowan__cell *cell, char *row)
{
    if (storage != cell->reader) {
        if (storage == SQLITE_NULL) {
            return cell->nullable && cell->reader != ROWAN__SQLITE_DYNAMIC;
        }
        return storage == SQLITE_INTEGER && cell->reader == ROWAN__SQLITE_INT32 &&
               take_int32(value, sink, cell, row);
    }
    if (storage == SQLITE_TEXT) {
        return take_text(value, sink, cell, row);
    }
    if (storage == SQLITE_INTEGER) {
        *(int64_t *)place(cell, row) = sqlite3_value_int64(value);
    } else {
        *(double *)place(cell, row) = sqlite3_value_double(value);
    }
    sink->bytes += sizeof(int64_t);
    return true;
}

/* Whether all values are where they were when they were looked up: for builds that check. */
static inline bool are_in_place(const rowan__sqlite_prepared *prepared)
{
    for (size_t i = 0; i < prepared->base.column_count; i++) {
        if (prepared->values[i] != sqlite3_column_value(prepared->stmt, (int)i)) {
            return false;
        }
    }
    return true;
}

/* The values of the present row. They are registers of the statement's machine, side by side: where
 * the first is where it was in the row before, be that of an earlier run, so are the others. */
static inline sqlite3_value **values_of(rowan__sqlite_prepared *prepared)
{
    sqlite3_value **values = prepared->values;
    sqlite3_value *first = sqlite3_column_value(prepared->stmt, 0);

    if (values[0] != first) {
        values[0] = first;
        for (size_t i = 1; i < prepared->base.column_count; i++) {
            values[i] = sqlite3_column_value(prepared->stmt, (int)i);
        }
    }
    assert(are_in_place(prepared));
    return values;
}

static inline rowan_status read_row(rowan__sqlite_prepared *prepared, rowan__sink *sink, char *row,
                                    const rowan__cell *end)
{
    sqlite3_value **values = values_of(prepared);

    for (const rowan__cell *cell = sink->layout->cells; cell < end; cell++, values++) {
        int storage = sqlite3_value_type(*values);
        if (read_common(*values, storage, sink, cell, row)) {
            continue;
        }
        rowan_status status = rowan__sqlite_read_any(*values, storage, sink, cell, row);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    sink->count++;
    return ROWAN_OK;
}

static inline rowan_status read_rows(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                                     size_t max, int *code)
{
    rowan__sink *sink = operation->sink;
    const rowan__cell *end = sink->layout->cells + sink->layout->count;

    for (;;) {
        char *row = rowan__sink_row(sink);
        rowan_status status = row ? read_row(prepared, sink, row, end) : ROWAN_NOMEM;
        if (status != ROWAN_OK || --max == 0) {
            return status;
        }
        int next = rowan__sqlite_step(prepared->stmt, operation);
        if (next != SQLITE_ROW) {
            *code = next;
            return ROWAN_OK;
        }
    }
}

rowan_status rowan__sqlite_read_rows(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                                     size_t max, int *code)
{
    rowan__sink *sink = operation->sink;

    *code = SQLITE_ROW;
    if (!sink) {
        while (max-- > 0 && *code == SQLITE_ROW) {
            *code = rowan__sqlite_step(prepared->stmt, operation);
        }
        return ROWAN_OK;
    }
    size_t rows_before = sink->count;
    sink->error = &operation->error;
    rowan_status status = read_rows(prepared, operation, max, code);
    operation->rows += sink->count - rows_before;
    operation->bytes_received = sink->bytes;
    return status;
}
