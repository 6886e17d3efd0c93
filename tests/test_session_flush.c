/* The unit of work: what a flush writes, in which order and at what cost, and what a failure
 * leaves. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/session.h"
#include "support/suite.h"

START_TEST(nothing_to_write_sends_nothing)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 3, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    flush(session);
    ck_assert_uint_eq(library_sent(scope), 0);
    library_book *book = find(session, &library_book_table, LIBRARY_FIRST);
    book->title = "Changed";
    book->title = "Book 0"; /* and back */
    library_sent(scope);
    flush(session);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(updates_write_what_changed_in_batches)
{
    library_log log;
    rowan_db *db = library_open_logged((size_t)_i, &log, 0);
    rowan_refs books;

    library_fill(db, 30, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    library_ok(scope, rowan_session_all(session, &query, &books));
    for (size_t i = 0; i < 20; i++) {
        library_book *book = books.at[i];
        if (i % 2 == 0) {
            book->price_cents += 1000;
        } else {
            book->subtitle = (rowan_opt_text){true, "Again"};
        }
    }
    size_t events = log.events;
    rowan_counts before = rowan_scope_counts(scope);
    ck_assert_uint_eq(rowan_session_pending(session).updates, 20);
    flush(session);
    rowan_counts after = rowan_scope_counts(scope);
    ck_assert_uint_eq(log.events - events, 2);
    ck_assert_int_eq(log.pattern, ROWAN_PATTERN_DATA_MAPPER);
    ck_assert_uint_eq(after.affected - before.affected, 20);
    ck_assert_uint_eq(after.transactions - before.transactions, 2);
    ck_assert_uint_eq(rowan_session_pending(session).updates, 0);
    ck_assert_int_eq(((library_book *)books.at[0])->version, 2);
    ck_assert_int_eq(((library_book *)books.at[29])->version, 1);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE price_cents >= 1000"), 10);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE subtitle = 'Again'"), 10);
    engine_close(db);
}
END_TEST

START_TEST(changes_are_found_wherever_they_are_among_many_rows)
{
    static const size_t changed[] = {0, 1, 15, 16, 31, 50, 63, 64, 98, 99};
    static library_author values[100];
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    rowan_refs rows;

    for (size_t i = 0; i < 100; i++) {
        values[i] = (library_author){.id = 1000 + (int64_t)i, .name = "unchanged"};
    }
    library_ok(scope, rowan_session_insert_all(session, &library_author_table, values, 100, NULL));
    const rowan_query all = {.from = &library_author_table};
    library_ok(scope, rowan_session_all(session, &all, &rows));
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        ((library_author *)rows.at[changed[i]])->name = "changed";
        ck_assert_uint_eq(rowan_session_pending(session).updates, i + 1);
    }
    flush(session);
    ck_assert_uint_eq(rowan_session_pending(session).updates, 0);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE name = 'changed'"),
                     sizeof changed / sizeof changed[0]);
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) { /* each in its own flush */
        ((library_author *)rows.at[changed[i]])->name = "again";
        flush(session);
    }
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE name = 'again'"),
                     sizeof changed / sizeof changed[0]);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(rows_past_the_unit_of_work_are_inserted_at_once_and_not_known)
{
    static const library_author values[] = {{.id = 700, .name = "one"}, {.id = 701, .name = "two"}};
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    uint64_t affected, sent = rowan_scope_counts(scope).statements;
    void *found;

    library_ok(scope,
               rowan_session_insert_all(session, &library_author_table, values, 2, &affected));
    ck_assert_uint_eq(affected, 2);
    ck_assert_uint_eq(rowan_session_pending(session).inserts, 0);
    library_ok(scope, rowan_session_find(session, &library_author_table, ROWAN_KEY(701), &found));
    ck_assert_str_eq(((library_author *)found)->name, "two");
    ck_assert_uint_gt(rowan_scope_counts(scope).statements, sent + 1);
    ck_assert_int_eq(rowan_session_insert_all(session, NULL, values, 2, &affected), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_insert_all(session, &library_author_table, values, 2, &affected),
                     ROWAN_UNIQUE);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_thousand_inserts_get_their_keys_in_order)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    static library_category *rows[1000];
    char name[64];

    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    for (size_t i = 0; i < 1000; i++) {
        rows[i] = make(session, &library_category_table);
        snprintf(name, sizeof name, "Category %zu", i);
        rows[i]->name = rowan_scope_strdup(scope, name);
    }
    rowan_counts before = rowan_scope_counts(scope);
    flush(session);
    rowan_counts after = rowan_scope_counts(scope);
    /* A begin, an insert, which SQLite executes for 100 rows at a time, a commit. */
    ck_assert_uint_eq(after.statements - after.setups - before.statements + before.setups,
                      engine_is((size_t)_i, "sqlite") ? 1000 / 100 + 2 : 3);
    ck_assert_uint_le(after.round_trips - before.round_trips, 10);
    for (size_t i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "Category %zu", i);
        ck_assert_str_eq(rows[i]->name, name);
        ck_assert_int_gt(rows[i]->id, i == 0 ? 0 : rows[i - 1]->id);
    }
    /* The keys are those of the rows in the database. */
    rowan_rows stored;
    library_ok(scope, rowan_raw_all(scope, "SELECT * FROM category ORDER BY id", NO_PARAMS,
                                    &library_category_table, &stored));
    for (size_t i = 0; i < 1000; i++) {
        const library_category *at = (library_category *)stored.at + i;
        ck_assert_int_eq(at->id, rows[i]->id);
        ck_assert_str_eq(at->name, rows[i]->name);
    }
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* A graph over five tables, made in the wrong order, with a circle and a reference to its own
 * table. */
