/*
 * Values on their way from the server.
 *
 * A row is read where the client library has it, in the form of the wire, instead of being fetched
 * into bound buffers: so no buffer can be too short, and text is copied once, into the arena. What
 * a cell looks like on the wire follows from the column's type alone. The values are fixed-width
 * integers and reals, dates and times of one byte of length and the fields behind it, and
 * everything else as bytes behind their length.
 */
#include "driver/mariadb/mariadb_private.h"

#include "base/calendar.h"
#include "base/error.h"

/* How a cell is read: the form on the wire, and where two members need it, what becomes of it. */
enum reader {
    READ_NOTHING = 0, /* a column that is always NULL */
    COPY_4,           /* into a member of the same form: nothing can go wrong */
    COPY_8,
    READ_INT8,
    READ_UINT8,
    READ_INT16,
    READ_UINT16,
    READ_INT32,
    READ_UINT32,
    READ_INT64,
    READ_UINT64,
    READ_FLOAT,
    READ_DOUBLE,
    READ_DATE,
    READ_TIME,
    READ_TIMESTAMP,
    COPY_TEXT, /* into a member that takes any text */
    READ_TEXT,
    READ_WHOLE, /* a decimal into an integer member */
    READ_BLOB
};

enum { BINARY_CHARSET = 63 };

/* --- What a column gives, and whether a member takes it. --- */

static rowan_type bytes_type(const rowan__mariadb_field *field)
{
    if (field->charset == BINARY_CHARSET) {
        return ROWAN_TYPE_BLOB;
    }
    if (field->is_json) {
        return ROWAN_TYPE_JSON;
    }
    return field->is_uuid ? ROWAN_TYPE_UUID : ROWAN_TYPE_TEXT;
}

/*
 * The type of ours and the reader for a column.
 *
 * @return NULL, or the name of a type that we do not read. Long because it is one flat switch.
 */
static const char *column_type(const rowan__mariadb_field *field, rowan_type *type,
                               enum reader *reader)
{
    bool is_unsigned = (field->flags & UNSIGNED_FLAG) != 0;

    switch (field->type) {
    case MYSQL_TYPE_TINY:
        *type = field->length == 1 ? ROWAN_TYPE_BOOL : ROWAN_TYPE_INT16;
        *reader = is_unsigned ? READ_UINT8 : READ_INT8;
        return NULL;
    case MYSQL_TYPE_SHORT:
        *type = is_unsigned ? ROWAN_TYPE_INT32 : ROWAN_TYPE_INT16;
        *reader = is_unsigned ? READ_UINT16 : READ_INT16;
        return NULL;
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
        *type = is_unsigned && field->type == MYSQL_TYPE_LONG ? ROWAN_TYPE_INT64 : ROWAN_TYPE_INT32;
        *reader = is_unsigned ? READ_UINT32 : READ_INT32;
        return NULL;
    case MYSQL_TYPE_LONGLONG:
        *type = ROWAN_TYPE_INT64;
        *reader = is_unsigned ? READ_UINT64 : READ_INT64;
        return NULL;
    case MYSQL_TYPE_FLOAT:
        *type = ROWAN_TYPE_FLOAT;
        *reader = READ_FLOAT;
        return NULL;
    case MYSQL_TYPE_DOUBLE:
        *type = ROWAN_TYPE_DOUBLE;
        *reader = READ_DOUBLE;
        return NULL;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
        *type = ROWAN_TYPE_DECIMAL;
        *reader = READ_TEXT;
        return NULL;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
        *type = ROWAN_TYPE_DATE;
        *reader = READ_DATE;
        return NULL;
    case MYSQL_TYPE_TIME:
        *type = ROWAN_TYPE_TIME;
        *reader = READ_TIME;
        return NULL;
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        *type = ROWAN_TYPE_TIMESTAMP;
        *reader = READ_TIMESTAMP;
        return NULL;
    case MYSQL_TYPE_NULL:
        *type = 0;
        *reader = READ_NOTHING;
        return NULL;
    case MYSQL_TYPE_BIT:
        return "BIT";
    case MYSQL_TYPE_YEAR:
        return "YEAR";
    case MYSQL_TYPE_GEOMETRY:
        return "GEOMETRY";
    default: /* the texts and blobs; the client library's enumeration has gaps and an end mark */
        *type = bytes_type(field);
        *reader = *type == ROWAN_TYPE_BLOB ? READ_BLOB : READ_TEXT;
        return NULL;
    }
}

