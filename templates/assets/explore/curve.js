/** Losses as a path in the plot that Python drew: the same scales, as tracer/pictures/plot/scale.py. */

/** @typedef {{low: number, high: number, start: number, stop: number, log: boolean}} Scale */
/** @typedef {{x: Scale, y: Scale}} Plot */

const MOST_POINTS = 600; // as many as the run's own curve has: more than a screen can tell apart
const OUTSIDE = 0.5; // of the range: as far beyond its ends as anything is drawn

/** @param {Scale} scale @param {number} value */
function share(scale, value) {
  if (scale.log) return (Math.log10(value) - Math.log10(scale.low)) / (Math.log10(scale.high) - Math.log10(scale.low));
  const unit = Math.max(Math.abs(scale.low), Math.abs(scale.high));
  return (value / unit - scale.low / unit) / (scale.high / unit - scale.low / unit);
}

/** Where a value lies, in the picture's units; what is beyond the axis stands at its edge. @param {Scale} scale @param {number} value */
export function place(scale, value) {
  const found = Math.min(Math.max(share(scale, value), -OUTSIDE), 1 + OUTSIDE);
  return Math.round((scale.start + found * (scale.stop - scale.start)) * 10) / 10;
}

/** @param {Scale} scale @param {number} value */
export function pinned(scale, value) {
  const low = Math.min(scale.start, scale.stop);
  const high = Math.max(scale.start, scale.stop);
  return Math.min(Math.max(place(scale, value), low), high);
}

/** The whole value that lies nearest to a place. @param {Scale} scale @param {number} at */
export function nearest(scale, at) {
  const part = (at - scale.start) / (scale.stop - scale.start);
  const value = Math.round(scale.low + Math.min(Math.max(part, 0), 1) * (scale.high - scale.low));
  return Math.min(Math.max(value, Math.ceil(scale.low)), Math.floor(scale.high));
}

/**
 * The places of at most MOST_POINTS values: of every stretch the lowest and the highest, and the ends.
 * @param {ArrayLike<number>} values @param {number} most
 */
export function thin(values, most = MOST_POINTS) {
  if (values.length <= most) return Array.from(values, (_, k) => k);
  const stretches = Math.floor(most / 2) - 1;
  const kept = new Set([0, values.length - 1]);
  for (let part = 0; part < stretches; part += 1) {
    const start = Math.floor((part * values.length) / stretches);
    const stop = Math.floor(((part + 1) * values.length) / stretches);
    let low = start;
    let high = start;
    for (let k = start; k < stop; k += 1) {
      if (values[k] < values[low]) low = k;
      if (values[k] > values[high]) high = k;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}

/**
 * A path through losses, of which the first belongs to an epoch; it ends before one that is not finite, or
 * that a logarithmic axis cannot show.
 * @param {Plot} plot @param {ArrayLike<number>} losses @param {number} first
 */
export function path(plot, losses, first = 1) {
  const finite = Array.from(losses);
  const end = finite.findIndex((value) => !Number.isFinite(value) || (plot.y.log && value <= 0));
  const shown = end < 0 ? finite : finite.slice(0, end);
  const points = thin(shown).map((k) => `${place(plot.x, first + k)} ${pinned(plot.y, shown[k])}`);
  return points.length ? `M${points.join("L")}` : "";
}
