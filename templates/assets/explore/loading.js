/** The file of the run is a script that sets one global: so it is found beside a page that has no server, too. */

import { openRun, Run } from "./run.js";

const GLOBAL = "tracerRun"; // as tracer/explore/runfile.py

/** @param {string} address */
function fetched(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(address)));
    document.head.append(script);
  });
}

/** Load and open the run. @param {string} address @returns {Promise<Run>} */
export async function load(address) {
  const held = /** @type {Record<string, any>} */ (/** @type {unknown} */ (globalThis));
  if (!held[GLOBAL]) await fetched(address);
  const run = await openRun(held[GLOBAL]);
  delete held[GLOBAL]; // what is packed is not needed twice
  return run;
}