typedef struct graph {
    library_parcel *parcel;
    library_line *line;
    library_purchase *purchase;
    library_book *book;
    library_publisher *publisher;
    library_category *leaf, *middle, *root;
} graph;

static graph make_graph(rowan_session *session)
{
    graph g;

    g.parcel = make(session, &library_parcel_table);
    g.parcel->code = "P-1";
    g.line = make(session, &library_line_table);
    g.line->line_no = 7;
    g.line->quantity = 2;
    g.purchase = make(session, &library_purchase_table);
    g.purchase->customer = "Ada";
    g.book = make_book(session, "First", 100);
    g.publisher = make(session, &library_publisher_table);
    g.publisher->name = "House";
    g.leaf = make(session, &library_category_table);
    g.leaf->name = "leaf";
    g.middle = make(session, &library_category_table);
    g.middle->name = "middle";
    g.root = make(session, &library_category_table);
    g.root->name = "root";
    refer(session, &library_parcel_line, g.parcel, g.line);
    refer(session, &library_line_purchase, g.line, g.purchase);
    refer(session, &library_line_book, g.line, g.book);
    refer(session, &library_book_publisher, g.book, g.publisher);
    refer(session, &library_publisher_featured, g.publisher, g.book);
    refer(session, &library_category_parent, g.leaf, g.middle);
    refer(session, &library_category_parent, g.middle, g.root);
    return g;
}

static void check_graph_stored(rowan_db *db)
{
    ck_assert_int_eq(
        library_number(db, "SELECT count(*) FROM parcel p JOIN purchase_line l ON "
                           "l.purchase_id = p.purchase_id AND l.line_no = p.line_no "
                           "JOIN purchase o ON o.id = l.purchase_id "
                           "JOIN book b ON b.id = l.book_id "
                           "JOIN publisher h ON h.id = b.publisher_id AND h.featured_id = b.id "
                           "WHERE p.code = 'P-1' AND o.customer = 'Ada' AND b.title = 'First'"),
        1);
    ck_assert_int_eq(library_number(db,
                                    "SELECT count(*) FROM category leaf JOIN category middle ON "
                                    "middle.id = leaf.parent_id JOIN category root ON "
                                    "root.id = middle.parent_id WHERE leaf.name = 'leaf' AND "
                                    "middle.name = 'middle' AND root.name = 'root' AND "
                                    "root.parent_id IS NULL"),
                     1);
}

