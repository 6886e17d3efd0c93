/*
 * What SQLite says in words only: the status that it stands for, and the names in it, each in its
 * field and in the message of ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rowan/rowan.h>

#include "support/engine.h"
#include "support/suite.h"

static const char setup[] =
    "CREATE TABLE book (id INTEGER PRIMARY KEY, isbn TEXT UNIQUE, a INT, b INT, pages INT NOT NULL "
    "DEFAULT 1 CHECK (pages > 0), CONSTRAINT \"odd name\" CHECK (a <> 13), UNIQUE (a, b));"
    "CREATE TABLE name (said TEXT); CREATE UNIQUE INDEX lower_said ON name (lower(said));"
    "CREATE TABLE part (book INT REFERENCES book);"
    "CREATE TABLE late (book INT REFERENCES book DEFERRABLE INITIALLY DEFERRED);"
    "INSERT INTO book VALUES (1, 'x', 1, 1, 1); INSERT INTO name VALUES ('A');"
    "CREATE VIEW seen AS SELECT * FROM book;"
    "CREATE TRIGGER stop BEFORE INSERT ON name WHEN NEW.said = 'stop' BEGIN "
    "SELECT RAISE(ABORT, 'it is enough'); END;";

/* More than SQLite's parser takes. */
#define NOT_10 "NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT "
#define NOT_30 NOT_10 NOT_10 NOT_10
#define PLUS_10 "+a+a+a+a+a+a+a+a+a+a"
#define PLUS_100 PLUS_10 PLUS_10 PLUS_10 PLUS_10 PLUS_10 PLUS_10 PLUS_10 PLUS_10 PLUS_10 PLUS_10
#define PLUS_500 PLUS_100 PLUS_100 PLUS_100 PLUS_100 PLUS_100

