/* SQLite's connections. One is told of when it is first used, by the file that it opened. */
#include "preload/sqlite_hooks.h"

typedef struct connection {
    entry entry;
    uint32_t id;
} connection;

static table connections = {.entry_size = sizeof(connection)};

uint32_t sqlite_connection(sqlite3 *db)
{
    connection *c = table_find(&connections, db);
    const char *file;

    if (c == NULL) {
        c = table_add(&connections, db);
        file = REAL(sqlite3_db_filename)(db, "main");
        if (c == NULL) {
            return 0;
        }
        c->id = recorder_connection(RECORDER_SQLITE,
                                    file != NULL && file[0] != '\0' ? file : ":memory:");
    }
    return c->id;
}

/* Before it is closed: right after that, another may have its address. */
static uint32_t forget(sqlite3 *db)
{
    connection *c = db != NULL ? table_find(&connections, db) : NULL;
    uint32_t id = c != NULL ? c->id : 0;

    if (c != NULL) {
        table_remove(c);
    }
    return id;
}

static void remember(sqlite3 *db, uint32_t id)
{
    connection *c = id != 0 ? table_add(&connections, db) : NULL;

    if (c != NULL) {
        c->id = id;
    }
}

static int close_with(int (*real)(sqlite3 *), sqlite3 *db, const void *caller)
{
    uint32_t id = forget(db);
    sqlite_call before;
    int result;

    (void)sqlite_enter(caller, &before);
    result = real(db);
    sqlite_leave(&before);
    if (result != SQLITE_OK) {
        remember(db, id);
    }
    return result;
}

HOOK int sqlite3_close(sqlite3 *db)
{
    return close_with(CALLED(sqlite3_close), db, __builtin_return_address(0));
}

HOOK int sqlite3_close_v2(sqlite3 *db)
{
    return close_with(CALLED(sqlite3_close_v2), db, __builtin_return_address(0));
}
