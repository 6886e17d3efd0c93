/*
 * A relay of bytes between a client and a database server: the independent witness of how often a
 * client waits for the server, and the place where a connection can be slowed, cut, or robbed of
 * its replies. It knows no protocol.
 */
#ifndef ROWAN_TESTS_RELAY_H
#define ROWAN_TESTS_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct relay relay;

/** What went through, on all connections. A turn is one change from the client sending to the
 * server sending. */
typedef struct relay_counts {
    uint64_t turns;
    uint64_t bytes_up, bytes_down; /* to the server, to the client */
    uint64_t connections;
} relay_counts;

/** What happens to the server's replies. */
typedef enum relay_replies {
    RELAY_PASS = 0,
    RELAY_CUT, /* the first reply cuts its connection: the server did the work, nobody hears of it
                */
    RELAY_LOSE /* replies vanish, and the connection stays */
} relay_replies;

/**
 * Starts a relay in front of a server, in threads of its own.
 *
 * @param url   of the server: a Unix socket in `host=` or `socket=`, or HOST:PORT
 * @param out   receives the URL by which the same database is reached through the relay
 * @return NULL if it could not be started.
 */
relay *relay_start(const char *url, char *out, size_t out_size);

/** Cuts everything and frees the relay. NULL is a no-op. */
void relay_stop(relay *self);

/** What went through since the start or the last reset. */
relay_counts relay_count(relay *self);
void relay_reset(relay *self);

/** Every piece waits that long, in either direction. */
void relay_delay(relay *self, unsigned ms);
void relay_replies_are(relay *self, relay_replies replies);

/** Cuts all connections that there are. New ones are taken as before. */
void relay_cut(relay *self);

#endif
