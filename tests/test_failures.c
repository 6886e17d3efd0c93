/*
 * What goes wrong between a program and its database, on every engine: deadlines, sessions that are
 * ended, servers that are not there, locks, schemas that change. After each the scope, or the next
 * one, goes on.
 */
#include <rowan/rowan.h>

#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "support/engine.h"
#include "support/suite.h"

/* What differs in the words of the engines. */
typedef struct words {
    const char *engine;
    const char *prelude; /* of a session that runs `endless`; NULL: none */
    const char *endless; /* a query that runs for minutes */
    const char
        *busy; /* sessions of this database that run something, this one aside; NULL: no server */
    const char *own_id;   /* of the session */
    const char *kill;     /* ends a session, with a format for its id */
    const char *patience; /* makes waiting for a lock short; NULL: the option busy_ms does */
    const char *lock,
        *unlock;           /* of the whole table, so that not even a statement can be prepared */
    const char *snapshots; /* makes a changed row a conflict; NULL: not to be had */
} words;

#define COUNT_UP                                                                                   \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "       \
    "SELECT count(*) FROM n AS a"

static const words all_words[] = {
    {"sqlite", NULL, COUNT_UP, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
    {"postgresql", NULL,
     "SELECT count(*) FROM generate_series(1, 100000) AS a, generate_series(1, 100000) AS b",
     "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid = %lld",
     "SELECT CAST(pg_backend_pid() AS bigint)", "SELECT pg_terminate_backend(%lld)",
     "SET lock_timeout = 100", "LOCK TABLE entry", "SELECT 1",
     "SET default_transaction_isolation = 'repeatable read'"},
    {"mariadb", "SET max_recursive_iterations = 4294967295", COUNT_UP,
     "SELECT count(*) FROM information_schema.processlist WHERE info IS NOT NULL AND id = %lld",
     "SELECT connection_id()", "KILL %lld", "SET innodb_lock_wait_timeout = 1",
     "LOCK TABLES entry WRITE", "UNLOCK TABLES", "SET innodb_snapshot_isolation = ON"},
};

static const char *url;
static const words *speech;
static rowan_db *db;
static rowan_scope *scope;

static const words *words_of(size_t engine)
{
    for (size_t i = 0; i < sizeof all_words / sizeof all_words[0]; i++) {
        if (engine_is(engine, all_words[i].engine)) {
            return &all_words[i];
        }
    }
    ck_abort_msg("the test has no words for %s", engine_name(engine));
}

static rowan_scope *new_scope(rowan_db *of)
{
    rowan_scope *fresh;

    ck_assert_int_eq(rowan_scope_begin(of, "test", &fresh, NULL), ROWAN_OK);
    return fresh;
}

static void open_on(int engine)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.busy_ms = 100;
    url = engine_url_new((size_t)engine);
    speech = words_of((size_t)engine);
    db = engine_open_url(url, &options);
    engine_script(db, "CREATE TABLE entry (id @ref NOT NULL PRIMARY KEY, n @int64 NOT NULL)");
    engine_send(url, "INSERT INTO entry VALUES (1, 10), (2, 20), (3, 30)");
    scope = new_scope(db);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    rowan_close(db);
    engine_url_drop(url);
}

static void ok_on(rowan_scope *of, rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_status_name(status),
                  rowan_scope_error(of)->message, rowan_scope_error(of)->engine_message);
}

static rowan_status run_on(rowan_scope *of, const char *sql)
{
    return rowan_raw_run(of, sql, ROWAN_NO_PARAMS, NULL);
}

static void ok(rowan_status status)
{
    ok_on(scope, status);
}

static rowan_status run(const char *sql)
{
    return run_on(scope, sql);
}

static int64_t number_on(rowan_scope *of, const char *sql)
{
    rowan_cursor *cursor;
    int64_t value;

    ok_on(of, rowan_raw_open(of, sql, ROWAN_NO_PARAMS, &cursor));
    ok_on(of, rowan_cursor_next(cursor));
    ok_on(of, rowan_cursor_int64(cursor, 0, &value));
    rowan_cursor_close(cursor);
    return value;
}

static int64_t number(const char *sql)
{
    return number_on(scope, sql);
}

