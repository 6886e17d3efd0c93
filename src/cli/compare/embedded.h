/*
 * The text of the cells' source files, put into the tool when it is built
 * (cmake/RowanEmbed.cmake).
 */
#ifndef ROWAN_CLI_COMPARE_EMBEDDED_H
#define ROWAN_CLI_COMPARE_EMBEDDED_H

typedef struct embedded_file {
    const char *name; /* "cases/catalogue/raw.c"; NULL ends the list */
    const char *text;
} embedded_file;

extern const embedded_file embedded_files[];

#endif
