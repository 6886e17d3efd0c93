/* The trace that a database writes: that it says what was done, and never disturbs who does it. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rowan/rowan.h>

#include "report/analysis.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"

enum { POSTS = 8 };

static char path[64];
static rowan_trace *sink;
static rowan_db *db;
static rowan_scope *scope;
static rowan__trace trace;
static rowan__analysis analysis;

static void make_path(void)
{
    strcpy(path, "/tmp/rowan-sink-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void open_with(int engine, const rowan_trace_options *options)
{
    rowan_subscriber *subscribers[1];
    rowan_options opened = ROWAN_OPTIONS_INIT;

    make_path();
    ck_assert_int_eq(rowan_trace_open(path, options, &sink, NULL), ROWAN_OK);
    subscribers[0] = rowan_trace_subscriber(sink);
    opened.subscribers = subscribers;
    opened.subscriber_count = 1;
    db = engine_open((size_t)engine, &opened);
    engine_script(db, "CREATE TABLE post (id @ref NOT NULL PRIMARY KEY, title @text(50));"
                      "CREATE TABLE note (id @ref NOT NULL PRIMARY KEY, post_id @ref NOT NULL,"
                      " body @text(50))");
    ck_assert_int_eq(rowan_scope_begin(db, "GET \"/\"", &scope, NULL), ROWAN_OK);
}

static void run(const char *sql, rowan_params params)
{
    rowan_status status = rowan_raw_run(scope, sql, params, NULL);

    ck_assert_msg(status == ROWAN_OK, "%s", rowan_scope_error(scope)->message);
}

static void fill(void)
{
    for (int i = 0; i < POSTS; i++) {
        run("INSERT INTO post (id, title) VALUES (?, ?)",
            ROWAN_PARAMS(ROWAN_V(1001 + 7 * i), ROWAN_V("tab\t \"x\" \xc3\xa4")));
        run("INSERT INTO note (id, post_id, body) VALUES (?, ?, 'secret')",
            ROWAN_PARAMS(ROWAN_V(i), ROWAN_V(1001 + 7 * i)));
    }
}

static size_t read_all(const char *sql, rowan_params params)
{
    rowan_cursor *cursor;
    size_t rows = 0;

    ck_assert_int_eq(rowan_raw_open(scope, sql, params, &cursor), ROWAN_OK);
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
        rows++;
    }
    rowan_cursor_close(cursor);
    return rows;
}

static void look_up_each(void)
{
    ck_assert_uint_eq(read_all("SELECT id, title FROM post ORDER BY id", ROWAN_NO_PARAMS), POSTS);
    for (int i = 0; i < POSTS; i++) {
        ck_assert_uint_eq(read_all("SELECT body FROM note WHERE post_id = ?",
                                   ROWAN_PARAMS(ROWAN_V(1001 + 7 * i))),
                          1);
    }
}

static void end_scope(void)
{
    rowan_scope_end(scope);
    ck_assert_int_eq(rowan_scope_begin(db, "GET \"/\"", &scope, NULL), ROWAN_OK);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
}

static void complain(void *context, const char *where, size_t line, const char *why)
{
    (void)context;
    ck_abort_msg("%s:%zu: %s", where, line, why);
}

static void analyze(void)
{
    const rowan__complaint complaint = {complain, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);

    ck_assert_int_eq(rowan__trace_read(&trace, &fault_allocator, path, &complaint, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_init(&analysis, &fault_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(&analysis, &trace), ROWAN_OK);
}

static void release(void)
{
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    unlink(path);
}

static const rowan__traced *find(const char *part)
{
    for (size_t i = 0; i < trace.count; i++) {
        if (strstr(trace.at[i].sql, part)) {
            return &trace.at[i];
        }
    }
    ck_abort_msg("no statement with %s", part);
    return NULL;
}

START_TEST(what_the_detector_finds_in_the_trace_is_what_it_found_live)
{
    for (int values = 0; values < 2; values++) {
        rowan_trace_options options = ROWAN_TRACE_OPTIONS_INIT;
        rowan_findings live;
        options.values = values != 0;
        open_with(_i, &options);
        fill();
        end_scope();
        look_up_each();
        ck_assert_int_eq(rowan_scope_findings(scope, &live), ROWAN_OK);
        ck_assert_uint_eq(live.count, 1);
        uint64_t id = live.at[0].fingerprint_id;
        close_all();
        analyze();
        const rowan__trace_finding *found = NULL;
        for (size_t i = 0; i < analysis.count; i++) {
            found = strcmp(analysis.at[i].kind, "n_plus_one") == 0 ? &analysis.at[i] : found;
        }
        ck_assert_ptr_nonnull(found);
        ck_assert(found->is_confirmed);
        ck_assert_uint_eq(found->count, POSTS);
        ck_assert_uint_eq(found->fingerprint_id, id);
        ck_assert_str_eq(found->parent_column, "id");
        ck_assert_str_eq(found->child_column, "post_id");
        ck_assert_ptr_nonnull(strstr(found->callsite, "test_trace_sink.c:"));
        ck_assert_ptr_nonnull(strstr(found->scope, "GET \"/\"#"));
        release();
    }
}
END_TEST

/* Each book's publisher, one by one, as a pattern's user would ask for it. */
static void ask_record(library_book *book)
{
    void *publisher;

    library_ok(scope, rowan_record_one(scope, &library_book_publisher, book, &publisher));
}

