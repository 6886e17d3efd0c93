/*
 * The detector: finds N+1 access, repeated statements, writes in a loop and slow statements in
 * the event stream of a scope. rowan_open() attaches it. Functions for tests are at the end.
 */
#ifndef ROWAN_DETECTOR_H
#define ROWAN_DETECTOR_H

#include <rowan/database.h>
#include <rowan/error.h>
#include <rowan/event.h>

ROWAN_BEGIN_C

typedef enum rowan_finding_kind {
    ROWAN_N_PLUS_ONE = 1,      /* a statement repeated with values that came from an earlier
                                  result */
    ROWAN_DUPLICATE_QUERY,     /* the same statement with the same values and nothing written in
                                  between */
    ROWAN_WRITE_LOOP,          /* single-row writes that one batch would do */
    ROWAN_RECURSIVE_WALK,      /* a tree walked one statement a node: values come from the
                                  statement's own results */
    ROWAN_SLOW_QUERY,          /* by the durations in all scopes since the database was opened */
    ROWAN_LONG_TRANSACTION,    /* open for long; `site` is where it began */
    ROWAN_IDLE_IN_TRANSACTION, /* open while nothing was sent: `site` is where it began, `parent_…`
                                  are about the statement before the longest wait */
    ROWAN_UNREAD_COLUMNS,      /* of a cursor's rows: fetched, and never asked for, in this scope
                                  and those before it; ranked last */
    ROWAN_UNREAD_ROWS,         /* of a cursor or stream that was closed before its end */
    ROWAN_UNUSED_EAGER_LOAD    /* a relation that a fetch plan loaded and that was not asked for of
                                  any row until now: what comes later may still be of use */
} rowan_finding_kind;

typedef enum rowan_confidence {
    ROWAN_LIKELY = 1, /* the repetition is certain, where the values came from is not; or nobody
                         read columns, which rows that did not come may need */
    ROWAN_CONFIRMED   /* the values were seen in the parent's rows */
} rowan_confidence;

/** One finding. Text belongs to the scope. */
typedef struct rowan_finding {
    rowan_finding_kind kind;
    rowan_confidence confidence;
    uint64_t fingerprint_id; /* of the repeated or slow statement */
    const char *fingerprint; /* its folded text */
    const char *sql;         /* as it was sent, first occurrence */
    rowan_pattern pattern;
    const char *table;        /* of its model; NULL if unknown */
    const char *relation;     /* of its model; NULL if none. Of an eager load the one that was not
                                 used */
    const char *child_column; /* that the varying value is compared with; NULL if unknown */
    const char *parent_sql;   /* where the values came from, or what ran before a wait; NULL if
                                 unknown */
    const char *parent_column;
    uint64_t parent_sequence; /* of the parent's first statement in the scope; 0 if unknown */
    uint64_t first_sequence;  /* of the first repetition */
    uint64_t count;           /* executions; of a slow query the slow ones */
    uint64_t distinct;        /* different value vectors among them */
    uint64_t round_trips;     /* that they took; 0: the engine is in the process, less is lost */
    int64_t total_ns;         /* of these executions; of transactions how long they were open, or
                                 idle */
    rowan_site site;          /* of the first repetition */
    rowan_site parent_site;
    const char *evidence;   /* one sentence with the figures */
    const char *suggestion; /* what to write instead, in the caller's own pattern */
} rowan_finding;

/**
 * What the detector did not see of a scope for want of memory, which it bounds: 256 different
 * statements and 1 MiB for a scope, 64 MiB for all scopes of the process. Rows are given up first,
 * then values, then statements and their call sites. All zero: it saw everything.
 */
typedef struct rowan_dropped {
    uint64_t statements; /* executions that were counted but not told apart, so not judged */
    uint64_t values;     /* executions whose values or durations were not compared with others' */
    uint64_t rows;       /* rows of results that were not remembered, or not all of their values */
} rowan_dropped;

/** Findings, worst first, and what they may lack. */
typedef struct rowan_findings {
    const rowan_finding *at;
    size_t count;
    rowan_dropped dropped;
} rowan_findings;

/** How soon the detector speaks up: sets of settings, of which single ones may be changed. */
typedef enum rowan_detector_profile {
    ROWAN_PROFILE_DEFAULT = 0, /* for development */
    ROWAN_PROFILE_STRICT,      /* for tests, whose data are few: fewer repetitions are enough */
    ROWAN_PROFILE_PRODUCTION   /* surer, and lighter: fewer rows are remembered */
} rowan_detector_profile;

/**
 * Settings; zero means that of the profile. Behind each member: default, strict, production.
 */
