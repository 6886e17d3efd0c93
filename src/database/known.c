/*
 * The known statements of a connection: a hash table by shape. When it is full, the hand goes round
 * and forgets the first one that was not used since it last came by.
 *
 * A known statement owns its text, so it outlives the prepared one, which may be dropped in the
 * middle of a call. Both point to each other: what is prepared forgets nothing by itself, but says
 * so when it goes.
 */
#include "database/known.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/alloc.h"
#include "database/database_private.h"

enum { MOST_BYTES = 32 << 10 }; /* of one: long texts are seldom the same twice */

bool rowan__memory_init(rowan__memory *memory, const rowan_allocator *allocator, size_t limit)
{
    memset(memory, 0, sizeof *memory);
    memory->allocator = allocator;
    memory->limit = limit;
    memory->bucket_count = 16;
    while (memory->bucket_count < limit) {
        memory->bucket_count *= 2;
    }
    memory->buckets = rowan__new(allocator, memory->bucket_count, sizeof *memory->buckets);
    return memory->buckets != NULL;
}

static void leave_cached(rowan__known *known)
{
    rowan__known **at = known->cached ? &known->cached->known : NULL;

    while (at && *at != known) {
        at = &(*at)->next_cached;
    }
    if (at) {
        *at = known->next_cached;
    }
}

static void leave_bucket(rowan__memory *memory, rowan__known *known)
{
    rowan__known **at = &memory->buckets[known->hash & (memory->bucket_count - 1)];

    while (*at != known) {
        at = &(*at)->next_bucket;
    }
    *at = known->next_bucket;
}

static void drop_hints(rowan__memory *memory, const rowan__known *known)
{
    for (size_t i = 0; i < ROWAN__HINTS; i++) {
        if (memory->hints[i].known == known) {
            memory->hints[i] = (rowan__hint){NULL, NULL};
        }
    }
}

/* Forgets what comes behind the hand. */
static void forget_next(rowan__memory *memory)
{
    rowan__known *known = memory->hand->next_turn;

    memory->hand->next_turn = known->next_turn;
    memory->hand = known == memory->hand ? NULL : memory->hand;
    memory->count--;
    leave_bucket(memory, known);
    leave_cached(known);
    drop_hints(memory, known);
    rowan__free(memory->allocator, known, 1, known->block_size);
}

void rowan__memory_fini(rowan__memory *memory)
{
    while (memory->hand) {
        forget_next(memory);
    }
    rowan__free(memory->allocator, memory->buckets, memory->bucket_count, sizeof *memory->buckets);
    memory->buckets = NULL;
}

static inline rowan_status connect(rowan_scope *scope)
{
    return scope->link && !scope->link->broken ? ROWAN_OK : rowan__scope_ready(scope);
}

static inline bool is_of(const rowan__known *known, const rowan__shape_key *key)
{
    return known->key_size == key->size && known->maker == key->maker &&
           memcmp(known->key, key->data, key->size) == 0;
}

static inline rowan__hint *hint_of(rowan__memory *memory, size_t number)
{
    return &memory->hints[number % ROWAN__HINTS];
}

/* Lines that send several statements mostly send some of different lengths. */
static inline rowan__hint *hint_here(rowan__memory *memory, const rowan_scope *scope,
                                     const rowan__shape_key *key)
{
    return hint_of(memory, (size_t)scope->event.site.line + key->size / sizeof(uint64_t));
}

static rowan__known *find(const rowan__memory *memory, rowan__shape_key *key)
{
    key->hash = XXH3_64bits(key->data, key->size);
    rowan__known *known = memory->buckets[key->hash & (memory->bucket_count - 1)];
    for (; known; known = known->next_bucket) {
        if (known->hash == key->hash && is_of(known, key)) {
            known->used = true;
            return known;
        }
    }
    return NULL;
}

rowan__known *rowan__known_recall(rowan_scope *scope, const rowan__shape_key *key)
{
    rowan__link *link = scope->link;

    if (!link || link->broken) {
        return NULL;
    }
    rowan__known *known = hint_here(&link->memory, scope, key)->known;
    if (!known || !is_of(known, key)) {
        return NULL;
    }
    known->used = true;
    return known;
}

