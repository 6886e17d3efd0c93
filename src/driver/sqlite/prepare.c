/*
 * Preparing statements on SQLite.
 *
 * A statement is compiled anew by SQLite itself when the schema has changed, in the middle of the
 * first step. For one that only reads, its columns are compared afterwards, before any row is read.
 * One that writes and gives rows would have written by then, so it is prepared by the older call,
 * with which SQLite reports the change and does nothing.
 */
#include "driver/sqlite/sqlite_private.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/error.h"
#include "driver/reading.h"

static rowan__sqlite_prepared *as_sqlite(rowan__prepared *prepared)
{
    return (rowan__sqlite_prepared *)prepared;
}

/* Positions are told in characters from 1, SQLite counts bytes from 0. */
static void set_position(rowan_error *error, const char *sql, size_t offset)
{
    int position = 1;

    for (size_t i = 0; i < offset; i++) {
        position += ((unsigned char)sql[i + 1] & 0xC0) != 0x80;
    }
    error->position = position;
}

/* Behind the first statement there may be white space, comments and semicolons only. */
static rowan_status check_tail(const char *sql, size_t size, const char *tail, rowan_error *error)
{
    rowan__reading reading = rowan__dialect_reading(&rowan__sqlite_dialect);
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, &reading, tail, size - (size_t)(tail - sql));
    do {
        rowan__token_next(&reader, &token);
    } while (token.kind == ROWAN__TOKEN_SPACE || token.kind == ROWAN__TOKEN_COMMENT ||
             token.kind == ROWAN__TOKEN_SEMICOLON);
    if (token.kind == ROWAN__TOKEN_END) {
        return ROWAN_OK;
    }
    rowan__fail(error, ROWAN_SYNTAX,
                "the text holds more than one statement: send them one by one, or all with "
                "rowan_raw_script()");
    set_position(error, sql, (size_t)(tail - sql) + token.offset);
    return ROWAN_SYNTAX;
}

rowan_status rowan__sqlite_compile(rowan__sqlite_connection *connection, const char *sql,
                                   size_t size, bool keep, sqlite3_stmt **out, rowan_error *error)
{
    const char *tail = NULL;

    *out = NULL;
    if (size > INT_MAX) {
        return rowan__fail(error, ROWAN_OUT_OF_RANGE, "the statement is longer than SQLite allows");
    }
    int code = sqlite3_prepare_v3(connection->db, sql, (int)size,
                                  keep ? SQLITE_PREPARE_PERSISTENT : 0, out, &tail);
    if (code == SQLITE_OK && *out && keep && sqlite3_column_count(*out) > 0 &&
        !sqlite3_stmt_readonly(*out)) {
        sqlite3_finalize(*out);
        code = sqlite3_prepare(connection->db, sql, (int)size, out, &tail);
    }
    if (code != SQLITE_OK) {
        int offset = sqlite3_error_offset(connection->db);
        rowan_status failed = rowan__sqlite_fail(connection, code, error);
        if (offset >= 0 && (size_t)offset < size) {
            set_position(error, sql, (size_t)offset);
        }
        return failed;
    }
    if (!*out) {
        return rowan__fail(error, ROWAN_SYNTAX, "the text holds no statement");
    }
    rowan_status status = check_tail(sql, size, tail, error);
    if (status != ROWAN_OK) {
        sqlite3_finalize(*out);
        *out = NULL;
    }
    return status;
}

/* Copies the names of the columns: SQLite's own go when it compiles the statement anew. */
static bool learn_columns(rowan__sqlite_prepared *prepared)
{
    const rowan_allocator *allocator = prepared->base.connection->allocator;
    size_t count = (size_t)sqlite3_column_count(prepared->stmt);
    size_t size = count * (sizeof(sqlite3_value *) + sizeof(char *));

    if (count == 0) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(prepared->stmt, (int)i);
        if (!name) {
            return false;
        }
        size += strlen(name) + 1;
    }
    prepared->columns = rowan__new(allocator, 1, size);
    if (!prepared->columns) {
        return false;
    }
    prepared->columns_size = size;
    prepared->values = prepared->columns;
    const char **names = (const char **)(prepared->values + count);
    char *next = (char *)(names + count);
    for (size_t i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(prepared->stmt, (int)i);
        size_t name_size = strlen(name) + 1;
        memcpy(next, name, name_size);
        names[i] = next;
        next += name_size;
    }
    prepared->base.column_names = names;
    prepared->base.column_count = count;
    return true;
}

void rowan__sqlite_unprepare(rowan__prepared *base)
{
    rowan__sqlite_prepared *prepared = as_sqlite(base);

    if (!prepared) {
        return;
    }
    const rowan_allocator *allocator = base->connection->allocator;
    sqlite3_finalize(prepared->stmt);
    rowan__free(allocator, prepared->columns, 1, prepared->columns_size);
    rowan__free(allocator, prepared, 1, sizeof *prepared);
}

rowan_status rowan__sqlite_prepare(rowan__connection *base, const char *sql, size_t size,
                                   rowan__prepared **out, rowan_error *error)
{
    rowan__sqlite_connection *connection = (rowan__sqlite_connection *)base;
    rowan__sqlite_prepared *prepared = rowan__new(base->allocator, 1, sizeof *prepared);
    rowan_error own;

    *out = NULL;
    error = error ? error : &own;
    if (!prepared) {
        return rowan__fail_nomem(error);
    }
    prepared->base.connection = base;
    rowan__sqlite_turn_forget(connection);
    rowan_status status =
        rowan__sqlite_compile(connection, sql, size, true, &prepared->stmt, error);
    if (status == ROWAN_OK && !learn_columns(prepared)) {
        status = rowan__fail_nomem(error);
    }
    if (status != ROWAN_OK) {
        rowan__sqlite_settle(connection, error);
        rowan__sqlite_unprepare(&prepared->base);
        return status;
    }
    prepared->base.param_count = (size_t)sqlite3_bind_parameter_count(prepared->stmt);
    prepared->looked_at = connection->compilations;
    prepared->writes = sqlite3_stmt_readonly(prepared->stmt) == 0;
    *out = &prepared->base;
    return ROWAN_OK;
}

rowan_status rowan__sqlite_bind(rowan__prepared *base, rowan__layout *layout, rowan_error *error)
{
    for (size_t i = 0; i < layout->count; i++) {
        rowan_status status = rowan__sqlite_bind_cell(
            as_sqlite(base), (int)i, layout->shape == NULL, &layout->cells[i], error);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}
