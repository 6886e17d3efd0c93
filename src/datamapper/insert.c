/*
 * Inserts of a flush, wave by wave: rows of a wave need only rows of waves before, whose keys the
 * database has made by then. A reference that would close a circle is left NULL and becomes an
 * update.
 */
#include <string.h>

#include "datamapper/datamapper_private.h"

/* What came back becomes the row, and the row becomes one that every pattern knows. */
static rowan_status take_inserted(rowan__unit *u, rowan__entry *entry, const char *inserted)
{
    rowan__mask all = rowan__mask_all(entry->table);

    memcpy(entry->row, inserted, entry->table->row_size);
    rowan_status status = rowan__block_new(u->scope, entry->table, entry->row, 1, all.bits,
                                           rowan__scope_lazy(u->scope), &entry->block);
    if (status != ROWAN_OK) {
        return status;
    }
    entry->index = 0;
    rowan__identity_table *t = rowan__identity_of(&u->session->identity, entry->table);
    rowan__entry **place = t != NULL ? rowan__identity_place(t, entry->row) : NULL;
    if (place == NULL) {
        return rowan__scope_nomem(u->scope);
    }
    *place = entry;
    return ROWAN_OK;
}

/* The flush undoes everything if something fails. */
static rowan_status insert_group(rowan__unit *u, const rowan__mask *columns, size_t count)
{
    const rowan_table *table = u->members[0]->table;
    const rowan__intent intent = {.pattern = ROWAN_PATTERN_DATA_MAPPER, .is_whole = true};
    const rowan__inserted rows = {
        .table = table, .columns = *columns, .at = u->structs, .count = count, .returning = true};
    rowan__result result;

    for (size_t i = 0; i < count; i++) {
        u->structs[i] = u->members[i]->row;
    }
    rowan_status status = rowan__write_inserts(u->scope, intent, &rows, &result);
    for (size_t i = 0; status == ROWAN_OK && i < count; i++) {
        const char *inserted = (const char *)result.rows.at + i * table->row_size;
        status = take_inserted(u, u->members[i], inserted);
    }
    return status;
}

static rowan_status insert_wave(rowan__unit *u, const rowan__list *wave)
{
    memset(u->is_done, 0, wave->count * sizeof *u->is_done);
    for (size_t i = 0; i < wave->count; i++) {
        rowan_status status = rowan__unit_write_references(u, wave->at[i], false);
        if (status != ROWAN_OK) {
            return status;
        }
        u->masks[i] = rowan__insert_columns(wave->at[i]->table, wave->at[i]->row);
    }
    for (size_t i = 0; i < wave->count; i++) {
        if (u->is_done[i]) {
            continue;
        }
        rowan_status status = insert_group(u, &u->masks[i], rowan__unit_take_group(u, wave, i));
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

/* References that had to be left out of the inserts become updates. */
static rowan_status put_off_broken(rowan__unit *u, const rowan__ordering *order)
{
    for (size_t i = 0; i < order->need_count; i++) {
        const rowan__need *need = &order->needs[i];
        rowan__entry *entry = u->inserts.at[need->from];
        if (!need->is_broken) {
            continue;
        }
        for (rowan__reference *r = rowan__entry_references(entry); r != NULL; r = r->next) {
            r->is_put_off = r->is_put_off || r->relation == need->relation;
        }
        bool is_listed =
            u->updates.count > u->known_updates && u->updates.at[u->updates.count - 1] == entry;
        if (!is_listed && !rowan__list_add(u, &u->updates, entry)) {
            return rowan__scope_nomem(u->scope);
        }
    }
    return ROWAN_OK;
}

static rowan_status order_inserts(rowan__unit *u, rowan__ordering *order)
{
    for (size_t i = 0; i < u->inserts.count; i++) {
        u->inserts.at[i]->order_index = i;
    }
    for (size_t i = 0; i < u->inserts.count; i++) {
        for (rowan__reference *r = rowan__entry_references(u->inserts.at[i]); r != NULL;
             r = r->next) {
            r->is_put_off = false;
            if (r->other != NULL && r->other->state == ROWAN__ENTRY_NEW &&
                !rowan__ordering_need(order, i, r->other->order_index, r->relation)) {
                return rowan__scope_nomem(u->scope);
            }
        }
    }
    return rowan__ordering_run(order);
}

/* Copies one wave of an ordering into a list that has room for it. */
static void read_wave(const rowan__ordering *order, size_t wave, rowan__list *out)
{
    out->count = 0;
    for (size_t i = order->waves[wave]; i < order->waves[wave + 1]; i++) {
        out->at[out->count++] = order->entries[order->order[i]];
    }
}

rowan_status rowan__unit_write_inserts(rowan__unit *u)
{
    rowan__ordering order;
    rowan__list wave = {NULL, 0, 0};
    rowan_status status = ROWAN_NOMEM;

    if (u->inserts.count == 0) {
        return ROWAN_OK;
    }
    if (!rowan__ordering_init(&order, u->scope, u->inserts.at, u->inserts.count) ||
        !rowan__list_init(u, &wave, u->inserts.count)) {
        status = rowan__scope_nomem(u->scope);
        goto done;
    }
    status = order_inserts(u, &order);
    if (status == ROWAN_OK) {
        status = put_off_broken(u, &order);
    }
    for (size_t w = 0; status == ROWAN_OK && w < order.wave_count; w++) {
        read_wave(&order, w, &wave);
        status = insert_wave(u, &wave);
    }
done:
    rowan__ordering_fini(&order);
    rowan__free(u->allocator, wave.at, wave.capacity, sizeof *wave.at);
    return status;
}
