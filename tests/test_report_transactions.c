/* Transactions in recorded traces: whose statements are one, in which order, and what is told of
 * it. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/fault.h"
#include "support/suite.h"
#include "support/traced.h"

/* One statement of 1 ms on a connection, in a scope or in none; more keys begin with a comma. */
static void send(unsigned at_ms, const char *connection, const char *scope, const char *sql,
                 const char *more)
{
    char line[600];

    traced.sequence++;
    snprintf(line, sizeof line,
             "{\"seq\":%u,\"ts_us\":%u,\"t_us\":1000,\"dialect\":\"postgresql\",\"sql\":\"%s\","
             "\"callsite\":\"%.6s.c:%u f\"%s%s%s%s%s%s%s}",
             traced.sequence, at_ms * 1000, sql, sql, traced.sequence,
             connection ? ",\"conn\":\"" : "", connection ? connection : "", connection ? "\"" : "",
             scope ? ",\"scope\":\"" : "", scope ? scope : "", scope ? "\"" : "", more);
    traced_line(line);
}

/* Ends the trace, whose only finding is a transaction that was idle for so long. */
static const rowan__trace_finding *idle(unsigned idle_ms)
{
    const rowan__trace_finding *finding = traced_only("idle_in_transaction");

    ck_assert_int_eq(finding->total_ns, (int64_t)idle_ms * 1000000);
    ck_assert(finding->is_confirmed);
    ck_assert_uint_eq(finding->count, 1);
    ck_assert_uint_eq(finding->seq_count, 1);
    return finding;
}

START_TEST(a_wait_is_told_with_both_ends_and_its_share_of_the_trace)
{
    traced_begin();
    send(500, "1", "a", "SELECT 1", "");
    send(1000, "1", "a", "BEGIN", "");
    send(1001, "1", "a", "UPDATE t SET a = 1", "");
    send(3002, "1", "a", "COMMIT", "");
    send(4499, "1", "a", "SELECT 2", "");
    const rowan__trace_finding *finding = idle(2000);
    ck_assert_int_eq(finding->trace_ns, 4000000000);
    ck_assert_str_eq(finding->sql, "BEGIN");
    ck_assert_str_eq(finding->fingerprint, "begin");
    ck_assert_str_eq(finding->callsite, "BEGIN.c:2 f");
    ck_assert_uint_eq(finding->seqs[0], 2);
    ck_assert_str_eq(finding->scope, "a");
    ck_assert_str_eq(finding->dialect, "postgresql");
    ck_assert_uint_eq(finding->parent_seq, 3);
    ck_assert_str_eq(finding->parent_sql, "UPDATE t SET a = 1");
    ck_assert_str_eq(finding->parent_callsite, "UPDATE.c:3 f");
    ck_assert_str_eq(finding->evidence,
                     "1 transaction from this place, nothing sent for 2000.0 ms of the 2003.0 ms "
                     "that it was open; the longest wait, 2000.0 ms, was behind statement 3");
    ck_assert_int_eq(finding->action, ROWAN__ACTION_COMMIT_BEFORE_WAIT);
    traced_end();
}
END_TEST

/* What is long without a wait of its own has no statement before that. */
START_TEST(a_long_one_has_no_parent)
{
    traced_begin();
    send(0, "1", "a", "BEGIN", "");
    for (unsigned i = 1; i <= 12; i++) {
        send(i * 500, "1", "a", i % 2 ? "UPDATE t SET a = 1" : "UPDATE u SET b = 1", "");
    }
    send(6500, "1", "a", "ROLLBACK", "");
    const rowan__trace_finding *finding = traced_only("long_transaction");
    ck_assert_int_eq(finding->total_ns, 6501000000);
    ck_assert_int_eq(finding->trace_ns, 6501000000);
    ck_assert_ptr_null(finding->parent_sql);
    ck_assert_uint_eq(finding->parent_seq, 0);
    ck_assert_int_eq(finding->action, ROWAN__ACTION_SHORTEN_TRANSACTION);
    traced_end();
}
END_TEST

/* Who sends while the transaction of connection 1 in scope a waits from 0 to 3 s; and whether that
 * is its own. */
