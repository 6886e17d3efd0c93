/*
 * Deletes of a flush: in the reverse order of the inserts that would make the rows again. Rows in a
 * circle let go of one another first.
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

static rowan_status order_deletes(rowan__unit *u, rowan__ordering *order)
{
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
            const rowan__entry *other = rowan__identity_by_key(&u->session->identity, r->to, key);
            if (other != NULL && other->state == ROWAN__ENTRY_REMOVED &&
                !rowan__ordering_need(order, i, other->order_index, r)) {
                return rowan__scope_nomem(u->scope);
            }
        }
    }
    return rowan__ordering_run(order);
}

/* Rows in a circle let go of one another before they are deleted. */
static rowan_status clear_broken(rowan__unit *u, const rowan__ordering *order)
{
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

static rowan_status delete_waves(rowan__unit *u, const rowan__ordering *order)
{
    for (size_t w = order->wave_count; w-- > 0;) {
        size_t count = 0;
        for (size_t i = order->waves[w]; i < order->waves[w + 1]; i++) {
            rowan__entry *entry = order->entries[order->order[i]];
            u->rows[count++] = (rowan__written){entry->row, rowan__entry_original(entry)};
        }
        const rowan_table *table = order->entries[order->order[order->waves[w]]]->table;
        rowan_status status =
            rowan__write_deletes(u->scope, ROWAN_PATTERN_DATA_MAPPER, table, u->rows, count);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

rowan_status rowan__unit_write_deletes(rowan__unit *u)
{
    rowan__ordering order;
    rowan_status status;

    if (u->deletes.count == 0) {
        return ROWAN_OK;
    }
    status = rowan__ordering_init(&order, u->scope, u->deletes.at, u->deletes.count)
                 ? order_deletes(u, &order)
                 : rowan__scope_nomem(u->scope);
    if (status == ROWAN_OK) {
        status = clear_broken(u, &order);
    }
    if (status == ROWAN_OK) {
        status = delete_waves(u, &order);
    }
    rowan__ordering_fini(&order);
    return status;
}
