/* op_bias.c - biases, activations, sums. */
#include "nn_ops.h"
#include "nn_train_kernels.h"

void tsr_op_bias_forward(nn_tensor y, const float *bias, uint32_t act) {
    if (!bias && !act) return;
    const nn_train_kernels *kern = tsr_nn_train_kernels();
    size_t plane = nn_plane(y.s);
    for (size_t p = 0; p < (size_t)y.s.n * y.s.c; p++)
        kern->bias_act(y.data + p * plane, plane, bias ? bias[p % y.s.c] : 0, act);
}

void tsr_op_bias_backward(const float *y, nn_tensor dy, uint32_t act, float *dbias) {
    if (!dbias && !act) return;
    const nn_train_kernels *kern = tsr_nn_train_kernels();
    size_t plane = nn_plane(dy.s);
    for (size_t p = 0; p < (size_t)dy.s.n * dy.s.c; p++) {
        float sum = kern->act_slope(dy.data + p * plane, y ? y + p * plane : NULL, plane, act);
        if (dbias) dbias[p % dy.s.c] += sum;
    }
}

void tsr_op_add(float *y, const float *x, size_t n) {
    tsr_nn_train_kernels()->add(y, x, n);
}

void tsr_op_sum(float *y, const float *a, const float *b, size_t n) {
    tsr_nn_train_kernels()->add_to(y, a, b, n);
}

void tsr_op_axpy(float *y, const float *x, size_t n, float f) {
    tsr_nn_train_kernels()->axpy(y, x, n, f);
}
