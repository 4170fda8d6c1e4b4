/*
What a log is made of: signed note, checkpoint, tree, entries, and the fold (docs/audit/format.md). Believes nothing.
What is wrong is thrown as a Wrong, with the codes that `wearemany wall recount` gives too. The walk over files is recount.js.
RULES, the byte forms of entries, is put before this by the program that makes the page.
*/

const FULL = 256, LONGEST = 512;
const EMPTY = sha256(new Uint8Array(0));

function Wrong(code, where) { this.code = code; this.where = where; }

/* ---- Keys, notes, checkpoints ---- */

const SIGNS = 1, COSIGNS = 4;

/* Return the key of that kind that a text like "name+01234567+letters" holds; null when it holds none. */
function keyOf(text, kind = SIGNS) {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim());
  const bytes = parts && unbase64(parts[3]);
  if (!bytes || bytes.length !== 33 || bytes[0] !== kind) return null;
  const id = sha256(joined([utf8(parts[1] + "\n"), bytes])).subarray(0, 4);
  return hex(id) === parts[2] ? { name: parts[1], id: id, bytes: bytes.subarray(1), text: text.trim() } : null;
}

/* Return a note's text and its lines of signatures if the key signed it; throws Wrong: malformed, signature-false or key-other. */
async function openNote(bytes, key) {
  const whole = textOf(bytes);
  const split = whole === null ? -1 : whole.lastIndexOf("\n\n");
  if (split < 0 || !whole.endsWith("\n") || /[\0-\x09\x0b-\x1f]/.test(whole)) throw new Wrong("checkpoint-malformed");
  const text = whole.slice(0, split + 1);
  const lines = whole.slice(split + 2, -1).split("\n").map(function (line) {
    const parts = /^\u2014 ([^+\s]+) (\S+)$/.exec(line);
    const data = parts && unbase64(parts[2]);
    if (!data || data.length < 5) throw new Wrong("checkpoint-malformed");
    return { name: parts[1], id: data.subarray(0, 4), data: data.subarray(4) };
  });
  const mine = lines.find(function (line) { return line.name === key.name && same(line.id, key.id); });
  if (lines.length > 100) throw new Wrong("checkpoint-malformed");
  if (!mine) throw new Wrong("key-other");
  const message = utf8(text);
  if (!isSigned(message, mine.data, key.bytes)) throw new Wrong("signature-false");
  if (await browserSays(message, mine.data, key.bytes) === false) throw new Wrong("signature-false");
  return { text: text, lines: lines };
}

/* Tell whether the witness with this key has cosigned a checkpoint (C2SP tlog-cosignature v1): eight bytes of time first. */
function isCosigned(checkpoint, key) {
  return checkpoint.signatures.some(function (line) {
    if (line.name !== key.name || !same(line.id, key.id) || line.data.length !== 72) return false;
    const time = line.data.subarray(0, 8).reduce(function (sum, byte) { return sum * 256 + byte; }, 0);
    if (time > Number.MAX_SAFE_INTEGER) return false;
    const message = utf8("cosignature/v1\ntime " + time + "\n" + checkpoint.text);
    return isSigned(message, line.data.subarray(8), key.bytes);
  });
}

/* Return the names of those who say that they cosigned it, unverified. */
function cosignersNamed(checkpoint) {
  const named = checkpoint.signatures.filter(function (line) { return line.data.length === 72; });
  return named.map(function (line) { return line.name; });
}

/* Return what a checkpoint says, if the key of its own log signed it; throws Wrong. */
async function openCheckpoint(bytes, key) {
  const note = await openNote(bytes, key), text = note.text;
  const lines = text.slice(0, -1).split("\n");
  const root = lines.length >= 3 && lines.every(Boolean) ? unbase64(lines[2]) : null;
  if (!root || root.length !== 32 || !/^(0|[1-9][0-9]{0,14})$/.test(lines[1]) || lines[0] !== key.name) {
    throw new Wrong("checkpoint-malformed");
  }
  if (lines[1] === "0" && !same(root, EMPTY)) throw new Wrong("checkpoint-malformed");
  return { origin: lines[0], size: Number(lines[1]), root: root, note: textOf(bytes), text: text, signatures: note.lines };
}

