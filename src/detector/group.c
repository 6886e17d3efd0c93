/*
 * Groups: what is kept of the executions of one fingerprint in a scope, updated as each ends.
 *
 * First the values of an execution vote for the columns that they may have come from, then its own
 * rows become sources for later ones. A write counts an epoch up for its table, so that equal reads
 * with a write between them are told from duplicates. Memory is bounded: over the bound executions
 * are counted, and no more.
 */
#include <string.h>

#include "base/alloc.h"
#include "detector/detector_private.h"
#include "detector/durations.h"

enum {
    KEYS_OF_SLOT = 16,
    HITS = 16,
    FIRST_VECTORS = 64,
    WORTH_KEEPING = 3 /* executions of a group that has gone idle */
};

static const int64_t idle_split_ns = 3000000000;
static const int64_t idle_duplicate_ns = 200000000;

static const rowan_allocator *statement_memory(const rowan__watch *watch)
{
    return rowan__budget_for(&watch->budget, ROWAN__NEED_STATEMENTS);
}

static const rowan_allocator *value_memory(const rowan__watch *watch)
{
    return rowan__budget_for(&watch->budget, ROWAN__NEED_VALUES);
}

rowan__watch *rowan__watch_new(const rowan_allocator *allocator, const rowan__rules *rules,
                               rowan__shapes *shapes, rowan__durations *durations,
                               const char *engine)
{
    rowan__watch *watch = rowan__new(allocator, 1, sizeof *watch);

    if (watch == NULL) {
        return NULL;
    }
    watch->source = allocator;
    rowan__budget_init(&watch->budget, allocator);
    watch->rules = rules;
    watch->slow_ns = (int64_t)rules->slow_ms * 1000000;
    watch->shapes = shapes;
    watch->durations = durations;
    watch->engine = engine;
    watch->reading = rowan__engine_reading(engine);
    watch->provenance.allocator = rowan__budget_for(&watch->budget, ROWAN__NEED_ROWS);
    rowan__arena_init(&watch->arena, statement_memory(watch));
    rowan__arena_init(&watch->told, allocator);
    return watch;
}

void rowan__watch_free(rowan__watch *watch)
{
    const rowan_allocator *allocator;

    if (watch == NULL) {
        return;
    }
    allocator = statement_memory(watch);
    for (size_t i = 0; i < watch->group_count; i++) {
        rowan__free(value_memory(watch), watch->groups[i]->vectors,
                    watch->groups[i]->vector_capacity, sizeof(uint64_t));
        rowan__timing_fini(&watch->groups[i]->timing, value_memory(watch));
    }
    rowan__provenance_fini(&watch->provenance);
    rowan__free(allocator, watch->ids, watch->id_capacity, sizeof *watch->ids);
    rowan__free(allocator, watch->groups, watch->group_capacity, sizeof(rowan__group *));
    rowan__free(allocator, watch->writes, watch->write_capacity, sizeof *watch->writes);
    rowan__arena_fini(&watch->arena);
    rowan__arena_fini(&watch->told);
    rowan__free(watch->source, watch, 1, sizeof *watch);
}

void rowan__group_series(const rowan__watch *watch, const rowan__group *group, rowan__series *out)
{
    memset(out, 0, sizeof *out);
    rowan__series_add_timing(out, &group->timing);
    if (watch->durations != NULL) {
        rowan__durations_add_to(watch->durations, group->fold->id, out);
    }
}

void rowan__watch_end(rowan__watch *watch)
{
    for (size_t i = 0; i < watch->group_count && watch->durations != NULL; i++) {
        const rowan__group *group = watch->groups[i];
        if (group->fold->verb != ROWAN__VERB_OTHER && !group->fold->is_volatile) {
            rowan__durations_merge(watch->durations, group->fold->id, &group->timing);
        }
    }
}

/** An execution's statement, as the store of shapes or `room` has it. */
typedef struct statement {
    const rowan__fold *fold;
    const rowan__texts *texts; /* NULL: not in the store */
    rowan__fold room;
} statement;

static void read_statement(rowan__watch *watch, const rowan_event *event, statement *out)
{
    out->fold = rowan__shapes_fold(watch->shapes, watch->reading, watch->engine, event->sql,
                                   event->sql_size, &out->room, &out->texts);
}

