/**
 * Decimal numbers with all their digits, and the few operations on them that decide digits.
 *
 * As Python's decimal: what is added or multiplied keeps 28 digits, and rounds a tie to even.
 */

/** @typedef {{negative: boolean, digits: bigint, exponent: number}} Decimal digits · 10^exponent */

export const USUAL_DIGITS = 28;
/** @type {bigint[]} */
const POWERS = [1n];

/** 10ⁿ for n ≥ 0. @param {number} n @returns {bigint} */
export function tenTo(n) {
  if (n > 3000) return 10n ** BigInt(n);
  while (POWERS.length <= n) POWERS.push(POWERS[POWERS.length - 1] * 10n);
  return POWERS[n];
}

/** @param {bigint} digits @param {number} exponent @returns {Decimal} */
export function decimal(digits, exponent = 0, negative = digits < 0n) {
  return { negative, digits: digits < 0n ? -digits : digits, exponent };
}

export const ZERO = decimal(0n);

/** The number that a text such as −1.5e−7 says, with a plain minus sign. @param {string} text */
export function fromText(text) {
  const found = /^(-?)(\d+)(?:\.(\d*))?(?:e([-+]?\d+))?$/i.exec(text);
  if (!found) throw new RangeError(`${text} is no decimal number`);
  const places = found[3] ?? "";
  const exponent = Number(found[4] ?? 0) - places.length;
  return decimal(BigInt(found[2] + places), exponent, found[1] === "-");
}

/** The shortest decimal number that is read back as the same float64. @param {number} value */
export function shortest(value) {
  return fromText(Object.is(value, -0) ? "-0" : String(value));
}

const BUFFER = new DataView(new ArrayBuffer(8));

/** A finite float64 as mantissa · 2^power. @param {number} value @returns {[bigint, number]} */
export function bitsOf(value) {
  BUFFER.setFloat64(0, value);
  const bits = BUFFER.getBigUint64(0);
  const raised = Number((bits >> 52n) & 0x7ffn);
  const rest = bits & 0xfffffffffffffn;
  const mantissa = raised ? rest | 0x10000000000000n : rest;
  return [value < 0 ? -mantissa : mantissa, Math.max(raised, 1) - 1075];
}

