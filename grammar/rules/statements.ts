/** Bodies: parameters, statements, blocks, and the modules that hold them. */
import * as t from '../tokens.ts';
import { ExpressionRules, type Rule } from './expressions.ts';

const { statement: s, clause: c, reserved: r } = t;

export abstract class StatementRules extends ExpressionRules {
  readonly moduleDeclaration: Rule = this.RULE('moduleDeclaration', () => {
    this.CONSUME(s.module);
    this.CONSUME(t.Word);
    this.SUBRULE(this.parameterList);
    this.OPTION(() => this.SUBRULE2(this.parameterList));
    this.OPTION2(() => this.SUBRULE(this.returnType));
    this.SUBRULE(this.body);
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
      { ALT: () => this.SUBRULE(this.noGradStatement) },
      { ALT: () => this.SUBRULE(this.iterateStatement) },
      { ALT: () => this.SUBRULE(this.ifStatement) },
    ]);
  });

  readonly noGradStatement: Rule = this.RULE('noGradStatement', () => {
    this.CONSUME(s.no_grad);
    this.SUBRULE(this.block);
  });

  readonly iterateStatement: Rule = this.RULE('iterateStatement', () => {
    this.SUBRULE(this.turns);
    this.SUBRULE(this.block);
  });

  /** What is carried from turn to turn, and how many there are. */
  readonly turns: Rule = this.RULE('turns', () => {
    this.CONSUME(s.iterate);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.assignment) });
    this.CONSUME(c.times);
    this.SUBRULE(this.expression);
  });

  readonly ifStatement: Rule = this.RULE('ifStatement', () => {
    this.SUBRULE(this.branch);
    this.MANY({
      GATE: () => this.next(2, r.if),
      DEF: () => {
        this.CONSUME(c.else);
        this.SUBRULE2(this.branch);
      },
    });
    this.OPTION({
      GATE: () => this.next(2, t.LCurly),
      DEF: () => {
        this.CONSUME2(c.else);
        this.SUBRULE(this.block);
      },
    });
  });

  readonly branch: Rule = this.RULE('branch', () => {
    this.CONSUME(r.if);
    this.SUBRULE(this.expression);
    this.SUBRULE(this.block);
  });

  /** Statements inside a statement, among them the new values of what an `iterate` around them carries. */
  readonly block: Rule = this.RULE('block', () => {
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.blockItem));
    this.CONSUME(t.RCurly);
  });

  readonly blockItem: Rule = this.RULE('blockItem', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.assignment) }, { ALT: () => this.SUBRULE(this.statement) }]);
  });

  readonly letStatement: Rule = this.RULE('letStatement', () => {
    this.CONSUME(r.let);
    this.OR([{ ALT: () => this.SUBRULE(this.fieldPattern) }, { ALT: () => this.SUBRULE(this.namePattern) }]);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly namePattern: Rule = this.RULE('namePattern', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Word) });
  });

  /** `{ cam, features as deep }` */
  readonly fieldPattern: Rule = this.RULE('fieldPattern', () => {
    this.CONSUME(t.LCurly);
    this.SUBRULE(this.fieldName);
    this.MANY({
      GATE: () => this.listGoesOn(),
      DEF: () => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.fieldName);
      },
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.RCurly);
  });

  readonly fieldName: Rule = this.RULE('fieldName', () => {
    this.CONSUME(t.Word, { LABEL: 'field' });
    this.OPTION(() => {
      this.CONSUME(r.as);
      this.CONSUME2(t.Word, { LABEL: 'alias' });
    });
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
    this.OPTION(() => {
      this.CONSUME(c.from);
      this.CONSUME(c.epoch);
      this.SUBRULE(this.expression, { LABEL: 'fromEpoch' });
    });
    this.OPTION2(() => {
      this.CONSUME(c.until);
      this.CONSUME2(c.epoch);
      this.SUBRULE2(this.expression, { LABEL: 'untilEpoch' });
    });
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
          this.CONSUME(c.until);
          this.CONSUME2(c.epoch);
          this.SUBRULE3(this.expression);
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.when);
          this.SUBRULE4(this.expression);
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.off);
          this.CONSUME(t.Word, { LABEL: 'gradient' });
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
      this.SUBRULE(this.chain);
    });
  });

  readonly returnStatement: Rule = this.RULE('returnStatement', () => {
    this.CONSUME(r.return);
    this.SUBRULE(this.expression);
  });
}
