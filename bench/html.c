/*
 * The results as a page: for each engine and line a chart of everyone's ratio to the best
 * hand-written code, and below it all figures. It needs no script and nothing from elsewhere.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "figures.h"
#include "goals.h"
#include "machine.h"
#include "page.h"
#include "report.h"
#include "report/markup.h"

/* The class that gives a column its colour. */
static const char *class_of(const char *column)
{
    static const char *const classes[][2] = {
        {"typical", "typical"},
        {"best", "best"},
        {"raw", "raw"},
        {"query builder", "querybuilder"},
        {"data mapper", "datamapper"},
        {"active record", "activerecord"},
    };

    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (strcmp(classes[i][0], column) == 0) {
            return classes[i][1];
        }
    }
    return "peer";
}

/* --- Charts. --- */

enum { LABEL = 92, FIGURES = 52, WIDTH = 400, ROW = 20, TOP = 16, HEIGHT = 14 };

/* Ratio at the right end. Beyond it a bar is cut: what has to be seen is near 1. */
static const double most = 2.5;

typedef struct chart {
    const bench_table *table;
    const bench_engine *engine;
    size_t line;
} chart;

static double place(double ratio)
{
    return LABEL + (ratio < most ? ratio : most) / most * (WIDTH - LABEL - FIGURES);
}