/* Rows of all tables of the graph. */
static int64_t count_rows(rowan_db *db)
{
    return library_number(
        db, "SELECT (SELECT count(*) FROM parcel) + (SELECT count(*) FROM purchase_line) + "
            "(SELECT count(*) FROM purchase) + (SELECT count(*) FROM book) + "
            "(SELECT count(*) FROM publisher) + (SELECT count(*) FROM category)");
}

START_TEST(a_graph_with_a_circle_is_written_in_the_order_of_foreign_keys)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *one;

    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    graph g = make_graph(session);
    ck_assert_uint_eq(rowan_session_pending(session).inserts, 8);
    flush(session);
    check_graph_stored(db);
    ck_assert_int_eq(g.parcel->purchase_id, g.purchase->id);
    ck_assert_int_eq(g.parcel->line_no, 7);
    ck_assert_int_eq(g.book->publisher_id.value, g.publisher->id);
    ck_assert(g.publisher->featured_id.has && g.publisher->featured_id.value == g.book->id);
    ck_assert_int_eq(g.leaf->parent_id.value, g.middle->id);
    ck_assert_ptr_eq(find(session, &library_book_table, g.book->id), g.book);
    library_ok(scope, rowan_session_one(session, &library_book_publisher, g.book, &one));
    ck_assert_ptr_eq(one, g.publisher);
    library_sent(scope);
    flush(session);
    ck_assert_uint_eq(library_sent(scope), 0);

    /* And away again, circle and all. */
    void *const all[] = {g.root,   g.publisher, g.purchase, g.book,
                         g.middle, g.line,      g.leaf,     g.parcel};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        library_ok(scope, rowan_session_remove(session, all[i]));
    }
    flush(session);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(count_rows(db), 0);
    engine_close(db);
}
END_TEST

START_TEST(a_failure_leaves_database_and_session_as_they_were)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_run(db, "INSERT INTO publisher (id, name) VALUES (70, 'House'), (71, 'Old')");
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_publisher *old = find(session, &library_publisher_table, 71);
    graph g = make_graph(session); /* its publisher's name is taken */
    refer(session, &library_publisher_featured, old, g.book);
    const char *texts[] = {"Another House", "House"};
    for (int attempt = 0; attempt < 4; attempt++) {
        g.publisher->name = texts[attempt % 2 == 0];
        g.line->quantity = attempt % 2 == 0 ? 1 : 0; /* a check, late in the flush */
        rowan_session_changes before = rowan_session_pending(session);
        library_book book = *g.book;
        library_publisher publisher = *g.publisher, known = *old;
        rowan_status status = rowan_session_flush(session);
        ck_assert_int_eq(status, attempt % 2 == 0 ? ROWAN_UNIQUE : ROWAN_CHECK);
        ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
        rowan_session_changes after = rowan_session_pending(session);
        ck_assert_mem_eq(&before, &after, sizeof before);
        ck_assert_mem_eq(&book, g.book, sizeof book);
        ck_assert_mem_eq(&publisher, g.publisher, sizeof publisher);
        ck_assert_mem_eq(&known, old, sizeof known);
        ck_assert_int_eq(g.book->id, 0);
        ck_assert_int_eq(g.parcel->purchase_id, 0);
        ck_assert(!g.leaf->parent_id.has && !g.publisher->featured_id.has && !old->featured_id.has);
        ck_assert_int_eq(count_rows(db), 2);
    }
    g.publisher->name = "Another House";
    g.line->quantity = 1;
    flush(session);
    check_graph_stored(db);
    ck_assert(old->featured_id.has && old->featured_id.value == g.book->id);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(
        library_number(db, "SELECT count(*) FROM publisher WHERE featured_id IS NOT NULL"), 2);
    engine_close(db);
}
END_TEST

