/*
 * The server's types: which of ours they are, and how their values are read.
 *
 * A result comes in one form for all of its columns. Text is what enums, network addresses and
 * whatever an extension brings can be read in; and it is as fast as binary where there are only
 * texts, decimals, truth values and integers: libpq lines no value up, and nobody has to ask it
 * whether a number is NULL, which is then the empty text. Reals, times and bytes are read in
 * binary, which costs nothing to parse. Which reader a cell needs is decided once for a statement
 * and a layout.
 */
#include "driver/postgresql/postgresql_private.h"

#include "base/error.h"

/* One without a reader is refused by name; one that is not listed is read as text. */
static const struct type {
    Oid oid;
    Oid array; /* the type of arrays of it */
    const char *name;
    rowan_type type;
    rowan__postgresql_reader binary;
    rowan__postgresql_reader text;
} types[] = {
    {ROWAN__PG_BOOL, 1000, "boolean", ROWAN_TYPE_BOOL, ROWAN__PG_READ_BOOL, ROWAN__PG_TEXT_BOOL},
    {ROWAN__PG_BYTEA, 1001, "bytea", ROWAN_TYPE_BLOB, ROWAN__PG_READ_BYTEA, ROWAN__PG_TEXT_BYTEA},
    {ROWAN__PG_NAME, 1003, "name", ROWAN_TYPE_TEXT, ROWAN__PG_READ_TEXT, ROWAN__PG_READ_TEXT},
    {ROWAN__PG_INT8, 1016, "bigint", ROWAN_TYPE_INT64, ROWAN__PG_READ_INT8, ROWAN__PG_TEXT_INT},
    {ROWAN__PG_INT2, 1005, "smallint", ROWAN_TYPE_INT16, ROWAN__PG_READ_INT2, ROWAN__PG_TEXT_INT},
    {ROWAN__PG_INT4, 1007, "integer", ROWAN_TYPE_INT32, ROWAN__PG_READ_INT4, ROWAN__PG_TEXT_INT},
    {ROWAN__PG_TEXT, 1009, "text", ROWAN_TYPE_TEXT, ROWAN__PG_READ_TEXT, ROWAN__PG_READ_TEXT},
    {ROWAN__PG_OID, 1028, "oid", ROWAN_TYPE_INT64, ROWAN__PG_READ_OID, ROWAN__PG_TEXT_INT},
    {ROWAN__PG_JSON, 199, "json", ROWAN_TYPE_JSON, ROWAN__PG_READ_TEXT, ROWAN__PG_READ_TEXT},
    {ROWAN__PG_FLOAT4, 1021, "real", ROWAN_TYPE_FLOAT, ROWAN__PG_READ_FLOAT4, ROWAN__PG_TEXT_FLOAT},
    {ROWAN__PG_FLOAT8, 1022, "double precision", ROWAN_TYPE_DOUBLE, ROWAN__PG_READ_FLOAT8,
     ROWAN__PG_TEXT_DOUBLE},
    {ROWAN__PG_BPCHAR, 1014, "character", ROWAN_TYPE_TEXT, ROWAN__PG_READ_TEXT,
     ROWAN__PG_READ_TEXT},
    {ROWAN__PG_VARCHAR, 1015, "character varying", ROWAN_TYPE_TEXT, ROWAN__PG_READ_TEXT,
     ROWAN__PG_READ_TEXT},
    {ROWAN__PG_DATE, 1182, "date", ROWAN_TYPE_DATE, ROWAN__PG_READ_DATE, ROWAN__PG_READ_TEXT},
    {ROWAN__PG_TIME, 1183, "time", ROWAN_TYPE_TIME, ROWAN__PG_READ_TIME, ROWAN__PG_READ_TEXT},
    {ROWAN__PG_TIMESTAMP, 1115, "timestamp", ROWAN_TYPE_TIMESTAMP, ROWAN__PG_READ_TIMESTAMP,
     ROWAN__PG_READ_TEXT},
    {ROWAN__PG_TIMESTAMPTZ, 1185, "timestamptz", ROWAN_TYPE_TIMESTAMP, ROWAN__PG_READ_TIMESTAMP,
     ROWAN__PG_READ_TEXT},
    {ROWAN__PG_NUMERIC, 1231, "numeric", ROWAN_TYPE_DECIMAL, ROWAN__PG_READ_NUMERIC,
     ROWAN__PG_TEXT_NUMERIC},
    {ROWAN__PG_UUID, 2951, "uuid", ROWAN_TYPE_UUID, ROWAN__PG_READ_UUID, ROWAN__PG_READ_TEXT},
    {ROWAN__PG_JSONB, 3807, "jsonb", ROWAN_TYPE_JSON, ROWAN__PG_READ_JSONB, ROWAN__PG_READ_TEXT},
    {1186, 1187, "interval", 0, 0, 0},
    {1266, 1270, "time with time zone", 0, 0, 0},
    {2249, 2287, "record", 0, 0, 0},
    {3904, 3905, "int4range", 0, 0, 0},
    {3906, 3907, "numrange", 0, 0, 0},
    {3908, 3909, "tsrange", 0, 0, 0},
    {3910, 3911, "tstzrange", 0, 0, 0},
    {3912, 3913, "daterange", 0, 0, 0},
    {3926, 3927, "int8range", 0, 0, 0},
    {4451, 6150, "int4multirange", 0, 0, 0},
    {4532, 6151, "nummultirange", 0, 0, 0},
    {4533, 6152, "tsmultirange", 0, 0, 0},
    {4534, 6153, "tstzmultirange", 0, 0, 0},
    {4535, 6155, "datemultirange", 0, 0, 0},
    {4536, 6157, "int8multirange", 0, 0, 0},
};