static void draw_bar(const bench_verdict *v, double y, double height, const char *class, FILE *out)
{
    if (v->to_best > 0) {
        fprintf(out, "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                class, LABEL, y, place(v->to_best) - LABEL, height);
    }
}

static void draw_row(const chart *c, size_t column, double y, FILE *out)
{
    const char *name = c->table->columns[column];
    bench_verdict counted = bench_judge(c->table, c->engine, c->line, column, true);
    bench_verdict timed = bench_judge(c->table, c->engine, c->line, column, false);
    const bench_verdict *v = counted.to_best > 0 ? &counted : &timed;

    if (v->to_best <= 0) {
        return;
    }
    fprintf(out, "<g class=\"%s\"><text x=\"0\" y=\"%.1f\">%s</text>", class_of(name), y + 11,
            name);
    if (counted.to_best > 0) {
        draw_bar(&counted, y, HEIGHT * 0.65, "counted", out);
        draw_bar(&timed, y + HEIGHT * 0.65, HEIGHT * 0.35, "time", out);
    } else {
        draw_bar(&timed, y, HEIGHT, "time", out);
    }
    if (v->goal > 0) {
        fprintf(out, "<line class=\"goal\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
                place(v->goal), place(v->goal), y - 2, y + HEIGHT + 2);
    }
    fprintf(out, "<text class=\"%s\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.2f</text></g>\n",
            v->goal > 0 && !v->is_met ? "missed" : "figure", WIDTH, y + 11, v->to_best);
}

static bool has_ratios(const bench_table *t, const bench_engine *engine, size_t l)
{
    for (size_t column = 0; column < t->column_count; column++) {
        if (bench_judge(t, engine, l, column, true).to_best > 0 ||
            bench_judge(t, engine, l, column, false).to_best > 0) {
            return true;
        }
    }
    return false;
}

static void write_chart(const bench_table *t, const bench_engine *engine, size_t l, FILE *out)
{
    bench_line line = t->lines.at[l];
    const chart c = {t, engine, l};
    double height = TOP + (double)t->column_count * ROW;

    fprintf(out,
            "<figure class=\"card\"><h3>%s <small>%s, n = %zu</small></h3>\n"
            "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Ratios to best; the figures "
            "are in the table below\">",
            bench_work_key(line.work), bench_work_title(line.work), line.n, WIDTH, height);
    for (double tick = 0.5; tick <= most; tick += 0.5) {
        bool is_one = tick > 0.9 && tick < 1.1;
        fprintf(out,
                "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.0f\"/><text "
                "class=\"soft\" x=\"%.1f\" y=\"9\" text-anchor=\"middle\">%g</text>",
                is_one ? "one" : "grid", place(tick), place(tick), TOP - 4, height, place(tick),
                tick);
    }
    for (size_t column = 0; column < t->column_count; column++) {
        draw_row(&c, column, TOP + (double)column * ROW + 2, out);
    }
    fputs("</svg></figure>\n", out);
}

/* --- Figures. --- */

static void write_ratio(const bench_verdict *v, bool judges, FILE *out)
{
    bool is_missed = judges && v->goal > 0 && !v->is_met;

    if (v->to_best <= 0) {
        fputs("<td></td><td></td>", out);
        return;
    }
    fprintf(out, "<td%s>%.2f</td>", is_missed ? " class=\"missed\"" : "", v->to_best);
    if (v->to_typical > 0) {
        fprintf(out, "<td>%.2f</td>", v->to_typical);
    } else {
        fputs("<td></td>", out);
    }
}

static void write_row(const bench_table *t, const bench_engine *engine, size_t l, size_t column,
                      FILE *out)
{
    const bench_cell *cell = &engine->cells[l][column];
    bench_verdict counted = bench_judge(t, engine, l, column, true);
    bench_verdict timed = bench_judge(t, engine, l, column, false);
    char figure[BENCH_FIGURE];

    if (cell->ns <= 0 && cell->instructions <= 0) {
        return;
    }
    fprintf(out, "<tr><td>%s</td><td>%zu</td><td class=\"name\">%s</td>",
            bench_work_key(t->lines.at[l].work), t->lines.at[l].n, t->columns[column]);
    fprintf(out, "<td>%.0f</td>", cell->instructions);
    write_ratio(&counted, true, out);
    if (counted.goal > 0) {
        fprintf(out, "<td>≤ %.2f</td>", counted.goal);
    } else {
        fputs("<td></td>", out);
    }
    fprintf(out, "<td>%s</td><td>", bench_time_text(cell->ns, figure));
    if (cell->ns > 0) {
        fprintf(out, "±%.0f %%", (cell->high_ns - cell->low_ns) / cell->ns * 50);
    }
    fputs("</td>", out);
    write_ratio(&timed, cell->instructions <= 0, out);
    fputs("</tr>\n", out);
}

static void write_figures(const bench_table *t, const bench_engine *engine, FILE *out)
{
    fprintf(out,
            "<details><summary>All figures of %s</summary><div class=\"scroll\" tabindex=\"0\" "
            "role=\"region\" aria-label=\"All figures of %s\"><table>\n<thead><tr><th>work</th>"
            "<th>n</th><th class=\"name\">contestant</th><th>instructions</th><th>to best</th>"
            "<th>to typical</th><th>goal</th><th>time</th><th>spread</th><th>to best</th><th>to "
            "typical</th></tr></thead>\n<tbody>\n",
            bench_heading(engine->name), bench_heading(engine->name));
    for (size_t i = 0; i < t->lines.count * t->column_count; i++) {
        write_row(t, engine, i / t->column_count, i % t->column_count, out);
    }
    fputs("</tbody></table></div></details>\n", out);
}

static void write_engine(const bench_table *t, const bench_engine *engine, FILE *out)
{
    fprintf(out, "<section><h2 id=\"%s\">%s</h2>\n", engine->name, bench_heading(engine->name));
    if (engine->skipped[0]) {
        fputs("<p>Skipped: ", out);
        rowan__markup_text(engine->skipped, out);
        fputs("</p></section>\n", out);
        return;
    }
    fputs("<div class=\"cards\">\n", out);
    for (size_t l = 0; l < t->lines.count; l++) {
        if (has_ratios(t, engine, l)) {
            write_chart(t, engine, l, out);
        }
    }
    fputs("</div>\n", out);
    write_figures(t, engine, out);
    fputs("</section>\n", out);
}

/* --- The rest. --- */

static void write_starts(const bench_results *r, FILE *out)
{
    char time[BENCH_FIGURE], memory[BENCH_FIGURE];

    fputs("<section><h2 id=\"start\">W8: from the start of a program to its first row</h2>\n<div "
          "class=\"scroll\"><table class=\"short\"><thead><tr><th class=\"name\">program</th><th "
          "class=\"name\">library</th><th>time</th><th>peak memory</th></tr></thead><tbody>\n",
          out);
    for (size_t i = 0; i < r->start_count; i++) {
        fprintf(out, "<tr><td>%s</td><td class=\"name\">%s</td><td>%s</td><td>%s</td></tr>\n",
                r->starts[i].name, r->starts[i].library, bench_time_text(r->starts[i].ns, time),
                bench_memory_text(r->starts[i].memory, memory));
    }
    fputs("</tbody></table></div></section>\n", out);
}

static void write_streams(const bench_table *t, FILE *out)
{
    char memory[BENCH_FIGURE];

    for (size_t l = 0; l < t->lines.count; l++) {
        if (t->lines.at[l].work != BENCH_STREAM) {
            continue;
        }
        fprintf(out,
                "<section><h2 id=\"stream\">W9: peak memory of a process that streams %zu "
                "rows</h2>\n<div class=\"scroll\"><table class=\"short\"><thead><tr><th "
                "class=\"name\">engine</th>",
                t->lines.at[l].n);
        for (size_t column = 0; column < t->column_count; column++) {
            fprintf(out, "<th>%s</th>", t->columns[column]);
        }
        fputs("</tr></thead><tbody>\n", out);
        for (size_t e = 0; e < t->engine_count; e++) {
            fprintf(out, "<tr><td>%s</td>", bench_heading(t->engines[e].name));
            for (size_t column = 0; column < t->column_count; column++) {
                double bytes = t->engines[e].cells[l][column].memory;
                fprintf(out, "<td>%s</td>", bytes > 0 ? bench_memory_text(bytes, memory) : "");
            }
            fputs("</tr>\n", out);
        }
        fputs("</tbody></table></div></section>\n", out);
    }
}

static void write_detector(const bench_table *t, FILE *out)
{
    char figure[BENCH_FIGURE];

    fprintf(out,
            "<section><h2 id=\"detector\">The detector</h2>\n<p>%zu look-ups by key in one "
            "scope.</p><div class=\"scroll\"><table class=\"short\"><thead><tr><th "
            "class=\"name\">engine</th><th class=\"name\">detector</th><th>instructions</th>"
            "<th>time</th></tr></thead><tbody>\n",
            t->lines.at[0].n);
    for (size_t i = 0; i < t->engine_count * t->column_count; i++) {
        const bench_engine *engine = &t->engines[i / t->column_count];
        const bench_cell *cell = &engine->cells[0][i % t->column_count];
        if (cell->ns > 0 || cell->instructions > 0) {
            fprintf(out, "<tr><td>%s</td><td class=\"name\">%s</td><td>%.0f</td><td>%s</td></tr>\n",
                    bench_heading(engine->name), t->columns[i % t->column_count],
                    cell->instructions, bench_time_text(cell->ns, figure));
        }
    }
    fputs("</tbody></table></div></section>\n", out);
}

static void write_head(const bench_results *r, FILE *out)
{
    const bench_table *t = &r->work;
    bench_machine machine;

    bench_machine_read(&machine);
    fprintf(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta "
        "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Rowan: the "
        "benchmark</title>\n<style>\n%s</style></head>\n<body>\n<h1>The same work, side by "
        "side</h1>\n<p class=\"lede\">Hand-written driver code, Rowan's four patterns and other "
        "libraries in one run of %zu rounds%s. ",
        bench_page_files[0].text, r->rounds, r->is_quick ? ", the quick one" : "");
    rowan__markup_text(machine.processor, out);
    fputs(", ", out);
    rowan__markup_text(machine.system, out);
    fputs(", ", out);
    rowan__markup_text(machine.compiler, out);
    fprintf(out, ", %s.</p>\n<nav>", machine.date);
    for (size_t e = 0; e < t->engine_count; e++) {
        fprintf(out, "<a href=\"#%s\">%s</a>", t->engines[e].name,
                bench_heading(t->engines[e].name));
    }
    fputs("</nav>\n<p>Each bar is a ratio to the best hand-written code of the same run: the "
          "strong part counts instructions of the client, the pale one is time. The red mark is "
          "the goal, and a red figure misses it. Bars end at 2.5.</p>\n<div class=\"legend\">",
          out);
    for (size_t column = 0; column < t->column_count; column++) {
        fprintf(out, "<span class=\"%s\">%s</span>", class_of(t->columns[column]),
                t->columns[column]);
    }
    fputs("</div>\n", out);
}

static void write_page(const bench_results *r, FILE *out)
{
    write_head(r, out);
    for (size_t e = 0; e < r->work.engine_count; e++) {
        write_engine(&r->work, &r->work.engines[e], out);
    }
    write_streams(&r->work, out);
    if (r->start_count > 0) {
        write_starts(r, out);
    }
    if (r->detector.lines.count > 0) {
        write_detector(&r->detector, out);
    }
    fputs("<footer>Written by <code>./run bench</code>.</footer>\n</body></html>\n", out);
}

bool bench_report_html(const bench_results *results, const char *path, char *why, size_t why_size)
{
    FILE *out = fopen(path, "w");

    if (!out) {
        snprintf(why, why_size, "cannot write %s: %s", path, strerror(errno));
        return false;
    }
    write_page(results, out);
    bool is_good = !ferror(out);
    is_good = fclose(out) == 0 && is_good;
    if (!is_good) {
        snprintf(why, why_size, "cannot write %s: %s", path, strerror(errno));
        unlink(path);
    }
    return is_good;
}
