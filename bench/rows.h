/* The rows that the tables are filled with: each depends on its key alone. */
#ifndef ROWAN_BENCH_ROWS_H
#define ROWAN_BENCH_ROWS_H

#include "base/arena.h"
#include "forum_rows.h"

enum {
    BENCH_PEOPLE = 10000,
    BENCH_POSTERS = 1000,   /* people that have posts */
    BENCH_COMMENTED = 100,  /* people whose posts have comments */
    BENCH_POSTS_EACH = 10,
    BENCH_COMMENTS_EACH = 10
};

/* Texts are the arena's; NULL: memory ran out. */
const char *bench_person_name(rowan__arena *arena, int64_t id);
/** NULL: none. Static. */
const char *bench_hair_colour(int64_t id);

person bench_person(rowan__arena *arena, int64_t id);
post bench_post(rowan__arena *arena, int64_t id);
comment bench_comment(rowan__arena *arena, int64_t id);
event bench_event(rowan__arena *arena, int64_t id);

#endif
