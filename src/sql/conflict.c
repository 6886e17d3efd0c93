/*
 * Upserts. One engine's upsert watches the key that is named, the other's watches every unique key
 * of the table; to do nothing there is written as setting a key column to itself, because INSERT
 * IGNORE would hide other errors too.
 */
#include "sql/sql_private.h"

typedef struct target {
    const rowan_column *const *columns;
    size_t count;
} target;

static target target_of(rowan__renderer *r, const rowan_insert *insert)
{
    target key = {insert->target, insert->target_count};

    if (key.count == 0 || !key.columns) {
        key = (target){insert->into->primary, insert->into->primary_count};
    }
    if (key.count == 0) {
        rowan__render_fail(r, ROWAN_MISUSE, "an upsert needs `target`: the table has no key");
    }
    for (size_t i = 0; i < key.count; i++) {
        rowan__check_written(r, insert->into, key.columns[i]);
    }
    return key;
}

/* Whether an upsert that says no more should overwrite the column: not the key, not the version. */
static bool is_overwritten(const rowan_insert *insert, target key, const rowan_column *column)
{
    for (size_t i = 0; i < key.count; i++) {
        if (key.columns[i] == column) {
            return false;
        }
    }
    return column != insert->into->version && (column->flags & ROWAN_PRIMARY) == 0;
}

/* Without `set`: every column that was to be inserted. */
static void write_overwrite(rowan__renderer *r, const rowan_insert *insert, target key,
                            const rowan__row_columns *columns)
{
    size_t written = 0;

    for (size_t i = 0; i < columns->count && r->status == ROWAN_OK; i++) {
        rowan_expr excluded = {.kind = ROWAN_EXPR_EXCLUDED,
                               .left = rowan_o_column(columns->at[i], NULL)};
        if (!is_overwritten(insert, key, columns->at[i])) {
            continue;
        }
        rowan__write(r, written++ == 0 ? "" : ", ");
        rowan__write_name(r, columns->at[i]->name);
        rowan__write(r, " = ");
        rowan__write_expr(r, &excluded);
    }
    if (written == 0) {
        rowan__render_fail(r, ROWAN_MISUSE, "an upsert has nothing to set: give it `set`");
        return;
    }
    rowan__write_raised_version(r, insert->into);
}

static void write_action(rowan__renderer *r, const rowan_insert *insert, target key,
                         const rowan__row_columns *columns)
{
    if (insert->set) {
        rowan__write_assignments(r, insert->into, insert->set);
    } else {
        write_overwrite(r, insert, key, columns);
    }
}

static void write_on_conflict(rowan__renderer *r, const rowan_insert *insert, target key,
                              const rowan__row_columns *columns)
{
    rowan__write(r, " ON CONFLICT (");
    for (size_t i = 0; i < key.count; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        rowan__write_name(r, key.columns[i]->name);
    }
    if (insert->on_conflict == ROWAN_CONFLICT_NOTHING) {
        rowan__write(r, ") DO NOTHING");
        return;
    }
    rowan__write(r, ") DO UPDATE SET ");
    write_action(r, insert, key, columns);
}

static void write_on_duplicate_key(rowan__renderer *r, const rowan_insert *insert, target key,
                                   const rowan__row_columns *columns)
{
    rowan__write(r, " ON DUPLICATE KEY UPDATE ");
    if (insert->on_conflict == ROWAN_CONFLICT_UPDATE) {
        write_action(r, insert, key, columns);
        return;
    }
    if (insert->returning) {
        rowan__render_unsupported(r, "returning only the rows that an upsert did not leave out");
    }
    rowan__write_name(r, key.columns[0]->name);
    rowan__write(r, " = ");
    rowan__write_column(r, key.columns[0], NULL);
}

void rowan__write_conflict(rowan__renderer *r, const rowan_insert *insert,
                           const rowan__row_columns *columns)
{
    target key;

    if (r->status != ROWAN_OK) {
        return;
    }
    key = target_of(r, insert);
    if (r->status != ROWAN_OK) {
        return;
    }
    if (r->dialect->upsert == ROWAN__UPSERT_ON_CONFLICT) {
        write_on_conflict(r, insert, key, columns);
    } else {
        write_on_duplicate_key(r, insert, key, columns);
    }
}
