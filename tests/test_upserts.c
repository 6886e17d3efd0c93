/*
 * Upserts by chance, against a table in memory that knows what each of them does: by either key, of
 * structs, of assignments and of a query's rows, of one row and of many, on every engine. What is
 * known of one of them must not be taken for another.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/suite.h"

/* An article: it is found by its id, and by its code as well. */
typedef struct article {
    int64_t id;
    int32_t code;
    const char *name;
    int32_t amount;
    int32_t version;
} article;

static const rowan_table article_table;
static const rowan_column article_columns[] = {
    ROWAN_COLUMN(article_table, article, id, ROWAN_PRIMARY),
    ROWAN_COLUMN(article_table, article, code, ROWAN_UNIQUE_KEY),
    {&article_table, "name", ROWAN_TYPE_TEXT, 0, offsetof(article, name), offsetof(article, name),
     NULL, 40, 0},
    ROWAN_COLUMN(article_table, article, amount, 0),
    ROWAN_COLUMN(article_table, article, version, ROWAN_VERSION),
};
static const rowan_column *const article_key[] = {&article_columns[0]};
static const rowan_column *const article_code[] = {&article_columns[1]};
static const rowan_table article_table = {
    .name = "article",
    .columns = article_columns,
    .column_count = 5,
    .primary = article_key,
    .primary_count = 1,
    .version = &article_columns[4],
    .row_size = sizeof(article),
    .row_align = _Alignof(article),
};

/* The same columns; where the rows of a query come from. */
static const rowan_table given_table;
static const rowan_column given_columns[] = {
    ROWAN_COLUMN(given_table, article, id, ROWAN_PRIMARY),
    ROWAN_COLUMN(given_table, article, code, 0),
    {&given_table, "name", ROWAN_TYPE_TEXT, 0, offsetof(article, name), offsetof(article, name),
     NULL, 40, 0},
    ROWAN_COLUMN(given_table, article, amount, 0),
    ROWAN_COLUMN(given_table, article, version, 0),
};
static const rowan_column *const given_key[] = {&given_columns[0]};
static const rowan_table given_table = {
    .name = "given",
    .columns = given_columns,
    .column_count = 5,
    .primary = given_key,
    .primary_count = 1,
    .row_size = sizeof(article),
    .row_align = _Alignof(article),
};

static const rowan_int_column ID = {&article_columns[0], NULL}, CODE = {&article_columns[1], NULL},
                              AMOUNT = {&article_columns[3], NULL},
                              VERSION = {&article_columns[4], NULL};
static const rowan_text_column NAME = {&article_columns[2], NULL};

enum { MOST = 600, MOST_AT_ONCE = 70, ROUNDS = 120 };

static rowan_db *db;
static rowan_scope *scope;
static uint64_t seed;

/* The table in memory, in no order. */
static article model[MOST];
static size_t model_count;

static const char *const names[] = {"anvil", "bellows", "chisel", "drill", "\xC3\xA9tau", ""};

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_status_name(status),
                  rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
}

