/*
 * Where rows go: a growing array of structs in an arena, and the functions by which a driver
 * puts one value into one member. All three drivers store through these, so that a value that
 * does not fit gives the same error on every engine.
 */
#ifndef ROWAN_MODEL_SINK_H
#define ROWAN_MODEL_SINK_H

#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "model/layout.h"

typedef struct rowan__sink {
    rowan__arena *arena; /* of rows, texts and blobs */
    const rowan__layout *layout;
    char *rows; /* count rows of layout->row_size bytes */
    size_t count;
    size_t ready;       /* rows that are there and zeroed, the counted ones among them */
    size_t capacity;    /* rows that there is room for */
    uint64_t bytes;     /* of the values put */
    rowan_error *error; /* where a put reports */
} rowan__sink;

/** Room for @p rows more rows behind the present ones, all zeroed; moves them if needed.
 * ROWAN_NOMEM. */
rowan_status rowan__sink_reserve(rowan__sink *sink, size_t rows);

/** Room for as many, if they come: nothing is written to it before. */
rowan_status rowan__sink_expect(rowan__sink *sink, size_t rows);

/** Forgets its rows, whose memory is the arena's. */
static inline void rowan__sink_reset(rowan__sink *sink)
{
    sink->rows = NULL;
    sink->count = sink->ready = sink->capacity = 0;
}

/** The same for the first row, which mostly is the only one. NULL: no memory. */
static inline char *rowan__sink_first(rowan__sink *sink)
{
    const rowan__layout *layout = sink->layout;
    char *row = rowan__arena_alloc(sink->arena, layout->row_size, layout->row_align);

    if (!row) {
        (void)rowan__fail_nomem(sink->error);
        return NULL;
    }
    sink->rows = row;
    sink->ready = sink->capacity = 1;
    return memset(row, 0, layout->row_size);
}

/** The next row, zeroed; count it when it is complete. NULL: no memory. */
static inline char *rowan__sink_row(rowan__sink *sink)
{
    if (sink->count == sink->ready) {
        if (sink->capacity == 0) {
            return rowan__sink_first(sink);
        }
        if (rowan__sink_reserve(sink, 1) != ROWAN_OK) {
            return NULL;
        }
    }
    return sink->rows + sink->count * sink->layout->row_size;
}

/** A copy of a text in the arena, with a NUL behind it; NULL if there is one inside, or no memory.
 */
static inline char *rowan__sink_text(rowan__sink *sink, const char *data, size_t size)
{
    char *copy = rowan__arena_alloc(sink->arena, size + 1, 1);

    return copy && rowan__bytes_copy_text(copy, data, size) ? copy : NULL;
}

/*
 * Puts. Each returns ROWAN_OK, or fills sink->error, naming the column. The row's memory is
 * zeroed before.
 */
rowan_status rowan__put_null(rowan__sink *sink, const rowan__cell *cell, char *row);
/** An integer into BOOL (0 or 1), INT16, INT32, INT64, FLOAT or DOUBLE (if exact). */
rowan_status rowan__put_int(rowan__sink *sink, const rowan__cell *cell, char *row, int64_t value);
/** A real into FLOAT (if it was one) or DOUBLE, or into an integer type if it is whole and fits. */
rowan_status rowan__put_real(rowan__sink *sink, const rowan__cell *cell, char *row, double value);
/**
 * Text into TEXT, DECIMAL, JSON, ENUM (its label); also parsed into DATE, TIME, TIMESTAMP, UUID.
 */
rowan_status rowan__put_text(rowan__sink *sink, const rowan__cell *cell, char *row,
                             const char *data, size_t size);
rowan_status rowan__put_blob(rowan__sink *sink, const rowan__cell *cell, char *row,
                             const void *data, size_t size);
rowan_status rowan__put_date(rowan__sink *sink, const rowan__cell *cell, char *row,
                             rowan_date date);
rowan_status rowan__put_time(rowan__sink *sink, const rowan__cell *cell, char *row,
                             rowan_time time);
rowan_status rowan__put_timestamp(rowan__sink *sink, const rowan__cell *cell, char *row,
                                  rowan_timestamp timestamp);
rowan_status rowan__put_uuid(rowan__sink *sink, const rowan__cell *cell, char *row,
                             const uint8_t *bytes);

#endif
