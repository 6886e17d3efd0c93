/* The matrix of the page and the plot of statements, as inline SVG. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/compare/html_private.h"

/* --- Logarithmic axes. --- */

double html_place(const html_axis *self, double value)
{
    double share = (log10(value) - log10(self->from)) / (log10(self->to) - log10(self->from));

    return self->start + share * (self->end - self->start);
}

/* From the power of ten below the smallest value to a little more than the largest; at least one
 * decade. */
html_axis html_axis_around(double smallest, double largest, double start, double end)
{
    html_axis self = {pow(10, floor(log10(smallest) + 1e-9)), largest * 1.15, start, end};

    if (self.to < self.from * 10) {
        self.to = self.from * 10;
    }
    return self;
}

void html_time_range(const results *self, size_t engine, double *fastest, double *slowest)
{
    *fastest = 1e9;
    *slowest = 1e-6;
    for (size_t i = 0; i < self->case_count * PATTERN_COUNT * WAY_COUNT; i++) {
        const measurement *cell = &self->engines[engine].cells[i];
        if (html_usable(cell) && html_ms(cell) > 0) {
            *fastest = html_ms(cell) < *fastest ? html_ms(cell) : *fastest;
            *slowest = html_ms(cell) > *slowest ? html_ms(cell) : *slowest;
        }
    }
    if (*fastest > *slowest) {
        *fastest = *slowest;
    }
}

/* A time as a person says it. */
static void write_time(double ms, FILE *out)
{
    if (ms < 0.9995) {
        fprintf(out, "%.0f µs", ms * 1000);
    } else if (ms < 999.5) {
        fprintf(out, "%.*f ms", ms < 9.95 && ms > 1.05 ? 1 : 0, ms);
    } else {
        fprintf(out, "%.1f s", ms / 1000);
    }
}

/* --- The matrix. --- */

enum {
    BAR_WIDTH = 100,
    BAR_HEIGHT = 16
}; /* the width is a percentage: bars are as wide as their column */

/*
 * The three layers of a good way in a bar of the whole's length. The length is logarithmic, the
 * shares in it are not: a layer that takes half the time takes half the bar.
 */
static void write_layers(const measurement *good, const html_axis *time, FILE *out)
{
    static const char *const classes[] = {"pattern", "driver", "database"};
    double parts[] = {(double)good->times.pattern_ns, (double)good->times.driver_ns,
                      (double)good->times.database_ns};
    double whole = html_ms(good) * 1e6;
    double length = html_ms(good) > 0 ? html_place(time, html_ms(good)) : 0;
    double x = 0;

    for (size_t i = 0; i < 3 && whole > 0; i++) {
        double width = length * (parts[i] > 0 ? parts[i] : 0) / whole;
        fprintf(out, "<rect class=\"%s\" x=\"%.2f\" y=\"4\" width=\"%.2f\" height=\"8\"/>",
                classes[i], x, width);
        x += width;
    }
}

static void write_bars(const measurement *good, const measurement *tempting, const html_axis *time,
                       FILE *out)
{
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
            BAR_WIDTH, BAR_HEIGHT);
    for (double tick = time->from; tick <= time->to; tick *= 10) {
        fprintf(out, "<line class=\"grid\" x1=\"%.2f\" x2=\"%.2f\" y1=\"0\" y2=\"%d\"/>",
                html_place(time, tick), html_place(time, tick), BAR_HEIGHT);
    }
    if (html_usable(tempting) && html_ms(tempting) > 0) {
        fprintf(out, "<rect class=\"tempting-bar\" x=\"0\" y=\"0\" width=\"%.2f\" height=\"%d\"/>",
                html_place(time, html_ms(tempting)), BAR_HEIGHT);
    }
    write_layers(good, time, out);
    fputs("</svg>", out);
}

static void write_numbers(const measurement *good, const measurement *tempting, FILE *out)
{
    fprintf(out, "<span class=\"n\"><b>%" PRIu64 "</b>", good->counts.statements);
    if (html_usable(tempting) && tempting->counts.statements != good->counts.statements) {
        fprintf(out, " <small>← %" PRIu64 "</small>", tempting->counts.statements);
    }
    if (good->finding_count || tempting->finding_count) {
        size_t findings = good->finding_count + tempting->finding_count;
        fprintf(out, " <span class=\"mark\" title=\"%zu finding%s of the detector\">▲</span>",
                findings, findings == 1 ? "" : "s");
    }
    fputs("</span><span class=\"t\">", out);
    write_time(html_ms(good), out);
    if (html_usable(tempting)) {
        fputs(" <small>← ", out);
        write_time(html_ms(tempting), out);
        fputs("</small>", out);
    }
    fputs("</span>", out);
}

static void write_cell(const results *self, size_t engine, size_t use_case, size_t pattern,
                       const html_axis *time, FILE *out)
{
    const measurement *good = results_cell(self, engine, use_case, pattern, WAY_GOOD);
    const measurement *tempting = results_cell(self, engine, use_case, pattern, WAY_TEMPTING);

    fprintf(out, "<td class=\"%s\" data-label=\"%s\"><div class=\"cell\">", pattern_keys[pattern],
            pattern_names[pattern]);
    if (html_usable(good)) {
        write_numbers(good, tempting, out);
        write_bars(good, tempting, time, out);
    } else {
        fputs("<span class=\"mark\">failed</span>", out);
    }
    fputs("</div></td>", out);
}

