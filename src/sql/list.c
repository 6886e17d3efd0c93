/*
 * Membership in a list of values, with few statement texts whatever the length: one array where the
 * engine has arrays; else placeholders, padded to a power of two with the last value; and many
 * values as one JSON array.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/real.h"
#include "sql/sql_private.h"

enum { MOST_PLACEHOLDERS = 1024 };

/* Whether the items are as they will be bound: then nothing is copied. */
static bool are_bound(rowan_type type, const rowan_value *items, size_t count)
{
    if (type == ROWAN_TYPE_ENUM || type == 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].is_null || items[i].name || items[i].type != items[0].type ||
            !rowan__same_family(items[i].type, type)) {
            return false;
        }
    }
    return true;
}

static rowan_status bind_item(rowan_scope *scope, const rowan_column *column,
                              const rowan_value *items, size_t i, rowan_value *out)
{
    if (items[i].is_null || items[i].type == 0 || items[i].type == ROWAN_TYPE_LIST) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "a list for IN has NULL or a list in it");
    }
    if (column) {
        return rowan__bind_value(scope, column, items[i], out);
    }
    *out = items[i];
    out->name = NULL;
    return rowan__same_family(items[i].type, items[0].type)
               ? ROWAN_OK
               : rowan__scope_fail(scope, ROWAN_WRONG_TYPE,
                                   "a list for IN has values of several types");
}

rowan_status rowan__bind_items(rowan_scope *scope, rowan_type type, const rowan_column *column,
                               const rowan_value *items, size_t count, const rowan_value **out)
{
    rowan_status status = ROWAN_OK;
    rowan_value *bound;

    *out = items;
    if (are_bound(type, items, count)) {
        return ROWAN_OK;
    }
    bound =
        rowan__arena_alloc(rowan__scope_arena(scope), count * sizeof *bound, _Alignof(rowan_value));
    if (!bound) {
        return rowan__scope_nomem(scope);
    }
    for (size_t i = 0; i < count && status == ROWAN_OK; i++) {
        status = bind_item(scope, column, items, i, &bound[i]);
    }
    *out = bound;
    return status;
}

size_t rowan__list_placeholders(const rowan__dialect *dialect, size_t count)
{
    size_t padded = 1;

    if (count <= 1 || (dialect->capabilities & ROWAN__CAN_BIND_ARRAYS) != 0) {
        return count > 0 ? 1 : 0;
    }
    if (count > MOST_PLACEHOLDERS) {
        return MOST_PLACEHOLDERS + 1;
    }
    while (padded < count) {
        padded *= 2;
    }
    return padded;
}

/* The array's type has to be spelled out if an item does not fit that of the column. */
static const char *array_cast(const rowan__renderer *r, rowan_type type, const rowan_value *items,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t integer = items[i].as.integer;
        if (type == ROWAN_TYPE_FLOAT && items[i].type == ROWAN_TYPE_DOUBLE) {
            return r->dialect->cast_types[ROWAN_TYPE_DOUBLE];
        }
        if ((type == ROWAN_TYPE_INT16 && (integer < INT16_MIN || integer > INT16_MAX)) ||
            (type == ROWAN_TYPE_INT32 && (integer < INT32_MIN || integer > INT32_MAX))) {
            return r->dialect->cast_types[ROWAN_TYPE_INT64];
        }
    }
    return NULL;
}

static void write_array(rowan__renderer *r, const rowan_operand *left, const rowan_value *items,
                        size_t count, bool negated)
{
    const rowan_value list = rowan_v_list(items, count);
    const char *cast = array_cast(r, rowan__operand_type(left), items, count);

    rowan__write(r, negated ? " <> ALL(" : " = ANY(");
    if (cast) {
        rowan__write(r, "CAST(");
    }
    rowan__write_param(r, &list);
    if (cast) {
        rowan__write(r, " AS ");
        rowan__write(r, cast);
        rowan__write(r, "[])");
    }
    rowan__write(r, ")");
}

static void write_placeholders(rowan__renderer *r, const rowan_value *items, size_t count,
                               size_t padded)
{
    for (size_t i = 0; i < padded; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        rowan__write_param(r, &items[i < count ? i : count - 1]);
    }
}

static void add_json_text(rowan__text *json, const char *text, size_t size)
{
    rowan__text_char(json, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            rowan__text_char(json, '\\');
            rowan__text_char(json, (char)c);
        } else if (c < 0x20) {
            rowan__text_format(json, "\\u%04x", c);
        } else {
            rowan__text_char(json, (char)c);
        }
    }
    rowan__text_char(json, '"');
}

/* A real with all its digits. */
static void add_json_real(rowan__text *json, double real)
{
    char digits[ROWAN__REAL_TEXT];

    snprintf(digits, sizeof digits, "%.17g", real);
    rowan__text_str(json, rowan__real_point(digits));
}

