/*
 * Advice that is tried: on three engines, with rows that differ in number, the rewritten statement
 * has to find what the many found; and where it does not, or cannot be tried, that is said.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/recorded.h"
#include "support/suite.h"

static void report(char *out, size_t size)
{
    const rowan__trace_finding *finding = recorded_only("n_plus_one");
    char line[ROWAN__PROOF_LINE];

    rowan__proof_write(&finding->proof, line, sizeof line);
    snprintf(out, size, "%s: %s\n%s", engine_name(recorded.engine), finding->suggestion, line);
}

static const rowan__proof *expect(const char *kind, rowan__proven state, const char *why)
{
    const rowan__proof *proof = &recorded_only(kind)->proof;

    ck_assert_msg(proof->state == state && (why == NULL || strstr(proof->why, why) != NULL),
                  "%s: %s: %s: %s", engine_name(recorded.engine), recorded_only(kind)->suggestion,
                  rowan__proven_name(proof->state), proof->why != NULL ? proof->why : "");
    return proof;
}

/* --- What is proven. --- */

/* Children of posts, whose one value is the post's key; `action` is that of SQLite and MariaDB. */
static const struct child {
    const char *sql, *action, *on_postgresql;
    uint64_t rows;
} children[] = {
    {"SELECT id, body FROM note WHERE post_id = ?", "batch_in", NULL, 12},
    {"SELECT * FROM note WHERE post_id = ? ORDER BY id", "batch_in", NULL, 12},
    {"SELECT n.*, p.title FROM note n JOIN post p ON p.id = n.post_id WHERE (n.post_id = ?)"
     " AND p.title = 'it''s ?' /* :why ? */",
     "batch_in", NULL, 12},
    {"SELECT body FROM note WHERE post_id = ? AND lang IN ('de', 'fr')", "batch_in", NULL, 6},
    {"SELECT DISTINCT body FROM note WHERE post_id = ?", "batch_in", NULL, 6},
    {"SELECT body, lang FROM note WHERE lang IS NOT NULL AND post_id IN (?)", "batch_in", NULL, 12},
    {"SELECT count(*) FROM note WHERE post_id = ?", "group_by_count", NULL, 6},
    {"SELECT max(rank_no), sum(rank_no) FROM note WHERE post_id = ?", "group_by_count", NULL, 6},
    {"SELECT lang, count(*) FROM note WHERE post_id = ? GROUP BY lang ORDER BY lang", "batch_in",
     NULL, 10},
    {"SELECT 1 FROM note WHERE post_id = ? LIMIT 1", "exists_in", NULL, 6},
    {"SELECT EXISTS (SELECT * FROM note WHERE post_id = ?)", "exists_in", NULL, 6},
    {"SELECT body FROM note WHERE post_id = ? ORDER BY rank_no DESC LIMIT 1", "window",
     "distinct_on", 6},
    {"SELECT id, rank_no FROM note WHERE post_id = ? ORDER BY rank_no LIMIT 2", "window", "lateral",
     10},
    {"SELECT title FROM post WHERE id = ? LIMIT 1", "select_column", NULL, 8},
    {"SELECT title, rank_no FROM post WHERE id = ?", "select_column", NULL, 8},
};

enum { CHILDREN = sizeof children / sizeof children[0] };

START_TEST(one_statement_finds_the_rows_of_many)
{
    const struct child *child = &children[_i % CHILDREN];
    const rowan__trace_finding *finding;
    const rowan__proof *proof;
    char text[2048];

    recorded_begin(_i / CHILDREN, true);
    recorded_posts();
    recorded_each(child->sql);
    recorded_analyze();
    recorded_verify(0);
    report(text, sizeof text);
    finding = recorded_only("n_plus_one");
    ck_assert_str_eq(rowan__action_name(finding->action),
                     engine_is(recorded.engine, "postgresql") && child->on_postgresql != NULL
                         ? child->on_postgresql
                         : child->action);
    proof = expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_msg(proof->rows == child->rows, "%s", text);
    ck_assert_uint_eq(proof->before, RECORDED_POSTS);
    ck_assert_uint_eq(proof->after, 1);
    ck_assert_int_gt(proof->before_ns, 0);
    ck_assert_int_gt(proof->after_ns, 0);
    ck_assert_int_eq(proof->is_in_process, engine_is(recorded.engine, "sqlite"));
    recorded_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *tc = tcase_create("verify");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, one_statement_finds_the_rows_of_many, 0, engines * CHILDREN);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
