/*
 * Following values: those of an execution vote for the columns of earlier results that they may
 * have come from; then its own rows become sources for later ones.
 */
#include "detector/detector_private.h"

enum { HITS = 64 };

/* --- Values. --- */

/** Whether rows are inserted whose values are not told: of structs. They are taken to differ. */
static bool has_untold_values(const rowan_event *event, const rowan__fold *fold)
{
    return event->params == NULL && fold->verb == ROWAN__VERB_INSERT &&
           fold->value_count > fold->literal_count;
}

void rowan__params_read(const rowan_event *event, const rowan__fold *fold, rowan__param_keys *out)
{
    size_t rows = event->param_rows > 1 ? event->param_rows : 1;
    size_t count = event->params != NULL ? event->param_count * rows : 0;

    out->vector = has_untold_values(event, fold) ? rowan__key_mix(fold->literals, event->sequence)
                                                 : fold->literals;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = rowan__key_value(&event->params[i]);
        out->vector = rowan__key_mix(out->vector, key);
        if (i < ROWAN__WATCH_KEYS) {
            out->at[i] = key;
        }
    }
    out->vector = out->vector != 0 ? out->vector : 1;
}

/** The value that a place stands for, or NULL for a literal or a parameter that is not there. */
static const rowan_value *value_of(const rowan_event *event, const rowan__place *place)
{
    return place->key == 0 && place->param < event->param_count ? &event->params[place->param]
                                                                : NULL;
}

static void add_key(uint64_t *keys, size_t *count, const rowan_value *value, uint64_t key)
{
    if (*count < ROWAN__WATCH_KEYS && rowan__key_tells(value)) {
        keys[(*count)++] = key;
    }
}

/**
 * The keys of one bound value, which may be a list. Of an array that was hidden it is not known how
 * long it is: it is taken for a batch, which it most often is.
 *
 * @return how many values it stands for
 */
static size_t keys_of_value(const rowan_value *value, bool is_array, uint64_t key, uint64_t *keys,
                            size_t *count)
{
    enum { SOME = 16 };
    size_t more = 0, items;

    if (is_array && rowan__key_is_hidden(value)) {
        return SOME;
    }

    if (value->type == ROWAN_TYPE_LIST && !value->is_null) {
        for (size_t k = 0; k < value->as.list.count; k++) {
            const rowan_value *item = &value->as.list.items[k];
            add_key(keys, count, item, rowan__key_value(item));
        }
        return value->as.list.count;
    }
    items = rowan__key_items(value, keys + *count, ROWAN__WATCH_KEYS - *count, &more);
    *count += more;
    if (items == 0) {
        add_key(keys, count, value, key);
    }
    return items > 0 ? items : 1;
}

/** The keys of the values in a slot; a list may stand in one place. @return how many values there
 * are. */
static size_t keys_of_slot(const rowan_event *event, const rowan__fold *fold,
                           const rowan__param_keys *params, size_t slot, uint64_t *keys,
                           size_t *count, bool *is_rare)
{
    size_t values = 0;

    *count = 0;
    *is_rare = false;
    for (size_t i = 0; i < fold->place_count; i++) {
        const rowan__place *place = &fold->places[i];
        if (place->slot != slot) {
            continue;
        }
        const rowan_value *value = value_of(event, place);
        if (value == NULL) {
            values++;
            if (place->key > 4 && *count < ROWAN__WATCH_KEYS) {
                keys[(*count)++] = place->key;
            }
        } else {
            uint64_t key = place->param < ROWAN__WATCH_KEYS ? params->at[place->param]
                                                            : rowan__key_value(value);
            values += keys_of_value(value, fold->slots[slot].is_array, key, keys, count);
            *is_rare = *is_rare || rowan__key_is_rare(value);
        }
    }
    return values;
}

/* --- Votes. --- */

