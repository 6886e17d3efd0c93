/*
 * Advice about indexes, tried on three engines: what halves the planner's estimate is given, is
 * gone once it was followed, and does not depend on how a statement is written. Where nothing can
 * be tried, that is said, and nothing stays behind.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/print.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/slow.h"
#include "support/suite.h"

enum { ITEMS = SLOW_ITEMS, OWNERS = SLOW_OWNERS };

static void tell_slow(const char *sql, const char *params)
{
    slow_tell(sql, params, 400000);
}

/* Analyses the trace and tries the advice. @return the only slow statement */
static const rowan__trace_finding *advise(void)
{
    slow_analyze();
    recorded_verify(0);
    return recorded_only("slow_query");
}

/* --- What pays. --- */

/* `mariadb` is that engine's, if it differs; "" where it has none. */
static const struct {
    const char *sql, *params, *advice, *mariadb;
    const char *action;
} paying[] = {
    {"SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]",
     "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");", NULL, "add_index"},
    {"SELECT amount FROM item i WHERE i.code IN (?, ?)", "[\"Code 00077\", \"Code 00078\"]",
     "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");", NULL, "add_index"},
    {"UPDATE item SET amount = 0 WHERE code = ?", "[\"Code 00077\"]",
     "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");", NULL, "add_index"},
    {"DELETE FROM item WHERE code = ?", "[\"Code 00077\"]",
     "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");", NULL, "add_index"},
    {"SELECT id FROM item WHERE amount BETWEEN ? AND ?", "[40, 41]",
     "CREATE INDEX \"item_amount_idx\" ON \"item\" (\"amount\");", NULL, "add_index"},
    {"SELECT * FROM item WHERE (code, amount) = (?, ?)", "[\"Code 00077\", 77]",
     "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");", NULL, "add_index"},
    {"SELECT * FROM item WHERE lower(code) = ?", "[\"code 00077\"]",
     "CREATE INDEX \"item_lower_code_idx\" ON \"item\" ((lower(code)));", "",
     "add_expression_index"},
    {"SELECT * FROM item WHERE code LIKE ?", "[\"Code 0007%\"]",
     "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");", NULL, "add_index"},
    {"SELECT * FROM owner o JOIN item i ON i.owner_id = o.id WHERE o.id = ?", "[7]",
     "CREATE INDEX \"item_owner_id_idx\" ON \"item\" (\"owner_id\");", NULL, "add_index"},
    {"SELECT * FROM item WHERE removed IS NULL AND amount = ?", "[51]", NULL, NULL, "add_index"},
};

enum { PAYING = sizeof paying / sizeof paying[0] };

static bool pays(int number)
{
    const char *mariadb = paying[number].mariadb;

    return !(slow_is_on("mariadb") && mariadb != NULL && mariadb[0] == '\0');
}

/* PostgreSQL's database has a collation, whose order is not that of patterns. */
static const char *advice_of(int number)
{
    return slow_is_on("postgresql") && strstr(paying[number].sql, "LIKE") != NULL
               ? "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\" text_pattern_ops);"
               : paying[number].advice;
}

/* Applied, it is taken by the planner, and neither it nor its opposite is advised. */
static void follow(const rowan__trace_finding *finding)
{
    engine_send(recorded.url, finding->suggestion);
    if (slow_is_on("postgresql")) {
        engine_send(recorded.url, "ANALYZE item");
    }
    slow_expect_none(advise(), NULL);
}

START_TEST(an_index_that_halves_the_estimate_is_advised_until_it_is_there)
{
    int number = _i % PAYING;
    const rowan__trace_finding *finding;

    slow_begin(_i / PAYING, ITEMS);
    tell_slow(paying[number].sql, paying[number].params);
    finding = advise();
    ck_assert_int_eq(recorded_number("SELECT count(*) FROM item WHERE amount > 0"),
                     ITEMS - ITEMS / 5000 - 1);
    if (pays(number)) {
        slow_expect_cheaper(finding, advice_of(number));
        ck_assert_str_eq(rowan__action_name(finding->action), paying[number].action);
        ck_assert_str_eq(finding->table, "item");
        follow(finding);
    } else {
        slow_expect_none(finding, "no indexes on that");
    }
    recorded_end();
}
END_TEST

