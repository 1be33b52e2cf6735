"""The JSON Schema of the experiment file, for editors."""

from __future__ import annotations

from typing import Any

from tracer.experiment.model import ExperimentFile
from tracer.experiment.options import OPTION_NAMES, option_schema


def experiment_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of an experiment file: every key with title and description."""
    from tracer.experiment.strict import model_of

    schema: dict[str, Any] = _cleaned(model_of(ExperimentFile).model_json_schema())
    tables = schema["$defs"]
    training = tables["Training"]["properties"]
    del training["options"], training["schedule_options"]
    training |= {name: option_schema(name) for name in OPTION_NAMES}
    data = tables["DataSection"]
    data["properties"]["rows"]["items"]["items"] = {"type": ["number", "string"]}
    data["oneOf"] = [{"required": ["path"]}, {"required": ["rows", "columns"]}]
    schema["title"] = "Experiment"
    schema["description"] = "An experiment of tracer: a table, a network, its training."
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _cleaned(node: Any) -> Any:
    """Without null, which TOML does not have, and without defaults that mean "not given"."""
    if isinstance(node, list):
        return [_cleaned(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _cleaned(value) for key, value in node.items()}
    if isinstance(node.get("anyOf"), list):
        node["anyOf"] = [item for item in node["anyOf"] if item != {"type": "null"}]
        if len(node["anyOf"]) == 1:
            node |= node.pop("anyOf")[0]
    typed = "type" in node or "anyOf" in node or "$ref" in node
    if typed and node.get("default", "") in (None, "", []):
        node.pop("default", None)
    return node
