/** Progress of long work: an interface for those who work, and two ways to show it. */

/** One piece of work with a known number of units. */
export interface ProgressTask {
  /** `done` units are finished; `note` is shown behind (a loss). */
  update(done: number, note?: string): void;
  finish(note?: string): void;
}

export interface Progress {
  begin(name: string, total: number, unit: string, done?: number): ProgressTask;
  /** A message that stays. */
  note(text: string): void;
  /** Work stops in the middle: ends a line that is still painted over, so that what is written next has a line of its own. */
  interrupt(): void;
}

/** Shows nothing. */
export const silent: Progress = { begin: () => ({ update() {}, finish() {} }), note() {}, interrupt() {} };

export interface ProgressOutput {
  readonly terminal: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** Milliseconds between two plain lines, and between two repaints of the line on a terminal. */
const PLAIN_INTERVAL = 10_000;
const TERMINAL_INTERVAL = 100;

/** On a terminal one line that is painted over; elsewhere a plain line now and then, and one at the end. `now` in milliseconds. */
export function progressTo(output: ProgressOutput, now: () => number): Progress {
  let open = false;
  const close = (): void => {
    if (open) output.write('\n');
    open = false;
  };
  return {
    interrupt: close,
    note(text) {
      close();
      output.write(`${text}\n`);
    },
    begin(name, total, unit, done = 0) {
      const start = now();
      let last = Number.NEGATIVE_INFINITY;
      const say = (at: number, note: string | undefined, final: boolean): void => {
        const seconds = (now() - start) / 1000;
        const text = final ? summary(name, at, unit, seconds, at - done, note) : running(name, at, total, unit, seconds, at - done, note);
        open = output.terminal && !final;
        if (output.terminal) output.write(`\r\x1b[2K${final ? text : text.slice(0, Math.max(20, output.columns - 1))}${final ? '\n' : ''}`);
        else output.write(`${text}\n`);
      };
      return {
        update(at, note) {
          // The summary says it.
          if (at >= total && !output.terminal) return;
          const time = now();
          if (time - last < (output.terminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL)) return;
          // Elsewhere than on a terminal the first line waits, so that short work takes one line only.
          if (last === Number.NEGATIVE_INFINITY && !output.terminal && time - start < PLAIN_INTERVAL) return;
          last = time;
          say(at, note, false);
        },
        finish(note) {
          say(total, note, true);
        },
      };
    },
  };
}

function running(name: string, at: number, total: number, unit: string, seconds: number, worked: number, note: string | undefined): string {
  const rate = seconds > 0 ? worked / seconds : 0;
  const share = total > 0 ? Math.floor((100 * at) / total) : 100;
  const left = rate > 0 ? `, ${duration((total - at) / rate)} left` : '';
  return `${name}: ${at}/${total} ${unit} (${share}%), ${shortNumber(rate)} ${unit}/s${left}${note ? `, ${note}` : ''}`;
}

function summary(name: string, at: number, unit: string, seconds: number, worked: number, note: string | undefined): string {
  const rate = seconds > 0 ? `, ${shortNumber(worked / seconds)} ${unit}/s` : '';
  return `${name}: ${at} ${unit} in ${duration(seconds)}${rate}${note ? `, ${note}` : ''}`;
}

/** Seconds as `42 s`, `3 min 05 s` or `2 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

function shortNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
