/*
 * Many threads on one database, each in scopes of its own, through all four patterns, with the
 * detector looking on. Run under ThreadSanitizer.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include <rowan/rowan.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

enum { THREADS = 6, ROUNDS = 8, BOOKS = 30, PUBLISHERS = 10 };

static rowan_db *db;
static atomic_uint failures;
static atomic_uint findings_reported;

static void count_findings(void *context, const char *scope_name, const rowan_findings *findings)
{
    (void)context;
    (void)scope_name;
    atomic_fetch_add(&findings_reported, (unsigned)findings->count);
}

static void open_on(size_t engine)
{
    rowan_detector_options detector = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;

    detector.on_findings = count_findings;
    options.detector = &detector;
    options.max_open = 4;
    options.wait_ms = 60000;
    db = library_open(engine, &options);
    library_fill(db, BOOKS, PUBLISHERS, 3);
    atomic_store(&failures, 0);
    atomic_store(&findings_reported, 0);
}

/* A failed call is counted: Check's assertions belong to the main thread. */
static bool went_well(rowan_scope *scope, rowan_status status, const char *what)
{
    if (status != ROWAN_OK) {
        fprintf(stderr, "%s: %s: %s\n", what, rowan_status_name(status),
                scope ? rowan_scope_error(scope)->message : "no scope");
        atomic_fetch_add(&failures, 1);
    }
    return status == ROWAN_OK;
}

static const rowan_query all_books = {.from = &library_book_table};

static void use_raw(rowan_scope *scope)
{
    rowan_rows rows;

    if (went_well(scope,
                  rowan_raw_all(scope, "SELECT * FROM book WHERE price_cents >= :least ORDER BY id",
                                ROWAN_PARAMS(ROWAN_NAMED("least", 0)), &library_book_table, &rows),
                  "raw")) {
        atomic_fetch_add(&failures, rows.count != BOOKS);
    }
}

static void use_builder(rowan_scope *scope)
{
    rowan_query query = all_books;
    int64_t count;

    query.where = ROWAN_LT(BOOK.price_cents, 1000000);
    if (went_well(scope, rowan_query_count(scope, &query, &count), "builder")) {
        atomic_fetch_add(&failures, count != BOOKS);
    }
}

/* An N+1 on purpose, so that each thread's detector has something to find. */
static void use_records(rowan_scope *scope)
{
    rowan_query query = all_books;
    rowan_rows rows;
    void *publisher;

    query.lazy = ROWAN_LAZY_EACH;
    if (!went_well(scope, rowan_record_all(scope, &query, &rows), "records")) {
        return;
    }
    library_book *books = rows.at;
    for (size_t i = 0; i < rows.count; i++) {
        went_well(scope, rowan_record_one(scope, &library_book_publisher, &books[i], &publisher),
                  "publisher");
    }
}

static void use_session(rowan_scope *scope, int thread)
{
    rowan_session *session;
    void *author;

    if (!went_well(scope, rowan_session_begin(scope, &session), "session")) {
        return;
    }
    if (went_well(scope, rowan_session_new(session, &library_author_table, &author), "new")) {
        ((library_author *)author)->name = thread % 2 ? "odd" : "even";
        went_well(scope, rowan_session_flush(session), "flush");
    }
    rowan_session_end(session);
}

static void *work(void *argument)
{
    int thread = *(const int *)argument;

    for (int round = 0; round < ROUNDS; round++) {
        rowan_scope *scope;
        rowan_error error;
        if (!went_well(NULL, rowan_scope_begin(db, "worker", &scope, &error), "begin")) {
            continue;
        }
        use_raw(scope);
        use_builder(scope);
        use_records(scope);
        use_session(scope, thread);
        rowan_scope_end(scope);
    }
    return NULL;
}

START_TEST(all_patterns_run_on_many_threads_at_once)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    open_on((size_t)_i);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_uint_eq(atomic_load(&failures), 0);
    ck_assert_uint_eq(atomic_load(&findings_reported), THREADS * ROUNDS);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author"), 3 + THREADS * ROUNDS);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("threads");
    TCase *tc = tcase_create("threads");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, all_patterns_run_on_many_threads_at_once, 0, (int)engine_count());
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
