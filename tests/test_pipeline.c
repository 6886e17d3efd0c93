/*
 * Several reads that are sent at once: each gives what it gives alone, whatever goes along with it,
 * and together they take one round trip where the engine has pipelines.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/relay.h"
#include "support/suite.h"

enum { BOOKS = 40, PUBLISHERS = 4, AUTHORS = 6, MOST = 1500 };

static rowan_db *db;
static rowan_scope *scope;

static void begin_with(size_t engine, const rowan_options *options)
{
    db = library_open(engine, options);
    library_fill(db, BOOKS, PUBLISHERS, AUTHORS);
    scope = library_scope(db);
}

static void begin(int engine)
{
    begin_with((size_t)engine, NULL);
}

static void end(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

/* --- Reads of every kind. --- */

typedef struct titled {
    const char *title;
    rowan_opt_text subtitle;
} titled;

static const rowan_table titled_shape;
static const rowan_column titled_columns[] = {
    ROWAN_COLUMN(titled_shape, titled, title, 0),
    ROWAN_OPT_COLUMN(titled_shape, titled, subtitle, 0),
};
static const rowan_table titled_shape = ROWAN_SHAPE(titled, titled_columns);

enum { KINDS = 8 };

/* What the reads of a test borrow. */
typedef struct material {
    rowan_value values[MOST][3];
    rowan_expr conditions[MOST];
    rowan_raw_read reads[MOST];
    rowan_query queries[MOST];
    rowan_order by_book[2], by_author[2]; /* with the end of the list */
    rowan_rows out[MOST];
} material;

static material *have;

/* Text i of a kind, with up to three rows of values. */
static void make_read(size_t i, size_t kind, int64_t n)
{
    static const char *const texts[KINDS] = {
        "SELECT * FROM book WHERE price_cents < ? ORDER BY id",
        "SELECT id, name FROM author WHERE id >= :first AND id < :first + :count ORDER BY id",
        "SELECT title, subtitle FROM book WHERE id IN (?) ORDER BY id",
        "SELECT * FROM publisher WHERE id = ?",
        "SELECT title, subtitle FROM book WHERE title = ?",
        "SELECT id, name FROM author ORDER BY id",
        "SELECT * FROM book WHERE id = ? AND title <> ?",
        "SELECT * FROM book WHERE publisher_id = ? AND price_cents > ? ORDER BY id",
    };
    static const rowan_table *const shapes[KINDS] = {
        &library_book_table, &library_author_table, &titled_shape,       &library_publisher_table,
        &titled_shape,       &library_author_table, &library_book_table, &library_book_table};
    static rowan_value keys[BOOKS];
    rowan_value *v = have->values[i];
    size_t count = kind == 5 ? 0 : kind == 1 || kind > 5 ? 2 : 1;

    for (size_t k = 0; k < BOOKS; k++) {
        keys[k] = V((int64_t)(LIBRARY_FIRST + k));
    }
    v[0] = V(kind == 0 ? n : LIBRARY_FIRST + n);
    v[1] = V(n);
    if (kind == 1) {
        v[0].name = "first";
        v[1].name = "count";
    } else if (kind == 2) {
        v[0] = rowan_v_list(keys, (size_t)n); /* also none */
    } else if (kind == 4) {
        v[0] = n % 2 == 0 ? rowan_v_null() : V("Book 3");
    } else if (kind == 6) {
        v[1] = V("none");
    } else if (kind == 7) {
        v[0] = V(LIBRARY_FIRST + n % PUBLISHERS);
    }
    have->reads[i] =
        (rowan_raw_read){.sql = texts[kind], .params = {v, count}, .shape = shapes[kind]};
}

static void check_text(const char *a, const char *b)
{
    ck_assert_int_eq(a == NULL, b == NULL);
    if (a != NULL) {
        ck_assert_str_eq(a, b);
    }
}

