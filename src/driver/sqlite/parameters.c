/*
 * Values on their way to SQLite, which stores integers, reals, texts and blobs. Dates, times and
 * uuids become texts that sort as they should; decimals stay texts; truth is 0 or 1.
 */
#include "driver/sqlite/sqlite_private.h"

#include <math.h>

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/error.h"
#include "driver/list.h"

static rowan_status refuse(rowan_error *error, rowan_status status, int number, const char *what)
{
    return rowan__fail(error, status, "parameter %d is %s", number, what);
}

static rowan_status bound(rowan__sqlite_prepared *prepared, int code, rowan_error *error)
{
    return code == SQLITE_OK
               ? ROWAN_OK
               : rowan__sqlite_fail((rowan__sqlite_connection *)prepared->base.connection, code,
                                    error);
}

static rowan_status bind_real(rowan__sqlite_prepared *prepared, int number, double value,
                              rowan_error *error)
{
    if (isnan(value)) {
        return refuse(error, ROWAN_OUT_OF_RANGE, number,
                      "not a number (NaN), which SQLite cannot store");
    }
    return bound(prepared, sqlite3_bind_double(prepared->stmt, number, value), error);
}

/* Bytes of the UTF-8 character at the start of a text; 0 if there is none. */
static size_t character_size(const unsigned char *at, size_t left)
{
    size_t size = at[0] < 0x80                     ? 1
                  : at[0] >= 0xC2 && at[0] <= 0xDF ? 2
                  : at[0] >= 0xE0 && at[0] <= 0xEF ? 3
                  : at[0] >= 0xF0 && at[0] <= 0xF4 ? 4
                                                   : 0;

    if (size == 0 || size > left) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
    bool beyond = (at[0] == 0xED && at[1] > 0x9F) || (at[0] == 0xF4 && at[1] > 0x8F);
    return overlong || beyond ? 0 : size;
}

/* SQLite stores any bytes as text, the servers do not: what they would refuse is refused here. */
static const char *what_is_wrong(const char *data, size_t size)
{
    const unsigned char *at = (const unsigned char *)data;

    for (size_t i = 0; i < size;) {
        size_t step = character_size(at + i, size - i);
        if (step == 0) {
            return "a text that is not UTF-8";
        }
        if (at[i] == 0) {
            return "a text with a NUL inside: bind it as a blob";
        }
        i += step;
    }
    return NULL;
}

/* @p life  SQLITE_STATIC or SQLITE_TRANSIENT */
static inline rowan_status bind_text(rowan__sqlite_prepared *prepared, int number, const char *data,
                                     size_t size, sqlite3_destructor_type life, rowan_error *error)
{
    if (!rowan__bytes_plain(data, size)) {
        const char *wrong = what_is_wrong(data, size);
        if (wrong) {
            return refuse(error, ROWAN_OUT_OF_RANGE, number, wrong);
        }
    }
    return bound(prepared,
                 sqlite3_bind_text64(prepared->stmt, number, data, size, life, SQLITE_UTF8), error);
}

static rowan_status bind_decimal(rowan__sqlite_prepared *prepared, int number,
                                 const rowan_value *value, sqlite3_destructor_type life,
                                 rowan_error *error)
{
    const rowan_blob *text = &value->as.bytes;

    if (!rowan__decimal_valid(text->data, text->size)) {
        return refuse(error, ROWAN_WRONG_TYPE, number, "a decimal whose text is no decimal number");
    }
    return bind_text(prepared, number, text->data, text->size, life, error);
}

static rowan_status bind_blob(rowan__sqlite_prepared *prepared, int number, const rowan_blob *blob,
                              sqlite3_destructor_type life, rowan_error *error)
{
    return bound(prepared,
                 blob->size == 0
                     ? sqlite3_bind_zeroblob(prepared->stmt, number, 0)
                     : sqlite3_bind_blob64(prepared->stmt, number, blob->data, blob->size, life),
                 error);
}

