/*
 * The driver: what an engine is to the rest of the library. It works on batches, never on cells:
 * prepare, run operations with their parameter rows, read all rows through a layout straight
 * into structs.
 *
 * Rules for every driver:
 * - A connection is used by one thread at a time, except for `cancel`.
 * - An operation that failed says so in its own `error`; `run` goes on or stops as `run` says.
 * Errors carry the status, SQLSTATE, native number, names and position that the engine gave, a
 * message of ours without values, and whether the connection is usable.
 * - Nothing is sent that is not an operation, a prepare or a close.
 * - Memory comes from the connection's allocator; running out is ROWAN_NOMEM, and the connection
 * stays usable.
 * - Clocks are read only if an operation is `timed`.
 */
#ifndef ROWAN_DRIVER_DRIVER_H
#define ROWAN_DRIVER_DRIVER_H

#include <rowan/database.h>

#include "driver/dialect.h"
#include "model/sink.h"

typedef struct rowan__driver rowan__driver;

/** A connection; each driver's own struct begins with one. */
typedef struct rowan__connection {
    const rowan__driver *driver;
    const rowan_allocator *allocator;
    uint64_t round_trips; /* since it was opened, the opening not counted */
    int64_t deadline_ns;  /* of a prepare, as that of an operation; set by the caller, 0: none */
    size_t most_bytes;    /* that one execution may send, from `setup` on; 0: no such limit */
} rowan__connection;

/** A prepared statement; each driver's own struct begins with one. */
typedef struct rowan__prepared {
    rowan__connection *connection;
    size_t param_count;
    size_t column_count;             /* 0: it gives no rows */
    const char *const *column_names; /* owned by the statement */
} rowan__prepared;

/**
 * Rows that are written straight from structs, in place of parameters. Every value is of its
 * column's type and fits it: whoever makes one of these has checked that, but for the lengths of
 * texts, which drivers have to measure anyway: see rowan__is_long_text().
 */
typedef struct rowan__structs {
    const rowan_column *const *columns; /* column_count of them: what is written, in order */
    size_t column_count;
    const char *rows; /* count structs, one behind the other, `stride` bytes apart … */
    size_t stride;
    const void *const *at; /* … or count pointers to structs; NULL: they are in `rows` */
    size_t count;
    bool is_row;   /* a single one, and the statement takes values where others take arrays */
    int64_t *keys; /* gets the key made for each, where `tells_keys` says so; or NULL */
    /**
     * This text is sent, and the rows behind it by the protocol that the engine has for very many;
     * the prepared statement then selects the columns and is not run: it tells their types.
     * ROWAN_UNSUPPORTED, with nothing sent: one of them is of a type that cannot go that way. NULL:
     * the prepared statement is run.
     */
    const char *copy_sql;
    size_t copy_sql_size;
} rowan__structs;

static inline const char *rowan__structs_row(const rowan__structs *structs, size_t index)
{
    return structs->at ? structs->at[index] : structs->rows + index * structs->stride;
}

bool rowan__has_more_characters(const char *text, size_t size, size_t most);

/** Whether a text of a struct has more characters than its column holds. */
static inline bool rowan__is_long_text(const rowan_column *column, const char *text, size_t size)
{
    return size > column->length && column->length > 0 && column->type == ROWAN_TYPE_TEXT &&
           rowan__has_more_characters(text, size, column->length);
}

/** Fails for such a text: the statement is not run, or what it did is undone. */
rowan_status rowan__fail_long_text(const rowan_column *column, rowan_error *error);

/** Says of what column, and of what table, an error is. */
void rowan__name_column(const rowan_column *column, rowan_error *error);

/**
 * The same for a member that was refused as a parameter, whose number says nothing to who wrote a
 * struct: the message names the column in its place. Any other error stays as it is.
 */
void rowan__name_member(const rowan_column *column, rowan_error *error);

