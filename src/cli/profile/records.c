/*
 * Reading what the processes recorded. A file is mapped and gone through region by region; nothing
 * is believed about sizes, since a process may have been killed at any point.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "cli/profile/profile.h"

/* The beginning of a name up to a version or an ending. */
static bool begins_with_word(const char *name, size_t size, const char *word)
{
    size_t length = strlen(word);

    return size >= length && memcmp(name, word, length) == 0 &&
           (size == length || strchr("0123456789.-", name[length]) != NULL);
}

bool profile_is_interpreter(const char *path, size_t size)
{
    static const char *const names[] = {"python", "ruby",  "perl",   "php",  "node",     "lua",
                                        "luajit", "tclsh", "tcl",    "java", "jvm",      "guile",
                                        "R",      "mono",  "dotnet", "beam", "monosgen", "erl",
                                        "octave", "julia", "v8",     "hhvm", "coreclr"};
    size_t start = size;

    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    path += start;
    size -= start;
    if (size > 3 && memcmp(path, "lib", 3) == 0) {
        path += 3;
        size -= 3;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (begins_with_word(path, size, names[i])) {
            return true;
        }
    }
    return false;
}

/* --- Records. --- */

static size_t fixed_size(uint32_t kind)
{
    switch ((profile_kind)kind) {
    case PROFILE_PROCESS:
        return sizeof(profile_process);
    case PROFILE_CLIENT:
        return sizeof(profile_client);
    case PROFILE_CONNECTION:
        return sizeof(profile_connection);
    case PROFILE_TEXT:
        return sizeof(profile_text);
    case PROFILE_COLUMNS:
        return sizeof(profile_columns);
    case PROFILE_SITE:
        return sizeof(profile_site);
    case PROFILE_CHAIN:
        return sizeof(profile_chain);
    case PROFILE_STATEMENT:
        return sizeof(profile_statement);
    case PROFILE_READS:
        return sizeof(profile_reads);
    }
    return SIZE_MAX;
}

/* What follows the fixed part, as the record says. */
static uint64_t tail_size(const profile_record *record)
{
    const void *whole = record;

    switch ((profile_kind)record->kind) {
    case PROFILE_PROCESS:
        return ((const profile_process *)whole)->path_size;
    case PROFILE_CLIENT:
        return (uint64_t)((const profile_client *)whole)->name_size +
               ((const profile_client *)whole)->path_size;
    case PROFILE_CONNECTION:
        return ((const profile_connection *)whole)->name_size;
    case PROFILE_TEXT:
        return (uint64_t)((const profile_text *)whole)->slot_count * sizeof(profile_slot) +
               ((const profile_text *)whole)->sql_size;
    case PROFILE_COLUMNS:
        return ((const profile_columns *)whole)->names_size;
    case PROFILE_SITE:
        return (uint64_t)((const profile_site *)whole)->path_size +
               ((const profile_site *)whole)->name_size;
    case PROFILE_CHAIN:
        return (uint64_t)((const profile_chain *)whole)->count * sizeof(uint32_t);
    case PROFILE_STATEMENT:
        return (uint64_t)((const profile_statement *)whole)->values_size +
               ((const profile_statement *)whole)->error_size;
    case PROFILE_READS:
        return 0;
    }
    return UINT64_MAX;
}

static bool take_owner(profile_records *out, const profile_process *process)
{
    if (!rowan__grow(out->allocator, (void **)&out->owners, &out->owner_capacity, out->owner_count,
                     sizeof *out->owners)) {
        return false;
    }
    const char *path = (const char *)(process + 1);
    out->owners[out->owner_count++] =
        (profile_owner){process->process, process->thread, path, process->path_size,
                        profile_is_interpreter(path, process->path_size)};
    return true;
}

static void take_told(profile_records *out, uint32_t id, const profile_record *record)
{
    if (id < out->told_count) {
        out->told[id] = record;
    }
}

static bool take_client(profile_records *out, const profile_client *client)
{
    bool grown = rowan__grow(out->allocator, (void **)&out->clients, &out->client_capacity,
                             out->client_count, sizeof *out->clients);

    if (grown) {
        out->clients[out->client_count++] = client;
    }
    return grown;
}

