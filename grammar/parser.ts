/**
 * The grammar, in four levels, each a class on top of the one before: `rules/expressions.ts`, `rules/statements.ts`, `rules/methods.ts` and, here,
 * files. Chevrotain wants all rules on one object and records them when it is made.
 */
import type { IToken, TokenType } from 'chevrotain';
import { placeOf } from './place.ts';
import type { Rule } from './rules/expressions.ts';
import { MethodRules } from './rules/methods.ts';
import * as t from './tokens.ts';

const { statement: s, clause: c, reserved: r } = t;
const declarationStarts: ReadonlySet<TokenType> = new Set([s.method, s.module, s.extern, s.variant, s.grid, s.dataset, s.naming, s.case]);

/**
 * LL(1), except where a `GATE` says what it looks at. Line ends mean nothing but this: a call `(…)` or index `[…]` starts on
 * the line where its object ends, and a `-` at the start of a line continues an expression only inside brackets.
 * Operators are read as one flat chain; `compiler/syntax` folds them by precedence.
 */
export class SpecParser extends MethodRules {
  constructor(options: { readonly validate?: boolean } = {}) {
    super(options);
    this.performSelfAnalysis();
  }

  /** How often a token was looked at: what reading costs. */
  looks = 0;

  override LA(howMuch: number): IToken {
    this.looks++;
    return super.LA(howMuch);
  }

  readonly file: Rule = this.RULE('file', () => {
    this.OPTION(() => {
      this.CONSUME(s.language);
      this.CONSUME(t.NumberValue);
    });
    this.MANY(() => {
      this.OR([{ ALT: () => this.SUBRULE(this.importDeclaration) }, { ALT: () => this.SUBRULE(this.declaration) }]);
    });
    this.CONSUME(t.EOF);
  });

  readonly importDeclaration: Rule = this.RULE('importDeclaration', () => {
    this.CONSUME(r.import);
    this.OPTION(() => {
      this.CONSUME(t.LCurly);
      this.OPTION2(() => {
        this.SUBRULE(this.importName);
        this.MANY({
          GATE: () => this.listGoesOn(),
          DEF: () => {
            this.CONSUME(t.Comma);
            this.SUBRULE2(this.importName);
          },
        });
        this.OPTION3(() => this.CONSUME2(t.Comma));
      });
      this.CONSUME(t.RCurly);
      this.CONSUME(c.from);
    });
    this.CONSUME(t.Text);
  });

  readonly importName: Rule = this.RULE('importName', () => {
    this.CONSUME(t.Word, { LABEL: 'name' });
    this.OPTION(() => {
      this.CONSUME(r.as);
      this.CONSUME2(t.Word, { LABEL: 'alias' });
    });
  });

  readonly declaration: Rule = this.RULE('declaration', () => {
    this.OPTION(() => this.CONSUME(t.Origin));
    this.OR([
      { ALT: () => this.SUBRULE(this.methodDeclaration) },
      { ALT: () => this.SUBRULE(this.moduleDeclaration) },
      { ALT: () => this.SUBRULE(this.externDeclaration) },
      { ALT: () => this.SUBRULE(this.variantDeclaration) },
      { ALT: () => this.SUBRULE(this.gridDeclaration) },
      { ALT: () => this.SUBRULE(this.datasetDeclaration) },
      { ALT: () => this.SUBRULE(this.namingDeclaration) },
      { ALT: () => this.SUBRULE(this.caseDeclaration) },
    ]);
  });

