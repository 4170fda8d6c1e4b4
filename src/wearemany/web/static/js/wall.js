/*
The live wall: new posts arrive, the number counts up, what was taken back goes. Without this script the page
is whole, it only stands still. Events come from the live stream: `post`, `number` and `refresh`.
*/
(function () {
  "use strict";
  const wall = document.querySelector("[data-live]");
  const form = document.getElementById("tile");
  if (!wall || !form || !window.EventSource) return;

  const isScreen = document.body.hasAttribute("data-screen");
  const mostTiles = isScreen ? 80 : 120;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const figure = document.querySelector("[data-number]");
  const unit = document.querySelector("[data-unit]");
  const spoken = document.querySelector("[data-spoken]");
  const more = document.querySelector("[data-more]");
  const empty = document.querySelector("[data-empty]");
  const language = document.documentElement.lang;
  let shown = figure ? Number(figure.getAttribute("data-number")) : 0;
  let waiting = [];
  let arriving = 0;
  let counting = 0;
  let speaking = 0;
  let patience = 2000;
  let refused = 0;
  let told = null;

  function tile(card) {
    const item = form.content.firstElementChild.cloneNode(true);
    item.id = "post-" + card.position;
    item.setAttribute("data-position", card.position);
    item.querySelector("a").href = card.path;
    const [blur, photo] = [item.querySelector(".tile__blur"), item.querySelector(".tile__photo")];
    if (card.placeholder) blur.src = card.placeholder; else blur.remove();
    const source = item.querySelector("source");
    source.srcset = card.webp;
    photo.srcset = card.jpeg;
    photo.src = card.src;
    photo.alt = card.alt;
    if (card.alt_language) photo.lang = card.alt_language;
    card.hold.split(" ").forEach(function (name) { photo.classList.add(name); blur.classList.add(name); });
    fill(item.querySelector(".tile__caption"), card.caption, card);
    fill(item.querySelector(".tile__by bdi"), card.name, null);
    fill(item.querySelector(".tile__count"), card.count, null);
    fill(item.querySelector(".tile__drawn"), card.drawn, null);
    if (!card.name || !card.drawn) item.querySelector(".tile__dot").remove();
    return item;
  }

  function fill(place, text, card) {
    if (!text) { place.remove(); return; }
    place.textContent = text;
    if (card) { place.lang = card.language; place.dir = card.direction; }
  }

  function known(position) { return document.getElementById("post-" + position); }

  function place(card, gently) {
    if (known(card.position)) return;
    const item = tile(card);
    if (gently && !still.matches) item.classList.add("tile--new");
    let before = wall.firstElementChild;
    while (before && Number(before.getAttribute("data-position")) > card.position) before = before.nextElementSibling;
    wall.insertBefore(item, before);
    while (wall.children.length > mostTiles) wall.lastElementChild.remove();
    if (empty) empty.hidden = true;
  }

  // More than fit on the page need not wait: the oldest would only push themselves out again.
  function expect(card) {
    waiting.push(card);
    if (waiting.length > mostTiles) waiting.shift();
    arrive();
  }

  function tell(words) {
    if (told) told.remove();
    told = null;
    if (!words) return;
    told = document.createElement("p");
    told.className = "notice notice--wait";
    told.setAttribute("role", "status");
    told.textContent = words;
    wall.parentNode.insertBefore(told, wall);
  }

  // Somebody who reads further down must not have the page move under her: new posts wait for her word.
  function mayArrive() { return isScreen || wall.getBoundingClientRect().top > -100 && !wall.contains(document.activeElement); }

  function arrive() {
    if (arriving) return;
    arriving = window.setTimeout(function () {
      arriving = 0;
      if (!waiting.length) return;
      if (!mayArrive()) { if (more) more.hidden = false; arriving = window.setTimeout(function () { arriving = 0; arrive(); }, 1000); return; }
      if (more) more.hidden = true;
      place(waiting.shift(), true);
      arrive();
    }, still.matches || waiting.length > 12 ? 0 : 220);
  }

  function showWaiting() {
    waiting.forEach(function (card) { place(card, false); });
    waiting = [];
    if (more) more.hidden = true;
  }

  function count(number) {
    if (!figure) return;
    const from = shown;
    const began = performance.now();
    shown = number.posts;
    if (unit) unit.textContent = number.unit;
    window.cancelAnimationFrame(counting);
    if (still.matches || document.hidden || from === number.posts) { figure.textContent = number.text; speak(number.said); return; }
    (function step(now) {
      const share = Math.min(1, (now - began) / 700);
      const value = Math.round(from + (number.posts - from) * (1 - Math.pow(1 - share, 3)));
      figure.textContent = share < 1 ? value.toLocaleString(language) : number.text;
      if (share < 1) counting = window.requestAnimationFrame(step);
    })(began);
    speak(number.said);
  }

  // A screen reader hears the number at most every ten seconds.
  function speak(words) {
    if (!spoken) return;
    window.clearTimeout(speaking);
    speaking = window.setTimeout(function () { spoken.textContent = words; }, 10000);
  }

  function refresh(state) {
    const public_ = new Set(state.cards.map(function (card) { return card.position; }));
    Array.from(wall.children).forEach(function (item) {
      if (!public_.has(Number(item.getAttribute("data-position")))) item.remove();
    });
    waiting = [];
    if (more) more.hidden = true;
    state.cards.forEach(function (card) { place(card, false); });
    if (empty) empty.hidden = state.cards.length > 0;
    count(state.number);
  }

  function connect() {
    const stream = new EventSource(wall.getAttribute("data-live"));
    stream.addEventListener("open", function () { patience = 2000; refused = 0; tell(""); });
    stream.addEventListener("post", function (event) { expect(JSON.parse(event.data)); });
    stream.addEventListener("number", function (event) { count(JSON.parse(event.data)); });
    stream.addEventListener("refresh", function (event) { refresh(JSON.parse(event.data)); });
    // The browser connects again by itself, except after an answer that is an error.
    stream.addEventListener("error", function () {
      if (stream.readyState !== EventSource.CLOSED) return;
      refused += 1;
      // Once may be a restart; twice there is no room, and whoever looks should know that the wall stands still.
      if (refused > 1) tell(wall.getAttribute("data-still"));
      window.setTimeout(connect, patience + Math.random() * patience);
      patience = Math.min(patience * 2, 60000);
    });
  }

  if (more) more.addEventListener("click", function () { showWaiting(); wall.scrollIntoView(); });
  connect();
})();
