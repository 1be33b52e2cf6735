/** Functions of float64 that JavaScript lacks, or has otherwise. As tracer/training/ieee.py. */

import { exp, power } from "./twofold.js";

const { abs, floor, sqrt, PI } = Math;
const MOST = 2 ** 31; // of whole powers: as many updates as a run can have

/** x^y; 1 to any power, nan even, and −1 to ±∞ is 1, as in C. @param {number} x @param {number} y */
export function pow(x, y) {
  if (x === 1 || (x === -1 && abs(y) === Infinity)) return 1;
  return Number.isInteger(y) && y >= 0 && y < MOST && Number.isFinite(x) ? power(x, y) : x ** y;
}

/** −1, 0, 1 or nan. @param {number} x @param {number} y */
export function floordiv(x, y) {
  return floor(x / y);
}

/** e^(−x²), x² in two parts: its rounding would otherwise be multiplied by x². @param {number} x */
function bell(x) {
  const high = Math.fround(x);
  return exp(-high * high) * exp((high - x) * (high + x));
}

/** erf by its series of terms that have one sign: no digit is lost. @param {number} x */
function series(x) {
  let term = x;
  let sum = x;
  for (let k = 1; abs(term) > abs(sum) * Number.EPSILON * 0.1; k += 1) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / sqrt(PI)) * bell(x) * sum;
}

/** erfc by its continued fraction, from its end; for x from FAR. @param {number} x */
function fraction(x) {
  let below = x;
  for (let k = STEPS; k > 0; k -= 1) below = x + k / 2 / below;
  return bell(x) / (sqrt(PI) * below);
}

const FAR = 1.5; // from here on erfc is small, and 1 − erf would lose two digits of it
const BEYOND = 28; // erfc is less than half of the smallest float64
const STEPS = 120; // of the fraction at x = 1.5: one that is twice as long gives the same float64

/** @param {number} x @returns {number} */
export function erf(x) {
  if (!(abs(x) >= FAR)) return x === 0 ? x : series(x);
  return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
}

/** @param {number} x @returns {number} */
export function erfc(x) {
  if (x >= FAR) return x < BEYOND ? fraction(x) : 0;
  return 1 - erf(x);
}