  readonly methodDeclaration: Rule = this.RULE('methodDeclaration', () => {
    this.CONSUME(s.method);
    this.CONSUME(t.Word);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.member));
    this.CONSUME(t.RCurly);
  });

  readonly externDeclaration: Rule = this.RULE('externDeclaration', () => {
    this.CONSUME(s.extern);
    this.CONSUME(t.Word);
    this.SUBRULE(this.parameterList);
    this.OPTION(() => this.SUBRULE(this.returnType));
  });

  readonly variantDeclaration: Rule = this.RULE('variantDeclaration', () => {
    this.CONSUME(s.variant);
    this.CONSUME(t.Word, { LABEL: 'name' });
    this.CONSUME(c.of);
    this.CONSUME2(t.Word, { LABEL: 'base' });
    this.CONSUME(t.LCurly);
    this.MANY(() => {
      this.OR([{ ALT: () => this.SUBRULE(this.removal) }, { ALT: () => this.SUBRULE(this.member) }]);
    });
    this.CONSUME(t.RCurly);
  });

  readonly removal: Rule = this.RULE('removal', () => {
    this.CONSUME(s.remove);
    this.CONSUME(t.AnyWord, { LABEL: 'what' });
    this.CONSUME(t.Word, { LABEL: 'name' });
  });

  readonly gridDeclaration: Rule = this.RULE('gridDeclaration', () => {
    this.CONSUME(s.grid);
    this.CONSUME(t.Word, { LABEL: 'name' });
    this.CONSUME(c.of);
    this.CONSUME2(t.Word, { LABEL: 'base' });
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.gridAxis));
    this.CONSUME(t.RCurly);
  });

  readonly gridAxis: Rule = this.RULE('gridAxis', () => {
    this.CONSUME(t.Word);
    this.CONSUME(c.in);
    this.SUBRULE(this.expression);
    this.OPTION(() => this.CONSUME(t.Comma));
  });

  readonly datasetDeclaration: Rule = this.RULE('datasetDeclaration', () => {
    this.CONSUME(s.dataset);
    this.CONSUME(t.Word);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.setting));
    this.CONSUME(t.RCurly);
  });

  readonly namingDeclaration: Rule = this.RULE('namingDeclaration', () => {
    this.CONSUME(s.naming);
    this.CONSUME(t.Word, { LABEL: 'name' });
    this.CONSUME(c.of);
    this.CONSUME2(t.Word, { LABEL: 'base' });
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.namingLine));
    this.CONSUME(t.RCurly);
  });

  readonly namingLine: Rule = this.RULE('namingLine', () => {
    this.CONSUME(t.Text, { LABEL: 'theirs' });
    this.CONSUME(t.Equals);
    this.OR([{ ALT: () => this.CONSUME2(t.Text, { LABEL: 'ours' }) }, { ALT: () => this.CONSUME(t.Word, { LABEL: 'none' }) }]);
  });

  readonly caseDeclaration: Rule = this.RULE('caseDeclaration', () => {
    this.CONSUME(s.case);
    this.OPTION(() => this.CONSUME(t.Word));
    this.CONSUME(t.LCurly);
    // A declaration word closes a case whose brace was forgotten; any other word starts a line of it.
    this.MANY({ GATE: () => !declarationStarts.has(this.LA(1).tokenType), DEF: () => this.SUBRULE(this.caseItem) });
    this.CONSUME(t.RCurly);
  });

  readonly caseItem: Rule = this.RULE('caseItem', () => {
    this.OR({
      DEF: [{ ALT: () => this.CONSUME(t.AnyWord, { LABEL: 'word' }) }, { ALT: () => this.CONSUME(r.let, { LABEL: 'word' }) }],
    });
    this.OR2({
      DEF: [
        {
          GATE: () => this.next(2, t.Equals),
          ALT: () => {
            this.CONSUME(t.Text, { LABEL: 'key' });
            this.CONSUME(t.Equals);
            this.SUBRULE(this.expression);
          },
        },
        {
          GATE: () => this.next(2, t.Equals) || (this.next(2, t.Word) && !placeOf(this.LA(2)).firstOnLine),
          ALT: () => {
            this.CONSUME2(t.AnyWord, { LABEL: 'name' });
            this.OPTION(() => this.CONSUME2(t.Equals));
            this.SUBRULE2(this.expression);
          },
        },
        {
          ALT: () => {
            this.OPTION2(() => this.CONSUME3(t.Equals));
            this.SUBRULE3(this.expression);
          },
        },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });
}
