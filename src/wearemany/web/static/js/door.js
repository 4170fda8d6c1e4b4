/*
Posting with scripts: each photo is made ready on the phone and goes on its own while the form is being filled in, with
a preview, its progress, and further tries over a bad line. Without this script the form is whole. At the end the form
is sent twice: once for a script, so that a complaint is shown in place and a lost line loses nothing, then as a page;
both are one post. Making ready is in shrink.js, the line in line.js, keeping on this phone in draft.js.
*/
(function () {
  "use strict";
  const home = window.wearemany || {};
  const form = document.querySelector("[data-join]");
  if (!form || !window.FormData || !home.prepare || !home.send) return;
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-photos]");
  const complaint = form.querySelector("[data-photo-error]");
  const said = form.querySelector("[data-said]");
  const all_again = form.querySelector("[data-all-again]");
  const button = form.querySelector("button[type=submit]");
  const large = form.querySelector("[data-large]");
  // What only scripts can use stands in attributes, so that a browser without scripts and styles does not show it.
  const shape = document.createElement("ul");
  shape.innerHTML = document.getElementById("photo-item").dataset.html;
  const item = shape.firstElementChild;
  all_again.innerHTML = all_again.dataset.html;
  const words = form.dataset;
  const most = Number(words.most);
  const pauses = [1000, 2000, 4000, 8000, 15000, 30000];
  let photos = [];
  let wants = false;
  let leaving = false;
  let draft = { keep: function () {}, keeps: function () { return false; }, forget: function () { return Promise.resolve(); } };

  function kept() {
    return form.querySelectorAll("input[type=checkbox][name=upload]:checked").length;
  }

  function tell(element, text) {
    element.textContent = text;
    element.hidden = !text;
  }

  function room() {
    const full = photos.length + kept() >= most;
    input.required = !photos.length && !kept();
    input.disabled = full;
    input.parentNode.hidden = full;
    all_again.hidden = photos.filter(function (photo) { return photo.state === "failed"; }).length < 2;
  }

  /* Photos. States: waiting (for its turn), preparing, sending, arrived, failed; one photo at a time is on the line. */

  function add(file, ready) {
    const node = item.cloneNode(true);
    const photo = { file: file, ready: ready || null, node: node, id: "", line: null, state: "waiting" };
    const picture = node.querySelector("img");
    const address = URL.createObjectURL(file);
    picture.onload = function () { picture.hidden = false; URL.revokeObjectURL(address); };
    picture.onerror = function () { photo.unseen = true; URL.revokeObjectURL(address); show(photo); };
    picture.src = address;
    node.querySelector("[data-remove]").onclick = function () { remove(photo); };
    node.querySelector("[data-retry]").onclick = function () { retry(photo); };
    list.appendChild(node);
    photos.push(photo);
    turn(photo, "waiting");
  }

  function turn(photo, state, sentence) {
    photo.state = state;
    photo.sentence = sentence || "";
    show(photo);
    room();
  }

  function show(photo) {
    const state = photo.state;
    const notes = [photo.sentence || words[state]];
    if (state === "arrived" && photo.unseen) notes.push(words.unseen);
    if (photo.ready && !photo.ready.clean && state !== "failed") notes.push(words.uncleaned);
    photo.node.classList.toggle("photo--failed", state === "failed");
    photo.node.querySelector(".photo__state").textContent = notes.join(" ");
    photo.node.querySelector("progress").hidden = state !== "sending";
    photo.node.querySelector(".photo__sent").hidden = state !== "sending";
    photo.node.querySelector("[data-retry]").hidden = state !== "failed" && !photo.pausing;
  }

  function kilobytes(bytes) { return Math.ceil(bytes / 1000).toLocaleString(document.documentElement.lang); }

  function sent(photo, bytes) {
    const told = words.sent.replace("[sent]", kilobytes(bytes)).replace("[all]", kilobytes(photo.ready.blob.size));
    photo.node.querySelector(".photo__sent").textContent = told;
  }

  /* Takes up the next photo that waits, unless one is on its way; one after another is what a thin line can carry. */
  function next() {
    const busy = photos.some(function (photo) { return photo.state === "preparing" || photo.state === "sending"; });
    const photo = photos.filter(function (one) { return one.state === "waiting"; })[0];
    if (busy || !photo) return;
    if (photo.ready) { send(photo); return; }
    turn(photo, "preparing");
    const wanted = !!large && large.checked;
    home.prepare(photo.file, wanted).then(function (ready) {
      if (photos.indexOf(photo) < 0) return;
      // Newspapers were allowed, or not any more, while it was made ready.
      if (large && large.checked !== wanted) { turn(photo, "waiting"); next(); return; }
      photo.ready = ready;
      draft.keep();
      send(photo);
    });
  }

  function send(photo) {
    const bar = photo.node.querySelector("progress");
    bar.value = 0;
    sent(photo, 0);
    turn(photo, "sending");
    function over(state, sentence) {
      photo.pausing = false;
      turn(photo, state, sentence);
      if (state === "failed" && wants) stop(photo.sentence);
      next();
      go();
    }
    photo.line = home.send(photo.ready.blob, {
      form: form.elements.form.value,
      plain: words.photo,
      sent: function (bytes) {
        if (photo.pausing) { photo.pausing = false; turn(photo, "sending"); }
        sent(photo, bytes);
      },
      moved: function (bytes) { bar.value = 100 * bytes / photo.ready.blob.size; },
      waits: function () { photo.pausing = true; turn(photo, "sending", words.again); },
      arrived: function (id) { photo.id = id; over("arrived"); },
      failed: function (sentence) { over("failed", sentence || words.failed); },
    });
  }

  function retry(photo) {
    if (photo.state === "sending") { photo.line.hurry(); return; }
    turn(photo, "waiting");
    next();
  }

  /* The larger size was allowed, or is not any more: what can be made ready anew is sent anew. One that was kept on this
     phone has only its smaller size left. */
  function anew() {
    photos.forEach(function (photo) {
      if (photo.state === "preparing" || photo.state === "waiting" && !photo.ready || photo.ready && photo.ready.blob === photo.file) return;
      if (photo.line) photo.line.cancel();
      photo.line = photo.ready = null;
      photo.id = "";
      turn(photo, "waiting");
    });
    next();
  }

  function remove(photo) {
    if (photo.line) photo.line.cancel();
    photos = photos.filter(function (other) { return other !== photo; });
    list.removeChild(photo.node);
    tell(complaint, "");
    room();
    if (!input.disabled) input.focus();
    draft.keep();
    next();
    go();
  }

  function take(files) {
    tell(complaint, "");
    Array.prototype.forEach.call(files, function (file) {
      if (photos.length + kept() < most) add(file);
      else tell(complaint, words.many);
    });
    room();
    next();
  }

  /* Sending the form */

  function stop(sentence) {
    wants = false;
    button.disabled = false;
    tell(said, sentence);
  }

  /* Sends the form once everything that it needs has arrived. */
  function go() {
    if (!wants) return;
    if (photos.some(function (photo) { return photo.state === "failed"; })) { stop(words.failed); return; }
    if (!photos.length && !kept()) { stop(words.none); return; }
    if (photos.some(function (photo) { return !photo.id; })) { tell(said, words.wait); return; }
    wants = false;
    tell(said, words.posting);
    form.querySelectorAll("input[type=hidden][name=upload]").forEach(function (old) { old.remove(); });
    photos.forEach(function (photo) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "upload";
      field.value = photo.id;
      form.appendChild(field);
    });
    input.disabled = true;
    post(0);
  }

  function post(tries) {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.timeout = 45000;
    request.onload = function () {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch (error) { told = {}; }
      if (request.status === 200 && told.posted) {
        draft.forget().then(function () { leaving = true; form.submit(); });
      } else if (request.status >= 400 && request.status < 500 && told.error) {
        complain(told.error);
      } else {
        again(tries);
      }
    };
    request.onerror = request.ontimeout = function () { again(tries); };
    request.send(new FormData(form));
  }

  function again(tries) {
    tell(said, words.offline);
    setTimeout(function () { post(tries + 1); }, pauses[Math.min(tries, pauses.length - 1)] * (0.75 + 0.5 * Math.random()));
  }

  function complain(error) {
    room();
    stop(error.sentence);
    const step = error.step && document.getElementById("step-" + error.step);
    if (!step) return;
    const first = step.querySelector("input:not([disabled]):not(:checked)");
    if (first) { first.setAttribute("aria-invalid", "true"); first.focus(); }
    step.scrollIntoView({ block: "nearest" });
  }

  /* What people do */

  input.addEventListener("change", function () {
    take(input.files);
    input.value = "";
  });
  input.parentNode.addEventListener("dragover", function (event) {
    event.preventDefault();
    input.parentNode.classList.add("picker--over");
  });
  input.parentNode.addEventListener("dragleave", function () { input.parentNode.classList.remove("picker--over"); });
  input.parentNode.addEventListener("drop", function (event) {
    event.preventDefault();
    input.parentNode.classList.remove("picker--over");
    take(event.dataTransfer.files);
  });
  all_again.firstElementChild.addEventListener("click", function () {
    photos.forEach(function (photo) { if (photo.state === "failed") turn(photo, "waiting"); });
    next();
  });
  if (large) large.addEventListener("change", anew);
  form.addEventListener("change", function (event) {
    event.target.removeAttribute("aria-invalid");
    room();
    draft.keep();
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (wants) return;
    wants = true;
    button.disabled = true;
    go();
  });
  window.addEventListener("online", function () {
    photos.forEach(function (photo) { if (photo.line) photo.line.hurry(); });
  });
  window.addEventListener("beforeunload", function (event) {
    if (leaving || !photos.length || draft.keeps()) return;
    event.preventDefault();
    event.returnValue = "";
  });
  window.addEventListener("pageshow", function () { button.disabled = false; });
  if (home.draft) {
    draft = home.draft(form, {
      ready: function () { return photos.map(function (photo) { return photo.ready; }).filter(Boolean); },
      back: function (ready) {
        if (photos.length) return;
        ready.slice(0, most).forEach(function (one) { add(one.blob, one); });
        room();
        next();
      },
    }) || draft;
  }
  room();
})();
