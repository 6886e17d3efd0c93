/*
 * What PostgreSQL reports, as our statuses.
 *
 * A failure is written in two strokes. The first error of a turn is copied as soon as it arrives,
 * because it says why: when the server ends a session, the reason comes first and the broken
 * connection after it. What became of the transaction and the connection is known only when nothing
 * is left to read; rowan__postgresql_settle() adds it.
 */
#include "driver/postgresql/postgresql_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

/* What an SQLSTATE means. One of two characters stands for the rest of its class. */
typedef struct meaning {
    const char *sqlstate;
    rowan_status status;
    const char *message;
} meaning;

static const char too_large[] = "a value is outside what its column or type holds";
static const char ill_typed[] =
    "a value does not have the type that is wanted there: convert it, or write CAST(? AS type)";
static const char not_there[] =
    "the statement names what is not there: check the spelling, or the version of the schema";
static const char in_the_way[] = "another transaction was in the way: run the transaction again";
static const char damaged[] = "the server's data is damaged: restore it from a copy";
static const char lost[] = "the connection to the server broke";

static const meaning meanings[] = {
    {"23505", ROWAN_UNIQUE, "a row with this unique key is there already"},
    {"23P01", ROWAN_UNIQUE, "a row that excludes this one is there already"},
    {"23503", ROWAN_FOREIGN_KEY,
     "the row that a foreign key refers to is missing, or a row is still referred to"},
    {"23001", ROWAN_FOREIGN_KEY, "a row is still referred to"},
    {"23502", ROWAN_NOT_NULL, "a value is needed where NULL was given"},
    {"23514", ROWAN_CHECK, "a check constraint refused the row"},
    {"44000", ROWAN_CHECK, "the view does not show such a row, so it refused it"},
    {"22003", ROWAN_OUT_OF_RANGE, too_large},
    {"22008", ROWAN_OUT_OF_RANGE, too_large},
    {"22009", ROWAN_OUT_OF_RANGE, too_large},
    {"22001", ROWAN_OUT_OF_RANGE, "a text is longer than its column holds"},
    {"22021", ROWAN_OUT_OF_RANGE, "a text is not valid UTF-8"},
    {"22P05", ROWAN_OUT_OF_RANGE, "a text has characters that the database's encoding lacks"},
    {"22P02", ROWAN_WRONG_TYPE, ill_typed},
    {"22P03", ROWAN_WRONG_TYPE, ill_typed},
    {"22007", ROWAN_WRONG_TYPE, ill_typed},
    {"22018", ROWAN_WRONG_TYPE, ill_typed},
    {"22023", ROWAN_WRONG_TYPE, ill_typed},
    {"42804", ROWAN_WRONG_TYPE, ill_typed},
    {"42846", ROWAN_WRONG_TYPE, ill_typed},
    {"42P18", ROWAN_WRONG_TYPE, "a parameter could be of any type: write CAST(? AS type)"},
    {"42601", ROWAN_SYNTAX, "PostgreSQL cannot read the statement: see the position"},
    {"42P01", ROWAN_NO_SUCH, not_there},
    {"42703", ROWAN_NO_SUCH, not_there},
    {"42883", ROWAN_NO_SUCH, "there is no such function or operator for these types: check them"},
    {"42704", ROWAN_NO_SUCH, not_there},
    {"3F000", ROWAN_NO_SUCH, not_there},
    {"3D000", ROWAN_NO_SUCH, not_there},
    {"40001", ROWAN_CONFLICT, in_the_way},
    {"40P01", ROWAN_CONFLICT, in_the_way},
    {"55P03", ROWAN_TIMEOUT, "waiting for a lock took too long: run it again"},
    {"25006", ROWAN_READ_ONLY, "the transaction or the server takes no writes"},
    {"25P02", ROWAN_ENGINE, "a statement of this transaction failed before: roll it back"},
    {"53100", ROWAN_FULL, "the server's disk is full: make room"},
    {"21000", ROWAN_ENGINE,
     "there are several rows where one belongs: give an upsert each key once, a subquery LIMIT 1"},
    {"42501", ROWAN_DENIED, "the user lacks a privilege for that"},
    {"28", ROWAN_DENIED, "the server refused the login"},
    {"0A000", ROWAN_UNSUPPORTED, "PostgreSQL does not support that: see engine_message"},
    {"58030", ROWAN_IO, "the server could not read or write a file"},
    {"XX001", ROWAN_CORRUPT, damaged},
    {"XX002", ROWAN_CORRUPT, damaged},
};

