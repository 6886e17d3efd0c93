/* The catalogue: what was declared is found again, and the same on every engine. */
#include <check.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/text.h"
#include "database/execute.h"
#include "support/engine.h"
#include "support/suite.h"

static void write_column(rowan__text *out, const rowan__found_column *column)
{
    rowan__text_format(out, "  %s: type %d", column->name, column->type);
    rowan__text_format(out, " (%u, %u)", column->length, column->scale);
    rowan__text_str(out, column->nullable ? " nullable" : "");
    rowan__text_str(out, column->generated ? " generated" : "");
    rowan__text_str(out, column->has_default ? " default" : "");
    rowan__text_format(out, " key %u", column->key_position);
    for (size_t i = 0; i < column->label_count; i++) {
        rowan__text_format(out, " <%s>", column->labels[i]);
    }
    rowan__text_char(out, '\n');
}

static void write_key(rowan__text *out, const rowan__found_key *key)
{
    rowan__text_str(out, key->to_table ? "  refers:" : "  unique:");
    for (size_t i = 0; i < key->column_count; i++) {
        rowan__text_format(out, " %s", key->columns[i]);
    }
    for (size_t i = 0; key->to_table && i < key->column_count; i++) {
        rowan__text_format(out, " %s.%s", key->to_table, key->to_columns[i]);
    }
    rowan__text_char(out, '\n');
}

/* What is found in a database, as text. The caller frees it. */
static rowan__text describe(rowan_db *db)
{
    rowan__text out;
    rowan_scope *scope;
    rowan_error error;
    rowan__found found;

    rowan__text_init(&out, &rowan__default_allocator);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    ck_assert_int_eq(rowan__scope_introspect(scope, &found), ROWAN_OK);
    for (size_t i = 0; i < found.table_count; i++) {
        const rowan__found_table *table = &found.tables[i];
        rowan__text_format(&out, "%s\n", table->name);
        for (size_t k = 0; k < table->column_count; k++) {
            write_column(&out, &table->columns[k]);
        }
        for (size_t k = 0; k < table->key_count; k++) {
            write_key(&out, &table->keys[k]);
        }
    }
    rowan_scope_end(scope);
    return out;
}

static const char everything[] =
    "CREATE TABLE zebra (id @key, b @bool NOT NULL, small @int16 NOT NULL, middle @int32, "
    "big @int64 NOT NULL, f @float, d @double NOT NULL, price @decimal(10,2) NOT NULL, "
    "long_text @text NOT NULL, short_text @text(20) NOT NULL, day @date, hour @time, "
    "moment @timestamp, token @uuid, document @json, data @blob, "
    "kind @text(20) NOT NULL CHECK (kind IN ('a', 'it''s', 'c')), "
    "filled @int32 NOT NULL DEFAULT 7, UNIQUE (short_text, big), UNIQUE (middle));"
    "CREATE TABLE apple (left_id @ref NOT NULL REFERENCES zebra (id), right_id @int32 NOT NULL, "
    "said @text(10) NOT NULL, PRIMARY KEY (right_id, left_id));"
    "CREATE TABLE \"Mixed\" (\"select\" @int64 PRIMARY KEY, right_id @int32, left_id @ref, "
    "FOREIGN KEY (right_id, left_id) REFERENCES apple (right_id, left_id));";

