/*
 * Slow statements that are made up, and a database in which indexes would pay: of twelve thousand
 * items one in a hundred is rare, and one in a hundred is not removed; each has an owner.
 */
#ifndef ROWAN_TESTS_SLOW_H
#define ROWAN_TESTS_SLOW_H

#include "support/recorded.h"

enum { SLOW_ITEMS = 12000, SLOW_OWNERS = 1500 };

/** Makes the tables item (id, owner_id, code, kind, amount, removed) and owner (id, region). */
void slow_fill(const char *url, int items);

/** recorded_begin() with these tables, and an empty trace. */
void slow_begin(int engine, int items);

/** Whether it is this engine that is recorded. */
bool slow_is_on(const char *name);

/** A text with the engine's placeholders for `?`; until the next one. */
const char *slow_place(const char *sql);

/** Adds a statement of so many microseconds to the trace. */
void slow_tell(const char *sql, const char *params, unsigned us);

/** Analyses what was told, once more if it was before. */
void slow_analyze(void);

/** The finding, its advice and what came of it, in words; until the next one. */
const char *slow_describe(const rowan__trace_finding *finding);

/** Fails the test unless the advice was found to be cheaper; @p sql: what it is, or NULL. */
void slow_expect_cheaper(const rowan__trace_finding *finding, const char *sql);

/** Fails the test unless there is no advice; @p why: what the reason has in it, or NULL. */
void slow_expect_none(const rowan__trace_finding *finding, const char *why);

/** SQL with the engine's quotes for double ones; until the next one. */
const char *slow_quoted(const char *sql);

#endif
