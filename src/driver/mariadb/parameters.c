/*
 * Values on their way to the server. Numbers, dates and times go as such, uuids as texts, lists as
 * JSON arrays; texts, blobs and the numbers in structs are sent from where they are.
 */
#include "driver/mariadb/mariadb_private.h"

#include <math.h>

#include "base/calendar.h"
#include "base/error.h"
#include "driver/list.h"

static rowan_status refuse(size_t index, const rowan_value *value, rowan_status status,
                           const char *why, rowan_error *error)
{
    return rowan__fail(error, status, "parameter %zu%s%.60s%s %s", index + 1,
                       value->name ? " (:" : "", value->name ? value->name : "",
                       value->name ? ")" : "", why);
}

static const char not_finite[] = "is no finite number: MariaDB has neither NaN nor infinity";
static const char no_such_time[] = "is outside the years 0001 to 9999, or no time of a day";

/* A list becomes a JSON array in the statement's scratch, which may still move. */
static rowan_status put_list(rowan__mariadb_prepared *prepared, const rowan_value *value,
                             rowan__mariadb_slot *slot, rowan_error *error)
{
    rowan__text *json = &prepared->scratch;

    slot->list.start = json->size;
    rowan_status status = rowan__list_json(json, value, error);
    slot->list.size = json->size - slot->list.start;
    if (json->failed) {
        rowan__text_fini(json);
        return rowan__fail_nomem(error);
    }
    return status;
}

static void put_day(MYSQL_TIME *time, rowan_date date)
{
    int year, month, day;

    rowan__date_of(date.days, &year, &month, &day);
    time->year = (unsigned)year;
    time->month = (unsigned)month;
    time->day = (unsigned)day;
}

static void put_clock(MYSQL_TIME *time, int64_t us)
{
    time->hour = (unsigned)(us / 3600000000);
    time->minute = (unsigned)(us / 60000000 % 60);
    time->second = (unsigned)(us / 1000000 % 60);
    time->second_part = (unsigned long)(us % 1000000);
}

/* A date, time or instant as the client library takes it. false: outside what can be written. */
static bool put_time(const rowan_value *value, MYSQL_TIME *time)
{
    const int64_t day_us = 86400000000;

    *time = (MYSQL_TIME){.time_type = MYSQL_TIMESTAMP_DATETIME};
    if (value->type == ROWAN_TYPE_DATE) {
        if (!rowan__date_valid(value->as.date)) {
            return false;
        }
        time->time_type = MYSQL_TIMESTAMP_DATE;
        put_day(time, value->as.date);
        return true;
    }
    if (value->type == ROWAN_TYPE_TIME) {
        if (!rowan__time_valid(value->as.time)) {
            return false;
        }
        time->time_type = MYSQL_TIMESTAMP_TIME;
        put_clock(time, value->as.time.us);
        return true;
    }
    if (!rowan__timestamp_valid(value->as.timestamp)) {
        return false;
    }
    int64_t us = value->as.timestamp.us % day_us;
    int64_t days = value->as.timestamp.us / day_us;
    put_day(time, (rowan_date){(int32_t)(us < 0 ? days - 1 : days)});
    put_clock(time, us < 0 ? us + day_us : us);
    return true;
}

static rowan_status put_bytes(size_t index, const rowan_value *value, MYSQL_BIND *out,
                              rowan_error *error)
{
    const void *data = value->as.bytes.data;
    size_t size = value->as.bytes.size;

    if (value->type != ROWAN_TYPE_BLOB && size > 0 && memchr(data, '\0', size)) {
        return refuse(index, value, ROWAN_OUT_OF_RANGE,
                      "is a text with a NUL inside: bind it as a blob", error);
    }
    if (value->type == ROWAN_TYPE_DECIMAL && !rowan__decimal_valid(data, size)) {
        return refuse(index, value, ROWAN_WRONG_TYPE,
                      "is a decimal whose text is no decimal number", error);
    }
    rowan__mariadb_bind_at(out,
                           value->type == ROWAN_TYPE_BLOB      ? MYSQL_TYPE_BLOB
                           : value->type == ROWAN_TYPE_DECIMAL ? MYSQL_TYPE_NEWDECIMAL
                                                               : MYSQL_TYPE_STRING,
                           size > 0 ? data : "", size);
    return ROWAN_OK;
}

