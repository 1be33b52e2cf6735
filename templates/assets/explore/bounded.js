/**
 * Whether printed operands give a printed result, decided without many digits where that is safe. As
 * tracer/typeset/bounded.py: a formula is reckoned in float64 together with a bound of what that
 * lost, and a result that lies farther from the next edge of rounding than the bound is decided.
 */

/** @typedef {import("./calculation.js").Tree} Tree */
/** @typedef {import("./calculation.js").Operation} Operation */
/** @typedef {import("./noise.js").NoiseTree} NoiseTree */
/** @typedef {{value: number, lost: number}} Part a value, and at least what it lost */
/** @typedef {(operands: number[]) => Part} Bounded */

// what one operation of float64 may lose, and a hundredth for what the bound itself loses
const UNIT = 2 ** -53 * 1.01;
// far above what is lost below the smallest float64, and far below any number that is printed
const TINY = 1e-300;
// units of rounding that a function may lose: engines stay below 1, and four times 4 is claimed
const FUNCTION = 16;
// so near to its argument e^x − 1 is at most 1.01 x
const NARROW = 1e-3;
const ROUNDING = 2 ** -52;
const UNKNOWN = { value: NaN, lost: Infinity };

/** @param {number} value @param {number} lost @returns {Part} */
function lossy(value, lost) {
  return { value, lost: lost + Math.abs(value) * UNIT + TINY };
}

/** @param {Part} a @param {Part} b @returns {Part} */
function product(a, b) {
  const lost = Math.abs(a.value) * b.lost + Math.abs(b.value) * a.lost + a.lost * b.lost;
  return lossy(a.value * b.value, lost);
}

/** @param {Part[]} parts @returns {Part} */
function sum(parts) {
  let [value, lost, size] = [0, 0, 0];
  for (const part of parts) {
    value += part.value;
    lost += part.lost;
    size += Math.abs(part.value);
  }
  return lossy(value, lost + size * parts.length * UNIT);
}

/** @param {Part} a @returns {Part} */
function reciprocal({ value, lost }) {
  const size = Math.abs(value);
  return size > 2 * lost ? lossy(1 / value, lost / (size * (size - lost))) : UNKNOWN;
}

/** @param {Part} a @returns {Part} */
function root({ value, lost }) {
  if (!(value > 2 * lost)) return UNKNOWN;
  const found = Math.sqrt(value);
  return lossy(found, lost / found);
}

/** @param {number} value @param {number} lost */
function called(value, lost) {
  return lossy(value, lost + Math.abs(value) * FUNCTION * UNIT);
}

/** @type {Record<string, (a: Part) => Part>} */
const FUNCTIONS = {
  exp: ({ value, lost }) => {
    const found = Math.exp(value);
    return lost < NARROW ? called(found, found * 1.01 * lost) : UNKNOWN;
  },
  log: ({ value, lost }) => {
    return value > 2 * lost ? called(Math.log(value), lost / (value - lost)) : UNKNOWN;
  },
  tanh: ({ value, lost }) => called(Math.tanh(value), lost),
  sin: ({ value, lost }) => called(Math.sin(value), lost),
  cos: ({ value, lost }) => called(Math.cos(value), lost),
  atan: ({ value, lost }) => called(Math.atan(value), lost),
  abs: ({ value, lost }) => called(Math.abs(value), lost),
};

/** What computes a tree with its bound; null where a part of it has none here. @param {Tree} tree @returns {Bounded | null} */
export function bounded(tree) {
  if (typeof tree === "number") {
    return (operands) => ({ value: operands[tree], lost: Math.abs(operands[tree]) * UNIT });
  }
  if (typeof tree === "string") {
    const value = numberOf(tree);
    return () => ({ value, lost: Math.abs(value) * 3 * UNIT });
  }
  if (tree.op === "power") return power(tree);
  const parts = (tree.args ?? []).map(bounded);
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length || !known.length) return null;
  return combined(tree.op, known);
}

/** A whole number or a quotient. @param {string} text */
function numberOf(text) {
  const [above, below = "1"] = text.split("/");
  return Number(above) / Number(below);
}

/** @param {string} op @param {Bounded[]} parts @returns {Bounded | null} */
function combined(op, parts) {
  if (op === "add") return (operands) => sum(parts.map((part) => part(operands)));
  if (op === "times") {
    return (operands) => {
      let found = parts[0](operands);
      for (let k = 1; k < parts.length; k += 1) found = product(found, parts[k](operands));
      return found;
    };
  }
  if (op === "max" || op === "min") {
    return (operands) => {
      const found = parts.map((part) => part(operands));
      const value = Math[op](...found.map((part) => part.value));
      return lossy(value, Math.max(...found.map((part) => part.lost)));
    };
  }
  const own = FUNCTIONS[op];
  return own ? (operands) => own(parts[0](operands)) : null;
}

/** @param {Operation} tree @returns {Bounded | null} */
function power(tree) {
  const [inside, text] = /** @type {[Tree, Tree]} */ (tree.args);
  const base = bounded(inside);
  if (!base || typeof text !== "string") return null;
  const exponent = numberOf(text);
  const below = exponent < 0;
  const turned = (/** @type {Part} */ part) => (below ? reciprocal(part) : part);
  if (Math.abs(exponent) === 1 / 2) return (operands) => turned(root(base(operands)));
  const count = Math.abs(exponent);
  if (!Number.isInteger(exponent) || !exponent || count > FUNCTION) return null;
  return (operands) => {
    const part = base(operands);
    let found = part;
    for (let k = 1; k < count; k += 1) found = product(found, part);
    return turned(found);
  };
}

/** The relation of a value to what is shown, a multiple of `quantum`; undefined where that takes a closer look. @param {Part} part @param {number} shown @param {number} quantum @returns {"≈" | null | undefined} */
export function relationOf({ value, lost }, shown, quantum) {
  const distance = Math.abs(value - shown);
  const all = lost + (Math.abs(shown) + distance + quantum) * UNIT + TINY;
  if (distance > quantum / 2 + all) return null;
  return all < distance && distance < quantum / 2 - all ? "≈" : undefined;
}

/** At least how much float64 may lose in the sums of a formula; ∞ where that is not known. @param {NoiseTree | null} tree @returns {(operands: number[]) => number} */
export function noiseBound(tree) {
  if (tree === null) return () => 0;
  if (tree.kind === "sum") return ofSum(tree.terms.map((term) => upper(term.tree)), tree.inside);
  const inner = noiseBound(tree.kind === "power" ? tree.base : tree.inner);
  if (tree.kind === "power") return (operands) => inner(operands) ** tree.exponent * (1 + NARROW);
  const scale = upper(tree.scale.tree);
  return (operands) => scale(operands) * inner(operands) * (1 + NARROW);
}

/** @param {((operands: number[]) => number)[]} sizes @param {NoiseTree[]} trees */
function ofSum(sizes, trees) {
  const inside = trees.map(noiseBound);
  return (/** @type {number[]} */ operands) => {
    const largest = Math.max(...sizes.map((size) => size(operands)));
    const within = inside.reduce((total, each) => total + each(operands), 0);
    return (sizes.length * ROUNDING * largest + within) * (1 + NARROW);
  };
}

/** At least the size of a tree. @param {Tree} tree @returns {(operands: number[]) => number} */
function upper(tree) {
  const own = bounded(tree);
  if (!own) return () => Infinity;
  return (operands) => {
    const { value, lost } = own(operands);
    return Number.isNaN(lost) || Number.isNaN(value) ? Infinity : Math.abs(value) + lost;
  };
}
