/* What the detector has to find, in streams of events that are made up here. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fault.h"
#include "support/suite.h"
#include "support/told.h"

/* --- What has to be found. --- */

/* The reviews of each of so many books: of key first, first + step … */
static void ask_for_reviews(int64_t first, int64_t step, int64_t books)
{
    for (int64_t i = 0; i < books; i++) {
        tell_one("SELECT stars FROM review WHERE book_id = ?", first + step * i);
    }
}

START_TEST(values_of_an_earlier_result_confirm_an_n_plus_one)
{
    static const int counts[] = {5, 6, 40, 500};
    const rowan_finding *found;

    for (size_t k = 0; k < 4; k++) {
        told_begin("sqlite");
        rows_of("author_id", 1000, 7, (size_t)counts[k]);
        told.line = 3;
        tell(BOOKS, ROWAN_NO_PARAMS);
        told.line = 4;
        for (int i = 0; i < counts[k]; i++) {
            tell_one(AUTHOR, 1000 + 7 * i);
        }
        found = judge_one(ROWAN_N_PLUS_ONE);
        ck_assert_int_eq(found->confidence, ROWAN_CONFIRMED);
        ck_assert_uint_eq(found->count, (uint64_t)counts[k]);
        ck_assert_uint_eq(found->distinct, (uint64_t)counts[k]);
        ck_assert_str_eq(found->child_column, "id");
        ck_assert_str_eq(found->parent_column, "author_id");
        ck_assert_str_eq(found->parent_sql, BOOKS);
        ck_assert_uint_eq(found->parent_sequence, 1);
        ck_assert_uint_eq(found->first_sequence, 2);
        ck_assert_int_eq(found->site.line, 4);
        ck_assert_int_eq(found->parent_site.line, 3);
        ck_assert_str_eq(found->fingerprint, "select name from author where id = ?");
        ck_assert_ptr_nonnull(strstr(found->suggestion, "where id IN (?)"));
        told_end();
    }
}
END_TEST

START_TEST(statements_are_told_apart_with_and_without_hashes_of_their_texts)
{
    for (int hashed = 0; hashed < 2; hashed++) {
        told_begin("sqlite");
        told.has_hashes = hashed != 0;
        rows_of("author_id", 1000, 7, 20);
        tell(BOOKS, ROWAN_NO_PARAMS);
        for (int i = 0; i < 20; i++) {
            tell_one(AUTHOR, 1000 + 7 * i);
            told.has_hashes = i % 3 == 0 ? hashed != 0 : told.has_hashes;
            tell_one("SELECT name FROM  author  WHERE id=?", 5000 + i); /* folds as the other */
        }
        judge();
        ck_assert_uint_eq(told.found.count, 1);
        ck_assert_uint_eq(told.found.at[0].count, 40);
        told_end();
    }
}
END_TEST

START_TEST(a_long_loop_is_judged_by_its_first_turns_and_counted_to_its_end)
{
    const rowan_finding *found;

    told_begin("mariadb");
    rows_of("author_id", 1000, 7, 32);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int round = 0; round < 50; round++) { /* 1,600 turns, 32 values: each many times */
        for (int i = 0; i < 32; i++) {
            tell_one(AUTHOR, 1000 + 7 * i);
        }
    }
    found = judge_one(ROWAN_N_PLUS_ONE);
    ck_assert_int_eq(found->confidence, ROWAN_CONFIRMED);
    ck_assert_uint_eq(found->count, 1600);
    ck_assert_uint_eq(found->distinct, 32);
    told_end();
}
END_TEST

START_TEST(a_loop_within_a_long_loop_names_the_statement_of_that_loop)
{
    const rowan_finding *found = NULL;

    told_begin("sqlite");
    rows_of("author_id", 1000, 7, 1000);
    told.line = 1;
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 1000; i++) {
        rows_of("country_id", 90000 + i, 1, 1);
        told.line = 2;
        tell_one("SELECT country_id FROM author WHERE id = ?", 1000 + 7 * i);
        told.line = 3;
        tell_one("SELECT name FROM country WHERE id = ?", 90000 + i);
    }
    judge();
    ck_assert_uint_eq(told.found.count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(told.found.at[i].kind, ROWAN_N_PLUS_ONE);
        ck_assert_int_eq(told.found.at[i].confidence, ROWAN_CONFIRMED);
        ck_assert_uint_eq(told.found.at[i].count, 1000);
        found = told.found.at[i].site.line == 3 ? &told.found.at[i] : found;
    }
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->parent_column, "country_id");
    told_end();
}
END_TEST