START_TEST(a_tree_takes_one_insert_a_level)
{
    static library_category *nodes[1 + 3 + 9 + 27];
    library_log log;
    rowan_db *db = library_open_logged((size_t)_i, &log, 0);

    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    for (size_t i = 40; i-- > 0;) { /* leaves first */
        nodes[i] = make(session, &library_category_table);
        nodes[i]->name = "node";
    }
    for (size_t i = 1; i < 40; i++) {
        refer(session, &library_category_parent, nodes[i], nodes[(i - 1) / 3]);
    }
    log.events = 0;
    flush(session);
    ck_assert_uint_eq(log.events, 4);
    for (size_t i = 1; i < 40; i++) {
        ck_assert_int_eq(nodes[i]->parent_id.value, nodes[(i - 1) / 3]->id);
    }
    for (size_t i = 0; i < 40; i++) {
        library_ok(scope, rowan_session_remove(session, nodes[i]));
    }
    log.events = 0;
    flush(session);
    ck_assert_uint_eq(log.events, 4);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM category"), 0);
    engine_close(db);
}
END_TEST

START_TEST(a_row_may_refer_to_itself)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_category *node = make(session, &library_category_table);
    node->name = "own parent";
    refer(session, &library_category_parent, node, node);
    flush(session);
    ck_assert_int_eq(node->parent_id.value, node->id);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM category WHERE id = parent_id"), 1);
    library_ok(scope, rowan_session_remove(session, node));
    flush(session);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM category"), 0);
    engine_close(db);
}
END_TEST

START_TEST(stale_rows_undo_the_whole_flush)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 4, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *changed = find(session, &library_book_table, LIBRARY_FIRST);
    library_book *removed = find(session, &library_book_table, LIBRARY_FIRST + 1);
    library_book *stale = find(session, &library_book_table, LIBRARY_FIRST + 2);
    library_book *fresh = make_book(session, "Fresh", 1);
    library_ok(scope, rowan_raw_run(scope, "UPDATE book SET version = 5 WHERE id = 5003", NO_PARAMS,
                                    NULL));
    changed->title = "Changed";
    stale->title = "Stale";
    library_ok(scope, rowan_session_remove(session, removed));
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_STALE);
    ck_assert_int_eq(fresh->id, 0);
    ck_assert_int_eq(fresh->version, 0);
    ck_assert_int_eq(changed->version, 1);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE title LIKE 'Book %'"), 4);
    /* A stale delete as well. */
    stale->title = "Book 2";
    library_ok(scope, rowan_session_remove(session, stale));
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_STALE);
    ck_assert_uint_eq(rowan_session_pending(session).deletes, 2);
    library_ok(scope, rowan_raw_run(scope, "UPDATE book SET version = 1 WHERE id = 5003", NO_PARAMS,
                                    NULL));
    flush(session);
    ck_assert_int_eq(changed->version, 2);
    ck_assert_int_eq(fresh->version, 1);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book"), 3);
    engine_close(db);
}
END_TEST

START_TEST(a_flush_inside_a_transaction_undoes_only_itself)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 0, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_ok(scope, rowan_begin(scope, NULL));
    library_publisher *good = make(session, &library_publisher_table);
    good->name = "Good";
    flush(session);
    library_publisher *bad = make(session, &library_publisher_table);
    bad->name = "Good";
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_UNIQUE);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 1);
    library_ok(scope, rowan_commit(scope));
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher"), 2);
    engine_close(db);
}
END_TEST

START_TEST(references_are_checked_when_they_are_set)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 1, 2, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *book = find(session, &library_book_table, LIBRARY_FIRST);
    library_publisher *other = find(session, &library_publisher_table, LIBRARY_FIRST + 1);
    library_book stranger = *book;

    refer(session, &library_book_publisher, book, other); /* a known key is there at once */
    ck_assert_int_eq(book->publisher_id.value, LIBRARY_FIRST + 1);
    ck_assert_uint_eq(rowan_session_pending(session).updates, 1);
    flush(session);
    refer(session, &library_book_publisher, book, NULL);
    ck_assert(!book->publisher_id.has);
    flush(session);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE publisher_id IS NULL"), 1);

    library_line *line = make(session, &library_line_table);
    ck_assert_int_eq(rowan_session_refer(session, &library_line_purchase, line, NULL),
                     ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_refer(session, &library_line_book, line, other), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_refer(session, &library_publisher_books, other, book),
                     ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_refer(session, &library_book_publisher, &stranger, other),
                     ROWAN_MISUSE);
    library_ok(scope, rowan_session_remove(session, line));
    ck_assert_int_eq(rowan_session_remove(session, line), ROWAN_MISUSE);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_dropped_row_cannot_be_referred_to)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *book = make_book(session, "Orphan", 1);
    library_publisher *publisher = make(session, &library_publisher_table);
    refer(session, &library_book_publisher, book, publisher);
    library_ok(scope, rowan_session_remove(session, publisher));
    ck_assert_uint_eq(rowan_session_pending(session).inserts, 1);
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    refer(session, &library_book_publisher, book, NULL);
    flush(session);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book"), 1);
    engine_close(db);
}
END_TEST

