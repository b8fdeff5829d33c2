// Coordinate descent for sparse precision matrices, in double precision.
//
// Matrices are symmetric, row-major and dense. Nothing here allocates or keeps state.

#ifndef COLLABDICT_GRAPHICAL_H
#define COLLABDICT_GRAPHICAL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The columns that a sweep holds in its scratch memory at a time.
enum { CVM_SWEEP_COLUMNS = 8 };

/// One sweep of coordinate descent over the entries of the symmetric D that may move, on
///     tr(G D) + ½ tr(W D W D) + rho Σ |Λ + D|, with rho_diagonal on the diagonal.
/// starts [n + 1], members [starts[n]]: row j may move at members[starts[j] ..< starts[j + 1]],
/// which are at most j. w, gradient and precision (Λ) [n, n]; direction (D) [n, n], of which the
/// entries in that list are read and written, and not their mirror images; u = D W [n, stride],
/// stride >= n; scratch [CVM_SWEEP_COLUMNS, n]. sums [2] becomes the sum of all |changes|, and the
/// sum of |D| over the list.
void cvm_precision_sweep(const int32_t *starts, const int32_t *members, long n, const double *w,
                         const double *gradient, const double *precision, double rho,
                         double rho_diagonal, double *direction, double *u, long stride,
                         double *scratch, double *sums);

/// One sweep over the columns of W, which maximises ln |W| where |W - S| <= rho, entry by entry, and
/// the diagonal stays as it is: each column is W βⱼ, where row j of betas minimises
/// ½ βᵀ W β - sⱼᵀ β + rho Σ |β| with βⱼ = 0. s, betas and covariance (W) [n, n], S and W with both
/// triangles. A column is done when a cycle of its coordinate descent moves less than `accuracy` of
/// the largest movement of one. scratch [n, 2 n + 4], members [2, n].
void cvm_column_sweep(long n, const double *s, double rho, double accuracy, double *betas,
                      double *covariance, double *scratch, int32_t *members);
/// u = X B, [n, stride], of the sparse X whose row i has values[e] at columns[e] for e from
/// starts[i] to starts[i + 1], and B [n, n].
void cvm_sparse_product(const int32_t *starts, const int32_t *columns, const double *values,
                        long n, const double *b, double *u, long stride);
/// result[e] = (B U)ᵢⱼ for j from 0 to n and i = members[e], e from starts[j] to starts[j + 1];
/// B [n, n] symmetric, U [n, stride], scratch [CVM_SWEEP_COLUMNS, n].
void cvm_sampled_product(const int32_t *starts, const int32_t *members, long n, const double *b,
                         const double *u, long stride, double *scratch, double *result);

#ifdef __cplusplus
}
#endif

#endif
