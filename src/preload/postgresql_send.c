/*
 * libpq: what is sent. PQexec and its like send and wait; the PQsend… functions only send, and
 * PQgetResult brings what came of it (postgresql_result.c).
 *
 * Functions of libpq call one another by way of the hooks: what comes from inside is passed on. But
 * PQexec and PQfn are called from inside only by what is no hook, such as PQsetClientEncoding or
 * the functions for large objects; there the statement is told here.
 */
#include <stdio.h>
#include <string.h>

#include "preload/postgresql_hooks.h"

#define CALLER __builtin_return_address(0)

/* The parameters of a call, as libpq takes them. */
typedef struct parameters {
    int count;
    int type_count;
    const Oid *types; /* NULL: all unknown */
    const char *const *values;
    const int *sizes;   /* of binary ones */
    const int *formats; /* NULL: all are text */
} parameters;

static void note_parameters(recording *r, const parameters *p)
{
    unsigned char scratch[POSTGRESQL_SCRATCH];

    for (int i = 0; p->values != NULL && i < p->count; i++) {
        const char *data = p->values[i];
        bool is_binary = p->formats != NULL && p->formats[i] != 0;
        Oid type = p->types != NULL && i < p->type_count ? p->types[i] : 0;
        size_t size = 0;
        if (data != NULL && !is_binary) {
            size = strlen(data);
        } else if (data != NULL && p->sizes != NULL && p->sizes[i] > 0) {
            size = (size_t)p->sizes[i];
        }
        rowan_value value = postgresql_value(type, is_binary, data, size, scratch);
        recording_param(r, &value);
    }
}

/* Begins a statement; NULL if it is not recorded. */
static postgresql_call *begin(postgresql_connection *c, PGconn *conn, uint32_t text,
                              const void *caller)
{
    postgresql_call *call = postgresql_call_new(c, POSTGRESQL_STATEMENT);

    if (call != NULL) {
        if (c->trip == 0 || !postgresql_is_pipelined(conn)) {
            c->trip = recorder_trip();
        }
        recording_begin(&call->recording, c->number, text, caller);
        recording_trip(&call->recording, c->trip);
    }
    return call;
}

static postgresql_call *begin_text(postgresql_connection *c, PGconn *conn, const char *sql,
                                   const parameters *p, const void *caller)
{
    postgresql_call *call;

    if (c == NULL || sql == NULL) {
        return NULL;
    }
    call = begin(c, conn, recorder_text(RECORDER_POSTGRESQL, sql, strlen(sql)), caller);
    if (call != NULL && p != NULL) {
        note_parameters(&call->recording, p);
    } else if (call != NULL) {
        call->prepared = postgresql_deallocated(c, sql);
    }
    return call;
}

/* A statement that was prepared in another way is known by its name only. */
static uint32_t text_of_name(const char *name)
{
    char text[128];

    snprintf(text, sizeof text, "EXECUTE \"%s\"", name);
    return recorder_text(RECORDER_POSTGRESQL, text, strlen(text));
}

static postgresql_call *begin_prepared(postgresql_connection *c, PGconn *conn, const char *name,
                                       parameters *p, const void *caller)
{
    postgresql_prepared *prepared;
    postgresql_call *call;

    if (c == NULL || name == NULL) {
        return NULL;
    }
    prepared = postgresql_prepared_of(c, name);
    if (prepared != NULL) {
        p->types = prepared->types;
        p->type_count = prepared->type_count;
    }
    call = begin(c, conn, prepared && prepared->text ? prepared->text : text_of_name(name), caller);
    if (call != NULL) {
        note_parameters(&call->recording, p);
        call->executed = prepared;
    }
    return call;
}

/* --- Send and wait. --- */

/* Nothing was sent if there is no result: the connection is in a pipeline, say, or is gone. */
static PGresult *executed(postgresql_connection *c, PGconn *conn, postgresql_call *call,
                          PGresult *result)
{
    if (call == NULL) {
        return result;
    }
    if (result == NULL) {
        postgresql_call_drop(c, call);
        return NULL;
    }
    c->trip = 0;
    postgresql_answer(c, call, result);
    if (postgresql_is_copy(result)) {
        postgresql_call_sent(c, conn, call);
    } else {
        postgresql_calls_end(c); /* results that were still to be had are thrown away by libpq */
        postgresql_call_end(c, call);
    }
    return result;
}

HOOK PGresult *PQexec(PGconn *conn, const char *query)
{
    postgresql_connection *c = postgresql_connection_of(conn);
    postgresql_call *call = begin_text(c, conn, query, NULL, CALLER);

    return executed(c, conn, call, CALLED(PQexec)(conn, query));
}

