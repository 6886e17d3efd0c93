/*
 * Columns that nobody read, over the scopes of a trace and over several traces: what is read once
 * is read, and what is found is found once.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/analysis.h"
#include "support/fault.h"
#include "support/suite.h"

enum { MOST_TRACES = 3, MOST_LINES = 4 };

static char paths[MOST_TRACES][64];
static rowan__trace traces[MOST_TRACES];
static rowan__analysis analysis;

static void write_trace(char path[64], const char *const *lines)
{
    strcpy(path, "/tmp/rowan-unread-XXXXXX");
    FILE *file = fdopen(mkstemp(path), "w");

    for (size_t i = 0; i < MOST_LINES && lines[i] != NULL; i++) {
        fprintf(file, "{\"dialect\":\"postgresql\",\"rows\":null,\"t_us\":1000,%s}\n", lines[i]);
    }
    fclose(file);
}

/* The traces one after another, each of some lines. @return what reading or adding them says */
static rowan_status analyze(const char *const lines[MOST_TRACES][MOST_LINES], size_t count)
{
    const rowan__rules rules = rowan__rules_of(NULL);
    rowan_status status = rowan__analysis_init(&analysis, &fault_allocator, &rules);

    memset(traces, 0, sizeof traces);
    for (size_t i = 0; i < count && status == ROWAN_OK; i++) {
        write_trace(paths[i], lines[i]);
        status = rowan__trace_read(&traces[i], &fault_allocator, paths[i], NULL, NULL);
        if (status == ROWAN_OK) {
            ck_assert_uint_eq(traces[i].lines_refused, 0);
            status = rowan__analysis_add(&analysis, &traces[i]);
        }
        unlink(paths[i]);
    }
    return status;
}

