/*
Takes out of a photo file what phones and programmes write beside the picture: place, time, camera, serial numbers,
comments, thumbnails, hidden films. Byte by byte and without decoding, so that pixels stay as they are; the colour
profile and the way up stay too. Pure: it needs no page, and the tests run it without one.

strip(bytes: Uint8Array) returns
  bytes   what may be sent: stripped where that was possible, else the very bytes that came in
  clean   whether nothing but the picture is left
  whole   whether the file is a picture of a known kind that reaches to its end; half a photo is left to the server
  kind    "jpeg", "png", "webp", "gif", "iso" (HEIC and AVIF) or ""
  turn    the EXIF orientation, 1 to 8
Whatever looks odd is not touched: a broken picture helps nobody, and the server strips everything anyway.
*/
(function (home) {
  "use strict";
  const PNG = "\x89PNG\r\n\x1a\n";
  const ODD = "odd";

  function text(bytes, from, count) {
    let said = "";
    for (let at = from; at < from + count && at < bytes.length; at += 1) said += String.fromCharCode(bytes[at]);
    return said;
  }

  function view(bytes) { return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength); }

  function joined(pieces) {
    const whole = new Uint8Array(pieces.reduce(function (sum, piece) { return sum + piece.length; }, 0));
    pieces.reduce(function (at, piece) { whole.set(piece, at); return at + piece.length; }, 0);
    return whole;
  }

  /* EXIF: one number of it is needed, the orientation; what is written back holds nothing else. */

  function turn_of(tiff) {
    const order = text(tiff, 0, 4);
    const little = order === "II*\0";
    if (tiff.length < 14 || (!little && order !== "MM\0*")) return 1;
    const seen = view(tiff);
    const table = seen.getUint32(4, little);
    if (table + 2 > tiff.length) return 1;
    const count = seen.getUint16(table, little);
    for (let index = 0, at = table + 2; index < count && at + 12 <= tiff.length; index += 1, at += 12) {
      if (seen.getUint16(at, little) !== 0x0112) continue;
      const turn = seen.getUint16(at + 8, little);
      return turn >= 1 && turn <= 8 ? turn : 1;
    }
    return 1;
  }

  function tiff_of(turn) {
    return new Uint8Array([77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0, 0, 0, 0, 0]);
  }

  function exif_segment(turn) {
    return joined([new Uint8Array([0xff, 0xe1, 0, 34, 69, 120, 105, 102, 0, 0]), tiff_of(turn)]);
  }

  /* JPEG: segments, then scans. Everything after the first end of image is gone: other pictures, films, notes. */

  function jpeg(bytes) {
    const kept = [bytes.subarray(0, 2)];
    let turn = 1;
    let exif_seen = false;
    let scanned = false;
    let at = 2;
    function result(whole) { return { pieces: kept, turn: turn, whole: whole && scanned }; }
    for (;;) {
      at = bytes.indexOf(0xff, at);
      while (at >= 0 && bytes[at + 1] === 0xff) at += 1;
      if (at < 0 || at + 1 >= bytes.length) return result(false);
      const marker = bytes[at + 1];
      if (marker === 0xd9) { kept.push(bytes.subarray(at, at + 2)); return result(true); }
      // Stray bytes between segments: decoders skip them, and so do we.
      if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd7)) { at += 2; continue; }
      if (at + 4 > bytes.length) return result(false);
      const end = at + 2 + 256 * bytes[at + 2] + bytes[at + 3];
      if (marker === 0xd8 || end < at + 4 || end > bytes.length) throw new Error(ODD);
      const name = text(bytes, at + 4, 12);
      if (marker === 0xe1 && name.slice(0, 6) === "Exif\0\0" && !exif_seen) {
        exif_seen = true;
        turn = turn_of(bytes.subarray(at + 10, end));
        if (turn > 1) kept.push(exif_segment(turn));
      } else if (marker === 0xe0 && name.slice(0, 5) === "JFIF\0" && end - at >= 18 && kept.length === 1) {
        // Version and density; the thumbnail that may follow is left out.
        kept.push(new Uint8Array([0xff, 0xe0, 0, 16]), bytes.subarray(at + 4, at + 16), new Uint8Array(2));
      } else if ((marker === 0xe2 && name === "ICC_PROFILE\0") || (marker === 0xee && name.slice(0, 5) === "Adobe")) {
        kept.push(bytes.subarray(at, end));
      } else if (marker < 0xe0) {
        kept.push(bytes.subarray(at, end));
      }
      at = end;
      if (marker !== 0xda) continue;
      scanned = true;
      at = scan_end(bytes, end);
      kept.push(bytes.subarray(end, at));
    }
  }

  /* Inside a scan 255 is followed by 0 or by a restart mark; anything else begins the next segment. */
  function scan_end(bytes, from) {
    for (let at = from; ; at += 2) {
      at = bytes.indexOf(0xff, at);
      if (at < 0 || at + 1 >= bytes.length) return bytes.length;
      const next = bytes[at + 1];
      if (next === 0xff) { at -= 1; continue; }
      if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
    }
  }

  /* PNG: chunks that make the picture and its colours. */

  const PNG_KEPT = " IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV cLLI acTL fcTL fdAT ";

  function png(bytes) {
    const kept = [bytes.subarray(0, 8)];
    const seen = view(bytes);
    let turn = 1;
    for (let at = 8; at + 12 <= bytes.length;) {
      const end = at + 12 + seen.getUint32(at);
      const name = text(bytes, at + 4, 4);
      if (!/^[A-Za-z]{4}$/.test(name)) throw new Error(ODD);
      if (end > bytes.length) {
        if (PNG_KEPT.indexOf(" " + name + " ") >= 0) kept.push(bytes.subarray(at));
        break;
      }
      if (PNG_KEPT.indexOf(" " + name + " ") >= 0) {
        kept.push(bytes.subarray(at, end));
      } else if (name === "eXIf" && turn === 1) {
        turn = turn_of(bytes.subarray(at + 8, end - 4));
        if (turn > 1) kept.push(png_chunk("eXIf", tiff_of(turn)));
      } else if (name < "a") {
        throw new Error(ODD);
      }
      if (name === "IEND") return { pieces: kept, turn: turn, whole: true };
      at = end;
    }
    return { pieces: kept, turn: turn, whole: false };
  }

  function png_chunk(name, content) {
    const chunk = new Uint8Array(content.length + 12);
    const seen = view(chunk);
    seen.setUint32(0, content.length);
    for (let index = 0; index < 4; index += 1) chunk[4 + index] = name.charCodeAt(index);
    chunk.set(content, 8);
    let sum = -1;
    for (let at = 4; at < content.length + 8; at += 1) {
      sum ^= chunk[at];
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    seen.setUint32(content.length + 8, ~sum);
    return chunk;
  }

  /* WebP: chunks in a RIFF whose head says how long it is and, in VP8X, what is in it. */

  const WEBP_KEPT = ["VP8X", "VP8 ", "VP8L", "ICCP", "ALPH", "ANIM", "ANMF"];

  function webp(bytes) {
    const end = 8 + view(bytes).getUint32(4, true);
    const kept = [bytes.slice(0, 12)];
    let turn = 1;
    let head = null;
    let pictures = 0;
    if (end > bytes.length) throw new Error(ODD);
    for (let at = 12; at + 8 <= end;) {
      const name = text(bytes, at, 4);
      const length = view(bytes).getUint32(at + 4, true);
      const next = at + 8 + length + (length & 1);
      if (at + 8 + length > end) throw new Error(ODD);
      const chunk = bytes.slice(at, next);
      if (name === "VP8X" && length >= 10) head = chunk;
      if (name === "EXIF" && turn === 1) {
        const from = at + 8 + (text(bytes, at + 8, 6) === "Exif\0\0" ? 6 : 0);
        turn = turn_of(bytes.subarray(from, at + 8 + length));
        if (turn > 1) kept.push(joined([new Uint8Array([69, 88, 73, 70, 26, 0, 0, 0]), tiff_of(turn)]));
      } else if (WEBP_KEPT.indexOf(name) >= 0) {
        kept.push(chunk);
        if (name === "VP8 " || name === "VP8L" || name === "ANMF") pictures += 1;
      }
      at = next;
    }
    if (head) head[8] = (head[8] & ~0x0c) | (turn > 1 ? 0x08 : 0);
    const size = kept.reduce(function (sum, piece) { return sum + piece.length; }, 0);
    view(kept[0]).setUint32(4, size - 8, true);
    return { pieces: kept, turn: turn, whole: pictures > 0 };
  }

  /* GIF: blocks; comments, texts and the notes of programmes go, the loop mark stays. */

  function gif(bytes) {
    function table(flags) { return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0; }
    function blocks_end(from) {
      let at = from;
      while (at < bytes.length && bytes[at]) at += bytes[at] + 1;
      return at + 1;
    }
    let at = 13 + table(bytes[10]);
    const kept = [bytes.subarray(0, at)];
    while (at < bytes.length) {
      const from = at;
      if (bytes[at] === 0x3b) { kept.push(bytes.subarray(at, at + 1)); return { pieces: kept, turn: 1, whole: true }; }
      if (bytes[at] === 0x2c) {
        at = blocks_end(at + 11 + table(bytes[at + 9]));
        kept.push(bytes.subarray(from, at));
      } else if (bytes[at] === 0x21) {
        at = blocks_end(at + 2);
        if (bytes[from + 1] === 0xf9 || text(bytes, from + 3, 11) === "NETSCAPE2.0") kept.push(bytes.subarray(from, at));
      } else {
        throw new Error(ODD);
      }
    }
    return { pieces: kept, turn: 1, whole: false };
  }

  /*
  HEIC and AVIF: boxes whose places are named by number all over the file, so nothing may move. What is no picture is
  overwritten where it stands: EXIF by an empty one, XMP by spaces, foreign boxes by zeros.
  */

  function iso(bytes) {
    const out = bytes.slice();
    const seen = view(out);
    let meta = null;
    boxes(out, 0, out.length).forEach(function (box) {
      if (box.name === "moov" || box.name === "moof") throw new Error(ODD);
      if (box.name === "meta" && !meta) meta = box;
      else if (box.name !== "ftyp" && box.name !== "mdat") blank(out, box);
    });
    if (!meta) throw new Error(ODD);
    const inside = boxes(out, meta.from + 4, meta.end);
    const types = item_types(out, seen, named(inside, "iinf"));
    const data = inside.filter(function (box) { return box.name === "idat"; })[0];
    const places = item_places(out, seen, named(inside, "iloc"), data);
    inside.forEach(function (box) { if (/^(uuid|udta|xml |bxml|free|skip)$/.test(box.name)) blank(out, box); });
    function notes(place) { return /^(Exif|mime|uri )$/.test(types[place.item] || ""); }
    const pictures = places.filter(function (place) { return !notes(place); });
    places.filter(notes).forEach(function (place) {
      const shared = pictures.some(function (other) { return other.from < place.end && place.from < other.end; });
      if (place.from < 0 || place.end <= place.from || place.end > out.length || shared) throw new Error(ODD);
      const is_exif = types[place.item] === "Exif";
      out.fill(is_exif ? 0 : 32, place.from, place.end);
      if (is_exif && place.first && place.end - place.from >= 24) {
        out.set([0, 0, 0, 6, 69, 120, 105, 102, 0, 0, 77, 77, 0, 42, 0, 0, 0, 8], place.from);
      }
    });
    return { pieces: [out], turn: 1, whole: pictures.length > 0 };
  }

  function boxes(bytes, from, end) {
    const found = [];
    const seen = view(bytes);
    for (let at = from; at < end;) {
      if (at + 8 > end) throw new Error(ODD);
      let size = seen.getUint32(at);
      let head = 8;
      if (size === 1) { size = at + 16 <= end ? long(seen, at + 8) : 0; head = 16; } else if (size === 0) size = end - at;
      if (size < head || at + size > end) throw new Error(ODD);
      found.push({ name: text(bytes, at + 4, 4), at: at, from: at + head, end: at + size });
      at += size;
    }
    return found;
  }

  function long(seen, at) { return seen.getUint32(at) * 4294967296 + seen.getUint32(at + 4); }

  function named(list, name) {
    const found = list.filter(function (box) { return box.name === name; });
    if (found.length !== 1) throw new Error(ODD);
    return found[0];
  }

  function blank(bytes, box) {
    bytes.set([102, 114, 101, 101], box.at + 4);
    bytes.fill(0, box.from, box.end);
  }

  function item_types(bytes, seen, box) {
    const types = {};
    boxes(bytes, box.from + (bytes[box.from] ? 8 : 6), box.end).forEach(function (entry) {
      const version = bytes[entry.from];
      if (entry.name !== "infe" || version < 2) throw new Error(ODD);
      const wide = version > 2 ? 2 : 0;
      const item = wide ? seen.getUint32(entry.from + 4) : seen.getUint16(entry.from + 4);
      types[item] = text(bytes, entry.from + 8 + wide, 4);
    });
    return types;
  }

  function item_places(bytes, seen, box, data) {
    const version = bytes[box.from];
    const sizes = [bytes[box.from + 4] >> 4, bytes[box.from + 4] & 15, bytes[box.from + 5] >> 4, version ? bytes[box.from + 5] & 15 : 0];
    const places = [];
    let at = box.from + 6;
    function number(size) {
      at += size;
      if (at > box.end) throw new Error(ODD);
      if (size === 0) return 0;
      if (size === 2) return seen.getUint16(at - 2);
      if (size === 4) return seen.getUint32(at - 4);
      if (size === 8) return long(seen, at - 8);
      throw new Error(ODD);
    }
    for (let left = number(version < 2 ? 2 : 4); left > 0; left -= 1) {
      const item = number(version < 2 ? 2 : 4);
      const method = version ? number(2) & 15 : 0;
      const elsewhere = number(2);
      const base = number(sizes[2]) + (method === 1 && data ? data.from : 0);
      const known = elsewhere === 0 && (method === 0 || (method === 1 && data));
      for (let extents = number(2), first = true; extents > 0; extents -= 1, first = false) {
        number(sizes[3]);
        const from = known ? base + number(sizes[0]) : number(sizes[0]) - Infinity;
        places.push({ item: item, from: from, end: from + number(sizes[1]), first: first });
      }
    }
    return places;
  }

  function reader_of(bytes) {
    if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return ["jpeg", jpeg];
    if (text(bytes, 0, 8) === PNG) return ["png", png];
    if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP") return ["webp", webp];
    if (/^GIF8[79]a$/.test(text(bytes, 0, 6))) return ["gif", gif];
    if (text(bytes, 4, 4) === "ftyp") return ["iso", iso];
    return ["", null];
  }

  home.strip = function (bytes) {
    const known = reader_of(bytes);
    try {
      const made = known[1](bytes);
      return { kind: known[0], bytes: joined(made.pieces), clean: true, whole: made.whole, turn: made.turn };
    } catch (error) {
      return { kind: known[0], bytes: bytes, clean: false, whole: false, turn: 1 };
    }
  };
  home.exif_segment = exif_segment;
})(typeof module === "object" ? module.exports : (window.wearemany = window.wearemany || {}));
