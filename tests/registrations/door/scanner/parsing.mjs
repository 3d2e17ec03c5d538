// Reads {name: text} of modules from standard input and writes what each is made of. Run with --expose-internals: the
// parser is the one that Node itself brings.

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const acorn = createRequire(import.meta.url)("internal/deps/acorn/acorn/dist/acorn");
const HOW = { ecmaVersion: "latest", sourceType: "module", locations: true };
const FUNCTIONS = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];

function lookedAt(program) {
  const nodes = [...within(program)];
  return {
    functions: nodes.filter(({ type }) => FUNCTIONS.includes(type)).map(linesOf),
    imports: nodes.filter(({ type }) => /^(Import|Export\w*)(Declaration|Expression)$/.test(type)).flatMap(from),
    statements: program.body.map(statement),
    unused: unusedIn(nodes),
    calls: nodes.filter(({ type }) => type === "CallExpression").flatMap(({ callee }) => (callee.property?.name ? [calledOn(callee)] : [])),
  };
}

function* within(node) {
  if (node?.type) yield node;
  if (node && typeof node === "object") for (const child of Object.values(node)) yield* within(child);
}

/** What is declared within and nowhere read. Arguments are no declarations: a callback may have to have them. */
function unusedIn(nodes) {
  const exported = nodes.flatMap(({ type, declaration }) => (/^Export/.test(type) && declaration ? [declaration, ...(declaration.declarations ?? [])] : []));
  const declared = nodes.filter((node) => !exported.includes(node)).flatMap(declaredBy).flatMap(boundBy);
  const starts = new Set(declared.map(({ start }) => start));
  const fixed = new Set(nodes.flatMap(({ type, computed, shorthand, property, key }) => {
    if (computed || shorthand) return [];
    return type === "MemberExpression" ? [property] : ["Property", "MethodDefinition", "PropertyDefinition"].includes(type) ? [key] : [];
  }));
  const read = nodes.filter((node) => isName(node) && !starts.has(node.start) && !fixed.has(node)).map(({ name }) => name);
  return declared.filter(({ name }) => !read.includes(name)).map(({ name, loc }) => ({ name, line: loc.start.line }));
}

/** The names of a pattern, without keys and defaults, which are read. */
function boundBy(pattern) {
  if (!pattern) return [];
  if (pattern.type === "Identifier") return [pattern];
  const { properties, elements, value, argument, left } = pattern;
  return [...(properties ?? []), ...(elements ?? []), value, argument, left].flatMap(boundBy);
}

const isName = ({ type }) => type === "Identifier";

function declaredBy({ type, id, local }) {
  if (["VariableDeclarator", "FunctionDeclaration", "ClassDeclaration"].includes(type)) return id ? [id] : [];
  return ["ImportSpecifier", "ImportDefaultSpecifier", "ImportNamespaceSpecifier"].includes(type) ? [local] : [];
}

const linesOf = ({ loc: { start, end } }) => ({ line: start.line, lines: end.line - start.line + 1 });
const from = ({ source }) => (typeof source?.value === "string" ? [source.value] : []);
const calledOn = ({ object, property }) => `${object.name ?? object.property?.name}.${property.name}`;

/** Of a module's own level: what it is, what it declares, and every name that stands in it, also within functions. */
function statement(node) {
  const nodes = [...within(node)];
  const declared = (node.declaration ?? node).declarations ?? [];
  return {
    kind: node.kind ?? node.type,
    line: node.loc.start.line,
    declares: declared.flatMap(({ id }) => [...within(id)].flatMap(({ name }) => name ?? [])),
    names: [...new Set(nodes.filter(({ type }) => type === "Identifier").map(({ name }) => name))],
    bodies: nodes.filter(({ type, body }) => FUNCTIONS.includes(type) && body.type === "BlockStatement").length,
  };
}

const modules = JSON.parse(await text(process.stdin));
const parsed = Object.entries(modules).map(([name, source]) => [name, lookedAt(acorn.parse(source, HOW))]);
process.stdout.write(JSON.stringify(Object.fromEntries(parsed)));
