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
    rowan__emit(db, &event);
}

static rowan_status run_setting(
    const rowan__runner *runner, const char *sql, const rowan_value *params, size_t param_count,
    rowan_status (*each)(void *context, const rowan_value *row, size_t count), void *context)
{
    const setup *self = runner->context;
    rowan__operation operation = {
        .sql = sql, .sql_size = strlen(sql), .param_rows = 1, .timed = self->db->wants_layers};

    (void)params;
    (void)param_count;
    (void)context;
    if (each) {
        return rowan__fail(runner->error, ROWAN_MISUSE, "a setting gives no rows");
    }
    self->db->driver->run(self->link->connection, &operation, 1);
    setup_ended(self, sql, &operation);
    if (operation.status != ROWAN_OK) {
        *runner->error = operation.error;
    }
    return operation.status;
}

rowan_status rowan__link_setup(rowan_db *db, rowan__link *link, rowan_error *error)
{
    setup self = {db, link};
    rowan_error unused;
    rowan__runner runner = {run_setting, &self, error ? error : &unused};

    return db->driver->setup(link->connection, &db->open, &runner);
}
