/*
 * Running cells.
 *
 * A cell that writes runs inside a transaction that is rolled back, so that every cell finds the
 * same shop. What surrounds it (that transaction, and looking at what it wrote) is outside the
 * counts and the clock.
 */
#include "cli/compare/measure.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"

/* Statements of one cell, by text. */
typedef struct collector {
    bool on;
    sent_statement *at;
    size_t count, capacity;
} collector;

/* What the library allocated while a cell ran. */
typedef struct tally {
    bool on;
    uint64_t allocations, bytes;
} tally;

struct bench {
    rowan_db *plain, *watched;
    collector collected;
    tally memory;
    rowan_subscriber subscriber;
    rowan_allocator allocator;
};

static void *tally_allocate(void *context, size_t size, size_t alignment)
{
    tally *self = context;

    if (self->on) {
        self->allocations++;
        self->bytes += size;
    }
    return rowan__default_allocator.allocate(NULL, size, alignment);
}

static void tally_release(void *context, void *memory, size_t size)
{
    (void)context;
    rowan__default_allocator.release(NULL, memory, size);
}

static void collect(void *context, const rowan_event *event)
{
    collector *self = context;

    if (!self->on || event->kind != ROWAN_EVENT_STATEMENT) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->at[i].sql, event->sql) == 0) {
            self->at[i].count += event->statements;
            self->at[i].database_ns += event->database_ns;
            return;
        }
    }
    char *sql = strndup(event->sql, event->sql_size);
    if (!sql || !rowan__grow(&rowan__default_allocator, (void **)&self->at, &self->capacity,
                             self->count, sizeof *self->at)) {
        free(sql);
        return;
    }
    self->at[self->count++] = (sent_statement){sql, event->statements, event->database_ns};
}

static void collector_clear(collector *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->at[i].sql);
    }
    self->count = 0;
}

static rowan_status open_plain(bench *self, const char *url, rowan_error *error)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[] = {&self->subscriber};

    options.no_detector = true;
    options.allocator = &self->allocator;
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    options.max_open = 1;
    return rowan_open(url, &options, &self->plain, error);
}

static rowan_status open_watched(bench *self, const char *url, rowan_error *error)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.max_open = 1;
    return rowan_open(url, &options, &self->watched, error);
}

rowan_status bench_open(const char *url, bench **out, rowan_error *error)
{
    bench *self = calloc(1, sizeof *self);

    *out = NULL;
    if (!self) {
        memset(error, 0, sizeof *error);
        error->status = ROWAN_NOMEM;
        return ROWAN_NOMEM;
    }
    self->allocator = (rowan_allocator){tally_allocate, tally_release, &self->memory};
    self->subscriber =
        (rowan_subscriber){.on_event = collect, .context = &self->collected, .wants_layers = true};
    rowan_status status = open_plain(self, url, error);
    if (status == ROWAN_OK) {
        status = open_watched(self, url, error);
    }
    if (status != ROWAN_OK) {
        bench_close(self);
        return status;
    }
    *out = self;
    return ROWAN_OK;
}

void bench_close(bench *self)
{
    if (!self) {
        return;
    }
    rowan_close(self->plain);
    rowan_close(self->watched);
    collector_clear(&self->collected);
    rowan__free(&rowan__default_allocator, self->collected.at, self->collected.capacity,
                sizeof *self->collected.at);
    free(self);
}

const char *bench_engine(const bench *self)
{
    return rowan_db_engine(self->plain);
}

rowan_db *bench_db(bench *self)
{
    return self->plain;
}

/* --- One run. --- */

static rowan_counts counts_since(rowan_counts now, const rowan_counts *before)
{
    now.statements -= before->statements;
    now.transactions -= before->transactions;
    now.setups -= before->setups;
    now.round_trips -= before->round_trips;
    now.rows -= before->rows;
    now.affected -= before->affected;
    now.bytes_sent -= before->bytes_sent;
    now.bytes_received -= before->bytes_received;
    now.cache_hits -= before->cache_hits;
    now.cache_misses -= before->cache_misses;
    now.driver_ns -= before->driver_ns;
    now.database_ns -= before->database_ns;
    return now;
}

static void keep_error(measurement *out, rowan_status status, const rowan_error *error)
{
    out->status = status;
    free(out->error);
    out->error = strdup(error && error->message[0] ? error->message : rowan_status_name(status));
}

static void keep_statements(measurement *out, collector *collected)
{
    for (size_t i = 0; i < out->statement_count; i++) {
        free(out->statements[i].sql);
    }
    free(out->statements);
    out->statement_count = 0;
    out->statements = calloc(collected->count ? collected->count : 1, sizeof *out->statements);
    if (out->statements) {
        memcpy(out->statements, collected->at, collected->count * sizeof *out->statements);
        out->statement_count = collected->count;
        collected->count = 0; /* the texts are the measurement's */
    }
}

/* The cell itself, under the clock. */
static rowan_status run_cell(bench *self, rowan_scope *scope, usecase_cell cell, measurement *out)
{
    rowan_counts before = rowan_scope_counts(scope);

    collector_clear(&self->collected);
    self->memory = (tally){.on = true};
    self->collected.on = true;
    int64_t start_ns = rowan__now_ns();
    rowan_status status = cell(scope, out->found);
    int64_t total_ns = rowan__now_ns() - start_ns - ledger_elapsed_ns(out->found);
    self->collected.on = false;
    self->memory.on = false;
    if (status != ROWAN_OK) {
        keep_error(out, status, rowan_scope_error(scope));
        return status;
    }
    out->counts = counts_since(rowan_scope_counts(scope), &before);
    out->allocations = self->memory.allocations;
    out->allocated_bytes = self->memory.bytes;
    out->times.driver_ns = out->counts.driver_ns;
    out->times.database_ns = out->counts.database_ns;
    out->times.pattern_ns = total_ns - out->counts.driver_ns - out->counts.database_ns;
    keep_statements(out, &self->collected);
    return ROWAN_OK;
}

