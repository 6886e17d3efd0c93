/*
 * The budget: how many instructions a few works may cost, in a text file that is checked by the
 * tests. A line is: engine, work, n, contestant, its instructions, those of the best hand-written
 * code. Something is above it that costs more both in itself and as a ratio to the floor of the
 * same run: another version of a client library moves both counts, and better hand-written code
 * only one.
 */
#ifndef ROWAN_BENCH_BUDGET_H
#define ROWAN_BENCH_BUDGET_H

#include "results.h"

/** By how much more than in the budget something may cost. */
#define BENCH_BUDGET_ROOM 1.03

/** Who is in a budget, with the floor. */
extern const char bench_budget_columns[];

/** The lines that a budget has. */
void bench_budget_lines(bench_lines *lines);

/** Writes the file from what was counted. @return false with a line in @p why */
bool bench_budget_write(const bench_table *table, const char *path, char *why, size_t why_size);

/**
 * Compares what was counted with the file, and prints each figure that is above it, and what could
 * not be compared.
 *
 * @return false with a line in @p why: something is above it, or missing, or cannot be read
 */
bool bench_budget_check(const bench_table *table, const char *path, char *why, size_t why_size);

#endif
