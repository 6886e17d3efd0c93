/*
 * What rows had before a loading, so that they have it again if that fails.
 *
 * A row whose other ends a loading is about to replace keeps a copy of them. What the scope has of
 * the rows of a call, beside their blocks, is forgotten so that it is loaded anew, and kept here
 * meanwhile; further rows came in blocks that nobody has seen.
 */
#include <string.h>

#include "datamapper/datamapper_private.h"

/* --- The other ends that the session has. --- */

bool rowan__ends_keep(rowan_session *session, const rowan__entry *entry)
{
    size_t size = entry->table->relation_count * sizeof(rowan__end);
    rowan__more *more = entry->more;

    more->had_ends = more->has_ends;
    if (!more->had_ends) {
        return true;
    }
    if (more->kept == NULL) {
        more->kept = rowan__arena_alloc(rowan__session_arena(session), size, _Alignof(rowan__end));
    }
    if (more->kept != NULL) {
        memcpy(more->kept, more->ends, size);
    }
    return more->kept != NULL;
}

static void return_ends(const rowan_session *session, const rowan__entry *entry)
{
    rowan__more *more = entry->more;

    if (more == NULL || more->taken_in != session->loading) {
        return;
    }
    size_t size = entry->table->relation_count * sizeof(rowan__end);
    if (more->had_ends) {
        memcpy(more->ends, more->kept, size);
    } else {
        memset(more->ends, 0, size);
    }
    more->has_ends = more->had_ends;
}

void rowan__ends_return(const rowan_session *session)
{
    for (const rowan__block *b = session->first; b != NULL; b = b->next_met) {
        for (size_t i = 0; b->entries != NULL && i < b->count; i++) {
            return_ends(session, &b->entries[i]);
        }
    }
    for (size_t i = 0; i < session->made_count; i++) {
        return_ends(session, session->made[i]);
    }
}

/* --- What the scope has of the rows of a call. --- */

void rowan__before_init(rowan__before *before, rowan_scope *scope)
{
    *before = (rowan__before){.scope = scope};
}

void rowan__before_fini(rowan__before *before)
{
    rowan__free(rowan__scope_allocator(before->scope), before->at, before->capacity,
                sizeof *before->at);
}

static bool keep(rowan__before *before, rowan__attached *place, size_t index)
{
    void *array = before->at;

    if (!rowan__grow(rowan__scope_allocator(before->scope), &array, &before->capacity,
                     before->count, sizeof *before->at)) {
        return false;
    }
    before->at = array;
    before->at[before->count++] =
        (rowan__had){.place = place,
                     .index = index,
                     .one = place->one != NULL ? place->one[index] : NULL,
                     .many = place->many != NULL ? place->many[index] : (rowan_rows){NULL, 0},
                     .fetched = place->fetched};
    return true;
}

bool rowan__before_forget(rowan__before *before, const rowan__entry *entry,
                          const rowan_relation *relation)
{
    rowan__attached *place = rowan__attached_find(entry->block, entry->index, relation);

    return place == NULL ||
           (keep(before, place, entry->index) &&
            rowan__attached_forget(before->scope, entry->block, entry->index, relation));
}

/* Those of which nothing was kept had nothing. Nothing can fail: it was done for these rows. */
static void forget_loaded(const rowan__before *before, const rowan__segments *segments,
                          const rowan_fetch *plan)
{
    for (size_t s = 0; s < segments->count; s++) {
        const rowan__segment *segment = &segments->at[s];
        for (size_t i = segment->first; i < segment->first + segment->count; i++) {
            for (const rowan_fetch *fetch = plan; fetch->relation != NULL; fetch++) {
                (void)rowan__attached_forget(before->scope, segment->block, i, fetch->relation);
            }
        }
    }
}

void rowan__before_return(const rowan__before *before, const rowan__segments *segments,
                          const rowan_fetch *plan)
{
    forget_loaded(before, segments, plan);
    for (size_t i = 0; i < before->count; i++) {
        const rowan__had *had = &before->at[i];
        rowan__attached *place = had->place;
        if (place->one != NULL) {
            place->one[had->index] = had->one;
        } else {
            place->many[had->index] = had->many;
        }
        if (place->loaded != NULL) {
            place->loaded[had->index] = true;
        }
        place->fetched = had->fetched;
    }
}
