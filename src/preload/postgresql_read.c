/*
 * libpq: what the program reads of a result. A column counts as read when its value is asked for in
 * any row; rows are read up to the last that is asked for. A result may be read by several threads,
 * and after its statement has ended, so that is told when the program lets go of it.
 */
#include "preload/postgresql_hooks.h"

typedef struct followed {
    entry entry;
    uint64_t watched;
    atomic_int rows; /* that were read */
    atomic_uint_fast64_t columns;
} followed;

static table results = {.entry_size = sizeof(followed)};

void postgresql_follow(recording *r, const PGresult *result)
{
    uint64_t watched = recording_watch(r);
    followed *f;

    if (REAL(PQntuples)(result) == 0) {
        recorder_reads(watched, 0, 0);
        return;
    }
    f = watched != 0 ? table_add(&results, result) : NULL;
    if (f != NULL) {
        f->watched = watched;
        atomic_store_explicit(&f->rows, 0, memory_order_relaxed);
        atomic_store_explicit(&f->columns, 0, memory_order_relaxed);
    }
}

void postgresql_follow_no_more(recording *r)
{
    if (r->watched != 0) {
        recorder_reads(r->watched, INT64_MAX, UINT64_MAX);
    }
}

static void tell(void *kept)
{
    followed *f = kept;

    recorder_reads(f->watched, (uint64_t)atomic_load_explicit(&f->rows, memory_order_relaxed),
                   atomic_load_explicit(&f->columns, memory_order_relaxed));
    table_remove(f);
}

void postgresql_follow_end(void)
{
    table_each(&results, tell);
}

static followed *followed_of(const PGresult *result)
{
    static _Thread_local followed *last;

    if (last == NULL ||
        atomic_load_explicit(&last->entry.handle, memory_order_relaxed) != (const void *)result) {
        followed *found = result != NULL ? table_find(&results, result) : NULL;
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
        tell(f);
    }
    CALLED(PQclear)(res);
}
