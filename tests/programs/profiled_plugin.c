/* Runs a plug-in that brings its client library along for itself alone, as interpreters do. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    void *plugin = argc > 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    int (*start)(int, char **);

    if (plugin == NULL) {
        fprintf(stderr, "%s\n", argc > 2 ? dlerror() : "usage");
        return 97;
    }
    *(void **)&start = dlsym(plugin, "plugin_main");
    return start != NULL ? start(argc - 1, argv + 1) : 96;
}
