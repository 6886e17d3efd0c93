/*
 * Preparing statements. A prepared statement keeps copies of its columns' names, because the client
 * library describes the columns anew whenever the server does.
 */
#include "driver/mariadb/mariadb_private.h"

#include "base/alloc.h"
#include "base/error.h"
#include "driver/reading.h"

rowan__mariadb_kind rowan__mariadb_kind_of(const char *sql, size_t size)
{
    static const struct {
        const char *word;
        rowan__mariadb_kind kind;
    } words[] = {
        {"SELECT", ROWAN__MARIADB_READS},       {"WITH", ROWAN__MARIADB_READS},
        {"SHOW", ROWAN__MARIADB_READS},         {"VALUES", ROWAN__MARIADB_READS},
        {"DESCRIBE", ROWAN__MARIADB_READS},     {"EXPLAIN", ROWAN__MARIADB_READS},
        {"DO", ROWAN__MARIADB_READS},           {"SET", ROWAN__MARIADB_CONTROLS},
        {"START", ROWAN__MARIADB_CONTROLS},     {"BEGIN", ROWAN__MARIADB_CONTROLS},
        {"SAVEPOINT", ROWAN__MARIADB_CONTROLS}, {"ROLLBACK", ROWAN__MARIADB_CONTROLS},
        {"INSERT", ROWAN__MARIADB_CHANGES},     {"UPDATE", ROWAN__MARIADB_CHANGES},
        {"DELETE", ROWAN__MARIADB_CHANGES},     {"REPLACE", ROWAN__MARIADB_CHANGES},
        {"RELEASE", ROWAN__MARIADB_CONTROLS},   {"COMMIT", ROWAN__MARIADB_COMMITS},
    };
    const rowan__reading reading = rowan__dialect_reading(&rowan__mariadb_dialect);
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, &reading, sql, size);
    do {
        rowan__token_next(&reader, &token);
    } while (token.kind == ROWAN__TOKEN_SPACE || token.kind == ROWAN__TOKEN_COMMENT ||
             token.kind == ROWAN__TOKEN_OPEN);
    char first = token.size > 0 ? (char)(sql[token.offset] & ~0x20) : '\0'; /* as a capital */
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i].word[0] == first && rowan__token_is(&reader, &token, words[i].word)) {
            return words[i].kind;
        }
    }
    return ROWAN__MARIADB_WRITES;
}

static bool has_attribute(const MYSQL_FIELD *field, enum mariadb_field_attr_t attribute,
                          const char *value)
{
    MARIADB_CONST_STRING text = {NULL, 0};

    return client->mariadb_field_attr(&text, field, attribute) == 0 &&
           text.length == strlen(value) && memcmp(text.str, value, text.length) == 0;
}

void rowan__mariadb_note_fields(rowan__mariadb_prepared *prepared, const MYSQL_FIELD *fields,
                                bool executed)
{
    for (size_t i = 0; i < prepared->base.column_count; i++) {
        const MYSQL_FIELD *field = &fields[i];
        rowan__mariadb_field *known = &prepared->fields[i];
        bool same = known->type == field->type && known->charset == field->charsetnr;
        known->is_json = executed ? known->is_json && same
                                  : has_attribute(field, MARIADB_FIELD_ATTR_FORMAT_NAME, "json");
        known->is_uuid = executed ? known->is_uuid && same
                                  : has_attribute(field, MARIADB_FIELD_ATTR_DATA_TYPE_NAME, "uuid");
        known->type = field->type;
        known->flags = field->flags;
        known->decimals = field->decimals;
        known->charset = field->charsetnr;
        known->length = field->length;
    }
}

void rowan__mariadb_forget_names(MYSQL_STMT *stmt)
{
    MYSQL_FIELD *fields = client->mariadb_stmt_fetch_fields(stmt);

    for (unsigned i = 0; i < client->mysql_stmt_field_count(stmt); i++) {
        MYSQL_FIELD *field = &fields[i];
        field->name = field->org_name = NULL;
        field->table = field->org_table = NULL;
        field->db = field->catalog = field->def = NULL;
        field->extension = NULL;
    }
}

/* One block for all arrays and the columns' names. */
static rowan_status allocate(rowan__mariadb_prepared *prepared, const MYSQL_FIELD *fields,
                             rowan_error *error)
{
    size_t params = prepared->base.param_count;
    size_t columns = prepared->base.column_count;
    size_t names_size = 0;

    for (size_t i = 0; i < columns; i++) {
        names_size += strlen(fields[i].name) + 1;
    }
    prepared->block_size =
        params * (sizeof *prepared->params + sizeof *prepared->slots + 1) +
        columns * (sizeof *prepared->fields + sizeof *prepared->cells + sizeof *prepared->names) +
        names_size;
    if (prepared->block_size == 0) {
        return ROWAN_OK;
    }
    prepared->block = rowan__new(prepared->base.connection->allocator, 1, prepared->block_size);
    if (!prepared->block) {
        return rowan__fail_nomem(error);
    }
    prepared->params = prepared->block;
    prepared->slots = (void *)(prepared->params + params);
    prepared->fields = (void *)(prepared->slots + params);
    prepared->cells = (void *)(prepared->fields + columns);
    prepared->names = (void *)(prepared->cells + columns);
    prepared->sent = (unsigned char *)(prepared->names + columns);
    char *name = (char *)prepared->sent + params;
    for (size_t i = 0; i < columns; i++) {
        size_t size = strlen(fields[i].name) + 1;
        memcpy(name, fields[i].name, size);
        prepared->names[i] = name;
        name += size;
    }
    prepared->base.column_names = prepared->names;
    if (columns > 0) {
        rowan__mariadb_note_fields(prepared, fields, false);
    }
    return ROWAN_OK;
}

