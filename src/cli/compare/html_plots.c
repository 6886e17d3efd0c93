/* The plots of the page, as inline SVG. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/compare/html_private.h"

enum { BAR_WIDTH = 200, BAR_HEIGHT = 22 };

/* The longest time of all cells of an engine. */
static double slowest_ms(const results *self, size_t engine)
{
    double slowest = 0.001;

    for (size_t i = 0; i < self->case_count * PATTERN_COUNT * WAY_COUNT; i++) {
        const measurement *cell = &self->engines[engine].cells[i];
        if (html_usable(cell) && html_ms(cell) > slowest) {
            slowest = html_ms(cell);
        }
    }
    return slowest;
}

/* --- The matrix. --- */

static double bar_length(double ms, double slowest)
{
    return BAR_WIDTH * sqrt(ms > 0 ? ms / slowest : 0);
}

/* The three layers of a good way, side by side in a bar of the whole's length. */
static void write_layers(const measurement *good, double slowest, FILE *out)
{
    static const char *const classes[] = {"pattern", "driver", "database"};
    double parts[] = {(double)good->times.pattern_ns, (double)good->times.driver_ns,
                      (double)good->times.database_ns};
    double whole = html_ms(good) * 1e6;
    double length = bar_length(html_ms(good), slowest);
    double x = 0;

    for (size_t i = 0; i < 3 && whole > 0; i++) {
        double width = length * (parts[i] > 0 ? parts[i] : 0) / whole;
        fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"6\" width=\"%.1f\" height=\"10\"/>",
                classes[i], x, width);
        x += width;
    }
}

static void write_cell_title(const measurement *good, const measurement *tempting, FILE *out)
{
    fprintf(out, "<title>good: %" PRIu64 " statements, %.3f ms", good->counts.statements,
            html_ms(good));
    if (html_usable(tempting)) {
        fprintf(out, "; tempting: %" PRIu64 " statements, %.3f ms", tempting->counts.statements,
                html_ms(tempting));
    }
    fputs("</title>", out);
}

static void write_cell(const results *self, size_t engine, size_t use_case, size_t pattern,
                       double slowest, FILE *out)
{
    const measurement *good = results_cell(self, engine, use_case, pattern, WAY_GOOD);
    const measurement *tempting = results_cell(self, engine, use_case, pattern, WAY_TEMPTING);

    fprintf(out, "<td class=\"%s\"><div class=\"cell\">", pattern_keys[pattern]);
    if (!html_usable(good)) {
        fputs("<span class=\"mark\">failed</span></div></td>", out);
        return;
    }
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\">", BAR_WIDTH,
            BAR_HEIGHT);
    write_cell_title(good, tempting, out);
    if (html_usable(tempting)) {
        fprintf(out, "<rect class=\"tempting-bar\" x=\"0\" y=\"0\" width=\"%.1f\" height=\"%d\"/>",
                bar_length(html_ms(tempting), slowest), BAR_HEIGHT);
    }
    write_layers(good, slowest, out);
    fprintf(out, "</svg><span class=\"n\">%" PRIu64, good->counts.statements);
    if (html_usable(tempting) && tempting->counts.statements != good->counts.statements) {
        fprintf(out, " <del>← %" PRIu64 "</del>", tempting->counts.statements);
    }
    if (good->finding_count || tempting->finding_count) {
        fprintf(out, " <span class=\"mark\" title=\"%zu findings\">▲</span>",
                good->finding_count + tempting->finding_count);
    }
    fputs("</span></div></td>", out);
}

void html_matrix(const results *self, size_t engine, FILE *out)
{
    double slowest = slowest_ms(self, engine);

    fputs(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Time and statements by use case and pattern\">"
        "<table class=\"matrix\">\n<thead><tr><th scope=\"col\">use case</th>",
        out);
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        fprintf(out, "<th scope=\"col\" class=\"%s\">%s</th>", pattern_keys[pattern],
                pattern_names[pattern]);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t use_case = 0; use_case < self->case_count; use_case++) {
        fprintf(out, "<tr><th scope=\"row\"><a href=\"#case-%s\">", self->cases[use_case]->key);
        html_escape(self->cases[use_case]->title, out);
        fputs("</a></th>", out);
        for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
            write_cell(self, engine, use_case, pattern, slowest, out);
        }
        fputs("</tr>\n", out);
    }
    fprintf(
        out,
        "</tbody></table></div>\n<p class=\"legend\">A full bar is %.3g ms, half a bar %.3g ms.</p>\n",
        slowest, slowest / 4);
}

/* --- Logarithmic axes. --- */

typedef struct axis {
    double from, to;   /* values; from > 0 */
    double start, end; /* pixels */
} axis;

static double place(const axis *self, double value)
{
    double share = (log10(value) - log10(self->from)) / (log10(self->to) - log10(self->from));

    return self->start + share * (self->end - self->start);
}

