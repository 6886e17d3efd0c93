/*
 * Advice that is taken: what a program does before and after, in a database of its own, and what is
 * found in both, live and in the trace.
 */
#ifndef ROWAN_TESTS_TAKEN_H
#define ROWAN_TESTS_TAKEN_H

#include <rowan/rowan.h>

enum { TAKEN_NODE = 9001, TAKEN_MOST = 120, TAKEN_PUBLISHERS = 7 };

/** The turn: on which engine, with how many rows, in which scope. */
extern struct taken {
    rowan_db *db;
    rowan_scope *scope;
    size_t engine, size;
    rowan_value keys[TAKEN_MOST]; /* key_count of rows that were read */
    size_t key_count;
} taken;

/** Advice, and what it makes of its situation. */
typedef struct taken_advice {
    const char *name, *kind; /* of what is found before */
    void (*prepare)(void);
    void (*before)(void), (*after)(void);
    uint64_t statements; /* sent afterwards; 0: as many as the tree is deep; UINT64_MAX: any */
    uint64_t trips;      /* the most to a server; 0: as many as statements */
} taken_advice;

/** A database on an engine whose statements are traced, with so many books. */
void taken_open(size_t engine, size_t books);

/**
 * Closes it.
 *
 * @param kinds  receives what the trace has of scopes of that name: kinds, each with a blank behind
 */
void taken_close(const char *name, char *kinds, size_t room);

/** Begins a scope of a name; ended by the caller. */
void taken_begin(const char *name);

/** Fails the test unless a call in the scope went well. */
void taken_ok(rowan_status status);
/** The same for a statement of raw SQL. */
void taken_run(const char *sql, rowan_params params);

/** Makes categories: node n is below node (n - 1) / fan, or all are at the top without a fan. */
void taken_plant(int64_t fan);
void taken_plant_nothing(void);

/** Keeps the keys of structs that begin with theirs. */
void taken_keys(const void *rows, size_t count, size_t row_size);

/** Tries advice on an engine, with few rows and many. */
void taken_check(const taken_advice *advice, size_t engine);

#endif
