/**
 * chevrotain, read from the single file that its package ships beside the many that its entry names: the entry alone opens some 700 files
 * (lodash-es), which costs every start of the command line more than parsing does. Where there is no such file, the entry is taken.
 */
import type * as Chevrotain from 'chevrotain';

async function load(): Promise<typeof Chevrotain> {
  try {
    // Bundlers and test runners may have no `resolve`, or none that gives a file.
    const entry = import.meta.resolve('chevrotain');
    if (entry.startsWith('file:') && entry.includes('/lib/src/'))
      return (await import(new URL('../chevrotain.min.mjs', entry).href)) as typeof Chevrotain;
  } catch {
    // Fall through to the entry.
  }
  return import('chevrotain');
}

const { CstParser, createToken, EOF, Lexer, tokenLabel, tokenMatcher } = await load();

export { CstParser, createToken, EOF, Lexer, tokenLabel, tokenMatcher };
