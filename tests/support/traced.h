/*
 * Traces that other recorders may have written, line by line, and what is found in them. All memory
 * is counted.
 */
#ifndef ROWAN_TESTS_TRACED_H
#define ROWAN_TESTS_TRACED_H

#include <stdio.h>

#include "report/analysis.h"

/** The trace of the turn. */
extern struct traced {
    char path[64];
    FILE *file; /* while it is written */
    unsigned sequence; /* of the last statement, which tells when it began */
    rowan__trace trace;
    rowan__analysis analysis;
    size_t complaints, last_complaint; /* how many lines were refused, and the last one */
} traced;

/** An empty trace, and its end, at which no memory may be out. */
void traced_begin(void);
void traced_end(void);

/** A line as it is. */
void traced_line(const char *text);

/** A statement at its place in time, with more keys behind, which begin with a comma. */
void traced_statement(const char *sql, const char *params, const char *more);

/** Posts of so many ids, 1000, 1007 … */
void traced_parent(size_t rows, const char *more);

/** The notes of the post with that index. */
void traced_child(size_t i, const char *more);

/** Reads and analyses what is written, whatever comes of it; and gives back its memory. */
rowan_status traced_read_and_analyze(void);
void traced_release(void);

/** Ends the writing, and reads and analyses it well. */
void traced_analyze(void);

/** There is no finding. Ends the trace. */
void traced_finds_nothing(const char *what);

/** There is exactly one finding, of that kind. */
const rowan__trace_finding *traced_only(const char *kind);

#endif