/* Texts that are made here live in no memory of the caller's: SQLite copies them. */
static rowan_status bind_made_text(rowan__sqlite_prepared *prepared, int number, const char *text,
                                   size_t size, rowan_error *error)
{
    return bound(
        prepared,
        sqlite3_bind_text64(prepared->stmt, number, text, size, SQLITE_TRANSIENT, SQLITE_UTF8),
        error);
}

static rowan_status bind_instant(rowan__sqlite_prepared *prepared, int number,
                                 const rowan_value *value, rowan_error *error)
{
    char text[ROWAN__TIMESTAMP_TEXT + 1];

    if (value->type == ROWAN_TYPE_DATE) {
        if (!rowan__date_valid(value->as.date)) {
            return refuse(error, ROWAN_OUT_OF_RANGE, number,
                          "a date outside the years 0001 to 9999");
        }
        rowan__date_write(value->as.date, text);
        return bind_made_text(prepared, number, text, ROWAN__DATE_TEXT, error);
    }
    if (value->type == ROWAN_TYPE_TIME) {
        if (!rowan__time_valid(value->as.time)) {
            return refuse(error, ROWAN_OUT_OF_RANGE, number, "a time that is not within a day");
        }
        rowan__time_write(value->as.time, text);
        return bind_made_text(prepared, number, text, ROWAN__TIME_TEXT, error);
    }
    if (!rowan__timestamp_valid(value->as.timestamp)) {
        return refuse(error, ROWAN_OUT_OF_RANGE, number,
                      "an instant outside the years 0001 to 9999");
    }
    rowan__timestamp_write(value->as.timestamp, text);
    return bind_made_text(prepared, number, text, ROWAN__TIMESTAMP_TEXT, error);
}

static rowan_status bind_list(rowan__sqlite_prepared *prepared, int number,
                              const rowan_value *value, uint64_t *bytes, rowan_error *error)
{
    rowan__text *json = &((rowan__sqlite_connection *)prepared->base.connection)->scratch;

    rowan__text_clear(json);
    rowan_status status = rowan__list_json(json, value, error);
    if (status != ROWAN_OK) {
        return status;
    }
    if (json->failed) {
        rowan__text_fini(json);
        return rowan__fail_nomem(error);
    }
    *bytes += json->size;
    return bind_made_text(prepared, number, json->data, json->size, error);
}

static rowan_status bind_value(rowan__sqlite_prepared *prepared, int number,
                               const rowan_value *value, sqlite3_destructor_type life,
                               uint64_t *bytes, rowan_error *error)
{
    sqlite3_stmt *stmt = prepared->stmt;
    char uuid[ROWAN__UUID_TEXT + 1];

    if (value->is_null || value->type == 0) {
        return bound(prepared, sqlite3_bind_null(stmt, number), error);
    }
    *bytes += sizeof value->as.integer;
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        return bound(prepared, sqlite3_bind_int(stmt, number, value->as.boolean), error);
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        return bound(prepared, sqlite3_bind_int64(stmt, number, value->as.integer), error);
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return bind_real(prepared, number, value->as.real, error);
    case ROWAN_TYPE_DECIMAL:
        *bytes += value->as.bytes.size - sizeof value->as.integer;
        return bind_decimal(prepared, number, value, life, error);
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        *bytes += value->as.bytes.size - sizeof value->as.integer;
        return bind_text(prepared, number, value->as.bytes.data, value->as.bytes.size, life, error);
    case ROWAN_TYPE_BLOB:
        *bytes += value->as.bytes.size - sizeof value->as.integer;
        return bind_blob(prepared, number, &value->as.bytes, life, error);
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
        return bind_instant(prepared, number, value, error);
    case ROWAN_TYPE_UUID:
        *bytes += sizeof(rowan_uuid) - sizeof value->as.integer;
        rowan__uuid_write(value->as.uuid, uuid);
        return bind_made_text(prepared, number, uuid, ROWAN__UUID_TEXT, error);
    case ROWAN_TYPE_LIST:
        *bytes -= sizeof value->as.integer;
        return bind_list(prepared, number, value, bytes, error);
    case ROWAN_TYPE_ENUM:
        break;
    }
    return refuse(error, ROWAN_MISUSE, number, "an enum: bind its label as text");
}

