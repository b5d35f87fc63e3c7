#!/usr/bin/python3
"""The training step of nn_bench.c in PyTorch: nn_bench_torch.py [THREADS [SECONDS]]"""
import sys
import time

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dw = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.pw1 = nn.Conv2d(width, width, 1)
        self.pw2 = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.pw2.weight)

    def forward(self, x):
        return x + self.pw2(torch.relu(self.pw1(self.dw(x))))


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    batch, side, width = 8, 128, 32
    net = nn.Sequential(nn.Conv2d(12, width, 1), *[Block(width) for _ in range(4)], nn.Conv2d(width, 12, 1))
    for layout in (torch.contiguous_format, torch.channels_last):
        net = net.to(memory_format=layout)
        x = torch.randn(batch, 12, side // 2, side // 2).contiguous(memory_format=layout)
        target = 0.5 * x
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for _ in range(3):
            step(net, optimizer, x, target)
        steps, begin, cpu, fastest = 0, time.perf_counter(), time.process_time(), 0.0
        while time.perf_counter() - begin < seconds / 2:
            start = time.perf_counter()
            loss = step(net, optimizer, x, target)
            fastest = max(fastest, batch / (time.perf_counter() - start))
            steps += 1
        rate = batch * steps / (time.perf_counter() - begin)
        cpu = batch * steps / (time.process_time() - cpu)
        print(f"torch {torch.__version__}, threads {threads}, {str(layout).split('.')[1]}: "
              f"{rate:.1f} images/s on average, {fastest:.1f} at best, {cpu:.1f} a second of processor, loss {loss:.5f}")


def step(net, optimizer, x, target):
    optimizer.zero_grad(set_to_none=True)
    loss = ((net(x) - target) ** 2).mean()
    loss.backward()
    optimizer.step()
    return float(loss)


if __name__ == "__main__":
    main()
