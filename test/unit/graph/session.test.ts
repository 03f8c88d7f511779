/** What the runtime says when a graph cannot be run. */
import { describe, expect, it } from 'vitest';
import { quiet } from '../../../runtime/backend/quiet.ts';
import { probeTensorFlow } from '../../../runtime/backend/tensorflow.ts';
import { runError } from '../../../runtime/graph/error.ts';
import { GraphSession } from '../../../runtime/graph/session.ts';

quiet();
const tensorflow = await probeTensorFlow();

it.skipIf(tensorflow.usable)('without TensorFlow: why, and what to do', async () => {
  await expect(GraphSession.open('anywhere')).rejects.toMatchObject({ code: 'graph-unavailable', message: tensorflow.reason });
});

describe('errors of TensorFlow', () => {
  const lines = { 'step/net/conv1/conv2d': { file: 'a.wsss', line: 7, path: 'net.conv1' } };
  const said =
    'Session fail to run with error: input must be 4-dimensional[2,3]\n\t [[{{node step/net/conv1/sizes}}]]\n\t [[{{node step/net/conv1/conv2d}}]]';

  it('lead to the line of the spec', () => {
    const error = runError(new Error(said), 'step', lines);
    expect(error).toMatchObject({ code: 'graph-run' });
    expect(error.message).toBe('a.wsss:7 (net.conv1): step failed in TensorFlow: input must be 4-dimensional[2,3]');
  });

  it('name the node where the lines are not at hand', () => {
    expect(runError(new Error(said), 'step', undefined).message).toBe(
      'step/net/conv1/sizes: step failed in TensorFlow: input must be 4-dimensional[2,3]',
    );
  });

  it('say that state is missing', () => {
    const error = runError(
      new Error('Session fail to run with error: Could not find variable net.weight. This could mean …'),
      'step',
      lines,
    );
    expect(error.hint).toBe('feed the state through assign first');
  });
});
