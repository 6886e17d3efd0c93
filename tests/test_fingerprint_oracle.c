/*
 * Fingerprints beside those of PostgreSQL's own parser: any two statements of a list are alike to
 * both or to neither, but where we differ on purpose: a form that we tell from others is named.
 */
#include <check.h>
#include <pg_query.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/detector.h>

#include "support/suite.h"

/* A loop asks with one key, what replaces it with a list: they have to be two groups. */
static const char list[] = "a list", array[] = "an array";
/* A page has to be told from the first rows: reading page after page is no N+1. */
static const char page[] = "a page";
/* What a statement returns is part of its shape: rows of two columns fill another struct. */
static const char two[] = "two columns of values";

static const struct {
    const char *sql, *form; /* that their fingerprints do not show */
} statements[] = {
    {"SELECT id, body FROM note WHERE post_id = 1", NULL},
    {"select  id,body from note where post_id=22", NULL},
    {"SELECT id, body FROM note WHERE post_id = $1", NULL},
    {"SELECT id, body FROM note WHERE post_id = 'it''s'", NULL},
    {"SELECT id, body FROM note WHERE post_id = $$it's$$", NULL},
    {"SELECT id, body FROM note WHERE post_id = E'it\\'s'", NULL},
    {"SELECT \"id\", \"body\" FROM \"note\" WHERE \"post_id\" = 1", NULL},
    {"/* a comment */ SELECT id, body FROM note -- and one more\n WHERE post_id = 1;", NULL},
    {"SELECT id, body FROM NOTE WHERE Post_ID = 1", NULL},
    {"SELECT id, body FROM \"NOTE\" WHERE post_id = 1", NULL},
    {"SELECT id, body FROM public.note WHERE post_id = 1", NULL},
    {"SELECT id, body FROM note2 WHERE post_id = 1", NULL},
    {"SELECT id FROM note WHERE post_id = 1", NULL},
    {"SELECT id, body FROM note WHERE post_id = 1 AND is_read = 2", NULL},
    {"SELECT id, body FROM note WHERE post_id = 1 OR is_read = 2", NULL},
    {"SELECT id, body FROM note WHERE post_id > 1", NULL},
    {"SELECT id, body FROM note WHERE post_id = other_id", NULL},
    {"SELECT id, body FROM note WHERE post_id IS NULL", NULL},
    {"SELECT id, body FROM note WHERE post_id IS NOT NULL", NULL},
    {"SELECT id, body FROM note WHERE post_id IN (1)", list},
    {"SELECT id, body FROM note WHERE post_id IN (1, 2, 3)", list},
    {"SELECT id, body FROM note WHERE post_id IN ($1, $2)", list},
    {"SELECT id, body FROM note WHERE post_id NOT IN (1, 2)", NULL},
    {"SELECT id, body FROM note WHERE post_id IN (SELECT id FROM post)", NULL},
    {"SELECT id, body FROM note WHERE post_id = ANY($1)", array},
    {"SELECT id, body FROM note WHERE post_id = ANY('{1,2}')", array},
    {"SELECT id, body FROM note WHERE post_id BETWEEN 1 AND 2", NULL},
    {"SELECT id, body FROM note WHERE post_id BETWEEN $1 AND $2", NULL},
    {"SELECT id, body FROM note WHERE body LIKE 'a%'", NULL},
    {"SELECT id, body FROM note WHERE body ILIKE 'a%'", NULL},
    {"SELECT id, body FROM note ORDER BY id", NULL},
    {"SELECT id, body FROM note ORDER BY id DESC", NULL},
    {"SELECT id, body FROM note ORDER BY body", NULL},
    {"SELECT id, body FROM note ORDER BY id LIMIT 1", NULL},
    {"SELECT id, body FROM note ORDER BY id LIMIT $1", NULL},
    {"SELECT id, body FROM note ORDER BY id LIMIT 10 OFFSET 20", page},
    {"SELECT id, body FROM note ORDER BY id LIMIT 5 OFFSET $1", page},
    {"SELECT id, body FROM note WHERE post_id = 1 FOR UPDATE", NULL},
    {"SELECT count(*) FROM note WHERE post_id = 1", NULL},
    {"SELECT count(*) FROM note WHERE post_id = 2", NULL},
    {"SELECT count(id) FROM note WHERE post_id = 2", NULL},
    {"SELECT DISTINCT id, body FROM note WHERE post_id = 1", NULL},
    {"SELECT p.id FROM post p JOIN note n ON n.post_id = p.id WHERE p.id = 1", NULL},
    {"SELECT p.id FROM post p JOIN note n ON n.post_id = p.id WHERE p.id = 7", NULL},
    {"SELECT p.id FROM post p LEFT JOIN note n ON n.post_id = p.id WHERE p.id = 7", NULL},
    {"SELECT EXISTS (SELECT 1 FROM note WHERE post_id = 1)", NULL},
    {"SELECT EXISTS (SELECT 5 FROM note WHERE post_id = $1)", NULL},
    {"WITH RECURSIVE up AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM up) SELECT n FROM up", NULL},
    {"WITH RECURSIVE up AS (SELECT 2 AS n UNION ALL SELECT n + 3 FROM up) SELECT n FROM up", NULL},
    {"SELECT 1", NULL},
    {"SELECT 'one'", NULL},
    {"SELECT 1.5e3", NULL},
    {"SELECT 1, 2", two},
    {"INSERT INTO note (post_id, body) VALUES (1, 'a')", NULL},
    {"INSERT INTO note (post_id, body) VALUES ($1, $2)", NULL},
    {"INSERT INTO note (post_id, body) VALUES (1, 'a'), (2, 'b')", NULL},
    {"INSERT INTO note (post_id) VALUES (1)", NULL},
    {"INSERT INTO note (post_id) SELECT id FROM post", NULL},
    {"INSERT INTO note (post_id) VALUES (1) ON CONFLICT DO NOTHING", NULL},
    {"INSERT INTO note (post_id) VALUES (1) RETURNING id", NULL},
    {"UPDATE note SET body = 'a' WHERE id = 1", NULL},
    {"UPDATE note SET body = $1 WHERE id = $2", NULL},
    {"UPDATE note SET body = NULL WHERE id = 1", NULL},
    {"UPDATE note SET body = 'a' WHERE post_id = 1", NULL},
    {"UPDATE note SET body = body || 'a' WHERE id = 1", NULL},
    {"DELETE FROM note WHERE id = 1", NULL},
    {"DELETE FROM note WHERE id = 2", NULL},
    {"DELETE FROM note WHERE id IN (1, 2)", list},
    {"DELETE FROM note", NULL},
    {"TRUNCATE note", NULL},
};

