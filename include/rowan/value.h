/*
 * Values on their way to a statement. A value carries its type, and its name if the statement
 * names its parameters. Values borrow text and bytes: a callee copies what it keeps.
 */
#ifndef ROWAN_VALUE_H
#define ROWAN_VALUE_H

#include <string.h>

#include <rowan/types.h>

ROWAN_BEGIN_C

/** One value. Zero-initialised it is SQL NULL of no particular type. */
typedef struct rowan_value {
    rowan_type type;  /* 0 is NULL of no particular type */
    bool is_null;
    const char *name; /* of the parameter it is for, without ':'; NULL: by position */
    union {
        bool boolean;     /* BOOL */
        int64_t integer;  /* INT16, INT32, INT64, ENUM */
        double real;      /* FLOAT, DOUBLE */
        rowan_blob bytes; /* DECIMAL, TEXT, JSON, BLOB: `data` need not be NUL-terminated */
        rowan_date date;
        rowan_time time;
        rowan_timestamp timestamp;
        rowan_uuid uuid;
        struct {
            const struct rowan_value *items;
            size_t count;
        } list; /* LIST: all of one type, none of them NULL */
    } as;
} rowan_value;

/**
 * Parameters of one statement: positional ones in order, named ones in any order. Borrowed for
 * the call.
 */
typedef struct rowan_params {
    const rowan_value *items;
    size_t count;
} rowan_params;

/*
 * Makers of values. Threads: any. Statements: none. Text and bytes are borrowed. A NULL pointer
 * makes SQL NULL.
 */

/** SQL NULL. */
static inline rowan_value rowan_v_null(void)
{
    rowan_value v;
    memset(&v, 0, sizeof v);
    v.is_null = true;
    return v;
}

/** A value of @p type whose content is still zero; the base of the makers below. */
static inline rowan_value rowan_v_of(rowan_type type)
{
    rowan_value v;
    memset(&v, 0, sizeof v);
    v.type = type;
    return v;
}

static inline rowan_value rowan_v_bool(bool b)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_BOOL);
    v.as.boolean = b;
    return v;
}

static inline rowan_value rowan_v_int64(int64_t i)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_INT64);
    v.as.integer = i;
    return v;
}

static inline rowan_value rowan_v_float(float f)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_FLOAT);
    v.as.real = (double)f;
    return v;
}

static inline rowan_value rowan_v_double(double d)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_DOUBLE);
    v.as.real = d;
    return v;
}

/**
 * Text-like values of @p size bytes; used by the makers below, and for text that is not NUL-
 * terminated.
 */
static inline rowan_value rowan_v_bytes(rowan_type type, const void *data, size_t size)
{
    rowan_value v = rowan_v_of(type);
    v.as.bytes.data = data;
    v.as.bytes.size = size;
    v.is_null = data == NULL && (type != ROWAN_TYPE_BLOB || size != 0);
    return v;
}

static inline rowan_value rowan_v_text(const char *s)
{
    return rowan_v_bytes(ROWAN_TYPE_TEXT, s, s ? strlen(s) : 0);
}

static inline rowan_value rowan_v_decimal(rowan_decimal d)
{
    return rowan_v_bytes(ROWAN_TYPE_DECIMAL, d.text, d.text ? strlen(d.text) : 0);
}

static inline rowan_value rowan_v_json(rowan_json j)
{
    return rowan_v_bytes(ROWAN_TYPE_JSON, j.text, j.text ? strlen(j.text) : 0);
}

static inline rowan_value rowan_v_blob(rowan_blob b)
{
    return rowan_v_bytes(ROWAN_TYPE_BLOB, b.data, b.size);
}

static inline rowan_value rowan_v_date(rowan_date d)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_DATE);
    v.as.date = d;
    return v;
}

static inline rowan_value rowan_v_time(rowan_time t)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_TIME);
    v.as.time = t;
    return v;
}

static inline rowan_value rowan_v_timestamp(rowan_timestamp t)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_TIMESTAMP);
    v.as.timestamp = t;
    return v;
}

static inline rowan_value rowan_v_uuid(rowan_uuid u)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_UUID);
    v.as.uuid = u;
    return v;
}

/** Many values as one, for IN. @p items is borrowed; all are of one type and none is NULL. */
static inline rowan_value rowan_v_list(const rowan_value *items, size_t count)
{
    rowan_value v = rowan_v_of(ROWAN_TYPE_LIST);
    v.as.list.items = items;
    v.as.list.count = count;
    return v;
}

static inline rowan_value rowan_v_self(rowan_value v)
{
    return v;
}

/** The same value for the parameter `:name`. @p name is borrowed. */
static inline rowan_value rowan_v_named(const char *name, rowan_value v)
{
    v.name = name;
    return v;
}

#ifndef __cplusplus

/*
 * A value from a C expression. `void *` and `unsigned long` have no branch, on purpose. In C11
 * `true` and 'a' are int: write rowan_v_bool(true).
 */
#define ROWAN_V(x) \
    _Generic((x), \
        bool: rowan_v_bool, signed char: rowan_v_int64, short: rowan_v_int64, \
        int: rowan_v_int64, long: rowan_v_int64, long long: rowan_v_int64, \
        unsigned short: rowan_v_int64, unsigned: rowan_v_int64, float: rowan_v_float, \
        double: rowan_v_double, char *: rowan_v_text, const char *: rowan_v_text, \
        rowan_blob: rowan_v_blob, rowan_decimal: rowan_v_decimal, rowan_json: rowan_v_json, \
        rowan_date: rowan_v_date, rowan_time: rowan_v_time, \
        rowan_timestamp: rowan_v_timestamp, rowan_uuid: rowan_v_uuid, \
        rowan_value: rowan_v_self)(x)

/** A value for the parameter `:name`. */
#define ROWAN_NAMED(name, x) rowan_v_named((name), ROWAN_V(x))

/**
 * Parameters from values: ROWAN_PARAMS(ROWAN_V(id), ROWAN_V("x")). They live as long as the
 * enclosing block.
 */
#define ROWAN_PARAMS(...) \
    ((rowan_params){(const rowan_value[]){__VA_ARGS__}, \
                    sizeof((const rowan_value[]){__VA_ARGS__}) / sizeof(rowan_value)})

/** No parameters. */
#define ROWAN_NO_PARAMS ((rowan_params){NULL, 0})

/**
 * The key of a row with one key column; with more, ROWAN_PARAMS in the order of the table's key
 * columns.
 */
#define ROWAN_KEY(x) ROWAN_PARAMS(ROWAN_V(x))

#endif

ROWAN_END_C

#endif
