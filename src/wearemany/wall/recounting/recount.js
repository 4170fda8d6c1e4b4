/*
The walk over a log's public files: the tree is built again, compared with everything that is published, and counted.
Files come from a `read`: given a path below the log's folder, a promise of its bytes, or of null where there is none.
*/

const AHEAD = 12;

/* Return the paths that a recount reads, in its order, so that they can be asked for ahead. */
function readingOrder(size) {
  const paths = [], full = Math.floor(size / FULL);
  for (let index = 0; index < full; index += 1) {
    paths.push(tilePath("entries", index, FULL), tilePath(0, index, FULL));
    for (let nodes = index + 1, level = 1; nodes % FULL === 0; nodes /= FULL, level += 1) {
      paths.push(tilePath(level, nodes / FULL - 1, FULL));
    }
  }
  if (size % FULL) paths.push(tilePath("entries", full, size % FULL));
  for (let level = 0, nodes = size; nodes; level += 1, nodes = Math.floor(nodes / FULL)) {
    if (nodes % FULL) paths.push(tilePath(level, Math.floor(nodes / FULL), nodes % FULL));
  }
  return paths;
}

/* Return a `read` that asks for the next files before they are needed. */
function readAhead(read, paths) {
  const coming = new Map();
  let next = 0;
  return function (path) {
    for (; next < paths.length && coming.size < AHEAD; next += 1) {
      const promise = read(paths[next]);
      // What fails is told to whoever needs it; nobody may need it any more.
      promise.catch(function () {});
      coming.set(paths[next], promise);
    }
    const found = coming.get(path) || read(path);
    coming.delete(path);
    return found;
  };
}

function unbundled(bytes, width) {
  const entries = [];
  let place = 0;
  while (place + 2 <= bytes.length) {
    const end = place + 2 + bytes[place] * 256 + bytes[place + 1];
    if (end > bytes.length) return null;
    entries.push(bytes.subarray(place + 2, end));
    place = end;
  }
  return place === bytes.length && entries.length === width ? entries : null;
}

/* Return an entry's fields; null when it has none that may stand in a list. */
function legalEntry(bytes) {
  try { return readEntry(bytes); } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return null;
  }
}

/* One pass over a log's files; what is wrong is told to `found`. */
function Walk(read, seen, found) {
  this.read = read; this.seen = seen; this.found = found;
  this.ahead = readAhead(read, readingOrder(seen.size));
  this.edge = new Edge(); this.counted = new Count(); this.held = []; this.taken = null; this.isLegal = true;
}

/* Compare with a checkpoint that somebody holds of this log: at once by size, and when the walk comes to its end. */
Walk.prototype.hold = function (one) {
  const seen = this.seen;
  const twin = this.held.find(function (other) { return other.size === one.size && !same(other.root, one.root); });
  this.held.push(one);
  if (one.size > seen.size) this.found("rollback", one.size, one.by);
  if (one.size === seen.size ? !same(one.root, seen.root) : twin && one.size > seen.size) this.found("fork", one.size, one.by);
};

/* Go by what the recovery key announced: the last moment that it vouches for may not have been rewritten either. */
Walk.prototype.believe = function (announced) {
  if (!announced.says || !announced.says.taken) return;
  this.taken = announced;
  this.hold({ size: announced.says.taken.size, root: announced.says.taken.root, by: "recovery" });
};

Walk.prototype.content = async function (level, index, width) {
  const own = await this.ahead(tilePath(level, index, width));
  if (own || width === FULL) return { bytes: own, width: width };
  // A partial file may be gone once the full one is there; its beginning is the same.
  return { bytes: await this.read(tilePath(level, index, FULL)), width: FULL };
};

