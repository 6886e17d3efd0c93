/*
 * Reads that repeat, and what their advice makes of them, in each pattern (support/taken.h). And of
 * two opposite ways never are both advised against.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/taken.h"

static library_book *read_books(size_t *count)
{
    rowan_rows rows;

    taken_ok(rowan_record_all(taken.scope, &(rowan_query){.from = &library_book_table}, &rows));
    *count = rows.count;
    return rows.at;
}

static void plant_threes(void)
{
    taken_plant(3);
}

static void plant_twos(void)
{
    taken_plant(2);
}

/* --- Trees. --- */

/* Reads the children of each node that was found before. */
static void walk(void (*children_of)(int64_t node, rowan_rows *out))
{
    int64_t queue[TAKEN_MOST] = {TAKEN_NODE};
    size_t head = 0, tail = 1;

    while (head < tail) {
        rowan_rows rows;
        children_of(queue[head++], &rows);
        for (size_t i = 0; i < rows.count; i++) {
            queue[tail++] = ((const library_category *)rows.at)[i].id;
        }
    }
    ck_assert_uint_eq(tail, taken.size);
}

static void raw_children(int64_t node, rowan_rows *out)
{
    taken_ok(rowan_raw_all(taken.scope, "SELECT id FROM category WHERE parent_id = ?",
                           ROWAN_PARAMS(ROWAN_V(node)), &library_category_table, out));
}

static void built_children(int64_t node, rowan_rows *out)
{
    const rowan_query query = {.from = &library_category_table,
                               .where = ROWAN_EQ(CATEGORY.parent_id, node)};

    taken_ok(rowan_query_all(taken.scope, &query, out));
}

static void recorded_children(int64_t node, rowan_rows *out)
{
    const rowan_query query = {.from = &library_category_table,
                               .where = ROWAN_EQ(CATEGORY.parent_id, node)};

    taken_ok(rowan_record_all(taken.scope, &query, out));
}

static void walk_raw(void)
{
    walk(raw_children);
}

static void walk_built(void)
{
    walk(built_children);
}

static void walk_records(void)
{
    walk(recorded_children);
}

static void tree_in_one(void)
{
    rowan_rows rows;

    taken_ok(
        rowan_raw_all(taken.scope,
                      "WITH RECURSIVE tree (id) AS (SELECT id FROM category WHERE id = ? UNION ALL "
                      "SELECT c.id FROM category c JOIN tree ON c.parent_id = tree.id) "
                      "SELECT id FROM tree",
                      ROWAN_PARAMS(ROWAN_V((int64_t)TAKEN_NODE)), &library_category_table, &rows));
    ck_assert_uint_eq(rows.count, taken.size);
}

/* A level at a time: as many statements as the tree is deep, with taken_plant_nothing below the
 * last. */
static void levels(rowan_status (*all)(rowan_scope *, const rowan_query *, rowan_rows *))
{
    size_t seen = 1;

    taken.keys[0] = rowan_v_int64(TAKEN_NODE);
    for (taken.key_count = 1; taken.key_count > 0;) {
        const rowan_query query = {
            .from = &library_category_table,
            .where = ROWAN_IN_VALUES(CATEGORY.parent_id, taken.keys, taken.key_count)};
        rowan_rows rows;
        taken_ok(all(taken.scope, &query, &rows));
        seen += rows.count;
        taken_keys(rows.at, rows.count, sizeof(library_category));
    }
    ck_assert_uint_eq(seen, taken.size);
}

static rowan_status built(rowan_scope *in, const rowan_query *query, rowan_rows *out)
{
    return rowan_query_all(in, query, out);
}

static rowan_status recorded(rowan_scope *in, const rowan_query *query, rowan_rows *out)
{
    return rowan_record_all(in, query, out);
}

static void levels_built(void)
{
    levels(built);
}

static void levels_recorded(void)
{
    levels(recorded);
}

/* --- Reads. --- */

static void children_raw(void)
{
    size_t count;
    library_book *books = read_books(&count);
    rowan_rows rows;

    for (size_t i = 0; i < count; i++) {
        taken_ok(rowan_raw_all(taken.scope, "SELECT author_id FROM book_author WHERE book_id = ?",
                               ROWAN_PARAMS(ROWAN_V(books[i].id)), &library_book_author_table,
                               &rows));
    }
}

static void children_raw_at_once(void)
{
    size_t count;
    library_book *books = read_books(&count);
    rowan_rows rows;

    taken_keys(books, count, sizeof *books);
    taken_ok(rowan_raw_all(taken.scope,
                           "SELECT book_id, author_id FROM book_author WHERE book_id IN (?)",
                           ROWAN_PARAMS(rowan_v_list(taken.keys, taken.key_count)),
                           &library_book_author_table, &rows));
}

