/*
 * Relations of one level of a plan are loaded at once: so many statements, and one round trip where
 * the engine has pipelines. What is loaded is what each of them gives alone.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/short.h>

#include "support/engine.h"
#include "support/graph.h"
#include "support/library.h"
#include "support/relay.h"
#include "support/suite.h"

enum { DEPTH_MOST = 4, OTHERS = 7 };

static rowan_db *db;

static void open_with(int engine, const rowan_options *options, size_t books)
{
    db = library_open((size_t)engine, options);
    library_fill(db, books, 4, 6);
}

/* --- What is loaded. --- */

/* The same graph through one relation of each level alone, in a scope of its own. */
static void check_path(const graph *g, const rowan_fetch *path)
{
    graph alone = {.way = &graph_ways[GRAPH_BY_QUERY], .scope = library_scope(db)};

    library_ok(alone.scope, graph_load(&alone, g->table, path));
    char *wanted = graph_describe(&alone, path), *found = graph_describe(g, path);
    ck_assert_str_eq(found, wanted);
    free(wanted);
    free(found);
    rowan_scope_end(alone.scope);
}

/* Goes down every path of a plan. */
static void check_paths(const graph *g, const rowan_fetch *plan, rowan_fetch (*path)[2], int depth)
{
    ck_assert_int_lt(depth, DEPTH_MOST);
    for (const rowan_fetch *entry = plan; entry->relation != NULL; entry++) {
        path[depth][0] = *entry;
        path[depth][0].then = NULL;
        path[depth][0].way = ROWAN_FETCH_BATCH;
        path[depth][1].relation = NULL;
        if (depth > 0) {
            path[depth - 1][0].then = path[depth];
        }
        check_path(g, path[0]);
        if (entry->then != NULL) {
            check_paths(g, entry->then, path, depth + 1);
        }
    }
}

static void check_graph(const graph *g, const rowan_fetch *plan)
{
    rowan_fetch path[DEPTH_MOST][2];

    memset(path, 0, sizeof path);
    check_paths(g, plan, path, 0);
}

/* --- What is sent. --- */

static bool is_server(int engine)
{
    return !engine_is((size_t)engine, "sqlite");
}

/* Round trips for so many statements of so many levels. */
static uint64_t trips_of(int engine, uint64_t statements, uint64_t levels)
{
    return !is_server(engine) ? 0 : engine_is((size_t)engine, "postgresql") ? levels : statements;
}

/* Loads twice, each time in a new scope: in the first some statements are prepared. */
static void check_counts(int engine, const graph_way *way, const rowan_table *table,
                         const rowan_fetch *plan, uint64_t statements, uint64_t levels)
{
    for (int round = 0; round < 2; round++) {
        graph g = {.way = way, .scope = library_scope(db)};
        library_ok(g.scope, graph_load(&g, table, plan));
        rowan_counts counts = rowan_scope_counts(g.scope);
        ck_assert_msg(counts.statements - counts.setups == statements + 1, "%s: %d statements",
                      way->name, (int)(counts.statements - counts.setups));
        uint64_t wanted = trips_of(engine, statements + 1, levels + 1) +
                          (is_server(engine) ? counts.cache_misses : 0);
        ck_assert_msg(counts.setups > 0 || counts.round_trips == wanted,
                      "%s, round %d: %d round trips, wanted %d", way->name, round,
                      (int)counts.round_trips, (int)wanted);
        ck_assert(round == 0 || (counts.cache_misses == 0 && counts.setups == 0));
        check_graph(&g, plan);
        graph_end(&g);
        rowan_scope_end(g.scope);
    }
}

static const size_t row_counts[] = {0, 1, 2, 3, 40, 300};
enum { ROW_COUNTS = sizeof row_counts / sizeof row_counts[0] };

START_TEST(so_many_siblings_are_one_round_trip)
{
    for (size_t n = 0; n < ROW_COUNTS; n++) {
        size_t rows = row_counts[n];
        db = library_open((size_t)_i, NULL);
        visit_create(db, OTHERS);
        visit_fill(db, rows, OTHERS);
        for (size_t siblings = 1; siblings <= VISIT_RELATIONS; siblings++) {
            rowan_fetch plan[VISIT_RELATIONS + 1] = {{.relation = NULL}};
            for (size_t i = 0; i < siblings; i++) {
                plan[i].relation = &visit_relations[i];
            }
            for (size_t w = 0; w < GRAPH_WAYS; w++) {
                check_counts(_i, &graph_ways[w], &visit_table, plan, rows > 0 ? siblings : 0,
                             rows > 0);
            }
        }
        engine_close(db);
    }
}
END_TEST

