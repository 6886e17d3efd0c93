/*
 * Running statements on PostgreSQL, and reading streams.
 *
 * Every result of a turn is read to its end. The first error is the one that counts; libpq's own
 * PQexec() would return the last, and lose the reason why the server ended the session.
 */
#include "driver/postgresql/postgresql_private.h"

#include "base/clock.h"
#include "base/error.h"

/* One statement alone is the common case: the compiler makes a straight line of it. */
#define STRAIGHT static inline __attribute__((always_inline))

static rowan__postgresql_connection *as_postgresql(rowan__connection *connection)
{
    return (rowan__postgresql_connection *)connection;
}

static rowan__postgresql_prepared *prepared_of(const rowan__operation *operation)
{
    return (rowan__postgresql_prepared *)operation->prepared;
}

/* What a turn does that does several things: a commit weighs most, then a write. */
static void add_kind(rowan__postgresql_turn *turn, rowan__postgresql_kind kind)
{
    if (kind == ROWAN__PG_COMMITS || turn->kind == ROWAN__PG_READS) {
        turn->kind = kind;
    }
}

void rowan__postgresql_fail_operation(rowan__postgresql_connection *connection,
                                      rowan__operation *operation, const PGresult *result)
{
    if (operation->status == ROWAN_OK) {
        operation->status = rowan__postgresql_fail(connection, result, &operation->error);
        operation->outdated = result && operation->prepared && rowan__postgresql_outdated(result);
    }
}

static void refuse(rowan__operation *operation, rowan_status status, const char *message)
{
    if (operation->status == ROWAN_OK) {
        operation->status = rowan__fail(&operation->error, status, "%s", message);
    }
}

/*
 * Sends a text as it is. The simple protocol has fewer messages, but would take several statements
 * for one, and is not for pipelines.
 */
static int send_text(PGconn *pg, const char *sql, size_t size)
{
    if (client->PQpipelineStatus(pg) == PQ_PIPELINE_OFF && !memchr(sql, ';', size)) {
        return client->PQsendQuery(pg, sql);
    }
    return client->PQsendQueryParams(pg, sql, 0, NULL, NULL, NULL, NULL, 0);
}

/* Encodes what one execution takes: members of structs, or values from @p first on. */
STRAIGHT rowan_status encode(rowan__postgresql_prepared *prepared, rowan__operation *operation,
                             size_t first)
{
    const rowan__structs *structs = operation->structs;
    uint64_t *bytes = &operation->bytes_sent;
    rowan_error *error = &operation->error;

    prepared->only_texts = false;
    if (!structs) {
        return rowan__postgresql_encode(prepared, operation->params + first, bytes, error);
    }
    return structs->is_row ? rowan__postgresql_encode_row(prepared, structs, bytes, error)
                           : rowan__postgresql_encode_structs(prepared, structs, bytes, error);
}

/* Sends one execution. false: the operation has the error. */
STRAIGHT bool send_one(rowan__postgresql_connection *connection, rowan__operation *operation,
                       size_t row)
{
    rowan__postgresql_prepared *prepared = prepared_of(operation);
    rowan__postgresql_kind kind;
    int sent;

    if (!prepared) {
        const char *sql = rowan__postgresql_terminated(connection, operation->sql,
                                                       operation->sql_size, &operation->error);
        if (!sql) {
            operation->status = operation->error.status;
            return false;
        }
        kind = rowan__postgresql_kind_of(sql, operation->sql_size);
        sent = send_text(connection->pg, sql, operation->sql_size);
    } else {
        size_t count = prepared->base.param_count;
        operation->status = encode(prepared, operation, row * count);
        if (operation->status != ROWAN_OK) {
            return false;
        }
        kind = prepared->kind;
        /* Texts are what libpq sends if it is told no formats, each of which costs it a call. */
        const int *formats = prepared->only_texts ? NULL : prepared->formats;
        sent = client->PQsendQueryPrepared(connection->pg, prepared->name, (int)count,
                                           prepared->values, prepared->lengths, formats,
                                           prepared->binary);
    }
    if (!sent) {
        rowan__postgresql_fail_operation(connection, operation, NULL);
        return false;
    }
    add_kind(&connection->turn, kind);
    operation->bytes_sent += operation->sql_size;
    operation->statements++;
    return true;
}