/* The same, seen by a connection of its own. */
static int64_t number_elsewhere(const char *sql)
{
    rowan_db *other = engine_open_url(url, NULL);
    rowan_scope *look = new_scope(other);
    int64_t value = number_on(look, sql);

    rowan_scope_end(look);
    rowan_close(other);
    return value;
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A statement with an id in the place of its format. */
static void with_id(const char *format, int64_t id, char *out, size_t size)
{
    const char *at = strstr(format, "%lld");

    ck_assert_ptr_nonnull(at);
    snprintf(out, size, "%.*s%lld%s", (int)(at - format), format, (long long)id,
             at + strlen("%lld"));
}

/* Whether a session runs nothing any more; what was stopped may take a moment to clear away. */
static bool session_is_idle(int64_t id)
{
    char sql[200];

    with_id(speech->busy, id, sql, sizeof sql);
    for (int i = 0; number_elsewhere(sql) > 0; i++) {
        if (i == 40) {
            return false;
        }
        wait_ms(50);
    }
    return true;
}

/* --- Deadlines. --- */

START_TEST(at_the_deadline_the_server_stops_and_the_scope_goes_on)
{
    open_on(_i);
    if (speech->prelude) {
        ok(run(speech->prelude));
    }
    int64_t id = speech->own_id ? number(speech->own_id) : 0;
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        if (in_transaction) {
            ok(rowan_begin(scope, NULL));
            ok(run("INSERT INTO entry VALUES (4, 40)"));
        }
        int64_t start_ms = now_ms();
        rowan_scope_deadline(scope, 200);
        ck_assert_int_eq(run(speech->endless), ROWAN_TIMEOUT);
        rowan_scope_deadline(scope, 0);
        ck_assert_int_ge(now_ms() - start_ms, 199);
        ck_assert_int_lt(now_ms() - start_ms, 10000);
        rowan_transaction_fate fate = rowan_scope_error(scope)->fate;
        ck_assert(rowan_scope_error(scope)->connection_usable);
        if (in_transaction) {
            ck_assert(fate == ROWAN_FATE_OPEN || fate == ROWAN_FATE_MUST_ROLLBACK);
            ok(rowan_rollback(scope));
        } else {
            ck_assert_int_eq(fate, ROWAN_FATE_NONE);
        }
        ck_assert(!speech->busy || session_is_idle(id));
        ck_assert_int_eq(number("SELECT count(*) FROM entry"), 3);
    }
    close_all();
}
END_TEST

START_TEST(a_deadline_that_does_not_pass_changes_nothing)
{
    open_on(_i);
    rowan_scope_deadline(scope, 60000);
    for (int i = 0; i < 3; i++) {
        ok(run("UPDATE entry SET n = n + 1"));
        ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 1"), 11 + i);
    }
    ck_assert_int_eq(run("SELECT missing FROM entry"), ROWAN_NO_SUCH);
    ok(run("SELECT n FROM entry"));
    close_all();
}
END_TEST

START_TEST(a_deadline_ends_the_wait_of_a_statement_that_is_being_prepared)
{
    open_on(_i);
    if (speech->lock) {
        rowan_scope *holder = new_scope(db);
        ok_on(holder, rowan_begin(holder, NULL));
        ok_on(holder, run_on(holder, speech->lock));
        rowan_scope_deadline(scope, 200);
        ck_assert_int_eq(run("SELECT n FROM entry WHERE id = 1"), ROWAN_TIMEOUT);
        ck_assert(rowan_scope_error(scope)->connection_usable);
        rowan_scope_deadline(scope, 0);
        ok_on(holder, run_on(holder, speech->unlock));
        ok_on(holder, rowan_rollback(holder));
        rowan_scope_end(holder);
        ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 1"), 10);
    }
    close_all();
}
END_TEST

/* --- Sessions that the server ends. --- */

static void kill_session(int64_t id)
{
    char sql[100];

    with_id(speech->kill, id, sql, sizeof sql);
    engine_send(url, sql);
    wait_ms(50);
}

START_TEST(a_session_that_was_ended_while_idle_is_replaced_unseen)
{
    open_on(_i);
    if (speech->own_id) {
        int64_t id = number(speech->own_id);
        rowan_scope_end(scope);
        kill_session(id);
        scope = new_scope(db);
        ck_assert_int_eq(number("SELECT count(*) FROM entry"), 3);
        ck_assert_int_ne(number(speech->own_id), id);
    }
    close_all();
}
END_TEST

