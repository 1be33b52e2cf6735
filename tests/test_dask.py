"""Many of one thing on a real Dask cluster on this machine, of which a worker dies in mid-run."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

import dask_cluster
from tracer.cli import main
from tracer.errors import BuildError
from tracer.executor import executor
from tracer.executor.dask_cluster import Cluster
from tracer.experiment import load_experiment
from tracer.files.keeping import FOLDER
from tracer.studies.model import Studies
from tracer.studies.run import study
from tracer.teaching.search import search
from tracer.training import run

if find_spec("distributed") is None:
    pytest.skip("distributed is not installed", allow_module_level=True)
XOR = Path("tracer/examples/xor-adam.toml")


class LocalCluster:
    """A scheduler and two workers."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.folder = folder
        self.address = stack.enter_context(dask_cluster.scheduler(folder))
        self._stack = stack
        self.workers = [self.grown() for _ in range(2)]

    def complete(self) -> list[Any]:
        """Its workers, after another has taken the place of each that is lost."""
        lost = [place for place, worker in enumerate(self.workers) if worker.poll() is not None]
        for place in lost:
            self.workers[place] = self.grown()
        if lost:
            with executor(dask=self.address) as many:
                cast(Any, many)._client.wait_for_workers(len(self.workers), timeout=60)
        return self.workers

    def grown(self) -> Any:
        return self._stack.enter_context(dask_cluster.worker(self.folder, self.address))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with ExitStack() as stack:
        yield LocalCluster(stack, tmp_path_factory.mktemp("dask"))


def test_a_search_on_a_cluster_finds_what_it_finds_here(cluster: LocalCluster) -> None:
    experiment = load_experiment(XOR)
    here = search(experiment, range(1, 31), top=5)
    there = search(experiment, range(1, 31), top=5, dask=cluster.address)
    assert there == here


def test_runs_beside_that_a_cluster_makes_are_those_made_here(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, "")  # nothing is recalled that the other made
    trace = run(load_experiment(small(tmp_path / "small.toml", 1)))
    here, asked = study(trace), list[Any]()
    with executor(dask=cluster.address) as many:
        monkeypatch.setattr(many, "map", partial(noted, many.map, asked))
        there = study(trace, many=many)
    assert len(asked) > 2
    assert pickle.dumps(said_of(there)) == pickle.dumps(said_of(here))


def noted(
    mapped: Callable[..., Any], asked: list[Any], function: Callable[..., Any], items: Any
) -> Any:
    """What an executor gives, and what it was asked."""
    asked += items
    return mapped(function, items)


def said_of(found: Studies) -> tuple[Any, ...]:
    """All that pages say of the runs beside the main one."""
    runs = [*found.batches, found.rates.small, found.rates.right, found.rates.big]
    losses = [each and (each.losses.tobytes(), each.updates.tobytes(), each.rate) for each in runs]
    return losses, found.rates.tried, found.rates.full, found.again


def test_an_error_there_is_an_error_here(cluster: LocalCluster) -> None:
    with executor(dask=cluster.address) as many:
        assert isinstance(many, Cluster)
        assert list(many.map(str, [3, 1, 2])) == ["3", "1", "2"]
        with pytest.raises(ValueError, match="invalid literal"):
            list(many.map(int, ["1", "x"]))


def test_nothing_is_lost_with_a_worker(cluster: LocalCluster, tmp_path: Path) -> None:
    victim = cluster.complete()[0]
    items = [(tmp_path, number, victim.pid) for number in range(12)]
    with executor(dask=cluster.address) as many:
        found = many.map(dask_cluster.marked, items)
        results = [next(found)]  # which is there when the victim has begun
        assert dask_cluster.begun_by(tmp_path, victim)
        dask_cluster.kill(victim)
        results.extend(found)
    assert victim.wait(60) != 0
    assert results == [number * number for number in range(12)]
    assert dask_cluster.begun_by(tmp_path, cluster.workers[1])