static bool take_statement(profile_records *out, const profile_statement *statement)
{
    if (out->owner_count == 0) {
        return true;
    }
    bool grown =
        rowan__grow(out->allocator, (void **)&out->at, &out->capacity, out->count, sizeof *out->at);
    if (grown) {
        out->at[out->count++] = (profile_execution){statement, out->owner_count - 1};
    }
    return grown;
}

static bool take_reads(profile_records *out, const profile_reads *reads)
{
    bool grown = rowan__grow(out->allocator, (void **)&out->reads, &out->reads_capacity,
                             out->reads_count, sizeof *out->reads);

    if (grown) {
        out->reads[out->reads_count++] = reads;
    }
    return grown;
}

/* @return false if memory ran out */
static bool take_record(profile_records *out, const profile_record *record)
{
    const void *whole = record;

    switch ((profile_kind)record->kind) {
    case PROFILE_PROCESS:
        return take_owner(out, whole);
    case PROFILE_CLIENT:
        return take_client(out, whole);
    case PROFILE_CONNECTION:
        take_told(out, ((const profile_connection *)whole)->id, record);
        return true;
    case PROFILE_TEXT:
        take_told(out, ((const profile_text *)whole)->id, record);
        return true;
    case PROFILE_COLUMNS:
        take_told(out, ((const profile_columns *)whole)->id, record);
        return true;
    case PROFILE_SITE:
        take_told(out, ((const profile_site *)whole)->id, record);
        return true;
    case PROFILE_CHAIN:
        take_told(out, ((const profile_chain *)whole)->id, record);
        return true;
    case PROFILE_STATEMENT:
        return take_statement(out, whole);
    case PROFILE_READS:
        return take_reads(out, whole);
    }
    return true;
}

static bool take_region(profile_records *out, const char *region, size_t region_size)
{
    size_t at = sizeof(profile_region);

    while (at + sizeof(profile_record) <= region_size) {
        const profile_record *record = (const void *)(region + at);
        size_t size = atomic_load_explicit(&record->size, memory_order_acquire);
        if (size == 0) {
            return true; /* the rest is empty */
        }
        size_t fixed = fixed_size(record->kind);
        if (size > region_size - at || size % 8 != 0 || fixed > size ||
            tail_size(record) > size - fixed) {
            return true;
        }
        if (!take_record(out, record)) {
            return false;
        }
        at += size;
    }
    return true;
}

static bool take_file(profile_records *out, const char *data, size_t size)
{
    size_t at = 0;

    while (at + sizeof(profile_region) <= size) {
        const profile_region *region = (const void *)(data + at);
        if (region->magic != PROFILE_MAGIC) {
            at += PROFILE_REGION; /* room that was made and not used */
            continue;
        }
        if (region->size == 0 || region->size % PROFILE_REGION != 0 || region->size > size - at) {
            return true;
        }
        if (!take_region(out, data + at, (size_t)region->size)) {
            return false;
        }
        at += (size_t)region->size;
    }
    return true;
}

/* --- Files. --- */

static rowan_status read_file(profile_records *out, const char *folder, const char *name,
                              rowan_error *error)
{
    char path[PATH_MAX + 300];
    struct stat about = {0};
    void *data = MAP_FAILED;
    int file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && fstat(file, &about) == 0 && about.st_size > 0) {
        data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, file, 0);
    }
    if (file >= 0) {
        close(file);
    }
    if (data == MAP_FAILED) {
        return about.st_size == 0 && file >= 0
                   ? ROWAN_OK
                   : rowan__fail(error, ROWAN_IO, "cannot read %.150s: %s", path, strerror(errno));
    }
    if (!rowan__grow(out->allocator, (void **)&out->files, &out->file_capacity, out->file_count,
                     sizeof *out->files)) {
        munmap(data, (size_t)about.st_size);
        return rowan__fail_nomem(error);
    }
    out->files[out->file_count].data = data;
    out->files[out->file_count++].size = (size_t)about.st_size;
    return take_file(out, data, (size_t)about.st_size) ? ROWAN_OK : rowan__fail_nomem(error);
}

