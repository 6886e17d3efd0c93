/*
 * Prepared statements of one connection: a hash table by text with a list by age. A hash is a hint
 * only: a hit is confirmed by comparing the text.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/alloc.h"
#include "database/database_private.h"

bool rowan__cache_init(rowan__cache *cache, const rowan_allocator *allocator,
                       const rowan__driver *driver, size_t limit)
{
    memset(cache, 0, sizeof *cache);
    cache->allocator = allocator;
    cache->driver = driver;
    cache->limit = limit > 0 ? limit : 1;
    cache->bucket_count = 16;
    while (cache->bucket_count < cache->limit) {
        cache->bucket_count *= 2;
    }
    cache->buckets = rowan__new(allocator, cache->bucket_count, sizeof *cache->buckets);
    return cache->buckets != NULL;
}

static rowan__cached **bucket_of(rowan__cache *cache, uint64_t hash)
{
    return &cache->buckets[hash & (cache->bucket_count - 1)];
}

static void unlink_age(rowan__cache *cache, rowan__cached *cached)
{
    *(cached->newer ? &cached->newer->older : &cache->newest) = cached->older;
    *(cached->older ? &cached->older->newer : &cache->oldest) = cached->newer;
}

static void link_newest(rowan__cache *cache, rowan__cached *cached)
{
    cached->newer = NULL;
    cached->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = cached;
    cache->newest = cached;
}

static void cached_free(rowan__cache *cache, rowan__cached *cached)
{
    rowan__known_unprepared(cached);
    for (size_t i = 0; i < cached->layout_count; i++) {
        rowan__layout_free(cache->allocator, cached->layouts[i]);
    }
    rowan__free(cache->allocator, cached->layouts, cached->layout_capacity,
                sizeof *cached->layouts);
    rowan__free(cache->allocator, cached->sql, cached->sql_size + 1, 1);
    cache->driver->unprepare(cached->prepared);
    rowan__free(cache->allocator, cached, 1, sizeof *cached);
}

void rowan__cache_drop(rowan__cache *cache, rowan__cached *cached)
{
    rowan__cached **at = bucket_of(cache, cached->hash);

    while (*at != cached) {
        at = &(*at)->next;
    }
    *at = cached->next;
    unlink_age(cache, cached);
    cache->count--;
    cached_free(cache, cached);
}

void rowan__cache_fini(rowan__cache *cache)
{
    while (cache->newest) {
        rowan__cache_drop(cache, cache->newest);
    }
    rowan__free(cache->allocator, cache->buckets, cache->bucket_count, sizeof *cache->buckets);
    cache->buckets = NULL;
}

void rowan__cache_renew(rowan__cache *cache, rowan__cached *cached)
{
    if (cached != cache->newest) {
        unlink_age(cache, cached);
        link_newest(cache, cached);
    }
}

rowan__cached *rowan__cache_get(rowan__cache *cache, const char *sql, size_t size, uint64_t *hash)
{
    *hash = XXH3_64bits(sql, size);
    for (rowan__cached *cached = *bucket_of(cache, *hash); cached; cached = cached->next) {
        if (cached->hash == *hash && cached->sql_size == size &&
            memcmp(cached->sql, sql, size) == 0) {
            rowan__cache_renew(cache, cached);
            return cached;
        }
    }
    return NULL;
}

/* Makes room for one more, unless everything is in use; a group may have used more than there is
 * room for. */
static void make_room(rowan__cache *cache)
{
    rowan__cached *newer;

    for (rowan__cached *cached = cache->oldest; cached && cache->count >= cache->limit;
         cached = newer) {
        newer = cached->newer;
        if (cached->pins == 0) {
            rowan__cache_drop(cache, cached);
        }
    }
}

