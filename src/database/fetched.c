/* What the fetch plans of a scope load. There are few entries: one for each line that has a plan.
 */
#include "database/fetched.h"

#include "base/alloc.h"
#include "database/database_private.h"

static bool is_same(const rowan_fetched *fetched, const rowan_scope *scope,
                    const rowan_relation *relation, const rowan_fetched *within)
{
    return fetched->relation == relation && fetched->within == within &&
           fetched->site.file == scope->event.site.file &&
           fetched->site.line == scope->event.site.line;
}

rowan_fetched *rowan__fetched_of(rowan_scope *scope, const rowan_relation *relation,
                                 const rowan_fetched *within)
{
    if (scope->db->subscriber_count == 0) {
        return NULL;
    }
    for (rowan_fetched *at = scope->fetched; at != NULL; at = at->next) {
        if (is_same(at, scope, relation, within)) {
            return at;
        }
    }
    rowan_fetched *made = rowan__new(&scope->db->allocator, 1, sizeof *made);
    if (made != NULL) {
        *made = (rowan_fetched){.relation = relation,
                                .within = within,
                                .site = scope->event.site,
                                .next = scope->fetched};
        scope->fetched = made;
    }
    return made;
}

void rowan__fetched_by_next(rowan_scope *scope, const rowan_fetched *const *fetched, size_t count)
{
    scope->event.fetched = fetched;
    scope->event.fetched_count = count;
}

void rowan__fetched_by_each(rowan_scope *scope, const rowan_fetched *const *fetched)
{
    scope->fetched_each = fetched;
    rowan__fetched_by_next(scope, NULL, 0);
}

void rowan__fetched_fini(rowan_scope *scope)
{
    while (scope->fetched != NULL) {
        rowan_fetched *next = scope->fetched->next;
        rowan__free(&scope->db->allocator, scope->fetched, 1, sizeof *scope->fetched);
        scope->fetched = next;
    }
}
