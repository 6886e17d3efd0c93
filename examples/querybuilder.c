/* Query builder: a query is a value; copying it and changing a member forks it. Run: querybuilder
 * [URL] */
#include <string.h>

#include "shop.h"

#include <rowan/short.h>

static void print(const book_rows *books)
{
    for (size_t i = 0; i < books->count; i++) {
        printf("  %-28s %6.2f\n", books->at[i].title, books->at[i].price_cents / 100.0);
    }
}

int main(int argc, char **argv)
{
    rowan_db *db;
    rowan_scope *scope = shop_open(argc, argv, "querybuilder", &db);
    bool only_in_print = argc < 3 || strcmp(argv[2], "all") != 0;
    book_rows books;
    const char *sql;

    /* A condition that may be absent is written in place; AND skips what is NULL. */
    const rowan_query cheap = {
        .from = &book_table,
        .where = AND(LT(BOOK.price_cents, 2500), only_in_print ? EQ(BOOK.in_print, true) : NULL),
        .order_by = ORDER(ASC(BOOK.title)),
        .limit = 3,
    };
    rowan_query next = cheap;
    next.offset = 3;

    check(scope, rowan_query_sql(scope, &cheap, &sql));
    printf("%s\n\nfirst page\n", sql);
    check(scope, book_query_all(scope, &cheap, &books));
    print(&books);
    printf("second page\n");
    check(scope, book_query_all(scope, &next, &books));
    print(&books);

    /* Columns are typed: LT(BOOK.price_cents, "cheap") does not compile. */
    const rowan_update raise = {
        .table = &book_table,
        .set = SET(TO(BOOK.price_cents, ADD(BOOK.price_cents, 100))),
        .where = LIKE(BOOK.title, "The %"),
    };
    uint64_t raised;
    check(scope, rowan_query_update(scope, &raise, NULL, &raised));
    printf("%llu prices raised\n", (unsigned long long)raised);
    rowan_scope_end(scope);
    rowan_close(db);
    return EXIT_SUCCESS;
}
