/*
 * Many rows that are changed alike and saved together: by one statement where the engine takes
 * arrays, else by one a row or one batch. Whichever it is, what is in the database afterwards is
 * the same, and so is what is refused.
 */
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

/* --- A table of most types, whose name is that of the arrays in the statement. --- */

typedef enum mood { MOOD_CALM, MOOD_WILD } mood;

typedef struct given {
    rowan_uuid id;
    const char *words;
    rowan_opt_text note;
    int16_t small;
    int32_t middle;
    rowan_opt_double weight;
    bool truth;
    rowan_decimal price;
    rowan_blob bytes;
    rowan_opt_date day;
    rowan_timestamp moment;
    mood mood;
    rowan_opt_i64 place; /* unique by itself */
    int64_t narrow;      /* in the database it has half as many bits */
    int32_t version;
} given;

static const char *const mood_labels[] = {"calm", "wild"};
static const rowan_enum mood_enum = {"mood", mood_labels, 2};
static const rowan_table given_table;
static const rowan_column given_columns[] = {
    ROWAN_COLUMN(given_table, given, id, ROWAN_PRIMARY),
    {&given_table, "words", ROWAN_TYPE_TEXT, 0, offsetof(given, words), offsetof(given, words),
     NULL, 1000000, 0},
    ROWAN_OPT_COLUMN(given_table, given, note, 0),
    ROWAN_COLUMN(given_table, given, small, 0),
    ROWAN_COLUMN(given_table, given, middle, 0),
    ROWAN_OPT_COLUMN(given_table, given, weight, 0),
    ROWAN_COLUMN(given_table, given, truth, 0),
    {&given_table, "price", ROWAN_TYPE_DECIMAL, 0, offsetof(given, price), offsetof(given, price),
     NULL, 10, 2},
    ROWAN_COLUMN(given_table, given, bytes, 0),
    ROWAN_OPT_COLUMN(given_table, given, day, 0),
    ROWAN_COLUMN(given_table, given, moment, 0),
    {&given_table, "mood", ROWAN_TYPE_ENUM, 0, offsetof(given, mood), offsetof(given, mood),
     &mood_enum, 0, 0},
    ROWAN_OPT_COLUMN(given_table, given, place, ROWAN_UNIQUE_KEY),
    ROWAN_COLUMN(given_table, given, narrow, 0),
    ROWAN_COLUMN(given_table, given, version, ROWAN_VERSION),
};
enum { COLUMNS = sizeof given_columns / sizeof given_columns[0] };
static const rowan_column *const given_key[] = {&given_columns[0]};
static const rowan_table given_table = {.name = "given",
                                        .columns = given_columns,
                                        .column_count = COLUMNS,
                                        .primary = given_key,
                                        .primary_count = 1,
                                        .version = &given_columns[COLUMNS - 1],
                                        .row_size = sizeof(given),
                                        .row_align = _Alignof(given)};

static const char schema[] =
    "CREATE TABLE given (id @uuid NOT NULL PRIMARY KEY, words @text NOT NULL, note @text(40), "
    "small @int16 NOT NULL, middle @int32 NOT NULL, weight @double, truth @bool NOT NULL, "
    "price @decimal(10,2) NOT NULL, bytes @blob NOT NULL, day @date, moment @timestamp NOT NULL, "
    "mood @text(10) NOT NULL, place @int64 UNIQUE, narrow @int32 NOT NULL, "
    "version @int32 NOT NULL)";

enum { MOST = 30 };

static rowan_db *db;
static rowan_scope *scope;
static void *rows[MOST]; /* as they are in the database, by their keys */

static given *row(size_t i)
{
    return rows[i];
}

static void ok(rowan_status status)
{
    library_ok(scope, status);
}

static void read_rows(size_t count)
{
    rowan_rows all;
    rowan_query query = {.from = &given_table,
                         .order_by = ORDER(ASC(((rowan_uuid_column){&given_columns[0], NULL})))};

    ok(rowan_record_all(scope, &query, &all));
    ck_assert_uint_eq(all.count, count);
    for (size_t i = 0; i < count; i++) {
        rows[i] = (given *)all.at + i;
    }
}

