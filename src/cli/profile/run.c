/*
 * Running the program. Its standard streams are the caller's own. A signal from the terminal
 * reaches it by itself, as it is of the same group; one that somebody sent to this process alone is
 * passed on. Either way the program decides what becomes of it, and what it did is still reported.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/profile/profile.h"

#define LIBRARY "librowan_profile.so"

static bool is_there(const char *path)
{
    return access(path, R_OK) == 0;
}

/* As the variable says; else beside the command, as it is built; else where it is installed. */
rowan_status profile_find_library(char *out, size_t size, rowan_error *error)
{
    const char *given = getenv("ROWAN_PROFILE_LIBRARY");
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash;

    if (given != NULL) {
        snprintf(out, size, "%s", given);
        return is_there(out) ? ROWAN_OK
                             : rowan__fail(error, ROWAN_NOT_FOUND,
                                           "ROWAN_PROFILE_LIBRARY is %.150s, and no file", given);
    }
    self[length > 0 ? length : 0] = '\0';
    slash = strrchr(self, '/');
    if (slash != NULL) {
        *slash = '\0';
        snprintf(out, size, "%s/" LIBRARY, self);
        if (is_there(out)) {
            return ROWAN_OK;
        }
        snprintf(out, size, "%s/" ROWAN_LIBRARIES "/" LIBRARY, self);
        if (is_there(out)) {
            return ROWAN_OK;
        }
    }
    return rowan__fail(error, ROWAN_NOT_FOUND,
                       "cannot find " LIBRARY ": set ROWAN_PROFILE_LIBRARY to its path");
}

/* --- In the child. --- */

static bool set_environment(const profile_folder *folder, const char *library)
{
    const char *before = getenv("LD_PRELOAD");
    char *all = NULL;
    size_t size = strlen(library) + (before != NULL ? strlen(before) : 0) + 2;
    bool done;

    all = malloc(size);
    if (all == NULL) {
        return false;
    }
    snprintf(all, size, "%s%s%s", library, before != NULL && before[0] != '\0' ? ":" : "",
             before != NULL ? before : "");
    done = setenv("LD_PRELOAD", all, 1) == 0 && setenv(PROFILE_FOLDER, folder->path, 1) == 0;
    free(all);
    return done;
}

static _Noreturn void become(char *const *arguments, const profile_folder *folder,
                             const char *library, const sigset_t *mask, int tell)
{
    int failure = ENOMEM;

    if (set_environment(folder, library)) {
        sigprocmask(SIG_SETMASK, mask, NULL);
        execvp(arguments[0], arguments);
        failure = errno;
    }
    while (write(tell, &failure, sizeof failure) < 0 && errno == EINTR) {
    }
    _exit(127);
}

/* --- In the parent. --- */

/* Waits for the program, and passes signals on to it that it did not get itself. */
static int wait_for(pid_t program, const sigset_t *watched)
{
    siginfo_t info;
    int status = 0;

    for (;;) {
        pid_t ended = waitpid(program, &status, WNOHANG);
        if (ended == program) {
            return status;
        }
        int number = sigwaitinfo(watched, &info);
        if (number > 0 && number != SIGCHLD && info.si_code <= 0) {
            (void)kill(program, number);
        }
    }
}

static void note_end(int status, profile_end *out)
{
    out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    out->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + out->signal;
}

static pid_t start(char *const *arguments, const profile_folder *folder, const char *library,
                   const sigset_t *mask, int *failure)
{
    int tell[2];
    pid_t program = -1;

    if (pipe2(tell, O_CLOEXEC) != 0) {
        *failure = errno;
        return -1;
    }
    program = fork();
    if (program == 0) {
        become(arguments, folder, library, mask, tell[1]);
    }
    *failure = program < 0 ? errno : 0;
    close(tell[1]);
    if (program > 0) {
        while (read(tell[0], failure, sizeof *failure) < 0 && errno == EINTR) {
        }
    }
    close(tell[0]);
    return program;
}

rowan_status profile_run(char *const *arguments, const profile_folder *folder, profile_end *out,
                         rowan_error *error)
{
    static const int watched_signals[] = {SIGCHLD, SIGINT,  SIGTERM, SIGHUP,
                                          SIGQUIT, SIGUSR1, SIGUSR2};
    char library[PATH_MAX];
    sigset_t watched, before;
    int failure = 0;
    pid_t program;

    *out = (profile_end){.status = 0};
    if (profile_find_library(library, sizeof library, error) != ROWAN_OK) {
        return ROWAN_NOT_FOUND;
    }
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof watched_signals / sizeof watched_signals[0]; i++) {
        sigaddset(&watched, watched_signals[i]);
    }
    sigprocmask(SIG_BLOCK, &watched, &before);
    program = start(arguments, folder, library, &before, &failure);
    if (program > 0) {
        note_end(wait_for(program, &watched), out);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return failure == 0 ? ROWAN_OK
                        : rowan__fail(error, ROWAN_NOT_FOUND, "cannot run %.150s: %s", arguments[0],
                                      strerror(failure));
}