static void find_record(library_book *book)
{
    void *publisher;

    library_ok(scope, rowan_record_find(scope, &library_publisher_table,
                                        ROWAN_KEY(ROWAN_V(book->publisher_id.value)), &publisher));
}

static void ask_query(library_book *book)
{
    const rowan_query query = {.from = &library_publisher_table,
                               .where = ROWAN_EQ(PUBLISHER.id, book->publisher_id.value)};
    rowan_rows publishers;

    library_ok(scope, rowan_query_all(scope, &query, &publishers));
}

static void ask_session(library_book *book)
{
    rowan_session *session;
    void *publisher;

    library_ok(scope, rowan_session_begin(scope, &session));
    library_ok(scope, rowan_session_find(session, &library_publisher_table,
                                         ROWAN_KEY(ROWAN_V(book->publisher_id.value)), &publisher));
    rowan_session_end(session);
}

START_TEST(the_advice_of_a_trace_is_that_of_the_program)
{
    static void (*const ways[])(library_book * book) = {ask_record, find_record, ask_query,
                                                        ask_session};
    const rowan_query all = {.from = &library_book_table,
                             .order_by = ROWAN_ORDER(ROWAN_ASC(BOOK.id)),
                             .lazy = ROWAN_LAZY_EACH};

    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        rowan_trace_options options = ROWAN_TRACE_OPTIONS_INIT;
        rowan_findings live;
        rowan_rows books;
        char said[512];
        open_with(_i, &options);
        library_create(db, (size_t)_i);
        library_fill(db, POSTS, POSTS, 1);
        library_ok(scope, rowan_query_all(scope, &all, &books));
        for (size_t i = 0; i < books.count; i++) {
            ways[way]((library_book *)books.at + i);
        }
        library_ok(scope, rowan_scope_findings(scope, &live));
        ck_assert_uint_eq(live.count, 1);
        ck_assert_int_eq(live.at[0].kind, ROWAN_N_PLUS_ONE);
        snprintf(said, sizeof said, "%s", live.at[0].suggestion);
        close_all();
        analyze();
        size_t i = 0;
        while (i < analysis.count && (strcmp(analysis.at[i].kind, "n_plus_one") != 0 ||
                                      strcmp(analysis.at[i].table, "publisher") != 0)) {
            i++;
        }
        ck_assert_uint_lt(i, analysis.count);
        ck_assert_str_eq(analysis.at[i].call, said);
        release();
    }
}
END_TEST

START_TEST(values_are_hidden_unless_they_are_asked_for)
{
    for (int values = 0; values < 2; values++) {
        rowan_trace_options options = ROWAN_TRACE_OPTIONS_INIT;
        char text[1 << 16] = "";
        options.values = values != 0;
        open_with(_i, &options);
        fill();
        run("UPDATE note SET body = 'hidden' WHERE id = 4711", ROWAN_NO_PARAMS);
        look_up_each();
        close_all();
        FILE *file = fopen(path, "r");
        ck_assert_uint_gt(fread(text, 1, sizeof text - 1, file), 0);
        fclose(file);
        /* The numbers with what stands before them: a hash or a time may have the same digits. */
        static const char *const words[] = {"secret", "hidden", "= 4711", "tab\\u0009", "[1001,"};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            ck_assert_msg((strstr(text, words[i]) != NULL) == (values != 0), "%s", words[i]);
        }
        analyze();
        const rowan__traced *update = find("UPDATE note");
        ck_assert_uint_eq(update->param_count, values ? 0 : 2);
        release();
    }
}
END_TEST

START_TEST(equal_values_have_equal_hashes_whatever_their_type)
{
    open_with(_i, NULL);
    run("INSERT INTO post (id, title) VALUES (?, ?)", ROWAN_PARAMS(ROWAN_V(5), ROWAN_V("5")));
    run("INSERT INTO post (id, title) VALUES (?, ?)", ROWAN_PARAMS(ROWAN_V(6), rowan_v_null()));
    close_all();
    analyze();
    const rowan__traced *insert = find("INSERT INTO post");
    ck_assert_uint_eq(insert->param_count, 2);
    ck_assert_uint_eq(insert->params[0].as.bytes.size, 17);
    ck_assert_mem_eq(insert->params[0].as.bytes.data, insert->params[1].as.bytes.data, 17);
    ck_assert(insert[1].params[1].is_null);
    ck_assert_mem_ne(insert->params[0].as.bytes.data, insert[1].params[0].as.bytes.data, 17);
    release();
}
END_TEST

