/*
 * The benchmark: the same work done by hand-written driver code, by each of Rowan's patterns and by
 * other libraries, so that one run tells what each costs.
 *
 * A contestant does one work at a time: `run` does it once and keeps what it loaded, `fold` gives
 * every field of every row to a sum, `clear` gives the memory back. `run` and `clear` are what is
 * measured; `prepare` and `fold` are not. `fold` is for runs that only see that all did the same.
 */
#ifndef ROWAN_BENCH_H
#define ROWAN_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum bench_work {
    BENCH_LOAD,      /* W1: people with id <= n, by id: every column */
    BENCH_JOIN,      /* W2: the first n pairs of person left join post where person.id >= 500, by
                        person.id and post.id: person's id and name, post's id and title or NULL */
    BENCH_FIND,      /* W3: one person by id, keys[0]: every column */
    BENCH_FILTER,    /* W3f: as W3, by six comparisons: id = key AND id >= 1 AND id <= 10000 AND
                        name <> '' AND (hair_colour IS NULL OR hair_colour <> 'none'); all values
                        are bound */
    BENCH_INSERT,    /* W4: n newcomers by the batch call, their keys not wanted */
    BENCH_SAVE,      /* W4o: n newcomers made and saved one by one in a transaction, keys wanted */
    BENCH_TREE,      /* W5e: people 1 to 100, their posts, their comments, each by id: every
                        column */
    BENCH_TREE_LAZY, /* W5l: the same, one query a parent; Rowan: its default lazy policy */
    BENCH_UPDATE,    /* W6: in a transaction n people of keys[] are read one by one, given the name
                        names[i], and written back */
    BENCH_BULK,      /* W7: n newcomers, very many */
    BENCH_STREAM,    /* W9: all rows of `event` by id, never all in memory */
    BENCH_WORK_COUNT
} bench_work;

/* The tables are those of bench/schema/tables.sql: 10,000 people, every third without a hair
 * colour; 10 posts of each of people 1 to 1,000; 10 comments to each post of people 1 to 100;
 * newcomer is empty before each series of runs; 1,000,000 events. Keys are given from 1 on. */

/** A row to insert. */
typedef struct bench_newcomer {
    const char *name;
    const char *hair_colour; /* NULL: none */
} bench_newcomer;

typedef struct bench_task {
    bench_work work;
    size_t n;
    const int64_t *keys;             /* n of them: BENCH_FIND, BENCH_FILTER (one), BENCH_UPDATE */
    const char *const *names;        /* n of them: BENCH_UPDATE */
    const bench_newcomer *newcomers; /* n of them: BENCH_INSERT, BENCH_SAVE, BENCH_BULK */
} bench_task;

/** What was read, row by row. */
typedef struct bench_sum bench_sum;
void bench_sum_int(bench_sum *sum, int64_t value);
void bench_sum_text(bench_sum *sum, const char *text); /* NULL for none */
void bench_sum_row(bench_sum *sum);                    /* ends a row */

/** A digest that streams fold their rows into as they go: the same few instructions for all. */
static inline uint64_t bench_digest(uint64_t digest, uint64_t value)
{
    return (digest ^ value) * UINT64_C(0x9E3779B97F4A7C15);
}

static inline uint64_t bench_digest_event(uint64_t digest, int64_t id, const char *name,
                                          int64_t amount)
{
    uint64_t text = 0;

    for (; *name; name++) {
        text = text * 31 + (unsigned char)*name;
    }
    return bench_digest(bench_digest(bench_digest(digest, (uint64_t)id), text), (uint64_t)amount);
}

/** Where the database is, whole and in parts. */
typedef struct bench_place {
    const char *engine;                              /* "sqlite", "postgresql", "mariadb" */
    const char *url;                                 /* as rowan_open() takes it */
    const char *path;                                /* SQLite */
    const char *conninfo;                            /* PostgreSQL: as PQconnectdb() takes it */
    const char *socket, *user, *password, *database; /* MariaDB */
} bench_place;

typedef struct bench_contestant {
    const char *name;   /* "typical", "best", "raw", "query builder", "data mapper",
                           "active record", "SOCI", "libzdb" */
    const char *engine; /* NULL: all of them */
    bool (*can)(bench_work work);
    /** NULL on failure, with a line in @p why. */
    void *(*open)(const bench_place *place, char *why, size_t why_size);
    void (*close)(void *state);
    /** What the program has before the work begins, such as structs to insert; good for all runs
     * that follow, whose tasks differ in their keys and names only. Not measured; or NULL. */
    bool (*prepare)(void *state, const bench_task *task);
    /** Does the work once. @return false with a line in bench_why(state) */
    bool (*run)(void *state, const bench_task *task);
    /** Gives what the last run loaded to the sum, row by row, members in the order of the columns:
     * an inserted row nothing, one of BENCH_SAVE its key, one of BENCH_UPDATE its members as they
     * were written back, a pair the four that BENCH_JOIN names (0 for no post), a tree each person
     * before its posts and each post before its comments. A stream gives its digest, which
     * bench_digest_event() has made of every row. */
    void (*fold)(void *state, const bench_task *task, bench_sum *sum);
    /** Frees what the last run loaded. */
    void (*clear)(void *state, const bench_task *task);
    /** Why the last run failed. */
    const char *(*why)(void *state);
} bench_contestant;

/* Each in a file of its own: bench/typical_sqlite.c, bench/best_sqlite.c, … */
extern const bench_contestant bench_typical_sqlite, bench_best_sqlite;
extern const bench_contestant bench_typical_postgresql, bench_best_postgresql;
extern const bench_contestant bench_typical_mariadb, bench_best_mariadb;
extern const bench_contestant bench_raw, bench_querybuilder, bench_datamapper, bench_activerecord;

#endif
