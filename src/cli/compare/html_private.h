/* What the files that write the page share. */
#ifndef ROWAN_CLI_COMPARE_HTML_PRIVATE_H
#define ROWAN_CLI_COMPARE_HTML_PRIVATE_H

#include "cli/compare/guide.h"
#include "cli/compare/results.h"
#include "report/markup.h"

/** The whole time of a cell in milliseconds. */
double html_ms(const measurement *cell);

/** Whether a cell ran well. */
bool html_usable(const measurement *cell);

enum { HTML_PLOT_WIDTH = 900 };

/** A logarithmic axis. */
typedef struct html_axis {
    double from, to;   /* values; from > 0 */
    double start, end; /* where they are drawn */
} html_axis;

/** Where a value is drawn. */
double html_place(const html_axis *self, double value);

/**
 * From the power of ten below the smallest value to a little more than the largest; at least one
 * decade.
 */
html_axis html_axis_around(double smallest, double largest, double start, double end);

/** The shortest and the longest time of an engine's cells, in milliseconds. */
void html_time_range(const results *self, size_t engine, double *fastest, double *slowest);

/** The use cases as rows, the patterns as columns, a bar of time by layer in each cell. */
void html_matrix(const results *self, size_t engine, FILE *out);

/** Statements of the good and the tempting way, joined by a line, on a logarithmic axis. */
void html_statements_plot(const results *self, size_t engine, FILE *out);

/** Each tempting way's time over its good way's, both axes logarithmic. False: out of memory. */
bool html_time_plot(const results *self, size_t engine, FILE *out);

/** One panel for each use case: code, statements, findings. */
void html_panels(const results *self, FILE *out);

/** All figures as a table. */
void html_figures(const results *self, size_t engine, FILE *out);

#endif
