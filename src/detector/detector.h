/*
 * The detector as a subscriber of the event stream. Attaching it is the business of whoever opens a
 * database.
 */
#ifndef ROWAN_DETECTOR_DETECTOR_H
#define ROWAN_DETECTOR_DETECTOR_H

#include <rowan/database.h>
#include <rowan/detector.h>

/**
 * Makes a detector.
 *
 * @param allocator  of all its memory; outlives it
 * @param options    copied; NULL: defaults
 * @param out        the subscriber to attach; freed with rowan__detector_free() after the last
 *                   scope ended
 * @param error      filled on failure; may be NULL
 * @return ROWAN_OK, ROWAN_NOMEM; ROWAN_MISUSE for a setting that there is none of. Threads: one
 *         detector serves many scopes on many threads.
 */
rowan_status rowan__detector_new(const rowan_allocator *allocator,
                                 const rowan_detector_options *options, rowan_subscriber **out,
                                 rowan_error *error);

/** NULL is a no-op. */
void rowan__detector_free(rowan_subscriber *subscriber);

#endif
