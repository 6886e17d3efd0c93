/*
 * Values on their way to the server.
 *
 * A statement is prepared without types; the server infers what each parameter is and says so. A
 * value that has an easy binary form as that type is sent in it, and everything else as text, which
 * the server then judges as it would a literal. Text and bytes are lent to libpq where they are;
 * what has a fixed size is written into the parameter's own slot; the rest goes into the
 * connection's scratch, which may move while it grows, so places there are kept as offsets until
 * the row is complete.
 */
#include "driver/postgresql/postgresql_private.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/error.h"

enum { LONGEST = INT_MAX / 4 }; /* text or bytes of one value */

#define NOT_LENT SIZE_MAX

/* What came of an attempt to write a value in binary. */
typedef enum encoding { ENCODED, NO_BINARY_FORM, TOO_LARGE } encoding;

static inline size_t put_2(char *out, uint16_t number)
{
    number = __builtin_bswap16(number);
    memcpy(out, &number, sizeof number);
    return sizeof number;
}

static inline size_t put_4(char *out, uint32_t number)
{
    number = __builtin_bswap32(number);
    memcpy(out, &number, sizeof number);
    return sizeof number;
}

static inline size_t put_8(char *out, uint64_t number)
{
    number = __builtin_bswap64(number);
    memcpy(out, &number, sizeof number);
    return sizeof number;
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

/* --- Binary forms of a fixed size: written to `out`, which has room for ROWAN__PG_SLOT_SIZE. ---
 */

static inline encoding encode_integer(char *out, size_t *size, const rowan_value *value,
                                      size_t width)
{
    int64_t integer = value->as.integer;
    int64_t limit = INT64_MAX >> (64 - 8 * width);

    if (!holds_integer(value)) {
        return NO_BINARY_FORM;
    }
    if (integer > limit || integer < -limit - 1) {
        return TOO_LARGE;
    }
    *size = width == 8   ? put_8(out, (uint64_t)integer)
            : width == 4 ? put_4(out, (uint32_t)integer)
                         : put_2(out, (uint16_t)integer);
    return ENCODED;
}

static encoding encode_bool(char *out, size_t *size, const rowan_value *value)
{
    bool truth = value->type == ROWAN_TYPE_BOOL;

    if (!truth && !(holds_integer(value) && (value->as.integer == 0 || value->as.integer == 1))) {
        return NO_BINARY_FORM;
    }
    *out = (truth ? value->as.boolean : value->as.integer != 0) ? 1 : 0;
    *size = 1;
    return ENCODED;
}

static encoding encode_real(char *out, size_t *size, const rowan_value *value, bool is_double)
{
    bool real = value->type == ROWAN_TYPE_FLOAT || value->type == ROWAN_TYPE_DOUBLE;
    double number = real ? value->as.real : 0;
    uint64_t bits;

    if (!real && !(holds_integer(value) && value->as.integer >= -((int64_t)1 << 53) &&
                   value->as.integer <= (int64_t)1 << 53)) {
        return NO_BINARY_FORM;
    }
    if (!real) {
        number = (double)value->as.integer;
    }
    if (is_double) {
        memcpy(&bits, &number, sizeof number);
        *size = put_8(out, bits);
        return ENCODED;
    }
    uint32_t narrow_bits;
    float narrow = (float)number;
    if ((double)narrow != number && !isnan(number)) {
        return NO_BINARY_FORM; /* the server rounds it, or finds it too large */
    }
    memcpy(&narrow_bits, &narrow, sizeof narrow);
    *size = put_4(out, narrow_bits);
    return ENCODED;
}

static encoding encode_date(char *out, size_t *size, const rowan_value *value)
{
    if (value->type != ROWAN_TYPE_DATE) {
        return NO_BINARY_FORM;
    }
    if (!rowan__date_valid(value->as.date)) {
        return TOO_LARGE;
    }
    *size = put_4(out, (uint32_t)(value->as.date.days - ROWAN__PG_EPOCH_DAYS));
    return ENCODED;
}

static encoding encode_time(char *out, size_t *size, const rowan_value *value)
{
    if (value->type != ROWAN_TYPE_TIME) {
        return NO_BINARY_FORM;
    }
    if (!rowan__time_valid(value->as.time)) {
        return TOO_LARGE;
    }
    *size = put_8(out, (uint64_t)value->as.time.us);
    return ENCODED;
}

static encoding encode_timestamp(char *out, size_t *size, const rowan_value *value)
{
    if (value->type != ROWAN_TYPE_TIMESTAMP) {
        return NO_BINARY_FORM;
    }
    if (!rowan__timestamp_valid(value->as.timestamp)) {
        return TOO_LARGE;
    }
    *size = put_8(out, (uint64_t)(value->as.timestamp.us - ROWAN__PG_EPOCH_US));
    return ENCODED;
}

static encoding encode_uuid(char *out, size_t *size, const rowan_value *value)
{
    if (value->type != ROWAN_TYPE_UUID) {
        return NO_BINARY_FORM;
    }
    memcpy(out, value->as.uuid.bytes, sizeof value->as.uuid.bytes);
    *size = sizeof value->as.uuid.bytes;
    return ENCODED;
}

/* Writes a value in the binary form of a server's type, if that has a fixed size. */
static encoding encode_fixed(char *out, size_t *size, Oid type, const rowan_value *value)
{
    switch (type) {
    case ROWAN__PG_INT8:
        return encode_integer(out, size, value, 8);
    case ROWAN__PG_INT4:
        return encode_integer(out, size, value, 4);
    case ROWAN__PG_INT2:
        return encode_integer(out, size, value, 2);
    case ROWAN__PG_BOOL:
        return encode_bool(out, size, value);
    case ROWAN__PG_FLOAT4:
        return encode_real(out, size, value, false);
    case ROWAN__PG_FLOAT8:
        return encode_real(out, size, value, true);
    case ROWAN__PG_DATE:
        return encode_date(out, size, value);
    case ROWAN__PG_TIME:
        return encode_time(out, size, value);
    case ROWAN__PG_TIMESTAMP:
    case ROWAN__PG_TIMESTAMPTZ:
        return encode_timestamp(out, size, value);
    case ROWAN__PG_UUID:
        return encode_uuid(out, size, value);
    default: /* an open set, unlike our own types */
        return NO_BINARY_FORM;
    }
}

/* --- Text forms. --- */

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
static inline rowan_status check_value(const rowan_value *value, size_t index, Oid type,
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
    if ((text || value->type == ROWAN_TYPE_BLOB) && value->as.bytes.size > LONGEST) {
        return refuse(value, index, ROWAN_OUT_OF_RANGE, "is larger than the server takes", error);
    }
    if (!value->is_null && value->type == ROWAN_TYPE_BLOB && type != ROWAN__PG_BYTEA) {
        return refuse(value, index, ROWAN_WRONG_TYPE,
                      "is a blob where the statement takes another type: write CAST(? AS bytea)",
                      error);
    }
    return ROWAN_OK;
}

/* A value whose bytes are its binary form as that type. */
static bool is_its_own_form(const rowan_value *value, Oid type)
{
    return (holds_text(value) && takes_text(type)) ||
           (value->type == ROWAN_TYPE_BLOB && type == ROWAN__PG_BYTEA);
}

/* One element: its size, then its bytes. */
static inline encoding encode_element(rowan__text *out, Oid element, const rowan_value *item)
{
    size_t size = 0;

    if (is_its_own_form(item, element)) {
        char prefix[4];
        rowan__text_add(out, prefix, put_4(prefix, (uint32_t)item->as.bytes.size));
        rowan__text_add(out, item->as.bytes.data, item->as.bytes.size);
        return ENCODED;
    }
    if (!rowan__text_reserve(out, 4 + ROWAN__PG_SLOT_SIZE)) {
        return ENCODED; /* which the text remembers */
    }
    encoding done = encode_fixed(out->data + out->size + 4, &size, element, item);
    put_4(out->data + out->size, (uint32_t)size);
    out->size += 4 + size;
    return done;
}

/* An array's elements in binary; unless they are ENCODED the scratch is left as it was. */
static encoding encode_binary_list(rowan__text *out, Oid element, const rowan_value *list)
{
    size_t start = out->size;
    size_t count = list->as.list.count;
    encoding done = ENCODED;
    char head[5 * 4];

    put_4(head, count > 0 ? 1 : 0); /* dimensions */
    put_4(head + 4, 0);             /* no NULL among them */
    put_4(head + 8, element);
    put_4(head + 12, (uint32_t)count);
    put_4(head + 16, 1); /* the first index */
    rowan__text_add(out, head, count > 0 ? sizeof head : 12);
    for (size_t i = 0; i < count && done == ENCODED; i++) {
        done = encode_element(out, element, &list->as.list.items[i]);
    }
    if (done != ENCODED) {
        out->size = start;
    }
    return done;
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
        if (holds_integer(item) && !item->is_null) {
            continue;
        }
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

/* Writes a value into the scratch: a list, or the text form of a single value. */
static rowan_status encode_long(rowan__postgresql_prepared *prepared, size_t index,
                                const rowan_value *value, rowan__text *out, rowan_error *error)
{
    rowan_status status = ROWAN_OK;
    size_t start = out->size;

    prepared->offsets[index] = start;
    prepared->formats[index] = 0;
    if (value->type == ROWAN_TYPE_LIST) {
        status = encode_list(prepared, index, value, out, error);
    } else if (!encode_text(out, value)) {
        status =
            refuse(value, index, ROWAN_OUT_OF_RANGE, "is outside what the type there holds", error);
    }
    if (status == ROWAN_OK && out->size - start > INT_MAX / 2) {
        status = refuse(value, index, ROWAN_OUT_OF_RANGE, "is larger than the server takes", error);
    }
    prepared->lengths[index] = (int)(out->size - start);
    rowan__text_char(out, '\0'); /* text forms are NUL-terminated */
    return status;
}

/* libpq takes no address for SQL's NULL. */
static inline const char *text_of(const rowan_value *value)
{
    return value->as.bytes.size > 0 ? value->as.bytes.data : "";
}

/* Where libpq takes the parameters of a statement from: a copy, which lets compilers keep in
 * registers what any byte that is written could otherwise have changed. */
typedef struct places {
    const Oid *types;
    char (*slots)[ROWAN__PG_SLOT_SIZE];
    const char **values;
    int *lengths;
    int *formats;
} places;

static inline places places_of(const rowan__postgresql_prepared *prepared)
{
    return (places){prepared->types, prepared->slots, prepared->values, prepared->lengths,
                    prepared->formats};
}

/* Gives libpq the binary form of a parameter; NULL is SQL's NULL. */
static inline void lend(places to, size_t index, const char *data, size_t size)
{
    to.values[index] = data;
    to.lengths[index] = (int)size;
    to.formats[index] = 1;
}

static inline void lend_integer(places to, size_t index, uint64_t integer)
{
    lend(to, index, to.slots[index], put_8(to.slots[index], integer));
}

static rowan_status encode_one(rowan__postgresql_prepared *prepared, size_t index,
                               const rowan_value *value, rowan__text *out, rowan_error *error)
{
    Oid type = prepared->types[index];
    bool lent = is_its_own_form(value, type);
    size_t size = 0;
    encoding done =
        lent ? NO_BINARY_FORM : encode_fixed(prepared->slots[index], &size, type, value);

    if (done == ENCODED) {
        lend(places_of(prepared), index, prepared->slots[index], size);
        return ROWAN_OK;
    }
    if (done == TOO_LARGE) {
        return refuse(value, index, ROWAN_OUT_OF_RANGE, "is outside what the type there holds",
                      error);
    }
    rowan_status status = check_value(value, index, type, error);
    if (status != ROWAN_OK || !lent) {
        return status != ROWAN_OK ? status : encode_long(prepared, index, value, out, error);
    }
    lend(places_of(prepared), index, text_of(value), value->as.bytes.size);
    return ROWAN_OK;
}

static rowan__text *scratch_of(const rowan__postgresql_prepared *prepared)
{
    return &((rowan__postgresql_connection *)prepared->base.connection)->scratch;
}

/* Says where the values of the scratch are, which moves no more. */
static rowan_status place_long(rowan__postgresql_prepared *prepared, const rowan__text *scratch,
                               rowan_error *error)
{
    if (scratch->failed) {
        return rowan__fail_nomem(error);
    }
    for (size_t i = 0; i < prepared->base.param_count; i++) {
        if (prepared->offsets[i] != ROWAN__PG_BORROWED) {
            prepared->values[i] = scratch->data + prepared->offsets[i];
        }
    }
    return ROWAN_OK;
}

/*
 * Lends what most parameters are, NULL, a key or a text, whose form is at hand. @return its size;
 * NOT_LENT: it is something else, or may have something wrong with it.
 */
static inline size_t lend_common(places to, size_t index, const rowan_value *value)
{
    Oid type = to.types[index];

    if (value->is_null || value->type == 0) {
        lend(to, index, NULL, 0);
        return 0;
    }
    if (type == ROWAN__PG_INT8 && holds_integer(value)) {
        lend_integer(to, index, (uint64_t)value->as.integer);
        return sizeof(int64_t);
    }
    if (value->type != ROWAN_TYPE_TEXT || (type != ROWAN__PG_TEXT && type != ROWAN__PG_VARCHAR)) {
        return NOT_LENT;
    }
    const char *text = text_of(value);
    size_t size = value->as.bytes.size;
    if (size > LONGEST || !rowan__bytes_plain(text, size)) {
        return NOT_LENT;
    }
    lend(to, index, text, size);
    return size;
}

/* Encodes a row of which the values before @p first were common, and are lent. */
__attribute__((noinline)) static rowan_status encode_any(rowan__postgresql_prepared *prepared,
                                                         const rowan_value *values, size_t first,
                                                         uint64_t *bytes, rowan_error *error)
{
    const places to = places_of(prepared);
    rowan__text *scratch = scratch_of(prepared);
    rowan_status status = ROWAN_OK;
    uint64_t sum = 0;

    rowan__text_clear(scratch);
    for (size_t i = 0; i < prepared->base.param_count && status == ROWAN_OK; i++) {
        prepared->offsets[i] = ROWAN__PG_BORROWED;
        if (i >= first && lend_common(to, i, &values[i]) == NOT_LENT) {
            status = encode_one(prepared, i, &values[i], scratch, error);
        }
        sum += (uint64_t)prepared->lengths[i];
    }
    if (status != ROWAN_OK) {
        return status;
    }
    *bytes += sum;
    return place_long(prepared, scratch, error);
}

rowan_status rowan__postgresql_encode(rowan__postgresql_prepared *prepared,
                                      const rowan_value *values, uint64_t *bytes,
                                      rowan_error *error)
{
    const places to = places_of(prepared);
    size_t count = prepared->base.param_count;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        size_t size = lend_common(to, i, &values[i]);
        if (size == NOT_LENT) {
            return encode_any(prepared, values, i, bytes, error);
        }
        sum += size;
    }
    *bytes += sum;
    return ROWAN_OK;
}

/* --- A row of a struct. --- */

/* The same as lend_common() for a member; its texts end with a NUL, so there is none inside. */
static inline size_t lend_member(places to, size_t index, const rowan_column *column,
                                 const char *row)
{
    const void *member = row + column->value_offset;
    Oid type = to.types[index];

    if ((column->flags & ROWAN_NULLABLE) != 0 && !*(const bool *)(row + column->offset)) {
        lend(to, index, NULL, 0);
        return 0;
    }
    if (column->type == ROWAN_TYPE_INT64 && type == ROWAN__PG_INT8) {
        lend_integer(to, index, *(const uint64_t *)member);
        return sizeof(int64_t);
    }
    if (column->type != ROWAN_TYPE_TEXT || (type != ROWAN__PG_TEXT && type != ROWAN__PG_VARCHAR)) {
        return NOT_LENT;
    }
    const char *text = *(const char *const *)member;
    size_t size = text ? strlen(text) : 0;
    if (size > LONGEST || rowan__is_long_text(column, text, size)) {
        return NOT_LENT;
    }
    lend(to, index, text, size);
    return size;
}

static rowan_status encode_member(rowan__postgresql_prepared *prepared, size_t index,
                                  const rowan_column *column, const char *row, rowan_error *error)
{
    rowan_value value = rowan_column_value(column, row);

    if (value.type == ROWAN_TYPE_ENUM && !value.is_null) {
        value = rowan_v_text(column->enumeration->labels[value.as.integer]);
    }
    bool is_long = !value.is_null && value.type == ROWAN_TYPE_TEXT &&
                   rowan__is_long_text(column, value.as.bytes.data, value.as.bytes.size);

    if (value.is_null) {
        lend(places_of(prepared), index, NULL, 0);
        return ROWAN_OK;
    }
    if (is_long) {
        return rowan__fail_long_text(column, error);
    }
    rowan_status status = encode_one(prepared, index, &value, scratch_of(prepared), error);
    if (status != ROWAN_OK) {
        rowan__name_member(column, error);
    }
    return status;
}

/* Encodes a row of which the members before @p first are lent. */
__attribute__((noinline)) static rowan_status encode_members(rowan__postgresql_prepared *prepared,
                                                             const rowan__structs *structs,
                                                             size_t first, uint64_t *bytes,
                                                             rowan_error *error)
{
    const places to = places_of(prepared);
    const char *row = rowan__structs_row(structs, 0);
    rowan_status status = ROWAN_OK;
    uint64_t sum = 0;

    rowan__text_clear(scratch_of(prepared));
    for (size_t i = 0; i < structs->column_count && status == ROWAN_OK; i++) {
        const rowan_column *column = structs->columns[i];
        prepared->offsets[i] = ROWAN__PG_BORROWED;
        if (i >= first && lend_member(to, i, column, row) == NOT_LENT) {
            status = encode_member(prepared, i, column, row, error);
        }
        sum += (uint64_t)prepared->lengths[i];
    }
    if (status != ROWAN_OK) {
        return status;
    }
    *bytes += sum;
    return place_long(prepared, scratch_of(prepared), error);
}

rowan_status rowan__postgresql_encode_row(rowan__postgresql_prepared *prepared,
                                          const rowan__structs *structs, uint64_t *bytes,
                                          rowan_error *error)
{
    const places to = places_of(prepared);
    const char *row = rowan__structs_row(structs, 0);
    size_t count = structs->column_count;
    bool only_texts = true;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const rowan_column *column = structs->columns[i];
        size_t size = lend_member(to, i, column, row);
        if (size == NOT_LENT) {
            return encode_members(prepared, structs, i, bytes, error);
        }
        only_texts &= column->type == ROWAN_TYPE_TEXT;
        sum += size;
    }
    prepared->only_texts = only_texts;
    *bytes += sum;
    return ROWAN_OK;
}