static bool is_integer(rowan_type type)
{
    return type == ROWAN_TYPE_INT16 || type == ROWAN_TYPE_INT32 || type == ROWAN_TYPE_INT64;
}

static bool is_real(rowan_type type)
{
    return type == ROWAN_TYPE_FLOAT || type == ROWAN_TYPE_DOUBLE;
}

/* Whether values of one type can go into a member of another; each value is still looked at. */
static bool fits(rowan_type from, bool has_fraction, rowan_type to)
{
    if (from == 0 || from == to) {
        return true;
    }
    if (is_integer(from) || from == ROWAN_TYPE_BOOL) {
        return is_integer(to) || is_real(to) || to == ROWAN_TYPE_BOOL;
    }
    if (is_real(from)) {
        return is_integer(to) || is_real(to);
    }
    if (from == ROWAN_TYPE_DECIMAL) {
        return (is_integer(to) && !has_fraction) || to == ROWAN_TYPE_TEXT;
    }
    if (from == ROWAN_TYPE_TEXT) {
        return to == ROWAN_TYPE_DECIMAL || to == ROWAN_TYPE_JSON || to == ROWAN_TYPE_ENUM ||
               to == ROWAN_TYPE_DATE || to == ROWAN_TYPE_TIME || to == ROWAN_TYPE_TIMESTAMP ||
               to == ROWAN_TYPE_UUID;
    }
    return (from == ROWAN_TYPE_JSON || from == ROWAN_TYPE_UUID) && to == ROWAN_TYPE_TEXT;
}

/* The reader for a member of a struct, where there is a shorter one. */
static enum reader shorten(enum reader reader, rowan_type from, rowan_type to)
{
    if (from == ROWAN_TYPE_DECIMAL && is_integer(to)) {
        return READ_WHOLE;
    }
    if ((reader == READ_INT64 && to == ROWAN_TYPE_INT64) ||
        (reader == READ_DOUBLE && to == ROWAN_TYPE_DOUBLE)) {
        return COPY_8;
    }
    if ((reader == READ_INT32 && to == ROWAN_TYPE_INT32) ||
        (reader == READ_FLOAT && to == ROWAN_TYPE_FLOAT)) {
        return COPY_4;
    }
    bool takes_text = to == ROWAN_TYPE_TEXT || to == from;
    return reader == READ_TEXT && takes_text && from != ROWAN_TYPE_UUID ? COPY_TEXT : reader;
}

rowan_status rowan__mariadb_bind_cell(const rowan__mariadb_field *field, bool dynamic,
                                      rowan__cell *cell, rowan_error *error)
{
    rowan_type type = 0;
    enum reader reader = READ_NOTHING;
    const char *refused = column_type(field, &type, &reader);
    rowan_status status = ROWAN_OK;

    if (refused) {
        status = rowan__fail(
            error, ROWAN_UNSUPPORTED,
            "column \"%.60s\" is of MariaDB's type %s, which is not read: CAST it in the "
            "statement",
            cell->name, refused);
    } else if (dynamic) {
        cell->type = type;
    } else if (!fits(type, field->decimals > 0, cell->type)) {
        status =
            rowan__fail(error, ROWAN_WRONG_TYPE,
                        "column \"%.60s\" is of a type that its member cannot hold: CAST it in the "
                        "statement, or change the member",
                        cell->name);
    }
    if (status != ROWAN_OK) {
        if (error) {
            rowan__error_copy(error->column, sizeof error->column, cell->name, strlen(cell->name));
        }
        return status;
    }
    cell->reader = (uint8_t)(dynamic ? reader : shorten(reader, type, cell->type));
    return ROWAN_OK;
}

