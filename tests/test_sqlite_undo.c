/*
 * What SQLite may have to undo is in memory until it is large: savepoints and statements that
 * change many pages are undone as ever, and only large ones make a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rowan/rowan.h>
#include <sqlite3.h>

#include "support/engine.h"
#include "support/suite.h"

enum { PAGES = 1000, CHUNK = 65536, BOUND = 32 * CHUNK };

static rowan_db *db;
static rowan_scope *scope;

/* --- What SQLite does outside its memory, and whether it may. --- */

static unsigned files_made;
static bool no_files;

static int watched_open(const char *path, int flags, int mode)
{
    if (strstr(path, "etilqs_")) {
        files_made++;
        if (no_files) {
            errno = EACCES;
            return -1;
        }
    }
    return open(path, flags, mode);
}

static void watch_files(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    union {
        int (*open)(const char *, int, int);
        sqlite3_syscall_ptr call;
    } watched = {watched_open};

    ck_assert_int_eq(vfs->xSetSystemCall(vfs, "open", watched.call), SQLITE_OK);
    files_made = 0;
    no_files = false;
}

static sqlite3_mem_methods own;
static bool no_chunks; /* no memory in pieces of just that size */

static void *allocate(int size)
{
    return no_chunks && size == CHUNK ? NULL : own.xMalloc(size);
}

static void watch_memory(void)
{
    sqlite3_mem_methods watched;

    int status = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &own);
    watched = own;
    watched.xMalloc = allocate;
    if (status != SQLITE_OK || sqlite3_config(SQLITE_CONFIG_MALLOC, &watched) != SQLITE_OK) {
        fprintf(stderr, "SQLite's memory cannot be watched\n");
        exit(EXIT_FAILURE);
    }
}

static unsigned seed;

static int random_below(int limit)
{
    return rand_r(&seed) % limit;
}

/* --- A table with a page for each row, and what should be in it. --- */

typedef struct state {
    int64_t versions[PAGES];
} state;

static void send(const char *sql, rowan_params params, rowan_status expected)
{
    rowan_status status = rowan_raw_run(scope, sql, params, NULL);

    ck_assert_msg(status == expected, "%s: %s: %s", sql, rowan_status_name(status),
                  rowan_scope_error(scope)->message);
}

static void set_up(void)
{
    watch_files();
    db = engine_open(0, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "undo", &scope, NULL), ROWAN_OK);
    send("CREATE TABLE page (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL)",
         ROWAN_NO_PARAMS, ROWAN_OK);
    send("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
         "INSERT INTO page SELECT i, 0, printf('%03000d', 0) FROM n",
         ROWAN_PARAMS(ROWAN_V(PAGES)), ROWAN_OK);
    files_made = 0;
}

static void tear_down(void)
{
    rowan_scope_end(scope);
    engine_close(db);
    no_files = no_chunks = false;
}

static void update(state *expected, int first, int count, int64_t version)
{
    send("UPDATE page SET version = :v, body = printf('%03000d', :v) WHERE id > :first AND id <= "
         ":first + :count",
         ROWAN_PARAMS(ROWAN_NAMED("v", version), ROWAN_NAMED("first", first),
                      ROWAN_NAMED("count", count)),
         ROWAN_OK);
    for (int i = first; i < first + count; i++) {
        expected->versions[i] = version;
    }
}

/* Every page is whole, and as it should be. */
static void check(const state *expected)
{
    rowan_cursor *cursor;
    rowan_status status =
        rowan_raw_open(scope,
                       "SELECT version FROM page WHERE body = printf('%03000d', version) "
                       "ORDER BY id",
                       ROWAN_NO_PARAMS, &cursor);
    int rows = 0;

    ck_assert_int_eq(status, ROWAN_OK);
    while ((status = rowan_cursor_next(cursor)) == ROWAN_OK) {
        int64_t version;
        ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &version), ROWAN_OK);
        ck_assert_int_lt(rows, PAGES);
        ck_assert_msg(version == expected->versions[rows], "page %d is of version %d, not %d",
                      rows + 1, (int)version, (int)expected->versions[rows]);
        rows++;
    }
    rowan_cursor_close(cursor);
    ck_assert_int_eq(status, ROWAN_DONE);
    ck_assert_int_eq(rows, PAGES);
}

static void check_integrity(void)
{
    rowan_cursor *cursor;
    const char *text;

    ck_assert_int_eq(rowan_raw_open(scope, "PRAGMA integrity_check", ROWAN_NO_PARAMS, &cursor),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_text(cursor, 0, &text), ROWAN_OK);
    ck_assert_str_eq(text, "ok");
    rowan_cursor_close(cursor);
}

/* --- Tests. --- */

static const struct {
    int pages;
    bool makes_file;
} sizes[] = {{1, false}, {20, false}, {200, false}, {600, true}, {PAGES, true}};

