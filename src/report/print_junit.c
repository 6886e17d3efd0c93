/* Findings as JUnit's XML, which continuous integration shows as tests that failed. */
#include <inttypes.h>
#include <string.h>

#include "report/baseline.h"
#include "report/print.h"

/* XML has no way to write control characters. */
static void print_escaped(const char *text, FILE *file)
{
    for (; text != NULL && *text != '\0'; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            fputc((unsigned char)*text < 0x20 && *text != '\n' && *text != '\t' ? '?' : *text,
                  file);
        }
    }
}

static void print_case(const rowan__trace_finding *finding, FILE *file)
{
    fputs("    <testcase classname=\"", file);
    print_escaped(finding->scope != NULL ? finding->scope : finding->trace->name, file);
    fputs("\" name=\"", file);
    print_escaped(rowan__kind_title(finding->kind), file);
    fputs(": ", file);
    print_escaped(finding->fingerprint, file);
    fprintf(file, "\" time=\"%.6f\">\n", (double)finding->total_ns / 1e9);
    if (finding->allowed != NULL) {
        fputs("      <skipped message=\"", file);
        print_escaped(finding->allowed, file);
        fputs("\"/>\n", file);
    } else if (rowan__is_news(finding)) {
        fprintf(file, "      <failure type=\"%s\" message=\"", finding->kind);
        print_escaped(finding->evidence, file);
        fputs("\">sent from ", file);
        print_escaped(finding->callsite != NULL ? finding->callsite : "?", file);
        fputs("\ninstead: ", file);
        print_escaped(finding->suggestion, file);
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
