/*
 * Values and texts of a trace.
 *
 * A hash is keyed with a secret of the process, so that it can be compared within a trace and tells
 * nothing else. It is made of the value's key, so what the database would call equal stays equal:
 * the number 5 and the text "5". Literals in a text are values, too: each becomes a parameter.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/comment.h"
#include "base/real.h"
#include "base/utf8.h"
#include "detector/trace_write.h"

void rowan__json_string(rowan__text *out, const char *data, size_t size)
{
    const unsigned char *at = (const unsigned char *)data;

    rowan__text_char(out, '"');
    for (size_t i = 0; i < size;) {
        size_t step = rowan__utf8_size(at + i, size - i);
        if (step == 0) {
            rowan__text_str(out, "\\ufffd");
            step = 1;
        } else if (at[i] == '"' || at[i] == '\\') {
            rowan__text_char(out, '\\');
            rowan__text_char(out, data[i]);
        } else if (at[i] < 0x20) {
            rowan__text_format(out, "\\u%04x", at[i]);
        } else {
            rowan__text_add(out, data + i, step);
        }
        i += step;
    }
    rowan__text_char(out, '"');
}

uint64_t rowan__trace_hash(const rowan__trace_writer *writer, uint64_t key)
{
    return XXH3_64bits_withSecret(&key, sizeof key, writer->secret, sizeof writer->secret);
}

void rowan__trace_hashed(rowan__text *out, uint64_t hash)
{
    rowan__text_format(out, "\"#%016" PRIx64 "\"", hash);
}

static void add_list(const rowan__trace_writer *writer, rowan__text *out, const rowan_value *list)
{
    rowan__text_char(out, '[');
    for (size_t i = 0; i < list->as.list.count; i++) {
        rowan__text_str(out, i > 0 ? "," : "");
        rowan__trace_value(writer, out, &list->as.list.items[i]);
    }
    rowan__text_char(out, ']');
}

/* Bytes as PostgreSQL writes them in hexadecimal. */
static void add_blob(rowan__text *out, rowan_blob blob)
{
    const unsigned char *at = blob.data;

    rowan__text_str(out, "\"\\\\x");
    for (size_t i = 0; i < blob.size; i++) {
        rowan__text_format(out, "%02x", at[i]);
    }
    rowan__text_char(out, '"');
}

static void add_calendar(rowan__text *out, const rowan_value *value)
{
    char text[ROWAN__UUID_TEXT + 1];

    rowan__calendar_write(value, text);
    rowan__json_string(out, text, strlen(text));
}

/* JSON has no word for what is not finite. */
static void add_real(rowan__text *out, double real)
{
    char text[ROWAN__REAL_TEXT];

    snprintf(text, sizeof text, isfinite(real) ? "%.17g" : "\"%g\"", real);
    rowan__text_str(out, isfinite(real) ? rowan__real_point(text) : text);
}

static void add_plain(const rowan__trace_writer *writer, rowan__text *out, const rowan_value *value)
{
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        rowan__text_str(out, value->as.boolean ? "true" : "false");
        return;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        rowan__text_int(out, value->as.integer);
        return;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        add_real(out, value->as.real);
        return;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        rowan__json_string(out, value->as.bytes.data, value->as.bytes.size);
        return;
    case ROWAN_TYPE_BLOB:
        add_blob(out, value->as.bytes);
        return;
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
        add_calendar(out, value);
        return;
    case ROWAN_TYPE_LIST:
        add_list(writer, out, value);
        return;
    }
    rowan__text_str(out, "null");
}

void rowan__trace_value(const rowan__trace_writer *writer, rowan__text *out,
                        const rowan_value *value)
{
    if (value->is_null || value->type == 0) {
        rowan__text_str(out, "null");
    } else if (value->type == ROWAN_TYPE_LIST) {
        add_list(writer, out, value);
    } else if (writer->values) {
        add_plain(writer, out, value);
    } else {
        rowan__trace_hashed(out, rowan__trace_hash(writer, rowan__key_value(value)));
    }
}

/* --- Texts. --- */

/* A text on its way: its literals become parameters, all numbered as they come. */
typedef struct hiding {
    const rowan__trace_writer *writer;
    const rowan__reading *reading;
    const char *from;
    rowan__trace_text *out;
    uint32_t counted; /* the highest number of a parameter so far */
} hiding;

static void add_slot(hiding *h, rowan__trace_slot slot)
{
    rowan__trace_text *out = h->out;

    if (!rowan__grow(out->sql.allocator, (void **)&out->slots, &out->slot_capacity, out->slot_count,
                     sizeof *out->slots)) {
        out->sql.failed = true;
        return;
    }
    out->slots[out->slot_count++] = slot;
    if (h->writer->values) {
        return;
    }
    rowan__text_str(&out->sql, h->reading->dollar_numbers ? "$" : "?");
    if (h->reading->dollar_numbers) {
        rowan__text_int(&out->sql, (int64_t)out->slot_count);
    }
}

/* The number of the parameter that a name stands for, if it occurred before. */
static bool find_name(const hiding *h, const rowan__token *token, uint32_t *param)
{
    for (size_t i = 0; i < h->out->slot_count; i++) {
        const rowan__trace_slot *slot = &h->out->slots[i];
        if (slot->name_size == token->size &&
            memcmp(h->from + slot->name, h->from + token->offset, token->size) == 0) {
            *param = slot->param;
            return true;
        }
    }
    return false;
}

