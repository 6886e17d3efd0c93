/*
 * Parameters of raw SQL on every engine: a corpus of places where a question mark or a colon is a
 * parameter, and of places where it is not. Each statement gives one value, whose text has to be
 * the expected one.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/engine.h"
#include "support/suite.h"

enum {
    S = 1, /* SQLite */
    P = 2, /* PostgreSQL */
    M = 4, /* MariaDB */
    ALL = S | P | M
};

#define INT(n, v)                                                                                  \
    {                                                                                              \
        .type = ROWAN_TYPE_INT64, .name = (n), .as.integer = (v)                                   \
    }
#define TEXT(n, s)                                                                                 \
    {                                                                                              \
        .type = ROWAN_TYPE_TEXT, .name = (n), .as.bytes = {(s), sizeof(s) - 1 }                    \
    }
#define VALUES(...)                                                                                \
    {                                                                                              \
        (const rowan_value[]){__VA_ARGS__},                                                        \
            sizeof((const rowan_value[]){__VA_ARGS__}) / sizeof(rowan_value)                       \
    }
#define SEVEN VALUES(INT(NULL, 7))
#define A VALUES(INT("a", 7))
#define A_B VALUES(INT("a", 7), INT("b", 2))
#define LIST(n, ...)                                                                               \
    {                                                                                              \
        .type = ROWAN_TYPE_LIST, .name = (n), .as.list = VALUES(__VA_ARGS__)                       \
    }
#define NOTHING                                                                                    \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

