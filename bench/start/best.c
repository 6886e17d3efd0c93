/* The floor: a program that calls SQLite itself. */
#include <sqlite3.h>

#include "start.h"

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int status = EXIT_FAILURE;

    if (argc == 2 &&
        sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
            SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT id, name, hair_colour FROM person WHERE id = 1", -1,
                           &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        status = start_done((const char *)sqlite3_column_text(statement, 1));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return status;
}
