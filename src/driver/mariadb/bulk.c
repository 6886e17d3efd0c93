/*
 * One statement with many rows of parameters, sent at once.
 *
 * The client library writes such a packet row by row and asks for each row by a callback. So
 * nothing is collected in arrays before: what is bound for a row points straight at its values, or
 * at the members of its struct. A packet begins with the types of its parameters, so rows whose
 * values differ in type cannot go together, except for NULLs; nor can lists.
 */
#include "driver/mariadb/mariadb_private.h"

enum { MOST_ROWS = 1 << 20 };

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

rowan__mariadb_batch rowan__mariadb_batch_from(rowan__mariadb_prepared *prepared,
                                               rowan__operation *operation, size_t first)
{
    const rowan__structs *structs = operation->structs;
    size_t columns = prepared->base.param_count;
    size_t rows = (structs ? structs->count : operation->param_rows) - first;
    rowan__mariadb_batch batch = {.operation = operation, .first = first};

    batch.rows = rows < MOST_ROWS ? (unsigned)rows : MOST_ROWS;
    if (structs) {
        for (size_t i = 0; i < columns; i++) {
            prepared->params[i].buffer_type = rowan__mariadb_member_type(structs->columns[i]->type);
        }
    } else {
        batch.rows =
            joining(operation->params + first * columns, batch.rows, columns, prepared->params);
    }
    return batch;
}
