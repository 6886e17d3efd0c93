/*
 * Rows from the server into structs.
 *
 * Rows are read in short runs, and within a run column by column: what a column needs is then
 * looked at once for many rows. The common pairs, such as a bigint and an int64_t, are stored
 * without a detour; all others go through the puts of the sink, which check that a value fits.
 *
 * libpq gives a value, its length and whether it is NULL by three calls that cost more than what
 * is done with the value, so that each is made only where nothing else tells. The loops around
 * them are inlined for each kind of column and unrolled once.
 */
#include "driver/postgresql/postgresql_private.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/error.h"

#define INLINED __attribute__((always_inline)) static inline

static rowan_status fail_cell(rowan__sink *sink, const rowan__cell *cell, const char *what)
{
    rowan_status status =
        rowan__fail(sink->error, ROWAN_OUT_OF_RANGE, "column \"%.60s\" %s", cell->name, what);

    rowan__error_copy(sink->error->column, sizeof sink->error->column, cell->name,
                      strlen(cell->name));
    return status;
}

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

/* Text forms of a numeric that are no number begin with a letter. */
static inline bool is_number(const char *text)
{
    return (unsigned char)(text[text[0] == '-'] - '0') <= 9;
}

static rowan_status fail_numeric(rowan__sink *sink, const rowan__cell *cell)
{
    return fail_cell(sink, cell, "gave a numeric that is NaN or infinite");
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
            return fail_cell(sink, cell, "gave a number that its integer member cannot hold");
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
        return fail_numeric(sink, cell);
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
    double value =
        cell->reader == ROWAN__PG_TEXT_FLOAT ? (double)strtof(text, NULL) : strtod(text, NULL);
    return rowan__put_real(sink, cell, row, value);
}

/* "\x" and two digits for each byte. */
static rowan_status read_hex(rowan__sink *sink, const rowan__cell *cell, char *row,
                             const char *data)
{
    size_t size = 0;
    unsigned char *bytes = client->PQunescapeBytea((const unsigned char *)data, &size);

    if (!bytes) {
        return rowan__fail_nomem(sink->error);
    }
    rowan_status status = rowan__put_blob(sink, cell, row, bytes, size);
    client->PQfreemem(bytes);
    return status;
}

