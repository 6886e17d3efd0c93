/*
 * Members of structs on their way to the server, without a value in between.
 *
 * An element of a binary array and a field of a binary copy look the same: the number of bytes,
 * then the bytes, and -1 for NULL. Which writer a column needs is decided once; only pairs of
 * member and type that lose nothing have one. The values were checked by whoever made the structs.
 */
#include "driver/postgresql/postgresql_private.h"

#include <assert.h>

#include "base/error.h"

/* A message, and what an array unpacks to, has to stay below 1 GiB on the server. */
enum { MOST_BYTES = 0x3FFF0000, MOST_ROWS = 0x7FFFFFF };

static bool is_text(Oid type)
{
    return type == ROWAN__PG_TEXT || type == ROWAN__PG_VARCHAR || type == ROWAN__PG_BPCHAR;
}

rowan__postgresql_writer rowan__postgresql_writer_for(const rowan_column *column, Oid type)
{
    static const struct {
        rowan_type member;
        Oid type;
        rowan__postgresql_writer writer;
    } pairs[] = {
        {ROWAN_TYPE_BOOL, ROWAN__PG_BOOL, ROWAN__PG_WRITE_BOOL},
        {ROWAN_TYPE_INT16, ROWAN__PG_INT2, ROWAN__PG_WRITE_2},
        {ROWAN_TYPE_INT32, ROWAN__PG_INT4, ROWAN__PG_WRITE_4},
        {ROWAN_TYPE_INT64, ROWAN__PG_INT8, ROWAN__PG_WRITE_8},
        {ROWAN_TYPE_FLOAT, ROWAN__PG_FLOAT4, ROWAN__PG_WRITE_4},
        {ROWAN_TYPE_DOUBLE, ROWAN__PG_FLOAT8, ROWAN__PG_WRITE_8},
        {ROWAN_TYPE_DECIMAL, ROWAN__PG_NUMERIC, ROWAN__PG_WRITE_NUMERIC},
        {ROWAN_TYPE_BLOB, ROWAN__PG_BYTEA, ROWAN__PG_WRITE_BLOB},
        {ROWAN_TYPE_DATE, ROWAN__PG_DATE, ROWAN__PG_WRITE_DATE},
        {ROWAN_TYPE_TIME, ROWAN__PG_TIME, ROWAN__PG_WRITE_8},
        {ROWAN_TYPE_TIMESTAMP, ROWAN__PG_TIMESTAMP, ROWAN__PG_WRITE_TIMESTAMP},
        {ROWAN_TYPE_TIMESTAMP, ROWAN__PG_TIMESTAMPTZ, ROWAN__PG_WRITE_TIMESTAMP},
        {ROWAN_TYPE_UUID, ROWAN__PG_UUID, ROWAN__PG_WRITE_UUID},
        {ROWAN_TYPE_JSON, ROWAN__PG_JSON, ROWAN__PG_WRITE_TEXT},
        {ROWAN_TYPE_JSON, ROWAN__PG_JSONB, ROWAN__PG_WRITE_JSONB},
    };
    enum { FIRST_OF_USERS = 16384 }; /* types with lower numbers are the server's own */

    if (column->type == ROWAN_TYPE_TEXT && is_text(type)) {
        return ROWAN__PG_WRITE_TEXT;
    }
    if (column->type == ROWAN_TYPE_ENUM && column->enumeration &&
        (is_text(type) || type >= FIRST_OF_USERS)) {
        return ROWAN__PG_WRITE_LABEL;
    }
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].member == column->type && pairs[i].type == type) {
            return pairs[i].writer;
        }
    }
    return ROWAN__PG_NO_WRITER;
}

/* Where `size` bytes can be written, which then count; NULL: no memory. */
static inline char *take_room(rowan__text *out, size_t size)
{
    if (out->capacity - out->size <= size && !rowan__text_reserve(out, size)) {
        return NULL;
    }
    char *at = out->data + out->size;
    out->size += size;
    return at;
}

static inline void put_2(char *at, uint16_t number)
{
    number = __builtin_bswap16(number);
    memcpy(at, &number, sizeof number);
}

static inline void put_4(char *at, uint32_t number)
{
    number = __builtin_bswap32(number);
    memcpy(at, &number, sizeof number);
}

static inline void put_8(char *at, uint64_t number)
{
    number = __builtin_bswap64(number);
    memcpy(at, &number, sizeof number);
}

static inline void add_2(rowan__text *out, uint16_t number)
{
    char *at = take_room(out, sizeof number);

    if (at) {
        put_2(at, number);
    }
}

static inline void add_4(rowan__text *out, uint32_t number)
{
    char *at = take_room(out, sizeof number);

    if (at) {
        put_4(at, number);
    }
}

/* What came of adding an element; combined with `|` over many. */
typedef enum outcome {
    ADDED = 0,
    ADDED_NULL = 1 << 0,
    TOO_LARGE = 1 << 1,
    TOO_LONG = 1 << 2
} outcome;

