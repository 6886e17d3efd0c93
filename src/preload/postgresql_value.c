/*
 * PostgreSQL's values, in text or binary form, as what they are: so that a key that was read in one
 * form is known again when it is sent in the other.
 *
 * A parameter may come without a type, as the server infers it. In text form it does not matter: a
 * number is known by its look. In binary form it is guessed: text if all of it can be printed, else
 * by its size.
 */
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "preload/postgresql_hooks.h"

/* Object identifiers of built-in types never change. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_CHAR = 18,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_JSON = 114,
    OID_XML = 142,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_UNKNOWN = 705,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_NUMERIC = 1700,
    OID_UUID = 2950,
    OID_JSONB = 3802
};

static uint64_t big_endian(const char *data, size_t size)
{
    uint64_t number = 0;

    for (size_t i = 0; i < size; i++) {
        number = number << 8 | (unsigned char)data[i];
    }
    return number;
}

static int64_t signed_number(const char *data, size_t size)
{
    uint64_t number = big_endian(data, size);
    unsigned unused = 64 - 8 * (unsigned)size;

    return (int64_t)(number << unused) >> unused;
}

static rowan_value real_of(const char *data, size_t size)
{
    uint64_t bits = big_endian(data, size);
    uint32_t few = (uint32_t)bits;
    double real;
    float small;

    if (size == sizeof small) {
        memcpy(&small, &few, sizeof small);
        return rowan_v_float(small);
    }
    memcpy(&real, &bits, sizeof real);
    return rowan_v_double(real);
}

static bool is_printable(const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] < ' ' || data[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool is_int_size(size_t size)
{
    return size == 2 || size == 4 || size == 8;
}

static rowan_value guessed(const char *data, size_t size)
{
    if (is_printable(data, size)) {
        return rowan_v_bytes(ROWAN_TYPE_TEXT, data, size);
    }
    if (is_int_size(size)) {
        return rowan_v_int64(signed_number(data, size));
    }
    return rowan_v_bytes(ROWAN_TYPE_BLOB, data, size);
}

static rowan_value binary_value(Oid type, const char *data, size_t size)
{
    rowan_uuid uuid;

    switch (type) {
    case 0:
        return guessed(data, size);
    case OID_BOOL:
        return rowan_v_bool(size > 0 && data[0] != 0);
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
        return is_int_size(size) ? rowan_v_int64(signed_number(data, size)) : rowan_v_null();
    case OID_OID:
        return rowan_v_int64((int64_t)big_endian(data, size < 4 ? size : 4));
    case OID_FLOAT4:
    case OID_FLOAT8:
        return size == 4 || size == 8 ? real_of(data, size) : rowan_v_null();
    case OID_UUID:
        if (size == sizeof uuid.bytes) {
            memcpy(uuid.bytes, data, sizeof uuid.bytes);
            return rowan_v_uuid(uuid);
        }
        break;
    case OID_CHAR:
    case OID_NAME:
    case OID_TEXT:
    case OID_JSON:
    case OID_XML:
    case OID_UNKNOWN:
    case OID_BPCHAR:
    case OID_VARCHAR:
        return rowan_v_bytes(ROWAN_TYPE_TEXT, data, size);
    case OID_JSONB: /* a version stands before it */
        return rowan_v_bytes(ROWAN_TYPE_TEXT, data + (size > 0), size - (size > 0));
    }
    return rowan_v_bytes(ROWAN_TYPE_BLOB, data, size);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Short ones only: a key is, and what is longer is compared in the form that it has. */
static rowan_value bytes_of(const char *data, size_t size, unsigned char *scratch)
{
    size_t count = size / 2 - 1;

    if (size < 2 || size % 2 != 0 || count > POSTGRESQL_SCRATCH || data[0] != '\\' ||
        data[1] != 'x') {
        return rowan_v_bytes(ROWAN_TYPE_TEXT, data, size);
    }
    for (size_t i = 0; i < count; i++) {
        int high = hex_digit(data[2 * i + 2]), low = hex_digit(data[2 * i + 3]);
        if (high < 0 || low < 0) {
            return rowan_v_bytes(ROWAN_TYPE_TEXT, data, size);
        }
        scratch[i] = (unsigned char)(high * 16 + low);
    }
    return rowan_v_bytes(ROWAN_TYPE_BLOB, scratch, count);
}

/* libpq ends every text with a NUL. */
static rowan_value text_value(Oid type, const char *data, size_t size, unsigned char *scratch)
{
    switch (type) {
    case OID_BOOL:
        return rowan_v_bool(data[0] == 't' || data[0] == 'T' || data[0] == '1');
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_OID:
        return rowan_v_int64(strtoll(data, NULL, 10));
    case OID_FLOAT4:
    case OID_FLOAT8:
        return rowan_v_double(rowan__real_read(data));
    case OID_NUMERIC:
        return rowan_v_bytes(ROWAN_TYPE_DECIMAL, data, size);
    case 0:
    case OID_BYTEA:
        return bytes_of(data, size, scratch);
    }
    return rowan_v_bytes(ROWAN_TYPE_TEXT, data, size);
}

rowan_value postgresql_value(Oid type, bool is_binary, const char *data, size_t size,
                             unsigned char *scratch)
{
    if (data == NULL) {
        return rowan_v_null();
    }
    return is_binary ? binary_value(type, data, size) : text_value(type, data, size, scratch);
}
