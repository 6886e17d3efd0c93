/*
 * Fills the bookshop's tables. A row depends on the scale, its table and its number alone, so every
 * engine gets the same rows, at any time and on any machine: no clock, no floating-point functions.
 */
#ifndef ROWAN_SCHEMA_SEED_SEED_H
#define ROWAN_SCHEMA_SEED_SEED_H

#include <rowan/database.h>

/** How far seeding is. The caller fills in the functions; both may be NULL. */
typedef struct rowan__seed_watch {
    /** Called now and then with the parts done of @p total; false stops with ROWAN_CANCELLED. */
    bool (*progress)(void *context, const char *table, uint64_t done, uint64_t total);
    void *context;
} rowan__seed_watch;

/** What was done. */
typedef struct rowan__seed_result {
    uint64_t rows;    /* in all tables of the bookshop, those of an earlier run included */
    uint64_t written; /* by this run; 0: the database was seeded already */
} rowan__seed_result;

enum { ROWAN__SEED_MOST = 100 }; /* largest scale */

/**
 * Creates the bookshop's tables where they are not there and fills them: about 100,000 rows at
 * scale 1.
 *
 * Each table is filled in one transaction that also notes that it is done, so a run that was
 * stopped is completed by the next one with the same scale.
 *
 * @param scale  above 0, at most ROWAN__SEED_MOST
 * @param watch  NULL: nobody watches
 * @param error  ROWAN_MISUSE if the database was seeded at another scale, or holds tables or rows
 * of these names that are not of this making; ROWAN_CANCELLED; any engine error
 */
rowan_status rowan__seed(rowan_db *db, double scale, const rowan__seed_watch *watch,
                         rowan__seed_result *result, rowan_error *error);

/** Creates the bookshop's tables and indexes in the scope's database where they are not there. */
rowan_status rowan__bookshop_create(rowan_scope *scope);

/** A file of the bookshop's schema as it was when this was built (cmake/RowanEmbed.cmake). */
typedef struct rowan__embedded {
    const char *name;
    const char *text;
} rowan__embedded;

/** tables.sql; ended by a NULL name. */
extern const rowan__embedded rowan__embedded_schema[];

#endif
