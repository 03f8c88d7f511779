/** Time of a body, on the clock and of the processor: the second is what counts on a machine with other work. */

export interface Time {
  /** Milliseconds. */
  readonly wall: number;
  readonly cpu: number;
}

export function timed(body: () => void): Time {
  const cpu = process.cpuUsage();
  const from = performance.now();
  body();
  const wall = performance.now() - from;
  const used = process.cpuUsage(cpu);
  return { wall, cpu: (used.user + used.system) / 1000 };
}

export function middle(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** The median of several. */
export function median(repeats: number, body: () => void): Time {
  const times = Array.from({ length: repeats }, () => timed(body));
  return { wall: middle(times.map((t) => t.wall)), cpu: middle(times.map((t) => t.cpu)) };
}

export function line(what: string, { wall, cpu }: Time, extra = ''): void {
  console.log(`${what.padEnd(58)} ${cpu.toFixed(0).padStart(6)} ms processor  ${wall.toFixed(0).padStart(6)} ms clock${extra}`);
}