/** The candidate of a source, taking the place of one with a single vote if there is no other. */
static rowan__candidate *candidate_of(rowan__watched_slot *slot, uint32_t source)
{
    rowan__candidate *free = NULL;

    for (size_t i = 0; i < ROWAN__WATCH_CANDIDATES; i++) {
        rowan__candidate *candidate = &slot->candidates[i];
        if (candidate->votes > 0 && candidate->source == source) {
            return candidate;
        }
        if (candidate->votes <= 1 && (free == NULL || candidate->votes < free->votes)) {
            free = candidate;
        }
    }
    if (free != NULL) {
        *free = (rowan__candidate){.source = source};
    }
    return free;
}

/**
 * The rows are in order as long as none that is new comes before another. A value that many rows
 * have is known by the first of them: that it comes again says nothing.
 */
static void note_row(rowan__candidate *candidate, uint32_t row)
{
    uint64_t bit = row < 64 ? (uint64_t)1 << row : 0;
    bool is_on = candidate->exact == 0 || row >= candidate->last_row;

    if (!is_on && (candidate->seen & bit) != 0) {
        candidate->repeats++;
        return;
    }
    candidate->seen |= bit;
    candidate->ordered += is_on;
    candidate->exact++;
    candidate->last_row = row;
}

static void vote(rowan__watched_slot *slot, const rowan__hit *hit)
{
    rowan__candidate *candidate = candidate_of(slot, hit->source);

    if (candidate == NULL) {
        return;
    }
    if (hit->is_exact) {
        note_row(candidate, hit->row);
    }
    candidate->votes++;
}

/** Keeps of the hits those whose source has this value too, each once. */
static size_t intersect(rowan__hit *hits, size_t count, const rowan__hit *more, size_t more_count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < more_count; k++) {
            if (more[k].source == hits[i].source) {
                hits[kept++] = hits[i];
                break;
            }
        }
    }
    return kept;
}

static bool seen_before(const rowan__hit *hits, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (hits[k].source == hits[i].source) {
            return true;
        }
    }
    return false;
}

/** How likely a value of a slot came from a source: first by what they are called, then by which
 * was read last. */
typedef struct nearness {
    int affinity;
    uint64_t sequence;
} nearness;

static bool is_nearer(nearness a, nearness b)
{
    return a.affinity != b.affinity ? a.affinity > b.affinity : a.sequence > b.sequence;
}

/**
 * Keeps of many hits as many as there is room for votes, the nearest: a small number, such as the
 * first keys of every table are, is in columns that have nothing to do with it.
 */
static size_t keep_nearest(const rowan__watch *watch, const rowan__group *group, size_t s,
                           rowan__hit *hits, size_t count)
{
    nearness near[ROWAN__WATCH_CANDIDATES];
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const rowan__source *source = &watch->provenance.sources[hits[i].source];
        rowan__hit hit = hits[i];
        nearness one = {rowan__affinity(watch, group, &group->fold->slots[s], source),
                        source->last_sequence};
        size_t at = kept < ROWAN__WATCH_CANDIDATES ? kept++ : kept;
        for (; at > 0 && is_nearer(one, near[at - 1]); at--) {
            if (at < ROWAN__WATCH_CANDIDATES) {
                near[at] = near[at - 1];
                hits[at] = hits[at - 1];
            }
        }
        if (at < ROWAN__WATCH_CANDIDATES) {
            near[at] = one;
            hits[at] = hit;
        }
    }
    return kept;
}

