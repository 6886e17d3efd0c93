/*
 * Rows to be inserted: which columns are written, and whether each cell is written as it is in its
 * struct, so that a driver can take it from there.
 *
 * A generated column is left out if no row has a value for it. If some have one and some do not,
 * those that do not ask for it cell by cell, which structs cannot do, nor can a decimal that is
 * stored with other digits than it has. A version that is 0 is written as 1, in a copy of the rows.
 */
#include <string.h>

#include "base/alloc.h"
#include "sql/sql_private.h"

bool rowan__is_absent(const rowan_value *value)
{
    static const rowan_uuid nil = {{0}};

    if (value->is_null) {
        return true;
    }
    switch (value->type) {
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        return value->as.integer == 0;
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_JSON:
        return value->as.bytes.size == 0;
    case ROWAN_TYPE_UUID:
        return memcmp(&value->as.uuid, &nil, sizeof nil) == 0;
    case ROWAN_TYPE_TIMESTAMP:
        return value->as.timestamp.us == 0;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return !(value->as.real < 0 || value->as.real > 0);
    case ROWAN_TYPE_DATE:
        return value->as.date.days == 0;
    case ROWAN_TYPE_BOOL:
        return !value->as.boolean;
    case ROWAN_TYPE_TIME:
        return value->as.time.us == 0;
    case ROWAN_TYPE_LIST:
        break;
    }
    return false;
}

static const char *row_at(const rowan__insertion *in, size_t index)
{
    return rowan__structs_row(&in->rows, index);
}

/* Whether a nullable member is NULL; the others are not, whatever their text points to. */
static inline bool is_null(const rowan_column *column, const char *row)
{
    return (column->flags & ROWAN_NULLABLE) != 0 && !*(const bool *)(row + column->offset);
}

/* Integers that are 0, as nearly every generated key is. */
static size_t count_zeros(const rowan__structs *rows, size_t offset)
{
    const char *at = rows->rows + offset;
    size_t count = rows->count, stride = rows->stride, zeros = 0;

    if (rows->at) {
        for (size_t i = 0; i < count; i++) {
            zeros += *(const int64_t *)(const void *)((const char *)rows->at[i] + offset) == 0;
        }
        return zeros;
    }
    for (size_t i = 0; i < count; i++, at += stride) {
        zeros += *(const int64_t *)(const void *)at == 0;
    }
    return zeros;
}

size_t rowan__count_absent(const rowan__structs *rows, const rowan_column *column)
{
    size_t absent = 0;

    if (column->type == ROWAN_TYPE_INT64 && (column->flags & ROWAN_NULLABLE) == 0) {
        return count_zeros(rows, column->offset);
    }
    for (size_t i = 0; i < rows->count; i++) {
        rowan_value value = rowan_column_value(column, rowan__structs_row(rows, i));
        absent += rowan__is_absent(&value);
    }
    return absent;
}

/* --- Columns. --- */

/* The columns that the program named, and the version. */
static size_t take_named_columns(rowan__insertion *in, const rowan_column **out)
{
    const rowan_insert *insert = in->insert;
    bool has_version = false;
    size_t count = 0;

    for (size_t i = 0; i < insert->column_count; i++) {
        const rowan_column *column = insert->columns[i];
        has_version = has_version || column == insert->into->version;
        if ((column->flags & ROWAN_GENERATED) != 0 && column->table == insert->into) {
            in->is_plain = in->is_plain && rowan__count_absent(&in->rows, column) == 0;
        }
        out[count++] = column;
    }
    if (insert->into->version && !has_version) {
        out[count++] = insert->into->version;
    }
    return count;
}

static size_t take_all_columns(rowan__insertion *in, const rowan_column **out)
{
    const rowan_table *table = in->insert->into;
    size_t count = 0;

    for (size_t i = 0; i < table->column_count; i++) {
        const rowan_column *column = &table->columns[i];
        size_t absent =
            (column->flags & ROWAN_GENERATED) != 0 ? rowan__count_absent(&in->rows, column) : 0;
        if (absent == 0 || absent < in->rows.count) {
            in->is_plain = in->is_plain && absent == 0;
            out[count++] = column;
        }
    }
    return count;
}

static rowan_status take_columns(rowan_scope *scope, rowan__insertion *in)
{
    const rowan_insert *insert = in->insert;
    size_t most = insert->columns ? insert->column_count + 1 : insert->into->column_count;
    const rowan_column **columns = rowan__arena_alloc(
        rowan__scope_arena(scope), (most + 1) * sizeof *columns, _Alignof(const rowan_column *));

    if (!columns) {
        return rowan__scope_nomem(scope);
    }
    for (size_t i = 0; insert->columns && i < insert->column_count; i++) {
        if (!insert->columns[i]) {
            return rowan__refuse_null(scope, "one of the columns that are written");
        }
    }
    in->rows.columns = columns;
    in->rows.column_count =
        insert->columns ? take_named_columns(in, columns) : take_all_columns(in, columns);
    return ROWAN_OK;
}

