/*
 * What a cell found: rows of values in canonical text, so that ledgers of different patterns and
 * engines can be compared and a difference shown.
 */
#ifndef ROWAN_CLI_COMPARE_LEDGER_H
#define ROWAN_CLI_COMPARE_LEDGER_H

#include <stdio.h>

#include <rowan/value.h>

typedef struct ledger ledger;

/** An empty ledger; NULL if out of memory. Freed with ledger_free(). */
ledger *ledger_new(void);
void ledger_free(ledger *self);
void ledger_clear(ledger *self);

/**
 * Enters one row. Values are copied. Running out of memory is remembered: such a ledger equals no
 * other.
 */
void ledger_row(ledger *self, const rowan_value *values, size_t count);

/** Enters one row: LEDGER_ROW(found, ROWAN_V(b->id), ROWAN_V(b->title)). */
#define LEDGER_ROW(self, ...)                                   \
    ledger_row((self), (const rowan_value[]){__VA_ARGS__},      \
               sizeof((const rowan_value[]){__VA_ARGS__}) / sizeof(rowan_value))

/** An optional member as a value: LEDGER_OPT(rowan_v_text, b->subtitle). */
#define LEDGER_OPT(maker, optional) ((optional).has ? maker((optional).value) : rowan_v_null())

size_t ledger_count(const ledger *self);

/** Time spent in entering rows, so that it is not taken for the pattern's. */
int64_t ledger_elapsed_ns(const ledger *self);

bool ledger_equal(const ledger *a, const ledger *b);

/**
 * Prints the first rows that differ, as a diff of at most @p most rows, `-` for @p a and `+` for
 * @p b.
 */
void ledger_diff(const ledger *a, const char *a_name, const ledger *b, const char *b_name,
                 size_t most, FILE *out);

#endif
