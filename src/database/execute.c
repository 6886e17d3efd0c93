/*
 * The choke point.
 *
 * Every statement goes through rowan__send(): there it reaches the driver, is counted and becomes
 * an event; for a subscriber that has seen enough of a loop, a turn. A group of statements is
 * prepared first, then handed to the driver at once, which may send it in one round trip.
 *
 * Most calls are of one statement that was seen before. That path is a straight line: nothing is
 * zeroed that is not read, and what is rare is a function of its own. The compiler makes it of the
 * same text as that of groups, which is why much of it is inlined by force.
 *
 * A prepared statement may no longer fit the schema. The driver then says so before anything was
 * done; the statement is dropped, prepared anew and sent again, once. Of a group each may be
 * outdated, and the first of them may be all that the driver comes to: it is sent again as often as
 * it has statements.
 */
#include "database/execute.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/probe.h"
#include "base/straight.h"
#include "database/database_private.h"

/* Groups up to this size need no memory of their own. */
enum { SMALL_GROUP = 4 };

/* One statement on its way. */
typedef struct shipment {
    rowan__sink sink;
    rowan__preparation preparation;
} shipment;

/*
 * @param slots   of the subscribers in the scope; NULL: there is none
 * @param turns   where turns of the statement may be put; NULL: nowhere
 * @param except  who is not told; NULL: nobody
 */
STRAIGHT void emit(const rowan_db *db, rowan_event *event, const rowan_batch *batch, void **slots,
                   rowan_turns **turns, const rowan_subscriber *except)
{
    for (size_t i = 0; i < db->subscriber_count; i++) {
        const rowan_subscriber *subscriber = db->subscribers[i];
        if (subscriber == except) {
            continue;
        }
        event->batch = subscriber->wants_rows ? batch : NULL;
        event->slot = slots ? &slots[i] : NULL;
        event->turns = subscriber == db->turn_taker ? turns : NULL;
        subscriber->on_event(subscriber->context, event);
    }
}

void rowan__emit(const rowan_db *db, rowan_event *event, const rowan_batch *batch)
{
    emit(db, event, batch, event->scope ? event->scope->slots : NULL, NULL, NULL);
}

/* --- Counting. --- */

STRAIGHT void count_operation(rowan_scope *scope, rowan_purpose purpose,
                              const rowan__operation *operation)
{
    rowan_counts *counts = &scope->counts;

    ROWAN__PROBE6(statement__done, scope->id, operation->sql, operation->sql_size, operation->rows,
                  operation->affected, operation->status);
    counts->statements += operation->statements;
    if (purpose != ROWAN_PURPOSE_QUERY) {
        counts->transactions += purpose == ROWAN_PURPOSE_TRANSACTION ? operation->statements : 0;
        counts->setups += purpose == ROWAN_PURPOSE_SETUP ? operation->statements : 0;
    }
    counts->round_trips += operation->round_trips;
    counts->rows += operation->rows;
    counts->affected += operation->affected;
    counts->bytes_sent += operation->bytes_sent;
    counts->bytes_received += operation->bytes_received;
    counts->database_ns += operation->database_ns;
}

RARE void describe_structs(const rowan__call *call, rowan_event *event)
{
    event->param_count = 0;
    event->param_rows = call->structs->count;
    if (call->structs->copy_sql) {
        event->sql = call->structs->copy_sql;
        event->sql_size = call->structs->copy_sql_size;
        event->sql_hash = 0;
    }
}

RARE void describe_layers(const rowan_scope *scope, const rowan__operation *operation,
                          rowan_event *event)
{
    bool entered = scope->entered_ns && event->start_ns > scope->entered_ns;

    event->pattern_ns = entered ? event->start_ns - scope->entered_ns : 0;
    event->database_ns = operation->database_ns;
    event->driver_ns = event->elapsed_ns - event->database_ns;
}

/* Where who takes turns may have put what those of a statement are kept in. */
STRAIGHT rowan_turns **place_of_turns(rowan_scope *scope, const rowan__operation *operation)
{
    return &scope->turns[operation->sql_hash % ROWAN__TURN_PLACES];
}

/* The scope keeps one event. What is the same for many statements is written to it where it
 * changes. */