/* --- The version. --- */

static bool has_version(const rowan__insertion *in)
{
    const rowan_column *version = in->insert->into->version;

    for (size_t i = 0; version && i < in->rows.column_count; i++) {
        if (in->rows.columns[i] == version) {
            return true;
        }
    }
    return false;
}

static void set_version(const rowan_column *version, char *row)
{
    char *member = row + version->value_offset;

    if (is_null(version, row)) {
        return;
    }
    if (version->type == ROWAN_TYPE_INT16 && *(int16_t *)(void *)member == 0) {
        *(int16_t *)(void *)member = 1;
    } else if (version->type == ROWAN_TYPE_INT32 && *(int32_t *)(void *)member == 0) {
        *(int32_t *)(void *)member = 1;
    } else if (version->type == ROWAN_TYPE_INT64 && *(int64_t *)(void *)member == 0) {
        *(int64_t *)(void *)member = 1;
    }
}

/* Copies rows some of which have no version yet. */
static rowan_status copy_unversioned(rowan_scope *scope, rowan__insertion *in)
{
    const rowan_column *version = in->insert->into->version;
    size_t size = in->insert->into->row_size;

    if (!has_version(in) || rowan__count_absent(&in->rows, version) == 0) {
        return ROWAN_OK;
    }
    in->copies = rowan__new(rowan__scope_allocator(scope), in->rows.count, size);
    if (!in->copies) {
        return rowan__scope_nomem(scope);
    }
    for (size_t i = 0; i < in->rows.count; i++) {
        memcpy(in->copies + i * size, row_at(in, i), size);
        set_version(version, in->copies + i * size);
    }
    in->rows.rows = in->copies;
    in->rows.stride = size;
    in->rows.at = NULL;
    return ROWAN_OK;
}

/* --- Whether what is in the structs fits. --- */

bool rowan__is_written_as_is(const rowan_column *column)
{
    switch (column->type) {
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_TEXT:
        return true;
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_LIST:
        break;
    }
    return false;
}

/* Looks at every cell of a column; a value that is stored otherwise than it is makes none plain. */
static rowan_status check_cells(rowan_scope *scope, const rowan__structs *rows,
                                const rowan_column *column, bool *is_plain)
{
    for (size_t i = 0; i < rows->count; i++) {
        rowan_value value = rowan_column_value(column, rowan__structs_row(rows, i)), stored;
        rowan_status status = rowan__stored_value(scope, column, value, &stored);
        if (status != ROWAN_OK) {
            return status;
        }
        if (!value.is_null && value.type == ROWAN_TYPE_DECIMAL &&
            value.as.bytes.data != stored.as.bytes.data) {
            *is_plain = false;
            return ROWAN_OK;
        }
    }
    return ROWAN_OK;
}

rowan_status rowan__check_plain(rowan_scope *scope, const rowan__structs *rows,
                                const rowan_column *column, bool *is_plain)
{
    if (rowan__is_written_as_is(column)) {
        return ROWAN_OK;
    }
    *is_plain = *is_plain && column->type != ROWAN_TYPE_LIST &&
                (column->type != ROWAN_TYPE_ENUM || column->enumeration);
    return column->type == ROWAN_TYPE_LIST ? ROWAN_OK : check_cells(scope, rows, column, is_plain);
}

static rowan_status check_columns(rowan_scope *scope, rowan__insertion *in)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < in->rows.column_count && in->is_plain && status == ROWAN_OK; i++) {
        status = in->rows.columns[i]->table == in->insert->into
                     ? rowan__check_plain(scope, &in->rows, in->rows.columns[i], &in->is_plain)
                     : ROWAN_OK; /* the renderer refuses it */
    }
    return status;
}

rowan_status rowan__insertion_begin(rowan_scope *scope, const rowan_insert *insert,
                                    const void *const *at, rowan__insertion *out)
{
    rowan_status status;

    *out = (rowan__insertion){
        .insert = insert,
        .returns = insert->returning ? ROWAN__RETURN_ROWS : ROWAN__RETURN_NOTHING,
        .rows = {.rows = insert->rows, .at = at, .count = insert->row_count},
        .is_plain = true,
    };
    if (!insert->into || !insert->into->name) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "a statement that writes needs a table, not a shape");
    }
    out->rows.stride = insert->into->row_size;
    status = take_columns(scope, out);
    if (status == ROWAN_OK) {
        status = copy_unversioned(scope, out);
    }
    out->is_plain = out->is_plain && out->rows.column_count > 0;
    return status == ROWAN_OK ? check_columns(scope, out) : status;
}

void rowan__insertion_end(rowan_scope *scope, rowan__insertion *in)
{
    rowan__free(rowan__scope_allocator(scope), in->copies, in->rows.count,
                in->insert->into ? in->insert->into->row_size : 0);
}
