/* Loading of relations: every kind, both directions, with the statements that it takes. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "database/execute.h"
#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

static rowan_rows all_books(rowan_scope *scope, rowan_lazy lazy, const rowan_fetch *plan)
{
    rowan_query query = {
        .from = &library_book_table, .order_by = ORDER(ASC(BOOK.id)), .lazy = lazy, .fetch = plan};
    rowan_rows books;

    library_ok(scope, rowan_query_all(scope, &query, &books));
    return books;
}

static rowan_rows all_publishers(rowan_scope *scope, const rowan_fetch *plan)
{
    rowan_query query = {
        .from = &library_publisher_table, .order_by = ORDER(ASC(PUBLISHER.id)), .fetch = plan};
    rowan_rows publishers;

    library_ok(scope, rowan_query_all(scope, &query, &publishers));
    return publishers;
}

static library_book *book_at(rowan_rows books, size_t i)
{
    return (library_book *)books.at + i;
}

/* Book i has publisher i modulo n. */
static void check_publisher(rowan_scope *scope, const library_book *book, size_t publishers)
{
    library_publisher *publisher;
    char name[64];

    library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, book, (void **)&publisher));
    ck_assert_ptr_nonnull(publisher);
    snprintf(name, sizeof name, "Publisher %zu", (size_t)(book->id - LIBRARY_FIRST) % publishers);
    ck_assert_str_eq(publisher->name, name);
}

START_TEST(belongs_to_takes_one_statement_for_any_number_of_rows)
{
    static const size_t sizes[] = {1, 2, 7, 100};

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        rowan_db *db = library_open((size_t)_i, NULL);
        library_fill(db, sizes[s], 3, 0);
        rowan_scope *scope = library_scope(db);
        rowan_rows books = all_books(scope, 0, FETCH(RELATED(&library_book_publisher)));

        ck_assert_uint_eq(library_sent(scope), 2);
        ck_assert_uint_eq(books.count, sizes[s]);
        for (size_t i = 0; i < books.count; i++) {
            check_publisher(scope, book_at(books, i), 3);
        }
        ck_assert_uint_eq(library_sent(scope), 0);
        rowan_scope_end(scope);
        engine_close(db);
    }
}
END_TEST

