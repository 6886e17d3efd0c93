/*
 * Wrappers: functions that pass on what their callers want to send.
 *
 * At one place of a wrapper statements of several kinds go out, and which of them it is depends on
 * who called: nearly each kind comes from one caller only, or each caller sends one kind. A
 * function that makes its statements itself has a place for each; one that makes them up at one
 * place sends the same ones whoever calls, or variants of one.
 *
 * The caller is where the ways to that place part: what another function of the wrapper's is called
 * by only has callers further outside.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/profile/profile.h"

enum { FEWEST = 2 /* kinds of statements, and callers */ };

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
    const profile_passage *x = a, *y = b;

    return compare(x->place, y->place);
}

static int by_caller(const void *a, const void *b)
{
    const profile_passage *x = a, *y = b;
    int order = compare(x->caller, y->caller);

    return order != 0 ? order : compare(x->fingerprint, y->fingerprint);
}

static int by_print(const void *a, const void *b)
{
    const profile_passage *x = a, *y = b;

    return compare(x->fingerprint, y->fingerprint);
}

static int by_function(const void *a, const void *b)
{
    const profile_passage *x = a, *y = b;
    int order = compare(x->function, y->function);

    return order != 0 ? order : compare(x->fingerprint, y->fingerprint);
}

static int by_module(const void *a, const void *b)
{
    const profile_passage *x = a, *y = b;
    int order = compare(x->module, y->module);

    return order != 0 ? order : compare(x->fingerprint, y->fingerprint);
}

static void sort(profile_passage *at, size_t count, int (*order)(const void *, const void *))
{
    if (count > 0) {
        qsort(at, count, sizeof *at, order);
    }
}

/* Different fingerprints of what is sorted by them. */
static uint64_t count_prints(const profile_passage *at, size_t count)
{
    uint64_t different = 0;

    for (size_t i = 0; i < count; i++) {
        different += i == 0 || at[i].fingerprint != at[i - 1].fingerprint;
    }
    return different;
}

/* Whether they are variants of one statement. */
static bool are_alike(const profile_passage *at, size_t count)
{
    size_t same = 1;

    while (same < count && at[same].subject == at[0].subject) {
        same++;
    }
    return same >= count;
}

/* Sets the callers of passages of one place so many calls outside, and puts those that have one
 * first. @return how many that are */
static size_t step_out(const profile_ways *ways, profile_passage *at, size_t count, size_t steps)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        at[i].caller = ways->outside(ways->context, &at[i], steps);
        if (at[i].caller != UINT32_MAX) {
            at[kept++] = at[i];
        }
    }
    return kept;
}

static bool are_apart(const profile_passage *at, size_t count)
{
    size_t same = 1;

    while (same < count && at[same].caller == at[0].caller) {
        same++;
    }
    return same < count;
}

/* Sets the callers of passages of one place: where they part. @return how many go as far */
static size_t part(const profile_ways *ways, profile_passage *at, size_t count)
{
    for (size_t steps = 1; count > 1; steps++) {
        count = step_out(ways, at, count, steps);
        if (are_apart(at, count)) {
            break;
        }
    }
    return count;
}

/* Passages of one place. */
static bool is_shared(const profile_ways *ways, profile_passage *at, size_t count)
{
    uint64_t callers = 0, pairs = 0, prints;

    count = part(ways, at, count);
    sort(at, count, by_caller);
    for (size_t i = 0; i < count; i++) {
        bool is_caller = i == 0 || at[i].caller != at[i - 1].caller;
        callers += is_caller;
        pairs += is_caller || at[i].fingerprint != at[i - 1].fingerprint;
    }
    sort(at, count, by_print);
    prints = count_prints(at, count);
    return prints >= FEWEST && callers >= FEWEST && !are_alike(at, count) &&
           pairs - (prints > callers ? prints : callers) <= prints / 4;
}

bool profile_wrappers_find(profile_wrappers *wrappers, const profile_ways *ways,
                           profile_passage *at, size_t count)
{
    bool found = false;
    size_t end;

    sort(at, count, by_place);
    for (size_t i = 0; i < count; i = end) {
        uint32_t function = at[i].function;
        end = i + 1;
        while (end < count && at[end].place == at[i].place) {
            end++;
        }
        if (!wrappers->is_wrapper[function] && is_shared(ways, at + i, end - i)) {
            found = wrappers->is_wrapper[function] = true;
        }
    }
    return found;
}

void profile_wrappers_count(profile_wrappers *wrappers, profile_passage *at, size_t count)
{
    sort(at, count, by_function);
    for (size_t i = 0; i < count; i++) {
        wrappers->of_function[at[i].function] += i == 0 || by_function(&at[i - 1], &at[i]) != 0;
    }
    sort(at, count, by_module);
    for (size_t i = 0; i < count; i++) {
        wrappers->of_module[at[i].module] += i == 0 || by_module(&at[i - 1], &at[i]) != 0;
    }
}

bool profile_wrappers_init(profile_wrappers *out, size_t function_count, size_t module_count)
{
    const rowan_allocator *allocator = &rowan__default_allocator;

    *out = (profile_wrappers){.function_count = function_count, .module_count = module_count};
    out->is_wrapper = rowan__new(allocator, function_count + 1, sizeof *out->is_wrapper);
    out->of_function = rowan__new(allocator, function_count + 1, sizeof *out->of_function);
    out->of_module = rowan__new(allocator, module_count + 1, sizeof *out->of_module);
    return out->is_wrapper != NULL && out->of_function != NULL && out->of_module != NULL;
}

void profile_wrappers_fini(profile_wrappers *wrappers)
{
    const rowan_allocator *allocator = &rowan__default_allocator;

    rowan__free(allocator, wrappers->is_wrapper, wrappers->function_count + 1,
                sizeof *wrappers->is_wrapper);
    rowan__free(allocator, wrappers->of_function, wrappers->function_count + 1,
                sizeof *wrappers->of_function);
    rowan__free(allocator, wrappers->of_module, wrappers->module_count + 1,
                sizeof *wrappers->of_module);
    *wrappers = (profile_wrappers){.is_wrapper = NULL};
}
