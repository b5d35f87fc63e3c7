"""IEEE 754 binary32 in Python: compute in double, then round. For one +, -, *, / or square root of binary32
operands the second rounding changes nothing (53 >= 2 * 24 + 2 bits; Figueroa 1995)."""
import struct


def f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]