/** One execution. Callers zero it and fill in the first part; the driver fills in the second. */
typedef struct rowan__operation {
    rowan__prepared *prepared; /* NULL: send `sql` as it is, without parameters and without rows */
    const char *sql;
    size_t sql_size;
    uint64_t sql_hash;         /* of the text; 0: not known */
    const rowan_value *params; /* param_rows × prepared->param_count */
    size_t
        param_rows; /* 1, or more: executed for each, at once where the engine can; then no rows */
    /**
     * Rows to insert, in place of `params`, or NULL. The statement takes the columns of one row, or
     * of several if the dialect's insert_form is ROWAN__INSERT_ROWS: it is then executed until all
     * are written, and their number is a multiple of those.
     */
    const rowan__structs *structs;
    rowan__sink
        *sink; /* rows go here; NULL: rows are dropped. Its layout was given to `bind` before */
    size_t batch_rows; /* of a stream: leave the rows to `fetch`, about so many at a time; 0: all */
    bool one_row;      /* a second row need not be looked for, if there is one */
    bool timed;
    int64_t
        deadline_ns; /* on the monotonic clock; 0: none. After it the server stops: ROWAN_TIMEOUT */

    rowan_status status;
    /**
     * The prepared statement no longer fits the schema, and nothing was kept: prepare it anew,
     * and run it again unless the error's fate is that of a failed transaction.
     */
    bool outdated;
    uint64_t statements; /* executions: 1, or param_rows where the engine was sent each */
    uint64_t rows;       /* read so far */
    uint64_t affected;
    uint64_t bytes_sent, bytes_received;
    uint64_t round_trips;
    int64_t database_ns; /* waiting for the engine; if timed */
    rowan_error error;   /* if status is not ROWAN_OK; only its own status is zeroed before, and a
                            driver that fails writes all of it */
} rowan__operation;

/** A URL, taken apart as far as all engines agree. Borrowed for `open`. */
typedef struct rowan__url {
    const char *whole; /* as the user wrote it */
    const char *rest;  /* behind "scheme:" */
} rowan__url;

/** What a driver opens a connection with: the user's options, defaults filled in. */
typedef struct rowan__open_options {
    unsigned connect_ms, busy_ms;
    bool read_only;
} rowan__open_options;

/**
 * A settings statement or a catalogue query that the driver wants run: by the choke point, so
 * that it counts.
 */
typedef struct rowan__runner {
    /**
     * Executes @p sql. With @p each, prepares it and calls @p each for every row; a status other
     * than OK stops.
     */
    rowan_status (*run)(const struct rowan__runner *runner, const char *sql,
                        const rowan_value *params, size_t param_count,
                        rowan_status (*each)(void *context, const rowan_value *row, size_t count),
                        void *context);
    void *context;
    rowan_error *error;
} rowan__runner;

/* --- What introspection finds. All text is in the arena that was given. --- */

typedef struct rowan__found_column {
    const char *name;
    const char *declared; /* the type as the engine spells it */
    const char *comment;  /* of the column, "" if none */
    rowan_type type;      /* 0: no type of ours */
    uint32_t length, scale;
    bool nullable, generated, has_default;
    unsigned key_position; /* in the primary key, from 1; 0: not in it */
    const char *const
        *labels; /* of an enum: from a check `column IN ('a', 'b')` or the engine's enum */
    size_t label_count;
} rowan__found_column;

typedef struct rowan__found_key { /* a unique key or a foreign key */
    const char *const *columns;
    size_t column_count;
    const char *to_table; /* foreign key: refers to; NULL: unique key */
    const char *const *to_columns;
} rowan__found_key;

typedef struct rowan__found_table {
    const char *name;
    const char *comment;
    rowan__found_column *columns; /* in order */
    size_t column_count;
    rowan__found_key *keys; /* unique keys without the primary key, and foreign keys; by columns */
    size_t key_count;
} rowan__found_table;

typedef struct rowan__found {
    rowan__found_table *tables; /* by name, bytewise */
    size_t table_count;
} rowan__found;

