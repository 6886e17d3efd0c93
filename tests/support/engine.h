/*
 * The engines that tests run on, and fresh databases of theirs.
 *
 * SQLite is always there; the servers are those of ROWAN_TEST_POSTGRESQL and ROWAN_TEST_MARIADB.
 * With ROWAN_REQUIRE_SERVERS=1 a server that is not named fails the test program, without it is
 * skipped and said to be.
 */
#ifndef ROWAN_TESTS_ENGINE_H
#define ROWAN_TESTS_ENGINE_H

#include <rowan/rowan.h>

/** Engines of this build whose server is known. Call it while the suite is put together. */
size_t engine_count(void);

/** "sqlite", "postgresql" or "mariadb". */
const char *engine_name(size_t engine);

/** Whether it is this engine that the test runs on. */
bool engine_is(size_t engine, const char *name);

/** The URL of a fresh, empty database; removed by engine_url_drop(), or when the test program ends.
 */
const char *engine_url_new(size_t engine);
void engine_url_drop(const char *url);

/**
 * A fresh, empty database, opened; fails the test if it cannot be. Closed by engine_close(). To its
 * detector nothing is slow, unless the options say what is.
 */
rowan_db *engine_open(size_t engine, const rowan_options *options);
/** The same of a database at a URL. Closed by rowan_close(). */
rowan_db *engine_open_url(const char *url, const rowan_options *options);
/** Closes a database of engine_open() or engine_bookshop() and removes it. */
void engine_close(rowan_db *db);

/** A fresh database with the bookshop's tables, all empty. */
rowan_db *engine_bookshop(size_t engine, const rowan_options *options);

/** Runs DDL in which the type words of the schema files (@key, @text(200) …) are replaced for the
 * engine. */
void engine_script(rowan_db *db, const char *sql);

/** Sends one statement by a connection of its own. */
void engine_send(const char *url, const char *sql);

#endif
