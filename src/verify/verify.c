/*
 * Every finding for which there is a way is tried, one after another, each in a scope of its own:
 * what the database refuses for one keeps no other back.
 */
#include "verify/verify.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "verify/verify_private.h"

/* One kind of finding and how it is tried. */
typedef struct way {
    const char *kind;
    rowan_status (*verify)(rowan__verify *verify, rowan__trace_finding *finding);
} way;

static const way ways[] = {
    {"n_plus_one", rowan__verify_repeated}, {"recursive_walk", rowan__verify_repeated},
    {"write_loop", rowan__verify_writes},   {"duplicate_query", rowan__verify_duplicate},
    {"slow_query", rowan__verify_index},
};

static const way *way_of(const rowan__trace_finding *finding)
{
    static const char own[] = ROWAN__VERIFY_SCOPE "#";

    if (finding->scope != NULL && strncmp(finding->scope, own, sizeof own - 1) == 0) {
        return NULL; /* a trial that was recorded repeats what it tries */
    }
    if (finding->action == ROWAN__ACTION_INVESTIGATE_SKEW) {
        return NULL; /* values that find far more rows than others ask for no index */
    }
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(ways[i].kind, finding->kind) == 0) {
            return &ways[i];
        }
    }
    return NULL;
}

bool rowan__verify_can(const rowan__trace_finding *finding)
{
    return way_of(finding) != NULL;
}

rowan_status rowan__verify_open(const char *url, rowan_db **out, rowan_error *error)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    bool is_file = strncmp(url, "sqlite:", 7) == 0 && strchr(url, '?') == NULL;
    rowan__text text;
    rowan_status status;

    *out = NULL;
    options.no_detector = true;
    options.max_open = 1;
    rowan__text_init(&text, &rowan__default_allocator);
    rowan__text_str(&text, url);
    rowan__text_str(&text, is_file ? "?mode=rw" : ""); /* so that a missing file is not made */
    status = text.failed ? rowan__fail_nomem(error)
                         : rowan_open(rowan__text_string(&text), &options, out, error);
    rowan__text_fini(&text);
    return status;
}

/* Advice that does not hold is not given. */
static rowan_status withdraw(rowan__analysis *analysis, rowan__trace_finding *finding)
{
    rowan__text text;

    if (finding->proof.state != ROWAN__PROVEN_WITHDRAWN) {
        return ROWAN_OK;
    }
    rowan__text_init(&text, analysis->allocator);
    rowan__text_format(&text, "nothing that is proven: the advice (%s) is withdrawn, because %s",
                       rowan__action_name(finding->action), finding->proof.why);
    finding->suggestion =
        text.failed ? NULL
                    : rowan__arena_text(&analysis->arena, rowan__text_string(&text), text.size);
    finding->is_written_out = false;
    finding->call = NULL;
    rowan__text_fini(&text);
    return finding->suggestion != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

rowan_status rowan__verify_findings(rowan__verify *verify)
{
    rowan_status status = ROWAN_OK;
    bool in_process = strcmp(rowan_db_engine(verify->db), "sqlite") == 0;

    for (size_t i = 0; i < verify->analysis->count && status == ROWAN_OK; i++) {
        rowan__trace_finding *finding = &verify->analysis->at[i];
        const way *chosen = way_of(finding);
        if (verify->skips_slow && strcmp(finding->kind, "slow_query") == 0) {
            continue;
        }
        if (chosen != NULL) {
            finding->proof = (rowan__proof){.is_in_process = in_process};
            status = chosen->verify(verify, finding);
        }
        if (status == ROWAN_OK) {
            status = withdraw(verify->analysis, finding);
        }
    }
    return status;
}

rowan_status rowan__verify_give_up(rowan__analysis *analysis, const char *why)
{
    const char *kept = rowan__arena_text(&analysis->arena, why, strlen(why));

    for (size_t i = 0; kept != NULL && i < analysis->count; i++) {
        if (way_of(&analysis->at[i]) != NULL) {
            analysis->at[i].proof = (rowan__proof){.state = ROWAN__PROVEN_UNVERIFIED, .why = kept};
        }
    }
    return kept != NULL ? ROWAN_OK : ROWAN_NOMEM;
}
