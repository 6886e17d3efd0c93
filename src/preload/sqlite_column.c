/*
 * SQLite: which columns the program reads. A row is there until the next step, so all is known when
 * the statement ends. Whoever asks for a value as such (sqlite3_column_value) may read it later,
 * and whoever asks for its type or size has looked at it: each of them counts.
 */
#include "preload/sqlite_hooks.h"

static void note(sqlite3_stmt *handle, int column)
{
    statement *s = sqlite_statement(handle);

    if (s != NULL && column >= 0 && column < 64) {
        s->recording.read |= (uint64_t)1 << column;
    }
}

HOOK const void *sqlite3_column_blob(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_blob)(handle, iCol);
}

HOOK int sqlite3_column_bytes(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_bytes)(handle, iCol);
}

HOOK int sqlite3_column_bytes16(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_bytes16)(handle, iCol);
}

HOOK double sqlite3_column_double(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_double)(handle, iCol);
}

HOOK int sqlite3_column_int(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_int)(handle, iCol);
}

HOOK sqlite3_int64 sqlite3_column_int64(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_int64)(handle, iCol);
}

HOOK const unsigned char *sqlite3_column_text(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_text)(handle, iCol);
}

HOOK const void *sqlite3_column_text16(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_text16)(handle, iCol);
}

HOOK int sqlite3_column_type(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_type)(handle, iCol);
}

HOOK sqlite3_value *sqlite3_column_value(sqlite3_stmt *handle, int iCol)
{
    note(handle, iCol);
    return CALLED(sqlite3_column_value)(handle, iCol);
}
