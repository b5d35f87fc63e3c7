#!/usr/bin/env python3
"""Second computation of the figures in test_metrics.c: numpy, scipy, whole arrays, two-dimensional windows.

Prints one line for each test picture. Needs python3-numpy and python3-scipy; not part of the build.
"""
import numpy as np
from scipy.ndimage import uniform_filter
from scipy.signal import convolve2d

WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


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


for width, height, channels, depth in [(40, 31, 3, 8), (11, 11, 1, 8), (53, 29, 4, 16), (33, 47, 2, 8),
                                       (181, 187, 3, 8), (256, 176, 1, 16)]:
    a = picture(width, height, channels, depth, False)
    b = picture(width, height, channels, depth, True)
    peak, colours = 2**depth - 1, 3 if channels >= 3 else 1
    d = (a - b).astype(np.float64)
    x, y = luma(a, depth), luma(b, depth)
    print("{%d, %d, %d, %d, %.12g, %.12g, %.12g, %.12g, %.12g, %.12g, %.12g, %d}," % (
        width, height, channels, depth, (d**2).mean(), psnr(peak, (d**2).mean()),
        psnr(peak, (d[:, :, :colours] ** 2).mean()), psnr(255, ((x - y) ** 2).mean()),
        psnr(peak, (d[:, :, channels - 1] ** 2).mean()), similarity(x, y)[0], ms_ssim(x, y),
        np.abs(d).max()))
