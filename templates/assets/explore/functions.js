/** Exponential, logarithm and what else formulas call, to as many binary digits as are asked for. */

import * as big from "./big.js";
import { NoValueError } from "./rational.js";

/** @typedef {import("./big.js").Big} Big */
/** @typedef {(x: Big, prec: number) => Big} Computed */

const GUARD = 20; // binary digits for what a series of some hundred terms loses

/**
 * A number by its precision, reckoned anew only where more digits are asked for than are known.
 * @param {(places: bigint) => bigint} make @returns {(places: bigint) => bigint}
 */
function remembered(make) {
  let known = 0n;
  let value = 0n;
  return (places) => {
    if (places > known) {
      known = places + 64n;
      value = make(known);
    }
    return value >> (known - places);
  };
}

/** artanh(1/n) or arctan(1/n) as a whole number of 2^−places. @param {bigint} n @param {bigint} places @param {bigint} turn */
function inverse(n, places, turn) {
  const square = n * n;
  let term = (1n << places) / n;
  let sum = term;
  for (let k = 3n, which = turn; term; k += 2n, which *= turn) {
    term /= square;
    sum += which * (term / k);
  }
  return sum;
}

/** ln 2 in units of 2^−places. */
export const ln2 = remembered((places) => {
  const own = places + BigInt(GUARD);
  const sum =
    18n * inverse(26n, own, 1n) - 2n * inverse(4801n, own, 1n) + 8n * inverse(8749n, own, 1n);
  return sum >> BigInt(GUARD);
});

/** π in units of 2^−places. */
export const piFixed = remembered((places) => {
  const own = places + BigInt(GUARD);
  return (16n * inverse(5n, own, -1n) - 4n * inverse(239n, own, -1n)) >> BigInt(GUARD);
});

/** π. @param {number} prec @returns {Big} */
export function pi(prec) {
  const places = BigInt(prec + GUARD);
  return big.round(piFixed(places), -places, prec);
}

/** e^t for 0 ≤ t < 1, both in units of 2^−places. @param {bigint} t @param {bigint} places */
function expFixed(t, places) {
  const halvings = BigInt(Math.floor(Math.sqrt(Number(places))));
  const own = places + 2n * halvings + BigInt(GUARD);
  const x = (t << (own - places)) >> halvings;
  let term = 1n << own;
  let sum = term;
  for (let k = 1n; term; k += 1n) {
    term = ((term * x) >> own) / k;
    sum += term;
  }
  for (let k = 0n; k < halvings; k += 1n) sum = (sum * sum) >> own;
  return sum >> (own - places);
}

/** e^x. @param {Big} x @param {number} prec @returns {Big} */
export function exp(x, prec) {
  if (x.kind === "nan") return x;
  if (x.kind === "inf") return big.sign(x) > 0 ? x : big.ZERO;
  if (!x.man) return big.ONE;
  const large = big.magnitude(x);
  if (large < BigInt(-prec - 14)) return big.ONE;
  const places = BigInt(prec + GUARD) + (large > 0n ? large : 0n);
  const t = big.fixed(x, places);
  const unit = ln2(places);
  let n = t / unit;
  if (n * unit > t) n -= 1n;
  const own = BigInt(prec + GUARD);
  const rest = (t - n * unit) >> (places - own);
  return big.round(expFixed(rest, own), n - own, prec);
}

/** ln of a number from ½ to 1, by Newton's steps of third order. @param {Big} m @param {number} prec */
function logOfShare(m, prec) {
  let found = big.fromFloat(Math.log(big.toFloat(big.rounded(m, 53))));
  for (let known = 40; ; known *= 3) {
    const own = Math.min(3 * known, prec) + GUARD;
    const power = exp(found, own);
    const above = big.less(m, power, own);
    const below = big.add(m, power, own);
    found = big.add(found, big.times(big.over(above, below, own), { ...big.ONE, exp: 1n }, own), own);
    if (3 * known >= prec) return found;
  }
}

/** The natural logarithm. @param {Big} x @param {number} prec @returns {Big} */
export function log(x, prec) {
  if (x.kind === "nan") return x;
  if (big.isZero(x)) return big.MINUS_INF;
  if (x.man < 0n) throw new NoValueError("the logarithm of a negative number is not real");
  if (x.kind === "inf") return x;
  const distance = big.less(x, big.ONE, prec);
  if (!distance.man) return big.ZERO;
  const near = big.magnitude(distance);
  const own = prec + GUARD + (near < 0n ? Number(-near) : 0);
  if (near < -BigInt(prec + GUARD)) return big.rounded(distance, prec);
  const n = big.magnitude(x);
  const share = near < -1n ? big.rounded(x, own + big.bits(x.man)) : { ...x, exp: x.exp - n };
  const part = logOfShare(share, own);
  if (near < -1n || !n) return big.rounded(part, prec);
  const places = BigInt(own + big.bits(n));
  const whole = big.round(n * ln2(places), -places, own);
  return big.add(whole, part, prec);
}

