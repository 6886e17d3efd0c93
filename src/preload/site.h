/* Places in a program's code. */
#ifndef ROWAN_PRELOAD_SITE_H
#define ROWAN_PRELOAD_SITE_H

#include <stdint.h>

/** The number of a place, by the address that a call there returns to; told once. 0: unknown. */
uint32_t site_of(const void *address);

#endif
