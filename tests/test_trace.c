/* Recorded traces: what is read of them, what is refused, and what the detector finds in them. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/print.h"
#include "support/fault.h"
#include "support/suite.h"

static char path[64];
static FILE *file;
static rowan__trace trace;
static rowan__analysis analysis;
static size_t complaints, last_complaint;
static unsigned sequence;

static void begin(void)
{
    strcpy(path, "/tmp/rowan-trace-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(file);
    complaints = sequence = 0;
}

static void line(const char *text)
{
    fprintf(file, "%s\n", text);
}

/* A statement at its place in time, with more keys behind, which begin with a comma. */
static void statement(const char *sql, const char *params, const char *more)
{
    sequence++;
    fprintf(file,
            "{\"seq\":%u,\"sql\":\"%s\",\"params\":%s,\"callsite\":\"app.c:%zu f\",\"t_us\":100,"
            "\"ts_us\":%u,\"dialect\":\"postgresql\"%s}\n",
            sequence, sql, params, strlen(sql), sequence * 1000, more);
}

static void parent(size_t rows, const char *more)
{
    char text[4096] = ",\"cols\":[\"id\"],\"rows\":[";
    size_t size = strlen(text);

    for (size_t i = 0; i < rows; i++) {
        size += (size_t)sprintf(text + size, "%s[%zu]", i > 0 ? "," : "", 1000 + 7 * i);
    }
    sprintf(text + size, "]%s", more);
    statement("SELECT id FROM post ORDER BY id", "[]", text);
}

static void child(size_t i, const char *more)
{
    char params[32];

    sprintf(params, "[%zu]", 1000 + 7 * i);
    statement("SELECT body FROM note WHERE post_id = $1", params, more);
}

static void complain(void *context, const char *where, size_t number, const char *why)
{
    (void)context;
    ck_assert_str_eq(where, path);
    ck_assert_uint_gt(strlen(why), 0);
    complaints++;
    last_complaint = number;
}

static rowan_status read_and_analyze(void)
{
    const rowan__complaint complaint = {complain, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);
    rowan_error error;
    rowan_status status = rowan__trace_read(&trace, &fault_allocator, path, &complaint, &error);

    analysis = (rowan__analysis){.allocator = &fault_allocator};
    if (status == ROWAN_OK) {
        status = rowan__analysis_init(&analysis, &fault_allocator, &rules);
    }
    return status == ROWAN_OK ? rowan__analysis_add(&analysis, &trace) : status;
}

