/*
 * Comments behind statements: who has one, what is in it, that the engines get it and analysis
 * reads it, and that prepared statements are found as often as without.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rowan/rowan.h>

#include "base/alloc.h"
#include "base/comment.h"
#include "report/analysis.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"
#include "support/witness.h"

enum { ALL = ROWAN_COMMENT_ACTION | ROWAN_COMMENT_SITE | ROWAN_COMMENT_TAGS, MOST = 64 };

static const char parent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/* What was sent, as its events tell. */
static struct {
    char *texts[MOST];
    rowan_purpose purposes[MOST];
    size_t count;
} sent;

static void note(void *context, const rowan_event *event)
{
    (void)context;
    if (event->kind == ROWAN_EVENT_STATEMENT && event->scope != NULL && sent.count < MOST) {
        sent.purposes[sent.count] = event->purpose;
        sent.texts[sent.count++] = strndup(event->sql, event->sql_size);
    }
}

static rowan_subscriber notes = {.on_event = note};
static rowan_subscriber *const noting[] = {&notes};

static void forget(void)
{
    while (sent.count > 0) {
        free(sent.texts[--sent.count]);
    }
}

static rowan_options with(unsigned comments)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.comments = comments;
    options.subscribers = noting;
    options.subscriber_count = 1;
    forget();
    return options;
}

static rowan_db *open_with(int engine, unsigned comments)
{
    rowan_options options = with(comments);

    return engine_open((size_t)engine, &options);
}

static rowan_scope *begin_scope(rowan_db *db, const char *name)
{
    rowan_scope *scope;

    ck_assert_int_eq(rowan_scope_begin(db, name, &scope, NULL), ROWAN_OK);
    forget();
    return scope;
}

static void must(rowan_scope *scope, rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s", rowan_scope_error(scope)->message);
}

/* The only text that was sent since the last look ends so. */
static void sent_one(const char *expected)
{
    ck_assert_uint_eq(sent.count, 1);
    size_t size = strlen(sent.texts[0]), wanted = strlen(expected);
    ck_assert_msg(size >= wanted && strcmp(sent.texts[0] + size - wanted, expected) == 0,
                  "%s\n  does not end with %s", sent.texts[0], expected);
    forget();
}

START_TEST(transaction_control_carries_what_is_asked_for)
{
    rowan_db *db = open_with(_i, ROWAN_COMMENT_ACTION);
    rowan_scope *scope = begin_scope(db, "GET /books?a=1");
    static const char comment[] = " /*action='GET%20%2Fbooks%3Fa%3D1'*/";

    must(scope, rowan_begin(scope, NULL));
    sent_one(comment);
    must(scope, rowan_begin(scope, NULL));
    sent_one("SAVEPOINT rowan_1 /*action='GET%20%2Fbooks%3Fa%3D1'*/");
    must(scope, rowan_rollback(scope));
    ck_assert_uint_eq(sent.count, 2);
    ck_assert_str_eq(sent.texts[0],
                     "ROLLBACK TO SAVEPOINT rowan_1 /*action='GET%20%2Fbooks%3Fa%3D1'*/");
    ck_assert_str_eq(sent.texts[1],
                     "RELEASE SAVEPOINT rowan_1 /*action='GET%20%2Fbooks%3Fa%3D1'*/");
    forget();
    must(scope, rowan_commit(scope));
    sent_one("COMMIT /*action='GET%20%2Fbooks%3Fa%3D1'*/");
    must(scope, rowan_begin(scope, NULL));
    forget();
    rowan_scope_end(scope);
    sent_one("ROLLBACK /*action='GET%20%2Fbooks%3Fa%3D1'*/");
    engine_close(db);
}
END_TEST

