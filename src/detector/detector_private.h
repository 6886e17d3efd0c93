/*
 * What the files of this folder share: what is kept of one scope, and the steps from events to
 * findings.
 */
#ifndef ROWAN_DETECTOR_PRIVATE_H
#define ROWAN_DETECTOR_PRIVATE_H

#include <rowan/detector.h>

#include "base/arena.h"
#include "detector/budget.h"
#include "detector/fold.h"
#include "detector/slow.h"
#include "detector/watch.h"

enum {
    ROWAN__WATCH_GROUPS = 256,           /* fingerprints of one scope */
    ROWAN__WATCH_SLOTS = 8,              /* of a statement whose values are followed */
    ROWAN__WATCH_CANDIDATES = 4,         /* sources that a slot's values may have come from */
    ROWAN__WATCH_VECTORS = 4096,         /* value vectors of a group told apart exactly */
    ROWAN__WATCH_TABLES = 64,            /* tables whose last write is remembered */
    ROWAN__WATCH_TEXT = 4096,            /* bytes kept of a statement's text */
    ROWAN__WATCH_NAME = 128,             /* bytes kept of a column's name */
    ROWAN__WATCH_COLUMNS = 64,           /* of a result that are looked at */
    ROWAN__WATCH_KEYS = 16,              /* values of a slot, or parameters, that are looked at */
    ROWAN__WATCH_RECENT = 64,            /* groups found by their text's hash */
    ROWAN__WATCH_FOLLOWED = 24           /* executions of a group whose values are followed */
};

/* --- shapes.c --- */

/** A statement and its folded text, cut at ROWAN__WATCH_TEXT. They live as long as the store. */
typedef struct rowan__texts {
    const char *folded, *sql;
} rowan__texts;

/**
 * What folding a statement found.
 *
 * @param room   used if it is not remembered
 * @param texts  NULL if it is not remembered
 * @return in the store or in @p room. Threads: any.
 */
const rowan__fold *rowan__shapes_fold(rowan__shapes *shapes, const rowan__reading *reading,
                                      const char *engine, const char *sql, size_t size,
                                      rowan__fold *room, const rowan__texts **texts);

/* --- provenance.c: which columns of earlier results a value was seen in. --- */

/** A column of the results of one group. */
typedef struct rowan__source {
    uint32_t group;
    uint32_t column;
    const char *name;        /* of the column */
    uint64_t first_sequence; /* of the group's first statement with rows */
    uint64_t last_sequence;
    uint32_t rows;           /* seen so far, over all executions */
    uint32_t exact;          /* values in the table */
    uint32_t filtered;       /* values in the filter */
    uint64_t *filter;        /* for rows behind those that are kept exactly; NULL: none yet */
    bool is_truncated;       /* the filter is full: values are missing */
    bool is_starved;         /* values are missing for want of memory */
} rowan__source;

typedef struct rowan__origin { /* an entry of the table */
    uint64_t key;              /* 0: free */
    uint32_t row;
    uint32_t source;
} rowan__origin;

typedef struct rowan__provenance {
    const rowan_allocator *allocator;
    rowan__origin *origins;
    size_t origin_count, origin_capacity; /* a power of two */
    rowan__source *sources;
    size_t source_count, source_capacity;
    uint64_t dropped_rows; /* that were not remembered whole, for want of memory */
} rowan__provenance;

/** A source that a value was seen in. */
typedef struct rowan__hit {
    uint32_t source;
    bool is_exact; /* the row is known */
    uint32_t row;
} rowan__hit;

void rowan__provenance_fini(rowan__provenance *provenance);

/** The keys of a row, and bit by bit which of them tell where they came from. */
typedef struct rowan__row_keys {
    uint64_t at[ROWAN__WATCH_COLUMNS];
    uint64_t tell;
    size_t count;
} rowan__row_keys;

/** The keys of the first row of a batch, of as many columns as are looked at. */
void rowan__row_keys_read(const rowan_batch *batch, rowan__row_keys *out);

