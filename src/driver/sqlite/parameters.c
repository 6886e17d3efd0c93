/*
 * Values on their way to SQLite, which stores integers, reals, texts and blobs. Dates, times and
 * uuids become texts that sort as they should; decimals stay texts; truth is 0 or 1.
 */
#include "driver/sqlite/sqlite_private.h"

#include <math.h>

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/error.h"
#include "base/utf8.h"
#include "driver/list.h"

static rowan_status refuse(rowan_error *error, rowan_status status, int number, const char *what)
{
    return rowan__fail(error, status, "parameter %d is %s", number, what);
}

static inline rowan_status bound(rowan__sqlite_prepared *prepared, int code, rowan_error *error)
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

static bool is_utf8(const char *data, size_t size)
{
    const unsigned char *at = (const unsigned char *)data;
    const unsigned char *end = at + size;

    while (at < end) {
        size_t step = rowan__utf8_size(at, (size_t)(end - at));
        if (step == 0) {
            return false;
        }
        at += step;
    }
    return true;
}

/* SQLite stores any bytes as text, the servers do not: what they would refuse is refused here. */
static inline rowan_status check_text(const char *data, size_t size, int number, rowan_error *error)
{
    return rowan__bytes_ascii(data, size) || is_utf8(data, size)
               ? ROWAN_OK
               : refuse(error, ROWAN_OUT_OF_RANGE, number, "a text that is not UTF-8");
}

/* What is no plain ASCII. */
static __attribute__((noinline)) rowan_status check_any_text(const char *data, size_t size,
                                                             int number, rowan_error *error)
{
    return memchr(data, '\0', size) ? refuse(error, ROWAN_OUT_OF_RANGE, number,
                                             "a text with a NUL inside: bind it as a blob")
                                    : check_text(data, size, number, error);
}