RARE void emit_statement(rowan_event *event, const rowan__call *call,
                         const rowan__operation *operation, const rowan__sink *sink,
                         int64_t start_ns, int64_t elapsed_ns, const rowan_subscriber *except)
{
    rowan_scope *scope = event->scope;
    const rowan_db *db = scope->db;
    bool has_rows = sink && sink->count > 0;
    rowan_batch batch;

    if (has_rows) {
        batch = rowan__batch_of(sink);
    }
    event->purpose = call->purpose;
    event->pattern = call->pattern;
    event->table = call->table;
    event->relation = call->relation;
    event->sql = call->sql;
    event->sql_size = call->sql_size;
    event->sql_hash = operation->sql_hash;
    event->params = call->params;
    event->param_count = call->param_count;
    event->param_rows = operation->param_rows;
    event->statements = operation->statements;
    event->round_trips = operation->round_trips;
    event->rows = operation->rows;
    event->affected = operation->affected;
    event->bytes_sent = operation->bytes_sent;
    event->bytes_received = operation->bytes_received;
    event->start_ns = start_ns;
    event->elapsed_ns = elapsed_ns;
    event->error = operation->status == ROWAN_OK ? NULL : &operation->error;
    if (call->structs) {
        describe_structs(call, event);
    }
    if (db->wants_layers) {
        describe_layers(scope, operation, event);
    }
    emit(db, event, has_rows ? &batch : NULL, scope->slots, place_of_turns(scope, operation),
         except);
    if (db->wants_layers) {
        scope->entered_ns = rowan__now_ns();
    }
}

/* Keeps no more of a statement than a few words, if who takes turns asked for that. */
STRAIGHT bool put_aside(rowan_scope *scope, const rowan__call *call,
                        const rowan__operation *operation, uint64_t sequence, int64_t start_ns,
                        int64_t elapsed_ns)
{
    rowan_turns *turns = *place_of_turns(scope, operation);
    const rowan_event *event = &scope->event;
    const rowan_value *value = call->params;

    if (!turns || turns->count >= turns->room || operation->sql_hash != turns->sql_hash ||
        operation->sql_size != turns->sql_size || operation->status != ROWAN_OK ||
        call->purpose != ROWAN_PURPOSE_QUERY || call->param_count != 1 || call->param_rows > 1 ||
        call->structs || value->type != ROWAN_TYPE_INT64 || value->is_null ||
        value->as.integer == turns->value || event->site.line != turns->site.line ||
        event->site.file != turns->site.file || event->fetched_count > 0 || event->reads ||
        start_ns - turns->end_ns > turns->idle_ns) {
        return false;
    }
    turns->at[turns->count++] = (rowan_turn){value->as.integer, elapsed_ns};
    turns->sequence = sequence;
    turns->value = value->as.integer;
    turns->end_ns = start_ns + elapsed_ns;
    turns->busy_ns = scope->turned_ns += elapsed_ns;
    turns->round_trips += operation->round_trips;
    return true;
}

STRAIGHT void operation_ended(rowan_scope *scope, const rowan__call *call,
                              const rowan__operation *operation, const rowan__sink *sink,
                              uint64_t sequence, int64_t start_ns, int64_t elapsed_ns)
{
    const rowan_db *db = scope->db;

    count_operation(scope, call->purpose, operation);
    if (db->wants_layers) {
        scope->counts.driver_ns += elapsed_ns - operation->database_ns;
    }
    if (db->subscriber_count == 0) {
        return;
    }
    bool is_turn = put_aside(scope, call, operation, sequence, start_ns, elapsed_ns);
    if (!is_turn || db->subscriber_count > 1) {
        scope->event.sequence = sequence;
        emit_statement(&scope->event, call, operation, sink, start_ns, elapsed_ns,
                       is_turn ? db->turn_taker : NULL);
    }
}

void rowan__operation_ended(rowan_scope *scope, const rowan__call *call,
                            const rowan__operation *operation, const rowan__sink *sink,
                            uint64_t sequence, int64_t start_ns, int64_t elapsed_ns)
{
    operation_ended(scope, call, operation, sink, sequence, start_ns, elapsed_ns);
}

/* --- Preparing. --- */

