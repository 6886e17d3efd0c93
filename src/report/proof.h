/* What came of trying a finding's advice on a database, and what following it is worth. */
#ifndef ROWAN_REPORT_PROOF_H
#define ROWAN_REPORT_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum rowan__proven {
    ROWAN__PROVEN_NOT_TRIED = 0, /* nobody asked for a proof */
    ROWAN__PROVEN_EQUAL,         /* the advice gives the same rows */
    ROWAN__PROVEN_WITHDRAWN,     /* it does not */
    ROWAN__PROVEN_UNVERIFIED,    /* it could not be tried */
    ROWAN__PROVEN_CHEAPER,       /* the planner uses the index, and its estimate halves */
    ROWAN__PROVEN_PLAUSIBLE      /* no index could be tried; the plan asks for one */
} rowan__proven;

/** What is known of indexes that are advised. */
typedef struct rowan__index_proof {
    const char *sql;      /* what makes them */
    const char *table;    /* the first one's */
    const char *how;      /* where it was tried, in words */
    const char *unit;     /* of the estimates, in words */
    double before, after; /* estimates; `after` only where it was tried */
    int64_t size_bytes;   /* of all of them, about; 0: unknown */
    uint64_t writes;      /* statements of the trace that write to their tables */
} rowan__index_proof;

/** Zero-initialised it is no proof. */
typedef struct rowan__proof {
    rowan__proven state;
    const char *why;             /* why not equal, one sentence; NULL: equal, or not tried */
    uint64_t before, after;      /* statements that were compared */
    int64_t before_ns, after_ns; /* what they took, one after another, on a warm cache */
    uint64_t rows;               /* that were compared */
    bool is_in_process;          /* the database answers without a round trip */
    bool took_out_rows;          /* that were there already, before they were inserted again */
    const rowan__index_proof *index; /* of CHEAPER and PLAUSIBLE; else NULL */
} rowan__proof;

/** The round trips, in milliseconds, at which a price is told: a socket, a data centre, a sea. */
enum { ROWAN__PRICES = 3 };
extern const unsigned rowan__price_trips_ms[ROWAN__PRICES];

/** "equal", "withdrawn", "unverified", "cheaper", "plausible"; NULL if it was not tried. Static
 * text. */
const char *rowan__proven_name(rowan__proven state);

/** What @p statements take whose work is @p work_ns, if each waits @p trip_ms for its answer. */
int64_t rowan__price_ns(uint64_t statements, int64_t work_ns, unsigned trip_ms);

/**
 * Whether the saving is not worth a change: no round trip is saved, and less than a millisecond, or
 * nothing at all.
 */
bool rowan__proof_leave_it(const rowan__proof *proof);

enum { ROWAN__PROOF_LINE = 768 }; /* bytes that hold either line */

/** "18 -> 1 statements, 11.20 -> 0.90 ms, 54 rows equal", or why there is no such line. */
void rowan__proof_write(const rowan__proof *proof, char *line, size_t size);

/** "11.20 -> 0.90 ms at 0 ms a round trip, 29.20 -> 1.90 ms at 1 ms, …"; only of equal rows. */
void rowan__proof_write_price(const rowan__proof *proof, char *line, size_t size);

#endif
