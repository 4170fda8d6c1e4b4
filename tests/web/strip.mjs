// Runs the byte-stripper without a page: node strip.mjs SCRIPT OUT FILE... writes every stripped file into OUT under
// its own name, and says in a line of JSON what was seen.
import { readFileSync, writeFileSync } from "fs";
import { basename, join } from "path";
import vm from "vm";

const [script, out, ...files] = process.argv.slice(2);
const module = { exports: {} };
vm.runInThisContext(`(function (module) {${readFileSync(script, "utf8")}\n})`)(module);
for (const file of files) {
  const bytes = new Uint8Array(readFileSync(file));
  const before = Buffer.from(bytes);
  const { kind, clean, whole, turn, bytes: stripped } = module.exports.strip(bytes);
  writeFileSync(join(out, basename(file)), stripped);
  const touched = !before.equals(Buffer.from(bytes));
  console.log(JSON.stringify({ name: basename(file), kind, clean, whole, turn, touched }));
}
