/*
 * Very many rows at once: LOAD DATA LOCAL INFILE, of which the "file" is made from structs while
 * the server asks for it.
 *
 * A server may ask for a file at any time, whatever was sent to it, and a client library that is
 * left to itself would open it. Here nobody opens files: who asks for the rows of the copy that is
 * being run gets them, who asks for anything else gets nothing and the statement fails.
 *
 * The text has fields and lines that end in control characters, because those and NUL, which no
 * text has, can be looked for eight bytes at a time: all are below ESCAPE_END. Blobs are escaped in
 * the same way: the server takes the bytes of a binary column for no characters.
 */
#include "driver/mariadb/mariadb_private.h"

#include <mysqld_error.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"

/* As the dialect's copy_between says. */
enum { FIELD_END = 1, LINE_END = 2, ESCAPE = 3, ESCAPE_END = 4 };

/* Room for any value that is neither text nor blob, and for what ends it. */
enum { SMALL_VALUE = 64 };

static const char file_name[] = "rowan"; /* as in the dialect's copy_before */

/* --- Values as text. --- */

/* Not 0 if a byte of the word has to be escaped. */
static inline uint64_t special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    return (word - ones * ESCAPE_END) & ~word & (ones << 7);
}

static char *put_escaped(char *out, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)bytes[i] >= ESCAPE_END) {
            *out++ = bytes[i];
        } else {
            *out++ = ESCAPE;
            *out++ = bytes[i] == '\0' ? '0' : bytes[i];
        }
    }
    return out;
}

/* At most twice as many bytes. The last piece overlaps the one before. */
static inline char *put_bytes(char *out, const char *bytes, size_t size)
{
    uint64_t word, special = 0;
    uint32_t half, other;

    if (size >= sizeof word) {
        for (size_t i = 0; i < size; i += sizeof word) {
            size_t at = i + sizeof word <= size ? i : size - sizeof word;
            memcpy(&word, bytes + at, sizeof word);
            memcpy(out + at, &word, sizeof word);
            special |= special_bytes(word);
        }
    } else if (size >= sizeof half) {
        memcpy(&half, bytes, sizeof half);
        memcpy(&other, bytes + size - sizeof other, sizeof other);
        memcpy(out, &half, sizeof half);
        memcpy(out + size - sizeof other, &other, sizeof other);
        special = special_bytes((uint64_t)half << 32 | other);
    } else {
        special = size;
    }
    return special == 0 ? out + size : put_escaped(out, bytes, size);
}

static char *put_int(char *out, int64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        *--at = '-';
    }
    memcpy(out, at, (size_t)(digits + sizeof digits - at));
    return out + (digits + sizeof digits - at);
}

/* Digits enough to read the same number. */
static char *put_real(char *out, double number, int digits)
{
    return out + snprintf(out, SMALL_VALUE, "%.*g", digits, number);
}

static char *put_time(char *out, const MYSQL_TIME *time)
{
    int size = 0;

    if (time->time_type != MYSQL_TIMESTAMP_TIME) {
        size = snprintf(out, SMALL_VALUE, "%04u-%02u-%02u ", time->year, time->month, time->day);
    }
    if (time->time_type != MYSQL_TIMESTAMP_DATE) {
        size += snprintf(out + size, SMALL_VALUE, "%02u:%02u:%02u.%06lu", time->hour, time->minute,
                         time->second, time->second_part);
    }
    return out + size;
}

/* A value as it is bound. NULL: there is not enough room. */
static char *put_value(char *out, size_t room, const MYSQL_BIND *value)
{
    int32_t i32;
    int16_t i16;

    if (room < SMALL_VALUE || (room - SMALL_VALUE) / 2 < value->buffer_length) {
        return NULL;
    }
    switch (value->buffer_type) {
    case MYSQL_TYPE_NULL:
        out[0] = ESCAPE;
        out[1] = 'N';
        return out + 2;
    case MYSQL_TYPE_TINY:
        *out = *(const bool *)value->buffer ? '1' : '0';
        return out + 1;
    case MYSQL_TYPE_SHORT:
        memcpy(&i16, value->buffer, sizeof i16);
        return put_int(out, i16);
    case MYSQL_TYPE_LONG:
        memcpy(&i32, value->buffer, sizeof i32);
        return put_int(out, i32);
    case MYSQL_TYPE_LONGLONG:
        return put_int(out, *(const int64_t *)value->buffer);
    case MYSQL_TYPE_FLOAT:
        return put_real(out, (double)*(const float *)value->buffer, 9);
    case MYSQL_TYPE_DOUBLE:
        return put_real(out, *(const double *)value->buffer, 17);
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME:
        return put_time(out, value->buffer);
    default:
        return put_bytes(out, value->buffer, value->buffer_length);
    }
}

/* --- Rows. --- */

/* Writes the next row. NULL: there is not enough room, or a value was refused. */
static char *put_row(rowan__mariadb_copy *copy, char *out, const char *end)
{
    const rowan__structs *structs = copy->operation->structs;
    const char *row = rowan__structs_row(structs, copy->next);
    rowan__mariadb_slot slot;
    MYSQL_BIND value;

    for (size_t i = 0; i < structs->column_count; i++) {
        copy->status = rowan__mariadb_bind_member(structs->columns[i], row, &slot, &value,
                                                  &copy->operation->error);
        if (copy->status != ROWAN_OK) {
            return NULL;
        }
        out = put_value(out, (size_t)(end - out), &value);
        if (!out) {
            return NULL;
        }
        *out++ = FIELD_END;
    }
    out[-1] = LINE_END;
    return out;
}