START_TEST(a_session_that_was_ended_in_a_transaction_takes_it_along)
{
    open_on(_i);
    if (speech->own_id) {
        int64_t id = number(speech->own_id);
        ok(rowan_begin(scope, NULL));
        ok(run("UPDATE entry SET n = 0"));
        kill_session(id);
        ck_assert_int_eq(run("UPDATE entry SET n = 1"), ROWAN_LOST);
        ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_ROLLED_BACK);
        ck_assert_int_eq(rowan_scope_error(scope)->retry, ROWAN_RETRY_RECONNECT);
        ck_assert(!rowan_scope_error(scope)->connection_usable);
        ck_assert_int_eq(run("UPDATE entry SET n = 2"), ROWAN_MISUSE);
        ok(rowan_rollback(scope));
        ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 1"), 10);
    }
    close_all();
}
END_TEST

static void *kill_soon(void *id)
{
    wait_ms(200);
    kill_session(*(int64_t *)id);
    return NULL;
}

static void *run_until_the_deadline(void *status)
{
    *(rowan_status *)status = run(speech->endless);
    return NULL;
}

START_TEST(a_second_thread_on_a_scope_at_work_is_refused)
{
    rowan_status status = ROWAN_OK, second;
    pthread_t thread;

    open_on(_i);
    if (speech->prelude) {
        ok(run(speech->prelude));
    }
    uint64_t before = rowan_scope_counts(scope).statements;
    rowan_scope_deadline(scope, 1500);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_until_the_deadline, &status), 0);
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    second = run("UPDATE entry SET n = 0");
    ck_assert_int_eq(second, ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "another thread"));
    pthread_join(thread, NULL);
    ck_assert_int_eq(status, ROWAN_TIMEOUT);
    rowan_scope_deadline(scope, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM entry WHERE n > 0"), 3);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, before + 2);
    close_all();
}
END_TEST

START_TEST(a_session_that_was_ended_at_work_is_lost_and_replaced)
{
    pthread_t thread;

    open_on(_i);
    if (speech->own_id) {
        int64_t id = number(speech->own_id);
        if (speech->prelude) {
            ok(run(speech->prelude));
        }
        ck_assert_int_eq(pthread_create(&thread, NULL, kill_soon, &id), 0);
        ck_assert_int_eq(run(speech->endless), ROWAN_LOST);
        pthread_join(thread, NULL);
        ck_assert(!rowan_scope_error(scope)->connection_usable);
        ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_NONE);
        ck_assert_int_eq(number("SELECT count(*) FROM entry"), 3);
    }
    close_all();
}
END_TEST

/* --- Opening. --- */

/* A URL that nobody answers, and what the message names of it. */
static const struct {
    const char *url, *named;
} unreachable[] = {
    {"sqlite:/no/such/folder/file.db", "/no/such/folder/file.db"},
    {"postgresql://rowan:s3cret@127.0.0.1:1/rowan", "\"127.0.0.1\", port 1:"},
    {"postgresql://rowan:s3cret@localhost:7/rowan?host=/no/such/folder",
     "\"/no/such/folder\", port 7:"},
    {"mariadb://rowan:s3cret@127.0.0.1:1/rowan", "\"127.0.0.1\""},
    {"mariadb://rowan:s3cret@localhost/rowan?socket=/no/such/socket", "\"/no/such/socket\""},
};

START_TEST(what_cannot_be_reached_is_said_at_once_and_without_the_password)
{
    const char *at = unreachable[_i].url;
    rowan_db *none = NULL;
    rowan_error error;
    int64_t start_ms = now_ms();
    rowan_status status = rowan_open(at, NULL, &none, &error);

    ck_assert_ptr_null(none);
    ck_assert_int_lt(now_ms() - start_ms, 5000);
    if (status != ROWAN_UNSUPPORTED) { /* by this build */
        ck_assert_int_eq(status, ROWAN_CONNECT);
        ck_assert(!error.connection_usable);
        ck_assert_msg(strstr(error.message, unreachable[_i].named) != NULL, "%s", error.message);
    }
    ck_assert_ptr_null(strstr(error.message, "s3cret"));
    ck_assert_ptr_null(strstr(error.engine_message, "s3cret"));
    ck_assert_str_ne(error.message, "");
}
END_TEST