/* Whether two results hold the same. */
static void check_same(const rowan_table *table, const rowan_rows *a, const rowan_rows *b)
{
    ck_assert_uint_eq(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        if (table == &library_book_table) {
            const library_book *x = (const library_book *)a->at + i;
            const library_book *y = (const library_book *)b->at + i;
            ck_assert_int_eq(x->id, y->id);
            ck_assert_int_eq(x->price_cents, y->price_cents);
            ck_assert_int_eq(x->publisher_id.value, y->publisher_id.value);
            check_text(x->title, y->title);
        } else if (table == &titled_shape) {
            const titled *x = (const titled *)a->at + i, *y = (const titled *)b->at + i;
            check_text(x->title, y->title);
            ck_assert_int_eq(x->subtitle.has, y->subtitle.has);
        } else if (table == &library_author_table) {
            const library_author *x = (const library_author *)a->at + i;
            const library_author *y = (const library_author *)b->at + i;
            ck_assert_int_eq(x->id, y->id);
            check_text(x->name, y->name);
        } else {
            const library_publisher *x = (const library_publisher *)a->at + i;
            const library_publisher *y = (const library_publisher *)b->at + i;
            ck_assert_int_eq(x->id, y->id);
            check_text(x->name, y->name);
        }
    }
}

/* Every read alone gives what it gave in the pipeline. */
static void check_reads(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const rowan_raw_read *read = &have->reads[i];
        rowan_rows alone;
        library_ok(scope, rowan_raw_all(scope, read->sql, read->params, read->shape, &alone));
        check_same(read->shape, &have->out[i], &alone);
    }
}

static const size_t sizes[] = {0, 1, 2, 5, 70, MOST};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

START_TEST(each_read_of_one_text_gives_what_it_gives_alone)
{
    begin(_i);
    for (size_t s = 0; s < SIZES; s++) {
        for (size_t i = 0; i < sizes[s]; i++) {
            make_read(i, 0, (int64_t)(i % (BOOKS + 2)));
        }
        library_ok(scope, rowan_raw_pipeline(scope, have->reads, sizes[s], have->out));
        check_reads(sizes[s]);
        for (size_t i = 0; i < sizes[s]; i++) {
            size_t wanted = i % (BOOKS + 2); /* prices are 0, 1, 2 … */
            ck_assert_uint_eq(have->out[i].count, wanted < BOOKS ? wanted : BOOKS);
        }
    }
    end();
}
END_TEST

START_TEST(reads_of_all_kinds_may_go_together)
{
    uint64_t seed = 7;

    begin(_i);
    for (size_t s = 0; s < SIZES; s++) {
        for (size_t i = 0; i < sizes[s]; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            make_read(i, seed >> 33 & (KINDS - 1), (int64_t)(seed >> 40 & 31));
        }
        library_ok(scope, rowan_raw_pipeline(scope, have->reads, sizes[s], have->out));
        check_reads(sizes[s]);
    }
    end();
}
END_TEST

/* Query i, of a table that depends on it; it gives `i % 7` rows or fewer. */
static void make_query(size_t i)
{
    bool is_book = i % 3 != 2;

    memcpy(have->by_book, ORDER(ASC(BOOK.id)), sizeof have->by_book);
    memcpy(have->by_author, ORDER(ASC(AUTHOR.id)), sizeof have->by_author);
    have->conditions[i] = is_book ? *LT(BOOK.id, LIBRARY_FIRST + (int64_t)(i % 7))
                                  : *LT(AUTHOR.id, LIBRARY_FIRST + (int64_t)(i % 7));
    have->queries[i] = (rowan_query){.from = is_book ? &library_book_table : &library_author_table,
                                     .where = i % 11 == 10 ? NULL : &have->conditions[i],
                                     .order_by = is_book ? have->by_book : have->by_author,
                                     .limit = i % 5 == 4 ? 2 : 0};
}

START_TEST(each_query_gives_what_it_gives_alone)
{
    begin(_i);
    for (size_t s = 0; s < SIZES; s++) {
        for (size_t i = 0; i < sizes[s]; i++) {
            make_query(i);
        }
        library_ok(scope, rowan_query_pipeline(scope, have->queries, sizes[s], have->out));
        for (size_t i = 0; i < sizes[s]; i++) {
            rowan_rows alone;
            library_ok(scope, rowan_query_all(scope, &have->queries[i], &alone));
            check_same(have->queries[i].from, &have->out[i], &alone);
            ck_assert_uint_le(have->out[i].count, i % 11 == 10 ? BOOKS : i % 7);
        }
    }
    end();
}
END_TEST

