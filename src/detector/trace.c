/*
 * The trace as a subscriber. A scope collects its lines in a text of its own and hands them to the
 * file in one write when it ends or has many: the file is open for appending, so lines of different
 * threads never mix, and no statement waits for a lock. What cannot be written is counted, and the
 * program goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/real.h"
#include "detector/trace_write.h"

enum { FLUSH_BYTES = 1 << 16, ROWS_CAPTURED = 32 };

struct rowan_trace {
    rowan_subscriber subscriber;
    rowan_allocator allocator;
    rowan__trace_writer writer;
    int file;
    int64_t began_ns;
    int64_t began_unix_us; /* the same moment, since 1970 */
    atomic_uint_fast64_t sequence;
    atomic_uint_fast64_t lost; /* lines that were not written */
    atomic_int failure;        /* errno of the first write that failed; 0: none */
    atomic_bool is_torn;       /* the file ends in the middle of a line */
};

/* What a plan loaded, by the number of the first statement that did. */
typedef struct loaded {
    const rowan_fetched *fetched;
    uint64_t number;
} loaded;

/* What is kept for a scope. */
typedef struct lines {
    rowan__text text;
    uint64_t count;
    uint64_t trip; /* number of the last round trip */
    /* The rows of a stream come before its statement has ended. */
    rowan__text rows;
    size_t row_count;
    uint64_t rows_sequence;
    loaded *loaded; /* NULL: nothing */
    size_t loaded_count, loaded_capacity;
} lines;

static void lose(rowan_trace *trace, uint64_t count, int failure)
{
    int none = 0;

    atomic_fetch_add(&trace->lost, count);
    atomic_compare_exchange_strong(&trace->failure, &none, failure);
}

/* Writes whole lines, unless the disk takes a part of them only. */
static void write_out(rowan_trace *trace, const rowan__text *text, uint64_t count)
{
    const char *at = rowan__text_string(text);
    size_t left = text->size;

    if (atomic_exchange(&trace->is_torn, false) && write(trace->file, "\n", 1) != 1) {
        atomic_store(&trace->is_torn, true);
    }
    while (left > 0) {
        ssize_t written = write(trace->file, at, left);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            lose(trace, count, errno != 0 ? errno : ENOSPC);
            atomic_store(&trace->is_torn, left < text->size);
            return;
        }
        at += written;
        left -= (size_t)written;
    }
}

static void flush(rowan_trace *trace, lines *kept)
{
    if (kept->text.failed) {
        lose(trace, kept->count, ENOMEM);
    } else {
        write_out(trace, &kept->text, kept->count);
    }
    rowan__text_clear(&kept->text);
    kept->text.failed = false;
    kept->count = 0;
}

/* --- Lines. --- */

static void add_key(rowan__text *out, const char *key)
{
    rowan__text_format(out, ",\"%s\":", key);
}

static void add_text(rowan__text *out, const char *key, const char *text)
{
    if (text != NULL) {
        add_key(out, key);
        rowan__json_string(out, text, strlen(text));
    }
}

static void add_rows(const rowan__trace_writer *writer, rowan__text *out, const rowan_batch *batch,
                     size_t *count)
{
    for (size_t i = 0; i < batch->row_count && *count < writer->rows_captured; i++, (*count)++) {
        rowan__text_str(out, *count > 0 ? ",[" : "[");
        for (size_t c = 0; c < batch->column_count; c++) {
            rowan_value value = rowan_batch_value(batch, i, c);
            rowan__text_str(out, c > 0 ? "," : "");
            rowan__trace_value(writer, out, &value);
        }
        rowan__text_char(out, ']');
    }
}

static void add_columns(rowan__text *out, const rowan_batch *batch)
{
    rowan__text_str(out, ",\"cols\":[");
    for (size_t c = 0; c < batch->column_count; c++) {
        rowan__text_str(out, c > 0 ? "," : "");
        rowan__json_string(out, batch->columns[c].name, strlen(batch->columns[c].name));
    }
    rowan__text_char(out, ']');
}