/* Reads the publishers of the first of all books: of none, of one, or of all. */
static void publishers(rowan_lazy lazy, bool fetches, size_t most)
{
    const rowan_query query = {
        .from = &library_book_table,
        .lazy = lazy,
        .fetch = fetches ? ROWAN_FETCH(ROWAN_RELATED(&library_book_publisher)) : NULL};
    rowan_rows rows;
    void *publisher;

    taken_ok(rowan_record_all(taken.scope, &query, &rows));
    for (size_t i = 0; i < rows.count && i < most; i++) {
        taken_ok(rowan_record_one(taken.scope, &library_book_publisher, (library_book *)rows.at + i,
                                  &publisher));
    }
}

static void publishers_each(void)
{
    publishers(ROWAN_LAZY_EACH, false, TAKEN_MOST);
}

static void publishers_fetched(void)
{
    publishers(ROWAN_LAZY_EACH, true, TAKEN_MOST);
}

static void publishers_of_peers(void)
{
    publishers(ROWAN_LAZY_PEERS, false, TAKEN_MOST);
}

static void publishers_by_session(bool at_once)
{
    rowan_session *session;
    rowan_refs books;
    void *publisher;

    taken_ok(rowan_session_begin(taken.scope, &session));
    taken_ok(rowan_session_all(session, &(rowan_query){.from = &library_book_table}, &books));
    if (at_once) {
        taken_ok(rowan_session_load(session, books,
                                    ROWAN_FETCH(ROWAN_RELATED(&library_book_publisher))));
    }
    for (size_t i = 0; i < books.count; i++) {
        const library_book *book = books.at[i];
        taken_ok(at_once ? rowan_session_one(session, &library_book_publisher, book, &publisher)
                         : rowan_session_find(session, &library_publisher_table,
                                              ROWAN_KEY(book->publisher_id.value), &publisher));
    }
    rowan_session_end(session);
}

static void publishers_found_by_session(void)
{
    publishers_by_session(false);
}

static void publishers_loaded_by_session(void)
{
    publishers_by_session(true);
}

/* --- Counts. --- */

static void count_raw(void)
{
    size_t count;
    library_book *books = read_books(&count);

    for (size_t i = 0; i < count; i++) {
        taken_run("SELECT count(*) FROM book_author WHERE book_id = ?",
                  ROWAN_PARAMS(ROWAN_V(books[i].id)));
    }
}

static void count_raw_grouped(void)
{
    size_t count;
    library_book *books = read_books(&count);

    taken_keys(books, count, sizeof *books);
    taken_run("SELECT book_id, count(*) FROM book_author WHERE book_id IN (?) GROUP BY book_id",
              ROWAN_PARAMS(rowan_v_list(taken.keys, taken.key_count)));
}

/* The counter beside it: counted up with the rows, read with the row. */
static void count_by_counter(void)
{
    size_t count;

    (void)read_books(&count);
    taken_run("UPDATE book SET version = version + 1 WHERE id = ?",
              ROWAN_PARAMS(ROWAN_V((int64_t)LIBRARY_FIRST)));
    (void)read_books(&count);
}