START_TEST(errors_transactions_and_counts_of_rows_are_there)
{
    open_with(_i, NULL);
    fill();
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    ck_assert_int_ne(
        rowan_raw_run(scope, "INSERT INTO post (id) VALUES (?)", ROWAN_PARAMS(ROWAN_V(1001)), NULL),
        ROWAN_OK);
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    ck_assert_uint_eq(read_all("SELECT a.id FROM post a CROSS JOIN post b", ROWAN_NO_PARAMS),
                      POSTS * POSTS);
    close_all();
    analyze();
    ck_assert_ptr_nonnull(find("INSERT INTO post (id) VALUES")->error);
    ck_assert_ptr_null(find("INSERT INTO post (id, title)")->error);
    const rowan__traced *joined = find("CROSS JOIN");
    ck_assert_uint_eq(joined->all_rows, POSTS * POSTS);
    ck_assert_uint_eq(joined->row_count, 32);
    ck_assert_str_eq(joined->dialect, engine_name((size_t)_i));
    ck_assert_ptr_nonnull(find("ROLLBACK"));
    release();
}
END_TEST

START_TEST(a_file_that_cannot_be_opened_is_an_error)
{
    rowan_error error;
    rowan_trace *none;

    ck_assert_int_eq(rowan_trace_open("/nowhere/trace", NULL, &none, &error), ROWAN_IO);
    ck_assert_ptr_null(none);
    ck_assert_ptr_nonnull(strstr(error.message, "/nowhere/trace"));
    ck_assert_int_eq(rowan_trace_close(NULL, &error), ROWAN_OK);
}
END_TEST

START_TEST(a_full_disk_disturbs_nobody_and_is_told_at_the_end)
{
    rowan_subscriber *subscribers[1];
    rowan_options opened = ROWAN_OPTIONS_INIT;
    rowan_error error;

    if (access("/dev/full", W_OK) != 0) {
        return;
    }
    ck_assert_int_eq(rowan_trace_open("/dev/full", NULL, &sink, NULL), ROWAN_OK);
    subscribers[0] = rowan_trace_subscriber(sink);
    opened.subscribers = subscribers;
    opened.subscriber_count = 1;
    db = engine_open((size_t)_i, &opened);
    ck_assert_int_eq(rowan_scope_begin(db, "full", &scope, NULL), ROWAN_OK);
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(read_all("SELECT 1", ROWAN_NO_PARAMS), 1);
    }
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, &error), ROWAN_FULL);
    ck_assert_ptr_nonnull(strstr(error.message, "statements of the trace were not written"));
}
END_TEST

START_TEST(running_out_of_memory_loses_lines_and_nothing_else)
{
    rowan_trace_options options = ROWAN_TRACE_OPTIONS_INIT;
    bool ended = false;

    options.allocator = &fault_allocator;
    make_path();
    for (unsigned nth = 1; !ended && nth < 200; nth++) {
        rowan_options opened = ROWAN_OPTIONS_INIT;
        rowan_subscriber *subscribers[1];
        fault_arm(nth);
        rowan_status status = rowan_trace_open(path, &options, &sink, NULL);
        if (status != ROWAN_OK) {
            ck_assert_int_eq(status, ROWAN_NOMEM);
            continue;
        }
        subscribers[0] = rowan_trace_subscriber(sink);
        opened.subscribers = subscribers;
        opened.subscriber_count = 1;
        opened.no_detector = true;
        db = engine_open((size_t)_i, &opened);
        ck_assert_int_eq(rowan_scope_begin(db, "memory", &scope, NULL), ROWAN_OK);
        ck_assert_uint_eq(read_all("SELECT 1", ROWAN_NO_PARAMS), 1);
        rowan_scope_end(scope);
        engine_close(db);
        status = rowan_trace_close(sink, NULL);
        ended = !fault_fired();
        fault_arm(0);
        ck_assert_int_eq(status, ended ? ROWAN_OK : ROWAN_NOMEM);
    }
    ck_assert(ended);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace_sink");
    TCase *tc = tcase_create("trace_sink");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, what_the_detector_finds_in_the_trace_is_what_it_found_live, 0, engines);
    tcase_add_loop_test(tc, the_advice_of_a_trace_is_that_of_the_program, 0, engines);
    tcase_add_loop_test(tc, values_are_hidden_unless_they_are_asked_for, 0, engines);
    tcase_add_loop_test(tc, equal_values_have_equal_hashes_whatever_their_type, 0, engines);
    tcase_add_loop_test(tc, errors_transactions_and_counts_of_rows_are_there, 0, engines);
    tcase_add_test(tc, a_file_that_cannot_be_opened_is_an_error);
    tcase_add_loop_test(tc, a_full_disk_disturbs_nobody_and_is_told_at_the_end, 0, engines);
    tcase_add_loop_test(tc, running_out_of_memory_loses_lines_and_nothing_else, 0, 1);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
