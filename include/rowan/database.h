/*
 * Databases and scopes. A database is a pool of connections. A scope is one unit of work, such
 * as one request: it holds a connection while it needs one, owns every row that is loaded in it,
 * keeps the last error and counts what was sent.
 *
 * NULL, in every header: where nothing says that a pointer may be NULL it is ROWAN_MISUSE, and
 * nothing is sent. A function without a status then gives NULL, 0 or false, or does nothing.
 */
#ifndef ROWAN_DATABASE_H
#define ROWAN_DATABASE_H

#include <rowan/error.h>
#include <rowan/event.h>
#include <rowan/types.h>

ROWAN_BEGIN_C

/** A database: a pool of connections. Internally locked: share it between threads. */
typedef struct rowan_db rowan_db;

/** What loading a relation of one row does when that relation is not loaded yet. */
typedef enum rowan_lazy {
    ROWAN_LAZY_DEFAULT = 0, /* in options: PEERS; in a query: the database's; in a row: its
                               query's */
    ROWAN_LAZY_PEERS,       /* one statement loads it for all rows of the result that the row
                               came from */
    ROWAN_LAZY_EACH,        /* one statement for this row: N rows cost N statements */
    ROWAN_LAZY_SINGLE,      /* allowed for a row that came alone, refused for one that came with
                               others */
    ROWAN_LAZY_FORBID       /* always refused with ROWAN_LAZY */
} rowan_lazy;

/**
 * Where memory comes from. All members are needed; both functions may be called from any thread.
 */
typedef struct rowan_allocator {
    /**
     * @p size bytes at a multiple of @p alignment (a power of two), or NULL. @p size is never 0.
     */
    void *(*allocate)(void *context, size_t size, size_t alignment);
    /** Gives back what allocate returned, with the same size. @p memory is never NULL. */
    void (*release)(void *context, void *memory, size_t size);
    void *context;
} rowan_allocator;

/**
 * What a comment behind a statement says of where it comes from, as sqlcommenter writes it: keys in
 * order, values as in a URL. Added up. Only statements that are sent unprepared have one: BEGIN,
 * COMMIT, ROLLBACK, savepoints, and those of a script that neither create nor alter anything.
 * Prepared statements are found by their text, so theirs stays as it is; in a server's log they
 * belong to the transaction that their connection has open. A text that has a comment keeps it.
 */
typedef enum rowan_comment {
    ROWAN_COMMENT_ACTION = 1, /* action: the scope's name */
    ROWAN_COMMENT_SITE = 2,   /* code.file.path, code.function.name, code.line.number */
    ROWAN_COMMENT_TAGS = 4    /* what rowan_scope_tag() was told, such as a traceparent */
} rowan_comment;

/** How to open a database. Zero means the default. */
typedef struct rowan_options {
    size_t size;                      /* sizeof(rowan_options): set by ROWAN_OPTIONS_INIT */
    unsigned max_open;                /* most connections; default 8, one for sqlite::memory: */
    unsigned wait_ms;                 /* longest wait for a free connection; default 5,000 */
    unsigned connect_ms;              /* longest wait for the server to answer a connect; default
                                         10,000 */
    unsigned busy_ms;                 /* SQLite: longest wait for a lock; default 5,000 */
    unsigned statement_cache;         /* prepared statements kept by a connection; default 256 */
    rowan_lazy lazy;                  /* default ROWAN_LAZY_PEERS */
    bool read_only;                   /* refuse to write */
    bool no_detector;                 /* do not attach the detector */
    const struct rowan_detector_options *detector; /* its settings; NULL: defaults. Copied. */
    const rowan_allocator *allocator; /* NULL: the C library's. Copied. */
    rowan_subscriber *const *subscribers; /* of the event stream; the array is copied, they are
                                             borrowed */
    size_t subscriber_count;          /* at most 7 */
    unsigned comments;                /* sum of rowan_comment; 0: none. SQLite then compiles BEGIN
                                         and its kind anew each time */
    uint64_t reserved[7];             /* zero */
} rowan_options;

#define ROWAN_OPTIONS_INIT \
    { sizeof(rowan_options), 0, 0, 0, 0, 0, ROWAN_LAZY_DEFAULT, false, false, NULL, NULL, NULL, \
      0, 0, {0} }

/**
 * Opens a database and attaches the detector. Makes one connection, so that a wrong URL,
 * password or file is reported here.
 *
 * @param url      "sqlite:PATH", "sqlite::memory:", "postgresql://…" (as libpq reads it) or
 *                 "mariadb://USER:PASSWORD@HOST:PORT/DATABASE?socket=PATH&…"
 * @param options  NULL: all defaults
 * @param out      the caller closes it with rowan_close()
 * @param error    filled on failure; may be NULL
 * @return ROWAN_OK; ROWAN_MISUSE for a URL that cannot be read; ROWAN_UNSUPPORTED for an engine
 *         that this build lacks, or whose client library is not installed or too old: the message
 *         names it; ROWAN_CONNECT, ROWAN_DENIED, ROWAN_CORRUPT, ROWAN_NOMEM.
 * Threads: any. Statements: session set-up of the engine, outside any scope.
 */
