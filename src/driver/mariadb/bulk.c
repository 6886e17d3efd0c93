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

/* The arrays of one parameter. */
typedef struct param_array {
    enum enum_field_types type;
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

/* How many rows go into one packet, and whether each parameter keeps its type over them. */
static bool plan(const rowan_value *values, size_t rows, size_t columns, unsigned *fitting)
{
    size_t bytes = 0;

    *fitting = 0;
    for (size_t row = 0; row < rows && *fitting < 1u << 20; row++) {
        for (size_t i = 0; i < columns; i++) {
            const rowan_value *value = &values[row * columns + i];
            if (value->type == ROWAN_TYPE_LIST) {
                return false;
            }
            bytes += value->is_null ? 1 : value_size(value);
        }
        if (row > 0 && bytes > PACKET_BYTES) {
            break;
        }
        ++*fitting;
    }
    return columns > 0;
}

/* Integers of all widths, and reals, and texts, are sent in one way each; 0 stands for NULL. */
static bool same_type(param_array *array, enum enum_field_types type)
{
    if (type == MYSQL_TYPE_NULL || type == array->type) {
        return true;
    }
    if (array->type != MYSQL_TYPE_NULL) {
        return false;
    }
    array->type = type;
    return true;
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
    if (!same_type(array, one.buffer_type)) {
        return ROWAN_UNSUPPORTED;
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
    memset(param, 0, sizeof *param);
    param->buffer_type = array->type == MYSQL_TYPE_NULL ? MYSQL_TYPE_STRING : array->type;
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
        .type = MYSQL_TYPE_NULL,
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
    if (!plan(values, operation->param_rows - first, columns, &out->rows)) {
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
