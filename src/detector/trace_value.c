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

#include "base/calendar.h"
#include "base/utf8.h"
#include "detector/trace_private.h"

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

static void add_hash(const rowan__trace_writer *writer, rowan__text *out, uint64_t key)
{
    rowan__text_format(
        out, "\"#%016" PRIx64 "\"",
        (uint64_t)XXH3_64bits_withSecret(&key, sizeof key, writer->secret, sizeof writer->secret));
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
        rowan__text_format(out, isfinite(value->as.real) ? "%.17g" : "\"%g\"", value->as.real);
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
        add_hash(writer, out, rowan__key_value(value));
    }
}

/* --- Texts. --- */

/* A text on its way: its literals become parameters, all numbered as they come. */
typedef struct hiding {
    const rowan__trace_writer *writer;
    const rowan_event *event;
    const rowan__reading *reading;
    rowan__text *sql, *params;
    size_t number;  /* of parameters written */
    size_t counted; /* placeholders without a number */
} hiding;

static void add_param(hiding *h)
{
    rowan__text_str(h->params, h->number > 0 ? "," : "");
    h->number++;
    rowan__text_str(h->sql, h->reading->dollar_numbers ? "$" : "?");
    if (h->reading->dollar_numbers) {
        rowan__text_int(h->sql, (int64_t)h->number);
    }
}

static void hide_placeholder(hiding *h, const rowan__token *token)
{
    const char *text = h->event->sql + token->offset;
    size_t given = 0;

    for (size_t i = 1; i < token->size && i < 8 && text[i] >= '0' && text[i] <= '9'; i++) {
        given = given * 10 + (size_t)(text[i] - '0');
    }
    size_t index = given > 0 ? given - 1 : h->counted++;
    add_param(h);
    if (h->event->params != NULL && index < h->event->param_count) {
        rowan__trace_value(h->writer, h->params, &h->event->params[index]);
    } else {
        rowan__text_str(h->params, "null");
    }
}

static void hide_literal(hiding *h, const rowan__token *token)
{
    add_param(h);
    add_hash(h->writer, h->params,
             rowan__key_literal(h->event->sql + token->offset, token->size, false));
}

static void hide_values(hiding *h)
{
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, h->reading, h->event->sql, h->event->sql_size);
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        if (token.kind == ROWAN__TOKEN_PLACEHOLDER) {
            hide_placeholder(h, &token);
        } else if (token.kind == ROWAN__TOKEN_STRING || token.kind == ROWAN__TOKEN_NUMBER) {
            hide_literal(h, &token);
        } else if (token.kind != ROWAN__TOKEN_COMMENT) {
            rowan__text_add(h->sql, h->event->sql + token.offset, token.size);
        }
    }
}

static void add_params(const rowan__trace_writer *writer, rowan__text *out,
                       const rowan_event *event)
{
    for (size_t i = 0; event->params != NULL && i < event->param_count; i++) {
        rowan__text_str(out, i > 0 ? "," : "");
        rowan__trace_value(writer, out, &event->params[i]);
    }
}

void rowan__trace_statement(const rowan__trace_writer *writer, rowan__text *out,
                            const rowan_event *event)
{
    rowan__text sql, params;

    rowan__text_init(&sql, out->allocator);
    rowan__text_init(&params, out->allocator);
    if (writer->values) {
        rowan__text_add(&sql, event->sql, event->sql_size);
        add_params(writer, &params, event);
    } else {
        hiding h = {writer, event, rowan__engine_reading(event->engine), &sql, &params, 0, 0};
        hide_values(&h);
    }
    rowan__text_str(out, "\"sql\":");
    rowan__json_string(out, rowan__text_string(&sql), sql.size);
    rowan__text_str(out, ",\"params\":[");
    rowan__text_add(out, rowan__text_string(&params), params.size);
    rowan__text_char(out, ']');
    out->failed = out->failed || sql.failed || params.failed;
    rowan__text_fini(&sql);
    rowan__text_fini(&params);
}
