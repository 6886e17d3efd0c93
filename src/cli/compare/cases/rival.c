/* Someone else who changes the same row in between. */
#include "cli/compare/cases/rival.h"

#include <rowan/short.h>

#include "bookshop.h"

rowan_status rival_sells_one(rowan_scope *scope, int64_t book_id)
{
    rowan_update sale = {
        .table = &book_table,
        .set = SET(TO(BOOK.stock, SUBTRACT(BOOK.stock, 1)),
                   TO(BOOK.lock_version, ADD(BOOK.lock_version, 1))),
        .where = EQ(BOOK.id, book_id),
    };

    return rowan_query_update(scope, &sale, NULL, NULL);
}

rowan_status rival_retitles(rowan_scope *scope, int64_t book_id)
{
    rowan_update edit = {
        .table = &book_table,
        .set = SET(TO(BOOK.title, "The Other Editor's Title"),
                   TO(BOOK.lock_version, ADD(BOOK.lock_version, 1))),
        .where = EQ(BOOK.id, book_id),
    };

    return rowan_query_update(scope, &edit, NULL, NULL);
}