/**
 * Remembers the values of a batch.
 *
 * @param head     keys of its first row
 * @param first    index of the group's first source; made with rowan__provenance_sources()
 * @param row      number of the batch's first row in this execution
 * @param exact    rows of an execution that are kept exactly
 * @param echoes   keys that the statement was given itself, which it is no source of
 */
void rowan__provenance_add(rowan__provenance *provenance, const rowan_batch *batch,
                           const rowan__row_keys *head, size_t first, uint64_t sequence, size_t row,
                           unsigned exact, const uint64_t *echoes, size_t echo_count);

/**
 * Makes sources for the columns of a group's results. @return false if there is no room for them.
 */
bool rowan__provenance_sources(rowan__provenance *provenance, const rowan_batch *batch,
                               uint32_t group, rowan__arena *arena, size_t *first);

/** Says that rows of a group are no longer remembered. @param first  of its @p count sources */
void rowan__provenance_close(rowan__provenance *provenance, size_t first, size_t count);

/** The sources that a value was seen in, at most @p max of them. */
size_t rowan__provenance_find(const rowan__provenance *provenance, uint64_t key, rowan__hit *hits,
                              size_t max);

/* --- group.c: the executions of one fingerprint in a scope. --- */

/** A source with its votes. */
typedef struct rowan__candidate {
    uint32_t source;
    uint32_t votes;    /* executions whose values it has */
    uint32_t exact;    /* of these, with a known row */
    uint32_t ordered;  /* of these, not before the row of the execution before */
    uint32_t last_row;
    uint32_t repeats;  /* hits of a row that was hit before, which were left out of these */
    uint64_t seen;     /* bit by bit, which of the first 64 rows were hit */
} rowan__candidate;

typedef struct rowan__watched_slot {
    uint64_t last_key;
    bool varies;
    uint64_t list_values; /* of all executions */
    uint32_t rare;        /* executions whose value no other column has by chance */
    rowan__candidate candidates[ROWAN__WATCH_CANDIDATES]; /* votes 0: free */
} rowan__watched_slot;

typedef struct rowan__group {
    /* What every execution reads and writes stands together. */
    uint64_t sql_hash;          /* of the whole text, as the event had it; 0: it had none */
    size_t sql_size;            /* of the whole text */
    uint64_t literals;          /* as the fold has them */
    uint64_t last_vector, last_result;
    uint64_t followed_sequence; /* of the execution whose values have voted already */
    uint32_t followed;          /* executions whose values voted: the first */
    bool is_closed;             /* idle too long: a later execution begins another group */
    bool is_cut;                /* no more rows become sources: they are closed */
    bool has_sources;
    int64_t last_end_ns;        /* when the last execution ended … */
    uint64_t count;             /* executions that went well */
    int64_t busy_ns;            /* … and what was spent in statements of the scope by then */
    uint64_t run, longest_run;  /* of equal executions, nothing written between them */
    uint64_t last_epoch;        /* of the last write to a table that it reads */
    uint64_t last_all_epoch;
    uint64_t round_trips;
    int64_t total_ns;
    rowan_site site;
    uint64_t same_site;         /* executions from there */
    const rowan__fold *fold;    /* of the first execution */
    struct rowan__turning *turning; /* where its further turns are put; NULL: nowhere */
    uint64_t first_sequence;

    uint32_t *vectors;          /* distinct value vectors, a hash set of vector_capacity */
    size_t vector_count, vector_capacity;
    size_t vector_room;         /* of the set, before it grows */
    rowan__timing timing;       /* also of executions before the group began anew */
    uint64_t unplaced;          /* executions from a place that is not known … */
    uint64_t steady;            /* … and of these, as far behind the last as that behind its own */
    uint64_t last_statement, last_gap; /* of the scope; the distance of the last */
    const char *folded, *sql;   /* cut at ROWAN__WATCH_TEXT */
    const char *table, *relation, *relation_from; /* NULL if unknown */
    rowan_pattern pattern;
    uint32_t index;             /* among the groups of the scope */
    uint64_t batches;           /* executions with many parameter rows or rows of VALUES */
    uint64_t affected_many;     /* executions that changed more than one row */
    uint64_t epoch_changes;     /* executions with a write since the one before */
    uint64_t dropped_values;    /* executions whose vector there was no memory for */
    struct rowan__taken *reads; /* of its streams; NULL: it had none */
    size_t sources;             /* index of the first … */
    size_t source_count;        /* … of so many */
    uint64_t batch_sequence;    /* of the execution whose rows are coming … */
    size_t batch_rows;          /* … and how many came */
    rowan__watched_slot slots[ROWAN__WATCH_SLOTS];
} rowan__group;

