/* The monotonic clock. */
#ifndef ROWAN_BASE_CLOCK_H
#define ROWAN_BASE_CLOCK_H

#include <stdint.h>

/** Nanoseconds since some fixed moment. */
int64_t rowan__now_ns(void);

#endif
