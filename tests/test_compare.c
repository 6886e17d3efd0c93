/*
 * The comparison on every engine: equal rows in all cells, what they cost in statements, and that a
 * fault in any one cell is seen.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/run.h"
#include "schema/seed/seed.h"
#include "support/engine.h"
#include "support/suite.h"

enum { RAW_SQL, QUERY_BUILDER, ACTIVE_RECORD, DATA_MAPPER };

static const usecase *find_case(const char *key)
{
    for (size_t i = 0; usecases[i]; i++) {
        if (strcmp(usecases[i]->key, key) == 0) {
            return usecases[i];
        }
    }
    ck_abort_msg("there is no use case %s", key);
}

/* --- One run on one engine, on a bookshop of its own. --- */

static char *messages;
static size_t messages_size;

static bench *open_bench(size_t engine, double scale)
{
    const char *url = engine_url_new(engine);
    rowan_db *db = engine_open_url(url, NULL);
    rowan__seed_result seeded;
    rowan_error error = {0};
    bench *on = NULL;

    ck_assert_msg(rowan__seed(db, scale, NULL, &seeded, &error) == ROWAN_OK, "%s", error.message);
    rowan_close(db);
    ck_assert_msg(bench_open(url, &on, &error) == ROWAN_OK, "%s", error.message);
    return on;
}

static results *run_cases(size_t engine, double scale, const usecase *const *cases, size_t count,
                          run_progress progress, run_outcome expected)
{
    bench *on = open_bench(engine, scale);
    results *all = results_new(cases, count, 1);

    free(messages); /* of the run before */
    FILE *out = open_memstream(&messages, &messages_size);

    ck_assert_ptr_nonnull(all);
    ck_assert_ptr_nonnull(out);
    all->scale = scale;
    all->repeat = 1;
    run_outcome outcome = run_engine(all, 0, on, progress, NULL, out);
    fclose(out);
    bench_close(on);
    ck_assert_msg(outcome == expected, "outcome %d instead of %d: %s", (int)outcome, (int)expected,
                  messages);
    return all;
}

static void end_run(results *all)
{
    results_free(all);
    free(messages);
    messages = NULL;
}

static results *run_case(size_t engine, double scale, const usecase *one)
{
    const usecase *cases[] = {one};

    return run_cases(engine, scale, cases, 1, NULL, RUN_EQUAL);
}

static uint64_t statements(const results *all, size_t pattern, enum way way)
{
    return results_cell(all, 0, 0, pattern, way)->counts.statements;
}

static const kept_finding *finding_of(const measurement *cell, rowan_finding_kind kind)
{
    for (size_t i = 0; i < cell->finding_count; i++) {
        if (cell->findings[i].kind == kind) {
            return &cell->findings[i];
        }
    }
    ck_abort_msg("the detector did not find %s", rowan_finding_kind_name(kind));
}

/* --- All of it. --- */

START_TEST(all_cells_of_all_use_cases_find_the_same_rows)
{
    size_t count = 0;

    while (usecases[count]) {
        count++;
    }
    ck_assert_uint_ge(count, 12);
    results *all = run_cases((size_t)_i, 0.02, usecases, count, NULL, RUN_EQUAL);
    ck_assert(results_equal(all));
    ck_assert_msg(!results_has_unexpected(all), "a finding that was not expected");
    for (size_t i = 0; i < count * PATTERN_COUNT; i++) {
        const measurement *good =
            results_cell(all, 0, i / PATTERN_COUNT, i % PATTERN_COUNT, WAY_GOOD);
        ck_assert(good->ran);
        ck_assert_uint_gt(ledger_count(good->found), 0);
        ck_assert_uint_gt(good->counts.statements, 0);
    }
    end_run(all);
}
END_TEST

/* --- What it costs. --- */

