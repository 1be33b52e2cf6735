/**
 * Formulas over numbers, ∞ and nan in which a factor of exactly 0 makes a product 0. As
 * tracer/typeset/absorbing.py.
 */

import * as big from "./big.js";
import { Calculation, PRECISION, numberOf } from "./calculation.js";
import { NoValueError } from "./rational.js";

/** @typedef {import("./big.js").Big} Big */
/** @typedef {import("./calculation.js").Tree} Tree */

/** The value of a formula. @param {Tree} tree @param {Big[]} values @returns {Big} */
export function absorbed(tree, values) {
  if (typeof tree === "number") return values[tree];
  if (typeof tree === "string") return big.fromRational(numberOf(tree), PRECISION);
  if (tree.op === "named") throw new NoValueError("no value of it beyond float64");
  const parts = (tree.args ?? []).map((part) => absorbed(part, values));
  if (tree.op === "times" && parts.some(big.isZero)) return big.ZERO;
  const exponent = tree.op === "power" ? tree.args?.[1] : null;
  const args = typeof exponent === "string" ? [0, exponent] : parts.map((_, k) => k);
  const own = { exact: tree.op !== "pi", tree: { op: tree.op, args } };
  const found = new Calculation(own).at(parts);
  return "kind" in found ? found : big.fromRational(found, PRECISION);
}
