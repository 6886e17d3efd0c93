/*
 * Writing records: save, save many, delete.
 *
 * Everything that may fail comes before the statement: text is copied into the scope first, which
 * changes no content, and what is known of a row is updated only when the database has taken it.
 */
#include <stdlib.h>

#include "activerecord/activerecord_private.h"
#include "base/alloc.h"

static rowan__written written_of(const rowan__record *record)
{
    return (rowan__written){record->row, record->original};
}

/* What a save of a row would write; refuses one whose key was changed. */
static rowan_status changes_of(rowan_scope *scope, const rowan__record *record,
                               rowan__mask *changes)
{
    *changes = rowan__changes(record->table, record->row, record->original);
    return rowan__check_key(scope, record->table, record->row, record->original);
}

/* A foreign key that was written makes what was loaded by the old one worthless. */
static rowan_status forget_moved(rowan_scope *scope, const rowan__record *record,
                                 const rowan__mask *changes)
{
    for (size_t i = 0; i < record->table->relation_count; i++) {
        const rowan_relation *r = record->table->relations[i];
        bool moved = false;
        for (size_t c = 0; c < r->column_count; c++) {
            moved = moved || rowan__mask_has(changes, rowan__column_index(r->from_columns[c]));
        }
        if (moved && !rowan__attached_forget(scope, record->block, record->index, r)) {
            return rowan__scope_nomem(scope);
        }
    }
    return ROWAN_OK;
}

static rowan_status prepare_save(rowan_scope *scope, const rowan__record *record,
                                 rowan__mask *changes)
{
    rowan_status status = rowan__check_writable(scope, record->table, record->block->columns);

    if (status == ROWAN_OK) {
        status = changes_of(scope, record, changes);
    }
    if (status == ROWAN_OK) {
        status = rowan__keep_texts(scope, record->table, changes, record->row);
    }
    return status == ROWAN_OK ? forget_moved(scope, record, changes) : status;
}

rowan_status(rowan_record_save)(rowan_scope *scope, void *row)
{
    rowan__record record;
    rowan__mask changes;
    rowan_status status = rowan__record_of(scope, row, &record);

    if (status == ROWAN_OK) {
        status = prepare_save(scope, &record, &changes);
    }
    if (status != ROWAN_OK || rowan__mask_is_empty(&changes)) {
        return status;
    }
    rowan__written written = written_of(&record);
    status = rowan__write_updates(scope, ROWAN_PATTERN_ACTIVE_RECORD, record.table, &changes,
                                  &written, 1);
    if (status == ROWAN_OK) {
        rowan__note_updated(record.table, &changes, written);
    }
    return status;
}

/* One changed row of many. */
typedef struct change {
    rowan__record record;
    rowan__mask changes;
    bool is_done;
} change;

static rowan_status collect(rowan_scope *scope, void *const *rows, size_t count, change *changes,
                            size_t *changed)
{
    *changed = 0;
    for (size_t i = 0; i < count; i++) {
        change *next = &changes[*changed];
        rowan_status status = rowan__record_of(scope, rows[i], &next->record);
        if (status == ROWAN_OK) {
            status = prepare_save(scope, &next->record, &next->changes);
        }
        if (status != ROWAN_OK) {
            return status;
        }
        *changed += rowan__mask_is_empty(&next->changes) ? 0 : 1;
    }
    return ROWAN_OK;
}

/* A row may be named twice; it is written once. */
static bool is_among(const rowan__written *group, size_t count, const char *row)
{
    return count > 0 && group[count - 1].row == row;
}

static int by_order(const void *a, const void *b)
{
    const change *x = a, *y = b;
    uint64_t m = x->record.block->order, n = y->record.block->order;

    if (m != n) {
        return m < n ? -1 : 1;
    }
    return x->record.row < y->record.row ? -1 : x->record.row > y->record.row;
}

