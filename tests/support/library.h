/*
 * A small library of books as hand-written models: one relation of each kind, in both directions,
 * with composite and polymorphic keys, a tree and a circle. The tests of relations, records and
 * sessions run on it.
 */
#ifndef ROWAN_TESTS_LIBRARY_H
#define ROWAN_TESTS_LIBRARY_H

#include <rowan/rowan.h>

typedef struct library_publisher {
    int64_t id;
    const char *name;
    rowan_opt_i64 featured_id; /* a book: with its publisher they make a circle */
} library_publisher;

typedef struct library_author {
    int64_t id;
    const char *name;
    rowan_opt_date born;
} library_author;

typedef enum library_binding { LIBRARY_HARDCOVER, LIBRARY_PAPERBACK } library_binding;

/* Ten columns and a version. */
typedef struct library_book {
    int64_t id;
    rowan_opt_i64 publisher_id;
    const char *title;
    rowan_opt_text subtitle;
    int32_t price_cents;
    bool in_print;
    rowan_opt_double rating;
    library_binding binding;
    rowan_opt_date published_on;
    rowan_blob cover;
    int32_t version;
} library_book;

typedef struct library_book_author {
    int64_t book_id;
    int64_t author_id;
    const char *role;
} library_book_author;

typedef struct library_profile {
    int64_t author_id;
    const char *bio;
} library_profile;

typedef struct library_category {
    int64_t id;
    rowan_opt_i64 parent_id;
    const char *name;
} library_category;

typedef struct library_purchase {
    int64_t id;
    const char *customer;
} library_purchase;

typedef struct library_line {
    int64_t purchase_id;
    int32_t line_no;
    rowan_opt_i64 book_id;
    int32_t quantity;
} library_line;

/* Refers to a line by two columns. */
typedef struct library_parcel {
    int64_t id;
    int64_t purchase_id;
    int32_t line_no;
    const char *code;
} library_parcel;

/* Of a book or of an author, as `subject_type` says. */
typedef struct library_tag {
    int64_t id;
    const char *subject_type;
    int64_t subject_id;
    const char *label;
} library_tag;

extern const rowan_table library_publisher_table, library_author_table, library_book_table,
    library_book_author_table, library_profile_table, library_category_table,
    library_purchase_table, library_line_table, library_parcel_table, library_tag_table;

extern const rowan_relation library_publisher_books, library_publisher_featured,
    library_author_books, library_author_profile, library_author_tags, library_book_publisher,
    library_book_authors, library_book_lines, library_book_tags, library_profile_author,
    library_category_parent, library_category_children, library_purchase_lines,
    library_line_purchase, library_line_book, library_line_parcels, library_parcel_line,
    library_tag_book, library_tag_author;

/** Handles of the columns that the tests ask for. */
extern const struct library_publisher_columns {
    rowan_int_column id;
    rowan_text_column name;
} PUBLISHER;
extern const struct library_book_columns {
    rowan_int_column id, publisher_id;
    rowan_text_column title;
    rowan_int_column price_cents;
    rowan_bool_column in_print;
} BOOK;
extern const struct library_author_columns {
    rowan_int_column id;
    rowan_text_column name;
} AUTHOR;
extern const struct library_category_columns {
    rowan_int_column id, parent_id;
    rowan_text_column name;
} CATEGORY;
extern const struct library_line_columns {
    rowan_int_column purchase_id, line_no, quantity;
} LINE;
extern const struct library_tag_columns {
    rowan_text_column label;
} TAG;

enum {
    LIBRARY_FIRST = 5001 /* key of the first row of each table that library_fill() makes */
};

/** A fresh database with the library's tables, all empty. Closed by engine_close(). */
rowan_db *library_open(size_t engine, const rowan_options *options);

/** Makes the library's tables in a database that has none. */
void library_create(rowan_db *db, size_t engine);

/** A scope, or the test fails. */
rowan_scope *library_scope(rowan_db *db);

/**
 * Fills the tables through raw SQL with explicit keys: book i is "Book i" at price i, of publisher
 * i modulo
 * @p publishers ("Publisher j"), by author i modulo @p authors and the one after it.
 */
void library_fill(rowan_db *db, size_t books, size_t publishers, size_t authors);

/** Purchases 1, 2 … with lines 1, 2 … of quantity 100 × purchase + line, and a parcel for each. */
void library_fill_lines(rowan_db *db, int purchases, int lines);

/** Runs one statement without parameters in a scope of its own. */
void library_run(rowan_db *db, const char *sql);

/** The number that a query of one integer gives. */
int64_t library_number(rowan_db *db, const char *sql);

/** Fails the test unless a call went well, with the scope's error. */
void library_ok(rowan_scope *scope, rowan_status status);

/** Statements that the scope begun last has sent since the last time this was asked. */
uint64_t library_sent(rowan_scope *scope);

/** Keeps the last statement of the program's own work that a database sent. */
typedef struct library_log {
    rowan_subscriber subscriber; /* for rowan_options.subscribers */
    char sql[4096];
    size_t events; /* that had such a statement */
    rowan_pattern pattern;
    const rowan_relation *relation;
} library_log;

void library_log_init(library_log *log);

/** A database as library_open() makes it whose statements are logged. */
rowan_db *library_open_logged(size_t engine, library_log *log, rowan_lazy lazy);

/** An allocator whose allocation number `fail_at`, counted from 1, fails once; 0: none. */
typedef struct library_memory {
    rowan_allocator allocator;
    size_t fail_at, count;
    bool has_failed;
    size_t live; /* bytes not given back */
} library_memory;

/** Prepares one; its address goes into rowan_options.allocator as &memory->allocator. */
void library_memory_init(library_memory *memory);

#endif
