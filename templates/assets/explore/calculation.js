/**
 * What computes a formula from its operands: a tree that Python exported. As
 * tracer/typeset/calculation.py.
 *
 * A tree is the number of a slot, an exact number as text, or an operation on trees.
 */

import * as big from "./big.js";
import { FUNCTIONS, pi } from "./functions.js";
import * as rat from "./rational.js";

/** @typedef {import("./big.js").Big} Big */
/** @typedef {import("./rational.js").Rational} Rational */
/** @typedef {{op: string, args?: Tree[], pieces?: [Exported, Exported][]}} Operation */
/** @typedef {number | string | Operation} Tree */
/** @typedef {{exact: boolean, tree: Tree}} Exported */
/** @typedef {Rational | Big} Value */

/** They hold the 17 of float64, some thirty that a line may print, and a rest to tell = from ≈. */
export const DIGITS = 60;
export const PRECISION = big.precisionOf(DIGITS);

/** @param {Value} value @returns {value is Big} */
export function isBig(value) {
  return "kind" in value;
}

/** An exact value as a number of many digits; such a number as it is. @param {Value} value @param {number} prec @returns {Big} */
export function highPrecision(value, prec = PRECISION) {
  return isBig(value) ? big.rounded(value, prec) : big.fromRational(value, prec);
}

/** Numbers of either kind: exact as long as both are, else of so many binary digits. */
class Arithmetic {
  /** @param {number} prec */
  constructor(prec) {
    this.prec = prec;
  }

  /** @param {Value} a @returns {Big} */
  big(a) {
    return isBig(a) ? a : big.fromRational(a, this.prec);
  }

  /** @param {Value} a @param {Value} b @returns {Value} */
  add(a, b) {
    if (!isBig(a) && !isBig(b)) return rat.add(a, b);
    return big.add(this.big(a), this.big(b), this.prec);
  }

  /** @param {Value} a @param {Value} b @returns {Value} */
  times(a, b) {
    if (!isBig(a) && !isBig(b)) return rat.times(a, b);
    return big.times(this.big(a), this.big(b), this.prec);
  }

  /** @param {Value} a @param {Value} b @returns {Value} */
  over(a, b) {
    if (!isBig(a) && !isBig(b)) return rat.over(a, b);
    return big.over(this.big(a), this.big(b), this.prec);
  }

  /** @param {Value} a @param {Rational} exponent @returns {Value} */
  power(a, exponent) {
    if (exponent.d === 1n) {
      const n = Number(exponent.n);
      return isBig(a) ? big.powerOf(a, n, this.prec) : rat.power(a, n);
    }
    return this.fractional(this.big(a), exponent);
  }

  /** @param {Big} a @param {Rational} exponent @returns {Big} */
  fractional(a, exponent) {
    const n = Number(exponent.n);
    if (exponent.d === 2n) return big.powerOf(big.root(a, this.prec + 10), n, this.prec);
    return this.raised(a, big.fromRational(exponent, this.prec + 10));
  }

  /** e^(b ln a); a whole number of factors is multiplied. @param {Big} a @param {Big} b @returns {Big} */
  raised(a, b) {
    const whole = big.wholeNumber(b);
    if (whole !== null) return big.powerOf(a, whole, this.prec);
    const own = this.prec + 10;
    return FUNCTIONS.exp(big.times(b, FUNCTIONS.log(a, own), own), this.prec);
  }

  /** −1, 0 or 1; NaN beside nan. @param {Value} a @param {Value} b @returns {number} */
  compare(a, b) {
    if (!isBig(a) && !isBig(b)) return rat.compare(a, b);
    return big.compare(this.big(a), this.big(b));
  }
}

/** @param {Value} a @returns {Value} */
export function size(a) {
  return isBig(a) ? big.size(a) : rat.size(a);
}

/** @param {Value} a @returns {number} */
function sign(a) {
  if (isBig(a)) return a.kind === "nan" ? NaN : big.sign(a);
  return a.n > 0n ? 1 : a.n < 0n ? -1 : 0;
}

/** @param {Value} a @returns {boolean} */
export function isZero(a) {
  return isBig(a) ? big.isZero(a) : a.n === 0n;
}

/** @typedef {(values: Value[], how: Arithmetic) => Value} Evaluator */

/** @type {Map<string, Rational>} */
const NUMBERS = new Map();

/** @param {string} text @returns {Rational} */
export function numberOf(text) {
  let found = NUMBERS.get(text);
  if (!found) NUMBERS.set(text, (found = rat.fromText(text)));
  return found;
}

/** @param {Tree} tree @returns {Evaluator} */
function evaluator(tree) {
  if (typeof tree === "number") return (values) => values[tree];
  if (typeof tree === "string") {
    const number = numberOf(tree);
    return () => number;
  }
  const build = OPERATIONS[tree.op];
  if (build) return build(tree);
  const known = FUNCTIONS[tree.op];
  if (!known) throw new RangeError(`there is no function ${tree.op}`);
  const [inside] = parts(tree);
  return (values, how) => known(how.big(inside(values, how)), how.prec);
}

/** @param {Operation} tree @returns {Evaluator[]} */
function parts(tree) {
  return (tree.args ?? []).map(evaluator);
}

