/*
 * Where rows go.
 *
 * A put checks that a value fits its member and stores it. In a dynamic layout the member is a
 * rowan_value, which is told by the layout having no shape; everything fits there, as the type that
 * the driver chose.
 */
#include "model/sink.h"

#include <math.h>

#include "base/calendar.h"

/* What one row grows to: most results of one row have no second. */
enum { FEW_ROWS = 8 };

/* Rows are made ready in pieces: they are still in the nearest cache when they are filled, and room
 * that is not needed after all is never touched. */
enum { PIECE = 2048 };

/* Moves the rows to where there is room for more of them. */
static inline rowan_status grow(rowan__sink *sink, size_t rows)
{
    const rowan__layout *layout = sink->layout;
    size_t capacity = sink->count + rows;
    size_t bytes;

    if (sink->capacity > 0) {
        size_t more = sink->capacity >= FEW_ROWS ? sink->capacity * 2 : FEW_ROWS;
        capacity = more > capacity ? more : capacity;
    }
    if (__builtin_mul_overflow(capacity, layout->row_size, &bytes)) {
        return rowan__fail_nomem(sink->error);
    }
    char *moved = rowan__arena_alloc(sink->arena, bytes, layout->row_align);
    if (!moved) {
        return rowan__fail_nomem(sink->error);
    }
    if (sink->count > 0) {
        rowan__bytes_copy(moved, sink->rows, sink->count * layout->row_size);
    }
    sink->rows = moved;
    sink->ready = sink->count;
    sink->capacity = capacity;
    return ROWAN_OK;
}

rowan_status rowan__sink_expect(rowan__sink *sink, size_t rows)
{
    return sink->count + rows <= sink->capacity ? ROWAN_OK : grow(sink, rows);
}

rowan_status rowan__sink_reserve(rowan__sink *sink, size_t rows)
{
    size_t row_size = sink->layout->row_size;
    size_t wanted = sink->count + rows;

    if (wanted > sink->capacity && grow(sink, rows) != ROWAN_OK) {
        return ROWAN_NOMEM;
    }
    while (sink->ready < wanted) {
        size_t more = sink->capacity - sink->ready;
        if (more > 1 && more * row_size > PIECE) {
            more = row_size < PIECE ? PIECE / row_size : 1;
        }
        memset(sink->rows + sink->ready * row_size, 0, more * row_size);
        sink->ready += more;
    }
    return ROWAN_OK;
}

static rowan_status wrong_type(rowan__sink *sink, const rowan__cell *cell, const char *what)
{
    rowan_status status =
        rowan__fail(sink->error, ROWAN_WRONG_TYPE,
                    "column \"%.60s\" gave %s, which its member cannot hold", cell->name, what);
    rowan__error_copy(sink->error->column, sizeof sink->error->column, cell->name,
                      strlen(cell->name));
    return status;
}

static rowan_status out_of_range(rowan__sink *sink, const rowan__cell *cell, const char *what)
{
    rowan_status status =
        rowan__fail(sink->error, ROWAN_OUT_OF_RANGE, "column \"%.60s\" gave %s", cell->name, what);
    rowan__error_copy(sink->error->column, sizeof sink->error->column, cell->name,
                      strlen(cell->name));
    return status;
}

/* The value slot of a dynamic row, typed; NULL for a row of structs. */
static inline rowan_value *dynamic_slot(const rowan__sink *sink, const rowan__cell *cell, char *row)
{
    if (sink->layout->shape) {
        return NULL;
    }
    rowan_value *slot = (rowan_value *)(void *)(row + cell->offset);
    slot->type = cell->type;
    slot->is_null = false;
    return slot;
}

/* Where the value goes in a struct; says that there is one if the member is optional. */
static inline char *present(const rowan__cell *cell, char *row)
{
    if (cell->nullable) {
        *(bool *)(row + cell->offset) = true;
    }
    return row + cell->value_offset;
}

