/*
 * SQLite's errors as ours. Its codes tell the kind; names of constraints, tables and columns stand
 * only in its messages, which are stable and quote names, never bound values.
 */
#include "driver/sqlite/sqlite_private.h"

#include <errno.h>
#include <stdio.h>

#include "base/error.h"

/* What a code means. An extended code is looked up first, then the primary code in its low byte. */
typedef struct code_meaning {
    int code;
    rowan_status status;
    rowan_retry retry;
    const char *message;
} code_meaning;

static const code_meaning meanings[] = {
    {SQLITE_CONSTRAINT_UNIQUE, ROWAN_UNIQUE, ROWAN_RETRY_NEVER,
     "a row with this unique key is there already"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, ROWAN_UNIQUE, ROWAN_RETRY_NEVER,
     "a row with this primary key is there already"},
    {SQLITE_CONSTRAINT_ROWID, ROWAN_UNIQUE, ROWAN_RETRY_NEVER,
     "a row with this primary key is there already"},
    {SQLITE_CONSTRAINT_NOTNULL, ROWAN_NOT_NULL, ROWAN_RETRY_NEVER,
     "a value is needed where NULL was given"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, ROWAN_FOREIGN_KEY, ROWAN_RETRY_NEVER,
     "the row that a foreign key refers to is missing, or a row is still referred to"},
    {SQLITE_CONSTRAINT_CHECK, ROWAN_CHECK, ROWAN_RETRY_NEVER, "a check constraint refused the row"},
    {SQLITE_CONSTRAINT_DATATYPE, ROWAN_WRONG_TYPE, ROWAN_RETRY_NEVER,
     "a value does not have the type of its column"},
    {SQLITE_BUSY_SNAPSHOT, ROWAN_CONFLICT, ROWAN_RETRY_TRANSACTION,
     "another connection has written since this transaction first read: run it again"},
    {SQLITE_BUSY, ROWAN_BUSY, ROWAN_RETRY_STATEMENT,
     "another connection holds the lock, and waiting could not help: try again"},
    {SQLITE_LOCKED, ROWAN_BUSY, ROWAN_RETRY_STATEMENT,
     "a table is in use by another statement: end that one first"},
    {SQLITE_PROTOCOL, ROWAN_BUSY, ROWAN_RETRY_STATEMENT,
     "the database could not be locked: try again"},
    {SQLITE_INTERRUPT, ROWAN_CANCELLED, ROWAN_RETRY_NEVER, "the statement was cancelled"},
    {SQLITE_NOMEM, ROWAN_NOMEM, ROWAN_RETRY_NEVER, "out of memory"},
    {SQLITE_IOERR_NOMEM, ROWAN_NOMEM, ROWAN_RETRY_NEVER, "out of memory"},
    {SQLITE_FULL, ROWAN_FULL, ROWAN_RETRY_NEVER, "the disk or the database is full: make room"},
    {SQLITE_READONLY, ROWAN_READ_ONLY, ROWAN_RETRY_NEVER,
     "the database was opened, or is, read-only"},
    {SQLITE_IOERR, ROWAN_IO, ROWAN_RETRY_NEVER, "reading or writing the database file failed"},
    {SQLITE_CANTOPEN, ROWAN_IO, ROWAN_RETRY_NEVER, "a file of the database could not be opened"},
    {SQLITE_CORRUPT, ROWAN_CORRUPT, ROWAN_RETRY_NEVER,
     "the database file is damaged: restore it from a copy"},
    {SQLITE_NOTADB, ROWAN_CORRUPT, ROWAN_RETRY_NEVER, "the file is no SQLite database"},
    {SQLITE_PERM, ROWAN_DENIED, ROWAN_RETRY_NEVER, "access to the database was denied"},
    {SQLITE_AUTH, ROWAN_DENIED, ROWAN_RETRY_NEVER, "the statement is not allowed here"},
    {SQLITE_TOOBIG, ROWAN_OUT_OF_RANGE, ROWAN_RETRY_NEVER,
     "a text or blob is longer than SQLite allows"},
    {SQLITE_MISMATCH, ROWAN_WRONG_TYPE, ROWAN_RETRY_NEVER,
     "a value does not have the type of its column"},
    {SQLITE_RANGE, ROWAN_MISUSE, ROWAN_RETRY_NEVER, "the statement has no such parameter"},
    {SQLITE_ABORT, ROWAN_CONFLICT, ROWAN_RETRY_TRANSACTION,
     "the transaction was rolled back under the statement"},
};

