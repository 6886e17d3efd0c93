/*
 * Groups: what is kept of the executions of one fingerprint in a scope, updated as each ends.
 *
 * The first executions of a group are followed; of a long loop the further ones are counted in a
 * straight line, which is what a detector costs. A write counts an epoch up for its table, so that
 * equal reads with a write between them are told from duplicates. Memory is bounded: over the bound
 * executions are counted, and no more.
 */
#include <string.h>

#include "base/alloc.h"
#include "detector/detector_private.h"
#include "detector/durations.h"

enum {
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
                    watch->groups[i]->vector_capacity, sizeof(uint32_t));
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
    rowan__watch_settle(watch);
    for (size_t i = 0; i < watch->group_count && watch->durations != NULL; i++) {
        const rowan__group *group = watch->groups[i];
        if (group->fold->verb != ROWAN__VERB_OTHER && !group->fold->is_volatile) {
            rowan__durations_merge(watch->durations, group->fold->id, &group->timing,
                                   rowan__unread_known(group));
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
    group->literals = group->fold->literals;
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

/* --- Different values. --- */

static bool insert_vector(uint32_t *vectors, size_t capacity, uint32_t vector)
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

/** Makes room for more different vectors, half of the set at most. @return false if there is none
 */
static __attribute__((noinline)) bool grow_vectors(rowan__watch *watch, rowan__group *group)
{
    size_t capacity = group->vector_capacity;
    size_t wanted = capacity == 0 ? FIRST_VECTORS : capacity * 8;
    uint32_t *vectors;

    if (group->vector_count >= ROWAN__WATCH_VECTORS) {
        return false; /* of so many it is known that they differ */
    }
    vectors = rowan__new(value_memory(watch), wanted, sizeof *vectors);
    if (vectors == NULL) {
        group->dropped_values++;
        return false;
    }
    for (size_t i = 0; i < capacity; i++) {
        if (group->vectors[i] != 0) {
            insert_vector(vectors, wanted, group->vectors[i]);
        }
    }
    rowan__free(value_memory(watch), group->vectors, capacity, sizeof *vectors);
    group->vectors = vectors;
    group->vector_capacity = wanted;
    group->vector_room =
        wanted / 2 < ROWAN__WATCH_VECTORS ? wanted / 2 : (size_t)ROWAN__WATCH_VECTORS;
    return true;
}

static void count_vector(rowan__watch *watch, rowan__group *group, uint64_t vector)
{
    uint32_t kept = (uint32_t)(vector ^ vector >> 32);

    if (group->vector_count < group->vector_room || grow_vectors(watch, group)) {
        group->vector_count +=
            insert_vector(group->vectors, group->vector_capacity, kept != 0 ? kept : 1);
    }
}

static void count_values_and_time(rowan__watch *watch, rowan__group *group, uint64_t vector,
                                  int64_t elapsed_ns)
{
    count_vector(watch, group, vector);
    rowan__timing_add(&group->timing, value_memory(watch), elapsed_ns, watch->slow_ns);
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

/** How long nothing ran in the scope since the group's last execution; 0 without clocks. */
static int64_t idle_before(const rowan__watch *watch, const rowan__group *group,
                           const rowan_event *event)
{
    if (group->count == 0 || event->start_ns == 0 || group->last_end_ns == 0) {
        return 0;
    }
    return event->start_ns - group->last_end_ns - (watch->busy_ns - group->busy_ns);
}

/** @param run  executions in a row that are the same, with this one */
static void note_run(const rowan__watch *watch, rowan__group *group, uint64_t vector,
                     uint64_t result, uint64_t epoch, uint64_t run)
{
    group->run = run;
    if (run > group->longest_run) {
        group->longest_run = run;
    }
    if (epoch != group->last_epoch) {
        group->epoch_changes += group->count > 0;
        group->last_epoch = epoch;
    }
    group->last_vector = vector;
    group->last_result = result;
    group->last_all_epoch = watch->all_epoch;
}

/** Counts executions in a row that are the same, with the same result, and nothing written between.
 */
static void count_run(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                      uint64_t vector, uint64_t result, uint64_t epoch)
{
    bool same = vector == group->last_vector && group->count > 0 && result == group->last_result &&
                epoch == group->last_epoch && watch->all_epoch == group->last_all_epoch &&
                idle_before(watch, group, event) < idle_duplicate_ns;

    note_run(watch, group, vector, result, epoch, same ? group->run + 1 : 1);
}

/** Of what is not known where it is sent from, a loop shows in turns of equal length. */
static void note_gap(const rowan__watch *watch, rowan__group *group)
{
    uint64_t gap = watch->statements - group->last_statement;

    group->steady += group->unplaced > 1 && gap == group->last_gap;
    group->unplaced++;
    group->last_gap = gap;
    group->last_statement = watch->statements;
}

static bool is_same_site(const rowan__group *group, const rowan_site *site)
{
    return site->line == group->site.line && group->site.file != NULL &&
           (site->file == group->site.file || strcmp(site->file, group->site.file) == 0);
}

static void note_site(const rowan__watch *watch, rowan__group *group, const rowan_site *site)
{
    if (site->file == NULL) {
        note_gap(watch, group);
        return;
    }
    group->same_site += is_same_site(group, site);
}

static void count_execution(rowan__watch *watch, rowan__group *group, const rowan_event *event)
{
    int64_t time_ns = event->elapsed_ns;

    group->count++;
    group->round_trips += event->round_trips;
    group->total_ns += time_ns;
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
    group->literals = old.literals;
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
    group->is_cut = old.is_cut;
    group->vectors = old.vectors;
    group->vector_capacity = old.vector_capacity;
    group->vector_room = old.vector_room;
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
            rowan__watch_settle(watch);
            restart(group, event);
            return group;
        }
        group->is_closed = true;
        group = NULL;
    }
    return group != NULL ? group : make_group(watch, event, said);
}

/** Whether a statement is the group's first to the letter: others may differ in their literals. */
static bool is_own_text(const rowan__group *group, const rowan_event *event)
{
    return event->sql_hash != 0 && event->sql_hash == group->sql_hash &&
           event->sql_size == group->sql_size;
}

/**
 * The group of a statement that came before with this very text, which its hash and size tell: a
 * group is known by a hash of 64 bits of the folded text, too.
 */
static rowan__group *recall(rowan__watch *watch, const rowan_event *event)
{
    rowan__group *group = watch->recent[event->sql_hash % ROWAN__WATCH_RECENT];
    bool known =
        group != NULL && group->sql_hash == event->sql_hash && group->sql_size == event->sql_size;

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
    if (group != NULL && is_own_text(group, event)) {
        watch->recent[event->sql_hash % ROWAN__WATCH_RECENT] = group;
    }
    return group;
}

/** Whether an execution is followed: of a group the first, and what has begun to be. */
static bool is_followed(rowan__watch *watch, rowan__group *group, const rowan_event *event)
{
    if (group->followed < ROWAN__WATCH_FOLLOWED || group->followed_sequence == event->sequence) {
        return true;
    }
    if (event->batch != NULL && group->has_sources && !group->is_cut) {
        rowan__provenance_close(&watch->provenance, group->sources, group->source_count);
        group->is_cut = true;
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

/* --- Further turns of long loops: no more than their figures. --- */

/** What is at a place, for this group now, or something new; NULL if there is no memory. */
static rowan__turning *turning_at(rowan__watch *watch, rowan_turns **place, rowan__group *group)
{
    rowan__turning *turning = (rowan__turning *)*place;

    if (turning == NULL) {
        turning = watch_alloc(watch, sizeof *turning);
        if (turning == NULL) {
            return NULL;
        }
        turning->next = watch->turning;
        watch->turning = turning;
        *place = &turning->turns;
    } else {
        turning->group->turning = NULL;
    }
    turning->group = group;
    group->turning = turning;
    return turning;
}

/** How long nothing may run between two turns: behind that there is more to be looked at. */
static int64_t longest_idle(const rowan__watch *watch)
{
    int64_t found_ns = (int64_t)watch->rules->idle_transaction_ms * 1000000;

    return watch->in_transaction && found_ns < idle_split_ns ? found_ns - 1 : idle_split_ns;
}

/** Of a loop of reads which one integer tells apart, further turns are no events from here on. */
static void put_turns_aside(rowan__watch *watch, rowan__group *group, const rowan_event *event)
{
    const rowan__fold *fold = group->fold;
    const rowan_value *value = event->params;

    if (fold->verb != ROWAN__VERB_SELECT || fold->value_rows > 1 || event->param_count != 1 ||
        value->type != ROWAN_TYPE_INT64 || value->is_null || !is_own_text(group, event) ||
        event->site.file == NULL || (group->has_sources && !group->is_cut)) {
        return;
    }
    rowan__turning *turning = turning_at(watch, event->turns, group);
    if (turning != NULL) {
        turning->turns.room = ROWAN_MOST_TURNS;
        turning->turns.sql_hash = event->sql_hash;
        turning->turns.sql_size = event->sql_size;
        turning->turns.site = event->site;
        turning->turns.value = value->as.integer;
        turning->turns.end_ns = event->start_ns + event->elapsed_ns;
        turning->turns.idle_ns = longest_idle(watch);
    }
}

/**
 * Enters turns; that an execution was the same as the one before is over with them.
 *
 * @return what they took
 */
static int64_t enter_turns(rowan__watch *watch, rowan__group *group, const rowan_turns *turns)
{
    int64_t elapsed_ns = 0;
    uint64_t vector = 0;

    for (size_t i = 0; i < turns->count; i++) {
        vector = rowan__int_vector(turns->at[i].value, group->literals);
        count_values_and_time(watch, group, vector, turns->at[i].elapsed_ns);
        elapsed_ns += turns->at[i].elapsed_ns;
    }
    group->total_ns += elapsed_ns;
    watch->statements += turns->count;
    watch->round_trips += turns->round_trips;
    group->count += turns->count;
    group->round_trips += turns->round_trips;
    group->same_site += is_same_site(group, &turns->site) ? turns->count : 0;
    group->last_end_ns = turns->end_ns;
    group->busy_ns = watch->busy_ns + turns->busy_ns - watch->turned_ns;
    note_run(watch, group, vector, 0, epoch_of(watch, group->fold), 1);
    rowan__watch_transaction_turns(watch, group, turns, elapsed_ns);
    return elapsed_ns;
}

void rowan__watch_settle(rowan__watch *watch)
{
    int64_t took_ns = 0;

    for (rowan__turning *turning = watch->turning; turning != NULL; turning = turning->next) {
        rowan_turns *turns = &turning->turns;
        if (turns->count > 0) {
            took_ns += enter_turns(watch, turning->group, turns);
            turns->count = 0;
            turns->round_trips = 0;
        }
    }
    watch->busy_ns += took_ns;
    watch->turned_ns += took_ns;
}

/** Every further execution is an event again. */
static void stop_turning(rowan__watch *watch)
{
    for (rowan__turning *turning = watch->turning; turning != NULL; turning = turning->next) {
        turning->turns.room = 0;
    }
}

/** An execution that went well. */
static void watch_execution(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                            const rowan__fold *fold)
{
    rowan__row_keys head;
    rowan__param_keys params;
    bool follows = is_followed(watch, group, event);
    uint64_t result = 0;

    rowan__params_read(event, fold, &params);
    if (follows || params.vector == group->last_vector) { /* a long loop may still repeat */
        read_head(event, &head);
        result = result_of(event, &head);
    }
    if (follows) {
        rowan__follow(watch, group, event, fold, &params, &head);
    }
    count_values_and_time(watch, group, params.vector, event->elapsed_ns);
    count_run(watch, group, event, params.vector, result, epoch_of(watch, fold));
    count_execution(watch, group, event);
    note_site(watch, group, &event->site);
    group->batches += event->param_rows > 1 || fold->value_rows > 1;
    group->affected_many += event->affected > 1;
    if (event->reads != NULL) {
        rowan__unread_note(watch, group, event);
    }
    if (event->fetched_count > 0) {
        rowan__unused_note(watch, group, event);
    }
    if (group->turning != NULL) {
        group->turning->turns.room = 0; /* what comes next is compared with this execution */
    }
    if (!follows && event->turns != NULL) {
        put_turns_aside(watch, group, event);
    }
}

static uint64_t watch_statement(rowan__watch *watch, const rowan_event *event)
{
    statement said;
    rowan__group *group = find(watch, event, &said);
    const rowan__fold *fold = said.fold;
    bool is_control = fold->verb == ROWAN__VERB_OTHER;

    watch->statements++;
    watch->round_trips += event->round_trips;
    if (event->error == NULL && group != NULL) {
        watch_execution(watch, group, event, fold);
    } else {
        watch->dropped_statements += event->error == NULL;
        watch->busy_ns += event->elapsed_ns;
    }
    if (fold->verb != ROWAN__VERB_SELECT) {
        note_write(watch, fold);
    }
    if (watch->in_transaction || is_control) {
        rowan__watch_transaction(watch, group, event, is_control);
    }
    if (is_control) {
        stop_turning(watch);
    }
    return event->error == NULL && group != NULL ? group->first_sequence : 0;
}

/** Rows of a stream come before its statement has ended: its values vote with the first of them. */
static uint64_t watch_rows(rowan__watch *watch, const rowan_event *event)
{
    statement said;
    rowan__row_keys head;
    rowan__param_keys params;
    rowan__group *group = find(watch, event, &said);

    if (group != NULL && is_followed(watch, group, event)) {
        rowan__params_read(event, said.fold, &params);
        read_head(event, &head);
        rowan__follow(watch, group, event, said.fold, &params, &head);
    }
    return group != NULL ? group->first_sequence : 0;
}

/** What is no query of the program's, which opens or ends a transaction, or is the library's. */
static uint64_t watch_control(rowan__watch *watch, const rowan_event *event)
{
    if (event->kind == ROWAN_EVENT_STATEMENT) {
        watch->busy_ns += event->elapsed_ns;
        watch->round_trips += event->round_trips;
    }
    if (event->purpose == ROWAN_PURPOSE_TRANSACTION) {
        rowan__watch_transaction(watch, NULL, event, true);
        stop_turning(watch);
        watch->all_epoch = ++watch->epoch; /* what others wrote may be seen from here on */
    }
    return 0;
}

uint64_t rowan__watch_event(rowan__watch *watch, const rowan_event *event)
{
    if (watch->turning != NULL) {
        rowan__watch_settle(watch);
    }
    if (event->purpose != ROWAN_PURPOSE_QUERY) {
        return watch_control(watch, event);
    }
    return event->kind == ROWAN_EVENT_STATEMENT ? watch_statement(watch, event)
           : event->kind == ROWAN_EVENT_ROWS    ? watch_rows(watch, event)
                                                : 0;
}
