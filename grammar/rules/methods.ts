/** Members of a method: its blocks and clauses. */
import type { TokenType } from 'chevrotain';
import { placeOf } from '../place.ts';
import * as t from '../tokens.ts';
import type { Rule } from './expressions.ts';
import { StatementRules } from './statements.ts';

const { statement: s, clause: c } = t;

const validateClauses: ReadonlySet<TokenType> = new Set([c.every, c.on, c.with, c.keep]);

export abstract class MethodRules extends StatementRules {
  readonly member: Rule = this.RULE('member', () => {
    this.OPTION(() => this.CONSUME(t.Origin));
    this.OR([
      { ALT: () => this.SUBRULE(this.paperBlock) },
      { ALT: () => this.SUBRULE(this.supervisionClause) },
      { ALT: () => this.SUBRULE(this.trainBlock) },
      { ALT: () => this.SUBRULE(this.inferBlock) },
      { ALT: () => this.SUBRULE(this.pipelineBlock) },
      { ALT: () => this.SUBRULE(this.moduleDeclaration) },
      { ALT: () => this.SUBRULE(this.shadowClause) },
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

  /** A second set of the parameters of a layer, made from those of training. */
  readonly shadowClause: Rule = this.RULE('shadowClause', () => {
    this.CONSUME(s.shadow);
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
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
      { ALT: () => this.SUBRULE(this.pairItem) },
      { ALT: () => this.SUBRULE(this.validateItem) },
      { ALT: () => this.SUBRULE(this.groupItem) },
      { ALT: () => this.SUBRULE(this.freezeItem) },
      { ALT: () => this.SUBRULE(this.requireStatement) },
      { ALT: () => this.SUBRULE(this.setting) },
    ]);
  });

  readonly dataItem: Rule = this.RULE('dataItem', () => {
    this.CONSUME(s.data);
    this.SUBRULE(this.postfix);
    this.SUBRULE(this.dataViews);
  });

  /** Further images for every image of the batch, and how they are drawn. */
  readonly pairItem: Rule = this.RULE('pairItem', () => {
    this.CONSUME(s.pair);
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
    this.SUBRULE(this.dataViews);
  });

  readonly dataViews: Rule = this.RULE('dataViews', () => {
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

  readonly validateItem: Rule = this.RULE('validateItem', () => {
    this.CONSUME(s.validate);
    this.MANY(() => this.SUBRULE(this.validateClause));
  });

  readonly validateClause: Rule = this.RULE('validateClause', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(c.every);
          this.SUBRULE(this.chain);
          // Without its unit the clause is whole, so that the checker can say which units there are.
          this.OPTION({ GATE: () => !validateClauses.has(this.LA(1).tokenType), DEF: () => this.CONSUME(t.Word, { LABEL: 'unit' }) });
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.on);
          this.SUBRULE(this.postfix);
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.with);
          this.CONSUME2(t.Word, { LABEL: 'program' });
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.keep);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE2(this.postfix, { LABEL: 'kept' }) });
        },
      },
    ]);
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
  });

  readonly setting: Rule = this.RULE('setting', () => {
    this.CONSUME(t.Word);
    // A value that was forgotten is not the next setting's name.
    this.OR([{ GATE: () => !placeOf(this.LA(1)).firstOnLine, ALT: () => this.SUBRULE(this.expression) }]);
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
    this.MANY(() => this.SUBRULE(this.pipelineItem));
    this.CONSUME(t.RCurly);
  });

  readonly pipelineItem: Rule = this.RULE('pipelineItem', () => {
    this.OPTION(() => this.CONSUME(t.Origin));
    this.OR([{ ALT: () => this.SUBRULE(this.stageStatement) }, { ALT: () => this.SUBRULE(this.rounds) }]);
  });

  /** Stages that run again on what they made: `iterate labels = seeds times 3 { … labels = next }`. */
  readonly rounds: Rule = this.RULE('rounds', () => {
    this.SUBRULE(this.turns);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.roundItem));
    this.CONSUME(t.RCurly);
  });

  readonly roundItem: Rule = this.RULE('roundItem', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.assignment) }, { ALT: () => this.SUBRULE(this.pipelineItem) }]);
  });

  readonly stageStatement: Rule = this.RULE('stageStatement', () => {
    this.CONSUME(s.stage);
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });
}
