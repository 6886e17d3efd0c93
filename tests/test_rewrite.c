/*
 * Fixes that are written out: what is sent many times becomes one statement in the same words; and
 * what is not sure to mean the same stays unwritten, whatever it looks like.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "report/rewrite.h"
#include "support/fault.h"
#include "support/suite.h"

enum { CHILDREN = 6 };

static char path[64];
static rowan__trace trace;
static rowan__analysis analysis;

static void complain(void *context, const char *where, size_t line, const char *why)
{
    (void)context;
    ck_abort_msg("%s:%zu: %s", where, line, why);
}

/* A statement in JSON's quotes. */
static void put_json(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', file);
        }
        fputs(*text == '\n' ? "\\n" : (char[]){*text, '\0'}, file);
    }
    fputc('"', file);
}

/* One execution: `#` in the text is its key. Parameters are the key and what else is given. */
static void put_child(FILE *file, const char *dialect, const char *sql, int key, const char *params,
                      const char *more)
{
    char text[1024];
    size_t size = 0;

    for (; *sql != '\0' && size < sizeof text - 16; sql++) {
        size += (size_t)(*sql == '#' ? snprintf(text + size, sizeof text - size, "%d", key)
                                     : snprintf(text + size, sizeof text - size, "%c", *sql));
    }
    fputs("{\"scope\":\"a\",\"sql\":", file);
    put_json(file, text);
    fprintf(file, ",\"params\":[");
    for (; *params != '\0'; params++) {
        if (*params == '#') {
            fprintf(file, "%d", key);
        } else {
            fputc(*params, file);
        }
    }
    fprintf(file,
            "],\"dialect\":\"%s\",\"callsite\":\"a.c:9 f\",\"ts_us\":%d,\"cols\":[\"x\"],"
            "\"rows\":[[\"r%d\"]]%s}\n",
            dialect, key, key, more);
}

