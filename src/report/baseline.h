/*
 * What is known of before: a baseline is the JSON that an earlier analysis printed, an allow-list
 * is written by people. Neither makes a finding go away; both say how it stands.
 */
#ifndef ROWAN_REPORT_BASELINE_H
#define ROWAN_REPORT_BASELINE_H

#include <stdio.h>

#include "report/analysis.h"

/** A finding of the baseline that is gone. */
typedef struct rowan__fixed {
    const char *trace, *kind, *fingerprint;
} rowan__fixed;

/** What was read of the two; texts are the analysis's. Zero-initialised; freed with its end. */
typedef struct rowan__known {
    rowan__fixed *fixed;
    size_t fixed_count, fixed_capacity;
    const char **stale; /* lines of the allow-list that expired or that nothing matches, and why */
    size_t stale_count, stale_capacity;
} rowan__known;

void rowan__known_fini(rowan__known *known, const rowan_allocator *allocator);

/**
 * Compares the findings with a baseline: each becomes new, worse or known, and those that are gone
 * are listed.
 *
 * @return ROWAN_OK; ROWAN_IO; ROWAN_SYNTAX naming file and line; ROWAN_NOMEM.
 */
rowan_status rowan__baseline_compare(rowan__analysis *analysis, const char *path,
                                     rowan__known *known, rowan_error *error);

/**
 * Marks the findings that an allow-list has. Its lines are: the fingerprint's id, a call site or *,
 * the last day as YYYY-MM-DD, and the reason; # begins a comment.
 *
 * @param today  as YYYY-MM-DD
 * @return as rowan__baseline_compare()
 */
rowan_status rowan__allow_list_apply(rowan__analysis *analysis, const char *path, const char *today,
                                     rowan__known *known, rowan_error *error);

/** Reads a fingerprint's id as reports write it: 16 digits. @return whether it is one */
bool rowan__fingerprint_read(const char *text, uint64_t *out);

/** Whether a finding asks for attention: not allowed, and not known as it is. */
bool rowan__is_news(const rowan__trace_finding *finding);

#endif
