/*
 * Values: what is bound for a column, whether the column can hold it, and where PostgreSQL has to
 * be told the type of a placeholder.
 *
 * What one engine would cut, round or refuse and another would store is decided here, before
 * anything is sent, so that it ends in the same way on all of them.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "sql/sql_private.h"

/* The error that the scope has says of what column it is. */
static rowan_status name_column(rowan_scope *scope, const rowan_column *column)
{
    rowan_error error = *rowan_scope_error(scope);

    rowan__name_column(column, &error);
    return rowan__scope_fail_with(scope, &error);
}

static rowan_status fail_type(rowan_scope *scope, const rowan_column *column, rowan_type given)
{
    char label[160];

    rowan__scope_fail(scope, ROWAN_WRONG_TYPE, "column %s is of type %s, not %s",
                      rowan__column_label(column, label, sizeof label),
                      rowan__type_name(column->type), rowan__type_name(given));
    return name_column(scope, column);
}

static rowan_status fail_range(rowan_scope *scope, const rowan_column *column, const char *why)
{
    char label[160];

    rowan__scope_fail(scope, ROWAN_OUT_OF_RANGE, "column %s cannot hold the value: %s",
                      rowan__column_label(column, label, sizeof label), why);
    return name_column(scope, column);
}

static bool is_integer(rowan_type type)
{
    return type == ROWAN_TYPE_INT16 || type == ROWAN_TYPE_INT32 || type == ROWAN_TYPE_INT64;
}

static bool has_label(const rowan_enum *labels, rowan_blob text)
{
    for (size_t i = 0; i < labels->count; i++) {
        if (strlen(labels->labels[i]) == text.size &&
            memcmp(labels->labels[i], text.data, text.size) == 0) {
            return true;
        }
    }
    return false;
}

static rowan_status bind_enum(rowan_scope *scope, const rowan_column *column, rowan_value value,
                              rowan_value *out)
{
    const rowan_enum *labels = column->enumeration;

    if (value.type == ROWAN_TYPE_TEXT) {
        *out = value;
        return has_label(labels, value.as.bytes) ? ROWAN_OK
                                                 : fail_range(scope, column, "no such label");
    }
    if (value.type != ROWAN_TYPE_ENUM && !is_integer(value.type)) {
        return fail_type(scope, column, value.type);
    }
    if (value.as.integer < 0 || (uint64_t)value.as.integer >= labels->count) {
        return fail_range(scope, column, "the enum has no such label");
    }
    *out = rowan_v_text(labels->labels[value.as.integer]);
    return ROWAN_OK;
}

/* A whole number for a real, if it is one; 0 and 1 for a bool, because in C11 `true` is an int. */
static rowan_status bind_integer(rowan_scope *scope, const rowan_column *column, rowan_value value,
                                 rowan_value *out)
{
    const int64_t exact = (int64_t)1 << 53;

    if (column->type == ROWAN_TYPE_BOOL) {
        if (value.as.integer != 0 && value.as.integer != 1) {
            return fail_range(scope, column, "a bool is 0 or 1");
        }
        *out = rowan_v_bool(value.as.integer == 1);
        return ROWAN_OK;
    }
    if (column->type != ROWAN_TYPE_FLOAT && column->type != ROWAN_TYPE_DOUBLE) {
        return fail_type(scope, column, value.type);
    }
    if (value.as.integer > exact || value.as.integer < -exact) {
        return fail_range(scope, column, "a real has no such whole number");
    }
    *out = rowan_v_double((double)value.as.integer);
    return ROWAN_OK;
}

rowan_status rowan__bind_value(rowan_scope *scope, const rowan_column *column, rowan_value value,
                               rowan_value *out)
{
    value.name = NULL;
    *out = value;
    if (value.is_null || value.type == 0) {
        *out = rowan_v_null();
        out->type = column->type == ROWAN_TYPE_ENUM ? ROWAN_TYPE_TEXT : column->type;
        return ROWAN_OK;
    }
    if (column->type == ROWAN_TYPE_ENUM && column->enumeration) {
        return bind_enum(scope, column, value, out);
    }
    if (rowan__same_family(column->type, value.type)) {
        return ROWAN_OK;
    }
    if (is_integer(value.type)) {
        return bind_integer(scope, column, value, out);
    }
    return fail_type(scope, column, value.type);
}

static size_t character_count(rowan_blob text)
{
    const unsigned char *bytes = text.data;
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++) {
        count += (bytes[i] & 0xC0) != 0x80;
    }
    return count;
}

/* A decimal in parts: where its digits are. */
typedef struct decimal_parts {
    bool negative;
    const char *whole; /* without leading zeros */
    size_t whole_count;
    const char *fraction; /* without trailing zeros */
    size_t fraction_count;
} decimal_parts;

