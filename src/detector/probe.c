/*
 * The probe of findings. To know them costs something, so they are asked for at the end of a scope
 * only while a tracer is attached, which it tells by the number that it raises here. That number is
 * the tracer's, in a section of its own: the library only reads it.
 */
#define _SDT_HAS_SEMAPHORES 1
#include "base/probe.h"

#include "detector/detector_private.h"

#ifdef ROWAN__HAS_PROBES

static volatile unsigned short rowan_finding_semaphore __attribute__((section(".probes"), used));

bool rowan__findings_are_traced(void)
{
    return rowan_finding_semaphore != 0;
}

void rowan__findings_trace(const char *scope_name, const rowan_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const rowan_finding *finding = &findings->at[i];
        const char *kind = rowan_finding_kind_name(finding->kind);
        ROWAN__PROBE6(finding, scope_name, kind, finding->fingerprint_id, finding->count,
                      finding->total_ns, finding->fingerprint);
    }
}

#else

bool rowan__findings_are_traced(void)
{
    return false;
}

void rowan__findings_trace(const char *scope_name, const rowan_findings *findings)
{
    (void)scope_name;
    (void)findings;
}

#endif