static const rowan_fetch cousins[] = {
    {.relation = &library_book_publisher, .then = graph_publisher_plan},
    {.relation = &library_book_tags},
    {.relation = &library_book_authors, .then = graph_author_plan},
    {.relation = NULL}};

static void fill_tags(void)
{
    library_run(db, "INSERT INTO tag (subject_type, subject_id, label) "
                    "SELECT 'book', id, title FROM book WHERE id < 5010");
    library_run(db, "INSERT INTO tag (subject_type, subject_id, label) "
                    "SELECT 'author', id, name FROM author");
    library_run(db,
                "INSERT INTO profile (author_id, bio) SELECT id, name FROM author WHERE id > 5001");
    library_run(db, "UPDATE publisher SET featured_id = 5001");
}

START_TEST(cousins_share_the_round_trip_of_their_level)
{
    for (size_t books = 1; books <= 81; books *= 9) {
        open_with(_i, NULL, books);
        fill_tags();
        for (size_t w = 0; w < GRAPH_WAYS; w++) {
            check_counts(_i, &graph_ways[w], &library_book_table, cousins, 7, 2);
        }
        engine_close(db);
    }
}
END_TEST

/* The plan has an uneven depth: what follows from one sibling waits for no other's. */
START_TEST(a_deep_sibling_takes_a_round_trip_a_level)
{
    static const rowan_fetch third[] = {{.relation = &library_author_tags}, {.relation = NULL}};
    static const rowan_fetch second[] = {{.relation = &library_book_authors, .then = third},
                                         {.relation = NULL}};
    static const rowan_fetch first[] = {{.relation = &library_publisher_books, .then = second},
                                        {.relation = NULL}};
    static const rowan_fetch plan[] = {{.relation = &library_book_tags},
                                       {.relation = &library_book_publisher, .then = first},
                                       {.relation = &library_book_lines},
                                       {.relation = NULL}};

    open_with(_i, NULL, 30);
    fill_tags();
    for (size_t w = 0; w < GRAPH_WAYS; w++) {
        check_counts(_i, &graph_ways[w], &library_book_table, plan, 6, 4);
    }
    engine_close(db);
}
END_TEST

START_TEST(limits_and_tables_between_go_together)
{
    open_with(_i, NULL, 30);
    fill_tags();
    const rowan_fetch plan[] = {
        {.relation = &library_book_authors, .limit = 1, .order_by = ORDER(DESC(AUTHOR.name))},
        {.relation = &library_book_tags,
         .limit = 2,
         .where = NE(TAG.label, "Book 3"),
         .order_by = ORDER(ASC(TAG.label))},
        {.relation = &library_book_publisher, .where = GT(PUBLISHER.id, LIBRARY_FIRST)},
        {.relation = NULL}};
    for (size_t w = 0; w < GRAPH_WAYS; w++) {
        check_counts(_i, &graph_ways[w], &library_book_table, plan, 3, 1);
    }
    engine_close(db);
}
END_TEST

START_TEST(what_has_nothing_to_load_is_not_sent)
{
    const rowan_fetch plan[] = {{.relation = &library_book_publisher, .then = graph_publisher_plan},
                                {.relation = &library_book_tags},
                                {.relation = &library_book_lines},
                                {.relation = NULL}};
    const rowan_fetch alone[] = {{.relation = &library_book_publisher},
                                 {.relation = &library_book_tags},
                                 {.relation = NULL}};

    open_with(_i, NULL, 30);
    fill_tags();
    library_run(db, "UPDATE book SET publisher_id = NULL");
    for (size_t w = 0; w < GRAPH_WAYS; w++) {
        check_counts(_i, &graph_ways[w], &library_book_table, plan, 2, 1);
        check_counts(_i, &graph_ways[w], &library_book_table, alone, 1, 1);
    }
    engine_close(db);
}
END_TEST

