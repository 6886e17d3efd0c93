/*
 * The detector as a subscriber. What it keeps of a scope is in that scope's slot, made with the
 * first statement, so a scope that sends nothing costs nothing. Running out of memory makes it
 * see less; it never makes a call fail.
 */
#include "detector/detector.h"

#include "base/alloc.h"
#include "base/error.h"
#include "detector/detector_private.h"

typedef struct detector {
    rowan_subscriber subscriber; /* first, so that one is found from the other */
    rowan_allocator allocator;
    rowan__rules rules;
    rowan__shapes *shapes;
    void (*on_findings)(void *context, const char *scope_name, const rowan_findings *findings);
    void *context;
} detector;

static void report(const detector *self, rowan__watch *watch, const rowan_event *event)
{
    rowan_findings findings;

    if (self->on_findings == NULL) {
        return;
    }
    if (rowan__watch_findings(watch, &findings) == ROWAN_OK && findings.count > 0) {
        self->on_findings(self->context, event->scope_name, &findings);
    }
}

void rowan__detector_on_event(void *context, const rowan_event *event)
{
    detector *self = context;
    void **slot;

    if (event->scope == NULL || event->kind == ROWAN_EVENT_SCOPE_BEGIN) {
        return;
    }
    slot = rowan_scope_slot(event->scope, &self->subscriber);
    if (slot == NULL) {
        return;
    }
    if (event->kind == ROWAN_EVENT_SCOPE_END) {
        if (*slot != NULL) {
            report(self, *slot, event);
            rowan__watch_free(*slot);
            *slot = NULL;
        }
        return;
    }
    if (*slot == NULL) {
        *slot = rowan__watch_new(&self->allocator, &self->rules, self->shapes, event->engine);
    }
    if (*slot != NULL) {
        rowan__watch_event(*slot, event);
    }
}

static unsigned or_default(unsigned value, unsigned otherwise)
{
    return value != 0 ? value : otherwise;
}

rowan__rules rowan__rules_of(const rowan_detector_options *options)
{
    static const rowan_detector_options defaults = ROWAN_DETECTOR_OPTIONS_INIT;
    const rowan_detector_options *chosen = options != NULL ? options : &defaults;

    return (rowan__rules){
        .n_plus_one_min = or_default(chosen->n_plus_one_min, 5),
        .duplicate_min = or_default(chosen->duplicate_min, 3),
        .write_loop_min = or_default(chosen->write_loop_min, 5),
        .slow_ms = or_default(chosen->slow_ms, 100),
        .rows_captured = or_default(chosen->rows_captured, 32),
    };
}

rowan_status rowan__detector_new(const rowan_allocator *allocator,
                                 const rowan_detector_options *options, rowan_subscriber **out)
{
    detector *self = rowan__new(allocator, 1, sizeof *self);

    *out = NULL;
    if (self == NULL) {
        return ROWAN_NOMEM;
    }
    self->allocator = *allocator;
    self->shapes = rowan__shapes_new(&self->allocator);
    if (self->shapes == NULL) {
        rowan__free(allocator, self, 1, sizeof *self);
        return ROWAN_NOMEM;
    }
    self->rules = rowan__rules_of(options);
    if (options != NULL) {
        self->on_findings = options->on_findings;
        self->context = options->context;
    }
    self->subscriber = (rowan_subscriber){.on_event = rowan__detector_on_event,
                                          .context = self,
                                          .wants_times = true,
                                          .wants_rows = true};
    *out = &self->subscriber;
    return ROWAN_OK;
}

void rowan__detector_free(rowan_subscriber *subscriber)
{
    detector *self;
    rowan_allocator allocator;

    if (subscriber == NULL) {
        return;
    }
    self = subscriber->context;
    allocator = self->allocator;
    rowan__shapes_free(self->shapes);
    rowan__free(&allocator, self, 1, sizeof *self);
}
