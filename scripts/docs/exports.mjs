import path from 'node:path';
import ts from 'typescript';

/**
 * What modules export, with the first sentence of each doc comment.
 * @param files below root
 * @returns for each file its exports: name, kind, sentence, and the folder below src where each is written
 */
export function readExports(root, files) {
  const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const program = ts.createProgram(
    files.map((file) => path.join(root, file)),
    { ...options, noEmit: true, incremental: false, tsBuildInfoFile: undefined },
  );
  const checker = program.getTypeChecker();
  return files.map((file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(path.join(root, file)));
    return checker.getExportsOfModule(module).map((symbol) => describe(root, checker, symbol));
  });
}

function describe(root, checker, exported) {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const declaration = symbol.declarations[0];
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return {
    name: exported.name,
    kind: kindOf(symbol.flags, declaration),
    sentence: firstSentence(text),
    file: path.relative(root, declaration.getSourceFile().fileName).replaceAll(path.sep, '/'),
  };
}

function kindOf(flags, declaration) {
  if (flags & ts.SymbolFlags.Class)
    return ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract ? 'abstract class' : 'class';
  if (flags & ts.SymbolFlags.Function) return 'function';
  if (flags & ts.SymbolFlags.Interface) return 'interface';
  if (flags & ts.SymbolFlags.TypeAlias && !(flags & ts.SymbolFlags.Variable)) return 'type';
  return flags & ts.SymbolFlags.Enum ? 'enum' : 'constant';
}

/** Up to the first full stop that ends a sentence: not one in `e.g.`, a number or a file's name. */
function firstSentence(text) {
  const [paragraph] = text.split(/\n\s*\n/);
  const line = paragraph.replaceAll(/\s+/g, ' ').trim();
  return /^.*?(?<!\be\.g|\bi\.e)[.:](?= [A-Z]|$)/.exec(line)?.[0].replace(/:$/, '.') ?? line;
}