/** The driver. */
struct rowan__driver {
    const char *scheme; /* of its URLs, without ':' */
    const rowan__dialect *dialect;

    /**
     * Whether every connection would be a database of its own, so that there must be one only;
     * NULL: never.
     */
    bool (*is_single)(const rowan__url *url);
    /** Opens a connection and nothing more. `*out` is NULL on failure. */
    rowan_status (*open)(const rowan_allocator *allocator, const rowan__url *url,
                         const rowan__open_options *options, rowan__connection **out,
                         rowan_error *error);
    /** Sends the session's settings, each through @p runner. */
    rowan_status (*setup)(rowan__connection *connection, const rowan__open_options *options,
                          const rowan__runner *runner);
    void (*close)(rowan__connection *connection);
    /** Whether an idle connection still works, as far as can be told without sending. */
    bool (*alive)(rowan__connection *connection);

    /** Prepares one statement and learns its columns. */
    rowan_status (*prepare)(rowan__connection *connection, const char *sql, size_t size,
                            rowan__prepared **out, rowan_error *error);
    /** Gives a prepared statement up. NULL is a no-op. */
    void (*unprepare)(rowan__prepared *prepared);
    /**
     * Chooses for each cell of a layout of this statement the converter from what the engine
     * sends to the member's type; for a dynamic layout, also the types. ROWAN_WRONG_TYPE names a
     * column whose conversion would lose something for sure.
     */
    rowan_status (*bind)(rowan__prepared *prepared, rowan__layout *layout, rowan_error *error);

    /**
     * Whether `run` can tell the keys that the database makes for rows of structs without their
     * being returned: may prepare, runs nothing; a failure is a no. NULL: never.
     */
    bool (*tells_keys)(rowan__connection *connection, const rowan_column *key);

    /**
     * Runs operations in order, in as few round trips as the engine can; stops at the first that
     * fails. Those after it get ROWAN_CANCELLED, and their statements counted only if they were run
     * all the same, because what failed was reading a row of another one. An operation with
     * `batch_rows`, or of structs with a `copy_sql`, must be alone.
     */
    void (*run)(rowan__connection *connection, rowan__operation *operations, size_t count);
    /**
     * Reads further rows of a streamed operation into its sink, and adds to its counts:
     * `batch_rows` or, where they come in pages, what a page has. The operation's deadline may be
     * another one than before. Rows that have all come are not late.
     *
     * @return ROWAN_OK with rows, ROWAN_DONE when there is none left, or an error in
     *         operation->error.
     */
    rowan_status (*fetch)(rowan__connection *connection, rowan__operation *operation);
    /** Ends a streamed operation, at its end or before; the connection can then run again. */
    void (*finish)(rowan__connection *connection, rowan__operation *operation);

    /** Makes the server stop what the connection is running. Any thread. */
    rowan_status (*cancel)(rowan__connection *connection, rowan_error *error);

    /** Reads the catalogue of the current schema, its queries run through @p runner. */
    rowan_status (*introspect)(const rowan__runner *runner, rowan__arena *arena, rowan__found *out);
};

/**
 * The driver for a URL's scheme: ROWAN_UNSUPPORTED for one that this build lacks, ROWAN_MISUSE
 * for an unknown one.
 */
rowan_status rowan__driver_find(const char *url, const rowan__driver **out, rowan__url *parts,
                                rowan_error *error);

/** Fails the operations from @p first on as not run, because one before them failed. */
void rowan__operations_skip(rowan__operation *operations, size_t first, size_t count);

#ifdef ROWAN_WITH_SQLITE
extern const rowan__driver rowan__sqlite_driver;
#endif
#ifdef ROWAN_WITH_POSTGRESQL
extern const rowan__driver rowan__postgresql_driver;
#endif
#ifdef ROWAN_WITH_MARIADB
extern const rowan__driver rowan__mariadb_driver;
#endif

#endif