/* --- Memory of a scope. --- */

static void *watch_alloc(rowan__watch *watch, size_t size)
{
    return rowan__arena_new(&watch->arena, 1, size, _Alignof(max_align_t));
}

static const char *watch_text(rowan__watch *watch, const char *text, size_t size)
{
    size_t kept = size < ROWAN__WATCH_TEXT ? size : ROWAN__WATCH_TEXT;
    char *copy = text != NULL ? watch_alloc(watch, kept + 1) : NULL;

    if (copy != NULL) {
        memcpy(copy, text, kept);
    }
    return copy;
}

static const char *watch_name(rowan__watch *watch, const char *name)
{
    return name != NULL ? watch_text(watch, name, strlen(name)) : NULL;
}

/* --- Finding and making groups. --- */

static rowan__group *find_group(rowan__watch *watch, uint64_t id)
{
    for (size_t i = watch->group_count; i-- > 0;) {
        if (watch->ids[i] == id && !watch->groups[i]->is_closed) {
            return watch->groups[i];
        }
    }
    return NULL;
}

static bool reserve_group(rowan__watch *watch)
{
    return watch->group_count < ROWAN__WATCH_GROUPS &&
           rowan__grow(statement_memory(watch), (void **)&watch->ids, &watch->id_capacity,
                       watch->group_count, sizeof *watch->ids) &&
           rowan__grow(statement_memory(watch), (void **)&watch->groups, &watch->group_capacity,
                       watch->group_count, sizeof(rowan__group *));
}

static const rowan__fold *keep_fold(rowan__watch *watch, const rowan__fold *fold)
{
    size_t bytes = offsetof(rowan__fold, places) + fold->place_count * sizeof fold->places[0];
    rowan__fold *kept = watch_alloc(watch, bytes);

    return kept != NULL ? memcpy(kept, fold, bytes) : NULL;
}

static const char *keep_folded(rowan__watch *watch, const rowan_event *event, size_t size)
{
    size_t room = (size < ROWAN__WATCH_TEXT ? size : ROWAN__WATCH_TEXT) + 1;
    char *folded = watch_alloc(watch, room);

    if (folded != NULL) {
        rowan__fold ignored;
        rowan__fold_statement(watch->reading, watch->engine, event->sql, event->sql_size, folded,
                              room, &ignored);
    }
    return folded;
}

/**
 * Gives a group its texts: those of the store, or copies. @return false if there is no memory
 * for them.
 */
static bool keep_texts(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                       const statement *said)
{
    if (said->texts != NULL) {
        group->fold = said->fold;
        group->folded = said->texts->folded;
        group->sql = said->texts->sql;
        return true;
    }
    group->fold = keep_fold(watch, said->fold);
    group->folded = keep_folded(watch, event, said->fold->size);
    group->sql = watch_text(watch, event->sql, event->sql_size);
    return group->fold != NULL && group->folded != NULL && group->sql != NULL;
}

static rowan__group *make_group(rowan__watch *watch, const rowan_event *event,
                                const statement *said)
{
    rowan__group *group = reserve_group(watch) ? watch_alloc(watch, sizeof *group) : NULL;

    if (group == NULL || !keep_texts(watch, group, event, said)) {
        return NULL;
    }
    group->sql_hash = event->sql_hash;
    group->sql_size = event->sql_size;
    group->table = event->table != NULL ? watch_name(watch, event->table->name) : NULL;
    if (event->relation != NULL) {
        group->relation = watch_name(watch, event->relation->name);
        group->relation_from = watch_name(watch, event->relation->from->name);
    }
    group->pattern = event->pattern;
    group->site = event->site;
    group->first_sequence = event->sequence;
    group->index = (uint32_t)watch->group_count;
    watch->ids[watch->group_count] = said->fold->id;
    watch->groups[watch->group_count++] = group;
    return group;
}

/* --- Values. --- */

/** The value that a place stands for, or NULL for a literal or a parameter that is not there. */
static const rowan_value *value_of(const rowan_event *event, const rowan__place *place)
{
    return place->key == 0 && place->param < event->param_count ? &event->params[place->param]
                                                                : NULL;
}

