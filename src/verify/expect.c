/* What a test expects of a trace: that the advice which is found in it holds. */
#include <rowan/verify.h>

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "verify/verify.h"

/* The first line that could not be read. */
typedef struct refusal {
    char why[200];
    size_t line;
} refusal;

static void note(void *context, const char *path, size_t line, const char *why)
{
    refusal *first = context;

    (void)path;
    if (first->line == 0) {
        first->line = line;
        rowan__error_copy(first->why, sizeof first->why, why, strlen(why));
    }
}

static void count(const rowan__proof *proof, rowan_verified *out)
{
    out->equal += proof->state == ROWAN__PROVEN_EQUAL;
    out->withdrawn += proof->state == ROWAN__PROVEN_WITHDRAWN;
    out->unverified += proof->state == ROWAN__PROVEN_UNVERIFIED;
}

/* Counts, and says what the first is that is not proven. */
static rowan_status judge(const rowan__analysis *analysis, rowan_verified *out, rowan_error *error)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < analysis->count; i++) {
        const rowan__trace_finding *finding = &analysis->at[i];
        out->findings++;
        bool is_open = finding->proof.state == ROWAN__PROVEN_WITHDRAWN ||
                       finding->proof.state == ROWAN__PROVEN_UNVERIFIED;
        count(&finding->proof, out);
        if (is_open && status == ROWAN_OK) {
            status = rowan__fail(error, ROWAN_UNEXPECTED, "%s, %.60s: %s: %s", finding->kind,
                                 finding->fingerprint, rowan__proven_name(finding->proof.state),
                                 finding->proof.why);
        }
    }
    return status;
}

static rowan_status verify(rowan_db *db, rowan__trace *trace, rowan_verified *out,
                           rowan_error *error)
{
    const rowan__rules rules = rowan__rules_of(NULL);
    rowan__analysis analysis = {.allocator = &rowan__default_allocator};
    /* What is slow, and what an index would do, is the machine's of the day: no test's business. */
    rowan__verify on = {.db = db, .analysis = &analysis, .skips_slow = true};
    rowan_status status = rowan__analysis_init(&analysis, &rowan__default_allocator, &rules);

    if (status == ROWAN_OK) {
        status = rowan__analysis_add(&analysis, trace);
    }
    if (status == ROWAN_OK) {
        status = rowan__verify_findings(&on);
    }
    status = status == ROWAN_OK ? judge(&analysis, out, error) : rowan__fail_nomem(error);
    rowan__analysis_fini(&analysis);
    return status;
}

rowan_status rowan_expect_verified(rowan_db *db, const char *trace, rowan_verified *out,
                                   rowan_error *error)
{
    rowan_verified counts = {0};
    rowan__trace read;
    refusal first = {.line = 0};
    const rowan__complaint complaint = {note, &first};
    rowan_status status =
        rowan__trace_read(&read, &rowan__default_allocator, trace, &complaint, error);

    if (status == ROWAN_OK && first.line > 0) {
        status = rowan__fail(error, ROWAN_IO, "%.120s:%zu: %s", trace, first.line, first.why);
    }
    if (status == ROWAN_OK) {
        status = verify(db, &read, &counts, error);
    }
    rowan__trace_fini(&read);
    if (out != NULL) {
        *out = counts;
    }
    return status;
}
