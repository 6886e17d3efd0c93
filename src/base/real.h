/*
 * Reals as text, for those who read it elsewhere: with a point, whatever sign the program's locale
 * has for it. printf() and strtod() go by the locale.
 */
#ifndef ROWAN_BASE_REAL_H
#define ROWAN_BASE_REAL_H

enum { ROWAN__REAL_TEXT = 40 }; /* bytes that all digits of a real take, and more */

/** Gives what printf() made of one real its point. @return @p text */
char *rowan__real_point(char *text);

/** What a text begins with; 0 if that is no number. A text is read to its 63rd byte at most. */
double rowan__real_read(const char *text);

#endif
