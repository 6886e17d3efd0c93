/*
 * The parts of the benchmark that reach no database: what is asked for, what is to be done, what
 * the figures are held against, and how they are told.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bench/budget.h"
#include "../bench/figures.h"
#include "../bench/goals.h"
#include "../bench/options.h"
#include "../bench/sum.h"
#include "support/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- Contestants that do nothing. --- */

static const bench_contestant best_sqlite = {.name = "best", .engine = "sqlite"},
                              best_mariadb = {.name = "best", .engine = "mariadb"},
                              typical = {.name = "typical", .engine = "sqlite"},
                              raw = {.name = "raw"}, mapper = {.name = "data mapper"};
const bench_contestant *const bench_contestants[] = {&best_sqlite, &best_mariadb, &typical,
                                                     &raw,         &mapper,       NULL};

/* Sends what is printed to nowhere. @return what loud() takes */
static int quiet(FILE *stream)
{
    fflush(stream);
    int kept = dup(fileno(stream));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stream));
    return kept;
}

static void loud(FILE *stream, int kept)
{
    fflush(stream);
    dup2(kept, fileno(stream));
    close(kept);
}

/* --- Figures. --- */

static const struct {
    double value;
    const char *text;
} times[] = {
    {0, ""},
    {-1, ""},
    {0.5, "0.50 ns"},
    {9.994, "9.99 ns"},
    {9.995, "10.0 ns"},
    {99.94, "99.9 ns"},
    {99.95, "100 ns"},
    {999.4, "999 ns"},
    {999.5, "1.00 µs"},
    {1234, "1.23 µs"},
    {999400, "999 µs"},
    {999500, "1.00 ms"},
    {12.3e6, "12.3 ms"},
    {999.5e6, "1.00 s"},
    {1e9, "1.00 s"},
    {123.4e9, "123 s"},
};
static const struct {
    double value;
    const char *text;
} counts[] = {
    {0, ""},
    {1, "1"},
    {999, "999"},
    {999.6, "1,000"},
    {1000, "1,000"},
    {1099, "1,099"},
    {12345, "12,345"},
    {999499, "999,499"},
    {999500, "1.00 M"},
    {1234567, "1.23 M"},
    {99.96e6, "100 M"},
    {12.34e6, "12.3 M"},
};
static const struct {
    double value;
    const char *text;
} memories[] = {
    {0, "0 KiB"},
    {1024, "1 KiB"},
    {1536, "2 KiB"},
    {1024 * 1000, "1000 KiB"},
    {1024 * 1024, "1.00 MiB"},
    {1.5 * 1024 * 1024, "1.50 MiB"},
};

START_TEST(figures_have_three_digits_that_count)
{
    char text[BENCH_FIGURE];

    for (size_t i = 0; i < COUNT(times); i++) {
        ck_assert_str_eq(bench_time_text(times[i].value, text), times[i].text);
    }
    for (size_t i = 0; i < COUNT(counts); i++) {
        ck_assert_str_eq(bench_count_text(counts[i].value, text), counts[i].text);
    }
    for (size_t i = 0; i < COUNT(memories); i++) {
        ck_assert_str_eq(bench_memory_text(memories[i].value, text), memories[i].text);
    }
}
END_TEST

/* --- What is asked for. --- */

static bench_options options;

/* Reads a line of options, split at blanks; '+' stands for a blank inside of one. */
static bench_options_verdict ask(const char *line)
{
    static char copy[400];
    char *arguments[20] = {(char *)(uintptr_t) "bench"}, *rest = copy;
    int count = 1;

    snprintf(copy, sizeof copy, "%s", line);
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
        for (char *c = word; *c != '\0'; c++) {
            *c = *c == '+' ? ' ' : *c;
        }
        arguments[count++] = word;
    }
    return bench_options_read(&options, count, arguments);
}

