/* colour.c - colour rotations.
 *
 * The KLT is sent as a unit quaternion: the index of its largest component and the other three
 * relative to it in 9 bits each. The matrix of an integer quaternion q is rational (entries over
 * |q|^2), so encoder and decoder compute the same floats without any libm.
 */
#include "colour.h"

#include <math.h>
#include <string.h>

#define QUAT_SCALE 255 /* the other components, relative to the largest, in 1/255 */

/* Orthogonal matrix of the quaternion (w, x, y, z), rows = planes. */
static void quaternion_matrix(const int q[4], float m[3][3]) {
    double w = q[0], x = q[1], y = q[2], z = q[3];
    double n = w * w + x * x + y * y + z * z;
    double r[3][3] = {
        {w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z},
    };
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) m[i][j] = (float)(r[i][j] / n);
}

static void transpose(float a[3][3], float t[3][3]) {
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) t[j][i] = a[i][j];
}

static void klt_init(tsr_colour_map *m, uint32_t coded) {
    int q[4], largest = coded & 3;
    for (int i = 0, k = 0; i < 4; i++) {
        if (i == largest) {
            q[i] = QUAT_SCALE;
            continue;
        }
        int v = (int)(coded >> (2 + 9 * k++) & 511) - 256;
        q[i] = v < -QUAT_SCALE ? -QUAT_SCALE : v;
    }
    quaternion_matrix(q, m->forward);
    transpose(m->forward, m->inverse);
}

/* BT.601 YCbCr, plane c scaled by the L2 norm of its column of the inverse matrix, so that the
 * squared errors of the planes add up to that of R,G,B but for the small correlation of the
 * columns. */
static void ycbcr_init(tsr_colour_map *m) {
    static const double fwd[3][3] = {{0.299, 0.587, 0.114},
                                     {-0.168735891647856, -0.331264108352144, 0.5},
                                     {0.5, -0.418687589158345, -0.081312410841655}};
    static const double inv[3][3] = {
        {1, 0, 1.402}, {1, -0.344136286201022, -0.714136286201022}, {1, 1.772, 0}};
    static const double norm[3] = {1.7320508075688772, 1.8051076930422272, 1.5734022483996226};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            m->forward[i][j] = (float)(fwd[i][j] * norm[i]);
            m->inverse[i][j] = (float)(inv[i][j] / norm[j]);
        }
}

void tsr_colour_map_init(tsr_colour_map *m, tsr_colour kind, uint32_t coded) {
    *m = (tsr_colour_map){.kind = kind, .coded = coded};
    if (kind == TSR_COLOUR_KLT)
        klt_init(m, coded);
    else if (kind == TSR_COLOUR_YCBCR)
        ycbcr_init(m);
    else
        for (int i = 0; i < 3; i++) m->forward[i][i] = m->inverse[i][i] = 1;
}

/* ---- the encoder's analysis ---- */

static double sample(const tsr_image *im, size_t i) {
    return im->depth == 8 ? ((const uint8_t *)im->pixels)[i] : ((const uint16_t *)im->pixels)[i];
}

static void add_difference(const tsr_image *im, size_t a, size_t b, double c[3][3]) {
    double d[3];
    for (int i = 0; i < 3; i++) d[i] = sample(im, a + (size_t)i) - sample(im, b + (size_t)i);
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++) c[i][j] += d[i] * d[j];
}

/* Adds the products of the differences of n pixels of `channels` samples, at p and at q. */
static void add_differences16(const tsr_image *im, size_t p, size_t q, size_t n, double c[3][3]) {
    for (size_t x = 0; x < n; x++)
        add_difference(im, p + x * im->channels, q + x * im->channels, c);
}

#define STRIP 32u /* pixels: their samples' differences are products of 16 bits */

/* The same of 8-bit samples, n <= STRIP: sums of integers, exact in any order. */
static void add_differences8(const uint8_t *p, const uint8_t *q, size_t n, size_t channels,
                             double c[3][3]) {
    int16_t d[3][STRIP] = {{0}};
    for (size_t x = 0; x < n; x++)
        for (int i = 0; i < 3; i++)
            d[i][x] = (int16_t)(p[x * channels + (size_t)i] - q[x * channels + (size_t)i]);
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++) {
            int32_t sum = 0;
            for (size_t x = 0; x < STRIP; x++) sum += d[i][x] * d[j][x];
            c[i][j] += sum;
        }
}

static void add_row(const tsr_image *im, size_t p, size_t q, size_t n, double c[3][3]) {
    const uint8_t *all = im->pixels;
    if (im->depth != 8)
        add_differences16(im, p, q, n, c);
    else
        for (size_t x = 0; x < n; x += STRIP)
            add_differences8(all + p + x * im->channels, all + q + x * im->channels,
                             n - x < STRIP ? n - x : STRIP, im->channels, c);
}

