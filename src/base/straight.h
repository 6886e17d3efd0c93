/*
 * The path that nearly every statement takes is a straight line: what is on it is inlined by force,
 * because a compiler counts the callers of a function and not how often they call, and what is rare
 * stays out of its way.
 */
#ifndef ROWAN_BASE_STRAIGHT_H
#define ROWAN_BASE_STRAIGHT_H

#define STRAIGHT static inline __attribute__((always_inline))
#define RARE static __attribute__((noinline))

#endif
