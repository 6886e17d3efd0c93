/* What looks like a finding and is none, and the bounds of the detector's memory. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fault.h"
#include "support/suite.h"
#include "support/told.h"

/* --- What must not be found. --- */

/* Tells the same statement with values 1 to count, each with a result of one row of its own. */
static void loop(const char *sql, int count)
{
    for (int i = 1; i <= count; i++) {
        rows_of("x", 5000 + i, 1, 1);
        tell_one(sql, i);
    }
}

START_TEST(an_owner_and_its_children_are_two_statements)
{
    told_begin("sqlite");
    rows_of("id", 7, 1, 1);
    tell_one("SELECT id FROM author WHERE name = ?", 1);
    rows_of("title", 1, 1, 20);
    tell_one("SELECT title FROM book WHERE author_id = ?", 7);
    judge_silent("1 + 1");
    told_end();
}
END_TEST

START_TEST(batches_are_the_cure)
{
    rowan_value items[16];

    told_begin("sqlite");
    rows_of("id", 1, 1, 160);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int chunk = 0; chunk < 10; chunk++) {
        for (int i = 0; i < 16; i++) {
            items[i] = rowan_v_int64(16 * chunk + i + 1);
        }
        tell("SELECT * FROM review WHERE book_id IN (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
             (rowan_params){items, 16});
    }
    judge_silent("lists");
    told_end();
    told_begin("postgresql");
    for (int chunk = 0; chunk < 10; chunk++) {
        for (int i = 0; i < 16; i++) {
            items[i] = rowan_v_int64(16 * chunk + i + 1);
        }
        tell("SELECT * FROM review WHERE book_id = ANY($1)", ROWAN_PARAMS(rowan_v_list(items, 16)));
    }
    judge_silent("arrays");
    told_end();
}
END_TEST

START_TEST(a_few_values_are_no_loop)
{
    told_begin("sqlite");
    for (int i = 0; i < 10; i++) {
        tell_one("SELECT name FROM user_account WHERE id = ?", i % 2);
    }
    judge_silent("two users");
    told_end();
}
END_TEST

START_TEST(pages_and_buckets_are_no_loop)
{
    static const char *const pages[] = {
        "SELECT id FROM book ORDER BY id LIMIT 10 OFFSET ?",
        "SELECT id FROM book WHERE id > ? ORDER BY id LIMIT 10",
        "SELECT count(*) FROM book WHERE price BETWEEN ? AND 100",
        "SELECT title FROM book WHERE title LIKE ?",
    };

    for (size_t k = 0; k < 4; k++) {
        told_begin("sqlite");
        loop(pages[k], 20);
        judge_silent(pages[k]);
        told_end();
    }
    told_begin("sqlite");
    for (int i = 0; i < 20; i++) {
        result.names[0] = "price";
        result.names[1] = "id";
        result.columns = 2;
        result.rows = 1;
        result.cells[0] = rowan_v_int64(i + 1);
        result.cells[1] = rowan_v_int64(100 + i + 1);
        tell("SELECT price, id FROM book WHERE price > ? OR (price = ? AND id > ?) LIMIT 1",
             ROWAN_PARAMS(ROWAN_V(i), ROWAN_V(i), ROWAN_V(100 + i)));
    }
    judge_silent("a key with ties");
    told_end();
}
END_TEST

START_TEST(statements_that_are_meant_to_repeat_are_no_loop)
{
    static const char *const repeated[] = {
        "SELECT nextval('book_id_seq')",
        "SELECT last_insert_id()",
        "SELECT pg_advisory_lock(?)",
        "SELECT 1 + ?",
        "SELECT id FROM job WHERE queue = ? LIMIT 1 FOR UPDATE SKIP LOCKED",
        "SELECT nextval(?) FROM book",
        "SELECT column_name FROM information_schema.columns WHERE table_name = ?",
        "SELECT attname FROM pg_attribute WHERE attrelid = ?",
        "SELECT sql FROM sqlite_master WHERE name = ?",
        "SET search_path = ?",
    };

    for (size_t k = 0; k < sizeof repeated / sizeof repeated[0]; k++) {
        told_begin("postgresql");
        loop(repeated[k], 20);
        judge_silent(repeated[k]);
        told_end();
    }
}
END_TEST

START_TEST(polling_is_no_duplicate)
{
    told_begin("sqlite");
    for (int i = 0; i < 10; i++) {
        tell("SELECT id FROM job WHERE done = 0", ROWAN_NO_PARAMS);
        told.now_ns += 250000000;
    }
    judge_silent("with pauses");
    told_end();
    told_begin("sqlite");
    for (int i = 0; i < 10; i++) {
        rows_of("id", i, 1, 1);
        tell("SELECT id FROM job WHERE done = 0", ROWAN_NO_PARAMS);
    }
    judge_silent("with other results");
    told_end();
    told_begin("sqlite");
    for (int i = 0; i < 4; i++) {
        tell("SELECT balance FROM account WHERE id = 1", ROWAN_NO_PARAMS);
        tell("UPDATE account SET balance = 5 WHERE id = 1", ROWAN_NO_PARAMS);
    }
    judge_silent("with a write between");
    told_end();
}
END_TEST

START_TEST(a_look_up_once_a_minute_is_no_loop)
{
    told_begin("sqlite");
    for (int i = 0; i < 400; i++) {
        tell_one(AUTHOR, i);
        told.now_ns += 60000000000;
    }
    judge_silent("once a minute");
    ck_assert_uint_eq(told.watch->group_count, 1);
    told_end();
}
END_TEST

