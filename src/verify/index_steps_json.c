/*
 * Row steps of MariaDB's plans, which have no cost before 11.0. A table in a nested loop is read as
 * often as the one before it has rows left; a join by a buffer compares as many pairs. ANALYZE
 * FORMAT=JSON tells what was so, EXPLAIN what the planner thinks.
 */
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "verify/index_private.h"

/* Finding a row by an index: the plan does not tell of how many, but copies have 10,000 at most. */
static const double descent = 6;

/* What is known while a plan is walked through. */
typedef struct walk {
    double total;
    bool has_table;
    bool in_buffer; /* the next table is joined by a buffer of the rows so far */
} walk;

static double visit(walk *w, const json_t *part, double runs);

static double number(const json_t *object, const char *key, double otherwise)
{
    const json_t *member = json_object_get(object, key);

    return json_is_number(member) ? json_number_value(member) : otherwise;
}

/* Whether an index finds rows that are then read from the table. The primary key is the table. */
static bool needs_rows(const json_t *table)
{
    const char *key = json_string_value(json_object_get(table, "key"));

    return key != NULL && strcmp(key, "PRIMARY") != 0 &&
           !json_is_true(json_object_get(table, "using_index"));
}

/* Whether it is searched by an index, and not read from one end to the other. */
static bool searches(const json_t *table)
{
    const char *type = json_string_value(json_object_get(table, "access_type"));

    return type != NULL && strcmp(type, "ALL") != 0 && strcmp(type, "index") != 0;
}

/*
 * A table: how many rows are left for what is inside its loop. A plan that was run tells how often
 * the table was read and what it gave each time; joined by a buffer it was read once, and each row
 * compared with those in the buffer.
 */
static double visit_table(walk *w, const json_t *table, double runs)
{
    bool was_run = json_object_get(table, "r_loops") != NULL;
    double rows = number(table, was_run ? "r_rows" : "rows", was_run ? 0 : 1);
    double left = number(table, was_run ? "r_filtered" : "filtered", 100) / 100;
    const json_t *inside = json_object_get(table, "materialized");

    w->has_table = true;
    if (was_run && !w->in_buffer) {
        runs = number(table, "r_loops", 0);
    }
    w->in_buffer = false;
    if (inside != NULL) {
        (void)visit(w, inside, 1);
    }
    w->total += runs * rows * (needs_rows(table) ? 1 + descent : 1);
    w->total += searches(table) ? runs * descent : 0;
    return runs * rows * left;
}

/* A sub-select that depends on the rows around it has a cache of what it gave for them. */
static void visit_selects(walk *w, const json_t *selects, double runs)
{
    size_t i;
    json_t *select;

    json_array_foreach(selects, i, select)
    {
        bool depends =
            json_object_get(select, "expression_cache") != NULL ||
            json_object_get(json_object_get(select, "query_block"), "outer_ref_condition") != NULL;
        (void)visit(w, select, depends ? runs : 1);
    }
}

/* What a temporary table has is groups of rows: only a plan that was run tells how many. */
static double sorted(const json_t *sort, double rows)
{
    bool has_groups = json_object_get(sort, "temporary_table") != NULL;

    return rowan__steps_sorted(has_groups ? number(sort, "r_output_rows", rows) : rows);
}

static double visit_object(walk *w, const json_t *part, double runs)
{
    double begun = runs;
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)part, key, member)
    {
        if (strcmp(key, "table") == 0) {
            runs = visit_table(w, member, runs);
        } else if (strcmp(key, "subqueries") == 0) {
            visit_selects(w, member, runs);
        } else if (strcmp(key, "query_specifications") == 0) {
            visit_selects(w, member, begun);
        } else if (json_is_object(member) || json_is_array(member)) {
            w->in_buffer = strcmp(key, "block-nl-join") == 0;
            runs = visit(w, member, runs);
            if (strcmp(key, "temporary_table") == 0) {
                w->total += runs; /* each is written there */
            } else if (strcmp(key, "filesort") == 0) {
                w->total += sorted(member, runs);
            }
        }
    }
    return runs;
}

static double visit(walk *w, const json_t *part, double runs)
{
    size_t i;
    json_t *member;

    if (json_is_object(part)) {
        return visit_object(w, part, runs);
    }
    json_array_foreach(part, i, member)
    {
        runs = visit(w, member, runs);
    }
    return runs;
}

bool rowan__steps_of_json(const char *plan, double *out)
{
    json_t *root = json_loads(plan, 0, NULL);
    walk w = {0};

    (void)visit(&w, root, 1);
    json_decref(root);
    *out = w.total;
    return w.has_table;
}

static bool reads_whole(const json_t *part, const char *alias)
{
    const char *type = json_string_value(json_object_get(part, "access_type"));
    const char *name = json_string_value(json_object_get(part, "table_name"));
    bool found =
        type != NULL && name != NULL && strcmp(type, "ALL") == 0 && strcasecmp(name, alias) == 0;
    const char *key;
    json_t *member;
    size_t i;

    json_object_foreach((json_t *)part, key, member)
    {
        found = found || reads_whole(member, alias);
    }
    json_array_foreach(part, i, member)
    {
        found = found || reads_whole(member, alias);
    }
    return found;
}

bool rowan__plan_reads_whole(const char *plan, const char *alias)
{
    json_t *root = json_loads(plan, 0, NULL);
    bool found = reads_whole(root, alias);

    json_decref(root);
    return found;
}
