/* Scripts: where statements end, what is counted, and where an error is said to be. */
#include <check.h>
#include <string.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"

enum { S = 1, P = 2, M = 4, ALL = S | P | M };

static const struct {
    int engines;
    const char *script;
    size_t statements;
} scripts[] = {
    {ALL, "", 0},
    {ALL, " \n\t; ;; -- nothing\n /* at all */ ;", 0},
    {ALL, "INSERT INTO word VALUES (1, 'a')", 1},
    {ALL, "INSERT INTO word VALUES (1, 'a');", 1},
    {ALL, "INSERT INTO word VALUES (1, 'a;b'); DELETE FROM word WHERE said = ';'", 2},
    {ALL, "DELETE FROM word -- one; two\n; /* three; */ DELETE FROM word /* ; */;", 2},
    {ALL, "DELETE FROM word WHERE said = 'it''s; not'; DELETE FROM word", 2},
    {ALL, "DELETE FROM word;;DELETE FROM word;", 2},
    {ALL, "DELETE FROM word WHERE said = CASE WHEN id = 1 THEN ';' ELSE 'x' END; DELETE FROM word",
     2},
    {ALL, "DELETE FROM word WHERE said = '? :a'; DELETE FROM word WHERE said = ':b'", 2},
    {S | P, "DELETE FROM word WHERE \"said\" = 'a\\'; DELETE FROM word;", 2},
    {M, "DELETE FROM word WHERE said = 'it\\'s; a'; DELETE FROM word WHERE `said` = \";\";", 2},
    {M, "DELETE FROM word # one; two\n; DELETE FROM word", 2},
    {M, "/*!50000 DELETE FROM word */; DELETE /*! LOW_PRIORITY */ FROM word", 2},
    {M,
     "CREATE PROCEDURE p() BEGIN DELETE FROM word; IF 1 THEN DELETE FROM word; END IF; END; "
     "CALL p();",
     2},
    {M,
     "CREATE TRIGGER t BEFORE INSERT ON word FOR EACH ROW BEGIN SET NEW.said = CASE "
     "WHEN 1 THEN 'a' "
     "ELSE 'b' END; SET @x = 1; END; INSERT INTO word VALUES (1, 'z');",
     2},
    {M, "BEGIN NOT ATOMIC DELETE FROM word; DELETE FROM word; END; DELETE FROM word", 2},
    {S,
     "CREATE TRIGGER t AFTER INSERT ON word BEGIN UPDATE word SET said = CASE WHEN 1 THEN 'a' END; "
     "DELETE FROM word WHERE id = 9; END; INSERT INTO word VALUES (1, 'z');",
     2},
    {S,
     "CREATE TRIGGER t AFTER INSERT ON word BEGIN UPDATE word SET said = CASE WHEN 1 THEN 'a' END "
     "WHERE id = 1; DELETE FROM word WHERE id = CASE 1 WHEN 1 THEN 8 END AND said = 'x'; END; "
     "INSERT INTO word VALUES (1, 'z'); DELETE FROM word",
     3},
    {M,
     "CREATE PROCEDURE p() BEGIN UPDATE word SET said = CASE WHEN 1 THEN 'a' END WHERE id = 1; "
     "CASE 1 WHEN 1 THEN DELETE FROM word; ELSE DELETE FROM word; END CASE; BEGIN DELETE FROM "
     "word; END; END; CALL p(); DELETE FROM word",
     3},
    {M,
     "CREATE PROCEDURE p() BEGIN DECLARE i INT DEFAULT 0; WHILE i < 2 DO SET i = i + 1; END WHILE; "
     "REPEAT SET i = i - 1; UNTIL i = 0 END REPEAT; a: LOOP LEAVE a; END LOOP a; "
     "b: BEGIN LEAVE b; END b; END; CALL p()",
     2},
    {P,
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END "
     "AS a; SELECT CASE 1 WHEN 1 THEN 2 END; END; SELECT f(); SELECT 1",
     3},
    {S, "BEGIN IMMEDIATE; INSERT INTO word VALUES (1, 'a'); END; DELETE FROM word", 4},
    {S | P, "BEGIN TRANSACTION; INSERT INTO word VALUES (1, 'a'); COMMIT; DELETE FROM word", 4},
    {P | M, "BEGIN WORK; INSERT INTO word VALUES (1, 'a'); ROLLBACK; DELETE FROM word", 4},
    {ALL, "BEGIN /* NOT a block */; DELETE FROM word WHERE NOT (id = 1); COMMIT", 3},
    {S | P, "CREATE TABLE span (begin int, \"end\" int); DROP TABLE span", 2},
    {M, "CREATE TABLE span (begin int, end int); DROP TABLE span", 2},
    {ALL,
     "CREATE TABLE event (id int, CHECK (CASE WHEN id > 1 THEN 1 ELSE 1 END = 1)); "
     "DROP TABLE event; DELETE FROM word",
     3},
    {P, "DO $$ BEGIN DELETE FROM word; DELETE FROM word; END $$; DELETE FROM word;", 2},
    {P,
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END; "
     "SELECT f();",
     2},
    {ALL, "BEGIN; INSERT INTO word VALUES (1, 'a'); COMMIT; DELETE FROM word", 4},
    {ALL, "CREATE TABLE events (id int); DROP TABLE events;", 2},
};

