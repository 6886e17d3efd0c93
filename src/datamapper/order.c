/*
 * The order in which rows can be written so that what a row refers to is there before it. Tables
 * are ranked by their foreign keys, rows among each other by the references that are known; a wave
 * is rows of one table that do not need one another, which can go as one batch.
 *
 * A circle is broken at a reference that may be NULL: it is written afterwards. There is one if the
 * rows can be written at all, since the references that may not be NULL then make no circle, and so
 * some row has none left of those.
 */
#include <string.h>

#include "datamapper/datamapper_private.h"

enum {
    TABLES_MAX = 256 /* of one flush */
};

/* The tables of the rows, in order. */
typedef struct ranking {
    const rowan_table *tables[TABLES_MAX];
    size_t count, ranked;
} ranking;

bool rowan__reference_is_nullable(const rowan_relation *relation)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        if ((relation->from_columns[i]->flags & ROWAN_NULLABLE) != 0) {
            return true;
        }
    }
    return false;
}

static bool any_nullable(const rowan_column *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((columns[i]->flags & ROWAN_NULLABLE) != 0) {
            return true;
        }
    }
    return false;
}

/* Whether a relation, seen from either side, says that rows of `a` have a foreign key to rows of
 * `b`. */
static bool relation_needs(const rowan_relation *r, const rowan_table *a, const rowan_table *b,
                           bool strict)
{
    if (r->type_column != NULL) {
        return false; /* a polymorphic reference is no foreign key */
    }
    switch (r->kind) {
    case ROWAN_BELONGS_TO:
        return r->from == a && r->to == b &&
               !(strict && any_nullable(r->from_columns, r->column_count));
    case ROWAN_HAS_ONE:
    case ROWAN_HAS_MANY:
        return r->to == a && r->from == b &&
               !(strict && any_nullable(r->to_columns, r->column_count));
    case ROWAN_MANY_TO_MANY:
        return r->through == a && (r->from == b || r->to == b);
    }
    return false;
}

bool rowan__table_needs(const rowan_table *a, const rowan_table *b, bool strict)
{
    const rowan_table *sides[] = {a, b};

    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sides[s]->relation_count; i++) {
            if (relation_needs(sides[s]->relations[i], a, b, strict)) {
                return true;
            }
        }
    }
    return false;
}

/* The first table that needs none of those that are not ranked; `strict`: counting only what may
 * not be NULL. */
static bool pick_table(const ranking *r, bool strict, size_t *pick)
{
    for (size_t i = r->ranked; i < r->count; i++) {
        bool is_free = true;
        for (size_t k = r->ranked; k < r->count && is_free; k++) {
            is_free = k == i || !rowan__table_needs(r->tables[i], r->tables[k], strict);
        }
        if (is_free) {
            *pick = i;
            return true;
        }
    }
    return false;
}

static bool rank_tables(const rowan__ordering *o, ranking *r)
{
    r->count = r->ranked = 0;
    for (size_t i = 0; i < o->count; i++) {
        size_t at = 0;
        while (at < r->count && r->tables[at] != o->entries[i]->table) {
            at++;
        }
        if (at == TABLES_MAX) {
            return false;
        }
        if (at == r->count) {
            r->tables[r->count++] = o->entries[i]->table;
        }
    }
    for (; r->ranked < r->count; r->ranked++) {
        size_t pick = r->ranked;
        if (!pick_table(r, false, &pick)) {
            (void)pick_table(r, true, &pick);
        }
        const rowan_table *table = r->tables[pick];
        memmove(r->tables + r->ranked + 1, r->tables + r->ranked,
                (pick - r->ranked) * sizeof *r->tables);
        r->tables[r->ranked] = table;
    }
    return true;
}

bool rowan__ordering_init(rowan__ordering *ordering, rowan_scope *scope, rowan__entry **entries,
                          size_t count)
{
    memset(ordering, 0, sizeof *ordering);
    ordering->scope = scope;
    ordering->allocator = rowan__scope_allocator(scope);
    ordering->entries = entries;
    ordering->count = count;
    ordering->order = rowan__new(ordering->allocator, count, sizeof *ordering->order);
    ordering->waves = rowan__new(ordering->allocator, count + 1, sizeof *ordering->waves);
    ordering->is_placed = rowan__new(ordering->allocator, count, sizeof *ordering->is_placed);
    return ordering->order != NULL && ordering->waves != NULL && ordering->is_placed != NULL;
}