START_TEST(an_sqlite_url_with_a_host_is_refused_and_makes_no_file)
{
    rowan_db *none = NULL;
    rowan_error error;

    ck_assert_int_eq(rowan_open("sqlite://rowan_no_host.db", NULL, &none, &error), ROWAN_MISUSE);
    ck_assert_ptr_null(none);
    ck_assert_ptr_nonnull(strstr(error.message, "write sqlite:PATH"));
    ck_assert_int_eq(rowan_open("sqlite://", NULL, &none, &error), ROWAN_MISUSE);
    ck_assert_int_ne(access("/rowan_no_host.db", F_OK), 0);
    ck_assert_int_eq(rowan_open("sqlite:///no/such/folder/file.db", NULL, &none, &error),
                     ROWAN_CONNECT);
}
END_TEST

START_TEST(a_database_opened_read_only_takes_no_writes)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    open_on(_i);
    options.read_only = true;
    rowan_db *reading = engine_open_url(url, &options);
    rowan_scope *reader = new_scope(reading);
    ck_assert_int_eq(run_on(reader, "UPDATE entry SET n = 0"), ROWAN_READ_ONLY);
    ck_assert(rowan_scope_error(reader)->connection_usable);
    ck_assert_int_eq(number_on(reader, "SELECT count(*) FROM entry"), 3);
    rowan_scope_end(reader);
    rowan_close(reading);
    ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 1"), 10);
    close_all();
}
END_TEST

/* --- Schemas that change. --- */

typedef struct entry {
    int64_t id;
    int64_t n;
    rowan_opt_text extra;
} entry;

static const rowan_table entry_shape;
static const rowan_column entry_columns[] = {
    ROWAN_COLUMN(entry_shape, entry, id, 0),
    ROWAN_COLUMN(entry_shape, entry, n, 0),
    ROWAN_OPT_COLUMN(entry_shape, entry, extra, 0),
};
static const rowan_table entry_shape = ROWAN_SHAPE(entry, entry_columns);

enum { SHAPES = 20 };

/* Statements of many texts: all of them go stale at once. */
static rowan_status read_entries(int text, rowan_rows *rows)
{
    char sql[100];

    snprintf(sql, sizeof sql, "SELECT * FROM entry WHERE id > %d ORDER BY id", -text);
    return rowan_raw_all(scope, sql, ROWAN_NO_PARAMS, &entry_shape, rows);
}

START_TEST(statements_outlive_a_change_of_the_schema)
{
    rowan_rows rows;

    open_on(_i);
    for (int by_another = 0; by_another < 2; by_another++) {
        for (int text = 0; text < SHAPES; text++) {
            ok(read_entries(text, &rows));
            ck_assert(!((entry *)rows.at)[0].extra.has);
        }
        if (by_another) {
            engine_script(db, "ALTER TABLE entry ADD COLUMN extra @text(20) DEFAULT 'new'");
        } else {
            ok(run("ALTER TABLE entry ADD COLUMN extra VARCHAR(20) DEFAULT 'new'"));
        }
        for (int text = 0; text < SHAPES; text++) {
            ok(read_entries(text, &rows));
            ck_assert_uint_eq(rows.count, 3);
            ck_assert_int_eq(((entry *)rows.at)[2].n, 30);
            ck_assert_str_eq(((entry *)rows.at)[2].extra.value, "new");
        }
        ok(run("ALTER TABLE entry DROP COLUMN extra"));
    }
    ok(run("ALTER TABLE entry RENAME COLUMN n TO unheard_of"));
    ck_assert_int_eq(read_entries(0, &rows), ROWAN_WRONG_TYPE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "unheard_of"));
    ok(run("ALTER TABLE entry RENAME COLUMN unheard_of TO n"));
    ok(read_entries(0, &rows));
    ck_assert_uint_eq(rows.count, 3);
    close_all();
}
END_TEST

/* --- Locks. --- */