static void add_result(rowan_trace *trace, rowan__text *out, const rowan_event *event,
                       const lines *kept)
{
    size_t count = 0;

    out->failed = out->failed || kept->rows.failed;
    if (kept->rows_sequence == event->sequence && kept->rows.size > 0) {
        rowan__text_add(out, rowan__text_string(&kept->rows), kept->rows.size);
        rowan__text_char(out, ']');
    } else if (event->batch != NULL) {
        add_columns(out, event->batch);
        rowan__text_str(out, ",\"rows\":[");
        add_rows(&trace->writer, out, event->batch, &count);
        rowan__text_char(out, ']');
    } else {
        rowan__text_str(out, ",\"rows\":null");
    }
    rowan__text_format(out, ",\"nrows\":%" PRIu64, event->rows > 0 ? event->rows : event->affected);
}

static void add_reads(rowan__text *out, const rowan_reads *reads)
{
    const char *between = "";

    rowan__text_format(out, ",\"rows_read\":%" PRIu64, reads->rows);
    if (reads->columns == UINT64_MAX) { /* not known, or all */
        return;
    }
    rowan__text_str(out, ",\"read\":[");
    for (size_t i = 0; i < reads->column_count && i < 64; i++) {
        if ((reads->columns >> i & 1) != 0) {
            rowan__text_format(out, "%s%zu", between, i);
            between = ",";
        }
    }
    rowan__text_char(out, ']');
}

static void add_site(rowan__text *out, const rowan_site *site)
{
    char text[512] = "?";

    if (site->file != NULL) {
        snprintf(text, sizeof text, "%.380s:%d %.100s", site->file, site->line,
                 site->function != NULL ? site->function : "");
    }
    add_text(out, "callsite", text);
}

static const char *pattern_name(rowan_pattern pattern)
{
    switch (pattern) {
    case ROWAN_PATTERN_NONE:
        return NULL;
    case ROWAN_PATTERN_RAW:
        return "raw";
    case ROWAN_PATTERN_QUERY_BUILDER:
        return "querybuilder";
    case ROWAN_PATTERN_ACTIVE_RECORD:
        return "activerecord";
    case ROWAN_PATTERN_DATA_MAPPER:
        return "datamapper";
    }
    return NULL;
}

/* With the model that it is of: "book.publisher". */
static void add_relation(rowan__text *out, const rowan_relation *relation)
{
    char text[256];

    if (relation != NULL) {
        snprintf(text, sizeof text, "%.120s.%.120s", relation->from->name, relation->name);
        add_text(out, "relation", text);
    }
}

static void add_scope(rowan__text *out, const rowan_event *event)
{
    char text[256];

    if (event->scope_id != 0) {
        snprintf(text, sizeof text, "%.200s#%" PRIu64, event->scope_name, event->scope_id);
        add_text(out, "scope", text);
    }
}

static bool has_loaded(const lines *kept, const rowan_fetched *fetched)
{
    size_t i = 0;

    while (i < kept->loaded_count && kept->loaded[i].fetched != fetched) {
        i++;
    }
    return i < kept->loaded_count;
}

/* Of what became of that the scope's end tells. Without memory it is not told. */
static void note_loaded(const rowan_trace *trace, lines *kept, const rowan_event *event,
                        uint64_t number)
{
    for (size_t i = 0; i < event->fetched_count; i++) {
        if (!has_loaded(kept, event->fetched[i]) &&
            rowan__grow(&trace->allocator, (void **)&kept->loaded, &kept->loaded_capacity,
                        kept->loaded_count, sizeof *kept->loaded)) {
            kept->loaded[kept->loaded_count++] = (loaded){event->fetched[i], number};
        }
    }
}

/* What was loaded within a load of no use tells nothing of its own. */
static bool is_told(const rowan_fetched *fetched)
{
    return fetched->owners > 0 && (fetched->within == NULL || fetched->within->is_read);
}

/* What plans loaded, and whether it was of use: known now that the scope has ended. */
static void add_loaded(lines *kept, const rowan_event *event)
{
    rowan__text *out = &kept->text;

    for (size_t i = 0; i < kept->loaded_count; i++) {
        const rowan_fetched *fetched = kept->loaded[i].fetched;
        if (!is_told(fetched)) {
            continue;
        }
        rowan__text_format(out, "{\"seq\":%" PRIu64, kept->loaded[i].number);
        add_scope(out, event);
        rowan__text_str(out, ",\"eager\":{\"assoc\":");
        rowan__json_string(out, fetched->relation->name, strlen(fetched->relation->name));
        rowan__text_format(out, ",\"owners\":%" PRIu64 ",\"rows\":%" PRIu64 ",\"touched\":%d}}\n",
                           fetched->owners, fetched->rows, fetched->is_read);
        kept->count++;
    }
}

