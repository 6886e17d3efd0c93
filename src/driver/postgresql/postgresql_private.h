/* What the files of this driver share: a connection, its statements, the turn on its way. */
#ifndef ROWAN_DRIVER_POSTGRESQL_PRIVATE_H
#define ROWAN_DRIVER_POSTGRESQL_PRIVATE_H

#include <stdatomic.h>

#include "base/text.h"
#include "driver/driver.h"
#include "driver/postgresql/library.h"

/* Identifiers of the server's own types: fixed for ever, but in no header of the client's. */
enum {
    ROWAN__PG_BOOL = 16,
    ROWAN__PG_BYTEA = 17,
    ROWAN__PG_NAME = 19,
    ROWAN__PG_INT8 = 20,
    ROWAN__PG_INT2 = 21,
    ROWAN__PG_INT4 = 23,
    ROWAN__PG_TEXT = 25,
    ROWAN__PG_OID = 26,
    ROWAN__PG_JSON = 114,
    ROWAN__PG_FLOAT4 = 700,
    ROWAN__PG_FLOAT8 = 701,
    ROWAN__PG_UNKNOWN = 705,
    ROWAN__PG_BPCHAR = 1042,
    ROWAN__PG_VARCHAR = 1043,
    ROWAN__PG_DATE = 1082,
    ROWAN__PG_TIME = 1083,
    ROWAN__PG_TIMESTAMP = 1114,
    ROWAN__PG_TIMESTAMPTZ = 1184,
    ROWAN__PG_NUMERIC = 1700,
    ROWAN__PG_UUID = 2950,
    ROWAN__PG_JSONB = 3802
};

/* The server counts days and microseconds from 2000-01-01, we from 1970-01-01. */
enum { ROWAN__PG_EPOCH_DAYS = 10957 };
#define ROWAN__PG_EPOCH_US ((int64_t)ROWAN__PG_EPOCH_DAYS * 86400 * 1000000)

/** What a statement does, by its first word: it tells what a lost connection leaves behind. */
typedef enum rowan__postgresql_kind {
    ROWAN__PG_WRITES = 0, /* or may write */
    ROWAN__PG_READS,
    ROWAN__PG_COMMITS
} rowan__postgresql_kind;

/** One turn from sending to the last result. */
typedef struct rowan__postgresql_turn {
    int64_t deadline_ns; /* 0: none */
    int64_t waited_ns;   /* for the server; if timed */
    bool timed;
    bool timed_out;              /* the deadline passed: the server was told to stop */
    bool abandoned;              /* it did not, or is out of step: drop the connection */
    bool was_open;               /* a transaction was open before */
    size_t unflushed;            /* bytes given to libpq since it was last seen to send */
    rowan__postgresql_kind kind; /* of what was sent: COMMITS before WRITES before READS */
} rowan__postgresql_turn;

typedef struct rowan__postgresql_prepared rowan__postgresql_prepared;

typedef struct rowan__postgresql_connection {
    rowan__connection base;
    PGconn *pg;
    PGcancel *stopper;                /* by which any thread stops the server's work */
    atomic_bool cancelled;            /* somebody did, since the turn began */
    bool ended;                       /* the server said, while idle, that it ends the session */
    uint64_t last_name;               /* of a prepared statement */
    rowan__postgresql_prepared *gone; /* given up here, not yet on the server */
    rowan__text scratch;              /* encoded values of one execution */
    rowan__postgresql_turn turn;
    PGresult *pending; /* a stream's first result, taken to see if it is an error */
    bool streaming;
    bool by_cursor; /* it reads pages of a cursor … */
    size_t asked;   /* … of which one of so many rows is on its way; 0: the end is */
} rowan__postgresql_connection;

enum {
    ROWAN__PG_SLOT_SIZE = 16,    /* the largest is a uuid */
    ROWAN__PG_MOST_COLUMNS = 256 /* of a table of ours */
};

