/** Scores as text: the number, what it was measured with, and IoU by class. */
import type { EvaluationDetails } from '../../runtime/pipeline/stages/evaluate.ts';
import type { Score } from '../../runtime/report/scores.ts';

export function scoreText(scores: readonly Score[], { classes, perClass, errors, sweep }: EvaluationDetails): string {
  const lines: string[] = [];
  for (const { stage, split, metric, value, protocol } of scores) {
    const { other, ...rest } = protocol;
    const facts = Object.entries({ ...rest, ...other }).filter(([, fact]) => fact !== undefined);
    lines.push(`${stage}  ${split}  ${metric}  ${percent(value)}`);
    lines.push(`  protocol: ${facts.map(([name, fact]) => `${name} ${String(fact)}`).join(', ')}`, '');
  }
  const width = Math.max(5, ...classes.map((name) => name.length));
  lines.push(`  ${'class'.padEnd(width)}  IoU (%)`);
  classes.forEach((name, c) => {
    lines.push(`  ${name.padEnd(width)}  ${percent(perClass[c]).padStart(7)}`);
  });
  const { falsePositive, falseNegative } = errors;
  lines.push(
    '',
    `  false positives ${percent(falsePositive)}, false negatives ${percent(falseNegative)} (% of the union, mean over foreground classes)`,
  );
  if (sweep) {
    lines.push('', '  threshold  mIoU (%)');
    sweep.thresholds.forEach((threshold, i) => {
      const share = sweep.meanIou[i];
      lines.push(`  ${String(threshold).padEnd(9)}  ${percent(share === null ? null : 100 * share).padStart(8)}`);
    });
  }
  return lines.join('\n');
}

function percent(value: number | null): string {
  return value === null ? '-' : value.toFixed(2);
}