START_TEST(everything_is_done_unless_told_otherwise)
{
    bench_lines all;

    for (int quick = 0; quick < 2; quick++) {
        ck_assert_int_eq(ask(quick ? "--quick" : ""), BENCH_GO_ON);
        bench_lines_all(&all, quick != 0);
        ck_assert_uint_eq(options.lines.count, all.count);
        for (size_t i = 0; i < all.count; i++) {
            ck_assert_int_eq(options.lines.at[i].work, all.at[i].work);
            ck_assert_uint_eq(options.lines.at[i].n, all.at[i].n);
        }
        ck_assert(options.has_start && options.has_detector);
        ck_assert_uint_eq(options.rounds, quick ? 5 : 15);
        ck_assert_int_eq(options.cpu, -1);
        ck_assert(options.engines == NULL && options.contestants == NULL && options.json == NULL);
    }
    ck_assert_int_eq(ask("--quick --rounds 101 --cpu 0"), BENCH_GO_ON);
    ck_assert_uint_eq(options.rounds, 101);
    ck_assert_int_eq(options.cpu, 0);
}
END_TEST

static const struct {
    const char *line;
    const char *lines; /* keys and sizes, each with a blank behind */
    bool start, detector;
} works[] = {
    {"--work W3", "W3:1 ", false, false},
    {"--work W8", "", true, false},
    {"--work detector,W8", "", true, true},
    {"--work W4", "W4:1 W4:10 W4:25 W4:50 W4:100 ", false, false},
    {"--quick --work W4", "W4:1 W4:10 W4:100 ", false, false},
    {"--work W4 --quick", "W4:1 W4:10 W4:100 ", false, false}, /* in whatever order */
    {"--work W4:7,W3f,W6:20", "W4:7 W3f:1 W6:20 ", false, false},
    {"--work W1:10000,W9:1000000,W5e:100", "W1:10000 W9:1000000 W5e:100 ", false, false},
};

START_TEST(works_are_taken_by_key_and_size)
{
    char got[200] = "", one[40];

    ck_assert_int_eq(ask(works[_i].line), BENCH_GO_ON);
    for (size_t i = 0; i < options.lines.count; i++) {
        snprintf(one, sizeof one, "%s:%zu ", bench_work_key(options.lines.at[i].work),
                 options.lines.at[i].n);
        strncat(got, one, sizeof got - strlen(got) - 1);
    }
    ck_assert_str_eq(got, works[_i].lines);
    ck_assert_int_eq(options.has_start, works[_i].start);
    ck_assert_int_eq(options.has_detector, works[_i].detector);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    static const char *const lines[] = {
        "--engine oracle",   "--engine sqlite,",  "--engine sqlit",
        "--work W12",        "--work W3,W12",     "--work W6:21",
        "--work W6:0",       "--work W4:",        "--work W4:many",
        "--work W3f:2",      "--work W5l:99",     "--work W4:1000001",
        "--contestant orm",  "--contestant raw,", "--rounds 0",
        "--rounds 102",      "--rounds 5x",       "--cpu -1",
        "--cpu 1024",        "--bogus",           "W1",
        "--contestant data", "--work w1",         "--json",
    };
    static const bool is_fine[COUNT(lines)] = {[1] = true, [13] = true}; /* an end is no name */

    int kept = quiet(stderr);
    for (size_t i = 0; i < COUNT(lines); i++) {
        ck_assert_msg(ask(lines[i]) == (is_fine[i] ? BENCH_GO_ON : BENCH_REFUSED), "%s", lines[i]);
    }
    loud(stderr, kept);
}
END_TEST

