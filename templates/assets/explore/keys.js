/**
 * Which keys move the run, and where they are left alone: whatever takes them itself keeps them, and so do
 * the lines, in which the arrows walk from number to number.
 */

const TAKES_KEYS = "input, select, textarea, summary, [contenteditable], dialog, .tr-card, .tr-line, .tr-scrolls, .tr-edit";
const TAKES_SPACE = `button, a[href], ${TAKES_KEYS}`;

/** @typedef {"back" | "on" | "epoch-back" | "epoch-on" | "play" | "first" | "last"} Move */
/** @typedef {{key: string, shiftKey: boolean, altKey: boolean, ctrlKey: boolean, metaKey: boolean}} Key */

/**
 * What a key does: the arrows anywhere on the page, the others (which scroll it) only in the bar.
 * @param {Key} key @param {boolean} inBar @returns {Move | null}
 */
export function moveOf(key, inBar) {
  if (key.altKey || key.ctrlKey || key.metaKey) return null;
  if (key.key === "ArrowLeft") return key.shiftKey ? "epoch-back" : "back";
  if (key.key === "ArrowRight") return key.shiftKey ? "epoch-on" : "on";
  if (!inBar || key.shiftKey) return null;
  if (key.key === " ") return "play";
  if (key.key === "Home") return "first";
  return key.key === "End" ? "last" : null;
}

/** Whether what has the focus keeps a key for itself. @param {Element | null} focused @param {string} key */
export function keeps(focused, key) {
  return !!focused && focused.closest(key === " " ? TAKES_SPACE : TAKES_KEYS) !== null;
}