rowan_status rowan__put_null(rowan__sink *sink, const rowan__cell *cell, char *row)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);

    if (slot) {
        slot->is_null = true;
        return ROWAN_OK;
    }
    if (!cell->nullable) {
        rowan__fail(sink->error, ROWAN_NOT_NULL,
                    "column \"%.60s\" is NULL, but its member cannot be: use an optional type",
                    cell->name);
        rowan__error_copy(sink->error->column, sizeof sink->error->column, cell->name,
                          strlen(cell->name));
        return ROWAN_NOT_NULL;
    }
    return ROWAN_OK;
}

/* An integer of a dynamic row, whose type may be any that holds integers. */
static void set_slot_int(rowan_value *slot, int64_t value)
{
    if (slot->type == ROWAN_TYPE_BOOL) {
        slot->as.boolean = value != 0;
    } else if (slot->type == ROWAN_TYPE_FLOAT || slot->type == ROWAN_TYPE_DOUBLE) {
        slot->as.real = (double)value;
    } else {
        slot->as.integer = value;
    }
}

rowan_status rowan__put_int(rowan__sink *sink, const rowan__cell *cell, char *row, int64_t value)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);

    sink->bytes += sizeof value;
    if (slot) {
        set_slot_int(slot, value);
        return ROWAN_OK;
    }
    char *at = present(cell, row);
    switch (cell->type) {
    case ROWAN_TYPE_INT64:
        *(int64_t *)(void *)at = value;
        return ROWAN_OK;
    case ROWAN_TYPE_INT32:
        *(int32_t *)(void *)at = (int32_t)value;
        return value == (int32_t)value ? ROWAN_OK
                                       : out_of_range(sink, cell, "an integer beyond 32 bits");
    case ROWAN_TYPE_INT16:
        *(int16_t *)(void *)at = (int16_t)value;
        return value == (int16_t)value ? ROWAN_OK
                                       : out_of_range(sink, cell, "an integer beyond 16 bits");
    case ROWAN_TYPE_BOOL:
        *(bool *)at = value != 0;
        return value == 0 || value == 1
                   ? ROWAN_OK
                   : out_of_range(sink, cell, "an integer that is no truth value");
    case ROWAN_TYPE_DOUBLE:
        *(double *)(void *)at = (double)value;
        return value >= -((int64_t)1 << 53) && value <= (int64_t)1 << 53
                   ? ROWAN_OK
                   : out_of_range(sink, cell, "an integer that a double cannot hold exactly");
    case ROWAN_TYPE_FLOAT:
        *(float *)(void *)at = (float)value;
        return value >= -(1 << 24) && value <= 1 << 24
                   ? ROWAN_OK
                   : out_of_range(sink, cell, "an integer that a float cannot hold exactly");
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return wrong_type(sink, cell, "an integer");
}

/* A whole real that an integer type may hold. */
static bool whole(double value, int64_t *out)
{
    if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) {
        return false;
    }
    *out = (int64_t)value;
    return (double)*out == value;
}

rowan_status rowan__put_real(rowan__sink *sink, const rowan__cell *cell, char *row, double value)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);
    int64_t integer;

    if (slot) {
        sink->bytes += sizeof value;
        slot->type = slot->type == ROWAN_TYPE_FLOAT ? ROWAN_TYPE_FLOAT : ROWAN_TYPE_DOUBLE;
        slot->as.real = value;
        return ROWAN_OK;
    }
    if (cell->type == ROWAN_TYPE_DOUBLE) {
        sink->bytes += sizeof value;
        *(double *)(void *)present(cell, row) = value;
        return ROWAN_OK;
    }
    if (cell->type == ROWAN_TYPE_FLOAT) {
        float narrow = (float)value;
        sink->bytes += sizeof narrow;
        *(float *)(void *)present(cell, row) = narrow;
        return (double)narrow == value || isnan(value)
                   ? ROWAN_OK
                   : out_of_range(sink, cell, "a real that a float cannot hold exactly");
    }
    bool integral = cell->type >= ROWAN_TYPE_INT16 && cell->type <= ROWAN_TYPE_INT64;
    if (integral && whole(value, &integer)) {
        return rowan__put_int(sink, cell, row, integer);
    }
    return wrong_type(sink, cell, "a real");
}

