/*
 * Loading of relations for many rows at once. Rows that are loaded are attached to the blocks of
 * their parents (database/block.h), where every pattern finds them.
 */
#ifndef ROWAN_RELATION_LOAD_H
#define ROWAN_RELATION_LOAD_H

#include "database/fetched.h"
#include "sql/sql.h"

/** Some rows of a block, side by side. */
typedef struct rowan__segment {
    rowan__block *block;
    size_t first, count;
} rowan__segment;

/** Rows of one table, from any number of blocks. */
typedef struct rowan__segments {
    const rowan_allocator *allocator;
    rowan__segment *at;
    size_t count, capacity;
    size_t row_count;
} rowan__segments;

void rowan__segments_init(rowan__segments *segments, const rowan_allocator *allocator);
void rowan__segments_fini(rowan__segments *segments);
/** @return false if memory ran out. */
bool rowan__segments_add(rowan__segments *segments, rowan__block *block, size_t first,
                         size_t count);

/**
 * Loads a fetch plan for rows: one statement for each relation and chunk of keys, none for a
 * relation without parents, and one round trip for all of a level where the engine has pipelines.
 * What is attached already is loaded anew only if the plan says where, order or limit. On failure
 * nothing is attached.
 */
rowan_status rowan__load_segments(rowan_scope *scope, rowan_pattern pattern,
                                  const rowan_table *table, const rowan__segments *segments,
                                  const rowan_fetch *plan);

/** The same for all rows of a block; NULL is no rows. */
rowan_status rowan__load_plan(rowan_scope *scope, rowan_pattern pattern, rowan__block *block,
                              const rowan_fetch *plan);

/** Rows, and a plan for them of which the joined relations are there. */
typedef struct rowan__rest {
    rowan__segments rows;
    const rowan_fetch *plan;
} rowan__rest;

/** Loads, as one plan would, what several plans do not join. */
rowan_status rowan__load_rest(rowan_scope *scope, rowan_pattern pattern, const rowan__rest *rest,
                              size_t count);

/** Loads one relation, which the program asks for just now. */
rowan_status rowan__load_asked(rowan_scope *scope, rowan_pattern pattern,
                               const rowan_relation *relation, const rowan__segments *segments);

/** Runs a query that has a fetch plan, and the plan. */
rowan_status rowan__load_planned(rowan_scope *scope, rowan_pattern pattern,
                                 const rowan_query *query, rowan__result *result);

/** Runs a query and its fetch plan, if it has one. */
static inline rowan_status rowan__load_query(rowan_scope *scope, rowan_pattern pattern,
                                             const rowan_query *query, rowan__result *result)
{
    return __builtin_expect(query == NULL || query->fetch == NULL, true)
               ? rowan__run_query(scope, (rowan__intent){.pattern = pattern}, query, result)
               : rowan__load_planned(scope, pattern, query, result);
}

/** Whether a plan fits the table: ROWAN_MISUSE names the relation that does not. */
rowan_status rowan__plan_check(rowan_scope *scope, const rowan_table *table,
                               const rowan_fetch *plan);

/** The place of a relation of a row that is loaded; NULL if it is not. */
rowan__attached *rowan__attached_find(const rowan__block *block, size_t index,
                                      const rowan_relation *relation);

/** The place of a relation, with its arrays, for all rows of a block. NULL if memory ran out. */
rowan__attached *rowan__attached_make(rowan_scope *scope, rowan__block *block,
                                      const rowan_relation *relation);

/** Forgets the loaded rows of one row: of one relation, or with NULL of all. @return false: no
 * memory. */
bool rowan__attached_forget(rowan_scope *scope, rowan__block *block, size_t index,
                            const rowan_relation *relation);

/**
 * Loads a relation of a row as the row's lazy policy says, unless it is loaded.
 *
 * @param block, index  where the row is; set on success
 */
rowan_status rowan__lazy_load(rowan_scope *scope, rowan_pattern pattern,
                              const rowan_relation *relation, const void *row,
                              rowan__attached **place, size_t *index);

static inline bool rowan__relation_is_to_one(const rowan_relation *relation)
{
    return relation->kind == ROWAN_BELONGS_TO || relation->kind == ROWAN_HAS_ONE;
}

#endif
