import { ModuleKind, ModuleResolutionKind, Project, ScriptTarget } from 'ts-morph';

/** A project that holds emitted programs to what users' strictest settings ask. */
export function strictProject(): Project {
  return new Project({
    skipAddingFilesFromTsConfig: true,
    compilerOptions: {
      target: ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts'],
      module: ModuleKind.ESNext,
      moduleResolution: ModuleResolutionKind.Bundler,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      allowImportingTsExtensions: true,
      types: [],
      // The sources of the runtime: no build is needed before this test.
      paths: { 'wsss/runtime': [new URL('../../../runtime/host/generated.ts', import.meta.url).pathname] },
    },
  });
}
