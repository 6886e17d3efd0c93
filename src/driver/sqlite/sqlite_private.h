/* What the files of this driver share: a connection, its statements, and the turn that is on its
 * way. */
#ifndef ROWAN_DRIVER_SQLITE_PRIVATE_H
#define ROWAN_DRIVER_SQLITE_PRIVATE_H

#include <stdatomic.h>

#include <sqlite3.h>

#include "base/text.h"
#include "driver/driver.h"

/** One turn: an operation from its first step to its end. */
typedef struct rowan__sqlite_turn {
    int64_t deadline_ns;      /* 0: none */
    int64_t waiting_since_ns; /* for a lock */
    bool timed_out;           /* the deadline passed */
    bool gave_up;             /* waited for a lock as long as busy_ms allows */
    bool was_open;            /* a transaction was open before */
} rowan__sqlite_turn;

enum { ROWAN__SQLITE_MOST_KEYED = 16 };

/** Whether the keys of a table can be told. */
typedef struct rowan__sqlite_keyed {
    const rowan_column *key; /* NULL: it was not looked at */
    bool is_told;
} rowan__sqlite_keyed;

typedef struct rowan__sqlite_connection {
    rowan__connection base;
    sqlite3 *db;
    const char *file_system; /* by which it is opened; NULL: the default */
    unsigned busy_ms;
    bool in_memory;
    atomic_bool running;   /* an operation is on its way, or a stream is open */
    atomic_bool cancelled; /* somebody did, since the turn began */
    rowan__sqlite_turn turn;
    rowan__text scratch; /* lists as JSON */
    rowan__sqlite_keyed keyed[ROWAN__SQLITE_MOST_KEYED];
    uint64_t compilations; /* counts what is compiled, in the middle of a step too */
    const char *watched;   /* a table … */
    bool is_watched_fed;   /* … into which a trigger inserts */
} rowan__sqlite_connection;

typedef struct rowan__sqlite_prepared {
    rowan__prepared base;
    sqlite3_stmt *stmt;
    sqlite3_value **values; /* one for each column: where its values are */
    void *columns;          /* the memory of `values`, base.column_names and their texts */
    size_t columns_size;
    int recompiled;         /* how often SQLite has compiled it anew, when we last looked … */
    uint64_t looked_at;     /* … and the connection's compilations then */
    bool writes;            /* it may change rows */
    bool row_waits;         /* a stream's first row, taken to see whether there is an error */
    bool done;              /* a stream has no further row */
    size_t rows_before;     /* of the last run: room for as many is made at once */
    int64_t changes_before; /* all changes of the connection, when the turn began */
} rowan__sqlite_prepared;

/**
 * How one cell is read. The common pairs of member and storage class are read at once, the rest by
 * way of the sink; a reader that takes all values of one class has its number.
 */
typedef enum rowan__sqlite_reader {
    ROWAN__SQLITE_MEMBER = 0, /* into a member of any other type */
    ROWAN__SQLITE_INT64 = SQLITE_INTEGER,
    ROWAN__SQLITE_DOUBLE = SQLITE_FLOAT,
    ROWAN__SQLITE_TEXT = SQLITE_TEXT,
    ROWAN__SQLITE_INT32 = 16,
    ROWAN__SQLITE_DYNAMIC /* typed by the declared type, or by the value where that does not fit */
} rowan__sqlite_reader;

/* --- undo.c --- */

/**
 * The name of the file system by which a connection is opened, which is known to SQLite until it is
 * given back, once the connection is closed. NULL: the default one.
 */
const char *rowan__sqlite_undo_ref(void);
/** NULL is a no-op. */
void rowan__sqlite_undo_unref(const char *name);

/* --- turn.c --- */

/** What stopped the last turn must not stop the next one, nor a prepare that waits for a lock. */
static inline void rowan__sqlite_turn_forget(rowan__sqlite_connection *connection)
{
    connection->turn = (rowan__sqlite_turn){
        .was_open = sqlite3_get_autocommit(connection->db) == 0,
    };
    atomic_store_explicit(&connection->cancelled, false, memory_order_relaxed);
}

void rowan__sqlite_turn_watch(rowan__sqlite_connection *connection, int64_t deadline_ns);
void rowan__sqlite_turn_unwatch(rowan__sqlite_connection *connection);
/** Gives the turn another deadline. 0: none */
void rowan__sqlite_turn_move(rowan__sqlite_connection *connection, int64_t deadline_ns);
rowan_status rowan__sqlite_turn_stopped(rowan__sqlite_connection *connection, rowan_error *error);

/** @param deadline_ns  0: none */
static inline void rowan__sqlite_turn_begin(rowan__sqlite_connection *connection,
                                            int64_t deadline_ns)
{
    rowan__sqlite_turn_forget(connection);
    atomic_store_explicit(&connection->running, true, memory_order_release);
    if (deadline_ns != 0) {
        rowan__sqlite_turn_watch(connection, deadline_ns);
    }
}

static inline void rowan__sqlite_turn_end(rowan__sqlite_connection *connection)
{
    atomic_store_explicit(&connection->running, false, memory_order_release);
    if (connection->turn.deadline_ns != 0) {
        rowan__sqlite_turn_unwatch(connection);
    }
}