/* A result of several columns of integers, each of which begins a million later. */
static void columns_of(const char *const *names, size_t columns, int64_t first, size_t rows)
{
    result.columns = columns;
    result.rows = rows;
    for (size_t c = 0; c < columns; c++) {
        result.names[c] = names[c];
        for (size_t i = 0; i < rows; i++) {
            int64_t value = first + (int64_t)c * 1000000 + (int64_t)i * 7;
            result.cells[i * columns + c] = rowan_v_int64(value);
        }
    }
}

/* After ALTER TABLE, or in another schema. */
START_TEST(columns_that_a_star_stands_for_may_change)
{
    static const char *const names[] = {"id", "author_id", "editor_id"};
    static const struct {
        size_t before, after, column; /* that the loop goes over */
    } cases[] = {{1, 2, 1}, {1, 3, 2}, {3, 2, 1}, {3, 1, 0}, {2, 3, 0}};

    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        told_begin("sqlite");
        columns_of(names, cases[k].before, 10000000, 6);
        tell("SELECT * FROM book", ROWAN_NO_PARAMS);
        columns_of((const char *const[]){"a", "b", "c"}, 3, 50000000, 6);
        tell("SELECT a, b, c FROM other", ROWAN_NO_PARAMS);
        columns_of(names, cases[k].after, 90000000, 6);
        tell("SELECT * FROM book", ROWAN_NO_PARAMS);
        for (int i = 0; i < 6; i++) {
            tell_one(AUTHOR, 90000000 + (int64_t)cases[k].column * 1000000 + 7 * i);
        }
        const rowan_finding *found = judge_one(ROWAN_N_PLUS_ONE);
        ck_assert_int_eq(found->confidence, ROWAN_CONFIRMED);
        ck_assert_str_eq(found->parent_sql, "SELECT * FROM book");
        ck_assert_str_eq(found->parent_column, names[cases[k].column]);
        told_end();
    }
}
END_TEST

START_TEST(equal_executions_late_in_a_long_loop_are_still_a_run)
{
    told_begin("sqlite");
    for (int i = 0; i < 500; i++) {
        tell_one(AUTHOR, 1);
    }
    ck_assert_uint_ge(judge_one(ROWAN_DUPLICATE_QUERY)->count, 500);
    told_end();
}
END_TEST

START_TEST(one_short_of_the_minimum_is_silent)
{
    told_begin("sqlite");
    rows_of("author_id", 1000, 7, 4);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 4; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
    }
    judge_silent("four");
    told_end();
}
END_TEST

START_TEST(the_evidence_says_how_many_values_and_in_which_order)
{
    const rowan_finding *found;

    told_begin("postgresql");
    rows_of("author_id", 1000, 7, 10);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 10; i++) {
        tell_one("SELECT name FROM author WHERE id = $1", 1000 + 7 * i);
    }
    found = judge_one(ROWAN_N_PLUS_ONE);
    ck_assert_ptr_nonnull(strstr(found->evidence, "10 of 10 values of id are values of author_id"));
    ck_assert_ptr_nonnull(strstr(found->evidence, "statement 1, in the same order"));
    ck_assert_ptr_nonnull(strstr(found->evidence, "10 executions with 10 different values"));
    told_end();
}
END_TEST

START_TEST(values_in_the_text_count_as_bound_ones_do)
{
    char sql[128];

    told_begin("mariadb");
    rows_of("author_id", 1000, 7, 8);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 8; i++) {
        snprintf(sql, sizeof sql, "SELECT name FROM author WHERE id = %s%d%s", i % 2 ? "'" : "",
                 1000 + 7 * i, i % 2 ? "'" : "");
        tell(sql, ROWAN_NO_PARAMS);
    }
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    told_end();
}
END_TEST

