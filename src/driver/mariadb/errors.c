/*
 * What MariaDB's errors mean. The number decides, because the SQLSTATE is HY000 for many. An error
 * packet does not say what became of the transaction: that follows from the number, and from what
 * was known before.
 */
#include "driver/mariadb/mariadb_private.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdio.h>

#include "base/calendar.h"
#include "base/error.h"

typedef struct meaning {
    int number;
    rowan_status status;
    const char *message; /* ours */
} meaning;

/* Behind which words, and a quotation mark, a message of the server has a name; NULL: not at all.
 */
typedef struct wording {
    int number;
    const char *constraint, *table, *column;
} wording;

static const char not_there[] =
    "the statement names something that is not there: check the spelling, or the version of "
    "the schema";
static const char ill_typed[] =
    "a value does not have the type that is wanted there: convert it, or write CAST(? AS type)";
static const char too_large[] = "a value is outside what its column or type holds";
static const char too_many_bytes[] =
    "the statement is larger than the server takes: raise its max_allowed_packet";
static const char unprivileged[] = "the user lacks a privilege for that";
static const char in_the_way[] = "another transaction was in the way: run the transaction again";
static const char lost[] = "the connection to the server broke";
static const char unique[] = "a row with this unique key is there already";
static const char no_parent[] = "the row that a foreign key refers to is missing";
static const char has_children[] = "a row is still referred to";
static const char null_given[] = "a value is needed where NULL was given";

static const char no_files[] = "LOAD DATA LOCAL is refused: no file of the client's is sent";

