/*
 * How the program came to call a client library: the calls that are under way, from the innermost
 * outwards. Which of them is the place that a person wants to hear of is decided by the reader, who
 * knows all statements; a program's own wrapper of its client library tells nothing.
 */
#ifndef ROWAN_PRELOAD_CHAIN_H
#define ROWAN_PRELOAD_CHAIN_H

#include <stdint.h>

/**
 * The number of a chain, told once for each that is found. 0: unknown.
 *
 * @param caller  the address that a hook, which is running on this thread, returns to: the chain's
 *                innermost place
 */
uint32_t chain_of_caller(const void *caller);

#endif
