/*
 * Statements that look a row up by its key: which are, and what one row of them is.
 */
#include <check.h>
#include <string.h>

#include <rowan/rowan.h>

#include "driver/driver.h"
#include "raw/raw_private.h"
#include "support/engine.h"
#include "support/suite.h"

typedef struct word {
    int64_t id;
    const char *said;
} word;

static const rowan_column word_columns[2];
static const rowan_column *const word_key[1];
static const rowan_table word_table = {.name = "word",
                                       .columns = word_columns,
                                       .column_count = 2,
                                       .primary = word_key,
                                       .primary_count = 1,
                                       .row_size = sizeof(word),
                                       .row_align = _Alignof(word)};
static const rowan_column word_columns[2] = {
    ROWAN_COLUMN(word_table, word, id, ROWAN_PRIMARY),
    ROWAN_COLUMN(word_table, word, said, 0),
};
static const rowan_column *const word_key[1] = {&word_columns[0]};
static const rowan_table word_shape = {.columns = word_columns,
                                       .column_count = 2,
                                       .row_size = sizeof(word),
                                       .row_align = _Alignof(word)};

/* --- Which are. --- */

typedef struct row {
    const char *sql;
    bool is_look_up;
} row;

static const row rows[] = {
    {"SELECT id, said FROM word WHERE id = ?", true},
    {"select said from word where id=?", true},
    {" SELECT said AS id, \"said\"\nFROM word -- the table\n WHERE id = ? ", true},
    {"SELECT id FROM word WHERE id = ? AND said <> ?", true},
    {"SELECT id FROM word WHERE id = ? AND (said = ? OR said IS NULL)", true},
    {"SELECT id FROM word WHERE id = ? AND said IN (SELECT said FROM word UNION SELECT ?)", true},
    {"SELECT id FROM word WHERE id = ? OR said = ?", false},
    {"SELECT id FROM word WHERE id = ? AND said = ? or id = 2", false},
    {"SELECT id FROM word WHERE id = ? AND said = ? XOR id = 2", false},
    {"SELECT id FROM word WHERE id = ? AND said = ? || id = 2", false},
    {"SELECT id FROM word WHERE id = ? UNION ALL SELECT id FROM word", false},
    {"SELECT id FROM word WHERE id = ? AND id > 0 UNION ALL SELECT id FROM word", false},
    {"SELECT id FROM word WHERE id = ? AND id > 0 EXCEPT SELECT 1", false},
    {"SELECT id FROM word WHERE id = ? AND id > 0 INTERSECT SELECT 1", false},
    {"SELECT id FROM word WHERE id = ? + 1", false},
    {"SELECT id FROM word WHERE id = ? COLLATE NOCASE", false},
    {"SELECT id FROM word WHERE id >= ?", false},
    {"SELECT id FROM word WHERE id == ?", false},
    {"SELECT id FROM word WHERE id = 1", false},
    {"SELECT id FROM word WHERE id = :id", false},
    {"SELECT id FROM word WHERE id IN (?)", false},
    {"SELECT id FROM word WHERE NOT id = ?", false},
    {"SELECT id FROM word WHERE said = ?", false},
    {"SELECT id FROM word WHERE ID = ?", false},
    {"SELECT id FROM words WHERE id = ?", false},
    {"SELECT id FROM wor WHERE id = ?", false},
    {"SELECT id FROM main.word WHERE id = ?", false},
    {"SELECT id FROM word, word AS other WHERE id = ?", false},
    {"SELECT id FROM word JOIN word AS other ON 1 WHERE id = ?", false},
    {"SELECT generate_series(1, 2) AS id FROM word WHERE id = ?", false},
    {"SELECT id FROM (SELECT id FROM word) AS word WHERE id = ?", false},
    {"SELECT id FROM word", false},
    {"SELECT id", false},
    {"DELETE FROM word WHERE id = ?", false},
    {"WITH word AS (SELECT 1 AS id) SELECT id FROM word WHERE id = ?", false},
    {"SELECT id FROM word WHERE id = ? AND (said = ?", false},
    {"SELECT id FROM word WHERE id = ?; SELECT 1", false},
    {"SELECT id FROM word WHERE id = ? AND id > 0; SELECT 1", false},
    {"", false},
};

