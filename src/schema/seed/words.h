/* Names, titles and sentences that read like a bookshop. All texts are the arena's; NULL: no
 * memory. */
#ifndef ROWAN_SCHEMA_SEED_WORDS_H
#define ROWAN_SCHEMA_SEED_WORDS_H

#include "base/arena.h"
#include "schema/seed/random.h"

const char *rowan__word_city(rowan__random *random);
const char *rowan__word_country(rowan__random *random);
const char *rowan__word_label(uint64_t number);
enum { ROWAN__LABELS = 40 }; /* how many labels there are */

char *rowan__text_person(rowan__arena *arena, rowan__random *random);
char *rowan__text_street(rowan__arena *arena, rowan__random *random);
char *rowan__text_title(rowan__arena *arena, rowan__random *random);
char *rowan__text_subtitle(rowan__arena *arena, rowan__random *random);

/** The name of a publisher; no two numbers have the same. */
char *rowan__text_publisher(rowan__arena *arena, uint64_t number);

/** Sentences about a book, or about a person's life. */
char *rowan__text_opinion(rowan__arena *arena, rowan__random *random, unsigned stars);
char *rowan__text_biography(rowan__arena *arena, rowan__random *random);

/** A category: its name, and the number of its parent, which is lower; -1 for none. */
typedef struct rowan__category {
    const char *name;
    int parent;
} rowan__category;

extern const rowan__category rowan__categories[];
extern const unsigned rowan__category_count;

#endif