/* Prepares a statement that no shape led to, unless its text was prepared before. */
RARE rowan_status prepare_text(rowan_scope *scope, const rowan__call *call,
                               rowan__preparation *preparation, rowan_error *error)
{
    rowan__link *link = scope->link;
    rowan__connection *connection = link->connection;
    bool timed = scope->db->wants_times;
    rowan__prepared *prepared;
    uint64_t hash;

    preparation->cached = rowan__cache_get(&link->cache, call->sql, call->sql_size, &hash);
    if (preparation->cached) {
        scope->counts.cache_hits++;
        return ROWAN_OK;
    }
    scope->counts.cache_misses++;
    uint64_t trips_before = connection->round_trips;
    int64_t start_ns = timed ? rowan__ticker_ns(&link->ticker) : 0;
    connection->deadline_ns = scope->deadline_ns;
    atomic_store_explicit(&scope->running, true, memory_order_release); /* it may wait for a lock */
    rowan_status status =
        scope->db->driver->prepare(connection, call->sql, call->sql_size, &prepared, error);
    atomic_store_explicit(&scope->running, false, memory_order_release);
    preparation->round_trips = connection->round_trips - trips_before;
    preparation->elapsed_ns = timed ? rowan__ticker_ns(&link->ticker) - start_ns : 0;
    if (status != ROWAN_OK) {
        return status;
    }
    preparation->cached = rowan__cache_put(&link->cache, call->sql, call->sql_size, hash, prepared);
    return preparation->cached ? ROWAN_OK : rowan__fail_nomem(error);
}

/* By the shape if it was prepared for it, else by the text, which several shapes may have. */
STRAIGHT rowan_status prepare_cached(rowan_scope *scope, const rowan__call *call,
                                     rowan__preparation *preparation, rowan_error *error)
{
    rowan__known *known = call->known;

    if (known && known->cached) {
        preparation->cached = known->cached;
        if (known->cached != scope->link->cache.newest) {
            rowan__cache_renew(&scope->link->cache, known->cached);
        }
        scope->counts.cache_hits++;
        return ROWAN_OK;
    }
    rowan_status status = prepare_text(scope, call, preparation, error);
    if (status == ROWAN_OK && known) {
        rowan__known_prepared(known, preparation->cached);
    }
    return status;
}

RARE rowan_status refuse_params(const rowan__call *call, const rowan__prepared *prepared,
                                rowan_error *error)
{
    return rowan__fail(error, ROWAN_MISUSE,
                       "values for the parameters of the statement: %zu wanted, %zu given",
                       prepared->param_count, call->param_count);
}

/* The layout that served last serves mostly again. A shape without a name is always looked at. */
STRAIGHT rowan_status find_layout(rowan_scope *scope, rowan__cached *cached,
                                  const rowan_table *shape, const rowan__layout **out,
                                  rowan_error *error)
{
    const rowan__layout *layout = cached->layout;

    if (layout && layout->shape == shape &&
        (!layout->is_unnamed || rowan__layout_describes(layout, shape))) {
        *out = layout;
        return ROWAN_OK;
    }
    return rowan__cached_layout(&scope->link->cache, cached, shape, out, error);
}

/* Everything but the error, which is written when there is one. */
STRAIGHT void operation_begin(rowan_scope *scope, const rowan__call *call,
                              rowan__operation *operation, rowan__preparation *preparation)
{
    *preparation = (rowan__preparation){.cached = NULL};
    operation->prepared = NULL;
    operation->sql = call->sql;
    operation->sql_size = call->sql_size;
    operation->sql_hash = 0;
    operation->params = call->params;
    operation->param_rows = call->param_rows ? call->param_rows : 1;
    operation->structs = call->structs;
    operation->sink = NULL;
    operation->batch_rows = 0;
    operation->one_row = call->one_row;
    operation->timed = scope->db->wants_layers;
    operation->deadline_ns = scope->deadline_ns;
    operation->status = ROWAN_OK;
    operation->outdated = false;
    operation->statements = operation->round_trips = 0;
    operation->rows = operation->affected = 0;
    operation->bytes_sent = operation->bytes_received = 0;
    operation->database_ns = 0;
    operation->error.status = ROWAN_OK;
    ROWAN__PROBE3(statement__start, scope->id, call->sql, call->sql_size);
}