START_TEST(the_catalogue_costs_one_and_n_row_by_row_and_two_by_default)
{
    results *all = run_case((size_t)_i, 0.02, find_case("catalogue"));
    const measurement *tempting = results_cell(all, 0, 0, ACTIVE_RECORD, WAY_TEMPTING);
    const kept_finding *finding = finding_of(tempting, ROWAN_N_PLUS_ONE);

    ck_assert_uint_eq(tempting->counts.statements, 1 + ledger_count(tempting->found));
    ck_assert_uint_eq(statements(all, ACTIVE_RECORD, WAY_GOOD), 2);
    ck_assert_uint_eq(statements(all, DATA_MAPPER, WAY_GOOD), 2);
    ck_assert_uint_eq(statements(all, RAW_SQL, WAY_GOOD), 1);
    ck_assert_uint_eq(statements(all, QUERY_BUILDER, WAY_GOOD), 1);
    ck_assert_uint_eq(finding->count, ledger_count(tempting->found));
    ck_assert_ptr_nonnull(strstr(finding->parent_sql, "book"));
    ck_assert_str_eq(finding->parent_column, "publisher_id");
    ck_assert_uint_eq(results_cell(all, 0, 0, ACTIVE_RECORD, WAY_GOOD)->finding_count, 0);
    end_run(all);
}
END_TEST

/* Whatever the number of rows, a good way sends as many statements. */
static const struct {
    const char *key;
    uint64_t good[PATTERN_COUNT];
} constant[] = {
    {"catalogue", {1, 1, 2, 2}},    {"book_page", {3, 4, 4, 4}},     {"orders", {1, 1, 4, 3}},
    {"top_reviews", {1, 2, 2, 2}},  {"search", {3, 3, 3, 3}},        {"slow_search", {1, 1, 1, 1}},
    {"best_sellers", {1, 1, 1, 1}}, {"category_tree", {1, 1, 4, 4}}, {"stale_edit", {5, 5, 5, 10}},
    {"register", {4, 4, 8, 11}},
};

START_TEST(good_ways_do_not_grow_with_the_shop)
{
    for (size_t i = 0; i < sizeof constant / sizeof constant[0]; i++) {
        results *small = run_case(0, 0.01, find_case(constant[i].key));
        results *large = run_case(0, 0.04, find_case(constant[i].key));
        for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
            ck_assert_msg(statements(small, pattern, WAY_GOOD) == constant[i].good[pattern] &&
                              statements(large, pattern, WAY_GOOD) == constant[i].good[pattern],
                          "%s, %s: %d and %d statements", constant[i].key, pattern_keys[pattern],
                          (int)statements(small, pattern, WAY_GOOD),
                          (int)statements(large, pattern, WAY_GOOD));
        }
        end_run(small);
        end_run(large);
    }
}
END_TEST

START_TEST(row_by_row_grows_with_the_orders_and_their_lines)
{
    const usecase *orders = find_case("orders");
    results *all = run_case((size_t)_i, 0.02, orders);
    size_t lines = ledger_count(results_cell(all, 0, 0, RAW_SQL, WAY_GOOD)->found);

    ck_assert_uint_gt(lines, 5);
    ck_assert_uint_gt(statements(all, ACTIVE_RECORD, WAY_TEMPTING), lines + 2);
    ck_assert_uint_eq(statements(all, ACTIVE_RECORD, WAY_TEMPTING),
                      statements(all, RAW_SQL, WAY_TEMPTING) + 1);
    ck_assert_uint_eq(statements(all, ACTIVE_RECORD, WAY_GOOD), 4);
    finding_of(results_cell(all, 0, 0, RAW_SQL, WAY_TEMPTING), ROWAN_N_PLUS_ONE);
    end_run(all);
}
END_TEST

START_TEST(a_batch_is_one_round_trip_where_rows_one_by_one_are_many)
{
    results *all = run_case((size_t)_i, 0.01, find_case("import"));
    const measurement *each = results_cell(all, 0, 0, RAW_SQL, WAY_TEMPTING);
    const measurement *batch = results_cell(all, 0, 0, RAW_SQL, WAY_GOOD);
    bool is_sqlite = engine_is((size_t)_i, "sqlite");

    ck_assert_uint_eq(each->counts.statements, 400);
    ck_assert_uint_eq(each->counts.round_trips, is_sqlite ? 0 : 400);
    ck_assert_uint_eq(batch->counts.round_trips, is_sqlite ? 0 : 1);
    /* SQLite inserts 100 rows at a time, all in a transaction. */
    uint64_t inserts = is_sqlite ? 400 / 100 + 2 : 1;
    ck_assert_uint_eq(statements(all, RAW_SQL, WAY_GOOD), inserts);
    ck_assert_uint_eq(statements(all, QUERY_BUILDER, WAY_GOOD), inserts);
    ck_assert_uint_eq(statements(all, ACTIVE_RECORD, WAY_GOOD), inserts);
    finding_of(each, ROWAN_WRITE_LOOP);
    end_run(all);
}
END_TEST

