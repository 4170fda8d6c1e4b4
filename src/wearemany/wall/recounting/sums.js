/*
SHA-256 and SHA-512 (FIPS 180-4), and bytes as text. Written out here, because a browser's own does one hash a promise,
which is too slow for a tree, and because this page has to work from disk and in browsers of 2018.
*/

// The fractional parts of the cube roots of the first 80 primes, 64 bits each; SHA-256 uses the upper halves of 64.
const ROOTS = words(
    "428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b53859f111f1b605d019" +
    "923f82a4af194f9bab1c5ed5da6d8118d807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e2" +
    "72be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694e49b69c19ef14ad2efbe4786384f25e3" +
    "0fc19dc68b8cd5b5240ca1cc77ac9c652de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5" +
    "983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4c6e00bf33da88fc2d5a79147930aa725" +
    "06ca6351e003826f142929670a0e6e7027b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df" +
    "650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353ba2bfe8a14cf10364a81a664bbc423001" +
    "c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b8" +
    "19a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8391c0cb3c5c95a634ed8aa4ae3418acb" +
    "5b9cca4f7763e373682e6ff3d6b2b8a3748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec" +
    "90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532bca273eceea26619cd186b8c721c0c207" +
    "eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35131c471b" +
    "28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c4cc5d4becb3e42b6597f299cfc657e2a" +
    "5fcb6fab3ad6faec6c44198c4a475817"
);
// The same of the square roots of the first eight.
const START = words(
    "6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1" +
    "510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179"
);

function words(hex) {
  const found = new Int32Array(hex.length / 8);
  for (let at = 0; at < found.length; at += 1) found[at] = parseInt(hex.slice(at * 8, at * 8 + 8), 16);
  return found;
}

const ROOTS_256 = ROOTS.filter(function (word, at) { return at % 2 === 0; });
const ROUND_256 = new Int32Array(64);
const STATE_256 = new Int32Array(8);
const LAST_256 = new Uint8Array(128);

/* Return the SHA-256 of the first `length` bytes (all of them, when it is left out). */
function sha256(data, length) {
  const size = length === undefined ? data.length : length;
  for (let at = 0; at < 8; at += 1) STATE_256[at] = START[at * 2];
  let place = 0;
  for (; place + 64 <= size; place += 64) block256(data, place);
  const rest = size - place;
  LAST_256.fill(0);
  for (let at = 0; at < rest; at += 1) LAST_256[at] = data[place + at];
  LAST_256[rest] = 0x80;
  const end = rest < 56 ? 64 : 128;
  bigEndian(LAST_256, end - 8, Math.floor(size / 0x20000000));
  bigEndian(LAST_256, end - 4, size << 3);
  for (let at = 0; at < end; at += 64) block256(LAST_256, at);
  const sum = new Uint8Array(32);
  for (let at = 0; at < 8; at += 1) bigEndian(sum, at * 4, STATE_256[at]);
  return sum;
}

function block256(data, place) {
  const w = ROUND_256;
  for (let at = 0; at < 16; at += 1, place += 4) {
    w[at] = data[place] << 24 | data[place + 1] << 16 | data[place + 2] << 8 | data[place + 3];
  }
  for (let at = 16; at < 64; at += 1) {
    const x = w[at - 15], y = w[at - 2];
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    w[at] = w[at - 16] + s0 + w[at - 7] + s1 | 0;
  }
  const state = STATE_256;
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let at = 0; at < 64; at += 1) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const first = h + s1 + (e & f ^ ~e & g) + ROOTS_256[at] + w[at] | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const second = s0 + (a & b ^ a & c ^ b & c) | 0;
    h = g; g = f; f = e; e = d + first | 0; d = c; c = b; b = a; a = first + second | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function bigEndian(bytes, place, word) {
  bytes[place] = word >>> 24; bytes[place + 1] = word >>> 16; bytes[place + 2] = word >>> 8; bytes[place + 3] = word;
}

