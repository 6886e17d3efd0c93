/*
 * Values on their way from the server.
 *
 * A result comes in one form for all of its columns: binary if every column has a type that is read
 * below, else text. Binary costs nothing to parse and is exact; text is what remains for enums,
 * network addresses and whatever an extension brings. Which of the readers a cell needs is decided
 * once for a statement and a layout. The common pairs, such as a bigint into an int64_t, are stored
 * without a detour; all others go through the puts of the sink, which check that a value fits.
 */
#include "driver/postgresql/postgresql_private.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/error.h"

/* How a cell is read. Those of binary results come first; DIRECT ones store into a struct
 * themselves. */
typedef enum reader {
    READ_BOOL = 1,
    READ_INT2,
    READ_INT4,
    READ_INT8,
    READ_OID,
    READ_FLOAT4,
    READ_FLOAT8,
    READ_NUMERIC,
    READ_TEXT,
    READ_BYTEA,
    READ_DATE,
    READ_TIME,
    READ_TIMESTAMP,
    READ_UUID,
    READ_JSONB,
    DIRECT_INT4,
    DIRECT_INT8,
    DIRECT_TEXT,
    TEXT_BOOL,
    TEXT_INT,
    TEXT_FLOAT,
    TEXT_DOUBLE,
    TEXT_BYTEA,
    TEXT_NUMERIC
} reader;

/* The server's types. One without a reader is refused by name; one that is not listed is read as
 * text. */
static const struct type {
    Oid oid;
    Oid array; /* the type of arrays of it */
    const char *name;
    rowan_type type;
    reader binary;
    reader text;
} types[] = {
    {ROWAN__PG_BOOL, 1000, "boolean", ROWAN_TYPE_BOOL, READ_BOOL, TEXT_BOOL},
    {ROWAN__PG_BYTEA, 1001, "bytea", ROWAN_TYPE_BLOB, READ_BYTEA, TEXT_BYTEA},
    {ROWAN__PG_NAME, 1003, "name", ROWAN_TYPE_TEXT, READ_TEXT, READ_TEXT},
    {ROWAN__PG_INT8, 1016, "bigint", ROWAN_TYPE_INT64, READ_INT8, TEXT_INT},
    {ROWAN__PG_INT2, 1005, "smallint", ROWAN_TYPE_INT16, READ_INT2, TEXT_INT},
    {ROWAN__PG_INT4, 1007, "integer", ROWAN_TYPE_INT32, READ_INT4, TEXT_INT},
    {ROWAN__PG_TEXT, 1009, "text", ROWAN_TYPE_TEXT, READ_TEXT, READ_TEXT},
    {ROWAN__PG_OID, 1028, "oid", ROWAN_TYPE_INT64, READ_OID, TEXT_INT},
    {ROWAN__PG_JSON, 199, "json", ROWAN_TYPE_JSON, READ_TEXT, READ_TEXT},
    {ROWAN__PG_FLOAT4, 1021, "real", ROWAN_TYPE_FLOAT, READ_FLOAT4, TEXT_FLOAT},
    {ROWAN__PG_FLOAT8, 1022, "double precision", ROWAN_TYPE_DOUBLE, READ_FLOAT8, TEXT_DOUBLE},
    {ROWAN__PG_BPCHAR, 1014, "character", ROWAN_TYPE_TEXT, READ_TEXT, READ_TEXT},
    {ROWAN__PG_VARCHAR, 1015, "character varying", ROWAN_TYPE_TEXT, READ_TEXT, READ_TEXT},
    {ROWAN__PG_DATE, 1182, "date", ROWAN_TYPE_DATE, READ_DATE, READ_TEXT},
    {ROWAN__PG_TIME, 1183, "time", ROWAN_TYPE_TIME, READ_TIME, READ_TEXT},
    {ROWAN__PG_TIMESTAMP, 1115, "timestamp", ROWAN_TYPE_TIMESTAMP, READ_TIMESTAMP, READ_TEXT},
    {ROWAN__PG_TIMESTAMPTZ, 1185, "timestamptz", ROWAN_TYPE_TIMESTAMP, READ_TIMESTAMP, READ_TEXT},
    {ROWAN__PG_NUMERIC, 1231, "numeric", ROWAN_TYPE_DECIMAL, READ_NUMERIC, TEXT_NUMERIC},
    {ROWAN__PG_UUID, 2951, "uuid", ROWAN_TYPE_UUID, READ_UUID, READ_TEXT},
    {ROWAN__PG_JSONB, 3807, "jsonb", ROWAN_TYPE_JSON, READ_JSONB, READ_TEXT},
    {1186, 1187, "interval", 0, 0, 0},
    {1266, 1270, "time with time zone", 0, 0, 0},
    {2249, 2287, "record", 0, 0, 0},
    {3904, 3905, "int4range", 0, 0, 0},
    {3906, 3907, "numrange", 0, 0, 0},
    {3908, 3909, "tsrange", 0, 0, 0},
    {3910, 3911, "tstzrange", 0, 0, 0},
    {3912, 3913, "daterange", 0, 0, 0},
    {3926, 3927, "int8range", 0, 0, 0},
    {4451, 6150, "int4multirange", 0, 0, 0},
    {4532, 6151, "nummultirange", 0, 0, 0},
    {4533, 6152, "tsmultirange", 0, 0, 0},
    {4534, 6153, "tstzmultirange", 0, 0, 0},
    {4535, 6155, "datemultirange", 0, 0, 0},
    {4536, 6157, "int8multirange", 0, 0, 0},
};

