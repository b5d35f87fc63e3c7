#!/usr/bin/python3
"""The training step of nn_bench.c in PyTorch: nn_bench_torch.py [THREADS [SECONDS [CHANNELS BLOCKS]]]"""
import sys
import time

import torch
from torch import nn


class Biased(nn.Module):
    """A layer whose bias depends on the step: on 1, l and l^2."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.bias = nn.Linear(3, layer.out_channels, bias=False)
        nn.init.zeros_(self.bias.weight)

    def forward(self, x, condition):
        return self.layer(x) + self.bias(condition)[:, :, None, None]


def pointwise(inputs, outputs):
    return Biased(nn.Conv2d(inputs, outputs, 1, bias=False))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dw = Biased(nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False))
        self.pw = pointwise(width, width)
        nn.init.zeros_(self.pw.layer.weight)

    def forward(self, x, condition):
        return x + self.pw(torch.relu(self.dw(x, condition)), condition)


class Network(nn.Module):
    def __init__(self, width, blocks):
        super().__init__()
        self.head = pointwise(12, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.tail = pointwise(width, 12)

    def forward(self, x, condition):
        h = self.head(x, condition)
        for block in self.blocks:
            h = block(h, condition)
        return self.tail(h, condition)


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    batch, side = 8, 128
    width, blocks = (int(sys.argv[3]), int(sys.argv[4])) if len(sys.argv) > 4 else (64, 8)
    net = Network(width, blocks)
    condition = torch.ones(batch, 3)
    for layout in (torch.contiguous_format, torch.channels_last):
        net = net.to(memory_format=layout)
        x = torch.randn(batch, 12, side // 2, side // 2).contiguous(memory_format=layout)
        target = 0.5 * x
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for _ in range(3):
            step(net, optimizer, (x, condition), target)
        steps, begin, cpu, fastest = 0, time.perf_counter(), time.process_time(), 0.0
        while time.perf_counter() - begin < seconds / 2:
            start = time.perf_counter()
            loss = step(net, optimizer, (x, condition), target)
            fastest = max(fastest, batch / (time.perf_counter() - start))
            steps += 1
        rate = batch * steps / (time.perf_counter() - begin)
        cpu = batch * steps / (time.process_time() - cpu)
        print(f"torch {torch.__version__}, threads {threads}, {str(layout).split('.')[1]}: "
              f"{rate:.1f} images/s on average, {fastest:.1f} at best, {cpu:.1f} a second of processor, loss {loss:.5f}")


def step(net, optimizer, inputs, target):
    optimizer.zero_grad(set_to_none=True)
    loss = ((net(*inputs) - target) ** 2).mean()
    loss.backward()
    optimizer.step()
    return float(loss)


if __name__ == "__main__":
    main()
