/*
 * Running statements on SQLite, and reading streams.
 *
 * A stream takes its first row when it begins, so that an error is reported there as on the other
 * engines.
 */
#include "driver/sqlite/sqlite_private.h"

#include "base/error.h"
#include "base/straight.h"

/* Room is made at once for as many rows as came the last time, up to this. */
enum { MOST_BYTES_EXPECTED = 4 * 1024 * 1024 };

static rowan__sqlite_connection *connection_of(const rowan__prepared *prepared)
{
    return (rowan__sqlite_connection *)prepared->connection;
}

static rowan__sqlite_prepared *as_sqlite(rowan__prepared *prepared)
{
    return (rowan__sqlite_prepared *)prepared;
}

/* All changes that the connection made so far, for one that may make some. */
static int64_t changes_now(const rowan__sqlite_prepared *prepared)
{
    return prepared->writes ? sqlite3_total_changes64(connection_of(&prepared->base)->db) : 0;
}

/* Rows changed by this statement itself; what SQLite tells is of the last one that changed any. */
static uint64_t changes_since(sqlite3 *db, int64_t before)
{
    return sqlite3_total_changes64(db) == before ? 0 : (uint64_t)sqlite3_changes64(db);
}

static uint64_t changes_of(const rowan__sqlite_prepared *prepared)
{
    return prepared->writes
               ? changes_since(connection_of(&prepared->base)->db, prepared->changes_before)
               : 0;
}

