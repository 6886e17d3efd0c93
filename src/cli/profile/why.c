/*
 * What was seen of a program, and, where that is nothing, why. A detector that saw nothing must not
 * look like one that found nothing.
 */
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/profile/profile.h"

/* --- What was seen. --- */

static const char *file_name(const char *path, size_t size, int *length)
{
    size_t start = size;

    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    *length = (int)(size - start);
    return path + start;
}

/* A client is told of by each process, and twice if it was loaded before it was called. */
static bool is_last_of_library(const profile_records *records, size_t index)
{
    const profile_client *client = records->clients[index];

    for (size_t i = 0; i < records->client_count; i++) {
        const profile_client *other = records->clients[i];
        bool same = other->name_size == client->name_size &&
                    memcmp(other + 1, client + 1, client->name_size) == 0;
        if (same &&
            (other->found > client->found || (other->found == client->found && i > index))) {
            return false;
        }
    }
    return true;
}

/* The hooks of libmariadb stand before libmysqlclient, too, whose structures they do not know. */
static bool has_no_values(const profile_client *client, const char *file, int length)
{
    static const char name[] = "libmariadb", known[] = "libmariadb.so.3";

    return client->name_size == sizeof name - 1 && memcmp(client + 1, name, sizeof name - 1) == 0 &&
           (length < (int)sizeof known - 1 || memcmp(file, known, sizeof known - 1) != 0);
}

static void tell_clients(const profile_records *records, FILE *out)
{
    for (size_t i = 0; i < records->client_count; i++) {
        const profile_client *client = records->clients[i];
        const char *path = (const char *)(client + 1) + client->name_size;
        int length;
        const char *name = file_name(path, client->path_size, &length);
        if (!is_last_of_library(records, i)) {
            continue;
        }
        if (client->found == 0) {
            fprintf(out, "rowan: %.*s is loaded, and none of its functions was called\n", length,
                    name);
        } else {
            fprintf(out, "rowan: %.*s: %u of %u functions are there%s\n", length, name,
                    client->found, client->functions,
                    has_no_values(client, name, length)
                        ? "; statements of this library are recorded without values"
                        : "");
        }
    }
}

static void tell_losses(const profile_folder *folder, FILE *out)
{
    uint64_t lost = atomic_load(&folder->session->lost);

    if (lost > 0) {
        fprintf(out,
                "rowan: %" PRIu64 " records were lost, the first of them because of: %s; set"
                " TMPDIR to where there is room\n",
                lost, strerror(atomic_load(&folder->session->failure)));
    }
}

void profile_tell(const profile_records *records, const profile_folder *folder, size_t statements,
                  FILE *out)
{
    unsigned processes = atomic_load(&folder->session->processes);

    tell_clients(records, out);
    fprintf(out, "rowan: %zu statement%s of %zu process%s, of %u that were watched\n", statements,
            statements == 1 ? "" : "s", records->process_count,
            records->process_count == 1 ? "" : "es", processes);
    tell_losses(folder, out);
}

/* --- Why nothing was. --- */

/* Looks a program up as the shell does. */
static bool find_program(const char *program, char *out, size_t size)
{
    const char *path = getenv("PATH");

    if (strchr(program, '/') != NULL) {
        snprintf(out, size, "%s", program);
        return access(out, X_OK) == 0;
    }
    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");
        snprintf(out, size, "%.*s/%s", (int)length, path, program);
        if (access(out, X_OK) == 0) {
            return true;
        }
        path += length + (path[length] == ':');
    }
    return false;
}

/* Whether a program is an ELF file without a loader, so that nothing can be loaded before it. */
static bool is_static(int file)
{
    Elf64_Ehdr header;
    Elf64_Phdr part;

    if (pread(file, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) {
        return false;
    }
    for (unsigned i = 0; i < header.e_phnum; i++) {
        off_t at = (off_t)(header.e_phoff + (uint64_t)i * header.e_phentsize);
        if (pread(file, &part, sizeof part, at) == (ssize_t)sizeof part &&
            part.p_type == PT_INTERP) {
            return false;
        }
    }
    return true;
}

static void tell_of_program(const char *program, FILE *out)
{
    char path[PATH_MAX];
    struct stat about;
    int file = find_program(program, path, sizeof path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (file < 0) {
        return;
    }
    if (is_static(file)) {
        fprintf(out, "rowan: %s is statically linked: no library can be loaded before it\n", path);
    }
    if (fstat(file, &about) == 0 && (about.st_mode & (S_ISUID | S_ISGID)) != 0) {
        fprintf(out,
                "rowan: %s runs with its owner's rights (setuid), and the loader then heeds no"
                " LD_PRELOAD: run it as that user\n",
                path);
    }
    close(file);
}

void profile_tell_why_nothing(const profile_records *records, const profile_folder *folder,
                              const char *program, FILE *out)
{
    fprintf(out, "rowan: no statement was seen, which says nothing about %s\n", program);
    tell_of_program(program, out);
    tell_losses(folder, out);
    if (atomic_load(&folder->session->processes) == 0) {
        fprintf(out, "rowan: the library was loaded into no process\n");
    } else if (records->client_count == 0) {
        fprintf(out,
                "rowan: neither libsqlite3 nor libpq nor libmariadb was called: a driver may have"
                " its client library linked in, or speak the protocol itself (pgx, JDBC, mysqlnd,"
                " node-postgres)\n");
    } else {
        tell_clients(records, out);
        fprintf(out,
                "rowan: a client library was loaded; it was not used, or it was by a way around"
                " the hooks (RTLD_DEEPBIND, a copy of it that is linked in)\n");
    }
}
