/**
 * A form as Python exported it: its branches, how each looks and how it is computed. As
 * tracer/typeset/compiled.py.
 */

import * as big from "./big.js";
import { bounded, noiseBound } from "./bounded.js";
import { Calculation, Condition, DIGITS, exponentOf, numberOf } from "./calculation.js";
import { asNoise } from "./noise.js";
import * as rat from "./rational.js";

/** @typedef {import("./rational.js").Rational} Rational */
/** @typedef {import("./calculation.js").Value} Value */
/** @typedef {import("./calculation.js").Tree} Tree */
/** @typedef {{sign: string, mathml: string}} Piece */
/**
 * @typedef {{value: import("./calculation.js").Exported, reach: number,
 *   noise: import("./noise.js").NoiseTree | null, symbolic: Piece[], numeric: Piece[],
 *   condition: Piece[], constant: boolean, lone: boolean}} ExportedBranch
 */
/**
 * @typedef {{branch: ExportedBranch}
 *   | {conditions: import("./calculation.js").Exported[], then: ExportedNode[]}} ExportedNode
 */

const MOST_DIGITS = 3000;
const FEWER_DIGITS = 600;
const USUAL_ORDERS = 3;

/** One branch of a form. */
export class Branch {
  /** @param {ExportedBranch} exported */
  constructor(exported) {
    this.value = new Calculation(exported.value);
    this.noise = asNoise(exported.noise);
    this.noiseBound = noiseBound(exported.noise);
    this.bounded = bounded(exported.value.tree);
    this.reach = exported.reach;
    this.symbolic = exported.symbolic;
    this.numeric = exported.numeric;
    this.condition = exported.condition;
    this.isConstant = exported.constant;
    this.isLone = exported.lone;
    /** Its number among the branches of its form. */
    this.place = 0;
  }

  /** The same without a condition. @returns {Branch} */
  unconditional() {
    return Object.assign(Object.create(Branch.prototype), this, { condition: [] });
  }

  /** With so many digits in use, what seems equal may still differ in the next one. */
  get mostDigits() {
    return this.reach > 1 ? FEWER_DIGITS : MOST_DIGITS;
  }

  /** How many digits tell 1 + e^−800, 1 + 10^−56 from 1. @param {Rational[]} values @returns {number} */
  digits(values) {
    if (!this.reach) return DIGITS;
    const sizes = values.map((value) => Number(ceiling(rat.size(value))));
    const largest = Math.max(0, ...sizes.map((each) => Math.min(each, MOST_DIGITS)));
    const rest = this.reach > 1 ? Math.floor((largest * largest) / 4) : 0;
    const apart = values.map(orders).filter((each) => each > USUAL_ORDERS);
    const sum = apart.reduce((a, b) => a + b, 0);
    return Math.min(this.mostDigits, DIGITS + largest + rest + 2 * sum);
  }

  /**
   * Whether operands that are 0 leave only a quotient of sums, and that is `shown`; or equal powers
   * of e cancel, and leave it.
   * @param {Rational} shown @param {Rational[]} values
   */
  isExactly(shown, values) {
    try {
      const left = leftOf(this.value.tree, values)?.value ?? withoutPowers(this.value.tree, values);
      return left !== null && rat.compare(left, shown) === 0;
    } catch (error) {
      if (error instanceof rat.NoValueError) return false;
      throw error;
    }
  }
}

/** @param {Rational} a */
function ceiling(a) {
  return -rat.floor(rat.negated(a));
}

/** How many orders of magnitude a number is away from 1. @param {Rational} value @returns {number} */
function orders(value) {
  if (!value.n) return 0;
  return Math.floor((Math.abs(big.bits(value.n) - big.bits(value.d)) * 3) / 10);
}

/** @typedef {{value: Rational, constant: boolean} | null} Left null: no rational function is left */

/** What operands that are 0 leave of a formula. @param {Tree} tree @param {Rational[]} values @returns {Left} */
function leftOf(tree, values) {
  if (typeof tree === "number") return { value: values[tree], constant: values[tree].n === 0n };
  if (typeof tree === "string") return { value: numberOf(tree), constant: true };
  const found = (tree.args ?? []).map((part) => leftOf(part, values));
  if (tree.op === "times" && found.some(isNothing)) return { value: rat.NONE, constant: true };
  if (tree.op === "power") return powerLeft(found[0], exponentOf(tree));
  const known = found.filter((each) => each !== null);
  if (known.length < found.length || !known.length) return null;
  const constant = known.every((each) => each.constant);
  const numbers = known.map((each) => each.value);
  if (tree.op === "add") return { value: numbers.reduce(rat.add), constant };
  if (tree.op === "times") return { value: numbers.reduce(rat.times), constant };
  return constant ? constantLeft(tree, numbers) : null;
}