STRAIGHT rowan_status operation_prepare(rowan_scope *scope, const rowan__call *call,
                                        rowan__operation *operation, rowan__sink *sink,
                                        rowan__arena *arena, rowan__preparation *preparation)
{
    operation_begin(scope, call, operation, preparation);
    if (call->direct) {
        return ROWAN_OK;
    }
    rowan_status status = prepare_cached(scope, call, preparation, &operation->error);
    rowan__cached *cached = preparation->cached;
    if (status == ROWAN_OK && call->param_count != cached->prepared->param_count &&
        !call->structs) {
        status = refuse_params(call, cached->prepared, &operation->error);
    }
    if (status == ROWAN_OK && call->wants_rows) {
        *sink = (rowan__sink){.arena = arena, .error = &operation->error};
        status = find_layout(scope, cached, call->shape, &sink->layout, &operation->error);
        operation->sink = sink;
    }
    if (status != ROWAN_OK) {
        preparation->cached = NULL;
        operation->status = status;
        return status;
    }
    cached->pins++;
    operation->prepared = cached->prepared;
    operation->sql_hash = cached->hash;
    return ROWAN_OK;
}

rowan_status rowan__operation_prepare(rowan_scope *scope, const rowan__call *call,
                                      rowan__operation *operation, rowan__sink *sink,
                                      rowan__arena *arena, rowan__preparation *preparation)
{
    return operation_prepare(scope, call, operation, sink, arena, preparation);
}

void rowan__operation_add(const rowan_scope *scope, rowan__operation *operation,
                          const rowan__preparation *preparation)
{
    operation->round_trips += preparation->round_trips;
    operation->database_ns =
        scope->db->wants_layers ? operation->database_ns + preparation->elapsed_ns : 0;
}

/* --- Before and after. --- */

static void set_link(rowan_scope *scope, rowan__link *link)
{
    pthread_mutex_lock(&scope->link_lock);
    scope->link = link;
    pthread_mutex_unlock(&scope->link_lock);
    scope->event.connection_id = link ? link->id : 0;
}

/* A broken connection outside a transaction is replaced at the next statement. */
static void drop_broken_link(rowan_scope *scope)
{
    rowan__link *link = scope->link;

    if (link && link->broken && scope->depth == 0) {
        set_link(scope, NULL);
        rowan__pool_release(scope->db, scope, link);
    }
}

RARE rowan_status make_ready(rowan_scope *scope)
{
    if (scope->stream) {
        return rowan__scope_fail(
            scope, ROWAN_BUSY,
            "a stream is open on this scope: read it to its end or close it first");
    }
    if (atomic_load_explicit(&scope->running, memory_order_relaxed)) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "another thread is at work with this scope: begin one for each "
                                 "thread");
    }
    if (scope->transaction_lost) {
        return rowan__scope_fail(
            scope, ROWAN_MISUSE,
            "the transaction is gone since an earlier error: call rowan_rollback() first");
    }
    if (scope->deadline_ns && rowan__now_ns() >= scope->deadline_ns) {
        return rowan__scope_fail(scope, ROWAN_TIMEOUT,
                                 "the scope's deadline had passed: nothing was sent");
    }
    drop_broken_link(scope);
    if (scope->link) {
        return ROWAN_OK;
    }
    rowan__link *link;
    rowan_error error;
    rowan_status status = rowan__pool_acquire(scope->db, scope, &link, &error);
    if (status != ROWAN_OK) {
        return rowan__scope_fail_with(scope, &error);
    }
    set_link(scope, link);
    return ROWAN_OK;
}

/* Whether anything is to be seen to before a statement: nearly always nothing is, in one look. */
STRAIGHT bool is_hindered(const rowan_scope *scope)
{
    return ((uintptr_t)scope->stream | (uint64_t)scope->deadline_ns | scope->transaction_lost |
            scope->link->broken | atomic_load_explicit(&scope->running, memory_order_relaxed)) != 0;
}

STRAIGHT rowan_status ready(rowan_scope *scope)
{
    return scope->link && !is_hindered(scope) ? ROWAN_OK : make_ready(scope);
}

rowan_status rowan__scope_ready(rowan_scope *scope)
{
    return ready(scope);
}

