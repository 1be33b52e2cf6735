/** How fast a run learns in each epoch, in which order, and when it ends. As Rhythm and Watch of tracer/training/step.py. */

import { called, Tape } from "./tape.js";

/** @typedef {import("./network.js").Program} Program */
/** @typedef {{best: number, bad: number, plateaus: number}} Watch */

export class Rhythm {
  /** @param {Program} program */
  constructor(program) {
    const { schedule } = program;
    this.program = program;
    this.count = new Tape(schedule.count);
    this.rate = new Tape(schedule.rate);
    this.unrolled = schedule.unrolled.map((each) => new Tape(each));
    this.rows = program.orders[0].length;
  }

  /** @returns {Watch} */
  start() {
    return { best: Infinity, bad: 0, plateaus: 0 };
  }

  /** What the schedule counts before the epoch that follows so many. @param {number} epochs @param {number} plateaus */
  k(epochs, plateaus) {
    return called(this.count, [epochs, epochs * this.rows, plateaus]);
  }

  /** η of the epoch that follows so many. @param {number} eta0 @param {number} epochs @param {number} plateaus */
  eta(eta0, epochs, plateaus) {
    const k = this.k(epochs, plateaus);
    const own = this.unrolled[k];
    return own ? called(own, [eta0]) : called(this.rate, [eta0, k]);
  }

  /**
   * The rows of an epoch (from 0) in their order. Orders that were drawn begin again after the run's last epoch.
   * @param {number} epoch
   */
  order(epoch) {
    return this.program.orders[epoch % this.program.orders.length];
  }

  /** What to remember after an epoch, and whether the run ends. @param {Watch} watch @param {number} loss @param {number} eta @returns {[Watch, boolean]} */
  next(watch, loss, eta) {
    const rule = this.program.stop;
    if (!rule) return [watch, false];
    const bad = loss > watch.best - rule.tolerance ? watch.bad + 1 : 0;
    const best = loss < watch.best || Number.isNaN(watch.best) ? loss : watch.best;
    const waited = bad > rule.patience;
    const { on_plateau: onPlateau, least } = this.program.schedule;
    if (!onPlateau) return [{ best, bad, plateaus: watch.plateaus }, waited];
    const plateaus = watch.plateaus + (waited ? 1 : 0);
    return [{ best, bad: waited ? 0 : bad, plateaus }, waited && eta <= least];
  }
}