START_TEST(more_texts_than_are_kept_may_go_together)
{
    enum { TEXTS = 70 };
    static char texts[TEXTS][120];
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.statement_cache = 4;
    begin_with((size_t)_i, &options);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < TEXTS; i++) {
            rowan_value *v = have->values[i];
            snprintf(texts[i], sizeof texts[i],
                     "SELECT id, name FROM author WHERE id > :low AND id < :low + 4 AND %zu > 0 "
                     "ORDER BY id",
                     i + 1);
            v[0] = V(LIBRARY_FIRST + (int64_t)(i % 3));
            v[0].name = "low";
            have->reads[i] =
                (rowan_raw_read){.sql = texts[i], .params = {v, 1}, .shape = &library_author_table};
        }
        library_ok(scope, rowan_raw_pipeline(scope, have->reads, TEXTS, have->out));
        for (size_t i = 0; i < TEXTS; i++) {
            size_t left = AUTHORS - 1 - i % 3;
            ck_assert_uint_eq(have->out[i].count, left < 3 ? left : 3);
        }
        check_reads(TEXTS);
    }
    end();
}
END_TEST

START_TEST(lists_that_no_statement_is_kept_for_may_go_together)
{
    enum { LISTS = 6 };
    size_t lengths[LISTS] = {0, 3, 900, 0, 1200, 1};
    static rowan_value keys[1200];

    begin(_i);
    for (size_t i = 0; i < 1200; i++) {
        keys[i] = V(LIBRARY_FIRST + (int64_t)i);
    }
    for (size_t i = 0; i < LISTS; i++) {
        have->values[i][0] = rowan_v_list(keys, lengths[i]);
        have->reads[i] = (rowan_raw_read){.sql = "SELECT * FROM book WHERE id IN (?)",
                                          .params = {have->values[i], 1},
                                          .shape = &library_book_table};
        have->queries[i] =
            (rowan_query){.from = &library_book_table, .where = &have->conditions[i]};
        have->conditions[i] = *IN_VALUES(BOOK.id, keys, lengths[i]);
    }
    library_ok(scope, rowan_raw_pipeline(scope, have->reads, LISTS, have->out));
    for (size_t i = 0; i < LISTS; i++) {
        ck_assert_uint_eq(have->out[i].count, lengths[i] < BOOKS ? lengths[i] : BOOKS);
    }
    library_ok(scope, rowan_query_pipeline(scope, have->queries, LISTS, have->out));
    for (size_t i = 0; i < LISTS; i++) {
        ck_assert_uint_eq(have->out[i].count, lengths[i] < BOOKS ? lengths[i] : BOOKS);
    }
    end();
}
END_TEST

/* --- What is sent. --- */

START_TEST(they_are_so_many_statements_and_one_round_trip_where_the_engine_can)
{
    begin(_i);
    for (size_t s = 0; s < SIZES; s++) {
        size_t count = sizes[s];
        uint64_t trips = engine_is((size_t)_i, "sqlite")       ? 0
                         : engine_is((size_t)_i, "postgresql") ? count > 0
                                                               : count;
        for (size_t i = 0; i < count; i++) {
            make_read(i, i % 2 * 3, (int64_t)(i % BOOKS));
            make_query(i);
        }
        for (int round = 0; round < 2; round++) { /* in the first one they are prepared */
            rowan_counts before = rowan_scope_counts(scope);
            library_ok(scope, rowan_raw_pipeline(scope, have->reads, count, have->out));
            library_ok(scope, rowan_query_pipeline(scope, have->queries, count, have->out));
            rowan_counts after = rowan_scope_counts(scope);
            ck_assert_uint_eq(after.statements - before.statements, 2 * count);
            uint64_t prepared = after.cache_misses - before.cache_misses;
            ck_assert_uint_eq(after.cache_hits - before.cache_hits, 2 * count - prepared);
            if (!engine_is((size_t)_i, "sqlite")) {
                ck_assert_uint_eq(after.round_trips - before.round_trips, 2 * trips + prepared);
            }
            ck_assert(round == 0 || prepared == 0);
        }
    }
    end();
}
END_TEST