/* Binds a value: says of what type it is sent, where it is, and how long. */
static rowan_status bind_value(rowan__mariadb_prepared *prepared, size_t index,
                               const rowan_value *value, MYSQL_BIND *out, rowan_error *error)
{
    rowan__mariadb_slot *slot = &prepared->slots[index];

    if (value->is_null || value->type == 0) {
        rowan__mariadb_bind_null(out);
        return ROWAN_OK;
    }
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        slot->integer = value->type == ROWAN_TYPE_BOOL ? value->as.boolean : value->as.integer;
        rowan__mariadb_bind_at(out, MYSQL_TYPE_LONGLONG, &slot->integer, sizeof slot->integer);
        return ROWAN_OK;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        slot->real = value->as.real;
        rowan__mariadb_bind_at(out, MYSQL_TYPE_DOUBLE, &slot->real, sizeof slot->real);
        return isfinite(value->as.real)
                   ? ROWAN_OK
                   : refuse(index, value, ROWAN_OUT_OF_RANGE, not_finite, error);
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_BLOB:
        return put_bytes(index, value, out, error);
    case ROWAN_TYPE_DATE:
        rowan__mariadb_bind_at(out, MYSQL_TYPE_DATE, &slot->time, sizeof(int64_t));
        break;
    case ROWAN_TYPE_TIME:
        rowan__mariadb_bind_at(out, MYSQL_TYPE_TIME, &slot->time, sizeof(int64_t));
        break;
    case ROWAN_TYPE_TIMESTAMP:
        rowan__mariadb_bind_at(out, MYSQL_TYPE_DATETIME, &slot->time, sizeof(int64_t));
        break;
    case ROWAN_TYPE_UUID:
        rowan__uuid_write(value->as.uuid, slot->uuid);
        rowan__mariadb_bind_at(out, MYSQL_TYPE_STRING, slot->uuid, ROWAN__UUID_TEXT);
        return ROWAN_OK;
    case ROWAN_TYPE_LIST:
        rowan__mariadb_bind_at(out, MYSQL_TYPE_JSON, slot, 0); /* until its text stands still */
        return put_list(prepared, value, slot, error);
    case ROWAN_TYPE_ENUM:
        return refuse(index, value, ROWAN_MISUSE, "is an enum's number: pass its label as a text",
                      error);
    }
    return put_time(value, &slot->time)
               ? ROWAN_OK
               : refuse(index, value, ROWAN_OUT_OF_RANGE, no_such_time, error);
}

static rowan_status bind_values(rowan__mariadb_prepared *prepared, const rowan_value *values,
                                uint64_t *bytes, rowan_error *error)
{
    size_t count = prepared->base.param_count;
    MYSQL_BIND *params = prepared->params;

    rowan__text_clear(&prepared->scratch);
    for (size_t i = 0; i < count; i++) {
        rowan_status status = bind_value(prepared, i, &values[i], &params[i], error);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (params[i].buffer_type == MYSQL_TYPE_JSON) {
            const rowan__mariadb_slot *slot = &prepared->slots[i];
            rowan__mariadb_bind_at(&params[i], MYSQL_TYPE_STRING,
                                   prepared->scratch.data + slot->list.start, slot->list.size);
        }
        *bytes += params[i].buffer_length;
    }
    return ROWAN_OK;
}

/* --- Members of structs, which are sent as they are where the wire has such a type. --- */

const unsigned char rowan__mariadb_member_types[ROWAN_TYPE_LIST + 1] = {
    [ROWAN_TYPE_BOOL] = MYSQL_TYPE_TINY,          [ROWAN_TYPE_INT16] = MYSQL_TYPE_SHORT,
    [ROWAN_TYPE_INT32] = MYSQL_TYPE_LONG,         [ROWAN_TYPE_INT64] = MYSQL_TYPE_LONGLONG,
    [ROWAN_TYPE_FLOAT] = MYSQL_TYPE_FLOAT,        [ROWAN_TYPE_DOUBLE] = MYSQL_TYPE_DOUBLE,
    [ROWAN_TYPE_DECIMAL] = MYSQL_TYPE_NEWDECIMAL, [ROWAN_TYPE_TEXT] = MYSQL_TYPE_STRING,
    [ROWAN_TYPE_BLOB] = MYSQL_TYPE_BLOB,          [ROWAN_TYPE_DATE] = MYSQL_TYPE_DATE,
    [ROWAN_TYPE_TIME] = MYSQL_TYPE_TIME,          [ROWAN_TYPE_TIMESTAMP] = MYSQL_TYPE_DATETIME,
    [ROWAN_TYPE_UUID] = MYSQL_TYPE_STRING,        [ROWAN_TYPE_JSON] = MYSQL_TYPE_STRING,
    [ROWAN_TYPE_ENUM] = MYSQL_TYPE_STRING,
};

static rowan_status refuse_member(const rowan_column *column, rowan_status status, const char *why,
                                  rowan_error *error)
{
    rowan__fail(error, status, "column %.80s.%.80s %s", column->table->name, column->name, why);
    rowan__name_column(column, error);
    return status;
}

