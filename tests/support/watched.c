/* Libraries that are traced, for the tests of what is found in both. */
#include "support/watched.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"

struct watched watched;

rowan_db *watched_open(size_t engine, size_t books, size_t publishers, size_t authors)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[1];
    rowan_db *db;

    strcpy(watched.path, "/tmp/rowan-watched-XXXXXX");
    close(mkstemp(watched.path));
    ck_assert_int_eq(rowan_trace_open(watched.path, NULL, &watched.sink, NULL), ROWAN_OK);
    subscribers[0] = rowan_trace_subscriber(watched.sink);
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    db = library_open(engine, &options);
    library_fill(db, books, publishers, authors);
    return db;
}

void watched_analyze(rowan_db *db)
{
    const rowan__rules rules = rowan__rules_of(NULL);

    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(watched.sink, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan__trace_read(&watched.trace, &fault_allocator, watched.path, NULL, NULL),
                     ROWAN_OK);
    ck_assert_uint_eq(watched.trace.lines_refused, 0);
    ck_assert_int_eq(rowan__analysis_init(&watched.analysis, &fault_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(&watched.analysis, &watched.trace), ROWAN_OK);
}

void watched_release(void)
{
    rowan__analysis_fini(&watched.analysis);
    rowan__trace_fini(&watched.trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    unlink(watched.path);
}