START_TEST(of_counts_in_a_loop_group_by_comes_first_and_a_counter_second)
{
    static const struct {
        const char *sql;
        bool counts;
    } children[] = {{"SELECT count(*) FROM review WHERE book_id = ?", true},
                    {"SELECT max(stars) FROM review WHERE book_id = ?", false},
                    {"SELECT stars FROM review WHERE book_id = ?", false}};

    for (size_t k = 0; k < 3; k++) {
        told_begin("sqlite");
        rows_of("id", 1000, 7, 9);
        tell(BOOKS, ROWAN_NO_PARAMS);
        for (int i = 0; i < 9; i++) {
            tell_one(children[k].sql, 1000 + 7 * i);
        }
        const char *suggestion = judge_one(ROWAN_N_PLUS_ONE)->suggestion;
        const char *group = strstr(suggestion, "GROUP BY book_id");
        const char *counter = strstr(suggestion, "counter_cache");
        ck_assert((group != NULL) == (k < 2));
        ck_assert((counter != NULL) == children[k].counts);
        ck_assert(counter == NULL || group < counter);
        told_end();
    }
}
END_TEST

START_TEST(the_evidence_says_what_the_network_takes_where_there_is_one)
{
    static const struct {
        const char *engine, *sql;
        uint64_t round_trips;
        bool says;
    } cases[] = {
        {"mariadb", AUTHOR, 1, true}, /* of 2 ms the least */
        {"mariadb", AUTHOR, 0, false},
        {"sqlite", AUTHOR, 1, false},
        {"mariadb", "DELETE FROM author WHERE id = ?", 1, true},
    };

    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        told_begin(cases[k].engine);
        rows_of("author_id", 1000, 7, 10);
        tell(BOOKS, ROWAN_NO_PARAMS);
        told.round_trips = cases[k].round_trips;
        told.affected = 1;
        for (int i = 0; i < 10; i++) {
            told.takes_ns = i == 3 ? 2000000 : 9000000 + i;
            tell_one(cases[k].sql, 1000 + 7 * i);
        }
        judge();
        ck_assert_uint_eq(told.found.count, 1);
        ck_assert_uint_eq(told.found.at[0].round_trips, 10 * cases[k].round_trips);
        const char *trips = strstr(told.found.at[0].evidence, ", about ");
        ck_assert((trips != NULL) == cases[k].says);
        if (trips != NULL) { /* of the least time, within 2 % */
            char *end;
            double about_ms = strtod(trips + strlen(", about "), &end);
            ck_assert_double_eq_tol(about_ms, 18.0, 0.4);
            ck_assert_ptr_eq(strstr(end, " ms of it for 9 round trips"), end);
        }
        told_end();
    }
}
END_TEST

START_TEST(interleaved_statements_are_each_found)
{
    told_begin("sqlite");
    rows_of("id", 1000, 7, 9);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 9; i++) {
        tell_one("SELECT stars FROM review WHERE book_id = ?", 1000 + 7 * i);
        tell_one("SELECT count(*) FROM tag WHERE book_id = ?", 1000 + 7 * i);
        tell("SELECT 1", ROWAN_NO_PARAMS);
    }
    judge();
    ck_assert_uint_eq(told.found.count, 2);
    ck_assert_int_eq(told.found.at[0].kind, ROWAN_N_PLUS_ONE);
    ck_assert_int_eq(told.found.at[1].kind, ROWAN_N_PLUS_ONE);
    told_end();
}
END_TEST

START_TEST(the_parent_need_not_be_the_statement_before)
{
    told_begin("sqlite");
    rows_of("id", 1000, 7, 9);
    tell(BOOKS, ROWAN_NO_PARAMS);
    rows_of("id", 5, 1, 30);
    tell("SELECT id FROM publisher", ROWAN_NO_PARAMS);
    tell("SELECT 1 FROM settings", ROWAN_NO_PARAMS);
    ask_for_reviews(1000, 7, 9);
    ck_assert_uint_eq(judge_one(ROWAN_N_PLUS_ONE)->parent_sequence, 1);
    told_end();
}
END_TEST

START_TEST(short_lists_of_different_lengths_are_an_n_plus_one)
{
    told_begin("sqlite");
    rows_of("author_id", 1000, 1, 30);
    tell("SELECT author_id FROM book_author", ROWAN_NO_PARAMS);
    for (int i = 0; i < 10; i++) {
        rowan_params two = ROWAN_PARAMS(ROWAN_V(1000 + 3 * i), ROWAN_V(1001 + 3 * i));
        rowan_params three =
            ROWAN_PARAMS(ROWAN_V(1000 + 3 * i), ROWAN_V(1001 + 3 * i), ROWAN_V(1002 + 3 * i));
        if (i % 2) {
            tell("SELECT name FROM author WHERE id IN (?, ?)", two);
        } else {
            tell("SELECT name FROM author WHERE id IN (?, ?, ?)", three);
        }
    }
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    told_end();
}
END_TEST

