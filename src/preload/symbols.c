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
#include <string.h>

#include "preload/buffer.h"

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

void client_look(const client *c)
{
    search s = {.wanted = c};

    if (buffer_session() != NULL && dl_iterate_phdr(look_at, &s) != 0) {
        tell_client(c, s.path, 0);
    }
}
