/*
 * One statement with many rows of parameters, sent at once.
 *
 * The client library would make such a packet from arrays, with several times the work that it is
 * to write the values where they go. But it also sends a packet that it finds ready in the
 * statement: so it is made here, in the form of the wire, straight from the values or from the
 * members of structs. A packet begins with the types of its parameters, so rows whose values differ
 * in type cannot go together, except for NULLs; nor can lists.
 */
#include <stdlib.h>

#include "base/error.h"
#include "driver/mariadb/packet.h"

/* A packet ends behind so many bytes, or before the server's own limit. */
enum { PACKET_BYTES = 8 << 20, FIRST_BYTES = 1024, MOST_ROWS = 1 << 20 };

/* --- What goes together. --- */

/* Integers of all widths are sent in one way, and so on; JSON stands for what cannot be sent at
 * once. */
static enum enum_field_types wire_type(const rowan_value *value)
{
    if (value->is_null || value->type == 0) {
        return MYSQL_TYPE_NULL;
    }
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        return MYSQL_TYPE_LONGLONG;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return MYSQL_TYPE_DOUBLE;
    case ROWAN_TYPE_DECIMAL:
        return MYSQL_TYPE_NEWDECIMAL;
    case ROWAN_TYPE_BLOB:
        return MYSQL_TYPE_BLOB;
    case ROWAN_TYPE_DATE:
        return MYSQL_TYPE_DATE;
    case ROWAN_TYPE_TIME:
        return MYSQL_TYPE_TIME;
    case ROWAN_TYPE_TIMESTAMP:
        return MYSQL_TYPE_DATETIME;
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_ENUM: /* refused with a message when it is bound */
        return MYSQL_TYPE_STRING;
    case ROWAN_TYPE_LIST:
        break;
    }
    return MYSQL_TYPE_JSON;
}

/* Whether a row's values are of the types of those before it, whose types it completes where they
 * were NULL. */
static bool joins(const rowan_value *row, size_t columns, MYSQL_BIND *params)
{
    for (size_t i = 0; i < columns; i++) {
        enum enum_field_types type = wire_type(&row[i]);
        enum enum_field_types known = params[i].buffer_type;
        if (type == MYSQL_TYPE_JSON ||
            (type != known && type != MYSQL_TYPE_NULL && known != MYSQL_TYPE_NULL)) {
            return false;
        }
    }
    for (size_t i = 0; i < columns; i++) {
        enum enum_field_types type = wire_type(&row[i]);
        params[i].buffer_type = type == MYSQL_TYPE_NULL ? params[i].buffer_type : type;
    }
    return true;
}

/* How many rows of values are of the same types. */
static unsigned joining(const rowan_value *values, size_t rows, size_t columns, MYSQL_BIND *params)
{
    unsigned count = 0;

    for (size_t i = 0; i < columns; i++) {
        params[i].buffer_type = MYSQL_TYPE_NULL;
    }
    while (count < rows && joins(&values[count * columns], columns, params)) {
        count++;
    }
    for (size_t i = 0; i < columns; i++) {
        if (params[i].buffer_type == MYSQL_TYPE_NULL) {
            params[i].buffer_type = MYSQL_TYPE_STRING; /* a packet cannot tell of no type */
        }
    }
    return count;
}

/* How many rows go together, as far as their types say; the parameters are told theirs. */
static unsigned plan(rowan__mariadb_prepared *prepared, const rowan__operation *operation,
                     size_t first)
{
    const rowan__structs *structs = operation->structs;
    size_t columns = prepared->base.param_count;
    size_t rows = (structs ? structs->count : operation->param_rows) - first;

    rows = rows < MOST_ROWS ? rows : MOST_ROWS;
    if (!structs) {
        return joining(operation->params + first * columns, rows, columns, prepared->params);
    }
    for (size_t i = 0; i < columns; i++) {
        prepared->params[i].buffer_type = rowan__mariadb_member_types[structs->columns[i]->type];
    }
    return (unsigned)rows;
}

/* --- The packet. --- */

static inline unsigned char *put_value(unsigned char *at, const MYSQL_BIND *value)
{
    if (value->buffer_type == MYSQL_TYPE_NULL) {
        *at++ = STMT_INDICATOR_NULL;
        return at;
    }
    *at++ = STMT_INDICATOR_NONE;
    return value->buffer_type == MYSQL_TYPE_STRING
               ? rowan__mariadb_put_bytes(at, value->buffer, value->buffer_length)
               : rowan__mariadb_put_other(at, value);
}

