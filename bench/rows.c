/* The rows that the tables are filled with. */
#include "rows.h"

#include <stdio.h>

#include "schema/seed/words.h"

/* Streams of random numbers, one for each table. */
enum { PEOPLE = 101, HAIR, POSTS, COMMENTS, EVENTS };

const char *bench_person_name(rowan__arena *arena, int64_t id)
{
    rowan__random random = rowan__random_of(PEOPLE, (uint64_t)id);

    return rowan__text_person(arena, &random);
}

const char *bench_hair_colour(int64_t id)
{
    static const char *const colours[] = {"black", "brown", "auburn", "chestnut",
                                          "red",   "blond", "grey",   "white"};
    rowan__random random = rowan__random_of(HAIR, (uint64_t)id);

    if (id % 3 == 0) {
        return NULL;
    }
    return colours[rowan__random_below(&random, sizeof colours / sizeof colours[0])];
}

person bench_person(rowan__arena *arena, int64_t id)
{
    const char *hair_colour = bench_hair_colour(id);

    return (person){.id = id,
                    .name = bench_person_name(arena, id),
                    .hair_colour = {hair_colour != NULL, hair_colour}};
}

post bench_post(rowan__arena *arena, int64_t id)
{
    rowan__random random = rowan__random_of(POSTS, (uint64_t)id);

    return (post){.id = id,
                  .person_id = (id - 1) / BENCH_POSTS_EACH + 1,
                  .title = rowan__text_title(arena, &random),
                  .body = rowan__text_opinion(arena, &random,
                                              (unsigned)rowan__random_between(&random, 1, 5))};
}

comment bench_comment(rowan__arena *arena, int64_t id)
{
    rowan__random random = rowan__random_of(COMMENTS, (uint64_t)id);

    return (comment){.id = id,
                     .post_id = (id - 1) / BENCH_COMMENTS_EACH + 1,
                     .body = rowan__text_opinion(arena, &random,
                                                 (unsigned)rowan__random_between(&random, 1, 5))};
}

event bench_event(rowan__arena *arena, int64_t id)
{
    rowan__random random = rowan__random_of(EVENTS, (uint64_t)id);

    return (event){.id = id,
                   .name = rowan__text_title(arena, &random),
                   .amount = rowan__random_between(&random, -1000000, 1000000)};
}
