/** The page that moves: it shows what the reader chose, and lets choose. Without it the page is one cycle. */

import { readAddress, speaks, writeAddress } from "./address.js";
import { AddressBar } from "./addressbar.js";
import { Controls } from "./controls.js";
import { Editing } from "./edit.js";
import { Front } from "./front.js";
import { loadRun } from "./page.js";
import { Shown } from "./shown.js";
import * as choose from "./state.js";
import { pieces, wordsOf } from "./words.js";

/** @typedef {import("./state.js").State} State */

const EPOCHS = /** @type {Record<string, number>} */ ({ "train-1": 1, "train-10": 10, "train-100": 100 });
const BY_CYCLE = 1;
/** What is said where a moment that is wished is not there. */
const MISSING = /** @type {Record<string, string>} */ ({
  epoch: "no-epoch", "other-epoch": "no-epoch", row: "no-row", "other-row": "no-row", update: "no-update",
});

/** Everything that the reader does, and what follows from it. */
export class Explorer {
  /** @param {HTMLElement} bar @param {HTMLElement} article */
  constructor(bar, article) {
    this.bar = bar;
    this.article = article;
    this.words = wordsOf(bar);
    this.state = choose.START;
    this.history = new choose.History();
    this.addressBar = new AddressBar();
    this.pace = BY_CYCLE;
    /** @type {Shown | null} */ this.shown = null;
    /** @type {Promise<void> | null} */ this.opening = null;
    this.controls = new Controls(bar, {
      wish: (name, value) => this.wish(name, value),
      plot: () => this.plot(),
    });
    this.editing = new Editing(article, {
      nameOf: (node) => this.shown?.nameAt(node) ?? null,
      textOf: (name) => this.shown?.textOf(name) ?? "",
      symbolOf: (name) => pieces("{name}", { name: this.shown?.symbolOf(name) ?? name })[1],
      change: (name, value) => this.choose(choose.changed(this.state, name, value)),
      slope: (name) => this.shown?.slope(name) ?? "",
    });
    this.buttons();
    bar.hidden = false;
    window.addEventListener("hashchange", () => this.address());
    if (speaks(window.location.hash)) this.address();
  }

  /** The words of the bar by their name. @param {string} name @param {import("./shown.js").Values} values */
  say(name, values = {}) {
    this.tell(this.words[name], values);
  }

  /** @param {string} sentence @param {import("./shown.js").Values} values */
  tell(sentence, values = {}) {
    const box = this.bar.querySelector(".tr-explorer-said");
    const said = document.createElement("p");
    said.append(...pieces(sentence, values));
    if (box && box.innerHTML !== said.innerHTML) box.replaceChildren(...said.childNodes);
  }

  /** Load the run the first time that something is wished. */
  open() {
    this.opening ??= this.load();
    return this.opening;
  }

  /** The plot of the losses, as soon as the run is there. */
  async plot() {
    await this.open();
    return this.shown?.pictures.data.curve ?? null;
  }

  async load() {
    this.say("loading");
    try {
      const run = await loadRun(String(this.bar.dataset.run));
      this.shown = new Shown(this.bar, this.article, run, this.words);
      if (!this.shown.engine) this.bar.classList.add("tr-run-alone");
      this.state = { ...choose.START, cycle: this.shown.first };
    } catch (error) {
      this.say("missing", { why: error instanceof Error ? error.message : String(error) });
      this.opening = null; // the next wish tries again
    }
  }

  /** What the address says. */
  async address() {
    const { hash } = window.location;
    this.addressBar.forget();
    await this.open();
    const { shown } = this;
    if (!shown) return;
    if (!speaks(hash)) {
      this.write(decodeURIComponent(hash.slice(1)));
      this.addressBar.flush();
      return;
    }
    const before = this.state;
    const read = readAddress(hash, this.state, shown.run, (name) => shown.whatIf.mayChange(name));
    this.state = read.state;
    if (before !== this.state && !choose.sameChanges(before, this.state)) this.history.keep(before);
    this.show();
    if (read.nonsense.length) this.say("nonsense", { parts: read.nonsense.join(", ") });
    if (read.place) document.getElementById(read.place)?.scrollIntoView();
  }

  /** The address of what is shown; while it plays, and after a link within the page, in place of the last. @param {string} place */
  write(place = "") {
    if (!this.shown) return;
    const hash = writeAddress(this.state, this.shown.run, place);
    this.addressBar.write(hash, place !== "" || this.controls.isPlaying || speaks(window.location.hash));
  }

  /** @param {string} name @param {number} [value] */
  async wish(name, value = 0) {
    await this.open();
    const { shown } = this;
    if (!shown) return;
    if (name in EPOCHS) this.train(shown.whatIf.stepsOf(this.state, EPOCHS[name]));
    else if (name === "step") this.train(1);
    else if (name === "edit") this.edit();
    else if (name === "pace") this.pace = value;
    else if (name === "played") this.played();
    else if (name === "undo") this.take(this.history.undo(this.state));
    else if (name === "redo") this.take(this.history.redo(this.state));
    else if (name === "toml") this.file();
    else if (name === "copy") this.say((await shown.file?.copy()) ?? "no-file");
    else if (name === "prove") await this.prove();
    else this.choose(this.next(name, value, shown.run));
    this.missing(name, value, shown);
  }