static inline outcome add_null(rowan__text *out)
{
    add_4(out, UINT32_MAX);
    return ADDED_NULL;
}

static inline outcome add_sized_4(rowan__text *out, uint32_t number)
{
    char *at = take_room(out, 4 + sizeof number);

    if (at) {
        put_4(at, sizeof number);
        put_4(at + 4, number);
    }
    return ADDED;
}

static inline outcome add_sized_8(rowan__text *out, uint64_t number)
{
    char *at = take_room(out, 4 + sizeof number);

    if (at) {
        put_4(at, sizeof number);
        put_8(at + 4, number);
    }
    return ADDED;
}

static inline outcome add_bytes(rowan__text *out, const void *data, size_t size)
{
    if (size > MOST_BYTES) {
        return TOO_LARGE;
    }
    char *at = take_room(out, 4 + size);
    if (at) {
        put_4(at, (uint32_t)size);
        if (size > 0) {
            memcpy(at + 4, data, size);
        }
    }
    return ADDED;
}

static inline outcome add_text(rowan__text *out, const rowan_column *column, const char *text)
{
    if (!text) {
        return add_null(out);
    }
    size_t size = strlen(text);
    return rowan__is_long_text(column, text, size) ? TOO_LONG : add_bytes(out, text, size);
}

static outcome add_blob(rowan__text *out, const rowan_blob *blob)
{
    bool is_null = !blob->data && blob->size > 0;

    return is_null ? add_null(out) : add_bytes(out, blob->data, blob->size);
}

static outcome add_jsonb(rowan__text *out, const char *text)
{
    size_t size;

    if (!text) {
        return add_null(out);
    }
    size = strlen(text);
    if (size > MOST_BYTES) {
        return TOO_LARGE;
    }
    add_4(out, (uint32_t)size + 1);
    rowan__text_char(out, 1); /* the version of the form */
    rowan__text_add(out, text, size);
    return ADDED;
}

/* The four digits from `first` on as one number; nought where the text has none. */
static uint16_t group_of(const char *digits, size_t count, ptrdiff_t first)
{
    uint16_t group = 0;

    for (ptrdiff_t i = first; i < first + 4; i++) {
        bool is_there = i >= 0 && (size_t)i < count;
        group = (uint16_t)(group * 10 + (is_there ? digits[i] - '0' : 0));
    }
    return group;
}

/* The server's numeric: a header of four shorts, then digits to the base of 10,000. */
static outcome add_numeric(rowan__text *out, const char *text)
{
    enum { NEGATIVE = 0x4000, MOST_GROUPS = 32767, MOST_SCALE = 16383 };

    if (!text) {
        return add_null(out);
    }
    bool negative = text[0] == '-';
    const char *whole = text + negative;
    size_t whole_size = strspn(whole, "0123456789");
    const char *fraction = whole + whole_size + (whole[whole_size] == '.');
    size_t scale = strlen(fraction);
    size_t before = (whole_size + 3) / 4, groups = before + (scale + 3) / 4;

    if (groups > MOST_GROUPS || scale > MOST_SCALE) {
        return TOO_LARGE;
    }
    add_4(out, (uint32_t)(8 + 2 * groups));
    add_2(out, (uint16_t)groups);
    add_2(out, (uint16_t)(before - 1)); /* the power of 10,000 of the first digit */
    add_2(out, negative ? NEGATIVE : 0);
    add_2(out, (uint16_t)scale);
    for (size_t left = before; left > 0; left--) {
        add_2(out, group_of(whole, whole_size, (ptrdiff_t)whole_size - (ptrdiff_t)left * 4));
    }
    for (size_t i = 0; i < scale; i += 4) {
        add_2(out, group_of(fraction, scale, (ptrdiff_t)i));
    }
    return ADDED;
}

static outcome add_label(rowan__text *out, const rowan_column *column, const char *member)
{
    int enumerator;

    memcpy(&enumerator, member, sizeof enumerator);
    return add_text(out, column, column->enumeration->labels[enumerator]);
}

