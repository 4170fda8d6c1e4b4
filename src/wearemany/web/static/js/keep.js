/*
The keep-page with scripts: leave at once, copy the code, open a link that carries the code behind the #, look again by
itself while something is being done, and draw covers. Without this script the page is whole.
*/
(function () {
  "use strict";
  const keep = document.querySelector("[data-keep]");
  const now = document.querySelector("[data-now]");

  /* Leaving: the page is hidden before anything else, and its place in the history is taken. */
  function leave() {
    document.documentElement.classList.add("left");
    document.title = "";
    window.location.replace("about:blank");
  }
  const door = document.querySelector("[data-leave-now]");
  if (door) door.addEventListener("click", function (event) { event.preventDefault(); leave(); });
  let escaped = 0;
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    if (event.timeStamp - escaped < 1500) leave();
    escaped = event.timeStamp;
  });

  /* A link with the code behind the #: browsers keep that part to themselves. It is dropped before anything is sent. */
  const ask = document.querySelector("[data-ask]");
  if (ask && window.location.hash.length > 1) {
    let code = "";
    try { code = decodeURIComponent(window.location.hash.slice(1)); } catch (error) { code = ""; }
    window.history.replaceState(null, "", window.location.pathname);
    ask.elements.code.value = code;
    if (code) ask.submit();
  }
  if (!keep) return;

  const secret = keep.querySelector("[data-secret]");
  function copy(text) {
    const done = function () { keep.querySelector("[data-copied-here]").textContent = keep.dataset.copied; };
    const choose = function () {
      const range = document.createRange();
      range.selectNodeContents(secret);
      window.getSelection().removeAllRanges();
      window.getSelection().addRange(range);
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, choose);
    else { choose(); if (text === secret.textContent && document.execCommand("copy")) done(); }
  }
  keep.querySelector("[data-copy]").addEventListener("click", function () { copy(secret.textContent); });
  const link = keep.querySelector("[data-copy-link]");
  link.hidden = !navigator.clipboard;
  link.addEventListener("click", function () {
    copy(window.location.origin + keep.dataset.link + encodeURIComponent(secret.textContent.trim().replace(/ /g, "-")));
  });

  /* Covers */
  function between(value) { return Math.min(1, Math.max(0, value)); }

  function drawable(form) {
    const photo = form.parentNode;
    const frame = photo.querySelector("[data-frame]");
    const toggle = photo.querySelector("[data-toggle]");
    const undraw = form.querySelector("[data-undraw]");
    const squares = form.querySelector("[data-squares]");
    const boxes = [];
    let start = null;
    let open = null;
    if (!window.PointerEvent) return;

    function place(event) {
      const edge = frame.getBoundingClientRect();
      return [between((event.clientX - edge.left) / edge.width), between((event.clientY - edge.top) / edge.height)];
    }
    function show(box, here) {
      const left = Math.min(start[0], here[0]);
      const top = Math.min(start[1], here[1]);
      const right = Math.max(start[0], here[0]);
      const bottom = Math.max(start[1], here[1]);
      box.edges = [left, top, right, bottom];
      box.node.style.left = 100 * left + "%";
      box.node.style.top = 100 * top + "%";
      box.node.style.width = 100 * (right - left) + "%";
      box.node.style.height = 100 * (bottom - top) + "%";
    }
    function drop(box) { frame.removeChild(box.node); undraw.hidden = !boxes.length; }
    function end(event) {
      if (!open) return;
      show(open, place(event));
      const box = open;
      const size = box.edges;
      open = null;
      if (size[2] - size[0] < 0.01 || size[3] - size[1] < 0.01) { drop(box); return; }
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "box";
      field.setAttribute("form", form.id);
      field.value = size.map(function (part) { return part.toFixed(4); }).join(",");
      box.node.appendChild(field);
      boxes.push(box);
      undraw.hidden = false;
    }
    toggle.addEventListener("change", function () {
      frame.classList.toggle("drawing", toggle.checked && !squares.hidden);
      frame.scrollIntoView({ block: "nearest" });
    });
    frame.addEventListener("pointerdown", function (event) {
      if (!frame.classList.contains("drawing") || open || event.button) return;
      event.preventDefault();
      frame.setPointerCapture(event.pointerId);
      start = place(event);
      open = { node: document.createElement("span"), edges: [] };
      open.node.className = "drawn";
      frame.appendChild(open.node);
      show(open, start);
    });
    frame.addEventListener("pointermove", function (event) { if (open) show(open, place(event)); });
    frame.addEventListener("pointerup", end);
    frame.addEventListener("pointercancel", function () { if (open) { const box = open; open = null; drop(box); } });
    undraw.addEventListener("click", function () { if (boxes.length) drop(boxes.pop()); });
    squares.addEventListener("click", function () {
      frame.classList.remove("drawing");
      squares.hidden = true;
      frame.querySelector("input[name=cell]").focus();
    });
  }

  function dress() { now.querySelectorAll("[data-cover]").forEach(drawable); }
  dress();

  /* Looking again: more and more seldom, not while nobody looks, never under somebody's hands. */
  let pause = 1000;
  let timer = 0;

  function busy() {
    const inside = document.activeElement;
    return now.querySelector("[data-toggle]:checked") || (inside && now.contains(inside) && inside.tagName === "INPUT");
  }
  function show(html) {
    const before = keep.querySelector("[data-told]");
    const had = now.contains(document.activeElement);
    now.innerHTML = html;
    if (before) before.hidden = true;
    if (had) now.focus();
    keep.querySelector("[data-spoken]").textContent = now.querySelector("[data-words]").textContent;
    pause = 1000;
    dress();
  }
  function look() {
    timer = 0;
    const state = now.querySelector("[data-mark]");
    if (!state || !state.hasAttribute("data-moving")) return;
    if (document.hidden || busy()) { again(); return; }
    const request = new XMLHttpRequest();
    const body = new URLSearchParams();
    body.append("code", keep.dataset.code);
    body.append("mark", state.getAttribute("data-mark"));
    request.open("POST", keep.dataset.state);
    request.setRequestHeader("Accept", "application/json");
    request.onload = function () {
      let told = null;
      try { told = JSON.parse(request.responseText); } catch (error) { told = null; }
      if (request.status === 200 && told && told.html && !busy()) {
        show(told.html);
      }
      if (request.status !== 404) again();
    };
    request.onerror = again;
    request.send(body);
  }
  function again() {
    if (timer) return;
    timer = window.setTimeout(look, pause);
    pause = Math.min(pause * 1.6, 60000);
  }
  document.addEventListener("visibilitychange", function () {
    if (document.hidden || !timer) return;
    window.clearTimeout(timer);
    timer = 0;
    pause = 1000;
    look();
  });
  again();
})();
