/*
 * Which statements belong together.
 *
 * A scope is what the recorder says it is. Where it says nothing, it is what one connection does
 * until nothing runs on it for three seconds. Statements of two databases are never put together,
 * nor those before and after a connection turned to another schema or role: the same text then
 * means other tables.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "report/analysis.h"

static const int64_t episode_idle_ns = 3000000000;

/* What is known of a connection while its statements pass by. */
typedef struct connection {
    uint64_t key;
    uint64_t epoch;   /* raised when the names in a text begin to mean something else */
    uint64_t episode; /* raised when it was idle */
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

/* Whether the names in the texts after this one mean other things than before. */
static bool turns(const rowan__traced *statement)
{
    static const char *const words[] = {
        "set search_path", "set session search_path", "set local search_path", "set schema",
        "set role",        "reset search_path",       "discard all",           "use "};
    const char *sql = statement->sql + strspn(statement->sql, " \t\r\n");

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (begins_with(sql, words[i])) {
            return true;
        }
    }
    return false;
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
    scope = statement->scope != NULL
                ? hash_of(2, statement->scope)
                : hash_of(3, NULL) ^ (on->key + on->episode * 0x9E3779B97F4A7C15u);
    scope = hash_of(scope, statement->database) + on->epoch * 0xC2B2AE3D27D4EB4Fu;
    on->epoch += turns(statement);
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
