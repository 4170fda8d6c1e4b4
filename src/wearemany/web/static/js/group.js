/*
A group's sitting with scripts: the invitation behind the # becomes a form, photos are made ready on the phone and go
one by one, each as often as the line needs. Without this script the page is whole: four photos at a time. Making ready
is in shrink.js.
*/
(function () {
  "use strict";
  const TRIES = 6;
  const ask = document.querySelector("[data-invitation]");
  if (ask && window.location.hash.length > 1) {
    const secret = window.location.hash.slice(1);
    window.history.replaceState(null, "", window.location.pathname);
    ask.elements.given.value = secret;
    ask.submit();
  }
  const print = document.querySelector("[data-print]");
  if (print) print.addEventListener("click", function () { window.print(); });

  const form = document.querySelector("[data-group]");
  if (!form) return;
  const words = form.dataset;
  const chooser = form.querySelector("[data-picker] input");
  const said = form.querySelector("[data-said]");
  const list = form.querySelector("[data-places]");
  const sitting = document.querySelector("[data-sitting]");
  const line = [];
  let next = Number(words.next);
  let left = Number(words.most);
  let sending = false;
  let wantsSlips = false;
  form.querySelectorAll("[data-place]").forEach(function (place) { place.remove(); });

  function tell(text) { said.textContent = text; said.hidden = !text; }

  function add(file) {
    const item = document.getElementById("group-item").content.firstElementChild.cloneNode(true);
    const one = { file: file, number: next, item: item, tries: 0, state: "waiting" };
    next += 1;
    left -= 1;
    item.querySelector("[data-name]").textContent = one.number + " · " + file.name;
    item.querySelector("input").name = "label-" + one.number;
    item.querySelector("[data-retry]").addEventListener("click", function () { one.tries = 0; show(one, "waiting"); go(); });
    item.querySelector("[data-remove]").addEventListener("click", function () { remove(one); });
    list.appendChild(item);
    line.push(one);
    show(one, "waiting");
  }

  function show(one, state, sentence) {
    one.state = state;
    one.item.querySelector("[data-state]").textContent = sentence || words[state];
    one.item.querySelector("[data-retry]").hidden = state !== "failed";
    one.item.querySelector("[data-remove]").hidden = state !== "failed";
    one.item.querySelector("progress").hidden = state !== "sending";
  }

  /* Only what did not get through is taken out here; what has arrived is left out on the page that comes next. */
  function remove(one) {
    line.splice(line.indexOf(one), 1);
    one.item.remove();
    left += 1;
    tell("");
    chooser.focus();
    go();
  }

  function go() {
    if (sending || !form.checkValidity()) return;
    const one = line.find(function (each) { return each.state === "waiting"; });
    if (one) { ready(one); return; }
    if (!wantsSlips || !line.length) return;
    if (line.every(function (each) { return each.state === "arrived"; })) finish();
    else tell(words.some);
  }

  function ready(one) {
    sending = true;
    if (one.clean) { send(one); return; }
    show(one, "preparing");
    window.wearemany.prepare(one.file).then(function (made) { one.clean = made.blob; send(one); });
  }

  function send(one) {
    const body = new FormData();
    ["sitting", "token", "stated", "cover"].forEach(function (name) {
      const field = form.elements[name];
      if (field) body.append(name, field.value);
    });
    body.append("photo-" + one.number, one.clean, "photo");
    const request = new XMLHttpRequest();
    show(one, "sending");
    request.open("POST", words.photo);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) one.item.querySelector("progress").value = event.loaded / event.total * 100;
    });
    request.addEventListener("loadend", function () {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = {}; }
      if (request.status === 200) {
        sending = false;
        one.file = one.clean = null;
        show(one, "arrived");
        sitting.hidden = false;
        go();
      } else if (request.status >= 400 && request.status < 500) {
        sending = false;
        show(one, "failed", answer.error && answer.error.sentence);
        go();
      } else again(one);
    });
    request.send(body);
  }

  function again(one) {
    one.tries += 1;
    if (one.tries >= TRIES) { sending = false; show(one, "failed"); go(); return; }
    show(one, "waiting", words.again);
    window.setTimeout(function () { sending = false; go(); }, 500 * Math.pow(2, one.tries));
  }

  function finish() {
    const mark = document.createElement("input");
    mark.type = "hidden";
    mark.name = "scripts";
    mark.value = "yes";
    form.appendChild(mark);
    form.elements.next.value = next;
    chooser.disabled = true;
    form.submit();
  }

  chooser.addEventListener("change", function () {
    const files = Array.from(chooser.files);
    tell(files.length > left ? words.many : "");
    files.slice(0, Math.max(0, left)).forEach(add);
    chooser.value = "";
    go();
  });
  form.addEventListener("change", go);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (!line.length) { tell(words.none); return; }
    wantsSlips = true;
    go();
  });
}());