static const struct company {
    const char *connection, *scope, *more;
    bool is_own;
} companies[] = {
    {"1", "a", "", true},
    {"1", "b", "", true},  /* it goes on in another scope */
    {"1", NULL, "", true}, /* or in none */
    {"2", "a", "", false},
    {"2", "b", "", false},
    {"11", "a", "", false},
    {NULL, "a", "", false},
    {"1", "a", ",\"thread\":\"t\"", false},
    {"1", "a", ",\"cached\":true", false}, /* which the server did not see */
};

START_TEST(a_connection_is_one_whatever_scopes_it_serves)
{
    const struct company *company = &companies[_i];

    traced_begin();
    send(0, "1", "a", "BEGIN", "");
    for (unsigned i = 1; i < 6; i++) {
        char sql[40];
        snprintf(sql, sizeof sql, "SELECT a%u FROM t", i);
        send(i * 500, company->connection, company->scope, sql, company->more);
    }
    send(3000, "1", "a", "COMMIT", "");
    if (company->is_own) {
        traced_finds_nothing("a transaction in which something is sent");
    } else {
        idle(2999);
        traced_end();
    }
}
END_TEST

/* Without connections a scope is taken for one. */
START_TEST(a_scope_without_connections_is_one)
{
    traced_begin();
    send(0, NULL, "a", "BEGIN", "");
    send(500, NULL, "b", "SELECT 1", "");
    send(1000, NULL, "b", "COMMIT", ""); /* ends nothing */
    send(3000, NULL, "a", "COMMIT", "");
    ck_assert_str_eq(idle(2999)->scope, "a");
    traced_end();
}
END_TEST

START_TEST(transactions_of_several_connections_are_side_by_side)
{
    traced_begin();
    for (unsigned i = 0; i < 20; i++) {
        char connection[8];
        snprintf(connection, sizeof connection, "c%u", i);
        send(i, connection, NULL, "BEGIN", "");
    }
    for (unsigned i = 0; i < 20; i++) {
        char connection[8];
        snprintf(connection, sizeof connection, "c%u", i);
        send(i % 10 == 9 ? 2500 + i : 500 + i, connection, NULL, "COMMIT", "");
    }
    traced_analyze();
    ck_assert_uint_eq(traced.analysis.count, 2); /* begun in two places */
    for (size_t i = 0; i < 2; i++) {
        const rowan__trace_finding *finding = &traced.analysis.at[i];
        ck_assert_str_eq(finding->kind, "idle_in_transaction");
        ck_assert_uint_eq(finding->seqs[0] % 10, 0);
        ck_assert_int_eq(finding->total_ns, 2499000000);
        ck_assert_int_eq(finding->trace_ns, 2520000000);
    }
    traced_end();
}
END_TEST

/* Waits of one place add up to more than the trace is long. */
START_TEST(waits_at_once_are_never_more_than_all_of_it)
{
    traced_begin();
    for (unsigned i = 0; i < 3; i++) {
        char connection[8];
        snprintf(connection, sizeof connection, "c%u", i);
        send(0, connection, NULL, "BEGIN", ",\"callsite\":\"one.c:1 f\"");
    }
    for (unsigned i = 0; i < 3; i++) {
        char connection[8];
        snprintf(connection, sizeof connection, "c%u", i);
        send(2001, connection, NULL, "COMMIT", "");
    }
    const rowan__trace_finding *finding = traced_only("idle_in_transaction");
    ck_assert_uint_eq(finding->count, 3);
    ck_assert_int_eq(finding->total_ns, 6000000000);
    ck_assert_int_eq(finding->trace_ns, 6000000000);
    traced_end();
}
END_TEST

