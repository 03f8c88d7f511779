/** WebGPU through Dawn (npm `webgpu`) and tfjs's WebGPU backend: optional packages. */
import { installedVersion, load } from './packages.ts';
import { type BackendReport, reasonOf } from './report.ts';

const packages = ['webgpu', '@tensorflow/tfjs-backend-webgpu'] as const;

/** Adapters that compute on the processor: correct, slow, never chosen unasked. */
const software = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

interface AdapterLike {
  readonly isFallbackAdapter?: unknown;
  readonly info?: unknown;
}

interface GpuLike {
  readonly requestAdapter: (options?: object) => Promise<AdapterLike | null>;
}

let probing: Promise<BackendReport> | undefined;

/** Looks for an adapter and registers tfjs's backend; does not make it current. The answer is remembered. */
export function probeWebGpu(): Promise<BackendReport> {
  probing ??= probe();
  return probing;
}

async function probe(): Promise<BackendReport> {
  const base = { name: 'webgpu', simd: undefined, threads: undefined } as const;
  const no = (reason: string, howToGet: string): BackendReport => ({
    ...base,
    usable: false,
    automatic: false,
    reason,
    howToGet,
    version: undefined,
    device: undefined,
  });
  const missing = packages.filter((name) => installedVersion(name) === undefined);
  if (missing.length > 0) return no(`${missing.join(' and ')} not installed`, 'npm install webgpu @tensorflow/tfjs-backend-webgpu@4.22.0');
  try {
    const gpu = await provideGpu();
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return no('no graphics adapter was found', 'a GPU with a Vulkan, Metal or Direct3D 12 driver');
    const device = describe(adapter);
    const slow = adapter.isFallbackAdapter === true || software.test(device);
    await load('@tensorflow/tfjs-backend-webgpu');
    return {
      ...base,
      usable: true,
      automatic: !slow,
      reason: slow ? 'a software adapter: used only when named' : 'a hardware adapter',
      howToGet: '',
      version: packages.map((name) => `${name} ${installedVersion(name)}`).join(', '),
      device,
    };
  } catch (error) {
    return no(reasonOf(error), 'a GPU with a Vulkan, Metal or Direct3D 12 driver');
  }
}

/** tfjs reads `navigator.gpu` when its backend is loaded. */
async function provideGpu(): Promise<GpuLike> {
  const dawn = await load('webgpu');
  const { create, globals } = dawn;
  if (typeof create !== 'function' || typeof globals !== 'object' || globals === null)
    throw new Error('the package webgpu has another interface than 0.6');
  Object.assign(globalThis, globals);
  const gpu: unknown = create([]);
  if (!isGpu(gpu)) throw new Error('the package webgpu gave no GPU object');
  // Node 21 and later have a navigator of their own.
  if (!('navigator' in globalThis)) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  const navigator: unknown = Reflect.get(globalThis, 'navigator');
  if (typeof navigator !== 'object' || navigator === null) throw new Error('this Node has an unusable navigator');
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

function isGpu(value: unknown): value is GpuLike {
  return typeof value === 'object' && value !== null && 'requestAdapter' in value;
}

function describe(adapter: AdapterLike): string {
  const info = adapter.info;
  if (typeof info !== 'object' || info === null) return 'unnamed adapter';
  const field = (name: string): string => {
    const value: unknown = Reflect.get(info, name);
    return typeof value === 'string' ? value : '';
  };
  const words = [field('vendor'), field('architecture'), field('device'), field('description')].filter((word) => word !== '');
  return words.length > 0 ? words.join(' ') : 'unnamed adapter';
}