ROWAN_API rowan_status rowan_open(const char *url, const rowan_options *options, rowan_db **out,
                                  rowan_error *error) ROWAN_NODISCARD;

/**
 * Closes all connections. NULL is a no-op. Every scope must have ended before; a scope that has not
 * is the caller's error, and the database then stays until that scope ends.
 */
ROWAN_API void rowan_close(rowan_db *db);

/** The engine: "sqlite", "postgresql" or "mariadb". Static text. */
ROWAN_API const char *rowan_db_engine(const rowan_db *db);

/** Statements, round trips, rows and bytes, counted apart. */
typedef struct rowan_counts {
    uint64_t statements;     /* executions, transaction control and session set-up included */
    uint64_t transactions;   /* of these: BEGIN, COMMIT, ROLLBACK and savepoints */
    uint64_t setups;         /* of these: session set-up */
    uint64_t round_trips;    /* turns from sending to waiting; SQLite makes none */
    uint64_t rows;           /* that crossed the driver's interface */
    uint64_t affected;       /* rows changed */
    uint64_t bytes_sent;
    uint64_t bytes_received;
    uint64_t cache_hits;     /* statements found prepared */
    uint64_t cache_misses;   /* statements that had to be prepared */
    int64_t driver_ns;       /* 0 unless a subscriber wants layers */
    int64_t database_ns;
} rowan_counts;

/**
 * What was sent since the database was opened: session set-up, and what scopes sent that have
 * ended.
 *
 * Threads: any. Statements: none.
 */
ROWAN_API rowan_counts rowan_db_counts(rowan_db *db);

/**
 * Begins a scope. It takes a connection from the pool at its first statement and keeps it until
 * it ends.
 *
 * @param name  what the work is, such as "GET /books"; copied
 * @param out   ended with rowan_scope_end(); belongs to one thread at a time. A statement while
 *              another thread's is running is ROWAN_MISUSE; of two threads no more is noticed.
 * @return ROWAN_OK, ROWAN_NOMEM. Statements: none.
 */
ROWAN_API rowan_status rowan_scope_begin(rowan_db *db, const char *name, rowan_scope **out,
                                         rowan_error *error) ROWAN_NODISCARD;

/**
 * Ends a scope: rolls back a transaction that is still open, frees every row that was loaded,
 * gives the connection back. The detector reports its findings. NULL is a no-op. Its cursors,
 * streams and sessions are to be ended before: afterwards their handles are of no more use, not
 * even to close them.
 *
 * Statements: one if a transaction has to be rolled back, else none.
 */
ROWAN_API void rowan_scope_end(rowan_scope *scope);

/**
 * The error of the last call on this scope that failed; status ROWAN_OK if none has. Borrowed.
 * Without a scope it is ROWAN_MISUSE, and says so.
 */
ROWAN_API const rowan_error *rowan_scope_error(const rowan_scope *scope);

/**
 * Sets the error of a scope, for code that is built on top of Rowan.
 *
 * @param message  one line, cut at 255 bytes; copied
 * @return @p status. Statements: none.
 */
ROWAN_API rowan_status rowan_scope_report(rowan_scope *scope, rowan_status status,
                                          const char *message);

/** What this scope has sent so far. */
ROWAN_API rowan_counts rowan_scope_counts(const rowan_scope *scope);

/** The database of a scope; borrowed. */
ROWAN_API rowan_db *rowan_scope_db(const rowan_scope *scope);

/**
 * Notes where in the program the next calls are made, for the detector. The macros of the other
 * headers call it with the place where they are written.
 *
 * @return @p scope. Statements: none.
 */
ROWAN_API rowan_scope *rowan_scope_at(rowan_scope *scope, const char *file, int line,
                                      const char *function);

#define ROWAN_HERE(scope) rowan_scope_at((scope), __FILE__, __LINE__, __func__)

/**
 * Gives a scope a tag for the comments that options ask for with ROWAN_COMMENT_TAGS, such as
 * "traceparent" or "route". A tag may replace what we would say, such as "action".
 *
 * @param key    1 to 64 letters, digits, '_', '.' or '-'; copied
 * @param value  copied; NULL takes the tag away
 * @return ROWAN_OK; ROWAN_MISUSE for another key, or for more than 16 tags; ROWAN_NOMEM.
 * Threads: as @p scope. Statements: none.
 */
ROWAN_API rowan_status rowan_scope_tag(rowan_scope *scope, const char *key,
                                       const char *value) ROWAN_NODISCARD;

/** Memory of the scope, aligned for any object, freed with it; NULL if memory ran out. */
ROWAN_API void *rowan_scope_alloc(rowan_scope *scope, size_t size);

/** A copy of a text in the scope's memory; NULL if memory ran out or @p text is NULL. */
ROWAN_API char *rowan_scope_strdup(rowan_scope *scope, const char *text);

/** A place in the scope's memory, to go back to. */
typedef struct rowan_mark {
    uint64_t opaque[4];
} rowan_mark;

