/*
 * libpq: what the program reads of a result. A column counts as read when its value is asked for in
 * any row; rows are read up to the last that is asked for. A result may be read by several threads,
 * and after its statement has ended, so that is told when the program lets go of it.
 *
 * Rows that come one by one, or a few at a time, are a result each: what is read of them is put
 * together, and told when the program has let go of the last and the statement has ended.
 *
 * There are programs that read results without calling anything: they know how libpq lays them out.
 * A result of which nothing was asked for is one that nobody read only if the program is known to
 * ask.
 */
#include "preload/postgresql_hooks.h"

#include "base/alloc.h"

struct postgresql_stream {
    uint64_t watched;
    atomic_uint holders; /* results that are there, and the statement until it ends */
    atomic_uint_fast64_t rows, columns;
};

typedef struct followed {
    entry entry;
    uint64_t watched; /* 0: it is of a stream */
    postgresql_stream *stream;
    atomic_int rows; /* that were read */
    atomic_uint_fast64_t columns;
} followed;

static table results = {.entry_size = sizeof(followed)};
static atomic_bool asks; /* the program does, by the functions below */

/* --- Following. --- */

static void tell(uint64_t watched, uint64_t rows, uint64_t columns)
{
    if (rows > 0 || atomic_load_explicit(&asks, memory_order_relaxed)) {
        recorder_reads(watched, rows, columns);
    }
}

static void follow(const PGresult *result, uint64_t watched, postgresql_stream *stream)
{
    followed *f = table_add(&results, result);

    if (f != NULL) {
        f->watched = watched;
        f->stream = stream;
        atomic_store_explicit(&f->rows, 0, memory_order_relaxed);
        atomic_store_explicit(&f->columns, 0, memory_order_relaxed);
    } else if (stream != NULL) {
        postgresql_stream_end(stream);
    }
}

void postgresql_follow(recording *r, const PGresult *result)
{
    uint64_t watched = recording_watch(r);

    if (REAL(PQntuples)(result) == 0) {
        recorder_reads(watched, 0, 0);
    } else if (watched != 0) {
        follow(result, watched, NULL);
    }
}

void postgresql_follow_no_more(recording *r)
{
    if (r->watched != 0) {
        recorder_reads(r->watched, INT64_MAX, UINT64_MAX);
    }
}

postgresql_stream *postgresql_stream_new(recording *r)
{
    uint64_t watched = recording_watch(r);
    postgresql_stream *stream =
        watched != 0 ? rowan__new(&rowan__default_allocator, 1, sizeof *stream) : NULL;

    if (stream != NULL) {
        stream->watched = watched;
        atomic_init(&stream->holders, 1);
    }
    return stream;
}

void postgresql_stream_follow(postgresql_stream *stream, const PGresult *result)
{
    if (stream != NULL && REAL(PQntuples)(result) > 0) {
        atomic_fetch_add(&stream->holders, 1);
        follow(result, 0, stream);
    }
}

void postgresql_stream_end(postgresql_stream *stream)
{
    if (stream != NULL && atomic_fetch_sub(&stream->holders, 1) == 1) {
        tell(stream->watched, atomic_load(&stream->rows), atomic_load(&stream->columns));
        rowan__free(&rowan__default_allocator, stream, 1, sizeof *stream);
    }
}

static void let_go(void *kept)
{
    followed *f = kept;
    uint64_t rows = (uint64_t)atomic_load_explicit(&f->rows, memory_order_relaxed);
    uint64_t columns = atomic_load_explicit(&f->columns, memory_order_relaxed);
    postgresql_stream *stream = f->stream;
    uint64_t watched = f->watched;

    table_remove(f);
    if (stream != NULL) {
        atomic_fetch_add(&stream->rows, rows);
        atomic_fetch_or(&stream->columns, columns);
        postgresql_stream_end(stream);
    } else {
        tell(watched, rows, columns);
    }
}

void postgresql_follow_end(void)
{
    table_each(&results, let_go);
}

/* --- Reading. --- */

static followed *followed_of(const PGresult *result)
{
    static _Thread_local followed *last;

    if (result == NULL) {
        return NULL; /* as the handle of what is free is */
    }
    if (last == NULL ||
        atomic_load_explicit(&last->entry.handle, memory_order_relaxed) != (const void *)result) {
        followed *found = table_find(&results, result);
        if (found == NULL) {
            return NULL;
        }
        last = found;
    }
    return last;
}

/* Most of the time nothing is new, and nothing is written. */
static void note(const PGresult *result, int row, uint64_t columns)
{
    followed *f = followed_of(result);

    if (f == NULL) {
        return;
    }
    if (row >= atomic_load_explicit(&f->rows, memory_order_relaxed)) {
        atomic_store_explicit(&f->rows, row + 1, memory_order_relaxed);
    }
    if ((atomic_load_explicit(&f->columns, memory_order_relaxed) & columns) != columns) {
        atomic_fetch_or_explicit(&f->columns, columns, memory_order_relaxed);
        atomic_store_explicit(&asks, true, memory_order_relaxed);
    }
}

static uint64_t bit(int column)
{
    return column >= 0 && column < 64 ? (uint64_t)1 << column : 0;
}

HOOK char *PQgetvalue(const PGresult *res, int tup_num, int field_num)
{
    note(res, tup_num, bit(field_num));
    return CALLED(PQgetvalue)(res, tup_num, field_num);
}

HOOK int PQgetlength(const PGresult *res, int tup_num, int field_num)
{
    note(res, tup_num, bit(field_num));
    return CALLED(PQgetlength)(res, tup_num, field_num);
}

HOOK int PQgetisnull(const PGresult *res, int tup_num, int field_num)
{
    note(res, tup_num, bit(field_num));
    return CALLED(PQgetisnull)(res, tup_num, field_num);
}

/* What becomes of the copy is not followed. */
HOOK PGresult *PQcopyResult(const PGresult *src, int flags)
{
    note(src, src != NULL ? CALLED(PQntuples)(src) - 1 : 0, UINT64_MAX);
    return REAL(PQcopyResult)(src, flags);
}

HOOK void PQclear(PGresult *res)
{
    followed *f = res != NULL ? table_find(&results, res) : NULL;

    if (f != NULL) {
        let_go(f);
    }
    CALLED(PQclear)(res);
}
