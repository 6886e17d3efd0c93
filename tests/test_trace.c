/* Recorded traces: what is found in them, and how it is told. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/print.h"
#include "support/fault.h"
#include "support/suite.h"
#include "support/traced.h"

START_TEST(a_finding_names_statements_by_their_numbers_in_the_trace)
{
    const rowan__trace_finding *found;

    traced_begin();
    traced_statement("SELECT 1 FROM nothing", "[]", "");
    traced_parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        traced_child(i, "");
    }
    found = traced_only("n_plus_one");
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
    traced_end();
}
END_TEST

START_TEST(lines_may_come_in_any_order)
{
    traced_begin();
    traced.sequence = 50;
    for (size_t i = 0; i < 6; i++) {
        traced_child(i, "");
    }
    traced.sequence = 10; /* began before them, and was logged when it was done */
    traced_parent(6, "");
    ck_assert_uint_eq(traced_only("n_plus_one")->parent_seq, 11);
    traced_end();
}
END_TEST

START_TEST(scopes_databases_schemas_and_episodes_are_kept_apart)
{
    static const char *const apart[] = {"\"scope\":\"r%zu\"", "\"db\":\"shard%zu\"",
                                        "\"conn\":%zu"};
    char more[64];

    for (size_t k = 0; k < sizeof apart / sizeof apart[0]; k++) {
        traced_begin();
        for (size_t i = 0; i < 8; i++) {
            more[0] = ',';
            sprintf(more + 1, apart[k], i);
            traced_child(i, more);
        }
        traced_finds_nothing(apart[k]);
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
        traced_begin();
        for (size_t i = 0; i < 8; i++) {
            char set[96], params[64];
            sprintf(set, chosen[k], i);
            sprintf(params, "[\"tenant_%zu\", \"search_path\"]", i);
            traced_statement(set, params, "");
            traced_child(i, "");
        }
        traced_finds_nothing(chosen[k]);
    }
    traced_begin(); /* a setting that no name depends on */
    for (size_t i = 0; i < 8; i++) {
        traced_statement("SELECT set_config('app.user', $1, true)", "[\"anna\"]", "");
        traced_child(i, "");
    }
    traced_only("n_plus_one");
    traced_end();
    traced_begin();
    for (size_t i = 0; i < 8; i++) {
        traced_child(i, "");
        traced.sequence += 60000; /* a minute later */
    }
    traced_finds_nothing("once a minute");
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
        traced_begin();
        traced_statement(between[k], "[]", ",\"scope\":\"r\"");
        traced_parent(6, ",\"scope\":\"r\"");
        for (size_t i = 0; i < 6; i++) {
            traced_statement(between[k], "[]", ",\"scope\":\"r\"");
            traced_child(i, ",\"scope\":\"r\"");
        }
        ck_assert_msg(traced_only("n_plus_one")->is_confirmed, "%s", between[k]);
        traced_end();
    }
}
END_TEST

START_TEST(requests_side_by_side_are_no_loop_but_one_that_fans_out_is)
{
    for (int same_values = 0; same_values < 2; same_values++) {
        traced_begin();
        for (size_t i = 0; i < 12; i++) {
            char more[64];
            sprintf(more, ",\"scope\":\"GET /me\",\"conn\":%zu,\"thread\":\"t%zu\"", i, i);
            traced_child(same_values ? 1 : i, more);
        }
        traced_finds_nothing("twelve requests");
    }
    traced_begin();
    traced_parent(12, ",\"scope\":\"GET /\",\"conn\":0");
    for (size_t i = 0; i < 12; i++) {
        char more[64];
        sprintf(more, ",\"scope\":\"GET /\",\"conn\":%zu", i + 1);
        traced_child(i, more);
    }
    ck_assert(traced_only("n_plus_one")->is_confirmed);
    traced_end();
}
END_TEST

