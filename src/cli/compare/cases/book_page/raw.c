/* One book and all that its page shows, in raw SQL: three statements. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { BOOK_ID = 7 };

typedef struct shown {
    const char *title;
    int32_t price_cents;
    const char *publisher;
    rowan_opt_text category;
} shown;

static const rowan_table shown_shape;
static const rowan_column shown_columns[] = {
    ROWAN_COLUMN(shown_shape, shown, title, 0),
    ROWAN_COLUMN(shown_shape, shown, price_cents, 0),
    ROWAN_COLUMN(shown_shape, shown, publisher, 0),
    ROWAN_OPT_COLUMN(shown_shape, shown, category, 0),
};
static const rowan_table shown_shape = ROWAN_SHAPE(shown, shown_columns);

typedef struct credit {
    const char *name;
    const char *role;
} credit;

static const rowan_table credit_shape;
static const rowan_column credit_columns[] = {
    ROWAN_COLUMN(credit_shape, credit, name, 0),
    ROWAN_COLUMN(credit_shape, credit, role, 0),
};
static const rowan_table credit_shape = ROWAN_SHAPE(credit, credit_columns);

static rowan_status show_book(rowan_scope *scope, ledger *found)
{
    rowan_rows rows;
    rowan_status status =
        rowan_raw_all(scope,
                      "SELECT b.title, b.price_cents, p.name AS publisher, "
                      "c.name AS category FROM book b "
                      "JOIN publisher p ON p.id = b.publisher_id "
                      "LEFT JOIN category c ON c.id = b.category_id "
                      "WHERE b.id = ?",
                      PARAMS(V(BOOK_ID)), &shown_shape, &rows);
    const shown *b = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(b[i].title), V(b[i].price_cents), V(b[i].publisher),
                   LEDGER_OPT(rowan_v_text, b[i].category));
    }
    return status;
}

static rowan_status show_credits(rowan_scope *scope, ledger *found)
{
    rowan_rows rows;
    rowan_status status = rowan_raw_all(scope,
                                        "SELECT a.name, ba.role FROM book_author ba "
                                        "JOIN author a ON a.id = ba.author_id "
                                        "WHERE ba.book_id = ? ORDER BY ba.author_id",
                                        PARAMS(V(BOOK_ID)), &credit_shape, &rows);
    const credit *credits = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(credits[i].name), V(credits[i].role));
    }
    return status;
}

static rowan_status show_tags(rowan_scope *scope, ledger *found)
{
    tag_rows tags;
    rowan_status status = tag_raw_all(scope,
                                      "SELECT * FROM tag WHERE subject_type = 'book' "
                                      "AND subject_id = ? ORDER BY id",
                                      PARAMS(V(BOOK_ID)), &tags);

    for (size_t i = 0; i < tags.count; i++) {
        LEDGER_ROW(found, V(tags.at[i].label));
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_status status = show_book(scope, found);

    if (status == ROWAN_OK) {
        status = show_credits(scope, found);
    }
    if (status == ROWAN_OK) {
        status = show_tags(scope, found);
    }
    return status;
}

const usecase_ways book_page_raw = {NULL, good};
