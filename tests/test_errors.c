/*
 * The same mistake gives the same status on every engine. Each is provoked for real; every value
 * that is bound holds a word that no message of ours may repeat.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "support/subject.h"
#include "support/suite.h"

#define CANARY "canary-4b1d"
#define CANARY_DIGITS "73917391"

enum { CANARY_NUMBER = 73917391, NS_PER_MS = 1000000 };

static subject it;

static const char ddl[] =
    "CREATE TABLE parent (id @int64 NOT NULL PRIMARY KEY, code @text(40) NOT NULL, "
    "CONSTRAINT parent_code UNIQUE (code));"
    "CREATE TABLE child (id @int64 NOT NULL PRIMARY KEY, parent_id @int64 NOT NULL, "
    "note @text(40) NOT NULL, amount @int32 NOT NULL, "
    "CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent (id), "
    "CONSTRAINT amount_positive CHECK (amount > 0));"
    "CREATE TABLE keyed (id @key, word @text(40));"
    "INSERT INTO parent (id, code) VALUES (1, '" CANARY "'), (" CANARY_DIGITS ", 'taken');"
    "INSERT INTO child (id, parent_id, note, amount) VALUES (1, 1, 'x', 1);";

/* One mistake. */
typedef struct mistake {
    const char *label;
    rowan_status status;
    const char *sql;
    rowan_value params[4];
    const char *constraint, *table,
        *column;          /* what names that are given must be; NULL: not asked for */
    const char *without;  /* an engine that cannot make this mistake */
    const char *nameless; /* an engine that names nothing here */
    int position;         /* if the engine tells one */
} mistake;

