import { describe, expect, test } from 'vitest';
import { duration, progressTo } from '../../../runtime/host/progress.ts';

/** A progress display with a clock of its own; `at` sets the clock in seconds. */
function display(terminal: boolean) {
  let seconds = 0;
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const progress = progressTo({ terminal, columns: 60, write }, () => seconds * 1000);
  return {
    progress,
    at(time: number) {
      seconds = time;
    },
    take: () => {
      const taken = text;
      text = '';
      return taken;
    },
  };
}

describe('progress', () => {
  test('on a terminal paints one line over, with rate and time left, never wider than it is', () => {
    const { progress, at, take } = display(true);
    const task = progress.begin('train', 200, 'steps', 50);
    at(10);
    task.update(100, 'cls 0.5');
    const line = take();
    expect(line.startsWith('\r\u001b[2K')).toBe(true);
    expect(line).toContain('train: 100/200 steps (50%), 5.00 steps/s, 20 s left');
    expect(line).not.toContain('\n');
    expect(line.replace('\r\u001b[2K', '').length).toBeLessThan(60);
    task.update(101);
    expect(take()).toBe('');
    at(30);
    task.finish('cls 0.4');
    expect(take()).toBe('\r\u001b[2Ktrain: 200 steps in 30 s, 5.00 steps/s, cls 0.4\n');
  });

  test('what is written after an interruption has a line of its own', () => {
    const { progress, at, take } = display(true);
    at(1);
    progress.begin('train', 10, 'steps').update(1);
    take();
    progress.interrupt();
    expect(take()).toBe('\n');
    progress.note('stopped');
    expect(take()).toBe('stopped\n');
  });

  test('elsewhere writes a plain line now and then, and short work takes one line', () => {
    const { progress, at, take } = display(false);
    const task = progress.begin('seeds', 30, 'images');
    at(3);
    task.update(9);
    expect(take()).toBe('');
    at(12);
    task.update(12);
    expect(take()).toBe('seeds: 12/30 images (40%), 1.00 images/s, 18 s left\n');
    at(15);
    task.update(20);
    expect(take()).toBe('');
    at(30);
    task.update(30);
    task.finish();
    expect(take()).toBe('seeds: 30 images in 30 s, 1.00 images/s\n');
  });

  test('durations', () => {
    expect([5.4, 65, 3600 * 2 + 600].map(duration)).toEqual(['5 s', '1 min 05 s', '2 h 10 min']);
  });
});
