/*
 * The unit of work: finds what is new, changed and removed, and writes it in one transaction: inserts wave by
 * wave in the order of foreign keys, then updates, then deletes in the reverse order. Rows of one table that
 * write the same columns go as one batch.
 *
 * The structs change while the flush goes on, since keys that the database makes are needed for the next
 * wave. A copy of every row that is touched, and of its original, is taken before, so that a failure leaves
 * the session exactly as it was.
 */
#include <string.h>

#include "datamapper/datamapper_private.h"

/* Rows of one kind of writing. */
typedef struct list {
    rowan__entry **at;
    size_t count, capacity;
} list;

typedef struct unit {
    rowan_session *session;
    rowan_scope *scope;
    const rowan_allocator *allocator;
    list inserts, updates, deletes; /* `updates` has room for the inserts whose references are put off */
    size_t known_updates;           /* of `updates`, those that are no inserts */
    char *copies;                   /* for each row that is touched: the row, its original */
    size_t copies_size;
    /* Room for one batch, as large as the largest list. */
    size_t room;
    rowan__mask *masks; /* of the rows of the list at hand */
    bool *is_done;
    rowan__written *rows;
    rowan__entry **members;
} unit;

static bool list_init(unit *u, list *l, size_t capacity)
{
    l->capacity = capacity;
    l->at = capacity != 0 ? rowan__new(u->allocator, capacity, sizeof *l->at) : NULL;
    return capacity == 0 || l->at != NULL;
}

static void unit_fini(unit *u)
{
    list *lists[] = {&u->inserts, &u->updates, &u->deletes};

    for (size_t i = 0; i < 3; i++) {
        rowan__free(u->allocator, lists[i]->at, lists[i]->capacity, sizeof *lists[i]->at);
    }
    rowan__free(u->allocator, u->copies, u->copies_size, 1);
    rowan__free(u->allocator, u->masks, u->room, sizeof *u->masks);
    rowan__free(u->allocator, u->is_done, u->room, sizeof *u->is_done);
    rowan__free(u->allocator, u->rows, u->room, sizeof *u->rows);
    rowan__free(u->allocator, u->members, u->room, sizeof *u->members);
}

/* What is to be written, in the order in which the rows became known. */
static rowan_status collect(unit *u)
{
    rowan_session *session = u->session;
    rowan_session_changes n = rowan_session_pending(session);

    if (!list_init(u, &u->inserts, n.inserts) || !list_init(u, &u->updates, n.updates + n.inserts) ||
        !list_init(u, &u->deletes, n.deletes)) {
        return rowan__scope_nomem(u->scope);
    }
    for (size_t i = 0; i < session->count; i++) {
        rowan__entry *entry = session->entries[i];
        rowan__pending pending = rowan__entry_pending(entry);
        list *l = pending == ROWAN__PENDING_INSERT   ? &u->inserts
                  : pending == ROWAN__PENDING_DELETE ? &u->deletes
                                                     : &u->updates;
        if (pending == ROWAN__PENDING_NOTHING) {
            continue;
        }
        l->at[l->count++] = entry;
        if (pending == ROWAN__PENDING_UPDATE) {
            rowan_status status = rowan__check_key(u->scope, entry->table, entry->row, entry->original);
            if (status != ROWAN_OK) {
                return status;
            }
        }
    }
    u->known_updates = u->updates.count;
    return ROWAN_OK;
}

static rowan_status check_references(const unit *u, const rowan__entry *entry)
{
    for (const rowan__reference *r = entry->references; r != NULL; r = r->next) {
        if (r->other != NULL &&
            (r->other->state == ROWAN__ENTRY_GONE || r->other->state == ROWAN__ENTRY_REMOVED)) {
            return rowan__scope_fail(u->scope, ROWAN_MISUSE, "%s.%s refers to a row that was removed",
                                     entry->table->name, r->relation->name);
        }
    }
    return ROWAN_OK;
}

/* Calls for every row that is touched, with the place of its copies. */
static void each_touched(const unit *u, void (*visit)(rowan__entry *entry, char *row, char *original))
{
    const list known = {u->updates.at, u->known_updates, 0};
    const list *lists[] = {&u->inserts, &known, &u->deletes};
    char *next = u->copies;

    for (size_t l = 0; l < 3; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            rowan__entry *entry = lists[l]->at[i];
            visit(entry, next, next + entry->table->row_size);
            next += 2 * entry->table->row_size;
        }
    }
}