static decimal_parts split_decimal(rowan_blob text)
{
    const char *at = text.data, *end = at + text.size, *point;
    decimal_parts parts = {.negative = false};

    if (at < end && *at == '-') {
        parts.negative = true;
        at++;
    }
    while (at < end && *at == '0') {
        at++;
    }
    point = memchr(at, '.', (size_t)(end - at));
    parts.whole = at;
    parts.whole_count = (size_t)((point ? point : end) - at);
    parts.fraction = point ? point + 1 : end;
    while (end > parts.fraction && end[-1] == '0') {
        end--;
    }
    parts.fraction_count = (size_t)(end - parts.fraction);
    return parts;
}

/* Whether a decimal is as its column stores it: no zeros before, all digits of the scale behind. */
static bool is_stored_form(rowan_blob text, const decimal_parts *parts, uint32_t scale)
{
    size_t whole = parts->whole_count > 0 ? parts->whole_count : 1;
    size_t size = parts->negative + whole + (scale > 0 ? 1 + (size_t)scale : 0);
    const char *digits = text.data;

    return text.size == size && (scale == 0 || digits[size - scale - 1] == '.') &&
           !(parts->negative && parts->whole_count + parts->fraction_count == 0);
}

/* Writes that form. @p out has room for all digits, a sign, a zero, a point and a NUL. */
static size_t write_stored_form(const decimal_parts *parts, uint32_t scale, char *out)
{
    char *start = out;

    if (parts->negative && parts->whole_count + parts->fraction_count > 0) {
        *out++ = '-';
    }
    if (parts->whole_count == 0) {
        *out++ = '0';
    }
    memcpy(out, parts->whole, parts->whole_count);
    out += parts->whole_count;
    if (scale > 0) {
        *out++ = '.';
        memcpy(out, parts->fraction, parts->fraction_count);
        memset(out + parts->fraction_count, '0', scale - parts->fraction_count);
        out += scale;
    }
    *out = '\0';
    return (size_t)(out - start);
}

/* Gives a decimal the form in which engines with exact decimals give it back. */
static rowan_status store_decimal(rowan_scope *scope, const rowan_column *column,
                                  rowan_value *value)
{
    decimal_parts parts;
    char label[160];
    char *text;

    if (!rowan__decimal_valid(value->as.bytes.data, value->as.bytes.size)) {
        rowan__scope_fail(scope, ROWAN_WRONG_TYPE, "column %s: the text is no decimal number",
                          rowan__column_label(column, label, sizeof label));
        return name_column(scope, column);
    }
    if (column->length == 0) {
        return ROWAN_OK;
    }
    parts = split_decimal(value->as.bytes);
    if (parts.whole_count + column->scale > column->length) {
        return fail_range(scope, column, "too many digits before the point");
    }
    if (parts.fraction_count > column->scale) {
        return fail_range(scope, column, "too many digits behind the point");
    }
    if (is_stored_form(value->as.bytes, &parts, column->scale)) {
        return ROWAN_OK;
    }
    text = rowan__arena_alloc(rowan__scope_arena(scope), parts.whole_count + column->scale + 4, 1);
    if (!text) {
        return rowan__scope_nomem(scope);
    }
    *value =
        rowan_v_bytes(ROWAN_TYPE_DECIMAL, text, write_stored_form(&parts, column->scale, text));
    return ROWAN_OK;
}

static bool integer_fits(rowan_type type, int64_t integer)
{
    if (type == ROWAN_TYPE_INT16) {
        return integer >= INT16_MIN && integer <= INT16_MAX;
    }
    return type != ROWAN_TYPE_INT32 || (integer >= INT32_MIN && integer <= INT32_MAX);
}

/* Of a day that there is, a time within a day, or no such thing. */
static bool is_instant(const rowan_value *value)
{
    return (value->type != ROWAN_TYPE_DATE || rowan__date_valid(value->as.date)) &&
           (value->type != ROWAN_TYPE_TIME || rowan__time_valid(value->as.time)) &&
           (value->type != ROWAN_TYPE_TIMESTAMP || rowan__timestamp_valid(value->as.timestamp));
}

rowan_status rowan__stored_value(rowan_scope *scope, const rowan_column *column, rowan_value value,
                                 rowan_value *out)
{
    rowan_status status = rowan__bind_value(scope, column, value, out);

    if (status != ROWAN_OK || out->is_null) {
        return status;
    }
    if (is_integer(out->type) && !integer_fits(column->type, out->as.integer)) {
        return fail_range(scope, column, "the integer is too large or too small");
    }
    if (out->type == ROWAN_TYPE_TEXT && column->length > 0 && out->as.bytes.size > column->length &&
        character_count(out->as.bytes) > column->length) {
        return fail_range(scope, column, "the text is too long");
    }
    if (!is_instant(out)) {
        return fail_range(scope, column,
                          out->type == ROWAN_TYPE_TIME ? "the time is not within a day"
                                                       : "it is outside the years 0001 to 9999");
    }
    if (out->type == ROWAN_TYPE_DECIMAL) {
        return store_decimal(scope, column, out);
    }
    if (column->type == ROWAN_TYPE_FLOAT && out->type == ROWAN_TYPE_DOUBLE) {
        if (isfinite(out->as.real) && fabs(out->as.real) > (double)FLT_MAX) {
            return fail_range(scope, column, "the real is too large");
        }
        *out = rowan_v_float((float)out->as.real);
    }
    return ROWAN_OK;
}

