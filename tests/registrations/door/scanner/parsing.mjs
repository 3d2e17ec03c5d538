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
    calls: nodes.filter(({ type }) => type === "CallExpression").flatMap(({ callee }) => (callee.property?.name ? [calledOn(callee)] : [])),
  };
}

function* within(node) {
  if (node?.type) yield node;
  if (node && typeof node === "object") for (const child of Object.values(node)) yield* within(child);
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