static void copy_out(rowan__entry *entry, char *row, char *original)
{
    memcpy(row, entry->row, entry->table->row_size);
    if (entry->original != NULL) {
        memcpy(original, entry->original, entry->table->row_size);
    }
}

static void copy_back(rowan__entry *entry, char *row, char *original)
{
    memcpy(entry->row, row, entry->table->row_size);
    if (entry->state == ROWAN__ENTRY_NEW) {
        entry->original = NULL;
        entry->block = NULL;
    } else {
        memcpy(entry->original, original, entry->table->row_size);
    }
}

static rowan_status prepare(unit *u)
{
    const list *lists[] = {&u->inserts, &u->updates, &u->deletes};

    u->room = u->inserts.capacity + u->updates.capacity + u->deletes.capacity;
    for (size_t l = 0; l < 3; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            rowan_status status = l < 2 ? check_references(u, lists[l]->at[i]) : ROWAN_OK;
            u->copies_size += 2 * lists[l]->at[i]->table->row_size;
            if (status != ROWAN_OK) {
                return status;
            }
        }
    }
    u->copies = rowan__new(u->allocator, u->copies_size, 1);
    u->masks = rowan__new(u->allocator, u->room, sizeof *u->masks);
    u->is_done = rowan__new(u->allocator, u->room, sizeof *u->is_done);
    u->rows = rowan__new(u->allocator, u->room, sizeof *u->rows);
    u->members = rowan__new(u->allocator, u->room, sizeof *u->members);
    if (!u->copies || !u->masks || !u->is_done || !u->rows || !u->members) {
        return rowan__scope_nomem(u->scope);
    }
    each_touched(u, copy_out);
    return ROWAN_OK;
}

/* The rows of a list that are of the table and write the columns of its row `first`. @return how many. */
static size_t take_group(unit *u, const list *l, size_t first)
{
    size_t count = 0;

    for (size_t i = first; i < l->count; i++) {
        if (!u->is_done[i] && l->at[i]->table == l->at[first]->table &&
            rowan__mask_same(&u->masks[i], &u->masks[first])) {
            u->is_done[i] = true;
            u->members[count] = l->at[i];
            u->rows[count++] = (rowan__written){l->at[i]->row, l->at[i]->original};
        }
    }
    return count;
}

/* --- Inserts. --- */