/* Those that are loaded are gone on from, on the level on which their plan has them. */
START_TEST(what_is_loaded_already_is_not_sent)
{
    open_with(_i, NULL, 30);
    fill_tags();
    graph g = {.way = &graph_ways[GRAPH_BY_QUERY], .scope = library_scope(db)};
    library_ok(g.scope,
               graph_load(&g, &library_book_table, FETCH(RELATED(&library_book_publisher))));
    library_sent(g.scope);
    uint64_t trips = rowan_scope_counts(g.scope).round_trips;
    uint64_t misses = rowan_scope_counts(g.scope).cache_misses;
    library_ok(g.scope, rowan_load(g.scope, &library_book_table, g.rows.at, g.rows.count, cousins));
    ck_assert_uint_eq(library_sent(g.scope), 6);
    rowan_counts counts = rowan_scope_counts(g.scope);
    ck_assert_uint_eq(counts.round_trips - trips,
                      trips_of(_i, 6, 2) + (is_server(_i) ? counts.cache_misses - misses : 0));
    library_ok(g.scope, rowan_load(g.scope, &library_book_table, g.rows.at, g.rows.count, cousins));
    ck_assert_uint_eq(library_sent(g.scope), 0);
    check_graph(&g, cousins);
    rowan_scope_end(g.scope);
    engine_close(db);
}
END_TEST

/* What a query does not join is one level, whichever of its tables it belongs to. */
START_TEST(what_is_not_joined_is_loaded_at_once)
{
    const rowan_fetch plan[] = {{.relation = &library_book_publisher,
                                 .way = ROWAN_FETCH_JOIN,
                                 .then = graph_publisher_plan},
                                {.relation = &library_book_tags},
                                {.relation = &library_book_authors, .then = graph_author_plan},
                                {.relation = NULL}};
    const rowan_fetch one_left[] = {{.relation = &library_book_publisher,
                                     .way = ROWAN_FETCH_JOIN,
                                     .then = FETCH(RELATED(&library_publisher_books))},
                                    {.relation = NULL}};

    for (size_t books = 1; books <= 27; books *= 3) {
        open_with(_i, NULL, books);
        fill_tags();
        for (size_t w = 0; w < GRAPH_BY_LOAD; w++) {
            check_counts(_i, &graph_ways[w], &library_book_table, plan, 6, 2);
            check_counts(_i, &graph_ways[w], &library_book_table, one_left, 1, 1);
        }
        engine_close(db);
    }
}
END_TEST

/* The lines of many purchases, each with its number; every hundredth has a parcel. */
static void fill_lines(size_t lines)
{
    enum { A_PURCHASE = 100 };
    rowan_scope *scope = library_scope(db);
    library_purchase *purchases = calloc(lines, sizeof *purchases);
    library_line *rows = calloc(lines, sizeof *rows);
    library_parcel *parcels = calloc(lines, sizeof *parcels);
    size_t purchased = 0, sent = 0;

    ck_assert(purchases != NULL && rows != NULL && parcels != NULL);
    for (size_t i = 0; i < lines; i++) {
        int64_t purchase = (int64_t)(i / A_PURCHASE) + 1;
        int32_t line = (int32_t)(i % A_PURCHASE) + 1;
        rows[i] = (library_line){.purchase_id = purchase, .line_no = line, .quantity = 1};
        if (line == 1) {
            purchases[purchased++] = (library_purchase){purchase, "C"};
            parcels[sent++] = (library_parcel){
                .id = purchase, .purchase_id = purchase, .line_no = line, .code = "P"};
        }
    }
    library_ok(scope,
               rowan_raw_insert_all(scope, &library_purchase_table, purchases, purchased, NULL));
    library_ok(scope, rowan_raw_insert_all(scope, &library_line_table, rows, lines, NULL));
    library_ok(scope, rowan_raw_insert_all(scope, &library_parcel_table, parcels, sent, NULL));
    free(purchases);
    free(rows);
    free(parcels);
    rowan_scope_end(scope);
}

