/*
 * One turn: from sending to the last result.
 *
 * The connection is non-blocking and this file is the only place that waits. As long as there is
 * something to send each wait reads whatever has arrived, so that a pipeline larger than the
 * socket's buffers cannot make server and client wait for one another: a pipeline is flushed before
 * a result is waited for. A statement alone is not answered before it is read. When the deadline
 * passes, the server is told to stop and gets a while to say so; a result that arrives all the same
 * counts, because the work was done.
 */
#include "driver/postgresql/postgresql_private.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"

/* How long a server that was told to stop may take before the connection is given up. */
static const int64_t STOP_NS = 2 * (int64_t)1000000000;

/* The deadline has passed: once the server is told, the second time it is given up. */
static void run_out_of_time(rowan__postgresql_connection *connection)
{
    rowan__postgresql_turn *turn = &connection->turn;
    char reason[256];

    if (!turn->timed_out && client->PQcancel(connection->stopper, reason, sizeof reason)) {
        turn->timed_out = true;
        turn->deadline_ns = rowan__now_ns() + STOP_NS;
    } else {
        turn->timed_out = true;
        turn->abandoned = true;
    }
}

/* Milliseconds to wait for at most; -1 without a deadline. */
static int patience_ms(const rowan__postgresql_turn *turn)
{
    if (turn->deadline_ns == 0) {
        return -1;
    }
    int64_t left_ns = turn->deadline_ns - rowan__now_ns();
    int64_t left_ms = left_ns > 0 ? left_ns / 1000000 + 1 : 0;
    return left_ms > 1000000 ? 1000000 : (int)left_ms;
}

/* Waits for the socket, and reads what there is. false: nothing more will come. */
static bool wait_for_socket(rowan__postgresql_connection *connection, bool to_send)
{
    struct pollfd socket = {.fd = client->PQsocket(connection->pg),
                            .events = (short)(POLLIN | (to_send ? POLLOUT : 0))};
    int patience = patience_ms(&connection->turn);
    int ready = poll(&socket, 1, patience);

    if (ready == 0 && patience_ms(&connection->turn) == 0) {
        run_out_of_time(connection);
        return !connection->turn.abandoned;
    }
    if (ready < 0 && errno != EINTR) {
        connection->turn.abandoned = true;
        return false;
    }
    if (ready > 0 && socket.revents & (POLLIN | POLLHUP | POLLERR)) {
        return client->PQconsumeInput(connection->pg) == 1;
    }
    return true;
}

/* Waits until all is sent and, if `for_result`, until a result can be taken without waiting. */
static void wait_for_server(rowan__postgresql_connection *connection, bool for_result)
{
    int unsent = client->PQflush(connection->pg);

    while (unsent >= 0 && !connection->turn.abandoned &&
           (unsent > 0 || (for_result && client->PQisBusy(connection->pg)))) {
        if (!wait_for_socket(connection, unsent > 0)) {
            return;
        }
        unsent = client->PQflush(connection->pg);
    }
}

static void wait_timed(rowan__postgresql_connection *connection, bool for_result)
{
    if (!connection->turn.timed) {
        wait_for_server(connection, for_result);
        return;
    }
    int64_t start_ns = rowan__now_ns();
    wait_for_server(connection, for_result);
    connection->turn.waited_ns += rowan__now_ns() - start_ns;
}

void rowan__postgresql_flush(rowan__postgresql_connection *connection)
{
    if (client->PQflush(connection->pg) != 0) {
        wait_timed(connection, false);
    }
}

bool rowan__postgresql_goes_on(rowan__postgresql_connection *connection)
{
    rowan__postgresql_turn *turn = &connection->turn;

    if (turn->deadline_ns != 0 && !turn->timed_out && rowan__now_ns() >= turn->deadline_ns) {
        run_out_of_time(connection);
    }
    return !turn->timed_out && !turn->abandoned && !atomic_load(&connection->cancelled);
}

/*
 * libpq would look for a reply before it waits, and waits by way of what it may have to do besides.
 * What wakes this wait always comes: the end of a reply follows the last byte that was sent, so
 * that nothing which libpq read while it sent was all of it. Whatever is amiss PQgetResult() finds,
 * too; a connection that is gone has no socket.
 */
void rowan__postgresql_await(rowan__postgresql_connection *connection)
{
    if (client->PQflush(connection->pg) != 0) {
        return;
    }
    struct pollfd socket = {.fd = client->PQsocket(connection->pg), .events = POLLIN};
    if (socket.fd >= 0 && poll(&socket, 1, -1) > 0) {
        (void)client->PQconsumeInput(connection->pg);
    }
}

PGresult *rowan__postgresql_next_waited(rowan__postgresql_connection *connection)
{
    rowan__postgresql_turn *turn = &connection->turn;

    if (!turn->abandoned && (turn->deadline_ns != 0 || turn->timed)) {
        wait_timed(connection, true);
    }
    return turn->abandoned ? NULL : client->PQgetResult(connection->pg);
}

void rowan__postgresql_drain(rowan__postgresql_connection *connection)
{
    PGresult *result;

    while ((result = rowan__postgresql_next(connection)) != NULL) {
        client->PQclear(result);
    }
}

void rowan__postgresql_end_pipeline(rowan__postgresql_connection *connection, rowan_error *error)
{
    bool synced = false;

    /* One NULL may be left of the last command; with more than two in a row libpq is lost. */
    for (int nothing = 0; !synced && nothing < 3;) {
        PGresult *result = rowan__postgresql_next(connection);
        ExecStatusType status = client->PQresultStatus(result);
        nothing = result ? 0 : nothing + 1;
        synced = result && status == PGRES_PIPELINE_SYNC;
        if (result && status == PGRES_FATAL_ERROR && error->status == ROWAN_OK) {
            rowan__postgresql_fail(connection, result, error);
        }
        client->PQclear(result);
    }
    if (!synced || !client->PQexitPipelineMode(connection->pg)) {
        connection->turn.abandoned = true;
    }
}
