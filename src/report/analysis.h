/*
 * The detector over recorded traces: statements are put into scopes, each scope is watched as a
 * live one would be, and what is found is told with the statements that it is about.
 */
#ifndef ROWAN_REPORT_ANALYSIS_H
#define ROWAN_REPORT_ANALYSIS_H

#include "base/arena.h"
#include "detector/watch.h"
#include "report/proof.h"
#include "report/trace.h"

/** What is to be done about a finding. */
typedef enum rowan__action {
    ROWAN__ACTION_BATCH_IN = 1,
    ROWAN__ACTION_BATCH_ROW_IN,  /* of keys with several columns */
    ROWAN__ACTION_SELECT_COLUMN, /* of the parent's own table; or what is read, and no other */
    ROWAN__ACTION_GROUP_BY_COUNT,
    ROWAN__ACTION_EXISTS_IN,
    ROWAN__ACTION_DISTINCT_ON,
    ROWAN__ACTION_LATERAL,
    ROWAN__ACTION_WINDOW,
    ROWAN__ACTION_MEMOIZE,
    ROWAN__ACTION_HOIST,
    ROWAN__ACTION_MULTI_ROW_WRITE,
    ROWAN__ACTION_WITH_RECURSIVE,
    ROWAN__ACTION_ADD_INDEX,
    ROWAN__ACTION_ADD_EXPRESSION_INDEX,
    ROWAN__ACTION_INVESTIGATE_SKEW,
    ROWAN__ACTION_REPORT_PERCENTILES,
    ROWAN__ACTION_REMOVE_EAGER_LOAD,
    ROWAN__ACTION_LIMIT_ROWS,
    ROWAN__ACTION_SHORTEN_TRANSACTION,
    ROWAN__ACTION_COMMIT_BEFORE_WAIT
} rowan__action;

/** How a finding stands to a baseline. */
typedef enum rowan__standing {
    ROWAN__STANDING_NEW = 0, /* also without a baseline */
    ROWAN__STANDING_WORSE,   /* more executions than before */
    ROWAN__STANDING_KNOWN
} rowan__standing;

/** One finding in a trace. Texts are the analysis's or the trace's; NULL where unknown. */
typedef struct rowan__trace_finding {
    const rowan__trace *trace;
    const char *scope, *dialect, *kind;
    bool is_confirmed;
    uint64_t *seqs; /* seq_count statements that it is about, in the order in which they began; of
                       slow ones and of unread columns, which are of many scopes, by number */
    size_t seq_count;
    uint64_t parent_seq; /* 0: unknown */
    const char *parent_sql, *parent_column, *parent_callsite, *child_column;
    uint64_t count, distinct;
    uint64_t fingerprint_id;
    const char *fingerprint, *sql, *callsite, *table;
    const char *const *through; /* as in rowan__traced */
    rowan__action action;
    const char *evidence;
    const char *suggestion; /* SQL where it can be written out, else words */
    bool is_written_out;    /* it is SQL */
    const char *call;       /* the same by a call of the library, in words; NULL: nothing to add */
    int64_t total_ns;       /* of those statements */
    int64_t trace_ns;       /* of all statements of the trace */
    rowan__standing standing;
    uint64_t count_before; /* by the baseline */
    const char *allowed;   /* the reason that the allow-list gives; NULL: it is not in it */
    rowan__proof proof;    /* of the suggestion */
} rowan__trace_finding;

/** Why a statement of one scope is no finding. */
typedef struct rowan__explained {
    const rowan__trace *trace;
    const char *scope; /* NULL: none was recorded */
    uint64_t seq;      /* of its first statement */
    rowan__silence silence;
} rowan__explained;

typedef struct rowan__analysis {
    const rowan_allocator *allocator;
    rowan__rules rules;
    uint64_t explain; /* fingerprint of which every group is explained; 0: none */
    rowan__explained *explained;
    size_t explained_count, explained_capacity;
    rowan__arena arena;
    rowan__shapes *shapes;
    struct rowan__taken_by_id *taken; /* what was read of results; NULL: no trace was added */
    rowan__trace_finding *at; /* in the order of the traces, each from the most time lost on,
                               unread columns last */
    size_t count, capacity;
    size_t statements, scopes;   /* that were looked at */
    rowan_dropped dropped;       /* what was not seen of them */
    size_t scopes_dropped;       /* of which something was not seen */
    const rowan__trace **traces; /* trace_count that were added */
    size_t trace_count, trace_capacity;
} rowan__analysis;

