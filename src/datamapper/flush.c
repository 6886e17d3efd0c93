/*
 * The unit of work: finds what is new, changed and removed, and writes it in one transaction:
 * deletes in the reverse order of foreign keys, inserts wave by wave in that order, updates, and
 * the deletes that had to wait for those. Rows of one table that write the same columns go as one
 * batch.
 *
 * The structs change while the flush goes on, since keys that the database makes are needed for the
 * next wave. A copy of every row that is touched, and of its original, is taken before, so that a
 * failure leaves the session exactly as it was.
 */
#include <string.h>

#include "base/bytes.h"
#include "datamapper/datamapper_private.h"

bool rowan__list_init(rowan__unit *u, rowan__list *l, size_t capacity)
{
    l->capacity = capacity;
    l->at = capacity != 0 ? rowan__alloc(u->allocator, capacity, sizeof *l->at) : NULL;
    return capacity == 0 || l->at != NULL;
}

static void unit_fini(rowan__unit *u)
{
    rowan__list *lists[] = {&u->inserts, &u->updates, &u->deletes};

    for (size_t i = 0; i < 3; i++) {
        rowan__free(u->allocator, lists[i]->at, lists[i]->capacity, sizeof *lists[i]->at);
    }
    rowan__free(u->allocator, u->changes, u->changes_capacity, sizeof *u->changes);
    rowan__free(u->allocator, u->copies, u->copies_size, 1);
    rowan__free(u->allocator, u->masks, u->room, sizeof *u->masks);
    rowan__free(u->allocator, u->is_done, u->room, sizeof *u->is_done);
    rowan__free(u->allocator, u->waits, u->deletes.count, sizeof *u->waits);
    rowan__ordering_fini(&u->deletion);
    rowan__free(u->allocator, u->rows, u->room, sizeof *u->rows);
    rowan__free(u->allocator, u->structs, u->room, sizeof *u->structs);
    rowan__free(u->allocator, u->members, u->room, sizeof *u->members);
}

bool rowan__list_add(rowan__unit *u, rowan__list *l, rowan__entry *entry)
{
    void *array = l->at;

    if (!rowan__grow(u->allocator, &array, &l->capacity, l->count, sizeof *l->at)) {
        return false;
    }
    l->at = array;
    l->at[l->count++] = entry;
    return true;
}

static bool has_key(const rowan_table *table, const rowan__mask *columns)
{
    for (size_t i = 0; i < table->primary_count; i++) {
        if (rowan__mask_has(columns, rowan__column_index(table->primary[i]))) {
            return true;
        }
    }
    return false;
}

/* Puts a row to those that are updated if it differs from what the database has, or will. */
static rowan_status collect_update(rowan__unit *u, rowan__entry *entry)
{
    const char *original = rowan__entry_original(entry);
    void *array = u->changes;
    rowan__mask changes = {{0}};

    if (memcmp(entry->row, original, entry->table->row_size) != 0) {
        changes = rowan__changes(entry->table, entry->row, original);
    }
    if (rowan__mask_is_empty(&changes) && !rowan__entry_refers_to_keyless(entry)) {
        return ROWAN_OK;
    }
    if (has_key(entry->table, &changes)) {
        return rowan__check_key(u->scope, entry->table, entry->row, original);
    }
    if (!rowan__grow(u->allocator, &array, &u->changes_capacity, u->updates.count,
                     sizeof *u->changes)) {
        return rowan__scope_nomem(u->scope);
    }
    u->changes = array;
    u->changes[u->updates.count] = changes;
    u->has_references = u->has_references || rowan__entry_references(entry) != NULL;
    return rowan__list_add(u, &u->updates, entry) ? ROWAN_OK : rowan__scope_nomem(u->scope);
}

