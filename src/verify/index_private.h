/*
 * What the files of index advice share. A statement is read (index_operand.c, index_read.c), what
 * might serve it is thought up (index_candidates.c) and written as SQL (index_write.c); then it is
 * tried in a laboratory, of which each engine has one: a place where an index can be had without
 * touching the user's tables.
 */
#ifndef ROWAN_VERIFY_INDEX_PRIVATE_H
#define ROWAN_VERIFY_INDEX_PRIVATE_H

#include "base/text.h"
#include "verify/verify_private.h"

enum {
    ROWAN__INDEX_SOURCES = 16,
    ROWAN__INDEX_BLOCKS = 32,
    ROWAN__INDEX_TERMS = 64,
    ROWAN__INDEX_KEYS = 3,
    ROWAN__INDEX_CANDIDATES = 32,
    ROWAN__INDEX_CHOSEN = 3,    /* indexes for one statement */
    ROWAN__INDEX_SAMPLE = 10000, /* rows of a table that are looked at where all cannot be, … */
    ROWAN__INDEX_READ = 500000   /* … and of a larger one that are gone through for them */
};

/* --- Tables, as a laboratory finds them. --- */

typedef struct rowan__index_column {
    const char *name;
    const char *prefix; /* behind it in an index that serves LIKE 'x%'; NULL: nothing serves */
    const char *length; /* behind it in any index: "(100)" of what is too long; else "" */
    bool is_generated;
} rowan__index_column;

/** An index that is there. */
typedef struct rowan__index_existing {
    const char *keys[8]; /* the first of them; NULL: an expression */
    size_t key_count;
    bool is_partial;
    size_t number; /* while they are read */
} rowan__index_existing;

typedef struct rowan__index_table {
    const char *name;   /* as the database has it */
    const char *schema; /* NULL where the name is enough */
    const char *target; /* as it is written in SQL, in quotes */
    rowan__index_column *columns;
    size_t column_count;
    rowan__index_existing *indexes; /* the primary key among them */
    size_t index_count;
    double rows;      /* about */
    const char *copy; /* table that stands for it, as it is written; NULL: itself */
    double copied;    /* rows of the copy */
    size_t column_capacity, index_capacity;
} rowan__index_table;

/** The column of a name, in either case; NULL. */
const rowan__index_column *rowan__index_column_of(const rowan__index_table *table,
                                                  const char *name);

/* --- index_operand.c: one side of a comparison. --- */

typedef enum rowan__operand_kind {
    ROWAN__OPERAND_OTHER = 0,
    ROWAN__OPERAND_COLUMN,
    ROWAN__OPERAND_EXPRESSION, /* of one column and constants */
    ROWAN__OPERAND_VALUE       /* no column in it */
} rowan__operand_kind;

typedef struct rowan__operand {
    rowan__operand_kind kind;
    const char *qualifier; /* of its column, without quotes; NULL: none */
    const char *column;
    bool is_literal; /* of a value: nothing but literals */
} rowan__operand;

/** Reads the pieces from @p from to before @p end. @return false if memory ran out */
bool rowan__operand_read(const rowan__parts *parts, size_t from, size_t end, rowan__arena *arena,
                         rowan__operand *out);

/**
 * Pieces as text: without qualifiers, with the same blanks whatever the blanks and comments of the
 * statement. NULL: out of memory.
 */
const char *rowan__operand_text(const rowan__parts *parts, size_t from, size_t end,
                                rowan__arena *arena);

/** A name without its quotes. NULL: out of memory. */
const char *rowan__unquoted(const rowan__parts *parts, size_t piece, rowan__arena *arena);

/** The piece that closes what @p open opens; `parts->count` if nothing does. */
size_t rowan__piece_close(const rowan__parts *parts, size_t open);

/* --- index_read.c: what a statement looks for. --- */

/** What a column is used for. */
typedef enum rowan__index_role {
    ROWAN__INDEX_EQUAL = 1,
    ROWAN__INDEX_JOIN,   /* = a column of another table, or a sub-select */
    ROWAN__INDEX_LIST,   /* IN, = ANY */
    ROWAN__INDEX_RANGE,  /* <, BETWEEN */
    ROWAN__INDEX_PREFIX, /* LIKE 'x%' */
    ROWAN__INDEX_ORDER,
    ROWAN__INDEX_GROUP,
    ROWAN__INDEX_CONDITION /* a constant condition that no key serves: IS NOT NULL, <> 'x' */
} rowan__index_role;