static void open_on(int engine)
{
    db = engine_open((size_t)engine, NULL);
    engine_script(db, "CREATE TABLE article (id @int64 NOT NULL PRIMARY KEY,"
                      " code @int32 NOT NULL UNIQUE, name @text(40) NOT NULL,"
                      " amount @int32 NOT NULL, version @int32 NOT NULL);"
                      "CREATE TABLE given (id @int64 NOT NULL PRIMARY KEY, code @int32 NOT NULL,"
                      " name @text(40) NOT NULL, amount @int32 NOT NULL, version @int32 NOT NULL)");
    ck_assert_int_eq(rowan_scope_begin(db, "upserts", &scope, NULL), ROWAN_OK);
    model_count = 0;
    seed = 99;
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static size_t below(size_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % limit;
}

/* --- What an upsert does. --- */

typedef enum setting { SETS_NOTHING, SETS_GIVEN, ADDS_AMOUNTS, SETS_VALUE } setting;

typedef struct upsert {
    rowan_conflict_action action;
    bool by_code;
    setting sets;
    article rows[MOST_AT_ONCE];
    size_t count;
    size_t there; /* of these that are found */
} upsert;

static article *find(bool by_code, const article *row)
{
    for (size_t i = 0; i < model_count; i++) {
        if (by_code ? model[i].code == row->code : model[i].id == row->id) {
            return &model[i];
        }
    }
    return NULL;
}

/* A row that is not there, or one that is found by the key of the upsert and in no other way. */
static article make_row(const upsert *u, size_t index)
{
    static int32_t next = 1000;
    size_t at = below(model_count + 1);
    article row = {.id = ++next,
                   .code = 5 * next,
                   .name = names[below(6)],
                   .amount = (int32_t)below(100) - 50};

    for (size_t i = 0; i < index && at < model_count; i++) {
        bool is_taken =
            u->by_code ? u->rows[i].code == model[at].code : u->rows[i].id == model[at].id;
        at = is_taken ? model_count : at; /* no row meets two of one statement */
    }
    if (u->action == ROWAN_CONFLICT_FAIL || at == model_count || model_count + index >= MOST - 1) {
        at = at < model_count && u->action != ROWAN_CONFLICT_FAIL ? at : model_count;
    }
    if (at < model_count && u->by_code) {
        row.code = model[at].code;
    } else if (at < model_count) {
        row.id = model[at].id;
        row.code = model[at].code;
    }
    return row;
}

static upsert make_upsert(void)
{
    static const size_t counts[] = {1, 1, 1, 2, 3, 7, MOST_AT_ONCE};
    upsert u = {.action = (rowan_conflict_action)below(3), .by_code = below(2) == 0};

    u.sets = u.action == ROWAN_CONFLICT_UPDATE ? (setting)(SETS_GIVEN + below(3)) : SETS_NOTHING;
    u.count = counts[below(7)];
    u.count = model_count + u.count < MOST ? u.count : 1;
    for (size_t i = 0; i < u.count; i++) {
        u.rows[i] = make_row(&u, i);
        u.there += find(u.by_code, &u.rows[i]) != NULL;
    }
    return u;
}

/* In the table in memory. */
static void apply(const upsert *u)
{
    for (size_t i = 0; i < u->count; i++) {
        article *there = find(u->by_code, &u->rows[i]);
        if (!there) {
            model[model_count] = u->rows[i];
            model[model_count++].version = 1;
        } else if (u->sets == SETS_GIVEN) {
            there->name = u->rows[i].name;
            there->amount = u->rows[i].amount;
            there->code = u->rows[i].code;
        } else if (u->sets == ADDS_AMOUNTS) {
            there->amount += u->rows[i].amount;
        } else if (u->sets == SETS_VALUE) {
            there->name = "set";
        }
        if (there && u->sets != SETS_NOTHING) {
            there->version++;
        }
    }
}

/* --- Sent. --- */

static void by_structs(const upsert *u, rowan_insert insert, uint64_t *affected)
{
    insert.rows = u->rows;
    insert.row_count = u->count;
    ok(rowan_query_insert(scope, &insert, NULL, affected));
}

static void by_values(const upsert *u, rowan_insert insert, uint64_t *affected)
{
    *affected = 0;
    for (size_t i = 0; i < u->count; i++) {
        uint64_t one = 0;
        insert.values = SET(TO(ID, u->rows[i].id), TO(CODE, u->rows[i].code),
                            TO(NAME, u->rows[i].name), TO(AMOUNT, u->rows[i].amount));
        ok(rowan_query_insert(scope, &insert, NULL, &one));
        *affected += one;
    }
}

static void by_query(const upsert *u, rowan_insert insert, uint64_t *affected)
{
    static const rowan_column *const all[] = {&article_columns[0], &article_columns[1],
                                              &article_columns[2], &article_columns[3],
                                              &article_columns[4]};
    const rowan_query given = {.from = &given_table};
    article rows[MOST_AT_ONCE];

    memcpy(rows, u->rows, sizeof rows);
    for (size_t i = 0; i < u->count; i++) {
        rows[i].version = 1;
    }
    ok(rowan_query_delete(scope, &(rowan_delete){.from = &given_table, .all_rows = true}, NULL,
                          NULL));
    ok(rowan_raw_insert_all(scope, &given_table, rows, u->count, NULL));
    insert.query = &given;
    insert.columns = all;
    insert.column_count = 5;
    ok(rowan_query_insert(scope, &insert, NULL, affected));
}

static void (*const forms[])(const upsert *u, rowan_insert insert,
                             uint64_t *affected) = {by_structs, by_structs, by_values, by_query};

static void send(const upsert *u, size_t form, bool is_mariadb)
{
    const rowan_assignment *const sets[] = {
        [SETS_NOTHING] = NULL,
        [SETS_GIVEN] =
            form == 3 ? SET(TO(NAME, EXCLUDED(NAME)), TO(AMOUNT, EXCLUDED(AMOUNT))) : NULL,
        [ADDS_AMOUNTS] = SET(TO(AMOUNT, ADD(AMOUNT, EXCLUDED(AMOUNT)))),
        [SETS_VALUE] = SET(TO(NAME, "set"), TO(VERSION, ADD(VERSION, 1))),
    };
    rowan_insert insert = {.into = &article_table, .on_conflict = u->action, .set = sets[u->sets]};
    uint64_t affected = 0;

    if (u->by_code) {
        insert.target = article_code;
        insert.target_count = 1;
    }
    forms[form](u, insert, &affected);
    bool leaves_out = u->action == ROWAN_CONFLICT_NOTHING && !is_mariadb;
    if (form != 3 || !is_mariadb) { /* which counts a query's rows that it overwrites twice */
        ck_assert_uint_eq(affected, leaves_out ? u->count - u->there : u->count);
    }
}

static void compare(int round)
{
    rowan_mark mark = rowan_scope_mark(scope);
    rowan_rows rows;

    ok(rowan_query_all(scope, &(rowan_query){.from = &article_table}, &rows));
    ck_assert_uint_eq(rows.count, model_count);
    const article *found = rows.at;
    for (size_t i = 0; i < rows.count; i++) {
        const article *expected = find(false, &found[i]);
        bool same = expected && found[i].code == expected->code &&
                    strcmp(found[i].name, expected->name) == 0 &&
                    found[i].amount == expected->amount && found[i].version == expected->version;
        if (!same) {
            ck_abort_msg("round %d: %lld, %d, \"%s\", %d, version %d", round,
                         (long long)found[i].id, found[i].code, found[i].name, found[i].amount,
                         found[i].version);
        }
    }
    ok(rowan_scope_rewind(scope, mark));
}

START_TEST(upserts_do_what_a_table_in_memory_does)
{
    unsigned found = 0, made = 0;

    open_on(_i);
    for (int round = 0; round < ROUNDS; round++) {
        upsert u = make_upsert();
        send(&u, below(4), engine_is((size_t)_i, "mariadb"));
        apply(&u);
        compare(round);
        found += u.there > 0;
        made += u.there < u.count;
    }
    ck_assert_uint_gt(found, ROUNDS / 4);
    ck_assert_uint_gt(made, ROUNDS / 4);
    close_all();
}
END_TEST

/* --- One after another. --- */

/* Of the same rows and columns, but by another key or with another effect: each is a statement of
 * its own, though the one before is known. */
START_TEST(an_upsert_is_not_taken_for_another_that_looks_alike)
{
    static const struct {
        rowan_conflict_action action;
        bool by_code;
        rowan_status status; /* of an article whose code is there, under another id */
        int32_t amount;      /* of the one that is there, then */
    } steps[] = {
        {ROWAN_CONFLICT_FAIL, false, ROWAN_UNIQUE, 1},
        {ROWAN_CONFLICT_NOTHING, true, ROWAN_OK, 1},
        {ROWAN_CONFLICT_UPDATE, true, ROWAN_OK, 2},
        {ROWAN_CONFLICT_FAIL, true, ROWAN_UNIQUE, 2},
        {ROWAN_CONFLICT_NOTHING, true, ROWAN_OK, 2},
        {ROWAN_CONFLICT_UPDATE, true, ROWAN_OK, 2},
        {ROWAN_CONFLICT_UPDATE, false, ROWAN_UNIQUE, 2},
        {ROWAN_CONFLICT_NOTHING, false, ROWAN_UNIQUE, 2},
        {ROWAN_CONFLICT_UPDATE, true, ROWAN_OK, 2},
    };
    const article there = {.id = 1, .code = 7, .name = "there", .amount = 1};
    const article given = {.id = 2, .code = 7, .name = "given", .amount = 2};
    bool any_key = engine_is((size_t)_i, "mariadb"); /* decides, whichever is named */

    open_on(_i);
    ok(rowan_raw_insert_all(scope, &article_table, &there, 1, NULL));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const rowan_insert insert = {.into = &article_table,
                                     .rows = &given,
                                     .row_count = 1,
                                     .on_conflict = steps[i].action,
                                     .target = steps[i].by_code ? article_code : article_key,
                                     .target_count = 1};
        rowan_status wanted =
            any_key && steps[i].action != ROWAN_CONFLICT_FAIL ? ROWAN_OK : steps[i].status;
        void *row;
        ck_assert_msg(rowan_query_insert(scope, &insert, NULL, NULL) == wanted, "step %zu: %s", i,
                      rowan_scope_error(scope)->message);
        ok(rowan_query_one(scope, &(rowan_query){.from = &article_table}, &row));
        ck_assert_int_eq(((article *)row)->id, 1);
        ck_assert_int_eq(((article *)row)->amount, steps[i].amount);
    }
    close_all();
}
END_TEST

