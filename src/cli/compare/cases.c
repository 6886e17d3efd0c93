/* The use cases, in the order in which they are shown: reading, then searching and sums, then
 * writing. */
#include "cli/compare/cases/state.h"
#include "cli/compare/usecase.h"

/* What each cases/KEY/PATTERN.c defines. */
extern const usecase_ways catalogue_raw, catalogue_querybuilder, catalogue_activerecord,
    catalogue_datamapper;
extern const usecase_ways book_page_raw, book_page_querybuilder, book_page_activerecord,
    book_page_datamapper;
extern const usecase_ways orders_raw, orders_querybuilder, orders_activerecord, orders_datamapper;
extern const usecase_ways top_reviews_raw, top_reviews_querybuilder, top_reviews_activerecord,
    top_reviews_datamapper;
extern const usecase_ways category_tree_raw, category_tree_querybuilder, category_tree_activerecord,
    category_tree_datamapper;
extern const usecase_ways search_raw, search_querybuilder, search_activerecord, search_datamapper;
extern const usecase_ways slow_search_raw, slow_search_querybuilder, slow_search_activerecord,
    slow_search_datamapper;
extern const usecase_ways best_sellers_raw, best_sellers_querybuilder, best_sellers_activerecord,
    best_sellers_datamapper;
extern const usecase_ways export_raw, export_querybuilder, export_activerecord, export_datamapper;
extern const usecase_ways checkout_raw, checkout_querybuilder, checkout_activerecord,
    checkout_datamapper;
extern const usecase_ways stale_edit_raw, stale_edit_querybuilder, stale_edit_activerecord,
    stale_edit_datamapper;
extern const usecase_ways register_raw, register_querybuilder, register_activerecord,
    register_datamapper;
extern const usecase_ways price_change_raw, price_change_querybuilder, price_change_activerecord,
    price_change_datamapper;
extern const usecase_ways import_raw, import_querybuilder, import_activerecord, import_datamapper;

enum {
    EXPECT_N_PLUS_ONE = 1u << ROWAN_N_PLUS_ONE,
    EXPECT_DUPLICATES = 1u << ROWAN_DUPLICATE_QUERY,
    EXPECT_WRITE_LOOP = 1u << ROWAN_WRITE_LOOP,
    EXPECT_WALK = 1u << ROWAN_RECURSIVE_WALK
};

static const usecase catalogue = {
    .key = "catalogue",
    .title = "A page of the catalogue",
    .story = "A visitor looks at twenty books, each with its publisher's name.",
    .lesson = "One statement a row is no fault of a pattern: it comes from asking row by row, and "
              "each pattern has a way to ask for all at once. Active Record does so by default.",
    .ways = {&catalogue_raw, &catalogue_querybuilder, &catalogue_activerecord,
             &catalogue_datamapper},
    .expected = EXPECT_N_PLUS_ONE,
};

static const usecase book_page = {
    .key = "book_page",
    .title = "A book's own page",
    .story = "A visitor opens one book: publisher, category, authors with what they did, tags.",
    .lesson =
        "Around one row little can go wrong, and a relation that is asked for reads better than "
        "a join. A fetch plan still saves the trips.",
    .ways = {&book_page_raw, &book_page_querybuilder, &book_page_activerecord,
             &book_page_datamapper},
    .expected = EXPECT_N_PLUS_ONE,
};

static const usecase orders = {
    .key = "orders",
    .title = "A customer's orders",
    .story = "A customer looks at all orders, their lines and the books: three levels deep.",
    .lesson =
        "Each level multiplies what row-by-row loading sends. A join repeats the order on each "
        "line; loading by level reads each row once.",
    .ways = {&orders_raw, &orders_querybuilder, &orders_activerecord, &orders_datamapper},
    .expected = EXPECT_N_PLUS_ONE | EXPECT_DUPLICATES,
};

static const usecase top_reviews = {
    .key = "top_reviews",
    .title = "The best reviews of each book",
    .story = "A page shows twenty books, each with its three best reviews.",
    .lesson =
        "A limit for each parent is what batches get wrong: either all reviews are loaded, or "
        "one statement a book is sent. A window function does it, written by hand or by a plan.",
    .ways = {&top_reviews_raw, &top_reviews_querybuilder, &top_reviews_activerecord,
             &top_reviews_datamapper},
    .expected = EXPECT_N_PLUS_ONE,
};

static const usecase category_tree = {
    .key = "category_tree",
    .title = "A branch of the category tree",
    .story = "The menu shows a category with all that is below it.",
    .lesson = "A tree can be walked node by node, level by level, or by the database itself. "
              "A recursive query sends one statement however deep the tree is.",
    .ways = {&category_tree_raw, &category_tree_querybuilder, &category_tree_activerecord,
             &category_tree_datamapper},
    .expected = EXPECT_N_PLUS_ONE | EXPECT_WALK,
};