static void child_of(unsigned trace_number, size_t i)
{
    char sql[160], params[32];

    sprintf(sql, "SELECT body FROM note WHERE post_id = $1 /*traceparent='00-%032x-%016zx-01'*/",
            trace_number, i + 1);
    sprintf(params, "[%zu]", 1000 + 7 * i);
    traced_statement(sql, params, ",\"callsite\":\"a.c:3 f\"");
}

START_TEST(a_comment_in_the_text_says_which_request_it_was)
{
    for (unsigned together = 0; together < 2; together++) {
        traced_begin();
        for (unsigned i = 0; i < 8; i++) {
            child_of(together ? 1 : i + 1, i);
        }
        if (together) {
            traced_only("n_plus_one");
            traced_end();
        } else {
            traced_finds_nothing("eight requests on one connection");
        }
    }
}
END_TEST

START_TEST(what_never_ran_or_failed_is_no_repetition)
{
    traced_begin();
    traced_parent(8, "");
    for (size_t i = 0; i < 8; i++) {
        traced_child(i, i < 4 ? ",\"cached\":true" : ",\"err\":\"40001\"");
    }
    traced_finds_nothing("cached and failed");
}
END_TEST

/* Eight writes from places that are not known, in turns of unequal length. */
static void writes_at_odds(const char *sql, size_t first, size_t step)
{
    for (size_t i = 0; i < 8; i++) {
        char params[32];
        sprintf(params, "[%zu]", first + step * i);
        traced_statement(sql, params, ",\"callsite\":\"?\"");
        for (size_t noise = 0; noise < i % 3; noise++) {
            traced_statement("SELECT now()", "[]", "");
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
        traced_begin();
        traced_parent(8, "");
        writes_at_odds(writes[i], 1000, 7);
        const rowan__trace_finding *found = traced_only("write_loop");
        ck_assert_uint_eq(found->count, 8);
        ck_assert_str_eq(rowan__action_name(found->action), "multi_row_write");
        traced_end();
        traced_begin(); /* rows that no statement here has read */
        traced_parent(8, "");
        writes_at_odds(writes[i], 500, 3);
        traced_finds_nothing("writes from here and there");
    }
    traced_begin();
    traced_parent(8, "");
    writes_at_odds("INSERT INTO log (post_id) VALUES ($1)", 1000, 7);
    traced_finds_nothing("rows for a log, from here and there");
}
END_TEST

START_TEST(writes_of_one_round_trip_are_batched_already)
{
    for (int pipelined = 0; pipelined < 2; pipelined++) {
        traced_begin();
        for (size_t i = 0; i < 8; i++) {
            char params[32];
            sprintf(params, "[%zu]", i);
            traced_statement("INSERT INTO note (post_id) VALUES ($1)", params,
                             pipelined ? ",\"trip\":3" : "");
        }
        if (pipelined) {
            traced_finds_nothing("a pipeline");
        } else {
            ck_assert_str_eq(rowan__action_name(traced_only("write_loop")->action),
                             "multi_row_write");
            traced_end();
        }
    }
}
END_TEST

START_TEST(rows_that_were_not_all_recorded_still_show_the_parent)
{
    traced_begin();
    traced_parent(6, ",\"nrows\":1000"); /* six of a thousand were kept */
    for (size_t i = 0; i < 40; i++) {
        traced_child(i, "");
    }
    ck_assert(traced_only("n_plus_one")->is_confirmed);
    traced_end();
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
        traced_begin();
        traced_parent(6, "");
        for (size_t i = 0; i < 6; i++) {
            char params[64];
            snprintf(params, sizeof params, cases[k][1], 1000 + 7 * i, 1000 + 7 * i);
            traced_statement(cases[k][0], params, "");
        }
        ck_assert_str_eq(rowan__action_name(traced_only("n_plus_one")->action), cases[k][2]);
        traced_end();
    }
}
END_TEST

