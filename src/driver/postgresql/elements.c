/*
 * Members of structs on their way to the server, without a value in between.
 *
 * An element of a binary array and a field of a binary copy look the same: the number of bytes,
 * then the bytes, and -1 for NULL. Which writer a column needs is decided once; only pairs of
 * member and type that lose nothing have one. The values were checked by whoever made the structs.
 */
#include "driver/postgresql/postgresql_private.h"

#include <assert.h>

#include "base/bytes.h"
#include "base/error.h"

/* So that what is kept in registers stays there. */
#define INLINED __attribute__((always_inline)) static inline

/* A message, and what an array unpacks to, has to stay below 1 GiB on the server. */
enum { MOST_BYTES = 0x3FFF0000, MOST_ROWS = 0x7FFFFFF };

enum { FIRST_OF_USERS = 16384 }; /* types with lower numbers are the server's own */

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

/*
 * Where the next bytes go, kept apart from the text so that it stays in registers: what is called
 * and not inlined gets a copy.
 */
typedef struct cursor {
    char *at, *end;
    rowan__text *out;
} cursor;

static cursor cursor_begin(rowan__text *out)
{
    return (cursor){out->data + out->size, out->data + out->capacity, out};
}

static void cursor_finish(const cursor *c)
{
    c->out->size = (size_t)(c->at - c->out->data);
}

static cursor make_room(cursor c, size_t size)
{
    cursor_finish(&c);
    rowan__text_reserve(c.out, size);
    return cursor_begin(c.out);
}

/* Whether there is room for `size` bytes; if not, the text remembers it. */
static inline bool has_room(cursor *c, size_t size)
{
    if (__builtin_expect((size_t)(c->end - c->at) > size, true)) {
        return true;
    }
    *c = make_room(*c, size);
    return (size_t)(c->end - c->at) > size;
}

static inline void put_2(cursor *c, uint16_t number)
{
    number = __builtin_bswap16(number);
    memcpy(c->at, &number, sizeof number);
    c->at += sizeof number;
}

static inline void put_4(cursor *c, uint32_t number)
{
    number = __builtin_bswap32(number);
    memcpy(c->at, &number, sizeof number);
    c->at += sizeof number;
}

static inline void put_8(cursor *c, uint64_t number)
{
    number = __builtin_bswap64(number);
    memcpy(c->at, &number, sizeof number);
    c->at += sizeof number;
}

INLINED void put_bytes(cursor *c, const char *data, size_t size)
{
    rowan__bytes_few(c->at, data, size);
    c->at += size;
}

/* What came of adding an element; combined with `|` over many. */
typedef enum outcome {
    ADDED = 0,
    ADDED_NULL = 1 << 0,
    TOO_LARGE = 1 << 1,
    TOO_LONG = 1 << 2
} outcome;

static inline outcome add_null(cursor *c)
{
    if (has_room(c, 4)) {
        put_4(c, UINT32_MAX);
    }
    return ADDED_NULL;
}

static inline outcome add_4(cursor *c, uint32_t number)
{
    if (has_room(c, 4 + sizeof number)) {
        put_4(c, sizeof number);
        put_4(c, number);
    }
    return ADDED;
}

static inline outcome add_8(cursor *c, uint64_t number)
{
    if (has_room(c, 4 + sizeof number)) {
        put_4(c, sizeof number);
        put_8(c, number);
    }
    return ADDED;
}

INLINED outcome add_bytes(cursor *c, const void *data, size_t size)
{
    if (!has_room(c, 4 + size)) {
        return ADDED;
    }
    put_4(c, (uint32_t)size);
    put_bytes(c, data, size);
    return ADDED;
}

/* What is needed of a column for each row. */
typedef struct field {
    rowan__postgresql_writer writer;
    bool nullable;
    size_t offset, value_offset;
    size_t most_bytes; /* a text of no more than these needs no closer look */
    const rowan_column *column;
} field;