/* Adds one member of a row. */
static inline outcome add_member(rowan__text *out, rowan__postgresql_writer writer,
                                 const rowan_column *column, const char *row)
{
    const char *member = row + column->value_offset;
    const char *text;
    uint64_t eight;
    uint32_t four;
    uint16_t two;

    if (column->flags & ROWAN_NULLABLE && !*(const bool *)(row + column->offset)) {
        return add_null(out);
    }
    switch (writer) {
    case ROWAN__PG_WRITE_TEXT:
        memcpy(&text, member, sizeof text);
        return add_text(out, column, text);
    case ROWAN__PG_WRITE_8:
        memcpy(&eight, member, sizeof eight);
        return add_sized_8(out, eight);
    case ROWAN__PG_WRITE_4:
        memcpy(&four, member, sizeof four);
        return add_sized_4(out, four);
    case ROWAN__PG_WRITE_2:
        memcpy(&two, member, sizeof two);
        add_4(out, sizeof two);
        add_2(out, two);
        return ADDED;
    case ROWAN__PG_WRITE_BOOL:
        return add_bytes(out, *(const bool *)member ? "\1" : "\0", 1);
    case ROWAN__PG_WRITE_DATE:
        memcpy(&four, member, sizeof four);
        return add_sized_4(out, four - (uint32_t)ROWAN__PG_EPOCH_DAYS);
    case ROWAN__PG_WRITE_TIMESTAMP:
        memcpy(&eight, member, sizeof eight);
        return add_sized_8(out, eight - (uint64_t)ROWAN__PG_EPOCH_US);
    case ROWAN__PG_WRITE_UUID:
        return add_bytes(out, member, sizeof(rowan_uuid));
    case ROWAN__PG_WRITE_LABEL:
        return add_label(out, column, member);
    case ROWAN__PG_WRITE_BLOB:
        return add_blob(out, (const rowan_blob *)(const void *)member);
    case ROWAN__PG_WRITE_NUMERIC:
        memcpy(&text, member, sizeof text);
        return add_numeric(out, text);
    case ROWAN__PG_WRITE_JSONB:
        memcpy(&text, member, sizeof text);
        return add_jsonb(out, text);
    case ROWAN__PG_NO_WRITER:
        break;
    }
    return TOO_LARGE;
}

static rowan_status fail_size(const rowan_column *column, rowan_error *error)
{
    return rowan__fail(error, ROWAN_OUT_OF_RANGE,
                       "the rows up to column \"%.60s\" are larger than the server takes at once: "
                       "insert fewer",
                       column->name);
}

/* One column of all rows as an array. */
static rowan_status add_array(rowan__text *out, Oid element, const rowan__structs *structs,
                              const rowan_column *column, rowan_error *error)
{
    rowan__postgresql_writer writer = rowan__postgresql_writer_for(column, element);
    size_t start = out->size;
    unsigned seen = 0;

    if (writer == ROWAN__PG_NO_WRITER) {
        return rowan__fail(error, ROWAN_UNSUPPORTED,
                           "column \"%.60s\" cannot be sent as an array of the type that the "
                           "statement takes",
                           column->name);
    }
    add_4(out, structs->count > 0 ? 1 : 0); /* dimensions */
    add_4(out, 0);                          /* whether there is a NULL: see below */
    add_4(out, element);
    if (structs->count > 0) {
        add_4(out, (uint32_t)structs->count);
        add_4(out, 1); /* the first index */
    }
    for (size_t i = 0; i < structs->count; i++) {
        seen |= add_member(out, writer, column, rowan__structs_row(structs, i));
    }
    if (seen & TOO_LONG) {
        return rowan__fail_long_text(column, error);
    }
    if (seen & TOO_LARGE || out->size > MOST_BYTES) {
        return fail_size(column, error);
    }
    if (seen & ADDED_NULL && !out->failed) {
        put_4(out->data + start + 4, 1);
    }
    return ROWAN_OK;
}

rowan_status rowan__postgresql_encode_structs(rowan__postgresql_prepared *prepared,
                                              const rowan__structs *structs, uint64_t *bytes,
                                              rowan_error *error)
{
    rowan__text *scratch = &((rowan__postgresql_connection *)prepared->base.connection)->scratch;

    assert(structs->column_count == prepared->base.param_count);
    rowan__text_clear(scratch);
    for (size_t i = 0; i < structs->column_count; i++) {
        size_t start = scratch->size;
        rowan_status status =
            add_array(scratch, prepared->elements[i], structs, structs->columns[i], error);
        if (status != ROWAN_OK) {
            return status;
        }
        prepared->offsets[i] = start;
        prepared->lengths[i] = (int)(scratch->size - start);
        prepared->formats[i] = 1;
    }
    if (scratch->failed) {
        return rowan__fail_nomem(error);
    }
    for (size_t i = 0; i < structs->column_count; i++) {
        prepared->values[i] = scratch->data + prepared->offsets[i];
    }
    *bytes += scratch->size;
    return ROWAN_OK;
}

rowan_status rowan__postgresql_add_fields(rowan__text *out, const uint8_t *writers,
                                          const rowan__structs *structs, size_t index,
                                          rowan_error *error)
{
    const char *row = rowan__structs_row(structs, index);

    add_2(out, (uint16_t)structs->column_count);
    for (size_t i = 0; i < structs->column_count; i++) {
        outcome came = add_member(out, writers[i], structs->columns[i], row);
        if (came & (TOO_LARGE | TOO_LONG)) {
            return came & TOO_LONG ? rowan__fail_long_text(structs->columns[i], error)
                                   : fail_size(structs->columns[i], error);
        }
    }
    return ROWAN_OK;
}
