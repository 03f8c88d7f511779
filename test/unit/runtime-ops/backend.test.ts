import { getBackend, memory } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { available, choose } from '../../../runtime/backend/choose.ts';
import { diagnose } from '../../../runtime/backend/doctor.ts';
import { BackendError, backendNames } from '../../../runtime/backend/report.ts';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from '../../../runtime/ops/convolution.ts';
import { softplus } from '../../../runtime/ops/elementwise.ts';
import { mean } from '../../../runtime/ops/reduce.ts';
import { scope } from '../../../runtime/ops/scope.ts';
import { normal, tensor } from './harness.ts';

describe('the choice of a backend', () => {
  it('takes the first automatic one of the report, without a word on the console', async () => {
    const spies = (['log', 'warn', 'error', 'info'] as const).map((level) => vi.spyOn(console, level).mockImplementation(() => {}));
    const reports = await available();
    expect(reports.map((report) => report.name)).toEqual(backendNames);
    const first = reports.find((report) => report.automatic);
    const chosen = await choose();
    expect(chosen.name).toBe(first?.name);
    expect(getBackend()).toBe(chosen.name);
    expect(chosen.passed.map((report) => report.name)).toEqual(backendNames.slice(0, backendNames.indexOf(chosen.name)));
    const x = tensor(normal('x', 3));
    softplus(x).dispose();
    x.dispose();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
  it('never takes cpu unasked, and takes it when named', async () => {
    const cpu = (await available()).find((report) => report.name === 'cpu');
    expect(cpu).toMatchObject({ usable: true, automatic: false });
    expect((await choose('cpu')).name).toBe('cpu');
    expect(getBackend()).toBe('cpu');
  });
  it('wasm runs with vector instructions on one thread', async () => {
    const chosen = await choose('wasm');
    expect(chosen).toMatchObject({ name: 'wasm', usable: true, simd: true, threads: 1 });
    expect(chosen.version).toMatch(/tfjs-backend-wasm \d/);
  });
  it('explains a name that does not exist', async () => {
    await expect(choose('cuda')).rejects.toThrow(BackendError);
    await expect(choose('cuda')).rejects.toMatchObject({
      code: 'unknown-backend',
      message: expect.stringContaining("'cuda'"),
      hint: expect.stringContaining('wasm'),
    });
  });
  it('explains every backend that cannot be used, and how to get it', async () => {
    for (const report of await available()) {
      if (report.usable) continue;
      expect(report.reason).not.toBe('');
      expect(report.howToGet).not.toBe('');
      await expect(choose(report.name)).rejects.toMatchObject({
        code: 'backend-unavailable',
        hint: report.howToGet,
        message: expect.stringContaining(report.reason),
      });
    }
  });
});

describe('the diagnosis', () => {
  it('is plain data about this process', async () => {
    const report = await diagnose();
    expect(report.nodeSupported).toBe(true);
    expect(report.process.cores).toBeGreaterThan(0);
    expect(report.process.memory).toBeGreaterThan(2 ** 20);
    expect(report.tfjs).toMatch(/^\d+\.\d+/);
    expect(report.packages.find((one) => one.name === 'sharp')?.version).toMatch(/^\d/);
    expect(JSON.parse(JSON.stringify(report)).automatic).toBe(report.automatic);
  });
});

describe('wasm', () => {
  it('computes the same bytes twice', async () => {
    await choose('wasm');
    const attrs = { stride: [2, 2], pad: [1, 1, 1, 1], dilation: [1, 1] } as const;
    const once = (): readonly Uint8Array[] => {
      const x = tensor(normal('x', 2, 17, 15, 9));
      const filter = tensor(normal('f', 3, 3, 9, 13));
      const results = scope(() => {
        const y = softplus(conv2d(x, filter, attrs));
        const dx = conv2dInputGrad(y, filter, { ...attrs, size: [17, 15] });
        const df = conv2dFilterGrad(x, y, { ...attrs, kernel: [3, 3] });
        return [y, dx, df, mean(y, { axes: [1, 2], keep: false }), mean(dx, { axes: [0, 1, 2, 3], keep: false })];
      });
      const bytes = results.map((one) => new Uint8Array(one.dataSync().slice().buffer));
      for (const one of [x, filter, ...results]) one.dispose();
      return bytes;
    };
    const before = memory().numBytes;
    const first = once();
    expect(once()).toEqual(first);
    expect(memory().numBytes).toBe(before);
  });
});