/* A time in microseconds. */
static void add_us(rowan__text *out, const char *key, int64_t ns)
{
    char us[ROWAN__REAL_TEXT];

    snprintf(us, sizeof us, "%.3f", (double)ns / 1e3);
    rowan__text_format(out, ",\"%s\":%s", key, rowan__real_point(us));
}

static void add_statement(rowan_trace *trace, lines *kept, const rowan_event *event)
{
    rowan__text *out = &kept->text;

    uint64_t number = (uint64_t)atomic_fetch_add(&trace->sequence, 1) + 1;
    rowan__text_format(out, "{\"seq\":%" PRIu64 ",", number);
    if (number == 1) {
        rowan__text_format(out, "\"began_us\":%" PRId64 ",", trace->began_unix_us);
    }
    rowan__trace_statement(&trace->writer, out, event);
    add_scope(out, event);
    add_result(trace, out, event, kept);
    if (event->reads != NULL) {
        add_reads(out, event->reads);
    }
    add_site(out, &event->site);
    add_us(out, "ts_us", event->start_ns - trace->began_ns);
    add_us(out, "t_us", event->elapsed_ns);
    rowan__text_format(out, ",\"conn\":%" PRIu64, event->connection_id);
    add_text(out, "dialect", event->engine);
    add_text(out, "pattern", pattern_name(event->pattern));
    add_text(out, "model", event->table != NULL ? event->table->name : NULL);
    add_relation(out, event->relation);
    if (event->error != NULL) {
        add_text(out, "err",
                 event->error->sqlstate[0] != '\0' ? event->error->sqlstate
                                                   : rowan_status_name(event->error->status));
    }
    kept->trip += event->round_trips;
    if (kept->trip > 0) { /* an engine in the process makes none */
        rowan__text_format(out, ",\"trip\":%" PRIu64, kept->trip);
    }
    rowan__text_str(out, "}\n");
    kept->count++;
    note_loaded(trace, kept, event, number);
}

/* --- Events. --- */

static void take_rows(rowan_trace *trace, lines *kept, const rowan_event *event)
{
    if (kept->rows_sequence != event->sequence) {
        rowan__text_clear(&kept->rows);
        kept->rows.failed = false;
        kept->row_count = 0;
        kept->rows_sequence = event->sequence;
        add_columns(&kept->rows, event->batch);
        rowan__text_str(&kept->rows, ",\"rows\":[");
    }
    add_rows(&trace->writer, &kept->rows, event->batch, &kept->row_count);
}

static void lines_fini(lines *kept, const rowan_allocator *allocator)
{
    rowan__free(allocator, kept->loaded, kept->loaded_capacity, sizeof *kept->loaded);
    rowan__text_fini(&kept->text);
    rowan__text_fini(&kept->rows);
}

static void lines_init(lines *kept, const rowan_allocator *allocator)
{
    *kept = (lines){.count = 0};
    rowan__text_init(&kept->text, allocator);
    rowan__text_init(&kept->rows, allocator);
}

/* The lines of a scope, made with its first statement. NULL: no memory. */
static lines *lines_of(rowan_trace *trace, void **slot)
{
    if (*slot == NULL && (*slot = rowan__new(&trace->allocator, 1, sizeof(lines))) != NULL) {
        lines_init(*slot, &trace->allocator);
    }
    return *slot;
}

static void end_scope(rowan_trace *trace, void **slot, const rowan_event *event)
{
    lines *kept = *slot;

    if (kept != NULL) {
        add_loaded(kept, event);
        flush(trace, kept);
        lines_fini(kept, &trace->allocator);
        rowan__free(&trace->allocator, kept, 1, sizeof *kept);
        *slot = NULL;
    }
}

