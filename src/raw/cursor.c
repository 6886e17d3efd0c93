/*
 * Cursors: a stream of rows whose columns are known at run time only, each an array of
 * rowan_value. The getters are strict, so that a program which reads the wrong column learns it
 * at once.
 *
 * PostgreSQL alone has truth values of their own in an expression; elsewhere `a = b` is the
 * integer 0 or 1. So that the same program runs on all engines, rowan_cursor_bool() takes these
 * two integers.
 */
#include "base/alloc.h"
#include "raw/raw_private.h"

struct rowan_cursor {
    rowan_scope *scope;
    rowan_stream *stream;
    const rowan_value *row; /* the present one; NULL before the first and after the last */
    size_t column_count;
    uint64_t columns_read; /* bit by bit, of the first 64 */
    uint64_t *note;        /* the same, for getters of a constant cursor */
};

rowan_status(rowan_raw_open)(rowan_scope *scope, const char *sql, rowan_params params,
                             rowan_cursor **out)
{
    rowan_cursor *cursor;
    rowan_status status;

    if (out != NULL) {
        *out = NULL;
    }
    if (scope == NULL || out == NULL) {
        return rowan__refuse_null(scope, "the place for the cursor");
    }
    cursor = rowan__new(rowan__scope_allocator(scope), 1, sizeof *cursor);
    if (cursor == NULL) {
        return rowan__scope_nomem(scope);
    }
    cursor->scope = scope;
    status = rowan__raw_stream(scope, sql, params, NULL, &cursor->stream);
    if (status != ROWAN_OK) {
        rowan__free(rowan__scope_allocator(scope), cursor, 1, sizeof *cursor);
        return status;
    }
    rowan__stream_adopt(cursor->stream, cursor, sizeof *cursor);
    cursor->column_count = rowan__stream_column_count(cursor->stream);
    cursor->note = &cursor->columns_read;
    rowan__stream_note_columns(cursor->stream, cursor->note);
    *out = cursor;
    return ROWAN_OK;
}

rowan_status rowan_cursor_next(rowan_cursor *cursor)
{
    void *row = NULL;
    rowan_status status;

    if (cursor == NULL) {
        return ROWAN_MISUSE;
    }
    status = rowan_stream_next(cursor->stream, &row);
    cursor->row = status == ROWAN_OK ? row : NULL;
    return status;
}

void rowan_cursor_close(rowan_cursor *cursor)
{
    if (cursor != NULL) {
        rowan_stream_close(cursor->stream); /* frees the cursor too */
    }
}

size_t rowan_cursor_column_count(const rowan_cursor *cursor)
{
    return cursor != NULL ? cursor->column_count : 0;
}

const char *rowan_cursor_column_name(const rowan_cursor *cursor, size_t column)
{
    return column < rowan_cursor_column_count(cursor)
               ? rowan__stream_column_name(cursor->stream, column)
               : NULL;
}

const rowan_value *rowan_cursor_value(const rowan_cursor *cursor, size_t column)
{
    if (cursor == NULL || cursor->row == NULL || column >= cursor->column_count) {
        return NULL;
    }
    *cursor->note |= column < 64 ? (uint64_t)1 << column : 0;
    return &cursor->row[column];
}

static const char *type_name(rowan_type type)
{
    static const char *const names[] = {
        [ROWAN_TYPE_BOOL] = "a bool",       [ROWAN_TYPE_INT16] = "an integer",
        [ROWAN_TYPE_INT32] = "an integer",  [ROWAN_TYPE_INT64] = "an integer",
        [ROWAN_TYPE_FLOAT] = "a float",     [ROWAN_TYPE_DOUBLE] = "a double",
        [ROWAN_TYPE_DECIMAL] = "a decimal", [ROWAN_TYPE_TEXT] = "text",
        [ROWAN_TYPE_BLOB] = "a blob",       [ROWAN_TYPE_DATE] = "a date",
        [ROWAN_TYPE_TIME] = "a time",       [ROWAN_TYPE_TIMESTAMP] = "a timestamp",
        [ROWAN_TYPE_UUID] = "a uuid",       [ROWAN_TYPE_JSON] = "JSON",
        [ROWAN_TYPE_ENUM] = "an enum",      [ROWAN_TYPE_LIST] = "a list",
    };

    return type > 0 && type <= ROWAN_TYPE_LIST ? names[type] : "of no known type";
}

