/*
 * Values as keys. A program reads a key column as one type and passes it on as another: an integer
 * as text, a uuid in capitals, a decimal with other zeros. What the database would call equal gets
 * the same key, so every value that has an integer's text form is hashed as that integer, decimals
 * without trailing zeros, uuids in small letters.
 */
#include <string.h>
#include <xxhash.h>

#include "base/calendar.h"
#include "detector/fold.h"

enum { LONGEST_TOLD = 64, KEY_OF_NULL = 2 };

static uint64_t not_zero(uint64_t key)
{
    return key != 0 ? key : 1;
}

static uint64_t eight_at(const char *text)
{
    uint64_t eight;

    memcpy(&eight, text, sizeof eight);
    return eight;
}

static uint32_t four_at(const char *text)
{
    uint32_t four;

    memcpy(&four, text, sizeof four);
    return four;
}

/* Of at most 24 bytes, every one of which is read: most keys are short. */
static uint64_t key_of_few(const char *data, size_t size)
{
    uint64_t first = 0, middle = 0, last = 0;

    if (size >= 8) {
        first = eight_at(data);
        middle = eight_at(data + size / 2 - 4);
        last = eight_at(data + size - 8);
    } else if (size >= 4) {
        first = four_at(data);
        last = four_at(data + size - 4);
    } else if (size > 0) {
        first = (unsigned char)data[0];
        middle = (unsigned char)data[size / 2];
        last = (unsigned char)data[size - 1];
    }
    return rowan__key_mix(rowan__key_mix(rowan__key_mix(size + 0x9FB21C651E98DF25u, first), middle),
                          last);
}

static uint64_t key_of_bytes(const void *data, size_t size)
{
    return not_zero(size <= 24 ? key_of_few(size > 0 ? data : "", size) : XXH3_64bits(data, size));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** Whether a text is how an integer of 64 bits is printed. */
static bool read_int(const char *text, size_t size, int64_t *out)
{
    bool negative = size > 0 && text[0] == '-';
    size_t first = negative ? 1 : 0;
    uint64_t number = 0;

    if (size == first || size - first > 18 || (text[first] == '0' && size > 1)) {
        return false;
    }
    for (size_t i = first; i < size; i++) {
        if (!is_digit(text[i])) {
            return false;
        }
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    *out = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_uuid(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) {
            return false;
        }
    }
    return size == ROWAN__UUID_TEXT;
}

/** Text without the zeros that end a decimal's fraction; as it is if it is no decimal. */
static size_t trimmed_size(const char *text, size_t size)
{
    const char *point = memchr(text, '.', size);

    if (point == NULL || !rowan__decimal_valid(text, size)) {
        return size;
    }
    while (text[size - 1] == '0') {
        size--;
    }
    return text[size - 1] == '.' ? size - 1 : size;
}

static uint64_t key_of_text(const char *text, size_t size)
{
    char lower[ROWAN__UUID_TEXT];
    int64_t number;

    if (size == ROWAN__UUID_TEXT && is_uuid(text, size)) {
        for (size_t i = 0; i < size; i++) {
            lower[i] = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] - 'A' + 'a') : text[i];
        }
        return key_of_bytes(lower, size);
    }
    if (size > 0 && size <= LONGEST_TOLD && (is_digit(text[0]) || text[0] == '-')) {
        size = trimmed_size(text, size);
        if (read_int(text, size, &number)) {
            return rowan__key_int(number);
        }
    }
    return key_of_bytes(text, size);
}

static uint64_t key_of_real(double real)
{
    if (real >= -9007199254740992.0 && real <= 9007199254740992.0 &&
        real == (double)(int64_t)real) {
        return rowan__key_int((int64_t)real);
    }
    return key_of_bytes(&real, sizeof real);
}

static uint64_t key_of_list(const rowan_value *value)
{
    uint64_t key = value->as.list.count;

    for (size_t i = 0; i < value->as.list.count; i++) {
        key = rowan__key_mix(key, rowan__key_value(&value->as.list.items[i]));
    }
    return not_zero(key);
}

