/* Where in the program a call was made. */
#ifndef ROWAN_PRELOAD_SITE_H
#define ROWAN_PRELOAD_SITE_H

#include <stdint.h>

/** The number of a place by the address that a hook returns to; told once. 0: unknown. */
uint32_t site_of_caller(const void *caller);

#endif