static const struct {
    int engines;
    const char *sql;
    rowan_params params;
    const char *expected;
} traps[] = {
    /* What a parameter looks like. */
    {ALL, "SELECT 1 + ?", SEVEN, "8"},
    {ALL, "SELECT 1 + :a", A, "8"},
    {ALL, "SELECT 1+:a", A, "8"},
    {ALL, "SELECT (:a+1)", A, "8"},
    {ALL, "SELECT 1 + :a", VALUES(INT("a", 7)), "8"},
    {ALL, "SELECT 10 * :a + :b", A_B, "72"},
    {ALL, "SELECT 10 * :b + :a", A_B, "27"},
    {ALL, "SELECT 10 * :a + :a", A, "77"},
    {ALL, "SELECT 100 * :a + 10 * :b + :a", A_B, "727"},
    {ALL, "SELECT 10 * ? + ?", VALUES(INT(NULL, 7), INT(NULL, 2)), "72"},
    {ALL, "SELECT 1 + :long_name_1", VALUES(INT("long_name_1", 4)), "5"},
    {ALL, "SELECT 1 + :A", VALUES(INT("A", 4)), "5"},
    {ALL, "SELECT 10 * :a + :A", VALUES(INT("A", 4), INT("a", 7)), "74"},
    {ALL, "SELECT 10 * :a + :ab", VALUES(INT("ab", 4), INT("a", 7)), "74"},
    {ALL, "SELECT 1 + :\xc3\xa9t\xc3\xa9", VALUES(INT("\xc3\xa9t\xc3\xa9", 4)), "5"},
    {ALL, "SELECT :a-1", A, "6"},
    {ALL, "SELECT 8-:a", A, "1"},
    {ALL, "SELECT CASE WHEN :a>=7 THEN 'y' ELSE 'n' END", A, "y"},
    {ALL, "SELECT CASE WHEN 7<=:a THEN 'y' ELSE 'n' END", A, "y"},
    {ALL, "SELECT CASE WHEN 7=:a THEN 'y' ELSE 'n' END", A, "y"},
    {ALL, "SELECT CASE WHEN 7=? THEN 'y' ELSE 'n' END", SEVEN, "y"},
    {ALL, "SELECT 1 +\n:a\n", A, "8"},
    {ALL, "SELECT 1 +\t:a;", A, "8"},
    {ALL, "SELECT 1 WHERE 7 IN (:a,:b)", A_B, "1"},

    /* Strings. */
    {ALL, "SELECT 'a ? b'", NOTHING, "a ? b"},
    {ALL, "SELECT ':a'", NOTHING, ":a"},
    {ALL, "SELECT 'it''s :a'", NOTHING, "it's :a"},
    {ALL, "SELECT ''':a'''", NOTHING, "':a'"},
    {ALL, "SELECT CASE WHEN '?' = '?' THEN 1 + :a END", A, "8"},
    {ALL, "SELECT CASE WHEN '''' = ':a' THEN 0 ELSE 1 + :a END", A, "8"},
    {ALL, "SELECT CASE WHEN '' = '' THEN 1 + ? END", SEVEN, "8"},
    {ALL, "SELECT '12:30:45'", NOTHING, "12:30:45"},
    {ALL, "SELECT 'https://x.example/?q=:a'", NOTHING, "https://x.example/?q=:a"},
    {S | P, "SELECT 'a\\'", NOTHING, "a\\"},
    {S | P, "SELECT CASE WHEN '\\' = 'x' THEN 0 ELSE 1 + :a END", A, "8"},
    {M, "SELECT 'it\\'s :a ?'", NOTHING, "it's :a ?"},
    {M, "SELECT 'a\\\\' ", NOTHING, "a\\"},
    {M, "SELECT CASE WHEN 'a\\\\' = ':b' THEN 0 ELSE 1 + :a END", A, "8"},
    {M, "SELECT \":a ?\"", NOTHING, ":a ?"},
    {M, "SELECT \"a\\\" :a\"", NOTHING, "a\" :a"},
    {M, "SELECT \"it's :a\"", NOTHING, "it's :a"},
    {M, "SELECT N'?:a'", NOTHING, "?:a"},
    {M, "SELECT _utf8mb4'?:a'", NOTHING, "?:a"},
    {M, "SELECT 'a' ':a'", NOTHING, "a:a"},
    {P, "SELECT E'it\\'s :a ?'", NOTHING, "it's :a ?"},
    {P, "SELECT e'\\\\' || ':a'", NOTHING, "\\:a"},
    {P, "SELECT U&'d\\0061t\\+000061 :a'", NOTHING, "data :a"},
    {P, "SELECT $$:a ?$$", NOTHING, ":a ?"},
    {P, "SELECT $t$:a $$ ? $t$", NOTHING, ":a $$ ? "},
    {P, "SELECT CASE WHEN $$'$$ = 'x' THEN 0 ELSE 1 + :a END", A, "8"},
    {P, "SELECT 'a'\n':a'", NOTHING, "a:a"},
    {S, "SELECT hex(x'3f') || ':a'", NOTHING, "3F:a"},

    /* Names. */
    {S | P, "SELECT 1 AS \":a ?\"", NOTHING, "1"},
    {S | P, "SELECT \"a\"\":b\" FROM (SELECT 5 AS \"a\"\":b\") AS t", NOTHING, "5"},
    {S | P, "SELECT \"it's\" + :a FROM (SELECT 1 AS \"it's\") AS t", A, "8"},
    {S | M, "SELECT `:a` FROM (SELECT 5 AS `:a`) AS t", NOTHING, "5"},
    {S | M, "SELECT `a``?` + ? FROM (SELECT 1 AS `a``?`) AS t", SEVEN, "8"},
    {S, "SELECT [a ? :b] FROM (SELECT 5 AS [a ? :b])", NOTHING, "5"},
    {S, "SELECT [it's] + :a FROM (SELECT 1 AS [it's])", A, "8"},
    {P, "SELECT U&\":a\" FROM (SELECT 5 AS \":a\") AS t", NOTHING, "5"},
    {P, "SELECT a$b + :a FROM (SELECT 1 AS a$b) AS t", A, "8"},
    {M, "SELECT 1a + :a FROM (SELECT 1 AS 1a) AS t", A, "8"},

    /* Comments. */
    {ALL, "SELECT 1 -- :a ? it's\n + :a", A, "8"},
    {ALL, "SELECT 1 /* :b ? it's */ + :a", A, "8"},
    {ALL, "/* ? */ SELECT 1 + ?", SEVEN, "8"},
    {ALL, "SELECT 1 + ? -- the end ?", SEVEN, "8"},
    {ALL, "SELECT 1 + ? /* the end ? */", SEVEN, "8"},
    {ALL, "SELECT 1 /**/ + :a /***/", A, "8"},
    {S | P, "SELECT 6 / 2 * :a", A, "21"},
    {P, "SELECT 1 /* /* :b */ :b */ + :a", A, "8"},
    {S | M, "SELECT 1 /* /* :b */ + :a", A, "8"},
    {M, "SELECT 1 # :b ? it's\n + :a", A, "8"},
    {M, "SELECT 1--:a", A, "8"},
    {M, "SELECT 1 /*! + :a */", A, "8"},
    {M, "SELECT 1 /*!50000 + ? */", SEVEN, "8"},
    {M, "SELECT 1 /*M! + :a */", A, "8"},
    {M, "SELECT 1 /*!80000 + ? */ + ?", SEVEN, "8"},
    {S | P, "SELECT 1 --:b\n + :a", A, "8"},

    /* Casts, slices, assignments and operators. */
    {P, "SELECT :a::text", VALUES(TEXT("a", "x")), "x"},
    {P, "SELECT (1 + :a)::text", A, "8"},
    {P, "SELECT ?::int + 1", SEVEN, "8"},
    {P, "SELECT '8'::int", NOTHING, "8"},
    {P, "SELECT '2020-01-01'::date::text", NOTHING, "2020-01-01"},
    {P, "SELECT (ARRAY[5,6,7])[2:2]::text", NOTHING, "{6}"},
    {P, "SELECT (ARRAY[5,6,7])[:b]", VALUES(INT("b", 2)), "6"},
    {P, "SELECT (v[lo:hi])::text FROM (SELECT ARRAY[5,6,7] AS v, 2 AS lo, 3 AS hi) AS t", NOTHING,
     "{6,7}"},
    {P, "SELECT (v[lo : :b])::text FROM (SELECT ARRAY[5,6,7] AS v, 2 AS lo) AS t",
     VALUES(INT("b", 2)), "{6}"},
    {P, "SELECT make_interval(days := 2)::text", NOTHING, "2 days"},
    {P, "SELECT make_interval(days := :b)::text", VALUES(INT("b", 2)), "2 days"},
    {P, "SELECT ('{\"k\":1}'::jsonb ?? 'k')::text", NOTHING, "true"},
    {P, "SELECT ('{\"k\":1}'::jsonb ?? :t)::text", VALUES(TEXT("t", "z")), "false"},
    {P, "SELECT ('{\"k\":1}'::jsonb ??| ARRAY['z','k'])::text", NOTHING, "true"},
    {P, "SELECT ('{\"k\":1}'::jsonb ??& ARRAY['z','k'])::text", NOTHING, "false"},
    {P, "SELECT ('{\"k\":1}'::jsonb @?? '$.k')::text", NOTHING, "true"},
    {P, "SELECT ('{\"k\":7}'::jsonb ->> :t)", VALUES(TEXT("t", "k")), "7"},
    {P, "SELECT ('{\"k\":7}'::jsonb->>'k')::int + ?", SEVEN, "14"},
    {P, "SELECT ('{\"k\":1}'::jsonb @> '{}')::text", NOTHING, "true"},
    {P, "SELECT @ (5 - :a)", A, "2"},
    {P, "SELECT 5 # 1", NOTHING, "4"},
    {M, "SELECT @v := 1 + :a", A, "8"},
    {M, "SELECT @v:=:a + 1", A, "8"},
    {M, "SELECT CASE WHEN @@autocommit >= 0 THEN 1 + ? END", SEVEN, "8"},
    {S, "SELECT '{\"k\":7}' ->> '$.k'", NOTHING, "7"},
    {S, "SELECT '{\"k\":7}' ->> :t", VALUES(TEXT("t", "$.k")), "7"},
    {S | M, "SELECT json_extract('{\"k\":7}', '$.k')", NOTHING, "7"},

    /* Values that look like SQL. */
    {ALL, "SELECT CASE WHEN :t = ':a ?' THEN 'y' ELSE 'n' END", VALUES(TEXT("t", ":a ?")), "y"},
    {ALL, "SELECT CASE WHEN :t = '1; DROP' THEN 'y' ELSE 'n' END", VALUES(TEXT("t", "1; DROP")),
     "y"},
    {ALL, "SELECT CASE WHEN :t = '''' THEN 'y' ELSE 'n' END", VALUES(TEXT("t", "'")), "y"},

    /* Lists. */
    {ALL, "SELECT count(*) FROM word WHERE id IN (:a)", VALUES(LIST("a", INT(NULL, 1))), "1"},
    {ALL, "SELECT count(*) FROM word WHERE id IN (?)",
     VALUES(LIST(NULL, INT(NULL, 1), INT(NULL, 2), INT(NULL, 9))), "2"},
    {ALL, "SELECT count(*) FROM word WHERE id in ( :a )",
     VALUES(LIST("a", INT(NULL, 1), INT(NULL, 2), INT(NULL, 3), INT(NULL, 4), INT(NULL, 5))), "3"},
    {ALL, "SELECT count(*) FROM word WHERE id NOT IN (:a)",
     VALUES(LIST("a", INT(NULL, 1), INT(NULL, 9))), "2"},
    {ALL, "SELECT count(*) FROM word WHERE said IN (:a) AND id > :b",
     VALUES(LIST("a", TEXT(NULL, "one"), TEXT(NULL, "two")), INT("b", 1)), "1"},
    {ALL, "SELECT count(*) FROM word WHERE id > ? AND said IN (?) AND id < ?",
     VALUES(INT(NULL, 1), LIST(NULL, TEXT(NULL, "one"), TEXT(NULL, "two")), INT(NULL, 3)), "1"},
    {ALL, "SELECT count(*) FROM word WHERE id IN (:a) OR id IN (:a)",
     VALUES(LIST("a", INT(NULL, 1), INT(NULL, 2))), "2"},
    {ALL, "SELECT count(*) FROM word WHERE id IN /* : */ (:a -- ?\n)",
     VALUES(LIST("a", INT(NULL, 1), INT(NULL, 2))), "2"},
    {ALL,
     "SELECT count(*) FROM word WHERE id IN (?)",
     {(const rowan_value[]){{.type = ROWAN_TYPE_LIST}}, 1},
     "0"},
    {ALL,
     "SELECT count(*) FROM word WHERE id NOT IN (:a)",
     {(const rowan_value[]){{.type = ROWAN_TYPE_LIST, .name = "a"}}, 1},
     "3"},
    {P, "SELECT count(*) FROM word WHERE id = ANY(:a)",
     VALUES(LIST("a", INT(NULL, 1), INT(NULL, 2))), "2"},
    {ALL, "SELECT count(*) FROM word WHERE id IN (:a, 3)", A, "1"},
};

