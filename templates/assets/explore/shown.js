/** What is on the page: the numbers of a choice in lines, tables, sentences and pictures, and what differs from others. */

import * as curves from "./curve.js";
import { Differences } from "./differences.js";
import { Document } from "./document.js";
import { Engine } from "./engine.js";
import { LineSetter } from "./lines.js";
import { numeral, show } from "./numerals.js";
import { Page } from "./page.js";
import { Pictures } from "./pictures.js";
import { asRun, isRun } from "./state.js";
import { WhatIf } from "./whatif.js";
import { said } from "./words.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./engine.js").Where} Where */
/** @typedef {{where: Where, compared: Where | null, name: string, values: Record<string, string | number>}} Told */

const SMALL = 1e-15; // relative: a unit of float64's last digit is more
