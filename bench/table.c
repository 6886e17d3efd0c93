/*
 * The results in a terminal: for each engine a table of instructions and one of times, both as
 * ratios to the best hand-written code; what was not met, in words; memory; starts; the detector.
 */
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figures.h"
#include "goals.h"
#include "report.h"

static const char *const met_colour = "\033[32m";
static const char *const missed_colour = "\033[1;31m";
static const char *const soft_colour = "\033[38;5;244m";

const char *bench_heading(const char *name)
{
    static const char *const headings[][2] = {
        {"raw", "RAW SQL"},
        {"query builder", "QUERY BUILDER"},
        {"data mapper", "DATA MAPPER"},
        {"active record", "ACTIVE RECORD"},
        {"typical", "TYPICAL"},
        {"best", "BEST"},
        {"sqlite", "SQLite"},
        {"postgresql", "PostgreSQL"},
        {"mariadb", "MariaDB"},
        {"off", "OFF"},
        {"counters", "COUNTERS"},
        {"full", "FULL"},
    };

    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++) {
        if (strcmp(headings[i][0], name) == 0) {
            return headings[i][1];
        }
    }
    return name;
}

/* --- Tables. --- */

static struct libscols_table *new_table(FILE *out)
{
    struct libscols_table *table = scols_new_table();
    bool is_terminal = isatty(fileno(out));

    if (table) {
        scols_table_enable_colors(table, is_terminal);
        scols_table_set_stream(table, out);
        scols_table_set_termwidth(table, 400); /* a table is cut by the reader, not by us */
        scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
    }
    return table;
}

static bool finish_table(struct libscols_table *table)
{
    bool is_good = scols_print_table(table) == 0;

    scols_unref_table(table);
    return is_good;
}

static void set(struct libscols_line *line, size_t column, const char *text, const char *colour)
{
    scols_line_set_data(line, column, text);
    if (colour) {
        scols_cell_set_color(scols_line_get_cell(line, column), colour);
    }
}

/* --- One engine. --- */

enum { WORK, SIZE, FIRST };

static bool is_floor(const char *column)
{
    return strcmp(column, "best") == 0 || strcmp(column, "typical") == 0;
}

/* A floor has one column, everyone else a second one for the ratio to typical. */
static void add_columns(struct libscols_table *table, const bench_table *t)
{
    scols_table_new_column(table, "WORK", 0, 0);
    scols_table_new_column(table, "N", 0, SCOLS_FL_RIGHT);
    for (size_t column = 0; column < t->column_count; column++) {
        scols_table_new_column(table, bench_heading(t->columns[column]), 0, SCOLS_FL_RIGHT);
        if (!is_floor(t->columns[column])) {
            scols_table_new_column(table, "TYP.", 0, SCOLS_FL_RIGHT);
        }
    }
}

static void set_floor(struct libscols_line *line, size_t at, const bench_cell *cell,
                      const bench_verdict *v, bool is_best, bool by_instructions)
{
    char text[64], figure[BENCH_FIGURE];

    if (!is_best) {
        snprintf(text, sizeof text, "%.2f", v->to_best);
        set(line, at, v->to_best > 0 ? text : "", NULL);
        return;
    }
    if (by_instructions) {
        set(line, at, bench_count_text(cell->instructions, figure), NULL);
    } else {
        snprintf(text, sizeof text, "%s ±%.0f%%", bench_time_text(cell->ns, figure),
                 (cell->high_ns - cell->low_ns) / cell->ns * 50);
        set(line, at, text, NULL);
    }
}

/* "! 1.23 ≤1.15": the ratio to best, the goal, and a mark if it is not met. */
static void set_other(struct libscols_line *line, size_t at, const bench_verdict *v, bool judges)
{
    char text[64];

    if (v->to_best > 0 && v->goal > 0) {
        bool is_missed = judges && !v->is_met;
        snprintf(text, sizeof text, "%s%.2f ≤%.2f", is_missed ? "! " : "", v->to_best, v->goal);
        set(line, at, text, !judges ? NULL : is_missed ? missed_colour : met_colour);
    } else if (v->to_best > 0) {
        snprintf(text, sizeof text, "%.2f", v->to_best);
        set(line, at, text, NULL);
    }
    if (v->to_typical > 0) {
        snprintf(text, sizeof text, "%.2f", v->to_typical);
        set(line, at + 1, text, v->to_typical < 1 ? soft_colour : missed_colour);
    }
}

