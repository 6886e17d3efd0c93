/* What the files of this driver share. A connection, its statements, and the turn that is on its
 * way. */
#ifndef ROWAN_DRIVER_MARIADB_PRIVATE_H
#define ROWAN_DRIVER_MARIADB_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/text.h"
#include "driver/driver.h"
#include "driver/mariadb/library.h"

/** What a statement does, as far as its first word tells. */
typedef enum rowan__mariadb_kind {
    ROWAN__MARIADB_WRITES = 0, /* or may write */
    ROWAN__MARIADB_CHANGES,    /* rows: INSERT, UPDATE, DELETE, REPLACE */
    ROWAN__MARIADB_READS,
    ROWAN__MARIADB_CONTROLS, /* the transaction or the session, and not COMMIT */
    ROWAN__MARIADB_COMMITS
} rowan__mariadb_kind;

/** How the server is reached; kept, because stopping a statement takes a connection of its own. */
typedef struct rowan__mariadb_address {
    char *text; /* the URL's parts, decoded, one behind the other; the pointers below go into it */
    size_t text_size;
    const char *host, *user, *password, *database, *socket; /* NULL: the library's default */
    const char *ssl_ca, *ssl_cert, *ssl_key;
    unsigned port; /* 0: the default */
    unsigned connect_s;
    bool encrypt, verify; /* TLS, and whether the server's certificate is checked */
} rowan__mariadb_address;

/** One operation from sending to the last row, a group of them one after another, or the preparing
 * of a statement. */
typedef struct rowan__mariadb_turn {
    int64_t deadline_ns; /* 0: none */
    int64_t waited_ns;   /* for the server; if timed */
    bool timed;
    bool timed_out; /* the deadline passed: the server was told to stop */
    rowan__mariadb_kind kind;
} rowan__mariadb_turn;

/** Whether a turn is on its way, and whether somebody stops it. */
typedef enum rowan__mariadb_phase {
    ROWAN__MARIADB_IDLE = 0,
    ROWAN__MARIADB_RUNNING,
    ROWAN__MARIADB_CANCELLING, /* the server is just being told */
    ROWAN__MARIADB_CANCELLED
} rowan__mariadb_phase;

typedef struct rowan__mariadb_connection {
    rowan__connection base;
    MYSQL *mysql;
    rowan__mariadb_address address;
    bool takes_arrays;   /* the server executes one statement with many parameter rows */
    bool has_executed;   /* so it is seen whether … */
    bool takes_packets;  /* … the client library sends what is ready, or what is bound */
    bool in_transaction; /* as of the last answer */
    bool broken;
    bool can_wait; /* the client library has what its non-blocking calls need */
    rowan__mariadb_turn turn;
    pthread_mutex_t lock; /* held by who stops the turn from another thread */
    atomic_int phase;     /* of the turn: rowan__mariadb_phase */
} rowan__mariadb_connection;

/** Where one parameter's value is while it is sent, if it cannot be sent from where it was. */
typedef union rowan__mariadb_slot {
    int64_t integer;
    double real;
    MYSQL_TIME time;
    char uuid[40];
    struct {
        size_t start, size; /* in the statement's scratch */
    } list;
} rowan__mariadb_slot;

/** What is known of a result's column. The client library's own description does not live as long.
 */
typedef struct rowan__mariadb_field {
    enum enum_field_types type;
    unsigned flags, decimals, charset;
    unsigned long length;
    bool is_json, is_uuid; /* texts that are more than texts */
} rowan__mariadb_field;

typedef struct rowan__mariadb_prepared {
    rowan__prepared base;
    MYSQL_STMT *stmt;
    rowan__mariadb_kind kind;
    void *block; /* the arrays below and the columns' names */
    size_t block_size;
    MYSQL_BIND *params;
    rowan__mariadb_slot *slots;
    unsigned char *sent; /* the parameters' types that the server knows, if it does */
    rowan__text scratch; /* lists as JSON */
    const char **names;
    rowan__mariadb_field *fields; /* as last seen */
    rowan__cell *cells;           /* of `layout`, with readers that fit `fields` */
    const rowan__layout *layout;  /* NULL: none was chosen for yet */
    size_t row_bytes;             /* of the last packet, a row on average */
    bool is_bound;                /* the server knows the types of the parameters */
    bool is_expanded;             /* columns were named where the text has a star */
    bool stale; /* it wrote, but its rows could not be read: prepare anew before the next time */
} rowan__mariadb_prepared;

