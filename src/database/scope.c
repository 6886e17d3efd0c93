/*
 * Scopes: one unit of work each, with its connection, memory, error and counts.
 */
#include <stdio.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/probe.h"
#include "base/straight.h"
#include "database/database_private.h"
#include "database/fetched.h"

static void emit_scope(rowan_scope *scope, rowan_event_kind kind)
{
    if (scope->db->subscriber_count == 0) {
        return;
    }
    rowan_event event = {
        .kind = kind,
        .scope = scope,
        .scope_id = scope->id,
        .scope_name = scope->name,
        .engine = scope->db->driver->dialect->engine,
        .sequence = scope->sequence,
        .site = scope->event.site,
        .start_ns = scope->db->wants_times ? rowan__now_ns() : 0,
    };
    rowan__emit(scope->db, &event, NULL);
}

static void scope_free(rowan_scope *scope)
{
    const rowan_allocator *allocator = &scope->db->allocator;

    rowan__tags_fini(scope);
    rowan__fetched_fini(scope);
    rowan__block_index_fini(&scope->blocks, allocator);
    rowan__arena_fini(&scope->arena);
    rowan__text_fini(&scope->scratch);
    rowan__free(allocator, scope->params, scope->param_capacity, sizeof *scope->params);
    rowan__free(allocator, scope->marks, scope->mark_capacity, sizeof *scope->marks);
    rowan__free(allocator, scope->name, scope->name ? strlen(scope->name) + 1 : 0, 1);
    pthread_mutex_destroy(&scope->link_lock);
    rowan__free(allocator, scope, 1, sizeof *scope);
}

rowan_status rowan_scope_begin(rowan_db *db, const char *name, rowan_scope **out,
                               rowan_error *error)
{
    static atomic_uint_fast64_t last_id;

    if (out) {
        *out = NULL;
    }
    if (!db || !name || !out) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "the database, the scope's name or the place for the scope is NULL");
    }
    size_t name_size = strlen(name) + 1;
    rowan_scope *scope = rowan__new(&db->allocator, 1, sizeof *scope);
    if (!scope) {
        return rowan__fail_nomem(error);
    }
    scope->db = db;
    rowan__arena_init(&scope->arena, &db->allocator);
    rowan__text_init(&scope->scratch, &db->allocator);
    pthread_mutex_init(&scope->link_lock, NULL);
    rowan__block_index_init(&scope->blocks);
    scope->name = rowan__new(&db->allocator, name_size, 1);
    if (!scope->name) {
        scope_free(scope);
        return rowan__fail_nomem(error);
    }
    memcpy(scope->name, name, name_size);
    scope->id = atomic_fetch_add(&last_id, 1) + 1;
    scope->next_mark = 1;
    scope->event = (rowan_event){.kind = ROWAN_EVENT_STATEMENT,
                                 .scope = scope,
                                 .scope_id = scope->id,
                                 .scope_name = scope->name,
                                 .engine = db->driver->dialect->engine};
    pthread_mutex_lock(&db->lock);
    db->scope_count++;
    pthread_mutex_unlock(&db->lock);
    ROWAN__PROBE2(scope__begin, scope->id, scope->name);
    emit_scope(scope, ROWAN_EVENT_SCOPE_BEGIN);
    *out = scope;
    return ROWAN_OK;
}

static void add_counts(rowan_counts *sum, const rowan_counts *more)
{
    sum->statements += more->statements;
    sum->transactions += more->transactions;
    sum->setups += more->setups;
    sum->round_trips += more->round_trips;
    sum->rows += more->rows;
    sum->affected += more->affected;
    sum->bytes_sent += more->bytes_sent;
    sum->bytes_received += more->bytes_received;
    sum->cache_hits += more->cache_hits;
    sum->cache_misses += more->cache_misses;
    sum->driver_ns += more->driver_ns;
    sum->database_ns += more->database_ns;
}

/* Takes a scope out of its database. @return whether the database has to go with it. */
static bool leave_database(rowan_scope *scope)
{
    rowan_db *db = scope->db;

    pthread_mutex_lock(&db->lock);
    add_counts(&db->counts, &scope->counts);
    bool last = --db->scope_count == 0 && db->closing;
    pthread_mutex_unlock(&db->lock);
    return last;
}

/* Rolls back what is open; if that fails, the connection is closed, and the server rolls back. */
static void end_transaction(rowan_scope *scope)
{
    if (scope->depth == 0 || !scope->link) {
        return;
    }
    scope->depth = 1;
    scope->deadline_ns = 0;
    if (!scope->transaction_lost && (rowan_rollback)(scope) != ROWAN_OK) {
        scope->link->broken = true;
    }
}

