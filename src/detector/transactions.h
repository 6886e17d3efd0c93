/*
 * Transactions as a connection's statements show them: how long each was open, and how long nothing
 * was sent in it. Live and recorded statements pass the same.
 */
#ifndef ROWAN_DETECTOR_TRANSACTIONS_H
#define ROWAN_DETECTOR_TRANSACTIONS_H

#include "base/arena.h"
#include "base/text.h"
#include "detector/watch.h"

/** A statement of a transaction. Texts are borrowed until the transactions are done with. */
typedef struct rowan__step {
    const char *sql; /* NULL: not known */
    size_t sql_size;
    rowan_site site;
    uint64_t sequence;
    int64_t start_ns, end_ns;
} rowan__step;

/** What a statement does to the transaction that it is sent in. */
typedef enum rowan__control {
    ROWAN__CONTROL_NONE = 0,
    ROWAN__CONTROL_BEGIN,
    ROWAN__CONTROL_END
} rowan__control;

/** Read from a text: savepoints are none of the two. */
rowan__control rowan__control_of(const char *sql, size_t size);

/** One transaction, open or ended. */
typedef struct rowan__transaction {
    bool is_open;
    uint64_t statements; /* between its ends */
    rowan__step begin, last;
    int64_t idle_ns;        /* between statements, together */
    int64_t gap_ns;         /* the longest of these times … */
    rowan__step before_gap; /* … and what ran before it */
} rowan__transaction;

/** Transactions that began at one place, and were found for one reason. */
typedef struct rowan__transactions {
    rowan_finding_kind kind;
    rowan__step begin, before_gap; /* of the worst */
    uint64_t count, statements;
    int64_t open_ns, idle_ns; /* together */
    int64_t worst_ns;         /* the longest, or its longest gap */
} rowan__transactions;

enum { ROWAN__TRANSACTION_PLACES = 16 };

/** What was found, by place; of more places than there is room for the first. */
typedef struct rowan__transaction_log {
    const rowan__rules *rules;
    rowan__transactions at[ROWAN__TRANSACTION_PLACES];
    size_t count;
} rowan__transaction_log;

/**
 * A statement ran on the connection of a transaction. If it ends that, it is judged and put into
 * the log.
 */
void rowan__transaction_step(rowan__transaction *transaction, rowan__control control,
                             const rowan__step *step, rowan__transaction_log *log);

/**
 * Several statements ran in an open one, from its last on, of which only the last is told: none of
 * them waited so long that it would be found. Those of several loops may have run by turns.
 *
 * @param elapsed_ns  of all of them
 */
void rowan__transaction_steps(rowan__transaction *transaction, uint64_t count, int64_t elapsed_ns,
                              const rowan__step *last);

/** Judges a transaction as it is, open or not, and puts it into the log if it is found. */
void rowan__transaction_judge(const rowan__transaction *transaction, rowan__transaction_log *log);

/** The figures, and what to do, in one sentence each. */
void rowan__transactions_evidence(const rowan__transactions *found, rowan__text *out);
const char *rowan__transactions_suggestion(const rowan__transactions *found);

#endif
