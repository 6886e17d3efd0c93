/*
 * A clock for one thread at a time that is cheaper than the system's: between two looks at that, it
 * looks at the processor's counter of ticks, and takes as long for a tick as it took of late.
 *
 * It is set by the system's clock every few milliseconds, so what it says differs from that by some
 * hundred nanoseconds at most, and never goes back. Where the kernel itself does not count time by
 * such a counter, or where there is none, it is the system's clock.
 */
#ifndef ROWAN_BASE_TICKER_H
#define ROWAN_BASE_TICKER_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed, it is ready. */
typedef struct rowan__ticker {
    bool is_asked;      /* for the kernel's own choice, */
    bool counts;        /* by which there is a counter to trust */
    uint64_t set_ticks; /* the counter and the system's clock when it was set; 0: never */
    int64_t set_ns;
    double tick_ns;    /* how long a tick takes; 0: not known yet */
    uint64_t rate;     /* the same, times 2^32 */
    uint64_t good_for; /* ticks since then for which that holds */
} rowan__ticker;

/** Whether the kernel counts time by the processor's ticks: they are steady, and the same on all.
 */
bool rowan__ticks_are_steady(void);

/** What the system's clock says; sets the ticker by it. */
int64_t rowan__ticker_set(rowan__ticker *ticker);

/** Ticks of the processor since some moment; 0 where there is no such counter. */
static inline uint64_t rowan__ticks(void)
{
#if defined __x86_64__
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
}

/** Nanoseconds since the moment from which rowan__now_ns() counts. */
static inline int64_t rowan__ticker_ns(rowan__ticker *ticker)
{
    uint64_t passed = rowan__ticks() - ticker->set_ticks;

    if (passed < ticker->good_for) {
        return ticker->set_ns + (int64_t)((passed * ticker->rate) >> 32);
    }
    return rowan__ticker_set(ticker);
}

#endif