static const meaning any_other = {"", ROWAN_ENGINE,
                                  "PostgreSQL refused the statement: see engine_message"};
static const meaning broken = {"", ROWAN_LOST, lost};
static const meaning late = {"57014", ROWAN_TIMEOUT, "the statement took too long and was stopped"};
static const meaning cancelled = {"57014", ROWAN_CANCELLED, "the statement was cancelled"};

static const meaning *find_meaning(const char *sqlstate)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strncmp(meanings[i].sqlstate, sqlstate, strlen(meanings[i].sqlstate)) == 0) {
            return &meanings[i];
        }
    }
    return &any_other;
}

/* 57014 has three reasons: our deadline, somebody's cancel, the server's statement_timeout. */
static const meaning *why_stopped(rowan__postgresql_connection *connection, const PGresult *result)
{
    if (connection->turn.timed_out) {
        return &late;
    }
    const char *words = client->PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    bool asked = words && strstr(words, "user request") != NULL;
    return asked || atomic_load(&connection->cancelled) ? &cancelled : &late;
}

static void copy_field(char *field, size_t size, const PGresult *result, int code)
{
    const char *text = client->PQresultErrorField(result, code);

    if (text) {
        rowan__error_copy(field, size, text, strlen(text));
    }
}

/* Names and position, as far as the server gives them. */
static void copy_details(const PGresult *result, rowan_error *error)
{
    const char *position = client->PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);

    copy_field(error->sqlstate, sizeof error->sqlstate, result, PG_DIAG_SQLSTATE);
    copy_field(error->constraint, sizeof error->constraint, result, PG_DIAG_CONSTRAINT_NAME);
    copy_field(error->table, sizeof error->table, result, PG_DIAG_TABLE_NAME);
    copy_field(error->column, sizeof error->column, result, PG_DIAG_COLUMN_NAME);
    copy_field(error->engine_message, sizeof error->engine_message, result,
               PG_DIAG_MESSAGE_PRIMARY);
    if (position) {
        error->position = (int)strtol(position, NULL, 10);
    }
}

/* The name that the server quotes first, in whatever language; false if it quotes none. */
static bool quoted_name(const char *words, char *field, size_t size)
{
    const char *open = strchr(words, '"');
    const char *close = open ? strchr(open + 1, '"') : NULL;

    if (!close) {
        return false;
    }
    rowan__error_copy(field, size, open + 1, (size_t)(close - open) - 1);
    return true;
}

/* What is not there is named in the server's words only; it is never a value. */
static void find_missing(rowan_error *error)
{
    if (strcmp(error->sqlstate, "42P01") == 0) {
        quoted_name(error->engine_message, error->table, sizeof error->table);
    } else if (strcmp(error->sqlstate, "42703") == 0) {
        quoted_name(error->engine_message, error->column, sizeof error->column);
    }
}

/* A syntax error that is nowhere in the text: it is several statements, which no prepared one is.
 */
