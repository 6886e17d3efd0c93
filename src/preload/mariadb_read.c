/*
 * libmariadb: how far the program goes in a stored result, and, of prepared statements, which
 * columns it has bound or fetched by themselves. What it reads of a row of text is not seen, as it
 * gets all of it at once; rows that are not stored are fetched by going to them.
 *
 * A program that reads rows without fetching them, out of the library's structures, is not told of.
 */
#include "preload/mariadb_hooks.h"

typedef struct followed {
    entry entry;
    uint64_t watched;
    uint64_t rows; /* that were read; those that are read again count again */
} followed;

static table results = {.entry_size = sizeof(followed)};

/* --- Texts. --- */

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

/* --- Prepared statements. --- */

void mariadb_statement_follow(mariadb_prepared *s, const MYSQL_STMT *stmt)
{
    if (mariadb_is_known() && stmt->result_callback == NULL) {
        s->watched = recording_watch(&s->recording);
        s->rows_read = s->columns_read = 0;
    }
}

void mariadb_statement_fetched(const MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_of(stmt);

    if (s != NULL) {
        s->rows_read++;
        s->columns_read |= s->bound;
    }
}

void mariadb_statement_follow_no_more(mariadb_prepared *s)
{
    s->rows_read = INT64_MAX;
    s->columns_read = UINT64_MAX;
}

void mariadb_statement_follow_end(mariadb_prepared *s)
{
    if (s->watched != 0 && (s->rows_read > 0 || s->recording.rows == 0)) {
        recorder_reads(s->watched, s->rows_read,
                       s->columns_read == 0 && s->rows_read > 0 ? UINT64_MAX : s->columns_read);
    }
    s->watched = 0;
}

/* Whether anything of a column gets to the program. */
static bool is_bound(const MYSQL_BIND *bind)
{
    if ((bind->flags & MADB_BIND_DUMMY) != 0) {
        return false;
    }
    return (bind->buffer != NULL && bind->buffer_type != MYSQL_TYPE_NULL) || bind->length != NULL ||
           bind->is_null != NULL || bind->error != NULL;
}

HOOK my_bool STDCALL mysql_stmt_bind_result(MYSQL_STMT *stmt, MYSQL_BIND *bnd)
{
    mariadb_prepared *s = mariadb_statement_of(stmt);

    if (s != NULL && bnd != NULL && mariadb_is_known()) {
        unsigned count = stmt->field_count < 64 ? stmt->field_count : 64;
        s->bound = 0;
        for (unsigned i = 0; i < count; i++) {
            s->bound |= is_bound(&bnd[i]) ? (uint64_t)1 << i : 0;
        }
    }
    return CALLED(mysql_stmt_bind_result)(stmt, bnd);
}

HOOK int STDCALL mysql_stmt_fetch_column(MYSQL_STMT *stmt, MYSQL_BIND *bind, unsigned int column,
                                         unsigned long offset)
{
    mariadb_prepared *s = mariadb_statement_of(stmt);

    if (s != NULL && column < 64) {
        s->columns_read |= (uint64_t)1 << column;
    }
    return CALLED(mysql_stmt_fetch_column)(stmt, bind, column, offset);
}