static void release(void)
{
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

static void analyze(void)
{
    fclose(file);
    ck_assert_int_eq(read_and_analyze(), ROWAN_OK);
}

static void end(void)
{
    release();
    unlink(path);
}

static void finds_nothing(const char *what)
{
    analyze();
    ck_assert_msg(analysis.count == 0, "%s: %s", what,
                  analysis.count > 0 ? analysis.at[0].evidence : "");
    end();
}

static const rowan__trace_finding *only(const char *kind)
{
    analyze();
    ck_assert_uint_eq(analysis.count, 1);
    ck_assert_str_eq(analysis.at[0].kind, kind);
    return &analysis.at[0];
}

/* The key of `SELECT *` with so many columns, of two rows. */
static const char *wide(size_t columns)
{
    static char text[16384];
    size_t size = (size_t)sprintf(text, ",\"nrows\":9,\"cols\":[");

    for (size_t c = 0; c < columns; c++) {
        size += (size_t)sprintf(text + size, "%s\"c%zu\"", c > 0 ? "," : "", c);
    }
    size += (size_t)sprintf(text + size, "],\"rows\":[");
    for (size_t r = 0; r < 2; r++) {
        for (size_t c = 0; c < columns; c++) {
            size += (size_t)sprintf(text + size, "%s%zu",
                                    c > 0   ? ","
                                    : r > 0 ? "],["
                                            : "[",
                                    1000000 * (r + 1) + c);
        }
    }
    sprintf(text + size, "]]");
    return text;
}

/* --- Reading. --- */

START_TEST(every_key_is_read)
{
    begin();
    line("{\"seq\":7,\"scope\":\"GET /\",\"sql\":\"SELECT 1\","
         "\"params\":[1,\"a\",null,true,1.5,[2,3]],"
         "\"cols\":[\"x\",\"y\"],\"rows\":[[1,\"#ab\"],[2]],\"nrows\":50,"
         "\"callsite\":\"a.c:1 f\",\"through\":[\"db.c:2 all\",7,\"db.c:1 step\"],"
         "\"t_us\":12.5,\"ts_us\":3,\"dialect\":\"sqlite\",\"conn\":4,"
         "\"thread\":\"t\",\"db\":\"d\",\"err\":\"23505\",\"cached\":true,\"pattern\":\"raw\","
         "\"model\":\"post\",\"trip\":9,\"eager\":{\"assoc\":\"a\",\"parent_seq\":1,"
         "\"owners\":2,\"touched\":0},\"other\":{}}");
    analyze();
    ck_assert_uint_eq(trace.count, 1);
    const rowan__traced *one = &trace.at[0];
    ck_assert_uint_eq(one->seq, 7);
    ck_assert_str_eq(one->scope, "GET /");
    ck_assert_uint_eq(one->param_count, 6);
    ck_assert_int_eq(one->params[0].as.integer, 1);
    ck_assert(one->params[2].is_null);
    ck_assert_uint_eq(one->params[5].as.list.count, 2);
    ck_assert_uint_eq(one->column_count, 2);
    ck_assert_uint_eq(one->row_count, 2);
    ck_assert(one->rows[3].is_null);
    ck_assert_uint_eq(one->all_rows, 50);
    ck_assert_str_eq(one->callsite, "a.c:1 f");
    ck_assert_str_eq(one->through[0], "db.c:2 all");
    ck_assert_str_eq(one->through[1], "db.c:1 step"); /* what is no text is left out */
    ck_assert_ptr_null(one->through[2]);
    ck_assert_int_eq(one->elapsed_ns, 12500);
    ck_assert_int_eq(one->start_ns, 3000);
    ck_assert_str_eq(one->connection, "4");
    ck_assert_str_eq(one->thread, "t");
    ck_assert_str_eq(one->database, "d");
    ck_assert_str_eq(one->error, "23505");
    ck_assert(one->is_cached);
    ck_assert_int_eq(one->trip, 9);
    ck_assert_uint_eq(one->eager->owners, 2);
    ck_assert_str_eq(one->eager->association, "a");
    end();
}
END_TEST

START_TEST(what_cannot_be_read_is_named_and_the_rest_is_analysed)
{
    static const char *const bad[] = {
        "nonsense",
        "{\"seq\":1",
        "[1]",
        "\"text\"",
        "{}",
        "{\"sql\":5}",
        "{\"sql\":\"x\",\"params\":7}",
        "{\"sql\":\"x\",\"rows\":5}",
        "{\"sql\":\"x\",\"rows\":[5]}",
        "{\"sql\":\"x\",\"seq\":-1}",
        "{\"sql\":\"x\",\"scope\":[]}",
        "{\"sql\":\"x\",\"t_us\":\"soon\"}",
        "{\"sql\":\"\xff\xfe\"}",
    };
    size_t count = sizeof bad / sizeof bad[0];

    begin();
    parent(6, "");
    for (size_t i = 0; i < count; i++) {
        line(bad[i]);
    }
    line("");
    for (size_t i = 0; i < 6; i++) {
        child(i, "");
    }
    ck_assert_uint_eq(only("n_plus_one")->count, 6);
    ck_assert_uint_eq(complaints, count);
    ck_assert_uint_eq(last_complaint, count + 1);
    ck_assert_uint_eq(trace.lines_refused, count);
    end();
}
END_TEST

/* Values by name, and engines as others call them. */
START_TEST(parameters_may_have_names_and_engines_others)
{
    static const struct {
        const char *dialect, *known, *sql, *params;
    } lines[] = {
        {"sqlite3", "sqlite", "SELECT 1 FROM t WHERE a = :x AND b = @y AND c = :x",
         "{\"y\":7,\"x\":\"five\",\"z\":1}"},
        {"SQLite", "sqlite", "SELECT 1 FROM t WHERE a = $x AND b = :y",
         "{\":y\":7,\"$x\":\"five\"}"},
        {"postgres", "postgresql", "SELECT 1 FROM t WHERE a = $1 AND b = $2",
         "{\"2\":7,\"1\":\"five\"}"},
        {"MySQL", "mariadb", "SELECT 1 FROM t WHERE a = ? AND b = ?", "[\"five\",7]"},
    };

    begin();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"sql\":\"%s\",\"params\":%s,\"dialect\":\"%s\"}",
                 lines[i].sql, lines[i].params, lines[i].dialect);
        line(text);
    }
    analyze();
    ck_assert_uint_eq(complaints, 0);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        ck_assert_str_eq(trace.at[i].dialect, lines[i].known);
        ck_assert_uint_eq(trace.at[i].param_count, 2);
        ck_assert_str_eq(trace.at[i].params[0].as.bytes.data, "five");
        ck_assert_int_eq(trace.at[i].params[1].as.integer, 7);
    }
    end();
}
END_TEST

