/*
 * Traces: every statement that a database executes, written to a file as one line of JSON, for
 * `rowan analyze`. rowan-trace(5) describes the lines.
 */
#ifndef ROWAN_TRACE_H
#define ROWAN_TRACE_H

#include <rowan/database.h>
#include <rowan/error.h>
#include <rowan/event.h>

ROWAN_BEGIN_C

/** A trace that is being written. Internally synchronised. */
typedef struct rowan_trace rowan_trace;

/** Settings; zero means the default. */
typedef struct rowan_trace_options {
    size_t size;            /* sizeof(rowan_trace_options) */
    unsigned rows_captured; /* of each result; default 32 */
    bool values;            /* write values as they are; else as keyed hashes, which tell only what
                               is equal, and without literals in the texts */
    const rowan_allocator *allocator; /* NULL: the C library's. Copied. */
    uint64_t reserved[4];   /* zero */
} rowan_trace_options;

#define ROWAN_TRACE_OPTIONS_INIT \
    { sizeof(rowan_trace_options), 0, false, NULL, { 0 } }

/**
 * Opens a file for a trace; what is in it stays, and lines are added.
 *
 * @param out  closed with rowan_trace_close(), after the databases that it is given to
 * @return ROWAN_OK; ROWAN_IO for a file that cannot be opened; ROWAN_NOMEM.
 * Threads: any. Statements: none.
 */
ROWAN_API rowan_status rowan_trace_open(const char *path, const rowan_trace_options *options,
                                        rowan_trace **out, rowan_error *error) ROWAN_NODISCARD;

/** What to give to rowan_open() among the subscribers; borrowed from the trace. */
ROWAN_API rowan_subscriber *rowan_trace_subscriber(rowan_trace *trace);

/**
 * Ends a trace. NULL is a no-op.
 *
 * @return ROWAN_OK if every statement was written; else ROWAN_FULL, ROWAN_IO or ROWAN_NOMEM, and
 *         the message says how many were not: a program is never disturbed while it runs.
 */
ROWAN_API rowan_status rowan_trace_close(rowan_trace *trace, rowan_error *error) ROWAN_NODISCARD;

ROWAN_END_C

#endif
