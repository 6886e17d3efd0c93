/*
 * Fingerprints: golden texts and ids for each engine, statements that must fold alike and such
 * that must not, and properties that hold for any bytes.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rowan/detector.h>

#include "detector/fold.h"
#include "driver/reading.h"
#include "support/suite.h"

static const char *const engines[] = {"sqlite", "postgresql", "mariadb"};

/* One engine's statement and what it folds to; NULL: every engine's. */
static const struct {
    const char *engine, *sql, *folded;
} golden[] = {
    {NULL, "", ""},
    {NULL, " \n-- nothing\n/* at all */ ;; ", ""},
    {NULL, "SELECT  id,\n\tBody FROM Comments WHERE post_id = 42",
     "select id, body from comments where post_id = ?"},
    {NULL, "select id from t where a='it''s' and b = 1.5e-3 and c=-7",
     "select id from t where a = ? and b = ? and c = ?"},
    {NULL, "SELECT a - 5, -5, (-5), a*-5, 3-2 FROM t", "select a - ?, ?, (?), a * ?, ? - ? from t"},
    {NULL, "SELECT 'a' 'b'", "select ?"},
    {NULL, "SELECT * FROM t WHERE a IN (1, 2, 3)", "select * from t where a in (?+)"},
    {NULL, "SELECT * FROM t WHERE a IN (1)", "select * from t where a in (?+)"},
    {NULL, "SELECT * FROM t WHERE a NOT IN ('x', NULL, -1)", "select * from t where a not in (?+)"},
    {NULL, "SELECT * FROM t WHERE (a, b) IN ((1, 2), (3, 4))",
     "select * from t where (a, b) in (?+)"},
    {NULL, "SELECT * FROM t WHERE a IN (1, x)", "select * from t where a in (?, x)"},
    {NULL, "SELECT * FROM t WHERE a IN (SELECT b FROM u WHERE c IN (1,2))",
     "select * from t where a in (select b from u where c in (?+))"},
    {NULL, "SELECT * FROM t WHERE a = ANY(1)", "select * from t where a = any(?)"},
    {NULL, "INSERT INTO t (a, b) VALUES (1, 'x')", "insert into t(a, b) values (?+)"},
    {NULL, "INSERT INTO t (a, b) VALUES (1, 'x'), (2, DEFAULT) , (3, NULL)",
     "insert into t(a, b) values (?+)"},
    {NULL, "INSERT INTO t VALUES (1, now())", "insert into t values (?, now())"},
    {NULL, "SELECT * FROM t WHERE a IS NULL AND b IS NOT NULL AND c = NULL",
     "select * from t where a is null and b is not null and c = ?"},
    {NULL, "SELECT * FROM t WHERE a IS TRUE OR b = TRUE OR c = false",
     "select * from t where a is true or b = ? or c = ?"},
    {NULL, "CREATE TABLE t (a INT NOT NULL, b VARCHAR(20))",
     "create table t(a int not null, b varchar(?))"},
    {NULL, "SELECT * FROM t ORDER BY a LIMIT 10", "select * from t order by a limit ?"},
    {NULL, "SELECT * FROM t ORDER BY a LIMIT 10 OFFSET 20",
     "select * from t order by a limit ? offset ?"},
    {NULL, "SELECT foo_1, t2.c3 FROM t2, db4.t5", "select foo_1, t2.c3 from t2, db4.t5"},
    {NULL, "SELECT count ( * ),max(a) FROM t", "select count(*), max(a) from t"},
    {NULL, "SELECT /*+ index(t) */ a /* why */ FROM t -- end", "select /*+ index(t) */ a from t"},
    {NULL, "UPDATE t SET a = 1, b = NULL WHERE id = 2", "update t set a = ?, b = ? where id = ?"},
    {NULL, "SELECT 1; SELECT 2;", "select ?; select ?"},
    {NULL, "SELECT 'open", "select ?"},
    {NULL, "SET -1 TRUE, a = TRUE", "set ? ?, a = ?"},
    {NULL, "SELECT \xc3\x84 FROM t", "select \xc3\x84 from t"},

    {"sqlite", "a : ::b", "a : ::b"},
    {"mariadb", "SELECT a, . 0a, true.5, t . 1st", "select a, . 0a, true.5, t.1st"},
    {"mariadb", "SELECT a; . 2b", "select a; . 2b"},
    {"mariadb", "SELECT a. 1e-1b, 1e5c, 5c", "select a.? b, ? c, 5c"},
    {"sqlite", "SELECT ?, ?2, :a, @b, $c", "select ?, ?, ?, ?, ?"},
    {"sqlite", "SELECT [a b], `c`, \"D\", \"e\" FROM t", "select [a b], c, \"D\", e from t"},
    {"sqlite", "SELECT x'00ff' || 'a\\'", "select ? || ?"},

    {"postgresql", "SELECT $1::int, a::text FROM t WHERE b = $2",
     "select ?::int, a::text from t where b = ?"},
    {"postgresql", "SELECT $$it's$$, $t$ $$ $t$, E'\\'', U&'x', B'1', X'1F'",
     "select ?, ?, ?, ?, ?, ?"},
    {"postgresql", "SELECT j ? 'k', j ?| $1, j @> '{}'", "select j ? ?, j ?| ?, j @> ?"},
    {"postgresql", "SELECT ARRAY[1,2,3], a[1], a[1:2], a[lo:hi]",
     "select array[?+], a[?], a[? : ?], a[lo : hi]"},
    {"postgresql", "SELECT * FROM t WHERE a = ANY($1)", "select * from t where a = any(?)"},
    {"postgresql", "SELECT * FROM public.\"Users\" WHERE \"id\" = 1",
     "select * from public.\"Users\" where id = ?"},
    {"postgresql", "SELECT \"in\", \"null\" FROM t", "select \"in\", \"null\" from t"},
    {"postgresql", "SELECT 1 /* /* */ + 2 */ + 3", "select ? + ?"},
    {"postgresql", "SELECT f(a := 1)", "select f(a := ?)"},

    {"mariadb", "SELECT \"it's\", 'it\\'s', _utf8mb4'x', N'x', 0xFF FROM `t`",
     "select ?, ?, ?, ?, ? from t"},
    {"mariadb", "SELECT a # b\n, c FROM t", "select a, c from t"},
    {"mariadb", "SELECT 5--1", "select ? - ?"},
    {"mariadb", "SELECT /*!50000 SQL_NO_CACHE */ a FROM t", "select sql_no_cache a from t"},
    {"mariadb", "SELECT /*!80000 x */ a FROM t", "select a from t"},
    {"mariadb", "SELECT * FROM t LIMIT 20, 10", "select * from t limit ?, ?"},
    {"mariadb", "SELECT @a, @@b.c, @a := 5 FROM 1st", "select @a, @@b.c, @a := ? from 1st"},
    {"mariadb", "INSERT INTO t VALUES (?, ?) ON DUPLICATE KEY UPDATE a = VALUES(a)",
     "insert into t values (?+) on duplicate key update a = values (a)"},
};

