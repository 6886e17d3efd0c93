/*
 * Chunks of rows as libpq 17 has them, made of the single rows of any libpq: how streams are read
 * there is tested with an older one, too. One connection at a time.
 */
#ifndef ROWAN_TEST_CHUNKS_H
#define ROWAN_TEST_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * From now on the driver finds such a libpq, or the one that there is. A database must have been
 * opened before. false: it cannot be had, because the driver is linked with its library.
 */
bool chunks_switch(bool on);

/** How many were made since chunks_switch(). */
size_t chunks_made(void);

#endif
