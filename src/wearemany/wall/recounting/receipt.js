/*
A proof that a post was counted, checked by itself (docs/audit/receipt.md): the line is in the tree that the key signed,
and its commitment is made of the salt, pictures and words that the proof speaks of. Needs no server.
*/

const HEX_32 = /^[0-9a-f]{64}$/;

/* Return the parts of a proof's text; null when it is none of ours. */
function parseReceipt(text) {
  const lines = text.split("\n");
  const blank = lines.indexOf("");
  const index = /^index (0|[1-9][0-9]{0,14})$/.exec(lines[2] || "");
  const extra = /^extra (\S+)$/.exec(lines[1] || "");
  const packed = extra && unbase64(extra[1]);
  if (lines[0] !== "c2sp.org/tlog-proof@v1" || !index || !packed || blank < 3) return null;
  const path = lines.slice(3, blank).map(unbase64);
  let told;
  try { told = JSON.parse(textOf(packed)); } catch (error) { return null; }
  const isOurs = told && told.v === 1 && typeof told.entry === "string" && HEX_32.test(told.salt) && HEX_32.test(told.caption) &&
    Array.isArray(told.photos) && told.photos.length > 0 && told.photos.every(function (each) { return HEX_32.test(each); });
  if (!isOurs || !path.every(function (hash) { return hash && hash.length === 32; })) return null;
  return { index: Number(index[1]), path: path, told: told, note: utf8(lines.slice(blank + 1).join("\n")) };
}

/* Tell whether a leaf at `index` is under a root of `size` leaves (RFC 9162, 2.1.3.2). */
function isIncluded(index, size, leaf, path, root) {
  if (index >= size) return false;
  let place = index, last = size - 1, hash = leaf;
  for (let at = 0; at < path.length; at += 1) {
    if (last === 0) return false;
    if (place % 2 || place === last) {
      hash = nodeHash(path[at], hash);
      while (place % 2 === 0 && place) { place = Math.floor(place / 2); last = Math.floor(last / 2); }
    } else hash = nodeHash(hash, path[at]);
    place = Math.floor(place / 2); last = Math.floor(last / 2);
  }
  return last === 0 && same(hash, root);
}

/* Check a proof's text with a key; returns {checkpoint, index, entry, of} or throws Wrong. */
async function checkReceipt(text, key) {
  const receipt = parseReceipt(text);
  if (!receipt) throw new Wrong("receipt-malformed");
  const checkpoint = await openCheckpoint(receipt.note, key);
  const line = utf8(receipt.told.entry);
  if (!isIncluded(receipt.index, checkpoint.size, leafHash(line), receipt.path, checkpoint.root)) {
    throw new Wrong("receipt-not-in-list");
  }
  const entry = readEntry(line);
  const digests = [receipt.told.salt].concat(receipt.told.photos, [receipt.told.caption]).map(unhex);
  if (!entry.commitment || entry.commitment !== hex(sha256(joined(digests)))) throw new Wrong("receipt-not-yours");
  return { checkpoint: checkpoint, index: receipt.index, entry: entry, post: Number(entry.of || receipt.index) };
}
