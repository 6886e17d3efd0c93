/*
 * Rows that are there already: those of the very program that was recorded. To try its inserts
 * once more they are taken out before, each by all the values that it was given, in the
 * transaction that is rolled back. A row that was changed since is not found by them, and stays.
 */
#include "base/text.h"
#include "detector/fold.h"
#include "verify/verify_private.h"

/* One insert: its columns, and where its row of values begins. */
typedef struct inserted {
    const rowan__parts *parts;
    size_t table, table_end; /* pieces */
    size_t columns, values;  /* the pieces that open both lists */
} inserted;

static bool read_insert(const rowan__parts *parts, size_t values, inserted *out)
{
    size_t into = rowan__parts_find(parts, 1, parts->count, "INTO", 0);

    *out = (inserted){.parts = parts, .table = into + 1, .values = values};
    if (into == parts->count || values >= parts->count) {
        return false;
    }
    out->table_end = out->columns = rowan__name_end(parts, into + 1);
    return out->table_end > out->table && out->columns < values &&
           parts->at[out->columns].kind == ROWAN__TOKEN_OPEN;
}

/* Behind one item of a list: at its comma, or at the end of the list. */
static size_t item_end(const rowan__parts *parts, size_t item)
{
    unsigned depth = parts->at[item].depth;

    while (item < parts->count && parts->at[item].depth >= depth &&
           !(parts->at[item].depth == depth && rowan__piece_is(parts, item, ","))) {
        item++;
    }
    return item;
}

/* " AND column = value", if the value is one that can be compared. */
static void put_condition(const inserted *of, const rowan__traced *statement, size_t row,
                          size_t column, size_t value, rowan__text *out, size_t *count)
{
    const rowan__parts *parts = of->parts;
    const rowan__piece *name = &parts->at[column], *at = &parts->at[value];
    bool is_bound = at->kind == ROWAN__TOKEN_PLACEHOLDER && at->param < statement->param_count;
    bool is_null =
        rowan__piece_is(parts, value, "NULL") || (is_bound && statement->params[at->param].is_null);

    if (!is_null && !is_bound && !rowan__piece_is_value(at)) {
        return; /* an expression */
    }
    rowan__text_str(out, (*count)++ > 0 ? " AND " : " WHERE ");
    rowan__text_add(out, parts->sql + name->offset, name->size);
    if (is_null) {
        rowan__text_str(out, " IS NULL");
    } else if (is_bound) {
        rowan__text_format(out, " = :k%zu_%zu", row, value);
    } else {
        rowan__text_str(out, " = ");
        rowan__text_add(out, parts->sql + at->offset, at->size);
    }
}

/* DELETE FROM table WHERE … for one execution. @return false if it cannot be said */
static bool put_removal(const inserted *of, const rowan__traced *statement, size_t row,
                        rowan__text *out)
{
    const rowan__parts *parts = of->parts;
    size_t column = of->columns + 1, value = of->values + 1, count = 0;
    const rowan__piece *last = &parts->at[of->table_end - 1];

    rowan__text_str(out, "DELETE FROM ");
    rowan__text_add(out, parts->sql + parts->at[of->table].offset,
                    last->offset + last->size - parts->at[of->table].offset);
    for (;;) {
        size_t column_end = item_end(parts, column), value_end = item_end(parts, value);
        bool is_last = !rowan__piece_is(parts, column_end, ",");
        if (column_end != column + 1 || is_last != !rowan__piece_is(parts, value_end, ",")) {
            return false;
        }
        if (value_end == rowan__value_end(parts, value)) {
            put_condition(of, statement, row, column, value, out, &count);
        }
        if (is_last) {
            return count > 0;
        }
        column = column_end + 1;
        value = value_end + 1;
    }
}

static rowan_status remove_one(rowan__trial *trial, rowan__asking *asking, size_t row)
{
    const rowan__traced *statement = asking->at[row].statement;
    int64_t ignored_ns = 0;
    rowan_status status;
    rowan__parts parts;
    rowan__bound bound;
    rowan__text text;
    inserted of;

    if (!rowan__parts_read(&parts, &trial->arena, statement->dialect, statement->sql,
                           statement->sql_size)) {
        return ROWAN_NOMEM;
    }
    rowan__text_init(&text, trial->arena.allocator);
    status = read_insert(&parts, asking->rewrite.values_row, &of) &&
                     put_removal(&of, statement, row, &text)
                 ? ROWAN_OK
                 : rowan__trial_refuse(trial, "its rows are there already, and it does not say by "
                                              "which values they are found");
    if (status == ROWAN_OK) {
        status = rowan__asking_bind_text(trial, asking, &text, &bound);
    }
    rowan__text_fini(&text);
    return status == ROWAN_OK
               ? rowan__trial_change(trial, false, bound.sql, bound.params, &ignored_ns)
               : status;
}

rowan_status rowan__writes_remove(rowan__trial *trial, rowan__asking *asking)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < asking->count && status == ROWAN_OK; i++) {
        rowan__arena_mark mark = rowan__arena_mark_now(&trial->arena);
        status = remove_one(trial, asking, i);
        rowan__arena_rewind(&trial->arena, &mark);
    }
    return status;
}
