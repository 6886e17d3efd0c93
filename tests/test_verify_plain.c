/*
 * What of a trace may be sent to a database once more: only statements that read, and of writes
 * only those that a transaction takes back. It is told by the words of a statement, which are also
 * names of columns and of functions that do nothing.
 */
#include <check.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "support/suite.h"
#include "verify/verify_private.h"

static rowan__arena arena;

static void begin(void)
{
    rowan__arena_init(&arena, &rowan__default_allocator);
}

static void end(void)
{
    rowan__arena_fini(&arena);
}

static rowan__parts parts_of(const char *dialect, const char *sql)
{
    rowan__parts parts;

    ck_assert(rowan__parts_read(&parts, &arena, dialect, sql, strlen(sql)));
    return parts;
}

static const struct statement {
    const char *dialect, *sql;
    bool is_plain;
} statements[] = {
    {"sqlite", "SELECT 1", true},
    {"sqlite", "select a from t where b = ?", true},
    {"sqlite", "WITH x AS (SELECT 1 AS a) SELECT a FROM x", true},
    {"postgresql", "SELECT a FROM t WHERE b = $1;", true},
    {"postgresql", "SELECT a FROM t; ", true},
    {"sqlite", "SELECT a FROM t /* UPDATE t */ -- DELETE", true},
    {"sqlite", "SELECT 'DELETE', \"UPDATE\" FROM t", true},
    /* Names that look like words: behind a point, in quotes, before a parenthesis. */
    {"sqlite", "SELECT t.next, t.share, t.lock FROM t", true},
    {"sqlite", "SELECT next FROM node WHERE id = ?", true},
    {"sqlite", "SELECT next AS value FROM node", true},
    {"sqlite", "SELECT replace(a, 'x', 'y'), insert(1) FROM t", true},
    {"mariadb", "SELECT insert(a, 1, 1, 'x') FROM t", true},
    {"postgresql", "SELECT substring(a FROM 1 FOR 2) FROM t", true},
    {"postgresql", "SELECT overlay(a PLACING 'x' FROM 1 FOR 2) FROM t", true},
    {"postgresql", "SELECT a FROM t ORDER BY b FETCH NEXT 3 ROWS ONLY", true},
    {"postgresql", "SELECT pg_name, lo_limit FROM t", true},
    {"postgresql", "SELECT spg_sleepy(1) FROM t", true},
    /* More than one, or none that is whole. */
    {"sqlite", "SELECT 1; SELECT 2", false},
    {"sqlite", "SELECT (1", false},
    {"sqlite", "SELECT 1)", false},
    {"sqlite", "SELECT 'x", false},
    {"sqlite", "", false},
    {"mariadb", "SELECT 1 /*! INTO OUTFILE '/tmp/x' */", false},
    {"mariadb", "SELECT 1 /*M! INTO OUTFILE '/tmp/x' */", false},
    /* What is no SELECT. */
    {"sqlite", "INSERT INTO t VALUES (1)", false},
    {"sqlite", "UPDATE t SET a = 1", false},
    {"sqlite", "DELETE FROM t", false},
    {"sqlite", "REPLACE INTO t VALUES (1)", false},
    {"sqlite", "PRAGMA user_version = 5", false},
    {"sqlite", "VACUUM", false},
    {"sqlite", "EXPLAIN SELECT 1", false},
    {"postgresql", "TABLE t", false},
    {"postgresql", "VALUES (1)", false},
    {"postgresql", "EXECUTE p", false},
    {"postgresql", "COPY t TO STDOUT", false},
    {"mariadb", "CALL p()", false},
    {"mariadb", "(SELECT 1)", false},
    /* What reads and does more. */
    {"postgresql", "WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT a FROM x", false},
    {"postgresql", "WITH x AS (UPDATE t SET a = 1 RETURNING a) SELECT a FROM x", false},
    {"postgresql", "WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x", false},
    {"postgresql",
     "WITH x AS (MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DO NOTHING) SELECT 1", false},
    {"postgresql", "SELECT a INTO copied FROM t", false},
    {"mariadb", "SELECT a FROM t INTO OUTFILE '/tmp/x'", false},
    {"mariadb", "SELECT a INTO @a FROM t", false},
    {"postgresql", "SELECT a FROM t FOR UPDATE", false},
    {"postgresql", "SELECT a FROM t FOR NO KEY UPDATE SKIP LOCKED", false},
    {"postgresql", "SELECT a FROM t FOR SHARE", false},
    {"postgresql", "SELECT a FROM (SELECT a FROM t FOR KEY SHARE) x", false},
    {"mariadb", "SELECT a FROM t LOCK IN SHARE MODE", false},
    {"mariadb", "SELECT a FROM t PROCEDURE analyse()", false},
    {"mariadb", "SELECT NEXT VALUE FOR s", false},
    {"mariadb", "SELECT a, next value for s FROM t", false},
    {"postgresql", "SELECT nextval('s')", false},
    {"postgresql", "SELECT setval('s', 1)", false},
    {"postgresql", "SELECT set_config('a.b', 'c', false)", false},
    {"postgresql", "SELECT PG_NOTIFY('a', 'b')", false},
    {"postgresql", "SELECT pg_catalog.pg_terminate_backend(1)", false},
    {"postgresql", "SELECT \"pg_terminate_backend\"(1)", false},
    {"postgresql", "SELECT lo_unlink(1)", false},
    {"postgresql", "SELECT * FROM dblink_exec('x', 'DELETE FROM t')", false},
    {"mariadb", "SELECT benchmark(1000000, 1)", false},
    {"mariadb", "SELECT sys_exec('x')", false},
    {"mariadb", "SELECT get_lock('a', 1)", false},
    {"mariadb", "SELECT sleep(9)", false},
};