static rowan_status run_once(bench *self, const usecase *use_case, usecase_cell cell,
                             measurement *out)
{
    rowan_scope *scope;
    rowan_error error;
    rowan_status status = rowan_scope_begin(self->plain, use_case->key, &scope, &error);

    if (status != ROWAN_OK) {
        keep_error(out, status, &error);
        return status;
    }
    ledger_clear(out->found);
    /* A statement of no interest makes sure that the scope has its connection before the clock
     * starts. */
    status = rowan_begin(scope, NULL);
    if (status == ROWAN_OK && !use_case->state) {
        status = rowan_rollback(scope);
    }
    if (status == ROWAN_OK) {
        status = run_cell(self, scope, cell, out);
    }
    if (status == ROWAN_OK && use_case->state) {
        status = use_case->state(scope, out->found);
    }
    if (status != ROWAN_OK) {
        keep_error(out, status, rowan_scope_error(scope));
    }
    rowan_scope_end(scope); /* rolls back what the cell wrote */
    return status;
}

/* --- Findings. --- */

static char *copy_or_null(const char *text)
{
    return text ? strdup(text) : NULL;
}

static void keep_findings(measurement *out, const usecase *use_case, const rowan_findings *findings)
{
    out->findings = calloc(findings->count ? findings->count : 1, sizeof *out->findings);
    for (size_t i = 0; out->findings && i < findings->count; i++) {
        const rowan_finding *finding = &findings->at[i];
        kept_finding *kept = &out->findings[out->finding_count++];
        size_t size = rowan_finding_text(finding, NULL, 0) + 1;
        kept->kind = finding->kind;
        kept->expected = (use_case->expected & 1u << finding->kind) != 0;
        kept->text = malloc(size);
        if (kept->text) {
            rowan_finding_text(finding, kept->text, size);
        }
        kept->evidence = copy_or_null(finding->evidence);
        kept->suggestion = copy_or_null(finding->suggestion);
        kept->parent_sql = copy_or_null(finding->parent_sql);
        kept->parent_column = copy_or_null(finding->parent_column);
        kept->count = finding->count;
    }
}

/* The same cell once more where the detector looks on. */
static void look_for_findings(bench *self, const usecase *use_case, usecase_cell cell,
                              measurement *out)
{
    rowan_scope *scope;
    rowan_error error;
    rowan_findings findings;
    ledger *unused = ledger_new();
    rowan_status status = unused ? rowan_scope_begin(self->watched, use_case->key, &scope, &error)
                                 : rowan__fail(&error, ROWAN_NOMEM, "out of memory");

    if (status != ROWAN_OK) {
        keep_error(out, status, &error);
        ledger_free(unused);
        return;
    }
    status = use_case->state ? rowan_begin(scope, NULL) : ROWAN_OK;
    if (status == ROWAN_OK) {
        status = cell(scope, unused);
    }
    if (status == ROWAN_OK) {
        status = rowan_scope_findings(scope, &findings);
    }
    if (status == ROWAN_OK) {
        keep_findings(out, use_case, &findings);
    } else {
        keep_error(out, status, rowan_scope_error(scope));
    }
    rowan_scope_end(scope);
    ledger_free(unused);
}

/* --- All runs. --- */

static int compare_ns(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t median(int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_ns);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Three rows of samples: pattern, driver, database. */
static void fill_medians(measurement *out, int64_t *samples, unsigned repeat)
{
    out->times.pattern_ns = median(samples, repeat);
    out->times.driver_ns = median(samples + repeat, repeat);
    out->times.database_ns = median(samples + 2 * (size_t)repeat, repeat);
}

void bench_measure(bench *self, const usecase *use_case, usecase_cell cell, unsigned repeat,
                   measurement *out)
{
    int64_t *samples = calloc((size_t)repeat * 3, sizeof *samples);

    memset(out, 0, sizeof *out);
    out->ran = true;
    out->found = ledger_new();
    if (!samples || !out->found) {
        keep_error(out, ROWAN_NOMEM, NULL);
        free(samples);
        return;
    }
    rowan_status status = run_once(self, use_case, cell, out);
    for (unsigned i = 0; i < repeat && status == ROWAN_OK; i++) {
        status = run_once(self, use_case, cell, out);
        samples[i] = out->times.pattern_ns;
        samples[repeat + i] = out->times.driver_ns;
        samples[2 * (size_t)repeat + i] = out->times.database_ns;
    }
    if (status == ROWAN_OK) {
        fill_medians(out, samples, repeat);
        look_for_findings(self, use_case, cell, out);
    }
    free(samples);
}

void measurement_fini(measurement *self)
{
    for (size_t i = 0; i < self->statement_count; i++) {
        free(self->statements[i].sql);
    }
    for (size_t i = 0; i < self->finding_count; i++) {
        kept_finding *finding = &self->findings[i];
        free(finding->text);
        free(finding->evidence);
        free(finding->suggestion);
        free(finding->parent_sql);
        free(finding->parent_column);
    }
    free(self->statements);
    free(self->findings);
    free(self->error);
    ledger_free(self->found);
    memset(self, 0, sizeof *self);
}
