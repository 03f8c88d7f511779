import { error, message } from '../entry.ts';

/** Values that are computed when the spec is compiled. */
export const statics = {
  'not-static': error(message`${'where'} must be known when the spec is compiled; ${'what'} is known only when the program runs`, {
    why: 'Sizes, strides, list lengths and choices shape the program, so they cannot depend on a tensor.',
    wrong: 'layer c = conv(argmax(tags), kernel: 1)',
    right: 'layer c = conv(K, kernel: 1)',
  }),
  'static-type': error(message`${'where'} needs ${'wanted'}, and got ${'found'}`),
  'static-operands': error(message`${'operator'} is not defined for ${'left'} and ${'right'}`),
  'division-by-zero': error(message`${'what'} divides by zero`),
  'index-out-of-range': error(message`there is no element ${'index'} in ${'what'} of ${'length'}`),
  'not-iterable': error(message`only a list or a range is gone through with for; this is ${'found'}`),
  'static-limit': error(message`${'what'} makes ${'count'} elements; the limit is ${'limit'}`),
  'too-much-work': error(message`the program that this stands for is too large: checking it takes more than ${'limit'} steps`, {
    why: 'Modules are inlined, lists and loops written out while a spec is checked. A few lines that double what they stand for with every level ask for more than any machine can train; the check ends there.',
    wrong: 'let all = [[x * i + j for j in 0..900] for i in 0..900]',
    right: 'let all = [[x * i + j for j in 0..3] for i in 0..3]',
  }),
  'bad-override': error(message`--set ${'name'}: ${'reason'}`),
} as const;
