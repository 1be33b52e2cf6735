/**
 * Numbers of many binary digits, with ∞ and nan, rounded as mpmath does: to nearest, a tie to even.
 */

import * as dec from "./decimal.js";
import { NoValueError, reduced } from "./rational.js";

/** @typedef {import("./rational.js").Rational} Rational */
/** @typedef {{kind: "real" | "inf" | "nan", man: bigint, exp: bigint}} Big man · 2^exp */

/** @param {bigint} man @param {bigint} exp @returns {Big} */
const real = (man, exp) => ({ kind: "real", man, exp });

export const NAN = /** @type {Big} */ ({ kind: "nan", man: 0n, exp: 0n });
export const INF = /** @type {Big} */ ({ kind: "inf", man: 1n, exp: 0n });
export const MINUS_INF = /** @type {Big} */ ({ kind: "inf", man: -1n, exp: 0n });
export const ZERO = real(0n, 0n);
export const ONE = real(1n, 0n);
const LOG2_TEN = 3.3219280948873626;

/** The binary digits that hold so many decimal ones. @param {number} digits @returns {number} */
export function precisionOf(digits) {
  return Math.max(1, Math.round((digits + 1) * LOG2_TEN));
}

/** How many binary digits a whole number has. @param {bigint} n @returns {number} */
export function bits(n) {
  const text = (n < 0n ? -n : n).toString(16);
  return n === 0n ? 0 : 4 * text.length - Math.clz32(parseInt(text[0], 16)) + 28;
}

/** man · 2^exp to so many binary digits. @param {bigint} man @param {bigint} exp @param {number} prec */
export function round(man, exp, prec) {
  const negative = man < 0n;
  const size = negative ? -man : man;
  const over = bits(size) - prec;
  if (over <= 0) return real(man, size ? exp : 0n);
  const shift = BigInt(over);
  let kept = size >> shift;
  const rest = size & ((1n << shift) - 1n);
  const half = 1n << (shift - 1n);
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
  return real(negative ? -kept : kept, exp + shift);
}

/** @param {Big} a @param {number} prec */
export function rounded(a, prec) {
  return a.kind === "real" ? round(a.man, a.exp, prec) : a;
}

/** @param {Big} a */
export const isZero = (a) => a.kind === "real" && a.man === 0n;

/** @param {Big} a */
export const isFinite = (a) => a.kind === "real";

/** −1, 0 or 1. @param {Big} a @returns {number} */
export const sign = (a) => (a.man > 0n ? 1 : a.man < 0n ? -1 : 0);

/** The power of 2 above its size, for a number that is not 0. @param {Big} a @returns {bigint} */
export const magnitude = (a) => a.exp + BigInt(bits(a.man));

/** ∞ with this sign. @param {number} which @returns {Big} */
const infinite = (which) => (which > 0 ? INF : MINUS_INF);

/** @param {Rational} value @param {number} prec @returns {Big} */
export function fromRational(value, prec) {
  const { n, d } = reduced(value);
  const above = round(n, 0n, prec);
  return d === 1n ? above : over(above, real(d, 0n), prec);
}

/** @param {dec.Decimal} d @param {number} prec @returns {Big} */
export function fromDecimal(d, prec) {
  const digits = dec.signed(d);
  if (d.exponent >= 0) return round(digits * dec.tenTo(d.exponent), 0n, prec);
  return over(real(digits, 0n), real(dec.tenTo(-d.exponent), 0n), prec);
}

/** Exactly a float64. @param {number} value @returns {Big} */
export function fromFloat(value) {
  if (Number.isNaN(value)) return NAN;
  if (!Number.isFinite(value)) return infinite(value);
  const [man, power] = dec.bitsOf(value);
  return real(man, man ? BigInt(power) : 0n);
}

/** @param {Big} a @param {Big} b @param {number} prec @returns {Big} */
export function add(a, b, prec) {
  if (a.kind !== "real" || b.kind !== "real") return addSpecial(a, b);
  if (!a.man) return round(b.man, b.exp, prec);
  if (!b.man) return round(a.man, a.exp, prec);
  const apart = magnitude(a) - magnitude(b);
  if (apart > BigInt(prec) + 4n && a.exp > b.exp) return nudged(a, b, prec);
  if (-apart > BigInt(prec) + 4n && b.exp > a.exp) return nudged(b, a, prec);
  const exp = a.exp < b.exp ? a.exp : b.exp;
  return round((a.man << (a.exp - exp)) + (b.man << (b.exp - exp)), exp, prec);
}

/** @param {Big} a @param {Big} b @returns {Big} */
function addSpecial(a, b) {
  if (a.kind === "nan" || b.kind === "nan") return NAN;
  if (a.kind === "real") return b;
  return b.kind === "real" || sign(a) === sign(b) ? a : NAN;
}

/** A number and one far too small to be seen beside it. @param {Big} a @param {Big} b @param {number} prec */
function nudged(a, b, prec) {
  const shift = BigInt(prec) + 4n;
  return round((a.man << shift) + (b.man > 0n ? 1n : -1n), a.exp - shift, prec);
}

/** @param {Big} a @returns {Big} */
export const negated = (a) => ({ ...a, man: -a.man });

/** @param {Big} a @param {Big} b @param {number} prec @returns {Big} */
export const less = (a, b, prec) => add(a, negated(b), prec);

/** @param {Big} a @returns {Big} */
export const size = (a) => (a.man < 0n ? negated(a) : a);