static void add_line(struct libscols_table *table, const bench_table *t, const bench_engine *engine,
                     size_t l, bool by_instructions, bool judges)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    char text[32];
    size_t at = FIRST;

    set(line, WORK, bench_work_key(t->lines.at[l].work), NULL);
    snprintf(text, sizeof text, "%zu", t->lines.at[l].n);
    set(line, SIZE, text, NULL);
    for (size_t column = 0; column < t->column_count; column++) {
        const bench_cell *cell = &engine->cells[l][column];
        bool is_one = is_floor(t->columns[column]);
        if (bench_figure(cell, by_instructions) > 0) {
            bench_verdict v = bench_judge(t, engine, l, column, by_instructions);
            if (is_one) {
                set_floor(line, at, cell, &v, strcmp(t->columns[column], "best") == 0,
                          by_instructions);
            } else {
                set_other(line, at, &v, judges);
            }
        }
        at += is_one ? 1 : 2;
    }
}

static bool has_figures(const bench_table *t, const bench_engine *engine, bool by_instructions)
{
    for (size_t l = 0; l < t->lines.count; l++) {
        for (size_t column = 0; column < t->column_count; column++) {
            if (bench_figure(&engine->cells[l][column], by_instructions) > 0) {
                return true;
            }
        }
    }
    return false;
}

static bool print_engine(const bench_table *t, const bench_engine *engine, bool by_instructions,
                         bool judges, FILE *out)
{
    struct libscols_table *table;

    if (!has_figures(t, engine, by_instructions)) {
        return true;
    }
    fprintf(out, "\n%s: %s\n", bench_heading(engine->name),
            by_instructions ? "instructions of the client in one run; ratio to best ≤ goal, ratio "
                              "to typical (TYP.)"
                            : "time of one run, median ± half the quartile range; ratio to best ≤ "
                              "goal, ratio to typical (TYP.)");
    table = new_table(out);
    if (!table) {
        return false;
    }
    add_columns(table, t);
    for (size_t l = 0; l < t->lines.count; l++) {
        add_line(table, t, engine, l, by_instructions, judges);
    }
    return finish_table(table);
}

/* --- What was met. --- */

static void say_missed(const bench_table *t, const bench_engine *engine, size_t l, size_t column,
                       const bench_verdict *v, FILE *out)
{
    bench_line line = t->lines.at[l];

    fprintf(out, "  %-10s %-4s n = %-6zu %-13s %.2f of best, goal %.2f", engine->name,
            bench_work_key(line.work), line.n, t->columns[column], v->to_best, v->goal);
    if (v->to_typical >= 1) {
        fprintf(out, "; %.2f of typical", v->to_typical);
    }
    fputc('\n', out);
}

/* Says how many goals are met, and which are not if that is no long list: the tables mark them. */
static void print_goals(const bench_table *t, FILE *out)
{
    enum { LONG_LIST = 40 };
    size_t met = 0, all = 0;

    for (int pass = 0; pass < 2 && all - met <= LONG_LIST; pass++) {
        for (size_t e = 0; e < t->engine_count; e++) {
            const bench_engine *engine = &t->engines[e];
            bool by_instructions = has_figures(t, engine, true);
            for (size_t i = 0; i < t->lines.count * t->column_count; i++) {
                size_t l = i / t->column_count, column = i % t->column_count;
                bench_verdict v = bench_judge(t, engine, l, column, by_instructions);
                if (v.goal <= 0 || v.to_best <= 0) {
                    continue;
                }
                if (pass == 1 && !v.is_met) {
                    say_missed(t, engine, l, column, &v, out);
                }
                all += pass == 0;
                met += pass == 0 && v.is_met;
            }
        }
        if (pass == 0 && all > 0) {
            fprintf(out, "\nGoals: %zu of %zu met%s\n", met, all,
                    all - met > LONG_LIST ? "; ! marks those that are not"
                    : met < all           ? "; not met:"
                                          : "");
        }
    }
}