/** (e^2x − 1) / (e^2x + 1). @param {Big} x @param {number} prec @returns {Big} */
export function tanh(x, prec) {
  if (x.kind === "nan" || big.isZero(x)) return x;
  const limit = x.man > 0n ? big.ONE : big.negated(big.ONE);
  const large = big.magnitude(x);
  if (x.kind === "inf" || large > BigInt(big.bits(BigInt(prec)) + 1)) return limit;
  const small = large < 0n ? Number(-large) : 0;
  if (2 * small > prec + GUARD) return big.rounded(x, prec);
  const own = prec + small + GUARD;
  const power = exp({ ...x, exp: x.exp + 1n }, own);
  return big.over(big.less(power, big.ONE, own), big.add(power, big.ONE, own), prec);
}

/** 2x/√π · e^−x² · Σ (2x²)ᵏ / (1·3·5···(2k + 1)). @param {Big} x @param {number} prec @returns {Big} */
export function erf(x, prec) {
  if (x.kind === "nan" || big.isZero(x)) return x;
  const limit = x.man > 0n ? big.ONE : big.negated(big.ONE);
  const large = big.magnitude(x);
  if (x.kind === "inf" || large > 40n) return limit;
  const square = big.times(x, x, prec + 2 * GUARD);
  if (big.toFloat(square) > (prec + GUARD) * Math.LN2) return limit;
  const own = prec + 2 * GUARD + (large > 0n ? Number(large) : 0);
  const places = BigInt(own);
  const twice = big.fixed(big.times(x, x, own + GUARD), places + 1n);
  let term = 1n << places;
  let sum = term;
  for (let k = 3n; term; k += 2n) {
    term = ((term * twice) >> places) / k;
    sum += term;
  }
  const series = big.round(sum, -places, own);
  const bell = exp(big.negated(big.times(x, x, own + GUARD)), own);
  const scale = big.over({ ...x, exp: x.exp + 1n }, big.root(pi(own), own), own);
  return big.times(big.times(scale, bell, own), series, prec);
}

/** Σ ± t^n/n! of the even or the odd n, in units of 2^−places. @param {bigint} t @param {bigint} places @param {bigint} from */
function wave(t, places, from) {
  const square = (t * t) >> places;
  let term = from ? t : 1n << places;
  let sum = term;
  for (let k = from; term; k += 2n) {
    term = -((term * square) >> places) / ((k + 1n) * (k + 2n));
    sum += term;
  }
  return sum;
}

/** sin or cos by the quarter of the circle. @param {bigint} shift quarters further @returns {Computed} */
function circular(shift) {
  return (x, prec) => {
    if (!big.isFinite(x)) return big.NAN;
    if (!x.man) return shift ? big.ONE : x;
    const large = big.magnitude(x);
    if (large < BigInt(-prec - GUARD)) return shift ? big.ONE : big.rounded(x, prec);
    const places = BigInt(2 * (prec + GUARD)) + (large > 0n ? large : -large);
    const t = big.fixed(x, places);
    const quarter = piFixed(places) >> 1n;
    let n = t / quarter;
    if (n * quarter > t) n -= 1n;
    const where = (((n + shift) % 4n) + 4n) % 4n;
    const found = wave(t - n * quarter, places, 1n - (where & 1n));
    return big.round(where > 1n ? -found : found, -places, prec);
  };
}

/** arctan by halving: arctan x = 2 arctan(x / (1 + √(1 + x²))). @param {Big} x @param {number} prec @returns {Big} */
export function atan(x, prec) {
  if (x.kind === "nan" || big.isZero(x)) return x;
  if (x.kind === "inf") return { ...pi(prec), man: pi(prec).man * x.man, exp: pi(prec).exp - 1n };
  const large = big.magnitude(x);
  const small = large < 0n ? Number(-large) : 0;
  if (2 * small > prec + GUARD) return big.rounded(x, prec);
  const own = prec + small + 2 * GUARD;
  let t = x;
  let halvings = 0n;
  for (; big.magnitude(t) > -8n; halvings += 1n) {
    const hypotenuse = big.root(big.add(big.ONE, big.times(t, t, own), own), own);
    t = big.over(t, big.add(big.ONE, hypotenuse, own), own);
  }
  const places = BigInt(own);
  const square = big.fixed(big.times(t, t, own), places);
  let term = big.fixed(t, places);
  let sum = term;
  for (let k = 3n; term; k += 2n) {
    term = -((term * square) >> places);
    sum += term / k;
  }
  return big.round(sum, halvings - places, prec);
}

export const sin = circular(0n);
export const cos = circular(1n);

/** @type {Record<string, Computed>} */
export const FUNCTIONS = { exp, log, tanh, erf, sin, cos, atan };
