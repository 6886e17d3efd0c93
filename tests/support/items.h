/* The one table that the conformance suite works with, and queries of it that are ready to run. */
#ifndef ROWAN_TESTS_ITEMS_H
#define ROWAN_TESTS_ITEMS_H

#include "support/subject.h"

typedef struct item {
    int64_t id;
    const char *name;
    rowan_opt_i32 price;
} item;

extern const rowan_table item_shape;

/** Opens subject @p i with an empty table `item`. */
void items_open(subject *self, int i);

/** Inserts items 1 to @p count: item n is named "item n" and costs n, but every third has no price.
 */
void items_insert(subject *self, int64_t count);

/** Whether a row is item @p n. */
void item_check(const item *row, int64_t n);

/** A query that is prepared, with its layout and sink, ready to be run. */
typedef struct reading {
    subject *on;
    rowan__operation operation;
    rowan__layout *layout;
    rowan__sink sink;
} reading;

/** @param shape  NULL: rows of values */
void reading_begin(reading *self, subject *on, const char *sql, const rowan_table *shape);
/** Runs it; fails the test if that fails. */
void reading_run(reading *self);
/** Forgets what came of the last run, for another one of the same statement. */
void reading_again(reading *self);
void reading_end(reading *self);

#endif