/* ---- Paths and tree ---- */

function tilePath(level, index, width) {
  let groups = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000)) {
    groups = "x" + String(rest % 1000).padStart(3, "0") + "/" + groups;
  }
  return "tile/" + level + "/" + groups + (width === FULL ? "" : ".p/" + width);
}

const SCRATCH = new Uint8Array(65536 + 1);

function leafHash(entry) {
  SCRATCH[0] = 0;
  SCRATCH.set(entry, 1);
  return sha256(SCRATCH, entry.length + 1);
}

function nodeHash(left, right) {
  SCRATCH[0] = 1;
  SCRATCH.set(left, 1);
  SCRATCH.set(right, 33);
  return sha256(SCRATCH, 65);
}

/* Return the root above hashes of which the last may stand for less than the others. */
function rootOf(hashes) {
  let level = hashes;
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at + 1 < level.length; at += 2) above.push(nodeHash(level[at], level[at + 1]));
    if (level.length % 2) above.push(level[level.length - 1]);
    level = above;
  }
  return level.length ? level[0] : EMPTY;
}

/* The right edge of a tree: for each level of tiles, the hashes of the one that is not full. */
function Edge() { this.size = 0; this.rows = []; this.firsts = []; }

/* Put leaf hashes on, at most up to the next full bundle; return the tiles that became full. */
Edge.prototype.grow = function (leaves) {
  this.size += leaves.length;
  const full = [];
  let fresh = leaves;
  for (let level = 0; fresh.length; level += 1) {
    if (!this.rows[level]) { this.rows[level] = []; this.firsts[level] = 0; }
    const row = this.rows[level];
    fresh.forEach(function (hash) { row.push(hash); });
    fresh = [];
    if (row.length < FULL) break;
    full.push({ path: tilePath(level, this.firsts[level], FULL), bytes: joined(row) });
    fresh = [rootOf(row)];
    this.rows[level] = [];
    this.firsts[level] += 1;
  }
  return full;
};

Edge.prototype.root = function (more) {
  let right = [];
  this.rows.forEach(function (row, level) {
    const all = row.concat(level === 0 && more ? more : [], right);
    right = all.length ? [rootOf(all)] : [];
  });
  if (!this.rows.length && more && more.length) return rootOf(more);
  return right.length ? right[0] : EMPTY;
};

/* ---- Entries and the fold ---- */

function compiled(kinds) {
  const made = {};
  Object.keys(kinds).forEach(function (kind) {
    made[kind] = { pattern: new RegExp("^(?:" + kinds[kind].pattern + ")$"), names: kinds[kind].names };
  });
  return made;
}

const KINDS = compiled(RULES.kinds);
const ANY_KIND = new RegExp("^(?:" + RULES.any + ")$");

function checkDay(day) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(String(day));
  const year = parts && Number(parts[1]), month = parts && Number(parts[2]);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = parts && [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  if (!year || !days || parts[3] < 1 || parts[3] > days) throw new Wrong("entry-day");
}

/* Return an entry's fields as texts (those that it lacks are undefined); throws Wrong. */
function readEntry(bytes) {
  if (bytes.length > LONGEST) throw new Wrong("entry-too-long");
  const line = latin(bytes);
  const told = /"kind":"([a-z]+)"/.exec(line);
  const known = told && KINDS.hasOwnProperty(told[1]) ? KINDS[told[1]] : null;
  const match = known && known.pattern.exec(line);
  if (!match) return readOther(line);
  const entry = { kind: told[1] };
  known.names.forEach(function (name, at) { entry[name] = match[at + 1]; });
  checkDay(entry.day);
  return entry;
}

