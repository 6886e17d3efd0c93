/*
 * The witness.
 *
 * On the servers a user is made for the occasion, so that what other tests send at the same time
 * does not count: pg_stat_statements keeps its figures by user, and the general log names the user
 * of each entry.
 */
#include "support/witness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <libpq-fe.h>
#include <mysql.h>
#include <sqlite3.h>

#include "support/engine.h"

struct witness {
    size_t engine;
    char url[1024];
    char user[64];
    PGconn *postgresql;
    MYSQL *mariadb;
};

const char *witness_url(const witness *self)
{
    return self->url;
}

/* --- SQLite: every connection that is opened gets a trace. --- */

static atomic_uint_fast64_t traced;
static pthread_mutex_t texts_lock = PTHREAD_MUTEX_INITIALIZER;
static char texts[1 << 16]; /* what was traced last, up to where it is full */
static size_t texts_size;

static void keep_text(const char *text)
{
    size_t size = strlen(text) + 1;

    pthread_mutex_lock(&texts_lock);
    if (texts_size + size <= sizeof texts) {
        memcpy(texts + texts_size, text, size);
        texts_size += size;
    }
    pthread_mutex_unlock(&texts_lock);
}

static bool saw_sqlite(const char *words)
{
    bool saw = false;

    pthread_mutex_lock(&texts_lock);
    for (size_t at = 0; at < texts_size && !saw; at += strlen(texts + at) + 1) {
        saw = strstr(texts + at, words) != NULL;
    }
    pthread_mutex_unlock(&texts_lock);
    return saw;
}

static int on_statement(unsigned kind, void *context, void *statement, void *text)
{
    (void)kind;
    (void)context;
    (void)statement;
    /* What a trigger runs is reported as a comment: it is part of the statement that fired it. */
    if (strncmp(text, "--", 2) != 0) {
        atomic_fetch_add(&traced, 1);
        keep_text(text);
    }
    return 0;
}

static int trace_connection(sqlite3 *connection, char **message,
                            const struct sqlite3_api_routines *api)
{
    (void)message;
    (void)api;
    return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, on_statement, NULL);
}

static void watch_sqlite(witness *self, const char *url)
{
    snprintf(self->url, sizeof self->url, "%s", url);
    ck_assert_int_eq(sqlite3_auto_extension((void (*)(void))trace_connection), SQLITE_OK);
    atomic_store(&traced, 0);
    texts_size = 0;
}

/* --- PostgreSQL. --- */

static void run_postgresql(witness *self, const char *sql)
{
    PGresult *result = PQexec(self->postgresql, sql);

    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK ||
                      PQresultStatus(result) == PGRES_TUPLES_OK,
                  "%s: %s", sql, PQerrorMessage(self->postgresql));
    PQclear(result);
}

/* The URL with another user: what stands between "//" and "@" or, without a user, before the host.
 */
static void url_as(witness *self, const char *url, const char *password)
{
    const char *start = strstr(url, "//") + 2;
    const char *host = strchr(start, '@');

    host = host && host < start + strcspn(start, "/?") ? host + 1 : start;
    snprintf(self->url, sizeof self->url, "%.*s%s%s%s@%s", (int)(start - url), url, self->user,
             password ? ":" : "", password ? password : "", host);
}

