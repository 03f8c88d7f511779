/**
 * The words of the language. Only `reserved` words can never be names. `statement` words start a statement or block where they stand like
 * one (`loss cls = …`), and are names everywhere else (`x.loss`, `f(loss: 3)`): `resolve.ts` decides. `clause` words mean something at
 * one place inside a statement and are names elsewhere.
 */
export const reservedWords = ['let', 'return', 'import', 'and', 'or', 'not', 'as', 'true', 'false', 'for', 'if'] as const;

export const declarationWords = ['method', 'module', 'extern', 'variant', 'grid', 'dataset', 'naming', 'case'] as const;

export const statementWords = [
  ...declarationWords,
  'paper',
  'supervision',
  'train',
  'infer',
  'pipeline',
  'input',
  'layer',
  'backbone',
  'hyper',
  'weight',
  'state',
  'after',
  'random',
  'loss',
  'watch',
  'require',
  'data',
  'group',
  'freeze',
  'exclude',
  'stage',
  'remove',
  'no_grad',
  'iterate',
  'shadow',
  'pair',
  'validate',
  'language',
] as const;

export const clauseWords = [
  'in',
  'of',
  'from',
  'until',
  'epoch',
  'when',
  'off',
  'init',
  'divisible',
  'by',
  'step',
  'div',
  'times',
  'else',
  'every',
  'on',
  'with',
  'keep',
] as const;
