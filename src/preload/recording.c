/*
 * One execution on its way. Its values are collected as they will lie in the file; the record is
 * written as a whole when it ends. A hash stands for a value unless values are wanted as they are.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "detector/fold.h"
#include "preload/buffer.h"
#include "preload/chain.h"
#include "preload/recorder.h"

enum {
    EXACT_ROWS = 64,      /* from which on the clock is the cheap one */
    LONGEST_CELL = 64,    /* that is hashed as a whole */
    LONGEST_VALUE = 1024, /* that is written as it is */
    KEPT_BYTES = 1 << 16  /* of memory for the next execution */
};

void recording_begin(recording *r, uint32_t connection, uint32_t text, const void *caller)
{
    recording_end(r);
    if (!recorder_is_on()) {
        return;
    }
    if (r->values.allocator == NULL) {
        rowan__text_init(&r->values, &rowan__default_allocator);
    }
    rowan__text_clear(&r->values);
    r->values.failed = false;
    r->connection = connection;
    r->text = text;
    r->columns = 0;
    r->chain = chain_of_caller(caller);
    r->param_count = r->cell_count = 0;
    r->rows = r->trip = r->watched = r->read = 0;
    r->knows_read = false;
    r->error[0] = '\0';
    r->elapsed_ns = 0;
    r->is_open = r->is_running = true;
    r->is_coarse = false;
    r->start_ns = r->resumed_ns = rowan__now_ns();
}

/* The clock of the last timer interrupt. What many short waits have of its ticks adds up to what
 * they took. */
static int64_t coarse_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void recording_pause(recording *r)
{
    if (r->is_running) {
        r->elapsed_ns += (r->is_coarse ? coarse_ns() : rowan__now_ns()) - r->resumed_ns;
        r->is_running = false;
    }
}

void recording_resume(recording *r)
{
    if (r->is_open && !r->is_running) {
        r->is_coarse = r->rows > EXACT_ROWS;
        r->resumed_ns = r->is_coarse ? coarse_ns() : rowan__now_ns();
        r->is_running = true;
    }
}

/* --- Values. --- */

static inline void add_tagged(rowan__text *out, profile_value tag, const void *data, size_t size)
{
    if (out->size + size + 1 < out->capacity || rowan__text_reserve(out, size + 1)) {
        out->data[out->size] = (char)tag;
        memcpy(out->data + out->size + 1, data, size);
        out->size += size + 1;
    }
}

static void add_hash(rowan__text *out, uint64_t key)
{
    uint64_t hash = rowan__trace_hash(&buffer_session()->writer, key);

    add_tagged(out, PROFILE_HASH, &hash, sizeof hash);
}

static bool has_bytes(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_TEXT || value->type == ROWAN_TYPE_BLOB ||
           value->type == ROWAN_TYPE_DECIMAL || value->type == ROWAN_TYPE_JSON;
}

static void add_bytes(rowan__text *out, const rowan_value *value)
{
    profile_value tag = value->type == ROWAN_TYPE_BLOB ? PROFILE_BLOB : PROFILE_BYTES;
    size_t size = value->as.bytes.size;
    uint32_t kept = size <= LONGEST_VALUE ? (uint32_t)size : LONGEST_VALUE;

    add_tagged(out, tag, &kept, sizeof kept);
    rowan__text_add(out, value->as.bytes.data, kept);
}

static void add_calendar(rowan__text *out, const rowan_value *value)
{
    char text[ROWAN__UUID_TEXT + 1];

    rowan__calendar_write(value, text);
    rowan_value written = rowan_v_text(text);
    add_bytes(out, &written);
}

static void add_plain(rowan__text *out, const rowan_value *value)
{
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        add_tagged(out, PROFILE_TRUTH, &value->as.boolean, 1);
        return;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        add_tagged(out, PROFILE_INT, &value->as.integer, sizeof value->as.integer);
        return;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        add_tagged(out, PROFILE_REAL, &value->as.real, sizeof value->as.real);
        return;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_BLOB:
        add_bytes(out, value);
        return;
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
        add_calendar(out, value);
        return;
    case ROWAN_TYPE_LIST:
        break;
    }
    add_tagged(out, PROFILE_NULL, "", 0);
}

/* A long cell is told by its size and its two ends: reading all of a megabyte would be felt. */
static uint64_t key_of_long(const rowan_value *value)
{
    const char *data = value->as.bytes.data;
    rowan_value first = rowan_v_bytes(ROWAN_TYPE_BLOB, data, LONGEST_CELL);
    rowan_value last =
        rowan_v_bytes(ROWAN_TYPE_BLOB, data + value->as.bytes.size - LONGEST_CELL, LONGEST_CELL);

    return rowan__key_mix(rowan__key_mix(value->as.bytes.size, rowan__key_value(&first)),
                          rowan__key_value(&last));
}

static void add_value(recording *r, const rowan_value *value, size_t longest)
{
    rowan__text *out = &r->values;

    if (value->is_null || value->type == 0) {
        add_tagged(out, PROFILE_NULL, "", 0);
    } else if (buffer_session()->writer.values) {
        add_plain(out, value);
    } else if (has_bytes(value) && value->as.bytes.size > longest) {
        add_hash(out, key_of_long(value));
    } else {
        add_hash(out, rowan__key_value(value));
    }
}

