/*
 * Values on their way to the server. Numbers, dates and times go as such, uuids as texts, lists as
 * JSON arrays; texts and blobs are sent from where they are.
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
    out->buffer_type = value->type == ROWAN_TYPE_BLOB      ? MYSQL_TYPE_BLOB
                       : value->type == ROWAN_TYPE_DECIMAL ? MYSQL_TYPE_NEWDECIMAL
                                                           : MYSQL_TYPE_STRING;
    out->buffer = size > 0 ? (void *)(uintptr_t)data : (void *)(uintptr_t) "";
    out->buffer_length = size;
    return ROWAN_OK;
}

static void set_time(MYSQL_BIND *out, enum enum_field_types type, rowan__mariadb_slot *slot)
{
    out->buffer_type = type;
    out->buffer = &slot->time;
    out->buffer_length = sizeof slot->time;
}

rowan_status rowan__mariadb_param(rowan__mariadb_prepared *prepared, size_t index,
                                  const rowan_value *value, rowan__mariadb_slot *slot,
                                  MYSQL_BIND *out, rowan_error *error)
{
    memset(out, 0, sizeof *out);
    out->buffer_type = MYSQL_TYPE_NULL;
    if (value->is_null || value->type == 0) {
        return ROWAN_OK;
    }
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        slot->integer = value->type == ROWAN_TYPE_BOOL ? value->as.boolean : value->as.integer;
        out->buffer_type = MYSQL_TYPE_LONGLONG;
        out->buffer = &slot->integer;
        out->buffer_length = sizeof slot->integer;
        return ROWAN_OK;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        slot->real = value->as.real;
        out->buffer_type = MYSQL_TYPE_DOUBLE;
        out->buffer = &slot->real;
        out->buffer_length = sizeof slot->real;
        return isfinite(value->as.real)
                   ? ROWAN_OK
                   : refuse(index, value, ROWAN_OUT_OF_RANGE,
                            "is no finite number: MariaDB has neither NaN nor infinity", error);
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_BLOB:
        return put_bytes(index, value, out, error);
    case ROWAN_TYPE_DATE:
        set_time(out, MYSQL_TYPE_DATE, slot);
        break;
    case ROWAN_TYPE_TIME:
        set_time(out, MYSQL_TYPE_TIME, slot);
        break;
    case ROWAN_TYPE_TIMESTAMP:
        set_time(out, MYSQL_TYPE_DATETIME, slot);
        break;
    case ROWAN_TYPE_UUID:
        rowan__uuid_write(value->as.uuid, slot->uuid);
        out->buffer_type = MYSQL_TYPE_STRING;
        out->buffer = slot->uuid;
        out->buffer_length = ROWAN__UUID_TEXT;
        return ROWAN_OK;
    case ROWAN_TYPE_LIST:
        out->buffer_type =
            MYSQL_TYPE_JSON; /* until its text stands still; the library sends it as a string */
        return put_list(prepared, value, slot, error);
    case ROWAN_TYPE_ENUM:
        return refuse(index, value, ROWAN_MISUSE, "is an enum's number: pass its label as a text",
                      error);
    }
    return put_time(value, &slot->time)
               ? ROWAN_OK
               : refuse(index, value, ROWAN_OUT_OF_RANGE,
                        "is outside the years 0001 to 9999, or no time of a day", error);
}

size_t rowan__mariadb_param_size(const MYSQL_BIND *param)
{
    switch (param->buffer_type) {
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME:
        return sizeof(int64_t);
    default:
        return param->buffer_length;
    }
}

rowan_status rowan__mariadb_params(rowan__mariadb_prepared *prepared, const rowan_value *values,
                                   uint64_t *bytes, rowan_error *error)
{
    size_t count = prepared->base.param_count;

    rowan__text_clear(&prepared->scratch);
    for (size_t i = 0; i < count; i++) {
        rowan_status status = rowan__mariadb_param(prepared, i, &values[i], &prepared->slots[i],
                                                   &prepared->params[i], error);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < count; i++) {
        MYSQL_BIND *param = &prepared->params[i];
        if (param->buffer_type == MYSQL_TYPE_JSON) {
            param->buffer_type = MYSQL_TYPE_STRING;
            param->buffer = prepared->scratch.data + prepared->slots[i].list.start;
            param->buffer_length = prepared->slots[i].list.size;
        }
        *bytes += rowan__mariadb_param_size(param);
    }
    return ROWAN_OK;
}
