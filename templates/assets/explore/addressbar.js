/**
 * The address of the window, written when the reader rests: a browser takes milliseconds for it, and refuses
 * it where it is asked too often. Who takes the address, or leaves, finds it written.
 */

const REST = 150; // ms without a change
const LINK = "a[href]";

export class AddressBar {
  constructor() {
    this.timer = 0;
    /** @type {{hash: string, replaces: boolean} | null} */ this.waiting = null;
    for (const leaving of ["blur", "pagehide"]) window.addEventListener(leaving, () => this.flush());
    for (const taking of ["copy", "contextmenu", "visibilitychange"]) document.addEventListener(taking, () => this.flush(), true);
    document.addEventListener("click", ({ target }) => target instanceof Element && target.closest(LINK) && this.flush(), true);
  }

  /** Write an address after a while. @param {string} hash @param {boolean} replaces in place of the last one */
  write(hash, replaces) {
    this.forget();
    if (hash === window.location.hash) return;
    this.waiting = { hash, replaces };
    this.timer = window.setTimeout(() => this.flush(), REST);
  }

  /** Write at once what waits. */
  flush() {
    const { waiting } = this;
    this.forget();
    if (waiting) window.history[waiting.replaces ? "replaceState" : "pushState"](window.history.state, "", waiting.hash);
  }

  /** Write nothing of what waits. */
  forget() {
    window.clearTimeout(this.timer);
    this.waiting = null;
  }
}
