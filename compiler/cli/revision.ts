/** Files as they were at a git revision: `REV:path`. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { SourceHost } from '../bind/bind.ts';
import { diskHost } from './host.ts';
import { usage } from './output.ts';

export interface RevisionTarget {
  readonly revision: string;
  /** Path and, behind `#`, a method. */
  readonly target: string;
}

/** `HEAD~1:specs/mine.wsss#mine`; undefined for what is a plain file. */
export function splitRevision(target: string): RevisionTarget | undefined {
  const found = /^([^:]+):(.+\.wsss(?:[#:].*)?)$/s.exec(target);
  if (!found || found[1].endsWith('.wsss') || existsSync(target)) return undefined;
  return { revision: found[1], target: found[2] };
}

/** Undefined where git says no. Throws the usage failure where there is no git. */
function git(args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', [...args], { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw usage('git is not installed', 'REV:path needs git; without it, compare two files');
    return undefined;
  }
}

/**
 * Reads specs of one revision; paths start at the folder of the command or, as git has them, at the top of the repository. The standard library is
 * that of this wsss. Throws the usage failure outside a repository and for a revision that it does not have.
 */
export function revisionHost(revision: string): SourceHost {
  if (git(['rev-parse', '--git-dir']) === undefined)
    throw usage(`${revision}: is a revision of git, and this folder lies in no repository`, 'run the command inside the repository');
  const commit = git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])?.trim();
  if (!commit) throw usage(`${revision}: the repository has no such revision`, '`git log --oneline` lists them; a shallow clone has few');
  const texts = new Map<string, string | undefined>();
  return {
    read(name) {
      if (name.startsWith('std/')) return diskHost.read(name);
      if (!texts.has(name)) texts.set(name, git(['show', `${commit}:./${name}`]) ?? git(['show', `${commit}:${name}`]));
      return texts.get(name);
    },
  };
}