START_TEST(rows_with_one_key_share_the_other_end)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_publisher *first, *other;

    library_fill(db, 6, 2, 0);
    rowan_scope *scope = library_scope(db);
    rowan_rows books = all_books(scope, 0, FETCH(RELATED(&library_book_publisher)));
    library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, book_at(books, 0),
                                       (void **)&first));
    library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, book_at(books, 4),
                                       (void **)&other));
    ck_assert_ptr_eq(first, other);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_null_key_has_no_other_end_and_costs_no_statement)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *publisher;

    library_fill(db, 5, 0, 0);
    rowan_scope *scope = library_scope(db);
    rowan_rows books = all_books(scope, 0, FETCH(RELATED(&library_book_publisher)));
    ck_assert_uint_eq(library_sent(scope), 1);
    library_ok(scope,
               rowan_loaded_one(scope, &library_book_publisher, book_at(books, 3), &publisher));
    ck_assert_ptr_null(publisher);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(no_parents_send_nothing)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_rows books = all_books(scope, 0, FETCH(RELATED(&library_book_publisher)));

    ck_assert_uint_eq(books.count, 0);
    ck_assert_uint_eq(library_sent(scope), 1);
    library_ok(scope, rowan_load(scope, &library_book_table, NULL, 0,
                                 FETCH(RELATED(&library_book_publisher))));
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(has_many_gives_each_parent_its_rows_by_key)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 23, 5, 0);
    library_run(db, "INSERT INTO publisher (id, name) VALUES (9000, 'Without books')");
    rowan_scope *scope = library_scope(db);
    rowan_rows publishers = all_publishers(scope, FETCH(RELATED(&library_publisher_books)));
    ck_assert_uint_eq(library_sent(scope), 2);
    ck_assert_uint_eq(publishers.count, 6);
    for (size_t p = 0; p < publishers.count; p++) {
        rowan_rows books;
        library_ok(scope, rowan_loaded_many(scope, &library_publisher_books,
                                            (library_publisher *)publishers.at + p, &books));
        ck_assert_uint_eq(books.count, p == 5 ? 0 : (23 - p + 4) / 5);
        for (size_t i = 0; i < books.count; i++) {
            ck_assert_int_eq(book_at(books, i)->id, (int64_t)(LIBRARY_FIRST + p + 5 * i));
        }
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(has_one_and_its_inverse)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_profile *profile;
    library_author *author;
    rowan_rows authors;

    library_fill(db, 0, 0, 3);
    library_run(db, "INSERT INTO profile (author_id, bio) VALUES (5002, 'Writes')");
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_author_table,
                         .order_by = ORDER(ASC(AUTHOR.id)),
                         .fetch = FETCH({.relation = &library_author_profile,
                                         .then = FETCH(RELATED(&library_profile_author))})};
    library_ok(scope, rowan_query_all(scope, &query, &authors));
    ck_assert_uint_eq(library_sent(scope), 3);
    library_author *at = authors.at;
    library_ok(scope, rowan_loaded_one(scope, &library_author_profile, &at[0], (void **)&profile));
    ck_assert_ptr_null(profile);
    library_ok(scope, rowan_loaded_one(scope, &library_author_profile, &at[1], (void **)&profile));
    ck_assert_str_eq(profile->bio, "Writes");
    library_ok(scope, rowan_loaded_one(scope, &library_profile_author, profile, (void **)&author));
    ck_assert_int_eq(author->id, at[1].id);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(many_to_many_works_from_both_sides)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows authors, books, of_book, of_author;

    library_fill(db, 10, 2, 4);
    rowan_scope *scope = library_scope(db);
    books = all_books(scope, 0, FETCH(RELATED(&library_book_authors)));
    ck_assert_uint_eq(library_sent(scope), 2);
    for (size_t i = 0; i < books.count; i++) {
        int64_t one = (int64_t)(i % 4), two = (int64_t)((i + 1) % 4);
        library_ok(scope,
                   rowan_loaded_many(scope, &library_book_authors, book_at(books, i), &of_book));
        ck_assert_uint_eq(of_book.count, 2);
        const library_author *at = of_book.at;
        ck_assert_int_eq(at[0].id, LIBRARY_FIRST + (one < two ? one : two));
        ck_assert_int_eq(at[1].id, LIBRARY_FIRST + (one < two ? two : one));
        ck_assert_int_eq(strncmp(at[0].name, "Author ", 7), 0);
    }
    rowan_query query = {.from = &library_author_table, .order_by = ORDER(ASC(AUTHOR.id))};
    library_ok(scope, rowan_query_all(scope, &query, &authors));
    library_sent(scope);
    library_ok(scope, rowan_load(scope, &library_author_table, authors.at, authors.count,
                                 FETCH({.relation = &library_author_books,
                                        .where = LT(BOOK.price_cents, 8),
                                        .order_by = ORDER(DESC(BOOK.price_cents))})));
    ck_assert_uint_eq(library_sent(scope), 1);
    library_ok(scope, rowan_loaded_many(scope, &library_author_books, authors.at, &of_author));
    /* Author 0 wrote 0, 3, 4, 7 and 8; 8 is too dear. */
    ck_assert_uint_eq(of_author.count, 4);
    ck_assert_str_eq(book_at(of_author, 0)->title, "Book 7");
    ck_assert_str_eq(book_at(of_author, 3)->title, "Book 0");
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(rows_of_many_to_many_are_records_of_their_table)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows authors;

    library_fill(db, 2, 1, 2);
    rowan_scope *scope = library_scope(db);
    rowan_rows books = all_books(scope, 0, FETCH(RELATED(&library_book_authors)));
    library_ok(scope, rowan_loaded_many(scope, &library_book_authors, books.at, &authors));
    library_author *author = authors.at;
    author->name = "Renamed";
    library_ok(scope, rowan_record_save(scope, author));
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE name = 'Renamed'"), 1);
    engine_close(db);
}
END_TEST

