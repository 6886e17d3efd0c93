/*
 * The same situation as different frameworks and engines spell it: what is a loop stays one, what
 * is none stays none.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/suite.h"
#include "support/told.h"

static const int counts[] = {5, 8, 40};

enum { COUNTS = sizeof counts / sizeof counts[0] };

static rowan_value text(char *buffer, size_t size, const char *format, int number)
{
    snprintf(buffer, size, format, number);
    return ROWAN_V((const char *)buffer);
}

/* --- Ranges. --- */

static const struct spelled {
    const char *engine, *sql;
} pages[] = {
    {"postgresql", "SELECT id FROM ev AS e WHERE ($1 < e.\"id\") ORDER BY e.id LIMIT 50"},
    {"postgresql", "SELECT id FROM ev WHERE $1::bigint < ev.id ORDER BY id LIMIT 50"},
    {"postgresql", "SELECT id FROM ev WHERE id > $1::numeric(10,0) ORDER BY id LIMIT 50"},
    {"postgresql", "SELECT id FROM ev WHERE id >= pg_catalog.int8($1) FETCH FIRST 9 ROWS ONLY"},
    {"postgresql", "SELECT id FROM ev WHERE ROW(id) > ROW($1::int) ORDER BY 1 LIMIT 50"},
    {"sqlite", "SELECT id FROM ev WHERE id > CAST(? AS INTEGER) ORDER BY id LIMIT 50"},
    {"sqlite", "SELECT id FROM ev WHERE ? < id AND kind = 3 ORDER BY id LIMIT 50"},
    {"sqlite", "SELECT id FROM ev WHERE id BETWEEN abs(:n) AND abs(:n) + 50"},
    {"mariadb", "SELECT id FROM ev WHERE at < now() - INTERVAL ? DAY LIMIT 50"},
    {"mariadb", "SELECT id FROM ev WHERE at >= '2024-01-01' + INTERVAL ? DAY"},
    {"mariadb", "SELECT id FROM ev ORDER BY id LIMIT 50 OFFSET ?"},
};

/* Each page begins behind the last row of the one before, so the values are in earlier rows. */
START_TEST(a_page_is_one_however_its_bound_is_written)
{
    const struct spelled *page = &pages[_i];

    told_begin(page->engine);
    for (int i = 0; i < 12; i++) {
        rows_of("id", 50 * i + 1, 1, 50);
        tell_one(page->sql, 50 * (int64_t)i);
    }
    judge_silent(page->sql);
    told_end();
}
END_TEST

static const struct spelled children[] = {
    {"postgresql", "SELECT c.id AS c_id FROM c WHERE $1::INTEGER = c.post_id"},
    {"postgresql",
     "SELECT \"c\".\"id\" FROM \"public\".\"c\" WHERE (\"c\".\"post_id\" = $1 AND 1=1)"},
    {"postgresql", "SELECT id FROM c WHERE post_id = pg_catalog.int8($1)"},
    {"sqlite", "SELECT c.id FROM c WHERE ? = c.post_id"},
    {"sqlite", "SELECT id FROM c WHERE post_id = @id OR :other = 0"},
    {"mariadb", "SELECT id FROM c WHERE post_id = CAST(? AS UNSIGNED)"},
    {"mariadb", "select `c`.* from `c` where `c`.`post_id` = ? limit 21"},
};

/* Without call sites, as an interpreter's statements come. */
START_TEST(the_column_is_found_however_its_value_is_written)
{
    const struct spelled *child = &children[_i / COUNTS];
    int count = counts[_i % COUNTS];

    told_begin(child->engine);
    told.line = 0;
    rows_of("id", 300, 7, (size_t)count);
    tell("SELECT id FROM post ORDER BY id", ROWAN_NO_PARAMS);
    for (int i = 0; i < count; i++) {
        tell_one(child->sql, 300 + 7 * i);
    }
    const rowan_finding *found = judge_one(ROWAN_N_PLUS_ONE);
    ck_assert_str_eq(found->child_column, "post_id");
    ck_assert_int_eq(found->confidence, ROWAN_CONFIRMED);
    told_end();
}
END_TEST

