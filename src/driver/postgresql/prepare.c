/*
 * Preparing statements on PostgreSQL.
 *
 * Preparing a statement and asking for its parameters and columns is one round trip, in pipeline
 * mode; statements that were given up since are deallocated in the same trip.
 */
#include "driver/postgresql/postgresql_private.h"

#include "base/alloc.h"
#include "base/error.h"
#include "driver/reading.h"

static rowan__postgresql_connection *as_postgresql(rowan__connection *connection)
{
    return (rowan__postgresql_connection *)connection;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Where the first word begins, behind blanks, comments and parentheses. */
static size_t first_word(const char *sql, size_t size)
{
    rowan__reading reading = rowan__dialect_reading(&rowan__postgresql_dialect);
    rowan__reader reader;
    rowan__token token;

    if (size > 0 && is_letter(sql[0])) {
        return 0;
    }
    rowan__reader_init(&reader, &reading, sql, size);
    do {
        rowan__token_next(&reader, &token);
    } while (token.kind == ROWAN__TOKEN_SPACE || token.kind == ROWAN__TOKEN_COMMENT ||
             token.kind == ROWAN__TOKEN_OPEN || token.kind == ROWAN__TOKEN_SEMICOLON);
    return token.offset;
}

/* Whether a text begins with a word, which is given in capitals. */
static bool begins_with(const char *sql, size_t size, const char *word)
{
    size_t i = 0;

    while (word[i] && i < size && is_letter(sql[i]) && (sql[i] & ~0x20) == word[i]) {
        i++;
    }
    bool ends = i == size || !(is_letter(sql[i]) || (sql[i] >= '0' && sql[i] <= '9'));

    return word[i] == '\0' && ends;
}

/* WITH and EXPLAIN may hide a write, so they count as one. */
rowan__postgresql_kind rowan__postgresql_kind_of(const char *sql, size_t size)
{
    static const char *const reading_words[] = {"SELECT", "VALUES", "TABLE", "SHOW"};
    size_t at = first_word(sql, size);

    for (size_t i = 0; i < sizeof reading_words / sizeof reading_words[0]; i++) {
        if (begins_with(sql + at, size - at, reading_words[i])) {
            return ROWAN__PG_READS;
        }
    }
    bool commits =
        begins_with(sql + at, size - at, "COMMIT") || begins_with(sql + at, size - at, "END");
    return commits ? ROWAN__PG_COMMITS : ROWAN__PG_WRITES;
}

bool rowan__postgresql_is_query(const char *sql, size_t size)
{
    size_t at = first_word(sql, size);

    return rowan__postgresql_kind_of(sql, size) == ROWAN__PG_READS && !memchr(sql, ';', at) &&
           !begins_with(sql + at, size - at, "SHOW");
}

void rowan__postgresql_forget(rowan__postgresql_prepared *prepared)
{
    const rowan_allocator *allocator = prepared->base.connection->allocator;
    size_t count = prepared->base.param_count;

    client->PQclear(prepared->description);
    rowan__free(allocator, (void *)(uintptr_t)prepared->base.column_names,
                prepared->base.column_count, sizeof(char *));
    rowan__free(allocator, prepared->block, count, ROWAN__PG_PARAMETER_SIZE);
    rowan__free(allocator, prepared, 1, sizeof *prepared);
}

/* Places the arrays of the parameters in one block, the widest first. */
static bool place_parameters(rowan__postgresql_prepared *prepared, size_t count)
{
    if (count == 0) {
        return true;
    }
    prepared->block =
        rowan__new(prepared->base.connection->allocator, count, ROWAN__PG_PARAMETER_SIZE);
    if (!prepared->block) {
        return false;
    }
    prepared->base.param_count = count;
    prepared->slots = prepared->block;
    prepared->values = (const char **)(void *)(prepared->slots + count);
    prepared->offsets = (size_t *)(void *)(prepared->values + count);
    prepared->lengths = (int *)(void *)(prepared->offsets + count);
    prepared->formats = prepared->lengths + count;
    prepared->types = (Oid *)(void *)(prepared->formats + count);
    prepared->elements = prepared->types + count;
    for (size_t i = 0; i < count; i++) {
        prepared->types[i] = client->PQparamtype(prepared->description, (int)i);
        prepared->elements[i] = rowan__postgresql_element(prepared->types[i]);
    }
    return true;
}

/* Takes over what the server says of a statement. */
static rowan_status describe(rowan__postgresql_prepared *prepared, PGresult *description,
                             rowan_error *error)
{
    size_t columns = (size_t)client->PQnfields(description);

    prepared->description = description;
    prepared->binary = rowan__postgresql_reads_binary(description);
    if (!place_parameters(prepared, (size_t)client->PQnparams(description))) {
        return rowan__fail_nomem(error);
    }
    if (columns == 0) {
        return ROWAN_OK;
    }
    const char **names = rowan__new(prepared->base.connection->allocator, columns, sizeof *names);
    if (!names) {
        return rowan__fail_nomem(error);
    }
    for (size_t i = 0; i < columns; i++) {
        names[i] = client->PQfname(description, (int)i);
    }
    prepared->base.column_names = names;
    prepared->base.column_count = columns;
    return ROWAN_OK;
}

const char *rowan__postgresql_terminated(rowan__postgresql_connection *connection, const char *sql,
                                         size_t size, rowan_error *error)
{
    if (memchr(sql, '\0', size)) {
        rowan__fail(error, ROWAN_SYNTAX, "the statement has a NUL inside");
        return NULL;
    }
    rowan__text_clear(&connection->scratch);
    rowan__text_add(&connection->scratch, sql, size);
    if (connection->scratch.failed) {
        rowan__fail_nomem(error);
        return NULL;
    }
    return rowan__text_string(&connection->scratch);
}

/*
 * Deallocates behind a prepare what was given up. Only outside transactions: a statement that a
 * DISCARD has taken away already makes this fail, which must not cost anybody a transaction.
 */
static size_t send_gone(rowan__postgresql_connection *connection)
{
    char sql[64];
    size_t sent = 0;

    if (connection->turn.was_open) {
        return 0;
    }
    for (rowan__postgresql_prepared *gone = connection->gone; gone; gone = gone->next, sent++) {
        snprintf(sql, sizeof sql, "DEALLOCATE %s", gone->name);
        if (!client->PQsendQueryParams(connection->pg, sql, 0, NULL, NULL, NULL, NULL, 0)) {
            break;
        }
    }
    return sent;
}

static void take_gone(rowan__postgresql_connection *connection, size_t sent)
{
    for (; sent > 0; sent--) {
        PGresult *result = rowan__postgresql_next(connection);
        ExecStatusType status = client->PQresultStatus(result);
        bool is_gone = status == PGRES_COMMAND_OK || (result && rowan__postgresql_outdated(result));
        client->PQclear(result);
        if (!is_gone) {
            return; /* stays in the list; end_pipeline() reads the rest */
        }
        rowan__postgresql_drain(connection);
        rowan__postgresql_prepared *gone = connection->gone;
        connection->gone = gone->next;
        rowan__postgresql_forget(gone);
    }
}

/* Takes the one result of a prepare or a describe; `*out` is the caller's. */
static void take_answer(rowan__postgresql_connection *connection, PGresult **out,
                        rowan_error *error)
{
    PGresult *result;

    while ((result = rowan__postgresql_next(connection)) != NULL) {
        ExecStatusType status = client->PQresultStatus(result);
        if (status == PGRES_COMMAND_OK && out && !*out) {
            *out = result;
            continue;
        }
        if (status == PGRES_FATAL_ERROR && error->status == ROWAN_OK) {
            rowan__postgresql_fail(connection, result, error);
        }
        client->PQclear(result);
    }
}

/* One round trip: prepare, describe, deallocate. `*description` is NULL on failure. */
static rowan_status ask(rowan__postgresql_connection *connection, const char *name, const char *sql,
                        PGresult **description, rowan_error *error)
{
    PGconn *pg = connection->pg;
    bool sent = client->PQenterPipelineMode(pg) && client->PQsendPrepare(pg, name, sql, 0, NULL) &&
                client->PQsendDescribePrepared(pg, name);
    size_t gone = sent ? send_gone(connection) : 0;

    if (!sent || !client->PQpipelineSync(pg)) {
        connection->turn.abandoned = true;
        rowan__postgresql_fail(connection, NULL, error);
        rowan__postgresql_settle(connection, error);
        return error->status;
    }
    rowan__postgresql_flush(connection);
    connection->base.round_trips++;
    take_answer(connection, NULL, error);
    take_answer(connection, description, error);
    take_gone(connection, gone);
    rowan__postgresql_end_pipeline(connection, error);
    if (!*description && error->status == ROWAN_OK) {
        rowan__postgresql_fail_stuck(connection, error);
    }
    if (error->status != ROWAN_OK) {
        rowan__postgresql_settle(connection, error);
        client->PQclear(*description);
        *description = NULL;
    }
    return error->status;
}

rowan_status rowan__postgresql_prepare(rowan__connection *base, const char *sql, size_t size,
                                       rowan__prepared **out, rowan_error *error)
{
    rowan__postgresql_connection *connection = as_postgresql(base);
    rowan_error own = {.status = ROWAN_OK};
    PGresult *description = NULL;
    const char *text = rowan__postgresql_terminated(connection, sql, size, &own);
    rowan__postgresql_prepared *prepared =
        text ? rowan__new(base->allocator, 1, sizeof *prepared) : NULL;

    *out = NULL;
    if (text && !prepared) {
        rowan__fail_nomem(&own);
    }
    if (own.status != ROWAN_OK) {
        goto done;
    }
    prepared->base.connection = base;
    prepared->kind = rowan__postgresql_kind_of(sql, size);
    snprintf(prepared->name, sizeof prepared->name, "rowan_%llu",
             (unsigned long long)++connection->last_name);
    rowan__postgresql_turn_begin(connection, base->deadline_ns, false);
    if (ask(connection, prepared->name, text, &description, &own) != ROWAN_OK) {
        rowan__postgresql_forget(prepared);
        goto done;
    }
    if (describe(prepared, description, &own) != ROWAN_OK) {
        rowan__postgresql_unprepare(&prepared->base);
        goto done;
    }
    *out = &prepared->base;
done:
    if (error) {
        *error = own;
    }
    return own.status;
}

void rowan__postgresql_unprepare(rowan__prepared *base)
{
    if (base) {
        rowan__postgresql_prepared *prepared = (rowan__postgresql_prepared *)base;
        rowan__postgresql_connection *connection = as_postgresql(base->connection);
        prepared->next = connection->gone;
        connection->gone = prepared;
    }
}

rowan_status rowan__postgresql_bind(rowan__prepared *base, rowan__layout *layout,
                                    rowan_error *error)
{
    const rowan__postgresql_prepared *prepared = (const rowan__postgresql_prepared *)base;

    for (size_t i = 0; i < layout->count; i++) {
        rowan_status status =
            rowan__postgresql_bind_cell(prepared, (int)i, !layout->shape, &layout->cells[i], error);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}
