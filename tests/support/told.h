/*
 * Streams of events that are made up, for the tests of the detector's rules: a scope is told of
 * statements one after another, and then judged.
 */
#ifndef ROWAN_TESTS_TOLD_H
#define ROWAN_TESTS_TOLD_H

#include "database/database_private.h"
#include "detector/detector_private.h"

enum { MOST_ROWS = 2000, MOST_COLUMNS = 3 };

/** The scope that is being told. */
extern struct told {
    rowan__rules rules; /* of the watch; may be changed while it is told */
    rowan__shapes *shapes;
    rowan__watch *watch;
    rowan_findings found;
    uint64_t sequence;
    int64_t now_ns;
    int64_t takes_ns; /* of the next statements */
    int line;         /* where they are sent from; 0: unknown */
    uint64_t affected, round_trips;
    rowan_pattern pattern;
    rowan_turns **place; /* where turns of the next statement may be put; NULL: nowhere */
    bool has_hashes;     /* of texts; statements that were not prepared come without */
} told;

/** The result of the next statement. */
extern struct told_result {
    const char *names[MOST_COLUMNS];
    rowan_value cells[MOST_ROWS * MOST_COLUMNS];
    size_t columns, rows;
} result;

/** A new scope on an engine, and its end, at which no memory may be out. */
void told_begin(const char *engine);
void told_end(void);

/** The next statement has no rows. */
void no_result(void);

/** A result of one column of integers: first, first + step … */
void rows_of(const char *name, int64_t first, int64_t step, size_t count);

/** One event of that kind with the present result. */
void tell_event(rowan_event_kind kind, const char *sql, rowan_params params);

/** One statement with the present result, which is then gone. */
void tell(const char *sql, rowan_params params);
void tell_one(const char *sql, int64_t value);

/** Asks for the findings. */
void judge(void);

/** The first finding of a kind, or NULL. */
const rowan_finding *find(rowan_finding_kind kind);

/** There is no finding. */
void judge_silent(const char *what);

/** There is exactly one finding, of that kind. */
const rowan_finding *judge_one(rowan_finding_kind kind);

#define BOOKS "SELECT id, author_id FROM book ORDER BY id"
#define AUTHOR "SELECT name FROM author WHERE id = ?"

#endif