bool rowan__postgresql_send(rowan__postgresql_connection *connection, rowan__operation *operation,
                            size_t row)
{
    return send_one(connection, operation, row);
}

static inline bool is_copy(const rowan__operation *operation)
{
    return operation->structs && operation->structs->copy_sql;
}

/*
 * Rows changed: the last number of the tag "INSERT 0 5", UPDATE, DELETE or MERGE. What else begins
 * with their letters ends with a word, but for MOVE; SELECT has a number too, of rows that it gave.
 */
static uint64_t affected_by(const rowan__operation *operation, const char *tag)
{
    bool changes = tag[0] == 'I' || tag[0] == 'U' || tag[0] == 'D' ||
                   (tag[0] == 'M' && tag[1] == 'E') || (tag[0] == 'C' && is_copy(operation));
    const char *at = changes ? tag + strlen(tag) : tag;
    uint64_t count = 0, unit = 1;

    for (unsigned digit; at > tag && (digit = (unsigned)*--at - '0') <= 9; unit *= 10) {
        count += digit * unit;
    }
    return count;
}

/* A commit of a transaction that had failed before succeeds with the tag of a rollback. */
static void check_commit(rowan__postgresql_connection *connection, rowan__operation *operation,
                         const char *tag)
{
    const rowan__postgresql_prepared *prepared = prepared_of(operation);

    if (strcmp(tag, "ROLLBACK") != 0) {
        return;
    }
    if ((prepared ? prepared->kind
                  : rowan__postgresql_kind_of(operation->sql, operation->sql_size)) ==
        ROWAN__PG_COMMITS) {
        connection->turn.was_open = true;
        refuse(operation, ROWAN_CONFLICT,
               "the server rolled the transaction back, because a statement in it had failed");
    }
}

/* @return whether the result is kept with its rows */
STRAIGHT bool read_rows(rowan__postgresql_connection *connection, rowan__operation *operation,
                        PGresult *result)
{
    rowan__sink *sink = operation->sink;
    int rows = client->PQntuples(result);
    bool kept = false;

    if (!sink || operation->status != ROWAN_OK || rows == 0) {
        return false;
    }
    uint64_t bytes = sink->bytes;
    size_t count = sink->count;
    sink->error = &operation->error;
    operation->status = rowan__postgresql_read(connection, result, rows, sink, &kept);
    operation->rows += sink->count - count;
    operation->bytes_received += sink->bytes - bytes;
    return kept;
}

/* Takes a result that is not of rows. */
static void take_other(rowan__postgresql_connection *connection, rowan__operation *operation,
                       PGresult *result, ExecStatusType status)
{
    const char *tag;

    switch (status) {
    case PGRES_COMMAND_OK:
        tag = client->PQcmdStatus(result);
        operation->affected += affected_by(operation, tag);
        if (tag[0] == 'R') {
            check_commit(connection, operation, tag);
        }
        break;
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
#ifdef LIBPQ_HAS_CHUNK_MODE
    case PGRES_TUPLES_CHUNK:
#endif
        break;
    case PGRES_EMPTY_QUERY:
        refuse(operation, ROWAN_SYNTAX, "the statement is empty");
        break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        /* The server now waits for data or sends it: only closing gets a pipeline out. */
        connection->turn.abandoned = true;
        connection->turn.kind = ROWAN__PG_READS; /* what is not completed changes nothing */
        refuse(operation, ROWAN_UNSUPPORTED,
               "COPY to or from the client is not supported on PostgreSQL");
        break;
    case PGRES_PIPELINE_ABORTED:
    case PGRES_PIPELINE_SYNC:
        break;
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
        rowan__postgresql_fail_operation(connection, operation, result);
        break;
    }
}

/* Whether a result has some rows of a stream, with more to come. */
static inline bool is_part(ExecStatusType status)
{
    return status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_CHUNK;
}