/* What a list alone does not mend is not written as if it did. */
START_TEST(a_statement_whose_rows_meet_is_not_written_with_a_list)
{
    static const struct {
        const char *sql, *says;
    } cases[] = {
        {"SELECT a FROM c WHERE post_id = ?", ": select a from c where post_id IN (?)"},
        {"SELECT count(*) FROM c WHERE post_id = ?", "where post_id IN (?) GROUP BY post_id"},
        {"SELECT a FROM c WHERE post_id = ? LIMIT 3", ", and tell its rows apart by post_id"},
        {"SELECT (SELECT max(a) FROM c WHERE post_id = ?) AS m FROM d", "apart by post_id"},
        {"SELECT a FROM c WHERE post_id = ? UNION SELECT a FROM d", "apart by post_id"},
        {"SELECT rank() OVER (ORDER BY a) FROM c WHERE post_id = ?", "apart by post_id"},
        {"SELECT * FROM notes_of(?)", "apart by the value"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        told_begin("sqlite");
        for (int k = 0; k < 8; k++) {
            tell_one(cases[i].sql, 30 + k);
        }
        const rowan_finding *found = judge_one(ROWAN_N_PLUS_ONE);
        ck_assert_msg(strstr(found->suggestion, cases[i].says) != NULL, "%s: %s", cases[i].sql,
                      found->suggestion);
        ck_assert_msg((strstr(found->suggestion, "IN (?)") != NULL) == (i < 2), "%s",
                      found->suggestion);
        told_end();
    }
}
END_TEST

/* A name that stands in a text twice is one parameter. */
START_TEST(a_named_parameter_is_bound_once)
{
    rowan__fold fold;
    static const char sql[] = "SELECT x FROM t WHERE a = :x AND b = @y AND c = :x AND d = ?7 AND "
                              "e = ? AND f = :x";
    static const uint32_t params[] = {0, 1, 0, 6, 7, 0};

    rowan__fold_statement(rowan__engine_reading("sqlite"), "sqlite", sql, strlen(sql), NULL, 0,
                          &fold);
    ck_assert_uint_eq(fold.place_count, 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(fold.places[i].param, params[i]);
    }
}
END_TEST

/* --- Lists in a text. --- */

static const struct listed {
    const char *engine, *sql, *open, *close;
} listed[] = {
    {"postgresql", "SELECT * FROM c WHERE post_id = ANY($1)", "{", "}"},
    {"postgresql", "SELECT * FROM c JOIN unnest($1::bigint[]) AS k(id) ON k.id = c.post_id", "{",
     "}"},
    {"postgresql", "SELECT * FROM c WHERE post_id IN (SELECT unnest($1::text[]))", "{", "}"},
    {"sqlite", "SELECT * FROM c WHERE post_id IN (SELECT value FROM json_each(?))", "[", "]"},
    {"mariadb", "SELECT * FROM c WHERE json_contains(?, post_id)", "[", "]"},
};

static void tell_list(const struct listed *as, int first, int count)
{
    char list[400];
    size_t size = (size_t)snprintf(list, sizeof list, "%s", as->open);

    for (int i = 0; i < count; i++) {
        size += (size_t)snprintf(list + size, sizeof list - size, i % 2 ? ", %d" : ",%d" + (i == 0),
                                 first + i);
    }
    snprintf(list + size, sizeof list - size, "%s", as->close);
    tell(as->sql, ROWAN_PARAMS(ROWAN_V((const char *)list)));
}

START_TEST(a_list_in_a_text_is_a_batch_and_one_of_one_is_none)
{
    const struct listed *as = &listed[_i];

    told_begin(as->engine);
    rows_of("id", 100, 1, 160);
    tell("SELECT id FROM post", ROWAN_NO_PARAMS);
    for (int i = 0; i < 10; i++) {
        tell_list(as, 100 + 16 * i, 16);
    }
    judge_silent(as->sql);
    told_end();

    told_begin(as->engine);
    told.line = 0;
    rows_of("id", 100, 1, 160);
    tell("SELECT id FROM post", ROWAN_NO_PARAMS);
    for (int i = 0; i < 10; i++) {
        tell_list(as, 100 + 16 * i, 1 + i % 3);
    }
    ck_assert_uint_eq(judge_one(ROWAN_N_PLUS_ONE)->count, 10);
    told_end();
}
END_TEST

/* How long an array is that a recorder hid is not known; a single value that was hidden is one. */
START_TEST(a_hidden_array_is_no_loop)
{
    static const char *const texts[] = {
        "SELECT * FROM c WHERE post_id = $1",
        "SELECT * FROM notes_of($1)",
        "SELECT * FROM c WHERE post_id = ANY ($1::int[])",
        "SELECT * FROM c JOIN unnest($1::int[]) AS k ON k = post_id",
        "SELECT * FROM c WHERE post_id IN (SELECT value FROM json_each($1))",
        "SELECT * FROM c WHERE post_id = ANY (string_to_array($1, ','))",
    };
    char hidden[32];

    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        told_begin("postgresql");
        for (int i = 0; i < 10; i++) {
            tell(texts[k], ROWAN_PARAMS(text(hidden, sizeof hidden, "#00c0ffee00%06x", i)));
        }
        if (k < 2) {
            judge_one(ROWAN_N_PLUS_ONE);
        } else {
            judge_silent(texts[k]);
        }
        told_end();
    }
}
END_TEST

