/*
 * The allow-list: findings that people have decided to live with for a while, and why. An entry
 * that has expired, or that nothing matches any longer, is reported: a list that only grows hides
 * things.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/error.h"
#include "report/baseline.h"

/* One line, taken apart. */
typedef struct entry {
    uint64_t id;
    const char *callsite, *until, *reason;
} entry;

static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    char *end = word + strcspn(word, " \t");

    *rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

bool rowan__fingerprint_read(const char *text, uint64_t *out)
{
    *out = strtoull(text, NULL, 16); /* which would take a sign and 0x, too */
    return strlen(text) == 16 && text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

static bool read_entry(char *line, entry *out)
{
    char *rest = line;
    bool is_id = rowan__fingerprint_read(next_word(&rest), &out->id);
    rowan_date day;

    out->callsite = next_word(&rest);
    out->until = next_word(&rest);
    out->reason = rest + strspn(rest, " \t");
    return is_id && out->reason[0] != '\0' &&
           rowan__date_read(out->until, strlen(out->until), &day);
}

/* A call site without its function, "app.c:10", means every statement sent from there. */
static bool is_site(const char *wanted, const char *callsite)
{
    size_t size = strlen(wanted);

    return strcmp(wanted, "*") == 0 || (callsite != NULL && strncmp(callsite, wanted, size) == 0 &&
                                        (callsite[size] == '\0' || callsite[size] == ' '));
}

static rowan_status add_stale(rowan__analysis *analysis, rowan__known *known, const char *path,
                              size_t number, const char *why, rowan_error *error)
{
    char text[320];

    snprintf(text, sizeof text, "%.200s:%zu: %s", path, number, why);
    if (!rowan__grow(analysis->allocator, (void **)&known->stale, &known->stale_capacity,
                     known->stale_count, sizeof *known->stale)) {
        return rowan__fail_nomem(error);
    }
    known->stale[known->stale_count] = rowan__arena_text(&analysis->arena, text, strlen(text));
    if (known->stale[known->stale_count] == NULL) {
        return rowan__fail_nomem(error);
    }
    known->stale_count++;
    return ROWAN_OK;
}

/* Dates of this form sort as they should. */
static rowan_status apply(rowan__analysis *analysis, const entry *one, const char *path,
                          size_t number, const char *today, rowan__known *known, rowan_error *error)
{
    const char *reason = rowan__arena_text(&analysis->arena, one->reason, strlen(one->reason));
    bool matches = false;

    if (reason == NULL) {
        return rowan__fail_nomem(error);
    }
    if (strcmp(one->until, today) < 0) {
        return add_stale(analysis, known, path, number, "the entry has expired", error);
    }
    for (size_t i = 0; i < analysis->count; i++) {
        rowan__trace_finding *finding = &analysis->at[i];
        if (finding->fingerprint_id == one->id && is_site(one->callsite, finding->callsite)) {
            finding->allowed = reason;
            matches = true;
        }
    }
    return matches ? ROWAN_OK
                   : add_stale(analysis, known, path, number,
                               "nothing that is found matches the entry: take it out", error);
}

static rowan_status take_line(rowan__analysis *analysis, char *line, const char *path,
                              size_t number, const char *today, rowan__known *known,
                              rowan_error *error)
{
    entry one;

    line[strcspn(line, "\r\n#")] = '\0';
    if (line[strspn(line, " \t")] == '\0') {
        return ROWAN_OK;
    }
    if (!read_entry(line, &one)) {
        return rowan__fail(error, ROWAN_SYNTAX,
                           "%.120s:%zu: an entry is a fingerprint, a call site or *, the last day "
                           "as YYYY-MM-DD, and the reason",
                           path, number);
    }
    return apply(analysis, &one, path, number, today, known, error);
}

rowan_status rowan__allow_list_apply(rowan__analysis *analysis, const char *path, const char *today,
                                     rowan__known *known, rowan_error *error)
{
    FILE *file = fopen(path, "r");
    rowan_status status = ROWAN_OK;
    size_t capacity = 0, number = 0;
    char *line = NULL;

    if (file == NULL) {
        return rowan__fail(error, ROWAN_IO, "cannot read %.120s: %s", path, strerror(errno));
    }
    while (status == ROWAN_OK && getline(&line, &capacity, file) > 0) {
        number++;
        status = take_line(analysis, line, path, number, today, known, error);
    }
    if (status == ROWAN_OK && ferror(file)) {
        status = rowan__fail(error, ROWAN_IO, "cannot read %.120s: %s", path, strerror(errno));
    }
    free(line);
    (void)fclose(file);
    return status;
}