START_TEST(a_measured_cell_leaves_nothing_behind)
{
    bench *on = open_bench((size_t)_i, 0.01);
    const usecase *import = find_case("import");
    measurement first, again;

    bench_measure(on, import, import->ways[ACTIVE_RECORD]->good, 2, &first);
    bench_measure(on, import, import->ways[DATA_MAPPER]->good, 1, &again);
    ck_assert_msg(first.status == ROWAN_OK, "%s", first.error);
    ck_assert_msg(again.status == ROWAN_OK, "%s", again.error);
    ck_assert(ledger_equal(first.found, again.found));
    ck_assert_int_gt(first.times.database_ns, 0);
    ck_assert_uint_gt(first.allocations, 0);
    measurement_fini(&first);
    measurement_fini(&again);
    bench_close(on);
}
END_TEST

/* --- Faults. --- */

/* The cell that a faulty one stands for. */
static usecase_cell real;

static rowan_status with_a_row_too_many(rowan_scope *scope, ledger *found)
{
    rowan_status status = real(scope, found);

    LEDGER_ROW(found, V("a row that nobody else finds"));
    return status;
}

static rowan_status list_books(rowan_scope *scope, ledger *found, bool is_reversed, size_t left_out)
{
    rowan_query page = {
        .from = &book_table,
        .where = EQ(BOOK.in_print, true),
        .order_by = ORDER(ASC(BOOK.title), ASC(BOOK.id)),
        .limit = 20,
        .fetch = FETCH(RELATED(&book_publisher_relation)),
    };
    book_rows books;
    publisher *of;
    rowan_status status = book_query_all(scope, &page, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = &books.at[is_reversed ? books.count - 1 - i : i];
        status = book_loaded_publisher(scope, b, &of);
        if (status == ROWAN_OK && i != left_out) {
            LEDGER_ROW(found, V(b->id), V(b->title), V(b->price_cents), V(of->name));
        }
    }
    return status;
}

static rowan_status in_the_right_order(rowan_scope *scope, ledger *found)
{
    return list_books(scope, found, false, SIZE_MAX);
}

static rowan_status in_the_wrong_order(rowan_scope *scope, ledger *found)
{
    return list_books(scope, found, true, SIZE_MAX);
}

static rowan_status without_the_last_row(rowan_scope *scope, ledger *found)
{
    return list_books(scope, found, false, 19);
}

static rowan_status with_prices_a_cent_too_low(rowan_scope *scope, ledger *found)
{
    rowan_update slip = {
        .table = &book_table,
        .set = SET(TO(BOOK.price_cents, SUBTRACT(BOOK.price_cents, 1))),
        .where = EQ(BOOK.publisher_id, 1),
    };
    rowan_status status = real(scope, found);

    return status == ROWAN_OK ? rowan_query_update(scope, &slip, NULL, NULL) : status;
}

static rowan_status that_fails(rowan_scope *scope, ledger *found)
{
    book *none;

    (void)found;
    return book_find(scope, -1, &none);
}

/* Runs a use case with another cell in one place. */
static results *run_with(size_t engine, const char *key, size_t pattern, enum way way,
                         usecase_cell cell, run_outcome expected)
{
    static usecase copy; /* the results refer to it */
    static usecase_ways ways;
    const usecase *cases[] = {&copy};

    copy = *find_case(key);
    ways = *copy.ways[pattern];
    real = way == WAY_GOOD ? ways.good : ways.tempting;
    if (way == WAY_GOOD) {
        ways.good = cell;
    } else {
        ways.tempting = cell;
    }
    copy.ways[pattern] = &ways;
    return run_cases(engine, 0.02, cases, 1, NULL, expected);
}

START_TEST(a_fault_in_any_one_cell_is_seen)
{
    size_t pattern = (size_t)_i / WAY_COUNT;
    enum way way = (enum way)(_i % WAY_COUNT);
    results *all = run_with(0, "catalogue", pattern, way, with_a_row_too_many, RUN_DIFFERENT);

    ck_assert(!results_equal(all));
    ck_assert_ptr_nonnull(strstr(messages, "catalogue"));
    ck_assert_ptr_nonnull(strstr(messages, "row 21"));
    ck_assert_ptr_nonnull(strstr(messages, "a row that nobody else finds"));
    end_run(all);
}
END_TEST