/* Read an entry of a kind that later versions may have added; throws Wrong for anything else. */
function readOther(line) {
  if (!ANY_KIND.test(line)) throw new Wrong("entry-form");
  const field = new RegExp(RULES.field, "g");
  const names = [];
  for (let found = field.exec(line); found; found = field.exec(line)) names.push(found[0].split('"')[1]);
  for (let at = 1; at < names.length; at += 1) if (names[at] <= names[at - 1]) throw new Wrong("entry-form");
  const fields = JSON.parse(line);
  if (fields.v !== 1) throw new Wrong("entry-version");
  if (typeof fields.kind !== "string" || !/^[a-z]{1,20}$/.test(fields.kind) || KINDS.hasOwnProperty(fields.kind)) {
    throw new Wrong("entry-form");
  }
  checkDay(typeof fields.day === "string" ? fields.day : "");
  return { kind: fields.kind, day: fields.day, isUnknown: true };
}

const NEXT_PHASES = { "": ["opened"], opened: ["paused", "closed"], resumed: ["paused", "closed"],
  paused: ["resumed", "closed"], closed: [] };

function Count() {
  this.entries = 0; this.posts = 0; this.people = 0; this.distinct = 0; this.inColour = 0; this.removed = 0;
  this.unknown = Object.create(null); this.phase = ""; this.day = "";
  this.standings = new Map(); this.used = new Set();
}

const HOW = { phase: "turn", post: "post", amend: "amend", removed: "remove" };

/* Count one more entry; throws Wrong when it may not stand there. */
Count.prototype.take = function (entry) {
  if (entry.isUnknown) {
    if (!this.phase) throw new Wrong("not-opened");
    this.unknown[entry.kind] = (this.unknown[entry.kind] || 0) + 1;
  } else this[HOW[entry.kind]](entry);
  this.entries += 1;
  this.day = entry.day;
};

Count.prototype.post = function (entry) {
  if (!this.phase) throw new Wrong("not-opened");
  if (this.phase === "closed") throw new Wrong("post-after-closed");
  this.use(entry.commitment);
  this.stand(this.entries, null, {
    people: Number(entry.people), colour: entry.colour === "true", repeat: entry.repeat === "true",
    commitment: entry.commitment, live: true,
  });
};

Count.prototype.amend = function (entry) {
  const before = this.living(entry.of);
  if (entry.commitment !== undefined) this.use(entry.commitment);
  const after = Object.assign({}, before);
  if (entry.commitment !== undefined) after.commitment = entry.commitment;
  if (entry.people !== undefined) after.people = Number(entry.people);
  if (entry.colour !== undefined) after.colour = entry.colour === "true";
  if (entry.repeat !== undefined) after.repeat = entry.repeat === "true";
  this.stand(Number(entry.of), before, after);
};

Count.prototype.remove = function (entry) {
  const before = this.living(entry.of);
  this.stand(Number(entry.of), before, Object.assign({}, before, { live: false }));
  this.removed += 1;
};

Count.prototype.turn = function (entry) {
  const phase = entry.phase || "opened";
  if (NEXT_PHASES[this.phase].indexOf(phase) < 0) throw new Wrong("phase-order");
  this.phase = phase;
};

Count.prototype.living = function (of) {
  if (!this.phase) throw new Wrong("not-opened");
  if (Number(of) >= this.entries) throw new Wrong("of-future");
  const standing = this.standings.get(Number(of));
  if (!standing) throw new Wrong("of-no-post");
  if (!standing.live) throw new Wrong("of-removed");
  return standing;
};

Count.prototype.use = function (commitment) {
  if (this.used.has(commitment)) throw new Wrong("commitment-twice");
  this.used.add(commitment);
};

Count.prototype.stand = function (index, before, after) {
  const count = this;
  [[before, -1], [after, 1]].forEach(function (each) {
    const standing = each[0], way = each[1];
    if (!standing || !standing.live) return;
    count.posts += way;
    count.people += way * standing.people;
    if (!standing.repeat) count.distinct += way;
    if (standing.colour) count.inColour += way;
  });
  this.standings.set(index, after);
};