static void count_built(void)
{
    rowan_rows rows;

    taken_ok(rowan_query_all(taken.scope, &(rowan_query){.from = &library_publisher_table}, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        const library_publisher *one = (library_publisher *)rows.at + i;
        const rowan_query query = {.from = &library_book_table,
                                   .where = ROWAN_EQ(BOOK.publisher_id, one->id)};
        int64_t count;
        taken_ok(rowan_query_count(taken.scope, &query, &count));
    }
}

static void count_built_grouped(void)
{
    const rowan_query query = {.from = &library_book_table,
                               .into = &library_line_table,
                               .select = ROWAN_SELECT(ROWAN_AS(BOOK.publisher_id, "purchase_id"),
                                                      ROWAN_AS(ROWAN_COUNT_ALL, "quantity")),
                               ROWAN_GROUP_BY(BOOK.publisher_id)};
    rowan_rows rows;

    taken_ok(rowan_query_all(taken.scope, &(rowan_query){.from = &library_publisher_table}, &rows));
    taken_ok(rowan_query_all(taken.scope, &query, &rows));
}

/* --- The same again, and what is not read. --- */

static void settings_each_time(void)
{
    rowan_rows rows;

    for (size_t i = 0; i < taken.size; i++) {
        taken_ok(rowan_raw_all(taken.scope, "SELECT name FROM publisher WHERE id = ?",
                               ROWAN_PARAMS(ROWAN_V((int64_t)LIBRARY_FIRST)),
                               &library_publisher_table, &rows));
    }
}

static void settings_once(void)
{
    rowan_rows rows;

    taken_ok(rowan_raw_all(taken.scope, "SELECT name FROM publisher WHERE id = ?",
                           ROWAN_PARAMS(ROWAN_V((int64_t)LIBRARY_FIRST)), &library_publisher_table,
                           &rows));
}

static void record_each_time(void)
{
    void *row;

    for (size_t i = 0; i < taken.size; i++) {
        taken_ok(rowan_record_find(taken.scope, &library_publisher_table,
                                   ROWAN_KEY((int64_t)LIBRARY_FIRST), &row));
    }
}

static void record_by_session(void)
{
    rowan_session *session;
    void *row;

    taken_ok(rowan_session_begin(taken.scope, &session));
    for (size_t i = 0; i < taken.size; i++) { /* which knows it from the second time on */
        taken_ok(rowan_session_find(session, &library_publisher_table,
                                    ROWAN_KEY((int64_t)LIBRARY_FIRST), &row));
    }
    rowan_session_end(session);
}

/* Of the rows of a statement the second column, and of the first so many the third. */
static void read_titles(const char *sql, size_t rows, size_t with_third)
{
    rowan_cursor *cursor;
    const char *title;
    int64_t id;

    taken_ok(rowan_raw_open(taken.scope, sql, ROWAN_NO_PARAMS, &cursor));
    for (size_t i = 0; i < rows && rowan_cursor_next(cursor) == ROWAN_OK; i++) {
        taken_ok(rowan_cursor_int64(cursor, 0, &id));
        taken_ok(rowan_cursor_text(cursor, 1, &title));
        taken.keys[i] = rowan_v_int64(id);
        if (i < with_third) {
            taken_ok(rowan_cursor_int64(cursor, 2, &id));
        }
    }
    rowan_cursor_close(cursor);
}

static void titles_of_whole_rows(void)
{
    read_titles("SELECT id, title, price_cents FROM book", TAKEN_MOST, 0);
}

static void titles_alone(void)
{
    read_titles("SELECT id, title FROM book", TAKEN_MOST, 0);
}

/* --- All of them. --- */

static const taken_advice advice[] = {
    {"a tree in raw SQL", "recursive_walk", plant_threes, walk_raw, tree_in_one, 1, 0},
    {"a tree by the builder", "recursive_walk", plant_threes, walk_built, tree_in_one, 1, 0},
    {"a tree of records", "recursive_walk", plant_threes, walk_records, tree_in_one, 1, 0},
    {"levels by the builder", "recursive_walk", plant_twos, walk_built, levels_built, 0, 0},
    {"levels of records", "recursive_walk", plant_twos, walk_records, levels_recorded, 0, 0},
    {"children in raw SQL", "n_plus_one", taken_plant_nothing, children_raw, children_raw_at_once,
     2, 0},
    {"lazy records", "n_plus_one", taken_plant_nothing, publishers_each, publishers_fetched, 2, 0},
    {"records for their peers", "n_plus_one", taken_plant_nothing, publishers_each,
     publishers_of_peers, 2, 0},
    {"rows of a session", "n_plus_one", taken_plant_nothing, publishers_found_by_session,
     publishers_loaded_by_session, 2, 0},
    {"counts in raw SQL", "n_plus_one", taken_plant_nothing, count_raw, count_raw_grouped, 2, 0},
    {"counts, kept as a counter", "n_plus_one", taken_plant_nothing, count_raw, count_by_counter, 3,
     0},
    {"counts of the builder", "n_plus_one", taken_plant_nothing, count_built, count_built_grouped,
     2, 0},
    {"the same in raw SQL", "duplicate_query", taken_plant_nothing, settings_each_time,
     settings_once, 1, 0},
    {"the same record", "duplicate_query", taken_plant_nothing, record_each_time, record_by_session,
     1, 0},
    {"columns that nobody reads", "unread_columns", taken_plant_nothing, titles_of_whole_rows,
     titles_alone, 1, 0},
};

enum { ADVICE = sizeof advice / sizeof advice[0] };

START_TEST(advice_that_is_taken_is_the_end_of_it)
{
    taken_check(&advice[_i % ADVICE], (size_t)_i / ADVICE);
}
END_TEST

/* --- Of two opposite ways never are both wrong. --- */

static size_t findings_of(void (*work)(size_t some), size_t some)
{
    rowan_findings found;
    size_t count;

    taken_begin("GET /");
    work(some);
    taken_ok(rowan_scope_findings(taken.scope, &found));
    count = found.count;
    rowan_scope_end(taken.scope);
    return count;
}

static void prices_with_titles(size_t some)
{
    read_titles("SELECT id, title, price_cents FROM book ORDER BY id", TAKEN_MOST, some);
}

static void prices_when_needed(size_t some)
{
    read_titles("SELECT id, title FROM book ORDER BY id", TAKEN_MOST, 0);
    for (size_t i = 0; i < some; i++) {
        taken_run("SELECT price_cents FROM book WHERE id = ?", ROWAN_PARAMS(taken.keys[i]));
    }
}

/* Whole rows whose further column few need, or the column when it is needed. */
START_TEST(more_columns_and_fewer_are_never_both_wrong)
{
    size_t told = 0;
    char kinds[1024];

    taken_open((size_t)_i, TAKEN_MOST);
    for (size_t some = 0; some <= taken.size; some += some < 8 ? 1 : 28) {
        size_t whole = findings_of(prices_with_titles, some);
        size_t needed = findings_of(prices_when_needed, some);
        ck_assert_msg(whole == 0 || needed == 0, "%zu of %zu", some, taken.size);
        ck_assert_msg(whole == 0 || some == 0, "%zu of %zu are read and not wanted", some,
                      taken.size);
        told += whole + needed;
    }
    ck_assert_uint_gt(told, 4);
    taken_close("GET /", kinds, sizeof kinds);
}
END_TEST

/* Relations that are fetched for all rows and read for some. */
START_TEST(fetching_for_all_and_reading_for_each_are_never_both_wrong)
{
    char lazy[256], fetched[256];
    size_t told = 0;

    for (size_t some = 0; some <= 25; some = some < 6 ? some + 1 : some + 19) {
        for (int fetches = 0; fetches < 2; fetches++) {
            taken_open((size_t)_i, 25);
            taken_begin("GET /");
            publishers(ROWAN_LAZY_EACH, fetches == 1, some);
            rowan_scope_end(taken.scope);
            taken_close("GET /", fetches ? fetched : lazy, sizeof lazy);
        }
        ck_assert_msg(lazy[0] == '\0' || fetched[0] == '\0', "%zu: %s and %s", some, lazy, fetched);
        told += lazy[0] != '\0';
    }
    ck_assert_uint_gt(told, 0);
}
END_TEST

/* A transaction that waits, and the same with the wait outside of it. */
START_TEST(a_transaction_that_does_not_wait_any_more_is_neither_long_nor_a_loop)
{
    rowan_detector_options settings = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;

    settings.long_transaction_ms = 450;
    settings.idle_transaction_ms = 300;
    options.detector = &settings;
    taken.db = library_open((size_t)_i, &options);
    library_fill(taken.db, 25, TAKEN_PUBLISHERS, 4);
    for (int waits_outside = 0; waits_outside < 2; waits_outside++) {
        rowan_findings found;
        taken.scope = library_scope(taken.db);
        taken_ok(rowan_begin(taken.scope, NULL));
        taken_run("UPDATE book SET in_print = FALSE WHERE id = ?",
                  ROWAN_PARAMS(ROWAN_V((int64_t)LIBRARY_FIRST)));
        if (waits_outside) {
            taken_ok(rowan_commit(taken.scope));
        }
        nanosleep(&(struct timespec){.tv_nsec = 600000000}, NULL); /* a service far away */
        if (waits_outside) {
            taken_ok(rowan_begin(taken.scope, NULL));
        }
        taken_run("UPDATE book SET in_print = TRUE WHERE id = ?",
                  ROWAN_PARAMS(ROWAN_V((int64_t)LIBRARY_FIRST)));
        taken_ok(rowan_commit(taken.scope));
        taken_ok(rowan_scope_findings(taken.scope, &found));
        ck_assert_uint_eq(found.count > 0, !waits_outside);
        rowan_scope_end(taken.scope);
    }
    engine_close(taken.db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("advice that is taken");
    TCase *cures = tcase_create("taken");
    TCase *opposite = tcase_create("opposite");
    int engines = (int)engine_count();

    tcase_set_timeout(cures, 120);
    tcase_set_timeout(opposite, 120);
    tcase_add_loop_test(cures, advice_that_is_taken_is_the_end_of_it, 0, engines * ADVICE);
    tcase_add_loop_test(opposite, more_columns_and_fewer_are_never_both_wrong, 0, engines);
    tcase_add_loop_test(opposite, fetching_for_all_and_reading_for_each_are_never_both_wrong, 0,
                        engines);
    tcase_add_loop_test(
        opposite, a_transaction_that_does_not_wait_any_more_is_neither_long_nor_a_loop, 0, engines);
    suite_add_tcase(suite, cures);
    suite_add_tcase(suite, opposite);
    return suite_run(suite);
}