START_TEST(the_same_rows_in_another_order_are_different)
{
    end_run(
        run_with((size_t)_i, "catalogue", ACTIVE_RECORD, WAY_GOOD, in_the_right_order, RUN_EQUAL));
    results *all = run_with((size_t)_i, "catalogue", ACTIVE_RECORD, WAY_GOOD, in_the_wrong_order,
                            RUN_DIFFERENT);
    ck_assert_ptr_nonnull(strstr(messages, "Active Record (good"));
    ck_assert(!results_equal(all));
    end_run(all);
}
END_TEST

START_TEST(a_row_that_is_dropped_is_shown_as_missing)
{
    results *all = run_with((size_t)_i, "catalogue", DATA_MAPPER, WAY_TEMPTING,
                            without_the_last_row, RUN_DIFFERENT);

    ck_assert_ptr_nonnull(strstr(messages, "+ row 20 is missing"));
    end_run(all);
}
END_TEST

START_TEST(what_a_cell_wrote_is_compared_too)
{
    results *all = run_with((size_t)_i, "price_change", QUERY_BUILDER, WAY_GOOD,
                            with_prices_a_cent_too_low, RUN_DIFFERENT);

    ck_assert_ptr_nonnull(strstr(messages, "price_change"));
    end_run(all);
}
END_TEST

START_TEST(a_cell_that_fails_is_named)
{
    results *all =
        run_with((size_t)_i, "catalogue", ACTIVE_RECORD, WAY_GOOD, that_fails, RUN_FAILED);

    ck_assert_ptr_nonnull(strstr(messages, "Active Record, the good way, failed with"));
    end_run(all);
}
END_TEST

START_TEST(a_finding_that_is_not_expected_is_seen)
{
    usecase surprised = *find_case("catalogue");
    results *all;

    surprised.expected = 0;
    all = run_case((size_t)_i, 0.02, &surprised);
    ck_assert(results_equal(all));
    ck_assert(results_has_unexpected(all));
    end_run(all);
}
END_TEST

static bool stop_at_the_third(void *context, const char *engine, const usecase *use_case,
                              size_t pattern, size_t done, size_t all)
{
    (void)context, (void)engine, (void)use_case, (void)pattern;
    ck_assert_uint_lt(done, all);
    return done < 2;
}

START_TEST(progress_can_stop_a_run)
{
    const usecase *cases[] = {find_case("catalogue")};

    end_run(run_cases(0, 0.01, cases, 1, stop_at_the_third, RUN_STOPPED));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare");
    TCase *whole = tcase_create("equal rows");
    TCase *cost = tcase_create("cost");
    TCase *faults = tcase_create("faults");
    int engines = (int)engine_count();

    tcase_set_timeout(whole, 300);
    tcase_add_loop_test(whole, all_cells_of_all_use_cases_find_the_same_rows, 0, engines);
    tcase_set_timeout(cost, 120);
    tcase_add_loop_test(cost, the_catalogue_costs_one_and_n_row_by_row_and_two_by_default, 0,
                        engines);
    tcase_add_test(cost, good_ways_do_not_grow_with_the_shop);
    tcase_add_loop_test(cost, row_by_row_grows_with_the_orders_and_their_lines, 0, engines);
    tcase_add_loop_test(cost, a_batch_is_one_round_trip_where_rows_one_by_one_are_many, 0, engines);
    tcase_add_loop_test(cost, a_measured_cell_leaves_nothing_behind, 0, engines);
    tcase_set_timeout(faults, 60);
    tcase_add_loop_test(faults, a_fault_in_any_one_cell_is_seen, 0, PATTERN_COUNT * WAY_COUNT);
    tcase_add_loop_test(faults, the_same_rows_in_another_order_are_different, 0, engines);
    tcase_add_loop_test(faults, a_row_that_is_dropped_is_shown_as_missing, 0, engines);
    tcase_add_loop_test(faults, what_a_cell_wrote_is_compared_too, 0, engines);
    tcase_add_loop_test(faults, a_cell_that_fails_is_named, 0, engines);
    tcase_add_loop_test(faults, a_finding_that_is_not_expected_is_seen, 0, engines);
    tcase_add_test(faults, progress_can_stop_a_run);
    suite_add_tcase(suite, whole);
    suite_add_tcase(suite, cost);
    suite_add_tcase(suite, faults);
    return suite_run(suite);
}
