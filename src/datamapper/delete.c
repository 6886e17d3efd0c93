/*
 * Deletes of a flush: in the reverse order of the inserts that would make the rows again. Rows in a
 * circle let go of one another first.
 *
 * A row goes before anything is inserted, so that a new one can take over what is unique in it. But
 * one that a row refers to which is updated waits until that has let go, and with it what it refers
 * to itself.
 */
#include <string.h>

#include "datamapper/datamapper_private.h"

static bool refers_to_primary(const rowan_relation *relation)
{
    if (relation->kind != ROWAN_BELONGS_TO || relation->type_column != NULL ||
        relation->column_count != relation->to->primary_count) {
        return false;
    }
    for (size_t i = 0; i < relation->column_count; i++) {
        if (relation->to_columns[i] != relation->to->primary[i]) {
            return false;
        }
    }
    return true;
}

/* The entry of a key if its row is to be removed; or NULL. */
static const rowan__entry *find_removed(const rowan__unit *u, const rowan_table *table,
                                        const rowan_value *key)
{
    rowan__place place;
    bool is_removed = rowan__identity_find(u->session, table, key, &place) && place.entry != NULL &&
                      place.entry->state == ROWAN__ENTRY_REMOVED;

    return is_removed ? place.entry : NULL;
}

static rowan_status order_deletes(rowan__unit *u)
{
    rowan__ordering *order = &u->deletion;

    for (size_t i = 0; i < u->deletes.count; i++) {
        u->deletes.at[i]->order_index = i;
    }
    for (size_t i = 0; i < u->deletes.count; i++) {
        const rowan__entry *entry = u->deletes.at[i];
        for (size_t k = 0; k < entry->table->relation_count; k++) {
            const rowan_relation *r = entry->table->relations[k];
            rowan_value key[ROWAN__KEY_MAX];
            if (!refers_to_primary(r) || !rowan__key_read(r->from_columns, r->column_count,
                                                          rowan__entry_original(entry), key)) {
                continue;
            }
            const rowan__entry *other = find_removed(u, r->to, key);
            if (other != NULL && !rowan__ordering_need(order, i, other->order_index, r)) {
                return rowan__scope_nomem(u->scope);
            }
        }
    }
    return rowan__ordering_run(order);
}

/* --- What waits. --- */

/* Whether all that rows of a table refer to in another one is found by their references. */
static bool can_follow(const rowan_table *table, const rowan_table *to)
{
    bool found = false;

    for (size_t i = 0; i < table->relation_count; i++) {
        const rowan_relation *r = table->relations[i];
        if (r->to == to && r->kind == ROWAN_BELONGS_TO && r->type_column == NULL) {
            if (!refers_to_primary(r)) {
                return false;
            }
            found = true;
        }
    }
    return found;
}

/* What rows of a table refer to that is updated, as far as only the tables can tell. */
static void wait_for_table(rowan__unit *u, const rowan_table *table)
{
    for (size_t i = 0; i < u->deletes.count; i++) {
        const rowan_table *to = u->deletes.at[i]->table;
        if (rowan__table_needs(table, to, false) && !can_follow(table, to)) {
            u->waits[i] = true;
        }
    }
}

static void wait_for_row(rowan__unit *u, const rowan__entry *entry)
{
    for (size_t i = 0; i < entry->table->relation_count; i++) {
        const rowan_relation *r = entry->table->relations[i];
        rowan_value key[ROWAN__KEY_MAX];
        if (!refers_to_primary(r) ||
            !rowan__key_read(r->from_columns, r->column_count, rowan__entry_original(entry), key)) {
            continue;
        }
        const rowan__entry *other = find_removed(u, r->to, key);
        if (other != NULL) {
            u->waits[other->order_index] = true;
        }
    }
}

static void find_waiting(rowan__unit *u)
{
    const rowan__ordering *order = &u->deletion;
    const rowan_table *last = NULL;
    bool is_settled = false;

    memset(u->waits, 0, u->deletes.count * sizeof *u->waits);
    for (size_t i = 0; i < u->known_updates; i++) {
        if (u->updates.at[i]->table != last) {
            last = u->updates.at[i]->table;
            wait_for_table(u, last);
        }
        wait_for_row(u, u->updates.at[i]);
    }
    while (!is_settled) {
        is_settled = true;
        for (size_t i = 0; i < order->need_count; i++) {
            const rowan__need *need = &order->needs[i];
            if (u->waits[need->from] && !u->waits[need->to]) {
                u->waits[need->to] = true;
                is_settled = false;
            }
        }
    }
}

/* --- Writing. --- */

/* Rows in a circle let go of one another before they are deleted. */
static rowan_status clear_broken(rowan__unit *u)
{
    const rowan__ordering *order = &u->deletion;

    memset(u->masks, 0, u->deletes.count * sizeof *u->masks);
    memset(u->is_done, 0, u->deletes.count * sizeof *u->is_done);
    for (size_t i = 0; i < order->need_count; i++) {
        const rowan__need *need = &order->needs[i];
        if (!need->is_broken) {
            continue;
        }
        rowan_status status =
            rowan__reference_write(u->scope, u->deletes.at[need->from], need->relation, NULL);
        if (status != ROWAN_OK) {
            return status;
        }
        for (size_t c = 0; c < need->relation->column_count; c++) {
            const rowan_column *column = need->relation->from_columns[c];
            if ((column->flags & ROWAN_NULLABLE) != 0) {
                rowan__mask_add(&u->masks[need->from], rowan__column_index(column));
            }
        }
    }
    return rowan__unit_update_groups(u, &u->deletes);
}

rowan_status rowan__unit_begin_deletes(rowan__unit *u)
{
    if (u->deletes.count == 0) {
        return ROWAN_OK;
    }
    rowan_status status =
        rowan__ordering_init(&u->deletion, u->scope, u->deletes.at, u->deletes.count)
            ? order_deletes(u)
            : rowan__scope_nomem(u->scope);
    if (status != ROWAN_OK) {
        return status;
    }
    find_waiting(u);
    return clear_broken(u);
}

rowan_status rowan__unit_write_deletes(rowan__unit *u, bool waiting)
{
    const rowan__ordering *order = &u->deletion;

    for (size_t w = order->wave_count; w-- > 0;) {
        const rowan_table *table = order->entries[order->order[order->waves[w]]]->table;
        size_t count = 0;
        for (size_t i = order->waves[w]; i < order->waves[w + 1]; i++) {
            rowan__entry *entry = order->entries[order->order[i]];
            if (u->waits[order->order[i]] == waiting) {
                u->rows[count++] = (rowan__written){entry->row, rowan__entry_original(entry)};
            }
        }
        rowan_status status = count > 0 ? rowan__write_deletes(u->scope, ROWAN_PATTERN_DATA_MAPPER,
                                                               table, u->rows, count)
                                        : ROWAN_OK;
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}