START_TEST(a_changed_key_is_refused_before_anything_is_sent)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 1, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *book = find(session, &library_book_table, LIBRARY_FIRST);
    book->id++;
    library_sent(scope);
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Two tables that need one another: no row of them can be first. */
typedef struct needy {
    int64_t id, other_id;
} needy;
static const rowan_table needy_tables[2];
static const rowan_column needy_columns[2][2] = {
    {ROWAN_COLUMN(needy_tables[0], needy, id, ROWAN_PRIMARY | ROWAN_GENERATED),
     ROWAN_COLUMN(needy_tables[0], needy, other_id, 0)},
    {ROWAN_COLUMN(needy_tables[1], needy, id, ROWAN_PRIMARY | ROWAN_GENERATED),
     ROWAN_COLUMN(needy_tables[1], needy, other_id, 0)}};
static const rowan_column *const needy_keys[2][1] = {{&needy_columns[0][0]},
                                                     {&needy_columns[1][0]}};
static const rowan_column *const needy_refs[2][1] = {{&needy_columns[0][1]},
                                                     {&needy_columns[1][1]}};
static const rowan_relation needy_relations[2] = {{.name = "other",
                                                   .kind = ROWAN_BELONGS_TO,
                                                   .from = &needy_tables[0],
                                                   .to = &needy_tables[1],
                                                   .column_count = 1,
                                                   .from_columns = needy_refs[0],
                                                   .to_columns = needy_keys[1]},
                                                  {.name = "other",
                                                   .kind = ROWAN_BELONGS_TO,
                                                   .from = &needy_tables[1],
                                                   .to = &needy_tables[0],
                                                   .column_count = 1,
                                                   .from_columns = needy_refs[1],
                                                   .to_columns = needy_keys[0]}};
static const rowan_relation *const needy_lists[2][1] = {{&needy_relations[0]},
                                                        {&needy_relations[1]}};
static const rowan_table needy_tables[2] = {{.name = "needy_a",
                                             .columns = needy_columns[0],
                                             .column_count = 2,
                                             .primary = needy_keys[0],
                                             .primary_count = 1,
                                             .relations = needy_lists[0],
                                             .relation_count = 1,
                                             .row_size = sizeof(needy),
                                             .row_align = _Alignof(needy)},
                                            {.name = "needy_b",
                                             .columns = needy_columns[1],
                                             .column_count = 2,
                                             .primary = needy_keys[1],
                                             .primary_count = 1,
                                             .relations = needy_lists[1],
                                             .relation_count = 1,
                                             .row_size = sizeof(needy),
                                             .row_align = _Alignof(needy)}};