/* --- What makes no difference. --- */

static const struct {
    const char *sql, *params;
} spelled[] = {
    {"SELECT * FROM item WHERE code = ? AND amount > ?", "[\"Code 00077\", 3]"},
    {"SELECT * FROM item WHERE code = ? AND amount > ?", "[\"Code 11077\", 12]"},
    {"select  *  from item x where x.code=? and x.amount>?", "[\"Code 00077\", 3]"},
    {"/* page */ SELECT * FROM item WHERE (code = ?/**/) AND ((amount > ?))",
     "[\"Code 00077\", 3]"},
    {"SELECT item.* FROM item WHERE ? = item.code AND ? < item.amount", "[\"Code 00077\", 3]"},
};

enum { SPELLED = sizeof spelled / sizeof spelled[0] };

START_TEST(how_it_is_spelled_makes_no_difference)
{
    slow_begin(_i / SPELLED, ITEMS);
    tell_slow(spelled[_i % SPELLED].sql, spelled[_i % SPELLED].params);
    slow_expect_cheaper(advise(), "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");");
    recorded_end();
}
END_TEST

START_TEST(indexes_on_something_else_make_no_difference)
{
    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE code = ? AND amount > ?", "[\"Code 00077\", 3]");
    engine_send(recorded.url, "CREATE INDEX unrelated ON item (removed)");
    engine_send(recorded.url, "CREATE INDEX other ON owner (region)");
    slow_expect_cheaper(advise(), "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");");
    recorded_end();
}
END_TEST

START_TEST(a_name_that_is_taken_gets_a_number)
{
    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]");
    engine_send(recorded.url, "CREATE INDEX item_code_idx ON item (removed)");
    slow_expect_cheaper(advise(), "CREATE INDEX \"item_code_idx2\" ON \"item\" (\"code\");");
    recorded_end();
}
END_TEST

START_TEST(hidden_values_are_done_without)
{
    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE code = ? AND amount > ? ORDER BY id LIMIT ?",
              "[\"#0123456789abcdef\", \"#fedcba9876543210\", \"#aaaaaaaaaaaaaaaa\"]");
    slow_expect_cheaper(advise(), "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");");
    recorded_end();
}
END_TEST

static const char owner_index[] = "CREATE INDEX \"item_owner_id_idx\" ON \"item\" (\"owner_id\");";

/* What is hidden is made up for each of the columns. SQLite takes no index for such a list. */
START_TEST(lists_of_row_values_are_lists_of_their_columns)
{
    static const char *const params[] = {
        "[7, \"common\", 77, \"common\"]",
        "[\"#0123456789abcdef\", \"#fedcba9876543210\", \"#aaaaaaaaaaaaaaaa\", "
        "\"#bbbbbbbbbbbbbbbb\"]"};

    for (size_t i = 0; i < 2; i++) {
        slow_begin(_i, ITEMS);
        tell_slow("SELECT * FROM item WHERE (owner_id, kind) IN ((?, ?), (?, ?))", params[i]);
        slow_expect_cheaper(advise(), owner_index);
        recorded_end();
    }
}
END_TEST

START_TEST(hidden_row_values_are_done_without)
{
    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE (owner_id, kind) = (?, ?)",
              "[\"#0123456789abcdef\", \"#fedcba9876543210\"]");
    slow_expect_cheaper(advise(), owner_index);
    recorded_end();
}
END_TEST

/* One of its columns has a value that most rows have. */
START_TEST(each_column_of_a_row_value_has_its_own_share)
{
    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE (kind, owner_id) = (?, ?)", "[\"common\", 77]");
    slow_expect_cheaper(advise(), owner_index);
    recorded_end();
}
END_TEST