/* The common scale, above each column. */
static void write_scale(const html_axis *time, FILE *out)
{
    bool is_crowded = time->to > time->from * 2e4;

    fputs("<div class=\"scale\" aria-hidden=\"true\">", out);
    for (double tick = time->from; tick <= time->to; tick *= is_crowded ? 100 : 10) {
        if (html_place(time, tick) < 0.85 * BAR_WIDTH) {
            fprintf(out, "<span style=\"left:%.1f%%\">", html_place(time, tick));
            write_time(tick, out);
            fputs("</span>", out);
        }
    }
    fputs("</div>", out);
}

void html_matrix(const results *self, size_t engine, FILE *out)
{
    double fastest, slowest;

    html_time_range(self, engine, &fastest, &slowest);
    html_axis time = html_axis_around(fastest, slowest, 0, BAR_WIDTH);
    fputs("<table class=\"matrix\">\n<thead><tr><th scope=\"col\">use case</th>", out);
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        fprintf(out, "<th scope=\"col\" class=\"%s\">%s", pattern_keys[pattern],
                pattern_names[pattern]);
        write_scale(&time, out);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t use_case = 0; use_case < self->case_count; use_case++) {
        fprintf(out, "<tr><th scope=\"row\"><a href=\"#case-%s\">", self->cases[use_case]->key);
        rowan__markup_text(self->cases[use_case]->title, out);
        fputs("</a></th>", out);
        for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
            write_cell(self, engine, use_case, pattern, &time, out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n<p class=\"legend\">Bars begin at ", out);
    write_time(time.from, out);
    fputs("; each thin line is ten times the one before.</p>\n", out);
}

/* --- Statements. --- */

enum { ROW_HEIGHT = 44, LABEL_WIDTH = 220, PLOT_WIDTH = HTML_PLOT_WIDTH, TOP = 30 };

static double most_statements(const results *self, size_t engine)
{
    double most = 1;

    for (size_t i = 0; i < self->case_count * PATTERN_COUNT * WAY_COUNT; i++) {
        const measurement *cell = &self->engines[engine].cells[i];
        if (html_usable(cell) && (double)cell->counts.statements > most) {
            most = (double)cell->counts.statements;
        }
    }
    return most;
}

static void write_dumbbell(const measurement *good, const measurement *tempting, size_t pattern,
                           const html_axis *x, double y, FILE *out)
{
    double filled = html_place(x, good->counts.statements ? (double)good->counts.statements : 1);

    fprintf(out, "<g class=\"%s\"><title>%s: %" PRIu64 " statements", pattern_keys[pattern],
            pattern_names[pattern], good->counts.statements);
    if (html_usable(tempting)) {
        double open =
            html_place(x, tempting->counts.statements ? (double)tempting->counts.statements : 1);
        fprintf(out,
                ", tempting %" PRIu64
                "</title><line class=\"link\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<circle class=\"dot open\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>",
                tempting->counts.statements, filled, open, y, y, open, y);
    } else {
        fputs("</title>", out);
    }
    fprintf(out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/></g>", filled, y);
}

void html_statements_plot(const results *self, size_t engine, FILE *out)
{
    double height = TOP + (double)self->case_count * ROW_HEIGHT + 10;
    html_axis x = html_axis_around(1, most_statements(self, engine), LABEL_WIDTH, PLOT_WIDTH - 30);

    fprintf(out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Plot of "
            "statements\"><svg class=\"plot\" "
            "viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Statements of the good and the "
            "tempting way by use case and pattern; the figures are in the last table\">",
            PLOT_WIDTH, height);
    for (double value = x.from; value <= x.to; value *= 10) {
        fprintf(out,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.0f\"/><text "
                "class=\"soft\" x=\"%.1f\" "
                "y=\"18\" text-anchor=\"middle\">%g</text>",
                html_place(&x, value), html_place(&x, value), TOP - 4, height,
                html_place(&x, value), value);
    }
    for (size_t use_case = 0; use_case < self->case_count; use_case++) {
        double y = TOP + (double)use_case * ROW_HEIGHT + 4;
        fprintf(out,
                "<line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"0\" "
                "y=\"%.1f\">",
                PLOT_WIDTH, y - 2, y - 2, y + ROW_HEIGHT / 2.0);
        rowan__markup_text(self->cases[use_case]->title, out);
        fputs("</text>", out);
        for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
            const measurement *good = results_cell(self, engine, use_case, pattern, WAY_GOOD);
            const measurement *tempting =
                results_cell(self, engine, use_case, pattern, WAY_TEMPTING);
            if (html_usable(good)) {
                write_dumbbell(good, tempting, pattern, &x, y + 6 + (double)pattern * 9, out);
            }
        }
    }
    fputs("</svg></div>\n", out);
}