typedef struct rowan_detector_options {
    size_t size;             /* sizeof(rowan_detector_options) */
    unsigned n_plus_one_min; /* fewest repetitions: 5, 3, 10 */
    unsigned duplicate_min;  /* 3, 2, 5 */
    unsigned write_loop_min; /* 5, 3, 10 */
    unsigned slow_ms;        /* 100, 50, 500 */
    unsigned rows_captured;  /* of each result, exactly; the rest through a filter: 32, 64, 8 */
    /**
     * Called at the end of each scope that has findings, or of which something was dropped; may be
     * NULL. Must not use the scope to send anything.
     */
    void (*on_findings)(void *context, const char *scope_name, const rowan_findings *findings);
    void *context;
    rowan_detector_profile profile;
    unsigned coverage_percent; /* of a loop's values that must be an earlier result's for an N+1 to
                                  be confirmed: 80, 80, 90 */
    unsigned slow_samples;     /* executions from which on single slow ones are outliers: 20, 20,
                                  100 */
    unsigned long_transaction_ms; /* 5,000, 1,000, 10,000 */
    unsigned idle_transaction_ms; /* longest time in a transaction without a statement: 1,000, 200,
                                     2,000 */
    uint64_t reserved[5];         /* zero */
} rowan_detector_options;

#define ROWAN_DETECTOR_OPTIONS_INIT                                                                \
    {                                                                                              \
        sizeof(rowan_detector_options), 0, 0, 0, 0, 0, NULL, NULL, ROWAN_PROFILE_DEFAULT, 0, 0, 0, \
            0,                                                                                     \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/**
 * What the detector finds in a scope so far. A relation that is loaded already and asked for later
 * counts as unused until then.
 *
 * @param out  valid until the scope ends; zero findings if no detector is attached
 * @return ROWAN_OK, ROWAN_NOMEM. Threads: as @p scope. Statements: none.
 */
ROWAN_API rowan_status rowan_scope_findings(rowan_scope *scope,
                                            rowan_findings *out) ROWAN_NODISCARD;

/** A kind as the reports spell it, "n_plus_one". Static text. */
ROWAN_API const char *rowan_finding_kind_name(rowan_finding_kind kind);

/**
 * One finding as text of several lines, without colour.
 *
 * @param buffer  receives at most @p size bytes, NUL-terminated
 * @return the bytes that the whole text needs, without the NUL. Statements: none.
 */
ROWAN_API size_t rowan_finding_text(const rowan_finding *finding, char *buffer, size_t size);

/**
 * For tests: whether the scope has sent exactly @p n statements of the program's own,
 * transaction control and session set-up not counted.
 *
 * @return ROWAN_OK or ROWAN_UNEXPECTED; the error's message has both numbers. Statements: none.
 */
ROWAN_API rowan_status rowan_expect_statements(rowan_scope *scope, uint64_t n) ROWAN_NODISCARD;

/**
 * For tests: whether the detector finds nothing, once the work is done and its results were used.
 * ROWAN_UNEXPECTED names the first finding. Statements: none.
 */
ROWAN_API rowan_status rowan_expect_no_findings(rowan_scope *scope) ROWAN_NODISCARD;

/** For tests: a block of work over @p n things, in a scope that begins and ends with it. */
typedef rowan_status (*rowan_scale_block)(rowan_scope *scope, unsigned n, void *context);

/**
 * For tests: whether a block sends each of its statements as often over 8 things as over 2. It is
 * run at n = 2, 4 and 8. Executions are compared by fingerprint: one that grows is not made up for
 * by another that shrinks.
 *
 * @param db     with a detector, as rowan_open() attaches it
 * @param error  may be NULL; of a statement that grows it has the text, the counts and, if the
 *               detector saw it, the column that its values came from
 * @return ROWAN_OK; ROWAN_UNEXPECTED if a statement grows; ROWAN_MISUSE without a detector;
 *         ROWAN_NOMEM; what the block returned, if that is not ROWAN_OK.
 * Threads: any. Statements: those of the block, three times.
 */
ROWAN_API rowan_status rowan_expect_no_growth(rowan_db *db, rowan_scale_block block, void *context,
                                              rowan_error *error) ROWAN_NODISCARD;

/**
 * Folds a statement to its fingerprint: literals, placeholders and lists become `?`.
 *
 * @param engine  "sqlite", "postgresql" or "mariadb": how its text is read
 * @param buffer  receives at most @p size bytes, NUL-terminated, no part of a character; may be
 *                NULL if @p size is 0
 * @param id      64-bit id of the folded text; may be NULL
 * @return the bytes that the whole text needs, without the NUL. Never fails, whatever the text.
 *         Threads: any.
 */
ROWAN_API size_t rowan_fingerprint(const char *engine, const char *sql, size_t sql_size,
                                   char *buffer, size_t size, uint64_t *id);

ROWAN_END_C

#endif
