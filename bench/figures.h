/* Figures as a person reads them. */
#ifndef ROWAN_BENCH_FIGURES_H
#define ROWAN_BENCH_FIGURES_H

#include <stddef.h>

enum { BENCH_FIGURE = 24 };

/** "12.3 µs"; empty for 0. */
const char *bench_time_text(double ns, char out[BENCH_FIGURE]);

/** "12,345" or "1.23 M"; empty for 0. */
const char *bench_count_text(double count, char out[BENCH_FIGURE]);

/** "1.2 MiB" or "345 KiB". */
const char *bench_memory_text(double bytes, char out[BENCH_FIGURE]);

#endif
