/*
 * Packets that execute a statement once. The client library would make them of its bindings, with
 * three times the work that it is to write the values where they go; but it sends a packet that it
 * finds ready in the statement. Whether it does is seen at the first one of a connection, for which
 * the bindings are told as well.
 *
 * The types of the parameters are sent when they are others than the last time.
 *
 * A row of a struct is put straight into the packet, if its types are those of the last time, and
 * if that is as long as rows of the statement have been; else it is bound and measured as values
 * are.
 */
#include "driver/mariadb/packet.h"

#include <stdlib.h>

#include "base/error.h"

/* --- Values. --- */

static unsigned char *put_time(unsigned char *at, const MYSQL_TIME *time)
{
    unsigned char *start = at++;

    if (time->time_type == MYSQL_TIMESTAMP_TIME) {
        at = rowan__mariadb_put_number(at, 0, 5); /* not negative, no days */
    } else {
        at = rowan__mariadb_put_number(at, time->year, 2);
        *at++ = (unsigned char)time->month;
        *at++ = (unsigned char)time->day;
    }
    if (time->time_type != MYSQL_TIMESTAMP_DATE) {
        *at++ = (unsigned char)time->hour;
        *at++ = (unsigned char)time->minute;
        *at++ = (unsigned char)time->second;
        at = rowan__mariadb_put_number(at, time->second_part, 4);
    }
    *start = (unsigned char)(at - start - 1);
    return at;
}

/* A number from where it is, whatever its type. */
static inline unsigned char *put_number_at(unsigned char *to, const void *from, size_t size)
{
    uint64_t eight;
    uint32_t four;
    uint16_t two;

    switch (size) {
    case sizeof eight:
        memcpy(&eight, from, sizeof eight);
        return rowan__mariadb_put_number(to, eight, sizeof eight);
    case sizeof four:
        memcpy(&four, from, sizeof four);
        return rowan__mariadb_put_number(to, four, sizeof four);
    default:
        memcpy(&two, from, sizeof two);
        return rowan__mariadb_put_number(to, two, sizeof two);
    }
}

unsigned char *rowan__mariadb_put_other(unsigned char *at, const MYSQL_BIND *value)
{
    switch (value->buffer_type) {
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_NEWDECIMAL:
        return rowan__mariadb_put_bytes(at, value->buffer, value->buffer_length);
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_DOUBLE:
        return put_number_at(at, value->buffer, sizeof(uint64_t));
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_FLOAT:
        return put_number_at(at, value->buffer, sizeof(uint32_t));
    case MYSQL_TYPE_SHORT:
        return put_number_at(at, value->buffer, sizeof(uint16_t));
    case MYSQL_TYPE_TINY:
        *at = *(const unsigned char *)value->buffer;
        return at + 1;
    default:
        return put_time(at, value->buffer);
    }
}

/* Any value but NULL. */
static inline unsigned char *put_value(unsigned char *at, const MYSQL_BIND *value)
{
    return value->buffer_type == MYSQL_TYPE_STRING
               ? rowan__mariadb_put_bytes(at, value->buffer, value->buffer_length)
               : rowan__mariadb_put_other(at, value);
}

/* --- The packet. --- */

/* The first bytes, before a bit for each parameter that is NULL: the statement's number, which the
 * library sets; no cursor; to be executed once. */
static const unsigned char head[] = {0, 0, 0, 0, 0, 1, 0, 0, 0};

/* Takes note of the types that the server will have. @return whether it has to be told */
static bool note_types(rowan__mariadb_prepared *prepared)
{
    bool is_told = prepared->is_bound;

    for (size_t i = 0; i < prepared->base.param_count; i++) {
        unsigned char type = (unsigned char)prepared->params[i].buffer_type;
        is_told &= type == prepared->sent[i];
        prepared->sent[i] = type;
    }
    return !is_told;
}

static unsigned char *put_types(const rowan__mariadb_prepared *prepared, unsigned char *at)
{
    for (size_t i = 0; i < prepared->base.param_count; i++) {
        *at++ = prepared->sent[i];
        *at++ = 0; /* signed */
    }
    return at;
}

/* What comes before the values. */
static inline unsigned char *put_head(const rowan__mariadb_prepared *prepared, unsigned char *at,
                                      bool has_types)
{
    memcpy(at, head, sizeof head);
    at += sizeof head;
    for (size_t i = 0; i < prepared->base.param_count; i += 8) {
        *at++ = 0;
    }
    *at++ = has_types;
    return has_types ? put_types(prepared, at) : at;
}

static unsigned char *put_values(const rowan__mariadb_prepared *prepared, unsigned char *nulls,
                                 unsigned char *at)
{
    for (size_t i = 0; i < prepared->base.param_count; i++) {
        const MYSQL_BIND *value = &prepared->params[i];
        if (value->buffer_type == MYSQL_TYPE_NULL) {
            nulls[i / 8] |= (unsigned char)(1 << i % 8);
        } else {
            at = put_value(at, value);
        }
    }
    return at;
}