static void end(size_t count)
{
    rowan__analysis_fini(&analysis);
    for (size_t i = 0; i < count; i++) {
        rowan__trace_fini(&traces[i]);
    }
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

#define SQL "\"sql\":\"SELECT a, b, c FROM t\",\"cols\":[\"a\",\"b\",\"c\"],"
#define IN(scope, rest) "\"scope\":\"" scope "\"," SQL rest

static const struct {
    const char *what;
    const char *lines[MOST_TRACES][MOST_LINES];
    const char *evidence; /* of the one finding; NULL: there is none */
    size_t trace;         /* whose it is */
    size_t seqs;
} cases[] = {
    {"one scope",
     {{IN("one", "\"nrows\":9,\"read\":[0]"), IN("one", "\"nrows\":9,\"read\":[1]")}},
     "2 of 3 columns were read in 18 rows: never c",
     0,
     2},
    {"scopes that read alike are one finding",
     {{IN("one", "\"nrows\":9,\"read\":[0]"), IN("two", "\"nrows\":5,\"read\":[0]"),
       IN("three", "\"nrows\":7,\"read\":[0]")}},
     "1 of 3 columns were read in 21 rows: never b, c",
     0,
     3},
    {"what another scope reads, in however few rows, is read",
     {{IN("one", "\"nrows\":9,\"read\":[0]"), IN("two", "\"nrows\":1,\"read\":[0,2]")}},
     "2 of 3 columns were read in 10 rows: never b",
     0,
     1},
    {"all of it somewhere",
     {{IN("one", "\"nrows\":9,\"read\":[0]"), IN("two", "\"nrows\":9,\"read\":[1]"),
       IN("three", "\"nrows\":1,\"read\":[2]")}},
     NULL,
     0,
     0},
    {"an execution of which it is not known",
     {{IN("one", "\"nrows\":9,\"read\":[0]"), IN("two", "\"nrows\":9")}},
     NULL,
     0,
     0},
    {"one that failed, and one that never reached the server, say nothing",
     {{IN("one", "\"nrows\":9,\"read\":[0]"), IN("two", "\"nrows\":0,\"err\":\"57014\""),
       IN("three", "\"nrows\":9,\"cached\":true")}},
     "1 of 3 columns were read in 9 rows: never b, c",
     0,
     1},
    {"another run reads more",
     {{IN("one", "\"nrows\":9,\"read\":[0]")}, {IN("one", "\"nrows\":2,\"read\":[0,1]")}},
     "2 of 3 columns were read in 11 rows: never c",
     0,
     1},
    {"another run reads all",
     {{IN("one", "\"nrows\":9,\"read\":[0]")}, {IN("one", "\"nrows\":2,\"read\":[0,1,2]")}},
     NULL,
     0,
     0},
    {"an earlier run read it",
     {{IN("one", "\"nrows\":2,\"read\":[0,1]")}, {IN("one", "\"nrows\":30,\"read\":[0]")}},
     "2 of 3 columns were read in 32 rows: never c",
     1,
     1},
    {"the third run read the rest",
     {{IN("one", "\"nrows\":9,\"read\":[0]")},
      {IN("one", "\"nrows\":9,\"read\":[1]")},
      {IN("one", "\"nrows\":1,\"read\":[2]")}},
     NULL,
     0,
     0},
    {"a statement like it is another one",
     {{IN("one", "\"nrows\":9,\"read\":[0]"),
       "\"scope\":\"two\",\"sql\":\"SELECT a, b, c FROM u\",\"cols\":[\"a\",\"b\",\"c\"],"
       "\"nrows\":9,\"read\":[0,1,2]"}},
     "1 of 3 columns were read in 9 rows: never b, c",
     0,
     1},
    {"of a result whose columns have changed nothing is known",
     {{"\"scope\":\"one\",\"sql\":\"SELECT * FROM t\",\"cols\":[\"a\",\"b\"],\"nrows\":9,"
       "\"read\":[0]",
       "\"scope\":\"one\",\"sql\":\"SELECT * FROM t\",\"cols\":[\"a\",\"x\",\"b\"],\"nrows\":9,"
       "\"read\":[0]"}},
     NULL,
     0,
     0},
};

enum { CASES = sizeof cases / sizeof cases[0] };

static size_t traces_of(size_t which)
{
    size_t count = 0;

    while (count < MOST_TRACES && cases[which].lines[count][0] != NULL) {
        count++;
    }
    return count;
}

START_TEST(a_column_is_unread_if_no_scope_and_no_run_reads_it)
{
    size_t count = traces_of((size_t)_i);
    const rowan__trace_finding *finding = &analysis.at[0];

    ck_assert_int_eq(analyze(cases[_i].lines, count), ROWAN_OK);
    ck_assert_msg(analysis.count == (cases[_i].evidence != NULL), "%s: %zu", cases[_i].what,
                  analysis.count);
    if (analysis.count > 0) {
        finding = &analysis.at[0];
        ck_assert_str_eq(finding->kind, "unread_columns");
        ck_assert(!finding->is_confirmed);
        ck_assert_str_eq(finding->evidence, cases[_i].evidence);
        ck_assert_ptr_eq(finding->trace, &traces[cases[_i].trace]);
        ck_assert_uint_eq(finding->seq_count, cases[_i].seqs);
        ck_assert_uint_eq(finding->count, cases[_i].seqs);
        ck_assert_int_eq(finding->total_ns, (int64_t)cases[_i].seqs * 1000000);
        for (size_t i = 0; i < finding->seq_count; i++) {
            ck_assert_uint_eq(finding->seqs[i], i + 1);
        }
    }
    end(count);
}
END_TEST

START_TEST(what_another_run_reads_leaves_other_findings_alone)
{
    static const char *const lines[MOST_TRACES][MOST_LINES] = {
        {IN("one", "\"nrows\":9,\"read\":[0]"),
         "\"scope\":\"two\",\"sql\":\"SELECT x, y FROM u\",\"cols\":[\"x\",\"y\"],\"nrows\":500,"
         "\"rows_read\":7,\"read\":[1]"},
        {IN("one", "\"nrows\":9,\"read\":[0,1,2]")},
    };

    ck_assert_int_eq(analyze(lines, 2), ROWAN_OK);
    ck_assert_uint_eq(analysis.count, 2);
    ck_assert_str_eq(analysis.at[0].kind, "unread_rows"); /* columns are ranked last */
    ck_assert_str_eq(analysis.at[1].kind, "unread_columns");
    ck_assert_str_eq(analysis.at[1].evidence, "1 of 2 columns were read in 7 rows: never x");
    ck_assert_str_eq(analysis.at[1].suggestion, "name in the select list what is read: y; and of x "
                                                "what rows unlike these need");
    end(2);
}
END_TEST

/* What a watch has no memory for is dropped; what is said all the same is as true as ever. */
START_TEST(memory_may_run_out_at_any_time)
{
    const char *evidence = cases[_i].evidence != NULL ? cases[_i].evidence : "none";
    size_t count = traces_of((size_t)_i), refused = 0;
    bool fired = true;

    for (unsigned nth = 1; fired; nth++) {
        fault_arm(nth);
        rowan_status status = analyze(cases[_i].lines, count);
        fired = fault_fired();
        fault_arm(0);
        ck_assert(status == ROWAN_OK || (fired && status == ROWAN_NOMEM));
        for (size_t i = 0; status == ROWAN_OK && i < analysis.count; i++) {
            ck_assert_str_eq(analysis.at[i].evidence, evidence);
        }
        refused += status == ROWAN_NOMEM;
        end(count);
    }
    ck_assert_uint_gt(refused, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_unread");
    TCase *tc = tcase_create("report_unread");

    tcase_add_loop_test(tc, a_column_is_unread_if_no_scope_and_no_run_reads_it, 0, CASES);
    tcase_add_test(tc, what_another_run_reads_leaves_other_findings_alone);
    tcase_add_loop_test(tc, memory_may_run_out_at_any_time, 0, CASES);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
