/*
 * One statement with many parameter rows, sent at once.
 *
 * The client library takes an array for each parameter: of numbers, or of pointers for whatever has
 * no fixed width, with the lengths and the NULLs in arrays beside it. A column of one array is of
 * one type, so rows whose values differ in type cannot be sent this way, except for NULLs; nor can
 * lists.
 */
#include "driver/mariadb/mariadb_private.h"

#include "base/alloc.h"
#include "base/error.h"

/* Values of one packet together; the server's own limit is 16 MiB unless it was configured
 * otherwise. */
#define PACKET_BYTES ((size_t)8 << 20)
enum { MOST_ROWS = 1 << 20 };

/* The arrays of one parameter. */
typedef struct param_array {
    void **values; /* pointers, or the numbers themselves, which are as wide */
    unsigned long *lengths;
    char *nulls;
} param_array;

_Static_assert(sizeof(void *) == sizeof(int64_t) && sizeof(int64_t) == sizeof(double),
               "numbers and pointers lie in one array");

static size_t value_size(const rowan_value *value)
{
    switch (value->type) {
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_BLOB:
        return value->as.bytes.size + 9;
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return 40;
}

/* Integers of all widths are sent in one way, and so on; 0 stands for what cannot be in an array.
 */
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

/* How many rows, from the first on, are of the same types and go into one packet. */
static unsigned plan(const rowan_value *values, size_t rows, size_t columns, MYSQL_BIND *params)
{
    size_t bytes = 0;
    unsigned fitting = 0;

    for (size_t i = 0; i < columns; i++) {
        params[i].buffer_type = MYSQL_TYPE_NULL;
    }
    while (fitting < rows && fitting < MOST_ROWS) {
        const rowan_value *row = &values[fitting * columns];
        for (size_t i = 0; i < columns; i++) {
            bytes += row[i].is_null ? 1 : value_size(&row[i]);
        }
        if ((fitting > 0 && bytes > PACKET_BYTES) || !joins(row, columns, params)) {
            break;
        }
        fitting++;
    }
    return fitting;
}

static rowan_status fill_cell(rowan__mariadb_prepared *prepared, size_t index,
                              const rowan_value *value, rowan__mariadb_slot *slot,
                              param_array *array, size_t row, uint64_t *bytes, rowan_error *error)
{
    MYSQL_BIND one;
    rowan_status status = rowan__mariadb_param(prepared, index, value, slot, &one, error);

    if (status != ROWAN_OK) {
        return status;
    }
    array->nulls[row] =
        one.buffer_type == MYSQL_TYPE_NULL ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
    array->lengths[row] = one.buffer_length;
    array->values[row] = one.buffer;
    if (one.buffer_type == MYSQL_TYPE_LONGLONG || one.buffer_type == MYSQL_TYPE_DOUBLE) {
        memcpy(&array->values[row], one.buffer, sizeof array->values[row]);
    }
    *bytes += rowan__mariadb_param_size(&one);
    return ROWAN_OK;
}

/* Hands the arrays to the client library's description of the parameters. */
static void describe(MYSQL_BIND *param, const param_array *array)
{
    enum enum_field_types type = param->buffer_type;

    memset(param, 0, sizeof *param);
    param->buffer_type = type == MYSQL_TYPE_NULL ? MYSQL_TYPE_STRING : type;
    param->buffer = array->values;
    param->length = array->lengths;
    param->u.indicator = array->nulls;
}

/*
 * Divides the block: for each parameter values, lengths and NULLs, the last rounded up to the
 * alignment of what follows, and the slots behind all of them.
 */
static size_t array_size(unsigned rows)
{
    return rows * (sizeof(void *) + sizeof(unsigned long)) + (rows + 15) / 16 * 16;
}

static param_array array_at(rowan__mariadb_arrays *arrays, size_t index)
{
    char *start = (char *)arrays->block + index * array_size(arrays->rows);
    void *lengths = start + arrays->rows * sizeof(void *);

    return (param_array){
        .values = (void **)(void *)start,
        .lengths = lengths,
        .nulls = (char *)lengths + arrays->rows * sizeof(unsigned long),
    };
}

void rowan__mariadb_arrays_free(rowan__mariadb_arrays *arrays)
{
    rowan__free(arrays->allocator, arrays->block, 1, arrays->block_size);
    arrays->block = NULL;
}

rowan_status rowan__mariadb_arrays_new(rowan__mariadb_prepared *prepared,
                                       rowan__operation *operation, size_t first,
                                       rowan__mariadb_arrays *out, rowan_error *error)
{
    size_t columns = prepared->base.param_count;
    const rowan_value *values = operation->params + first * columns;
    uint64_t bytes = 0;
    rowan_status status = ROWAN_OK;

    *out = (rowan__mariadb_arrays){.allocator = prepared->base.connection->allocator};
    out->rows =
        columns > 0 ? plan(values, operation->param_rows - first, columns, prepared->params) : 0;
    if (out->rows == 0) {
        return ROWAN_UNSUPPORTED;
    }
    out->block_size = columns * (array_size(out->rows) + out->rows * sizeof(rowan__mariadb_slot));
    out->block = rowan__new(out->allocator, 1, out->block_size);
    if (!out->block) {
        return rowan__fail_nomem(error);
    }
    rowan__mariadb_slot *slots = (void *)((char *)out->block + columns * array_size(out->rows));
    for (size_t i = 0; i < columns && status == ROWAN_OK; i++) {
        param_array array = array_at(out, i);
        for (size_t row = 0; row < out->rows && status == ROWAN_OK; row++) {
            status = fill_cell(prepared, i, &values[row * columns + i], &slots[i * out->rows + row],
                               &array, row, &bytes, error);
        }
        describe(&prepared->params[i], &array);
    }
    if (status != ROWAN_OK) {
        rowan__mariadb_arrays_free(out);
        return status;
    }
    operation->bytes_sent += bytes;
    return ROWAN_OK;
}
