/*
 * Which processor the benchmark runs on. Client and server on the same one: a statement then costs
 * what both do, and not how fast the machine wakes another processor.
 */
#define _GNU_SOURCE
#include "pin.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>

static cpu_set_t before;
static bool is_pinned;

void bench_pin(int cpu)
{
    cpu_set_t one;

    if (cpu < 0 || sched_getaffinity(0, sizeof before, &before) != 0) {
        return;
    }
    CPU_ZERO(&one);
    CPU_SET((unsigned)cpu, &one);
    is_pinned = sched_setaffinity(0, sizeof one, &one) == 0;
    if (!is_pinned) {
        fprintf(stderr, "bench: this process cannot be kept on processor %d\n", cpu);
    }
}

void bench_unpin(void)
{
    if (is_pinned) {
        sched_setaffinity(0, sizeof before, &before);
        is_pinned = false;
    }
}