/** Whether to go on at all: short work would not be stopped by SQLite's own looks at the clock. */
static inline rowan_status rowan__sqlite_turn_check(rowan__sqlite_connection *connection,
                                                    rowan_error *error)
{
    return connection->turn.deadline_ns == 0 && !atomic_load(&connection->cancelled)
               ? ROWAN_OK
               : rowan__sqlite_turn_stopped(connection, error);
}

/** Called by SQLite, with the connection, while another one holds a lock. @return 1 to go on
 * waiting */
int rowan__sqlite_wait_for_lock(void *context, int tries);
void rowan__sqlite_nap(unsigned ms);

/* --- prepare.c --- */

/** Compiles one statement. @param keep  it will be run many times */
rowan_status rowan__sqlite_compile(rowan__sqlite_connection *connection, const char *sql,
                                   size_t size, bool keep, sqlite3_stmt **out, rowan_error *error);

rowan_status rowan__sqlite_prepare(rowan__connection *base, const char *sql, size_t size,
                                   rowan__prepared **out, rowan_error *error);
void rowan__sqlite_unprepare(rowan__prepared *base);
rowan_status rowan__sqlite_bind(rowan__prepared *base, rowan__layout *layout, rowan_error *error);

/* --- statement.c --- */

void rowan__sqlite_run(rowan__connection *base, rowan__operation *operations, size_t count);
rowan_status rowan__sqlite_fetch(rowan__connection *base, rowan__operation *operation);
void rowan__sqlite_finish(rowan__connection *base, rowan__operation *operation);

/* --- keys.c --- */

bool rowan__sqlite_tells_keys(rowan__connection *base, const rowan_column *key);
/** Told to SQLite when a connection is opened: called for what a statement does, as it is compiled.
 */
int rowan__sqlite_note_compiled(void *context, int action, const char *table, const char *detail,
                                const char *database, const char *trigger);

/** The keys of the rows that are being inserted, as SQLite tells them one by one. */
typedef struct rowan__sqlite_telling {
    rowan__sqlite_prepared *prepared;
    const rowan_column *key;
    int64_t *keys;
    size_t count, told;
    int compiled;      /* how often the statement had been compiled anew before */
    const char *table; /* SQLite's name of it, once it was seen */
} rowan__sqlite_telling;

void rowan__sqlite_tell_begin(rowan__sqlite_telling *telling, rowan__sqlite_prepared *prepared,
                              const rowan__operation *operation);
/** Fails if rows were inserted whose keys are not known. */
rowan_status rowan__sqlite_tell_end(rowan__sqlite_telling *telling, rowan_status status,
                                    rowan_error *error);

/* --- parameters.c --- */

/**
 * Binds one row of values. Adds their size to @p bytes.
 *
 * @param keep  the values are used after this call returns: texts are copied
 */
rowan_status rowan__sqlite_encode(rowan__sqlite_prepared *prepared, const rowan_value *values,
                                  bool keep, uint64_t *bytes, rowan_error *error);
/** Binds @p count rows of structs from @p first on, one behind the other. Texts are borrowed. */
rowan_status rowan__sqlite_encode_structs(rowan__sqlite_prepared *prepared,
                                          const rowan__structs *structs, size_t first, size_t count,
                                          uint64_t *bytes, rowan_error *error);

/* --- types.c --- */

/** The type of ours that a declared type means, with the numbers in parentheses; 0 if none. */
rowan_type rowan__sqlite_type(const char *declared, uint32_t *length, uint32_t *scale);
/** Chooses the reader of one cell. */
rowan_status rowan__sqlite_bind_cell(const rowan__sqlite_prepared *prepared, int column,
                                     bool dynamic, rowan__cell *cell, rowan_error *error);
/** Any value, stored as @p storage, into any cell, by way of the sink, which checks what fits. */
rowan_status rowan__sqlite_read_any(sqlite3_value *value, int storage, rowan__sink *sink,
                                    const rowan__cell *cell, char *row);

/* --- rows.c --- */

int rowan__sqlite_step_timed(sqlite3_stmt *stmt, rowan__operation *operation);

/** A step, timed if the operation is. @return SQLite's code */
static inline int rowan__sqlite_step(sqlite3_stmt *stmt, rowan__operation *operation)
{
    return operation->timed ? rowan__sqlite_step_timed(stmt, operation) : sqlite3_step(stmt);
}

/**
 * Reads the present row of a statement and those behind it, up to @p max, into the operation's
 * sink; without one they are dropped.
 *
 * @param code  of the last step: a row, if there may be more
 */
rowan_status rowan__sqlite_read_rows(rowan__sqlite_prepared *prepared, rowan__operation *operation,
                                     size_t max, int *code);

/* --- errors.c --- */

/** A failure that SQLite reports with @p code; its words are those of the connection. @return its
 * status */
rowan_status rowan__sqlite_fail(rowan__sqlite_connection *connection, int code, rowan_error *out);
/** What became of the transaction in a turn that failed. */
void rowan__sqlite_settle(const rowan__sqlite_connection *connection, rowan_error *error);
/** A connection that could not be made. */
rowan_status rowan__sqlite_fail_open(int code, int system_error, const char *path,
                                     rowan_error *error);

/* --- introspect.c --- */

rowan_status rowan__sqlite_introspect(const rowan__runner *runner, rowan__arena *arena,
                                      rowan__found *out);

#endif
