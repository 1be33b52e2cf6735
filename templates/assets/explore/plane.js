/**
 * Where a network's decision changes, over the plane of its two inputs: a path through the points of a grid at
 * which a score is 0, straight between them. As tracer/pictures/regions.py, on a coarser grid.
 */

/** @typedef {import("./curve.js").Scale} Scale */
/** @typedef {import("./curve.js").Plot} Plot */

const CELLS = 32; // a side: about 9 px each, and a thousand forward passes take a few milliseconds

/** @param {Scale} scale @param {number} k */
function along(scale, k) {
  return scale.low + ((scale.high - scale.low) * k) / CELLS;
}

/** @param {Scale} scale @param {number} k */
function pixel(scale, k) {
  return scale.start + ((scale.stop - scale.start) * k) / CELLS;
}

/**
 * The scores on the grid, row by row of the second input, or null where one is not finite.
 * @param {Plot} plot @param {(first: number, second: number) => number} score
 */
export function field(plot, score) {
  const values = new Float64Array((CELLS + 1) * (CELLS + 1));
  for (let j = 0; j <= CELLS; j += 1) {
    for (let i = 0; i <= CELLS; i += 1) {
      const value = score(along(plot.x, i), along(plot.y, j));
      if (!Number.isFinite(value)) return null;
      values[j * (CELLS + 1) + i] = value;
    }
  }
  return values;
}

/**
 * The path on which the scores are 0: marching squares.
 * @param {Plot} plot @param {Float64Array} values
 */
export function boundary(plot, values) {
  const parts = [];
  for (let j = 0; j < CELLS; j += 1) {
    for (let i = 0; i < CELLS; i += 1) parts.push(...cell(plot, values, i, j));
  }
  return parts.join("");
}

/** The corners of a cell, one after the other around it. */
const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

/** @param {Plot} plot @param {Float64Array} values @param {number} i @param {number} j */
function cell(plot, values, i, j) {
  const corners = CORNERS.map(([right, up]) => values[(j + up) * (CELLS + 1) + i + right]);
  /** @type {string[]} */
  const points = [];
  CORNERS.forEach(([right, up], k) => {
    const next = CORNERS[(k + 1) % CORNERS.length];
    const [a, b] = [corners[k], corners[(k + 1) % CORNERS.length]];
    if (a >= 0 === b >= 0) return;
    const part = a / (a - b);
    const x = pixel(plot.x, i + right + part * (next[0] - right));
    const y = pixel(plot.y, j + up + part * (next[1] - up));
    points.push(`${x.toFixed(1)} ${y.toFixed(1)}`);
  });
  const lines = [];
  for (let k = 0; k + 1 < points.length; k += 2) lines.push(`M${points[k]}L${points[k + 1]}`);
  return lines;
}