START_TEST(a_repetition_from_one_place_is_hoisted_and_from_many_remembered)
{
    for (int places = 0; places < 2; places++) {
        traced_begin();
        for (unsigned i = 0; i < 6; i++) {
            char more[64];
            sprintf(more, ",\"callsite\":\"a.c:%u f\"", places ? i : 1);
            traced_statement("SELECT v FROM setting WHERE k = $1", "[\"tz\"]", more);
        }
        ck_assert_str_eq(rowan__action_name(traced_only("duplicate_query")->action),
                         places ? "memoize" : "hoist");
        traced_end();
    }
}
END_TEST

START_TEST(the_action_fits_what_the_statement_asks_for)
{
    traced_begin();
    traced_parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        char params[32];
        sprintf(params, "[%zu]", 1000 + 7 * i);
        traced_statement(advices[_i][0], params, "");
    }
    ck_assert_str_eq(rowan__action_name(traced_only("n_plus_one")->action), advices[_i][1]);
    traced_end();
}
END_TEST

START_TEST(values_that_were_erased_are_found_in_the_rows)
{
    traced_begin();
    traced_parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        char more[128];
        sprintf(more, ",\"cols\":[\"body\",\"POST_ID\"],\"rows\":[[\"b\",%zu]]", 1000 + 7 * i);
        traced_statement("SELECT body, post_id FROM note WHERE post_id = $1", i % 2 ? "null" : "[]",
                         more);
    }
    const rowan__trace_finding *found = traced_only("n_plus_one");
    ck_assert(found->is_confirmed);
    ck_assert_str_eq(found->parent_column, "id");
    traced_end();
}
END_TEST

/* Without values, different rows tell that they differ, and equal rows that they do not. */
START_TEST(erased_values_that_no_row_has_are_told_apart_by_results)
{
    for (int differ = 0; differ < 2; differ++) {
        traced_begin();
        for (size_t i = 0; i < 6; i++) {
            char more[96];
            sprintf(more, ",\"callsite\":\"a.c:1 f\",\"cols\":[\"body\"],\"rows\":[[\"b%zu\"]]",
                    differ ? i : 0);
            traced_statement("SELECT body FROM note WHERE post_id = $1", "null", more);
        }
        if (differ) {
            ck_assert(!traced_only("n_plus_one")->is_confirmed);
        } else {
            traced_only("duplicate_query");
        }
        traced_end();
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
        traced_begin();
        sprintf(more,
                ",\"nrows\":%u,\"eager\":{\"assoc\":\"notes\",\"parent_seq\":9,\"owners\":%u,"
                "\"touched\":%u}",
                loads[i].rows, loads[i].owners, loads[i].touched);
        traced_statement("SELECT * FROM note WHERE post_id = ANY($1)", "[[1,2]]", more);
        if (loads[i].is_found) {
            const rowan__trace_finding *found = traced_only("unused_eager_load");
            ck_assert_uint_eq(found->parent_seq, 9);
            ck_assert_str_eq(found->table, "note");
            ck_assert_ptr_nonnull(strstr(found->evidence, "notes was loaded for 10 rows"));
            ck_assert_str_eq(rowan__action_name(found->action), "remove_eager_load");
            traced_end();
        } else {
            traced_finds_nothing("an eager load that is in order");
        }
    }
    traced_begin(); /* how many were read is not known */
    traced_statement("SELECT * FROM note WHERE post_id = ANY($1)", "[[1,2]]",
                     ",\"nrows\":3,\"eager\":{\"assoc\":\"notes\",\"owners\":10,\"touched\":null}");
    traced_finds_nothing("an eager load of unknown use");
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
    traced_begin();
    for (unsigned i = 0; i < speeds[_i].count; i++) {
        unsigned took_ms =
            (i + 1) % speeds[_i].nth == 0 ? speeds[_i].sometimes_ms : speeds[_i].usual_ms;
        fprintf(traced.file,
                "{\"seq\":%u,\"scope\":\"r%u\",\"sql\":\"%s\",\"params\":[%u],\"t_us\":%u,"
                "\"ts_us\":%u,\"dialect\":\"postgresql\"}\n",
                i + 1, i, speeds[_i].sql, i, took_ms * 1000, i * 1000000);
    }
    if (speeds[_i].action == NULL) {
        traced_finds_nothing(speeds[_i].sql);
        return;
    }
    const rowan__trace_finding *found = traced_only("slow_query");
    ck_assert_str_eq(rowan__action_name(found->action), speeds[_i].action);
    ck_assert_uint_eq(found->count, found->seq_count);
    ck_assert_uint_eq(found->count, speeds[_i].count / speeds[_i].nth);
    ck_assert_ptr_nonnull(strstr(found->evidence, " the slowest "));
    ck_assert((strstr(found->evidence, "95 % up to") != NULL) == (speeds[_i].count >= 20));
    traced_end();
}
END_TEST

