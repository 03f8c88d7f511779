/** Expressions and types: the lowest level of the grammar (see `grammar/parser.ts`). */
import type { CstNode, ParserMethod, TokenType } from 'chevrotain';
import { closers } from '../brackets.ts';
import { CstParser, tokenMatcher } from '../chevrotain.ts';
import { parserMessages } from '../parser-messages.ts';
import { placeOf } from '../place.ts';
import * as t from '../tokens.ts';

export type Rule = ParserMethod<[], CstNode>;

const { clause: c, reserved: r } = t;

export abstract class ExpressionRules extends CstParser {
  /**
   * Chevrotain's own recovery is off: what it makes up after a mistake brings followers (`grammar/mistakes.ts` reads on instead).
   * `validate`: check the grammar itself, which is a test's work and not every start's.
   */
  constructor({ validate = false }: { readonly validate?: boolean }) {
    super([...t.vocabulary], {
      recoveryEnabled: false,
      skipValidations: !validate,
      maxLookahead: 1,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: parserMessages,
    });
  }

  readonly expression: Rule = this.RULE('expression', () => {
    this.OR({
      DEF: [{ GATE: () => this.lambdaAhead(), ALT: () => this.SUBRULE(this.lambda) }, { ALT: () => this.SUBRULE(this.conditional) }],
      IGNORE_AMBIGUITIES: true,
    });
  });

