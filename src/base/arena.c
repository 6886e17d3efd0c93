/*
 * Memory that dies together.
 *
 * Chunks form a list, newest first. An ordinary chunk doubles from 4 KiB up to 256 KiB, so that a
 * scope which loads one row costs little and one which loads many asks rarely; what does not fit
 * gets a chunk of its own size. The last ordinary chunk that a rewind frees is kept, so that a loop
 * of mark and rewind allocates nothing.
 */
#include "base/arena.h"

#include <string.h>

enum { FIRST_CHUNK = 4096, LARGEST_CHUNK = 256 * 1024, ALIGN = 64 };

struct rowan__chunk {
    rowan__chunk *before;
    size_t size; /* bytes, this header included: a multiple of ALIGN */
};

typedef struct cleanup {
    struct cleanup *before;
    void (*release)(void *object);
    void *object;
} cleanup;

void rowan__arena_init(rowan__arena *arena, const rowan_allocator *allocator)
{
    memset(arena, 0, sizeof *arena);
    arena->allocator = allocator;
}

static void chunk_free(rowan__arena *arena, rowan__chunk *chunk)
{
    arena->allocator->release(arena->allocator->context, chunk, chunk->size);
}

static void run_cleanups(rowan__arena *arena, const cleanup *until)
{
    while (arena->cleanups != until) {
        cleanup *newest = arena->cleanups;
        arena->cleanups = newest->before;
        newest->release(newest->object);
    }
}

void rowan__arena_fini(rowan__arena *arena)
{
    run_cleanups(arena, NULL);
    while (arena->chunk) {
        rowan__chunk *before = arena->chunk->before;
        chunk_free(arena, arena->chunk);
        arena->chunk = before;
    }
    if (arena->spare) {
        chunk_free(arena, arena->spare);
    }
    rowan__arena_init(arena, arena->allocator);
}

/* Bytes of the next chunk: at least `needed`, else twice the last ordinary one. */
static size_t next_size(const rowan__arena *arena, size_t needed)
{
    size_t size = FIRST_CHUNK;

    if (arena->chunk) {
        size = arena->chunk->size < LARGEST_CHUNK / 2 ? arena->chunk->size * 2 : LARGEST_CHUNK;
    }
    return size < needed ? needed : size;
}

static rowan__chunk *chunk_new(rowan__arena *arena, size_t needed)
{
    rowan__chunk *chunk = arena->spare;

    if (chunk && chunk->size >= needed) {
        arena->spare = NULL;
        return chunk;
    }
    size_t size = next_size(arena, needed);
    chunk = arena->allocator->allocate(arena->allocator->context, size, ALIGN);
    if (chunk) {
        chunk->size = size;
    }
    return chunk;
}

void *rowan__arena_alloc_slow(rowan__arena *arena, size_t size, size_t align)
{
    size_t needed;

    if (__builtin_add_overflow(size, (size_t)3 * ALIGN, &needed)) {
        return NULL;
    }
    rowan__chunk *chunk = chunk_new(arena, needed & ~(size_t)(ALIGN - 1));
    if (!chunk) {
        return NULL;
    }
    chunk->before = arena->chunk;
    arena->chunk = chunk;
    arena->next = (char *)chunk + ALIGN;
    arena->end = (char *)chunk + chunk->size;
    return rowan__arena_alloc(arena, size, align);
}

void *rowan__arena_new(rowan__arena *arena, size_t count, size_t size, size_t align)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    void *memory = rowan__arena_alloc(arena, bytes, align);
    return memory ? memset(memory, 0, bytes) : NULL;
}

char *rowan__arena_text(rowan__arena *arena, const void *data, size_t size)
{
    if (size == SIZE_MAX) {
        return NULL;
    }
    char *copy = rowan__arena_alloc(arena, size + 1, 1);
    if (copy) {
        if (size > 0) {
            memcpy(copy, data, size);
        }
        copy[size] = '\0';
    }
    return copy;
}

bool rowan__arena_defer(rowan__arena *arena, void (*release)(void *object), void *object)
{
    cleanup *entry = rowan__arena_alloc(arena, sizeof *entry, _Alignof(cleanup));

    if (!entry) {
        return false;
    }
    *entry = (cleanup){arena->cleanups, release, object};
    arena->cleanups = entry;
    return true;
}

static void chunk_drop(rowan__arena *arena, rowan__chunk *chunk)
{
    if (chunk->size > LARGEST_CHUNK || (arena->spare && arena->spare->size >= chunk->size)) {
        chunk_free(arena, chunk);
        return;
    }
    if (arena->spare) {
        chunk_free(arena, arena->spare);
    }
    arena->spare = chunk;
}

/* Drops the chunks since the mark. To before the first one: that one is kept, empty. */
static void drop_chunks(rowan__arena *arena, const rowan__arena_mark *mark)
{
    while (arena->chunk != mark->chunk) {
        rowan__chunk *before = arena->chunk->before;
        if (before == NULL && arena->chunk->size <= LARGEST_CHUNK) {
            arena->next = (char *)arena->chunk + ALIGN;
            arena->end = (char *)arena->chunk + arena->chunk->size;
            return;
        }
        chunk_drop(arena, arena->chunk);
        arena->chunk = before;
    }
    arena->next = mark->next;
    arena->end = mark->chunk ? (char *)mark->chunk + mark->chunk->size : NULL;
}

void rowan__arena_rewind_slow(rowan__arena *arena, const rowan__arena_mark *mark)
{
    run_cleanups(arena, mark->cleanups);
    if (arena->chunk != mark->chunk) {
        drop_chunks(arena, mark);
    } else {
        arena->next = mark->next;
    }
}
