/** WebAssembly with XNNPACK: part of every installation. One thread an instance in Node; more cores are used by more workers. */
import { getThreadsCount, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { engine, env } from '@tensorflow/tfjs-core';
import type { BackendReport } from './report.ts';

/** Its files lie beside its code inside the package; nothing is downloaded. */
export async function probeWasm(): Promise<BackendReport> {
  const simd = Boolean(await env().getAsync('WASM_HAS_SIMD_SUPPORT'));
  return {
    name: 'wasm',
    usable: true,
    automatic: true,
    reason: simd
      ? 'works everywhere, with vector instructions'
      : 'works everywhere, but this processor or Node lacks vector instructions: expect a quarter of the speed',
    howToGet: '',
    version: `@tensorflow/tfjs-backend-wasm ${version_wasm}`,
    device: 'CPU',
    simd,
    threads: engine().backendName === 'wasm' ? getThreadsCount() : 1,
  };
}