/** The keys of an execution's parameters, so that each is made once. */
typedef struct param_keys {
    uint64_t at[KEYS_OF_SLOT];
    uint64_t vector; /* of all of them, and of the literals in the text */
} param_keys;

static void read_params(const rowan_event *event, const rowan__fold *fold, param_keys *out)
{
    size_t count = event->param_count * (event->param_rows > 0 ? event->param_rows : 1);

    out->vector = fold->literals;
    for (size_t i = 0; event->params != NULL && i < count; i++) {
        uint64_t key = rowan__key_value(&event->params[i]);
        out->vector = rowan__key_mix(out->vector, key);
        if (i < KEYS_OF_SLOT) {
            out->at[i] = key;
        }
    }
    out->vector = out->vector != 0 ? out->vector : 1;
}

static void add_key(uint64_t *keys, size_t *count, const rowan_value *value, uint64_t key)
{
    if (*count < KEYS_OF_SLOT && rowan__key_tells(value)) {
        keys[(*count)++] = key;
    }
}

/** The keys of the values in a slot; a list may stand in one place. @return how many values there
 * are. */
static size_t keys_of_slot(const rowan_event *event, const rowan__fold *fold,
                           const param_keys *params, size_t slot, uint64_t *keys, size_t *count)
{
    size_t values = 0;

    *count = 0;
    for (size_t i = 0; i < fold->place_count; i++) {
        const rowan__place *place = &fold->places[i];
        if (place->slot != slot) {
            continue;
        }
        const rowan_value *value = value_of(event, place);
        if (value == NULL) {
            values++;
            if (place->key > 4 && *count < KEYS_OF_SLOT) {
                keys[(*count)++] = place->key;
            }
        } else if (value->type == ROWAN_TYPE_LIST && !value->is_null) {
            values += value->as.list.count;
            for (size_t k = 0; k < value->as.list.count; k++) {
                const rowan_value *item = &value->as.list.items[k];
                add_key(keys, count, item, rowan__key_value(item));
            }
        } else {
            values++;
            add_key(keys, count, value,
                    place->param < KEYS_OF_SLOT ? params->at[place->param]
                                                : rowan__key_value(value));
        }
    }
    return values;
}

static bool insert_vector(uint64_t *vectors, size_t capacity, uint64_t vector)
{
    size_t i = (size_t)vector & (capacity - 1);

    while (vectors[i] != 0) {
        if (vectors[i] == vector) {
            return false;
        }
        i = (i + 1) & (capacity - 1);
    }
    vectors[i] = vector;
    return true;
}

