/*
 * The types that a table row is made of. This header declares no function, so a program's own
 * structs can include it without depending on the library.
 */
#ifndef ROWAN_TYPES_H
#define ROWAN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ROWAN_API __attribute__((visibility("default")))
#define ROWAN_NODISCARD __attribute__((warn_unused_result))
#else
#define ROWAN_API
#define ROWAN_NODISCARD
#endif

#ifdef __cplusplus
#define ROWAN_BEGIN_C extern "C" {
#define ROWAN_END_C }
#else
#define ROWAN_BEGIN_C
#define ROWAN_END_C
#endif

/**
 * What a column holds, the same on every engine. Each comment names the C type of a struct
 * member.
 */
typedef enum rowan_type {
    ROWAN_TYPE_BOOL = 1,  /* bool */
    ROWAN_TYPE_INT16,     /* int16_t */
    ROWAN_TYPE_INT32,     /* int32_t */
    ROWAN_TYPE_INT64,     /* int64_t */
    ROWAN_TYPE_FLOAT,     /* float */
    ROWAN_TYPE_DOUBLE,    /* double */
    ROWAN_TYPE_DECIMAL,   /* rowan_decimal: exact, as text */
    ROWAN_TYPE_TEXT,      /* const char *: UTF-8, NUL-terminated, no NUL inside */
    ROWAN_TYPE_BLOB,      /* rowan_blob: any bytes */
    ROWAN_TYPE_DATE,      /* rowan_date */
    ROWAN_TYPE_TIME,      /* rowan_time */
    ROWAN_TYPE_TIMESTAMP, /* rowan_timestamp */
    ROWAN_TYPE_UUID,      /* rowan_uuid */
    ROWAN_TYPE_JSON,      /* rowan_json */
    ROWAN_TYPE_ENUM,      /* a generated C enum; its label is what the database stores */
    ROWAN_TYPE_LIST       /* many values for one IN; never a column */
} rowan_type;

/**
 * Bytes. A loaded blob belongs to the scope that loaded it; an empty one has size 0 and any
 * data.
 */
typedef struct rowan_blob {
    const void *data;
    size_t size;
} rowan_blob;

/**
 * An exact decimal number as text: optional minus, digits, optional point and digits ("-12.50").
 */
typedef struct rowan_decimal {
    const char *text;
} rowan_decimal;

/** A JSON document as text. */
typedef struct rowan_json {
    const char *text;
} rowan_json;

/**
 * A calendar day: days since 1970-01-01, years 0001 to 9999. <rowan/calendar.h> makes one of a text
 * or of numbers, and the next three of texts.
 */
typedef struct rowan_date {
    int32_t days;
} rowan_date;

/** A time of day: microseconds since midnight, 0 to 86,399,999,999. */
typedef struct rowan_time {
    int64_t us;
} rowan_time;

/** An instant: microseconds since 1970-01-01 00:00:00 UTC, years 0001 to 9999. */
typedef struct rowan_timestamp {
    int64_t us;
} rowan_timestamp;

/** A UUID, bytes in the order in which its text form prints them. */
typedef struct rowan_uuid {
    uint8_t bytes[16];
} rowan_uuid;

/*
 * Members of nullable columns. All have the same form: `has` is false for SQL NULL, and `value`
 * is then zero. An enum's optional type is generated beside the enum, in the same form.
 */
typedef struct rowan_opt_bool { bool has; bool value; } rowan_opt_bool;
typedef struct rowan_opt_i16 { bool has; int16_t value; } rowan_opt_i16;
typedef struct rowan_opt_i32 { bool has; int32_t value; } rowan_opt_i32;
typedef struct rowan_opt_i64 { bool has; int64_t value; } rowan_opt_i64;
typedef struct rowan_opt_float { bool has; float value; } rowan_opt_float;
typedef struct rowan_opt_double { bool has; double value; } rowan_opt_double;
typedef struct rowan_opt_decimal { bool has; rowan_decimal value; } rowan_opt_decimal;
typedef struct rowan_opt_text { bool has; const char *value; } rowan_opt_text;
typedef struct rowan_opt_blob { bool has; rowan_blob value; } rowan_opt_blob;
typedef struct rowan_opt_date { bool has; rowan_date value; } rowan_opt_date;
typedef struct rowan_opt_time { bool has; rowan_time value; } rowan_opt_time;
typedef struct rowan_opt_timestamp { bool has; rowan_timestamp value; } rowan_opt_timestamp;
typedef struct rowan_opt_uuid { bool has; rowan_uuid value; } rowan_opt_uuid;
typedef struct rowan_opt_json { bool has; rowan_json value; } rowan_opt_json;

/**
 * Many rows of one struct type; a generated `book_rows` has the same form with `book *at`. The
 * scope's.
 */
typedef struct rowan_rows {
    void *at;
    size_t count;
} rowan_rows;

#endif
