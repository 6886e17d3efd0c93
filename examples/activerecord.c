/* Active Record: the row knows how to save itself, and to load what belongs to it. Run:
 * activerecord [URL] */
#include "shop.h"

int main(int argc, char **argv)
{
    rowan_db *db;
    rowan_scope *scope = shop_open(argc, argv, "activerecord", &db);
    const rowan_query some = {
        .from = &book_table, .order_by = ROWAN_ORDER(ROWAN_ASC(BOOK.id)), .limit = 6};
    book_rows books;
    book *one;

    /* Only what changed is written: UPDATE book SET title = ?, published_on = ?, … */
    check(scope, book_find(scope, 1, &one));
    one->title = "The Salt Road, Revised";
    one->published_on.has = rowan_date_of(2026, 3, 1, &one->published_on.value) == ROWAN_OK;
    check(scope, book_save(scope, one));
    check(scope, book_save(scope, one)); /* nothing changed: nothing is sent */

    printf("%s, %s\n\n", one->title, rowan_date_text(one->published_on.value).text);

    /* Touching a relation of one row loads it for all rows that came with it: two statements, not
     * seven. */
    uint64_t before = rowan_scope_counts(scope).statements;
    check(scope, book_all(scope, &some, &books));
    for (size_t i = 0; i < books.count; i++) {
        publisher *house;
        check(scope, book_publisher(scope, &books.at[i], &house));
        printf("%-28s %s\n", books.at[i].title, house->name);
    }
    printf("%llu statements\n",
           (unsigned long long)(rowan_scope_counts(scope).statements - before));
    rowan_scope_end(scope);
    rowan_close(db);
    return EXIT_SUCCESS;
}
