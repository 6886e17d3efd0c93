/* The detector: what it says of a loop that asks for each publisher by itself. Run: detector [URL]
 */
#include "shop.h"

int main(int argc, char **argv)
{
    rowan_db *db;
    rowan_scope *scope = shop_open(argc, argv, "detector", &db);
    const rowan_query some = {.from = &book_table,
                              .order_by = ROWAN_ORDER(ROWAN_ASC(BOOK.id)),
                              .limit = 6,
                              .lazy = ROWAN_LAZY_EACH};
    rowan_findings findings;
    book_rows books;
    char text[2048];

    check(scope, book_all(scope, &some, &books));
    for (size_t i = 0; i < books.count; i++) {
        publisher *house;
        check(scope, book_publisher(scope, &books.at[i], &house));
    }
    check(scope, rowan_scope_findings(scope, &findings));
    for (size_t i = 0; i < findings.count; i++) {
        rowan_finding_text(&findings.at[i], text, sizeof text);
        printf("%s\n", text);
    }
    rowan_scope_end(scope);
    rowan_close(db);
    return EXIT_SUCCESS;
}
