/*
 * What MariaDB's SQL looks like. A sum of integers is a decimal and `/` always divides as
 * decimals, so DIV takes both back to integers, and refuses what does not fit instead of cutting
 * it.
 */
#include "driver/dialect.h"

/*
 * Letters of Unicode fold here whatever the collation. To fold ASCII only, as the other engines do,
 * the bytes are taken for a character set that has no letter pairs above ASCII. What comes back has
 * to be given the collation of the session anew.
 */
#define COLLATION " COLLATE utf8mb4_nopad_bin"
#define ASCII(fold)                                                                                \
    "CONVERT(CAST(" fold                                                                           \
    "(CONVERT(CAST(%1 AS BINARY) USING tis620)) AS BINARY) USING utf8mb4)" COLLATION
#define TEXT "LONGTEXT CHARACTER SET utf8mb4" COLLATION
#define ELEMENTS(type) "SELECT v FROM JSON_TABLE(%1, '$[*]' COLUMNS (v " type " PATH '$')) AS list"

static const rowan__typed_function typed_functions[] = {
    {ROWAN_FN_SUM, ROWAN_TYPE_FLOAT, "sum(%1)"},
    {ROWAN_FN_SUM, ROWAN_TYPE_DOUBLE, "sum(%1)"},
    {ROWAN_FN_SUM, ROWAN_TYPE_DECIMAL, "sum(%1)"},
    {ROWAN_FN_DIVIDE, ROWAN_TYPE_FLOAT, "(%1 / NULLIF(%2, 0))"},
    {ROWAN_FN_DIVIDE, ROWAN_TYPE_DOUBLE, "(%1 / NULLIF(%2, 0))"},
    {ROWAN_FN_DIVIDE, ROWAN_TYPE_DECIMAL, "(CAST(%1 AS DOUBLE) / NULLIF(CAST(%2 AS DOUBLE), 0))"},
    {ROWAN_FN_MODULO, ROWAN_TYPE_FLOAT, NULL},
    {ROWAN_FN_MODULO, ROWAN_TYPE_DOUBLE, NULL},
    {ROWAN_FN_LENGTH, ROWAN_TYPE_BLOB, "length(%1)"},
    {0, 0, NULL},
};

/* Trailing blanks count and letters compare by their bytes, as on the other engines. */
static const struct rowan__type_word type_words[] = {
    {"@key", "BIGINT AUTO_INCREMENT PRIMARY KEY"},
    {"@ref", "BIGINT"},
    {"@bool", "BOOLEAN"},
    {"@int16", "SMALLINT"},
    {"@int32", "INT"},
    {"@int64", "BIGINT"},
    {"@float", "FLOAT"},
    {"@double", "DOUBLE"},
    {"@decimal()", "DECIMAL(%)"},
    {"@text", TEXT},
    {"@text()", "VARCHAR(%) CHARACTER SET utf8mb4" COLLATION},
    {"@date", "DATE"},
    {"@time", "TIME(6)"},
    {"@timestamp", "DATETIME(6)"},
    {"@uuid", "UUID"},
    {"@json", "JSON"},
    {"@blob", "LONGBLOB"},
    {NULL, NULL},
};

