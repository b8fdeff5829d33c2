// Sixteen lanes of float, and the elementary functions on them.
//
// The vector types are clang's, so the same source becomes one 512-bit, two
// 256-bit or four 128-bit registers, whatever the clone that includes it may
// use (see clones/). A tail is loaded into full lanes and goes through the same
// arithmetic, so a value does not depend on its position.

#ifndef COLLABDICT_LANES_H
#define COLLABDICT_LANES_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define CVM_INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

#pragma clang fp contract(fast)
#pragma clang diagnostic ignored "-Wpsabi"

enum { CVM_LANES = 16 };

typedef float lanes __attribute__((vector_size(64)));
typedef int32_t ilanes __attribute__((vector_size(64)));
typedef uint32_t ulanes __attribute__((vector_size(64)));

// Minus zero is no operation; plus zero would be one, as it turns -0 into 0.
CVM_INLINE lanes splat(float value) { return value - (lanes){0}; }
CVM_INLINE ilanes splati(int32_t value) { return (ilanes){0} + value; }

CVM_INLINE lanes load(const float *from) {
  lanes value;
  memcpy(&value, from, sizeof value);
  return value;
}

CVM_INLINE void store(float *to, lanes value) { memcpy(to, &value, sizeof value); }

// A loop of constant length with a condition becomes one masked instruction where
// the processor has them.
CVM_INLINE lanes load_tail(const float *from, long count, float filler) {
  float all[CVM_LANES];
#pragma clang loop vectorize(enable) vectorize_width(16) unroll(disable)
  for (long i = 0; i < CVM_LANES; ++i) all[i] = i < count ? from[i] : filler;
  return load(all);
}

CVM_INLINE void store_tail(float *to, lanes value, long count) {
  float all[CVM_LANES];
  store(all, value);
#pragma clang loop vectorize(enable) vectorize_width(16) unroll(disable)
  for (long i = 0; i < CVM_LANES; ++i)
    if (i < count) to[i] = all[i];
}

CVM_INLINE lanes load_width(const float *from, long width, float filler) {
  return width == CVM_LANES ? load(from) : load_tail(from, width, filler);
}

CVM_INLINE void store_width(float *to, lanes value, long width) {
  if (width == CVM_LANES) store(to, value); else store_tail(to, value, width);
}

CVM_INLINE lanes pick(ilanes mask, lanes yes, lanes no) {
  return (lanes)(((ilanes)yes & mask) | ((ilanes)no & ~mask));
}

CVM_INLINE lanes vmax(lanes a, lanes b) { return pick(a > b, a, b); }
CVM_INLINE lanes vmin(lanes a, lanes b) { return pick(a < b, a, b); }
CVM_INLINE lanes vabs(lanes a) { return __builtin_elementwise_abs(a); }
CVM_INLINE lanes vsqrt(lanes a) { return __builtin_elementwise_sqrt(a); }

/// The sum of the lanes, always in the same order.
CVM_INLINE float horizontal_sum(lanes a) {
  float b[8], c[4];
  for (int i = 0; i < 8; ++i) b[i] = a[i] + a[i + 8];
  for (int i = 0; i < 4; ++i) c[i] = b[i] + b[i + 4];
  return (c[0] + c[2]) + (c[1] + c[3]);
}

/// eˣ = 2ⁿ p.
CVM_INLINE lanes exp_parts(lanes x, lanes *n) {
  *n = __builtin_elementwise_roundeven(x * splat(1.44269504f));
  lanes r = x - *n * splat(0.693359375f);
  r = r + *n * splat(2.12194440e-4f);
  lanes p = splat(1.9875691500e-4f);
  p = p * r + splat(1.3981999507e-3f);
  p = p * r + splat(8.3334519073e-3f);
  p = p * r + splat(4.1665795894e-2f);
  p = p * r + splat(1.6666665459e-1f);
  p = p * r + splat(5.0000001201e-1f);
  return p * (r * r) + r + splat(1.0f);
}

/// eˣ; relative error below 2e-7, 0 below -87.3, infinity above 88.7.
CVM_INLINE lanes vexp(lanes x) {
  lanes n;
  const lanes p = exp_parts(vmax(vmin(x, splat(88.72f)), splat(-87.33f)), &n);
  // 2ⁿ in two halves: n may be 128, whose exponent alone would not fit.
  const ilanes whole = __builtin_convertvector(n, ilanes);
  const ilanes half = whole >> 1;
  const lanes scale0 = (lanes)((half + 127) << 23);
  const lanes scale1 = (lanes)((whole - half + 127) << 23);
  lanes y = p * scale0 * scale1;
  y = pick(x > splat(88.72f), splat(INFINITY), y);
  y = pick(x < splat(-87.33f), splat(0.0f), y);
  return pick(x == x, y, x);
}

