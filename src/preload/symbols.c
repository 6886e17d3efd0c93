/*
 * A function is looked up behind the interposer first: the library of a program that was linked
 * with it. A plug-in's client library is in no list that RTLD_NEXT looks through, so the libraries
 * that are loaded are gone through by name.
 */
#define _GNU_SOURCE
#include "preload/symbols.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "preload/buffer.h"

_Thread_local client_callers rowan__client_callers[CLIENTS];
uintptr_t rowan__own_end;

/* --- Libraries that are loaded. --- */

typedef struct search {
    const client *wanted;
    char path[4096]; /* of the one that was found */
} search;

static bool is_named(const client *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;

    for (size_t i = 0; c->sonames[i] != NULL; i++) {
        if (strncmp(name, c->sonames[i], strlen(c->sonames[i])) == 0) {
            return true;
        }
    }
    return false;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *context)
{
    search *s = context;

    (void)size;
    if (info->dlpi_name == NULL || !is_named(s->wanted, info->dlpi_name) ||
        strlen(info->dlpi_name) >= sizeof s->path) {
        return 0;
    }
    memcpy(s->path, info->dlpi_name, strlen(info->dlpi_name) + 1);
    return 1;
}

static void *find_loaded(const client *c, const char *name)
{
    search s = {.wanted = c};
    void *library, *found = NULL;

    if (dl_iterate_phdr(look_at, &s) != 0 &&
        (library = dlopen(s.path, RTLD_LAZY | RTLD_NOLOAD)) != NULL) {
        found = dlsym(library, name);
        dlclose(library); /* the program's plug-in holds it */
    }
    return found;
}

static void *look_up(const client *c, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    return found != NULL ? found : find_loaded(c, name);
}

/* --- What is told. --- */

/* The code of the library that an address is in: between its lowest and its highest segment. */
typedef struct span {
    uintptr_t inside, begin, end;
} span;

static int look_inside(struct dl_phdr_info *info, size_t size, void *context)
{
    span *s = context;
    uintptr_t begin = UINTPTR_MAX, end = 0;

    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t at = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD) {
            begin = at < begin ? at : begin;
            end = at + header->p_memsz > end ? at + header->p_memsz : end;
        }
    }
    if (s->inside < begin || s->inside >= end) {
        return 0;
    }
    s->begin = begin;
    s->end = end;
    return 1;
}

static void tell_client(const client *c, const char *path, size_t found)
{
    size_t name_size = strlen(c->name), path_size = strlen(path);
    profile_client *out;

    if (buffer_session() == NULL ||
        (out = buffer_reserve(PROFILE_CLIENT, sizeof *out + name_size + path_size)) == NULL) {
        return;
    }
    out->functions = (uint32_t)c->symbol_count;
    out->found = (uint32_t)found;
    out->name_size = (uint32_t)name_size;
    out->path_size = (uint32_t)path_size;
    memcpy(out + 1, c->name, name_size);
    memcpy((char *)(out + 1) + name_size, path, path_size);
    buffer_publish(out);
}

/* Notes where the library is, and tells the session once. */
static void find_client(client *c, void *address)
{
    span s = {.inside = (uintptr_t)address};
    uintptr_t none = 0;
    Dl_info info;
    size_t found = 0;

    (void)dl_iterate_phdr(look_inside, &s);
    atomic_store(&c->text_begin, s.begin);
    if (!atomic_compare_exchange_strong(&c->text_end, &none, s.end)) {
        return;
    }
    for (size_t i = 0; i < c->symbol_count; i++) {
        found += look_up(c, c->symbols[i].name) != NULL;
    }
    tell_client(c, dladdr(address, &info) != 0 ? info.dli_fname : "?", found);
}

symbol_function symbol_find(client *c, size_t index)
{
    void *address = look_up(c, c->symbols[index].name);
    symbol_function function = NULL;

    if (address != NULL) {
        memcpy(&function, &address, sizeof function);
        if (atomic_load(&c->text_end) == 0) {
            find_client(c, address);
        }
        atomic_store_explicit(&c->symbols[index].address, function, memory_order_release);
    }
    return function;
}

/* --- Copies. --- */

/* A module by an address in it. */
typedef struct module {
    span span;
    char path[4096];
} module;

static int look_around(struct dl_phdr_info *info, size_t size, void *context)
{
    module *m = context;
    size_t length = info->dlpi_name != NULL ? strlen(info->dlpi_name) : 0;

    if (look_inside(info, size, &m->span) == 0 || length >= sizeof m->path) {
        return 0;
    }
    memcpy(m->path, length > 0 ? info->dlpi_name : "", length + 1);
    return 1;
}

static bool find_module(const void *address, module *out)
{
    out->span = (span){.inside = (uintptr_t)address};
    out->path[0] = '\0';
    return dl_iterate_phdr(look_around, out) != 0;
}

