/*
 * Connections to SQLite.
 *
 * Waiting for a lock is ours and not SQLite's, so that a deadline or a cancel ends it.
 * Double-quoted words are names only: with SQLite's own default a misspelt column would be a
 * string.
 */
#include "driver/sqlite/sqlite_private.h"

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/error.h"

enum { SHORT_NAP_MS = 25, NS_PER_MS = 1000000 };

static rowan__sqlite_connection *as_sqlite(rowan__connection *connection)
{
    return (rowan__sqlite_connection *)connection;
}

static int compare_decimals(void *context, int a_size, const void *a, int b_size, const void *b)
{
    (void)context;
    bool a_valid = rowan__decimal_valid(a, (size_t)a_size);
    bool b_valid = rowan__decimal_valid(b, (size_t)b_size);

    /* A total order needs a place for texts that are no decimals: behind all that are. */
    if (a_valid && b_valid) {
        return rowan__decimal_compare(a, (size_t)a_size, b, (size_t)b_size);
    }
    if (a_valid != b_valid) {
        return a_valid ? -1 : 1;
    }
    int order = memcmp(a, b, (size_t)(a_size < b_size ? a_size : b_size));
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

/* Reads `?mode=…` behind the path. */
static rowan_status read_options(const char *options, int *flags, rowan_error *error)
{
    while (*options) {
        size_t size = strcspn(options, "&");
        size_t name_size = strcspn(options, "=&");
        if (name_size != 4 || memcmp(options, "mode", 4) != 0) {
            return rowan__fail(
                error, ROWAN_MISUSE,
                "the URL has an option \"%.*s\" that SQLite does not have: there is mode",
                name_size > 60 ? 60 : (int)name_size, options);
        }
        if (size == 7 && memcmp(options, "mode=ro", 7) == 0) {
            *flags = SQLITE_OPEN_READONLY;
        } else if (size == 7 && memcmp(options, "mode=rw", 7) == 0) {
            *flags = SQLITE_OPEN_READWRITE;
        } else if (size == 8 && memcmp(options, "mode=rwc", 8) == 0) {
            *flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        } else {
            return rowan__fail(
                error, ROWAN_MISUSE,
                "the URL's option mode is ro, rw or rwc (create a file that is not there)");
        }
        options += size + (options[size] == '&');
    }
    return ROWAN_OK;
}

/* Opens the file. @p path is the text behind "sqlite:" up to the options. */
static rowan_status open_file(rowan__sqlite_connection *connection, const char *path, int flags,
                              rowan_error *error)
{
    connection->file_system = rowan__sqlite_undo_ref();
    int code = sqlite3_open_v2(path, &connection->db, flags | SQLITE_OPEN_NOMUTEX,
                               connection->file_system);

    if (code != SQLITE_OK) {
        int system_error = connection->db ? sqlite3_system_errno(connection->db) : 0;
        return rowan__sqlite_fail_open(code, system_error, path, error);
    }
    sqlite3_extended_result_codes(connection->db, 1);
    sqlite3_busy_handler(connection->db, rowan__sqlite_wait_for_lock, connection);
    sqlite3_set_authorizer(connection->db, rowan__sqlite_note_compiled, connection);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
    code = sqlite3_create_collation_v2(connection->db, "rowan_decimal", SQLITE_UTF8, NULL,
                                       compare_decimals, NULL);
    return code == SQLITE_OK ? ROWAN_OK : rowan__sqlite_fail(connection, code, error);
}

static void close_connection(rowan__connection *base)
{
    rowan__sqlite_connection *connection = as_sqlite(base);

    sqlite3_close_v2(connection->db);
    rowan__sqlite_undo_unref(connection->file_system);
    rowan__text_fini(&connection->scratch);
    rowan__free(base->allocator, connection, 1, sizeof *connection);
}

static rowan_status open_connection(const rowan_allocator *allocator, const rowan__url *url,
                                    const rowan__open_options *options, rowan__connection **out,
                                    rowan_error *error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    size_t path_size = strcspn(url->rest, "?");
    rowan_status status =
        read_options(url->rest + path_size + (url->rest[path_size] == '?'), &flags, error);

    *out = NULL;
    if (status != ROWAN_OK) {
        return status;
    }
    if (path_size == 0) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "the URL names no file: write sqlite:PATH or sqlite::memory:");
    }
    if (strncmp(url->rest, "//", 2) == 0 && url->rest[2] != '/') {
        return rowan__fail(error, ROWAN_MISUSE,
                           "the URL has a host where SQLite has none: write sqlite:PATH, or "
                           "sqlite:/PATH from the root");
    }
    rowan__sqlite_connection *connection = rowan__new(allocator, 1, sizeof *connection);
    char *path = rowan__new(allocator, path_size + 1, 1);
    if (!connection || !path) {
        rowan__free(allocator, connection, 1, sizeof *connection);
        rowan__free(allocator, path, path_size + 1, 1);
        return rowan__fail_nomem(error);
    }
    memcpy(path, url->rest, path_size);
    connection->base.driver = &rowan__sqlite_driver;
    connection->base.allocator = allocator;
    connection->busy_ms = options->busy_ms;
    connection->in_memory = strcmp(path, ":memory:") == 0;
    atomic_init(&connection->running, false);
    atomic_init(&connection->cancelled, false);
    rowan__text_init(&connection->scratch, allocator);
    status = open_file(connection, path, options->read_only ? SQLITE_OPEN_READONLY : flags, error);
    rowan__free(allocator, path, path_size + 1, 1);
    if (status != ROWAN_OK) {
        close_connection(&connection->base);
        return status;
    }
    *out = &connection->base;
    return ROWAN_OK;
}

