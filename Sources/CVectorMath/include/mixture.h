// Mixtures of Gaussians, in double precision.
//
// Nothing here allocates or keeps state; arrays are row-major and dense, and may be any alignment.
// A row's results do not depend on the other rows.

#ifndef COLLABDICT_MIXTURE_H
#define COLLABDICT_MIXTURE_H

#ifdef __cplusplus
extern "C" {
#endif

/// sums[r][k] += the sum of squares of x[r][k * width ..< (k + 1) * width]; x is
/// [rows, segments * width].
void cvm_add_segment_square_sums(const double *x, double *sums, long rows, long segments, long width);

/// Turns logarithms [rows, segments] into shares of their row: x[r][k] = exp(x[r][k] - z[r]) with
/// z[r] = ln of the sum over k of exp(x[r][k]), which is written to z. A row of which all are minus
/// infinity gets z = minus infinity and equal shares of zero.
void cvm_log_sum_exp_rows(double *x, double *z, long rows, long segments);

#ifdef __cplusplus
}
#endif

#endif