enum { STATEMENTS = sizeof statements / sizeof statements[0] };

START_TEST(any_two_statements_are_alike_to_both_or_to_neither)
{
    uint64_t ours[STATEMENTS], theirs[STATEMENTS];
    size_t alike = 0;

    for (size_t i = 0; i < STATEMENTS; i++) {
        const char *sql = statements[i].sql;
        PgQueryFingerprintResult result = pg_query_fingerprint(sql);
        ck_assert_msg(result.error == NULL, "%s: %s", sql,
                      result.error != NULL ? result.error->message : "");
        theirs[i] = result.fingerprint;
        pg_query_free_fingerprint_result(result);
        rowan_fingerprint("postgresql", sql, strlen(sql), NULL, 0, &ours[i]);
        for (size_t k = 0; k < i; k++) {
            bool same = statements[i].form == statements[k].form && theirs[i] == theirs[k];
            ck_assert_msg((ours[i] == ours[k]) == same, "to us alone %s:\n  %s\n  %s",
                          same ? "differ" : "alike", statements[k].sql, sql);
            alike += same ? 1 : 0;
        }
    }
    ck_assert_uint_gt(alike, STATEMENTS / 2); /* pairs, or the list would show little */
}
END_TEST

/* A form that is named without need would hide a mistake. */
START_TEST(every_named_form_is_one_that_only_we_tell)
{
    static const char *const forms[] = {list, array, page, two};

    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        size_t told = 0;
        for (size_t i = 0; i < STATEMENTS; i++) {
            for (size_t k = 0; k < STATEMENTS && statements[i].form == forms[f]; k++) {
                PgQueryFingerprintResult one = pg_query_fingerprint(statements[i].sql);
                PgQueryFingerprintResult other = pg_query_fingerprint(statements[k].sql);
                told += statements[k].form != forms[f] && one.fingerprint == other.fingerprint;
                pg_query_free_fingerprint_result(one);
                pg_query_free_fingerprint_result(other);
            }
        }
        ck_assert_msg(told > 0, "%s", forms[f]);
    }
}
END_TEST

/* What makes no difference to the parser makes none to us: spaces, comments, the end. */
START_TEST(what_the_parser_reads_over_is_read_over)
{
    for (size_t i = 0; i < STATEMENTS; i++) {
        const char *sql = statements[i].sql;
        char *longer = malloc(4 * strlen(sql) + 64);
        size_t size = 0;
        uint64_t plain, changed;
        bool is_quoted = strpbrk(sql, "'\"$-*") != NULL;

        ck_assert_ptr_nonnull(longer);
        size += (size_t)sprintf(longer, "/* a /* nested */ one */\n");
        for (const char *at = sql; *at != '\0'; at++) {
            if (*at == ' ' && !is_quoted) {
                size += (size_t)sprintf(longer + size, "\t\n ");
            } else {
                longer[size++] = *at;
            }
        }
        size += (size_t)sprintf(longer + size, "\n-- the end");
        PgQueryFingerprintResult one = pg_query_fingerprint(sql);
        PgQueryFingerprintResult other = pg_query_fingerprint(longer);
        ck_assert_msg(other.error == NULL && one.fingerprint == other.fingerprint, "%s", longer);
        pg_query_free_fingerprint_result(one);
        pg_query_free_fingerprint_result(other);
        rowan_fingerprint("postgresql", sql, strlen(sql), NULL, 0, &plain);
        rowan_fingerprint("postgresql", longer, size, NULL, 0, &changed);
        ck_assert_msg(plain == changed, "%s", longer);
        free(longer);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fingerprints beside a parser's");
    TCase *oracle = tcase_create("oracle");

    tcase_set_timeout(oracle, 120);
    tcase_add_test(oracle, any_two_statements_are_alike_to_both_or_to_neither);
    tcase_add_test(oracle, every_named_form_is_one_that_only_we_tell);
    tcase_add_test(oracle, what_the_parser_reads_over_is_read_over);
    suite_add_tcase(suite, oracle);
    return suite_run(suite);
}