/* Room for so many bytes more. The memory is the client library's to free, so it is of malloc(). */
static bool grow(rowan__mariadb_batch *batch, size_t more)
{
    size_t first = batch->expected > FIRST_BYTES ? batch->expected : FIRST_BYTES;
    size_t capacity = batch->capacity > 0 ? batch->capacity : first;

    while (capacity - batch->size < more) {
        capacity *= 2;
    }
    unsigned char *packet = realloc(batch->packet, capacity);
    if (!packet) {
        return false;
    }
    batch->packet = packet;
    batch->capacity = capacity;
    return true;
}

static inline bool reserve(rowan__mariadb_batch *batch, size_t more)
{
    return batch->capacity - batch->size >= more || grow(batch, more);
}

static bool add_head(const rowan__mariadb_prepared *prepared, rowan__mariadb_batch *batch)
{
    size_t columns = prepared->base.param_count;

    if (!reserve(batch, 6 + 2 * columns)) {
        return false;
    }
    unsigned char *at =
        rowan__mariadb_put_number(batch->packet, 0, 4); /* the library sets the statement's id */
    at = rowan__mariadb_put_number(at, STMT_BULK_FLAG_CLIENT_SEND_TYPES, 2);
    for (size_t i = 0; i < columns; i++) {
        at = rowan__mariadb_put_number(at, prepared->params[i].buffer_type, 2);
    }
    batch->size = (size_t)(at - batch->packet);
    return true;
}

/* How structs are put: what is the same for all rows. */
typedef struct writer {
    rowan__mariadb_batch *batch;
    const rowan_column *const *columns, *const *end;
    size_t room;                /* for all members of a row but for their bytes: there always is */
    const unsigned char *limit; /* of the bytes */
    rowan_error *error;
} writer;

/* As many bytes of room, and what there always is. @return where to go on; NULL: no memory */
static unsigned char *make_room(writer *out, unsigned char *at, size_t more)
{
    rowan__mariadb_batch *batch = out->batch;

    batch->size = (size_t)(at - batch->packet);
    if (!reserve(batch, more + out->room)) {
        (void)rowan__fail_nomem(out->error);
        return NULL;
    }
    out->limit = batch->packet + batch->capacity - out->room;
    return batch->packet + batch->size;
}

/* Puts a member of any type. NULL: it was refused, or there is no memory. */
static unsigned char *put_member(writer *out, unsigned char *at, const rowan_column *column,
                                 const char *row)
{
    rowan__mariadb_slot slot;
    MYSQL_BIND value;

    if (rowan__mariadb_bind_member(column, row, &slot, &value, out->error) != ROWAN_OK) {
        return NULL;
    }
    at = make_room(out, at, value.buffer_length);
    out->batch->bytes += value.buffer_length;
    return at ? put_value(at, &value) : NULL;
}

/* Puts a row. NULL: as above. */
static inline unsigned char *put_row(writer *out, unsigned char *at, const char *row)
{
    for (const rowan_column *const *column = out->columns; column < out->end && at; column++) {
        const rowan_column *what = *column;
        if ((what->flags & ROWAN_NULLABLE) != 0 && !*(const bool *)(row + what->offset)) {
            *at++ = STMT_INDICATOR_NULL;
            continue;
        }
        if (what->type == ROWAN_TYPE_INT64) {
            uint64_t number = *(const uint64_t *)(const void *)(row + what->value_offset);
            *at++ = STMT_INDICATOR_NONE;
            at = rowan__mariadb_put_number(at, number, sizeof number);
            out->batch->bytes += sizeof number;
            continue;
        }
        const char *text = what->type == ROWAN_TYPE_TEXT
                               ? *(const char *const *)(const void *)(row + what->value_offset)
                               : NULL;
        size_t size = text ? strlen(text) : 0;
        if (!text || out->limit - at < (ptrdiff_t)size || rowan__is_long_text(what, text, size)) {
            at = put_member(out, at, what, row);
            continue;
        }
        *at++ = STMT_INDICATOR_NONE;
        at = rowan__mariadb_put_bytes(at, text, size);
        out->batch->bytes += size;
    }
    return at;
}

static rowan_status add_structs(const rowan__structs *structs, size_t first,
                                rowan__mariadb_batch *batch, rowan_error *error)
{
    writer out = {.batch = batch,
                  .columns = structs->columns,
                  .end = structs->columns + structs->column_count,
                  .room = structs->column_count * ROWAN__MARIADB_OVERHEAD,
                  .error = error};
    unsigned char *at = make_room(&out, batch->packet + batch->size, 0);

    for (unsigned i = 0; i < batch->rows && at; i++) {
        size_t size = (size_t)(at - batch->packet);
        uint64_t bytes = batch->bytes;
        at = put_row(&out, at, rowan__structs_row(structs, first + i));
        if (at && (size_t)(at - batch->packet) > batch->most && i > 0) {
            at = batch->packet + size;
            batch->bytes = bytes;
            batch->rows = i;
        }
        if (at > out.limit) {
            at = make_room(&out, at, 0);
        }
    }
    if (!at) {
        return error->status;
    }
    batch->size = (size_t)(at - batch->packet);
    return ROWAN_OK;
}