/* The same code after as long a wait as was allowed: on every engine that is a time-out. */
static const code_meaning waited = {
    SQLITE_BUSY, ROWAN_TIMEOUT, ROWAN_RETRY_STATEMENT,
    "waiting for the lock on the database took too long: try again, or allow a longer busy_ms"};

static const code_meaning any_other = {SQLITE_ERROR, ROWAN_ENGINE, ROWAN_RETRY_NEVER,
                                       "SQLite refused the statement: see engine_message"};

static const code_meaning *find_meaning(int code)
{
    for (int look = 0; look < 2; look++) {
        for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
            if (meanings[i].code == (look == 0 ? code : code & 0xff)) {
                return &meanings[i];
            }
        }
    }
    return &any_other;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static void copy_name(char field[64], const char *name, size_t size)
{
    rowan__error_copy(field, 64, name, size);
}

/* "book.isbn", or "book.a, book.b": the table, and the column if it is only one. */
static void take_columns(const char *names, rowan_error *error)
{
    const char *point = strchr(names, '.');

    if (!point) {
        return;
    }
    copy_name(error->table, names, (size_t)(point - names));
    if (!strstr(point, ", ")) {
        copy_name(error->column, point + 1, strlen(point + 1));
    }
}

/* The names in "UNIQUE constraint failed: book.isbn" and its like. */
static void take_constraint(const char *words, rowan_error *error)
{
    const char *names = strstr(words, "constraint failed: ");

    if (!names) {
        return;
    }
    names += strlen("constraint failed: ");
    if (error->status == ROWAN_CHECK) {
        copy_name(error->constraint, names, strlen(names));
    } else if (starts_with(names, "index '")) {
        names += strlen("index '");
        copy_name(error->constraint, names, strcspn(names, "'"));
    } else {
        take_columns(names, error);
    }
}

/* The message once more, with the names that make it useful. */
static void name_culprit(rowan_error *error)
{
    char message[sizeof error->message];

    if (error->constraint[0]) {
        snprintf(message, sizeof message, "%.120s: constraint \"%s\"", error->message,
                 error->constraint);
    } else if (error->column[0] && error->table[0]) {
        snprintf(message, sizeof message, "%.100s: column \"%s\" of \"%s\"", error->message,
                 error->column, error->table);
    } else if (error->table[0]) {
        snprintf(message, sizeof message, "%.120s: table \"%s\"", error->message, error->table);
    } else {
        return;
    }
    rowan__error_copy(error->message, sizeof error->message, message, strlen(message));
}

/* "no such column: b.title" and the other ways to say that something is not there. */
static bool take_missing(const char *words, rowan_error *error)
{
    static const char *const kinds[] = {"no such table: ",    "no such column: ",
                                        "no such function: ", "no such index: ",
                                        "no such view: ",     "no such trigger: ",
                                        "no such module: ",   "no such collation sequence: "};
    const char *lacks = strstr(words, " has no column named ");

    if (lacks && starts_with(words, "table ")) {
        copy_name(error->table, words + 6, (size_t)(lacks - words) - 6);
        copy_name(error->column, lacks + 21, strlen(lacks + 21));
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!starts_with(words, kinds[i])) {
            continue;
        }
        const char *name = words + strlen(kinds[i]);
        const char *point = strrchr(name, '.');
        if (i == 0) {
            name = point ? point + 1 : name;
            copy_name(error->table, name, strlen(name));
        } else if (i == 1) {
            copy_name(error->table, name, point ? (size_t)(point - name) : 0);
            name = point ? point + 1 : name;
            copy_name(error->column, name, strlen(name));
        }
        return true;
    }
    return false;
}

/* SQLite has one code for everything that is wrong with a statement's text. */
static rowan_status classify_text(const char *words, rowan_error *error)
{
    static const char *const unreadable[] = {"syntax error", "unrecognized token",
                                             "incomplete input"};
    rowan_error found = {0};

    if (take_missing(words, &found)) {
        rowan__fail(error, ROWAN_NO_SUCH,
                    "%.150s: check the spelling, or the version of the schema", words);
        memcpy(error->table, found.table, sizeof found.table);
        memcpy(error->column, found.column, sizeof found.column);
        return ROWAN_NO_SUCH;
    }
    for (size_t i = 0; i < sizeof unreadable / sizeof unreadable[0]; i++) {
        if (strstr(words, unreadable[i])) {
            return rowan__fail(error, ROWAN_SYNTAX, "SQLite cannot read the statement: %s",
                               unreadable[i]);
        }
    }
    if (strcmp(words, "integer overflow") == 0) {
        return rowan__fail(error, ROWAN_OUT_OF_RANGE,
                           "a sum, or an integer made positive, is beyond 64 bits");
    }
    if (strstr(words, "Expression tree is too large") || strstr(words, "parser stack overflow")) {
        return rowan__fail(error, ROWAN_UNSUPPORTED,
                           "sqlite cannot do this: so many conditions in one another or in a row; "
                           "send a list, or several statements");
    }
    return rowan__fail(error, ROWAN_ENGINE, "%s", any_other.message);
}

