/*
 * Values on their way to the server.
 *
 * A statement is prepared without types; the server infers what each parameter is and says so. A
 * value that has an easy binary form as that type is sent in it, and everything else as text, which
 * the server then judges as it would a literal. Text and bytes are lent to libpq where they are;
 * the rest is written into the connection's scratch, which may move while it grows, so places are
 * kept as offsets until the row is complete.
 */
#include "driver/postgresql/postgresql_private.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/error.h"

/* What came of an attempt to write a value in binary. */
typedef enum encoding { ENCODED, NO_BINARY_FORM, TOO_LARGE } encoding;

static void add_big_endian(rowan__text *out, uint64_t number, size_t size)
{
    char bytes[8];

    for (size_t i = size; i > 0; i--, number >>= 8) {
        bytes[i - 1] = (char)(number & 0xFF);
    }
    rowan__text_add(out, bytes, size);
}

static bool holds_integer(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_INT16 || value->type == ROWAN_TYPE_INT32 ||
           value->type == ROWAN_TYPE_INT64;
}

static bool holds_text(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_TEXT || value->type == ROWAN_TYPE_DECIMAL ||
           value->type == ROWAN_TYPE_JSON;
}

/* Types whose binary form is the text itself. */
static bool takes_text(Oid type)
{
    return type == ROWAN__PG_TEXT || type == ROWAN__PG_VARCHAR || type == ROWAN__PG_BPCHAR ||
           type == ROWAN__PG_NAME || type == ROWAN__PG_JSON || type == ROWAN__PG_UNKNOWN;
}

static encoding encode_integer(rowan__text *out, const rowan_value *value, size_t size)
{
    int64_t limit = (int64_t)(INT64_MAX >> (64 - 8 * size));

    if (!holds_integer(value)) {
        return NO_BINARY_FORM;
    }
    if (value->as.integer > limit || value->as.integer < -limit - 1) {
        return TOO_LARGE;
    }
    add_big_endian(out, (uint64_t)value->as.integer, size);
    return ENCODED;
}

static encoding encode_bool(rowan__text *out, const rowan_value *value)
{
    bool truth = value->type == ROWAN_TYPE_BOOL;

    if (!truth && !(holds_integer(value) && (value->as.integer == 0 || value->as.integer == 1))) {
        return NO_BINARY_FORM;
    }
    rowan__text_char(out, (truth ? value->as.boolean : value->as.integer != 0) ? 1 : 0);
    return ENCODED;
}

static encoding encode_real(rowan__text *out, const rowan_value *value, bool is_double)
{
    bool real = value->type == ROWAN_TYPE_FLOAT || value->type == ROWAN_TYPE_DOUBLE;
    double number = real ? value->as.real : 0;
    uint64_t bits = 0;

    if (!real && !(holds_integer(value) && value->as.integer >= -((int64_t)1 << 53) &&
                   value->as.integer <= (int64_t)1 << 53)) {
        return NO_BINARY_FORM;
    }
    if (!real) {
        number = (double)value->as.integer;
    }
    if (is_double) {
        memcpy(&bits, &number, sizeof number);
        add_big_endian(out, bits, 8);
        return ENCODED;
    }
    uint32_t narrow_bits;
    float narrow = (float)number;
    if ((double)narrow != number && !isnan(number)) {
        return NO_BINARY_FORM; /* the server rounds it, or finds it too large */
    }
    memcpy(&narrow_bits, &narrow, sizeof narrow);
    add_big_endian(out, narrow_bits, 4);
    return ENCODED;
}

static encoding encode_date(rowan__text *out, const rowan_value *value)
{
    if (value->type != ROWAN_TYPE_DATE) {
        return NO_BINARY_FORM;
    }
    if (!rowan__date_valid(value->as.date)) {
        return TOO_LARGE;
    }
    add_big_endian(out, (uint64_t)(int64_t)(value->as.date.days - ROWAN__PG_EPOCH_DAYS), 4);
    return ENCODED;
}

static encoding encode_time(rowan__text *out, const rowan_value *value)
{
    if (value->type != ROWAN_TYPE_TIME) {
        return NO_BINARY_FORM;
    }
    if (!rowan__time_valid(value->as.time)) {
        return TOO_LARGE;
    }
    add_big_endian(out, (uint64_t)value->as.time.us, 8);
    return ENCODED;
}