/* A packet without the bytes of its values has no more. */
static inline size_t bytes_around(const rowan__mariadb_prepared *prepared)
{
    size_t count = prepared->base.param_count;

    return sizeof head + count / 8 + 2 + (2 + ROWAN__MARIADB_OVERHEAD) * count;
}

/* The memory is the client library's to free, so it is of malloc(). */
rowan_status rowan__mariadb_packet_load(rowan__mariadb_prepared *prepared, rowan_error *error)
{
    MYSQL_STMT *stmt = prepared->stmt;
    size_t bytes = 0;

    for (size_t i = 0; i < prepared->base.param_count; i++) {
        bytes += prepared->params[i].buffer_length;
    }
    unsigned char *packet = malloc(bytes_around(prepared) + bytes);
    if (!packet) {
        return rowan__fail_nomem(error);
    }
    bool has_types = note_types(prepared);
    unsigned char *at = put_head(prepared, packet, has_types);
    at = put_values(prepared, packet + sizeof head, at);
    if (rowan__mariadb_is_too_large(prepared->base.connection, (size_t)(at - packet))) {
        free(packet);
        prepared->is_bound = false; /* the types are noted, but not told */
        return rowan__mariadb_fail_size(error);
    }
    prepared->row_bytes = bytes;
    stmt->request_buffer = packet;
    stmt->request_length = (size_t)(at - packet);
    return ROWAN_OK;
}

/* --- From a struct. --- */

/* A struct on its way into a packet. */
typedef struct filling {
    unsigned char *at;
    size_t room; /* for the bytes of texts; for all else there is room */
    size_t bytes;
} filling;

/* Puts a member of any type. Without a place where to go on: it is refused, or too long. */
static __attribute__((noinline)) filling put_any(rowan__mariadb_prepared *prepared, size_t index,
                                                 const rowan_column *column, const char *row,
                                                 filling f)
{
    MYSQL_BIND *value = &prepared->params[index];
    rowan_error error;
    rowan_status status =
        rowan__mariadb_bind_present(column, row, &prepared->slots[index], value, &error);

    if (status != ROWAN_OK || value->buffer_length > f.room ||
        value->buffer_type == MYSQL_TYPE_NULL) {
        return (filling){.at = NULL};
    }
    return (filling){put_value(f.at, value), f.room - value->buffer_length,
                     f.bytes + value->buffer_length};
}

/* Puts all members. @return where the packet ends; NULL: it has to be made in the other way */
static inline filling put_struct(rowan__mariadb_prepared *prepared, const rowan__structs *structs,
                                 const char *row, unsigned char *nulls, filling f)
{
    for (size_t i = 0; i < structs->column_count && f.at; i++) {
        const rowan_column *column = structs->columns[i];
        const char *member = row + column->value_offset;
        if ((column->flags & ROWAN_NULLABLE) != 0 && !*(const bool *)(row + column->offset)) {
            nulls[i / 8] |= (unsigned char)(1 << i % 8);
            continue;
        }
        if (prepared->sent[i] != rowan__mariadb_member_types[column->type]) {
            return (filling){.at = NULL};
        }
        if (column->type == ROWAN_TYPE_INT64) {
            f.at = rowan__mariadb_put_number(f.at, *(const uint64_t *)(const void *)member,
                                             sizeof(int64_t));
            f.bytes += sizeof(int64_t);
            continue;
        }
        const char *text =
            column->type == ROWAN_TYPE_TEXT ? *(const char *const *)(const void *)member : NULL;
        size_t size = text ? strlen(text) : 0;
        if (!text || size > f.room || rowan__is_long_text(column, text, size)) {
            f = put_any(prepared, i, column, row, f);
            continue;
        }
        f.at = rowan__mariadb_put_bytes(f.at, text, size);
        f.room -= size;
        f.bytes += size;
    }
    return f;
}

bool rowan__mariadb_packet_of(rowan__mariadb_prepared *prepared, const rowan__structs *structs,
                              size_t index, uint64_t *bytes)
{
    enum { LEAST_BYTES = 240 };
    size_t room = prepared->row_bytes > LEAST_BYTES ? prepared->row_bytes : LEAST_BYTES;
    unsigned char *packet = prepared->is_bound ? malloc(bytes_around(prepared) + room) : NULL;

    if (!packet) {
        return false;
    }
    filling f = {put_head(prepared, packet, false), room, 0};
    f = put_struct(prepared, structs, rowan__structs_row(structs, index), packet + sizeof head, f);
    if (!f.at) {
        free(packet);
        return false;
    }
    *bytes += f.bytes;
    prepared->stmt->request_buffer = packet;
    prepared->stmt->request_length = (size_t)(f.at - packet);
    return true;
}

bool rowan__mariadb_packet_unload(rowan__mariadb_prepared *prepared)
{
    MYSQL_STMT *stmt = prepared->stmt;
    bool was_sent = stmt->request_buffer == NULL;

    if (!was_sent) {
        free(stmt->request_buffer);
        stmt->request_buffer = NULL;
    }
    return was_sent;
}