static int mask_of(size_t engine)
{
    return engine_is(engine, "sqlite") ? S : engine_is(engine, "postgresql") ? P : M;
}

static rowan_scope *begin(rowan_db *db)
{
    rowan_scope *scope = NULL;
    rowan_error error;

    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    return scope;
}

START_TEST(statements_end_where_the_engine_ends_them)
{
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        if ((scripts[i].engines & mask_of((size_t)_i)) == 0) {
            continue;
        }
        rowan_db *db = engine_open((size_t)_i, NULL);
        size_t done = 99;
        engine_script(db, "CREATE TABLE word (id @int64, said @text(20));");
        rowan_scope *scope = begin(db);
        rowan_status status = rowan_raw_script(scope, scripts[i].script, &done);
        ck_assert_msg(status == ROWAN_OK, "%s\n  %s: %s", scripts[i].script,
                      rowan_status_name(status), rowan_scope_error(scope)->engine_message);
        ck_assert_msg(done == scripts[i].statements, "%s\n  %zu statements", scripts[i].script,
                      done);
        ck_assert_uint_eq(rowan_scope_counts(scope).statements, scripts[i].statements);
        rowan_scope_end(scope);
        engine_close(db);
    }
}
END_TEST

START_TEST(a_script_stops_at_the_first_failure_and_says_where)
{
    static const char script[] = "INSERT INTO word VALUES (1, '\xc3\xa9\xc3\xa9');\n"
                                 "INSERT INTO word VALUES (2, 'b');\n"
                                 "  INSERT INTO missing VALUES (3);\n"
                                 "INSERT INTO word VALUES (4, 'd');\n";
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan_scope *scope;
    uint64_t affected;
    size_t done = 99;
    int begins =
        (int)(strstr(script, "INSERT INTO missing") - script) + 1 - 2; /* é is one character */

    engine_script(db, "CREATE TABLE word (id @int64, said @text(20));");
    scope = begin(db);
    ck_assert_int_eq(rowan_raw_script(scope, script, &done), ROWAN_NO_SUCH);
    ck_assert_uint_eq(done, 2);
    ck_assert_int_ge(rowan_scope_error(scope)->position, begins);
    ck_assert_int_le(rowan_scope_error(scope)->position,
                     begins + 12); /* at `missing`, if it is known */
    if (engine_is((size_t)_i, "postgresql")) {
        ck_assert_int_eq(rowan_scope_error(scope)->position, begins + 12);
    }
    /* A statement that SQLite cannot prepare is not executed. */
    ck_assert_uint_eq(rowan_scope_counts(scope).statements,
                      engine_is((size_t)_i, "sqlite") ? 2 : 3);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, &affected),
                     ROWAN_OK);
    ck_assert_uint_eq(affected, 2);
    ck_assert_int_eq(rowan_raw_script(scope, NULL, &done), ROWAN_MISUSE);
    ck_assert_uint_eq(done, 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Whichever allocation fails: the statements before it were sent, and the scope goes on. */
START_TEST(a_script_that_memory_runs_out_for_stops_between_two_statements)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_status status = ROWAN_NOMEM;

    options.allocator = &fault_allocator;
    for (unsigned nth = 1; status == ROWAN_NOMEM; nth++) {
        rowan_db *db = engine_open((size_t)_i, &options);
        uint64_t affected = 99;
        size_t done = 99;
        engine_script(db, "CREATE TABLE word (id @int64, said @text(20));");
        rowan_scope *scope = begin(db);
        fault_arm(nth);
        status = rowan_raw_script(scope,
                                  "INSERT INTO word VALUES (1, 'a'); INSERT INTO word VALUES (2, "
                                  "'b');; INSERT INTO word VALUES (3, 'c')",
                                  &done);
        fault_arm(0);
        ck_assert(status == ROWAN_OK || status == ROWAN_NOMEM);
        ck_assert(status == ROWAN_OK ? done == 3 : done < 3);
        ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, &affected),
                         ROWAN_OK);
        ck_assert_uint_eq(affected, done);
        rowan_scope_end(scope);
        engine_close(db);
        ck_assert_uint_eq(fault_out_bytes(), 0);
    }
    ck_assert_int_eq(status, ROWAN_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raw_script");
    TCase *tc = tcase_create("raw_script");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, statements_end_where_the_engine_ends_them, 0, engines);
    tcase_add_loop_test(tc, a_script_stops_at_the_first_failure_and_says_where, 0, engines);
    tcase_add_loop_test(tc, a_script_that_memory_runs_out_for_stops_between_two_statements, 0,
                        engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
