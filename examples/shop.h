/*
 * What the examples have in common: a small bookshop in memory, or the one at the URL that is
 * given, which `rowan seed URL` fills.
 */
#ifndef EXAMPLES_SHOP_H
#define EXAMPLES_SHOP_H

#include <stdio.h>
#include <stdlib.h>

#include <rowan/rowan.h>

#include "bookshop.h"

/* Ends the program with a message if a call failed. A server would answer its client instead. */
static inline void check(rowan_scope *scope, rowan_status status)
{
    if (status != ROWAN_OK) {
        fprintf(stderr, "%s: %s\n", rowan_status_name(status), rowan_scope_error(scope)->message);
        exit(EXIT_FAILURE);
    }
}

static const char shop_tables[] =
    "CREATE TABLE publisher (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT NOT NULL,"
    "    founded_in INT2, opens_at TIME_TEXT NOT NULL);"
    "CREATE TABLE book (id INTEGER PRIMARY KEY, publisher_id INT8 NOT NULL,"
    "    category_id INT8, isbn TEXT NOT NULL UNIQUE, title TEXT NOT NULL, subtitle TEXT,"
    "    format TEXT NOT NULL, price_cents INT4 NOT NULL, weight_kg DECIMAL_TEXT NOT NULL,"
    "    pages INT2, stock INT4 NOT NULL, in_print BOOLEAN NOT NULL, rating_average DOUBLE,"
    "    published_on DATE_TEXT, cover BLOB, details JSON_TEXT, created_at TIMESTAMP_TEXT NOT NULL,"
    "    lock_version INT4 NOT NULL, FOREIGN KEY (publisher_id) REFERENCES publisher (id));";

static inline void shop_fill(rowan_scope *scope)
{
    const publisher houses[] = {
        {.name = "Harbour Press", .city = "Lisbon"}, {.name = "Nine Lanterns", .city = "Osaka"},
        {.name = "Tall Grass", .city = "Porto"},     {.name = "Low Tide", .city = "Cork"},
        {.name = "Orchard & Key", .city = "Graz"},   {.name = "Winter Quarters", .city = "Oulu"},
    };
    static const char *const titles[] = {"The Salt Road",           "A Clock for Winter",
                                         "Letters to a Lighthouse", "The Ninth Night",
                                         "Paper Weather",           "What the River Kept"};
    book books[6] = {{0}};
    publisher_rows made;
    char isbns[6][24];

    check(scope, rowan_raw_script(scope, shop_tables, NULL));
    check(scope, publisher_insert_all(scope, houses, 6, &made));
    for (int i = 0; i < 6; i++) {
        snprintf(isbns[i], sizeof isbns[i], "978000000000%d", i);
        books[i] = (book){
            .publisher_id = made.at[i].id,
            .isbn = isbns[i],
            .title = titles[i],
            .price_cents = 900 + 150 * i,
            .weight_kg = {"0.350"},
            .stock = 10,
            .in_print = i != 3,
        };
    }
    check(scope, book_insert_all(scope, books, 6, NULL));
}

/* Opens the shop and begins a scope in it; ends the program if it cannot. */
static inline rowan_scope *shop_open(int argc, char **argv, const char *name, rowan_db **db)
{
    rowan_error error;
    rowan_scope *scope;

    if (rowan_open(argc > 1 ? argv[1] : "sqlite::memory:", NULL, db, &error) != ROWAN_OK ||
        rowan_scope_begin(*db, name, &scope, &error) != ROWAN_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(EXIT_FAILURE);
    }
    if (argc < 2) {
        shop_fill(scope);
    }
    return scope;
}

#endif