/* @p life  SQLITE_STATIC or SQLITE_TRANSIENT */
static inline rowan_status bind_text(rowan__sqlite_prepared *prepared, int number, const char *data,
                                     size_t size, sqlite3_destructor_type life, rowan_error *error)
{
    rowan_status status =
        rowan__bytes_plain(data, size) ? ROWAN_OK : check_any_text(data, size, number, error);

    return status != ROWAN_OK
               ? status
               : bound(prepared,
                       sqlite3_bind_text64(prepared->stmt, number, data, size, life, SQLITE_UTF8),
                       error);
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

/* --- Members of structs, column by column: what a column needs is looked at once. --- */

/* A column of some rows that are bound one behind the other. */
typedef struct strip {
    rowan__sqlite_prepared *prepared;
    const rowan_column *column;
    const void *const *at; /* the rows, or NULL: … */
    const char *row;       /* … this one and those behind it */
    size_t stride, count;
    int number; /* of the first row's parameter */
    int step;   /* from one row's parameter to the next one's */
    rowan_error *error;
} strip;

static inline const char *row_at(const strip *self, size_t index)
{
    return self->at ? self->at[index] : self->row + index * self->stride;
}

/* The value in a row's member, or NULL if there is none. */
static inline const void *value_in(const rowan_column *column, const char *row)
{
    bool absent = (column->flags & ROWAN_NULLABLE) != 0 && !*(const bool *)(row + column->offset);

    return absent ? NULL : row + column->value_offset;
}

static inline int64_t integer_at(const void *at, rowan_type type)
{
    return type == ROWAN_TYPE_INT64   ? *(const int64_t *)at
           : type == ROWAN_TYPE_INT32 ? *(const int32_t *)at
           : type == ROWAN_TYPE_INT16 ? *(const int16_t *)at
                                      : *(const bool *)at;
}

/* Inlined for each type, which costs nothing a row then. */
__attribute__((always_inline)) static inline rowan_status bind_integers(const strip *self,
                                                                        rowan_type type,
                                                                        uint64_t *bytes)
{
    sqlite3_stmt *stmt = self->prepared->stmt;
    int number = self->number;

    for (size_t i = 0; i < self->count; i++, number += self->step) {
        const void *at = value_in(self->column, row_at(self, i));
        int code = at ? sqlite3_bind_int64(stmt, number, integer_at(at, type))
                      : sqlite3_bind_null(stmt, number);
        if (code != SQLITE_OK) {
            return bound(self->prepared, code, self->error);
        }
        *bytes += at ? sizeof(int64_t) : 0;
    }
    return ROWAN_OK;
}

static rowan_status bind_texts(const strip *self, uint64_t *bytes)
{
    sqlite3_stmt *stmt = self->prepared->stmt;
    size_t most = self->column->length > 0 ? self->column->length : SIZE_MAX;
    int number = self->number;

    for (size_t i = 0; i < self->count; i++, number += self->step) {
        const char *const *at = value_in(self->column, row_at(self, i));
        int code;
        if (at && *at) {
            size_t size = strlen(*at);
            rowan_status status = size > most && rowan__has_more_characters(*at, size, most)
                                      ? rowan__fail_long_text(self->column, self->error)
                                      : check_text(*at, size, number, self->error);
            if (status != ROWAN_OK) {
                return status;
            }
            *bytes += size;
            code = sqlite3_bind_text64(stmt, number, *at, size, SQLITE_STATIC, SQLITE_UTF8);
        } else {
            code = sqlite3_bind_null(stmt, number);
        }
        if (code != SQLITE_OK) {
            return bound(self->prepared, code, self->error);
        }
    }
    return ROWAN_OK;
}

/* The value of a member; an enum's is its label. */
static rowan_value value_of(const rowan_column *column, const char *row)
{
    rowan_value value = rowan_column_value(column, row);
    const rowan_enum *labels = column->enumeration;

    if (column->type != ROWAN_TYPE_ENUM || value.is_null) {
        return value;
    }
    bool known = labels && (uint64_t)value.as.integer < labels->count;
    return known ? rowan_v_text(labels->labels[value.as.integer]) : value;
}

static rowan_status bind_values(const strip *self, uint64_t *bytes)
{
    int number = self->number;

    for (size_t i = 0; i < self->count; i++, number += self->step) {
        rowan_value value = value_of(self->column, row_at(self, i));
        rowan_status status =
            bind_value(self->prepared, number, &value, SQLITE_STATIC, bytes, self->error);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

static rowan_status bind_column(const strip *self, uint64_t *bytes)
{
    switch (self->column->type) {
    case ROWAN_TYPE_BOOL:
        return bind_integers(self, ROWAN_TYPE_BOOL, bytes);
    case ROWAN_TYPE_INT16:
        return bind_integers(self, ROWAN_TYPE_INT16, bytes);
    case ROWAN_TYPE_INT32:
        return bind_integers(self, ROWAN_TYPE_INT32, bytes);
    case ROWAN_TYPE_INT64:
        return bind_integers(self, ROWAN_TYPE_INT64, bytes);
    case ROWAN_TYPE_TEXT:
        return bind_texts(self, bytes);
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return bind_values(self, bytes);
}

rowan_status rowan__sqlite_encode_structs(rowan__sqlite_prepared *prepared,
                                          const rowan__structs *structs, size_t first, size_t count,
                                          uint64_t *bytes, rowan_error *error)
{
    for (size_t i = 0; i < structs->column_count; i++) {
        const rowan_column *column = structs->columns[i];
        strip self = {.prepared = prepared,
                      .column = column,
                      .at = structs->at ? structs->at + first : NULL,
                      .row = rowan__structs_row(structs, first),
                      .stride = structs->stride,
                      .count = count,
                      .number = (int)i + 1,
                      .step = (int)structs->column_count,
                      .error = error};
        rowan_status status = bind_column(&self, bytes);
        if (status != ROWAN_OK) {
            rowan__name_member(column, error);
            return status;
        }
    }
    return ROWAN_OK;
}

/* --- Values. --- */

rowan_status rowan__sqlite_encode(rowan__sqlite_prepared *prepared, const rowan_value *values,
                                  bool keep, uint64_t *bytes, rowan_error *error)
{
    sqlite3_destructor_type life = keep ? SQLITE_TRANSIENT : SQLITE_STATIC;

    for (size_t i = 0; i < prepared->base.param_count; i++) {
        const rowan_value *value = &values[i];
        int number = (int)i + 1;
        rowan_status status;
        if (value->type == ROWAN_TYPE_INT64 && !value->is_null) { /* as nearly every key is */
            *bytes += sizeof value->as.integer;
            status = bound(prepared, sqlite3_bind_int64(prepared->stmt, number, value->as.integer),
                           error);
        } else if (value->type == ROWAN_TYPE_TEXT && !value->is_null) {
            *bytes += value->as.bytes.size;
            status = bind_text(prepared, number, value->as.bytes.data, value->as.bytes.size, life,
                               error);
        } else {
            status = bind_value(prepared, number, value, life, bytes, error);
        }
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}
