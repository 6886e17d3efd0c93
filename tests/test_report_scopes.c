/* Which statements of a trace belong together, and what is known of values that a recorder erased.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/analysis.h"
#include "support/fault.h"
#include "support/suite.h"

enum { MOST = 8 };

/* --- Scopes. --- */

typedef struct line {
    const char *sql;
    int start_ms, took_ms;
    const char *connection, *scope, *database, *thread;
} line;

#define TRACE(id) "/*traceparent='00-" id "-00f067aa0ba902b7-01'*/"
#define ONE TRACE("4bf92f3577b34da6a3ce929d0e0e4736")
#define TWO TRACE("5bf92f3577b34da6a3ce929d0e0e4736")

/* In the order of their times; which of them share a scope is told by letters. */
static const struct {
    const char *what, *together;
    line lines[MOST];
} cases[] = {
    {"what a connection does in one go",
     "aaa",
     {{"A", 0, .took_ms = 1}, {"B", 1, .took_ms = 1}, {"C", 3000, .took_ms = 1}}},
    {"three seconds without a statement are no end, more are",
     "aab",
     {{"A", 0, .took_ms = 0}, {"B", 3000, .took_ms = 0}, {"C", 6001, .took_ms = 0}}},
    {"a statement that runs is not idle",
     "aaa",
     {{"A", 0, .took_ms = 60000}, {"B", 62999, .took_ms = 1}, {"C", 65999, .took_ms = 1}}},
    {"one within another ends before it",
     "aaa",
     {{"A", 0, .took_ms = 60000}, {"B", 10, .took_ms = 1}, {"C", 62000, .took_ms = 1}}},
    {"each further pause is another end",
     "abc",
     {{"A", 0, .took_ms = 1}, {"B", 9000, .took_ms = 1}, {"C", 18000, .took_ms = 1}}},
    {"the first statement may come late",
     "aa",
     {{"A", 90000, .took_ms = 1}, {"B", 90001, .took_ms = 1}}},
    {"connections",
     "abab",
     {{"A", 0, .took_ms = 1, "1"},
      {"A", 1, .took_ms = 1, "2"},
      {"A", 2, .took_ms = 1, "1"},
      {"A", 3, .took_ms = 1, "2"}}},
    {"threads of one connection",
     "abab",
     {{"A", 0, .took_ms = 1, "1", .thread = "x"},
      {"A", 1, .took_ms = 1, "1", .thread = "y"},
      {"A", 2, .took_ms = 1, "1", .thread = "x"},
      {"A", 3, .took_ms = 1, "1", .thread = "y"}}},
    {"connections are idle each for itself",
     "abac",
     {{"A", 0, .took_ms = 1, "1"},
      {"A", 1, .took_ms = 1, "2"},
      {"A", 2900, .took_ms = 1, "1"},
      {"A", 5000, .took_ms = 1, "2"}}},
    {"databases",
     "abab",
     {{"A", 0, .took_ms = 1, .database = "x"},
      {"A", 1, .took_ms = 1, .database = "y"},
      {"A", 2, .took_ms = 1, .database = "x"},
      {"A", 3, .took_ms = 1, .database = "y"}}},
    {"what the recorder says goes across connections and pauses",
     "aaba",
     {{"A", 0, .took_ms = 1, "1", "r"},
      {"A", 1, .took_ms = 1, "2", "r"},
      {"A", 2, .took_ms = 1, "2", "s"},
      {"A", 9000, .took_ms = 1, "3", "r"}}},
    {"but not across databases",
     "ab",
     {{"A", 0, .took_ms = 1, "1", "r", "x"}, {"A", 1, .took_ms = 1, "1", "r", "y"}}},
    {"a trace's id goes across connections and pauses",
     "aaba",
     {{"A " ONE, 0, .took_ms = 1, "1"},
      {"B " ONE, 1, .took_ms = 1, "2"},
      {"C " TWO, 2, .took_ms = 1, "1"},
      {"A " ONE, 9000, .took_ms = 1, "3"}}},
    {"the recorder knows better than a comment",
     "aab",
     {{"A " ONE, 0, .took_ms = 1, "1", "r"},
      {"A " TWO, 1, .took_ms = 1, "1", "r"},
      {"A " ONE, 2, .took_ms = 1, "1", "s"}}},
    {"a comment behind BEGIN is of all until COMMIT",
     "aaab",
     {{"BEGIN " ONE, 0, .took_ms = 1},
      {"A", 1, .took_ms = 1},
      {"COMMIT", 2, .took_ms = 1},
      {"A", 3, .took_ms = 1}}},
    {"or until ROLLBACK, but not until one to a savepoint",
     "aaaaab",
     {{"start transaction " ONE, 0, .took_ms = 1},
      {"A", 1, .took_ms = 1},
      {"ROLLBACK TO a", 2, .took_ms = 1},
      {"A", 3, .took_ms = 1},
      {"Rollback", 4, .took_ms = 1},
      {"A", 5, .took_ms = 1}}},
    {"or until END",
     "aab",
     {{"begin " ONE, 0, .took_ms = 1}, {"END", 1, .took_ms = 1}, {"A", 2, .took_ms = 1}}},
    {"a statement's own comment is nearer",
     "abac",
     {{"BEGIN " ONE, 0, .took_ms = 1},
      {"A " TWO, 1, .took_ms = 1},
      {"commit", 2, .took_ms = 1},
      {"A", 3, .took_ms = 1}}},
    {"the comment of one BEGIN is not that of the next",
     "ab",
     {{"BEGIN " ONE, 0, .took_ms = 1}, {"BEGIN", 1, .took_ms = 1}}},
    {"a transaction is of its connection",
     "aba",
     {{"BEGIN " ONE, 0, .took_ms = 1, "1"},
      {"A", 1, .took_ms = 1, "2"},
      {"A", 2, .took_ms = 1, "1"}}},
    {"a schema that is chosen is another world, and again the same",
     "abcb",
     {{"USE x", 0, .took_ms = 1, .scope = "r"},
      {"use y", 1, .took_ms = 1, .scope = "r"},
      {"USE x", 2, .took_ms = 1, .scope = "r"},
      {"A", 3, .took_ms = 1, .scope = "r"}}},
    {"behind comments and white space, too",
     "abc",
     {{" \t/* a */\n /*b*/SET ROLE anna", 0, .took_ms = 1, .scope = "r"},
      {"/* c */ set schema 'x'", 1, .took_ms = 1, .scope = "r"},
      {"A", 2, .took_ms = 1, .scope = "r"}}},
    {"what is chosen is forgotten by RESET ALL",
     "aba",
     {{"SET SESSION search_path TO x", 0, .took_ms = 1, .scope = "r"},
      {"RESET ALL", 1, .took_ms = 1, .scope = "r"},
      {"A", 2, .took_ms = 1, .scope = "r"}}},
    {"by RESET of it",
     "aba",
     {{"SET search_path TO x", 0, .took_ms = 1, .scope = "r"},
      {"reset search_path", 1, .took_ms = 1, .scope = "r"},
      {"A", 2, .took_ms = 1, .scope = "r"}}},
    {"and by DISCARD ALL, which ends what the connection did",
     "abcd",
     {{"SET LOCAL search_path TO x", 0, .took_ms = 1},
      {"DISCARD ALL", 1, .took_ms = 1},
      {"A", 2, .took_ms = 1},
      {"A", 9000, .took_ms = 1}}},
    {"other settings change nothing",
     "aaa",
     {{"SET statement_timeout = 5", 0, .took_ms = 1},
      {"RESET statement_timeout", 1, .took_ms = 1},
      {"A", 2, .took_ms = 1}}},
    {"what only begins like it changes nothing",
     "aaa",
     {{"USER x", 0, .took_ms = 1, .scope = "r"},
      {"SELECT 'set_config'", 1, .took_ms = 1, .scope = "r"},
      {"A", 2, .took_ms = 1, .scope = "r"}}},
    {"a comment that does not end is no comment",
     "aa",
     {{"/* USE x", 0, .took_ms = 1, .scope = "r"}, {"A", 1, .took_ms = 1, .scope = "r"}}},
};

