// Answers what the tests ask of the scripts that train in the page: JSON in, JSON out.

import { readFileSync } from "node:fs";
import { Engine } from "../../templates/assets/explore/engine.js";
import { openRun } from "../../templates/assets/explore/run.js";
import { Tape } from "../../templates/assets/explore/tape.js";
import { experimentText, leftOut, tomlText } from "../../templates/assets/explore/toml.js";
import { Trainer } from "../../templates/assets/explore/trainer.js";

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

/** A what-if from its start: what it trains to, and its experiment file. */
function whatIf({ program }, _run, { changes }) {
  const start = { ...changes, data: new Map(changes.data) };
  if (changes.w) start.w = Float64Array.from(changes.w);
  const trainer = new Trainer(program, start);
  trainer.train(program.training.epochs);
  return ended(trainer, { toml: experimentText(program, start) });
}

/** The rest of the run from one of its cycles. */
function onward(engine, run, { from }) {
  const values = new Float64Array(engine.names.length);
  run.values(from, values);
  const trainer = engine.trainer(values, run.of(from));
  const left = leftOut(engine.program, trainer.moment());
  const toml = experimentText(engine.program, trainer.moment(), left);
  trainer.train(engine.program.training.epochs - run.of(from).epoch + 1);
  return ended(trainer, { toml, left });
}

function ended(trainer, more = {}) {
  const losses = trainer.curve.map(({ epoch, loss }) => [epoch, loss]);
  return { w: [...trainer.w], losses, trouble: trainer.trouble, updates: trainer.updates, ...more };
}

/** What tapes give for rows of inputs. */
function tapes(_engine, _run, { rows }) {
  return rows.map(([data, inputs]) => {
    const tape = new Tape(data);
    return inputs.map((row) => {
      tape.registers.set(row.map(Number));
      tape.run();
      return tape.results.map((result) => tape.registers[result]);
    });
  });
}

/** Documents as TOML. */
function toml(_engine, _run, { documents }) {
  return documents.map(tomlText);
}

/** The names of numbers that the engine neither computes nor takes. */
function missing(engine) {
  return engine.names.filter((_, k) => !engine.compared[k]);
}

const answers = { computed, prove: (engine, run) => engine.prove(run), slopes, missing, toml, whatIf, onward, tapes };
const found = [];
for (const { program, names, what, ...rest } of asked) {
  const engine = program && new Engine(program, names);
  const run = rest.held ? await openRun(rest.held) : rest.cycles && runOf(rest);
  found.push(Object.fromEntries(what.map((each) => [each, answers[each](engine, run, rest)])));
}
process.stdout.write(JSON.stringify(found, (_, value) => (typeof value === "number" ? String(value) : value)));