START_TEST(the_floors_run_whoever_else_does)
{
    bench_table table = {.contestants = bench_contestants};

    ck_assert_int_eq(ask("--contestant data+mapper"), BENCH_GO_ON);
    ck_assert_str_eq(options.contestants, "typical,best,data mapper");
    bench_table_columns(&table, options.contestants);
    ck_assert_uint_eq(table.column_count, 3); /* in the order of the contestants, each once */
    ck_assert_str_eq(table.columns[0], "best");
    ck_assert_str_eq(table.columns[1], "typical");
    ck_assert_str_eq(table.columns[2], "data mapper");
    ck_assert_ptr_eq(bench_table_contestant(&table, 0, "mariadb"), &best_mariadb);
    ck_assert_ptr_eq(bench_table_contestant(&table, 0, "sqlite"), &best_sqlite);
    ck_assert_ptr_null(bench_table_contestant(&table, 0, "postgresql"));
    ck_assert_ptr_eq(bench_table_contestant(&table, 2, "postgresql"), &mapper);
    ck_assert_uint_eq(bench_table_column(&table, "raw"), 3);
    bench_table_columns(&table, NULL);
    ck_assert_uint_eq(table.column_count, 4);
}
END_TEST

START_TEST(a_list_has_whole_names)
{
    ck_assert(bench_list_has(NULL, "any"));
    ck_assert(!bench_list_has("", "any"));
    ck_assert(bench_list_has("a,query builder,c", "query builder"));
    ck_assert(bench_list_has("a,b", "b") && bench_list_has("a,b", "a"));
    ck_assert(!bench_list_has("ab,bc", "b") && !bench_list_has("a", "ab"));
}
END_TEST

/* --- What is to be done. --- */

START_TEST(every_task_lies_within_its_inputs)
{
    bench_inputs inputs;

    ck_assert(bench_inputs_init(&inputs, 100));
    for (bench_work work = 0; work < BENCH_WORK_COUNT; work++) {
        size_t most = bench_work_most(work);
        ck_assert_uint_ge(bench_work_least(work), 1);
        ck_assert_uint_le(bench_work_least(work), most);
        for (size_t run = 0; run < 25000; run += 7) {
            bench_task task = bench_task_of(&inputs, (bench_line){work, most}, run);
            bool changes = work == BENCH_UPDATE;
            size_t used = changes ? most : 1;
            bool fits = task.keys >= inputs.keys && task.keys + used <= inputs.keys + 10000 &&
                        (!changes ||
                         (task.names >= inputs.names && task.names + used <= inputs.names + 4000));
            if (!fits || task.n != most) {
                ck_abort_msg("%s, run %zu", bench_work_key(work), run);
            }
        }
    }
    bench_inputs_fini(&inputs);
}
END_TEST

/* Each person's key once; and who is renamed twice in a row gets another name. */
START_TEST(keys_are_a_shuffle_and_names_differ)
{
    static bool seen[10001];
    bench_inputs inputs;

    ck_assert(bench_inputs_init(&inputs, 1));
    for (size_t i = 0; i < 10000; i++) {
        ck_assert(inputs.keys[i] >= 1 && inputs.keys[i] <= 10000 && !seen[inputs.keys[i]]);
        seen[inputs.keys[i]] = true;
    }
    for (size_t run = 0; run < 2000; run++) {
        const bench_line line = {BENCH_UPDATE, 20};
        bench_task a = bench_task_of(&inputs, line, run),
                   b = bench_task_of(&inputs, line, run + 499);
        if (a.keys != b.keys || strcmp(a.names[0], b.names[0]) == 0) {
            ck_abort_msg("run %zu", run);
        }
    }
    bench_inputs_fini(&inputs);
}
END_TEST

/* --- What was read. --- */

static void add_row(bench_sum *sum, int64_t number, const char *text)
{
    bench_sum_int(sum, number);
    bench_sum_text(sum, text);
    bench_sum_row(sum);
}

