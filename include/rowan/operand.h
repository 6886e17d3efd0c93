/*
 * Operands: what stands on either side of a comparison, in a list and among arguments. Which values
 * may stand beside a column of which type is decided here, while the program is compiled.
 *
 * <rowan/query.h> includes this header, and has the nodes and queries that operands are for.
 */
#ifndef ROWAN_OPERAND_H
#define ROWAN_OPERAND_H

#include <rowan/model.h>
#include <rowan/value.h>

ROWAN_BEGIN_C

typedef struct rowan_expr rowan_expr;

/** One side of a comparison, an argument, a thing selected: exactly one member says what. */
typedef struct rowan_operand {
    const rowan_column *column; /* a column, of `alias` or of its table */
    const char *alias;
    const rowan_expr *expr;
    rowan_value value;          /* if both above are NULL */
} rowan_operand;

/*
 * Makers of operands, for the macros below and for other languages. Threads: any. Statements:
 * none.
 */

static inline rowan_operand rowan_o_value(rowan_value v)
{
    rowan_operand o;
    memset(&o, 0, sizeof o);
    o.value = v;
    return o;
}

static inline rowan_operand rowan_o_column(const rowan_column *column, const char *alias)
{
    rowan_operand o;
    memset(&o, 0, sizeof o);
    o.column = column;
    o.alias = alias;
    return o;
}

static inline rowan_operand rowan_o_expr(const rowan_expr *expr)
{
    rowan_operand o;
    memset(&o, 0, sizeof o);
    o.expr = expr;
    return o;
}

/** No operand: what a node has where its kind has none. */
static inline rowan_operand rowan_o_none(void)
{
    rowan_operand o;
    memset(&o, 0, sizeof o);
    return o;
}

/** A value of @p type whose content is still zero; the base of the makers below, which write
 * values where they belong: compilers copy what is made elsewhere. They zero what is written
 * again, too. */
static inline rowan_operand rowan_o_of(rowan_type type)
{
    rowan_operand o;
    o.column = NULL;
    o.alias = NULL;
    o.expr = NULL;
    o.value.type = type;
    o.value.is_null = false;
    o.value.name = NULL;
    o.value.as.bytes.data = NULL;
    o.value.as.bytes.size = 0;
    return o;
}

static inline rowan_operand rowan_o_enum(int enumerator)
{
    rowan_operand o = rowan_o_of(ROWAN_TYPE_ENUM);
    o.value.as.integer = enumerator;
    return o;
}

/** An enumerator that C holds as unsigned, as it does variables of an enum type. */
static inline rowan_operand rowan_o_enum_unsigned(unsigned enumerator)
{
    return rowan_o_enum((int)enumerator);
}

/** An operand as it is: for columns and values that are chosen at run time. */
static inline rowan_operand rowan_o_self(rowan_operand operand)
{
    return operand;
}

#define ROWAN_VALUE_OPERAND(maker, c_type, type, member)  \
    static inline rowan_operand rowan_o_##maker(c_type x) \
    {                                                     \
        rowan_operand o = rowan_o_of(type);               \
        o.value.as.member = x;                            \
        return o;                                         \
    }
ROWAN_VALUE_OPERAND(bool, bool, ROWAN_TYPE_BOOL, boolean)
ROWAN_VALUE_OPERAND(bool_int, int, ROWAN_TYPE_BOOL, boolean)
ROWAN_VALUE_OPERAND(int64, int64_t, ROWAN_TYPE_INT64, integer)
ROWAN_VALUE_OPERAND(double, double, ROWAN_TYPE_DOUBLE, real)
ROWAN_VALUE_OPERAND(date, rowan_date, ROWAN_TYPE_DATE, date)
ROWAN_VALUE_OPERAND(time, rowan_time, ROWAN_TYPE_TIME, time)
ROWAN_VALUE_OPERAND(timestamp, rowan_timestamp, ROWAN_TYPE_TIMESTAMP, timestamp)
ROWAN_VALUE_OPERAND(uuid, rowan_uuid, ROWAN_TYPE_UUID, uuid)
#undef ROWAN_VALUE_OPERAND

/** As rowan_v_bytes(). */
static inline rowan_operand rowan_o_bytes(rowan_type type, const void *data, size_t size)
{
    rowan_operand o = rowan_o_of(type);
    o.value.as.bytes.data = data;
    o.value.as.bytes.size = size;
    o.value.is_null = data == NULL && (type != ROWAN_TYPE_BLOB || size != 0);
    return o;
}

