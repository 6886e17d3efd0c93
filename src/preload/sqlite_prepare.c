/*
 * SQLite's functions that take a text. Those that run it, too, call prepare and step, and these
 * come by the hooks where the library calls itself as others do; where it was built so that it does
 * not, the text is told as a whole.
 */
#include <string.h>

#include "base/token.h"
#include "detector/fold.h"
#include "preload/sqlite_hooks.h"

/* Between entering and leaving. */
static void note(bool is_ours, int result, sqlite3 *db, sqlite3_stmt *const *out)
{
    if (is_ours && result == SQLITE_OK && out != NULL) {
        sqlite_prepared(db, *out);
    }
}

HOOK int sqlite3_prepare(sqlite3 *db, const char *zSql, int nByte, sqlite3_stmt **ppStmt,
                         const char **pzTail)
{
    __typeof__(&sqlite3_prepare) real = CALLED(sqlite3_prepare);
    sqlite_call before;
    bool is_ours = sqlite_enter(__builtin_return_address(0), &before);
    int result = real(db, zSql, nByte, ppStmt, pzTail);

    note(is_ours, result, db, ppStmt);
    sqlite_leave(&before);
    return result;
}

HOOK int sqlite3_prepare_v2(sqlite3 *db, const char *zSql, int nByte, sqlite3_stmt **ppStmt,
                            const char **pzTail)
{
    __typeof__(&sqlite3_prepare_v2) real = CALLED(sqlite3_prepare_v2);
    sqlite_call before;
    bool is_ours = sqlite_enter(__builtin_return_address(0), &before);
    int result = real(db, zSql, nByte, ppStmt, pzTail);

    note(is_ours, result, db, ppStmt);
    sqlite_leave(&before);
    return result;
}

HOOK int sqlite3_prepare_v3(sqlite3 *db, const char *zSql, int nByte, unsigned prepFlags,
                            sqlite3_stmt **ppStmt, const char **pzTail)
{
    __typeof__(&sqlite3_prepare_v3) real = CALLED(sqlite3_prepare_v3);
    sqlite_call before;
    bool is_ours = sqlite_enter(__builtin_return_address(0), &before);
    int result = real(db, zSql, nByte, prepFlags, ppStmt, pzTail);

    note(is_ours, result, db, ppStmt);
    sqlite_leave(&before);
    return result;
}

HOOK int sqlite3_prepare16(sqlite3 *db, const void *zSql, int nByte, sqlite3_stmt **ppStmt,
                           const void **pzTail)
{
    __typeof__(&sqlite3_prepare16) real = CALLED(sqlite3_prepare16);
    sqlite_call before;
    bool is_ours = sqlite_enter(__builtin_return_address(0), &before);
    int result = real(db, zSql, nByte, ppStmt, pzTail);

    note(is_ours, result, db, ppStmt);
    sqlite_leave(&before);
    return result;
}

HOOK int sqlite3_prepare16_v2(sqlite3 *db, const void *zSql, int nByte, sqlite3_stmt **ppStmt,
                              const void **pzTail)
{
    __typeof__(&sqlite3_prepare16_v2) real = CALLED(sqlite3_prepare16_v2);
    sqlite_call before;
    bool is_ours = sqlite_enter(__builtin_return_address(0), &before);
    int result = real(db, zSql, nByte, ppStmt, pzTail);

    note(is_ours, result, db, ppStmt);
    sqlite_leave(&before);
    return result;
}

HOOK int sqlite3_prepare16_v3(sqlite3 *db, const void *zSql, int nByte, unsigned prepFlags,
                              sqlite3_stmt **ppStmt, const void **pzTail)
{
    __typeof__(&sqlite3_prepare16_v3) real = CALLED(sqlite3_prepare16_v3);
    sqlite_call before;
    bool is_ours = sqlite_enter(__builtin_return_address(0), &before);
    int result = real(db, zSql, nByte, prepFlags, ppStmt, pzTail);

    note(is_ours, result, db, ppStmt);
    sqlite_leave(&before);
    return result;
}

/* --- Texts that are run at once. --- */

/* Around such a call. */
typedef struct whole {
    sqlite_call before;
    recording recording;
    bool is_ours;
} whole;

static void begin_whole(whole *w, sqlite3 *db, const void *caller)
{
    *w = (whole){.is_ours = false};
    w->is_ours = sqlite_enter(caller, &w->before);
    if (w->is_ours) {
        recording_begin(&w->recording, sqlite_connection(db), 0, caller);
    }
    sqlite_begin_convenient(caller);
}

/* Whether a text has nothing but comments: SQLite runs nothing, and there was nothing to see. */
static bool is_empty(const char *sql)
{
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, rowan__engine_reading("sqlite"), sql, strlen(sql));
    do {
        rowan__token_next(&reader, &token);
    } while (token.kind == ROWAN__TOKEN_SPACE || token.kind == ROWAN__TOKEN_COMMENT ||
             token.kind == ROWAN__TOKEN_SEMICOLON);
    return token.kind == ROWAN__TOKEN_END;
}

static void end_whole(whole *w, const char *sql, int result)
{
    char name[32];

    if (sqlite_was_seen() || sql == NULL || is_empty(sql)) {
        recording_drop(&w->recording);
    } else if (w->is_ours) {
        w->recording.text = recorder_text(RECORDER_SQLITE, sql, strlen(sql));
        if (result != SQLITE_OK) {
            recording_error(&w->recording, sqlite_error_name(result, name, sizeof name));
        }
    }
    recording_fini(&w->recording);
    sqlite_leave(&w->before);
}

HOOK int sqlite3_exec(sqlite3 *db, const char *sql, int (*callback)(void *, int, char **, char **),
                      void *context, char **errmsg)
{
    const void *caller = __builtin_return_address(0);
    __typeof__(&sqlite3_exec) real = CALLED(sqlite3_exec);
    whole w;
    int result;

    if (client_owns(&rowan__sqlite, caller)) {
        return real(db, sql, callback, context, errmsg);
    }
    begin_whole(&w, db, caller);
    result = real(db, sql, callback, context, errmsg);
    end_whole(&w, sql, result);
    return result;
}

HOOK int sqlite3_get_table(sqlite3 *db, const char *zSql, char ***pazResult, int *pnRow,
                           int *pnColumn, char **pzErrmsg)
{
    const void *caller = __builtin_return_address(0);
    __typeof__(&sqlite3_get_table) real = CALLED(sqlite3_get_table);
    whole w;
    int result;

    begin_whole(&w, db, caller);
    result = real(db, zSql, pazResult, pnRow, pnColumn, pzErrmsg);
    end_whole(&w, zSql, result);
    return result;
}