/* The type of that number; `*is_array`: the number is that of arrays of it. NULL: not listed. */
static const struct type *find_type(Oid oid, bool *is_array)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].oid == oid || types[i].array == oid) {
            *is_array = types[i].array == oid;
            return &types[i];
        }
    }
    return NULL;
}

rowan_type rowan__postgresql_type(Oid oid)
{
    bool is_array;
    const struct type *type = find_type(oid, &is_array);

    return type && !is_array ? type->type : 0;
}

Oid rowan__postgresql_element(Oid oid)
{
    bool is_array;
    const struct type *type = find_type(oid, &is_array);

    return type && is_array ? type->oid : 0;
}

bool rowan__postgresql_all_binary(const PGresult *description)
{
    for (int i = 0; i < PQnfields(description); i++) {
        bool is_array;
        const struct type *type = find_type(PQftype(description, i), &is_array);
        if (!type || is_array || type->type == 0) {
            return false;
        }
    }
    return true;
}

/* --- Choosing --- */

static bool is_number(rowan_type type)
{
    return type >= ROWAN_TYPE_BOOL && type <= ROWAN_TYPE_DOUBLE;
}

/* Whether values of a server's type can go into members of a type at all. */
static bool fits(rowan_type from, bool has_fraction, rowan_type to)
{
    switch (from) {
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        return is_number(to);
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return is_number(to) && to != ROWAN_TYPE_BOOL;
    case ROWAN_TYPE_DECIMAL:
        return to == ROWAN_TYPE_DECIMAL || to == ROWAN_TYPE_TEXT ||
               (!has_fraction && to >= ROWAN_TYPE_INT16 && to <= ROWAN_TYPE_INT64);
    case ROWAN_TYPE_TEXT:
        return !is_number(to) && to != ROWAN_TYPE_BLOB;
    case ROWAN_TYPE_JSON:
        return to == ROWAN_TYPE_JSON || to == ROWAN_TYPE_TEXT;
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return from == to;
}

static rowan_status refuse(const rowan__cell *cell, rowan_status status, const char *type,
                           bool is_array, const char *advice, rowan_error *error)
{
    rowan__fail(error, status, "column \"%.60s\" is of type %s%s, which %s", cell->name, type,
                is_array ? "[]" : "", advice);
    if (error) {
        rowan__error_copy(error->column, sizeof error->column, cell->name, strlen(cell->name));
    }
    return status;
}

/* A reader that stores into the struct itself, if the member is just what the column is. */
static reader direct(reader chosen, rowan_type member)
{
    if (chosen == READ_INT8 && member == ROWAN_TYPE_INT64) {
        return DIRECT_INT8;
    }
    if (chosen == READ_INT4 && member == ROWAN_TYPE_INT32) {
        return DIRECT_INT4;
    }
    return chosen == READ_TEXT && member == ROWAN_TYPE_TEXT ? DIRECT_TEXT : chosen;
}

rowan_status rowan__postgresql_bind_cell(const rowan__postgresql_prepared *prepared, int column,
                                         bool dynamic, rowan__cell *cell, rowan_error *error)
{
    bool is_array = false;
    const struct type *type = find_type(PQftype(prepared->description, column), &is_array);
    int modifier = PQfmod(prepared->description, column);
    /* A numeric's modifier is precision and scale; -1 is a number of any form, such as a sum. */
    bool has_fraction = modifier >= 4 && ((modifier - 4) & 0x7FF) != 0;

    if (type && (is_array || type->type == 0)) {
        return refuse(cell, ROWAN_UNSUPPORTED, type->name, is_array,
                      "cannot be read: CAST it to text, or select its parts", error);
    }
    rowan_type from = type ? type->type : ROWAN_TYPE_TEXT;
    reader chosen = READ_TEXT;
    if (type) {
        chosen = prepared->binary ? type->binary : type->text;
    }
    if (dynamic) {
        cell->type = from;
    } else if (!fits(from, has_fraction, cell->type)) {
        return refuse(cell, ROWAN_WRONG_TYPE, type ? type->name : "one that comes as text", false,
                      "its member cannot hold: change the member, or CAST the column", error);
    } else {
        chosen = direct(chosen, cell->type);
    }
    cell->reader = (uint8_t)chosen;
    return ROWAN_OK;
}

/* --- Reading --- */

static uint64_t big_endian(const char *data, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)data;
    uint64_t number = 0;

    for (size_t i = 0; i < size; i++) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static int16_t read_int2(const char *data)
{
    return (int16_t)big_endian(data, 2);
}

static int32_t read_int4(const char *data)
{
    uint32_t number;

    memcpy(&number, data, sizeof number);
    return (int32_t)__builtin_bswap32(number);
}

static int64_t read_int8(const char *data)
{
    uint64_t number;

    memcpy(&number, data, sizeof number);
    return (int64_t)__builtin_bswap64(number);
}

static double read_float4(const char *data)
{
    uint32_t bits = (uint32_t)read_int4(data);
    float number;

    memcpy(&number, &bits, sizeof number);
    return (double)number;
}

static double read_float8(const char *data)
{
    uint64_t bits = (uint64_t)read_int8(data);
    double number;

    memcpy(&number, &bits, sizeof number);
    return number;
}

/* 'infinity' and what lies beyond our years stays beyond them, so that the put refuses it. */
static rowan_date read_date(const char *data)
{
    int64_t days = (int64_t)read_int4(data) + ROWAN__PG_EPOCH_DAYS;

    return (rowan_date){days > INT32_MAX ? INT32_MAX : (int32_t)days};
}

static rowan_timestamp read_timestamp(const char *data)
{
    int64_t us;

    if (__builtin_add_overflow(read_int8(data), ROWAN__PG_EPOCH_US, &us)) {
        us = INT64_MAX;
    }
    return (rowan_timestamp){us};
}

/* The server's numeric: four shorts, then digits to the base of 10,000. */
typedef struct numeric {
    int digits; /* how many there are */
    int weight; /* of the first digit, as a power of 10,000 */
    unsigned sign;
    int scale; /* decimals to show */
    const char *data;
} numeric;

enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_NAN = 0xC000, NUMERIC_HEADER = 8 };