static void open_rows(int engine, size_t count)
{
    given made[MOST];

    db = engine_open((size_t)engine, NULL);
    engine_script(db, schema);
    scope = library_scope(db);
    for (size_t i = 0; i < count; i++) {
        made[i] = (given){.id = {{(uint8_t)i, 1}},
                          .words = "new",
                          .price = {"1.00"},
                          .bytes = {"", 0},
                          .place = {true, (int64_t)i + 1}};
    }
    ok(rowan_raw_insert_all(scope, &given_table, made, count, NULL));
    read_rows(count);
}

static void close_rows(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

/* Saves rows that are one group, and looks what was sent beside the transaction's two. */
static void save(size_t count, uint64_t on_postgresql, int engine)
{
    uint64_t each = engine_is((size_t)engine, "mariadb") ? 1 : count;
    rowan_counts before = rowan_scope_counts(scope);

    ok(rowan_record_save_all(scope, rows, count));
    rowan_counts after = rowan_scope_counts(scope);
    ck_assert_uint_eq(after.statements - before.statements,
                      2 + (engine_is((size_t)engine, "postgresql") ? on_postgresql : each));
    ck_assert_uint_eq(after.transactions - before.transactions, 2);
    ck_assert_uint_eq(after.affected - before.affected, count);
}

static int64_t number(const char *sql)
{
    rowan_cursor *cursor;
    int64_t value;

    ok(rowan_raw_open(scope, sql, NO_PARAMS, &cursor));
    ok(rowan_cursor_next(cursor));
    ok(rowan_cursor_int64(cursor, 0, &value));
    rowan_cursor_close(cursor);
    return value;
}

/* --- What is written. --- */

START_TEST(any_number_of_rows_is_one_statement)
{
    static const size_t counts[] = {2, 3, 30, 2, 17};

    open_rows(_i, MOST);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (size_t j = 0; j < counts[i]; j++) {
            row(j)->middle = (int32_t)(100 * i + j + 1);
        }
        save(counts[i], 1, _i);
        for (size_t j = 0; j < counts[i]; j++) {
            bool changed;
            ok(rowan_record_changed(scope, rows[j], &changed));
            ck_assert(!changed);
        }
    }
    ck_assert_int_eq(row(0)->version, 6);
    ck_assert_int_eq(row(29)->version, 2);
    ck_assert_int_eq(number("SELECT middle FROM given ORDER BY id LIMIT 1"), 401);
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE version = 3"), 14); /* 3 to 16 */
    close_rows();
}
END_TEST

static void change_all(given *r, size_t i)
{
    static char texts[MOST][40];
    static const char *const prices[] = {"-0.01", "12345678.90", "0.00"};

    memset(texts[i], 'a' + (int)(i % 26), i + 1);
    r->words = i % 4 ? texts[i] : "quotes '\" and \\ \xc3\xa4";
    r->note = (rowan_opt_text){i % 2 > 0, i % 2 ? texts[i] : NULL};
    r->small = (int16_t)(INT16_MIN + (int)i);
    r->middle = INT32_MAX - (int32_t)i;
    r->weight = (rowan_opt_double){i % 3 > 0, i % 3 ? 0.1 * (double)i : 0};
    r->truth = true;
    r->price = (rowan_decimal){prices[i % 3]};
    r->bytes = (rowan_blob){"\0\1\377 bytes", i % 8 + 1};
    r->day = (rowan_opt_date){i % 5 > 0, {i % 5 ? (int32_t)i * 1000 - 9000 : 0}};
    r->moment = (rowan_timestamp){INT64_C(1000000007) * (int64_t)(i + 1)};
    r->mood = MOOD_WILD;
}

