/*
The page around the count: asks, shows progress, says in plain words what came of it. Everything it says is in WORDS.
*/

const STORE = "wearemany recount";
const MOST_FILE_BYTES = 256 * (65535 + 2);
const TRIES_MS = [700, 2500];
const CHANGING = ["checkpoint", "vkey", "announcement"];
const wished = new URLSearchParams(location.hash.slice(1));
const isFromWeb = /^https?:$/.test(location.protocol);
let language = [wished.get("lang")].concat(navigator.languages || [navigator.language]).map(function (tag) {
  return String(tag).split("-")[0];
}).find(function (tag) { return WORDS.hasOwnProperty(tag); }) || "en";
let isStopped = false, isRunning = false, counted = null, again = function () {}, proofAgain = function () {};

function by(id) { return document.getElementById(id); }

function say(key, values) {
  return WORDS[language][key].replace(/%\((\w+)\)s/g, function (whole, name) {
    const value = values[name];
    return typeof value === "number" ? value.toLocaleString(language) : value;
  });
}

function make(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function show(element, isShown) { element.hidden = !isShown; }

/* ---- Languages ---- */

function speak() {
  document.documentElement.lang = language;
  document.title = say("title");
  document.querySelectorAll("[data-t]").forEach(function (place) { place.textContent = say(place.getAttribute("data-t")); });
  by("languages").textContent = "";
  Object.keys(WORDS).forEach(function (code) {
    const button = make("button", WORDS[code][""], "quiet");
    button.type = "button";
    button.lang = code;
    button.setAttribute("aria-pressed", String(code === language));
    button.addEventListener("click", function () { language = code; speak(); by("languages").querySelector("[aria-pressed=true]").focus(); });
    by("languages").append(button, " ");
  });
  again();
  proofAgain();
}

/* ---- Where files come from ---- */

function Unreachable() {}

function pause(ms) { return new Promise(function (resolve) { window.setTimeout(resolve, ms); }); }

async function fetched(address, isFresh) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const options = { credentials: "omit", referrerPolicy: "no-referrer", cache: isFresh ? "no-store" : "default" };
      const answer = await fetch(address, options);
      if (answer.status === 404 || answer.status === 410) return null;
      if (answer.ok) {
        const bytes = new Uint8Array(await answer.arrayBuffer());
        if (bytes.length <= MOST_FILE_BYTES) return bytes;
      }
    } catch (error) { /* a line that was cut looks like one that is forbidden: ask again below */ }
    if (attempt >= TRIES_MS.length || isStopped) throw new Unreachable();
    await pause(TRIES_MS[attempt]);
  }
}

function webSource(prefix) {
  return { prefix: prefix, read: function (path) { return fetched(prefix + path, CHANGING.indexOf(path) >= 0); } };
}

function folderSource(list) {
  const files = new Map();
  Array.from(list).forEach(function (file) { files.set(file.webkitRelativePath.split("/").slice(1).join("/"), file); });
  return {
    prefix: "",
    read: function (path) { return files.has(path) ? bytesOf(files.get(path)) : Promise.resolve(null); },
  };
}

function bytesOf(file) {
  return new Promise(function (resolve, reject) {
    const reader = new FileReader();
    reader.onload = function () { resolve(new Uint8Array(reader.result)); };
    reader.onerror = function () { reject(new Unreachable()); };
    reader.readAsArrayBuffer(file);
  });
}

