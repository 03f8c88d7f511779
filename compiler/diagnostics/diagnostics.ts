import { type Position, positionAt, type Span } from '../source/source.ts';
import { type ArgumentsOf, type Code, entryOf } from './catalogue.ts';
import { fill, type Severity } from './entry.ts';
import type { Suggestion } from './suggest.ts';

/** A second place that explains the first; it may lie in another file. */
export interface Label {
  readonly span: Span;
  readonly text: string;
}

/** Edits that put the problem right, as data: any host can apply them. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** What stands at the place is replaced. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export interface DiagnosticExtra {
  /** Text beside the caret of the main place. */
  readonly label?: string;
  readonly labels?: readonly Label[];
  /** A suggestion is a fix too, where the place holds the word that it replaces. */
  readonly hint?: string | Suggestion;
  readonly notes?: readonly string[];
  readonly fix?: Fix;
  /** What is wrong, where it shows in several places: later reports of one cause are labels of the first. */
  readonly cause?: string;
}

/** A problem before it is kept. */
export interface Report {
  readonly code: Code;
  readonly at: Span;
  readonly args: Readonly<Record<string, string | number>>;
  readonly extra: DiagnosticExtra;
}

/** What is told in the place of a report; undefined where it stays as it is. */
export type Retelling = (report: Report & { readonly severity: Severity }) => Report | undefined;

/** One problem, as plain data. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly span: Span;
  readonly message: string;
  readonly label: string | undefined;
  readonly labels: readonly Label[];
  readonly hint: string | undefined;
  readonly notes: readonly string[];
  readonly fix: Fix | undefined;
}

/** A place as tools read it: offsets count UTF-16 units from 0, lines and columns from 1; the end is exclusive. */
export interface JsonPlace {
  readonly file: string;
  readonly start: Position & { readonly offset: number };
  readonly end: Position & { readonly offset: number };
}

export interface JsonDiagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly place: JsonPlace;
  readonly label?: string;
  readonly labels: readonly { readonly place: JsonPlace; readonly text: string }[];
  readonly hint?: string;
  readonly notes: readonly string[];
  readonly fix?: { readonly title: string; readonly edits: readonly { readonly place: JsonPlace; readonly text: string }[] };
}

/** Collects problems: one for each mistake. The same code at the same place is kept once, and so is a second syntax error at one place. */
export class Diagnostics {
  readonly #found: Diagnostic[] = [];
  /** Index of the message of each cause. */
  readonly #causes = new Map<string, number>();
  readonly #seen = new Set<string>();
  /** Not to be told. */
  readonly #allowed = new Set<Diagnostic>();
  readonly #fileNumbers = new Map<object, number>();
  #errors = 0;
  #reports = 0;
  #keep: ((code: Code) => boolean) | undefined;
  /** Where all that is reported now happens. */
  #circumstance: string | undefined;
  #retelling: Retelling | undefined;

  report<C extends Code>(code: C, at: Span, args: ArgumentsOf<C>, extra: DiagnosticExtra = {}): void {
    const retold = this.#retelling?.({ code, at, args, extra, severity: entryOf(code).severity });
    const key = `${this.#key(at)}:${at.end}:${code}`;
    // What the method itself says of its line, a variant need not say again.
    if (!retold || this.#seen.has(key)) {
      this.#add(code, at, args, extra, key);
      return;
    }
    // Two variants may break the same line.
    this.#add(retold.code, retold.at, retold.args, retold.extra, `${key}:${this.#key(retold.at)}`, retold.extra.labels);
  }

  /** Like `report`, for the lexer and the parser: a second syntax error that starts at the same offset is a consequence, and is dropped. */
  reportSyntax<C extends Code>(code: C, at: Span, args: ArgumentsOf<C>, extra: DiagnosticExtra = {}): void {
    this.#add(code, at, args, extra, `${this.#key(at)}:syntax`);
  }

  /** Runs `body` and keeps only reports of some codes: what else it finds may follow from a problem reported before. Errors count all the same. */
  restricted<T>(keep: (code: Code) => boolean, body: () => T): T {
    const before = this.#keep;
    this.#keep = before ? (code) => before(code) && keep(code) : keep;
    try {
      return body();
    } finally {
      this.#keep = before;
    }
  }

  /** Runs `body` and adds a note to what it reports: the cell of a grid, a later round, for which the same lines mean something else. */
  circumstance<T>(note: string, body: () => T): T {
    const before = this.#circumstance;
    this.#circumstance = before === undefined ? note : `${before}, ${note}`;
    try {
      return body();
    } finally {
      this.#circumstance = before;
    }
  }

  /** Runs `body` and tells what it reports in another way: at the lines of a variant instead of those that it takes over. */
  retold<T>(retelling: Retelling | undefined, body: () => T): T {
    const before = this.#retelling;
    this.#retelling = retelling;
    try {
      return body();
    } finally {
      this.#retelling = before;
    }
  }

