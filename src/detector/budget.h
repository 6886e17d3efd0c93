/*
 * The memory of one scope, and of all scopes of the process: bounded, and given out by what it is
 * for. What is worth least is refused first.
 */
#ifndef ROWAN_DETECTOR_BUDGET_H
#define ROWAN_DETECTOR_BUDGET_H

#include <rowan/database.h>

enum {
    ROWAN__SCOPE_BYTES = 1024 * 1024,        /* for one scope */
    ROWAN__PROCESS_BYTES = 64 * 1024 * 1024, /* for all scopes of all databases */
    ROWAN__NEEDS = 3
};

/** What memory is for, and so how much may be taken before it is refused. */
typedef enum rowan__need {
    ROWAN__NEED_ROWS,      /* values of results: half of it */
    ROWAN__NEED_VALUES,    /* values that statements were given: three quarters */
    ROWAN__NEED_STATEMENTS /* statements, their texts and call sites: all of it */
} rowan__need;

typedef struct rowan__budget rowan__budget;

/** One need's door to a budget. */
typedef struct rowan__share {
    rowan__budget *budget;
    size_t scope_bytes, process_bytes; /* from which on it is refused */
    rowan_allocator allocator;
} rowan__share;

/** Stays where it is while it has memory out. One thread at a time. */
struct rowan__budget {
    const rowan_allocator *source;
    size_t used;
    rowan__share shares[ROWAN__NEEDS];
};

/** @param source  borrowed */
void rowan__budget_init(rowan__budget *budget, const rowan_allocator *source);

/** Allocates from the source while there is room for that need. */
static inline const rowan_allocator *rowan__budget_for(const rowan__budget *budget,
                                                       rowan__need need)
{
    return &budget->shares[need].allocator;
}

/** What all scopes of the process have taken. Threads: any. */
size_t rowan__budget_process_bytes(void);

#endif