@pytest.mark.parametrize("gives_up", [False, True])
def test_a_lost_scheduler_is_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, gives_up: bool
) -> None:
    """Dask would log its own tracebacks before; afterwards it logs what it logged."""
    monkeypatch.setattr("tracer.executor.dask_cluster.PATIENCE", 4)
    import_module("distributed")  # which sets its loggers up
    logger, noting = logging.getLogger("distributed.client"), Noting()
    before = logger.level
    logger.addHandler(noting)
    with ExitStack() as running:
        address = running.enter_context(dask_cluster.scheduler(tmp_path))
        with pytest.raises(BuildError, match="cluster is lost"), executor(dask=address) as many:
            list(many.map(str, ended_by(running, many if gives_up else None)))
    logger.removeHandler(noting)
    assert noting.said == []
    assert logger.level == before


def ended_by(running: ExitStack, many: Any) -> Iterator[int]:
    """Work of which some is handed out already when what is running ends, or ``many`` gives up."""
    yield 1
    running.close()
    until = time.monotonic() + 60
    while many and many._client.status != "closed" and time.monotonic() < until:
        time.sleep(0.05)
    yield 2


class Noting(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def rendered(folder: Path, files: list[str], *options: str) -> dict[str, bytes]:
    """The pages of experiments, as `tracer render` writes them."""
    with pytest.raises(SystemExit) as done:
        main(["render", *files, "--out", str(folder), *options])
    assert not done.value.code
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_pages_of_a_cluster_that_loses_a_worker_are_those_of_one_process(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [small(tmp_path / f"small{number}.toml", number) for number in range(3)]
    victim, mapped = cluster.complete()[0], Cluster.map
    monkeypatch.chdir(tmp_path)  # the workers have another folder
    loss = threading.Thread(target=dask_cluster.kill_at_work, args=[victim, tmp_path])
    loss.start()
    with monkeypatch.context() as noting:
        noting.setattr(
            Cluster,
            "map",
            lambda many, function, items: mapped(
                many, partial(dask_cluster.noted, tmp_path, function), items
            ),
        )
        there = rendered(Path("there"), files, "--dask", cluster.address)
    loss.join()
    assert victim.wait(60) != 0
    assert there == rendered(Path("here"), files)


@pytest.mark.parametrize("given", [True, False])
def test_a_worker_elsewhere_finds_templates_of_a_folder_that_is_named_from_here(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, given: bool
) -> None:
    """By the option, or by the experiments' own files."""
    cluster.complete()
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "own" / "pages" / "task.md.j2"
    page.parent.mkdir(parents=True)
    page.write_text("# In words of our own\n")
    own = "" if given else '[pages]\ntemplates = "own"'
    files = [small(Path(f"small{number}.toml"), number, own) for number in range(2)]
    options = ["--templates", "own"] if given else []
    there = rendered(Path("there"), files, "--dask", cluster.address, *options)
    assert sum(b"In words of our own" in content for content in there.values()) >= len(files)
    assert there == rendered(Path("here"), files, *options)


def small(path: Path, seed: int, more: str = "") -> str:
    path.write_text(f"""
{more}
[data]
columns = ["x", "y"]
rows = [[0.5, 0], [1.5, 1]]
[[layers]]
units = 1
activation = "sigmoid"
[init]
seed = {seed}
[training]
epochs = 2
""")
    return str(path)


def test_where_no_scheduler_answers_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracer.executor.dask_cluster.PATIENCE", 0.5)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with pytest.raises(BuildError, match="no Dask scheduler answers at"), executor(1, address):
            pass


@pytest.mark.parametrize("form", [[], ["--html"], ["--single"]])
def test_no_form_of_pages_forgets_the_cluster(
    form: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("tracer.executor.dask_cluster.PATIENCE", 0.5)
    file, out = small(tmp_path / "small.toml", 1), tmp_path / "out"
    with pytest.raises(SystemExit) as done:
        main(["render", file, *form, "--out", str(out), "--dask", "tcp://127.0.0.1:9"])
    assert done.value.code == 1
    assert "no Dask scheduler answers" in capsys.readouterr().err
    assert not out.exists()


def test_without_dask_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("tracer.executor.dask_cluster.import_module", missing)
    with pytest.raises(BuildError, match=r"dask\.distributed"), executor(1, "tcp://127.0.0.1:9"):
        pass