static const struct {
    const char *sql;
    rowan_params params;
    const char *message; /* part of it */
} mistakes[] = {
    {"SELECT ?", NOTHING, "1 wanted, 0 given"},
    {"SELECT 1", SEVEN, "0 wanted, 1 given"},
    {"SELECT ? + ?", SEVEN, "2 wanted, 1 given"},
    {"SELECT :a + :b", A, ":b"},
    {"SELECT 1 + :a", A_B, "no parameter :b"},
    {"SELECT 1", A, "no parameter :a"},
    {"SELECT ':a'", A, "no parameter :a"},
    {"SELECT :a + :ab", A, ":ab"},
    {"SELECT :a + :A", A, ":A"},
    {"SELECT :a + ?", A, "both ? and :name"},
    {"SELECT ? + :a", SEVEN, "both ? and :name"},
    {"SELECT 1 + ?", A, "is named"},
    {"SELECT 1 + :a", SEVEN, "no value is given for the parameter :a"},
    {"SELECT 1 + :a", VALUES(INT("a", 7), INT(NULL, 1)), "has no name"},
    {"SELECT 1 + :a", VALUES(INT("a", 7), INT("a", 8)), "given twice"},
    {"SELECT 1 + :a", VALUES({.type = ROWAN_TYPE_ENUM, .name = "a", .as.integer = 1}), "label"},
    {"SELECT 1 + ?", VALUES({.type = ROWAN_TYPE_ENUM, .as.integer = 1}), "parameter 1 is an enum"},
    {"SELECT 1 WHERE 1 IN (:a, 2)", VALUES(LIST("a", INT(NULL, 1))), "alone in IN"},
    {"SELECT 1 WHERE 1 IN (:a)", VALUES(LIST("a", INT(NULL, 1), TEXT(NULL, "x"))),
     "different types"},
    {"SELECT 1 WHERE 1 IN (:a)", VALUES(LIST("a", INT(NULL, 1), {.is_null = true})), "NULL in it"},
    {"SELECT 1 WHERE 1 IN (:a)", VALUES(LIST("a", LIST(NULL, INT(NULL, 1)))), "list of lists"},
};

