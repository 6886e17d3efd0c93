/* The one table that the conformance suite works with. */
#include "support/items.h"

#include <check.h>
#include <stdio.h>

#include "base/alloc.h"

static const rowan_column item_columns[] = {
    ROWAN_COLUMN(item_shape, item, id, 0),
    ROWAN_COLUMN(item_shape, item, name, 0),
    ROWAN_OPT_COLUMN(item_shape, item, price, 0),
};
const rowan_table item_shape = ROWAN_SHAPE(item, item_columns);

void items_open(subject *self, int i)
{
    subject_open(self, i);
    subject_ddl(self, "CREATE TABLE item (id @int64 NOT NULL PRIMARY KEY, name @text(50) NOT NULL, "
                      "price @int32);");
}

void items_insert(subject *self, int64_t count)
{
    rowan__operation operation = {.param_rows = (size_t)count};
    rowan_value *values = rowan__new(&rowan__default_allocator, (size_t)count * 3, sizeof *values);
    char(*names)[24] = rowan__new(&rowan__default_allocator, (size_t)count, sizeof *names);

    ck_assert(values && names);
    for (int64_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "item %d", (int)i + 1);
        values[i * 3] = rowan_v_int64(i + 1);
        values[i * 3 + 1] = rowan_v_text(names[i]);
        values[i * 3 + 2] = i % 3 == 2 ? rowan_v_null() : rowan_v_int64(i + 1);
    }
    operation.params = values;
    operation.prepared =
        subject_prepare(self, "INSERT INTO item (id, name, price) VALUES (?, ?, ?)");
    ck_assert_ptr_nonnull(operation.prepared);
    self->driver->run(self->connection, &operation, 1);
    ck_assert_msg(operation.status == ROWAN_OK, "%s (%s)", operation.error.message,
                  operation.error.engine_message);
    ck_assert_uint_eq(operation.affected, (uint64_t)count);
    ck_assert_uint_eq(operation.statements, subject_is(self, "mariadb") ? 1 : (uint64_t)count);
    self->driver->unprepare(operation.prepared);
    rowan__free(&rowan__default_allocator, values, (size_t)count * 3, sizeof *values);
    rowan__free(&rowan__default_allocator, names, (size_t)count, sizeof *names);
}

void item_check(const item *row, int64_t n)
{
    char name[24];

    snprintf(name, sizeof name, "item %d", (int)n);
    ck_assert_int_eq(row->id, n);
    ck_assert_str_eq(row->name, name);
    ck_assert(row->price.has == (n % 3 != 0));
    ck_assert_int_eq(row->price.value, n % 3 != 0 ? n : 0);
}

void reading_begin(reading *self, subject *on, const char *sql, const rowan_table *shape)
{
    *self = (reading){.on = on, .operation = {.param_rows = 1}};
    self->operation.prepared = subject_prepare(self->on, sql);
    ck_assert_msg(self->operation.prepared != NULL, "%s", self->on->error.message);
    self->layout = subject_layout(self->on, self->operation.prepared, shape);
    ck_assert_msg(self->layout != NULL, "%s", self->on->error.message);
    self->sink = (rowan__sink){
        .arena = &self->on->arena, .layout = self->layout, .error = &self->operation.error};
    self->operation.sink = &self->sink;
}

void reading_again(reading *self)
{
    self->operation = (rowan__operation){.prepared = self->operation.prepared, .param_rows = 1};
    self->sink = (rowan__sink){
        .arena = &self->on->arena, .layout = self->layout, .error = &self->operation.error};
    self->operation.sink = &self->sink;
}

void reading_end(reading *self)
{
    rowan__layout_free(&rowan__default_allocator, self->layout);
    self->on->driver->unprepare(self->operation.prepared);
}

void reading_run(reading *self)
{
    self->on->driver->run(self->on->connection, &self->operation, 1);
    ck_assert_msg(self->operation.status == ROWAN_OK, "%s (%s)", self->operation.error.message,
                  self->operation.error.engine_message);
}