START_TEST(a_parent_that_ran_many_times_is_still_the_parent)
{
    told_begin("sqlite");
    for (int author = 0; author < 3; author++) {
        rows_of("id", 1000 + 100 * author, 3, 6);
        tell_one("SELECT id FROM book WHERE author_id = ?", author);
        ask_for_reviews(1000 + 100 * author, 3, 6);
    }
    ck_assert_str_eq(judge_one(ROWAN_N_PLUS_ONE)->parent_column, "id");
    ck_assert_uint_eq(told.found.at[0].count, 18);
    told_end();
}
END_TEST

START_TEST(the_rows_of_a_stream_are_a_parent)
{
    told_begin("sqlite");
    told.sequence = 1;
    rows_of("id", 1000, 7, 6);
    tell_event(ROWAN_EVENT_ROWS, BOOKS, ROWAN_NO_PARAMS);
    rows_of("id", 1042, 7, 6);
    tell_event(ROWAN_EVENT_ROWS, BOOKS, ROWAN_NO_PARAMS);
    no_result();
    tell_event(ROWAN_EVENT_STATEMENT, BOOKS, ROWAN_NO_PARAMS);
    ask_for_reviews(1000, 7, 12);
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    told_end();
}
END_TEST

START_TEST(without_call_sites_the_order_of_the_rows_confirms)
{
    told_begin("sqlite");
    told.line = 0;
    rows_of("id", 1000, 7, 12);
    tell(BOOKS, ROWAN_NO_PARAMS);
    ask_for_reviews(1000, 7, 12);
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    told_end();
}
END_TEST

START_TEST(without_call_sites_and_order_nothing_is_claimed)
{
    told_begin("sqlite");
    told.line = 0;
    rows_of("id", 1, 1, 12);
    tell(BOOKS, ROWAN_NO_PARAMS);
    ask_for_reviews(12, -1, 12);
    judge_silent("out of order");
    told_end();
}
END_TEST

START_TEST(a_loop_whose_values_were_not_seen_is_likely)
{
    const rowan_finding *found;

    told_begin("sqlite");
    for (int i = 0; i < 12; i++) {
        tell_one(AUTHOR, 7 * i);
    }
    found = judge_one(ROWAN_N_PLUS_ONE);
    ck_assert_int_eq(found->confidence, ROWAN_LIKELY);
    ck_assert_ptr_null(found->parent_sql);
    ck_assert_str_eq(found->child_column, "id");
    told_end();
}
END_TEST

START_TEST(of_columns_with_the_same_numbers_the_one_that_fits_by_name_is_the_parent)
{
    told_begin("sqlite");
    result.names[0] = "quantity";
    result.names[1] = "book_id";
    result.names[2] = "position";
    result.columns = 3;
    result.rows = 10;
    for (size_t i = 0; i < 30; i++) {
        result.cells[i] = rowan_v_int64((int64_t)i / 3 + 1);
    }
    tell("SELECT quantity, book_id, position FROM purchase_line", ROWAN_NO_PARAMS);
    for (int i = 1; i <= 10; i++) {
        tell_one("SELECT title FROM book WHERE id = ?", i);
    }
    ck_assert_str_eq(judge_one(ROWAN_N_PLUS_ONE)->parent_column, "book_id");
    told_end();
}
END_TEST

START_TEST(a_walk_through_a_tree_is_recursive)
{
    told_begin("sqlite");
    rows_of("id", 2, 1, 3);
    tell_one("SELECT id FROM category WHERE parent_id = ?", 1);
    for (int i = 2; i < 12; i++) {
        rows_of("id", 3 * i - 1, 1, 3);
        tell_one("SELECT id FROM category WHERE parent_id = ?", i);
    }
    ck_assert_ptr_nonnull(strstr(judge_one(ROWAN_RECURSIVE_WALK)->suggestion, "WITH RECURSIVE"));
    told_end();
}
END_TEST

START_TEST(equal_executions_in_a_row_are_duplicates)
{
    const rowan_finding *found;

    told_begin("sqlite");
    for (int i = 0; i < 3; i++) {
        rows_of("name", 7, 1, 1);
        tell_one(AUTHOR, 5);
        tell("SELECT 1 FROM other", ROWAN_NO_PARAMS);
        tell("SELECT 1 FROM another WHERE a = 1", ROWAN_NO_PARAMS);
    }
    judge();
    found = find(ROWAN_DUPLICATE_QUERY);
    ck_assert_ptr_nonnull(found);
    ck_assert_ptr_null(find(ROWAN_N_PLUS_ONE));
    ck_assert_uint_eq(found->count, 3);
    ck_assert_uint_eq(found->distinct, 1);
    told_end();
}
END_TEST

