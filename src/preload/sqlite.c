/*
 * SQLite's hooks: which statements run, and for how long.
 *
 * An execution begins with the first step of a statement and ends when it is done, fails or is
 * reset. What it took is the time inside its steps: between them the program does other things. A
 * first step that found the database locked is none: the program tries again.
 *
 * A row's cells are read right after the step that fetched it. The program holds no pointer into
 * the row yet, so it does not matter that reading a text of two bytes a character converts it; and
 * each is read as the type that it has, so none changes its type.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "preload/sqlite_hooks.h"

static symbol symbols[SQLITE_SYMBOLS] = {
#define NAMED(function) [S_##function] = {.name = #function}
    NAMED(sqlite3_prepare),
    NAMED(sqlite3_prepare_v2),
    NAMED(sqlite3_prepare_v3),
    NAMED(sqlite3_prepare16),
    NAMED(sqlite3_prepare16_v2),
    NAMED(sqlite3_prepare16_v3),
    NAMED(sqlite3_step),
    NAMED(sqlite3_reset),
    NAMED(sqlite3_finalize),
    NAMED(sqlite3_exec),
    NAMED(sqlite3_get_table),
    NAMED(sqlite3_close),
    NAMED(sqlite3_close_v2),
    NAMED(sqlite3_clear_bindings),
    NAMED(sqlite3_bind_null),
    NAMED(sqlite3_bind_int),
    NAMED(sqlite3_bind_int64),
    NAMED(sqlite3_bind_double),
    NAMED(sqlite3_bind_text),
    NAMED(sqlite3_bind_text64),
    NAMED(sqlite3_bind_text16),
    NAMED(sqlite3_bind_blob),
    NAMED(sqlite3_bind_blob64),
    NAMED(sqlite3_bind_zeroblob),
    NAMED(sqlite3_bind_zeroblob64),
    NAMED(sqlite3_bind_value),
    NAMED(sqlite3_bind_pointer),
    NAMED(sqlite3_column_blob),
    NAMED(sqlite3_column_bytes),
    NAMED(sqlite3_column_bytes16),
    NAMED(sqlite3_column_double),
    NAMED(sqlite3_column_int),
    NAMED(sqlite3_column_int64),
    NAMED(sqlite3_column_text),
    NAMED(sqlite3_column_text16),
    NAMED(sqlite3_column_type),
    NAMED(sqlite3_column_value),
    NAMED(sqlite3_bind_parameter_count),
    NAMED(sqlite3_changes),
    NAMED(sqlite3_column_count),
    NAMED(sqlite3_column_name),
    NAMED(sqlite3_data_count),
    NAMED(sqlite3_db_filename),
    NAMED(sqlite3_db_handle),
    NAMED(sqlite3_sql),
    NAMED(sqlite3_stmt_readonly),
    NAMED(sqlite3_stmt_status),
    NAMED(sqlite3_total_changes),
    NAMED(sqlite3_value_blob),
    NAMED(sqlite3_value_bytes),
    NAMED(sqlite3_value_double),
    NAMED(sqlite3_value_dup),
    NAMED(sqlite3_value_free),
    NAMED(sqlite3_value_int64),
    NAMED(sqlite3_value_text),
    NAMED(sqlite3_value_type),
#undef NAMED
};
static const char *const sonames[] = {"libsqlite3.so", "libsqlite3-", NULL};
client rowan__sqlite = {
    .name = "libsqlite3", .sonames = sonames, .symbols = symbols, .symbol_count = SQLITE_SYMBOLS};

static table statements = {.entry_size = sizeof(statement)};

static void drop(void *kept)
{
    statement *s = kept;

    recording_drop(&s->recording);
}

/* In a child: what is under way is the parent's. */
static void drop_all(void)
{
    table_each(&statements, drop);
}

__attribute__((constructor)) static void look(void)
{
    client_look(&rowan__sqlite);
    (void)pthread_atfork(NULL, NULL, drop_all);
}

/* --- Who calls. --- */

static _Thread_local sqlite_call running;

bool sqlite_enter(const void *caller, sqlite_call *before)
{
    *before = running;
    if (!client_owns(&rowan__sqlite, caller)) {
        running = (sqlite_call){.depth = 1};
        return recorder_is_on();
    }
    running.depth++;
    return before->depth == 0 && before->convenient != NULL;
}