/* Its rows were read one by one, and others sent with them meanwhile. */
START_TEST(a_statement_that_the_program_read_slowly_is_not_slow)
{
    for (int streamed = 0; streamed < 2; streamed++) {
        traced_begin();
        traced_parent(6, streamed ? ",\"t_us\":500000" : "");
        for (size_t i = 0; i < 6; i++) {
            traced_child(i, "");
        }
        (void)traced_only("n_plus_one");
        traced_end();
    }
    traced_begin();
    traced_parent(6, ",\"t_us\":500000,\"ts_us\":0");
    traced.sequence += 500;
    for (size_t i = 0; i < 6; i++) {
        traced_child(i, "");
    }
    traced_analyze();
    ck_assert_uint_eq(traced.analysis.count, 2);
    traced_end();
}
END_TEST

START_TEST(a_finding_is_sent_from_where_most_of_its_statements_are_and_names_wrappers)
{
    char *text = NULL;
    size_t size;

    traced_begin();
    traced_parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        bool is_usual = i != 0 && i != 3;
        traced_child(
            i, is_usual ? ",\"callsite\":\"a.c:9 often\",\"through\":[\"db.c:2 all\",\"lib+0x5\"]"
                        : ",\"callsite\":\"a.c:5 once\"");
    }
    ck_assert_str_eq(traced_only("n_plus_one")->callsite, "a.c:9 often");
    FILE *to = open_memstream(&text, &size);
    rowan__print_text(&traced.analysis, false, to);
    fclose(to);
    ck_assert_ptr_nonnull(strstr(text, "sent from   a.c:9 often, through all, lib+0x5\n"));
    free(text);
    to = open_memstream(&text, &size);
    ck_assert(rowan__print_json(&traced.analysis, to));
    fclose(to);
    ck_assert_ptr_nonnull(strstr(text, "\"through\":[\"db.c:2 all\",\"lib+0x5\"]"));
    free(text);
    traced_end();
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

    traced_begin();
    traced_parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        traced_child(i, "");
    }
    traced_analyze();
    FILE *to = open_memstream(&text, &text_size);
    rowan__print_text(&traced.analysis, false, to);
    fclose(to);
    ck_assert_int_eq(strncmp(text, "N+1 confirmed  6 x  select body from note", 41), 0);
    ck_assert_ptr_null(strchr(text, '\033'));
    ck_assert_ptr_nonnull(strstr(text, "1 finding in 7 statements of 1 scope"));
    to = open_memstream(&json, &json_size);
    ck_assert(rowan__print_json(&traced.analysis, to));
    fclose(to);
    ck_assert_ptr_nonnull(strstr(json, "\"kind\":\"n_plus_one\",\"seqs\":[2,3,4,5,6,7]"));
    ck_assert_ptr_nonnull(strstr(json, "\"confidence\":\"confirmed\""));
    ck_assert_ptr_eq(strchr(json, '\n'), json + json_size - 1);
    free(text);
    free(json);
    traced_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace");
    TCase *tc = tcase_create("trace");

    tcase_set_timeout(tc, 60);
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
