/*
 * Provenance: a table from a value's key to the columns it was read from.
 *
 * The first rows of each result are kept exactly, with their row numbers, which show whether a loop
 * goes through them in order. The rest goes through one Bloom filter a column, which says
 * "perhaps"; with 800 values in 1 KiB one answer in a hundred is wrong, and beyond that the filter
 * is closed and the column counts as truncated. A value may have come from many columns, so the
 * table holds one entry for each; which column it was is decided by votes.
 */
#include <string.h>

#include "base/alloc.h"
#include "detector/detector_private.h"

enum {
    FIRST_ORIGINS = 256,
    MOST_ORIGINS = 16384,
    MOST_EXACT = 1024, /* values of one column, over all executions */
    MOST_SOURCES = 512,
    FILTER_WORDS = 128, /* of 64 bits: 1 KiB */
    FILTER_VALUES = 800,
    FILTER_PROBES = 4
};

void rowan__provenance_fini(rowan__provenance *provenance)
{
    for (size_t i = 0; i < provenance->source_count; i++) {
        rowan__free(provenance->allocator, provenance->sources[i].filter, FILTER_WORDS,
                    sizeof(uint64_t));
    }
    rowan__free(provenance->allocator, provenance->sources, provenance->source_capacity,
                sizeof *provenance->sources);
    rowan__free(provenance->allocator, provenance->origins, provenance->origin_capacity,
                sizeof *provenance->origins);
}

bool rowan__provenance_sources(rowan__provenance *provenance, const rowan_batch *batch,
                               uint32_t group, rowan__arena *arena, size_t *first)
{
    size_t columns = batch->column_count;

    *first = provenance->source_count;
    if (columns > ROWAN__WATCH_COLUMNS || provenance->source_count + columns > MOST_SOURCES) {
        return false;
    }
    for (size_t i = 0; i < columns; i++) {
        const char *name = batch->columns[i].name != NULL ? batch->columns[i].name : "";
        const char *copy = rowan__arena_text(arena, name, strnlen(name, ROWAN__WATCH_NAME));
        if (copy == NULL || !rowan__grow(provenance->allocator, (void **)&provenance->sources,
                                         &provenance->source_capacity, provenance->source_count,
                                         sizeof *provenance->sources)) {
            provenance->source_count = *first;
            return false;
        }
        provenance->sources[provenance->source_count++] =
            (rowan__source){.group = group, .column = (uint32_t)i, .name = copy};
    }
    return true;
}

/** Puts an entry into a table that has room; the first row of a value is kept. */
static bool put(rowan__origin *origins, size_t capacity, rowan__origin origin)
{
    size_t i = (size_t)origin.key & (capacity - 1);

    while (origins[i].key != 0) {
        if (origins[i].key == origin.key && origins[i].source == origin.source) {
            return false;
        }
        i = (i + 1) & (capacity - 1);
    }
    origins[i] = origin;
    return true;
}

/** Makes room for one more entry, three quarters of the table at most. */
static bool reserve_origin(rowan__provenance *provenance)
{
    size_t capacity = provenance->origin_capacity;
    size_t wanted = capacity == 0 ? FIRST_ORIGINS : capacity * 2;
    rowan__origin *origins;

    if ((provenance->origin_count + 1) * 4 <= capacity * 3) {
        return true;
    }
    if (wanted > MOST_ORIGINS) {
        return false;
    }
    origins = rowan__new(provenance->allocator, wanted, sizeof *origins);
    if (origins == NULL) {
        return false;
    }
    for (size_t i = 0; i < capacity; i++) {
        if (provenance->origins[i].key != 0) {
            put(origins, wanted, provenance->origins[i]);
        }
    }
    rowan__free(provenance->allocator, provenance->origins, capacity, sizeof *origins);
    provenance->origins = origins;
    provenance->origin_capacity = wanted;
    return true;
}

static void add_exactly(rowan__provenance *provenance, uint32_t source, uint64_t key)
{
    rowan__origin origin = {key, provenance->sources[source].rows, source};
    bool is_new;

    if (provenance->sources[source].exact >= MOST_EXACT) {
        provenance->sources[source].is_truncated = true;
        return;
    }
    if (!reserve_origin(provenance)) {
        provenance->sources[source].is_starved = true;
        provenance->sources[source].is_truncated = true;
        return;
    }
    is_new = put(provenance->origins, provenance->origin_capacity, origin);
    provenance->origin_count += is_new;
    provenance->sources[source].exact += is_new;
}

static size_t probe(uint64_t key, unsigned i)
{
    uint64_t step = (key >> 32) | 1;

    return (size_t)((key + i * step * 0x9E3779B97F4A7C15u) >> 20) % (FILTER_WORDS * 64);
}

static bool filter_has(const uint64_t *filter, uint64_t key)
{
    for (unsigned i = 0; i < FILTER_PROBES; i++) {
        size_t bit = probe(key, i);
        if ((filter[bit / 64] >> (bit % 64) & 1) == 0) {
            return false;
        }
    }
    return true;
}

