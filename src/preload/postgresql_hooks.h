/* What the hooks of libpq share. They are in postgresql.c, postgresql_send.c, postgresql_result.c.
 */
#ifndef ROWAN_PRELOAD_POSTGRESQL_HOOKS_H
#define ROWAN_PRELOAD_POSTGRESQL_HOOKS_H

#include <libpq-fe.h>

#include "preload/recorder.h"
#include "preload/symbols.h"
#include "preload/table.h"

/* Functions of libpq 17, which the header of an older one does not have. */
extern int PQsendClosePrepared(PGconn *conn, const char *name);
extern int PQsendClosePortal(PGconn *conn, const char *name);
extern int PQsendPipelineSync(PGconn *conn);

enum {
    S_PQfinish,
    S_PQreset,
    S_PQresetStart,
    S_PQexec,
    S_PQexecParams,
    S_PQprepare,
    S_PQexecPrepared,
    S_PQdescribePrepared,
    S_PQfn,
    S_PQsendQuery,
    S_PQsendQueryParams,
    S_PQsendPrepare,
    S_PQsendQueryPrepared,
    S_PQsendDescribePrepared,
    S_PQsendDescribePortal,
    S_PQsendClosePrepared,
    S_PQsendClosePortal,
    S_PQpipelineSync,
    S_PQsendPipelineSync,
    S_PQgetResult,
    S_PQisBusy,
    S_PQendcopy,
    S_PQclear,
    S_PQcopyResult,
    S_PQpipelineStatus,
    S_PQdb,
    S_PQhost,
    S_PQport,
    S_PQresultStatus,
    S_PQresultErrorField,
    S_PQcmdTuples,
    S_PQntuples,
    S_PQnfields,
    S_PQfname,
    S_PQftype,
    S_PQfformat,
    S_PQgetisnull,
    S_PQgetvalue,
    S_PQgetlength,
    S_PQnparams,
    S_PQparamtype,
    POSTGRESQL_SYMBOLS
};
extern client postgresql_client;
#define CLIENT postgresql_client

/** A prepared statement of a connection. */
typedef struct postgresql_prepared {
    struct postgresql_prepared *next;
    uint32_t text;
    uint32_t columns; /* of its result, which the server never changes; 0: not seen yet */
    int type_count;
    Oid *types; /* of its parameters, as far as they were told; 0: unknown */
    char name[];
} postgresql_prepared;

typedef enum postgresql_kind {
    POSTGRESQL_STATEMENT,
    POSTGRESQL_PREPARE,
    POSTGRESQL_DESCRIBE,
    POSTGRESQL_OTHER, /* has a result, and is none of these */
    POSTGRESQL_SYNC   /* the end of a part of a pipeline */
} postgresql_kind;

/** What is read of rows that come one by one. */
typedef struct postgresql_stream postgresql_stream;

/** Something that was sent and whose result has not been read to its end. */
typedef struct postgresql_call {
    struct postgresql_call *next;
    postgresql_kind kind;
    bool is_answered; /* a result of it was read */
    bool has_rows;    /* all that are looked at */
    bool has_more;    /* and others behind them */
    recording recording;
    postgresql_prepared *prepared; /* that is made, described or, by a text, deallocated */
    uint32_t previous;             /* text of that name until now */
    postgresql_prepared *executed; /* or NULL */
    postgresql_stream *stream;     /* NULL: its rows came all at once, or have not come */
} postgresql_call;

enum { POSTGRESQL_PREPARED_LISTS = 64 };

typedef struct postgresql_connection {
    entry entry;
    uint32_t number;
    uint64_t trip;                 /* that further statements of a pipeline share; 0: a new one */
    postgresql_call *first, *last; /* in the order in which they were sent */
    postgresql_call *spare;
    postgresql_prepared *prepared[POSTGRESQL_PREPARED_LISTS];
} postgresql_connection;

/** What is kept for a connection; NULL if nothing is recorded or memory ran out. */
postgresql_connection *postgresql_connection_of(PGconn *conn);

/** The same without adding one. */
postgresql_connection *postgresql_known(PGconn *conn);

bool postgresql_is_pipelined(PGconn *conn);

/* --- Prepared statements. --- */

/** NULL if there is none of that name. */
postgresql_prepared *postgresql_prepared_of(postgresql_connection *c, const char *name);

/** Adds it or gives it another text; what it had is in @p previous. NULL if memory ran out. */
postgresql_prepared *postgresql_prepare(postgresql_connection *c, const char *name, uint32_t text,
                                        uint32_t *previous);

/** It was not prepared after all: its name means what it did before. No-op for another call. */
void postgresql_unprepare(postgresql_call *call);

/** Its parameters' types; @p types may be NULL. */
void postgresql_prepared_types(postgresql_prepared *p, int count, const Oid *types);

/** The one that a text deallocates, if it does; or NULL. */
postgresql_prepared *postgresql_deallocated(postgresql_connection *c, const char *sql);

/** Forgets it, and all. No call under way may be about it. */
void postgresql_prepared_forget(postgresql_connection *c, postgresql_prepared *p);
void postgresql_prepared_forget_all(postgresql_connection *c);

/* --- Calls. --- */

/** One that is not yet among those under way. NULL if memory ran out. */
postgresql_call *postgresql_call_new(postgresql_connection *c, postgresql_kind kind);

/** It was sent, and its results will be asked for. */
void postgresql_call_sent(postgresql_connection *c, PGconn *conn, postgresql_call *call);

/** It is done, or was never sent; it is not among those under way. NULL is a no-op. */
void postgresql_call_end(postgresql_connection *c, postgresql_call *call);
void postgresql_call_drop(postgresql_connection *c, postgresql_call *call);

/** The first of those under way is done. */
void postgresql_call_pop(postgresql_connection *c);

/** Nobody will ask for further results. */
void postgresql_calls_end(postgresql_connection *c);

/** What a result tells of the call that it belongs to. */
void postgresql_answer(postgresql_connection *c, postgresql_call *call, const PGresult *result);

/** Whether data follows that is to be copied, and a further result after it. */
bool postgresql_is_copy(const PGresult *result);

/* --- What the program reads. --- */

/** A result that the program gets; what it reads of it is followed until it lets go of it. */
void postgresql_follow(recording *r, const PGresult *result);

/** The rows of several results are counted together: what was read of them is not told. */
void postgresql_follow_no_more(recording *r);

/** The same for rows that come in many results. NULL: it is not recorded, or memory ran out. */
postgresql_stream *postgresql_stream_new(recording *r);
/** One of these results; the stream may be NULL. */
void postgresql_stream_follow(postgresql_stream *stream, const PGresult *result);
/** There will be no further one. NULL is a no-op. */
void postgresql_stream_end(postgresql_stream *stream);

/** Tells of the results that the program never let go of. */
void postgresql_follow_end(void);

/* --- Values. --- */

enum { POSTGRESQL_SCRATCH = 64 };

/**
 * A value as it crossed the wire.
 *
 * @param type     0: unknown
 * @param data     NULL: SQL NULL
 * @param scratch  POSTGRESQL_SCRATCH bytes that the value may borrow
 */
rowan_value postgresql_value(Oid type, bool is_binary, const char *data, size_t size,
                             unsigned char *scratch);

#endif
