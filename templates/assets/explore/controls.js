/**
 * The bar: its buttons, fields and slider, the loss curve and the keys, as wishes of the reader. It shows a
 * moment and tells what is wished; what follows from a wish is decided elsewhere.
 */

import { nearest } from "./curve.js";
import { keeps, moveOf } from "./keys.js";

/** @typedef {import("./curve.js").Plot} Plot */
/** @typedef {import("./state.js").Moment} Moment */
/** @typedef {{wish: (name: string, value?: number) => void, plot: () => Promise<Plot | null>, isGuest?: boolean}} Given a guest on a page of others takes no key outside its bar */

const PAUSE = 220; // ms between two cycles that are played: slow enough to see what moved

export class Controls {
  /** @param {HTMLElement} bar @param {Given} given */
  constructor(bar, given) {
    this.bar = bar;
    this.wish = given.wish;
    this.plot = given.plot;
    this.isGuest = given.isGuest === true;
    this.timer = 0;
    this.curve = /** @type {SVGSVGElement | null} */ (bar.querySelector(".tr-explorer-curve svg.tr-picture"));
    this.strip();
    this.listen();
  }

  /** The strip stays in view: its ends move the run. On a cycle's own page they lead to other pages. */
  strip() {
    const ends = document.querySelectorAll(".tr-strip .tr-way");
    ["back", "on"].forEach((name, k) => {
      const own = this.bar.querySelector(`[data-do="${name}"]`);
      if (!own || !ends[k]) return;
      const button = /** @type {HTMLElement} */ (own.cloneNode(true));
      button.classList.add("tr-way");
      button.addEventListener("click", () => this.press(name));
      ends[k].replaceWith(button);
    });
  }

  listen() {
    this.bar.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button[data-do]");
      if (button instanceof HTMLElement) this.press(String(button.dataset.do));
    });
    this.bar.addEventListener("change", (event) => this.typed(event.target));
    this.bar.addEventListener("input", (event) => {
      const field = event.target;
      if (field instanceof HTMLInputElement && field.type === "range") this.typed(field);
    });
    this.curve?.addEventListener("pointerdown", (event) => this.pointed(event));
    this.curve?.addEventListener("pointermove", (event) => event.buttons && this.pointed(event));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {string} name */
  press(name) {
    if (name === "play") this.play(!this.timer);
    else {
      this.play(false);
      this.wish(name);
    }
  }

  /** @param {EventTarget | null} field */
  typed(field) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !field.dataset.is) return;
    this.play(false);
    const ticked = field instanceof HTMLInputElement && field.type === "checkbox";
    const value = ticked ? Number(field.checked) : Number(field.value);
    this.wish(field.value && Number.isFinite(value) ? field.dataset.is : "nothing", value); // of which the fields say nothing
  }

  /** @param {PointerEvent} event */
  async pointed({ clientX }) {
    const plot = await this.plot();
    const matrix = this.curve?.getScreenCTM();
    if (!plot || !matrix) return;
    this.play(false);
    this.wish("epoch", nearest(plot.x, (clientX - matrix.e) / matrix.a));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const focused = document.activeElement;
    const isOurs = this.bar.contains(focused);
    const isLeft = event.defaultPrevented || (this.isGuest && !isOurs);
    const move = isLeft ? null : moveOf(event, isOurs);
    if (!move || keeps(focused, event.key)) return;
    event.preventDefault();
    this.press(move);
  }

  /** @param {boolean} starts */
  play(starts) {
    window.clearInterval(this.timer);
    this.timer = starts ? window.setInterval(() => this.wish("played"), PAUSE) : 0;
    const button = this.bar.querySelector('[data-do="play"]');
    button?.setAttribute("aria-pressed", String(starts));
  }

  get isPlaying() {
    return this.timer !== 0;
  }

  /** @param {Moment} moment @param {Moment | null} other the one that is compared with */
  show(moment, other) {
    this.set("epoch", moment.epoch);
    this.set("epochs", moment.epoch);
    this.set("row", moment.row);
    this.set("update", moment.update);
    this.set("other-epoch", (other ?? moment).epoch);
    this.set("other-row", (other ?? moment).row);
    const box = this.bar.querySelector('[data-is="compare"]');
    if (box instanceof HTMLInputElement) box.checked = other !== null;
  }

  /** @param {string} name @param {number | string} value */
  set(name, value) {
    const field = this.bar.querySelector(`[data-is="${name}"]`);
    const typing = field === document.activeElement && /** @type {HTMLInputElement} */ (field).type === "number";
    if (field instanceof HTMLInputElement && !(typing && Number(field.value) === value)) field.value = String(value);
  }
}