/** The present place. Statements: none. */
ROWAN_API rowan_mark rowan_scope_mark(rowan_scope *scope);

/**
 * Frees every row that was loaded since the mark was taken.
 *
 * @return ROWAN_OK; ROWAN_MISUSE if the mark is not of this scope or was rewound past; ROWAN_NOMEM
 *         if there was no memory to take it;
 *         ROWAN_BUSY if a session or a stream holds rows above it. Statements: none.
 */
ROWAN_API rowan_status rowan_scope_rewind(rowan_scope *scope, rowan_mark mark) ROWAN_NODISCARD;

/**
 * Lets every later statement of this scope end within @p ms milliseconds from now: the server stops
 * working and the call returns ROWAN_TIMEOUT. 0 removes the deadline.
 *
 * It holds for a stream or cursor that is open, too, from when rows are fetched next: what has
 * arrived is still given, and one whose rows have all arrived is not late.
 */
ROWAN_API void rowan_scope_deadline(rowan_scope *scope, unsigned ms);

/**
 * Stops the statement that a scope is running now, on the server too; it returns ROWAN_CANCELLED.
 * With none running, nothing happens.
 *
 * @return ROWAN_OK, or an error in @p error (may be NULL).
 * Threads: any, while the scope has not ended. Statements: none (MariaDB: one KILL on a
 * connection of its own).
 */
ROWAN_API rowan_status rowan_scope_cancel(rowan_scope *scope, rowan_error *error) ROWAN_NODISCARD;

/** How a transaction runs. Zero means the default. */
typedef struct rowan_transaction_options {
    enum {
        ROWAN_ISOLATION_DEFAULT = 0,
        ROWAN_READ_COMMITTED,
        ROWAN_REPEATABLE_READ,
        ROWAN_SERIALIZABLE
    } isolation;
    bool read_only; /* the servers refuse writes; SQLite: BEGIN DEFERRED instead of IMMEDIATE, and
                       what is written all the same is not refused */
} rowan_transaction_options;

/**
 * Begins a transaction, or inside one a savepoint. Each begin is matched by one commit or rollback.
 * These three note their call sites.
 *
 * @param options  NULL: defaults; must be NULL inside a transaction
 * @return ROWAN_OK or an engine's error; ROWAN_MISUSE, unsent, of a level that there is not.
 *         Statements: one; with an isolation level two, except on SQLite, which needs none.
 */
ROWAN_API rowan_status rowan_begin(rowan_scope *scope,
                                   const rowan_transaction_options *options) ROWAN_NODISCARD;

/**
 * Commits the innermost transaction or releases the innermost savepoint.
 *
 * @return ROWAN_OK; ROWAN_MISUSE without a begin; ROWAN_CONFLICT and others if the engine rolled
 *         back instead: the error's `fate` says which. Statements: one.
 */
ROWAN_API rowan_status rowan_commit(rowan_scope *scope) ROWAN_NODISCARD;

/**
 * Rolls the innermost transaction or savepoint back. ROWAN_MISUSE without a begin. Statements:
 * one; two of a savepoint, which is given up, too.
 */
ROWAN_API rowan_status rowan_rollback(rowan_scope *scope) ROWAN_NODISCARD;

#define rowan_begin(scope, ...) rowan_begin(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_commit(scope) rowan_commit(ROWAN_HERE(scope))
#define rowan_rollback(scope) rowan_rollback(ROWAN_HERE(scope))

/** Depth of open transactions: 0 outside, 1 inside one, 2 inside a savepoint … */
ROWAN_API unsigned rowan_transaction_depth(const rowan_scope *scope);

/**
 * Rows one after another, in constant memory. While it is open, every other statement on its
 * scope is refused with ROWAN_BUSY. Made by rowan_raw_stream() and rowan_query_stream().
 *
 * On PostgreSQL, what begins with SELECT, VALUES or TABLE is read through a cursor of the server's
 * where a transaction is open: up to 1,024 rows in a round trip, and an end before the last row
 * costs nothing. It is planned anew for each stream, for all of its rows and without parallel
 * workers. Elsewhere all rows come in one round trip; from a libpq before 17, each in a result of
 * its own, for three times the processor time of the client. An end before the last row then has
 * the server stop or, inside a transaction, the rest read.
 */
typedef struct rowan_stream rowan_stream;

/**
 * The next row.
 *
 * @param row  a struct of the stream's shape, borrowed until the next call on the stream
 * @return ROWAN_OK, ROWAN_DONE after the last row, or an error. Statements: none.
 */
ROWAN_API rowan_status rowan_stream_next(rowan_stream *stream, void **row) ROWAN_NODISCARD;

/**
 * Ends a stream early or after its last row; the connection is usable again. NULL is a no-op.
 *
 * Statements: none (MariaDB, with many rows left: one KILL on a connection of its own; PostgreSQL:
 * the CLOSE of a cursor, which is counted as a round trip of the stream's statement).
 */
ROWAN_API void rowan_stream_close(rowan_stream *stream);

ROWAN_END_C

#endif