/* A copy in the arena; `out` is written on success. */
static rowan_status copy_text(rowan__sink *sink, const rowan__cell *cell, const char *data,
                              size_t size, const char **out)
{
    *out = rowan__sink_text(sink, data, size);
    if (*out) {
        return ROWAN_OK;
    }
    return memchr(data, '\0', size)
               ? out_of_range(sink, cell, "a text with a NUL inside: read it as a blob")
               : rowan__fail_nomem(sink->error);
}

static rowan_status put_label(rowan__sink *sink, const rowan__cell *cell, char *row,
                              const char *data, size_t size)
{
    for (size_t i = 0; cell->enumeration && i < cell->enumeration->count; i++) {
        const char *label = cell->enumeration->labels[i];
        if (strlen(label) == size && memcmp(label, data, size) == 0) {
            int enumerator = (int)i;
            memcpy(present(cell, row), &enumerator, sizeof enumerator);
            return ROWAN_OK;
        }
    }
    return out_of_range(sink, cell, "a label that its enum does not have: generate the model anew");
}

static rowan_status set_slot_text(rowan__sink *sink, const rowan__cell *cell, rowan_value *slot,
                                  const char *data, size_t size)
{
    const char *copy = NULL;
    rowan_status status = copy_text(sink, cell, data, size, &copy);

    slot->as.bytes = (rowan_blob){copy, copy ? size : 0};
    return status;
}

/* Text into a dynamic row: kept as text unless the type has a form of its own. */
static rowan_status put_dynamic_text(rowan__sink *sink, const rowan__cell *cell, rowan_value *slot,
                                     const char *data, size_t size)
{
    bool read = true;

    switch (slot->type) {
    case ROWAN_TYPE_DATE:
        read = rowan__date_read(data, size, &slot->as.date);
        break;
    case ROWAN_TYPE_TIME:
        read = rowan__time_read(data, size, &slot->as.time);
        break;
    case ROWAN_TYPE_TIMESTAMP:
        read = rowan__timestamp_read(data, size, &slot->as.timestamp);
        break;
    case ROWAN_TYPE_UUID:
        read = rowan__uuid_read(data, size, &slot->as.uuid);
        break;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_JSON:
        return set_slot_text(sink, cell, slot, data, size);
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        slot->type = ROWAN_TYPE_TEXT;
        return set_slot_text(sink, cell, slot, data, size);
    }
    return read ? ROWAN_OK : out_of_range(sink, cell, "a text that is not of the column's type");
}

static rowan_status store_text(rowan__sink *sink, const rowan__cell *cell, char *row,
                               const char *data, size_t size)
{
    const char *copy;
    rowan_status status = copy_text(sink, cell, data, size, &copy);

    if (status == ROWAN_OK) {
        memcpy(present(cell, row), &copy, sizeof copy);
    }
    return status;
}