/** The value of a column that is there and not NULL, for a place to put it. */
static rowan_status strict(rowan_cursor *cursor, size_t column, const void *place,
                           const rowan_value **out)
{
    const rowan_value *value = rowan_cursor_value(cursor, column);

    if (cursor == NULL || place == NULL) {
        return rowan__refuse_null(cursor != NULL ? cursor->scope : NULL, "the place for the value");
    }
    if (cursor->row == NULL) {
        return rowan__scope_fail(cursor->scope, ROWAN_MISUSE,
                                 "the cursor is at no row: call rowan_cursor_next() first");
    }
    if (value == NULL) {
        return rowan__scope_fail(cursor->scope, ROWAN_MISUSE,
                                 "there is no column %zu: the result has %zu, counted from 0",
                                 column, cursor->column_count);
    }
    if (value->is_null) {
        return rowan__scope_fail(cursor->scope, ROWAN_NOT_NULL,
                                 "column %zu, %.80s, is NULL in this row", column,
                                 rowan_cursor_column_name(cursor, column));
    }
    *out = value;
    return ROWAN_OK;
}

static rowan_status wrong_type(rowan_cursor *cursor, size_t column, const rowan_value *value,
                               const char *wanted)
{
    return rowan__scope_fail(cursor->scope, ROWAN_WRONG_TYPE, "column %zu, %.80s, is %s and not %s",
                             column, rowan_cursor_column_name(cursor, column),
                             type_name(value->type), wanted);
}

static bool is_integer(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_INT16 || value->type == ROWAN_TYPE_INT32 ||
           value->type == ROWAN_TYPE_INT64;
}

static bool is_text(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_TEXT || value->type == ROWAN_TYPE_DECIMAL ||
           value->type == ROWAN_TYPE_JSON;
}

rowan_status rowan_cursor_bool(rowan_cursor *cursor, size_t column, bool *out)
{
    const rowan_value *value = NULL;
    rowan_status status = strict(cursor, column, out, &value);

    if (out != NULL) {
        *out = false;
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (value->type == ROWAN_TYPE_BOOL) {
        *out = value->as.boolean;
        return ROWAN_OK;
    }
    if (is_integer(value) && (value->as.integer == 0 || value->as.integer == 1)) {
        *out = value->as.integer == 1;
        return ROWAN_OK;
    }
    return wrong_type(cursor, column, value, "a bool");
}

rowan_status rowan_cursor_int64(rowan_cursor *cursor, size_t column, int64_t *out)
{
    const rowan_value *value = NULL;
    rowan_status status = strict(cursor, column, out, &value);

    if (out != NULL) {
        *out = 0;
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (!is_integer(value)) {
        return wrong_type(cursor, column, value, "an integer");
    }
    *out = value->as.integer;
    return ROWAN_OK;
}

rowan_status rowan_cursor_double(rowan_cursor *cursor, size_t column, double *out)
{
    const rowan_value *value = NULL;
    rowan_status status = strict(cursor, column, out, &value);

    if (out != NULL) {
        *out = 0;
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (value->type != ROWAN_TYPE_FLOAT && value->type != ROWAN_TYPE_DOUBLE) {
        return wrong_type(cursor, column, value, "a double");
    }
    *out = value->as.real;
    return ROWAN_OK;
}

rowan_status rowan_cursor_text(rowan_cursor *cursor, size_t column, const char **out)
{
    const rowan_value *value = NULL;
    rowan_status status = strict(cursor, column, out, &value);

    if (out != NULL) {
        *out = NULL;
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (!is_text(value)) {
        return wrong_type(cursor, column, value, "text");
    }
    *out = value->as.bytes.data; /* drivers put a NUL behind the text of a dynamic row */
    return ROWAN_OK;
}

rowan_status rowan_cursor_blob(rowan_cursor *cursor, size_t column, rowan_blob *out)
{
    const rowan_value *value = NULL;
    rowan_status status = strict(cursor, column, out, &value);

    if (out != NULL) {
        *out = (rowan_blob){0};
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (value->type != ROWAN_TYPE_BLOB) {
        return wrong_type(cursor, column, value, "a blob");
    }
    *out = value->as.bytes;
    return ROWAN_OK;
}

int64_t rowan_cursor_int64_or(rowan_cursor *cursor, size_t column, int64_t otherwise)
{
    const rowan_value *value = rowan_cursor_value(cursor, column);

    return value != NULL && !value->is_null && is_integer(value) ? value->as.integer : otherwise;
}

const char *rowan_cursor_text_or(rowan_cursor *cursor, size_t column, const char *otherwise)
{
    const rowan_value *value = rowan_cursor_value(cursor, column);

    return value != NULL && !value->is_null && is_text(value) ? value->as.bytes.data : otherwise;
}