/* Puts a row that is known to those that are written as it has to be. */
static rowan_status collect_known(rowan__unit *u, rowan__entry *entry)
{
    switch (entry->state) {
    case ROWAN__ENTRY_KNOWN:
        return collect_update(u, entry);
    case ROWAN__ENTRY_REMOVED:
        return rowan__list_add(u, &u->deletes, entry) ? ROWAN_OK : rowan__scope_nomem(u->scope);
    case ROWAN__ENTRY_NEW:
    case ROWAN__ENTRY_GONE:
        break;
    }
    return ROWAN_OK;
}

/* Puts those rows of a block to what is written that are. */
static rowan_status collect_block(rowan__unit *u, rowan__block *block)
{
    enum { AT_ONCE = 16 };
    bool has_marks = u->session->has_marks && block->entries != NULL;
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; status == ROWAN_OK && i < block->count; i++) {
        if (!has_marks && i % AT_ONCE == 0) {
            i = rowan__block_skip_same(block, i);
        }
        if (i >= block->count) {
            break;
        }
        rowan__entry *entries = rowan__session_entries(u->session, block);
        if (entries == NULL) {
            return rowan__scope_nomem(u->scope);
        }
        status = entries[i].row != NULL ? collect_known(u, &entries[i]) : ROWAN_OK;
    }
    return status;
}

/* What is to be written, in the order in which the rows became known. */
static rowan_status collect(rowan__unit *u)
{
    const rowan_session *session = u->session;
    rowan_status status = rowan__list_init(u, &u->inserts, session->made_count)
                              ? ROWAN_OK
                              : rowan__scope_nomem(u->scope);

    for (rowan__block *b = session->first; status == ROWAN_OK && b != NULL; b = b->next_met) {
        status = collect_block(u, b);
    }
    for (size_t i = 0; status == ROWAN_OK && i < session->made_count; i++) {
        rowan__entry *entry = session->made[i];
        if (entry->state == ROWAN__ENTRY_NEW) {
            u->inserts.at[u->inserts.count++] = entry;
            u->inserts_many_tables |= entry->table != u->inserts.at[0]->table;
            u->has_references |= rowan__entry_references(entry) != NULL;
        } else {
            status = collect_known(u, entry);
        }
    }
    u->known_updates = u->updates.count;
    return status;
}

static rowan_status check_references(const rowan__unit *u, const rowan__list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const rowan__entry *entry = l->at[i];
        for (const rowan__reference *r = rowan__entry_references(entry); r != NULL; r = r->next) {
            if (r->other != NULL &&
                (r->other->state == ROWAN__ENTRY_GONE || r->other->state == ROWAN__ENTRY_REMOVED)) {
                return rowan__scope_fail(u->scope, ROWAN_MISUSE,
                                         "%s.%s refers to a row that was removed",
                                         entry->table->name, r->relation->name);
            }
        }
    }
    return ROWAN_OK;
}

/* Copies new rows, or puts them back as they were before. @return where the next copy goes */
static char *copy_new(const rowan__unit *u, bool back)
{
    rowan__entry *const *at = u->inserts.at;
    char *copy = u->copies;

    for (size_t i = 0, run; i < u->inserts.count; i += run) {
        run = rowan__entry_run(at + i, u->inserts.count - i);
        size_t bytes = run * at[i]->table->row_size;
        rowan__bytes_copy(back ? at[i]->row : copy, back ? copy : at[i]->row, bytes);
        copy += bytes;
        for (size_t k = i; back && k < i + run; k++) {
            at[k]->block = NULL;
        }
    }
    return copy;
}

/* The same for rows that are known, and their originals. */
static char *copy_known(rowan__entry *const *at, size_t count, char *copy, bool back)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = at[i]->table->row_size;
        char *original = rowan__entry_original(at[i]);
        memcpy(back ? at[i]->row : copy, back ? copy : at[i]->row, size);
        memcpy(back ? original : copy + size, back ? copy + size : original, size);
        copy += 2 * size;
    }
    return copy;
}

static void copy_touched(const rowan__unit *u, bool back)
{
    char *copy = copy_new(u, back);

    copy = copy_known(u->updates.at, u->known_updates, copy, back);
    (void)copy_known(u->deletes.at, u->deletes.count, copy, back);
}