/* --- More than one table, or one column. --- */

START_TEST(a_join_may_want_an_index_on_either_side)
{
    const rowan__trace_finding *finding;

    slow_begin(_i, ITEMS);
    tell_slow("SELECT i.* FROM owner o JOIN item i ON i.owner_id = o.id WHERE o.region = ?",
              "[17]");
    finding = advise();
    slow_expect_cheaper(finding, NULL);
    ck_assert_msg(strstr(finding->suggestion, slow_quoted("ON \"item\" (\"owner_id\")")) != NULL,
                  "%s", slow_describe(finding));
    engine_send(recorded.url, "CREATE INDEX by_owner ON item (owner_id)");
    engine_send(recorded.url, "CREATE INDEX by_region ON owner (region)");
    if (slow_is_on("postgresql")) {
        engine_send(recorded.url, "ANALYZE item, owner");
    }
    slow_expect_none(advise(), NULL);
    recorded_end();
}
END_TEST

START_TEST(equality_stands_before_what_is_sorted)
{
    const rowan__trace_finding *finding;

    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE kind = ? ORDER BY amount DESC LIMIT 5", "[\"common\"]");
    finding = advise();
    slow_expect_cheaper(finding, NULL);
    ck_assert_msg(strstr(finding->suggestion, slow_quoted("\"amount\")")) != NULL, "%s",
                  slow_describe(finding));
    recorded_end();
}
END_TEST

/* SQLite and PostgreSQL have indexes on some rows; MariaDB has the whole one. */
START_TEST(a_condition_that_is_constant_makes_an_index_small)
{
    const rowan__trace_finding *finding;
    const char *where = " WHERE kind = 'rare'";

    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE kind = 'rare' AND owner_id = ?", "[40]");
    finding = advise();
    slow_expect_cheaper(finding, NULL);
    ck_assert_msg((strstr(finding->suggestion, where) != NULL) != slow_is_on("mariadb"), "%s",
                  slow_describe(finding));
    recorded_end();
}
END_TEST

/* PostgreSQL's json does not compare, but what is taken out of it does. */
START_TEST(a_type_that_does_not_compare_is_no_harm)
{
    const rowan__trace_finding *finding;

    if (!engine_is((size_t)_i, "postgresql")) {
        return;
    }
    slow_begin(_i, ITEMS);
    engine_send(recorded.url, "ALTER TABLE item ADD COLUMN details json");
    engine_send(recorded.url, "UPDATE item SET details = '{\"lang\": \"en\"}'");
    engine_send(recorded.url, "ANALYZE item");
    tell_slow("SELECT * FROM item WHERE details->>'lang' = 'de' AND code = ?", "[\"Code 00077\"]");
    finding = advise();
    slow_expect_cheaper(finding, NULL);
    ck_assert_msg(strstr(finding->suggestion, "\"item\" (\"code\")") != NULL ||
                      strstr(finding->suggestion, "details ->> 'lang'") != NULL,
                  "%s", slow_describe(finding));
    recorded_end();
}
END_TEST

/* A value that differs from execution to execution, or is one of very many, is no constant. */
START_TEST(a_value_among_many_is_no_condition)
{
    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE code = 'Code 00077' AND amount > ?", "[4]");
    slow_expect_cheaper(advise(), "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");");
    tell_slow("SELECT * FROM item WHERE code = 'Code 00078' AND amount > ?", "[4]");
    slow_expect_cheaper(advise(), "CREATE INDEX \"item_code_idx\" ON \"item\" (\"code\");");
    recorded_end();
}
END_TEST

