/*
 * The places that the recorded chains of calls go through: symbolised, each once, and with numbers
 * by which they are compared. A place in code that was put into another function is several, one in
 * each function. Places without debugging information are told by their address.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/profile/profile.h"

typedef struct range {
    uint32_t first, count;
} range;

struct profile_spots {
    const profile_records *records;
    profile_symbols *symbols;
    json_t *places, *functions, *modules; /* numbers by text */
    json_t *known;                        /* the first site of a place, by its module and address */
    char **texts;                         /* owned */
    size_t text_count, text_capacity;
    profile_spot *at;
    size_t count, capacity;
    range *sites; /* spots, by the number of the site */
    uint32_t *calls;
    size_t call_count, call_capacity;
    range *chains; /* calls, by the number of the chain */
};

/* --- Numbers. --- */

/* @return UINT32_MAX: no memory */
static uint32_t number_of(json_t *numbers, const char *text)
{
    const json_t *known = json_object_get(numbers, text);
    size_t next = json_object_size(numbers);

    if (known != NULL) {
        return (uint32_t)json_integer_value(known);
    }
    return json_object_set_new_nocheck(numbers, text, json_integer((json_int_t)next)) == 0
               ? (uint32_t)next
               : UINT32_MAX;
}

/* --- Modules. --- */

static bool begins_with(const char *text, const char *const *beginnings)
{
    while (*beginnings != NULL && strncmp(text, *beginnings, strlen(*beginnings)) != 0) {
        beginnings++;
    }
    return *beginnings != NULL;
}

static profile_module kind_of(const char *path)
{
    static const char *const between[] = {
        "libsqlite3", "libpq.so", "libpq-", "libmariadb", "libmysqlclient",
        "librowan",   "libc.so",  "libc-",  "libpthread", "ld-linux",
        "ld-musl",    "libffi",   NULL};
    const char *slash = strrchr(path, '/');

    if (profile_is_interpreter(path, strlen(path))) {
        return PROFILE_INTERPRETER;
    }
    return begins_with(slash != NULL ? slash + 1 : path, between) ? PROFILE_BETWEEN
                                                                  : PROFILE_PROGRAM;
}

/* --- Sites. --- */

static bool keep_text(profile_spots *spots, char *text)
{
    if (!rowan__grow(spots->records->allocator, (void **)&spots->texts, &spots->text_capacity,
                     spots->text_count, sizeof *spots->texts)) {
        free(text);
        return false;
    }
    spots->texts[spots->text_count++] = text;
    return true;
}

/* Takes the frame's texts. */
static bool add_spot(profile_spots *spots, profile_frame *frame, uint32_t module,
                     profile_module kind)
{
    profile_spot spot = {.text = frame->text,
                         .place = number_of(spots->places, frame->text),
                         .function = number_of(spots->functions, frame->function),
                         .module = module,
                         .has_line = frame->has_line,
                         .kind = kind};

    free(frame->function);
    if (!keep_text(spots, frame->text) || spot.place == UINT32_MAX || spot.function == UINT32_MAX ||
        !rowan__grow(spots->records->allocator, (void **)&spots->at, &spots->capacity, spots->count,
                     sizeof *spots->at)) {
        return false;
    }
    spots->at[spots->count++] = spot;
    return true;
}

static bool add_frames(profile_spots *spots, const profile_site *site, const char *path)
{
    profile_frame frames[PROFILE_INLINED];
    size_t count = profile_symbolise(spots->symbols, site, frames);
    uint32_t module = number_of(spots->modules, path);
    profile_module kind = kind_of(path);
    bool is_well = count > 0 && module != UINT32_MAX;

    for (size_t i = 0; i < count; i++) {
        if (is_well) {
            is_well = add_spot(spots, &frames[i], module, kind);
        } else {
            profile_frame_fini(&frames[i]);
        }
    }
    return is_well;
}

/* Threads and processes tell of the same place each for itself. */
static bool take_site(profile_spots *spots, uint32_t id, const profile_site *site)
{
    char key[PATH_MAX + 32], path[PATH_MAX];
    const json_t *known;

    snprintf(path, sizeof path, "%.*s", (int)site->path_size, (const char *)(site + 1));
    snprintf(key, sizeof key, "%s+%llx", path, (unsigned long long)site->address);
    known = json_object_get(spots->known, key);
    if (known != NULL) {
        spots->sites[id] = spots->sites[json_integer_value(known)];
        return true;
    }
    spots->sites[id].first = (uint32_t)spots->count;
    if (!add_frames(spots, site, path)) {
        return false;
    }
    spots->sites[id].count = (uint32_t)(spots->count - spots->sites[id].first);
    return json_object_set_new_nocheck(spots->known, key, json_integer(id)) == 0;
}

