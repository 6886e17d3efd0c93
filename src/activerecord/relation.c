/* Relations of records: access under the row's lazy policy, and the pairs of many-to-many
 * relations. */
#include "activerecord/activerecord_private.h"
#include "relation/keys.h"

static rowan_status access(rowan_scope *scope, const rowan_relation *relation, const void *row,
                           bool to_one, rowan__attached **place, size_t *index)
{
    if (relation == NULL) {
        return rowan__refuse_null(scope, "the relation");
    }
    if (rowan__relation_is_to_one(relation) != to_one) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "%s.%s has %s", relation->from->name,
                                 relation->name,
                                 to_one ? "many rows, not one" : "one row, not many");
    }
    return rowan__lazy_load(scope, ROWAN_PATTERN_ACTIVE_RECORD, relation, row, place, index);
}

rowan_status(rowan_record_one)(rowan_scope *scope, const rowan_relation *relation, const void *row,
                               void **out)
{
    rowan__attached *place;
    size_t index;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the row");
    }
    status = access(scope, relation, row, true, &place, &index);
    *out = status == ROWAN_OK ? place->one[index] : NULL;
    return status;
}

rowan_status(rowan_record_many)(rowan_scope *scope, const rowan_relation *relation, const void *row,
                                rowan_rows *out)
{
    rowan__attached *place;
    size_t index;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the rows");
    }
    status = access(scope, relation, row, false, &place, &index);
    *out = status == ROWAN_OK ? place->many[index] : (rowan_rows){NULL, 0};
    return status;
}

/* One row of the table between: what its columns have to be. */
typedef struct pair {
    const rowan_column *columns[2 * ROWAN__KEY_MAX + 1];
    rowan_value values[2 * ROWAN__KEY_MAX + 1];
    size_t count;
} pair;

static void add_value(pair *p, const rowan_column *column, rowan_value value)
{
    p->columns[p->count] = column;
    p->values[p->count++] = value;
}

static rowan_status find_end(rowan_scope *scope, const rowan_table *table, const void *row)
{
    rowan__record record;
    rowan_status status = rowan__record_of(scope, row, &record);

    if (status == ROWAN_OK && record.table != table) {
        status = rowan__scope_fail(scope, ROWAN_MISUSE, "the row is of table %s, not %s",
                                   record.table->name, table->name);
    }
    return status;
}

static rowan_status make_pair(rowan_scope *scope, const rowan_relation *r, const void *row,
                              const void *other, pair *out)
{
    out->count = 0;
    if (r == NULL) {
        return rowan__refuse_null(scope, "the relation");
    }
    if (r->kind != ROWAN_MANY_TO_MANY || r->column_count > ROWAN__KEY_MAX ||
        r->through_to_count > ROWAN__KEY_MAX) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "%s.%s has no table between to write pairs into", r->from->name,
                                 r->name);
    }
    rowan_status status = find_end(scope, r->from, row);
    if (status == ROWAN_OK) {
        status = find_end(scope, r->to, other);
    }
    for (size_t i = 0; status == ROWAN_OK && i < r->column_count; i++) {
        add_value(out, r->through_from[i], rowan_column_value(r->from_columns[i], row));
    }
    for (size_t i = 0; status == ROWAN_OK && i < r->through_to_count; i++) {
        add_value(out, r->through_to[i], rowan_column_value(r->to_columns[i], other));
    }
    if (status == ROWAN_OK && r->type_column != NULL && r->type_column->table == r->through) {
        add_value(out, r->type_column, rowan_v_text(r->type_value));
    }
    return status;
}

/* What was loaded of the relation is no longer true. */
static rowan_status forget(rowan_scope *scope, const rowan_relation *relation, const void *row)
{
    rowan__block *block;
    size_t index;
    rowan_status status = rowan__block_find(scope, row, &block, &index);

    if (status == ROWAN_OK && !rowan__attached_forget(scope, block, index, relation)) {
        status = rowan__scope_nomem(scope);
    }
    return status;
}

rowan_status(rowan_record_link)(rowan_scope *scope, const rowan_relation *relation, const void *row,
                                const void *other)
{
    rowan_assignment values[2 * ROWAN__KEY_MAX + 2];
    rowan__result result;
    pair p;
    rowan_status status = make_pair(scope, relation, row, other, &p);

    if (status == ROWAN_OK) {
        status = forget(scope, relation, row);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    for (size_t i = 0; i < p.count; i++) {
        values[i] = (rowan_assignment){p.columns[i], rowan_o_value(p.values[i])};
    }
    values[p.count] = (rowan_assignment){.column = NULL};
    rowan_insert insert = {.into = relation->through, .values = values};
    return rowan__run_insert(
        scope, (rowan__intent){.pattern = ROWAN_PATTERN_ACTIVE_RECORD, .relation = relation},
        &insert, &result);
}

rowan_status(rowan_record_unlink)(rowan_scope *scope, const rowan_relation *relation,
                                  const void *row, const void *other)
{
    rowan_expr equal[2 * ROWAN__KEY_MAX + 1];
    const rowan_expr *items[2 * ROWAN__KEY_MAX + 2];
    rowan__result result;
    pair p;
    rowan_status status = make_pair(scope, relation, row, other, &p);

    if (status == ROWAN_OK) {
        status = forget(scope, relation, row);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    for (size_t i = 0; i < p.count; i++) {
        equal[i] = (rowan_expr){.kind = ROWAN_EXPR_COMPARE,
                                .compare = ROWAN_COMPARE_EQ,
                                .left = rowan_o_column(p.columns[i], NULL),
                                .right = rowan_o_value(p.values[i])};
        items[i] = &equal[i];
    }
    items[p.count] = ROWAN_END;
    rowan_expr all = {.kind = ROWAN_EXPR_AND, .items = items};
    rowan_delete remove = {.from = relation->through, .where = &all};
    status = rowan__run_delete(
        scope, (rowan__intent){.pattern = ROWAN_PATTERN_ACTIVE_RECORD, .relation = relation},
        &remove, &result);
    if (status == ROWAN_OK && result.affected == 0) {
        status = rowan__scope_fail(scope, ROWAN_NOT_FOUND, "%s.%s has no such pair",
                                   relation->from->name, relation->name);
    }
    return status;
}
