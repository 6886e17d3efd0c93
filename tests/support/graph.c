/* Graphs of rows, and visits. */
#include "support/graph.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/engine.h"
#include "support/library.h"

const rowan_fetch graph_author_plan[3] = {
    {.relation = &library_author_profile}, {.relation = &library_author_tags}, {.relation = NULL}};
const rowan_fetch graph_publisher_plan[3] = {{.relation = &library_publisher_books},
                                             {.relation = &library_publisher_featured},
                                             {.relation = NULL}};

/* --- Loading. --- */

static rowan_status by_query(graph *g, const rowan_query *query, const rowan_fetch *plan)
{
    rowan_query planned = *query;

    planned.fetch = plan;
    return rowan_query_all(g->scope, &planned, &g->rows);
}

static rowan_status by_record(graph *g, const rowan_query *query, const rowan_fetch *plan)
{
    rowan_query planned = *query;

    planned.fetch = plan;
    return rowan_record_all(g->scope, &planned, &g->rows);
}

static rowan_status by_session(graph *g, const rowan_query *query, const rowan_fetch *plan)
{
    rowan_query planned = *query;

    planned.fetch = plan;
    return rowan_session_all(g->session, &planned, &g->refs);
}

static rowan_status by_load(graph *g, const rowan_query *query, const rowan_fetch *plan)
{
    rowan_status status = rowan_query_all(g->scope, query, &g->rows);

    return status == ROWAN_OK ? rowan_load(g->scope, query->from, g->rows.at, g->rows.count, plan)
                              : status;
}

static rowan_status by_session_load(graph *g, const rowan_query *query, const rowan_fetch *plan)
{
    rowan_status status = rowan_session_all(g->session, query, &g->refs);

    return status == ROWAN_OK ? rowan_session_load(g->session, g->refs, plan) : status;
}

const graph_way graph_ways[GRAPH_WAYS] = {
    {"query", ROWAN_PATTERN_QUERY_BUILDER, false, by_query},
    {"record", ROWAN_PATTERN_ACTIVE_RECORD, false, by_record},
    {"session", ROWAN_PATTERN_DATA_MAPPER, true, by_session},
    {"load", ROWAN_PATTERN_QUERY_BUILDER, false, by_load},
    {"session load", ROWAN_PATTERN_DATA_MAPPER, true, by_session_load},
};

rowan_status graph_load(graph *g, const rowan_table *table, const rowan_fetch *plan)
{
    rowan_order order[3] = {{.given = false}};

    ck_assert_uint_lt(table->primary_count, 3);
    for (size_t i = 0; i < table->primary_count; i++) {
        order[i] = (rowan_order){.by = rowan_o_column(table->primary[i], NULL), .given = true};
    }
    rowan_query query = {.from = table, .order_by = order};
    g->table = table;
    if (g->way->is_session && g->session == NULL) {
        library_ok(g->scope, rowan_session_begin(g->scope, &g->session));
    }
    return g->way->load(g, &query, plan);
}

size_t graph_count(const graph *g)
{
    return g->way->is_session ? g->refs.count : g->rows.count;
}

void graph_end(graph *g)
{
    rowan_session_end(g->session);
    g->session = NULL;
}

/* --- Reading. --- */

/* Rows that are side by side, or pointers to them. */
typedef struct view {
    bool is_refs;
    rowan_rows rows;
    rowan_refs refs;
} view;

static const void *row_at(const view *v, const rowan_table *table, size_t index)
{
    return v->is_refs ? v->refs.at[index] : (const char *)v->rows.at + index * table->row_size;
}

static view whole(const graph *g)
{
    return (view){g->way->is_session, g->rows, g->refs};
}

static bool is_to_one(const rowan_relation *relation)
{
    return relation->kind == ROWAN_BELONGS_TO || relation->kind == ROWAN_HAS_ONE;
}

/* The rows at the other end. */
static rowan_status related(const graph *g, const rowan_relation *r, const void *row, view *out)
{
    void *one = NULL;
    rowan_status status;

    *out = (view){g->way->is_session, {NULL, 0}, {NULL, 0}};
    if (!is_to_one(r)) {
        return g->way->is_session ? rowan_session_many(g->session, r, row, &out->refs)
                                  : rowan_loaded_many(g->scope, r, row, &out->rows);
    }
    status = g->way->is_session ? rowan_session_one(g->session, r, row, &one)
                                : rowan_loaded_one(g->scope, r, row, &one);
    out->is_refs = false;
    out->rows = (rowan_rows){one, one != NULL ? 1 : 0};
    return status;
}

static void describe_key(FILE *out, const rowan_table *table, const void *row)
{
    for (size_t i = 0; i < table->primary_count; i++) {
        rowan_value key = rowan_column_value(table->primary[i], row);
        fprintf(out, " %lld", (long long)key.as.integer);
    }
}

static void describe(FILE *out, const graph *g, const rowan_table *table, const void *row,
                     const rowan_fetch *plan)
{
    fprintf(out, "(%s", table->name);
    describe_key(out, table, row);
    for (const rowan_fetch *entry = plan; entry != NULL && entry->relation != NULL; entry++) {
        const rowan_relation *r = entry->relation;
        view found;
        library_ok(g->scope, related(g, r, row, &found));
        fprintf(out, " %s", r->name);
        size_t count = found.is_refs ? found.refs.count : found.rows.count;
        for (size_t i = 0; i < count; i++) {
            describe(out, g, r->to, row_at(&found, r->to, i), entry->then);
        }
    }
    fprintf(out, ")");
}