/* A composite key takes a statement for 256 of them; 64 statements go at once. */
START_TEST(statements_of_one_relation_go_together_too)
{
    static const rowan_fetch plan[] = {{.relation = &library_line_purchase},
                                       {.relation = &library_line_parcels},
                                       {.relation = NULL}};
    const size_t sizes[] = {256, 257, 63 * 256, 63 * 256 + 1, 70 * 256};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t chunks = (sizes[i] + 255) / 256;
        db = library_open((size_t)_i, NULL);
        fill_lines(sizes[i]);
        graph g = {.way = &graph_ways[GRAPH_BY_QUERY], .scope = library_scope(db)};
        library_ok(g.scope, graph_load(&g, &library_line_table, plan));
        rowan_counts counts = rowan_scope_counts(g.scope);
        ck_assert_uint_eq(counts.statements - counts.setups, 1 + 1 + chunks);
        ck_assert_uint_eq(counts.round_trips,
                          trips_of(_i, 1 + 1 + chunks, 1 + (1 + chunks + 63) / 64) +
                              (is_server(_i) ? counts.cache_misses : 0));
        ck_assert_uint_eq(counts.rows, sizes[i] + 2 * ((sizes[i] + 99) / 100));
        for (size_t row = 0; row < g.rows.count; row++) {
            const library_line *line = (const library_line *)g.rows.at + row;
            library_purchase *purchase;
            rowan_rows parcels;
            library_ok(g.scope,
                       rowan_loaded_one(g.scope, &library_line_purchase, line, (void **)&purchase));
            library_ok(g.scope, rowan_loaded_many(g.scope, &library_line_parcels, line, &parcels));
            ck_assert_int_eq(purchase->id, line->purchase_id);
            ck_assert_uint_eq(parcels.count, line->line_no == 1);
            ck_assert(parcels.count == 0 ||
                      ((library_parcel *)parcels.at)->purchase_id == line->purchase_id);
        }
        rowan_scope_end(g.scope);
        engine_close(db);
    }
}
END_TEST

/* Lists of keys, one way, and rows, the other, that are longer than what sockets hold. */
START_TEST(very_many_rows_go_together)
{
    enum { MANY = 15000 };
    rowan_fetch plan[VISIT_RELATIONS + 1] = {{.relation = NULL}};

    db = library_open((size_t)_i, NULL);
    visit_create(db, MANY);
    visit_fill(db, MANY, MANY);
    for (size_t i = 0; i < VISIT_RELATIONS; i++) {
        plan[i].relation = &visit_relations[i];
    }
    for (int round = 0; round < 2; round++) {
        graph g = {.way = &graph_ways[GRAPH_BY_QUERY], .scope = library_scope(db)};
        rowan_scope_deadline(g.scope, round == 0 ? 0 : 120000); /* it is watched at every wait */
        library_ok(g.scope, graph_load(&g, &visit_table, plan));
        for (size_t i = 0; i < MANY; i++) {
            const visit *v = (const visit *)g.rows.at + i;
            for (size_t k = 0; k < VISIT_RELATIONS; k++) {
                int64_t *key; /* the first member of each */
                library_ok(g.scope,
                           rowan_loaded_one(g.scope, &visit_relations[k], v, (void **)&key));
                ck_assert(v->other_id[k].has ? key != NULL && *key == v->other_id[k].value
                                             : key == NULL);
            }
        }
        rowan_scope_end(g.scope);
    }
    engine_close(db);
}
END_TEST

/* --- Any plan. --- */

enum { ENTRIES_MOST = 64 };

typedef struct any_plan {
    uint32_t seed;
    bool has_limits;
    size_t used;
    rowan_fetch entries[ENTRIES_MOST]; /* with the end of each list */
} any_plan;

static uint32_t any(any_plan *p, uint32_t below)
{
    p->seed = p->seed * 1664525u + 1013904223u;
    return (p->seed >> 8) % below;
}

/* Some relations of a table, no two the same, and some of theirs. */
static const rowan_fetch *make_plan(any_plan *p, const rowan_table *table, int depth)
{
    size_t count = table->relation_count;
    rowan_fetch *list = p->entries + p->used, *next = list;

    if (p->used + count + 1 > ENTRIES_MOST) {
        return NULL;
    }
    p->used += count + 1;
    for (size_t i = 0; i < count; i++) {
        const rowan_relation *r = table->relations[i];
        bool is_many = r->kind == ROWAN_HAS_MANY || r->kind == ROWAN_MANY_TO_MANY;
        if (any(p, 3) == 0) {
            continue;
        }
        *next++ = (rowan_fetch){
            .relation = r,
            .then = depth < DEPTH_MOST && any(p, 2) == 0 ? make_plan(p, r->to, depth + 1) : NULL,
            .limit = is_many && p->has_limits && any(p, 3) == 0 ? 1 + any(p, 3) : 0};
    }
    next->relation = NULL;
    return list->relation != NULL ? list : NULL;
}

