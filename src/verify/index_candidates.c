/*
 * Indexes that might serve a statement: what is compared with `=` first, then one column that is
 * compared by range or sorted by. Single columns, pairs, and few of three; whether one is any good
 * is asked of the planner.
 */
#include <string.h>
#include <strings.h>

#include "verify/index_private.h"

enum { MOST_EQUAL = 5, MOST_RANGES = 3, MOST_SORTED = 3, MOST_CONDITIONS = 2 };

/* What a statement does with the columns of one table. */
typedef struct uses {
    rowan__index_key equal[MOST_EQUAL], ranges[MOST_RANGES], sorted[MOST_SORTED],
        grouped[MOST_SORTED], alternatives[MOST_RANGES];
    size_t equal_count, range_count, sorted_count, grouped_count, alternative_count;
    const rowan__index_term *conditions[MOST_CONDITIONS];
    size_t condition_count;
} uses;

/* Candidates while they are collected. */
typedef struct list {
    rowan__index_candidate *at;
    size_t count;
    rowan__index_abilities can;
    rowan__index_table *table;
} list;

const rowan__index_column *rowan__index_column_of(const rowan__index_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcasecmp(table->columns[i].name, name) == 0) {
            return &table->columns[i];
        }
    }
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcasecmp(a, b) == 0;
}

static bool same_key(const rowan__index_key *a, const rowan__index_key *b)
{
    return same_text(a->column, b->column) && same_text(a->expression, b->expression);
}

bool rowan__index_has_expression(const rowan__index_candidate *candidate)
{
    for (size_t i = 0; i < candidate->key_count; i++) {
        if (candidate->keys[i].expression != NULL) {
            return true;
        }
    }
    return false;
}

/* --- What is used. --- */

static void keep_key(rowan__index_key *keys, size_t *count, size_t most,
                     const rowan__index_key *key)
{
    for (size_t i = 0; i < *count; i++) {
        if (same_key(&keys[i], key)) {
            return;
        }
    }
    if (*count < most) {
        keys[(*count)++] = *key;
    }
}

/* The key of a term as the database spells its column. */
static rowan__index_key key_of(const rowan__index_term *term)
{
    const rowan__index_column *column = rowan__index_column_of(term->table, term->column);
    bool is_prefix = term->role == ROWAN__INDEX_PREFIX;

    return (rowan__index_key){.column = column->name,
                              .expression = term->expression,
                              .suffix = is_prefix                   ? column->prefix
                                        : column->length[0] != '\0' ? column->length
                                                                    : term->suffix};
}

/* Conditions without a value come first. */
static void find_conditions(const rowan__index_reading *reading, const rowan__index_table *table,
                            uses *u)
{
    for (size_t i = 0; i < 2 * reading->term_count; i++) {
        const rowan__index_term *term = &reading->terms[i % reading->term_count];
        if (term->table == table && term->condition != NULL &&
            term->has_literal == (i >= reading->term_count) &&
            u->condition_count < MOST_CONDITIONS) {
            u->conditions[u->condition_count++] = term;
        }
    }
}

static void take_term(uses *u, const rowan__index_term *term)
{
    const rowan__index_key key = key_of(term);

    if (key.suffix == NULL) {
        return; /* a pattern that no index serves */
    }
    if (term->is_alternative) {
        keep_key(u->alternatives, &u->alternative_count, MOST_RANGES, &key);
        return;
    }
    switch (term->role) {
    case ROWAN__INDEX_EQUAL:
    case ROWAN__INDEX_JOIN:
    case ROWAN__INDEX_LIST:
        keep_key(u->equal, &u->equal_count, MOST_EQUAL, &key);
        return;
    case ROWAN__INDEX_RANGE:
    case ROWAN__INDEX_PREFIX:
        keep_key(u->ranges, &u->range_count, MOST_RANGES, &key);
        return;
    case ROWAN__INDEX_ORDER:
    case ROWAN__INDEX_GROUP:
    case ROWAN__INDEX_CONDITION:
        return;
    }
}

