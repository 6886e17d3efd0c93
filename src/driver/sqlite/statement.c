/*
 * Running statements on SQLite, and reading streams.
 *
 * A stream takes its first row when it begins, so that an error is reported there as on the other
 * engines.
 */
#include "driver/sqlite/sqlite_private.h"

#include "base/clock.h"
#include "base/error.h"

enum { MOST_ROWS_EXPECTED = 1000 };

static rowan__sqlite_connection *connection_of(const rowan__prepared *prepared)
{
    return (rowan__sqlite_connection *)prepared->connection;
}

static rowan__sqlite_prepared *as_sqlite(rowan__prepared *prepared)
{
    return (rowan__sqlite_prepared *)prepared;
}

static int step(sqlite3_stmt *stmt, rowan__operation *operation)
{
    if (!operation->timed) {
        return sqlite3_step(stmt);
    }
    int64_t start_ns = rowan__now_ns();
    int code = sqlite3_step(stmt);
    operation->database_ns += rowan__now_ns() - start_ns;
    return code;
}

/* Rows changed by this statement itself; what SQLite tells is of the last one that changed any. */
static uint64_t changes_since(const rowan__sqlite_connection *connection, int64_t before)
{
    return sqlite3_total_changes64(connection->db) == before
               ? 0
               : (uint64_t)sqlite3_changes64(connection->db);
}

/* Whether the columns are still those that were learned. */
static bool same_columns(rowan__sqlite_prepared *prepared)
{
    int recompiled = sqlite3_stmt_status(prepared->stmt, SQLITE_STMTSTATUS_REPREPARE, 0);

    if (recompiled == prepared->recompiled) {
        return true;
    }
    if ((size_t)sqlite3_column_count(prepared->stmt) != prepared->base.column_count) {
        return false;
    }
    for (size_t i = 0; i < prepared->base.column_count; i++) {
        const char *name = sqlite3_column_name(prepared->stmt, (int)i);
        if (!name || strcmp(name, prepared->base.column_names[i]) != 0) {
            return false;
        }
    }
    prepared->recompiled = recompiled;
    return true;
}

/* Only before anything was kept can the whole be run again. */
static rowan_status outdate(rowan__operation *operation)
{
    operation->outdated = operation->statements == 1;
    operation->statements--;
    return rowan__fail(&operation->error, ROWAN_CONFLICT,
                       "the schema has changed since the statement was prepared: prepare it anew");
}

/* A step that gave neither a row nor the end. Only resetting tells what it was for the older call.
 */
static rowan_status fail_step(rowan__sqlite_prepared *prepared, rowan__operation *operation)
{
    int code = sqlite3_reset(prepared->stmt);

    if ((code & 0xff) == SQLITE_SCHEMA) {
        return outdate(operation);
    }
    return rowan__sqlite_fail(connection_of(&prepared->base), code, &operation->error);
}

/* Binds what execution number @p run of an operation takes. */
static rowan_status encode(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                           size_t run)
{
    const rowan__structs *structs = operation->structs;
    size_t params = prepared->base.param_count;

    if (structs) {
        size_t rows = params / structs->column_count;
        return rowan__sqlite_encode_structs(prepared, structs, run * rows, rows,
                                            &operation->bytes_sent, &operation->error);
    }
    return rowan__sqlite_encode(prepared, operation->params + run * params, operation->stream,
                                &operation->bytes_sent, &operation->error);
}

/* Executes for the parameters of one run up to the first row of the result, if any. */
static rowan_status start(rowan__sqlite_prepared *prepared, rowan__operation *operation, size_t run)
{
    rowan__sqlite_connection *connection = connection_of(&prepared->base);
    rowan_status status = encode(prepared, operation, run);

    prepared->row_waits = false;
    prepared->done = true;
    if (status != ROWAN_OK) {
        return status;
    }
    prepared->changes_before = sqlite3_total_changes64(connection->db);
    operation->statements++;
    int code = step(prepared->stmt, operation);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return fail_step(prepared, operation);
    }
    if (!same_columns(prepared)) {
        return outdate(operation);
    }
    prepared->row_waits = code == SQLITE_ROW;
    prepared->done = code == SQLITE_DONE;
    return ROWAN_OK;
}

/* Reads up to @p max rows; without a sink they are dropped. The statement is then done, or a row
 * waits. */
static rowan_status take_rows(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                              size_t max)
{
    rowan__sink *sink = operation->sink;
    rowan_status status = ROWAN_OK;

    for (size_t taken = 0; taken < max && !prepared->done && status == ROWAN_OK; taken++) {
        if (!prepared->row_waits) {
            int code = step(prepared->stmt, operation);
            if (code == SQLITE_DONE) {
                prepared->done = true;
                break;
            }
            if (code != SQLITE_ROW) {
                return fail_step(prepared, operation);
            }
        }
        prepared->row_waits = false;
        if (sink) {
            status = rowan__sqlite_read_row(prepared->stmt, sink);
            operation->rows += status == ROWAN_OK;
        }
    }
    return status;
}

/* As take_rows, with the sink told where to report and its bytes counted. */
static rowan_status take_rows_counted(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                                      size_t max)
{
    rowan__sink *sink = operation->sink;
    uint64_t bytes_before = sink ? sink->bytes : 0;

    if (sink) {
        sink->error = &operation->error;
    }
    rowan_status status = take_rows(prepared, operation, max);
    operation->bytes_received += sink ? sink->bytes - bytes_before : 0;
    return status;
}