/*
 * The type to spell out for a value that is compared, where the engine would otherwise take the
 * type of what stands beside it, and the value would not fit or would be rounded; NULL for none.
 */
static const char *compared_cast(const rowan__renderer *r, const rowan_value *value,
                                 rowan_type beside)
{
    bool is_real = value->type == ROWAN_TYPE_FLOAT || value->type == ROWAN_TYPE_DOUBLE;

    if (!r->dialect->infers_placeholders || value->is_null) {
        return NULL;
    }
    if (is_integer(value->type) && !integer_fits(beside, value->as.integer)) {
        return r->dialect->cast_types[ROWAN_TYPE_INT64];
    }
    if (value->type == ROWAN_TYPE_DOUBLE && beside == ROWAN_TYPE_FLOAT) {
        return r->dialect->cast_types[ROWAN_TYPE_DOUBLE];
    }
    return is_real && is_integer(beside) ? r->dialect->cast_types[ROWAN_TYPE_DOUBLE] : NULL;
}

static const char *cast_of(const rowan__renderer *r, const rowan_value *value,
                           const rowan_operand *beside, rowan__place place)
{
    switch (place) {
    case ROWAN__PLACE_COMPARED:
        return beside ? compared_cast(r, value, rowan__operand_type(beside)) : NULL;
    case ROWAN__PLACE_ALONE:
        return r->dialect->cast_types[value->type];
    case ROWAN__PLACE_WRITTEN:
    case ROWAN__PLACE_PLAIN:
        return NULL;
    }
    return NULL;
}

/* Without a column to tell: whole numbers beside a real expression become reals. */
static bool becomes_real(const rowan_value *value, const rowan_operand *beside)
{
    rowan_type type = beside ? rowan__operand_type(beside) : 0;

    return is_integer(value->type) && !value->is_null &&
           (type == ROWAN_TYPE_DOUBLE || type == ROWAN_TYPE_FLOAT);
}

/* Whether binding does nothing to values of this type, NULL apart, and storing refuses none. */
static bool stays(const rowan_column *column, const rowan_value *value, bool is_stored)
{
    if (value->is_null || value->type == 0 || column->type == ROWAN_TYPE_ENUM ||
        !rowan__same_family(column->type, value->type)) {
        return false;
    }
    return !is_stored || (column->type != ROWAN_TYPE_INT16 && column->type != ROWAN_TYPE_INT32 &&
                          column->type != ROWAN_TYPE_FLOAT && column->type != ROWAN_TYPE_DECIMAL &&
                          (column->type != ROWAN_TYPE_TEXT || column->length == 0));
}

static void note_value(rowan__renderer *r, const rowan_value *value, const rowan_column *column,
                       const rowan_operand *beside, rowan__place place)
{
    bool is_stored = place == ROWAN__PLACE_WRITTEN;
    rowan__step step = {.kind = ROWAN__STEP_AS_IS, .count = 1, .column = column};

    if (column && !stays(column, value, is_stored)) {
        step.kind = is_stored ? ROWAN__STEP_STORED : ROWAN__STEP_BOUND;
    } else if (!column && becomes_real(value, beside)) {
        step.kind = ROWAN__STEP_REAL;
    }
    rowan__note(r, value, step);
}

/* What is bound for a value, or why it cannot be. */
static rowan_status bind(rowan__renderer *r, const rowan_value *value, const rowan_column *column,
                         const rowan_operand *beside, rowan__place place, rowan_value *out)
{
    if (column) {
        return place == ROWAN__PLACE_WRITTEN ? rowan__stored_value(r->scope, column, *value, out)
                                             : rowan__bind_value(r->scope, column, *value, out);
    }
    if (value->type == ROWAN_TYPE_ENUM || value->type == ROWAN_TYPE_LIST) {
        return rowan__scope_fail(r->scope, ROWAN_MISUSE,
                                 "%s value stands where no column says what it is",
                                 value->type == ROWAN_TYPE_ENUM ? "an enum" : "a list");
    }
    *out = becomes_real(value, beside) ? rowan_v_double((double)value->as.integer) : *value;
    out->name = NULL;
    return ROWAN_OK;
}

void rowan__write_value(rowan__renderer *r, const rowan_value *value, const rowan_operand *beside,
                        rowan__place place)
{
    const rowan_column *column = beside ? rowan__operand_column(beside) : NULL;
    rowan_value bound = *value;
    const char *cast;

    if (r->status != ROWAN_OK) {
        return;
    }
    r->status = bind(r, value, column, beside, place, &bound);
    if (r->status != ROWAN_OK) {
        return;
    }
    note_value(r, value, column, beside, place);
    cast = cast_of(r, &bound, beside, place);
    if (!cast) {
        rowan__write_param(r, &bound);
        return;
    }
    rowan__write(r, "CAST(");
    rowan__write_param(r, &bound);
    rowan__write(r, " AS ");
    rowan__write(r, cast);
    rowan__write(r, ")");
}