/* Whoever stopped a statement: SQLite only says that it was stopped, or that the lock was not free.
 */
static const char *stopped(const rowan__sqlite_connection *connection, int code,
                           rowan_status *status)
{
    int primary = code & 0xff;

    if (primary != SQLITE_INTERRUPT && primary != SQLITE_BUSY) {
        return NULL;
    }
    if (connection->turn.timed_out) {
        *status = ROWAN_TIMEOUT;
        return "the deadline passed while the statement was running";
    }
    if (atomic_load(&connection->cancelled)) {
        *status = ROWAN_CANCELLED;
        return "the statement was cancelled";
    }
    return NULL;
}

/* A statement with RETURNING that offends a foreign key ends with the code of a wrong text (3.40).
 */
static int mend_code(int code, const char *words)
{
    bool is_key = code == SQLITE_ERROR && strcmp(words, "FOREIGN KEY constraint failed") == 0;

    return is_key ? SQLITE_CONSTRAINT_FOREIGNKEY : code;
}

rowan_status rowan__sqlite_fail(rowan__sqlite_connection *connection, int code, rowan_error *out)
{
    const char *words = sqlite3_errmsg(connection->db);

    code = mend_code(code, words);
    bool in_vain = code == SQLITE_BUSY && connection->turn.gave_up;
    const code_meaning *meaning = in_vain ? &waited : find_meaning(code);
    rowan_error error;
    rowan_status status;
    const char *reason = stopped(connection, code, &status);

    if (reason) {
        rowan__fail(&error, status, "%s", reason);
    } else if (meaning == &any_other && (code & 0xff) == SQLITE_ERROR) {
        classify_text(words, &error);
    } else {
        rowan__fail(&error, meaning->status, "%s", meaning->message);
        error.retry = meaning->retry;
        take_constraint(words, &error);
        name_culprit(&error);
    }
    error.native = code;
    rowan__error_copy(error.engine_message, sizeof error.engine_message, words, strlen(words));
    if (out) {
        *out = error;
    }
    return error.status;
}

void rowan__sqlite_settle(const rowan__sqlite_connection *connection, rowan_error *error)
{
    bool open = sqlite3_get_autocommit(connection->db) == 0;

    if (open) {
        error->fate = ROWAN_FATE_OPEN;
    } else {
        error->fate = connection->turn.was_open ? ROWAN_FATE_ROLLED_BACK : ROWAN_FATE_NONE;
    }
    /* With a snapshot that others have written behind, or a lock that others wait for, only an end
     * helps. */
    if (connection->turn.was_open && error->retry == ROWAN_RETRY_STATEMENT) {
        error->retry = ROWAN_RETRY_TRANSACTION;
    }
}

rowan_status rowan__sqlite_fail_open(int code, int system_error, const char *path,
                                     rowan_error *error)
{
    rowan_status status;

    if ((code & 0xff) == SQLITE_NOMEM) {
        return rowan__fail_nomem(error);
    }
    switch (system_error) {
    case ENOENT:
        status = rowan__fail(
            error, ROWAN_CONNECT,
            "there is no file %.150s, or no folder to create it in: check the path", path);
        break;
    case EISDIR:
        status = rowan__fail(error, ROWAN_CONNECT, "%.150s is a folder: name a file in it", path);
        break;
    case EACCES:
    case EPERM:
        status = rowan__fail(error, ROWAN_DENIED,
                             "the system does not let this user open %.150s: check its permissions",
                             path);
        break;
    default:
        status = rowan__fail(error, ROWAN_CONNECT, "the file %.150s cannot be opened", path);
        break;
    }
    if (error) {
        error->native = code;
        error->connection_usable = false;
        rowan__error_copy(error->engine_message, sizeof error->engine_message, sqlite3_errstr(code),
                          strlen(sqlite3_errstr(code)));
    }
    return status;
}
