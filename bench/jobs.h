/*
 * What is measured in a process of its own: instructions, under callgrind, and peak memory. A job
 * is one contestant on one database; it is this program again, which says on its standard output
 * what it found for each line.
 */
#ifndef ROWAN_BENCH_JOBS_H
#define ROWAN_BENCH_JOBS_H

#include "bench.h"
#include "tasks.h"

typedef enum bench_measure {
    BENCH_INSTRUCTIONS, /* of one run */
    BENCH_MEMORY        /* most bytes that were resident in any run up to now */
} bench_measure;

typedef struct bench_job {
    bench_measure measure;
    const bench_contestant *who;
    const char *url;    /* of its database */
    const char *events; /* of the one to stream from */
    const bench_lines *lines;
    const char *profiles; /* folder to keep callgrind's files in, one for each line; NULL: none */
    bool has_begun;                  /* zero */
    double values[BENCH_MOST_LINES]; /* out; 0: the contestant does not do it */
} bench_job;

/**
 * Runs jobs, some at the same time, but never two in one database: they would change each other's
 * rows.
 *
 * @param folder  for what they write
 * @return false with a line in @p why; jobs that run are then ended
 */
bool bench_jobs_run(bench_job *jobs, size_t count, size_t at_once, const char *folder, char *why,
                    size_t why_size);

/** Whether instructions can be counted; else why not, in a line. */
bool bench_can_count(char *why, size_t why_size);

/**
 * The inside: does a job and prints its values.
 *
 * @param dumps     how the names of callgrind's files begin
 * @param profiles  folder to keep them in under better names; NULL: they are removed
 * @return the exit status
 */
int bench_job_inside(bench_measure measure, const bench_contestant *who, const char *url,
                     const char *events, const char *dumps, const char *profiles,
                     const bench_lines *lines);

/** The measure of that name as --job has it. @return false if there is none */
bool bench_measure_named(const char *name, bench_measure *out);

#endif
