/*
 * The plot of time: each point is a use case in a pattern, across its good way's time and up its
 * tempting way's.
 *
 * For each pattern the widest gap is named. Its label goes where it covers the fewest points and
 * labels.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare/html_private.h"

enum { SQUARE = 420, MARGIN = 60, LABEL_HEIGHT = 14, LETTER_WIDTH = 7 };

typedef struct point {
    double x, y;
} point;

/* What is drawn: points, and the labels between them. */
typedef struct plot {
    html_axis x, y;
    point *points;
    size_t point_count;
    struct box {
        double left, right, top, bottom;
    } labels[PATTERN_COUNT];
    size_t label_count;
} plot;

static void write_time_grid(const html_axis *x, const html_axis *y, FILE *out)
{
    for (double value = x->from; value <= x->to; value *= 10) {
        double across = html_place(x, value);
        double up = html_place(y, value);
        fprintf(out,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text class=\"soft\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>"
                "<text class=\"soft\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%g</text>",
                across, across, y->start, y->end, x->start, x->end, up, up, across, y->start + 18,
                value, x->start - 8, up + 4, value);
    }
    fprintf(out,
            "<line class=\"diagonal\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
            "<text class=\"soft\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">good way, ms</text>"
            "<text class=\"soft\" x=\"16\" y=\"%.1f\" text-anchor=\"middle\" "
            "transform=\"rotate(-90 16 %.1f)\">"
            "tempting way, ms</text>",
            x->start, y->start, x->end, y->end, (x->start + x->end) / 2, y->start + 42,
            (y->start + y->end) / 2, (y->start + y->end) / 2);
}

/* How many times as long the tempting way takes; 0 if there is none. */
static double gap(const results *self, size_t engine, size_t use_case, size_t pattern)
{
    const measurement *good = results_cell(self, engine, use_case, pattern, WAY_GOOD);
    const measurement *tempting = results_cell(self, engine, use_case, pattern, WAY_TEMPTING);
    bool both = html_usable(good) && html_usable(tempting) && html_ms(good) > 0;

    return both ? html_ms(tempting) / html_ms(good) : 0;
}

/* Where a label of that width may stand around a point. */
static struct box box_at(point at, double width, size_t side)
{
    /* Right of it, left, above, below. */
    const double lefts[] = {at.x + 10, at.x - 10 - width, at.x - width / 2, at.x - width / 2};
    const double middles[] = {at.y, at.y, at.y - 14, at.y + 14};
    double left = lefts[side];
    double middle = middles[side];

    return (struct box){left, left + width, middle - LABEL_HEIGHT / 2.0,
                        middle + LABEL_HEIGHT / 2.0};
}

/* How much a box would hide, and whether it leaves the plot. */
static unsigned badness(const plot *self, const struct box *box)
{
    unsigned bad =
        box->left < self->x.start || box->right > self->x.end || box->top < self->y.end ? 100 : 0;

    for (size_t i = 0; i < self->point_count; i++) {
        const point *p = &self->points[i];
        bad += p->x + 6 > box->left && p->x - 6 < box->right && p->y + 6 > box->top &&
               p->y - 6 < box->bottom;
    }
    for (size_t i = 0; i < self->label_count; i++) {
        const struct box *other = &self->labels[i];
        bool is_apart = other->right < box->left || other->left > box->right ||
                        other->bottom < box->top || other->top > box->bottom;
        bad += is_apart ? 0 : 10;
    }
    return bad;
}

static point point_of(const results *self, size_t engine, size_t use_case, size_t pattern,
                      const plot *on)
{
    double good = html_ms(results_cell(self, engine, use_case, pattern, WAY_GOOD));
    double tempting = html_ms(results_cell(self, engine, use_case, pattern, WAY_TEMPTING));

    return (point){html_place(&on->x, good), html_place(&on->y, tempting)};
}

/* Names the use case where a pattern's gap is widest. */
static void write_label(const results *self, size_t engine, size_t pattern, plot *on, FILE *out)
{
    size_t widest = 0;

    for (size_t i = 1; i < self->case_count; i++) {
        widest = gap(self, engine, i, pattern) > gap(self, engine, widest, pattern) ? i : widest;
    }
    if (gap(self, engine, widest, pattern) == 0) {
        return;
    }
    point at = point_of(self, engine, widest, pattern, on);
    double width = LETTER_WIDTH * (double)(strlen(self->cases[widest]->title) + strlen(", 10 x"));
    struct box best = box_at(at, width, 0);
    for (size_t side = 1; side < 4; side++) {
        struct box box = box_at(at, width, side);
        best = badness(on, &box) < badness(on, &best) ? box : best;
    }
    on->labels[on->label_count++] = best;
    fprintf(out, "<text class=\"own %s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
            pattern_keys[pattern], (best.left + best.right) / 2, best.bottom - 3);
    rowan__markup_text(self->cases[widest]->title, out);
    fprintf(out, ", %.0f ×</text>", gap(self, engine, widest, pattern));
}

static void write_point(const results *self, size_t engine, size_t use_case, size_t pattern,
                        const plot *on, FILE *out)
{
    point at = point_of(self, engine, use_case, pattern, on);

    fprintf(out, "<g class=\"%s\"><title>", pattern_keys[pattern]);
    rowan__markup_text(self->cases[use_case]->title, out);
    fprintf(out, ", %s: %.3f ms good, %.3f ms tempting</title>", pattern_names[pattern],
            html_ms(results_cell(self, engine, use_case, pattern, WAY_GOOD)),
            html_ms(results_cell(self, engine, use_case, pattern, WAY_TEMPTING)));
    fprintf(out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/></g>", at.x, at.y);
}

bool html_time_plot(const results *self, size_t engine, FILE *out)
{
    double fastest, slowest;
    plot on = {.points = calloc(self->case_count * PATTERN_COUNT + 1, sizeof *on.points)};

    if (!on.points) {
        return false;
    }
    html_time_range(self, engine, &fastest, &slowest);
    on.x = html_axis_around(fastest, slowest, MARGIN, HTML_PLOT_WIDTH - 20);
    on.y = html_axis_around(fastest, slowest, 10 + SQUARE, 10);
    fprintf(out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Plot of time\"><svg "
            "class=\"plot\" "
            "viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Time of the tempting way over time of "
            "the good way; the "
            "figures are in the last table\">",
            HTML_PLOT_WIDTH, SQUARE + 60);
    write_time_grid(&on.x, &on.y, out);
    for (size_t i = 0; i < self->case_count * PATTERN_COUNT; i++) {
        if (gap(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT) > 0) {
            on.points[on.point_count++] =
                point_of(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, &on);
            write_point(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, &on, out);
        }
    }
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        write_label(self, engine, pattern, &on, out);
    }
    fputs("</svg></div>\n", out);
    free(on.points);
    return true;
}
