/*
 * Rows and what a fetch plan loads for them, by any pattern and in either of two ways: with the
 * query, or for rows that are there. And a table whose rows refer to five others.
 */
#ifndef ROWAN_TESTS_GRAPH_H
#define ROWAN_TESTS_GRAPH_H

#include <rowan/rowan.h>

typedef struct graph graph;

/** A pattern, and a way of loading. */
typedef struct graph_way {
    const char *name;
    rowan_pattern pattern; /* that sends what the plan needs */
    bool is_session;
    rowan_status (*load)(graph *g, const rowan_query *query, const rowan_fetch *plan);
} graph_way;

enum { GRAPH_WAYS = 5, GRAPH_BY_QUERY = 0, GRAPH_BY_LOAD = 3, GRAPH_BY_SESSION_LOAD = 4 };
extern const graph_way graph_ways[GRAPH_WAYS];

/** Set the first two, and zero the rest. */
struct graph {
    const graph_way *way;
    rowan_scope *scope;
    rowan_session *session; /* of ways that have one */
    const rowan_table *table;
    rowan_rows rows;
    rowan_refs refs;
};

/** Loads all rows of a table, by their keys, with a plan. */
rowan_status graph_load(graph *g, const rowan_table *table, const rowan_fetch *plan);
size_t graph_count(const graph *g);

/** Keys of all rows and of what the plan has loaded, a line each; the caller's to free. */
char *graph_describe(const graph *g, const rowan_fetch *plan);

/** Whether no row has any relation of the plan. */
bool graph_is_bare(const graph *g, const rowan_fetch *plan);

/** Ends the session, if there is one; rows are the scope's. */
void graph_end(graph *g);

/** What two tests load of an author and of a publisher: two relations of each. */
extern const rowan_fetch graph_author_plan[3], graph_publisher_plan[3];

/* --- A visit, which refers to a book, an author, a publisher, a purchase and a category. --- */

enum { VISIT_RELATIONS = 5 };

typedef struct visit {
    int64_t id;
    rowan_opt_i64 other_id[VISIT_RELATIONS];
} visit;

extern const rowan_table visit_table;
extern const rowan_relation visit_relations[VISIT_RELATIONS];

/** Makes the table, in a library, and what it refers to: @p others rows of each kind. */
void visit_create(rowan_db *db, size_t others);
/** Adds rows that refer to those; each third one leaves out the first. */
void visit_fill(rowan_db *db, size_t rows, size_t others);

#endif