/** Freed with rowan__analysis_fini(). ROWAN_NOMEM. */
rowan_status rowan__analysis_init(rowan__analysis *analysis, const rowan_allocator *allocator,
                                  const rowan__rules *rules);
void rowan__analysis_fini(rowan__analysis *analysis);

/**
 * Adds what is found in a trace, which has to stay as long as the analysis. Values that were erased
 * from it are filled in as far as its rows tell. ROWAN_NOMEM.
 */
rowan_status rowan__analysis_add(rowan__analysis *analysis, rowan__trace *trace);

/** Sorts the numbers of statements. */
void rowan__seqs_sort(uint64_t *seqs, size_t count);

/** "new", "worse", "known". Static text. */
const char *rowan__standing_name(rowan__standing standing);

/** "batch_in" …: as findings are written. Static text. */
const char *rowan__action_name(rowan__action action);

/** A call site as it was written, "file:line function"; what has no such form counts as a file. */
rowan_site rowan__site_of(rowan__arena *arena, const char *callsite);

/* --- scopes.c: which statements belong together. --- */

/** A statement in its scope. */
typedef struct rowan__placed {
    const rowan__traced *statement;
    uint64_t scope; /* the same for statements of one scope */
    size_t order;   /* by time */
    uint64_t group; /* of its watch, as rowan__watch_event() says; 0: none */
} rowan__placed;

/**
 * The statements of a trace by scope, in each from the first that began on.
 *
 * @param out  trace->count of them
 */
rowan_status rowan__scopes_find(const rowan__trace *trace, const rowan_allocator *allocator,
                                rowan__placed *out);

/* --- recover.c --- */

/** Fills in the parameters of a statement that was recorded without. ROWAN_NOMEM. */
rowan_status rowan__values_recover(rowan__arena *arena, rowan__traced *statement);

/* --- slow.c --- */

/** Adds the slow statements of a trace. ROWAN_NOMEM. */
rowan_status rowan__slow_find(rowan__analysis *analysis, const rowan__trace *trace);

/* --- transactions.c --- */

/** Adds the transactions of a trace that are long or idle. ROWAN_NOMEM. */
rowan_status rowan__transactions_find(rowan__analysis *analysis, const rowan__trace *trace);

/* --- unread.c --- */

/** Whether a finding is of columns that nobody read. */
bool rowan__unread_is(const rowan__trace_finding *finding);

/** Learns what the statements of a trace read of their results. ROWAN_NOMEM. */
rowan_status rowan__unread_learn(rowan__analysis *analysis, const rowan__trace *trace);

/**
 * Holds the findings of columns that nobody read against all that was learnt: some go, what the
 * others say changes, and those of one statement and trace become one. ROWAN_NOMEM.
 */
rowan_status rowan__unread_settle(rowan__analysis *analysis);

/* --- eager.c --- */

/** Adds the eager loads of a trace that were for nothing. ROWAN_NOMEM. */
rowan_status rowan__eager_find(rowan__analysis *analysis, const rowan__trace *trace);

/* --- advice.c --- */

/**
 * What to do about a finding of a kind, by its statement.
 *
 * @param varying      values that are compared with `=` and differ between its executions
 * @param is_one_site  it is sent from one place, which is known
 */
rowan__action rowan__action_of(const rowan_finding *finding, const char *dialect, size_t varying,
                               bool is_one_site);

/* --- rewrite_findings.c --- */

/** Writes the fixes of a trace's findings out, those behind the first @p before. ROWAN_NOMEM. */
rowan_status rowan__rewrite_findings(rowan__analysis *analysis, size_t before);

/* --- spread.c: how the executions of a finding are spread. --- */

/** The values that are compared with `=` and differ between executions. */
size_t rowan__spread_varying(const rowan__placed *const *at, size_t count);
/** Whether nearly all executions are sent from the place that the first is. */
bool rowan__spread_one_site(const rowan__placed *const *at, size_t count);
/** One from the place that most executions are sent from, if there is such a place. */
const rowan__traced *rowan__spread_usual(const rowan__placed *const *at, size_t count);
/** Whether most executions have a connection or thread of their own: several requests at once. */
bool rowan__spread_apart(const rowan__placed *const *at, size_t count);

#endif
