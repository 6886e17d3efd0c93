/*
 * What fetch plans load, and whether the program asked for it: kept for subscribers alone, one
 * entry for each relation and line of the program, as long as the scope.
 */
#ifndef ROWAN_DATABASE_FETCHED_H
#define ROWAN_DATABASE_FETCHED_H

#include <rowan/event.h>

/**
 * The entry of a relation for the line of the program that the scope is at.
 *
 * @param within  whose rows it is loaded for; NULL: of the query itself
 * @return NULL if nobody listens, or memory ran out: then nothing is said of it
 */
rowan_fetched *rowan__fetched_of(rowan_scope *scope, const rowan_relation *relation,
                                 const rowan_fetched *within);

/** What the statements load that the scope sends from now on: borrowed, none with @p count 0. */
void rowan__fetched_by_next(rowan_scope *scope, const rowan_fetched *const *fetched, size_t count);

/**
 * What each call of the group loads that the scope sends next: borrowed, one for each call, NULL
 * for one of which nobody wants to know. NULL: no longer.
 */
void rowan__fetched_by_each(rowan_scope *scope, const rowan_fetched *const *fetched);

/** It was loaded: so many rows for so many others. For a single one it proves nothing. */
static inline void rowan__fetched_add(rowan_fetched *fetched, size_t owners, size_t rows)
{
    if (fetched != NULL && owners > 1) {
        fetched->owners += owners;
        fetched->rows += rows;
    }
}

/** The program asked for some of it. NULL is nothing. */
static inline void rowan__fetched_is_read(rowan_fetched *fetched)
{
    if (fetched != NULL) {
        fetched->is_read = true;
    }
}

void rowan__fetched_fini(rowan_scope *scope);

#endif
