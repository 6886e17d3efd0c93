/*
 * Proofs and prices in words.
 *
 * A price is what was measured and, for each statement, one round trip more. What was measured has
 * the round trips of the measuring connection in it; on one machine they are next to nothing.
 */
#include "report/proof.h"

#include <inttypes.h>
#include <stdio.h>

const unsigned rowan__price_trips_ms[ROWAN__PRICES] = {0, 1, 20};

static const int64_t worth_ns = 1000000; /* of work in the process */

const char *rowan__proven_name(rowan__proven state)
{
    switch (state) {
    case ROWAN__PROVEN_NOT_TRIED:
        return NULL;
    case ROWAN__PROVEN_EQUAL:
        return "equal";
    case ROWAN__PROVEN_WITHDRAWN:
        return "withdrawn";
    case ROWAN__PROVEN_UNVERIFIED:
        return "unverified";
    case ROWAN__PROVEN_CHEAPER:
        return "cheaper";
    case ROWAN__PROVEN_PLAUSIBLE:
        return "plausible";
    }
    return NULL;
}

int64_t rowan__price_ns(uint64_t statements, int64_t work_ns, unsigned trip_ms)
{
    return (int64_t)statements * trip_ms * 1000000 + work_ns;
}

bool rowan__proof_leave_it(const rowan__proof *proof)
{
    return proof->state == ROWAN__PROVEN_EQUAL && proof->is_in_process &&
           proof->before_ns - proof->after_ns < worth_ns;
}

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

/* "cheaper: the planner uses it, and its estimate falls from 677.5 to 8.3 (planner's cost, …" */
static void write_index(const rowan__index_proof *index, bool was_tried, char *line, size_t size)
{
    const char *plural = index->writes == 1 ? " of this trace writes" : "s of this trace write";
    size_t used;

    used = (size_t)snprintf(line, size,
                            was_tried ? "cheaper: the planner uses it, and"
                                      : "plausible: a table is read whole for few of its rows; no "
                                        "index could be tried");
    if (was_tried && used < size) {
        used += (size_t)snprintf(line + used, size - used,
                                 " its estimate falls from %.0f to %.0f (%s, %s)", index->before,
                                 index->after, index->unit, index->how);
    }
    if (used < size && index->size_bytes > 0) {
        used += (size_t)snprintf(line + used, size - used, "; it takes about %" PRId64 " kB",
                                 (index->size_bytes + 999) / 1000);
    }
    if (used < size) {
        snprintf(line + used, size - used, "; %" PRIu64 " statement%s to %s", index->writes, plural,
                 index->table);
    }
}

void rowan__proof_write(const rowan__proof *proof, char *line, size_t size)
{
    const char *verdict = proof->state == ROWAN__PROVEN_WITHDRAWN ? "withdrawn" : "not verified";

    if (proof->index != NULL) {
        write_index(proof->index, proof->state == ROWAN__PROVEN_CHEAPER, line, size);
        return;
    }
    if (proof->state != ROWAN__PROVEN_EQUAL) {
        snprintf(line, size, "%s: %s", verdict, proof->why != NULL ? proof->why : "");
        return;
    }
    snprintf(line, size,
             "%" PRIu64 " -> %" PRIu64 " statements, %.2f -> %.2f ms, %" PRIu64 " row%s equal%s%s",
             proof->before, proof->after, ms(proof->before_ns), ms(proof->after_ns), proof->rows,
             proof->rows == 1 ? "" : "s",
             proof->took_out_rows ? " (those that were there already were taken out before)" : "",
             !rowan__proof_leave_it(proof) ? ""
             : proof->after_ns >= proof->before_ns
                 ? "; leave it: in the process there is no round trip to save, and it is no quicker"
                 : "; leave it: in the process there is no round trip to save, and less than a "
                   "millisecond of work");
}

void rowan__proof_write_price(const rowan__proof *proof, char *line, size_t size)
{
    size_t used = 0;

    line[0] = '\0';
    for (size_t i = 0; i < ROWAN__PRICES && used < size; i++) {
        unsigned trip_ms = rowan__price_trips_ms[i];
        used += (size_t)snprintf(line + used, size - used, "%s%.2f -> %.2f ms at %u ms%s",
                                 i > 0 ? ", " : "",
                                 ms(rowan__price_ns(proof->before, proof->before_ns, trip_ms)),
                                 ms(rowan__price_ns(proof->after, proof->after_ns, trip_ms)),
                                 trip_ms, i == 0 ? " a round trip" : "");
    }
}