/* What is sorted or grouped by, from the first key on, as long as it is of this table. */
static size_t take_keys(const rowan__index_reading *reading, const rowan__index_table *table,
                        rowan__index_role role, rowan__index_key *out)
{
    size_t count = 0;
    unsigned block = 0;

    for (size_t i = 0; i < reading->term_count && count < MOST_SORTED; i++) {
        const rowan__index_term *term = &reading->terms[i];
        if (term->role != role || (block != 0 && term->block != block)) {
            continue;
        }
        if (term->table != table) {
            break;
        }
        block = term->block;
        out[count++] = key_of(term);
    }
    return count;
}

/* An index is read in both directions: only keys of different ones have to say theirs. */
static void drop_suffixes(rowan__index_key *keys, size_t count)
{
    bool is_same = true;

    for (size_t i = 0; i < count; i++) {
        bool is_plain = keys[i].suffix[0] == '\0' || strcasecmp(keys[i].suffix, " DESC") == 0;
        is_same = is_same && is_plain && strcasecmp(keys[i].suffix, keys[0].suffix) == 0;
    }
    for (size_t i = 0; i < count && is_same; i++) {
        keys[i].suffix = "";
    }
}

static void find_uses(const rowan__index_reading *reading, const rowan__index_table *table,
                      uses *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < reading->term_count; i++) {
        if (reading->terms[i].table == table) {
            take_term(out, &reading->terms[i]);
        }
    }
    find_conditions(reading, table, out);
    out->sorted_count = take_keys(reading, table, ROWAN__INDEX_ORDER, out->sorted);
    out->grouped_count = take_keys(reading, table, ROWAN__INDEX_GROUP, out->grouped);
    drop_suffixes(out->sorted, out->sorted_count);
    drop_suffixes(out->grouped, out->grouped_count);
}

/* --- Candidates. --- */

