/*
 * A watch: what is kept of one scope, fed with its events in the order in which they began. The
 * detector has one for each live scope; recorded traces are judged by the same.
 */
#ifndef ROWAN_DETECTOR_WATCH_H
#define ROWAN_DETECTOR_WATCH_H

#include <rowan/detector.h>

#include "base/text.h"

/** The settings, none of them open. */
typedef struct rowan__rules {
    unsigned n_plus_one_min, duplicate_min, write_loop_min, slow_ms, rows_captured;
    unsigned coverage_percent, slow_samples, long_transaction_ms, idle_transaction_ms;
} rowan__rules;

/** The settings of options, those of their profile where they say nothing; NULL: all defaults. */
rowan__rules rowan__rules_of(const rowan_detector_options *options);

/** The profile of a name: "default", "strict", "production". @return false if there is none */
bool rowan__profile_named(const char *name, rowan_detector_profile *out);

/** What folding found, by text, for all scopes of a detector. Internally synchronised. */
typedef struct rowan__shapes rowan__shapes;

/** NULL: no memory. */
rowan__shapes *rowan__shapes_new(const rowan_allocator *allocator);
void rowan__shapes_free(rowan__shapes *shapes);

/** What is kept of one scope. One thread at a time. */
typedef struct rowan__watch rowan__watch;

/** The durations of earlier scopes. Internally locked. */
typedef struct rowan__durations rowan__durations;

/** Borrows all that it is given. @param durations  may be NULL. NULL: no memory. */
rowan__watch *rowan__watch_new(const rowan_allocator *allocator, const rowan__rules *rules,
                               rowan__shapes *shapes, rowan__durations *durations,
                               const char *engine);
void rowan__watch_free(rowan__watch *watch);

/**
 * A statement has ended, or rows of one that is still open have come.
 *
 * @return the sequence of the first statement of the group that it was counted in, by which a
 *         finding names it; 0 if it was not
 */
uint64_t rowan__watch_event(rowan__watch *watch, const rowan_event *event);

/** The scope has ended: its durations are added to those of earlier ones, and what it read. */
void rowan__watch_end(rowan__watch *watch);

/** Findings, worst first, in the watch's memory. ROWAN_NOMEM. */
rowan_status rowan__watch_findings(rowan__watch *watch, rowan_findings *out);

/** What was not seen of the scope, for want of memory. */
rowan_dropped rowan__watch_dropped(const rowan__watch *watch);

static inline bool rowan__is_dropped(const rowan_dropped *dropped)
{
    return dropped->statements > 0 || dropped->values > 0 || dropped->rows > 0;
}

/** Appends what was not seen, in one sentence without a point; nothing if all was. */
void rowan__dropped_text(const rowan_dropped *dropped, rowan__text *out);

/** Appends how much of a relation was loaded for how many rows, in vain. */
void rowan__unused_evidence(rowan__text *out, const char *relation, uint64_t owners, uint64_t rows);

/** What was counted of a statement, and why it is no finding. */
typedef struct rowan__silence {
    uint64_t first_sequence;
    uint64_t count, distinct;
    const char *why; /* static text; NULL: it is one */
} rowan__silence;

/** The groups of a fingerprint. @return how many of at most @p max were put into @p out */
size_t rowan__watch_silences(rowan__watch *watch, uint64_t id, rowan__silence *out, size_t max);

#endif
