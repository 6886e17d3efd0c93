/*
 * Streams: rows one after another in constant memory. A stream reads batches into an arena of its
 * own, which is emptied before the next batch; the statement's event comes when it is closed.
 */
#include "base/alloc.h"
#include "database/database_private.h"

enum { BATCH_ROWS = 64 };

struct rowan_stream {
    rowan_scope *scope;
    rowan__call call; /* with copies of text and parameters */
    rowan__operation operation;
    rowan__preparation preparation;
    rowan__sink sink;
    rowan__arena arena; /* of the present batch */
    rowan__arena kept;  /* of the copies */
    char *next, *end;   /* rows of the batch that are still to be given */
    size_t row_size;
    uint64_t sequence;
    uint64_t batched;             /* rows of the batches so far */
    const uint64_t *columns_read; /* NULL: nobody notes it */
    void *adopted;                /* freed with the stream */
    size_t adopted_size;
    int64_t start_ns, elapsed_ns;
    rowan_status ended; /* ROWAN_OK while there may be more */
};

/* Copies values; those of a list too, which holds no lists. False: out of memory. */
static bool keep_values(rowan_stream *stream, const rowan_value *values, size_t count,
                        const rowan_value **out)
{
    rowan_value *copies =
        rowan__arena_new(&stream->kept, count, sizeof *copies, _Alignof(rowan_value));

    if (!copies) {
        return count == 0;
    }
    *out = copies;
    for (size_t i = 0; i < count; i++) {
        rowan_value *copy = &copies[i];
        *copy = values[i];
        bool bytes = copy->type == ROWAN_TYPE_TEXT || copy->type == ROWAN_TYPE_BLOB ||
                     copy->type == ROWAN_TYPE_DECIMAL || copy->type == ROWAN_TYPE_JSON;
        if (bytes && !copy->is_null) {
            copy->as.bytes.data =
                rowan__arena_text(&stream->kept, values[i].as.bytes.data, values[i].as.bytes.size);
            if (!copy->as.bytes.data) {
                return false;
            }
        }
        if (copy->type == ROWAN_TYPE_LIST && !copy->is_null &&
            !keep_values(stream, values[i].as.list.items, values[i].as.list.count,
                         &copy->as.list.items)) {
            return false;
        }
    }
    return true;
}

/* The caller's text and values are gone when the event is emitted: it gets copies. */
static bool keep_call(rowan_stream *stream, const rowan__call *call)
{
    const rowan_value *params = NULL;
    const char *sql = rowan__arena_text(&stream->kept, call->sql, call->sql_size);

    if (!sql || !keep_values(stream, call->params, call->param_count, &params)) {
        return false;
    }
    stream->call = *call;
    stream->call.sql = sql;
    stream->call.params = params;
    return true;
}

static void stream_free(rowan_stream *stream)
{
    const rowan_allocator *allocator = &stream->scope->db->allocator;

    if (stream->preparation.cached) {
        stream->preparation.cached->pins--;
    }
    rowan__arena_fini(&stream->arena);
    rowan__arena_fini(&stream->kept);
    rowan__free(allocator, stream->adopted, 1, stream->adopted_size);
    rowan__free(allocator, stream, 1, sizeof *stream);
}

/* Prepares and starts the statement; once more if the prepared one was outdated. */
static rowan_status start(rowan_stream *stream)
{
    rowan_scope *scope = stream->scope;
    rowan__operation *operation = &stream->operation;
    rowan__preparation *preparation = &stream->preparation;

    for (int attempt = 0;; attempt++) {
        rowan_status status = rowan__operation_prepare(scope, &stream->call, operation,
                                                       &stream->sink, &stream->arena, preparation);
        if (status != ROWAN_OK) {
            return status;
        }
        operation->batch_rows = BATCH_ROWS;
        stream->elapsed_ns = rowan__send(scope, operation, 1, &stream->start_ns);
        if (operation->status == ROWAN_OK || !operation->outdated || attempt > 0) {
            return operation->status;
        }
        scope->counts.round_trips += operation->round_trips; /* of an attempt that is no event */
        scope->counts.bytes_sent += operation->bytes_sent;
        preparation->cached->pins--;
        rowan__cache_drop(&scope->link->cache, preparation->cached);
        preparation->cached = NULL;
    }
}

/* The statement has ended: counts it and emits its event. */
static void report(rowan_stream *stream)
{
    rowan__operation_add(stream->scope, &stream->operation, &stream->preparation);
    rowan__operation_ended(stream->scope, &stream->call, &stream->operation, NULL, stream->sequence,
                           stream->start_ns, stream->elapsed_ns + stream->preparation.elapsed_ns);
}