/* --- The cells. --- */

/* Little-endian numbers, written so that compilers make one load of each. */
static inline uint32_t load2(const unsigned char *at)
{
    return (uint32_t)(at[0] | at[1] << 8);
}

static inline uint32_t load4(const unsigned char *at)
{
    return load2(at) | load2(at + 2) << 16;
}

static inline uint64_t load8(const unsigned char *at)
{
    return load4(at) | (uint64_t)load4(at + 4) << 32;
}

static rowan_status fail_value(rowan__sink *sink, const rowan__cell *cell, const char *what)
{
    rowan__fail(sink->error, ROWAN_OUT_OF_RANGE, "column \"%.60s\" gave %s", cell->name, what);
    if (sink->error) {
        rowan__error_copy(sink->error->column, sizeof sink->error->column, cell->name,
                          strlen(cell->name));
    }
    return ROWAN_OUT_OF_RANGE;
}

/* A day of the calendar from its fields on the wire; false for the zero date and dates with a zero
 * inside. */
static bool load_days(const unsigned char *fields, unsigned size, int32_t *days)
{
    if (size < 4) {
        return false;
    }
    int year = (int)load2(fields);
    if (year < 1 || fields[2] < 1 || fields[3] < 1) {
        return false;
    }
    *days = rowan__days_of(year, fields[2], fields[3]);
    return true;
}

static int64_t clock_us(const unsigned char *hour, unsigned size)
{
    int64_t us = ((hour[0] * 60 + hour[1]) * 60 + hour[2]) * (int64_t)1000000;

    return size > 3 ? us + (int64_t)load4(hour + 3) : us;
}

static rowan_status read_date(rowan__sink *sink, const rowan__cell *cell, char *row,
                              const unsigned char *fields, unsigned size)
{
    rowan_date date;

    if (!load_days(fields, size, &date.days)) {
        return fail_value(sink, cell, "a zero date, which is no day of the calendar");
    }
    return rowan__put_date(sink, cell, row, date);
}

static rowan_status read_timestamp(rowan__sink *sink, const rowan__cell *cell, char *row,
                                   const unsigned char *fields, unsigned size)
{
    int32_t days;

    if (!load_days(fields, size, &days)) {
        return fail_value(sink, cell, "a zero date, which is no day of the calendar");
    }
    int64_t us = (int64_t)days * 86400 * 1000000;
    if (size > 4) {
        us += clock_us(fields + 4, size - 4);
    }
    return rowan__put_timestamp(sink, cell, row, (rowan_timestamp){us});
}

static rowan_status read_time(rowan__sink *sink, const rowan__cell *cell, char *row,
                              const unsigned char *fields, unsigned size)
{
    rowan_time time = {0};

    if (size > 0) {
        time.us = clock_us(fields + 5, size - 5);
        if ((fields[0] != 0 && time.us != 0) || load4(fields + 1) != 0) {
            return fail_value(sink, cell, "a time that is not within a day");
        }
    }
    return rowan__put_time(sink, cell, row, time);
}

static rowan_status read_uint64(rowan__sink *sink, const rowan__cell *cell, char *row,
                                uint64_t value)
{
    if (value > INT64_MAX) {
        return fail_value(sink, cell, "an unsigned integer beyond 63 bits");
    }
    return rowan__put_int(sink, cell, row, (int64_t)value);
}

/* A decimal without a fraction; zeros behind the point are none. */
static rowan_status read_whole(rowan__sink *sink, const rowan__cell *cell, char *row,
                               const char *data, size_t size)
{
    bool negative = size > 0 && data[0] == '-';
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    uint64_t value = 0;
    size_t i = negative ? 1 : 0;

    for (; i < size && data[i] != '.'; i++) {
        unsigned digit = (unsigned)(data[i] - '0');
        if (value > (limit - digit) / 10) {
            return fail_value(sink, cell, "a decimal beyond 63 bits");
        }
        value = value * 10 + digit;
    }
    for (i++; i < size; i++) {
        if (data[i] != '0') {
            return fail_value(sink, cell,
                              "a decimal with a fraction, which an integer cannot hold");
        }
    }
    return rowan__put_int(sink, cell, row, negative ? (int64_t)(0 - value) : (int64_t)value);
}

