/** docs/mutation.md: the score, and every mistake that nothing reports with the reason why it is a legal program. */
import { HELD_OUT } from './held-out.ts';
import { type Outcome, total } from './score.ts';
import { reasonOf } from './survivors.ts';

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)}%`;

export function documentOf(outcomes: readonly Outcome[]): string {
  const score = total(outcomes);
  const survivors = outcomes.filter((o) => !o.same && o.messages.length === 0);
  const rows = survivors.map(({ mutant, lines }) => {
    const { number, kind, spec, site } = mutant;
    const code = (text: string): string => `\`${text.replace(/\s+/g, ' ').replaceAll('|', '\\|') || '(nothing)'}\``;
    const before = spec.text.slice(site.start, site.end);
    return `| ${number} | ${kind.mistake} | ${spec.name}:${lines[0]} | ${code(before)} → ${code(site.text)} | ${reasonOf(mutant) ?? '**no reason**'} |`;
  });
  const heldOut = HELD_OUT.map(
    (s) =>
      `| ${s.seed} | ${s.same} | ${s.mistakes} | ${s.reported} (${percent(s.reported, s.mistakes)}) | ${s.atLine} (${percent(s.atLine, s.mistakes)}) | ${s.median} |`,
  );
  return `# The mutation test

Correct specs with one mistake each (\`test/mutation\`); written by \`UPDATE_MUTATION=1 WSSS_LONG=1 vitest run test/mutation\`.

| trials | the same program | mistakes | reported | at the right line | messages (median) |
|---|---|---|---|---|---|
| ${score.trials} | ${score.same} | ${score.mistakes} | ${score.reported} (${percent(score.reported, score.mistakes)}) | ${score.atLine} (${percent(score.atLine, score.mistakes)}) | ${score.median} |

The same program: canonical hashes of all programs, pipelines and data sets are unchanged, so that nothing was wrong. The right line: the first
message or a label of it stands on the changed line, or on one that uses a name which the changed statement declares.

## Held-out seeds

The checker was improved while looking at the mistakes above (of an earlier choice of specs). These seeds give others of the same generator, scored once.

| seed | the same program | mistakes | reported | at the right line | messages (median) |
|---|---|---|---|---|---|
${heldOut.join('\n')}

## What nothing reports

| trial | mistake | place | edit | why it is a legal program |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
