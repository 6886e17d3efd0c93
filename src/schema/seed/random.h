/*
 * Random numbers that are the same everywhere: SplitMix64 (Steele, Lea and Flood 2014), begun anew
 * for each row from its table and number. Integers only.
 */
#ifndef ROWAN_SCHEMA_SEED_RANDOM_H
#define ROWAN_SCHEMA_SEED_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rowan__random {
    uint64_t state;
} rowan__random;

static inline uint64_t rowan__random_next(rowan__random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/** The numbers of one row; @p table tells tables apart. */
static inline rowan__random rowan__random_of(uint64_t table, uint64_t row)
{
    rowan__random random = {table * 0xd1342543de82ef95u + row};

    random.state = rowan__random_next(&random);
    return random;
}

/** A number from 0 to @p count - 1; @p count is far below 2^32, so no number is noticeably
 * favoured. */
static inline uint64_t rowan__random_below(rowan__random *random, uint64_t count)
{
    return (rowan__random_next(random) >> 32) * count >> 32;
}

/** A number from @p least to @p most. */
static inline int64_t rowan__random_between(rowan__random *random, int64_t least, int64_t most)
{
    return least + (int64_t)rowan__random_below(random, (uint64_t)(most - least) + 1);
}

/** True in @p percent of 100 cases. */
static inline bool rowan__random_percent(rowan__random *random, unsigned percent)
{
    return rowan__random_below(random, 100) < percent;
}

/**
 * A number from 0 to @p count - 1 by Zipf's law: the k-th most frequent comes about 1/k as often as
 * the first. Every power of two of ranks is as likely as every other, and within one all ranks are
 * alike. Ranks are spread over the numbers, so the popular ones do not stand together.
 */
static inline uint64_t rowan__random_popular(rowan__random *random, uint64_t count)
{
    unsigned levels = 0;
    uint64_t level, rank;

    while (count >> levels > 1) {
        levels++;
    }
    level = (uint64_t)1 << rowan__random_below(random, levels + 1);
    rank = level - 1 + rowan__random_below(random, level);
    if (rank >= count) {
        rank = rowan__random_below(random, count);
    }
    return count % 7919 == 0 ? rank : rank * 7919 % count;
}

#endif
