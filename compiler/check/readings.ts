/** What a method says in our reading: declarations marked `@inferred`, which neither the paper nor the authors' code settles. */
import type { MethodDeclaration, MethodMember, VariantDeclaration } from '../syntax/ast.ts';
import { memberName } from './variants.ts';

/** Of the members: `hyper floor: the CRF of the tests`. Stages say it themselves, since only what follows them rests on them. */
export function readingsAmong(members: readonly MethodMember[]): readonly string[] {
  return members.flatMap((member) =>
    'origin' in member && member.origin === 'inferred' ? [said(`${member.kind} ${memberName(member) ?? ''}`, member.doc)] : [],
  );
}

/** Of a whole declaration: `variant sipe_coco: SIPE on COCO`. */
export function readingOf({ origin, kind, name, doc }: MethodDeclaration | VariantDeclaration): readonly string[] {
  return origin === 'inferred' ? [said(`${kind} ${name.text}`, doc)] : [];
}

export function said(what: string, doc: string | undefined): string {
  // `train (train)` names it twice.
  const name = what.replace(/ \(.*\)$/, '').trim();
  const why = doc?.split('\n')[0].trim();
  return why ? `${name}: ${why}` : name;
}