START_TEST(a_savepoint_is_undone_and_makes_a_file_only_if_it_is_large)
{
    state all = {{0}}, before;

    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    update(&all, 3, 5, 1);
    for (int64_t turn = 0; turn < 2; turn++) {
        before = all;
        ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
        update(&all, 0, sizes[_i].pages, 10 + turn);
        check(&all);
        if (turn == 0) {
            ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
            all = before;
        } else {
            ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
        }
        check(&all);
    }
    ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
    check(&all);
    ck_assert_msg((files_made > 0) == sizes[_i].makes_file, "%u files", files_made);
    check_integrity();
}
END_TEST

START_TEST(a_statement_that_fails_at_its_last_row_has_done_nothing)
{
    state all = {{0}};

    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    update(&all, 10, 30, 1);
    send("UPDATE page SET version = CASE id WHEN ? THEN NULL ELSE 9 END, body = '' WHERE id <= ?",
         ROWAN_PARAMS(ROWAN_V(sizes[_i].pages), ROWAN_V(sizes[_i].pages)), ROWAN_NOT_NULL);
    ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_OPEN);
    check(&all);
    update(&all, 20, 2, 3);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
    check(&all);
    ck_assert_msg((files_made > 0) == sizes[_i].makes_file, "%u files", files_made);
}
END_TEST

/* Begins, commits and rollbacks in any order, against copies of what there was at each begin. */
START_TEST(random_savepoints_are_what_copies_would_be)
{
    enum { DEPTH = 5, STEPS = 100 };
    static state levels[DEPTH + 1];
    unsigned depth = 0;

    seed = (unsigned)_i;
    memset(levels, 0, sizeof levels);
    for (int64_t step = 1; step <= STEPS; step++) {
        int choice = random_below(8);
        if (choice < 2 && depth < DEPTH) {
            ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
            levels[depth + 1] = levels[depth];
            depth++;
        } else if (choice == 2 && depth > 0) {
            ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
            levels[depth - 1] = levels[depth];
            depth--;
        } else if (choice == 3 && depth > 0) {
            ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
            depth--;
            check(&levels[depth]);
        } else {
            int first = random_below(PAGES);
            int most = random_below(4) == 0 ? PAGES - first : 40;
            most = most < PAGES - first ? most : PAGES - first;
            update(&levels[depth], first, 1 + random_below(most), step);
        }
    }
    for (; depth > 0; depth--) {
        ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
        check(&levels[depth - 1]);
    }
    check_integrity();
}
END_TEST

START_TEST(without_memory_it_goes_to_a_file)
{
    static const state untouched;
    state all = {{0}};

    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    no_chunks = true;
    update(&all, 0, 100, 2);
    no_chunks = false;
    ck_assert_uint_eq(files_made, 1);
    check(&all);
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    check(&untouched);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
    check(&untouched);
}
END_TEST

START_TEST(where_no_file_can_be_made_nothing_is_half_written)
{
    static const state untouched;
    state all = {{0}};

    no_files = true;
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    update(&all, 0, 450, 1);
    ck_assert_int_eq(
        rowan_raw_run(scope, "UPDATE page SET version = 2, body = ''", ROWAN_NO_PARAMS, NULL),
        ROWAN_IO);
    ck_assert_uint_gt(files_made, 0);
    while (rowan_transaction_depth(scope) > 0) {
        ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    }
    no_files = false;
    check(&untouched);
    update(&all, 0, PAGES, 3);
    check(&all);
    check_integrity();
}
END_TEST

/* --- The file system. --- */

static sqlite3_vfs *our_file_system(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    while (vfs && strncmp(vfs->zName, "rowan-", 6) != 0) {
        vfs = vfs->pNext;
    }
    return vfs;
}

START_TEST(the_file_system_is_known_while_a_connection_is_open)
{
    rowan_db *first, *second;
    char attach[200];

    ck_assert_ptr_null(our_file_system());
    ck_assert_int_eq(rowan_open("sqlite::memory:", NULL, &first, NULL), ROWAN_OK);
    ck_assert_ptr_nonnull(our_file_system());
    ck_assert_int_eq(rowan_open("sqlite:/no/such/folder/file", NULL, &second, NULL), ROWAN_CONNECT);
    ck_assert_ptr_nonnull(our_file_system());
    ck_assert_int_eq(rowan_open("sqlite::memory:", NULL, &second, NULL), ROWAN_OK);
    rowan_close(first);
    ck_assert_ptr_nonnull(our_file_system());
    ck_assert_ptr_ne(sqlite3_vfs_find(NULL), our_file_system());
    ck_assert_int_eq(rowan_scope_begin(second, "attach", &scope, NULL), ROWAN_OK);
    snprintf(attach, sizeof attach, "ATTACH '%s' AS other", strchr(engine_url_new(0), ':') + 1);
    send(attach, ROWAN_NO_PARAMS, ROWAN_OK);
    send("CREATE TABLE other.t (a)", ROWAN_NO_PARAMS, ROWAN_OK);
    rowan_scope_end(scope);
    rowan_close(second);
    ck_assert_ptr_null(our_file_system());
}
END_TEST

static unsigned opened_by_program;
static sqlite3_vfs *of_sqlite;

static int open_for_program(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                            int *out)
{
    (void)vfs;
    opened_by_program++;
    return of_sqlite->xOpen(of_sqlite, name, file, flags, out);
}

