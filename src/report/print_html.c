/*
 * The report as one page: no network, readable without scripts, light and dark, by keyboard and by
 * screen reader. The only script copies a text.
 */
#include <inttypes.h>
#include <string.h>

#include "report/page_private.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1c1f23;--soft:#5b636d;--line:#d5dae0;--page:#fff;"
    "--panel:#f6f7f9;--loud:#b45309;--mark:#0f5fa8;--bar:#4c8dca}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#9aa3ad;--line:#3a4048;"
    "--page:#15181c;--panel:#1d2126;--loud:#f5a742;--mark:#7db8ea;--bar:#4c8dca}}"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);"
    "max-width:72rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem;margin:0}"
    "article{background:var(--panel);border:1px solid var(--line);border-radius:.4rem;"
    "padding:1rem;margin:1rem 0}code,pre{font:.9em/1.4 ui-monospace,monospace}"
    "pre{white-space:pre-wrap;background:var(--page);border:1px solid var(--line);padding:.5rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;"
    "border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}.soft{color:var(--soft)}"
    ".kind{color:var(--loud);font-weight:600}.meter{height:.5rem;background:var(--line);"
    "border-radius:.25rem;margin:.5rem 0}.meter span{display:block;height:100%;"
    "background:var(--loud);border-radius:.25rem}.scroll{overflow-x:auto}"
    "svg text{fill:var(--soft);font:11px system-ui,sans-serif}svg .s{fill:var(--bar)}"
    "svg .f{fill:var(--loud)}svg .a{stroke:var(--loud);fill:none;opacity:.6}"
    "svg a:focus .s,svg a:focus .f{stroke:var(--ink);stroke-width:2}"
    "button{font:inherit;color:var(--mark);background:none;border:1px solid var(--line);"
    "border-radius:.3rem;padding:.1rem .6rem;cursor:pointer}"
    ":focus-visible{outline:2px solid var(--mark);outline-offset:2px}"
    "@media print{button{display:none}article{break-inside:avoid}}";

static const char script[] =
    "document.querySelectorAll('button[data-copy]').forEach(function(b){b.hidden=false;"
    "b.addEventListener('click',function(){var t=document.getElementById(b.dataset.copy)"
    ".textContent;navigator.clipboard.writeText(t).then(function(){b.textContent='Copied'},"
    "function(){var s=getSelection(),r=document.createRange();"
    "r.selectNodeContents(document.getElementById(b.dataset.copy));s.removeAllRanges();"
    "s.addRange(r)})})})";

void rowan__html_value(const rowan_value *value, FILE *file)
{
    if (value->is_null || value->type == 0) {
        fputs("<i>NULL</i>", file);
    } else if (value->type == ROWAN_TYPE_TEXT) {
        rowan__markup_text(value->as.bytes.data, file);
    } else if (value->type == ROWAN_TYPE_INT64) {
        fprintf(file, "%" PRId64, value->as.integer);
    } else if (value->type == ROWAN_TYPE_DOUBLE) {
        fprintf(file, "%.17g", value->as.real);
    } else if (value->type == ROWAN_TYPE_BOOL) {
        fputs(value->as.boolean ? "true" : "false", file);
    } else {
        fputs("…", file);
    }
}

static void print_dropped(const rowan__analysis *analysis, FILE *file)
{
    rowan__text text;

    if (rowan__dropped_say(analysis, &text)) {
        fputs("<footer><p>", file);
        rowan__markup_text(rowan__text_string(&text), file);
        fputs("</p></footer>\n", file);
    }
    rowan__text_fini(&text);
}

bool rowan__print_html(const rowan__analysis *analysis, FILE *file)
{
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
            "<title>Rowan: what the statements say</title>\n<style>%s</style>\n</head>\n<body>\n"
            "<header><h1>What the statements say</h1>\n<p>%zu finding%s in %zu statement%s of %zu "
            "scope%s.</p></header>\n<main>\n",
            style, analysis->count, analysis->count == 1 ? "" : "s", analysis->statements,
            analysis->statements == 1 ? "" : "s", analysis->scopes,
            analysis->scopes == 1 ? "" : "s");
    rowan__html_findings(analysis, file);
    rowan__html_timelines(analysis, file);
    bool whole = rowan__html_statements(analysis, file);
    fputs("</main>\n", file);
    print_dropped(analysis, file);
    fprintf(file, "<script>%s</script>\n</body>\n</html>\n", script);
    return whole;
}
