/*
 * The durations of a database's statements, over all scopes that have ended, and which columns of
 * their results were read. Internally locked; no statement waits for it, only the first cursor of a
 * statement in a scope, the end of a scope and the question what was found.
 */
#ifndef ROWAN_DETECTOR_DURATIONS_H
#define ROWAN_DETECTOR_DURATIONS_H

#include "detector/slow.h"

enum { ROWAN__DURATIONS_MOST = 512 }; /* fingerprints, of 2.3 KiB each */

/** NULL: no memory. */
rowan__durations *rowan__durations_new(const rowan_allocator *allocator);
void rowan__durations_free(rowan__durations *durations);

/**
 * Adds what a scope has of a fingerprint. Of too many those that took most time are kept; without
 * memory it is not remembered.
 *
 * @param columns  bit by bit, that were read of its results; all bits where that is not known
 */
void rowan__durations_merge(rowan__durations *durations, uint64_t id, const rowan__timing *timing,
                            uint64_t columns);

/** The columns that were read, in all scopes; none of a fingerprint that is not known. */
uint64_t rowan__durations_columns(rowan__durations *durations, uint64_t id);

/** Adds what is known of a fingerprint to a series. */
void rowan__durations_add_to(rowan__durations *durations, uint64_t id, rowan__series *series);

/** Fingerprints that are known. */
size_t rowan__durations_count(rowan__durations *durations);

#endif
