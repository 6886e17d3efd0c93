/*
 * Chunks of rows as libpq 17 has them.
 *
 * Three of the driver's functions are replaced in its table. What a chunk is not: those who wait
 * for it by PQisBusy() have waited for its first row only.
 */
#include "support/chunks.h"

#include <check.h>

#include "driver/postgresql/library.h"

#ifdef ROWAN_LINK_CLIENTS

bool chunks_switch(bool on)
{
    return !on;
}

size_t chunks_made(void)
{
    return 0;
}

#else

static int rows_of_each; /* 0: what runs is not divided */
static size_t made;
static PGresult *ahead;       /* came behind the rows of a chunk */
static const PGresult *chunk; /* given last */

static int set_chunks(PGconn *pg, int rows)
{
    rows_of_each = rows;
    return PQsetSingleRowMode(pg);
}

static void add_row(PGresult *to, const PGresult *from)
{
    int row = PQntuples(to);

    for (int i = 0; i < PQnfields(from); i++) {
        bool is_null = PQgetisnull(from, 0, i);
        ck_assert_int_eq(PQsetvalue(to, row, i, is_null ? NULL : PQgetvalue(from, 0, i),
                                    is_null ? -1 : PQgetlength(from, 0, i)),
                         1);
    }
}

static PGresult *give(PGresult *rows)
{
    made++;
    chunk = rows;
    return rows;
}

/* As libpq, which throws away the rows of a chunk that came before an error. */
static PGresult *end_chunk(PGresult *rows, PGresult *behind)
{
    if (rows && PQresultStatus(behind) != PGRES_FATAL_ERROR) {
        ahead = behind;
        return give(rows);
    }
    PQclear(rows);
    rows_of_each = behind ? rows_of_each : 0;
    return behind;
}

static PGresult *get_chunk(PGconn *pg)
{
    PGresult *rows = NULL;

    do {
        PGresult *result = ahead ? ahead : PQgetResult(pg);
        ahead = NULL;
        if (PQresultStatus(result) != PGRES_SINGLE_TUPLE) {
            return end_chunk(rows, result);
        }
        rows = rows ? rows : PQcopyResult(result, PG_COPYRES_ATTRS);
        ck_assert_ptr_nonnull(rows);
        add_row(rows, result);
        PQclear(result);
    } while (PQntuples(rows) < rows_of_each);
    return give(rows);
}

static PGresult *get_result(PGconn *pg)
{
    chunk = NULL;
    return rows_of_each > 0 ? get_chunk(pg) : PQgetResult(pg);
}

static ExecStatusType result_status(const PGresult *result)
{
    return result && result == chunk ? PGRES_TUPLES_CHUNK : PQresultStatus(result);
}

bool chunks_switch(bool on)
{
    static rowan__postgresql_client installed;

    ck_assert(rowan__postgresql_functions.PQgetResult != NULL);
    if (!installed.PQgetResult) {
        installed = rowan__postgresql_functions;
    }
    rowan__postgresql_functions = installed;
    made = 0;
    if (on) {
        rowan__postgresql_functions.PQsetChunkedRowsMode = set_chunks;
        rowan__postgresql_functions.PQgetResult = get_result;
        rowan__postgresql_functions.PQresultStatus = result_status;
    }
    return true;
}

size_t chunks_made(void)
{
    return made;
}

#endif