/* Pairs that must have one fingerprint, and such that must not. */
static const struct {
    const char *a, *b;
    bool alike;
} pairs[] = {
    {"SELECT a FROM t WHERE b = 1", "select A  from T where B=\n2 -- x", true},
    {"SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = 5", true},
    {"SELECT a FROM t WHERE b IN (1)", "SELECT a FROM t WHERE b IN (1, 2, 3, 4)", true},
    {"INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1), (2)", true},
    {"SELECT a FROM t;", "SELECT a FROM t", true},
    {"SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b IN (1)", false},
    {"SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = ANY(1)", false},
    {"SELECT a, b FROM t", "SELECT b, a FROM t", false},
    {"SELECT a FROM t_1", "SELECT a FROM t_2", false},
    {"SELECT a FROM t LIMIT 1", "SELECT a FROM t LIMIT 1 OFFSET 1", false},
    {"SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC", false},
    {"SELECT a FROM t WHERE b IS NULL", "SELECT a FROM t WHERE b IS NOT NULL", false},
    {"SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b > 1", false},
    {"INSERT INTO t VALUES (now())", "INSERT INTO t VALUES (1)", false},
    {"SELECT a FROM t", "SELECT a FROM u", false},
    {"SELECT a FROM t", "SELECT /*+ x */ a FROM t", false},
    {"SELECT a-b FROM t", "SELECT a FROM t", false},
};

