/*
 * One relation of one row, as programs load it that go from row to row. What loading for many rows
 * collects, lists of keys and of what came for each, is made for none here: the key is the
 * statement's parameter, and what comes goes to its place.
 */
#include "relation/relation_private.h"

/* Whether a plan is one relation, of which all rows are wanted and nothing that follows. */
static bool is_plain(const rowan_fetch *plan)
{
    return plan != NULL && plan[0].relation != NULL && plan[1].relation == NULL &&
           plan->then == NULL && plan->where == NULL && plan->order_by == NULL &&
           plan->limit == 0 && rowan__finds_related(plan->relation);
}

static rowan_status find(rowan_scope *scope, rowan__intent intent, const rowan__block *parents,
                         int64_t number, rowan_fetched *fetched, rowan__result *result,
                         bool *is_done)
{
    const rowan_fetched *loaded = fetched;
    rowan_value key = rowan_v_int64(number);

    rowan__fetched_by_next(scope, &loaded, loaded != NULL);
    rowan_status status = rowan__find_related(scope, intent, &key, parents->lazy, result, is_done);
    rowan__fetched_by_next(scope, NULL, 0);
    if (status == ROWAN_OK && *is_done && result->block != NULL) {
        result->block->fetched = fetched;
    }
    return status;
}

/* Puts what came for a row to its place. */
static void attach(rowan__attached *place, size_t index, rowan_rows rows, rowan_fetched *fetched)
{
    rowan__attached_by(place, fetched);
    if (place->one != NULL) {
        place->one[index] = rows.count != 0 ? rows.at : NULL;
    } else {
        place->many[index] = rows.count != 0 ? rows : (rowan_rows){NULL, 0};
    }
    if (place->loaded != NULL) {
        place->loaded[index] = true;
    }
}

rowan_status rowan__load_one(rowan_scope *scope, rowan_pattern pattern, rowan__block *block,
                             size_t index, const rowan_fetch *plan, bool is_ahead, bool *is_done)
{
    rowan__result result = {.rows = {NULL, 0}};
    rowan_fetched *fetched = NULL;
    int64_t number;

    *is_done = is_plain(plan);
    if (!*is_done) {
        return ROWAN_OK;
    }
    const rowan_relation *r = plan->relation;
    rowan__intent intent = {.pattern = pattern, .relation = r};
    rowan_status status = rowan__check_related(scope, r, block);
    if (status != ROWAN_OK || rowan__attached_find(block, index, r) != NULL) {
        return status;
    }
    rowan__attached *place = rowan__attached_make(scope, block, r);
    if (place == NULL) {
        return rowan__scope_nomem(scope);
    }
    if (rowan__member_number(r->from_columns[0], block->rows + index * block->table->row_size,
                             &number)) {
        fetched = is_ahead ? rowan__fetched_of(scope, r, block->fetched) : NULL;
        status = find(scope, intent, block, number, fetched, &result, is_done);
    }
    if (status == ROWAN_OK && *is_done) {
        attach(place, index, result.rows, fetched);
    }
    return status;
}
