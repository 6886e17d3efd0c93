/*
 * A thread keeps its buffer until it ends; another thread then goes on with it. A lock is taken at
 * these two moments only.
 *
 * A forked child must leave its parent's file alone. Its mappings are not inherited, and that it
 * forked shows in a page that the kernel empties in a child, which holds for every way to fork;
 * where the kernel cannot, a handler of fork() does it.
 *
 * A file is opened by its name for each region and closed again: programs close descriptors that
 * they do not know, and would find ours under a number of theirs.
 */
#define _GNU_SOURCE
#include "preload/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RETRY_AFTER = 256 /* records that are lost before the disk is tried again */ };

typedef struct buffer {
    struct buffer *next;  /* that no thread has */
    struct buffer *other; /* of all */
    unsigned number;
    uint64_t file_size;
    char *region; /* NULL: none is mapped */
    size_t region_size, used;
    unsigned until_retry;
    void *memories[BUFFER_MEMORIES];
} buffer;

static struct {
    char folder[PATH_MAX];
    char program[PATH_MAX];
    pthread_key_t key;
    pthread_mutex_t lock;
    buffer *spare, *all;
    atomic_uint *is_same; /* one of `sameness` */
    atomic_uint generation;
    pthread_once_t once;
} own = {.lock = PTHREAD_MUTEX_INITIALIZER, .generation = 1, .once = PTHREAD_ONCE_INIT};

/* What a process knows of itself. */
enum sameness { FORKED = 0, SAME, BEGINNING };

buffer_state rowan__buffer;
static _Thread_local buffer *mine;
static _Thread_local unsigned mine_since; /* the generation in which it was taken */

void buffer_lose(int failure)
{
    int none = 0;

    atomic_fetch_add(&rowan__buffer.session->lost, 1);
    atomic_compare_exchange_strong(&rowan__buffer.session->failure, &none, failure);
}

/* --- Forking. --- */

static void note_fork(void)
{
    atomic_store(own.is_same, FORKED);
}

/* What was told before the fork was told for the child, too. Another thread may have been at it:
 * then it is not what it seems. */
static void forget_told(buffer *b)
{
    for (size_t i = 0; i < BUFFER_MEMORIES; i++) {
        free(b->memories[i]);
        b->memories[i] = NULL;
    }
}

/* The parent's threads are not here, but what they had is. */
static void take_over(buffer *b)
{
    if (b != mine) {
        forget_told(b);
    }
    b->number = atomic_fetch_add(&rowan__buffer.session->files, 1);
    b->region = NULL;
    b->file_size = b->region_size = b->used = 0;
    b->until_retry = 0;
}

static void begin_child(void)
{
    atomic_fetch_add(&own.generation, 1);
    pthread_mutex_init(&own.lock, NULL); /* its holder may be a thread that is not here */
    own.spare = NULL;
    for (buffer *b = own.all; b != NULL; b = b->other) {
        take_over(b);
        b->next = own.spare;
        own.spare = b;
    }
    atomic_fetch_add(&rowan__buffer.session->processes, 1);
}

static unsigned generation_now(void)
{
    unsigned forked = FORKED;

    if (atomic_load_explicit(own.is_same, memory_order_acquire) == SAME) {
        return atomic_load_explicit(&own.generation, memory_order_relaxed);
    }
    if (atomic_compare_exchange_strong(own.is_same, &forked, BEGINNING)) {
        begin_child();
        atomic_store_explicit(own.is_same, SAME, memory_order_release);
    }
    while (atomic_load_explicit(own.is_same, memory_order_acquire) != SAME) {
        sched_yield(); /* another thread of the child is at it */
    }
    return atomic_load_explicit(&own.generation, memory_order_relaxed);
}

/* --- Files. --- */

/* Whether the file may become so large: beyond its limit, the program would get a signal. */
static bool may_grow(uint64_t size)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
           size <= limit.rlim_cur;
}

static void *map_region(const buffer *b, size_t size)
{
    char path[PATH_MAX + 32];
    void *region = MAP_FAILED;
    int failure = EFBIG, file;

    snprintf(path, sizeof path, "%s/%u.records", own.folder, b->number);
    if (may_grow(b->file_size + size)) {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        failure = file < 0 ? errno : posix_fallocate(file, (off_t)b->file_size, (off_t)size);
        if (failure == 0) {
            region =
                mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)b->file_size);
            failure = region == MAP_FAILED ? errno : 0;
        }
        if (file >= 0) {
            close(file);
        }
    }
    errno = failure;
    return region != MAP_FAILED ? region : NULL;
}

/* Says who writes from here on. There is room for it at the beginning of a region. */
static void tell_process(buffer *b)
{
    profile_process *process = (void *)(b->region + b->used);
    size_t path_size = strlen(own.program);
    size_t size = (sizeof *process + path_size + 7) & ~(size_t)7;

    if (b->used + size > b->region_size) {
        return; /* so the next region begins with it */
    }
    process->record.kind = PROFILE_PROCESS;
    process->process = (uint32_t)getpid();
    process->thread = (uint32_t)syscall(SYS_gettid);
    process->path_size = (uint32_t)path_size;
    memcpy(process + 1, own.program, path_size);
    b->used += size;
    atomic_store_explicit(&process->record.size, (unsigned)size, memory_order_release);
}