/** A table of the statement. */
typedef struct rowan__index_source {
    const char *name;    /* without schema and quotes */
    const char *schema;  /* without quotes; NULL: none is written */
    const char *written; /* as it is written, schema included */
    const char *alias;   /* its own name if it has none */
    size_t offset, size; /* of `written` in the statement */
    bool has_alias;
    unsigned block;            /* the select that it belongs to */
    rowan__index_table *table; /* NULL: it is none that an index could be made on */
} rowan__index_source;

typedef struct rowan__index_term {
    rowan__index_role role;
    const char *qualifier; /* NULL: none */
    const char *column;
    const char *expression; /* that is made of the column; NULL: itself */
    const char *suffix;     /* of ORDER: " DESC", " NULLS LAST"; "" */
    const char *condition;  /* the whole term, if it is constant; NULL: it is not */
    bool has_literal;       /* of the condition: it is about one value, and there may be others */
    bool is_alternative;    /* one side of an OR */
    size_t from, end;       /* the pieces of the whole term; of a row value, of one column, and … */
    size_t value_from, value_end; /* … of its value, or the list … */
    size_t place;                 /* … in each row of which it is there, from 1; else 0 */
    /* About what part of the rows it leaves with any value, if it is EQUAL, and with the value that
     * it has; 0: not known. */
    double share, own_share;
    unsigned block;
    rowan__index_table *table; /* NULL: not resolved */
} rowan__index_term;

/** What was read. All text is in the arena that was given. */
typedef struct rowan__index_reading {
    rowan__index_source sources[ROWAN__INDEX_SOURCES];
    size_t source_count;
    rowan__index_term terms[ROWAN__INDEX_TERMS];
    size_t term_count;
    unsigned parents[ROWAN__INDEX_BLOCKS]; /* the block around a block; 0 around nothing */
    unsigned block_count;
} rowan__index_reading;

/** Reads a statement. What is beyond the bounds is not looked at. @return false: no memory */
bool rowan__index_read(const rowan__parts *parts, rowan__arena *arena, rowan__index_reading *out);

/** Finds the table of every term among those of the sources. */
void rowan__index_resolve(rowan__index_reading *reading);

/* --- index_candidates.c: what might serve. --- */

typedef struct rowan__index_key {
    const char *column;
    const char *expression; /* NULL: the column */
    const char *suffix;     /* "" or what is behind it: " DESC", " text_pattern_ops" */
} rowan__index_key;

typedef struct rowan__index_candidate {
    rowan__index_table *table;
    rowan__index_key keys[ROWAN__INDEX_KEYS];
    size_t key_count;
    const char *condition; /* of a partial index; NULL: all rows */
    char name[24];         /* while it is tried, as plans show it */
    int64_t made;          /* the laboratory's number for it */
    double amount;         /* what the statement is estimated with it */
    int64_t size_bytes;    /* about; 0: unknown */
} rowan__index_candidate;

/** What an engine makes indexes of. */
typedef struct rowan__index_abilities {
    bool expressions, conditions;
} rowan__index_abilities;

/**
 * Thinks up indexes, the simple ones first. What begins an index that is there is left out.
 *
 * @param out  at most ROWAN__INDEX_CANDIDATES
 * @return how many
 */
size_t rowan__index_candidates(const rowan__index_reading *reading, rowan__index_abilities can,
                               rowan__index_candidate *out);

/** Whether a key of it is an expression. */
bool rowan__index_has_expression(const rowan__index_candidate *candidate);

/* --- index_write.c --- */

/** Adds a name in quotes. */
void rowan__index_quote(rowan__text *text, char quote, const char *name);

/**
 * Adds CREATE INDEX.
 *
 * @param name   not in quotes
 * @param table  as it is written in SQL
 */
void rowan__index_write(rowan__text *text, char quote, const rowan__index_candidate *candidate,
                        const char *name, const char *table);

/** A name that says what the index is on, at most 63 bytes with a number behind if that is > 1. */
void rowan__index_name(const rowan__index_candidate *candidate, unsigned number, char out[64]);

/* --- Laboratories. --- */

