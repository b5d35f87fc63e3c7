#!/usr/bin/env python3
"""Second computation of the figures in test_metrics.c: numpy, scipy, whole arrays, two-dimensional windows.

Prints one line for each test picture. Needs python3-numpy and python3-scipy; not part of the build.
"""
import numpy as np
from scipy.fft import dctn
from scipy.ndimage import uniform_filter
from scipy.signal import convolve2d

WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

# The sensitivities and masking coefficients as the papers print them.
CSF = np.array([
    [1.608443, 2.339554, 2.573509, 1.608443, 1.072295, 0.643377, 0.504610, 0.421887],
    [2.144591, 2.144591, 1.838221, 1.354478, 0.989811, 0.443708, 0.428918, 0.467911],
    [1.838221, 1.979622, 1.608443, 1.072295, 0.643377, 0.451493, 0.372972, 0.459555],
    [1.838221, 1.513829, 1.169777, 0.887417, 0.504610, 0.295806, 0.321689, 0.415082],
    [1.429727, 1.169777, 0.695543, 0.459555, 0.378457, 0.236102, 0.249855, 0.334222],
    [1.072295, 0.735288, 0.467911, 0.402111, 0.317717, 0.247453, 0.227744, 0.279729],
    [0.525206, 0.402111, 0.329937, 0.295806, 0.249855, 0.212687, 0.214459, 0.254803],
    [0.357432, 0.279729, 0.270896, 0.262603, 0.229778, 0.257351, 0.249855, 0.259950]])
MASK = np.array([
    [0.390625, 0.826446, 1.000000, 0.390625, 0.173611, 0.062500, 0.038447, 0.026874],
    [0.694444, 0.694444, 0.510204, 0.277008, 0.147929, 0.029727, 0.027778, 0.033058],
    [0.510204, 0.591716, 0.390625, 0.173611, 0.062500, 0.030779, 0.021004, 0.031888],
    [0.510204, 0.346021, 0.206612, 0.118906, 0.038447, 0.013212, 0.015625, 0.026015],
    [0.308642, 0.206612, 0.073046, 0.031888, 0.021626, 0.008417, 0.009426, 0.016866],
    [0.173611, 0.081633, 0.033058, 0.024414, 0.015242, 0.009246, 0.007831, 0.011815],
    [0.041649, 0.024414, 0.016437, 0.013212, 0.009426, 0.006830, 0.006944, 0.009803],
    [0.019290, 0.011815, 0.011080, 0.010412, 0.007972, 0.010000, 0.009426, 0.010203]])


def picture(width, height, channels, depth, distorted):
    """The same integers as picture() of test_metrics.c."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    v = (3 * x * x + 5 * x * y + 2 * y * y + 4000 * c) // 97 % 512
    v = np.minimum(v, 511 - v)
    v = (v * 3 + (x // 16 + y // 16 + c) % 2 * 200) // 4
    if distorted:
        v = v + (x * 7 + y * 13 + c * 5 + x * y) % 23 - 11
    v = np.clip(v, 0, 255)
    if depth == 16:
        v = v * 257 - (x + 2 * y) % 129 * (v > 127)
    return v


def luma(v, depth):
    v = v.astype(np.float64) * (255 / (2**depth - 1))
    return v[:, :, :3] @ [0.299, 0.587, 0.114] if v.shape[2] >= 3 else v[:, :, 0]


def psnr(peak, mse):
    return 10 * np.log10(peak**2 / mse)


def similarity(x, y):
    """Mean luminance * contrast * structure, and mean contrast * structure."""
    r = np.arange(-5, 6)
    window = np.exp(-(r[:, None] ** 2 + r[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    local = lambda a: convolve2d(a, window, mode="valid")
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mx, my = local(x), local(y)
    vx, vy, cov = local(x * x) - mx**2, local(y * y) - my**2, local(x * y) - mx * my
    light = (2 * mx * my + c1) / (mx**2 + my**2 + c1)
    cs = (2 * cov + c2) / (vx + vy + c2)
    return (light * cs).mean(), cs.mean()


def halve(a):
    a = np.pad(a, ((0, a.shape[0] % 2), (0, a.shape[1] % 2)), mode="edge")
    return uniform_filter(a, size=2, origin=-1)[::2, ::2]


def ms_ssim(x, y):
    if min(x.shape) < 176:
        return float("nan")
    product = 1.0
    for k, weight in enumerate(WEIGHTS):
        full, cs = similarity(x, y)
        product *= max(0.0, full if k == 4 else cs) ** weight
        x, y = halve(x), halve(y)
    return product


def blocks(plane):
    """All whole blocks of 8x8: (number, 8, 8)."""
    h, w = plane.shape[0] // 8, plane.shape[1] // 8
    return plane[: 8 * h, : 8 * w].reshape(h, 8, w, 8).swapaxes(1, 2).reshape(-1, 8, 8)


def hidden(b, coefficients):
    energy = (coefficients**2 * MASK).sum(axis=(1, 2)) - coefficients[:, 0, 0] ** 2 * MASK[0, 0]
    whole = b.var(axis=(1, 2), ddof=1) * 64
    parts = sum(b[:, y : y + 4, x : x + 4].var(axis=(1, 2), ddof=1) * 16 for y in (0, 4) for x in (0, 4))
    share = np.divide(parts, whole, out=np.zeros_like(whole), where=whole > 0)
    return np.sqrt(energy * share) / 32


def psnr_hvs(x, y):
    """Without and with masking."""
    a, b = blocks(x), blocks(y)
    if not len(a):
        return float("nan"), float("nan")
    da, db = dctn(a, axes=(1, 2), norm="ortho"), dctn(b, axes=(1, 2), norm="ortho")
    e = np.abs(da - db)
    limit = np.maximum(hidden(a, da), hidden(b, db))[:, None, None] / MASK
    limit[:, 0, 0] = 0
    seen = np.clip(e - limit, 0, None)
    return psnr(255, ((e * CSF) ** 2).mean()), psnr(255, ((seen * CSF) ** 2).mean())


for width, height, channels, depth in [(40, 31, 3, 8), (11, 11, 1, 8), (53, 29, 4, 16), (33, 47, 2, 8),
                                       (181, 187, 3, 8), (256, 176, 1, 16)]:
    a = picture(width, height, channels, depth, False)
    b = picture(width, height, channels, depth, True)
    peak, colours = 2**depth - 1, 3 if channels >= 3 else 1
    d = (a - b).astype(np.float64)
    x, y = luma(a, depth), luma(b, depth)
    print("{%d, %d, %d, %d, %.12g, %.12g, %.12g, %.12g, %.12g, %.12g, %.12g, %d, %.8g, %.8g}," % (
        width, height, channels, depth, (d**2).mean(), psnr(peak, (d**2).mean()),
        psnr(peak, (d[:, :, :colours] ** 2).mean()), psnr(255, ((x - y) ** 2).mean()),
        psnr(peak, (d[:, :, channels - 1] ** 2).mean()), similarity(x, y)[0], ms_ssim(x, y),
        np.abs(d).max(), *psnr_hvs(x, y)))