/* The client library takes callbacks by way of an object's address, which C has no cast for. */
static const union {
    my_bool (*function)(void *prepared, MYSQL_BIND *binds, unsigned index);
    const void *pointer;
} refuse_row = {rowan__mariadb_refuse_row};

static rowan_status prepare_text(rowan__mariadb_prepared *prepared, MYSQL_STMT *description,
                                 const char *sql, size_t size, rowan_error *error)
{
    rowan__mariadb_connection *connection = (rowan__mariadb_connection *)prepared->base.connection;

    prepared->stmt = client->mysql_stmt_init(connection->mysql);
    if (!prepared->stmt) {
        return rowan__fail_nomem(error);
    }
    connection->base.round_trips++;
    if (rowan__mariadb_take(connection, ROWAN__MARIADB_PREPARE, prepared->stmt, sql, size) != 0) {
        return rowan__mariadb_fail(connection, prepared->stmt, sql, size, error);
    }
    MYSQL_STMT *described = description ? description : prepared->stmt;
    prepared->base.param_count = client->mysql_stmt_param_count(prepared->stmt);
    prepared->base.column_count = client->mysql_stmt_field_count(described);
    rowan_status status = allocate(prepared, client->mariadb_stmt_fetch_fields(described), error);
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__mariadb_forget_names(prepared->stmt);
    client->mysql_stmt_attr_set(prepared->stmt, STMT_ATTR_CB_PARAM, refuse_row.pointer);
    return ROWAN_OK;
}

static rowan_status prepare_on_server(rowan__mariadb_prepared *prepared, const char *sql,
                                      size_t size, rowan_error *error)
{
    rowan__mariadb_connection *connection = (rowan__mariadb_connection *)prepared->base.connection;
    MYSQL_STMT *description = NULL;
    rowan__text named; /* the write with its columns named, if it returns all of them */

    rowan__text_init(&named, connection->base.allocator);
    if (prepared->kind == ROWAN__MARIADB_CHANGES) {
        description = rowan__mariadb_describe_returning(connection, sql, size, &named);
    }
    prepared->is_expanded = description && named.size > 0;
    rowan_status status = named.failed ? rowan__fail_nomem(error)
                          : prepared->is_expanded
                              ? prepare_text(prepared, description, named.data, named.size, error)
                              : prepare_text(prepared, description, sql, size, error);
    if (description) {
        client->mysql_stmt_close(description);
    }
    rowan__text_fini(&named);
    return status;
}

/* One turn, for which nothing is written: a connection that breaks meanwhile leaves nothing in
 * doubt. */
static rowan_status prepare_in_turn(rowan__mariadb_prepared *prepared, const char *sql, size_t size,
                                    rowan_error *error)
{
    rowan__mariadb_connection *connection = (rowan__mariadb_connection *)prepared->base.connection;
    rowan_status status = rowan__mariadb_turn_begin(connection, connection->base.deadline_ns, false,
                                                    ROWAN__MARIADB_READS, error);

    if (status != ROWAN_OK) {
        return status;
    }
    status = prepare_on_server(prepared, sql, size, error);
    rowan_status stopped = rowan__mariadb_stopped(connection);
    if (status != ROWAN_OK && stopped != ROWAN_OK) {
        status = rowan__mariadb_fail_stopped(connection, stopped, error);
    }
    rowan__mariadb_turn_end(connection);
    return status;
}

rowan_status rowan__mariadb_prepare(rowan__connection *base, const char *sql, size_t size,
                                    rowan__prepared **out, rowan_error *error)
{
    rowan__mariadb_prepared *prepared = rowan__new(base->allocator, 1, sizeof *prepared);

    *out = NULL;
    if (!prepared) {
        return rowan__fail_nomem(error);
    }
    if (rowan__mariadb_is_too_large(base, size)) {
        rowan__free(base->allocator, prepared, 1, sizeof *prepared);
        return rowan__mariadb_fail_size(error);
    }
    prepared->base.connection = base;
    prepared->kind = rowan__mariadb_kind_of(sql, size);
    rowan__text_init(&prepared->scratch, base->allocator);
    rowan_status status = prepare_in_turn(prepared, sql, size, error);
    if (status != ROWAN_OK) {
        rowan__mariadb_unprepare(&prepared->base);
        return status;
    }
    *out = &prepared->base;
    return ROWAN_OK;
}

void rowan__mariadb_unprepare(rowan__prepared *base)
{
    rowan__mariadb_prepared *prepared = (rowan__mariadb_prepared *)base;

    if (!prepared) {
        return;
    }
    const rowan_allocator *allocator = base->connection->allocator;
    if (prepared->stmt) {
        client->mysql_stmt_close(prepared->stmt);
    }
    rowan__text_fini(&prepared->scratch);
    rowan__free(allocator, prepared->block, 1, prepared->block_size);
    rowan__free(allocator, prepared, 1, sizeof *prepared);
}