/* Values that a constant table can hold. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        .type = ROWAN_TYPE_TEXT, .as.bytes = { literal, sizeof(literal) - 1 }                      \
    }
#define NUMBER(value)                                                                              \
    {                                                                                              \
        .type = ROWAN_TYPE_INT64, .as.integer = (value)                                            \
    }

static const mistake mistakes[] = {
    {"unique key",
     ROWAN_UNIQUE,
     "INSERT INTO parent (id, code) VALUES (?, ?)",
     {NUMBER(2), TEXT(CANARY)},
     "parent_code",
     "parent",
     "code",
     NULL,
     NULL,
     0},
    {"primary key",
     ROWAN_UNIQUE,
     "INSERT INTO parent (id, code) VALUES (?, ?)",
     {NUMBER(CANARY_NUMBER), TEXT(CANARY " too")},
     "",
     "parent",
     "id",
     NULL,
     NULL,
     0},
    {"row referred to is missing",
     ROWAN_FOREIGN_KEY,
     "INSERT INTO child (id, parent_id, note, amount) VALUES (?, ?, ?, 1)",
     {NUMBER(2), NUMBER(CANARY_NUMBER + 1), TEXT(CANARY)},
     "child_parent",
     "child",
     "parent_id",
     NULL,
     "sqlite",
     0},
    {"row is still referred to",
     ROWAN_FOREIGN_KEY,
     "DELETE FROM parent WHERE code = ?",
     {TEXT(CANARY)},
     "child_parent",
     "child",
     "parent_id",
     NULL,
     "sqlite",
     0},
    {"null",
     ROWAN_NOT_NULL,
     "INSERT INTO child (id, parent_id, note, amount) VALUES (?, 1, ?, 1)",
     {NUMBER(CANARY_NUMBER), {.is_null = true}},
     "",
     "child",
     "note",
     NULL,
     NULL,
     0},
    {"check",
     ROWAN_CHECK,
     "INSERT INTO child (id, parent_id, note, amount) VALUES (2, 1, ?, ?)",
     {TEXT(CANARY), NUMBER(-CANARY_NUMBER)},
     "amount_positive",
     "child",
     "",
     NULL,
     NULL,
     0},
    {"text for a number",
     ROWAN_WRONG_TYPE,
     "INSERT INTO keyed (id) VALUES (?)",
     {TEXT(CANARY)},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     0},
    {"text too long",
     ROWAN_OUT_OF_RANGE,
     "INSERT INTO keyed (word) VALUES (?)",
     {TEXT(CANARY CANARY CANARY CANARY CANARY)},
     NULL,
     NULL,
     NULL,
     "sqlite",
     NULL,
     0},
    {"date beyond",
     ROWAN_OUT_OF_RANGE,
     "SELECT id FROM keyed WHERE word = ?",
     {{.type = ROWAN_TYPE_DATE, .as.date = {INT32_MAX}}},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     0},
    {"syntax",
     ROWAN_SYNTAX,
     "SELECT id FRM keyed WHERE word = ?",
     {TEXT(CANARY)},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     15},
    {"unfinished",
     ROWAN_SYNTAX,
     "SELECT (id FROM keyed",
     {TEXT(CANARY)},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     0},
    {"two statements",
     ROWAN_SYNTAX,
     "SELECT id FROM keyed; SELECT id FROM keyed",
     {TEXT(CANARY)},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     0},
    {"no such table",
     ROWAN_NO_SUCH,
     "SELECT id FROM keyd WHERE word = ?",
     {TEXT(CANARY)},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     0},
    {"no such column",
     ROWAN_NO_SUCH,
     "SELECT worde FROM keyed WHERE word = ?",
     {TEXT(CANARY)},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     0},
    {"no such function",
     ROWAN_NO_SUCH,
     "SELECT no_such_function(id) FROM keyed WHERE word = ?",
     {TEXT(CANARY)},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     0},
    {"table is there already",
     ROWAN_ENGINE,
     "CREATE TABLE keyed (id INTEGER)",
     {TEXT(CANARY)},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     0},
};

enum { MISTAKES = sizeof mistakes / sizeof mistakes[0] };

static void check_silence(const rowan_error *error, const char *label)
{
    ck_assert_msg(error->message[0] != '\0', "%s: no message", label);
    ck_assert_msg(!strstr(error->message, CANARY) && !strstr(error->message, CANARY_DIGITS),
                  "%s: the message quotes a value: %s", label, error->message);
    ck_assert_msg(!strchr(error->message, '\n'), "%s: more than one line", label);
    ck_assert_msg(!strstr(error->constraint, CANARY) && !strstr(error->table, CANARY) &&
                      !strstr(error->column, CANARY),
                  "%s: a name quotes a value", label);
}

static void check_name(const char *label, const char *what, const char *wanted, const char *got)
{
    if (wanted && *wanted && *got) {
        ck_assert_msg(strcmp(wanted, got) == 0, "%s: %s %s, not %s", label, what, got, wanted);
    }
}

/* Engines name a constraint, or its table and column: at least one of these, and none wrongly. */
static void check_names(const mistake *made, const rowan_error *error)
{
    if (!made->table) {
        return;
    }
    check_name(made->label, "constraint", made->constraint, error->constraint);
    check_name(made->label, "table", made->table, error->table);
    check_name(made->label, "column", made->column, error->column);
    bool silent = made->nameless && subject_is(&it, made->nameless);
    ck_assert_msg(silent || error->constraint[0] || error->column[0], "%s: nothing is named: %s",
                  made->label, error->engine_message);
    if (!error->constraint[0] && error->table[0] && error->column[0]) {
        ck_assert_msg(strstr(error->message, error->table) && strstr(error->message, error->column),
                      "%s: %s", made->label, error->message);
    }
}

/* A server's own number or SQLSTATE, unless the driver refused the value itself. */
static void check_origin(const mistake *made, const rowan_error *error)
{
    if (error->engine_message[0] == '\0') {
        return;
    }
    if (subject_is(&it, "sqlite")) {
        ck_assert_msg(error->native != 0, "%s", made->label);
    } else {
        ck_assert_msg(strlen(error->sqlstate) == 5, "%s: %s", made->label, error->sqlstate);
    }
}

