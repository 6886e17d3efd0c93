/*
 * Inserts: of structs, of one row by assignments, of a query's rows.
 *
 * A generated column is left out if no row has a value for it. If some have one and some do not,
 * those that do not ask for it cell by cell, where the engine has a way to. A version that is 0 is
 * written as 1.
 */
#include <stdio.h>
#include <string.h>

#include "sql/sql_private.h"

/* Whether a value of a generated column is none: the database is to make it. */
static bool is_absent(const rowan_value *value)
{
    static const rowan_uuid nil = {{0}};

    if (value->is_null) {
        return true;
    }
    switch (value->type) {
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
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
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        return false;
    }
    return false;
}

static const void *row_at(const rowan_insert *insert, size_t index)
{
    return (const char *)insert->rows + index * insert->into->row_size;
}

static bool is_absent_everywhere(const rowan_insert *insert, const rowan_column *column)
{
    for (size_t i = 0; i < insert->row_count; i++) {
        rowan_value value = rowan_column_value(column, row_at(insert, i));
        if (!is_absent(&value)) {
            return false;
        }
    }
    return true;
}

/* The columns that the program named, and the version. */
static void take_named_columns(const rowan_insert *insert, rowan__row_columns *out)
{
    bool has_version = false;

    for (size_t i = 0; i < insert->column_count; i++) {
        has_version = has_version || insert->columns[i] == insert->into->version;
        out->at[out->count++] = insert->columns[i];
    }
    if (insert->into->version && !has_version) {
        out->at[out->count++] = insert->into->version;
    }
}

static void take_all_columns(const rowan_insert *insert, rowan__row_columns *out)
{
    for (size_t i = 0; i < insert->into->column_count; i++) {
        const rowan_column *column = &insert->into->columns[i];
        if ((column->flags & ROWAN_GENERATED) == 0 || !is_absent_everywhere(insert, column)) {
            out->at[out->count++] = column;
        }
    }
}

rowan_status rowan__row_columns_of(rowan_scope *scope, const rowan_insert *insert,
                                   rowan__row_columns *out)
{
    size_t most;

    *out = (rowan__row_columns){.count = 0};
    if (!insert->into || !insert->into->name) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "a statement that writes needs a table, not a shape");
    }
    most = insert->columns ? insert->column_count + 1 : insert->into->column_count;
    out->at = rowan__arena_alloc(rowan__scope_arena(scope), (most + 1) * sizeof *out->at,
                                 _Alignof(const rowan_column *));
    if (!out->at) {
        return rowan__scope_nomem(scope);
    }
    if (insert->columns) {
        take_named_columns(insert, out);
    } else {
        take_all_columns(insert, out);
    }
    return ROWAN_OK;
}

/* --- Cells. --- */

/* A cell of a generated column that this row has no value for, though others have. */
static void write_generated_cell(rowan__renderer *r, const rowan_column *column)
{
    bool is_key = column->table->primary_count == 1 && column->table->primary[0] == column;
    rowan_value null = rowan_v_null();

    if (r->dialect->generated_takes_null && is_key) {
        null.type = column->type;
        rowan__write_param(r, &null);
    } else if ((r->dialect->capabilities & ROWAN__CAN_WRITE_DEFAULT_CELL) != 0) {
        rowan__write(r, "DEFAULT");
    } else {
        rowan__render_unsupported(r, "a generated value for some rows of an insert only");
    }
}

static void write_cell(rowan__renderer *r, const rowan_column *column, const void *row)
{
    rowan_value value = rowan_column_value(column, row);
    rowan_value stored;

    if ((column->flags & ROWAN_GENERATED) != 0 && is_absent(&value)) {
        write_generated_cell(r, column);
        return;
    }
    if (column == column->table->version && !value.is_null && value.as.integer == 0) {
        value.as.integer = 1;
    }
    r->status = rowan__stored_value(r->scope, column, value, &stored);
    rowan__write_param(r, &stored);
}

static void write_rows(rowan__renderer *r, const rowan_insert *insert,
                       const rowan__row_columns *columns)
{
    rowan__write(r, " VALUES ");
    for (size_t i = 0; i < insert->row_count && r->status == ROWAN_OK; i++) {
        rowan__write(r, i == 0 ? "(" : ", (");
        for (size_t j = 0; j < columns->count && r->status == ROWAN_OK; j++) {
            rowan__write(r, j == 0 ? "" : ", ");
            write_cell(r, columns->at[j], row_at(insert, i));
        }
        rowan__write(r, ")");
    }
}

/* --- Whole statements. --- */

static void write_head(rowan__renderer *r, const rowan_insert *insert,
                       const rowan__row_columns *columns)
{
    rowan__write(r, "INSERT INTO ");
    rowan__write_name(r, insert->into->name);
    for (size_t i = 0; i < columns->count && r->status == ROWAN_OK; i++) {
        rowan__check_written(r, insert->into, columns->at[i]);
        rowan__write(r, i == 0 ? " (" : ", ");
        rowan__write_name(r, columns->at[i]->name);
    }
    rowan__write(r, columns->count > 0 ? ")" : "");
}

