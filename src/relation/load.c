/*
 * Loads relations for many rows: collects the distinct keys of the parents, has the rows loaded
 * that they ask for, and attaches these to the parents' blocks.
 *
 * A plan is walked level by level: what follows from the rows that are there does not depend on one
 * another, whichever relation they came by, and is loaded at once.
 *
 * Everything is loaded before anything is attached, so that a failure leaves the rows as they were;
 * a relation on its way therefore stays in a list until the whole plan is done.
 */
#include "relation/load.h"

#include <string.h>

#include "relation/relation_private.h"

/* Relations of one plan that are loaded but not attached, those of a level side by side. */
typedef struct plan_loader {
    rowan_scope *scope;
    rowan_pattern pattern;
    bool is_ahead; /* of being asked for */
    rowan__loading *first, *last;
} plan_loader;

void rowan__segments_init(rowan__segments *segments, const rowan_allocator *allocator)
{
    memset(segments, 0, sizeof *segments);
    segments->allocator = allocator;
}

void rowan__segments_fini(rowan__segments *segments)
{
    rowan__free(segments->allocator, segments->at, segments->capacity, sizeof *segments->at);
    segments->at = NULL;
    segments->count = segments->capacity = segments->row_count = 0;
}

bool rowan__segments_add(rowan__segments *segments, rowan__block *block, size_t first, size_t count)
{
    void *array = segments->at;

    if (count == 0) {
        return true;
    }
    if (segments->count > 0) {
        rowan__segment *last = &segments->at[segments->count - 1];
        if (last->block == block && last->first + last->count == first) {
            last->count += count;
            segments->row_count += count;
            return true;
        }
    }
    if (!rowan__grow(segments->allocator, &array, &segments->capacity, segments->count,
                     sizeof *segments->at)) {
        return false;
    }
    segments->at = array;
    segments->at[segments->count++] = (rowan__segment){block, first, count};
    segments->row_count += count;
    return true;
}

static void loading_free(rowan__loading *loading)
{
    const rowan_allocator *allocator = rowan__scope_allocator(loading->scope);

    rowan__batch_end(loading);
    rowan__keys_fini(&loading->keys);
    rowan__segments_fini(&loading->children);
    rowan__free(allocator, loading->key_of, loading->row_count, sizeof *loading->key_of);
    rowan__free(allocator, loading->one_of, loading->found_count, sizeof *loading->one_of);
    rowan__free(allocator, loading->many_of, loading->found_count, sizeof *loading->many_of);
    rowan__free(allocator, loading, 1, sizeof *loading);
}

static void loader_fini(plan_loader *loader)
{
    while (loader->first != NULL) {
        rowan__loading *next = loader->first->next;
        loading_free(loader->first);
        loader->first = next;
    }
}

static rowan__loading *loading_new(plan_loader *loader, const rowan__segments *parents,
                                   const rowan_fetch *entry)
{
    const rowan_allocator *allocator = rowan__scope_allocator(loader->scope);
    rowan__loading *loading = rowan__new(allocator, 1, sizeof *loading);

    if (loading == NULL) {
        return NULL;
    }
    loading->scope = loader->scope;
    loading->pattern = loader->pattern;
    loading->relation = entry->relation;
    loading->entry = entry;
    loading->parents = parents;
    loading->lazy = parents->at[0].block->lazy;
    rowan__keys_init(&loading->keys, allocator, entry->relation->from_columns,
                     entry->relation->column_count);
    rowan__segments_init(&loading->children, allocator);
    loading->row_count = parents->row_count;
    if (loader->last != NULL) {
        loader->last->next = loading;
    } else {
        loader->first = loading;
    }
    loader->last = loading;
    loading->key_of = rowan__new(allocator, loading->row_count, sizeof *loading->key_of);
    return loading->key_of != NULL ? loading : NULL;
}

rowan_status rowan__check_related(rowan_scope *scope, const rowan_relation *relation,
                                  const rowan__block *block)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        size_t at = rowan__column_index(relation->from_columns[i]);
        if ((block->columns[at / 64] >> (at % 64) & 1) == 0) {
            return rowan__scope_fail(
                scope, ROWAN_MISUSE, "%s.%s cannot be loaded: the rows were read without column %s",
                relation->from->name, relation->name, relation->from_columns[i]->name);
        }
    }
    return ROWAN_OK;
}