enum { CASES = sizeof cases / sizeof cases[0] };

/* The letters of scopes, in the order in which statements began. */
static void name_scopes(const rowan__placed *placed, size_t count, char *out)
{
    uint64_t scopes[MOST];
    size_t known = 0;

    for (size_t order = 0; order < count; order++) {
        size_t at = 0, k = 0;
        while (placed[at].order != order) {
            at++;
        }
        while (k < known && scopes[k] != placed[at].scope) {
            k++;
        }
        known += k == known;
        scopes[k] = placed[at].scope;
        out[order] = (char)('a' + k);
    }
    out[count] = '\0';
}

/* Lines stand in a file in any order: from the last to the first, or the other way. */
static size_t make_trace(const line *lines, rowan__traced *traced, bool is_backwards)
{
    size_t count = 0;

    while (count < MOST && lines[count].sql != NULL) {
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        const line *from = &lines[is_backwards ? count - 1 - i : i];
        traced[i] = (rowan__traced){.line = i + 1,
                                    .seq = i + 1,
                                    .sql = from->sql,
                                    .sql_size = strlen(from->sql),
                                    .dialect = "postgresql",
                                    .connection = from->connection,
                                    .thread = from->thread,
                                    .scope = from->scope,
                                    .database = from->database,
                                    .start_ns = from->start_ms * (int64_t)1000000,
                                    .elapsed_ns = from->took_ms * (int64_t)1000000};
    }
    return count;
}

