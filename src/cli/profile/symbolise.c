/* From addresses to files and lines, by the debugging information of the modules. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* --- Texts. --- */

void profile_frame_fini(profile_frame *frame)
{
    free(frame->text);
    free(frame->function);
}

/* A function by its name, its file and its module; without a name, by where it begins. */
static char *identify(const char *path, const char *file, const char *function,
                      const profile_site *site)
{
    char text[2 * PATH_MAX];

    if (function[0] != '\0') {
        snprintf(text, sizeof text, "%s %s %s", path, file, function);
    } else {
        snprintf(text, sizeof text, "%s+0x%" PRIx64, path,
                 site->function != 0 ? site->function : site->address);
    }
    return strdup(text);
}

typedef struct filling {
    const profile_symbols *symbols;
    const profile_site *site;
    const char *path; /* of the module */
    profile_frame *out;
    size_t count;
    bool no_memory;
} filling;

static void add_frame(filling *f, const char *text, const char *file, const char *function)
{
    profile_frame frame = {strdup(text), identify(f->path, file, function, f->site),
                           file[0] != '\0'};

    f->no_memory = f->no_memory || frame.text == NULL || frame.function == NULL;
    f->out[f->count++] = frame;
}

static void add_line(filling *f, const char *file, int line, const char *function)
{
    char text[PATH_MAX + 1024];

    snprintf(text, sizeof text, "%s:%d %s", shorten(f->symbols, file), line, function);
    add_frame(f, text, file, function);
}

static void add_address(filling *f, const char *function)
{
    const char *slash = strrchr(f->path, '/');
    char text[PATH_MAX + 1024];

    snprintf(text, sizeof text, "%s+0x%" PRIx64 "%s%s", slash != NULL ? slash + 1 : f->path,
             f->site->address, function[0] != '\0' ? " " : "", function);
    add_frame(f, text, "", function);
}

/* --- Functions that are inside others. --- */

/* The scopes around an address, the innermost first, as they are nested in the code. */
static int scopes_at(Dwarf_Die *unit, Dwarf_Addr address, Dwarf_Die **out)
{
    Dwarf_Die *around = NULL, inner;
    int count = dwarf_getscopes(unit, address, &around);

    *out = NULL;
    if (count <= 0) {
        return 0;
    }
    inner = around[0];
    free(around);
    count = dwarf_getscopes_die(&inner, out);
    return count > 0 ? count : 0;
}

static bool has_code(Dwarf_Die *scope)
{
    int tag = dwarf_tag(scope);

    return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

static const char *name_of(Dwarf_Die *scope)
{
    Dwarf_Attribute attribute;
    const char *name = dwarf_formstring(dwarf_attr_integrate(scope, DW_AT_name, &attribute));

    return name != NULL ? name : "";
}

/* Where an inlined function was called. @return false if that is not told */
static bool call_of(Dwarf_Die *scope, Dwarf_Files *files, const char **file, int *line)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file_number, line_number;

    if (dwarf_formudata(dwarf_attr(scope, DW_AT_call_file, &attribute), &file_number) != 0 ||
        dwarf_formudata(dwarf_attr(scope, DW_AT_call_line, &attribute), &line_number) != 0) {
        return false;
    }
    *file = dwarf_filesrc(files, (size_t)file_number, NULL, NULL);
    *line = (int)line_number;
    return *file != NULL;
}

/* Adds those that are inside another. Afterwards file and line are where the outermost of them was
 * called. */
static void add_inlined(filling *f, Dwarf_Die *unit, Dwarf_Addr address, const char **file,
                        int *line)
{
    Dwarf_Files *files = NULL;
    Dwarf_Die *scopes;
    int count = scopes_at(unit, address, &scopes);

    if (count > 0 && dwarf_getsrcfiles(unit, &files, NULL) != 0) {
        count = 0;
    }
    for (int i = 0; i < count && f->count + 1 < PROFILE_INLINED; i++) {
        const char *outer_file;
        int outer_line;
        if (!has_code(&scopes[i])) {
            continue;
        }
        if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram ||
            !call_of(&scopes[i], files, &outer_file, &outer_line)) {
            break;
        }
        add_line(f, *file, *line, name_of(&scopes[i]));
        *file = outer_file;
        *line = outer_line;
    }
    free(scopes);
}

static bool add_lines(filling *f, Dwfl_Module *module, Dwarf_Addr address, const char *function)
{
    Dwfl_Line *at = dwfl_module_getsrc(module, address);
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit;
    const char *file;
    int line = 0;

    if (at == NULL || (file = dwfl_lineinfo(at, NULL, &line, NULL, NULL, NULL)) == NULL) {
        return false;
    }
    unit = dwfl_module_addrdie(module, address, &bias);
    if (unit != NULL) {
        add_inlined(f, unit, address - bias, &file, &line);
    }
    add_line(f, file, line, function);
    return true;
}

/* In a module without most of its symbols, the nearest one is often another function's. */
static bool is_in(const GElf_Sym *symbol, GElf_Off into, const profile_site *site)
{
    return symbol->st_size > 0 ? into < symbol->st_size
                               : site->function == 0 || site->address - into == site->function;
}

size_t profile_symbolise(profile_symbols *symbols, const profile_site *site,
                         profile_frame out[PROFILE_INLINED])
{
    char path[PATH_MAX], name[512];
    filling f = {.symbols = symbols, .site = site, .path = path, .out = out};
    GElf_Off into = 0;
    Dwarf_Addr bias = 0;
    GElf_Sym symbol;

    snprintf(path, sizeof path, "%.*s", (int)site->path_size, (const char *)(site + 1));
    snprintf(name, sizeof name, "%.*s", (int)(site->name_size < 500 ? site->name_size : 500),
             (const char *)(site + 1) + site->path_size);
    Dwfl_Module *module = module_of(symbols, path);
    if (module != NULL && dwfl_module_getelf(module, &bias) != NULL) {
        const char *function =
            dwfl_module_addrinfo(module, bias + site->address, &into, &symbol, NULL, NULL, NULL);
        if (function != NULL && is_in(&symbol, into, site)) {
            snprintf(name, sizeof name, "%s", function);
        }
    } else {
        module = NULL;
    }
    if (module == NULL || !add_lines(&f, module, bias + site->address, name)) {
        add_address(&f, name);
    }
    while (f.no_memory && f.count > 0) {
        profile_frame_fini(&out[--f.count]);
    }
    return f.count;
}
