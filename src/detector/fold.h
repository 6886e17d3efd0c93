/*
 * Folding: from the text of a statement to its fingerprint, and, in the same pass, to what the
 * rules want to know of it: what it does, to which tables, and where its values stand.
 */
#ifndef ROWAN_DETECTOR_FOLD_H
#define ROWAN_DETECTOR_FOLD_H

#include <stdint.h>

#include <rowan/event.h>

#include "base/token.h"

enum {
    ROWAN__FOLD_VERSION = 1, /* part of every id: raised when the same text folds differently */
    ROWAN__FOLD_SLOTS = 12,
    ROWAN__FOLD_PLACES = 64,
    ROWAN__FOLD_TABLES = 6
};

/** What a value is compared with, or used for. */
typedef enum rowan__role {
    ROWAN__ROLE_OTHER = 0,
    ROWAN__ROLE_EQUAL,  /* column = value */
    ROWAN__ROLE_LIST,   /* column IN (values) */
    ROWAN__ROLE_RANGE,  /* column < value, BETWEEN, LIKE */
    ROWAN__ROLE_LIMIT,  /* LIMIT, OFFSET, FETCH FIRST */
    ROWAN__ROLE_SET,    /* UPDATE … SET column = value */
    ROWAN__ROLE_VALUES  /* VALUES (value) */
} rowan__role;

typedef enum rowan__verb {
    ROWAN__VERB_OTHER = 0, /* DDL, SET, CALL, COPY … */
    ROWAN__VERB_SELECT,
    ROWAN__VERB_INSERT,
    ROWAN__VERB_UPDATE,
    ROWAN__VERB_DELETE
} rowan__verb;

/** A `?` or a list of the folded text. */
typedef struct rowan__slot {
    rowan__role role;
    uint32_t column;      /* offset in the source of the column's name, without quotes */
    uint32_t column_size; /* in bytes; 0: unknown */
    bool is_array;        /* = ANY (value), unnest(value): the value is a list of them */
} rowan__slot;

/** One value of a slot. */
typedef struct rowan__place {
    uint64_t key;   /* of a literal, else 0 */
    uint32_t param; /* number of the parameter, from 0, if `key` is 0 */
    uint32_t slot;
} rowan__place;

/** What folding found. */
typedef struct rowan__fold {
    uint64_t id;
    size_t size;             /* of the whole folded text, in bytes */
    rowan__verb verb;
    rowan__slot slots[ROWAN__FOLD_SLOTS];
    size_t slot_count;       /* at most ROWAN__FOLD_SLOTS */
    size_t value_count;      /* all of them, literals and parameters */
    size_t literal_count;
    uint64_t literals;       /* hash of all literals in order */
    uint64_t tables[ROWAN__FOLD_TABLES]; /* hashes of the names, that of a write's target first */
    size_t table_count;
    uint32_t table, table_size; /* the first table's name in the source */
    size_t value_rows;       /* rows of VALUES, or of INSERT … SET */
    bool takes_rows;         /* an INSERT of what another table has */
    bool has_where;
    bool is_volatile;        /* sequences, locks, session functions, SKIP LOCKED */
    bool is_catalog;         /* reads the engine's own tables */
    bool is_aggregate;       /* the select list begins with count, sum, min, max or avg */
    size_t place_count;      /* at most ROWAN__FOLD_PLACES */
    rowan__place places[ROWAN__FOLD_PLACES]; /* by slot; last: copies are cut here */
} rowan__fold;

/**
 * Folds a statement. Never fails and never allocates, whatever the text.
 *
 * @param engine   part of the id
 * @param buffer   receives at most @p size bytes, NUL-terminated; may be NULL if @p size is 0
 */
void rowan__fold_statement(const rowan__reading *reading, const char *engine, const char *sql,
                           size_t sql_size, char *buffer, size_t size, rowan__fold *out);

/** How an engine's text is read, by its name; standard SQL for a name that is not known. */
const rowan__reading *rowan__engine_reading(const char *engine);

/* --- key.c: values as 64-bit keys. Values that compare equal have equal keys; no key is 0. --- */

static inline uint64_t rowan__key_mix(uint64_t hash, uint64_t key)
{
    hash = (hash ^ key) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

/** Of an integer, whatever its type. */
static inline uint64_t rowan__key_int(int64_t number)
{
    uint64_t key = rowan__key_mix(0x2545F4914F6CDD1Du, (uint64_t)number);

    return key != 0 ? key : 1;
}

uint64_t rowan__key_value(const rowan_value *value);

/**
 * Of a literal's text: a number, or a string with its quotes.
 *
 * @param heeds_backslashes  in strings, as MariaDB does; those behind an E do anyhow
 */
uint64_t rowan__key_literal(const char *text, size_t size, bool is_negative,
                            bool heeds_backslashes);

/**
 * The keys of the items of a list that was bound as one text: `{1,2}`, `["a", "b"]`.
 *
 * @param keys  receives those that tell where they came from, at most @p max of them
 * @return how many items there are; 0 if the value is no such text
 */
size_t rowan__key_items(const rowan_value *value, uint64_t *keys, size_t max, size_t *count);

/** Whether a value was hidden by a recorder: it may be of any type and size. */
bool rowan__key_is_hidden(const rowan_value *value);

/** Whether no other column has the same value by chance: a uuid, a long text, a large number. */
bool rowan__key_is_rare(const rowan_value *value);

/**
 * Whether a value tells where it came from: not NULL, not a truth value, neither empty nor long.
 */
bool rowan__key_tells(const rowan_value *value);

/**
 * The key of one cell of a batch, and whether it tells where it came from.
 *
 * @param row  that the cell is in
 */
uint64_t rowan__key_cell(const rowan_batch *batch, const rowan_batch_column *column,
                         const char *row, bool *tells);

#endif