START_TEST(a_program_s_own_file_system_is_left_alone)
{
    sqlite3_vfs mine;
    rowan_db *before;

    ck_assert_int_eq(rowan_open("sqlite::memory:", NULL, &before, NULL), ROWAN_OK);
    of_sqlite = sqlite3_vfs_find(NULL);
    mine = *of_sqlite;
    mine.zName = "mine";
    mine.xOpen = open_for_program;
    ck_assert_int_eq(sqlite3_vfs_register(&mine, 1), SQLITE_OK);
    db = engine_open(0, NULL);
    ck_assert_uint_gt(opened_by_program, 0);
    rowan_close(before);
    ck_assert_ptr_null(our_file_system());
    engine_close(db);
    ck_assert_int_eq(sqlite3_vfs_unregister(&mine), SQLITE_OK);
}
END_TEST

/* What SQLite never asks of such a file, too: gaps, reads behind the end, cutting. */
START_TEST(a_file_in_memory_is_a_file)
{
    enum { STEPS = 4000, LARGEST = BOUND + 3 * CHUNK };
    static unsigned char expected[LARGEST], data[100000]; /* SQLite writes no more at once */
    sqlite3_vfs *vfs;
    sqlite3_int64 size = 0, told;
    sqlite3_file *file;

    ck_assert_int_eq(rowan_open("sqlite::memory:", NULL, &db, NULL), ROWAN_OK);
    vfs = our_file_system();
    file = calloc(1, (size_t)vfs->szOsFile);
    seed = (unsigned)_i;
    memset(expected, 0, sizeof expected);
    watch_files();
    ck_assert_int_eq(vfs->xOpen(vfs, NULL, file,
                                SQLITE_OPEN_SUBJOURNAL | SQLITE_OPEN_READWRITE |
                                    SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE |
                                    SQLITE_OPEN_DELETEONCLOSE,
                                NULL),
                     SQLITE_OK);
    for (int step = 0; step < STEPS; step++) {
        /* One that stays in memory, and one that grows beyond. */
        int most = _i == 0 ? BOUND / 2 : LARGEST;
        int at = random_below(most), left = most - at;
        int amount = 1 + random_below(random_below(8) ? 5000 : (int)sizeof data);
        amount = amount < left ? amount : left;
        switch (random_below(8)) {
        case 0:
            if (at < size) {
                memset(expected + at, 0, (size_t)(size - at));
                size = at;
            }
            ck_assert_int_eq(file->pMethods->xTruncate(file, at < size ? at : size), SQLITE_OK);
            break;
        case 1:
        case 2:
        case 3: {
            int there = at >= size ? 0 : size - at < amount ? (int)(size - at) : amount;
            memset(data, 'x', (size_t)amount);
            ck_assert_int_eq(file->pMethods->xRead(file, data, amount, at),
                             there == amount ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
            ck_assert_int_eq(memcmp(data, expected + at, (size_t)amount), 0);
            break;
        }
        default:
            memset(data, random_below(256), (size_t)amount);
            memcpy(expected + at, data, (size_t)amount);
            size = at + amount > size ? at + amount : size;
            ck_assert_int_eq(file->pMethods->xWrite(file, data, amount, at), SQLITE_OK);
        }
        ck_assert_int_eq(file->pMethods->xFileSize(file, &told), SQLITE_OK);
        ck_assert_int_eq((int)told, (int)size);
    }
    ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    ck_assert_uint_eq(files_made, _i == 0 ? 0 : 1);
    ck_assert_int_eq(file->pMethods->xClose(file), SQLITE_OK);
    free(file);
    rowan_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("what SQLite may have to undo");
    TCase *pages = tcase_create("pages"), *files = tcase_create("files");
    int size_count = (int)(sizeof sizes / sizeof sizes[0]);

    watch_memory(); /* before SQLite is first used */
    if (engine_count() == 0 || !engine_is(0, "sqlite")) {
        return EXIT_SUCCESS;
    }
    tcase_set_timeout(pages, 120);
    tcase_add_checked_fixture(pages, set_up, tear_down);
    tcase_add_loop_test(pages, a_savepoint_is_undone_and_makes_a_file_only_if_it_is_large, 0,
                        size_count);
    tcase_add_loop_test(pages, a_statement_that_fails_at_its_last_row_has_done_nothing, 0,
                        size_count);
    tcase_add_loop_test(pages, random_savepoints_are_what_copies_would_be, 0, 4);
    tcase_add_test(pages, without_memory_it_goes_to_a_file);
    tcase_add_test(pages, where_no_file_can_be_made_nothing_is_half_written);
    suite_add_tcase(suite, pages);
    tcase_set_timeout(files, 60);
    tcase_add_test(files, the_file_system_is_known_while_a_connection_is_open);
    tcase_add_test(files, a_program_s_own_file_system_is_left_alone);
    tcase_add_loop_test(files, a_file_in_memory_is_a_file, 0, 2);
    suite_add_tcase(suite, files);
    return suite_run(suite);
}
