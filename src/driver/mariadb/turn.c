/*
 * Turns: waiting for the server, and stopping it.
 *
 * A turn without a deadline uses the client library's blocking calls. With one, the library's
 * non-blocking form of the same calls is used: each runs until it would wait, and the wait is ours.
 * When the deadline passes, a second connection tells the server to stop the statement; the first
 * then gets an error for it, or the end of its rows, and is in step again. A server that does not
 * react to that in time loses the connection.
 *
 * To stop a statement from another thread is the same by the same means. The lock is held while the
 * server is told, and a turn that ends meanwhile waits for it: so what was meant for one statement
 * never hits the next.
 */
#include "driver/mariadb/mariadb_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/error.h"

/* How long a server that was told to stop may take. */
enum { GRACE_MS = 5000 };

typedef struct step_call {
    rowan__mariadb_connection *connection;
    rowan__mariadb_step step;
    MYSQL_STMT *stmt;
    const char *sql;
    size_t size;
    int result;
    MYSQL_RES *rows; /* of TEXT_ROWS */
} step_call;

/*
 * Prepares for non-blocking calls, which need a stack for the call that is suspended, a quarter of
 * a megabyte: most connections never do. false: out of memory.
 */
static bool can_wait(rowan__mariadb_connection *connection)
{
    connection->can_wait = connection->can_wait ||
                           client->mysql_options(connection->mysql, MYSQL_OPT_NONBLOCK, NULL) == 0;
    return connection->can_wait;
}

rowan_status rowan__mariadb_check_deadline(rowan__mariadb_connection *connection,
                                           int64_t deadline_ns, rowan_error *error)
{
    if (rowan__now_ns() >= deadline_ns) {
        return rowan__mariadb_fail_stopped(connection, ROWAN_TIMEOUT, error);
    }
    return can_wait(connection) ? ROWAN_OK : rowan__fail_nomem(error);
}

rowan_status rowan__mariadb_turn_move(rowan__mariadb_connection *connection, int64_t deadline_ns,
                                      rowan_error *error)
{
    if (deadline_ns != 0 && !can_wait(connection)) {
        return rowan__fail_nomem(error);
    }
    connection->turn.deadline_ns = deadline_ns;
    return ROWAN_OK;
}

void rowan__mariadb_hurry(rowan__mariadb_connection *connection, unsigned ms)
{
    connection->turn.deadline_ns =
        can_wait(connection) ? rowan__now_ns() + (int64_t)ms * 1000000 : 0;
}

/* Waits for one who is just telling the server. */
static void let_canceller_end(rowan__mariadb_connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    pthread_mutex_unlock(&connection->lock);
}

void rowan__mariadb_turn_end(rowan__mariadb_connection *connection)
{
    if (atomic_exchange(&connection->phase, ROWAN__MARIADB_IDLE) == ROWAN__MARIADB_CANCELLING) {
        let_canceller_end(connection);
    }
}

rowan_status rowan__mariadb_why_stopped(rowan__mariadb_connection *connection)
{
    int phase = atomic_load_explicit(&connection->phase, memory_order_acquire);

    if (phase == ROWAN__MARIADB_CANCELLING) {
        let_canceller_end(connection);
        phase = atomic_load(&connection->phase);
    }
    if (phase == ROWAN__MARIADB_CANCELLED) {
        return ROWAN_CANCELLED;
    }
    return connection->turn.timed_out ? ROWAN_TIMEOUT : ROWAN_OK;
}

rowan_status rowan__mariadb_kill(rowan__mariadb_connection *connection, rowan_error *error)
{
    char sql[48];
    MYSQL *other;
    rowan_status status = rowan__mariadb_dial(&connection->address, &other, error);

    if (status != ROWAN_OK) {
        return status;
    }
    int size =
        snprintf(sql, sizeof sql, "KILL QUERY %lu", client->mysql_thread_id(connection->mysql));
    if (client->mysql_real_query(other, sql, (unsigned long)size) != 0) {
        status = rowan__fail(error, ROWAN_ENGINE,
                             "the server did not take KILL QUERY: the statement goes on");
        if (error) {
            error->native = (int)client->mysql_errno(other);
            rowan__error_copy(error->engine_message, sizeof error->engine_message,
                              client->mysql_error(other), strlen(client->mysql_error(other)));
        }
    }
    client->mysql_close(other);
    return status;
}

