/*
 * Where a comparison runs: a place of its own with the bookshop in it, which is removed
 * afterwards. On a server that is a PostgreSQL schema or a MariaDB database under a new name, so
 * tables that are there are never touched; with SQLite a file.
 */
#ifndef ROWAN_CLI_COMPARE_PLACE_H
#define ROWAN_CLI_COMPARE_PLACE_H

#include <rowan/error.h>

#include "schema/seed/seed.h"

typedef struct place place;

/**
 * Makes a place and fills it.
 *
 * @param url    "postgresql://…" or "mariadb://…" of a server; "sqlite:PATH" of a file that does
 * not exist yet; "sqlite:" for a temporary one
 * @param watch  as rowan__seed(); may be NULL
 * @param out    removed with place_close()
 * @return ROWAN_OK; ROWAN_MISUSE for a URL that cannot be used; any engine error. On failure
 * nothing is left.
 */
rowan_status place_open(const char *url, double scale, const rowan__seed_watch *watch, place **out,
                        rowan_error *error);

/** URL of the place; borrowed. */
const char *place_url(const place *self);

/**
 * Removes the place with all that is in it. NULL is a no-op.
 *
 * @return ROWAN_OK, or why something is left, in @p error.
 */
rowan_status place_close(place *self, rowan_error *error);

#endif