/* Every difference of every second row: enough for a 3 x 3 matrix. */
static void difference_covariance(const tsr_image *im, double c[3][3]) {
    size_t ch = im->channels, row = (size_t)im->width * ch;
    memset(c, 0, 9 * sizeof(double));
    for (uint32_t y = 0; y < im->height; y += 2) {
        add_row(im, y * row + ch, y * row, im->width - 1, c);
        if (y + 1 < im->height) add_row(im, (y + 1) * row, y * row, im->width, c);
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < i; j++) c[i][j] = c[j][i];
}

/* Cyclic Jacobi rotations (Golub & Van Loan 8.5): a becomes diagonal, rows of v its eigenvectors.
 */
static void jacobi3(double a[3][3], double v[3][3]) {
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) v[i][j] = i == j;
    for (int sweep = 0; sweep < 12; sweep++)
        for (int p = 0; p < 2; p++)
            for (int q = p + 1; q < 3; q++) {
                if (fabs(a[p][q]) < 1e-300) continue;
                double th = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p]), c = cos(th), s = sin(th);
                for (int k = 0; k < 3; k++) {
                    double x = a[k][p], y = a[k][q];
                    a[k][p] = c * x - s * y;
                    a[k][q] = s * x + c * y;
                }
                for (int k = 0; k < 3; k++) {
                    double x = a[p][k], y = a[q][k], vx = v[p][k], vy = v[q][k];
                    a[p][k] = c * x - s * y;
                    a[q][k] = s * x + c * y;
                    v[p][k] = c * vx - s * vy;
                    v[q][k] = s * vx + c * vy;
                }
            }
}

static void swap_rows(double v[3][3], double e[3], int i, int j) {
    for (int k = 0; k < 3; k++) {
        double t = v[i][k];
        v[i][k] = v[j][k];
        v[j][k] = t;
    }
    double t = e[i];
    e[i] = e[j];
    e[j] = t;
}

/* Largest variance first; R+G+B of row 0 positive, row 1 blue-ish positive; determinant +1 through
 * row 2. */
static void order_rows(double v[3][3], double e[3]) {
    for (int i = 0; i < 2; i++)
        for (int j = i + 1; j < 3; j++)
            if (e[j] > e[i]) swap_rows(v, e, i, j);
    if (v[0][0] + v[0][1] + v[0][2] < 0)
        for (int k = 0; k < 3; k++) v[0][k] = -v[0][k];
    if (v[1][2] < 0)
        for (int k = 0; k < 3; k++) v[1][k] = -v[1][k];
    for (int k = 0; k < 3; k++)
        v[2][k] = v[0][(k + 1) % 3] * v[1][(k + 2) % 3] - v[0][(k + 2) % 3] * v[1][(k + 1) % 3];
}

/* Quaternion (w, x, y, z) of a rotation matrix, by the largest of the four forms (Shepperd 1978).
 */
static void matrix_quaternion(double m[3][3], double q[4]) {
    double t[4] = {m[0][0] + m[1][1] + m[2][2], m[0][0], m[1][1], m[2][2]};
    int k = 0;
    for (int i = 1; i < 4; i++)
        if (t[i] > t[k]) k = i;
    if (!k) {
        q[0] = 1 + t[0];
        q[1] = m[2][1] - m[1][2];
        q[2] = m[0][2] - m[2][0];
        q[3] = m[1][0] - m[0][1];
        return;
    }
    int a = k - 1, b = (a + 1) % 3, c = (a + 2) % 3;
    q[0] = m[c][b] - m[b][c];
    q[1 + a] = 1 + m[a][a] - m[b][b] - m[c][c];
    q[1 + b] = m[a][b] + m[b][a];
    q[1 + c] = m[a][c] + m[c][a];
}

static uint32_t code_quaternion(const double q[4]) {
    int largest = 0;
    for (int i = 1; i < 4; i++)
        if (fabs(q[i]) > fabs(q[largest])) largest = i;
    uint32_t coded = (uint32_t)largest;
    for (int i = 0, k = 0; i < 4; i++) {
        if (i == largest) continue;
        int v = (int)floor(q[i] / q[largest] * QUAT_SCALE + 0.5);
        coded |= (uint32_t)(v + 256) << (2 + 9 * k++);
    }
    return coded;
}

uint32_t tsr_colour_klt(const tsr_image *im) {
    double c[3][3], v[3][3], q[4];
    difference_covariance(im, c);
    /* A trace of grey keeps flat and single-colour pictures at a sensible rotation. */
    double ridge = 1e-6 * (c[0][0] + c[1][1] + c[2][2]) + 1e-9;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) c[i][j] += ridge * (i == j ? 1.0 : 0.9);
    jacobi3(c, v);
    double e[3] = {c[0][0], c[1][1], c[2][2]};
    order_rows(v, e);
    matrix_quaternion(v, q);
    return code_quaternion(q);
}
