/** Specs that ask for more work than any machine has: one message, at the line that explodes. No times are measured; what is counted ends the check. */
import { describe, expect, test } from 'vitest';
import { stepsFor } from '../../../compiler/check/work.ts';
import { checkSpec, methodAround, reported } from './checking.ts';

const maps = 'layer head = conv(K, kernel: 1)\n  cam raw = head(image)\n  loss cls = mean(raw)\n';

/** A method with modules of its own beside it. */
function withModules(modules: string, body: string): string[] {
  const text = methodAround(maps + body).replace('method m {', `${modules}\n\nmethod m {`);
  const { diagnostics } = checkSpec('m.wsss', text);
  return diagnostics.toJson().map((d) => `${d.code}: ${text.split('\n')[d.place.start.line - 1].trim()}`);
}

describe('too much work ends with one message at the line that explodes', () => {
  test('loops inside loops', () => {
    const body = `${maps}
  iterate a = raw times 1000 {
    iterate b = a times 1000 {
      b = b * 2
    }
    a = b
  }
  watch w = mean(a)`;
    expect(reported(body)).toEqual(['too-much-work: iterate a = raw times 1000 {']);
  });

  test('modules that call each other twice', () => {
    const levels = Array.from({ length: 40 }, (_, i) => `module d${i + 1}(x) { return d${i}(x) + d${i}(x) }`).join('\n');
    const found = withModules(`module d0(x) { return x + 1 }\n${levels}`, '  watch w = mean(d40(raw))');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^too-much-work: module d\d+\(x\)/);
  });

  test('functions that are given themselves', () => {
    const found = reported(`${maps}\n  let twice = (f, x) => f(f, x) + f(f, x)\n  watch w = mean(twice(twice, raw))`);
    expect(found).toEqual(['recursive-module: let twice = (f, x) => f(f, x) + f(f, x)']);
  });

  test('lists of lists of lists', () => {
    const doubled = Array.from({ length: 40 }, (_, i) => `  let l${i + 1} = [l${i}, l${i}]`).join('\n');
    expect(reported(`${maps}\n  let l0 = [1]\n${doubled}\n  watch w = mean(raw)`)).toEqual([
      expect.stringMatching(/^static-limit: let l1\d = /),
    ]);
  });

  test('sizes made of sizes', () => {
    const squared = Array.from({ length: 40 }, (_, i) => `  let s${i + 1} = (s${i} * s${i} + H) // 2`).join('\n');
    const found = reported(`${maps}\n  let s0 = H + W + N\n${squared}\n  watch w = mean(raw) + s40`);
    expect(found).toEqual([expect.stringMatching(/^size-out-of-range: let s\d+ = /)]);
  });

  test('lists of operators inside lists', () => {
    const found = reported(`${maps}\n  let all = [[raw * i + j for j in 0..900] for i in 0..900]\n  watch w = all[0][0]`);
    expect(found).toEqual([expect.stringMatching(/^too-much-work: let all = /)]);
  });
});

test('the bound grows with the text, and not faster', () => {
  expect(stepsFor(20_000) - stepsFor(10_000)).toBe(stepsFor(10_000) - stepsFor(0));
  expect(stepsFor(10_000)).toBeGreaterThan(stepsFor(0));
});
