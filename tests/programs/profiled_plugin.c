/*
 * Runs plug-ins that bring their client library along for themselves alone, as interpreters do:
 * PLUGIN... -- SCENARIO DATABASE TOLD. With two, each has a copy of its own, and what one made must
 * never be handed to the other; so each is told the name of its library.
 */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const modules[] = {"libsqlite3.so", "libsqlite3-own"};

static int run(const char *path, const char *module, int argc, char **argv)
{
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    int (*start)(int, char **);

    if (plugin == NULL || (*(void **)&start = dlsym(plugin, "plugin_main")) == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 97;
    }
    setenv("MODULE", module, 1);
    return start(argc, argv);
}

int main(int argc, char **argv)
{
    int first = 1, status = 0;

    while (first < argc && strcmp(argv[first], "--") != 0) {
        first++;
    }
    for (int turn = 0; turn < (first > 2 ? 2 : 1); turn++) {
        for (int i = 1; i < first && i <= 2; i++) {
            status |= run(argv[i], modules[i - 1], argc - first, argv + first);
        }
    }
    return status;
}
