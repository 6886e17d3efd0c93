/* Findings as JUnit's XML, which continuous integration shows as tests that failed. */
#include <inttypes.h>
#include <string.h>

#include "report/baseline.h"
#include "report/markup.h"
#include "report/print.h"

static void print_proof(const rowan__proof *proof, FILE *file)
{
    char line[ROWAN__PROOF_LINE];

    if (proof->state != ROWAN__PROVEN_NOT_TRIED) {
        rowan__proof_write(proof, line, sizeof line);
        fputs("\nproof: ", file);
        rowan__markup_text(line, file);
    }
}

static void print_case(const rowan__trace_finding *finding, FILE *file)
{
    char through[512];

    fputs("    <testcase classname=\"", file);
    rowan__markup_text(finding->scope != NULL ? finding->scope : finding->trace->name, file);
    fputs("\" name=\"", file);
    rowan__markup_text(rowan__kind_title(finding->kind), file);
    fputs(": ", file);
    rowan__markup_text(finding->fingerprint, file);
    fprintf(file, "\" time=\"%.6f\">\n", (double)finding->total_ns / 1e9);
    if (finding->allowed != NULL) {
        fputs("      <skipped message=\"", file);
        rowan__markup_text(finding->allowed, file);
        fputs("\"/>\n", file);
    } else if (rowan__is_news(finding)) {
        fprintf(file, "      <failure type=\"%s\" message=\"", finding->kind);
        rowan__markup_text(finding->evidence, file);
        fputs("\">sent from ", file);
        rowan__markup_text(finding->callsite != NULL ? finding->callsite : "?", file);
        rowan__markup_text(rowan__through_say(finding->through, through, sizeof through), file);
        fputs("\ninstead: ", file);
        rowan__markup_text(finding->suggestion, file);
        if (finding->call != NULL) {
            fputs("\nby a call: ", file);
            rowan__markup_text(finding->call, file);
        }
        print_proof(&finding->proof, file);
        fputs("</failure>\n", file);
    }
    fputs("    </testcase>\n", file);
}

void rowan__print_junit(const rowan__analysis *analysis, FILE *file)
{
    size_t failures = 0, skipped = 0;

    for (size_t i = 0; i < analysis->count; i++) {
        skipped += analysis->at[i].allowed != NULL;
        failures += rowan__is_news(&analysis->at[i]);
    }
    fprintf(file,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
            "  <testsuite name=\"rowan\" tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\">\n",
            analysis->count > 0 ? analysis->count : 1, failures, skipped);
    for (size_t i = 0; i < analysis->count; i++) {
        print_case(&analysis->at[i], file);
    }
    if (analysis->count == 0) { /* a suite without tests counts as one that did not run */
        fprintf(file, "    <testcase classname=\"rowan\" name=\"%zu statements\"/>\n",
                analysis->statements);
    }
    fputs("  </testsuite>\n</testsuites>\n", file);
}