START_TEST(what_is_no_list_has_no_items)
{
    static const char *const texts[] = {
        "{}",     "[]",       "{\"a\": 1}", "[[1,2],[3]]", "{1,2",    "[1,,2]", "{a\\,b}",
        "{1;2}x", "[\"a\"b]", "x{1}",       "[\"a\",",     "{\"a,b}", "1",      ""};
    static const struct {
        const char *text;
        size_t items, tell;
    } lists[] = {
        {"{1}", 1, 1}, {"[1, \"b\", null]", 3, 3}, {"{\"a b\",c}", 2, 2}, {"{4711,-3,x}", 3, 3}};
    uint64_t keys[2];
    size_t count;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        rowan_value value = ROWAN_V(texts[i]);
        ck_assert_msg(rowan__key_items(&value, keys, 2, &count) == 0, "%s", texts[i]);
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        rowan_value value = ROWAN_V(lists[i].text);
        ck_assert_uint_eq(rowan__key_items(&value, keys, 2, &count), lists[i].items);
        ck_assert_uint_eq(count, lists[i].tell < 2 ? lists[i].tell : 2);
    }
    rowan_value value = ROWAN_V("{4711,\"O'Neil\"}");
    ck_assert_uint_eq(rowan__key_items(&value, keys, 2, &count), 2);
    ck_assert_uint_eq(keys[0], rowan__key_int(4711));
    ck_assert_uint_eq(keys[1], rowan__key_literal("'O''Neil'", 9, false, false));
}
END_TEST

/* --- Literals. --- */

