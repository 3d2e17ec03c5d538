import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const LONGEST_FUNCTION = 40; // lines
const LONGEST_FILE = 300;
const PARSER = fileURLToPath(new URL("parsing.mjs", import.meta.url));
const folder = new URL("../../../../registrations/door/scanner/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".mjs"));
const house = Object.fromEntries(files.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
const MAINS = ["main.mjs", "roll-main.mjs"]; // one for each page
const WIRES = ["ImportDeclaration", "const", "ExpressionStatement"]; // all that they are made of

function parse(modules) {
  const words = ["--expose-internals", "--no-warnings", PARSER];
  return JSON.parse(execFileSync(process.execPath, words, { input: JSON.stringify(modules), maxBuffer: 1e8 }));
}

const eachOf = (parsed, sins) => Object.entries(parsed).flatMap(([name, module]) => sins(module).map((sin) => `${name}: ${sin}`));

const longFunctions = (modules) =>
  eachOf(parse(modules), ({ functions }) =>
    functions.filter(({ lines }) => lines > LONGEST_FUNCTION).map(({ line, lines }) => `line ${line}, ${lines} lines`),
  );

const longFiles = (modules) =>
  Object.entries(modules).filter(([, text]) => text.trimEnd().split("\n").length > LONGEST_FILE).map(([name]) => name);

const unusedNames = (modules) => eachOf(parse(modules), ({ unused }) => unused.map(({ name, line }) => `line ${line}, ${name}`));

/** Modules that import themselves in the end. */
function importCircles(modules) {
  const parsed = parse(modules);
  const below = (name, met = new Set()) => {
    for (const other of (parsed[name]?.imports ?? []).map((path) => path.replace("./", ""))) {
      if (!met.has(other)) below(other, met.add(other));
    }
    return met;
  };
  return Object.keys(modules).filter((name) => below(name).has(name));
}

/** A room that is given something of a room put together after it, if only to call it later: it calls back up. */
function callsBackUp(text) {
  const { statements } = parse({ main: text }).main;
  return statements.flatMap(({ names, line }, n) => {
    const later = statements.slice(n + 1).flatMap(({ declares }) => declares);
    return names.filter((name) => later.includes(name)).map((name) => `line ${line}: ${name}`);
  });
}

const doesMoreThanWire = (text) =>
  parse({ main: text }).main.statements.filter(({ kind, bodies }) => !WIRES.includes(kind) || bodies).map(({ line }) => line);

/** Who hears what is said in one place for each page; anywhere else a circle could hide. */
const listensElsewhere = (modules) =>
  eachOf(parse(modules), ({ calls }) => calls.filter((call) => call === "bus.on")).filter((sin) => !MAINS.includes(sin.split(":")[0]));

test("no function of the phone's is over forty lines, one that returns others counted with them", () => {
  assert.deepEqual(longFunctions(house), []);
  const inner = "  made.push(() => 1);\n".repeat(39);
  assert.deepEqual(longFunctions({ "a.mjs": `export function outer() {\n${inner}}\n` }), ["a.mjs: line 1, 41 lines"]);
  assert.deepEqual(longFunctions({ "a.mjs": `class A {\n #work() {\n${"  ;\n".repeat(39)}}\n}` }), ["a.mjs: line 2, 41 lines"]);
  assert.deepEqual(longFunctions({ "a.mjs": `const a = () => {\n${"  ;\n".repeat(38)}};` }), []);
});

test("no file of the phone's or of its tests is over three hundred lines", () => {
  assert.deepEqual(longFiles(house), []);
  const tests = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".mjs"));
  const texts = tests.map((file) => [file, readFileSync(new URL(file, import.meta.url), "utf8")]);
  assert.deepEqual(longFiles(Object.fromEntries(texts)), []);
  assert.deepEqual(longFiles({ "a.mjs": ";\n".repeat(300), "b.mjs": ";\n".repeat(301) }), ["b.mjs"]);
});

test("no name is declared and never read, in tests and in the scripts of other pages neither", () => {
  const read = (url) => (file) => [file, readFileSync(new URL(file, url), "utf8")];
  const tests = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".mjs"));
  const scripts = new URL("../../../../templates/static/", import.meta.url);
  const pages = readdirSync(scripts).filter((file) => file.endsWith(".js"));
  const others = Object.fromEntries([...tests.map(read(import.meta.url)), ...pages.map(read(scripts))]);
  assert.ok(tests.length > 30 && pages.length > 1);
  assert.deepEqual(unusedNames({ ...house, ...others }), []);
  const planted = 'import { a, b as c } from "./x.mjs";\nconst { d, ...rest } = a;\nexport const e = ({ f }) => rest.c ?? { d: 1 };\nfunction g() {}';
  assert.deepEqual(unusedNames({ "a.mjs": planted }), ["a.mjs: line 1, c", "a.mjs: line 2, d", "a.mjs: line 4, g"]);
});

test("no module imports itself in the end", () => {
  assert.deepEqual(importCircles(house), []);
  const circle = { "a.mjs": 'import "./b.mjs";', "b.mjs": 'export * from "./c.mjs";', "c.mjs": 'await import("./a.mjs");' };
  assert.deepEqual(importCircles({ ...circle, "d.mjs": 'import "./a.mjs";' }), ["a.mjs", "b.mjs", "c.mjs"]);
  for (const name of MAINS) assert.ok(parse(house)[name].imports.length > 25, "imports are seen");
});

test("no room calls back up into one that is put together after it", () => {
  assert.deepEqual(MAINS.map((name) => callsBackUp(house[name])), [[], []]);
  const circle = "const screen = draw({ onTap: (word) => scanning.tap(word) });\nconst scanning = scan({ screen });";
  assert.deepEqual(callsBackUp(circle), ["line 1: scanning"]);
  assert.deepEqual(callsBackUp("let later = null;\nconst a = make(() => later);\nlater = a;"), []); // the next rule's
});

test("main.mjs wires, and does nothing else, as does the marshals' one", () => {
  assert.deepEqual(MAINS.map((name) => doesMoreThanWire(house[name])), [[], []]);
  const sins = ["let later = null;", "function work() {}", "if (a) b();", "const a = () => { b(); };", "class A {}"];
  assert.deepEqual(doesMoreThanWire(sins.join("\n")), [1, 2, 3, 4, 5]);
});

test("who hears what stands in these two alone", () => {
  assert.deepEqual(listensElsewhere(house), []);
  const planted = "class A {\n  #a(b) {\n    b.bus.on('x', b);\n  }\n}\nbus.on('y', A);";
  assert.deepEqual(listensElsewhere({ "a.mjs": planted }), ["a.mjs: bus.on", "a.mjs: bus.on"]);
  for (const name of MAINS) assert.ok(parse(house)[name].calls.filter((call) => call === "bus.on").length > 9, "listening is seen");
});

for (const name of files) {
  test(`${name} has a test of its own name`, () => {
    assert.ok(existsSync(new URL(name.replace(".mjs", ".test.mjs"), import.meta.url)));
  });
}