START_TEST(round_trips_are_as_a_witness_counts_them)
{
    enum { READS = 70 };
    char through[1024];
    const char *url = engine_url_new((size_t)_i);
    relay *witness = relay_start(url, through, sizeof through);

    ck_assert_ptr_nonnull(witness);
    db = engine_open_url(through, NULL);
    library_create(db, (size_t)_i);
    library_fill(db, BOOKS, PUBLISHERS, AUTHORS);
    scope = library_scope(db);
    for (size_t i = 0; i < READS; i++) {
        make_read(i, i % KINDS == 2 ? 0 : i % KINDS, (int64_t)(i % BOOKS));
    }
    library_ok(scope, rowan_raw_pipeline(scope, have->reads, READS, have->out));
    relay_reset(witness);
    uint64_t before = rowan_scope_counts(scope).round_trips;
    library_ok(scope, rowan_raw_pipeline(scope, have->reads, READS, have->out));
    uint64_t counted = rowan_scope_counts(scope).round_trips - before;
    ck_assert_uint_eq(counted, engine_is((size_t)_i, "postgresql") ? 1 : READS);
    ck_assert_uint_eq(relay_count(witness).turns, counted);
    rowan_scope_end(scope);
    rowan_close(db);
    relay_stop(witness);
    engine_url_drop(url);
}
END_TEST

START_TEST(more_than_the_sockets_hold_goes_both_ways)
{
    enum { LONG = 6000 };
    static char text[LONG + 1];
    const char *sql = engine_is((size_t)_i, "mariadb")
                          ? "SELECT CAST(? AS CHAR) AS title, NULL AS subtitle"
                          : "SELECT CAST(? AS text) AS title, NULL AS subtitle";

    memset(text, 'x', LONG);
    begin(_i);
    for (size_t i = 0; i < MOST; i++) {
        have->values[i][0] = rowan_v_text(text);
        have->reads[i] =
            (rowan_raw_read){.sql = sql, .params = {have->values[i], 1}, .shape = &titled_shape};
    }
    for (int round = 0; round < 2; round++) {
        rowan_scope_deadline(scope, round == 0 ? 0 : 60000); /* which is watched at every wait */
        library_ok(scope, rowan_raw_pipeline(scope, have->reads, MOST, have->out));
        for (size_t i = 0; i < MOST; i++) {
            ck_assert_uint_eq(have->out[i].count, 1);
            ck_assert_str_eq(((const titled *)have->out[i].at)->title, text);
        }
    }
    end();
}
END_TEST

/* What a subscriber was told of the statements of a pipeline. */
static struct told {
    size_t count;
    uint64_t sequence, trips, rows;
    int line;
    bool listens;
} told;

static void hear(void *context, const rowan_event *event)
{
    if (!told.listens || event->kind != ROWAN_EVENT_STATEMENT) {
        return;
    }
    told.count++;
    ck_assert_ptr_null(event->error);
    ck_assert(event->sequence > told.sequence);
    ck_assert_uint_eq(event->statements, 1);
    ck_assert_uint_eq(event->param_count, 1);
    ck_assert_int_ge(event->elapsed_ns, 0);
    ck_assert_ptr_nonnull(context);
    told.sequence = event->sequence;
    told.trips += event->round_trips;
    told.rows += event->rows;
    told.line = event->site.line;
}

