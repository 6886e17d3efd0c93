/*
 * The stack is unwound by the tables that compilers write for exceptions, which need no frame
 * pointers and are in stripped programs, too. That costs microseconds, so a thread remembers what
 * it found, by the caller and by how deep its stack is there: the places where the return addresses
 * lie, and these. Are all of them still there, then the program came the same way: the first of
 * them is certainly one, and says how large its function's frame is and so where the next lies.
 *
 * A program whose stack is another with every statement would unwind each time: from some point on
 * only one statement in so many may. Of the others the caller alone is told, and that it is.
 */
#include "preload/chain.h"

#include <string.h>
#include <unwind.h>

#include "preload/buffer.h"
#include "preload/site.h"

enum {
    FRAMES = 16, /* of a chain, at most */
    PASSED = 24, /* between the unwinding and the caller: hooks, and the client library's own */
    SETS = 128,  /* a power of two */
    WAYS = 4,    /* chains from the same caller at the same depth */
    FREE = 1024, /* unwindings before they are counted */
    RATE = 8     /* statements for one more */
};

typedef struct slot {
    const uintptr_t *at;
    uintptr_t value;
} slot;

typedef struct chain {
    const void *caller; /* NULL: none */
    uintptr_t depth;
    uint32_t id;
    uint32_t count;
    slot slots[FRAMES];
} chain;

typedef struct memory {
    uint64_t turns, unwound;
    unsigned next[SETS]; /* to be taken over */
    chain at[SETS][WAYS];
    struct {
        const void *caller;
        uint32_t id;
    } cut[SETS];
} memory;

/* --- Telling. --- */

static uint32_t tell_chain(const uint32_t *sites, uint32_t count, bool is_cut)
{
    profile_chain *out = buffer_reserve(PROFILE_CHAIN, sizeof *out + count * sizeof *sites);

    if (out == NULL) {
        return 0;
    }
    uint32_t id = atomic_fetch_add(&buffer_session()->next_id, 1) + 1;
    out->id = id;
    out->count = count;
    out->is_cut = is_cut;
    memcpy(out + 1, sites, count * sizeof *sites);
    buffer_publish(out);
    return id;
}

/* Of the caller alone. */
static uint32_t cut_chain(memory *m, const void *caller)
{
    size_t index = ((uintptr_t)caller ^ (uintptr_t)caller >> 7) & (SETS - 1);
    uint32_t site;

    if (m->cut[index].caller != caller) {
        site = site_of(caller);
        m->cut[index].id = tell_chain(&site, 1, true);
        m->cut[index].caller = caller;
    }
    return m->cut[index].id;
}

/* --- Unwinding. --- */

typedef struct walk {
    chain *out;
    uintptr_t below; /* the stack where the frame before was called */
    unsigned passed;
    bool is_inside; /* the caller was met */
    bool is_whole;  /* it is known where all of the return addresses lie */
    uint32_t sites[FRAMES];
} walk;

/* Where the return address is that led to a frame: on top of the frame that was called, or at its
 * bottom, depending on the processor. NULL: somewhere else, or it is not there as it is. */
static const uintptr_t *slot_of(uintptr_t below, uintptr_t stack, uintptr_t address)
{
    const uintptr_t *top = (const uintptr_t *)stack - 1, *bottom = (const uintptr_t *)below + 1;

    if (*top == address) {
        return top;
    }
    return below != 0 && bottom < top && *bottom == address ? bottom : NULL;
}

static void take_frame(walk *w, uintptr_t address, uintptr_t stack)
{
    const uintptr_t *at = slot_of(w->below, stack, address);

    w->sites[w->out->count] = site_of((const void *)address);
    w->is_whole = w->is_whole && at != NULL;
    w->out->slots[w->out->count++] = (slot){at, address};
}

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *data)
{
    walk *w = data;
    int is_exact = 0; /* a signal came there: it is no call */
    uintptr_t address = (uintptr_t)_Unwind_GetIPInfo(context, &is_exact);
    uintptr_t stack = (uintptr_t)_Unwind_GetCFA(context);

    w->is_inside = w->is_inside || address == (uintptr_t)w->out->caller;
    if (address == 0 || is_exact || (!w->is_inside && ++w->passed > PASSED)) {
        return _URC_NORMAL_STOP;
    }
    if (w->is_inside) {
        take_frame(w, address, stack);
    }
    w->below = stack;
    return w->out->count < FRAMES ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

/* Finds a chain and remembers it. 0: there is nothing to be found. */
static uint32_t unwind(memory *m, const void *caller, uintptr_t depth, size_t index)
{
    chain *kept = &m->at[index][m->next[index]++ % WAYS];
    walk w = {.out = kept, .is_whole = true};
    uint32_t id;

    m->unwound++;
    *kept = (chain){.caller = caller, .depth = depth};
    (void)_Unwind_Backtrace(visit, &w);
    id = kept->count > 0 ? tell_chain(w.sites, kept->count, false) : 0;
    kept->id = id;
    if (!w.is_whole || id == 0) {
        kept->caller = NULL;
    }
    return id;
}

/* --- Remembering. --- */

static bool still_holds(const chain *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (*c->slots[i].at != c->slots[i].value) {
            return false;
        }
    }
    return true;
}

__attribute__((noinline)) uint32_t chain_of_caller(const void *caller)
{
    memory *m = buffer_remembered(BUFFER_CHAINS, sizeof *m);
    uintptr_t depth = (uintptr_t)__builtin_frame_address(0);
    uint64_t mixed = ((uintptr_t)caller ^ depth << 20) * 0x9E3779B97F4A7C15u;
    size_t index = mixed >> 40 & (SETS - 1);
    uint32_t id = 0;

    if (m == NULL) {
        return 0;
    }
    m->turns++;
    for (size_t i = 0; i < WAYS; i++) {
        const chain *c = &m->at[index][i];
        if (c->caller == caller && c->depth == depth && still_holds(c)) {
            return c->id;
        }
    }
    if (m->unwound < FREE || m->unwound * RATE < m->turns) {
        id = unwind(m, caller, depth, index);
    }
    return id != 0 ? id : cut_chain(m, caller);
}