void recording_param(recording *r, const rowan_value *value)
{
    if (r->is_open && r->cell_count == 0) {
        add_value(r, value, SIZE_MAX);
        r->param_count++;
    }
}

void recording_forget_params(recording *r)
{
    if (r->is_open && r->cell_count == 0) {
        rowan__text_clear(&r->values);
        r->param_count = 0;
    }
}

/* A hash fits into the value itself; what is longer has memory of its own. */
static rowan__text *plain_value(const rowan_value *value)
{
    rowan__text *more = rowan__new(&rowan__default_allocator, 1, sizeof *more);

    if (more != NULL) {
        rowan__text_init(more, &rowan__default_allocator);
        add_plain(more, value);
    }
    return more;
}

void recorded_value_set(recorded_value *kept, const rowan_value *value)
{
    recorded_value_fini(kept);
    if (value->is_null || value->type == 0) {
        return;
    }
    kept->is_hashed = !buffer_session()->writer.values;
    if (kept->is_hashed) {
        kept->hash = rowan__trace_hash(&buffer_session()->writer, rowan__key_value(value));
    } else {
        kept->more = plain_value(value);
    }
}

void recorded_value_fini(recorded_value *kept)
{
    if (kept->more != NULL) {
        rowan__text_fini(kept->more);
        rowan__free(&rowan__default_allocator, kept->more, 1, sizeof *kept->more);
    }
    *kept = (recorded_value){.hash = 0};
}

void recording_recorded(recording *r, const recorded_value *kept)
{
    if (!r->is_open || r->cell_count > 0) {
        return;
    }
    if (kept->is_hashed) {
        add_tagged(&r->values, PROFILE_HASH, &kept->hash, sizeof kept->hash);
    } else if (kept->more != NULL && !kept->more->failed) {
        rowan__text_add(&r->values, kept->more->data, kept->more->size);
    } else {
        add_tagged(&r->values, PROFILE_NULL, "", 0);
    }
    r->param_count++;
}

/* --- Rows. --- */

void recording_columns(recording *r, uint32_t columns)
{
    r->columns = columns;
}

bool recording_wants_row(const recording *r)
{
    return r->is_open && r->rows < buffer_session()->writer.rows_captured;
}

void recording_cell(recording *r, const rowan_value *value)
{
    if (r->is_open) {
        add_value(r, value, LONGEST_CELL);
        r->cell_count++;
    }
}

void recording_row(recording *r)
{
    r->rows++;
}

void recording_rows(recording *r, uint64_t count)
{
    r->rows += count;
}

void recording_read(recording *r, uint64_t columns)
{
    r->read |= columns;
    r->knows_read = true;
}

uint64_t recording_watch(recording *r)
{
    if (r->is_open && r->watched == 0) {
        r->watched = atomic_fetch_add(&buffer_session()->watched, 1) + 1;
    }
    return r->is_open ? r->watched : 0;
}

void recorder_reads(uint64_t watched, uint64_t rows, uint64_t columns)
{
    profile_reads *out;

    if (watched == 0 || !recorder_is_on() ||
        (out = buffer_reserve(PROFILE_READS, sizeof *out)) == NULL) {
        return;
    }
    out->watched = watched;
    out->rows = rows;
    out->columns = columns;
    buffer_publish(out);
}

void recording_error(recording *r, const char *code)
{
    snprintf(r->error, sizeof r->error, "%s", code);
}

void recording_trip(recording *r, uint64_t trip)
{
    r->trip = trip;
}

/* --- The end. --- */

static void write_statement(const recording *r)
{
    size_t error_size = strlen(r->error);
    profile_statement *out =
        buffer_reserve(PROFILE_STATEMENT, sizeof *out + r->values.size + error_size);

    if (out == NULL) {
        return;
    }
    out->connection = r->connection;
    out->text = r->text;
    out->columns = r->columns;
    out->chain = r->chain;
    out->param_count = r->param_count;
    out->cell_count = r->cell_count;
    out->rows = r->rows;
    out->trip = r->trip;
    out->watched = r->watched;
    out->read = r->read;
    out->knows_read = r->knows_read;
    out->start_ns = r->start_ns;
    out->elapsed_ns = r->elapsed_ns;
    out->values_size = (uint32_t)r->values.size;
    out->error_size = (uint32_t)error_size;
    if (error_size > 0) {
        memcpy((char *)(out + 1) + r->values.size, r->error, error_size);
    }
    if (r->values.size > 0) {
        memcpy(out + 1, r->values.data, r->values.size);
    }
    buffer_publish(out);
}

void recording_end(recording *r)
{
    if (!r->is_open) {
        return;
    }
    recording_pause(r);
    r->is_open = false;
    if (r->values.failed) {
        buffer_lose(ENOMEM);
    } else {
        write_statement(r);
    }
    if (r->values.capacity > KEPT_BYTES) {
        rowan__text_fini(&r->values);
        rowan__text_init(&r->values, &rowan__default_allocator);
    }
}

void recording_drop(recording *r)
{
    r->is_open = r->is_running = false;
}

void recording_fini(recording *r)
{
    recording_end(r);
    if (r->values.allocator != NULL) {
        rowan__text_fini(&r->values);
        r->values.allocator = NULL;
    }
}