static const struct {
    const char *sql;
    rowan_status status;
    const char *table, *column, *constraint;
    int position;
    const char *words; /* in the message */
} mistakes[] = {
    {"INSERT INTO book (id) VALUES (1)", ROWAN_UNIQUE, "book", "id", "", 0,
     "primary key is there already: column \"id\" of \"book\""},
    {"INSERT INTO book (isbn) VALUES ('x')", ROWAN_UNIQUE, "book", "isbn", "", 0,
     "unique key is there already: column \"isbn\" of \"book\""},
    {"INSERT INTO book (a, b) VALUES (1, 1)", ROWAN_UNIQUE, "book", "", "", 0, ": table \"book\""},
    {"INSERT INTO name VALUES ('a')", ROWAN_UNIQUE, "", "", "lower_said", 0,
     ": constraint \"lower_said\""},
    {"INSERT INTO book (pages) VALUES (NULL)", ROWAN_NOT_NULL, "book", "pages", "", 0,
     "where NULL was given: column \"pages\" of \"book\""},
    {"INSERT INTO book (pages) VALUES (0)", ROWAN_CHECK, "", "", "pages > 0", 0,
     ": constraint \"pages > 0\""},
    {"INSERT INTO book (a) VALUES (13)", ROWAN_CHECK, "", "", "odd name", 0,
     ": constraint \"odd name\""},
    {"INSERT INTO part VALUES (9)", ROWAN_FOREIGN_KEY, "", "", "", 0, "foreign key"},
    {"INSERT INTO late VALUES (9)", ROWAN_FOREIGN_KEY, "", "", "", 0, "foreign key"},
    {"UPDATE book SET id = 'text'", ROWAN_WRONG_TYPE, "", "", "", 0, "type of its column"},

    {"SELECT abs(-9223372036854775808)", ROWAN_OUT_OF_RANGE, "", "", "", 0, "beyond 64 bits"},
    {"SELECT sum(n) FROM (SELECT 9223372036854775807 AS n UNION ALL SELECT 1)", ROWAN_OUT_OF_RANGE,
     "", "", "", 0, "beyond 64 bits"},
    {"SELECT " NOT_30 NOT_30 NOT_30 NOT_30 "1", ROWAN_UNSUPPORTED, "", "", "", 0, "in one another"},
    {"SELECT 0" PLUS_500 PLUS_500 PLUS_500 " FROM book", ROWAN_UNSUPPORTED, "", "", "", 0,
     "in a row"},

    {"DELETE FROM missing", ROWAN_NO_SUCH, "missing", "", "", 0, "no such table: missing"},
    {"SELECT * FROM main.missing", ROWAN_NO_SUCH, "missing", "", "", 0, "main.missing"},
    {"SELECT * FROM other.missing", ROWAN_NO_SUCH, "missing", "", "", 0, "other.missing"},
    {"DROP TABLE nope", ROWAN_NO_SUCH, "nope", "", "", 0, "no such table: nope"},
    {"SELECT nope FROM book", ROWAN_NO_SUCH, "", "nope", "", 8, "no such column: nope"},
    {"SELECT \"nope\" FROM book", ROWAN_NO_SUCH, "", "nope", "", 8, "no such column: nope"},
    {"SELECT b.nope FROM book AS b", ROWAN_NO_SUCH, "b", "nope", "", 8, "no such column: b.nope"},
    {"INSERT INTO book (nope) VALUES (1)", ROWAN_NO_SUCH, "book", "nope", "", 0,
     "has no column named nope"},
    {"SELECT nope(1)", ROWAN_NO_SUCH, "", "", "", 8, "no such function: nope"},
    {"DROP INDEX nope", ROWAN_NO_SUCH, "", "", "", 0, "no such index: nope"},
    {"DROP VIEW nope", ROWAN_NO_SUCH, "", "", "", 0, "no such view: nope"},
    {"DROP TRIGGER nope", ROWAN_NO_SUCH, "", "", "", 0, "no such trigger: nope"},
    {"SELECT 1 ORDER BY 1 COLLATE nope", ROWAN_NO_SUCH, "", "", "", 0, "sequence: nope"},
    {"CREATE VIRTUAL TABLE v USING nope", ROWAN_NO_SUCH, "", "", "", 0, "no such module: nope"},

    {"SELECT 1 +", ROWAN_SYNTAX, "", "", "", 0, "cannot read the statement: incomplete input"},
    {"SELECT 'open", ROWAN_SYNTAX, "", "", "", 8, "cannot read the statement"},
    {"SELECT 1 FROM FROM book", ROWAN_SYNTAX, "", "", "", 15, "cannot read the statement"},

    {"SELECT lower(1, 2, 3)", ROWAN_ENGINE, "", "", "", 8, "see engine_message"},
    {"CREATE TABLE book (a)", ROWAN_ENGINE, "", "", "", 14, "see engine_message"},
    {"SELECT a FROM book JOIN book", ROWAN_ENGINE, "", "", "", 8, "see engine_message"},
    {"INSERT INTO book VALUES (1)", ROWAN_ENGINE, "", "", "", 0, "see engine_message"},
    {"INSERT INTO seen VALUES (1)", ROWAN_ENGINE, "", "", "", 0, "see engine_message"},
    {"INSERT INTO name VALUES ('stop')", ROWAN_ENGINE, "", "", "", 0, "see engine_message"},
    {"SELECT 1 FROM book WHERE count(*) > 1", ROWAN_ENGINE, "", "", "", 26, "see engine_message"},
    {"ROLLBACK", ROWAN_ENGINE, "", "", "", 0, "see engine_message"},
    {"RELEASE nope", ROWAN_ENGINE, "", "", "", 0, "see engine_message"},
};
enum { MISTAKES = sizeof mistakes / sizeof mistakes[0] };

static rowan_scope *begin(rowan_db *db)
{
    rowan_scope *scope;

    ck_assert_int_eq(rowan_scope_begin(db, "mistakes", &scope, NULL), ROWAN_OK);
    return scope;
}

/* Outside a transaction, then inside one, where the statement alone is undone. */
START_TEST(every_mistake_is_told_by_its_names)
{
    rowan_db *db = engine_open_url("sqlite::memory:", NULL);
    rowan_scope *scope = begin(db);

    ck_assert_int_eq(rowan_raw_script(scope, setup, NULL), ROWAN_OK);
    for (size_t i = 0; i < 2 * MISTAKES; i++) {
        const char *sql = mistakes[i % MISTAKES].sql;
        bool inside = i >= MISTAKES;
        if (inside && (strcmp(sql, "ROLLBACK") == 0 || strstr(sql, "late"))) {
            continue; /* which is no mistake there, or none yet */
        }
        ck_assert_int_eq(inside ? rowan_begin(scope, NULL) : ROWAN_OK, ROWAN_OK);
        rowan_status status = rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL);
        const rowan_error *e = rowan_scope_error(scope);
        ck_assert_msg(status == mistakes[i % MISTAKES].status, "%s: %s, %s (%s)", sql,
                      rowan_status_name(status), e->message, e->engine_message);
        ck_assert_str_eq(e->table, mistakes[i % MISTAKES].table);
        ck_assert_str_eq(e->column, mistakes[i % MISTAKES].column);
        ck_assert_str_eq(e->constraint, mistakes[i % MISTAKES].constraint);
        ck_assert_int_eq(e->position, mistakes[i % MISTAKES].position);
        ck_assert_msg(strstr(e->message, mistakes[i % MISTAKES].words) != NULL, "%s: %s", sql,
                      e->message);
        ck_assert_str_ne(e->engine_message, "");
        ck_assert_int_ne(e->native, 0);
        ck_assert(e->connection_usable);
        ck_assert_int_eq(e->retry, ROWAN_RETRY_NEVER);
        ck_assert_int_eq(e->fate, inside ? ROWAN_FATE_OPEN : ROWAN_FATE_NONE);
        ck_assert_int_eq(inside ? rowan_rollback(scope) : ROWAN_OK, ROWAN_OK);
    }
    rowan_scope_end(scope);
    rowan_close(db);
}
END_TEST