START_TEST(single_row_writes_are_a_write_loop)
{
    static const char *const writes[] = {"INSERT INTO review (book_id) VALUES (?)",
                                         "DELETE FROM review WHERE id = ?"};

    for (size_t k = 0; k < 2; k++) {
        told_begin("sqlite");
        told.affected = 1;
        for (int i = 0; i < 8; i++) {
            tell_one(writes[k], 100 + i);
        }
        ck_assert_uint_eq(judge_one(ROWAN_WRITE_LOOP)->count, 8);
        told_end();
    }
    told_begin("sqlite");
    told.affected = 1;
    for (int i = 0; i < 8; i++) {
        tell("UPDATE book SET price = ? WHERE id = ?", ROWAN_PARAMS(ROWAN_V(5), ROWAN_V(i)));
    }
    judge_one(ROWAN_WRITE_LOOP);
    told_end();
}
END_TEST

START_TEST(a_slow_statement_is_found_and_one_outlier_of_many_is_not)
{
    told_begin("sqlite");
    told.takes_ns = 150000000;
    tell("SELECT * FROM book WHERE title LIKE '%x%'", ROWAN_NO_PARAMS);
    ck_assert_uint_eq(judge_one(ROWAN_SLOW_QUERY)->count, 1);
    told_end();
    told_begin("sqlite");
    for (int i = 0; i < 60; i++) {
        told.takes_ns = i == 30 ? 150000000 : 50000;
        tell("SELECT * FROM book LIMIT ?", ROWAN_PARAMS(ROWAN_V(i)));
    }
    judge_silent("one outlier");
    told_end();
    told_begin("sqlite");
    told.takes_ns = 900000000;
    tell("CREATE INDEX i ON book (title)", ROWAN_NO_PARAMS);
    judge_silent("DDL");
    told_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_rules");
    TCase *tc = tcase_create("detector_rules");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, values_of_an_earlier_result_confirm_an_n_plus_one);
    tcase_add_test(tc, statements_are_told_apart_with_and_without_hashes_of_their_texts);
    tcase_add_test(tc, a_long_loop_is_judged_by_its_first_turns_and_counted_to_its_end);
    tcase_add_test(tc, a_loop_within_a_long_loop_names_the_statement_of_that_loop);
    tcase_add_test(tc, columns_that_a_star_stands_for_may_change);
    tcase_add_test(tc, equal_executions_late_in_a_long_loop_are_still_a_run);
    tcase_add_test(tc, one_short_of_the_minimum_is_silent);
    tcase_add_test(tc, the_evidence_says_how_many_values_and_in_which_order);
    tcase_add_test(tc, values_in_the_text_count_as_bound_ones_do);
    tcase_add_test(tc, of_counts_in_a_loop_group_by_comes_first_and_a_counter_second);
    tcase_add_test(tc, the_evidence_says_what_the_network_takes_where_there_is_one);
    tcase_add_test(tc, interleaved_statements_are_each_found);
    tcase_add_test(tc, the_parent_need_not_be_the_statement_before);
    tcase_add_test(tc, short_lists_of_different_lengths_are_an_n_plus_one);
    tcase_add_test(tc, a_parent_that_ran_many_times_is_still_the_parent);
    tcase_add_test(tc, the_rows_of_a_stream_are_a_parent);
    tcase_add_test(tc, without_call_sites_the_order_of_the_rows_confirms);
    tcase_add_test(tc, without_call_sites_and_order_nothing_is_claimed);
    tcase_add_test(tc, a_loop_whose_values_were_not_seen_is_likely);
    tcase_add_test(tc, of_columns_with_the_same_numbers_the_one_that_fits_by_name_is_the_parent);
    tcase_add_test(tc, a_walk_through_a_tree_is_recursive);
    tcase_add_test(tc, equal_executions_in_a_row_are_duplicates);
    tcase_add_test(tc, single_row_writes_are_a_write_loop);
    tcase_add_test(tc, a_slow_statement_is_found_and_one_outlier_of_many_is_not);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
