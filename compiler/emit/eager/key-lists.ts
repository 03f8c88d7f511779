/** Lists of state keys that a module names once and uses in several places. */
import type { StateDeclaration } from '../../ir/program.ts';
import { stringLiteral } from './escape.ts';
import { literal } from './literal.ts';
import type { ConstantItem, Line } from './module.ts';
import type { Names } from './names.ts';

/** More paths than this do not fit on one line. */
const MOST_PATHS = 6;

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

  /** The name of the constant that holds these keys in this order. Lists of all keys of some roles, or of those of some layers, are written as that. */
  list(keys: readonly string[]): string {
    const key = JSON.stringify(keys);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const roles = this.#rolesOf(keys);
    const paths = roles === undefined ? undefined : pathsOf(this.#state, keys, roles);
    const name = this.#names.take(roles === undefined || paths === undefined || paths.length > 0 ? 'keys' : `${roles.join('_')}_keys`);
    this.#known.set(key, name);
    const head = `const ${name}: readonly string[] = `;
    const call = (): readonly Line[] => {
      const [first, second] = [roles ?? [], paths ?? []].map((list) => `[${list.map(stringLiteral).join(', ')}]`);
      return [{ text: `${head}keysOf(state, ${first}${second === '[]' ? '' : `, ${second}`});`, depth: 0 }];
    };
    this.#items.push({
      kind: 'constant',
      doc: `${keys.length} tensors of the state.`,
      value: paths === undefined ? literal(keys, 0, head, ';') : call(),
    });
    return name;
  }

  /** The keys in the order of their declaration. */
  inOrder(keys: Iterable<string>): readonly string[] {
    const wanted = new Set(keys);
    return this.#state.flatMap(({ key }) => (wanted.has(key) ? [key] : []));
  }

  /** The roles that these keys have. */
  #rolesOf(keys: readonly string[]): readonly string[] | undefined {
    const wanted = new Set(keys);
    const roles = [...new Set(this.#state.flatMap(({ key, role }) => (wanted.has(key) ? [role] : [])))].sort();
    return roles.length === 0 ? undefined : roles;
  }
}

/**
 * The shortest paths under which all tensors of these roles are these keys, in order of declaration: none where they are simply all; undefined
 * where there are no such paths, or so many that the keys themselves say more.
 */
export function pathsOf(
  state: readonly StateDeclaration[],
  keys: readonly string[],
  roles: readonly string[],
): readonly string[] | undefined {
  const all = state.flatMap(({ key, role }) => (roles.includes(role) ? [key] : []));
  const wanted = new Set(keys);
  const chosen = all.filter((key) => wanted.has(key));
  if (chosen.length !== keys.length || chosen.some((key, i) => key !== keys[i])) return undefined;
  if (chosen.length === all.length) return [];
  const covers = (path: string, key: string): boolean => key === path || key.startsWith(`${path}.`);
  const paths: string[] = [];
  for (const key of keys) {
    if (paths.some((path) => covers(path, key))) continue;
    const parts = key.split('.');
    const prefixes = parts.map((_, i) => parts.slice(0, i + 1).join('.'));
    const shortest = prefixes.find((path) => all.every((other) => wanted.has(other) || !covers(path, other)));
    if (shortest === undefined || paths.push(shortest) > MOST_PATHS) return undefined;
  }
  return paths;
}
