/*
 * What is counted: scopes add up to their database, number by number, and a statement is found
 * prepared exactly if it is among those that were used last.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archived.h"
#include "support/suite.h"

/* --- Sums. --- */

enum { NUMBERS = sizeof(rowan_counts) / sizeof(uint64_t) };

_Static_assert(sizeof(uint64_t) * NUMBERS == sizeof(rowan_counts), "counts are nothing else");

/* The counts as an array, so that none is forgotten. */
typedef union numbers {
    rowan_counts counts;
    uint64_t each[NUMBERS];
} numbers;

static void on_event(void *context, const rowan_event *event)
{
    (void)context;
    (void)event;
}

static void add_genres(size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ok(rowan_raw_run(scope, "INSERT INTO genre (id, name) VALUES (?, ?)",
                         ROWAN_PARAMS(ROWAN_V((int64_t)(first + i)), ROWAN_V("a genre")), NULL));
    }
}

/* So many genres in a transaction, a look at all of them, and a statement that fails. */
static rowan_counts work_in_a_scope(size_t first, size_t count)
{
    rowan_rows rows;
    rowan_counts counts;

    ck_assert_int_eq(rowan_scope_begin(db, "summed", &scope, NULL), ROWAN_OK);
    ok(rowan_begin(scope, NULL));
    add_genres(first, count);
    ok(rowan_commit(scope));
    ok(rowan_query_all(
        scope, &(rowan_query){.from = &genre_table, .where = GE(GENRE.id, (int64_t)first)}, &rows));
    ck_assert_uint_eq(rows.count, count);
    rowan_status status =
        rowan_raw_run(scope, "INSERT INTO genre (id, name) VALUES (?, ?)",
                      ROWAN_PARAMS(ROWAN_V((int64_t)first), ROWAN_V("twice")), NULL);
    ck_assert_int_eq(status, ROWAN_UNIQUE);
    counts = rowan_scope_counts(scope);
    ck_assert_uint_eq(counts.statements, count + 4);
    ck_assert_uint_eq(counts.transactions, 2);
    ck_assert_uint_eq(counts.setups, 0);
    ck_assert_uint_eq(counts.rows, count);
    ck_assert_uint_eq(counts.affected, count);
    rowan_scope_end(scope);
    scope = NULL;
    return counts;
}

START_TEST(scopes_add_up_to_their_database_number_by_number)
{
    rowan_subscriber watcher = {.on_event = on_event, .wants_layers = true};
    rowan_subscriber *const watchers[] = {&watcher};
    rowan_options options = ROWAN_OPTIONS_INIT;
    numbers before, after, sum = {.each = {0}};

    options.max_open = 1; /* one connection, which is there */
    options.subscribers = watchers;
    options.subscriber_count = 1;
    open_with(_i, &options);
    rowan_scope_end(scope);
    before.counts = rowan_db_counts(db);
    for (size_t i = 0, first = 1; i < 4; first += ++i) {
        numbers of_scope = {.counts = work_in_a_scope(first, i + 1)};
        for (size_t k = 0; k < NUMBERS; k++) {
            sum.each[k] += of_scope.each[k];
        }
    }
    after.counts = rowan_db_counts(db);
    for (size_t k = 0; k < NUMBERS; k++) {
        ck_assert_msg(after.each[k] - before.each[k] == sum.each[k], "number %zu: %llu and %llu", k,
                      (unsigned long long)(after.each[k] - before.each[k]),
                      (unsigned long long)sum.each[k]);
    }
    bool is_server = !engine_is((size_t)_i, "sqlite");
    ck_assert((sum.counts.round_trips > 0) == is_server);
    ck_assert_uint_gt(sum.counts.bytes_sent, 0);
    ck_assert_uint_gt(sum.counts.bytes_received, 0);
    ck_assert_int_gt(sum.counts.driver_ns, 0);
    ck_assert_int_gt(sum.counts.database_ns, 0);
    engine_close(db);
}
END_TEST

START_TEST(a_scope_counts_for_its_database_when_it_ends)
{
    open_with(_i, NULL);
    rowan_counts before = rowan_db_counts(db);
    add_genres(1, 3);
    rowan_counts still = rowan_db_counts(db);
    ck_assert_uint_eq(still.statements - still.setups, before.statements - before.setups);
    rowan_scope_end(scope);
    rowan_counts after = rowan_db_counts(db);
    ck_assert_uint_eq(after.statements - after.setups, before.statements - before.setups + 3);
    engine_close(db);
}
END_TEST

/* Rows of a stream count as they are read, those that nobody takes from a batch as well. */
START_TEST(a_stream_counts_what_crossed_the_driver)
{
    static const size_t wanted[] = {0, 1, 5, 63, 64, 65, 200};

    open_with(_i, NULL);
    add_genres(1, 200);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        rowan_counts before = rowan_scope_counts(scope);
        rowan_cursor *cursor;
        ok(rowan_raw_open(scope, "SELECT id FROM genre ORDER BY id", ROWAN_NO_PARAMS, &cursor));
        for (size_t k = 0; k < wanted[i]; k++) {
            ok(rowan_cursor_next(cursor));
            ck_assert_int_eq(rowan_cursor_int64_or(cursor, 0, 0), (int64_t)k + 1);
        }
        rowan_cursor_close(cursor);
        rowan_counts after = rowan_scope_counts(scope);
        ck_assert_uint_eq(after.statements - before.statements, 1);
        ck_assert_uint_ge(after.rows - before.rows, wanted[i]);
        ck_assert_uint_le(after.rows - before.rows, 200);
    }
    close_all();
}
END_TEST

