/** Text from a module's data. The only file that knows ts-morph; loaded only when something is written. */
import { type CodeBlockWriter, IndentationText, NewLineKind, Project, QuoteKind, type SourceFile, ts, type WriterFunction } from 'ts-morph';
import { call } from './literal.ts';
import type { Item, Line, Module, Origin, RecordType } from './module.ts';
import { type LineMap, through } from './source-map.ts';

export interface Written {
  readonly typescript: string;
  readonly javascript: string;
  readonly typescriptLines: LineMap;
  readonly javascriptLines: LineMap;
}

/** One statement for each item, in order. */
export function writeModule(module: Module, name: string): Written {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces, quoteKind: QuoteKind.Single, newLineKind: NewLineKind.LineFeed },
  });
  const file = project.createSourceFile(`${name}.ts`, {
    statements: [module.header.map((line) => `// ${line}`).join('\n'), importText(module), ...module.items.map(declaration)],
  });
  const broken = ts.createSourceFile(`${name}.ts`, file.getFullText(), ts.ScriptTarget.ES2022);
  if ('parseDiagnostics' in broken && Array.isArray(broken.parseDiagnostics) && broken.parseDiagnostics.length > 0) {
    throw new Error(`the generated program ${name}.ts is not TypeScript: a defect of the emitter`);
  }
  const typescript = file.getFullText();
  const typescriptLines = lineMap(module, file);
  const { outputText, sourceMapText } = ts.transpileModule(typescript, {
    fileName: `${name}.ts`,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      sourceMap: true,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
  const javascript = outputText.replace(/\/\/# sourceMappingURL=.*\n?$/, '');
  const mappings: unknown = JSON.parse(sourceMapText ?? '{}');
  const text = typeof mappings === 'object' && mappings !== null && 'mappings' in mappings ? String(mappings.mappings) : '';
  return { typescript, javascript, typescriptLines, javascriptLines: through(text, typescriptLines) };
}

/** The text of one declaration. */
function declaration(item: Item): WriterFunction {
  return (writer) => {
    const doc: Line = { text: `/** ${item.doc} */`, depth: 0 };
    switch (item.kind) {
      case 'constant':
        writeLines(writer, [doc, ...item.value]);
        return;
      case 'function': {
        const parameters = item.parameters.map(({ name, type }) => `${name}: ${type}`);
        const head = call(`${item.exported ? 'export ' : ''}function ${item.name}`, parameters, `: ${item.returns} {`, 0);
        const record = item.record ? recordType(item.record) : [];
        writeLines(writer, [
          ...record,
          doc,
          ...head,
          ...item.body.map((line) => ({ ...line, depth: line.depth + 1 })),
          { text: '}', depth: 0 },
        ]);
      }
    }
  };
}

function recordType({ name, fields }: RecordType): readonly Line[] {
  const parts = fields.map((field) => `${field.name}: ${field.type}`);
  return call(`type ${name} = Readonly<`, parts, '>;', 0, '{}');
}

function writeLines(writer: CodeBlockWriter, lines: readonly Line[]): void {
  lines.forEach((line, i) => {
    writer.write(`${'  '.repeat(line.depth)}${line.text}`);
    if (i < lines.length - 1) writer.newLine();
  });
}

function importText(module: Module): string {
  const names = module.imports.map((entry) => `${entry.type ? 'type ' : ''}${entry.name}`);
  return `import {\n${names.map((name) => `  ${name},`).join('\n')}\n} from 'wsss/runtime';`;
}

/** Places of generated lines: bodies are written line by line, in order, right below their function's opening line. */
function lineMap(module: Module, file: SourceFile): LineMap {
  const lines: Record<string, Origin> = {};
  for (const item of module.items) {
    if (item.kind !== 'function') continue;
    const start = file.getFunctionOrThrow(item.name).getBodyOrThrow().getStartLineNumber();
    item.body.forEach((line, i) => {
      if (line.origin) lines[String(start + 1 + i)] = line.origin;
    });
  }
  return lines;
}