/** @param {Big} a @param {Big} b @param {number} prec @returns {Big} */
export function times(a, b, prec) {
  if (a.kind === "real" && b.kind === "real") return round(a.man * b.man, a.exp + b.exp, prec);
  if (a.kind === "nan" || b.kind === "nan" || isZero(a) || isZero(b)) return NAN;
  return infinite(sign(a) * sign(b));
}

/** @param {Big} a @param {Big} b @param {number} prec @returns {Big} */
export function over(a, b, prec) {
  if (isZero(b)) {
    if (isZero(a) || b.kind === "real") throw new NoValueError("division by 0");
  }
  if (a.kind === "nan" || b.kind === "nan" || (a.kind === "inf" && b.kind === "inf")) return NAN;
  if (b.kind === "inf") return ZERO;
  if (a.kind === "inf") return infinite(sign(a) * sign(b));
  if (!a.man) return ZERO;
  const extra = BigInt(Math.max(prec - bits(a.man) + bits(b.man) + 5, 5));
  const [above, below] = b.man < 0n ? [-a.man, -b.man] : [a.man, b.man];
  const scaled = (above < 0n ? -above : above) << extra;
  const rest = scaled % below ? 1n : 0n;
  const whole = ((scaled / below) << 1n) + rest;
  return round(above < 0n ? -whole : whole, a.exp - b.exp - extra - 1n, prec);
}

/** The largest whole number whose square is not larger. @param {bigint} n @returns {bigint} */
export function wholeRoot(n) {
  if (n < 2n) return n;
  let found = 1n << BigInt((bits(n) + 1) >> 1);
  for (;;) {
    const next = (found + n / found) >> 1n;
    if (next >= found) return found;
    found = next;
  }
}

/** @param {Big} a @param {number} prec @returns {Big} */
export function root(a, prec) {
  if (a.kind === "nan" || isZero(a)) return a;
  if (a.man < 0n) throw new NoValueError("the root of a negative number is not real");
  if (a.kind === "inf") return a;
  let shift = BigInt(Math.max(2 * prec + 8 - bits(a.man), 0));
  if ((a.exp - shift) & 1n) shift += 1n;
  const scaled = a.man << shift;
  const whole = wholeRoot(scaled);
  const rest = whole * whole === scaled ? 0n : 1n;
  return round((whole << 1n) + rest, ((a.exp - shift) >> 1n) - 1n, prec);
}

/** @param {Big} a @param {number} n a whole number @param {number} prec @returns {Big} */
export function powerOf(a, n, prec) {
  if (a.kind === "nan" || (a.kind === "inf" && n === 0)) return NAN;
  if (a.kind === "inf") return n < 0 ? ZERO : infinite(n % 2 ? sign(a) : 1);
  if (n === 0) return ONE;
  if (n < 0) return over(ONE, powerOf(a, -n, n === -1 ? prec : prec + 5), prec);
  const own = prec + 4 * bits(BigInt(n)) + 4;
  let [found, square] = [ONE, a];
  for (let left = n; ; square = times(square, square, own)) {
    if (left % 2) found = times(found, square, own);
    left = Math.floor(left / 2);
    if (!left) return rounded(found, prec);
  }
}

/** The whole number that it is, or null. @param {Big} a @returns {number | null} */
export function wholeNumber(a) {
  if (a.kind !== "real" || magnitude(a) > 53n) return null;
  const number = toFloat(a);
  return Number.isInteger(number) && compare(fromFloat(number), a) === 0 ? number : null;
}

/** −1, 0 or 1; NaN where one is nan. @param {Big} a @param {Big} b @returns {number} */
export function compare(a, b) {
  if (a.kind === "nan" || b.kind === "nan") return NaN;
  if (sign(a) !== sign(b)) return Math.sign(sign(a) - sign(b));
  if (a.kind === "inf" || b.kind === "inf") {
    return a.kind === b.kind ? 0 : a.kind === "inf" ? sign(a) : -sign(b);
  }
  if (!a.man) return 0;
  const apart = magnitude(a) - magnitude(b);
  if (apart) return apart > 0n ? sign(a) : -sign(a);
  const exp = a.exp < b.exp ? a.exp : b.exp;
  const left = a.man << (a.exp - exp);
  const right = b.man << (b.exp - exp);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The value as a whole number of 2^−places, cut off. @param {Big} a @param {bigint} places @returns {bigint} */
export function fixed(a, places) {
  const shift = a.exp + places;
  return shift >= 0n ? a.man << shift : a.man >> -shift;
}

/** With so many decimal digits, a tie rounded up. @param {Big} a @param {number} digits @returns {dec.Decimal} */
export function toDecimal(a, digits) {
  if (!a.man) return dec.ZERO;
  if (a.exp >= 0n) return dec.withDigits(dec.decimal(a.man << a.exp), digits, false);
  const sizeOf = Number(magnitude(a)) / LOG2_TEN;
  const places = Math.max(Math.ceil(digits - sizeOf) + 4, 0);
  const negative = a.man < 0n;
  const scaled = (negative ? -a.man : a.man) * dec.tenTo(places);
  const whole = scaled >> -a.exp;
  const rest = (whole << -a.exp) === scaled ? 0n : 1n;
  return dec.withDigits(dec.decimal(whole * 10n + rest, -places - 1, negative), digits, false);
}

/** The float64 next to it, ±∞ beyond the largest. @param {Big} a @returns {number} */
export function toFloat(a) {
  if (a.kind === "nan") return NaN;
  if (a.kind === "inf") return sign(a) * Infinity;
  if (!a.man) return 0;
  const large = magnitude(a);
  if (large > 1025n) return sign(a) * Infinity;
  if (large < -1100n) return 0;
  return Number(dec.plain(toDecimal(a, 800)));
}