/* The rows that come back are those that the table has then. */
START_TEST(upserts_give_back_what_is_there)
{
    static const size_t counts[] = {1, 2, 3, 20};

    open_on(_i);
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        article rows[20];
        rowan_rows returned;
        uint64_t affected;
        for (size_t i = 0; i < counts[c]; i++) {
            rows[i] = (article){(int64_t)i + 1, (int32_t)i + 100, "again", (int32_t)c, 0};
        }
        const rowan_insert insert = {.into = &article_table,
                                     .rows = rows,
                                     .row_count = counts[c],
                                     .on_conflict = ROWAN_CONFLICT_UPDATE,
                                     .returning = true};
        ok(rowan_query_insert(scope, &insert, &returned, &affected));
        ck_assert_uint_eq(returned.count, counts[c]);
        ck_assert_uint_eq(affected, counts[c]);
        const article *found = returned.at;
        unsigned seen = 0;
        for (size_t i = 0; i < returned.count; i++) {
            seen |= 1u << (found[i].id - 1);
            ck_assert_int_eq(found[i].code, (int32_t)found[i].id + 99);
            ck_assert_int_eq(found[i].amount, (int32_t)c);
            size_t before = 0;
            for (size_t k = 0; k < c; k++) {
                before += (size_t)found[i].id <= counts[k];
            }
            ck_assert_int_eq(found[i].version, (int32_t)before + 1);
        }
        ck_assert_uint_eq(seen, (1u << counts[c]) - 1);
    }
    close_all();
}
END_TEST