/** Exactly the number that a float64 is. @param {number} value @returns {Decimal} */
export function exactly(value) {
  let [mantissa, power] = bitsOf(value);
  if (mantissa === 0n) return decimal(0n, 0, Object.is(value, -0));
  while ((mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    power += 1;
  }
  if (power >= 0) return decimal(mantissa << BigInt(power));
  return decimal(mantissa * 5n ** BigInt(-power), power);
}

/** @type {Map<number, Decimal>} */
const ULPS = new Map();

/** So many times the distance from a float64 to the next one. @param {number} value @param {number} count @returns {Decimal} */
export function ulps(value, count) {
  const power = bitsOf(value)[1];
  const key = power * 1024 + count; // both are whole, and counts are small
  let found = ULPS.get(key);
  if (!found) {
    const one = power >= 0 ? decimal(1n << BigInt(power)) : decimal(5n ** BigInt(-power), power);
    ULPS.set(key, (found = times(count, one)));
  }
  return found;
}

/** @param {number} n */
function widthOf(n) {
  let digits = 1;
  for (let limit = 10; n >= limit; limit *= 10) digits += 1;
  return digits;
}

/** How many digits a whole number has. @param {bigint} n @returns {number} */
export function width(n) {
  const near = Number(n);
  if (!Number.isFinite(near)) return n.toString().length;
  if (near < 1e15) return widthOf(near); // which is that very number
  let digits = Math.floor(Math.log10(near));
  while (n >= tenTo(digits + 1)) digits += 1;
  while (digits && n < tenTo(digits)) digits -= 1;
  return digits + 1;
}

/** The power of ten of the first digit. @param {Decimal} d @returns {number} */
export function adjusted(d) {
  return d.exponent + width(d.digits) - 1;
}

/** @param {Decimal} d */
export function isZero(d) {
  return d.digits === 0n;
}

/**
 * digits / 10^places rounded to a whole number, half up or half to even.
 * @param {bigint} digits @param {number} places @param {boolean} even @returns {bigint}
 */
function shifted(digits, places, even) {
  if (places > width(digits) + 1) return 0n;
  const unit = tenTo(places);
  const whole = digits / unit;
  const rest = (digits % unit) * 2n;
  const up = rest > unit || (rest === unit && (!even || (whole & 1n) === 1n));
  return up ? whole + 1n : whole;
}

/** Rounded half away from zero to a multiple of 10^exponent. @param {Decimal} d @param {number} exponent */
export function roundTo(d, exponent) {
  const places = exponent - d.exponent;
  const digits = places <= 0 ? d.digits * tenTo(-places) : shifted(d.digits, places, false);
  return decimal(digits, exponent, d.negative);
}

/**
 * With so many digits at most; a tie goes to the even digit, or up.
 * @param {Decimal} d @param {number} most @param {boolean} even @returns {Decimal}
 */
export function withDigits(d, most = USUAL_DIGITS, even = true) {
  const over = width(d.digits) - most;
  if (over <= 0) return d;
  const kept = decimal(shifted(d.digits, over, even), d.exponent + over, d.negative);
  return width(kept.digits) > most ? withDigits(kept, most, even) : kept;
}

/** The size, with the usual digits. @param {Decimal} d @returns {Decimal} */
export function size(d) {
  return withDigits({ ...d, negative: false });
}

/** @param {Decimal} d @returns {Decimal} */
export function negated(d) {
  return { ...d, negative: !d.negative };
}

/** The digits with their sign. @param {Decimal} d @returns {bigint} */
export function signed(d) {
  return d.negative ? -d.digits : d.digits;
}

/** @param {Decimal} a @param {Decimal} b @returns {Decimal} */
export function minus(a, b) {
  const exponent = Math.min(a.exponent, b.exponent);
  const one = signed(a) * tenTo(a.exponent - exponent);
  const two = signed(b) * tenTo(b.exponent - exponent);
  return withDigits(decimal(one - two, exponent));
}

/** @param {number} factor @param {Decimal} d @returns {Decimal} */
export function times(factor, d) {
  return withDigits(decimal(BigInt(factor) * signed(d), d.exponent));
}

/** −1, 0 or 1. @param {Decimal} a @param {Decimal} b @returns {number} */
export function compare(a, b) {
  const one = isZero(a) ? 0 : a.negative ? -1 : 1;
  const two = isZero(b) ? 0 : b.negative ? -1 : 1;
  if (one !== two || one === 0) return Math.sign(one - two);
  const apart = adjusted(a) - adjusted(b);
  if (apart) return apart > 0 ? one : -one;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = signed(a) * tenTo(a.exponent - exponent);
  const right = signed(b) * tenTo(b.exponent - exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Without zeros at its end. @param {Decimal} d @returns {Decimal} */
export function normalized(d) {
  if (isZero(d)) return decimal(0n, 0, d.negative);
  const text = d.digits.toString();
  let zeros = 0;
  while (text.charCodeAt(text.length - 1 - zeros) === 48) zeros += 1;
  if (!zeros) return d;
  return decimal(d.digits / tenTo(zeros), d.exponent + zeros, d.negative);
}

/** Whether it is a whole number. @param {Decimal} d */
export function isWhole(d) {
  return d.exponent >= 0 || d.digits % tenTo(-d.exponent) === 0n;
}

/** All digits, without a power of ten. @param {Decimal} d @returns {string} */
export function plain(d) {
  const sign = d.negative ? "-" : "";
  if (d.exponent >= 0) return sign + (isZero(d) ? "0" : (d.digits * tenTo(d.exponent)).toString());
  const text = d.digits.toString().padStart(1 - d.exponent, "0");
  return `${sign}${text.slice(0, d.exponent)}.${text.slice(d.exponent)}`;
}
