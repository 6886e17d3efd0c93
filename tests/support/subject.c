/* A driver under test. */
#include "support/subject.h"

#include <check.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/text.h"
#include "driver/reading.h"
#include "schema/schema.h"
#include "support/fault.h"

static const rowan__open_options open_options = {.connect_ms = 10000, .busy_ms = 300};

int subject_count(void)
{
    return (int)engine_count() * 2;
}

/* --- Statements --- */

/* `?` becomes what the engine writes for a parameter. */
static void write_placeholders(const subject *self, rowan__text *out, const char *sql)
{
    rowan__reading reading = rowan__raw_reading(self->driver->dialect);
    rowan__reader reader;
    rowan__token token;
    int number = 0;

    rowan__reader_init(&reader, &reading, sql, strlen(sql));
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        if (token.kind == ROWAN__TOKEN_PLACEHOLDER &&
            self->driver->dialect->numbered_placeholders) {
            rowan__text_format(out, "$%d", ++number);
        } else {
            rowan__text_add(out, sql + token.offset, token.size);
        }
    }
}

rowan__prepared *subject_prepare(subject *self, const char *sql)
{
    rowan__prepared *prepared = NULL;
    rowan__text text;

    rowan__text_init(&text, &rowan__default_allocator);
    write_placeholders(self, &text, sql);
    rowan_status status =
        self->driver->prepare(self->connection, text.data, text.size, &prepared, &self->error);
    ck_assert((status == ROWAN_OK) == (prepared != NULL));
    rowan__text_fini(&text);
    return prepared;
}

rowan__layout *subject_layout(subject *self, rowan__prepared *prepared, const rowan_table *shape)
{
    rowan__layout *layout;

    if (rowan__layout_new(&rowan__default_allocator, shape, prepared->column_names,
                          prepared->column_count, &layout, &self->error) != ROWAN_OK) {
        return NULL;
    }
    if (self->driver->bind(prepared, layout, &self->error) != ROWAN_OK) {
        rowan__layout_free(&rowan__default_allocator, layout);
        return NULL;
    }
    return layout;
}

rowan_status subject_run(subject *self, const char *sql, const rowan_value *params,
                         rowan__operation *out)
{
    rowan__operation operation = {
        .params = params, .param_rows = 1, .sql = sql, .sql_size = strlen(sql)};

    operation.prepared = subject_prepare(self, sql);
    if (!operation.prepared) {
        operation.status = self->error.status;
        operation.error = self->error;
    } else {
        self->driver->run(self->connection, &operation, 1);
        self->driver->unprepare(operation.prepared);
        operation.prepared = NULL;
    }
    if (operation.status != ROWAN_OK) {
        self->error = operation.error;
    }
    if (out) {
        *out = operation;
    }
    return operation.status;
}

rowan_status subject_send(subject *self, const char *sql)
{
    rowan__operation operation = {.param_rows = 1, .sql = sql, .sql_size = strlen(sql)};

    self->driver->run(self->connection, &operation, 1);
    if (operation.status != ROWAN_OK) {
        self->error = operation.error;
    }
    return operation.status;
}

/* Runs a query to its end; `*out` is zeroed on failure. */
static rowan_status query(subject *self, const char *sql, const rowan_value *params,
                          subject_rows *out)
{
    rowan__operation operation = {.params = params, .param_rows = 1};

    *out = (subject_rows){0};
    operation.prepared = subject_prepare(self, sql);
    if (!operation.prepared) {
        return self->error.status;
    }
    rowan__layout *layout = subject_layout(self, operation.prepared, NULL);
    if (!layout) {
        self->driver->unprepare(operation.prepared);
        return self->error.status;
    }
    rowan__sink sink = {.arena = &self->arena, .layout = layout, .error = &operation.error};
    operation.sink = &sink;
    self->driver->run(self->connection, &operation, 1);
    if (operation.status == ROWAN_OK) {
        *out = (subject_rows){(const rowan_value *)(void *)sink.rows, sink.count, layout->count};
    } else {
        self->error = operation.error;
    }
    rowan__layout_free(&rowan__default_allocator, layout);
    self->driver->unprepare(operation.prepared);
    return operation.status;
}

