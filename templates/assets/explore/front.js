/**
 * The picture of the front page at any moment of the run: its numbers, the lines behind it and the open card.
 * What it does not show itself it leads to: the explorer at the same moment.
 */

import { writeAddress } from "./address.js";
import { Controls } from "./controls.js";
import { NetworkPicture, setNumber } from "./netpicture.js";
import { loadRun, Page } from "./page.js";
import * as choose from "./state.js";
import { said, wordsOf } from "./words.js";

/** @typedef {import("./lines.js").Told} Told */
/** @typedef {import("./pictures.js").PictureData} PictureData */
/** @typedef {{lines: Map<string, Told>, numbers: Map<string, string>}} Texts */

const MOVED = "tracer:moved"; // cards read the page again

/** The front page's row of the run. */
export class Front {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.bar = /** @type {HTMLElement} */ (root.querySelector(".tr-front-bar"));
    this.words = wordsOf(this.bar);
    this.state = choose.START;
    /** @type {Moving | null} */ this.shown = null;
    /** @type {Promise<void> | null} */ this.opening = null;
    const plot = () => Promise.resolve(null);
    const wish = (/** @type {string} */ name, value = 0) => void this.wish(name, value);
    this.controls = new Controls(this.bar, { wish, plot, isGuest: true });
    this.bar.hidden = false;
    root.addEventListener("toggle", () => window.setTimeout(() => this.shown?.links()), true);
  }

  /** @param {string} name @param {Record<string, string | number>} [values] */
  say(name, values = {}) {
    const box = this.bar.querySelector("[role=status]");
    box?.setAttribute("aria-live", this.controls.isPlaying ? "off" : "polite");
    if (box) box.textContent = said(this.words[name], values);
  }

  async load() {
    this.say("loading");
    try {
      this.shown = new Moving(this.root, this.bar, await loadRun(String(this.bar.dataset.run)));
      this.state = { ...choose.START, cycle: this.shown.first };
    } catch (error) {
      this.say("missing", { why: error instanceof Error ? error.message : String(error) });
      this.controls.play(false);
      this.opening = null; // the next wish tries again
    }
  }

  /** @param {string} name @param {number} value */
  async wish(name, value) {
    this.opening ??= this.load();
    await this.opening;
    const { shown, state } = this;
    if (!shown) return;
    const isPlayed = name === "played";
    this.state = choose.moved(state, isPlayed ? "epoch-on" : name, value, shown.page.run);
    if (isPlayed && this.state === state) this.controls.play(false);
    this.controls.show(shown.page.run.of(this.state.cycle), null);
    this.say("at", shown.show(this.state));
  }
}

/** What moves. */
class Moving {
  /** @param {HTMLElement} root @param {HTMLElement} bar @param {import("./run.js").Run} run */
  constructor(root, bar, run) {
    this.root = root;
    this.bar = bar;
    this.page = new Page(root, run);
    const { pictures } = /** @type {{pictures: PictureData}} */ (/** @type {unknown} */ (run.score));
    const figure = /** @type {Element} */ (root.querySelector(".tr-network"));
    const words = wordsOf(bar)["gives-nothing"];
    this.picture = new NetworkPicture(figure, { ...pictures.networks["forward-picture"], words }, figure.id);
    this.places = new Map(run.score.names.map((name, k) => [name, k]));
    this.first = Math.max(0, run.find(Number(bar.dataset.epoch), Number(bar.dataset.row)));
    const homes = [...bar.querySelectorAll("a[data-name]")];
    this.homes = new Map(homes.map((each) => [each.getAttribute("href") ?? "", each.getAttribute("data-name") ?? ""]));
    /** @type {WeakMap<Element, string>} */ this.names = new WeakMap();
    /** @type {Texts} */ this.texts = { lines: new Map(), numbers: new Map() };
    this.state = choose.START;
    this.forget();
  }

  /** What the page carries for the cards of numbers that stand elsewhere holds for its first moment alone. */
  forget() {
    const carried = document.querySelector(".tr-card-words noscript");
    const list = document.createElement("div");
    list.innerHTML = carried?.textContent ?? "";
    for (const item of list.querySelectorAll("li[data-ref]")) item.remove();
    if (carried) carried.textContent = list.innerHTML;
  }

  /** @param {string} name */
  text(name) {
    return this.texts.lines.get(name)?.result ?? this.texts.numbers.get(name) ?? "";
  }

  /** @param {string} name */
  value(name) {
    return this.page.values[this.places.get(name) ?? -1] ?? NaN;
  }

  /** Show a moment. @param {import("./state.js").State} state @returns {Record<string, string | number>} what is said of it */
  show(state) {
    const { run, values, setter } = this.page;
    this.state = state;
    run.values(state.cycle, values);
    const { rows, ...moment } = run.of(state.cycle);
    const lines = this.page.set(values, { scene: run.scene(state.cycle), rows });
    this.texts = { lines, numbers: setter.numberTexts(values) };
    this.picture.show((name) => this.value(name), (name) => this.text(name));
    this.card();
    this.links();
    const before = this.root.querySelector(".tr-front-at");
    if (before instanceof HTMLElement) before.hidden = true;
    document.dispatchEvent(new window.CustomEvent(MOVED));
    const { epoch, row } = moment;
    return { epoch, row, prediction: this.text(String(this.bar.dataset.prediction)), target: this.text("y-1"), loss: this.text("loss") };
  }

  /** The card that is open from the start. */
  card() {
    const told = this.texts.lines.get(String(this.bar.dataset.opened));
    const card = this.root.querySelector(".tr-opened");
    const [shown, kept] = [card?.querySelector(".tr-card-value b"), card?.querySelector(".tr-card-kept")];
    if (!told || !card || !shown) return;
    shown.textContent = told.result;
    if (kept) kept.textContent = told.kept === told.result ? "" : said(this.wordOfDigits, { kept: told.kept });
    for (const { name, html } of told.parts) {
      const part = card.querySelector(`.tr-card-line .${name}`);
      if (part) part.innerHTML = html;
    }
  }

  get wordOfDigits() {
    return wordsOf(this.bar)["kept"];
  }

  /** The number that a link leads to, as the page had it first. @param {Element} link */
  nameOf(link) {
    const href = link.getAttribute("href") ?? "";
    const known = this.names.get(link) ?? this.homes.get(href) ?? (href.startsWith("#") ? href.slice(1) : "");
    this.names.set(link, known);
    return known;
  }

  /** Numbers of the picture, in drawing and words, and all links: what does not stand here stands in the explorer. */
  links() {
    if (!this.texts.lines.size) return;
    for (const link of this.root.querySelectorAll(".tr-network a[href], .tr-dock a[href*='#']")) {
      const name = this.nameOf(link);
      if (!this.places.has(name)) continue;
      if (!document.getElementById(name)?.matches(".tr-line")) link.setAttribute("href", this.address(name));
      const node = link.closest(".tr-network") && (link.querySelector("text") ?? link);
      if (node instanceof SVGTextElement) setNumber(node, this.text(name), this.value(name));
      else if (node) node.textContent = this.text(name);
    }
    this.root.querySelector(".tr-front-on a")?.setAttribute("href", this.address(""));
  }

  /** The same moment in the explorer. @param {string} place */
  address(place) {
    return `${this.bar.dataset.explorer}${writeAddress(this.state, this.page.run, place)}`;
  }
}
