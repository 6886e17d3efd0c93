/*
 * The comparison as one self-contained HTML page: no script, no network. One screen answers what
 * each pattern costs here; below it the plots, one panel for each use case, the guide and all
 * figures.
 */
#include "cli/compare/html_private.h"

#include <string.h>

#include "cli/compare/sources.h"

double html_ms(const measurement *cell)
{
    return (double)(cell->times.pattern_ns + cell->times.driver_ns + cell->times.database_ns) / 1e6;
}

bool html_usable(const measurement *cell)
{
    return cell->ran && cell->status == ROWAN_OK;
}

static void write_head(FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<title>What each pattern costs — Rowan</title>\n<style>\n",
          out);
    fputs(source_text("page.css"), out);
    fputs("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#guide\">Skip to the guide</a>\n",
          out);
}

static void write_title(const results *self, FILE *out)
{
    fputs("<header>\n<h1>What each pattern costs</h1>\n<p class=\"lede\">The same use cases of a "
          "bookshop, each "
          "written with raw SQL, a query builder, Active Record and Data Mapper, and run side by "
          "side. ",
          out);
    fprintf(out, "%s the same rows in every use case.</p>\n",
            results_equal(self) ? "All four found"
                                : "<strong class=\"mark\">They did not all find</strong>");
    fprintf(
        out,
        "<p class=\"sans legend\">%zu use cases · scale %g · median of %u runs · Rowan %s</p>\n",
        self->case_count, self->scale, self->repeat, self->rowan_version);
    fputs("<nav aria-label=\"Contents\">", out);
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        fprintf(out, "<a href=\"#%s\">%s</a>", self->engines[engine].engine,
                engine_title(self->engines[engine].engine));
    }
    fputs("<a href=\"#guide\">What this run says</a><a href=\"#cases\">Use cases</a>"
          "<a href=\"#figures\">All figures</a></nav>\n</header>\n",
          out);
}

static void write_legend(FILE *out)
{
    fputs("<p class=\"legend\">", out);
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        fprintf(out, "<span style=\"--swatch:var(--%s)\">%s</span>", pattern_keys[pattern],
                pattern_names[pattern]);
    }
    fputs("</p>\n<p class=\"legend\">Shades, of any colour:"
          "<span style=\"--swatch:var(--ink)\">pattern</span>"
          "<span style=\"--swatch:var(--ink);--fade:.62\">driver</span>"
          "<span style=\"--swatch:var(--ink);--fade:.32\">database</span>"
          "<span style=\"--swatch:var(--ink);--fade:.15\">tempting way, whole</span></p>\n",
          out);
}

static bool write_engine(const results *self, size_t engine, FILE *out)
{
    const char *name = self->engines[engine].engine;

    fprintf(out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n",
            name, name, name, engine_title(name));
    write_legend(out);
    fputs("<figure>\n", out);
    html_matrix(self, engine, out);
    fputs("<figcaption>The large number is how many statements the good way sends, behind the "
          "arrow those of the "
          "tempting way; then the time of both. A bar's length is its time on one logarithmic "
          "scale for the whole "
          "table, its shades are each layer's share. <span class=\"mark\">▲</span> the "
          "detector found "
          "something.</figcaption>\n</figure>\n<h3>Statements: tempting against "
          "good</h3>\n<figure>\n",
          out);
    html_statements_plot(self, engine, out);
    fputs("<figcaption>Filled: the good way. Open: the tempting way. The longer the line, the "
          "more a different way of "
          "loading or writing saves, with the same pattern.</figcaption>\n</figure>\n"
          "<h3>Time: tempting against good</h3>\n<figure>\n",
          out);
    bool complete = html_time_plot(self, engine, out);
    fputs("<figcaption>On the dashed line both ways take the same time; above it the tempting "
          "way is slower."
          "</figcaption>\n</figure>\n</section>\n",
          out);
    return complete;
}

static bool write_guide(const results *self, FILE *out)
{
    guide *sentences = guide_new(self);

    if (!sentences) {
        return false;
    }
    fputs("<section aria-labelledby=\"guide\">\n<h2 id=\"guide\">What this run says</h2>\n<div "
          "class=\"guide\">\n",
          out);
    for (size_t i = 0; i < sentences->count; i++) {
        fputs("<div><h3>", out);
        rowan__markup_text(sentences->at[i].heading, out);
        fputs("</h3>\n<p>", out);
        rowan__markup_text(sentences->at[i].text, out);
        fputs("</p></div>\n", out);
    }
    fputs("</div>\n</section>\n", out);
    guide_free(sentences);
    return true;
}

bool results_html(const results *self, FILE *out)
{
    write_head(out);
    write_title(self, out);
    fputs("<main>\n", out);
    bool complete = true;
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        complete = write_engine(self, engine, out) && complete;
    }
    complete = write_guide(self, out) && complete;
    html_panels(self, out);
    fputs("<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">All figures</h2>\n", out);
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        html_figures(self, engine, out);
    }
    fputs("</section>\n</main>\n<footer>Made by <code>rowan compare</code>. Times are this "
          "machine's; statements, rows "
          "and bytes are the same anywhere.</footer>\n</body>\n</html>\n",
          out);
    return complete && !ferror(out);
}