START_TEST(keys_are_in_order_and_a_tag_says_more_than_we_do)
{
    rowan_db *db = open_with(_i, ALL);
    rowan_scope *scope = begin_scope(db, "it's */ 100% \xc3\xa4\n");
    char expected[512];
    int line;

    must(scope, rowan_scope_tag(scope, "traceparent", parent));
    must(scope, rowan_scope_tag(scope, "application", "shop"));
    line = __LINE__ + 1;
    must(scope, rowan_begin(scope, NULL));
    snprintf(expected, sizeof expected,
             " /*action='it%%27s%%20%%2A%%2F%%20100%%25%%20%%C3%%A4%%0A',application='shop',"
             "code.file.path='tests%%2Ftest_comment.c',code.function.name='%s',"
             "code.line.number='%d',traceparent='%s'*/",
             __func__, line, parent);
    sent_one(expected);
    must(scope, rowan_scope_tag(scope, "action", "show"));
    must(scope, rowan_scope_tag(scope, "application", NULL));
    must(scope, rowan_scope_tag(scope, "absent", NULL));
    must(scope, rowan_scope_tag(scope, "traceparent", ""));
    rowan_scope_at(scope, NULL, 0, NULL);
    must(scope, (rowan_commit)(scope));
    sent_one("COMMIT /*action='show',traceparent=''*/");
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(only_what_is_asked_for_is_there)
{
    static const struct {
        unsigned comments;
        const char *end;
    } cases[] = {{0, "COMMIT"},
                 {ROWAN_COMMENT_ACTION, "COMMIT /*action='a'*/"},
                 {ROWAN_COMMENT_TAGS, "COMMIT /*route='%2Fb'*/"},
                 {ROWAN_COMMENT_ACTION | ROWAN_COMMENT_TAGS, "COMMIT /*action='a',route='%2Fb'*/"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rowan_db *db = open_with(_i, cases[i].comments);
        rowan_scope *scope = begin_scope(db, "a");
        must(scope, rowan_scope_tag(scope, "route", "/b"));
        must(scope, rowan_begin(scope, NULL));
        forget();
        must(scope, rowan_commit(scope));
        ck_assert_str_eq(sent.texts[0], cases[i].end);
        rowan_scope_end(scope);
        forget();
        engine_close(db);
    }
}
END_TEST

START_TEST(a_script_has_comments_but_not_what_is_kept_or_has_one)
{
    static const char script[] =
        "CREATE TABLE a (b INTEGER); INSERT INTO a (b) VALUES (1); "
        "INSERT INTO a (b) VALUES (2) /* mine */; DELETE FROM a WHERE b = 2 -- and this\n; "
        "UPDATE a SET b = 3;";
    static const char *const expected[] = {
        "CREATE TABLE a (b INTEGER)", "INSERT INTO a (b) VALUES (1) /*action='s'*/",
        "INSERT INTO a (b) VALUES (2) /* mine */", NULL, "UPDATE a SET b = 3 /*action='s'*/"};
    rowan_db *db = open_with(_i, ROWAN_COMMENT_ACTION);
    rowan_scope *scope = begin_scope(db, "s");
    size_t done;

    must(scope, rowan_raw_script(scope, script, &done));
    ck_assert_uint_eq(done, 5);
    ck_assert_uint_eq(sent.count, 5);
    for (size_t i = 0; i < sent.count; i++) {
        ck_assert_msg(expected[i] == NULL || strcmp(sent.texts[i], expected[i]) == 0, "%s",
                      sent.texts[i]);
        ck_assert(expected[i] != NULL || strstr(sent.texts[i], "action") == NULL);
    }
    forget();
    /* A comment does not move the place of an error. */
    ck_assert_int_ne(rowan_raw_script(scope, "UPDATE a SET b = 4; SELEC 1", &done), ROWAN_OK);
    ck_assert_uint_eq(done, 1);
    ck_assert_int_ge(rowan_scope_error(scope)->position, 20);
    rowan_scope_end(scope);
    forget();
    engine_close(db);
}
END_TEST

/* The same work; counts of the second half, when statements are known. */
static rowan_counts work(int engine, unsigned comments)
{
    rowan_db *db = open_with(engine, comments);
    rowan_counts counts = {0};

    engine_script(db, "CREATE TABLE a (b @ref NOT NULL PRIMARY KEY)");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 6; i++) {
            char name[32];
            snprintf(name, sizeof name, "GET /%d", i + round);
            rowan_scope *scope = begin_scope(db, name);
            must(scope, rowan_begin(scope, NULL));
            must(scope, rowan_raw_run(scope, "INSERT INTO a (b) VALUES (?)",
                                      ROWAN_PARAMS(ROWAN_V(10 * round + i)), NULL));
            must(scope, rowan_raw_run(scope, "UPDATE a SET b = b WHERE b = ?",
                                      ROWAN_PARAMS(ROWAN_V(i)), NULL));
            must(scope, rowan_commit(scope));
            for (size_t s = 0; s < sent.count; s++) {
                bool is_query = sent.purposes[s] == ROWAN_PURPOSE_QUERY;
                ck_assert_msg((strstr(sent.texts[s], "/*") != NULL) == (!is_query && comments != 0),
                              "%s", sent.texts[s]);
            }
            rowan_counts more = rowan_scope_counts(scope);
            rowan_scope_end(scope);
            if (round == 1) {
                counts.statements += more.statements;
                counts.round_trips += more.round_trips;
                counts.cache_hits += more.cache_hits;
                counts.cache_misses += more.cache_misses;
            }
        }
    }
    forget();
    engine_close(db);
    return counts;
}

