#ifndef STACK_WRAP_H
#define STACK_WRAP_H

#include <sqlite3.h>

typedef void wrap_row(void *context, int first);
typedef void wrap_call(sqlite3 *db, const char *sql, int value);

/** Calls @p row for each row. @return how many there were */
int wrap_all(sqlite3 *db, const char *sql, int value, wrap_row *row, void *context);
int wrap_count(sqlite3 *db, const char *sql, int value);

/** As an interpreter does: calls what it knows nothing of. */
void wrap_each(wrap_call *call, sqlite3 *db, const char *sql, int value);

#endif