/** The values of a slot vote for the sources that have all of them. */
static void vote_for(rowan__watch *watch, rowan__group *group, size_t s, const uint64_t *keys,
                     size_t count)
{
    rowan__watched_slot *slot = &group->slots[s];
    rowan__hit hits[HITS], more[HITS];
    size_t hit_count = 0;

    if (count > 0) {
        hit_count = rowan__provenance_find(&watch->provenance, keys[0], hits, HITS);
    }
    for (size_t i = 1; i < count && hit_count > 0; i++) {
        size_t more_count = rowan__provenance_find(&watch->provenance, keys[i], more, HITS);
        hit_count = intersect(hits, hit_count, more, more_count);
    }
    if (hit_count > ROWAN__WATCH_CANDIDATES) {
        hit_count = keep_nearest(watch, group, s, hits, hit_count);
    }
    for (size_t i = 0; i < hit_count; i++) {
        if (!seen_before(hits, i)) {
            vote(slot, &hits[i]);
        }
    }
}

/** Follows the values of an execution, and collects those that its rows may echo. */
static size_t follow_values(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                            const rowan__fold *fold, const rowan__param_keys *params,
                            uint64_t *echoes)
{
    size_t slots = fold->slot_count < ROWAN__WATCH_SLOTS ? fold->slot_count : ROWAN__WATCH_SLOTS;
    size_t echo_count = 0;

    for (size_t s = 0; s < slots; s++) {
        rowan__watched_slot *slot = &group->slots[s];
        uint64_t keys[ROWAN__WATCH_KEYS], key;
        bool is_rare;
        size_t count, values = keys_of_slot(event, fold, params, s, keys, &count, &is_rare);
        key = values;
        slot->rare += is_rare;
        for (size_t i = 0; i < count; i++) {
            key = rowan__key_mix(key, keys[i]);
        }
        slot->varies = slot->varies || (group->count > 0 && key != slot->last_key);
        slot->last_key = key;
        slot->list_values += values;
        if (fold->slots[s].role == ROWAN__ROLE_EQUAL && count == 1) {
            echoes[echo_count++] = keys[0];
        }
        if (fold->slots[s].role != ROWAN__ROLE_LIMIT) {
            vote_for(watch, group, s, keys, count);
        }
    }
    return echo_count;
}

/* --- Rows. --- */

/**
 * Whether a statement asks the engine about itself, as PRAGMA does: its rows are full of small
 * numbers, which keys have, too.
 */
static bool is_exploring(const rowan__fold *fold)
{
    return fold->is_catalog && fold->verb == ROWAN__VERB_OTHER;
}

/** Remembers the rows of an execution. */
static void take_rows(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                      const rowan__row_keys *head, const uint64_t *echoes, size_t echo_count)
{
    const rowan_batch *batch = event->batch;

    if (group->has_sources && group->source_count != batch->column_count) {
        group->has_sources = false; /* `*` stands for other columns than before */
    }
    if (!group->has_sources && !rowan__provenance_sources(&watch->provenance, batch, group->index,
                                                          &watch->arena, &group->sources)) {
        watch->provenance.dropped_rows += batch->row_count;
        return;
    }
    group->has_sources = true;
    group->source_count = batch->column_count;
    if (group->batch_sequence != event->sequence) {
        group->batch_sequence = event->sequence;
        group->batch_rows = 0;
    }
    rowan__provenance_add(&watch->provenance, batch, head, group->sources, event->sequence,
                          group->batch_rows, watch->rules->rows_captured, echoes, echo_count);
    group->batch_rows += batch->row_count;
}

void rowan__follow(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                   const rowan__fold *fold, const rowan__param_keys *params,
                   const rowan__row_keys *head)
{
    const rowan_batch *batch = event->batch;
    uint64_t echoes[ROWAN__WATCH_SLOTS];
    size_t echo_count = 0;

    if (group->followed_sequence != event->sequence) {
        echo_count = follow_values(watch, group, event, fold, params, echoes);
        group->followed_sequence = event->sequence;
        group->followed++;
    }
    if (batch != NULL && batch->row_count > 0 && !is_exploring(fold)) {
        take_rows(watch, group, event, head, echoes, echo_count);
        if (event->rows > batch->row_count && group->has_sources) { /* the rest was not recorded */
            rowan__provenance_close(&watch->provenance, group->sources, group->source_count);
        }
    }
}
