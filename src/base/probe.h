/*
 * Static probes, for tracers such as bpftrace, perf and SystemTap: a place in the machine code that
 * is a no-operation until one is attached, and a note that says where the arguments are. They are
 * there if <sys/sdt.h> was when the library was built. docs/probes.md lists them.
 */
#ifndef ROWAN_BASE_PROBE_H
#define ROWAN_BASE_PROBE_H

#if defined(__has_include) && !defined(ROWAN_NO_PROBES)
#if __has_include(<sys/sdt.h>)
/* Arguments stay in memory, or else a compiler fetches them for nobody. */
#if defined(__x86_64__) || defined(__aarch64__)
#define STAP_SDT_ARG_CONSTRAINT no
#endif
#include <sys/sdt.h>
#define ROWAN__HAS_PROBES 1
#ifdef __clang__ /* the system's macros are expanded in our files */
#pragma clang diagnostic ignored "-Wgnu-zero-variadic-macro-arguments"
#endif
#endif
#endif

/* The arguments are read where they are: nothing is computed for them. */
#ifdef ROWAN__HAS_PROBES
#define ROWAN__PROBE2(name, a, b) STAP_PROBE2(rowan, name, a, b)
#define ROWAN__PROBE3(name, a, b, c) STAP_PROBE3(rowan, name, a, b, c)
#define ROWAN__PROBE6(name, a, b, c, d, e, f) STAP_PROBE6(rowan, name, a, b, c, d, e, f)
#else
#define ROWAN__PROBE2(name, a, b) ((void)0)
#define ROWAN__PROBE3(name, a, b, c) ((void)0)
#define ROWAN__PROBE6(name, a, b, c, d, e, f) ((void)0)
#endif

#endif
