/** TensorFlow's own library through tfjs-node-gpu or tfjs-node: optional packages, used when they are installed and load. */
import util from 'node:util';
import { engine, setBackend } from '@tensorflow/tfjs-core';
import { prepareTensorFlowEnvironment } from '../host/environment.ts';
import { installedVersion, load } from './packages.ts';
import { type BackendReport, reasonOf } from './report.ts';

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

const howToGet = 'npm install --ignore-scripts @tensorflow/tfjs-node-gpu@4.22.0, then give it a TensorFlow library';

/** tfjs-node 4.22.0 calls two functions that Node 23 removed; no released version does without them. */
function restoreRemovedUtilities(): void {
  const target: object = util;
  if (!('isNullOrUndefined' in target))
    Object.assign(target, { isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined });
  if (!('isArray' in target)) Object.assign(target, { isArray: Array.isArray });
}

let loading: Promise<BackendReport> | undefined;
let module: Readonly<Record<string, unknown>> | undefined;

/** What the package exports (its `node` namespace runs saved models), or why it cannot be had. */
export async function tensorFlowPackage(): Promise<Readonly<Record<string, unknown>> | string> {
  const { usable, reason } = await probeTensorFlow();
  return usable && module ? module : reason;
}

/** Loads the first package that loads and initialises it; leaves the current backend as it was. The answer is remembered. */
export function probeTensorFlow(): Promise<BackendReport> {
  loading ??= probe();
  return loading;
}

async function probe(): Promise<BackendReport> {
  const base = { name: 'tensorflow', simd: undefined, threads: undefined } as const;
  const failures: string[] = [];
  for (const name of packages) {
    const version = installedVersion(name);
    if (version === undefined) continue;
    const before = engine().backendName;
    try {
      prepareTensorFlowEnvironment();
      restoreRemovedUtilities();
      const loaded = await load(name);
      if (!(await setBackend('tensorflow'))) throw new Error('its backend did not initialise');
      module = loaded;
      const backend: object = engine().backend;
      const gpu = 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
      const library = libraryVersion(backend);
      return {
        ...base,
        usable: true,
        automatic: true,
        reason: gpu ? 'native library on a GPU' : 'native library on the processor',
        howToGet: '',
        version: `${name} ${version}${library === undefined ? '' : `, TensorFlow ${library}`}`,
        device: gpu ? 'GPU' : 'CPU',
      };
    } catch (error) {
      failures.push(`${name} ${version} is installed but does not load: ${reasonOf(error)}`);
    } finally {
      if (before) await setBackend(before);
    }
  }
  const reason = failures.length > 0 ? failures.join('; ') : `neither ${packages.join(' nor ')} is installed`;
  return { ...base, usable: false, automatic: false, reason, howToGet, version: undefined, device: undefined };
}

function libraryVersion(backend: object): string | undefined {
  const binding: unknown = 'binding' in backend ? backend.binding : undefined;
  return typeof binding === 'object' && binding !== null && 'TF_Version' in binding ? String(binding.TF_Version) : undefined;
}
