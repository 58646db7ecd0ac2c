// The checks of the page about a record, from web/browser. Contains @noble/ed25519 (MIT), (c) Paul Miller.

// actors/records/parsed.ts
function parsed(value) {
  return { ok: true, value };
}
function malformed(problem) {
  return { ok: false, problem };
}

// actors/records/base64.ts
var NodeBuffer = globalThis.Buffer;
function encodeBase64(bytes) {
  if (NodeBuffer !== void 0) return NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return encodeByCharacters(bytes);
}
function encodeByCharacters(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
function decodeBase64(text, lengthExpected) {
  const bytes = NodeBuffer === void 0 ? decodeByCharacters(text) : decodeByBuffer(NodeBuffer, text);
  if (bytes === null) return malformed("not base64 in canonical form");
  if (lengthExpected !== void 0 && bytes.length !== lengthExpected) {
    return malformed(`base64 of ${bytes.length} bytes where ${lengthExpected} are expected`);
  }
  return parsed(bytes);
}
function decodeByBuffer(buffer, text) {
  const bytes = new Uint8Array(buffer.from(text, "base64"));
  return encodeBase64(bytes) === text ? bytes : null;
}
function decodeByCharacters(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return btoa(binary) === text ? bytes : null;
}

// node_modules/@noble/ed25519/index.js
/*! noble-ed25519 - MIT License (c) 2019 Paul Miller (paulmillr.com) */
var freeze = Object.freeze;
var P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn;
var N = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
var _d = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
var Gx = 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an;
var Gy = 0x6666666666666666666666666666666666666666666666666666666666666658n;
var _a = P - 1n;
var ed25519_CURVE = freeze({
  p: P,
  n: N,
  h: 8n,
  a: _a,
  d: _d,
  Gx,
  Gy
});
var LEN = 32;
var isBytes = (a) => {
  return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && a.BYTES_PER_ELEMENT === 1;
};
var abytes = (value, length, title = "") => {
  if (isBytes(value) && (length === void 0 || value.length === length))
    return value;
  const bytes = isBytes(value);
  const ofLen = length !== void 0 ? ` of length ${length}` : "";
  const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
  const message = (title ? `"${title}" ` : "") + "expected Uint8Array" + ofLen + ", got " + got;
  if (!bytes)
    throw new TypeError(message);
  throw new RangeError(message);
};
var snapshotBytes = (value, title = "", length) => Uint8Array.from(abytes(value, length, title));
var padh = (n, pad) => n.toString(16).padStart(pad, "0");
var bytesToHex = (bytes) => {
  let hex = "";
  for (const byte of abytes(bytes))
    hex += padh(byte, 2);
  return hex;
};
var hexToBytes = (hex) => {
  const e = "hex invalid";
  if (typeof hex !== "string")
    throw new TypeError(e);
  if (hex.length % 2 || !/^[\da-f]*$/i.test(hex))
    throw new RangeError(e);
  const array = new Uint8Array(hex.length / 2);
  for (let ai = 0, hi = 0; ai < array.length; ai++, hi += 2) {
    const n1 = hex.charCodeAt(hi);
    const n2 = hex.charCodeAt(hi + 1);
    array[ai] = ((n1 & 15) + (n1 >> 6) * 9) * 16 + (n2 & 15) + (n2 >> 6) * 9;
  }
  return array;
};
var concatBytes = (...arrays) => {
  let sum = 0;
  for (const a of arrays)
    sum += abytes(a).length;
  const res = new Uint8Array(sum);
  let pad = 0;
  for (const a of arrays) {
    res.set(a, pad);
    pad += a.length;
  }
  return res;
};
var arange = (n, min, max, msg = "bad number: out of range") => {
  if (typeof n !== "bigint")
    throw new TypeError(msg);
  if (min <= n && n < max)
    return n;
  throw new RangeError(msg);
};
var mod = (a, b = P) => (a %= b) >= 0n ? a : b + a;
var P_MASK = (1n << 255n) - 1n;
var modP = (num) => {
  if (num < 0n)
    throw new RangeError("negative coordinate");
  let r = (num >> 255n) * 19n + (num & P_MASK);
  r = (r >> 255n) * 19n + (r & P_MASK);
  return r % P;
};
var modN = (a) => mod(a, N);
var invert = (number, modulo) => {
  if (number === 0n)
    throw new Error("invert: expected non-zero number");
  if (modulo <= 1n)
    throw new Error("invert: expected modulus > 1, got " + modulo);
  let a = mod(number, modulo);
  let b = modulo;
  let x = 0n, u = 1n;
  while (a !== 0n) {
    const q = b / a;
    const r = b - a * q;
    const m = x - u * q;
    b = a, a = r, x = u, u = m;
  }
  const gcd = b;
  if (gcd !== 1n)
    throw new Error("invert: does not exist");
  return mod(x, modulo);
};
var _hash = (name) => {
  const fn = hashes[name];
  if (typeof fn !== "function")
    throw new Error("hashes." + name + " not set");
  return fn;
};
var callHashAsync = async (name, ...m) => abytes(await _hash(name)(concatBytes(...m)), 64, "digest");
var apoint = (p) => {
  if (p instanceof Point)
    return p;
  throw new TypeError("Point expected");
};
var B256 = 2n ** 256n;
var Point = class _Point {
  static BASE;
  static ZERO;
  X;
  Y;
  Z;
  T;
  // Constructor only bounds-checks and freezes XYZT coordinates; it does not prove the point is
  // on-curve or that T matches X*Y/Z.
  constructor(X, Y, Z, T) {
    const max = B256;
    this.X = arange(X, 0n, max);
    this.Y = arange(Y, 0n, max);
    this.Z = arange(Z, 1n, max);
    this.T = arange(T, 0n, max);
    freeze(this);
  }
  static CURVE() {
    return ed25519_CURVE;
  }
  static fromAffine(p) {
    return new _Point(p.x, p.y, 1n, modP(p.x * p.y));
  }
  /** RFC8032 5.1.3: Uint8Array to Point. */
  static fromBytes(bytes, zip215 = false) {
    const normed = snapshotBytes(bytes, "point", LEN);
    const lastByte = normed[31];
    normed[31] = lastByte & ~128;
    const y = bytesToNumberLE(normed);
    if (!zip215)
      arange(y, 0n, P);
    const y2 = modP(y * y);
    const u = mod(y2 - 1n);
    const v = modP(_d * y2 + 1n);
    let { isValid, value: x } = uvRatio(u, v);
    if (!isValid)
      throw new Error("bad point: y not sqrt");
    const isLastByteOdd = !!(lastByte & 128);
    if (!zip215 && x === 0n && isLastByteOdd)
      throw new Error("bad point: x==0, isLastByteOdd");
    if (isLastByteOdd !== !!(x & 1n))
      x = mod(-x);
    return new _Point(x, y, 1n, modP(x * y));
  }
  static fromHex(hex, zip215) {
    return _Point.fromBytes(hexToBytes(hex), zip215);
  }
  get x() {
    return this.toAffine().x;
  }
  get y() {
    return this.toAffine().y;
  }
  /** Checks if the point is valid and on-curve. */
  assertValidity() {
    const a = _a;
    const d = _d;
    const p = this;
    if (p.is0())
      throw new Error("bad point: ZERO");
    const { X, Y, Z, T } = p;
    const X2 = modP(X * X);
    const Y2 = modP(Y * Y);
    const Z2 = modP(Z * Z);
    const Z4 = modP(Z2 * Z2);
    const aX2 = modP(X2 * a);
    const left = modP(Z2 * (aX2 + Y2));
    const right = mod(Z4 + modP(d * modP(X2 * Y2)));
    if (left !== right)
      throw new Error("bad point: equation left != right (1)");
    const XY = modP(X * Y);
    const ZT = modP(Z * T);
    if (XY !== ZT)
      throw new Error("bad point: equation left != right (2)");
    return this;
  }
  /** Equality check: compare points P&Q. */
  equals(other) {
    const { X: X1, Y: Y1, Z: Z1 } = this;
    const { X: X2, Y: Y2, Z: Z2 } = apoint(other);
    return modP(X1 * Z2) === modP(X2 * Z1) && modP(Y1 * Z2) === modP(Y2 * Z1);
  }
  is0() {
    return this.equals(I);
  }
  /** Flip point over y coordinate. */
  negate() {
    return new _Point(mod(-this.X), this.Y, this.Z, mod(-this.T));
  }
  /** Point doubling. Complete formula. Cost: `4M + 4S + 1*a + 6add + 1*2`. */
  double() {
    const { X: X1, Y: Y1, Z: Z1 } = this;
    const a = _a;
    const A = modP(X1 * X1);
    const B = modP(Y1 * Y1);
    const C = modP(2n * Z1 * Z1);
    const D = modP(a * A);
    const x1y1 = mod(X1 + Y1);
    const E = mod(modP(x1y1 * x1y1) - A - B);
    const G2 = mod(D + B);
    const F = mod(G2 - C);
    const H = mod(D - B);
    const X3 = modP(E * F);
    const Y3 = modP(G2 * H);
    const T3 = modP(E * H);
    const Z3 = modP(F * G2);
    return new _Point(X3, Y3, Z3, T3);
  }
  /** Point addition. Complete formula. Cost: `9M + 1*a + 1*d + 7add`. */
  add(other) {
    const { X: X1, Y: Y1, Z: Z1, T: T1 } = this;
    const { X: X2, Y: Y2, Z: Z2, T: T2 } = apoint(other);
    const a = _a;
    const d = _d;
    const A = modP(X1 * X2);
    const B = modP(Y1 * Y2);
    const C = modP(modP(T1 * d) * T2);
    const D = modP(Z1 * Z2);
    const E = mod(modP(mod(X1 + Y1) * mod(X2 + Y2)) - A - B);
    const F = mod(D - C);
    const G2 = mod(D + C);
    const H = mod(B - modP(a * A));
    const X3 = modP(E * F);
    const Y3 = modP(G2 * H);
    const T3 = modP(E * H);
    const Z3 = modP(F * G2);
    return new _Point(X3, Y3, Z3, T3);
  }
  subtract(other) {
    return this.add(apoint(other).negate());
  }
  /**
   * Point-by-scalar multiplication. Safe mode requires `1 <= n < CURVE.n`.
   * Unsafe mode additionally permits `n = 0` and returns the identity point for that case.
   * Uses {@link wNAF} for base point.
   * Uses fake point to mitigate side-channel leakage.
   * @param n - scalar by which point is multiplied
   * @param safe - safe mode guards against timing attacks; unsafe mode is faster
   */
  multiply(n, safe = true) {
    if (!safe && n === 0n)
      return I;
    arange(n, 1n, N);
    if (!safe && this.is0())
      return I;
    if (n === 1n)
      return this;
    if (this.equals(G))
      return wNAF(n).p;
    let p = I;
    let f = G;
    let d = this;
    for (let i = 0; safe ? i < 256 : n > 0n; i++) {
      if (n & 1n)
        p = p.add(d);
      else if (safe)
        f = f.add(d);
      d = d.double();
      n >>= 1n;
    }
    return p;
  }
  multiplyUnsafe(scalar) {
    return this.multiply(scalar, false);
  }
  /** Convert point to 2d xy affine point. (X, Y, Z) ∋ (x=X/Z, y=Y/Z) */
  toAffine() {
    const { X, Y, Z } = this;
    if (this.equals(I))
      return { x: 0n, y: 1n };
    const iz = invert(Z, P);
    if (modP(Z * iz) !== 1n)
      throw new Error("invalid inverse");
    return { x: modP(X * iz), y: modP(Y * iz) };
  }
  toBytes() {
    const { x, y } = this.toAffine();
    const b = numTo32bLE(y);
    b[31] |= x & 1n ? 128 : 0;
    return b;
  }
  toHex() {
    return bytesToHex(this.toBytes());
  }
  clearCofactor() {
    return this.multiply(8n, false);
  }
  isSmallOrder() {
    return this.clearCofactor().is0();
  }
  isTorsionFree() {
    return this.multiply(N / 2n, false).double().add(this).is0();
  }
};
var G = new Point(Gx, Gy, 1n, mod(Gx * Gy));
var I = new Point(0n, 1n, 1n, 0n);
Point.BASE = G;
Point.ZERO = I;
var numTo32bLE = (num) => hexToBytes(padh(arange(num, 0n, B256), 64)).reverse();
var bytesToNumberLE = (b) => BigInt("0x" + bytesToHex(Uint8Array.from(abytes(b)).reverse()));
var pow2 = (x, power) => {
  let r = x;
  while (power-- > 0) {
    r = modP(r * r);
  }
  return r;
};
var pow_2_252_3 = (x) => {
  const x2 = modP(x * x);
  const b2 = modP(x2 * x);
  const b4 = modP(pow2(b2, 2) * b2);
  const b5 = modP(pow2(b4, 1) * x);
  const b10 = modP(pow2(b5, 5) * b5);
  const b20 = modP(pow2(b10, 10) * b10);
  const b40 = modP(pow2(b20, 20) * b20);
  const b80 = modP(pow2(b40, 40) * b40);
  const b160 = modP(pow2(b80, 80) * b80);
  const b240 = modP(pow2(b160, 80) * b80);
  const b250 = modP(pow2(b240, 10) * b10);
  return modP(pow2(b250, 2) * x);
};
var RM1 = 0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n;
var uvRatio = (u, v) => {
  const v3 = modP(v * modP(v * v));
  const v7 = modP(modP(v3 * v3) * v);
  const pow = pow_2_252_3(modP(u * v7));
  let x = modP(u * modP(v3 * pow));
  const vx2 = modP(v * modP(x * x));
  const root1 = x;
  const root2 = modP(x * RM1);
  const useRoot1 = vx2 === u;
  const useRoot2 = vx2 === mod(-u);
  const noRoot = vx2 === mod(-u * RM1);
  if (useRoot1)
    x = root1;
  if (useRoot2 || noRoot)
    x = root2;
  if ((mod(x) & 1n) === 1n)
    x = mod(-x);
  return { isValid: useRoot1 || useRoot2, value: x };
};
var modL_LE = (hash) => modN(bytesToNumberLE(hash));
var hashFinishAsync = async (res) => res[1](await callHashAsync("sha512Async", res[0]));
var getZip215 = (options) => {
  if (options === null || typeof options !== "object")
    throw new TypeError("expected valid options object");
  return options.zip215 ?? true;
};
var _verify = (sig, msg, publicKey, options) => {
  sig = abytes(sig, 64, "signature");
  msg = abytes(msg, void 0, "message");
  publicKey = abytes(publicKey, LEN, "publicKey");
  const zip215 = getZip215(options);
  const r = sig.subarray(0, LEN);
  const s = bytesToNumberLE(sig.subarray(LEN, 64));
  let A, R, SB;
  let hashable = Uint8Array.of();
  let finished = false;
  try {
    A = Point.fromBytes(publicKey, zip215);
    R = Point.fromBytes(r, zip215);
    SB = G.multiply(s, false);
    hashable = concatBytes(r, publicKey, msg);
    finished = true;
  } catch (error) {
  }
  const finish = (hashed) => {
    if (!finished)
      return false;
    if (!zip215 && A.isSmallOrder())
      return false;
    const k = modL_LE(hashed);
    const RkA = R.add(A.multiply(k, false));
    return RkA.subtract(SB).clearCofactor().is0();
  };
  return [hashable, finish];
};
var verifyAsync = async (signature, message, publicKey, opts = {}) => hashFinishAsync(_verify(signature, message, publicKey, opts));
var hashes = {
  sha512Async: async (message) => {
    const s = globalThis?.crypto?.subtle;
    if (!s)
      throw new Error("crypto.subtle must be defined, consider polyfill");
    return new Uint8Array(await s.digest("SHA-512", concatBytes(message)));
  },
  sha512: void 0
};
var precompute = () => {
  const points = [];
  let p = G;
  let b;
  for (let w = 0; w < 33; w++) {
    b = p;
    points.push(b);
    for (let i = 1; i < 128; i++) {
      b = b.add(p);
      points.push(b);
    }
    p = b.double();
  }
  return points;
};
var Gpows = void 0;
var ctneg = (cnd, p) => {
  const n = p.negate();
  return cnd ? n : p;
};
var wNAF = (n) => {
  const comp = Gpows || (Gpows = precompute());
  let p = I;
  let f = G;
  for (let w = 0; w < 33; w++) {
    let wbits = Number(n & 255n);
    n >>= 8n;
    if (wbits > 128) {
      wbits -= 256;
      n += 1n;
    }
    const off = w * 128;
    const offP = off + Math.abs(wbits) - 1;
    const isOddW = w % 2 !== 0;
    const isNeg = wbits < 0;
    if (wbits === 0) {
      f = f.add(ctneg(isOddW, comp[off]));
    } else {
      p = p.add(ctneg(isNeg, comp[offP]));
    }
  }
  if (n !== 0n)
    throw new Error("invalid wnaf");
  return { p, f };
};

// kernel/errors.ts
function coerceError(thrown) {
  if (thrown instanceof Error) return thrown;
  return new Error(`thrown value was not an Error: ${String(thrown)}`, { cause: thrown });
}

// actors/records/ed25519-strict.ts
var publicKeyLength = 32;
var signatureLength = 64;
var fieldPrime = bytesOfHex(`7f${"ff".repeat(30)}ed`);
var groupOrder = bytesOfHex("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
var smallOrderYs = /* @__PURE__ */ new Set([
  "00".repeat(32),
  // order 4, with both signs
  `${"00".repeat(31)}01`,
  // the identity
  `7f${"ff".repeat(30)}ec`,
  // −1: order 2
  "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
  // order 8, with both signs
  "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"
  // order 8, with both signs
]);
var checkedKeysMax = 2e4;
var checkedKeys = /* @__PURE__ */ new Map();
function findPublicKeyProblem(publicKey) {
  if (publicKey.length !== publicKeyLength) return `a public key has ${publicKeyLength} bytes, not ${publicKey.length}`;
  const id = hexBigEndian(publicKey);
  const known = checkedKeys.get(id);
  if (known !== void 0) return known;
  const problem = findPointProblem(publicKey, "public key") ?? findCurveProblem(publicKey);
  if (checkedKeys.size >= checkedKeysMax) checkedKeys.delete(checkedKeys.keys().next().value ?? "");
  checkedKeys.set(id, problem);
  return problem;
}
function findSignatureProblem(signature) {
  if (signature.length !== signatureLength) return `a signature has ${signatureLength} bytes, not ${signature.length}`;
  if (!isBelow(signature.subarray(32), groupOrder)) return "S of the signature is not below the group order";
  return findPointProblem(signature.subarray(0, 32), "R of the signature");
}
function findPointProblem(encoded, what) {
  const y = new Uint8Array(encoded);
  y[31] = (y[31] ?? 0) & 127;
  if (!isBelow(y, fieldPrime)) return `${what} is not canonically encoded`;
  if (smallOrderYs.has(hexBigEndian(y))) return `${what} is a point of small order`;
  return null;
}
function findCurveProblem(publicKey) {
  try {
    return Point.fromBytes(publicKey, false).isTorsionFree() ? null : "public key has a torsion part";
  } catch (thrown) {
    return `public key is not a point of the curve (${coerceError(thrown).name})`;
  }
}
function isBelow(littleEndian, boundBigEndian) {
  for (let index = 0; index < 32; index++) {
    const digit = littleEndian[31 - index] ?? 0;
    const bound = boundBigEndian[index] ?? 0;
    if (digit !== bound) return digit < bound;
  }
  return false;
}
var byteTexts = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
function hexBigEndian(littleEndian) {
  let text = "";
  for (let index = littleEndian.length - 1; index >= 0; index--) {
    text += byteTexts[littleEndian[index] ?? 0];
  }
  return text;
}
function bytesOfHex(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

// actors/records/ed25519-reference.ts
async function checkSignatureByReference(input) {
  const problem = findPublicKeyProblem(input.publicKey) ?? findSignatureProblem(input.signature);
  if (problem !== null) return { kind: "malformed", problem };
  if (!isTorsionFree(input.signature.subarray(0, 32))) return { kind: "refuted" };
  const verified = await verifyAsync(input.signature, input.bytes, input.publicKey, { zip215: false });
  return { kind: verified ? "verified" : "refuted" };
}
function isTorsionFree(encoded) {
  try {
    return Point.fromBytes(encoded, false).isTorsionFree();
  } catch (thrown) {
    coerceError(thrown);
    return false;
  }
}

// actors/records/hex.ts
var byteTexts2 = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
function encodeHex(bytes) {
  let text = "";
  for (const byte of bytes) text += byteTexts2[byte];
  return text;
}

// web/page/facts.ts
function factsOf(receipt) {
  switch (receipt.type) {
    case "voice-session":
      return sessionFacts(receipt);
    case "attendance":
      return attendanceFacts(receipt);
    case "period":
      return periodFacts(receipt);
    default:
      return [];
  }
}
function sessionFacts(receipt) {
  const { guild_id: guild, payload } = receipt;
  const user = String(payload["user_id"]);
  const channel = String(payload["channel_id"]);
  return [
    { id: "member", label: "Member", text: user, link: `https://discord.com/users/${user}`, note: "the number of a Discord account" },
    { id: "channel", label: "Voice channel", text: channel, link: `https://discord.com/channels/${guild}/${channel}` },
    { id: "server", label: "Server", text: guild },
    moment("joined", "Joined", payload["joined_at"]),
    moment("left", "Left", payload["left_at"]),
    { id: "duration", label: "Time that counted", text: durationText(payload["duration_seconds"]) },
    ...payload["recovered"] === true ? [{ id: "recovered", label: "Note", text: "The end was reconstructed after an interruption of the recording." }] : [],
    ...payload["split"] === true ? [{ id: "split", label: "Note", text: "One stay that was recorded as several sessions; this is one of them." }] : []
  ];
}
var statusTexts = { present: "Present", late: "Late", excused: "Excused", absent: "Absent" };
var sourceTexts = {
  code: "typed the code that was shown",
  staff: "entered by staff",
  webhook: "reported by another system of this server"
};
var entriesMax = 100;
var entryPrefix = "entry-";
function periodFacts({ guild_id: guild, payload }) {
  const entries = payload["entries"] ?? [];
  const unsigned = payload["unsigned"] ?? { sessions: 0, seconds: 0 };
  const sum = (pick) => entries.reduce((total, entry) => total + pick(entry), 0);
  return [
    { id: "period", label: "Period", text: `number ${String(payload["period_index"])}` },
    moment("started", "Began", payload["started_at"]),
    moment("ended", "Ended", payload["ended_at"]),
    { id: "members", label: "Members with counted time", text: String(entries.length) },
    { id: "sessions", label: "Sessions", text: String(sum((entry) => entry.sessions)) },
    { id: "duration", label: "Time that counted", text: durationText(sum((entry) => entry.duration_seconds)) },
    ...unsigned.sessions === 0 ? [] : [{ id: "unsigned", label: "Not signed, and in no total", text: `${unsigned.sessions} sessions, ${durationText(unsigned.seconds)}` }],
    { id: "server", label: "Server", text: guild },
    ...entries.slice(0, entriesMax).map((entry, index) => ({
      id: `${entryPrefix}${index + 1}`,
      label: `Place ${index + 1}`,
      text: `${entry.user_id}: ${durationText(entry.duration_seconds)}`
    })),
    ...entries.length > entriesMax ? [{ id: `${entryPrefix}more`, label: "Further places", text: `${entries.length - entriesMax}, in the receipt` }] : []
  ];
}
function attendanceFacts({ guild_id: guild, payload }) {
  const user = String(payload["user_id"]);
  const student = payload["student_id"];
  const inVoice = payload["in_voice"];
  return [
    { id: "member", label: "Member", text: user, link: `https://discord.com/users/${user}`, note: "the number of a Discord account" },
    ...typeof student === "string" ? [{ id: "student", label: "Student id", text: student }] : [],
    { id: "status", label: "Status", text: statusText(payload["status"]) },
    { id: "session", label: "Session", text: String(payload["session_id"]) },
    { id: "date", label: "Date", text: String(payload["date_id"]) },
    moment("submitted", "Recorded", payload["submitted_at"]),
    { id: "source", label: "How", text: sourceTexts[String(payload["source"])] ?? String(payload["source"]) },
    ...typeof inVoice === "boolean" ? [{ id: "voice", label: "In the voice channel", text: inVoice ? "yes" : "no" }] : [],
    { id: "server", label: "Server", text: guild }
  ];
}
function statusText(status) {
  return statusTexts[String(status)] ?? String(status);
}
var months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
function moment(id, label, value) {
  const time = String(value);
  return { id, label, text: timeText(time), time };
}
function timeText(instant) {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(instant);
  if (found === null) return instant;
  const [, year, month, day, clock] = found;
  return `${Number(day)} ${months[Number(month) - 1] ?? ""} ${year}, ${clock} UTC`;
}
function durationText(value) {
  const whole = typeof value === "number" ? value : 0;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole % 3600 / 60);
  const seconds = whole % 60;
  const two = (part) => String(part).padStart(2, "0");
  if (hours > 0) return `${hours} h ${two(minutes)} min ${two(seconds)} s`;
  return minutes > 0 ? `${minutes} min ${two(seconds)} s` : `${seconds} s`;
}

// web/browser/check-record.ts
var checks = {
  hash: checkHash,
  signature: checkRecordSignature,
  key: checkKey,
  page: checkPage,
  chain: checkChain
};
async function* checkRecord(deps, record) {
  for (const id of Object.keys(checks)) {
    try {
      yield { id, ...await checks[id](deps, record) };
    } catch (thrown) {
      yield { id, ...fails(thrown instanceof Error ? thrown.message : "it cannot be read") };
    }
  }
}
var holds = (detail) => ({ state: "holds", detail });
var fails = (detail) => ({ state: "fails", detail });
function bytesOf(base64) {
  const decoded = decodeBase64(base64);
  if (!decoded.ok) throw new Error(decoded.problem);
  return decoded.value;
}
function readReceipt(record) {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(record.signed)));
}
async function checkHash(deps, record) {
  const found = encodeHex(await deps.sha256(bytesOf(record.signed)));
  return found === record.payload_hash ? holds(`Computed here: ${found}`) : fails(`Computed here: ${found}; the record claims ${record.payload_hash}`);
}
async function checkRecordSignature(_deps, record) {
  const check = await checkSignatureByReference({
    publicKey: bytesOf(record.public_key),
    bytes: bytesOf(record.signed),
    signature: bytesOf(record.signature)
  });
  if (check.kind === "verified") return holds(`Key ${record.public_key}`);
  return fails(check.kind === "malformed" ? `This is no signature: ${check.problem}` : "The signature does not belong to this text and key");
}
async function checkKey(_deps, record) {
  const statement = bytesOf(record.statement);
  const check = await checkSignatureByReference({
    publicKey: bytesOf(record.cluster_public_key),
    bytes: statement,
    signature: bytesOf(record.statement_signature)
  });
  if (check.kind !== "verified") return fails("The statement about the key was not signed by the operator");
  const said = JSON.parse(new TextDecoder().decode(statement));
  const receipt = readReceipt(record);
  const isThisKey = said["domain"] === "muster/guild-key" && said["public_key"] === record.public_key && said["key_id"] === receipt.key_id && said["guild_id"] === receipt.guild_id && Number(said["first_sequence"]) <= receipt.sequence;
  return isThisKey ? holds(`Stated by the operator’s key ${record.cluster_public_key}`) : fails("The statement speaks of another key, another server or a later time");
}
async function checkPage(deps, record) {
  const facts = factsOf(readReceipt(record));
  const wrong = facts.find((fact) => deps.shownText(fact.id) !== fact.text);
  if (wrong !== void 0) return fails(`Signed is “${wrong.label}: ${wrong.text}”; the page shows something else`);
  return await Promise.resolve(holds(`${facts.length} entries compared`));
}
async function checkChain(deps, record) {
  const { guild_id: guild, sequence, prev_hash: prevHash } = readReceipt(record);
  const answer = await deps.fetchChain(guild, Math.max(1, sequence - 1), sequence + 1);
  if (answer === null) return { state: "unknown", detail: "The chain could not be fetched: this page is offline, or the server did not answer" };
  const at = (place) => answer.receipts.find((entry) => entry.sequence === place);
  const own = at(sequence);
  if (own?.payload_hash !== record.payload_hash) return fails("The chain has another record at this place");
  const before = sequence === 1 ? "0".repeat(64) : at(sequence - 1)?.payload_hash;
  if (before !== prevHash) return fails("The record before is not the one that this record names");
  const next = at(sequence + 1);
  if (next !== void 0 && next.prev_hash !== record.payload_hash) return fails("The record after names another one");
  const end = await findEnd(record, answer);
  if (typeof end === "string") return fails(end);
  if (end !== null && end < (next === void 0 ? sequence : sequence + 1)) return fails("The signed end of the chain is before this record");
  return holds(`Place ${sequence} of ${end ?? "more"}; its neighbours fit${end === null ? "" : ", and the end of the chain is signed"}`);
}
async function findEnd(record, { head }) {
  if (head === null) return "The chain has no signed end";
  if (head.key_id !== record.key_id) return null;
  const bytes = bytesOf(head.signed);
  const check = await checkSignatureByReference({ publicKey: bytesOf(record.public_key), bytes, signature: bytesOf(head.signature) });
  if (check.kind !== "verified") return "The signature of the end of the chain does not fit";
  const said = JSON.parse(new TextDecoder().decode(bytes));
  const isOfServer = said["domain"] === "muster/chain-head" && said["guild_id"] === record.guild_id;
  return isOfServer ? Number(said["sequence"]) : "The signed end is of another chain";
}