/* Lines are written when statements end, by several threads: their times and numbers say more. */
START_TEST(the_order_is_that_of_times_and_then_of_numbers)
{
    static const char *const lines[] = {
        "{\"seq\":4,\"ts_us\":2501000,\"t_us\":0,\"sql\":\"COMMIT\",\"conn\":\"1\"}",
        "{\"seq\":3,\"ts_us\":1000,\"t_us\":0,\"sql\":\"UPDATE t SET a = 1\",\"conn\":\"1\"}",
        "{\"seq\":2,\"ts_us\":1000,\"t_us\":0,\"sql\":\"BEGIN\",\"conn\":\"1\"}",
        "{\"seq\":1,\"ts_us\":1000,\"t_us\":0,\"sql\":\"COMMIT\",\"conn\":\"1\"}",
    };

    for (size_t first = 0; first < 4; first++) {
        traced_begin();
        for (size_t i = 0; i < 4; i++) {
            traced_line(lines[(first + i) % 4]);
        }
        const rowan__trace_finding *finding = idle(2500);
        ck_assert_uint_eq(finding->seqs[0], 2);
        ck_assert_uint_eq(finding->parent_seq, 3);
        traced_end();
    }
}
END_TEST

START_TEST(a_begin_that_failed_opens_nothing)
{
    traced_begin();
    send(0, "1", "a", "BEGIN", ",\"err\":\"25P02\"");
    send(3000, "1", "a", "COMMIT", "");
    traced_finds_nothing("a begin that failed");
    traced_begin();
    send(0, "1", "a", "BEGIN", "");
    send(10, "1", "a", "UPDATE t SET a = 1",
         ",\"err\":\"23505\""); /* what fails in it does not end it */
    send(3000, "1", "a", "ROLLBACK", "");
    ck_assert_uint_eq(idle(9 + 2989)->parent_seq, 2);
    traced_end();
}
END_TEST

/* It is open when the trace ends: what is known by then counts. */
START_TEST(one_that_does_not_end_is_told_as_far_as_it_is_known)
{
    traced_begin();
    send(0, "1", "a", "BEGIN", "");
    send(2001, "1", "a", "UPDATE t SET a = 1", "");
    idle(2000);
    traced_end();
    traced_begin();
    send(0, "1", "a", "BEGIN", "");
    send(9000, "2", "b", "SELECT 1", "");
    traced_finds_nothing("a transaction of which nothing else is known");
    traced_begin();
    send(0, "1", "a", "COMMIT", "");
    send(9000, "1", "a", "COMMIT", "");
    traced_finds_nothing("ends of what did not begin");
}
END_TEST

START_TEST(memory_may_run_out)
{
    unsigned failed = 0;

    traced_begin();
    for (unsigned i = 0; i < 12; i++) {
        char connection[8];
        snprintf(connection, sizeof connection, "c%u", i);
        send(i, connection, NULL, "BEGIN", "");
        send(3000 + i, connection, NULL, "COMMIT", "");
    }
    fclose(traced.file);
    for (unsigned nth = 1;; nth++) {
        fault_arm(nth);
        rowan_status status = traced_read_and_analyze();
        bool fired = fault_fired();
        fault_arm(0);
        if (!fired) {
            ck_assert_int_eq(status, ROWAN_OK);
            break;
        }
        if (status ==
            ROWAN_OK) { /* a watch that has no memory for a statement goes on without it */
            ck_assert_uint_eq(traced.analysis.count, 12);
        } else {
            ck_assert_int_eq(status, ROWAN_NOMEM);
            failed++;
        }
        traced_release();
    }
    ck_assert_uint_gt(failed, 10);
    ck_assert_uint_eq(traced.analysis.count, 12);
    traced_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transactions of traces");
    TCase *transactions = tcase_create("transactions");

    tcase_add_test(transactions, a_wait_is_told_with_both_ends_and_its_share_of_the_trace);
    tcase_add_test(transactions, a_long_one_has_no_parent);
    tcase_add_loop_test(transactions, a_connection_is_one_whatever_scopes_it_serves, 0,
                        (int)(sizeof companies / sizeof companies[0]));
    tcase_add_test(transactions, a_scope_without_connections_is_one);
    tcase_add_test(transactions, transactions_of_several_connections_are_side_by_side);
    tcase_add_test(transactions, waits_at_once_are_never_more_than_all_of_it);
    tcase_add_test(transactions, the_order_is_that_of_times_and_then_of_numbers);
    tcase_add_test(transactions, a_begin_that_failed_opens_nothing);
    tcase_add_test(transactions, one_that_does_not_end_is_told_as_far_as_it_is_known);
    tcase_add_test(transactions, memory_may_run_out);
    suite_add_tcase(suite, transactions);
    return suite_run(suite);
}
