/*
 * Relations that were loaded before and are loaded anew, by any pattern, and that fails: all rows
 * keep what they had, those of the call and those that it led to, in the scope and in its session.
 */
#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/short.h>

#include "database/execute.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/graph.h"
#include "support/library.h"
#include "support/suite.h"

enum { BOOKS = 9, PUBLISHERS = 3, AUTHORS = 4, MOST_LEFT = 32768 };

/* What is loaded first: books are at three places of it, as rows of the call among others. */
static const rowan_fetch first_of_authors[] = {
    {.relation = &library_author_books}, {.relation = &library_author_profile}, {.relation = NULL}};
static const rowan_fetch first_of_publishers[] = {
    {.relation = &library_publisher_books}, {.relation = &library_publisher_featured}, {NULL}};
static const rowan_fetch first[] = {
    {.relation = &library_book_authors, .then = first_of_authors},
    {.relation = &library_book_publisher, .then = first_of_publishers},
    {.relation = &library_book_lines},
    {.relation = NULL}};

/* Of which less is left when it is loaded anew. */
static const rowan_fetch again_of_authors[] = {{.relation = &library_author_books, .limit = 1},
                                               {.relation = NULL}};
static const rowan_fetch again_of_publishers[] = {
    {.relation = &library_publisher_books, .limit = 1}, {.relation = NULL}};
static rowan_fetch again[4];

static const rowan_fetch one[] = {{.relation = &library_book_publisher}, {.relation = NULL}};

static rowan_db *db;

static void begin(size_t engine)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    fault_arm(0);
    options.allocator = &fault_allocator;
    db = library_open(engine, &options);
    library_fill(db, BOOKS, PUBLISHERS, AUTHORS);
    library_run(db, "UPDATE publisher SET featured_id = 5001");
    again[0] =
        (rowan_fetch){.relation = &library_book_authors, .limit = 1, .then = again_of_authors};
    again[1] = (rowan_fetch){.relation = &library_book_publisher, .then = again_of_publishers};
    again[2] = (rowan_fetch){.relation = &library_book_lines, .limit = 1};
    again[3] = (rowan_fetch){.relation = NULL};
}

