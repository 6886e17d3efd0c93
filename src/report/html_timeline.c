/*
 * The timelines of the HTML report: a lane for each connection, a bar for each statement, and
 * arrows from the parents of findings to their children. All places are in percent of the width, so
 * that a page of any width shows all of it and a closer look is a wider drawing. A bar is never
 * thinner than can be seen, and a long trace is shown as far as it can be read.
 */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "report/lanes.h"
#include "report/page_private.h"

enum { SHOWN = 2000, LANES = 24, ARROWS = 40, LANE = 64, BAR = 16, TOP = 24 };
enum { TICKS = 40, WIDE_TICKS = 10 };

/* What a statement has to do with the findings. */
typedef struct mark {
    size_t finding; /* number on the page; 0: none */
    bool is_parent;
} mark;

typedef struct timeline {
    const rowan__page *page;
    const rowan__trace *trace;
    size_t number, shown;
    mark *marks; /* of each statement of the trace */
    int64_t begin_ns, end_ns;
    rowan__lanes lanes;
    FILE *file;
} timeline;

static double x_of(const timeline *t, int64_t ns)
{
    double span = (double)(t->end_ns > t->begin_ns ? t->end_ns - t->begin_ns : 1);

    return 100.0 * (double)(ns - t->begin_ns) / span;
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

static void mark_statement(timeline *t, uint64_t seq, size_t finding, bool is_parent)
{
    const rowan__traced *statement = rowan__trace_numbered(t->trace, seq);
    mark *at = statement != NULL ? &t->marks[statement - t->trace->at] : NULL;

    if (at != NULL && at->finding == 0) {
        *at = (mark){finding, is_parent};
    }
}

/* A statement that has to do with several belongs to the first, which lost most. */
static void mark_statements(timeline *t)
{
    for (size_t i = 0; i < t->page->analysis->count; i++) {
        const rowan__trace_finding *finding = t->page->ranked[i];
        for (size_t k = 0; finding->trace == t->trace && k < finding->seq_count && k < SHOWN; k++) {
            mark_statement(t, finding->seqs[k], i + 1, false);
        }
    }
    for (size_t i = 0; i < t->page->analysis->count; i++) {
        if (t->page->ranked[i]->trace == t->trace) {
            mark_statement(t, t->page->ranked[i]->parent_seq, i + 1, true);
        }
    }
}

/* --- Bars. --- */

static void print_bar(timeline *t, size_t index)
{
    const rowan__traced *statement = &t->trace->at[index];
    const mark *at = &t->marks[index];
    double x = x_of(t, statement->start_ns);

    fprintf(t->file,
            "<rect id=\"s%zu-%" PRIu64 "\" class=\"%s%s\" tabindex=\"%d\" role=\"img\" x=\"%.3f%%\""
            " y=\"%zu\" width=\"%.3f%%\" height=\"%d\"",
            t->number, statement->seq,
            at->finding == 0 ? "s"
            : at->is_parent  ? "p"
                             : "f",
            statement->error != NULL ? " e" : "", index == 0 ? 0 : -1, x,
            TOP + rowan__lane_of(&t->lanes, statement) * LANE,
            x_of(t, statement->start_ns + statement->elapsed_ns) - x, BAR);
    if (at->finding != 0) {
        fprintf(t->file, " data-finding=\"%zu\"", at->finding);
    }
    fprintf(t->file, "><title>#%" PRIu64 "  %.3f ms at %.1f ms  ", statement->seq,
            (double)statement->elapsed_ns / 1e6, (double)(statement->start_ns - t->begin_ns) / 1e6);
    rowan__markup_text(statement->scope, t->file);
    fputs(statement->scope != NULL ? "\n" : "", t->file);
    rowan__markup_text(statement->sql, t->file);
    if (statement->error != NULL) {
        fputs("\nfailed: ", t->file);
        rowan__markup_text(statement->error, t->file);
    }
    fputs("</title></rect>\n", t->file);
}

/* --- Arrows. --- */

/*
 * From the end of the parent below the bars to the middle of the child. The drawing inside is
 * stretched to the distance; the tip is a drawing of its own, so that it is not.
 */
static void print_arrow(timeline *t, const rowan__traced *parent, const rowan__traced *child,
                        size_t finding, size_t turn)
{
    double from = x_of(t, parent->start_ns + parent->elapsed_ns);
    double to = x_of(t, child->start_ns + child->elapsed_ns / 2);
    size_t above = rowan__lane_of(&t->lanes, parent), below = rowan__lane_of(&t->lanes, child);
    size_t y = TOP + BAR + above * LANE, end = TOP + BAR + below * LANE;
    size_t top = y < end ? y : end, depth = (y < end ? end - y : y - end) + 14 + turn % 4 * 7;
    bool leftward = to < from;

    fprintf(t->file,
            "<svg class=\"arrow\" data-finding=\"%zu\" x=\"%.3f%%\" y=\"%zu\" width=\"%.3f%%\" "
            "height=\"%zu\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\"><path class=\"a\" "
            "d=\"M%d %zu C%d 128 %d 128 %d %zu\"/></svg>"
            "<svg class=\"tip\" data-finding=\"%zu\" x=\"%.3f%%\" y=\"%zu\"><path "
            "d=\"M-3.5 8L0 1L3.5 8z\"/></svg>\n",
            finding, leftward ? to : from, top, leftward ? from - to : to - from, depth,
            leftward ? 100 : 0, 100 * (y - top) / depth, leftward ? 100 : 0, leftward ? 0 : 100,
            leftward ? 0 : 100, 100 * (end - top) / depth + (end == top ? 6 : 0), finding, to, end);
}

static void print_arrows(timeline *t)
{
    for (size_t i = 0; i < t->page->analysis->count; i++) {
        const rowan__trace_finding *finding = t->page->ranked[i];
        const rowan__traced *parent = finding->trace == t->trace
                                          ? rowan__trace_numbered(t->trace, finding->parent_seq)
                                          : NULL;
        if (parent == NULL || (size_t)(parent - t->trace->at) >= t->shown) {
            continue;
        }
        for (size_t k = 0; k < finding->seq_count && k < ARROWS; k++) {
            const rowan__traced *child = rowan__trace_numbered(t->trace, finding->seqs[k]);
            if (child != NULL && (size_t)(child - t->trace->at) < t->shown) {
                print_arrow(t, parent, child, i + 1, k);
            }
        }
    }
}

/* --- The drawing. --- */

/* More ticks than fit: those between are for a closer look. */
static void print_ticks(timeline *t, size_t height)
{
    double span_ms = (double)(t->end_ns - t->begin_ns) / 1e6;

    for (size_t i = 0; i <= TICKS; i++) {
        double x = 100.0 * (double)i / TICKS;
        fprintf(t->file,
                "<g%s><line class=\"tick\" x1=\"%.1f%%\" x2=\"%.1f%%\" y1=\"14\" y2=\"%zu\"/>"
                "<text x=\"%.1f%%\" y=\"10\" text-anchor=\"%s\">%.*f ms</text></g>\n",
                i % WIDE_TICKS == 0 ? "" : " class=\"minor\"", x, x, height, x,
                i == 0       ? "start"
                : i == TICKS ? "end"
                             : "middle",
                span_ms < 10    ? 2
                : span_ms < 400 ? 1
                                : 0,
                span_ms * (double)i / TICKS);
    }
}

static void print_lanes(timeline *t)
{
    fputs("<div class=\"lanes\" aria-hidden=\"true\">", t->file);
    for (size_t i = 0; i < t->lanes.count; i++) {
        fputs("<span>", t->file);
        rowan__markup_text(t->lanes.names[i], t->file);
        fputs("</span>", t->file);
    }
    fputs("</div>\n", t->file);
}

static void print_drawing(timeline *t)
{
    size_t height = TOP + t->lanes.count * LANE;

    fprintf(t->file,
            "<div class=\"timeline\">\n<label class=\"zoom\" hidden>Closer <input type=\"range\" "
            "min=\"1\" max=\"40\" value=\"1\"></label>\n");
    print_lanes(t);
    fprintf(t->file,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Timeline of ");
    rowan__markup_text(t->trace->name, t->file);
    fprintf(t->file,
            "\">\n<svg class=\"drawing\" height=\"%zu\" role=\"group\" aria-label=\"Statements in "
            "time, a lane for each connection\">\n",
            height);
    print_ticks(t, height);
    for (size_t i = 0; i < t->lanes.count; i++) {
        fprintf(t->file, "<line class=\"lane\" x1=\"0\" x2=\"100%%\" y1=\"%zu\" y2=\"%zu\"/>\n",
                TOP + BAR + i * LANE, TOP + BAR + i * LANE);
    }
    print_arrows(t);
    for (size_t i = 0; i < t->shown; i++) {
        print_bar(t, i);
    }
    fputs("</svg></div>\n</div>\n<p class=\"readout\" role=\"status\">The statements are told by "
          "pointing at them.</p>\n",
          t->file);
}

static bool print_timeline(timeline *t)
{
    const rowan_allocator *allocator = t->page->analysis->allocator;

    t->marks = rowan__new(allocator, t->trace->count, sizeof *t->marks);
    if (t->marks == NULL) {
        return false;
    }
    measure(t);
    mark_statements(t);
    fputs("<article class=\"time\"><h3>", t->file);
    rowan__markup_text(t->trace->name, t->file);
    fprintf(t->file,
            "</h3>\n<p class=\"soft\">%s ms, %zu of %zu statements shown, "
            "a line for each connection</p>\n",
            rowan__html_time(t->end_ns - t->begin_ns).text, t->shown, t->trace->count);
    print_drawing(t);
    fputs("</article>\n", t->file);
    rowan__free(allocator, t->marks, t->trace->count, sizeof *t->marks);
    return true;
}

bool rowan__html_timelines(const rowan__page *page)
{
    bool whole = true;

    fputs("<section aria-labelledby=\"time\"><h2 id=\"time\">In time</h2>\n"
          "<ul class=\"legend\"><li class=\"s\">a statement</li><li class=\"f\">of a finding</li>"
          "<li class=\"p\">where its values came from</li><li class=\"e\">failed</li></ul>\n",
          page->file);
    for (size_t i = 0; i < page->analysis->trace_count; i++) {
        timeline t = {.page = page,
                      .trace = page->analysis->traces[i],
                      .number = i + 1,
                      .lanes.most = LANES,
                      .file = page->file};
        if (t.trace->count > 0) {
            whole = print_timeline(&t) && whole;
        }
    }
    fputs("</section>\n", page->file);
    return whole;
}
