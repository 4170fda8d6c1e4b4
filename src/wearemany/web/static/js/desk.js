/* The desk's script: signs in from the address's fragment, swaps in the next page after an act, listens to keys,
   draws covers. Everything works without it, by plain forms. Keys are the data-key attributes of what they press. */
(function () {
  "use strict";
  const content = () => document.getElementById("content");

  /* Sign in: the token leaves the address before anything else happens. */
  const door = document.querySelector("form[data-sign-in]");
  if (door && location.hash.length > 1) {
    door.elements.token.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    door.submit();
    return;
  }

  /* Swap: the answer's content takes the place of ours; any trouble becomes an ordinary page load. */
  let busy = false;
  let timer = 0;
  async function swap(address, options) {
    if (busy) return;
    busy = true;
    document.body.classList.add("busy");
    try {
      const answer = await fetch(address, options);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("content");
      const kind = (within) => (within.querySelector("[data-desk]") || { dataset: {} }).dataset.desk;
      if (!next || !kind(next) || kind(next) !== kind(content())) {
        location.assign(answer.redirected ? answer.url : location.pathname);
        return;
      }
      if (!options && next.innerHTML === content().innerHTML) {
        begin();
        return;
      }
      content().replaceWith(next);
      const tabs = page.getElementById("tabs");
      if (tabs) document.getElementById("tabs").replaceWith(tabs);
      document.title = page.title;
      if (answer.redirected) history.replaceState(null, "", answer.url);
      const row = next.querySelector("[data-row]");
      scrollTo(0, 0);
      (row || next).focus({ preventScroll: true });
      begin();
    } catch (error) {
      location.reload();
    } finally {
      busy = false;
      document.body.classList.remove("busy");
    }
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !form.closest("[data-desk='review'], [data-desk='comments'], [data-desk='same']")) return;
    if (busy) return event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    const by = event.submitter;
    if (by && by.name) fields.append(by.name, by.value);
    event.preventDefault();
    swap((by && by.getAttribute("formaction")) || form.action, { method: "POST", body: fields, keepalive: true });
  });

  /* Keys. A letter counts by its place where the keyboard writes another script. */
  const STORE = "desk-keys";
  const keysOn = () => localStorage.getItem(STORE) !== "off";
  function keyOf(event) {
    if (/^[a-z0-9?]$/i.test(event.key)) return event.key.toLowerCase();
    const place = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(event.code || "");
    return place ? (place[1] || place[2]).toLowerCase() : event.key;
  }
  const isTyping = (at) => at.closest("textarea, select, input:not([type=checkbox]):not([type=radio])");
  const isSeen = (it) => it.matches(".reveal, summary") || it.getClientRects().length > 0;
  function pressed(key) {
    const open = document.querySelector("dialog[open]");
    if (open) return key === "?" ? open.close() : undefined;
    const rows = Array.from(document.querySelectorAll("[data-row]")).filter(isSeen);
    const here = document.activeElement.closest("[data-row]");
    if (rows.length && (key === "j" || key === "k")) {
      const at = rows.indexOf(here) + (key === "j" ? 1 : -1);
      return rows[Math.max(0, Math.min(rows.length - 1, at))].focus();
    }
    const scope = here || (rows.length && "ar".includes(key) ? rows[0] : content());
    const found = Array.from(scope.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)).filter(isSeen);
    const target = key === "c" ? found.find((it) => it.getAttribute("aria-pressed") === "true") || found[0] : found[0];
    if (!target) return undefined;
    target.click();
    if (target.tagName === "SUMMARY") {
      const first = target.parentElement.open && target.parentElement.querySelector("button");
      (first || target).focus({ preventScroll: true });
      target.parentElement.scrollIntoView({ block: "nearest" });
    }
    return true;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keysOn() || isTyping(event.target)) return;
    const key = keyOf(event);
    if (event.repeat && !["j", "k"].includes(key)) return;
    if (key === "Escape") {
      const open = content().querySelector(".reject[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
      return;
    }
    if (key.length === 1 && pressed(key)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    const jump = event.target.closest('a[href="#reject"]');
    if (jump) document.getElementById("reject").open = true;
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-on]")) localStorage.setItem(STORE, event.target.checked ? "on" : "off");
  });

  /* Covers: boxes in fractions of the picture, by pointer or by keys; sent as per cent. */
  const STEP = 0.01;
  const limit = (value, low, high) => Math.min(Math.max(value, low), high);
  function easel(shot) {
    const form = shot.querySelector("form[data-cover]");
    if (!form) return;
    const layer = shot.querySelector("[data-layer]");
    const part = (name) => form.querySelector(`[data-${name}]`);
    const [draw, lay, drop, how] = ["draw", "lay", "drop", "how"].map(part);
    const boxes = new Map();

    function place(node) {
      const box = boxes.get(node);
      box.w = limit(box.w, STEP, 1);
      box.h = limit(box.h, STEP, 1);
      box.x = limit(box.x, 0, 1 - box.w);
      box.y = limit(box.y, 0, 1 - box.h);
      for (const [side, value] of [["left", box.x], ["top", box.y], ["width", box.w], ["height", box.h]]) {
        node.style[side] = `${value * 100}%`;
      }
    }
    function settle() {
      lay.hidden = boxes.size === 0;
      part("boxes").replaceChildren(...Array.from(boxes.values()).flatMap((box) =>
        [["left", box.x], ["top", box.y], ["width", box.w], ["height", box.h]].map(([name, value]) => {
          const field = document.createElement("input");
          Object.assign(field, { type: "hidden", name, value: (value * 100).toFixed(2) });
          return field;
        })));
    }
    function add(box) {
      const node = document.createElement("div");
      node.className = "drawn";
      node.tabIndex = 0;
      node.setAttribute("role", "group");
      node.setAttribute("aria-label", `${draw.innerText.trim()} ${boxes.size + 1}`);
      node.append(Object.assign(document.createElement("span"), { className: "drawn__corner" }));
      boxes.set(node, box);
      layer.append(node);
      place(node);
      settle();
      node.focus({ preventScroll: true });
      return node;
    }
    function take(node) {
      boxes.delete(node);
      node.remove();
      settle();
      (layer.lastElementChild || draw).focus();
    }
    function mode(on) {
      layer.hidden = drop.hidden = how.hidden = !on;
      draw.setAttribute("aria-pressed", String(on));
      if (on) document.getElementById("reveal").checked = true;
      else { boxes.clear(); layer.replaceChildren(); settle(); draw.focus(); }
    }
    const at = (event) => {
      const frame = layer.getBoundingClientRect();
      return { x: (event.clientX - frame.left) / frame.width, y: (event.clientY - frame.top) / frame.height };
    };
    draw.addEventListener("click", (event) => {
      const byKey = event.detail === 0;
      const was = draw.getAttribute("aria-pressed") === "true";
      if (was && !byKey) return mode(false);
      mode(true);
      if (byKey) add({ x: 0.4, y: 0.15 + 0.05 * boxes.size, w: 0.2, h: 0.2 });
      return undefined;
    });
    drop.addEventListener("click", () => mode(false));
    layer.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const start = at(event);
      const held = event.target.closest(".drawn");
      const sizing = !held || event.target.classList.contains("drawn__corner");
      const node = held || add({ x: start.x, y: start.y, w: STEP, h: STEP });
      const was = { ...boxes.get(node) };
      node.focus({ preventScroll: true });
      layer.setPointerCapture(event.pointerId);
      const move = (moved) => {
        const now = at(moved);
        const [dx, dy] = [now.x - start.x, now.y - start.y];
        if (!sizing) boxes.set(node, { ...was, x: was.x + dx, y: was.y + dy });
        else if (held) boxes.set(node, { ...was, w: limit(was.w + dx, STEP, 1 - was.x), h: limit(was.h + dy, STEP, 1 - was.y) });
        else {
          const [x, y] = [limit(now.x, 0, 1), limit(now.y, 0, 1)];
          boxes.set(node, { x: Math.min(start.x, x), y: Math.min(start.y, y), w: Math.abs(x - start.x), h: Math.abs(y - start.y) });
        }
        place(node);
      };
      const end = () => {
        layer.removeEventListener("pointermove", move);
        layer.removeEventListener("pointerup", end);
        layer.removeEventListener("pointercancel", end);
        const box = boxes.get(node);
        if (box && box.w <= 0.015 && box.h <= 0.015) take(node);
        settle();
      };
      layer.addEventListener("pointermove", move);
      layer.addEventListener("pointerup", end);
      layer.addEventListener("pointercancel", end);
    });
    layer.addEventListener("keydown", (event) => {
      const node = event.target.closest(".drawn");
      if (!node) return;
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      const box = boxes.get(node);
      if (by) {
        if (event.shiftKey) { box.w += by[0] * STEP; box.h += by[1] * STEP; }
        else { box.x += by[0] * STEP; box.y += by[1] * STEP; }
        place(node);
        settle();
      } else if (event.key === "Delete" || event.key === "Backspace") take(node);
      else if (event.key === "Enter") form.requestSubmit(lay);
      else if (event.key === "Escape") mode(false);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  function begin() {
    clearTimeout(timer);
    document.querySelectorAll("[data-shot]").forEach(easel);
    document.querySelectorAll("[data-keys-on]").forEach((tick) => { tick.checked = keysOn(); });
    const again = document.querySelector("[data-again]");
    if (again) timer = setTimeout(() => document.hidden ? begin() : swap(location.pathname), Number(again.dataset.again) * 1000);
  }
  const here = document.querySelector(".desk-tabs [aria-current]");
  if (here) here.scrollIntoView({ block: "nearest", inline: "center" });
  begin();
})();