typedef struct rowan__index_lab rowan__index_lab;

/** What an engine's laboratory does. A function that fails leaves its reason in the scope. */
typedef struct rowan__index_methods {
    const char *engine;
    char quote;
    bool writes; /* its trial begins with a transaction that may write; rolled back all the same */
    rowan__index_abilities can;
    const char *unit; /* what estimates are counted in */
    double least;     /* an estimate below this is not worth an index */
    /** Begins; tells lab->how. ROWAN_UNSUPPORTED: nothing can be tried here, only looked at. */
    rowan_status (*open)(rowan__index_lab *lab);
    /** Finds a table by its name as written, or leaves NULL. */
    rowan_status (*look)(rowan__index_lab *lab, const rowan__index_source *source,
                         rowan__index_table **out);
    /** Makes the tables of the reading ready, and the statement. */
    rowan_status (*prepare)(rowan__index_lab *lab);
    /** A value that stands for one that is not known, of a column. NULL: SQL's NULL does. */
    rowan_status (*guess)(rowan__index_lab *lab, const rowan__index_term *term, rowan_value *out);
    /** What the statement costs now; the plan stays in lab->plan. */
    rowan_status (*estimate)(rowan__index_lab *lab, double *out);
    rowan_status (*make)(rowan__index_lab *lab, rowan__index_candidate *candidate);
    rowan_status (*drop)(rowan__index_lab *lab, rowan__index_candidate *candidate);
    /** Of an index that is made, about, as it would be on the whole table. */
    rowan_status (*size)(rowan__index_lab *lab, rowan__index_candidate *candidate);
    /** Whether the last plan reads a large table whole and keeps few of its rows. NULL: there is
     * always something to try on. */
    bool (*reads_whole)(const rowan__index_lab *lab, const rowan__index_table *table);
    /** Whether an index of that name could be made on the table. */
    rowan_status (*is_free)(rowan__index_lab *lab, const rowan__index_table *table,
                            const char *name, bool *out);
    void (*close)(rowan__index_lab *lab);
} rowan__index_methods;

struct rowan__index_lab {
    const rowan__index_methods *methods;
    rowan__trial *trial; /* its scope is on the user's database */
    rowan_scope *scope;  /* that estimates are made in */
    const rowan__traced *statement;
    const rowan__parts *parts;
    rowan__index_reading *reading;
    rowan__arena *arena;
    const char *how; /* in words: where it is tried */
    const char *sql; /* the statement as raw SQL, as it is explained */
    rowan_params params;
    bool hides;       /* some values are not known */
    bool looks_only;  /* no copies could be made: the statement is explained on the tables */
    const char *plan; /* of the last estimate; the arena's */
    size_t tried;     /* indexes that were made */
    void *own;        /* the engine's */
};

extern const rowan__index_methods rowan__index_postgresql, rowan__index_mariadb,
    rowan__index_sqlite;

/* --- index_bind.c: the statement, for a laboratory. --- */

/**
 * Makes lab->sql and lab->params: tables that have a copy are replaced by it.
 *
 * @param before  the words in front, such as EXPLAIN
 * @param keeps   leave the engine's placeholders as they are, without values
 */
rowan_status rowan__index_bind(rowan__index_lab *lab, const char *before, bool keeps);

/** One condition as raw SQL with its values; NULL if some are not known, or it has a sub-select or
 * is of a list of rows. */
rowan_status rowan__index_bind_term(rowan__index_lab *lab, const rowan__index_term *term,
                                    const char **sql, rowan_params *params);

/** How many rows the statement wants, if it ends once it has them; 0: it does not, or wants all. */
double rowan__index_limit(const rowan__index_lab *lab);

/* --- index_query.c: one query of a laboratory. --- */

/** Runs a query in time and hands its rows over. */
rowan_status rowan__index_query(rowan__index_lab *lab, rowan_scope *scope, const char *sql,
                                rowan_params params, rowan__take_row take, void *context);
/** The first value of the first row. @return ROWAN_NOT_FOUND if there is no row */
rowan_status rowan__index_number(rowan__index_lab *lab, rowan_scope *scope, const char *sql,
                                 rowan_params params, double *out);