static field field_of(const rowan_column *column, rowan__postgresql_writer writer)
{
    bool limited = column->type == ROWAN_TYPE_TEXT && column->length > 0;

    return (field){.writer = writer,
                   .nullable = (column->flags & ROWAN_NULLABLE) != 0,
                   .offset = column->offset,
                   .value_offset = column->value_offset,
                   .most_bytes = limited ? column->length : MOST_BYTES,
                   .column = column};
}

static outcome add_long_text(cursor *c, const rowan_column *column, const char *text, size_t size)
{
    if (size > MOST_BYTES) {
        return TOO_LARGE;
    }
    return rowan__is_long_text(column, text, size) ? TOO_LONG : add_bytes(c, text, size);
}

INLINED outcome add_text(cursor *c, const field *what, const char *text)
{
    if (!text) {
        return add_null(c);
    }
    size_t size = strlen(text);
    if (__builtin_expect(size <= what->most_bytes, true)) {
        return add_bytes(c, text, size);
    }
    cursor copy = *c;
    outcome done = add_long_text(&copy, what->column, text, size);
    *c = copy;
    return done;
}

static outcome add_blob(cursor *c, const rowan_blob *blob)
{
    bool is_null = !blob->data && blob->size > 0;

    if (is_null) {
        return add_null(c);
    }
    return blob->size > MOST_BYTES ? TOO_LARGE
                                   : add_bytes(c, blob->size ? blob->data : "", blob->size);
}