static rowan_status read_cell(rowan__sink *sink, const rowan__cell *cell, char *row,
                              const char *data, size_t size, const rowan_allocator *allocator)
{
    switch ((rowan__postgresql_reader)cell->reader) {
    case ROWAN__PG_READ_BOOL:
        return rowan__put_int(sink, cell, row, data[0] != 0);
    case ROWAN__PG_READ_INT2:
        return rowan__put_int(sink, cell, row, read_int2(data));
    case ROWAN__PG_READ_INT4:
        return rowan__put_int(sink, cell, row, read_int4(data));
    case ROWAN__PG_READ_INT8:
        return rowan__put_int(sink, cell, row, read_int8(data));
    case ROWAN__PG_READ_OID:
        return rowan__put_int(sink, cell, row, (int64_t)big_endian(data, 4));
    case ROWAN__PG_READ_FLOAT4:
        return rowan__put_real(sink, cell, row, read_float4(data));
    case ROWAN__PG_READ_FLOAT8:
        return rowan__put_real(sink, cell, row, read_float8(data));
    case ROWAN__PG_READ_NUMERIC:
        return read_numeric(sink, cell, row, data, allocator);
    case ROWAN__PG_READ_TEXT:
        return rowan__put_text(sink, cell, row, data, size);
    case ROWAN__PG_READ_BYTEA:
        return rowan__put_blob(sink, cell, row, data, size);
    case ROWAN__PG_READ_DATE:
        return rowan__put_date(sink, cell, row, read_date(data));
    case ROWAN__PG_READ_TIME:
        return rowan__put_time(sink, cell, row, (rowan_time){read_int8(data)});
    case ROWAN__PG_READ_TIMESTAMP:
        return rowan__put_timestamp(sink, cell, row, read_timestamp(data));
    case ROWAN__PG_READ_UUID:
        return rowan__put_uuid(sink, cell, row, (const uint8_t *)data);
    case ROWAN__PG_READ_JSONB:
        return rowan__put_text(sink, cell, row, data + 1,
                               size - 1); /* the first byte is a version */
    case ROWAN__PG_TEXT_BOOL:
        return rowan__put_int(sink, cell, row, data[0] == 't');
    case ROWAN__PG_TEXT_INT:
        return rowan__put_int(sink, cell, row, strtoll(data, NULL, 10));
    case ROWAN__PG_TEXT_FLOAT:
    case ROWAN__PG_TEXT_DOUBLE:
        return read_real(sink, cell, row, data);
    case ROWAN__PG_TEXT_BYTEA:
        return read_hex(sink, cell, row, data);
    case ROWAN__PG_TEXT_NUMERIC:
        return is_number(data) ? put_decimal(sink, cell, row, data, size)
                               : fail_numeric(sink, cell);
    case ROWAN__PG_DIRECT_BOOL:
    case ROWAN__PG_DIRECT_INT2:
    case ROWAN__PG_DIRECT_INT4:
    case ROWAN__PG_DIRECT_INT8:
    case ROWAN__PG_DIRECT_FLOAT8:
    case ROWAN__PG_DIRECT_TEXT:
    case ROWAN__PG_DIRECT_TEXT_BOOL:
    case ROWAN__PG_DIRECT_TEXT_INT2:
    case ROWAN__PG_DIRECT_TEXT_INT4:
    case ROWAN__PG_DIRECT_TEXT_INT8:
    case ROWAN__PG_DIRECT_TEXT_NUMERIC:
        break; /* read by the column */
    }
    return rowan__fail(sink->error, ROWAN_ENGINE, "column \"%.60s\" was never bound", cell->name);
}

/* A run of rows of a result, and where they go. */
typedef struct run {
    const PGresult *result;
    int first, count;
    rowan__sink *sink;
    char *rows;
    const rowan_allocator *allocator;
    bool kept; /* the result stays as long as the rows: texts need no copy */
} run;