struct rowan__postgresql_prepared {
    rowan__prepared base;
    char name[32];
    rowan__postgresql_kind kind;
    bool only_texts;       /* what is sent next are texts that end with a NUL, and NULLs */
    bool binary;           /* every column can be read in the server's binary form */
    PGresult *description; /* owns the names of the columns */
    rowan__postgresql_prepared *next;   /* in the list of those that are gone */
    void *block;                        /* of the arrays below: one element for each parameter */
    char (*slots)[ROWAN__PG_SLOT_SIZE]; /* for binary forms of a fixed size */
    const char **values;
    size_t *offsets; /* into the scratch; ROWAN__PG_BORROWED: `values` has it */
    int *lengths;
    int *formats;
    Oid *types;
    Oid *elements; /* of an array type; 0: it is none */
};

/** How a cell is read. DIRECT ones are for members that are just what the column is. */
typedef enum rowan__postgresql_reader {
    ROWAN__PG_READ_BOOL = 1,
    ROWAN__PG_READ_INT2,
    ROWAN__PG_READ_INT4,
    ROWAN__PG_READ_INT8,
    ROWAN__PG_READ_OID,
    ROWAN__PG_READ_FLOAT4,
    ROWAN__PG_READ_FLOAT8,
    ROWAN__PG_READ_NUMERIC,
    ROWAN__PG_READ_TEXT, /* of both forms */
    ROWAN__PG_READ_BYTEA,
    ROWAN__PG_READ_DATE,
    ROWAN__PG_READ_TIME,
    ROWAN__PG_READ_TIMESTAMP,
    ROWAN__PG_READ_UUID,
    ROWAN__PG_READ_JSONB,
    ROWAN__PG_DIRECT_BOOL,
    ROWAN__PG_DIRECT_INT2,
    ROWAN__PG_DIRECT_INT4,
    ROWAN__PG_DIRECT_INT8,
    ROWAN__PG_DIRECT_FLOAT8,
    ROWAN__PG_DIRECT_TEXT, /* of both forms */
    ROWAN__PG_DIRECT_TEXT_BOOL,
    ROWAN__PG_DIRECT_TEXT_INT2,
    ROWAN__PG_DIRECT_TEXT_INT4,
    ROWAN__PG_DIRECT_TEXT_INT8,
    ROWAN__PG_DIRECT_TEXT_NUMERIC,
    ROWAN__PG_TEXT_BOOL,
    ROWAN__PG_TEXT_INT,
    ROWAN__PG_TEXT_FLOAT,
    ROWAN__PG_TEXT_DOUBLE,
    ROWAN__PG_TEXT_BYTEA,
    ROWAN__PG_TEXT_NUMERIC
} rowan__postgresql_reader;

/* Of the arrays of a statement's parameters. */
#define ROWAN__PG_BORROWED SIZE_MAX
#define ROWAN__PG_PARAMETER_SIZE                                                                   \
    (ROWAN__PG_SLOT_SIZE + sizeof(char *) + sizeof(size_t) + 2 * sizeof(int) + 2 * sizeof(Oid))

/* --- turn.c: sending, waiting, taking results, within the deadline. --- */

static inline void rowan__postgresql_turn_begin(rowan__postgresql_connection *connection,
                                                int64_t deadline_ns, bool timed)
{
    PGTransactionStatusType state = client->PQtransactionStatus(connection->pg);

    connection->turn = (rowan__postgresql_turn){
        .deadline_ns = deadline_ns,
        .timed = timed,
        .was_open = state == PQTRANS_INTRANS || state == PQTRANS_INERROR,
        .kind = ROWAN__PG_READS,
    };
    atomic_store(&connection->cancelled, false);
}

/** Sends what libpq holds back, and reads meanwhile, so that neither side waits for the other. */
void rowan__postgresql_flush(rowan__postgresql_connection *connection);

/**
 * Waits until the reply to what was sent alone begins to arrive, without a deadline. It may return
 * before: PQgetResult() then waits by itself.
 */
void rowan__postgresql_await(rowan__postgresql_connection *connection);

/** The general case of rowan__postgresql_next(). */
PGresult *rowan__postgresql_next_waited(rowan__postgresql_connection *connection);

/**
 * The next result, which the caller clears; NULL at the end of a command or of the turn. Without a
 * deadline, and with nobody who wants to know how long it takes, libpq waits by itself.
 */
static inline PGresult *rowan__postgresql_next(rowan__postgresql_connection *connection)
{
    const rowan__postgresql_turn *turn = &connection->turn;

    return turn->deadline_ns != 0 || turn->timed || turn->abandoned
               ? rowan__postgresql_next_waited(connection)
               : client->PQgetResult(connection->pg);
}