static uint64_t depth_of(const rowan_fetch *plan)
{
    uint64_t most = 0;

    for (const rowan_fetch *entry = plan; entry != NULL && entry->relation != NULL; entry++) {
        uint64_t below = 1 + depth_of(entry->then);
        most = below > most ? below : most;
    }
    return most;
}

static uint64_t entries_of(const rowan_fetch *plan)
{
    uint64_t count = 0;

    for (const rowan_fetch *entry = plan; entry != NULL && entry->relation != NULL; entry++) {
        count += 1 + entries_of(entry->then);
    }
    return count;
}

START_TEST(any_plan_loads_what_its_paths_load)
{
    enum { PLANS = 40 };
    static const rowan_table *const roots[] = {&library_book_table, &library_author_table,
                                               &library_publisher_table, &library_line_table};
    uint64_t together = 0;

    open_with(_i, NULL, 12);
    fill_tags();
    library_fill_lines(db, 3, 4);
    library_run(db, "UPDATE purchase_line SET book_id = 5001 + line_no WHERE line_no > 1");
    for (uint32_t seed = 0; seed < PLANS; seed++) {
        const graph_way *way = &graph_ways[seed % GRAPH_WAYS];
        /* A session has a row once, wherever it is in a plan: with the limit of one place. */
        any_plan p = {.seed = seed, .has_limits = !way->is_session};
        const rowan_table *root = roots[seed % 4];
        const rowan_fetch *plan = make_plan(&p, root, 1);
        if (plan == NULL) {
            continue;
        }
        graph g = {.way = way, .scope = library_scope(db)};
        library_ok(g.scope, graph_load(&g, root, plan));
        rowan_counts counts = rowan_scope_counts(g.scope);
        uint64_t statements = counts.statements - counts.setups;
        ck_assert_uint_le(statements, 1 + entries_of(plan));
        ck_assert(counts.setups > 0 ||
                  counts.round_trips <= trips_of(_i, statements, 1 + depth_of(plan)) +
                                            (is_server(_i) ? counts.cache_misses : 0));
        together += entries_of(plan) - depth_of(plan);
        check_graph(&g, plan);
        graph_end(&g);
        rowan_scope_end(g.scope);
    }
    ck_assert_uint_gt(together, PLANS);
    engine_close(db);
}
END_TEST

START_TEST(round_trips_are_as_a_witness_counts_them)
{
    char through[1024];
    const char *url = engine_url_new((size_t)_i);
    relay *witness = relay_start(url, through, sizeof through);

    ck_assert_ptr_nonnull(witness);
    db = engine_open_url(through, NULL);
    library_create(db, (size_t)_i);
    library_fill(db, 30, 4, 6);
    fill_tags();
    for (int round = 0; round < 2; round++) {
        graph g = {.way = &graph_ways[GRAPH_BY_QUERY], .scope = library_scope(db)};
        relay_reset(witness);
        library_ok(g.scope, graph_load(&g, &library_book_table, cousins));
        uint64_t counted = rowan_scope_counts(g.scope).round_trips;
        ck_assert(round == 0 || counted == trips_of(_i, 8, 3));
        ck_assert_uint_eq(relay_count(witness).turns, counted);
        rowan_scope_end(g.scope);
    }
    rowan_close(db);
    relay_stop(witness);
    engine_url_drop(url);
}
END_TEST

/* A scope may have more statements on their way than its connection keeps. */
START_TEST(more_statements_than_are_kept_may_go_together)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.statement_cache = 2;
    open_with(_i, &options, 30);
    fill_tags();
    for (int round = 0; round < 3; round++) {
        graph g = {.way = &graph_ways[GRAPH_BY_QUERY], .scope = library_scope(db)};
        library_ok(g.scope, graph_load(&g, &library_book_table, cousins));
        ck_assert_uint_eq(library_sent(g.scope), 8);
        check_graph(&g, cousins);
        rowan_scope_end(g.scope);
    }
    engine_close(db);
}
END_TEST

