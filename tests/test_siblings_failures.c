/*
 * Relations that are loaded at once, of which one fails: nothing is attached of any, whatever
 * happened: a table that is gone, a wrong condition, no memory, a deadline, a cancel, a lost
 * connection, a schema that changed meanwhile. The scope goes on.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rowan/short.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/graph.h"
#include "support/library.h"
#include "support/suite.h"

enum { VISITS = 20, OTHERS = 6 };

static const char *url;
static rowan_db *db;
static rowan_fetch plan[VISIT_RELATIONS + 1]; /* all relations of a visit */

static const char *const tables[VISIT_RELATIONS] = {"book", "author", "publisher", "purchase",
                                                    "category"};

static void begin_with(int engine, const rowan_options *options)
{
    url = engine_url_new((size_t)engine);
    db = engine_open_url(url, options);
    library_create(db, (size_t)engine);
    visit_create(db, OTHERS);
    visit_fill(db, VISITS, OTHERS);
    memset(plan, 0, sizeof plan);
    for (size_t i = 0; i < VISIT_RELATIONS; i++) {
        plan[i].relation = &visit_relations[i];
    }
}

static void begin(int engine)
{
    begin_with(engine, NULL);
}

static void end(void)
{
    rowan_close(db);
    engine_url_drop(url);
}

/* A graph of visits of which nothing is loaded yet. */
static graph bare(rowan_scope *scope)
{
    static const rowan_fetch nothing[] = {{.relation = NULL}};
    graph g = {.way = &graph_ways[GRAPH_BY_LOAD], .scope = scope};

    library_ok(scope, graph_load(&g, &visit_table, nothing));
    ck_assert_uint_eq(graph_count(&g), VISITS);
    ck_assert(graph_is_bare(&g, plan));
    return g;
}

static rowan_status load(const graph *g)
{
    return rowan_load(g->scope, &visit_table, g->rows.at, g->rows.count, plan);
}

/* Loading goes well, and gives what it always gives. */
static void check_good(const graph *g)
{
    library_ok(g->scope, load(g));
    char *text = graph_describe(g, plan);
    ck_assert_ptr_nonnull(strstr(text, "(visit 3 book(book 5003) author(author 5005) "
                                       "publisher(publisher 5001) purchase(purchase 5003) "
                                       "category(category 5005))"));
    free(text);
}

static rowan_error why; /* a call failed; asking for what is not loaded has errors of its own */

static void check_failed(const graph *g, rowan_status status, rowan_status wanted)
{
    why = *rowan_scope_error(g->scope);
    ck_assert_msg(status == wanted, "%s: %s (%s)", rowan_status_name(status), why.message,
                  why.engine_message);
    ck_assert_int_eq(why.status, wanted);
    ck_assert(graph_is_bare(g, plan));
}

static void warm(void)
{
    rowan_scope *scope = library_scope(db);
    graph g = bare(scope);

    check_good(&g);
    rowan_scope_end(scope);
}

static void rename_table(const char *from, const char *to)
{
    char ddl[80];

    snprintf(ddl, sizeof ddl, "ALTER TABLE %s RENAME TO %s", from, to);
    engine_send(url, ddl);
}

/* --- One that fails. --- */

/* The first, one in the middle, the last; prepared before or not; in a transaction or not. */
START_TEST(one_that_fails_leaves_nothing_of_any)
{
    begin(_i);
    for (int mode = 0; mode < 12; mode++) {
        const char *gone = tables[mode / 4 * 2];
        bool is_warm = mode % 2 != 0, in_transaction = mode / 2 % 2 != 0;
        if (is_warm) {
            warm();
        }
        rename_table(gone, "gone");
        rowan_scope *scope = library_scope(db);
        if (in_transaction) {
            library_ok(scope, rowan_begin(scope, NULL));
        }
        graph g = bare(scope);
        check_failed(&g, load(&g), ROWAN_NO_SUCH);
        ck_assert_ptr_null(strstr(why.message, "[")); /* no place in a list of the library's */
        ck_assert(why.connection_usable);
        ck_assert(in_transaction || why.fate == ROWAN_FATE_NONE);
        if (in_transaction) {
            ck_assert_int_eq(why.fate, engine_is((size_t)_i, "postgresql")
                                           ? ROWAN_FATE_MUST_ROLLBACK
                                           : ROWAN_FATE_OPEN);
            library_ok(scope, rowan_rollback(scope));
        }
        rename_table("gone", gone);
        check_good(&g);
        rowan_scope_end(scope);
        fault_close_idle(db); /* the next one begins with nothing prepared */
    }
    end();
}
END_TEST

