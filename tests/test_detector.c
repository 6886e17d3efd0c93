/*
 * The detector on real databases: what programs write in each pattern, tempting and good, with
 * how many statements it sends and what is found. All on every engine, and with different
 * numbers of rows.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

enum {
    FIRST = LIBRARY_FIRST,
    FEW = 6,
    MANY = 90, /* more rows than are kept exactly */
    PUBLISHERS = 12
};

static const size_t sizes[] = {FEW, MANY};

static rowan_db *db;
static rowan_scope *scope;

static void begin(size_t engine, size_t books)
{
    db = library_open(engine, NULL);
    library_fill(db, books, PUBLISHERS, 4);
    scope = library_scope(db);
}

static void end(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static rowan_findings found(void)
{
    rowan_findings findings;

    library_ok(scope, rowan_scope_findings(scope, &findings));
    return findings;
}

/* The only finding; fails if there is none, or a second. */
static const rowan_finding *only(rowan_finding_kind kind, rowan_confidence confidence)
{
    rowan_findings findings = found();

    ck_assert_uint_eq(findings.count, 1);
    ck_assert_str_eq(rowan_finding_kind_name(findings.at[0].kind), rowan_finding_kind_name(kind));
    ck_assert_int_eq(findings.at[0].confidence, confidence);
    return &findings.at[0];
}

static library_book *all_books(rowan_lazy lazy, size_t *count)
{
    const rowan_query query = {
        .from = &library_book_table, .order_by = ROWAN_ORDER(ROWAN_ASC(BOOK.id)), .lazy = lazy};
    rowan_rows rows;

    library_ok(scope, rowan_record_all(scope, &query, &rows));
    *count = rows.count;
    return rows.at;
}

/* --- N+1, in each pattern. --- */

START_TEST(a_loop_of_raw_statements_is_an_n_plus_one)
{
    for (size_t k = 0; k < 2; k++) {
        rowan_rows books;
        void *publisher;
        begin((size_t)_i, sizes[k]);
        library_ok(scope, rowan_raw_all(scope, "SELECT id, publisher_id FROM book ORDER BY id",
                                        ROWAN_NO_PARAMS, &library_book_table, &books));
        int read_at = __LINE__ - 1, sent_at = 0;
        for (size_t i = 0; i < books.count; i++) {
            const library_book *book = &((const library_book *)books.at)[i];
            sent_at = __LINE__ + 1;
            library_ok(scope, rowan_raw_one(scope, "SELECT name FROM publisher WHERE id = ?",
                                            ROWAN_PARAMS(ROWAN_V(book->publisher_id.value)),
                                            &library_publisher_table, &publisher));
        }
        library_ok(scope, rowan_expect_statements(scope, sizes[k] + 1));
        const rowan_finding *finding = only(ROWAN_N_PLUS_ONE, ROWAN_CONFIRMED);
        ck_assert_uint_eq(finding->count, sizes[k]);
        ck_assert_uint_eq(finding->distinct, sizes[k] < PUBLISHERS ? sizes[k] : PUBLISHERS);
        ck_assert_str_eq(finding->child_column, "id");
        ck_assert_str_eq(finding->parent_column, "publisher_id");
        ck_assert_uint_eq(finding->parent_sequence, 1);
        ck_assert_ptr_nonnull(strstr(finding->site.file, "test_detector.c"));
        ck_assert_int_ge(finding->site.line, sent_at - 1);
        ck_assert_int_le(finding->site.line, sent_at + 2);
        ck_assert_int_ge(finding->parent_site.line, read_at - 1);
        ck_assert_int_le(finding->parent_site.line, read_at + 1);
        ck_assert_str_eq(finding->site.function, __func__);
        ck_assert_ptr_nonnull(strstr(finding->suggestion, "where id IN (?)"));
        ck_assert_int_gt(finding->total_ns, 0);
        bool has_server = !engine_is((size_t)_i, "sqlite");
        ck_assert_uint_ge(finding->round_trips, has_server ? sizes[k] : 0);
        ck_assert_uint_le(finding->round_trips, has_server ? sizes[k] + 1 : 0);
        ck_assert((strstr(finding->evidence, "round trips that one statement") != NULL) ==
                  has_server);
        end();
    }
}
END_TEST

/* Whatever is put aside on the way is there when one asks, at any turn and more than once. */
START_TEST(every_turn_of_a_loop_counts_whenever_one_asks)
{
    begin((size_t)_i, MANY);
    const rowan_query by_id = {.from = &library_book_table,
                               .order_by = ROWAN_ORDER(ROWAN_ASC(BOOK.id))};
    rowan_rows books;

    library_ok(scope, rowan_query_all(scope, &by_id, &books));
    ck_assert_uint_eq(books.count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        const library_book *book = &((const library_book *)books.at)[i];
        void *again;
        library_ok(scope,
                   rowan_raw_one(scope, "SELECT id, title FROM book WHERE id = ?",
                                 ROWAN_PARAMS(ROWAN_V(book->id)), &library_book_table, &again));
        if (i >= FEW) {
            const rowan_finding *finding = only(ROWAN_N_PLUS_ONE, ROWAN_CONFIRMED);
            ck_assert_uint_eq(finding->count, i + 1);
            ck_assert_uint_eq(finding->distinct, i + 1);
        }
    }
    library_ok(scope, rowan_expect_statements(scope, 1 + MANY));
    end();
}
END_TEST

START_TEST(active_record_with_one_statement_a_row_is_an_n_plus_one)
{
    for (size_t k = 0; k < 2; k++) {
        size_t count;
        void *publisher;
        begin((size_t)_i, sizes[k]);
        library_book *books = all_books(ROWAN_LAZY_EACH, &count);
        for (size_t i = 0; i < count; i++) {
            library_ok(scope,
                       rowan_record_one(scope, &library_book_publisher, &books[i], &publisher));
        }
        library_ok(scope, rowan_expect_statements(scope, sizes[k] + 1));
        const rowan_finding *finding = only(ROWAN_N_PLUS_ONE, ROWAN_CONFIRMED);
        ck_assert_int_eq(finding->pattern, ROWAN_PATTERN_ACTIVE_RECORD);
        ck_assert_str_eq(finding->relation, "publisher");
        ck_assert_str_eq(finding->parent_column, "publisher_id");
        ck_assert_ptr_nonnull(
            strstr(finding->suggestion, "ROWAN_FETCH(ROWAN_RELATED(&book_publisher_relation))"));
        ck_assert_ptr_nonnull(strstr(finding->suggestion, "ROWAN_LAZY_PEERS"));
        end();
    }
}
END_TEST

START_TEST(finding_records_in_a_loop_is_an_n_plus_one)
{
    size_t count;
    void *publisher;

    begin((size_t)_i, 20);
    library_book *books = all_books(ROWAN_LAZY_PEERS, &count);
    for (size_t i = 0; i < count; i++) {
        library_ok(scope, rowan_record_find(scope, &library_publisher_table,
                                            ROWAN_KEY(books[i].publisher_id.value), &publisher));
    }
    const rowan_finding *finding = only(ROWAN_N_PLUS_ONE, ROWAN_CONFIRMED);
    ck_assert_ptr_null(finding->relation);
    ck_assert_ptr_nonnull(strstr(finding->suggestion, "ROWAN_IN_VALUES(PUBLISHER.id"));
    end();
}
END_TEST

START_TEST(queries_of_the_builder_in_a_loop_are_an_n_plus_one)
{
    for (size_t k = 0; k < 2; k++) {
        rowan_rows publishers, books;
        begin((size_t)_i, sizes[k]);
        library_ok(scope, rowan_query_all(scope, &(rowan_query){.from = &library_publisher_table},
                                          &publishers));
        for (size_t i = 0; i < publishers.count; i++) {
            const library_publisher *one = &((const library_publisher *)publishers.at)[i];
            const rowan_query query = {.from = &library_book_table,
                                       .where = ROWAN_EQ(BOOK.publisher_id, one->id)};
            library_ok(scope, rowan_query_all(scope, &query, &books));
        }
        const rowan_finding *finding = only(ROWAN_N_PLUS_ONE, ROWAN_CONFIRMED);
        ck_assert_uint_eq(finding->count, PUBLISHERS);
        ck_assert_str_eq(finding->child_column, "publisher_id");
        ck_assert_str_eq(finding->parent_column, "id");
        ck_assert_ptr_nonnull(strstr(finding->suggestion, "ROWAN_IN_VALUES(BOOK.publisher_id"));
        end();
    }
}
END_TEST

START_TEST(finding_rows_of_a_session_in_a_loop_is_an_n_plus_one)
{
    rowan_session *session;
    rowan_refs books;
    void *publisher;

    begin((size_t)_i, 20);
    library_ok(scope, rowan_session_begin(scope, &session));
    library_ok(scope,
               rowan_session_all(session, &(rowan_query){.from = &library_book_table}, &books));
    for (size_t i = 0; i < books.count; i++) {
        const library_book *book = books.at[i];
        library_ok(scope, rowan_session_find(session, &library_publisher_table,
                                             ROWAN_KEY(book->publisher_id.value), &publisher));
    }
    const rowan_finding *finding = only(ROWAN_N_PLUS_ONE, ROWAN_CONFIRMED);
    ck_assert_int_eq(finding->pattern, ROWAN_PATTERN_DATA_MAPPER);
    ck_assert_uint_eq(finding->count, PUBLISHERS); /* the identity map has the rest */
    ck_assert_ptr_nonnull(strstr(finding->suggestion, "rowan_session_all()"));
    rowan_session_end(session);
    end();
}
END_TEST

START_TEST(the_rows_of_a_stream_can_be_the_parent)
{
    int64_t ids[MANY];
    size_t count = 0;
    rowan_stream *stream;
    void *row;

    begin((size_t)_i, MANY);
    library_ok(scope, rowan_raw_stream(scope, "SELECT id FROM book ORDER BY id", ROWAN_NO_PARAMS,
                                       &library_book_table, &stream));
    while (rowan_stream_next(stream, &row) == ROWAN_OK) {
        ids[count++] = ((const library_book *)row)->id;
    }
    rowan_stream_close(stream);
    ck_assert_uint_eq(count, MANY);
    for (size_t i = 0; i < count; i++) {
        library_ok(scope, rowan_raw_run(scope, "SELECT role FROM book_author WHERE book_id = :id",
                                        ROWAN_PARAMS(ROWAN_NAMED("id", ids[i])), NULL));
    }
    const rowan_finding *finding = only(ROWAN_N_PLUS_ONE, ROWAN_CONFIRMED);
    ck_assert_str_eq(finding->child_column, "book_id");
    ck_assert_str_eq(finding->parent_column, "id");
    end();
}
END_TEST

/* --- The other kinds. --- */

START_TEST(the_same_query_again_is_a_duplicate)
{
    rowan_rows rows;

    begin((size_t)_i, FEW);
    for (int i = 0; i < 4; i++) {
        library_ok(scope,
                   rowan_raw_all(scope, "SELECT name FROM publisher WHERE id = ?",
                                 ROWAN_PARAMS(ROWAN_V(FIRST)), &library_publisher_table, &rows));
    }
    const rowan_finding *finding = only(ROWAN_DUPLICATE_QUERY, ROWAN_CONFIRMED);
    ck_assert_uint_eq(finding->count, 4);
    ck_assert_uint_eq(finding->distinct, 1);
    end();
}
END_TEST

START_TEST(reading_again_after_a_write_is_no_duplicate)
{
    rowan_rows rows;

    begin((size_t)_i, FEW);
    for (int i = 0; i < 4; i++) {
        library_ok(scope,
                   rowan_raw_all(scope, "SELECT name FROM publisher WHERE id = ?",
                                 ROWAN_PARAMS(ROWAN_V(FIRST)), &library_publisher_table, &rows));
        library_ok(scope, rowan_raw_run(scope, "UPDATE publisher SET name = 'x' WHERE id = 1",
                                        ROWAN_NO_PARAMS, NULL));
    }
    library_ok(scope, rowan_expect_no_findings(scope));
    end();
}
END_TEST

START_TEST(single_writes_in_a_loop_are_found_and_many_at_once_are_not)
{
    rowan_value values[40];

    begin((size_t)_i, FEW);
    for (int64_t i = 0; i < 10; i++) {
        library_ok(scope, rowan_raw_run(scope, "INSERT INTO category (id, name) VALUES (?, ?)",
                                        ROWAN_PARAMS(ROWAN_V(9000 + i), ROWAN_V("x")), NULL));
    }
    const rowan_finding *finding = only(ROWAN_WRITE_LOOP, ROWAN_CONFIRMED);
    ck_assert_uint_eq(finding->count, 10);
    ck_assert_ptr_nonnull(strstr(finding->suggestion, "rowan_raw_run_many()"));
    rowan_scope_end(scope);

    scope = library_scope(db);
    for (int64_t i = 0; i < 20; i++) {
        values[2 * i] = rowan_v_int64(9500 + i);
        values[2 * i + 1] = rowan_v_text("y");
    }
    library_ok(scope, rowan_raw_run_many(scope, "INSERT INTO category (id, name) VALUES (?, ?)",
                                         values, 20, NULL));
    library_ok(scope, rowan_expect_no_findings(scope));
    end();
}
END_TEST

START_TEST(saving_records_one_by_one_is_a_write_loop_and_a_flush_is_not)
{
    rowan_session *session;
    rowan_refs refs;
    size_t count;

    begin((size_t)_i, 20);
    library_book *books = all_books(ROWAN_LAZY_PEERS, &count);
    for (size_t i = 0; i < count; i++) {
        books[i].price_cents += 1;
        library_ok(scope, rowan_record_save(scope, &books[i]));
    }
    ck_assert_ptr_nonnull(
        strstr(only(ROWAN_WRITE_LOOP, ROWAN_CONFIRMED)->suggestion, "rowan_record_save_all()"));
    rowan_scope_end(scope);

    scope = library_scope(db);
    library_ok(scope, rowan_session_begin(scope, &session));
    library_ok(scope,
               rowan_session_all(session, &(rowan_query){.from = &library_book_table}, &refs));
    for (size_t i = 0; i < refs.count; i++) {
        ((library_book *)refs.at[i])->price_cents += 1;
    }
    library_ok(scope, rowan_session_flush(session));
    library_ok(scope, rowan_expect_no_findings(scope));
    rowan_session_end(session);
    end();
}
END_TEST

START_TEST(walking_a_tree_node_by_node_is_recursive)
{
    rowan_value values[3 * 40];
    int64_t queue[64] = {9001};
    size_t head = 0, tail = 1;

    begin((size_t)_i, FEW);
    for (int64_t i = 0; i < 40; i++) { /* a tree of threes: node n is below n / 3 */
        values[3 * i] = rowan_v_int64(9001 + i);
        values[3 * i + 1] = i == 0 ? rowan_v_null() : rowan_v_int64(9001 + (i - 1) / 3);
        values[3 * i + 2] = rowan_v_text("x");
    }
    library_ok(scope, rowan_raw_run_many(
                          scope, "INSERT INTO category (id, parent_id, name) VALUES (?, ?, ?)",
                          values, 40, NULL));
    while (head < tail) {
        rowan_rows children;
        library_ok(scope, rowan_raw_all(scope, "SELECT id FROM category WHERE parent_id = ?",
                                        ROWAN_PARAMS(ROWAN_V(queue[head++])),
                                        &library_category_table, &children));
        for (size_t i = 0; i < children.count; i++) {
            queue[tail++] = ((const library_category *)children.at)[i].id;
        }
    }
    ck_assert_uint_eq(tail, 40);
    const rowan_finding *finding = only(ROWAN_RECURSIVE_WALK, ROWAN_CONFIRMED);
    ck_assert_uint_eq(finding->count, 40);
    ck_assert_str_eq(finding->parent_column, "id");
    ck_assert_ptr_nonnull(strstr(finding->suggestion, "WITH RECURSIVE that joins on parent_id"));
    end();
}
END_TEST

START_TEST(a_statement_over_the_threshold_is_slow)
{
    rowan_detector_options settings = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    static const char *const endless[] = {
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 300000) "
        "SELECT count(*) FROM c",
        "SELECT count(*) FROM seq_1_to_3000000 WHERE md5(seq) LIKE '%zz'"};

    settings.slow_ms = 5;
    options.detector = &settings;
    db = library_open((size_t)_i, &options);
    scope = library_scope(db);
    library_ok(scope, rowan_raw_run(scope, endless[engine_is((size_t)_i, "mariadb")],
                                    ROWAN_NO_PARAMS, NULL));
    ck_assert_int_ge(only(ROWAN_SLOW_QUERY, ROWAN_CONFIRMED)->total_ns, 5000000);
    end();
}
END_TEST

