"""Turns a file of little-endian integers into a C array: embed.py NAME TYPE IN OUT, TYPE int8_t or int16_t."""
import struct
import sys

name, type_name, source, target = sys.argv[1:5]
size, code = {"int8_t": (1, "b"), "int16_t": (2, "h")}[type_name]
with open(source, "rb") as f:
    data = f.read()
values = struct.unpack(f"<{len(data) // size}{code}", data)
with open(target, "w") as f:
    f.write("/* generated from a model file */\n#include <stdint.h>\n")
    f.write(f"static const {type_name} {name}[{len(values)}] = {{\n")
    for i in range(0, len(values), 24):
        f.write(",".join(map(str, values[i:i + 24])) + ",\n")
    f.write("};\n")
