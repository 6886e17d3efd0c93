/*
 * What the hooks of libmariadb share. They are in mariadb.c (connections), mariadb_query.c (texts),
 * mariadb_statement.c (prepared statements) and mariadb_async.c (what does not wait).
 */
#ifndef ROWAN_PRELOAD_MARIADB_HOOKS_H
#define ROWAN_PRELOAD_MARIADB_HOOKS_H

#include <mysql.h>

#include "preload/recorder.h"
#include "preload/symbols.h"
#include "preload/table.h"

enum {
    S_mysql_real_connect,
    S_mysql_close,
    S_mysql_query,
    S_mysql_real_query,
    S_mysql_send_query,
    S_mysql_read_query_result,
    S_mysql_store_result,
    S_mysql_use_result,
    S_mysql_fetch_row,
    S_mysql_free_result,
    S_mysql_next_result,
    S_mysql_autocommit,
    S_mysql_commit,
    S_mysql_rollback,
    S_mysql_set_character_set,
    S_mysql_list_dbs,
    S_mysql_list_tables,
    S_mysql_stmt_init,
    S_mysql_stmt_prepare,
    S_mysql_stmt_execute,
    S_mysql_stmt_store_result,
    S_mysql_stmt_fetch,
    S_mysql_stmt_free_result,
    S_mysql_stmt_reset,
    S_mysql_stmt_next_result,
    S_mysql_stmt_close,
    S_mysql_stmt_bind_result,
    S_mysql_stmt_fetch_column,
    S_mariadb_stmt_execute_direct,
    S_mysql_real_connect_start,
    S_mysql_real_connect_cont,
    S_mysql_close_start,
    S_mysql_query_start,
    S_mysql_query_cont,
    S_mysql_real_query_start,
    S_mysql_real_query_cont,
    S_mysql_send_query_start,
    S_mysql_send_query_cont,
    S_mysql_read_query_result_start,
    S_mysql_read_query_result_cont,
    S_mysql_store_result_start,
    S_mysql_store_result_cont,
    S_mysql_fetch_row_start,
    S_mysql_fetch_row_cont,
    S_mysql_free_result_start,
    S_mysql_free_result_cont,
    S_mysql_next_result_start,
    S_mysql_next_result_cont,
    S_mysql_autocommit_start,
    S_mysql_autocommit_cont,
    S_mysql_commit_start,
    S_mysql_commit_cont,
    S_mysql_rollback_start,
    S_mysql_rollback_cont,
    S_mysql_set_character_set_start,
    S_mysql_set_character_set_cont,
    S_mysql_stmt_prepare_start,
    S_mysql_stmt_prepare_cont,
    S_mysql_stmt_execute_start,
    S_mysql_stmt_execute_cont,
    S_mysql_stmt_store_result_start,
    S_mysql_stmt_store_result_cont,
    S_mysql_stmt_fetch_start,
    S_mysql_stmt_fetch_cont,
    S_mysql_stmt_free_result_start,
    S_mysql_stmt_free_result_cont,
    S_mysql_stmt_reset_start,
    S_mysql_stmt_reset_cont,
    S_mysql_stmt_next_result_start,
    S_mysql_stmt_next_result_cont,
    S_mysql_stmt_close_start,
    S_mysql_errno,
    S_mysql_sqlstate,
    S_mysql_field_count,
    S_mysql_affected_rows,
    S_mysql_more_results,
    S_mysql_num_rows,
    S_mysql_num_fields,
    S_mysql_fetch_fields,
    S_mysql_fetch_lengths,
    S_mysql_row_tell,
    S_mysql_row_seek,
    S_mysql_stmt_errno,
    S_mysql_stmt_sqlstate,
    S_mysql_stmt_field_count,
    S_mysql_stmt_affected_rows,
    S_mysql_stmt_num_rows,
    S_mysql_stmt_more_results,
    MARIADB_SYMBOLS
};
extern client mariadb_client;
#define CLIENT mariadb_client

typedef struct mariadb_link {
    entry entry;
    uint32_t number;
    uint64_t database;   /* hash of the name of the one that the number is for */
    recording recording; /* of a text; its results may still come */
} mariadb_link;

typedef struct mariadb_prepared {
    entry entry;
    uint32_t text;
    uint32_t columns; /* of its result, as they were when it was prepared; 0: not known */
    MYSQL *mysql;
    recording recording;
    uint64_t bound;         /* columns, bit by bit, of the first 64, that the program bound */
    uint64_t watched;       /* of the last execution; 0: nothing is told of it */
    uint64_t rows_read, columns_read; /* of it */
} mariadb_prepared;

enum { MARIADB_MOST_COLUMNS = 256 };

/**
 * Whether the library's structures are those of our header: it is libmariadb.so.3. Of another one,
 * which has functions of the same names, texts and counts are told, and no values.
 */
bool mariadb_is_known(void);

/** What is kept for a connection; NULL if nothing is recorded or memory ran out. */
mariadb_link *mariadb_link_of(MYSQL *mysql);

/** The same, if a statement is under way and the caller is not the library itself; or NULL. */
mariadb_link *mariadb_running(MYSQL *mysql, const void *caller);

