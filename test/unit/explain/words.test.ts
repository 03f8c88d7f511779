/** The pages of words against the tables that specs are checked with: what can be written has a page, and nothing else has. */
import { expect, test } from 'vitest';
import { GIVEN } from '../../../compiler/check/artefacts.ts';
import { VIEW_STEPS } from '../../../compiler/check/data/transforms.ts';
import { TYPE_KINDS } from '../../../compiler/check/kinds.ts';
import { STAGES } from '../../../compiler/check/pipeline.ts';
import { SUPERVISION_LEVELS } from '../../../compiler/check/supervision.ts';
import { SETTINGS } from '../../../compiler/check/train.ts';
import { ROLES } from '../../../compiler/check/training/groups.ts';
import { OPTIMIZERS, SCHEDULES } from '../../../compiler/check/training/rules.ts';
import { WORD_GROUPS } from '../../../compiler/explain/words/all.ts';
import { statementWords } from '../../../grammar/keywords.ts';

const group = (name: string) => WORD_GROUPS.find((one) => one.name === name)?.words ?? [];
const names = (of: string): readonly string[] => group(of).map((word) => word.name);

test.each([
  ['kinds', Object.keys(TYPE_KINDS).filter((name) => name !== 'Prototypes')],
  ['supervision-levels', SUPERVISION_LEVELS],
  ['view-steps', Object.keys(VIEW_STEPS)],
  ['train-settings', SETTINGS],
  ['optimisers', Object.keys(OPTIMIZERS)],
  ['schedules', Object.keys(SCHEDULES)],
  ['parameter-roles', Object.keys(ROLES)],
  ['stages', Object.keys(STAGES)],
  ['artefacts', Object.keys(GIVEN)],
])('%s', (of, table) => {
  expect([...names(of)].sort()).toEqual([...table].sort());
});

test('every word that begins something is told', () => {
  const told = new Set(names('constructs'));
  expect(statementWords.filter((word) => !told.has(word))).toEqual([]);
});

type ArgumentNames = Readonly<Record<string, readonly string[]>>;
const namesOf = (table: Readonly<Record<string, object>>): ArgumentNames =>
  Object.fromEntries(Object.entries(table).map(([name, args]) => [name, Object.keys(args)]));
const ofStages: ArgumentNames = Object.fromEntries(
  Object.entries(STAGES).map(([name, { params }]) => [name, params.map((p) => p.replace('?', ''))]),
);
const forms: readonly (readonly [string, ArgumentNames])[] = [
  ['optimisers', namesOf(OPTIMIZERS)],
  ['schedules', namesOf(SCHEDULES)],
  ['stages', ofStages],
];

test.each(forms)('forms of %s name the arguments, and no others', (of, table) => {
  for (const { name, form } of group(of)) {
    const shown: readonly string[] = form.slice(form.indexOf('(')).match(/[a-z_]\w*/g) ?? [];
    const values = ['true', 'false', 'e'];
    expect(
      shown.filter((word) => !table[name].includes(word) && !values.includes(word)),
      name,
    ).toEqual([]);
    if (!form.includes('…]'))
      expect(
        table[name].filter((argument) => !shown.includes(argument)),
        name,
      ).toEqual([]);
  }
});
