/* The rows of each table of the bookshop, made one unit after another. */
#ifndef ROWAN_SCHEMA_SEED_ROWS_H
#define ROWAN_SCHEMA_SEED_ROWS_H

#include <rowan/model.h>

#include "base/arena.h"

/** How many rows the tables have whose rows others refer to. */
typedef struct rowan__seed_counts {
    uint64_t authors, publishers, categories, books, customers, purchases;
} rowan__seed_counts;

/** What making rows needs and leaves behind. */
typedef struct rowan__sower {
    rowan__seed_counts counts;
    rowan__arena *texts; /* of the rows of one batch */
    int64_t last_id;     /* of the table's rows so far, where a unit has no fixed number of rows */
    bool failed;         /* memory ran out: the rows are not complete */
} rowan__sower;

enum { ROWAN__ROWS_OF_UNIT = 8 }; /* most rows that one unit makes */

/** One table. A unit is a row or, for rows that belong to another table's row, that one. */
typedef struct rowan__seed_table {
    const rowan_table *table;
    uint64_t (*units)(const rowan__seed_counts *counts);
    size_t (*fill)(rowan__sower *sower, uint64_t unit, void *rows);
} rowan__seed_table;

/** All tables, those first that others refer to; ended by a NULL table. */
extern const rowan__seed_table rowan__seed_tables[];

/** The counts at a scale. */
rowan__seed_counts rowan__seed_counts_at(double scale);

#endif
