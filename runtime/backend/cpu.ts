/** Plain JavaScript: the reference that other backends are compared with. */
import { version_cpu } from '@tensorflow/tfjs-backend-cpu';
import type { BackendReport } from './report.ts';

export async function probeCpu(): Promise<BackendReport> {
  return {
    name: 'cpu',
    usable: true,
    automatic: false,
    reason: 'a slow reference: used only when named',
    howToGet: '',
    version: `@tensorflow/tfjs-backend-cpu ${version_cpu}`,
    device: 'CPU',
    simd: undefined,
    threads: 1,
  };
}