/* Return the SHA-512 of bytes. Words of 64 bits are pairs of 32: upper at even places, lower at odd ones. */
function sha512(data) {
  const end = Math.ceil((data.length + 17) / 128) * 128;
  const padded = new Uint8Array(end);
  padded.set(data);
  padded[data.length] = 0x80;
  bigEndian(padded, end - 8, Math.floor(data.length / 0x20000000));
  bigEndian(padded, end - 4, data.length << 3);
  const state = Int32Array.from(START);
  const w = new Int32Array(160);
  for (let place = 0; place < end; place += 128) block512(padded, place, state, w);
  const sum = new Uint8Array(64);
  for (let at = 0; at < 16; at += 1) bigEndian(sum, at * 4, state[at]);
  return sum;
}

function block512(data, place, state, w) {
  for (let at = 0; at < 32; at += 1, place += 4) {
    w[at] = data[place] << 24 | data[place + 1] << 16 | data[place + 2] << 8 | data[place + 3];
  }
  for (let at = 32; at < 160; at += 2) {
    const x = pair(w, at - 30), y = pair(w, at - 4);
    const s0 = xor3(turned(x, 1), turned(x, 8), shifted(x, 7));
    const s1 = xor3(turned(y, 19), turned(y, 61), shifted(y, 6));
    const sum = plus(plus(pair(w, at - 32), s0), plus(pair(w, at - 14), s1));
    w[at] = sum[0]; w[at + 1] = sum[1];
  }
  const v = [];
  for (let at = 0; at < 16; at += 2) v.push(pair(state, at));
  for (let at = 0; at < 160; at += 2) {
    const a = v[0], b = v[1], c = v[2], e = v[4], f = v[5], g = v[6];
    const choice = [e[0] & f[0] ^ ~e[0] & g[0], e[1] & f[1] ^ ~e[1] & g[1]];
    const most = [a[0] & b[0] ^ a[0] & c[0] ^ b[0] & c[0], a[1] & b[1] ^ a[1] & c[1] ^ b[1] & c[1]];
    const s1 = xor3(turned(e, 14), turned(e, 18), turned(e, 41));
    const first = plus(plus(plus(v[7], s1), plus(choice, pair(ROOTS, at))), pair(w, at));
    const second = plus(xor3(turned(a, 28), turned(a, 34), turned(a, 39)), most);
    v.pop();
    v[3] = plus(v[3], first);
    v.unshift(plus(first, second));
  }
  for (let at = 0; at < 8; at += 1) {
    const sum = plus(pair(state, at * 2), v[at]);
    state[at * 2] = sum[0]; state[at * 2 + 1] = sum[1];
  }
}

function pair(all, at) { return [all[at], all[at + 1]]; }

function plus(x, y) {
  const low = (x[1] >>> 0) + (y[1] >>> 0);
  return [x[0] + y[0] + (low > 0xffffffff ? 1 : 0) | 0, low | 0];
}

function xor3(x, y, z) { return [x[0] ^ y[0] ^ z[0], x[1] ^ y[1] ^ z[1]]; }

function shifted(x, by) { return [x[0] >>> by, x[1] >>> by | x[0] << 32 - by]; }

function turned(x, by) {
  const high = by < 32 ? x[0] : x[1], low = by < 32 ? x[1] : x[0], left = by % 32;
  return [high >>> left | low << 32 - left, low >>> left | high << 32 - left];
}

/* Return the bytes of a text in UTF-8. */
function utf8(text) { return new TextEncoder().encode(text); }

/* Return bytes as a text of as many signs, whatever they are: enough for ASCII, and never wrong for anything else. */
function latin(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 8192) {
    parts.push(String.fromCharCode.apply(null, bytes.subarray(at, at + 8192)));
  }
  return parts.join("");
}

/* Return bytes in UTF-8 as a text; null when they are not. */
function textOf(bytes) {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch (error) { return null; }
}

/* Return the bytes of standard base64 in its one right spelling; null for any other. */
function unbase64(text) {
  let plain;
  try { plain = atob(text); } catch (error) { return null; }
  return btoa(plain) === text ? Uint8Array.from(plain, function (sign) { return sign.charCodeAt(0); }) : null;
}

function base64(bytes) { return btoa(latin(bytes)); }

function hex(bytes) {
  return Array.from(bytes, function (byte) { return (byte < 16 ? "0" : "") + byte.toString(16); }).join("");
}

function unhex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(text.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

function same(one, other) {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce(function (sum, part) { return sum + part.length; }, 0));
  let place = 0;
  parts.forEach(function (part) { whole.set(part, place); place += part.length; });
  return whole;
}
