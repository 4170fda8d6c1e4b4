/*
Sends one photo over whatever line there is, by tus 1.0.0 (tus.io): in pieces that suit the line, on from where it was
cut, with growing pauses, and by the plain form where pieces are refused on the way.

send(blob, to) begins at once and returns { cancel, hurry }. `to` holds
  form       the form's token, which the photo belongs to
  plain      the address that takes a whole photo as a form
  sent(n)    called when n bytes are known to have arrived;  moved(n)  when n bytes have been handed to the line
  waits()    called before a pause
  arrived(id), failed(sentence or "")   one of them is called at the end, once; none after cancel
*/
(function () {
  "use strict";
  const home = window.wearemany = window.wearemany || {};
  const PIECES = "/upload";
  const TUS = { "Tus-Resumable": "1.0.0", Accept: "application/json" };
  const PAUSES_MS = [1000, 2000, 4000, 8000, 15000, 30000];
  const TRIES_MOST = 16;
  // Browsers send a body again by themselves when a line that they had used before is cut, though most of it has
  // arrived; so a piece is not much more than what may be lost with every cut.
  const PIECE_MS = 1500;
  const PIECE_LEAST = 32768;
  const PIECE_MOST = 1048576;
  const STALL_MS = 20000;
  const STALL_BYTES_PER_MS = 2;
  const AFRESH_MOST = 3;

  /* One request; `done` is called once, with status 0 when the line was cut or nothing moved for too long. */
  function ask(method, address, headers, body, moved, done) {
    const request = new XMLHttpRequest();
    const patience_ms = STALL_MS + (body && body.size ? body.size / STALL_BYTES_PER_MS : 0);
    let watch = 0;
    let over = false;
    function alive() {
      clearTimeout(watch);
      watch = setTimeout(function () { request.abort(); end(); }, patience_ms);
    }
    function end() {
      clearTimeout(watch);
      if (!over) { over = true; done(request); }
    }
    request.open(method, address);
    Object.keys(headers).forEach(function (name) { request.setRequestHeader(name, headers[name]); });
    if (body) request.upload.onprogress = function (event) { alive(); moved(event.loaded, event.total); };
    request.onprogress = alive;
    request.onload = request.onerror = request.onabort = end;
    alive();
    request.send(body);
    return function () { over = true; clearTimeout(watch); request.abort(); };
  }

  function told(request) {
    try { return JSON.parse(request.responseText) || {}; } catch (error) { return {}; }
  }

  function is_passing(status) { return !status || status >= 500 || [408, 423, 425, 429].indexOf(status) >= 0; }

  home.send = function (blob, to) {
    let place = "";
    let offset = 0;
    let piece = PIECE_LEAST;
    let tries = 0;
    let afresh = 0;
    let plainly = false;
    let timer = 0;
    let stop = null;

    function go() {
      clearTimeout(timer);
      timer = 0;
      if (plainly) whole(); else if (place) look(); else create();
    }

    function later() {
      if (tries >= TRIES_MOST) { to.failed(""); return; }
      to.waits();
      // Spread out, so that a crowd cut off together does not come back together.
      timer = setTimeout(go, PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] * (0.75 + 0.5 * Math.random()));
      tries += 1;
    }

    function next_piece() { return blob.slice(offset, offset + piece); }

    /* What has arrived now stands at `now`; the next piece is as much as this line takes in a moment. */
    function forward(now, began, length) {
      if (now > offset) tries = 0;
      if (length) piece = length / Math.max(1, Date.now() - began) * PIECE_MS;
      piece = Math.round(Math.min(PIECE_MOST, Math.max(PIECE_LEAST, piece)));
      offset = now;
      to.sent(offset);
      if (offset < blob.size) patch(); else to.arrived(place.split("/").pop());
    }

    function moved(from) { return function (loaded) { to.moved(Math.min(blob.size, from + loaded)); }; }

    function create() {
      const body = next_piece();
      const began = Date.now();
      const headers = Object.assign({
        "Upload-Length": String(blob.size), "Upload-Metadata": "form " + btoa(to.form),
        "Content-Type": "application/offset+octet-stream",
      }, TUS);
      stop = ask("POST", PIECES, headers, body, moved(0), function (request) {
        const where = request.status === 201 && request.getResponseHeader("Location");
        if (where) {
          place = new URL(where, window.location.href).pathname;
          const now = Number(request.getResponseHeader("Upload-Offset") || 0);
          forward(now, began, now && body.size);
        } else refused(request);
      });
    }

    function patch() {
      const body = next_piece();
      const began = Date.now();
      const headers = Object.assign({ "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }, TUS);
      stop = ask("PATCH", place, headers, body, moved(offset), function (request) {
        if (request.status === 204 || request.status === 200) {
          forward(Number(request.getResponseHeader("Upload-Offset")), began, body.size);
        } else refused(request);
      });
    }

    function look() {
      stop = ask("HEAD", place, TUS, null, null, function (request) {
        const now = request.getResponseHeader("Upload-Offset");
        if (request.status >= 200 && request.status < 300 && now !== null) forward(Number(now), 0, 0);
        else refused(request);
      });
    }

    function refused(request) {
      const error = told(request).error;
      const status = request.status;
      piece = PIECE_LEAST;
      if (status === 501 || (!place && status >= 500 && tries > 1)) plain_way();
      else if (status === 409 && place && tries < TRIES_MOST) { tries += 1; look(); }
      else if (is_passing(status)) later();
      else if (place && (status === 404 || status === 410) && afresh < AFRESH_MOST) {
        afresh += 1;
        place = "";
        offset = 0;
        to.sent(0);
        create();
      } else if (error && [404, 405, 410, 412, 415].indexOf(status) < 0) to.failed(error.sentence);
      else plain_way();
    }

    function plain_way() { plainly = true; whole(); }

    function whole() {
      const body = new FormData();
      body.append("form", to.form);
      // A neutral name: phones put the moment of the photo into the file's own.
      body.append("photo", blob, "photo");
      stop = ask("POST", to.plain, { Accept: "application/json" }, body, function (loaded, total) {
        to.moved(total ? blob.size * loaded / total : 0);
      }, function (request) {
        const answer = told(request);
        if (request.status === 200 && answer.upload) { to.sent(blob.size); to.arrived(answer.upload); }
        else if (is_passing(request.status)) later();
        else to.failed(answer.error ? answer.error.sentence : "");
      });
    }

    go();
    return {
      /* Ends it, and lets the server forget what has arrived. */
      cancel: function () {
        clearTimeout(timer);
        if (stop) stop();
        if (place) ask("DELETE", place, TUS, null, null, function () {});
      },
      /* The line is said to be back. */
      hurry: function () { if (timer) { tries = 0; go(); } },
    };
  };
})();
