/** Runs the command line as people do: the built package in a process of its own. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the package under test; another build of it can be named. */
const root = process.env.WSSS_PACKAGE ?? fileURLToPath(new URL('../../../', import.meta.url));
const main = join(root, 'dist', 'compiler', 'cli', 'main.js');

export const packageRoot = root;
/** `npm test` builds first. */
export const built = existsSync(main);

export interface Ended {
  /** Exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly cwd?: string;
  /** A module that is loaded before the command line. */
  readonly preload?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The process is killed with SIGKILL when this stands on its standard error. */
  readonly killAt?: string;
}

export function wsss(args: readonly string[], { cwd, preload, env, killAt }: SpawnOptions = {}): Promise<Ended> {
  const before = preload === undefined ? [] : ['--import', preload];
  const child = spawn(process.execPath, [...before, main, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (killAt !== undefined && stderr.includes(killAt)) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** The one JSON value that a command wrote to standard output; throws where there is anything else. */
export function json(ended: Ended): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(ended.stdout);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`no JSON object: ${ended.stdout}`);
  return { ...value };
}

/** Every file below a folder, by path within it, sorted; none where there is no folder. */
export function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !statSync(join(folder, path)).isDirectory())
    .sort();
}
