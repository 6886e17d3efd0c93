/* What the benchmark itself does in the tables, on connections that no contestant has. */
#ifndef ROWAN_BENCH_BETWEEN_H
#define ROWAN_BENCH_BETWEEN_H

#include <rowan/database.h>

#include "bench.h"

/** A connection for a moment. */
typedef struct bench_visit {
    rowan_db *db;
    rowan_scope *scope;
    rowan_error error; /* of opening */
} bench_visit;

rowan_status bench_visit_begin(bench_visit *visit, const char *url);

/** Ends it. @return whether @p status is ROWAN_OK; else why not is in @p why */
bool bench_visit_end(bench_visit *visit, rowan_status status, char *why, size_t why_size);

/** Sends one statement. @return false with a line in @p why */
bool bench_send(const char *url, const char *sql, char *why, size_t why_size);

/** Makes the tables ready for runs of a work: there are no newcomers. */
bool bench_ready(const char *url, bench_work work, char *why, size_t why_size);

/** The same for the first run of all: nobody has a name that a run writes either. */
bool bench_ready_first(const char *url, bench_work work, char *why, size_t why_size);

/** Gives the sum what a task has left in the tables. @return false with a line in @p why */
bool bench_left(const char *url, const bench_task *task, bench_sum *sum, char *why,
                size_t why_size);

#endif
