/*
 * Relations that do not depend on one another: the level of a plan. Each part of their keys is a
 * statement, and where the engine has pipelines the statements go in one round trip. Where it has
 * none, or there is but one, each is made and sent by itself: making several beforehand costs a
 * copy of their values.
 */
#include "database/group.h"
#include "relation/relation_private.h"

enum {
    PARTS_MOST = 64 /* of one round trip: what they borrow is kept until all have been sent */
};

typedef struct level {
    rowan_scope *scope;
    size_t count;
    rowan__part parts[PARTS_MOST];
    const rowan_fetched *fetched[PARTS_MOST]; /* of each part */
} level;

static rowan_status send_alone(rowan_scope *scope, const rowan__part *part)
{
    const rowan_fetched *fetched = part->loading->fetched;
    rowan__result result;
    rowan__call call;
    rowan_status status = rowan__batch_call(part, &call);

    if (status != ROWAN_OK) {
        return status;
    }
    rowan__fetched_by_next(scope, &fetched, fetched != NULL);
    status = rowan__execute(scope, &call, 1, &result);
    rowan__fetched_by_next(scope, NULL, 0);
    return status == ROWAN_OK ? rowan__sort_rows(part, &result) : status;
}

static rowan_status send_each(const level *l)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; status == ROWAN_OK && i < l->count; i++) {
        status = send_alone(l->scope, &l->parts[i]);
    }
    return status;
}

static rowan_status make_call(rowan__group *group, size_t index)
{
    rowan__call *call = &group->calls[index];
    rowan_status status = rowan__batch_call((const rowan__part *)group->from + index, call);

    return status == ROWAN_OK ? rowan__group_keep(group, call, NULL, NULL) : status;
}

static rowan_status send_together(level *l)
{
    static const rowan__group_maker maker = {.make = make_call};
    rowan__group group = {.scope = l->scope, .from = l->parts, .count = l->count};

    for (size_t i = 0; i < l->count; i++) {
        l->fetched[i] = l->parts[i].loading->fetched;
    }
    rowan__fetched_by_each(l->scope, l->fetched);
    rowan_status status = rowan__group_send(&group, &maker);
    rowan__fetched_by_each(l->scope, NULL);
    for (size_t i = 0; status == ROWAN_OK && i < l->count; i++) {
        status = rowan__sort_rows(&l->parts[i], &group.results[i]);
    }
    rowan__group_fini(&group);
    return status;
}

/* Sends the parts that there are, which makes room for others. */
static rowan_status send_parts(level *l)
{
    bool pipelines = (rowan__scope_dialect(l->scope)->capabilities & ROWAN__CAN_PIPELINE) != 0;
    rowan_status status = pipelines && l->count > 1 ? send_together(l) : send_each(l);

    l->count = 0;
    return status;
}

/* A place for each key where its rows are found. */
static bool make_found(rowan__loading *loading)
{
    const rowan_allocator *allocator = rowan__scope_allocator(loading->scope);
    size_t count = loading->keys.count;

    if (rowan__relation_is_to_one(loading->relation)) {
        loading->one_of = rowan__new(allocator, count, sizeof *loading->one_of);
    } else {
        loading->many_of = rowan__new(allocator, count, sizeof *loading->many_of);
    }
    loading->found_count = count;
    return loading->one_of != NULL || loading->many_of != NULL;
}

static rowan_status begin(rowan__loading *loading, bool is_ahead)
{
    if (!make_found(loading)) {
        return rowan__scope_nomem(loading->scope);
    }
    if (is_ahead) {
        loading->fetched = rowan__fetched_of(loading->scope, loading->relation,
                                             loading->parents->at[0].block->fetched);
    }
    loading->kept_segments = loading->children.count;
    return rowan__batch_begin(loading);
}

static rowan_status add_parts(level *l, rowan__loading *loading)
{
    size_t most = rowan__batch_most(loading);
    rowan_status status = ROWAN_OK;

    for (size_t first = 0; status == ROWAN_OK && first < loading->keys.count; first += most) {
        size_t left = loading->keys.count - first;
        if (l->count == PARTS_MOST) {
            status = send_parts(l);
        }
        l->parts[l->count++] = (rowan__part){loading, first, left < most ? left : most};
    }
    return status;
}

/* The blocks that the parts came in count as one result. */
static void join_peers(const rowan__segments *children, size_t first)
{
    for (size_t i = first; i + 1 < children->count; i++) {
        children->at[i].block->peers = children->at[i + 1].block;
    }
    if (children->count > first + 1) {
        children->at[children->count - 1].block->peers = children->at[first].block;
    }
}

static void end(rowan__loading *loading)
{
    join_peers(&loading->children, loading->kept_segments);
    rowan__fetched_add(loading->fetched, loading->row_count - loading->kept_count,
                       loading->new_count);
    rowan__batch_end(loading);
}

rowan_status rowan__load_level(rowan__loading *first, bool is_ahead)
{
    rowan_status status = ROWAN_OK;
    level l;

    l.scope = first->scope;
    l.count = 0;
    for (rowan__loading *at = first; status == ROWAN_OK && at != NULL; at = at->next) {
        if (at->keys.count > 0) {
            status = begin(at, is_ahead);
            if (status == ROWAN_OK) {
                status = add_parts(&l, at);
            }
        }
    }
    if (status == ROWAN_OK) {
        status = send_parts(&l);
    }
    for (rowan__loading *at = first; status == ROWAN_OK && at != NULL; at = at->next) {
        if (at->keys.count > 0) {
            end(at);
        }
    }
    return status;
}