static bool is_records(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL && strcmp(dot, ".records") == 0;
}

static int by_start(const void *a, const void *b)
{
    const profile_execution *x = a, *y = b;

    if (x->record->start_ns != y->record->start_ns) {
        return x->record->start_ns < y->record->start_ns ? -1 : 1;
    }
    return x->record < y->record ? -1 : x->record > y->record;
}

static int by_watched(const void *a, const void *b)
{
    const profile_reads *x = *(const profile_reads *const *)a;
    const profile_reads *y = *(const profile_reads *const *)b;

    return x->watched < y->watched ? -1 : x->watched > y->watched;
}

static size_t count_processes(const profile_records *records)
{
    size_t count = 0;

    for (size_t i = 0; i < records->owner_count; i++) {
        bool is_first = true;
        for (size_t j = 0; j < i && is_first; j++) {
            is_first = records->owners[j].process != records->owners[i].process;
        }
        count += is_first;
    }
    return count;
}

rowan_status profile_records_read(profile_records *out, const profile_folder *folder,
                                  rowan_error *error)
{
    DIR *listing = opendir(folder->path);
    rowan_status status = ROWAN_OK;
    struct dirent *at;

    *out = (profile_records){.allocator = &rowan__default_allocator};
    out->told_count = (size_t)atomic_load(&folder->session->next_id) + 1;
    out->told = rowan__new(out->allocator, out->told_count, sizeof *out->told);
    if (listing == NULL || out->told == NULL) {
        status = listing == NULL ? rowan__fail(error, ROWAN_IO, "cannot read %.150s: %s",
                                               folder->path, strerror(errno))
                                 : rowan__fail_nomem(error);
    }
    while (status == ROWAN_OK && (at = readdir(listing)) != NULL) {
        if (is_records(at->d_name)) {
            status = read_file(out, folder->path, at->d_name, error);
        }
    }
    if (listing != NULL) {
        closedir(listing);
    }
    if (out->count > 0) {
        qsort(out->at, out->count, sizeof *out->at, by_start);
    }
    if (out->reads_count > 0) {
        qsort(out->reads, out->reads_count, sizeof *out->reads, by_watched);
    }
    out->process_count = count_processes(out);
    return status;
}

void profile_records_fini(profile_records *records)
{
    for (size_t i = 0; i < records->file_count; i++) {
        munmap(records->files[i].data, records->files[i].size);
    }
    rowan__free(records->allocator, records->files, records->file_capacity, sizeof *records->files);
    rowan__free(records->allocator, records->owners, records->owner_capacity,
                sizeof *records->owners);
    rowan__free(records->allocator, records->told, records->told_count, sizeof *records->told);
    rowan__free(records->allocator, records->clients, records->client_capacity,
                sizeof *records->clients);
    rowan__free(records->allocator, records->at, records->capacity, sizeof *records->at);
    rowan__free(records->allocator, records->reads, records->reads_capacity,
                sizeof *records->reads);
}

const void *profile_told(const profile_records *records, uint32_t id, profile_kind kind)
{
    const profile_record *record = id < records->told_count ? records->told[id] : NULL;

    return record != NULL && record->kind == (uint32_t)kind ? record : NULL;
}

bool profile_reads_of(const profile_records *records, const profile_statement *statement,
                      uint64_t *rows, uint64_t *columns)
{
    size_t low = 0, high = records->reads_count;

    if (statement->knows_read) {
        *rows = statement->rows;
        *columns = statement->read;
        return statement->columns != 0;
    }
    if (statement->watched == 0) {
        return false;
    }
    while (low < high) { /* the first that is not about an earlier one */
        size_t middle = low + (high - low) / 2;
        if (records->reads[middle]->watched < statement->watched) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *rows = *columns = 0;
    for (high = low;
         high < records->reads_count && records->reads[high]->watched == statement->watched;
         high++) {
        *rows += records->reads[high]->rows;
        *columns |= records->reads[high]->columns;
    }
    return high > low;
}
