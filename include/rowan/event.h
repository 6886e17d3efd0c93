/*
 * The event stream. Everything that any pattern sends to a database passes one function, and that
 * function emits one event for each statement. Detectors, traces and metrics are subscribers.
 */
#ifndef ROWAN_EVENT_H
#define ROWAN_EVENT_H

#include <rowan/error.h>
#include <rowan/model.h>
#include <rowan/types.h>
#include <rowan/value.h>

ROWAN_BEGIN_C

typedef struct rowan_scope rowan_scope;
typedef struct rowan_batch rowan_batch;
typedef struct rowan_batch_column rowan_batch_column;

/** Who sent a statement. */
typedef enum rowan_pattern {
    ROWAN_PATTERN_NONE = 0, /* the library itself: transactions, session set-up, introspection */
    ROWAN_PATTERN_RAW,
    ROWAN_PATTERN_QUERY_BUILDER,
    ROWAN_PATTERN_ACTIVE_RECORD,
    ROWAN_PATTERN_DATA_MAPPER
} rowan_pattern;

/** What a statement is for. */
typedef enum rowan_purpose {
    ROWAN_PURPOSE_QUERY = 0,   /* the program's own work */
    ROWAN_PURPOSE_TRANSACTION, /* BEGIN, COMMIT, ROLLBACK, savepoints */
    ROWAN_PURPOSE_SETUP,       /* settings of a new connection */
    ROWAN_PURPOSE_CATALOG      /* introspection */
} rowan_purpose;

/** Where in the program a call was made. Static strings; `file` is NULL if unknown. */
typedef struct rowan_site {
    const char *file;
    int line;
    const char *function;
} rowan_site;

typedef enum rowan_event_kind {
    ROWAN_EVENT_SCOPE_BEGIN = 1,
    ROWAN_EVENT_ROWS,      /* a further batch of an open stream, if any subscriber wants rows */
    ROWAN_EVENT_STATEMENT, /* a statement has ended, well or badly; see rowan_turns, too */
    ROWAN_EVENT_SCOPE_END
} rowan_event_kind;

/** What the program took of the rows of a stream or cursor, once that is closed. */
typedef struct rowan_reads {
    uint64_t rows;    /* that it went to; the event's `rows` were fetched */
    uint64_t columns; /* bit by bit which of the first 64 it read; all bits where that is not known,
                         as of structs */
    const rowan_batch_column *result; /* column_count columns of the result */
    size_t column_count;
} rowan_reads;

/**
 * A relation that the fetch plans of one line of the program load in a scope. It lives as long as
 * the scope and goes on counting: at the scope's end it tells whether loading it was of use.
 */
typedef struct rowan_fetched {
    const rowan_relation *relation;
    const struct rowan_fetched *within; /* the fetch whose rows it is loaded for; NULL: the rows of
                                           a query */
    rowan_site site;
    uint64_t owners; /* rows that it was loaded for, where that was more than one at once */
    uint64_t rows;   /* that came for them */
    bool is_read;    /* the program asked for it for any row */
    struct rowan_fetched *next; /* a further one of the scope */
} rowan_fetched;

/** What is kept of an execution that is no event. */
typedef struct rowan_turn {
    int64_t value;      /* of its parameter */
    int64_t elapsed_ns;
} rowan_turn;

enum { ROWAN_MOST_TURNS = 32 };

/**
 * Further turns of a loop. A subscriber that wants turns, and has seen enough of a statement with
 * one parameter, need not be told of each execution: at the statement's event it puts one of these
 * into the place that the event shows, with everything set but `at`. An execution of the same
 * statement from the same line that goes well with an integer other than the last is then no event
 * for it any more, but a turn, which takes a few instructions, as long as there is room. All else
 * is an event as ever; at any, and at the scope's end, the subscriber may look at what there is and
 * empty it.
 */
typedef struct rowan_turns {
    size_t count, room;   /* turns in `at`, and how many there may be: 0 to ROWAN_MOST_TURNS */
    uint64_t sql_hash;    /* of the statement; not 0 */
    size_t sql_size;
    rowan_site site;
    uint64_t sequence;    /* of the last execution … */
    int64_t value;        /* … its parameter … */
    int64_t end_ns;       /* … and when it ended; */
    int64_t busy_ns;      /* what turns had taken by then, those of all statements of the scope */
    int64_t idle_ns;      /* how long after that another one may begin to be a turn */
    uint64_t round_trips; /* of the turns, together */
    rowan_turn at[ROWAN_MOST_TURNS];
} rowan_turns;

