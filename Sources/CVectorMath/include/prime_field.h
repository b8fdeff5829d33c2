// Vectors over the prime field of p = 2³¹ - 1, a Mersenne prime: 2³¹ is 1 modulo p, so that a
// number is reduced by adding its high bits to its low 31.
//
// An element is an integer in [0, p), and one outside is no element: unless a comment says that
// it takes any word, a kernel's result for such a word means nothing (but no memory is touched
// that is not the caller's). Time depends on lengths, coefficients' number and, where a kernel
// searches, on the place it returns, never on the elements otherwise. Nothing here allocates or
// keeps state; arrays have `n` elements unless a comment gives a shape, and may be any alignment.

#ifndef COLLABDICT_PRIME_FIELD_H
#define COLLABDICT_PRIME_FIELD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- Arithmetic modulo p.

/// y = y + x
void cvm_field_add(const uint32_t *x, uint32_t *y, long n);
/// y = y - x
void cvm_field_subtract(const uint32_t *x, uint32_t *y, long n);
/// y = the sum over k of c[k] x[k][offset + i], for `count` vectors and coefficients; 0 for none.
/// y must not overlap a vector, unless it is exactly that part of it.
void cvm_field_combine(const uint32_t *const *x, const uint32_t *c, long count, long offset,
                       uint32_t *y, long n);

// --- Words that may not be elements.

/// The first place from `start` on where x is no element; n when there is none.
long cvm_field_find_other(const uint32_t *x, long start, long n);
/// From `start` on, keeps the low 31 bits of each word, and returns the first place where they
/// are all ones, which is no element; n when there is none. Words after that place may be masked
/// already or not.
long cvm_field_mask_words(uint32_t *x, long start, long n);

// --- Numbers as elements: v >= 0 as v, v < 0 as p + v, for |v| <= (p - 1) / 2. Those that check
// return the first place that does not fit, or n; what stands before it is written.

/// y = v scale to the nearest integer (halves to even) where |v| <= bound; NaN does not fit.
/// The product of bound and scale, rounded to a float, must be below 2³⁰.
long cvm_field_encode_floats(const float *v, float scale, float bound, uint32_t *y, long n);
/// v = y / scale
void cvm_field_decode_floats(const uint32_t *y, float scale, float *v, long n);
/// y = v where |v| <= bound, which must be at most (p - 1) / 2.
long cvm_field_encode_integers(const int64_t *v, int64_t bound, uint32_t *y, long n);
void cvm_field_decode_integers(const uint32_t *y, int64_t *v, long n);
/// y [3, n]: v = y0 + 2¹⁸ y1 + 2³⁶ y2 with digits from -2¹⁷ to 2¹⁷, where |v| <= 2⁵³.
long cvm_field_encode_digits(const int64_t *v, uint32_t *y, long n);
/// v = y0 + 2¹⁸ y1 + 2³⁶ y2 of y [3, n], where every |digit| <= bound, which must be at most
/// (p - 1) / 2, and v fits 64 bits. Takes any word.
long cvm_field_decode_digits(const uint32_t *y, int64_t bound, int64_t *v, long n);

#ifdef __cplusplus
}
#endif

#endif
