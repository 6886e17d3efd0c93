/*
 * Inserts of a flush, wave by wave: rows of a wave need only rows of waves before, whose keys the
 * database has made by then. A reference that would close a circle is left NULL and becomes an
 * update.
 */
#include <string.h>

#include "datamapper/datamapper_private.h"

/* Why rows could not be made known: a text of a key may be NULL, which not every engine refuses. */
static rowan_status fail_known(rowan__unit *u, const rowan__entry *entries, size_t count)
{
    const rowan_table *table = entries->table;
    rowan_value key[ROWAN__KEY_MAX];

    for (size_t i = 0; i < count; i++) {
        if (!rowan__key_read(table->primary, table->primary_count, entries[i].row, key)) {
            return rowan__scope_fail(u->scope, ROWAN_NOT_NULL,
                                     "a new row of %s has no key: a column of it is NULL",
                                     table->name);
        }
    }
    return rowan__scope_nomem(u->scope);
}

/* Rows side by side that were inserted become rows that every pattern knows. */
static rowan_status take_run(rowan__unit *u, rowan__entry *entries, size_t count)
{
    const rowan_table *table = entries->table;
    rowan__mask all = rowan__mask_all(table);
    rowan__block *block;
    rowan_status status = rowan__block_new(u->scope, table, entries->row, count, all.bits,
                                           rowan__scope_lazy(u->scope), &block);

    if (status != ROWAN_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        entries[i].block = block;
        entries[i].index = (uint32_t)i;
    }
    return rowan__identity_insert(u->session, block, entries) ? ROWAN_OK
                                                              : fail_known(u, entries, count);
}

/* @param keys  those that were made; NULL: the rows have theirs, and all else */
static rowan_status take_inserted(rowan__unit *u, rowan__entry *const *members, size_t count,
                                  const int64_t *keys, bool is_given)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0, run; status == ROWAN_OK && i < count; i += run) {
        run = rowan__entry_run(members + i, count - i);
        if (is_given) {
            status = rowan__settle_inserted(u->scope, members[i]->table,
                                            keys != NULL ? keys + i : NULL, members[i]->row, run);
        }
        if (status == ROWAN_OK) {
            status = take_run(u, members[i], run);
        }
    }
    return status;
}

/* Inserts rows that leave the same columns to the database; their addresses are in `structs`. The
 * flush undoes everything if something fails. */
static rowan_status insert_group(rowan__unit *u, rowan__entry *const *members, size_t count)
{
    const rowan_table *table = members[0]->table;
    const rowan__intent intent = {.pattern = ROWAN_PATTERN_DATA_MAPPER, .is_whole = true};
    const rowan__inserted rows = {
        .table = table, .at = u->structs, .count = count, .returning = true};
    rowan__result result;
    int64_t *keys;
    bool is_given;

    rowan_status status = rowan__write_keyed(u->scope, intent, &rows, &keys, &is_given);
    if (status == ROWAN_OK && !is_given) {
        status = rowan__write_inserts(u->scope, intent, &rows, &result);
        for (size_t i = 0; status == ROWAN_OK && i < count; i++) {
            memcpy(members[i]->row, (const char *)result.rows.at + i * table->row_size,
                   table->row_size);
        }
    }
    return status == ROWAN_OK ? take_inserted(u, members, count, keys, is_given) : status;
}

/* Inserts rows some of which bring what others leave to the database. */
static rowan_status insert_groups(rowan__unit *u, const rowan__list *wave)
{
    memset(u->is_done, 0, wave->count * sizeof *u->is_done);
    for (size_t i = 0; i < wave->count; i++) {
        u->masks[i] = rowan__insert_columns(wave->at[i]->table, wave->at[i]->row);
    }
    for (size_t i = 0; i < wave->count; i++) {
        if (u->is_done[i]) {
            continue;
        }
        size_t count = rowan__unit_take_group(u, wave, i);
        for (size_t k = 0; k < count; k++) {
            u->structs[k] = u->members[k]->row;
        }
        rowan_status status = insert_group(u, u->members, count);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

static rowan_status insert_wave(rowan__unit *u, const rowan__list *wave)
{
    const rowan__structs rows = {.at = u->structs, .count = wave->count};

    for (size_t i = 0; i < wave->count; i++) {
        rowan_status status =
            u->has_references ? rowan__unit_write_references(u, wave->at[i], false) : ROWAN_OK;
        if (status != ROWAN_OK) {
            return status;
        }
        u->structs[i] = wave->at[i]->row;
    }
    return rowan__insert_the_same(wave->at[0]->table, &rows)
               ? insert_group(u, wave->at, wave->count)
               : insert_groups(u, wave);
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

static rowan_status insert_waves(rowan__unit *u)
{
    rowan__ordering order;
    rowan__list wave = {NULL, 0, 0};
    rowan_status status = ROWAN_NOMEM;

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

rowan_status rowan__unit_write_inserts(rowan__unit *u)
{
    if (u->inserts.count == 0) {
        return ROWAN_OK;
    }
    /* Of one table, and none was told what it refers to: there is nothing to order. */
    bool is_one_wave = !u->has_references && !u->inserts_many_tables;
    return is_one_wave ? insert_wave(u, &u->inserts) : insert_waves(u);
}
