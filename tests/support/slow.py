"""The modules of tests that took more than three seconds of a processor when all were measured.

`make test-fast` leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

#: Modules that ask the browsers, or the sites that these are shown: the first process begins with
#: them, so that each browser is started once.
BROWSED = (
    *("test_browser", "test_paper", "test_reading_browser", "test_search_browser"),
    *("test_html_browser", "test_explorer_browser", "test_explorer_says", "test_page_browser"),
    *("test_front_browser", "test_firefox", "test_explorer_firefox", "test_axe"),
)
#: Modules of which one test takes long, or whose tests look at something that takes long to make:
#: another process begins with them. Begun last, one would leave the others without work.
IN_ONE_GO = (
    *("test_dask", "test_warm", "test_serve", "test_serving_process", "test_extension_pages"),
    *("test_html_site", "test_site", "test_pictures_network", "test_typeset"),
)

SLOW = frozenset(
    [
        "test_arrays",
        "test_axe",
        "test_benchmarks",
        "test_browser",
        "test_building",
        "test_catalog",
        "test_catalog_losses",
        "test_check",
        "test_check_fixtures",
        "test_check_odd",
        "test_checked",
        "test_claims_compared",
        "test_claims_cycle",
        "test_claims_pages",
        "test_claims_studies",
        "test_cli",
        "test_cli_html",
        "test_cli_terminal",
        "test_commonmark",
        "test_complete",
        "test_dask",
        "test_doctests",
        "test_engines",
        "test_examples",
        "test_executor",
        "test_exit_status",
        "test_experiment_fuzz",
        "test_explain",
        "test_explorer_browser",
        "test_explorer_firefox",
        "test_extension",
        "test_extension_pages",
        "test_fast_settling",
        "test_firefox",
        "test_fuzz_experiment",
        "test_fuzz_trace",
        "test_glossary",
        "test_headings",
        "test_house",
        "test_html_browser",
        "test_html_single",
        "test_html_site",
        "test_interop_sklearn",
        "test_language",
        "test_latex_pages",
        "test_lesson_pages",
        "test_mapped",
        "test_markdown",
        "test_network",
        "test_new_project",
        "test_newcomer_input",
        "test_notation",
        "test_numbers_beyond",
        "test_numbers_digits",
        "test_numbers_kernels",
        "test_numbers_lines",
        "test_numbers_runs",
        "test_numerals",
        "test_output",
        "test_output_writers",
        "test_overview_choices",
        "test_ownership",
        "test_paper",
        "test_pictures_network",
        "test_pictures_series",
        "test_pictures_svg",
        "test_pictures_twins",
        "test_printed_lines",
        "test_project",
        "test_pseudo_language",
        "test_pseudo_terminal",
        "test_pure_pages",
        "test_python_interface",
        "test_reading_browser",
        "test_render_again",
        "test_render_jobs",
        "test_save_experiment",
        "test_schedules",
        "test_script_cycles",
        "test_script_functions",
        "test_script_lines",
        "test_search_browser",
        "test_seeds",
        "test_serve",
        "test_serving_process",
        "test_serving_server",
        "test_serving_watch",
        "test_showcase",
        "test_shown_rows",
        "test_site",
        "test_size",
        "test_snapshot_pages",
        "test_sparse",
        "test_sparse_pages",
        "test_spoken",
        "test_steps",
        "test_studies",
        "test_symbols_set",
        "test_teaching",
        "test_trace_file",
        "test_trace_site",
        "test_trace_terminal",
        "test_training",
        "test_truth",
        "test_typeset",
        "test_unevaluated",
        "test_untrusted_templates",
        "test_untrusted_terminal",
        "test_untrusted_text",
        "test_warm",
        "test_what_to_do",
        "test_wide",
        "test_words",
    ]
)


def in_order(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """The tests in the order in which so many processes share them out, each a part in one piece.

    One that has nothing left takes tests from the end of what another has.
    """
    places = {name: at for at, name in enumerate((*BROWSED, *IN_ONE_GO))}
    named = sorted(
        (item for item in items if item.path.stem in places),
        key=lambda item: places[item.path.stem],
    )
    rest = [item for item in items if item.path.stem not in places]
    browsed = [item for item in named if item.path.stem in BROWSED]
    until = max(len(items) // processes - len(browsed), 0)
    return [*browsed, *rest[:until], *named[len(browsed) :], *rest[until:]]