/** The same, and the program waits for it again: its clock runs. */
mariadb_link *mariadb_resume(MYSQL *mysql, const void *caller);

/** Whether a text is the program's: its own call, or a command that it wants on connecting. */
bool mariadb_is_program(const void *caller);

/** A recording's round trip has begun: it begins or goes on, and the clock runs. */
void mariadb_begin(recording *r, mariadb_link *c, uint32_t text, const void *caller);

/** It failed; a statement that the client library did not send at all is left out. */
void mariadb_fail(recording *r, unsigned number, const char *state);

/** Names of a result's columns: recorder_columns(). */
uint32_t mariadb_columns(const MYSQL_FIELD *fields, unsigned count);

/* --- Texts: steps that waiting functions and the others share. @p c may be NULL. --- */

/** Begins a text. @return NULL if nothing is recorded or the library itself calls. */
mariadb_link *mariadb_text(MYSQL *mysql, const char *sql, size_t size, const void *caller);

/** The same for a text of two parts that the library makes itself. @p after may be NULL. */
mariadb_link *mariadb_own_text(MYSQL *mysql, const char *before, const char *after,
                               const void *caller);

/** It was sent only. */
void mariadb_text_sent(mariadb_link *c, MYSQL *mysql, bool failed);

/** The beginning of its result has come, or of a further one. */
void mariadb_text_answered(mariadb_link *c, MYSQL *mysql, bool failed);

/** The rows have come. @p result may be NULL. */
void mariadb_text_stored(mariadb_link *c, MYSQL *mysql, MYSQL_RES *result);

/** The connection that a row comes from; NULL if it was stored before. */
MYSQL *mariadb_source(const MYSQL_RES *result);

/** The program went to a row, or there is none left; @p mysql is NULL if it was stored. */
void mariadb_text_row(mariadb_link *c, MYSQL *mysql, MYSQL_RES *result, MYSQL_ROW row);

/** Asked for a further result. @param status  as of mysql_next_result() */
void mariadb_text_next(mariadb_link *c, MYSQL *mysql, int status);

/** Nobody asks for the rest of this result. */
void mariadb_text_freed(mariadb_link *c, MYSQL *mysql);

/** The connection is gone. */
void mariadb_forget(MYSQL *mysql);

/* --- Prepared statements, in the same way. @p s may be NULL. --- */

mariadb_prepared *mariadb_prepare(MYSQL_STMT *stmt, const char *sql, size_t size,
                                  const void *caller);
/** It was: its columns are known. */
void mariadb_was_prepared(mariadb_prepared *s, const MYSQL_STMT *stmt, bool failed);
mariadb_prepared *mariadb_execute(MYSQL_STMT *stmt, const void *caller);
mariadb_prepared *mariadb_statement_running(MYSQL_STMT *stmt, const void *caller);
mariadb_prepared *mariadb_statement_resume(MYSQL_STMT *stmt, const void *caller);
void mariadb_executed(mariadb_prepared *s, MYSQL_STMT *stmt, bool failed);
void mariadb_statement_stored(mariadb_prepared *s, MYSQL_STMT *stmt, bool failed);
void mariadb_statement_row(mariadb_prepared *s, MYSQL_STMT *stmt, int status);
void mariadb_statement_next(mariadb_prepared *s, MYSQL_STMT *stmt, int status);
void mariadb_statement_freed(mariadb_prepared *s);
void mariadb_statement_forget(MYSQL_STMT *stmt);

/** What is under way is none of this process. */
void mariadb_statements_drop(void);

/** The entry of a statement, or NULL. */
mariadb_prepared *mariadb_statement_of(const MYSQL_STMT *stmt);

/* --- What the program reads. --- */

/** A stored result that the program gets; how far it goes is followed until it lets go of it. */
void mariadb_follow(recording *r, const MYSQL_RES *result);

/** The rows of several results are counted together: what was read of them is not told. */
void mariadb_follow_no_more(recording *r);

/** It went to a row. */
void mariadb_follow_row(const MYSQL_RES *result);

/** An execution has a result; the program fetched a row of it; there is a further result. */
void mariadb_statement_follow(mariadb_prepared *s, const MYSQL_STMT *stmt);
void mariadb_statement_fetched(const MYSQL_STMT *stmt);
void mariadb_statement_follow_no_more(mariadb_prepared *s);
/** Tells of the last execution, if it has not been told of. */
void mariadb_statement_follow_end(mariadb_prepared *s);

/** It lets go of a result; the program ends. */
void mariadb_follow_end(const MYSQL_RES *result);
void mariadb_follow_end_all(void);

/* --- Values. --- */

enum { MARIADB_SCRATCH = 40 };

/** A value of a text result; @p data NULL is SQL NULL. */
rowan_value mariadb_text_value(const MYSQL_FIELD *field, const char *data, size_t size);

/**
 * A value of a binary result.
 *
 * @param at       where it is in the row; moved behind it
 * @param scratch  MARIADB_SCRATCH bytes that the value may borrow
 */
rowan_value mariadb_binary_value(const MYSQL_FIELD *field, const unsigned char **at, char *scratch);

/** A bound parameter of the first row. */
rowan_value mariadb_bound_value(const MYSQL_STMT *stmt, const MYSQL_BIND *bind, char *scratch);

#endif