/** Of a day, time, instant or uuid that may come as text elsewhere: of its text form. */
static uint64_t key_of_calendar(const rowan_value *value)
{
    char text[ROWAN__UUID_TEXT + 1];

    rowan__calendar_write(value, text);
    return key_of_bytes(text, strlen(text));
}

uint64_t rowan__key_value(const rowan_value *value)
{
    if (value->is_null) {
        return KEY_OF_NULL;
    }
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        return value->as.boolean ? 4 : 3;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        return rowan__key_int(value->as.integer);
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return key_of_real(value->as.real);
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
        return key_of_text(value->as.bytes.data, value->as.bytes.size);
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
        return key_of_bytes(value->as.bytes.data, value->as.bytes.size);
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
        return key_of_calendar(value);
    case ROWAN_TYPE_LIST:
        return key_of_list(value);
    }
    return KEY_OF_NULL;
}

bool rowan__key_tells(const rowan_value *value)
{
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_LIST:
        return false;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
        return !value->is_null && value->as.bytes.size > 0 && value->as.bytes.size <= LONGEST_TOLD;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
        return !value->is_null;
    }
    return false;
}

/** A value as it lies in a struct, of a type that is not read directly. */
static uint64_t key_of_member(const rowan_batch_column *column, const char *row, bool *tells)
{
    rowan_column member = {
        .type = column->type,
        .flags = column->nullable ? ROWAN_NULLABLE : 0,
        .offset = column->offset,
        .value_offset = column->value_offset,
    };
    rowan_value value = rowan_column_value(&member, row);

    if (column->type == ROWAN_TYPE_ENUM && !value.is_null && column->enumeration != NULL &&
        (uint64_t)value.as.integer < column->enumeration->count) {
        value = rowan_v_text(column->enumeration->labels[value.as.integer]);
    }
    *tells = rowan__key_tells(&value);
    return rowan__key_value(&value);
}

