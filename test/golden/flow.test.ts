/** What `wsss flow` prints for the project's own methods. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../compiler/check/check.ts';
import { flowText } from '../../compiler/cli/flow-text.ts';
import { flowReport } from '../../compiler/describe/flow.ts';
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';

const specs = fileURLToPath(new URL('../../specs/', import.meta.url));
const folder = fileURLToPath(new URL('./flow/', import.meta.url));
const update = process.env.UPDATE_GOLDENS === '1';

/** Two views of one network, shadows, and losses with every clause: drawn by the goldens of `wsss graph` too. */
const SIAMESE = 'siamese.wsss';
const FILES = ['methods/cam.wsss', 'methods/sipe.wsss', 'examples/quickstart.wsss', SIAMESE];
const read = (name: string): string => readFileSync(name === SIAMESE ? `${folder}../wiring/${name}` : specs + name, 'utf8');

describe('goldens of flow', () => {
  test.each(FILES)('%s', (file) => {
    const diagnostics = new Diagnostics();
    const checked = checkFile({ read }, file, diagnostics);
    expect(diagnostics.all.filter((d) => d.severity === 'error')).toEqual([]);
    // As the command does: what the file declares itself, and not what its pipelines train from other files.
    const own = new Set(checked!.file.declared.map(({ declaration }) => declaration.name.text));
    const methods = [...checked!.methods.values()].filter(({ name }) => own.has(name));
    const texts = methods.map((method) => flowText(flowReport(method), file, { colour: false, markdown: false }));
    // Lines of library files move with every edit of these.
    const text = `${texts.join('\n\n')}\n`.replace(/(std\/\S+:)(\d+)/g, (_, file: string, line: string) => file + '#'.repeat(line.length));
    const expected = `${folder}${file.replace(/^.*\//, '').replace('.wsss', '.txt')}`;
    if (update) writeFileSync(expected, text);
    if (!existsSync(expected)) throw new Error(`${expected} is missing; UPDATE_GOLDENS=1 writes it`);
    expect(text).toBe(readFileSync(expected, 'utf8'));
  });
});

test('SIPE: the consistency loss reaches the sides only through the image-specific maps, and never the frozen stages', () => {
  const checked = checkFile({ read }, 'methods/sipe.wsss', new Diagnostics());
  const report = flowReport(checked!.methods.get('sipe')!);
  const row = (part: string) => report.rows.find((r) => r.parts.includes(part));
  const sides = row('head.hierarchy');
  expect(sides?.cells.cls).toEqual({ kind: 'unrelated' });
  expect(sides?.cells.gsc).toMatchObject({ kind: 'reached' });
  const gsc = sides?.cells.gsc;
  expect(gsc?.kind === 'reached' ? gsc.through.map((point) => point.name) : []).toContain('is_cam');
  for (const part of ['net.stem', 'net.layer1', 'net.layer2']) {
    expect(row(part)?.standing).toBe('frozen');
    expect(row(part)?.cells.gsc).toEqual({ kind: 'still' });
  }
  // Through the classifier's maps it reaches the stages that train; the side convolutions read them detached.
  const stages = row('net.layer4')?.cells.gsc;
  expect(stages?.kind === 'reached' ? stages.through.map((point) => point.name) : []).not.toContain('is_cam');
  const detached = report.losses.find((loss) => loss.name === 'gsc')?.cuts.find((cut) => cut.path === 'head.hierarchy');
  expect(detached).toMatchObject({ operator: 'detach' });
});

test('a siamese method: shadows follow and receive nothing, clauses of losses are told, and so is a checkpoint that ground truth chooses', () => {
  const report = flowReport(checkFile({ read }, SIAMESE, new Diagnostics())!.methods.get('siamese')!);
  const shadows = report.rows.filter((row) => row.standing === 'average');
  expect(shadows.map(({ parts, follows }) => [parts, follows?.parts])).toEqual([
    [['teacher'], ['net']],
    [['judge'], ['head']],
  ]);
  for (const { cells } of shadows) expect(Object.values(cells).map((cell) => cell.kind)).toEqual(['still', 'still', 'still', 'still']);
  expect(report.losses.find((loss) => loss.name === 'contrast')).toMatchObject({
    fromEpoch: 1,
    untilEpoch: 4,
    when: 'any(tags > 0)',
    off: 'untouched',
  });
  expect(report.losses.find((loss) => loss.name === 'agree')?.weight).toMatchObject({ from: 0, to: 0.1 });
  expect(report.phases.map((phase) => phase.losses.includes('contrast'))).toEqual([false, true, false]);
  // The first view's classifier is only compared with constants; prototypes are constants of the second.
  const classifier = report.rows.find((row) => row.parts.includes('head.classify'));
  expect(classifier?.cells.contrast).toMatchObject({ kind: 'cut' });
  expect(report.supervision.groundTruth).toContainEqual(expect.objectContaining({ where: 'validate with maps', role: 'selection', on: 'voc.val' }));
});