/* The four decimals at one power of 10,000; nought where no digit was sent. */
static unsigned group_at(const numeric *number, int power)
{
    int index = number->weight - power;

    return index >= 0 && index < number->digits ? (unsigned)big_endian(number->data + 2 * index, 2)
                                                : 0;
}

/* Most bytes that the text of a numeric takes. */
static size_t numeric_bound(const numeric *number)
{
    return (size_t)(number->weight >= 0 ? number->weight + 1 : 1) * 4 + (size_t)number->scale + 8;
}

/* Writes at least one digit before the point and exactly `scale` behind it. @return bytes */
static size_t numeric_write(const numeric *number, char *out)
{
    char *at = out;
    bool started = false;

    if (number->sign == NUMERIC_NEGATIVE) {
        *at++ = '-';
    }
    for (int power = number->weight; power >= 0; power--) {
        unsigned group = group_at(number, power);
        for (unsigned unit = 1000; unit > 0; unit /= 10) {
            unsigned digit = group / unit % 10;
            started = started || digit != 0;
            if (started) {
                *at++ = (char)('0' + digit);
            }
        }
    }
    if (!started) {
        *at++ = '0';
    }
    if (number->scale > 0) {
        static const unsigned units[] = {1000, 100, 10, 1};
        *at++ = '.';
        for (int i = 0; i < number->scale; i++) {
            *at++ = (char)('0' + group_at(number, -1 - i / 4) / units[i % 4] % 10);
        }
    }
    return (size_t)(at - out);
}