START_TEST(composite_keys_are_compared_as_tuples)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows parcels, lines;
    library_line *line;

    library_fill_lines(db, 3, 3);
    rowan_scope *scope = library_scope(db);
    /* Parcels of (1, 2), (2, 1) and (3, 3) only: a comparison column by column would find others
     * too. */
    library_ok(scope, rowan_raw_all(scope,
                                    "SELECT * FROM parcel WHERE purchase_id + line_no = 3 OR "
                                    "(purchase_id = 3 AND line_no = 3) ORDER BY id",
                                    NO_PARAMS, &library_parcel_table, &parcels));
    ck_assert_uint_eq(parcels.count, 3);
    library_sent(scope);
    library_ok(scope, rowan_load(scope, &library_parcel_table, parcels.at, parcels.count,
                                 FETCH({.relation = &library_parcel_line,
                                        .then = FETCH(RELATED(&library_line_parcels))})));
    ck_assert_uint_eq(library_sent(scope), 2);
    ck_assert_uint_le(rowan_scope_counts(scope).rows, 3 + 3 + 3);
    for (size_t i = 0; i < parcels.count; i++) {
        const library_parcel *parcel = (library_parcel *)parcels.at + i;
        library_ok(scope, rowan_loaded_one(scope, &library_parcel_line, parcel, (void **)&line));
        ck_assert_int_eq(line->quantity, parcel->purchase_id * 100 + parcel->line_no);
        library_ok(scope, rowan_loaded_many(scope, &library_line_parcels, line, &lines));
        ck_assert_uint_eq(lines.count, 1);
        ck_assert_int_eq(((library_parcel *)lines.at)->id, parcel->id);
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(many_composite_keys_go_in_chunks_with_few_texts)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows lines;
    size_t found = 0;

    library_fill_lines(db, 30, 20);
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_line_table};
    library_ok(scope, rowan_query_all(scope, &query, &lines));
    ck_assert_uint_eq(lines.count, 600);
    library_sent(scope);
    rowan_counts before = rowan_scope_counts(scope);
    library_ok(scope, rowan_load(scope, &library_line_table, lines.at, lines.count,
                                 FETCH(RELATED(&library_line_parcels))));
    rowan_counts after = rowan_scope_counts(scope);
    ck_assert_uint_eq(library_sent(scope),
                      3); /* 256 + 256 + 88, of which the last is filled up to 128 */
    ck_assert_uint_eq(after.cache_misses - before.cache_misses, 2);
    for (size_t i = 0; i < lines.count; i++) {
        rowan_rows parcels;
        library_ok(scope, rowan_loaded_many(scope, &library_line_parcels,
                                            (library_line *)lines.at + i, &parcels));
        found += parcels.count;
    }
    ck_assert_uint_eq(found, 600);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(many_single_keys_go_in_chunks_under_the_limit_of_parameters)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    const rowan__dialect *dialect = rowan__scope_dialect(scope);
    size_t most = dialect->max_params / 2, count = most + 10;
    bool arrays = (dialect->capabilities & ROWAN__CAN_BIND_ARRAYS) != 0;

    rowan_scope_end(scope);
    library_fill(db, count, 3, 0);
    scope = library_scope(db);
    rowan_rows books = all_books(scope, 0, NULL);
    ck_assert_uint_eq(books.count, count);
    library_sent(scope);
    library_ok(scope,
               rowan_load(scope, &library_book_table, books.at, books.count,
                          FETCH(RELATED(&library_book_tags), RELATED(&library_book_publisher))));
    ck_assert_uint_eq(library_sent(scope), (arrays ? 1 : 2) + 1);
    for (size_t i = 0; i < books.count; i += 997) {
        check_publisher(scope, book_at(books, i), 3);
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_table_may_refer_to_itself)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows roots, children;
    library_category *parent;

    library_run(db, "INSERT INTO category (id, parent_id, name) VALUES (1, NULL, 'root')");
    library_run(db, "INSERT INTO category (id, parent_id, name) VALUES (2, 1, 'a'), (3, 1, 'b')");
    library_run(db, "INSERT INTO category (id, parent_id, name) VALUES (4, 2, 'aa'), (5, 3, 'ba')");
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_category_table,
                         .where = IS_NULL(CATEGORY.parent_id),
                         .fetch = FETCH({.relation = &library_category_children,
                                         .order_by = ORDER(DESC(CATEGORY.name)),
                                         .then = FETCH(RELATED(&library_category_children),
                                                       RELATED(&library_category_parent))})};
    library_ok(scope, rowan_query_all(scope, &query, &roots));
    ck_assert_uint_eq(library_sent(scope), 4);
    library_ok(scope, rowan_loaded_many(scope, &library_category_children, roots.at, &children));
    ck_assert_uint_eq(children.count, 2);
    library_category *b = children.at;
    ck_assert_str_eq(b->name, "b");
    library_ok(scope, rowan_loaded_one(scope, &library_category_parent, b, (void **)&parent));
    ck_assert_str_eq(parent->name, "root");
    library_ok(scope, rowan_loaded_many(scope, &library_category_children, b, &children));
    ck_assert_str_eq(((library_category *)children.at)->name, "ba");
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(polymorphic_relations_take_one_statement_for_each_target)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows tags;
    library_book *book;
    library_author *author;

    library_fill(db, 3, 1, 3);
    library_run(db,
                "INSERT INTO tag (subject_type, subject_id, label) VALUES ('book', 5001, 'new'), "
                "('author', 5001, 'shy'), ('book', 5002, 'old')");
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_tag_table,
                         .order_by = ORDER(ASC(TAG.label)),
                         .fetch = FETCH(RELATED(&library_tag_book), RELATED(&library_tag_author))};
    library_ok(scope, rowan_query_all(scope, &query, &tags));
    ck_assert_uint_eq(library_sent(scope), 3);
    const library_tag *at = tags.at; /* new, old, shy */
    library_ok(scope, rowan_loaded_one(scope, &library_tag_book, &at[0], (void **)&book));
    ck_assert_int_eq(book->id, 5001);
    library_ok(scope, rowan_loaded_one(scope, &library_tag_author, &at[0], (void **)&author));
    ck_assert_ptr_null(author);
    library_ok(scope, rowan_loaded_one(scope, &library_tag_author, &at[2], (void **)&author));
    ck_assert_int_eq(author->id, 5001);

    rowan_rows books = all_books(scope, 0, FETCH(RELATED(&library_book_tags)));
    rowan_rows of_book;
    library_ok(scope, rowan_loaded_many(scope, &library_book_tags, books.at, &of_book));
    ck_assert_uint_eq(of_book.count, 1);
    ck_assert_str_eq(((library_tag *)of_book.at)->label, "new");
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_limit_holds_for_each_parent)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 22, 5, 3);
    rowan_scope *scope = library_scope(db);
    rowan_rows publishers =
        all_publishers(scope, FETCH({.relation = &library_publisher_books,
                                     .where = GE(BOOK.price_cents, 5),
                                     .order_by = ORDER(DESC(BOOK.price_cents)),
                                     .limit = 3,
                                     .then = FETCH({.relation = &library_book_authors,
                                                    .order_by = ORDER(DESC(AUTHOR.name)),
                                                    .limit = 1})}));
    ck_assert_uint_eq(library_sent(scope), 3);
    for (size_t p = 0; p < publishers.count; p++) {
        rowan_rows books, authors;
        library_ok(scope, rowan_loaded_many(scope, &library_publisher_books,
                                            (library_publisher *)publishers.at + p, &books));
        ck_assert_uint_eq(books.count, 3);
        for (size_t i = 0; i < 3; i++) {
            size_t newest = p < 2 ? 20 + p : 15 + p;
            const library_book *book = book_at(books, i);
            ck_assert_int_eq(book->price_cents, (int32_t)(newest - 5 * i));
            library_ok(scope, rowan_loaded_many(scope, &library_book_authors, book, &authors));
            ck_assert_uint_eq(authors.count, 1);
            int64_t last =
                book->price_cents % 3 == 0 ? 1 : 2; /* of authors i and i + 1, modulo 3 */
            ck_assert_int_eq(((library_author *)authors.at)->id, LIBRARY_FIRST + last);
        }
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_joined_relation_comes_with_the_rows)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_publisher *publisher;
    library_book *featured;

    library_fill(db, 9, 3, 0);
    library_run(db, "UPDATE publisher SET featured_id = 5003 WHERE id = 5001");
    library_run(db,
                "INSERT INTO book (id, title, price_cents, in_print, binding, cover, version) "
                "SELECT 6000, title, 99, in_print, binding, cover, 1 FROM book WHERE id = 5001");
    rowan_scope *scope = library_scope(db);
    rowan_rows books = all_books(
        scope, 0,
        FETCH({.relation = &library_book_publisher,
               .way = ROWAN_FETCH_JOIN,
               .then = FETCH({.relation = &library_publisher_featured, .way = ROWAN_FETCH_JOIN},
                             RELATED(&library_publisher_books))},
              RELATED(&library_book_tags)));
    ck_assert_uint_eq(books.count, 10);
    ck_assert_uint_eq(library_sent(scope),
                      3); /* books with two joins, the publishers' books, the tags */
    for (size_t i = 0; i < 9; i++) {
        check_publisher(scope, book_at(books, i), 3);
    }
    library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, book_at(books, 9),
                                       (void **)&publisher));
    ck_assert_ptr_null(publisher);
    library_ok(scope,
               rowan_loaded_one(scope, &library_book_publisher, books.at, (void **)&publisher));
    library_ok(scope,
               rowan_loaded_one(scope, &library_publisher_featured, publisher, (void **)&featured));
    ck_assert_int_eq(featured->id, 5003);
    ck_assert_str_eq(featured->title, "Book 2");
    ck_assert(!featured->subtitle.has);
    rowan_rows published;
    library_ok(scope, rowan_loaded_many(scope, &library_publisher_books, publisher, &published));
    ck_assert_uint_eq(published.count, 3);

    /* What was joined are records too. */
    publisher->name = "Renamed";
    library_ok(scope, rowan_record_save(scope, publisher));
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher WHERE name = 'Renamed'"),
                     1);
    engine_close(db);
}
END_TEST

