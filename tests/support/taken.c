/* Advice that is taken, for the tests of it. */
#include "support/taken.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/watched.h"

struct taken taken;

void taken_open(size_t engine, size_t books)
{
    taken.engine = engine;
    taken.size = books;
    taken.db = watched_open(engine, books, TAKEN_PUBLISHERS, 4);
}

/* The kinds of what is found in scopes called "name#7". */
static void list_kinds(const rowan__analysis *analysis, const char *name, char *kinds, size_t room)
{
    size_t used = 0;

    kinds[0] = '\0';
    for (size_t i = 0; i < analysis->count; i++) {
        const char *of = analysis->at[i].scope;
        if (of != NULL && strncmp(of, name, strlen(name)) == 0) {
            used += (size_t)snprintf(kinds + used, room - used, "%s ", analysis->at[i].kind);
            ck_assert_uint_lt(used, room);
        }
    }
}

void taken_close(const char *name, char *kinds, size_t room)
{
    watched_analyze(taken.db);
    list_kinds(&watched.analysis, name, kinds, room);
    watched_release();
}

void taken_begin(const char *name)
{
    ck_assert_int_eq(rowan_scope_begin(taken.db, name, &taken.scope, NULL), ROWAN_OK);
}

void taken_ok(rowan_status status)
{
    library_ok(taken.scope, status);
}

void taken_run(const char *sql, rowan_params params)
{
    taken_ok(rowan_raw_run(taken.scope, sql, params, NULL));
}

void taken_plant(int64_t fan)
{
    static rowan_value values[3 * TAKEN_MOST];

    for (size_t i = 0; i < taken.size; i++) {
        values[3 * i] = rowan_v_int64(TAKEN_NODE + (int64_t)i);
        values[3 * i + 1] = i == 0 || fan == 0 ? rowan_v_null()
                                               : rowan_v_int64(TAKEN_NODE + ((int64_t)i - 1) / fan);
        values[3 * i + 2] = rowan_v_text("x");
    }
    taken_ok(rowan_raw_run_many(taken.scope,
                                "INSERT INTO category (id, parent_id, name) VALUES (?, ?, ?)",
                                values, taken.size, NULL));
}

void taken_plant_nothing(void)
{
}

void taken_keys(const void *rows, size_t count, size_t row_size)
{
    ck_assert_uint_le(count, TAKEN_MOST);
    for (size_t i = 0; i < count; i++) {
        const char *row = (const char *)rows + i * row_size;
        taken.keys[i] = rowan_v_int64(*(const int64_t *)(const void *)row);
    }
    taken.key_count = count;
}

/* --- Trying. --- */

/* Levels of a tree of twos, and one more that is empty. */
static uint64_t depth_of(size_t nodes)
{
    uint64_t depth = 0;

    for (size_t below = 1; nodes >= below; below *= 2) {
        nodes -= below;
        depth++;
    }
    return depth + (nodes > 0);
}

static void open_for(const taken_advice *it, size_t engine, size_t size)
{
    taken_open(engine, size);
    taken.scope = library_scope(taken.db);
    it->prepare();
    rowan_scope_end(taken.scope);
}

static void check_before(const taken_advice *it)
{
    rowan_findings found;
    const char *kind;
    size_t count;

    taken_begin("before");
    it->before();
    taken_ok(rowan_scope_findings(taken.scope, &found));
    count = found.count;
    kind = count > 0 ? rowan_finding_kind_name(found.at[0].kind) : "none";
    rowan_scope_end(taken.scope);
    ck_assert_msg(count == 1, "%s of %zu: %zu findings", it->name, taken.size, count);
    ck_assert_str_eq(kind, it->kind);
}

static void check_counts(const taken_advice *it, const rowan_counts *counts)
{
    enum { CHUNK = 25 }; /* rows, at the least, of a statement that inserts some on SQLite */
    uint64_t most = it->statements != 0 ? it->statements : depth_of(taken.size);
    bool has_server = !engine_is(taken.engine, "sqlite");

    if (it->statements != UINT64_MAX) {
        uint64_t chunks = has_server ? 0 : taken.size / CHUNK;
        ck_assert_msg(counts->statements <= most + chunks, "%s of %zu: %d statements", it->name,
                      taken.size, (int)counts->statements);
    }
    if (has_server) { /* to prepare is a trip, too */
        most = 2 * (it->trips != 0 ? it->trips : most);
        ck_assert_msg(counts->round_trips <= most, "%s of %zu: %d trips", it->name, taken.size,
                      (int)counts->round_trips);
    }
}

static void check_after(const taken_advice *it)
{
    rowan_findings found;
    rowan_counts counts;

    taken_begin("after");
    it->after();
    counts = rowan_scope_counts(taken.scope);
    taken_ok(rowan_scope_findings(taken.scope, &found));
    ck_assert_msg(found.count == 0, "%s of %zu: %s", it->name, taken.size,
                  found.count > 0 ? found.at[0].evidence : "");
    check_counts(it, &counts);
    rowan_scope_end(taken.scope);
}

static void check_size(const taken_advice *it, size_t engine, size_t size)
{
    char kinds[256];

    open_for(it, engine, size);
    check_before(it);
    taken_close("before", kinds, sizeof kinds);
    ck_assert_msg(strncmp(kinds, it->kind, strlen(it->kind)) == 0 &&
                      strchr(kinds, ' ') == kinds + strlen(kinds) - 1,
                  "%s of %zu: %s", it->name, size, kinds);
    open_for(it, engine, size);
    check_after(it);
    taken_close("after", kinds, sizeof kinds);
    ck_assert_msg(kinds[0] == '\0', "%s of %zu: %s", it->name, size, kinds);
}

void taken_check(const taken_advice *advice, size_t engine)
{
    check_size(advice, engine, 6);
    check_size(advice, engine, TAKEN_MOST);
}
