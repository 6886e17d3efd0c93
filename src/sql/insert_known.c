/*
 * Inserts of rows by shape: what the text of one depends on is its table, its columns, how many
 * rows it has and what it does besides. One whose upsert sets something of its own is rendered each
 * time.
 */
#include <string.h>

#include "sql/sql_private.h"

enum { MOST_WORDS = 64 };

/* What an insert looks like, as words. */
typedef struct shape {
    uintptr_t words[MOST_WORDS];
    size_t count;
    bool useless; /* it has no shape, or a large one */
} shape;

static void add_word(shape *s, uintptr_t word)
{
    if (s->count < MOST_WORDS) {
        s->words[s->count++] = word;
    } else {
        s->useless = true;
    }
}

static void add_columns(shape *s, const rowan_column *const *columns, size_t count)
{
    add_word(s, count);
    for (size_t i = 0; columns && i < count; i++) {
        add_word(s, (uintptr_t)columns[i]);
    }
}

static void describe(shape *s, const rowan__insertion *in, size_t rows, bool as_structs)
{
    const rowan_insert *insert = in->insert;

    s->count = 0;
    s->useless = !in->is_plain || insert->set;
    add_word(s, (uintptr_t)insert->into);
    add_word(s, rows);
    add_word(s, (uintptr_t)insert->on_conflict << 3 | (uintptr_t)in->returns << 1 |
                    (uintptr_t)as_structs);
    add_columns(s, in->rows.columns, in->rows.column_count);
    add_columns(s, insert->target, insert->on_conflict ? insert->target_count : 0);
}

/* The values of plain rows as parameters, in the order in which they are rendered. */
static rowan_status bind_rows(rowan_scope *scope, const rowan__structs *rows, size_t first,
                              size_t count, rowan__rendered *out)
{
    size_t columns = rows->column_count;
    rowan_value *params = rowan__scope_params(scope, count * columns);

    if (!params) {
        return ROWAN_NOMEM;
    }
    out->params = params;
    out->param_count = count * columns;
    for (size_t i = 0; i < count; i++) {
        const char *row = rowan__structs_row(rows, first + i);
        for (size_t j = 0; j < columns; j++) {
            rowan_status status = rowan__stored_member(scope, rows->columns[j], row, params++);
            if (status != ROWAN_OK) {
                return status;
            }
        }
    }
    return ROWAN_OK;
}

rowan_status rowan__compile_rows(rowan_scope *scope, const rowan__insertion *in, size_t first,
                                 size_t count, bool as_structs, rowan__rendered *out)
{
    shape s;

    describe(&s, in, count, as_structs);
    if (s.useless) {
        return rowan__render_rows(scope, in, first, count, as_structs, out);
    }
    rowan__shape_key key = {
        .maker = ROWAN__KEY_OF_ROWS, .data = s.words, .size = s.count * sizeof s.words[0]};
    memset(out, 0, sizeof *out);
    rowan_status status = rowan__known_find(scope, &key, &out->known);
    if (status != ROWAN_OK) {
        return status;
    }
    if (!out->known) {
        status = rowan__render_rows(scope, in, first, count, as_structs, out);
        if (status == ROWAN_OK) {
            out->known = rowan__known_learn(scope, &key, out->sql, out->sql_size, "", 0);
        }
        return status;
    }
    out->sql = out->known->sql;
    out->sql_size = out->known->sql_size;
    return as_structs ? ROWAN_OK : bind_rows(scope, &in->rows, first, count, out);
}
