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
  /* A post that is to have no code shows none. */
  if (secret) {
    keep.querySelector("[data-copy]").addEventListener("click", function () { copy(secret.textContent); });
    const link = keep.querySelector("[data-copy-link]");
    link.hidden = !navigator.clipboard;
    link.addEventListener("click", function () {
      copy(window.location.origin + keep.dataset.link + encodeURIComponent(secret.textContent.trim().replace(/ /g, "-")));
    });
  }

  /* Covers: drawn with a finger, the mouse or a pen. A tap makes a box as large as a thumb; a box is moved from inside
     and stretched at its lower right corner, where a thumb-sized place answers. */
  const THUMB_PX = 48;

  function between(value) { return Math.min(1, Math.max(0, value)); }

  function drawable(form) {
    const photo = form.parentNode;
    const frame = photo.querySelector("[data-frame]");
    const toggle = photo.querySelector("[data-toggle]");
    const undraw = form.querySelector("[data-undraw]");
    const squares = form.querySelector("[data-squares]");
    const boxes = [];
    let held = null;
    if (!window.PointerEvent) return;

    /* Where the pointer is in the picture, and how much of it a thumb covers; all in parts of its width and height. */
    function place(event) {
      const edge = frame.getBoundingClientRect();
      return {
        x: between((event.clientX - edge.left) / edge.width), y: between((event.clientY - edge.top) / edge.height),
        wide: THUMB_PX / edge.width, high: THUMB_PX / edge.height,
      };
    }
    function put(box, one_x, one_y, other_x, other_y) {
      const edges = [Math.min(one_x, other_x), Math.min(one_y, other_y), Math.max(one_x, other_x), Math.max(one_y, other_y)].map(between);
      box.edges = edges;
      box.field.value = edges.map(function (edge) { return edge.toFixed(4); }).join(",");
      box.node.style.left = 100 * edges[0] + "%";
      box.node.style.top = 100 * edges[1] + "%";
      box.node.style.width = 100 * (edges[2] - edges[0]) + "%";
      box.node.style.height = 100 * (edges[3] - edges[1]) + "%";
    }
    function make() {
      const box = { node: document.createElement("span"), field: document.createElement("input"), edges: [] };
      box.node.className = "drawn";
      box.field.type = "hidden";
      box.field.name = "box";
      box.field.setAttribute("form", form.id);
      box.node.appendChild(box.field);
      frame.appendChild(box.node);
      boxes.push(box);
      undraw.hidden = false;
      return box;
    }
    function drop(box) {
      boxes.splice(boxes.indexOf(box), 1);
      frame.removeChild(box.node);
      undraw.hidden = !boxes.length;
    }
    /* What a finger at this place takes hold of: a corner, a box, or the bare picture. */
    function grip(at) {
      for (let index = boxes.length - 1; index >= 0; index -= 1) {
        const box = boxes[index];
        const edges = box.edges;
        if (Math.abs(at.x - edges[2]) < at.wide / 2 && Math.abs(at.y - edges[3]) < at.high / 2) {
          return { box: box, x: edges[0], y: edges[1], was: edges };
        }
        if (at.x > edges[0] && at.x < edges[2] && at.y > edges[1] && at.y < edges[3]) {
          return { box: box, moves: at, was: edges };
        }
      }
      return { box: make(), x: at.x, y: at.y, was: null };
    }
    function follow(at) {
      const was = held.was;
      if (held.moves) {
        const x = Math.min(1 - was[2], Math.max(-was[0], at.x - held.moves.x));
        const y = Math.min(1 - was[3], Math.max(-was[1], at.y - held.moves.y));
        put(held.box, was[0] + x, was[1] + y, was[2] + x, was[3] + y);
      } else put(held.box, held.x, held.y, at.x, at.y);
    }
    toggle.addEventListener("change", function () {
      frame.classList.toggle("drawing", toggle.checked && !squares.hidden);
      frame.scrollIntoView({ block: "nearest" });
    });
    frame.addEventListener("pointerdown", function (event) {
      if (!frame.classList.contains("drawing") || held || event.button || !event.isPrimary) return;
      event.preventDefault();
      frame.setPointerCapture(event.pointerId);
      const at = place(event);
      held = grip(at);
      if (!held.was) follow(at);
    });
    frame.addEventListener("pointermove", function (event) { if (held && event.isPrimary) follow(place(event)); });
    frame.addEventListener("pointerup", function (event) {
      if (!held || !event.isPrimary) return;
      const at = place(event);
      const box = held.box;
      follow(at);
      held = null;
      if (box.edges[2] - box.edges[0] < at.wide / 4 && box.edges[3] - box.edges[1] < at.high / 4) {
        put(box, at.x - at.wide / 2, at.y - at.high / 2, at.x + at.wide / 2, at.y + at.high / 2);
      }
    });
    frame.addEventListener("pointercancel", function () {
      if (!held) return;
      if (held.was) put(held.box, held.was[0], held.was[1], held.was[2], held.was[3]); else drop(held.box);
      held = null;
    });
    undraw.addEventListener("click", function () { if (boxes.length) drop(boxes[boxes.length - 1]); });
    squares.addEventListener("click", function () {
      frame.classList.remove("drawing");
      squares.hidden = true;
      frame.querySelector("input[name=cell]").focus();
    });
  }

  function dress() { now.querySelectorAll("[data-cover]").forEach(drawable); }
  dress();

  /* Another photo in the place of one that could not be used is made ready on the phone as well, where that is possible. */
  now.addEventListener("change", function (event) {
    const input = event.target;
    const home = window.wearemany;
    if (input.type !== "file" || !input.files.length || !home || !home.prepare || !window.DataTransfer) return;
    const button = input.form.querySelector("button");
    button.disabled = true;
    home.prepare(input.files[0]).then(function (ready) {
      try {
        const files = new DataTransfer();
        files.items.add(new File([ready.blob], "photo", { type: ready.blob.type }));
        input.files = files.files;
      } finally {
        button.disabled = false;
      }
    }).catch(function () { button.disabled = false; });
  });

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
