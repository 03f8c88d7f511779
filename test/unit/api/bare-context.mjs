// Runs the compiler's bundle in a context that has the language itself and nothing else: no process, no files, no timers, no console.
// Run with --experimental-vm-modules: node bare-context.mjs BUNDLE_FOLDER ENTRY < { files, spec }; writes what a check gives as JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

const [folder, entry] = process.argv.slice(2);
const { files, spec } = JSON.parse(readFileSync(0, 'utf8'));
const context = vm.createContext(Object.create(null));
const modules = new Map();

function load(name) {
  const known = modules.get(name);
  if (known) return known;
  const module = new vm.SourceTextModule(readFileSync(join(folder, name), 'utf8'), {
    context,
    identifier: name,
    importModuleDynamically: (specifier) => evaluated(fileOf(specifier)),
  });
  modules.set(name, module);
  return module;
}
function fileOf(specifier) {
  if (!specifier.startsWith('./')) throw new Error(`the compiler asked for '${specifier}', which no browser has`);
  return specifier.slice(2);
}
async function evaluated(name) {
  const module = load(name);
  if (module.status === 'unlinked') await module.link((specifier) => load(fileOf(specifier)));
  await module.evaluate();
  return module;
}

const { namespace } = await evaluated(entry);
context.wsss = namespace;
context.input = JSON.stringify({ files, spec });
const result = vm.runInContext(
  `(() => {
    const { files, spec } = JSON.parse(input);
    const diagnostics = new wsss.Diagnostics();
    const checked = wsss.checkFile({ read: (name) => files[name] }, spec, diagnostics);
    const methods = [...(checked?.methods.values() ?? [])].map((method) => {
      const compiled = diagnostics.hasErrors ? undefined : wsss.compileMethod(method);
      return { name: method.name, operators: method.forward.graph.nodes.length, graphs: compiled?.ok ? Object.keys(compiled.program.graphs) : [] };
    });
    return JSON.stringify({ methods, messages: wsss.renderAll(diagnostics.all), globals: Object.keys(globalThis) });
  })()`,
  context,
);
process.stdout.write(result);
