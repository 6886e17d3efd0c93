/*
 * Running cells: what one use case costs in one pattern, one way, on one engine. Each cell runs on
 * two handles of the same database: one without the detector, for counts, allocations and times;
 * one with it, for findings.
 */
#ifndef ROWAN_CLI_COMPARE_MEASURE_H
#define ROWAN_CLI_COMPARE_MEASURE_H

#include "cli/compare/usecase.h"

/** Where the time of a cell went, in nanoseconds; medians over the repeats. */
typedef struct layer_times {
    int64_t pattern_ns;  /* all that is neither of the two below */
    int64_t driver_ns;   /* binding, decoding */
    int64_t database_ns; /* waiting for the engine */
} layer_times;

/** One statement text that a cell sent. */
typedef struct sent_statement {
    char *sql;
    uint64_t count;
    int64_t database_ns;
} sent_statement;

/** One finding, with text of its own. */
typedef struct kept_finding {
    rowan_finding_kind kind;
    bool expected; /* the use case says that the tempting way has it */
    char *text;    /* as rowan_finding_text() */
    char *evidence;
    char *suggestion;
    char *parent_sql;    /* NULL if unknown */
    char *parent_column; /* NULL if unknown */
    uint64_t count;
} kept_finding;

/** What one cell cost. */
typedef struct measurement {
    bool ran; /* false: this pattern has no tempting way of its own here */
    rowan_status status;
    char *error; /* if status is not ROWAN_OK */
    rowan_counts counts;
    uint64_t allocations, allocated_bytes;
    layer_times times;
    sent_statement *statements;
    size_t statement_count;
    kept_finding *findings;
    size_t finding_count;
    ledger *found;
} measurement;

/** A database to measure on. */
typedef struct bench bench;

/**
 * Opens a database that holds the bookshop, twice.
 *
 * @return ROWAN_OK, or what rowan_open() says, in @p error.
 */
rowan_status bench_open(const char *url, bench **out, rowan_error *error);
void bench_close(bench *self);
const char *bench_engine(const bench *self);
/** The handle without the detector; borrowed. */
rowan_db *bench_db(bench *self);

/**
 * Runs one cell once to warm up and then @p repeat times. Statements must be the same each time:
 * the last are kept.
 *
 * @param out  filled in, also if the cell failed; freed with measurement_fini()
 */
void bench_measure(bench *self, const usecase *use_case, usecase_cell cell, unsigned repeat,
                   measurement *out);

void measurement_fini(measurement *self);

#endif
