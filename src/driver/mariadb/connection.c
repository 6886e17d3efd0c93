/*
 * Connections to MariaDB.
 *
 * The URL is taken apart here, because the client library has no such form. Its parts are kept for
 * as long as the connection lives: the server can be told to stop a statement by another connection
 * only.
 */
#include "driver/mariadb/mariadb_private.h"

#include <poll.h>

#include "base/alloc.h"
#include "base/error.h"

static rowan__mariadb_connection *as_mariadb(rowan__connection *connection)
{
    return (rowan__mariadb_connection *)connection;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes %XX in place. false: not two digits behind a %, or a NUL. */
static bool decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++, to++) {
        *to = *from;
        if (*from == '%') {
            int high = hex_digit(from[1]);
            int low = high >= 0 ? hex_digit(from[2]) : -1;
            if (low < 0 || high + low == 0) {
                return false;
            }
            *to = (char)(high * 16 + low);
            from += 2;
        }
    }
    *to = '\0';
    return true;
}

/* Cuts a text at the first of some characters: what is behind it, or NULL. */
static char *cut(char *text, const char *at)
{
    char *end = strpbrk(text, at);

    if (!end) {
        return NULL;
    }
    *end = '\0';
    return end + 1;
}

static rowan_status read_number(const char *text, unsigned most, const char *what, unsigned *out,
                                rowan_error *error)
{
    unsigned number = 0;

    for (const char *c = text; *c; c++) {
        if (*c < '0' || *c > '9' || number > most) {
            number = most + 1;
            break;
        }
        number = number * 10 + (unsigned)(*c - '0');
    }
    if (number == 0 || number > most) {
        return rowan__fail(error, ROWAN_MISUSE, "the URL's %s is not a number from 1 to %u", what,
                           most);
    }
    *out = number;
    return ROWAN_OK;
}

static rowan_status read_ssl(rowan__mariadb_address *address, const char *value, rowan_error *error)
{
    address->encrypt = strcmp(value, "require") == 0 || strcmp(value, "verify") == 0;
    address->verify = strcmp(value, "verify") == 0;
    if (!address->encrypt && strcmp(value, "off") != 0) {
        return rowan__fail(error, ROWAN_MISUSE, "the URL's ssl is none of off, require and verify");
    }
    return ROWAN_OK;
}

static rowan_status read_option(rowan__mariadb_address *address, const char *name,
                                const char *value, rowan_error *error)
{
    const struct {
        const char *name;
        const char **field;
    } texts[] = {
        {"socket", &address->socket},
        {"ssl_ca", &address->ssl_ca},
        {"ssl_cert", &address->ssl_cert},
        {"ssl_key", &address->ssl_key},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].field = value;
            return ROWAN_OK;
        }
    }
    if (strcmp(name, "connect_timeout") == 0) {
        return read_number(value, 86400, "connect_timeout", &address->connect_s, error);
    }
    if (strcmp(name, "ssl") == 0) {
        return read_ssl(address, value, error);
    }
    return rowan__fail(
        error, ROWAN_MISUSE,
        "the URL has an option \"%.60s\" that is none of socket, connect_timeout, ssl, ssl_ca, "
        "ssl_cert and ssl_key: check its spelling",
        name);
}

static rowan_status read_options(rowan__mariadb_address *address, char *options, rowan_error *error)
{
    while (options && *options) {
        char *next = cut(options, "&");
        char *value = cut(options, "=");
        if (!value || !decode(options) || !decode(value)) {
            return rowan__fail(
                error, ROWAN_MISUSE,
                "the URL's option \"%.60s\" cannot be read: write NAME=VALUE, with %%XX for "
                "special characters",
                options);
        }
        rowan_status status = read_option(address, options, value, error);
        if (status != ROWAN_OK) {
            return status;
        }
        options = next;
    }
    return ROWAN_OK;
}

/* "host", "host:port", "[v6 address]:port" or nothing. */
static rowan_status read_host(rowan__mariadb_address *address, char *host, rowan_error *error)
{
    char *port = NULL;

    if (*host == '[') {
        char *behind = cut(host, "]");
        if (!behind || (*behind && *behind != ':')) {
            return rowan__fail(error, ROWAN_MISUSE, "the URL's host has a [ without its ]");
        }
        host++;
        port = *behind ? behind + 1 : NULL;
    } else {
        port = cut(host, ":");
    }
    address->host = *host ? host : NULL;
    return port ? read_number(port, 65535, "port", &address->port, error) : ROWAN_OK;
}

