/*
 * Someone else who changes the same row in between, in the use cases about conflicts. The same for
 * all patterns; what it sends is counted with the rest.
 */
#ifndef ROWAN_CLI_COMPARE_CASES_RIVAL_H
#define ROWAN_CLI_COMPARE_CASES_RIVAL_H

#include <rowan/rowan.h>

/** Sells one copy of a book: its stock and its version change. */
rowan_status rival_sells_one(rowan_scope *scope, int64_t book_id);

/** Gives a book another title. */
rowan_status rival_retitles(rowan_scope *scope, int64_t book_id);

#endif
