/*
 * The tables that the tests of queries read and write: a small archive, with a tree, nullable
 * columns, a composite key, an optimistic lock and every type.
 */
#ifndef ROWAN_TESTS_ARCHIVE_H
#define ROWAN_TESTS_ARCHIVE_H

#include <rowan/rowan.h>

typedef enum work_kind { WORK_NOVEL, WORK_ESSAY, WORK_POEM } work_kind;

typedef struct genre {
    int64_t id;
    const char *name;
    rowan_opt_i64 parent_id;
} genre;

typedef struct press {
    int64_t id;
    const char *name;
    rowan_opt_text country;
} press;

typedef struct work {
    int64_t id;
    int64_t press_id;
    rowan_opt_i64 genre_id;
    const char *title;
    rowan_opt_text subtitle;
    work_kind kind;
    int32_t cents;
    int16_t stock;
    rowan_opt_double weight;
    rowan_decimal price;
    bool in_print;
    rowan_opt_date released;
    rowan_timestamp added;
    rowan_opt_time opens;
    rowan_uuid code;
    rowan_opt_json extra;
    rowan_opt_blob cover;
    float score;
    int32_t version;
} work;

typedef struct loan {
    int64_t work_id;
    int32_t number;
    int32_t days;
    rowan_opt_text reader;
} loan;

extern const rowan_table genre_table, press_table, work_table, loan_table;

typedef struct genre_handles {
    rowan_int_column id;
    rowan_text_column name;
    rowan_int_column parent_id;
} genre_handles;

typedef struct press_handles {
    rowan_int_column id;
    rowan_text_column name, country;
} press_handles;

typedef struct work_handles {
    rowan_int_column id, press_id, genre_id;
    rowan_text_column title, subtitle;
    rowan_enum_column kind;
    rowan_int_column cents, stock;
    rowan_real_column weight;
    rowan_decimal_column price;
    rowan_bool_column in_print;
    rowan_date_column released;
    rowan_timestamp_column added;
    rowan_time_column opens;
    rowan_uuid_column code;
    rowan_json_column extra;
    rowan_blob_column cover;
    rowan_real_column score;
    rowan_int_column version;
} work_handles;

typedef struct loan_handles {
    rowan_int_column work_id, number, days;
    rowan_text_column reader;
} loan_handles;

extern const genre_handles GENRE;
extern const press_handles PRESS;
extern const work_handles WORK;
extern const loan_handles LOAN;

/** The rows of archive_fill(), as structs; their keys are given. */
extern const genre archive_genres[];
extern const press archive_presses[];
extern const work archive_works[];
extern const loan archive_loans[];
enum { ARCHIVE_GENRES = 5, ARCHIVE_PRESSES = 3, ARCHIVE_WORKS = 8, ARCHIVE_LOANS = 6 };

/** A fresh database with the tables, empty. Closed by engine_close(). */
rowan_db *archive_open(size_t engine, const rowan_options *options);

/** Fills the tables by the query builder; fails the test if it cannot. */
void archive_fill(rowan_scope *scope);

/** A text of the rows, one line each, values between bars, for comparison; the scope's. */
const char *archive_dump(rowan_scope *scope, const rowan_table *shape, rowan_rows rows);

#endif
