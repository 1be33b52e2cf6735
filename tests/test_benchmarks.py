"""The benchmarks run, both ways give the same, and no time decides about a test."""

from __future__ import annotations

from sites import ROOT, command, succeed


def test_the_benchmarks_print_a_table_of_ratios() -> None:
    shown = succeed("benchmarks", "training", "peers", "rendering", "--repeat", "1", cwd=ROOT)
    head, *rows = shown.stdout.splitlines()
    assert head.split() == ["task", "tracer", "seconds", "otherwise", "seconds", "ratio"]
    tasks = [row.split()[0] for row in rows]
    assert tasks == ["train", "train", "train", "train", "train", "2000", "typeset"]
    assert all(float(row.split()[-1]) > 0 for row in rows)
    assert shown.stderr == ""


def test_a_name_that_is_no_benchmark() -> None:
    for arguments in (["painting"], ["--repeat", "0"]):
        assert command("benchmarks", *arguments, cwd=ROOT).returncode == 2
