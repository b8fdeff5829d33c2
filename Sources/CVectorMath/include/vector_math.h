// Loops that the compiler vectorises, one clone per instruction set, chosen
// when the program is loaded. Matrices are row-major and dense; nothing here
// allocates, keeps state or looks at errno. Every array has `n` elements
// unless its comment gives a shape, and may be any alignment.

#ifndef COLLABDICT_VECTOR_MATH_H
#define COLLABDICT_VECTOR_MATH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- Elementwise functions, y = f(x). y may be x.
void cvm_exp(const float *x, float *y, long n);
void cvm_log(const float *x, float *y, long n);
void cvm_tanh(const float *x, float *y, long n);
void cvm_sigmoid(const float *x, float *y, long n);
void cvm_softplus(const float *x, float *y, long n);
void cvm_relu(const float *x, float *y, long n);
void cvm_sqrt(const float *x, float *y, long n);

// --- Arithmetic; the result may be any of the arguments.
void cvm_add(const float *a, const float *b, float *y, long n);
void cvm_subtract(const float *a, const float *b, float *y, long n);
void cvm_multiply(const float *a, const float *b, float *y, long n);
void cvm_divide(const float *a, const float *b, float *y, long n);
/// y = scale x + shift
void cvm_scale_shift(const float *x, float scale, float shift, float *y, long n);
/// y += scale x
void cvm_axpy(float scale, const float *x, float *y, long n);
/// y += a b
void cvm_multiply_add(const float *a, const float *b, float *y, long n);

// --- Reductions, in an order that depends on n alone.
float cvm_sum(const float *x, long n);
float cvm_dot(const float *a, const float *b, long n);
float cvm_maximum(const float *x, long n);
/// y [columns] = the sum over the rows of x [rows, columns]
void cvm_column_sums(const float *x, float *y, long rows, long columns);

// --- Layers.
enum {
  CVM_IDENTITY = 0,
  CVM_RELU = 1,
  CVM_TANH = 2,
  CVM_SIGMOID = 3,
  CVM_SOFTPLUS = 4,
};
/// c [rows, columns] = scale op(a) op(b) + keep c: op(a) [rows, inner] and op(b)
/// [inner, columns] are the factors or their transposes. With a bias [columns], which may be
/// null, then f(c + bias). c is not read when keep is 0. An element's bits depend on its row of
/// op(a), on op(b) and on nothing else.
void cvm_product(const float *a, int a_transposed, const float *b, int b_transposed, float *c,
                 long rows, long columns, long inner, float scale, float keep, const float *bias,
                 int activation);
/// Whether this processor's cvm_product keeps up with OpenBLAS on small matrices.
int cvm_product_is_fast(void);
/// y [rows, columns] = f(y + bias [columns])
void cvm_bias_activation(float *y, const float *bias, long rows, long columns, int activation);
/// From the output y = f(a) and dy, makes dy the derivative by a, and
/// db [columns] its sum over the rows. db may be null.
void cvm_bias_activation_backward(const float *y, float *dy, float *db, long rows, long columns,
                                  int activation);

/// The sum over the rows of -ln softmax at the label; dlogits [rows, columns] = softmax - onehot.
double cvm_softmax_cross_entropy(const float *logits, const int32_t *labels, float *dlogits,
                                 long rows, long columns);

// --- The variational autoencoder.

/// Draws z = mean + exp(logvariance / 2) noise, with the log variance held within
/// [floor, ceiling]. moments [rows, 2 d] holds mean | log variance; z and noise [rows, d].
void cvm_gaussian_sample(const float *moments, const float *noise, float *z, long rows, long d,
                         float floor, float ceiling);
/// The same for every row of moments with every row of noise [draws, d]: z [rows draws, d].
void cvm_gaussian_draws(const float *moments, const float *noise, float *z, long rows, long draws,
                        long d, float floor, float ceiling);
/// dmoments (+)= the derivative of that draw; added to when `accumulate` is not 0.
void cvm_gaussian_sample_backward(const float *moments, const float *noise, const float *dz,
                                  float *dmoments, long rows, long d, float floor, float ceiling,
                                  int accumulate);
/// The sum over the rows of KL(N(m, diag h²) || N(0, I)), and its derivative by the moments;
/// `per_dimension` [d] gets the sum of each dimension.
double cvm_gaussian_kl(const float *moments, float *dmoments, float *per_dimension, long rows,
                       long d, float floor, float ceiling);

/// How an observation is spread around the decoder's mean.
typedef struct {
  /// 0 for a Gaussian, otherwise the degrees of freedom of Student's t.
  float degrees_of_freedom;
  /// The smallest standard deviation.
  float scale_floor;
  /// ½ ln 2π, or the corresponding constant of Student's t.
  float log_normaliser;
} cvm_observation;

/// The sum over the rows of -ln p(x | mean, σ) with σ = floor + softplus(raw), both from the
/// network. out [rows, 2 m] holds mean | raw; x [rows, m], NaN where a value is missing;
/// dout [rows, 2 m].
double cvm_observation_loss_network(const float *out, const float *x, float *dout, long rows,
                                    long m, cvm_observation model);
/// The same with one σ a variable: log_sigma [m], σ = max(floor, e^log_sigma);
/// dmean [rows, m], dlog_sigma [m] summed over the rows.
double cvm_observation_loss_shared(const float *mean, const float *log_sigma, const float *x,
                                   float *dmean, float *dlog_sigma, long rows, long m,
                                   cvm_observation model);
/// Adds up over `draws` decoder outputs of one row x [m]: parts [m] gets the mean of
/// -ln p of each variable, reconstruction [m] the mean of the means.
/// out [draws, 2 m] when log_sigma is null, [draws, m] otherwise.
void cvm_observation_score(const float *out, const float *log_sigma, const float *x, float *parts,
                           float *reconstruction, long draws, long m, cvm_observation model);

// --- Optimisers.
typedef struct {
  float learning_rate;
  float beta1, beta2;
  float epsilon;
  float weight_decay;
  /// 1 - beta1ᵗ and 1 - beta2ᵗ
  float correction1, correction2;
  /// Weight decay apart from the gradient (AdamW) instead of added to it.
  int decoupled;
} cvm_adam;
void cvm_adam_step(float *parameters, const float *gradient, float *first, float *second, long n,
                   cvm_adam options);

// --- Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011).
// Word r of the block with counter {c + l, s0, s1, s2} is output 64 (c / 16) + 16 r + l.
typedef struct {
  uint32_t key0, key1;
  uint32_t stream0, stream1, stream2;
} cvm_philox;
void cvm_philox_bits(cvm_philox stream, uint32_t *bits, long n);
/// Standard normal by Box and Muller from pairs of words (0, 1) and (2, 3).
void cvm_philox_normal(cvm_philox stream, float *y, long n);
/// Uniform in [0, 1), multiples of 2⁻²⁴.
void cvm_philox_uniform(cvm_philox stream, float *y, long n);

/// "avx512", "x86-64-v3" or "baseline": the clones that this processor runs.
const char *cvm_instruction_set(void);

#ifdef __cplusplus
}
#endif

#endif