static rowan_status set(const rowan__runner *runner, const char *pragma)
{
    return runner->run(runner, pragma, NULL, 0, NULL, NULL);
}

/*
 * Write-ahead logging. Two connections that switch a new file to it at the same time fail each
 * other without waiting, because SQLite sees a deadlock there: the one that failed tries again.
 */
static rowan_status set_journal(rowan__sqlite_connection *connection, const rowan__runner *runner)
{
    int64_t limit_ns = rowan__now_ns() + (int64_t)connection->busy_ms * NS_PER_MS;
    rowan_status status = set(runner, "PRAGMA journal_mode = WAL");

    while (status == ROWAN_BUSY && rowan__now_ns() < limit_ns) {
        rowan__sqlite_nap(SHORT_NAP_MS);
        status = set(runner, "PRAGMA journal_mode = WAL");
    }
    return status;
}

/* The first statement of a file reads it, so that one that is no database is reported here. */
static rowan_status set_up(rowan__connection *base, const rowan__open_options *options,
                           const rowan__runner *runner)
{
    rowan__sqlite_connection *connection = as_sqlite(base);
    bool writable = sqlite3_db_readonly(connection->db, "main") == 0;
    rowan_status status = ROWAN_OK;

    (void)options;
    if (!connection->in_memory) {
        status = writable ? set_journal(connection, runner) : set(runner, "PRAGMA schema_version");
    }
    if (status == ROWAN_OK && !connection->in_memory && writable) {
        status = set(runner, "PRAGMA synchronous = NORMAL");
    }
    if (status == ROWAN_OK) {
        status = set(runner, "PRAGMA foreign_keys = ON");
    }
    return status == ROWAN_OK ? set(runner, "PRAGMA case_sensitive_like = ON") : status;
}

/* There is nobody on the other side; a transaction that was left open is what can be wrong. */
static bool is_alive(rowan__connection *base)
{
    return sqlite3_get_autocommit(as_sqlite(base)->db) != 0;
}

static rowan_status cancel(rowan__connection *base, rowan_error *error)
{
    rowan__sqlite_connection *connection = as_sqlite(base);

    (void)error;
    if (atomic_load(&connection->running)) {
        atomic_store(&connection->cancelled, true);
        sqlite3_interrupt(connection->db);
    }
    return ROWAN_OK;
}

const rowan__driver rowan__sqlite_driver = {
    .scheme = "sqlite",
    .dialect = &rowan__sqlite_dialect,
    .open = open_connection,
    .setup = set_up,
    .close = close_connection,
    .alive = is_alive,
    .prepare = rowan__sqlite_prepare,
    .unprepare = rowan__sqlite_unprepare,
    .bind = rowan__sqlite_bind,
    .tells_keys = rowan__sqlite_tells_keys,
    .run = rowan__sqlite_run,
    .fetch = rowan__sqlite_fetch,
    .finish = rowan__sqlite_finish,
    .cancel = cancel,
    .introspect = rowan__sqlite_introspect,
};