enum { STATEMENTS = sizeof statements / sizeof statements[0] };

START_TEST(a_plain_read_is_one_select_that_does_nothing_else)
{
    const struct statement *it = &statements[_i];
    const rowan__parts parts = parts_of(it->dialect, it->sql);

    ck_assert_msg(rowan__is_plain_read(it->dialect, &parts) == it->is_plain, "%s: %s", it->dialect,
                  it->sql);
}
END_TEST

START_TEST(calls_are_told_by_the_names_of_functions)
{
    static const struct {
        const char *sql;
        bool calls;
    } writes[] = {
        {"UPDATE t SET a = setval('s', 5) WHERE id = $1", true},
        {"INSERT INTO t (a) VALUES (dblink_exec('x', 'y'))", true},
        {"INSERT INTO t (a) VALUES (\"lo_import\"('/etc/passwd'))", true},
        {"DELETE FROM t WHERE a = pg_backend_pid()", true},
        {"INSERT INTO sys_user (pg_a) VALUES (upper('x'))", false}, /* a table is none */
        {"INSERT INTO app.sys_user (a) SELECT upper(b) FROM lo_items WHERE c IN (1)", false},
        {"INSERT INTO \"pg_mine\" (a) SELECT pg_sleep_for('1 s')", true},
        {"INSERT INTO t (pg_a) VALUES ('pg_notify(')", false},
        {"UPDATE t SET pg_a = 1, lo_b = (2) WHERE c = $1", false},
        {"UPDATE t SET a = upper(b) WHERE c = $1", false},
        {"DELETE FROM t WHERE pg_a", false},
    };

    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        const rowan__parts parts = parts_of("postgresql", writes[i].sql);
        ck_assert_msg(rowan__calls_more(&parts) == writes[i].calls, "%s", writes[i].sql);
    }
}
END_TEST

/* A hash is a # and sixteen hexadecimal digits in small letters. */
START_TEST(a_hash_is_told_from_a_text)
{
    static const struct {
        const char *text;
        bool is_hidden;
    } texts[] = {
        {"#0123456789abcdef", true},  {"#ffffffffffffffff", true},  {"#0123456789abcdeF", false},
        {"#0123456789abcdeg", false}, {"#0123456789abcde", false},  {"#0123456789abcdef0", false},
        {"0123456789abcdef0", false}, {"#/123456789abcdef", false}, {"#:123456789abcdef", false},
        {"#`123456789abcdef", false}, {"#0123456789abcde ", false}, {"", false},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const rowan_value value = rowan_v_text(texts[i].text);
        ck_assert_msg(rowan__is_hidden(&value) == texts[i].is_hidden, "%s", texts[i].text);
    }
    const rowan_value others[] = {rowan_v_int64(17), rowan_v_null(), rowan_v_double(0.5),
                                  rowan_v_bool(true)};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert(!rowan__is_hidden(&others[i]));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_plain");
    TCase *tc = tcase_create("plain");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_loop_test(tc, a_plain_read_is_one_select_that_does_nothing_else, 0, STATEMENTS);
    tcase_add_test(tc, calls_are_told_by_the_names_of_functions);
    tcase_add_test(tc, a_hash_is_told_from_a_text);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