  /** Say it where what was wished is not there. @param {string} name @param {number} asked @param {Shown} shown */
  missing(name, asked, shown) {
    if (!(name in MISSING)) return;
    const moment = name.startsWith("other-") ? shown.compared : shown.where;
    const kind = /** @type {"epoch" | "row" | "update"} */ (name.replace("other-", ""));
    if (moment && moment[kind] !== asked) {
      const { epoch, row, update } = moment;
      this.say(MISSING[name], { epoch, row, update, asked });
    }
  }

  /** The choice that follows from a wish. @param {string} name @param {number} value @param {import("./state.js").Cycles} run @returns {State} */
  next(name, value, run) {
    const { state } = this;
    switch (name) {
      case "back": return state.steps ? choose.goneOn(state, -1) : choose.byCycles(state, -1, run);
      case "on": return choose.isRun(state) ? choose.byCycles(state, 1, run) : choose.goneOn(state, 1);
      case "compare": return choose.compared(state, value ? state.cycle : null);
      case "other-epoch": return choose.compared(state, choose.atEpoch(this.other(run), value, run).cycle);
      case "other-row": return choose.compared(state, choose.atRow(this.other(run), value, run).cycle);
      case "as-run": return choose.asRun(state);
      default: return choose.moved(state, name, value, run);
    }
  }

  /** The moment that is compared with, as a choice. @param {import("./state.js").Cycles} run @returns {State} */
  other(run) {
    return choose.at(choose.START, this.state.compared ?? this.state.cycle, run);
  }

  /** @param {State} state */
  choose(state) {
    if (state === this.state) {
      this.fields();
      return;
    }
    if (!choose.sameChanges(state, this.state)) this.history.keep(this.state);
    this.take(state);
  }

  /** @param {State} state */
  take(state) {
    const isWhatIf = !choose.sameChanges(state, this.state);
    this.state = state;
    this.show();
    this.write();
    if (isWhatIf) this.addressBar.flush();
  }

  /** @param {number} steps */
  train(steps) {
    const start = window.performance.now();
    const state = choose.goneOn(this.state, steps);
    this.choose(state);
    if (steps > 1 && !this.shown?.trouble) {
      const time = Math.round(window.performance.now() - start);
      const { row = 0 } = this.shown?.where ?? {};
      this.say("trained", { steps: state.steps, time, row, loss: this.shown?.textOf("loss") ?? "" });
    }
  }

  played() {
    const before = this.state;
    void this.wish(this.pace === BY_CYCLE ? "on" : "epoch-on").then(() => {
      if (this.state === before) this.controls.play(false);
    });
  }

  edit() {
    const button = this.bar.querySelector('[data-do="edit"]');
    this.editing.turn(!this.editing.isOn);
    button?.setAttribute("aria-pressed", String(this.editing.isOn));
    this.shown?.mayChange(this.editing.isOn);
  }

  /** Show the what-if as a file, where a table can say it. */
  file() {
    const { file } = this.shown ?? {};
    if (file && !file.toggle(this.state)) this.say("no-file");
    else if (file && !file.box.hidden && file.notes.length) this.tell(file.notes.join(" "));
  }

  async prove() {
    this.say("proving");
    await new Promise((resolve) => window.setTimeout(resolve));
    const proof = await this.shown?.prove();
    if (proof) this.say(proof.name, proof.values);
  }

  show() {
    const { shown, state } = this;
    if (!shown) return;
    const told = shown.show(state);
    this.fields();
    this.buttons();
    this.editing.fill();
    if (this.editing.isOn) shown.mayChange(true);
    shown.file?.fill(state);
    this.say(told.name, told.values);
  }

  /** The fields as the choice is, whatever was typed. */
  fields() {
    const { shown } = this;
    if (shown) this.controls.show(shown.where, shown.compared);
  }

  /** What can't be done now. */
  buttons() {
    const off = { undo: !this.history.past.length, redo: !this.history.future.length, "as-run": choose.isRun(this.state) };
    for (const [name, is] of Object.entries(off)) {
      const button = this.bar.querySelector(`[data-do="${name}"]`);
      if (!(button instanceof HTMLButtonElement)) continue;
      if (is && button === document.activeElement) this.bar.focus({ preventScroll: true }); // which else the page would lose
      button.disabled = is;
    }
  }
}

/** Start where the page has a bar, or a picture that moves. */
export function start() {
  const front = document.querySelector(".tr-front");
  if (front instanceof HTMLElement) new Front(front);
  const bar = document.querySelector(".tr-explorer");
  const article = bar?.closest("article");
  if (bar instanceof HTMLElement && article instanceof HTMLElement) new Explorer(bar, article);
}

if (typeof document !== "undefined") start();
