/* What a program asks of the detector: its findings so far, and what tests expect of a scope. */
#include <inttypes.h>
#include <stdio.h>

#include "detector/detector_private.h"

rowan_status rowan_scope_findings(rowan_scope *scope, rowan_findings *out)
{
    const rowan_subscriber *subscriber = rowan_scope_subscriber(scope, rowan__detector_on_event);
    void **slot = subscriber != NULL ? rowan_scope_slot(scope, subscriber) : NULL;

    if (out != NULL) {
        *out = (rowan_findings){0};
    }
    if (scope == NULL || out == NULL) {
        return rowan_scope_report(scope, ROWAN_MISUSE, "the place for the findings is NULL");
    }
    if (slot == NULL || *slot == NULL) {
        return ROWAN_OK;
    }
    if (rowan__watch_findings(*slot, out) != ROWAN_OK) {
        return rowan_scope_report(scope, ROWAN_NOMEM, "out of memory");
    }
    return ROWAN_OK;
}

rowan_status rowan_expect_statements(rowan_scope *scope, uint64_t n)
{
    rowan_counts counts = rowan_scope_counts(scope);
    uint64_t own = counts.statements - counts.transactions - counts.setups;
    char message[128];

    if (scope == NULL) {
        return ROWAN_MISUSE;
    }
    if (own == n) {
        return ROWAN_OK;
    }
    snprintf(message, sizeof message,
             "expected %" PRIu64 " statements, but the scope has sent %" PRIu64, n, own);
    return rowan_scope_report(scope, ROWAN_UNEXPECTED, message);
}

rowan_status rowan_expect_no_findings(rowan_scope *scope)
{
    rowan_findings findings;
    char message[256];
    rowan_status status = rowan_scope_findings(scope, &findings);

    if (status != ROWAN_OK || findings.count == 0) {
        return status;
    }
    snprintf(message, sizeof message, "%zu finding%s; the first: %s, %" PRIu64 " x %s",
             findings.count, findings.count == 1 ? "" : "s",
             rowan_finding_kind_name(findings.at[0].kind), findings.at[0].count,
             findings.at[0].fingerprint);
    return rowan_scope_report(scope, ROWAN_UNEXPECTED, message);
}
