/*
 * Packets that execute a statement once. The client library would make them of its bindings, with
 * three times the work that it is to write the values where they go; but it sends a packet that it
 * finds ready in the statement. Whether it does is seen at the first one of a connection, for which
 * the bindings are told as well.
 *
 * The types of the parameters are sent when they are others than the last time.
 */
#include "driver/mariadb/packet.h"

#include <stdlib.h>

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

/* --- The packet. --- */

/* Takes note of the types that the server will have. @return whether it has to be told */
static bool note_types(rowan__mariadb_prepared *prepared)
{
    bool is_told = prepared->is_bound;

    for (size_t i = 0; i < prepared->base.param_count; i++) {
        enum enum_field_types type = prepared->params[i].buffer_type;
        is_told = is_told && type == prepared->sent[i];
        prepared->sent[i] = (unsigned char)type;
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

static unsigned char *put_values(const rowan__mariadb_prepared *prepared, unsigned char *nulls,
                                 unsigned char *at)
{
    for (size_t i = 0; i < prepared->base.param_count; i++) {
        const MYSQL_BIND *value = &prepared->params[i];
        if (value->buffer_type == MYSQL_TYPE_NULL) {
            nulls[i / 8] |= (unsigned char)(1 << i % 8);
        } else if (value->buffer_type == MYSQL_TYPE_STRING) {
            at = rowan__mariadb_put_bytes(at, value->buffer, value->buffer_length);
        } else {
            at = rowan__mariadb_put_other(at, value);
        }
    }
    return at;
}

static size_t most_bytes(const rowan__mariadb_prepared *prepared)
{
    size_t count = prepared->base.param_count;
    size_t bytes = 10 + count / 8 + 1 + (2 + ROWAN__MARIADB_OVERHEAD) * count;

    for (size_t i = 0; i < count; i++) {
        bytes += prepared->params[i].buffer_length;
    }
    return bytes;
}

/* The memory is the client library's to free, so it is of malloc(). */
bool rowan__mariadb_packet_load(rowan__mariadb_prepared *prepared)
{
    /* The statement's number, which the library sets; no cursor; to be executed once. */
    static const unsigned char head[] = {0, 0, 0, 0, 0, 1, 0, 0, 0};
    MYSQL_STMT *stmt = prepared->stmt;
    unsigned char *packet = malloc(most_bytes(prepared));

    if (!packet) {
        return false;
    }
    memcpy(packet, head, sizeof head);
    unsigned char *nulls = packet + sizeof head, *at = nulls;
    for (size_t i = 0; i < prepared->base.param_count; i += 8) {
        *at++ = 0;
    }
    bool has_types = note_types(prepared);
    *at++ = has_types;
    if (has_types) {
        at = put_types(prepared, at);
    }
    at = put_values(prepared, nulls, at);
    stmt->request_buffer = packet;
    stmt->request_length = (size_t)(at - packet);
    return true;
}

bool rowan__mariadb_packet_unload(rowan__mariadb_prepared *prepared)
{
    MYSQL_STMT *stmt = prepared->stmt;
    bool was_sent = stmt->request_buffer == NULL;

    free(stmt->request_buffer);
    stmt->request_buffer = NULL;
    return was_sent;
}