static size_t bytes_of(const rowan__list *l)
{
    size_t bytes = 0;

    for (size_t i = 0; i < l->count; i++) {
        bytes += l->at[i]->table->row_size;
    }
    return bytes;
}

static rowan_status prepare(rowan__unit *u)
{
    rowan_status status = u->has_references ? check_references(u, &u->inserts) : ROWAN_OK;

    if (status == ROWAN_OK && u->has_references) {
        status = check_references(u, &u->updates);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    /* Of the updates there may be as many more as inserts whose references are put off. */
    u->room = 2 * u->inserts.count + u->updates.count + u->deletes.count;
    u->copies_size = bytes_of(&u->inserts) + 2 * bytes_of(&u->updates) + 2 * bytes_of(&u->deletes);
    u->copies = rowan__alloc(u->allocator, u->copies_size, 1);
    u->masks = rowan__alloc(u->allocator, u->room, sizeof *u->masks);
    u->is_done = rowan__alloc(u->allocator, u->room, sizeof *u->is_done);
    if (u->deletes.count > 0) {
        u->waits = rowan__alloc(u->allocator, u->deletes.count, sizeof *u->waits);
    }
    u->rows = rowan__alloc(u->allocator, u->room, sizeof *u->rows);
    u->structs = rowan__alloc(u->allocator, u->room, sizeof *u->structs);
    u->members = rowan__alloc(u->allocator, u->room, sizeof *u->members);
    if ((u->deletes.count > 0 && !u->waits) || !u->copies || !u->masks || !u->is_done || !u->rows ||
        !u->structs || !u->members) {
        return rowan__scope_nomem(u->scope);
    }
    copy_touched(u, false);
    return ROWAN_OK;
}

size_t rowan__unit_take_group(rowan__unit *u, const rowan__list *l, size_t first)
{
    size_t count = 0;

    for (size_t i = first; i < l->count; i++) {
        if (!u->is_done[i] && l->at[i]->table == l->at[first]->table &&
            rowan__mask_same(&u->masks[i], &u->masks[first])) {
            u->is_done[i] = true;
            u->members[count] = l->at[i];
            u->rows[count++] = (rowan__written){l->at[i]->row, rowan__entry_original(l->at[i])};
        }
    }
    return count;
}

rowan_status rowan__unit_write_references(rowan__unit *u, rowan__entry *entry, bool put_off)
{
    for (rowan__reference *r = rowan__entry_references(entry); r != NULL; r = r->next) {
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

static rowan_status update_group(rowan__unit *u, const rowan__mask *columns, size_t count)
{
    const rowan_table *table = u->members[0]->table;
    rowan_status status =
        rowan__write_updates(u->scope, ROWAN_PATTERN_DATA_MAPPER, table, columns, u->rows, count);

    for (size_t i = 0; status == ROWAN_OK && i < count; i++) {
        rowan__note_updated(table, columns, u->rows[i]);
    }
    return status;
}

rowan_status rowan__unit_update_groups(rowan__unit *u, const rowan__list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        if (u->is_done[i] || rowan__mask_is_empty(&u->masks[i])) {
            continue;
        }
        rowan_status status = update_group(u, &u->masks[i], rowan__unit_take_group(u, l, i));
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return ROWAN_OK;
}

/* What an update writes, which references may have added to since it was found. */
static rowan_status find_changes(rowan__unit *u, rowan__entry *entry, rowan__mask *out)
{
    rowan_status status = rowan__unit_write_references(u, entry, true);

    if (status == ROWAN_OK) {
        status = rowan__check_key(u->scope, entry->table, entry->row, rowan__entry_original(entry));
    }
    if (status == ROWAN_OK) {
        *out = rowan__changes(entry->table, entry->row, rowan__entry_original(entry));
    }
    return status;
}

static rowan_status write_updates(rowan__unit *u)
{
    memset(u->is_done, 0, u->updates.count * sizeof *u->is_done);
    for (size_t i = 0; i < u->updates.count; i++) {
        rowan__entry *entry = u->updates.at[i];
        rowan_status status = ROWAN_OK;
        if (u->has_references) {
            status = find_changes(u, entry, &u->masks[i]);
        } else {
            u->masks[i] = u->changes[i];
        }
        if (status == ROWAN_OK) {
            status = rowan__keep_texts(u->scope, entry->table, &u->masks[i], entry->row);
        }
        if (status != ROWAN_OK) {
            return status;
        }
    }
    return rowan__unit_update_groups(u, &u->updates);
}

/* New rows may have taken over the keys of others: of those that were to be removed, or that
 * somebody else has deleted. */
static void return_keys(rowan_session *session)
{
    for (const rowan__block *b = session->first; b != NULL; b = b->next_met) {
        for (size_t i = 0; b->entries != NULL && i < b->count; i++) {
            rowan__identity_return_key(session, &b->entries[i]);
        }
    }
    for (size_t i = 0; i < session->made_count; i++) {
        rowan__identity_return_key(session, session->made[i]);
    }
}

static void restore(rowan__unit *u)
{
    for (size_t i = 0; i < u->inserts.count; i++) {
        rowan__identity_drop_key(u->session, u->inserts.at[i]);
    }
    rowan__identity_rewind(u->session, u->block_order);
    rowan__blocks_forget(u->scope, u->block_order);
    copy_touched(u, true);
    if (u->inserts.count != 0) {
        return_keys(u->session);
    }
}

static void drop_references(rowan__entry *entry)
{
    if (entry->more != NULL) {
        entry->more->references = NULL;
    }
}

/* What was set is written, of those rows, too, that were not changed by it. */
static void drop_all_references(const rowan_session *session)
{
    for (const rowan__block *b = session->first; b != NULL; b = b->next_met) {
        for (size_t i = 0; b->entries != NULL && i < b->count; i++) {
            drop_references(&b->entries[i]);
        }
    }
    for (size_t i = 0; i < session->made_count; i++) {
        drop_references(session->made[i]);
    }
}

static void settle(rowan__unit *u)
{
    for (size_t i = 0; i < u->inserts.count; i++) {
        u->inserts.at[i]->state = ROWAN__ENTRY_KNOWN;
        if (u->has_references) {
            drop_references(u->inserts.at[i]);
        }
    }
    if (u->session->has_marks) {
        drop_all_references(u->session);
    }
    for (size_t i = 0; i < u->deletes.count; i++) {
        rowan__identity_drop_key(u->session, u->deletes.at[i]);
        u->deletes.at[i]->state = ROWAN__ENTRY_GONE;
    }
}

static rowan_status write_all(rowan__unit *u)
{
    unsigned depth = rowan_transaction_depth(u->scope);
    rowan_status status = (rowan_begin)(u->scope, NULL);

    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan__unit_begin_deletes(u);
    if (status == ROWAN_OK) {
        status = rowan__unit_write_deletes(u, false);
    }
    if (status == ROWAN_OK) {
        status = rowan__unit_write_inserts(u);
    }
    if (status == ROWAN_OK) {
        status = write_updates(u);
    }
    if (status == ROWAN_OK) {
        status = rowan__unit_write_deletes(u, true);
    }
    if (status == ROWAN_OK) {
        status = (rowan_commit)(u->scope);
    }
    if (status != ROWAN_OK) {
        status = rowan__scope_undo(u->scope, depth);
        restore(u);
    } else {
        settle(u);
    }
    return status;
}

rowan_status(rowan_session_flush)(rowan_session *session)
{
    if (session == NULL) {
        return ROWAN_MISUSE;
    }
    rowan__unit u = {.session = session,
                     .scope = session->scope,
                     .allocator = rowan__scope_allocator(session->scope),
                     .block_order = rowan__blocks_order(session->scope)};
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
