/*
 * The results of a comparison: use cases × patterns × ways × engines, and what they say. Made by
 * running; printed as text (text.c), JSON (json.c) or one HTML page (html.c).
 */
#ifndef ROWAN_CLI_COMPARE_RESULTS_H
#define ROWAN_CLI_COMPARE_RESULTS_H

#include "cli/compare/measure.h"

enum way { WAY_GOOD = 0, WAY_TEMPTING, WAY_COUNT };

/** One engine's share of the results. */
typedef struct engine_results {
    char *engine;       /* "sqlite" */
    measurement *cells; /* by results_cell() */
    bool *equal;        /* for each use case: all cells found the same rows */
} engine_results;

typedef struct results {
    const usecase *const *cases; /* case_count of them */
    size_t case_count;
    engine_results *engines;
    size_t engine_count;
    double scale;
    unsigned repeat;
    const char *rowan_version;
} results;

/** Results with room for every cell; NULL if out of memory. */
results *results_new(const usecase *const *cases, size_t case_count, size_t engine_count);
void results_free(results *self);

/**
 * The cell of an engine, a use case, a pattern and a way. Its `ran` is false for a way that is not
 * there.
 */
measurement *results_cell(const results *self, size_t engine, size_t use_case, size_t pattern,
                          enum way way);

/** Whether every cell of every engine went well and found the same rows, across engines too. */
bool results_equal(const results *self);

/**
 * Whether a finding is no surprise: one that the use case has in its tempting way, or a slow
 * statement, which says more of the machine and the scale than of the code.
 */
bool results_expects(const kept_finding *finding, enum way way);

/** Whether any cell has a finding that is a surprise. */
bool results_has_unexpected(const results *self);

/**
 * The source of a cell: its function and the helpers that it needs.
 *
 * @param lines  receives its lines of code; may be NULL
 * @return text that the caller frees; NULL if the way is not there
 */
char *results_source(const usecase *use_case, size_t pattern, enum way way, unsigned *lines);

/* The three forms. Each prints all of it; false if the output could not be written. The text is no
 * wider than the terminal, from 60 columns on; 0 columns: there is none. */
bool results_text(const results *self, bool colour, unsigned columns, FILE *out);
bool results_json(const results *self, FILE *out);
bool results_html(const results *self, FILE *out);

#endif
