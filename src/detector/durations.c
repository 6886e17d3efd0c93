/*
 * One series for each fingerprint, in chains by its id. Where there is no place for another one,
 * the one that took the least time gives its own up: what is slow is not forgotten for what is
 * many.
 */
#include "detector/durations.h"

#include <pthread.h>

#include "base/alloc.h"

enum { CHAINS = 256 };

typedef struct entry {
    struct entry *next;
    uint64_t id;
    uint64_t columns; /* that were read */
    rowan__series series;
} entry;

struct rowan__durations {
    const rowan_allocator *allocator;
    pthread_mutex_t lock;
    entry *chains[CHAINS];
    size_t count;
};

rowan__durations *rowan__durations_new(const rowan_allocator *allocator)
{
    rowan__durations *durations = rowan__new(allocator, 1, sizeof *durations);

    if (durations != NULL) {
        durations->allocator = allocator;
        pthread_mutex_init(&durations->lock, NULL);
    }
    return durations;
}

void rowan__durations_free(rowan__durations *durations)
{
    if (durations == NULL) {
        return;
    }
    for (size_t i = 0; i < CHAINS; i++) {
        while (durations->chains[i] != NULL) {
            entry *first = durations->chains[i];
            durations->chains[i] = first->next;
            rowan__free(durations->allocator, first, 1, sizeof *first);
        }
    }
    pthread_mutex_destroy(&durations->lock);
    rowan__free(durations->allocator, durations, 1, sizeof *durations);
}

static entry *find(const rowan__durations *durations, uint64_t id)
{
    entry *one = durations->chains[id % CHAINS];

    while (one != NULL && one->id != id) {
        one = one->next;
    }
    return one;
}

/* Takes out the entry that took the least time, if that is less than a newcomer's. */
static entry *take_least(rowan__durations *durations, int64_t less_than_ns)
{
    entry **least = NULL;

    for (size_t i = 0; i < CHAINS; i++) {
        for (entry **at = &durations->chains[i]; *at != NULL; at = &(*at)->next) {
            if ((*at)->series.total_ns < less_than_ns) {
                least = at;
                less_than_ns = (*at)->series.total_ns;
            }
        }
    }
    entry *taken = least != NULL ? *least : NULL;
    if (taken != NULL) {
        *least = taken->next;
        durations->count--;
    }
    return taken;
}

static entry *make(rowan__durations *durations, uint64_t id, int64_t total_ns)
{
    entry *one = durations->count < ROWAN__DURATIONS_MOST
                     ? rowan__new(durations->allocator, 1, sizeof *one)
                     : take_least(durations, total_ns);

    if (one != NULL) {
        *one = (entry){.id = id, .next = durations->chains[id % CHAINS]};
        durations->chains[id % CHAINS] = one;
        durations->count++;
    }
    return one;
}

void rowan__durations_merge(rowan__durations *durations, uint64_t id, const rowan__timing *timing,
                            uint64_t columns)
{
    pthread_mutex_lock(&durations->lock);
    entry *one = find(durations, id);
    if (one == NULL) {
        one = make(durations, id, timing->total_ns);
    }
    if (one != NULL) {
        rowan__series_add_timing(&one->series, timing);
        one->columns |= columns;
    }
    pthread_mutex_unlock(&durations->lock);
}

uint64_t rowan__durations_columns(rowan__durations *durations, uint64_t id)
{
    pthread_mutex_lock(&durations->lock);
    const entry *one = find(durations, id);
    uint64_t columns = one != NULL ? one->columns : 0;
    pthread_mutex_unlock(&durations->lock);
    return columns;
}

void rowan__durations_add_to(rowan__durations *durations, uint64_t id, rowan__series *series)
{
    pthread_mutex_lock(&durations->lock);
    const entry *one = find(durations, id);
    if (one != NULL) {
        rowan__series_merge(series, &one->series);
    }
    pthread_mutex_unlock(&durations->lock);
}

size_t rowan__durations_count(rowan__durations *durations)
{
    pthread_mutex_lock(&durations->lock);
    size_t count = durations->count;
    pthread_mutex_unlock(&durations->lock);
    return count;
}