START_TEST(odd_but_readable_lines_are_read)
{
    begin();
    line("{\"sql\":\"SELECT 1\",\"params\":[18446744073709551615,{\"a\":1},[[1]]]}");
    line("{\"sql\":\"\",\"rows\":null,\"params\":null,\"cols\":null,\"t_us\":1e300}");
    line("{\"sql\":\"SELECT \\u0000\",\"rows\":[[]]}");
    analyze();
    ck_assert_uint_eq(complaints, 0);
    ck_assert_uint_eq(trace.count, 3);
    ck_assert_int_eq(trace.at[1].elapsed_ns, 0);
    end();
}
END_TEST

/* As many as are looked at, more, and fewer again, until there is no room for further ones. */
START_TEST(a_statement_may_have_other_columns_each_time)
{
    static const size_t columns[] = {1, 64, 300, 2, 65, 64, 1, 63};

    begin();
    for (size_t i = 0; i < 40; i++) {
        statement("SELECT * FROM t", "[]", wide(columns[i % 8]));
    }
    analyze();
    ck_assert_uint_eq(complaints, 0);
    ck_assert_uint_eq(analysis.statements, 40);
    ck_assert_uint_gt(analysis.dropped.rows, 0);
    end();
}
END_TEST

START_TEST(a_missing_file_is_an_error)
{
    begin();
    fclose(file);
    unlink(path);
    ck_assert_int_eq(read_and_analyze(), ROWAN_IO);
    release();
}
END_TEST

START_TEST(running_out_of_memory_is_reported_and_leaks_nothing)
{
    bool ended = false;

    begin();
    parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        child(i, "");
    }
    fprintf(file, "{\"seq\":1,\"eager\":{\"assoc\":\"notes\",\"owners\":6,\"rows\":2,"
                  "\"touched\":0}}\n");
    fclose(file);
    for (unsigned nth = 1; !ended; nth++) {
        fault_arm(nth);
        rowan_status status = read_and_analyze();
        ended = !fault_fired();
        fault_arm(0);
        ck_assert(status == ROWAN_NOMEM || status == ROWAN_OK); /* the watch may see less instead */
        release();
    }
    unlink(path);
}
END_TEST

/* --- Findings. --- */

START_TEST(a_finding_names_statements_by_their_numbers_in_the_trace)
{
    const rowan__trace_finding *found;

    begin();
    statement("SELECT 1 FROM nothing", "[]", "");
    parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        child(i, "");
    }
    found = only("n_plus_one");
    ck_assert(found->is_confirmed);
    ck_assert_uint_eq(found->parent_seq, 2);
    ck_assert_str_eq(found->parent_column, "id");
    ck_assert_str_eq(found->child_column, "post_id");
    ck_assert_str_eq(found->table, "note");
    ck_assert_uint_eq(found->seq_count, 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(found->seqs[i], 3 + i);
    }
    ck_assert_str_eq(rowan__action_name(found->action), "batch_in");
    ck_assert_int_eq(found->total_ns, 600000);
    ck_assert_int_eq(found->trace_ns, 800000);
    end();
}
END_TEST

START_TEST(lines_may_come_in_any_order)
{
    begin();
    sequence = 50;
    for (size_t i = 0; i < 6; i++) {
        child(i, "");
    }
    sequence = 10; /* began before them, and was logged when it was done */
    parent(6, "");
    ck_assert_uint_eq(only("n_plus_one")->parent_seq, 11);
    end();
}
END_TEST