/* A statement outside of any scope, such as one that sets a session up. */
static void write_alone(rowan_trace *trace, const rowan_event *event)
{
    lines alone;

    if (event->kind == ROWAN_EVENT_STATEMENT) {
        lines_init(&alone, &trace->allocator);
        add_statement(trace, &alone, event);
        flush(trace, &alone);
        lines_fini(&alone, &trace->allocator);
    }
}

static void on_event(void *context, const rowan_event *event)
{
    rowan_trace *trace = context;
    void **slot = event->slot;
    lines *kept;

    if (slot == NULL) {
        write_alone(trace, event);
        return;
    }
    if (event->kind == ROWAN_EVENT_SCOPE_BEGIN) {
        return;
    }
    if (event->kind == ROWAN_EVENT_SCOPE_END) {
        end_scope(trace, slot, event);
        return;
    }
    kept = lines_of(trace, slot);
    if (kept == NULL) {
        lose(trace, event->kind == ROWAN_EVENT_STATEMENT, ENOMEM);
    } else if (event->kind == ROWAN_EVENT_ROWS) {
        take_rows(trace, kept, event);
    } else {
        add_statement(trace, kept, event);
        if (kept->text.size >= FLUSH_BYTES || kept->text.failed) {
            flush(trace, kept);
        }
    }
}

/* --- Opening and closing. --- */

static int64_t unix_us(void)
{
    struct timespec now;

    return clock_gettime(CLOCK_REALTIME, &now) == 0
               ? (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000
               : 0;
}

rowan_status rowan_trace_open(const char *path, const rowan_trace_options *options,
                              rowan_trace **out, rowan_error *error)
{
    static const rowan_trace_options defaults = ROWAN_TRACE_OPTIONS_INIT;
    const rowan_trace_options *chosen = options != NULL ? options : &defaults;
    const rowan_allocator *allocator =
        chosen->allocator != NULL ? chosen->allocator : &rowan__default_allocator;
    rowan_trace *trace;

    if (out != NULL) {
        *out = NULL;
    }
    if (path == NULL || out == NULL) {
        return rowan__fail(error, ROWAN_MISUSE, "the trace's path or its place is NULL");
    }
    trace = rowan__new(allocator, 1, sizeof *trace);
    if (trace == NULL) {
        return rowan__fail_nomem(error);
    }
    trace->allocator = *allocator;
    trace->writer.values = chosen->values;
    trace->writer.rows_captured =
        chosen->rows_captured != 0 ? chosen->rows_captured : ROWS_CAPTURED;
    trace->began_ns = rowan__now_ns();
    trace->began_unix_us = unix_us();
    trace->subscriber = (rowan_subscriber){
        .on_event = on_event, .context = trace, .wants_times = true, .wants_rows = true};
    trace->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    bool ready = trace->file >= 0 && getrandom(trace->writer.secret, sizeof trace->writer.secret,
                                               0) == (ssize_t)sizeof trace->writer.secret;
    if (!ready) {
        int failure = errno;
        if (trace->file >= 0) {
            close(trace->file);
        }
        rowan__free(allocator, trace, 1, sizeof *trace);
        return rowan__fail(error, ROWAN_IO, "cannot write a trace to %.150s: %s", path,
                           strerror(failure));
    }
    *out = trace;
    return ROWAN_OK;
}

rowan_subscriber *rowan_trace_subscriber(rowan_trace *trace)
{
    return &trace->subscriber;
}

rowan_status rowan_trace_close(rowan_trace *trace, rowan_error *error)
{
    rowan_status status = ROWAN_OK;
    rowan_allocator allocator;

    if (trace == NULL) {
        return ROWAN_OK;
    }
    if (close(trace->file) != 0) {
        lose(trace, 0, errno);
    }
    int failure = atomic_load(&trace->failure);
    if (failure != 0) {
        status = rowan__fail(error,
                             failure == ENOMEM   ? ROWAN_NOMEM
                             : failure == ENOSPC ? ROWAN_FULL
                                                 : ROWAN_IO,
                             "%" PRIu64 " statements of the trace were not written: %s",
                             (uint64_t)atomic_load(&trace->lost), strerror(failure));
    }
    allocator = trace->allocator;
    rowan__free(&allocator, trace, 1, sizeof *trace);
    return status;
}