rowan__cached *rowan__cache_put(rowan__cache *cache, const char *sql, size_t size, uint64_t hash,
                                rowan__prepared *prepared)
{
    rowan__cached *cached = rowan__new(cache->allocator, 1, sizeof *cached);
    char *copy = rowan__new(cache->allocator, size + 1, 1);

    if (!cached || !copy) {
        rowan__free(cache->allocator, cached, 1, sizeof *cached);
        rowan__free(cache->allocator, copy, size + 1, 1);
        cache->driver->unprepare(prepared);
        return NULL;
    }
    make_room(cache);
    memcpy(copy, sql, size);
    cached->hash = hash;
    cached->sql = copy;
    cached->sql_size = size;
    cached->prepared = prepared;
    rowan__cached **bucket = bucket_of(cache, hash);
    cached->next = *bucket;
    *bucket = cached;
    link_newest(cache, cached);
    cache->count++;
    return cached;
}

/* Mostly the columns of a shape are in the order of the result. */
static const rowan_column *column_of(const rowan_table *shape, size_t index, const char *name)
{
    bool is_there = index < shape->column_count && strcmp(shape->columns[index].name, name) == 0;

    return is_there ? &shape->columns[index] : rowan_table_column(shape, name);
}

/* Whether a shape without a name has what a layout reads: it may be at another address, and in
 * another order. */
static __attribute__((noinline)) bool is_equal(rowan__layout *layout, const rowan_table *shape)
{
    for (size_t i = 0; i < layout->count; i++) {
        const rowan__cell *cell = &layout->cells[i];
        const rowan_column *column = column_of(shape, i, cell->name);
        if (!column || column->type != cell->type || column->offset != cell->offset ||
            column->value_offset != cell->value_offset ||
            column->enumeration != cell->enumeration ||
            ((column->flags & ROWAN_NULLABLE) != 0) != cell->nullable ||
            !rowan__layout_has(layout, (size_t)(column - shape->columns))) {
            return false;
        }
    }
    if (layout->described && layout->count <= shape->column_count &&
        rowan__layout_has_names(layout, shape)) {
        memcpy(layout->described, shape->columns, layout->count * sizeof *shape->columns);
    }
    layout->shape = shape;
    return true;
}

/*
 * Whether a layout serves a shape. A table is known by its address; a shape without a name may be
 * another one at the same address, or the same at another: its columns are compared.
 */
static inline bool layout_serves(rowan__layout *layout, const rowan_table *shape)
{
    if (!shape || !layout->shape || shape->name) {
        return layout->shape == shape;
    }
    if (!layout->is_unnamed || layout->row_size != shape->row_size) {
        return false;
    }
    return is_equal(layout, shape);
}

static __attribute__((noinline)) rowan_status add_layout(rowan__cache *cache, rowan__cached *cached,
                                                         const rowan_table *shape,
                                                         const rowan__layout **out,
                                                         rowan_error *error)
{
    rowan__prepared *prepared = cached->prepared;
    rowan__layout *layout;

    if (prepared->column_count == 0) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "the statement gives no rows, but rows were asked for");
    }
    rowan_status status = rowan__layout_new(cache->allocator, shape, prepared->column_names,
                                            prepared->column_count, &layout, error);
    if (status != ROWAN_OK) {
        return status;
    }
    status = cache->driver->bind(prepared, layout, error);
    if (status == ROWAN_OK &&
        !rowan__grow(cache->allocator, (void **)&cached->layouts, &cached->layout_capacity,
                     cached->layout_count, sizeof *cached->layouts)) {
        status = rowan__fail_nomem(error);
    }
    if (status != ROWAN_OK) {
        rowan__layout_free(cache->allocator, layout);
        return status;
    }
    cached->layouts[cached->layout_count++] = layout;
    *out = cached->layout = layout;
    return ROWAN_OK;
}

rowan_status rowan__cached_layout(rowan__cache *cache, rowan__cached *cached,
                                  const rowan_table *shape, const rowan__layout **out,
                                  rowan_error *error)
{
    for (size_t i = 0; i < cached->layout_count; i++) {
        if (layout_serves(cached->layouts[i], shape)) {
            *out = cached->layout = cached->layouts[i];
            return ROWAN_OK;
        }
    }
    *out = NULL;
    rowan_status status = add_layout(cache, cached, shape, out, error);
    if (status == ROWAN_WRONG_TYPE && cached->pins == 0) {
        rowan__cache_drop(cache, cached);
    }
    return status;
}
