/* The lanes in which a trace is drawn: one for each connection, or for each thread. */
#ifndef ROWAN_REPORT_LANES_H
#define ROWAN_REPORT_LANES_H

#include "report/trace.h"

enum { ROWAN__LANES_MOST = 256 };

/** All zero but `most` is none yet. Names are the trace's. */
typedef struct rowan__lanes {
    const char *names[ROWAN__LANES_MOST]; /* in the order of their first statements */
    size_t count, most;                   /* `most` is at most ROWAN__LANES_MOST */
} rowan__lanes;

/** The number of a statement's lane. Lanes beyond the bound share the last one. */
size_t rowan__lane_of(rowan__lanes *lanes, const rowan__traced *statement);

#endif
