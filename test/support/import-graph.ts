import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export type Import = {
  readonly from: string;
  /** A path of ours, `node:…`, or the name of a package. */
  readonly to: string;
  readonly kind: 'own' | 'node' | 'package';
  /** Erased before it runs. */
  readonly typeOnly: boolean;
  /** `export … from`. */
  readonly isReexport: boolean;
};

/** Every import of the TypeScript files below a folder, paths from the repository's root. */
export function readImports(folder: string): readonly Import[] {
  return globSync(`${folder}/**/*.{ts,tsx}`)
    .filter((path) => !path.endsWith('.d.ts'))
    .sort()
    .flatMap((path) => importsOf(path, readFileSync(path, 'utf8')));
}

/** What starting at these files may load: they, other paths of ours, `node:…` and packages. */
export function reachableFrom(
  starts: readonly string[],
  imports: readonly Import[],
): ReadonlySet<string> {
  const reached = new Set<string>(starts);
  for (const path of reached) {
    for (const each of imports) if (each.from === path && !each.typeOnly) reached.add(each.to);
  }
  return reached;
}

/** The circles among our own files: each as its paths in order. */
export function findCircles(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(
    imports.filter((each) => each.kind === 'own'),
    (each) => each.from,
  );
  const done = new Set<string>();
  const circles: string[][] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const { to } of targets.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return circles;
}

export function importsOf(path: string, text: string): Import[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      const isReexport = ts.isExportDeclaration(node);
      const typeOnly = isTypeOnly(node);
      found.push({ from: path, ...resolve(path, specifier), typeOnly, isReexport });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Of an import, a re-export, `import()`, `import.meta.resolve()`, and a worker's `new URL()`. */
function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
    return textOf(node.moduleSpecifier);
  if (ts.isCallExpression(node) && isModuleCall(node.expression)) return textOf(node.arguments[0]);
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
    const base = node.arguments?.[1]?.getText();
    const name = textOf(node.arguments?.[0]);
    return base === 'import.meta.url' && name?.endsWith('.ts') ? name : undefined;
  }
  return undefined;
}

function isModuleCall(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || callee.getText() === 'import.meta.resolve';
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node))
    return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
  return ts.isExportDeclaration(node) && node.isTypeOnly;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function resolve(from: string, specifier: string): Pick<Import, 'to' | 'kind'> {
  if (specifier.startsWith('.')) {
    return { to: normalize(join(dirname(from), specifier)), kind: 'own' };
  }
  if (specifier.startsWith('node:')) return { to: specifier, kind: 'node' };
  const parts = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
  return { to: parts.join('/'), kind: 'package' };
}