/* Goes on to a new region with room for a record. */
static bool next_region(buffer *b, size_t size)
{
    size_t first = sizeof(profile_region) + sizeof(profile_process) + PATH_MAX;
    size_t wanted = (first + size + PROFILE_REGION) / PROFILE_REGION * PROFILE_REGION;
    char *region = map_region(b, wanted);

    if (region == NULL) {
        return false;
    }
    (void)madvise(region, wanted, MADV_DONTFORK);
#ifdef MADV_POPULATE_WRITE
    (void)madvise(region, wanted, MADV_POPULATE_WRITE); /* at once, not page by page */
#endif
    if (b->region != NULL) {
        munmap(b->region, b->region_size);
    }
    *(profile_region *)(void *)region = (profile_region){PROFILE_MAGIC, wanted};
    b->region = region;
    b->region_size = wanted;
    b->file_size += wanted;
    b->used = sizeof(profile_region);
    tell_process(b);
    return true;
}

/* --- Buffers of threads. --- */

static void give_back(void *given)
{
    buffer *b = given;

    mine = NULL;
    if (mine_since != generation_now()) {
        return;
    }
    pthread_mutex_lock(&own.lock);
    b->next = own.spare;
    own.spare = b;
    pthread_mutex_unlock(&own.lock);
}

static buffer *take_spare(void)
{
    pthread_mutex_lock(&own.lock);
    buffer *b = own.spare;
    own.spare = b != NULL ? b->next : NULL;
    pthread_mutex_unlock(&own.lock);
    return b;
}

static buffer *take_buffer(void)
{
    buffer *b = take_spare();

    if (b == NULL && (b = calloc(1, sizeof *b)) != NULL) {
        b->number = atomic_fetch_add(&rowan__buffer.session->files, 1);
        pthread_mutex_lock(&own.lock);
        b->other = own.all;
        own.all = b;
        pthread_mutex_unlock(&own.lock);
    }
    if (b != NULL) {
        pthread_setspecific(own.key, b);
    }
    return b;
}

static void *reserve_in(buffer *b, profile_kind kind, size_t size)
{
    profile_record *record;

    if (b->region == NULL || b->used + size > b->region_size) {
        if (b->until_retry > 0) {
            b->until_retry--;
            buffer_lose(ENOSPC);
            return NULL;
        }
        if (!next_region(b, size)) {
            buffer_lose(errno);
            b->until_retry = RETRY_AFTER;
            return NULL;
        }
    }
    record = (void *)(b->region + b->used);
    record->kind = kind;
    return record;
}

/* The buffer of this thread, of this process. */
static buffer *buffer_of_thread(void)
{
    unsigned generation = generation_now();

    if (mine == NULL || mine_since != generation) {
        mine = take_buffer();
        mine_since = generation;
        if (mine != NULL && mine->region != NULL) {
            tell_process(mine);
        }
    }
    return mine;
}

void *buffer_reserve(profile_kind kind, size_t size)
{
    buffer *b = buffer_of_thread();
    void *record;

    if (b == NULL) {
        buffer_lose(ENOMEM);
        return NULL;
    }
    size = (size + 7) & ~(size_t)7;
    record = size <= UINT32_MAX / 2 ? reserve_in(b, kind, size) : NULL;
    b->used += record != NULL ? size : 0;
    return record;
}

void *buffer_remembered(buffer_memory which, size_t size)
{
    buffer *b = buffer_of_thread();

    if (b == NULL) {
        return NULL;
    }
    if (b->memories[which] == NULL) {
        b->memories[which] = calloc(1, size);
    }
    return b->memories[which];
}

void buffer_publish(void *record)
{
    profile_record *header = record;
    size_t size = (size_t)(mine->region + mine->used - (char *)record);

    atomic_store_explicit(&header->size, (unsigned)size, memory_order_release);
}

/* --- The session. --- */

const char *buffer_program(void)
{
    return own.program;
}

/* A page that is empty in every forked child. */
static bool watch_forks(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED) {
        return false;
    }
    own.is_same = page;
    atomic_store(own.is_same, SAME);
    return (madvise(page, size, MADV_WIPEONFORK) == 0 ||
            pthread_atfork(NULL, NULL, note_fork) == 0) &&
           pthread_key_create(&own.key, give_back) == 0;
}

static profile_session *map_session(const char *folder)
{
    char path[PATH_MAX + 32];
    profile_session *session;
    int file;

    snprintf(path, sizeof path, "%s/session", folder);
    file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        return NULL;
    }
    session = mmap(NULL, sizeof *session, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (session != MAP_FAILED && session->version == PROFILE_VERSION &&
        session->size == sizeof *session) {
        return session;
    }
    return NULL;
}

static void open_session(void)
{
    const char *folder = getenv(PROFILE_FOLDER);
    profile_session *session;
    ssize_t size;

    if (folder != NULL && strlen(folder) < sizeof own.folder) {
        memcpy(own.folder, folder, strlen(folder) + 1);
        size = readlink("/proc/self/exe", own.program, sizeof own.program - 1);
        own.program[size > 0 ? size : 0] = '\0';
        session = map_session(folder);
        if (session != NULL && watch_forks()) {
            atomic_fetch_add(&session->processes, 1);
            rowan__buffer.session = session;
        }
    }
    atomic_store(&rowan__buffer.is_open, true);
}

void buffer_open(void)
{
    pthread_once(&own.once, open_session);
}