static void watch_postgresql(witness *self, const char *url)
{
    char sql[256];

    self->postgresql = PQconnectdb(url);
    ck_assert_msg(PQstatus(self->postgresql) == CONNECTION_OK, "%s",
                  PQerrorMessage(self->postgresql));
    run_postgresql(self, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public");
    /* A table that is full forgets what was called least. */
    run_postgresql(self, "SELECT public.pg_stat_statements_reset()");
    snprintf(sql, sizeof sql, "DROP ROLE IF EXISTS %s", self->user);
    run_postgresql(self, sql);
    snprintf(sql, sizeof sql, "CREATE ROLE %s LOGIN SUPERUSER", self->user);
    run_postgresql(self, sql);
    url_as(self, url, NULL);
}

/* @param condition  on the statements' texts; "" for all */
static uint64_t count_postgresql(witness *self, const char *condition)
{
    char sql[1024];

    snprintf(sql, sizeof sql,
             "SELECT coalesce(sum(calls), 0) FROM public.pg_stat_statements WHERE toplevel AND "
             "userid = '%s'::regrole%s",
             self->user, condition);
    PGresult *result = PQexec(self->postgresql, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s",
                  PQerrorMessage(self->postgresql));
    uint64_t count = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return count;
}

/* --- MariaDB. --- */

static void run_mariadb(witness *self, const char *sql)
{
    ck_assert_msg(mysql_query(self->mariadb, sql) == 0, "%s: %s", sql, mysql_error(self->mariadb));
}

/* Value of a query option, "socket=…", up to the next '&'. */
static bool url_option(const char *url, const char *name, char *out, size_t size)
{
    const char *at = strstr(url, name);

    if (!at) {
        return false;
    }
    at += strlen(name);
    snprintf(out, size, "%.*s", (int)strcspn(at, "&"), at);
    return true;
}

/* Takes mariadb://USER:PASSWORD@HOST[:PORT]/DATABASE?… apart and connects. */
static void connect_mariadb(witness *self, const char *url)
{
    char user[64] = "", password[64] = "", host[128] = "", database[64] = "", socket_path[256];
    unsigned port = 0;
    bool has_socket = url_option(url, "socket=", socket_path, sizeof socket_path);

    if (sscanf(url, "mariadb://%63[^:]:%63[^@]@%127[^:/]:%u/%63[^?]", user, password, host, &port,
               database) != 5) {
        port = 0;
        ck_assert_msg(sscanf(url, "mariadb://%63[^:]:%63[^@]@%127[^/]/%63[^?]", user, password,
                             host, database) == 4,
                      "the test's MariaDB URL needs user, password, host and database");
    }
    self->mariadb = mysql_init(NULL);
    ck_assert_msg(mysql_real_connect(self->mariadb, host, user, password, database, port,
                                     has_socket ? socket_path : NULL, 0),
                  "%s", mysql_error(self->mariadb));
}

static void watch_mariadb(witness *self, const char *url)
{
    char sql[256];

    connect_mariadb(self, url);
    snprintf(sql, sizeof sql, "CREATE OR REPLACE USER %s@'%%' IDENTIFIED BY 'secret'", self->user);
    run_mariadb(self, sql);
    snprintf(sql, sizeof sql, "GRANT ALL PRIVILEGES ON *.* TO %s@'%%'", self->user);
    run_mariadb(self, sql);
    run_mariadb(self, "SET GLOBAL log_output = 'TABLE'");
    run_mariadb(self, "TRUNCATE mysql.general_log"); /* it is read from its start each time */
    run_mariadb(self, "SET GLOBAL general_log = ON");
    url_as(self, url, "secret");
}

static uint64_t count_mariadb(witness *self, const char *condition)
{
    char sql[1024];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM mysql.general_log WHERE user_host LIKE '%s[%%' AND "
             "command_type IN ('Query', 'Execute', 'Bulk_execute')%s",
             self->user, condition);
    run_mariadb(self, sql);
    MYSQL_RES *result = mysql_store_result(self->mariadb);
    ck_assert_ptr_nonnull(result);
    uint64_t count = strtoull(mysql_fetch_row(result)[0], NULL, 10);
    mysql_free_result(result);
    return count;
}

/* --- All. --- */

witness *witness_open(size_t engine, const char *url)
{
    witness *self = calloc(1, sizeof *self);

    ck_assert_ptr_nonnull(self);
    self->engine = engine;
    snprintf(self->user, sizeof self->user, "rowan_witness_%ld", (long)getpid());
    if (engine_is(engine, "postgresql")) {
        watch_postgresql(self, url);
    } else if (engine_is(engine, "mariadb")) {
        watch_mariadb(self, url);
    } else {
        watch_sqlite(self, url);
    }
    return self;
}

uint64_t witness_count(witness *self)
{
    if (self->postgresql) {
        return count_postgresql(self, "");
    }
    return self->mariadb ? count_mariadb(self, "") : atomic_load(&traced);
}

/* A text as a string of SQL, for either server. */
static void quote(const char *text, char *out, size_t size)
{
    size_t used = 0;

    for (; *text != '\0' && used + 3 < size; text++) {
        if (*text == '\'') {
            out[used++] = '\'';
        }
        out[used++] = *text;
    }
    out[used] = '\0';
}

bool witness_saw(witness *self, const char *words)
{
    char quoted[512], condition[640];

    quote(words, quoted, sizeof quoted);
    if (self->postgresql) {
        snprintf(condition, sizeof condition, " AND position('%s' in query) > 0", quoted);
        return count_postgresql(self, condition) > 0;
    }
    snprintf(condition, sizeof condition, " AND locate('%s', argument) > 0", quoted);
    return self->mariadb ? count_mariadb(self, condition) > 0 : saw_sqlite(words);
}

void witness_close(witness *self)
{
    char sql[256];

    if (self->postgresql) {
        snprintf(sql, sizeof sql, "DROP OWNED BY %s CASCADE", self->user);
        run_postgresql(self, sql);
        snprintf(sql, sizeof sql, "DROP ROLE %s", self->user);
        run_postgresql(self, sql);
        PQfinish(self->postgresql);
    } else if (self->mariadb) {
        run_mariadb(self, "SET GLOBAL general_log = OFF");
        snprintf(sql, sizeof sql, "DROP USER %s@'%%'", self->user);
        run_mariadb(self, sql);
        mysql_close(self->mariadb);
    } else {
        sqlite3_cancel_auto_extension((void (*)(void))trace_connection);
    }
    free(self);
}
