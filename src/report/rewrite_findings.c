/*
 * Suggestions of findings as SQL. What the detector said in words stays beside it where it names a
 * call of the library that the program used, or says more than the statement does.
 */
#include <string.h>

#include "report/rewrite.h"

static bool says_more(const rowan__trace_finding *finding, const rowan__traced *first)
{
    return first->pattern != NULL || strstr(finding->suggestion, "upsert") != NULL ||
           strstr(finding->suggestion, "counter_cache") != NULL;
}

/* What is written is what is advised: of the ways to the first rows, the one that it takes. */
static rowan__action action_of(const rowan__trace_finding *finding, rowan__form form)
{
    return form == ROWAN__FORM_FIRST     ? ROWAN__ACTION_DISTINCT_ON
           : form == ROWAN__FORM_LATERAL ? ROWAN__ACTION_LATERAL
           : form == ROWAN__FORM_WINDOW  ? ROWAN__ACTION_WINDOW
           : form == ROWAN__FORM_IN && finding->action >= ROWAN__ACTION_DISTINCT_ON &&
                   finding->action <= ROWAN__ACTION_WINDOW
               ? ROWAN__ACTION_BATCH_IN
               : finding->action;
}

/* @return false if memory ran out */
static bool write_out(rowan__analysis *analysis, rowan__trace_finding *finding, rowan__text *text)
{
    rowan__arena_mark mark = rowan__arena_mark_now(&analysis->arena);
    rowan__rewrite rewrite;
    bool planned = rowan__rewrite_plan(&rewrite, &analysis->arena, finding);

    rowan__text_clear(text);
    if (planned && rewrite.form != ROWAN__FORM_NONE) {
        rowan__rewrite_show(&rewrite, &analysis->arena, text);
    }
    rowan__arena_rewind(&analysis->arena, &mark);
    if (!planned || text->failed) {
        return false;
    }
    if (text->size > 0) {
        finding->call = says_more(finding, rewrite.first) ? finding->suggestion : NULL;
        finding->is_written_out = true;
        finding->action = action_of(finding, rewrite.form);
        finding->suggestion =
            rowan__arena_text(&analysis->arena, rowan__text_string(text), text->size);
    }
    return finding->suggestion != NULL;
}

rowan_status rowan__rewrite_findings(rowan__analysis *analysis, size_t before)
{
    rowan__text text;
    bool written = true;

    rowan__text_init(&text, analysis->allocator);
    for (size_t i = before; i < analysis->count && written; i++) {
        written = write_out(analysis, &analysis->at[i], &text);
    }
    rowan__text_fini(&text);
    return written ? ROWAN_OK : ROWAN_NOMEM;
}