void sqlite_leave(const sqlite_call *before)
{
    running = *before;
}

void sqlite_begin_convenient(const void *caller)
{
    running = (sqlite_call){.convenient = caller};
}

bool sqlite_was_seen(void)
{
    return running.was_seen;
}

/* --- Statements. --- */

statement *sqlite_statement(sqlite3_stmt *handle)
{
    static _Thread_local statement *last;

    if (handle == NULL) {
        return NULL; /* as the handle of what is free is */
    }
    if (last == NULL ||
        atomic_load_explicit(&last->entry.handle, memory_order_relaxed) != (const void *)handle) {
        statement *found = table_find(&statements, handle);
        if (found == NULL) {
            return NULL;
        }
        last = found;
    }
    return last;
}

static void read_columns(statement *s, sqlite3_stmt *handle)
{
    enum { MOST = 256 };
    const char *names[MOST];
    int count = REAL(sqlite3_column_count)(handle);

    s->column_count = count < MOST ? count : MOST;
    for (int i = 0; i < s->column_count; i++) {
        names[i] = REAL(sqlite3_column_name)(handle, i);
    }
    s->columns = recorder_columns(names, (size_t)s->column_count);
}

static void forget_params(statement *s)
{
    for (size_t i = 0; i < s->param_count; i++) {
        recorded_value_fini(&s->params[i]);
    }
    rowan__free(&rowan__default_allocator, s->params, s->param_count, sizeof *s->params);
    s->params = NULL;
    s->param_count = 0;
}

void sqlite_prepared(sqlite3 *db, sqlite3_stmt *handle)
{
    statement *s = handle != NULL ? table_add(&statements, handle) : NULL;
    const char *sql = s != NULL ? REAL(sqlite3_sql)(handle) : NULL;

    if (sql == NULL) {
        return;
    }
    recording_drop(&s->recording); /* of a handle whose end was not seen */
    forget_params(s);
    s->connection = sqlite_connection(db);
    s->text = recorder_text(RECORDER_SQLITE, sql, strlen(sql));
    s->is_read = REAL(sqlite3_stmt_readonly)(handle) != 0;
    s->prepared_again = 0;
    read_columns(s, handle);
    int params = REAL(sqlite3_bind_parameter_count)(handle);
    if (params > 0) {
        s->params = rowan__new(&rowan__default_allocator, (size_t)params, sizeof *s->params);
        s->param_count = s->params != NULL ? (size_t)params : 0;
    }
}

/* --- Rows. --- */

static rowan_value read_blob(sqlite3_stmt *handle, int column, int size)
{
    enum { LONGEST = 1 << 16 }; /* a blob of zeros is not there until it is read */

    return size > LONGEST ? rowan_v_int64(size)
                          : rowan_v_bytes(ROWAN_TYPE_BLOB,
                                          REAL(sqlite3_column_blob)(handle, column), (size_t)size);
}

static rowan_value read_cell(sqlite3_stmt *handle, int column)
{
    const unsigned char *text;

    switch (REAL(sqlite3_column_type)(handle, column)) {
    case SQLITE_INTEGER:
        return rowan_v_int64(REAL(sqlite3_column_int64)(handle, column));
    case SQLITE_FLOAT:
        return rowan_v_double(REAL(sqlite3_column_double)(handle, column));
    case SQLITE_TEXT:
        text = REAL(sqlite3_column_text)(handle, column);
        return rowan_v_bytes(ROWAN_TYPE_TEXT, text,
                             (size_t)REAL(sqlite3_column_bytes)(handle, column));
    case SQLITE_BLOB:
        return read_blob(handle, column, REAL(sqlite3_column_bytes)(handle, column));
    default:
        return rowan_v_null();
    }
}

static void take_row(statement *s, sqlite3_stmt *handle)
{
    if (recording_wants_row(&s->recording)) {
        for (int i = 0; i < s->column_count; i++) {
            rowan_value value = read_cell(handle, i);
            recording_cell(&s->recording, &value);
        }
    }
    recording_row(&s->recording);
}

/* --- Executions. --- */

/* SQLite prepares a statement again by itself when the schema has changed. */
static void refresh_columns(statement *s, sqlite3_stmt *handle)
{
    int again = symbol_address(&rowan__sqlite, S_sqlite3_stmt_status) != NULL
                    ? REAL(sqlite3_stmt_status)(handle, SQLITE_STMTSTATUS_REPREPARE, 0)
                    : 0;

    if (again != s->prepared_again) {
        s->prepared_again = again;
        read_columns(s, handle);
    }
}