static void check_golden(const char *engine, size_t i)
{
    char folded[512], twice[512];
    uint64_t id, again;
    size_t size =
        rowan_fingerprint(engine, golden[i].sql, strlen(golden[i].sql), folded, sizeof folded, &id);

    ck_assert_msg(strcmp(folded, golden[i].folded) == 0, "%s: %s\n  expected %s\n  got      %s",
                  engine, golden[i].sql, golden[i].folded, folded);
    ck_assert_uint_eq(size, strlen(folded));
    rowan_fingerprint(engine, folded, size, twice, sizeof twice, &again);
    ck_assert_msg(strcmp(folded, twice) == 0, "%s: %s\n  folds again to %s", engine, folded, twice);
    ck_assert_uint_eq(id, again);
}

START_TEST(statements_fold_to_the_golden_text)
{
    for (size_t e = 0; e < 3; e++) {
        if (golden[_i].engine == NULL || strcmp(golden[_i].engine, engines[e]) == 0) {
            check_golden(engines[e], (size_t)_i);
        }
    }
}
END_TEST

START_TEST(what_differs_only_in_values_is_alike_and_nothing_else)
{
    for (size_t e = 0; e < 3; e++) {
        uint64_t a, b;
        rowan_fingerprint(engines[e], pairs[_i].a, strlen(pairs[_i].a), NULL, 0, &a);
        rowan_fingerprint(engines[e], pairs[_i].b, strlen(pairs[_i].b), NULL, 0, &b);
        ck_assert_msg((a == b) == pairs[_i].alike, "%s: %s | %s", engines[e], pairs[_i].a,
                      pairs[_i].b);
    }
}
END_TEST

/* The ids are in traces that people keep: they may change only with ROWAN__FOLD_VERSION. */
START_TEST(ids_are_pinned)
{
    static const char sql[] = "SELECT id FROM book WHERE author_id = 7";
    static const uint64_t ids[] = {0x8c85778b23bb008c, 0x983830e5426769a2, 0x8214b3f9c1bb5ecb};

    ck_assert_int_eq(ROWAN__FOLD_VERSION, 1);
    for (size_t e = 0; e < 3; e++) {
        uint64_t id;
        rowan_fingerprint(engines[e], sql, strlen(sql), NULL, 0, &id);
        ck_assert_msg(id == ids[e], "%s: 0x%016" PRIx64, engines[e], id);
    }
}
END_TEST

START_TEST(the_size_is_told_whatever_the_buffer_holds)
{
    static const char sql[] = "SELECT id FROM book WHERE author_id = 7";
    static const char folded[] = "select id from book where author_id = ?";
    char buffer[64];
    uint64_t whole, cut;

    ck_assert_uint_eq(rowan_fingerprint("sqlite", sql, strlen(sql), NULL, 0, &whole),
                      strlen(folded));
    for (size_t size = 1; size < sizeof buffer; size++) {
        memset(buffer, '#', sizeof buffer);
        ck_assert_uint_eq(rowan_fingerprint("sqlite", sql, strlen(sql), buffer, size, &cut),
                          strlen(folded));
        ck_assert_uint_eq(cut, whole);
        ck_assert_uint_eq(strlen(buffer), size - 1 < strlen(folded) ? size - 1 : strlen(folded));
        ck_assert_int_eq(buffer[size], '#');
    }
    ck_assert_uint_eq(rowan_fingerprint(NULL, sql, strlen(sql), NULL, 0, NULL), strlen(folded));
}
END_TEST

