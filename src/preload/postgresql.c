/*
 * libpq: what is kept for a connection.
 *
 * The calls under way are a queue, as libpq's own: outside pipeline mode it has one entry at most.
 * A statement's clock runs while it is the first of them and its result has not come: behind a
 * statement of the same pipeline it waits for that one.
 */
#include "preload/postgresql_hooks.h"

#include <pthread.h>
#include <stdio.h>

#include "base/alloc.h"

static symbol symbols[POSTGRESQL_SYMBOLS] = {
#define NAMED(function) [S_##function] = {.name = #function}
    NAMED(PQfinish),
    NAMED(PQreset),
    NAMED(PQresetStart),
    NAMED(PQexec),
    NAMED(PQexecParams),
    NAMED(PQprepare),
    NAMED(PQexecPrepared),
    NAMED(PQdescribePrepared),
    NAMED(PQfn),
    NAMED(PQsendQuery),
    NAMED(PQsendQueryParams),
    NAMED(PQsendPrepare),
    NAMED(PQsendQueryPrepared),
    NAMED(PQsendDescribePrepared),
    NAMED(PQsendDescribePortal),
    NAMED(PQsendClosePrepared),
    NAMED(PQsendClosePortal),
    NAMED(PQpipelineSync),
    NAMED(PQsendPipelineSync),
    NAMED(PQgetResult),
    NAMED(PQisBusy),
    NAMED(PQendcopy),
    NAMED(PQclear),
    NAMED(PQcopyResult),
    NAMED(PQpipelineStatus),
    NAMED(PQdb),
    NAMED(PQhost),
    NAMED(PQport),
    NAMED(PQresultStatus),
    NAMED(PQresultErrorField),
    NAMED(PQcmdTuples),
    NAMED(PQntuples),
    NAMED(PQnfields),
    NAMED(PQfname),
    NAMED(PQftype),
    NAMED(PQfformat),
    NAMED(PQgetisnull),
    NAMED(PQgetvalue),
    NAMED(PQgetlength),
    NAMED(PQnparams),
    NAMED(PQparamtype),
#undef NAMED
};
static const char *const sonames[] = {"libpq.so", "libpq-", NULL};
client postgresql_client = {
    .name = "libpq",
    .sonames = sonames,
    .symbols = symbols,
    .symbol_count = POSTGRESQL_SYMBOLS,
};
static table connections = {.entry_size = sizeof(postgresql_connection)};

/* --- Connections. --- */

static uint32_t number_of(PGconn *conn)
{
    const char *host = REAL(PQhost)(conn), *port = REAL(PQport)(conn), *name = REAL(PQdb)(conn);
    char database[512];

    snprintf(database, sizeof database, "%s:%s/%s", host ? host : "", port ? port : "",
             name ? name : "");
    return recorder_connection(RECORDER_POSTGRESQL, database);
}

postgresql_connection *postgresql_known(PGconn *conn)
{
    return conn != NULL ? table_find(&connections, conn) : NULL;
}

postgresql_connection *postgresql_connection_of(PGconn *conn)
{
    if (conn == NULL || !recorder_is_on()) {
        return NULL;
    }
    postgresql_connection *c = table_add(&connections, conn);
    if (c != NULL && c->number == 0) {
        c->number = number_of(conn);
    }
    return c;
}

bool postgresql_is_pipelined(PGconn *conn)
{
    return symbol_address(&CLIENT, S_PQpipelineStatus) != NULL && /* since libpq 14 */
           REAL(PQpipelineStatus)(conn) != PQ_PIPELINE_OFF;
}

/* --- Calls. --- */

postgresql_call *postgresql_call_new(postgresql_connection *c, postgresql_kind kind)
{
    postgresql_call *call = c->spare;

    if (call == NULL) {
        call = rowan__new(&rowan__default_allocator, 1, sizeof *call);
        if (call == NULL) {
            return NULL;
        }
    } else {
        c->spare = call->next;
    }
    call->next = NULL;
    call->kind = kind;
    call->is_answered = call->has_rows = call->has_more = false;
    call->prepared = call->executed = NULL;
    call->previous = 0;
    call->stream = NULL;
    return call;
}

void postgresql_call_sent(postgresql_connection *c, PGconn *conn, postgresql_call *call)
{
    if (!postgresql_is_pipelined(conn)) {
        postgresql_calls_end(c); /* else libpq would have refused */
    } else if (c->first != NULL) {
        recording_pause(&call->recording);
    }
    if (c->first == NULL) {
        c->first = call;
    } else {
        c->last->next = call;
    }
    c->last = call;
}

void postgresql_call_end(postgresql_connection *c, postgresql_call *call)
{
    recording_end(&call->recording);
    postgresql_stream_end(call->stream);
    call->stream = NULL;
    call->next = c->spare;
    c->spare = call;
}

void postgresql_call_drop(postgresql_connection *c, postgresql_call *call)
{
    if (call != NULL) {
        recording_drop(&call->recording);
        postgresql_unprepare(call);
        postgresql_call_end(c, call);
    }
}

void postgresql_call_pop(postgresql_connection *c)
{
    postgresql_call *call = c->first;

    c->first = call->next;
    if (c->first == NULL) {
        c->last = NULL;
    }
    postgresql_call_end(c, call);
}

void postgresql_calls_end(postgresql_connection *c)
{
    while (c->first != NULL) {
        postgresql_call_pop(c);
    }
}

/* --- Its end. --- */

/* The next session on this connection is another one. */
static void forget_session(postgresql_connection *c)
{
    postgresql_calls_end(c);
    postgresql_prepared_forget_all(c);
    c->number = 0;
    c->trip = 0;
}

static void forget_connection(postgresql_connection *c)
{
    forget_session(c);
    while (c->spare != NULL) {
        postgresql_call *call = c->spare;
        c->spare = call->next;
        recording_fini(&call->recording);
        rowan__free(&rowan__default_allocator, call, 1, sizeof *call);
    }
    table_remove(c);
}

HOOK void PQfinish(PGconn *conn)
{
    postgresql_connection *c = postgresql_known(conn);

    if (c != NULL) {
        forget_connection(c);
    }
    CALLED(PQfinish)(conn);
}

HOOK void PQreset(PGconn *conn)
{
    postgresql_connection *c = postgresql_known(conn);

    if (c != NULL) {
        forget_session(c);
    }
    CALLED(PQreset)(conn);
}

HOOK int PQresetStart(PGconn *conn)
{
    postgresql_connection *c = postgresql_known(conn);

    if (c != NULL) {
        forget_session(c);
    }
    return CALLED(PQresetStart)(conn);
}

/* --- The program's end, and its children. --- */

static void end_calls_of(void *kept)
{
    postgresql_calls_end(kept);
}

/* Statements whose results nobody asked for. */
__attribute__((destructor)) static void end_calls(void)
{
    table_each(&connections, end_calls_of);
    postgresql_follow_end();
}

static void drop_calls_of(void *kept)
{
    postgresql_connection *c = kept;

    for (postgresql_call *call = c->first; call != NULL; call = call->next) {
        recording_drop(&call->recording);
    }
}

/* In a child: what is under way is the parent's. */
static void drop_calls(void)
{
    table_each(&connections, drop_calls_of);
}

__attribute__((constructor)) static void look(void)
{
    client_look(&CLIENT);
    (void)pthread_atfork(NULL, NULL, drop_calls);
}
