/*
 * libpq: results. A statement ends with the NULL that follows its last result; its clock stops with
 * each result that the program gets, and goes on as soon as it waits for another.
 */
#include <stdlib.h>

#include "preload/postgresql_hooks.h"

enum { MOST_COLUMNS = 256, TUPLES_CHUNK = 12 /* PGRES_TUPLES_CHUNK, of libpq 17 */ };

static uint32_t tell_columns(const PGresult *result, int count)
{
    const char *names[MOST_COLUMNS];

    for (int i = 0; i < count; i++) {
        names[i] = REAL(PQfname)(result, i);
    }
    return recorder_columns(names, (size_t)count);
}

static uint32_t columns_of(postgresql_prepared *executed, const PGresult *result, int count)
{
    if (executed == NULL) {
        return tell_columns(result, count);
    }
    if (executed->columns == 0) {
        executed->columns = tell_columns(result, count);
    }
    return executed->columns;
}

static void note_row(recording *r, const PGresult *result, int row, int columns)
{
    unsigned char scratch[POSTGRESQL_SCRATCH];

    for (int i = 0; i < columns; i++) {
        const char *data =
            REAL(PQgetisnull)(result, row, i) ? NULL : REAL(PQgetvalue)(result, row, i);
        rowan_value value =
            postgresql_value(REAL(PQftype)(result, i), REAL(PQfformat)(result, i) != 0, data,
                             (size_t)REAL(PQgetlength)(result, row, i), scratch);
        recording_cell(r, &value);
    }
    recording_row(r);
}

/* What the program reads of it. */
static void follow(postgresql_call *call, const PGresult *result, bool is_last)
{
    if (call->has_more) {
        return;
    }
    if (call->has_rows) {
        postgresql_follow_no_more(&call->recording);
        call->has_more = true;
    } else if (!is_last) {
        if (call->stream == NULL) {
            call->stream = postgresql_stream_new(&call->recording);
        }
        postgresql_stream_follow(call->stream, result);
    } else if (call->stream == NULL) {
        postgresql_follow(&call->recording, result);
    }
}

/* In single-row mode a statement has many such results, with the same columns, and one without rows
 * at the end. What a text with several statements gives after that is only counted. */
static void note_rows(postgresql_call *call, const PGresult *result, bool is_last)
{
    recording *r = &call->recording;
    int rows = REAL(PQntuples)(result), columns = REAL(PQnfields)(result), row = 0;

    if (columns > MOST_COLUMNS) {
        columns = MOST_COLUMNS;
    }
    if (r->columns == 0 && columns > 0) {
        recording_columns(r, columns_of(call->executed, result, columns));
    }
    while (row < rows && !call->has_rows && recording_wants_row(r)) {
        note_row(r, result, row++, columns);
    }
    recording_rows(r, (uint64_t)(rows - row));
    follow(call, result, is_last);
    call->has_rows = call->has_rows || is_last;
}

static void note_changed(recording *r, const PGresult *result)
{
    /* It takes a PGresult that is not const, and does not change it. */
    const char *count = REAL(PQcmdTuples)((PGresult *)(uintptr_t)result);

    recording_rows(r, strtoull(count, NULL, 10));
}

static void note_error(postgresql_call *call, const PGresult *result)
{
    const char *state = REAL(PQresultErrorField)(result, PG_DIAG_SQLSTATE);

    postgresql_unprepare(call);
    recording_error(&call->recording, state != NULL ? state : "connection lost");
}

static void note_types(postgresql_prepared *prepared, const PGresult *result)
{
    int count = REAL(PQnparams)(result);
    Oid types[MOST_COLUMNS];

    if (count > 0 && count <= MOST_COLUMNS) {
        for (int i = 0; i < count; i++) {
            types[i] = REAL(PQparamtype)(result, i);
        }
        postgresql_prepared_types(prepared, count, types);
    }
}

static void note_command(postgresql_connection *c, postgresql_call *call, const PGresult *result)
{
    bool is_alone = c->first == NULL || (c->first == call && call->next == NULL);

    note_changed(&call->recording, result);
    if (call->prepared == NULL) {
        return;
    }
    if (call->kind == POSTGRESQL_DESCRIBE) {
        note_types(call->prepared, result);
    } else if (call->kind == POSTGRESQL_STATEMENT && is_alone) {
        postgresql_prepared_forget(c, call->prepared);
        call->prepared = NULL;
    }
}

bool postgresql_is_copy(const PGresult *result)
{
    ExecStatusType status = REAL(PQresultStatus)(result);

    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

void postgresql_answer(postgresql_connection *c, postgresql_call *call, const PGresult *result)
{
    ExecStatusType status = REAL(PQresultStatus)(result);

    recording_pause(&call->recording);
    call->is_answered = true;
    if (status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE || (int)status == TUPLES_CHUNK) {
        if (call->recording.is_open) {
            note_rows(call, result, status == PGRES_TUPLES_OK);
        }
    } else if (status == PGRES_COMMAND_OK) {
        note_command(c, call, result);
    } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
        note_error(call, result);
    } else if (status == PGRES_PIPELINE_ABORTED) {
        recording_drop(&call->recording); /* the server passed it over */
        postgresql_unprepare(call);
    }
}

/* What the program got from PQgetResult. */
static void took(postgresql_connection *c, PGconn *conn, const PGresult *result)
{
    postgresql_call *call = c->first;

    c->trip = 0; /* it has waited: what it sends next is another round trip */
    if (result == NULL) {
        /* In a pipeline a NULL stands after every statement, and where nothing is to be had. */
        if (call->is_answered || !postgresql_is_pipelined(conn)) {
            postgresql_call_pop(c);
        }
    } else if (REAL(PQresultStatus)(result) == PGRES_PIPELINE_SYNC) {
        while (c->first != NULL && c->first->kind != POSTGRESQL_SYNC) {
            postgresql_call_pop(c);
        }
        if (c->first != NULL) {
            postgresql_call_pop(c); /* no NULL follows it */
        }
    } else {
        postgresql_answer(c, call, result);
    }
}

HOOK PGresult *PQgetResult(PGconn *conn)
{
    bool is_inner = client_owns(&CLIENT, __builtin_return_address(0));
    postgresql_connection *c = is_inner ? NULL : postgresql_known(conn);
    PGresult *result;

    if (c == NULL || c->first == NULL) {
        return CALLED(PQgetResult)(conn);
    }
    recording_resume(&c->first->recording);
    result = REAL(PQgetResult)(conn);
    took(c, conn, result);
    return result;
}

HOOK int PQisBusy(PGconn *conn)
{
    int is_busy = CALLED(PQisBusy)(conn);
    postgresql_connection *c = is_busy ? postgresql_known(conn) : NULL;

    if (c != NULL && c->first != NULL) {
        recording_resume(&c->first->recording); /* the program is about to wait for it */
    }
    return is_busy;
}

HOOK int PQendcopy(PGconn *conn)
{
    postgresql_connection *c = postgresql_known(conn);

    if (c != NULL && c->first != NULL) {
        recording_resume(&c->first->recording);
    }
    int status = CALLED(PQendcopy)(conn);
    if (c != NULL) {
        postgresql_calls_end(c);
    }
    return status;
}
