/*
Posting with scripts: each photo goes on its own while the form is being filled in, with a preview, its progress, and
further tries over a bad line. Without this script the form is whole. At the end the form is sent twice: once for a
script, so that a complaint is shown in place and a lost line loses nothing, then as a page; both are one post.
*/
(function () {
  "use strict";
  const form = document.querySelector("[data-join]");
  if (!form || !window.FormData || !window.XMLHttpRequest) return;
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-photos]");
  const complaint = form.querySelector("[data-photo-error]");
  const said = form.querySelector("[data-said]");
  const button = form.querySelector("button[type=submit]");
  const item = document.getElementById("photo-item").content.firstElementChild;
  const words = form.dataset;
  const most = Number(words.most);
  const pauses = [1000, 2000, 4000, 8000, 15000, 30000];
  let photos = [];
  let wants = false;
  let leaving = false;

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
  }

  function say(photo, text) {
    photo.node.querySelector(".photo__state").textContent = text;
  }

  function add(file) {
    const node = item.cloneNode(true);
    const photo = { file: file, node: node, tries: 0, id: "", request: null, timer: 0, failed: false };
    const picture = node.querySelector("img");
    const address = URL.createObjectURL(file);
    picture.onload = function () { picture.hidden = false; URL.revokeObjectURL(address); };
    picture.onerror = function () { photo.unseen = true; URL.revokeObjectURL(address); if (photo.id) arrived(photo); };
    picture.src = address;
    node.querySelector("[data-remove]").onclick = function () { remove(photo); };
    node.querySelector("[data-retry]").onclick = function () { photo.tries = 0; send(photo); };
    list.appendChild(node);
    photos.push(photo);
    send(photo);
  }

  function remove(photo) {
    if (photo.request) photo.request.abort();
    clearTimeout(photo.timer);
    photos = photos.filter(function (other) { return other !== photo; });
    list.removeChild(photo.node);
    tell(complaint, "");
    room();
    if (!input.disabled) input.focus();
    go();
  }

  function send(photo) {
    const request = new XMLHttpRequest();
    const body = new FormData();
    const bar = photo.node.querySelector("progress");
    clearTimeout(photo.timer);
    photo.request = request;
    photo.failed = false;
    photo.node.classList.remove("photo--failed");
    photo.node.querySelector("[data-retry]").hidden = true;
    bar.hidden = false;
    say(photo, words.sending);
    body.append("form", form.elements.form.value);
    body.append("photo", photo.file);
    request.open("POST", words.photo);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = function (event) {
      if (event.lengthComputable) bar.value = 100 * event.loaded / event.total;
    };
    request.onload = function () {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch (error) { told = {}; }
      photo.request = null;
      if (request.status === 200 && told.upload) {
        photo.id = told.upload;
        arrived(photo);
        go();
      } else if (request.status >= 400 && request.status < 500 && request.status !== 408 && request.status !== 429) {
        give_up(photo, told.error ? told.error.sentence : words.failed);
      } else {
        later(photo);
      }
    };
    request.onerror = function () { photo.request = null; later(photo); };
    request.ontimeout = request.onerror;
    request.send(body);
  }

  function arrived(photo) {
    photo.node.querySelector("progress").hidden = true;
    say(photo, photo.unseen ? words.arrived + " " + words.unseen : words.arrived);
  }

  function later(photo) {
    if (photo.tries >= pauses.length) {
      give_up(photo, words.failed);
      return;
    }
    say(photo, words.again);
    photo.node.querySelector("[data-retry]").hidden = false;
    photo.timer = setTimeout(function () { send(photo); }, pauses[photo.tries]);
    photo.tries += 1;
  }

  function give_up(photo, sentence) {
    photo.failed = true;
    photo.node.classList.add("photo--failed");
    photo.node.querySelector("progress").hidden = true;
    photo.node.querySelector("[data-retry]").hidden = false;
    say(photo, sentence);
    if (wants) stop(sentence);
  }

  function stop(sentence) {
    wants = false;
    button.disabled = false;
    tell(said, sentence);
  }

  function take(files) {
    tell(complaint, "");
    Array.prototype.forEach.call(files, function (file) {
      if (photos.length + kept() < most) add(file);
      else tell(complaint, words.many);
    });
    room();
  }

  /* Sends the form once everything that it needs has arrived. */
  function go() {
    if (!wants) return;
    const failed = photos.filter(function (photo) { return photo.failed; });
    if (failed.length) { stop(words.failed); return; }
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
    request.onload = function () {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch (error) { told = {}; }
      if (request.status === 200 && told.posted) {
        leaving = true;
        form.submit();
      } else if (request.status >= 400 && request.status < 500 && told.error) {
        complain(told.error);
      } else {
        again(tries);
      }
    };
    request.onerror = function () { again(tries); };
    request.send(new FormData(form));
  }

  function again(tries) {
    tell(said, words.offline);
    setTimeout(function () { post(tries + 1); }, pauses[Math.min(tries, pauses.length - 1)]);
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
  form.addEventListener("change", function (event) {
    event.target.removeAttribute("aria-invalid");
    room();
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (wants) return;
    wants = true;
    button.disabled = true;
    go();
  });
  window.addEventListener("online", function () {
    photos.forEach(function (photo) { if (!photo.id && !photo.request && !photo.failed) send(photo); });
  });
  window.addEventListener("beforeunload", function (event) {
    if (leaving || !photos.length) return;
    event.preventDefault();
    event.returnValue = "";
  });
  window.addEventListener("pageshow", function () { button.disabled = false; });
  room();
})();