/** Drops what is left of a command. */
void rowan__postgresql_drain(rowan__postgresql_connection *connection);

/**
 * Whether a turn that sends much should go on: not if it was cancelled, nor if its deadline has
 * passed, which the server is then told.
 */
bool rowan__postgresql_goes_on(rowan__postgresql_connection *connection);

/** Reads to the end of a pipeline and leaves its mode. @p error gets a failure that came last. */
void rowan__postgresql_end_pipeline(rowan__postgresql_connection *connection, rowan_error *error);

/* --- prepare.c --- */

/** What a statement does, by its first word. */
rowan__postgresql_kind rowan__postgresql_kind_of(const char *sql, size_t size);
/** Whether it is a SELECT, VALUES or TABLE that may follow other words. */
bool rowan__postgresql_is_query(const char *sql, size_t size);
/** A text with a NUL behind, in the scratch; NULL: there is one inside, or memory ran out. */
const char *rowan__postgresql_terminated(rowan__postgresql_connection *connection, const char *sql,
                                         size_t size, rowan_error *error);
rowan_status rowan__postgresql_prepare(rowan__connection *base, const char *sql, size_t size,
                                       rowan__prepared **out, rowan_error *error);
void rowan__postgresql_unprepare(rowan__prepared *base);
rowan_status rowan__postgresql_bind(rowan__prepared *base, rowan__layout *layout,
                                    rowan_error *error);
/** Frees a statement here only. */
void rowan__postgresql_forget(rowan__postgresql_prepared *prepared);

/* --- statement.c --- */

void rowan__postgresql_run(rowan__connection *base, rowan__operation *operations, size_t count);
rowan_status rowan__postgresql_fetch(rowan__connection *base, rowan__operation *operation);
void rowan__postgresql_finish(rowan__connection *base, rowan__operation *operation);

/* Parts of running that single operations and pipelines share. */

/** How often an operation is executed. */
static inline size_t rowan__postgresql_executions(const rowan__operation *operation)
{
    return operation->prepared && operation->param_rows > 1 ? operation->param_rows : 1;
}

/** Whether the deadline passed before anything was sent; the operation then has the error. */
bool rowan__postgresql_is_late(rowan__operation *operation);
/** Sends one execution. false: the operation has the error. */
bool rowan__postgresql_send(rowan__postgresql_connection *connection, rowan__operation *operation,
                            size_t row);
void rowan__postgresql_count_trip(rowan__postgresql_connection *connection,
                                  rowan__operation *operation);
/** Reads the results of one execution to their end. */
void rowan__postgresql_take(rowan__postgresql_connection *connection, rowan__operation *operation);
/** Gives an operation that has none the error of a result, or of libpq if @p result is NULL. */
void rowan__postgresql_fail_operation(rowan__postgresql_connection *connection,
                                      rowan__operation *operation, const PGresult *result);
/** Completes the error of an operation that failed, once the turn is over. */
void rowan__postgresql_settle_operation(rowan__postgresql_connection *connection,
                                        rowan__operation *operation);

/* --- cursor.c --- */

/** Whether a stream that is about to be sent takes a cursor. */
bool rowan__postgresql_takes_cursor(const rowan__postgresql_connection *connection,
                                    const rowan__operation *operation);
/** Declares it and waits for the first page. The operation may have failed; then it is closed. */
void rowan__postgresql_open_cursor(rowan__postgresql_connection *connection,
                                   rowan__operation *operation);
/** The next page, which the caller clears; NULL: there is none, or the operation failed. */
PGresult *rowan__postgresql_next_page(rowan__postgresql_connection *connection,
                                      rowan__operation *operation);
void rowan__postgresql_close_cursor(rowan__postgresql_connection *connection,
                                    rowan__operation *operation);

/* --- pipeline.c --- */

void rowan__postgresql_run_pipeline(rowan__postgresql_connection *connection,
                                    rowan__operation *operations, size_t count);

/* --- parameters.c --- */

/** Puts one row of values where libpq takes them from. Adds their size to @p bytes. */
rowan_status rowan__postgresql_encode(rowan__postgresql_prepared *prepared,
                                      const rowan_value *values, uint64_t *bytes,
                                      rowan_error *error);