/* Takes one result of an operation, and frees it unless its rows need it. */
STRAIGHT void take_result(rowan__postgresql_connection *connection, rowan__operation *operation,
                          PGresult *result)
{
    ExecStatusType status = client->PQresultStatus(result);
    bool kept = false;

    if (status == PGRES_TUPLES_OK || is_part(status)) {
        if (connection->turn.kind != ROWAN__PG_READS) {
            operation->affected += affected_by(operation, client->PQcmdStatus(result));
        }
        kept = read_rows(connection, operation, result);
    } else {
        take_other(connection, operation, result, status);
    }
    if (!kept) {
        client->PQclear(result);
    }
}

/* Waits for the reply to an operation alone. With a deadline, or timed, each result is waited for.
 */
STRAIGHT void await_reply(rowan__postgresql_connection *connection)
{
    if (connection->turn.deadline_ns == 0 && !connection->turn.timed) {
        rowan__postgresql_await(connection);
    }
}

/* Reads the results of one execution to their end. */
STRAIGHT void take_all(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    PGresult *result;

    while ((result = rowan__postgresql_next(connection)) != NULL) {
        take_result(connection, operation, result);
    }
    if (connection->turn.abandoned && operation->status == ROWAN_OK) {
        operation->status = rowan__postgresql_fail_stuck(connection, &operation->error);
    }
}

void rowan__postgresql_take(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    take_all(connection, operation);
}

/* Completes a failed operation once the turn is over. */
void rowan__postgresql_settle_operation(rowan__postgresql_connection *connection,
                                        rowan__operation *operation)
{
    if (operation->status == ROWAN_OK) {
        return;
    }
    rowan_error *error = &operation->error;
    rowan__postgresql_settle(connection, error);
    if (operation->outdated && error->fate == ROWAN_FATE_MUST_ROLLBACK) {
        error->status = ROWAN_CONFLICT;
        error->retry = ROWAN_RETRY_TRANSACTION;
        static const char why[] = "the schema changed under this transaction: run it again";
        rowan__error_copy(error->message, sizeof error->message, why, strlen(why));
    }
    operation->status = error->status;
}

/* The deadline may have passed before anything was sent. */
bool rowan__postgresql_is_late(rowan__operation *operation)
{
    if (operation->deadline_ns == 0 || rowan__now_ns() < operation->deadline_ns) {
        return false;
    }
    refuse(operation, ROWAN_TIMEOUT, "the deadline passed before the statement was sent");
    return true;
}

void rowan__postgresql_count_trip(rowan__postgresql_connection *connection,
                                  rowan__operation *operation)
{
    operation->round_trips++;
    connection->base.round_trips++;
}

/*
 * Has the rows of a stream given while more are on their way: a batch in each result or, by a libpq
 * before 17, a row in each, which costs it three times as much.
 */
static void divide_rows(const rowan__postgresql_connection *connection, size_t batch_rows)
{
    if (client->PQsetChunkedRowsMode) {
        client->PQsetChunkedRowsMode(connection->pg, (int)batch_rows);
    } else {
        client->PQsetSingleRowMode(connection->pg);
    }
}

/* Looks at a stream's first result, so that a statement that fails at once does so here. */
static void begin_stream(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    PGresult *result = rowan__postgresql_next(connection);

    if (is_part(client->PQresultStatus(result))) {
        connection->pending = result;
        connection->streaming = true;
        return;
    }
    if (result) {
        take_result(connection, operation, result);
    }
    rowan__postgresql_take(connection, operation);
    connection->streaming = false;
}

static void open_stream(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    if (rowan__postgresql_takes_cursor(connection, operation)) {
        rowan__postgresql_open_cursor(connection, operation);
    } else if (send_one(connection, operation, 0)) {
        rowan__postgresql_count_trip(connection, operation);
        divide_rows(connection, operation->batch_rows);
        begin_stream(connection, operation);
    }
}