START_TEST(each_mistake_has_one_status_on_every_engine)
{
    subject_open(&it, _i);
    subject_ddl(&it, ddl);
    for (int at = 0; at < MISTAKES; at++) {
        mistake made = mistakes[at];
        if (made.without && subject_is(&it, made.without)) {
            continue;
        }
        rowan_status status = subject_run(&it, made.sql, made.params, NULL);
        const rowan_error *error = &it.error;
        ck_assert_msg(status == made.status, "%s: %s: %s (%s %d %s)", made.label,
                      rowan_status_name(status), error->message, error->sqlstate, error->native,
                      error->engine_message);
        ck_assert_int_eq(error->status, status);
        ck_assert_msg(error->connection_usable, "%s", made.label);
        ck_assert_msg(error->fate == ROWAN_FATE_NONE, "%s: fate %d", made.label, (int)error->fate);
        ck_assert_msg(error->retry == ROWAN_RETRY_NEVER, "%s", made.label);
        ck_assert_msg(made.position == 0 || error->position == 0 ||
                          error->position == made.position || error->position == made.position - 4,
                      "%s: position %d", made.label, error->position);
        check_silence(error, made.label);
        check_names(&made, error);
        check_origin(&made, error);
        if (strcmp(made.label, "two statements") == 0 && !subject_is(&it, "mariadb")) {
            ck_assert_msg(strstr(error->message, "rowan_raw_script()") != NULL, "%s",
                          error->message);
        }
    }
    subject_close(&it);
}
END_TEST

/* The same, inside a transaction: what becomes of it is told, and the connection can be used
 * afterwards. */
START_TEST(a_mistake_in_a_transaction_tells_what_became_of_it)
{
    subject_open(&it, _i);
    subject_ddl(&it, ddl);
    for (int at = 0; at < MISTAKES; at++) {
        mistake made = mistakes[at];
        if ((made.without && subject_is(&it, made.without)) || made.status == ROWAN_ENGINE) {
            continue; /* DDL ends a transaction on MariaDB */
        }
        ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
        ck_assert_int_eq(
            subject_run(&it, "INSERT INTO parent (id, code) VALUES (50, 'before')", NULL, NULL),
            ROWAN_OK);
        rowan_status status = subject_run(&it, made.sql, made.params, NULL);
        rowan_transaction_fate fate = it.error.fate;
        ck_assert_msg(status == made.status, "%s: %s", made.label, it.error.message);
        if (subject_is(&it, "postgresql") && it.error.sqlstate[0]) {
            ck_assert_msg(fate == ROWAN_FATE_MUST_ROLLBACK, "%s: %d", made.label, (int)fate);
        } else {
            ck_assert_msg(fate == ROWAN_FATE_OPEN, "%s: %d", made.label, (int)fate);
            ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM parent"), 3);
        }
        ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
        ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM parent"), 2);
    }
    subject_close(&it);
}
END_TEST

/* --- Locks and conflicts --- */

static void lock_parent(subject *self)
{
    ck_assert_int_eq(subject_send(self, subject_is(self, "sqlite") ? "BEGIN IMMEDIATE" : "BEGIN"),
                     ROWAN_OK);
    ck_assert_int_eq(subject_send(self, "UPDATE parent SET code = 'locked' WHERE id = 1"),
                     ROWAN_OK);
}

static void wait_briefly(subject *self)
{
    if (subject_is(self, "postgresql")) {
        ck_assert_int_eq(subject_send(self, "SET lock_timeout = '200ms'"), ROWAN_OK);
    } else if (subject_is(self, "mariadb")) {
        ck_assert_int_eq(subject_send(self, "SET innodb_lock_wait_timeout = 1"), ROWAN_OK);
    }
}

START_TEST(waiting_too_long_for_a_lock_is_a_timeout)
{
    subject other;
    rowan_value code = rowan_v_text(CANARY);

    subject_open(&it, _i);
    subject_ddl(&it, ddl);
    subject_join(&other, &it);
    lock_parent(&other);
    wait_briefly(&it);
    int64_t start_ns = rowan__now_ns();
    ck_assert_int_eq(subject_run(&it, "UPDATE parent SET code = ? WHERE id = 1", &code, NULL),
                     ROWAN_TIMEOUT);
    ck_assert_int_gt(rowan__now_ns() - start_ns, 150LL * NS_PER_MS);
    ck_assert_int_lt(rowan__now_ns() - start_ns, 5000LL * NS_PER_MS);
    ck_assert(it.error.connection_usable);
    ck_assert_int_eq(it.error.retry, ROWAN_RETRY_STATEMENT);
    check_silence(&it.error, "lock");
    ck_assert_int_eq(subject_send(&other, "ROLLBACK"), ROWAN_OK);
    ck_assert_int_eq(subject_run(&it, "UPDATE parent SET code = ? WHERE id = 1", &code, NULL),
                     ROWAN_OK);
    subject_close(&other);
    subject_close(&it);
}
END_TEST