static rowan_status read_bytes(rowan__sink *sink, const rowan__cell *cell, char *row,
                               const unsigned char *bytes, size_t size)
{
    const char *text = (const char *)bytes;

    if (cell->reader == READ_BLOB) {
        return rowan__put_blob(sink, cell, row, bytes, size);
    }
    return cell->reader == READ_WHOLE ? read_whole(sink, cell, row, text, size)
                                      : rowan__put_text(sink, cell, row, text, size);
}

static rowan_status read_clock(rowan__sink *sink, const rowan__cell *cell, char *row,
                               const unsigned char *fields, unsigned size)
{
    if (cell->reader == READ_DATE) {
        return read_date(sink, cell, row, fields, size);
    }
    return cell->reader == READ_TIME ? read_time(sink, cell, row, fields, size)
                                     : read_timestamp(sink, cell, row, fields, size);
}

static rowan_status read_number(rowan__sink *sink, const rowan__cell *cell, char *row,
                                const unsigned char *at)
{
    float narrow;
    double real;

    switch ((enum reader)cell->reader) {
    case READ_INT8:
        return rowan__put_int(sink, cell, row, (int8_t)at[0]);
    case READ_UINT8:
        return rowan__put_int(sink, cell, row, at[0]);
    case READ_INT16:
        return rowan__put_int(sink, cell, row, (int16_t)load2(at));
    case READ_UINT16:
        return rowan__put_int(sink, cell, row, (int64_t)load2(at));
    case READ_INT32:
        return rowan__put_int(sink, cell, row, (int32_t)load4(at));
    case READ_UINT32:
        return rowan__put_int(sink, cell, row, (int64_t)load4(at));
    case READ_INT64:
        return rowan__put_int(sink, cell, row, (int64_t)load8(at));
    case READ_UINT64:
        return read_uint64(sink, cell, row, load8(at));
    case READ_FLOAT: {
        uint32_t bits = load4(at);
        memcpy(&narrow, &bits, sizeof narrow);
        return rowan__put_real(sink, cell, row, (double)narrow);
    }
    case READ_DOUBLE: {
        uint64_t bits = load8(at);
        memcpy(&real, &bits, sizeof real);
        return rowan__put_real(sink, cell, row, real);
    }
    case READ_NOTHING:
    case COPY_4:
    case COPY_8:
    case READ_DATE:
    case READ_TIME:
    case READ_TIMESTAMP:
    case COPY_TEXT:
    case READ_TEXT:
    case READ_WHOLE:
    case READ_BLOB:
        break;
    }
    return ROWAN_OK;
}

/* Bytes of a value of fixed width. */
static const uint8_t widths[] = {
    [COPY_4] = 4,     [COPY_8] = 8,      [READ_INT8] = 1,  [READ_UINT8] = 1,
    [READ_INT16] = 2, [READ_UINT16] = 2, [READ_INT32] = 4, [READ_UINT32] = 4,
    [READ_INT64] = 8, [READ_UINT64] = 8, [READ_FLOAT] = 4, [READ_DOUBLE] = 8,
};

/* What is left of a row's packet. */
typedef struct rest {
    const unsigned char *at;
    size_t size;
} rest;

static rowan_status fail_packet(rowan__sink *sink)
{
    return rowan__fail(sink->error, ROWAN_ENGINE, "the server sent a row that is cut short");
}

/* Takes so many bytes. NULL: there are not as many. */
static inline const unsigned char *take(rest *from, size_t size)
{
    const unsigned char *at = from->at;

    if (size > from->size) {
        return NULL;
    }
    from->at += size;
    from->size -= size;
    return at;
}

