/*
 * libmariadb: prepared statements.
 *
 * Of rows that are stored, the first are read out of the library's own memory when they come, so
 * that the program's place in them stays where it is; of others, each is looked at when the program
 * has fetched it: by what it bound, or in the packet that came, if that was nothing. Either way it
 * is the row as the server sent it, whatever the program bound.
 */
#include "preload/mariadb_hooks.h"

#include <string.h>

#define CALLER __builtin_return_address(0)

static table statements = {.entry_size = sizeof(mariadb_prepared)};

/* --- Steps. --- */

mariadb_prepared *mariadb_statement_of(const MYSQL_STMT *stmt)
{
    static _Thread_local mariadb_prepared *last;

    if (stmt == NULL) {
        return NULL; /* as the handle of what is free is */
    }
    if (last == NULL ||
        atomic_load_explicit(&last->entry.handle, memory_order_relaxed) != (const void *)stmt) {
        mariadb_prepared *found = table_find(&statements, stmt);
        if (found == NULL) {
            return NULL;
        }
        last = found;
    }
    return last;
}

mariadb_prepared *mariadb_prepare(MYSQL_STMT *stmt, const char *sql, size_t size,
                                  const void *caller)
{
    mariadb_prepared *s;

    if (stmt == NULL || sql == NULL || !recorder_is_on() || client_owns(&CLIENT, caller)) {
        return NULL;
    }
    s = table_add(&statements, stmt);
    if (s != NULL) {
        recording_end(&s->recording);
        mariadb_statement_follow_end(s);
        s->bound = 0;
        s->columns = 0;
        s->text = recorder_text(RECORDER_MARIADB, sql, size);
    }
    return s;
}

static bool has_columns(const MYSQL_STMT *stmt)
{
    return mariadb_is_known() && stmt->fields != NULL && stmt->field_count > 0 &&
           stmt->field_count <= MARIADB_MOST_COLUMNS;
}

void mariadb_was_prepared(mariadb_prepared *s, const MYSQL_STMT *stmt, bool failed)
{
    if (s != NULL && !failed && has_columns(stmt)) {
        s->columns = mariadb_columns(stmt->fields, stmt->field_count);
    }
}

/* A program's own function gives the rows of an array, and is not asked for anything else. */
static void note_parameters(recording *r, const MYSQL_STMT *stmt)
{
    char scratch[MARIADB_SCRATCH];

    if (stmt->params == NULL || (stmt->param_callback != NULL && stmt->array_size > 0)) {
        return;
    }
    for (unsigned i = 0; i < stmt->param_count; i++) {
        rowan_value value = mariadb_bound_value(stmt, &stmt->params[i], scratch);
        recording_param(r, &value);
    }
}

mariadb_prepared *mariadb_execute(MYSQL_STMT *stmt, const void *caller)
{
    mariadb_prepared *s = client_owns(&CLIENT, caller) ? NULL : mariadb_statement_of(stmt);
    mariadb_link *c;

    if (s == NULL) {
        return NULL;
    }
    c = mariadb_link_of(mariadb_is_known() ? stmt->mysql : s->mysql);
    if (c == NULL) {
        return NULL;
    }
    recording_end(&s->recording);
    mariadb_statement_follow_end(s);
    mariadb_begin(&s->recording, c, s->text, caller);
    if (mariadb_is_known()) {
        note_parameters(&s->recording, stmt);
    }
    return s;
}

mariadb_prepared *mariadb_statement_running(MYSQL_STMT *stmt, const void *caller)
{
    mariadb_prepared *s = client_owns(&CLIENT, caller) ? NULL : mariadb_statement_of(stmt);

    return s != NULL && s->recording.is_open ? s : NULL;
}

mariadb_prepared *mariadb_statement_resume(MYSQL_STMT *stmt, const void *caller)
{
    mariadb_prepared *s = mariadb_statement_running(stmt, caller);

    if (s != NULL) {
        recording_resume(&s->recording);
    }
    return s;
}

static void fail(mariadb_prepared *s, MYSQL_STMT *stmt)
{
    mariadb_fail(&s->recording, REAL(mysql_stmt_errno)(stmt), REAL(mysql_stmt_sqlstate)(stmt));
}

