/* Interrupts: the benchmark ends its work, removes what it made and only then ends. */
#ifndef ROWAN_BENCH_INTERRUPT_H
#define ROWAN_BENCH_INTERRUPT_H

#include <stdbool.h>

/** Lets SIGINT, SIGTERM and SIGHUP be seen by bench_interrupted(). */
void bench_catch_interrupts(void);
bool bench_interrupted(void);

#endif