START_TEST(looking_before_each_write_is_a_write_loop_and_no_n_plus_one)
{
    const rowan_finding *found;

    told_begin("sqlite");
    rows_of("mail", 1000, 3, 8);
    tell("SELECT mail FROM upload", ROWAN_NO_PARAMS);
    told.affected = 1;
    for (int i = 0; i < 8; i++) {
        tell_one("SELECT 1 FROM customer WHERE mail = ?", 1000 + 3 * i);
        tell_one("INSERT INTO customer (mail) VALUES (?)", 1000 + 3 * i);
    }
    found = judge_one(ROWAN_WRITE_LOOP);
    ck_assert_ptr_nonnull(strstr(found->suggestion, "upsert"));
    told_end();
}
END_TEST

START_TEST(writes_that_are_batched_are_no_loop)
{
    told_begin("sqlite");
    told.affected = 3;
    for (int i = 0; i < 10; i++) {
        tell("INSERT INTO review (book_id) VALUES (?), (?), (?)",
             ROWAN_PARAMS(ROWAN_V(i), ROWAN_V(100 + i), ROWAN_V(200 + i)));
        tell_one("DELETE FROM review WHERE book_id = ?", i);
        tell("INSERT INTO archive SELECT * FROM review WHERE book_id = ?",
             ROWAN_PARAMS(ROWAN_V(i)));
    }
    judge_silent("many rows each");
    told_end();
}
END_TEST

START_TEST(failed_statements_and_the_librarys_own_are_not_judged)
{
    rowan_error failed = {.status = ROWAN_UNIQUE};

    told_begin("sqlite");
    for (int i = 0; i < 20; i++) {
        rowan_value value = rowan_v_int64(i);
        rowan_event event = {.kind = ROWAN_EVENT_STATEMENT,
                             .engine = "sqlite",
                             .sequence = ++told.sequence,
                             .sql = AUTHOR,
                             .sql_size = strlen(AUTHOR),
                             .params = &value,
                             .param_count = 1,
                             .param_rows = 1,
                             .site = {"program.c", 1, "run"},
                             .error = i % 2 ? &failed : NULL,
                             .purpose = i % 2 ? ROWAN_PURPOSE_QUERY : ROWAN_PURPOSE_CATALOG};
        rowan__watch_event(told.watch, &event);
    }
    judge_silent("failed and own");
    told_end();
}
END_TEST

/* --- Memory. --- */

START_TEST(running_out_of_memory_anywhere_is_survived)
{
    for (unsigned nth = 1;; nth++) {
        bool fired;
        told_begin("sqlite");
        fault_arm(nth);
        rows_of("author_id", 1000, 7, 60);
        tell(BOOKS, ROWAN_NO_PARAMS);
        for (int i = 0; i < 60; i++) {
            tell_one(AUTHOR, 1000 + 7 * i);
        }
        tell_one("DELETE FROM book WHERE id = ?", 5);
        rowan_status status = rowan__watch_findings(told.watch, &told.found);
        fired = fault_fired();
        fault_arm(0);
        ck_assert(status == ROWAN_OK || (status == ROWAN_NOMEM && told.found.count == 0));
        told_end();
        if (!fired) {
            ck_assert_int_eq(status, ROWAN_OK);
            ck_assert_uint_gt(nth, 10);
            break;
        }
    }
}
END_TEST

START_TEST(a_finding_prints_whole_or_cut)
{
    char whole[2048], cut[2048];
    const rowan_finding *found;

    told_begin("sqlite");
    rows_of("author_id", 1000, 7, 10);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 10; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
    }
    found = judge_one(ROWAN_N_PLUS_ONE);
    size_t size = rowan_finding_text(found, whole, sizeof whole);
    ck_assert_uint_eq(size, strlen(whole));
    ck_assert_ptr_nonnull(strstr(whole, "N+1 confirmed: 10 x select name from author"));
    ck_assert_ptr_nonnull(strstr(whole, "program.c:10 in run"));
    ck_assert_ptr_nonnull(strstr(whole, "instead: "));
    for (size_t room = 0; room < size + 2; room++) {
        memset(cut, '#', sizeof cut);
        ck_assert_uint_eq(rowan_finding_text(found, cut, room), size);
        ck_assert_int_eq(cut[room], '#');
        ck_assert(room == 0 || strncmp(cut, whole, strlen(cut)) == 0);
    }
    told_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_silence");
    TCase *tc = tcase_create("detector_silence");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, an_owner_and_its_children_are_two_statements);
    tcase_add_test(tc, batches_are_the_cure);
    tcase_add_test(tc, a_few_values_are_no_loop);
    tcase_add_test(tc, pages_and_buckets_are_no_loop);
    tcase_add_test(tc, statements_that_are_meant_to_repeat_are_no_loop);
    tcase_add_test(tc, polling_is_no_duplicate);
    tcase_add_test(tc, a_look_up_once_a_minute_is_no_loop);
    tcase_add_test(tc, looking_before_each_write_is_a_write_loop_and_no_n_plus_one);
    tcase_add_test(tc, writes_that_are_batched_are_no_loop);
    tcase_add_test(tc, failed_statements_and_the_librarys_own_are_not_judged);
    tcase_add_test(tc, running_out_of_memory_anywhere_is_survived);
    tcase_add_test(tc, a_finding_prints_whole_or_cut);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
