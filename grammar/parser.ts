/** The whole grammar, rule after rule. One long file, because chevrotain wants all rules in one class, which records them when it is made. */
import type { CstNode, IToken, ParserMethod, TokenType } from 'chevrotain';
import { CstParser, tokenMatcher } from './chevrotain.ts';
import { parserMessages } from './parser-messages.ts';
import { placeOf } from './place.ts';
import * as t from './tokens.ts';

type Rule = ParserMethod<[], CstNode>;

const { statement: s, clause: c, reserved: r } = t;
const declarationStarts: ReadonlySet<TokenType> = new Set([s.method, s.module, s.extern, s.variant, s.dataset, s.case]);
const closing: ReadonlySet<TokenType> = new Set([t.RParen, t.RSquare, t.RCurly]);

/**
 * The grammar: LL(1), except where a `GATE` says what it looks at. Line ends mean nothing but this: a call `(…)` or index `[…]` starts on
 * the line where its object ends, and a `-` at the start of a line continues an expression only inside brackets.
 * Operators are read as one flat chain; `compiler/syntax` folds them by precedence.
 * The file is long because chevrotain's rules are fields of one class; it holds nothing but rules and what their gates look at.
 */
export class SpecParser extends CstParser {
  /**
   * `recovery`: go on after errors. Preparing it doubles the time to build the parser, so sound files are read without.
   * `validate`: check the grammar itself, which is a test's work and not every start's.
   */
  constructor({ recovery, validate = false }: { readonly recovery: boolean; readonly validate?: boolean }) {
    super([...t.vocabulary], {
      recoveryEnabled: recovery,
      skipValidations: !validate,
      maxLookahead: 1,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: parserMessages,
    });
    this.performSelfAnalysis();
  }

  // -------------------------------------------------------------- files and declarations

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
      { ALT: () => this.SUBRULE(this.datasetDeclaration) },
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

