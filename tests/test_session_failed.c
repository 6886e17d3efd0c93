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

/* --- What became of the transaction, of other ways to write several rows too. --- */

static rowan_status flush_wrong(rowan_scope *scope)
{
    rowan_session *session = begin(scope);
    library_category *root = make(session, &library_category_table);

    root->name = "root";
    make_wrong(session, root);
    rowan_status status = rowan_session_flush(session);
    rowan_session_end(session);
    return status;
}

static rowan_status save_all_wrong(rowan_scope *scope)
{
    rowan_rows authors;
    void *rows[2];

    library_ok(scope,
               rowan_record_all(scope, &(rowan_query){.from = &library_author_table}, &authors));
    ck_assert_uint_eq(authors.count, 2);
    for (size_t i = 0; i < 2; i++) {
        library_author *author = (library_author *)authors.at + i;
        author->name = i == 0 ? "fine" : NULL; /* NOT NULL */
        rows[i] = author;
    }
    return rowan_record_save_all(scope, rows, 2);
}

static rowan_status insert_all_wrong(rowan_scope *scope)
{
    const library_author mixed[] = {{.id = 900, .name = "fine"}, {.name = NULL}};
    rowan_rows rows;

    return rowan_record_insert_all(scope, &library_author_table, mixed, 2, &rows);
}

static rowan_status (*const wrong_writes[])(rowan_scope *scope) = {flush_wrong, save_all_wrong,
                                                                   insert_all_wrong};

START_TEST(the_error_says_that_the_transaction_is_gone)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 2, 1, 2);
    rowan_scope *scope = library_scope(db);
    for (size_t w = 0; w < sizeof wrong_writes / sizeof wrong_writes[0]; w++) {
        ck_assert_int_eq(wrong_writes[w](scope), ROWAN_NOT_NULL);
        ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_ROLLED_BACK);
        ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
        library_ok(scope, rowan_begin(scope, NULL)); /* of which only a savepoint is undone */
        library_ok(scope,
                   rowan_raw_run(scope, "UPDATE publisher SET name = 'Kept'", NO_PARAMS, NULL));
        ck_assert_int_eq(wrong_writes[w](scope), ROWAN_NOT_NULL);
        ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_OPEN);
        ck_assert_uint_eq(rowan_transaction_depth(scope), 1);
        library_ok(scope, rowan_commit(scope));
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher WHERE name = 'Kept'"),
                         1);
        library_run(db, "UPDATE publisher SET name = 'Other'");
    }
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE name = 'fine'"), 0);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM category"), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* --- A commit that is refused, by a constraint that is looked at no earlier. --- */

static rowan_status flush_late(rowan_scope *scope)
{
    rowan_session *session = begin(scope);

    make_line(session, 9, 1)->book_id = (rowan_opt_i64){true, 1};
    rowan_status status = rowan_session_flush(session);
    check_pending(session, 1, 0, 0);
    rowan_session_end(session);
    return status;
}

static rowan_status save_all_late(rowan_scope *scope)
{
    const rowan_query all = {.from = &library_line_table};
    rowan_rows lines;
    bool is_changed;

    library_ok(scope, rowan_record_all(scope, &all, &lines));
    ((library_line *)lines.at)->book_id = (rowan_opt_i64){true, 1};
    rowan_status status = rowan_record_save_all(scope, &lines.at, 1);
    library_ok(scope, rowan_record_changed(scope, lines.at, &is_changed));
    ck_assert(is_changed);
    return status;
}

static rowan_status (*const late_writes[])(rowan_scope *scope) = {flush_late, save_all_late};

START_TEST(a_commit_that_is_refused_leaves_no_transaction_open)
{
    if (engine_is((size_t)_i, "mariadb")) {
        return; /* which puts no constraint off */
    }
    rowan_db *db = library_open((size_t)_i, NULL);
    library_run(db, "DROP TABLE parcel");
    library_run(db, "DROP TABLE purchase_line");
    library_run(db, "CREATE TABLE purchase_line (purchase_id BIGINT NOT NULL,"
                    " line_no INTEGER NOT NULL, book_id BIGINT REFERENCES book (id)"
                    " DEFERRABLE INITIALLY DEFERRED, quantity INTEGER NOT NULL,"
                    " PRIMARY KEY (purchase_id, line_no))");
    library_run(db, "INSERT INTO purchase_line VALUES (1, 1, NULL, 5)");
    rowan_scope *scope = library_scope(db);
    for (size_t w = 0; w < sizeof late_writes / sizeof late_writes[0]; w++) {
        ck_assert_int_eq(late_writes[w](scope), ROWAN_FOREIGN_KEY);
        ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_ROLLED_BACK);
        ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM purchase_line"), 1);
        ck_assert_int_eq(library_number(db, "SELECT count(book_id) FROM purchase_line"), 0);
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* SQLite can be told to give up all of the transaction, of which the savepoint is a part. */
START_TEST(a_transaction_that_the_engine_gave_up_is_not_said_to_be_open)
{
    size_t engine = 0;

    while (engine < engine_count() && !engine_is(engine, "sqlite")) {
        engine++;
    }
    if (engine == engine_count()) {
        return;
    }
    rowan_db *db = library_open(engine, NULL);
    library_run(db, "DROP TABLE parcel");
    library_run(db, "DROP TABLE purchase_line");
    library_run(db, "CREATE TABLE purchase_line (purchase_id BIGINT NOT NULL,"
                    " line_no INTEGER NOT NULL, book_id BIGINT, quantity INTEGER NOT NULL,"
                    " PRIMARY KEY (purchase_id, line_no) ON CONFLICT ROLLBACK)");
    library_run(db, "INSERT INTO purchase_line VALUES (1, 1, NULL, 5)");
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_begin(scope, NULL));
    rowan_session *session = begin(scope);
    make_line(session, 1, 1);
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_UNIQUE);
    ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_ROLLED_BACK);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 1);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_CONFLICT);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
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
    tcase_add_loop_test(tc, the_error_says_that_the_transaction_is_gone, 0, n);
    tcase_add_loop_test(tc, a_commit_that_is_refused_leaves_no_transaction_open, 0, n);
    tcase_add_test(tc, a_transaction_that_the_engine_gave_up_is_not_said_to_be_open);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