START_TEST(a_circle_that_cannot_be_broken_is_refused)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    needy *a = make(session, &needy_tables[0]), *b = make(session, &needy_tables[1]);
    refer(session, &needy_relations[0], a, b);
    refer(session, &needy_relations[1], b, a);
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "circle"));
    ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(flushed_rows_are_rows_of_every_pattern)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_publisher *publisher;
    rowan_refs refs, books;

    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    void *house = make(session, &library_publisher_table);
    ((library_publisher *)house)->name = "House";
    library_book *book = make_book(session, "One", 1);
    refer(session, &library_book_publisher, book, house);
    flush(session);
    book->price_cents = 9;
    library_ok(scope, rowan_record_save(scope, book));
    ck_assert_uint_eq(rowan_session_pending(session).updates, 0);
    library_ok(scope, rowan_record_one(scope, &library_book_publisher, book, (void **)&publisher));
    ck_assert_str_eq(publisher->name, "House");
    refs = (rowan_refs){&house, 1};
    library_ok(scope, rowan_session_load(session, refs, FETCH(RELATED(&library_publisher_books))));
    library_ok(scope, rowan_session_many(session, &library_publisher_books, house, &books));
    ck_assert_uint_eq(books.count, 1);
    ck_assert_ptr_eq(books.at[0], book);
    /* A row that was added since is found by loading again. */
    library_book *second = make_book(session, "Two", 2);
    refer(session, &library_book_publisher, second, house);
    flush(session);
    library_ok(scope, rowan_session_load(session, refs, FETCH(RELATED(&library_publisher_books))));
    library_ok(scope, rowan_session_many(session, &library_publisher_books, house, &books));
    ck_assert_uint_eq(books.count, 2);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
    library_memory memory;
    rowan_options options = ROWAN_OPTIONS_INIT;

    library_memory_init(&memory);
    options.allocator = &memory.allocator;
    rowan_db *db = library_open((size_t)_i, &options);
    library_run(db, "INSERT INTO publisher (id, name) VALUES (71, 'Old')");
    for (size_t nth = 1;; nth++) {
        rowan_scope *scope = library_scope(db);
        rowan_session *session = begin(scope);
        library_publisher *old = find(session, &library_publisher_table, 71);
        graph g = make_graph(session);
        old->name = "Renamed";
        memory.has_failed = false;
        memory.count = 0;
        memory.fail_at = nth;
        rowan_status status = rowan_session_flush(session);
        memory.fail_at = 0;
        bool is_over = !memory.has_failed;
        if (status != ROWAN_OK) {
            ck_assert_msg(status == ROWAN_NOMEM, "%s", rowan_scope_error(scope)->message);
            ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
            ck_assert_int_eq(g.book->id, 0);
            ck_assert_uint_eq(rowan_session_pending(session).inserts, 8);
            ck_assert_int_eq(count_rows(db), 1);
        } else {
            check_graph_stored(db);
            old->name = "Old";
            void *const all[] = {g.root,   g.publisher, g.purchase, g.book,
                                 g.middle, g.line,      g.leaf,     g.parcel};
            for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
                library_ok(scope, rowan_session_remove(session, all[i]));
            }
            flush(session);
        }
        rowan_session_end(session);
        rowan_scope_end(scope);
        if (is_over) {
            break;
        }
    }
    engine_close(db);
    ck_assert_uint_eq(memory.live, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sessions: unit of work");
    TCase *tc = tcase_create("flush");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, nothing_to_write_sends_nothing, 0, n);
    tcase_add_loop_test(tc, updates_write_what_changed_in_batches, 0, n);
    tcase_add_loop_test(tc, changes_are_found_wherever_they_are_among_many_rows, 0, n);
    tcase_add_loop_test(tc, rows_past_the_unit_of_work_are_inserted_at_once_and_not_known, 0, n);
    tcase_add_loop_test(tc, a_thousand_inserts_get_their_keys_in_order, 0, n);
    tcase_add_loop_test(tc, a_graph_with_a_circle_is_written_in_the_order_of_foreign_keys, 0, n);
    tcase_add_loop_test(tc, a_failure_leaves_database_and_session_as_they_were, 0, n);
    tcase_add_loop_test(tc, a_tree_takes_one_insert_a_level, 0, n);
    tcase_add_loop_test(tc, a_row_may_refer_to_itself, 0, n);
    tcase_add_loop_test(tc, stale_rows_undo_the_whole_flush, 0, n);
    tcase_add_loop_test(tc, a_flush_inside_a_transaction_undoes_only_itself, 0, n);
    tcase_add_loop_test(tc, references_are_checked_when_they_are_set, 0, n);
    tcase_add_loop_test(tc, a_dropped_row_cannot_be_referred_to, 0, n);
    tcase_add_loop_test(tc, a_changed_key_is_refused_before_anything_is_sent, 0, n);
    tcase_add_loop_test(tc, a_circle_that_cannot_be_broken_is_refused, 0, n);
    tcase_add_loop_test(tc, flushed_rows_are_rows_of_every_pattern, 0, n);
    tcase_add_loop_test(tc, memory_may_run_out_anywhere, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
