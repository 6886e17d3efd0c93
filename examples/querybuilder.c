/* Query builder: a query is a value; copying it and changing a member forks it. Run: querybuilder
 * [URL] */
#include <string.h>

#include "shop.h"

#include <rowan/short.h>

static void print(const book *books, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("  %-28s %6.2f\n", books[i].title, books[i].price_cents / 100.0);
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
        .limit = 2,
    };
    rowan_query next[] = {cheap, cheap};
    next[0].offset = 2;
    next[1].offset = 4;

    check(scope, rowan_query_sql(scope, &cheap, &sql));
    printf("%s\n\nfirst page\n", sql);
    check(scope, book_query_all(scope, &cheap, &books));
    print(books.at, books.count);

    /* Queries that do not wait for one another are one round trip where the engine has pipelines.
     */
    rowan_rows pages[2];
    check(scope, rowan_query_pipeline(scope, next, 2, pages));
    printf("second page\n");
    print(pages[0].at, pages[0].count);
    printf("third page\n");
    print(pages[1].at, pages[1].count);

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
