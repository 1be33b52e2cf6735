/** Where each quantity of a cycle stands among the numbers of training, by the names that pages give them. */

/** @typedef {import("./update.js").State} State */
/** @typedef {import("./network.js").Pass} Pass */
/** @typedef {import("./network.js").Program} Program */
/** @typedef {import("./network.js").Flat} Flat */
/**
 * @typedef {object} Numbers every number of one cycle
 * @property {Float64Array} x
 * @property {Float64Array} y
 * @property {Float64Array} w parameters before the update
 * @property {State} state what the optimizer keeps before it
 * @property {Pass} pass
 * @property {Float64Array} slopes ∂L/∂w of the sample
 * @property {Float64Array} gradient that of the batch
 * @property {Float64Array} left what the rows that are not written out add up to, of their slopes
 * @property {Float64Array[]} da_dz slopes of the activations, layer by layer
 * @property {Float64Array} square Σ g² of each layer, of the last row of the batch
 * @property {Float64Array} gain Σ g (w⁺ − w) of each layer, likewise
 * @property {Float64Array} w_after
 * @property {State} state_after
 * @property {Pass} again the second pass of the last row of the batch, with the updated parameters
 * @property {Float64Array} single the numbers that have no index, in the order of SINGLE
 */
/** @typedef {{name: string, array: Float64Array, at: number, given: boolean, row?: number}} Place; `row` is that of another row of the batch, by its place */

export const SINGLE = [
  ...["eta", "k", "t", "loss", "penalty", "batch_loss", "loss_after", "loss_change"],
  ...["square_all", "gain_all", "predicted_change", "rest_loss"],
];
const GIVEN = ["x", "y", "W", "b", "eta", "k"];
const ANCHOR = /^([A-Za-z]\w*?)((?:-\d+)*)$/;

/** The place of what an anchor names; none for what training does not compute. @param {string} anchor @param {Program} program @param {Flat} flat @param {Numbers} numbers @returns {Place | null} */
export function placeOf(anchor, program, flat, numbers) {
  const found = ANCHOR.exec(anchor);
  if (!found) return null;
  const [layer = 0, ...index] = found[2].split("-").slice(1).map(Number);
  const name = found[1];
  const given = GIVEN.includes(name) || isCarried(name, program);
  const place = (/** @type {Float64Array | undefined} */ array, /** @type {number} */ at) =>
    array && at >= 0 && at < array.length ? { name: anchor, array, at, given } : null;
  if (SINGLE.includes(name)) return place(numbers.single, SINGLE.indexOf(name));
  if (name === "x" || name === "y") return place(numbers[name], (index[0] ?? layer) - 1);
  if (name === "square" || name === "gain") return place(numbers[name], layer - 1);
  const unit = unitsOf(name, layer, numbers);
  if (unit) return place(unit, index[0] - 1);
  const [array, kind] = parametersOf(name, program, numbers);
  const fits = array && layer >= 1 && layer < flat.sizes.length;
  return fits ? place(array, flat.place(kind, layer, index)) : null;
}

/** @param {string} name @param {Program} program */
function isCarried(name, program) {
  return program.optimizer.carried.some((each) => name === `${each}_W` || name === `${each}_b`);
}

/** @param {string} name @param {number} layer @param {Numbers} numbers @returns {Float64Array | undefined} */
function unitsOf(name, layer, { pass, again, da_dz: slopes }) {
  /** @type {Record<string, Float64Array[]>} */
  const known = { ...pass, da_dz: slopes, z_after: again.z, a_after: again.a };
  return Object.hasOwn(known, name) ? known[name][layer - 1] : undefined;
}

/** The row of parameters that a name is of, and whether weights or biases. @param {string} name @param {Program} program @param {Numbers} numbers @returns {[Float64Array | undefined, string]} */
function parametersOf(name, program, numbers) {
  const kinds = ["W", "b"];
  for (const kind of kinds) {
    if (name === kind) return [numbers.w, kind];
    if (name === `${kind}_after`) return [numbers.w_after, kind];
    if (name === `dL_d${kind}`) return [numbers.slopes, kind];
    if (name === `grad_${kind}`) return [numbers.gradient, kind];
    if (name === `rest_dL_d${kind}`) return [numbers.left, kind];
    for (const each of program.optimizer.variables) {
      const carried = program.optimizer.carried.includes(each);
      if (name === `${each}_${kind}`) {
        return [(carried ? numbers.state : numbers.state_after)[each], kind];
      }
      if (name === `${each}_${kind}_after`) return [numbers.state_after[each], kind];
    }
  }
  return [undefined, ""];
}