/* Rows that a statement gave the last time, it will give again: room for them, but never for very
 * many. Written rows that come back are as many as were written. */
static rowan_status make_room(rowan__sqlite_prepared *prepared, rowan__operation *operation)
{
    size_t rows =
        prepared->rows_before < MOST_ROWS_EXPECTED ? prepared->rows_before : MOST_ROWS_EXPECTED;

    rows = operation->structs ? operation->structs->count : rows;
    if (!operation->sink || rows == 0) {
        return ROWAN_OK;
    }
    operation->sink->error = &operation->error;
    return rowan__sink_reserve(operation->sink, rows);
}

/* How often an operation is to be executed. */
static size_t runs_of(const rowan__sqlite_prepared *prepared, const rowan__operation *operation)
{
    const rowan__structs *structs = operation->structs;

    return structs ? structs->count * structs->column_count / prepared->base.param_count
                   : operation->param_rows;
}

/* Executes for all parameters and takes all rows of the result. */
static rowan_status run_prepared(rowan__sqlite_connection *connection, rowan__operation *operation)
{
    rowan__sqlite_prepared *prepared = as_sqlite(operation->prepared);
    rowan_status status = make_room(prepared, operation);
    size_t runs = runs_of(prepared, operation);

    for (size_t run = 0; run < runs && status == ROWAN_OK; run++) {
        status = rowan__sqlite_turn_check(connection, &operation->error);
        if (status == ROWAN_OK) {
            status = start(prepared, operation, run);
        }
        if (status == ROWAN_OK) {
            status = take_rows_counted(prepared, operation, SIZE_MAX);
        }
        if (status == ROWAN_OK) {
            operation->affected += changes_since(connection, prepared->changes_before);
        }
        sqlite3_reset(prepared->stmt);
    }
    prepared->rows_before = (size_t)operation->rows;
    return status;
}

static rowan_status begin_stream(rowan__sqlite_connection *connection, rowan__operation *operation)
{
    rowan__sqlite_prepared *prepared = as_sqlite(operation->prepared);
    rowan_status status = rowan__sqlite_turn_check(connection, &operation->error);

    if (status == ROWAN_OK) {
        status = start(prepared, operation, 0);
    }
    if (status == ROWAN_OK) {
        operation->affected = changes_since(connection, prepared->changes_before);
    } else {
        sqlite3_reset(prepared->stmt);
    }
    return status;
}

/* Sends a text as it is. Rows that it gives, as a pragma does, are dropped. */
static rowan_status run_direct(rowan__sqlite_connection *connection, rowan__operation *operation)
{
    sqlite3_stmt *stmt;
    int64_t changes_before = sqlite3_total_changes64(connection->db);
    rowan_status status = rowan__sqlite_turn_check(connection, &operation->error);
    int code;

    if (status == ROWAN_OK) {
        status = rowan__sqlite_compile(connection, operation->sql, operation->sql_size, false,
                                       &stmt, &operation->error);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    operation->statements = 1;
    do {
        code = step(stmt, operation);
    } while (code == SQLITE_ROW);
    if (code == SQLITE_DONE) {
        operation->affected = changes_since(connection, changes_before);
    } else {
        status = rowan__sqlite_fail(connection, code, &operation->error);
    }
    sqlite3_finalize(stmt);
    return status;
}

static rowan_status run_one(rowan__sqlite_connection *connection, rowan__operation *operation)
{
    rowan_status status;

    rowan__sqlite_turn_begin(connection, operation->deadline_ns);
    operation->bytes_sent = operation->sql_size;
    if (!operation->prepared) {
        status = run_direct(connection, operation);
    } else if (operation->stream) {
        status = begin_stream(connection, operation);
    } else {
        status = run_prepared(connection, operation);
    }
    if (status != ROWAN_OK || !operation->stream) {
        rowan__sqlite_turn_end(connection);
    }
    if (status != ROWAN_OK) {
        rowan__sqlite_settle(connection, &operation->error);
    }
    return status;
}

void rowan__sqlite_run(rowan__connection *base, rowan__operation *operations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        operations[i].status = run_one((rowan__sqlite_connection *)base, &operations[i]);
        if (operations[i].status != ROWAN_OK) {
            rowan__operations_skip(operations, i + 1, count);
            return;
        }
    }
}

rowan_status rowan__sqlite_fetch(rowan__connection *base, rowan__operation *operation, size_t max)
{
    rowan__sqlite_connection *connection = (rowan__sqlite_connection *)base;
    rowan__sqlite_prepared *prepared = as_sqlite(operation->prepared);
    uint64_t rows_before = operation->rows;
    rowan_status status = rowan__sqlite_turn_check(connection, &operation->error);

    if (status == ROWAN_OK) {
        status = take_rows_counted(prepared, operation, max);
    }
    if (status != ROWAN_OK) {
        sqlite3_reset(prepared->stmt);
        prepared->done = true;
        rowan__sqlite_settle(connection, &operation->error);
        operation->status = status;
        return status;
    }
    return operation->rows == rows_before && prepared->done ? ROWAN_DONE : ROWAN_OK;
}

void rowan__sqlite_finish(rowan__connection *base, rowan__operation *operation)
{
    sqlite3_reset(as_sqlite(operation->prepared)->stmt);
    rowan__sqlite_turn_end((rowan__sqlite_connection *)base);
}
