// Runs the proof-of-work script without a browser: node proof.mjs SCRIPT CHALLENGE prints what it puts into the form.
import { readFileSync } from "fs";
import { webcrypto } from "crypto";
import vm from "vm";

const [script, challenge] = process.argv.slice(2);
const field = { value: "", getAttribute: () => challenge };
const world = {
  document: { querySelector: () => field },
  crypto: webcrypto, TextEncoder, btoa, setTimeout, JSON, Promise, Array, Uint8Array,
};
world.window = world;
vm.runInNewContext(readFileSync(script, "utf8"), world);
const waiting = setInterval(() => {
  if (!field.value) return;
  clearInterval(waiting);
  console.log(field.value);
}, 20);
setTimeout(() => process.exit(1), 60000).unref();