/// The same for x that is not positive, where one power of two is enough.
CVM_INLINE lanes vexp_decay(lanes x) {
  const ilanes gone = x < splat(-87.33f);
  lanes n;
  const lanes p = exp_parts(pick(gone, splat(-87.33f), x), &n);
  const lanes scale = (lanes)((__builtin_convertvector(n, ilanes) + 127) << 23);
  return pick(gone, splat(0.0f), p * scale);
}

/// ln(1 + x) + e ln 2 for 1 + x between √½ and √2.
CVM_INLINE lanes log_parts(lanes x, lanes e) {
  const lanes z = x * x;
  lanes p = splat(7.0376836292e-2f);
  p = p * x + splat(-1.1514610310e-1f);
  p = p * x + splat(1.1676998740e-1f);
  p = p * x + splat(-1.2420140846e-1f);
  p = p * x + splat(1.4249322787e-1f);
  p = p * x + splat(-1.6668057665e-1f);
  p = p * x + splat(2.0000714765e-1f);
  p = p * x + splat(-2.4999993993e-1f);
  p = p * x + splat(3.3333331174e-1f);
  lanes y = x * z * p;
  y = y + e * splat(-2.12194440e-4f);
  y = y - splat(0.5f) * z;
  y = x + y;
  return y + e * splat(0.693359375f);
}

/// ln x of a normal, positive and finite x; relative error below 2e-7.
CVM_INLINE lanes vlog_normal(lanes x) {
  const ilanes bits = (ilanes)x;
  ilanes exponent = ((bits >> 23) & 0xff) - 126;
  lanes mantissa = (lanes)((bits & 0x007fffff) | 0x3f000000);  // in [0.5, 1)
  const ilanes low = mantissa < splat(0.707106781f);
  exponent = exponent + low;  // the mask is -1 where it holds
  mantissa = mantissa + pick(low, mantissa, splat(0.0f)) - splat(1.0f);
  return log_parts(mantissa, __builtin_convertvector(exponent, lanes));
}

/// ln x; relative error below 2e-7 for normal x, -infinity at 0, NaN below.
CVM_INLINE lanes vlog(lanes x) {
  lanes y = vlog_normal(x);
  y = pick(x == splat(INFINITY), x, y);
  y = pick(x == splat(0.0f), splat(-INFINITY), y);
  return pick(x >= splat(0.0f), y, splat(NAN));
}

/// ln(1 + u) for u in [0, 1]: 1 + u is never formed, so nothing of a small u is lost.
CVM_INLINE lanes vlog1p_unit(lanes u) {
  const ilanes high = u > splat(0.414213562f);
  const lanes x = pick(high, u * splat(0.5f) - splat(0.5f), u);
  return log_parts(x, pick(high, splat(1.0f), splat(0.0f)));
}

CVM_INLINE lanes vsigmoid(lanes x) {
  const lanes u = vexp_decay(-vabs(x));
  const lanes inverse = splat(1.0f) / (splat(1.0f) + u);
  return pick(x >= splat(0.0f), inverse, u * inverse);
}

/// ln(1 + eˣ).
CVM_INLINE lanes vsoftplus(lanes x) {
  const lanes y = vmax(x, splat(0.0f)) + vlog1p_unit(vexp_decay(-vabs(x)));
  return pick(x == x, y, x);
}

CVM_INLINE lanes vtanh(lanes x) {
  const lanes a = vabs(x);
  const lanes z = x * x;
  lanes p = splat(-5.70498872745e-3f);
  p = p * z + splat(2.06390887954e-2f);
  p = p * z + splat(-5.37397155531e-2f);
  p = p * z + splat(1.33314422036e-1f);
  p = p * z + splat(-3.33332819422e-1f);
  const lanes near = p * z * x + x;
  const lanes e = vexp(vmin(a + a, splat(40.0f)));
  const lanes magnitude = splat(1.0f) - splat(2.0f) / (e + splat(1.0f));
  const lanes far = pick(x < splat(0.0f), -magnitude, magnitude);
  return pick(x == x, pick(a < splat(0.625f), near, far), x);
}

#endif