/* --- Silence. --- */

START_TEST(the_good_ways_are_silent)
{
    size_t count;
    void *publisher;
    rowan_rows rows;

    for (size_t k = 0; k < 2; k++) {
        begin((size_t)_i, sizes[k]);
        library_book *books = all_books(ROWAN_LAZY_PEERS, &count);
        rowan_value *ids = rowan_scope_alloc(scope, count * sizeof *ids);
        for (size_t i = 0; i < count; i++) {
            library_ok(scope,
                       rowan_record_one(scope, &library_book_publisher, &books[i], &publisher));
            ids[i] = rowan_v_int64(books[i].id);
        }
        library_ok(scope, rowan_expect_statements(scope, 2));
        library_ok(scope, rowan_raw_all(scope, "SELECT id, title FROM book WHERE id IN (?)",
                                        ROWAN_PARAMS(rowan_v_list(ids, count)), &library_book_table,
                                        &rows));
        const rowan_query fetching = {.from = &library_book_table,
                                      .fetch = ROWAN_FETCH(ROWAN_RELATED(&library_book_publisher),
                                                           ROWAN_RELATED(&library_book_authors))};
        library_ok(scope, rowan_query_all(scope, &fetching, &rows));
        library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, rows.at, &publisher));
        library_ok(scope, rowan_loaded_many(scope, &library_book_authors, rows.at, &rows));
        library_ok(scope, rowan_expect_no_findings(scope));
        end();
    }
}
END_TEST