static rowan_scope *begin(rowan_db *db)
{
    rowan_scope *scope = NULL;
    rowan_error error;

    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    return scope;
}

static void spell(const rowan_value *value, char *out, size_t size)
{
    if (value == NULL || value->is_null) {
        snprintf(out, size, "NULL");
    } else if (value->type == ROWAN_TYPE_BOOL) {
        snprintf(out, size, "%d", value->as.boolean);
    } else if (value->type <= ROWAN_TYPE_INT64) {
        snprintf(out, size, "%" PRId64, value->as.integer);
    } else if (value->type <= ROWAN_TYPE_DOUBLE) {
        snprintf(out, size, "%g", value->as.real);
    } else {
        snprintf(out, size, "%.*s", (int)value->as.bytes.size, (const char *)value->as.bytes.data);
    }
}

static int mask_of(size_t engine)
{
    return engine_is(engine, "sqlite") ? S : engine_is(engine, "postgresql") ? P : M;
}

/* Whether a trap gives what it should; says on standard error what it gives else. */
static bool passes(rowan_scope *scope, size_t i)
{
    rowan_cursor *cursor;
    char got[128] = "";
    rowan_status status = rowan_raw_open(scope, traps[i].sql, traps[i].params, &cursor);

    if (status == ROWAN_OK) {
        status = rowan_cursor_next(cursor);
        spell(rowan_cursor_value(cursor, 0), got, sizeof got);
        rowan_cursor_close(cursor);
    }
    if (status == ROWAN_OK && strcmp(got, traps[i].expected) == 0) {
        return true;
    }
    fprintf(stderr, "%s\n  expected %s, got %s (%s %s %s)\n", traps[i].sql, traps[i].expected, got,
            rowan_status_name(status), rowan_scope_error(scope)->message,
            rowan_scope_error(scope)->engine_message);
    return false;
}

