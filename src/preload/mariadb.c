/*
 * libmariadb: what is kept for a connection. A connection has one text under way at most, and any
 * number of prepared statements whose rows are still being fetched.
 */
#define _GNU_SOURCE
#include "preload/mariadb_hooks.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include <errmsg.h>

static symbol symbols[MARIADB_SYMBOLS] = {
#define NAMED(function) [S_##function] = {.name = #function}
    NAMED(mysql_real_connect),
    NAMED(mysql_close),
    NAMED(mysql_query),
    NAMED(mysql_real_query),
    NAMED(mysql_send_query),
    NAMED(mysql_read_query_result),
    NAMED(mysql_store_result),
    NAMED(mysql_use_result),
    NAMED(mysql_fetch_row),
    NAMED(mysql_free_result),
    NAMED(mysql_next_result),
    NAMED(mysql_autocommit),
    NAMED(mysql_commit),
    NAMED(mysql_rollback),
    NAMED(mysql_set_character_set),
    NAMED(mysql_list_dbs),
    NAMED(mysql_list_tables),
    NAMED(mysql_stmt_init),
    NAMED(mysql_stmt_prepare),
    NAMED(mysql_stmt_execute),
    NAMED(mysql_stmt_store_result),
    NAMED(mysql_stmt_fetch),
    NAMED(mysql_stmt_free_result),
    NAMED(mysql_stmt_reset),
    NAMED(mysql_stmt_next_result),
    NAMED(mysql_stmt_close),
    NAMED(mysql_stmt_bind_result),
    NAMED(mysql_stmt_fetch_column),
    NAMED(mariadb_stmt_execute_direct),
    NAMED(mysql_real_connect_start),
    NAMED(mysql_real_connect_cont),
    NAMED(mysql_close_start),
    NAMED(mysql_query_start),
    NAMED(mysql_query_cont),
    NAMED(mysql_real_query_start),
    NAMED(mysql_real_query_cont),
    NAMED(mysql_send_query_start),
    NAMED(mysql_send_query_cont),
    NAMED(mysql_read_query_result_start),
    NAMED(mysql_read_query_result_cont),
    NAMED(mysql_store_result_start),
    NAMED(mysql_store_result_cont),
    NAMED(mysql_fetch_row_start),
    NAMED(mysql_fetch_row_cont),
    NAMED(mysql_free_result_start),
    NAMED(mysql_free_result_cont),
    NAMED(mysql_next_result_start),
    NAMED(mysql_next_result_cont),
    NAMED(mysql_autocommit_start),
    NAMED(mysql_autocommit_cont),
    NAMED(mysql_commit_start),
    NAMED(mysql_commit_cont),
    NAMED(mysql_rollback_start),
    NAMED(mysql_rollback_cont),
    NAMED(mysql_set_character_set_start),
    NAMED(mysql_set_character_set_cont),
    NAMED(mysql_stmt_prepare_start),
    NAMED(mysql_stmt_prepare_cont),
    NAMED(mysql_stmt_execute_start),
    NAMED(mysql_stmt_execute_cont),
    NAMED(mysql_stmt_store_result_start),
    NAMED(mysql_stmt_store_result_cont),
    NAMED(mysql_stmt_fetch_start),
    NAMED(mysql_stmt_fetch_cont),
    NAMED(mysql_stmt_free_result_start),
    NAMED(mysql_stmt_free_result_cont),
    NAMED(mysql_stmt_reset_start),
    NAMED(mysql_stmt_reset_cont),
    NAMED(mysql_stmt_next_result_start),
    NAMED(mysql_stmt_next_result_cont),
    NAMED(mysql_stmt_close_start),
    NAMED(mysql_errno),
    NAMED(mysql_sqlstate),
    NAMED(mysql_field_count),
    NAMED(mysql_affected_rows),
    NAMED(mysql_more_results),
    NAMED(mysql_num_rows),
    NAMED(mysql_num_fields),
    NAMED(mysql_fetch_fields),
    NAMED(mysql_fetch_lengths),
    NAMED(mysql_row_tell),
    NAMED(mysql_row_seek),
    NAMED(mysql_stmt_errno),
    NAMED(mysql_stmt_sqlstate),
    NAMED(mysql_stmt_field_count),
    NAMED(mysql_stmt_affected_rows),
    NAMED(mysql_stmt_num_rows),
    NAMED(mysql_stmt_more_results),
#undef NAMED
};
static const char *const sonames[] = {"libmariadb.so", "libmariadb-", "libmysqlclient", NULL};
client mariadb_client = {
    .name = "libmariadb",
    .sonames = sonames,
    .symbols = symbols,
    .symbol_count = MARIADB_SYMBOLS,
};
static table links = {.entry_size = sizeof(mariadb_link)};

bool mariadb_is_known(void)
{
    enum { NOT_LOOKED, KNOWN, OTHER };
    static atomic_int state;
    int is = atomic_load_explicit(&state, memory_order_relaxed);
    Dl_info info;

    if (is == NOT_LOOKED) {
        const void *inside;
        (void)symbol_address(&CLIENT, S_mysql_real_query);
        inside = (const void *)atomic_load(&CLIENT.text_begin);
        is = OTHER;
        if (inside != NULL && dladdr(inside, &info) != 0 && info.dli_fname != NULL) {
            const char *slash = strrchr(info.dli_fname, '/');
            const char *name = slash != NULL ? slash + 1 : info.dli_fname;
            is = strncmp(name, "libmariadb.so.3", 15) == 0 ? KNOWN : OTHER;
        }
        atomic_store_explicit(&state, is, memory_order_relaxed);
    }
    return is == KNOWN;
}

