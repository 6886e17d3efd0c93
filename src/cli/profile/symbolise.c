/* From addresses to files and lines, by the debugging information of the modules. */
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/profile/profile.h"

struct profile_symbols {
    Dwfl *dwfl;
    char folder[PATH_MAX]; /* files in it are told without it */
};

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
};

profile_symbols *profile_symbols_new(void)
{
    profile_symbols *symbols = calloc(1, sizeof *symbols);

    if (symbols != NULL) {
        symbols->dwfl = dwfl_begin(&callbacks);
        if (getcwd(symbols->folder, sizeof symbols->folder) == NULL) {
            symbols->folder[0] = '\0';
        }
    }
    return symbols;
}

void profile_symbols_free(profile_symbols *symbols)
{
    if (symbols != NULL) {
        dwfl_end(symbols->dwfl);
        free(symbols);
    }
}

typedef struct search {
    const char *path;
    Dwfl_Module *found;
} search;

static int look_at(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr start,
                   void *context)
{
    search *s = context;

    (void)data;
    (void)start;
    if (strcmp(name, s->path) == 0) {
        s->found = module;
        return DWARF_CB_ABORT;
    }
    return DWARF_CB_OK;
}

static Dwfl_Module *module_of(profile_symbols *symbols, const char *path)
{
    search s = {path, NULL};

    if (symbols->dwfl == NULL) {
        return NULL;
    }
    (void)dwfl_getmodules(symbols->dwfl, look_at, &s, 0);
    if (s.found == NULL) {
        dwfl_report_begin_add(symbols->dwfl);
        s.found = dwfl_report_offline(symbols->dwfl, path, path, -1);
        (void)dwfl_report_end(symbols->dwfl, NULL, NULL);
    }
    return s.found;
}

/* A file as the reader of the report calls it. */
static const char *shorten(const profile_symbols *symbols, const char *file)
{
    size_t size = strlen(symbols->folder);

    if (size > 1 && strncmp(file, symbols->folder, size) == 0 && file[size] == '/') {
        return file + size + 1;
    }
    return file;
}

/* @return false if the module does not tell where the address is from */
static bool write_line(profile_symbols *symbols, Dwfl_Module *module, Dwarf_Addr address,
                       const char *function, char *out, size_t size)
{
    Dwfl_Line *line = dwfl_module_getsrc(module, address);
    const char *file;
    int number = 0;

    if (line == NULL || (file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL)) == NULL) {
        return false;
    }
    snprintf(out, size, "%s:%d %s", shorten(symbols, file), number, function);
    return true;
}

void profile_symbolise(profile_symbols *symbols, const profile_site *site, const char *program,
                       char *out, size_t size)
{
    char given[PATH_MAX], name[256];
    const char *path = site->path_size > 0 ? given : program;
    Dwarf_Addr bias = 0;
    GElf_Addr into = 0;

    snprintf(given, sizeof given, "%.*s", (int)site->path_size, (const char *)(site + 1));
    snprintf(name, sizeof name, "%.*s", (int)(site->name_size < 255 ? site->name_size : 255),
             (const char *)(site + 1) + site->path_size);
    Dwfl_Module *module = module_of(symbols, path);
    if (module != NULL && dwfl_module_getelf(module, &bias) != NULL) {
        GElf_Sym symbol;
        const char *function =
            dwfl_module_addrinfo(module, bias + site->address, &into, &symbol, NULL, NULL, NULL);
        if (function != NULL) {
            snprintf(name, sizeof name, "%s", function);
        }
        if (write_line(symbols, module, bias + site->address, name, out, size)) {
            return;
        }
    }
    const char *slash = strrchr(path, '/');
    path = slash != NULL ? slash + 1 : path;
    if (name[0] != '\0') {
        snprintf(out, size, "%s+0x%llx %s", path, (unsigned long long)site->address, name);
    } else {
        snprintf(out, size, "%s+0x%llx", path, (unsigned long long)site->address);
    }
}
