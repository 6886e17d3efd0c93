/*
 * Types. SQLite gives each value a storage class of its own, whatever the column was declared as,
 * so a cell is read by what the value is. The declared type says what the column means: it types
 * the rows that have no shape, and it refuses a member that can never hold what the column stores.
 */
#include "driver/sqlite/sqlite_private.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

/* What a declared type means, by its words in capitals without what is in parentheses. */
typedef struct declaration {
    const char *words;
    rowan_type type;
} declaration;

static const declaration declarations[] = {
    {"INTEGER", ROWAN_TYPE_INT64},
    {"INT", ROWAN_TYPE_INT64},
    {"BIGINT", ROWAN_TYPE_INT64},
    {"INT8", ROWAN_TYPE_INT64},
    {"INT4", ROWAN_TYPE_INT32},
    {"MEDIUMINT", ROWAN_TYPE_INT32},
    {"INT2", ROWAN_TYPE_INT16},
    {"SMALLINT", ROWAN_TYPE_INT16},
    {"TINYINT", ROWAN_TYPE_INT16},
    {"BOOLEAN", ROWAN_TYPE_BOOL},
    {"BOOL", ROWAN_TYPE_BOOL},
    {"FLOAT", ROWAN_TYPE_FLOAT},
    {"REAL", ROWAN_TYPE_DOUBLE},
    {"DECIMAL_TEXT", ROWAN_TYPE_DECIMAL},
    {"DATE_TEXT", ROWAN_TYPE_DATE},
    {"DATE", ROWAN_TYPE_DATE},
    {"TIME_TEXT", ROWAN_TYPE_TIME},
    {"TIME", ROWAN_TYPE_TIME},
    {"TIMESTAMP_TEXT", ROWAN_TYPE_TIMESTAMP},
    {"TIMESTAMP", ROWAN_TYPE_TIMESTAMP},
    {"DATETIME", ROWAN_TYPE_TIMESTAMP},
    {"UUID_TEXT", ROWAN_TYPE_UUID},
    {"UUID", ROWAN_TYPE_UUID},
    {"JSON_TEXT", ROWAN_TYPE_JSON},
    {"JSON", ROWAN_TYPE_JSON},
    {"BLOB", ROWAN_TYPE_BLOB},
};

/* SQLite's own rule for every other word: the first part that is found in it decides, in this
 * order. */
static const declaration affinities[] = {
    {"INT", ROWAN_TYPE_INT64},   {"CHAR", ROWAN_TYPE_TEXT},   {"CLOB", ROWAN_TYPE_TEXT},
    {"TEXT", ROWAN_TYPE_TEXT},   {"BLOB", ROWAN_TYPE_BLOB},   {"REAL", ROWAN_TYPE_DOUBLE},
    {"FLOA", ROWAN_TYPE_DOUBLE}, {"DOUB", ROWAN_TYPE_DOUBLE},
};

enum { LONGEST_DECLARATION = 64 };

/* The words in capitals, without white space behind them. A longer type is cut: it is none of ours.
 */
static void take_words(const char *declared, char words[LONGEST_DECLARATION])
{
    size_t size = 0;

    for (; declared[size] && declared[size] != '(' && size < LONGEST_DECLARATION - 1; size++) {
        words[size] = (char)toupper((unsigned char)declared[size]);
    }
    while (size > 0 && isspace((unsigned char)words[size - 1])) {
        size--;
    }
    words[size] = '\0';
}