static void end(void)
{
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

/* The rows of a graph as the scope has them, of which a session, too, was told. */
static graph in_scope(const graph *g)
{
    return g->way->is_session ? (graph){.way = &graph_ways[GRAPH_BY_LOAD],
                                        .scope = g->scope,
                                        .table = g->table,
                                        .rows = {g->refs.at[0], g->refs.count}}
                              : *g;
}

/* What all rows have, by the session and by the scope. */
typedef struct picture {
    char *own, *scopes;
} picture;

static picture look(const graph *g, const rowan_fetch *plan)
{
    graph s = in_scope(g);

    return (picture){graph_describe(g, plan), graph_describe(&s, plan)};
}

static void picture_free(picture *p)
{
    free(p->own);
    free(p->scopes);
}

static void check_same(const graph *g, const rowan_fetch *plan, const picture *before, unsigned nth)
{
    picture now = look(g, plan);

    ck_assert_msg(strcmp(now.own, before->own) == 0, "%s, allocation %u", g->way->name, nth);
    ck_assert_msg(strcmp(now.scopes, before->scopes) == 0, "%s, allocation %u: the scope's",
                  g->way->name, nth);
    picture_free(&now);
}

/* Loads a plan for rows that are there, in the graph's way. */
static rowan_status load_again(graph *g, const rowan_fetch *plan)
{
    if (g->way == &graph_ways[GRAPH_BY_LOAD]) {
        return rowan_load(g->scope, g->table, g->rows.at, g->rows.count, plan);
    }
    if (g->way == &graph_ways[GRAPH_BY_SESSION_LOAD]) {
        return rowan_session_load(g->session, g->refs, plan);
    }
    graph other = *g; /* rows of a query are others, unless a session has them */
    return graph_load(&other, g->table, plan);
}

/* A graph of some rows for which the first plan is loaded. */
static graph loaded(const graph_way *way, const rowan_fetch *plan, bool is_one)
{
    graph g = {.way = way, .scope = library_scope(db)};

    library_ok(g.scope, graph_load(&g, &library_book_table, plan));
    ck_assert_uint_eq(graph_count(&g), BOOKS);
    if (is_one) {
        g.rows.count = g.rows.count != 0 ? 1 : 0;
        g.refs.count = g.refs.count != 0 ? 1 : 0;
    }
    return g;
}

/* A way of loading, what is loaded, and what is loaded anew. */
typedef struct attempt {
    const graph_way *way;
    const rowan_fetch *before, *anew;
    bool is_one;
    bool is_filled; /* the scope's memory, but for … */
    size_t left;    /* … so many bytes of its chunk */
    unsigned made;  /* the result: allocations of loading anew */
} attempt;

/* Uses the scope's memory until so many bytes are left of a chunk. */
static void fill(rowan_scope *scope, size_t left)
{
    const rowan__arena *arena = rowan__scope_arena(scope);

    while ((size_t)(arena->end - arena->next) < MOST_LEFT) {
        ck_assert_ptr_nonnull(rowan_scope_alloc(scope, 1024));
    }
    ck_assert_ptr_nonnull(rowan_scope_alloc(scope, (size_t)(arena->end - arena->next) - left));
}

/* Loads anew while an allocation fails, and then again. @return whether there was that one */
static bool fail_one(attempt *a, unsigned nth)
{
    graph g = loaded(a->way, a->before, a->is_one);
    picture had = look(&g, a->before);

    if (a->is_filled) {
        fill(g.scope, a->left);
    }
    unsigned before = fault_allocations();
    fault_arm(nth);
    rowan_status status = load_again(&g, a->anew);
    bool fired = fault_fired();
    fault_arm(0);
    a->made = fault_allocations() - before;
    if (status != ROWAN_OK) {
        ck_assert(fired);
        ck_assert_int_eq(status, ROWAN_NOMEM);
        check_same(&g, a->before, &had, nth);
    }
    library_ok(g.scope, load_again(&g, a->anew));
    picture_free(&had);
    graph_end(&g);
    rowan_scope_end(g.scope);
    return fired;
}

static void fail_each(attempt a)
{
    unsigned nth = 1;

    while (fail_one(&a, nth)) {
        ck_assert_uint_lt(++nth, 2000);
    }
    ck_assert_uint_gt(nth, 1);
}

START_TEST(each_allocation_that_fails_leaves_what_was_loaded)
{
    const graph_way *by_session = &graph_ways[GRAPH_BY_SESSION_LOAD];

    begin((size_t)_i);
    for (size_t w = 0; w < GRAPH_WAYS; w++) {
        fail_each((attempt){.way = &graph_ways[w], .before = first, .anew = again});
    }
    fail_each((attempt){.way = by_session, .before = one, .anew = one, .is_one = true});
    fail_each((attempt){.way = by_session, .before = first, .anew = again, .is_one = true});
    fail_each((attempt){
        .way = &graph_ways[GRAPH_BY_LOAD], .before = first, .anew = again, .is_one = true});
    end();
}
END_TEST

/*
 * The scope's memory comes in chunks, of which the last that is needed fails. So that this is once
 * for every piece of it, more is left of a chunk each time.
 */
START_TEST(each_piece_of_the_scopes_memory_that_fails_leaves_what_was_loaded)
{
    begin((size_t)_i);
    for (size_t left = 64; left < MOST_LEFT; left += 256) {
        for (size_t w = 0; w < 2 * GRAPH_WAYS; w++) {
            attempt a = {.way = &graph_ways[w / 2],
                         .before = first,
                         .anew = again,
                         .is_one = w % 2 != 0,
                         .is_filled = true,
                         .left = left};
            if (a.way->is_session) {
                fail_one(&a, UINT_MAX);
                fail_one(&a, a.made);
            }
        }
    }
    end();
}
END_TEST

/* A plan that cannot be sent: nothing is forgotten for it. */
START_TEST(a_plan_that_is_refused_leaves_what_was_loaded)
{
    begin((size_t)_i);
    for (size_t w = 0; w < GRAPH_WAYS; w++) {
        for (int is_one = 0; is_one < 2; is_one++) {
            graph g = loaded(&graph_ways[w], first, is_one != 0);
            picture had = look(&g, first);
            again[2].where = EQ(TAG.label, "of another table");
            ck_assert_int_eq(load_again(&g, again), ROWAN_MISUSE);
            again[2].where = NULL;
            check_same(&g, first, &had, 0);
            picture_free(&had);
            graph_end(&g);
            rowan_scope_end(g.scope);
        }
    }
    end();
}
END_TEST

/* It is loaded anew: rows that are there have what the new plan wants of them. */
START_TEST(what_is_loaded_anew_takes_the_place_of_what_was_loaded)
{
    begin((size_t)_i);
    for (size_t w = GRAPH_BY_LOAD; w < GRAPH_WAYS; w++) {
        for (int is_one = 0; is_one < 2; is_one++) {
            graph g = loaded(&graph_ways[w], first, is_one != 0);
            library_ok(g.scope, load_again(&g, again));
            picture now = look(&g, again);
            ck_assert_ptr_nonnull(strstr(now.own, "(book 5001 authors(author 5001 books(book"));
            ck_assert_ptr_null(strstr(now.own, ")(author"));
            ck_assert_ptr_null(strstr(now.own, "))(book"));
            ck_assert_str_eq(now.own, now.scopes);
            picture_free(&now);
            graph_end(&g);
            rowan_scope_end(g.scope);
        }
    }
    end();
}
END_TEST

/* What a session was told of a row stays, whether loading anew fails or not. */
START_TEST(a_reference_that_was_set_stays)
{
    begin((size_t)_i);
    for (unsigned nth = 1, fired = 1; fired != 0; nth++) {
        graph g = loaded(&graph_ways[GRAPH_BY_SESSION_LOAD], first, false);
        void *book = g.refs.at[0], *last = g.refs.at[1], *own, *other, *now;
        library_ok(g.scope, rowan_session_one(g.session, &library_book_publisher, book, &own));
        library_ok(g.scope, rowan_session_one(g.session, &library_book_publisher, last, &other));
        ck_assert_ptr_ne(own, other);
        library_ok(g.scope, rowan_session_refer(g.session, &library_book_publisher, book, other));
        fault_arm(nth);
        rowan_status status = load_again(&g, again);
        fired = fault_fired();
        fault_arm(0);
        ck_assert_int_eq(status == ROWAN_NOMEM || status == ROWAN_OK, 1);
        library_ok(g.scope, rowan_session_one(g.session, &library_book_publisher, book, &now));
        ck_assert_ptr_eq(now, other);
        graph_end(&g);
        rowan_scope_end(g.scope);
    }
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("relations that are loaded again");
    TCase *tc = tcase_create("load again");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, each_allocation_that_fails_leaves_what_was_loaded, 0, engines);
    for (int e = 0; e < engines; e++) {
        if (engine_is((size_t)e, "sqlite")) {
            tcase_add_loop_test(
                tc, each_piece_of_the_scopes_memory_that_fails_leaves_what_was_loaded, e, e + 1);
        }
    }
    tcase_add_loop_test(tc, a_plan_that_is_refused_leaves_what_was_loaded, 0, engines);
    tcase_add_loop_test(tc, what_is_loaded_anew_takes_the_place_of_what_was_loaded, 0, engines);
    tcase_add_loop_test(tc, a_reference_that_was_set_stays, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
