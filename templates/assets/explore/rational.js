/** Quotients of whole numbers, as Python's fractions. */

import * as dec from "./decimal.js";

/** @typedef {{n: bigint, d: bigint}} Rational n / d, d > 0; not always in lowest terms */

/** What cannot be computed: a division by 0, or a number that is not real. */
export class NoValueError extends Error {}

/** @param {bigint} n @param {bigint} d @returns {Rational} */
export function rational(n, d = 1n) {
  return { n, d };
}

export const NONE = rational(0n);
export const ONE = rational(1n);

/** A text such as -3 or 1/2. @param {string} text @returns {Rational} */
export function fromText(text) {
  const [above, below = "1"] = text.split("/");
  return rational(BigInt(above), BigInt(below));
}

/** In lowest terms. @param {dec.Decimal} d @returns {Rational} */
export function fromDecimal(d) {
  const digits = dec.signed(d);
  if (d.exponent >= 0) return rational(digits * dec.tenTo(d.exponent));
  return reduced(rational(digits, dec.tenTo(-d.exponent)));
}

/** Exactly what a float64 is. @param {number} value @returns {Rational} */
export function fromFloat(value) {
  return fromDecimal(dec.exactly(value));
}

/** 10^exponent. @param {number} exponent @returns {Rational} */
export function powerOfTen(exponent) {
  return exponent >= 0 ? rational(dec.tenTo(exponent)) : rational(1n, dec.tenTo(-exponent));
}

/** In lowest terms. @param {Rational} a @returns {Rational} */
export function reduced(a) {
  if (a.d === 1n) return a;
  let [x, y] = [a.n < 0n ? -a.n : a.n, a.d];
  while (y) [x, y] = [y, x % y];
  return x === 1n ? a : rational(a.n / x, a.d / x);
}

/** @param {Rational} a @param {Rational} b @returns {Rational} */
export function add(a, b) {
  if (a.d === b.d) return rational(a.n + b.n, a.d);
  if (a.d > b.d && a.d % b.d === 0n) return rational(a.n + b.n * (a.d / b.d), a.d);
  if (b.d > a.d && b.d % a.d === 0n) return rational(a.n * (b.d / a.d) + b.n, b.d);
  return rational(a.n * b.d + b.n * a.d, a.d * b.d);
}

/** @param {Rational} a @returns {Rational} */
export function negated(a) {
  return rational(-a.n, a.d);
}

/** @param {Rational} a @param {Rational} b @returns {Rational} */
export function less(a, b) {
  return add(a, negated(b));
}

/** @param {Rational} a @param {Rational} b @returns {Rational} */
export function times(a, b) {
  return rational(a.n * b.n, a.d * b.d);
}

/** @param {Rational} a @param {Rational} b @returns {Rational} */
export function over(a, b) {
  if (b.n === 0n) throw new NoValueError("division by 0");
  return b.n < 0n ? rational(-a.n * b.d, -b.n * a.d) : rational(a.n * b.d, a.d * b.n);
}

/** @param {Rational} a @param {number} exponent a whole number @returns {Rational} */
export function power(a, exponent) {
  const size = BigInt(Math.abs(exponent));
  const raised = rational(a.n ** size, a.d ** size);
  return exponent < 0 ? over(ONE, raised) : raised;
}

/** @param {Rational} a @returns {Rational} */
export function size(a) {
  return a.n < 0n ? negated(a) : a;
}

/** −1, 0 or 1. @param {Rational} a @param {Rational} b @returns {number} */
export function compare(a, b) {
  const left = a.n * b.d;
  const right = b.n * a.d;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The largest whole number that is not larger. @param {Rational} a @returns {bigint} */
export function floor(a) {
  const whole = a.n / a.d;
  return a.n < 0n && whole * a.d !== a.n ? whole - 1n : whole;
}

/** With so many digits, a tie rounded up. @param {Rational} a @param {number} digits */
export function toDecimal(a, digits) {
  const above = a.n < 0n ? -a.n : a.n;
  if (above === 0n) return dec.ZERO;
  const places = Math.max(digits + 2 + dec.width(a.d) - dec.width(above), 0);
  const scaled = above * dec.tenTo(places);
  const whole = scaled / a.d;
  const rest = scaled % a.d ? 1n : 0n;
  // one digit more, so that what was cut off is never taken for a tie
  const found = dec.decimal(whole * 10n + rest, -places - 1, a.n < 0n);
  return dec.normalized(dec.withDigits(found, digits, false));
}
