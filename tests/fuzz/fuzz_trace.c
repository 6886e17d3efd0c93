/*
 * Traces of any bytes: every one is read, analysed and written out in every format; what is JSON is
 * JSON, and what was found is about statements that are there.
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rowan/rowan.h>

#include "base/alloc.h"
#include "report/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The library's own is in src/rowan.c, which knows all rooms. */
const char *rowan_version(void)
{
    return "fuzzed";
}

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void listen(void *context, const char *path, size_t line, const char *why)
{
    size_t *refused = context;

    require(path != NULL && line > 0 && why != NULL && why[0] != '\0', "a complaint says nothing");
    (*refused)++;
}

/* Every line, or the whole, has to be JSON. */
static void check_json(const char *text, bool by_line)
{
    const char *end;

    for (const char *at = text; *at != '\0'; at = *end == '\0' ? end : end + 1) {
        json_error_t error;
        end = by_line ? at + strcspn(at, "\n") : at + strlen(at);
        json_t *read = json_loadb(at, (size_t)(end - at), JSON_ALLOW_NUL, &error);
        require(read != NULL, error.text);
        json_decref(read);
    }
}

static void print_everything(const rowan__analysis *analysis)
{
    static bool (*const printers[])(const rowan__analysis *, FILE *) = {
        rowan__print_json, rowan__print_sarif,      rowan__print_chrome,
        rowan__print_otlp, rowan__print_prometheus, rowan__print_html};
    enum { LINES = 1, WHOLE = 4 }; /* the first LINES are JSON by line, up to WHOLE as a whole */
    char *text = NULL;
    size_t size = 0;

    for (size_t i = 0; i < sizeof printers / sizeof printers[0]; i++) {
        FILE *file = open_memstream(&text, &size);
        require(file != NULL && printers[i](analysis, file) && fclose(file) == 0,
                "a report was not written");
        if (i < WHOLE) {
            check_json(text, i < LINES);
        }
        free(text);
    }
    FILE *file = open_memstream(&text, &size);
    require(file != NULL, "no memory");
    rowan__print_text(analysis, true, file);
    rowan__print_junit(analysis, file);
    rowan__print_silence(analysis, file);
    require(fclose(file) == 0, "a report was not written");
    free(text);
}

static void check_findings(const rowan__analysis *analysis)
{
    for (size_t i = 0; i < analysis->count; i++) {
        const rowan__trace_finding *finding = &analysis->at[i];
        require(finding->seq_count > 0 && finding->count > 0, "a finding is about nothing");
        require(finding->evidence[0] != '\0' && finding->suggestion[0] != '\0',
                "a finding says nothing");
        for (size_t k = 0; k < finding->seq_count; k++) {
            require(rowan__trace_numbered(finding->trace, finding->seqs[k]) != NULL,
                    "a finding is about a statement that is not there");
        }
    }
}

static void read_analyze_and_print(const char *path)
{
    size_t refused = 0;
    const rowan__complaint complaint = {listen, &refused};
    const rowan__rules rules = rowan__rules_of(NULL);
    rowan__trace trace;
    rowan__analysis analysis;
    rowan_error error;

    require(rowan__trace_read(&trace, &rowan__default_allocator, path, &complaint, &error) ==
                ROWAN_OK,
            "the file is not read");
    require(trace.lines_refused == refused, "not every line that is refused is told of");
    require(rowan__analysis_init(&analysis, &rowan__default_allocator, &rules) == ROWAN_OK,
            "no memory");
    analysis.explain = 1;
    require(rowan__analysis_add(&analysis, &trace) == ROWAN_OK, "no memory");
    check_findings(&analysis);
    print_everything(&analysis);
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int file = memfd_create("trace", MFD_CLOEXEC);

    require(file >= 0 && write(file, data, size) == (ssize_t)size, "no file in memory");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    read_analyze_and_print(path);
    close(file);
    return 0;
}
