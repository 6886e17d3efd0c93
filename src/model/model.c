/* Looking things up in models, and reading members of rows. */
#include <rowan/model.h>

#include <string.h>

const rowan_column *rowan_table_column(const rowan_table *table, const char *name)
{
    for (size_t i = 0; table && name && i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return &table->columns[i];
        }
    }
    return NULL;
}

const rowan_relation *rowan_table_relation(const rowan_table *table, const char *name)
{
    for (size_t i = 0; table && name && i < table->relation_count; i++) {
        if (strcmp(table->relations[i]->name, name) == 0) {
            return table->relations[i];
        }
    }
    return NULL;
}

rowan_value rowan_column_value(const rowan_column *column, const void *row)
{
    if (!column || !row) {
        return rowan_v_null();
    }
    const char *member = (const char *)row + column->offset;
    const void *at = (const char *)row + column->value_offset;
    bool nullable = (column->flags & ROWAN_NULLABLE) != 0;
    rowan_value value = rowan_v_of(column->type);

    if (nullable && !*(const bool *)member) {
        value.is_null = true;
        return value;
    }
    switch (column->type) {
    case ROWAN_TYPE_BOOL:
        value.as.boolean = *(const bool *)at;
        break;
    case ROWAN_TYPE_INT16:
        value.as.integer = *(const int16_t *)at;
        break;
    case ROWAN_TYPE_INT32:
        value.as.integer = *(const int32_t *)at;
        break;
    case ROWAN_TYPE_INT64:
        value.as.integer = *(const int64_t *)at;
        break;
    case ROWAN_TYPE_ENUM: {
        /* A generated enum has the size of an int; which of int and unsigned it is, is the
         * compiler's choice. */
        int enumerator;
        memcpy(&enumerator, at, sizeof enumerator);
        value.as.integer = enumerator;
        break;
    }
    case ROWAN_TYPE_FLOAT:
        value.as.real = (double)*(const float *)at;
        break;
    case ROWAN_TYPE_DOUBLE:
        value.as.real = *(const double *)at;
        break;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON: {
        /* rowan_decimal and rowan_json are structs of one such pointer. */
        const char *text;
        memcpy(&text, at, sizeof text);
        return rowan_v_bytes(column->type, text, text ? strlen(text) : 0);
    }
    case ROWAN_TYPE_BLOB:
        return rowan_v_blob(*(const rowan_blob *)at);
    case ROWAN_TYPE_DATE:
        value.as.date = *(const rowan_date *)at;
        break;
    case ROWAN_TYPE_TIME:
        value.as.time = *(const rowan_time *)at;
        break;
    case ROWAN_TYPE_TIMESTAMP:
        value.as.timestamp = *(const rowan_timestamp *)at;
        break;
    case ROWAN_TYPE_UUID:
        value.as.uuid = *(const rowan_uuid *)at;
        break;
    case ROWAN_TYPE_LIST:
        value.is_null = true;
        break;
    }
    return value;
}