/* A name that is longer than its field is cut, and so is the message. */
START_TEST(long_names_are_cut_between_characters)
{
    rowan_db *db = engine_open_url("sqlite::memory:", NULL);
    rowan_scope *scope = begin(db);

    for (size_t size = 1; size < 150; size += 7) {
        char name[512] = "", sql[1200];
        for (size_t i = 0; i < size; i++) {
            strcat(name, i % 3 == 2 ? "\xC3\xA9" : "x");
        }
        snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", name);
        ck_assert_int_eq(rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL), ROWAN_NO_SUCH);
        const rowan_error *e = rowan_scope_error(scope);
        size_t kept = strlen(e->table);
        ck_assert(kept == strlen(name) || kept + 2 >= sizeof e->table - 1);
        ck_assert_int_eq(memcmp(e->table, name, kept), 0);
        ck_assert(((unsigned char)name[kept] & 0xC0) != 0x80);
        snprintf(sql, sizeof sql, "SELECT \"%s\"", name);
        ck_assert_int_eq(rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL), ROWAN_NO_SUCH);
        ck_assert_int_eq(strncmp(e->column, name, strlen(e->column)), 0);
        ck_assert_str_eq(e->table, "");
    }
    rowan_scope_end(scope);
    rowan_close(db);
}
END_TEST

/* --- Files. --- */

START_TEST(a_file_may_be_called_nearly_as_what_is_no_file)
{
    static const char *const names[] = {":memory", ":memory:x", "memory", ":Memory:"};
    char folder[] = "/tmp/rowan-names.XXXXXX", url[100], before[4096];
    struct stat found;

    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(url, sizeof url, "sqlite:%s", names[i]);
        rowan_db *db = engine_open_url(url, NULL);
        rowan_scope *scope = begin(db);
        ck_assert_int_eq(rowan_raw_run(scope, "CREATE TABLE kept (id INT)", ROWAN_NO_PARAMS, NULL),
                         ROWAN_OK);
        rowan_scope_end(scope);
        rowan_close(db);
        ck_assert_int_eq(stat(names[i], &found), 0);
        db = engine_open_url(url, NULL);
        scope = begin(db);
        ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM kept", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
        rowan_scope_end(scope);
        rowan_close(db);
        ck_assert_int_eq(remove(names[i]), 0);
    }
    ck_assert_int_eq(chdir(before), 0);
    ck_assert_int_eq(remove(folder), 0);
}
END_TEST

START_TEST(what_is_no_file_cannot_be_opened)
{
    char folder[] = "/tmp/rowan-folder.XXXXXX";
    struct {
        const char *path;
        const char *words;
    } cases[] = {{folder, "cannot be opened"},
                 {"/nonexistent/a.db", "no folder to create it in"},
                 {"/dev/null/a.db", "cannot be opened"}};

    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char url[100];
        rowan_error error;
        rowan_db *db;
        snprintf(url, sizeof url, "sqlite:%s", cases[i].path);
        rowan_status status = rowan_open(url, NULL, &db, &error);
        ck_assert_msg(status == ROWAN_CONNECT, "%s: %s, %s", url, rowan_status_name(status),
                      error.message);
        ck_assert_ptr_null(db);
        ck_assert(!error.connection_usable);
        ck_assert_ptr_nonnull(strstr(error.message, cases[i].path));
        ck_assert_msg(strstr(error.message, cases[i].words) || strstr(error.message, "is a folder"),
                      "%s", error.message);
    }
    ck_assert_int_eq(remove(folder), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("errors of SQLite");
    TCase *tc = tcase_create("errors");

    tcase_add_test(tc, every_mistake_is_told_by_its_names);
    tcase_add_test(tc, long_names_are_cut_between_characters);
    tcase_add_test(tc, a_file_may_be_called_nearly_as_what_is_no_file);
    tcase_add_test(tc, what_is_no_file_cannot_be_opened);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
