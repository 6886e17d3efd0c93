/*
 * An independent witness of what reaches an engine: SQLite's own trace, PostgreSQL's
 * pg_stat_statements, MariaDB's general log. It knows nothing of Rowan's counters, which the audit
 * holds against it.
 */
#ifndef ROWAN_TESTS_WITNESS_H
#define ROWAN_TESTS_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct witness witness;

/**
 * Begins to watch an engine.
 *
 * @param url  a database of the engine. What is opened afterwards with witness_url() is watched,
 * and nothing else
 * @return fails the test if the engine cannot be watched; ended with witness_close()
 */
witness *witness_open(size_t engine, const char *url);
void witness_close(witness *self);

/** The URL to open: the same database as a user of the witness's own. Borrowed. */
const char *witness_url(const witness *self);

/** Statements executed so far by what was opened with that URL. */
uint64_t witness_count(witness *self);

/** Whether one of them has these words in its text, as the engine got it. */
bool witness_saw(witness *self, const char *words);

#endif
