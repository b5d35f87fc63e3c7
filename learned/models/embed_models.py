"""Turns model files into C arrays and a table of them: embed_models.py OUT [ID FILE]..."""
import sys

target, ids, files = sys.argv[1], sys.argv[2::2], sys.argv[3::2]
with open(target, "w") as f:
    f.write('/* generated from model files */\n#include "embedded_models.h"\n\n')
    sizes = []
    for i, name in enumerate(files):
        with open(name, "rb") as model:
            data = model.read()
        sizes.append(len(data))
        f.write(f"static const uint8_t model{i}[{len(data)}] = {{\n")
        for at in range(0, len(data), 24):
            f.write(",".join(map(str, data[at:at + 24])) + ",\n")
        f.write("};\n")
    f.write("const tsr_embedded_model tsr_embedded_models[] = {\n")
    for i, size in enumerate(sizes):
        f.write(f"    {{{ids[i]}, model{i}, {size}}},\n")
    f.write("    {0, 0, 0},\n};\n")