typedef struct rowan__write {
    uint64_t table;
    uint64_t epoch;
} rowan__write;

/** A group whose further turns are no events. */
typedef struct rowan__turning {
    rowan_turns turns; /* first, so that one is found from the other */
    rowan__group *group;
    struct rowan__turning *next;
} rowan__turning;

/** What is kept of one scope. One thread at a time. */
struct rowan__watch {
    /* What every statement reads and writes stands together. */
    uint64_t statements, round_trips;
    int64_t busy_ns;
    int64_t slow_ns;            /* from which on an execution is slow, by the rules */
    uint64_t epoch, all_epoch;  /* counted up by writes; the last of one to unknown tables */
    size_t write_count;
    bool in_transaction;        /* one is open */
    rowan__turning *turning;    /* the newest; NULL: there is none */
    int64_t turned_ns;          /* what turns took that were entered */
    rowan__group *recent[ROWAN__WATCH_RECENT]; /* by sql_hash; NULL: none */

    const rowan_allocator *source; /* of all memory */
    rowan__budget budget;       /* of what is kept */
    const rowan__rules *rules;
    rowan__shapes *shapes;
    rowan__durations *durations; /* of earlier scopes; NULL: none are known */
    const rowan__reading *reading;
    const char *engine;
    rowan__arena arena;         /* of what is kept of statements */
    rowan__arena told;          /* of findings, which are no part of the budget */
    uint64_t *ids;              /* of the groups */
    rowan__group **groups;
    size_t group_count, id_capacity, group_capacity;
    rowan__write *writes;
    size_t write_capacity;
    rowan__provenance provenance;
    struct rowan__watched_transaction *transaction; /* NULL: none has begun */
    struct rowan__watched_fetch *fetches; /* NULL: no plan loaded anything */
    uint64_t dropped_statements; /* for want of memory */
};

/** Enters the turns of loops that were no events. To be called before groups are read. */
void rowan__watch_settle(rowan__watch *watch);

/** What is known of a group's durations, of this scope and of earlier ones. */
void rowan__group_series(const rowan__watch *watch, const rowan__group *group,
                         rowan__series *out);

/* --- follow.c: where values come from. --- */

/** The keys of an execution's parameters, so that each is made once. */
typedef struct rowan__param_keys {
    uint64_t at[ROWAN__WATCH_KEYS];
    uint64_t vector; /* of all of them, and of the literals in the text; never 0 */
} rowan__param_keys;

void rowan__params_read(const rowan_event *event, const rowan__fold *fold, rowan__param_keys *out);

/** The vector of one integer. @param literals  those of the text */
static inline uint64_t rowan__int_vector(int64_t number, uint64_t literals)
{
    uint64_t vector = rowan__key_mix(literals, rowan__key_int(number));

    return vector != 0 ? vector : 1;
}

/**
 * Follows the values of an execution and takes its rows, unless a stream's were taken before. Where
 * the values of a loop come from shows in its first turns: of a long one those tell for all, which
 * bounds what is kept and what each further turn costs.
 *
 * @param head  keys of its first row, if it has one
 */
void rowan__follow(rowan__watch *watch, rowan__group *group, const rowan_event *event,
                   const rowan__fold *fold, const rowan__param_keys *params,
                   const rowan__row_keys *head);