/* --- Connections. --- */

static uint32_t number_of(const MYSQL *mysql)
{
    const char *host;
    char database[512];

    if (!mariadb_is_known()) {
        return recorder_connection(RECORDER_MARIADB, NULL);
    }
    host = mysql->unix_socket != NULL ? mysql->unix_socket : mysql->host;
    snprintf(database, sizeof database, "%s:%u/%s", host != NULL ? host : "", mysql->port,
             mysql->db != NULL ? mysql->db : "");
    return recorder_connection(RECORDER_MARIADB, database);
}

/* It changes with mysql_select_db() and its like. */
static uint64_t database_of(const MYSQL *mysql)
{
    const char *name = mariadb_is_known() ? mysql->db : NULL;

    return name != NULL ? XXH3_64bits(name, strlen(name)) : 0;
}

mariadb_link *mariadb_link_of(MYSQL *mysql)
{
    uint64_t database;
    mariadb_link *c;

    if (mysql == NULL || !recorder_is_on()) {
        return NULL;
    }
    c = table_add(&links, mysql);
    if (c == NULL) {
        return NULL;
    }
    database = database_of(mysql);
    if (c->number == 0 || c->database != database) {
        c->number = number_of(mysql);
        c->database = database;
    }
    return c;
}

mariadb_link *mariadb_running(MYSQL *mysql, const void *caller)
{
    mariadb_link *c;

    if (mysql == NULL || client_owns(&CLIENT, caller)) {
        return NULL;
    }
    c = table_find(&links, mysql);
    return c != NULL && c->recording.is_open ? c : NULL;
}

mariadb_link *mariadb_resume(MYSQL *mysql, const void *caller)
{
    mariadb_link *c = mariadb_running(mysql, caller);

    if (c != NULL) {
        recording_resume(&c->recording);
    }
    return c;
}

void mariadb_begin(recording *r, mariadb_link *c, uint32_t text, const void *caller)
{
    recording_begin(r, c->number, text, caller);
    recording_trip(r, recorder_trip());
}

void mariadb_fail(recording *r, unsigned number, const char *state)
{
    char name[16];

    if (number == CR_COMMANDS_OUT_OF_SYNC || number == CR_SERVER_GONE_ERROR) {
        recording_drop(r);
        return;
    }
    snprintf(name, sizeof name, "%u", number); /* HY000 says nothing */
    recording_error(r, state == NULL || strcmp(state, "HY000") == 0 ? name : state);
    recording_end(r);
}

uint32_t mariadb_columns(const MYSQL_FIELD *fields, unsigned count)
{
    const char *names[MARIADB_MOST_COLUMNS];

    for (unsigned i = 0; i < count; i++) {
        names[i] = fields[i].name;
    }
    return recorder_columns(names, count);
}

/* --- Connecting, which also runs the commands of MYSQL_INIT_COMMAND. --- */

static _Thread_local unsigned connecting;

bool mariadb_is_program(const void *caller)
{
    return connecting > 0 || !client_owns(&CLIENT, caller);
}

HOOK MYSQL *STDCALL mysql_real_connect(MYSQL *mysql, const char *host, const char *user,
                                       const char *passwd, const char *db, unsigned int port,
                                       const char *unix_socket, unsigned long clientflag)
{
    MYSQL *(*real)(MYSQL *, const char *, const char *, const char *, const char *, unsigned int,
                   const char *, unsigned long) = CALLED(mysql_real_connect);
    MYSQL *connected;

    connecting++;
    connected = real(mysql, host, user, passwd, db, port, unix_socket, clientflag);
    connecting--;
    return connected;
}

HOOK int STDCALL mysql_real_connect_start(MYSQL **ret, MYSQL *mysql, const char *host,
                                          const char *user, const char *passwd, const char *db,
                                          unsigned int port, const char *unix_socket,
                                          unsigned long clientflag)
{
    int wait;

    connecting++;
    wait = CALLED(mysql_real_connect_start)(ret, mysql, host, user, passwd, db, port, unix_socket,
                                            clientflag);
    connecting--;
    return wait;
}

HOOK int STDCALL mysql_real_connect_cont(MYSQL **ret, MYSQL *mysql, int status)
{
    int wait;

    connecting++;
    wait = CALLED(mysql_real_connect_cont)(ret, mysql, status);
    connecting--;
    return wait;
}

/* --- Its end. --- */

static void forget(void *kept)
{
    mariadb_link *c = kept;

    recording_fini(&c->recording);
    c->number = 0;
    table_remove(c);
}

void mariadb_forget(MYSQL *mysql)
{
    mariadb_link *c = mysql != NULL ? table_find(&links, mysql) : NULL;

    if (c != NULL) {
        forget(c);
    }
}

HOOK void STDCALL mysql_close(MYSQL *sock)
{
    mariadb_forget(sock);
    CALLED(mysql_close)(sock);
}

HOOK int STDCALL mysql_close_start(MYSQL *sock)
{
    mariadb_forget(sock);
    return CALLED(mysql_close_start)(sock);
}

/* --- The program's end, and its children. --- */

/* Results of which the program left the rest when it ended. */
__attribute__((destructor)) static void end_links(void)
{
    table_each(&links, forget);
    mariadb_follow_end_all();
}

static void drop(void *kept)
{
    mariadb_link *c = kept;

    recording_drop(&c->recording);
}

/* In a child: what is under way is the parent's. */
static void drop_all(void)
{
    table_each(&links, drop);
    mariadb_statements_drop();
}

__attribute__((constructor)) static void look(void)
{
    client_look(&CLIENT);
    (void)pthread_atfork(NULL, NULL, drop_all);
}