#define ROWAN_TEXT_OPERAND(maker, c_type, type, of_x)              \
    static inline rowan_operand rowan_o_##maker(c_type x)          \
    {                                                              \
        return rowan_o_bytes(type, of_x, of_x ? strlen(of_x) : 0); \
    }
ROWAN_TEXT_OPERAND(text, const char *, ROWAN_TYPE_TEXT, x)
ROWAN_TEXT_OPERAND(decimal, rowan_decimal, ROWAN_TYPE_DECIMAL, x.text)
ROWAN_TEXT_OPERAND(json, rowan_json, ROWAN_TYPE_JSON, x.text)
#undef ROWAN_TEXT_OPERAND

static inline rowan_operand rowan_o_blob(rowan_blob b)
{
    return rowan_o_bytes(ROWAN_TYPE_BLOB, b.data, b.size);
}

#define ROWAN_HANDLE_OPERAND(family)                                                       \
    static inline rowan_operand rowan_o_##family##_column(rowan_##family##_column h)       \
    {                                                                                      \
        return rowan_o_column(h.column, h.alias);                                          \
    }                                                                                      \
    static inline rowan_##family##_column rowan_of_##family(const char *alias,             \
                                                            rowan_##family##_column h)     \
    {                                                                                      \
        h.alias = alias;                                                                   \
        return h;                                                                          \
    }
ROWAN_HANDLE_OPERAND(bool) ROWAN_HANDLE_OPERAND(int) ROWAN_HANDLE_OPERAND(real)
ROWAN_HANDLE_OPERAND(decimal) ROWAN_HANDLE_OPERAND(text) ROWAN_HANDLE_OPERAND(blob)
ROWAN_HANDLE_OPERAND(date) ROWAN_HANDLE_OPERAND(time) ROWAN_HANDLE_OPERAND(timestamp)
ROWAN_HANDLE_OPERAND(uuid) ROWAN_HANDLE_OPERAND(json) ROWAN_HANDLE_OPERAND(enum)
#undef ROWAN_HANDLE_OPERAND

#ifndef __cplusplus

/* What a wrong pair of types selects: a function that takes nothing which a program has, so that
 * calling it is an error in which compilers name it. */
struct rowan_type_of_the_column { char nothing; };
static inline rowan_operand
rowan_the_types_of_column_and_value_differ(struct rowan_type_of_the_column value)
{
    (void)value;
    return rowan_o_none();
}

/* What may stand beside every column. */
#define ROWAN_ANY_OPERAND \
    rowan_expr *: rowan_o_expr, const rowan_expr *: rowan_o_expr, rowan_value: rowan_o_value, \
    rowan_operand: rowan_o_self, default: rowan_the_types_of_column_and_value_differ

