/*
 * Where statements are sent from: the innermost function on the way to the client library that is
 * no wrapper of it (wrappers.c).
 *
 * What an interpreter calls is a binding of the client library, or a part of the program that was
 * written for speed; the frames of the interpreter itself, and what is outside of it, are the same
 * for all statements. So there a function counts only if it is known by its line and sends one kind
 * of statement, as no binding does. Else the place is not known.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "cli/profile/profile.h"
#include "detector/fold.h"

/* What a text is about. */
typedef struct kind {
    uint64_t fingerprint; /* 0: not known yet */
    uint64_t subject;
} kind;

/* What was sent by one way: counted once. */
typedef struct sent {
    uint64_t fingerprint, subject;
    uint32_t chain;
    bool is_interpreted; /* by the program */
} sent;

/* How a chain was judged. */
typedef struct judged {
    profile_place place;
    size_t through_capacity;
    uint32_t number; /* of the place; UINT32_MAX: unknown */
    bool is_done;
} judged;

/* What is known of statements whose stack was looked at, for those where it was not. */
typedef struct seen {
    uint64_t fingerprint;
    uint32_t caller; /* the innermost place */
    uint32_t chain;
    bool is_unclear; /* they came from several places */
} seen;

struct profile_places {
    const profile_records *records;
    profile_spots *spots;
    kind *kinds; /* by the number of the text */
    sent *sent;
    size_t sent_count, sent_capacity;
    size_t merged; /* of them, that are sorted and different */
    profile_wrappers wrappers;
    judged *judged;   /* by the number of the chain */
    bool *is_binding; /* by the number of the module: an interpreter calls it */
    seen *seen;
    size_t seen_count, seen_capacity;
};

/* --- What was sent by which way. --- */

/* What it does to which table; of a statement without one, the statement. */
static uint64_t subject_of(const rowan__fold *fold)
{
    return fold->table_count > 0 ? rowan__key_mix(fold->tables[0], (uint64_t)fold->verb) : fold->id;
}

static kind kind_of(profile_places *places, uint32_t id)
{
    static const char *const dialects[] = {"", "sqlite", "postgresql", "mariadb"};
    const profile_text *text = profile_told(places->records, id, PROFILE_TEXT);
    rowan__fold fold;

    if (text == NULL) {
        return (kind){.fingerprint = 0};
    }
    if (places->kinds[id].fingerprint == 0) {
        const char *sql = (const char *)(text + 1) + text->slot_count * sizeof(profile_slot);
        const char *dialect = dialects[text->dialect <= 3 ? text->dialect : 0];
        rowan__fold_statement(rowan__engine_reading(dialect), dialect, sql, text->sql_size, NULL, 0,
                              &fold);
        places->kinds[id] = (kind){fold.id, subject_of(&fold)};
    }
    return places->kinds[id];
}

static int by_way(const void *a, const void *b)
{
    const sent *x = a, *y = b;

    if (x->fingerprint != y->fingerprint) {
        return x->fingerprint < y->fingerprint ? -1 : 1;
    }
    return (x->chain > y->chain) - (x->chain < y->chain);
}

static void merge_sent(profile_places *places)
{
    size_t kept = 0;

    if (places->sent_count == 0) {
        return;
    }
    qsort(places->sent, places->sent_count, sizeof *places->sent, by_way);
    for (size_t i = 0; i < places->sent_count; i++) {
        if (kept == 0 || by_way(&places->sent[kept - 1], &places->sent[i]) != 0) {
            places->sent[kept++] = places->sent[i];
        }
    }
    places->sent_count = places->merged = kept;
}

/* They are many, and different ones few. */
static bool collect(profile_places *places)
{
    enum { BATCH = 1 << 16 };
    const profile_records *records = places->records;

    for (size_t i = 0; i < records->count; i++) {
        const profile_statement *statement = records->at[i].record;
        if (places->sent_count >= 2 * places->merged + BATCH) {
            merge_sent(places);
        }
        if (!rowan__grow(records->allocator, (void **)&places->sent, &places->sent_capacity,
                         places->sent_count, sizeof *places->sent)) {
            return false;
        }
        kind of = kind_of(places, statement->text);
        places->sent[places->sent_count++] =
            (sent){of.fingerprint, of.subject, statement->chain,
                   records->owners[records->at[i].owner].is_interpreter};
    }
    merge_sent(places);
    return true;
}

