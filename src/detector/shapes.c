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

enum { SETS = 2048 };

typedef struct shape {
    XXH128_hash_t text;
    size_t bytes; /* of this object, whose fold is cut */
    rowan__fold fold;
} shape;

struct rowan__shapes {
    const rowan_allocator *allocator;
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

static void remember(rowan__shapes *shapes, XXH128_hash_t text, const rowan__fold *fold)
{
    _Atomic(shape *) *set = shapes->places[text.low64 % SETS];
    size_t ways = fold->literal_count > 0 ? 1 : 2;
    size_t fold_bytes = offsetof(rowan__fold, places) + fold->place_count * sizeof fold->places[0];
    size_t bytes = offsetof(shape, fold) + fold_bytes;
    shape *made = NULL, *expected = NULL;

    for (size_t way = 0; way < ways; way++) {
        if (atomic_load_explicit(&set[way], memory_order_relaxed) != NULL) {
            continue;
        }
        made = made != NULL ? made : rowan__new(shapes->allocator, 1, bytes);
        if (made == NULL) {
            return;
        }
        made->text = text;
        made->bytes = bytes;
        memcpy(&made->fold, fold, fold_bytes);
        expected = NULL;
        if (atomic_compare_exchange_strong_explicit(&set[way], &expected, made,
                                                    memory_order_release, memory_order_relaxed)) {
            return;
        }
    }
    rowan__free(shapes->allocator, made, 1, bytes);
}

const rowan__fold *rowan__shapes_fold(rowan__shapes *shapes, const rowan__reading *reading,
                                      const char *engine, const char *sql, size_t size,
                                      rowan__fold *room)
{
    XXH128_hash_t text = XXH3_128bits(sql, size);

    for (size_t way = 0; way < 2; way++) {
        shape *one =
            atomic_load_explicit(&shapes->places[text.low64 % SETS][way], memory_order_acquire);
        if (one != NULL && XXH128_isEqual(one->text, text)) {
            return &one->fold;
        }
    }
    rowan__fold_statement(reading, engine, sql, size, NULL, 0, room);
    remember(shapes, text, room);
    return room;
}