START_TEST(what_an_index_costs_is_told)
{
    const rowan__trace_finding *finding;
    char line[ROWAN__PROOF_LINE];

    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]");
    slow_tell("INSERT INTO item (id, owner_id, code, kind, amount) VALUES (?, 1, ?, ?, 1)",
              "[900000, \"x\", \"y\"]", 100);
    slow_tell("UPDATE item SET amount = ? WHERE id = ?", "[1, 2]", 100);
    slow_tell("UPDATE owner SET region = ? WHERE id = ?", "[1, 2]", 100);
    finding = advise();
    slow_expect_cheaper(finding, NULL);
    ck_assert_uint_eq(finding->proof.index->writes, 2);
    rowan__proof_write(&finding->proof, line, sizeof line);
    ck_assert_msg(strstr(line, "; 2 statements of this trace write to item") != NULL, "%s", line);
    ck_assert_msg(strstr(line, "it takes about ") != NULL, "%s", line);
    ck_assert_int_gt(finding->proof.index->size_bytes, 100000);
    ck_assert_int_lt(finding->proof.index->size_bytes, 2000000);
    recorded_end();
}
END_TEST

/* --- How it is told. --- */

/* What a printer writes; freed by the caller. */
static char *printed(bool (*print)(const rowan__analysis *, FILE *))
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(file);
    ck_assert(print(&recorded.analysis, file));
    fclose(file);
    return text;
}

static bool print_plain(const rowan__analysis *analysis, FILE *file)
{
    rowan__print_text(analysis, false, file);
    return true;
}

static void expect_printed(bool (*print)(const rowan__analysis *, FILE *), const char *words)
{
    char *text = printed(print);

    ck_assert_msg(strstr(text, words) != NULL, "no %s in %s", words, text);
    free(text);
}

START_TEST(advice_is_told_in_every_form)
{
    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]");
    slow_expect_cheaper(advise(), NULL);
    expect_printed(print_plain, "proof       cheaper: the planner uses it");
    expect_printed(print_plain, slow_quoted("instead     CREATE INDEX \"item_code_idx\""));
    expect_printed(rowan__print_html, "cheaper: the planner uses it");
    expect_printed(rowan__print_sarif, "cheaper: the planner uses it");
    expect_printed(rowan__print_json, "\"verified\":\"cheaper\"");
    expect_printed(rowan__print_json, "\"index\":{\"sql\":\"CREATE INDEX ");
    expect_printed(rowan__print_json, "\"estimate_before\":");
    expect_printed(rowan__print_json, slow_is_on("postgresql") ? "\"unit\":\"planner's cost\""
                                                               : "\"unit\":\"row steps\"");
    expect_printed(rowan__print_json, "\"writes\":0}");
    recorded_end();
}
END_TEST

/* --- What does not pay. --- */

static const struct {
    int items;
    const char *sql, *params, *why;
} idle[] = {
    {50, "SELECT * FROM item WHERE code = ?", "[\"Code 00007\"]", "too little here"},
    {0, "SELECT * FROM item WHERE code = ?", "[\"Code 00007\"]", "too little here"},
    {ITEMS, "SELECT * FROM item WHERE id = ?", "[5]", "too little here"},
    {ITEMS, "SELECT * FROM item", "[]", "by nothing that an index could be on"},
    {ITEMS, "SELECT count(*) FROM item WHERE amount * 2 > removed", "[]", NULL},
    {ITEMS, "SELECT * FROM item WHERE amount >= ?", "[0]", NULL},
    {ITEMS, "SELECT * FROM item WHERE code LIKE '%77'", "[]", NULL},
};

enum { IDLE = sizeof idle / sizeof idle[0] };

START_TEST(nothing_is_advised_that_does_not_pay)
{
    const char *sql = idle[_i % IDLE].sql;

    slow_begin(_i / IDLE, idle[_i % IDLE].items);
    if (strstr(sql, ">= ?") != NULL && slow_is_on("sqlite")) {
        sql = "SELECT * FROM item WHERE +amount >= ?"; /* which its planner takes for a quarter */
    }
    tell_slow(sql, idle[_i % IDLE].params);
    slow_expect_none(advise(), idle[_i % IDLE].why);
    recorded_end();
}
END_TEST