START_TEST(paging_is_silent)
{
    rowan_rows rows;
    int64_t last = 0;

    begin((size_t)_i, MANY);
    for (int page = 0; page < 9; page++) {
        library_ok(scope,
                   rowan_raw_all(scope, "SELECT id FROM book ORDER BY id LIMIT 10 OFFSET ?",
                                 ROWAN_PARAMS(ROWAN_V(10 * page)), &library_book_table, &rows));
        ck_assert_uint_eq(rows.count, 10);
        const rowan_query next = {.from = &library_book_table,
                                  .where = ROWAN_GT(BOOK.id, last),
                                  .order_by = ROWAN_ORDER(ROWAN_ASC(BOOK.id)),
                                  .limit = 10};
        library_ok(scope, rowan_query_all(scope, &next, &rows));
        last = ((const library_book *)rows.at)[rows.count - 1].id;
    }
    library_ok(scope, rowan_expect_no_findings(scope));
    end();
}
END_TEST

START_TEST(one_owner_with_its_children_is_silent)
{
    void *publisher;
    rowan_rows books;

    begin((size_t)_i, MANY);
    library_ok(scope,
               rowan_record_find(scope, &library_publisher_table, ROWAN_KEY(FIRST), &publisher));
    library_ok(scope, rowan_record_many(scope, &library_publisher_books, publisher, &books));
    ck_assert_uint_gt(books.count, 5);
    library_ok(scope, rowan_expect_statements(scope, 2));
    library_ok(scope, rowan_expect_no_findings(scope));
    end();
}
END_TEST