/** One event. Everything in it is borrowed for the call of the subscriber. */
typedef struct rowan_event {
    rowan_event_kind kind;
    rowan_scope *scope;
    uint64_t scope_id; /* unique in the process, from 1 */
    const char *scope_name;
    uint64_t connection_id; /* unique in the process, from 1; 0 before the scope has one */
    const char *engine;     /* "sqlite", "postgresql", "mariadb" */
    uint64_t sequence;      /* of the statement in the scope, from 1 */
    rowan_purpose purpose;
    rowan_pattern pattern;
    const rowan_table *table;       /* what the statement is about; NULL if unknown */
    const rowan_relation *relation; /* that it loads; NULL if none */
    rowan_site site;
    const char *sql;
    size_t sql_size;           /* bytes */
    uint64_t sql_hash;         /* of the text, the same for the same text in one process; 0: not
                                  known */
    const rowan_value *params; /* param_rows × param_count values; none for rows that are inserted
                                  from structs */
    size_t param_count;
    size_t param_rows;        /* 1, or more for one statement with many parameter rows */
    const rowan_batch *batch; /* the rows of the result, or NULL */
    const rowan_reads *reads; /* of a stream that ends with this event; else NULL */
    /* fetched_count relations that a fetch plan has it load: known as long as the scope is */
    const rowan_fetched *const *fetched;
    size_t fetched_count;
    uint64_t statements;      /* executions that it took: 1, except where an engine loops over
                                 parameter rows */
    uint64_t round_trips;     /* turns from sending to waiting, preparing included; 0 on SQLite */
    uint64_t rows;            /* that crossed the driver's interface */
    uint64_t affected;        /* rows changed */
    uint64_t bytes_sent;      /* statement text and values */
    uint64_t bytes_received;  /* values of the rows */
    int64_t start_ns;         /* monotonic clock; 0 if no subscriber wants times */
    int64_t elapsed_ns;       /* from then until it was done; of statements that went in one round
                                 trip the first has all that cannot be told apart */
    int64_t pattern_ns;       /* building the statement, before it was handed to the driver; this
                                 and the next two are 0 if no subscriber wants layers */
    int64_t driver_ns;        /* of elapsed_ns: binding and decoding */
    int64_t database_ns;      /* of elapsed_ns: waiting for the engine */
    const rowan_error *error; /* NULL if it went well */
    rowan_turns **turns;      /* for who wants turns: where those of the statement are put. What is
                                 there, if not NULL, is its own and may be of another statement */
    void **slot;              /* the subscriber's own place in the scope, as rowan_scope_slot()
                                 gives it; NULL without a scope */
} rowan_event;

/** One column of the rows of a result: where its values are in each row. */
struct rowan_batch_column {
    rowan_type type;               /* of the member */
    bool nullable;                 /* the member is an optional type: whether it `has` is at
                                      `offset` */
    uint8_t reader;                /* the driver's own */
    uint32_t offset;               /* of the member in the row */
    uint32_t value_offset;         /* of its value; equal to `offset` if not nullable */
    const rowan_enum *enumeration; /* of an enum, which is the index of its label; or NULL */
    const char *name;              /* as the engine reported it */
};

/** Rows of a result, as they were read: lent, not copied. Borrowed as the event. */
struct rowan_batch {
    const rowan_batch_column *columns; /* column_count of them */
    size_t column_count;
    const char *rows;                  /* row_count structs of row_size bytes */
    size_t row_size;
    size_t row_count;
    bool is_dynamic; /* a row is no struct but a rowan_value for each column, at its offset */
};

/**
 * One value; text and bytes are borrowed as the event. NULL values have `is_null`; an enum is its
 * label. Threads: as the event. Statements: none.
 */
ROWAN_API rowan_value rowan_batch_value(const rowan_batch *batch, size_t row, size_t column);

/**
 * A subscriber of the event stream. Filled in by the caller, who keeps it alive until the database
 * is closed. It is called on the thread that sends, so for several scopes at the same time.
 */
typedef struct rowan_subscriber {
    /* must not use the scope to send anything */
    void (*on_event)(void *context, const rowan_event *event);
    void *context;
    bool wants_times;  /* when each statement began and how long it took: two looks at the clock,
                          which nobody takes if no subscriber wants times */
    bool wants_layers; /* times, and which layer spent them: looks at the clock around every wait */
    bool wants_rows;   /* batches are lent only to those who want them */
    bool wants_turns;  /* to have turns of loops put aside, see rowan_turns: of several who do the
                          first, and none that wants layers */
} rowan_subscriber;

/**
 * What a subscriber keeps for one scope: a place that holds NULL when the scope begins and that
 * only this subscriber uses. The subscriber frees it at ROWAN_EVENT_SCOPE_END.
 *
 * @return the place; NULL if @p subscriber is not attached. Threads: as @p scope. Statements: none.
 */
ROWAN_API void **rowan_scope_slot(rowan_scope *scope, const rowan_subscriber *subscriber);

/**
 * The attached subscriber that has this function, or NULL. Threads: as @p scope. Statements: none.
 */
ROWAN_API const rowan_subscriber *rowan_scope_subscriber(
    rowan_scope *scope, void (*on_event)(void *context, const rowan_event *event));

ROWAN_END_C

#endif
