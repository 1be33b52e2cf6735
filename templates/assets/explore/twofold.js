/**
 * Exponential, logarithm and whole powers, right to the last digit in all but one of some thousand cases: computed
 * with twice the digits, as sums of two float64 (T. J. Dekker, A floating-point technique for extending the
 * available precision, 1971). Libraries of C are as good, and browsers are not: with these, training in the page
 * goes the way of training in Python for longer.
 */

import { ln2 } from "./functions.js";

const { abs, round } = Math;
const SPLIT = 2 ** 27 + 1; // halves the 53 digits of a float64
const PART = 40n; // binary digits of each part of ln 2: its product with k, of 11 digits, is exact
const [FIRST, SECOND, THIRD] = [2n, 1n, 0n].map((part) => {
  const digits = (ln2(3n * PART) >> (part * PART)) & (2n ** PART - 1n);
  return Number(digits) * 2 ** Number((part - 3n) * PART);
});
const LN2 = FIRST + SECOND;
const HALVED = 6; // times that the argument of the series is halved: it is then below 0.006
const SCALE = 2 ** -HALVED;
const FAR = 700; // from here on a power of 2 may be beyond float64

/** What the last operation gave: the result, and what its rounding lost. */
const two = new Float64Array(2);

/** @param {number} a @param {number} b not larger than a */
function fast(a, b) {
  const high = a + b;
  two[0] = high;
  two[1] = b - (high - a);
}

/** @param {number} a @param {number} b */
function sum(a, b) {
  const high = a + b;
  const back = high - a;
  two[0] = high;
  two[1] = a - (high - back) + (b - back);
}

/** @param {number} a @param {number} b */
function product(a, b) {
  const p = SPLIT * a;
  const q = SPLIT * b;
  const a1 = p - (p - a);
  const b1 = q - (q - b);
  const a2 = a - a1;
  const b2 = b - b1;
  const high = a * b;
  two[0] = high;
  two[1] = a1 * b1 - high + a1 * b2 + a2 * b1 + a2 * b2;
}

/** e^x = 2^k (1 + q): leaves q, and returns k. @param {number} x */
function exponential(x) {
  const k = round(x / LN2);
  sum(x - k * FIRST, -k * SECOND);
  const s = two[0] * SCALE;
  const rest = (two[1] - k * THIRD) * SCALE;
  product(s, s);
  const square = two[0];
  const tail = square * s * (1 / 6 + s * (1 / 24 + s * (1 / 120 + s * (1 / 720 + s * (1 / 5040 + s / 40320)))));
  const lost = two[1] / 2 + rest + s * rest + tail;
  sum(s, square / 2);
  fast(two[0], two[1] + lost);
  for (let n = 0; n < HALVED; n += 1) {
    const q = two[0]; // (1 + q)² − 1 = 2 q + q²
    const more = two[1];
    product(q, q);
    const below = two[1] + 2 * q * more + 2 * more;
    sum(2 * q, two[0]);
    fast(two[0], two[1] + below);
  }
  return k;
}

/** e^x. @param {number} x */
export function exp(x) {
  if (!(abs(x) < FAR)) return Math.exp(x);
  const k = exponential(x);
  const more = two[1];
  sum(1, two[0]);
  return (two[0] + (two[1] + more)) * 2 ** k;
}

/** ln x: what Math.log gives, and what is missing to it. @param {number} x */
export function log(x) {
  const near = Math.log(x);
  if (!(abs(near) < FAR) || near === 0) return near;
  const k = exponential(-near);
  const more = two[1];
  const scaled = x * 2 ** k; // near 1, as e^near is near x
  product(scaled, two[0]);
  const rest = two[1] + scaled * more;
  sum(scaled - 1, two[0]);
  return near + (two[0] + (two[1] + rest));
}

/** x to a whole power from 0, by squares. @param {number} x @param {number} n */
export function power(x, n) {
  let [r, rest] = [1, 0];
  let [b, more] = [x, 0];
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2) {
      times(r, rest, b, more);
      [r, rest] = two;
    }
    times(b, more, b, more);
    [b, more] = two;
  }
  const found = r + rest;
  return Number.isFinite(found) && abs(found) > SMALL ? found : x ** n;
}

const SMALL = 2 ** -960; // below it what a rounding lost may be no float64

/** @param {number} a @param {number} a2 @param {number} b @param {number} b2 */
function times(a, a2, b, b2) {
  product(a, b);
  fast(two[0], two[1] + (a * b2 + a2 * b));
}
