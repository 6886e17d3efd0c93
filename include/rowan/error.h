/*
 * What a call reports: a status for `switch`, and an error object that says the rest. The same
 * mistake gives the same status on every engine.
 */
#ifndef ROWAN_ERROR_H
#define ROWAN_ERROR_H

#include <rowan/types.h>

ROWAN_BEGIN_C

/** How a call ended. Anything but ROWAN_OK and ROWAN_DONE is a reason why not. */
typedef enum rowan_status {
    ROWAN_OK = 0,
    ROWAN_DONE,           /* a cursor or stream has no further row */
    ROWAN_NOT_FOUND,      /* no row has that key, or the query gave none where one was asked for */
    ROWAN_STALE,          /* someone else changed or deleted the row since it was loaded */
    ROWAN_UNIQUE,         /* a unique or primary key has that value already */
    ROWAN_FOREIGN_KEY,    /* the row referred to is missing, or still referred to */
    ROWAN_NOT_NULL,       /* NULL where none may be: on the way in or on the way out */
    ROWAN_CHECK,          /* a check constraint refused the row */
    ROWAN_WRONG_TYPE,     /* a value does not have, or does not fit, the type asked for */
    ROWAN_OUT_OF_RANGE,   /* a number, date or text is outside what the column or member holds */
    ROWAN_SYNTAX,         /* the engine cannot read the statement */
    ROWAN_NO_SUCH,        /* the statement names a table, column or function that is not there */
    ROWAN_UNSUPPORTED,    /* this engine cannot do that; the message names the feature and the
                             engine */
    ROWAN_MISUSE,         /* the call itself is wrong: refused before anything was sent */
    ROWAN_BUSY,           /* a stream is open on this scope, or another connection holds the lock */
    ROWAN_CONFLICT,       /* deadlock or serialization failure: run the transaction again */
    ROWAN_TIMEOUT,        /* the deadline passed, or waiting for a lock or a connection took too
                             long */
    ROWAN_CANCELLED,      /* somebody cancelled the scope */
    ROWAN_LOST,           /* the connection broke */
    ROWAN_CONNECT,        /* no connection could be made: unreachable, unknown file, unknown host */
    ROWAN_DENIED,         /* wrong password or missing privilege */
    ROWAN_READ_ONLY,      /* the database, file or transaction does not take writes */
    ROWAN_FULL,           /* the disk or the database is full */
    ROWAN_IO,             /* reading or writing a file failed */
    ROWAN_CORRUPT,        /* the database file is damaged or is no database */
    ROWAN_NOMEM,          /* memory ran out; nothing is leaked and the connection stays usable */
    ROWAN_LAZY,           /* the lazy policy forbids loading this relation here */
    ROWAN_UNEXPECTED,     /* an expectation of a test does not hold: statements or findings */
    ROWAN_ENGINE          /* any other error of the engine; see `native` and `sqlstate` */
} rowan_status;

/** What became of the transaction that the failing call ran in. */
typedef enum rowan_transaction_fate {
    ROWAN_FATE_NONE = 0,      /* there was none, and nothing was changed */
    ROWAN_FATE_OPEN,          /* still open: go on, or roll back */
    ROWAN_FATE_MUST_ROLLBACK, /* still open but good for nothing except a rollback */
    ROWAN_FATE_ROLLED_BACK,   /* gone: nothing of it was kept */
    ROWAN_FATE_UNKNOWN        /* the connection broke while a commit was on its way */
} rowan_transaction_fate;

/** What may be tried again after a failure. */
typedef enum rowan_retry {
    ROWAN_RETRY_NEVER = 0,
    ROWAN_RETRY_STATEMENT,   /* the same statement */
    ROWAN_RETRY_TRANSACTION, /* the whole transaction, from its begin */
    ROWAN_RETRY_RECONNECT    /* on a new connection, from its begin */
} rowan_retry;

/** An error. Holds no heap memory, so running out of memory can be reported. Copy it freely. */
typedef struct rowan_error {
    rowan_status status;         /* ROWAN_OK until something fails */
    rowan_transaction_fate fate;
    rowan_retry retry;
    bool connection_usable;
    int native;                  /* the engine's own number, 0 if none */
    int position;                /* of the character in the statement, from 1; 0 if unknown */
    char sqlstate[6];            /* "23505"; empty if the engine has none */
    char constraint[64];         /* names, cut at 63 bytes; empty if unknown */
    char table[64];
    char column[64];
    char message[256];           /* one line of ours, never a bound value */
    char engine_message[256];    /* the engine's own words; may quote values: keep it out of logs
                                    that outsiders read */
    uint64_t reserved[4];        /* zero */
} rowan_error;

/**
 * Names a status as its enumerator is spelled, "ROWAN_UNIQUE".
 *
 * @return static text; "ROWAN_?" for a number that is no status. Threads: any. Statements: none.
 */
ROWAN_API const char *rowan_status_name(rowan_status status);

ROWAN_END_C

#endif