START_TEST(scopes_databases_schemas_and_episodes_are_kept_apart)
{
    static const char *const apart[] = {"\"scope\":\"r%zu\"", "\"db\":\"shard%zu\"",
                                        "\"conn\":%zu"};
    char more[64];

    for (size_t k = 0; k < sizeof apart / sizeof apart[0]; k++) {
        begin();
        for (size_t i = 0; i < 8; i++) {
            more[0] = ',';
            sprintf(more + 1, apart[k], i);
            child(i, more);
        }
        finds_nothing(apart[k]);
    }
    static const char *const chosen[] = {
        "SET search_path TO tenant_%zu",
        "/* a */ /* b */ SET LOCAL search_path = 'tenant_%zu'",
        "SELECT set_config('search_path', 'tenant_%zu', true)",
        "SELECT pg_catalog.set_config('search_path', $1, true)",
        "SELECT set_config($2, $1, false)",
        "SELECT set_config('role', $1, false)",
    };
    for (size_t k = 0; k < sizeof chosen / sizeof chosen[0]; k++) {
        begin();
        for (size_t i = 0; i < 8; i++) {
            char set[96], params[64];
            sprintf(set, chosen[k], i);
            sprintf(params, "[\"tenant_%zu\", \"search_path\"]", i);
            statement(set, params, "");
            child(i, "");
        }
        finds_nothing(chosen[k]);
    }
    begin(); /* a setting that no name depends on */
    for (size_t i = 0; i < 8; i++) {
        statement("SELECT set_config('app.user', $1, true)", "[\"anna\"]", "");
        child(i, "");
    }
    only("n_plus_one");
    end();
    begin();
    for (size_t i = 0; i < 8; i++) {
        child(i, "");
        sequence += 60000; /* a minute later */
    }
    finds_nothing("once a minute");
}
END_TEST

/* Statements between the turns of a loop do not hide it: transactions, a pool's questions. */
START_TEST(a_loop_is_found_whatever_goes_on_between_its_turns)
{
    static const char *const between[] = {"BEGIN",
                                          "COMMIT",
                                          "SELECT 1",
                                          "DISCARD ALL",
                                          "SET search_path TO tenant_1",
                                          "SET statement_timeout = 5"};

    for (size_t k = 0; k < sizeof between / sizeof between[0]; k++) {
        begin();
        statement(between[k], "[]", ",\"scope\":\"r\"");
        parent(6, ",\"scope\":\"r\"");
        for (size_t i = 0; i < 6; i++) {
            statement(between[k], "[]", ",\"scope\":\"r\"");
            child(i, ",\"scope\":\"r\"");
        }
        ck_assert_msg(only("n_plus_one")->is_confirmed, "%s", between[k]);
        end();
    }
}
END_TEST

START_TEST(requests_side_by_side_are_no_loop_but_one_that_fans_out_is)
{
    for (int same_values = 0; same_values < 2; same_values++) {
        begin();
        for (size_t i = 0; i < 12; i++) {
            char more[64];
            sprintf(more, ",\"scope\":\"GET /me\",\"conn\":%zu,\"thread\":\"t%zu\"", i, i);
            child(same_values ? 1 : i, more);
        }
        finds_nothing("twelve requests");
    }
    begin();
    parent(12, ",\"scope\":\"GET /\",\"conn\":0");
    for (size_t i = 0; i < 12; i++) {
        char more[64];
        sprintf(more, ",\"scope\":\"GET /\",\"conn\":%zu", i + 1);
        child(i, more);
    }
    ck_assert(only("n_plus_one")->is_confirmed);
    end();
}
END_TEST

static void traced_child(unsigned trace_number, size_t i)
{
    char sql[160], params[32];

    sprintf(sql, "SELECT body FROM note WHERE post_id = $1 /*traceparent='00-%032x-%016zx-01'*/",
            trace_number, i + 1);
    sprintf(params, "[%zu]", 1000 + 7 * i);
    statement(sql, params, ",\"callsite\":\"a.c:3 f\"");
}

START_TEST(a_comment_in_the_text_says_which_request_it_was)
{
    for (unsigned together = 0; together < 2; together++) {
        begin();
        for (unsigned i = 0; i < 8; i++) {
            traced_child(together ? 1 : i + 1, i);
        }
        if (together) {
            only("n_plus_one");
            end();
        } else {
            finds_nothing("eight requests on one connection");
        }
    }
}
END_TEST

