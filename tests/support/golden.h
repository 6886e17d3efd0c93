/*
 * Golden SQL: each statement of a test is looked up by its name in a file for the engine, and its
 * rows in a file that all engines share. ROWAN_GOLDEN=write writes the files instead; review what
 * changed.
 */
#ifndef ROWAN_TESTS_GOLDEN_H
#define ROWAN_TESTS_GOLDEN_H

#include <rowan/rowan.h>

typedef struct golden golden;

/** How many engines there are to loop over. */
size_t golden_engines(void);

/** Opens a filled archive on an engine and the files `tests/golden/SUBJECT.*`. */
golden *golden_begin(size_t engine, const char *subject);

/** The scope, for what a test does itself. */
rowan_scope *golden_scope(golden *g);

/** Compares a query's text, runs it, and compares its rows. */
void golden_query(golden *g, const char *name, const rowan_query *query);

/**
 * Compares a write's text, runs it in a transaction that is rolled back, and compares what it did.
 */
void golden_insert(golden *g, const char *name, const rowan_insert *insert);
void golden_update(golden *g, const char *name, const rowan_update *update);
void golden_delete(golden *g, const char *name, const rowan_delete *remove);

/** The statement is refused on this engine: compares the message. */
void golden_refused(golden *g, const char *name, rowan_status got, rowan_status wanted);

/** Checks that the files say nothing more, or writes them, and closes all. */
void golden_end(golden *g);

#endif