static struct told {
    bool listens;
    size_t count, failed;
    const rowan_relation *last;
} told;

static void hear(void *context, const rowan_event *event)
{
    struct told *t = context;

    if (!t->listens || event->kind != ROWAN_EVENT_STATEMENT || event->relation == NULL) {
        return;
    }
    ck_assert_uint_eq(event->fetched_count, 1);
    ck_assert_ptr_eq(event->fetched[0]->relation, event->relation);
    ck_assert_uint_eq(t->failed, 0);
    t->count++;
    t->failed += event->error != NULL;
    t->last = event->relation;
}

/* Those before it are told as well, if they were sent. */
START_TEST(the_one_that_failed_is_the_last_that_is_told)
{
    rowan_subscriber subscriber = {.on_event = hear, .context = &told};
    rowan_subscriber *subscribers[] = {&subscriber};
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.subscribers = subscribers;
    options.subscriber_count = 1;
    begin_with(_i, &options);
    for (size_t failing = 0; failing < VISIT_RELATIONS; failing++) {
        for (int is_warm = 0; is_warm < 2; is_warm++) {
            fault_close_idle(db);
            if (is_warm != 0) {
                warm();
            }
            rename_table(tables[failing], "gone");
            rowan_scope *scope = library_scope(db);
            graph g = bare(scope);
            told = (struct told){.listens = true};
            check_failed(&g, load(&g), ROWAN_NO_SUCH);
            told.listens = false;
            ck_assert_uint_eq(told.failed, 1);
            ck_assert_ptr_eq(told.last, &visit_relations[failing]);
            bool at_once = engine_is((size_t)_i, "postgresql");
            ck_assert_uint_eq(told.count, at_once && is_warm == 0 ? 1 : failing + 1);
            rename_table("gone", tables[failing]);
            check_good(&g);
            rowan_scope_end(scope);
        }
    }
    end();
}
END_TEST

/* Where they go at once, none of a level is sent if one cannot be made. */
START_TEST(what_cannot_be_made_is_refused)
{
    begin(_i);
    for (size_t bad = 0; bad < VISIT_RELATIONS; bad += 2) {
        rowan_scope *scope = library_scope(db);
        graph g = bare(scope);
        plan[bad].where = EQ(TAG.label, "of another table");
        library_sent(scope);
        check_failed(&g, load(&g), ROWAN_MISUSE);
        ck_assert_ptr_nonnull(strstr(why.message, "tag"));
        ck_assert_uint_eq(library_sent(scope), engine_is((size_t)_i, "postgresql") ? 0 : bad);
        plan[bad].where = NULL;
        check_good(&g);
        rowan_scope_end(scope);
    }
    end();
}
END_TEST

/* A relation without its column is refused before any of its level is sent. */
START_TEST(rows_that_lack_a_column_are_refused)
{
    rowan_rows rows;

    begin(_i);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_raw_all(scope, "SELECT id, other0, other1 FROM visit ORDER BY id",
                                    NO_PARAMS, &visit_table, &rows));
    library_sent(scope);
    ck_assert_int_eq(rowan_load(scope, &visit_table, rows.at, rows.count, plan), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "visit.publisher"));
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    end();
}
END_TEST

START_TEST(a_scope_whose_stream_is_open_is_busy)
{
    rowan_stream *stream;

    begin(_i);
    rowan_scope *scope = library_scope(db);
    graph g = bare(scope);
    library_ok(scope, rowan_raw_stream(scope, "SELECT * FROM book", NO_PARAMS, &library_book_table,
                                       &stream));
    check_failed(&g, load(&g), ROWAN_BUSY);
    rowan_stream_close(stream);
    check_good(&g);
    rowan_scope_end(scope);
    end();
}
END_TEST

/* --- Memory. --- */

/* Fails each allocation of one way of loading in turn. @return how many there were */
static unsigned fail_each(const graph_way *way, const rowan_table *table, const rowan_fetch *all)
{
    for (unsigned nth = 1;; nth++) {
        ck_assert_uint_lt(nth, 2000);
        fault_close_idle(db); /* everything is prepared and learned anew */
        graph g = {.way = way, .scope = library_scope(db)};
        fault_arm(nth);
        bool began = !way->is_session || rowan_session_begin(g.scope, &g.session) == ROWAN_OK;
        rowan_status status = began ? graph_load(&g, table, all) : ROWAN_NOMEM;
        bool fired = fault_fired();
        fault_arm(0);
        if (status != ROWAN_OK) {
            ck_assert(fired);
            ck_assert_int_eq(status, ROWAN_NOMEM);
            ck_assert_msg(graph_is_bare(&g, all), "%s, allocation %u", way->name, nth);
        }
        library_ok(g.scope, graph_load(&g, table, all));
        char *text = graph_describe(&g, all);
        ck_assert_ptr_nonnull(strstr(text, "(publisher 5001"));
        free(text);
        graph_end(&g);
        rowan_scope_end(g.scope);
        if (!fired) {
            return nth;
        }
    }
}

