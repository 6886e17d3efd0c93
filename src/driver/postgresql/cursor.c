/*
 * Streams inside a transaction: a cursor of the server's, of which one page after another is
 * fetched.
 *
 * Outside of transactions a statement's rows come by themselves, and a stream that is closed before
 * its end tells the server to stop. Inside, that would cost the transaction, and all rows would
 * have to be read; a cursor is closed. A page is one of libpq's results, where rows that come by
 * themselves are one each. The next page is asked for when one has arrived: the server is at work
 * while the program looks at its rows.
 *
 * All of it is one pipeline, in which there is always something to come: a page or, behind the
 * last, the end.
 */
#include "driver/postgresql/postgresql_private.h"

#include "base/error.h"

enum {
    PAGE_BYTES = 128 * 1024, /* that a page should take of libpq's memory */
    PAGE_ROWS = 1024         /* and the most that it has */
};

#define DECLARE "DECLARE rowan_stream NO SCROLL CURSOR FOR "

bool rowan__postgresql_takes_cursor(const rowan__postgresql_connection *connection,
                                    const rowan__operation *operation)
{
    return connection->turn.was_open && operation->prepared->column_count > 0 &&
           rowan__postgresql_is_query(operation->sql, operation->sql_size);
}

/* Sends a text without parameters. */
static bool send_text(rowan__postgresql_connection *connection, const char *sql, int binary)
{
    return client->PQsendQueryParams(connection->pg, sql, 0, NULL, NULL, NULL, NULL, binary);
}

/* Asks for a page. false: libpq has the error. */
static bool ask(rowan__postgresql_connection *connection, const rowan__operation *operation,
                size_t rows)
{
    const rowan__postgresql_prepared *prepared =
        (const rowan__postgresql_prepared *)operation->prepared;
    char sql[64];

    snprintf(sql, sizeof sql, "FETCH %zu FROM rowan_stream", rows);
    connection->asked = rows;
    return send_text(connection, sql, prepared->binary) &&
           client->PQsendFlushRequest(connection->pg);
}

/* Ends the cursor, and the pipeline behind it. */
static void send_end(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    connection->asked = 0;
    if (send_text(connection, "CLOSE rowan_stream", 0) && client->PQpipelineSync(connection->pg)) {
        rowan__postgresql_flush(connection);
        rowan__postgresql_count_trip(connection, operation);
    }
}

/* How many rows should fill a page, going by those of the last one, which are not none. */
static size_t rows_like(const PGresult *page)
{
    size_t rows = (size_t)client->PQntuples(page);
    size_t fitting = rows * PAGE_BYTES / client->PQresultMemorySize(page);

    return fitting < 1 ? 1 : fitting > PAGE_ROWS ? PAGE_ROWS : fitting;
}

/* Asks for what follows a page: the next one if it was full, else the end. */
static void go_on(rowan__postgresql_connection *connection, rowan__operation *operation,
                  const PGresult *page)
{
    if ((size_t)client->PQntuples(page) < connection->asked) {
        send_end(connection, operation);
    } else if (ask(connection, operation, rows_like(page))) {
        rowan__postgresql_flush(connection);
        rowan__postgresql_count_trip(connection, operation);
    } else {
        rowan__postgresql_fail_operation(connection, operation, NULL);
    }
}

/* Takes the reply to a FETCH; NULL: the operation failed. */
static PGresult *take_page(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    PGresult *page = rowan__postgresql_next(connection);

    if (client->PQresultStatus(page) != PGRES_TUPLES_OK) {
        if (connection->turn.abandoned) {
            operation->status = rowan__postgresql_fail_stuck(connection, &operation->error);
        } else {
            rowan__postgresql_fail_operation(connection, operation, page);
        }
        client->PQclear(page);
        return NULL;
    }
    rowan__postgresql_drain(connection);
    return page;
}

/*
 * A cursor is of the text, and not of the statement that was prepared for it, of which the server
 * would say that its columns are no longer what they were.
 */