/* Any column, cell by cell. */
static rowan_status read_column(const run *self, int column, const rowan__cell *cell)
{
    size_t row_size = self->sink->layout->row_size;
    char *row = self->rows;

    for (int i = self->first; i < self->first + self->count; i++, row += row_size) {
        int size = client->PQgetlength(self->result, i, column);
        /* A length of nought is an empty value or NULL. */
        rowan_status status =
            size == 0 && client->PQgetisnull(self->result, i, column)
                ? rowan__put_null(self->sink, cell, row)
                : read_cell(self->sink, cell, row, client->PQgetvalue(self->result, i, column),
                            (size_t)size, self->allocator);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

static inline void store_bool(char *member, const char *data)
{
    *(bool *)member = data[0] != 0;
}

static inline void store_int2(char *member, const char *data)
{
    *(int16_t *)(void *)member = read_int2(data);
}

static inline void store_int4(char *member, const char *data)
{
    *(int32_t *)(void *)member = read_int4(data);
}

static inline void store_int8(char *member, const char *data)
{
    *(int64_t *)(void *)member = read_int8(data);
}

static inline void store_float8(char *member, const char *data)
{
    *(double *)(void *)member = read_float8(data);
}

enum { DIGITS_2 = 5, DIGITS_4 = 10, DIGITS_8 = 19 }; /* at most, of integers of so many bytes */

/*
 * Digits up to the NUL. They are summed up as the characters they are, and what that is too much
 * depends on their number only: unrolled, each ending knows it.
 */
INLINED uint64_t read_digits(const char *data, int most)
{
    uint64_t number = (unsigned char)data[0], zeros = '0';

#pragma GCC unroll 19
    for (int i = 1; i < most; i++) {
        if (data[i] == '\0') {
            break;
        }
        number = number * 10 + (unsigned char)data[i];
        zeros = zeros * 10 + '0';
    }
    return number - zeros;
}

__attribute__((noinline)) static int64_t read_negative(const char *data)
{
    return (int64_t)(0 - read_digits(data + 1, DIGITS_8));
}

/* An integer of the server's as text. */
INLINED int64_t read_integer(const char *data, int most)
{
    return *data == '-' ? read_negative(data) : (int64_t)read_digits(data, most);
}

static inline void store_text_bool(char *member, const char *data)
{
    *(bool *)member = data[0] == 't';
}

static inline void store_text_int2(char *member, const char *data)
{
    *(int16_t *)(void *)member = (int16_t)read_integer(data, DIGITS_2);
}

static inline void store_text_int4(char *member, const char *data)
{
    *(int32_t *)(void *)member = (int32_t)read_integer(data, DIGITS_4);
}

static inline void store_text_int8(char *member, const char *data)
{
    *(int64_t *)(void *)member = read_integer(data, DIGITS_8);
}

/* What is read directly goes into structs, never into rows of values: any row will do. */
static rowan_status refuse_null(const run *self, const rowan__cell *cell)
{
    return rowan__put_null(self->sink, cell, self->rows);
}

static inline const char *copy_text(rowan__sink *sink, const char *text, size_t size)
{
    char *copy = rowan__arena_alloc(sink->arena, size + 1, 1);

    if (!copy) {
        (void)rowan__fail_nomem(sink->error);
        return NULL;
    }
    rowan__bytes_few(copy, text, size + 1);
    return copy;
}

/*
 * Values of one width, as members of their type. Inlined, so that `store` costs no call and what is
 * known to the compiler no test. A value as text is never empty, so that its first byte tells
 * whether it is NULL; of one in binary only libpq can tell.
 */
INLINED rowan_status read_fixed(const run *self, int column, const rowan__cell *cell, bool nullable,
                                size_t width, bool is_text,
                                void (*store)(char *member, const char *data))
{
    const PGresult *result = self->result;
    size_t row_size = self->sink->layout->row_size;
    char *member = self->rows + cell->value_offset;
    ptrdiff_t claim = (ptrdiff_t)cell->offset - (ptrdiff_t)cell->value_offset;
    uint64_t stored = (uint64_t)self->count;

#pragma GCC unroll 2
    for (int i = self->first, end = i + self->count; i < end; i++, member += row_size) {
        const char *data = client->PQgetvalue(result, i, column);
        if (is_text ? *data == '\0' : client->PQgetisnull(result, i, column)) {
            if (!nullable) {
                return refuse_null(self, cell);
            }
            stored--;
            continue;
        }
        store(member, data);
        if (nullable) {
            *(bool *)(member + claim) = true;
        }
    }
    self->sink->bytes += stored * width;
    return ROWAN_OK;
}

/* Texts whose members point to text. The server's text has no NUL inside. */
INLINED rowan_status read_texts(const run *self, int column, const rowan__cell *cell, bool nullable,
                                bool kept, bool is_numeric)
{
    const PGresult *result = self->result;
    size_t row_size = self->sink->layout->row_size;
    char *member = self->rows + cell->value_offset;
    ptrdiff_t claim = (ptrdiff_t)cell->offset - (ptrdiff_t)cell->value_offset;
    uint64_t bytes = 0;

#pragma GCC unroll 2
    for (int i = self->first, end = i + self->count; i < end; i++, member += row_size) {
        const char **text = (const char **)(void *)member;
        *text = client->PQgetvalue(result, i, column);
        /* libpq puts a NUL behind every value, and NULL is one with nothing before it. */
        size_t size = nullable && **text == '\0' ? 0 : strlen(*text);
        if (size == 0 && client->PQgetisnull(result, i, column)) {
            if (!nullable) {
                return refuse_null(self, cell);
            }
            *text = NULL;
            continue;
        }
        if (is_numeric && !is_number(*text)) {
            return fail_numeric(self->sink, cell);
        }
        if (!kept && !(*text = copy_text(self->sink, *text, size))) {
            return ROWAN_NOMEM;
        }
        if (nullable) {
            *(bool *)(member + claim) = true;
        }
        bytes += size;
    }
    self->sink->bytes += bytes;
    return ROWAN_OK;
}

/* Not inlined, so that the loop of a column has all registers. */
__attribute__((noinline)) static rowan_status read_cells(const run *self, int column,
                                                         const rowan__cell *cell)
{
    bool nullable = cell->nullable;

    switch ((rowan__postgresql_reader)cell->reader) {
    case ROWAN__PG_DIRECT_TEXT:
        if (!self->kept) {
            return read_texts(self, column, cell, nullable, false, false);
        }
        return nullable ? read_texts(self, column, cell, true, true, false)
                        : read_texts(self, column, cell, false, true, false);
    case ROWAN__PG_DIRECT_TEXT_NUMERIC:
        return read_texts(self, column, cell, nullable, self->kept, true);
    case ROWAN__PG_DIRECT_INT8:
        return read_fixed(self, column, cell, nullable, sizeof(int64_t), false, store_int8);
    case ROWAN__PG_DIRECT_INT4:
        return read_fixed(self, column, cell, nullable, sizeof(int32_t), false, store_int4);
    case ROWAN__PG_DIRECT_INT2:
        return read_fixed(self, column, cell, nullable, sizeof(int16_t), false, store_int2);
    case ROWAN__PG_DIRECT_BOOL:
        return read_fixed(self, column, cell, nullable, sizeof(bool), false, store_bool);
    case ROWAN__PG_DIRECT_FLOAT8:
        return read_fixed(self, column, cell, nullable, sizeof(double), false, store_float8);
    case ROWAN__PG_DIRECT_TEXT_INT8:
        return nullable
                   ? read_fixed(self, column, cell, true, sizeof(int64_t), true, store_text_int8)
                   : read_fixed(self, column, cell, false, sizeof(int64_t), true, store_text_int8);
    case ROWAN__PG_DIRECT_TEXT_INT4:
        return read_fixed(self, column, cell, nullable, sizeof(int32_t), true, store_text_int4);
    case ROWAN__PG_DIRECT_TEXT_INT2:
        return read_fixed(self, column, cell, nullable, sizeof(int16_t), true, store_text_int2);
    case ROWAN__PG_DIRECT_TEXT_BOOL:
        return read_fixed(self, column, cell, nullable, sizeof(bool), true, store_text_bool);
    default: /* all that is put by the sink */
        return read_column(self, column, cell);
    }
}

/* --- Keeping. --- */

/*
 * Whether a result should be kept so that its texts need no copy. It takes more memory than they
 * do: its values have terms and places, and each row a list of them. What is allowed is measured by
 * what rows and copies take, of which a few rows tell the texts.
 */
static bool worth_keeping(const PGresult *result, int count, const rowan__layout *layout)
{
    enum { SAMPLES = 4, MOST_TIMES = 3, TOO_SMALL = 8 * 1024 };
    size_t memory = client->PQresultMemorySize(result), texts = 0;

    if (memory < TOO_SMALL) {
        return false;
    }
    for (size_t i = 0; i < layout->count; i++) {
        bool points = layout->cells[i].reader == ROWAN__PG_DIRECT_TEXT ||
                      layout->cells[i].reader == ROWAN__PG_DIRECT_TEXT_NUMERIC;
        for (int k = 0; k < SAMPLES && points; k++) {
            texts += (size_t)client->PQgetlength(result, count / SAMPLES * k, (int)i);
        }
    }
    return texts > 0 && memory / MOST_TIMES <= (layout->row_size + texts / SAMPLES) * (size_t)count;
}

static void release(void *object)
{
    client->PQclear(object);
}

/* Keeps a result as long as the arena keeps its rows. */
static rowan_status keep(run *self, PGresult *result)
{
    self->kept = rowan__arena_defer(self->sink->arena, release, result);
    return self->kept ? ROWAN_OK : rowan__fail_nomem(self->sink->error);
}

/* --- A row alone. Where its cells go is looked up behind the calls, which leaves registers. --- */

static inline void note_value(const run *self, const rowan__cell *cell, size_t bytes)
{
    if (cell->nullable) {
        *(bool *)(self->rows + cell->offset) = true;
    }
    self->sink->bytes += bytes;
}

static inline rowan_status read_text(const run *self, int column, const rowan__cell *cell)
{
    const char *text = client->PQgetvalue(self->result, 0, column);
    size_t size = strlen(text);

    if (size == 0 && client->PQgetisnull(self->result, 0, column)) {
        return rowan__put_null(self->sink, cell, self->rows);
    }
    text = copy_text(self->sink, text, size);
    if (!text) {
        return ROWAN_NOMEM;
    }
    *(const char **)(void *)(self->rows + cell->value_offset) = text;
    note_value(self, cell, size);
    return ROWAN_OK;
}

static inline rowan_status read_key(const run *self, int column, const rowan__cell *cell)
{
    const char *data = client->PQgetvalue(self->result, 0, column);

    if (*data == '\0') {
        return rowan__put_null(self->sink, cell, self->rows);
    }
    store_text_int8(self->rows + cell->value_offset, data);
    note_value(self, cell, sizeof(int64_t));
    return ROWAN_OK;
}

/* What a row alone seldom has. The copies let the compiler keep the run of others in registers. */
__attribute__((noinline)) static rowan_status read_other(const rowan_allocator *allocator,
                                                         const PGresult *result, rowan__sink *sink,
                                                         char *row, int column,
                                                         const rowan__cell *cell)
{
    const run self = {
        .result = result, .count = 1, .sink = sink, .rows = row, .allocator = allocator};

    return read_cells(&self, column, cell);
}

static rowan_status read_row(rowan__postgresql_connection *connection, const PGresult *result,
                             rowan__sink *sink)
{
    const rowan__layout *layout = sink->layout;
    const run self = {.result = result, .count = 1, .sink = sink, .rows = rowan__sink_row(sink)};

    if (!self.rows) {
        return ROWAN_NOMEM;
    }
    for (size_t i = 0; i < layout->count; i++) {
        const rowan__cell *cell = &layout->cells[i];
        rowan_status status =
            cell->reader == ROWAN__PG_DIRECT_TEXT ? read_text(&self, (int)i, cell)
            : cell->reader == ROWAN__PG_DIRECT_TEXT_INT8
                ? read_key(&self, (int)i, cell)
                : read_other(connection->base.allocator, result, sink, self.rows, (int)i, cell);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    sink->count++;
    return ROWAN_OK;
}

/* --- Many rows. --- */

static rowan_status read_rows(run *self, int count)
{
    enum { RUN_BYTES = 4096 }; /* so few that they stay in the nearest cache */
    rowan__sink *sink = self->sink;
    const rowan__layout *layout = sink->layout;
    size_t row_size = layout->row_size;
    int most = row_size < RUN_BYTES ? (int)(RUN_BYTES / row_size) : 1;
    rowan_status status = count > most ? rowan__sink_expect(sink, (size_t)count) : ROWAN_OK;

    for (; self->first < count && status == ROWAN_OK; self->first += self->count) {
        int left = count - self->first;
        self->count = left < most ? left : most;
        status = rowan__sink_reserve(sink, (size_t)self->count);
        self->rows = sink->rows + sink->count * row_size;
        for (size_t i = 0; i < layout->count && status == ROWAN_OK; i++) {
            status = read_cells(self, (int)i, &layout->cells[i]);
        }
        sink->count += status == ROWAN_OK ? (size_t)self->count : 0;
    }
    return status;
}

rowan_status rowan__postgresql_read(rowan__postgresql_connection *connection, PGresult *result,
                                    int count, rowan__sink *sink, bool *kept)
{
    if (count == 1) {
        return read_row(connection, result, sink);
    }
    run self = {.result = result, .sink = sink, .allocator = connection->base.allocator};
    rowan_status status = ROWAN_OK;
    if (worth_keeping(result, count, sink->layout)) {
        status = keep(&self, result);
        *kept = self.kept;
    }
    return status == ROWAN_OK ? read_rows(&self, count) : status;
}
