/* Findings beside those of an earlier analysis, whose JSON is read back. */
#include "report/baseline.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

const char *rowan__standing_name(rowan__standing standing)
{
    switch (standing) {
    case ROWAN__STANDING_NEW:
        return "new";
    case ROWAN__STANDING_WORSE:
        return "worse";
    case ROWAN__STANDING_KNOWN:
        return "known";
    }
    return "new";
}

bool rowan__is_news(const rowan__trace_finding *finding)
{
    return finding->allowed == NULL && finding->standing != ROWAN__STANDING_KNOWN;
}

void rowan__known_fini(rowan__known *known, const rowan_allocator *allocator)
{
    rowan__free(allocator, known->fixed, known->fixed_capacity, sizeof *known->fixed);
    rowan__free(allocator, known->stale, known->stale_capacity, sizeof *known->stale);
}

static bool is_text(json_t *object, const char *key, const char *text)
{
    const char *own = json_string_value(json_object_get(object, key));

    return own != NULL && text != NULL && strcmp(own, text) == 0;
}

/* Whether a line of the baseline is about this finding: lines move, statements stay. */
static bool is_same(json_t *object, const rowan__trace_finding *finding)
{
    char id[17];

    snprintf(id, sizeof id, "%016" PRIx64, finding->fingerprint_id);
    return is_text(object, "trace", finding->trace->name) &&
           is_text(object, "kind", finding->kind) && is_text(object, "fingerprint_id", id);
}

/* Of several scopes with the same finding the worst counts. @return whether there is one */
static bool compare_all(rowan__analysis *analysis, json_t *object)
{
    uint64_t before = (uint64_t)json_integer_value(json_object_get(object, "count"));
    bool found = false;

    for (size_t i = 0; i < analysis->count; i++) {
        rowan__trace_finding *finding = &analysis->at[i];
        if (!is_same(object, finding)) {
            continue;
        }
        found = true;
        finding->count_before = before > finding->count_before ? before : finding->count_before;
        finding->standing =
            finding->count > finding->count_before ? ROWAN__STANDING_WORSE : ROWAN__STANDING_KNOWN;
    }
    return found;
}

static const char *keep(rowan__analysis *analysis, json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    text = text != NULL ? text : "";
    return rowan__arena_text(&analysis->arena, text, strlen(text));
}

static rowan_status take_line(rowan__analysis *analysis, json_t *object, rowan__known *known,
                              rowan_error *error)
{
    bool is_finding = !is_text(object, "kind", "dropped"); /* else: what was not seen then */

    if (!is_finding || compare_all(analysis, object)) {
        return ROWAN_OK;
    }
    if (!rowan__grow(analysis->allocator, (void **)&known->fixed, &known->fixed_capacity,
                     known->fixed_count, sizeof *known->fixed)) {
        return rowan__fail_nomem(error);
    }
    rowan__fixed *fixed = &known->fixed[known->fixed_count];
    fixed->trace = keep(analysis, object, "trace");
    fixed->kind = keep(analysis, object, "kind");
    fixed->fingerprint = keep(analysis, object, "fingerprint");
    if (fixed->trace == NULL || fixed->kind == NULL || fixed->fingerprint == NULL) {
        return rowan__fail_nomem(error);
    }
    known->fixed_count++;
    return ROWAN_OK;
}

rowan_status rowan__baseline_compare(rowan__analysis *analysis, const char *path,
                                     rowan__known *known, rowan_error *error)
{
    FILE *file = fopen(path, "r");
    rowan_status status = ROWAN_OK;
    size_t capacity = 0, number = 0;
    char *line = NULL;
    ssize_t size;

    if (file == NULL) {
        return rowan__fail(error, ROWAN_IO, "cannot read %.120s: %s", path, strerror(errno));
    }
    while (status == ROWAN_OK && (size = getline(&line, &capacity, file)) > 0) {
        json_error_t problem;
        json_t *object = json_loadb(line, (size_t)size, 0, &problem);
        number++;
        status = json_is_object(object)
                     ? take_line(analysis, object, known, error)
                     : rowan__fail(error, ROWAN_SYNTAX,
                                   "%.120s:%zu: this is no line of `rowan analyze --format json`",
                                   path, number);
        json_decref(object);
    }
    if (status == ROWAN_OK && ferror(file)) {
        status = rowan__fail(error, ROWAN_IO, "cannot read %.120s: %s", path, strerror(errno));
    }
    free(line);
    (void)fclose(file);
    return status;
}