START_TEST(each_statement_is_an_event_of_the_line_that_asked)
{
    rowan_subscriber subscriber = {.on_event = hear,
                                   .context = &told,
                                   .wants_times = true,
                                   .wants_layers = true,
                                   .wants_rows = true};
    rowan_subscriber *subscribers[] = {&subscriber};
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.subscribers = subscribers;
    options.subscriber_count = 1;
    begin_with((size_t)_i, &options);
    for (size_t i = 0; i < 70; i++) {
        make_read(i, 0, 3);
    }
    library_ok(scope, rowan_raw_pipeline(scope, have->reads, 70, have->out));
    told = (struct told){.listens = true};
    int line = __LINE__ + 1;
    library_ok(scope, rowan_raw_pipeline(scope, have->reads, 70, have->out));
    told.listens = false;
    ck_assert_uint_eq(told.count, 70);
    ck_assert_uint_eq(told.rows, 70 * 3);
    ck_assert_int_eq(told.line, line);
    ck_assert_uint_eq(told.trips, engine_is((size_t)_i, "sqlite")       ? 0
                                  : engine_is((size_t)_i, "postgresql") ? 1
                                                                        : 70);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_query_for_each_row_is_found_though_they_go_at_once)
{
    rowan_findings findings;
    rowan_rows books;
    size_t found = 0;

    begin(_i);
    library_ok(scope, rowan_raw_all(scope, "SELECT * FROM book ORDER BY id", NO_PARAMS,
                                    &library_book_table, &books));
    for (size_t i = 0; i < books.count; i++) {
        const library_book *book = (const library_book *)books.at + i;
        have->values[i][0] = V(book->id);
        have->reads[i] = (rowan_raw_read){
            .sql = "SELECT b.title, b.subtitle FROM book_author a JOIN book b ON b.id = a.book_id "
                   "WHERE a.book_id = ?",
            .params = {have->values[i], 1},
            .shape = &titled_shape};
    }
    library_ok(scope, rowan_raw_pipeline(scope, have->reads, books.count, have->out));
    library_ok(scope, rowan_scope_findings(scope, &findings));
    for (size_t i = 0; i < findings.count; i++) {
        if (findings.at[i].kind == ROWAN_N_PLUS_ONE) {
            found++;
            ck_assert_uint_eq(findings.at[i].count, books.count);
            /* What a trip takes is known where each of them is one. */
            ck_assert((strstr(findings.at[i].evidence, "round trips that one") != NULL) ==
                      engine_is((size_t)_i, "mariadb"));
        }
    }
    ck_assert_uint_eq(found, 1);
    end();
}
END_TEST

/* --- What comes back. --- */

START_TEST(rows_of_tables_are_records)
{
    begin(_i);
    for (size_t i = 0; i < 3; i++) {
        make_read(i, 6, (int64_t)i);
    }
    library_ok(scope, rowan_raw_pipeline(scope, have->reads, 3, have->out));
    for (size_t i = 0; i < 3; i++) {
        library_book *book = have->out[i].at;
        ck_assert_uint_eq(have->out[i].count, 1);
        book->price_cents = 1000 + (int32_t)i;
        library_ok(scope, rowan_record_save(scope, book));
    }
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE price_cents >= 1000"), 3);
    end();
}
END_TEST

START_TEST(a_loop_of_marks_keeps_memory_flat)
{
    begin(_i);
    for (size_t i = 0; i < 300; i++) {
        make_query(i);
    }
    for (int round = 0; round < 20; round++) {
        rowan_mark mark = rowan_scope_mark(scope);
        library_ok(scope, rowan_query_pipeline(scope, have->queries, 300, have->out));
        ck_assert_uint_eq(have->out[6].count, 6);
        library_ok(scope, rowan_scope_rewind(scope, mark));
    }
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pipelines");
    TCase *tc = tcase_create("pipelines");
    int engines = (int)engine_count();
    int first = engine_is(0, "sqlite") ? 1 : 0; /* it makes no round trips */

    have = calloc(1, sizeof *have);
    if (have == NULL) {
        return EXIT_FAILURE;
    }
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, each_read_of_one_text_gives_what_it_gives_alone, 0, engines);
    tcase_add_loop_test(tc, reads_of_all_kinds_may_go_together, 0, engines);
    tcase_add_loop_test(tc, each_query_gives_what_it_gives_alone, 0, engines);
    tcase_add_loop_test(tc, more_texts_than_are_kept_may_go_together, 0, engines);
    tcase_add_loop_test(tc, lists_that_no_statement_is_kept_for_may_go_together, 0, engines);
    tcase_add_loop_test(tc, they_are_so_many_statements_and_one_round_trip_where_the_engine_can, 0,
                        engines);
    tcase_add_loop_test(tc, round_trips_are_as_a_witness_counts_them, first, engines);
    tcase_add_loop_test(tc, more_than_the_sockets_hold_goes_both_ways, 0, engines);
    tcase_add_loop_test(tc, each_statement_is_an_event_of_the_line_that_asked, 0, engines);
    tcase_add_loop_test(tc, a_query_for_each_row_is_found_though_they_go_at_once, 0, engines);
    tcase_add_loop_test(tc, rows_of_tables_are_records, 0, engines);
    tcase_add_loop_test(tc, a_loop_of_marks_keeps_memory_flat, 0, engines);
    suite_add_tcase(suite, tc);
    int status = suite_run(suite);
    free(have);
    return status;
}
