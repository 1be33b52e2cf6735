"""The modules of tests that took more than four seconds when all were measured.

`make test-fast` leaves them out.
"""

from __future__ import annotations

#: Modules whose tests look at something that takes long to make, such as a built site.
IN_ONE_GO = frozenset(["test_browser", "test_site", "test_extension_pages"])

SLOW = frozenset(
    [
        "test_benchmarks",
        "test_browser",
        "test_building",
        "test_catalog",
        "test_check",
        "test_check_fixtures",
        "test_claims_compared",
        "test_claims_studies",
        "test_cli",
        "test_cli_terminal",
        "test_complete",
        "test_doctests",
        "test_examples",
        "test_exit_status",
        "test_experiment_fuzz",
        "test_explain",
        "test_extension",
        "test_extension_pages",
        "test_fuzz_experiment",
        "test_fuzz_trace",
        "test_glossary",
        "test_house",
        "test_interop_sklearn",
        "test_latex_pages",
        "test_network",
        "test_new_project",
        "test_notation",
        "test_numbers_beyond",
        "test_numbers_digits",
        "test_numbers_kernels",
        "test_numbers_lines",
        "test_numbers_runs",
        "test_output",
        "test_output_writers",
        "test_ownership",
        "test_pictures_network",
        "test_pictures_series",
        "test_pictures_svg",
        "test_pictures_twins",
        "test_printed_lines",
        "test_project",
        "test_pure_pages",
        "test_python_interface",
        "test_save_experiment",
        "test_schedules",
        "test_seeds",
        "test_serve",
        "test_site",
        "test_size",
        "test_teaching",
        "test_trace_file",
        "test_trace_site",
        "test_trace_terminal",
        "test_training",
        "test_truth",
        "test_typeset",
        "test_words",
    ]
)
