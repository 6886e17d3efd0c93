/* Running a comparison on one engine: every cell measured, then their rows compared. */
#ifndef ROWAN_CLI_COMPARE_RUN_H
#define ROWAN_CLI_COMPARE_RUN_H

#include "cli/compare/results.h"

/**
 * Told before each cell; @p done of @p all cells are finished. May be NULL. Returning false stops
 * the run.
 */
typedef bool (*run_progress)(void *context, const char *engine, const usecase *use_case,
                             size_t pattern, size_t done, size_t all);

typedef enum run_outcome {
    RUN_EQUAL = 0, /* every cell went well and found the same rows */
    RUN_DIFFERENT, /* rows differ: a diff was printed */
    RUN_FAILED,    /* a cell failed: its error was printed */
    RUN_STOPPED    /* progress said so */
} run_outcome;

/**
 * Measures every cell of @p self for one engine, which has the bookshop in it. Stops at the first
 * use case whose cells differ or fail, and says so on @p messages.
 */
run_outcome run_engine(results *self, size_t engine, bench *on, run_progress progress,
                       void *context, FILE *messages);

#endif