rowan_status rowan__stream_open(rowan_scope *scope, const rowan__call *call, rowan_stream **out)
{
    const rowan_allocator *allocator = &scope->db->allocator;

    *out = NULL;
    rowan_status status = rowan__scope_ready(scope);
    if (status != ROWAN_OK) {
        return status;
    }
    rowan_stream *stream = rowan__new(allocator, 1, sizeof *stream);
    if (!stream) {
        return rowan__scope_nomem(scope);
    }
    stream->scope = scope;
    rowan__arena_init(&stream->arena, allocator);
    rowan__arena_init(&stream->kept, allocator);
    stream->sequence = ++scope->sequence;
    if (!keep_call(stream, call)) {
        stream_free(stream);
        return rowan__scope_nomem(scope);
    }
    stream->call.wants_rows = true;
    status = start(stream);
    if (status != ROWAN_OK) {
        report(stream);
        status = rowan__scope_failed(scope, &stream->operation);
        stream_free(stream);
        return status;
    }
    atomic_store_explicit(&scope->running, true, memory_order_release); /* until it is closed */
    scope->stream = stream;
    *out = stream;
    return ROWAN_OK;
}

static void emit_rows(rowan_stream *stream)
{
    rowan_scope *scope = stream->scope;
    rowan_batch batch = rowan__batch_of(&stream->sink);
    rowan_event event = {
        .kind = ROWAN_EVENT_ROWS,
        .scope = scope,
        .scope_id = scope->id,
        .scope_name = scope->name,
        .connection_id = scope->link->id,
        .engine = scope->db->driver->dialect->engine,
        .sequence = stream->sequence,
        .pattern = stream->call.pattern,
        .table = stream->call.table,
        .site = scope->event.site,
        .sql = stream->call.sql,
        .sql_size = stream->call.sql_size,
        .params = stream->call.params,
        .param_count = stream->call.param_count,
        .param_rows = 1,
        .rows = batch.row_count,
        .start_ns = stream->start_ns,
    };

    if (scope->db->wants_rows && batch.row_count > 0) {
        rowan__emit(scope->db, &event, &batch);
    }
}

static rowan_status read_batch(rowan_stream *stream)
{
    rowan_scope *scope = stream->scope;
    bool timed = scope->db->wants_times;
    rowan__ticker *ticker = &scope->link->ticker;
    rowan__arena_mark empty = {0};

    rowan__arena_rewind(&stream->arena, &empty);
    rowan__sink_reset(&stream->sink);
    stream->next = stream->end = NULL;
    stream->operation.deadline_ns = scope->deadline_ns; /* set or lifted since the last batch */
    int64_t start_ns = timed ? rowan__ticker_ns(ticker) : 0;
    rowan_status status = scope->db->driver->fetch(scope->link->connection, &stream->operation);
    stream->elapsed_ns += timed ? rowan__ticker_ns(ticker) - start_ns : 0;
    if (status == ROWAN_OK || status == ROWAN_DONE) {
        emit_rows(stream);
    } else {
        stream->operation.status = status;
        rowan__scope_failed(scope, &stream->operation);
    }
    stream->ended = status;
    stream->batched += stream->sink.count;
    return stream->sink.count > 0 && (status == ROWAN_OK || status == ROWAN_DONE) ? ROWAN_OK
                                                                                  : status;
}

/* The first row of the next batch. */
static __attribute__((noinline)) rowan_status begin_batch(rowan_stream *stream, void **row)
{
    rowan_status status = stream->ended == ROWAN_OK ? read_batch(stream) : stream->ended;

    *row = NULL;
    if (status == ROWAN_OK) {
        stream->row_size = stream->sink.layout->row_size;
        stream->end = stream->sink.rows + stream->sink.count * stream->row_size;
        stream->next = stream->sink.rows + stream->row_size;
        *row = stream->sink.rows;
    }
    return status;
}

rowan_status rowan_stream_next(rowan_stream *stream, void **row)
{
    if (!stream || !row) {
        return rowan__refuse_null(stream ? stream->scope : NULL, "the place for the row");
    }
    if (stream->next == stream->end) {
        return begin_batch(stream, row);
    }
    *row = stream->next;
    stream->next += stream->row_size;
    return ROWAN_OK;
}

/* Reports with what the program took of the rows. */
static void report_reads(rowan_stream *stream)
{
    uint64_t left =
        stream->row_size > 0 ? (uint64_t)(stream->end - stream->next) / stream->row_size : 0;
    const rowan__layout *layout = stream->sink.layout;
    const rowan_reads reads = {
        .rows = stream->batched - left,
        .columns = stream->columns_read != NULL ? *stream->columns_read : UINT64_MAX,
        .result = layout->cells,
        .column_count = layout->count,
    };

    stream->scope->event.reads = &reads;
    report(stream);
    stream->scope->event.reads = NULL;
}

void rowan_stream_close(rowan_stream *stream)
{
    if (!stream) {
        return;
    }
    rowan_scope *scope = stream->scope;
    scope->db->driver->finish(scope->link->connection, &stream->operation);
    atomic_store_explicit(&scope->running, false, memory_order_release);
    scope->stream = NULL;
    report_reads(stream);
    stream_free(stream);
}

void rowan__stream_adopt(rowan_stream *stream, void *memory, size_t size)
{
    stream->adopted = memory;
    stream->adopted_size = size;
}

void rowan__stream_note_columns(rowan_stream *stream, const uint64_t *columns)
{
    stream->columns_read = columns;
}

size_t rowan__stream_column_count(const rowan_stream *stream)
{
    return stream->sink.layout->count;
}

const char *rowan__stream_column_name(const rowan_stream *stream, size_t column)
{
    return column < stream->sink.layout->count ? stream->sink.layout->cells[column].name : NULL;
}