/* In how many cells each pattern costs less than someone else's column. */
static void print_ahead_of(const bench_table *t, size_t other, FILE *out)
{
    size_t ahead = 0, all = 0;

    for (size_t e = 0; e < t->engine_count; e++) {
        const bench_engine *engine = &t->engines[e];
        bool by_instructions = has_figures(t, engine, true);
        for (size_t i = 0; i < t->lines.count * t->column_count; i++) {
            size_t l = i / t->column_count, column = i % t->column_count;
            double theirs = bench_figure(&engine->cells[l][other], by_instructions);
            double ours = bench_figure(&engine->cells[l][column], by_instructions);
            bool is_ours = bench_goal(t->columns[column], (bench_line){BENCH_FIND, 1}) > 0;
            if (is_ours && theirs > 0 && ours > 0) {
                all++;
                ahead += ours < theirs;
            }
        }
    }
    if (all > 0) {
        fprintf(out, "Cheaper than %s: %zu of %zu\n", t->columns[other], ahead, all);
    }
}

static void print_ahead(const bench_table *t, FILE *out)
{
    for (size_t column = 0; column < t->column_count; column++) {
        bool is_ours = bench_goal(t->columns[column], (bench_line){BENCH_FIND, 1}) > 0;
        if (!is_ours && strcmp(t->columns[column], "best") != 0) {
            print_ahead_of(t, column, out);
        }
    }
}

/* --- Memory, starts, the detector. --- */

/* What is above the floor's, with the goal. */
static void set_above(struct libscols_line *line, size_t at, double above, double goal,
                      bool is_time)
{
    char text[96], figure[BENCH_FIGURE], limit[BENCH_FIGURE];
    const char *(*say)(double, char[BENCH_FIGURE]) = is_time ? bench_time_text : bench_memory_text;
    bool is_met = above <= goal;

    snprintf(text, sizeof text, "%s%s%s ≤%s", is_met ? "" : "! ", above < 0 ? "-" : "+",
             say(above < 0 ? -above : above, figure), say(goal, limit));
    set(line, at, text, is_met ? met_colour : missed_colour);
}

static bool print_memory(const bench_table *t, size_t l, FILE *out)
{
    struct libscols_table *table = new_table(out);
    size_t best = bench_table_column(t, "best");
    char text[BENCH_FIGURE];

    if (!table) {
        return false;
    }
    fprintf(out, "\nPeak memory of a process that streams %zu rows; above best ≤ goal\n",
            t->lines.at[l].n);
    scols_table_new_column(table, "ENGINE", 0, 0);
    for (size_t column = 0; column < t->column_count; column++) {
        scols_table_new_column(table, bench_heading(t->columns[column]), 0, SCOLS_FL_RIGHT);
    }
    for (size_t e = 0; e < t->engine_count; e++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        const bench_cell *cells = t->engines[e].cells[l];
        double floor = best < t->column_count ? cells[best].memory : 0;
        set(line, 0, bench_heading(t->engines[e].name), NULL);
        for (size_t column = 0; column < t->column_count; column++) {
            if (cells[column].memory > 0 && floor > 0 && !is_floor(t->columns[column])) {
                set_above(line, column + 1, cells[column].memory - floor, BENCH_STREAM_GOAL_BYTES,
                          false);
            } else if (cells[column].memory > 0) {
                set(line, column + 1, bench_memory_text(cells[column].memory, text), NULL);
            }
        }
    }
    return finish_table(table);
}

static bool has_memory(const bench_table *t, size_t l)
{
    for (size_t i = 0; i < t->engine_count * t->column_count; i++) {
        if (t->engines[i / t->column_count].cells[l][i % t->column_count].memory > 0) {
            return true;
        }
    }
    return false;
}

static bool print_streams(const bench_table *t, FILE *out)
{
    for (size_t l = 0; l < t->lines.count; l++) {
        if (has_memory(t, l) && !print_memory(t, l, out)) {
            return false;
        }
    }
    return true;
}

static bool print_starts(const bench_results *r, FILE *out)
{
    struct libscols_table *table = new_table(out);
    char text[64], figure[BENCH_FIGURE];

    if (!table) {
        return false;
    }
    fputs("\nW8: from the start of a program to the first row of an SQLite file; above best ≤ "
          "goal\n",
          out);
    scols_table_new_column(table, "PROGRAM", 0, 0);
    scols_table_new_column(table, "LIBRARY", 0, 0);
    scols_table_new_column(table, "TIME", 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, "MEMORY", 0, SCOLS_FL_RIGHT);
    for (size_t i = 0; i < r->start_count; i++) {
        const bench_start *s = &r->starts[i], *best = &r->starts[0];
        struct libscols_line *line = scols_table_new_line(table, NULL);
        set(line, 0, s->name, NULL);
        set(line, 1, s->library, NULL);
        if (i == 0) {
            snprintf(text, sizeof text, "%s ±%.0f%%", bench_time_text(s->ns, figure),
                     (s->high_ns - s->low_ns) / s->ns * 50);
            set(line, 2, text, NULL);
            set(line, 3, bench_memory_text(s->memory, figure), NULL);
        } else {
            set_above(line, 2, s->ns - best->ns, BENCH_START_GOAL_NS, true);
            set_above(line, 3, s->memory - best->memory, BENCH_START_GOAL_BYTES, false);
        }
    }
    return finish_table(table);
}

