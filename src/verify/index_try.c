/*
 * Candidates are tried one by one: an index is worth having if the planner takes it and then
 * estimates half of what it did, or less. One with more columns has to halve what fewer do; a
 * partial one has to be half the size of what does as well. What was chosen stays while indexes for
 * the statement's other tables are looked for.
 */
#include <string.h>

#include "base/clock.h"
#include "verify/index_private.h"

/* Of all that is tried for one statement. */
static const int64_t budget_ns = 20 * INT64_C(1000000000);

typedef struct search {
    rowan__index_lab *lab;
    rowan__index_candidate at[ROWAN__INDEX_CANDIDATES];
    bool is_used[ROWAN__INDEX_CANDIDATES]; /* by the planner */
    size_t count;
    int64_t began_ns;
} search;

static bool is_late(const search *s)
{
    return rowan__now_ns() - s->began_ns > budget_ns;
}

/* What cannot be made is left out: a function may be volatile, a key too long. */
static rowan_status try_one(search *s, size_t i, double base)
{
    rowan__index_lab *lab = s->lab;
    rowan__index_candidate *c = &s->at[i];
    rowan_status status = lab->methods->make(lab, c);

    s->is_used[i] = false;
    if (status != ROWAN_OK) {
        return status == ROWAN_NOMEM ? status : ROWAN_OK;
    }
    status = lab->methods->estimate(lab, &c->amount);
    c->amount = c->amount > 1 ? c->amount : 1;
    s->is_used[i] = status == ROWAN_OK && strstr(lab->plan, c->name) != NULL;
    status = status == ROWAN_NOMEM ? status : ROWAN_OK;
    if (s->is_used[i] && c->amount <= base / 2) {
        status = lab->methods->size(lab, c) == ROWAN_NOMEM ? ROWAN_NOMEM : ROWAN_OK;
    }
    if (lab->methods->drop(lab, c) != ROWAN_OK) {
        return ROWAN_UNEXPECTED;
    }
    return status;
}

/* Where little is left, more columns are not worth their place. */
static bool is_better(const rowan__index_candidate *c, const rowan__index_candidate *best,
                      double base, double least)
{
    if (best == NULL) {
        return c->amount <= base / 2;
    }
    if (c->condition != NULL && best->condition == NULL) {
        return c->amount <= best->amount * 1.1 && c->size_bytes <= best->size_bytes / 2;
    }
    return c->key_count > best->key_count
               ? c->amount <= best->amount / 2 && best->amount >= least / 10
               : c->amount < best->amount;
}

static rowan__index_candidate *choose(search *s, double base)
{
    rowan__index_candidate *best = NULL;

    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t keys = 1; keys <= ROWAN__INDEX_KEYS; keys++) {
            for (size_t i = 0; i < s->count; i++) {
                rowan__index_candidate *c = &s->at[i];
                bool is_its_pass = (c->condition != NULL) == (pass == 1) && c->key_count == keys;
                if (is_its_pass && s->is_used[i] &&
                    is_better(c, best, base, s->lab->methods->least)) {
                    best = c;
                }
            }
        }
    }
    return best;
}

/* One more index, beside those that were chosen. @return ROWAN_DONE if there is none */
static rowan_status choose_one(search *s, rowan__index_outcome *out)
{
    double base = out->count > 0 ? out->after : out->before;
    rowan_status status = ROWAN_OK;
    rowan__index_candidate *best;

    for (size_t i = 0; i < s->count && status == ROWAN_OK; i++) {
        s->is_used[i] = false;
        if (!is_late(s)) {
            status = try_one(s, i, base);
            out->tried++;
        }
    }
    best = status == ROWAN_OK ? choose(s, base) : NULL;
    if (best == NULL) {
        return status == ROWAN_OK ? ROWAN_DONE : status;
    }
    status = s->lab->methods->make(s->lab, best);
    out->chosen[out->count++] = *best;
    out->after = best->amount;
    return status;
}

/*
 * A join may want an index on each of its tables, none of which is any good alone: all of one
 * column are made at once, and those that the planner takes are kept.
 */
static rowan_status try_together(search *s, rowan__index_outcome *out)
{
    rowan__index_lab *lab = s->lab;
    bool is_made[ROWAN__INDEX_CANDIDATES] = {false};
    rowan_status status = ROWAN_OK;
    double amount = 0;

    for (size_t i = 0; i < s->count; i++) {
        is_made[i] = s->at[i].key_count == 1 && s->at[i].condition == NULL &&
                     lab->methods->make(lab, &s->at[i]) == ROWAN_OK;
    }
    status = lab->methods->estimate(lab, &amount);
    for (size_t i = 0; i < s->count; i++) {
        bool is_used = status == ROWAN_OK && is_made[i] && amount <= out->before / 2 &&
                       out->count < ROWAN__INDEX_CHOSEN && strstr(lab->plan, s->at[i].name) != NULL;
        if (is_used) {
            (void)!lab->methods->size(lab, &s->at[i]);
            out->chosen[out->count++] = s->at[i];
            out->after = amount > 1 ? amount : 1;
        } else if (is_made[i] && lab->methods->drop(lab, &s->at[i]) != ROWAN_OK) {
            return ROWAN_UNEXPECTED;
        }
    }
    return status;
}

/* An index that the last plan does without was made needless by a later one. */
static rowan_status drop_needless(rowan__index_lab *lab, rowan__index_outcome *out)
{
    double amount;
    size_t kept = 0;
    rowan_status status = out->count > 1 ? lab->methods->estimate(lab, &amount) : ROWAN_OK;

    for (size_t i = 0; i < out->count && out->count > 1 && status == ROWAN_OK; i++) {
        if (strstr(lab->plan, out->chosen[i].name) != NULL) {
            out->chosen[kept++] = out->chosen[i];
        }
    }
    out->count = out->count > 1 ? kept : out->count;
    return status;
}

rowan_status rowan__index_try(rowan__index_lab *lab, rowan__index_outcome *out)
{
    search *s = rowan__arena_new(lab->arena, 1, sizeof *s, _Alignof(search));
    rowan_status status;

    memset(out, 0, sizeof *out);
    if (s == NULL) {
        return ROWAN_NOMEM;
    }
    *s = (search){.lab = lab, .began_ns = rowan__now_ns()};
    status = lab->methods->estimate(lab, &out->before);
    if (status != ROWAN_OK) {
        return status;
    }
    out->after = out->before;
    s->count = rowan__index_candidates(lab->reading, lab->methods->can, s->at);
    while (status == ROWAN_OK && out->count < ROWAN__INDEX_CHOSEN &&
           out->after >= lab->methods->least && !is_late(s)) {
        status = choose_one(s, out);
        if (status == ROWAN_DONE && out->count == 0 && lab->reading->source_count > 1) {
            status = try_together(s, out);
            break;
        }
    }
    return status == ROWAN_DONE || status == ROWAN_OK ? drop_needless(lab, out) : status;
}
