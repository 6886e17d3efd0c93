/*
 * The timelines of the HTML report, as inline SVG: a lane for each connection, a bar for each
 * statement, and arrows from the parents of findings to their children. A bar is never thinner than
 * can be seen, and a long trace is shown to where it can be read.
 */
#include <inttypes.h>
#include <string.h>

#include "report/lanes.h"
#include "report/page_private.h"

enum { SHOWN = 2000, LANES = 24, ARROWS = 40, WIDTH = 1100, LANE = 26, LEFT = 110 };

typedef struct timeline {
    const rowan__trace *trace;
    size_t shown;
    int64_t begin_ns, end_ns;
    rowan__lanes lanes;
    FILE *file;
} timeline;

static double x_of(const timeline *t, int64_t ns)
{
    double span = (double)(t->end_ns > t->begin_ns ? t->end_ns - t->begin_ns : 1);

    return LEFT + (double)(ns - t->begin_ns) / span * (WIDTH - LEFT - 10);
}

static void measure(timeline *t)
{
    t->shown = t->trace->count < SHOWN ? t->trace->count : SHOWN;
    for (size_t i = 0; i < t->shown; i++) {
        const rowan__traced *statement = &t->trace->at[i];
        int64_t end_ns = statement->start_ns + statement->elapsed_ns;
        t->begin_ns =
            i == 0 || statement->start_ns < t->begin_ns ? statement->start_ns : t->begin_ns;
        t->end_ns = end_ns > t->end_ns ? end_ns : t->end_ns;
        (void)rowan__lane_of(&t->lanes, statement);
    }
}

static bool is_found(const rowan__analysis *analysis, const rowan__traced *statement)
{
    for (size_t i = 0; i < analysis->count; i++) {
        const rowan__trace_finding *finding = &analysis->at[i];
        for (size_t k = 0; k < finding->seq_count && k < ARROWS; k++) {
            if (finding->seqs[k] == statement->seq) {
                return true;
            }
        }
    }
    return false;
}

static void print_bar(timeline *t, const rowan__analysis *analysis, const rowan__traced *statement)
{
    double x = x_of(t, statement->start_ns);
    double width = x_of(t, statement->start_ns + statement->elapsed_ns) - x;

    fprintf(t->file,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%zu\" width=\"%.1f\" height=\"14\"><title>#%" PRIu64
            " %.2f ms  ",
            is_found(analysis, statement) ? "f" : "s", x,
            20 + rowan__lane_of(&t->lanes, statement) * LANE, width > 1.5 ? width : 1.5,
            statement->seq, (double)statement->elapsed_ns / 1e6);
    rowan__markup_text(statement->sql, t->file);
    fputs("</title></rect>\n", t->file);
}

static void print_arrow(timeline *t, const rowan__traced *parent, const rowan__traced *child)
{
    double from = x_of(t, parent->start_ns + parent->elapsed_ns);
    double to = x_of(t, child->start_ns);
    size_t y = 34 + rowan__lane_of(&t->lanes, parent) * LANE,
           end = 20 + rowan__lane_of(&t->lanes, child) * LANE;
    size_t low = (y > end ? y : end) + 30;

    fprintf(t->file,
            "<path class=\"a\" marker-end=\"url(#tip)\" d=\"M%.1f %zu C%.1f %zu %.1f %zu %.1f "
            "%zu\"/>\n",
            from, y, from, low, to, low, to, end + 14);
}

static void print_arrows(timeline *t, const rowan__analysis *analysis)
{
    for (size_t i = 0; i < analysis->count; i++) {
        const rowan__trace_finding *finding = &analysis->at[i];
        const rowan__traced *parent = finding->trace == t->trace
                                          ? rowan__trace_numbered(t->trace, finding->parent_seq)
                                          : NULL;
        for (size_t k = 0; parent != NULL && k < finding->seq_count && k < ARROWS; k++) {
            const rowan__traced *child = rowan__trace_numbered(t->trace, finding->seqs[k]);
            if (child != NULL && (size_t)(child - t->trace->at) < t->shown) {
                print_arrow(t, parent, child);
            }
        }
    }
}

static void print_timeline(timeline *t, const rowan__analysis *analysis)
{
    measure(t);
    fputs("<h3>", t->file);
    rowan__markup_text(t->trace->name, t->file);
    fprintf(t->file,
            "</h3>\n<p class=\"soft\">%.1f ms, %zu of %zu statements shown</p>\n"
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"timeline\">"
            "<svg viewBox=\"0 0 %d %zu\" width=\"%d\" role=\"img\" aria-label=\"Statements in "
            "time, a lane for each connection\"><defs><marker id=\"tip\" viewBox=\"0 0 6 6\" "
            "refX=\"5\" refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\"><path "
            "class=\"f\" d=\"M0 0L6 3L0 6z\"/></marker></defs>\n",
            (double)(t->end_ns - t->begin_ns) / 1e6, t->shown, t->trace->count, WIDTH,
            60 + t->lanes.count * LANE, WIDTH);
    for (size_t i = 0; i < t->lanes.count; i++) {
        fprintf(t->file, "<text x=\"4\" y=\"%zu\">", 31 + i * LANE);
        rowan__markup_text(t->lanes.names[i], t->file);
        fputs("</text>\n", t->file);
    }
    for (size_t i = 0; i < t->shown; i++) {
        print_bar(t, analysis, &t->trace->at[i]);
    }
    print_arrows(t, analysis);
    fputs("</svg></div>\n", t->file);
}

void rowan__html_timelines(const rowan__analysis *analysis, FILE *file)
{
    fputs("<section aria-labelledby=\"time\"><h2 id=\"time\">In time</h2>\n", file);
    for (size_t i = 0; i < analysis->trace_count; i++) {
        timeline t = {.trace = analysis->traces[i], .lanes.most = LANES, .file = file};
        if (t.trace->count > 0) {
            print_timeline(&t, analysis);
        }
    }
    fputs("</section>\n", file);
}