/* A function that may give something else each time cannot be in an index. */
START_TEST(a_volatile_function_is_no_expression)
{
    slow_begin(_i, ITEMS);
    if (slow_is_on("postgresql")) {
        engine_send(recorded.url, "CREATE FUNCTION moody(t text) RETURNS text LANGUAGE sql "
                                  "VOLATILE AS 'SELECT t'");
        tell_slow("SELECT * FROM item WHERE moody(code) = ?", "[\"Code 00077\"]");
    } else {
        tell_slow(slow_is_on("sqlite") ? "SELECT * FROM item WHERE abs(amount + random()) = ?"
                                       : "SELECT * FROM item WHERE abs(amount + rand()) = ?",
                  "[77]");
    }
    slow_expect_none(advise(), NULL);
    recorded_end();
}
END_TEST

START_TEST(values_that_find_more_are_no_case_for_an_index)
{
    const rowan__trace_finding *finding;

    slow_begin(_i, ITEMS);
    for (int i = 0; i < 57; i++) {
        slow_tell("SELECT * FROM item WHERE code = ?", "[\"Code 00001\"]", 2000);
    }
    for (int i = 0; i < 5; i++) {
        tell_slow("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]");
    }
    finding = advise();
    ck_assert_str_eq(rowan__action_name(finding->action), "investigate_skew");
    ck_assert_int_eq(finding->proof.state, ROWAN__PROVEN_NOT_TRIED);
    ck_assert_ptr_null(strstr(finding->suggestion, "CREATE INDEX"));
    recorded_end();
}
END_TEST

START_TEST(what_waits_or_changes_the_schema_is_not_looked_at)
{
    slow_begin(_i, 10);
    tell_slow("CREATE INDEX x ON item (code)", "[]");
    tell_slow("COPY item FROM STDIN", "[]");
    tell_slow("SELECT pg_sleep(1)", "[]");
    tell_slow("SELECT sleep(1)", "[]");
    tell_slow("VACUUM", "[]");
    slow_analyze();
    recorded_verify(0);
    ck_assert_uint_eq(recorded.analysis.count, 0);
    recorded_end();
}
END_TEST

/* What cannot be tried keeps no other back. */
START_TEST(a_statement_that_cannot_be_explained_is_told)
{
    const rowan__trace_finding *at;

    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM gone WHERE code = ?", "[\"x\"]");
    tell_slow("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]");
    tell_slow("SELECT * FROM item WHERE amount = ? AND", "[\"Code 00077\"]");
    slow_analyze();
    recorded_verify(0);
    at = recorded.analysis.at;
    ck_assert_uint_eq(recorded.analysis.count, 3);
    for (size_t i = 0; i < 3; i++) {
        bool is_good = strcmp(at[i].sql, slow_place("SELECT * FROM item WHERE code = ?")) == 0;
        ck_assert_msg(at[i].proof.state ==
                          (is_good ? ROWAN__PROVEN_CHEAPER : ROWAN__PROVEN_UNVERIFIED),
                      "%s", slow_describe(&at[i]));
        ck_assert_msg(is_good || strstr(at[i].proof.why, "refuses to explain it") != NULL, "%s",
                      slow_describe(&at[i]));
    }
    recorded_end();
}
END_TEST

/* --- Nothing stays. --- */

/* Everything that the database has by a name. */
static int64_t objects(void)
{
    const char *sql =
        slow_is_on("sqlite") ? "SELECT count(*) FROM sqlite_schema"
        : slow_is_on("postgresql")
            ? "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
              "OR relname LIKE 'rowan\\_copy%' OR relname LIKE 'rowan\\_try%'"
            : "SELECT (SELECT count(*) FROM information_schema.tables WHERE table_schema = "
              "database()) + (SELECT count(*) FROM information_schema.statistics WHERE "
              "table_schema = database())";

    return recorded_number(sql);
}