subject_rows subject_query(subject *self, const char *sql, const rowan_value *params)
{
    subject_rows rows;
    rowan_status status = query(self, sql, params, &rows);

    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", sql, self->error.message,
                  self->error.engine_message);
    return rows;
}

int64_t subject_number(subject *self, const char *sql)
{
    subject_rows rows = subject_query(self, sql, NULL);

    ck_assert_uint_eq(rows.count, 1);
    ck_assert_uint_eq(rows.columns, 1);
    ck_assert(!rows.values[0].is_null);
    return rows.values[0].as.integer;
}

void subject_ddl(subject *self, const char *sql)
{
    rowan__schema schema = {0};

    rowan_status status = rowan__schema_read(&schema, &self->arena, self->driver->dialect, "test",
                                             sql, strlen(sql), &self->error);
    ck_assert_msg(status == ROWAN_OK, "%s", self->error.message);
    for (size_t i = 0; i < schema.statement_count; i++) {
        status = subject_send(self, schema.statements[i].sql);
        ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", schema.statements[i].sql,
                      self->error.message, self->error.engine_message);
    }
}

/* --- Opening --- */

static rowan_status run_for_driver(
    const rowan__runner *runner, const char *sql, const rowan_value *params, size_t param_count,
    rowan_status (*each)(void *context, const rowan_value *row, size_t count), void *context)
{
    subject *self = runner->context;
    subject_rows rows;

    (void)param_count;
    self->setup_statements++;
    if (!each) {
        return subject_send(self, sql);
    }
    rowan_status status = query(self, sql, params, &rows);
    for (size_t i = 0; i < rows.count && status == ROWAN_OK; i++) {
        status = each(context, rows.values + i * rows.columns, rows.columns);
    }
    return status;
}

rowan__runner subject_runner(subject *self)
{
    return (rowan__runner){run_for_driver, self, &self->error};
}

static void connect_to(subject *self, const char *url, bool faulty)
{
    rowan__runner runner = subject_runner(self);
    rowan__url parts;

    rowan__arena_init(&self->arena, &rowan__default_allocator);
    self->url = url;
    ck_assert_int_eq(rowan__driver_find(url, &self->driver, &parts, &self->error), ROWAN_OK);
    if (faulty) {
        self->driver = fault_driver(self->driver);
    }
    rowan_status status = self->driver->open(&fault_allocator, &parts, &open_options,
                                             &self->connection, &self->error);
    ck_assert_msg(status == ROWAN_OK, "%s (%s)", self->error.message, self->error.engine_message);
    status = self->driver->setup(self->connection, &open_options, &runner);
    ck_assert_msg(status == ROWAN_OK, "%s (%s)", self->error.message, self->error.engine_message);
}

void subject_open(subject *self, int i)
{
    size_t engines = engine_count();

    *self = (subject){
        .engine = (size_t)i % engines, .owns_url = true, .bytes_before = fault_out_bytes()};
    fault_arm(0);
    fault_plan_set((fault_plan){0});
    connect_to(self, engine_url_new(self->engine), (size_t)i >= engines);
}

void subject_join(subject *self, const subject *other)
{
    rowan__url parts;
    const rowan__driver *bare;
    rowan_error error;

    *self = (subject){.engine = other->engine};
    ck_assert_int_eq(rowan__driver_find(other->url, &bare, &parts, &error), ROWAN_OK);
    connect_to(self, other->url, bare != other->driver);
}

void subject_close(subject *self)
{
    self->driver->close(self->connection);
    rowan__arena_fini(&self->arena);
    if (self->owns_url) {
        engine_url_drop(self->url);
        ck_assert_uint_eq(fault_out_bytes(), self->bytes_before);
    }
}

bool subject_is(const subject *self, const char *engine)
{
    return engine_is(self->engine, engine);
}