static void find_several(rowan_error *error)
{
    static const char several[] =
        "the text holds more than one statement: send them one by one, or "
        "all with rowan_raw_script()";

    if (strcmp(error->sqlstate, "42601") == 0 && error->position == 0) {
        rowan__error_copy(error->message, sizeof error->message, several, sizeof several - 1);
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

rowan_status rowan__postgresql_fail(rowan__postgresql_connection *connection,
                                    const PGresult *result, rowan_error *error)
{
    const char *sqlstate = result ? client->PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const meaning *found = &any_other;

    if (sqlstate) {
        found = strcmp(sqlstate, "57014") == 0 ? why_stopped(connection, result)
                                               : find_meaning(sqlstate);
    } else if (client->PQstatus(connection->pg) != CONNECTION_OK) {
        found = &broken;
    }
    rowan__fail(error, found->status, "%s", found->message);
    if (sqlstate) {
        copy_details(result, error);
        find_missing(error);
        find_several(error);
        name_culprit(error);
    } else {
        const char *words =
            result ? client->PQresultErrorMessage(result) : client->PQerrorMessage(connection->pg);
        rowan__error_copy(error->engine_message, sizeof error->engine_message, words,
                          strlen(words));
    }
    return error->status;
}

rowan_status rowan__postgresql_fail_stuck(rowan__postgresql_connection *connection,
                                          rowan_error *error)
{
    if (!connection->turn.timed_out) {
        return rowan__postgresql_fail(connection, NULL, error);
    }
    return rowan__fail(
        error, ROWAN_TIMEOUT,
        "the deadline passed and the server did not stop: whether the statement was done "
        "is unknown");
}

rowan_status rowan__postgresql_fail_stopped(rowan__postgresql_connection *connection,
                                            rowan_error *error)
{
    const meaning *why = connection->turn.timed_out ? &late : &cancelled;

    return connection->turn.abandoned ? rowan__postgresql_fail_stuck(connection, error)
                                      : rowan__fail(error, why->status, "%s", why->message);
}

/* What is left of a transaction when its connection is gone. */
static rowan_transaction_fate fate_when_lost(const rowan__postgresql_turn *turn)
{
    if (turn->kind == ROWAN__PG_COMMITS || (turn->kind == ROWAN__PG_WRITES && !turn->was_open)) {
        return ROWAN_FATE_UNKNOWN;
    }
    return turn->was_open ? ROWAN_FATE_ROLLED_BACK : ROWAN_FATE_NONE;
}

static void settle_lost(rowan__postgresql_connection *connection, rowan_error *error)
{
    error->connection_usable = false;
    error->fate = fate_when_lost(&connection->turn);
    error->retry = error->fate == ROWAN_FATE_UNKNOWN ? ROWAN_RETRY_NEVER : ROWAN_RETRY_RECONNECT;
    if (client->PQstatus(connection->pg) == CONNECTION_OK || error->status == ROWAN_LOST) {
        return; /* given up by us for a reason that the error has */
    }
    error->status = ROWAN_LOST;
    rowan__error_copy(error->message, sizeof error->message, lost, strlen(lost));
}

/* libpq says that it could not send before it reads that the connection is gone; what it has to
 * read before that may be a notice or the server's last words. */
static void read_end(const rowan__postgresql_connection *connection)
{
    enum { MOST = 4 };

    for (int i = 0; i < MOST && client->PQconsumeInput(connection->pg) == 1; i++) {
    }
}

void rowan__postgresql_settle(rowan__postgresql_connection *connection, rowan_error *error)
{
    const rowan__postgresql_turn *turn = &connection->turn;

    if (error->status == ROWAN_ENGINE && error->sqlstate[0] == '\0') {
        read_end(connection);
    }
    if (turn->abandoned || client->PQstatus(connection->pg) != CONNECTION_OK) {
        settle_lost(connection, error);
        return;
    }
    switch (client->PQtransactionStatus(connection->pg)) {
    case PQTRANS_INERROR:
        error->fate = ROWAN_FATE_MUST_ROLLBACK;
        break;
    case PQTRANS_INTRANS:
        error->fate = ROWAN_FATE_OPEN;
        break;
    case PQTRANS_IDLE:
        error->fate = turn->was_open ? ROWAN_FATE_ROLLED_BACK : ROWAN_FATE_NONE;
        break;
    case PQTRANS_ACTIVE:
    case PQTRANS_UNKNOWN:
        error->fate = ROWAN_FATE_UNKNOWN;
        error->connection_usable = false;
        break;
    }
    bool again = error->status == ROWAN_CONFLICT || strcmp(error->sqlstate, "55P03") == 0;
    if (again) {
        error->retry = turn->was_open ? ROWAN_RETRY_TRANSACTION : ROWAN_RETRY_STATEMENT;
    }
}

bool rowan__postgresql_outdated(const PGresult *result)
{
    const char *sqlstate = client->PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *function = client->PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    if (!sqlstate) {
        return false;
    }
    /* 0A000 is many things; "cached plan must not change result type" is told by who raises it. */
    return strcmp(sqlstate, "26000") == 0 || (strcmp(sqlstate, "0A000") == 0 && function &&
                                              strcmp(function, "RevalidateCachedQuery") == 0);
}

/* Five capitals and digits, at least one a digit: "28P01", but not "FATAL". */
static bool is_sqlstate(const char *code)
{
    return strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 &&
           strcspn(code, "0123456789") < 5;
}

/* The SQLSTATE in a verbose message, "FATAL:  28P01: password …", in any language; or "". */
static void find_sqlstate(const char *words, char sqlstate[6])
{
    sqlstate[0] = '\0';
    for (const char *at = strchr(words, ':'); at; at = strchr(at + 1, ':')) {
        const char *code = at + 1 + strspn(at + 1, " ");
        if (is_sqlstate(code) && code[5] == ':') {
            memcpy(sqlstate, code, 5);
            sqlstate[5] = '\0';
            return;
        }
    }
}

/* Where libpq gives no SQLSTATE there are only its words, and those of the server it passes on. */
static bool sounds_denied(const char *words)
{
    static const char *const denials[] = {
        "password authentication failed", "no password supplied",
        "no pg_hba.conf entry",           "authentication failed for user",
        "permission denied for database", "is not permitted to log in"};

    for (size_t i = 0; i < sizeof denials / sizeof denials[0]; i++) {
        if (strstr(words, denials[i])) {
            return true;
        }
    }
    const char *role = strstr(words, "role \"");
    return role && strstr(role, "\" does not exist");
}

/* Where nobody answered, as libpq had it from the URL, the environment or by default. */
static void fail_unanswered(const PGconn *pg, rowan_status status, rowan_error *error)
{
    const char *host = client->PQhost(pg);
    const char *port = client->PQport(pg);

    rowan__fail(
        error, status,
        "no connection to the server at \"%.100s\", port %.10s: check host, port and that it "
        "is running",
        host && host[0] ? host : "localhost", port && port[0] ? port : "5432");
}

rowan_status rowan__postgresql_fail_connect(const PGconn *pg, bool timed_out, rowan_error *error)
{
    const char *words = client->PQerrorMessage(pg);
    char sqlstate[6];
    rowan_status status = ROWAN_CONNECT;

    find_sqlstate(words, sqlstate);
    if (strncmp(sqlstate, "28", 2) == 0 || strcmp(sqlstate, "42501") == 0 || sounds_denied(words)) {
        status = ROWAN_DENIED;
    }
    if (timed_out) {
        rowan__fail(error, status,
                    "the server did not answer in time: check host and port, or raise connect_ms");
    } else if (status == ROWAN_DENIED) {
        rowan__fail(error, status,
                    "the server refused the login: check user, password and pg_hba.conf");
    } else if (strcmp(sqlstate, "3D000") == 0) {
        rowan__fail(error, status,
                    "the server has no database of that name: create it, or check the URL");
    } else {
        fail_unanswered(pg, status, error);
    }
    if (error) {
        error->connection_usable = false;
        error->retry = status == ROWAN_CONNECT ? ROWAN_RETRY_RECONNECT : ROWAN_RETRY_NEVER;
        memcpy(error->sqlstate, sqlstate, sizeof sqlstate);
        rowan__error_copy(error->engine_message, sizeof error->engine_message, words,
                          strlen(words));
    }
    return status;
}