START_TEST(each_allocation_that_fails_is_reported)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    fault_arm(0);
    options.allocator = &fault_allocator;
    begin_with(_i, &options);
    plan[1].then = graph_author_plan;
    plan[2].then = graph_publisher_plan;
    plan[0].limit = 1;
    for (size_t w = 0; w < GRAPH_WAYS; w++) {
        ck_assert_uint_gt(fail_each(&graph_ways[w], &visit_table, plan), 20);
    }
    const rowan_fetch of_books[] = {{.relation = &library_book_authors, .limit = 1},
                                    {.relation = &library_book_publisher},
                                    {.relation = &library_book_tags},
                                    {.relation = NULL}};
    ck_assert_uint_gt(fail_each(&graph_ways[GRAPH_BY_LOAD], &library_book_table, of_books), 20);
    rowan_close(db);
    engine_url_drop(url);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

/* --- Time. --- */

/* Keeps everyone from a table until the scope ends its transaction. */
static rowan_scope *lock_table(int engine, const char *table)
{
    rowan_scope *scope = library_scope(db);
    bool is_mariadb = engine_is((size_t)engine, "mariadb");
    char sql[80];

    snprintf(sql, sizeof sql, is_mariadb ? "LOCK TABLES %s WRITE" : "LOCK TABLE %s", table);
    library_ok(scope, is_mariadb ? ROWAN_OK : rowan_begin(scope, NULL));
    library_ok(scope, rowan_raw_script(scope, sql, NULL));
    return scope;
}

static void unlock_tables(int engine, rowan_scope *scope)
{
    bool is_mariadb = engine_is((size_t)engine, "mariadb");

    library_ok(scope,
               is_mariadb ? rowan_raw_script(scope, "UNLOCK TABLES", NULL) : rowan_rollback(scope));
    rowan_scope_end(scope);
}

START_TEST(the_deadline_is_that_of_all)
{
    begin(_i);
    for (size_t locked = 0; locked < VISIT_RELATIONS; locked += 2) {
        warm();
        rowan_scope *scope = library_scope(db);
        graph g = bare(scope);
        rowan_scope *other = lock_table(_i, tables[locked]);
        rowan_scope_deadline(scope, 200);
        check_failed(&g, load(&g), ROWAN_TIMEOUT);
        check_failed(&g, load(&g), ROWAN_TIMEOUT); /* it has passed before */
        rowan_scope_deadline(scope, 0);
        unlock_tables(_i, other);
        check_good(&g);
        rowan_scope_end(scope);
    }
    end();
}
END_TEST

static void *cancel_soon(void *scope)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000000};

    nanosleep(&pause, NULL);
    ck_assert_int_eq(rowan_scope_cancel(scope, NULL), ROWAN_OK);
    return NULL;
}

START_TEST(another_thread_cancels)
{
    begin(_i);
    for (size_t locked = 0; locked < VISIT_RELATIONS; locked += 2) {
        pthread_t thread;
        warm();
        rowan_scope *scope = library_scope(db);
        graph g = bare(scope);
        rowan_scope *other = lock_table(_i, tables[locked]);
        ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, scope), 0);
        check_failed(&g, load(&g), ROWAN_CANCELLED);
        pthread_join(thread, NULL);
        unlock_tables(_i, other);
        check_good(&g);
        rowan_scope_end(scope);
    }
    end();
}
END_TEST

/* --- Lost connections and schemas. --- */