static encoding encode_timestamp(rowan__text *out, const rowan_value *value)
{
    if (value->type != ROWAN_TYPE_TIMESTAMP) {
        return NO_BINARY_FORM;
    }
    if (!rowan__timestamp_valid(value->as.timestamp)) {
        return TOO_LARGE;
    }
    add_big_endian(out, (uint64_t)(value->as.timestamp.us - ROWAN__PG_EPOCH_US), 8);
    return ENCODED;
}

static encoding encode_bytes(rowan__text *out, const rowan_value *value, bool fits)
{
    if (!fits) {
        return NO_BINARY_FORM;
    }
    rowan__text_add(out, value->as.bytes.data, value->as.bytes.size);
    return ENCODED;
}

/* Appends a value in the binary form of a server's type. */
static encoding encode_binary(rowan__text *out, Oid type, const rowan_value *value)
{
    switch (type) {
    case ROWAN__PG_BOOL:
        return encode_bool(out, value);
    case ROWAN__PG_INT2:
        return encode_integer(out, value, 2);
    case ROWAN__PG_INT4:
        return encode_integer(out, value, 4);
    case ROWAN__PG_INT8:
        return encode_integer(out, value, 8);
    case ROWAN__PG_FLOAT4:
        return encode_real(out, value, false);
    case ROWAN__PG_FLOAT8:
        return encode_real(out, value, true);
    case ROWAN__PG_DATE:
        return encode_date(out, value);
    case ROWAN__PG_TIME:
        return encode_time(out, value);
    case ROWAN__PG_TIMESTAMP:
    case ROWAN__PG_TIMESTAMPTZ:
        return encode_timestamp(out, value);
    case ROWAN__PG_UUID:
        if (value->type == ROWAN_TYPE_UUID) {
            rowan__text_add(out, (const char *)value->as.uuid.bytes, sizeof value->as.uuid.bytes);
            return ENCODED;
        }
        return NO_BINARY_FORM;
    case ROWAN__PG_BYTEA:
        return encode_bytes(out, value, value->type == ROWAN_TYPE_BLOB);
    default: /* an open set, unlike our own types */
        return encode_bytes(out, value, takes_text(type) && holds_text(value));
    }
}

/* The shortest text that reads as the same number: "0.1" and not "0.10000000000000001". */
static void add_finite(rowan__text *out, const rowan_value *value)
{
    bool narrow = value->type == ROWAN_TYPE_FLOAT;
    char text[40];

    for (int digits = narrow ? 6 : 15; digits <= (narrow ? 9 : 17); digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value->as.real);
        double read = narrow ? (double)strtof(text, NULL) : strtod(text, NULL);
        if (read == value->as.real) {
            break;
        }
    }
    /* The program's locale may have another sign for the point. */
    size_t whole = strspn(text, "+-0123456789");
    if (text[whole] != '\0' && text[whole] != 'e') {
        text[whole] = '.';
    }
    rowan__text_str(out, text);
}

static void add_real(rowan__text *out, const rowan_value *value)
{
    if (isnan(value->as.real)) {
        rowan__text_str(out, "NaN");
    } else if (isinf(value->as.real)) {
        rowan__text_str(out, value->as.real < 0 ? "-Infinity" : "Infinity");
    } else {
        add_finite(out, value);
    }
}

static void add_hex(rowan__text *out, rowan_blob blob)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = blob.data;

    rowan__text_str(out, "\\x");
    for (size_t i = 0; i < blob.size; i++) {
        rowan__text_char(out, digits[bytes[i] >> 4]);
        rowan__text_char(out, digits[bytes[i] & 15]);
    }
}

/* Appends a day or time as text. false: it is none that there is. */
static bool encode_calendar(rowan__text *out, const rowan_value *value)
{
    char text[ROWAN__TIMESTAMP_TEXT + 4];

    if (value->type == ROWAN_TYPE_DATE) {
        if (!rowan__date_valid(value->as.date)) {
            return false;
        }
        rowan__date_write(value->as.date, text);
    } else if (value->type == ROWAN_TYPE_TIME) {
        if (!rowan__time_valid(value->as.time)) {
            return false;
        }
        rowan__time_write(value->as.time, text);
    } else {
        if (!rowan__timestamp_valid(value->as.timestamp)) {
            return false;
        }
        rowan__timestamp_write(value->as.timestamp, text);
        memcpy(text + ROWAN__TIMESTAMP_TEXT, "+00", 4);
    }
    rowan__text_str(out, text);
    return true;
}

