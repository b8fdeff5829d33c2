// Chooses the clone of every kernel when the program is loaded.

#include "include/convolution.h"
#include "include/graphical.h"
#include "include/mixture.h"
#include "include/prime_field.h"
#include "include/vector_math.h"

#if defined(__x86_64__)
static int has_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd");
}

static int has_x86_64_v3(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2");
}

#define CVM_DISPATCH(name)                                                            \
  extern __typeof__(name) name##_avx512, name##_x86_64_v3, name##_baseline;           \
  static __typeof__(name) *choose_##name(void) {                                      \
    return has_avx512() ? name##_avx512 : has_x86_64_v3() ? name##_x86_64_v3 : name##_baseline; \
  }                                                                                   \
  __typeof__(name) name __attribute__((ifunc("choose_" #name)));
#else
// The only clone bears the name itself: see clones/baseline.c.
#define CVM_DISPATCH(name)
#endif

CVM_DISPATCH(cvm_exp)
CVM_DISPATCH(cvm_log)
CVM_DISPATCH(cvm_tanh)
CVM_DISPATCH(cvm_sigmoid)
CVM_DISPATCH(cvm_softplus)
CVM_DISPATCH(cvm_relu)
CVM_DISPATCH(cvm_sqrt)
CVM_DISPATCH(cvm_add)
CVM_DISPATCH(cvm_subtract)
CVM_DISPATCH(cvm_multiply)
CVM_DISPATCH(cvm_divide)
CVM_DISPATCH(cvm_scale_shift)
CVM_DISPATCH(cvm_axpy)
CVM_DISPATCH(cvm_multiply_add)
CVM_DISPATCH(cvm_sum)
CVM_DISPATCH(cvm_dot)
CVM_DISPATCH(cvm_maximum)
CVM_DISPATCH(cvm_column_sums)
CVM_DISPATCH(cvm_product)
CVM_DISPATCH(cvm_bias_activation)
CVM_DISPATCH(cvm_bias_activation_backward)
CVM_DISPATCH(cvm_softmax_cross_entropy)
CVM_DISPATCH(cvm_convolution2d_scratch_count)
CVM_DISPATCH(cvm_convolution2d_forward)
CVM_DISPATCH(cvm_convolution2d_backward_input)
CVM_DISPATCH(cvm_convolution2d_backward_weights)
CVM_DISPATCH(cvm_average_pooling2d_forward)
CVM_DISPATCH(cvm_average_pooling2d_backward)
CVM_DISPATCH(cvm_max_pooling2d_forward)
CVM_DISPATCH(cvm_max_pooling2d_backward)
CVM_DISPATCH(cvm_gaussian_sample)
CVM_DISPATCH(cvm_gaussian_draws)
CVM_DISPATCH(cvm_gaussian_sample_backward)
CVM_DISPATCH(cvm_gaussian_kl)
CVM_DISPATCH(cvm_observation_loss_network)
CVM_DISPATCH(cvm_observation_loss_shared)
CVM_DISPATCH(cvm_observation_score)
CVM_DISPATCH(cvm_adam_step)
CVM_DISPATCH(cvm_philox_bits)
CVM_DISPATCH(cvm_philox_normal)
CVM_DISPATCH(cvm_philox_uniform)
CVM_DISPATCH(cvm_field_add)
CVM_DISPATCH(cvm_field_subtract)
CVM_DISPATCH(cvm_field_combine)
CVM_DISPATCH(cvm_field_find_other)
CVM_DISPATCH(cvm_field_mask_words)
CVM_DISPATCH(cvm_field_encode_floats)
CVM_DISPATCH(cvm_field_decode_floats)
CVM_DISPATCH(cvm_field_encode_integers)
CVM_DISPATCH(cvm_field_decode_integers)
CVM_DISPATCH(cvm_field_encode_digits)
CVM_DISPATCH(cvm_field_decode_digits)
CVM_DISPATCH(cvm_column_sweep)
CVM_DISPATCH(cvm_precision_sweep)
CVM_DISPATCH(cvm_sparse_product)
CVM_DISPATCH(cvm_sampled_product)
CVM_DISPATCH(cvm_add_segment_square_sums)
CVM_DISPATCH(cvm_log_sum_exp_rows)

// With half the registers of half the size, a library's assembly is ahead of the compiler.
int cvm_product_is_fast(void) {
#if defined(__x86_64__)
  return has_avx512();
#else
  return 0;
#endif
}

const char *cvm_instruction_set(void) {
#if defined(__x86_64__)
  if (has_avx512()) return "avx512";
  if (has_x86_64_v3()) return "x86-64-v3";
#endif
  return "baseline";
}