rowan_status rowan__scope_failed(rowan_scope *scope, const rowan__operation *operation)
{
    const rowan_error *error = &operation->error;
    bool gone = error->fate == ROWAN_FATE_ROLLED_BACK || error->fate == ROWAN_FATE_UNKNOWN;

    if (!error->connection_usable && scope->link) {
        scope->link->broken = true;
        gone = true;
    }
    if (gone && scope->depth > 0) {
        scope->transaction_lost = true;
    }
    scope->error = *error;
    if (!gone && scope->depth > 0 && error->fate == ROWAN_FATE_NONE) {
        scope->error.fate = ROWAN_FATE_OPEN; /* it failed before anything was sent */
    }
    return error->status;
}

bool rowan__scope_tells_keys(rowan_scope *scope, const rowan_column *key)
{
    const rowan__driver *driver = scope->db->driver;

    return driver->tells_keys && ready(scope) == ROWAN_OK &&
           driver->tells_keys(scope->link->connection, key);
}

size_t rowan__scope_most_bytes(rowan_scope *scope)
{
    enum { AROUND = 64 };
    size_t most = ready(scope) == ROWAN_OK ? scope->link->connection->most_bytes : 0;

    return most > AROUND ? most - AROUND : SIZE_MAX;
}

/* --- Sending. --- */

STRAIGHT void unpin(shipment *shipments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (shipments[i].preparation.cached) {
            shipments[i].preparation.cached->pins--;
            shipments[i].preparation.cached = NULL;
        }
    }
}

/*
 * Takes outdated statements out of the cache, so that they are prepared anew. Of a group that was
 * undone as a whole more than one may be outdated, and several operations may share one: it goes
 * with its last pin.
 */
RARE void drop_outdated(rowan_scope *scope, const rowan__operation *operations, shipment *shipments,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!operations[i].outdated) {
            unpin(&shipments[i], 1);
        }
    }
    for (size_t i = 0; i < count; i++) {
        rowan__cached *cached = shipments[i].preparation.cached;
        shipments[i].preparation.cached = NULL;
        if (cached && --cached->pins == 0) {
            rowan__cache_drop(&scope->link->cache, cached);
        }
    }
}

STRAIGHT int64_t send_group(rowan_scope *scope, rowan__operation *operations, size_t count,
                            int64_t *start_ns)
{
    bool timed = scope->db->wants_times;
    rowan__link *link = scope->link;

    *start_ns = timed ? rowan__ticker_ns(&link->ticker) : 0;
    atomic_store_explicit(&scope->running, true, memory_order_release);
    scope->db->driver->run(link->connection, operations, count);
    atomic_store_explicit(&scope->running, false, memory_order_release);
    return timed ? rowan__ticker_ns(&link->ticker) - *start_ns : 0;
}

int64_t rowan__send(rowan_scope *scope, rowan__operation *operations, size_t count,
                    int64_t *start_ns)
{
    return send_group(scope, operations, count, start_ns);
}

/* What came of a statement that went well. */
STRAIGHT rowan_status give(rowan_scope *scope, const rowan__call *call,
                           const rowan__operation *operation, const rowan__sink *sink,
                           rowan__result *result)
{
    result->affected = operation->affected;
    result->block = NULL;
    if (!call->wants_rows) {
        result->rows = (rowan_rows){NULL, 0};
        result->column_count = 0;
        return ROWAN_OK;
    }
    result->rows = (rowan_rows){sink->rows, sink->count};
    result->column_count = sink->layout->count;
    result->columns = sink->layout->columns;
    /* Rows of a shape without a name are never written and have no relations. */
    if (!call->shape || sink->layout->is_unnamed || sink->count == 0) {
        return ROWAN_OK;
    }
    return rowan__block_new(scope, call->shape, sink->rows, sink->count, sink->layout->columns,
                            call->lazy == ROWAN_LAZY_DEFAULT ? scope->db->lazy : call->lazy,
                            &result->block);
}

/* Prepares operations from `first` on; the status of the first that cannot be is its own. */
STRAIGHT size_t prepare_group(rowan_scope *scope, const rowan__call *calls, size_t first,
                              size_t count, rowan__operation *operations, shipment *shipments)
{
    for (size_t i = first; i < count; i++) {
        if (operation_prepare(scope, &calls[i], &operations[i], &shipments[i].sink, &scope->arena,
                              &shipments[i].preparation) != ROWAN_OK) {
            return i;
        }
        if (count > 1) { /* only the driver can tell whose time it is in one round trip */
            operations[i].timed = scope->db->wants_times;
        }
    }
    return count;
}