char *graph_describe(const graph *g, const rowan_fetch *plan)
{
    const view all = whole(g);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < graph_count(g); i++) {
        describe(out, g, g->table, row_at(&all, g->table, i), plan);
        fprintf(out, "\n");
    }
    fclose(out);
    return text;
}

bool graph_is_bare(const graph *g, const rowan_fetch *plan)
{
    const view all = whole(g);

    for (size_t i = 0; i < graph_count(g); i++) {
        for (const rowan_fetch *entry = plan; entry->relation != NULL; entry++) {
            view found;
            if (related(g, entry->relation, row_at(&all, g->table, i), &found) != ROWAN_LAZY) {
                return false;
            }
        }
    }
    return true;
}

/* --- Visits. --- */

#define OTHER(at)                                                                                  \
    {                                                                                              \
        .table = &visit_table, .name = "other" #at, .type = ROWAN_TYPE_INT64,                      \
        .flags = ROWAN_NULLABLE, .offset = offsetof(visit, other_id[at]),                          \
        .value_offset = offsetof(visit, other_id[at]) + offsetof(rowan_opt_i64, value)             \
    }

static const rowan_column visit_columns[] = {
    ROWAN_COLUMN(visit_table, visit, id, ROWAN_PRIMARY),
    OTHER(0),
    OTHER(1),
    OTHER(2),
    OTHER(3),
    OTHER(4),
};
static const rowan_column *const visit_key[] = {&visit_columns[0]};
static const rowan_column *const visit_others[VISIT_RELATIONS] = {
    &visit_columns[1], &visit_columns[2], &visit_columns[3], &visit_columns[4], &visit_columns[5]};

#define TO(at, its_name, other)                                                                    \
    {                                                                                              \
        .name = (its_name), .kind = ROWAN_BELONGS_TO, .from = &visit_table, .to = &(other),        \
        .column_count = 1, .from_columns = &visit_others[at], .to_columns = &other_keys[at],       \
        .index = (at)                                                                              \
    }

/* The tables' own keys are their first columns; they are looked up, being private to their models.
 */
static const rowan_column *other_keys[VISIT_RELATIONS];

const rowan_relation visit_relations[VISIT_RELATIONS] = {
    TO(0, "book", library_book_table),           TO(1, "author", library_author_table),
    TO(2, "publisher", library_publisher_table), TO(3, "purchase", library_purchase_table),
    TO(4, "category", library_category_table),
};
static const rowan_relation *const its_relations[VISIT_RELATIONS] = {
    &visit_relations[0], &visit_relations[1], &visit_relations[2], &visit_relations[3],
    &visit_relations[4]};

const rowan_table visit_table = {.name = "visit",
                                 .columns = visit_columns,
                                 .column_count = sizeof visit_columns / sizeof visit_columns[0],
                                 .primary = visit_key,
                                 .primary_count = 1,
                                 .relations = its_relations,
                                 .relation_count = VISIT_RELATIONS,
                                 .row_size = sizeof(visit),
                                 .row_align = _Alignof(visit)};

void visit_create(rowan_db *db, size_t others)
{
    for (size_t i = 0; i < VISIT_RELATIONS; i++) {
        other_keys[i] = visit_relations[i].to->primary[0];
    }
    library_fill(db, others, others, others);
    engine_script(db, "CREATE TABLE visit (id @key, other0 @ref, other1 @ref, other2 @ref, "
                      "other3 @ref, other4 @ref);\n");
    rowan_scope *scope = library_scope(db);
    library_purchase *purchases = calloc(others, sizeof *purchases);
    library_category *categories = calloc(others, sizeof *categories);
    ck_assert(purchases != NULL && categories != NULL);
    for (size_t i = 0; i < others; i++) {
        purchases[i] = (library_purchase){(int64_t)(LIBRARY_FIRST + i), "C"};
        categories[i] = (library_category){.id = (int64_t)(LIBRARY_FIRST + i), .name = "C"};
    }
    library_ok(scope,
               rowan_raw_insert_all(scope, &library_purchase_table, purchases, others, NULL));
    library_ok(scope,
               rowan_raw_insert_all(scope, &library_category_table, categories, others, NULL));
    free(purchases);
    free(categories);
    rowan_scope_end(scope);
}

void visit_fill(rowan_db *db, size_t rows, size_t others)
{
    rowan_scope *scope = library_scope(db);
    visit *visits = calloc(rows + 1, sizeof *visits);

    ck_assert_ptr_nonnull(visits);
    for (size_t i = 0; i < rows; i++) {
        visits[i].id = (int64_t)i + 1;
        for (size_t k = 0; k < VISIT_RELATIONS; k++) {
            visits[i].other_id[k] = (rowan_opt_i64){
                i % 3 != 1 || k > 0, (int64_t)(LIBRARY_FIRST + (i * (k + 1)) % others)};
        }
    }
    library_ok(scope, rowan_raw_insert_all(scope, &visit_table, visits, rows, NULL));
    free(visits);
    rowan_scope_end(scope);
}
