/*
 * Which statements belong together.
 *
 * A scope is what the recorder says it is. Where it says nothing, it is what a comment in the texts
 * says, and without one what a connection does until nothing runs on it for three seconds.
 * Statements of two databases are never put together, nor those before and after a connection
 * turned to another schema or role: the same text then means other tables.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "base/comment.h"
#include "detector/fold.h"
#include "report/analysis.h"

static const int64_t episode_idle_ns = 3000000000;

/* What is known of a connection while its statements pass by. */
typedef struct connection {
    uint64_t key;
    uint64_t epoch;   /* of the names in its texts: another one when they mean something else */
    uint64_t episode; /* raised when it was idle */
    uint64_t transaction_trace; /* the trace's id that its BEGIN carries, until it ends; or 0 */
    int64_t busy_until_ns;
} connection;

typedef struct connections {
    const rowan_allocator *allocator;
    connection *at;
    size_t count, capacity;
} connections;

static uint64_t hash_of(uint64_t seed, const char *text)
{
    return text != NULL ? XXH3_64bits_withSeed(text, strlen(text), seed + 1) : seed * 31 + 7;
}

static connection *connection_of(connections *all, const rowan__traced *statement)
{
    uint64_t key = hash_of(hash_of(1, statement->connection), statement->thread);

    for (size_t i = all->count; i-- > 0;) {
        if (all->at[i].key == key) {
            return &all->at[i];
        }
    }
    if (!rowan__grow(all->allocator, (void **)&all->at, &all->capacity, all->count,
                     sizeof *all->at)) {
        return NULL;
    }
    all->at[all->count] = (connection){.key = key, .busy_until_ns = statement->start_ns};
    return &all->at[all->count++];
}

static bool begins_with(const char *text, const char *words)
{
    for (; *words != '\0'; text++, words++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c != *words) {
            return false;
        }
    }
    return true;
}

/* Where a text goes on behind its leading white space and comments. */
static const char *start_of(const rowan__traced *statement)
{
    const char *at = statement->sql + strspn(statement->sql, " \t\r\n"), *end;

    while (at[0] == '/' && at[1] == '*' && at[2] != '!' && (end = strstr(at + 2, "*/")) != NULL) {
        at = end + 2 + strspn(end + 2, " \t\r\n");
    }
    return at;
}

/* The schemas that a call chooses, SELECT set_config('search_path', …), as a hash; 0 if none. */
static uint64_t chosen_by_call(const rowan__traced *statement)
{
    const char *sql = start_of(statement), *call;
    const rowan_value path = rowan_v_text("search_path");
    bool is_about_names;
    uint64_t hash;

    if (!begins_with(sql, "select ") || (call = strstr(sql, "set_config")) == NULL) {
        return 0;
    }
    is_about_names = strstr(call, "'search_path'") != NULL || strstr(call, "'role'") != NULL;
    hash = hash_of(5, sql);
    for (size_t i = 0; i < statement->param_count; i++) {
        uint64_t key = rowan__key_value(&statement->params[i]);
        is_about_names = is_about_names || key == rowan__key_value(&path);
        hash = rowan__key_mix(hash, key);
    }
    return is_about_names ? hash : 0;
}

/*
 * What the names in the texts after this statement mean: a schema or database that was chosen
 * before and is chosen again means the same.
 */
static uint64_t epoch_after(uint64_t epoch, const rowan__traced *statement)
{
    static const char *const chosen[] = {"set search_path",
                                         "set session search_path",
                                         "set local search_path",
                                         "set schema",
                                         "set role",
                                         "use "};
    const char *sql = start_of(statement);
    uint64_t called = chosen_by_call(statement);

    if (called != 0) {
        return called;
    }
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++) {
        if (begins_with(sql, chosen[i])) {
            return hash_of(5, sql);
        }
    }
    return begins_with(sql, "discard all") || begins_with(sql, "reset search_path") ||
                   begins_with(sql, "reset all")
               ? 0
               : epoch;
}

/* The trace's id that a comment in the text carries; 0 if there is none. */
static uint64_t trace_id_of(const rowan__traced *statement)
{
    rowan__traceparent parent;

    return rowan__traceparent_in(statement->sql, &parent) ? hash_of(6, parent.trace_id) : 0;
}

/*
 * A comment behind BEGIN is about all of the transaction: the texts between it and its end are
 * prepared, so that they cannot have one. @return the id that a statement's own text or its
 * transaction carries
 */
static uint64_t follow_transaction(connection *on, const rowan__traced *statement)
{
    const char *sql = start_of(statement);
    uint64_t own = trace_id_of(statement), of_transaction;

    if (begins_with(sql, "begin") || begins_with(sql, "start transaction")) {
        on->transaction_trace = own;
    }
    of_transaction = on->transaction_trace;
    if (begins_with(sql, "commit") || begins_with(sql, "end") ||
        (begins_with(sql, "rollback") && !begins_with(sql, "rollback to"))) {
        on->transaction_trace = 0;
    }
    return own != 0 ? own : of_transaction;
}

/* What the recorder says; else what the text says; else what the connection does at a time. */
static uint64_t unit_of(connection *on, const rowan__traced *statement)
{
    uint64_t trace_id = statement->scope == NULL ? follow_transaction(on, statement) : 0;

    if (statement->scope != NULL) {
        return hash_of(2, statement->scope);
    }
    return trace_id != 0 ? trace_id
                         : hash_of(3, NULL) ^ (on->key + on->episode * 0x9E3779B97F4A7C15u);
}

static uint64_t scope_of(connection *on, const rowan__traced *statement)
{
    int64_t end_ns = statement->start_ns + statement->elapsed_ns;
    uint64_t scope;

    if (statement->start_ns - on->busy_until_ns > episode_idle_ns) {
        on->episode++;
    }
    if (end_ns > on->busy_until_ns) {
        on->busy_until_ns = end_ns;
    }
    scope = hash_of(unit_of(on, statement), statement->database) + on->epoch;
    on->epoch = epoch_after(on->epoch, statement);
    on->episode += begins_with(start_of(statement), "discard all");
    return scope;
}

static int by_time(const void *a, const void *b)
{
    const rowan__placed *x = a, *y = b;

    if (x->statement->start_ns != y->statement->start_ns) {
        return x->statement->start_ns < y->statement->start_ns ? -1 : 1;
    }
    if (x->statement->seq != y->statement->seq) {
        return x->statement->seq < y->statement->seq ? -1 : 1;
    }
    return x->statement->line < y->statement->line ? -1 : x->statement->line > y->statement->line;
}

static int by_scope(const void *a, const void *b)
{
    const rowan__placed *x = a, *y = b;

    if (x->scope != y->scope) {
        return x->scope < y->scope ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

rowan_status rowan__scopes_find(const rowan__trace *trace, const rowan_allocator *allocator,
                                rowan__placed *out)
{
    connections all = {.allocator = allocator};
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < trace->count; i++) {
        out[i] = (rowan__placed){.statement = &trace->at[i]};
    }
    qsort(out, trace->count, sizeof *out, by_time);
    for (size_t i = 0; i < trace->count && status == ROWAN_OK; i++) {
        connection *on = connection_of(&all, out[i].statement);
        status = on != NULL ? ROWAN_OK : ROWAN_NOMEM;
        if (status == ROWAN_OK) {
            out[i].order = i;
            out[i].scope = scope_of(on, out[i].statement);
        }
    }
    rowan__free(allocator, all.at, all.capacity, sizeof *all.at);
    qsort(out, trace->count, sizeof *out, by_scope);
    return status;
}