/* --- Wrappers. --- */

static const profile_spot *spot_of(const profile_places *places, profile_calls calls, size_t index)
{
    return profile_spots_at(places->spots, calls.spots[index]);
}

/* How many of the calls are inside of an interpreter; all if there is none. */
static size_t inside_of(const profile_places *places, profile_calls calls)
{
    size_t count = 0;

    while (count < calls.count && spot_of(places, calls, count)->kind != PROFILE_INTERPRETER) {
        count++;
    }
    return count;
}

/* The first of some calls that may be the place; the count: none is. */
static size_t first_of(const profile_places *places, profile_calls calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const profile_spot *spot = spot_of(places, calls, i);
        if (spot->kind == PROFILE_PROGRAM && !places->wrappers.is_wrapper[spot->function]) {
            return i;
        }
    }
    return count;
}

static profile_passage passage_of(const profile_places *places, const sent *of, size_t index)
{
    const profile_spot *spot =
        spot_of(places, profile_spots_calls(places->spots, of->chain), index);

    return (profile_passage){.place = spot->place,
                             .function = spot->function,
                             .module = spot->module,
                             .chain = of->chain,
                             .index = (uint32_t)index,
                             .fingerprint = of->fingerprint,
                             .subject = of->subject};
}

static uint32_t outside(const void *context, const profile_passage *passage, size_t steps)
{
    const profile_places *places = context;
    profile_calls calls = profile_spots_calls(places->spots, passage->chain);

    return passage->index + steps < calls.count
               ? spot_of(places, calls, passage->index + steps)->place
               : UINT32_MAX;
}

/* A wrapper of a wrapper is seen once the inner one is known. The outermost call has no caller, or
 * one that was not looked at. */
static void find_wrappers(profile_places *places, profile_passage *scratch)
{
    const profile_ways ways = {outside, places};
    size_t count;

    do {
        count = 0;
        for (size_t i = 0; i < places->sent_count; i++) {
            profile_calls calls = profile_spots_calls(places->spots, places->sent[i].chain);
            size_t first = first_of(places, calls, inside_of(places, calls));
            if (!calls.is_cut && first + 1 < calls.count) {
                scratch[count++] = passage_of(places, &places->sent[i], first);
            }
        }
    } while (profile_wrappers_find(&places->wrappers, &ways, scratch, count));
}

/* What passes the functions and modules that interpreters call. */
static void count_passing(profile_places *places, profile_passage *scratch)
{
    size_t count = 0;

    for (size_t i = 0; i < places->sent_count; i++) {
        profile_calls calls = profile_spots_calls(places->spots, places->sent[i].chain);
        size_t inside = inside_of(places, calls);
        for (size_t c = 0; c < inside; c++) {
            scratch[count++] = passage_of(places, &places->sent[i], c);
        }
    }
    profile_wrappers_count(&places->wrappers, scratch, count);
}

static bool look_through(profile_places *places)
{
    const rowan_allocator *allocator = places->records->allocator;
    size_t most = 0, kinds, functions, modules;

    for (size_t i = 0; i < places->sent_count; i++) {
        most += profile_spots_calls(places->spots, places->sent[i].chain).count;
    }
    profile_spots_count(places->spots, &kinds, &functions, &modules);
    profile_passage *scratch = rowan__new(allocator, most + 1, sizeof *scratch);
    if (scratch == NULL || !profile_wrappers_init(&places->wrappers, functions, modules)) {
        rowan__free(allocator, scratch, most + 1, sizeof *scratch);
        return false;
    }
    find_wrappers(places, scratch);
    count_passing(places, scratch);
    rowan__free(allocator, scratch, most + 1, sizeof *scratch);
    return true;
}