/** @param {Left} left */
function isNothing(left) {
  return left !== null && left.constant && left.value.n === 0n;
}

/** @param {Left} base @param {Rational | null} exponent @returns {Left} */
function powerLeft(base, exponent) {
  if (!base || !exponent) return null;
  const { value, constant } = base;
  if (exponent.d === 1n) return { value: rat.power(value, Number(exponent.n)), constant };
  if (!constant || exponent.d !== 2n || value.n < 0n) return null;
  const { n, d } = rat.reduced(value);
  const [above, below] = [big.wholeRoot(n), big.wholeRoot(d)];
  if (above * above !== n || below * below !== d) return null;
  return { value: rat.power(rat.rational(above, below), Number(exponent.n)), constant };
}

/** @param {import("./calculation.js").Operation} tree @param {Rational[]} numbers @returns {Left} */
function constantLeft(tree, numbers) {
  const [first] = numbers;
  if (tree.op === "exp") return first.n ? null : { value: rat.ONE, constant: true };
  if (tree.op === "log") return first.n === first.d ? { value: rat.NONE, constant: true } : null;
  if (tree.op === "tanh" || tree.op === "erf") return first.n ? null : { value: rat.NONE, constant: true };
  const args = numbers.map((number) => `${number.n}/${number.d}`);
  const known = ["max", "min", "abs", "sign"].includes(tree.op);
  if (!known) return null;
  const calculation = new Calculation({ exact: true, tree: { op: tree.op, args } });
  return { value: /** @type {Rational} */ (calculation.at([])), constant: true };
}

/** @typedef {{factor: Rational, power: Rational} | null} Multiple factor · e^power; null: it is no such number */

/** The rational number that is left where powers of e cancel; null where they do not. @param {Tree} tree @param {Rational[]} values @returns {Rational | null} */
function withoutPowers(tree, values) {
  const found = multipleOf(tree, values);
  return found && !found.power.n ? found.factor : null;
}

/** A formula as a multiple of one power of e. @param {Tree} tree @param {Rational[]} values @returns {Multiple} */
function multipleOf(tree, values) {
  if (typeof tree === "number") return { factor: values[tree], power: rat.NONE };
  if (typeof tree === "string") return { factor: numberOf(tree), power: rat.NONE };
  const found = (tree.args ?? []).map((part) => multipleOf(part, values));
  if (tree.op === "power") return raised(found[0], exponentOf(tree));
  const known = found.filter((each) => each !== null);
  if (known.length < found.length || !known.length) return null;
  if (tree.op === "add") return summed(known);
  if (tree.op === "times") return known.reduce(multiplied);
  return tree.op === "exp" && !known[0].power.n ? { factor: rat.ONE, power: known[0].factor } : null;
}

/** @param {Multiple} base @param {Rational | null} exponent @returns {Multiple} */
function raised(base, exponent) {
  if (!base || exponent?.d !== 1n) return null;
  const factor = rat.power(base.factor, Number(exponent.n));
  return { factor, power: rat.times(base.power, exponent) };
}

/** Terms with one power of e, or none. @param {NonNullable<Multiple>[]} terms @returns {Multiple} */
function summed(terms) {
  const there = terms.filter((term) => term.factor.n !== 0n);
  if (!there.length) return terms[0];
  const [{ power }] = there;
  if (there.some((term) => rat.compare(term.power, power) !== 0)) return null;
  return { factor: there.map((term) => term.factor).reduce(rat.add), power };
}

/** @param {NonNullable<Multiple>} a @param {NonNullable<Multiple>} b @returns {NonNullable<Multiple>} */
function multiplied(a, b) {
  return { factor: rat.times(a.factor, b.factor), power: rat.add(a.power, b.power) };
}

/** A form: one branch, or one for each choice of its pieces. */
export class Form {
  /** @param {ExportedNode} node */
  constructor(node) {
    this.branch = "branch" in node ? new Branch(node.branch) : null;
    this.conditions = "branch" in node ? [] : node.conditions.map((each) => new Condition(each));
    /** @type {Form[]} */
    this.then = "branch" in node ? [] : node.then.map((each) => new Form(each));
    for (const [place, branch] of this.branches.entries()) branch.place = place;
  }

  /** All branches, in order. @returns {Branch[]} */
  get branches() {
    return this.branch ? [this.branch] : this.then.flatMap((each) => each.branches);
  }

  /** The branch of the first pieces. @returns {Branch} */
  get first() {
    return this.branch ?? this.then[0].first;
  }

  /** The branch whose conditions these operands meet; null where they meet none, as nan does. @param {Value[]} values @returns {Branch | null} */
  at(values) {
    if (this.branch) return this.branch;
    const piece = this.conditions.findIndex((condition) => condition.at(values));
    return piece < 0 ? null : this.then[piece].at(values);
  }
}
