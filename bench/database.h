/*
 * The tables on an engine, and where each contestant finds them: a file of its own on SQLite, so
 * that nobody waits for another's lock or profits from another's cache; on a server one schema or
 * database, made for this run and removed after it.
 */
#ifndef ROWAN_BENCH_DATABASE_H
#define ROWAN_BENCH_DATABASE_H

#include "bench.h"
#include "tasks.h"

typedef struct bench_database bench_database;

/** What to make, and where. */
typedef struct bench_site {
    const char *engine;
    const char *server; /* its URL; NULL: SQLite */
    const char *folder; /* for files; not the database's */
    size_t event_count;
} bench_site;

/** Makes and fills the tables. @return NULL with a line in @p why; then nothing is left */
bench_database *bench_database_open(const bench_site *site, char *why, size_t why_size);

/** Removes what was made. NULL is a no-op. */
void bench_database_close(bench_database *self);

/** The URL of a contestant's database; borrowed. NULL with a line in @p why. */
const char *bench_database_url(bench_database *self, size_t contestant, char *why,
                               size_t why_size);

/** The URL of a database with the events, which is only read; borrowed. */
const char *bench_database_events(const bench_database *self);

/** The parts of a URL, which it borrows or keeps in @p buffer. @return false: not one of ours */
bool bench_place_of(const char *url, bench_place *place, char *buffer, size_t buffer_size);

#endif