START_TEST(a_key_that_is_given_twice_counts_once_or_is_refused)
{
    article rows[] = {{.id = 1, .code = 11, .name = "first"},
                      {.id = 2, .code = 12, .name = "other"},
                      {.id = 1, .code = 11, .name = "second"}};
    const rowan_insert twice = {
        .into = &article_table, .rows = rows, .row_count = 3, .on_conflict = ROWAN_CONFLICT_UPDATE};
    article *one;

    open_on(_i);
    for (int turn = 0; turn < 2; turn++) { /* where no row is there, and where all are */
        rowan_status status = rowan_query_insert(scope, &twice, NULL, NULL);
        if (engine_is((size_t)_i, "postgresql")) {
            ck_assert_int_eq(status, ROWAN_ENGINE);
            ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "each key once"));
            continue;
        }
        ok(status);
        ok(rowan_record_find(scope, &article_table, ROWAN_KEY(1), (void **)&one));
        ck_assert_str_eq(one->name, "second");
    }
    close_all();
}
END_TEST

/* SQLite takes the first of them; the others refuse in words that say what to do. */
START_TEST(a_subquery_of_several_rows_is_no_value)
{
    open_on(_i);
    ok(rowan_raw_run(scope, "INSERT INTO given VALUES (1, 1, 'a', 1, 1), (2, 2, 'b', 2, 1)",
                     ROWAN_NO_PARAMS, NULL));
    ok(rowan_raw_run(scope, "INSERT INTO article SELECT * FROM given", ROWAN_NO_PARAMS, NULL));
    rowan_status status = rowan_raw_run(
        scope, "DELETE FROM article WHERE id = (SELECT id FROM given)", ROWAN_NO_PARAMS, NULL);
    if (engine_is((size_t)_i, "sqlite")) {
        ok(status);
    } else {
        ck_assert_int_eq(status, ROWAN_ENGINE);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "LIMIT 1"));
    }
    close_all();
}
END_TEST

START_TEST(what_was_left_out_does_not_come_back)
{
    article rows[] = {{1, 10, "a", 1, 0}, {2, 20, "b", 2, 0}, {3, 30, "c", 3, 0}};
    const rowan_insert insert = {.into = &article_table,
                                 .rows = rows,
                                 .row_count = 3,
                                 .on_conflict = ROWAN_CONFLICT_NOTHING,
                                 .returning = true};
    rowan_rows returned;

    open_on(_i);
    ok(rowan_raw_insert_all(scope, &article_table, &rows[1], 1, NULL));
    rowan_status status = rowan_query_insert(scope, &insert, &returned, NULL);
    if (engine_is((size_t)_i, "mariadb")) {
        ck_assert_int_eq(status, ROWAN_UNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "did not leave out"));
    } else {
        ok(status);
        ck_assert_uint_eq(returned.count, 2);
        ck_assert_int_eq(((article *)returned.at)[0].id + ((article *)returned.at)[1].id, 4);
        ok(rowan_query_insert(scope, &insert, &returned, NULL));
        ck_assert_uint_eq(returned.count, 0);
    }
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("upserts");
    TCase *tc = tcase_create("upserts");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, upserts_do_what_a_table_in_memory_does, 0, engines);
    tcase_add_loop_test(tc, an_upsert_is_not_taken_for_another_that_looks_alike, 0, engines);
    tcase_add_loop_test(tc, upserts_give_back_what_is_there, 0, engines);
    tcase_add_loop_test(tc, a_key_that_is_given_twice_counts_once_or_is_refused, 0, engines);
    tcase_add_loop_test(tc, a_subquery_of_several_rows_is_no_value, 0, engines);
    tcase_add_loop_test(tc, what_was_left_out_does_not_come_back, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
