/* The statements of the HTML report: each fingerprint with its percentiles and its histogram. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/page_private.h"

enum { SHOWN = 200, COLUMN = 6, HEIGHT = 28 };
enum { BUCKETS = 24 }; /* a bucket is a power of two of microseconds */

typedef struct sample {
    uint64_t id;
    const rowan__traced *statement;
} sample;

typedef struct series {
    const sample *at; /* from the quickest on */
    size_t count;
    int64_t total_ns;
} series;

static int by_id_and_time(const void *a, const void *b)
{
    const sample *x = a, *y = b;

    if (x->id != y->id) {
        return x->id < y->id ? -1 : 1;
    }
    return x->statement->elapsed_ns < y->statement->elapsed_ns
               ? -1
               : x->statement->elapsed_ns > y->statement->elapsed_ns;
}

static int by_total(const void *a, const void *b)
{
    const series *x = a, *y = b;

    return x->total_ns > y->total_ns ? -1 : x->total_ns < y->total_ns;
}

static int64_t percentile(const series *s, unsigned percent)
{
    size_t rank = (s->count * percent + 99) / 100;

    return s->at[rank > 0 ? rank - 1 : 0].statement->elapsed_ns;
}

/* Lines at 1 ms and 1 s, so that histograms can be compared. */
static void print_guides(FILE *file)
{
    static const struct {
        int bucket;
        const char *label;
    } guides[] = {{10, "1 ms"}, {20, "1 s"}};

    for (size_t i = 0; i < sizeof guides / sizeof guides[0]; i++) {
        int x = guides[i].bucket * COLUMN;
        fprintf(file,
                "<line class=\"tick\" x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\"/>"
                "<text x=\"%d\" y=\"%d\">%s</text>",
                x, x, HEIGHT, x + 2, HEIGHT + 9, guides[i].label);
    }
}

static size_t bucket_of(const rowan__traced *statement)
{
    double us = (double)statement->elapsed_ns / 1e3;
    double power = us > 1 ? log2(us) : 0;

    return power < BUCKETS - 1 ? (size_t)power : BUCKETS - 1;
}

static void print_histogram(const series *s, FILE *file)
{
    size_t counts[BUCKETS] = {0}, most = 0;

    for (size_t i = 0; i < s->count; i++) {
        size_t bucket = bucket_of(s->at[i].statement);
        counts[bucket]++;
        most = counts[bucket] > counts[most] ? bucket : most;
    }
    fprintf(file,
            "<svg class=\"histogram\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
            "role=\"img\" aria-label=\"%zu of %zu took from %.3f to %.3f ms\">",
            BUCKETS * COLUMN, HEIGHT + 10, BUCKETS * COLUMN, HEIGHT + 10, counts[most], s->count,
            ldexp(1, (int)most) / 1e3, ldexp(2, (int)most) / 1e3);
    print_guides(file);
    for (size_t i = 0; i < BUCKETS; i++) {
        double height = 2 + (HEIGHT - 2.0) * (double)counts[i] / (double)counts[most];
        if (counts[i] > 0) {
            fprintf(file,
                    "<rect class=\"s\" x=\"%zu\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"><title>"
                    "%zu from %.3f ms</title></rect>",
                    i * COLUMN, HEIGHT - height, COLUMN - 1, height, counts[i],
                    ldexp(1, (int)i) / 1e3);
        }
    }
    fputs("</svg>", file);
}

/* Links to what was found of a statement. */
static void print_links(const rowan__page *page, uint64_t id)
{
    for (size_t i = 0; i < page->analysis->count; i++) {
        if (page->ranked[i]->fingerprint_id == id) {
            fprintf(page->file, " <a class=\"kind\" href=\"#finding%zu\">", i + 1);
            rowan__markup_text(rowan__kind_title(page->ranked[i]->kind), page->file);
            fputs("</a>", page->file);
        }
    }
}

static void print_series(const rowan__page *page, const series *s)
{
    static const unsigned percents[] = {50, 95, 99, 100};
    const rowan__traced *like = s->at[0].statement;
    FILE *file = page->file;
    char folded[1024];

    rowan_fingerprint(like->dialect, like->sql, like->sql_size, folded, sizeof folded, NULL);
    fputs("<tr><th scope=\"row\"><code>", file);
    rowan__markup_text(folded, file);
    fputs("</code>", file);
    print_links(page, s->at[0].id);
    fprintf(file, "</th><td class=\"n\">%zu</td><td class=\"n\">%s</td>", s->count,
            rowan__html_time(s->total_ns).text);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        fprintf(file, "<td class=\"n\">%s</td>", rowan__html_time(percentile(s, percents[i])).text);
    }
    fputs("<td>", file);
    print_histogram(s, file);
    fputs("</td></tr>\n", file);
}

/* @return how many fingerprints there are */
static size_t divide(const sample *samples, size_t count, series *out)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (i == 0 || samples[i].id != samples[i - 1].id) {
            out[found++] = (series){.at = &samples[i]};
        }
        out[found - 1].count++;
        out[found - 1].total_ns += samples[i].statement->elapsed_ns;
    }
    return found;
}

static size_t collect(const rowan__analysis *analysis, sample *out)
{
    size_t count = 0;

    for (size_t t = 0; t < analysis->trace_count; t++) {
        const rowan__trace *trace = analysis->traces[t];
        for (size_t i = 0; i < trace->count; i++) {
            const rowan__traced *statement = &trace->at[i];
            out[count].statement = statement;
            rowan_fingerprint(statement->dialect, statement->sql, statement->sql_size, NULL, 0,
                              &out[count++].id);
        }
    }
    return count;
}

/* The heads of the columns with numbers are buttons for the script, which sorts by them. */
static void print_heads(size_t count, FILE *file)
{
    static const char *const heads[] = {"count", "total", "p50", "p95", "p99", "max"};

    fprintf(file,
            "<section aria-labelledby=\"statements\"><h2 id=\"statements\">Statements</h2>\n"
            "<p class=\"soft\">%zu of %zu fingerprints, those first that took most time; times in "
            "ms.</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Statements "
            "by fingerprint\"><table class=\"statements\"><thead><tr><th "
            "scope=\"col\">statement</th>",
            count < SHOWN ? count : (size_t)SHOWN, count);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        fprintf(file, "<th scope=\"col\" class=\"n\"%s>%s</th>",
                strcmp(heads[i], "total") == 0 ? " aria-sort=\"descending\"" : "", heads[i]);
    }
    fputs("<th scope=\"col\">spread</th></tr></thead>\n<tbody>\n", file);
}

bool rowan__html_statements(const rowan__page *page)
{
    const rowan__analysis *analysis = page->analysis;
    size_t most = analysis->statements + 1;
    sample *samples = rowan__new(analysis->allocator, most, sizeof *samples);
    series *all = rowan__new(analysis->allocator, most, sizeof *all);
    bool whole = samples != NULL && all != NULL;
    size_t count = 0;

    if (whole) {
        count = collect(analysis, samples);
        qsort(samples, count, sizeof *samples, by_id_and_time);
        count = divide(samples, count, all);
        qsort(all, count, sizeof *all, by_total);
    }
    print_heads(count, page->file);
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        print_series(page, &all[i]);
    }
    fputs("</tbody></table></div></section>\n", page->file);
    rowan__free(analysis->allocator, samples, most, sizeof *samples);
    rowan__free(analysis->allocator, all, most, sizeof *all);
    return whole;
}
