/* A list as one parameter: a JSON array. */
#include "driver/list.h"

#include <math.h>
#include <stdio.h>

#include "base/calendar.h"
#include "base/real.h"

static void add_string(rowan__text *out, const char *data, size_t size)
{
    size_t start = 0;

    rowan__text_char(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c >= ' ' && c != '"' && c != '\\') {
            continue;
        }
        rowan__text_add(out, data + start, i - start);
        rowan__text_format(out, "\\u%04x", (unsigned)c);
        start = i + 1;
    }
    rowan__text_add(out, data + start, size - start);
    rowan__text_char(out, '"');
}

static rowan_status out_of_range(rowan_error *error, const char *what)
{
    return rowan__fail(error, ROWAN_OUT_OF_RANGE, "a list holds %s", what);
}

static rowan_status add_instant(rowan__text *out, const rowan_value *item, rowan_error *error)
{
    char text[ROWAN__UUID_TEXT + 1];

    if (item->type == ROWAN_TYPE_DATE) {
        if (!rowan__date_valid(item->as.date)) {
            return out_of_range(error, "a date outside the years 0001 to 9999");
        }
        rowan__date_write(item->as.date, text);
    } else if (item->type == ROWAN_TYPE_TIME) {
        if (!rowan__time_valid(item->as.time)) {
            return out_of_range(error, "a time that is not within a day");
        }
        rowan__time_write(item->as.time, text);
    } else {
        if (!rowan__timestamp_valid(item->as.timestamp)) {
            return out_of_range(error, "an instant outside the years 0001 to 9999");
        }
        rowan__timestamp_write(item->as.timestamp, text);
    }
    add_string(out, text, strlen(text));
    return ROWAN_OK;
}

static rowan_status add_item(rowan__text *out, const rowan_value *item, rowan_error *error)
{
    char uuid[ROWAN__UUID_TEXT + 1], digits[ROWAN__REAL_TEXT];

    switch (item->type) {
    case ROWAN_TYPE_BOOL:
        rowan__text_char(out, item->as.boolean ? '1' : '0');
        return ROWAN_OK;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        rowan__text_int(out, item->as.integer);
        return ROWAN_OK;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        if (!isfinite(item->as.real)) {
            return out_of_range(error, "a number that is not finite");
        }
        snprintf(digits, sizeof digits, "%.17g", item->as.real);
        rowan__text_str(out, rowan__real_point(digits));
        return ROWAN_OK;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        if (item->as.bytes.size > 0 && memchr(item->as.bytes.data, '\0', item->as.bytes.size)) {
            return out_of_range(error, "a text with a NUL inside");
        }
        add_string(out, item->as.bytes.data, item->as.bytes.size);
        return ROWAN_OK;
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
        return add_instant(out, item, error);
    case ROWAN_TYPE_UUID:
        rowan__uuid_write(item->as.uuid, uuid);
        add_string(out, uuid, ROWAN__UUID_TEXT);
        return ROWAN_OK;
    case ROWAN_TYPE_BLOB:
        return rowan__fail(error, ROWAN_UNSUPPORTED,
                           "a list of blobs cannot be one parameter on this engine");
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return rowan__fail(error, ROWAN_MISUSE,
                       "a list holds NULL, an enum without its label, or a list");
}

rowan_status rowan__list_json(rowan__text *out, const rowan_value *list, rowan_error *error)
{
    rowan_status status = ROWAN_OK;

    rowan__text_char(out, '[');
    for (size_t i = 0; i < list->as.list.count && status == ROWAN_OK; i++) {
        const rowan_value *item = &list->as.list.items[i];
        if (i > 0) {
            rowan__text_char(out, ',');
        }
        status = item->is_null ? rowan__fail(error, ROWAN_MISUSE, "a list holds NULL")
                               : add_item(out, item, error);
    }
    rowan__text_char(out, ']');
    return status;
}
