/* A struct with a member of every type. */
#include "support/members.h"

#include <inttypes.h>
#include <stdio.h>

#define UUID_BYTES                                                                                 \
    {                                                                                              \
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16                                      \
    }

static const char *const size_labels[] = {"small", "large"};
static const rowan_enum size_enum = {"members_size", size_labels, 2};

#define MEMBER(member) ROWAN_COLUMN(members_shape, members, member, 0)
#define OPTIONAL(member) ROWAN_OPT_COLUMN(members_shape, members, member, 0)

static const rowan_column columns[] = {
    MEMBER(a_bool),
    MEMBER(an_int16),
    MEMBER(an_int32),
    MEMBER(an_int64),
    MEMBER(a_float),
    MEMBER(a_double),
    MEMBER(a_decimal),
    MEMBER(a_text),
    MEMBER(a_blob),
    MEMBER(a_date),
    MEMBER(a_time),
    MEMBER(a_timestamp),
    MEMBER(a_uuid),
    MEMBER(a_json),
    {&members_shape, "an_enum", ROWAN_TYPE_ENUM, 0, offsetof(members, an_enum),
     offsetof(members, an_enum), &size_enum, 0, 0},
    OPTIONAL(opt_bool),
    OPTIONAL(opt_int16),
    OPTIONAL(opt_int32),
    OPTIONAL(opt_int64),
    OPTIONAL(opt_float),
    OPTIONAL(opt_double),
    OPTIONAL(opt_decimal),
    OPTIONAL(opt_text),
    OPTIONAL(opt_blob),
    OPTIONAL(opt_date),
    OPTIONAL(opt_time),
    OPTIONAL(opt_timestamp),
    OPTIONAL(opt_uuid),
    OPTIONAL(opt_json),
    {&members_shape, "opt_enum", ROWAN_TYPE_ENUM, ROWAN_NULLABLE, offsetof(members, opt_enum),
     offsetof(members, opt_enum.value), &size_enum, 0, 0},
};

const rowan_table members_shape = ROWAN_SHAPE(members, columns);

const members members_full = {
    .a_bool = true,
    .an_int16 = -16,
    .an_int32 = -32,
    .an_int64 = -64,
    .a_float = 0.5F,
    .a_double = 0.25,
    .a_decimal = {"1.50"},
    .a_text = "text",
    .a_blob = {"bytes", 5},
    .a_date = {20},
    .a_time = {21},
    .a_timestamp = {22},
    .a_uuid = {UUID_BYTES},
    .a_json = {"{}"},
    .an_enum = MEMBERS_LARGE,
    .opt_bool = {true, true},
    .opt_int16 = {true, -16},
    .opt_int32 = {true, -32},
    .opt_int64 = {true, -64},
    .opt_float = {true, 0.5F},
    .opt_double = {true, 0.25},
    .opt_decimal = {true, {"1.50"}},
    .opt_text = {true, "text"},
    .opt_blob = {true, {"bytes", 5}},
    .opt_date = {true, {20}},
    .opt_time = {true, {21}},
    .opt_timestamp = {true, {22}},
    .opt_uuid = {true, {UUID_BYTES}},
    .opt_json = {true, {"{}"}},
    .opt_enum = {true, MEMBERS_LARGE},
};

const rowan_column *member_column(rowan_type type, bool nullable)
{
    return &columns[(size_t)type - 1 + (nullable ? (size_t)MEMBER_TYPES : 0)];
}

static const char *uuid_words(rowan_uuid uuid, char words[MEMBER_WORDS])
{
    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        snprintf(words + 2 * i, MEMBER_WORDS - 2 * i, "%02x", uuid.bytes[i]);
    }
    return words;
}

static const char *content_words(rowan_value value, char words[MEMBER_WORDS])
{
    int size = (int)value.as.bytes.size;
    const char *bytes = value.as.bytes.data;

    switch (value.type) {
    case ROWAN_TYPE_BOOL:
        return value.as.boolean ? "true" : "false";
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        snprintf(words, MEMBER_WORDS, "%" PRId64, value.as.integer);
        break;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        snprintf(words, MEMBER_WORDS, "%.17g", value.as.real);
        break;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        snprintf(words, MEMBER_WORDS, "'%.*s'", size, size > 0 ? bytes : "");
        break;
    case ROWAN_TYPE_BLOB:
        snprintf(words, MEMBER_WORDS, "%d bytes: %.*s", size, size, size > 0 ? bytes : "");
        break;
    case ROWAN_TYPE_DATE:
        snprintf(words, MEMBER_WORDS, "%" PRId32 " days", value.as.date.days);
        break;
    case ROWAN_TYPE_TIME:
        snprintf(words, MEMBER_WORDS, "%" PRId64 " us", value.as.time.us);
        break;
    case ROWAN_TYPE_TIMESTAMP:
        snprintf(words, MEMBER_WORDS, "%" PRId64 " us", value.as.timestamp.us);
        break;
    case ROWAN_TYPE_UUID:
        return uuid_words(value.as.uuid, words);
    case ROWAN_TYPE_LIST:
        return "a list";
    }
    return words;
}

const char *value_words(rowan_value value, char words[MEMBER_WORDS])
{
    return value.is_null ? "NULL" : content_words(value, words);
}