/* Appends a single value as text. false: it is outside what there is. */
static bool encode_text(rowan__text *out, const rowan_value *value)
{
    char uuid[ROWAN__UUID_TEXT + 1];

    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        rowan__text_str(out, value->as.boolean ? "true" : "false");
        return true;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        rowan__text_int(out, value->as.integer);
        return true;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        add_real(out, value);
        return true;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        rowan__text_add(out, value->as.bytes.data, value->as.bytes.size);
        return true;
    case ROWAN_TYPE_BLOB:
        add_hex(out, value->as.bytes);
        return true;
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
        return encode_calendar(out, value);
    case ROWAN_TYPE_UUID:
        rowan__uuid_write(value->as.uuid, uuid);
        rowan__text_str(out, uuid);
        return true;
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return false;
}

/* "parameter 3" or "parameter :min", for messages. */
static const char *parameter_name(const rowan_value *value, size_t index, char *out, size_t size)
{
    if (value->name) {
        snprintf(out, size, "parameter :%.60s", value->name);
    } else {
        snprintf(out, size, "parameter %zu", index + 1);
    }
    return out;
}

static rowan_status refuse(const rowan_value *value, size_t index, rowan_status status,
                           const char *why, rowan_error *error)
{
    char name[80];

    return rowan__fail(error, status, "%s %s", parameter_name(value, index, name, sizeof name),
                       why);
}

/* What no form can carry. */
static rowan_status check_value(const rowan_value *value, size_t index, Oid type,
                                rowan_error *error)
{
    bool text = holds_text(value);

    if (value->type == ROWAN_TYPE_ENUM) {
        return refuse(value, index, ROWAN_MISUSE, "is an enum's number: bind its label as text",
                      error);
    }
    if (!value->is_null && text && memchr(value->as.bytes.data, '\0', value->as.bytes.size)) {
        return refuse(value, index, ROWAN_OUT_OF_RANGE,
                      "is a text with a NUL inside: bind it as a blob", error);
    }
    if ((text || value->type == ROWAN_TYPE_BLOB) && value->as.bytes.size > INT_MAX / 4) {
        return refuse(value, index, ROWAN_OUT_OF_RANGE, "is larger than the server takes", error);
    }
    if (!value->is_null && value->type == ROWAN_TYPE_BLOB && type != ROWAN__PG_BYTEA) {
        return refuse(value, index, ROWAN_WRONG_TYPE,
                      "is a blob where the statement takes another type: write CAST(? AS bytea)",
                      error);
    }
    return ROWAN_OK;
}

/* An array's elements in binary; NO_BINARY_FORM leaves the scratch as it was. */
static encoding encode_binary_list(rowan__text *out, Oid element, const rowan_value *list)
{
    size_t start = out->size;
    size_t count = list->as.list.count;

    add_big_endian(out, count > 0 ? 1 : 0, 4); /* dimensions */
    add_big_endian(out, 0, 4);                 /* no NULL among them */
    add_big_endian(out, element, 4);
    if (count > 0) {
        add_big_endian(out, count, 4);
        add_big_endian(out, 1, 4); /* the first index */
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = out->size;
        add_big_endian(out, 0, 4);
        encoding done = encode_binary(out, element, &list->as.list.items[i]);
        if (done != ENCODED) {
            out->size = start;
            return done;
        }
        if (!out->failed) {
            size_t size = out->size - at - 4;
            for (size_t byte = 0; byte < 4; byte++) {
                out->data[at + byte] = (char)(size >> (24 - 8 * byte) & 0xFF);
            }
        }
    }
    return ENCODED;
}

/* Puts a backslash before what ends or escapes the quoted element that begins at `from`. */
static void quote_element(rowan__text *out, size_t from)
{
    size_t size = out->size - from;
    size_t special = 0;

    for (size_t i = 0; i < size && !out->failed; i++) {
        special += out->data[from + i] == '"' || out->data[from + i] == '\\';
    }
    for (size_t i = 0; i < special; i++) {
        rowan__text_char(out, '\\');
    }
    if (out->failed || special == 0) {
        return;
    }
    /* From the end, so that the bytes can be moved in place. */
    size_t write = from + size + special;
    for (size_t read = from + size; read > from; read--) {
        char c = out->data[read - 1];
        out->data[--write] = c;
        if (c == '"' || c == '\\') {
            out->data[--write] = '\\';
        }
    }
}

/* An array as text: {"a","b"}. */
static bool encode_text_list(rowan__text *out, const rowan_value *list)
{
    rowan__text_char(out, '{');
    for (size_t i = 0; i < list->as.list.count; i++) {
        rowan__text_str(out, i > 0 ? ",\"" : "\"");
        size_t from = out->size;
        if (!encode_text(out, &list->as.list.items[i])) {
            return false;
        }
        quote_element(out, from);
        rowan__text_char(out, '"');
    }
    rowan__text_char(out, '}');
    return true;
}