/* Powers of ten around what there is, at least one decade. */
static axis axis_around(double smallest, double largest, double start, double end)
{
    axis self = {pow(10, floor(log10(smallest))), pow(10, ceil(log10(largest))), start, end};

    if (self.to <= self.from) {
        self.to = self.from * 10;
    }
    return self;
}

/* --- Statements. --- */

enum { ROW_HEIGHT = 44, LABEL_WIDTH = 220, PLOT_WIDTH = 900, TOP = 30 };

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
                           const axis *x, double y, FILE *out)
{
    double filled = place(x, good->counts.statements ? (double)good->counts.statements : 1);

    fprintf(out, "<g class=\"%s\"><title>%s: %" PRIu64 " statements", pattern_keys[pattern],
            pattern_names[pattern], good->counts.statements);
    if (html_usable(tempting)) {
        double open =
            place(x, tempting->counts.statements ? (double)tempting->counts.statements : 1);
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
    axis x = axis_around(1, most_statements(self, engine), LABEL_WIDTH, PLOT_WIDTH - 30);

    fprintf(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Plot of statements\"><svg class=\"plot\" "
        "style=\"min-width:38rem\" viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Statements of the good and the "
        "tempting way by use case and pattern; the figures are in the last table\">",
        PLOT_WIDTH, height);
    for (double value = x.from; value <= x.to * 1.001; value *= 10) {
        fprintf(
            out,
            "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.0f\"/><text class=\"soft\" x=\"%.1f\" "
            "y=\"18\" text-anchor=\"middle\">%g</text>",
            place(&x, value), place(&x, value), TOP - 4, height, place(&x, value), value);
    }
    for (size_t use_case = 0; use_case < self->case_count; use_case++) {
        double y = TOP + (double)use_case * ROW_HEIGHT + 4;
        fprintf(
            out,
            "<line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"0\" y=\"%.1f\">",
            PLOT_WIDTH, y - 2, y - 2, y + ROW_HEIGHT / 2.0);
        html_escape(self->cases[use_case]->title, out);
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

/* --- Time. --- */

enum { SQUARE = 520, MARGIN = 60 };

static void time_range(const results *self, size_t engine, double *fastest, double *slowest)
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

static void write_time_grid(const axis *x, const axis *y, FILE *out)
{
    for (double value = x->from; value <= x->to * 1.001; value *= 10) {
        double across = place(x, value);
        double up = place(y, value);
        fprintf(out,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text class=\"soft\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>"
                "<text class=\"soft\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%g</text>",
                across, across, y->start, y->end, x->start, x->end, up, up, across, y->start + 18,
                value, x->start - 8, up + 4, value);
    }
    fprintf(
        out,
        "<line class=\"diagonal\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
        "<text class=\"soft\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">good way, ms</text>"
        "<text class=\"soft\" x=\"16\" y=\"%.1f\" text-anchor=\"middle\" transform=\"rotate(-90 16 %.1f)\">"
        "tempting way, ms</text>",
        x->start, y->start, x->end, y->end, (x->start + x->end) / 2, y->start + 42,
        (y->start + y->end) / 2, (y->start + y->end) / 2);
}

void html_time_plot(const results *self, size_t engine, FILE *out)
{
    double fastest, slowest;

    time_range(self, engine, &fastest, &slowest);
    axis x = axis_around(fastest, slowest, MARGIN, MARGIN + SQUARE);
    axis y = axis_around(fastest, slowest, 10 + SQUARE * 0.7, 10);
    fprintf(
        out,
        "<svg class=\"plot\" style=\"max-width:46rem\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Time of the tempting "
        "way over time of the good way; the figures are in the last table\">",
        SQUARE + MARGIN + 20, (int)(SQUARE * 0.7) + 60);
    write_time_grid(&x, &y, out);
    for (size_t i = 0; i < self->case_count * PATTERN_COUNT; i++) {
        const measurement *good =
            results_cell(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, WAY_GOOD);
        const measurement *tempting =
            results_cell(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, WAY_TEMPTING);
        if (!html_usable(good) || !html_usable(tempting) || html_ms(good) <= 0 ||
            html_ms(tempting) <= 0) {
            continue;
        }
        fprintf(out, "<g class=\"%s\"><title>", pattern_keys[i % PATTERN_COUNT]);
        html_escape(self->cases[i / PATTERN_COUNT]->title, out);
        fprintf(
            out,
            ", %s: %.3f ms good, %.3f ms tempting</title><circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/></g>",
            pattern_names[i % PATTERN_COUNT], html_ms(good), html_ms(tempting),
            place(&x, html_ms(good)), place(&y, html_ms(tempting)));
    }
    fputs("</svg>\n", out);
}
