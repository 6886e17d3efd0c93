/*
 * Findings as SARIF 2.1.0, in which a code review shows them at the lines that sent the statements.
 * A finding without a call site is located in its trace. What is allowed is suppressed, not left
 * out.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>

#include "base/error.h"
#include "report/print.h"

/* "app.c:10 show" as file and line; 0 if it has no such form. */
static long line_of(const char *callsite, size_t *file_size)
{
    const char *colon = callsite != NULL ? strrchr(callsite, ':') : NULL;
    long line = colon != NULL ? strtol(colon + 1, NULL, 10) : 0;

    *file_size = line > 0 ? (size_t)(colon - callsite) : 0;
    return line > 0 ? line : 0;
}

static json_t *location(const rowan__trace *trace, const char *callsite, uint64_t seq,
                        const char *message)
{
    size_t size;
    long line = line_of(callsite, &size);
    json_t *place = line > 0
                        ? json_pack("{s:{s:s%}, s:{s:I}}", "artifactLocation", "uri", callsite,
                                    size, "region", "startLine", (json_int_t)line)
                        : json_pack("{s:{s:s}, s:{s:I}}", "artifactLocation", "uri", trace->path,
                                    "region", "startLine", (json_int_t)(seq > 0 ? seq : 1));

    return json_pack("{s:o, s:{s:s}}", "physicalLocation", place, "message", "text", message);
}

static const char *level_of(const rowan__trace_finding *finding)
{
    bool near = strcmp(finding->dialect != NULL ? finding->dialect : "", "sqlite") == 0;

    return near || !finding->is_confirmed || finding->proof.state == ROWAN__PROVEN_WITHDRAWN
               ? "note"
               : "warning"; /* no network, little lost */
}

enum { PART = 301 }; /* of a message */

static void cut(const char *text, char part[PART])
{
    rowan__error_copy(part, PART, text, strlen(text));
}

static json_t *result_of(const rowan__trace_finding *finding)
{
    char id[17], message[5 * PART], folded[PART], why[PART], instead[PART], proof[PART] = "";
    char through[PART], here[2 * PART];
    json_t *locations = json_array(), *related = json_array(), *suppressions = json_array();

    snprintf(id, sizeof id, "%016" PRIx64, finding->fingerprint_id);
    if (finding->proof.state != ROWAN__PROVEN_NOT_TRIED) {
        char line[ROWAN__PROOF_LINE];
        rowan__proof_write(&finding->proof, line, sizeof line);
        cut(line, proof);
    }
    cut(finding->fingerprint, folded);
    cut(finding->evidence, why);
    cut(finding->suggestion, instead);
    snprintf(message, sizeof message, "%s: %" PRIu64 " x %s. %s. Instead: %s%s%s",
             rowan__kind_title(finding->kind), finding->count, folded, why, instead,
             proof[0] != '\0' ? ". Proof: " : "", proof);
    snprintf(here, sizeof here, "the statement is sent here%s",
             rowan__through_say(finding->through, through, sizeof through));
    json_array_append_new(locations,
                          location(finding->trace, finding->callsite, finding->seqs[0], here));
    if (finding->parent_seq != 0) {
        bool is_wait = strcmp(finding->kind, "idle_in_transaction") == 0;
        json_array_append_new(
            related, location(finding->trace, finding->parent_callsite, finding->parent_seq,
                              is_wait ? "after this nothing is sent" : "its values are read here"));
    }
    if (finding->allowed != NULL) {
        json_array_append_new(suppressions, json_pack("{s:s, s:s}", "kind", "external",
                                                      "justification", finding->allowed));
    }
    return json_pack("{s:s, s:s, s:{s:s}, s:o, s:o, s:o, s:{s:s}, s:s}", "ruleId", finding->kind,
                     "level", level_of(finding), "message", "text", message, "locations", locations,
                     "relatedLocations", related, "suppressions", suppressions,
                     "partialFingerprints", "rowanFingerprint/v1", id, "baselineState",
                     finding->standing == ROWAN__STANDING_NEW     ? "new"
                     : finding->standing == ROWAN__STANDING_WORSE ? "updated"
                                                                  : "unchanged");
}

static json_t *rules(void)
{
    static const char *const kinds[] = {
        "n_plus_one",     "duplicate_query",   "write_loop",       "recursive_walk",
        "slow_query",     "unused_eager_load", "long_transaction", "idle_in_transaction",
        "unread_columns", "unread_rows"};
    json_t *all = json_array();

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        json_array_append_new(all, json_pack("{s:s, s:{s:s}}", "id", kinds[i], "shortDescription",
                                             "text", rowan__kind_title(kinds[i])));
    }
    return all;
}

bool rowan__print_sarif(const rowan__analysis *analysis, FILE *file)
{
    json_t *results = json_array();

    for (size_t i = 0; i < analysis->count; i++) {
        json_array_append_new(results, result_of(&analysis->at[i]));
    }
    json_t *document = json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:o}]}", "$schema",
                                 "https://json.schemastore.org/sarif-2.1.0.json", "version",
                                 "2.1.0", "runs", "tool", "driver", "name", "rowan", "version",
                                 rowan_version(), "rules", rules(), "results", results);
    bool whole = document != NULL && json_array_size(results) == analysis->count;
    if (whole) {
        (void)json_dumpf(document, file, JSON_INDENT(2));
        fputc('\n', file);
    }
    json_decref(document);
    return whole;
}