/* Keys of rows that this flush has inserted go into the foreign keys that refer to them. */
static rowan_status write_references(unit *u, rowan__entry *entry, bool put_off)
{
    for (rowan__reference *r = entry->references; r != NULL; r = r->next) {
        bool is_meant = r->other != NULL && r->other->state == ROWAN__ENTRY_NEW;
        rowan_status status = ROWAN_OK;
        if (is_meant) {
            const rowan__entry *other = r->is_put_off && !put_off ? NULL : r->other;
            status = rowan__reference_write(u->scope, entry, r->relation, other);
        }
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

/* What came back becomes the row, and the row becomes one that every pattern knows. */
static rowan_status take_inserted(unit *u, rowan__entry *entry, const char *inserted)
{
    rowan__mask all = rowan__mask_all(entry->table);

    memcpy(entry->row, inserted, entry->table->row_size);
    rowan_status status = rowan__block_new(u->scope, entry->table, entry->row, 1, all.bits,
                                           rowan__scope_lazy(u->scope), &entry->block);
    if (status != ROWAN_OK) {
        return status;
    }
    entry->index = 0;
    entry->original = entry->block->originals;
    return rowan__identity_add_key(&u->session->identity, entry) ? ROWAN_OK
                                                                  : rowan__scope_nomem(u->scope);
}

/* Most rows that one insert of these columns can carry. */
static size_t most_rows(const unit *u, const rowan_table *table, const rowan__mask *columns)
{
    size_t count = 0;

    for (size_t i = 0; i < table->column_count; i++) {
        count += rowan__mask_has(columns, i) ? 1 : 0;
    }
    size_t most = rowan__scope_dialect(u->scope)->max_params / (count != 0 ? count : 1);
    return most != 0 ? most : 1;
}

static rowan_status insert_group(unit *u, const rowan__mask *columns, size_t count)
{
    const rowan_table *table = u->members[0]->table;
    size_t most = most_rows(u, table, columns);

    for (size_t first = 0; first < count; first += most) {
        size_t now = count - first < most ? count - first : most;
        rowan__result result;
        rowan_status status = rowan__write_inserts(u->scope, ROWAN_PATTERN_DATA_MAPPER, table, columns,
                                                   u->rows + first, now, true, &result);
        for (size_t i = 0; status == ROWAN_OK && i < now; i++) {
            const char *inserted = (const char *)result.rows.at + i * table->row_size;
            status = take_inserted(u, u->members[first + i], inserted);
        }
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

static rowan_status insert_wave(unit *u, const list *wave)
{
    memset(u->is_done, 0, wave->count * sizeof *u->is_done);
    for (size_t i = 0; i < wave->count; i++) {
        rowan_status status = write_references(u, wave->at[i], false);
        if (status != ROWAN_OK) {
            return status;
        }
        u->masks[i] = rowan__insert_columns(wave->at[i]->table, wave->at[i]->row);
    }
    for (size_t i = 0; i < wave->count; i++) {
        if (u->is_done[i]) {
            continue;
        }
        rowan_status status = insert_group(u, &u->masks[i], take_group(u, wave, i));
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

/* References that had to be left out of the inserts become updates. */
static void put_off_broken(unit *u, const rowan__ordering *order)
{
    for (size_t i = 0; i < order->need_count; i++) {
        const rowan__need *need = &order->needs[i];
        rowan__entry *entry = u->inserts.at[need->from];
        if (!need->is_broken) {
            continue;
        }
        for (rowan__reference *r = entry->references; r != NULL; r = r->next) {
            r->is_put_off = r->is_put_off || r->relation == need->relation;
        }
        if (u->updates.count == u->known_updates || u->updates.at[u->updates.count - 1] != entry) {
            u->updates.at[u->updates.count++] = entry;
        }
    }
}

static rowan_status order_inserts(unit *u, rowan__ordering *order)
{
    for (size_t i = 0; i < u->inserts.count; i++) {
        u->inserts.at[i]->order_index = i;
    }
    for (size_t i = 0; i < u->inserts.count; i++) {
        for (rowan__reference *r = u->inserts.at[i]->references; r != NULL; r = r->next) {
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
static void read_wave(const rowan__ordering *order, size_t wave, list *out)
{
    out->count = 0;
    for (size_t i = order->waves[wave]; i < order->waves[wave + 1]; i++) {
        out->at[out->count++] = order->entries[order->order[i]];
    }
}

static rowan_status write_inserts(unit *u)
{
    rowan__ordering order;
    list wave = {NULL, 0, 0};
    rowan_status status = ROWAN_NOMEM;

    if (u->inserts.count == 0) {
        return ROWAN_OK;
    }
    if (!rowan__ordering_init(&order, u->scope, u->inserts.at, u->inserts.count) ||
        !list_init(u, &wave, u->inserts.count)) {
        status = rowan__scope_nomem(u->scope);
        goto done;
    }
    status = order_inserts(u, &order);
    if (status == ROWAN_OK) {
        put_off_broken(u, &order);
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

/* --- Updates. --- */

static rowan_status update_group(unit *u, const rowan__mask *columns, size_t count)
{
    const rowan_table *table = u->members[0]->table;
    rowan_status status = rowan__write_updates(u->scope, ROWAN_PATTERN_DATA_MAPPER, table, columns, u->rows,
                                               count);

    for (size_t i = 0; status == ROWAN_OK && i < count; i++) {
        rowan__note_updated(table, columns, u->rows[i]);
    }
    return status;
}

static rowan_status update_groups(unit *u, const list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        if (u->is_done[i] || rowan__mask_is_empty(&u->masks[i])) {
            continue;
        }
        rowan_status status = update_group(u, &u->masks[i], take_group(u, l, i));
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

static rowan_status write_updates(unit *u)
{
    memset(u->is_done, 0, u->updates.count * sizeof *u->is_done);
    for (size_t i = 0; i < u->updates.count; i++) {
        rowan__entry *entry = u->updates.at[i];
        rowan_status status = write_references(u, entry, true);
        if (status == ROWAN_OK) {
            status = rowan__check_key(u->scope, entry->table, entry->row, entry->original);
        }
        if (status == ROWAN_OK) {
            u->masks[i] = rowan__changes(entry->table, entry->row, entry->original);
            status = rowan__keep_texts(u->scope, entry->table, &u->masks[i], entry->row);
        }
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return update_groups(u, &u->updates);
}

/* --- Deletes. --- */

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

static rowan_status order_deletes(unit *u, rowan__ordering *order)
{
    for (size_t i = 0; i < u->deletes.count; i++) {
        u->deletes.at[i]->order_index = i;
    }
    for (size_t i = 0; i < u->deletes.count; i++) {
        const rowan__entry *entry = u->deletes.at[i];
        for (size_t k = 0; k < entry->table->relation_count; k++) {
            const rowan_relation *r = entry->table->relations[k];
            rowan_value key[ROWAN__KEY_MAX];
            if (!refers_to_primary(r) ||
                !rowan__key_read(r->from_columns, r->column_count, entry->original, key)) {
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
static rowan_status clear_broken(unit *u, const rowan__ordering *order)
{
    memset(u->masks, 0, u->deletes.count * sizeof *u->masks);
    memset(u->is_done, 0, u->deletes.count * sizeof *u->is_done);
    for (size_t i = 0; i < order->need_count; i++) {
        const rowan__need *need = &order->needs[i];
        if (!need->is_broken) {
            continue;
        }
        rowan_status status = rowan__reference_write(u->scope, u->deletes.at[need->from], need->relation,
                                                     NULL);
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
    return update_groups(u, &u->deletes);
}

static rowan_status delete_waves(unit *u, const rowan__ordering *order)
{
    for (size_t w = order->wave_count; w-- > 0;) {
        size_t count = 0;
        for (size_t i = order->waves[w]; i < order->waves[w + 1]; i++) {
            rowan__entry *entry = order->entries[order->order[i]];
            u->rows[count++] = (rowan__written){entry->row, entry->original};
        }
        const rowan_table *table = order->entries[order->order[order->waves[w]]]->table;
        rowan_status status = rowan__write_deletes(u->scope, ROWAN_PATTERN_DATA_MAPPER, table, u->rows,
                                                   count);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

static rowan_status write_deletes(unit *u)
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

/* --- The whole. --- */

static void restore(unit *u)
{
    for (size_t i = 0; i < u->inserts.count; i++) {
        rowan__identity_drop_key(&u->session->identity, u->inserts.at[i]);
    }
    each_touched(u, copy_back);
}

static void settle(unit *u)
{
    for (size_t i = 0; i < u->inserts.count; i++) {
        u->inserts.at[i]->state = ROWAN__ENTRY_KNOWN;
    }
    for (size_t i = 0; i < u->session->count; i++) {
        u->session->entries[i]->references = NULL;
    }
    for (size_t i = 0; i < u->deletes.count; i++) {
        rowan__identity_drop_key(&u->session->identity, u->deletes.at[i]);
        u->deletes.at[i]->state = ROWAN__ENTRY_GONE;
    }
}

static rowan_status write_all(unit *u)
{
    rowan_status status = rowan_begin(u->scope, NULL);

    if (status != ROWAN_OK) {
        return status;
    }
    status = write_inserts(u);
    if (status == ROWAN_OK) {
        status = write_updates(u);
    }
    if (status == ROWAN_OK) {
        status = write_deletes(u);
    }
    if (status != ROWAN_OK) {
        rowan__roll_back(u->scope);
    } else {
        status = rowan_commit(u->scope);
    }
    if (status != ROWAN_OK) {
        restore(u);
    } else {
        settle(u);
    }
    return status;
}

rowan_status(rowan_session_flush)(rowan_session *session)
{
    unit u = {.session = session, .scope = session->scope, .allocator = session->allocator};
    rowan_status status = collect(&u);

    if (status == ROWAN_OK && u.inserts.count + u.updates.count + u.deletes.count != 0) {
        status = prepare(&u);
        if (status == ROWAN_OK) {
            status = write_all(&u);
        }
    }
    unit_fini(&u);
    return status;
}