/* A decimal's text into the member, which may be an integer if the decimal is one. */
static rowan_status put_decimal(rowan__sink *sink, const rowan__cell *cell, char *row,
                                const char *text, size_t size)
{
    bool integral =
        sink->layout->shape && cell->type >= ROWAN_TYPE_INT16 && cell->type <= ROWAN_TYPE_INT64;
    bool negative = size > 0 && text[0] == '-';
    int64_t value = 0;

    if (!integral) {
        return rowan__put_text(sink, cell, row, text, size);
    }
    for (size_t i = negative; i < size; i++) {
        bool fraction = text[i] == '.';
        int digit = negative ? '0' - text[i] : text[i] - '0';
        if (fraction && strspn(text + i + 1, "0") >= size - i - 1) {
            break;
        }
        if (fraction || text[i] < '0' || text[i] > '9' ||
            __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            refuse(cell, ROWAN_OUT_OF_RANGE, "numeric", false,
                   "gave a number that its integer member cannot hold: use a decimal", sink->error);
            return ROWAN_OUT_OF_RANGE;
        }
    }
    return rowan__put_int(sink, cell, row, value);
}

static rowan_status read_numeric(rowan__sink *sink, const rowan__cell *cell, char *row,
                                 const char *data, const rowan_allocator *allocator)
{
    numeric number = {
        .digits = read_int2(data),
        .weight = read_int2(data + 2),
        .sign = (unsigned)big_endian(data + 4, 2),
        .scale = read_int2(data + 6),
        .data = data + NUMERIC_HEADER,
    };
    char local[256];

    if ((number.sign & NUMERIC_NAN) == NUMERIC_NAN) { /* also the infinities */
        refuse(cell, ROWAN_OUT_OF_RANGE, "numeric", false, "gave NaN or an infinity", sink->error);
        return ROWAN_OUT_OF_RANGE;
    }
    size_t bound = numeric_bound(&number);
    char *text = bound <= sizeof local ? local : rowan__new(allocator, bound, 1);
    if (!text) {
        return rowan__fail_nomem(sink->error);
    }
    size_t size = numeric_write(&number, text);
    text[size] = '\0';
    rowan_status status = put_decimal(sink, cell, row, text, size);
    if (text != local) {
        rowan__free(allocator, text, bound, 1);
    }
    return status;
}

/* A real as text. strtod() wants the point of the program's locale, which need not be a point. */
static rowan_status read_real(rowan__sink *sink, const rowan__cell *cell, char *row,
                              const char *data)
{
    char text[64];

    snprintf(text, sizeof text, "%s", data);
    char *point = strchr(text, '.');
    if (point) {
        *point = localeconv()->decimal_point[0];
    }
    double value = cell->reader == TEXT_FLOAT ? (double)strtof(text, NULL) : strtod(text, NULL);
    return rowan__put_real(sink, cell, row, value);
}

/* "\x" and two digits for each byte. */
static rowan_status read_hex(rowan__sink *sink, const rowan__cell *cell, char *row,
                             const char *data)
{
    size_t size = 0;
    unsigned char *bytes = PQunescapeBytea((const unsigned char *)data, &size);

    if (!bytes) {
        return rowan__fail_nomem(sink->error);
    }
    rowan_status status = rowan__put_blob(sink, cell, row, bytes, size);
    PQfreemem(bytes);
    return status;
}

static char *direct_member(rowan__sink *sink, const rowan__cell *cell, char *row, size_t size)
{
    if (cell->nullable) {
        *(bool *)(row + cell->offset) = true;
    }
    sink->bytes += size;
    return row + cell->value_offset;
}