/* The label of an enum's member, which is its index into them. */
static rowan_status bind_label(rowan__sqlite_prepared *prepared, int number,
                               const rowan_column *column, const void *at, uint64_t *bytes,
                               rowan_error *error)
{
    const rowan_enum *labels = column->enumeration;
    int enumerator;

    memcpy(&enumerator, at, sizeof enumerator);
    if (!labels || enumerator < 0 || (size_t)enumerator >= labels->count) {
        return refuse(error, ROWAN_OUT_OF_RANGE, number, "an enum without a label");
    }
    const char *label = labels->labels[enumerator];
    size_t size = strlen(label);
    *bytes += size;
    return bind_text(prepared, number, label, size, SQLITE_STATIC, error);
}

/* One member of a struct: the common types from where they are, the rest as values. */
static rowan_status bind_member(rowan__sqlite_prepared *prepared, int number,
                                const rowan_column *column, const char *row, uint64_t *bytes,
                                rowan_error *error)
{
    sqlite3_stmt *stmt = prepared->stmt;
    const void *at = row + column->value_offset;
    const char *text;
    rowan_value value;

    if ((column->flags & ROWAN_NULLABLE) != 0 && !*(const bool *)(row + column->offset)) {
        return bound(prepared, sqlite3_bind_null(stmt, number), error);
    }
    switch (column->type) {
    case ROWAN_TYPE_BOOL:
        *bytes += sizeof value.as.integer;
        return bound(prepared, sqlite3_bind_int64(stmt, number, *(const bool *)at), error);
    case ROWAN_TYPE_INT16:
        *bytes += sizeof value.as.integer;
        return bound(prepared, sqlite3_bind_int64(stmt, number, *(const int16_t *)at), error);
    case ROWAN_TYPE_INT32:
        *bytes += sizeof value.as.integer;
        return bound(prepared, sqlite3_bind_int64(stmt, number, *(const int32_t *)at), error);
    case ROWAN_TYPE_INT64:
        *bytes += sizeof value.as.integer;
        return bound(prepared, sqlite3_bind_int64(stmt, number, *(const int64_t *)at), error);
    case ROWAN_TYPE_DOUBLE:
        *bytes += sizeof value.as.real;
        return bind_real(prepared, number, *(const double *)at, error);
    case ROWAN_TYPE_TEXT:
        text = *(const char *const *)at;
        if (text) {
            size_t size = strlen(text);
            *bytes += size;
            return rowan__is_long_text(column, text, size)
                       ? rowan__fail_long_text(column, error)
                       : bind_text(prepared, number, text, size, SQLITE_STATIC, error);
        }
        return bound(prepared, sqlite3_bind_null(stmt, number), error);
    case ROWAN_TYPE_ENUM:
        return bind_label(prepared, number, column, at, bytes, error);
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_LIST:
        break;
    }
    value = rowan_column_value(column, row);
    return bind_value(prepared, number, &value, SQLITE_STATIC, bytes, error);
}

rowan_status rowan__sqlite_encode_structs(rowan__sqlite_prepared *prepared,
                                          const rowan__structs *structs, size_t first, size_t count,
                                          uint64_t *bytes, rowan_error *error)
{
    int number = 0;

    for (size_t i = first; i < first + count; i++) {
        const char *row = rowan__structs_row(structs, i);
        for (size_t j = 0; j < structs->column_count; j++) {
            const rowan_column *column = structs->columns[j];
            rowan_status status = bind_member(prepared, ++number, column, row, bytes, error);
            if (status != ROWAN_OK) {
                rowan__error_copy(error->column, sizeof error->column, column->name,
                                  strlen(column->name));
                return status;
            }
        }
    }
    return ROWAN_OK;
}

rowan_status rowan__sqlite_encode(rowan__sqlite_prepared *prepared, const rowan_value *values,
                                  bool keep, uint64_t *bytes, rowan_error *error)
{
    sqlite3_destructor_type life = keep ? SQLITE_TRANSIENT : SQLITE_STATIC;

    for (size_t i = 0; i < prepared->base.param_count; i++) {
        rowan_status status = bind_value(prepared, (int)i + 1, &values[i], life, bytes, error);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}