/* Whether a polymorphic reference of this row is to another table. */
static bool refers_elsewhere(const rowan_relation *relation, const void *row)
{
    if (relation->kind != ROWAN_BELONGS_TO || relation->type_column == NULL ||
        relation->type_column->table != relation->from) {
        return false;
    }
    rowan_value type = rowan_column_value(relation->type_column, row);
    size_t size = strlen(relation->type_value);
    return type.is_null || type.as.bytes.size != size ||
           memcmp(type.as.bytes.data, relation->type_value, size) != 0;
}

/* Adds the rows that were attached before to those that the rest of the plan goes on from. */
static rowan_status add_attached(rowan__loading *loading, const rowan__attached *place,
                                 size_t index)
{
    bool to_one = rowan__relation_is_to_one(loading->relation);
    const void *first = to_one ? place->one[index] : place->many[index].at;
    rowan__block *block;
    size_t at;

    if (first == NULL) {
        return ROWAN_OK;
    }
    rowan_status status = rowan__block_find(loading->scope, first, &block, &at);
    if (status == ROWAN_OK && !rowan__segments_add(&loading->children, block, at,
                                                   to_one ? 1 : place->many[index].count)) {
        status = rowan__scope_nomem(loading->scope);
    }
    return status;
}

/* The key of one parent, or why it needs none. */
static rowan_status collect_row(rowan__loading *loading, rowan__block *block, size_t index,
                                size_t *key_at)
{
    const rowan_relation *r = loading->relation;
    const rowan_fetch *entry = loading->entry;
    const char *row = block->rows + index * block->table->row_size;
    bool anew = entry->where != NULL || entry->order_by != NULL || entry->limit != 0;
    rowan__attached *place = anew ? NULL : rowan__attached_find(block, index, r);

    if (place != NULL) {
        *key_at = ROWAN__KEEPS_LOADED;
        loading->kept_count++;
        return entry->then != NULL ? add_attached(loading, place, index) : ROWAN_OK;
    }
    *key_at = ROWAN__NO_KEY;
    return refers_elsewhere(r, row) || rowan__keys_add(&loading->keys, r->from_columns, row, key_at)
               ? ROWAN_OK
               : rowan__scope_nomem(loading->scope);
}

/* The keys of rows of which nothing is loaded, and whose references are all to one table. */
static rowan_status collect_plain(rowan__loading *loading, const rowan__segment *segment,
                                  size_t *key_at)
{
    const rowan_relation *r = loading->relation;
    size_t size = segment->block->table->row_size;
    const char *row = segment->block->rows + segment->first * size;
    bool kept = rowan__keys_reserve(&loading->keys, segment->count);

    for (size_t i = 0; kept && i < segment->count; i++, row += size) {
        kept = rowan__keys_add(&loading->keys, r->from_columns, row, &key_at[i]);
    }
    return kept ? ROWAN_OK : rowan__scope_nomem(loading->scope);
}

static rowan_status collect_segment(rowan__loading *loading, const rowan__segment *segment,
                                    size_t *key_at)
{
    rowan_status status = rowan__check_related(loading->scope, loading->relation, segment->block);

    if (status == ROWAN_OK && segment->block->attached == NULL &&
        loading->relation->type_column == NULL) {
        return collect_plain(loading, segment, key_at);
    }
    for (size_t i = 0; status == ROWAN_OK && i < segment->count; i++) {
        status = collect_row(loading, segment->block, segment->first + i, &key_at[i]);
    }
    return status;
}

static rowan_status collect_keys(rowan__loading *loading)
{
    rowan_status status = ROWAN_OK;
    size_t done = 0;

    for (size_t s = 0; s < loading->parents->count && status == ROWAN_OK; s++) {
        const rowan__segment *segment = &loading->parents->at[s];
        status = collect_segment(loading, segment, loading->key_of + done);
        done += segment->count;
    }
    return status;
}

static rowan_status add_entry(plan_loader *loader, const rowan__segments *parents,
                              const rowan_fetch *entry)
{
    rowan__loading *loading = loading_new(loader, parents, entry);

    return loading != NULL ? collect_keys(loading) : rowan__scope_nomem(loader->scope);
}

static rowan_status add_plan(plan_loader *loader, const rowan__segments *parents,
                             const rowan_fetch *plan)
{
    rowan_status status = ROWAN_OK;

    if (parents->row_count == 0 || plan == NULL) {
        return ROWAN_OK;
    }
    for (const rowan_fetch *entry = plan; status == ROWAN_OK && entry->relation != NULL; entry++) {
        status = add_entry(loader, parents, entry);
    }
    return status;
}

