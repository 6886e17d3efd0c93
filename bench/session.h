/*
 * One run of the benchmark: the folder, the databases of all engines, and the measuring of a table
 * on them. What it made is removed when it is closed, however the run ends.
 */
#ifndef ROWAN_BENCH_SESSION_H
#define ROWAN_BENCH_SESSION_H

#include "database.h"
#include "options.h"
#include "results.h"
#include "runner.h"

typedef struct bench_session {
    const bench_options *options;
    char folder[64];
    bench_inputs inputs;
    bench_database *databases[BENCH_MOST_ENGINES]; /* as the table's engines; NULL: skipped */
    char why[2 * BENCH_WHY];                       /* the last thing that went wrong */
} bench_session;

/**
 * Makes the databases, and gives the table its engines: those asked for, with a reason for each
 * that is skipped.
 */
bool bench_session_open(bench_session *self, const bench_options *options, bench_table *table);
void bench_session_close(bench_session *self);

/** Checks that all do the same, and times them. */
bool bench_session_times(bench_session *self, bench_table *table);

/** Counts instructions. */
bool bench_session_instructions(bench_session *self, bench_table *table);

/** Measures the peak memory of streams. */
bool bench_session_memory(bench_session *self, bench_table *table);

#endif
