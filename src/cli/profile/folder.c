/* The folder of a session: made before the program runs, read after it, and then removed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/profile/profile.h"

enum { ROWS_CAPTURED = 32 };

static profile_session *make_session(const char *folder, bool values)
{
    char path[PATH_MAX + 16];
    profile_session *session = MAP_FAILED;
    int file;

    snprintf(path, sizeof path, "%s/session", folder);
    file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return NULL;
    }
    errno = posix_fallocate(file, 0, sizeof *session);
    if (errno == 0) {
        session = mmap(NULL, sizeof *session, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    close(file);
    if (session == MAP_FAILED) {
        return NULL;
    }
    session->size = sizeof *session;
    session->began_ns = rowan__now_ns();
    session->writer.values = values;
    session->writer.rows_captured = ROWS_CAPTURED;
    session->version = PROFILE_VERSION;
    if (getrandom(session->writer.secret, sizeof session->writer.secret, 0) !=
        (ssize_t)sizeof session->writer.secret) {
        munmap(session, sizeof *session);
        return NULL;
    }
    return session;
}

/*
 * Where folders are made. Memory is preferred if there is plenty: on a disk, a program that waits
 * for its own writes would wait for the records, too.
 */
static const char *above_folder(void)
{
    static const char memory[] = "/dev/shm";
    static const uint64_t plenty = (uint64_t)1 << 30;
    const char *given = getenv("TMPDIR");
    struct statvfs room;

    if (given != NULL && given[0] == '/') {
        return given;
    }
    return access(memory, W_OK | X_OK) == 0 && statvfs(memory, &room) == 0 &&
                   (uint64_t)room.f_bavail * room.f_frsize >= plenty
               ? memory
               : "/tmp";
}

rowan_status profile_folder_make(profile_folder *out, bool values, rowan_error *error)
{
    const char *above = above_folder();
    int failure;

    *out = (profile_folder){.session = NULL};
    snprintf(out->path, sizeof out->path, "%s/rowan-profile-XXXXXX", above);
    if (mkdtemp(out->path) == NULL) {
        failure = errno;
        out->path[0] = '\0';
        return rowan__fail(error, ROWAN_IO, "cannot make a folder in %.150s: %s", above,
                           strerror(failure));
    }
    out->session = make_session(out->path, values);
    if (out->session == NULL) {
        failure = errno;
        profile_folder_remove(out);
        return rowan__fail(error, failure == ENOSPC ? ROWAN_FULL : ROWAN_IO,
                           "cannot record in %.150s: %s", above, strerror(failure));
    }
    return ROWAN_OK;
}

void profile_folder_remove(profile_folder *folder)
{
    DIR *listing = folder->path[0] != '\0' ? opendir(folder->path) : NULL;
    struct dirent *at;

    while (listing != NULL && (at = readdir(listing)) != NULL) {
        (void)unlinkat(dirfd(listing), at->d_name, 0);
    }
    if (listing != NULL) {
        closedir(listing);
        (void)rmdir(folder->path);
    }
    if (folder->session != NULL) {
        munmap(folder->session, sizeof *folder->session);
    }
    *folder = (profile_folder){.session = NULL};
}
