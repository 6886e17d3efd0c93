/*
 * What is left when something fails: each call to the engine in turn, each allocation in turn. The
 * call that was hit reports it, a transaction is done wholly or not at all, nothing is leaked, and
 * the database goes on.
 */
#include <check.h>
#include <stdlib.h>

#ifdef ROWAN_WITH_SQLITE
#include <sqlite3.h>
#endif

#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"

typedef struct word {
    int64_t id;
    const char *said;
} word;

static const rowan_table word_shape;
static const rowan_column word_columns[] = {
    ROWAN_COLUMN(word_shape, word, id, 0),
    ROWAN_COLUMN(word_shape, word, said, 0),
};
static const rowan_table word_shape = ROWAN_SHAPE(word, word_columns);

enum {
    WORDS = 3, /* that one piece of work adds */
    MOST_TRIES = 2000
};

static rowan_db *db;

static void open_with(size_t engine, bool detector)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    fault_arm(0);
    fault_plan_set((fault_plan){0});
    options.no_detector = !detector;
    options.allocator = &fault_allocator;
    options.max_open = 2;
    options.wait_ms = 500;
    db = engine_open(engine, &options);
    engine_script(db,
                  "CREATE TABLE word (id @int64 NOT NULL PRIMARY KEY, said @text(40) NOT NULL);");
}

static void open_words(size_t engine)
{
    open_with(engine, false);
}