/* With a server the goal is about the time, in which the server's part is. */
static void set_detector(struct libscols_line *line, size_t at, const char *column,
                         const char *engine, double value, double off, bool judges)
{
    double goal = bench_detector_goal(column, engine);
    char text[64];

    if (value <= 0 || off <= 0) {
        return;
    }
    if (!judges) {
        snprintf(text, sizeof text, "%+.1f%%", (value / off - 1) * 100);
        set(line, at, text, NULL);
        return;
    }
    bool is_met = value / off <= goal;
    snprintf(text, sizeof text, "%s%+.1f%% ≤%.0f%%", is_met ? "" : "! ", (value / off - 1) * 100,
             (goal - 1) * 100);
    set(line, at, text, is_met ? met_colour : missed_colour);
}

static bool print_detector(const bench_table *t, FILE *out)
{
    struct libscols_table *table = new_table(out);
    char figure[BENCH_FIGURE];

    if (!table) {
        return false;
    }
    fputs("\nThe detector: a look-up by key with it off, with its counters only, and with all of "
          "it\n",
          out);
    scols_table_new_column(table, "ENGINE", 0, 0);
    scols_table_new_column(table, "FIGURE", 0, 0);
    for (size_t column = 0; column < t->column_count; column++) {
        scols_table_new_column(table, bench_heading(t->columns[column]), 0, SCOLS_FL_RIGHT);
    }
    for (size_t i = 0; i < 2 * t->engine_count; i++) {
        const bench_engine *engine = &t->engines[i / 2];
        const bench_cell *cells = engine->cells[0];
        bool by_instructions = i % 2 == 0;
        double off = bench_figure(&cells[0], by_instructions) / (double)t->lines.at[0].n;
        struct libscols_line *line;
        if (off <= 0) {
            continue;
        }
        line = scols_table_new_line(table, NULL);
        set(line, 0, bench_heading(engine->name), NULL);
        set(line, 1, by_instructions ? "instructions" : "time", NULL);
        set(line, 2, by_instructions ? bench_count_text(off, figure) : bench_time_text(off, figure),
            NULL);
        for (size_t column = 1; column < t->column_count; column++) {
            double value = bench_figure(&cells[column], by_instructions);
            set_detector(line, 2 + column, t->columns[column], engine->name,
                         value / (double)t->lines.at[0].n, off,
                         !by_instructions || !engine->server);
        }
    }
    return finish_table(table);
}

/* --- All. --- */

static void print_skipped(const bench_results *r, FILE *out)
{
    const bench_table *t = &r->work;
    const char *missing = bench_missing_peers;

    for (size_t e = 0; e < t->engine_count; e++) {
        if (t->engines[e].skipped[0]) {
            fprintf(out, "Skipped: %s: %s\n", bench_heading(t->engines[e].name),
                    t->engines[e].skipped);
        }
    }
    while (*missing) {
        size_t size = strcspn(missing, ";");
        fprintf(out, "Skipped: %.*s is not installed\n", (int)size, missing);
        missing += size + (missing[size] == ';');
    }
    if (r->skipped_counts[0]) {
        fprintf(out, "Skipped: counts of instructions: %s\n", r->skipped_counts);
    }
}

bool bench_report_tables(const bench_results *results, FILE *out)
{
    const bench_table *t = &results->work;
    bool is_good = true;

    for (size_t e = 0; is_good && e < t->engine_count; e++) {
        bool by_instructions = has_figures(t, &t->engines[e], true);
        is_good = print_engine(t, &t->engines[e], true, true, out) &&
                  print_engine(t, &t->engines[e], false, !by_instructions, out);
    }
    is_good = is_good && print_streams(t, out) &&
              (results->start_count == 0 || print_starts(results, out)) &&
              (results->detector.lines.count == 0 || print_detector(&results->detector, out));
    print_goals(t, out);
    print_ahead(t, out);
    print_skipped(results, out);
    return is_good;
}
