/*
 * What a savepoint or a statement of many rows may have to undo stays in memory, up to a bound.
 *
 * SQLite keeps the pages as they were before in 64 KiB and then in a file, which is made and
 * removed in each transaction and takes as long as writing sixteen pages did. What it offers is no
 * way for a library: the bound is one of the process, and temp_store keeps temporary tables and
 * sorts in memory too, however large. So connections are opened by a file system of our own that is
 * SQLite's but for such files: theirs are in memory until they grow as large as SQLite's page
 * cache.
 *
 * The file system is known to SQLite while a connection of ours is open. If the program's default
 * is not one of SQLite's own, it is left alone.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "driver/sqlite/sqlite_private.h"

enum {
    CHUNK_SIZE = 64 * 1024,
    CHUNKS = 32, /* 2 MiB in all */
    PIECE = 1024 /* copied at once: few enough that the C library does it by registers */
};

/* A file in memory; behind it in its memory is room for a real one. */
typedef struct undo_file {
    sqlite3_file base;
    sqlite3_file *real; /* once it is on disk */
    int flags;          /* as SQLite opened it */
    sqlite3_int64 size;
    char *chunks[CHUNKS]; /* NULL: not written yet */
} undo_file;

static struct {
    pthread_mutex_t lock;
    unsigned connections; /* open ones; 0: the rest means nothing */
    sqlite3_vfs vfs;
    sqlite3_vfs *below;
    char name[48];
} ours = {.lock = PTHREAD_MUTEX_INITIALIZER};

static undo_file *as_undo(sqlite3_file *file)
{
    return (undo_file *)file;
}

static void free_chunks(undo_file *file)
{
    for (size_t i = 0; i < CHUNKS; i++) {
        sqlite3_free(file->chunks[i]);
        file->chunks[i] = NULL;
    }
}

/* How many bytes can be copied at once from a place on, of those that are asked for. */
static int piece_at(sqlite3_int64 at, int size)
{
    int left = (int)(PIECE - at % PIECE);

    return size < left ? size : left;
}

static char *place_of(const undo_file *file, sqlite3_int64 at)
{
    return file->chunks[at / CHUNK_SIZE] + at % CHUNK_SIZE;
}

static int open_real(undo_file *file)
{
    sqlite3_file *real = (sqlite3_file *)(file + 1);
    int code = ours.below->xOpen(ours.below, NULL, real, file->flags, NULL);

    if (code == SQLITE_OK) {
        file->real = real;
    } else if (real->pMethods) {
        real->pMethods->xClose(real);
    }
    return code;
}

/* From memory to disk. A failure leaves it in memory. */
static int move_to_disk(undo_file *file)
{
    int code = open_real(file);

    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < file->size; at += CHUNK_SIZE) {
        sqlite3_int64 left = file->size - at;
        code = file->real->pMethods->xWrite(file->real, place_of(file, at),
                                            left < CHUNK_SIZE ? (int)left : CHUNK_SIZE, at);
    }
    if (code == SQLITE_OK) {
        free_chunks(file);
    } else if (file->real) {
        file->real->pMethods->xClose(file->real);
        file->real = NULL;
    }
    return code;
}

/* Makes the chunks up to a size. false: there is no room for so much in memory. */
static bool reserve(undo_file *file, sqlite3_int64 size)
{
    if (size > (sqlite3_int64)CHUNKS * CHUNK_SIZE) {
        return false;
    }
    for (sqlite3_int64 i = 0; i * CHUNK_SIZE < size; i++) {
        if (!file->chunks[i]) {
            file->chunks[i] = sqlite3_malloc(CHUNK_SIZE);
            if (!file->chunks[i]) {
                return false;
            }
        }
    }
    return true;
}

/* --- The methods of a file. --- */

static int undo_close(sqlite3_file *base)
{
    undo_file *file = as_undo(base);

    free_chunks(file);
    return file->real ? file->real->pMethods->xClose(file->real) : SQLITE_OK;
}