/* For each family of columns: the maker of the operand that may stand beside it. */
#define ROWAN_FOR_BOOL(v) \
    _Generic((v), \
        bool: rowan_o_bool, int: rowan_o_bool_int, rowan_bool_column: rowan_o_bool_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_INT(v) \
    _Generic((v), \
        signed char: rowan_o_int64, short: rowan_o_int64, int: rowan_o_int64, \
        long: rowan_o_int64, long long: rowan_o_int64, unsigned short: rowan_o_int64, \
        unsigned: rowan_o_int64, rowan_int_column: rowan_o_int_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_REAL(v) \
    _Generic((v), \
        signed char: rowan_o_int64, short: rowan_o_int64, int: rowan_o_int64, \
        long: rowan_o_int64, long long: rowan_o_int64, unsigned short: rowan_o_int64, \
        unsigned: rowan_o_int64, float: rowan_o_double, double: rowan_o_double, \
        rowan_real_column: rowan_o_real_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_DECIMAL(v) \
    _Generic((v), \
        rowan_decimal: rowan_o_decimal, rowan_decimal_column: rowan_o_decimal_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_TEXT(v) \
    _Generic((v), \
        char *: rowan_o_text, const char *: rowan_o_text, \
        rowan_text_column: rowan_o_text_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_BLOB(v) \
    _Generic((v), \
        rowan_blob: rowan_o_blob, rowan_blob_column: rowan_o_blob_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_DATE(v) \
    _Generic((v), \
        rowan_date: rowan_o_date, rowan_date_column: rowan_o_date_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_TIME(v) \
    _Generic((v), \
        rowan_time: rowan_o_time, rowan_time_column: rowan_o_time_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_TIMESTAMP(v) \
    _Generic((v), \
        rowan_timestamp: rowan_o_timestamp, rowan_timestamp_column: rowan_o_timestamp_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_UUID(v) \
    _Generic((v), \
        rowan_uuid: rowan_o_uuid, rowan_uuid_column: rowan_o_uuid_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_JSON(v) \
    _Generic((v), \
        rowan_json: rowan_o_json, rowan_json_column: rowan_o_json_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_ENUM(v) \
    _Generic((v), \
        int: rowan_o_enum, unsigned: rowan_o_enum_unsigned, \
        rowan_enum_column: rowan_o_enum_column, \
        ROWAN_ANY_OPERAND)

#define ROWAN_FOR_ANY(v) \
    _Generic((v), \
        bool: rowan_o_bool, signed char: rowan_o_int64, short: rowan_o_int64, \
        int: rowan_o_int64, long: rowan_o_int64, long long: rowan_o_int64, \
        unsigned short: rowan_o_int64, unsigned: rowan_o_int64, float: rowan_o_double, \
        double: rowan_o_double, char *: rowan_o_text, const char *: rowan_o_text, \
        rowan_blob: rowan_o_blob, rowan_decimal: rowan_o_decimal, rowan_json: rowan_o_json, \
        rowan_date: rowan_o_date, rowan_time: rowan_o_time, rowan_timestamp: rowan_o_timestamp, \
        rowan_uuid: rowan_o_uuid, rowan_bool_column: rowan_o_bool_column, \
        rowan_int_column: rowan_o_int_column, rowan_real_column: rowan_o_real_column, \
        rowan_decimal_column: rowan_o_decimal_column, rowan_text_column: rowan_o_text_column, \
        rowan_blob_column: rowan_o_blob_column, rowan_date_column: rowan_o_date_column, \
        rowan_time_column: rowan_o_time_column, \
        rowan_timestamp_column: rowan_o_timestamp_column, \
        rowan_uuid_column: rowan_o_uuid_column, rowan_json_column: rowan_o_json_column, \
        rowan_enum_column: rowan_o_enum_column, \
        rowan_expr *: rowan_o_expr, const rowan_expr *: rowan_o_expr, rowan_value: rowan_o_value, \
        rowan_operand: rowan_o_self)

/* The operand for `v` beside `left`; does not compile if their families differ. */
#define ROWAN_TYPED(left, v) \
    _Generic((left), \
        rowan_bool_column: ROWAN_FOR_BOOL(v), \
        rowan_int_column: ROWAN_FOR_INT(v), \
        rowan_real_column: ROWAN_FOR_REAL(v), \
        rowan_decimal_column: ROWAN_FOR_DECIMAL(v), \
        rowan_text_column: ROWAN_FOR_TEXT(v), \
        rowan_blob_column: ROWAN_FOR_BLOB(v), \
        rowan_date_column: ROWAN_FOR_DATE(v), \
        rowan_time_column: ROWAN_FOR_TIME(v), \
        rowan_timestamp_column: ROWAN_FOR_TIMESTAMP(v), \
        rowan_uuid_column: ROWAN_FOR_UUID(v), \
        rowan_json_column: ROWAN_FOR_JSON(v), \
        rowan_enum_column: ROWAN_FOR_ENUM(v), \
        rowan_expr *: ROWAN_FOR_ANY(v), const rowan_expr *: ROWAN_FOR_ANY(v), \
        rowan_operand: ROWAN_FOR_ANY(v))(v)

/* A column handle, an expression or an operand as an operand: what may stand on the left. */
#define ROWAN_HANDLE(h) \
    _Generic((h), \
        rowan_bool_column: rowan_o_bool_column, \
        rowan_int_column: rowan_o_int_column, \
        rowan_real_column: rowan_o_real_column, \
        rowan_decimal_column: rowan_o_decimal_column, \
        rowan_text_column: rowan_o_text_column, \
        rowan_blob_column: rowan_o_blob_column, \
        rowan_date_column: rowan_o_date_column, \
        rowan_time_column: rowan_o_time_column, \
        rowan_timestamp_column: rowan_o_timestamp_column, \
        rowan_uuid_column: rowan_o_uuid_column, \
        rowan_json_column: rowan_o_json_column, \
        rowan_enum_column: rowan_o_enum_column, \
        rowan_expr *: rowan_o_expr, const rowan_expr *: rowan_o_expr, \
        rowan_operand: rowan_o_self)(h)

/** The same column under an alias of the query: ROWAN_OF("parent", CATEGORY.id). */
#define ROWAN_OF(alias, h) \
    _Generic((h), \
        rowan_bool_column: rowan_of_bool, \
        rowan_int_column: rowan_of_int, \
        rowan_real_column: rowan_of_real, \
        rowan_decimal_column: rowan_of_decimal, \
        rowan_text_column: rowan_of_text, \
        rowan_blob_column: rowan_of_blob, \
        rowan_date_column: rowan_of_date, \
        rowan_time_column: rowan_of_time, \
        rowan_timestamp_column: rowan_of_timestamp, \
        rowan_uuid_column: rowan_of_uuid, \
        rowan_json_column: rowan_of_json, \
        rowan_enum_column: rowan_of_enum)((alias), (h))

/** Any operand: a column handle, an expression or a value. */
#define ROWAN_OPERAND(x) ROWAN_FOR_ANY(x)(x)

/*
 * ROWAN_EACH(f, c, x, y …) is f(c, x), f(c, y) … for 1 to 16 arguments; ROWAN_COUNT_OF counts
 * them.
 */
#define ROWAN_EACH_1(f, c, x) f(c, x)
#define ROWAN_EACH_2(f, c, x, ...) f(c, x), ROWAN_EACH_1(f, c, __VA_ARGS__)
#define ROWAN_EACH_3(f, c, x, ...) f(c, x), ROWAN_EACH_2(f, c, __VA_ARGS__)
#define ROWAN_EACH_4(f, c, x, ...) f(c, x), ROWAN_EACH_3(f, c, __VA_ARGS__)
#define ROWAN_EACH_5(f, c, x, ...) f(c, x), ROWAN_EACH_4(f, c, __VA_ARGS__)
#define ROWAN_EACH_6(f, c, x, ...) f(c, x), ROWAN_EACH_5(f, c, __VA_ARGS__)
#define ROWAN_EACH_7(f, c, x, ...) f(c, x), ROWAN_EACH_6(f, c, __VA_ARGS__)
#define ROWAN_EACH_8(f, c, x, ...) f(c, x), ROWAN_EACH_7(f, c, __VA_ARGS__)
#define ROWAN_EACH_9(f, c, x, ...) f(c, x), ROWAN_EACH_8(f, c, __VA_ARGS__)
#define ROWAN_EACH_10(f, c, x, ...) f(c, x), ROWAN_EACH_9(f, c, __VA_ARGS__)
#define ROWAN_EACH_11(f, c, x, ...) f(c, x), ROWAN_EACH_10(f, c, __VA_ARGS__)
#define ROWAN_EACH_12(f, c, x, ...) f(c, x), ROWAN_EACH_11(f, c, __VA_ARGS__)
#define ROWAN_EACH_13(f, c, x, ...) f(c, x), ROWAN_EACH_12(f, c, __VA_ARGS__)
#define ROWAN_EACH_14(f, c, x, ...) f(c, x), ROWAN_EACH_13(f, c, __VA_ARGS__)
#define ROWAN_EACH_15(f, c, x, ...) f(c, x), ROWAN_EACH_14(f, c, __VA_ARGS__)
#define ROWAN_EACH_16(f, c, x, ...) f(c, x), ROWAN_EACH_15(f, c, __VA_ARGS__)
#define ROWAN_SEVENTEENTH(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, ...) q
#define ROWAN_EACH(f, c, ...) \
    ROWAN_SEVENTEENTH(__VA_ARGS__, ROWAN_EACH_16, ROWAN_EACH_15, ROWAN_EACH_14, ROWAN_EACH_13, \
                      ROWAN_EACH_12, ROWAN_EACH_11, ROWAN_EACH_10, ROWAN_EACH_9, ROWAN_EACH_8, \
                      ROWAN_EACH_7, ROWAN_EACH_6, ROWAN_EACH_5, ROWAN_EACH_4, ROWAN_EACH_3, \
                      ROWAN_EACH_2, ROWAN_EACH_1, 0)(f, c, __VA_ARGS__)
#define ROWAN_COUNT_OF(...) \
    ROWAN_SEVENTEENTH(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)

/*
 * What ROWAN_EACH applies: an operand of anything, and a value for the column or expression
 * `left`.
 */
#define ROWAN_EACH_OPERAND(unused, x) ROWAN_OPERAND(x)
#define ROWAN_EACH_VALUE(left, x) ROWAN_TYPED(left, x).value

/** An array of 1 to 16 operands, each a column handle, an expression or a value. */
#define ROWAN_OPERANDS(...) \
    ((const rowan_operand[]){ROWAN_EACH(ROWAN_EACH_OPERAND, , __VA_ARGS__)})

#endif

ROWAN_END_C

#endif