/* --- Judging. --- */

/* Whether it is a part of the program that an interpreter called, and no binding. */
static bool is_extension(const profile_places *places, const profile_spot *spot)
{
    return spot->has_line && places->wrappers.of_function[spot->function] == 1 &&
           places->wrappers.of_module[spot->module] > 1;
}

/* The outermost of what may be the place. */
static size_t last_of(const profile_places *places, profile_calls calls)
{
    size_t last = calls.count;

    for (size_t i = 0; i < calls.count; i++) {
        last = spot_of(places, calls, i)->kind == PROFILE_PROGRAM ? i : last;
    }
    return last;
}

/* @return the index of the call that a person wants to hear of, or the count: there is none */
static size_t choose(const profile_places *places, profile_calls calls, bool is_interpreted)
{
    size_t inside = inside_of(places, calls);
    size_t first = first_of(places, calls, inside);

    if (!is_interpreted && inside == calls.count) {
        return first < inside ? first : last_of(places, calls); /* nothing but wrappers */
    }
    for (size_t i = 0; i < inside; i++) {
        places->is_binding[spot_of(places, calls, i)->module] = true;
    }
    return first < inside && is_extension(places, spot_of(places, calls, first)) ? first
                                                                                 : calls.count;
}

/* The functions between a place and the client library, the outer ones first. */
static bool take_through(const profile_places *places, profile_calls calls, size_t chosen,
                         judged *out)
{
    const char **through = rowan__new(places->records->allocator, chosen + 1, sizeof *through);
    const profile_spot *outer = spot_of(places, calls, chosen);

    if (through == NULL) {
        return false;
    }
    for (size_t i = chosen; i-- > 0;) {
        const profile_spot *spot = spot_of(places, calls, i);
        if (spot->kind != PROFILE_BETWEEN && spot->function != outer->function) {
            through[out->place.through_count++] = spot->text;
            outer = spot;
        }
    }
    out->place.through = through;
    out->through_capacity = chosen + 1;
    return true;
}

static bool judge(profile_places *places, const sent *of)
{
    profile_calls calls = profile_spots_calls(places->spots, of->chain);
    judged *out;
    size_t chosen;

    if (calls.count == 0 || calls.is_cut || places->judged[of->chain].is_done) {
        return true;
    }
    out = &places->judged[of->chain];
    *out = (judged){.place = {.text = "?"}, .number = UINT32_MAX, .is_done = true};
    chosen = choose(places, calls, of->is_interpreted);
    if (chosen == calls.count) {
        return true;
    }
    out->place.text = spot_of(places, calls, chosen)->text;
    out->number = spot_of(places, calls, chosen)->place;
    return take_through(places, calls, chosen, out);
}

/* --- Chains that were cut. --- */

static int by_caller(const void *a, const void *b)
{
    const seen *x = a, *y = b;

    if (x->fingerprint != y->fingerprint) {
        return x->fingerprint < y->fingerprint ? -1 : 1;
    }
    return (x->caller > y->caller) - (x->caller < y->caller);
}

static void take_seen(profile_places *places, const sent *of)
{
    profile_calls calls = profile_spots_calls(places->spots, of->chain);

    if (!calls.is_cut && calls.count > 0) {
        places->seen[places->seen_count++] =
            (seen){of->fingerprint, spot_of(places, calls, 0)->place, of->chain, false};
    }
}

/* What all statements of a kind that one place sent to the client library have in common. */
static void merge_seen(profile_places *places)
{
    size_t kept = 0;

    if (places->seen_count > 0) {
        qsort(places->seen, places->seen_count, sizeof *places->seen, by_caller);
    }
    for (size_t i = 0; i < places->seen_count; i++) {
        const seen *next = &places->seen[i];
        seen *last = kept > 0 ? &places->seen[kept - 1] : NULL;
        if (last == NULL || by_caller(last, next) != 0) {
            places->seen[kept++] = *next;
        } else if (places->judged[last->chain].number != places->judged[next->chain].number) {
            last->is_unclear = true;
        }
    }
    places->seen_count = kept;
}

