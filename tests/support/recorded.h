/*
 * Programs that are recorded: a small database on an engine, a trace of what is sent to it, what is
 * found in that, and the database once more to try the advice on.
 */
#ifndef ROWAN_TESTS_RECORDED_H
#define ROWAN_TESTS_RECORDED_H

#include <rowan/rowan.h>
#include <rowan/verify.h>

#include "verify/verify.h"

enum { RECORDED_POSTS = 8 };

/** What is being recorded. */
extern struct recorded {
    size_t engine;
    const char *url;
    char path[64]; /* of the trace */
    rowan_db *db;
    rowan_scope *scope;
    rowan__trace trace;
    rowan__analysis analysis;
} recorded;

/**
 * A fresh database with posts (id, title, rank), notes (id, post_id, lang, body, rank: post n has n
 * modulo 4 of them) and a tree (id, parent_id, name) of 13 nodes, and a trace of what is sent next.
 */
void recorded_begin(int engine, bool values);

/** The key of a post, from 0. */
int64_t recorded_post(int number);

/** Sends a statement of raw SQL, and reads all rows. @return how many */
size_t recorded_send(const char *sql, rowan_params params);

/** Reads all posts: the parent of what follows. */
void recorded_posts(void);

/** Sends a statement once for the key of each post. */
void recorded_each(const char *sql);

/** Ends the program, and reads and analyses its trace; memory is counted. */
void recorded_analyze(void);

/** The same for lines that are given, in the database of recorded_begin(). */
void recorded_analyze_lines(const char *lines);

/** Forgets what was found and does so again, in the database as it is. */
void recorded_again(const char *lines);

/** Tries the advice. @param deadline_ms  0: the default */
void recorded_verify(unsigned deadline_ms);

/** The only finding of a kind; fails the test if there is none or more. */
const rowan__trace_finding *recorded_only(const char *kind);

/** The proof of the only finding of a kind; fails unless it is so, and its reason has @p why. */
const rowan__proof *recorded_expect(const char *kind, rowan__proven state, const char *why);

/** rowan_expect_verified() for the trace, by a connection of its own. */
rowan_status recorded_expect_all(rowan_verified *out, rowan_error *error);

/** Sends one statement by a connection of its own and gives the one number that it finds. */
int64_t recorded_number(const char *sql);

/** Frees everything and drops the database; no memory may be out. */
void recorded_end(void);

#endif
