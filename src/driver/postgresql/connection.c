/*
 * Connections to PostgreSQL.
 *
 * A connection is opened step by step and not by the blocking call, for two reasons: the wait is
 * ours to bound, and libpq can then be told to write the SQLSTATE into its message, the only place
 * where a failed connection shows one. With several hosts in the URL the blocking call is taken all
 * the same, because only it goes on to the next host when one does not answer.
 */
#include "driver/postgresql/postgresql_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"

static rowan__postgresql_connection *as_postgresql(rowan__connection *connection)
{
    return (rowan__postgresql_connection *)connection;
}

/* Notices go nowhere, except that one tells that the server ends an idle session. */
static void take_notice(void *context, const PGresult *notice)
{
    rowan__postgresql_connection *connection = context;
    const char *severity = client->PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);

    if (severity && strcmp(severity, "FATAL") == 0) {
        connection->ended = true;
    }
}

/* Whether libpq has an option of that name. */
static bool is_option(const char *name, size_t size)
{
    PQconninfoOption *options = client->PQconndefaults();
    bool found =
        size == 3 && memcmp(name, "ssl", 3) == 0; /* libpq takes ssl=true for sslmode=require */

    for (size_t i = 0; options && options[i].keyword && !found; i++) {
        found = strlen(options[i].keyword) == size && memcmp(options[i].keyword, name, size) == 0;
    }
    client->PQconninfoFree(options);
    return found;
}

/* Says what is wrong with a URL without quoting it: there may be a password in it. */
static rowan_status fail_url(const char *url, rowan_error *error)
{
    const char *at = strchr(url, '?');

    while (at) {
        const char *name = at + 1;
        size_t size = strcspn(name, "=&");
        if (size > 0 && !is_option(name, size)) {
            return rowan__fail(
                error, ROWAN_MISUSE,
                "the URL has an option \"%.*s\" that PostgreSQL does not have: check its spelling",
                size > 60 ? 60 : (int)size, name);
        }
        at = strchr(name, '&');
    }
    return rowan__fail(
        error, ROWAN_MISUSE,
        "the URL cannot be read: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
        "with %%XX for special characters");
}

/* Looks at the URL before anything is sent. Its connect_timeout replaces `*timeout_ms`. */
static rowan_status check_url(const char *url, unsigned *timeout_ms, bool *several_hosts,
                              rowan_error *error)
{
    PQconninfoOption *options = client->PQconninfoParse(url, NULL);

    *several_hosts = false;
    if (!options) {
        return fail_url(url, error);
    }
    for (size_t i = 0; options[i].keyword; i++) {
        const char *value = options[i].val;
        if (!value) {
            continue;
        }
        if (strcmp(options[i].keyword, "connect_timeout") == 0) {
            long seconds = strtol(value, NULL, 10);
            *timeout_ms = seconds > 0 && seconds < 1000000 ? (unsigned)seconds * 1000 : *timeout_ms;
        } else if (strcmp(options[i].keyword, "host") == 0 ||
                   strcmp(options[i].keyword, "hostaddr") == 0) {
            *several_hosts = *several_hosts || strchr(value, ',') != NULL;
        }
    }
    client->PQconninfoFree(options);
    return ROWAN_OK;
}

