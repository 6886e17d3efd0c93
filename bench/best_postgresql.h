/* What the files of PostgreSQL's best floor share. */
#ifndef ROWAN_BENCH_BEST_POSTGRESQL_H
#define ROWAN_BENCH_BEST_POSTGRESQL_H

#include <libpq-fe.h>
#include <string.h>

#include "bench.h"
#include "floor.h"

typedef enum best_statement {
    BEST_BEGIN,
    BEST_COMMIT,
    BEST_LOAD,
    BEST_JOIN,
    BEST_FIND,
    BEST_FILTER,
    BEST_POSTS,
    BEST_COMMENTS,
    BEST_POSTS_OF_ONE,
    BEST_COMMENTS_OF_ONE,
    BEST_DECLARE,
    BEST_FETCH,
    BEST_INSERT_ONE,
    BEST_INSERT,
    BEST_SAVE,
    BEST_UPDATE,
    BEST_STATEMENT_COUNT
} best_statement;

enum { BEST_MOST_PARAMETERS = 5 };

typedef struct best {
    floor_kept kept; /* first */
    PGconn *pg;
    bool prepared[BEST_STATEMENT_COUNT];
    floor_list results;  /* of PGresult *: texts of the rows lie in them */
    floor_list encoding; /* of char: parameters and rows to copy */
} best;

/** What a statement is sent with: all of it in binary. */
typedef struct best_parameters {
    int count;
    int sizes[BEST_MOST_PARAMETERS];
    const char *values[BEST_MOST_PARAMETERS]; /* NULL for SQL's NULL */
    int64_t integers[BEST_MOST_PARAMETERS];   /* in the server's byte order */
} best_parameters;

static inline int64_t best_int8(const char *data)
{
    uint64_t bits;

    memcpy(&bits, data, sizeof bits);
    return (int64_t)__builtin_bswap64(bits);
}

static inline void best_add_text(best_parameters *p, const char *text)
{
    p->sizes[p->count] = text ? (int)strlen(text) : 0;
    p->values[p->count++] = text;
}

static inline void best_add_bytes(best_parameters *p, const char *bytes, size_t size)
{
    p->sizes[p->count] = (int)size;
    p->values[p->count++] = bytes;
}

static inline void best_add_int(best_parameters *p, int64_t value)
{
    p->integers[p->count] = (int64_t)__builtin_bswap64((uint64_t)value);
    best_add_bytes(p, (const char *)&p->integers[p->count], sizeof value);
}

/** Sends a statement, which is prepared first if it was not yet. */
bool pg_prepare(best *state, best_statement which);
bool pg_send(best *state, best_statement which, const best_parameters *parameters);

/** The next result, which is kept until the rows are given back; NULL if it is not as wanted. */
PGresult *pg_take(best *state, ExecStatusType wanted);

/** As pg_take(), for a result whose rows nobody wants. */
bool pg_skip(best *state, ExecStatusType wanted);

/** The NULL behind a statement's last result. */
bool pg_end(best *state);

/** Runs a statement that has neither parameters nor rows. */
bool pg_run(best *state, best_statement which);

/** Ends a pipeline: its point of synchronisation is the next result. */
bool pg_leave_pipeline(best *state, bool good);

/** Adds the people of a result to the rows. */
bool pg_read_people(best *state, const PGresult *result);

bool pg_fail(best *state);

bool pg_insert(best *state, const bench_task *task);
bool pg_save(best *state, const bench_task *task);
bool pg_copy(best *state, const bench_task *task);
bool pg_update(best *state, const bench_task *task);

#endif
