/*
 * Relations that a fetch plan loaded and nobody asked for. The library itself says what was asked
 * for (rowan_fetched), so that nothing is guessed; a plan for one row, or one that found none,
 * proves nothing, and of a plan within a plan that was of no use only the outer one is told.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "detector/detector_private.h"

void rowan__unused_note(rowan__watch *watch, const rowan__group *group, const rowan_event *event)
{
    for (size_t i = 0; i < event->fetched_count; i++) {
        rowan__watched_fetch *at = watch->fetches;
        while (at != NULL && at->fetched != event->fetched[i]) {
            at = at->next;
        }
        if (at != NULL) {
            at->statements++;
            continue;
        }
        at = rowan__arena_new(&watch->arena, 1, sizeof *at, _Alignof(rowan__watched_fetch));
        if (at != NULL) {
            *at = (rowan__watched_fetch){.fetched = event->fetched[i],
                                         .group = group,
                                         .sequence = event->sequence,
                                         .statements = 1,
                                         .is_joined = event->relation == NULL,
                                         .next = watch->fetches};
            watch->fetches = at;
        }
    }
}

bool rowan__unused_is(const rowan__watched_fetch *fetch)
{
    const rowan_fetched *fetched = fetch->fetched;

    return !fetched->is_read && fetched->owners > 0 && fetched->rows > 0 &&
           (fetched->within == NULL || fetched->within->is_read);
}

void rowan__unused_evidence(rowan__text *out, const char *relation, uint64_t owners, uint64_t rows)
{
    rowan__text_format(out,
                       "%s was loaded for %" PRIu64 " rows, %" PRIu64
                       " row%s of it, and not read for one of them",
                       relation, owners, rows, rows == 1 ? "" : "s");
}