static int undo_read(sqlite3_file *base, void *out, int size, sqlite3_int64 at)
{
    undo_file *file = as_undo(base);
    sqlite3_int64 there = at < file->size ? file->size - at : 0;
    int known = there < size ? (int)there : size;
    char *to = out;

    if (file->real) {
        return file->real->pMethods->xRead(file->real, out, size, at);
    }
    memset(to + known, 0, (size_t)(size - known));
    for (int done = 0, part; done < known; done += part) {
        part = piece_at(at + done, known - done);
        memcpy(to + done, place_of(file, at + done), (size_t)part);
    }
    return known == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int undo_write(sqlite3_file *base, const void *data, int size, sqlite3_int64 at)
{
    undo_file *file = as_undo(base);
    const char *from = data;

    if (!file->real && !reserve(file, at + size)) {
        int code = move_to_disk(file);
        if (code != SQLITE_OK) {
            return code;
        }
    }
    if (file->real) {
        return file->real->pMethods->xWrite(file->real, data, size, at);
    }
    for (; file->size < at; file->size++) {
        *place_of(file, file->size) = 0; /* a gap, which SQLite does not leave */
    }
    for (int done = 0, part; done < size; done += part) {
        part = piece_at(at + done, size - done);
        memcpy(place_of(file, at + done), from + done, (size_t)part);
    }
    file->size = at + size > file->size ? at + size : file->size;
    return SQLITE_OK;
}

static int undo_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    undo_file *file = as_undo(base);

    if (file->real) {
        return file->real->pMethods->xTruncate(file->real, size);
    }
    file->size = size < file->size ? size : file->size;
    return SQLITE_OK;
}

static int undo_sync(sqlite3_file *base, int flags)
{
    sqlite3_file *real = as_undo(base)->real;

    return real ? real->pMethods->xSync(real, flags) : SQLITE_OK;
}

static int undo_size(sqlite3_file *base, sqlite3_int64 *out)
{
    undo_file *file = as_undo(base);

    *out = file->size;
    return file->real ? file->real->pMethods->xFileSize(file->real, out) : SQLITE_OK;
}

static int undo_lock(sqlite3_file *base, int level)
{
    (void)base; /* nobody else sees it */
    (void)level;
    return SQLITE_OK;
}

static int undo_check_lock(sqlite3_file *base, int *out)
{
    (void)base;
    *out = 0;
    return SQLITE_OK;
}

static int undo_control(sqlite3_file *base, int what, void *argument)
{
    (void)base;
    (void)what;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int undo_trait(sqlite3_file *base)
{
    (void)base; /* the default sector, and no promises */
    return 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = undo_close,
    .xRead = undo_read,
    .xWrite = undo_write,
    .xTruncate = undo_truncate,
    .xSync = undo_sync,
    .xFileSize = undo_size,
    .xLock = undo_lock,
    .xUnlock = undo_lock,
    .xCheckReservedLock = undo_check_lock,
    .xFileControl = undo_control,
    .xSectorSize = undo_trait,
    .xDeviceCharacteristics = undo_trait,
};

/* --- The file system. --- */

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                     int *out_flags)
{
    undo_file *file = as_undo(base);

    (void)vfs;
    if (name || (flags & SQLITE_OPEN_SUBJOURNAL) == 0) {
        return ours.below->xOpen(ours.below, name, base, flags, out_flags);
    }
    memset(file, 0, sizeof *file + (size_t)ours.below->szOsFile);
    file->base.pMethods = &methods;
    file->flags = flags;
    if (out_flags) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

/* The other functions of SQLite's own file systems do not ask whose they are. */
static void make_file_system(sqlite3_vfs *below)
{
    snprintf(ours.name, sizeof ours.name, "rowan-%p", (void *)&ours); /* there may be two copies */
    ours.below = below;
    ours.vfs = *below;
    ours.vfs.zName = ours.name;
    ours.vfs.pNext = NULL;
    ours.vfs.szOsFile = (int)sizeof(undo_file) + below->szOsFile;
    ours.vfs.xOpen = open_file;
}

const char *rowan__sqlite_undo_ref(void)
{
    sqlite3_vfs *below = sqlite3_vfs_find(NULL);
    const char *name = NULL;

    if (!below || strncmp(below->zName, "unix", 4) != 0) {
        return NULL;
    }
    pthread_mutex_lock(&ours.lock);
    if (ours.connections == 0) {
        make_file_system(below);
    }
    if (ours.below == below &&
        (ours.connections > 0 || sqlite3_vfs_register(&ours.vfs, 0) == SQLITE_OK)) {
        ours.connections++;
        name = ours.name;
    }
    pthread_mutex_unlock(&ours.lock);
    return name;
}

void rowan__sqlite_undo_unref(const char *name)
{
    if (!name) {
        return;
    }
    pthread_mutex_lock(&ours.lock);
    if (--ours.connections == 0) {
        sqlite3_vfs_unregister(&ours.vfs);
    }
    pthread_mutex_unlock(&ours.lock);
}
