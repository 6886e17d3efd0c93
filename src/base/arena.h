/*
 * Memory that dies together: allocated by moving a pointer, freed all at once or back to a mark.
 * One thread at a time.
 */
#ifndef ROWAN_BASE_ARENA_H
#define ROWAN_BASE_ARENA_H

#include <rowan/database.h>

typedef struct rowan__chunk rowan__chunk;

typedef struct rowan__arena {
    const rowan_allocator *allocator;
    rowan__chunk *chunk; /* the newest; each points to the one before */
    char *next, *end;    /* room left in it */
    rowan__chunk *spare; /* one ordinary chunk kept from the last rewind */
    void *cleanups;      /* newest first */
} rowan__arena;

typedef struct rowan__arena_mark {
    rowan__chunk *chunk;
    char *next;
    void *cleanups;
} rowan__arena_mark;

void rowan__arena_init(rowan__arena *arena, const rowan_allocator *allocator);

/** Frees everything. The arena can be used again. */
void rowan__arena_fini(rowan__arena *arena);

/** The general case of rowan__arena_alloc: a new chunk. */
void *rowan__arena_alloc_slow(rowan__arena *arena, size_t size, size_t align);

/**
 * @p size bytes, not zeroed, at a multiple of @p align (a power of two, at most 64); NULL if out
 * of memory.
 */
static inline void *rowan__arena_alloc(rowan__arena *arena, size_t size, size_t align)
{
    char *memory = (char *)(((uintptr_t)arena->next + align - 1) & ~(align - 1));

    /* A chunk ends at a multiple of any alignment, so that this is not beyond it. Its last byte
     * stays free, so that without a chunk there is no room for nothing either. */
    if (size >= (size_t)(arena->end - memory)) {
        return rowan__arena_alloc_slow(arena, size, align);
    }
    arena->next = memory + size;
    return memory;
}

/** Zeroed memory for @p count objects of @p size bytes; NULL if it ran out or overflowed. */
void *rowan__arena_new(rowan__arena *arena, size_t count, size_t size, size_t align);

/** A copy of @p size bytes with a NUL behind; NULL if out of memory. */
char *rowan__arena_text(rowan__arena *arena, const void *data, size_t size);

/**
 * Calls @p release with @p object when the memory of now is freed. @return false if out of
 * memory.
 */
bool rowan__arena_defer(rowan__arena *arena, void (*release)(void *object), void *object);

static inline rowan__arena_mark rowan__arena_mark_now(const rowan__arena *arena)
{
    return (rowan__arena_mark){arena->chunk, arena->next, arena->cleanups};
}

/** The general case of rowan__arena_rewind: to another chunk, or with something to release. */
void rowan__arena_rewind_slow(rowan__arena *arena, const rowan__arena_mark *mark);

/** Frees what was allocated since the mark. */
static inline void rowan__arena_rewind(rowan__arena *arena, const rowan__arena_mark *mark)
{
    if (arena->chunk == mark->chunk && arena->cleanups == mark->cleanups) {
        arena->next = mark->next;
    } else {
        rowan__arena_rewind_slow(arena, mark);
    }
}

#endif