static uint32_t take_number(const char **text)
{
    char *end;
    unsigned long number = strtoul(*text, &end, 10);

    *text = end;
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

static void take_sizes(const char *declared, uint32_t *length, uint32_t *scale)
{
    const char *at = strchr(declared, '(');

    *length = *scale = 0;
    if (!at) {
        return;
    }
    at++;
    *length = take_number(&at);
    while (isspace((unsigned char)*at)) {
        at++;
    }
    if (*at == ',') {
        at++;
        *scale = take_number(&at);
    }
}

rowan_type rowan__sqlite_type(const char *declared, uint32_t *length, uint32_t *scale)
{
    char words[LONGEST_DECLARATION];

    *length = *scale = 0;
    if (!declared) {
        return 0;
    }
    take_words(declared, words);
    take_sizes(declared, length, scale);
    for (size_t i = 0; i < sizeof declarations / sizeof declarations[0]; i++) {
        if (strcmp(declarations[i].words, words) == 0) {
            return declarations[i].type;
        }
    }
    for (size_t i = 0; i < sizeof affinities / sizeof affinities[0]; i++) {
        if (strstr(words, affinities[i].words)) {
            return affinities[i].type;
        }
    }
    /* NUMERIC and DECIMAL hold binary floating point here; others hold anything. */
    return strcmp(words, "NUMERIC") == 0 || strcmp(words, "DECIMAL") == 0 ? ROWAN_TYPE_DOUBLE : 0;
}

/* A column that turns every number into text, and a member that is a number. */
static bool never_fits(const char *declared, rowan_type member)
{
    char words[LONGEST_DECLARATION];

    if (!declared || member > ROWAN_TYPE_DOUBLE) {
        return false;
    }
    take_words(declared, words);
    return !strstr(words, "INT") &&
           (strstr(words, "CHAR") || strstr(words, "CLOB") || strstr(words, "TEXT"));
}

static rowan__sqlite_reader reader_of(rowan_type member)
{
    return member == ROWAN_TYPE_INT64    ? ROWAN__SQLITE_INT64
           : member == ROWAN_TYPE_INT32  ? ROWAN__SQLITE_INT32
           : member == ROWAN_TYPE_DOUBLE ? ROWAN__SQLITE_DOUBLE
           : member == ROWAN_TYPE_TEXT   ? ROWAN__SQLITE_TEXT
                                         : ROWAN__SQLITE_MEMBER;
}

rowan_status rowan__sqlite_bind_cell(const rowan__sqlite_prepared *prepared, int column,
                                     bool dynamic, rowan__cell *cell, rowan_error *error)
{
    const char *declared = sqlite3_column_decltype(prepared->stmt, column);
    uint32_t length, scale;

    if (dynamic) {
        cell->reader = ROWAN__SQLITE_DYNAMIC;
        cell->type = rowan__sqlite_type(declared, &length, &scale);
        return ROWAN_OK;
    }
    cell->reader = (uint8_t)reader_of(cell->type);
    if (never_fits(declared, cell->type)) {
        rowan__fail(error, ROWAN_WRONG_TYPE, "column \"%.60s\" holds texts, its member is a number",
                    cell->name);
        if (error) {
            rowan__error_copy(error->column, sizeof error->column, cell->name, strlen(cell->name));
        }
        return ROWAN_WRONG_TYPE;
    }
    return ROWAN_OK;
}

static rowan_status read_text(sqlite3_value *value, rowan__sink *sink, const rowan__cell *cell,
                              char *row)
{
    const char *text = (const char *)sqlite3_value_text(value);

    return text ? rowan__put_text(sink, cell, row, text, (size_t)sqlite3_value_bytes(value))
                : rowan__fail_nomem(sink->error);
}

static rowan_status read_blob(sqlite3_value *value, rowan__sink *sink, const rowan__cell *cell,
                              char *row)
{
    const void *data = sqlite3_value_blob(value);
    size_t size = (size_t)sqlite3_value_bytes(value);

    if (!data && size > 0) {
        return rowan__fail_nomem(sink->error);
    }
    if (cell->type == ROWAN_TYPE_UUID && size == sizeof(rowan_uuid)) {
        return rowan__put_uuid(sink, cell, row, data);
    }
    return rowan__put_blob(sink, cell, row, data ? data : "", size);
}

static rowan_status read_integer_as_text(sqlite3_value *value, rowan__sink *sink,
                                         const rowan__cell *cell, char *row)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%" PRId64, (int64_t)sqlite3_value_int64(value));

    return rowan__put_text(sink, cell, row, text, (size_t)size);
}

/* The type of one value of a row without a shape: what was declared, if such a value can be of that
 * type. */
static rowan_type dynamic_type(rowan_type declared, int storage, sqlite3_value *value)
{
    switch (storage) {
    case SQLITE_INTEGER:
        if (declared == ROWAN_TYPE_BOOL && (sqlite3_value_int64(value) & ~(sqlite3_int64)1) != 0) {
            return ROWAN_TYPE_INT64;
        }
        return declared >= ROWAN_TYPE_BOOL && declared <= ROWAN_TYPE_DECIMAL ? declared
                                                                             : ROWAN_TYPE_INT64;
    case SQLITE_FLOAT:
        return declared == ROWAN_TYPE_FLOAT &&
                       (double)(float)sqlite3_value_double(value) == sqlite3_value_double(value)
                   ? ROWAN_TYPE_FLOAT
                   : ROWAN_TYPE_DOUBLE;
    case SQLITE_TEXT:
        return declared >= ROWAN_TYPE_DECIMAL && declared != ROWAN_TYPE_BLOB ? declared
                                                                             : ROWAN_TYPE_TEXT;
    case SQLITE_BLOB:
        return declared == ROWAN_TYPE_UUID ? declared : ROWAN_TYPE_BLOB;
    }
    return declared != 0 ? declared : ROWAN_TYPE_TEXT;
}

rowan_status rowan__sqlite_read_any(sqlite3_value *value, int storage, rowan__sink *sink,
                                    const rowan__cell *cell, char *row)
{
    rowan__cell typed;

    if (cell->reader == ROWAN__SQLITE_DYNAMIC) {
        typed = *cell;
        typed.type = dynamic_type(cell->type, storage, value);
        cell = &typed;
    }
    switch (storage) {
    case SQLITE_INTEGER:
        return cell->type == ROWAN_TYPE_DECIMAL
                   ? read_integer_as_text(value, sink, cell, row)
                   : rowan__put_int(sink, cell, row, sqlite3_value_int64(value));
    case SQLITE_FLOAT:
        return rowan__put_real(sink, cell, row, sqlite3_value_double(value));
    case SQLITE_TEXT:
        return read_text(value, sink, cell, row);
    case SQLITE_BLOB:
        return read_blob(value, sink, cell, row);
    default:
        return rowan__put_null(sink, cell, row);
    }
}