START_TEST(a_difference_is_found_in_its_row)
{
    char text[100];

    for (size_t rows = 1; rows <= 12; rows += 11) {
        for (size_t wrong = 0; wrong <= rows; wrong++) {
            bench_sum a, b;
            bench_sum_init(&a);
            bench_sum_init(&b);
            for (size_t i = 1; i <= rows; i++) {
                add_row(&a, (int64_t)i, i % 2 == 0 ? NULL : "text");
                add_row(&b, (int64_t)i + (i == wrong), i % 2 == 0 ? NULL : "text");
            }
            ck_assert_uint_eq(a.row_count, rows);
            ck_assert_uint_eq(bench_sum_differs(&a, &b), wrong);
            ck_assert_uint_eq(bench_sum_differs(&b, &a), wrong);
            ck_assert_int_eq(bench_sum_hash(&a) == bench_sum_hash(&b), wrong == 0);
            bench_sum_row_text(&a, rows, text, sizeof text);
            ck_assert_str_eq(text, rows == 1 ? "1|'text'" : "12|NULL");
            add_row(&b, 99, ""); /* one more */
            ck_assert_uint_eq(bench_sum_differs(&a, &b), wrong != 0 ? wrong : rows + 1);
            bench_sum_row_text(&b, rows + 1, text, sizeof text);
            ck_assert_str_eq(text, "99|''");
            bench_sum_row_text(&a, rows + 1, text, sizeof text);
            ck_assert_str_eq(text, "(no row)");
            bench_sum_clear(&a);
            ck_assert_uint_eq(a.row_count, 0);
            ck_assert_uint_eq(bench_sum_differs(&a, &b), 1);
            bench_sum_fini(&a);
            bench_sum_fini(&b);
        }
    }
}
END_TEST

/* --- Goals. --- */

START_TEST(goals_are_those_of_the_kind_of_work)
{
    static const struct {
        const char *who;
        bench_line line;
        double goal;
    } goals[] = {
        {"raw", {BENCH_LOAD, 10000}, 1.00},
        {"raw", {BENCH_LOAD, 100}, 1.00},
        {"raw", {BENCH_LOAD, 99}, 1.08},
        {"raw", {BENCH_JOIN, 10}, 1.08},
        {"query builder", {BENCH_JOIN, 100}, 1.02},
        {"query builder", {BENCH_FILTER, 1}, 1.25},
        {"data mapper", {BENCH_TREE, 100}, 1.10},
        {"data mapper", {BENCH_BULK, 20000}, 1.15},
        {"active record", {BENCH_TREE_LAZY, 100}, 1.05},
        {"active record", {BENCH_UPDATE, 20}, 1.15},
        {"raw", {BENCH_INSERT, 50}, 1.05},
        {"raw", {BENCH_SAVE, 100}, 1.05},
        {"raw", {BENCH_STREAM, 1000000}, 0},
        {"best", {BENCH_LOAD, 100}, 0},
        {"SOCI", {BENCH_FIND, 1}, 0},
    };

    for (size_t i = 0; i < COUNT(goals); i++) {
        ck_assert_double_eq_tol(bench_goal(goals[i].who, goals[i].line), goals[i].goal, 1e-9);
    }
    ck_assert_double_eq_tol(bench_detector_goal("counters", "sqlite"), 1.01, 1e-9);
    ck_assert_double_eq_tol(bench_detector_goal("full", "sqlite"), 1.10, 1e-9);
    ck_assert_double_eq_tol(bench_detector_goal("full", "postgresql"), 1.03, 1e-9);
    ck_assert_double_eq_tol(bench_detector_goal("off", "sqlite"), 0, 1e-9);
}
END_TEST

/* A table of one engine, with the floors, raw and Data Mapper, and one line. */
static bench_table *one_line(void)
{
    static bench_table table;

    memset(&table, 0, sizeof table);
    table.contestants = bench_contestants;
    bench_table_columns(&table, NULL);
    table.lines = (bench_lines){{{BENCH_FIND, 1}}, 1};
    table.engine_count = 1;
    table.engines[0].name = "sqlite";
    return &table;
}

