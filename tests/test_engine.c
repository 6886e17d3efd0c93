/* The support of the tests themselves: databases that are fresh, and gone afterwards. */
#include <check.h>

#include "support/engine.h"
#include "support/suite.h"

START_TEST(each_database_is_fresh_and_has_the_engine_asked_for)
{
    rowan_db *one = engine_open((size_t)_i, NULL);
    rowan_db *two = engine_open((size_t)_i, NULL);

    ck_assert_str_eq(rowan_db_engine(one), engine_name((size_t)_i));
    engine_script(one, "CREATE TABLE word (id @key, said @text(20) NOT NULL);");
    engine_script(two, "CREATE TABLE word (id @key, said @text(20) NOT NULL);");
    engine_close(one);
    engine_close(two);
}
END_TEST

START_TEST(the_bookshop_has_its_tables)
{
    rowan_db *db = engine_bookshop((size_t)_i, NULL);
    rowan_error error;
    rowan_scope *scope;
    uint64_t affected;

    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    ck_assert_int_eq(
        rowan_raw_run(scope, "DELETE FROM book WHERE id < 0", ROWAN_NO_PARAMS, &affected),
        ROWAN_OK);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine");
    TCase *tc = tcase_create("engine");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, each_database_is_fresh_and_has_the_engine_asked_for, 0, engines);
    tcase_add_loop_test(tc, the_bookshop_has_its_tables, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