/* Takes bytes with their length in front of them. NULL: there are not as many. */
static inline const unsigned char *take_bytes(rest *from, size_t *size)
{
    if (from->size == 0) {
        return NULL;
    }
    unsigned char first = *from->at;
    const unsigned char *length = take(from, first < 251    ? 1
                                             : first == 252 ? 3
                                             : first == 253 ? 4
                                                            : 9);
    if (!length) {
        return NULL;
    }
    *size = first < 251    ? first
            : first == 252 ? load2(length + 1)
            : first == 253 ? (load2(length + 1) | (size_t)length[3] << 16)
                           : (size_t)load8(length + 1);
    return take(from, *size);
}

/* A cell of any kind. */
static rowan_status read_any(rowan__sink *sink, const rowan__cell *cell, char *row, rest *from)
{
    const unsigned char *at;
    size_t size;

    if (cell->reader <= READ_DOUBLE) {
        at = take(from, widths[cell->reader]);
        return at ? read_number(sink, cell, row, at) : fail_packet(sink);
    }
    at = take_bytes(from, &size);
    if (!at) {
        return fail_packet(sink);
    }
    return cell->reader >= COPY_TEXT ? read_bytes(sink, cell, row, at, size)
                                     : read_clock(sink, cell, row, at, (unsigned)size);
}

/* Where the value goes. An optional member says that there is one; in any other the value itself
 * comes over that. */
static inline void *place(const rowan__cell *cell, char *row)
{
    *(bool *)(row + cell->offset) = true;
    return row + cell->value_offset;
}

static inline rowan_status copy_text(rowan__sink *sink, const rowan__cell *cell, char *row,
                                     rest *from)
{
    size_t size;
    const char *bytes = (const char *)take_bytes(from, &size);
    const char *text = bytes ? rowan__sink_text(sink, bytes, size) : NULL;

    if (!text) { /* again, with the error's words */
        return bytes ? rowan__put_text(sink, cell, row, bytes, size) : fail_packet(sink);
    }
    *(const char **)place(cell, row) = text;
    sink->bytes += size;
    return ROWAN_OK;
}

static inline rowan_status copy_8(rowan__sink *sink, const rowan__cell *cell, char *row,
                                  const unsigned char *at)
{
    uint64_t bits = at ? load8(at) : 0;

    memcpy(place(cell, row), &bits, sizeof bits);
    sink->bytes += sizeof bits;
    return at ? ROWAN_OK : fail_packet(sink);
}

static inline rowan_status copy_4(rowan__sink *sink, const rowan__cell *cell, char *row,
                                  const unsigned char *at)
{
    uint32_t bits = at ? (uint32_t)load4(at) : 0;

    memcpy(place(cell, row), &bits, sizeof bits);
    sink->bytes += sizeof bits;
    return at ? ROWAN_OK : fail_packet(sink);
}

static inline rowan_status read_cell(rowan__sink *sink, const rowan__cell *cell, char *row,
                                     rest *from)
{
    switch (cell->reader) {
    case COPY_8:
        return copy_8(sink, cell, row, take(from, sizeof(uint64_t)));
    case COPY_4:
        return copy_4(sink, cell, row, take(from, sizeof(uint32_t)));
    case COPY_TEXT:
        return copy_text(sink, cell, row, from);
    default:
        return read_any(sink, cell, row, from);
    }
}

/* Before the values come a byte, and a bit for each NULL behind two that are not used. */
rowan_status rowan__mariadb_read_row(const rowan__cell *cells, size_t count, const void *packet,
                                     size_t size, rowan__sink *sink, char *row)
{
    rest from = {packet, size};
    const unsigned char *nulls = take(&from, 1 + (count + 9) / 8);

    if (!nulls) {
        return fail_packet(sink);
    }
    for (size_t i = 0; i < count; i++) {
        const rowan__cell *cell = &cells[i];
        size_t bit = i + 2;
        rowan_status status = ROWAN_OK;
        if ((nulls[1 + bit / 8] >> bit % 8 & 1) == 0) {
            status = read_cell(sink, cell, row, &from);
        } else if (!cell->nullable || !sink->layout->shape) {
            status = rowan__put_null(sink, cell, row);
        }
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}
