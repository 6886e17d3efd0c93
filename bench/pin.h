/* Which processor the benchmark runs on. */
#ifndef ROWAN_BENCH_PIN_H
#define ROWAN_BENCH_PIN_H

/** Keeps this process on one processor; a negative number: on any. */
void bench_pin(int cpu);

/** Lets it run where it might before. */
void bench_unpin(void);

#endif