/* Compared member by member with what is read again. */
START_TEST(values_of_all_types_arrive)
{
    given wanted[MOST];

    open_rows(_i, MOST);
    for (size_t i = 0; i < MOST; i++) {
        change_all(row(i), i);
        row(i)->weight = (rowan_opt_double){true, 0.25 + (double)i}; /* alike in all */
        row(i)->day = (rowan_opt_date){true, {(int32_t)i}};
        row(i)->note = (rowan_opt_text){true, "n"};
    }
    save(MOST, 1, _i);
    for (size_t i = 0; i < MOST; i++) {
        change_all(row(i), MOST - 1 - i); /* with NULLs; not every row changes all */
        row(i)->moment.us += 1;
        wanted[i] = *row(i);
    }
    ok(rowan_record_save_all(scope, rows, MOST));
    read_rows(MOST);
    for (size_t i = 0; i < MOST; i++) {
        wanted[i].version = 3;
        for (size_t c = 0; c < COLUMNS; c++) {
            rowan_value a = rowan_column_value(&given_columns[c], row(i));
            rowan_value b = rowan_column_value(&given_columns[c], &wanted[i]);
            bool has_bytes = given_columns[c].type == ROWAN_TYPE_TEXT ||
                             given_columns[c].type == ROWAN_TYPE_DECIMAL ||
                             given_columns[c].type == ROWAN_TYPE_BLOB;
            ck_assert_msg(a.is_null == b.is_null, "%s of %zu", given_columns[c].name, i);
            if (has_bytes && !a.is_null) {
                ck_assert_uint_eq(a.as.bytes.size, b.as.bytes.size);
                ck_assert_int_eq(memcmp(a.as.bytes.data, b.as.bytes.data, a.as.bytes.size), 0);
            } else if (!has_bytes && !a.is_null) {
                ck_assert_msg(memcmp((char *)rows[i] + given_columns[c].value_offset,
                                     (char *)&wanted[i] + given_columns[c].value_offset,
                                     given_columns[c].type == ROWAN_TYPE_BOOL    ? 1
                                     : given_columns[c].type == ROWAN_TYPE_INT16 ? 2
                                                                                 : 4) == 0,
                              "%s of %zu", given_columns[c].name, i);
            }
        }
    }
    close_rows();
}
END_TEST

/* What the server takes in one message is a limit, which rows are cut by. */
START_TEST(large_rows_are_several_statements)
{
    enum { ROWS = 20, SIZE = 1000000 };
    char *words = malloc(SIZE + 1);

    memset(words, 'w', SIZE);
    words[SIZE] = '\0';
    open_rows(_i, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        row(i)->words = words;
    }
    ok(rowan_record_save_all(scope, rows, ROWS));
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE length(words) = 1000000"), ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        row(i)->words = words + 1;
    }
    if (engine_is((size_t)_i, "postgresql")) {
        save(ROWS, 2, _i);
    }
    close_rows();
    free(words);
}
END_TEST

/* --- What goes one by one. --- */

START_TEST(unique_values_are_passed_on_in_order)
{
    open_rows(_i, 10);
    for (size_t i = 0; i < 10; i++) {
        row(i)->place.value = (int64_t)i; /* that the one before has just left */
    }
    save(10, 10, _i);
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE place BETWEEN 0 AND 9"), 10);
    close_rows();
}
END_TEST