START_TEST(statements_are_together_by_what_is_known_of_them)
{
    for (int backwards = 0; backwards < 2; backwards++) {
        rowan__traced traced[MOST];
        rowan__placed placed[MOST];
        rowan__trace trace = {.at = traced};
        char together[MOST + 1];

        trace.count = make_trace(cases[_i].lines, traced, backwards != 0);
        ck_assert_int_eq(rowan__scopes_find(&trace, &fault_allocator, placed), ROWAN_OK);
        name_scopes(placed, trace.count, together);
        ck_assert_msg(strcmp(together, cases[_i].together) == 0, "%s: %s", cases[_i].what,
                      together);
        for (size_t i = 1; i < trace.count; i++) { /* each scope at a stretch, from its first on */
            ck_assert(placed[i].scope > placed[i - 1].scope ||
                      placed[i].order > placed[i - 1].order);
        }
        ck_assert_uint_eq(fault_out_bytes(), 0);
    }
}
END_TEST

START_TEST(statements_of_one_time_are_in_the_order_of_their_numbers)
{
    rowan__traced traced[] = {{.seq = 7, .line = 1, .sql = "A"},
                              {.seq = 3, .line = 2, .sql = "A"},
                              {.seq = 3, .line = 9, .sql = "A"},
                              {.seq = 5, .line = 3, .sql = "A"}};
    static const size_t expected[] = {1, 2, 3, 0};
    rowan__trace trace = {.at = traced, .count = 4};
    rowan__placed placed[4];

    ck_assert_int_eq(rowan__scopes_find(&trace, &fault_allocator, placed), ROWAN_OK);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_ptr_eq(placed[i].statement, &traced[expected[i]]);
    }
}
END_TEST

