/** How much float64 may lose in the sums of a formula. As tracer/typeset/noise.py. */

import * as big from "./big.js";
import { Calculation, PRECISION } from "./calculation.js";

/** @typedef {import("./big.js").Big} Big */
/** @typedef {import("./calculation.js").Exported} Exported */
/** @typedef {import("./calculation.js").Value} Value */
/**
 * @typedef {{kind: "sum", terms: Exported[], inside: NoiseTree[]}
 *   | {kind: "power", base: NoiseTree, exponent: number}
 *   | {kind: "product", scale: Exported, inner: NoiseTree}} NoiseTree
 */
/** @typedef {(values: Value[]) => Big} Noise */

// the distance from 1 to the next float64: what one operation may lose, at most, on both sides
const ROUNDING = 2 ** -52;

/** What may be lost, as a function of the operands; null for a formula without a sum. @param {NoiseTree | null} tree @returns {Noise | null} */
export function asNoise(tree) {
  if (tree === null) return null;
  if (tree.kind === "sum") return ofSum(tree.terms, tree.inside);
  const inner = asNoise(tree.kind === "power" ? tree.base : tree.inner);
  if (!inner) return null;
  if (tree.kind === "power") return (values) => big.powerOf(inner(values), tree.exponent, PRECISION);
  const scale = new Calculation(tree.scale);
  return (values) => big.times(big.size(scale.measured(values)), inner(values), PRECISION);
}

/** @param {Exported[]} terms @param {NoiseTree[]} trees @returns {Noise} */
function ofSum(terms, trees) {
  const parts = terms.map((term) => new Calculation(term));
  const inside = trees.map(asNoise).filter((each) => each !== null);
  const unit = big.fromFloat(terms.length * ROUNDING);
  return (values) => {
    const sizes = parts.map((part) => big.size(part.measured(values)));
    const largest = sizes.reduce((a, b) => (big.compare(b, a) > 0 ? b : a));
    const lost = inside.map((each) => each(values));
    const within = lost.reduce((a, b) => big.add(a, b, PRECISION), big.ZERO);
    return big.add(big.times(unit, largest, PRECISION), within, PRECISION);
  };
}