/* So that a row that is named twice follows itself. Mostly rows are given as they were loaded. */
static void sort(change *changes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (by_order(&changes[i - 1], &changes[i]) > 0) {
            qsort(changes, count, sizeof *changes, by_order);
            return;
        }
    }
}

/* Writes the rows that change the same columns of the same table as the first. */
static rowan_status save_group(rowan_scope *scope, change *first, const change *end,
                               rowan__written *group)
{
    size_t count = 0;

    for (change *c = first; c < end; c++) {
        if (!c->is_done && c->record.table == first->record.table &&
            rowan__mask_same(&c->changes, &first->changes)) {
            c->is_done = true;
            if (!is_among(group, count, c->record.row)) {
                group[count++] = written_of(&c->record);
            }
        }
    }
    return rowan__write_updates(scope, ROWAN_PATTERN_ACTIVE_RECORD, first->record.table,
                                &first->changes, group, count);
}

static rowan_status save_groups(rowan_scope *scope, change *changes, size_t count,
                                rowan__written *group)
{
    unsigned depth = rowan_transaction_depth(scope);
    rowan_status status = (rowan_begin)(scope, NULL);

    if (status != ROWAN_OK) {
        return status;
    }
    for (change *c = changes; status == ROWAN_OK && c < changes + count; c++) {
        if (!c->is_done) {
            status = save_group(scope, c, changes + count, group);
        }
    }
    if (status == ROWAN_OK) {
        status = (rowan_commit)(scope);
    }
    if (status != ROWAN_OK) {
        return rowan__scope_undo(scope, depth);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || changes[i].record.row != changes[i - 1].record.row) {
            rowan__note_updated(changes[i].record.table, &changes[i].changes,
                                written_of(&changes[i].record));
        }
    }
    return status;
}

rowan_status(rowan_record_save_all)(rowan_scope *scope, void *const *rows, size_t count)
{
    const rowan_allocator *allocator;
    size_t changed;
    rowan_status status = ROWAN_NOMEM;

    if (count == 0) {
        return ROWAN_OK;
    }
    if (scope == NULL || rows == NULL) {
        return rowan__refuse_null(scope, "what the rows are in");
    }
    allocator = rowan__scope_allocator(scope);
    change *changes = rowan__new(allocator, count, sizeof *changes);
    rowan__written *group = rowan__new(allocator, count, sizeof *group);
    if (changes == NULL || group == NULL) {
        status = rowan__scope_nomem(scope);
        goto done;
    }
    status = collect(scope, rows, count, changes, &changed);
    if (status == ROWAN_OK && changed != 0) {
        sort(changes, changed);
        status = save_groups(scope, changes, changed, group);
    }
done:
    rowan__free(allocator, changes, count, sizeof *changes);
    rowan__free(allocator, group, count, sizeof *group);
    return status;
}

rowan_status(rowan_record_delete)(rowan_scope *scope, void *row)
{
    rowan__record record;
    rowan_status status = rowan__record_of(scope, row, &record);

    if (status == ROWAN_OK) {
        status = rowan__check_writable(scope, record.table, record.block->columns);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (record.block->states == NULL) {
        record.block->states =
            rowan__arena_new(rowan__scope_arena(scope), record.block->count, 1, 1);
        if (record.block->states == NULL) {
            return rowan__scope_nomem(scope);
        }
    }
    rowan__written written = written_of(&record);
    status = rowan__write_deletes(scope, ROWAN_PATTERN_ACTIVE_RECORD, record.table, &written, 1);
    if (status == ROWAN_OK) {
        record.block->states[record.index] = ROWAN__ROW_DELETED;
    }
    return status;
}

rowan_status(rowan_record_changed)(rowan_scope *scope, const void *row, bool *out)
{
    rowan__record record;
    rowan__mask changes;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the answer");
    }
    *out = false;
    status = rowan__record_of(scope, row, &record);
    if (status == ROWAN_OK) {
        changes = rowan__changes(record.table, record.row, record.original);
        *out = !rowan__mask_is_empty(&changes);
    }
    return status;
}
