/*
 * What is sent on a connection outside any scope: its settings, when it is new. The statements are
 * counted for the database and seen by its subscribers like all others.
 */
#include "base/clock.h"
#include "database/database_private.h"

typedef struct setup {
    rowan_db *db;
    rowan__link *link;
} setup;

static void setup_ended(const setup *self, const char *sql, const rowan__operation *operation)
{
    rowan_db *db = self->db;
    rowan_event event = {
        .kind = ROWAN_EVENT_STATEMENT,
        .scope_name = "",
        .connection_id = self->link->id,
        .engine = db->driver->dialect->engine,
        .purpose = ROWAN_PURPOSE_SETUP,
        .sql = sql,
        .sql_size = strlen(sql),
        .param_rows = 1,
        .statements = operation->statements,
        .round_trips = operation->round_trips,
        .bytes_sent = operation->bytes_sent,
        .database_ns = operation->database_ns,
        .elapsed_ns = operation->database_ns,
        .error = operation->status == ROWAN_OK ? NULL : &operation->error,
    };

    pthread_mutex_lock(&db->lock);
    db->counts.statements += operation->statements;
    db->counts.setups += operation->statements;
    db->counts.round_trips += operation->round_trips;
    db->counts.bytes_sent += operation->bytes_sent;
    db->counts.database_ns += operation->database_ns;
    pthread_mutex_unlock(&db->lock);
    rowan__emit(db, &event, NULL);
}

typedef rowan_status row_reader(void *context, const rowan_value *row, size_t count);

static rowan_status give_rows(const rowan__sink *sink, row_reader *each, void *context)
{
    const rowan_value *rows = (const rowan_value *)(const void *)sink->rows;
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < sink->count && status == ROWAN_OK; i++) {
        status = each(context, rows + i * sink->layout->count, sink->layout->count);
    }
    return status;
}

/* Runs a prepared query and gives its rows away. */
static rowan_status run_query(const setup *self, rowan__operation *operation, row_reader *each,
                              void *context)
{
    const rowan__driver *driver = self->db->driver;
    const rowan_allocator *allocator = &self->db->allocator;
    rowan__connection *connection = self->link->connection;
    rowan__prepared *prepared = operation->prepared;
    rowan__layout *layout;
    rowan__arena arena;

    rowan_status status = rowan__layout_new(allocator, NULL, prepared->column_names,
                                            prepared->column_count, &layout, &operation->error);
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__arena_init(&arena, allocator);
    rowan__sink sink = {.arena = &arena, .layout = layout, .error = &operation->error};
    operation->sink = &sink;
    status = driver->bind(prepared, layout, &operation->error);
    if (status == ROWAN_OK) {
        driver->run(connection, operation, 1);
        setup_ended(self, operation->sql, operation);
        status = operation->status;
    }
    if (status == ROWAN_OK) {
        status = give_rows(&sink, each, context);
    }
    rowan__arena_fini(&arena);
    rowan__layout_free(allocator, layout);
    return status;
}

static rowan_status run_setting(const rowan__runner *runner, const char *sql,
                                const rowan_value *params, size_t param_count, row_reader *each,
                                void *context)
{
    const setup *self = runner->context;
    rowan__operation operation = {
        .sql = sql, .sql_size = strlen(sql), .param_rows = 1, .timed = self->db->wants_layers};

    rowan__connection *connection = self->link->connection;
    rowan_status status = ROWAN_OK;

    (void)params;
    (void)param_count;
    if (each) {
        const rowan__driver *driver = self->db->driver;
        status = driver->prepare(connection, sql, operation.sql_size, &operation.prepared,
                                 &operation.error);
        if (status == ROWAN_OK) {
            status = run_query(self, &operation, each, context);
            driver->unprepare(operation.prepared);
        }
    } else {
        self->db->driver->run(connection, &operation, 1);
        setup_ended(self, sql, &operation);
        status = operation.status;
    }
    if (status != ROWAN_OK) {
        *runner->error = operation.error;
    }
    return status;
}

rowan_status rowan__link_setup(rowan_db *db, rowan__link *link, rowan_error *error)
{
    setup self = {db, link};
    rowan_error unused;
    rowan__runner runner = {run_setting, &self, error ? error : &unused};

    return db->driver->setup(link->connection, &db->open, &runner);
}
