/* What is to be done. */
#include "tasks.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "detector.h"
#include "rows.h"
#include "schema/seed/random.h"

/* The windows that the runs of BENCH_UPDATE take out of keys and names go round with periods that
 * have no factor in common: the same name is not given to the same person twice in a row. */
enum { WINDOW = 20, KEY_WINDOWS = BENCH_PEOPLE / WINDOW - 1, NAME_WINDOWS = 200, TABLE = 100 };

/* Some do the same whatever their size is said to be, and have one only. */
static const struct {
    const char *key, *title;
    bool writes, inserts;
    size_t least, most; /* rows */
} works[BENCH_WORK_COUNT] = {
    [BENCH_LOAD] = {"W1", "load people", false, false, 1, BENCH_PEOPLE},
    [BENCH_JOIN] = {"W2", "people left join posts", false, false, 1, BENCH_PEOPLE},
    [BENCH_FIND] = {"W3", "find one by key", false, false, 1, BENCH_LOOK_UPS}, /* the detector's */
    [BENCH_FILTER] = {"W3f", "find one by six comparisons", false, false, 1, 1},
    [BENCH_INSERT] = {"W4", "insert in a batch", true, true, 1, 1000000},
    [BENCH_SAVE] = {"W4o", "save one by one in a transaction", true, true, 1, 1000000},
    [BENCH_TREE] = {"W5e", "a tree, eagerly", false, false, BENCH_COMMENTED, BENCH_COMMENTED},
    [BENCH_TREE_LAZY] = {"W5l", "a tree, one query a parent", false, false, BENCH_COMMENTED,
                         BENCH_COMMENTED},
    [BENCH_UPDATE] = {"W6", "read, change, write back", true, false, 1, WINDOW},
    [BENCH_BULK] = {"W7", "insert very many", true, true, 1, 1000000},
    [BENCH_STREAM] = {"W9", "stream all rows", false, false, 1, 1000000},
};

const char *bench_work_key(bench_work work)
{
    return works[work].key;
}

const char *bench_work_title(bench_work work)
{
    return works[work].title;
}

bool bench_work_writes(bench_work work)
{
    return works[work].writes;
}

bool bench_work_inserts(bench_work work)
{
    return works[work].inserts;
}

size_t bench_work_least(bench_work work)
{
    return works[work].least;
}

size_t bench_work_most(bench_work work)
{
    return works[work].most;
}

static void add_lines(bench_lines *lines, bench_work work, const size_t *sizes)
{
    for (; *sizes; sizes++) {
        lines->at[lines->count++] = (bench_line){work, *sizes};
    }
}

void bench_lines_all(bench_lines *lines, bool quick)
{
    static const struct {
        bench_work work;
        size_t all[6], quick[6];
    } sizes[] = {
        {BENCH_LOAD, {1, 10, 100, 1000, 10000}, {1, 100, 1000}},
        {BENCH_JOIN, {1, 10, 100, 1000, 10000}, {1, 100, 1000}},
        {BENCH_FIND, {1}, {1}},
        {BENCH_FILTER, {1}, {1}},
        {BENCH_INSERT, {1, 10, 25, 50, 100}, {1, 10, 100}},
        {BENCH_SAVE, {100}, {100}},
        {BENCH_TREE, {100}, {100}},
        {BENCH_TREE_LAZY, {100}, {100}},
        {BENCH_UPDATE, {WINDOW}, {WINDOW}},
        {BENCH_BULK, {100000}, {10000}},
        {BENCH_STREAM, {1000000}, {50000}},
    };

    lines->count = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        add_lines(lines, sizes[i].work, quick ? sizes[i].quick : sizes[i].all);
    }
}

static bool make_keys(bench_inputs *inputs)
{
    rowan__random random = rowan__random_of(TABLE, 0);

    inputs->keys = rowan__arena_new(&inputs->arena, BENCH_PEOPLE, sizeof *inputs->keys, 8);
    if (!inputs->keys) {
        return false;
    }
    for (size_t i = 0; i < BENCH_PEOPLE; i++) {
        size_t other = rowan__random_below(&random, i + 1);
        inputs->keys[i] = inputs->keys[other];
        inputs->keys[other] = (int64_t)i + 1;
    }
    return true;
}

static bool make_names(bench_inputs *inputs)
{
    enum { COUNT = NAME_WINDOWS * WINDOW };

    inputs->names = rowan__arena_new(&inputs->arena, COUNT, sizeof *inputs->names, 8);
    for (size_t i = 0; inputs->names && i < COUNT; i++) {
        char name[32];
        int size = snprintf(name, sizeof name, "Renamed Person %05zu", i);
        inputs->names[i] = rowan__arena_text(&inputs->arena, name, (size_t)size);
        if (!inputs->names[i]) {
            return false;
        }
    }
    return inputs->names != NULL;
}

static bool make_newcomers(bench_inputs *inputs, size_t count)
{
    inputs->newcomers = rowan__arena_new(&inputs->arena, count, sizeof *inputs->newcomers, 8);
    inputs->newcomer_count = count;
    for (size_t i = 0; inputs->newcomers && i < count; i++) {
        int64_t id = (int64_t)i + 1;
        inputs->newcomers[i] = (bench_newcomer){.name = bench_person_name(&inputs->arena, id),
                                                .hair_colour = bench_hair_colour(id)};
        if (!inputs->newcomers[i].name) {
            return false;
        }
    }
    return inputs->newcomers != NULL;
}

bool bench_inputs_init(bench_inputs *inputs, size_t newcomer_count)
{
    rowan__arena_init(&inputs->arena, &rowan__default_allocator);
    return make_keys(inputs) && make_names(inputs) && make_newcomers(inputs, newcomer_count);
}

void bench_inputs_fini(bench_inputs *inputs)
{
    rowan__arena_fini(&inputs->arena);
}

bench_task bench_task_of(const bench_inputs *inputs, bench_line line, size_t run)
{
    bench_task task = {.work = line.work, .n = line.n, .newcomers = inputs->newcomers};

    if (line.work == BENCH_UPDATE) {
        task.keys = &inputs->keys[run % KEY_WINDOWS * WINDOW];
        task.names = &inputs->names[run % NAME_WINDOWS * WINDOW];
    } else {
        task.keys = &inputs->keys[run % (BENCH_PEOPLE - BENCH_MOST_KEYS)];
    }
    return task;
}
