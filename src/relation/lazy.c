/*
 * Access to relations of rows: what is loaded already, and loading as a row's lazy policy says.
 */
#include <rowan/relation.h>

#include "relation/load.h"

/* The peers of a row are the rows of its block and of those that came with it. */
static rowan_status load_for_peers(rowan_scope *scope, rowan_pattern pattern, rowan__block *block,
                                   const rowan_relation *relation)
{
    rowan__segments segments;
    rowan__block *peer = block;
    rowan_status status = ROWAN_OK;

    rowan__segments_init(&segments, rowan__scope_allocator(scope));
    do {
        if (!rowan__segments_add(&segments, peer, 0, peer->count)) {
            status = rowan__scope_nomem(scope);
        }
        peer = peer->peers;
    } while (status == ROWAN_OK && peer != NULL && peer != block);
    if (status == ROWAN_OK) {
        status = rowan__load_asked(scope, pattern, relation, &segments);
    }
    rowan__segments_fini(&segments);
    return status;
}

static rowan_status load_for_row(rowan_scope *scope, rowan_pattern pattern, rowan__block *block,
                                 size_t index, const rowan_relation *relation)
{
    rowan__segment row = {block, index, 1};
    rowan__segments segments = {NULL, &row, 1, 1, 1};

    return rowan__load_asked(scope, pattern, relation, &segments);
}

static bool came_alone(const rowan__block *block)
{
    return block->count == 1 && (block->peers == NULL || block->peers == block);
}

static rowan_status refuse(rowan_scope *scope, const rowan_relation *relation, const char *why)
{
    rowan_site site = rowan__scope_site(scope);

    return rowan__scope_fail(scope, ROWAN_LAZY,
                             "%s.%s is not loaded %s (%s:%d): load it with a plan",
                             relation->from->name, relation->name, why,
                             site.file != NULL ? site.file : "call site unknown", site.line);
}

/* The block of a row that has the relation. */
static rowan_status find_parent(rowan_scope *scope, const rowan_relation *relation, const void *row,
                                rowan__block **block, size_t *index)
{
    rowan_status status = rowan__block_find(scope, row, block, index);

    if (status == ROWAN_OK && (*block)->table != relation->from) {
        status =
            rowan__scope_fail(scope, ROWAN_MISUSE, "the row is of table %s, not %s, which has %s",
                              (*block)->table->name != NULL ? (*block)->table->name : "?",
                              relation->from->name, relation->name);
    }
    return status;
}

rowan_status rowan__lazy_load(rowan_scope *scope, rowan_pattern pattern,
                              const rowan_relation *relation, const void *row,
                              rowan__attached **place, size_t *index)
{
    rowan__block *block;
    rowan_status status = find_parent(scope, relation, row, &block, index);

    *place = NULL;
    if (status != ROWAN_OK) {
        return status;
    }
    *place = rowan__attached_find(block, *index, relation);
    if (*place != NULL) {
        rowan__fetched_is_read((*place)->fetched);
        return ROWAN_OK;
    }
    switch (block->lazy) {
    case ROWAN_LAZY_FORBID:
        return refuse(scope, relation, "and the lazy policy forbids loading it here");
    case ROWAN_LAZY_SINGLE:
        if (!came_alone(block)) {
            return refuse(scope, relation, "and its row came with others");
        }
        status = load_for_row(scope, pattern, block, *index, relation);
        break;
    case ROWAN_LAZY_EACH:
        status = load_for_row(scope, pattern, block, *index, relation);
        break;
    case ROWAN_LAZY_DEFAULT:
    case ROWAN_LAZY_PEERS:
        status = load_for_peers(scope, pattern, block, relation);
        break;
    }
    if (status == ROWAN_OK) {
        *place = rowan__attached_find(block, *index, relation);
    }
    return status;
}

/* Rows of an array may be of several blocks only if a block ends where the next one begins. */
static rowan_status find_segments(rowan_scope *scope, const rowan_table *table, const void *rows,
                                  size_t count, rowan__segments *segments)
{
    const char *next = rows;

    while (count > 0) {
        rowan__block *block;
        size_t index;
        rowan_status status = rowan__block_find(scope, next, &block, &index);
        if (status != ROWAN_OK) {
            return status;
        }
        if (block->table != table) {
            return rowan__scope_fail(scope, ROWAN_MISUSE, "the rows are not of table %s",
                                     table->name != NULL ? table->name : "(a shape)");
        }
        size_t here = block->count - index < count ? block->count - index : count;
        if (!rowan__segments_add(segments, block, index, here)) {
            return rowan__scope_nomem(scope);
        }
        next += here * table->row_size;
        count -= here;
    }
    return ROWAN_OK;
}

rowan_status(rowan_load)(rowan_scope *scope, const rowan_table *table, const void *rows,
                         size_t count, const rowan_fetch *plan)
{
    rowan__segments segments;
    rowan_status status;

    if (count == 0) {
        return ROWAN_OK;
    }
    if (scope == NULL || table == NULL || rows == NULL) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "there are no rows to load relations for");
    }
    rowan__segments_init(&segments, rowan__scope_allocator(scope));
    status = find_segments(scope, table, rows, count, &segments);
    if (status == ROWAN_OK) {
        status = rowan__load_segments(scope, ROWAN_PATTERN_QUERY_BUILDER, table, &segments, plan);
    }
    rowan__segments_fini(&segments);
    return status;
}

/* What is loaded of a relation of the kind asked for. */
static rowan_status find_loaded(rowan_scope *scope, const rowan_relation *relation, const void *row,
                                bool to_one, rowan__attached **place, size_t *index)
{
    rowan__block *block;
    rowan_status status;

    if (relation == NULL) {
        return rowan__refuse_null(scope, "the relation");
    }
    if (rowan__relation_is_to_one(relation) != to_one) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "%s.%s has %s", relation->from->name,
                                 relation->name,
                                 to_one ? "many rows, not one" : "one row, not many");
    }
    status = find_parent(scope, relation, row, &block, index);
    if (status != ROWAN_OK) {
        return status;
    }
    *place = rowan__attached_find(block, *index, relation);
    if (*place == NULL) {
        return refuse(scope, relation, "for this row");
    }
    rowan__fetched_is_read((*place)->fetched);
    return ROWAN_OK;
}

rowan_status rowan_loaded_one(rowan_scope *scope, const rowan_relation *relation, const void *row,
                              void **out)
{
    rowan__attached *place;
    size_t index;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the row");
    }
    status = find_loaded(scope, relation, row, true, &place, &index);
    *out = status == ROWAN_OK ? place->one[index] : NULL;
    return status;
}

rowan_status rowan_loaded_many(rowan_scope *scope, const rowan_relation *relation, const void *row,
                               rowan_rows *out)
{
    rowan__attached *place;
    size_t index;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the rows");
    }
    status = find_loaded(scope, relation, row, false, &place, &index);
    *out = status == ROWAN_OK ? place->many[index] : (rowan_rows){NULL, 0};
    return status;
}