rowan_status rowan__mariadb_cancel(rowan__connection *base, rowan_error *error)
{
    rowan__mariadb_connection *connection = (rowan__mariadb_connection *)base;
    rowan_status status = ROWAN_OK;

    pthread_mutex_lock(&connection->lock);
    int before = atomic_load(&connection->phase);
    if (before != ROWAN__MARIADB_IDLE &&
        atomic_compare_exchange_strong(&connection->phase, &before, ROWAN__MARIADB_CANCELLING)) {
        int during = ROWAN__MARIADB_CANCELLING; /* unless the turn ends meanwhile */
        status = rowan__mariadb_kill(connection, error);
        atomic_compare_exchange_strong(&connection->phase, &during,
                                       status == ROWAN_OK ? ROWAN__MARIADB_CANCELLED : before);
    }
    pthread_mutex_unlock(&connection->lock);
    return status;
}

rowan_status rowan__mariadb_turn_next(rowan__mariadb_connection *connection,
                                      rowan__mariadb_kind kind, rowan_error *error)
{
    rowan__mariadb_turn *turn = &connection->turn;
    rowan_status status = rowan__mariadb_stopped(connection);

    if (status != ROWAN_OK) {
        return rowan__mariadb_fail_stopped(connection, status, error);
    }
    if (turn->deadline_ns != 0) {
        status = rowan__mariadb_check_deadline(connection, turn->deadline_ns, error);
    }
    turn->waited_ns = 0;
    turn->kind = kind;
    return status;
}

static int take_blocking(step_call *call)
{
    MYSQL *mysql = call->connection->mysql;

    switch (call->step) {
    case ROWAN__MARIADB_PREPARE:
        return client->mysql_stmt_prepare(call->stmt, call->sql, (unsigned long)call->size);
    case ROWAN__MARIADB_EXECUTE:
        return client->mysql_stmt_execute(call->stmt);
    case ROWAN__MARIADB_STORE:
        return client->mysql_stmt_store_result(call->stmt);
    case ROWAN__MARIADB_FETCH:
        return client->mysql_stmt_fetch(call->stmt);
    case ROWAN__MARIADB_NEXT:
        return client->mysql_stmt_next_result(call->stmt);
    case ROWAN__MARIADB_QUERY:
        return client->mysql_real_query(mysql, call->sql, (unsigned long)call->size);
    case ROWAN__MARIADB_TEXT_ROWS:
        call->rows = client->mysql_store_result(mysql);
        return 0;
    case ROWAN__MARIADB_TEXT_NEXT:
        return client->mysql_next_result(mysql);
    }
    return 1;
}

/* Begins a step. @return what it waits for, MYSQL_WAIT_…; 0: it is done */
static int start_step(step_call *call)
{
    MYSQL *mysql = call->connection->mysql;

    switch (call->step) {
    case ROWAN__MARIADB_PREPARE:
        return client->mysql_stmt_prepare_start(&call->result, call->stmt, call->sql,
                                                (unsigned long)call->size);
    case ROWAN__MARIADB_EXECUTE:
        return client->mysql_stmt_execute_start(&call->result, call->stmt);
    case ROWAN__MARIADB_STORE:
        return client->mysql_stmt_store_result_start(&call->result, call->stmt);
    case ROWAN__MARIADB_FETCH:
        return client->mysql_stmt_fetch_start(&call->result, call->stmt);
    case ROWAN__MARIADB_NEXT:
        return client->mysql_stmt_next_result_start(&call->result, call->stmt);
    case ROWAN__MARIADB_QUERY:
        return client->mysql_real_query_start(&call->result, mysql, call->sql,
                                              (unsigned long)call->size);
    case ROWAN__MARIADB_TEXT_ROWS:
        return client->mysql_store_result_start(&call->rows, mysql);
    case ROWAN__MARIADB_TEXT_NEXT:
        return client->mysql_next_result_start(&call->result, mysql);
    }
    return 0;
}