static void add_to_filter(rowan__provenance *provenance, rowan__source *source, uint64_t key)
{
    if (source->filter == NULL) {
        source->filter = rowan__new(provenance->allocator, FILTER_WORDS, sizeof(uint64_t));
    }
    if (source->filter == NULL || source->filtered >= FILTER_VALUES) {
        source->is_truncated = true;
        source->is_starved = source->is_starved || source->filter == NULL;
        return;
    }
    if (filter_has(source->filter, key)) {
        return;
    }
    for (unsigned i = 0; i < FILTER_PROBES; i++) {
        size_t bit = probe(key, i);
        source->filter[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
    source->filtered++;
}

static bool is_echo(uint64_t key, const uint64_t *echoes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (echoes[i] == key) {
            return true;
        }
    }
    return false;
}

/** Whether a source takes no more values: further rows of it need not be read. */
static bool is_closed(const rowan__source *source, size_t row, unsigned exact)
{
    return source->is_truncated && (row >= exact || source->exact >= MOST_EXACT);
}

void rowan__row_keys_read(const rowan_batch *batch, rowan__row_keys *out)
{
    out->count =
        batch->column_count < ROWAN__WATCH_COLUMNS ? batch->column_count : ROWAN__WATCH_COLUMNS;
    out->tell = 0;
    for (size_t c = 0; c < out->count; c++) {
        bool tells;
        out->at[c] = rowan__key_cell(batch, &batch->columns[c], batch->rows, &tells);
        out->tell |= (uint64_t)tells << c;
    }
}

/** What of one row is to be remembered. */
typedef struct taken {
    size_t first;  /* source */
    size_t number; /* of the row in its execution */
    unsigned exact;
    const uint64_t *echoes;
    size_t echo_count;
} taken;

static void add_value(rowan__provenance *provenance, const taken *row, size_t column, uint64_t key)
{
    if (is_echo(key, row->echoes, row->echo_count)) {
        return; /* what the statement was given is not where it came from */
    }
    if (row->number < row->exact) {
        add_exactly(provenance, (uint32_t)(row->first + column), key);
    } else {
        add_to_filter(provenance, &provenance->sources[row->first + column], key);
    }
}

/** Remembers the first row of a batch, whose keys are known. */
static bool add_head(rowan__provenance *provenance, const rowan__row_keys *head, const taken *row)
{
    rowan__source *source = &provenance->sources[row->first];
    bool any_open = false;

    for (size_t c = 0; c < head->count; c++, source++) {
        if (!is_closed(source, row->number, row->exact)) {
            any_open = true;
            if ((head->tell >> c & 1) != 0) {
                add_value(provenance, row, c, head->at[c]);
            }
            source->rows++;
        }
    }
    return any_open;
}

/** Remembers a further row. @return whether a column of it is still open. */
static bool add_row(rowan__provenance *provenance, const rowan_batch *batch, const char *at,
                    const taken *row)
{
    rowan__source *source = &provenance->sources[row->first];
    bool any_open = false;

    for (size_t c = 0; c < batch->column_count; c++, source++) {
        bool tells;
        if (is_closed(source, row->number, row->exact)) {
            continue;
        }
        any_open = true;
        uint64_t key = rowan__key_cell(batch, &batch->columns[c], at, &tells);
        if (tells) {
            add_value(provenance, row, c, key);
        }
        source->rows++;
    }
    return any_open;
}

static void count_dropped(rowan__provenance *provenance, size_t first, const rowan_batch *batch)
{
    for (size_t c = 0; c < batch->column_count; c++) {
        if (provenance->sources[first + c].is_starved) {
            provenance->dropped_rows += batch->row_count;
            return;
        }
    }
}

void rowan__provenance_add(rowan__provenance *provenance, const rowan_batch *batch,
                           const rowan__row_keys *head, size_t first, uint64_t sequence, size_t row,
                           unsigned exact, const uint64_t *echoes, size_t echo_count)
{
    taken one = {first, row, exact, echoes, echo_count};
    bool any_open;

    for (size_t c = 0; c < batch->column_count; c++) {
        rowan__source *source = &provenance->sources[first + c];
        source->first_sequence = source->first_sequence ? source->first_sequence : sequence;
        source->last_sequence = sequence;
    }
    any_open = add_head(provenance, head, &one);
    for (size_t i = 1; i < batch->row_count && any_open; i++) {
        one.number++;
        any_open = add_row(provenance, batch, batch->rows + i * batch->row_size, &one);
    }
    count_dropped(provenance, first, batch);
}

void rowan__provenance_close(rowan__provenance *provenance, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        provenance->sources[i].is_truncated = true;
    }
}

size_t rowan__provenance_find(const rowan__provenance *provenance, uint64_t key, rowan__hit *hits,
                              size_t max)
{
    size_t count = 0, mask = provenance->origin_capacity - 1;

    for (size_t i = (size_t)key & mask;
         provenance->origin_capacity > 0 && provenance->origins[i].key != 0 && count < max;
         i = (i + 1) & mask) {
        const rowan__origin *origin = &provenance->origins[i];
        if (origin->key == key) {
            hits[count++] = (rowan__hit){origin->source, true, origin->row};
        }
    }
    for (size_t s = 0; s < provenance->source_count && count < max; s++) {
        const rowan__source *source = &provenance->sources[s];
        if (source->filter != NULL && filter_has(source->filter, key)) {
            hits[count++] = (rowan__hit){(uint32_t)s, false, 0};
        }
    }
    return count;
}