START_TEST(a_join_heeds_the_conditions_of_query_and_plan)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows books;
    library_publisher *publisher;

    library_fill(db, 9, 3, 0);
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_book_table,
                         .where = GE(BOOK.price_cents, 2),
                         .order_by = ORDER(DESC(BOOK.price_cents)),
                         .limit = 4,
                         .fetch = FETCH({.relation = &library_book_publisher,
                                         .way = ROWAN_FETCH_JOIN,
                                         .where = EQ(PUBLISHER.name, "Publisher 2")})};
    library_ok(scope, rowan_query_all(scope, &query, &books));
    ck_assert_uint_eq(library_sent(scope), 1);
    ck_assert_uint_eq(books.count, 4);
    for (size_t i = 0; i < 4; i++) { /* books 8, 7, 6, 5 */
        library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, book_at(books, i),
                                           (void **)&publisher));
        ck_assert_int_eq(publisher != NULL, i == 0 || i == 3);
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(plans_that_cannot_be_are_refused_before_anything_is_sent)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows rows;
    const rowan_fetch *const plans[] = {
        FETCH(RELATED(&library_author_books)),                               /* of another table */
        FETCH({.relation = &library_book_authors, .way = ROWAN_FETCH_JOIN}), /* to-many */
        FETCH({.relation = &library_book_publisher, .limit = -1}),
        FETCH({.relation = &library_book_publisher, .then = FETCH(RELATED(&library_book_tags))}),
        FETCH({.relation = &library_book_publisher, .way = ROWAN_FETCH_JOIN, .limit = 1}),
    };

    library_fill(db, 2, 1, 1);
    rowan_scope *scope = library_scope(db);
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        rowan_query query = {.from = &library_book_table, .fetch = plans[i]};
        ck_assert_int_eq(rowan_query_all(scope, &query, &rows), ROWAN_MISUSE);
        ck_assert_ptr_null(rows.at);
    }
    rowan_query grouped = {
        .from = &library_book_table,
        GROUP_BY(OPERAND(BOOK.id)),
        .fetch = FETCH({.relation = &library_book_publisher, .way = ROWAN_FETCH_JOIN})};
    ck_assert_int_eq(rowan_query_all(scope, &grouped, &rows), ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_key_that_was_not_read_is_named)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows books;

    library_fill(db, 2, 1, 0);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_raw_all(scope, "SELECT id, title FROM book", NO_PARAMS,
                                    &library_book_table, &books));
    ck_assert_int_eq(rowan_load(scope, &library_book_table, books.at, books.count,
                                FETCH(RELATED(&library_book_publisher))),
                     ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "publisher_id"));
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_plan_that_fails_attaches_nothing)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *publisher;

    library_fill(db, 4, 2, 0);
    rowan_scope *scope = library_scope(db);
    rowan_rows books = all_books(scope, 0, NULL);
    ck_assert_int_ne(
        rowan_load(scope, &library_book_table, books.at, books.count,
                   FETCH(RELATED(&library_book_publisher),
                         {.relation = &library_book_tags, .where = RAW_0("no_such = 1")})),
        ROWAN_OK);
    ck_assert_int_eq(rowan_loaded_one(scope, &library_book_publisher, books.at, &publisher),
                     ROWAN_LAZY);
    ck_assert_ptr_null(publisher);
    library_ok(scope, rowan_load(scope, &library_book_table, books.at, books.count,
                                 FETCH(RELATED(&library_book_publisher))));
    check_publisher(scope, books.at, 2);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(some_rows_of_a_result_can_be_loaded_alone)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *publisher;

    library_fill(db, 10, 10, 0);
    rowan_scope *scope = library_scope(db);
    rowan_rows books = all_books(scope, 0, NULL);
    library_sent(scope);
    library_ok(scope, rowan_load(scope, &library_book_table, book_at(books, 3), 4,
                                 FETCH(RELATED(&library_book_publisher))));
    ck_assert_uint_eq(rowan_scope_counts(scope).rows, 10 + 4);
    check_publisher(scope, book_at(books, 6), 10);
    ck_assert_int_eq(
        rowan_loaded_one(scope, &library_book_publisher, book_at(books, 7), &publisher),
        ROWAN_LAZY);
    /* The others are loaded without asking for those four again. */
    library_ok(scope, rowan_load(scope, &library_book_table, books.at, 10,
                                 FETCH(RELATED(&library_book_publisher))));
    ck_assert_uint_eq(rowan_scope_counts(scope).rows, 10 + 10);
    ck_assert_uint_eq(library_sent(scope), 2);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(rows_of_nobody_have_no_relations)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *publisher;
    rowan_rows rows;

    library_fill(db, 2, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_rows books = all_books(scope, 0, NULL);
    library_book copy = *book_at(books, 0);
    ck_assert_int_eq(rowan_loaded_one(scope, &library_book_publisher, &copy, &publisher),
                     ROWAN_MISUSE);
    ck_assert_int_eq(
        rowan_load(scope, &library_book_table, &copy, 1, FETCH(RELATED(&library_book_publisher))),
        ROWAN_MISUSE);
    ck_assert_int_eq(rowan_loaded_many(scope, &library_author_books, books.at, &rows),
                     ROWAN_MISUSE);
    ck_assert_int_eq(rowan_loaded_many(scope, &library_book_publisher, books.at, &rows),
                     ROWAN_MISUSE);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Loads through every way of loading; the status of the first call that did not go well. */
static rowan_status load_everything(rowan_scope *scope)
{
    rowan_rows books;
    rowan_query query = {
        .from = &library_book_table,
        .fetch = FETCH({.relation = &library_book_publisher,
                        .way = ROWAN_FETCH_JOIN,
                        .then = FETCH({.relation = &library_publisher_books, .limit = 2})},
                       RELATED(&library_book_authors), RELATED(&library_book_lines))};
    rowan_status status = rowan_query_all(scope, &query, &books);

    if (status != ROWAN_OK) {
        ck_assert_ptr_null(books.at);
    }
    return status;
}

START_TEST(memory_may_run_out_anywhere)
{
    library_memory memory;
    rowan_options options = ROWAN_OPTIONS_INIT;

    library_memory_init(&memory);
    options.allocator = &memory.allocator;
    rowan_db *db = library_open((size_t)_i, &options);
    library_fill(db, 12, 3, 2);
    for (size_t nth = 1;; nth++) {
        rowan_scope *scope = library_scope(db);
        memory.has_failed = false;
        memory.count = 0;
        memory.fail_at = nth;
        rowan_status status = load_everything(scope);
        memory.fail_at = 0;
        if (!memory.has_failed) {
            library_ok(scope, status);
            rowan_scope_end(scope);
            break;
        }
        if (status != ROWAN_OK) { /* a cache that cannot grow does without */
            ck_assert_int_eq(status, ROWAN_NOMEM);
        }
        library_ok(scope, load_everything(scope));
        rowan_scope_end(scope);
    }
    engine_close(db);
    ck_assert_uint_eq(memory.live, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("relations");
    TCase *tc = tcase_create("relations");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, belongs_to_takes_one_statement_for_any_number_of_rows, 0, n);
    tcase_add_loop_test(tc, rows_with_one_key_share_the_other_end, 0, n);
    tcase_add_loop_test(tc, a_null_key_has_no_other_end_and_costs_no_statement, 0, n);
    tcase_add_loop_test(tc, no_parents_send_nothing, 0, n);
    tcase_add_loop_test(tc, has_many_gives_each_parent_its_rows_by_key, 0, n);
    tcase_add_loop_test(tc, has_one_and_its_inverse, 0, n);
    tcase_add_loop_test(tc, many_to_many_works_from_both_sides, 0, n);
    tcase_add_loop_test(tc, rows_of_many_to_many_are_records_of_their_table, 0, n);
    tcase_add_loop_test(tc, composite_keys_are_compared_as_tuples, 0, n);
    tcase_add_loop_test(tc, many_composite_keys_go_in_chunks_with_few_texts, 0, n);
    tcase_add_loop_test(tc, many_single_keys_go_in_chunks_under_the_limit_of_parameters, 0, n);
    tcase_add_loop_test(tc, a_table_may_refer_to_itself, 0, n);
    tcase_add_loop_test(tc, polymorphic_relations_take_one_statement_for_each_target, 0, n);
    tcase_add_loop_test(tc, a_limit_holds_for_each_parent, 0, n);
    tcase_add_loop_test(tc, a_joined_relation_comes_with_the_rows, 0, n);
    tcase_add_loop_test(tc, a_join_heeds_the_conditions_of_query_and_plan, 0, n);
    tcase_add_loop_test(tc, plans_that_cannot_be_are_refused_before_anything_is_sent, 0, n);
    tcase_add_loop_test(tc, a_key_that_was_not_read_is_named, 0, n);
    tcase_add_loop_test(tc, a_plan_that_fails_attaches_nothing, 0, n);
    tcase_add_loop_test(tc, some_rows_of_a_result_can_be_loaded_alone, 0, n);
    tcase_add_loop_test(tc, rows_of_nobody_have_no_relations, 0, n);
    tcase_add_loop_test(tc, memory_may_run_out_anywhere, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
