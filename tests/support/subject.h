/*
 * A driver under test, with one connection to a fresh database: what the conformance suite works
 * with. It speaks to the driver's table of functions and to nothing above. Each engine comes twice:
 * bare, and behind the driver that injects faults, with none switched on.
 */
#ifndef ROWAN_TESTS_SUBJECT_H
#define ROWAN_TESTS_SUBJECT_H

#include "driver/driver.h"
#include "support/engine.h"

typedef struct subject {
    size_t engine;
    const char *url;
    bool owns_url;
    const rowan__driver *driver;
    rowan__connection *connection;
    rowan__arena arena;
    rowan_error error;         /* of the last call that failed */
    size_t bytes_before;       /* allocated before it was opened */
    unsigned setup_statements; /* that opening sent */
} subject;

/** Rows without a shape, in the subject's arena. */
typedef struct subject_rows {
    const rowan_value *values; /* count × columns */
    size_t count, columns;
} subject_rows;

/** Number of subjects: for loop tests. */
int subject_count(void);

/** Opens subject @p i on a fresh database, its session set up. Fails the test if it cannot. */
void subject_open(subject *self, int i);
/** One more connection to the same database. */
void subject_join(subject *self, const subject *other);
void subject_close(subject *self);

bool subject_is(const subject *self, const char *engine);

/** Statements in portable SQL, as in the schema files. */
void subject_ddl(subject *self, const char *sql);

/** Prepares a statement with `?` for parameters. NULL, with the error in `error`, if that fails. */
rowan__prepared *subject_prepare(subject *self, const char *sql);

/** Prepares, runs and gives up. The operation's figures and error are left in @p out, which may be
 * NULL. */
rowan_status subject_run(subject *self, const char *sql, const rowan_value *params,
                         rowan__operation *out);

/** A text as it is, unprepared. */
rowan_status subject_send(subject *self, const char *sql);

/** All rows of a query; fails the test if it cannot be run. */
subject_rows subject_query(subject *self, const char *sql, const rowan_value *params);

/** The one integer that a query gives. */
int64_t subject_number(subject *self, const char *sql);

/** A layout of a statement for a shape, or without one; the caller frees it. NULL, with the error
 * in `error`. */
rowan__layout *subject_layout(subject *self, rowan__prepared *prepared, const rowan_table *shape);

/** What setup and introspection run their statements by. */
rowan__runner subject_runner(subject *self);

#endif