START_TEST(who_waits_too_long_for_a_lock_is_told_and_can_try_again)
{
    open_on(_i);
    rowan_scope *second = new_scope(db);
    ok(rowan_begin(scope, NULL));
    ok(run("UPDATE entry SET n = n + 1 WHERE id = 1"));
    if (speech->patience) {
        ok_on(second, run_on(second, speech->patience));
        ok_on(second, rowan_begin(second, NULL));
        ck_assert_int_eq(run_on(second, "UPDATE entry SET n = n + 1 WHERE id = 1"), ROWAN_TIMEOUT);
        rowan_transaction_fate fate = rowan_scope_error(second)->fate;
        ck_assert(fate == ROWAN_FATE_OPEN || fate == ROWAN_FATE_MUST_ROLLBACK);
        ck_assert_int_ne(rowan_scope_error(second)->retry, ROWAN_RETRY_NEVER);
        ok_on(second, rowan_rollback(second));
    } else {
        ck_assert_int_eq(rowan_begin(second, NULL), ROWAN_TIMEOUT);
    }
    ok(rowan_commit(scope));
    ok_on(second, run_on(second, "UPDATE entry SET n = n + 1 WHERE id = 1"));
    ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 1"), 12);
    rowan_scope_end(second);
    close_all();
}
END_TEST

/* One side of a deadlock: locks a row, waits until the other has locked its own, then wants that
 * one. */
typedef struct rival {
    pthread_barrier_t *both_locked;
    const char *first, *second;
    rowan_status status;
    rowan_error error;
} rival;

static void *compete(void *context)
{
    rival *self = context;
    rowan_scope *own = new_scope(db);

    ok_on(own, rowan_begin(own, NULL));
    ok_on(own, run_on(own, self->first));
    pthread_barrier_wait(self->both_locked);
    self->status = run_on(own, self->second);
    self->error = *rowan_scope_error(own);
    /* The transaction again, from its begin; the other one may have to be met once more. */
    for (rowan_status status = self->status; status != ROWAN_OK;) {
        ck_assert_int_eq(status, ROWAN_CONFLICT);
        ok_on(own, rowan_rollback(own));
        ok_on(own, rowan_begin(own, NULL));
        status = run_on(own, self->first);
        status = status == ROWAN_OK ? run_on(own, self->second) : status;
    }
    ok_on(own, rowan_commit(own));
    rowan_scope_end(own);
    return NULL;
}

START_TEST(a_deadlock_costs_one_transaction_which_can_be_run_again)
{
    static const char one[] = "UPDATE entry SET n = n + 1 WHERE id = 1";
    static const char two[] = "UPDATE entry SET n = n + 1 WHERE id = 2";
    pthread_barrier_t both_locked;
    pthread_t thread;

    open_on(_i);
    if (speech->own_id) {
        pthread_barrier_init(&both_locked, NULL, 2);
        rival left = {.both_locked = &both_locked, .first = one, .second = two};
        rival right = {.both_locked = &both_locked, .first = two, .second = one};
        ck_assert_int_eq(pthread_create(&thread, NULL, compete, &left), 0);
        compete(&right);
        pthread_join(thread, NULL);
        pthread_barrier_destroy(&both_locked);
        const rival *loser = left.status == ROWAN_OK ? &right : &left;
        ck_assert(left.status != ROWAN_OK || right.status != ROWAN_OK);
        ck_assert_int_eq(loser->status, ROWAN_CONFLICT);
        ck_assert_int_eq(loser->error.retry, ROWAN_RETRY_TRANSACTION);
        ck_assert(loser->error.fate == ROWAN_FATE_ROLLED_BACK ||
                  loser->error.fate == ROWAN_FATE_MUST_ROLLBACK);
        ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 1"), 12);
        ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 2"), 22);
    }
    close_all();
}
END_TEST

START_TEST(a_row_that_changed_under_a_snapshot_is_a_conflict)
{
    const rowan_transaction_options repeatable = {.isolation = ROWAN_REPEATABLE_READ};

    open_on(_i);
    if (speech->snapshots) {
        ok(run(speech->snapshots));
        ok(rowan_begin(scope, &repeatable));
        ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 1"), 10);
        engine_send(url, "UPDATE entry SET n = 11 WHERE id = 1");
        ck_assert_int_eq(run("UPDATE entry SET n = n + 1 WHERE id = 1"), ROWAN_CONFLICT);
        ck_assert_int_eq(rowan_scope_error(scope)->retry, ROWAN_RETRY_TRANSACTION);
        ok(rowan_rollback(scope));
        ok(rowan_begin(scope, &repeatable));
        ok(run("UPDATE entry SET n = n + 1 WHERE id = 1"));
        ok(rowan_commit(scope));
        ck_assert_int_eq(number("SELECT n FROM entry WHERE id = 1"), 12);
    }
    close_all();
}
END_TEST