  /** Runs `body` without any restriction from outside: what is checked once must be told once. */
  unrestricted<T>(body: () => T): T {
    const before = this.#keep;
    this.#keep = undefined;
    try {
      return body();
    } finally {
      this.#keep = before;
    }
  }

  /** Takes warnings away that someone has allowed. Errors stay. */
  suppress(allowed: (code: Code, at: Span) => boolean): void {
    for (const d of this.#found) if (d.severity === 'warning' && allowed(d.code, d.span)) this.#allowed.add(d);
  }

  /** All problems, by file (in the order in which files were first reported), then by place. */
  get all(): readonly Diagnostic[] {
    return this.#found
      .filter((d) => !this.#allowed.has(d))
      .sort(
        (a, b) =>
          this.#file(a.span) - this.#file(b.span) ||
          a.span.start - b.span.start ||
          a.span.end - b.span.end ||
          (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
      );
  }

  get hasErrors(): boolean {
    return this.#found.some((d) => d.severity === 'error');
  }

  /** How often an error was reported, repetitions at one place included: a variant repeats the mistakes of its method. */
  get errorReports(): number {
    return this.#errors;
  }

  /** How often anything was reported, whether it was kept or not. */
  get reports(): number {
    return this.#reports;
  }

  toJson(): readonly JsonDiagnostic[] {
    return this.all.map(toJson);
  }

  #add(
    code: Code,
    at: Span,
    args: Readonly<Record<string, string | number>>,
    extra: DiagnosticExtra,
    key: string,
    further?: readonly Label[],
  ): void {
    const { severity, message } = entryOf(code);
    this.#reports++;
    if (severity === 'error') this.#errors++;
    if (this.#seen.has(key) || (this.#keep && !this.#keep(code))) return;
    this.#seen.add(key);
    if (extra.cause !== undefined) {
      const cause = `${this.#file(at)}:${code}:${extra.cause}`;
      const first = this.#causes.get(cause);
      if (first !== undefined) {
        this.#found[first] = (further ?? [{ span: at, text: 'the same here' }]).reduce(alsoAt, this.#found[first]);
        return;
      }
      this.#causes.set(cause, this.#found.length);
    }
    this.#found.push({
      code,
      severity,
      span: at,
      message: fill(message, args),
      label: extra.label,
      labels: extra.labels ?? [],
      hint: typeof extra.hint === 'object' ? extra.hint.text : extra.hint,
      notes: [...(extra.notes ?? []), ...(this.#circumstance === undefined ? [] : [this.#circumstance])],
      fix: extra.fix ?? (typeof extra.hint === 'object' ? replacing(extra.hint, at) : undefined),
    });
  }

  #file(at: Span): number {
    const known = this.#fileNumbers.get(at.file);
    if (known !== undefined) return known;
    const next = this.#fileNumbers.size;
    this.#fileNumbers.set(at.file, next);
    return next;
  }

  #key(at: Span): string {
    return `${this.#file(at)}:${at.start}`;
  }
}

/** A message that also holds at another place; beyond a few places more of them say nothing. */
function alsoAt(first: Diagnostic, label: Label): Diagnostic {
  const at = label.span;
  const known = [first.span, ...first.labels.map((l) => l.span)].some((s) => s.file === at.file && s.start === at.start);
  if (known || first.labels.length >= 4) return first;
  return { ...first, labels: [...first.labels, label] };
}

/** The edit that a suggestion stands for; undefined where several are equally near, or the word does not stand at the place. */
function replacing({ wrong, right }: Suggestion, at: Span): Fix | undefined {
  if (right === undefined) return undefined;
  const text = at.file.text.slice(at.start, at.end);
  const from = text.lastIndexOf(wrong);
  if (from < 0 || text.indexOf(wrong) !== from) return undefined;
  const start = at.start + from;
  return { title: `write '${right}'`, edits: [{ span: { file: at.file, start, end: start + wrong.length }, text: right }] };
}

export function toJson(d: Diagnostic): JsonDiagnostic {
  return {
    code: d.code,
    severity: d.severity,
    message: d.message,
    place: place(d.span),
    ...(d.label === undefined ? {} : { label: d.label }),
    labels: d.labels.map((l) => ({ place: place(l.span), text: l.text })),
    ...(d.hint === undefined ? {} : { hint: d.hint }),
    notes: d.notes,
    ...(d.fix === undefined
      ? {}
      : { fix: { title: d.fix.title, edits: d.fix.edits.map((e) => ({ place: place(e.span), text: e.text })) } }),
  };
}

function place(at: Span): JsonPlace {
  return {
    file: at.file.name,
    start: { offset: at.start, ...positionAt(at.file, at.start) },
    end: { offset: at.end, ...positionAt(at.file, at.end) },
  };
}
