/*
 * Advice about indexes where not everything is allowed: without the extension, without temporary
 * tables, without the right to read. What can be tried is tried, and the rest is said; and nobody
 * else is kept waiting.
 */
#include <check.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/engine.h"
#include "support/slow.h"
#include "support/suite.h"

enum { BY_CODE, BY_EXPRESSION, IN_ORDER };

static char url[1024], name[64], role[64];

static size_t number_of(const char *engine)
{
    for (size_t i = 0; i < engine_count(); i++) {
        if (engine_is(i, engine)) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* Whether the engine is there; its absence is told by support/engine.h. */
static bool begin(const char *engine)
{
    size_t number = number_of(engine);

    if (number == SIZE_MAX) {
        return false;
    }
    slow_begin((int)number, SLOW_ITEMS);
    snprintf(name, sizeof name, "rowan_rights_%ld", (long)getpid());
    snprintf(role, sizeof role, "rowan_role_%ld", (long)getpid());
    slow_tell("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]", 500000);
    slow_tell("SELECT * FROM item WHERE amount + 1 = ?", "[\"#0123456789abcdef\"]", 400000);
    slow_tell("SELECT owner_id, count(*) FROM item GROUP BY owner_id ORDER BY owner_id", "[]",
              300000);
    slow_analyze();
    ck_assert_uint_eq(recorded.analysis.count, 3);
    return true;
}

static void send(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void send(const char *format, ...)
{
    va_list args;
    char sql[512];

    va_start(args, format);
    vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    engine_send(recorded.url, sql);
}

/* Tries the advice as the user and at the database of `url`. */
static void verify(void)
{
    rowan__verify verify = {.analysis = &recorded.analysis};
    rowan_error error;

    ck_assert_msg(rowan__verify_open(url, &verify.db, &error) == ROWAN_OK, "%s: %s", url,
                  error.message);
    ck_assert_int_eq(rowan__verify_findings(&verify), ROWAN_OK);
    rowan_close(verify.db);
}

static const rowan__trace_finding *finding(int which)
{
    return &recorded.analysis.at[which];
}

static void expect(int which, rowan__proven state, const char *words)
{
    const char *text = slow_describe(finding(which));

    ck_assert_msg(finding(which)->proof.state == state && strstr(text, words) != NULL,
                  "expected %s, with \"%s\": %s", rowan__proven_name(state), words, text);
}

/* --- PostgreSQL. A database of its own, because an extension is the whole database's. --- */

/* The URL of another database and user on the same server, with settings of the session. */
static void make_url(const char *user, const char *options)
{
    const char *at = strchr(recorded.url, '@'), *path = at != NULL ? strchr(at, '/') : NULL;
    const char *host = path != NULL ? strstr(path, "host=") : NULL;

    ck_assert_msg(host != NULL, "%s", recorded.url);
    snprintf(url, sizeof url, "postgresql://%s%.*s/%s?host=%.*s%s", user, (int)(path - at), at,
             name, (int)strcspn(host + 5, "&"), host + 5, options);
}

static bool begin_postgresql(void)
{
    char owner[32];
    const char *at;

    if (!begin("postgresql")) {
        return false;
    }
    at = strchr(recorded.url, '@');
    snprintf(owner, sizeof owner, "%.*s", (int)(at - strstr(recorded.url, "//") - 2),
             strstr(recorded.url, "//") + 2);
    send("CREATE DATABASE %s", name);
    send("CREATE ROLE %s LOGIN", role);
    make_url(owner, "");
    slow_fill(url, SLOW_ITEMS);
    return true;
}

static void in_database(const char *sql)
{
    engine_send(url, sql);
}

static int64_t count_in_database(const char *sql)
{
    const char *before = recorded.url;
    int64_t number;

    recorded.url = url;
    number = recorded_number(sql);
    recorded.url = before;
    return number;
}

static void end_postgresql(void)
{
    send("DROP DATABASE %s", name);
    send("DROP ROLE %s", role);
    recorded_end();
}

START_TEST(an_extension_that_is_missing_is_there_for_the_trial_only)
{
    if (!begin_postgresql()) {
        return;
    }
    verify();
    expect(BY_CODE, ROWAN__PROVEN_CHEAPER, "with a hypothetical index");
    expect(BY_EXPRESSION, ROWAN__PROVEN_CHEAPER,
           "CREATE INDEX \"item_amount_1_idx\" ON \"item\" "
           "((amount + 1))");
    ck_assert_int_eq(count_in_database("SELECT count(*) FROM pg_extension WHERE extname = "
                                       "'hypopg'"),
                     0);
    ck_assert_int_eq(count_in_database("SELECT count(*) FROM pg_indexes WHERE tablename = 'item'"),
                     1);
    end_postgresql();
}
END_TEST

/* auto_explain would end a statement whose plan has an index that is not there. */
START_TEST(auto_explain_is_silenced)
{
    if (!begin_postgresql()) {
        return;
    }
    in_database("CREATE EXTENSION hypopg");
    strcat(url, "&options=-c%20session_preload_libraries%3Dauto_explain"
                "%20-c%20auto_explain.log_min_duration%3D0");
    verify();
    expect(BY_CODE, ROWAN__PROVEN_CHEAPER, "with a hypothetical index");
    end_postgresql();
}
END_TEST

START_TEST(without_the_extension_a_sample_is_copied)
{
    if (!begin_postgresql()) {
        return;
    }
    send("GRANT CONNECT, TEMPORARY ON DATABASE %s TO %s", name, role);
    in_database("GRANT SELECT ON item, owner TO PUBLIC");
    make_url(role, "");
    verify();
    expect(BY_CODE, ROWAN__PROVEN_CHEAPER, "on a sample of the rows");
    ck_assert_int_gt(finding(BY_CODE)->proof.index->size_bytes, 50000);
    expect(BY_EXPRESSION, ROWAN__PROVEN_CHEAPER, "on a sample of the rows");
    expect(IN_ORDER, ROWAN__PROVEN_WITHDRAWN, "none halves");
    ck_assert_int_eq(count_in_database("SELECT count(*) FROM pg_class WHERE relname LIKE 'rowan%'"),
                     0);
    end_postgresql();
}
END_TEST

START_TEST(without_temporary_tables_the_plan_is_looked_at)
{
    if (!begin_postgresql()) {
        return;
    }
    send("REVOKE TEMPORARY ON DATABASE %s FROM PUBLIC", name);
    in_database("GRANT SELECT ON item, owner TO PUBLIC");
    make_url(role, "");
    verify();
    expect(BY_CODE, ROWAN__PROVEN_PLAUSIBLE,
           "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");");
    expect(BY_CODE, ROWAN__PROVEN_PLAUSIBLE, "no index could be tried");
    expect(BY_EXPRESSION, ROWAN__PROVEN_PLAUSIBLE, "(amount + 1)");
    expect(IN_ORDER, ROWAN__PROVEN_UNVERIFIED, "no index can be tried here");
    ck_assert_ptr_null(strstr(finding(IN_ORDER)->suggestion, "CREATE INDEX"));
    end_postgresql();
}
END_TEST

START_TEST(without_the_right_to_read_nothing_is_explained)
{
    if (!begin_postgresql()) {
        return;
    }
    in_database("GRANT SELECT ON owner TO PUBLIC");
    make_url(role, "");
    verify();
    for (int i = BY_CODE; i <= IN_ORDER; i++) {
        expect(i, ROWAN__PROVEN_UNVERIFIED, "refuses to explain it: ROWAN_DENIED");
    }
    end_postgresql();
}
END_TEST

/* --- MariaDB. --- */

static bool begin_mariadb(const char *rights)
{
    const char *base, *database, *query;

    if (!begin("mariadb")) {
        return false;
    }
    base = strchr(recorded.url, '@');
    database = base != NULL ? strchr(base, '/') : NULL;
    query = database != NULL ? strchr(database, '?') : NULL;
    ck_assert_msg(query != NULL, "%s", recorded.url);
    send("CREATE USER %s@localhost IDENTIFIED BY 'x'", role);
    send("GRANT %s ON %.*s.* TO %s@localhost", rights, (int)(query - database - 1), database + 1,
         role);
    snprintf(url, sizeof url, "mariadb://%s:x%s", role, base);
    return true;
}

static void end_mariadb(void)
{
    send("DROP USER %s@localhost", role);
    recorded_end();
}

START_TEST(temporary_tables_are_all_that_mariadb_needs)
{
    if (!begin_mariadb("SELECT, CREATE TEMPORARY TABLES")) {
        return;
    }
    verify();
    expect(BY_CODE, ROWAN__PROVEN_CHEAPER, "on a sample of the rows");
    expect(BY_EXPRESSION, ROWAN__PROVEN_WITHDRAWN, "has no indexes on that");
    expect(IN_ORDER, ROWAN__PROVEN_CHEAPER, "(`owner_id`)");
    end_mariadb();
}
END_TEST

START_TEST(mariadb_without_them_is_looked_at)
{
    if (!begin_mariadb("SELECT")) {
        return;
    }
    verify();
    expect(BY_CODE, ROWAN__PROVEN_PLAUSIBLE, "CREATE INDEX `item_code_idx` ON `item` (`code`);");
    expect(BY_EXPRESSION, ROWAN__PROVEN_UNVERIFIED, "no index can be tried here");
    end_mariadb();
}
END_TEST

/* --- Samples. --- */

enum { SKEWED = 200000, LARGE = 600000 };

/*
 * A table whose first rows are unlike the others: the first two in five are of kind 1 and the
 * others of kind 2, and all that are open are among the first one in twenty: one in a hundred of
 * all.
 */
static void fill_skewed(int rows, const char *key, bool is_postgresql)
{
    char sql[512];

    snprintf(
        sql, sizeof sql,
        "CREATE TABLE happening (id %s NOT NULL PRIMARY KEY, kind INT NOT NULL, is_open INT NOT "
        "NULL, note VARCHAR(60))",
        key);
    engine_send(url, sql);
    snprintf(sql, sizeof sql,
             "INSERT INTO happening SELECT %s, CASE WHEN n <= %d THEN 1 ELSE 2 END, CASE WHEN n <= "
             "%d AND n %% 5 = 0 THEN 1 ELSE 0 END, 'a note of some length' FROM ",
             strcmp(key, "INT") == 0 ? "n"
             : is_postgresql         ? "lpad(n::text, 9, '0')"
                                     : "lpad(n, 9, '0')",
             2 * rows / 5, rows / 20);
    snprintf(sql + strlen(sql), sizeof sql - strlen(sql),
             is_postgresql ? "generate_series(1, %d) AS n"
                           : "(SELECT seq AS n FROM seq_1_to_%d) AS numbers",
             rows);
    engine_send(url, sql);
}

static void tell_skewed(void)
{
    slow_tell("SELECT note FROM happening WHERE kind = ?", "[2]", 900000);
    slow_tell("SELECT note FROM happening WHERE is_open = ?", "[1]", 800000);
    slow_analyze();
    ck_assert_uint_eq(recorded.analysis.count, 5);
}

/* An index on what most rows have does not pay, and one on what few have does. */
static void expect_of_all_rows(void)
{
    expect(0, ROWAN__PROVEN_WITHDRAWN, "none halves");
    expect(1, ROWAN__PROVEN_CHEAPER, "is_open");
    expect(1, ROWAN__PROVEN_CHEAPER, "on a sample of the rows");
}

/* What is known of how many rows there are is nothing, or of before, or right. */
START_TEST(a_sample_is_of_all_of_the_table)
{
    static const struct {
        int rows;
        const char *key, *known;
    } tables[] = {{SKEWED, "INT", "ANALYZE happening"},
                  {SKEWED, "TEXT", NULL},
                  {LARGE, "INT", "ANALYZE happening"}};

    if (!begin_postgresql()) {
        return;
    }
    send("GRANT CONNECT, TEMPORARY ON DATABASE %s TO %s", name, role);
    fill_skewed(tables[_i].rows, tables[_i].key, true);
    if (tables[_i].known != NULL) {
        in_database(tables[_i].known);
    }
    in_database("GRANT SELECT ON happening, item, owner TO PUBLIC");
    make_url(role, "");
    tell_skewed();
    verify();
    expect_of_all_rows();
    end_postgresql();
}
END_TEST

START_TEST(a_sample_of_mariadb_is_of_all_of_the_table)
{
    static const struct {
        int rows;
        const char *key;
    } tables[] = {{SKEWED, "INT"}, {SKEWED, "VARCHAR(40)"}, {LARGE, "INT"}};
    char user[sizeof url];

    if (!begin_mariadb("SELECT, CREATE TEMPORARY TABLES")) {
        return;
    }
    strcpy(user, url);
    strcpy(url, recorded.url);
    fill_skewed(tables[_i].rows, tables[_i].key, false);
    engine_send(url, "ANALYZE TABLE happening");
    strcpy(url, user);
    tell_skewed();
    verify();
    expect_of_all_rows();
    end_mariadb();
}
END_TEST

/* --- Others go on. --- */

/* Rows that someone has locked are read as they were, and none is locked by reading. */
START_TEST(locked_rows_are_copied_all_the_same)
{
    rowan_scope *scope;
    rowan_db *db;

    if (engine_is((size_t)_i, "sqlite") || !begin(engine_name((size_t)_i))) {
        return;
    }
    db = engine_open_url(recorded.url, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "writer", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(
        rowan_raw_run(scope, "UPDATE item SET amount = amount + 1", ROWAN_NO_PARAMS, NULL),
        ROWAN_OK);
    recorded_verify(1500);
    expect(BY_CODE, ROWAN__PROVEN_CHEAPER, "CREATE INDEX");
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    rowan_scope_end(scope);
    rowan_close(db);
    recorded_end();
}
END_TEST

START_TEST(a_file_that_may_only_be_read_will_do)
{
    begin("sqlite");
    snprintf(url, sizeof url, "%s?mode=ro", recorded.url);
    verify();
    expect(BY_CODE, ROWAN__PROVEN_CHEAPER, "on a copy of schema and statistics");
    expect(BY_EXPRESSION, ROWAN__PROVEN_CHEAPER, "(amount + 1)");
    recorded_end();
}
END_TEST

/* The statistics of the real database are heeded: they say that codes are few. */
START_TEST(statistics_are_those_of_the_database)
{
    begin("sqlite");
    engine_send(recorded.url, "ANALYZE");
    recorded_verify(0);
    expect(BY_CODE, ROWAN__PROVEN_CHEAPER, "from 12000 to ");
    engine_send(recorded.url, "UPDATE sqlite_stat1 SET stat = '40' || substr(stat, 6) WHERE tbl = "
                              "'item'");
    slow_analyze();
    recorded_verify(0);
    expect(BY_CODE, ROWAN__PROVEN_WITHDRAWN, "too little here");
    recorded_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("index_rights");
    TCase *tc = tcase_create("index_rights");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, an_extension_that_is_missing_is_there_for_the_trial_only);
    tcase_add_test(tc, auto_explain_is_silenced);
    tcase_add_test(tc, without_the_extension_a_sample_is_copied);
    tcase_add_test(tc, without_temporary_tables_the_plan_is_looked_at);
    tcase_add_test(tc, without_the_right_to_read_nothing_is_explained);
    tcase_add_test(tc, temporary_tables_are_all_that_mariadb_needs);
    tcase_add_test(tc, mariadb_without_them_is_looked_at);
    tcase_add_loop_test(tc, a_sample_is_of_all_of_the_table, 0, 3);
    tcase_add_loop_test(tc, a_sample_of_mariadb_is_of_all_of_the_table, 0, 3);
    tcase_add_loop_test(tc, locked_rows_are_copied_all_the_same, 0, (int)engine_count());
    tcase_add_test(tc, a_file_that_may_only_be_read_will_do);
    tcase_add_test(tc, statistics_are_those_of_the_database);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
