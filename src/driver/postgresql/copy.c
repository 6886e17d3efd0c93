/*
 * Very many rows by the server's own protocol for them, COPY in binary.
 *
 * In a copy nothing says of what type the bytes are, so that a column whose type has changed would
 * take eight bytes of a real for those of an integer. The server is therefore asked once more what
 * the prepared select of the columns gives; it refuses to say if that is no longer what it was.
 *
 * What fails here after the copy has begun is said to the server, which then undoes the copy.
 */
#include "driver/postgresql/postgresql_private.h"

#include <assert.h>

#include "base/error.h"

enum { FLUSH_EVERY_BYTES = 64 * 1024 };

/*
 * Hands what was written to libpq, which sends it on in large parts. That it sends enough of it to
 * stay small is seen to now and then. false: the operation has the error, or the turn was told to
 * stop.
 */
static bool hand_over(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    rowan__text *out = &connection->scratch;

    for (size_t at = 0; at < out->size;) {
        size_t left = out->size - at;
        int size = left < FLUSH_EVERY_BYTES ? (int)left : FLUSH_EVERY_BYTES;
        int taken = client->PQputCopyData(connection->pg, out->data + at, size);
        connection->turn.unflushed += (size_t)size;
        if (taken == 0 || connection->turn.unflushed >= FLUSH_EVERY_BYTES) {
            rowan__postgresql_flush(connection);
            connection->turn.unflushed = 0;
            if (!rowan__postgresql_goes_on(connection)) {
                return false;
            }
        }
        if (taken == 0) { /* there was no room before that */
            taken = client->PQputCopyData(connection->pg, out->data + at, size);
        }
        if (taken != 1) {
            rowan__postgresql_fail_operation(connection, operation, NULL);
            return false;
        }
        at += (size_t)size;
    }
    operation->bytes_sent += out->size;
    rowan__text_clear(out);
    return true;
}

/* Sends all rows. false: as hand_over(). */
static bool send_rows(rowan__postgresql_connection *connection, rowan__operation *operation,
                      const uint8_t *writers)
{
    /* A signature; no flags; no extension of the header. */
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    enum { PIECE = 3 * 1024 }; /* what is still in the nearest cache when it is handed over */
    rowan__text *out = &connection->scratch;

    rowan__text_clear(out);
    rowan__text_add(out, header, sizeof header);
    for (size_t next = 0; next < operation->structs->count;) {
        operation->status = rowan__postgresql_add_rows(out, writers, operation->structs, &next,
                                                       PIECE, &operation->error);
        if (operation->status != ROWAN_OK || !hand_over(connection, operation)) {
            return false;
        }
    }
    rowan__text_add(out, "\377\377", 2); /* -1 fields: the end */
    if (out->failed) {
        operation->status = rowan__fail_nomem(&operation->error);
        return false;
    }
    return hand_over(connection, operation) && rowan__postgresql_goes_on(connection);
}

/* Chooses how each column is written. false: one cannot be. */
static bool choose_writers(rowan__operation *operation, uint8_t *writers)
{
    const rowan__structs *structs = operation->structs;
    const PGresult *description =
        ((const rowan__postgresql_prepared *)operation->prepared)->description;

    for (size_t i = 0; i < structs->column_count; i++) {
        writers[i] =
            rowan__postgresql_writer_for(structs->columns[i], client->PQftype(description, (int)i));
        if (writers[i] == ROWAN__PG_NO_WRITER) {
            operation->status =
                rowan__fail(&operation->error, ROWAN_UNSUPPORTED,
                            "column \"%.60s\" has a type in which rows cannot be copied",
                            structs->columns[i]->name);
            return false;
        }
    }
    return true;
}

/* Whether the columns are still what they were. */
static bool check_columns(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    const rowan__postgresql_prepared *prepared =
        (const rowan__postgresql_prepared *)operation->prepared;

    if (!client->PQsendDescribePrepared(connection->pg, prepared->name)) {
        rowan__postgresql_fail_operation(connection, operation, NULL);
        return false;
    }
    rowan__postgresql_flush(connection);
    rowan__postgresql_count_trip(connection, operation);
    rowan__postgresql_take(connection, operation);
    return operation->status == ROWAN_OK;
}

/* A view may take an INSERT, but it takes no copy, which the server finds out at its end. */
static void refuse_view(rowan__operation *operation)
{
    if (operation->status == ROWAN_ENGINE && strcmp(operation->error.sqlstate, "42809") == 0) {
        operation->status = operation->error.status = ROWAN_UNSUPPORTED;
    }
}

/* Sends the text, to which the server answers that it waits for rows. */
static bool begin_copy(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    size_t size = operation->structs->copy_sql_size;
    const char *sql = rowan__postgresql_terminated(connection, operation->structs->copy_sql, size,
                                                   &operation->error);

    if (!sql) {
        operation->status = operation->error.status;
        return false;
    }
    if (!client->PQsendQueryParams(connection->pg, sql, 0, NULL, NULL, NULL, NULL, 0)) {
        rowan__postgresql_fail_operation(connection, operation, NULL);
        return false;
    }
    operation->bytes_sent += size;
    operation->statements = 1;
    rowan__postgresql_flush(connection);
    rowan__postgresql_count_trip(connection, operation);
    PGresult *result = rowan__postgresql_next(connection);
    bool begun = client->PQresultStatus(result) == PGRES_COPY_IN;
    if (result && !begun) {
        rowan__postgresql_fail_operation(connection, operation, result);
    }
    client->PQclear(result);
    if (!begun) {
        rowan__postgresql_take(connection, operation);
    }
    return begun;
}

void rowan__postgresql_run_copy(rowan__postgresql_connection *connection,
                                rowan__operation *operation)
{
    uint8_t writers[ROWAN__PG_MOST_COLUMNS];

    assert(operation->structs->column_count <= sizeof writers &&
           operation->structs->column_count == operation->prepared->column_count);
    rowan__postgresql_turn_begin(connection, operation->deadline_ns, operation->timed);
    if (choose_writers(operation, writers) && !rowan__postgresql_is_late(operation) &&
        check_columns(connection, operation) && begin_copy(connection, operation)) {
        bool complete = send_rows(connection, operation, writers);
        /* Until the server has the end, whatever happens leaves nothing behind. */
        connection->turn.kind = complete ? ROWAN__PG_WRITES : ROWAN__PG_READS;
        if (client->PQputCopyEnd(connection->pg, complete ? NULL : "the rows end too early") != 1) {
            connection->turn.abandoned = true;
            rowan__postgresql_fail_operation(connection, operation, NULL);
        }
        rowan__postgresql_flush(connection);
        rowan__postgresql_count_trip(connection, operation);
        rowan__postgresql_take(connection, operation);
        refuse_view(operation);
    }
    rowan__postgresql_settle_operation(connection, operation);
    operation->database_ns += connection->turn.waited_ns;
}