/* Whether the columns are those that were learned, of a statement that may be compiled anew. */
RARE bool compare_columns(rowan__sqlite_prepared *prepared)
{
    int recompiled = sqlite3_stmt_status(prepared->stmt, SQLITE_STMTSTATUS_REPREPARE, 0);

    prepared->looked_at = connection_of(&prepared->base)->compilations;
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

/* Whether the columns are still those that were learned. */
STRAIGHT bool same_columns(rowan__sqlite_prepared *prepared)
{
    return prepared->base.column_count == 0 ||
           prepared->looked_at == connection_of(&prepared->base)->compilations ||
           compare_columns(prepared);
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
STRAIGHT rowan_status encode(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                             size_t run)
{
    const rowan__structs *structs = operation->structs;
    size_t params = prepared->base.param_count;

    if (structs) {
        size_t rows = params / structs->column_count;
        return rowan__sqlite_encode_structs(prepared, structs, run * rows, rows,
                                            &operation->bytes_sent, &operation->error);
    }
    const rowan_value *values = operation->params + run * params;
    if (params == 1 && values->type == ROWAN_TYPE_INT64 && !values->is_null &&
        sqlite3_bind_int64(prepared->stmt, 1, values->as.integer) == SQLITE_OK) {
        operation->bytes_sent += sizeof values->as.integer; /* as nearly every key is */
        return ROWAN_OK;
    }
    return rowan__sqlite_encode(prepared, values, operation->batch_rows > 0, &operation->bytes_sent,
                                &operation->error);
}

/*
 * Executes for the parameters of one run up to the first row of the result, if any.
 *
 * @param code  of the step: a row or the end
 */
STRAIGHT rowan_status start(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                            size_t run, int *code)
{
    rowan_status status = encode(prepared, operation, run);

    if (status != ROWAN_OK) {
        return status;
    }
    prepared->changes_before = changes_now(prepared);
    operation->statements++;
    *code = rowan__sqlite_step(prepared->stmt, operation);
    if (*code != SQLITE_ROW && *code != SQLITE_DONE) {
        return fail_step(prepared, operation);
    }
    return same_columns(prepared) ? ROWAN_OK : outdate(operation);
}

/* Reads the row that the last step came to, and up to @p max rows in all. */
STRAIGHT rowan_status take_rows(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                                size_t max, int *code)
{
    rowan_status status = rowan__sqlite_read_rows(prepared, operation, max, code);

    return *code == SQLITE_ROW || *code == SQLITE_DONE ? status : fail_step(prepared, operation);
}

/* Room for rows that are likely to come, but never for very many. */
STRAIGHT rowan_status expect_rows(rowan__operation *operation, size_t rows)
{
    rowan__sink *sink = operation->sink;

    if (!sink || rows <= 1) {
        return ROWAN_OK;
    }
    size_t most = MOST_BYTES_EXPECTED / (sink->layout->row_size + 1);
    sink->error = &operation->error;
    return rowan__sink_expect(sink, rows < most ? rows : most);
}

/* Executes for the parameters of one run and takes all rows of the result, but those of a stream,
 * whose first one waits. */
STRAIGHT rowan_status run_once(rowan__sqlite_connection *connection,
                               rowan__sqlite_prepared *prepared, rowan__operation *operation,
                               size_t run)
{
    int code = SQLITE_DONE;
    rowan_status status = rowan__sqlite_turn_check(connection, &operation->error);

    if (status == ROWAN_OK) {
        status = start(prepared, operation, run, &code);
    }
    if (operation->batch_rows > 0) {
        prepared->row_waits = code == SQLITE_ROW;
        prepared->done = code != SQLITE_ROW;
    } else if (status == ROWAN_OK && code == SQLITE_ROW) {
        status = take_rows(prepared, operation, operation->one_row ? 1 : SIZE_MAX, &code);
    }
    if (status == ROWAN_OK) {
        operation->affected += changes_of(prepared);
    }
    if (status != ROWAN_OK || operation->batch_rows == 0) {
        sqlite3_reset(prepared->stmt);
    }
    return status;
}

/* Looks at an operation that is executed more than once, or gives more than one row. */
RARE rowan_status expect_many(const rowan__sqlite_prepared *prepared, rowan__operation *operation,
                              size_t *runs)
{
    const rowan__structs *structs = operation->structs;

    *runs = structs ? structs->count * structs->column_count / prepared->base.param_count
                    : operation->param_rows;
    return operation->batch_rows > 0
               ? ROWAN_OK
               : expect_rows(operation, structs ? structs->count : prepared->rows_before);
}

STRAIGHT rowan_status run_all(rowan__sqlite_connection *connection,
                              rowan__sqlite_prepared *prepared, rowan__operation *operation)
{
    rowan_status status = ROWAN_OK;
    size_t runs = 1;

    if (operation->structs || operation->param_rows != 1 || prepared->rows_before > 1) {
        status = expect_many(prepared, operation, &runs);
    }
    for (size_t run = 0; run < runs && status == ROWAN_OK; run++) {
        status = run_once(connection, prepared, operation, run);
    }
    prepared->rows_before = (size_t)operation->rows;
    return status;
}

STRAIGHT rowan_status run_prepared(rowan__sqlite_connection *connection,
                                   rowan__operation *operation)
{
    rowan__sqlite_prepared *prepared = as_sqlite(operation->prepared);
    bool tells = operation->structs && operation->structs->keys;
    rowan__sqlite_telling telling;

    if (tells) {
        rowan__sqlite_tell_begin(&telling, prepared, operation);
    }
    rowan_status status = run_all(connection, prepared, operation);
    return tells ? rowan__sqlite_tell_end(&telling, status, &operation->error) : status;
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
        code = rowan__sqlite_step(stmt, operation);
    } while (code == SQLITE_ROW);
    if (code == SQLITE_DONE) {
        operation->affected = changes_since(connection->db, changes_before);
    } else {
        status = rowan__sqlite_fail(connection, code, &operation->error);
    }
    sqlite3_finalize(stmt);
    return status;
}

STRAIGHT rowan_status run_any(rowan__sqlite_connection *connection, rowan__operation *operation)
{
    operation->bytes_sent = operation->sql_size;
    return operation->prepared ? run_prepared(connection, operation)
                               : run_direct(connection, operation);
}

STRAIGHT rowan_status run_one(rowan__sqlite_connection *connection, rowan__operation *operation)
{
    rowan__sqlite_turn_begin(connection, operation->deadline_ns);
    rowan_status status = run_any(connection, operation);
    if (status != ROWAN_OK || operation->batch_rows == 0) {
        rowan__sqlite_turn_end(connection);
    }
    if (status != ROWAN_OK) {
        rowan__sqlite_settle(connection, &operation->error);
    }
    return status;
}

/* A group is one turn, so that who cancels one of its operations stops those behind it, too. */
RARE void run_group(rowan__sqlite_connection *connection, rowan__operation *operations,
                    size_t count)
{
    rowan_status status = ROWAN_OK;

    rowan__sqlite_turn_begin(connection, operations->deadline_ns);
    for (size_t i = 0; i < count && status == ROWAN_OK; i++) {
        status = operations[i].status = run_any(connection, &operations[i]);
        if (status != ROWAN_OK) {
            rowan__sqlite_settle(connection, &operations[i].error);
            rowan__operations_skip(operations, i + 1, count);
        }
    }
    rowan__sqlite_turn_end(connection);
}

void rowan__sqlite_run(rowan__connection *base, rowan__operation *operations, size_t count)
{
    rowan__sqlite_connection *connection = (rowan__sqlite_connection *)base;

    if (count == 1) {
        operations->status = run_one(connection, operations);
    } else {
        run_group(connection, operations, count);
    }
}

/* Reads the next batch of a stream. */
static rowan_status fetch_rows(rowan__sqlite_prepared *prepared, rowan__operation *operation)
{
    size_t max = operation->batch_rows;
    rowan_status status = expect_rows(operation, max);

    if (status != ROWAN_OK) {
        return status;
    }
    int code = prepared->row_waits ? SQLITE_ROW : rowan__sqlite_step(prepared->stmt, operation);
    prepared->row_waits = false;
    if (code == SQLITE_ROW) {
        status = take_rows(prepared, operation, max, &code);
    } else if (code != SQLITE_DONE) {
        status = fail_step(prepared, operation);
    }
    prepared->done = code != SQLITE_ROW;
    return status;
}

rowan_status rowan__sqlite_fetch(rowan__connection *base, rowan__operation *operation)
{
    rowan__sqlite_connection *connection = (rowan__sqlite_connection *)base;
    rowan__sqlite_prepared *prepared = as_sqlite(operation->prepared);
    uint64_t rows_before = operation->rows;

    if (prepared->done) {
        return ROWAN_DONE;
    }
    rowan__sqlite_turn_move(connection, operation->deadline_ns);
    rowan_status status = rowan__sqlite_turn_check(connection, &operation->error);
    if (status == ROWAN_OK) {
        status = fetch_rows(prepared, operation);
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