START_TEST(a_type_that_takes_no_array_goes_one_by_one)
{
    open_rows(_i, 10);
    for (int turn = 1; turn <= 3; turn++) {
        for (size_t i = 0; i < 10; i++) {
            row(i)->narrow = turn;
        }
        save(10, 10, _i);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE narrow = 3 AND version = 4"), 10);
    close_rows();
}
END_TEST

/* With a version the second one is stale, and nothing is kept. */
START_TEST(a_row_that_was_read_twice_is_two_rows)
{
    rowan_error error;

    open_rows(_i, 2);
    void *first = rows[0];
    read_rows(2);
    void *both[] = {first, rows[1], rows[0]};
    for (size_t i = 0; i < 3; i++) {
        ((given *)both[i])->middle = 7;
    }
    ck_assert_int_eq(rowan_record_save_all(scope, both, 3), ROWAN_STALE);
    error = *rowan_scope_error(scope);
    ck_assert(error.connection_usable);
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE middle = 7"), 0);
    ok(rowan_record_save_all(scope, both, 2));
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE middle = 7"), 2);
    close_rows();
}
END_TEST

START_TEST(without_a_version_the_same_row_may_be_saved_twice)
{
    library_author *authors[3];

    db = library_open((size_t)_i, NULL);
    library_fill(db, 0, 0, 2);
    scope = library_scope(db);
    for (int i = 0; i < 3; i++) {
        ok(rowan_record_find(scope, &library_author_table, KEY(LIBRARY_FIRST + i % 2),
                             (void **)&authors[i]));
        authors[i]->name = i < 2 ? "Before" : "Behind";
    }
    rowan_counts before = rowan_scope_counts(scope);
    ok(rowan_record_save_all(scope, (void *const *)authors, 3));
    ck_assert_uint_eq(rowan_scope_counts(scope).affected - before.affected, 3);
    ck_assert_int_eq(number("SELECT count(*) FROM author WHERE name IN ('Before', 'Behind')"), 2);
    close_rows();
}
END_TEST

/* A version that the program has written itself is not the one that the row is known by. */
START_TEST(a_version_that_was_assigned_does_not_count)
{
    open_rows(_i, 3);
    for (size_t i = 0; i < 3; i++) {
        row(i)->middle = 3;
        row(i)->version = 100;
    }
    save(3, 3, _i);
    ck_assert_int_eq(row(2)->version, 2);
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE version = 2"), 3);
    close_rows();
}
END_TEST

/* --- What is refused. --- */

static void change_middles(void)
{
    for (size_t i = 0; i < MOST; i++) {
        row(i)->middle = 9;
    }
}

static void check_refused(rowan_status wanted)
{
    ck_assert_int_eq(rowan_record_save_all(scope, rows, MOST), wanted);
    ck_assert(rowan_scope_error(scope)->connection_usable);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE version <> 1 AND middle <> 0"), 0);
    ck_assert_int_eq(row(0)->version, 1);
}

START_TEST(one_row_that_is_gone_or_stale_undoes_all)
{
    open_rows(_i, MOST);
    change_middles();
    ok(rowan_raw_run(scope, "UPDATE given SET version = 5 WHERE place = 17", NO_PARAMS, NULL));
    check_refused(ROWAN_STALE);
    ok(rowan_raw_run(scope, "DELETE FROM given WHERE place = 17", NO_PARAMS, NULL));
    check_refused(ROWAN_STALE);
    rows[16] = rows[15]; /* named twice */
    ok(rowan_record_save_all(scope, rows, MOST));
    ck_assert_int_eq(number("SELECT count(*) FROM given WHERE middle = 9 AND version = 2"),
                     MOST - 1);
    close_rows();
}
END_TEST

START_TEST(a_value_that_does_not_fit_is_refused_before_anything_is_kept)
{
    static char words[1000002];

    open_rows(_i, MOST);
    change_middles();
    memset(words, 'x', sizeof words - 1);
    for (size_t i = 0; i < MOST; i++) {
        row(i)->words = i == 20 ? words : "fits";
    }
    check_refused(ROWAN_OUT_OF_RANGE);
    row(20)->words = "fits";
    for (size_t i = 0; i < MOST; i++) {
        row(i)->mood = i == 20 ? (mood)7 : MOOD_WILD;
    }
    check_refused(ROWAN_OUT_OF_RANGE);
    row(20)->mood = MOOD_WILD;
    save(MOST, 1, _i);
    close_rows();
}
END_TEST

START_TEST(what_the_server_refuses_is_refused_for_all)
{
    db = library_open((size_t)_i, NULL);
    library_fill(db, 20, 2, 0);
    scope = library_scope(db);
    for (int i = 0; i < 20; i++) {
        ok(rowan_record_find(scope, &library_book_table, KEY(LIBRARY_FIRST + i), &rows[i]));
        ((library_book *)rows[i])->publisher_id = (rowan_opt_i64){true, i == 13 ? 9999 : 5002};
    }
    ck_assert_int_eq(rowan_record_save_all(scope, rows, 20), ROWAN_FOREIGN_KEY);
    ck_assert_int_eq(number("SELECT count(*) FROM book WHERE version <> 1"), 0);
    ((library_book *)rows[13])->publisher_id.value = 5001;
    ok(rowan_record_save_all(scope, rows, 20));
    ck_assert_int_eq(number("SELECT count(*) FROM book WHERE publisher_id = 5002"), 19);
    close_rows();
}
END_TEST

START_TEST(a_flush_writes_a_group_at_once)
{
    rowan_session *session;
    rowan_refs all;
    uint64_t each = engine_is((size_t)_i, "sqlite") ? 20 : 1;

    db = library_open((size_t)_i, NULL);
    library_fill(db, 20, 1, 0);
    scope = library_scope(db);
    ok(rowan_session_begin(scope, &session));
    rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    ok(rowan_session_all(session, &query, &all));
    for (int turn = 1; turn <= 2; turn++) {
        for (size_t i = 0; i < all.count; i++) {
            ((library_book *)all.at[i])->price_cents = turn * 1000 + (int32_t)i;
        }
        rowan_counts before = rowan_scope_counts(scope);
        ok(rowan_session_flush(session));
        ck_assert_uint_eq(rowan_scope_counts(scope).statements - before.statements, 2 + each);
    }
    rowan_session_end(session);
    ck_assert_int_eq(number("SELECT count(*) FROM book WHERE price_cents = 1990 + id - 4991 AND "
                            "version = 3"),
                     20);
    close_rows();
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
    library_memory memory;
    rowan_options options = ROWAN_OPTIONS_INIT;

    library_memory_init(&memory);
    options.allocator = &memory.allocator;
    db = library_open((size_t)_i, &options);
    library_fill(db, 5, 1, 0);
    for (size_t nth = 1;; nth++) {
        scope = library_scope(db);
        for (int i = 0; i < 5; i++) {
            ok(rowan_record_find(scope, &library_book_table, KEY(LIBRARY_FIRST + i), &rows[i]));
            ((library_book *)rows[i])->price_cents = (int32_t)nth;
        }
        memory.has_failed = false;
        memory.count = 0;
        memory.fail_at = nth;
        rowan_status status = rowan_record_save_all(scope, rows, 5);
        memory.fail_at = 0;
        if (status != ROWAN_OK) {
            ck_assert(memory.has_failed);
            ck_assert_int_eq(status, ROWAN_NOMEM);
            ok(rowan_record_save_all(scope, rows, 5));
        }
        ck_assert_int_eq(((library_book *)rows[4])->version, (int32_t)nth + 1);
        rowan_scope_end(scope);
        if (!memory.has_failed) {
            break;
        }
    }
    engine_close(db);
    ck_assert_uint_eq(memory.live, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("updates at once");
    TCase *tc = tcase_create("updates at once");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, any_number_of_rows_is_one_statement, 0, n);
    tcase_add_loop_test(tc, values_of_all_types_arrive, 0, n);
    tcase_add_loop_test(tc, large_rows_are_several_statements, 0, n);
    tcase_add_loop_test(tc, unique_values_are_passed_on_in_order, 0, n);
    tcase_add_loop_test(tc, a_type_that_takes_no_array_goes_one_by_one, 0, n);
    tcase_add_loop_test(tc, a_row_that_was_read_twice_is_two_rows, 0, n);
    tcase_add_loop_test(tc, without_a_version_the_same_row_may_be_saved_twice, 0, n);
    tcase_add_loop_test(tc, a_version_that_was_assigned_does_not_count, 0, n);
    tcase_add_loop_test(tc, one_row_that_is_gone_or_stale_undoes_all, 0, n);
    tcase_add_loop_test(tc, a_value_that_does_not_fit_is_refused_before_anything_is_kept, 0, n);
    tcase_add_loop_test(tc, what_the_server_refuses_is_refused_for_all, 0, n);
    tcase_add_loop_test(tc, a_flush_writes_a_group_at_once, 0, n);
    tcase_add_loop_test(tc, memory_may_run_out_anywhere, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