  readonly moduleDeclaration: Rule = this.RULE('moduleDeclaration', () => {
    this.CONSUME(s.module);
    this.CONSUME(t.Word);
    this.SUBRULE(this.parameterList);
    this.OPTION(() => this.SUBRULE2(this.parameterList));
    this.OPTION2(() => this.SUBRULE(this.returnType));
    this.SUBRULE(this.body);
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

  readonly datasetDeclaration: Rule = this.RULE('datasetDeclaration', () => {
    this.CONSUME(s.dataset);
    this.CONSUME(t.Word);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.setting));
    this.CONSUME(t.RCurly);
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

  readonly parameterList: Rule = this.RULE('parameterList', () => {
    this.CONSUME(t.LParen);
    this.OPTION(() => {
      this.SUBRULE(this.parameter);
      this.MANY({
        GATE: () => this.listGoesOn(),
        DEF: () => {
          this.CONSUME(t.Comma);
          this.SUBRULE2(this.parameter);
        },
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RParen);
  });

  readonly parameter: Rule = this.RULE('parameter', () => {
    this.CONSUME(t.Word);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression);
    });
  });

  readonly returnType: Rule = this.RULE('returnType', () => {
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.type);
  });

  readonly body: Rule = this.RULE('body', () => {
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.statement));
    this.CONSUME(t.RCurly);
  });

  // -------------------------------------------------------------- blocks of a method

  readonly member: Rule = this.RULE('member', () => {
    this.OPTION(() => this.CONSUME(t.Origin));
    this.OR([
      { ALT: () => this.SUBRULE(this.paperBlock) },
      { ALT: () => this.SUBRULE(this.supervisionClause) },
      { ALT: () => this.SUBRULE(this.trainBlock) },
      { ALT: () => this.SUBRULE(this.inferBlock) },
      { ALT: () => this.SUBRULE(this.pipelineBlock) },
      { ALT: () => this.SUBRULE(this.bareStatement) },
    ]);
  });

  readonly paperBlock: Rule = this.RULE('paperBlock', () => {
    this.CONSUME(s.paper);
    this.SUBRULE(this.record);
  });

  readonly supervisionClause: Rule = this.RULE('supervisionClause', () => {
    this.CONSUME(s.supervision);
    this.AT_LEAST_ONE_SEP({ SEP: t.Plus, DEF: () => this.CONSUME(t.Word) });
  });

  readonly trainBlock: Rule = this.RULE('trainBlock', () => {
    this.CONSUME(s.train);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.trainItem));
    this.CONSUME(t.RCurly);
  });

  readonly trainItem: Rule = this.RULE('trainItem', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.dataItem) },
      { ALT: () => this.SUBRULE(this.groupItem) },
      { ALT: () => this.SUBRULE(this.freezeItem) },
      { ALT: () => this.SUBRULE(this.requireStatement) },
      { ALT: () => this.SUBRULE(this.setting) },
    ]);
  });

  readonly dataItem: Rule = this.RULE('dataItem', () => {
    this.CONSUME(s.data);
    this.SUBRULE(this.postfix);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.dataView));
    this.CONSUME(t.RCurly);
  });

  readonly dataView: Rule = this.RULE('dataView', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Word) });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
    this.OPTION(() => this.CONSUME(t.Semicolon));
  });

  readonly groupItem: Rule = this.RULE('groupItem', () => {
    this.CONSUME(s.group);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.postfix) });
    this.CONSUME(t.Colon);
    this.AT_LEAST_ONE_SEP2({ SEP: t.Comma, DEF: () => this.SUBRULE(this.groupSetting) });
  });

  readonly groupSetting: Rule = this.RULE('groupSetting', () => {
    this.CONSUME(t.Word);
    // `x10` is a factor here and a name everywhere else.
    this.OR({
      DEF: [{ ALT: () => this.CONSUME(t.Multiplier) }, { ALT: () => this.SUBRULE(this.expression) }],
      IGNORE_AMBIGUITIES: true,
    });
  });

  readonly freezeItem: Rule = this.RULE('freezeItem', () => {
    this.OR([{ ALT: () => this.CONSUME(s.freeze) }, { ALT: () => this.CONSUME(s.exclude) }]);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.postfix) });
  });

  readonly setting: Rule = this.RULE('setting', () => {
    this.CONSUME(t.Word);
    this.SUBRULE(this.expression);
    this.OPTION(() => this.CONSUME(t.Comma));
  });

  readonly inferBlock: Rule = this.RULE('inferBlock', () => {
    this.CONSUME(s.infer);
    this.CONSUME(t.Word);
    this.SUBRULE(this.parameterList);
    this.OPTION(() => this.SUBRULE(this.returnType));
    this.SUBRULE(this.body);
  });

  readonly pipelineBlock: Rule = this.RULE('pipelineBlock', () => {
    this.CONSUME(s.pipeline);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.stageStatement));
    this.CONSUME(t.RCurly);
  });

  readonly stageStatement: Rule = this.RULE('stageStatement', () => {
    this.OPTION(() => this.CONSUME(t.Origin));
    this.CONSUME(s.stage);
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  // -------------------------------------------------------------- statements

  readonly statement: Rule = this.RULE('statement', () => {
    this.OPTION(() => this.CONSUME(t.Origin));
    this.SUBRULE(this.bareStatement);
  });

  readonly bareStatement: Rule = this.RULE('bareStatement', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.letStatement) },
      { ALT: () => this.SUBRULE(this.kindStatement) },
      { ALT: () => this.SUBRULE(this.layerStatement) },
      { ALT: () => this.SUBRULE(this.hyperStatement) },
      { ALT: () => this.SUBRULE(this.weightStatement) },
      { ALT: () => this.SUBRULE(this.stateStatement) },
      { ALT: () => this.SUBRULE(this.afterStepStatement) },
      { ALT: () => this.SUBRULE(this.inputStatement) },
      { ALT: () => this.SUBRULE(this.randomStatement) },
      { ALT: () => this.SUBRULE(this.lossStatement) },
      { ALT: () => this.SUBRULE(this.watchStatement) },
      { ALT: () => this.SUBRULE(this.requireStatement) },
      { ALT: () => this.SUBRULE(this.returnStatement) },
    ]);
  });

  readonly letStatement: Rule = this.RULE('letStatement', () => {
    this.CONSUME(r.let);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Word) });
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly kindStatement: Rule = this.RULE('kindStatement', () => {
    this.CONSUME(t.KindWord);
    this.CONSUME(t.Word);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly layerStatement: Rule = this.RULE('layerStatement', () => {
    this.OR([{ ALT: () => this.CONSUME(s.layer) }, { ALT: () => this.CONSUME(s.backbone) }]);
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
    this.OPTION(() => {
      this.CONSUME(c.init);
      this.SUBRULE(this.pretraining);
    });
  });

  /** What the weights of a backbone were trained on. */
  readonly pretraining: Rule = this.RULE('pretraining', () => {
    this.CONSUME(t.Word);
  });

  readonly hyperStatement: Rule = this.RULE('hyperStatement', () => {
    this.CONSUME(s.hyper);
    this.CONSUME(t.Word);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly weightStatement: Rule = this.RULE('weightStatement', () => {
    this.CONSUME(s.weight);
    this.CONSUME(t.Word);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(c.init);
      this.SUBRULE(this.expression);
    });
  });

  readonly stateStatement: Rule = this.RULE('stateStatement', () => {
    this.CONSUME(s.state);
    this.CONSUME(t.Word);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly afterStepStatement: Rule = this.RULE('afterStepStatement', () => {
    this.CONSUME(s.after);
    this.CONSUME(c.step);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.assignment));
    this.CONSUME(t.RCurly);
  });

  readonly assignment: Rule = this.RULE('assignment', () => {
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly inputStatement: Rule = this.RULE('inputStatement', () => {
    this.CONSUME(s.input);
    this.CONSUME(t.Word);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
  });

  readonly randomStatement: Rule = this.RULE('randomStatement', () => {
    this.CONSUME(s.random);
    this.CONSUME(t.Word);
    this.CONSUME(t.Tilde);
    this.SUBRULE(this.expression);
  });

  readonly lossStatement: Rule = this.RULE('lossStatement', () => {
    this.CONSUME(s.loss);
    this.CONSUME(t.Word);
    this.MANY(() => this.SUBRULE(this.lossClause));
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly lossClause: Rule = this.RULE('lossClause', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(s.weight);
          this.SUBRULE(this.expression);
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.from);
          this.CONSUME(c.epoch);
          this.SUBRULE2(this.expression);
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.when);
          this.SUBRULE3(this.expression);
        },
      },
    ]);
  });

  readonly watchStatement: Rule = this.RULE('watchStatement', () => {
    this.CONSUME(s.watch);
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly requireStatement: Rule = this.RULE('requireStatement', () => {
    this.CONSUME(s.require);
    this.SUBRULE(this.expression);
    this.OPTION(() => {
      this.CONSUME(c.divisible);
      this.CONSUME(c.by);
      this.SUBRULE(this.operand);
    });
  });

  readonly returnStatement: Rule = this.RULE('returnStatement', () => {
    this.CONSUME(r.return);
    this.SUBRULE(this.expression);
  });

  // -------------------------------------------------------------- types

  readonly type: Rule = this.RULE('type', () => {
    this.OR({
      DEF: [
        { GATE: () => this.LA(1).image === 'list' && this.next(2, t.LSquare), ALT: () => this.SUBRULE(this.listType) },
        { ALT: () => this.SUBRULE(this.namedType) },
        { ALT: () => this.SUBRULE(this.recordType) },
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

  // -------------------------------------------------------------- expressions

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
        this.CONSUME(t.Word);
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

  // -------------------------------------------------------------- what the gates look at

  private next(k: number, type: TokenType): boolean {
    return tokenMatcher(this.LA(k), type);
  }

  /** After a comma comes another element, not the closing bracket of a trailing comma. */
  private listGoesOn(): boolean {
    return !closing.has(this.LA(2).tokenType);
  }

  private operatorGoesOn(): boolean {
    const token = this.LA(1);
    const { firstOnLine, inParens } = placeOf(token);
    if (token.tokenType === t.Minus) return !firstOnLine || inParens;
    if (token.tokenType === c.div) return !firstOnLine && !this.next(2, t.Equals) && !this.next(2, t.Colon);
    return true;
  }

  /** `x =>` or `(a, b) =>` */
  private lambdaAhead(): boolean {
    if (this.next(1, t.Word)) return this.next(2, t.FatArrow);
    if (!this.next(1, t.LParen)) return false;
    let k = 2;
    while (this.next(k, t.Word) || this.next(k, t.Comma)) k++;
    return this.next(k, t.RParen) && this.next(k + 1, t.FatArrow);
  }
}

/** The token at which the innermost still open bracket stands, among those before `index`. */
export function innermostOpen(tokens: readonly IToken[], index: number): IToken | undefined {
  const open: IToken[] = [];
  for (const token of tokens.slice(0, index)) {
    if (token.tokenType === t.LParen || token.tokenType === t.LSquare || token.tokenType === t.LCurly) open.push(token);
    else if (closing.has(token.tokenType)) open.pop();
  }
  return open[open.length - 1];
}