HOOK PGresult *PQexecParams(PGconn *conn, const char *command, int nParams, const Oid *paramTypes,
                            const char *const *paramValues, const int *paramLengths,
                            const int *paramFormats, int resultFormat)
{
    parameters p = {nParams, nParams, paramTypes, paramValues, paramLengths, paramFormats};
    postgresql_connection *c = postgresql_connection_of(conn);
    postgresql_call *call = begin_text(c, conn, command, &p, CALLER);

    return executed(c, conn, call,
                    CALLED(PQexecParams)(conn, command, nParams, paramTypes, paramValues,
                                         paramLengths, paramFormats, resultFormat));
}

HOOK PGresult *PQexecPrepared(PGconn *conn, const char *stmtName, int nParams,
                              const char *const *paramValues, const int *paramLengths,
                              const int *paramFormats, int resultFormat)
{
    parameters p = {nParams, 0, NULL, paramValues, paramLengths, paramFormats};
    postgresql_connection *c = postgresql_connection_of(conn);
    postgresql_call *call = begin_prepared(c, conn, stmtName, &p, CALLER);

    return executed(c, conn, call,
                    CALLED(PQexecPrepared)(conn, stmtName, nParams, paramValues, paramLengths,
                                           paramFormats, resultFormat));
}

/* What a statement is for that only prepares or describes another. */
static postgresql_call *about(postgresql_connection *c, postgresql_kind kind,
                              postgresql_prepared *prepared, uint32_t previous)
{
    postgresql_call *call = c != NULL ? postgresql_call_new(c, kind) : NULL;

    if (call != NULL) {
        call->prepared = prepared;
        call->previous = previous;
    }
    return call;
}

static postgresql_call *begin_prepare(postgresql_connection *c, const char *name, const char *sql,
                                      int count, const Oid *types)
{
    postgresql_prepared *prepared = NULL;
    uint32_t previous = 0;

    if (c != NULL && name != NULL && sql != NULL) {
        prepared = postgresql_prepare(c, name, recorder_text(RECORDER_POSTGRESQL, sql, strlen(sql)),
                                      &previous);
    }
    if (prepared != NULL) {
        postgresql_prepared_types(prepared, count, types);
    }
    return about(c, POSTGRESQL_PREPARE, prepared, previous);
}

HOOK PGresult *PQprepare(PGconn *conn, const char *stmtName, const char *query, int nParams,
                         const Oid *paramTypes)
{
    postgresql_connection *c = postgresql_connection_of(conn);
    postgresql_call *call = begin_prepare(c, stmtName, query, nParams, paramTypes);

    return executed(c, conn, call, CALLED(PQprepare)(conn, stmtName, query, nParams, paramTypes));
}

static postgresql_call *begin_describe(postgresql_connection *c, const char *name)
{
    return about(c, POSTGRESQL_DESCRIBE,
                 c != NULL && name != NULL ? postgresql_prepared_of(c, name) : NULL, 0);
}

HOOK PGresult *PQdescribePrepared(PGconn *conn, const char *stmtName)
{
    postgresql_connection *c = postgresql_known(conn);
    postgresql_call *call = begin_describe(c, stmtName);

    return executed(c, conn, call, CALLED(PQdescribePrepared)(conn, stmtName));
}

/* The protocol's function call has no text. */
static postgresql_call *begin_function(postgresql_connection *c, PGconn *conn, int function,
                                       const PQArgBlock *args, int count, const void *caller)
{
    char text[64];
    postgresql_call *call;

    snprintf(text, sizeof text, "SELECT function_with_oid(%d)", function);
    call = begin_text(c, conn, text, NULL, caller);
    for (int i = 0; call != NULL && args != NULL && i < count; i++) {
        rowan_value value = rowan_v_null();
        if (args[i].len >= 0) {
            value = args[i].isint
                        ? rowan_v_int64(args[i].u.integer)
                        : rowan_v_bytes(ROWAN_TYPE_BLOB, args[i].u.ptr, (size_t)args[i].len);
        }
        recording_param(&call->recording, &value);
    }
    return call;
}

HOOK PGresult *PQfn(PGconn *conn, int fnid, int *result_buf, int *result_len, int result_is_int,
                    const PQArgBlock *args, int nargs)
{
    postgresql_connection *c = postgresql_connection_of(conn);
    postgresql_call *call = begin_function(c, conn, fnid, args, nargs, CALLER);

    return executed(c, conn, call,
                    CALLED(PQfn)(conn, fnid, result_buf, result_len, result_is_int, args, nargs));
}

/* --- Only send. --- */

static int sent(postgresql_connection *c, PGconn *conn, postgresql_call *call, int ok)
{
    if (call != NULL && ok) {
        postgresql_call_sent(c, conn, call);
    } else {
        postgresql_call_drop(c, call);
    }
    return ok;
}