static const meaning meanings[] = {
    {ER_DUP_ENTRY, ROWAN_UNIQUE, unique},
    {ER_DUP_ENTRY_WITH_KEY_NAME, ROWAN_UNIQUE, unique},
    {ER_NO_REFERENCED_ROW, ROWAN_FOREIGN_KEY, no_parent},
    {ER_NO_REFERENCED_ROW_2, ROWAN_FOREIGN_KEY, no_parent},
    {ER_ROW_IS_REFERENCED, ROWAN_FOREIGN_KEY, has_children},
    {ER_ROW_IS_REFERENCED_2, ROWAN_FOREIGN_KEY, has_children},
    {ER_BAD_NULL_ERROR, ROWAN_NOT_NULL, null_given},
    {ER_NO_DEFAULT_FOR_FIELD, ROWAN_NOT_NULL, null_given},
    {ER_CONSTRAINT_FAILED, ROWAN_CHECK, "a check constraint refused the row"},
    {ER_DATA_TOO_LONG, ROWAN_OUT_OF_RANGE, "a text is longer than its column holds"},
    {ER_WARN_DATA_OUT_OF_RANGE, ROWAN_OUT_OF_RANGE, too_large},
    {ER_DATA_OUT_OF_RANGE, ROWAN_OUT_OF_RANGE, too_large},
    {ER_NET_PACKET_TOO_LARGE, ROWAN_OUT_OF_RANGE, too_many_bytes},
    {ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ROWAN_WRONG_TYPE, ill_typed},
    {ER_TRUNCATED_WRONG_VALUE, ROWAN_WRONG_TYPE, ill_typed},
    {WARN_DATA_TRUNCATED, ROWAN_WRONG_TYPE, ill_typed},
    {ER_ILLEGAL_PARAMETER_DATA_TYPES2_FOR_OPERATION, ROWAN_WRONG_TYPE, ill_typed},
    {ER_ILLEGAL_PARAMETER_DATA_TYPE_FOR_OPERATION, ROWAN_WRONG_TYPE, ill_typed},
    {ER_PARSE_ERROR, ROWAN_SYNTAX, "MariaDB cannot read the statement: see the position"},
    {ER_EMPTY_QUERY, ROWAN_SYNTAX, "the statement is empty"},
    {ER_NO_SUCH_TABLE, ROWAN_NO_SUCH, not_there},
    {ER_BAD_TABLE_ERROR, ROWAN_NO_SUCH, not_there},
    {ER_UNKNOWN_TABLE, ROWAN_NO_SUCH, not_there},
    {ER_BAD_FIELD_ERROR, ROWAN_NO_SUCH, not_there},
    {ER_SP_DOES_NOT_EXIST, ROWAN_NO_SUCH, not_there},
    {ER_BAD_DB_ERROR, ROWAN_NO_SUCH, not_there},
    {ER_CANT_DROP_FIELD_OR_KEY, ROWAN_NO_SUCH, not_there},
    {ER_LOCK_DEADLOCK, ROWAN_CONFLICT, in_the_way},
    {ER_CHECKREAD, ROWAN_CONFLICT, in_the_way},
    {ER_LOCK_WAIT_TIMEOUT, ROWAN_TIMEOUT, "waiting for a lock took too long: run it again"},
    {ER_STATEMENT_TIMEOUT, ROWAN_TIMEOUT, "the statement took too long and was stopped"},
    {ER_QUERY_INTERRUPTED, ROWAN_CANCELLED, "the statement was cancelled"},
    {ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ROWAN_READ_ONLY, "the transaction takes no writes"},
    {ER_OPTION_PREVENTS_STATEMENT, ROWAN_READ_ONLY, "the server takes no writes"},
    {ER_OPEN_AS_READONLY, ROWAN_READ_ONLY, "the table takes no writes"},
    {ER_SUBQUERY_NO_1_ROW, ROWAN_ENGINE,
     "a subquery gives several rows where one belongs: give it LIMIT 1"},
    {ER_DISK_FULL, ROWAN_FULL, "the server's disk is full: make room"},
    {ER_RECORD_FILE_FULL, ROWAN_FULL, "the table is full: make room"},
    {ER_DBACCESS_DENIED_ERROR, ROWAN_DENIED, unprivileged},
    {ER_ACCESS_DENIED_ERROR, ROWAN_DENIED, unprivileged},
    {ER_TABLEACCESS_DENIED_ERROR, ROWAN_DENIED, unprivileged},
    {ER_COLUMNACCESS_DENIED_ERROR, ROWAN_DENIED, unprivileged},
    {ER_SPECIFIC_ACCESS_DENIED_ERROR, ROWAN_DENIED, unprivileged},
    {ER_PROCACCESS_DENIED_ERROR, ROWAN_DENIED, unprivileged},
    {ER_NOT_SUPPORTED_YET, ROWAN_UNSUPPORTED, "MariaDB does not support that: see engine_message"},
    {ER_UNSUPPORTED_PS, ROWAN_UNSUPPORTED, "MariaDB cannot prepare such a statement"},
    {ER_NOT_ALLOWED_COMMAND, ROWAN_UNSUPPORTED, no_files},
    {ER_LOAD_INFILE_CAPABILITY_DISABLED, ROWAN_UNSUPPORTED, no_files},
    {CR_SERVER_GONE_ERROR, ROWAN_LOST, lost},
    {CR_SERVER_LOST, ROWAN_LOST, lost},
    {ER_CONNECTION_KILLED, ROWAN_LOST, lost},
    {ER_SERVER_SHUTDOWN, ROWAN_LOST, lost},
    {CR_OUT_OF_MEMORY, ROWAN_NOMEM, "out of memory"},
};

static const char of_value[] = "column `";

static const wording wordings[] = {
    {ER_DUP_ENTRY, "for key '", NULL, NULL},
    {ER_DUP_ENTRY_WITH_KEY_NAME, "for key '", NULL, NULL},
    {ER_NO_REFERENCED_ROW_2, "CONSTRAINT `", "fails (`", "FOREIGN KEY (`"},
    {ER_ROW_IS_REFERENCED_2, "CONSTRAINT `", "fails (`", "FOREIGN KEY (`"},
    {ER_BAD_NULL_ERROR, NULL, NULL, "Column '"},
    {ER_NO_DEFAULT_FOR_FIELD, NULL, NULL, "Field '"},
    {ER_CONSTRAINT_FAILED, "CONSTRAINT `", "failed for `", NULL},
    {ER_DATA_TOO_LONG, NULL, NULL, "column '"},
    {ER_WARN_DATA_OUT_OF_RANGE, NULL, NULL, "column '"},
    {ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, NULL, of_value, NULL},
    {ER_TRUNCATED_WRONG_VALUE, NULL, of_value, NULL},
    {WARN_DATA_TRUNCATED, NULL, NULL, "column '"},
    {ER_NO_SUCH_TABLE, NULL, "Table '", NULL},
    {ER_BAD_TABLE_ERROR, NULL, "table '", NULL},
    {ER_UNKNOWN_TABLE, NULL, "table '", NULL},
    {ER_BAD_FIELD_ERROR, NULL, NULL, "column '"},
    {ER_OPEN_AS_READONLY, NULL, "Table '", NULL},
    {ER_RECORD_FILE_FULL, NULL, "table '", NULL},
    {ER_COLUMNACCESS_DENIED_ERROR, NULL, NULL, "column '"},
};

