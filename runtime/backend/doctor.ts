/** The facts behind `wsss doctor`, as data. */
import { version_core } from '@tensorflow/tfjs-core';
import { type ProcessFacts, processFacts } from '../host/environment.ts';
import { available } from './choose.ts';
import { installedVersion } from './packages.ts';
import type { BackendReport } from './report.ts';

export interface OptionalPackage {
  readonly name: string;
  readonly version: string | undefined;
  readonly purpose: string;
}

export interface DoctorReport {
  readonly process: ProcessFacts;
  /** Whether this Node is one the package is tested with. */
  readonly nodeSupported: boolean;
  readonly tfjs: string;
  readonly backends: readonly BackendReport[];
  /** What runs without `--backend`; undefined when nothing would. */
  readonly automatic: BackendReport['name'] | undefined;
  readonly packages: readonly OptionalPackage[];
}

const optional: readonly Omit<OptionalPackage, 'version'>[] = [
  { name: 'sharp', purpose: 'reads JPEG images' },
  { name: '@resvg/resvg-js', purpose: 'draws the sprites of EmojiVOC' },
  { name: '@tensorflow/tfjs-node-gpu', purpose: 'backend tensorflow' },
  { name: '@tensorflow/tfjs-node', purpose: 'backend tensorflow, processor only' },
  { name: 'webgpu', purpose: 'backend webgpu' },
  { name: '@tensorflow/tfjs-backend-webgpu', purpose: 'backend webgpu' },
];

/** Oldest major version that works. */
const OLDEST_NODE = 20;

export async function diagnose(): Promise<DoctorReport> {
  const facts = processFacts();
  const backends = await available();
  return {
    process: facts,
    nodeSupported: Number.parseInt(facts.node, 10) >= OLDEST_NODE,
    tfjs: version_core,
    backends,
    automatic: backends.find((report) => report.automatic)?.name,
    packages: optional.map((one) => ({ ...one, version: installedVersion(one.name) })),
  };
}