/* A flat switch over the types. @return false for a value that JSON has no form for. */
static bool add_json_value(rowan__text *json, const rowan_value *value)
{
    char written[ROWAN__UUID_TEXT + 1];

    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        rowan__text_char(json, value->as.boolean ? '1' : '0');
        return true;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        rowan__text_int(json, value->as.integer);
        return true;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        add_json_real(json, value->as.real);
        return isfinite(value->as.real);
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        add_json_text(json, value->as.bytes.data, value->as.bytes.size);
        return true;
    case ROWAN_TYPE_DATE:
        rowan__date_write(value->as.date, written);
        break;
    case ROWAN_TYPE_TIME:
        rowan__time_write(value->as.time, written);
        break;
    case ROWAN_TYPE_TIMESTAMP:
        rowan__timestamp_write(value->as.timestamp, written);
        break;
    case ROWAN_TYPE_UUID:
        rowan__uuid_write(value->as.uuid, written);
        break;
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        return false;
    }
    add_json_text(json, written, strlen(written));
    return true;
}

/* Whether a date, time or instant is one, so that it can be written out. */
static bool is_valid(const rowan_value *value)
{
    if (value->type == ROWAN_TYPE_DATE) {
        return rowan__date_valid(value->as.date);
    }
    if (value->type == ROWAN_TYPE_TIME) {
        return rowan__time_valid(value->as.time);
    }
    return value->type != ROWAN_TYPE_TIMESTAMP || rowan__timestamp_valid(value->as.timestamp);
}

rowan_status rowan__list_as_json(rowan_scope *scope, const rowan_value *items, size_t count,
                                 rowan_value *out)
{
    rowan_status status = ROWAN_OK;
    rowan__text json;

    rowan__text_init(&json, rowan__scope_allocator(scope));
    for (size_t i = 0; i < count && status == ROWAN_OK; i++) {
        rowan__text_char(&json, i == 0 ? '[' : ',');
        if (!is_valid(&items[i]) || !add_json_value(&json, &items[i])) {
            status = rowan__scope_fail(scope, ROWAN_OUT_OF_RANGE,
                                       "a list for IN has a value out of range");
        }
    }
    rowan__text_char(&json, ']');
    if (status == ROWAN_OK) {
        const char *copy =
            json.failed ? NULL : rowan__arena_text(rowan__scope_arena(scope), json.data, json.size);
        *out = rowan_v_bytes(ROWAN_TYPE_TEXT, copy, json.size);
        status = copy ? ROWAN_OK : rowan__scope_nomem(scope);
    }
    rowan__text_fini(&json);
    return status;
}

static void write_json(rowan__renderer *r, const rowan_value *items, size_t count)
{
    const char *source = r->dialect->list_elements[items[0].type];
    const char *mark = source ? strstr(source, "%1") : NULL;
    rowan_value json;

    if (!mark) {
        rowan__render_unsupported(r, "IN with more than 1,024 values of this type");
        return;
    }
    r->status = rowan__list_as_json(r->scope, items, count, &json);
    if (r->status == ROWAN_OK) {
        rowan__text_add(r->text, source, (size_t)(mark - source));
        rowan__write_param(r, &json);
        rowan__write(r, mark + 2);
    }
}

static void note_list(rowan__renderer *r, const rowan_value *list, rowan_type type,
                      const rowan_column *column, size_t placeholders)
{
    bool is_array = (r->dialect->capabilities & ROWAN__CAN_BIND_ARRAYS) != 0;
    bool is_json = placeholders > MOST_PLACEHOLDERS;

    rowan__note(r, list,
                (rowan__step){.kind = is_array  ? ROWAN__STEP_ARRAY
                                      : is_json ? ROWAN__STEP_JSON
                                                : ROWAN__STEP_ITEMS,
                              .type = (uint8_t)type,
                              .count = is_json ? 1 : (uint32_t)placeholders,
                              .column = column});
}

/* Binds a list and writes what stands behind the left side. */
static void write_items(rowan__renderer *r, const rowan_expr *expr, bool negated)
{
    const rowan_value *list = &expr->right.value;
    rowan_type type = rowan__operand_type(&expr->left);
    const rowan_column *column = rowan__operand_column(&expr->left);
    size_t count = list->as.list.count;
    size_t placeholders = rowan__list_placeholders(r->dialect, count);
    const rowan_value *items;

    if (!list->as.list.items) {
        rowan__render_fail(r, ROWAN_MISUSE, "a list for IN counts %zu values, but is NULL", count);
    }
    if (r->status == ROWAN_OK) {
        r->status = rowan__bind_items(r->scope, type, column, list->as.list.items, count, &items);
    }
    if (r->status != ROWAN_OK) {
        return;
    }
    rowan__write_ordered(r, &expr->left, NULL);
    note_list(r, list, type, column, placeholders);
    if ((r->dialect->capabilities & ROWAN__CAN_BIND_ARRAYS) != 0) {
        write_array(r, &expr->left, items, count, negated);
        return;
    }
    rowan__write(r, negated ? " NOT IN (" : " IN (");
    if (placeholders <= MOST_PLACEHOLDERS) {
        write_placeholders(r, items, count, placeholders);
    } else {
        write_json(r, items, count);
    }
    rowan__write(r, ")");
}

void rowan__write_list(rowan__renderer *r, const rowan_expr *expr, bool negated)
{
    if (expr->right.value.type != ROWAN_TYPE_LIST) {
        rowan__render_fail(r, ROWAN_MISUSE, "IN takes a list: make it with rowan_v_list()");
    } else if (expr->right.value.as.list.count == 0) {
        rowan__write(r, negated ? "TRUE" : "FALSE");
    } else {
        write_items(r, expr, negated);
    }
}
