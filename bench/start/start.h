/* What the programs share whose start is measured: they read one row and say so. */
#ifndef ROWAN_BENCH_START_START_H
#define ROWAN_BENCH_START_START_H

#include <stdio.h>
#include <stdlib.h>

/** Says what was read, and waits until whoever measures has looked at this process's memory. */
static inline int start_done(const char *name)
{
    if (!name) {
        return EXIT_FAILURE;
    }
    puts(name);
    fflush(stdout);
    getchar();
    return EXIT_SUCCESS;
}

#endif