/* Takes "//[user[:password]@]host[:port]/database[?name=value&...]" apart, in the address's own
 * copy. */
static rowan_status read_url(rowan__mariadb_address *address, rowan_error *error)
{
    char *rest = address->text;
    char *options = cut(rest, "?");
    char *authority = strncmp(rest, "//", 2) == 0 ? rest + 2 : NULL;
    char *database = authority ? cut(authority, "/") : NULL;

    if (!authority || !database || !*database) {
        return rowan__fail(
            error, ROWAN_MISUSE,
            "the URL names no database: write mariadb://USER:PASSWORD@HOST:PORT/DATABASE");
    }
    char *at = strrchr(authority, '@');
    char *host = at ? at + 1 : authority;
    char *user = at ? authority : NULL;
    if (at) {
        *at = '\0';
    }
    char *password = user ? cut(user, ":") : NULL;
    rowan_status status = read_host(address, host, error);
    if (status != ROWAN_OK) {
        return status;
    }
    if (!decode(host) || !decode(database) || (user && !decode(user)) ||
        (password && !decode(password))) {
        return rowan__fail(
            error, ROWAN_MISUSE,
            "the URL has a %% without two hexadecimal digits behind it: write %%25 for the sign");
    }
    address->user = user && *user ? user : NULL;
    address->password = password;
    address->database = database;
    status = read_options(address, options, error);
    if (status == ROWAN_OK && address->socket && address->host &&
        strcmp(address->host, "localhost") != 0) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "the URL has a socket, which goes with the host localhost only");
    }
    return status;
}

static void set_options(MYSQL *mysql, const rowan__mariadb_address *address)
{
    const unsigned tcp = MYSQL_PROTOCOL_TCP;
    unsigned no_files = 0;
    my_bool yes = 1;

    client->mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &address->connect_s);
    client->mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    client->mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE,
                          &no_files); /* or the server could ask for any file of ours */
    if (address->port != 0 &&
        !address->socket) { /* the library would not heed a port of localhost */
        client->mysql_options(mysql, MYSQL_OPT_PROTOCOL, &tcp);
    }
    if (address->encrypt) {
        client->mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
        client->mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &address->verify);
        client->mysql_optionsv(mysql, MYSQL_OPT_SSL_CA, address->ssl_ca);
        client->mysql_optionsv(mysql, MYSQL_OPT_SSL_CERT, address->ssl_cert);
        client->mysql_optionsv(mysql, MYSQL_OPT_SSL_KEY, address->ssl_key);
    }
}

rowan_status rowan__mariadb_dial(const rowan__mariadb_address *address, MYSQL **out,
                                 rowan_error *error)
{
    MYSQL *mysql = client->mysql_init(NULL);

    *out = NULL;
    if (!mysql) {
        return rowan__fail_nomem(error);
    }
    set_options(mysql, address);
    if (!client->mysql_real_connect(mysql, address->host, address->user, address->password,
                                    address->database, address->port, address->socket,
                                    CLIENT_FOUND_ROWS)) {
        rowan_status status = rowan__mariadb_fail_connect(mysql, address, error);
        client->mysql_close(mysql);
        return status;
    }
    /* The library goes on without, whatever it is told. */
    if (address->encrypt && !client->mysql_get_ssl_cipher(mysql)) {
        client->mysql_close(mysql);
        return rowan__fail(
            error, ROWAN_CONNECT,
            "the server does not encrypt connections, which ssl in the URL asks for");
    }
    *out = mysql;
    return ROWAN_OK;
}