/* By rowan_type. */
static const char expected[] = "Mixed\n"
                               "  select: type 4 (0, 0) key 1\n"
                               "  right_id: type 3 (0, 0) nullable key 0\n"
                               "  left_id: type 4 (0, 0) nullable key 0\n"
                               "  refers: right_id left_id apple.right_id apple.left_id\n"
                               "apple\n"
                               "  left_id: type 4 (0, 0) key 2\n"
                               "  right_id: type 3 (0, 0) key 1\n"
                               "  said: type 8 (10, 0) key 0\n"
                               "  refers: left_id zebra.id\n"
                               "zebra\n"
                               "  id: type 4 (0, 0) generated key 1\n"
                               "  b: type 1 (0, 0) key 0\n"
                               "  small: type 2 (0, 0) key 0\n"
                               "  middle: type 3 (0, 0) nullable key 0\n"
                               "  big: type 4 (0, 0) key 0\n"
                               "  f: type 5 (0, 0) nullable key 0\n"
                               "  d: type 6 (0, 0) key 0\n"
                               "  price: type 7 (10, 2) key 0\n"
                               "  long_text: type 8 (0, 0) key 0\n"
                               "  short_text: type 8 (20, 0) key 0\n"
                               "  day: type 10 (0, 0) nullable key 0\n"
                               "  hour: type 11 (0, 0) nullable key 0\n"
                               "  moment: type 12 (0, 0) nullable key 0\n"
                               "  token: type 13 (0, 0) nullable key 0\n"
                               "  document: type 14 (0, 0) nullable key 0\n"
                               "  data: type 9 (0, 0) nullable key 0\n"
                               "  kind: type 15 (20, 0) key 0 <a> <it's> <c>\n"
                               "  filled: type 3 (0, 0) default key 0\n"
                               "  unique: middle\n"
                               "  unique: short_text big\n";

START_TEST(every_declared_thing_is_found_again)
{
    rowan_db *db = engine_open((size_t)_i, NULL);

    if (engine_is((size_t)_i, "mariadb")) { /* which quotes names with backticks */
        char script[sizeof everything];
        snprintf(script, sizeof script, "%s", everything);
        for (char *at = strchr(script, '"'); at; at = strchr(at, '"')) {
            *at = '`';
        }
        engine_script(db, script);
    } else {
        engine_script(db, everything);
    }
    rowan__text found = describe(db);
    ck_assert_str_eq(rowan__text_string(&found), expected);
    rowan__text_fini(&found);
    engine_close(db);
}
END_TEST

START_TEST(the_bookshop_is_the_same_on_every_engine)
{
    rowan_db *db = engine_bookshop((size_t)_i, NULL);
    rowan_db *first = engine_bookshop(0, NULL);
    rowan__text found = describe(db);
    rowan__text wanted = describe(first);

    ck_assert_uint_gt(wanted.size, 1000);
    ck_assert_str_eq(rowan__text_string(&found), rowan__text_string(&wanted));
    rowan__text_fini(&found);
    rowan__text_fini(&wanted);
    engine_close(db);
    engine_close(first);
}
END_TEST

START_TEST(a_database_without_tables_has_nothing)
{
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan__text found = describe(db);

    ck_assert_uint_eq(found.size, 0);
    rowan__text_fini(&found);
    engine_close(db);
}
END_TEST

START_TEST(the_queries_do_not_grow_with_the_number_of_tables)
{
    uint64_t statements[2];

    for (int size = 0; size < 2; size++) {
        rowan_db *db = engine_open((size_t)_i, NULL);
        rowan_scope *scope;
        rowan_error error;
        rowan__found found;
        for (int i = 0; i < (size ? 30 : 1); i++) {
            char sql[80];
            snprintf(sql, sizeof sql, "CREATE TABLE t%d (id @key, said @text(20) UNIQUE);", i);
            engine_script(db, sql);
        }
        ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
        ck_assert_int_eq(rowan__scope_introspect(scope, &found), ROWAN_OK);
        ck_assert_uint_eq(found.table_count, size ? 30 : 1);
        statements[size] = rowan_scope_counts(scope).statements;
        rowan_scope_end(scope);
        engine_close(db);
    }
    ck_assert_uint_eq(statements[0], statements[1]);
    ck_assert_uint_le(statements[0], 6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("catalogue");
    TCase *tc = tcase_create("catalogue");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, every_declared_thing_is_found_again, 0, engines);
    tcase_add_loop_test(tc, the_bookshop_is_the_same_on_every_engine, 0, engines);
    tcase_add_loop_test(tc, a_database_without_tables_has_nothing, 0, engines);
    tcase_add_loop_test(tc, the_queries_do_not_grow_with_the_number_of_tables, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
