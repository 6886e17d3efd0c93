/* The files that the page is made with, as text; put here by the build. */
#ifndef ROWAN_BENCH_PAGE_H
#define ROWAN_BENCH_PAGE_H

typedef struct bench_page_file {
    const char *name;
    const char *text;
} bench_page_file;

/** page.css; ended by a NULL name. */
extern const bench_page_file bench_page_files[];

#endif