START_TEST(a_cell_is_judged_by_two_digits)
{
    static const struct {
        double figure, best, typical;
        bool is_met;
    } cells[] = {
        {108, 100, 200, true},  {108.4, 100, 200, true}, {108.6, 100, 200, false},
        {100, 100, 100, false}, {99, 100, 100, true},    {50, 0, 100, true},
        {120, 100, 130, false},
    };

    for (int counted = 0; counted < 2; counted++) {
        for (size_t i = 0; i < COUNT(cells); i++) {
            bench_table *t = one_line();
            bench_cell *row = t->engines[0].cells[0];
            double *at[] = {counted ? &row[0].instructions : &row[0].ns,
                            counted ? &row[1].instructions : &row[1].ns,
                            counted ? &row[2].instructions : &row[2].ns};
            *at[0] = cells[i].best;
            *at[1] = cells[i].typical;
            *at[2] = cells[i].figure;
            bench_verdict v = bench_judge(t, &t->engines[0], 0, 2, counted != 0);
            ck_assert_int_eq(v.is_met, cells[i].is_met);
            ck_assert_double_eq_tol(v.goal, 1.08, 1e-9);
            ck_assert_double_eq_tol(v.to_best,
                                    cells[i].best > 0 ? cells[i].figure / cells[i].best : 0, 1e-9);
            ck_assert_double_eq_tol(v.to_typical, cells[i].figure / cells[i].typical, 1e-9);
            v = bench_judge(t, &t->engines[0], 0, 2, counted == 0); /* of what was not measured */
            ck_assert_double_eq_tol(v.to_best, 0, 1e-9);
        }
    }
}
END_TEST

/* --- The budget. --- */

/* Whether figures of raw are within a budget, or those of another column. */
static bool check_budget(size_t column, double counted, double best, const char *path, char *why)
{
    bench_table *t = one_line();

    t->engines[0].cells[0][0].instructions = best;
    t->engines[0].cells[0][column].instructions = counted;
    int kept = quiet(stdout);
    bool good = bench_budget_check(t, path, why, 100);
    loud(stdout, kept);
    return good;
}

START_TEST(a_budget_is_written_and_held)
{
    char path[] = "/tmp/rowan-budget-XXXXXX", why[100];
    int file = mkstemp(path);
    bench_table *t = one_line();

    ck_assert_int_ge(file, 0);
    close(file);
    t->engines[0].cells[0][0].instructions = 500;
    t->engines[0].cells[0][2].instructions = 1000;
    ck_assert(bench_budget_write(t, path, why, sizeof why));
    ck_assert(check_budget(2, 1000, 500, path, why));
    ck_assert(check_budget(2, 900, 500, path, why));
    double most = 1000 * BENCH_BUDGET_ROOM;
    ck_assert(check_budget(2, most - 1, 500, path, why));
    ck_assert(!check_budget(2, most + 1, 500, path, why));
    ck_assert_str_eq(why, "something costs more than its budget");
    ck_assert(check_budget(2, 2000, 1000, path, why)); /* the client library costs that much more */
    ck_assert(!check_budget(2, 0, 500, path, why));
    ck_assert_str_eq(why, "nothing was counted");
    ck_assert(!check_budget(3, 1, 500, path, why)); /* the file does not know it */
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(!check_budget(2, 1000, 500, path, why));
    ck_assert_ptr_nonnull(strstr(why, "cannot read /tmp/rowan-budget-"));
    ck_assert(!bench_budget_write(t, "/tmp/none/of/these", why, sizeof why));
    ck_assert_str_eq(why, "cannot write /tmp/none/of/these: No such file or directory");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench_parts");
    TCase *tc = tcase_create("bench_parts");

    tcase_add_test(tc, figures_have_three_digits_that_count);
    tcase_add_test(tc, everything_is_done_unless_told_otherwise);
    tcase_add_loop_test(tc, works_are_taken_by_key_and_size, 0, (int)COUNT(works));
    tcase_add_test(tc, nonsense_is_refused);
    tcase_add_test(tc, the_floors_run_whoever_else_does);
    tcase_add_test(tc, a_list_has_whole_names);
    tcase_add_test(tc, every_task_lies_within_its_inputs);
    tcase_add_test(tc, keys_are_a_shuffle_and_names_differ);
    tcase_add_test(tc, a_difference_is_found_in_its_row);
    tcase_add_test(tc, goals_are_those_of_the_kind_of_work);
    tcase_add_test(tc, a_cell_is_judged_by_two_digits);
    tcase_add_test(tc, a_budget_is_written_and_held);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
