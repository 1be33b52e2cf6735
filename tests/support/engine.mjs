// Answers what the tests ask of the scripts that train in the page: JSON in, JSON out.

import { readFileSync } from "node:fs";
import { apart, Engine } from "../../templates/assets/explore/engine.js";

const asked = JSON.parse(readFileSync(0, "utf8"));

function runOf({ cycles, values }) {
  return {
    cycles: cycles.length,
    of: (k) => ({ epoch: cycles[k][0], row: cycles[k][1], update: cycles[k][2] }),
    values: (k, into) => into.set(values[k].map(Number)),
  };
}

/** The proof of single cycles, each computed from what is given of it. */
function computed(engine, run) {
  const mine = new Float64Array(engine.names.length);
  const of = (k, into) => {
    run.values(k, mine);
    const given = mine.map((value, n) => (engine.computes(n) ? NaN : value));
    into.set(engine.compute(given, run.of(k)));
  };
  return engine.compare(run, of);
}

/** What slopes by differences of the first cycle are apart from the traced ones. */
function slopes(engine, run) {
  const values = new Float64Array(engine.names.length);
  run.values(run.cycles - 1, values);
  return engine.names.flatMap((name, k) =>
    /^[Wb]-/.test(name) ? [{ name, ...engine.slopeByDifference(values, k, run.of(run.cycles - 1)) }] : [],
  );
}

const answers = { computed, prove: (engine, run) => engine.prove(run), slopes };
const found = asked.map(({ program, names, what, ...rest }) => {
  const engine = new Engine(program, names);
  const run = runOf(rest);
  return Object.fromEntries(what.map((each) => [each, answers[each](engine, run)]));
});
process.stdout.write(JSON.stringify(found, (_, value) => (typeof value === "number" ? String(value) : value)));
