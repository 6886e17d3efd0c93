/* What the files of SQLite's hooks share. */
#ifndef ROWAN_PRELOAD_SQLITE_HOOKS_H
#define ROWAN_PRELOAD_SQLITE_HOOKS_H

#include <sqlite3.h>

#include "preload/recorder.h"
#include "preload/symbols.h"
#include "preload/table.h"

/** The functions that are hooked, then those that hooks use. */
enum {
    S_sqlite3_prepare,
    S_sqlite3_prepare_v2,
    S_sqlite3_prepare_v3,
    S_sqlite3_prepare16,
    S_sqlite3_prepare16_v2,
    S_sqlite3_prepare16_v3,
    S_sqlite3_step,
    S_sqlite3_reset,
    S_sqlite3_finalize,
    S_sqlite3_exec,
    S_sqlite3_get_table,
    S_sqlite3_close,
    S_sqlite3_close_v2,
    S_sqlite3_clear_bindings,
    S_sqlite3_bind_null,
    S_sqlite3_bind_int,
    S_sqlite3_bind_int64,
    S_sqlite3_bind_double,
    S_sqlite3_bind_text,
    S_sqlite3_bind_text64,
    S_sqlite3_bind_text16,
    S_sqlite3_bind_blob,
    S_sqlite3_bind_blob64,
    S_sqlite3_bind_zeroblob,
    S_sqlite3_bind_zeroblob64,
    S_sqlite3_bind_value,
    S_sqlite3_bind_pointer,
    S_sqlite3_column_blob,
    S_sqlite3_column_bytes,
    S_sqlite3_column_bytes16,
    S_sqlite3_column_double,
    S_sqlite3_column_int,
    S_sqlite3_column_int64,
    S_sqlite3_column_text,
    S_sqlite3_column_text16,
    S_sqlite3_column_type,
    S_sqlite3_column_value,
    S_sqlite3_bind_parameter_count,
    S_sqlite3_changes,
    S_sqlite3_column_count,
    S_sqlite3_column_name,
    S_sqlite3_data_count,
    S_sqlite3_db_filename,
    S_sqlite3_db_handle,
    S_sqlite3_sql,
    S_sqlite3_stmt_readonly,
    S_sqlite3_stmt_status,
    S_sqlite3_total_changes,
    S_sqlite3_value_blob,
    S_sqlite3_value_bytes,
    S_sqlite3_value_double,
    S_sqlite3_value_dup,
    S_sqlite3_value_free,
    S_sqlite3_value_int64,
    S_sqlite3_value_text,
    S_sqlite3_value_type,
    SQLITE_SYMBOLS
};

extern client rowan__sqlite;
#define CLIENT rowan__sqlite

/** What is known of a prepared statement. */
typedef struct statement {
    entry entry;
    uint32_t connection, text, columns;
    int column_count;
    int prepared_again; /* times that SQLite did so by itself when its columns were last read */
    int changes_before;
    bool is_read;
    size_t param_count;
    recorded_value *params; /* param_count; NULL if there was no memory */
    recording recording;
} statement;

/** The statement of a handle, or NULL if it was not seen being prepared. */
statement *sqlite_statement(sqlite3_stmt *handle);

/*
 * SQLite calls its own functions: to load a schema, for virtual tables, in sqlite3_exec(). What the
 * program called last, by thread.
 */
typedef struct sqlite_call {
    unsigned depth;         /* of hooked functions that are running: what they call is internal */
    const void *convenient; /* who called sqlite3_exec() or sqlite3_get_table(), if that runs */
    bool was_seen;          /* it called back: its statements were told one by one */
} sqlite_call;

/** @return whether the call is the program's, or one for it out of sqlite3_exec() */
bool sqlite_enter(const void *caller, sqlite_call *before);
void sqlite_leave(const sqlite_call *before);

/** Between sqlite_enter() and sqlite_leave() of a function that runs whole texts: its statements
 * are told as if @p caller had sent them. */
void sqlite_begin_convenient(const void *caller);
/** Whether one of them was. */
bool sqlite_was_seen(void);

/** The number of a connection, told with its first use. */
uint32_t sqlite_connection(sqlite3 *db);

/** SQLITE_CONSTRAINT … by its number. */
const char *sqlite_error_name(int result, char *buffer, size_t size);

/** A statement was prepared. */
void sqlite_prepared(sqlite3 *db, sqlite3_stmt *handle);

#endif