/* The type of that number; `*is_array`: the number is that of arrays of it. NULL: not listed. */
static const struct type *find_type(Oid oid, bool *is_array)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].oid == oid || types[i].array == oid) {
            *is_array = types[i].array == oid;
            return &types[i];
        }
    }
    return NULL;
}

rowan_type rowan__postgresql_type(Oid oid)
{
    bool is_array;
    const struct type *type = find_type(oid, &is_array);

    return type && !is_array ? type->type : 0;
}

Oid rowan__postgresql_element(Oid oid)
{
    bool is_array;
    const struct type *type = find_type(oid, &is_array);

    return type && is_array ? type->oid : 0;
}

/* Whether the text of a type has to be parsed at some cost. */
static bool better_in_binary(rowan_type type)
{
    return type == ROWAN_TYPE_FLOAT || type == ROWAN_TYPE_DOUBLE ||
           (type >= ROWAN_TYPE_BLOB && type <= ROWAN_TYPE_UUID);
}

bool rowan__postgresql_reads_binary(const PGresult *description)
{
    bool pays = false;

    for (int i = 0; i < client->PQnfields(description); i++) {
        bool is_array;
        const struct type *type = find_type(client->PQftype(description, i), &is_array);
        if (!type || is_array || type->type == 0) {
            return false;
        }
        pays = pays || better_in_binary(type->type);
    }
    return pays;
}

/* --- Choosing --- */

static bool is_number(rowan_type type)
{
    return type >= ROWAN_TYPE_BOOL && type <= ROWAN_TYPE_DOUBLE;
}

/* Whether values of a server's type can go into members of a type at all. */
static bool fits(rowan_type from, bool has_fraction, rowan_type to)
{
    switch (from) {
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        return is_number(to);
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return is_number(to) && to != ROWAN_TYPE_BOOL;
    case ROWAN_TYPE_DECIMAL:
        return to == ROWAN_TYPE_DECIMAL || to == ROWAN_TYPE_TEXT ||
               (!has_fraction && to >= ROWAN_TYPE_INT16 && to <= ROWAN_TYPE_INT64);
    case ROWAN_TYPE_TEXT:
        return !is_number(to) && to != ROWAN_TYPE_BLOB;
    case ROWAN_TYPE_JSON:
        return to == ROWAN_TYPE_JSON || to == ROWAN_TYPE_TEXT;
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        break;
    }
    return from == to;
}

static rowan_status refuse(const rowan__cell *cell, rowan_status status, const char *type,
                           bool is_array, const char *advice, rowan_error *error)
{
    rowan__fail(error, status, "column \"%.60s\" is of type %s%s, which %s", cell->name, type,
                is_array ? "[]" : "", advice);
    if (error) {
        rowan__error_copy(error->column, sizeof error->column, cell->name, strlen(cell->name));
    }
    return status;
}

