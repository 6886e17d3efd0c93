/* Puts the written files in their place: whole, or not at all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "schema/write.h"

/* Whether the file has exactly this content, so that a build need not compile it again. */
static bool has_content(const char *path, const rowan__text *text)
{
    const char *wanted = rowan__text_string(text);
    FILE *file = fopen(path, "rb");
    char buffer[4096];
    size_t at = 0, got;
    bool equal = true;

    if (file == NULL) {
        return false;
    }
    while (equal && (got = fread(buffer, 1, sizeof buffer, file)) > 0) {
        equal = got <= text->size - at && memcmp(buffer, wanted + at, got) == 0;
        at += got;
    }
    equal = equal && at == text->size && !ferror(file);
    (void)fclose(file); /* it was only read */
    return equal;
}

static rowan_status fail_io(rowan_error *error, const char *path)
{
    return rowan__fail(error, errno == ENOSPC ? ROWAN_FULL : ROWAN_IO, "cannot write %s: %s", path,
                       strerror(errno));
}

static rowan_status write_file(const char *path, const rowan__text *text, rowan_error *error)
{
    FILE *file = fopen(path, "wb");
    bool good;

    if (file == NULL) {
        return fail_io(error, path);
    }
    good = fwrite(rowan__text_string(text), 1, text->size, file) == text->size && fflush(file) == 0;
    if (!good) {
        rowan_status status = fail_io(error, path);
        (void)fclose(file); /* the first error is the one to report */
        return status;
    }
    return fclose(file) == 0 ? ROWAN_OK : fail_io(error, path);
}

static rowan_status save_file(const rowan__text *text, const char *path, const char *temporary,
                              rowan_error *error)
{
    rowan_status status;

    if (has_content(path, text)) {
        return ROWAN_OK;
    }
    status = write_file(temporary, text, error);
    if (status == ROWAN_OK && rename(temporary, path) != 0) {
        status = fail_io(error, path);
    }
    if (status != ROWAN_OK) {
        unlink(temporary);
    }
    return status;
}

rowan_status rowan__written_save(const rowan__written *written, const char *folder,
                                 const char *name, rowan_error *error)
{
    const struct {
        const char *suffix;
        const rowan__text *text;
    } files[] = {{"_rows.h", &written->rows}, {".h", &written->header}, {".c", &written->source}};
    rowan__text path, temporary;
    rowan_status status = ROWAN_OK;

    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        return fail_io(error, folder);
    }
    rowan__text_init(&path, written->rows.allocator);
    rowan__text_init(&temporary, written->rows.allocator);
    for (size_t i = 0; status == ROWAN_OK && i < sizeof files / sizeof files[0]; i++) {
        rowan__text_clear(&path);
        rowan__text_clear(&temporary);
        rowan__text_format(&path, "%s/%s%s", folder, name, files[i].suffix);
        rowan__text_format(&temporary, "%s/.%s%s.%ld", folder, name, files[i].suffix,
                           (long)getpid());
        status = path.failed || temporary.failed
                     ? rowan__fail_nomem(error)
                     : save_file(files[i].text, rowan__text_string(&path),
                                 rowan__text_string(&temporary), error);
    }
    rowan__text_fini(&path);
    rowan__text_fini(&temporary);
    return status;
}