START_TEST(nothing_stays_behind)
{
    int64_t before;

    slow_begin(_i, ITEMS);
    tell_slow("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]");
    tell_slow("DELETE FROM item WHERE amount > ?", "[-1]");
    tell_slow("UPDATE owner SET region = 5 WHERE region = ?", "[17]");
    before = objects();
    slow_analyze();
    recorded_verify(0);
    ck_assert_int_gt(before, 1);
    ck_assert_int_eq(objects(), before);
    ck_assert_int_eq(recorded_number("SELECT count(*) FROM item"), ITEMS);
    ck_assert_int_eq(recorded_number("SELECT count(*) FROM owner WHERE region = 17"), OWNERS / 750);
    recorded_end();
}
END_TEST

/* --- What rights are needed. --- */

START_TEST(running_out_of_memory_is_told)
{
    rowan__verify verify = {0};
    unsigned nth = 1, refused = 0;

    slow_begin(0, 1500);
    tell_slow("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]");
    slow_analyze();
    ck_assert_int_eq(rowan__verify_open(recorded.url, &verify.db, NULL), ROWAN_OK);
    verify.analysis = &recorded.analysis;
    for (;; nth++) {
        rowan_status status;
        fault_arm(nth);
        status = rowan__verify_findings(&verify);
        if (!fault_fired()) {
            ck_assert_int_eq(status, ROWAN_OK);
            break;
        }
        refused += status == ROWAN_NOMEM;
    }
    ck_assert_uint_gt(refused, 3);
    ck_assert_int_eq(recorded_only("slow_query")->proof.state, ROWAN__PROVEN_CHEAPER);
    rowan_close(verify.db);
    recorded_end();
}
END_TEST

static void add_on_each(TCase *tc, const TTest *test)
{
    tcase_add_loop_test(tc, test, 0, (int)engine_count());
}

int main(void)
{
    Suite *suite = suite_create("index_advice");
    TCase *tc = tcase_create("index_advice");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, an_index_that_halves_the_estimate_is_advised_until_it_is_there, 0,
                        engines * PAYING);
    tcase_add_loop_test(tc, how_it_is_spelled_makes_no_difference, 0, engines * SPELLED);
    tcase_add_loop_test(tc, nothing_is_advised_that_does_not_pay, 0, engines * IDLE);
    add_on_each(tc, indexes_on_something_else_make_no_difference);
    add_on_each(tc, a_name_that_is_taken_gets_a_number);
    add_on_each(tc, hidden_values_are_done_without);
    for (int e = 0; e < engines; e++) {
        if (!engine_is((size_t)e, "sqlite")) {
            tcase_add_loop_test(tc, lists_of_row_values_are_lists_of_their_columns, e, e + 1);
        }
    }
    add_on_each(tc, hidden_row_values_are_done_without);
    add_on_each(tc, each_column_of_a_row_value_has_its_own_share);
    add_on_each(tc, a_join_may_want_an_index_on_either_side);
    add_on_each(tc, equality_stands_before_what_is_sorted);
    add_on_each(tc, a_condition_that_is_constant_makes_an_index_small);
    add_on_each(tc, a_type_that_does_not_compare_is_no_harm);
    add_on_each(tc, a_value_among_many_is_no_condition);
    add_on_each(tc, what_an_index_costs_is_told);
    add_on_each(tc, advice_is_told_in_every_form);
    add_on_each(tc, a_volatile_function_is_no_expression);
    add_on_each(tc, values_that_find_more_are_no_case_for_an_index);
    add_on_each(tc, what_waits_or_changes_the_schema_is_not_looked_at);
    add_on_each(tc, a_statement_that_cannot_be_explained_is_told);
    add_on_each(tc, nothing_stays_behind);
    tcase_add_test(tc, running_out_of_memory_is_told);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
