/* The results as tables in a terminal, as JSON and as a page. */
#ifndef ROWAN_BENCH_REPORT_H
#define ROWAN_BENCH_REPORT_H

#include <stdio.h>

#include "results.h"

/** Prints all tables; in colour on a terminal. @return false: out of memory */
bool bench_report_tables(const bench_results *results, FILE *out);

/** Writes all figures. @return false with a line in @p why; then there is no file */
bool bench_report_json(const bench_results *results, const char *path, char *why, size_t why_size);

/** Writes one page that needs nothing else. As bench_report_json(). */
bool bench_report_html(const bench_results *results, const char *path, char *why, size_t why_size);

/** Name of a contestant's column or of an engine as a heading has it; static. */
const char *bench_heading(const char *name);

#endif