  readonly lambda: Rule = this.RULE('lambda', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Word) },
      {
        ALT: () => {
          this.CONSUME(t.LParen);
          this.MANY_SEP({ SEP: t.Comma, DEF: () => this.CONSUME2(t.Word) });
          this.CONSUME(t.RParen);
        },
      },
    ]);
    this.CONSUME(t.FatArrow);
    this.SUBRULE(this.expression);
  });

  readonly conditional: Rule = this.RULE('conditional', () => {
    this.SUBRULE(this.chain);
    this.OPTION(() => {
      this.CONSUME(t.Question);
      this.SUBRULE(this.expression, { LABEL: 'whenTrue' });
      this.CONSUME(t.Colon);
      this.SUBRULE2(this.expression, { LABEL: 'whenFalse' });
    });
  });

  readonly chain: Rule = this.RULE('chain', () => {
    this.SUBRULE(this.operand);
    this.MANY({ GATE: () => this.operatorGoesOn(), DEF: () => this.SUBRULE(this.link) });
  });

  /** An operator and its right side. */
  readonly link: Rule = this.RULE('link', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.DotDot);
          this.OPTION(() => this.SUBRULE(this.operand));
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.BinaryOperator);
          this.SUBRULE2(this.operand);
        },
      },
    ]);
  });

  readonly operand: Rule = this.RULE('operand', () => {
    this.MANY(() => {
      this.OR([{ ALT: () => this.CONSUME(t.Minus, { LABEL: 'prefix' }) }, { ALT: () => this.CONSUME(r.not, { LABEL: 'prefix' }) }]);
    });
    this.SUBRULE(this.postfix);
    this.MANY2(() => this.SUBRULE(this.recast));
  });

  readonly recast: Rule = this.RULE('recast', () => {
    this.CONSUME(r.as);
    this.CONSUME(t.Word);
  });

  readonly postfix: Rule = this.RULE('postfix', () => {
    this.SUBRULE(this.primary);
    this.MANY({
      GATE: () => this.LA(1).tokenType === t.Dot || !placeOf(this.LA(1)).firstOnLine,
      DEF: () => this.SUBRULE(this.tail),
    });
  });

  readonly tail: Rule = this.RULE('tail', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.callTail) },
      { ALT: () => this.SUBRULE(this.indexTail) },
      { ALT: () => this.SUBRULE(this.memberTail) },
    ]);
  });

  readonly callTail: Rule = this.RULE('callTail', () => {
    this.CONSUME(t.LParen);
    this.OPTION(() => {
      this.SUBRULE(this.argument);
      this.MANY({
        GATE: () => this.listGoesOn(),
        DEF: () => {
          this.CONSUME(t.Comma);
          this.SUBRULE2(this.argument);
        },
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RParen);
  });

  readonly argument: Rule = this.RULE('argument', () => {
    this.OPTION({
      GATE: () => this.next(2, t.Colon) || this.next(2, t.Equals),
      DEF: () => {
        this.CONSUME(t.Word, { LABEL: 'name' });
        // `=` is read so that Python's keyword arguments get one clear message.
        this.OR([{ ALT: () => this.CONSUME(t.Colon) }, { ALT: () => this.CONSUME(t.Equals) }]);
      },
    });
    this.SUBRULE(this.expression);
    this.OPTION2({
      // `lr: 0.1 poly 0.9` is `lr: poly(0.1, 0.9)`.
      GATE: () => this.next(2, t.NumberValue) && !placeOf(this.LA(1)).firstOnLine,
      DEF: () => {
        this.CONSUME2(t.Word, { LABEL: 'infix' });
        this.SUBRULE(this.operand);
      },
    });
  });

  readonly indexTail: Rule = this.RULE('indexTail', () => {
    this.CONSUME(t.LSquare);
    this.SUBRULE(this.indexItem);
    this.MANY({
      GATE: () => this.listGoesOn(),
      DEF: () => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.indexItem);
      },
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.RSquare);
  });

  readonly indexItem: Rule = this.RULE('indexItem', () => {
    this.OPTION({
      GATE: () => this.next(2, t.Colon),
      DEF: () => {
        this.OR2([{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.CONSUME(t.NumberValue) }]);
        this.CONSUME(t.Colon);
      },
    });
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.DotDot);
          this.OPTION2(() => this.SUBRULE(this.chain));
        },
      },
      { ALT: () => this.SUBRULE(this.expression) },
    ]);
  });

  readonly memberTail: Rule = this.RULE('memberTail', () => {
    this.CONSUME(t.Dot);
    this.CONSUME(t.Word);
  });

  readonly primary: Rule = this.RULE('primary', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.NumberValue) },
      { ALT: () => this.CONSUME(t.Text) },
      { ALT: () => this.CONSUME(r.true) },
      { ALT: () => this.CONSUME(r.false) },
      { ALT: () => this.CONSUME(t.Word) },
      { ALT: () => this.CONSUME(t.Reported) },
      { ALT: () => this.SUBRULE(this.parens) },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.record) },
    ]);
  });

  readonly parens: Rule = this.RULE('parens', () => {
    this.CONSUME(t.LParen);
    this.SUBRULE(this.expression);
    this.MANY({
      GATE: () => this.listGoesOn(),
      DEF: () => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.expression);
      },
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.RParen);
  });

  readonly list: Rule = this.RULE('list', () => {
    this.CONSUME(t.LSquare);
    this.OPTION(() => {
      this.SUBRULE(this.expression);
      this.OR([
        { ALT: () => this.AT_LEAST_ONE(() => this.SUBRULE(this.forClause)) },
        {
          ALT: () => {
            this.MANY({
              GATE: () => this.listGoesOn(),
              DEF: () => {
                this.CONSUME(t.Comma);
                this.SUBRULE2(this.expression);
              },
            });
            this.OPTION2(() => this.CONSUME2(t.Comma));
          },
        },
      ]);
    });
    this.CONSUME(t.RSquare);
  });

  readonly forClause: Rule = this.RULE('forClause', () => {
    this.CONSUME(r.for);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Word) });
    this.CONSUME(c.in);
    this.SUBRULE(this.expression, { LABEL: 'iterable' });
    this.MANY(() => {
      this.CONSUME(r.if);
      this.SUBRULE2(this.expression, { LABEL: 'condition' });
    });
  });

  readonly record: Rule = this.RULE('record', () => {
    this.CONSUME(t.LCurly);
    this.OPTION(() => {
      this.SUBRULE(this.recordField);
      this.MANY({
        GATE: () => this.listGoesOn(),
        DEF: () => {
          this.CONSUME(t.Comma);
          this.SUBRULE2(this.recordField);
        },
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RCurly);
  });

  readonly recordField: Rule = this.RULE('recordField', () => {
    this.CONSUME(t.Word);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.expression);
    });
  });

  // -------------------------------------------------------------- types

  readonly type: Rule = this.RULE('type', () => {
    this.OR({
      DEF: [
        { GATE: () => this.LA(1).image === 'list' && this.next(2, t.LSquare), ALT: () => this.SUBRULE(this.listType) },
        { ALT: () => this.SUBRULE(this.namedType) },
        { ALT: () => this.SUBRULE(this.recordType) },
        { ALT: () => this.SUBRULE(this.tupleType) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });

  readonly listType: Rule = this.RULE('listType', () => {
    this.CONSUME(t.Word);
    this.CONSUME(t.LSquare);
    this.SUBRULE(this.type);
    this.CONSUME(t.RSquare);
  });

  readonly namedType: Rule = this.RULE('namedType', () => {
    this.CONSUME(t.Word);
    this.OPTION({
      GATE: () => !placeOf(this.LA(1)).firstOnLine,
      DEF: () => {
        this.CONSUME(t.LSquare);
        this.OPTION2(() => {
          this.SUBRULE(this.expression);
          this.MANY({
            GATE: () => this.listGoesOn(),
            DEF: () => {
              this.CONSUME(t.Comma);
              this.SUBRULE2(this.expression);
            },
          });
          this.OPTION3(() => this.CONSUME2(t.Comma));
        });
        this.CONSUME(t.RSquare);
      },
    });
  });

  /** `(Cam[N, h, w, K], Tensor[N, K])` */
  readonly tupleType: Rule = this.RULE('tupleType', () => {
    this.CONSUME(t.LParen);
    this.SUBRULE(this.type);
    this.MANY({
      GATE: () => this.listGoesOn(),
      DEF: () => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.type);
      },
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.RParen);
  });

  readonly recordType: Rule = this.RULE('recordType', () => {
    this.CONSUME(t.LCurly);
    this.OPTION(() => {
      this.SUBRULE(this.recordTypeField);
      this.MANY({
        GATE: () => this.listGoesOn(),
        DEF: () => {
          this.CONSUME(t.Comma);
          this.SUBRULE2(this.recordTypeField);
        },
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RCurly);
  });

  readonly recordTypeField: Rule = this.RULE('recordTypeField', () => {
    this.CONSUME(t.Word);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
  });

  // -------------------------------------------------------------- what the gates look at

  protected next(k: number, type: TokenType): boolean {
    return tokenMatcher(this.LA(k), type);
  }

  /** After a comma comes another element, not the closing bracket of a trailing comma. */
  protected listGoesOn(): boolean {
    return !closers.has(this.LA(2).tokenType);
  }

  protected operatorGoesOn(): boolean {
    const token = this.LA(1);
    const { firstOnLine, inParens } = placeOf(token);
    if (token.tokenType === t.Minus) return !firstOnLine || inParens;
    if (token.tokenType === c.div) return !firstOnLine && !this.next(2, t.Equals) && !this.next(2, t.Colon);
    return true;
  }

  /** `x =>` or `(a, b) =>` */
  protected lambdaAhead(): boolean {
    if (this.next(1, t.Word)) return this.next(2, t.FatArrow);
    if (!this.next(1, t.LParen)) return false;
    let k = 2;
    while (this.next(k, t.Word) || this.next(k, t.Comma)) k++;
    return this.next(k, t.RParen) && this.next(k + 1, t.FatArrow);
  }
}
