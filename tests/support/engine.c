/*
 * The engines that tests run on.
 *
 * Each test program has a folder of its own for SQLite's files and for a list of what it made on
 * the servers, so that the process that put the suite together can remove everything, also what a
 * crashed test left behind. On PostgreSQL a database is a schema that the URL puts first on the
 * search path: making one takes no time.
 */
#include "support/engine.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "driver/driver.h"
#include "schema/schema.h"

enum { MOST_DATABASES = 256, LONGEST_URL = 512 };

typedef struct test_engine {
    const char *name;
    const char *url; /* of the server; NULL: SQLite */
} test_engine;

typedef struct test_database {
    rowan_db *db;
    char *url;
    size_t engine;
} test_database;

static test_engine engines[3];
static size_t engines_known;
static char folder[256];
static pid_t owner;
static unsigned long began; /* process numbers come again: names must not */
static unsigned made;
static test_database databases[MOST_DATABASES];
static size_t database_count;

/* --- Finding the engines --- */

static void remove_folder(void)
{
    DIR *directory = opendir(folder);

    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry;
         entry = readdir(directory)) {
        char path[sizeof folder + sizeof entry->d_name + 1];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') {
            unlink(path);
        }
    }
    if (directory) {
        closedir(directory);
    }
    rmdir(folder);
}

static void drop_named(size_t engine, const char *name)
{
    char sql[256];

    if (engine_is(engine, "postgresql")) {
        snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %s CASCADE", name);
    } else {
        snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s", name);
    }
    engine_send(engines[engine].url, sql);
}

static void remove_everything(void)
{
    char path[sizeof folder + 16], line[200];

    if (getpid() != owner) {
        return; /* a forked test */
    }
    snprintf(path, sizeof path, "%s/made", folder);
    FILE *list = fopen(path, "r");
    while (list && fgets(line, sizeof line, list)) {
        size_t engine = (size_t)(line[0] - '0');
        line[strcspn(line, "\n")] = '\0';
        drop_named(engine, line + 1);
    }
    if (list) {
        fclose(list);
    }
    remove_folder();
}

static void add_server(const char *name, const char *variable)
{
    const char *url = getenv(variable);
    const char *required = getenv("ROWAN_REQUIRE_SERVERS");

    if (url && *url) {
        engines[engines_known++] = (test_engine){name, url};
        return;
    }
    fprintf(stderr, "%s is not set: no test runs on %s\n", variable, name);
    if (required && strcmp(required, "1") == 0) {
        exit(EXIT_FAILURE);
    }
}

static void start(void)
{
    const char *parent = getenv("TMPDIR");

    owner = getpid();
    began = (unsigned long)time(NULL);
    snprintf(folder, sizeof folder, "%s/rowan-test-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(folder)) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
#ifdef ROWAN_WITH_SQLITE
    engines[engines_known++] = (test_engine){"sqlite", NULL};
#endif
#ifdef ROWAN_WITH_POSTGRESQL
    add_server("postgresql", "ROWAN_TEST_POSTGRESQL");
#endif
#ifdef ROWAN_WITH_MARIADB
    add_server("mariadb", "ROWAN_TEST_MARIADB");
#endif
    atexit(remove_everything);
}

size_t engine_count(void)
{
    if (owner == 0) {
        start();
    }
    return engines_known;
}

const char *engine_name(size_t engine)
{
    return engines[engine].name;
}

bool engine_is(size_t engine, const char *name)
{
    return engine < engines_known && strcmp(engines[engine].name, name) == 0;
}

/* --- Fresh databases --- */

void engine_send(const char *url, const char *sql)
{
    const rowan__open_options options = {.connect_ms = 10000, .busy_ms = 5000};
    rowan__operation operation = {.sql = sql, .sql_size = strlen(sql), .param_rows = 1};
    const rowan__driver *driver;
    rowan__connection *connection;
    rowan__url parts;
    rowan_error error = {0};

    if (rowan__driver_find(url, &driver, &parts, &error) != ROWAN_OK ||
        driver->open(&rowan__default_allocator, &parts, &options, &connection, &error) !=
            ROWAN_OK) {
        ck_abort_msg("%s: %s", error.message, error.engine_message);
    }
    driver->run(connection, &operation, 1);
    driver->close(connection);
    if (operation.status != ROWAN_OK) {
        ck_abort_msg("%s: %s (%s)", sql, operation.error.message, operation.error.engine_message);
    }
}

/* Notes what was made, for the end of the program. */
static void note(size_t engine, const char *name)
{
    char path[sizeof folder + 16];

    snprintf(path, sizeof path, "%s/made", folder);
    FILE *list = fopen(path, "a");
    ck_assert_ptr_nonnull(list);
    fprintf(list, "%zu%s\n", engine, name);
    ck_assert_int_eq(fclose(list), 0);
}

/* mariadb://USER@HOST/DATABASE?OPTIONS with another database. */
static void write_mariadb_url(char *out, const char *server, const char *name)
{
    const char *host = strstr(server, "://");
    size_t size = strcspn(server, "?");

    ck_assert_ptr_nonnull(host);
    const char *slash = memchr(host + 3, '/', size - (size_t)(host + 3 - server));
    size_t kept = slash ? (size_t)(slash - server) : size;
    snprintf(out, LONGEST_URL, "%.*s/%s%s", (int)kept, server, name, server + size);
}

static void make_on_server(size_t engine, const char *name, char *url)
{
    const char *server = engines[engine].url;
    char sql[200];

    note(engine, name);
    if (engine_is(engine, "postgresql")) {
        snprintf(sql, sizeof sql, "CREATE SCHEMA %s", name);
        snprintf(url, LONGEST_URL, "%s%coptions=-csearch_path%%3D%s", server,
                 strchr(server, '?') ? '&' : '?', name);
    } else {
        snprintf(sql, sizeof sql,
                 "CREATE DATABASE %s CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", name);
        write_mariadb_url(url, server, name);
    }
    engine_send(server, sql);
}

const char *engine_url_new(size_t engine)
{
    char url[LONGEST_URL], name[64];

    ck_assert_uint_lt(engine, engine_count());
    ck_assert_uint_lt(database_count, MOST_DATABASES);
    snprintf(name, sizeof name, "rowan_test_%lx_%ld_%u", began, (long)getpid(), made++);
    if (engines[engine].url) {
        make_on_server(engine, name, url);
    } else {
        snprintf(url, sizeof url, "sqlite:%s/%s.db", folder, name);
    }
    char *copy = strdup(url);
    ck_assert_ptr_nonnull(copy);
    databases[database_count++] = (test_database){NULL, copy, engine};
    return copy;
}

static void drop_at(size_t at)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    test_database gone = databases[at];
    char path[LONGEST_URL];

    databases[at] = databases[--database_count];
    if (!engines[gone.engine].url) {
        for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
            snprintf(path, sizeof path, "%s%s", gone.url + strlen("sqlite:"), suffixes[i]);
            unlink(path);
        }
    } else {
        char *name = strstr(gone.url, "rowan_test_");
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789")] = '\0';
        drop_named(gone.engine, name);
    }
    free(gone.url);
}

