/**
 * `wsss check` on the SIPE spec: from process start to end, and its parser and checker alone. Starts of the built command line are timed in turn
 * with `node -e 0`, so that a busy machine disturbs both alike; processor time is printed beside the time on the clock.
 *
 *     npm run build && npx vite-node bench/check.ts -- [repeats]          (Node 22: node --experimental-strip-types bench/check.ts [repeats])
 *
 * "first" is the first check of a process, "again" the median of those that follow when the compiler has warmed up.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const repeats = Number(process.argv.at(-1)) || 7;
const root = fileURLToPath(new URL('..', import.meta.url));
const SPEC = 'specs/methods/sipe.wsss';

interface Time {
  /** Milliseconds on the clock. */
  readonly wall: number;
  /** Milliseconds of processor time over all threads. */
  readonly cpu: number;
}

function middle(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function median(times: readonly Time[]): Time {
  return { wall: middle(times.map((t) => t.wall)), cpu: middle(times.map((t) => t.cpu)) };
}

/** One process from start to end: milliseconds on the clock. */
function start(args: readonly string[]): number {
  const from = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  const wall = performance.now() - from;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return wall;
}

/** Runs inside a fresh process: parses and checks, first once, then until it is warm. Prints JSON. */
const INSIDE = `
import { readFileSync } from 'node:fs';
const { checkFile } = await import('./dist/compiler/check/check.js');
const { Diagnostics } = await import('./dist/compiler/diagnostics/diagnostics.js');
const texts = new Map();
const read = (name) => {
  if (!texts.has(name)) texts.set(name, readFileSync(name.startsWith('std/') ? 'specs/' + name : name, 'utf8'));
  return texts.get(name);
};
const timed = (only) => {
  const cpu = process.cpuUsage(), from = performance.now();
  const diagnostics = new Diagnostics();
  checkFile({ read }, '${SPEC}', diagnostics, { only });
  const wall = performance.now() - from, used = process.cpuUsage(cpu);
  if (diagnostics.all.length > 0) throw new Error('the spec has problems');
  return { wall, cpu: (used.user + used.system) / 1000 };
};
const only = process.argv[1] === 'all' ? undefined : [process.argv[1]];
const first = timed(only);
const again = [];
if (process.argv[2] === 'again') {
  for (let i = 0; i < 20; i++) timed(only);
  for (let i = 0; i < 15; i++) again.push(timed(only));
}
process.stdout.write(JSON.stringify({ first, again }));
`;

/** "first" under the flag that the command line sets for itself. */
function inside(what: string, how: 'first' | 'again'): Time {
  const flags = how === 'first' ? ['--interrupt-budget=1000000'] : [];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', INSIDE, what, how], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const found = JSON.parse(stdout) as { first: Time; again: Time[] };
  return how === 'first' ? found.first : median(found.again);
}

const empty: number[] = [];
const whole: number[] = [];
const one: number[] = [];
for (let i = 0; i < repeats; i++) {
  empty.push(start(['-e', '0']));
  whole.push(start(['dist/compiler/cli/main.js', 'check', SPEC]));
  one.push(start(['dist/compiler/cli/main.js', 'check', `${SPEC}:sipe`]));
}
const base = middle(empty);
const line = (what: string, ms: number, extra = ''): void =>
  console.log(`${what.padEnd(58)} ${ms.toFixed(0).padStart(6)} ms  ${(ms / base).toFixed(1).padStart(5)} × node -e 0${extra}`);
line('node -e 0, start to end', base);
line(`wsss check ${SPEC} (4 methods), start to end`, middle(whole));
line(`wsss check ${SPEC}:sipe, start to end`, middle(one));
for (const [what, title] of [
  ['sipe', 'parser and checker, sipe'],
  ['all', 'parser and checker, all 4 methods'],
] as const) {
  const several = (how: 'first' | 'again'): Time => median(Array.from({ length: 3 }, () => inside(what, how)));
  const first = several('first');
  const again = several('again');
  line(`${title}: first`, first.wall, `   (${first.cpu.toFixed(0)} ms of processor)`);
  line(`${title}: again`, again.wall, `   (${again.cpu.toFixed(0)} ms of processor)`);
}