START_TEST(a_deadline_ends_the_waiting_for_a_lock)
{
    subject other;
    rowan__operation operation = {.param_rows = 1};

    subject_open(&it, _i);
    subject_ddl(&it, ddl);
    subject_join(&other, &it);
    lock_parent(&other);
    operation.prepared = subject_prepare(&it, "UPDATE parent SET code = 'late' WHERE id = 1");
    operation.deadline_ns = rowan__now_ns() + 100LL * NS_PER_MS;
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_TIMEOUT);
    ck_assert(operation.error.connection_usable);
    it.driver->unprepare(operation.prepared);
    ck_assert_int_eq(subject_send(&other, "ROLLBACK"), ROWAN_OK);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM parent WHERE code = 'late'"), 0);
    subject_close(&other);
    subject_close(&it);
}
END_TEST

/* The first half of a deadlock, in a thread of its own. */
typedef struct half {
    subject *self;
    const char *sql;
    rowan_status status;
} half;

static void *run_half(void *context)
{
    half *mine = context;

    mine->status = subject_send(mine->self, mine->sql);
    return NULL;
}

/* Two transactions that wait for each other: one is told to start again, the other goes on. */
START_TEST(a_deadlock_is_a_conflict_for_one_of_two)
{
    subject other;
    pthread_t thread;

    subject_open(&it, _i);
    subject_ddl(&it, ddl);
    subject_ddl(&it, "INSERT INTO parent (id, code) VALUES (2, 'second');");
    subject_join(&other, &it);
    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&other, "BEGIN"), ROWAN_OK);
    if (subject_is(&it, "sqlite")) {
        /* Locks are of the whole file here: what conflicts is a transaction that reads before it
         * writes. */
        ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM parent"), 3);
        ck_assert_int_eq(subject_send(&other, "UPDATE parent SET code = 'b' WHERE id = 2"),
                         ROWAN_OK);
        ck_assert_int_eq(subject_send(&other, "COMMIT"), ROWAN_OK);
        ck_assert_int_eq(subject_send(&it, "UPDATE parent SET code = 'a' WHERE id = 1"),
                         ROWAN_CONFLICT);
        ck_assert_int_eq(it.error.fate, ROWAN_FATE_OPEN);
        ck_assert_int_eq(it.error.retry, ROWAN_RETRY_TRANSACTION);
        check_silence(&it.error, "conflict");
        ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    } else {
        half mine = {&it, "UPDATE parent SET code = 'a2' WHERE id = 2", ROWAN_ENGINE};
        ck_assert_int_eq(subject_send(&it, "UPDATE parent SET code = 'a1' WHERE id = 1"), ROWAN_OK);
        ck_assert_int_eq(subject_send(&other, "UPDATE parent SET code = 'b2' WHERE id = 2"),
                         ROWAN_OK);
        ck_assert_int_eq(pthread_create(&thread, NULL, run_half, &mine), 0);
        nanosleep(&(struct timespec){0, 200L * NS_PER_MS}, NULL);
        rowan_status theirs = subject_send(&other, "UPDATE parent SET code = 'b1' WHERE id = 1");
        pthread_join(thread, NULL);
        ck_assert((theirs == ROWAN_CONFLICT) + (mine.status == ROWAN_CONFLICT) == 1);
        ck_assert((theirs == ROWAN_OK) + (mine.status == ROWAN_OK) == 1);
        const rowan_error *error = theirs == ROWAN_CONFLICT ? &other.error : &it.error;
        ck_assert_int_eq(error->retry, ROWAN_RETRY_TRANSACTION);
        ck_assert(error->connection_usable);
        ck_assert(error->fate == ROWAN_FATE_MUST_ROLLBACK || error->fate == ROWAN_FATE_ROLLED_BACK);
        check_silence(error, "deadlock");
    }
    subject_close(&other);
    subject_close(&it);
}
END_TEST

