/*
 * Running prepared statements, and texts as they are.
 *
 * Rows are stored in the client's memory first and read from there, except for streams, which read
 * them as they come, out of the packet that the client library has just received. The server
 * describes a statement's columns anew with each execution if they changed meanwhile: types that
 * changed get other readers, as for `SELECT ?`, whose type is that of the value; names or numbers
 * that changed make the statement outdated.
 */
#include "driver/mariadb/mariadb_private.h"

#include <errmsg.h>

#include "base/error.h"
#include "base/straight.h"

/* What a stream that is given up may still need before the server is told to stop. */
enum { LAST_ROWS = 256, LAST_MS = 20 };

static rowan__mariadb_connection *connection_of(rowan__mariadb_prepared *prepared)
{
    return (rowan__mariadb_connection *)prepared->base.connection;
}

/* Whether a step is no more than the client library's own call. */
static bool is_plain(const rowan__mariadb_connection *connection)
{
    return connection->turn.deadline_ns == 0 && !connection->turn.timed;
}

/* Chooses readers for a layout by the columns as last seen. The statement keeps cells of its own
 * for that. */
static rowan_status choose(rowan__mariadb_prepared *prepared, const rowan__layout *layout,
                           rowan_error *error)
{
    prepared->layout = NULL;
    for (size_t i = 0; i < layout->count; i++) {
        prepared->cells[i] = layout->cells[i];
        rowan_status status = rowan__mariadb_bind_cell(&prepared->fields[i], !layout->shape,
                                                       &prepared->cells[i], error);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    prepared->layout = layout;
    return ROWAN_OK;
}

rowan_status rowan__mariadb_bind(rowan__prepared *base, rowan__layout *layout, rowan_error *error)
{
    rowan__mariadb_prepared *prepared = (rowan__mariadb_prepared *)base;
    rowan_status status = choose(prepared, layout, error);

    if (status == ROWAN_OK && layout->count > 0) {
        memcpy(layout->cells, prepared->cells, layout->count * sizeof layout->cells[0]);
    }
    return status;
}

/* --- Running. --- */

/* A write was done, but what it returns is not what the statement was prepared for. */
static rowan_status fail_returning(rowan__mariadb_prepared *prepared, rowan_error *error)
{
    rowan__mariadb_connection *connection = connection_of(prepared);

    prepared->stale = true;
    rowan__fail(
        error, ROWAN_ENGINE,
        "the statement was done, but the table's columns changed meanwhile: its rows were not "
        "read");
    error->fate = (connection->mysql->server_status & SERVER_STATUS_IN_TRANS) != 0
                      ? ROWAN_FATE_OPEN
                      : ROWAN_FATE_UNKNOWN;
    return ROWAN_ENGINE;
}

/* The columns are no longer those that were prepared. To read again does no harm; to write again
 * would. */
static rowan_status fail_columns(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    if (prepared->kind != ROWAN__MARIADB_READS) {
        return fail_returning(prepared, &operation->error);
    }
    operation->outdated = true;
    return rowan__fail(&operation->error, ROWAN_ENGINE,
                       "the statement's columns changed since it was prepared: run it again");
}

static rowan_status fail_step(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    if (client->mysql_stmt_errno(prepared->stmt) == CR_NEW_STMT_METADATA) {
        return fail_columns(prepared, operation);
    }
    operation->outdated = rowan__mariadb_outdated(prepared);
    return rowan__mariadb_fail(connection_of(prepared), prepared->stmt, NULL, 0, &operation->error);
}

/* Whether the result's columns have the names that the statement was prepared with. */
static bool same_names(const rowan__mariadb_prepared *prepared, const MYSQL *mysql)
{
    for (size_t i = 0; i < prepared->base.column_count; i++) {
        if (mysql->fields[i].name && strcmp(mysql->fields[i].name, prepared->names[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool same_types(const rowan__mariadb_prepared *prepared, const MYSQL_FIELD *fields)
{
    for (size_t i = 0; i < prepared->base.column_count; i++) {
        const rowan__mariadb_field *known = &prepared->fields[i];
        if (fields[i].type != known->type || fields[i].charsetnr != known->charset ||
            fields[i].length != known->length ||
            ((fields[i].flags ^ known->flags) & UNSIGNED_FLAG) != 0) {
            return false;
        }
    }
    return true;
}

/* The columns as the server has just described them: makes the readers fit. */
static rowan_status check_columns(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    const MYSQL_FIELD *fields = client->mariadb_stmt_fetch_fields(prepared->stmt);

    if (client->mysql_stmt_field_count(prepared->stmt) != prepared->base.column_count ||
        !same_names(prepared, connection_of(prepared)->mysql)) {
        return fail_columns(prepared, operation);
    }
    if (!same_types(prepared, fields)) {
        rowan__mariadb_note_fields(prepared, fields, true);
        prepared->layout = NULL;
    }
    rowan__mariadb_forget_names(prepared->stmt);
    return ROWAN_OK;
}

/* Makes ready for the rows of a result that has begun. */
static rowan_status begin_result(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    const MYSQL *mysql = connection_of(prepared)->mysql;
    rowan_status status = ROWAN_OK;

    if (!mysql->fields || mysql->fields[0].name) { /* else it is as it was */
        status = check_columns(prepared, operation);
    }
    if (status == ROWAN_OK && operation->sink && operation->sink->layout != prepared->layout) {
        status = choose(prepared, operation->sink->layout, &operation->error);
    }
    return status;
}

/* Gives up what is left of a statement's results. */
static rowan_status drop_results(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    rowan__mariadb_connection *connection = connection_of(prepared);
    MYSQL_STMT *stmt = prepared->stmt;
    rowan_status status = ROWAN_OK;

    client->mysql_stmt_free_result(stmt);
    while (status == ROWAN_OK && client->mysql_stmt_more_results(stmt)) {
        if (rowan__mariadb_take(connection, ROWAN__MARIADB_NEXT, stmt, NULL, 0) != 0) {
            status = rowan__mariadb_fail(connection, stmt, NULL, 0, &operation->error);
        }
        client->mysql_stmt_free_result(stmt);
    }
    return status;
}

/*
 * An error among the rows ended the result, but Connector/C 3.3 does not take note of that: the
 * next execution would wait for the rest for ever. If it was memory that ran out here, the rest is
 * still to come, and nobody can read it.
 */
static void forget_result(rowan__mariadb_connection *connection, MYSQL_STMT *stmt)
{
    if (client->mysql_stmt_errno(stmt) == CR_OUT_OF_MEMORY) {
        connection->broken = true;
    }
    stmt->state = MYSQL_STMT_PREPARED;
}

/* One row, of so many bytes, from the form of the wire into a struct. */
static inline rowan_status read_row(const rowan__mariadb_prepared *prepared,
                                    rowan__operation *operation, const void *packet, size_t size)
{
    rowan__sink *sink = operation->sink;
    char *row = rowan__sink_row(sink);

    if (!row) {
        return rowan__fail_nomem(&operation->error);
    }
    rowan_status status = rowan__mariadb_read_row(prepared->cells, prepared->base.column_count,
                                                  packet, size, sink, row);
    if (status == ROWAN_OK) {
        sink->count++;
        operation->rows++;
    }
    return status;
}

/*
 * The rows of a result that is not streamed. The client library stores them, and they are read from
 * where they are stored: that is less work than to fetch them one by one as they come, because a
 * fetch looks at every cell.
 */
static rowan_status read_result(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    rowan__mariadb_connection *connection = connection_of(prepared);
    MYSQL_STMT *stmt = prepared->stmt;
    rowan__sink *sink = operation->sink;

    int code = is_plain(connection)
                   ? client->mysql_stmt_store_result(stmt)
                   : rowan__mariadb_take(connection, ROWAN__MARIADB_STORE, stmt, NULL, 0);
    if (code != 0) {
        rowan_status status = fail_step(prepared, operation);
        forget_result(connection, stmt);
        return status;
    }
    uint64_t rows = client->mysql_stmt_num_rows(stmt);
    if (prepared->kind == ROWAN__MARIADB_CHANGES) {
        operation->affected += rows; /* RETURNING gives one for each */
    }
    if (!sink || rows == 0) {
        return ROWAN_OK;
    }
    uint64_t before = sink->bytes;
    sink->error = &operation->error;
    rowan_status status = rows > 1 ? rowan__sink_expect(sink, (size_t)rows) : ROWAN_OK;
    for (const MYSQL_ROWS *at = stmt->result.data; at && status == ROWAN_OK; at = at->next) {
        status = read_row(prepared, operation, at->data, at->length);
    }
    operation->bytes_received += sink->bytes - before;
    return status;
}

static void count_trip(rowan__mariadb_connection *connection, rowan__operation *operation)
{
    operation->statements++;
    operation->round_trips++;
    connection->base.round_trips++;
}

/* Executes a statement whose parameters are told, or whose packet is loaded. */
STRAIGHT rowan_status execute(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    rowan__mariadb_connection *connection = connection_of(prepared);
    rowan_status status = ROWAN_OK;
    MYSQL_STMT *stmt = prepared->stmt;
    int code = is_plain(connection)
                   ? client->mysql_stmt_execute(stmt)
                   : rowan__mariadb_take(connection, ROWAN__MARIADB_EXECUTE, stmt, NULL, 0);

    if (code != 0 && client->mysql_stmt_errno(stmt) == CR_ERR_STMT_PARAM_CALLBACK) {
        return ROWAN_UNSUPPORTED; /* by the client library, which has sent nothing */
    }
    count_trip(connection, operation);
    if (code != 0) {
        status = fail_step(prepared, operation);
        client->mysql_stmt_free_result(stmt);
        return status;
    }
    if (client->mysql_stmt_field_count(stmt) == 0) {
        operation->affected += client->mysql_stmt_affected_rows(stmt);
        return ROWAN_OK;
    }
    if (prepared->base.column_count > 0) {
        status = begin_result(prepared, operation);
    }
    if (status == ROWAN_OK && operation->batch_rows > 0) {
        return ROWAN_OK;
    }
    if (status == ROWAN_OK && prepared->base.column_count > 0) {
        status = read_result(prepared, operation);
    }
    rowan_status dropped = drop_results(prepared, operation);
    return status == ROWAN_OK ? dropped : status;
}

static rowan_status fail_stale(rowan__operation *operation)
{
    operation->outdated = true;
    return rowan__fail(&operation->error, ROWAN_ENGINE,
                       "the statement has to be prepared anew: run it again");
}

/* Has the client library know the parameters: all of it once, for it asks for that, and every time
 * if it does not take packets. */
static bool bind_library(rowan__mariadb_prepared *prepared)
{
    MYSQL_STMT *stmt = prepared->stmt;

    return (stmt->bind_param_done && connection_of(prepared)->takes_packets) ||
           client->mysql_stmt_bind_param(stmt, prepared->params) == 0;
}

/* Binds the parameters to a row, and has them go in a packet of ours if @p packs. */
STRAIGHT rowan_status load_row(rowan__mariadb_prepared *prepared, rowan__operation *operation,
                               size_t row, bool packs)
{
    if (packs && operation->structs && prepared->stmt->bind_param_done &&
        connection_of(prepared)->takes_packets &&
        rowan__mariadb_packet_of(prepared, operation->structs, row, &operation->bytes_sent)) {
        return ROWAN_OK;
    }
    rowan_status status =
        rowan__mariadb_bind_params(prepared, operation, row, &operation->bytes_sent);
    if (status != ROWAN_OK) {
        return status;
    }
    if (prepared->base.param_count > 0 && !bind_library(prepared)) {
        return fail_step(prepared, operation);
    }
    return packs ? rowan__mariadb_packet_load(prepared, &operation->error) : ROWAN_OK;
}

STRAIGHT rowan_status run_row(rowan__mariadb_prepared *prepared, rowan__operation *operation,
                              size_t row)
{
    rowan__mariadb_connection *connection = connection_of(prepared);
    bool packs =
        prepared->base.param_count > 0 && (connection->takes_packets || !connection->has_executed);
    rowan_status status = load_row(prepared, operation, row, packs);

    if (status != ROWAN_OK) {
        return status;
    }
    operation->bytes_sent += operation->sql_size;
    status = execute(prepared, operation);
    if (packs) {
        connection->takes_packets = rowan__mariadb_packet_unload(prepared);
        connection->has_executed = true;
    }
    prepared->is_bound = status == ROWAN_OK; /* else who knows what the server has taken note of */
    return status;
}

/* Sends the packet; none of its rows if the client library does not take it. */
static rowan_status run_batch(rowan__mariadb_prepared *prepared, rowan__operation *operation,
                              rowan__mariadb_batch *batch)
{
    if (!rowan__mariadb_batch_load(prepared, batch)) {
        return fail_step(prepared, operation);
    }
    uint64_t trips = operation->round_trips;
    rowan_status status = execute(prepared, operation);
    rowan__mariadb_batch_unload(prepared);
    if (operation->round_trips == trips) {
        connection_of(prepared)->takes_arrays = false;
        batch->rows = 0;
        return ROWAN_OK;
    }
    operation->bytes_sent += operation->sql_size + batch->bytes;
    return status;
}

/* As many rows at once as go into a packet; one by one what cannot be sent so. */
RARE rowan_status run_rows(rowan__mariadb_prepared *prepared, rowan__operation *operation,
                           size_t rows)
{
    const bool *takes_arrays = &connection_of(prepared)->takes_arrays;
    bool at_once = prepared->kind == ROWAN__MARIADB_CHANGES && prepared->base.param_count > 0;
    rowan_status status = ROWAN_OK;
    size_t row = 0;

    while (row < rows && status == ROWAN_OK) {
        rowan__mariadb_batch batch = {0};
        if (at_once && *takes_arrays) {
            status = rowan__mariadb_batch_new(prepared, operation, row, &batch);
        }
        if (batch.rows > 0) {
            status = run_batch(prepared, operation, &batch);
            row += batch.rows;
        } else if (status == ROWAN_OK) {
            status = run_row(prepared, operation, row++);
        }
    }
    return status;
}

STRAIGHT rowan_status run_prepared(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    size_t rows = operation->structs ? operation->structs->count : operation->param_rows;

    if (prepared->stale) {
        return fail_stale(operation);
    }
    return rows > 1 ? run_rows(prepared, operation, rows) : run_row(prepared, operation, 0);
}

/* Sends a text as it is, and drops what rows it gives. */
RARE rowan_status run_text(rowan__mariadb_connection *connection, rowan__operation *operation)
{
    MYSQL *mysql = connection->mysql;
    rowan__mariadb_step step = ROWAN__MARIADB_QUERY;

    if (rowan__mariadb_is_too_large(&connection->base, operation->sql_size)) {
        return rowan__mariadb_fail_size(&operation->error);
    }
    operation->bytes_sent += operation->sql_size;
    count_trip(connection, operation);
    for (;;) {
        if (rowan__mariadb_take(connection, step, NULL, operation->sql, operation->sql_size) != 0) {
            break;
        }
        if (client->mysql_field_count(mysql) == 0) {
            operation->affected += client->mysql_affected_rows(mysql);
        } else if (rowan__mariadb_take(connection, ROWAN__MARIADB_TEXT_ROWS, NULL, NULL, 0) != 0) {
            break;
        }
        if (!client->mysql_more_results(mysql)) {
            return ROWAN_OK;
        }
        step = ROWAN__MARIADB_TEXT_NEXT;
    }
    return rowan__mariadb_fail(connection, NULL, operation->sql, operation->sql_size,
                               &operation->error);
}

/*
 * What a turn that was stopped reports. A write that was done all the same is done; whoever only
 * wanted to read is told, because the server may have ended the rows early without an error. That
 * the transaction was undone, by a deadlock just then, is the worse news.
 */
STRAIGHT rowan_status settle(rowan__mariadb_connection *connection, rowan__operation *operation,
                             rowan_status status)
{
    rowan_status stopped = rowan__mariadb_stopped(connection);
    bool undone = status != ROWAN_OK && status != ROWAN_DONE && !connection->broken &&
                  operation->error.fate == ROWAN_FATE_ROLLED_BACK;

    if (stopped != ROWAN_OK && !undone &&
        (status != ROWAN_OK || connection->turn.kind == ROWAN__MARIADB_READS)) {
        operation->outdated = false;
        return rowan__mariadb_fail_stopped(connection, stopped, &operation->error);
    }
    return status;
}

/*
 * Takes note whether a transaction is open. An error of the server's has told; where we refused a
 * value ourselves, on its way in or out, the server's last word holds.
 */
STRAIGHT void note_transaction(rowan__mariadb_connection *connection, rowan__operation *operation,
                               rowan_status status)
{
    rowan_error *error = &operation->error;
    bool refused_here = status != ROWAN_OK && error->native == 0 &&
                        error->fate == ROWAN_FATE_NONE && !connection->broken;

    if (status == ROWAN_OK || refused_here) {
        connection->in_transaction =
            (connection->mysql->server_status & SERVER_STATUS_IN_TRANS) != 0;
    } else {
        connection->in_transaction =
            error->fate == ROWAN_FATE_OPEN || error->fate == ROWAN_FATE_MUST_ROLLBACK;
    }
    if (refused_here && connection->in_transaction) {
        error->fate = ROWAN_FATE_OPEN;
    }
}

/*
 * A stream that is given up early may have any number of rows left, or rows that are long in
 * coming: the server gets a moment for the last few, then it is told to stop.
 */
static void give_up(rowan__mariadb_prepared *prepared)
{
    rowan__mariadb_connection *connection = connection_of(prepared);
    rowan__operation ignored = {0};
    int code = 0;

    rowan__mariadb_hurry(connection, LAST_MS);
    for (int i = 0; code == 0 && !connection->broken; i++) {
        if (i == LAST_ROWS) {
            (void)rowan__mariadb_kill(connection, NULL);
        }
        code = rowan__mariadb_take(connection, ROWAN__MARIADB_FETCH, prepared->stmt, NULL, 0);
    }
    (void)drop_results(prepared, &ignored);
}

STRAIGHT rowan__mariadb_kind kind_of(const rowan__operation *operation)
{
    const rowan__mariadb_prepared *prepared = (const rowan__mariadb_prepared *)operation->prepared;

    return prepared ? prepared->kind : rowan__mariadb_kind_of(operation->sql, operation->sql_size);
}

/* Runs an operation whose turn has come. */
STRAIGHT rowan_status run_any(rowan__mariadb_connection *connection, rowan__operation *operation)
{
    rowan__mariadb_prepared *prepared = (rowan__mariadb_prepared *)operation->prepared;
    rowan_status status;

    if (!prepared) {
        status = run_text(connection, operation);
    } else {
        status = run_prepared(prepared, operation);
    }
    bool has_rows = status == ROWAN_OK && operation->batch_rows > 0;
    status = settle(connection, operation, status);
    if (has_rows && status != ROWAN_OK) {
        give_up(prepared);
    }
    note_transaction(connection, operation, status);
    operation->database_ns += connection->turn.waited_ns;
    return status;
}

STRAIGHT rowan_status run_one(rowan__mariadb_connection *connection, rowan__operation *operation)
{
    rowan_status status =
        rowan__mariadb_turn_begin(connection, operation->deadline_ns, operation->timed,
                                  kind_of(operation), &operation->error);
    if (status != ROWAN_OK) {
        return status;
    }
    status = run_any(connection, operation);
    if (status != ROWAN_OK || operation->batch_rows == 0) {
        rowan__mariadb_turn_end(connection);
    }
    return status;
}

/* A group is one turn, so that who cancels one of its operations stops those behind it, too. */
RARE void run_group(rowan__mariadb_connection *connection, rowan__operation *operations,
                    size_t count)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < count && status == ROWAN_OK; i++) {
        rowan__operation *operation = &operations[i];
        status =
            i == 0 ? rowan__mariadb_turn_begin(connection, operation->deadline_ns, operation->timed,
                                               kind_of(operation), &operation->error)
                   : rowan__mariadb_turn_next(connection, kind_of(operation), &operation->error);
        if (status == ROWAN_OK) {
            status = run_any(connection, operation);
        }
        operation->status = status;
        if (status != ROWAN_OK) {
            rowan__operations_skip(operations, i + 1, count);
        }
    }
    rowan__mariadb_turn_end(connection);
}

void rowan__mariadb_run(rowan__connection *base, rowan__operation *operations, size_t count)
{
    rowan__mariadb_connection *connection = (rowan__mariadb_connection *)base;

    if (count == 1) {
        operations->status = run_one(connection, operations);
    } else {
        run_group(connection, operations, count);
    }
}

/* --- Streams. --- */

/* Reads the next batch as its rows come. ROWAN_DONE: there are no more. */
static rowan_status read_rows(rowan__mariadb_prepared *prepared, rowan__operation *operation)
{
    rowan__mariadb_connection *connection = connection_of(prepared);
    bool plain = is_plain(connection);
    rowan_status status = ROWAN_OK;

    operation->sink->error = &operation->error;
    for (size_t i = 0; i < operation->batch_rows && status == ROWAN_OK; i++) {
        int code =
            plain ? client->mysql_stmt_fetch(prepared->stmt)
                  : rowan__mariadb_take(connection, ROWAN__MARIADB_FETCH, prepared->stmt, NULL, 0);
        if (code != 0) {
            return code == MYSQL_NO_DATA ? ROWAN_DONE : fail_step(prepared, operation);
        }
        status = read_row(prepared, operation, connection->mysql->net.read_pos, SIZE_MAX);
    }
    return status;
}

rowan_status rowan__mariadb_fetch(rowan__connection *base, rowan__operation *operation)
{
    rowan__mariadb_connection *connection = (rowan__mariadb_connection *)base;
    rowan__mariadb_prepared *prepared = (rowan__mariadb_prepared *)operation->prepared;
    uint64_t rows = operation->rows;
    uint64_t bytes = operation->sink->bytes;

    if (prepared->stmt->state == MYSQL_STMT_FETCH_DONE) {
        return ROWAN_DONE;
    }
    connection->turn.waited_ns = 0;
    rowan_status status =
        rowan__mariadb_turn_move(connection, operation->deadline_ns, &operation->error);
    if (status == ROWAN_OK) {
        status = read_rows(prepared, operation);
    }
    if (rowan__mariadb_stopped(connection) != ROWAN_OK) {
        status = rowan__mariadb_fail_stopped(connection, rowan__mariadb_stopped(connection),
                                             &operation->error);
    }
    if (status != ROWAN_OK && status != ROWAN_DONE) {
        note_transaction(connection, operation, status);
    }
    operation->bytes_received += operation->sink->bytes - bytes;
    operation->database_ns += connection->turn.waited_ns;
    operation->status = status == ROWAN_DONE ? ROWAN_OK : status;
    return status == ROWAN_DONE && operation->rows > rows ? ROWAN_OK : status;
}

void rowan__mariadb_finish(rowan__connection *base, rowan__operation *operation)
{
    rowan__mariadb_connection *connection = (rowan__mariadb_connection *)base;

    give_up((rowan__mariadb_prepared *)operation->prepared);
    connection->in_transaction = (connection->mysql->server_status & SERVER_STATUS_IN_TRANS) != 0;
    rowan__mariadb_turn_end(connection);
}