START_TEST(parameters_are_found_where_they_are_and_nowhere_else)
{
    rowan_db *db = engine_open((size_t)_i, NULL);
    unsigned failed = 0, run = 0;
    rowan_scope *scope;

    engine_script(db, "CREATE TABLE word (id @int64 NOT NULL, said @text(20) NOT NULL);"
                      "INSERT INTO word VALUES (1, 'one'), (2, 'two'), (3, 'three');");
    scope = begin(db);
    for (size_t i = 0; i < sizeof traps / sizeof traps[0]; i++) {
        if ((traps[i].engines & mask_of((size_t)_i)) != 0) {
            failed += !passes(scope, i);
            run++;
        }
    }
    ck_assert_uint_eq(failed, 0);
    ck_assert_uint_gt(run, 60);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, run);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(mistakes_are_refused_by_name_before_anything_is_sent)
{
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan_scope *scope = begin(db);

    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        rowan_status status = rowan_raw_run(scope, mistakes[i].sql, mistakes[i].params, NULL);
        const char *message = rowan_scope_error(scope)->message;
        ck_assert_msg(status == ROWAN_MISUSE, "%s: %s", mistakes[i].sql, rowan_status_name(status));
        ck_assert_msg(strstr(message, mistakes[i].message) != NULL, "%s\n  says: %s",
                      mistakes[i].sql, message);
    }
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(placeholders_of_one_engine_are_refused)
{
    static const char *const sqlite[] = {"SELECT ?1", "SELECT @a", "SELECT $a"};
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan_scope *scope = begin(db);

    if (engine_is((size_t)_i, "sqlite")) {
        for (size_t i = 0; i < 3; i++) {
            ck_assert_int_eq(rowan_raw_run(scope, sqlite[i], ROWAN_PARAMS(ROWAN_V(7)), NULL),
                             ROWAN_MISUSE);
            ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "write ? or :name"));
        }
    } else if (engine_is((size_t)_i, "postgresql")) {
        ck_assert_int_eq(rowan_raw_run(scope, "SELECT $1", ROWAN_PARAMS(ROWAN_V(7)), NULL),
                         ROWAN_MISUSE);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "$1"));
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(lists_outside_of_in_are_refused_where_they_cannot_be_bound)
{
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan_scope *scope = begin(db);
    rowan_value list = rowan_v_list((const rowan_value[]){ROWAN_V(1)}, 1);

    if (!engine_is((size_t)_i, "postgresql")) {
        ck_assert_int_eq(rowan_raw_run(scope, "SELECT 1 + ?", ROWAN_PARAMS(list), NULL),
                         ROWAN_MISUSE);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "only in IN"));
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Long lists: each length gives the right rows, and few texts are prepared. */
START_TEST(lists_of_any_length_share_few_statements)
{
    enum { LONGEST = 1500 };
    static rowan_value items[LONGEST];
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan_scope *scope;

    engine_script(db, "CREATE TABLE word (id @int64 NOT NULL);"
                      "INSERT INTO word VALUES (1), (2), (3), (1400), (2000);");
    scope = begin(db);
    for (size_t i = 0; i < LONGEST; i++) {
        items[i] = rowan_v_int64((int64_t)i + 1);
    }
    for (size_t length = 1; length <= LONGEST; length += 107) {
        rowan_cursor *cursor;
        int64_t count = -1, expected = length < 3 ? (int64_t)length : length < 1400 ? 3 : 4;
        ck_assert_int_eq(
            rowan_raw_open(scope, "SELECT count(*) FROM word WHERE id IN (:ids)",
                           ROWAN_PARAMS(ROWAN_NAMED("ids", rowan_v_list(items, length))), &cursor),
            ROWAN_OK);
        ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
        ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &count), ROWAN_OK);
        ck_assert_int_eq(count, expected);
        rowan_cursor_close(cursor);
    }
    ck_assert_uint_le(rowan_scope_counts(scope).cache_misses, 6); /* 1, 128, 256, 512, 1024, 2048 */
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(too_many_parameters_are_refused)
{
    enum { MANY = 70000 };
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan_scope *scope = begin(db);
    char *sql = malloc(2 * MANY + 32);
    rowan_value *values = calloc(MANY, sizeof *values);
    char *end = sql + sprintf(sql, "SELECT 1 WHERE 1 IN (?");

    for (int i = 1; i < MANY; i++) {
        *end++ = ',';
        *end++ = '?';
    }
    strcpy(end, ")");
    ck_assert_int_eq(rowan_raw_run(scope, sql, (rowan_params){values, MANY}, NULL), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "more than the"));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    free(values);
    free(sql);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Texts that are wrong at a word, or at a parameter, wherever others stand before it. */
