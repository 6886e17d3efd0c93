/*
 * Blocks: the rows of one result and what is known of them.
 *
 * The index of a scope is an array of blocks sorted by the address of their rows. The arena gives
 * rising addresses within a chunk, so that a new block mostly goes to the end of its chunk's run.
 * Most blocks are never looked for: they are sorted in when one is that is not found.
 */
#include "database/block.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/straight.h"
#include "database/database_private.h"

void rowan__block_index_init(rowan__block_index *index)
{
    memset(index, 0, sizeof *index);
    index->next_order = 1;
}

void rowan__block_index_fini(rowan__block_index *index, const rowan_allocator *allocator)
{
    rowan__free(allocator, index->at, index->capacity, sizeof(rowan__block *));
}

/* Number of sorted blocks whose rows begin at or before an address. */
static size_t blocks_up_to(const rowan__block_index *index, uintptr_t address)
{
    size_t low = 0;
    size_t high = index->sorted;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)index->at[middle]->rows <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static inline bool has_row(const rowan__block *block, const void *row)
{
    return (uintptr_t)row - (uintptr_t)block->rows < block->bytes;
}

static inline bool is_at(const rowan__block_index *index, size_t place, const void *row)
{
    return place < index->sorted && has_row(index->at[place], row);
}

/* Whether an address is among the rows of a sorted block, and where that is. */
static bool search(const rowan__block_index *index, const void *row, size_t *place)
{
    *place = blocks_up_to(index, (uintptr_t)row) - 1; /* of none it is behind all */
    return is_at(index, *place, row);
}

/* Sorts in what was made since the last time. */
static void sort(rowan__block_index *index)
{
    for (; index->sorted < index->count; index->sorted++) {
        rowan__block *block = index->at[index->sorted];
        size_t place = index->sorted;
        if (place > 0 && index->at[place - 1]->rows > block->rows) {
            place = blocks_up_to(index, (uintptr_t)block->rows);
            memmove(index->at + place + 1, index->at + place,
                    (index->sorted - place) * sizeof(rowan__block *));
            index->at[place] = block;
        }
    }
}

/* The block whose rows an address is among, or NULL. Mostly it is asked for in the order in which
 * rows came. */
static inline rowan__block *find_block(rowan__block_index *index, const void *row)
{
    if (index->newest && has_row(index->newest, row)) {
        return index->newest;
    }
    if (is_at(index, index->found, row)) {
        return index->at[index->found];
    }
    if (is_at(index, index->found + 1, row)) {
        return index->at[++index->found];
    }
    bool is_there = search(index, row, &index->found);
    if (!is_there && index->sorted < index->count) {
        sort(index);
        is_there = search(index, row, &index->found);
    }
    return is_there ? index->at[index->found] : NULL;
}

static bool index_add(rowan__block_index *index, const rowan_allocator *allocator,
                      rowan__block *block)
{
    bool grown = index->count < index->capacity ||
                 rowan__grow(allocator, (void **)&index->at, &index->capacity, index->count,
                             sizeof(rowan__block *));
    if (grown) {
        index->at[index->count] = index->newest = block;
        index->first_order = index->count++ == 0 ? block->order : index->first_order;
    }
    return grown;
}

void rowan__block_index_rewind(rowan__block_index *index, uint64_t order)
{
    size_t kept = 0, sorted = 0, some = index->first_order < order ? index->count : 0;

    if (index->next_order == order) {
        return;
    }
    for (size_t i = 0; i < some; i++) {
        if (index->at[i]->order < order) {
            index->at[kept++] = index->at[i];
            sorted += i < index->sorted ? 1 : 0;
        }
    }
    index->count = kept;
    index->sorted = sorted;
    index->newest = NULL;
}

/* A block and, behind it, room for the originals of its rows. NULL: out of memory. */
static inline rowan__block *make(rowan__arena *arena, size_t bytes, size_t row_align)
{
    size_t align = _Alignof(rowan__block), before = sizeof(rowan__block), size;

    if (row_align > align) {
        align = row_align;
        before = (before + align - 1) & ~(align - 1);
    }
    if (__builtin_add_overflow(before, bytes, &size)) {
        return NULL;
    }
    rowan__block *block = rowan__arena_alloc(arena, size, align);
    if (block) {
        block->originals = (char *)block + before;
    }
    return block;
}

rowan_status rowan__block_new(rowan_scope *scope, const rowan_table *table, void *rows,
                              size_t count, const uint64_t columns[4], rowan_lazy lazy,
                              rowan__block **out)
{
    size_t bytes = count * table->row_size;
    rowan__block *block = make(&scope->arena, bytes, table->row_align);

    assert(table->name != NULL); /* a shape without a name may be gone after the call */
    *out = NULL;
    if (!block) {
        return rowan__scope_nomem(scope);
    }
    block->table = table;
    block->rows = rows;
    block->count = count;
    block->bytes = bytes;
    memcpy(block->columns, columns, sizeof block->columns);
    block->states = NULL;
    block->session = NULL;
    block->attached = NULL;
    block->fetched = NULL;
    block->lazy = lazy;
    block->site = scope->event.site;
    block->peers = block;
    block->order = scope->blocks.next_order++;
    if (!index_add(&scope->blocks, &scope->db->allocator, block)) {
        return rowan__scope_nomem(scope);
    }
    *out = block;
    rowan__bytes_copy(block->originals, rows, bytes);
    return ROWAN_OK;
}

uint64_t rowan__blocks_order(const rowan_scope *scope)
{
    return scope->blocks.next_order;
}

void rowan__blocks_forget(rowan_scope *scope, uint64_t order)
{
    rowan__block_index_rewind(&scope->blocks, order);
}

/* Why an address is no row; @p block, if any, is the one that it is in. */
RARE rowan_status refuse(rowan_scope *scope, const void *row, const rowan__block *block)
{
    if (!scope || !row) {
        return rowan__refuse_null(scope, "the row");
    }
    if (!block) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "the row was not loaded by this scope: a copy of a row is no "
                                 "record, and a row of another scope is to be loaded in this one");
    }
    return rowan__scope_fail(scope, ROWAN_MISUSE,
                             "the address is inside a row of \"%.60s\", not its start",
                             block->table->name ? block->table->name : "a shape");
}

rowan_status rowan__block_find(rowan_scope *scope, const void *row, rowan__block **out,
                               size_t *index)
{
    rowan__block *block = scope && row ? find_block(&scope->blocks, row) : NULL;
    size_t offset = block ? (size_t)((const char *)row - block->rows) : 0;

    *out = NULL;
    if (!block || offset % block->table->row_size != 0) {
        return refuse(scope, row, block);
    }
    *out = block;
    if (index) {
        *index = offset / block->table->row_size;
    }
    return ROWAN_OK;
}

rowan__attached *rowan__block_attach(rowan_scope *scope, rowan__block *block,
                                     const rowan_relation *relation)
{
    if (!block->attached) {
        block->attached = rowan__arena_new(&scope->arena, block->table->relation_count,
                                           sizeof *block->attached, _Alignof(rowan__attached));
    }
    return block->attached ? &block->attached[relation->index] : NULL;
}
