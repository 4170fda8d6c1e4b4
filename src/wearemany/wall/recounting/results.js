/*
What came of a count, said in plain words: the verdict, what the recovery key announces, each step, the figures.
*/

function sentenceOf(finding) {
  const keys = [finding.code + "-" + finding.by, finding.code, "illegal"];
  return say(keys.find(function (key) { return WORDS[language].hasOwnProperty(key); }), finding);
}

function dayOf(day) {
  const options = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Date(day + "T12:00:00Z").toLocaleDateString(language === "en" ? "en-GB" : language, options);
}

function step(list, sign, text) {
  const item = make("li");
  const mark = make("b", sign);
  mark.setAttribute("aria-hidden", "true");
  item.append(mark, text);
  list.append(item);
}

function result(done) {
  const place = by("result");
  place.textContent = "";
  show(place, true);
  if (done.isStopped) { place.append(make("p", say("stopped"), "verdict")); return; }
  const isGood = !done.findings.length && done.count;
  const verdict = isGood ? "good" : done.isUnread ? "unfinished" : "bad";
  place.append(make("h2", say(verdict), "verdict " + verdict));
  if (done.announced) place.append(announced(done));
  const list = make("ul", undefined, "steps");
  done.findings.forEach(function (finding) { step(list, "\u2717", sentenceOf(finding)); });
  if (isGood) {
    step(list, "\u2713", say("signed", { name: done.key.name }) + " " + say(done.keyOrigin));
    step(list, "\u2713", say("tree", { size: done.checkpoint.size }));
    if (done.earlier) step(list, "\u2713", say("earlier_good", { size: done.earlier.size }));
    else step(list, "\u2013", say("earlier_none"));
    witnessed(list, done);
    const shown = done.shown;
    if (!shown) step(list, "\u2013", say("number_unknown"));
    else if (shown.checkpoint.size === done.checkpoint.size) step(list, "\u2713", say("number_same"));
    else step(list, "\u2013", say("number_newer", { size: shown.checkpoint.size }));
  }
  place.append(list);
  if (done.count) place.append(figures(done));
  if (done.checkpoint) place.append(make("p", say("keep")), make("pre", done.checkpoint.note));
}

/* Say what the recovery key announced, and what follows from it for the number. */
function announced(done) {
  const box = make("div", undefined, "box"), says = done.announced.says;
  if (!says) { box.append(make("p", say(done.announced.doubt))); return box; }
  box.append(make("p", say("announced", { day: dayOf(says.day) })), make("p", say("announced_key"), "soft"));
  if (says.taken) {
    const isOtherwiseRight = done.findings.every(function (finding) { return finding.code === "key-taken"; });
    box.append(make("p", say("announced_taken", { size: says.taken.size })));
    if (isOtherwiseRight && done.findings.length) box.append(make("p", say("announced_taken_posts", { posts: done.announced.posts })));
    else if (isOtherwiseRight) box.append(make("p", say("announced_taken_all")));
  }
  if (says.moved) box.append(make("p", say("announced_moved", says.moved)), make("pre", says.moved.key));
  if (says.hasEnded) box.append(make("p", say("announced_ended")));
  return box;
}

function witnessed(list, done) {
  done.witnesses.forEach(function (one) { step(list, one.has ? "\u2713" : "\u2013", say(one.has ? "witness_good" : "witness_not", one)); });
  if (done.witnesses.length) return;
  const names = cosignersNamed(done.checkpoint);
  step(list, "\u2013", names.length ? say("witness_unasked", { names: names.join(", ") }) : say("witness_none"));
}

function figures(done) {
  const shown = done.shown && done.shown.checkpoint.size === done.checkpoint.size ? done.shown.counted : null;
  const table = make("table"), head = make("thead"), body = make("tbody"), titles = make("tr");
  table.append(make("caption", done.count.day ? say("day", { day: dayOf(done.count.day) }) : say("figures"), "soft"));
  ["what", "counted"].concat(shown ? ["shown"] : []).forEach(function (key) {
    const title = make("th", say(key));
    title.scope = "col";
    titles.append(title);
  });
  function row(text, value, theirs) {
    const line = make("tr"), title = make("th", text);
    title.scope = "row";
    line.append(title, make("td", value.toLocaleString(language)));
    if (shown) line.append(make("td", typeof theirs === "number" ? theirs.toLocaleString(language) : ""));
    body.append(line);
  }
  const count = done.count, said = shown || {};
  row(say("posts"), count.posts, said.posts);
  row(say("distinct"), count.distinct, said.distinct);
  row(say("in_colour"), count.inColour, said.in_colour);
  row(say("people"), count.people, said.people);
  row(say("removed"), count.removed, said.removed);
  row(say("entries"), count.entries, shown ? done.shown.checkpoint.size : undefined);
  Object.keys(count.unknown).forEach(function (kind) { row(say("unknown", { kind: kind }), count.unknown[kind]); });
  head.append(titles);
  table.append(head, body);
  return table;
}