/* Of a group each call may load something else, which the event of its statement says. */
STRAIGHT void tell_fetched(rowan_scope *scope, size_t index)
{
    if (scope->fetched_each) {
        scope->event.fetched = &scope->fetched_each[index];
        scope->event.fetched_count = scope->fetched_each[index] ? 1 : 0;
    }
}

/* Counts operations that were sent, when nobody wants to know more, up to the first that failed. */
STRAIGHT size_t count_group(rowan_scope *scope, const rowan__call *calls, size_t first,
                            size_t count, rowan__operation *operations, const shipment *shipments)
{
    for (size_t i = first; i < count; i++) {
        operations[i].round_trips += shipments[i].preparation.round_trips;
        scope->sequence++;
        count_operation(scope, calls[i].purpose, &operations[i]);
        if (operations[i].status != ROWAN_OK) {
            return i;
        }
    }
    return count;
}

/*
 * Counts and emits operations that were sent, up to the first that failed; its index, or `count`. A
 * pipeline's time cannot be told apart: its first statement carries all that was not spent in the
 * database.
 */
STRAIGHT size_t report_group(rowan_scope *scope, const rowan__call *calls, size_t first,
                             size_t count, rowan__operation *operations, const shipment *shipments,
                             int64_t start_ns, int64_t elapsed_ns)
{
    if (scope->db->subscriber_count == 0 && !scope->db->wants_layers) {
        return count_group(scope, calls, first, count, operations, shipments);
    }
    for (size_t i = first; i < count; i++) {
        elapsed_ns -= operations[i].database_ns;
    }
    for (size_t i = first; i < count; i++) {
        int64_t own_ns = operations[i].database_ns + shipments[i].preparation.elapsed_ns +
                         (i == first ? elapsed_ns : 0);
        rowan__operation_add(scope, &operations[i], &shipments[i].preparation);
        tell_fetched(scope, i);
        operation_ended(scope, &calls[i], &operations[i], operations[i].sink, ++scope->sequence,
                        start_ns, own_ns);
        if (operations[i].status != ROWAN_OK) {
            return i;
        }
    }
    return count;
}

/* The first operation from `first` on that did not go well, or `count`. */
STRAIGHT size_t first_failed(const rowan__operation *operations, size_t first, size_t count)
{
    while (first < count && operations[first].status == ROWAN_OK) {
        first++;
    }
    return first;
}

/* What cannot be prepared fails as the driver would have it fail: counted, seen, nothing sent. */
RARE rowan_status fail_unprepared(rowan_scope *scope, const rowan__call *call,
                                  rowan__operation *operation,
                                  const rowan__preparation *preparation)
{
    int64_t now_ns = scope->db->wants_times ? rowan__now_ns() : 0;

    rowan__operation_add(scope, operation, preparation);
    rowan__operation_ended(scope, call, operation, NULL, ++scope->sequence, now_ns,
                           preparation->elapsed_ns);
    return rowan__scope_failed(scope, operation);
}

/*
 * Reports a group of which one failed. If that was because it was outdated, it is to be prepared
 * anew.
 *
 * @param again  gets the first one that is to be run again, if any; NULL: none may be
 */
RARE rowan_status fail_group(rowan_scope *scope, const rowan__call *calls, size_t first,
                             size_t count, rowan__operation *operations, shipment *shipments,
                             int64_t start_ns, int64_t elapsed_ns, size_t *again)
{
    size_t failed = first_failed(operations, first, count);
    bool is_outdated = operations[failed].outdated;
    bool renews = again && is_outdated && operations[failed].error.fate != ROWAN_FATE_MUST_ROLLBACK;

    report_group(scope, calls, first, renews ? failed : count, operations, shipments, start_ns,
                 elapsed_ns);
    for (size_t i = renews ? failed : failed + 1; i < count; i++) {
        count_operation(scope, calls[i].purpose, &operations[i]); /* of no event */
    }
    if (is_outdated) {
        drop_outdated(scope, operations + failed, shipments + failed, count - failed);
    }
    if (renews) {
        *again = failed;
        return ROWAN_OK;
    }
    return rowan__scope_failed(scope, &operations[failed]);
}