static void end_result(mariadb_prepared *s, MYSQL_STMT *stmt)
{
    if (!REAL(mysql_stmt_more_results)(stmt)) {
        recording_end(&s->recording);
    }
}

/* The columns of the first result; those of further ones of a procedure are not wanted. A program
 * may have made the library forget their names (librowan does: it would compare them). */
static void begin_rows(mariadb_prepared *s, const MYSQL_STMT *stmt)
{
    if (s->recording.columns == 0 && has_columns(stmt)) {
        bool is_told = s->columns != 0 && stmt->fields[0].name == NULL;
        recording_columns(&s->recording,
                          is_told ? s->columns : mariadb_columns(stmt->fields, stmt->field_count));
    }
}

void mariadb_executed(mariadb_prepared *s, MYSQL_STMT *stmt, bool failed)
{
    my_ulonglong changed;

    if (s == NULL) {
        return;
    }
    recording_pause(&s->recording);
    if (failed) {
        fail(s, stmt);
    } else if (REAL(mysql_stmt_field_count)(stmt) == 0) {
        changed = REAL(mysql_stmt_affected_rows)(stmt);
        recording_rows(&s->recording, changed == (my_ulonglong)-1 ? 0 : changed);
        end_result(s, stmt);
    } else {
        begin_rows(s, stmt);
        mariadb_statement_follow(s, stmt);
    }
}

/* A row of the binary protocol: a byte, a bit for each column that is NULL, the other values. */
static void note_packet(recording *r, const MYSQL_STMT *stmt, const unsigned char *row)
{
    const unsigned char *nulls = row + 1, *at = nulls + (stmt->field_count + 9) / 8;
    char scratch[MARIADB_SCRATCH];

    for (unsigned i = 0; i < stmt->field_count; i++) {
        bool is_null = (nulls[(i + 2) / 8] >> (i + 2) % 8 & 1) != 0;
        rowan_value value =
            is_null ? rowan_v_null() : mariadb_binary_value(&stmt->fields[i], &at, scratch);
        recording_cell(r, &value);
    }
    recording_row(r);
}

void mariadb_statement_stored(mariadb_prepared *s, MYSQL_STMT *stmt, bool failed)
{
    uint64_t rows, noted = 0;

    if (s == NULL) {
        return;
    }
    recording_pause(&s->recording);
    if (failed) {
        fail(s, stmt);
        return;
    }
    rows = REAL(mysql_stmt_num_rows)(stmt);
    if (mariadb_is_known() && s->recording.columns != 0 && s->recording.rows == 0) {
        for (const MYSQL_ROWS *row = stmt->result.data;
             row != NULL && recording_wants_row(&s->recording); row = row->next) {
            note_packet(&s->recording, stmt, (const unsigned char *)row->data);
            noted++;
        }
    }
    recording_rows(&s->recording, rows - noted);
    end_result(s, stmt);
}

/* Whether a row that was fetched is where the network left it. */
static bool is_in_packet(const MYSQL_STMT *stmt)
{
    return stmt->result.data == NULL && !stmt->cursor_exists && stmt->mysql != NULL;
}

static void note_bound(recording *r, const MYSQL_STMT *stmt)
{
    char scratch[MARIADB_SCRATCH];

    for (unsigned i = 0; i < stmt->field_count; i++) {
        const unsigned char *at = stmt->bind[i].u.row_ptr;
        rowan_value value =
            at == NULL ? rowan_v_null() : mariadb_binary_value(&stmt->fields[i], &at, scratch);
        recording_cell(r, &value);
    }
    recording_row(r);
}

static void note_fetched(recording *r, const MYSQL_STMT *stmt)
{
    if (r->columns != 0 && mariadb_is_known() && recording_wants_row(r)) {
        if (stmt->bind_result_done) {
            note_bound(r, stmt);
            return;
        }
        if (is_in_packet(stmt)) {
            note_packet(r, stmt, stmt->mysql->net.read_pos);
            return;
        }
    }
    recording_rows(r, 1);
}

void mariadb_statement_row(mariadb_prepared *s, MYSQL_STMT *stmt, int status)
{
    if (status == 0 || status == MYSQL_DATA_TRUNCATED) {
        mariadb_statement_fetched(stmt);
    }
    if (s == NULL) {
        return;
    }
    recording_pause(&s->recording);
    if (status == MYSQL_NO_DATA) {
        end_result(s, stmt);
    } else if (status != 0 && status != MYSQL_DATA_TRUNCATED) {
        fail(s, stmt);
    } else {
        note_fetched(&s->recording, stmt);
    }
}

