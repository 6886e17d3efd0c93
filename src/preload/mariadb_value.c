/*
 * MariaDB's values: in text results, in rows of the binary protocol, and as they are bound. Dates
 * and times become their text form, which is the same in all three.
 */
#include <stdio.h>
#include <string.h>

#include "preload/mariadb_hooks.h"

enum { BINARY_CHARSET = 63 };

/* Texts and bytes are told apart by the character set, which functions do not always know. */
static rowan_value text_or_bytes(const char *data, size_t size, bool is_binary)
{
    for (size_t i = 0; is_binary && i < size; i++) {
        if (data[i] < ' ' || data[i] > '~') {
            return rowan_v_bytes(ROWAN_TYPE_BLOB, data, size);
        }
    }
    return rowan_v_bytes(ROWAN_TYPE_TEXT, data, size);
}

static bool read_int(const char *data, size_t size, int64_t *out)
{
    bool is_negative = size > 0 && data[0] == '-';
    int64_t number = 0;

    if (size - is_negative > 18 || size == (size_t)is_negative) {
        return false; /* might not fit; as a text it is as good */
    }
    for (size_t i = is_negative; i < size; i++) {
        if (data[i] < '0' || data[i] > '9') {
            return false;
        }
        number = number * 10 + (data[i] - '0');
    }
    *out = is_negative ? -number : number;
    return true;
}

rowan_value mariadb_text_value(const MYSQL_FIELD *field, const char *data, size_t size)
{
    int64_t number;

    if (data == NULL) {
        return rowan_v_null();
    }
    switch ((int)field->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
        return read_int(data, size, &number) ? rowan_v_int64(number)
                                             : rowan_v_bytes(ROWAN_TYPE_TEXT, data, size);
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
        return rowan_v_bytes(ROWAN_TYPE_DECIMAL, data, size);
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        return rowan_v_bytes(ROWAN_TYPE_TEXT, data, size);
    case MYSQL_TYPE_BIT:
    case MYSQL_TYPE_GEOMETRY:
        return rowan_v_bytes(ROWAN_TYPE_BLOB, data, size);
    }
    return text_or_bytes(data, size, field->charsetnr == BINARY_CHARSET);
}

/* --- The binary protocol: little-endian numbers, sizes of one to nine bytes. --- */

static uint64_t take(const unsigned char **at, size_t size)
{
    uint64_t number = 0;

    for (size_t i = size; i > 0; i--) {
        number = number << 8 | (*at)[i - 1];
    }
    *at += size;
    return number;
}

static size_t take_size(const unsigned char **at)
{
    unsigned char first = *(*at)++;

    switch (first) {
    case 252:
        return take(at, 2);
    case 253:
        return take(at, 3);
    case 254:
        return take(at, 8);
    }
    return first;
}

static rowan_value integer(uint64_t bits, size_t size, bool is_unsigned, char *scratch)
{
    unsigned unused = 64 - 8 * (unsigned)size;

    if (!is_unsigned) {
        return rowan_v_int64((int64_t)(bits << unused) >> unused);
    }
    if (bits <= INT64_MAX) {
        return rowan_v_int64((int64_t)bits);
    }
    snprintf(scratch, MARIADB_SCRATCH, "%llu", (unsigned long long)bits);
    return rowan_v_text(scratch);
}

static rowan_value real(uint64_t bits, size_t size)
{
    uint32_t few = (uint32_t)bits;
    double number;
    float small;

    if (size == sizeof small) {
        memcpy(&small, &few, sizeof small);
        return rowan_v_float(small);
    }
    memcpy(&number, &bits, sizeof number);
    return rowan_v_double(number);
}

static rowan_value moment(const MYSQL_TIME *t, bool has_date, bool has_time, char *scratch)
{
    int size = 0;

    if (has_date) {
        size = snprintf(scratch, MARIADB_SCRATCH, "%04u-%02u-%02u%s", t->year % 10000,
                        t->month % 100, t->day % 100, has_time ? " " : "");
    }
    if (has_time) {
        size += snprintf(scratch + size, MARIADB_SCRATCH - (size_t)size, "%s%02u:%02u:%02u",
                         t->neg ? "-" : "", t->hour % 10000, t->minute % 100, t->second % 100);
    }
    if (has_time && t->second_part != 0) {
        snprintf(scratch + size, MARIADB_SCRATCH - (size_t)size, ".%06u",
                 (unsigned)(t->second_part % 1000000));
    }
    return rowan_v_text(scratch);
}