static bool can_take_arrays(MYSQL *mysql)
{
    unsigned long abilities = 0; /* of MariaDB beyond MySQL's 32 */

    return client->mariadb_get_infov(mysql, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES,
                                     &abilities) == 0 &&
           (abilities & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
}

static void close_connection(rowan__connection *base)
{
    rowan__mariadb_connection *connection = as_mariadb(base);
    rowan__mariadb_address *address = &connection->address;

    if (connection->mysql) {
        client->mysql_close(connection->mysql);
    }
    if (address->text) {
        memset(address->text, 0, address->text_size); /* there is a password in it */
        rowan__free(base->allocator, address->text, 1, address->text_size);
    }
    pthread_mutex_destroy(&connection->lock);
    rowan__free(base->allocator, connection, 1, sizeof *connection);
}

static rowan_status connect_to(rowan__mariadb_connection *connection, const rowan__url *url,
                               const rowan__open_options *options, rowan_error *error)
{
    rowan__mariadb_address *address = &connection->address;

    address->text_size = strlen(url->rest) + 1;
    address->text = rowan__new(connection->base.allocator, 1, address->text_size);
    if (!address->text) {
        return rowan__fail_nomem(error);
    }
    memcpy(address->text, url->rest, address->text_size);
    address->connect_s = (options->connect_ms + 999) / 1000;
    rowan_status status = read_url(address, error);
    if (status == ROWAN_OK) {
        status = rowan__mariadb_dial(address, &connection->mysql, error);
    }
    return status;
}

static rowan_status open_connection(const rowan_allocator *allocator, const rowan__url *url,
                                    const rowan__open_options *options, rowan__connection **out,
                                    rowan_error *error)
{
    rowan_status status = rowan__mariadb_load(error);

    *out = NULL;
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__mariadb_connection *connection = rowan__new(allocator, 1, sizeof *connection);
    if (!connection) {
        return rowan__fail_nomem(error);
    }
    connection->base.driver = &rowan__mariadb_driver;
    connection->base.allocator = allocator;
    if (pthread_mutex_init(&connection->lock, NULL) != 0) {
        rowan__free(allocator, connection, 1, sizeof *connection);
        return rowan__fail_nomem(error);
    }
    status = connect_to(connection, url, options, error);
    if (status != ROWAN_OK) {
        close_connection(&connection->base);
        return status;
    }
    connection->takes_arrays = can_take_arrays(connection->mysql);
    *out = &connection->base;
    return ROWAN_OK;
}

static rowan_status note_packet(void *context, const rowan_value *row, size_t count)
{
    rowan__connection *connection = context;

    connection->most_bytes = count == 1 && !row->is_null ? (size_t)row->as.integer : 0;
    return ROWAN_OK;
}

/*
 * One statement for all settings. Zero is a value like others in a generated column, and a value
 * that does not fit is an error, as on the other engines; and assignments of an update see the
 * values from before it.
 */
static rowan_status set_up(rowan__connection *base, const rowan__open_options *options,
                           const rowan__runner *runner)
{
    rowan_status status =
        runner->run(runner,
                    "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin, time_zone = '+00:00', "
                    "sql_mode = 'STRICT_ALL_TABLES,"
                    "NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,"
                    "NO_ENGINE_SUBSTITUTION,"
                    "SIMULTANEOUS_ASSIGNMENT'",
                    NULL, 0, NULL, NULL);

    if (status == ROWAN_OK && options->read_only) {
        status = runner->run(runner, "SET SESSION TRANSACTION READ ONLY", NULL, 0, NULL, NULL);
    }
    if (status == ROWAN_OK) { /* whoever sends more loses the connection */
        status = runner->run(runner, "SELECT CAST(@@max_allowed_packet AS SIGNED)", NULL, 0,
                             note_packet, base);
    }
    return status;
}

/* An idle connection has no transaction open, and nothing to say unless the server ends it. */
static bool is_alive(rowan__connection *base)
{
    rowan__mariadb_connection *connection = as_mariadb(base);
    struct pollfd socket = {.fd = client->mysql_get_socket(connection->mysql), .events = POLLIN};

    return !connection->broken && !connection->in_transaction && poll(&socket, 1, 0) == 0;
}

const rowan__driver rowan__mariadb_driver = {
    .scheme = "mariadb",
    .dialect = &rowan__mariadb_dialect,
    .open = open_connection,
    .setup = set_up,
    .close = close_connection,
    .alive = is_alive,
    .prepare = rowan__mariadb_prepare,
    .unprepare = rowan__mariadb_unprepare,
    .bind = rowan__mariadb_bind,
    .run = rowan__mariadb_run,
    .fetch = rowan__mariadb_fetch,
    .finish = rowan__mariadb_finish,
    .cancel = rowan__mariadb_cancel,
    .introspect = rowan__mariadb_introspect,
};
