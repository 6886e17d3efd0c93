/*
 * What the hand-written floors load rows into, and how they give them to the sum. The work itself
 * shares nothing between floors: each is what one person would write for one engine.
 */
#ifndef ROWAN_BENCH_FLOOR_H
#define ROWAN_BENCH_FLOOR_H

#include <stdlib.h>

#include "bench.h"

/** Settings of a session on MariaDB, the same as those of the library. */
#define FLOOR_MARIADB_SETTINGS                                                                     \
    "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin, time_zone = '+00:00', "                          \
    "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"       \
    "NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,SIMULTANEOUS_ASSIGNMENT'"

typedef struct floor_person {
    int64_t id;
    const char *name;
    const char *hair_colour; /* NULL: none */
} floor_person;

/** A person left joined with a post. */
typedef struct floor_pair {
    int64_t person_id;
    const char *name;
    int64_t post_id;   /* 0: none */
    const char *title; /* NULL: none */
} floor_pair;

typedef struct floor_comment {
    int64_t id;
    int64_t post_id;
    const char *body;
} floor_comment;

typedef struct floor_post {
    int64_t id;
    int64_t person_id;
    const char *title;
    const char *body;
    size_t first_comment, comment_count; /* in the list of comments */
} floor_post;

/** A person with posts. */
typedef struct floor_author {
    floor_person person;
    size_t first_post, post_count; /* in the list of posts */
} floor_author;

/** An array that grows. All zero is an empty one. */
typedef struct floor_list {
    void *items;
    size_t count, room;
} floor_list;

typedef struct floor_rows {
    floor_list people;   /* of floor_person */
    floor_list pairs;    /* of floor_pair */
    floor_list authors;  /* of floor_author */
    floor_list posts;    /* of floor_post, those of one author side by side */
    floor_list comments; /* of floor_comment, those of one post side by side */
    floor_list keys;     /* of int64_t */
    uint64_t digest;
} floor_rows;

/** What every floor keeps, and a peer in C: the first member of its state. */
typedef struct floor_kept {
    floor_rows rows; /* that the last run loaded */
    char why[600];   /* it failed; libzdb says that much */
} floor_kept;

static inline bool floor_list_grow(floor_list *list, size_t count, size_t size)
{
    size_t room = list->room ? list->room : 16;

    while (room < count) {
        room *= 2;
    }
    void *items = realloc(list->items, room * size);
    if (!items) {
        return false;
    }
    list->items = items;
    list->room = room;
    return true;
}

/** Room for more items of @p size bytes; NULL if there is no memory. */
static inline void *floor_list_add_many(floor_list *list, size_t count, size_t size)
{
    size_t first = list->count;

    if (list->room - first < count && !floor_list_grow(list, first + count, size)) {
        return NULL;
    }
    list->count += count;
    return (char *)list->items + size * first;
}

static inline void *floor_list_add(floor_list *list, size_t size)
{
    return floor_list_add_many(list, 1, size);
}

/* Members of bench_contestant. A state is one that begins with a floor_kept. */
bool floor_can(bench_work work); /* every floor does every work */
void floor_fold(void *state, const bench_task *task, bench_sum *sum);
const char *floor_why(void *state);

/** Frees the rows and every text of them: for floors that have each in an allocation of its own. */
void floor_clear_texts(void *state, const bench_task *task);

/** Forgets the rows and keeps their memory, or frees it too. Texts are the floor's own. */
void floor_rows_reset(floor_rows *rows);
void floor_rows_free(floor_rows *rows);

/** Tells each author which posts are theirs and each post which comments, by walking lists that are
 * in the same order. */
void floor_rows_link(floor_rows *rows);

/** The person that was read last, and giving them a name, in an allocation of its own. */
floor_person *floor_last_person(const floor_rows *rows);
bool floor_rename_last(floor_rows *rows, const char *name);

#endif