static void close_words(void)
{
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

/* Words first to first + 2, in one transaction with a savepoint in it. */
static rowan_status add_words(rowan_scope *scope, int64_t first)
{
    rowan_status status = rowan_begin(scope, NULL);

    for (int64_t i = 0; i < WORDS && status == ROWAN_OK; i++) {
        status = rowan_raw_run(
            scope, "INSERT INTO word (id, said) VALUES (:id, :said)",
            ROWAN_PARAMS(ROWAN_NAMED("id", first + i), ROWAN_NAMED("said", "hello")), NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_begin(scope, NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_run(scope, "UPDATE word SET said = ? WHERE id = ?",
                               ROWAN_PARAMS(ROWAN_V("good bye"), ROWAN_V(first)), NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_commit(scope);
    }
    return status == ROWAN_OK ? rowan_commit(scope) : status;
}

/* Reads all words twice: at once and as a stream. On success both gave as many. */
static rowan_status read_words(rowan_scope *scope)
{
    static const char sql[] = "SELECT id, said FROM word ORDER BY id";
    rowan_rows rows;
    rowan_stream *stream;
    size_t streamed = 0;
    void *row;

    rowan_status status = rowan_raw_all(scope, sql, ROWAN_NO_PARAMS, &word_shape, &rows);
    if (status != ROWAN_OK) {
        ck_assert_ptr_null(rows.at);
        ck_assert_uint_eq(rows.count, 0);
        return status;
    }
    status = rowan_raw_stream(scope, sql, ROWAN_NO_PARAMS, &word_shape, &stream);
    if (status != ROWAN_OK) {
        ck_assert_ptr_null(stream);
        return status;
    }
    while ((status = rowan_stream_next(stream, &row)) == ROWAN_OK) {
        streamed++;
    }
    rowan_stream_close(stream);
    if (status == ROWAN_DONE) {
        ck_assert_uint_eq(streamed, rows.count);
        status = ROWAN_OK;
    }
    return status;
}

/* The same with both in one transaction, where a stream may be another thing to the engine. */
static rowan_status read_words_at_once(rowan_scope *scope)
{
    rowan_status status = rowan_begin(scope, NULL);

    if (status == ROWAN_OK) {
        status = read_words(scope);
    }
    return status == ROWAN_OK ? rowan_commit(scope) : status;
}

/* A request's work: @return the status of the first call that failed; its error goes to @p error.
 */
static rowan_status work(int64_t first, rowan_error *error)
{
    rowan_scope *scope;
    rowan_status status = rowan_scope_begin(db, "work", &scope, error);

    if (status != ROWAN_OK) {
        ck_assert_ptr_null(scope);
        return status;
    }
    status = add_words(scope, first);
    if (status == ROWAN_OK) {
        status = read_words(scope);
    }
    if (status == ROWAN_OK) {
        status = read_words_at_once(scope);
    }
    *error = *rowan_scope_error(scope);
    if (status != ROWAN_OK) {
        ck_assert_int_eq(error->status, status);
        ck_assert(error->message[0] != '\0');
    }
    rowan_scope_end(scope); /* rolls back what is open */
    return status;
}

/* Words in the table, counted when nothing fails any more. */
static int64_t count_words(void)
{
    rowan_scope *scope;
    rowan_cursor *cursor;
    rowan_error error;
    int64_t count;

    ck_assert_int_eq(rowan_scope_begin(db, "count", &scope, &error), ROWAN_OK);
    rowan_status status =
        rowan_raw_open(scope, "SELECT count(*) FROM word", ROWAN_NO_PARAMS, &cursor);
    ck_assert_msg(status == ROWAN_OK, "%s", rowan_scope_error(scope)->message);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &count), ROWAN_OK);
    rowan_cursor_close(cursor);
    rowan_scope_end(scope);
    return count;
}

static void delete_words(void)
{
    rowan_scope *scope;
    rowan_error error;

    ck_assert_int_eq(rowan_scope_begin(db, "delete", &scope, &error), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    rowan_scope_end(scope);
}

/* All of a piece of work, or nothing of it. */
static void check_whole(unsigned try)
{
    int64_t count = count_words();

    ck_assert_msg(count == 0 || count == WORDS, "fault %u left %d words", try, (int)count);
    delete_words();
}

START_TEST(without_faults_the_work_is_done)
{
    rowan_error error;

    open_words((size_t)_i);
    fault_install(db);
    ck_assert_int_eq(work(1, &error), ROWAN_OK);
    ck_assert_uint_gt(fault_calls(), 10);
    ck_assert_int_eq(count_words(), WORDS);
    close_words();
}
END_TEST

START_TEST(each_call_that_fails_is_reported_and_undone)
{
    static const rowan_status statuses[] = {ROWAN_IO, ROWAN_NOMEM, ROWAN_FULL, ROWAN_ENGINE};
    rowan_error error;
    unsigned tried = 0;

    open_words((size_t)_i);
    fault_install(db);
    for (unsigned try = 1; try < MOST_TRIES; try++) {
        rowan_status wanted = statuses[try % 4];
        fault_plan_set((fault_plan){.fail_call = try, .fail_status = wanted});
        rowan_status status = work(1, &error);
        bool hit = fault_calls() >= try;
        fault_plan_set((fault_plan){0});
        check_whole(try);
        if (!hit) {
            ck_assert_int_eq(status, ROWAN_OK);
            break;
        }
        if (status == ROWAN_OK) {
            continue; /* the call that ends the scope has nobody to report to */
        }
        ck_assert_msg(status == wanted, "call %u: %s", try, error.message);
        tried++;
    }
    ck_assert_uint_gt(tried, 8);
    close_words();
}
END_TEST

START_TEST(each_call_that_loses_the_connection_leaves_another_one)
{
    rowan_error error;
    unsigned tried = 0;

    open_words((size_t)_i);
    fault_install(db);
    for (unsigned try = 1; try < MOST_TRIES; try++) {
        fault_plan_set((fault_plan){.cut_call = try});
        rowan_status status = work(1, &error);
        bool hit = fault_calls() >= try;
        fault_plan_set((fault_plan){0});
        check_whole(try);
        if (!hit) {
            ck_assert_int_eq(status, ROWAN_OK);
            break;
        }
        ck_assert_msg(status == ROWAN_LOST, "call %u: %s", try, error.message);
        ck_assert(!error.connection_usable);
        ck_assert_int_eq(error.retry, ROWAN_RETRY_RECONNECT);
        tried++;
    }
    ck_assert_uint_gt(tried, 8);
    close_words();
}
END_TEST

/* The work is done, the answer is lost: for a commit nobody can know, and the error says so. */
START_TEST(each_answer_that_is_lost_leaves_whole_transactions)
{
    rowan_error error;
    bool unknown = false;

    open_words((size_t)_i);
    fault_install(db);
    for (unsigned try = 1; try < MOST_TRIES; try++) {
        fault_plan_set((fault_plan){.lose_call = try});
        rowan_status status = work(1, &error);
        bool hit = fault_calls() >= try;
        fault_plan_set((fault_plan){0});
        int64_t count = count_words();
        ck_assert(count == 0 || count == WORDS);
        unknown =
            unknown || (status == ROWAN_LOST && error.fate == ROWAN_FATE_UNKNOWN && count == WORDS);
        delete_words();
        if (!hit) {
            break;
        }
        ck_assert_msg(status == ROWAN_LOST, "call %u: %s", try, error.message);
    }
    ck_assert(unknown);
    close_words();
}
END_TEST

START_TEST(without_a_connection_the_scope_says_so_and_recovers)
{
    rowan_error error;

    open_words((size_t)_i);
    fault_install(db);
    fault_plan_set((fault_plan){.refuse_open = true});
    for (int i = 0; i < 5; i++) { /* more often than the pool has room: none of it may leak away */
        ck_assert_int_eq(work(1, &error), ROWAN_CONNECT);
    }
    fault_plan_set((fault_plan){0});
    ck_assert_int_eq(work(1, &error), ROWAN_OK);
    ck_assert_int_eq(count_words(), WORDS);
    close_words();
}
END_TEST

START_TEST(a_slow_engine_changes_nothing_but_the_time)
{
    rowan_error error;

    open_words((size_t)_i);
    fault_install(db);
    fault_plan_set((fault_plan){.latency_ms = 5});
    ck_assert_int_eq(work(1, &error), ROWAN_OK);
    fault_plan_set((fault_plan){0});
    ck_assert_int_eq(count_words(), WORDS);
    close_words();
}
END_TEST

/* Lets each allocation of a piece of work fail in turn. @return how many of them made it fail */
static unsigned fail_allocations(unsigned *forgiven)
{
    rowan_error error;
    unsigned try = 1;

    *forgiven = 0;
    for (; try < MOST_TRIES; try++) {
        fault_arm(try);
        rowan_status status = work(1, &error);
        bool fired = fault_fired();
        fault_arm(0);
        if (!fired) {
            ck_assert_int_eq(status, ROWAN_OK);
            break;
        }
        /* What is only kept for the next time may be forgotten instead. */
        ck_assert_msg(status == ROWAN_NOMEM || status == ROWAN_OK, "allocation %u: %s, %s", try,
                      rowan_status_name(status), error.message);
        *forgiven += status == ROWAN_OK;
        check_whole(try);
    }
    ck_assert_uint_lt(try, MOST_TRIES);
    return try - 1 - *forgiven;
}

START_TEST(each_allocation_that_fails_is_out_of_memory)
{
    unsigned forgiven;

    open_words((size_t)_i);
    ck_assert_uint_gt(fail_allocations(&forgiven), 3);
    ck_assert_uint_le(forgiven, 1); /* the one statement that would have been kept by its shape */
    close_words();
}
END_TEST

/* The detector would rather see less than make the program's work fail. */
START_TEST(with_a_detector_no_more_fails_than_without)
{
    unsigned forgiven;

    open_with((size_t)_i, true);
    ck_assert_uint_gt(fail_allocations(&forgiven), 3);
    close_words();
}
END_TEST

START_TEST(opening_without_memory_leaves_nothing_behind)
{
    const char *url = engine_url_new((size_t)_i);
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_error error;
    unsigned try = 1;

    options.allocator = &fault_allocator;
    for (; try < MOST_TRIES; try++) {
        fault_arm(try);
        rowan_status status = rowan_open(url, &options, &db, &error);
        bool fired = fault_fired();
        fault_arm(0);
        if (!fired) {
            ck_assert_int_eq(status, ROWAN_OK);
            break;
        }
        ck_assert_msg(status == ROWAN_NOMEM, "allocation %u: %s", try, error.message);
        ck_assert_ptr_null(db);
        ck_assert_uint_eq(fault_out_bytes(), 0);
    }
    ck_assert_uint_gt(try, 3);
    rowan_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    engine_url_drop(url);
}
END_TEST

#ifdef ROWAN_WITH_SQLITE

/* --- SQLite's own memory --- */

static sqlite3_mem_methods sqlite_own;
static unsigned sqlite_left; /* allocations until the one that fails; 0: none does */
static bool sqlite_fired;

static bool sqlite_fails(void)
{
    if (sqlite_left == 0 || --sqlite_left > 0) {
        return false;
    }
    sqlite_fired = true;
    return true;
}

static void *sqlite_allocate(int size)
{
    return sqlite_fails() ? NULL : sqlite_own.xMalloc(size);
}

static void *sqlite_reallocate(void *memory, int size)
{
    return sqlite_fails() ? NULL : sqlite_own.xRealloc(memory, size);
}

static void watch_sqlite(void)
{
    sqlite3_mem_methods watched;

    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_own);
    watched = sqlite_own;
    watched.xMalloc = sqlite_allocate;
    watched.xRealloc = sqlite_reallocate;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &watched);
}

/* SQLite gets along without some of its allocations, so a hit is not always an error; but never
 * another one. */
START_TEST(each_allocation_of_sqlite_that_fails_is_out_of_memory)
{
    rowan_error error;
    unsigned try = 1, reported = 0;

    open_words(0);
    for (; try < MOST_TRIES; try++) {
        sqlite_fired = false;
        sqlite_left = try;
        rowan_status status = work(1, &error);
        sqlite_left = 0;
        if (!sqlite_fired) {
            ck_assert_int_eq(status, ROWAN_OK);
            break;
        }
        ck_assert_msg(status == ROWAN_NOMEM || status == ROWAN_OK, "allocation %u: %s, %s", try,
                      rowan_status_name(status), error.message);
        reported += status == ROWAN_NOMEM;
        check_whole(try);
    }
    ck_assert_uint_lt(try, MOST_TRIES);
    ck_assert_uint_gt(reported, 10);
    close_words();
}
END_TEST

#endif

int main(void)
{
    Suite *suite = suite_create("faults");
    TCase *tc = tcase_create("faults");
    int engines;

#ifdef ROWAN_WITH_SQLITE
    watch_sqlite(); /* before SQLite is first used */
#endif
    engines = (int)engine_count();
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, without_faults_the_work_is_done, 0, engines);
    tcase_add_loop_test(tc, each_call_that_fails_is_reported_and_undone, 0, engines);
    tcase_add_loop_test(tc, each_call_that_loses_the_connection_leaves_another_one, 0, engines);
    tcase_add_loop_test(tc, each_answer_that_is_lost_leaves_whole_transactions, 0, engines);
    tcase_add_loop_test(tc, without_a_connection_the_scope_says_so_and_recovers, 0, engines);
    tcase_add_loop_test(tc, a_slow_engine_changes_nothing_but_the_time, 0, engines);
    tcase_add_loop_test(tc, each_allocation_that_fails_is_out_of_memory, 0, engines);
    tcase_add_loop_test(tc, with_a_detector_no_more_fails_than_without, 0, engines);
    tcase_add_loop_test(tc, opening_without_memory_leaves_nothing_behind, 0, engines);
#ifdef ROWAN_WITH_SQLITE
    tcase_add_test(tc, each_allocation_of_sqlite_that_fails_is_out_of_memory);
#endif
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