static rowan_status add_values(rowan__mariadb_prepared *prepared, rowan__operation *operation,
                               size_t index, rowan__mariadb_batch *batch)
{
    rowan_status status = rowan__mariadb_bind_params(prepared, operation, index, &batch->bytes);

    for (size_t i = 0; i < prepared->base.param_count && status == ROWAN_OK; i++) {
        const MYSQL_BIND *value = &prepared->params[i];
        if (!reserve(batch, value->buffer_length + ROWAN__MARIADB_OVERHEAD)) {
            return rowan__fail_nomem(&operation->error);
        }
        unsigned char *at = batch->packet + batch->size;
        batch->size += (size_t)(put_value(at, value) - at);
    }
    return status;
}

/* Adds rows until there are enough, or the packet is full. */
static rowan_status add_rows(rowan__mariadb_prepared *prepared, rowan__operation *operation,
                             size_t first, rowan__mariadb_batch *batch)
{
    rowan_status status = ROWAN_OK;

    for (unsigned i = 0; i < batch->rows && status == ROWAN_OK; i++) {
        size_t size = batch->size;
        uint64_t bytes = batch->bytes;
        status = add_values(prepared, operation, first + i, batch);
        if (i > 0 && batch->size > batch->most) {
            batch->size = size;
            batch->bytes = bytes;
            batch->rows = i;
        }
    }
    return status;
}

static size_t most_bytes(const rowan__connection *connection)
{
    enum { AROUND = 64 }; /* what the client library adds, and more */
    size_t most = connection->most_bytes;

    return most > AROUND && most - AROUND < PACKET_BYTES ? most - AROUND : PACKET_BYTES;
}

rowan_status rowan__mariadb_batch_new(rowan__mariadb_prepared *prepared,
                                      rowan__operation *operation, size_t first,
                                      rowan__mariadb_batch *out)
{
    *out = (rowan__mariadb_batch){.rows = plan(prepared, operation, first),
                                  .most = most_bytes(prepared->base.connection)};
    if (out->rows == 0) {
        return ROWAN_OK;
    }
    /* Rows are mostly as long as the last time: a packet that grows is copied each time. */
    out->expected = out->rows * prepared->row_bytes;
    out->expected += out->expected / 16;
    out->expected = out->expected < out->most ? out->expected : out->most;
    rowan_status status = !add_head(prepared, out) ? rowan__fail_nomem(&operation->error)
                          : operation->structs
                              ? add_structs(operation->structs, first, out, &operation->error)
                              : add_rows(prepared, operation, first, out);
    if (status == ROWAN_OK &&
        rowan__mariadb_is_too_large(prepared->base.connection, out->size)) { /* a single row */
        status = rowan__mariadb_fail_size(&operation->error);
    }
    if (status != ROWAN_OK) {
        free(out->packet);
        *out = (rowan__mariadb_batch){0};
        return status;
    }
    prepared->row_bytes = out->size / out->rows + 1;
    return ROWAN_OK;
}

bool rowan__mariadb_batch_load(rowan__mariadb_prepared *prepared, rowan__mariadb_batch *batch)
{
    MYSQL_STMT *stmt = prepared->stmt;

    if (!stmt->bind_param_done && client->mysql_stmt_bind_param(stmt, prepared->params) != 0) {
        free(batch->packet);
        return false;
    }
    prepared->is_bound = false; /* from now on the server has the types of the packet */
    stmt->request_buffer = batch->packet;
    stmt->request_length = batch->size;
    client->mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &batch->rows);
    return true;
}

void rowan__mariadb_batch_unload(rowan__mariadb_prepared *prepared)
{
    unsigned none = 0;

    free(prepared->stmt->request_buffer); /* unless it was sent */
    prepared->stmt->request_buffer = NULL;
    client->mysql_stmt_attr_set(prepared->stmt, STMT_ATTR_ARRAY_SIZE, &none);
}

my_bool rowan__mariadb_refuse_row(void *prepared, MYSQL_BIND *binds, unsigned index)
{
    (void)prepared;
    (void)binds;
    (void)index;
    return 1;
}
