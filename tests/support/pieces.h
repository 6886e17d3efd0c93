/*
 * Pieces of work of each pattern, for tests of what is left when one of them does not come to its
 * end: what is loaded first, and the calls that may fail, on a library of books whose state is one
 * line.
 */
#ifndef ROWAN_TESTS_PIECES_H
#define ROWAN_TESTS_PIECES_H

#include <rowan/rowan.h>

enum { PIECES = 18 };

typedef struct piece {
    const char *name;
    rowan_status (*load)(void); /* goes well if nothing is wrong with the database */
    rowan_status (*act)(void);  /* also checks what it gives back, if it fails, too */
    bool loads_nothing;
    bool reads;  /* changes nothing */
    bool is_one; /* one statement by itself: once sent it is done, whatever becomes of the answer */
} piece;

extern const piece pieces[PIECES];

/** The scope that pieces work in. */
extern rowan_scope *piece_scope;

/** Fills the library's tables anew; what the database generates goes on from the last keys. */
void pieces_fill(rowan_db *db);

/** Begins a scope and loads what a piece works with; fails the test if it cannot. */
void piece_begin(rowan_db *db, const piece *p);
/** Ends the session that a piece may have begun, and the scope. */
void piece_end(void);

/** What the tables hold, as far as a piece changes it. */
typedef struct piece_state {
    char text[256];
} piece_state;

piece_state pieces_look(rowan_db *db);
bool piece_state_same(const piece_state *a, const piece_state *b);

/** The states before a piece and behind it; the tables are then as they were. */
typedef struct piece_ends {
    piece_state before, after;
} piece_ends;

piece_ends piece_learn(rowan_db *db, const piece *p);

/** Nothing was done: the same call on the same rows does all of it now, and the scope ends. */
void piece_again(rowan_db *db, const piece *p, const piece_ends *ends);

#endif
