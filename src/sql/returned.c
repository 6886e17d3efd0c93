/*
 * The order of the rows that an insert returns. Where the engine promises none, it is checked
 * against what is known: rows that brought their key have it, and numbers that were generated
 * ascend as rows were given. Of numbers taken at random and of other keys that is not so: then the
 * rows are in order if each has what was written of the one in its place.
 */
#include <string.h>

#include "base/calendar.h"
#include "sql/sql_private.h"

typedef struct matching {
    const rowan_table *table;
    const rowan__structs *given;
    const char *returned;
    size_t size; /* of a row */
    size_t count;
} matching;

static bool same_bytes(rowan_blob a, rowan_blob b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Whether two values of one column are equal; a flat switch over the types. */
static bool same_value(const rowan_value *a, const rowan_value *b)
{
    if (a->is_null || b->is_null || a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case ROWAN_TYPE_BOOL:
        return a->as.boolean == b->as.boolean;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        return a->as.integer == b->as.integer;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return !(a->as.real < b->as.real) && !(a->as.real > b->as.real);
    case ROWAN_TYPE_DECIMAL:
        return rowan__decimal_compare(a->as.bytes.data, a->as.bytes.size, b->as.bytes.data,
                                      b->as.bytes.size) == 0;
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
        return same_bytes(a->as.bytes, b->as.bytes);
    case ROWAN_TYPE_DATE:
        return a->as.date.days == b->as.date.days;
    case ROWAN_TYPE_TIME:
        return a->as.time.us == b->as.time.us;
    case ROWAN_TYPE_TIMESTAMP:
        return a->as.timestamp.us == b->as.timestamp.us;
    case ROWAN_TYPE_UUID:
        return memcmp(&a->as.uuid, &b->as.uuid, sizeof a->as.uuid) == 0;
    case ROWAN_TYPE_LIST:
        return false;
    }
    return false;
}

static const void *given_row(const matching *m, size_t index)
{
    return rowan__structs_row(m->given, index);
}

static const void *returned_row(const matching *m, size_t index)
{
    return m->returned + index * m->size;
}

/* The key that the database made for a row that was given none; NULL if it was given one. */
static const rowan_column *generated_key(const matching *m, size_t given)
{
    const rowan_table *table = m->table;
    rowan_value value;

    if (table->primary_count != 1 || (table->primary[0]->flags & ROWAN_GENERATED) == 0) {
        return NULL;
    }
    value = rowan_column_value(table->primary[0], given_row(m, given));
    return rowan__is_absent(&value) ? table->primary[0] : NULL;
}

static bool is_number(const rowan_column *key)
{
    return rowan__same_family(key->type, ROWAN_TYPE_INT64);
}

static bool has_key_of(const matching *m, size_t given, size_t returned)
{
    const rowan_table *table = m->table;

    for (size_t i = 0; i < table->primary_count; i++) {
        rowan_value a = rowan_column_value(table->primary[i], given_row(m, given));
        rowan_value b = rowan_column_value(table->primary[i], returned_row(m, returned));
        if (!same_value(&a, &b)) {
            return false;
        }
    }
    return true;
}

/* The usual key: one that the database made, or not, without a look at its type for each row. */
static bool are_numbers_in_order(const matching *m)
{
    size_t offset = m->table->primary[0]->offset;
    int64_t last = INT64_MIN, given, made;

    for (size_t i = 0; i < m->count; i++) {
        memcpy(&given, (const char *)given_row(m, i) + offset, sizeof given);
        memcpy(&made, (const char *)returned_row(m, i) + offset, sizeof made);
        if (given != 0 ? given != made : made < last) {
            return false;
        }
        last = given != 0 ? last : made;
    }
    return true;
}

static bool is_in_order(const matching *m)
{
    const rowan_column *first = m->table->primary[0];
    int64_t last = INT64_MIN;

    if (m->table->primary_count == 1 && first->type == ROWAN_TYPE_INT64 &&
        (first->flags & (ROWAN_GENERATED | ROWAN_NULLABLE)) == ROWAN_GENERATED) {
        return are_numbers_in_order(m);
    }

    for (size_t i = 0; i < m->count; i++) {
        const rowan_column *key = generated_key(m, i);
        if (!key && !has_key_of(m, i, i)) {
            return false;
        }
        if (key) {
            int64_t made = rowan_column_value(key, returned_row(m, i)).as.integer;
            if (!is_number(key) || made < last) {
                return false;
            }
            last = made;
        }
    }
    return true;
}

/* Whether the returned row in its place has what was written of a row. */
static bool has_cells_of(const matching *m, size_t index)
{
    for (size_t i = 0; i < m->given->column_count; i++) {
        const rowan_column *column = m->given->columns[i];
        rowan_value a = rowan_column_value(column, given_row(m, index));
        rowan_value b = rowan_column_value(column, returned_row(m, index));
        bool is_made = (column->flags & ROWAN_GENERATED) != 0 && rowan__is_absent(&a);
        if (!is_made && !(a.is_null && b.is_null) && !same_value(&a, &b)) {
            return false;
        }
    }
    return true;
}

static bool are_cells_in_order(const matching *m)
{
    for (size_t i = 0; i < m->count; i++) {
        if (!has_cells_of(m, i)) {
            return false;
        }
    }
    return true;
}

/* The returned row for a given one, among those not used yet: with its key, or with the smallest
 * number made, or of other keys that are made the next. */
static size_t find_row(const matching *m, size_t given, const bool *used)
{
    const rowan_column *key = generated_key(m, given);
    size_t found = m->count;
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < m->count; i++) {
        if (used[i]) {
            continue;
        }
        if (key ? !is_number(key) : has_key_of(m, given, i)) {
            return i;
        }
        if (key && rowan_column_value(key, returned_row(m, i)).as.integer <= least) {
            least = rowan_column_value(key, returned_row(m, i)).as.integer;
            found = i;
        }
    }
    return found;
}

/* First the rows that brought a key, so that what is left over are the keys that were made. */
static rowan_status put_in_order(rowan_scope *scope, const matching *m, char *returned)
{
    rowan__arena *arena = rowan__scope_arena(scope);
    char *sorted = rowan__arena_alloc(arena, m->count * m->size, m->table->row_align);
    bool *used = rowan__arena_new(arena, m->count, sizeof *used, 1);

    if (!sorted || !used) {
        return rowan__scope_nomem(scope);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < m->count; i++) {
            size_t found;
            if ((generated_key(m, i) != NULL) != (pass == 1)) {
                continue;
            }
            found = find_row(m, i, used);
            if (found == m->count) {
                return rowan__scope_fail(
                    scope, ROWAN_ENGINE,
                    "an insert returned rows with other keys than it was given");
            }
            used[found] = true;
            memcpy(sorted + i * m->size, returned_row(m, found), m->size);
        }
    }
    memcpy(returned, sorted, m->count * m->size);
    return ROWAN_OK;
}

rowan_status rowan__match_returned(rowan_scope *scope, const rowan_insert *insert,
                                   const rowan__structs *given, void *returned, size_t count)
{
    matching m = {insert->into, given, returned, insert->into->row_size, count};

    if (count < 2 || count != given->count || !insert->into->primary ||
        insert->on_conflict != ROWAN_CONFLICT_FAIL || is_in_order(&m) || are_cells_in_order(&m)) {
        return ROWAN_OK;
    }
    return put_in_order(scope, &m, returned);
}