static outcome add_jsonb(cursor *c, const char *text)
{
    if (!text) {
        return add_null(c);
    }
    size_t size = strlen(text);
    if (size >= MOST_BYTES) {
        return TOO_LARGE;
    }
    if (has_room(c, 4 + 1 + size)) {
        put_4(c, (uint32_t)size + 1);
        *c->at++ = 1; /* the version of the form */
        put_bytes(c, text, size);
    }
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
static outcome add_numeric(cursor *c, const char *text)
{
    enum { NEGATIVE = 0x4000, MOST_GROUPS = 32767, MOST_SCALE = 16383 };

    if (!text) {
        return add_null(c);
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
    if (!has_room(c, 4 + 8 + 2 * groups)) {
        return ADDED;
    }
    put_4(c, (uint32_t)(8 + 2 * groups));
    put_2(c, (uint16_t)groups);
    put_2(c, (uint16_t)(before - 1)); /* the power of 10,000 of the first digit */
    put_2(c, negative ? NEGATIVE : 0);
    put_2(c, (uint16_t)scale);
    for (size_t left = before; left > 0; left--) {
        put_2(c, group_of(whole, whole_size, (ptrdiff_t)whole_size - (ptrdiff_t)left * 4));
    }
    for (size_t i = 0; i < scale; i += 4) {
        put_2(c, group_of(fraction, scale, (ptrdiff_t)i));
    }
    return ADDED;
}

static outcome add_label(cursor *c, const field *what, const char *member)
{
    int enumerator;

    memcpy(&enumerator, member, sizeof enumerator);
    return add_text(c, what, what->column->enumeration->labels[enumerator]);
}

/* A member that is not of the commonest kinds. */
static outcome add_uncommon(cursor *c, const field *what, const char *member)
{
    const char *text;
    uint64_t eight;
    uint32_t four;

    switch (what->writer) {
    case ROWAN__PG_WRITE_2:
        memcpy(&four, member, sizeof(uint16_t));
        four = __builtin_bswap16((uint16_t)four);
        return add_bytes(c, &four, sizeof(uint16_t));
    case ROWAN__PG_WRITE_BOOL:
        return add_bytes(c, *(const bool *)member ? "\1" : "\0", 1);
    case ROWAN__PG_WRITE_DATE:
        memcpy(&four, member, sizeof four);
        return add_4(c, four - (uint32_t)ROWAN__PG_EPOCH_DAYS);
    case ROWAN__PG_WRITE_TIMESTAMP:
        memcpy(&eight, member, sizeof eight);
        return add_8(c, eight - (uint64_t)ROWAN__PG_EPOCH_US);
    case ROWAN__PG_WRITE_UUID:
        return add_bytes(c, member, sizeof(rowan_uuid));
    case ROWAN__PG_WRITE_LABEL:
        return add_label(c, what, member);
    case ROWAN__PG_WRITE_BLOB:
        return add_blob(c, (const rowan_blob *)(const void *)member);
    case ROWAN__PG_WRITE_NUMERIC:
        memcpy(&text, member, sizeof text);
        return add_numeric(c, text);
    case ROWAN__PG_WRITE_JSONB:
        memcpy(&text, member, sizeof text);
        return add_jsonb(c, text);
    case ROWAN__PG_NO_WRITER:
    case ROWAN__PG_WRITE_TEXT:
    case ROWAN__PG_WRITE_8:
    case ROWAN__PG_WRITE_4:
        break;
    }
    return TOO_LARGE;
}

/* Adds one member of a row. Inlined, so that where the writer is a constant nothing is chosen. */
INLINED outcome add_member(cursor *c, rowan__postgresql_writer writer, const field *what,
                           const char *row)
{
    const char *member = row + what->value_offset;
    const char *text;
    uint64_t eight;
    uint32_t four;

    if (what->nullable && !*(const bool *)(row + what->offset)) {
        return add_null(c);
    }
    if (writer == ROWAN__PG_WRITE_TEXT) {
        memcpy(&text, member, sizeof text);
        return add_text(c, what, text);
    }
    if (writer == ROWAN__PG_WRITE_8) {
        memcpy(&eight, member, sizeof eight);
        return add_8(c, eight);
    }
    if (writer == ROWAN__PG_WRITE_4) {
        memcpy(&four, member, sizeof four);
        return add_4(c, four);
    }
    cursor copy = *c;
    outcome done = add_uncommon(&copy, what, member);
    *c = copy;
    return done;
}

/* One column of all rows. @return the outcomes, combined */
INLINED unsigned add_column(rowan__text *out, rowan__postgresql_writer writer,
                            const rowan__structs *structs, const rowan_column *column)
{
    const rowan__structs rows = *structs;
    const field what = field_of(column, writer);
    cursor c = cursor_begin(out);
    unsigned seen = 0;

    const char *row = rows.rows;
    const size_t stride = rows.at ? 0 : rows.stride;
    for (size_t i = 0; i < rows.count; i++, row += stride) {
        seen |= add_member(&c, writer, &what, rows.at ? rows.at[i] : row);
    }
    cursor_finish(&c);
    return seen;
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
    enum { HEAD_SIZE = 5 * 4 };
    rowan__postgresql_writer writer = rowan__postgresql_writer_for(column, element);
    size_t start = out->size;
    unsigned seen;

    if (writer == ROWAN__PG_NO_WRITER) {
        return rowan__fail(error, ROWAN_UNSUPPORTED,
                           "column \"%.60s\" cannot be sent as an array of the type that the "
                           "statement takes",
                           column->name);
    }
    if (structs->count > MOST_ROWS) {
        return fail_size(column, error);
    }
    if (!rowan__text_reserve(out, HEAD_SIZE)) {
        return rowan__fail_nomem(error);
    }
    out->size += structs->count > 0 ? HEAD_SIZE : 12; /* written last: see below */
    if (writer == ROWAN__PG_WRITE_TEXT) {
        seen = add_column(out, ROWAN__PG_WRITE_TEXT, structs, column);
    } else if (writer == ROWAN__PG_WRITE_8) {
        seen = add_column(out, ROWAN__PG_WRITE_8, structs, column);
    } else {
        seen = add_column(out, writer, structs, column);
    }
    if (seen & TOO_LONG) {
        return rowan__fail_long_text(column, error);
    }
    if (seen & TOO_LARGE || out->size > MOST_BYTES) {
        return fail_size(column, error);
    }
    cursor head = {out->data + start, NULL, out};
    put_4(&head, structs->count > 0 ? 1 : 0); /* dimensions */
    put_4(&head, (seen & ADDED_NULL) != 0);
    put_4(&head, element);
    if (structs->count > 0) {
        put_4(&head, (uint32_t)structs->count);
        put_4(&head, 1); /* the first index */
    }
    return ROWAN_OK;
}

/* One element of an array as text. */
static void add_quoted(rowan__text *out, const char *text)
{
    rowan__text_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            rowan__text_char(out, '\\');
        }
        rowan__text_char(out, *text);
    }
    rowan__text_char(out, '"');
}

