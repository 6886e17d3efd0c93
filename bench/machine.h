/* What the benchmark ran on. */
#ifndef ROWAN_BENCH_MACHINE_H
#define ROWAN_BENCH_MACHINE_H

enum { BENCH_MACHINE_TEXT = 128 };

typedef struct bench_machine {
    char processor[BENCH_MACHINE_TEXT];
    char system[BENCH_MACHINE_TEXT];
    char compiler[BENCH_MACHINE_TEXT];
    char date[BENCH_MACHINE_TEXT];
} bench_machine;

void bench_machine_read(bench_machine *machine);

#endif