START_TEST(prepared_statements_are_found_as_often_as_without)
{
    rowan_counts without = work(_i, 0), commented = work(_i, ALL);
    /* SQLite prepares BEGIN and COMMIT, too, unless they have comments. */
    uint64_t controls = engine_is((size_t)_i, "sqlite") ? 12 : 0;

    ck_assert_uint_eq(commented.statements, 24);
    ck_assert_uint_eq(commented.statements, without.statements);
    ck_assert_uint_eq(commented.round_trips, without.round_trips);
    ck_assert_uint_eq(commented.cache_misses, 0);
    ck_assert_uint_eq(without.cache_misses, 0);
    ck_assert_uint_eq(commented.cache_hits, 12);
    ck_assert_uint_eq(without.cache_hits, 12 + controls);
}
END_TEST

START_TEST(the_engine_gets_it)
{
    rowan_options options = with(ALL);
    const char *url = engine_url_new((size_t)_i);
    witness *eye = witness_open((size_t)_i, url);
    rowan_db *db = engine_open_url(witness_url(eye), &options);
    rowan_scope *scope = begin_scope(db, "POST /orders");

    must(scope, rowan_scope_tag(scope, "traceparent", parent));
    must(scope, rowan_begin(scope, NULL));
    must(scope, rowan_raw_run(scope, "SELECT 1", ROWAN_NO_PARAMS, NULL));
    must(scope, rowan_commit(scope));
    rowan_scope_end(scope);
    rowan_close(db);
    ck_assert(witness_saw(eye, "COMMIT /*action='POST%20%2Forders',code.file.path="));
    ck_assert(witness_saw(eye, parent));
    ck_assert(!witness_saw(eye, "SELECT 1 /*"));
    ck_assert(!witness_saw(eye, "action='GET"));
    witness_close(eye);
    engine_url_drop(url);
    forget();
}
END_TEST

/* --- Tags. --- */

START_TEST(tags_that_cannot_be_are_refused)
{
    static const char *const wrong[] = {"", "a b", "a'", "a=", "*/", "\xc3\xa4", NULL};
    rowan_db *db = open_with(0, ROWAN_COMMENT_TAGS);
    rowan_scope *scope = begin_scope(db, "tags");
    char key[66] = "";

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_int_eq(rowan_scope_tag(scope, wrong[i], "x"), ROWAN_MISUSE);
    }
    memset(key, 'k', 65);
    ck_assert_int_eq(rowan_scope_tag(scope, key, "x"), ROWAN_MISUSE);
    key[64] = '\0';
    must(scope, rowan_scope_tag(scope, key, "x"));
    for (int i = 1; i < 16; i++) {
        snprintf(key, sizeof key, "key%d", i);
        must(scope, rowan_scope_tag(scope, key, "x"));
    }
    ck_assert_int_eq(rowan_scope_tag(scope, "one", "more"), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "at most 16"));
    must(scope, rowan_scope_tag(scope, "key3", "again"));
    must(scope, rowan_scope_tag(scope, "key4", NULL));
    must(scope, rowan_scope_tag(scope, "one", "more"));
    must(scope, rowan_begin(scope, NULL));
    ck_assert_ptr_nonnull(strstr(sent.texts[0], ",key3='again',key5='x',"));
    ck_assert_ptr_nonnull(strstr(sent.texts[0], ",one='more'*/"));
    rowan_scope_end(scope);
    forget();
    engine_close(db);
}
END_TEST

START_TEST(options_that_are_none_are_refused)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_error error;
    rowan_db *db;

    options.comments = 8;
    ck_assert_int_eq(rowan_open("sqlite::memory:", &options, &db, &error), ROWAN_MISUSE);
    ck_assert_str_eq(error.message, "there is no comment 8");
}
END_TEST

static rowan_status tag_and_begin(rowan_scope *scope)
{
    rowan_status status = rowan_scope_tag(scope, "traceparent", parent);

    status = status == ROWAN_OK ? rowan_scope_tag(scope, "traceparent", "other") : status;
    status = status == ROWAN_OK ? rowan_begin(scope, NULL) : status;
    return status == ROWAN_OK ? rowan_commit(scope) : status;
}