START_TEST(a_connection_without_memory_is_an_error)
{
    rowan__traced traced[] = {{.sql = "A"}};
    rowan__trace trace = {.at = traced, .count = 1};
    rowan__placed placed[1];

    fault_arm(1);
    ck_assert_int_eq(rowan__scopes_find(&trace, &fault_allocator, placed), ROWAN_NOMEM);
    fault_arm(0);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

/* --- Erased values. --- */

/* A result of one row: values from 1 on. */
static const struct {
    const char *sql;
    const char *columns[3];
    int64_t values[4]; /* that the parameters get: of a column; -1: one that is made up */
    size_t count;
} erased[] = {
    {"SELECT a FROM t WHERE b = $1", {"a", "b"}, {2}, 1},
    {"SELECT a FROM t WHERE B = $1", {"A", "b"}, {2}, 1},
    {"SELECT a FROM t WHERE b = $1", {"a", "B"}, {2}, 1},
    {"SELECT a FROM t WHERE Az_Z = $1", {"a", "aZ_z"}, {2}, 1},
    {"SELECT a FROM t WHERE b = $1", {"bb", "a"}, {-1}, 1},
    {"SELECT a FROM t WHERE b@ = $1", {"b`", "a"}, {-1}, 1},
    {"SELECT a FROM t WHERE b > $1", {"a", "b"}, {-1}, 1},
    {"SELECT a FROM t WHERE b = $1 AND c = $2", {"a", "b", "c"}, {2, 3}, 2},
    {"SELECT a FROM t WHERE b = $2 AND c = $1", {"a", "b", "c"}, {3, 2}, 2},
    {"SELECT a FROM t WHERE b = 7 AND c = $1", {"a", "b", "c"}, {3}, 1},
    {"SELECT a FROM t WHERE c = $3", {"a", "b", "c"}, {-1, -1, 3}, 3},
    {"SELECT a FROM t LIMIT $1", {"a"}, {-1}, 1},
    {"SELECT a FROM t WHERE b = 7", {"a", "b"}, {0}, 0},
};

enum { ERASED = sizeof erased / sizeof erased[0] };

static rowan__traced recover(rowan__arena *arena, size_t which, uint64_t seq, int64_t first)
{
    static rowan_value row[3];
    rowan__traced statement = {.seq = seq,
                               .sql = erased[which].sql,
                               .sql_size = strlen(erased[which].sql),
                               .dialect = "postgresql",
                               .columns = erased[which].columns,
                               .rows = row,
                               .row_count = first != 0};

    for (size_t c = 0; c < 3 && erased[which].columns[c] != NULL; c++) {
        row[c] = rowan_v_int64(first + (int64_t)c);
        statement.column_count++;
    }
    ck_assert_int_eq(rowan__values_recover(arena, &statement), ROWAN_OK);
    ck_assert_uint_eq(statement.param_count, erased[which].count);
    return statement;
}

static bool is_made_up(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_BLOB && value->as.bytes.size == sizeof(uint64_t);
}

static bool same_blob(const rowan_value *a, const rowan_value *b)
{
    return memcmp(a->as.bytes.data, b->as.bytes.data, sizeof(uint64_t)) == 0;
}

START_TEST(an_erased_value_is_that_of_the_column_it_is_compared_with)
{
    rowan__arena arena;

    rowan__arena_init(&arena, &fault_allocator);
    rowan__traced statement = recover(&arena, (size_t)_i, 9, 1);
    rowan__traced same = recover(&arena, (size_t)_i, 10, 1);
    rowan__traced other = recover(&arena, (size_t)_i, 9, 5);
    rowan__traced without = recover(&arena, (size_t)_i, 9, 0);
    rowan__traced further = recover(&arena, (size_t)_i, 10, 0);
    for (size_t i = 0; i < statement.param_count; i++) {
        const rowan_value *value = &statement.params[i];
        if (erased[_i].values[i] < 0) { /* equal rows are of equal values, without rows none are */
            ck_assert_msg(is_made_up(value), "%s", erased[_i].sql);
            ck_assert(same_blob(value, &same.params[i]));
            ck_assert(!same_blob(value, &other.params[i]));
        } else {
            ck_assert_msg(value->type == ROWAN_TYPE_INT64, "%s", erased[_i].sql);
            ck_assert_int_eq(value->as.integer, erased[_i].values[i]);
        }
        ck_assert(is_made_up(&without.params[i]));
        ck_assert(!same_blob(&without.params[i], &further.params[i]));
    }
    rowan__arena_fini(&arena);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

START_TEST(values_that_are_there_are_left_alone_and_memory_may_run_out)
{
    rowan_value given = rowan_v_int64(77);
    rowan__traced statement = {.sql = "SELECT a FROM t WHERE b = $1 AND c = $2",
                               .sql_size = 39,
                               .dialect = "postgresql",
                               .params = &given,
                               .param_count = 1};
    rowan__arena arena;

    rowan__arena_init(&arena, &fault_allocator);
    ck_assert_int_eq(rowan__values_recover(&arena, &statement), ROWAN_OK);
    ck_assert_ptr_eq(statement.params, &given);
    ck_assert_uint_eq(statement.param_count, 1);
    statement.param_count = 0;
    fault_arm(1);
    ck_assert_int_eq(rowan__values_recover(&arena, &statement), ROWAN_NOMEM);
    fault_arm(0);
    ck_assert_uint_eq(statement.param_count, 0);
    rowan__arena_fini(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_scopes");
    TCase *tc = tcase_create("report_scopes");

    tcase_add_loop_test(tc, statements_are_together_by_what_is_known_of_them, 0, CASES);
    tcase_add_test(tc, statements_of_one_time_are_in_the_order_of_their_numbers);
    tcase_add_test(tc, a_connection_without_memory_is_an_error);
    tcase_add_loop_test(tc, an_erased_value_is_that_of_the_column_it_is_compared_with, 0, ERASED);
    tcase_add_test(tc, values_that_are_there_are_left_alone_and_memory_may_run_out);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