START_TEST(what_never_ran_or_failed_is_no_repetition)
{
    begin();
    parent(8, "");
    for (size_t i = 0; i < 8; i++) {
        child(i, i < 4 ? ",\"cached\":true" : ",\"err\":\"40001\"");
    }
    finds_nothing("cached and failed");
}
END_TEST

/* Eight writes from places that are not known, in turns of unequal length. */
static void writes_at_odds(const char *sql, size_t first, size_t step)
{
    for (size_t i = 0; i < 8; i++) {
        char params[32];
        sprintf(params, "[%zu]", first + step * i);
        statement(sql, params, ",\"callsite\":\"?\"");
        for (size_t noise = 0; noise < i % 3; noise++) {
            statement("SELECT now()", "[]", "");
        }
    }
}

START_TEST(writes_for_the_rows_of_a_result_are_a_loop_wherever_they_are_sent_from)
{
    static const char *const writes[] = {
        "UPDATE post SET seen = true WHERE id = $1",
        "DELETE FROM note WHERE post_id = $1",
    };

    for (size_t i = 0; i < 2; i++) {
        begin();
        parent(8, "");
        writes_at_odds(writes[i], 1000, 7);
        const rowan__trace_finding *found = only("write_loop");
        ck_assert_uint_eq(found->count, 8);
        ck_assert_str_eq(rowan__action_name(found->action), "multi_row_write");
        end();
        begin(); /* rows that no statement here has read */
        parent(8, "");
        writes_at_odds(writes[i], 500, 3);
        finds_nothing("writes from here and there");
    }
    begin();
    parent(8, "");
    writes_at_odds("INSERT INTO log (post_id) VALUES ($1)", 1000, 7);
    finds_nothing("rows for a log, from here and there");
}
END_TEST

START_TEST(writes_of_one_round_trip_are_batched_already)
{
    for (int pipelined = 0; pipelined < 2; pipelined++) {
        begin();
        for (size_t i = 0; i < 8; i++) {
            char params[32];
            sprintf(params, "[%zu]", i);
            statement("INSERT INTO note (post_id) VALUES ($1)", params,
                      pipelined ? ",\"trip\":3" : "");
        }
        if (pipelined) {
            finds_nothing("a pipeline");
        } else {
            ck_assert_str_eq(rowan__action_name(only("write_loop")->action), "multi_row_write");
            end();
        }
    }
}
END_TEST

START_TEST(rows_that_were_not_all_recorded_still_show_the_parent)
{
    begin();
    parent(6, ",\"nrows\":1000"); /* six of a thousand were kept */
    for (size_t i = 0; i < 40; i++) {
        child(i, "");
    }
    ck_assert(only("n_plus_one")->is_confirmed);
    end();
}
END_TEST

static const char *const advices[][2] = {
    {"SELECT body FROM note WHERE post_id = $1", "batch_in"},
    {"SELECT count(*) FROM note WHERE post_id = $1", "group_by_count"},
    {"SELECT 1 FROM note WHERE post_id = $1 LIMIT 1", "exists_in"},
    {"SELECT EXISTS (SELECT 1 FROM note WHERE post_id = $1)", "exists_in"},
    {"SELECT body FROM note WHERE post_id = $1 ORDER BY at DESC LIMIT 1", "distinct_on"},
    {"SELECT body FROM note WHERE post_id = $1 ORDER BY at DESC LIMIT 3", "lateral"},
};

START_TEST(the_action_fits_the_values_and_the_parent)
{
    static const char *const cases[][3] = {
        {"SELECT x FROM tag WHERE kind = $1 AND post_id = $2", "[\"post\",%zu]", "batch_in"},
        {"SELECT x FROM tag WHERE part = $1 AND post_id = $2", "[%zu,%zu]", "batch_row_in"},
        {"SELECT x FROM tag WHERE post_id = $1 UNION SELECT y FROM mark WHERE POST_ID = $1",
         "[%zu]", "batch_in"},
        {"SELECT title FROM post WHERE id = $1", "[%zu]", "select_column"},
    };

    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        begin();
        parent(6, "");
        for (size_t i = 0; i < 6; i++) {
            char params[64];
            snprintf(params, sizeof params, cases[k][1], 1000 + 7 * i, 1000 + 7 * i);
            statement(cases[k][0], params, "");
        }
        ck_assert_str_eq(rowan__action_name(only("n_plus_one")->action), cases[k][2]);
        end();
    }
}
END_TEST

