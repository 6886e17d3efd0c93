/*
 * The memory that the best floors read text into: blocks that are kept and filled again.
 */
#ifndef ROWAN_BENCH_ARENA_H
#define ROWAN_BENCH_ARENA_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct bench_arena_block {
    struct bench_arena_block *next;
    size_t size;
    char bytes[];
} bench_arena_block;

/** All zero is an empty one. */
typedef struct bench_arena {
    bench_arena_block *first, *current;
    char *at, *end;
} bench_arena;

enum { BENCH_ARENA_BLOCK = 256 * 1024 };

static inline void bench_arena_enter(bench_arena *arena, bench_arena_block *block)
{
    arena->current = block;
    arena->at = block ? block->bytes : NULL;
    arena->end = block ? block->bytes + block->size : NULL;
}

/** Goes on in the next block that has room, or in a new one. */
static inline bool bench_arena_more(bench_arena *arena, size_t size)
{
    bench_arena_block **link = arena->current ? &arena->current->next : &arena->first;

    while (*link && (*link)->size < size) {
        link = &(*link)->next;
    }
    if (!*link) {
        size_t room = size > BENCH_ARENA_BLOCK ? size : BENCH_ARENA_BLOCK;
        bench_arena_block *block = malloc(sizeof *block + room);
        if (!block) {
            return false;
        }
        block->next = NULL;
        block->size = room;
        *link = block;
    }
    bench_arena_enter(arena, *link);
    return true;
}

/** Copies bytes of which there are mostly few: a call would cost more than that. */
static inline void bench_copy(char *to, const char *from, size_t size)
{
    enum { WORD = 8, PAIR = 16, FEW = 64 };

    if (size >= PAIR && size <= FEW) {
        for (size_t i = 0; i + PAIR < size; i += PAIR) {
            memcpy(to + i, from + i, PAIR);
        }
        memcpy(to + size - PAIR, from + size - PAIR, PAIR); /* and some of them once more */
    } else if (size >= WORD && size < PAIR) {
        char last[WORD];
        memcpy(last, from + size - WORD, WORD);
        memcpy(to, from, WORD);
        memcpy(to + size - WORD, last, WORD);
    } else if (size < WORD) {
        for (size_t i = 0; i < size; i++) {
            to[i] = from[i];
        }
    } else {
        memcpy(to, from, size);
    }
}

/** A copy of a text of @p size bytes, with a NUL behind it; NULL if there is no memory. */
static inline char *bench_arena_text(bench_arena *arena, const char *text, size_t size)
{
    if ((size_t)(arena->end - arena->at) <= size && !bench_arena_more(arena, size + 1)) {
        return NULL;
    }
    char *copy = arena->at;
    bench_copy(copy, text, size);
    copy[size] = '\0';
    arena->at = copy + size + 1;
    return copy;
}

/** Forgets all texts and keeps the memory. */
static inline void bench_arena_reset(bench_arena *arena)
{
    bench_arena_enter(arena, arena->first);
}

static inline void bench_arena_free(bench_arena *arena)
{
    while (arena->first) {
        bench_arena_block *next = arena->first->next;
        free(arena->first);
        arena->first = next;
    }
    bench_arena_enter(arena, NULL);
}

#endif