void rowan__ordering_fini(rowan__ordering *ordering)
{
    const rowan_allocator *allocator = ordering->allocator;

    if (allocator == NULL) {
        return;
    }
    rowan__free(allocator, ordering->needs, ordering->need_capacity, sizeof *ordering->needs);
    rowan__free(allocator, ordering->order, ordering->count, sizeof *ordering->order);
    rowan__free(allocator, ordering->waves, ordering->count + 1, sizeof *ordering->waves);
    rowan__free(allocator, ordering->is_placed, ordering->count, sizeof *ordering->is_placed);
}

bool rowan__ordering_need(rowan__ordering *ordering, size_t from, size_t to,
                          const rowan_relation *relation)
{
    void *array = ordering->needs;

    if (!rowan__grow(ordering->allocator, &array, &ordering->need_capacity, ordering->need_count,
                     sizeof *ordering->needs)) {
        return false;
    }
    ordering->needs = array;
    ordering->needs[ordering->need_count++] = (rowan__need){from, to, relation, false};
    return true;
}

/* Appends the rows of a table that need nothing more, as one wave. @return how many. */
static size_t place_wave(rowan__ordering *o, const rowan_table *table)
{
    size_t begin = o->waves[o->wave_count], end = begin, need = 0;

    for (size_t i = 0; i < o->count; i++) {
        bool is_ready = !o->is_placed[i] && o->entries[i]->table == table;
        for (; need < o->need_count && o->needs[need].from == i; need++) {
            is_ready = is_ready && (o->needs[need].is_broken || o->is_placed[o->needs[need].to]);
        }
        if (is_ready) {
            o->order[end++] = i;
        }
    }
    for (size_t i = begin; i < end; i++) {
        o->is_placed[o->order[i]] = true;
    }
    if (end > begin) {
        o->waves[++o->wave_count] = end;
    }
    return end - begin;
}

/* Whether a row that is not placed is needed by another such row. */
static bool is_needed(const rowan__ordering *o, size_t row)
{
    for (size_t i = 0; i < o->need_count; i++) {
        const rowan__need *need = &o->needs[i];
        if (need->to == row && !need->is_broken && !o->is_placed[need->from]) {
            return true;
        }
    }
    return false;
}

/* Whether everything that a row still needs may be NULL. */
static bool can_wait(const rowan__ordering *o, size_t row)
{
    for (size_t i = 0; i < o->need_count; i++) {
        const rowan__need *need = &o->needs[i];
        if (need->from == row && !need->is_broken && !o->is_placed[need->to] &&
            !rowan__reference_is_nullable(need->relation)) {
            return false;
        }
    }
    return true;
}

static void break_needs(rowan__ordering *o, size_t row)
{
    for (size_t i = 0; i < o->need_count; i++) {
        if (o->needs[i].from == row && !o->is_placed[o->needs[i].to]) {
            o->needs[i].is_broken = true;
        }
    }
}

/* Breaks a circle, preferably at a row that others wait for: one that only waits is in none. */
static rowan_status break_circle(rowan__ordering *o)
{
    size_t fallback = o->count, stuck = o->count;

    for (size_t i = 0; i < o->count; i++) {
        if (o->is_placed[i]) {
            continue;
        }
        stuck = stuck == o->count ? i : stuck;
        if (!can_wait(o, i)) {
            continue;
        }
        if (is_needed(o, i)) {
            break_needs(o, i);
            return ROWAN_OK;
        }
        fallback = fallback == o->count ? i : fallback;
    }
    if (fallback == o->count) {
        return rowan__scope_fail(
            o->scope, ROWAN_MISUSE,
            "rows of %s refer to one another in a circle, and no reference of it may "
            "be NULL",
            o->entries[stuck]->table->name);
    }
    break_needs(o, fallback);
    return ROWAN_OK;
}

rowan_status rowan__ordering_run(rowan__ordering *o)
{
    ranking ranks;
    size_t placed = 0;

    if (!rank_tables(o, &ranks)) {
        return rowan__scope_fail(o->scope, ROWAN_MISUSE, "a flush writes at most %d tables",
                                 TABLES_MAX);
    }
    while (placed < o->count) {
        size_t before = placed;
        for (size_t t = 0; t < ranks.count; t++) {
            size_t more;
            while ((more = place_wave(o, ranks.tables[t])) != 0) {
                placed += more;
            }
        }
        if (placed == before) {
            rowan_status status = break_circle(o);
            if (status != ROWAN_OK) {
                return status;
            }
        }
    }
    return ROWAN_OK;
}