START_TEST(any_bytes_fold_and_fold_again_to_themselves)
{
    static const char *const pieces[] = {
        "select ", "in ", "values ", "(",     ")",    ",",    "1",     "'a'", "'",
        "\"b\"",   "\"",  "?",       "?+",    "+",    "-",    "::",    ":",   "=",
        ".",       "a",   "A1",      "null ", "is ",  "not ", "array", "[",   "]",
        ";",       "--x", "\n",      "/*",    "*/",   "/*+",  "$1",    "$$",  "@v",
        "#",       "`c`", ":n",      " ",     "set ", "e",    "x'",    "1e5", "_u",
        "\\",      "&",   "limit ",  "/*!",   "\xff", "\x01", "<=",    "||",  "->",
        "U&",      "N'",  "0x1",     "1st",   ".5",   "any",  "true",  "1e-1"};
    enum { PIECES = sizeof pieces / sizeof pieces[0] };
    unsigned seed = 7;

    for (int round = 0; round < 30000; round++) {
        char sql[256] = "", folded[2048], twice[2048];
        for (int n = 0; n < round % 12 + 1; n++) {
            seed = seed * 1103515245u + 12345u;
            strcat(sql, pieces[(seed >> 16) % PIECES]);
        }
        const char *engine = engines[round % 3];
        size_t size = rowan_fingerprint(engine, sql, strlen(sql), folded, sizeof folded, NULL);
        if (size >= sizeof folded) {
            continue;
        }
        rowan_fingerprint(engine, folded, size, twice, sizeof twice, NULL);
        if (strcmp(folded, twice) != 0) {
            ck_abort_msg("%s: %s\n  folds to %s\n  and then %s", engine, sql, folded, twice);
        }
    }
}
END_TEST

/* However the parts of a table's name stand, the table is the last of them. */
START_TEST(a_qualified_table_is_the_table_whatever_is_around_its_point)
{
    static const char *const texts[] = {"SELECT a FROM posts WHERE b = 1",
                                        "SELECT a FROM public.posts WHERE b = 1",
                                        "SELECT a FROM public . posts WHERE b = 1",
                                        "SELECT a FROM public./* which */posts WHERE b = 1",
                                        "SELECT a FROM public.\n  POSTS p WHERE b = 1"};
    uint64_t posts = 0;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        rowan__fold fold;
        rowan__fold_statement(rowan__engine_reading(engines[_i]), engines[_i], texts[i],
                              strlen(texts[i]), NULL, 0, &fold);
        posts = i == 0 ? fold.tables[0] : posts;
        ck_assert_uint_eq(fold.table_count, 1);
        ck_assert_msg(fold.tables[0] == posts, "%s", texts[i]);
        ck_assert_uint_eq(fold.table_size, strlen("posts"));
        ck_assert_int_eq(strncasecmp(texts[i] + fold.table, "posts", fold.table_size), 0);
    }
}
END_TEST

/* The detector reads by the engine's name what a driver's dialect says of the engine. */
START_TEST(readings_by_name_are_those_of_the_dialects)
{
    static const rowan__dialect *const dialects[] = {
        &rowan__sqlite_dialect, &rowan__postgresql_dialect, &rowan__mariadb_dialect};
    rowan__reading reading = rowan__dialect_reading(dialects[_i]);
    rowan__reading named = *rowan__engine_reading(dialects[_i]->engine);
    size_t flags = offsetof(rowan__reading, dollar_names) + sizeof(bool); /* the last of them */

    ck_assert_str_eq(reading.string_prefixes, named.string_prefixes);
    ck_assert_int_eq(memcmp(&reading, &named, flags), 0);
}
END_TEST