static rowan_status bind_text(const rowan_column *column, const char *text, MYSQL_BIND *out,
                              rowan_error *error)
{
    if (!text) {
        rowan__mariadb_bind_null(out);
        return ROWAN_OK;
    }
    rowan__mariadb_bind_at(out, rowan__mariadb_member_types[column->type], text, strlen(text));
    if (rowan__is_long_text(column, text, out->buffer_length)) {
        return rowan__fail_long_text(column, error);
    }
    return column->type != ROWAN_TYPE_DECIMAL || rowan__decimal_valid(text, out->buffer_length)
               ? ROWAN_OK
               : refuse_member(column, ROWAN_WRONG_TYPE, "has a text that is no decimal number",
                               error);
}

static rowan_status bind_label(const rowan_column *column, const void *at, MYSQL_BIND *out,
                               rowan_error *error)
{
    const rowan_enum *labels = column->enumeration;
    unsigned number;

    memcpy(&number, at, sizeof number);
    if (!labels || number >= labels->count) {
        return refuse_member(column, ROWAN_OUT_OF_RANGE,
                             "has a number that its enum has no label for", error);
    }
    return bind_text(column, labels->labels[number], out, error);
}

/* What has another form on its way. */
static rowan_status bind_converted(const rowan_column *column, const char *row,
                                   rowan__mariadb_slot *slot, MYSQL_BIND *out, rowan_error *error)
{
    rowan_value value = rowan_column_value(column, row);

    if (column->type == ROWAN_TYPE_UUID) {
        rowan__uuid_write(value.as.uuid, slot->uuid);
        rowan__mariadb_bind_at(out, MYSQL_TYPE_STRING, slot->uuid, ROWAN__UUID_TEXT);
        return ROWAN_OK;
    }
    rowan__mariadb_bind_at(out, rowan__mariadb_member_types[column->type], &slot->time,
                           sizeof(int64_t));
    return put_time(&value, &slot->time)
               ? ROWAN_OK
               : refuse_member(column, ROWAN_OUT_OF_RANGE, no_such_time, error);
}

rowan_status rowan__mariadb_bind_present(const rowan_column *column, const char *row,
                                         rowan__mariadb_slot *slot, MYSQL_BIND *out,
                                         rowan_error *error)
{
    const void *at = row + column->value_offset;
    enum enum_field_types type = rowan__mariadb_member_types[column->type];
    bool is_finite = true;

    switch (column->type) {
    case ROWAN_TYPE_BOOL:
        rowan__mariadb_bind_at(out, type, at, sizeof(bool));
        return ROWAN_OK;
    case ROWAN_TYPE_INT16:
        rowan__mariadb_bind_at(out, type, at, sizeof(int16_t));
        return ROWAN_OK;
    case ROWAN_TYPE_INT32:
        rowan__mariadb_bind_at(out, type, at, sizeof(int32_t));
        return ROWAN_OK;
    case ROWAN_TYPE_INT64:
        rowan__mariadb_bind_at(out, type, at, sizeof(int64_t));
        return ROWAN_OK;
    case ROWAN_TYPE_FLOAT:
        rowan__mariadb_bind_at(out, type, at, sizeof(float));
        is_finite = isfinite(*(const float *)at);
        break;
    case ROWAN_TYPE_DOUBLE:
        rowan__mariadb_bind_at(out, type, at, sizeof(double));
        is_finite = isfinite(*(const double *)at);
        break;
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_JSON: { /* the last two are structs of one such pointer */
        const char *text;
        memcpy(&text, at, sizeof text);
        return bind_text(column, text, out, error);
    }
    case ROWAN_TYPE_BLOB: {
        const rowan_blob *blob = at;
        if (blob->size > 0 && !blob->data) {
            rowan__mariadb_bind_null(out);
            return ROWAN_OK;
        }
        rowan__mariadb_bind_at(out, type, blob->size > 0 ? blob->data : "", blob->size);
        return ROWAN_OK;
    }
    case ROWAN_TYPE_ENUM:
        return bind_label(column, at, out, error);
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_LIST:
        return bind_converted(column, row, slot, out, error);
    }
    return is_finite ? ROWAN_OK : refuse_member(column, ROWAN_OUT_OF_RANGE, not_finite, error);
}

static rowan_status bind_struct(rowan__mariadb_prepared *prepared, const rowan__structs *structs,
                                size_t index, uint64_t *bytes, rowan_error *error)
{
    const char *row = rowan__structs_row(structs, index);
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < structs->column_count && status == ROWAN_OK; i++) {
        status = rowan__mariadb_bind_member(structs->columns[i], row, &prepared->slots[i],
                                            &prepared->params[i], error);
        *bytes += prepared->params[i].buffer_length;
    }
    return status;
}

rowan_status rowan__mariadb_bind_params(rowan__mariadb_prepared *prepared,
                                        rowan__operation *operation, size_t row, uint64_t *bytes)
{
    if (operation->structs) {
        return bind_struct(prepared, operation->structs, row, bytes, &operation->error);
    }
    return bind_values(prepared, operation->params + row * prepared->base.param_count, bytes,
                       &operation->error);
}