/* Find the list: in the folder, at the address itself, or where walls of this kind keep it. */
async function located() {
  if (by("folder").files.length) return folderSource(by("folder").files);
  const typed = by("list").value.trim();
  let address;
  try { address = new URL(typed, isFromWeb ? location.href : undefined); } catch (error) { throw new Wrong("address-malformed"); }
  if (!typed || !/^https?:$/.test(address.protocol)) throw new Wrong("address-malformed");
  const folder = address.origin + address.pathname.replace(/(checkpoint|index(\.\w+)?\.html|recount\.html)$/, "").replace(/\/*$/, "/");
  const handle = /\/([a-z0-9][a-z0-9_-]*)\/$/.exec(folder);
  const places = [folder].concat(handle ? [address.origin + "/log/" + handle[1] + "/"] : []);
  for (let at = 0; at < places.length; at += 1) {
    const source = webSource(places[at]);
    const found = await source.read("checkpoint");
    // A page of some web server stands where there is no such file.
    if (found && found[0] !== 0x3c) return source;
  }
  throw new Wrong("checkpoint-missing");
}

/* Ask what the wall shows; null where it cannot be asked, as on a copy. */
async function shownNumber(source) {
  const place = /^(https?:\/\/[^/]+)\/log\/([^/]+)\/$/.exec(source.prefix);
  if (!place) return null;
  try {
    const told = JSON.parse(textOf(await fetched(place[1] + "/en/" + place[2] + "/figures.json", true)));
    return typeof told.counted.posts === "number" && typeof told.checkpoint.size === "number" ? told : null;
  } catch (error) { return null; }
}

/* ---- What is remembered, and only when somebody presses for it ---- */

function memories() {
  try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch (error) { return {}; }
}

function memoryButtons() {
  let works = true;
  try { works = Boolean(localStorage); } catch (error) { works = false; }
  const isGood = Boolean(counted && !counted.findings.length && counted.count);
  show(by("memory"), works && (isGood || Object.keys(memories()).length > 0));
  show(by("remember"), works && isGood);
  show(by("remember-hint"), works && isGood);
  show(by("forget"), works && Object.keys(memories()).length > 0);
}

by("remember").addEventListener("click", function () {
  const all = memories();
  all[counted.key.name] = { key: counted.key.text, count: counted.checkpoint.note };
  try { localStorage.setItem(STORE, JSON.stringify(all)); } catch (error) { return; }
  memoryButtons();
  by("memory-told").textContent = say("remembered");
});

by("forget").addEventListener("click", function () {
  localStorage.removeItem(STORE);
  by("memory-told").textContent = say("forgotten");
  show(by("forget"), false);
});

/* ---- The count ---- */

/* Return the key to check with, and where it comes from. */
async function chosenKey(source) {
  const typed = by("key").value.trim();
  const published = typed ? null : await source.read("vkey");
  if (!typed && !published) throw new Wrong("key-missing");
  const key = keyOf(typed || latin(published));
  if (!key) throw new Wrong("key-malformed");
  const memory = memories()[key.name];
  if (typed) return { key: key, origin: "key_given" };
  if (!memory) return { key: key, origin: "key_first" };
  if (memory.key !== key.text) throw new Wrong("key-changed");
  return { key: key, origin: "key_remembered" };
}

async function earlierCount(key) {
  const typed = by("earlier").value;
  const memory = memories()[key.name];
  const text = typed.trim() ? typed.replace(/\r/g, "").trim() + "\n" : memory && memory.key === key.text ? memory.count : "";
  if (!text) return null;
  try { return await openCheckpoint(utf8(text), key); } catch (error) { throw new Wrong("earlier-malformed"); }
}

function witnessKeys() {
  return by("witnesses").value.split(/\s+/).filter(Boolean).map(function (text) {
    const key = keyOf(text, COSIGNS);
    if (!key) throw new Wrong("witness-malformed");
    return key;
  });
}

async function run() {
  const witnesses = witnessKeys();
  const source = await located();
  const chosen = await chosenKey(source);
  const earlier = await earlierCount(chosen.key);
  let rested = performance.now();
  const done = await recount(source.read, {
    key: chosen.key, earlier: earlier,
    told: function (now, size) {
      by("progress").value = now / size;
      by("told").textContent = say("progress", { counted: now, size: size });
    },
    // Hands the page back to its reader now and then, so that Stop can be pressed however fast files come.
    rest: function () {
      if (performance.now() - rested < 40) return null;
      rested = performance.now();
      return pause(0);
    },
    stopped: function () { return isStopped; },
  });
  done.key = chosen.key;
  done.keyOrigin = chosen.origin;
  done.earlier = earlier;
  done.witnesses = done.checkpoint ? witnesses.map(function (key) {
    return { name: key.name, has: isCosigned(done.checkpoint, key) };
  }) : [];
  if (done.count && !done.isStopped) {
    done.shown = await shownNumber(source);
    if (done.shown && done.shown.checkpoint.size === done.checkpoint.size && done.shown.counted.posts !== done.count.posts) {
      done.findings.push({ code: "number-other", shown: done.shown.counted.posts, counted: done.count.posts });
    }
  }
  return done;
}

by("count").addEventListener("submit", async function (event) {
  event.preventDefault();
  if (isRunning) return;
  isStopped = false; isRunning = true; counted = null;
  show(by("result"), false); show(by("stop"), true); show(by("working"), true); show(by("start"), false);
  by("progress").value = 0;
  by("memory-told").textContent = "";
  by("told").textContent = say("working");
  memoryButtons();
  let done;
  try { done = await run(); } catch (error) {
    done = { findings: [{ code: error instanceof Wrong ? error.code : "unreachable" }], isUnread: !(error instanceof Wrong) };
  }
  isRunning = false;
  show(by("stop"), false); show(by("working"), false); show(by("start"), true);
  counted = done;
  again = function () { result(done); };
  again();
  memoryButtons();
  by("result").focus();
});

by("stop").addEventListener("click", function () { isStopped = true; });

/* ---- A proof that somebody was counted ---- */

/* Return the key for a proof: the one that is typed, else the one that the list was counted with or comes with. */
async function proofKey() {
  if (!by("key").value.trim() && counted && counted.key) return { key: counted.key, origin: counted.keyOrigin };
  return chosenKey(by("key").value.trim() ? null : await located());
}

async function proved(text) {
  const chosen = await proofKey();
  const found = await checkReceipt(text, chosen.key);
  const lines = [["\u2713", "proof_good", { line: found.index, size: found.checkpoint.size }], ["\u2713", chosen.origin, {}]];
  if (found.post !== found.index) lines.push(["\u2013", "proof_amended", { post: found.post }]);
  if (counted && counted.count && !counted.findings.length) {
    const isSame = counted.checkpoint.origin === found.checkpoint.origin && counted.checkpoint.size >= found.checkpoint.size;
    const now = counted.count.standings.get(found.post);
    const key = !isSame || !now ? "proof_elsewhere" : !now.live ? "proof_gone" :
      now.commitment === found.entry.commitment ? "proof_stands" : "proof_changed";
    lines.push([key === "proof_stands" ? "\u2713" : "\u2013", key, {}]);
  }
  lines.push(["\u2013", "proof_warning", {}]);
  return lines;
}

by("proof").addEventListener("submit", async function (event) {
  event.preventDefault();
  const file = by("proof-file").files[0];
  let lines;
  try {
    const typed = by("proof-text").value.replace(/\r/g, "").trim();
    lines = await proved(typed ? typed + "\n" : file ? textOf(await bytesOf(file)) || "" : "");
  } catch (error) { lines = [["\u2717", error instanceof Wrong ? error.code : "unreachable", {}]]; }
  proofAgain = function () {
    const place = by("proof-result"), list = make("ul", undefined, "steps");
    place.textContent = "";
    lines.forEach(function (line) { step(list, line[0], WORDS[language][line[1]] ? say(line[1], line[2]) : say("receipt-malformed")); });
    place.append(list);
    show(place, true);
  };
  proofAgain();
  by("proof-result").focus();
});

by("drop").addEventListener("dragover", function (event) { event.preventDefault(); });
by("drop").addEventListener("drop", async function (event) {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  by("proof-text").value = textOf(await bytesOf(event.dataTransfer.files[0])) || "";
});

/* ---- The beginning ---- */

function begin() {
  const asked = wished.get("log");
  const folder = isFromWeb ? new URL(asked || ".", location.href).href : asked || "";
  by("list").value = folder;
  show(by("here"), isFromWeb && new URL(folder).origin === location.origin);
  by("save").href = location.href.split("#")[0];
  speak();
  memoryButtons();
}

begin();
