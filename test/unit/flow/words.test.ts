/** What ends a gradient inside one word of the language is no cut of a method; the same operators written out are. */
import { expect, test } from 'vitest';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { checkSpec, methodAround } from '../check/checking.ts';

/** Operators at which the loss `own` is said to end. */
function endsOf(body: string): readonly string[] {
  const text = methodAround(`let x = net(image).layer4\n  layer head = conv(K, kernel: 1)\n  let m = head(x)\n  ${body}`);
  const { checked, diagnostics } = checkSpec('m.wsss', text);
  expect(diagnostics.all.filter((d) => d.severity === 'error')).toEqual([]);
  const report = flowReport(checked!.methods.get('m')!);
  return report.losses.find((loss) => loss.name === 'own')!.cuts.map((cut) => cut.operator);
}

test.each([
  ['loss own = mean(square(softmax(m)))'],
  ['loss own = mean(square(log_softmax(m)))'],
  ['loss own = mean(square(softmax(m, where: m > 0)))'],
  ['loss own = mean(top_k(m, k: 2, over: channel).value) as loss'],
])('%s ends nowhere', (body) => {
  expect(endsOf(body).filter((op) => op !== 'greater')).toEqual([]);
});

test.each([
  ['let e = exp(m - detach(max(m, over: channel, keep: true)))\n  loss own = mean(square(e))', ['detach']],
  ['loss own = mean(square(m - one_hot(argmax(m, channel), K)))', ['argmax']],
  ['loss own = mean(square(m * float(top_k(m, k: 2, over: channel).index == 0)[channel: 0..1]))', ['top_indices']],
  ['loss own = mean(square(softmax(detach(m)) + m))', ['detach']],
])('%s ends at %j', (body, ends) => {
  expect(endsOf(body)).toEqual(ends);
});