/* The direct reader for a member, if there is one. */
static rowan__postgresql_reader direct(rowan__postgresql_reader chosen, Oid oid, rowan_type member)
{
    static const struct {
        rowan__postgresql_reader usual;
        rowan_type member;
        rowan__postgresql_reader direct;
    } pairs[] = {
        {ROWAN__PG_READ_BOOL, ROWAN_TYPE_BOOL, ROWAN__PG_DIRECT_BOOL},
        {ROWAN__PG_READ_INT2, ROWAN_TYPE_INT16, ROWAN__PG_DIRECT_INT2},
        {ROWAN__PG_READ_INT4, ROWAN_TYPE_INT32, ROWAN__PG_DIRECT_INT4},
        {ROWAN__PG_READ_INT8, ROWAN_TYPE_INT64, ROWAN__PG_DIRECT_INT8},
        {ROWAN__PG_READ_FLOAT8, ROWAN_TYPE_DOUBLE, ROWAN__PG_DIRECT_FLOAT8},
        {ROWAN__PG_READ_TEXT, ROWAN_TYPE_TEXT, ROWAN__PG_DIRECT_TEXT},
        {ROWAN__PG_READ_TEXT, ROWAN_TYPE_JSON, ROWAN__PG_DIRECT_TEXT},
        {ROWAN__PG_TEXT_NUMERIC, ROWAN_TYPE_TEXT, ROWAN__PG_DIRECT_TEXT_NUMERIC},
        {ROWAN__PG_TEXT_NUMERIC, ROWAN_TYPE_DECIMAL, ROWAN__PG_DIRECT_TEXT_NUMERIC},
        {ROWAN__PG_TEXT_BOOL, ROWAN_TYPE_BOOL, ROWAN__PG_DIRECT_TEXT_BOOL},
    };
    /* The text of an integer does not say of which type it is. */
    static const struct {
        Oid oid;
        rowan_type member;
        rowan__postgresql_reader direct;
    } integers[] = {
        {ROWAN__PG_INT2, ROWAN_TYPE_INT16, ROWAN__PG_DIRECT_TEXT_INT2},
        {ROWAN__PG_INT4, ROWAN_TYPE_INT32, ROWAN__PG_DIRECT_TEXT_INT4},
        {ROWAN__PG_INT8, ROWAN_TYPE_INT64, ROWAN__PG_DIRECT_TEXT_INT8},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].usual == chosen && pairs[i].member == member) {
            return pairs[i].direct;
        }
    }
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        if (chosen == ROWAN__PG_TEXT_INT && integers[i].oid == oid &&
            integers[i].member == member) {
            return integers[i].direct;
        }
    }
    return chosen;
}

rowan_status rowan__postgresql_bind_cell(const rowan__postgresql_prepared *prepared, int column,
                                         bool dynamic, rowan__cell *cell, rowan_error *error)
{
    bool is_array = false;
    const struct type *type = find_type(client->PQftype(prepared->description, column), &is_array);
    int modifier = client->PQfmod(prepared->description, column);
    /* A numeric's modifier is precision and scale; -1 is a number of any form, such as a sum. */
    bool has_fraction = modifier >= 4 && ((modifier - 4) & 0x7FF) != 0;

    if (type && (is_array || type->type == 0)) {
        return refuse(cell, ROWAN_UNSUPPORTED, type->name, is_array,
                      "cannot be read: CAST it to text, or select its parts", error);
    }
    rowan_type from = type ? type->type : ROWAN_TYPE_TEXT;
    rowan__postgresql_reader chosen = ROWAN__PG_READ_TEXT;
    if (type) {
        chosen = prepared->binary ? type->binary : type->text;
    }
    if (dynamic) {
        cell->type = from;
    } else if (!fits(from, has_fraction, cell->type)) {
        return refuse(cell, ROWAN_WRONG_TYPE, type ? type->name : "one that comes as text", false,
                      "its member cannot hold: change the member, or CAST the column", error);
    } else {
        chosen = direct(chosen, client->PQftype(prepared->description, column), cell->type);
    }
    cell->reader = (uint8_t)chosen;
    return ROWAN_OK;
}