void mariadb_statement_next(mariadb_prepared *s, MYSQL_STMT *stmt, int status)
{
    if (s != NULL && status < 0) {
        recording_end(&s->recording); /* there is none */
    } else if (s != NULL && status > 0) {
        fail(s, stmt);
    } else if (s != NULL) {
        mariadb_statement_follow_no_more(s);
    }
}

void mariadb_statement_freed(mariadb_prepared *s)
{
    if (s != NULL) {
        recording_end(&s->recording);
    }
}

static void forget(void *kept)
{
    mariadb_prepared *s = kept;

    recording_fini(&s->recording);
    mariadb_statement_follow_end(s);
    s->text = 0;
    s->bound = 0;
    s->mysql = NULL;
    table_remove(s);
}

void mariadb_statement_forget(MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_of(stmt);

    if (s != NULL) {
        forget(s);
    }
}

__attribute__((destructor)) static void end_statements(void)
{
    table_each(&statements, forget);
}

static void drop(void *kept)
{
    mariadb_prepared *s = kept;

    recording_drop(&s->recording);
    s->watched = 0;
}

void mariadb_statements_drop(void)
{
    table_each(&statements, drop);
}

/* --- Functions that wait. --- */

HOOK MYSQL_STMT *STDCALL mysql_stmt_init(MYSQL *mysql)
{
    MYSQL_STMT *stmt = CALLED(mysql_stmt_init)(mysql);
    mariadb_prepared *s = stmt != NULL && recorder_is_on() ? table_add(&statements, stmt) : NULL;

    if (s != NULL) {
        s->mysql = mysql;
    }
    return stmt;
}

HOOK int STDCALL mysql_stmt_prepare(MYSQL_STMT *stmt, const char *query, unsigned long length)
{
    mariadb_prepared *s = mariadb_prepare(stmt, query, length, CALLER);
    int failed = CALLED(mysql_stmt_prepare)(stmt, query, length);

    mariadb_was_prepared(s, stmt, failed != 0);
    return failed;
}

HOOK int STDCALL mysql_stmt_execute(MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_execute(stmt, CALLER);
    int failed = CALLED(mysql_stmt_execute)(stmt);

    mariadb_executed(s, stmt, failed != 0);
    return failed;
}

HOOK int STDCALL mariadb_stmt_execute_direct(MYSQL_STMT *stmt, const char *stmt_str, size_t length)
{
    size_t size = length == (size_t)-1 && stmt_str != NULL ? strlen(stmt_str) : length;
    bool is_ours = mariadb_prepare(stmt, stmt_str, size, CALLER) != NULL;
    mariadb_prepared *s = is_ours ? mariadb_execute(stmt, CALLER) : NULL;
    int failed = CALLED(mariadb_stmt_execute_direct)(stmt, stmt_str, length);

    mariadb_executed(s, stmt, failed != 0);
    return failed;
}

HOOK int STDCALL mysql_stmt_store_result(MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    int failed = CALLED(mysql_stmt_store_result)(stmt);

    mariadb_statement_stored(s, stmt, failed != 0);
    return failed;
}

HOOK int STDCALL mysql_stmt_fetch(MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    int status = CALLED(mysql_stmt_fetch)(stmt);

    mariadb_statement_row(s, stmt, status);
    return status;
}

HOOK int STDCALL mysql_stmt_next_result(MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    int status = CALLED(mysql_stmt_next_result)(stmt);

    mariadb_statement_next(s, stmt, status);
    return status;
}

HOOK my_bool STDCALL mysql_stmt_free_result(MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    my_bool failed = CALLED(mysql_stmt_free_result)(stmt);

    mariadb_statement_freed(s);
    return failed;
}

HOOK my_bool STDCALL mysql_stmt_reset(MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    my_bool failed = CALLED(mysql_stmt_reset)(stmt);

    mariadb_statement_freed(s);
    return failed;
}

HOOK my_bool STDCALL mysql_stmt_close(MYSQL_STMT *stmt)
{
    mariadb_statement_forget(stmt);
    return CALLED(mysql_stmt_close)(stmt);
}