START_TEST(a_literal_has_the_key_of_its_value_however_it_is_quoted)
{
    static const struct {
        const char *literal, *value;
        bool heeds_backslashes;
    } cases[] = {
        {"'it''s'", "it's", false},
        {"'it\\'s'", "it's", true},
        {"E'it\\'s'", "it's", false},
        {"'a\\b'", "a\\b", false},
        {"$$it's$$", "it's", false},
        {"$q$4711$q$", "4711", false},
        {"\"say \"\"so\"\"\"", "say \"so\"", false},
        {"N'x'", "x", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rowan_value value = ROWAN_V(cases[i].value);
        ck_assert_msg(rowan__key_literal(cases[i].literal, strlen(cases[i].literal), false,
                                         cases[i].heeds_backslashes) == rowan__key_value(&value),
                      "%s", cases[i].literal);
    }
}
END_TEST

/* --- Values that nothing else has. --- */

static void tell_shuffled(const char *format)
{
    char keys[12][48], more[48];

    told_begin("mariadb");
    told.line = 0;
    result.names[0] = "id";
    result.columns = 1;
    result.rows = 12;
    for (int i = 0; i < 12; i++) {
        result.cells[i] = text(keys[i], sizeof keys[i], format, i);
    }
    tell("SELECT id FROM product", ROWAN_NO_PARAMS);
    for (int i = 0; i < 12; i++) {
        tell("SELECT qty FROM stock WHERE sku = ?",
             ROWAN_PARAMS(text(more, sizeof more, format, 5 * i % 12)));
    }
}

/* Nothing tells where they are sent from, and they come in any order: only a value that no other
 * column has by chance is evidence then. What a recorder hid may be any number. */
START_TEST(rare_values_confirm_without_call_site_and_order)
{
    static const char *const rare[] = {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd38%04x",
                                       "order-2024-0000-%02d"};
    static const char *const common[] = {"%d", "sku%d", "#00000000000000%02x"};

    for (size_t i = 0; i < 2; i++) {
        tell_shuffled(rare[i]);
        ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
        told_end();
    }
    for (size_t i = 0; i < 3; i++) {
        tell_shuffled(common[i]);
        judge_silent(common[i]);
        told_end();
    }
}
END_TEST

/*
 * Books of few authors, asked for in the order of the books: an author comes again whenever a book
 * of theirs does, which is no disorder. Another column with the same numbers is no evidence.
 */
START_TEST(a_value_that_many_rows_have_is_in_order)
{
    static const int authors[] = {3, 5, 11};

    for (size_t k = 0; k < 3; k++) {
        for (int fits = 0; fits < 2; fits++) {
            told_begin("sqlite");
            told.line = 0;
            rows_of(fits ? "author_id" : "stars", 0, 1, 24);
            for (int i = 0; i < 24; i++) {
                result.cells[i] = ROWAN_V(10 + i * 7 % authors[k]);
            }
            tell("SELECT author_id FROM book", ROWAN_NO_PARAMS);
            for (int i = 0; i < 24; i++) {
                tell_one("SELECT name FROM author WHERE id = ?", 10 + i * 7 % authors[k]);
            }
            if (fits || authors[k] > 3) {
                const rowan_finding *found = judge_one(ROWAN_N_PLUS_ONE);
                ck_assert_uint_eq(found->distinct, (size_t)authors[k]);
                ck_assert_int_eq(found->confidence, ROWAN_CONFIRMED);
            } else {
                judge_silent("three stars");
            }
            told_end();
        }
    }
}
END_TEST

/* Of two columns that make up a key, the one in whose order the values come is told of. */
START_TEST(a_key_of_two_columns_is_followed_by_either)
{
    told_begin("postgresql");
    told.line = 0;
    result.names[0] = "order_no";
    result.names[1] = "line_no";
    result.columns = 2;
    result.rows = 9;
    for (int i = 0; i < 9; i++) {
        result.cells[2 * i] = ROWAN_V(500 + i / 3);
        result.cells[2 * i + 1] = ROWAN_V(10 + i % 3);
    }
    tell("SELECT order_no, line_no FROM picked", ROWAN_NO_PARAMS);
    for (int i = 0; i < 9; i++) {
        tell("SELECT * FROM line WHERE order_no = $1 AND line_no = $2",
             ROWAN_PARAMS(ROWAN_V(500 + i / 3), ROWAN_V(10 + i % 3)));
    }
    ck_assert_str_eq(judge_one(ROWAN_N_PLUS_ONE)->parent_column, "order_no");
    told_end();
}
END_TEST

/* --- What the engine is asked about itself. --- */

static const struct spelled own[] = {
    {"mariadb", "SELECT * FROM performance_schema.threads WHERE name = ?"},
    {"mariadb", "SELECT * FROM `sys`.`innodb_lock_waits` WHERE id = ?"},
    {"sqlite", "SELECT * FROM pragma_table_info(?)"},
    {"sqlite", "SELECT seq FROM sqlite_sequence WHERE name = ?"},
    {"sqlite", "SELECT name FROM sqlite_temp_master WHERE name = ?"},
    {"mariadb", "SELECT ? FROM DUAL"},
};

START_TEST(the_engines_own_tables_are_no_loop)
{
    told_begin(own[_i].engine);
    for (int i = 0; i < 20; i++) {
        tell_one(own[_i].sql, i);
    }
    judge_silent(own[_i].sql);
    told_end();
}
END_TEST

/* --- Writes. --- */

static const struct a_write {
    const char *engine, *sql;
    bool is_loop; /* of one row each */
} writes[] = {
    {"mariadb", "INSERT INTO kv SET k = ?, v = 1", true},
    {"mariadb", "REPLACE INTO kv SET k = ?, v = 1", true},
    {"postgresql", "WITH n AS (INSERT INTO ev (a) VALUES ($1) RETURNING id) SELECT id FROM n",
     true},
    {"postgresql", "WITH n AS (UPDATE ev SET a = 3 WHERE id = $1 RETURNING id) SELECT id FROM n",
     true},
    {"postgresql",
     "MERGE INTO kv USING (VALUES ($1, 2)) AS s(k, v) ON kv.k = s.k WHEN MATCHED "
     "THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)",
     true},
    {"postgresql",
     "MERGE INTO kv USING fresh ON kv.k = fresh.k AND fresh.day = $1 WHEN MATCHED "
     "THEN UPDATE SET v = 1",
     false},
    {"postgresql", "INSERT INTO a (n) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM a)", true},
    {"mariadb", "INSERT INTO a (n) SELECT ? FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM a)", true},
    {"sqlite", "INSERT INTO a (n) SELECT n FROM b WHERE day = ?", false},
    {"sqlite", "INSERT INTO a (n) SELECT n FROM (SELECT * FROM b) WHERE day = ?", false},
    {"postgresql", "UPDATE a SET n = 1 WHERE id IN ($1)", true},
    {"postgresql", "DELETE FROM a WHERE (shop, id) = (7, $1)", true},
};

enum { WRITES = sizeof writes / sizeof writes[0] };

START_TEST(a_write_of_one_row_is_one_however_it_is_written)
{
    const struct a_write *write = &writes[_i % WRITES];

    told_begin(write->engine);
    told.affected = 1;
    told.line = _i < WRITES ? 10 : 0; /* with a call site, and without any */
    for (int i = 0; i < 12; i++) {
        tell_one(write->sql, 70 + i);
        tell("SAVEPOINT a", ROWAN_NO_PARAMS);
    }
    if (write->is_loop) {
        const rowan_finding *found = judge_one(ROWAN_WRITE_LOOP);
        ck_assert_uint_eq(found->count, 12);
        ck_assert_int_eq(found->confidence, _i < WRITES ? ROWAN_CONFIRMED : ROWAN_LIKELY);
    } else {
        judge_silent(write->sql);
    }
    told_end();
}
END_TEST

START_TEST(writes_from_nowhere_in_particular_that_come_now_and_then_are_no_loop)
{
    told_begin("sqlite");
    told.line = 0;
    told.affected = 1;
    for (int i = 0; i < 12; i++) {
        tell_one("INSERT INTO log (line) VALUES (?)", 70 + i);
        for (int k = 0; k < i * 5 % 7; k++) {
            tell("SELECT 1", ROWAN_NO_PARAMS);
        }
    }
    judge_silent("a log");
    told_end();
}
END_TEST

/* A counter that is set if nobody set it meanwhile: each turn needs the one before. */
START_TEST(a_value_that_is_read_compared_and_set_is_no_loop)
{
    told_begin("mariadb");
    told.affected = 1;
    for (int i = 0; i < 12; i++) {
        rows_of("next_val", i, 1, 1);
        tell("SELECT next_val FROM sequences FOR UPDATE", ROWAN_NO_PARAMS);
        tell("UPDATE sequences SET next_val = ? WHERE next_val = ?",
             ROWAN_PARAMS(ROWAN_V(i + 1), ROWAN_V(i)));
    }
    judge_silent("a sequence in a table");
    told_end();

    told_begin("mariadb"); /* with a key beside it, it is a row of its own each time */
    told.affected = 1;
    for (int i = 0; i < 12; i++) {
        tell("UPDATE book SET price = ?, version = ? WHERE id = ? AND version = ?",
             ROWAN_PARAMS(ROWAN_V(i), ROWAN_V(i % 3 + 1), ROWAN_V(40 + i), ROWAN_V(i % 3)));
    }
    judge_one(ROWAN_WRITE_LOOP);
    told_end();
}
END_TEST

/* What is done for each job of a queue cannot be done for all: the next one is not known yet. */
START_TEST(what_is_taken_from_a_queue_is_worked_off_singly)
{
    static const char *const takes[] = {
        "SELECT id FROM job WHERE state = 'new' LIMIT 1 FOR UPDATE SKIP LOCKED",
        "WITH j AS (SELECT id FROM job LIMIT 1 FOR UPDATE SKIP LOCKED) UPDATE job SET state = 2 "
        "FROM j WHERE job.id = j.id RETURNING job.id",
    };

    for (size_t k = 0; k < 2; k++) {
        told_begin("postgresql");
        told.affected = 1;
        for (int i = 0; i < 12; i++) {
            rows_of("id", 700 + i, 1, 1);
            tell(takes[k], ROWAN_NO_PARAMS);
            tell_one("SELECT * FROM job_argument WHERE job_id = $1", 700 + i);
            tell_one("UPDATE job SET done = now() WHERE id = $1", 700 + i);
            tell_one("DELETE FROM lease WHERE job_id = $1", 700 + i);
        }
        judge_silent(takes[k]);
        told_end();
    }
    told_begin("postgresql"); /* many at once are known all at once */
    told.affected = 1;
    rows_of("id", 700, 1, 12);
    tell("SELECT id FROM job WHERE state = 'new' LIMIT 12 FOR UPDATE SKIP LOCKED", ROWAN_NO_PARAMS);
    for (int i = 0; i < 12; i++) {
        tell_one("SELECT * FROM job_argument WHERE job_id = $1", 700 + i);
        tell_one("DELETE FROM lease WHERE job_id = $1", 700 + i);
    }
    judge();
    ck_assert_ptr_nonnull(find(ROWAN_N_PLUS_ONE));
    ck_assert_ptr_nonnull(find(ROWAN_WRITE_LOOP));
    told_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("the detector: spelling");
    TCase *reads = tcase_create("reads");
    TCase *written = tcase_create("writes");

    tcase_add_loop_test(reads, a_page_is_one_however_its_bound_is_written, 0,
                        sizeof pages / sizeof pages[0]);
    tcase_add_loop_test(reads, the_column_is_found_however_its_value_is_written, 0,
                        COUNTS * sizeof children / sizeof children[0]);
    tcase_add_test(reads, a_statement_whose_rows_meet_is_not_written_with_a_list);
    tcase_add_test(reads, a_named_parameter_is_bound_once);
    tcase_add_loop_test(reads, a_list_in_a_text_is_a_batch_and_one_of_one_is_none, 0,
                        sizeof listed / sizeof listed[0]);
    tcase_add_test(reads, a_hidden_array_is_no_loop);
    tcase_add_test(reads, what_is_no_list_has_no_items);
    tcase_add_test(reads, a_literal_has_the_key_of_its_value_however_it_is_quoted);
    tcase_add_test(reads, rare_values_confirm_without_call_site_and_order);
    tcase_add_test(reads, a_value_that_many_rows_have_is_in_order);
    tcase_add_test(reads, a_key_of_two_columns_is_followed_by_either);
    tcase_add_loop_test(reads, the_engines_own_tables_are_no_loop, 0, sizeof own / sizeof own[0]);
    tcase_add_loop_test(written, a_write_of_one_row_is_one_however_it_is_written, 0, 2 * WRITES);
    tcase_add_test(written, writes_from_nowhere_in_particular_that_come_now_and_then_are_no_loop);
    tcase_add_test(written, a_value_that_is_read_compared_and_set_is_no_loop);
    tcase_add_test(written, what_is_taken_from_a_queue_is_worked_off_singly);
    suite_add_tcase(suite, reads);
    suite_add_tcase(suite, written);
    return suite_run(suite);
}
