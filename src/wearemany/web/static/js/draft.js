/*
What a person asked to be kept on this phone until it is sent: the form's state and its photos, as they would be sent.
The tick for it is never set beforehand, and nothing else of this site is ever kept in a browser's storage. Where a
campaign is dangerous the page has no such tick.

draft(form, { ready, back }) returns { keep, keeps, forget }, or null where nothing can be kept. `ready()` gives the photos that are ready as [{ blob, clean }];
`back(photos)` is called with them when something was kept before; forget() promises when nothing is there any more.
*/
(function () {
  "use strict";
  const home = window.wearemany = window.wearemany || {};
  const NAME = "draft";

  function asked(request) {
    return new Promise(function (done, fail) {
      request.onsuccess = function () { done(request.result); };
      request.onerror = request.onblocked = function () { fail(request.error); };
    });
  }

  /* Opens the store, does one thing in it and closes it, so that erasing never has to wait. */
  async function store(mode, act) {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = function () {
      // Looking must not leave an empty store behind where nothing was ever asked to be kept.
      if (mode === "readonly") opening.transaction.abort(); else opening.result.createObjectStore(NAME);
    };
    const database = await asked(opening);
    try {
      const change = database.transaction(NAME, mode);
      const done = new Promise(function (end, fail) { change.oncomplete = end; change.onabort = fail; });
      const result = await asked(act(change.objectStore(NAME)));
      await done;
      return result;
    } finally {
      database.close();
    }
  }

  function bytes_of(blob) {
    return new Promise(function (done, fail) {
      const reader = new FileReader();
      reader.onload = function () { done(reader.result); };
      reader.onerror = fail;
      reader.readAsArrayBuffer(blob);
    });
  }

  home.draft = function (form, photos) {
    const place = form.querySelector("[data-draft]");
    const key = form.action;
    let line = Promise.resolve();
    let can = false;
    try { can = Boolean(place && window.indexedDB); } catch (error) { can = false; }
    if (!can) return null;
    place.innerHTML = place.dataset.html;
    const tick = place.querySelector("input");
    const erase = place.querySelector("[data-erase]");
    const told = place.querySelector("[data-kept-here]");
    place.hidden = false;

    function tell(text, is_there) {
      told.textContent = text;
      told.hidden = !text;
      erase.hidden = !is_there;
    }

    /* One act after the other; a browser that keeps nothing says so, and the tick comes off. */
    function in_turn(act) {
      line = line.then(act).catch(function () { tick.checked = false; tell(place.dataset.unkept, false); });
      return line;
    }

    function choices() { return Array.from(form.querySelectorAll("input[name=cover], input[name=tick], input[name=no-code], input[name=consent]")); }

    function keep() {
      if (!tick.checked) return;
      in_turn(async function () {
        const ready = photos.ready();
        const bytes = await Promise.all(ready.map(function (one) { return bytes_of(one.blob); }));
        if (!tick.checked) return;
        const state = {
          code: form.elements.code.value,
          form: form.elements.form.value,
          chosen: choices().map(function (one) { return one.checked && one.name + " " + one.value; }),
          photos: ready.map(function (one, index) { return { bytes: bytes[index], type: one.blob.type, clean: one.clean }; }),
        };
        await store("readwrite", function (kept) { return kept.put(state, key); });
        tell(place.dataset.kept, true);
      });
    }

    function forget() {
      if (!tick.checked) return line;
      tick.checked = false;
      return in_turn(async function () {
        await asked(indexedDB.deleteDatabase(NAME));
        tell(place.dataset.erased, false);
      });
    }

    function bring_back(state) {
      if (!state || tick.checked) return;
      form.elements.code.value = state.code;
      form.elements.form.value = state.form;
      choices().forEach(function (one) { one.checked = state.chosen.indexOf(one.name + " " + one.value) >= 0; });
      tick.checked = true;
      place.open = true;
      tell(place.dataset.kept, true);
      photos.back(state.photos.map(function (one) {
        return { blob: new Blob([one.bytes], { type: one.type }), clean: one.clean };
      }));
    }

    tick.addEventListener("change", function () {
      if (tick.checked) return;
      tick.checked = true;
      forget();
    });
    erase.addEventListener("click", forget);
    store("readonly", function (kept) { return kept.get(key); }).then(bring_back, function () {});
    return { keep: keep, keeps: function () { return !erase.hidden; }, forget: forget };
  };
})();
