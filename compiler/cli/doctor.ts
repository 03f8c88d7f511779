/** `wsss doctor`: what this machine can train on, and why not more. */
import { diagnose } from '../../runtime/backend/doctor.ts';
import { EXIT, type Output } from './output.ts';

export async function runDoctor(output: Output, json: boolean): Promise<number> {
  const report = await diagnose();
  if (json) {
    output.out(JSON.stringify(report, null, 2));
    return EXIT.good;
  }
  for (const line of lines(report, '')) output.out(line);
  return EXIT.good;
}

/** Plain data as indented lines; fields that say nothing are left out, bytes are told in GB. */
function lines(value: unknown, indent: string): string[] {
  if (Array.isArray(value))
    return value.flatMap((item) =>
      typeof item === 'object' && item !== null ? [...lines(item, indent), ''] : [`${indent}${String(item)}`],
    );
  if (typeof value !== 'object' || value === null) return [`${indent}${String(value)}`];
  return Object.entries(value).flatMap(([key, item]) => {
    if (item === undefined || item === '') return [];
    if (key === 'memory' && typeof item === 'number') return [`${indent}memory: ${(item / 2 ** 30).toFixed(1)} GB`];
    if (key === 'threads')
      return [`${indent}threads: ${String(item)} in each worker; --workers sets the number of workers (all cores otherwise)`];
    return typeof item === 'object' && item !== null
      ? [`${indent}${key}`, ...lines(item, `${indent}  `)]
      : [`${indent}${key}: ${String(item)}`];
  });
}