static void run_alone(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    rowan__postgresql_turn_begin(connection, operation->deadline_ns, operation->timed);
    if (rowan__postgresql_is_late(operation)) {
        /* it has the error */
    } else if (operation->batch_rows > 0) {
        open_stream(connection, operation);
    } else if (send_one(connection, operation, 0)) {
        rowan__postgresql_count_trip(connection, operation);
        await_reply(connection);
        take_all(connection, operation);
    }
    if (operation->status != ROWAN_OK) {
        operation->statements -= operation->outdated; /* it never began */
        rowan__postgresql_settle_operation(connection, operation);
    }
    operation->database_ns += connection->turn.waited_ns;
}

void rowan__postgresql_run(rowan__connection *base, rowan__operation *operations, size_t count)
{
    rowan__postgresql_connection *connection = as_postgresql(base);

    if (count == 1 && is_copy(&operations[0])) {
        rowan__postgresql_run_copy(connection, &operations[0]);
    } else if (count == 1 && rowan__postgresql_executions(&operations[0]) == 1) {
        run_alone(connection, &operations[0]);
    } else if (count > 0) {
        rowan__postgresql_run_pipeline(connection, operations, count);
    }
}

/* --- Streams --- */

/* The next result of a stream; NULL: there is none, or the operation failed. */
static PGresult *next_result(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    PGresult *result = connection->pending;

    if (connection->by_cursor) {
        return rowan__postgresql_next_page(connection, operation);
    }
    if (!result) {
        result = rowan__postgresql_next(connection);
        connection->streaming = result != NULL;
    }
    connection->pending = NULL;
    return result;
}

/* Whether all that the server has for a stream has been taken: it is not to be stopped any more. */
static bool has_all(const rowan__postgresql_connection *connection)
{
    return !connection->streaming || (connection->by_cursor && connection->asked == 0);
}

rowan_status rowan__postgresql_fetch(rowan__connection *base, rowan__operation *operation)
{
    rowan__postgresql_connection *connection = as_postgresql(base);
    uint64_t before = operation->rows;
    int64_t waited_ns = connection->turn.waited_ns;
    PGresult *result = NULL;

    if (has_all(connection)) {
        return ROWAN_DONE;
    }
    if (!connection->turn.timed_out) {
        connection->turn.deadline_ns = operation->deadline_ns;
        (void)rowan__postgresql_goes_on(connection); /* rows that keep coming: nobody waits */
    }
    do {
        result = connection->streaming ? next_result(connection, operation) : NULL;
        if (result) {
            take_result(connection, operation, result);
        }
    } while (result && operation->status == ROWAN_OK &&
             operation->rows - before < operation->batch_rows);
    operation->database_ns += connection->turn.waited_ns - waited_ns;
    if (connection->turn.abandoned && operation->status == ROWAN_OK) {
        operation->status = rowan__postgresql_fail_stuck(connection, &operation->error);
    }
    if (operation->status != ROWAN_OK) {
        rowan__postgresql_finish(base, operation);
        rowan__postgresql_settle_operation(connection, operation);
        return operation->status;
    }
    return operation->rows > before ? ROWAN_OK : ROWAN_DONE;
}

/*
 * A stream that is ended early still has rows on their way. The server is told to stop only where
 * that breaks nothing: inside a transaction a cancelled statement would take the transaction with
 * it, and one that writes would lose what it wrote. There, unless it has a cursor, the rest is read
 * and dropped.
 */
void rowan__postgresql_finish(rowan__connection *base, rowan__operation *operation)
{
    rowan__postgresql_connection *connection = as_postgresql(base);
    char reason[256];

    if (!connection->streaming) {
        return;
    }
    if (connection->by_cursor) {
        rowan__postgresql_close_cursor(connection, operation);
        return;
    }
    if (!connection->turn.was_open && connection->turn.kind == ROWAN__PG_READS) {
        client->PQcancel(connection->stopper, reason, sizeof reason);
    }
    client->PQclear(connection->pending);
    connection->pending = NULL;
    connection->turn.deadline_ns = 0;
    rowan__postgresql_drain(connection);
    connection->streaming = false;
}