static client_copy *make_copy(const client *c, const module *from)
{
    client_copy *copy = calloc(1, sizeof *copy);

    if (copy != NULL) {
        copy->begin = from->span.begin;
        copy->end = from->span.end;
        copy->library = dlopen(from->path, RTLD_LAZY | RTLD_NOLOAD);
        copy->addresses = calloc(c->symbol_count, sizeof *copy->addresses);
    }
    if (copy != NULL && (copy->library == NULL || copy->addresses == NULL)) {
        free(copy->addresses);
        free(copy);
        return NULL;
    }
    return copy;
}

/* The copy in which an address is, which is made known if it is not yet. NULL: the first, or none
 * that can be told. */
static client_copy *copy_with(client *c, const void *address)
{
    uintptr_t at = (uintptr_t)address;
    module from;

    if (at >= atomic_load(&c->text_begin) && at < atomic_load(&c->text_end)) {
        return NULL;
    }
    for (size_t i = 0; i < COPIES; i++) {
        client_copy *known = atomic_load(&c->copies[i]);
        if (known == NULL && find_module(address, &from)) {
            client_copy *made = make_copy(c, &from);
            if (made == NULL || atomic_compare_exchange_strong(&c->copies[i], &known, made)) {
                return made;
            }
            free(made->addresses); /* another thread was faster */
            free(made);
        }
        if (known != NULL && at >= known->begin && at < known->end) {
            return known;
        }
    }
    return NULL;
}

/* What a module of the program calls by this name: what all modules see; else what is in a library
 * that it needs itself. */
static void *bound_to(const module *caller, const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    void *library = function == NULL && caller->path[0] != '\0'
                        ? dlopen(caller->path, RTLD_LAZY | RTLD_NOLOAD)
                        : NULL;

    function = library != NULL ? dlsym(library, name) : function;

    if (library != NULL) {
        dlclose(library);
    }
    return function;
}

/* Puts a caller in front of those that are remembered. */
static void remember(client_callers *callers, size_t from, client_caller caller)
{
    memmove(callers->recent + 1, callers->recent, from * sizeof caller);
    callers->recent[0] = caller;
    callers->copy = caller.copy;
}

static client_caller ask(client *c, const void *caller)
{
    client_caller found = {.copy = NULL};
    module from;
    void *function;

    (void)symbol_find(c, 0);
    if (find_module(caller, &from)) {
        function = bound_to(&from, c->symbols[0].name);
        found.copy = function != NULL ? copy_with(c, function) : NULL;
        found.begin = from.span.begin;
        found.end = from.span.end;
    }
    return found;
}

/* Whether an address is in the copy that is at work, or in the interposer. */
static bool is_at_work(const client *c, uintptr_t at)
{
    const client_copy *copy = rowan__client_callers[c->number].copy;
    uintptr_t begin = copy != NULL ? copy->begin : atomic_load(&c->text_begin);
    uintptr_t end = copy != NULL ? copy->end : atomic_load(&c->text_end);

    return symbol_is_own((const void *)at) || (at >= begin && at < end);
}

/* The client's own code calls with what is at work. */
void client_meet(client *c, const void *caller)
{
    enum { RECENT = sizeof(((client_callers *)0)->recent) / sizeof(client_caller) };
    client_callers *callers = &rowan__client_callers[c->number];
    uintptr_t at = (uintptr_t)caller;

    if (is_at_work(c, at)) {
        return;
    }
    for (size_t i = 1; i < RECENT; i++) {
        if (at >= callers->recent[i].begin && at < callers->recent[i].end) {
            remember(callers, i, callers->recent[i]);
            return;
        }
    }
    remember(callers, RECENT - 1, ask(c, caller));
}

symbol_function symbol_find_in(client *c, client_copy *copy, size_t index)
{
    void *address = dlsym(copy->library, c->symbols[index].name);
    symbol_function function = NULL;

    if (address != NULL) {
        memcpy(&function, &address, sizeof function);
        atomic_store_explicit(&copy->addresses[index], function, memory_order_release);
    }
    return function;
}

/* --- All clients. --- */

static client *clients[CLIENTS];
static size_t client_count;

bool client_any_owns(const void *function)
{
    for (size_t i = 0; i < client_count; i++) {
        uintptr_t at = (uintptr_t)function;
        (void)symbol_find(clients[i], 0);
        if (at >= atomic_load(&clients[i]->text_begin) && at < atomic_load(&clients[i]->text_end)) {
            return true;
        }
    }
    return false;
}

void client_look(client *c)
{
    search s = {.wanted = c};
    module own;

    if (rowan__own_end == 0 && find_module(rowan__own_begin, &own)) {
        rowan__own_end = own.span.end;
    }
    if (client_count < CLIENTS) {
        c->number = client_count;
        clients[client_count++] = c;
    }
    if (buffer_session() != NULL && dl_iterate_phdr(look_at, &s) != 0) {
        tell_client(c, s.path, 0);
    }
}
