/*
 * Advice that is tried on a database: the statements of a finding and what is to replace them are
 * both run, and their rows compared. Nothing is changed: reads run in a transaction that may only
 * read, writes in one that is rolled back. For databases of tests all the same.
 */
#ifndef ROWAN_VERIFY_VERIFY_H
#define ROWAN_VERIFY_VERIFY_H

#include <rowan/database.h>

#include "report/analysis.h"

enum { ROWAN__VERIFY_DEADLINE_MS = 5000 };

/** The name of the scopes in which it is tried. */
#define ROWAN__VERIFY_SCOPE "rowan verify"

/** What findings are tried on. Borrowed for the call. One thread at a time. */
typedef struct rowan__verify {
    rowan_db *db;
    rowan__analysis *analysis;
    unsigned deadline_ms; /* of each statement; 0: ROWAN__VERIFY_DEADLINE_MS */
    bool skips_slow;      /* slow statements are not tried */
} rowan__verify;

/**
 * Opens a database to try advice on: without a detector, and a file has to be there.
 *
 * @param out  closed with rowan_close()
 */
rowan_status rowan__verify_open(const char *url, rowan_db **out, rowan_error *error);

/** Whether a finding's advice can be tried at all, by its kind. */
bool rowan__verify_can(const rowan__trace_finding *finding);

/**
 * Tries the advice of every finding for which there is a way, and writes into each its proof. What
 * the database refuses makes a finding unverified and keeps no other back.
 *
 * @return ROWAN_OK, or ROWAN_NOMEM
 */
rowan_status rowan__verify_findings(rowan__verify *verify);

/** Marks the findings that could have been tried as unverified, all for one reason; copied. */
rowan_status rowan__verify_give_up(rowan__analysis *analysis, const char *why);

#endif