/* One number is for a text that is no number and for bytes that are no text; its words tell which.
 */
static const meaning bytes_that_are_no_text = {
    ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ROWAN_OUT_OF_RANGE,
    "a text is not UTF-8, or not in its column's character set"};

/* Uuids are kept in the order of their times, which bytes without a known version cannot be. */
static const meaning uuid_of_no_kind = {
    ER_TRUNCATED_WRONG_VALUE, ROWAN_OUT_OF_RANGE,
    "MariaDB takes no such uuid: give it a version and a variant of RFC 9562"};

static bool is_about_a_uuid(const char *text)
{
    static const char before[] = "Incorrect uuid value: '";
    const size_t size = sizeof before - 1;
    rowan_uuid uuid;

    return strncmp(text, before, size) == 0 && strlen(text) > size + ROWAN__UUID_TEXT &&
           rowan__uuid_read(text + size, ROWAN__UUID_TEXT, &uuid);
}

static const meaning *find_meaning(int number, const char *text)
{
    if (number == ER_TRUNCATED_WRONG_VALUE_FOR_FIELD &&
        strncmp(text, "Incorrect string", 16) == 0) {
        return &bytes_that_are_no_text;
    }
    if (number == ER_TRUNCATED_WRONG_VALUE && is_about_a_uuid(text)) {
        return &uuid_of_no_kind;
    }
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].number == number) {
            return &meanings[i];
        }
    }
    return NULL;
}

/* For a number that is not in the table. */
static rowan_status status_by_sqlstate(const char *sqlstate)
{
    if (strncmp(sqlstate, "42", 2) == 0 && sqlstate[2] != 'S') { /* 42S01: is there already */
        return ROWAN_SYNTAX;
    }
    return strncmp(sqlstate, "22", 2) == 0 ? ROWAN_OUT_OF_RANGE : ROWAN_ENGINE;
}

/* The last place where a text is; a value that is quoted before it may contain it, too. */
static const char *find_last(const char *text, const char *word)
{
    const char *found = NULL;

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        found = at;
    }
    return found;
}

/*
 * Copies the name behind some words, up to its quotation mark. Of a path, `a`.`b` or 'a.b', the
 * last part but `outer` counts: a column may be named with its table.
 */
static void copy_name(char *field, size_t field_size, const char *text, const char *after,
                      unsigned part)
{
    const char *start = after ? find_last(text, after) : NULL;

    if (!start) {
        return;
    }
    start += strlen(after);
    char quote = after[strlen(after) - 1];
    for (;;) {
        const char *end = strchr(start, quote);
        if (!end) {
            return;
        }
        bool path = part > 0 && end[1] == '.' && end[2] == quote;
        if (!path) {
            const char *dot = quote == '\'' ? memchr(start, '.', (size_t)(end - start)) : NULL;
            start = dot ? dot + 1 : start;
            rowan__error_copy(field, field_size, start, (size_t)(end - start));
            return;
        }
        start = end + 3;
        part--;
    }
}

static void copy_names(int number, const char *text, rowan_error *error)
{
    for (size_t i = 0; i < sizeof wordings / sizeof wordings[0]; i++) {
        const wording *words = &wordings[i];
        if (words->number != number) {
            continue;
        }
        copy_name(error->constraint, sizeof error->constraint, text, words->constraint, 0);
        copy_name(error->table, sizeof error->table, text, words->table, 1);
        copy_name(error->column, sizeof error->column, text, words->column, 0);
        if (words->table == of_value) { /* a path of three: database, table, column */
            copy_name(error->column, sizeof error->column, text, words->table, 2);
        }
        return;
    }
}

