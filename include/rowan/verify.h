/*
 * For tests of programs: whether what `rowan analyze` would advise holds on the test's database. A
 * test records what a scope sends (<rowan/trace.h>, with values), and then asks here.
 *
 * This is not in the library itself, because it reads JSON: link rowan::verify, which brings
 * rowan::static, in place of rowan::rowan. <rowan/rowan.h> does not include it.
 */
#ifndef ROWAN_VERIFY_H
#define ROWAN_VERIFY_H

#include <rowan/database.h>
#include <rowan/error.h>

ROWAN_BEGIN_C

/** What came of the findings of a trace. */
typedef struct rowan_verified {
    uint64_t findings;    /* all of them, also those whose advice is no statement, and slow ones */
    uint64_t equal;       /* the advice gives the same rows */
    uint64_t withdrawn;   /* it does not, or is no statement that the database takes */
    uint64_t unverified;  /* it could not be tried: values that are hidden, rows that are gone … */
    uint64_t reserved[4]; /* zero */
} rowan_verified;

/**
 * Reads a trace, looks for findings, and tries on a database what they advise: what was sent and
 * what is to replace it are run, and their rows compared. Nothing is changed: reads run in a
 * transaction that may only read, writes in one that is rolled back, but keys that a sequence gives
 * are used up. For databases of tests only.
 *
 * @param db     of the engine on which the trace was recorded, with the rows that were read then;
 *               at least one connection has to be free
 * @param trace  path of the trace. A scope's statements are all in it when the scope has ended.
 * @param out    counts; may be NULL. Zeroed on any failure but ROWAN_UNEXPECTED.
 * @param error  filled on failure; may be NULL
 * @return ROWAN_OK if all advice that there is a way to try is proven, also if nothing was found;
 *         ROWAN_UNEXPECTED if some is withdrawn or unverified: the message has the first;
 *         ROWAN_IO for a trace that cannot be read; ROWAN_NOMEM.
 * Threads: any. Statements: in scopes of its own, named "rowan verify", which @p db counts: for
 * each finding its executions twice, the new statement twice, and a transaction.
 */
ROWAN_API rowan_status rowan_expect_verified(rowan_db *db, const char *trace, rowan_verified *out,
                                             rowan_error *error) ROWAN_NODISCARD;

ROWAN_END_C

#endif
