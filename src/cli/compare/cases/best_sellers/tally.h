/*
 * Sums by book, kept in the program: what a pattern needs that reads every line instead of asking
 * for sums.
 */
#ifndef ROWAN_CLI_COMPARE_CASES_BEST_SELLERS_TALLY_H
#define ROWAN_CLI_COMPARE_CASES_BEST_SELLERS_TALLY_H

#include "bookshop.h"

typedef struct sold {
    int64_t book_id, copies, cents;
} sold;

/** Books with what was sold of them, best first. In the scope's memory. */
typedef struct tally {
    sold *at;
    size_t count;
} tally;

/** A tally with room for as many different books; its `at` is NULL if memory ran out. */
tally tally_new(rowan_scope *scope, size_t most);

/** Adds a line. Lines of one book need not come together. */
void tally_add(tally *self, const purchase_line *line);

/** Sums up and sorts: most copies first, then by book. */
void tally_sort(tally *self);

#endif