rowan_status rowan__known_find(rowan_scope *scope, rowan__shape_key *key, rowan__known **out)
{
    *out = rowan__known_recall(scope, key);
    if (*out) {
        return ROWAN_OK;
    }
    rowan_status status = connect(scope);
    *out = status == ROWAN_OK ? find(&scope->link->memory, key) : NULL;
    if (*out) {
        *hint_here(&scope->link->memory, scope, key) = (rowan__hint){NULL, *out};
    }
    return status;
}

static inline rowan__hint *hint_at(rowan__memory *memory, const void *address)
{
    return hint_of(memory, (uintptr_t)address / 8);
}

rowan__known *rowan__known_recall_at(rowan_scope *scope, const void *address,
                                     rowan__key_maker maker)
{
    rowan__link *link = scope->link;

    if (!link || link->broken) {
        return NULL;
    }
    const rowan__hint *hint = hint_at(&link->memory, address);
    if (hint->text != address || hint->known->maker != maker) {
        return NULL;
    }
    hint->known->used = true;
    return hint->known;
}

rowan_status rowan__known_find_at(rowan_scope *scope, const void *address, rowan__shape_key *key,
                                  rowan__known **out)
{
    rowan_status status = rowan__known_find(scope, key, out);

    if (*out) {
        *hint_at(&scope->link->memory, address) = (rowan__hint){address, *out};
    }
    return status;
}

rowan__known *rowan__known_recall_text(rowan_scope *scope, const char *text, rowan__key_maker maker)
{
    rowan__link *link = scope->link;

    if (!link || link->broken) {
        return NULL;
    }
    const rowan__hint *hint = hint_at(&link->memory, text);
    if (hint->text != text || hint->known->maker != maker || strcmp(hint->known->key, text) != 0) {
        return NULL;
    }
    hint->known->used = true;
    return hint->known;
}

rowan_status rowan__known_find_text(rowan_scope *scope, const char *text, rowan__shape_key *key,
                                    rowan__known **out)
{
    key->data = text;
    key->size = strlen(text);
    rowan_status status = rowan__known_find(scope, key, out);
    if (*out) {
        *hint_at(&scope->link->memory, text) = (rowan__hint){text, *out};
    }
    return status;
}

static void make_room(rowan__memory *memory)
{
    while (memory->count >= memory->limit && !memory->is_held) {
        while (memory->hand->next_turn->used) {
            memory->hand = memory->hand->next_turn;
            memory->hand->used = false;
        }
        forget_next(memory);
    }
}

/* Puts a statement behind the hand, where it comes last. */
static void join(rowan__memory *memory, rowan__known *known)
{
    rowan__known **bucket = &memory->buckets[known->hash & (memory->bucket_count - 1)];

    known->next_bucket = *bucket;
    *bucket = known;
    known->next_turn = memory->hand ? memory->hand->next_turn : known;
    if (memory->hand) {
        memory->hand->next_turn = known;
    }
    memory->hand = known;
    memory->count++;
}

rowan__known *rowan__known_learn(rowan_scope *scope, const rowan__shape_key *key, const char *sql,
                                 size_t sql_size, const void *recipe, size_t recipe_size)
{
    rowan__memory *memory = &scope->link->memory;
    size_t size = sizeof(rowan__known) + recipe_size + key->size + 1 + sql_size + 1;

    if (sql_size > MOST_BYTES || key->size > MOST_BYTES || recipe_size > MOST_BYTES) {
        return NULL;
    }
    rowan__known *known = rowan__new(memory->allocator, 1, size);
    if (!known) {
        return NULL;
    }
    char *at = (char *)(known + 1);
    known->recipe = memcpy(at, recipe, recipe_size);
    known->key = memcpy(at + recipe_size, key->data, key->size);
    known->sql = memcpy(at + recipe_size + key->size + 1, sql, sql_size);
    known->sql_size = sql_size;
    known->key_size = key->size;
    known->block_size = size;
    known->maker = key->maker;
    known->hash = key->hash;
    known->used = true;
    make_room(memory);
    join(memory, known);
    return known;
}

void rowan__known_prepared(rowan__known *known, rowan__cached *cached)
{
    known->cached = cached;
    known->next_cached = cached->known;
    cached->known = known;
}

void rowan__known_unprepared(rowan__cached *cached)
{
    for (rowan__known *known = cached->known; known; known = known->next_cached) {
        known->cached = NULL;
    }
    cached->known = NULL;
}
