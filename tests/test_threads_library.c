/*
 * The client libraries of PostgreSQL and MariaDB are loaded with the first URL of theirs: once,
 * whoever is first, and not at all for SQLite. Run under ThreadSanitizer too.
 *
 * The library's call of dlopen() comes to the one below, which counts it and can find something
 * else than what is installed.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>

#include "base/library.h"
#include "support/engine.h"
#include "support/suite.h"

enum { THREADS = 8 };

/* What is found in place of a client library; NULL: what is installed. */
static const char *found_instead;
static atomic_uint loads;
static char loaded[64];

void *dlopen(const char *file, int mode)
{
    void *(*next)(const char *, int);

    *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
    if (file && (strncmp(file, "libpq.", 6) == 0 || strncmp(file, "libmariadb.", 11) == 0)) {
        atomic_fetch_add(&loads, 1);
        snprintf(loaded, sizeof loaded, "%s", file);
        file = found_instead ? found_instead : file;
    }
    return next(file, mode);
}

static const char *url_of(int engine)
{
    return engine_is((size_t)engine, "postgresql") ? getenv("ROWAN_TEST_POSTGRESQL")
           : engine_is((size_t)engine, "mariadb")  ? getenv("ROWAN_TEST_MARIADB")
                                                   : "sqlite::memory:";
}

static bool is_loaded_late(int engine)
{
#ifdef ROWAN_LINK_CLIENTS
    (void)engine;
    return false;
#else
    return !engine_is((size_t)engine, "sqlite");
#endif
}

static void expect_one_row(rowan_db *db)
{
    rowan_scope *scope;
    rowan_cursor *cursor;
    int64_t one = 0;

    ck_assert_int_eq(rowan_scope_begin(db, "one", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_open(scope, "SELECT 1", ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &one), ROWAN_OK);
    ck_assert_int_eq(one, 1);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_DONE);
    rowan_cursor_close(cursor);
    rowan_scope_end(scope);
    rowan_close(db);
}

static void expect_sqlite_works(void)
{
    rowan_db *db;

    ck_assert_int_eq(rowan_open("sqlite::memory:", NULL, &db, NULL), ROWAN_OK);
    expect_one_row(db);
}

/* The engine cannot be used for want of a library, which the error names, and what to install. */
static void expect_unsupported(int engine, const char *instead, rowan_error *error)
{
    unsigned before = atomic_load(&loads);
    rowan_db *db = (rowan_db *)&db;

    found_instead = instead;
    ck_assert_int_eq(rowan_open(url_of(engine), NULL, &db, error), ROWAN_UNSUPPORTED);
    found_instead = NULL;
    ck_assert_ptr_null(db);
    ck_assert_uint_eq(atomic_load(&loads), before + 1);
    if (error) {
        bool is_postgresql = engine_is((size_t)engine, "postgresql");
        ck_assert_int_eq(error->status, ROWAN_UNSUPPORTED);
        ck_assert_int_eq(error->retry, ROWAN_RETRY_NEVER);
        ck_assert_msg(strstr(error->message, loaded) != NULL, "%s", error->message);
        ck_assert_msg(strstr(error->message, is_postgresql ? "PostgreSQL needs" : "MariaDB needs"),
                      "%s", error->message);
        ck_assert_msg(
            strstr(error->message, is_postgresql ? "package libpq" : "package libmariadb"), "%s",
            error->message);
    }
}

START_TEST(a_library_that_is_missing_is_named)
{
    rowan_error error;

    if (is_loaded_late(_i)) {
        expect_unsupported(_i, "libabsent.so.0", &error);
        ck_assert_msg(strstr(error.message, "could not be loaded: install it"), "%s",
                      error.message);
        ck_assert_msg(strstr(error.engine_message, "libabsent.so.0"), "%s", error.engine_message);
        expect_unsupported(_i, "libabsent.so.0", NULL);
        expect_sqlite_works();
    }
}
END_TEST

START_TEST(a_library_that_is_too_old_is_told_with_the_function_that_it_lacks)
{
    rowan_error error;

    if (is_loaded_late(_i)) {
        expect_unsupported(_i, "libsqlite3.so.0", &error);
        ck_assert_msg(strstr(error.message, "a newer library than"), "%s", error.message);
        ck_assert_msg(strstr(error.message, engine_is((size_t)_i, "postgresql")
                                                ? "without PQcancel()"
                                                : "without mariadb_field_attr()"),
                      "%s", error.message);
        expect_sqlite_works();
    }
}
END_TEST

START_TEST(a_newer_function_may_be_missing)
{
    static const char *const names[] = {"sqlite3_libversion", "sqlite3_of_the_future"};
    void *addresses[2] = {NULL, &addresses};
    rowan__library library = {
        .file = "libsqlite3.so.0",
        .needed_by = "The test",
        .package = "libsqlite3-0",
        .functions = names,
        .function_count = 2,
        .table = addresses,
    };
    rowan_error error;

    ck_assert_int_eq(rowan__library_load(&library, &error), ROWAN_UNSUPPORTED);
    ck_assert_msg(strstr(error.message, "without sqlite3_of_the_future()"), "%s", error.message);
    library.newer_count = 1;
    ck_assert_int_eq(rowan__library_load(&library, &error), ROWAN_OK);
    ck_assert_ptr_nonnull(addresses[0]);
    ck_assert_ptr_null(addresses[1]);
}
END_TEST

typedef struct opener {
    pthread_barrier_t *start;
    const char *url;
    rowan_db *db;
    rowan_error error;
} opener;

/* Check's assertions belong to the main thread. */
static void *open_one(void *argument)
{
    opener *self = argument;

    pthread_barrier_wait(self->start);
    rowan_status status = rowan_open(self->url, NULL, &self->db, &self->error);
    (void)status; /* the error has it */
    return NULL;
}

/* Behind a failure, so that the next thread tries again. */
START_TEST(threads_that_open_at_once_load_a_library_once)
{
    pthread_barrier_t start;
    pthread_t threads[THREADS];
    opener openers[THREADS];

    if (is_loaded_late(_i)) {
        expect_unsupported(_i, "libabsent.so.0", NULL);
    }
    atomic_store(&loads, 0);
    ck_assert_int_eq(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++) {
        openers[i] = (opener){.start = &start, .url = url_of(_i)};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, open_one, &openers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    }
    pthread_barrier_destroy(&start);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_msg(openers[i].db != NULL, "%s", openers[i].error.message);
        expect_one_row(openers[i].db);
    }
    ck_assert_uint_eq(atomic_load(&loads), is_loaded_late(_i) ? 1 : 0);
}
END_TEST

START_TEST(a_library_that_is_loaded_stays)
{
    for (unsigned i = 0; i < 3; i++) {
        rowan_db *db;
        ck_assert_int_eq(rowan_open(url_of(_i), NULL, &db, NULL), ROWAN_OK);
        expect_one_row(db);
        atomic_store(&loads, i == 0 ? 0 : atomic_load(&loads)); /* the first may have loaded it */
    }
    ck_assert_uint_eq(atomic_load(&loads), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("client libraries");
    TCase *tc = tcase_create("loading");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_library_that_is_missing_is_named, 0, engines);
    tcase_add_test(tc, a_newer_function_may_be_missing);
    tcase_add_loop_test(tc, a_library_that_is_too_old_is_told_with_the_function_that_it_lacks, 0,
                        engines);
    tcase_add_loop_test(tc, threads_that_open_at_once_load_a_library_once, 0, engines);
    tcase_add_loop_test(tc, a_library_that_is_loaded_stays, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