/* The next row in memory of its own, because it is longer than what is asked for at once. */
static bool stage_row(rowan__mariadb_copy *copy)
{
    rowan__text *staged = &copy->staged;

    rowan__text_clear(staged);
    copy->given = 0;
    for (size_t room = SMALL_VALUE; copy->status == ROWAN_OK; room = staged->capacity * 2) {
        if (!rowan__text_reserve(staged, room)) {
            copy->status = rowan__fail_nomem(&copy->operation->error);
            break;
        }
        char *end = put_row(copy, staged->data, staged->data + staged->capacity);
        if (end) {
            staged->size = (size_t)(end - staged->data);
            copy->next++;
            return true;
        }
    }
    return false;
}

static size_t give_staged(rowan__mariadb_copy *copy, char *out, size_t room)
{
    size_t left = copy->staged.size - copy->given;
    size_t size = left < room ? left : room;

    memcpy(out, copy->staged.data + copy->given, size);
    copy->given += size;
    return size;
}

/* As many whole rows as there is room for, or a part of one that is longer. 0: none is left, or a
 * value was refused. */
static size_t give_rows(rowan__mariadb_copy *copy, char *out, size_t room)
{
    char *at = out;

    if (copy->given < copy->staged.size) {
        return give_staged(copy, out, room);
    }
    while (copy->next < copy->operation->structs->count) {
        char *behind = put_row(copy, at, out + room);
        if (!behind) {
            break;
        }
        at = behind;
        copy->next++;
    }
    if (at == out && copy->next < copy->operation->structs->count && stage_row(copy)) {
        return give_staged(copy, out, room);
    }
    return (size_t)(at - out);
}

/* --- What the client library calls when the server asks for a file. --- */

static int begin_file(void **file, const char *name, void *context)
{
    rowan__mariadb_connection *connection = context;
    rowan__mariadb_copy *copy = connection->copy;

    *file = copy;
    if (!copy || strcmp(name, file_name) != 0) {
        return 1;
    }
    copy->operation->round_trips++; /* the server asked, and is answered */
    connection->base.round_trips++;
    return 0;
}

/* The time that this takes is not the server's. */
static int read_file(void *file, char *out, unsigned room)
{
    rowan__mariadb_copy *copy = file;
    rowan__mariadb_turn *turn = &copy->connection->turn;
    int64_t start_ns = turn->timed ? rowan__now_ns() : 0;

    if (copy->status != ROWAN_OK || rowan__mariadb_stopped(copy->connection) != ROWAN_OK) {
        return -1;
    }
    size_t size = give_rows(copy, out, room);
    copy->operation->bytes_sent += size;
    if (turn->timed) {
        turn->waited_ns -= rowan__now_ns() - start_ns;
    }
    return copy->status == ROWAN_OK ? (int)size : -1;
}

static void end_file(void *file)
{
    (void)file;
}

static int why_no_file(void *file, char *message, unsigned room)
{
    (void)file;
    snprintf(message, room, "no file is given to the server");
    return ER_LOAD_INFILE_CAPABILITY_DISABLED;
}

void rowan__mariadb_guard_files(rowan__mariadb_connection *connection, MYSQL *mysql)
{
    mysql_set_local_infile_handler(mysql, begin_file, read_file, end_file, why_no_file, connection);
}

/* --- The operation. --- */

/*
 * The server takes what it cannot insert as it is for a warning, and leaves rows out or alters
 * them.
 */
static rowan_status check_loaded(rowan__mariadb_connection *connection, rowan__operation *operation)
{
    MYSQL *mysql = connection->mysql;

    operation->affected = mysql_affected_rows(mysql);
    if (operation->affected == operation->structs->count && mysql_warning_count(mysql) == 0) {
        return ROWAN_OK;
    }
    operation->affected = 0;
    return rowan__fail(&operation->error, ROWAN_UNSUPPORTED,
                       "the server did not take all rows as they are: what is there has to be "
                       "rolled back, and inserted in another way");
}

rowan_status rowan__mariadb_run_copy(rowan__mariadb_connection *connection,
                                     rowan__operation *operation)
{
    rowan__mariadb_copy copy = {.connection = connection, .operation = operation};

    rowan__text_init(&copy.staged, connection->base.allocator);
    connection->copy = &copy;
    int code = rowan__mariadb_take(connection, ROWAN__MARIADB_QUERY, NULL, operation->copy_sql,
                                   operation->copy_sql_size);
    connection->copy = NULL;
    rowan__text_fini(&copy.staged);
    operation->bytes_sent += operation->copy_sql_size;
    if (code == 0) {
        return check_loaded(connection, operation);
    }
    return copy.status != ROWAN_OK
               ? copy.status
               : rowan__mariadb_fail(connection, NULL, operation->copy_sql,
                                     operation->copy_sql_size, &operation->error);
}