START_TEST(every_allocation_may_fail)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_db *db;
    rowan_scope *scope;
    bool ended = false;

    options.comments = ALL;
    options.allocator = &fault_allocator;
    options.no_detector = true;
    ck_assert_int_eq(rowan_open("sqlite::memory:", &options, &db, NULL), ROWAN_OK);
    for (unsigned nth = 1; !ended; nth++) {
        ck_assert_int_eq(rowan_scope_begin(db, "memory", &scope, NULL), ROWAN_OK);
        fault_arm(nth);
        rowan_status status = tag_and_begin(scope);
        ended = !fault_fired();
        fault_arm(0);
        ck_assert_int_eq(status, ended ? ROWAN_OK : ROWAN_NOMEM);
        rowan_scope_end(scope);
    }
    rowan_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

/* --- Reading. --- */

static void ignore(void *context, const char *where, size_t number, const char *why)
{
    (void)context;
    ck_abort_msg("%s:%zu: %s", where, number, why);
}

/* Reads a trace, analyses it and removes it. */
static void read_and_analyse(const char *path, rowan__trace *trace, rowan__analysis *analysis)
{
    const rowan__complaint complaint = {ignore, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);

    ck_assert_int_eq(rowan__trace_read(trace, &rowan__default_allocator, path, &complaint, NULL),
                     ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_init(analysis, &rowan__default_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(analysis, trace), ROWAN_OK);
    unlink(path);
}

static void make_path(char path[64])
{
    strcpy(path, "/tmp/rowan-comment-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void record(int engine, const char *path, bool values)
{
    rowan_trace_options traced = ROWAN_TRACE_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[1];
    rowan_trace *sink;

    traced.values = values;
    ck_assert_int_eq(rowan_trace_open(path, &traced, &sink, NULL), ROWAN_OK);
    subscribers[0] = rowan_trace_subscriber(sink);
    options.comments = ALL;
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    rowan_db *db = engine_open((size_t)engine, &options);
    rowan_scope *scope = begin_scope(db, "it's */ here");
    must(scope, rowan_scope_tag(scope, "traceparent", parent));
    must(scope, rowan_begin(scope, NULL));
    must(scope, rowan_raw_run(scope, "SELECT 1 /* private */", ROWAN_NO_PARAMS, NULL));
    must(scope, rowan_commit(scope));
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
}

START_TEST(what_is_written_is_read_back)
{
    for (int values = 0; values < 2; values++) {
        char path[64], action[64];
        rowan__trace trace;
        rowan__analysis analysis;
        rowan__traceparent found;
        size_t read = 0;
        make_path(path);
        record(_i, path, values == 1);
        read_and_analyse(path, &trace, &analysis);
        for (size_t i = 0; i < trace.count; i++) {
            if (rowan__traceparent_in(trace.at[i].sql, &found)) {
                read++;
                ck_assert_str_eq(found.trace_id, "0af7651916cd43dd8448eb211c80319c");
                ck_assert_str_eq(found.span_id, "b7ad6b7169203331");
                ck_assert(rowan__comment_value(trace.at[i].sql, "action", action, sizeof action));
                ck_assert_str_eq(action, "it's */ here");
            }
            ck_assert(values == 1 || strstr(trace.at[i].sql, "private") == NULL);
        }
        ck_assert_uint_eq(read, 2); /* BEGIN and COMMIT */
        rowan__analysis_fini(&analysis);
        rowan__trace_fini(&trace);
    }
}
END_TEST

/* What another recorder saw on a server: no scopes, no call sites; texts as they were sent. */
START_TEST(a_comment_behind_begin_is_about_its_transaction)
{
    char path[64];
    rowan__trace trace;
    rowan__analysis analysis;

    make_path(path);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    int ts = 0;
    for (int t = 0; t < 2; t++) {
        fprintf(file,
                "{\"sql\":\"BEGIN /*code.filepath='a%%2Fb.c',code.lineno='7',"
                "traceparent='00-%032d-b7ad6b7169203331-01'*/\",\"conn\":1,\"ts_us\":%d,"
                "\"dialect\":\"postgresql\"}\n",
                t + 1, ts++);
        for (int i = 0; i < 4; i++) { /* five in a row would be a finding */
            fprintf(file,
                    "{\"sql\":\"SELECT a FROM b WHERE c = $1\",\"params\":[7],\"rows\":[[1]],"
                    "\"conn\":1,\"ts_us\":%d,\"dialect\":\"postgresql\"}\n",
                    ts++);
        }
        fprintf(file,
                "{\"sql\":\"ROLLBACK TO a\",\"conn\":1,\"ts_us\":%d,\"dialect\":\"postgresql\"}\n"
                "{\"sql\":\"COMMIT\",\"conn\":1,\"ts_us\":%d,\"dialect\":\"postgresql\"}\n",
                ts, ts + 1);
        ts += 2;
    }
    fprintf(file, "{\"sql\":\"SELECT 2\",\"conn\":1,\"ts_us\":%d}\n", ts);
    fclose(file);
    read_and_analyse(path, &trace, &analysis);
    ck_assert_uint_eq(analysis.scopes, 3); /* the third is what follows them */
    ck_assert_uint_eq(analysis.count, 2);  /* the repeated statement in each */
    ck_assert_uint_eq(analysis.at[0].count, 4);
    ck_assert_str_eq(trace.at[0].callsite, "a/b.c:7");
    ck_assert_ptr_null(trace.at[1].callsite);
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
}
END_TEST

START_TEST(values_are_read_out_of_comments_only)
{
    static const struct {
        const char *sql, *value;
    } cases[] = {
        {"SELECT 1 /*a='1',key='x%20y'*/", "x y"},
        {"/*key='first'*/ SELECT 1 /*key='second'*/", "first"},
        {"SELECT 1 /* key='blank' */", "blank"},
        {"SELECT 1 /*key='100%25%'*/", "100%%"},
        {"SELECT 1 /*key='%zz'*/", "%zz"},
        {"SELECT 1 /*key='open", "open"},
        {"SELECT 1 /*key=''*/", ""},
        {"SELECT 1 /*monkey='x'*/", NULL},
        {"SELECT key='x'", NULL},
        {"SELECT 1 /* */ AND key='x'", NULL},
        {"SELECT 1 /*", NULL},
        {"", NULL},
    };
    char value[16], site[32];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool found = rowan__comment_value(cases[i].sql, "key", value, sizeof value);
        ck_assert_msg(found == (cases[i].value != NULL), "%s", cases[i].sql);
        ck_assert_msg(!found || strcmp(value, cases[i].value) == 0, "%s: %s", cases[i].sql, value);
    }
    ck_assert(rowan__comment_value("/*key='0123456789'*/", "key", value, 5));
    ck_assert_str_eq(value, "0123");
    ck_assert(rowan__comment_site("/*code.file.path='a',code.line.number='3',"
                                  "code.function.name='f'*/",
                                  site, sizeof site));
    ck_assert_str_eq(site, "a:3 f");
    ck_assert(!rowan__comment_site("/*code.line.number='3'*/", site, sizeof site));
}
END_TEST

START_TEST(only_a_valid_traceparent_is_one)
{
    static const char *const wrong[] = {
        "/*traceparent='00-00000000000000000000000000000000-b7ad6b7169203331-01'*/",
        "/*traceparent='00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01'*/",
        "/*traceparent='00-0af7651916cd43dd8448eb211c80319c'*/",
        "/*traceparent='00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01'*/",
        "/*traceparent='0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'*/",
        "/*traceparent=''*/",
        "/*traceparent='",
        ""};
    rowan__traceparent found;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_msg(!rowan__traceparent_in(wrong[i], &found), "%s", wrong[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("comment");
    TCase *tc = tcase_create("comment");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, transaction_control_carries_what_is_asked_for, 0, engines);
    tcase_add_loop_test(tc, keys_are_in_order_and_a_tag_says_more_than_we_do, 0, engines);
    tcase_add_loop_test(tc, only_what_is_asked_for_is_there, 0, engines);
    tcase_add_loop_test(tc, a_script_has_comments_but_not_what_is_kept_or_has_one, 0, engines);
    tcase_add_loop_test(tc, prepared_statements_are_found_as_often_as_without, 0, engines);
    tcase_add_loop_test(tc, the_engine_gets_it, 0, engines);
    tcase_add_loop_test(tc, what_is_written_is_read_back, 0, engines);
    tcase_add_test(tc, tags_that_cannot_be_are_refused);
    tcase_add_test(tc, options_that_are_none_are_refused);
    tcase_add_test(tc, every_allocation_may_fail);
    tcase_add_test(tc, a_comment_behind_begin_is_about_its_transaction);
    tcase_add_test(tc, values_are_read_out_of_comments_only);
    tcase_add_test(tc, only_a_valid_traceparent_is_one);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