/* Goes on connecting until it is done, well or badly. false: time ran out. */
static bool connect_within(PGconn *pg, int64_t limit_ns)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;

    while (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED) {
        struct pollfd socket = {.fd = client->PQsocket(pg),
                                .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        int64_t left_ns = limit_ns - rowan__now_ns();
        if (left_ns <= 0) {
            return false;
        }
        int ready = poll(&socket, 1, (int)(left_ns / 1000000) + 1);
        if (ready > 0) {
            want = client->PQconnectPoll(pg);
        } else if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
    return true;
}

static rowan_status start_session(rowan__postgresql_connection *connection, const char *url,
                                  unsigned timeout_ms, bool several_hosts, rowan_error *error)
{
    char seconds[24];
    const char *const names[] = {"connect_timeout", "dbname", "fallback_application_name",
                                 "client_encoding", NULL};
    const char *const values[] = {seconds, url, "rowan", "UTF8", NULL};
    bool in_time = true;

    snprintf(seconds, sizeof seconds, "%u", (timeout_ms + 999) / 1000);
    if (several_hosts) {
        connection->pg = client->PQconnectdbParams(names, values, 1);
    } else {
        int64_t limit_ns = rowan__now_ns() + (int64_t)timeout_ms * 1000000;
        connection->pg = client->PQconnectStartParams(names, values, 1);
        client->PQsetErrorVerbosity(connection->pg, PQERRORS_VERBOSE);
        client->PQsetNoticeReceiver(connection->pg, take_notice, connection);
        in_time = client->PQstatus(connection->pg) == CONNECTION_BAD ||
                  connect_within(connection->pg, limit_ns);
    }
    if (!connection->pg) {
        return rowan__fail_nomem(error);
    }
    if (client->PQstatus(connection->pg) != CONNECTION_OK) {
        return rowan__postgresql_fail_connect(connection->pg, !in_time, error);
    }
    client->PQsetErrorVerbosity(connection->pg, PQERRORS_DEFAULT);
    client->PQsetNoticeReceiver(connection->pg, take_notice, connection);
    connection->stopper = client->PQgetCancel(connection->pg);
    return connection->stopper && client->PQsetnonblocking(connection->pg, 1) == 0
               ? ROWAN_OK
               : rowan__fail_nomem(error);
}

static void close_connection(rowan__connection *base)
{
    rowan__postgresql_connection *connection = as_postgresql(base);

    while (connection->gone) {
        rowan__postgresql_prepared *next = connection->gone->next;
        rowan__postgresql_forget(connection->gone);
        connection->gone = next;
    }
    client->PQclear(connection->pending);
    client->PQfreeCancel(connection->stopper);
    client->PQfinish(connection->pg);
    rowan__text_fini(&connection->scratch);
    rowan__free(base->allocator, connection, 1, sizeof *connection);
}

static rowan_status open_connection(const rowan_allocator *allocator, const rowan__url *url,
                                    const rowan__open_options *options, rowan__connection **out,
                                    rowan_error *error)
{
    unsigned timeout_ms = options->connect_ms;
    bool several_hosts;
    rowan_status status = rowan__postgresql_load(error);

    *out = NULL;
    if (status == ROWAN_OK) {
        status = check_url(url->whole, &timeout_ms, &several_hosts, error);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__postgresql_connection *connection = rowan__new(allocator, 1, sizeof *connection);
    if (!connection) {
        return rowan__fail_nomem(error);
    }
    connection->base.driver = &rowan__postgresql_driver;
    connection->base.allocator = allocator;
    atomic_init(&connection->cancelled, false);
    rowan__text_init(&connection->scratch, allocator);
    status = start_session(connection, url->whole, timeout_ms, several_hosts, error);
    if (status != ROWAN_OK) {
        close_connection(&connection->base);
        return status;
    }
    *out = &connection->base;
    return ROWAN_OK;
}

#define SETTINGS                                                                                   \
    "SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false), "    \
    "set_config('extra_float_digits', '3', false), set_config('bytea_output', 'hex', false), "     \
    "set_config('standard_conforming_strings', 'on', false), "                                     \
    "set_config('cursor_tuple_fraction', '1', false)"

/* One statement for all settings: startup options cost none, but poolers refuse them. */
static rowan_status set_up(rowan__connection *base, const rowan__open_options *options,
                           const rowan__runner *runner)
{
    const char *sql = options->read_only ? SETTINGS
                          ", set_config('default_transaction_read_only', 'on', false)"
                                         : SETTINGS;

    (void)base;
    return runner->run(runner, sql, NULL, 0, NULL, NULL);
}

static bool readable(PGconn *pg)
{
    struct pollfd socket = {.fd = client->PQsocket(pg), .events = POLLIN};

    return poll(&socket, 1, 0) != 0;
}

/*
 * An idle connection has nothing to say unless the server ends it: that arrives as a notice first,
 * and the end of the stream is seen by the second reading only.
 */
static bool is_alive(rowan__connection *base)
{
    rowan__postgresql_connection *connection = as_postgresql(base);

    for (int i = 0; i < 2 && readable(connection->pg); i++) {
        if (!client->PQconsumeInput(connection->pg) || client->PQisBusy(connection->pg)) {
            return false;
        }
    }
    return !connection->ended && client->PQstatus(connection->pg) == CONNECTION_OK &&
           client->PQtransactionStatus(connection->pg) == PQTRANS_IDLE;
}

static rowan_status cancel(rowan__connection *base, rowan_error *error)
{
    rowan__postgresql_connection *connection = as_postgresql(base);
    char reason[256] = "";

    atomic_store(&connection->cancelled, true);
    if (client->PQcancel(connection->stopper, reason, sizeof reason)) {
        return ROWAN_OK;
    }
    rowan_status status = rowan__fail(
        error, ROWAN_CONNECT, "the server could not be reached to cancel: the statement goes on");
    if (error) {
        rowan__error_copy(error->engine_message, sizeof error->engine_message, reason,
                          strlen(reason));
    }
    return status;
}

const rowan__driver rowan__postgresql_driver = {
    .scheme = "postgresql",
    .dialect = &rowan__postgresql_dialect,
    .open = open_connection,
    .setup = set_up,
    .close = close_connection,
    .alive = is_alive,
    .prepare = rowan__postgresql_prepare,
    .unprepare = rowan__postgresql_unprepare,
    .bind = rowan__postgresql_bind,
    .run = rowan__postgresql_run,
    .fetch = rowan__postgresql_fetch,
    .finish = rowan__postgresql_finish,
    .cancel = cancel,
    .introspect = rowan__postgresql_introspect,
};