// web/browser/main.ts
var window = globalThis;
var { document } = window;
var stepCount = 5;
var stateTexts = { holds: "holds", fails: "fails", unknown: "not checked" };
function showLocalTimes(page) {
  for (const place of page.querySelectorAll("[data-local]")) {
    const time = new Date(place.dataset["local"] ?? "");
    const text = time.toLocaleString(void 0, { dateStyle: "medium", timeStyle: "medium" });
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!Number.isNaN(time.getTime()) && zone !== "UTC") place.textContent = `${text} where you are (${zone})`;
  }
}
function showStep({ id, state, detail }) {
  const item = document.querySelector(`[data-step="${id}"]`);
  if (item === null) return;
  item.dataset["state"] = state;
  const words = item.querySelector("[data-state-text]");
  const found = item.querySelector("[data-detail]");
  if (words !== null) words.textContent = stateTexts[state];
  if (found !== null) found.textContent = detail;
}
function showSummary(results) {
  const count = (state) => results.filter((result) => result.state === state).length;
  const [good, bad, open] = [count("holds"), count("fails"), count("unknown")];
  const article = document.querySelector("[data-standing]");
  const verdict = bad > 0 ? "fails" : open > 0 ? "partly" : "holds";
  article?.setAttribute("data-browser", verdict);
  const words = {
    holds: `Your browser has checked this record itself: all ${good} steps hold.`,
    partly: `Your browser has checked this record itself: ${good} of ${stepCount} steps hold, ${open} could not be checked.`,
    fails: `Your browser has checked this record itself: ${bad} of ${stepCount} steps ${bad === 1 ? "fails" : "fail"}. Do not rely on it.`
  }[verdict];
  const summary = document.querySelector("#check-summary");
  if (summary !== null) summary.textContent = words;
  summary?.classList.add(verdict);
  const said = document.querySelector("#browser-words");
  if (said !== null) said.textContent = words;
  if (verdict === "fails") showDisagreement();
}
function showDisagreement() {
  const section = document.querySelector(".verdict");
  if (section === null || document.querySelector('[data-standing="invalid"]') !== null) return;
  section.classList.remove("genuine", "changed");
  section.classList.add("invalid");
  const headline = section.querySelector("h1");
  const explain = section.querySelector(".explain");
  if (headline !== null) headline.textContent = "Your browser found that this does not verify";
  if (explain !== null) explain.textContent = "Our server called it genuine, and your own check says otherwise. Do not rely on this page.";
  section.querySelector(".seal path")?.setAttribute("d", "M23 23l18 18M41 23l-18 18");
}
async function main() {
  showLocalTimes(document);
  const data = document.querySelector("#record");
  const summary = document.querySelector("#check-summary");
  if (data === null || summary === null) return;
  const { subtle } = window.crypto;
  if (subtle === void 0) {
    summary.textContent = "Your browser checks only pages that came over https. You can still save the receipt and check it with openssl.";
    return;
  }
  summary.textContent = "Your browser is checking this record …";
  const deps = {
    sha256: async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes)),
    shownText: (factId) => document.querySelector(`[data-fact="${factId}"]`)?.textContent ?? null,
    fetchChain: async (guildId, from, to) => {
      if (!window.location.protocol.startsWith("http")) return null;
      try {
        const answer = await window.fetch(`/verify/chain/${guildId}?from=${from}&to=${to}`);
        return answer.ok ? await answer.json() : null;
      } catch {
        return null;
      }
    }
  };
  const results = [];
  for await (const result of checkRecord(deps, JSON.parse(data.textContent))) {
    results.push(result);
    showStep(result);
  }
  showSummary(results);
}
void main();