void engine_url_drop(const char *url)
{
    for (size_t i = 0; i < database_count; i++) {
        if (databases[i].url == url) {
            drop_at(i);
            return;
        }
    }
    ck_abort_msg("engine_url_drop: not a URL of engine_url_new");
}

/* --- Opened databases --- */

/*
 * A machine that has much else to do makes any statement slow: a test that is about slow ones says
 * itself from when on they are.
 */
static rowan_detector_options patient(const rowan_detector_options *given)
{
    enum { MINUTES_MS = 600000 };
    rowan_detector_options settings = ROWAN_DETECTOR_OPTIONS_INIT;

    if (given) {
        settings = *given;
    }
    settings.slow_ms = settings.slow_ms ? settings.slow_ms : MINUTES_MS;
    settings.long_transaction_ms =
        settings.long_transaction_ms ? settings.long_transaction_ms : MINUTES_MS;
    settings.idle_transaction_ms =
        settings.idle_transaction_ms ? settings.idle_transaction_ms : MINUTES_MS;
    return settings;
}

rowan_db *engine_open_url(const char *url, const rowan_options *options)
{
    rowan_options chosen = options ? *options : (rowan_options)ROWAN_OPTIONS_INIT;
    rowan_detector_options detector = patient(chosen.detector);
    rowan_error error = {0};
    rowan_db *db;

    chosen.detector = &detector;
    if (rowan_open(url, &chosen, &db, &error) != ROWAN_OK) {
        ck_abort_msg("%s: %s %s (%s)", url, rowan_status_name(error.status), error.message,
                     error.engine_message);
    }
    return db;
}

rowan_db *engine_open(size_t engine, const rowan_options *options)
{
    const char *url = engine_url_new(engine);
    rowan_db *db = engine_open_url(url, options);

    databases[database_count - 1].db = db;
    return db;
}

void engine_close(rowan_db *db)
{
    if (!db) {
        return;
    }
    rowan_close(db);
    for (size_t i = 0; i < database_count; i++) {
        if (databases[i].db == db) {
            drop_at(i);
            return;
        }
    }
    ck_abort_msg("engine_close: not a database of engine_open");
}

/* Runs a text, or the files of a folder. */
static void run_schema(rowan_db *db, const char *sql, const char *from_folder)
{
    const rowan__driver *driver;
    rowan__schema schema = {0};
    rowan__arena arena;
    rowan_error error = {0};
    rowan_scope *scope;
    rowan__url parts;
    char scheme[32];

    snprintf(scheme, sizeof scheme, "%s:", rowan_db_engine(db));
    ck_assert_int_eq(rowan__driver_find(scheme, &driver, &parts, &error), ROWAN_OK);
    rowan__arena_init(&arena, &rowan__default_allocator);
    rowan_status status =
        sql ? rowan__schema_read(&schema, &arena, driver->dialect, "test", sql, strlen(sql), &error)
            : rowan__schema_load(&schema, &arena, driver->dialect, from_folder, &error);
    ck_assert_msg(status == ROWAN_OK, "%s", error.message);
    ck_assert_int_eq(rowan_scope_begin(db, "schema of the test", &scope, &error), ROWAN_OK);
    status = rowan__schema_run(scope, &schema);
    ck_assert_msg(status == ROWAN_OK, "%s (%s)", rowan_scope_error(scope)->message,
                  rowan_scope_error(scope)->engine_message);
    rowan_scope_end(scope);
    rowan__arena_fini(&arena);
}

void engine_script(rowan_db *db, const char *sql)
{
    run_schema(db, sql, NULL);
}

rowan_db *engine_bookshop(size_t engine, const rowan_options *options)
{
    rowan_db *db = engine_open(engine, options);

    run_schema(db, NULL, ROWAN_SOURCE_DIR "/schemas/bookshop");
    return db;
}
