/*
 * Loading of relations for many rows at once. Rows that are loaded are attached to the blocks of their
 * parents (database/block.h), where every pattern finds them.
 */
#ifndef ROWAN_RELATION_LOAD_H
#define ROWAN_RELATION_LOAD_H

#include "sql/sql.h"

/**
 * Loads a fetch plan for all rows of a block: one statement for each relation and chunk of keys. What is
 * attached already is loaded anew only if the plan says where, order or limit.
 */
rowan_status rowan__load_plan(rowan_scope *scope, rowan_pattern pattern, rowan__block *block,
                              const rowan_fetch *plan);

/** Loads one relation for one row of a block: the policy ROWAN_LAZY_EACH. */
rowan_status rowan__load_for_row(rowan_scope *scope, rowan_pattern pattern, rowan__block *block,
                                 size_t index, const rowan_relation *relation);

/** Runs a query and its fetch plan. */
rowan_status rowan__load_query(rowan_scope *scope, rowan_pattern pattern, const rowan_query *query,
                               rowan__result *result);

#endif
