/** Lists of state keys that a module names once and uses in several places. */
import type { StateDeclaration } from '../../ir/program.ts';
import { literal } from './literal.ts';
import type { ConstantItem } from './module.ts';
import type { Names } from './names.ts';

export class KeyLists {
  readonly #state: readonly StateDeclaration[];
  readonly #names: Names;
  readonly #known = new Map<string, string>();
  readonly #items: ConstantItem[] = [];

  constructor(state: readonly StateDeclaration[], names: Names) {
    this.#state = state;
    this.#names = names;
  }

  items(): readonly ConstantItem[] {
    return this.#items;
  }

  /** The name of the constant that holds these keys in this order. Lists of all keys of some roles are written as that. */
  list(keys: readonly string[]): string {
    const key = JSON.stringify(keys);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const roles = this.#rolesOf(keys);
    const name = this.#names.take(roles === undefined ? 'keys' : `${roles.join('_')}_keys`);
    this.#known.set(key, name);
    const head = `const ${name}: readonly string[] = `;
    this.#items.push({
      kind: 'constant',
      doc: roles === undefined ? `${keys.length} tensors of the state.` : `All tensors of the state of these roles.`,
      value: roles === undefined ? literal(keys, 0, head, ';') : literal(roles, 0, `${head}keysOf(state, `, ');'),
    });
    return name;
  }

  /** The keys in the order of their declaration. */
  inOrder(keys: Iterable<string>): readonly string[] {
    const wanted = new Set(keys);
    return this.#state.flatMap(({ key }) => (wanted.has(key) ? [key] : []));
  }

  /** The roles whose keys these are, all of them and in order of declaration; undefined where there are none such. */
  #rolesOf(keys: readonly string[]): readonly string[] | undefined {
    const wanted = new Set(keys);
    const roles = [...new Set(this.#state.flatMap(({ key, role }) => (wanted.has(key) ? [role] : [])))].sort();
    const all = this.#state.flatMap(({ key, role }) => (roles.includes(role) ? [key] : []));
    return all.length === keys.length && all.every((key, i) => key === keys[i]) ? roles : undefined;
  }
}