/* Loads what the list has, then what follows from that, until nothing does. */
static rowan_status load_levels(plan_loader *loader)
{
    rowan_status status = ROWAN_OK;

    for (rowan__loading *first = loader->first, *last; first != NULL; first = last->next) {
        last = loader->last;
        status = rowan__load_level(first, loader->is_ahead);
        for (rowan__loading *l = first; status == ROWAN_OK && l != last->next; l = l->next) {
            status = add_plan(loader, &l->children, l->entry->then);
        }
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

static rowan_status attach_all(const plan_loader *loader)
{
    for (const rowan__loading *l = loader->first; l != NULL; l = l->next) {
        rowan_status status = rowan__attach_begin(l);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    for (const rowan__loading *l = loader->first; l != NULL; l = l->next) {
        rowan__attach(l);
    }
    return ROWAN_OK;
}

rowan_status rowan__plan_check(rowan_scope *scope, const rowan_table *table,
                               const rowan_fetch *plan)
{
    for (const rowan_fetch *entry = plan; entry != NULL && entry->relation != NULL; entry++) {
        const rowan_relation *r = entry->relation;
        if (r->from != table) {
            return rowan__scope_fail(
                scope, ROWAN_MISUSE, "the plan loads %s.%s for rows of another table, %s",
                r->from->name, r->name, table->name != NULL ? table->name : "a shape");
        }
        if (entry->way == ROWAN_FETCH_JOIN && !rowan__relation_is_to_one(r)) {
            return rowan__scope_fail(scope, ROWAN_MISUSE,
                                     "%s.%s has many rows and cannot be joined: load it by batch",
                                     r->from->name, r->name);
        }
        if (r->column_count == 0 || r->column_count > ROWAN__KEY_MAX ||
            r->through_to_count > ROWAN__KEY_MAX || entry->limit < 0) {
            return rowan__scope_fail(
                scope, ROWAN_MISUSE,
                "%s.%s cannot be loaded: its key has no or too many columns, or the "
                "limit is negative",
                r->from->name, r->name);
        }
        rowan_status status =
            entry->then != NULL ? rowan__plan_check(scope, r->to, entry->then) : ROWAN_OK;
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

/* Loads and attaches what was added, unless that failed. */
static rowan_status finish(plan_loader *loader, rowan_status status)
{
    if (status == ROWAN_OK) {
        status = load_levels(loader);
    }
    if (status == ROWAN_OK) {
        status = attach_all(loader);
    }
    loader_fini(loader);
    return status;
}

static rowan_status load_segments(plan_loader *loader, const rowan_table *table,
                                  const rowan__segments *segments, const rowan_fetch *plan)
{
    rowan_status status = rowan__plan_check(loader->scope, table, plan);
    bool is_done = false;

    if (status == ROWAN_OK && segments->row_count == 1) {
        status = rowan__load_one(loader->scope, loader->pattern, segments->at[0].block,
                                 segments->at[0].first, plan, loader->is_ahead, &is_done);
    }
    if (status != ROWAN_OK || is_done) {
        return status;
    }
    return finish(loader, add_plan(loader, segments, plan));
}

rowan_status rowan__load_segments(rowan_scope *scope, rowan_pattern pattern,
                                  const rowan_table *table, const rowan__segments *segments,
                                  const rowan_fetch *plan)
{
    plan_loader loader = {.scope = scope, .pattern = pattern, .is_ahead = true};

    return load_segments(&loader, table, segments, plan);
}

rowan_status rowan__load_rest(rowan_scope *scope, rowan_pattern pattern, const rowan__rest *rest,
                              size_t count)
{
    plan_loader loader = {.scope = scope, .pattern = pattern, .is_ahead = true};
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < count; i++) {
        const rowan_fetch *entry = rest[i].plan;
        for (; status == ROWAN_OK && entry->relation != NULL; entry++) {
            if (entry->way != ROWAN_FETCH_JOIN) {
                status = add_entry(&loader, &rest[i].rows, entry);
            }
        }
    }
    return finish(&loader, status);
}

rowan_status rowan__load_asked(rowan_scope *scope, rowan_pattern pattern,
                               const rowan_relation *relation, const rowan__segments *segments)
{
    const rowan_fetch plan[] = {{.relation = relation}, {.relation = NULL}};
    plan_loader loader = {.scope = scope, .pattern = pattern};

    return load_segments(&loader, relation->from, segments, plan);
}

rowan_status rowan__load_plan(rowan_scope *scope, rowan_pattern pattern, rowan__block *block,
                              const rowan_fetch *plan)
{
    if (block == NULL || block->count == 0 || plan == NULL) {
        return ROWAN_OK;
    }
    rowan__segment whole = {block, 0, block->count};
    rowan__segments segments = {NULL, &whole, 1, 1, block->count};
    return rowan__load_segments(scope, pattern, block->table, &segments, plan);
}