START_TEST(a_repetition_from_one_place_is_hoisted_and_from_many_remembered)
{
    for (int places = 0; places < 2; places++) {
        begin();
        for (unsigned i = 0; i < 6; i++) {
            char more[64];
            sprintf(more, ",\"callsite\":\"a.c:%u f\"", places ? i : 1);
            statement("SELECT v FROM setting WHERE k = $1", "[\"tz\"]", more);
        }
        ck_assert_str_eq(rowan__action_name(only("duplicate_query")->action),
                         places ? "memoize" : "hoist");
        end();
    }
}
END_TEST

START_TEST(the_action_fits_what_the_statement_asks_for)
{
    begin();
    parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        char params[32];
        sprintf(params, "[%zu]", 1000 + 7 * i);
        statement(advices[_i][0], params, "");
    }
    ck_assert_str_eq(rowan__action_name(only("n_plus_one")->action), advices[_i][1]);
    end();
}
END_TEST

START_TEST(values_that_were_erased_are_found_in_the_rows)
{
    begin();
    parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        char more[128];
        sprintf(more, ",\"cols\":[\"body\",\"POST_ID\"],\"rows\":[[\"b\",%zu]]", 1000 + 7 * i);
        statement("SELECT body, post_id FROM note WHERE post_id = $1", i % 2 ? "null" : "[]", more);
    }
    const rowan__trace_finding *found = only("n_plus_one");
    ck_assert(found->is_confirmed);
    ck_assert_str_eq(found->parent_column, "id");
    end();
}
END_TEST

/* Without values, different rows tell that they differ, and equal rows that they do not. */
START_TEST(erased_values_that_no_row_has_are_told_apart_by_results)
{
    for (int differ = 0; differ < 2; differ++) {
        begin();
        for (size_t i = 0; i < 6; i++) {
            char more[96];
            sprintf(more, ",\"callsite\":\"a.c:1 f\",\"cols\":[\"body\"],\"rows\":[[\"b%zu\"]]",
                    differ ? i : 0);
            statement("SELECT body FROM note WHERE post_id = $1", "null", more);
        }
        if (differ) {
            ck_assert(!only("n_plus_one")->is_confirmed);
        } else {
            only("duplicate_query");
        }
        end();
    }
}
END_TEST

START_TEST(an_eager_load_that_nobody_read_is_found_and_no_other)
{
    static const struct {
        unsigned owners, touched, rows;
        bool is_found;
    } loads[] = {{10, 0, 3, true}, {10, 1, 3, false}, {1, 0, 3, false}, {10, 0, 0, false}};

    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        char more[160];
        begin();
        sprintf(more,
                ",\"nrows\":%u,\"eager\":{\"assoc\":\"notes\",\"parent_seq\":9,\"owners\":%u,"
                "\"touched\":%u}",
                loads[i].rows, loads[i].owners, loads[i].touched);
        statement("SELECT * FROM note WHERE post_id = ANY($1)", "[[1,2]]", more);
        if (loads[i].is_found) {
            const rowan__trace_finding *found = only("unused_eager_load");
            ck_assert_uint_eq(found->parent_seq, 9);
            ck_assert_str_eq(found->table, "note");
            ck_assert_ptr_nonnull(strstr(found->evidence, "notes was loaded for 10 rows"));
            ck_assert_str_eq(rowan__action_name(found->action), "remove_eager_load");
            end();
        } else {
            finds_nothing("an eager load that is in order");
        }
    }
    begin(); /* how many were read is not known */
    statement("SELECT * FROM note WHERE post_id = ANY($1)", "[[1,2]]",
              ",\"nrows\":3,\"eager\":{\"assoc\":\"notes\",\"owners\":10,\"touched\":null}");
    finds_nothing("an eager load of unknown use");
}
END_TEST