/* Rows that came with others load for all of these, whatever level they are of. */
START_TEST(peers_are_those_that_came_with_a_row)
{
    open_with(_i, NULL, 30);
    fill_tags();
    graph g = {.way = &graph_ways[1], .scope = library_scope(db)};
    rowan_rows tags, authors, of_author;
    library_ok(g.scope,
               graph_load(&g, &library_book_table,
                          FETCH(RELATED(&library_book_authors), RELATED(&library_book_tags))));
    ck_assert_uint_eq(library_sent(g.scope), 3);
    size_t seen = 0;
    for (size_t i = 0; i < g.rows.count; i++) {
        const library_book *book = (const library_book *)g.rows.at + i;
        library_ok(g.scope, rowan_record_many(g.scope, &library_book_tags, book, &tags));
        library_ok(g.scope, rowan_record_many(g.scope, &library_book_authors, book, &authors));
        ck_assert_uint_eq(tags.count, i < 9);
        for (size_t a = 0; a < authors.count; a++) {
            library_ok(g.scope, rowan_record_many(g.scope, &library_author_tags,
                                                  (library_author *)authors.at + a, &of_author));
            seen += of_author.count;
        }
    }
    ck_assert_uint_eq(seen, 60);
    ck_assert_uint_eq(library_sent(g.scope), 1);
    rowan_scope_end(g.scope);
    engine_close(db);
}
END_TEST

/* --- What subscribers are told. --- */

enum { HEARD_MOST = 16 };

static struct heard {
    bool listens;
    size_t count;
    rowan_event at[HEARD_MOST];
    const rowan_fetched *fetched[HEARD_MOST];
} heard;

static void hear(void *context, const rowan_event *event)
{
    struct heard *list = context;

    if (!list->listens || event->kind != ROWAN_EVENT_STATEMENT ||
        event->purpose != ROWAN_PURPOSE_QUERY) {
        return;
    }
    ck_assert_uint_lt(list->count, HEARD_MOST);
    ck_assert_uint_le(event->fetched_count, 1);
    list->fetched[list->count] = event->fetched_count > 0 ? event->fetched[0] : NULL;
    list->at[list->count++] = *event;
}

static void check_heard(size_t index, const rowan_relation *relation, const rowan_relation *within,
                        const graph_way *way)
{
    const rowan_event *event = &heard.at[index];
    const rowan_fetched *fetched = heard.fetched[index];

    ck_assert_int_eq(event->pattern, way->pattern);
    ck_assert_ptr_eq(event->relation, relation);
    ck_assert_ptr_null(event->error);
    ck_assert(index == 0 || event->sequence == event[-1].sequence + 1);
    ck_assert_uint_eq(event->statements, 1);
    ck_assert_int_ge(event->elapsed_ns, 0);
    ck_assert(relation == NULL || event->table == relation->to);
    ck_assert((fetched != NULL) == (relation != NULL));
    if (fetched != NULL) {
        ck_assert_ptr_eq(fetched->relation, relation);
        ck_assert_int_eq(fetched->site.line, event->site.line);
        ck_assert_ptr_eq(fetched->within != NULL ? fetched->within->relation : NULL, within);
        ck_assert_uint_ge(fetched->owners, fetched->within != NULL ? 4 : 30);
        ck_assert(event->table == &library_author_table || fetched->rows == event->rows);
    }
}

START_TEST(each_statement_is_an_event_in_the_order_of_the_plan)
{
    static const rowan_relation *const wanted[][2] = {
        {NULL, NULL},
        {&library_book_publisher, NULL},
        {&library_book_tags, NULL},
        {&library_book_authors, NULL},
        {&library_publisher_books, &library_book_publisher},
        {&library_publisher_featured, &library_book_publisher},
        {&library_author_profile, &library_book_authors},
        {&library_author_tags, &library_book_authors}};
    const size_t count = sizeof wanted / sizeof wanted[0];
    rowan_subscriber subscriber = {
        .on_event = hear, .context = &heard, .wants_times = true, .wants_rows = true};
    rowan_subscriber *subscribers[] = {&subscriber};
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.subscribers = subscribers;
    options.subscriber_count = 1;
    open_with(_i, &options, 30);
    fill_tags();
    for (size_t w = 0; w < GRAPH_WAYS; w++) {
        graph g = {.way = &graph_ways[w], .scope = library_scope(db)};
        uint64_t trips = 0, rows = 0;
        heard.count = 0;
        heard.listens = true;
        library_ok(g.scope, graph_load(&g, &library_book_table, cousins));
        heard.listens = false;
        rowan_counts counts = rowan_scope_counts(g.scope);
        ck_assert_uint_eq(heard.count, count);
        for (size_t i = 0; i < count; i++) {
            check_heard(i, wanted[i][0], wanted[i][1], g.way);
            trips += heard.at[i].round_trips;
            rows += heard.at[i].rows;
        }
        ck_assert(counts.setups > 0 || trips == counts.round_trips);
        ck_assert_uint_eq(rows, counts.rows);
        graph_end(&g);
        rowan_scope_end(g.scope);
    }
    engine_close(db);
}
END_TEST

