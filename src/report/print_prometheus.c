/*
 * A trace in Prometheus's text format. Fingerprints are labels, and labels have to be few: those
 * that took most time are named, the rest is counted together.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/fold.h"
#include "report/print.h"

enum { NAMED = 50 };

typedef struct total {
    uint64_t id;
    const rowan__traced *like;
    uint64_t count, errors;
    int64_t elapsed_ns;
} total;

static int by_id(const void *a, const void *b)
{
    const total *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_time(const void *a, const void *b)
{
    const total *x = a, *y = b;

    if (x->elapsed_ns != y->elapsed_ns) {
        return x->elapsed_ns > y->elapsed_ns ? -1 : 1;
    }
    return by_id(a, b);
}

static size_t all_statements(const rowan__analysis *analysis)
{
    size_t count = 0;

    for (size_t t = 0; t < analysis->trace_count; t++) {
        count += analysis->traces[t]->count;
    }
    return count;
}

/* One total for each statement, then one for each fingerprint. @return how many */
static size_t collect(const rowan__analysis *analysis, total *out)
{
    size_t count = 0, kept = 0;

    for (size_t t = 0; t < analysis->trace_count; t++) {
        const rowan__trace *trace = analysis->traces[t];
        for (size_t i = 0; i < trace->count; i++) {
            const rowan__traced *statement = &trace->at[i];
            out[count] = (total){.like = statement,
                                 .count = !statement->is_cached,
                                 .errors = statement->error != NULL,
                                 .elapsed_ns = statement->elapsed_ns};
            rowan_fingerprint(statement->dialect, statement->sql, statement->sql_size, NULL, 0,
                              &out[count++].id);
        }
    }
    if (count > 0) {
        qsort(out, count, sizeof *out, by_id);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && out[kept - 1].id == out[i].id) {
            out[kept - 1].count += out[i].count;
            out[kept - 1].errors += out[i].errors;
            out[kept - 1].elapsed_ns += out[i].elapsed_ns;
        } else {
            out[kept++] = out[i];
        }
    }
    if (kept > 0) {
        qsort(out, kept, sizeof *out, by_time);
    }
    return kept;
}

static void print_label(const char *text, FILE *file)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', file);
        }
        if (*text == '\n') {
            fputs("\\n", file);
        } else {
            fputc(*text, file);
        }
    }
}

static void print_one(const char *name, const total *of, double value, FILE *file)
{
    char folded[256];

    if (of == NULL) {
        fprintf(file, "%s{fingerprint=\"other\",statement=\"\",dialect=\"\"} %.9g\n", name, value);
        return;
    }
    rowan_fingerprint(of->like->dialect, of->like->sql, of->like->sql_size, folded, sizeof folded,
                      NULL);
    fprintf(file, "%s{fingerprint=\"%016" PRIx64 "\",statement=\"", name, of->id);
    print_label(folded, file);
    fprintf(file, "\",dialect=\"%s\"} %.9g\n", of->like->dialect, value);
}

static double figure(const total *of, int which)
{
    return which == 0   ? (double)of->count
           : which == 1 ? (double)of->errors
                        : (double)of->elapsed_ns / 1e9;
}

static void print_family(const char *name, const char *help, const total *totals, size_t count,
                         int which, FILE *file)
{
    double others = 0;

    fprintf(file, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
    for (size_t i = 0; i < count; i++) {
        if (i < NAMED) {
            print_one(name, &totals[i], figure(&totals[i], which), file);
        } else {
            others += figure(&totals[i], which);
        }
    }
    if (count > NAMED) {
        print_one(name, NULL, others, file);
    }
}

bool rowan__print_prometheus(const rowan__analysis *analysis, FILE *file)
{
    size_t most = all_statements(analysis) + 1;
    total *totals = rowan__new(analysis->allocator, most, sizeof *totals);

    if (totals == NULL) {
        return false;
    }
    size_t count = collect(analysis, totals);
    print_family("rowan_statements_total", "Statements executed.", totals, count, 0, file);
    print_family("rowan_statement_errors_total", "Statements that failed.", totals, count, 1, file);
    print_family("rowan_statement_seconds_total", "Time spent in statements.", totals, count, 2,
                 file);
    fprintf(file,
            "# HELP rowan_findings What the detector found.\n# TYPE rowan_findings gauge\n"
            "rowan_findings %zu\n",
            analysis->count);
    rowan__free(analysis->allocator, totals, most, sizeof *totals);
    return true;
}
