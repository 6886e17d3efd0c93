/*
 * libmariadb: texts. The steps are told from the function that does them all (mysql_query), from
 * those that do one each (mysql_send_query), and from those that do not wait (mariadb_async.c).
 *
 * A text may hold several statements: it is one execution, with the rows of its first result. It
 * ends when its last result has come or, of rows that are not stored, been read.
 */
#include <stdio.h>
#include <string.h>

#include "preload/mariadb_hooks.h"

#define CALLER __builtin_return_address(0)

/* --- Steps. --- */

mariadb_link *mariadb_text(MYSQL *mysql, const char *sql, size_t size, const void *caller)
{
    mariadb_link *c;

    if (sql == NULL || !mariadb_is_program(caller)) {
        return NULL;
    }
    c = mariadb_link_of(mysql);
    if (c != NULL) {
        mariadb_begin(&c->recording, c, recorder_text(RECORDER_MARIADB, sql, size), caller);
    }
    return c;
}

static void fail(mariadb_link *c, MYSQL *mysql)
{
    mariadb_fail(&c->recording, REAL(mysql_errno)(mysql), REAL(mysql_sqlstate)(mysql));
}

/* One result is complete. */
static void end_result(mariadb_link *c, MYSQL *mysql)
{
    if (!REAL(mysql_more_results)(mysql)) {
        recording_end(&c->recording);
    }
}

void mariadb_text_sent(mariadb_link *c, MYSQL *mysql, bool failed)
{
    if (c != NULL && failed) {
        fail(c, mysql);
    }
}

void mariadb_text_answered(mariadb_link *c, MYSQL *mysql, bool failed)
{
    my_ulonglong changed;

    if (c == NULL) {
        return;
    }
    recording_pause(&c->recording);
    if (failed) {
        fail(c, mysql);
        return;
    }
    if (REAL(mysql_field_count)(mysql) == 0) {
        changed = REAL(mysql_affected_rows)(mysql);
        recording_rows(&c->recording, changed == (my_ulonglong)-1 ? 0 : changed);
        end_result(c, mysql);
    }
}

/* The columns of the first result; false for those of further ones, whose cells are not wanted. */
static bool begin_rows(recording *r, MYSQL_RES *result)
{
    unsigned count = REAL(mysql_num_fields)(result);

    if (r->columns != 0 || !mariadb_is_known() || count > MARIADB_MOST_COLUMNS) {
        return false;
    }
    recording_columns(r, mariadb_columns(REAL(mysql_fetch_fields)(result), count));
    return true;
}

static void note_row(recording *r, MYSQL_RES *result, MYSQL_ROW row)
{
    const unsigned long *sizes = REAL(mysql_fetch_lengths)(result);
    const MYSQL_FIELD *fields = REAL(mysql_fetch_fields)(result);
    unsigned count = REAL(mysql_num_fields)(result);

    for (unsigned i = 0; sizes != NULL && i < count; i++) {
        rowan_value value = mariadb_text_value(&fields[i], row[i], sizes[i]);
        recording_cell(r, &value);
    }
    recording_row(r);
}

/* The program's own place in the rows is where it was afterwards: at their beginning. */
static void note_stored(recording *r, MYSQL_RES *result)
{
    uint64_t rows = REAL(mysql_num_rows)(result), noted = 0;

    if (begin_rows(r, result)) {
        MYSQL_ROW_OFFSET place = REAL(mysql_row_tell)(result);
        while (noted < rows && recording_wants_row(r)) {
            MYSQL_ROW row = REAL(mysql_fetch_row)(result);
            if (row == NULL) {
                break;
            }
            note_row(r, result, row);
            noted++;
        }
        (void)REAL(mysql_row_seek)(result, place);
        mariadb_follow(r, result);
    } else {
        mariadb_follow_no_more(r);
    }
    recording_rows(r, rows - noted);
}

void mariadb_text_stored(mariadb_link *c, MYSQL *mysql, MYSQL_RES *result)
{
    if (c == NULL) {
        return;
    }
    recording_pause(&c->recording);
    if (result != NULL) {
        note_stored(&c->recording, result);
        end_result(c, mysql);
    } else if (REAL(mysql_errno)(mysql) != 0) {
        fail(c, mysql);
    }
}

MYSQL *mariadb_source(const MYSQL_RES *result)
{
    return result != NULL && mariadb_is_known() && result->data == NULL ? result->handle : NULL;
}

void mariadb_text_row(mariadb_link *c, MYSQL *mysql, MYSQL_RES *result, MYSQL_ROW row)
{
    if (mysql == NULL && row != NULL) {
        mariadb_follow_row(result);
    }
    if (c == NULL) {
        return;
    }
    recording_pause(&c->recording);
    if (row == NULL) {
        if (REAL(mysql_errno)(mysql) != 0) {
            fail(c, mysql);
        } else {
            end_result(c, mysql);
        }
    } else if (recording_wants_row(&c->recording)) {
        note_row(&c->recording, result, row);
    } else {
        recording_rows(&c->recording, 1);
    }
}

void mariadb_text_next(mariadb_link *c, MYSQL *mysql, int status)
{
    if (c != NULL && status < 0) {
        recording_end(&c->recording); /* there is none */
    } else {
        mariadb_text_answered(c, mysql, status > 0);
    }
}

void mariadb_text_freed(mariadb_link *c, MYSQL *mysql)
{
    if (c != NULL) {
        recording_pause(&c->recording);
        end_result(c, mysql);
    }
}

/* --- Functions that wait. --- */