static FILE *begin(void)
{
    strcpy(path, "/tmp/rowan-rewrite-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    return fdopen(fd, "w");
}

static void analyze(FILE *file)
{
    const rowan__complaint complaint = {complain, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);

    fclose(file);
    ck_assert_int_eq(rowan__trace_read(&trace, &fault_allocator, path, &complaint, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_init(&analysis, &fault_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(&analysis, &trace), ROWAN_OK);
}

static void release(void)
{
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    unlink(path);
}

static void loop(const char *dialect, const char *sql, const char *params, const char *more)
{
    FILE *file = begin();

    fprintf(
        file,
        "{\"scope\":\"a\",\"sql\":\"SELECT id FROM parent\",\"dialect\":\"%s\",\"cols\":[\"id\"],"
        "\"rows\":[[101],[102],[103],[104],[105],[106]]}\n",
        dialect);
    for (int i = 0; i < CHILDREN; i++) {
        put_child(file, dialect, sql, 101 + i, params, more);
    }
    analyze(file);
}

static const rowan__trace_finding *found(const char *sql)
{
    for (size_t i = 0; i < analysis.count; i++) {
        if (strcmp(analysis.at[i].kind, "n_plus_one") == 0 ||
            strcmp(analysis.at[i].kind, "write_loop") == 0) {
            return &analysis.at[i];
        }
    }
    ck_abort_msg("nothing is found of %s", sql);
    return NULL;
}

/* --- What is written. --- */

static const struct rewritten {
    const char *dialect, *sql, *params, *to;
} rewritten[] = {
    {"postgresql", "SELECT body FROM note WHERE post_id = $1", "#",
     "SELECT body, post_id FROM note WHERE post_id = ANY ($1)"},
    {"postgresql", "select\n  n.body -- all\nfrom note n\nwhere n.post_id=$2 and n.lang=$1;",
     "\"de\",#",
     "select\n  n.body, n.post_id from note n\nwhere n.post_id = ANY ($2) and n.lang=$1"},
    {"postgresql",
     "SELECT \"a\".\"b\" FROM \"s\".\"a\" WHERE (\"a\".\"K\" = $1::int AND (a.x IS NULL))", "#",
     "SELECT \"a\".\"b\", \"a\".\"K\" FROM \"s\".\"a\" WHERE (\"a\".\"K\" = ANY"
     " ($1::int[]) AND (a.x IS NULL))"},
    {"postgresql", "SELECT a FROM t WHERE b ? 'c' AND k = $1 ORDER BY a", "#",
     "SELECT a, k FROM t WHERE b ? 'c' AND k = ANY ($1) ORDER BY a"},
    {"postgresql", "SELECT a FROM t WHERE k = #", "",
     "SELECT a, k FROM t WHERE k IN (101, 102, 103, 104, 105, 106)"},
    {"postgresql", "SELECT a FROM t WHERE k = 'k#' AND b = '#''x'", "",
     "SELECT a, k, b FROM t WHERE (k, b) IN (('k101', '101''x') /* , ... */)"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY b LIMIT $2", "#,3",
     "SELECT child.*, keys.key_1 FROM (SELECT DISTINCT k AS key_1 FROM t WHERE k = ANY"
     " ($1)) AS keys"
     " CROSS JOIN LATERAL (SELECT a FROM t WHERE k = keys.key_1 ORDER BY b LIMIT $2) AS child"},
    {"postgresql", "SELECT child.a FROM child WHERE k = $1 ORDER BY keys LIMIT 2", "#",
     "SELECT the_child.*, the_keys.key_1 FROM (SELECT DISTINCT k AS key_1 FROM child WHERE k = ANY"
     " ($1)) AS the_keys CROSS JOIN LATERAL (SELECT child.a FROM child WHERE k ="
     " the_keys.key_1 ORDER"
     " BY keys LIMIT 2) AS the_child"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY b DESC, c LIMIT 1", "#",
     "SELECT DISTINCT ON (k) a, k FROM t WHERE k = ANY ($1) ORDER BY k, b DESC, c"},
    {"mariadb", "SELECT `a` FROM `t` WHERE `t`.`k` = ? AND b = \"x\"", "#",
     "SELECT `a`, `t`.`k` FROM `t` WHERE `t`.`k` IN (? /* , ... */) AND b = \"x\""},
    {"postgresql", "SELECT a FROM t WHERE (k, t.l) = ($1, $2::int)", "#,#",
     "SELECT a, k, t.l FROM t WHERE (k, t.l) IN (($1, $2::int) /* , ... */)"},
    {"mariadb", "SELECT a FROM t WHERE x = 1 AND (k, l) = (?, 'l') AND y = 2 ORDER BY a", "#",
     "SELECT a, k, l FROM t WHERE x = 1 AND (k, l) IN ((?, 'l') /* , ... */) AND y = 2 ORDER BY a"},
    {"sqlite", "SELECT k, l, m FROM t WHERE ((k, l, m) = (#, #, 7))", "",
     "SELECT k, l, m FROM t WHERE ((k, l, m) IN ((101, 101, 7) /* , ... */))"},
    {"mariadb", "SELECT a FROM t WHERE x = 1 AND k = ? AND l = ? AND y = 2", "#,\"l#\"",
     "SELECT a, k, l FROM t WHERE x = 1 AND (k, l) IN ((?, ?) /* , ... */) AND y = 2"},
    {"mariadb", "SELECT k, sum(a) FROM t WHERE k = ? HAVING sum(a) > 0", "#",
     "SELECT k, sum(a) FROM t WHERE k IN (? /* , ... */) GROUP BY k HAVING sum(a) > 0 /*"
     " no row for a"
     " value without rows: its count is 0 */"},
    {"sqlite", "SELECT [a] FROM [t] WHERE [k] = :key", "#",
     "SELECT [a], [k] FROM [t] WHERE [k] IN (:key /* , ... */)"},
    {"sqlite", "SELECT t.* FROM t WHERE t.k IN (?1)", "#",
     "SELECT t.* FROM t WHERE t.k IN (?1 /* , ... */)"},
    {"sqlite", "SELECT * FROM t, u WHERE t.k = ? AND u.a = t.a", "#",
     "SELECT *, t.k FROM t, u WHERE t.k IN (? /* , ... */) AND u.a = t.a"},
    {"sqlite", "SELECT coalesce(max(a), 0) FROM t WHERE k = ?", "#",
     "SELECT coalesce(max(a), 0), k FROM t WHERE k IN (? /* , ... */) GROUP BY k /* no row"
     " for a value"
     " without rows: its count is 0 */"},
    {"sqlite", "SELECT a FROM t WHERE k = ? ORDER BY b LIMIT 4", "#",
     "SELECT * FROM (SELECT a, k, row_number() OVER (PARTITION BY k ORDER BY b) AS row_place FROM t"
     " WHERE k IN (? /* , ... */)) AS ranked WHERE row_place <= 4 ORDER BY row_place"},
    {"sqlite", "SELECT EXISTS(SELECT 1 FROM t WHERE k = ?) AS there", "#",
     "SELECT DISTINCT k FROM t WHERE k IN (? /* , ... */)"},
    {"sqlite", "SELECT EXISTS(SELECT 1 FROM t WHERE k = ?) there", "#",
     "SELECT DISTINCT k FROM t WHERE k IN (? /* , ... */)"},
    {"sqlite", "SELECT a AS row_place FROM t WHERE k = ? ORDER BY b LIMIT 1, 2", "#",
     "SELECT * FROM (SELECT a AS row_place, k, row_number() OVER (PARTITION BY k ORDER BY b) AS"
     " the_row_place FROM t WHERE k IN (? /* , ... */)) AS ranked WHERE the_row_place > 1 AND"
     " the_row_place <= 3 ORDER BY the_row_place"},
    {"mariadb", "SELECT row_place FROM t WHERE k = ? ORDER BY b LIMIT 2", "#",
     "SELECT * FROM (SELECT row_place, k, row_number() OVER (PARTITION BY k ORDER BY b) AS"
     " the_row_place FROM t WHERE k IN (? /* , ... */)) AS ranked WHERE the_row_place <= 2"
     " ORDER BY the_row_place"},
    {"postgresql", "SELECT p.name, p.\"Born\", p.id FROM parent p WHERE p.id = $1 LIMIT 1", "#",
     "SELECT id, name, \"Born\" FROM parent"},
    {"mariadb", "SELECT upper(name) FROM parent WHERE id = ?", "#",
     "SELECT upper(name), id FROM parent WHERE id IN (? /* , ... */)"},
    {"postgresql", "INSERT INTO t (k, a) VALUES ($1, now()) ON CONFLICT DO NOTHING RETURNING id",
     "#",
     "INSERT INTO t (k, a) VALUES ($1, now()) /* , (...) for each row */ ON CONFLICT DO NOTHING"
     " RETURNING id"},
    {"postgresql", "UPDATE t SET a = $2, b = b + 1 WHERE k = $1", "#,\"v#\"",
     "UPDATE t SET a = CASE k WHEN $1 THEN $2 /* WHEN ... THEN ... */ ELSE a END, b = b +"
     " 1 WHERE k IN"
     " ($1 /* , ... */)"},
    {"mariadb", "DELETE FROM t WHERE k = # AND b", "",
     "DELETE FROM t WHERE k IN (101, 102, 103, 104, 105, 106) AND b"},
    /* The value before its column, as SQLAlchemy has it. */
    {"postgresql", "SELECT c.a FROM c WHERE $1::INTEGER = c.k AND c.b", "#",
     "SELECT c.a, c.k FROM c WHERE c.k = ANY ($1::INTEGER[]) AND c.b"},
    {"sqlite", "SELECT a FROM c WHERE (? = c.k)", "#",
     "SELECT a, c.k FROM c WHERE (c.k IN (? /* , ... */))"},
    /* Limits that keep nothing back: Django's get(), Prisma's OFFSET 0. */
    {"mariadb", "SELECT a FROM t WHERE k = ? LIMIT 21", "#",
     "SELECT a, k FROM t WHERE k IN (? /* , ... */) /* without its LIMIT: fewer rows for"
     " each value"
     " are expected */"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 OFFSET $2", "#,0",
     "SELECT a, k FROM t WHERE k = ANY ($1)"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY b OFFSET 0", "#",
     "SELECT a, k FROM t WHERE k = ANY ($1) ORDER BY b"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 LIMIT $2 OFFSET $3", "#,1,0",
     "SELECT a, k FROM t WHERE k = ANY ($1) /* without its LIMIT: one row for each value is"
     " expected */"},
    /* The first rows, however they are asked for. */
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY b FETCH FIRST ROW ONLY", "#",
     "SELECT DISTINCT ON (k) a, k FROM t WHERE k = ANY ($1) ORDER BY k, b"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY b LIMIT 10", "#",
     "SELECT child.*, keys.key_1 FROM (SELECT DISTINCT k AS key_1 FROM t WHERE k = ANY ($1)) AS "
     "keys CROSS JOIN LATERAL (SELECT a FROM t WHERE k = keys.key_1 ORDER BY b LIMIT 10) AS child"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY b OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY",
     "#",
     "SELECT child.*, keys.key_1 FROM (SELECT DISTINCT k AS key_1 FROM t WHERE k = ANY ($1)) AS "
     "keys CROSS JOIN LATERAL (SELECT a FROM t WHERE k = keys.key_1 ORDER BY b OFFSET 2 ROWS"
     " FETCH NEXT 3"
     " ROWS ONLY) AS child"},
    {"mariadb", "SELECT a FROM t WHERE k = ? ORDER BY b LIMIT 2, 3", "#",
     "SELECT * FROM (SELECT a, k, row_number() OVER (PARTITION BY k ORDER BY b) AS row_place FROM t"
     " WHERE k IN (? /* , ... */)) AS ranked WHERE row_place > 2 AND row_place <= 5 ORDER BY"
     " row_place"},
    {"mariadb", "SELECT a FROM t WHERE k = ? ORDER BY b OFFSET 1 ROW FETCH FIRST ROW ONLY", "#",
     "SELECT * FROM (SELECT a, k, row_number() OVER (PARTITION BY k ORDER BY b) AS row_place FROM t"
     " WHERE k IN (? /* , ... */)) AS ranked WHERE row_place > 1 AND row_place <= 2 ORDER BY"
     " row_place"},
    {"sqlite", "SELECT a FROM t WHERE k = ? ORDER BY b LIMIT ? OFFSET ?", "#,2,1",
     "SELECT * FROM (SELECT a, k, row_number() OVER (PARTITION BY k ORDER BY b) AS row_place FROM t"
     " WHERE k IN (? /* , ... */)) AS ranked WHERE row_place > 1 AND row_place <= 3 ORDER BY"
     " row_place"},
    /* Arrays, the program's own way to ask for many, of one value each. */
    {"postgresql", "SELECT a FROM t WHERE k = ANY($1::int[]) AND b", "[#]",
     "SELECT a, k FROM t WHERE k = ANY ($1::int[]) AND b"},
};

START_TEST(a_statement_for_many_values_is_written)
{
    const struct rewritten *it = &rewritten[_i];
    const rowan__trace_finding *finding;

    loop(it->dialect, it->sql, it->params, "");
    finding = found(it->sql);
    ck_assert_str_eq(finding->suggestion, it->to);
    ck_assert(finding->is_written_out);
    ck_assert_ptr_null(finding->call);
    release();
}
END_TEST

/* --- What is not. --- */

static const struct refused {
    const char *dialect, *sql, *params;
} refused[] = {
    {"postgresql", "SELECT a FROM t WHERE k = $1 OR b", "#"},
    {"postgresql", "SELECT a FROM t WHERE b OR c AND k = $1", "#"},
    {"postgresql", "SELECT a FROM t WHERE NOT k = $1", "#"},
    {"postgresql", "SELECT a FROM t WHERE NOT (b AND k = $1)", "#"},
    {"postgresql", "SELECT a FROM t WHERE (b OR c) AND (d OR k = $1)", "#"},
    {"postgresql", "SELECT a FROM t WHERE f(b, k = $1)", "#"},
    {"postgresql", "SELECT a FROM t WHERE x + k = $1", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 + 1", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 IS TRUE", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1::numeric(3)", "#"},
    {"postgresql", "SELECT a FROM t WHERE x BETWEEN 1 AND k = $1", "#"},
    {"postgresql", "SELECT a FROM t WHERE CASE WHEN b AND k = $1 AND c THEN d END", "#"},
    {"postgresql", "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.k = $1)",
     "#"},
    {"postgresql", "SELECT a FROM t WHERE b AND (SELECT c FROM u WHERE d AND k = $1)", "#"},
    {"postgresql", "SELECT a FROM t JOIN u ON u.k = $1 WHERE t.b", "#"},
    {"postgresql", "SELECT a, $1 FROM t WHERE k = $1", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 UNION SELECT b FROM u", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 FOR UPDATE", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 LIMIT $2", "#,\"x\""},
    {"postgresql", "SELECT a FROM t WHERE k = $1 LIMIT 1 OFFSET 1", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY b LIMIT 2 OFFSET $2", "#,\"x\""},
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY 1 LIMIT 2", "#"},
    {"postgresql", "SELECT a AS b FROM t WHERE k = $1 ORDER BY b LIMIT 2", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 ORDER BY b FETCH FIRST 2 ROWS WITH TIES", "#"},
    {"postgresql", "SELECT DISTINCT ON (a) a FROM t WHERE k = $1", "#"},
    {"postgresql", "SELECT rank() OVER (ORDER BY a) FROM t WHERE k = $1", "#"},
    {"postgresql", "SELECT a, count(*) FROM t WHERE k = $1 GROUP BY ROLLUP (a)", "#"},
    {"postgresql", "WITH x AS (SELECT 1) SELECT a FROM t WHERE k = $1", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1; SELECT 2", "#"},
    {"postgresql", "SELECT a FROM t WHERE k = $1 AND b = 'open", "#"},
    {"postgresql", "SELECT a FROM t WHERE (k = $1", "#"},
    {"postgresql", "SELECT a FROM t WHERE NOT (k, l) = ($1, $2)", "#,#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l) = ($1, $2) OR b", "#,#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l) = ($1, $2) AND m = $3", "#,#,#"},
    {"postgresql", "SELECT a FROM t WHERE m = $3 AND (k, l) = ($1, $2)", "#,#,#"},
    {"postgresql", "SELECT a FROM t WHERE f(k, l) = ($1, $2)", "#,#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l + 1) = ($1, $2)", "#,#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l) = ($1, m)", "#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l) = ($1, $2 + 1)", "#,#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l) = (SELECT $1, $2)", "#,#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l) = ($1, $2, $3)", "#,#,#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l, m) = ($1, $2)", "#,#"},
    {"postgresql", "SELECT a FROM t WHERE (a, b, c, d, e) = ($1, 1, 2, 3, 4)", "#"},
    {"postgresql", "SELECT a FROM t WHERE (k, l) = ($1, $2) IS TRUE", "#,#"},
    {"postgresql", "SELECT EXISTS (SELECT 1 FROM t WHERE k = $1) IS FALSE", "#"},
    {"postgresql", "SELECT EXISTS (SELECT 1 FROM t WHERE k = $1) AND true", "#"},
    {"postgresql", "SELECT EXISTS (SELECT 1 FROM t WHERE k = $1) AS a b", "#"},
    {"postgresql", "SELECT EXISTS (SELECT 1 FROM t WHERE k = $1), a", "#"},
    {"mariadb", "SELECT a FROM t WHERE b || k = ?", "#"},
    {"mariadb", "SELECT a FROM t WHERE k = ? XOR b", "#"},
    {"mariadb", "SELECT a FROM t WHERE k = ? /*! AND b */", "#"},
    {"mariadb", "SELECT a FROM t WHERE k = ? ORDER BY b LIMIT ?, 2", "#,\"x\""},
    {"mariadb", "SELECT a, count(*) FROM t WHERE k = ? GROUP BY a WITH ROLLUP", "#"},
    {"mariadb", "UPDATE t SET b = (SELECT 1) WHERE k = ?", "#"},
    {"mariadb", "DELETE FROM t WHERE k = ? LIMIT 1", "#"},
    {"mariadb", "UPDATE t, u SET u.a = 1 WHERE t.k = ? AND u.k = 3", "#"},
    {"mariadb", "UPDATE t JOIN u USING (k) SET u.a = 1 WHERE t.k = ?", "#"},
    {"mariadb", "DELETE u FROM t, u WHERE t.k = ? AND u.k = 3", "#"},
    {"mariadb", "DELETE FROM u USING t, u WHERE t.k = ? AND u.k = 3", "#"},
    {"postgresql", "DELETE FROM u USING t WHERE t.k = u.k AND t.k = $1", "#"},
    {"sqlite", "UPDATE t SET a = a + ? WHERE k = ?", "\"v#\",#"},
    {"sqlite", "UPDATE t SET k = ? WHERE t.K = ?", "\"v#\",#"},
    {"sqlite", "INSERT INTO t (k) VALUES (?) ON CONFLICT (k) DO UPDATE SET a = ?", "#,\"v#\""},
};

START_TEST(what_is_not_sure_stays_in_words)
{
    const struct refused *it = &refused[_i];

    loop(it->dialect, it->sql, it->params, "");
    ck_assert_msg(!found(it->sql)->is_written_out, "%s became %s", it->sql,
                  found(it->sql)->suggestion);
    ck_assert_ptr_nonnull(found(it->sql)->suggestion);
    release();
}
END_TEST

/* Executions whose lists differ in length, by text or by what is bound. */
static void lists(const char *dialect, const char *shorter, const char *longer, const char *few,
                  const char *many)
{
    FILE *file = begin();

    fprintf(
        file,
        "{\"scope\":\"a\",\"sql\":\"SELECT id FROM parent\",\"dialect\":\"%s\",\"cols\":[\"id\"],"
        "\"rows\":[[101],[102],[103],[104],[105],[106],[9]]}\n",
        dialect);
    for (int i = 0; i < CHILDREN; i++) {
        put_child(file, dialect, i % 2 ? longer : shorter, 101 + i, i % 2 ? many : few, "");
    }
    analyze(file);
}

static const struct listed {
    const char *dialect, *shorter, *longer, *few, *many, *to; /* NULL: it stays in words */
} listed[] = {
    {"sqlite", "SELECT a FROM t WHERE k IN (#)", "SELECT a FROM t WHERE k IN (#, 9)", "", "",
     "SELECT a, k FROM t WHERE k IN (101, 102, 9, 103, 104, 105, 106)"},
    {"mariadb", "SELECT a FROM t WHERE b = 'x' AND k IN (?) ORDER BY c",
     "SELECT a FROM t WHERE b = 'x' AND k IN (?, ?) ORDER BY c", "#", "#,9",
     "SELECT a, k FROM t WHERE b = 'x' AND k IN (? /* , ... */) ORDER BY c"},
    {"postgresql", "SELECT k, a FROM t WHERE k IN ($1, $2)",
     "SELECT k, a FROM t WHERE k IN ($1, $2, $3)", "#,8", "#,9,7",
     "SELECT k, a FROM t WHERE k = ANY ($1)"},
    {"postgresql", "SELECT k, a FROM t WHERE k = ANY ($1)", "SELECT k, a FROM t WHERE k = ANY ($1)",
     "[#]", "[#,9]", "SELECT k, a FROM t WHERE k = ANY ($1)"},
    {"sqlite", "SELECT a FROM t WHERE k IN (#) AND b IN (1)",
     "SELECT a FROM t WHERE k IN (#, 9) AND b IN (1, 2)", "", "", NULL},
    {"sqlite", "SELECT count(*) FROM t WHERE k IN (#)", "SELECT count(*) FROM t WHERE k IN (#, 9)",
     "", "", NULL},
    {"sqlite", "SELECT DISTINCT a FROM t WHERE k IN (#)",
     "SELECT DISTINCT a FROM t WHERE k IN (#, 9)", "", "", NULL},
    {"sqlite", "SELECT a FROM t WHERE k IN (#) LIMIT 5",
     "SELECT a FROM t WHERE k IN (#, 9) LIMIT 5", "", "", NULL},
    {"sqlite", "SELECT a FROM t WHERE b OR k IN (#)", "SELECT a FROM t WHERE b OR k IN (#, 9)", "",
     "", NULL},
};

START_TEST(lists_of_different_lengths_become_one)
{
    const struct listed *it = &listed[_i];

    lists(it->dialect, it->shorter, it->longer, it->few, it->many);
    if (it->to != NULL) {
        ck_assert_str_eq(found(it->shorter)->suggestion, it->to);
    } else {
        ck_assert_msg(!found(it->shorter)->is_written_out, "%s", found(it->shorter)->suggestion);
    }
    release();
}
END_TEST

START_TEST(the_librarys_own_call_stays_beside_it)
{
    loop("sqlite", "SELECT body FROM note WHERE post_id = ?", "#", ",\"pattern\":\"raw\"");
    ck_assert_str_eq(found("raw")->suggestion,
                     "SELECT body, post_id FROM note WHERE post_id IN (? /* , ... */)");
    ck_assert_ptr_nonnull(strstr(found("raw")->call, "rowan_v_list()"));
    release();
    loop("sqlite", "INSERT INTO t (k) VALUES (?)", "#", ",\"pattern\":\"activerecord\"");
    ck_assert_ptr_nonnull(strstr(found("write")->call, "rowan_record_insert_all()"));
    release();
}
END_TEST

/* Whatever the text, planning and writing end, and read nothing that is not theirs. */
START_TEST(any_cut_of_a_statement_is_survived)
{
    for (size_t i = 0; i < sizeof rewritten / sizeof rewritten[0]; i++) {
        char sql[512];
        size_t size = strlen(rewritten[i].sql);
        for (size_t cut = 1; cut < size; cut += 3) {
            snprintf(sql, sizeof sql, "%.*s", (int)cut, rewritten[i].sql);
            loop(rewritten[i].dialect, sql, rewritten[i].params, "");
            release();
            snprintf(sql, sizeof sql, "SELECT %s", rewritten[i].sql + cut);
            loop(rewritten[i].dialect, sql, rewritten[i].params, "");
            release();
        }
    }
}
END_TEST

START_TEST(running_out_of_memory_is_an_error)
{
    const rowan__complaint complaint = {complain, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);

    loop("postgresql", "SELECT a FROM t WHERE k = 'k#' AND b = '#'", "", "");
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
    for (unsigned nth = 1;; nth++) {
        ck_assert_int_eq(rowan__trace_read(&trace, &fault_allocator, path, &complaint, NULL),
                         ROWAN_OK);
        ck_assert_int_eq(rowan__analysis_init(&analysis, &fault_allocator, &rules), ROWAN_OK);
        fault_arm(nth);
        rowan_status status = rowan__analysis_add(&analysis, &trace);
        bool fired = fault_fired();
        fault_arm(0);
        if (!fired) {
            ck_assert_int_eq(status, ROWAN_OK);
            break;
        }
        ck_assert(status == ROWAN_OK ||
                  status == ROWAN_NOMEM); /* the detector makes do with less */
        rowan__analysis_fini(&analysis);
        rowan__trace_fini(&trace);
        ck_assert_uint_eq(fault_out_bytes(), 0);
    }
    ck_assert(found("memory")->is_written_out);
    release();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rewrite");
    TCase *tc = tcase_create("rewrite");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_statement_for_many_values_is_written, 0,
                        (int)(sizeof rewritten / sizeof rewritten[0]));
    tcase_add_loop_test(tc, what_is_not_sure_stays_in_words, 0,
                        (int)(sizeof refused / sizeof refused[0]));
    tcase_add_loop_test(tc, lists_of_different_lengths_become_one, 0,
                        sizeof listed / sizeof listed[0]);
    tcase_add_test(tc, the_librarys_own_call_stays_beside_it);
    tcase_add_test(tc, any_cut_of_a_statement_is_survived);
    tcase_add_test(tc, running_out_of_memory_is_an_error);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
