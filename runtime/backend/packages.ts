/** Looking for optional packages without loading them. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Version of an installed package; undefined where it is not installed. */
export function installedVersion(name: string): string | undefined {
  try {
    const description: unknown = require(`${name}/package.json`);
    return typeof description === 'object' && description !== null && 'version' in description ? String(description.version) : undefined;
  } catch (error) {
    // A package may hide its package.json behind `exports` and still be there.
    if (error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
      return resolves(name) ? 'unknown' : undefined;
    return undefined;
  }
}

function resolves(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Loads a package whose types are not installed. CommonJS exports are found under `default` too. */
export async function load(name: string): Promise<Readonly<Record<string, unknown>>> {
  const module: Readonly<Record<string, unknown>> = await import(name);
  const inner = module.default;
  return typeof inner === 'object' && inner !== null ? { ...inner, ...module } : module;
}
