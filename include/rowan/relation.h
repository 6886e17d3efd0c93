/*
 * Relations of rows that are loaded already: what the query builder and Data Mapper read after a
 * fetch plan. Nothing here loads by itself.
 */
#ifndef ROWAN_RELATION_H
#define ROWAN_RELATION_H

#include <rowan/query.h>

ROWAN_BEGIN_C

/**
 * Loads relations for many rows at once.
 *
 * @param rows   an array of structs that this scope loaded, @p count of them; 0 sends nothing
 * @param plan   relations of @p table, ended by a zero element, each with what follows from it
 * @return ROWAN_OK; ROWAN_MISUSE for rows that this scope did not load. On failure all rows have
 *         the relations that they had.
 * Threads: as @p scope. Statements and round trips: as rowan_fetch has them.
 */
ROWAN_API rowan_status rowan_load(rowan_scope *scope, const rowan_table *table, const void *rows,
                                  size_t count, const rowan_fetch *plan) ROWAN_NODISCARD;

/**
 * The row at the other end of a to-one relation that was loaded before.
 *
 * @param out  the row, or NULL if there is none; the scope's
 * @return ROWAN_OK; ROWAN_LAZY if the relation is not loaded for this row; ROWAN_MISUSE for a
 *         to-many relation or a row that this scope did not load. Statements: none.
 */
ROWAN_API rowan_status rowan_loaded_one(rowan_scope *scope, const rowan_relation *relation,
                                        const void *row, void **out) ROWAN_NODISCARD;

/**
 * The rows at the other end of a to-many relation that was loaded before.
 *
 * @param out  pointers to rows, the scope's
 * @return as rowan_loaded_one(). Statements: none.
 */
ROWAN_API rowan_status rowan_loaded_many(rowan_scope *scope, const rowan_relation *relation,
                                         const void *row, rowan_rows *out) ROWAN_NODISCARD;

#define rowan_load(scope, ...) rowan_load(ROWAN_HERE(scope), __VA_ARGS__)

ROWAN_END_C

#endif