START_TEST(scopes_are_judged_apart)
{
    void *publisher;

    db = library_open((size_t)_i, NULL);
    library_fill(db, FEW, PUBLISHERS, 4);
    for (int64_t i = 0; i < 8; i++) {
        scope = library_scope(db);
        library_ok(scope, rowan_record_find(scope, &library_publisher_table, ROWAN_KEY(FIRST + i),
                                            &publisher));
        library_ok(scope, rowan_expect_no_findings(scope));
        rowan_scope_end(scope);
    }
    engine_close(db);
}
END_TEST

/* --- What programs ask. --- */

typedef struct report {
    size_t calls, findings;
    char scope_name[32];
    char text[1024];
} report;

static void on_findings(void *context, const char *scope_name, const rowan_findings *findings)
{
    report *self = context;

    self->calls++;
    self->findings = findings->count;
    snprintf(self->scope_name, sizeof self->scope_name, "%s", scope_name);
    rowan_finding_text(&findings->at[0], self->text, sizeof self->text);
}

static void ask_for_each(int count)
{
    void *publisher;

    for (int64_t i = 0; i < count; i++) {
        library_ok(scope, rowan_record_find(scope, &library_publisher_table, ROWAN_KEY(FIRST + i),
                                            &publisher));
    }
}

START_TEST(settings_hold_and_findings_are_reported_when_a_scope_ends)
{
    report reported = {0};
    rowan_detector_options settings = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_error error;

    settings.n_plus_one_min = 8;
    settings.on_findings = on_findings;
    settings.context = &reported;
    options.detector = &settings;
    db = library_open((size_t)_i, &options);
    library_fill(db, FEW, PUBLISHERS, 4);
    reported.calls = 0;
    for (int count = 7; count <= 8; count++) {
        ck_assert_int_eq(rowan_scope_begin(db, "GET /publishers", &scope, &error), ROWAN_OK);
        ask_for_each(count);
        rowan_scope_end(scope);
        ck_assert_uint_eq(reported.calls, count == 8);
    }
    ck_assert_uint_eq(reported.findings, 1);
    ck_assert_str_eq(reported.scope_name, "GET /publishers");
    ck_assert_ptr_nonnull(strstr(reported.text, "N+1 likely: 8 x select "));
    engine_close(db);
}
END_TEST