HOOK int STDCALL mysql_real_query(MYSQL *mysql, const char *query, unsigned long length)
{
    mariadb_link *c = mariadb_text(mysql, query, length, CALLER);
    int failed = CALLED(mysql_real_query)(mysql, query, length);

    mariadb_text_answered(c, mysql, failed != 0);
    return failed;
}

HOOK int STDCALL mysql_query(MYSQL *mysql, const char *query)
{
    mariadb_link *c = mariadb_text(mysql, query, strlen(query), CALLER);
    /* It does nothing else, and might reach the hook above with a jump. */
    int failed = CALLED(mysql_real_query)(mysql, query, strlen(query));

    mariadb_text_answered(c, mysql, failed != 0);
    return failed;
}

HOOK int STDCALL mysql_send_query(MYSQL *mysql, const char *query, unsigned long length)
{
    mariadb_link *c = mariadb_text(mysql, query, length, CALLER);
    int failed = CALLED(mysql_send_query)(mysql, query, length);

    mariadb_text_sent(c, mysql, failed != 0);
    return failed;
}

HOOK my_bool STDCALL mysql_read_query_result(MYSQL *mysql)
{
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    my_bool failed = CALLED(mysql_read_query_result)(mysql);

    mariadb_text_answered(c, mysql, failed != 0);
    return failed;
}

HOOK MYSQL_RES *STDCALL mysql_store_result(MYSQL *mysql)
{
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    MYSQL_RES *result = CALLED(mysql_store_result)(mysql);

    mariadb_text_stored(c, mysql, result);
    return result;
}

HOOK MYSQL_RES *STDCALL mysql_use_result(MYSQL *mysql)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    MYSQL_RES *result = CALLED(mysql_use_result)(mysql);

    if (c != NULL && result != NULL) {
        (void)begin_rows(&c->recording, result);
    }
    return result;
}

HOOK MYSQL_ROW STDCALL mysql_fetch_row(MYSQL_RES *result)
{
    MYSQL *mysql = mariadb_source(result);
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    MYSQL_ROW row = CALLED(mysql_fetch_row)(result);

    mariadb_text_row(c, mysql, result, row);
    return row;
}

HOOK int STDCALL mysql_next_result(MYSQL *mysql)
{
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    int status = CALLED(mysql_next_result)(mysql);

    mariadb_text_next(c, mysql, status);
    return status;
}

HOOK void STDCALL mysql_free_result(MYSQL_RES *result)
{
    MYSQL *mysql = mariadb_source(result);
    mariadb_link *c = mariadb_resume(mysql, CALLER);

    mariadb_follow_end(result);
    CALLED(mysql_free_result)(result);
    mariadb_text_freed(c, mysql);
}

/* --- Functions that send a text of their own. --- */

mariadb_link *mariadb_own_text(MYSQL *mysql, const char *before, const char *after,
                               const void *caller)
{
    char text[256];

    snprintf(text, sizeof text, "%s%s", before, after != NULL ? after : "");
    return mariadb_text(mysql, text, strlen(text), caller);
}

HOOK my_bool STDCALL mysql_autocommit(MYSQL *mysql, my_bool mode)
{
    mariadb_link *c = mariadb_own_text(mysql, "SET autocommit=", mode ? "1" : "0", CALLER);
    my_bool failed = CALLED(mysql_autocommit)(mysql, mode);

    mariadb_text_answered(c, mysql, failed != 0);
    return failed;
}

HOOK my_bool STDCALL mysql_commit(MYSQL *mysql)
{
    mariadb_link *c = mariadb_own_text(mysql, "COMMIT", "", CALLER);
    my_bool failed = CALLED(mysql_commit)(mysql);

    mariadb_text_answered(c, mysql, failed != 0);
    return failed;
}

HOOK my_bool STDCALL mysql_rollback(MYSQL *mysql)
{
    mariadb_link *c = mariadb_own_text(mysql, "ROLLBACK", "", CALLER);
    my_bool failed = CALLED(mysql_rollback)(mysql);

    mariadb_text_answered(c, mysql, failed != 0);
    return failed;
}

HOOK int STDCALL mysql_set_character_set(MYSQL *mysql, const char *name)
{
    mariadb_link *c = mariadb_own_text(mysql, "SET NAMES ", name, CALLER);
    int failed = CALLED(mysql_set_character_set)(mysql, name);

    mariadb_text_answered(c, mysql, failed != 0);
    return failed;
}

static mariadb_link *list_text(MYSQL *mysql, const char *what, const char *wild, const void *caller)
{
    char pattern[200] = "";

    if (wild != NULL && *wild != '\0') {
        snprintf(pattern, sizeof pattern, " LIKE '%s'", wild);
    }
    return mariadb_own_text(mysql, what, pattern, caller);
}

HOOK MYSQL_RES *STDCALL mysql_list_dbs(MYSQL *mysql, const char *wild)
{
    mariadb_link *c = list_text(mysql, "SHOW DATABASES", wild, CALLER);
    MYSQL_RES *result = CALLED(mysql_list_dbs)(mysql, wild);

    mariadb_text_stored(c, mysql, result);
    return result;
}

HOOK MYSQL_RES *STDCALL mysql_list_tables(MYSQL *mysql, const char *wild)
{
    mariadb_link *c = list_text(mysql, "SHOW TABLES", wild, CALLER);
    MYSQL_RES *result = CALLED(mysql_list_tables)(mysql, wild);

    mariadb_text_stored(c, mysql, result);
    return result;
}