/** One step of a turn that may wait for the server. */
typedef enum rowan__mariadb_step {
    ROWAN__MARIADB_PREPARE,   /* a text as a prepared statement */
    ROWAN__MARIADB_EXECUTE,   /* a prepared statement */
    ROWAN__MARIADB_STORE,     /* all its rows into the client's memory */
    ROWAN__MARIADB_FETCH,     /* its next row */
    ROWAN__MARIADB_NEXT,      /* its next result */
    ROWAN__MARIADB_QUERY,     /* a text */
    ROWAN__MARIADB_TEXT_ROWS, /* its rows, which are dropped */
    ROWAN__MARIADB_TEXT_NEXT  /* its next result */
} rowan__mariadb_step;

/* --- connection.c --- */

/** One more connection to the same server, without session settings. The caller closes it. */
rowan_status rowan__mariadb_dial(const rowan__mariadb_address *address, MYSQL **out,
                                 rowan_error *error);

/* --- turn.c: waiting for the server, within the deadline; stopping it. --- */

/** Whether a turn may begin that has a deadline: it has not passed, and can be kept. */
rowan_status rowan__mariadb_check_deadline(rowan__mariadb_connection *connection,
                                           int64_t deadline_ns, rowan_error *error);

/** Begins a turn. Any other status than ROWAN_OK: it has not begun. */
static inline rowan_status rowan__mariadb_turn_begin(rowan__mariadb_connection *connection,
                                                     int64_t deadline_ns, bool timed,
                                                     rowan__mariadb_kind kind, rowan_error *error)
{
    rowan_status status =
        deadline_ns != 0 ? rowan__mariadb_check_deadline(connection, deadline_ns, error) : ROWAN_OK;

    if (status == ROWAN_OK) {
        connection->turn =
            (rowan__mariadb_turn){.deadline_ns = deadline_ns, .timed = timed, .kind = kind};
        atomic_store_explicit(&connection->phase, ROWAN__MARIADB_RUNNING, memory_order_release);
    }
    return status;
}

/** Goes on with the next operation of a group, unless the turn was to be stopped by now. */
rowan_status rowan__mariadb_turn_next(rowan__mariadb_connection *connection,
                                      rowan__mariadb_kind kind, rowan_error *error);

/** Gives the turn another deadline, which may have passed. 0: none */
rowan_status rowan__mariadb_turn_move(rowan__mariadb_connection *connection, int64_t deadline_ns,
                                      rowan_error *error);

/** Gives the turn a deadline that soon, instead of the one it had. */
void rowan__mariadb_hurry(rowan__mariadb_connection *connection, unsigned ms);

/** Takes one step. @return what the client library returned: 0, or what its function says. */
int rowan__mariadb_take(rowan__mariadb_connection *connection, rowan__mariadb_step step,
                        MYSQL_STMT *stmt, const char *sql, size_t size);

/** The general case of rowan__mariadb_stopped(). */
rowan_status rowan__mariadb_why_stopped(rowan__mariadb_connection *connection);

/** Whether the turn was to be stopped, by its deadline or by somebody: ROWAN_TIMEOUT,
 * ROWAN_CANCELLED or OK. */
static inline rowan_status rowan__mariadb_stopped(rowan__mariadb_connection *connection)
{
    int phase = atomic_load_explicit(&connection->phase, memory_order_acquire);

    return phase == ROWAN__MARIADB_RUNNING && !connection->turn.timed_out
               ? ROWAN_OK
               : rowan__mariadb_why_stopped(connection);
}

/** Ends the turn; waits for one who is just cancelling it, so that the next turn is not hit. */
void rowan__mariadb_turn_end(rowan__mariadb_connection *connection);

/** Tells the server to stop what the connection runs. */
rowan_status rowan__mariadb_kill(rowan__mariadb_connection *connection, rowan_error *error);

/** The driver's `cancel`. */
rowan_status rowan__mariadb_cancel(rowan__connection *base, rowan_error *error);

/* --- prepare.c --- */

rowan_status rowan__mariadb_prepare(rowan__connection *base, const char *sql, size_t size,
                                    rowan__prepared **out, rowan_error *error);
