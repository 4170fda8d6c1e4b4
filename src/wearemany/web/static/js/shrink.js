/*
Makes a photo ready on the phone: shrunk to LONGEST_PX, upright, encoded anew from bare pixels, so that nothing which
phones write into files leaves this one. Needs strip.js.

Some browsers falsify what is read back from a canvas, to protect people from being recognised (Tor Browser, Brave,
Firefox on request): a photo would become noise or a white sheet. So the canvas is tested first with known pixels, by
the very ways that are used later, and the finished photo is decoded and held against the original. Where anything
is wrong, and for kinds that this browser cannot show, the file itself is sent, stripped byte by byte.

prepare(file, large) promises { blob, clean }: what is to be sent, and whether nothing but the picture is in it. It never
fails. With `large` more pixels are kept: newspapers may have them.
*/
(function () {
  "use strict";
  const home = window.wearemany = window.wearemany || {};
  const MOST_BYTES = 440000;
  const LARGE_MOST_BYTES = 2500000;
  const READ_MOST_BYTES = 64e6;
  const PATIENCE_MS = 30000;
  const STEPS = [[2048, 0.82], [2048, 0.7], [2048, 0.58], [1600, 0.6], [1600, 0.5], [1280, 0.5], [1024, 0.45]];
  const LARGE_STEPS = [[3200, 0.88], [3200, 0.78], [2560, 0.78]];
  const FINE_MOST = 32;
  const COARSE_MOST = 16;

  function read(file) {
    return new Promise(function (done, fail) {
      const reader = new FileReader();
      reader.onload = function () { done(new Uint8Array(reader.result)); };
      reader.onerror = fail;
      reader.readAsArrayBuffer(file);
    });
  }

  function load(blob) {
    return new Promise(function (done, fail) {
      const picture = new Image();
      const address = URL.createObjectURL(blob);
      picture.onload = function () { URL.revokeObjectURL(address); done(picture); };
      picture.onerror = function () { URL.revokeObjectURL(address); fail(new Error("not shown here")); };
      picture.src = address;
    });
  }

  function canvas_of(width, height) {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    return canvas;
  }

  function encode(canvas, type, quality) {
    return new Promise(function (done, fail) {
      canvas.toBlob(function (blob) {
        if (blob && blob.type === type) done(blob); else fail(new Error("not encoded"));
      }, type, quality);
    });
  }

  function pixels(canvas) { return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data; }

  /* The test: 1,024 known pixels must come back exactly, read directly and through a file. */

  async function test() {
    const side = 32;
    const canvas = canvas_of(side, side);
    const pen = canvas.getContext("2d");
    const known = [];
    for (let index = 0, seed = 9; index < side * side; index += 1) {
      seed = (seed * 16807) % 2147483647;
      const colour = [seed & 255, (seed >> 8) & 255, (seed >> 16) & 255];
      known.push(colour[0], colour[1], colour[2], 255);
      pen.fillStyle = "rgb(" + colour.join(",") + ")";
      pen.fillRect(index % side, Math.floor(index / side), 1, 1);
    }
    function same(found) { return known.every(function (value, index) { return found[index] === value; }); }
    if (!same(pixels(canvas))) return false;
    const copy = canvas_of(side, side);
    copy.getContext("2d").drawImage(await load(await encode(canvas, "image/png")), 0, 0);
    return same(pixels(copy));
  }

  let tested = null;
  function honest() {
    tested = tested || test().catch(function () { return false; });
    return tested;
  }

  /* Whether the browser itself turns a photo upright when it is drawn: two pixels beside each other come out as two
     below each other. Browsers before 2020 do not. */

  async function test_turns() {
    const bytes = await read(await encode(canvas_of(2, 1), "image/jpeg", 0.5));
    const turned = new Blob([bytes.subarray(0, 2), home.exif_segment(6), bytes.subarray(2)], { type: "image/jpeg" });
    return (await load(turned)).naturalHeight === 2;
  }

  let turning = null;
  function turns() {
    turning = turning || test_turns();
    return turning;
  }

  /* x' = a x + c y + e, y' = b x + d y + f, for a picture of w by h as it lies in the file. */
  function upright(turn, w, h) {
    return {
      2: [-1, 0, 0, 1, w, 0], 3: [-1, 0, 0, -1, w, h], 4: [1, 0, 0, -1, 0, h], 5: [0, 1, 1, 0, 0, 0],
      6: [0, 1, -1, 0, h, 0], 7: [0, -1, -1, 0, h, w], 8: [0, -1, 1, 0, 0, w],
    }[turn] || [1, 0, 0, 1, 0, 0];
  }

  function drawn(picture, turn, longest_px) {
    const [w, h] = [picture.naturalWidth, picture.naturalHeight];
    const share = Math.min(1, longest_px / Math.max(w, h));
    const [wide, high] = [Math.max(1, Math.round(w * share)), Math.max(1, Math.round(h * share))];
    const canvas = turn > 4 ? canvas_of(high, wide) : canvas_of(wide, high);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    pen.setTransform.apply(pen, upright(turn, wide, high));
    pen.drawImage(picture, 0, 0, wide, high);
    return canvas;
  }

  /* A picture in small: the whole of it, and three places of it in full, in the four quarters of a square. */
  function sample(source, width, height) {
    const canvas = canvas_of(64, 64);
    const pen = canvas.getContext("2d");
    pen.drawImage(source, 0, 0, width, height, 0, 0, 32, 32);
    [[0.5, 0.5], [0.25, 0.3], [0.75, 0.7]].forEach(function (place, index) {
      const x = Math.max(0, Math.floor(width * place[0]) - 16);
      const y = Math.max(0, Math.floor(height * place[1]) - 16);
      pen.drawImage(source, x, y, 32, 32, index ? 32 * (index - 1) : 32, index ? 32 : 0, 32, 32);
    });
    return pixels(canvas);
  }

  async function alike(canvas, blob) {
    const picture = await load(blob);
    if (picture.naturalWidth !== canvas.width || picture.naturalHeight !== canvas.height) return false;
    const one = sample(canvas, canvas.width, canvas.height);
    const other = sample(picture, canvas.width, canvas.height);
    const sums = [0, 0, 0, 0];
    for (let at = 0; at < one.length; at += 1) {
      const pixel = at >> 2;
      sums[(pixel % 64 > 31 ? 1 : 0) + (pixel > 2047 ? 2 : 0)] += Math.abs(one[at] - other[at]);
    }
    // Alpha never differs: three of four values tell.
    return sums.every(function (sum, index) { return sum / 3072 <= (index ? FINE_MOST : COARSE_MOST); });
  }

  async function shrunk(blob, turn, large) {
    const picture = await load(blob);
    const own_turn = turn > 1 && !(await turns()) ? turn : 1;
    let best = null;
    let canvas = null;
    let last_px = 0;
    const steps = large ? LARGE_STEPS : STEPS;
    for (const step of steps) {
      if (step[0] !== last_px) canvas = drawn(picture, own_turn, step[0]);
      last_px = step[0];
      best = await encode(canvas, "image/jpeg", step[1]);
      if (best.size <= (large ? LARGE_MOST_BYTES : MOST_BYTES)) break;
    }
    if (!(await alike(canvas, best))) throw new Error("falsified");
    return { blob: best, fits: Math.max(picture.naturalWidth, picture.naturalHeight) <= steps[0][0] };
  }

  function within(promise, limit_ms) {
    return Promise.race([promise, new Promise(function (done, fail) {
      setTimeout(function () { fail(new Error("too slow")); }, limit_ms);
    })]);
  }

  home.prepare = async function (file, large) {
    let plain = { blob: file, clean: false };
    try {
      if (file.size > READ_MOST_BYTES) return plain;
      const bare = home.strip(await read(file));
      plain = { blob: new Blob([bare.bytes], { type: file.type }), clean: bare.clean };
      // Half a photo would become half a grey one: the server says better what is wrong with it. And browsers
      // differ in which kinds besides JPEG they turn upright by EXIF.
      const drawable = bare.whole && (bare.turn === 1 || bare.kind === "jpeg");
      if (!drawable || !(await within(honest(), PATIENCE_MS))) return plain;
      const made = await within(shrunk(plain.blob, bare.turn, large), PATIENCE_MS);
      // A small photo that is stripped already keeps its own pixels when drawing it anew would not save anything.
      return made.fits && made.blob.size >= plain.blob.size ? plain : { blob: made.blob, clean: true };
    } catch (error) {
      return plain;
    }
  };
})();