const rowan__dialect rowan__mariadb_dialect = {
    .engine = "mariadb",
    .quote = '`',
    .backslash_escapes = true,
    .hash_comments = true,
    .double_quotes_are_text = true,
    .capabilities = ROWAN__CAN_RETURN_INSERTED | ROWAN__CAN_RETURN_DELETED | ROWAN__CAN_BIND_ROWS |
                    ROWAN__CAN_DECIMAL_MATH | ROWAN__CAN_ISOLATE | ROWAN__CAN_WRITE_DEFAULT_CELL,
    .max_params = 65535,
    .upsert = ROWAN__UPSERT_ON_DUPLICATE_KEY,
    .like_escape = "",
    .same = " <=> ",
    .no_limit = "LIMIT 18446744073709551615",
    .empty_row = " () VALUES ()",
    /* A server bug (10.11): beside `OVER ()`, a window that only sorts spoils those that partition.
     */
    .whole_partition = "PARTITION BY NULL ",
    .decimal_order = "",
    .sets_take_parentheses = true,
    .in_takes_no_limit = true,
    /* A server bug (10.11): it then counts the columns of the operands wrongly. */
    .exists_takes_no_nest = true,
    .derived_are_closed = true,
    .recursive_text = "CHAR(65535)",
    .generated_takes_null = true,
    .inserted_rows_in_order = true,
    .insert_form = ROWAN__INSERT_ARRAYS,
    .most_insert_bytes = 3 << 20, /* less than the driver puts into one packet */
    .functions =
        {
            [ROWAN_FN_COUNT] = "count(%*)",
            [ROWAN_FN_COUNT_DISTINCT] = "count(DISTINCT %1)",
            [ROWAN_FN_SUM] = "(sum(%1)%w DIV 1)",
            [ROWAN_FN_AVG] = "avg(CAST(%1 AS DOUBLE))",
            [ROWAN_FN_MIN] = "min(%1)",
            [ROWAN_FN_MAX] = "max(%1)",
            [ROWAN_FN_COALESCE] = "coalesce(%*)",
            [ROWAN_FN_LOWER] = ASCII("lower"),
            [ROWAN_FN_UPPER] = ASCII("upper"),
            [ROWAN_FN_LENGTH] = "char_length(%1)",
            [ROWAN_FN_CONCAT] = "concat(%*)",
            [ROWAN_FN_ABS] = "abs(%1)",
            [ROWAN_FN_ADD] = "(%1 + %2)",
            [ROWAN_FN_SUBTRACT] = "(%1 - %2)",
            [ROWAN_FN_MULTIPLY] = "(%1 * %2)",
            [ROWAN_FN_DIVIDE] = "(%1 DIV NULLIF(%2, 0))",
            [ROWAN_FN_MODULO] = "(%1 % NULLIF(%2, 0))",
            [ROWAN_FN_ROW_NUMBER] = "row_number()",
            [ROWAN_FN_RANK] = "rank()",
            [ROWAN_FN_DENSE_RANK] = "dense_rank()",
            [ROWAN_FN_LAG] = "lag(%*)",
            [ROWAN_FN_LEAD] = "lead(%*)",
        },
    .typed_functions = typed_functions,
    .cast_types =
        {
            [ROWAN_TYPE_BOOL] = "SIGNED",
            [ROWAN_TYPE_INT16] = "SIGNED",
            [ROWAN_TYPE_INT32] = "SIGNED",
            [ROWAN_TYPE_INT64] = "SIGNED",
            [ROWAN_TYPE_FLOAT] = "FLOAT",
            [ROWAN_TYPE_DOUBLE] = "DOUBLE",
            [ROWAN_TYPE_DECIMAL] = "DECIMAL(65, 30)",
            [ROWAN_TYPE_TEXT] = "CHAR",
            [ROWAN_TYPE_BLOB] = "BINARY",
            [ROWAN_TYPE_DATE] = "DATE",
            [ROWAN_TYPE_TIME] = "TIME(6)",
            [ROWAN_TYPE_TIMESTAMP] = "DATETIME(6)",
            [ROWAN_TYPE_UUID] = "UUID",
            [ROWAN_TYPE_JSON] = "CHAR CHARACTER SET utf8mb4 BINARY", /* as JSON columns are */
            [ROWAN_TYPE_ENUM] = "CHAR",
        },
    .list_elements =
        {
            [ROWAN_TYPE_BOOL] = ELEMENTS("BIGINT"),
            [ROWAN_TYPE_INT16] = ELEMENTS("BIGINT"),
            [ROWAN_TYPE_INT32] = ELEMENTS("BIGINT"),
            [ROWAN_TYPE_INT64] = ELEMENTS("BIGINT"),
            [ROWAN_TYPE_FLOAT] = ELEMENTS("DOUBLE"),
            [ROWAN_TYPE_DOUBLE] = ELEMENTS("DOUBLE"),
            [ROWAN_TYPE_DECIMAL] = ELEMENTS("DECIMAL(65, 30)"),
            [ROWAN_TYPE_TEXT] = ELEMENTS(TEXT),
            [ROWAN_TYPE_DATE] = ELEMENTS("DATE"),
            [ROWAN_TYPE_TIME] = ELEMENTS("TIME(6)"),
            [ROWAN_TYPE_TIMESTAMP] = ELEMENTS("DATETIME(6)"),
            [ROWAN_TYPE_UUID] = ELEMENTS("VARCHAR(36)"),
            [ROWAN_TYPE_JSON] = ELEMENTS("LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
            [ROWAN_TYPE_ENUM] = ELEMENTS(TEXT),
        },
    .isolate_before_begin = true,
    .begin_write = "START TRANSACTION",
    .begin_read = "START TRANSACTION READ ONLY",
    .type_words = type_words,
};
