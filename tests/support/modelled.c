/* Models of databases that tests made. */
#include "support/modelled.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "database/execute.h"

void modelled_init(modelled *m, rowan_db *db, const char *hints, bool skip_unknown)
{
    *m = (modelled){.status = ROWAN_OK};
    rowan__arena_init(&m->arena, &rowan__default_allocator);
    ck_assert_int_eq(rowan_scope_begin(db, "introspect", &m->scope, &m->error), ROWAN_OK);
    if (rowan__scope_introspect(m->scope, &m->found) != ROWAN_OK) {
        ck_abort_msg("%s (%s)", rowan_scope_error(m->scope)->message,
                     rowan_scope_error(m->scope)->engine_message);
    }
    if (hints != NULL) {
        m->status =
            rowan__hints_read(&m->hints, &m->arena, "hints", hints, strlen(hints), &m->error);
    }
    if (m->status == ROWAN_OK) {
        m->status =
            rowan__describe(&m->model, &m->arena, &m->found, &m->hints, skip_unknown, &m->error);
    }
    if (m->status == ROWAN_OK) {
        m->status = rowan__write_model(&m->model, "shop", &m->written, &m->error);
    }
}

void modelled_init_good(modelled *m, rowan_db *db, const char *hints)
{
    modelled_init(m, db, hints, false);
    ck_assert_msg(m->status == ROWAN_OK, "%s: %s", rowan_db_engine(db), m->error.message);
}

void modelled_fini(modelled *m)
{
    if (m->written.rows.allocator != NULL) {
        rowan__written_fini(&m->written);
    }
    rowan__arena_fini(&m->arena);
    rowan_scope_end(m->scope);
}

static void add_columns(rowan__text *out, const rowan__table_model *table, const size_t *columns,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rowan__text_format(out, "%s%s", i == 0 ? "" : "+", table->columns[columns[i]].found->name);
    }
}

const char *modelled_relations(modelled *m)
{
    static const char *const kinds[] = {"", "belongs to", "has one", "has many", "joins"};
    rowan__text out;
    const char *result;

    rowan__text_init(&out, &rowan__default_allocator);
    for (size_t t = 0; t < m->model.table_count; t++) {
        const rowan__table_model *from = &m->model.tables[t];

        for (size_t i = 0; i < from->relation_count; i++) {
            const rowan__relation_model *r = &from->relations[i];
            const rowan__table_model *to = &m->model.tables[r->to];

            rowan__text_format(&out, "%s.%s %s %s: ", from->type, r->name, kinds[r->kind],
                               to->type);
            add_columns(&out, from, r->from_columns, r->column_count);
            if (r->has_through) {
                const rowan__table_model *through = &m->model.tables[r->through];

                rowan__text_format(&out, " = %s.", through->type);
                add_columns(&out, through, r->through_from, r->column_count);
                rowan__text_str(&out, ", ");
                add_columns(&out, through, r->through_to, r->to_count);
            }
            rowan__text_str(&out, " = ");
            add_columns(&out, to, r->to_columns, r->has_through ? r->to_count : r->column_count);
            if (r->has_type) {
                rowan__text_format(&out, " if %s is %s", to->columns[r->type_column].found->name,
                                   r->type_value);
            }
            rowan__text_char(&out, '\n');
        }
    }
    result = rowan__arena_text(&m->arena, rowan__text_string(&out), out.size);
    rowan__text_fini(&out);
    return result;
}

char *modelled_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;

    ck_assert_msg(file != NULL, "cannot read %s", path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    rewind(file);
    text = calloc((size_t)size + 1, 1);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(fread(text, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return text;
}
