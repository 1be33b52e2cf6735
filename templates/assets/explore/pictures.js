/** The pictures of the page: both passes of the network, the loss curve, the plane of two inputs. */

import * as curves from "./curve.js";
import { setText } from "./inplace.js";
import { NetworkPicture, setNumber } from "./netpicture.js";
import { PairTable } from "./pairtable.js";
import { boundary, field } from "./plane.js";

/** @typedef {import("./curve.js").Plot} Plot */
/** @typedef {import("./netpicture.js").Drawn} Drawn */
/**
 * @typedef {object} PictureData as tracer/explore/pictures.py
 * @property {Record<string, Drawn>} networks by the id of their figure
 * @property {Plot & {losses: (number | null)[]}} curve the loss of every epoch
 * @property {(Plot & {exclusive: boolean, weighted: boolean}) | null} plane
 */
/** @typedef {{value: (name: string) => number, text: (name: string) => string}} Numbers */
/** @typedef {(first: number, second: number) => Float64Array} Scores of the outputs at a place; 0: undecided */

const HERE = 5; // px: the radius of the mark of a moment
const AROUND = 9; // px: the ring stands free around the mark of a row

/** @param {SVGElement} svg @param {string} tag @param {string} name @param {Record<string, number>} given */
function drawn(svg, tag, name, given = {}) {
  const made = document.createElementNS(svg.namespaceURI, tag);
  made.setAttribute("class", name);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, String(value));
  svg.append(made);
  return made;
}

/** @param {Element} circle @param {number} x @param {number} y */
function put(circle, x, y) {
  const shown = Number.isFinite(x) && Number.isFinite(y);
  circle.classList.toggle("tr-gone", !shown);
  if (!shown) return;
  circle.setAttribute("cx", String(x));
  circle.setAttribute("cy", String(y));
}

export class Pictures {
  /** @param {HTMLElement} article @param {PictureData} data @param {string} words for a unit that gives 0 */
  constructor(article, data, words) {
    this.article = article;
    this.data = data;
    this.networks = Object.entries(data.networks).flatMap(([id, each]) => {
      const figure = document.getElementById(id);
      return figure ? [new NetworkPicture(figure, { ...each, words }, id)] : [];
    });
    this.tables = Array.from(article.querySelectorAll(".tr-pair"), (each) => new PairTable(each));
    this.held = this.numbers();
    this.curve = this.svg("explorer-curve");
    this.plane = this.svg("explorer-plane");
    this.further = this.curve && drawn(this.curve, "path", "tr-what-if");
    this.other = this.curve && drawn(this.curve, "circle", "tr-compared", { r: HERE });
    this.here = this.curve && drawn(this.curve, "circle", "tr-here", { r: HERE });
    this.border = this.plane && drawn(this.plane, "path", "tr-now");
    this.row = this.plane && drawn(this.plane, "circle", "tr-row-now", { r: AROUND });
  }

  /** @param {string} id @returns {SVGSVGElement | null} */
  svg(id) {
    return this.article.querySelector(`#${id} svg.tr-picture`);
  }

  /** The numbers in the pictures of the network; some are put there when they are asked for, and then `look` anew. */
  numbers() {
    const found = this.article.querySelectorAll(".tr-stage svg a[href^='#'] text, .tr-stage .tr-twin a[href^='#']");
    return Array.from(found, (node) => ({ node, name: (node.closest("a")?.getAttribute("href") ?? "").slice(1) }));
  }

  look() {
    this.held = this.numbers();
  }

  /** @param {Numbers} numbers */
  show({ value, text }) {
    for (const { node, name } of this.held) {
      const words = text(name);
      if (!words) continue;
      if (node instanceof SVGTextElement) setNumber(node, words, value(name));
      else setText(node, words);
    }
    for (const picture of this.networks) picture.show(value, text);
    for (const table of this.tables) table.show(value, text);
  }

  /** @param {number} epoch */
  lossOf(epoch) {
    return this.data.curve.losses[epoch - 1] ?? NaN;
  }

  /**
   * The moment that is shown on the loss curve, the one it is compared with, and the losses of a what-if.
   * @param {number} epoch @param {number | null} other @param {{epoch: number, loss: number}[]} further
   */
  mark(epoch, other, further) {
    const { x, y } = this.data.curve;
    const at = (/** @type {number} */ each, loss = this.lossOf(each)) =>
      /** @type {const} */ ([curves.pinned(x, each), y.log && loss <= 0 ? NaN : curves.pinned(y, loss)]);
    const last = further[further.length - 1];
    if (this.here) put(this.here, ...(last ? at(last.epoch, last.loss) : at(epoch)));
    if (this.other) put(this.other, ...(other === null ? /** @type {const} */ ([NaN, NaN]) : at(other)));
    this.further?.setAttribute("d", further.length > 1 ? this.path(further) : "");
  }

  /** @param {{epoch: number, loss: number}[]} points */
  path(points) {
    const { curve } = this.data;
    const end = points.findIndex(({ loss }) => !Number.isFinite(loss) || (curve.y.log && loss <= 0));
    const shown = (end < 0 ? points : points.slice(0, end)).filter(({ epoch }) => epoch <= curve.x.high);
    const kept = curves.thin(shown.map(({ loss }) => loss)).map((k) => shown[k]);
    const places = kept.map(({ epoch, loss }) => `${curves.place(curve.x, epoch)} ${curves.pinned(curve.y, loss)}`);
    return places.length ? `M${places.join("L")}` : "";
  }

  /** Where the decision changes with these weights, and which row it is. @param {Scores} scores @param {number} first @param {number} second */
  decide(scores, first, second) {
    const { plane } = this.data;
    if (!plane || !this.border || !this.row) return;
    const paths = [];
    const outputs = scores(first, second).length;
    for (let k = 0; k < outputs; k += 1) {
      const values = field(plane, (one, two) => lead(scores(one, two), k, plane.exclusive));
      paths.push(values ? boundary(plane, values) : "");
    }
    this.border.setAttribute("d", paths.join(""));
    put(this.row, curves.place(plane.x, first), curves.place(plane.y, second));
  }
}

/** By how much an output leads the others, where only one of them can be right. @param {Float64Array} scores @param {number} k @param {boolean} exclusive */
function lead(scores, k, exclusive) {
  if (!exclusive || scores.length === 1) return scores[k];
  let best = -Infinity;
  for (let j = 0; j < scores.length; j += 1) if (j !== k) best = Math.max(best, scores[j]);
  return scores[k] - best;
}