/* Prepares, sends and reports. @p again: as fail_group(), NULL: the last time. */
STRAIGHT rowan_status run_group(rowan_scope *scope, const rowan__call *calls, size_t first,
                                size_t count, rowan__operation *operations, shipment *shipments,
                                size_t *again)
{
    int64_t start_ns;
    size_t prepared = prepare_group(scope, calls, first, count, operations, shipments);

    if (prepared < count) {
        tell_fetched(scope, prepared);
        return fail_unprepared(scope, &calls[prepared], &operations[prepared],
                               &shipments[prepared].preparation);
    }
    int64_t elapsed_ns = send_group(scope, operations + first, count - first, &start_ns);
    if (first_failed(operations, first, count) < count) {
        return fail_group(scope, calls, first, count, operations, shipments, start_ns, elapsed_ns,
                          again);
    }
    report_group(scope, calls, first, count, operations, shipments, start_ns, elapsed_ns);
    return ROWAN_OK;
}

/* Runs the rest again, from the one at `again` on. */
RARE rowan_status run_again(rowan_scope *scope, const rowan__call *calls, size_t again,
                            size_t count, rowan__operation *operations, shipment *shipments)
{
    rowan_status status = ROWAN_OK;

    for (size_t left = count; again < count; left--) {
        size_t first = again;
        again = count;
        status =
            run_group(scope, calls, first, count, operations, shipments, left > 1 ? &again : NULL);
    }
    return status;
}

RARE void undo(rowan_scope *scope, rowan__arena_mark mark, uint64_t block_order,
               rowan__result *results, size_t count)
{
    memset(results, 0, count * sizeof *results);
    rowan__block_index_rewind(&scope->blocks, block_order);
    rowan__arena_rewind(&scope->arena, &mark);
}

STRAIGHT rowan_status execute(rowan_scope *scope, const rowan__call *calls, size_t count,
                              rowan__operation *operations, shipment *shipments,
                              rowan__result *results)
{
    rowan__arena_mark mark = rowan__arena_mark_now(&scope->arena);
    uint64_t block_order = scope->blocks.next_order;
    size_t again = count;

    for (size_t i = 0; i < count; i++) {
        shipments[i].preparation.cached = NULL;
    }
    rowan_status status = run_group(scope, calls, 0, count, operations, shipments, &again);
    if (again < count) {
        status = run_again(scope, calls, again, count, operations, shipments);
    }
    for (size_t i = 0; i < count && status == ROWAN_OK; i++) {
        status = give(scope, &calls[i], &operations[i], &shipments[i].sink, &results[i]);
    }
    unpin(shipments, count);
    if (status != ROWAN_OK) {
        undo(scope, mark, block_order, results, count);
    }
    return status;
}

rowan_status rowan__execute_group(rowan_scope *scope, const rowan__call *calls, size_t count,
                                  rowan__result *results, size_t *failed)
{
    rowan__operation small_operations[SMALL_GROUP], *operations = small_operations;
    shipment small_shipments[SMALL_GROUP], *shipments = small_shipments;
    const rowan_allocator *allocator = &scope->db->allocator;
    rowan_status status = ready(scope);

    *failed = count;
    if (count == 0) {
        return status;
    }
    if (count > SMALL_GROUP) {
        operations = rowan__alloc(allocator, count, sizeof *operations);
        shipments = rowan__alloc(allocator, count, sizeof *shipments);
    }
    if (status == ROWAN_OK && (!operations || !shipments)) {
        status = rowan__scope_nomem(scope);
    }
    if (status == ROWAN_OK) {
        status = execute(scope, calls, count, operations, shipments, results);
        *failed = status == ROWAN_OK ? count : first_failed(operations, 0, count);
    } else {
        memset(results, 0, count * sizeof *results);
    }
    if (count > SMALL_GROUP) {
        rowan__free(allocator, operations, count, sizeof *operations);
        rowan__free(allocator, shipments, count, sizeof *shipments);
    }
    return status;
}

rowan_status rowan__execute(rowan_scope *scope, const rowan__call *calls, size_t count,
                            rowan__result *results)
{
    rowan__operation operation;
    shipment shipped;
    size_t failed;

    if (count != 1) {
        return rowan__execute_group(scope, calls, count, results, &failed);
    }
    rowan_status status = ready(scope);
    if (status != ROWAN_OK) {
        memset(results, 0, sizeof *results);
        return status;
    }
    return execute(scope, calls, 1, &operation, &shipped, results);
}