/* --- What was used last. --- */

enum { TEXTS = 9, STEPS = 400 };

/* Which of the texts are prepared, by when they were used. */
typedef struct memory {
    size_t newest_first[TEXTS];
    size_t count, limit;
} memory;

static bool use(memory *m, size_t text)
{
    size_t at = 0;

    while (at < m->count && m->newest_first[at] != text) {
        at++;
    }
    bool was_there = at < m->count;
    m->count += !was_there && m->count < m->limit;
    at = at < m->count ? at : m->count - 1;
    memmove(m->newest_first + 1, m->newest_first, at * sizeof *m->newest_first);
    m->newest_first[0] = text;
    return was_there;
}

/* Each is another text: as SQL that the program writes, and as a query that is known by its shape.
 */
static void send_raw(size_t text)
{
    char sql[64];
    rowan_cursor *cursor;

    snprintf(sql, sizeof sql, "SELECT id FROM genre WHERE id = ? AND id <> %zu", 1000 + text);
    ok(rowan_raw_open(scope, sql, ROWAN_PARAMS(ROWAN_V(1)), &cursor));
    rowan_cursor_close(cursor);
}

static void send_rows(size_t text)
{
    char sql[64];
    rowan_rows rows;

    snprintf(sql, sizeof sql, "SELECT * FROM genre WHERE id = ? AND id <> %zu", 1000 + text);
    ok(rowan_raw_all(scope, sql, ROWAN_PARAMS(ROWAN_V(1)), &genre_table, &rows));
    ck_assert_uint_eq(rows.count, 1);
}

static void send_query(size_t text)
{
    const rowan_expr *wheres[TEXTS] = {
        EQ(GENRE.id, 1),          LE(GENRE.id, 1),           LT(GENRE.id, 2),
        IS_NULL(GENRE.parent_id), EQ(GENRE.name, "a genre"), NE(GENRE.id, 2),
        GT(GENRE.id, 0),          GE(GENRE.id, 1),           LIKE(GENRE.name, "a%"),
    };
    bool exists = false;

    ok(rowan_query_exists(scope, &(rowan_query){.from = &genre_table, .where = wheres[text]},
                          &exists));
    ck_assert(exists);
}

START_TEST(statements_stay_prepared_by_when_they_were_used)
{
    static void (*const ways[])(size_t text) = {send_raw, send_rows, send_query};
    enum { WAYS = sizeof ways / sizeof ways[0] };
    size_t limit = 1 + (size_t)_i % 7;
    memory m = {.limit = limit};
    uint64_t seed = 17, hits = 0;
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.statement_cache = (unsigned)limit;
    options.max_open = 1;
    open_with(_i / 7, &options);
    rowan_scope_end(scope); /* the next finds nothing prepared that a cache of that size keeps */
    ck_assert_int_eq(rowan_scope_begin(db, "cache", &scope, NULL), ROWAN_OK);
    void (*send)(size_t text) = ways[limit % WAYS];
    add_genres(1, 1);
    for (size_t text = 0; text < limit; text++) {
        send(text); /* so that nothing else is among them */
        use(&m, text);
    }
    for (int step = 0; step < STEPS; step++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t text = (size_t)(seed >> 33) % TEXTS;
        text = text % 3 == 0 ? text / 3 : text; /* some more often than others */
        rowan_counts before = rowan_scope_counts(scope);
        bool is_there = use(&m, text);
        send(text);
        rowan_counts after = rowan_scope_counts(scope);
        ck_assert_msg(after.cache_hits - before.cache_hits == is_there &&
                          after.cache_misses - before.cache_misses == !is_there,
                      "step %d, text %zu, limit %zu: %s", step, text, limit,
                      is_there ? "was prepared again" : "was found");
        hits += is_there;
    }
    ck_assert_uint_gt(hits, 0);
    ck_assert(hits < STEPS);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("counts");
    TCase *sums = tcase_create("sums");
    TCase *prepared = tcase_create("what stays prepared");
    int engines = (int)engine_count();

    tcase_set_timeout(sums, 60);
    tcase_set_timeout(prepared, 60);
    tcase_add_loop_test(sums, scopes_add_up_to_their_database_number_by_number, 0, engines);
    tcase_add_loop_test(sums, a_scope_counts_for_its_database_when_it_ends, 0, engines);
    tcase_add_loop_test(sums, a_stream_counts_what_crossed_the_driver, 0, engines);
    tcase_add_loop_test(prepared, statements_stay_prepared_by_when_they_were_used, 0, engines * 7);
    suite_add_tcase(suite, sums);
    suite_add_tcase(suite, prepared);
    return suite_run(suite);
}
