/*
 * Growth is judged for each fingerprint by itself, so that what one gains and another loses does
 * not cancel; and by exact counts: slopes are fractions, and are compared by multiplying.
 */
#include "cli/profile/growth.h"

#include <stdlib.h>
#include <string.h>

#include <rowan/detector.h>

#include "base/alloc.h"

static growth *growth_of(growths *all, uint64_t id)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->at[i].id == id) {
            return &all->at[i];
        }
    }
    if (!rowan__grow(all->allocator, (void **)&all->at, &all->capacity, all->count,
                     sizeof *all->at)) {
        return NULL;
    }
    all->at[all->count] = (growth){.id = id};
    return &all->at[all->count++];
}

rowan_status growths_count(growths *all, size_t size, const rowan__trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        const rowan__traced *statement = &trace->at[i];
        uint64_t id;
        growth *g;

        (void)rowan_fingerprint(statement->dialect, statement->sql, statement->sql_size, NULL, 0,
                                &id);
        g = growth_of(all, id);
        if (g == NULL) {
            return ROWAN_NOMEM;
        }
        if (g->counts[size] == 0) {
            g->statement = statement;
        }
        g->counts[size]++;
    }
    return ROWAN_OK;
}

/* --- Slopes. --- */

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

void growth_slope(const growths *all, const growth *g, size_t from, size_t to, int64_t *numerator,
                  int64_t *denominator)
{
    int64_t more = (int64_t)g->counts[to] - (int64_t)g->counts[from];
    int64_t by = (int64_t)(all->sizes[to] - all->sizes[from]);
    int64_t divisor = common_divisor(more, by);

    *numerator = more / divisor;
    *denominator = by / divisor;
}

/* -1, 0 or 1: whether the second step is less steep, as steep or steeper than the first. */
static int compare_steps(const growths *all, const growth *g, size_t first, size_t second)
{
    int64_t a, a_by, b, b_by;

    growth_slope(all, g, first, first + 1, &a, &a_by);
    growth_slope(all, g, second, second + 1, &b, &b_by);
    return (b * a_by > a * b_by) - (b * a_by < a * b_by);
}

static growth_shape shape_of(const growths *all, const growth *g)
{
    bool steeper = false, flatter = false;

    if (g->counts[all->size_count - 1] <= g->counts[0]) {
        return GROWTH_NONE;
    }
    for (size_t i = 0; i + 2 < all->size_count; i++) {
        int compared = compare_steps(all, g, i, i + 1);
        steeper = steeper || compared > 0;
        flatter = flatter || compared < 0;
    }
    return steeper && flatter ? GROWTH_UNEVEN
           : steeper          ? GROWTH_FASTER
           : flatter          ? GROWTH_SLOWER
                              : GROWTH_LINEAR;
}

/* --- Judging. --- */

static const rowan__trace_finding *finding_about(const rowan__analysis *analysis, uint64_t id)
{
    for (size_t i = 0; i < analysis->count; i++) {
        if (analysis->at[i].fingerprint_id == id) {
            return &analysis->at[i];
        }
    }
    return NULL;
}

/* Those that grow first, and of them those that are sent most often; equals by their number. */
static int by_growth(const void *a, const void *b)
{
    const growth *x = a, *y = b;
    bool x_grows = x->shape != GROWTH_NONE, y_grows = y->shape != GROWTH_NONE;
    uint64_t x_most = 0, y_most = 0;

    if (x_grows != y_grows) {
        return x_grows ? -1 : 1;
    }
    for (size_t i = 0; i < GROWTH_SIZES; i++) {
        x_most = x->counts[i] > x_most ? x->counts[i] : x_most;
        y_most = y->counts[i] > y_most ? y->counts[i] : y_most;
    }
    if (x_most != y_most) {
        return x_most > y_most ? -1 : 1;
    }
    return x->id < y->id ? -1 : x->id > y->id;
}

void growths_judge(growths *all, const rowan__analysis *largest)
{
    for (size_t i = 0; i < all->count; i++) {
        all->at[i].shape = shape_of(all, &all->at[i]);
        all->at[i].finding = finding_about(largest, all->at[i].id);
    }
    if (all->count > 0) {
        qsort(all->at, all->count, sizeof *all->at, by_growth);
    }
}

void growths_fini(growths *all)
{
    rowan__free(all->allocator, all->at, all->capacity, sizeof *all->at);
}
