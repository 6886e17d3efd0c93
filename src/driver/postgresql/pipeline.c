/*
 * Pipelines: several operations, or one with many parameter rows, in one round trip.
 *
 * Outside a transaction the server takes everything up to the end of a pipeline as one transaction,
 * so that of a group that fails nothing is kept.
 */
#include "driver/postgresql/postgresql_private.h"

#include "base/error.h"

/* Has what libpq holds back sent. A server that waits for more does not hear that it is to stop, so
 * who sends has to. @return whether to go on */
static bool flush(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    rowan__postgresql_flush(connection);
    connection->turn.unflushed = 0;
    if (rowan__postgresql_goes_on(connection)) {
        return true;
    }
    operation->status = rowan__postgresql_fail_stopped(connection, &operation->error);
    return false;
}

/* Sends all executions of an operation; flushes so often that neither side holds back much. */
static bool send_operation(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    enum { FLUSH_EVERY_BYTES = 32 * 1024 };
    size_t executions = rowan__postgresql_executions(operation);
    size_t *unflushed = &connection->turn.unflushed;

    for (size_t row = 0; row < executions; row++) {
        uint64_t sent = operation->bytes_sent;
        if (*unflushed >= FLUSH_EVERY_BYTES && !flush(connection, operation)) {
            return false;
        }
        if (!rowan__postgresql_send(connection, operation, row)) {
            return false;
        }
        *unflushed += (size_t)(operation->bytes_sent - sent);
    }
    return true;
}

/* Reads the results of an operation. Only what the server came to counts as executed. */
static void take_operation(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    uint64_t sent = operation->statements;
    int64_t waited_ns = connection->turn.waited_ns;

    operation->statements = 0;
    for (; sent > 0; sent--) {
        bool failed = operation->status != ROWAN_OK;
        rowan__postgresql_take(connection, operation);
        operation->statements += failed || operation->outdated ? 0 : 1;
    }
    operation->database_ns += connection->turn.waited_ns - waited_ns;
}

/* The same for one of which we refused to send all: what the server refused comes first. */
static void take_part(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    rowan_status refused = operation->status;
    rowan_error why = operation->error;

    operation->status = ROWAN_OK;
    take_operation(connection, operation);
    if (operation->status == ROWAN_OK) {
        operation->status = refused;
        operation->error = why;
    }
}

/*
 * A group outside a transaction that met an outdated statement was undone as a whole: every
 * operation up to that one has to be run again, so all of them say so.
 */
static void spread_outdated(rowan__operation *operations, size_t failed)
{
    if (!operations[failed].outdated || operations[failed].error.fate != ROWAN_FATE_NONE) {
        return;
    }
    for (size_t i = 0; i < failed; i++) {
        operations[i].status = operations[failed].status;
        operations[i].error = operations[failed].error;
        operations[i].outdated = true;
        if (operations[i].sink) {
            operations[i].sink->count -= (size_t)operations[i].rows;
        }
        operations[i].rows = 0;
        operations[i].affected = 0;
    }
}

/* Drops the results of an operation behind one that failed. What the server refused stops it there;
 * what we refused to read it does not know of. */
static void drop_operation(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    uint64_t sent = operation->statements;
    PGresult *result;

    operation->statements = 0;
    for (; sent > 0; sent--) {
        while ((result = rowan__postgresql_next(connection)) != NULL) {
            ExecStatusType status = client->PQresultStatus(result);
            operation->statements += status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
            client->PQclear(result);
        }
    }
}

/* Reads what was sent, to the end of the pipeline. @return index of the first that failed */
static size_t take_pipeline(rowan__postgresql_connection *connection, rowan__operation *operations,
                            size_t sent, size_t count)
{
    rowan_error last = {.status = ROWAN_OK};
    size_t failed = count;

    for (size_t i = 0; i < sent; i++) {
        if (failed == count) {
            if (operations[i].status == ROWAN_OK) {
                take_operation(connection, &operations[i]);
            } else {
                take_part(connection, &operations[i]);
            }
            failed = operations[i].status != ROWAN_OK ? i : count;
        } else {
            drop_operation(connection, &operations[i]);
        }
    }
    rowan__postgresql_end_pipeline(connection, &last);
    if (failed == count && last.status != ROWAN_OK) {
        failed = sent - 1; /* a check that was put off to the end of the transaction */
        operations[failed].status = last.status;
        operations[failed].error = last;
    }
    return failed;
}

void rowan__postgresql_run_pipeline(rowan__postgresql_connection *connection,
                                    rowan__operation *operations, size_t count)
{
    size_t sent = 0;
    bool going = true;

    rowan__postgresql_turn_begin(connection, operations[0].deadline_ns, operations[0].timed);
    if (rowan__postgresql_is_late(&operations[0]) || !client->PQenterPipelineMode(connection->pg)) {
        rowan__postgresql_fail_operation(connection, &operations[0], NULL);
        rowan__postgresql_settle_operation(connection, &operations[0]);
        rowan__operations_skip(operations, 1, count);
        return;
    }
    while (going && sent < count) {
        going = send_operation(connection, &operations[sent++]);
    }
    if (client->PQpipelineSync(connection->pg)) {
        rowan__postgresql_flush(connection);
    }
    rowan__postgresql_count_trip(connection, &operations[0]);
    size_t failed = take_pipeline(connection, operations, sent, count);
    if (failed < count) {
        rowan__postgresql_settle_operation(connection, &operations[failed]);
        spread_outdated(operations, failed);
        rowan__operations_skip(operations, failed + 1, count);
    }
}
