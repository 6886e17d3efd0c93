/*
 * A turn: an operation from its first step to its end, and what may stop it on the way. A deadline
 * is watched while SQLite works and while it waits for a lock; a cancel is seen in the same places.
 */
#include "driver/sqlite/sqlite_private.h"

#include <time.h>

#include "base/clock.h"
#include "base/error.h"

/* How many instructions of its machine SQLite runs between two looks at the clock: some 20
 * microseconds. */
enum { OPCODES_BETWEEN_LOOKS = 1000 };

enum { LONGEST_NAP_MS = 25, NS_PER_MS = 1000000 };

void rowan__sqlite_nap(unsigned ms)
{
    struct timespec time = {.tv_nsec = (long)ms * NS_PER_MS};

    nanosleep(&time, NULL);
}

int rowan__sqlite_wait_for_lock(void *context, int tries)
{
    rowan__sqlite_connection *connection = context;
    rowan__sqlite_turn *turn = &connection->turn;
    int64_t now_ns = rowan__now_ns();
    unsigned nap_ms = tries < LONGEST_NAP_MS ? (unsigned)tries + 1 : LONGEST_NAP_MS;

    if (tries == 0) {
        turn->waiting_since_ns = now_ns;
    }
    if (turn->deadline_ns != 0 && now_ns >= turn->deadline_ns) {
        turn->timed_out = true;
        return 0;
    }
    if (atomic_load(&connection->cancelled)) {
        return 0;
    }
    if (now_ns - turn->waiting_since_ns >= (int64_t)connection->busy_ms * NS_PER_MS) {
        turn->gave_up = true;
        return 0;
    }
    rowan__sqlite_nap(nap_ms);
    return 1;
}

/* Called by SQLite now and then while it works: 1 to stop. */
static int look_at_clock(void *context)
{
    rowan__sqlite_turn *turn = &((rowan__sqlite_connection *)context)->turn;

    turn->timed_out = rowan__now_ns() >= turn->deadline_ns;
    return turn->timed_out;
}

void rowan__sqlite_turn_watch(rowan__sqlite_connection *connection, int64_t deadline_ns)
{
    connection->turn.deadline_ns = deadline_ns;
    sqlite3_progress_handler(connection->db, OPCODES_BETWEEN_LOOKS, look_at_clock, connection);
}

void rowan__sqlite_turn_unwatch(rowan__sqlite_connection *connection)
{
    sqlite3_progress_handler(connection->db, 0, NULL, NULL);
}

void rowan__sqlite_turn_move(rowan__sqlite_connection *connection, int64_t deadline_ns)
{
    if (deadline_ns != 0) {
        rowan__sqlite_turn_watch(connection, deadline_ns);
    } else if (connection->turn.deadline_ns != 0) {
        rowan__sqlite_turn_unwatch(connection);
        connection->turn.deadline_ns = 0;
    }
}

rowan_status rowan__sqlite_turn_stopped(rowan__sqlite_connection *connection, rowan_error *error)
{
    if (connection->turn.deadline_ns != 0 && look_at_clock(connection)) {
        return rowan__fail(error, ROWAN_TIMEOUT, "the deadline has passed");
    }
    if (atomic_load(&connection->cancelled)) {
        return rowan__fail(error, ROWAN_CANCELLED, "the statement was cancelled");
    }
    return ROWAN_OK;
}