/* Five statements of one line in one moment are five questions, not one that is repeated. */
START_TEST(siblings_are_no_finding)
{
    rowan_fetch plan[VISIT_RELATIONS + 1] = {{.relation = NULL}};

    db = library_open((size_t)_i, NULL);
    visit_create(db, OTHERS);
    visit_fill(db, 40, OTHERS);
    for (size_t i = 0; i < VISIT_RELATIONS; i++) {
        plan[i].relation = &visit_relations[i];
    }
    for (size_t w = 0; w < GRAPH_WAYS; w++) {
        graph g = {.way = &graph_ways[w], .scope = library_scope(db)};
        library_ok(g.scope, graph_load(&g, &visit_table, plan));
        free(graph_describe(&g, plan));
        library_ok(g.scope, rowan_expect_no_findings(g.scope));
        graph_end(&g);
        rowan_scope_end(g.scope);
    }
    engine_close(db);
}
END_TEST

/* The policy of the rows goes on to what is loaded for them. */
START_TEST(what_siblings_load_has_their_policy)
{
    rowan_rows books, authors, tags;
    void *book;

    open_with(_i, NULL, 30);
    fill_tags();
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_book_table,
                         .order_by = ORDER(ASC(BOOK.id)),
                         .lazy = ROWAN_LAZY_FORBID,
                         .fetch =
                             FETCH(RELATED(&library_book_tags), RELATED(&library_book_authors))};
    library_ok(scope, rowan_record_all(scope, &query, &books));
    library_ok(scope, rowan_record_many(scope, &library_book_authors, books.at, &authors));
    library_ok(scope, rowan_record_many(scope, &library_book_tags, books.at, &tags));
    ck_assert_uint_eq(authors.count, 2);
    ck_assert_uint_eq(tags.count, 1);
    library_sent(scope);
    ck_assert_int_eq(rowan_record_one(scope, &library_tag_book, tags.at, &book), ROWAN_LAZY);
    ck_assert_int_eq(rowan_record_many(scope, &library_author_tags, authors.at, &tags), ROWAN_LAZY);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("siblings");
    TCase *tc = tcase_create("siblings");
    int engines = (int)engine_count();
    int first = engine_is(0, "sqlite") ? 1 : 0; /* it has no wire */

    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, so_many_siblings_are_one_round_trip, 0, engines);
    tcase_add_loop_test(tc, cousins_share_the_round_trip_of_their_level, 0, engines);
    tcase_add_loop_test(tc, a_deep_sibling_takes_a_round_trip_a_level, 0, engines);
    tcase_add_loop_test(tc, limits_and_tables_between_go_together, 0, engines);
    tcase_add_loop_test(tc, what_has_nothing_to_load_is_not_sent, 0, engines);
    tcase_add_loop_test(tc, what_is_loaded_already_is_not_sent, 0, engines);
    tcase_add_loop_test(tc, what_is_not_joined_is_loaded_at_once, 0, engines);
    tcase_add_loop_test(tc, statements_of_one_relation_go_together_too, 0, engines);
    tcase_add_loop_test(tc, very_many_rows_go_together, 0, engines);
    tcase_add_loop_test(tc, any_plan_loads_what_its_paths_load, 0, engines);
    tcase_add_loop_test(tc, round_trips_are_as_a_witness_counts_them, first, engines);
    tcase_add_loop_test(tc, more_statements_than_are_kept_may_go_together, 0, engines);
    tcase_add_loop_test(tc, peers_are_those_that_came_with_a_row, 0, engines);
    tcase_add_loop_test(tc, each_statement_is_an_event_in_the_order_of_the_plan, 0, engines);
    tcase_add_loop_test(tc, siblings_are_no_finding, 0, engines);
    tcase_add_loop_test(tc, what_siblings_load_has_their_policy, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
