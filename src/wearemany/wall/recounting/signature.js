/*
Ed25519 signatures verified (RFC 8032, 5.1.7), without big integers, which browsers of 2018 lack. Everything here is
public, so nothing has to take the same time whatever it is given. A number modulo p = 2^255 - 19 is sixteen
limbs of sixteen bits, lowest first; a point is [X, Y, Z, T] with x = X/Z, y = Y/Z, xy = T/Z.
*/

function number(small) { const made = new Float64Array(16); made[0] = small; return made; }

function carried(n) {
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < 16; at += 1) {
      const over = Math.floor(n[at] / 65536);
      n[at] -= over * 65536;
      if (at < 15) n[at + 1] += over; else n[0] += 38 * over;
    }
  }
  return n;
}

function added(a, b) { return carried(a.map(function (limb, at) { return limb + b[at]; })); }

function taken(a, b) { return carried(a.map(function (limb, at) { return limb - b[at]; })); }

function times(a, b) {
  const wide = new Float64Array(32);
  for (let i = 0; i < 16; i += 1) for (let j = 0; j < 16; j += 1) wide[i + j] += a[i] * b[j];
  const product = new Float64Array(16);
  for (let at = 0; at < 16; at += 1) product[at] = wide[at] + 38 * wide[at + 16];
  return carried(product);
}

/* Return a^(2^count - gap): `count` ones in binary, but for the bits that are set in `gap` - 1. */
function power(a, count, gap) {
  let found = number(1);
  for (let bit = count - 1; bit >= 0; bit -= 1) {
    found = times(found, found);
    if (bit > 7 || !((gap - 1) >> bit & 1)) found = times(found, a);
  }
  return found;
}

function inverse(a) { return power(a, 255, 21); }

/* Return the 32 bytes of a number, lowest first, fully reduced. */
function packed(a) {
  let n = carried(carried(Float64Array.from(a)));
  for (let round = 0; round < 2; round += 1) {
    const less = new Float64Array(16);
    let borrow = 0;
    for (let at = 0; at < 16; at += 1) {
      const value = n[at] - (at === 0 ? 65517 : at === 15 ? 32767 : 65535) - borrow;
      borrow = value < 0 ? 1 : 0;
      less[at] = value + borrow * 65536;
    }
    if (!borrow) n = less;
  }
  const bytes = new Uint8Array(32);
  for (let at = 0; at < 16; at += 1) { bytes[at * 2] = n[at] & 255; bytes[at * 2 + 1] = n[at] >> 8; }
  return bytes;
}

function unpacked(bytes) {
  const n = new Float64Array(16);
  for (let at = 0; at < 16; at += 1) n[at] = bytes[at * 2] + bytes[at * 2 + 1] * 256;
  n[15] %= 32768;
  return n;
}

function equal(a, b) { return same(packed(a), packed(b)); }

const ONE = number(1), NONE = number(0);
const CURVE = times(taken(NONE, number(121665)), inverse(number(121666)));
const TWICE_CURVE = added(CURVE, CURVE);
// A root of -1: 2 to the power (p - 1) / 4.
const ROOT = power(number(2), 253, 5);

/* Return the point that 32 bytes stand for; null when they stand for none, or are not its one right spelling. */
function point(bytes) {
  const y = unpacked(bytes);
  const sign = bytes[31] >> 7;
  const spelt = packed(y);
  spelt[31] |= sign << 7;
  if (!same(spelt, bytes)) return null;
  const square = times(y, y);
  const u = taken(square, ONE), v = added(times(CURVE, square), ONE);
  const v3 = times(times(v, v), v), v7 = times(times(v3, v3), v);
  let x = times(times(u, v3), power(times(u, v7), 252, 3));
  const found = times(v, times(x, x));
  if (equal(found, taken(NONE, u))) x = times(x, ROOT); else if (!equal(found, u)) return null;
  if (equal(x, NONE) && sign) return null;
  if ((packed(x)[0] & 1) !== sign) x = taken(NONE, x);
  return [x, y, ONE, times(x, y)];
}

function sum(p, q) {
  const a = times(taken(p[1], p[0]), taken(q[1], q[0]));
  const b = times(added(p[1], p[0]), added(q[1], q[0]));
  const c = times(times(p[3], q[3]), TWICE_CURVE);
  const zz = times(p[2], q[2]);
  const d = added(zz, zz);
  const e = taken(b, a), f = taken(d, c), g = added(d, c), h = added(b, a);
  return [times(e, f), times(g, h), times(f, g), times(e, h)];
}

function encoded(p) {
  const over = inverse(p[2]);
  const bytes = packed(times(p[1], over));
  bytes[31] |= (packed(times(p[0], over))[0] & 1) << 7;
  return bytes;
}

// The point that everything is a multiple of: y = 4/5, x even.
const BASE = point(packed(times(number(4), inverse(number(5)))));
// Its order, lowest byte first.
const ORDER = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

function isBelowOrder(n) {
  for (let at = n.length - 1; at >= 0; at -= 1) {
    const limit = at < 32 ? ORDER[at] : 0;
    if (n[at] !== limit) return n[at] < limit;
  }
  return false;
}

/* Return bytes, lowest first, modulo the order: bit by bit from the highest. */
function modOrder(bytes) {
  const rest = new Uint8Array(33);
  for (let bit = bytes.length * 8 - 1; bit >= 0; bit -= 1) {
    let carry = bytes[bit >> 3] >> (bit & 7) & 1;
    for (let at = 0; at < 33; at += 1) { const value = rest[at] * 2 + carry; rest[at] = value; carry = value >> 8; }
    if (isBelowOrder(rest)) continue;
    let borrow = 0;
    for (let at = 0; at < 33; at += 1) {
      const value = rest[at] - (at < 32 ? ORDER[at] : 0) - borrow;
      borrow = value < 0 ? 1 : 0;
      rest[at] = value;
    }
  }
  return rest.subarray(0, 32);
}

/* Tell whether 64 bytes are the signature of a message by the key of these 32 bytes. */
function isSigned(message, signature, key) {
  if (signature.length !== 64 || key.length !== 32) return false;
  const s = signature.subarray(32);
  const holder = point(key);
  if (!holder || !isBelowOrder(s)) return false;
  const h = modOrder(sha512(joined([signature.subarray(0, 32), key, message])));
  const against = [taken(NONE, holder[0]), holder[1], holder[2], taken(NONE, holder[3])];
  const both = sum(BASE, against);
  let reached = [NONE, ONE, ONE, NONE];
  for (let bit = 255; bit >= 0; bit -= 1) {
    reached = sum(reached, reached);
    const one = s[bit >> 3] >> (bit & 7) & 1, other = h[bit >> 3] >> (bit & 7) & 1;
    if (one && other) reached = sum(reached, both); else if (one) reached = sum(reached, BASE);
    else if (other) reached = sum(reached, against);
  }
  return same(encoded(reached), signature.subarray(0, 32));
}

/* Ask the browser's own as well, where it has one; true, false, or null for a browser that does not know. */
async function browserSays(message, signature, key) {
  try {
    const subtle = crypto.subtle;
    const known = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await subtle.verify({ name: "Ed25519" }, known, signature, message);
  } catch (error) { return null; }
}