void rowan__mariadb_unprepare(rowan__prepared *base);

/** What a text does, by its first word. */
rowan__mariadb_kind rowan__mariadb_kind_of(const char *sql, size_t size);

/**
 * Keeps of each column what readers are chosen by.
 *
 * @param executed  they are those of an execution: Connector/C 3.3 then leaves unset what only
 * MariaDB has
 */
void rowan__mariadb_note_fields(rowan__mariadb_prepared *prepared, const MYSQL_FIELD *fields,
                                bool executed);

/**
 * Takes the names out of the client library's description of the columns. Where the server does not
 * describe them anew with an execution, the library makes a copy of its own description, and that
 * then has no names: so it is cheap, and can be told from what the server said.
 */
void rowan__mariadb_forget_names(MYSQL_STMT *stmt);

/* --- returning.c --- */

/**
 * A statement that is described as a write with RETURNING will be. The caller closes it.
 *
 * @param named  receives the write with the columns named where it returns all of them; stays empty
 * if it does not, and says if memory ran out
 * @return NULL if the text has no RETURNING, or cannot be described
 */
MYSQL_STMT *rowan__mariadb_describe_returning(rowan__mariadb_connection *connection,
                                              const char *sql, size_t size, rowan__text *named);

/* --- statement.c --- */

rowan_status rowan__mariadb_bind(rowan__prepared *base, rowan__layout *layout, rowan_error *error);
void rowan__mariadb_run(rowan__connection *base, rowan__operation *operations, size_t count);
rowan_status rowan__mariadb_fetch(rowan__connection *base, rowan__operation *operation);
void rowan__mariadb_finish(rowan__connection *base, rowan__operation *operation);

/* --- bulk.c --- */

/** Rows that go together, in a packet that is ready to be sent. */
typedef struct rowan__mariadb_batch {
    unsigned char *packet;
    size_t size, capacity;
    size_t expected; /* bytes that the packet is likely to have */
    size_t most;     /* that it may have, but for a single row */
    unsigned rows;   /* 0: the first has to go alone, and there is no packet */
    uint64_t bytes;  /* of the values, counted as on the other engines */
} rowan__mariadb_batch;

/** Makes the packet of as many rows, from @p first on, as go together. On failure there is none. */
rowan_status rowan__mariadb_batch_new(rowan__mariadb_prepared *prepared,
                                      rowan__operation *operation, size_t first,
                                      rowan__mariadb_batch *out);

/** Has the statement send the packet, which is the client library's then, with its next execution.
 * @return false if it cannot; the library has the error */
bool rowan__mariadb_batch_load(rowan__mariadb_prepared *prepared, rowan__mariadb_batch *batch);

/** The statement goes back to its parameters. */
void rowan__mariadb_batch_unload(rowan__mariadb_prepared *prepared);

/** The callback by which a client library that does not take the packet would ask for the rows: it
 * gets none, and they go one by one. */
my_bool rowan__mariadb_refuse_row(void *prepared, MYSQL_BIND *binds, unsigned index);

/* --- packet.c --- */

/** Whether so many bytes are more than the server takes, which ends the connection of who sends
 * them. */
static inline bool rowan__mariadb_is_too_large(const rowan__connection *connection, size_t size)
{
    return size > connection->most_bytes - 1; /* 0 is no limit */
}

/**
 * Has the statement send its parameters in a packet of ours with its next execution.
 *
 * @return ROWAN_OUT_OF_RANGE if they are more than the server takes
 */
rowan_status rowan__mariadb_packet_load(rowan__mariadb_prepared *prepared, rowan_error *error);

/**
 * The same for a struct whose values are not bound, if it needs no closer look; adds their size to
 * @p bytes.
 *
 * @return false: nothing is loaded, and the values have to be bound
 */
bool rowan__mariadb_packet_of(rowan__mariadb_prepared *prepared, const rowan__structs *structs,
                              size_t index, uint64_t *bytes);

/** After it: @return whether the client library has taken the packet. */
bool rowan__mariadb_packet_unload(rowan__mariadb_prepared *prepared);

/* --- parameters.c --- */

/** What a struct's member of a type is sent as: enum enum_field_types. */
extern const unsigned char rowan__mariadb_member_types[ROWAN_TYPE_LIST + 1];

/* Nothing else of a binding changes from row to row. The length is that which is counted, as on the
 * other engines; the client library needs it for texts and blobs only. */
