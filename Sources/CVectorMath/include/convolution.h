// Two-dimensional convolution and pooling over dense row-major Float tensors.
//
// Every function works only on the memory it is given: nothing is allocated and
// there is no mutable static state, so that calls on different memory may run at
// the same time. Outputs must not overlap inputs or the scratch memory. The
// value computed for an image does not depend on its position in the batch nor
// on its neighbours, and sums over the batch are made in a fixed order: the same
// arguments on the same machine give the same bits. (Machines with different
// vector instructions may round differently, for lack of fused multiply-add.)

#ifndef COLLABDICT_CONVOLUTION_H
#define COLLABDICT_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The shape of a convolution (a cross-correlation, as in PyTorch's conv2d).
//
//   input   x  [batch, input_channels,  input_height,  input_width]
//   weights w  [output_channels, input_channels, kernel_height, kernel_width]
//   bias    b  [output_channels]
//   output  y  [batch, output_channels, output_height, output_width]
//
// where output_height = (input_height + 2 * padding_y - kernel_height) / stride_y + 1
// rounded down, and likewise for the width. Sizes and strides are at least 1 (the
// batch may be 0), paddings at least 0, and the kernel is no larger than the
// padded input.
//
// Work is done for 16 images at a time, so that one image costs as much as 16.
// Kernels of 3x3 with stride 1 over 8 or more channels on both sides use
// Winograd's algorithm, by which an infinity or a NaN in the input may spread
// to outputs next to those which depend on it (within one image).
typedef struct cvm_convolution2d_geometry {
  ptrdiff_t batch;
  ptrdiff_t input_channels;
  ptrdiff_t input_height;
  ptrdiff_t input_width;
  ptrdiff_t output_channels;
  ptrdiff_t kernel_height;
  ptrdiff_t kernel_width;
  ptrdiff_t stride_y;
  ptrdiff_t stride_x;
  ptrdiff_t padding_y;
  ptrdiff_t padding_x;
} cvm_convolution2d_geometry;

// The height and the width of the output.
static inline ptrdiff_t cvm_convolution2d_output_height(
    const cvm_convolution2d_geometry *geometry) {
  return (geometry->input_height + 2 * geometry->padding_y - geometry->kernel_height) /
             geometry->stride_y +
         1;
}
static inline ptrdiff_t cvm_convolution2d_output_width(const cvm_convolution2d_geometry *geometry) {
  return (geometry->input_width + 2 * geometry->padding_x - geometry->kernel_width) /
             geometry->stride_x +
         1;
}

// How many floats of scratch memory each of the three passes below needs; it
// need not be initialised or aligned beyond a float's alignment, and holds nothing
// between calls. It does not depend on the batch.
ptrdiff_t cvm_convolution2d_scratch_count(const cvm_convolution2d_geometry *geometry);

// y = convolution(x, w) + b. `bias` may be NULL.
void cvm_convolution2d_forward(const cvm_convolution2d_geometry *geometry, const float *input,
                               const float *weights, const float *bias, float *output,
                               float *scratch);

// dx += the gradient with respect to the input, for the gradient dy (shaped
// like y) of the output.
void cvm_convolution2d_backward_input(const cvm_convolution2d_geometry *geometry,
                                      const float *output_gradient, const float *weights,
                                      float *input_gradient, float *scratch);

// dw += the gradient with respect to the weights and, unless `bias_gradient` is
// NULL, db += that with respect to the bias.
void cvm_convolution2d_backward_weights(const cvm_convolution2d_geometry *geometry,
                                        const float *input, const float *output_gradient,
                                        float *weights_gradient, float *bias_gradient,
                                        float *scratch);

// The shape of a pooling without padding, over `planes` images of one channel
// (batch * channels of a NCHW tensor).
//
//   input   x  [planes, input_height, input_width]
//   output  y  [planes, output_height, output_width]
//
// where output_height = (input_height - kernel_height) / stride_y + 1 rounded
// down, and likewise for the width.
typedef struct cvm_pooling2d_geometry {
  ptrdiff_t planes;
  ptrdiff_t input_height;
  ptrdiff_t input_width;
  ptrdiff_t kernel_height;
  ptrdiff_t kernel_width;
  ptrdiff_t stride_y;
  ptrdiff_t stride_x;
} cvm_pooling2d_geometry;

// The height and the width of the output.
static inline ptrdiff_t cvm_pooling2d_output_height(const cvm_pooling2d_geometry *geometry) {
  return (geometry->input_height - geometry->kernel_height) / geometry->stride_y + 1;
}
static inline ptrdiff_t cvm_pooling2d_output_width(const cvm_pooling2d_geometry *geometry) {
  return (geometry->input_width - geometry->kernel_width) / geometry->stride_x + 1;
}

// y = the mean of each window.
void cvm_average_pooling2d_forward(const cvm_pooling2d_geometry *geometry, const float *input,
                                   float *output);

// dx += the gradient with respect to the input.
void cvm_average_pooling2d_backward(const cvm_pooling2d_geometry *geometry,
                                    const float *output_gradient, float *input_gradient);

// y = the largest element of each window (the first of equals, in row order; a
// NaN wins, as in PyTorch). `indices` (shaped like y, or NULL when there is no
// backward pass to come) receives its position row * input_width + column in its
// plane.
void cvm_max_pooling2d_forward(const cvm_pooling2d_geometry *geometry, const float *input,
                               float *output, int32_t *indices);

// dx += the gradient with respect to the input, for the indices which the
// forward pass left.
void cvm_max_pooling2d_backward(const cvm_pooling2d_geometry *geometry,
                                const float *output_gradient, const int32_t *indices,
                                float *input_gradient);

#ifdef __cplusplus
}
#endif

#endif
