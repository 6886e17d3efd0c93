/*
 * Bytes that are copied and looked through, where the C library's calls cost more than the work:
 * most texts of a database are shorter than three words.
 */
#ifndef ROWAN_BASE_BYTES_H
#define ROWAN_BASE_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ROWAN__BYTES_ONES UINT64_C(0x0101010101010101)
#define ROWAN__BYTES_HIGHS (ROWAN__BYTES_ONES << 7)

static inline uint64_t rowan__bytes_word(const char *from)
{
    uint64_t word;

    memcpy(&word, from, sizeof word);
    return word;
}

/** Copies bytes of which there are mostly few: moves that overlap, and no call. */
static inline void rowan__bytes_few(char *to, const char *from, size_t size)
{
    enum { WORD = sizeof(uint64_t), HALF = sizeof(uint32_t) };
    uint32_t low, high;

    if (size >= WORD && size <= 2 * WORD) {
        uint64_t first = rowan__bytes_word(from), last = rowan__bytes_word(from + size - WORD);
        memcpy(to, &first, WORD);
        memcpy(to + size - WORD, &last, WORD);
    } else if (size >= HALF && size < WORD) {
        memcpy(&low, from, HALF);
        memcpy(&high, from + size - HALF, HALF);
        memcpy(to, &low, HALF);
        memcpy(to + size - HALF, &high, HALF);
    } else {
        memcpy(to, from, size);
    }
}

/** Up to seven bytes as one word: some stand in it twice, and what is left over is ones. */
static inline uint64_t rowan__bytes_short(const char *data, size_t size)
{
    uint64_t word = ROWAN__BYTES_ONES;
    uint32_t low, high;

    if (size >= sizeof low) {
        memcpy(&low, data, sizeof low);
        memcpy(&high, data + size - sizeof high, sizeof high);
        return low | (uint64_t)high << 32;
    }
    for (size_t i = 0; i < size; i++) {
        word = word << 8 | (unsigned char)data[i];
    }
    return word;
}

/** Whether they are ASCII: eight at a time, of which the last may be seen twice. */
static inline bool rowan__bytes_ascii(const char *data, size_t size)
{
    uint64_t all;

    if (size < sizeof all) {
        return (rowan__bytes_short(data, size) & ROWAN__BYTES_HIGHS) == 0;
    }
    all = rowan__bytes_word(data + size - sizeof all);
    for (size_t i = 0; i + sizeof all < size; i += sizeof all) {
        all |= rowan__bytes_word(data + i);
    }
    return (all & ROWAN__BYTES_HIGHS) == 0;
}

/** Whether they are ASCII and none of them is NUL: of ASCII, one less than NUL alone has its high
 * bit. */
static inline bool rowan__bytes_plain(const char *data, size_t size)
{
    uint64_t word, all;

    if (size < sizeof all) {
        word = rowan__bytes_short(data, size);
        return ((word | (word - ROWAN__BYTES_ONES)) & ROWAN__BYTES_HIGHS) == 0;
    }
    word = rowan__bytes_word(data + size - sizeof word);
    all = word | (word - ROWAN__BYTES_ONES);
    for (size_t i = 0; i + sizeof all < size; i += sizeof all) {
        word = rowan__bytes_word(data + i);
        all |= word | (word - ROWAN__BYTES_ONES);
    }
    return (all & ROWAN__BYTES_HIGHS) == 0;
}

/** Sixteen bytes at once, whatever the machine has for that. */
typedef uint8_t rowan__bytes16 __attribute__((vector_size(16)));

static inline rowan__bytes16 rowan__bytes_load(const char *from)
{
    rowan__bytes16 bytes;

    memcpy(&bytes, from, sizeof bytes);
    return bytes;
}

/** Copies sixteen bytes. @return which are NUL */
static inline rowan__bytes16 rowan__bytes_move(char *to, const char *from)
{
    rowan__bytes16 bytes = rowan__bytes_load(from);

    memcpy(to, &bytes, sizeof bytes);
    return (rowan__bytes16)(bytes == 0);
}

static inline bool rowan__bytes_any(rowan__bytes16 bytes)
{
    uint64_t halves[2];

    memcpy(halves, &bytes, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/**
 * Copies a text and sets a NUL behind it. What is not a whole number of words is copied with an
 * overlap.
 *
 * @return whether there is no NUL inside
 */
static inline bool rowan__bytes_copy_text(char *to, const char *from, size_t size)
{
    enum { WIDE = 16, WORD = 8, HALF = 4, LONGEST = 64 };

    to[size] = '\0';
    if (size > LONGEST) {
        memcpy(to, from, size);
        return memchr(from, '\0', size) == NULL;
    }
    if (size >= WIDE) {
        rowan__bytes16 nul = rowan__bytes_move(to + size - WIDE, from + size - WIDE);
        for (size_t i = 0; i + WIDE < size; i += WIDE) {
            nul |= rowan__bytes_move(to + i, from + i);
        }
        return !rowan__bytes_any(nul);
    }
    if (size >= WORD) {
        char both[WIDE];
        memcpy(both, from, WORD);
        memcpy(both + WORD, from + size - WORD, WORD);
        memcpy(to, both, WORD);
        memcpy(to + size - WORD, both + WORD, WORD);
        return !rowan__bytes_any((rowan__bytes16)(rowan__bytes_load(both) == 0));
    }
    uint64_t word = rowan__bytes_short(from, size);
    if (size >= HALF) {
        memcpy(to, from, HALF);
        memcpy(to + size - HALF, from + size - HALF, HALF);
    } else {
        for (size_t i = 0; i < size; i++) {
            to[i] = from[i];
        }
    }
    return ((word - ROWAN__BYTES_ONES) & ~word & ROWAN__BYTES_HIGHS) == 0;
}

/**
 * Copies any number of bytes, in pieces below the size from which the C library has one instruction
 * do it: that is not faster, and where instructions are counted it counts once a byte. A compiler
 * that knows the size of a piece has such an instruction, too, but not for memmove().
 */
static inline void rowan__bytes_copy(char *to, const char *from, size_t size)
{
    enum { WIDE = 16, LONGEST = 64, PIECE = 2048 };

    if (size >= WIDE && size <= LONGEST) { /* as a row often is */
        for (size_t i = 0; i + WIDE < size; i += WIDE) {
            rowan__bytes_move(to + i, from + i);
        }
        rowan__bytes_move(to + size - WIDE, from + size - WIDE);
        return;
    }
    for (; size > PIECE; size -= PIECE, to += PIECE, from += PIECE) {
        memmove(to, from, PIECE);
    }
    memmove(to, from, size);
}

#endif
