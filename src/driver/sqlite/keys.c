/*
 * The keys of inserted rows, without RETURNING.
 *
 * SQLite tells the number of each row as it is written, for less than a tenth of what it takes to
 * give a row back. That number is the key if the key column is another name for it; and the rows
 * are ours if no trigger inserts into the same table. Both are seen from statements that are
 * compiled and never run, once for each table.
 */
#include "driver/sqlite/sqlite_private.h"

#include "base/error.h"

int rowan__sqlite_note_compiled(void *context, int action, const char *table, const char *detail,
                                const char *database, const char *trigger)
{
    rowan__sqlite_connection *connection = context;

    (void)detail;
    (void)database;
    connection->compilations++;
    if (action == SQLITE_INSERT && trigger && connection->watched &&
        sqlite3_stricmp(table, connection->watched) == 0) {
        connection->is_watched_fed = true;
    }
    return SQLITE_OK;
}

/* Compiles a statement about a table, whose name stands for %w. NULL: it does not compile. */
static sqlite3_stmt *compile_about(rowan__sqlite_connection *connection, const char *format,
                                   const char *table)
{
    char *sql = sqlite3_mprintf(format, table);
    sqlite3_stmt *stmt = NULL;

    if (sql && sqlite3_prepare_v3(connection->db, sql, -1, 0, &stmt, NULL) != SQLITE_OK) {
        stmt = NULL;
    }
    sqlite3_free(sql);
    return stmt;
}

/* Whether a column is the number of the row: then the number is called like the column. */
static bool is_row_number(rowan__sqlite_connection *connection, const rowan_column *key)
{
    bool is_taken = sqlite3_stricmp(key->name, "_rowid_") == 0;
    sqlite3_stmt *stmt = compile_about(
        connection, is_taken ? "SELECT oid FROM \"%w\"" : "SELECT _rowid_ FROM \"%w\"",
        key->table->name);
    const char *name = stmt ? sqlite3_column_name(stmt, 0) : NULL;
    bool is_key = name && sqlite3_stricmp(name, key->name) == 0;

    sqlite3_finalize(stmt);
    return is_key;
}

/* Whether an insert makes no triggers insert further rows. */
static bool is_fed_by_us_alone(rowan__sqlite_connection *connection, const char *table)
{
    connection->watched = table;
    connection->is_watched_fed = false;
    sqlite3_stmt *stmt = compile_about(connection, "INSERT INTO \"%w\" DEFAULT VALUES", table);
    connection->watched = NULL;
    bool compiled = stmt != NULL;
    sqlite3_finalize(stmt);
    return compiled && !connection->is_watched_fed;
}

static bool look(rowan__sqlite_connection *connection, const rowan_column *key)
{
    rowan__sqlite_turn_forget(connection);
    return is_row_number(connection, key) && is_fed_by_us_alone(connection, key->table->name);
}

bool rowan__sqlite_tells_keys(rowan__connection *base, const rowan_column *key)
{
    rowan__sqlite_connection *connection = (rowan__sqlite_connection *)base;
    rowan__sqlite_keyed *keyed =
        &connection->keyed[(uintptr_t)key / sizeof *key % ROWAN__SQLITE_MOST_KEYED];

    if (keyed->key != key) {
        *keyed = (rowan__sqlite_keyed){key, look(connection, key)};
    }
    return keyed->is_told;
}

/* Called by SQLite for each row that is written. */
static void note_key(void *context, int action, const char *database, const char *table,
                     sqlite3_int64 row)
{
    rowan__sqlite_telling *telling = context;

    (void)database;
    if (table != telling->table) {
        if (sqlite3_stricmp(table, telling->key->table->name) != 0) {
            return;
        }
        telling->table = table;
    }
    if (action == SQLITE_INSERT) {
        if (telling->told < telling->count) {
            telling->keys[telling->told] = row;
        }
        telling->told++;
    }
}

static int compilations(const rowan__sqlite_prepared *prepared)
{
    return sqlite3_stmt_status(prepared->stmt, SQLITE_STMTSTATUS_REPREPARE, 0);
}

void rowan__sqlite_tell_begin(rowan__sqlite_telling *telling, rowan__sqlite_prepared *prepared,
                              const rowan__operation *operation)
{
    rowan__sqlite_connection *connection = (rowan__sqlite_connection *)prepared->base.connection;

    *telling = (rowan__sqlite_telling){
        .prepared = prepared,
        .key = operation->structs->columns[0]->table->primary[0],
        .keys = operation->structs->keys,
        .count = operation->structs->count,
        .compiled = compilations(prepared),
    };
    sqlite3_update_hook(connection->db, note_key, telling);
}

/* What was known of the table holds until the statement is compiled anew. */
rowan_status rowan__sqlite_tell_end(rowan__sqlite_telling *telling, rowan_status status,
                                    rowan_error *error)
{
    rowan__connection *base = telling->prepared->base.connection;
    rowan__sqlite_connection *connection = (rowan__sqlite_connection *)base;
    bool is_told = telling->told == telling->count;

    sqlite3_update_hook(connection->db, NULL, NULL);
    if (compilations(telling->prepared) != telling->compiled) {
        memset(connection->keyed, 0, sizeof connection->keyed);
        is_told = is_told && rowan__sqlite_tells_keys(base, telling->key);
    }
    return status != ROWAN_OK || is_told
               ? status
               : rowan__fail(error, ROWAN_CONFLICT,
                             "the table was altered while rows were inserted: they are there, but "
                             "their keys are not known");
}
