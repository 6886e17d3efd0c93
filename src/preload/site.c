/*
 * A place is told by its module and its address there; `rowan profile` finds file and line when the
 * program has ended. A thread remembers the places that it has told of.
 */
#define _GNU_SOURCE
#include "preload/site.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <unwind.h>

#include "preload/buffer.h"

enum { REMEMBERED = 512 /* a power of two */ };

typedef struct memory {
    struct {
        const void *address;
        uint32_t id;
    } at[REMEMBERED];
} memory;

static uint32_t write_site(const char *path, const char *name, uint64_t address, uint64_t function)
{
    size_t path_size = strlen(path), name_size = strlen(name);
    profile_site *out = buffer_reserve(PROFILE_SITE, sizeof *out + path_size + name_size);

    if (out == NULL) {
        return 0;
    }
    uint32_t id = atomic_fetch_add(&buffer_session()->next_id, 1) + 1;
    out->id = id;
    out->path_size = (uint32_t)path_size;
    out->name_size = (uint32_t)name_size;
    out->address = address;
    out->function = function;
    memcpy(out + 1, path, path_size);
    memcpy((char *)(out + 1) + path_size, name, name_size);
    buffer_publish(out);
    return id;
}

/* The program itself has no path in the list of modules. */
static uint32_t tell_site(const void *address)
{
    const char *call =
        (const char *)address - 1; /* in it: what is behind may be another function */
    const void *function = _Unwind_FindEnclosingFunction((void *)(uintptr_t)call);
    struct link_map *module = NULL;
    Dl_info info;

    if (dladdr1(call, &info, (void **)&module, RTLD_DL_LINKMAP) == 0 || module == NULL) {
        return 0;
    }
    return write_site(module->l_name[0] != '\0' ? module->l_name : buffer_program(),
                      info.dli_sname != NULL ? info.dli_sname : "",
                      (uint64_t)((uintptr_t)call - module->l_addr),
                      function != NULL ? (uint64_t)((uintptr_t)function - module->l_addr) : 0);
}

uint32_t site_of(const void *address)
{
    memory *remembered = buffer_remembered(BUFFER_SITES, sizeof *remembered);
    size_t index = ((uintptr_t)address ^ (uintptr_t)address >> 9) & (REMEMBERED - 1);

    if (remembered == NULL) {
        return 0;
    }
    if (remembered->at[index].address != address) {
        remembered->at[index].id = tell_site(address);
        remembered->at[index].address = address;
    }
    return remembered->at[index].id;
}
