/* W8: programs that are started and read one row of an SQLite file. */
#ifndef ROWAN_BENCH_START_H
#define ROWAN_BENCH_START_H

#include "results.h"

/**
 * Starts each program as often as asked for, in turns. One that was not built is left out.
 *
 * @param url  of the SQLite database
 * @return false with a line in @p why
 */
bool bench_starts(bench_results *results, const char *url, size_t rounds, char *why,
                  size_t why_size);

#endif
