/* The results of a comparison, and what they say. */
#include "cli/compare/results.h"

#include <stdlib.h>

#include "cli/compare/sources.h"

static size_t cells_of_engine(const results *self)
{
    return self->case_count * PATTERN_COUNT * WAY_COUNT;
}

results *results_new(const usecase *const *cases, size_t case_count, size_t engine_count)
{
    results *self = calloc(1, sizeof *self);

    if (!self) {
        return NULL;
    }
    self->cases = cases;
    self->case_count = case_count;
    self->rowan_version = rowan_version();
    self->engines = calloc(engine_count, sizeof *self->engines);
    for (size_t i = 0; self->engines && i < engine_count; i++) {
        engine_results *engine = &self->engines[self->engine_count++];
        engine->cells = calloc(cells_of_engine(self), sizeof *engine->cells);
        engine->equal = calloc(case_count, sizeof *engine->equal);
        if (!engine->cells || !engine->equal) {
            break;
        }
    }
    if (self->engine_count == 0 || !self->engines[engine_count - 1].equal) {
        results_free(self);
        return NULL;
    }
    return self;
}

void results_free(results *self)
{
    if (!self) {
        return;
    }
    for (size_t i = 0; i < self->engine_count; i++) {
        engine_results *engine = &self->engines[i];
        for (size_t cell = 0; engine->cells && cell < cells_of_engine(self); cell++) {
            measurement_fini(&engine->cells[cell]);
        }
        free(engine->cells);
        free(engine->equal);
        free(engine->engine);
    }
    free(self->engines);
    free(self);
}

measurement *results_cell(const results *self, size_t engine, size_t use_case, size_t pattern,
                          enum way way)
{
    return &self->engines[engine].cells[(use_case * PATTERN_COUNT + pattern) * WAY_COUNT + way];
}

bool results_equal(const results *self)
{
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        for (size_t use_case = 0; use_case < self->case_count; use_case++) {
            const measurement *reference = results_cell(self, 0, use_case, 0, WAY_GOOD);
            const measurement *here = results_cell(self, engine, use_case, 0, WAY_GOOD);
            if (!self->engines[engine].equal[use_case] ||
                !ledger_equal(reference->found, here->found)) {
                return false;
            }
        }
    }
    return true;
}

bool results_expects(const kept_finding *finding, enum way way)
{
    return finding->kind == ROWAN_SLOW_QUERY || (way == WAY_TEMPTING && finding->expected);
}

static bool cell_has_unexpected(const measurement *cell, enum way way)
{
    for (size_t i = 0; i < cell->finding_count; i++) {
        if (!results_expects(&cell->findings[i], way)) {
            return true;
        }
    }
    return false;
}

bool results_has_unexpected(const results *self)
{
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        for (size_t i = 0; i < cells_of_engine(self); i++) {
            if (cell_has_unexpected(&self->engines[engine].cells[i], (enum way)(i % WAY_COUNT))) {
                return true;
            }
        }
    }
    return false;
}

char *results_source(const usecase *use_case, size_t pattern, enum way way, unsigned *lines)
{
    char name[128];
    unsigned unused;

    snprintf(name, sizeof name, "cases/%s/%s.c", use_case->key, pattern_keys[pattern]);
    const char *text = source_text(name);
    *(lines ? lines : &unused) = 0;
    return text
               ? source_of_way(text, way == WAY_GOOD ? "good" : "tempting", lines ? lines : &unused)
               : NULL;
}