static const struct {
    const char *sql, *wrong;
    rowan_params params;
} misplaced[] = {
    {"NONSENSE :a", "NONSENSE", A},
    {"NONSENSE ?", "NONSENSE", SEVEN},
    {"SELECT :first, :second, nonsense( FROM word", "FROM",
     VALUES(INT("first", 1), INT("second", 2))},
    {"SELECT ?, ?, nonsense( FROM word", "FROM", VALUES(INT(NULL, 1), INT(NULL, 2))},
    {"SELECT '\xc3\xa9\xc3\xa9', :first, :second, nonsense( FROM word", "FROM",
     VALUES(INT("first", 1), INT("second", 2))},
    {"SELECT '\xf0\x9f\x8c\xb3', :a, :a, :a, nonsense( FROM word", "FROM", A},
    {"SELECT 1 WHERE 1 IN (:a) AND nonsense( FROM word", "FROM",
     VALUES(LIST("a", INT(NULL, 1), INT(NULL, 2), INT(NULL, 3)))},
    {"SELECT 1 WHERE 1 NOT IN (?) AND 1 IN (?) AND nonsense( FROM word", "FROM",
     VALUES(LIST(NULL, INT(NULL, 1), INT(NULL, 2)), LIST(NULL, INT(NULL, 1)))},
    {"SELECT 1 WHERE 1 IN (:a) AND nonsense( FROM word", "FROM", VALUES(LIST("a", INT(NULL, 1)))},
    {"SELECT :long_name AS x :other", ":other", VALUES(INT("long_name", 1), INT("other", 2))},
    {"SELECT ? AS x ?", "?", VALUES(INT(NULL, 1), INT(NULL, 2))},
    {"SELECT :a FROM FROM word", "FROM word", A},
    {"SELECT 1 FROM FROM word WHERE id = :a", "FROM word", A},
    {"SELECT :a -- a comment :b ?\n FROM FROM word", "FROM word", A},
};