/* The message once more, with the name that makes it useful. */
static void name_culprit(rowan_error *error)
{
    const char *kind = error->constraint[0] ? "constraint" : error->column[0] ? "column" : "table";
    const char *name = error->constraint[0] ? error->constraint
                       : error->column[0]   ? error->column
                                            : error->table;
    bool is_column = name == error->column && error->table[0];
    size_t size = strlen(error->message);

    if (name[0]) {
        snprintf(error->message + size, sizeof error->message - size, " (%s \"%s\"%s%s%s)", kind,
                 name, is_column ? " of \"" : "", is_column ? error->table : "",
                 is_column ? "\"" : "");
    }
}

/* The server quotes the rest of the statement, from where it stumbled on, up to 80 characters of
 * it. */
static int find_position(const char *text, const char *sql, size_t size)
{
    static const char before[] = "near '", behind[] = "' at line ";
    const char *near = strstr(text, before);
    const char *end = near ? find_last(near, behind) : NULL;

    if (!end || !sql) {
        return 0;
    }
    near += sizeof before - 1;
    size_t length = (size_t)(end - near);
    if (length >= 3 && memcmp(end - 3, "...", 3) == 0) {
        length -= 3; /* the message was cut there */
    }
    for (size_t from = size >= length ? size - length + 1 : 0; from-- > 0;) {
        if (memcmp(sql + from, near, length) == 0) {
            int position = 1;
            for (size_t i = 0; i < from; i++) {
                position += ((unsigned char)sql[i] & 0xC0) != 0x80;
            }
            return position;
        }
    }
    return 0;
}

/* What is left of the transaction, if one was open. */
static rowan_transaction_fate fate_of(const rowan__mariadb_connection *connection, int number,
                                      rowan_status status)
{
    bool writes = connection->turn.kind == ROWAN__MARIADB_WRITES ||
                  connection->turn.kind == ROWAN__MARIADB_CHANGES;

    if (status == ROWAN_LOST) {
        if (connection->turn.kind == ROWAN__MARIADB_COMMITS ||
            (writes && !connection->in_transaction)) {
            return number == CR_SERVER_GONE_ERROR ? ROWAN_FATE_ROLLED_BACK : ROWAN_FATE_UNKNOWN;
        }
        return connection->in_transaction ? ROWAN_FATE_ROLLED_BACK : ROWAN_FATE_NONE;
    }
    if (!connection->in_transaction) {
        return ROWAN_FATE_NONE;
    }
    return status == ROWAN_CONFLICT || number == ER_LOCK_TABLE_FULL ? ROWAN_FATE_ROLLED_BACK
                                                                    : ROWAN_FATE_OPEN;
}

static rowan_retry retry_of(const rowan_error *error)
{
    if (error->status == ROWAN_CONFLICT) {
        return error->fate == ROWAN_FATE_NONE ? ROWAN_RETRY_STATEMENT : ROWAN_RETRY_TRANSACTION;
    }
    if (error->native == ER_LOCK_WAIT_TIMEOUT) {
        return ROWAN_RETRY_STATEMENT;
    }
    if (error->status == ROWAN_LOST && error->fate != ROWAN_FATE_UNKNOWN) {
        return ROWAN_RETRY_RECONNECT;
    }
    return ROWAN_RETRY_NEVER;
}

static void copy_engine_words(rowan_error *error, int number, const char *sqlstate,
                              const char *text)
{
    error->native = number;
    rowan__error_copy(error->sqlstate, sizeof error->sqlstate, sqlstate, strlen(sqlstate));
    rowan__error_copy(error->engine_message, sizeof error->engine_message, text, strlen(text));
}