/* A statement whose stack was not looked at came from where all others of its kind did; if those
 * came from several places, then from the caller, which is certain. */
static profile_place place_of_cut(const profile_places *places, profile_calls calls,
                                  uint64_t fingerprint)
{
    const profile_spot *caller = spot_of(places, calls, 0);
    seen wanted = {.fingerprint = fingerprint, .caller = caller->place};
    const seen *found = places->seen_count > 0 ? bsearch(&wanted, places->seen, places->seen_count,
                                                         sizeof *places->seen, by_caller)
                                               : NULL;

    if (found != NULL && !found->is_unclear) {
        return places->judged[found->chain].place;
    }
    if (caller->kind != PROFILE_PROGRAM || places->is_binding[caller->module]) {
        return (profile_place){.text = "?"};
    }
    return (profile_place){.text = caller->text};
}

/* --- All of them. --- */

static bool judge_all(profile_places *places)
{
    const rowan_allocator *allocator = places->records->allocator;

    places->judged = rowan__new(allocator, places->records->told_count, sizeof *places->judged);
    places->seen = rowan__new(allocator, places->sent_count + 1, sizeof *places->seen);
    places->is_binding =
        rowan__new(allocator, places->wrappers.module_count + 1, sizeof *places->is_binding);
    places->seen_capacity = places->sent_count + 1;
    if (places->judged == NULL || places->seen == NULL || places->is_binding == NULL) {
        return false;
    }
    for (size_t i = 0; i < places->sent_count; i++) {
        if (!judge(places, &places->sent[i])) {
            return false;
        }
        take_seen(places, &places->sent[i]);
    }
    merge_seen(places);
    return true;
}

rowan_status profile_places_new(profile_places **out, const profile_records *records,
                                rowan_error *error)
{
    profile_places *places = rowan__new(records->allocator, 1, sizeof *places);

    *out = places;
    if (places == NULL) {
        return rowan__fail_nomem(error);
    }
    places->records = records;
    places->spots = profile_spots_new(records);
    places->kinds = rowan__new(records->allocator, records->told_count, sizeof *places->kinds);
    if (places->spots != NULL && places->kinds != NULL && collect(places) && look_through(places) &&
        judge_all(places)) {
        return ROWAN_OK;
    }
    profile_places_free(places);
    *out = NULL;
    return rowan__fail_nomem(error);
}

static void free_judged(profile_places *places)
{
    for (size_t i = 0; places->judged != NULL && i < places->records->told_count; i++) {
        const judged *one = &places->judged[i];
        rowan__free(places->records->allocator, (void *)(uintptr_t)one->place.through,
                    one->through_capacity, sizeof *one->place.through);
    }
}

void profile_places_free(profile_places *places)
{
    if (places == NULL) {
        return;
    }
    const rowan_allocator *allocator = places->records->allocator;
    size_t told = places->records->told_count;
    free_judged(places);
    rowan__free(allocator, places->judged, told, sizeof *places->judged);
    rowan__free(allocator, places->is_binding, places->wrappers.module_count + 1,
                sizeof *places->is_binding);
    profile_wrappers_fini(&places->wrappers);
    profile_spots_free(places->spots);
    rowan__free(allocator, places->kinds, told, sizeof *places->kinds);
    rowan__free(allocator, places->sent, places->sent_capacity, sizeof *places->sent);
    rowan__free(allocator, places->seen, places->seen_capacity, sizeof *places->seen);
    rowan__free(allocator, places, 1, sizeof *places);
}

profile_place profile_place_of(const profile_places *places, const profile_statement *statement)
{
    profile_calls calls = profile_spots_calls(places->spots, statement->chain);

    if (calls.count == 0) {
        return (profile_place){.text = "?"};
    }
    return calls.is_cut ? place_of_cut(places, calls, places->kinds[statement->text].fingerprint)
                        : places->judged[statement->chain].place;
}