static bool begins_existing(const rowan__index_candidate *c, const rowan__index_existing *existing)
{
    if (existing->is_partial || existing->key_count < c->key_count) {
        return false;
    }
    for (size_t i = 0; i < c->key_count; i++) {
        if (c->keys[i].expression != NULL || c->keys[i].suffix[0] != '\0' ||
            existing->keys[i] == NULL || strcasecmp(existing->keys[i], c->keys[i].column) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_there(const rowan__index_candidate *c)
{
    for (size_t i = 0; i < c->table->index_count && c->condition == NULL; i++) {
        if (begins_existing(c, &c->table->indexes[i])) {
            return true;
        }
    }
    return false;
}

static bool same_candidate(const rowan__index_candidate *a, const rowan__index_candidate *b)
{
    bool same = a->table == b->table && a->key_count == b->key_count &&
                same_text(a->condition, b->condition);

    for (size_t i = 0; i < a->key_count && same; i++) {
        same =
            same_key(&a->keys[i], &b->keys[i]) && same_text(a->keys[i].suffix, b->keys[i].suffix);
    }
    return same;
}

static bool has_key_twice(const rowan__index_candidate *c)
{
    for (size_t i = 1; i < c->key_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (same_key(&c->keys[i], &c->keys[k])) {
                return true;
            }
        }
    }
    return false;
}

static void add(list *l, const rowan__index_candidate *c)
{
    bool is_useless = has_key_twice(c) || is_there(c) ||
                      (!l->can.expressions && rowan__index_has_expression(c)) ||
                      (!l->can.conditions && c->condition != NULL);

    for (size_t i = 0; i < l->count && !is_useless; i++) {
        is_useless = same_candidate(&l->at[i], c);
    }
    if (!is_useless && l->count < ROWAN__INDEX_CANDIDATES) {
        l->at[l->count++] = *c;
    }
}

/* One, two or three keys; NULL ends them. */
static void add_keys(list *l, const rowan__index_key *first, const rowan__index_key *second,
                     const rowan__index_key *third, const char *condition)
{
    const rowan__index_key *const keys[] = {first, second, third};
    rowan__index_candidate c = {.table = l->table, .condition = condition};

    for (size_t i = 0; i < 3 && keys[i] != NULL; i++) {
        c.keys[c.key_count++] = *keys[i];
    }
    add(l, &c);
}

static void add_singles(list *l, const uses *u)
{
    for (size_t i = 0; i < u->equal_count; i++) {
        add_keys(l, &u->equal[i], NULL, NULL, NULL);
    }
    for (size_t i = 0; i < u->range_count; i++) {
        add_keys(l, &u->ranges[i], NULL, NULL, NULL);
    }
    for (size_t i = 0; i < u->alternative_count; i++) {
        add_keys(l, &u->alternatives[i], NULL, NULL, NULL);
    }
    if (u->sorted_count > 0) {
        add_keys(l, &u->sorted[0], NULL, NULL, NULL);
    }
    if (u->grouped_count > 0) {
        add_keys(l, &u->grouped[0], NULL, NULL, NULL);
    }
}

static void add_pairs(list *l, const uses *u)
{
    for (size_t i = 0; i < u->equal_count; i++) {
        if (u->range_count > 0) {
            add_keys(l, &u->equal[i], &u->ranges[0], NULL, NULL);
        }
        if (u->sorted_count > 0) {
            add_keys(l, &u->equal[i], &u->sorted[0], NULL, NULL);
        }
    }
    for (size_t i = 0; i < u->equal_count; i++) {
        for (size_t k = i + 1; k < u->equal_count; k++) {
            add_keys(l, &u->equal[i], &u->equal[k], NULL, NULL);
        }
    }
    if (u->sorted_count > 1) {
        add_keys(l, &u->sorted[0], &u->sorted[1], NULL, NULL);
    }
    if (u->grouped_count > 1) {
        add_keys(l, &u->grouped[0], &u->grouped[1], NULL, NULL);
    }
}

static void add_triples(list *l, const uses *u)
{
    const rowan__index_key *last = u->range_count > 0    ? &u->ranges[0]
                                   : u->sorted_count > 0 ? &u->sorted[0]
                                   : u->equal_count > 2  ? &u->equal[2]
                                                         : NULL;

    if (u->equal_count > 1 && last != NULL) {
        add_keys(l, &u->equal[0], &u->equal[1], last, NULL);
    }
    if (u->equal_count > 0 && u->sorted_count > 1) {
        add_keys(l, &u->equal[0], &u->sorted[0], &u->sorted[1], NULL);
    }
}

/* Only the rows for which a constant condition holds. */
static void add_partial(list *l, const uses *u)
{
    for (size_t c = 0; c < u->condition_count; c++) {
        const rowan__index_term *condition = u->conditions[c];
        for (size_t i = 0; i < u->equal_count; i++) {
            if (strcasecmp(u->equal[i].column, condition->column) != 0) {
                add_keys(l, &u->equal[i], NULL, NULL, condition->condition);
            }
        }
        if (u->range_count > 0 && strcasecmp(u->ranges[0].column, condition->column) != 0) {
            add_keys(l, &u->ranges[0], NULL, NULL, condition->condition);
        }
        if (u->sorted_count > 0) {
            add_keys(l, &u->sorted[0], NULL, NULL, condition->condition);
        }
    }
}

static bool is_first_of_its_table(const rowan__index_reading *reading, size_t source)
{
    for (size_t i = 0; i < source; i++) {
        if (reading->sources[i].table == reading->sources[source].table) {
            return false;
        }
    }
    return reading->sources[source].table != NULL;
}

size_t rowan__index_candidates(const rowan__index_reading *reading, rowan__index_abilities can,
                               rowan__index_candidate *out)
{
    static void (*const ways[])(list *, const uses *) = {add_singles, add_pairs, add_triples,
                                                         add_partial};
    list l = {.at = out, .can = can};

    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        for (size_t i = 0; i < reading->source_count; i++) {
            uses u;
            l.table = reading->sources[i].table;
            if (is_first_of_its_table(reading, i)) {
                find_uses(reading, l.table, &u);
                ways[way](&l, &u);
            }
        }
    }
    return l.count;
}
