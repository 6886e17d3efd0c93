/* A program's own library around SQLite: what it exports calls what it keeps to itself. */
#include "stack_wrap.h"

#include <stdlib.h>

static int step_all(sqlite3_stmt *statement, wrap_row *row, void *context)
{
    int rows = 0;

    while (sqlite3_step(statement) == SQLITE_ROW) { /* wrap: step */
        rows++;
        if (row != NULL) {
            row(context, sqlite3_column_int(statement, 0));
        }
    }
    return rows;
}

int wrap_all(sqlite3 *db, const char *sql, int value, wrap_row *row, void *context)
{
    sqlite3_stmt *statement;
    int rows;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        abort();
    }
    sqlite3_bind_int(statement, 1, value);
    rows = step_all(statement, row, context); /* wrap: all */
    sqlite3_finalize(statement);
    return rows;
}

int wrap_count(sqlite3 *db, const char *sql, int value)
{
    int rows = wrap_all(db, sql, value, NULL, NULL); /* wrap: count */

    __asm__ volatile(""); /* the call is none by a jump */
    return rows;
}

void wrap_each(wrap_call *call, sqlite3 *db, const char *sql, int value)
{
    call(db, sql, value);
    __asm__ volatile("");
}