static void begin(statement *s, sqlite3_stmt *handle, const void *caller)
{
    recording_begin(&s->recording, s->connection, s->text, caller);
    for (size_t i = 0; i < s->param_count; i++) {
        recording_recorded(&s->recording, &s->params[i]);
    }
    if (!s->is_read) {
        s->changes_before = REAL(sqlite3_total_changes)(REAL(sqlite3_db_handle)(handle));
    }
}

const char *sqlite_error_name(int result, char *buffer, size_t size)
{
    static const char *const names[] = {
        "",         "ERROR",    "INTERNAL",  "PERM",   "ABORT",   "BUSY",       "LOCKED",
        "NOMEM",    "READONLY", "INTERRUPT", "IOERR",  "CORRUPT", "NOTFOUND",   "FULL",
        "CANTOPEN", "PROTOCOL", "EMPTY",     "SCHEMA", "TOOBIG",  "CONSTRAINT", "MISMATCH",
        "MISUSE",   "NOLFS",    "AUTH",      "FORMAT", "RANGE",   "NOTADB"};
    int primary = result & 0xff;

    if (primary > 0 && (size_t)primary < sizeof names / sizeof names[0]) {
        snprintf(buffer, size, "SQLITE_%s", names[primary]);
    } else {
        snprintf(buffer, size, "SQLITE_%d", result);
    }
    return buffer;
}

static void end_done(statement *s, sqlite3_stmt *handle)
{
    if (!s->is_read) {
        sqlite3 *db = REAL(sqlite3_db_handle)(handle);
        if (REAL(sqlite3_total_changes)(db) != s->changes_before && s->column_count == 0) {
            recording_rows(&s->recording, (uint64_t)REAL(sqlite3_changes)(db));
        }
    }
    recording_end(&s->recording);
}

static void note_step(statement *s, sqlite3_stmt *handle, int result, bool is_first)
{
    char name[32];

    if (is_first) {
        refresh_columns(s, handle);
        recording_columns(&s->recording, s->columns);
    }
    if (result == SQLITE_ROW) {
        take_row(s, handle);
    } else if (result == SQLITE_DONE) {
        end_done(s, handle);
    } else if (is_first && (result & 0xff) == SQLITE_BUSY) {
        recording_drop(&s->recording);
    } else {
        recording_error(&s->recording, sqlite_error_name(result, name, sizeof name));
        recording_end(&s->recording);
    }
}

HOOK int sqlite3_step(sqlite3_stmt *handle)
{
    const void *caller = __builtin_return_address(0);
    int (*real)(sqlite3_stmt *) = CALLED(sqlite3_step);
    bool is_internal = client_owns(&rowan__sqlite, caller);
    sqlite_call before;
    statement *s = sqlite_enter(caller, &before) ? sqlite_statement(handle) : NULL;
    bool is_first = s != NULL && !s->recording.is_open;
    int result;

    if (is_first) {
        begin(s, handle, is_internal ? before.convenient : caller);
        if (!is_internal) {
            recording_read(&s->recording, 0); /* else it is SQLite that reads */
        }
    } else if (s != NULL) {
        recording_resume(&s->recording);
    }
    result = real(handle);
    if (s != NULL) {
        recording_pause(&s->recording);
        note_step(s, handle, result, is_first);
    }
    sqlite_leave(&before);
    running.was_seen = running.was_seen || (s != NULL && is_internal);
    return result;
}

HOOK int sqlite3_reset(sqlite3_stmt *pStmt)
{
    int (*real)(sqlite3_stmt *) = CALLED(sqlite3_reset);
    statement *s = sqlite_statement(pStmt);

    if (s != NULL) {
        recording_end(&s->recording);
    }
    return real(pStmt);
}

HOOK int sqlite3_finalize(sqlite3_stmt *pStmt)
{
    int (*real)(sqlite3_stmt *) = CALLED(sqlite3_finalize);
    statement *s = sqlite_statement(pStmt);

    if (s != NULL) {
        recording_fini(&s->recording);
        forget_params(s);
        table_remove(s);
    }
    return real(pStmt);
}
