/* The library's database, with a trace of all that is sent to it, and what is found in that. */
#ifndef ROWAN_TESTS_WATCHED_H
#define ROWAN_TESTS_WATCHED_H

#include <rowan/rowan.h>

#include "report/analysis.h"

/** The trace of the turn. */
extern struct watched {
    char path[64];
    rowan_trace *sink;
    rowan__trace trace;
    rowan__analysis analysis;
} watched;

/** A library with so many books, of publishers and authors as library_fill() makes them. */
rowan_db *watched_open(size_t engine, size_t books, size_t publishers, size_t authors);

/** Closes it, whose scopes have ended, and reads and analyses the trace. */
void watched_analyze(rowan_db *db);

/** Gives back what that took. */
void watched_release(void);

#endif