uint64_t rowan__key_cell(const rowan_batch *batch, const rowan_batch_column *column,
                         const char *row, bool *tells)
{
    const char *at = row + column->value_offset;
    const char *text;
    size_t size;

    if (batch->is_dynamic) {
        const rowan_value *value = (const void *)(row + column->offset);
        *tells = rowan__key_tells(value);
        return rowan__key_value(value);
    }
    if (column->nullable && !*(const bool *)(row + column->offset)) {
        *tells = false;
        return KEY_OF_NULL;
    }
    switch (column->type) {
    case ROWAN_TYPE_INT64:
        *tells = true;
        return rowan__key_int(*(const int64_t *)(const void *)at);
    case ROWAN_TYPE_INT32:
        *tells = true;
        return rowan__key_int(*(const int32_t *)(const void *)at);
    case ROWAN_TYPE_TEXT:
        text = *(const char *const *)(const void *)at;
        size = strlen(text);
        *tells = size > 0 && size <= LONGEST_TOLD;
        return key_of_text(text, size);
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
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
    return key_of_member(column, row, tells);
}

/* --- Literals. --- */

/** What stands between the tags of a dollar-quoted string. @return false if it is none */
static bool inside_dollars(const char *text, size_t size, const char **inside, size_t *inside_size)
{
    size_t tag = 1;

    if (size < 4 || text[0] != '$') {
        return false;
    }
    while (tag < size && text[tag] != '$') {
        tag++;
    }
    tag++; /* with both dollars */
    if (2 * tag > size || memcmp(text, text + size - tag, tag) != 0) {
        return false;
    }
    *inside = text + tag;
    *inside_size = size - 2 * tag;
    return true;
}

/** Of what is inside of quotes: a quote may be written twice, or behind a backslash. */
static uint64_t key_of_quoted(const char *text, size_t size, char quote, bool heeds_backslashes)
{
    char plain[4 * LONGEST_TOLD];
    size_t count = 0;

    if (size > sizeof plain || (memchr(text, quote, size) == NULL &&
                                !(heeds_backslashes && memchr(text, '\\', size) != NULL))) {
        return key_of_text(text, size);
    }
    for (size_t i = 0; i < size; i++) {
        bool is_first = (text[i] == quote && i + 1 < size && text[i + 1] == quote) ||
                        (heeds_backslashes && text[i] == '\\' && i + 1 < size);
        i += is_first ? 1 : 0;
        plain[count++] = text[i];
    }
    return key_of_text(plain, count);
}

uint64_t rowan__key_literal(const char *text, size_t size, bool is_negative, bool heeds_backslashes)
{
    char number[LONGEST_TOLD + 1] = "-";
    size_t quote = 0, inside_size;
    const char *inside;

    if (size > 0 && (is_digit(text[0]) || text[0] == '.')) {
        if (!is_negative || size > LONGEST_TOLD) {
            return key_of_text(text, size);
        }
        memcpy(number + 1, text, size);
        return key_of_text(number, size + 1);
    }
    if (inside_dollars(text, size, &inside, &inside_size)) {
        return key_of_text(inside, inside_size);
    }
    while (quote < size && text[quote] != '\'' && text[quote] != '"') {
        quote++;
    }
    if (size - quote < 2 || text[size - 1] != text[quote]) {
        return key_of_bytes(text, size); /* without an end */
    }
    return key_of_quoted(text + quote + 1, size - quote - 2, text[quote],
                         heeds_backslashes || (quote == 1 && (text[0] == 'E' || text[0] == 'e')));
}

/* --- Lists in a text. --- */

static size_t skip_blanks(const char *text, size_t at, size_t size)
{
    while (at < size && (text[at] == ' ' || text[at] == '\n')) {
        at++;
    }
    return at;
}

/**
 * One item of a list in a text: a plain word or number, or what is in quotes. @return where it
 * ends; 0 if it is none
 */
static size_t read_item(const char *text, size_t at, size_t size, rowan_value *out)
{
    bool is_quoted = text[at] == '"';
    size_t begin = at + is_quoted, end = begin;

    while (end < size && (is_quoted ? text[end] != '"'
                                    : text[end] != ',' && text[end] != '"' && text[end] != ':')) {
        if (text[end] == '\\' || text[end] == '{' || text[end] == '[') {
            return 0; /* a list of lists, or what would have to be unescaped */
        }
        end++;
    }
    if (end == begin || (is_quoted && end == size)) {
        return 0;
    }
    *out = rowan_v_bytes(ROWAN_TYPE_TEXT, text + begin, end - begin);
    return end + is_quoted;
}

size_t rowan__key_items(const rowan_value *value, uint64_t *keys, size_t max, size_t *count)
{
    const char *text = value->as.bytes.data;
    size_t size = value->as.bytes.size, items = 0;
    bool is_text = value->type == ROWAN_TYPE_TEXT || value->type == ROWAN_TYPE_JSON;
    rowan_value item;

    *count = 0;
    if (value->is_null || !is_text || size < 3 ||
        !((text[0] == '{' && text[size - 1] == '}') || (text[0] == '[' && text[size - 1] == ']'))) {
        return 0;
    }
    for (size_t at = 1; at < size - 1; at++) {
        at = skip_blanks(text, at, size - 1);
        at = at < size - 1 ? read_item(text, at, size - 1, &item) : 0;
        if (at == 0) {
            return 0;
        }
        items++;
        if (*count < max && rowan__key_tells(&item)) {
            keys[(*count)++] = rowan__key_value(&item);
        }
        at = skip_blanks(text, at, size - 1);
        if (at < size - 1 && text[at] != ',') {
            return 0;
        }
    }
    return items;
}

/* --- Chance. --- */

bool rowan__key_is_hidden(const rowan_value *value)
{
    const char *text = value->as.bytes.data;

    if (value->type != ROWAN_TYPE_TEXT || value->is_null || value->as.bytes.size != 17 ||
        text[0] != '#') {
        return false;
    }
    for (size_t i = 1; i < 17; i++) {
        if (!is_hex(text[i])) {
            return false;
        }
    }
    return true;
}

bool rowan__key_is_rare(const rowan_value *value)
{
    enum { LONG = 16, LARGE = 1000000 };

    switch (value->type) {
    case ROWAN_TYPE_UUID:
        return !value->is_null;
    case ROWAN_TYPE_INT64:
        return !value->is_null && (value->as.integer >= LARGE || value->as.integer <= -LARGE);
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
        return !value->is_null && value->as.bytes.size >= LONG && !rowan__key_is_hidden(value);
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return false;
}
