/* A fresh archive and one scope in it, for tests that work in no more than that. */
#ifndef ROWAN_TESTS_ARCHIVED_H
#define ROWAN_TESTS_ARCHIVED_H

#include <check.h>

#include "support/archive.h"
#include "support/engine.h"

static rowan_db *db;
static rowan_scope *scope;

static inline void open_with(int engine, const rowan_options *options)
{
    db = archive_open((size_t)engine, options);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
}

/** The tables are empty. */
static inline void open_on(int engine)
{
    open_with(engine, NULL);
}

static inline void open_filled(int engine)
{
    open_on(engine);
    archive_fill(scope);
}

static inline void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

/** A call in the scope went well. */
static inline void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_status_name(status),
                  rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
}

#endif