static void hide_placeholder(hiding *h, const rowan__token *token)
{
    const char *text = h->from + token->offset;
    bool is_named = token->size > 1 && (text[1] < '0' || text[1] > '9' || text[0] == ':');
    rowan__trace_slot slot = {.param = h->counted};
    uint32_t given = 0;

    for (size_t i = 1; !is_named && i < token->size && i < 8 && text[i] >= '0' && text[i] <= '9';
         i++) {
        given = given * 10 + (uint32_t)(text[i] - '0');
    }
    if (is_named) {
        slot.name = (uint32_t)token->offset;
        slot.name_size = (uint32_t)token->size;
        h->out->has_names = true;
        (void)find_name(h, token, &slot.param);
    } else if (given > 0) {
        slot.param = given - 1;
    }
    h->counted = slot.param >= h->counted ? slot.param + 1 : h->counted;
    add_slot(h, slot);
}

static void hide_literal(hiding *h, const rowan__token *token)
{
    uint64_t key = rowan__key_literal(h->from + token->offset, token->size, false,
                                      h->reading->backslash_escapes);

    add_slot(h, (rowan__trace_slot){.literal = rowan__trace_hash(h->writer, key),
                                    .param = ROWAN__TRACE_LITERAL});
}

/* A comment may say anything, and goes; but a traceparent is no value, and tells what belongs
 * together. */
static void keep_traceparent(rowan__text *out, const char *comment, size_t size)
{
    char text[1024], written[ROWAN__TRACEPARENT_TEXT];
    rowan__traceparent parent;

    snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text - 1),
             comment);
    if (rowan__traceparent_in(text, &parent)) {
        rowan__text_format(out, "/*traceparent='%s'*/", rowan__traceparent_write(&parent, written));
    }
}

void rowan__trace_text_read(const rowan__trace_writer *writer, const rowan__reading *reading,
                            const char *sql, size_t size, rowan__trace_text *out)
{
    hiding h = {writer, reading, sql, out, 0};
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, reading, sql, size);
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        if (token.kind == ROWAN__TOKEN_PLACEHOLDER) {
            hide_placeholder(&h, &token);
        } else if (!writer->values &&
                   (token.kind == ROWAN__TOKEN_STRING || token.kind == ROWAN__TOKEN_NUMBER)) {
            hide_literal(&h, &token);
            continue;
        }
        if (writer->values ||
            (token.kind != ROWAN__TOKEN_COMMENT && token.kind != ROWAN__TOKEN_PLACEHOLDER)) {
            rowan__text_add(&out->sql, sql + token.offset, token.size);
        } else if (token.kind == ROWAN__TOKEN_COMMENT) {
            keep_traceparent(&out->sql, sql + token.offset, token.size);
        }
    }
}

void rowan__trace_text_init(rowan__trace_text *text, const rowan_allocator *allocator)
{
    *text = (rowan__trace_text){.slot_count = 0};
    rowan__text_init(&text->sql, allocator);
}

void rowan__trace_text_fini(rowan__trace_text *text)
{
    rowan__free(text->sql.allocator, text->slots, text->slot_capacity, sizeof *text->slots);
    rowan__text_fini(&text->sql);
}

static void add_params(const rowan__trace_writer *writer, rowan__text *out,
                       const rowan_event *event)
{
    for (size_t i = 0; event->params != NULL && i < event->param_count; i++) {
        rowan__text_str(out, i > 0 ? "," : "");
        rowan__trace_value(writer, out, &event->params[i]);
    }
}

static bool has_literals(const rowan__trace_text *text)
{
    for (size_t i = 0; i < text->slot_count; i++) {
        if (text->slots[i].param == ROWAN__TRACE_LITERAL) {
            return true;
        }
    }
    return false;
}

/* Of values that are not known there are none, so that nobody takes them for NULL. */
static void add_slots(const rowan__trace_writer *writer, rowan__text *out, const rowan_event *event,
                      const rowan__trace_text *text)
{
    if (event->params == NULL && !has_literals(text)) {
        return;
    }
    for (size_t i = 0; i < text->slot_count; i++) {
        const rowan__trace_slot *slot = &text->slots[i];
        rowan__text_str(out, i > 0 ? "," : "");
        if (slot->param == ROWAN__TRACE_LITERAL) {
            rowan__trace_hashed(out, slot->literal);
        } else if (event->params != NULL && slot->param < event->param_count) {
            rowan__trace_value(writer, out, &event->params[slot->param]);
        } else {
            rowan__text_str(out, "null");
        }
    }
}

void rowan__trace_statement(const rowan__trace_writer *writer, rowan__text *out,
                            const rowan_event *event)
{
    bool is_ours = event->purpose == ROWAN_PURPOSE_TRANSACTION; /* and holds no value */
    rowan__trace_text text;

    rowan__trace_text_init(&text, out->allocator);
    if (writer->values || is_ours) {
        rowan__text_add(&text.sql, event->sql, event->sql_size);
    } else {
        rowan__trace_text_read(writer, rowan__engine_reading(event->engine), event->sql,
                               event->sql_size, &text);
    }
    rowan__text_str(out, "\"sql\":");
    rowan__json_string(out, rowan__text_string(&text.sql), text.sql.size);
    rowan__text_str(out, ",\"params\":[");
    if (writer->values) {
        add_params(writer, out, event);
    } else {
        add_slots(writer, out, event, &text);
    }
    rowan__text_char(out, ']');
    out->failed = out->failed || text.sql.failed;
    rowan__trace_text_fini(&text);
}