/* --- Chains. --- */

static bool add_calls(profile_spots *spots, range of)
{
    for (uint32_t i = 0; i < of.count; i++) {
        if (!rowan__grow(spots->records->allocator, (void **)&spots->calls, &spots->call_capacity,
                         spots->call_count, sizeof *spots->calls)) {
            return false;
        }
        spots->calls[spots->call_count++] = of.first + i;
    }
    return true;
}

/* It ends where a place is not known. */
static bool take_chain(profile_spots *spots, uint32_t id, const profile_chain *chain)
{
    const uint32_t *sites = (const void *)(chain + 1);

    spots->chains[id].first = (uint32_t)spots->call_count;
    for (uint32_t i = 0; i < chain->count; i++) {
        uint32_t site = sites[i] < spots->records->told_count ? sites[i] : 0;
        if (spots->sites[site].count == 0) {
            break;
        }
        if (!add_calls(spots, spots->sites[site])) {
            return false;
        }
    }
    spots->chains[id].count = (uint32_t)(spots->call_count - spots->chains[id].first);
    return true;
}

static bool fill(profile_spots *spots)
{
    const profile_records *records = spots->records;
    bool is_well = true;

    for (uint32_t id = 0; id < records->told_count && is_well; id++) {
        const profile_site *site = profile_told(records, id, PROFILE_SITE);
        is_well = site == NULL || take_site(spots, id, site);
    }
    for (uint32_t id = 0; id < records->told_count && is_well; id++) {
        const profile_chain *chain = profile_told(records, id, PROFILE_CHAIN);
        is_well = chain == NULL || take_chain(spots, id, chain);
    }
    return is_well;
}

/* --- All of them. --- */

profile_spots *profile_spots_new(const profile_records *records)
{
    profile_spots *spots = rowan__new(records->allocator, 1, sizeof *spots);

    if (spots == NULL) {
        return NULL;
    }
    spots->records = records;
    spots->symbols = profile_symbols_new();
    spots->places = json_object();
    spots->functions = json_object();
    spots->modules = json_object();
    spots->known = json_object();
    spots->sites = rowan__new(records->allocator, records->told_count, sizeof *spots->sites);
    spots->chains = rowan__new(records->allocator, records->told_count, sizeof *spots->chains);
    if (spots->symbols == NULL || spots->places == NULL || spots->functions == NULL ||
        spots->modules == NULL || spots->known == NULL || spots->sites == NULL ||
        spots->chains == NULL || !fill(spots)) {
        profile_spots_free(spots);
        return NULL;
    }
    return spots;
}

void profile_spots_free(profile_spots *spots)
{
    if (spots == NULL) {
        return;
    }
    const rowan_allocator *allocator = spots->records->allocator;
    size_t told = spots->records->told_count;
    for (size_t i = 0; i < spots->text_count; i++) {
        free(spots->texts[i]);
    }
    rowan__free(allocator, spots->texts, spots->text_capacity, sizeof *spots->texts);
    rowan__free(allocator, spots->at, spots->capacity, sizeof *spots->at);
    rowan__free(allocator, spots->calls, spots->call_capacity, sizeof *spots->calls);
    rowan__free(allocator, spots->sites, told, sizeof *spots->sites);
    rowan__free(allocator, spots->chains, told, sizeof *spots->chains);
    json_decref(spots->places);
    json_decref(spots->functions);
    json_decref(spots->modules);
    json_decref(spots->known);
    profile_symbols_free(spots->symbols);
    rowan__free(allocator, spots, 1, sizeof *spots);
}

profile_calls profile_spots_calls(const profile_spots *spots, uint32_t chain)
{
    const profile_chain *told = profile_told(spots->records, chain, PROFILE_CHAIN);

    if (told == NULL) {
        return (profile_calls){.count = 0};
    }
    return (profile_calls){spots->calls + spots->chains[chain].first, spots->chains[chain].count,
                           told->is_cut != 0};
}

const profile_spot *profile_spots_at(const profile_spots *spots, uint32_t spot)
{
    return &spots->at[spot];
}

void profile_spots_count(const profile_spots *spots, size_t *places, size_t *functions,
                         size_t *modules)
{
    *places = json_object_size(spots->places);
    *functions = json_object_size(spots->functions);
    *modules = json_object_size(spots->modules);
}
