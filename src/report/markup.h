/* Text inside HTML and XML. */
#ifndef ROWAN_REPORT_MARKUP_H
#define ROWAN_REPORT_MARKUP_H

#include <stdio.h>

/** Writes a text, or nothing for NULL, so that it stands for itself between tags and in quotes. */
void rowan__markup_text(const char *text, FILE *file);

#endif