/* --- Messages. --- */

static const char canary[] = "canary-7391";

static const struct {
    const char *sql; /* with one parameter: the canary */
    rowan_status status;
} leaks[] = {
    {"INSERT INTO cage (id, name) VALUES (2, ?)", ROWAN_UNIQUE},
    {"INSERT INTO cage (id, name, parent) VALUES (3, 'x', ?)", ROWAN_FOREIGN_KEY},
    {"INSERT INTO cage (id, name, kind) VALUES (4, 'x', ?)", ROWAN_CHECK},
    {"INSERT INTO cage (id, name) VALUES (NULL, ?)", ROWAN_NOT_NULL},
    {"SELECT ? FROM nowhere", ROWAN_NO_SUCH},
    {"SELECT id FROM cage WHERE name = ? AND", ROWAN_SYNTAX},
};

START_TEST(no_message_of_ours_quotes_a_value)
{
    open_on(_i);
    engine_script(
        db, "CREATE TABLE cage (id @ref NOT NULL PRIMARY KEY, name @text(50) NOT NULL UNIQUE, "
            "parent @text(50) REFERENCES cage (name), "
            "kind @text(50) CHECK (kind IN ('a', 'b')))");
    ok(rowan_raw_run(scope, "INSERT INTO cage (id, name) VALUES (1, 'canary-7391')",
                     ROWAN_NO_PARAMS, NULL));
    for (size_t i = 0; i < sizeof leaks / sizeof leaks[0]; i++) {
        const char *value = leaks[i].status == ROWAN_FOREIGN_KEY ? "canary-7391 of nobody" : canary;
        rowan_status status =
            rowan_raw_run(scope, leaks[i].sql, ROWAN_PARAMS(ROWAN_V(value)), NULL);
        ck_assert_msg(status == leaks[i].status, "%s: %s %s", leaks[i].sql,
                      rowan_status_name(status), rowan_scope_error(scope)->message);
        ck_assert_ptr_null(strstr(rowan_scope_error(scope)->message, "canary"));
        ck_assert_ptr_null(strstr(rowan_scope_error(scope)->constraint, "canary"));
        ck_assert_str_ne(rowan_scope_error(scope)->message, "");
    }
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failures");
    TCase *tc = tcase_create("failures");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, at_the_deadline_the_server_stops_and_the_scope_goes_on, 0, engines);
    tcase_add_loop_test(tc, a_deadline_that_does_not_pass_changes_nothing, 0, engines);
    tcase_add_loop_test(tc, a_deadline_ends_the_wait_of_a_statement_that_is_being_prepared, 0,
                        engines);
    tcase_add_loop_test(tc, a_session_that_was_ended_while_idle_is_replaced_unseen, 0, engines);
    tcase_add_loop_test(tc, a_session_that_was_ended_in_a_transaction_takes_it_along, 0, engines);
    tcase_add_loop_test(tc, a_second_thread_on_a_scope_at_work_is_refused, 0, engines);
    tcase_add_loop_test(tc, a_session_that_was_ended_at_work_is_lost_and_replaced, 0, engines);
    tcase_add_loop_test(tc, what_cannot_be_reached_is_said_at_once_and_without_the_password, 0,
                        (int)(sizeof unreachable / sizeof unreachable[0]));
    tcase_add_test(tc, an_sqlite_url_with_a_host_is_refused_and_makes_no_file);
    tcase_add_loop_test(tc, a_database_opened_read_only_takes_no_writes, 0, engines);
    tcase_add_loop_test(tc, statements_outlive_a_change_of_the_schema, 0, engines);
    tcase_add_loop_test(tc, who_waits_too_long_for_a_lock_is_told_and_can_try_again, 0, engines);
    tcase_add_loop_test(tc, a_deadlock_costs_one_transaction_which_can_be_run_again, 0, engines);
    tcase_add_loop_test(tc, a_row_that_changed_under_a_snapshot_is_a_conflict, 0, engines);
    tcase_add_loop_test(tc, no_message_of_ours_quotes_a_value, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