static bool is_outdated(const rowan__postgresql_prepared *prepared, const PGresult *page)
{
    int columns = client->PQnfields(page);
    bool same = columns == client->PQnfields(prepared->description);

    for (int i = 0; same && i < columns; i++) {
        same = client->PQftype(page, i) == client->PQftype(prepared->description, i) &&
               strcmp(client->PQfname(page, i), client->PQfname(prepared->description, i)) == 0;
    }
    return !same;
}

/* Takes the replies to the first two texts, so that a statement that fails at once does so here. */
static void take_first(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    int before = (int)sizeof DECLARE - 1;

    rowan__postgresql_take(connection, operation);
    if (operation->status != ROWAN_OK) {
        int position = operation->error.position;
        operation->error.position = position > before ? position - before : 0;
        return;
    }
    connection->pending = take_page(connection, operation);
    if (connection->pending &&
        is_outdated((const rowan__postgresql_prepared *)operation->prepared, connection->pending)) {
        operation->outdated = true;
        operation->status = rowan__fail(&operation->error, ROWAN_CONFLICT,
                                        "the columns changed since the statement was prepared");
    }
}

/* Sends the declaration, with the values that the statement's own parameters would have. */
static bool declare(rowan__postgresql_connection *connection, rowan__operation *operation)
{
    rowan__postgresql_prepared *prepared = (rowan__postgresql_prepared *)operation->prepared;
    rowan__text sql;
    bool sent = false;

    operation->status = rowan__postgresql_encode(prepared, operation->params,
                                                 &operation->bytes_sent, &operation->error);
    if (operation->status != ROWAN_OK) {
        return false;
    }
    rowan__text_init(&sql, connection->base.allocator);
    rowan__text_add(&sql, DECLARE, sizeof DECLARE - 1);
    rowan__text_add(&sql, operation->sql, operation->sql_size);
    if (sql.failed) {
        operation->status = rowan__fail_nomem(&operation->error);
    } else if (client->PQenterPipelineMode(connection->pg)) {
        sent = client->PQsendQueryParams(connection->pg, rowan__text_string(&sql),
                                         (int)prepared->base.param_count, prepared->types,
                                         prepared->values, prepared->lengths, prepared->formats, 0);
    }
    rowan__text_fini(&sql);
    if (!sent && operation->status == ROWAN_OK) {
        rowan__postgresql_fail_operation(connection, operation, NULL);
    }
    return sent;
}

void rowan__postgresql_open_cursor(rowan__postgresql_connection *connection,
                                   rowan__operation *operation)
{
    if (!declare(connection, operation)) {
        client->PQexitPipelineMode(connection->pg); /* in which nothing is */
        return;
    }
    operation->bytes_sent += operation->sql_size;
    operation->statements++;
    connection->streaming = connection->by_cursor = true;
    if (ask(connection, operation, operation->batch_rows)) {
        rowan__postgresql_flush(connection);
        rowan__postgresql_count_trip(connection, operation);
        take_first(connection, operation);
    } else {
        rowan__postgresql_fail_operation(connection, operation, NULL);
    }
    if (operation->status != ROWAN_OK) {
        rowan__postgresql_close_cursor(connection, operation);
    }
}

PGresult *rowan__postgresql_next_page(rowan__postgresql_connection *connection,
                                      rowan__operation *operation)
{
    PGresult *page = connection->pending;

    if (connection->asked == 0) {
        return NULL;
    }
    connection->pending = NULL;
    if (!rowan__postgresql_goes_on(connection)) {
        /* The server may have had nothing to do just then, and not have heard of it. */
        operation->status = rowan__postgresql_fail_stopped(connection, &operation->error);
        client->PQclear(page);
        return NULL;
    }
    page = page ? page : take_page(connection, operation);
    if (page) {
        go_on(connection, operation, page);
    }
    return page;
}

void rowan__postgresql_close_cursor(rowan__postgresql_connection *connection,
                                    rowan__operation *operation)
{
    rowan_error ignored = {.status = ROWAN_OK};

    client->PQclear(connection->pending);
    connection->pending = NULL;
    if (!connection->turn.timed_out) {
        connection->turn.deadline_ns = 0;
    }
    if (connection->asked > 0) {
        send_end(connection, operation);
    }
    rowan__postgresql_end_pipeline(connection, &ignored);
    connection->streaming = connection->by_cursor = false;
}