static const usecase search = {
    .key = "search",
    .title = "A search with filters",
    .story = "A visitor searches by title and price and turns three pages.",
    .lesson =
        "Filters that may be absent are where SQL as text is hardest to read and queries as "
        "values are easiest. Paging by number costs more with every page; by key it does not.",
    .ways = {&search_raw, &search_querybuilder, &search_activerecord, &search_datamapper},
};

static const usecase slow_search = {
    .key = "slow_search",
    .title = "A search without an index",
    .story = "A visitor searches in subtitles, which have no index.",
    .lesson =
        "No pattern makes this faster: the database reads the whole table. When it takes longer "
        "than the threshold the detector reports it; the cure is in the schema.",
    .ways = {&slow_search_raw, &slow_search_querybuilder, &slow_search_activerecord,
             &slow_search_datamapper},
};

static const usecase best_sellers = {
    .key = "best_sellers",
    .title = "The best-selling books",
    .story = "The owner wants the ten books of which most copies were sold.",
    .lesson =
        "Rows that save themselves are no help with sums. Patterns that work on rows load them "
        "all; asking the database for ten lines is a query's work, in any pattern.",
    .ways = {&best_sellers_raw, &best_sellers_querybuilder, &best_sellers_activerecord,
             &best_sellers_datamapper},
    .expected = EXPECT_N_PLUS_ONE,
};

static const usecase export = {
    .key = "export",
    .title = "An export of all order lines",
    .story = "The accountant gets every line ever sold.",
    .lesson =
        "What is written on needs no list in memory. Streams hold one row; records and sessions "
        "go page by page and give the memory back.",
    .ways = {&export_raw, &export_querybuilder, &export_activerecord, &export_datamapper},
};

static const usecase checkout = {
    .key = "checkout",
    .title = "A checkout",
    .story = "A customer buys six books while someone else buys one of them.",
    .lesson = "Purchase, lines, stock and movements are written together or not at all. A version "
              "column finds the conflict, and the second attempt succeeds.",
    .state = checkout_state,
    .ways = {&checkout_raw, &checkout_querybuilder, &checkout_activerecord, &checkout_datamapper},
    .expected = EXPECT_WRITE_LOOP | EXPECT_N_PLUS_ONE,
};

static const usecase stale_edit = {
    .key = "stale_edit",
    .title = "Two editors, one book",
    .story = "Two people edit the same book; the second to save is told and loses nothing.",
    .lesson = "Active Record and Data Mapper check the version by themselves. In SQL and with the "
              "query builder it must be written into every update, and forgotten in none.",
    .state = stale_edit_state,
    .ways = {&stale_edit_raw, &stale_edit_querybuilder, &stale_edit_activerecord,
             &stale_edit_datamapper},
};

static const usecase sign_up = {
    .key = "register",
    .title = "Signing up",
    .story = "A visitor signs up, and later again with the same e-mail address after moving.",
    .lesson =
        "Insert-or-update is one statement in SQL, but each engine spells it its own way; the "
        "query builder knows how. Patterns that work on rows look first and then decide.",
    .state = register_state,
    .ways = {&register_raw, &register_querybuilder, &register_activerecord, &register_datamapper},
};

static const usecase price_change = {
    .key = "price_change",
    .title = "New prices",
    .story = "A publisher raises all prices by five percent.",
    .lesson =
        "Where the new value follows from the old, one update beats any number of rows that are "
        "loaded and saved. If rows must be loaded, save them together.",
    .state = price_change_state,
    .ways = {&price_change_raw, &price_change_querybuilder, &price_change_activerecord,
             &price_change_datamapper},
    .expected = EXPECT_WRITE_LOOP | EXPECT_N_PLUS_ONE,
};

static const usecase import = {
    .key = "import",
    .title = "An import of 400 books",
    .story = "The wholesaler's file with four hundred new books is read in.",
    .lesson =
        "Row by row an import is as many statements as rows. Every pattern has a call for many, "
        "and it costs less code, not more.",
    .state = import_state,
    .ways = {&import_raw, &import_querybuilder, &import_activerecord, &import_datamapper},
    .expected = EXPECT_WRITE_LOOP,
};

const usecase *const usecases[] = {
    &catalogue,  &book_page,   &orders,       &top_reviews, &category_tree,
    &search,     &slow_search, &best_sellers, &export,      &checkout,
    &stale_edit, &sign_up,     &price_change, &import,      NULL,
};

const char *const pattern_keys[PATTERN_COUNT] = {"raw", "querybuilder", "activerecord",
                                                 "datamapper"};