/* --- What the engine does not let be written --- */

START_TEST(a_write_where_none_is_allowed_is_read_only)
{
    rowan_value params[2] = {rowan_v_int64(CANARY_NUMBER + 5), rowan_v_text(CANARY "5")};

    subject_open(&it, _i);
    subject_ddl(&it, ddl);
    if (subject_is(&it, "sqlite")) {
        ck_assert_int_eq(subject_send(&it, "PRAGMA query_only = ON"), ROWAN_OK);
    } else {
        ck_assert_int_eq(subject_send(&it, "START TRANSACTION READ ONLY"), ROWAN_OK);
    }
    ck_assert_int_eq(subject_run(&it, "INSERT INTO parent (id, code) VALUES (?, ?)", params, NULL),
                     ROWAN_READ_ONLY);
    ck_assert(it.error.connection_usable);
    check_silence(&it.error, "read-only");
    subject_close(&it);
}
END_TEST

START_TEST(a_full_database_says_so)
{
    char *long_text;
    rowan_value params[2];

    subject_open(&it, _i);
    if (!subject_is(&it, "sqlite")) { /* no disk to fill up on the servers */
        subject_close(&it);
        return;
    }
    subject_ddl(&it, "CREATE TABLE page (id @int64 NOT NULL PRIMARY KEY, body @text NOT NULL);");
    ck_assert_int_eq(subject_send(&it, "PRAGMA max_page_count = 8"), ROWAN_OK);
    long_text = malloc(100001);
    ck_assert_ptr_nonnull(long_text);
    memset(long_text, 'x', 100000);
    memcpy(long_text, CANARY, sizeof CANARY - 1);
    long_text[100000] = '\0';
    params[0] = rowan_v_int64(1);
    params[1] = rowan_v_text(long_text);
    ck_assert_int_eq(subject_send(&it, "BEGIN IMMEDIATE"), ROWAN_OK);
    ck_assert_int_eq(subject_run(&it, "INSERT INTO page (id, body) VALUES (?, ?)", params, NULL),
                     ROWAN_FULL);
    ck_assert_int_eq(it.error.fate, ROWAN_FATE_ROLLED_BACK);
    check_silence(&it.error, "full");
    ck_assert(it.driver->alive(it.connection));
    free(long_text);
    subject_close(&it);
}
END_TEST

/* --- Opening --- */

static rowan_error open_badly(const char *url)
{
    rowan_error error = {0};
    rowan_db *db = (rowan_db *)&error;
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.connect_ms = 2000;
    rowan_status status = rowan_open(url, &options, &db, &error);
    ck_assert_msg(status != ROWAN_OK, "%s was opened", url);
    ck_assert_int_eq(error.status, status);
    ck_assert_ptr_null(db);
    ck_assert(error.message[0] != '\0');
    return error;
}

START_TEST(urls_that_cannot_be_read_are_misuse)
{
    static const char *const bad[] = {"",
                                      "bookshop.db",
                                      "oracle://localhost/x",
                                      "mysql://localhost/x",
                                      "SQLITE:x",
                                      ":memory:",
                                      "sqlite:",
                                      "sqlite:?mode=ro",
                                      "sqlite:x.db?mood=ro",
                                      "sqlite:x.db?mode=read",
                                      "sqlite:x.db?mode=ro&cache=shared"};

    ck_assert_int_eq(open_badly(bad[_i]).status, ROWAN_MISUSE);
}
END_TEST

START_TEST(a_misspelt_option_is_named)
{
    rowan_error error = open_badly("sqlite:x.db?mood=ro");

    ck_assert_ptr_nonnull(strstr(error.message, "mood"));
    ck_assert_ptr_nonnull(strstr(open_badly("oracle://x").message, "oracle"));
}
END_TEST