rowan_status rowan__mariadb_fail(rowan__mariadb_connection *connection, MYSQL_STMT *stmt,
                                 const char *sql, size_t size, rowan_error *error)
{
    if (stmt && client->mysql_stmt_errno(stmt) == 0) {
        stmt = NULL; /* a connection that breaks between rows says so itself */
    }
    int number =
        (int)(stmt ? client->mysql_stmt_errno(stmt) : client->mysql_errno(connection->mysql));
    const char *sqlstate =
        stmt ? client->mysql_stmt_sqlstate(stmt) : client->mysql_sqlstate(connection->mysql);
    const char *text =
        stmt ? client->mysql_stmt_error(stmt) : client->mysql_error(connection->mysql);
    const meaning *known = find_meaning(number, text);
    rowan_status status = known ? known->status : status_by_sqlstate(sqlstate);

    connection->broken = connection->broken || status == ROWAN_LOST;
    if (!error) {
        return status;
    }
    rowan__fail(error, status, "%s",
                known ? known->message : "MariaDB refused the statement: see engine_message");
    copy_engine_words(error, number, sqlstate, text);
    copy_names(number, text, error);
    name_culprit(error);
    if (status == ROWAN_SYNTAX) {
        error->position = find_position(text, sql, size);
    }
    error->fate = fate_of(connection, number, status);
    error->connection_usable = !connection->broken;
    error->retry = retry_of(error);
    return status;
}

rowan_status rowan__mariadb_fail_size(rowan_error *error)
{
    return rowan__fail(error, ROWAN_OUT_OF_RANGE, "%s", too_many_bytes);
}

rowan_status rowan__mariadb_fail_stopped(rowan__mariadb_connection *connection, rowan_status status,
                                         rowan_error *error)
{
    rowan__fail(error, status, "%s",
                status == ROWAN_CANCELLED ? "the statement was cancelled"
                                          : "the deadline passed while the statement was running");
    error->connection_usable = !connection->broken;
    if (connection->broken) {
        error->fate = fate_of(connection, CR_SERVER_LOST, ROWAN_LOST);
    } else {
        error->fate = connection->in_transaction ? ROWAN_FATE_OPEN : ROWAN_FATE_NONE;
    }
    return status;
}

bool rowan__mariadb_outdated(const rowan__mariadb_prepared *prepared)
{
    unsigned number = client->mysql_stmt_errno(prepared->stmt);

    return number == ER_NEED_REPREPARE || number == ER_UNKNOWN_STMT_HANDLER ||
           (number == ER_BAD_FIELD_ERROR && prepared->is_expanded);
}

rowan_status rowan__mariadb_fail_connect(MYSQL *mysql, const rowan__mariadb_address *address,
                                         rowan_error *error)
{
    int number = (int)client->mysql_errno(mysql);
    rowan_status status = ROWAN_CONNECT;
    const char *host = address->socket ? address->socket
                       : address->host ? address->host
                                       : "localhost";

    switch (number) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
        status = rowan__fail(error, ROWAN_DENIED,
                             "the server refused this user and password: correct them in the URL");
        break;
    case ER_DBACCESS_DENIED_ERROR:
        status = rowan__fail(error, ROWAN_DENIED, "the user may not use the database \"%.60s\"",
                             address->database);
        break;
    case ER_BAD_DB_ERROR:
        rowan__fail(error, status,
                    "the server has no database \"%.60s\": create it, or correct the URL",
                    address->database);
        break;
    case CR_UNKNOWN_HOST:
        rowan__fail(error, status, "there is no host \"%.100s\": correct the URL", host);
        break;
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
        rowan__fail(error, status,
                    "the server has too many connections: open fewer, or raise its limit");
        break;
    case CR_SSL_CONNECTION_ERROR:
        rowan__fail(error, status,
                    "no encrypted connection to \"%.100s\" could be made: see ssl in the URL",
                    host);
        break;
    case CR_OUT_OF_MEMORY:
        return rowan__fail_nomem(error);
    default:
        rowan__fail(error, status, "no MariaDB server answers at \"%.100s\": is it running?", host);
        break;
    }
    if (error) {
        copy_engine_words(error, number, client->mysql_sqlstate(mysql), client->mysql_error(mysql));
        error->connection_usable = false;
        error->retry = status == ROWAN_CONNECT ? ROWAN_RETRY_RECONNECT : ROWAN_RETRY_NEVER;
    }
    return status;
}
