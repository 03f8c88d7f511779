import { error, message } from '../entry.ts';

/** Values that are computed when the spec is compiled. */
export const statics = {
  'not-static': error(message`${'where'} must be known when the spec is compiled; ${'what'} is known only when the program runs`, {
    why: 'Sizes, strides, list lengths and choices shape the program, so they cannot depend on a tensor.',
    frame: 'body',
    wrong: 'let y = maps[channel: 0..sum(tags)]\nwatch size = mean(y)',
    right: 'let y = maps[channel: 0..1]\nwatch size = mean(y)',
  }),
  'static-type': error(message`${'where'} needs ${'wanted'}, and got ${'found'}`, {
    why: 'A setting of this kind cannot be made of that value.',
    frame: 'body',
    wrong: 'layer side = conv("eight", kernel: 1)\nwatch size = mean(side(x.layer4))',
    right: 'layer side = conv(8, kernel: 1)\nloss small = mean(square(side(x.layer4)))',
  }),
  'static-operands': error(message`${'operator'} is not defined for ${'left'} and ${'right'}`, {
    why: 'Arithmetic between values that are no numbers means nothing.',
    frame: 'body',
    wrong: 'hyper width = "8" * 2\nlayer side = conv(width)\nloss small = mean(square(side(x.layer4)))',
    right: 'hyper width = 8 * 2\nlayer side = conv(width)\nloss small = mean(square(side(x.layer4)))',
  }),
  'division-by-zero': error(message`${'what'} divides by zero`, {
    why: 'The quotient is needed while the spec is compiled, and there is none.',
    frame: 'body',
    wrong: 'hyper share = 1 / (3 - 3)\nwatch size = mean(maps) * share',
    right: 'hyper share = 1 / (3 - 2)\nwatch size = mean(maps) * share',
  }),
  'index-out-of-range': error(message`there is no element ${'index'} in ${'what'} of ${'length'}`, {
    why: 'Lists are counted from 0.',
    frame: 'body',
    wrong: 'hyper scales = [1.0, 0.5]\nwatch size = mean(maps) * scales[2]',
    right: 'hyper scales = [1.0, 0.5]\nwatch size = mean(maps) * scales[1]',
  }),
  'not-iterable': error(message`only a list or a range is gone through with for; this is ${'found'}`, {
    why: 'A tensor is not gone through element by element: operators work on all of it.',
    frame: 'body',
    wrong: 'let y = [relu(m) for m in maps]',
    right: 'let y = [relu(m) for m in [maps, maps * 2]]\nwatch size = mean(y[0])',
  }),
  'static-limit': error(message`${'what'} makes ${'count'} elements; the limit is ${'limit'}`, {
    why: 'What is written with for is written out when the spec is compiled; so long a list is a mistake, and would only fill the memory.',
    frame: 'body',
    wrong: 'let y = [i for i in 0..100000000]\nwatch size = mean(maps) * y[0]',
    right: 'let y = [i for i in 0..4]\nwatch size = mean(maps) * y[3]',
  }),
  'too-much-work': error(message`the program that this stands for is too large to be checked, let alone trained`, {
    why: 'Modules are inlined, lists and loops written out while a spec is checked. A few lines that double what they stand for with every level ask for more than any machine can train; the check ends there.',
    frame: 'body',
    wrong: ['iterate a = maps times 1000 {', '  iterate b = a times 1000 { b = b * 2 }', '  a = b', '}', 'watch size = mean(a)'].join('\n'),
    right: 'iterate a = maps times 10 { a = a * 2 }\nwatch size = mean(a)',
  }),
  'bad-override': error(message`--set ${'name'}: ${'reason'}`, {
    why: 'A setting on the command line has the form of the value in the spec.',
    frame: 'setting',
    wrong: 'hyper rate = [0.1, 0.2]\nwatch size = mean(maps) * rate[0]',
    right: 'hyper rate = 0.1\nwatch size = mean(maps) * rate',
  }),
} as const;