START_TEST(expectations_say_what_they_found_instead)
{
    begin((size_t)_i, FEW);
    library_ok(scope, rowan_expect_statements(scope, 0));
    library_ok(scope, rowan_expect_no_findings(scope));
    library_ok(scope, rowan_begin(scope, NULL));
    ask_for_each(6);
    library_ok(scope, rowan_commit(scope));
    library_ok(scope, rowan_expect_statements(scope, 6)); /* BEGIN and COMMIT are not the
                                                             program's */
    ck_assert_int_eq(rowan_expect_statements(scope, 7), ROWAN_UNEXPECTED);
    ck_assert_str_eq(rowan_scope_error(scope)->message,
                     "expected 7 statements, but the scope has sent 6");
    ck_assert_int_eq(rowan_scope_error(scope)->status, ROWAN_UNEXPECTED);
    ck_assert_int_eq(rowan_expect_no_findings(scope), ROWAN_UNEXPECTED);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "1 finding; the first: "));
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "n_plus_one, 6 x select "));
    end();
}
END_TEST

START_TEST(without_a_detector_nothing_is_found)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.no_detector = true;
    db = library_open((size_t)_i, &options);
    library_fill(db, FEW, PUBLISHERS, 4);
    scope = library_scope(db);
    ask_for_each(10);
    ck_assert_uint_eq(found().count, 0);
    library_ok(scope, rowan_expect_no_findings(scope));
    library_ok(scope, rowan_expect_statements(scope, 10));
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector");
    TCase *tc = tcase_create("detector");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_loop_of_raw_statements_is_an_n_plus_one, 0, engines);
    tcase_add_loop_test(tc, every_turn_of_a_loop_counts_whenever_one_asks, 0, engines);
    tcase_add_loop_test(tc, active_record_with_one_statement_a_row_is_an_n_plus_one, 0, engines);
    tcase_add_loop_test(tc, finding_records_in_a_loop_is_an_n_plus_one, 0, engines);
    tcase_add_loop_test(tc, queries_of_the_builder_in_a_loop_are_an_n_plus_one, 0, engines);
    tcase_add_loop_test(tc, finding_rows_of_a_session_in_a_loop_is_an_n_plus_one, 0, engines);
    tcase_add_loop_test(tc, the_rows_of_a_stream_can_be_the_parent, 0, engines);
    tcase_add_loop_test(tc, the_same_query_again_is_a_duplicate, 0, engines);
    tcase_add_loop_test(tc, reading_again_after_a_write_is_no_duplicate, 0, engines);
    tcase_add_loop_test(tc, single_writes_in_a_loop_are_found_and_many_at_once_are_not, 0, engines);
    tcase_add_loop_test(tc, saving_records_one_by_one_is_a_write_loop_and_a_flush_is_not, 0,
                        engines);
    tcase_add_loop_test(tc, walking_a_tree_node_by_node_is_recursive, 0, engines);
    tcase_add_loop_test(tc, a_statement_over_the_threshold_is_slow, 0, engines);
    tcase_add_loop_test(tc, the_good_ways_are_silent, 0, engines);
    tcase_add_loop_test(tc, paging_is_silent, 0, engines);
    tcase_add_loop_test(tc, one_owner_with_its_children_is_silent, 0, engines);
    tcase_add_loop_test(tc, scopes_are_judged_apart, 0, engines);
    tcase_add_loop_test(tc, settings_hold_and_findings_are_reported_when_a_scope_ends, 0, engines);
    tcase_add_loop_test(tc, expectations_say_what_they_found_instead, 0, engines);
    tcase_add_loop_test(tc, without_a_detector_nothing_is_found, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