static int continue_step(step_call *call, int ready)
{
    MYSQL *mysql = call->connection->mysql;

    switch (call->step) {
    case ROWAN__MARIADB_PREPARE:
        return client->mysql_stmt_prepare_cont(&call->result, call->stmt, ready);
    case ROWAN__MARIADB_EXECUTE:
        return client->mysql_stmt_execute_cont(&call->result, call->stmt, ready);
    case ROWAN__MARIADB_STORE:
        return client->mysql_stmt_store_result_cont(&call->result, call->stmt, ready);
    case ROWAN__MARIADB_FETCH:
        return client->mysql_stmt_fetch_cont(&call->result, call->stmt, ready);
    case ROWAN__MARIADB_NEXT:
        return client->mysql_stmt_next_result_cont(&call->result, call->stmt, ready);
    case ROWAN__MARIADB_QUERY:
        return client->mysql_real_query_cont(&call->result, mysql, ready);
    case ROWAN__MARIADB_TEXT_ROWS:
        return client->mysql_store_result_cont(&call->rows, mysql, ready);
    case ROWAN__MARIADB_TEXT_NEXT:
        return client->mysql_next_result_cont(&call->result, mysql, ready);
    }
    return 0;
}

/* Waits until the socket is ready. @return what it is ready for; 0 when the time is over */
static int wait_until(MYSQL *mysql, int wants, int64_t limit_ns)
{
    struct pollfd socket = {.fd = client->mysql_get_socket(mysql)};
    int ready = 0;

    socket.events = (short)(((wants & MYSQL_WAIT_READ) ? POLLIN : 0) |
                            ((wants & MYSQL_WAIT_WRITE) ? POLLOUT : 0) |
                            ((wants & MYSQL_WAIT_EXCEPT) ? POLLPRI : 0));
    do {
        int64_t left_ns = limit_ns - rowan__now_ns();
        ready = left_ns > 0 ? poll(&socket, 1, (int)(left_ns / 1000000) + 1) : 0;
        if (left_ns <= 0) {
            return 0;
        }
    } while (ready == 0 || (ready < 0 && errno == EINTR));
    if (socket.revents & (POLLERR | POLLHUP | POLLNVAL)) {
        return wants & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE | MYSQL_WAIT_EXCEPT);
    }
    return ((socket.revents & POLLIN) ? MYSQL_WAIT_READ : 0) |
           ((socket.revents & POLLOUT) ? MYSQL_WAIT_WRITE : 0) |
           ((socket.revents & POLLPRI) ? MYSQL_WAIT_EXCEPT : 0);
}

/* The deadline passed: the server is to stop. What cannot be stopped is cut off. */
static void stop_server(rowan__mariadb_connection *connection, int64_t *limit_ns)
{
    bool first = !connection->turn.timed_out;

    connection->turn.timed_out = true;
    *limit_ns = rowan__now_ns() + (int64_t)GRACE_MS * 1000000;
    if (!first || rowan__mariadb_kill(connection, NULL) != ROWAN_OK) {
        shutdown(client->mysql_get_socket(connection->mysql), SHUT_RDWR);
    }
}

static void take_within_deadline(step_call *call)
{
    rowan__mariadb_connection *connection = call->connection;
    int64_t limit_ns = connection->turn.timed_out ? rowan__now_ns() + (int64_t)GRACE_MS * 1000000
                                                  : connection->turn.deadline_ns;

    if (!connection->turn.timed_out && rowan__now_ns() >= limit_ns) {
        stop_server(connection, &limit_ns); /* rows that keep coming: nobody waits */
    }
    int wants = start_step(call);
    while (wants != 0) {
        int ready = wait_until(connection->mysql, wants, limit_ns);
        if (ready == 0) {
            stop_server(connection, &limit_ns);
        } else {
            wants = continue_step(call, ready);
        }
    }
}

int rowan__mariadb_take(rowan__mariadb_connection *connection, rowan__mariadb_step step,
                        MYSQL_STMT *stmt, const char *sql, size_t size)
{
    rowan__mariadb_turn *turn = &connection->turn;
    step_call call = {
        .connection = connection, .step = step, .stmt = stmt, .sql = sql, .size = size};
    int64_t start_ns = turn->timed ? rowan__now_ns() : 0;

    if (turn->deadline_ns != 0) {
        take_within_deadline(&call);
    } else {
        call.result = take_blocking(&call);
    }
    if (turn->timed) {
        turn->waited_ns += rowan__now_ns() - start_ns;
    }
    if (step == ROWAN__MARIADB_TEXT_ROWS) {
        client->mysql_free_result(call.rows);
        return (int)client->mysql_errno(connection->mysql);
    }
    return call.result;
}
