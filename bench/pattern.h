/*
 * What the contestants of Rowan's four patterns share: the database, one scope, and what the last
 * run loaded.
 *
 * The detector is off. A scope is one request; here it is begun with the connection and lasts as
 * long, for the floors do not open one a look-up either. `clear` rewinds it, which is measured: it
 * forgets the rows, their originals and what is known of them. A session of Data Mapper is begun
 * and ended in every run.
 */
#ifndef ROWAN_BENCH_PATTERN_H
#define ROWAN_BENCH_PATTERN_H

#include <rowan/short.h>

#include "bench.h"
#include "forum.h"

/** A person left joined with a post: a line of a report, of no table. */
typedef struct pattern_pair {
    int64_t person_id;
    const char *name;
    rowan_opt_i64 post_id;
    rowan_opt_text title;
} pattern_pair;

extern const rowan_table pattern_pair_shape;

/** People with their posts, and those with their comments, where a pattern puts them together. */
typedef struct pattern_tree {
    person_rows people;
    post_rows *posts;       /* of each person */
    comment_rows *comments; /* of each post of the first person, of the second … */
} pattern_tree;

typedef struct pattern_state {
    rowan_db *db;
    rowan_scope *scope;
    rowan_mark mark;        /* before the first row */
    rowan_session *session; /* Data Mapper; of the last run */
    char why[sizeof((rowan_error *)0)->message];
    newcomer *newcomers; /* what is to be inserted in a batch */

    /* What the last run loaded, in the scope's memory. */
    person_rows people;
    rowan_refs refs; /* people or newcomers, where the pattern gives pointers to them */
    rowan_rows pairs;
    newcomer_rows saved;
    struct {
        int64_t *at;
        size_t count;
    } keys; /* of rows that were saved, where the pattern gives nothing else */
    pattern_tree tree;
    uint64_t digest;
} pattern_state;

/** Does one work of a pattern. */
typedef rowan_status pattern_work(pattern_state *self, const bench_task *task);

/* Members of bench_contestant. */
bool pattern_can(bench_work work);
void *pattern_open(const bench_place *place, char *why, size_t why_size);
void pattern_close(void *state);
bool pattern_prepare(void *state, const bench_task *task);
void pattern_clear(void *state, const bench_task *task);
const char *pattern_why(void *state);

/** What `run` returns: keeps why the work failed and rolls back what it left open. */
bool pattern_ran(pattern_state *self, rowan_status status);

/** Begins a transaction for reading with many statements, which see one state of the database. */
rowan_status pattern_begin_read(pattern_state *self);

/** Commits if all went well, and else passes the failure on. */
rowan_status pattern_commit(pattern_state *self, rowan_status status);

/** Reads a stream of events, if it could be opened, to its end and closes it. */
rowan_status pattern_read_events(pattern_state *self, rowan_status status, rowan_stream *rows);

/** The structs that a program makes of newcomers before it saves them; the scope's. */
rowan_status pattern_make_newcomers(pattern_state *self, const bench_task *task, newcomer **out);

/** Reports that there was no memory if what was made of it is NULL. */
rowan_status pattern_check_made(pattern_state *self, const void *made);

/** Room in the scope's memory for pointers to @p count rows. */
rowan_status pattern_make_refs(pattern_state *self, size_t count);

/** Room in the scope's memory for @p count keys. */
rowan_status pattern_make_keys(pattern_state *self, size_t count);

/** Room for what the posts and comments of `tree.people` are; for comments once posts are there. */
rowan_status pattern_make_posts(pattern_state *self);
rowan_status pattern_make_comments(pattern_state *self);

/** How many posts `tree.people` have in all. */
size_t pattern_count_posts(const pattern_state *self);

/** Gives what was loaded to the sum, except trees. */
void pattern_fold(const pattern_state *self, const bench_task *task, bench_sum *sum);
void pattern_fold_tree(const pattern_tree *tree, bench_sum *sum);
void pattern_fold_person(const person *row, bench_sum *sum);
void pattern_fold_post(const post *row, bench_sum *sum);
void pattern_fold_comment(const comment *row, bench_sum *sum);

#endif