/** The same for the members of a single struct. */
rowan_status rowan__postgresql_encode_row(rowan__postgresql_prepared *prepared,
                                          const rowan__structs *structs, uint64_t *bytes,
                                          rowan_error *error);

/* --- elements.c --- */

/** How a member is written as a server's type: by its bytes, or after a change. */
typedef enum rowan__postgresql_writer {
    ROWAN__PG_NO_WRITER = 0,
    ROWAN__PG_WRITE_BOOL,
    ROWAN__PG_WRITE_2,
    ROWAN__PG_WRITE_4,
    ROWAN__PG_WRITE_8,
    ROWAN__PG_WRITE_NUMERIC,
    ROWAN__PG_WRITE_TEXT,
    ROWAN__PG_WRITE_LABEL,
    ROWAN__PG_WRITE_BLOB,
    ROWAN__PG_WRITE_DATE,
    ROWAN__PG_WRITE_TIMESTAMP,
    ROWAN__PG_WRITE_UUID,
    ROWAN__PG_WRITE_JSONB
} rowan__postgresql_writer;

/** Chooses the writer of a member for a column or an element of that type. */
rowan__postgresql_writer rowan__postgresql_writer_for(const rowan_column *column, Oid type);
/** Puts rows where libpq takes parameters from, one array for each column. Adds their size. */
rowan_status rowan__postgresql_encode_structs(rowan__postgresql_prepared *prepared,
                                              const rowan__structs *structs, uint64_t *bytes,
                                              rowan_error *error);

/**
 * Adds rows as a binary copy has them, from row `*next` on, until all are there or there are
 * @p size more bytes or somewhat more.
 */
rowan_status rowan__postgresql_add_rows(rowan__text *out, const uint8_t *writers,
                                        const rowan__structs *structs, size_t *next, size_t size,
                                        rowan_error *error);

/* --- copy.c --- */

/** Runs an operation whose structs have a `copy_sql`. */
void rowan__postgresql_run_copy(rowan__postgresql_connection *connection,
                                rowan__operation *operation);

/* --- types.c --- */

/** Whether a result of that description is read in binary form: all of its columns, or none. */
bool rowan__postgresql_reads_binary(const PGresult *description);
/** The type of an array type's elements; 0 if it is none that we know. */
Oid rowan__postgresql_element(Oid oid);
/** Chooses the reader of one cell. */
rowan_status rowan__postgresql_bind_cell(const rowan__postgresql_prepared *prepared, int column,
                                         bool dynamic, rowan__cell *cell, rowan_error *error);
/** The type of ours that a column of a server's type is read as; 0 if none. */
rowan_type rowan__postgresql_type(Oid oid);

/* --- rows.c --- */

/**
 * Reads all rows of a result into a sink; stops at the first value that does not fit.
 *
 * @param count  of its rows; not 0
 * @param kept   set if the result is from now on the arena's
 */
rowan_status rowan__postgresql_read(rowan__postgresql_connection *connection, PGresult *result,
                                    int count, rowan__sink *sink, bool *kept);

/* --- errors.c --- */

/** A failure that a result reports, or libpq if @p result is NULL. @return error->status */
rowan_status rowan__postgresql_fail(rowan__postgresql_connection *connection,
                                    const PGresult *result, rowan_error *error);
/** A turn that ended without a result: given up at the deadline, or for what libpq says. */
rowan_status rowan__postgresql_fail_stuck(rowan__postgresql_connection *connection,
                                          rowan_error *error);
/** A turn that sends no more, because it was cancelled or its deadline has passed. */
rowan_status rowan__postgresql_fail_stopped(rowan__postgresql_connection *connection,
                                            rowan_error *error);
/** What became of transaction and connection, once nothing is left to read of a failed turn. */
void rowan__postgresql_settle(rowan__postgresql_connection *connection, rowan_error *error);
/** Whether a result says that its prepared statement no longer fits the schema or is not there. */
bool rowan__postgresql_outdated(const PGresult *result);
/** A connection that could not be made. */
rowan_status rowan__postgresql_fail_connect(const PGconn *pg, bool timed_out, rowan_error *error);

/* --- introspect.c --- */

rowan_status rowan__postgresql_introspect(const rowan__runner *runner, rowan__arena *arena,
                                          rowan__found *out);

#endif
