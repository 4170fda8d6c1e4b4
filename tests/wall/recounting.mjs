// Runs the counting part of the recount page under node: cases as JSON on standard input, results as JSON on standard output.
import { readFileSync } from "node:fs";

const script = readFileSync(process.argv[2], "utf-8");
const names = "{ keyOf, openCheckpoint, recount, checkReceipt, isSigned, isCosigned, cosignersNamed, sha256, sha512, hex, utf8, Wrong }";
const page = new Function(`"use strict";\n${script}\nreturn ${names};`)();
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));

async function one(asked) {
  if (asked.signature) return page.isSigned(bytes(asked.message), bytes(asked.signature), bytes(asked.key));
  if (asked.hash) return [page.hex(page.sha256(bytes(asked.hash))), page.hex(page.sha512(bytes(asked.hash)))];
  const key = page.keyOf(asked.key);
  if (asked.witness) {
    const witness = page.keyOf(asked.witness, 4);
    const seen = await page.openCheckpoint(bytes(asked.note), key);
    return [page.cosignersNamed(seen), witness ? page.isCosigned(seen, witness) : null];
  }
  if (!key) return { codes: ["key-malformed"] };
  try {
    if (asked.receipt !== undefined) {
      const found = await page.checkReceipt(asked.receipt, key);
      return { index: found.index, post: found.post, size: found.checkpoint.size };
    }
    const earlier = asked.earlier ? await page.openCheckpoint(bytes(asked.earlier), key) : null;
    const read = async (path) => (path in asked.files ? bytes(asked.files[path]) : null);
    const done = await page.recount(read, { key, earlier, told: () => {}, rest: () => null, stopped: () => false });
    const count = done.count, announced = done.announced, says = announced && announced.says;
    return {
      codes: done.findings.map((finding) => finding.code),
      announced: !says ? null : {
        day: says.day, taken: says.taken && [says.taken.size, page.hex(says.taken.root)], ended: says.hasEnded,
        moved: says.moved && [says.moved.address, says.moved.key], posts: announced.posts === undefined ? null : announced.posts,
      },
      doubt: (announced && announced.doubt) || "",
      where: done.findings.map((finding) => finding.where === undefined ? null : finding.where),
      tally: count && {
        entries: count.entries, posts: count.posts, people: count.people, distinct: count.distinct,
        in_colour: count.inColour, removed: count.removed, unknown: count.unknown, phase: count.phase || null,
      },
    };
  } catch (error) {
    if (error instanceof page.Wrong) return { codes: [error.code] };
    throw error;
  }
}

const results = [];
for (const asked of JSON.parse(readFileSync(0, "utf-8"))) results.push(await one(asked));
process.stdout.write(JSON.stringify(results));