/* Return the entries of the bundle that begins there; null where it cannot be read, so that nothing after it can be judged. */
Walk.prototype.entries = async function (start) {
  const index = start / FULL, width = Math.min(FULL, this.seen.size - start);
  const file = await this.content("entries", index, width);
  const whole = file.bytes && unbundled(file.bytes, file.width);
  if (!whole) this.found(file.bytes ? "bundle-malformed" : "bundle-missing", tilePath("entries", index, width));
  return whole && whole.slice(0, width);
};

/* Put entries on the tree; compare the tiles that become full, and the beginnings that somebody holds. */
Walk.prototype.grow = async function (entries) {
  const leaves = entries.map(leafHash), start = this.edge.size;
  this.held.forEach(function (one) {
    if (one.size === this.seen.size || one.size < start || one.size >= start + leaves.length) return;
    if (!same(this.edge.root(leaves.slice(0, one.size - start)), one.root)) this.found("fork", one.size, one.by);
  }, this);
  const grown = this.edge.grow(leaves);
  for (let at = 0; at < grown.length; at += 1) {
    const bytes = await this.ahead(grown[at].path);
    if (!bytes) this.found("tile-missing", grown[at].path);
    else if (!same(bytes, grown[at].bytes)) this.found("tile-other", grown[at].path);
  }
};

Walk.prototype.count = function (entries, start) {
  for (let at = 0; at < entries.length && this.isLegal; at += 1) {
    if (this.taken && this.taken.says.taken.size === start + at) this.taken.posts = this.counted.posts;
    try { this.counted.take(readEntry(entries[at])); } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      // What follows an illegal entry has no meaning, so one finding says it all.
      this.found(error.code, start + at);
      this.isLegal = false;
    }
  }
};

/* Compare the incomplete tiles and the root, and tell what came after the last moment to be believed. */
Walk.prototype.finish = async function () {
  for (let level = 0; level < this.edge.rows.length; level += 1) {
    const row = this.edge.rows[level], width = row.length;
    if (!width) continue;
    const path = tilePath(level, this.edge.firsts[level], width);
    const file = await this.content(level, this.edge.firsts[level], width);
    if (!file.bytes) this.found("tile-missing", path);
    else if (!same(file.width === width ? file.bytes : file.bytes.subarray(0, width * 32), joined(row))) this.found("tile-other", path);
  }
  if (!same(this.edge.root(), this.seen.root)) this.found("root-other");
  const last = this.taken ? this.taken.says.taken.size : this.seen.size;
  if (this.seen.size > last) this.found("key-taken", last);
};

/*
Recount a log. `asked` has: key (see keyOf), earlier (an opened checkpoint, or null), told(counted, size) for progress,
rest() whose promise is waited for after each bundle, stopped() to give up. Returns {findings, checkpoint, count, announced, isStopped}; the count is worth nothing beside findings.
*/
async function recount(read, asked) {
  const done = { findings: [], checkpoint: null, count: null, announced: null, isStopped: false };
  function found(code, where, by) { done.findings.push({ code: code, where: where, by: by }); }
  const signed = await read("checkpoint");
  if (!signed) { found("checkpoint-missing"); return done; }
  try { done.checkpoint = await openCheckpoint(signed, asked.key); } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    found(error.code);
    return done;
  }
  const seen = done.checkpoint, note = await read("announcement");
  const walk = new Walk(read, seen, found);
  if (asked.earlier) walk.hold({ size: asked.earlier.size, root: asked.earlier.root });
  for (let start = 0; start < seen.size; start += FULL) {
    if (asked.stopped()) { done.isStopped = true; return done; }
    const entries = await walk.entries(start);
    if (!entries) return done;
    if (start === 0 && note) {
      done.announced = await openAnnouncement(note, seen.origin, legalEntry(entries[0]));
      walk.believe(done.announced);
    }
    await walk.grow(entries);
    walk.count(entries, start);
    asked.told(start + entries.length, seen.size);
    await asked.rest();
  }
  if (note && !done.announced) done.announced = { doubt: "announcement-other" };
  await walk.finish();
  if (walk.isLegal) done.count = walk.counted;
  return done;
}
