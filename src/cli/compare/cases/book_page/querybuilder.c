/* One book and all that its page shows, with the query builder: one query and its fetch
 * plan. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { BOOK_ID = 7 };

static rowan_status show_book(rowan_scope *scope, const book *b, ledger *found)
{
    publisher *of;
    category *in;
    rowan_status status = book_loaded_publisher(scope, b, &of);

    if (status == ROWAN_OK) {
        status = book_loaded_category(scope, b, &in);
    }
    if (status == ROWAN_OK) {
        LEDGER_ROW(found, V(b->title), V(b->price_cents), V(of->name),
                   in ? V(in->name) : rowan_v_null());
    }
    return status;
}

static rowan_status show_credits(rowan_scope *scope, const book *b, ledger *found)
{
    const char *const *roles = BOOK_AUTHOR.role.column->enumeration->labels;
    book_author_rows credits;
    author *who;
    rowan_status status = book_loaded_book_authors(scope, b, &credits);

    for (size_t i = 0; status == ROWAN_OK && i < credits.count; i++) {
        status = book_author_loaded_author(scope, &credits.at[i], &who);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(who->name), V(roles[credits.at[i].role]));
        }
    }
    return status;
}

static rowan_status show_tags(rowan_scope *scope, const book *b, ledger *found)
{
    tag_rows tags;
    rowan_status status = book_loaded_tags(scope, b, &tags);

    for (size_t i = 0; i < tags.count; i++) {
        LEDGER_ROW(found, V(tags.at[i].label));
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table,
        .where = EQ(BOOK.id, BOOK_ID),
        .fetch = FETCH({.relation = &book_publisher_relation, .way = ROWAN_FETCH_JOIN},
                       {.relation = &book_category_relation, .way = ROWAN_FETCH_JOIN},
                       {.relation = &book_book_authors_relation,
                        .then = FETCH(RELATED(&book_author_author_relation))},
                       RELATED(&book_tags_relation)),
    };
    book *b;
    rowan_status status = book_query_one(scope, &page, &b);

    if (status == ROWAN_OK) {
        status = show_book(scope, b, found);
    }
    if (status == ROWAN_OK) {
        status = show_credits(scope, b, found);
    }
    if (status == ROWAN_OK) {
        status = show_tags(scope, b, found);
    }
    return status;
}

const usecase_ways book_page_querybuilder = {NULL, good};
