/* What was measured: for each engine a cell for every line and contestant. */
#ifndef ROWAN_BENCH_RESULTS_H
#define ROWAN_BENCH_RESULTS_H

#include "contestants.h"
#include "tasks.h"

enum {
    BENCH_MOST_COLUMNS = 12,
    BENCH_MOST_ENGINES = 3,
    BENCH_MOST_STARTS = 12,
    BENCH_WHY_SKIPPED = 256
};

/** One contestant's work at one size, per run of it. Zero: not measured. */
typedef struct bench_cell {
    double ns, low_ns, high_ns; /* median and quartiles */
    double instructions;        /* of the client */
    double memory;              /* peak, in bytes, of a process that does this only */
} bench_cell;

typedef struct bench_engine {
    const char *name;
    const char *server; /* URL; NULL: SQLite */
    char skipped[BENCH_WHY_SKIPPED]; /* why it is not there; empty: it is */
    bench_cell cells[BENCH_MOST_LINES][BENCH_MOST_COLUMNS];
} bench_engine;

/** A program that is started and reads one row (W8). */
typedef struct bench_start {
    const char *name;    /* "best", which calls SQLite itself, or a pattern */
    const char *library; /* which of Rowan's it has: "SQLite only", "all engines"; "" none */
    double ns, low_ns, high_ns;
    double memory; /* peak, in bytes */
} bench_start;

/** What the detector costs, or everything else. */
typedef struct bench_table {
    const bench_contestant *const *contestants; /* that it is about, ended by NULL */
    bench_lines lines;
    const char *columns[BENCH_MOST_COLUMNS]; /* their names, each once */
    size_t column_count;
    bench_engine engines[BENCH_MOST_ENGINES];
    size_t engine_count;
} bench_table;

typedef struct bench_results {
    bench_table work, detector;
    bench_start starts[BENCH_MOST_STARTS];
    size_t start_count;
    char skipped_counts[BENCH_WHY_SKIPPED]; /* why no instructions were counted; empty: they were,
                                               or were not asked for */
    bool is_quick;
    size_t rounds;
} bench_results;

/** Fills in the columns of those contestants whose names are in a list; NULL: all. */
void bench_table_columns(bench_table *table, const char *names);

/** The contestant of a column on an engine, or NULL. */
const bench_contestant *bench_table_contestant(const bench_table *table, size_t column,
                                               const char *engine);

/** The column of that name, or column_count. */
size_t bench_table_column(const bench_table *table, const char *name);

#endif