static inline void rowan__mariadb_bind_at(MYSQL_BIND *out, enum enum_field_types type,
                                          const void *at, size_t size)
{
    out->buffer_type = type;
    out->buffer = (void *)(uintptr_t)at;
    out->buffer_length = size;
}

static inline void rowan__mariadb_bind_null(MYSQL_BIND *out)
{
    rowan__mariadb_bind_at(out, MYSQL_TYPE_NULL, NULL, 0);
}

/** The general case of rowan__mariadb_bind_member: any type. */
rowan_status rowan__mariadb_bind_present(const rowan_column *column, const char *row,
                                         rowan__mariadb_slot *slot, MYSQL_BIND *out,
                                         rowan_error *error);

/**
 * Binds a struct's member, from where it is; what has another form on its way is in @p slot. The
 * error names the column.
 */
static inline rowan_status rowan__mariadb_bind_member(const rowan_column *column, const char *row,
                                                      rowan__mariadb_slot *slot, MYSQL_BIND *out,
                                                      rowan_error *error)
{
    const void *at = row + column->value_offset;

    if ((column->flags & ROWAN_NULLABLE) != 0 && !*(const bool *)(row + column->offset)) {
        rowan__mariadb_bind_null(out);
        return ROWAN_OK;
    }
    if (column->type == ROWAN_TYPE_INT64) {
        rowan__mariadb_bind_at(out, MYSQL_TYPE_LONGLONG, at, sizeof(int64_t));
        return ROWAN_OK;
    }
    const char *text = column->type == ROWAN_TYPE_TEXT ? *(const char *const *)at : NULL;
    size_t size = text ? strlen(text) : 0;
    if (!text || rowan__is_long_text(column, text, size)) {
        return rowan__mariadb_bind_present(column, row, slot, out, error);
    }
    rowan__mariadb_bind_at(out, MYSQL_TYPE_STRING, text, size);
    return ROWAN_OK;
}

/**
 * Binds the statement's parameters to one row of an operation, of its values or its structs;
 * nothing is copied but what has another form on its way. Adds its size, counted as on the other
 * engines, to @p bytes. The error is the operation's.
 */
rowan_status rowan__mariadb_bind_params(rowan__mariadb_prepared *prepared,
                                        rowan__operation *operation, size_t row, uint64_t *bytes);

/* --- types.c --- */

/** Chooses the reader of one cell, and its type if the layout is dynamic. */
rowan_status rowan__mariadb_bind_cell(const rowan__mariadb_field *field, bool dynamic,
                                      rowan__cell *cell, rowan_error *error);

/**
 * Reads a row in the form of the wire into a struct.
 *
 * @param cells  @p count of them, their readers chosen
 * @param size   of the packet; SIZE_MAX: not known
 * @return any status of a value that does not fit, with the sink's error
 */
rowan_status rowan__mariadb_read_row(const rowan__cell *cells, size_t count, const void *packet,
                                     size_t size, rowan__sink *sink, char *row);

/* --- errors.c --- */

/** A statement that is larger than the server takes, and so is not sent. */
rowan_status rowan__mariadb_fail_size(rowan_error *error);

/**
 * A failure that the client library reports, of a statement or, if @p stmt is NULL, of the
 * connection.
 *
 * @param sql  the statement's text, to find the position in; NULL: unknown
 * @return error->status
 */
rowan_status rowan__mariadb_fail(rowan__mariadb_connection *connection, MYSQL_STMT *stmt,
                                 const char *sql, size_t size, rowan_error *error);

/** A turn that was stopped: ROWAN_TIMEOUT or ROWAN_CANCELLED. */
rowan_status rowan__mariadb_fail_stopped(rowan__mariadb_connection *connection, rowan_status status,
                                         rowan_error *error);

/** Whether a failure tells that the statement has to be prepared anew. Nothing was done then. */
bool rowan__mariadb_outdated(const rowan__mariadb_prepared *prepared);

/** A connection that could not be made. */
rowan_status rowan__mariadb_fail_connect(MYSQL *mysql, const rowan__mariadb_address *address,
                                         rowan_error *error);

/* --- introspect.c --- */

rowan_status rowan__mariadb_introspect(const rowan__runner *runner, rowan__arena *arena,
                                       rowan__found *out);

#endif
