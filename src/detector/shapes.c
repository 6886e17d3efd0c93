/*
 * What folding found, remembered by text for all scopes of a detector.
 *
 * A statement's path takes no lock: places are filled once, by an atomic exchange, and nothing is
 * taken out before the detector ends. So the store is bounded by its places, and texts with
 * literals in them, of which a program can make any number, may take only half of them. A hit is
 * confirmed by a hash of 128 bits of the whole text.
 */
#include <stdatomic.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "detector/detector_private.h"

enum { SETS = 2048, MOST_BYTES = 8 * 1024 * 1024 };

typedef struct shape {
    XXH128_hash_t text;
    size_t bytes; /* of this object: the fold is cut, and the texts are behind it */
    rowan__texts texts;
    rowan__fold fold;
} shape;

struct rowan__shapes {
    const rowan_allocator *allocator;
    atomic_size_t bytes;
    _Atomic(shape *) places[SETS][2]; /* the second of each set takes texts without literals only */
};

rowan__shapes *rowan__shapes_new(const rowan_allocator *allocator)
{
    rowan__shapes *shapes = rowan__new(allocator, 1, sizeof *shapes);

    if (shapes != NULL) {
        shapes->allocator = allocator;
    }
    return shapes;
}

void rowan__shapes_free(rowan__shapes *shapes)
{
    if (shapes == NULL) {
        return;
    }
    for (size_t i = 0; i < SETS; i++) {
        for (size_t way = 0; way < 2; way++) {
            shape *one = atomic_load_explicit(&shapes->places[i][way], memory_order_relaxed);
            if (one != NULL) {
                rowan__free(shapes->allocator, one, 1, one->bytes);
            }
        }
    }
    rowan__free(shapes->allocator, shapes, 1, sizeof *shapes);
}

static shape *make_shape(rowan__shapes *shapes, XXH128_hash_t text, const rowan__fold *fold,
                         const char *folded, const char *sql, size_t sql_size)
{
    size_t fold_bytes = offsetof(rowan__fold, places) + fold->place_count * sizeof fold->places[0];
    size_t folded_size = strlen(folded);
    size_t kept_size = sql_size < ROWAN__WATCH_TEXT ? sql_size : ROWAN__WATCH_TEXT;
    size_t bytes = offsetof(shape, fold) + fold_bytes + folded_size + 1 + kept_size + 1;
    size_t before = atomic_fetch_add_explicit(&shapes->bytes, bytes, memory_order_relaxed);
    shape *made = before + bytes <= MOST_BYTES ? rowan__new(shapes->allocator, 1, bytes) : NULL;
    char *texts;

    if (made == NULL) {
        atomic_fetch_sub_explicit(&shapes->bytes, bytes, memory_order_relaxed);
        return NULL;
    }
    made->text = text;
    made->bytes = bytes;
    memcpy(&made->fold, fold, fold_bytes);
    texts = (char *)&made->fold + fold_bytes;
    made->texts = (rowan__texts){texts, texts + folded_size + 1};
    memcpy(texts, folded, folded_size + 1);
    memcpy(texts + folded_size + 1, sql, kept_size);
    return made;
}

/**
 * Puts a shape into a free place of its set. @return false if there is none: it stays the
 * caller's.
 */
static bool adopt(rowan__shapes *shapes, shape *made)
{
    _Atomic(shape *) *set = shapes->places[made->text.low64 % SETS];
    size_t ways = made->fold.literal_count > 0 ? 1 : 2;

    for (size_t way = 0; way < ways; way++) {
        shape *expected = NULL;
        if (atomic_compare_exchange_strong_explicit(&set[way], &expected, made,
                                                    memory_order_acq_rel, memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

static bool has_place(const rowan__shapes *shapes, XXH128_hash_t text, const rowan__fold *fold)
{
    const _Atomic(shape *) *set = shapes->places[text.low64 % SETS];

    return atomic_load_explicit(&set[0], memory_order_relaxed) == NULL ||
           (fold->literal_count == 0 &&
            atomic_load_explicit(&set[1], memory_order_relaxed) == NULL);
}

static const shape *remember(rowan__shapes *shapes, XXH128_hash_t text, const rowan__fold *fold,
                             const char *folded, const char *sql, size_t sql_size)
{
    shape *made = has_place(shapes, text, fold)
                      ? make_shape(shapes, text, fold, folded, sql, sql_size)
                      : NULL;

    if (made == NULL || adopt(shapes, made)) {
        return made;
    }
    atomic_fetch_sub_explicit(&shapes->bytes, made->bytes, memory_order_relaxed);
    rowan__free(shapes->allocator, made, 1, made->bytes);
    return NULL;
}

const rowan__fold *rowan__shapes_fold(rowan__shapes *shapes, const rowan__reading *reading,
                                      const char *engine, const char *sql, size_t size,
                                      rowan__fold *room, const rowan__texts **texts)
{
    XXH128_hash_t text = XXH3_128bits(sql, size);
    char folded[ROWAN__WATCH_TEXT + 1];
    const shape *one = NULL;

    for (size_t way = 0; way < 2; way++) {
        one = atomic_load_explicit(&shapes->places[text.low64 % SETS][way], memory_order_acquire);
        if (one != NULL && XXH128_isEqual(one->text, text)) {
            *texts = &one->texts;
            return &one->fold;
        }
    }
    rowan__fold_statement(reading, engine, sql, size, folded, sizeof folded, room);
    one = remember(shapes, text, room, folded, sql, size);
    *texts = one != NULL ? &one->texts : NULL;
    return one != NULL ? &one->fold : room;
}