/*
 * One column of all rows as an array of an enum of the user's. An array in binary would have to
 * name the type of its elements; as text it need not.
 */
static rowan_status add_labels(rowan__text *out, const rowan__structs *structs,
                               const rowan_column *column, rowan_error *error)
{
    for (size_t i = 0; i < structs->count; i++) {
        const char *row = rowan__structs_row(structs, i);
        int enumerator;
        memcpy(&enumerator, row + column->value_offset, sizeof enumerator);
        rowan__text_char(out, i == 0 ? '{' : ',');
        if (column->flags & ROWAN_NULLABLE && !*(const bool *)(row + column->offset)) {
            rowan__text_str(out, "NULL");
        } else {
            add_quoted(out, column->enumeration->labels[enumerator]);
        }
    }
    rowan__text_str(out, structs->count == 0 ? "{}" : "}");
    return out->size > MOST_BYTES ? fail_size(column, error) : ROWAN_OK;
}

rowan_status rowan__postgresql_encode_structs(rowan__postgresql_prepared *prepared,
                                              const rowan__structs *structs, uint64_t *bytes,
                                              rowan_error *error)
{
    rowan__text *scratch = &((rowan__postgresql_connection *)prepared->base.connection)->scratch;

    assert(structs->column_count == prepared->base.param_count);
    rowan__text_clear(scratch);
    for (size_t i = 0; i < structs->column_count; i++) {
        const rowan_column *column = structs->columns[i];
        bool is_text = column->enumeration && prepared->types[i] >= FIRST_OF_USERS;
        size_t start = scratch->size;
        rowan_status status =
            is_text ? add_labels(scratch, structs, column, error)
                    : add_array(scratch, prepared->elements[i], structs, column, error);
        if (status != ROWAN_OK) {
            return status;
        }
        prepared->offsets[i] = start;
        prepared->lengths[i] = (int)(scratch->size - start);
        prepared->formats[i] = !is_text;
        if (is_text) {
            rowan__text_char(scratch, '\0');
        }
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

rowan_status rowan__postgresql_add_rows(rowan__text *out, const uint8_t *writers,
                                        const rowan__structs *structs, size_t *next, size_t size,
                                        rowan_error *error)
{
    const size_t column_count = structs->column_count;
    field fields[ROWAN__PG_MOST_COLUMNS];
    const field *const last = fields + column_count;
    cursor c = cursor_begin(out);
    const size_t full = out->size + size;
    size_t row = *next;

    for (size_t i = 0; i < column_count; i++) {
        fields[i] = field_of(structs->columns[i], writers[i]);
    }
    for (; row < structs->count && (size_t)(c.at - out->data) < full; row++) {
        const char *from = rowan__structs_row(structs, row);
        if (has_room(&c, 2)) {
            put_2(&c, (uint16_t)column_count);
        }
        for (const field *what = fields; what < last; what++) {
            outcome came = add_member(&c, what->writer, what, from);
            if (came & (TOO_LARGE | TOO_LONG)) {
                return came & TOO_LONG ? rowan__fail_long_text(what->column, error)
                                       : fail_size(what->column, error);
            }
        }
    }
    *next = row;
    cursor_finish(&c);
    return out->failed ? rowan__fail_nomem(error) : ROWAN_OK;
}