void rowan_scope_end(rowan_scope *scope)
{
    if (!scope) {
        return;
    }
    rowan_db *db = scope->db;
    rowan_stream_close(scope->stream);
    end_transaction(scope);
    emit_scope(scope, ROWAN_EVENT_SCOPE_END);
    ROWAN__PROBE3(scope__end, scope->id, scope->name, scope->counts.statements);
    pthread_mutex_lock(&scope->link_lock);
    rowan__link *link = scope->link;
    scope->link = NULL;
    pthread_mutex_unlock(&scope->link_lock);
    if (link) {
        rowan__pool_release(db, scope, link);
    }
    bool last = leave_database(scope);
    scope_free(scope);
    if (last) {
        rowan__db_free(db);
    }
}

/* --- Small things. --- */

const rowan_error *rowan_scope_error(const rowan_scope *scope)
{
    static const rowan_error no_scope = {
        .status = ROWAN_MISUSE,
        .message = "the scope is NULL: see what rowan_scope_begin() returned"};

    return scope ? &scope->error : &no_scope;
}

rowan_counts rowan_scope_counts(const rowan_scope *scope)
{
    return scope ? scope->counts : (rowan_counts){0};
}

rowan_db *rowan_scope_db(const rowan_scope *scope)
{
    return scope ? scope->db : NULL;
}

rowan_scope *rowan_scope_at(rowan_scope *scope, const char *file, int line, const char *function)
{
    if (!scope) {
        return NULL;
    }
    scope->event.site = (rowan_site){file, line, function};
    scope->entered_ns = scope->db->wants_layers ? rowan__now_ns() : 0;
    return scope;
}

void *rowan_scope_alloc(rowan_scope *scope, size_t size)
{
    return scope ? rowan__arena_alloc(&scope->arena, size, _Alignof(max_align_t)) : NULL;
}

char *rowan_scope_strdup(rowan_scope *scope, const char *text)
{
    return scope && text ? rowan__arena_text(&scope->arena, text, strlen(text)) : NULL;
}

void rowan_scope_deadline(rowan_scope *scope, unsigned ms)
{
    if (scope) {
        scope->deadline_ns = ms ? rowan__now_ns() + (int64_t)ms * 1000000 : 0;
    }
}

rowan_status rowan_scope_cancel(rowan_scope *scope, rowan_error *error)
{
    rowan_status status = ROWAN_OK;

    if (!scope) {
        return rowan__fail(error, ROWAN_MISUSE, "the scope is NULL");
    }
    pthread_mutex_lock(&scope->link_lock);
    if (scope->link && atomic_load_explicit(&scope->running, memory_order_acquire)) {
        status = scope->db->driver->cancel(scope->link->connection, error);
    }
    pthread_mutex_unlock(&scope->link_lock);
    return status;
}

/* --- Marks. --- */

static bool same_place(const rowan__saved_mark *saved, rowan__arena_mark now)
{
    return saved->arena.chunk == now.chunk && saved->arena.next == now.next &&
           saved->arena.cleanups == now.cleanups;
}

rowan_mark rowan_scope_mark(rowan_scope *scope)
{
    if (!scope) {
        return (rowan_mark){{0}};
    }
    /* Going back to before the first memory is the long way round, so that there is some. */
    (void)rowan__arena_alloc(&scope->arena, 0, 1);
    rowan__arena_mark now = rowan__arena_mark_now(&scope->arena);

    if (scope->mark_count == 0 || !same_place(&scope->marks[scope->mark_count - 1], now)) {
        if (!rowan__grow(&scope->db->allocator, (void **)&scope->marks, &scope->mark_capacity,
                         scope->mark_count, sizeof *scope->marks)) {
            return (rowan_mark){{scope->id, 0, 0, 1}};
        }
        scope->marks[scope->mark_count++] =
            (rowan__saved_mark){now, scope->blocks.next_order, scope->next_mark++};
    }
    size_t newest = scope->mark_count - 1;
    return (rowan_mark){{scope->id, newest, scope->marks[newest].serial, 0}};
}

static __attribute__((noinline)) rowan_status refuse_mark(rowan_scope *scope, bool was_taken)
{
    if (!was_taken) {
        return rowan__scope_nomem(scope); /* there was no memory to take it */
    }
    return rowan__scope_fail(scope, ROWAN_MISUSE,
                             "the mark is not of this scope, or an earlier mark was rewound to");
}

static __attribute__((noinline)) rowan_status refuse_rewind(rowan_scope *scope)
{
    return rowan__scope_fail(scope, ROWAN_BUSY, "a %s of this scope still holds rows: end it first",
                             scope->session ? "session" : "stream");
}

