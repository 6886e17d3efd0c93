/*
 * libmariadb: functions that do not wait. …_start() begins, …_cont() goes on; each returns what the
 * program has to wait for, or 0 when the result is there. A statement's clock runs in between.
 *
 * The library runs its waiting function on another stack, out of its own code: that call is passed
 * on by the function's hook, and what happened is told here.
 */
#include <string.h>

#include "preload/mariadb_hooks.h"

#define CALLER __builtin_return_address(0)

/* --- Texts. --- */

HOOK int STDCALL mysql_real_query_start(int *ret, MYSQL *mysql, const char *query,
                                        unsigned long length)
{
    mariadb_link *c = mariadb_text(mysql, query, length, CALLER);
    int wait = CALLED(mysql_real_query_start)(ret, mysql, query, length);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_real_query_cont(int *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_real_query_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_query_start(int *ret, MYSQL *mysql, const char *query)
{
    mariadb_link *c = mariadb_text(mysql, query, strlen(query), CALLER);
    int wait = CALLED(mysql_query_start)(ret, mysql, query);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_query_cont(int *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_query_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_send_query_start(int *ret, MYSQL *mysql, const char *query,
                                        unsigned long length)
{
    mariadb_link *c = mariadb_text(mysql, query, length, CALLER);
    int wait = CALLED(mysql_send_query_start)(ret, mysql, query, length);

    if (wait == 0) {
        mariadb_text_sent(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_send_query_cont(int *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_send_query_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_sent(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_read_query_result_start(my_bool *ret, MYSQL *mysql)
{
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    int wait = CALLED(mysql_read_query_result_start)(ret, mysql);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_read_query_result_cont(my_bool *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_read_query_result_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_store_result_start(MYSQL_RES **ret, MYSQL *mysql)
{
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    int wait = CALLED(mysql_store_result_start)(ret, mysql);

    if (wait == 0) {
        mariadb_text_stored(c, mysql, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_store_result_cont(MYSQL_RES **ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_store_result_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_stored(c, mysql, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_fetch_row_start(MYSQL_ROW *ret, MYSQL_RES *result)
{
    MYSQL *mysql = mariadb_source(result);
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    int wait = CALLED(mysql_fetch_row_start)(ret, result);

    if (wait == 0) {
        mariadb_text_row(c, mysql, result, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_fetch_row_cont(MYSQL_ROW *ret, MYSQL_RES *result, int status)
{
    MYSQL *mysql = mariadb_source(result);
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_fetch_row_cont)(ret, result, status);

    if (wait == 0) {
        mariadb_text_row(c, mysql, result, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_free_result_start(MYSQL_RES *result)
{
    MYSQL *mysql = mariadb_source(result);
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    int wait = CALLED(mysql_free_result_start)(result);

    if (wait == 0) {
        mariadb_text_freed(c, mysql);
    }
    return wait;
}

HOOK int STDCALL mysql_free_result_cont(MYSQL_RES *result, int status)
{
    MYSQL *mysql = mariadb_source(result);
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_free_result_cont)(result, status);

    if (wait == 0) {
        mariadb_text_freed(c, mysql);
    }
    return wait;
}

HOOK int STDCALL mysql_next_result_start(int *ret, MYSQL *mysql)
{
    mariadb_link *c = mariadb_resume(mysql, CALLER);
    int wait = CALLED(mysql_next_result_start)(ret, mysql);

    if (wait == 0) {
        mariadb_text_next(c, mysql, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_next_result_cont(int *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_next_result_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_next(c, mysql, *ret);
    }
    return wait;
}

/* --- Functions that send a text of their own. --- */

HOOK int STDCALL mysql_autocommit_start(my_bool *ret, MYSQL *mysql, my_bool mode)
{
    mariadb_link *c = mariadb_own_text(mysql, "SET autocommit=", mode ? "1" : "0", CALLER);
    int wait = CALLED(mysql_autocommit_start)(ret, mysql, mode);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_autocommit_cont(my_bool *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_autocommit_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_commit_start(my_bool *ret, MYSQL *mysql)
{
    mariadb_link *c = mariadb_own_text(mysql, "COMMIT", "", CALLER);
    int wait = CALLED(mysql_commit_start)(ret, mysql);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_commit_cont(my_bool *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_commit_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_rollback_start(my_bool *ret, MYSQL *mysql)
{
    mariadb_link *c = mariadb_own_text(mysql, "ROLLBACK", "", CALLER);
    int wait = CALLED(mysql_rollback_start)(ret, mysql);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_rollback_cont(my_bool *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_rollback_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_set_character_set_start(int *ret, MYSQL *mysql, const char *name)
{
    mariadb_link *c = mariadb_own_text(mysql, "SET NAMES ", name, CALLER);
    int wait = CALLED(mysql_set_character_set_start)(ret, mysql, name);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_set_character_set_cont(int *ret, MYSQL *mysql, int status)
{
    mariadb_link *c = mariadb_running(mysql, CALLER);
    int wait = CALLED(mysql_set_character_set_cont)(ret, mysql, status);

    if (wait == 0) {
        mariadb_text_answered(c, mysql, *ret != 0);
    }
    return wait;
}

/* --- Prepared statements. --- */

HOOK int STDCALL mysql_stmt_prepare_start(int *ret, MYSQL_STMT *stmt, const char *query,
                                          unsigned long length)
{
    mariadb_prepared *s = mariadb_prepare(stmt, query, length, CALLER);
    int wait = CALLED(mysql_stmt_prepare_start)(ret, stmt, query, length);

    if (wait == 0) {
        mariadb_was_prepared(s, stmt, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_prepare_cont(int *ret, MYSQL_STMT *stmt, int status)
{
    int wait = CALLED(mysql_stmt_prepare_cont)(ret, stmt, status);

    if (wait == 0) {
        mariadb_was_prepared(mariadb_statement_of(stmt), stmt, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_execute_start(int *ret, MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_execute(stmt, CALLER);
    int wait = CALLED(mysql_stmt_execute_start)(ret, stmt);

    if (wait == 0) {
        mariadb_executed(s, stmt, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_execute_cont(int *ret, MYSQL_STMT *stmt, int status)
{
    mariadb_prepared *s = mariadb_statement_running(stmt, CALLER);
    int wait = CALLED(mysql_stmt_execute_cont)(ret, stmt, status);

    if (wait == 0) {
        mariadb_executed(s, stmt, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_store_result_start(int *ret, MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    int wait = CALLED(mysql_stmt_store_result_start)(ret, stmt);

    if (wait == 0) {
        mariadb_statement_stored(s, stmt, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_store_result_cont(int *ret, MYSQL_STMT *stmt, int status)
{
    mariadb_prepared *s = mariadb_statement_running(stmt, CALLER);
    int wait = CALLED(mysql_stmt_store_result_cont)(ret, stmt, status);

    if (wait == 0) {
        mariadb_statement_stored(s, stmt, *ret != 0);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_fetch_start(int *ret, MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    int wait = CALLED(mysql_stmt_fetch_start)(ret, stmt);

    if (wait == 0) {
        mariadb_statement_row(s, stmt, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_fetch_cont(int *ret, MYSQL_STMT *stmt, int status)
{
    mariadb_prepared *s = mariadb_statement_running(stmt, CALLER);
    int wait = CALLED(mysql_stmt_fetch_cont)(ret, stmt, status);

    if (wait == 0) {
        mariadb_statement_row(s, stmt, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_next_result_start(int *ret, MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    int wait = CALLED(mysql_stmt_next_result_start)(ret, stmt);

    if (wait == 0) {
        mariadb_statement_next(s, stmt, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_next_result_cont(int *ret, MYSQL_STMT *stmt, int status)
{
    mariadb_prepared *s = mariadb_statement_running(stmt, CALLER);
    int wait = CALLED(mysql_stmt_next_result_cont)(ret, stmt, status);

    if (wait == 0) {
        mariadb_statement_next(s, stmt, *ret);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_free_result_start(my_bool *ret, MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    int wait = CALLED(mysql_stmt_free_result_start)(ret, stmt);

    if (wait == 0) {
        mariadb_statement_freed(s);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_free_result_cont(my_bool *ret, MYSQL_STMT *stmt, int status)
{
    mariadb_prepared *s = mariadb_statement_running(stmt, CALLER);
    int wait = CALLED(mysql_stmt_free_result_cont)(ret, stmt, status);

    if (wait == 0) {
        mariadb_statement_freed(s);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_reset_start(my_bool *ret, MYSQL_STMT *stmt)
{
    mariadb_prepared *s = mariadb_statement_resume(stmt, CALLER);
    int wait = CALLED(mysql_stmt_reset_start)(ret, stmt);

    if (wait == 0) {
        mariadb_statement_freed(s);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_reset_cont(my_bool *ret, MYSQL_STMT *stmt, int status)
{
    mariadb_prepared *s = mariadb_statement_running(stmt, CALLER);
    int wait = CALLED(mysql_stmt_reset_cont)(ret, stmt, status);

    if (wait == 0) {
        mariadb_statement_freed(s);
    }
    return wait;
}

HOOK int STDCALL mysql_stmt_close_start(my_bool *ret, MYSQL_STMT *stmt)
{
    mariadb_statement_forget(stmt);
    return CALLED(mysql_stmt_close_start)(ret, stmt);
}