/* Its parts, of which those at the end are left out that are zero. */
static rowan_value date_of(const unsigned char *at, size_t size, bool has_time, char *scratch)
{
    MYSQL_TIME t = {0};

    if (size >= 4) {
        t.year = (unsigned)take(&at, 2);
        t.month = *at++;
        t.day = *at++;
    }
    if (size >= 7) {
        t.hour = *at++;
        t.minute = *at++;
        t.second = *at++;
    }
    if (size >= 11) {
        t.second_part = take(&at, 4);
    }
    return moment(&t, true, has_time, scratch);
}

static rowan_value time_of(const unsigned char *at, size_t size, char *scratch)
{
    MYSQL_TIME t = {0};

    if (size >= 8) {
        t.neg = *at++ != 0;
        t.hour = (unsigned)take(&at, 4) * 24;
        t.hour += *at++;
        t.minute = *at++;
        t.second = *at++;
    }
    if (size >= 12) {
        t.second_part = take(&at, 4);
    }
    return moment(&t, false, true, scratch);
}

static size_t fixed_size(enum enum_field_types type)
{
    switch ((int)type) {
    case MYSQL_TYPE_TINY:
        return 1;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR:
        return 2;
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_FLOAT:
        return 4;
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_DOUBLE:
        return 8;
    }
    return 0; /* its size stands before it */
}

static bool is_real(enum enum_field_types type)
{
    return type == MYSQL_TYPE_FLOAT || type == MYSQL_TYPE_DOUBLE;
}

rowan_value mariadb_binary_value(const MYSQL_FIELD *field, const unsigned char **at, char *scratch)
{
    size_t size = fixed_size(field->type);
    const unsigned char *data;

    if (size > 0) {
        uint64_t bits = take(at, size);
        return is_real(field->type)
                   ? real(bits, size)
                   : integer(bits, size, (field->flags & UNSIGNED_FLAG) != 0, scratch);
    }
    size = take_size(at);
    data = *at;
    *at += size;
    switch ((int)field->type) {
    case MYSQL_TYPE_DATE:
        return date_of(data, size, false, scratch);
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        return date_of(data, size, true, scratch);
    case MYSQL_TYPE_TIME:
        return time_of(data, size, scratch);
    }
    return mariadb_text_value(field, (const char *)data, size);
}

/* --- Bound parameters. --- */

static rowan_value bound_number(const MYSQL_BIND *bind, char *scratch)
{
    size_t size = fixed_size(bind->buffer_type);
    const unsigned char *at = bind->buffer;
    uint64_t bits = 0;

    memcpy(&bits, at, size); /* the protocol's numbers and those of the hosts that we know agree */
    return is_real(bind->buffer_type) ? real(bits, size)
                                      : integer(bits, size, bind->is_unsigned != 0, scratch);
}

/* Of a column of texts that is executed as an array the buffer holds pointers. */
static rowan_value bound_bytes(const MYSQL_STMT *stmt, const MYSQL_BIND *bind)
{
    bool is_column = stmt->array_size > 0 && stmt->row_size == 0;
    const char *data = is_column ? *(char *const *)bind->buffer : bind->buffer;
    char indicator = stmt->array_size > 0 && bind->u.indicator != NULL ? *bind->u.indicator : 0;
    size_t size = bind->length != NULL ? *bind->length : bind->buffer_length;

    if (data != NULL && indicator == STMT_INDICATOR_NTS) {
        size = strlen(data);
    }
    if (bind->buffer_type == MYSQL_TYPE_NEWDECIMAL || bind->buffer_type == MYSQL_TYPE_DECIMAL) {
        return rowan_v_bytes(ROWAN_TYPE_DECIMAL, data, size);
    }
    return data != NULL ? text_or_bytes(data, size, true) : rowan_v_null();
}

static bool is_bound_null(const MYSQL_STMT *stmt, const MYSQL_BIND *bind)
{
    if (bind->buffer == NULL || bind->buffer_type == MYSQL_TYPE_NULL || bind->long_data_used) {
        return true;
    }
    if (stmt->array_size > 0) {
        return bind->u.indicator != NULL && *bind->u.indicator > STMT_INDICATOR_NONE;
    }
    return bind->is_null != NULL && *bind->is_null != 0;
}

rowan_value mariadb_bound_value(const MYSQL_STMT *stmt, const MYSQL_BIND *bind, char *scratch)
{
    if (is_bound_null(stmt, bind)) {
        return rowan_v_null();
    }
    if (fixed_size(bind->buffer_type) > 0) {
        return bound_number(bind, scratch);
    }
    switch ((int)bind->buffer_type) {
    case MYSQL_TYPE_DATE:
        return moment(bind->buffer, true, false, scratch);
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        return moment(bind->buffer, true, true, scratch);
    case MYSQL_TYPE_TIME:
        return moment(bind->buffer, false, true, scratch);
    }
    return bound_bytes(stmt, bind);
}
