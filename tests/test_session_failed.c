/*
 * After a flush that failed the session is as it was: its rows are the same pointers by the same
 * keys, what was removed is still to be removed, and the next flush does what this one could not.
 */
#include <check.h>
#include <stdio.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/session.h"
#include "support/suite.h"

enum { PURCHASE = 1 };

/* What a line is looked up by. */
static rowan_status find_line(rowan_session *session, int32_t line_no, void **out)
{
    const rowan_value key[] = {V(PURCHASE), V(line_no)};

    return rowan_session_find(session, &library_line_table, (rowan_params){key, 2}, out);
}

static library_line *make_line(rowan_session *session, int32_t line_no, int32_t quantity)
{
    library_line *line = make(session, &library_line_table);

    *line = (library_line){.purchase_id = PURCHASE, .line_no = line_no, .quantity = quantity};
    return line;
}

static void remove_row(rowan_session *session, void *row)
{
    library_ok(rowan_session_scope(session), rowan_session_remove(session, row));
}

/* A category without a name, which no engine takes, in the wave after its parent's. */
static library_category *make_wrong(rowan_session *session, library_category *parent)
{
    library_category *category = make(session, &library_category_table);

    category->name = NULL; /* NOT NULL */
    refer(session, &library_category_parent, category, parent);
    return category;
}

static void check_pending(rowan_session *session, size_t inserts, size_t updates, size_t deletes)
{
    rowan_session_changes pending = rowan_session_pending(session);

    ck_assert_uint_eq(pending.inserts, inserts);
    ck_assert_uint_eq(pending.updates, updates);
    ck_assert_uint_eq(pending.deletes, deletes);
}

/* A new row with the key of a removed one was inserted already when the flush failed. */
START_TEST(a_row_that_was_to_be_replaced_is_still_removed)
{
    for (int lines = 1; lines <= 3; lines++) {
        rowan_db *db = library_open((size_t)_i, NULL);
        library_line *old[3], *heir[3];
        void *found;

        library_fill_lines(db, 1, lines);
        library_run(db, "DELETE FROM parcel");
        rowan_scope *scope = library_scope(db);
        rowan_session *session = begin(scope);
        for (int i = 0; i < lines; i++) {
            library_ok(scope, find_line(session, i + 1, (void **)&old[i]));
            remove_row(session, old[i]);
            heir[i] = make_line(session, i + 1, 7000 + i);
        }
        library_category *root = make(session, &library_category_table);
        root->name = "root";
        library_category *wrong = make_wrong(session, root);
        ck_assert_int_eq(rowan_session_flush(session), ROWAN_NOT_NULL);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM purchase_line"), lines);

        library_sent(scope);
        for (int i = 0; i < lines; i++) { /* it knows that they are to go, and asks nobody */
            ck_assert_int_eq(find_line(session, i + 1, &found), ROWAN_NOT_FOUND);
            ck_assert_ptr_null(found);
        }
        ck_assert_uint_eq(library_sent(scope), 0);
        check_pending(session, (size_t)lines + 2, 0, (size_t)lines);

        wrong->name = "right";
        flush(session);
        check_pending(session, 0, 0, 0);
        for (int i = 0; i < lines; i++) {
            library_ok(scope, find_line(session, i + 1, &found));
            ck_assert_ptr_eq(found, heir[i]);
        }
        ck_assert_int_eq(wrong->parent_id.value, root->id);
        rowan_session_end(session);
        rowan_scope_end(scope);
        ck_assert_int_eq(
            library_number(db, "SELECT count(*) FROM purchase_line WHERE quantity >= 7000"), lines);
        engine_close(db);
    }
}
END_TEST

/* Somebody deleted the row of a key, the session made one of the same key, and failed. */
START_TEST(a_known_row_keeps_its_key_when_its_successor_fails)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_line *known;
    void *found;

    library_fill_lines(db, 1, 2);
    library_run(db, "DELETE FROM parcel");
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_ok(scope, find_line(session, 1, (void **)&known));
    library_run(db, "DELETE FROM purchase_line WHERE line_no = 1");
    library_line *next = make_line(session, 1, 5);
    library_category *root = make(session, &library_category_table);
    root->name = "root";
    library_category *wrong = make_wrong(session, root);
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_NOT_NULL);
    library_sent(scope);
    library_ok(scope, find_line(session, 1, &found));
    ck_assert_ptr_eq(found, known);
    ck_assert_uint_eq(library_sent(scope), 0);

    remove_row(session, wrong);
    flush(session);
    library_ok(scope, find_line(session, 1, &found));
    ck_assert_ptr_eq(found, next);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session_failed");
    TCase *tc = tcase_create("session_failed");
    int n = (int)engine_count();

    tcase_add_loop_test(tc, a_row_that_was_to_be_replaced_is_still_removed, 0, n);
    tcase_add_loop_test(tc, a_known_row_keeps_its_key_when_its_successor_fails, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
