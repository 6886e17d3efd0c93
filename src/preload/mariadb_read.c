/*
 * libmariadb: how many rows of a stored result the program goes to. What it reads of a row is not
 * seen, as it gets all of it at once; rows that are not stored are fetched by going to them.
 */
#include "preload/mariadb_hooks.h"

typedef struct followed {
    entry entry;
    uint64_t watched;
    uint64_t rows; /* that were read; those that are read again count again */
} followed;

static table results = {.entry_size = sizeof(followed)};

void mariadb_follow(recording *r, const MYSQL_RES *result)
{
    uint64_t watched = recording_watch(r);
    followed *f = watched != 0 ? table_add(&results, result) : NULL;

    if (f != NULL) {
        f->watched = watched;
        f->rows = 0;
    }
}

void mariadb_follow_no_more(recording *r)
{
    if (r->watched != 0) {
        recorder_reads(r->watched, INT64_MAX, UINT64_MAX);
    }
}

void mariadb_follow_row(const MYSQL_RES *result)
{
    static _Thread_local followed *last;

    if (last == NULL ||
        atomic_load_explicit(&last->entry.handle, memory_order_relaxed) != (const void *)result) {
        followed *found = result != NULL ? table_find(&results, result) : NULL;
        if (found == NULL) {
            return;
        }
        last = found;
    }
    last->rows++;
}

static void tell(void *kept)
{
    followed *f = kept;

    recorder_reads(f->watched, f->rows, UINT64_MAX);
    table_remove(f);
}

void mariadb_follow_end(const MYSQL_RES *result)
{
    followed *f = result != NULL ? table_find(&results, result) : NULL;

    if (f != NULL) {
        tell(f);
    }
}

void mariadb_follow_end_all(void)
{
    table_each(&results, tell);
}
