/*
 * The detector as a subscriber. What it keeps of a scope is in that scope's slot, made with the
 * first statement, so a scope that sends nothing costs nothing. Running out of memory makes it
 * see less; it never makes a call fail.
 */
#include "detector/detector.h"

#include "base/alloc.h"
#include "base/error.h"
#include "detector/detector_private.h"
#include "detector/durations.h"

typedef struct detector {
    rowan_subscriber subscriber; /* first, so that one is found from the other */
    rowan_allocator allocator;
    rowan__rules rules;
    rowan__shapes *shapes;
    rowan__durations *durations;
    void (*on_findings)(void *context, const char *scope_name, const rowan_findings *findings);
    void *context;
} detector;

static void report(const detector *self, rowan__watch *watch, const rowan_event *event)
{
    rowan_findings findings;

    bool is_traced = rowan__findings_are_traced();
    if ((self->on_findings == NULL && !is_traced) ||
        rowan__watch_findings(watch, &findings) != ROWAN_OK) {
        return;
    }
    if (is_traced) {
        rowan__findings_trace(event->scope_name, &findings);
    }
    if (self->on_findings != NULL && (findings.count > 0 || rowan__is_dropped(&findings.dropped))) {
        self->on_findings(self->context, event->scope_name, &findings);
    }
}

static void end_scope(detector *self, void **slot, const rowan_event *event)
{
    if (*slot != NULL) {
        report(self, *slot, event);
        rowan__watch_end(*slot);
        rowan__watch_free(*slot);
        *slot = NULL;
    }
}

/** What there is nothing kept of yet, and what ends. */
static __attribute__((noinline)) void begin_or_end(detector *self, const rowan_event *event)
{
    void **slot = event->slot;

    if (event->kind == ROWAN_EVENT_SCOPE_END) {
        end_scope(self, slot, event);
    } else if (event->kind != ROWAN_EVENT_SCOPE_BEGIN) {
        *slot = rowan__watch_new(&self->allocator, &self->rules, self->shapes, self->durations,
                                 event->engine);
        if (*slot != NULL) {
            rowan__watch_event(*slot, event);
        }
    }
}

void rowan__detector_on_event(void *context, const rowan_event *event)
{
    void **slot = event->slot;

    if (slot == NULL) {
        return;
    }
    if (*slot == NULL || event->kind == ROWAN_EVENT_SCOPE_END) {
        begin_or_end(context, event);
        return;
    }
    rowan__watch_event(*slot, event);
}

static rowan_status check(const rowan_detector_options *options, rowan_error *error)
{
    if ((unsigned)options->profile > ROWAN_PROFILE_PRODUCTION) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "rowan_detector_options.profile is %u: there is no such profile",
                           (unsigned)options->profile);
    }
    if (options->coverage_percent > 100) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "rowan_detector_options.coverage_percent is %u: it is 100 at most",
                           options->coverage_percent);
    }
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
    rowan__durations_free(self->durations);
    rowan__free(&allocator, self, 1, sizeof *self);
}

rowan_status rowan__detector_new(const rowan_allocator *allocator,
                                 const rowan_detector_options *options, rowan_subscriber **out,
                                 rowan_error *error)
{
    *out = NULL;
    if (options != NULL && check(options, error) != ROWAN_OK) {
        return ROWAN_MISUSE;
    }
    detector *self = rowan__new(allocator, 1, sizeof *self);
    if (self == NULL) {
        return rowan__fail_nomem(error);
    }
    self->allocator = *allocator;
    self->subscriber.context = self;
    self->shapes = rowan__shapes_new(&self->allocator);
    self->durations = rowan__durations_new(&self->allocator);
    if (self->shapes == NULL || self->durations == NULL) {
        rowan__detector_free(&self->subscriber);
        return rowan__fail_nomem(error);
    }
    self->rules = rowan__rules_of(options);
    if (options != NULL) {
        self->on_findings = options->on_findings;
        self->context = options->context;
    }
    self->subscriber = (rowan_subscriber){.on_event = rowan__detector_on_event,
                                          .context = self,
                                          .wants_times = true,
                                          .wants_rows = true,
                                          .wants_turns = true};
    *out = &self->subscriber;
    return ROWAN_OK;
}