rowan_status rowan_scope_rewind(rowan_scope *scope, rowan_mark mark)
{
    if (!scope) {
        return ROWAN_MISUSE;
    }
    size_t index = (size_t)mark.opaque[1];
    bool is_own = mark.opaque[0] == scope->id;

    if (!is_own || mark.opaque[3] != 0 || index >= scope->mark_count ||
        scope->marks[index].serial != mark.opaque[2]) {
        return refuse_mark(scope, !is_own || mark.opaque[3] == 0);
    }
    if (scope->session || scope->stream) {
        return refuse_rewind(scope);
    }
    const rowan__saved_mark *saved = &scope->marks[index];
    if (scope->blocks.next_order != saved->block_order) {
        rowan__block_index_rewind(&scope->blocks, saved->block_order);
    }
    rowan__arena_rewind(&scope->arena, &saved->arena);
    scope->mark_count = index + 1;
    return ROWAN_OK;
}

/* --- Subscribers. --- */

void **rowan_scope_slot(rowan_scope *scope, const rowan_subscriber *subscriber)
{
    for (size_t i = 0; scope && i < scope->db->subscriber_count; i++) {
        if (scope->db->subscribers[i] == subscriber) {
            return &scope->slots[i];
        }
    }
    return NULL;
}

const rowan_subscriber *rowan_scope_subscriber(rowan_scope *scope,
                                               void (*on_event)(void *context,
                                                                const rowan_event *event))
{
    for (size_t i = 0; scope && i < scope->db->subscriber_count; i++) {
        if (scope->db->subscribers[i]->on_event == on_event) {
            return scope->db->subscribers[i];
        }
    }
    return NULL;
}

/* --- For the rooms above. --- */

rowan_status rowan__scope_fail(rowan_scope *scope, rowan_status status, const char *format, ...)
{
    char message[sizeof scope->error.message];
    va_list arguments;

    if (!scope) {
        return status;
    }
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    rowan__fail(&scope->error, status, "%s", message);
    scope->error.fate = scope->depth == 0         ? ROWAN_FATE_NONE
                        : scope->transaction_lost ? ROWAN_FATE_ROLLED_BACK
                                                  : ROWAN_FATE_OPEN;
    return status;
}

rowan_status rowan_scope_report(rowan_scope *scope, rowan_status status, const char *message)
{
    return rowan__scope_fail(scope, status, "%s", message ? message : "");
}

rowan_status rowan__refuse_null(rowan_scope *scope, const char *what)
{
    return rowan__scope_fail(scope, ROWAN_MISUSE, "%s is NULL", what);
}

rowan_status rowan__scope_nomem(rowan_scope *scope)
{
    return rowan__scope_fail(scope, ROWAN_NOMEM, "out of memory");
}

rowan_status rowan__scope_fail_with(rowan_scope *scope, const rowan_error *error)
{
    scope->error = *error;
    return error->status;
}

rowan__arena *rowan__scope_arena(rowan_scope *scope)
{
    return &scope->arena;
}

const rowan_allocator *rowan__scope_allocator(const rowan_scope *scope)
{
    return &scope->db->allocator;
}

const rowan__dialect *rowan__scope_dialect(const rowan_scope *scope)
{
    return scope->db->driver->dialect;
}

rowan_site rowan__scope_site(const rowan_scope *scope)
{
    return scope->event.site;
}

rowan_lazy rowan__scope_lazy(const rowan_scope *scope)
{
    return scope->db->lazy;
}

void **rowan__scope_session(rowan_scope *scope)
{
    return &scope->session;
}

rowan__text *rowan__scope_scratch(rowan_scope *scope)
{
    return &scope->scratch;
}

RARE rowan_value *grow_params(rowan_scope *scope, size_t count)
{
    size_t capacity = scope->param_capacity ? scope->param_capacity : 16;
    while (capacity < count) {
        capacity *= 2;
    }
    rowan_value *grown = rowan__new(&scope->db->allocator, capacity, sizeof *grown);
    if (!grown) {
        rowan__scope_nomem(scope);
        return NULL;
    }
    if (scope->params) {
        memcpy(grown, scope->params, scope->param_capacity * sizeof *grown);
    }
    rowan__free(&scope->db->allocator, scope->params, scope->param_capacity, sizeof *grown);
    scope->params = grown;
    scope->param_capacity = capacity;
    return grown;
}

rowan_value *rowan__scope_params(rowan_scope *scope, size_t count)
{
    return count <= scope->param_capacity ? scope->params : grow_params(scope, count);
}
