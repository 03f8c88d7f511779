/** Which backend computes. */
import { findBackendFactory, setBackend } from '@tensorflow/tfjs-core';
import { probeCpu } from './cpu.ts';
import { quiet } from './quiet.ts';
import { BackendError, type BackendName, type BackendReport, backendNames, reasonOf } from './report.ts';
import { probeTensorFlow } from './tensorflow.ts';
import { probeWasm } from './wasm.ts';
import { probeWebGpu } from './webgpu.ts';

const probes: Readonly<Record<BackendName, () => Promise<BackendReport>>> = {
  tensorflow: probeTensorFlow,
  webgpu: probeWebGpu,
  wasm: probeWasm,
  cpu: probeCpu,
};

/** Every backend with what is known about it, in the order of automatic choice. Loads optional packages; downloads nothing; changes nothing. */
export async function available(): Promise<readonly BackendReport[]> {
  quiet();
  const reports: BackendReport[] = [];
  for (const name of backendNames) reports.push(await probes[name]());
  return reports;
}

export interface ChosenBackend extends BackendReport {
  /** The backends that come earlier in the order, and why they were passed over. */
  readonly passed: readonly BackendReport[];
}

function isBackendName(name: string): name is BackendName {
  return backendNames.some((known) => known === name);
}

/**
 * Makes a backend current: the named one, or the first usable of tensorflow, webgpu (hardware only) and wasm. Throws BackendError for an unknown
 * name, and for a named backend that cannot be had.
 */
export async function choose(name?: string): Promise<ChosenBackend> {
  quiet();
  if (name !== undefined) {
    if (!isBackendName(name))
      throw new BackendError('unknown-backend', `there is no backend '${name}'`, `use one of ${backendNames.join(', ')}`);
    const report = await probes[name]();
    if (!report.usable) throw new BackendError('backend-unavailable', `backend ${name} cannot be used: ${report.reason}`, report.howToGet);
    const failure = await activate(name);
    if (failure !== undefined) throw new BackendError('backend-unavailable', `backend ${name} does not start: ${failure}`, report.howToGet);
    return { ...(await probes[name]()), passed: [] };
  }
  const passed: BackendReport[] = [];
  for (const candidate of backendNames) {
    const report = await probes[candidate]();
    const failure = report.automatic ? await activate(candidate) : undefined;
    if (report.automatic && failure === undefined) return { ...(await probes[candidate]()), passed };
    passed.push(failure === undefined ? report : { ...report, usable: false, automatic: false, reason: `does not start: ${failure}` });
  }
  const reasons = passed.map((report) => `${report.name}: ${report.reason}`).join('; ');
  throw new BackendError('backend-unavailable', `no backend starts (${reasons})`, 'reinstall the package, or name --backend cpu');
}

/** Makes a registered backend current; says why where it does not start. */
async function activate(name: BackendName): Promise<string | undefined> {
  if (await setBackend(name)) return undefined;
  // tfjs keeps the reason to itself: ask its factory once more.
  try {
    await findBackendFactory(name)?.();
    return 'it failed to initialise';
  } catch (error) {
    return reasonOf(error);
  }
}