/** The same as text in the lab's arena; NULL for NULL. */
rowan_status rowan__index_text(rowan__index_lab *lab, rowan_scope *scope, const char *sql,
                               rowan_params params, const char **out);
/** Runs a statement without parameters. */
rowan_status rowan__index_run(rowan__index_lab *lab, rowan_scope *scope, const char *sql);
/** Runs statements as they are, placeholders included. */
rowan_status rowan__index_script(rowan__index_lab *lab, rowan_scope *scope, const char *sql);
/** A text as one of the lab's arena; the text ends. NULL: out of memory. */
const char *rowan__index_keep(rowan__index_lab *lab, rowan__text *text);
/** A column of the present row as text in an arena; NULL: it is NULL, or no memory. */
const char *rowan__index_cell(const rowan_cursor *cursor, size_t column, rowan__arena *arena);
double rowan__index_cell_number(const rowan_cursor *cursor, size_t column);

/* --- index_copy.c: temporary tables with a sample of the rows. --- */

/**
 * Makes a copy for every table of the reading that has columns in its terms.
 *
 * @param fill  makes the temporary table `copy` with about ROWAN__INDEX_SAMPLE rows from all over
 *              the table, twice as many at the most; the same ones each time
 */
rowan_status rowan__index_copy(rowan__index_lab *lab, const char *before,
                               rowan_status (*fill)(rowan__index_lab *lab,
                                                    const rowan__index_table *table));
/** Makes an index on a copy. */
rowan_status rowan__index_copy_make(rowan__index_lab *lab, rowan__index_candidate *candidate);
/**
 * About what an index on the whole table takes, by the lengths of what is in its keys.
 *
 * @param length  of a key in bytes, as SQL with %s for the key
 */
rowan_status rowan__index_measure(rowan__index_lab *lab, const char *length,
                                  rowan__index_candidate *candidate);

/* --- index_catalog.c: tables while a catalogue is read. --- */

/** A table without columns. @param schema  NULL: its name is enough. @return NULL: no memory */
rowan__index_table *rowan__index_new_table(rowan__index_lab *lab, const char *schema,
                                           const char *name, double rows);
/** Adds a column. ROWAN_NOMEM. */
rowan_status rowan__index_add_column(rowan__index_lab *lab, rowan__index_table *table,
                                     const rowan__index_column *column);
/** Adds a key to the index of a number; an index with a new number is a new one. ROWAN_NOMEM. */
rowan_status rowan__index_add_key(rowan__index_lab *lab, rowan__index_table *table, size_t index,
                                  const char *key, bool is_partial);

/*
 * --- Row steps, where the engine tells no cost: 1 for a row that is visited in its order; half of
 * log2 n for finding one of n by an index, and again for each row that the index does not have
 * itself; n log2 n for sorting n. As SQLite was seen to need time for them. ---
 */

/** What sorting rows takes. */
double rowan__steps_sorted(double rows);
/** MariaDB's EXPLAIN FORMAT=JSON. @return false if it cannot be read */
bool rowan__steps_of_json(const char *plan, double *out);
/** Whether MariaDB's plan reads all of what has this alias. */
bool rowan__plan_reads_whole(const char *plan, const char *alias);

/** A line of SQLite's EXPLAIN QUERY PLAN. */
typedef struct rowan__plan_line {
    int64_t id, parent;
    const char *detail;
} rowan__plan_line;

/** How many rows an index finds, as sqlite_stat1 tells. */
typedef struct rowan__plan_statistics {
    const char *index; /* or the table, if it has none */
    const char *stat;  /* rows, rows per first key, rows per first two keys … */
} rowan__plan_statistics;

/** @param limit  how many rows are wanted, from the first on; 0: all */
double rowan__steps_of_lines(const rowan__plan_line *lines, size_t count, double limit,
                             const rowan__index_reading *reading,
                             const rowan__plan_statistics *statistics, size_t statistics_count);

/* --- index_try.c --- */

/** What came of trying. */
typedef struct rowan__index_outcome {
    rowan__index_candidate chosen[ROWAN__INDEX_CHOSEN];
    size_t count;
    double before, after;
    size_t tried;
} rowan__index_outcome;

/** Tries candidates one by one. @return ROWAN_OK, or why the statement cannot be estimated */
rowan_status rowan__index_try(rowan__index_lab *lab, rowan__index_outcome *out);

#endif
