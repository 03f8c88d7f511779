import type { CommentToken, CstNode, IToken } from '../../../grammar/read.ts';
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { SourceFile, Span } from '../../source/source.ts';
import type { Doc, ErrorExpression, Identifier, Origin } from '../ast.ts';

/** What building the tree of one file needs: its text, where to report, its doc comments, and numbers for missing names. */
export class Builder {
  readonly file: SourceFile;
  readonly diagnostics: Diagnostics;
  readonly #docs: Map<number, CommentToken[]>;
  #missing = 0;

  constructor(file: SourceFile, diagnostics: Diagnostics, docs: Map<number, CommentToken[]>) {
    this.file = file;
    this.diagnostics = diagnostics;
    this.#docs = docs;
  }

  span(start: number, end: number): Span {
    return { file: this.file, start, end: Math.max(start, end) };
  }

  /** The text a subtree covers; an empty one (recovery leaves these) stands at `near`. */
  spanOf(node: CstNode, near: Span): Span {
    const { location } = node;
    if (!location || !isPlace(location.startOffset)) return this.span(near.end, near.end);
    const end = location.endOffset;
    return this.span(location.startOffset, end === undefined || !isPlace(end) ? location.startOffset : end + 1);
  }

  tokenSpan(token: IToken): Span {
    return this.span(token.startOffset, token.startOffset + token.image.length);
  }

  /** The name a token holds. Absent, or invented by recovery, it becomes a missing name at the end of `near`. */
  identifier(token: IToken | undefined, near: Span): Identifier {
    if (!token || token.isInsertedInRecovery || !isPlace(token.startOffset)) {
      return { kind: 'identifier', span: this.span(near.end, near.end), text: `<missing ${++this.#missing}>`, missing: true };
    }
    return { kind: 'identifier', span: this.tokenSpan(token), text: token.image, missing: false };
  }

  hole(near: Span): ErrorExpression {
    return { kind: 'error', span: this.span(near.end, near.end) };
  }

  /** The doc comment before the declaration that starts at this offset; it is taken once. */
  takeDoc(start: number): Doc {
    const lines = this.#docs.get(start);
    if (!lines) return undefined;
    this.#docs.delete(start);
    return lines.map((line) => line.text.replace(/^\/\/\/ ?/, '').trimEnd()).join('\n');
  }

  /** Doc comments that no declaration took. */
  leftDocs(): readonly (readonly CommentToken[])[] {
    return [...this.#docs.values()];
  }

  origin(token: IToken | undefined): Origin | undefined {
    switch (token?.image) {
      case undefined:
      case '':
        return undefined;
      case '@paper':
        return 'paper';
      case '@code':
        return 'code';
      case '@inferred':
        return 'inferred';
    }
    if (token) this.diagnostics.reportSyntax('unknown-origin', this.tokenSpan(token), { origin: token.image });
    return undefined;
  }
}

/** Recovery's invented tokens have NaN (chevrotain 11, 12) or -1 (13) for offsets. */
function isPlace(offset: number): boolean {
  return offset >= 0;
}

/** The first child of this name, if recovery left one: a generated type says that it is always there, and it is not. */
export function first<T>(children: readonly T[] | undefined): T | undefined {
  return children?.[0];
}

/** A token that stands in the text: recovery may have invented it. */
export function real(token: IToken | undefined): IToken | undefined {
  return token && !token.isInsertedInRecovery ? token : undefined;
}
