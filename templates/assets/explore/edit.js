/**
 * Numbers that the reader puts in: while the page is in this mode, a click on an input, a target, a weight, a bias or
 * the learning rate opens a field, in a line, a table or a picture alike. Otherwise links lead where they lead.
 */

import { readNumber } from "./address.js";
import { nudged } from "./nudge.js";

/**
 * @typedef {object} Given
 * @property {(node: Element) => string | null} nameOf the quantity at a place of the page, that may be changed
 * @property {(name: string) => string} textOf what stands on the page
 * @property {(name: string) => Node | string} symbolOf what it is written as there
 * @property {(name: string, value: number | null) => void} change null: as the run had it
 * @property {(name: string) => string} slope what finite differences say of it
 */

const FIELD = ".tr-edit";
const FAST = 10; // of the last digit, with the shift key
const AIR = 8; // px between a number and its field, and between that and the window's edge

/** A printed number as one types it: −1.23 × 10⁻⁷ is -1.23e-7. @param {string} text */
export function plainText(text) {
  const [mantissa, power = ""] = text.replaceAll("−", "-").split(" × 10");
  const exponent = Array.from(power, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(sign)).map((k) => (k < 0 ? "-" : k)).join("");
  return exponent ? `${mantissa}e${exponent}` : mantissa;
}

export class Editing {
  /** @param {HTMLElement} article @param {Given} given */
  constructor(article, given) {
    this.article = article;
    this.given = given;
    this.form = /** @type {HTMLFormElement} */ (article.querySelector(FIELD));
    this.field = /** @type {HTMLInputElement} */ (this.form.querySelector("input"));
    this.isOn = false;
    this.name = "";
    this.filled = "";
    /** @type {Element | null} */ this.place = null;
    this.listen();
  }

  listen() {
    document.addEventListener("click", (event) => this.taken(event), true);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !this.form.contains(document.activeElement)) this.taken(event);
    }, true);
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => this.check());
    window.addEventListener("scroll", () => this.follow(), { passive: true });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.put()) this.close();
    });
    this.form.querySelector("[data-edit=as-run]")?.addEventListener("click", () => {
      this.given.change(this.name, null);
      this.close();
    });
    this.form.querySelector("[data-edit=close]")?.addEventListener("click", () => this.close());
  }

  /** @param {boolean} on */
  turn(on) {
    this.isOn = on;
    this.article.classList.toggle("tr-editing", on);
    if (!on) this.close();
  }

  /** A click or Enter on a number, before anything else hears of it. @param {Event} event */
  taken(event) {
    const node = event.type === "click" ? event.target : document.activeElement;
    if (!this.isOn || !(node instanceof Element) || !this.article.contains(node) || node.closest(FIELD)) return;
    const name = this.given.nameOf(node);
    if (name === null) {
      if (!this.form.hidden) this.close();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    this.open(name, node);
  }

  /** @param {string} name @param {Element} place */
  open(name, place) {
    this.name = name;
    this.place = place.closest("a, td, th, text") ?? place;
    this.form.hidden = false;
    this.article.classList.add("tr-typing");
    const label = this.form.querySelector(".tr-edit-name");
    label?.replaceChildren(this.given.symbolOf(name));
    this.fill();
    this.field.focus({ preventScroll: true });
    this.field.select();
  }

  /** The field stays beside its number. */
  follow() {
    if (!this.form.hidden) this.beside();
  }

  /** The field and what is said below it, as the numbers are now. */
  fill() {
    if (this.form.hidden) return;
    const text = plainText(this.given.textOf(this.name));
    if (readNumber(this.field.value) !== readNumber(text)) this.field.value = text;
    this.filled = this.field.value;
    const said = this.form.querySelector(".tr-edit-slope");
    if (said) said.textContent = this.given.slope(this.name);
    this.check();
    this.beside();
  }

  beside() {
    const box = (this.place ?? this.article).getBoundingClientRect();
    const width = this.form.offsetWidth;
    const height = this.form.offsetHeight;
    const left = Math.min(Math.max(AIR, box.left), window.innerWidth - width - AIR);
    const below = box.bottom + AIR;
    const above = box.top - height - AIR;
    this.form.style.left = `${Math.max(AIR, left)}px`;
    this.form.style.top = `${below + height > window.innerHeight && above > 0 ? above : below}px`;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    }
    const up = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (!up || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.field.value = nudged(this.field.value, event.shiftKey ? FAST * up : up);
    this.put();
  }

  check() {
    const wrong = readNumber(this.field.value) === null;
    this.field.setAttribute("aria-invalid", String(wrong));
    return !wrong;
  }

  /** Whether what stands in the field is a number; it is put in then. */
  put() {
    if (!this.check()) return false;
    if (this.field.value === this.filled) return true; // what is printed may be less than all digits
    this.given.change(this.name, /** @type {number} */ (readNumber(this.field.value)));
    return true;
  }

  close() {
    if (this.form.hidden) return;
    const back = this.form.contains(document.activeElement) ? this.place?.closest("a") : null;
    this.form.hidden = true;
    this.article.classList.remove("tr-typing");
    this.place = null;
    /** @type {HTMLElement | null | undefined} */ (back)?.focus({ preventScroll: true });
  }
}