/* The connection breaks before or after each call to the driver; the next statement makes one. */
START_TEST(a_lost_connection_is_replaced)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.no_detector = true;
    begin_with(_i, &options);
    fault_install(db);
    for (int mode = 0; mode < 4; mode++) {
        bool is_warm = mode % 2 != 0, is_cut = mode / 2 != 0;
        unsigned at_once = engine_is((size_t)_i, "postgresql") ? 1 : VISIT_RELATIONS, call = 1;
        for (;; call++) {
            fault_close_idle(db);
            if (is_warm) {
                warm();
            }
            rowan_scope *scope = library_scope(db);
            graph g = bare(scope);
            fault_plan_set(
                (fault_plan){.cut_call = is_cut ? call : 0, .lose_call = is_cut ? 0 : call});
            rowan_status status = load(&g);
            fault_plan_set((fault_plan){0});
            if (status != ROWAN_OK) {
                check_failed(&g, status, ROWAN_LOST);
                ck_assert(!why.connection_usable);
            }
            check_good(&g);
            rowan_scope_end(scope);
            if (status == ROWAN_OK) {
                break;
            }
        }
        ck_assert_uint_eq(call - 1, at_once + (is_warm ? 0 : VISIT_RELATIONS));
    }
    end();
}
END_TEST

/* Names become longer in every turn, so that results of statements that read them change. */
static void widen(size_t table, int turn)
{
    static const char *const columns[VISIT_RELATIONS] = {"title", "name", "name", "customer",
                                                         "name"};
    char ddl[120];

    snprintf(ddl, sizeof ddl, "ALTER TABLE %s ALTER COLUMN %s TYPE varchar(%d)", tables[table],
             columns[table], 300 + turn);
    engine_send(url, ddl);
}

START_TEST(a_statement_that_the_schema_outdated_is_prepared_anew)
{
    begin(_i);
    rowan_scope *scope = library_scope(db);
    for (unsigned outdated = 1; outdated < 1u << VISIT_RELATIONS; outdated += 5) {
        graph g = bare(scope);
        check_good(&g);
        g = bare(scope);
        for (size_t i = 0; i < VISIT_RELATIONS; i++) {
            if ((outdated >> i & 1) != 0) {
                widen(i, (int)outdated);
            }
        }
        rowan_counts before = rowan_scope_counts(scope);
        check_good(&g);
        rowan_counts after = rowan_scope_counts(scope);
        ck_assert_uint_ge(after.cache_misses - before.cache_misses, 1);
        ck_assert_uint_ge(after.round_trips - before.round_trips, 3); /* in vain, prepared, again */
        ck_assert_uint_le(after.round_trips - before.round_trips,
                          2 + after.cache_misses - before.cache_misses);
    }
    rowan_scope_end(scope);
    end();
}
END_TEST

/* Inside a transaction nothing can be sent again: the whole of it has to be. */
START_TEST(in_a_transaction_the_changed_schema_is_a_conflict)
{
    begin(_i);
    for (size_t outdated = 0; outdated < VISIT_RELATIONS; outdated += 2) {
        warm();
        rowan_scope *scope = library_scope(db);
        library_ok(scope, rowan_begin(scope, NULL));
        graph g = bare(scope);
        widen(outdated, (int)outdated);
        check_failed(&g, load(&g), ROWAN_CONFLICT);
        ck_assert_int_eq(why.fate, ROWAN_FATE_MUST_ROLLBACK);
        ck_assert_int_eq(why.retry, ROWAN_RETRY_TRANSACTION);
        library_ok(scope, rowan_rollback(scope));
        library_ok(scope, rowan_begin(scope, NULL));
        check_good(&g);
        library_ok(scope, rowan_commit(scope));
        rowan_scope_end(scope);
    }
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failures of siblings");
    TCase *tc = tcase_create("failures of siblings");
    int engines = (int)engine_count();
    int first =
        engine_is(0, "sqlite") ? 1 : 0; /* it has no connection to lose, and no table locks */

    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, one_that_fails_leaves_nothing_of_any, 0, engines);
    tcase_add_loop_test(tc, the_one_that_failed_is_the_last_that_is_told, 0, engines);
    tcase_add_loop_test(tc, what_cannot_be_made_is_refused, 0, engines);
    tcase_add_loop_test(tc, rows_that_lack_a_column_are_refused, 0, engines);
    tcase_add_loop_test(tc, a_scope_whose_stream_is_open_is_busy, 0, engines);
    tcase_add_loop_test(tc, each_allocation_that_fails_is_reported, 0, engines);
    tcase_add_loop_test(tc, the_deadline_is_that_of_all, first, engines);
    tcase_add_loop_test(tc, another_thread_cancels, first, engines);
    tcase_add_loop_test(tc, a_lost_connection_is_replaced, first, engines);
    for (int i = 0; i < engines; i++) {
        if (engine_is((size_t)i, "postgresql")) { /* where a statement is of one schema */
            tcase_add_loop_test(tc, a_statement_that_the_schema_outdated_is_prepared_anew, i,
                                i + 1);
            tcase_add_loop_test(tc, in_a_transaction_the_changed_schema_is_a_conflict, i, i + 1);
        }
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