START_TEST(files_that_cannot_be_opened_are_explained)
{
    char url[600];
    const char *fresh = engine_url_new(0);

    snprintf(url, sizeof url, "%s?mode=rw", fresh);
    ck_assert_int_eq(open_badly(url).status, ROWAN_CONNECT);
    snprintf(url, sizeof url, "%s?mode=ro", fresh);
    ck_assert_int_eq(open_badly(url).status, ROWAN_CONNECT);
    snprintf(url, sizeof url, "%s/below/a/file.db", fresh);
    rowan_error error = open_badly(url);
    ck_assert_int_eq(error.status, ROWAN_CONNECT);
    ck_assert_ptr_nonnull(strstr(error.message, "/below/a/file.db"));
    ck_assert(!error.connection_usable);
    ck_assert_int_eq(open_badly("sqlite:/").status, ROWAN_CONNECT);
    engine_url_drop(fresh);
}
END_TEST

START_TEST(a_file_that_is_no_database_is_corrupt)
{
    const char *url = engine_url_new(0);
    char read_only[600];
    FILE *file = fopen(url + strlen("sqlite:"), "w");

    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 500; i++) {
        fputs("This is a letter and not a database.\n", file);
    }
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(open_badly(url).status, ROWAN_CORRUPT);
    snprintf(read_only, sizeof read_only, "%s?mode=ro", url);
    ck_assert_int_eq(open_badly(read_only).status, ROWAN_CORRUPT);
    engine_url_drop(url);
}
END_TEST

START_TEST(a_database_opened_read_only_takes_no_writes)
{
    const char *url = engine_url_new(0);
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_db *db = engine_open_url(url, NULL);
    rowan_scope *scope;
    rowan_error error;
    uint64_t affected = 0;

    engine_script(db, "CREATE TABLE word (id @key);");
    rowan_close(db);
    options.read_only = true;
    db = engine_open_url(url, &options);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, &affected),
                     ROWAN_READ_ONLY);
    ck_assert_int_eq(rowan_raw_run(scope, "SELECT id FROM word", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    rowan_scope_end(scope);
    rowan_close(db);
    engine_url_drop(url);
}
END_TEST

START_TEST(servers_that_are_not_there_cannot_be_connected_to)
{
#ifdef ROWAN_WITH_POSTGRESQL
    ck_assert_int_eq(open_badly("postgresql://rowan@127.0.0.1:1/rowan").status, ROWAN_CONNECT);
#endif
#ifdef ROWAN_WITH_MARIADB
    ck_assert_int_eq(open_badly("mariadb://rowan:secret@127.0.0.1:1/rowan").status, ROWAN_CONNECT);
    ck_assert_int_eq(
        open_badly("mariadb://rowan:secret@localhost/rowan?socket=/no/such/socket").status,
        ROWAN_CONNECT);
#endif
}
END_TEST

/* --- Putting it together --- */

static void add_engine_tests(TCase *tc)
{
    int subjects = subject_count();

    tcase_add_loop_test(tc, each_mistake_has_one_status_on_every_engine, 0, subjects);
    tcase_add_loop_test(tc, a_mistake_in_a_transaction_tells_what_became_of_it, 0, subjects);
    tcase_add_loop_test(tc, waiting_too_long_for_a_lock_is_a_timeout, 0, subjects);
    tcase_add_loop_test(tc, a_deadline_ends_the_waiting_for_a_lock, 0, subjects);
    tcase_add_loop_test(tc, a_deadlock_is_a_conflict_for_one_of_two, 0, subjects);
    tcase_add_loop_test(tc, a_write_where_none_is_allowed_is_read_only, 0, subjects);
    tcase_add_loop_test(tc, a_full_database_says_so, 0, subjects);
}

int main(void)
{
    Suite *suite = suite_create("errors");
    TCase *tc = tcase_create("engines");
    TCase *opening = tcase_create("opening");

    tcase_set_timeout(tc, 60);
    add_engine_tests(tc);
    suite_add_tcase(suite, tc);
    if (engine_is(0, "sqlite")) {
        tcase_add_loop_test(opening, urls_that_cannot_be_read_are_misuse, 0, 11);
        tcase_add_test(opening, a_misspelt_option_is_named);
        tcase_add_test(opening, files_that_cannot_be_opened_are_explained);
        tcase_add_test(opening, a_file_that_is_no_database_is_corrupt);
        tcase_add_test(opening, a_database_opened_read_only_takes_no_writes);
    }
    tcase_add_test(opening, servers_that_are_not_there_cannot_be_connected_to);
    suite_add_tcase(suite, opening);
    return suite_run(suite);
}