/** The exponent of a power, if it is a number. @param {Tree} tree @returns {Rational | null} */
export function exponentOf(tree) {
  if (typeof tree !== "object" || tree.op !== "power") return null;
  const exponent = tree.args?.[1];
  return typeof exponent === "string" ? numberOf(exponent) : null;
}

/** @param {Evaluator[]} terms @param {"add" | "times"} operation @returns {Evaluator} */
function folded(terms, operation) {
  return (values, how) => {
    let found = terms[0](values, how);
    for (let k = 1; k < terms.length; k += 1) found = how[operation](found, terms[k](values, how));
    return found;
  };
}

/** A product; what has a negative exponent divides it. @param {Operation} tree @returns {Evaluator} */
function product(tree) {
  const factors = tree.args ?? [];
  const isBelow = (/** @type {Tree} */ f) => (exponentOf(f)?.n ?? 0n) < 0n;
  const below = factors.filter(isBelow).map(turned).map(evaluator);
  const above = factors.filter((f) => !isBelow(f)).map(evaluator);
  const first = folded(above.length ? above : [evaluator("1")], "times");
  if (!below.length) return first;
  const second = folded(below, "times");
  return (values, how) => how.over(first(values, how), second(values, how));
}

/** 1 over a power. @param {Tree} tree @returns {Tree} */
function turned(tree) {
  const [base, exponent] = /** @type {[Tree, string]} */ (/** @type {Operation} */ (tree).args);
  const size = exponent.slice(1);
  return size === "1" ? base : { op: "power", args: [base, size] };
}

/** @param {Operation} tree @returns {Evaluator} */
function raised(tree) {
  const [base] = parts(tree);
  const exponent = exponentOf(tree);
  if (exponent) return (values, how) => how.power(base(values, how), exponent);
  const [, above] = parts(tree);
  return (values, how) => how.raised(how.big(base(values, how)), how.big(above(values, how)));
}

/** @param {number} wanted @returns {(tree: Operation) => Evaluator} */
function extreme(wanted) {
  return (tree) => {
    const terms = parts(tree);
    return (values, how) => {
      const found = terms.map((term) => term(values, how));
      return found.reduce((best, next) => (how.compare(next, best) === wanted ? next : best));
    };
  };
}

/** A function of the catalog by the pieces of its definition. @param {Operation} tree @returns {Evaluator} */
function named(tree) {
  const [inside] = parts(tree);
  const pieces = (tree.pieces ?? []).map(([value, holds]) => {
    return { value: evaluator(value.tree), holds: condition(holds.tree) };
  });
  return (values, how) => {
    const z = [how.big(inside(values, how))];
    const found = pieces.find((piece) => piece.holds(z, how));
    if (!found) throw new rat.NoValueError("no piece holds");
    return found.value(z, how);
  };
}

/** @type {Record<string, (tree: Operation) => Evaluator>} */
const OPERATIONS = {
  add: (tree) => folded(parts(tree), "add"),
  times: product,
  power: raised,
  max: extreme(1),
  min: extreme(-1),
  abs: (tree) => {
    const [inside] = parts(tree);
    return (values, how) => size(inside(values, how));
  },
  sign: (tree) => {
    const [inside] = parts(tree);
    return (values, how) => {
      const which = sign(inside(values, how));
      return Number.isNaN(which) ? big.NAN : rat.rational(BigInt(which));
    };
  },
  pi: () => (_values, how) => pi(how.prec),
  named,
};

/** @type {Record<string, (order: number) => boolean>} */
const RELATIONS = {
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
};

/** @param {Tree} tree @returns {(values: Value[], how: Arithmetic) => boolean} */
function condition(tree) {
  if (typeof tree !== "object") throw new RangeError(`${tree} is no condition`);
  const relation = RELATIONS[tree.op];
  if (relation) {
    const [left, right] = parts(tree);
    return (values, how) => relation(how.compare(left(values, how), right(values, how)));
  }
  const inside = (tree.args ?? []).map(condition);
  if (tree.op === "not") return (values, how) => !inside[0](values, how);
  if (tree.op === "or") return (values, how) => inside.some((each) => each(values, how));
  return (values, how) => inside.every((each) => each(values, how));
}

/** A function of operands: exact, or a number of as many digits as are asked for. */
export class Calculation {
  /** @param {Exported} exported */
  constructor(exported) {
    this.exact = exported.exact;
    this.tree = exported.tree;
    /** @type {Evaluator | null} */
    this.evaluator = null;
  }

  /** @param {Value[]} values @param {number} prec @returns {Value} */
  at(values, prec = PRECISION) {
    this.evaluator ??= evaluator(this.tree);
    const how = new Arithmetic(prec);
    const own = this.exact ? values : values.map((value) => highPrecision(value, prec));
    const found = this.evaluator(own, how);
    return this.exact ? found : highPrecision(found, prec);
  }

  /** The value as a number of many digits, also where it is exact. @param {Value[]} values @returns {Big} */
  measured(values) {
    return highPrecision(this.at(values));
  }
}

/** Whether operands meet a condition. */
export class Condition {
  /** @param {Exported} exported */
  constructor(exported) {
    this.exact = exported.exact;
    this.holds = condition(exported.tree);
  }

  /** @param {Value[]} values @returns {boolean} */
  at(values) {
    const own = this.exact ? values : values.map((value) => highPrecision(value));
    return this.holds(own, new Arithmetic(PRECISION));
  }
}