/* Statements that take milliseconds: every `nth` the second time, the others the first. */
static const struct {
    const char *sql;
    unsigned count, usual_ms, nth, sometimes_ms;
    const char *action; /* NULL: silence */
} speeds[] = {
    {"SELECT a FROM t WHERE b = $1", 1, 250, 1, 250, "add_index"},
    {"SELECT a FROM t WHERE b = $1", 30, 150, 1, 150, "add_index"},
    {"SELECT a FROM t WHERE lower(b) = $1", 30, 150, 1, 150, "add_expression_index"},
    {"SELECT a FROM t", 30, 150, 1, 150, "report_percentiles"},
    {"SELECT a FROM t WHERE b = $1", 60, 2, 60, 900, NULL}, /* one outlier */
    {"SELECT a FROM t WHERE b = $1", 60, 2, 10, 900, "investigate_skew"},
    {"SELECT a FROM t WHERE b = $1", 60, 2, 10, 60, "investigate_skew"},
    {"SELECT a FROM t WHERE b = $1", 60, 2, 10, 40, NULL}, /* skewed, and nobody minds */
    {"SELECT a FROM t WHERE b = $1", 60, 60, 1, 60, NULL},
    {"CREATE INDEX i ON t (a)", 3, 900, 1, 900, NULL},
    {"COPY t FROM STDIN", 3, 900, 1, 900, NULL},
    {"VACUUM t", 3, 900, 1, 900, NULL},
    {"SELECT pg_sleep($1)", 3, 900, 1, 900, NULL},
    {"SELECT pg_advisory_lock($1)", 3, 900, 1, 900, NULL},
};

START_TEST(slow_statements_are_told_from_outliers_and_skew_from_both)
{
    begin();
    for (unsigned i = 0; i < speeds[_i].count; i++) {
        unsigned took_ms =
            (i + 1) % speeds[_i].nth == 0 ? speeds[_i].sometimes_ms : speeds[_i].usual_ms;
        fprintf(file,
                "{\"seq\":%u,\"scope\":\"r%u\",\"sql\":\"%s\",\"params\":[%u],\"t_us\":%u,"
                "\"ts_us\":%u,\"dialect\":\"postgresql\"}\n",
                i + 1, i, speeds[_i].sql, i, took_ms * 1000, i * 1000000);
    }
    if (speeds[_i].action == NULL) {
        finds_nothing(speeds[_i].sql);
        return;
    }
    const rowan__trace_finding *found = only("slow_query");
    ck_assert_str_eq(rowan__action_name(found->action), speeds[_i].action);
    ck_assert_uint_eq(found->count, found->seq_count);
    ck_assert_uint_eq(found->count, speeds[_i].count / speeds[_i].nth);
    ck_assert_ptr_nonnull(strstr(found->evidence, " the slowest "));
    ck_assert((strstr(found->evidence, "95 % up to") != NULL) == (speeds[_i].count >= 20));
    end();
}
END_TEST

/* Its rows were read one by one, and others sent with them meanwhile. */
START_TEST(a_statement_that_the_program_read_slowly_is_not_slow)
{
    for (int streamed = 0; streamed < 2; streamed++) {
        begin();
        parent(6, streamed ? ",\"t_us\":500000" : "");
        for (size_t i = 0; i < 6; i++) {
            child(i, "");
        }
        (void)only("n_plus_one");
        end();
    }
    begin();
    parent(6, ",\"t_us\":500000,\"ts_us\":0");
    sequence += 500;
    for (size_t i = 0; i < 6; i++) {
        child(i, "");
    }
    analyze();
    ck_assert_uint_eq(analysis.count, 2);
    end();
}
END_TEST

START_TEST(a_finding_is_sent_from_where_most_of_its_statements_are_and_names_wrappers)
{
    char *text = NULL;
    size_t size;

    begin();
    parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        bool is_usual = i != 0 && i != 3;
        child(i, is_usual ? ",\"callsite\":\"a.c:9 often\",\"through\":[\"db.c:2 all\",\"lib+0x5\"]"
                          : ",\"callsite\":\"a.c:5 once\"");
    }
    ck_assert_str_eq(only("n_plus_one")->callsite, "a.c:9 often");
    FILE *to = open_memstream(&text, &size);
    rowan__print_text(&analysis, false, to);
    fclose(to);
    ck_assert_ptr_nonnull(strstr(text, "sent from   a.c:9 often, through all, lib+0x5\n"));
    free(text);
    to = open_memstream(&text, &size);
    ck_assert(rowan__print_json(&analysis, to));
    fclose(to);
    ck_assert_ptr_nonnull(strstr(text, "\"through\":[\"db.c:2 all\",\"lib+0x5\"]"));
    free(text);
    end();
}
END_TEST