/* NULL if a function of libpq itself sends. */
static postgresql_connection *sender(PGconn *conn, const void *caller)
{
    (void)symbol_address(&CLIENT, S_PQsendQuery); /* from then on it is known where libpq is */
    return client_owns(&CLIENT, caller) ? NULL : postgresql_connection_of(conn);
}

HOOK int PQsendQuery(PGconn *conn, const char *query)
{
    postgresql_connection *c = sender(conn, CALLER);
    postgresql_call *call = begin_text(c, conn, query, NULL, CALLER);

    return sent(c, conn, call, CALLED(PQsendQuery)(conn, query));
}

HOOK int PQsendQueryParams(PGconn *conn, const char *command, int nParams, const Oid *paramTypes,
                           const char *const *paramValues, const int *paramLengths,
                           const int *paramFormats, int resultFormat)
{
    parameters p = {nParams, nParams, paramTypes, paramValues, paramLengths, paramFormats};
    postgresql_connection *c = sender(conn, CALLER);
    postgresql_call *call = begin_text(c, conn, command, &p, CALLER);

    return sent(c, conn, call,
                CALLED(PQsendQueryParams)(conn, command, nParams, paramTypes, paramValues,
                                          paramLengths, paramFormats, resultFormat));
}

HOOK int PQsendQueryPrepared(PGconn *conn, const char *stmtName, int nParams,
                             const char *const *paramValues, const int *paramLengths,
                             const int *paramFormats, int resultFormat)
{
    parameters p = {nParams, 0, NULL, paramValues, paramLengths, paramFormats};
    postgresql_connection *c = sender(conn, CALLER);
    postgresql_call *call = begin_prepared(c, conn, stmtName, &p, CALLER);

    return sent(c, conn, call,
                CALLED(PQsendQueryPrepared)(conn, stmtName, nParams, paramValues, paramLengths,
                                            paramFormats, resultFormat));
}

HOOK int PQsendPrepare(PGconn *conn, const char *stmtName, const char *query, int nParams,
                       const Oid *paramTypes)
{
    postgresql_connection *c = sender(conn, CALLER);
    postgresql_call *call = begin_prepare(c, stmtName, query, nParams, paramTypes);

    return sent(c, conn, call, CALLED(PQsendPrepare)(conn, stmtName, query, nParams, paramTypes));
}

HOOK int PQsendDescribePrepared(PGconn *conn, const char *stmt)
{
    postgresql_connection *c = sender(conn, CALLER);
    postgresql_call *call = begin_describe(c, stmt);

    return sent(c, conn, call, CALLED(PQsendDescribePrepared)(conn, stmt));
}

/* --- What has a result in a pipeline, and is no statement. --- */

HOOK int PQsendDescribePortal(PGconn *conn, const char *portal)
{
    postgresql_connection *c = sender(conn, CALLER);
    postgresql_call *call = about(c, POSTGRESQL_OTHER, NULL, 0);

    return sent(c, conn, call, CALLED(PQsendDescribePortal)(conn, portal));
}

HOOK int PQpipelineSync(PGconn *conn)
{
    postgresql_connection *c = sender(conn, CALLER);
    postgresql_call *call = about(c, POSTGRESQL_SYNC, NULL, 0);

    return sent(c, conn, call, CALLED(PQpipelineSync)(conn));
}

/* Of libpq 17: a program that looks for them finds these, whether libpq has them or not. */

HOOK int PQsendClosePrepared(PGconn *conn, const char *name)
{
    postgresql_connection *c = sender(conn, CALLER);

    if (symbol_address(&CLIENT, S_PQsendClosePrepared) == NULL) {
        return 0;
    }
    postgresql_call *call = about(c, POSTGRESQL_OTHER, NULL, 0);
    return sent(c, conn, call, CALLED(PQsendClosePrepared)(conn, name));
}

HOOK int PQsendClosePortal(PGconn *conn, const char *name)
{
    postgresql_connection *c = sender(conn, CALLER);

    if (symbol_address(&CLIENT, S_PQsendClosePortal) == NULL) {
        return 0;
    }
    postgresql_call *call = about(c, POSTGRESQL_OTHER, NULL, 0);
    return sent(c, conn, call, CALLED(PQsendClosePortal)(conn, name));
}

HOOK int PQsendPipelineSync(PGconn *conn)
{
    postgresql_connection *c = sender(conn, CALLER);

    if (symbol_address(&CLIENT, S_PQsendPipelineSync) == NULL) {
        return 0;
    }
    postgresql_call *call = about(c, POSTGRESQL_SYNC, NULL, 0);
    return sent(c, conn, call, CALLED(PQsendPipelineSync)(conn));
}
