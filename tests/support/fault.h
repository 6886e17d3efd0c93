/*
 * Faults: an allocator whose nth allocation fails, and a driver that stands before a real one and
 * makes its calls slow, fail, or lose the connection.
 */
#ifndef ROWAN_TESTS_FAULT_H
#define ROWAN_TESTS_FAULT_H

#include "driver/driver.h"

/* --- Memory --- */

/** Counts what is out, and fails when it is told to. */
extern const rowan_allocator fault_allocator;

/** Lets the @p nth allocation from here, counted from 1, return NULL once. 0: none does. */
void fault_arm(unsigned nth);
/** Whether that allocation has been made. */
bool fault_fired(void);
/** Bytes allocated and not released. */
size_t fault_out_bytes(void);
/** Allocations made so far. */
unsigned fault_allocations(void);

/* --- The driver --- */

/** What goes wrong. Calls are prepare, run and fetch; they are counted from 1 over all connections.
 */
typedef struct fault_plan {
    unsigned latency_ms; /* before every call */
    unsigned fail_call;  /* this call is not made: it fails with `fail_status` */
    rowan_status fail_status;
    unsigned
        cut_call; /* before this call the connection breaks: the call, and all later ones there */
    unsigned
        lose_call;    /* this call is made, then the connection breaks: its answer never arrives */
    bool refuse_open; /* no connection can be made */
} fault_plan;

/** Sets the plan and begins to count anew. A zeroed plan: no faults. */
void fault_plan_set(fault_plan plan);
/** Calls so far. */
unsigned fault_calls(void);

/** The fault driver before a real one. It lives as long as the process. */
const rowan__driver *fault_driver(const rowan__driver *real);

/** Closes the idle connections of a database: the next statement makes one. */
void fault_close_idle(rowan_db *db);

/** Puts the fault driver into an opened database: its idle connections are closed. */
void fault_install(rowan_db *db);

#endif