START_TEST(what_is_said_of_wrappers_is_cut_where_it_ends)
{
    static const char *const through[] = {"a.c:1 one", "a.c:2 two", NULL};
    char room[16];

    ck_assert_str_eq(rowan__through_say(NULL, room, sizeof room), "");
    ck_assert_str_eq(rowan__through_say(through, room, sizeof room), ", through one, ");
    ck_assert_str_eq(rowan__through_say(through + 1, room, 4), ", t");
}
END_TEST

START_TEST(reports_are_written_in_both_forms)
{
    char *text = NULL, *json = NULL;
    size_t text_size, json_size;

    begin();
    parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        child(i, "");
    }
    analyze();
    FILE *to = open_memstream(&text, &text_size);
    rowan__print_text(&analysis, false, to);
    fclose(to);
    ck_assert_int_eq(strncmp(text, "N+1 confirmed  6 x  select body from note", 41), 0);
    ck_assert_ptr_null(strchr(text, '\033'));
    ck_assert_ptr_nonnull(strstr(text, "1 finding in 7 statements of 1 scope"));
    to = open_memstream(&json, &json_size);
    ck_assert(rowan__print_json(&analysis, to));
    fclose(to);
    ck_assert_ptr_nonnull(strstr(json, "\"kind\":\"n_plus_one\",\"seqs\":[2,3,4,5,6,7]"));
    ck_assert_ptr_nonnull(strstr(json, "\"confidence\":\"confirmed\""));
    ck_assert_ptr_eq(strchr(json, '\n'), json + json_size - 1);
    free(text);
    free(json);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace");
    TCase *tc = tcase_create("trace");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_key_is_read);
    tcase_add_test(tc, what_cannot_be_read_is_named_and_the_rest_is_analysed);
    tcase_add_test(tc, parameters_may_have_names_and_engines_others);
    tcase_add_test(tc, odd_but_readable_lines_are_read);
    tcase_add_test(tc, a_statement_may_have_other_columns_each_time);
    tcase_add_test(tc, a_missing_file_is_an_error);
    tcase_add_test(tc, running_out_of_memory_is_reported_and_leaks_nothing);
    tcase_add_test(tc, a_finding_names_statements_by_their_numbers_in_the_trace);
    tcase_add_test(tc, lines_may_come_in_any_order);
    tcase_add_test(tc, scopes_databases_schemas_and_episodes_are_kept_apart);
    tcase_add_test(tc, a_loop_is_found_whatever_goes_on_between_its_turns);
    tcase_add_test(tc, requests_side_by_side_are_no_loop_but_one_that_fans_out_is);
    tcase_add_test(tc, a_comment_in_the_text_says_which_request_it_was);
    tcase_add_test(tc, the_action_fits_the_values_and_the_parent);
    tcase_add_test(tc, a_repetition_from_one_place_is_hoisted_and_from_many_remembered);
    tcase_add_test(tc, what_never_ran_or_failed_is_no_repetition);
    tcase_add_test(tc, writes_for_the_rows_of_a_result_are_a_loop_wherever_they_are_sent_from);
    tcase_add_test(tc, writes_of_one_round_trip_are_batched_already);
    tcase_add_test(tc, rows_that_were_not_all_recorded_still_show_the_parent);
    tcase_add_loop_test(tc, the_action_fits_what_the_statement_asks_for, 0,
                        (int)(sizeof advices / sizeof advices[0]));
    tcase_add_test(tc, values_that_were_erased_are_found_in_the_rows);
    tcase_add_test(tc, erased_values_that_no_row_has_are_told_apart_by_results);
    tcase_add_test(tc, an_eager_load_that_nobody_read_is_found_and_no_other);
    tcase_add_loop_test(tc, slow_statements_are_told_from_outliers_and_skew_from_both, 0,
                        (int)(sizeof speeds / sizeof speeds[0]));
    tcase_add_test(tc, a_statement_that_the_program_read_slowly_is_not_slow);
    tcase_add_test(tc, a_finding_is_sent_from_where_most_of_its_statements_are_and_names_wrappers);
    tcase_add_test(tc, what_is_said_of_wrappers_is_cut_where_it_ends);
    tcase_add_test(tc, reports_are_written_in_both_forms);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