/* The last place of a word in a text, in characters from 1. */
static int place_of(const char *sql, const char *word)
{
    const char *at = strstr(sql, word), *last = at;
    int characters = 1;

    for (; at != NULL; at = strstr(at + 1, word)) {
        last = at;
    }
    for (const char *c = sql; c < last; c++) {
        characters += ((unsigned char)*c & 0xC0) != 0x80;
    }
    return characters;
}

/* The position is that in the caller's text, where the engine's placeholders have other lengths. */
START_TEST(error_positions_are_those_of_the_text_that_was_written)
{
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan_scope *scope = begin(db);
    unsigned known = 0;

    for (size_t i = 0; i < sizeof misplaced / sizeof misplaced[0]; i++) {
        const char *sql = misplaced[i].sql;
        for (int again = 0; again < 2; again++) {
            ck_assert_int_eq(rowan_raw_run(scope, sql, misplaced[i].params, NULL), ROWAN_SYNTAX);
            int position = rowan_scope_error(scope)->position;
            ck_assert_msg(position == 0 || position == place_of(sql, misplaced[i].wrong),
                          "%s: %d, not %d", sql, position, place_of(sql, misplaced[i].wrong));
            known += position > 0;
        }
    }
    ck_assert_uint_eq(known, 2 * sizeof misplaced / sizeof misplaced[0]);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raw_parameters");
    TCase *tc = tcase_create("raw_parameters");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, parameters_are_found_where_they_are_and_nowhere_else, 0, engines);
    tcase_add_loop_test(tc, mistakes_are_refused_by_name_before_anything_is_sent, 0, engines);
    tcase_add_loop_test(tc, placeholders_of_one_engine_are_refused, 0, engines);
    tcase_add_loop_test(tc, lists_outside_of_in_are_refused_where_they_cannot_be_bound, 0, engines);
    tcase_add_loop_test(tc, lists_of_any_length_share_few_statements, 0, engines);
    tcase_add_loop_test(tc, too_many_parameters_are_refused, 0, engines);
    tcase_add_loop_test(tc, error_positions_are_those_of_the_text_that_was_written, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
