/*
 * One struct with a member of every type, each also as an optional one, described as a shape; and
 * values in words, so that tables of cases can say what they expect.
 */
#ifndef ROWAN_TESTS_MEMBERS_H
#define ROWAN_TESTS_MEMBERS_H

#include <rowan/rowan.h>

enum {
    MEMBER_TYPES = ROWAN_TYPE_ENUM, /* types from 1 on that a column may have */
    MEMBER_COLUMNS = 2 * MEMBER_TYPES,
    MEMBER_WORDS = 128 /* that the words of any value here fit into */
};

typedef enum members_size { MEMBERS_SMALL, MEMBERS_LARGE } members_size;

typedef struct members {
    bool a_bool;
    int16_t an_int16;
    int32_t an_int32;
    int64_t an_int64;
    float a_float;
    double a_double;
    rowan_decimal a_decimal;
    const char *a_text;
    rowan_blob a_blob;
    rowan_date a_date;
    rowan_time a_time;
    rowan_timestamp a_timestamp;
    rowan_uuid a_uuid;
    rowan_json a_json;
    members_size an_enum;
    rowan_opt_bool opt_bool;
    rowan_opt_i16 opt_int16;
    rowan_opt_i32 opt_int32;
    rowan_opt_i64 opt_int64;
    rowan_opt_float opt_float;
    rowan_opt_double opt_double;
    rowan_opt_decimal opt_decimal;
    rowan_opt_text opt_text;
    rowan_opt_blob opt_blob;
    rowan_opt_date opt_date;
    rowan_opt_time opt_time;
    rowan_opt_timestamp opt_timestamp;
    rowan_opt_uuid opt_uuid;
    rowan_opt_json opt_json;
    struct {
        bool has;
        members_size value;
    } opt_enum;
} members;

/** A shape, its columns in the order of the types: those that are never NULL, then the others. */
extern const rowan_table members_shape;

/** The column of a type; @p nullable: the optional one. */
const rowan_column *member_column(rowan_type type, bool nullable);

/** Values that are not zero in every member. */
extern const members members_full;

/**
 * A value in words: "NULL", or its content without its type, such as "true", "-7", "1.5",
 * "'text'", "3 bytes: abc", "12 days", "5 us", a uuid in hexadecimal digits.
 */
const char *value_words(rowan_value value, char words[MEMBER_WORDS]);

#endif
