/*
 * What SQLite's SQL looks like. Decimals are text with a collation of ours, so they compare but do
 * not add; dates, times and uuids are text in forms that sort as they should.
 */
#include "driver/dialect.h"

#define ELEMENTS "SELECT value FROM json_each(%1)"

/* Exact decimals are text here: arithmetic on them would go through binary floating point. */
static const rowan__typed_function typed_functions[] = {
    {ROWAN_FN_SUM, ROWAN_TYPE_DECIMAL, NULL},
    {ROWAN_FN_AVG, ROWAN_TYPE_DECIMAL, NULL},
    {ROWAN_FN_ABS, ROWAN_TYPE_DECIMAL, NULL},
    {ROWAN_FN_ADD, ROWAN_TYPE_DECIMAL, NULL},
    {ROWAN_FN_SUBTRACT, ROWAN_TYPE_DECIMAL, NULL},
    {ROWAN_FN_MULTIPLY, ROWAN_TYPE_DECIMAL, NULL},
    {ROWAN_FN_DIVIDE, ROWAN_TYPE_DECIMAL, NULL},
    {ROWAN_FN_MODULO, ROWAN_TYPE_DECIMAL, NULL},
    /* The operator turns both sides into integers. */
    {ROWAN_FN_MODULO, ROWAN_TYPE_FLOAT, NULL},
    {ROWAN_FN_MODULO, ROWAN_TYPE_DOUBLE, NULL},
    {0, 0, NULL},
};

/* A type that contains INT has integer affinity, one that contains TEXT keeps texts as they are. */
static const struct rowan__type_word type_words[] = {
    {"@key", "INTEGER PRIMARY KEY"},
    {"@ref", "INT8"},
    {"@bool", "BOOLEAN"},
    {"@int16", "INT2"},
    {"@int32", "INT4"},
    {"@int64", "INT8"},
    {"@float", "FLOAT"},
    {"@double", "DOUBLE"},
    {"@decimal()", "DECIMAL_TEXT(%) COLLATE rowan_decimal"},
    {"@text", "TEXT"},
    {"@text()", "TEXT(%)"},
    {"@date", "DATE_TEXT"},
    {"@time", "TIME_TEXT"},
    {"@timestamp", "TIMESTAMP_TEXT"},
    {"@uuid", "UUID_TEXT"},
    {"@json", "JSON_TEXT"},
    {"@blob", "BLOB"},
    {NULL, NULL},
};

const rowan__dialect rowan__sqlite_dialect = {
    .engine = "sqlite",
    .quote = '"',
    .brackets_quote = true,
    .capabilities =
        ROWAN__CAN_RETURN_INSERTED | ROWAN__CAN_RETURN_UPDATED | ROWAN__CAN_RETURN_DELETED,
    .max_params = 32766,
    .insert_form = ROWAN__INSERT_ROWS,
    .most_insert_rows = 100,
    .upsert = ROWAN__UPSERT_ON_CONFLICT,
    .like_escape = " ESCAPE '\\'",
    .same = " IS ",
    .no_limit = "LIMIT -1",
    .empty_row = " DEFAULT VALUES",
    .whole_partition = "",
    .decimal_order = " COLLATE rowan_decimal",
    .generated_takes_null = true,
    .functions =
        {
            [ROWAN_FN_COUNT] = "count(%*)",       [ROWAN_FN_COUNT_DISTINCT] = "count(DISTINCT %1)",
            [ROWAN_FN_SUM] = "sum(%1)",           [ROWAN_FN_AVG] = "avg(%1)",
            [ROWAN_FN_MIN] = "min(%1)",           [ROWAN_FN_MAX] = "max(%1)",
            [ROWAN_FN_COALESCE] = "coalesce(%*)", [ROWAN_FN_LOWER] = "lower(%1)",
            [ROWAN_FN_UPPER] = "upper(%1)",       [ROWAN_FN_LENGTH] = "length(%1)",
            [ROWAN_FN_CONCAT] = "(%1 || %2)",     [ROWAN_FN_ABS] = "abs(%1)",
            [ROWAN_FN_ADD] = "(%1 + %2)",         [ROWAN_FN_SUBTRACT] = "(%1 - %2)",
            [ROWAN_FN_MULTIPLY] = "(%1 * %2)",    [ROWAN_FN_DIVIDE] = "(%1 / %2)",
            [ROWAN_FN_MODULO] = "(%1 % %2)",      [ROWAN_FN_ROW_NUMBER] = "row_number()",
            [ROWAN_FN_RANK] = "rank()",           [ROWAN_FN_DENSE_RANK] = "dense_rank()",
            [ROWAN_FN_LAG] = "lag(%*)",           [ROWAN_FN_LEAD] = "lead(%*)",
        },
    .typed_functions = typed_functions,
    .list_elements =
        {
            [ROWAN_TYPE_BOOL] = ELEMENTS,
            [ROWAN_TYPE_INT16] = ELEMENTS,
            [ROWAN_TYPE_INT32] = ELEMENTS,
            [ROWAN_TYPE_INT64] = ELEMENTS,
            [ROWAN_TYPE_FLOAT] = ELEMENTS,
            [ROWAN_TYPE_DOUBLE] = ELEMENTS,
            [ROWAN_TYPE_DECIMAL] = ELEMENTS,
            [ROWAN_TYPE_TEXT] = ELEMENTS,
            [ROWAN_TYPE_DATE] = ELEMENTS,
            [ROWAN_TYPE_TIME] = ELEMENTS,
            [ROWAN_TYPE_TIMESTAMP] = ELEMENTS,
            [ROWAN_TYPE_UUID] = ELEMENTS,
            [ROWAN_TYPE_JSON] = ELEMENTS,
            [ROWAN_TYPE_ENUM] = ELEMENTS,
        },
    .prepares_at_home = true,
    .begin_write = "BEGIN IMMEDIATE",
    .begin_read = "BEGIN DEFERRED",
    .type_words = type_words,
};