START_TEST(only_the_plain_form_is_a_look_up)
{
    const row *r = &rows[_i];
    rowan_db *db = engine_open(0, NULL);
    rowan_scope *scope;

    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
    const rowan__dialect *dialect = rowan__scope_dialect(scope);
    ck_assert_msg(rowan__raw_is_look_up(dialect, r->sql, &word_table) == r->is_look_up, "%s",
                  r->sql);
    ck_assert(!rowan__raw_is_look_up(dialect, r->sql, &word_shape));
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* --- What comes of them. --- */

static rowan_db *db;
static rowan_scope *scope;

static void run(const char *sql, rowan_params params)
{
    ck_assert_int_eq(rowan_raw_run(scope, sql, params, NULL), ROWAN_OK);
}

/* Three words of which two have the key 2, whatever the model says. */
static void open_words(size_t engine)
{
    db = engine_open(engine, NULL);
    engine_script(db, "CREATE TABLE word (id @int64 NOT NULL, said @text(200));");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
    run("INSERT INTO word VALUES (?, ?), (?, ?), (?, ?)",
        ROWAN_PARAMS(ROWAN_V(1), ROWAN_V("one"), ROWAN_V(2), ROWAN_V("two"), ROWAN_V(2),
                     ROWAN_V("again")));
}

static void close_words(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static rowan_status find(const char *sql, int64_t id, const rowan_table *shape, const char *said)
{
    void *found = NULL;
    rowan_status status = rowan_raw_one(scope, sql, ROWAN_PARAMS(ROWAN_V(id)), shape, &found);

    ck_assert_int_eq(found != NULL, status == ROWAN_OK);
    if (found != NULL) {
        ck_assert_int_eq(((const word *)found)->id, id);
        ck_assert_str_eq(((const word *)found)->said, said);
    }
    return status;
}

START_TEST(a_look_up_gives_the_row_or_says_that_there_is_none)
{
    static const char sql[] = "SELECT id, said FROM word WHERE id = ?";

    open_words((size_t)_i);
    for (int turn = 0; turn < 3; turn++) {
        rowan_counts before = rowan_scope_counts(scope);
        ck_assert_int_eq(find(sql, 1, &word_table, "one"), ROWAN_OK);
        ck_assert_int_eq(find(sql, 9, &word_table, NULL), ROWAN_NOT_FOUND);
        rowan_counts after = rowan_scope_counts(scope);
        ck_assert_uint_eq(after.statements - before.statements, 2);
        ck_assert_uint_eq(after.rows - before.rows, 1);
    }
    run("UPDATE word SET said = ? WHERE id = ?", ROWAN_PARAMS(ROWAN_V("more"), ROWAN_V(1)));
    ck_assert_int_eq(find(sql, 1, &word_table, "more"), ROWAN_OK);
    close_words();
}
END_TEST

/* SQLite is not asked for a row that the model rules out; all rows are all rows nevertheless, and
 * whoever reads into another struct than the table's has said nothing of a key. */
START_TEST(the_model_says_what_a_key_is)
{
    static const char sql[] = "SELECT id, said FROM word WHERE id = ?";
    static const char wider[] = "SELECT id, said FROM word WHERE id = ? OR id = 77";
    bool trusts = engine_is((size_t)_i, "sqlite");
    rowan_rows all;

    open_words((size_t)_i);
    for (int turn = 0; turn < 2; turn++) {
        ck_assert_int_eq(find(sql, 2, &word_table, "two"), trusts ? ROWAN_OK : ROWAN_MISUSE);
        ck_assert_int_eq(find(sql, 2, &word_shape, NULL), ROWAN_MISUSE);
        ck_assert_int_eq(find(wider, 2, &word_table, NULL), ROWAN_MISUSE);
        ck_assert_int_eq(rowan_raw_all(scope, sql, ROWAN_PARAMS(ROWAN_V(2)), &word_table, &all),
                         ROWAN_OK);
        ck_assert_uint_eq(all.count, 2);
    }
    close_words();
}
END_TEST

START_TEST(a_stream_of_a_look_up_has_all_its_rows)
{
    static const char sql[] = "SELECT id, said FROM word WHERE id = ?";
    rowan_stream *stream;
    void *found;

    open_words((size_t)_i);
    for (int turn = 0; turn < 2; turn++) {
        ck_assert_int_eq(
            rowan_raw_stream(scope, sql, ROWAN_PARAMS(ROWAN_V(2)), &word_table, &stream), ROWAN_OK);
        ck_assert_int_eq(rowan_stream_next(stream, &found), ROWAN_OK);
        ck_assert_int_eq(rowan_stream_next(stream, &found), ROWAN_OK);
        ck_assert_int_eq(rowan_stream_next(stream, &found), ROWAN_DONE);
        rowan_stream_close(stream);
    }
    close_words();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raw_look_up");
    TCase *tc = tcase_create("raw_look_up");
    int engines = (int)engine_count();

    tcase_add_loop_test(tc, only_the_plain_form_is_a_look_up, 0,
                        (int)(sizeof rows / sizeof rows[0]));
    tcase_add_loop_test(tc, a_look_up_gives_the_row_or_says_that_there_is_none, 0, engines);
    tcase_add_loop_test(tc, the_model_says_what_a_key_is, 0, engines);
    tcase_add_loop_test(tc, a_stream_of_a_look_up_has_all_its_rows, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
