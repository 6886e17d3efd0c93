#include "support/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "support/engine.h"
#include "support/fault.h"

struct recorded recorded;
static rowan_trace *sink;

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s", rowan_status_name(status),
                  rowan_scope_error(recorded.scope)->engine_message);
}

int64_t recorded_post(int number)
{
    return 1001 + 7 * number;
}

static void fill(void)
{
    int64_t note = 1;

    for (int i = 0; i < RECORDED_POSTS; i++) {
        ok(rowan_raw_run(recorded.scope, "INSERT INTO post (id, title, rank_no) VALUES (?, ?, ?)",
                         ROWAN_PARAMS(ROWAN_V(recorded_post(i)), ROWAN_V("it's ?"), ROWAN_V(i % 3)),
                         NULL));
        for (int n = 0; n < i % 4; n++, note++) {
            ok(rowan_raw_run(
                recorded.scope,
                "INSERT INTO note (id, post_id, lang, body, rank_no) VALUES (?, ?, ?, ?, ?)",
                ROWAN_PARAMS(ROWAN_V(note), ROWAN_V(recorded_post(i)),
                             ROWAN_V(n == 0 ? "de" : "en"), ROWAN_V("same body"), ROWAN_V(n)),
                NULL));
        }
    }
    for (int64_t id = 1; id <= 13; id++) { /* three children each: 1 | 2 3 4 | 5 … 13 */
        rowan_value parent = id == 1 ? rowan_v_null() : ROWAN_V((id + 1) / 3);
        ok(rowan_raw_run(recorded.scope, "INSERT INTO node (id, parent_id, name) VALUES (?, ?, ?)",
                         ROWAN_PARAMS(ROWAN_V(id), parent, ROWAN_V("n")), NULL));
    }
}

static void make_tables(void)
{
    engine_script(
        recorded.db,
        "CREATE TABLE post (id @ref NOT NULL PRIMARY KEY, title @text(50),"
        " rank_no @int32);"
        "CREATE TABLE note (id @ref NOT NULL PRIMARY KEY, post_id @ref NOT NULL,"
        " lang @text(20), body @text(50), rank_no @int32);"
        "CREATE TABLE node (id @ref NOT NULL PRIMARY KEY, parent_id @ref, name @text(20))");
}

void recorded_begin(int engine, bool values)
{
    rowan_trace_options options = ROWAN_TRACE_OPTIONS_INIT;
    rowan_options opened = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[1];

    recorded = (struct recorded){.engine = (size_t)engine};
    strcpy(recorded.path, "/tmp/rowan-recorded-XXXXXX");
    int fd = mkstemp(recorded.path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    recorded.url = engine_url_new((size_t)engine);
    recorded.db = engine_open_url(recorded.url, NULL);
    make_tables();
    ck_assert_int_eq(rowan_scope_begin(recorded.db, "fill", &recorded.scope, NULL), ROWAN_OK);
    fill();
    rowan_scope_end(recorded.scope);
    rowan_close(recorded.db);
    options.values = values;
    ck_assert_int_eq(rowan_trace_open(recorded.path, &options, &sink, NULL), ROWAN_OK);
    subscribers[0] = rowan_trace_subscriber(sink);
    opened.subscribers = subscribers;
    opened.subscriber_count = 1;
    recorded.db = engine_open_url(recorded.url, &opened);
    ck_assert_int_eq(rowan_scope_begin(recorded.db, "GET /", &recorded.scope, NULL), ROWAN_OK);
}

size_t recorded_send(const char *sql, rowan_params params)
{
    rowan_cursor *cursor;
    size_t rows = 0;

    ok(rowan_raw_open(recorded.scope, sql, params, &cursor));
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
        rows++;
    }
    rowan_cursor_close(cursor);
    return rows;
}

void recorded_posts(void)
{
    ck_assert_uint_eq(recorded_send("SELECT id FROM post ORDER BY id", ROWAN_NO_PARAMS),
                      RECORDED_POSTS);
}

