// The phone's own modules, linked anew for each load of its page, with a fault planted in their text where one is asked for.

import * as fs from "node:fs";
import { SourceTextModule, SyntheticModule } from "node:vm";

const SCANNER = new URL("../../registrations/door/scanner/", import.meta.url);
const BROWSER = new URL("../registrations/door/scanner/page.mjs", import.meta.url);
const texts = new Map();
const planted = new Map(); // file name -> [[what stands there, what is put in its place], ...]

/** Throws where the text to be changed does not stand there exactly once: a fault that is not planted proves nothing. */
export function plant(file, old, instead) {
  const count = fs.readFileSync(new URL(file, SCANNER), "utf8").split(old).length - 1;
  if (count !== 1) throw new Error(`${file} has ${count} times: ${old}`);
  planted.set(file, [...(planted.get(file) ?? []), [old, instead]]);
}

export const loadPage = (context) => load(context, new URL("main.mjs", SCANNER));
export const loadBrowser = (context) => load(context, BROWSER);

async function load(context, url) {
  const made = new Map();
  const module = await linked(url, context, made);
  await module.link((specifier, from) => linked(new URL(specifier, from.identifier), context, made));
  return module;
}

function linked(url, context, made) {
  if (!made.has(url.href)) made.set(url.href, url.protocol === "node:" ? builtIn(context) : ours(url, context));
  return made.get(url.href);
}

function ours(url, context) {
  const initializeImportMeta = (meta) => (meta.url = url.href);
  return new SourceTextModule(textOf(url), { context, identifier: url.href, initializeImportMeta });
}

function builtIn(context) {
  const made = new SyntheticModule(["readFileSync"], () => made.setExport("readFileSync", fs.readFileSync), { context });
  return made;
}

function textOf(url) {
  if (!texts.has(url.href)) {
    const changes = planted.get(url.pathname.split("/").at(-1)) ?? [];
    texts.set(url.href, changes.reduce((text, [old, instead]) => text.replace(old, () => instead), fs.readFileSync(url, "utf8")));
  }
  return texts.get(url.href);
}
