/*
 * Sums of what was read: the rows themselves, as text, so that a difference can be shown and not
 * only told.
 */
#ifndef ROWAN_BENCH_SUM_H
#define ROWAN_BENCH_SUM_H

#include "base/text.h"
#include "bench.h"

struct bench_sum {
    rowan__text text; /* all rows, each ended by a line feed */
    size_t row_count;
};

void bench_sum_init(bench_sum *sum);
void bench_sum_fini(bench_sum *sum);
void bench_sum_clear(bench_sum *sum);

/** The first row, from 1, in which two sums differ; 0: they are the same. */
size_t bench_sum_differs(const bench_sum *a, const bench_sum *b);

/** A row, from 1, as text; "(no row)" behind the last. */
void bench_sum_row_text(const bench_sum *sum, size_t row, char *out, size_t size);

/** The hash of all rows. */
uint64_t bench_sum_hash(const bench_sum *sum);

#endif
