/* The statements of the HTML report: each fingerprint with its percentiles and its histogram. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/page_private.h"

enum { SHOWN = 200, BUCKETS = 24 }; /* a bucket is a power of two of microseconds */

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

static double percentile_ms(const series *s, unsigned percent)
{
    size_t rank = (s->count * percent + 99) / 100;

    return (double)s->at[rank > 0 ? rank - 1 : 0].statement->elapsed_ns / 1e6;
}

static void print_histogram(const series *s, FILE *file)
{
    size_t counts[BUCKETS] = {0}, most = 1;

    for (size_t i = 0; i < s->count; i++) {
        double us = (double)s->at[i].statement->elapsed_ns / 1e3;
        double power = us > 1 ? log2(us) : 0;
        size_t bucket = power < BUCKETS - 1 ? (size_t)power : BUCKETS - 1;
        counts[bucket]++;
        most = counts[bucket] > most ? counts[bucket] : most;
    }
    fprintf(file,
            "<svg viewBox=\"0 0 %d 24\" width=\"%d\" height=\"24\" role=\"img\" aria-label=\"How "
            "long its executions took\">",
            BUCKETS * 6, BUCKETS * 6);
    for (size_t i = 0; i < BUCKETS; i++) {
        double height = 22.0 * (double)counts[i] / (double)most;
        if (counts[i] > 0) {
            fprintf(file,
                    "<rect class=\"s\" x=\"%zu\" y=\"%.1f\" width=\"5\" height=\"%.1f\"><title>%zu "
                    "from %.3f ms</title></rect>",
                    i * 6, 24 - height, height, counts[i], ldexp(1, (int)i) / 1e3);
        }
    }
    fputs("</svg>", file);
}

static void print_series(const series *s, FILE *file)
{
    const rowan__traced *like = s->at[0].statement;
    char folded[1024];

    rowan_fingerprint(like->dialect, like->sql, like->sql_size, folded, sizeof folded, NULL);
    fputs("<tr><td><code>", file);
    rowan__markup_text(folded, file);
    fprintf(file, "</code></td><td class=\"n\">%zu</td><td class=\"n\">%.1f</td>", s->count,
            (double)s->total_ns / 1e6);
    for (size_t i = 0; i < 4; i++) {
        static const unsigned percents[] = {50, 95, 99, 100};
        fprintf(file, "<td class=\"n\">%.2f</td>", percentile_ms(s, percents[i]));
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

bool rowan__html_statements(const rowan__analysis *analysis, FILE *file)
{
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
    fprintf(file,
            "<section aria-labelledby=\"statements\"><h2 id=\"statements\">Statements</h2>\n"
            "<p class=\"soft\">%zu of %zu fingerprints, those first that took most time; times in "
            "ms</p>\n<div class=\"scroll\"><table><thead><tr><th>statement</th>"
            "<th class=\"n\">count</th><th class=\"n\">total</th><th class=\"n\">p50</th>"
            "<th class=\"n\">p95</th><th class=\"n\">p99</th><th class=\"n\">max</th>"
            "<th>spread</th></tr></thead><tbody>\n",
            count < SHOWN ? count : (size_t)SHOWN, count);
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        print_series(&all[i], file);
    }
    fputs("</tbody></table></div></section>\n", file);
    rowan__free(analysis->allocator, samples, most, sizeof *samples);
    rowan__free(analysis->allocator, all, most, sizeof *all);
    return whole;
}
