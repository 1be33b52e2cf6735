// Answers what the tests ask of the scripts by which the explorer is steered: JSON in, JSON out.

import { readFileSync } from "node:fs";
import { readAddress, writeAddress } from "../../templates/assets/explore/address.js";
import * as curve from "../../templates/assets/explore/curve.js";
import { moveOf } from "../../templates/assets/explore/keys.js";
import { apart, nudged } from "../../templates/assets/explore/nudge.js";
import { numeral } from "../../templates/assets/explore/numerals.js";
import { plain } from "../../templates/assets/explore/decimal.js";
import { boundary, field } from "../../templates/assets/explore/plane.js";
import * as state from "../../templates/assets/explore/state.js";
import { said } from "../../templates/assets/explore/words.js";

/** A run of moments that are given as [epoch, row, update]. */
function runOf(moments) {
  return {
    cycles: moments.length,
    of: (k) => ({ epoch: moments[k][0], row: moments[k][1], update: moments[k][2] }),
    find: (epoch, row) => moments.findIndex((one) => one[0] === epoch && one[1] === row),
  };
}

const told = (one) => ({ ...one, changes: [...one.changes].map(([name, value]) => [name, String(value)]) });
const given = (one) => ({ ...state.START, ...one, changes: new Map(one.changes ?? []) });
const MAY_CHANGE = /^(x|y|W|b|eta)\b/;

const ANSWERS = {
  read({ moments, hash, from }) {
    const read = readAddress(hash, given(from ?? {}), runOf(moments), (name) => MAY_CHANGE.test(name));
    return { ...read, state: told(read.state) };
  },
  write: ({ moments, state: one, place }) => writeAddress(given(one), runOf(moments), place ?? ""),
  move({ moments, state: one, by, args }) {
    return told(state[by](given(one), ...args, runOf(moments)));
  },
  undo() {
    const history = new state.History();
    const first = state.START;
    const second = state.changed(first, "b-1-1", 1);
    const third = state.changed(second, "b-1-1", 2);
    history.keep(first);
    history.keep(second);
    const shown = [history.undo(third), history.undo(second), history.redo(first), history.redo(second)];
    for (let k = 0; k < 1000; k += 1) history.keep(state.changed(first, "b-1-1", k));
    return { shown: shown.map(told), kept: history.past.length, ahead: history.future.length };
  },
  nudged: ({ text, by }) => nudged(text, by),
  apart({ now, before, decimals }) {
    const found = apart(numeral(Number(now), decimals), numeral(Number(before), decimals));
    return found && plain(found);
  },
  place: ({ scale, value }) => curve.place(scale, value),
  nearest: ({ scale, at }) => curve.nearest(scale, at),
  thin: ({ values, most }) => curve.thin(values, most),
  path: ({ plot, losses, first }) => curve.path(plot, losses.map(Number), first),
  key: ({ key, shift, inBar }) => moveOf({ key, shiftKey: !!shift, altKey: false, ctrlKey: false, metaKey: false }, inBar),
  circle({ plot, radius }) {
    const values = field(plot, (x, y) => x * x + y * y - radius * radius);
    return values && boundary(plot, values);
  },
  lost: ({ plot }) => field(plot, () => NaN),
  said: ({ sentence, values }) => said(sentence, values),
};

const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(({ what, ...rest }) => ANSWERS[what](rest) ?? null)));
