/** Slopes of the loss from differences of the loss alone, to hold the backward pass against. As tracer/check/differences.py. */

import { placeOf } from "./places.js";

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./places.js").Place} Place */
/** @typedef {{slope: number, step: number, traced: number, apart: number}} Slope */

const SMALLEST = 1e-7; // of the scale: below it the digits that a difference loses outweigh all else

/**
 * The slope of a sample's loss by a weight, a bias, an input or a target: each step is a quarter of
 * the one before, and the slope that changed least counts.
 * @param {Engine} engine whose numbers are those of the cycle @param {Place} place @returns {Slope}
 */
export function slopeAt(engine, place) {
  const { array, at } = place;
  const value = array[at];
  const scale = Math.max(Math.abs(value), 1);
  let best = { slope: NaN, step: 0, change: Infinity };
  let former = NaN;
  for (let step = scale / 16; step > scale * SMALLEST; step /= 4) {
    const slope = estimate(engine, place, value, step);
    const change = Math.abs(slope - former);
    if (change < best.change) best = { slope, step, change };
    former = slope;
  }
  array[at] = value;
  const traced = tracedSlope(engine, place.name);
  const { slope, step } = best;
  return { slope, step, traced, apart: Math.abs(slope - traced) / Math.max(Math.abs(traced), 1) };
}

/** The slope that the backward pass gave. @param {Engine} engine @param {string} name */
function tracedSlope({ program, updater, numbers }, name) {
  const [, kind, rest] = /^(\w+?)(-.*)?$/.exec(name) ?? ["", "", ""];
  const found = placeOf(`dL_d${kind}${rest}`, program, updater.network.flat, numbers);
  return found ? found.array[found.at] : NaN;
}

/** By four values of the loss around a place, exact for polynomials up to the fourth power. @param {Engine} engine @param {Place} place @param {number} value @param {number} step */
function estimate({ numbers, updater, spare }, { array, at }, value, step) {
  const loss = (/** @type {number} */ there) => {
    array[at] = there;
    updater.network.forward(numbers.w, numbers.x, spare);
    return updater.network.loss(spare, numbers.y);
  };
  const [near, far] = [step, 2 * step].map((h) => (loss(value + h) - loss(value - h)) / (2 * h));
  return (4 * near - far) / 3;
}