void recorded_each(const char *sql)
{
    for (int i = 0; i < RECORDED_POSTS; i++) {
        recorded_send(sql, ROWAN_PARAMS(ROWAN_V(recorded_post(i))));
    }
}

static void complain(void *context, const char *where, size_t line, const char *why)
{
    (void)context;
    ck_abort_msg("%s:%zu: %s", where, line, why);
}

static void close_program(void)
{
    rowan_scope_end(recorded.scope);
    rowan_close(recorded.db);
    recorded.scope = NULL;
    recorded.db = NULL;
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
}

static void analyze(void)
{
    const rowan__complaint complaint = {complain, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);

    ck_assert_int_eq(
        rowan__trace_read(&recorded.trace, &fault_allocator, recorded.path, &complaint, NULL),
        ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_init(&recorded.analysis, &fault_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(&recorded.analysis, &recorded.trace), ROWAN_OK);
}

void recorded_analyze(void)
{
    close_program();
    analyze();
}

static void analyze_lines(const char *lines)
{
    FILE *file = fopen(recorded.path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(lines, file);
    fclose(file);
    analyze();
}

void recorded_analyze_lines(const char *lines)
{
    close_program();
    analyze_lines(lines);
}

void recorded_again(const char *lines)
{
    rowan__analysis_fini(&recorded.analysis);
    rowan__trace_fini(&recorded.trace);
    analyze_lines(lines);
}

void recorded_verify(unsigned deadline_ms)
{
    rowan__verify verify = {.analysis = &recorded.analysis, .deadline_ms = deadline_ms};
    rowan_error error;

    ck_assert_msg(rowan__verify_open(recorded.url, &verify.db, &error) == ROWAN_OK, "%s",
                  error.message);
    ck_assert_int_eq(rowan__verify_findings(&verify), ROWAN_OK);
    rowan_close(verify.db);
}

const rowan__trace_finding *recorded_only(const char *kind)
{
    const rowan__trace_finding *found = NULL;

    for (size_t i = 0; i < recorded.analysis.count; i++) {
        const rowan__trace_finding *finding = &recorded.analysis.at[i];
        if (strcmp(finding->kind, kind) == 0) {
            ck_assert_msg(found == NULL, "a second %s: %s", kind, finding->fingerprint);
            found = finding;
        }
    }
    ck_assert_msg(found != NULL, "no %s in %s", kind, recorded.path);
    return found;
}

const rowan__proof *recorded_expect(const char *kind, rowan__proven state, const char *why)
{
    const rowan__trace_finding *finding = recorded_only(kind);
    const rowan__proof *proof = &finding->proof;

    ck_assert_msg(proof->state == state && (why == NULL || strstr(proof->why, why) != NULL),
                  "%s: %s: %s: %s", engine_name(recorded.engine), finding->suggestion,
                  rowan__proven_name(proof->state), proof->why != NULL ? proof->why : "");
    return proof;
}

rowan_status recorded_expect_all(rowan_verified *out, rowan_error *error)
{
    rowan_db *db = engine_open_url(recorded.url, NULL);
    rowan_status status = rowan_expect_verified(db, recorded.path, out, error);

    rowan_close(db);
    return status;
}

int64_t recorded_number(const char *sql)
{
    rowan_db *db = engine_open_url(recorded.url, NULL);
    rowan_scope *scope;
    rowan_cursor *cursor;
    int64_t number;

    ck_assert_int_eq(rowan_scope_begin(db, "number", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    const rowan_value *value = rowan_cursor_value(cursor, 0);
    bool is_text = value->type == ROWAN_TYPE_DECIMAL || value->type == ROWAN_TYPE_TEXT;
    number = is_text ? strtoll(value->as.bytes.data, NULL, 10) : value->as.integer;
    rowan_cursor_close(cursor);
    rowan_scope_end(scope);
    rowan_close(db);
    return number;
}

void recorded_end(void)
{
    rowan__analysis_fini(&recorded.analysis);
    rowan__trace_fini(&recorded.trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    unlink(recorded.path);
    engine_url_drop(recorded.url);
}