rowan_status rowan__put_text(rowan__sink *sink, const rowan__cell *cell, char *row,
                             const char *data, size_t size)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);
    rowan_date date;
    rowan_time time;
    rowan_timestamp timestamp;
    rowan_uuid uuid;

    if (slot) {
        sink->bytes += size;
        return put_dynamic_text(sink, cell, slot, data, size);
    }
    switch (cell->type) {
    case ROWAN_TYPE_DECIMAL:
        if (!rowan__decimal_valid(data, size)) {
            return out_of_range(sink, cell, "a text that is no decimal number");
        }
        sink->bytes += size;
        return store_text(sink, cell, row, data, size);
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        sink->bytes += size;
        return store_text(sink, cell, row, data, size);
    case ROWAN_TYPE_ENUM:
        sink->bytes += size;
        return put_label(sink, cell, row, data, size);
    case ROWAN_TYPE_DATE:
        return rowan__date_read(data, size, &date)
                   ? rowan__put_date(sink, cell, row, date)
                   : out_of_range(sink, cell, "a text that is no date of the years 0001 to 9999");
    case ROWAN_TYPE_TIME:
        return rowan__time_read(data, size, &time)
                   ? rowan__put_time(sink, cell, row, time)
                   : out_of_range(sink, cell, "a text that is no time of day");
    case ROWAN_TYPE_TIMESTAMP:
        return rowan__timestamp_read(data, size, &timestamp)
                   ? rowan__put_timestamp(sink, cell, row, timestamp)
                   : out_of_range(sink, cell,
                                  "a text that is no UTC instant of the years 0001 to 9999");
    case ROWAN_TYPE_UUID:
        return rowan__uuid_read(data, size, &uuid)
                   ? rowan__put_uuid(sink, cell, row, uuid.bytes)
                   : out_of_range(sink, cell, "a text that is no uuid");
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_LIST:
        break;
    }
    return wrong_type(sink, cell, "a text");
}

rowan_status rowan__put_blob(rowan__sink *sink, const rowan__cell *cell, char *row,
                             const void *data, size_t size)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);

    if (!slot && cell->type != ROWAN_TYPE_BLOB) {
        return wrong_type(sink, cell, "a blob");
    }
    sink->bytes += size;
    rowan_blob blob = {rowan__arena_text(sink->arena, data, size), size};
    if (!blob.data) {
        return rowan__fail_nomem(sink->error);
    }
    if (slot) {
        slot->type = ROWAN_TYPE_BLOB;
        slot->as.bytes = blob;
    } else {
        memcpy(present(cell, row), &blob, sizeof blob);
    }
    return ROWAN_OK;
}

rowan_status rowan__put_date(rowan__sink *sink, const rowan__cell *cell, char *row, rowan_date date)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);

    if (!rowan__date_valid(date)) {
        return out_of_range(sink, cell, "a date outside the years 0001 to 9999");
    }
    if (!slot && cell->type != ROWAN_TYPE_DATE) {
        return wrong_type(sink, cell, "a date");
    }
    sink->bytes += sizeof date;
    *(slot ? &slot->as.date : (rowan_date *)(void *)present(cell, row)) = date;
    return ROWAN_OK;
}

rowan_status rowan__put_time(rowan__sink *sink, const rowan__cell *cell, char *row, rowan_time time)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);

    if (!rowan__time_valid(time)) {
        return out_of_range(sink, cell, "a time that is not within a day");
    }
    if (!slot && cell->type != ROWAN_TYPE_TIME) {
        return wrong_type(sink, cell, "a time");
    }
    sink->bytes += sizeof time;
    *(slot ? &slot->as.time : (rowan_time *)(void *)present(cell, row)) = time;
    return ROWAN_OK;
}

rowan_status rowan__put_timestamp(rowan__sink *sink, const rowan__cell *cell, char *row,
                                  rowan_timestamp timestamp)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);

    if (!rowan__timestamp_valid(timestamp)) {
        return out_of_range(sink, cell, "an instant outside the years 0001 to 9999");
    }
    if (!slot && cell->type != ROWAN_TYPE_TIMESTAMP) {
        return wrong_type(sink, cell, "an instant");
    }
    sink->bytes += sizeof timestamp;
    *(slot ? &slot->as.timestamp : (rowan_timestamp *)(void *)present(cell, row)) = timestamp;
    return ROWAN_OK;
}

rowan_status rowan__put_uuid(rowan__sink *sink, const rowan__cell *cell, char *row,
                             const uint8_t *bytes)
{
    rowan_value *slot = dynamic_slot(sink, cell, row);

    if (!slot && cell->type != ROWAN_TYPE_UUID) {
        return wrong_type(sink, cell, "a uuid");
    }
    sink->bytes += sizeof(rowan_uuid);
    memcpy(slot ? slot->as.uuid.bytes : (uint8_t *)present(cell, row), bytes, sizeof(rowan_uuid));
    return ROWAN_OK;
}