static rowan_status direct_text(rowan__sink *sink, const rowan__cell *cell, char *row,
                                const char *data, size_t size)
{
    const char *copy =
        rowan__arena_text(sink->arena, data, size); /* the server's text has no NUL inside */

    if (!copy) {
        return rowan__fail_nomem(sink->error);
    }
    memcpy(direct_member(sink, cell, row, size), &copy, sizeof copy);
    return ROWAN_OK;
}

static rowan_status read_cell(rowan__sink *sink, const rowan__cell *cell, char *row,
                              const char *data, size_t size, const rowan_allocator *allocator)
{
    switch ((reader)cell->reader) {
    case DIRECT_INT8:
        *(int64_t *)(void *)direct_member(sink, cell, row, sizeof(int64_t)) = read_int8(data);
        return ROWAN_OK;
    case DIRECT_INT4:
        *(int32_t *)(void *)direct_member(sink, cell, row, sizeof(int32_t)) = read_int4(data);
        return ROWAN_OK;
    case DIRECT_TEXT:
        return direct_text(sink, cell, row, data, size);
    case READ_BOOL:
        return rowan__put_int(sink, cell, row, data[0] != 0);
    case READ_INT2:
        return rowan__put_int(sink, cell, row, read_int2(data));
    case READ_INT4:
        return rowan__put_int(sink, cell, row, read_int4(data));
    case READ_INT8:
        return rowan__put_int(sink, cell, row, read_int8(data));
    case READ_OID:
        return rowan__put_int(sink, cell, row, (int64_t)big_endian(data, 4));
    case READ_FLOAT4:
        return rowan__put_real(sink, cell, row, read_float4(data));
    case READ_FLOAT8:
        return rowan__put_real(sink, cell, row, read_float8(data));
    case READ_NUMERIC:
        return read_numeric(sink, cell, row, data, allocator);
    case READ_TEXT:
        return rowan__put_text(sink, cell, row, data, size);
    case READ_BYTEA:
        return rowan__put_blob(sink, cell, row, data, size);
    case READ_DATE:
        return rowan__put_date(sink, cell, row, read_date(data));
    case READ_TIME:
        return rowan__put_time(sink, cell, row, (rowan_time){read_int8(data)});
    case READ_TIMESTAMP:
        return rowan__put_timestamp(sink, cell, row, read_timestamp(data));
    case READ_UUID:
        return rowan__put_uuid(sink, cell, row, (const uint8_t *)data);
    case READ_JSONB:
        return rowan__put_text(sink, cell, row, data + 1,
                               size - 1); /* the first byte is a version */
    case TEXT_BOOL:
        return rowan__put_int(sink, cell, row, data[0] == 't');
    case TEXT_INT:
        return rowan__put_int(sink, cell, row, strtoll(data, NULL, 10));
    case TEXT_FLOAT:
    case TEXT_DOUBLE:
        return read_real(sink, cell, row, data);
    case TEXT_BYTEA:
        return read_hex(sink, cell, row, data);
    case TEXT_NUMERIC:
        return put_decimal(sink, cell, row, data, size);
    }
    return rowan__fail(sink->error, ROWAN_ENGINE, "column \"%.60s\" was never bound", cell->name);
}

static rowan_status read_row(const rowan_allocator *allocator, const PGresult *result, int index,
                             rowan__sink *sink, char *row)
{
    const rowan__layout *layout = sink->layout;

    for (size_t i = 0; i < layout->count; i++) {
        const rowan__cell *cell = &layout->cells[i];
        int size = PQgetlength(result, index, (int)i);
        /* A length of nought is an empty value or NULL. */
        rowan_status status = size == 0 && PQgetisnull(result, index, (int)i)
                                  ? rowan__put_null(sink, cell, row)
                                  : read_cell(sink, cell, row, PQgetvalue(result, index, (int)i),
                                              (size_t)size, allocator);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

rowan_status rowan__postgresql_read(rowan__postgresql_connection *connection,
                                    const PGresult *result, rowan__sink *sink)
{
    int count = PQntuples(result);
    rowan_status status = rowan__sink_reserve(sink, (size_t)count);

    for (int i = 0; i < count && status == ROWAN_OK; i++) {
        char *row = rowan__sink_row(sink);
        status = row ? read_row(connection->base.allocator, result, i, sink, row) : ROWAN_NOMEM;
        if (status == ROWAN_OK) {
            sink->count++;
        }
    }
    return status;
}