static rowan_status encode_list(rowan__postgresql_prepared *prepared, size_t index,
                                const rowan_value *value, rowan__text *out, rowan_error *error)
{
    Oid element = prepared->elements[index];

    if (element == 0) {
        return refuse(value, index, ROWAN_MISUSE,
                      "is a list where the statement takes one value: write = ANY(?)", error);
    }
    for (size_t i = 0; i < value->as.list.count; i++) {
        const rowan_value *item = &value->as.list.items[i];
        if (item->is_null || item->type == 0 || item->type == ROWAN_TYPE_LIST) {
            return refuse(value, index, ROWAN_MISUSE, "is a list with a NULL or a list in it",
                          error);
        }
        rowan_status status = check_value(item, index, element, error);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    encoding done = encode_binary_list(out, element, value);
    bool in_range = done != TOO_LARGE;
    if (done == NO_BINARY_FORM) {
        in_range = encode_text_list(out, value);
    }
    prepared->formats[index] = done == ENCODED;
    return in_range ? ROWAN_OK
                    : refuse(value, index, ROWAN_OUT_OF_RANGE,
                             "has an element outside what the type there holds", error);
}

/* A value that libpq can take from where it is. */
static bool borrow(rowan__postgresql_prepared *prepared, size_t index, const rowan_value *value)
{
    Oid type = prepared->types[index];
    bool fits = (holds_text(value) && takes_text(type)) ||
                (value->type == ROWAN_TYPE_BLOB && type == ROWAN__PG_BYTEA);

    if (fits) {
        prepared->values[index] = value->as.bytes.size ? value->as.bytes.data : "";
        prepared->offsets[index] = ROWAN__PG_BORROWED;
        prepared->lengths[index] = (int)value->as.bytes.size;
        prepared->formats[index] = 1;
    }
    return fits;
}

static rowan_status encode_one(rowan__postgresql_prepared *prepared, size_t index,
                               const rowan_value *value, rowan__text *out, rowan_error *error)
{
    rowan_status status = check_value(value, index, prepared->types[index], error);

    if (status != ROWAN_OK || borrow(prepared, index, value)) {
        return status;
    }
    size_t start = out->size;
    prepared->offsets[index] = start;
    if (value->type == ROWAN_TYPE_LIST) {
        status = encode_list(prepared, index, value, out, error);
    } else {
        encoding done = encode_binary(out, prepared->types[index], value);
        prepared->formats[index] = done == ENCODED;
        if (done == TOO_LARGE || (done == NO_BINARY_FORM && !encode_text(out, value))) {
            return refuse(value, index, ROWAN_OUT_OF_RANGE, "is outside what the type there holds",
                          error);
        }
    }
    if (status == ROWAN_OK && out->size - start > INT_MAX / 2) {
        return refuse(value, index, ROWAN_OUT_OF_RANGE, "is larger than the server takes", error);
    }
    prepared->lengths[index] = (int)(out->size - start);
    rowan__text_char(out, '\0'); /* text forms are NUL-terminated */
    return status;
}

rowan_status rowan__postgresql_encode(rowan__postgresql_prepared *prepared,
                                      const rowan_value *values, uint64_t *bytes,
                                      rowan_error *error)
{
    rowan__text *scratch = &((rowan__postgresql_connection *)prepared->base.connection)->scratch;
    size_t count = prepared->base.param_count;

    rowan__text_clear(scratch);
    for (size_t i = 0; i < count; i++) {
        prepared->values[i] = NULL;
        prepared->offsets[i] = ROWAN__PG_BORROWED;
        prepared->lengths[i] = 0;
        prepared->formats[i] = 0;
        if (values[i].is_null || values[i].type == 0) {
            continue;
        }
        rowan_status status = encode_one(prepared, i, &values[i], scratch, error);
        if (status != ROWAN_OK) {
            return status;
        }
        *bytes += (uint64_t)prepared->lengths[i];
    }
    if (scratch->failed) {
        return rowan__fail_nomem(error);
    }
    for (size_t i = 0; i < count; i++) {
        if (prepared->offsets[i] != ROWAN__PG_BORROWED) {
            prepared->values[i] = scratch->data + prepared->offsets[i];
        }
    }
    return ROWAN_OK;
}