/* MERGE is a verb at the beginning only: elsewhere it is a name that anything may have. */
START_TEST(a_statement_that_begins_with_merge_inserts)
{
    static const struct {
        const char *sql;
        rowan__verb verb;
    } texts[] = {
        {"MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED THEN INSERT VALUES (1)",
         ROWAN__VERB_INSERT},
        {"/* why */ merge into t", ROWAN__VERB_INSERT},
        {"WITH merge AS (SELECT 1) SELECT * FROM merge", ROWAN__VERB_SELECT},
        {"WITH merge AS (SELECT 1) DELETE FROM t", ROWAN__VERB_DELETE},
        {"SELECT merge FROM t", ROWAN__VERB_SELECT},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        rowan__fold fold;
        rowan__fold_statement(rowan__engine_reading(engines[_i]), engines[_i], texts[i].sql,
                              strlen(texts[i].sql), NULL, 0, &fold);
        ck_assert_msg(fold.verb == texts[i].verb, "%s", texts[i].sql);
    }
}
END_TEST

START_TEST(values_that_compare_equal_have_equal_keys)
{
    rowan_uuid uuid = {{0xAB, 0xCD, 0xEF}};
    rowan_decimal decimal = {"12.50"};
    rowan_value pairs_of[][2] = {
        {rowan_v_int64(42), rowan_v_text("42")},
        {rowan_v_int64(-42), rowan_v_text("-42")},
        {rowan_v_int64(42), rowan_v_double(42.0)},
        {rowan_v_int64(42), rowan_v_decimal((rowan_decimal){"42.000"})},
        {rowan_v_decimal(decimal), rowan_v_text("12.5")},
        {rowan_v_uuid(uuid), rowan_v_text("ABCDEF00-0000-0000-0000-000000000000")},
        {rowan_v_date((rowan_date){0}), rowan_v_text("1970-01-01")},
    };

    for (size_t i = 0; i < sizeof pairs_of / sizeof pairs_of[0]; i++) {
        ck_assert_uint_eq(rowan__key_value(&pairs_of[i][0]), rowan__key_value(&pairs_of[i][1]));
    }
    ck_assert_uint_eq(rowan__key_literal("'42'", 4, false, false),
                      rowan__key_value(&pairs_of[0][0]));
    ck_assert_uint_eq(rowan__key_literal("42", 2, true, false), rowan__key_value(&pairs_of[1][0]));
    rowan_value zeros = rowan_v_text("042"), empty = rowan_v_text(""), truth = rowan_v_bool(true);
    ck_assert_uint_ne(rowan__key_value(&zeros), rowan__key_value(&pairs_of[0][0]));
    ck_assert(!rowan__key_tells(&empty) && !rowan__key_tells(&truth));
    ck_assert(rowan__key_tells(&zeros));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fingerprint");
    TCase *tc = tcase_create("fingerprint");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, statements_fold_to_the_golden_text, 0,
                        (int)(sizeof golden / sizeof golden[0]));
    tcase_add_loop_test(tc, what_differs_only_in_values_is_alike_and_nothing_else, 0,
                        (int)(sizeof pairs / sizeof pairs[0]));
    tcase_add_test(tc, ids_are_pinned);
    tcase_add_test(tc, the_size_is_told_whatever_the_buffer_holds);
    tcase_add_test(tc, any_bytes_fold_and_fold_again_to_themselves);
    tcase_add_loop_test(tc, readings_by_name_are_those_of_the_dialects, 0, 3);
    tcase_add_loop_test(tc, a_qualified_table_is_the_table_whatever_is_around_its_point, 0, 3);
    tcase_add_loop_test(tc, a_statement_that_begins_with_merge_inserts, 0, 3);
    tcase_add_test(tc, values_that_compare_equal_have_equal_keys);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