static void write_tail(rowan__renderer *r, const rowan_insert *insert,
                       const rowan__row_columns *columns)
{
    rowan__names names;
    rowan__source source;

    if (insert->on_conflict != ROWAN_CONFLICT_FAIL) {
        rowan__names_of_target(r, insert->into, &names, &source);
        r->inserted = insert->into;
        rowan__write_conflict(r, insert, columns);
        r->inserted = NULL;
        r->names = NULL;
    }
    if (insert->returning) {
        rowan__write_returning(r, insert->into, ROWAN__CAN_RETURN_INSERTED);
    }
}

/* A row of nothing but defaults; such a row cannot say what to do on a conflict. */
static void write_empty_row(rowan__renderer *r, const rowan_insert *insert, size_t row_count)
{
    if (row_count != 1 || insert->on_conflict != ROWAN_CONFLICT_FAIL) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "rows without any value are inserted one at a time, without upsert");
        return;
    }
    rowan__write(r, r->dialect->empty_row);
}

rowan_status rowan__render_rows(rowan_scope *scope, const rowan_insert *insert,
                                const rowan__row_columns *columns, rowan__rendered *out)
{
    rowan__renderer r;

    rowan__render_begin(&r, scope);
    write_head(&r, insert, columns);
    if (columns->count == 0) {
        write_empty_row(&r, insert, insert->row_count);
    } else {
        write_rows(&r, insert, columns);
    }
    write_tail(&r, insert, columns);
    return rowan__render_end(&r, out);
}

/* The columns of an insert by assignments or of a query's rows. */
static rowan_status listed_columns(rowan_scope *scope, const rowan_insert *insert,
                                   rowan__row_columns *out)
{
    size_t count = insert->column_count;

    *out = (rowan__row_columns){.count = 0};
    if (insert->values) {
        for (count = 0; insert->values[count].column; count++) {
        }
    }
    out->at = rowan__arena_alloc(rowan__scope_arena(scope), (count + 1) * sizeof *out->at,
                                 _Alignof(const rowan_column *));
    if (!out->at) {
        return rowan__scope_nomem(scope);
    }
    for (size_t i = 0; i < count; i++) {
        out->at[out->count++] = insert->values ? insert->values[i].column : insert->columns[i];
    }
    return ROWAN_OK;
}

/* Adds the version, which the program did not list, to the columns. @return whether it did. */
static bool add_version(const rowan_insert *insert, rowan__row_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->at[i] == insert->into->version) {
            return false;
        }
    }
    if (!insert->into->version || columns->count == 0) {
        return false;
    }
    columns->at[columns->count++] = insert->into->version;
    return true;
}

static void write_values(rowan__renderer *r, const rowan_insert *insert, bool adds_version)
{
    rowan_assignment version = {insert->into->version, rowan_o_int64(1)};

    if (!insert->values[0].column) {
        write_empty_row(r, insert, 1);
        return;
    }
    rowan__write(r, " VALUES (");
    for (size_t i = 0; insert->values[i].column && r->status == ROWAN_OK; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        rowan__write_assigned(r, &insert->values[i]);
    }
    if (adds_version) {
        rowan__write(r, ", ");
        rowan__write_assigned(r, &version);
    }
    rowan__write(r, ")");
}

/* SQLite takes the ON of an upsert for that of a join unless the query ends in a WHERE. */
static void write_query_rows(rowan__renderer *r, const rowan_insert *insert)
{
    bool wrapped = insert->on_conflict != ROWAN_CONFLICT_FAIL;

    if (insert->column_count == 0) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "an insert of a query's rows needs `columns`, in the query's order");
        return;
    }
    rowan__write(r, wrapped ? " SELECT * FROM (" : " ");
    rowan__write_query(r, insert->query, wrapped ? ROWAN__ROLE_ROWS : ROWAN__ROLE_VALUES);
    if (wrapped) {
        rowan__write(r, ") AS ");
        rowan__write_name(r, "given");
        rowan__write(r, " WHERE TRUE");
    }
}

rowan_status rowan__render_insert(rowan_scope *scope, const rowan_insert *insert,
                                  rowan__rendered *out)
{
    rowan__renderer r;
    rowan__row_columns columns;
    rowan_status status;
    int forms = (insert->rows != NULL) + (insert->values != NULL) + (insert->query != NULL);
    bool adds_version;

    memset(out, 0, sizeof *out);
    if (forms != 1 || !insert->into || !insert->into->name) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "an insert needs a table and one of rows, values and query");
    }
    status = insert->rows ? rowan__row_columns_of(scope, insert, &columns)
                          : listed_columns(scope, insert, &columns);
    if (status != ROWAN_OK) {
        return status;
    }
    if (insert->rows) {
        return rowan__render_rows(scope, insert, &columns, out);
    }
    adds_version = insert->values && add_version(insert, &columns);
    rowan__render_begin(&r, scope);
    write_head(&r, insert, &columns);
    if (insert->values) {
        write_values(&r, insert, adds_version);
    } else {
        write_query_rows(&r, insert);
    }
    write_tail(&r, insert, &columns);
    return rowan__render_end(&r, out);
}