static void count_vector(rowan__watch *watch, rowan__group *group, uint64_t vector)
{
    size_t capacity = group->vector_capacity;
    size_t wanted = capacity == 0 ? FIRST_VECTORS : capacity * 4;

    if ((group->vector_count + 1) * 2 > capacity && wanted <= 4 * ROWAN__WATCH_VECTORS) {
        uint64_t *vectors = rowan__new(value_memory(watch), wanted, sizeof *vectors);
        if (vectors == NULL) {
            group->dropped_values++;
            return;
        }
        for (size_t i = 0; i < capacity; i++) {
            if (group->vectors[i] != 0) {
                insert_vector(vectors, wanted, group->vectors[i]);
            }
        }
        rowan__free(value_memory(watch), group->vectors, capacity, sizeof *vectors);
        group->vectors = vectors;
        group->vector_capacity = wanted;
    }
    if (group->vector_count < ROWAN__WATCH_VECTORS) {
        group->vector_count += insert_vector(group->vectors, group->vector_capacity, vector);
    }
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

static void vote(rowan__watched_slot *slot, const rowan__hit *hit)
{
    rowan__candidate *candidate = candidate_of(slot, hit->source);

    if (candidate == NULL) {
        return;
    }
    if (hit->is_exact) {
        candidate->ordered += candidate->exact == 0 || hit->row >= candidate->last_row;
        candidate->exact++;
        candidate->last_row = hit->row;
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

/** The values of a slot vote for the sources that have all of them. */
static void vote_for(rowan__watch *watch, rowan__watched_slot *slot, const uint64_t *keys,
                     size_t count)
{
    rowan__hit hits[HITS], more[HITS];
    size_t hit_count = 0;

    if (count > 0) {
        hit_count = rowan__provenance_find(&watch->provenance, keys[0], hits, HITS);
    }
    for (size_t i = 1; i < count && hit_count > 0; i++) {
        size_t more_count = rowan__provenance_find(&watch->provenance, keys[i], more, HITS);
        hit_count = intersect(hits, hit_count, more, more_count);
    }
    for (size_t i = 0; i < hit_count; i++) {
        if (!seen_before(hits, i)) {
            vote(slot, &hits[i]);
        }
    }
}

/** Follows the values of an execution, and collects those that its rows may echo. */
static size_t follow_values(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                            const rowan__fold *fold, const param_keys *params, uint64_t *echoes)
{
    size_t slots = fold->slot_count < ROWAN__WATCH_SLOTS ? fold->slot_count : ROWAN__WATCH_SLOTS;
    size_t echo_count = 0;

    for (size_t s = 0; s < slots; s++) {
        rowan__watched_slot *slot = &group->slots[s];
        uint64_t keys[KEYS_OF_SLOT], key;
        size_t count, values = keys_of_slot(event, fold, params, s, keys, &count);
        key = values;
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
            vote_for(watch, slot, keys, count);
        }
    }
    return echo_count;
}

/* --- Rows. --- */

/** Remembers the rows of an execution. */
static void take_rows(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                      const rowan__row_keys *head, const uint64_t *echoes, size_t echo_count)
{
    const rowan_batch *batch = event->batch;

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

/**
 * A hash of a result by its size and first row: two executions that found the same have the
 * same.
 */
static uint64_t result_of(const rowan_event *event, const rowan__row_keys *head)
{
    uint64_t hash = rowan__key_mix(event->rows, event->affected ^ event->bytes_received << 20);

    for (size_t c = 0; c < head->count; c++) {
        hash = rowan__key_mix(hash, head->at[c]);
    }
    return hash;
}

/* --- Writes. --- */

static void note_write(rowan__watch *watch, const rowan__fold *fold)
{
    watch->epoch++;
    if (fold->verb == ROWAN__VERB_OTHER || fold->table_count == 0) {
        watch->all_epoch = watch->epoch;
        return;
    }
    for (size_t i = 0; i < watch->write_count; i++) {
        if (watch->writes[i].table == fold->tables[0]) {
            watch->writes[i].epoch = watch->epoch;
            return;
        }
    }
    if (watch->write_count == ROWAN__WATCH_TABLES ||
        !rowan__grow(statement_memory(watch), (void **)&watch->writes, &watch->write_capacity,
                     watch->write_count, sizeof *watch->writes)) {
        watch->all_epoch = watch->epoch;
        return;
    }
    watch->writes[watch->write_count++] = (rowan__write){fold->tables[0], watch->epoch};
}

/** When a table that a statement reads was last written, as far as is known; 0: never. */
static uint64_t epoch_of(const rowan__watch *watch, const rowan__fold *fold)
{
    uint64_t epoch = 0;

    for (size_t i = 0; i < watch->write_count; i++) {
        for (size_t t = 0; t < fold->table_count; t++) {
            if (watch->writes[i].table == fold->tables[t] && watch->writes[i].epoch > epoch) {
                epoch = watch->writes[i].epoch;
            }
        }
    }
    return epoch;
}

/* --- Executions. --- */

/** How long nothing ran in the scope since the group's last execution; 0 without clocks. */
static int64_t idle_before(const rowan__watch *watch, const rowan__group *group,
                           const rowan_event *event)
{
    if (group->count == 0 || event->start_ns == 0 || group->last_end_ns == 0) {
        return 0;
    }
    return event->start_ns - group->last_end_ns - (watch->busy_ns - group->busy_ns);
}

/** Counts executions in a row that are the same, with the same result, and nothing written between.
 */
static void count_run(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                      uint64_t vector, uint64_t result, uint64_t epoch)
{
    bool same = vector == group->last_vector && group->count > 0 && result == group->last_result &&
                epoch == group->last_epoch && watch->all_epoch == group->last_all_epoch &&
                idle_before(watch, group, event) < idle_duplicate_ns;

    group->run = same ? group->run + 1 : 1;
    group->longest_run = group->run > group->longest_run ? group->run : group->longest_run;
    group->epoch_changes += group->count > 0 && epoch != group->last_epoch;
    group->last_vector = vector;
    group->last_result = result;
    group->last_epoch = epoch;
    group->last_all_epoch = watch->all_epoch;
}

static bool is_same_site(const rowan_site *a, const rowan_site *b)
{
    if (a->file == b->file) {
        return a->line == b->line && a->file != NULL;
    }
    return a->line == b->line && a->file != NULL && b->file != NULL &&
           strcmp(a->file, b->file) == 0;
}

static void count_execution(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                            const rowan__fold *fold)
{
    int64_t time_ns = event->elapsed_ns;

    group->count++;
    group->same_site += is_same_site(&group->site, &event->site);
    group->last_sequence = event->sequence;
    group->batches += event->param_rows > 1 || fold->value_rows > 1;
    group->affected_many += event->affected > 1;
    group->round_trips += event->round_trips;
    group->total_ns += time_ns;
    rowan__timing_add(&group->timing, value_memory(watch), time_ns, watch->slow_ns);
    watch->busy_ns += time_ns;
    group->busy_ns = watch->busy_ns;
    group->last_end_ns = event->start_ns + time_ns;
}

/** Begins a group's counting anew. */
static void restart(rowan__group *group, const rowan_event *event)
{
    rowan__group old = *group;

    memset(group, 0, sizeof *group);
    group->fold = old.fold;
    group->folded = old.folded;
    group->sql = old.sql;
    group->sql_hash = old.sql_hash;
    group->sql_size = old.sql_size;
    group->table = old.table;
    group->relation = old.relation;
    group->relation_from = old.relation_from;
    group->pattern = old.pattern;
    group->site = event->site;
    group->first_sequence = event->sequence;
    group->index = old.index;
    group->has_sources = old.has_sources;
    group->sources = old.sources;
    group->source_count = old.source_count;
    group->vectors = old.vectors;
    group->vector_capacity = old.vector_capacity;
    group->timing = old.timing;
    group->reads = old.reads;
    if (old.vectors != NULL) {
        memset(old.vectors, 0, old.vector_capacity * sizeof *old.vectors);
    }
}

/**
 * The group that an execution belongs to; NULL if there is no memory left for it. After a long
 * idle time it is another one, so that a look-up once a minute is no loop; one that was hardly
 * used is used again.
 */
static rowan__group *group_of(rowan__watch *watch, const rowan_event *event, const statement *said)
{
    rowan__group *group = find_group(watch, said->fold->id);

    if (group != NULL && idle_before(watch, group, event) > idle_split_ns) {
        if (group->count < WORTH_KEEPING) {
            restart(group, event);
            return group;
        }
        group->is_closed = true;
        group = NULL;
    }
    return group != NULL ? group : make_group(watch, event, said);
}

/**
 * The group of a statement that came before with this very text, which its hash and size tell: a
 * group is known by a hash of 64 bits of the folded text, too.
 */
static rowan__group *recall(rowan__watch *watch, const rowan_event *event)
{
    rowan__group *group = watch->recent[event->sql_hash % ROWAN__WATCH_RECENT];
    bool known = group != NULL && group->sql_hash == event->sql_hash &&
                 group->sql_size == event->sql_size && event->sql_hash != 0;

    return known && !group->is_closed &&
                   (event->start_ns - group->last_end_ns <= idle_split_ns ||
                    idle_before(watch, group, event) <= idle_split_ns)
               ? group
               : NULL;
}

/**
 * The group of an execution and what folding found of its text; NULL if there is no memory left.
 */
static rowan__group *find(rowan__watch *watch, const rowan_event *event, statement *said)
{
    rowan__group *group = recall(watch, event);

    if (group != NULL) {
        said->fold = group->fold;
        return group;
    }
    read_statement(watch, event, said);
    group = event->error == NULL ? group_of(watch, event, said) : NULL;
    if (group != NULL && group->sql_hash == event->sql_hash && group->sql_size == event->sql_size) {
        watch->recent[event->sql_hash % ROWAN__WATCH_RECENT] = group;
    }
    return group;
}

/**
 * Follows the values of an execution and takes its rows, unless a stream's were taken before. Where
 * the values of a loop come from shows in its first turns: of a long one those tell for all, which
 * bounds what is kept and what each further turn costs.
 */
static void follow(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                   const rowan__fold *fold, const param_keys *params, const rowan__row_keys *head)
{
    const rowan_batch *batch = event->batch;
    uint64_t echoes[ROWAN__WATCH_SLOTS];
    size_t echo_count = 0;

    if (group->followed_sequence != event->sequence) {
        echo_count = follow_values(watch, group, event, fold, params, echoes);
        group->followed_sequence = event->sequence;
        group->followed++;
    }
    if (batch != NULL && batch->row_count > 0) {
        take_rows(watch, group, event, head, echoes, echo_count);
        if (event->rows > batch->row_count && group->has_sources) { /* the rest was not recorded */
            rowan__provenance_close(&watch->provenance, group->sources, group->source_count);
        }
    }
}

/** Whether an execution is followed: of a group the first, and what has begun to be. */
static bool is_followed(rowan__watch *watch, const rowan__group *group, const rowan_event *event)
{
    if (group->followed < ROWAN__WATCH_FOLLOWED || group->followed_sequence == event->sequence) {
        return true;
    }
    if (event->batch != NULL && group->has_sources) {
        rowan__provenance_close(&watch->provenance, group->sources, group->source_count);
    }
    return false;
}

static void read_head(const rowan_event *event, rowan__row_keys *head)
{
    head->count = 0;
    if (event->batch != NULL && event->batch->row_count > 0) {
        rowan__row_keys_read(event->batch, head);
    }
}

static uint64_t watch_statement(rowan__watch *watch, const rowan_event *event)
{
    statement said;
    rowan__row_keys head;
    param_keys params;
    rowan__group *group = find(watch, event, &said);
    const rowan__fold *fold = said.fold;
    bool writes = fold->verb != ROWAN__VERB_SELECT;

    watch->statements++;
    watch->round_trips += event->round_trips;
    if (event->error != NULL || group == NULL) {
        watch->dropped_statements += event->error == NULL;
        watch->busy_ns += event->elapsed_ns;
    } else {
        bool follows = is_followed(watch, group, event);
        uint64_t result = 0;
        read_params(event, fold, &params);
        if (follows || params.vector == group->last_vector) { /* a long loop may still repeat */
            read_head(event, &head);
            result = result_of(event, &head);
        }
        if (follows) {
            follow(watch, group, event, fold, &params, &head);
        }
        count_vector(watch, group, params.vector);
        count_run(watch, group, event, params.vector, result, epoch_of(watch, fold));
        count_execution(watch, group, event, fold);
        if (event->reads != NULL) {
            rowan__unread_note(watch, group, event);
        }
    }
    if (writes) {
        note_write(watch, fold);
    }
    if (watch->in_transaction || fold->verb == ROWAN__VERB_OTHER) {
        rowan__watch_transaction(watch, group, event, fold->verb == ROWAN__VERB_OTHER);
    }
    return event->error == NULL && group != NULL ? group->first_sequence : 0;
}

/** Rows of a stream come before its statement has ended: its values vote with the first of them. */
static uint64_t watch_rows(rowan__watch *watch, const rowan_event *event)
{
    statement said;
    rowan__row_keys head;
    param_keys params;
    rowan__group *group = find(watch, event, &said);

    if (group != NULL && is_followed(watch, group, event)) {
        read_params(event, said.fold, &params);
        read_head(event, &head);
        follow(watch, group, event, said.fold, &params, &head);
    }
    return group != NULL ? group->first_sequence : 0;
}

uint64_t rowan__watch_event(rowan__watch *watch, const rowan_event *event)
{
    if (event->purpose != ROWAN_PURPOSE_QUERY) {
        if (event->kind == ROWAN_EVENT_STATEMENT) {
            watch->busy_ns += event->elapsed_ns;
            watch->round_trips += event->round_trips;
        }
        if (event->purpose == ROWAN_PURPOSE_TRANSACTION) {
            rowan__watch_transaction(watch, NULL, event, true);
            watch->all_epoch = ++watch->epoch; /* what others wrote may be seen from here on */
        }
        return 0;
    }
    return event->kind == ROWAN_EVENT_STATEMENT ? watch_statement(watch, event)
           : event->kind == ROWAN_EVENT_ROWS    ? watch_rows(watch, event)
                                                : 0;
}