/* --- watch_transactions.c --- */

struct rowan__transaction_log;
struct rowan__transactions;

/**
 * A statement ended in a transaction, or may begin or end one.
 *
 * @param group       NULL if it has none
 * @param is_control  whether its text is to be looked at for that
 */
void rowan__watch_transaction(rowan__watch *watch, const rowan__group *group,
                              const rowan_event *event, bool is_control);

/** Turns ended, of @p elapsed_ns together, perhaps in a transaction. */
void rowan__watch_transaction_turns(rowan__watch *watch, const rowan__group *group,
                                    const rowan_turns *turns, int64_t elapsed_ns);

/** What was found of transactions, of the open one too. @return how many places */
size_t rowan__watch_transactions(const rowan__watch *watch, struct rowan__transaction_log *out);

/* --- unread.c --- */

/** A stream has ended. */
void rowan__unread_note(rowan__watch *watch, rowan__group *group, const rowan_event *event);
/** The columns that were read, bit by bit; all bits if that is not known of each execution. */
uint64_t rowan__unread_known(const rowan__group *group);
bool rowan__unread_columns(const rowan__group *group);
bool rowan__unread_rows(const rowan__group *group);
void rowan__unread_evidence(rowan__text *out, const rowan__group *group, rowan_finding_kind kind);
void rowan__unread_suggestion(rowan__text *out, const rowan__group *group, rowan_finding_kind kind);

/* --- unused.c --- */

/** What a fetch plan loaded, and by which statements. */
typedef struct rowan__watched_fetch {
    const rowan_fetched *fetched;
    const rowan__group *group;
    uint64_t sequence; /* of the first statement */
    uint64_t statements;
    bool is_joined; /* it came with the rows that it is for */
    struct rowan__watched_fetch *next;
} rowan__watched_fetch;

/** A statement has loaded what a plan wants. */
void rowan__unused_note(rowan__watch *watch, const rowan__group *group, const rowan_event *event);
/** Whether nobody asked for it. */
bool rowan__unused_is(const rowan__watched_fetch *fetch);

/* --- finding.c: what a finding says. --- */

/** What was found of a group; @p slot and @p candidate are NULL where they do not apply. */
typedef struct rowan__verdict {
    rowan_finding_kind kind;
    rowan_confidence confidence;
    const rowan__group *group;
    const rowan__slot *slot;
    const rowan__candidate *candidate;
    const rowan__group *reader; /* write loop: the group that reads between the writes, or NULL */
    rowan__slowness slowness;   /* slow query */
    const rowan__watched_fetch *fetch; /* unused eager load */
    const char *silence;        /* why it is no finding; static text, NULL if it is one */
} rowan__verdict;

/** Fills a finding; its text is in the watch's memory. ROWAN_NOMEM. */
rowan_status rowan__finding_fill(rowan__watch *watch, const rowan__verdict *verdict,
                                 rowan_finding *out);

/** The same of transactions. */
rowan_status rowan__finding_fill_transactions(rowan__watch *watch,
                                              const struct rowan__transactions *found,
                                              rowan_finding *out);

/** The columns' own spelling of a slot, in the watch's memory; NULL if unknown or out of memory. */
const char *rowan__slot_column(rowan__watch *watch, const rowan__group *group,
                               const rowan__slot *slot);

/** The subscriber's function, by which it is found in a scope. */
void rowan__detector_on_event(void *context, const rowan_event *event);

/* --- probe.c --- */

/** Whether a tracer wants to know the findings of scopes that end. */
bool rowan__findings_are_traced(void);
/** Shows it the findings of one. */
void rowan__findings_trace(const char *scope_name, const rowan_findings *findings);

/* --- rules.c: what makes a finding. --- */

/** How well the names of a slot's column and a source's agree: 0, 1 or 2. */
int rowan__affinity(const rowan__watch *watch, const rowan__group *child, const rowan__slot *slot,
                    const rowan__source *source);

#endif
