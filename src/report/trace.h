/*
 * Recorded traces: one executed statement a line, as a JSON object. docs/man/rowan-trace.5
 * describes the keys.
 */
#ifndef ROWAN_REPORT_TRACE_H
#define ROWAN_REPORT_TRACE_H

#include <rowan/error.h>
#include <rowan/event.h>

#include "base/arena.h"

/** What an eager loader says of the statement that it sent. */
typedef struct rowan__eager {
    const char *association;
    uint64_t parent_seq;
    uint64_t owners;           /* rows that it was loaded for */
    uint64_t touched;          /* of these, whose relation was read later: at least so many */
    uint64_t rows;             /* that came for them */
    struct rowan__eager *next; /* a further relation that the same statement loaded */
} rowan__eager;

/** One statement. Texts are NULL where the line has none; they are the trace's. */
typedef struct rowan__traced {
    size_t line;
    uint64_t seq; /* the line's number if it has none */
    const char *scope, *connection, *thread, *database;
    const char *dialect; /* "" if it has none: read as standard SQL */
    const char *sql, *callsite, *error, *pattern, *model;
    const char *relation_of, *relation; /* its model and name */
    const char *const *through; /* what it passed from its call site on, the outer ones first; ends
                                   with NULL. NULL: nothing */
    size_t sql_size;
    const rowan_value *params;
    size_t param_count;
    const char *const *columns; /* column_count names, of the rows that were captured */
    size_t column_count;
    const rowan_value *rows; /* row_count × column_count */
    size_t row_count;
    uint64_t all_rows;                /* of the result, or changed */
    bool knows_reads;                 /* what of the rows the program took: */
    uint64_t rows_read, columns_read; /* as rowan_reads has them */
    int64_t start_ns;                 /* since the trace began */
    int64_t elapsed_ns;
    int64_t trip;        /* number of its round trip; negative: unknown */
    bool is_cached;      /* never reached the server */
    rowan__eager *eager; /* what it loads ahead; NULL: no eager loader sent it */
} rowan__traced;

/** What an eager loader says of an earlier statement. */
typedef struct rowan__late {
    uint64_t seq;
    size_t line;
    rowan__eager *eager;
} rowan__late;

typedef struct rowan__trace {
    const rowan_allocator *allocator;
    rowan__arena arena;
    const char *path;
    const char *name; /* of the file, up to its first dot */
    rowan__traced *at;
    size_t count, capacity;
    rowan__late *late; /* what is brought to its statements when all are read */
    size_t late_count, late_capacity;
    size_t lines_refused;
    int64_t began_unix_ns; /* when the trace began, since 1970: as it says, or as the file's time
                              of change and its last statement tell */
} rowan__trace;

/** Is told of a line that cannot be read. The rest of the file is read all the same. */
typedef struct rowan__complaint {
    void (*say)(void *context, const char *path, size_t line, const char *why);
    void *context;
} rowan__complaint;

/**
 * Reads a trace. Freed with rowan__trace_fini(), also after a failure.
 *
 * @return ROWAN_OK, also if some lines could not be read; ROWAN_IO for a file that cannot be read
 *         to its end; ROWAN_NOMEM.
 */
rowan_status rowan__trace_read(rowan__trace *trace, const rowan_allocator *allocator,
                               const char *path, const rowan__complaint *complaint,
                               rowan_error *error);
void rowan__trace_fini(rowan__trace *trace);

/** The statement of a number, or NULL. */
const rowan__traced *rowan__trace_numbered(const rowan__trace *trace, uint64_t seq);

#endif
